"""The terms of the variational bound against explicit normal distributions, and their sum on data
with a known density.
"""

from __future__ import annotations

import math
import re

import mpmath
import numpy as np
import pytest
import scipy
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.config import ScheduleConfig, ScheduleName
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.likelihood import (
    ROUND_LOG_SNR,
    Denoise,
    bound_term,
    discretized_gaussian_log_prob,
    prior_term,
    sharpened,
)
from sprite_lab.diffusion.parameterization import epsilon_from_x0, level
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.paths import resource

SHAPE = (1, 2, 2)
DIMS = math.prod(SHAPE)
FIRST, LAST = 13.0, -8.76


def always(x0_hat: Tensor) -> Denoise:
    """A denoiser with a constant prediction."""

    def denoise(x_t: Tensor, log_snr: Tensor, context: Tensor) -> DenoiserOutput:
        alpha, std = level(log_snr)
        return DenoiserOutput(x0_hat, epsilon_from_x0(x_t, x0_hat, alpha, std))

    return denoise


@pytest.mark.parametrize(("name", "bits"), [("linear", 1.2), ("cosine", 1.2), ("karras", 0.01)])
def test_a_perfect_network_pays_in_l_0_what_its_help_says(name: ScheduleName, bits: float) -> None:
    """Bits once were compared between schedules, whose ends alone can double them."""
    images = np.load(resource("builtin.npz"))["images"][::7]
    x0 = torch.from_numpy(images).permute(0, 3, 1, 2) / 127.5 - 1
    generator = torch.Generator().manual_seed(0)
    epsilon = torch.randn(x0.shape, generator=generator)
    first = torch.full((len(x0),), NoiseSchedule(ScheduleConfig(name)).trained_range[1])
    term = bound_term(always(x0), x0, epsilon, x0[:, :0], first, torch.full_like(first, math.inf))
    assert f"{term.mean().item() / math.log(2):.2g}" == f"{bits:.2g}"
    words = resource("help", "views", "bits-by-t.md").read_text("utf-8")
    assert re.search(rf"{bits}( bits/dim)? with[ \w]* {name}", words, re.IGNORECASE)


def pictures(count: int, seed: int) -> Tensor:
    """float64 (count, *SHAPE) in [-1, 1]."""
    return torch.from_numpy(np.random.default_rng(seed).uniform(-1, 1, (count, *SHAPE)))


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


# One term


@pytest.mark.parametrize("log_snr", [-9.0, -2.0, 3.0])
def test_the_prior_term_is_the_divergence_of_two_normal_distributions(log_snr: float) -> None:
    x0, mean = pictures(5, 0), pictures(1, 1)[0]
    got = prior_term(x0, mean, torch.full((5,), log_snr, dtype=torch.float64)).numpy()
    share = scipy.special.expit(log_snr)
    q, p = (math.sqrt(share) * value.numpy() for value in (x0, mean))
    q_std = p_std = math.sqrt(1 - share)
    wanted = np.log(p_std / q_std) + (q_std**2 + (q - p) ** 2) / (2 * p_std**2) - 0.5
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("dtype", "rtol"), [(torch.float64, 1e-7), (torch.float32, 1e-3)])
@pytest.mark.parametrize("name", ["linear", "cosine", "karras"])
def test_a_term_is_the_divergence_of_two_posteriors(
    name: str, dtype: torch.dtype, rtol: float
) -> None:
    """Ho et al. 2020, eq. 7, from betas and alphas_cumprod, at every t of a schedule."""
    schedule = NoiseSchedule(ScheduleConfig(name=name, timesteps=200))
    t = np.arange(2, 201)
    x0 = pictures(len(t), 0)
    # rounding changes nothing here
    x0_hat = torch.round((pictures(len(t), 1) + 1) * 127.5) / 127.5 - 1
    seen: list[Tensor] = []

    def denoise(x_t: Tensor, log_snr: Tensor, context: Tensor) -> DenoiserOutput:
        seen.append(x_t)
        return always(x0_hat.to(x_t))(x_t, log_snr, context)

    epsilon = torch.from_numpy(np.random.default_rng(2).standard_normal(x0.shape))
    now, then = (torch.from_numpy(schedule.log_snr(at)).to(dtype) for at in (t, t - 1))
    context = torch.zeros(len(t), 0)
    got = bound_term(denoise, x0.to(dtype), epsilon.to(dtype), context, now, then)

    beta, kept, before = (
        values[:, None, None, None]
        for values in (
            schedule.betas[t - 1],
            schedule.alphas_cumprod[t - 1],
            schedule.alphas_cumprod[t - 2],
        )
    )
    x_t = seen[0].double().numpy()
    marginal = np.sqrt(kept) * x0.numpy() + np.sqrt(1 - kept) * epsilon.numpy()
    np.testing.assert_allclose(x_t, marginal, atol=1e-5)
    means = [
        np.sqrt(before) * beta / (1 - kept) * clean.numpy()
        + np.sqrt(1 - beta) * (1 - before) / (1 - kept) * x_t
        for clean in (x0, x0_hat)
    ]
    variance = (1 - before) / (1 - kept) * beta
    wanted = (means[0] - means[1]) ** 2 / (2 * variance)
    # where the means hardly differ, relative to the average
    floor = rtol * wanted.mean(axis=(1, 2, 3), keepdims=True)
    assert (np.abs(got.double().numpy() - wanted) <= rtol * wanted + floor).all()


