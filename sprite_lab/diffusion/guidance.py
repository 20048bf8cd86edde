"""Classifier-free guidance (Ho & Salimans 2022) and autoguidance (Karras et al. 2024)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from sprite_lab.diffusion.denoiser import Denoiser, DenoiserOutput
from sprite_lab.diffusion.parameterization import epsilon_from_x0, level

#: The scales that students are taught, from none to strong.
TAUGHT_GUIDANCE = (1.0, 4.0)


@dataclass(frozen=True, eq=False)
class Guidance:
    """How sampling is steered towards ``context``."""

    context: Tensor  #: float32 (N, context_size), what is asked for; all zero = nothing
    scale: Tensor  #: float32 (N,); 1 = no guidance
    #: float32 (N, context_size), what is steered away from; all zero = no context
    negative: Tensor
    #: log-SNRs between which there is guidance (Kynkäänniemi et al. 2024).
    interval: tuple[float, float] = (-math.inf, math.inf)
    #: a worse version of the denoiser, whose errors are those of the denoiser, but larger
    weak: Denoiser | None = None
    autoguidance: float = 0.0  #: how far guidance also leads away from ``weak``; 0 = off

    def steered(self, log_snr: float) -> Tensor:
        """bool (N,): the rows for which guidance makes a difference at this level."""
        low, high = self.interval
        differs = (self.context != self.negative).any(dim=1)
        return differs & (self.scale != 1) & (low <= log_snr <= high)


def guided(denoiser: Denoiser, x_t: Tensor, log_snr: float, guidance: Guidance) -> DenoiserOutput:
    """negative + s (cond - negative) + a (cond - weak), x0 clipped to [-1, 1] as in Ho et al. 2020.

    ``a`` is ``guidance.autoguidance``, ``weak`` the prediction of ``guidance.weak``, which costs
    one evaluation. Besides that, rows that are not steered cost one evaluation and the others two
    (in one batch). A student (``denoiser.config.guided``) has learned guidance in one evaluation
    and ignores ``weak``; scales beyond TAUGHT_GUIDANCE are clamped. ``x0_uncond`` is ``negative``
    where any row is steered in two; of the other rows it is their x0.
    """
    rows = guidance.steered(log_snr)
    if denoiser.config.guided:
        levels = x_t.new_full((len(x_t),), log_snr)
        scale = torch.where(rows, guidance.scale.clamp(*TAUGHT_GUIDANCE), 1.0)
        x0 = denoiser(x_t, levels, guidance.context, guidance_scale=scale).x0
        return _clipped(x_t, x0, levels)
    levels = x_t.new_full((len(x_t) + int(rows.sum()),), log_snr)
    x0 = denoiser(
        torch.cat([x_t, x_t[rows]]),
        levels,
        torch.cat([guidance.context, guidance.negative[rows]]),
    ).x0
    cond, negative = x0[: len(x_t)].clone(), x0[len(x_t) :]
    scale = guidance.scale[rows][:, None, None, None]
    uncond, asked = cond.clone(), cond.clone()
    cond[rows] = negative + scale * (cond[rows] - negative)
    uncond[rows] = negative
    low, high = guidance.interval
    if guidance.weak is not None and guidance.autoguidance and low <= log_snr <= high:
        weak = guidance.weak(x_t, levels[: len(x_t)], guidance.context).x0
        cond += guidance.autoguidance * (asked - weak)
    found = _clipped(x_t, cond, levels[: len(x_t)])
    return found._replace(x0_uncond=uncond.clamp(-1.0, 1.0)) if len(negative) else found


def _clipped(x_t: Tensor, x0: Tensor, log_snr: Tensor) -> DenoiserOutput:
    x0 = x0.clamp(-1.0, 1.0)
    return DenoiserOutput(x0, epsilon_from_x0(x_t, x0, *level(log_snr)))
