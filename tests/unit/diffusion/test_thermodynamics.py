"""Entropies of the forward process for Gaussian data, all of which have closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import scipy
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.config import ScheduleConfig
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.diffusion.thermodynamics import (
    conditional_entropy,
    information,
    noise_entropy,
    path_gap,
    step_variances,
)

#: Standard deviation of the values, which are independent and normal.
SPREAD = 0.6
SCHEDULES = pytest.mark.parametrize("name", ["linear", "cosine", "karras"])
TIMESTEPS = 60


def schedule_of(name: str) -> tuple[NDArray, NDArray, NDArray]:
    """log_snr, betas and alphas_cumprod of t = 1, ..., T."""
    schedule = NoiseSchedule(ScheduleConfig(name=name, timesteps=TIMESTEPS))
    t = np.arange(1, TIMESTEPS + 1)
    return schedule.log_snr(t), schedule.betas, schedule.alphas_cumprod


def variances(kept: NDArray) -> NDArray[np.float64]:
    """Variance of a value of x_t."""
    return kept * SPREAD**2 + 1 - kept


def known(log_snr: NDArray) -> NDArray[np.float64]:
    """I(x_0; x_t) of a value: the capacity of a channel with normal noise (Shannon)."""
    return 0.5 * np.log1p(np.exp(log_snr) * SPREAD**2)


def true_conditional_entropy(betas: NDArray, kept: NDArray) -> NDArray[np.float64]:
    """H(x_{t-1} | x_t) for t = 2, ..., T, from their joint normal distribution."""
    before, ratio = variances(kept)[:-1], np.sqrt(1 - betas[1:])
    left = before - (ratio * before) ** 2 / (ratio**2 * before + betas[1:])
    return scipy.stats.norm(0, np.sqrt(left)).entropy()


def test_information_of_gaussian_data_is_the_capacity_of_their_channel() -> None:
    """The exact mean: everything is quadratic in x0 and noise, so signs replace normal numbers."""
    signs = torch.tensor([[1, 1], [1, -1], [-1, 1], [-1, -1]], dtype=torch.float64)
    x0, epsilon = (signs[:, i, None, None, None].expand(4, 3, 2, 2) for i in (0, 1))
    x0 = 0.2 + SPREAD * x0

    def log_density(x_t: Tensor, log_snr: Tensor, context: Tensor) -> Tensor:
        share = 1 / (1 + np.exp(-log_snr.numpy()))[:, None, None, None]
        normal = scipy.stats.norm(0.2 * np.sqrt(share), np.sqrt(share * SPREAD**2 + 1 - share))
        return torch.from_numpy(normal.logpdf(x_t.numpy()).sum(axis=(1, 2, 3)))

    for value in (-9.0, -1.0, 4.0, 13.0):
        log_snr = torch.full((4,), value, dtype=torch.float64)
        got = information(log_density, x0, epsilon, torch.zeros(4, 0), log_snr)
        assert got.dtype == torch.float64
        assert float(got.mean()) == pytest.approx(12 * float(known(np.array(value))), abs=1e-9)
        alone = information(log_density, x0[:1], epsilon[:1], torch.zeros(1, 0), log_snr[:1])
        torch.testing.assert_close(alone, got[:1])


def test_information_is_none_where_the_density_is_that_of_the_noise() -> None:
    """A single picture carries no information, whatever noise is drawn."""
    rng = np.random.default_rng(0)
    x0 = torch.from_numpy(rng.uniform(-1, 1, (1, 3, 2, 2))).float().expand(5, 3, 2, 2)
    epsilon = torch.from_numpy(rng.standard_normal(x0.shape)).float()

    def log_density(x_t: Tensor, log_snr: Tensor, context: Tensor) -> Tensor:
        share = 1 / (1 + np.exp(-log_snr.double().numpy()))[:, None, None, None]
        normal = scipy.stats.norm(np.sqrt(share) * x0.double().numpy(), np.sqrt(1 - share))
        return torch.from_numpy(normal.logpdf(x_t.numpy()).sum(axis=(1, 2, 3)))

    log_snr = torch.tensor([-8.0, -2.0, 0.0, 5.0, 13.0])
    got = information(log_density, x0, epsilon, torch.zeros(5, 0), log_snr)
    np.testing.assert_allclose(got.numpy(), 0, atol=1e-8)


def test_the_entropy_of_noise_is_scipys() -> None:
    variance = np.array([1e-9, 0.3, 1.0, 50.0])
    wanted = scipy.stats.norm(0, np.sqrt(variance)).entropy()
    np.testing.assert_allclose(noise_entropy(variance), wanted, rtol=1e-12)


@SCHEDULES
def test_variances_of_a_step_are_beta_and_that_of_the_posterior(name: str) -> None:
    log_snr, betas, kept = schedule_of(name)
    forward, posterior = step_variances(log_snr)
    np.testing.assert_allclose(forward, betas[1:], rtol=1e-7)
    wanted = (1 - kept[:-1]) / (1 - kept[1:]) * betas[1:]
    np.testing.assert_allclose(posterior, wanted, rtol=1e-7)


@SCHEDULES
def test_conditional_entropy_of_gaussian_data_is_that_of_a_joint_normal(name: str) -> None:
    log_snr, betas, kept = schedule_of(name)
    got, lower, upper = conditional_entropy(log_snr, known(log_snr))
    wanted = true_conditional_entropy(betas, kept)
    np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-6)
    assert (lower <= wanted + 1e-9).all()
    assert (wanted <= upper + 1e-9).all()


@SCHEDULES
def test_bounds_are_those_of_the_paper(name: str) -> None:
    """H(x_t | x_{t-1}) + H(x_{t-1} | x_0) - H(x_t | x_0), and H(x_t | x_{t-1})."""
    log_snr, betas, kept = schedule_of(name)
    _, lower, upper = conditional_entropy(log_snr, known(log_snr))
    step, clean = (scipy.stats.norm(0, np.sqrt(v)).entropy() for v in (betas[1:], 1 - kept))
    np.testing.assert_allclose(upper, step, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(lower, step + clean[:-1] - clean[1:], rtol=1e-7, atol=1e-7)


@SCHEDULES
def test_the_gap_is_the_divergence_of_two_reverse_steps(name: str) -> None:
    """Both are normal around the best guess here: the true one, and one with q's variance."""
    log_snr, betas, kept = schedule_of(name)
    snr = kept / (1 - kept)
    error = SPREAD**2 / (1 + snr * SPREAD**2)
    term = 0.5 * (snr[:-1] - snr[1:]) * error[1:]
    true = np.exp(2 * true_conditional_entropy(betas, kept)) / (2 * np.pi * np.e)
    model = (1 - kept[:-1]) / (1 - kept[1:]) * betas[1:]
    wanted = 0.5 * (true / model - 1 - np.log(true / model))
    got = path_gap(term, known(log_snr))
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-7)
    assert (got > 0).all()