def test_what_is_predicted_is_clipped_for_8_bits_and_not_for_continuous_data() -> None:
    x0, epsilon, context = pictures(4, 0).float(), pictures(4, 1).float(), torch.zeros(4, 0)
    wild = torch.tensor([-3.0, -0.5, 0.5, 2.0]).view(SHAPE).expand(4, *SHAPE)

    def term(x0_hat: Tensor, last: bool, levels: int | None) -> Tensor:
        now = torch.full((4,), 1.0)
        then = torch.full((4,), math.inf if last else 1.5)
        return bound_term(always(x0_hat), x0, epsilon, context, now, then, levels)

    for last in (False, True):
        assert torch.equal(term(wild, last, 256), term(wild.clamp(-1, 1), last, 256))
        assert (term(wild, last, None) != term(wild.clamp(-1, 1), last, None))[:, 0, 0, 0].all()
    half_gain = 0.5 * (math.exp(1.5) - math.exp(1.0))
    torch.testing.assert_close(term(wild, False, None), half_gain * (wild - x0) ** 2)


@pytest.mark.parametrize("levels", [256, 4, None])
def test_at_t_1_the_term_is_what_x0_costs_under_a_normal_distribution(levels: int | None) -> None:
    """Also among rows with other t: each row is computed by its own level."""
    rng = np.random.default_rng(0)
    x0 = torch.from_numpy(2 * rng.integers(0, levels or 256, (4, *SHAPE)) / ((levels or 256) - 1))
    x0 = (x0 - 1).float()
    x0_hat = (x0 + 0.1 * torch.from_numpy(rng.standard_normal(x0.shape))).float().clamp(-1, 1)
    now = torch.tensor([3.0, 4.0, 5.0, 6.0])
    then = torch.tensor([math.inf, 4.5, math.inf, 6.5])
    got = bound_term(
        always(x0_hat), x0, torch.randn(x0.shape), torch.zeros(4, 0), now, then, levels
    ).numpy()
    x, mean = x0.double().numpy(), x0_hat.double().numpy()
    std = np.exp(-0.5 * now.double().numpy())[:, None, None, None]
    if levels:
        half = 1 / (levels - 1)
        upper = np.where(x > 1 - half, 1.0, scipy.stats.norm.cdf(x + half, mean, std))
        lower = np.where(x < -1 + half, 0.0, scipy.stats.norm.cdf(x - half, mean, std))
        wanted = -np.log(upper - lower)
    else:
        wanted = -scipy.stats.norm.logpdf(x, mean, std)
    np.testing.assert_allclose(got[[0, 2]], wanted[[0, 2]], rtol=1e-4, atol=1e-5)
    gain = np.exp(then.double().numpy()) - np.exp(now.double().numpy())
    others = 0.5 * gain[[1, 3], None, None, None] * (x - mean)[[1, 3]] ** 2
    np.testing.assert_allclose(got[[1, 3]], others, rtol=1e-4)


