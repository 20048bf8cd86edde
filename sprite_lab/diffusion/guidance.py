"""Classifier-free guidance (Ho & Salimans 2022)."""

from __future__ import annotations

import torch
from torch import Tensor

from sprite_lab.diffusion.denoiser import Denoiser, DenoiserOutput
from sprite_lab.diffusion.parameterization import epsilon_from_x0, level


def guided(
    denoiser: Denoiser, x_t: Tensor, log_snr: Tensor, context: Tensor, guidance_scale: Tensor
) -> DenoiserOutput:
    """uncond + s (cond - uncond), x0 clipped to [-1, 1] as in Ho et al. 2020.

    Rows with scale 1 or without a class cost one evaluation, the others two (in one batch).

    Parameters
    ----------
    guidance_scale : float32 (N,); 1 = no guidance.
    """
    alpha, std = level(log_snr)
    steered = (guidance_scale != 1) & (context != 0).any(dim=1)
    x0 = denoiser(
        torch.cat([x_t, x_t[steered]]),
        torch.cat([log_snr, log_snr[steered]]),
        torch.cat([context, torch.zeros_like(context[steered])]),
    ).x0
    cond, uncond = x0[: len(x_t)], x0[len(x_t) :]
    scale = guidance_scale[steered][:, None, None, None]
    cond = cond.clone()
    cond[steered] = uncond + scale * (cond[steered] - uncond)
    clipped = cond.clamp(-1.0, 1.0)
    return DenoiserOutput(clipped, epsilon_from_x0(x_t, clipped, alpha, std))
