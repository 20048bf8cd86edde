"""Whole walks against mathematics: Gaussian data exactly, mixtures by their order."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import torch

from sprite_lab.diffusion.methods import (
    ddim,
    ddpm,
    dpmpp_2m,
    dpmpp_2m_sde,
    euler,
    heun,
    posterior,
    unipc,
)
from sprite_lab.diffusion.sampler import Churn, renoise, walk
from sprite_lab.diffusion.schedule import alpha_std

DETERMINISTIC = {
    "ddim": ddim,
    "euler": euler,
    "heun": heun,
    "dpmpp_2m": dpmpp_2m,
    "unipc": unipc,
}
STOCHASTIC = {
    "ddpm": ddpm,
    "ddpm, beta": partial(ddpm, variance="beta"),
    "ddim, eta 1": partial(ddim, eta=1.0),
    "dpmpp_2m_sde": dpmpp_2m_sde,
}

MEAN = np.array([0.3, -0.5])
COVARIANCE = np.array([[0.30, 0.12], [0.12, 0.10]])

FIRST, LAST = -8.0, 6.0


def levels(count):
    return np.linspace(FIRST, LAST, count).tolist()


def marginal(log_snr):
    """Mean and covariance of x_t for the Gaussian data."""
    alpha, std = (float(value) for value in alpha_std(log_snr))
    return alpha * MEAN, alpha**2 * COVARIANCE + std**2 * np.eye(2)


def propagate(method, count, churn=None):
    """Mean and covariance of what a method makes of Gaussian data, without drawing numbers.

    Its steps are linear in x and noise, so x is carried as its coefficients: (2, K), of the
    constant, of the two numbers of x_T and of every number of noise drawn afterwards.
    """
    size = 3 + 2 * 3 * count
    drawn = iter(range(3, size))

    def noise():
        z = torch.zeros(2, size, dtype=torch.float64)
        z[0, next(drawn)] = z[1, next(drawn)] = 1
        return z

    def denoise(x, log_snr):
        alpha, std = (float(value) for value in alpha_std(log_snr))
        mean, covariance = marginal(log_snr)
        gain = torch.tensor(alpha * COVARIANCE @ np.linalg.inv(covariance))
        x0 = gain @ x
        x0[:, 0] += torch.tensor(MEAN) - gain @ torch.tensor(mean)
        return x0, (x - alpha * x0) / std

    mean, covariance = marginal(FIRST)
    x = torch.zeros(2, size, dtype=torch.float64)
    x[:, 0] = torch.tensor(mean)
    x[:, 1:3] = torch.tensor(np.linalg.cholesky(covariance))
    end = list(walk(denoise, x, levels(count), method, noise, churn=churn))[-1].x_t
    return end[:, 0].numpy(), (end[:, 1:] @ end[:, 1:].T).numpy()


def covariance_error(method, count):
    return np.abs(propagate(method, count)[1] - marginal(LAST)[1]).max()


def slope(error, coarse):
    """The order at which ``error`` falls, from ``coarse`` steps to four times as many."""
    return np.log2(error(coarse) / error(4 * coarse)) / 2


@pytest.mark.parametrize("name", [*DETERMINISTIC, *STOCHASTIC])
def test_gaussian_data_keep_their_mean_and_covariance(name):
    mean, covariance = propagate((DETERMINISTIC | STOCHASTIC)[name], 400)
    wanted_mean, wanted_covariance = marginal(LAST)
    np.testing.assert_allclose(mean, wanted_mean, atol=0.01)
    np.testing.assert_allclose(covariance, wanted_covariance, atol=0.01)


def test_the_propagation_of_moments_agrees_with_the_formula_of_one_ddim_step():
    """Along each eigenvector of the covariance, ddim multiplies by a known factor."""
    count = 5
    variances, directions = np.linalg.eigh(COVARIANCE)
    steps = [[float(v) for v in alpha_std(level)] for level in levels(count)]
    got = directions.T @ propagate(ddim, count)[1] @ directions
    for i, variance in enumerate(variances):
        alpha, std = steps[0]
        wanted = alpha**2 * variance + std**2
        for (alpha, std), (alpha_s, std_s) in pairwise(steps):
            gain = alpha * variance / (alpha**2 * variance + std**2)
            wanted *= (alpha_s * gain + std_s * (1 - alpha * gain) / std) ** 2
        assert got[i, i] == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("method", [euler, heun])
def test_churn_leaves_the_distribution_as_it_is(method):
    calm, churned = (propagate(method, 400, churn)[1] for churn in (None, Churn(10.0)))
    assert np.abs(calm - churned).max() > 1e-6
    np.testing.assert_allclose(churned, marginal(LAST)[1], atol=0.01)


@pytest.mark.parametrize("name", STOCHASTIC)
def test_stochastic_methods_are_of_weak_order_1(name):
    order = slope(partial(covariance_error, STOCHASTIC[name]), 100)
    assert 0.8 < order < 2.2
    if name != "dpmpp_2m_sde":  # which is better on Gaussian data
        assert order < 1.2


CENTRES = torch.tensor([[-0.8, 0.5], [0.1, -0.7], [0.9, 0.6]], dtype=torch.float64)
WEIGHTS = torch.tensor([0.5, 0.2, 0.3], dtype=torch.float64)
SPREAD = 0.4


def denoise_mixture(x, log_snr):
    """E[x0 | x_t] for a mixture of round Gaussians: x (N, 2)."""
    alpha, std = (float(value) for value in alpha_std(log_snr))
    variance = alpha**2 * SPREAD**2 + std**2
    offset = x[:, None] - alpha * CENTRES  # (N, 3, 2)
    share = torch.softmax(WEIGHTS.log() - offset.square().sum(-1) / (2 * variance), dim=1)
    x0 = (share[..., None] * (CENTRES + alpha * SPREAD**2 / variance * offset)).sum(1)
    return x0, (x - alpha * x0) / std


@pytest.fixture(scope="module")
def paths():
    x_t = torch.randn(64, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def end(method, count):
        return list(walk(denoise_mixture, x_t, levels(count), method, None))[-1].x_t

    reference = end(heun, 3000)

    def error(method, count):
        return float((end(method, count) - reference).square().mean().sqrt())

    return error


@pytest.mark.parametrize(
    ("name", "order"), [("ddim", 1), ("euler", 1), ("heun", 2), ("dpmpp_2m", 2)]
)
def test_paths_on_a_mixture_converge_at_the_order_of_the_method(paths, name, order):
    assert slope(partial(paths, DETERMINISTIC[name]), 64) == pytest.approx(order, abs=0.2)


def test_unipc_is_of_second_order_or_better_and_ahead_of_its_predictor(paths):
    assert slope(partial(paths, unipc), 64) > 1.8
    assert paths(unipc, 64) < paths(dpmpp_2m, 64)


def test_posterior_is_the_product_of_its_gaussians():
    """q(x_s | x_t, x0) ∝ q(x_t | x_s) q(x_s | x0), multiplied out on a fine grid."""
    now, then, x_t, x0 = -0.5, 1.0, 0.7, -0.3
    (alpha, std), (alpha_s, std_s) = alpha_std(now), alpha_std(then)
    ratio = alpha / alpha_s
    variance = std**2 - ratio**2 * std_s**2
    x_s = np.linspace(-6, 6, 200_001)
    log_p = -((x_t - ratio * x_s) ** 2) / variance - (x_s - alpha_s * x0) ** 2 / std_s**2
    p = np.exp(log_p / 2)
    p /= p.sum()
    mean = (p * x_s).sum()
    weight_x_t, weight_x0, posterior_variance = posterior(now, then)
    assert weight_x_t * x_t + weight_x0 * x0 == pytest.approx(mean, abs=1e-9)
    assert posterior_variance == pytest.approx((p * (x_s - mean) ** 2).sum(), abs=1e-9)


def test_renoise_gives_the_marginal_of_the_noisier_level():
    """Carried as coefficients of (x0, noise at s, fresh noise)."""
    (alpha_s, std_s), (alpha, std) = alpha_std(2.0), alpha_std(-1.0)
    x_s = torch.tensor([float(alpha_s), float(std_s), 0.0], dtype=torch.float64)
    x_t = renoise(x_s, 2.0, -1.0, torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64))
    assert float(x_t[0]) == pytest.approx(float(alpha), abs=1e-12)
    assert float(x_t[1:].norm()) == pytest.approx(float(std), abs=1e-12)
