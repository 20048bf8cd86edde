"""Sampling methods: steps from one noise level to the next, less noisy one.

All are written for variance-preserving x_t and log-SNR; lambda is log(alpha / std), half of
the log-SNR, as in Lu et al. 2022.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import expm1
from typing import Literal

from torch import Tensor

from sprite_lab.core.config import HEUN_LOG_SNR, SampleConfig
from sprite_lab.core.trajectories.levels import alpha_std_at, posterior
from sprite_lab.diffusion.sampler import Method, Point, Step


def ddpm(step: Step, variance: Literal["posterior", "beta"] = "posterior") -> Tensor:
    """Ancestral sampling, Ho et al. 2020, algorithm 2, with either of its variances.

    The variance "posterior" is optimal for data that are a single point; "beta", the variance of
    q(x_t | x_s), for standard normal data.
    """
    weight_x_t, weight_x0, least = posterior(step.here.log_snr, step.then)
    most = -expm1(step.here.log_snr - step.then) * alpha_std_at(step.here.log_snr)[1] ** 2
    mean = weight_x_t * step.here.x_t + weight_x0 * step.here.x0
    return mean + (least if variance == "posterior" else most) ** 0.5 * step.noise()


def ddim(step: Step, eta: float = 0.0) -> Tensor:
    """Song et al. 2021, eq. 12; eta 0 is deterministic, eta 1 has ddpm's posterior variance."""
    alpha_s, std_s = alpha_std_at(step.then)
    variance = eta**2 * posterior(step.here.log_snr, step.then)[2]
    direction = max(std_s**2 - variance, 0.0) ** 0.5
    x = alpha_s * step.here.x0 + direction * step.here.epsilon
    return x if eta == 0 else x + variance**0.5 * step.noise()


def euler(step: Step) -> Tensor:
    """Euler's method for dx/dsigma of Karras et al. 2022: with these variables, ddim's step."""
    return ddim(step)


def heun(step: Step) -> Tensor:
    """Karras et al. 2022, algorithm 1, lines 4 to 8: two evaluations, second order.

    From much more noise than in the paper, where the second slope would be misleading, it uses
    Euler's method.
    """
    if step.here.log_snr < HEUN_LOG_SNR:
        return euler(step)
    alpha_s, std_s = alpha_std_at(step.then)
    alpha, std = alpha_std_at(step.here.log_snr)
    there = step.evaluate(euler(step), step.then)
    slope_change = (there.epsilon - step.here.epsilon) / 2
    return there.x_t + (std_s - alpha_s * std / alpha) * slope_change


def dpmpp_2m(step: Step) -> Tensor:
    """DPM-Solver++(2M), Lu et al. 2022, algorithm 2: second order from the last two x0."""
    return _exponential_step(step.here, step.then, _extrapolated(step))


def dpmpp_2m_sde(step: Step) -> Tensor:
    """SDE-DPM-Solver++(2M), Lu et al. 2022, the stochastic sibling of dpmpp_2m."""
    alpha_s, std_s = alpha_std_at(step.then)
    decay = -expm1(step.here.log_snr - step.then)  # 1 - exp(-2h)
    kept = std_s / alpha_std_at(step.here.log_snr)[1] * (1 - decay) ** 0.5
    mean = kept * step.here.x_t + alpha_s * decay * _extrapolated(step)
    return mean + std_s * decay**0.5 * step.noise()


def unipc(step: Step) -> Tensor:
    """UniPC of order 2 with B(h) = e^h - 1, Zhao et al. 2023.

    Its predictor is dpmpp_2m. Its corrector repeats the last step with the x0 found at its end;
    both are linear in x0, so it is enough to add the difference.
    """
    here, past = step.here, step.past
    if past:
        here = here._replace(x_t=here.x_t + _correction(past, here))
    return _exponential_step(here, step.then, _extrapolated(step))


def method(config: SampleConfig) -> Method:
    """The method named by a configuration, with its settings."""
    table: dict[str | None, Method] = {
        "ddpm": partial(ddpm, variance=config.variance),
        "ddim": partial(ddim, eta=config.eta),
        "euler": euler,
        "heun": heun,
        "dpmpp_2m": dpmpp_2m,
        "dpmpp_2m_sde": dpmpp_2m_sde,
        "unipc": unipc,
        "student": ddim,  # see sprite_lab.diffusion.consistency
    }
    return table[config.sampler]


def _extrapolated(step: Step) -> Tensor:
    """x0 half a step ahead, extrapolated linearly in lambda from its last two values."""
    here = step.here
    if not step.past:
        return here.x0
    before = step.past[-1]
    ratio = (step.then - here.log_snr) / (here.log_snr - before.log_snr)
    return here.x0 + ratio / 2 * (here.x0 - before.x0)


def _exponential_step(here: Point, then: float, x0: Tensor) -> Tensor:
    """The exact solution of the ODE at ``then`` for a constant x0."""
    alpha_s, std_s = alpha_std_at(then)
    _, std = alpha_std_at(here.log_snr)
    return std_s / std * here.x_t - alpha_s * expm1((here.log_snr - then) / 2) * x0


def _correction(past: Sequence[Point], here: Point) -> Tensor:
    """The correction by UniC of order 2 of the x from dpmpp_2m."""
    before = past[-1]
    h = (here.log_snr - before.log_snr) / 2
    base = -expm1(-h)  # a unit of x0 adds alpha * base to x over the step
    new = here.x0 - before.x0
    alpha, _ = alpha_std_at(here.log_snr)
    if len(past) < 2:
        return alpha * base / 2 * new
    # A quadratic through three values of x0 replaces the line through two: these are the weights of
    # the two differences that make the step exact for it (Zhao et al. 2023, theorem 3.1).
    ratio = (past[-2].log_snr - before.log_snr) / 2 / h  # negative
    old = (past[-2].x0 - before.x0) / ratio
    first = (1 - base / h) / base
    second = (1 - 2 * first * base / h) / base
    weight_old = (first - second) / (1 - ratio)
    return alpha * base * ((weight_old - 0.5) * old + (first - weight_old) * new)