# The discretized normal distribution


def masses(mean: float, std: float, levels: int = 256) -> NDArray[np.float64]:
    """The logarithms of all masses."""
    x = torch.linspace(-1, 1, levels, dtype=torch.float64)
    mean_, std_ = (torch.tensor(value, dtype=torch.float64) for value in (mean, std))
    return discretized_gaussian_log_prob(x, mean_, std_, levels).numpy()


@pytest.mark.parametrize("levels", [2, 16, 256])
@pytest.mark.parametrize("std", [1e-9, 1e-3, 0.05, 1.0, 300.0, 1e6])
@pytest.mark.parametrize("mean", [-40.0, -1.3, -1.0, -0.4321, 0.0, 1.0, 1.001, 7.0])
def test_masses_sum_to_one(mean: float, std: float, levels: int) -> None:
    log_p = masses(mean, std, levels)
    assert not np.isnan(log_p).any()
    assert (log_p <= 0).all()
    # Neighbors agree on the edge between them up to rounding, which is 1e-16 of 1.
    assert np.exp(log_p).sum() == pytest.approx(1, abs=max(1e-9, 1e-16 / std))


@pytest.mark.parametrize("std", [0.01, 0.1, 1.0, 5.0])
@pytest.mark.parametrize("mean", [-1.1, -0.4321, 0.0, 0.9])
def test_masses_agree_with_scipy(mean: float, std: float) -> None:
    edges = np.linspace(-1, 1, 256)[:-1] + 1 / 255
    normal = scipy.stats.norm(mean, std)
    below, above = normal.cdf(edges), normal.sf(edges)
    # Computed from the smaller tail, where float64 resolves the difference.
    between = np.where(edges[1:] < mean, below[1:] - below[:-1], above[:-1] - above[1:])
    got, likely = masses(mean, std), between > 1e-290
    np.testing.assert_allclose(got[1:-1][likely], np.log(between[likely]), rtol=1e-9)
    ends = [normal.logcdf(edges[0]), normal.logsf(edges[-1])]
    np.testing.assert_allclose(got[[0, -1]], ends, rtol=1e-9)


@pytest.mark.parametrize(
    ("mean", "std"), [(0.3, 0.0015), (5.0, 0.0015), (-1.02, 0.02), (0.0, 1e-5), (0.1, 1e4)]
)
def test_masses_far_out_agree_with_many_digits(mean: float, std: float) -> None:
    """Where a mass is 0 in float64, its logarithm is still exact."""
    got = masses(mean, std)
    x = np.linspace(-1, 1, 256)
    with mpmath.workdps(60):
        root = mpmath.sqrt(2) * mpmath.mpf(std)
        half = mpmath.mpf(1) / 255

        def above(edge: mpmath.mpf) -> mpmath.mpf:
            return mpmath.erfc(abs(edge - mpmath.mpf(mean)) / root) / 2

        for i in (0, 1, 40, 127, 128, 200, 254, 255):
            low, high = mpmath.mpf(x[i]) - half, mpmath.mpf(x[i]) + half
            if i == 0:
                mass = above(high) if high < mean else 1 - above(high)
            elif i == 255:
                mass = above(low) if low > mean else 1 - above(low)
            elif low < mean < high:
                mass = 1 - above(low) - above(high)
            else:
                mass = abs(above(low) - above(high))
            assert got[i] == pytest.approx(float(mpmath.log(mass)), rel=1e-6, abs=1e-12)


def test_masses_of_float32_values_are_computed_in_float64() -> None:
    x = torch.linspace(-1, 1, 256)
    got = discretized_gaussian_log_prob(x, torch.tensor(0.25), torch.tensor(0.5))
    assert got.dtype == torch.float64
    np.testing.assert_allclose(got.numpy(), masses(0.25, 0.5), rtol=1e-4)
    assert float(got.exp().sum()) == pytest.approx(1, abs=1e-6)


# The sum of all terms, on continuous data


