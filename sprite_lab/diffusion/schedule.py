"""Noise schedules: a map from the level t to log-SNR, and everything that follows from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sprite_lab.core.config import CLEAN_LOG_SNR, ScheduleConfig, ScheduleName, SpacingName
from sprite_lab.core.errors import require

#: Karras et al. 2022, eq. 5, except for the smallest sigma: with data in [-1, 1], noise of
#: exp(-6.5) is a fifth of an 8-bit step, so the likelihood loses almost nothing below it.
SIGMA_MIN, SIGMA_MAX, RHO = math.exp(-6.5), 80.0, 7.0


#: Mean and standard deviation of the normal distribution of log-SNR whose quantiles are the levels
#: of a sampler; and the last level. Found by trial.
_LAYOUT = (-0.5, 4.0)
_LAST_LOG_SNR = 5.0


class NoiseSchedule:
    """A discrete schedule, extended to every real t in [0, T] by interpolating log-SNR.

    Variance-preserving: ``alpha**2 + noise_std**2 = 1``. ``bend``: see :class:`ForwardConfig`.
    Raises ConfigError if the noise of the bent schedule does not grow at every step.
    """

    def __init__(self, config: ScheduleConfig, bend: Sequence[float] = ()) -> None:
        self.config = config
        self.timesteps = config.timesteps  #: T
        #: float64 (T,), with index ``t_index = t - 1``; as in Ho et al. 2020.
        self.betas = _betas(config)
        self.alphas_cumprod = np.cumprod(1.0 - self.betas)
        log_snr = np.log(self.alphas_cumprod) - np.log1p(-self.alphas_cumprod)
        if len(bend):
            shares = np.arange(1, self.timesteps + 1) / self.timesteps
            log_snr = log_snr + np.interp(shares, np.linspace(0, 1, len(bend)), bend)
            require(
                bool((np.diff(log_snr, prepend=CLEAN_LOG_SNR) < 0).all()),
                "A schedule must have more noise at every step: bend it less.",
            )
            self.alphas_cumprod = 1.0 / (1.0 + np.exp(-log_snr))
            self.betas = 1.0 - self.alphas_cumprod / np.append(1.0, self.alphas_cumprod[:-1])
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
        """The log-SNRs of t = T and t = 1, the range on which a network is trained."""
        return float(self._log_snr[-1]), float(self._log_snr[1])

    def levels(
        self, steps: int, start_t: float | None = None, spacing: SpacingName = "shape"
    ) -> NDArray[np.float64]:
        """The t for a sampler to visit: ``steps`` of them, from ``start_t`` (default T).

        With the spacing "shape" they are quantiles of log-SNR, densest where sprites take shape,
        and end at a noise that no longer hides anything, where the prediction is the result. If
        ``steps`` is the number of integer t or more, all of these are visited, down to 1.

        With the spacing of a schedule they are evenly spaced in its t ("linspace" in table 2 of Lin
        et al. 2024), from ``start_t`` to its t = 1, as far as both schedules reach. A network that
        takes log-SNR can be evaluated at all of these.

        Returns
        -------
        float64 (steps,), or fewer if there are fewer integer t, falling, each in [1, T]; a single
        level if the noise hides nothing from the start.
        """
        start = float(self.timesteps if start_t is None else start_t)
        if spacing != "shape":
            return self._levels_along(spacing, steps, start)
        if steps >= int(start):
            return np.asarray(start - np.arange(int(start)), np.float64)
        low = float(self.log_snr(start))
        high = min(_LAST_LOG_SNR, self.trained_range[1])
        if low >= high:
            return np.array([start])
        from statistics import NormalDist  # noqa: PLC0415 (a first launch waits for this module)

        layout = NormalDist(*_LAYOUT)
        shares = np.linspace(layout.cdf(low), layout.cdf(high), steps).tolist()
        return self.t_of([low, *(layout.inv_cdf(share) for share in shares[1:])])

    def _levels_along(self, name: ScheduleName, steps: int, start: float) -> NDArray[np.float64]:
        other = self.config.name != name
        path = NoiseSchedule(replace(self.config, name=name)) if other else self
        low = max(float(self.log_snr(start)), path.trained_range[0])
        high = min(self.trained_range[1], path.trained_range[1])
        if low >= high:
            return np.array([start])
        first, last = path.t_of([low, high]).tolist()
        return self.t_of(path.log_snr(np.linspace(first, last, steps)))


def _betas(config: ScheduleConfig) -> NDArray[np.float64]:
    """float64 (T,)."""
    timesteps = config.timesteps
    if config.name == "linear":
        return np.linspace(config.beta_start, config.beta_end, timesteps)
    if config.name == "karras":
        # sigma**2 = (1 - ᾱ) / ᾱ gives ᾱ, and each beta follows from neighboring ᾱ.
        ends = SIGMA_MIN ** (1 / RHO), SIGMA_MAX ** (1 / RHO)
        variance = np.linspace(*ends, timesteps) ** (2 * RHO)
        before = np.concatenate([[0.0], variance[:-1]])
        return np.asarray((variance - before) / (1.0 + variance))
    # Nichol & Dhariwal 2021, eq. 17: ᾱ(t) = cos²((t/T + s) / (1 + s) π/2), beta capped.
    s = 0.008
    angle = (np.arange(timesteps + 1) / timesteps + s) / (1 + s) * np.pi / 2
    alphas_cumprod = np.cos(angle) ** 2
    return np.minimum(1.0 - alphas_cumprod[1:] / alphas_cumprod[:-1], 0.999)
