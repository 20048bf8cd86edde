"""What a noise level t means, for those who may not ask the model."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import ScheduleConfig
from sprite_lab.core.levels import alpha_std
from sprite_lab.diffusion.schedule import NoiseSchedule  # needs numpy alone

_schedule = lru_cache(maxsize=8)(NoiseSchedule)


def log_snr_at(schedule: ScheduleConfig, t: float) -> float:
    """The log-SNR of level ``t``, 0 to T."""
    return float(_schedule(schedule).log_snr(t))


def noise_shares(schedule: ScheduleConfig, count: int) -> NDArray[np.float64]:
    """How much of a picture's variance is noise at levels from t = 0 to T.

    Returns
    -------
    float64 (count,), each 0..1, evenly spaced in t.
    """
    levels = np.linspace(0, schedule.timesteps, count)
    return alpha_std(_schedule(schedule).log_snr(levels))[1] ** 2