def bound(
    denoise: Denoise, x0: Tensor, epsilon: Tensor, mean: Tensor, log_snr: NDArray
) -> NDArray[np.float64]:
    """The bound of each picture in nats, (N,), over all t; ``epsilon`` (T, N, *SHAPE)."""
    table = torch.tensor([math.inf, *log_snr], dtype=torch.float32)
    count = len(x0)
    last = torch.full((count,), float(log_snr[-1]))
    total = prior_term(x0, mean, last).double().sum(dim=(1, 2, 3))
    for part in torch.split(torch.arange(1, len(table)), 200):
        t = part.repeat_interleave(count)
        rows = x0.repeat(len(part), 1, 1, 1)
        noise = epsilon[part - 1].flatten(0, 1)
        context = torch.zeros(len(t), 0)
        term = bound_term(denoise, rows, noise, context, table[t], table[t - 1], None)
        total += term.double().sum(dim=(1, 2, 3)).view(len(part), count).sum(dim=0)
    return total.numpy()


MEAN, SPREAD = 0.2, 0.4


def denoise_gaussian(x_t: Tensor, log_snr: Tensor, context: Tensor) -> DenoiserOutput:
    """E[x_0 | x_t] of independent values, normal around MEAN."""
    alpha, std = level(log_snr)
    gain = alpha * SPREAD**2 / (alpha**2 * SPREAD**2 + std**2)
    x0 = MEAN + gain * (x_t - alpha * MEAN)
    return DenoiserOutput(x0, epsilon_from_x0(x_t, x0, alpha, std))


def expected_gaussian_bound(timesteps: int) -> float:
    """The mean over x0 and all noise, without drawing any.

    Every term is the square of a linear function of x0 and noise, and the mean of such a square is
    the same for random signs as for normal numbers.
    """
    signs = torch.tensor([[1, 1], [1, -1], [-1, 1], [-1, -1]]).float()
    x0 = (MEAN + SPREAD * signs[:, :1, None, None]).contiguous()
    epsilon = signs[:, 1:, None, None].expand(timesteps, 4, 1, 1, 1)
    log_snr = np.linspace(FIRST, LAST, timesteps)
    mean = torch.full((1, 1, 1), MEAN)
    return float(bound(denoise_gaussian, x0, epsilon, mean, log_snr).mean())


def gaussian_bound(timesteps: int, spread: float) -> float:
    """The same in closed form, in nats per value."""
    snr = np.exp(np.linspace(FIRST, LAST, timesteps))
    error = spread**2 / (1 + snr * spread**2)  # of the best prediction, at each t
    terms = 0.5 * (snr[:-1] - snr[1:]) * error[1:]
    decoder = 0.5 * math.log(2 * math.pi / snr[0]) + 0.5 * snr[0] * error[0]
    return float(0.5 * snr[-1] * spread**2 + terms.sum() + decoder)


def test_the_bound_on_gaussian_data_is_its_closed_form_and_near_the_entropy() -> None:
    entropy = float(scipy.stats.norm(MEAN, SPREAD).entropy())
    for timesteps in (50, 500, 20_000):
        got = expected_gaussian_bound(timesteps)
        assert got == pytest.approx(gaussian_bound(timesteps, SPREAD), abs=1e-3)
        assert got > entropy - 1e-3
    assert (got - entropy) / math.log(2) < 0.005


def test_the_bound_falls_as_levels_are_added_in_between() -> None:
    coarse, fine, finest = (expected_gaussian_bound(timesteps) for timesteps in (21, 41, 81))
    assert coarse > fine > finest


WEIGHTS = torch.tensor([0.5, 0.2, 0.3])
CENTERS = torch.randn(3, DIMS, generator=torch.Generator().manual_seed(0)) * 0.5
NARROW = 0.3


def denoise_mixture(x_t: Tensor, log_snr: Tensor, context: Tensor) -> DenoiserOutput:
    """E[x_0 | x_t] for a mixture of round Gaussians."""
    alpha, std = level(log_snr)
    a, variance = alpha.flatten(1), (alpha**2 * NARROW**2 + std**2).flatten(1)
    apart = x_t.flatten(1)[:, None] - a[..., None] * CENTERS  # (N, 3, DIMS)
    share = torch.softmax(WEIGHTS.log() - apart.square().sum(-1) / (2 * variance), dim=1)
    pulled = CENTERS + (a * NARROW**2 / variance)[..., None] * apart
    x0 = (share[..., None] * pulled).sum(1).view(x_t.shape)
    return DenoiserOutput(x0, epsilon_from_x0(x_t, x0, alpha, std))


