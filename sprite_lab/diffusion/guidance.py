"""Classifier-free guidance (Ho & Salimans 2022) and autoguidance (Karras et al. 2024)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from sprite_lab.diffusion.denoiser import Denoiser, DenoiserOutput
from sprite_lab.diffusion.parameterization import epsilon_from_x0, level

#: The range of scales that students are trained on, from no guidance to strong guidance.
TAUGHT_GUIDANCE = (1.0, 4.0)


@dataclass(frozen=True, eq=False)
class Guidance:
    """How sampling is steered toward ``context``."""

    context: Tensor  #: float32 (N, context_size), the requested context; all zero = none
    scale: Tensor  #: float32 (N,); 1 = no guidance
    #: float32 (N, context_size), the context steered away from; all zero = none
    negative: Tensor
    #: log-SNRs between which guidance applies (Kynkäänniemi et al. 2024).
    interval: tuple[float, float] = (-math.inf, math.inf)
    #: a worse version of the denoiser, with the same kinds of errors, but larger
    weak: Denoiser | None = None
    autoguidance: float = 0.0  #: strength of guidance away from ``weak``; 0 = off

    @cached_property
    def steered(self) -> Tensor:
        """The rows for which guidance makes a difference within the interval, int64 (M,)."""
        with torch.inference_mode(False):  # it may be evaluated with gradients later
            differs = (self.context != self.negative).any(dim=1)
            return (differs & (self.scale != 1)).nonzero()[:, 0]

    def acts(self, log_snr: float) -> bool:
        """Whether a level lies in the interval."""
        low, high = self.interval
        return low <= log_snr <= high


def guided(denoiser: Denoiser, x_t: Tensor, log_snr: float, guidance: Guidance) -> DenoiserOutput:
    """negative + s (cond - negative) + a (cond - weak), x0 clipped to [-1, 1] as in Ho et al. 2020.

    ``s`` is ``guidance.scale``, ``a`` is ``guidance.autoguidance``, and ``weak`` is the prediction
    of ``guidance.weak``, which costs one evaluation. In addition, rows that are not steered cost
    one evaluation and the others two (in one batch). A student (``denoiser.config.guided``) has
    learned guidance in one evaluation and ignores ``weak``; scales beyond TAUGHT_GUIDANCE are
    clamped. ``x0_uncond`` is ``negative`` for rows steered by two evaluations, and the unguided
    prediction for the other rows; None if no row is steered by two.
    """
    levels, acts = x_t.new_full((len(x_t),), log_snr), guidance.acts(log_snr)
    rows = guidance.steered if acts else guidance.steered[:0]
    return guided_at(denoiser, x_t, levels, guidance, rows, acts=acts)


def guided_at(
    denoiser: Denoiser,
    x_t: Tensor,
    levels: Tensor,
    guidance: Guidance,
    rows: Tensor,
    *,
    acts: bool,
) -> DenoiserOutput:
    """:func:`guided`, as a function that does not wait for the device.

    Parameters
    ----------
    levels : float32 (N,), all log-SNRs the same.
    rows : int64 (M,), the rows that are steered at this level.
    acts : whether this level lies in the interval.
    """
    if denoiser.config.guided:
        taught = guidance.scale[rows].clamp(*TAUGHT_GUIDANCE)
        scale = torch.ones_like(guidance.scale).index_copy(0, rows, taught)
        x0 = denoiser(x_t, levels, guidance.context, guidance_scale=scale).x0
        return _clipped(x_t, x0, levels)
    x0 = denoiser(
        torch.cat([x_t, x_t[rows]]),
        torch.cat([levels, levels[rows]]),
        torch.cat([guidance.context, guidance.negative[rows]]),
    ).x0
    cond, negative = x0[: len(x_t)].clone(), x0[len(x_t) :]
    scale = guidance.scale[rows][:, None, None, None]
    uncond, asked = cond.clone(), cond.clone()
    cond[rows] = negative + scale * (cond[rows] - negative)
    uncond[rows] = negative
    if guidance.weak is not None and guidance.autoguidance and acts:
        weak = guidance.weak(x_t, levels, guidance.context).x0
        cond += guidance.autoguidance * (asked - weak)
    found = _clipped(x_t, cond, levels)
    return found._replace(x0_uncond=uncond.clamp(-1.0, 1.0)) if len(negative) else found


def _clipped(x_t: Tensor, x0: Tensor, log_snr: Tensor) -> DenoiserOutput:
    x0 = x0.clamp(-1.0, 1.0)
    return DenoiserOutput(x0, epsilon_from_x0(x_t, x0, *level(log_snr)))
