"""Signal and noise at a log-SNR, and the posterior of a step between two levels."""

from __future__ import annotations

from math import expm1

import numpy as np
from numpy.typing import ArrayLike, NDArray


def alpha_std(log_snr: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """alpha = sqrt(sigmoid(log_snr)) and noise_std = sqrt(sigmoid(-log_snr)), float64."""
    value = np.asarray(log_snr, np.float64)
    alpha = np.exp(-0.5 * np.logaddexp(0.0, -value))
    noise_std = np.exp(-0.5 * np.logaddexp(0.0, value))
    return np.asarray(alpha), np.asarray(noise_std)


def alpha_std_at(log_snr: float) -> tuple[float, float]:
    """Like :func:`alpha_std`, at one level."""
    alpha, std = alpha_std(log_snr)
    return float(alpha), float(std)


def posterior(log_snr: float, log_snr_next: float) -> tuple[float, float, float]:
    """q(x_s | x_t, x0) for s < t: weight of x_t, weight of x0, variance.

    Ho et al. 2020, eq. 7, for any two levels, not only adjacent ones.
    """
    alpha, std = alpha_std_at(log_snr)
    alpha_s, std_s = alpha_std_at(log_snr_next)
    ratio = alpha / alpha_s
    variance_ts = -expm1(log_snr - log_snr_next) * std**2  # of q(x_t | x_s): std² - ratio² std_s²
    return (
        ratio * std_s**2 / std**2,
        alpha_s * variance_ts / std**2,
        variance_ts * std_s**2 / std**2,
    )
