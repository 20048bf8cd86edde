"""Noise schedules as curves, for plots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import ScheduleConfig
from sprite_lab.core.errors import ConfigError


def curve_of(
    config: ScheduleConfig, bend: Sequence[float] = ()
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """t, from 1 to T, and log-SNR of a schedule, float64 (T,) each; None = it cannot be bent this
    way.
    """
    # Imported here because a first launch shows the window before it is needed.
    from sprite_lab.diffusion.schedule import NoiseSchedule  # noqa: PLC0415

    t = np.arange(1, config.timesteps + 1, dtype=np.float64)
    try:
        return t, NoiseSchedule(config, bend).log_snr(t)
    except ConfigError:
        return None
