"""Noise schedules as curves, for plots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import ScheduleConfig, TrainConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.words import number_text


def curve_of(
    config: ScheduleConfig, bend: Sequence[float] = ()
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """t from 1 to T, and log-SNR of a schedule, float64 (T,) each; None = an impossible bend."""
    # Imported here because a first launch does not need it before the window is shown.
    from sprite_lab.diffusion.schedule import NoiseSchedule  # noqa: PLC0415

    t = np.arange(1, config.timesteps + 1, dtype=np.float64)
    try:
        return t, NoiseSchedule(config, bend).log_snr(t)
    except ConfigError:
        return None


#: Shares of signal that label an axis of log-SNR, and their formats.
_SIGNALS = ((0.0001, ".2%"), (0.01, ".0%"), (0.5, ".0%"), (0.99, ".0%"), (0.9999, ".2%"))

#: Edges of the bins that count levels by log-SNR, and number of sampling steps shown. Every named
#: schedule lies within the edges, except for the last steps of cosine. Levels beyond them count in
#: the outer bins.
_EDGES = np.linspace(-11.0, 14.0, 26)
_STEPS = 12

#: Share of signal below which, or above which, hardly anything is left to learn.
ALL_NOISE, ALL_SIGNAL = 0.01, 0.99


def log_snr_of(signal: float) -> float:
    """The log-SNR at which the variance of x_t has this share of signal, 0..1."""
    return float(np.log(signal) - np.log1p(-signal))


def signal_ticks() -> list[tuple[float, str]]:
    """Positions on an axis of log-SNR, and the share of signal there."""
    return [(log_snr_of(share), number_text(share, how)) for share, how in _SIGNALS]


@dataclass(frozen=True, eq=False)
class Visits:
    """The noise levels at which a process spends its time."""

    shares: NDArray[np.float64]  #: float64 (B,), share of the training steps in each bin
    log_snr: NDArray[np.float64]  #: float64 (S,), ascending: the levels of a sampler's steps
    all_noise: float  #: share of training steps with less than ALL_NOISE signal
    all_signal: float  #: share of training steps with more than ALL_SIGNAL


@dataclass(frozen=True, eq=False)
class ScheduleUse:
    """The noise levels that training and sampling visit with a schedule.

    ``even``: levels evenly spaced in t; ``ours``: levels as our training and samplers choose them.
    """

    #: float64 (B + 1,), log-SNR; the outer bins include everything beyond
    edges: NDArray[np.float64]
    even: Visits
    ours: Visits


def use_of(config: ScheduleConfig, bend: Sequence[float] = ()) -> ScheduleUse:
    """How a schedule is used; raises ConfigError if it cannot be bent this way."""
    from sprite_lab.diffusion.level_shares import even_shares, level_shares  # noqa: PLC0415
    from sprite_lab.diffusion.schedule import NoiseSchedule  # noqa: PLC0415

    schedule = NoiseSchedule(config, bend)
    count = min(_STEPS, config.timesteps)
    far = np.array([-1e3, log_snr_of(ALL_NOISE), log_snr_of(ALL_SIGNAL), 1e3])
    wide = np.concatenate([far[:1], _EDGES[1:-1], far[-1:]])

    def visits(
        shares: Callable[[NDArray[np.float64]], NDArray[np.float64]], levels: NDArray[np.float64]
    ) -> Visits:
        noise, _, signal = shares(far)
        return Visits(shares(wide), schedule.log_snr(levels), float(noise), float(signal))

    even = visits(partial(even_shares, schedule), np.linspace(config.timesteps, 1, count))
    shares = partial(level_shares, TrainConfig(schedule=config), schedule)
    return ScheduleUse(_EDGES, even, visits(shares, schedule.levels(count)))
