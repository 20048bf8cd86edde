"""Noise schedules: a map from the level t to log-SNR, and everything that follows from it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sprite_lab.core.config import ScheduleConfig

#: log-SNR given to t = 0, where the picture is clean: finite, and far below 8-bit rounding.
CLEAN_LOG_SNR = 20.0


class NoiseSchedule:
    """A discrete schedule, extended to every real t in [0, T] by interpolating log-SNR.

    Variance-preserving: ``alpha**2 + noise_std**2 = 1``.

    Attributes
    ----------
    betas, alphas_cumprod : float64 (T,), at index ``t_index = t - 1``; as in Ho et al. 2020.
    timesteps : T.
    """

    def __init__(self, config: ScheduleConfig) -> None:
        self.config = config
        self.timesteps = config.timesteps
        self.betas = _betas(config)
        self.alphas_cumprod = np.cumprod(1.0 - self.betas)
        log_snr = np.log(self.alphas_cumprod) - np.log1p(-self.alphas_cumprod)
        self._log_snr = np.concatenate([[CLEAN_LOG_SNR], log_snr])

    def log_snr(self, t: ArrayLike) -> NDArray[np.float64]:
        """log(ᾱ / (1 - ᾱ)) at t in [0, T], strictly falling, same shape as ``t``."""
        grid = np.arange(self.timesteps + 1, dtype=np.float64)
        return np.asarray(np.interp(np.asarray(t, np.float64), grid, self._log_snr))

    def t_of(self, log_snr: ArrayLike) -> NDArray[np.float64]:
        """The level t in [0, T] at which the schedule has this log-SNR; clipped at the ends."""
        rising = self._log_snr[::-1]
        grid = np.arange(self.timesteps, -1, -1, dtype=np.float64)
        return np.asarray(np.interp(np.asarray(log_snr, np.float64), rising, grid))

    @property
    def trained_range(self) -> tuple[float, float]:
        """The log-SNR of t = T and of t = 1: where a network with this schedule is trained."""
        return float(self._log_snr[-1]), float(self._log_snr[1])

    def levels(self, steps: int, start_t: float | None = None) -> NDArray[np.float64]:
        """Noise levels for a sampler to visit: ``steps`` of them, evenly spaced in t.

        Starts at ``start_t`` (default T) and ends one spacing above 0 ("trailing"), so that
        the last step, from the last level to t = 0, is as long as the others. Whole-numbered
        where there are that many; never more than there are.

        Returns
        -------
        float64 (steps,), falling, each in [1, T].
        """
        start = float(self.timesteps if start_t is None else start_t)
        count = max(1, min(steps, int(start)))
        return np.unique(np.round(start - np.arange(count) * start / count))[::-1].clip(1, None)


def _betas(config: ScheduleConfig) -> NDArray[np.float64]:
    """float64 (T,)."""
    timesteps = config.timesteps
    if config.name == "linear":
        return np.linspace(config.beta_start, config.beta_end, timesteps)
    # Nichol & Dhariwal 2021, eq. 17: ᾱ(t) = cos²((t/T + s) / (1 + s) π/2), beta capped.
    s = 0.008
    angle = (np.arange(timesteps + 1) / timesteps + s) / (1 + s) * np.pi / 2
    alphas_cumprod = np.cos(angle) ** 2
    return np.minimum(1.0 - alphas_cumprod[1:] / alphas_cumprod[:-1], 0.999)


def alpha_std(log_snr: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """alpha = sqrt(sigmoid(log_snr)) and noise_std = sqrt(sigmoid(-log_snr)), float64."""
    value = np.asarray(log_snr, np.float64)
    alpha = np.exp(-0.5 * np.logaddexp(0.0, -value))
    noise_std = np.exp(-0.5 * np.logaddexp(0.0, value))
    return np.asarray(alpha), np.asarray(noise_std)
