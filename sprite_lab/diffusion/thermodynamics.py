"""Entropies of the forward process, and the gap between it and the reverse process.

Sohl-Dickstein et al. 2015, section 2.6 and appendix A. With I_t = I(X_0; X_t), the information that
x_t still has about x_0, and normal steps, whose entropies are known,

    H(X_t)           = H(X_t | X_0) + I_t
    H(X_{t-1} | X_t) = H(X_t | X_{t-1}) + H(X_{t-1}) - H(X_t)

so one Monte Carlo estimate, of I_t, gives both. All in nats.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.trajectories.levels import alpha_std
from sprite_lab.diffusion.parameterization import q_sample

#: (x_t, log_snr, context) -> log q(x_t), (N,) in nats.
LogDensity = Callable[[Tensor, Tensor, Tensor], Tensor]


def information(
    log_density: LogDensity, x0: Tensor, epsilon: Tensor, context: Tensor, log_snr: Tensor
) -> Tensor:
    """One draw of log q(x_t | x_0) - log q(x_t) per row, float64 (N,), with mean I(X_0; X_t).

    Both terms use the given noise, so that most of its variance cancels.

    Parameters
    ----------
    log_density : log q(x_t); for a training set, :meth:`OptimalDenoiser.log_density`.
    x0 : (N, C, H, W), drawn from q(x_0); float64 for full precision.
    epsilon : the noise of x_t, (N, C, H, W).
    """
    value = log_snr.double()
    alpha, std = torch.sigmoid(value).sqrt(), torch.sigmoid(-value).sqrt()
    x_t = q_sample(
        x0.double(), epsilon.double(), alpha[:, None, None, None], std[:, None, None, None]
    )
    own = -0.5 * epsilon.double().square().sum(dim=(1, 2, 3))
    own = own - x0[0].numel() * (std.log() + 0.5 * math.log(2 * math.pi))
    return own - log_density(x_t, log_snr, context)


def noise_entropy(variance: NDArray[np.float64]) -> NDArray[np.float64]:
    """The entropy of a normal variable with this variance, in nats per value."""
    return np.asarray(0.5 * np.log(2 * math.pi * math.e * variance))


def step_variances(
    log_snr: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Variances of q(x_t | x_{t-1}) and of q(x_{t-1} | x_t, x_0) for t = 2, ..., T, (T - 1,).

    ``log_snr``: (T,), falling.
    """
    # 1 - ratio^2 std_s^2 / std^2 without cancellation: ratio^2 = alpha^2 / alpha_s^2.
    _, std = alpha_std(log_snr)
    rest = -np.expm1(np.diff(log_snr))  # 1 - SNR_t / SNR_{t-1}
    return std[1:] ** 2 * rest, std[:-1] ** 2 * rest


def conditional_entropy(
    log_snr: NDArray[np.float64], information_per_dim: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """H(X_{t-1} | X_t) for t = 2, ..., T with its lower and upper bound, in nats per value.

    The lower bound is eq. 24 of the paper, H(X_t | X_{t-1}) + H(X_{t-1} | X_0) - H(X_t | X_0);
    the upper is H(X_t | X_{t-1}), for data whose values have a mean variance of 1 or less.

    ``log_snr``, ``information_per_dim``: (T,), I(X_0; X_t) over the number of values.
    """
    forward, posterior = step_variances(log_snr)
    lower = noise_entropy(posterior)
    lost = information_per_dim[:-1] - information_per_dim[1:]
    return lower + lost, lower, noise_entropy(forward)


def path_gap(
    vlb_term: NDArray[np.float64], information_: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean over x_t of KL(q(x_{t-1} | x_t) || p(x_{t-1} | x_t)) for t = 2, ..., T, (T - 1,).

    It is the cross-entropy of the model's reverse step minus the true H(X_{t-1} | X_t). The
    cross-entropy of a normal step with the posterior's variance is the entropy of that variance
    plus the bound's L_{t-1}. That entropy is the lower bound of :func:`conditional_entropy`, so the
    result is L_{t-1} minus the information that x_{t-1} has about x_0 beyond x_t. Summed over t,
    with the KL of x_T, it is the entropy that the reversed process produces: 0 only if forward and
    reverse paths are equally probable.

    ``vlb_term``: (T - 1,), the mean of L_{t-1} over x_0 and x_t, t = 2, ..., T. ``information_``:
    (T,).
    """
    return vlb_term - (information_[:-1] - information_[1:])