def test_the_bound_on_a_mixture_is_not_below_its_log_density() -> None:
    count, timesteps = 400, 1000
    rng = np.random.default_rng(0)
    centers, weights = CENTERS.double().numpy(), WEIGHTS.double().numpy()
    kinds = rng.choice(3, count, p=weights / weights.sum())
    x = centers[kinds] + NARROW * rng.standard_normal((count, DIMS))
    density = sum(
        weight * scipy.stats.multivariate_normal(center, NARROW**2).pdf(x)
        for weight, center in zip(weights, centers, strict=True)
    )
    epsilon = torch.from_numpy(rng.standard_normal((timesteps, count, *SHAPE), np.float32))
    x0, mean = torch.from_numpy(x).float().view(-1, *SHAPE), (WEIGHTS @ CENTERS).view(SHAPE)
    got = bound(denoise_mixture, x0, epsilon, mean, np.linspace(FIRST, LAST, timesteps))
    # Subtract the contribution of the noise's length, whose mean is 0: it causes most of the
    # randomness.
    snr = np.exp(np.linspace(FIRST, LAST, timesteps))
    step = np.concatenate([[snr[0]], snr[:-1] - snr[1:]])
    share = 0.5 * step * snr * (NARROW**2 / (1 + snr * NARROW**2)) ** 2
    got -= share @ (epsilon.double().square() - 1).sum(dim=(2, 3, 4)).numpy()
    above = (got + np.log(density)) / DIMS / math.log(2)
    stderr = above.std(ddof=1) / math.sqrt(count)
    assert above.mean() > -3 * stderr
    assert stderr < 0.005
    # Once it is obvious which center a picture belongs to, which is soon, the data are Gaussian.
    wanted = gaussian_bound(timesteps, NARROW) - scipy.stats.norm(0, NARROW).entropy()
    assert above.mean() == pytest.approx(wanted / math.log(2), abs=0.005 + 3 * stderr)


# Predictions that are sharpened

#: t = 1, ..., 4: two levels where predictions are rounded, one where they are not, one very noisy.
STEEP = np.array([11.0, 9.8, 6.0, 2.0])
VALUES = np.linspace(-1, 1, 256)


def off(x_t: Tensor, log_snr: Tensor, context: Tensor) -> DenoiserOutput:
    """A poor denoiser: it distorts x_t, and is off by a seventh."""
    x0 = 0.85 * x_t + 0.1 * torch.sin(9 * x_t)
    return DenoiserOutput(x0, epsilon_from_x0(x_t, x0, *level(log_snr)))


def chain_probability(denoise: Denoise) -> NDArray[np.float64]:
    """p(x_0) of all 256 values of one pixel, (256,): the reverse process integrated on a grid."""
    kept = scipy.special.expit(STEEP)
    grid = np.linspace(-1.06, 1.06, 4001)
    far = np.linspace(-2.5, 2.5, 801)  # for the noisy levels

    def predicted(x: NDArray, log_snr: float) -> NDArray:
        seen = torch.from_numpy(x).float().view(-1, 1, 1, 1)
        levels = torch.full((len(x),), log_snr)
        found = denoise(seen, levels, torch.zeros(len(x), 0)).x0
        return sharpened(found, levels, 256).double().numpy().ravel()

    # p(x_4), whose mean is 0
    mass = scipy.stats.norm.pdf(far, 0.0, math.sqrt(1 - kept[3])) * (far[1] - far[0])
    points = far
    for t in (3, 2, 1):
        share = math.exp(STEEP[t] - STEEP[t - 1])
        std = math.sqrt((1 - kept[t - 1]) * (1 - share))
        mean = math.sqrt(kept[t - 1] / kept[t]) * share * points
        mean += math.sqrt(kept[t - 1]) * (1 - share) * predicted(points, STEEP[t])
        mass = mass @ scipy.stats.norm.pdf(grid, mean[:, None], std) * (grid[1] - grid[0])
        points = grid
    normal = scipy.stats.norm(predicted(points, STEEP[0])[:, None], math.exp(-STEEP[0] / 2))
    edges = np.concatenate([[-np.inf], (VALUES[1:] + VALUES[:-1]) / 2, [np.inf]])
    return mass @ np.diff(normal.cdf(edges), axis=1)


