"""The segments of a student: multistep consistency (Heek et al. 2024).

The way from noise to a sprite is divided into segments. From any point of its teacher's trajectory,
a student predicts the x0 with which one DDIM step leads to the point where the trajectory enters
the next segment, so one evaluation per segment is enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.config import SEGMENTS
from sprite_lab.diffusion.parameterization import level

#: Levels are quantiles of this distribution of log-SNR, so they are densest where sprites take
#: shape.
_LEVELS = NormalDist(-0.5, 3.0)


def between(low: float, high: float, shares: Iterable[float]) -> NDArray[np.float64]:
    """The log-SNR at each share, in [0, 1), of the way from ``low`` to ``high`` in quantiles."""
    first, last = _LEVELS.cdf(low), _LEVELS.cdf(high)
    levels = [low if s <= 0 else _LEVELS.inv_cdf(first + (last - first) * s) for s in shares]
    return np.array(levels)


#: Log-SNRs at most this far apart are the same level, up to rounding.
SAME = 1e-3


def segment_starts(low: float, high: float) -> NDArray[np.float64]:
    """The log-SNR at which each segment begins, float64 (SEGMENTS,), rising from ``low``."""
    return between(low, high, np.arange(SEGMENTS) / SEGMENTS)


def student_levels(
    start: float, trained: tuple[float, float], steps: int = SEGMENTS
) -> NDArray[np.float64]:
    """At most ``steps`` log-SNRs at which a student is evaluated, rising from ``start``.

    Besides ``start``, they are the starts of the later segments, some of which are left out if
    there are fewer steps. ``trained``: the lowest and highest log-SNR of training.
    """
    # A segment that begins at ``start``, up to rounding, is not a later one.
    later = [log_snr for log_snr in segment_starts(*trained) if log_snr > start + SAME]
    levels = np.array([start, *later])
    return levels[np.linspace(0, len(later), min(steps, len(levels))).round().astype(np.int64)]


def segment_x0(x_t: Tensor, log_snr: Tensor, x_s: Tensor, then: Tensor) -> Tensor:
    """The x0 with which DDIM goes from ``x_t`` to ``x_s``, (N, C, H, W).

    ``log_snr``, ``then``: (N,), the log-SNRs of ``x_t`` and, higher, of ``x_s``.
    """
    (alpha, std), (alpha_s, std_s) = level(log_snr), level(then)
    ratio = std_s / std
    return (x_s - ratio * x_t) / (alpha_s - ratio * alpha)
