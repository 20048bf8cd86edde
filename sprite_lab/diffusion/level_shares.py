"""How often training visits each noise level."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import TrainConfig
from sprite_lab.diffusion.schedule import NoiseSchedule


def level_shares(
    config: TrainConfig, schedule: NoiseSchedule, edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The probability of each bin among the training levels that ``draw_log_snr`` draws.

    ``edges``: float64 (B + 1,), ascending log-SNR, over the schedule's trained range at least.

    Returns float64 (B,), adding up to 1.
    """
    low, high = schedule.trained_range
    if config.levels == "uniform":
        return even_shares(schedule, edges)
    inside = np.clip(edges, low, high)
    normal = NormalDist(config.log_snr_mean, config.log_snr_std)
    below = np.array([normal.cdf(edge) for edge in inside.tolist()])
    # Levels beyond an end of the range are drawn at that end.
    below[edges <= low], below[edges >= high] = 0.0, 1.0
    even = (inside - low) / (high - low)
    return np.diff((1.0 - config.uniform_share) * below + config.uniform_share * even)


def even_shares(schedule: NoiseSchedule, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of the integer levels t = 1 ... T in each bin; see :func:`level_shares`."""
    levels = schedule.log_snr(np.arange(1, schedule.timesteps + 1))
    # A level at an end of the range is counted despite rounding.
    counts, _ = np.histogram(np.clip(levels, edges[0], edges[-1]), edges)
    return np.asarray(counts / schedule.timesteps)