def test_the_bound_of_sharpened_predictions_is_none_on_too_much_probability() -> None:
    """One pixel, enumerated: the model's own probabilities sum to one, and the bound of each of the
    256 values is not below its -log p.
    """
    probability = chain_probability(off)
    assert probability.sum() == pytest.approx(1.0, abs=1e-4)
    node, weight = np.polynomial.hermite_e.hermegauss(201)  # the mean over epsilon
    weight = weight / weight.sum()
    x0 = torch.from_numpy(VALUES).float().repeat_interleave(len(node)).view(-1, 1, 1, 1)
    epsilon = torch.from_numpy(np.tile(node, len(VALUES))).float().view(-1, 1, 1, 1)
    ones = torch.ones(len(x0))
    bound = prior_term(x0, torch.zeros(1, 1, 1), ones * STEEP[3]).numpy().ravel()
    for now, then in zip(STEEP, [np.inf, *STEEP[:-1]], strict=True):
        term = bound_term(off, x0, epsilon, torch.zeros(len(x0), 0), ones * now, ones * then)
        bound = bound + term.double().numpy().ravel()
    bound = bound.reshape(len(VALUES), -1) @ weight
    some = probability > 1e-12  # as far as the grid is accurate
    assert some.sum() > 200
    assert (bound >= -np.log(np.where(some, probability, 1.0)) - 1e-3)[some].all()
    assert np.exp(-bound).sum() < 1.0


def test_rounding_takes_the_error_of_a_good_prediction_away() -> None:
    x0 = torch.from_numpy(VALUES).float().view(-1, 1, 1, 1)
    near = x0 + 0.3 / 255
    for log_snr in (ROUND_LOG_SNR - 0.1, ROUND_LOG_SNR):
        found = sharpened(near, torch.full((256,), log_snr), 256)
        exact = torch.allclose(found, x0, atol=1e-6)
        assert exact == (log_snr >= ROUND_LOG_SNR)


def test_where_alpha_is_all_but_decided_it_is_decided() -> None:
    x0_hat = torch.tensor([[0.2, 0.3, 0.4, alpha] for alpha in (-0.95, 0.95, -0.8, 0.8)])
    x0_hat = x0_hat[:, :, None, None]
    found = sharpened(x0_hat, torch.full((4,), 3.0), 256)[:, :, 0, 0]
    assert found[0].tolist() == [1.0, 1.0, 1.0, -1.0]  # sprites lie on white
    torch.testing.assert_close(found[1], torch.tensor([0.2, 0.3, 0.4, 1.0]))
    assert torch.equal(found[2:], x0_hat[2:, :, 0, 0])
    for log_snr in (1.0, 9.0):  # too early to decide; and a faint shadow
        assert torch.equal(sharpened(x0_hat, torch.full((4,), log_snr), 256), x0_hat)
    x0_hat[:, 3] *= 0.85 / 0.95  # 0.85 is not nearly opaque, whatever the noise
    assert torch.equal(sharpened(x0_hat, torch.full((4,), 2.0), 256), x0_hat)


def test_a_faint_shadow_costs_no_more_for_it() -> None:
    """A true alpha of 10 of 255 does not count as none, and the bound is as without sharpening."""
    x0 = torch.full((1, 4, 1, 1), 10 / 127.5 - 1.0)
    x0[:, :3] = 249 / 127.5 - 1.0
    for log_snr in np.arange(2.0, 13.0, 0.25):
        lost = (sharpened(x0, torch.tensor([log_snr]), 256) - x0).square().sum()
        assert 0.5 * math.exp(log_snr) * float(lost) < 0.5  # nats per unit of log-SNR
