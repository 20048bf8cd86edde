"""Whole walks against theory: exactly for Gaussian data, by order of convergence for mixtures."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import torch

from sprite_lab.core.config import ScheduleConfig
from sprite_lab.core.trajectories.levels import alpha_std, posterior
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.methods import (
    ddim,
    ddpm,
    dpmpp_2m,
    dpmpp_2m_sde,
    euler,
    heun,
    unipc,
)
from sprite_lab.diffusion.sampler import Churn, renoise, walk
from sprite_lab.diffusion.schedule import NoiseSchedule

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
    "ddim, eta 0.4": partial(ddim, eta=0.4),
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


NO_CHURN = Churn()


def carry(method, log_snrs, churn=NO_CHURN):
    """Apply a method to Gaussian data at every level, without drawing numbers.

    Its steps are linear in x and noise, so x is represented by its coefficients: (2, K), for the
    constant, the two numbers of x_T and every noise value drawn afterward.

    Yields b and A as one matrix (2, 3), and the covariance of the noise, of x = A x_T + b + noise.
    """
    size = 3 + 2 * 3 * len(log_snrs)
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
        return DenoiserOutput(x0, (x - alpha * x0) / std)

    x = torch.zeros(2, size, dtype=torch.float64)
    x[0, 1] = x[1, 2] = 1
    for point in walk(denoise, x, log_snrs, method, noise, churn=churn):
        coefficients = point.x_t.numpy()
        yield coefficients[:, :3], coefficients[:, 3:] @ coefficients[:, 3:].T


def propagate(method, count, churn=NO_CHURN):
    """Mean and covariance at the last of ``count`` levels."""
    mean, covariance = marginal(FIRST)
    affine, noise = list(carry(method, levels(count), churn))[-1]
    b, a = affine[:, 0], affine[:, 1:]
    return a @ mean + b, a @ covariance @ a.T + noise


def covariance_error(method, count):
    return np.abs(propagate(method, count)[1] - marginal(LAST)[1]).max()


@pytest.mark.parametrize("steps", [6, 12])
def test_from_the_noise_of_a_cosine_schedule_heun_does_not_leap_astray(steps):
    """With 12 steps its sprites once were wrong; with 6, its second x_t was 20 times too large."""
    schedule = NoiseSchedule(ScheduleConfig(name="cosine"))
    log_snrs = schedule.log_snr(schedule.levels(steps)).tolist()
    assert log_snrs[0] < -18

    def error(method):
        a = list(carry(method, log_snrs))[-1][0][:, 1:]
        covariance = a @ marginal(log_snrs[0])[1] @ a.T
        return np.abs(covariance - marginal(log_snrs[-1])[1]).max()

    assert error(heun) < error(ddim)


def slope(error, coarse):
    """The order at which ``error`` falls, from ``coarse`` steps to four times as many."""
    return np.log2(error(coarse) / error(4 * coarse)) / 2


@pytest.mark.parametrize("name", [*DETERMINISTIC, *STOCHASTIC])
def test_gaussian_data_keep_their_mean_and_covariance(name):
    mean, covariance = propagate((DETERMINISTIC | STOCHASTIC)[name], 400)
    wanted_mean, wanted_covariance = marginal(LAST)
    np.testing.assert_allclose(mean, wanted_mean, rtol=0, atol=1e-10)
    np.testing.assert_allclose(covariance, wanted_covariance, rtol=0, atol=0.01)


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


#: The papers' steps again, in numpy, for data N(MEAN, COVARIANCE). The state is a column of 1, x,
#: the last two predictions of x0, and the previous x, as corrected by UniPC; each of these is a row
#: that selects a part of the state, and so is everything computed from them.
ONE, X, OLD, OLDER, MADE = np.split(np.eye(9), [1, 3, 5, 7])


def sigma_of(log_snr):
    return np.exp(-log_snr / 2)


def alpha_of(log_snr):
    return (1 + np.exp(-log_snr)) ** -0.5


def expected_x0(x, log_snr):
    """E[x0 | x] of the Gaussian formed by x = alpha x0 + std epsilon and x0."""
    alpha = alpha_of(log_snr)
    precision = np.linalg.inv(COVARIANCE) + np.eye(2) / sigma_of(log_snr) ** 2
    seen = x / alpha / sigma_of(log_snr) ** 2
    return np.linalg.solve(precision, seen + np.linalg.solve(COVARIANCE, MEAN)[:, None] * ONE)


def ho_2020(log_snrs, x0, variance):
    """Algorithm 2, line 4: the new x and the variance of the noise added to it."""
    product, product_s = (alpha_of(log_snr) ** 2 for log_snr in log_snrs[-2:])
    beta = 1 - product / product_s
    epsilon = (X - product**0.5 * x0) / (1 - product) ** 0.5
    x = (X - beta / (1 - product) ** 0.5 * epsilon) / (1 - beta) ** 0.5
    return x, beta if variance == "beta" else (1 - product_s) / (1 - product) * beta


def song_2021(log_snrs, x0, eta):
    """Eq. 12 with the sigma of eq. 16."""
    product, product_s = (alpha_of(log_snr) ** 2 for log_snr in log_snrs[-2:])
    epsilon = (X - product**0.5 * x0) / (1 - product) ** 0.5
    variance = eta**2 * (1 - product_s) / (1 - product) * (1 - product / product_s)
    return product_s**0.5 * x0 + (1 - product_s - variance) ** 0.5 * epsilon, variance


def karras_2022(log_snrs, x0, order):
    """Algorithm 1, for unscaled pictures."""
    now, then = log_snrs[-2:]
    stride = sigma_of(then) - sigma_of(now)
    start = X / alpha_of(now)
    d = (start - x0) / sigma_of(now)
    end = start + stride * d
    if order == 2:
        d_there = (end - expected_x0(alpha_of(then) * end, then)) / sigma_of(then)
        end = start + stride * (d + d_there) / 2
    return alpha_of(then) * end, 0.0


def scales(log_snrs):
    """h = lambda_t - lambda_s, sigma_t / sigma_s and alpha_t of Lu et al. 2022."""
    now, then = log_snrs[-2:]
    alpha, alpha_t = alpha_of(now), alpha_of(then)
    h = np.log(sigma_of(now) / sigma_of(then))
    return h, alpha_t * sigma_of(then) / (alpha * sigma_of(now)), alpha_t


def lu_2022(log_snrs, x0):
    """DPM-Solver++, algorithm 2."""
    h, shrink, alpha_t = scales(log_snrs)
    d = x0
    if len(log_snrs) > 2:
        r = scales(log_snrs[:-1])[0] / h
        d = (1 + 1 / (2 * r)) * x0 - 1 / (2 * r) * OLD
    return shrink * X - alpha_t * (np.exp(-h) - 1) * d, 0.0


def lu_2022_sde(log_snrs, x0):
    """SDE-DPM-Solver++(2M)."""
    h, shrink, alpha_t = scales(log_snrs)
    grown = 1 - np.exp(-2 * h)
    x = shrink * np.exp(-h) * X + alpha_t * grown * x0
    if len(log_snrs) > 2:
        r = scales(log_snrs[:-1])[0] / h
        x = x + alpha_t * grown / 2 * (x0 - OLD) / r
    return x, (alpha_t * sigma_of(log_snrs[-1])) ** 2 * grown


def zhao_2023(log_snrs, x0):
    """UniPC-2 with data prediction: the new x, no noise, and the current x as UniC corrects it."""
    made = X
    if len(log_snrs) > 2:
        h, shrink, alpha = scales(log_snrs[:-1])
        b = 1 - np.exp(-h)
        made = shrink * MADE + alpha * b * OLD
        if len(log_snrs) == 3:
            made = made + alpha * b / 2 * (x0 - OLD)
        else:
            # The weights that make the step exact for x0 = u and x0 = u²: R a = g, where g are
            # integrals of exp(u - h) (u / h)^n over the step.
            nodes, weights = np.polynomial.legendre.leggauss(24)
            u = (nodes + 1) / 2
            kernel = weights / 2 * h * np.exp(h * (u - 1))
            r = -scales(log_snrs[:-2])[0] / h
            a = np.linalg.solve([[1, 1], [r, 1]], [kernel @ u / b, kernel @ u**2 / b])
            made = made + alpha * b * (a[0] * (OLDER - OLD) / r + a[1] * (x0 - OLD))
    h, shrink, alpha_t = scales(log_snrs)
    b = 1 - np.exp(-h)
    x = shrink * made + alpha_t * b * x0
    if len(log_snrs) > 2:
        r = -scales(log_snrs[:-1])[0] / h
        x = x + alpha_t * b / 2 * (OLD - x0) / r
    return x, 0.0, made


def recursion(formula, log_snrs, churn=None):
    """Like ``carry``, by a paper's formula."""
    state, spread = np.eye(9), np.zeros((9, 9))
    for i, log_snr in enumerate(log_snrs):
        sigma = sigma_of(log_snr)
        if churn is not None and churn.sigma_min <= sigma <= churn.sigma_max:
            raised = sigma * (1 + min(churn.amount / len(log_snrs), 2**0.5 - 1))
            added = churn.noise_scale**2 * (raised**2 - sigma**2)
            alpha, log_snr = alpha_of(log_snr), -2 * np.log(raised)
            scale = np.diag([1, *[alpha_of(log_snr) / alpha] * 2, *[1] * 6])
            state, spread = scale @ state, scale @ spread @ scale
            spread = spread + alpha_of(log_snr) ** 2 * added * X.T @ X
        yield (X @ state)[:, :3], X @ spread @ X.T
        if i + 1 < len(log_snrs):
            x0 = expected_x0(X, log_snr)
            x, variance, made = (*formula([*log_snrs[:i], log_snr, log_snrs[i + 1]], x0), X)[:3]
            step = np.concatenate([ONE, x, x0, OLD, made])
            state, spread = step @ state, step @ spread @ step.T + variance * X.T @ X


