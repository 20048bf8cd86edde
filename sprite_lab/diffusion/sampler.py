"""Reverse steps, one function a method, each from any noise level to any lower one."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.schedule import alpha_std

#: (x_t, denoised, log_snr of now, log_snr of next, standard noise) -> x at the next level.
StepFunction = Callable[[Tensor, DenoiserOutput, float, float, Tensor], Tensor]


def posterior(log_snr: float, log_snr_next: float) -> tuple[float, float, float]:
    """q(x_s | x_t, x0) for s < t: weight of x_t, weight of x0, variance.

    Ho et al. 2020, eq. 7, for levels that need not be neighbours.
    """
    alpha, std = (float(value) for value in alpha_std(log_snr))
    alpha_s, std_s = (float(value) for value in alpha_std(log_snr_next))
    ratio = alpha / alpha_s
    variance_ts = max(std**2 - ratio**2 * std_s**2, 0.0)  # of q(x_t | x_s)
    return (
        ratio * std_s**2 / std**2,
        alpha_s * variance_ts / std**2,
        variance_ts * std_s**2 / std**2,
    )


def ddpm_step(
    x_t: Tensor, denoised: DenoiserOutput, log_snr: float, log_snr_next: float, noise: Tensor
) -> Tensor:
    """Ancestral sampling, Ho et al. 2020, algorithm 2, with the posterior's variance."""
    weight_x_t, weight_x0, variance = posterior(log_snr, log_snr_next)
    return weight_x_t * x_t + weight_x0 * denoised.x0 + variance**0.5 * noise


def ddim_step(
    x_t: Tensor,
    denoised: DenoiserOutput,
    log_snr: float,
    log_snr_next: float,
    noise: Tensor,
    eta: float = 0.0,
) -> Tensor:
    """Song et al. 2021, eq. 12; eta 0 is deterministic, eta 1 has ddpm's variance."""
    alpha_s, std_s = (float(value) for value in alpha_std(log_snr_next))
    variance = eta**2 * posterior(log_snr, log_snr_next)[2]
    direction = max(std_s**2 - variance, 0.0) ** 0.5
    step = alpha_s * denoised.x0 + direction * denoised.epsilon
    return step if eta == 0 else step + variance**0.5 * noise


def step_function(sampler: str, eta: float) -> StepFunction:
    """The step of a sampler by its name."""
    if sampler == "ddpm":
        return ddpm_step
    return lambda x_t, denoised, now, then, noise: ddim_step(x_t, denoised, now, then, noise, eta)


def renoise(x_s: Tensor, log_snr_s: float, log_snr: float, noise: Tensor) -> Tensor:
    """A forward step, x_t ~ q(x_t | x_s), from a level back up to a noisier one."""
    alpha, std = (float(value) for value in alpha_std(log_snr))
    alpha_s, std_s = (float(value) for value in alpha_std(log_snr_s))
    ratio = alpha / alpha_s
    return ratio * x_s + max(std**2 - ratio**2 * std_s**2, 0.0) ** 0.5 * noise


def hold(x: Tensor, held: Tensor, pinned: Tensor) -> Tensor:
    """``pinned`` where ``held`` (bool (N, 1, H, W)), else ``x``."""
    return torch.where(held, pinned, x)
