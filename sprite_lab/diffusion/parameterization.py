"""Conversions between the possible predictions of a network: epsilon, x0, v and the score.

All follow from ``x_t = alpha x0 + std epsilon`` and ``v = alpha epsilon - std x0``
(Salimans & Ho 2022). ``alpha`` and ``std`` broadcast against the pictures, whose
shape is (N, C, H, W) float32.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sprite_lab.core.config import PredictionType

#: Keeps divisions finite where alpha or std vanish in float32.
_MIN_ALPHA = 1e-12


def level(log_snr: Tensor) -> tuple[Tensor, Tensor]:
    """alpha and noise_std, (N, 1, 1, 1) float32, for ``log_snr`` (N,)."""
    # Not in float64, which Apple's GPUs lack; each sigmoid is exact up to float32 rounding.
    value = log_snr.float()[:, None, None, None]
    return torch.sigmoid(value).sqrt(), torch.sigmoid(-value).sqrt()


def q_sample(x0: Tensor, epsilon: Tensor, alpha: Tensor, std: Tensor) -> Tensor:
    """x_t ~ q(x_t | x0) with the given noise."""
    return alpha * x0 + std * epsilon


def x0_from_epsilon(x_t: Tensor, epsilon: Tensor, alpha: Tensor, std: Tensor) -> Tensor:
    return (x_t - std * epsilon) / alpha.clamp_min(_MIN_ALPHA)


def epsilon_from_x0(x_t: Tensor, x0: Tensor, alpha: Tensor, std: Tensor) -> Tensor:
    return (x_t - alpha * x0) / std.clamp_min(_MIN_ALPHA)


def x0_from_v(x_t: Tensor, v: Tensor, alpha: Tensor, std: Tensor) -> Tensor:
    return alpha * x_t - std * v


def epsilon_from_v(x_t: Tensor, v: Tensor, alpha: Tensor, std: Tensor) -> Tensor:
    return std * x_t + alpha * v


def score_from_epsilon(epsilon: Tensor, std: Tensor) -> Tensor:
    """The gradient of log q(x_t) with respect to x_t, from the expected epsilon (Vincent 2011)."""
    return -epsilon / std.clamp_min(_MIN_ALPHA)


def target(
    prediction_type: PredictionType, x0: Tensor, epsilon: Tensor, alpha: Tensor, std: Tensor
) -> Tensor:
    """The training target of a network of this prediction type."""
    if prediction_type == "epsilon":
        return epsilon
    if prediction_type == "x0":
        return x0
    return alpha * epsilon - std * x0


def to_x0_epsilon(
    prediction_type: PredictionType, prediction: Tensor, x_t: Tensor, alpha: Tensor, std: Tensor
) -> tuple[Tensor, Tensor]:
    """The x0 and epsilon that a prediction implies."""
    if prediction_type == "epsilon":
        return x0_from_epsilon(x_t, prediction, alpha, std), prediction
    if prediction_type == "x0":
        return prediction, epsilon_from_x0(x_t, prediction, alpha, std)
    return (
        x0_from_v(x_t, prediction, alpha, std),
        epsilon_from_v(x_t, prediction, alpha, std),
    )