#: Six steps of different sizes.
UNEVEN = [FIRST, -5.5, -4.0, -1.0, 0.3, 2.5, LAST]

PAPERS = {
    "ddpm": partial(ho_2020, variance="posterior"),
    "ddpm, beta": partial(ho_2020, variance="beta"),
    "ddim": partial(song_2021, eta=0.0),
    "ddim, eta 0.4": partial(song_2021, eta=0.4),
    "ddim, eta 1": partial(song_2021, eta=1.0),
    "euler": partial(karras_2022, order=1),
    "heun": partial(karras_2022, order=2),
    "dpmpp_2m": lu_2022,
    "dpmpp_2m_sde": lu_2022_sde,
    "unipc": zhao_2023,
}


def assert_same_steps(got, wanted):
    for (affine, noise), (wanted_affine, wanted_noise) in zip(got, wanted, strict=True):
        np.testing.assert_allclose(affine, wanted_affine, rtol=0, atol=1e-10)
        np.testing.assert_allclose(noise, wanted_noise, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", [*DETERMINISTIC, *STOCHASTIC])
def test_every_step_is_affine_and_as_noisy_as_its_paper_says(name):
    method = (DETERMINISTIC | STOCHASTIC)[name]
    wanted = list(recursion(PAPERS[name], UNEVEN))
    assert_same_steps(carry(method, UNEVEN), wanted)
    assert (wanted[-1][1].trace() > 1e-6) == (name in STOCHASTIC)


@pytest.mark.parametrize("name", ["euler", "heun"])
def test_churned_steps_are_those_of_algorithm_2(name):
    churn = Churn(amount=2.0, sigma_min=0.1, sigma_max=10.0, noise_scale=1.007)
    wanted = list(recursion(PAPERS[name], UNEVEN, churn))
    assert_same_steps(carry(DETERMINISTIC[name], UNEVEN, churn), wanted)
    assert [noise.trace() > 0 for _, noise in wanted] == [False] * 2 + [True] * 5


@pytest.mark.parametrize("name", [*DETERMINISTIC, *STOCHASTIC])
def test_few_steps_have_the_mean_and_covariance_of_the_paper(name):
    """These differ from those of the data, so few steps suffice to tell methods apart."""
    count = 7
    mean, covariance = marginal(FIRST)
    affine, noise = list(recursion(PAPERS[name], levels(count)))[-1]
    b, a = affine[:, 0], affine[:, 1:]
    mean, covariance = a @ mean + b, a @ covariance @ a.T + noise
    got_mean, got_covariance = propagate((DETERMINISTIC | STOCHASTIC)[name], count)
    np.testing.assert_allclose(got_mean, mean, rtol=0, atol=1e-10)
    np.testing.assert_allclose(got_covariance, covariance, rtol=0, atol=1e-10)
    assert np.abs(covariance - marginal(LAST)[1]).max() > 3e-3


@pytest.mark.parametrize("method", [euler, heun])
def test_churn_leaves_the_distribution_as_it_is(method):
    calm, churned = (propagate(method, 400, churn)[1] for churn in (Churn(), Churn(10.0)))
    assert np.abs(calm - churned).max() > 1e-6
    np.testing.assert_allclose(churned, marginal(LAST)[1], atol=0.01)


@pytest.mark.parametrize("name", STOCHASTIC)
def test_stochastic_methods_are_of_weak_order_1(name):
    order = slope(partial(covariance_error, STOCHASTIC[name]), 100)
    assert 0.8 < order < 2.2
    if name != "dpmpp_2m_sde":  # dpmpp_2m_sde is better on Gaussian data
        assert order < 1.2


CENTERS = torch.tensor([[-0.8, 0.5], [0.1, -0.7], [0.9, 0.6]], dtype=torch.float64)
WEIGHTS = torch.tensor([0.5, 0.2, 0.3], dtype=torch.float64)
SPREAD = 0.4


def denoise_mixture(x, log_snr):
    """E[x0 | x_t] for a mixture of round Gaussians: x (N, 2)."""
    alpha, std = (float(value) for value in alpha_std(log_snr))
    variance = alpha**2 * SPREAD**2 + std**2
    offset = x[:, None] - alpha * CENTERS  # (N, 3, 2)
    share = torch.softmax(WEIGHTS.log() - offset.square().sum(-1) / (2 * variance), dim=1)
    x0 = (share[..., None] * (CENTERS + alpha * SPREAD**2 / variance * offset)).sum(1)
    return DenoiserOutput(x0, (x - alpha * x0) / std)


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
    """Represented by coefficients of (x0, noise at s, fresh noise)."""
    (alpha_s, std_s), (alpha, std) = alpha_std(2.0), alpha_std(-1.0)
    x_s = torch.tensor([float(alpha_s), float(std_s), 0.0], dtype=torch.float64)
    x_t = renoise(x_s, 2.0, -1.0, torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64))
    assert float(x_t[0]) == pytest.approx(float(alpha), abs=1e-12)
    assert float(x_t[1:].norm()) == pytest.approx(float(std), abs=1e-12)
