"""The probability-flow ODE against densities in closed form: Gaussian data and mixtures."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
import scipy
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.parameterization import epsilon_from_x0, level
from sprite_lab.diffusion.probability_flow import Flow, flow_iter, prior_log_density

SHAPE = (1, 2, 2)
DIMS = math.prod(SHAPE)
FIRST, LAST = 12.0, -9.0
NATS_PER_BIT_A_DIM = DIMS * math.log(2)


class Mixture:
    """A mixture of Gaussians: its draws, its density and its analytic denoiser."""

    def __init__(self, weights: NDArray, centers: NDArray, covariances: NDArray) -> None:
        self.weights, self.centers, self.covariances = weights, centers, covariances
        self.mean = torch.tensor(weights @ centers).float().view(SHAPE)
        self._log_weights, self._centers, self._variances, self._axes = (
            torch.tensor(part).float()
            for part in (np.log(weights), centers, *np.linalg.eigh(covariances))
        )

    def draw(self, count: int, seed: int = 0) -> NDArray[np.float64]:
        """float64 (count, DIMS)."""
        rng = np.random.default_rng(seed)
        kinds = rng.choice(len(self.weights), count, p=self.weights)
        roots = np.linalg.cholesky(self.covariances)[kinds]
        noise = rng.standard_normal((count, DIMS, 1))
        return self.centers[kinds] + (roots @ noise)[..., 0]

    def log_density(self, x: NDArray) -> NDArray[np.float64]:
        """(N,) in nats."""
        densities = [
            weight * scipy.stats.multivariate_normal(center, covariance).pdf(x)
            for weight, center, covariance in zip(
                self.weights, self.centers, self.covariances, strict=True
            )
        ]
        return np.log(np.sum(densities, axis=0))

    def __call__(self, x_t: Tensor, log_snr: Tensor, context: Tensor) -> DenoiserOutput:
        alpha, std = level(log_snr)
        a, s = alpha.flatten(1), std.flatten(1)
        centers = self._centers
        # (K, N, DIMS), along the axes of each covariance.
        apart = (x_t.flatten(1) - a * centers[:, None]) @ self._axes
        variance = a**2 * self._variances[:, None] + s**2
        log_share = -0.5 * (apart**2 / variance + variance.log()).sum(-1)
        share = torch.softmax(self._log_weights[:, None] + log_share, dim=0)
        pulled = a * self._variances[:, None] / variance * apart @ self._axes.mT
        x0 = (share[..., None] * (centers[:, None] + pulled)).sum(0).view(x_t.shape)
        return DenoiserOutput(x0, epsilon_from_x0(x_t, x0, alpha, std))


def covariance(seed: int, size: float) -> NDArray[np.float64]:
    a = np.random.default_rng(seed).standard_normal((DIMS, 2 * DIMS))
    return size * a @ a.T / (2 * DIMS)


GAUSSIAN = Mixture(
    np.ones(1), np.array([[0.3, -0.5, 0.1, 0.6]]), covariance(0, 0.2)[None] + 0.01 * np.eye(DIMS)
)
MIXTURE = Mixture(
    np.array([0.5, 0.2, 0.3]),
    np.random.default_rng(1).normal(0, 0.5, (3, DIMS)),
    np.stack([covariance(seed, 0.1) + 0.02 * np.eye(DIMS) for seed in (2, 3, 4)]),
)
DATA = pytest.mark.parametrize("data", [GAUSSIAN, MIXTURE], ids=["gaussian", "mixture"])


def follow(
    data: Mixture, x0: NDArray, steps: int, seed: int | None = None, probes: int = 2
) -> Flow:
    """The result of the ODE; ``seed``: for Hutchinson's signs, None = the exact divergence."""
    start = float(level(torch.tensor([FIRST]))[0])
    x = start * torch.from_numpy(x0).float().view(-1, *SHAPE)
    generators = None
    if seed is not None:
        generators = [torch.Generator().manual_seed(1000 * seed + i) for i in range(len(x))]
    levels = np.linspace(FIRST, LAST, steps + 1).tolist()
    *_, flow = flow_iter(data, x, torch.zeros(len(x), 0), levels, generators, probes)
    return flow


def log_likelihood(data: Mixture, flow: Flow) -> NDArray[np.float64]:
    """log p(x_0), (N,): x_1 is a scaled x_0, as FIRST has practically no noise."""
    start = 0.5 * math.log(torch.sigmoid(torch.tensor(FIRST, dtype=torch.float64)))
    by_value = prior_log_density(flow.x, data.mean, LAST) + flow.log_det
    return by_value.double().sum(dim=(1, 2, 3)).numpy() + DIMS * start


@cache
def estimated(data: Mixture) -> tuple[NDArray[np.float64], Flow]:
    """1,000 pictures, and the ODE with Hutchinson's estimate."""
    x0 = data.draw(1000, seed=5)
    return x0, follow(data, x0, 200, seed=6)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@DATA
def test_the_likelihood_of_each_picture_is_the_closed_form(data: Mixture) -> None:
    x0 = data.draw(200)
    flow = follow(data, x0, 150)
    error = log_likelihood(data, flow) - data.log_density(x0)
    assert np.abs(error / NATS_PER_BIT_A_DIM).max() < 0.005
    alone = follow(data, x0[:1], 150)
    torch.testing.assert_close(alone.log_det, flow.log_det[:1], rtol=0, atol=1e-4)


@DATA
def test_hutchinsons_estimate_is_the_closed_form_within_its_standard_error(data: Mixture) -> None:
    x0, flow = estimated(data)
    error = log_likelihood(data, flow) - data.log_density(x0)
    stderr = error.std() / math.sqrt(len(x0))
    assert abs(error.mean()) < 3 * stderr
    assert 3 * stderr / NATS_PER_BIT_A_DIM < 0.005


def test_more_probes_err_less() -> None:
    x0 = GAUSSIAN.draw(500)
    few, many = (follow(GAUSSIAN, x0, 40, seed=1, probes=probes) for probes in (2, 8))
    exact = follow(GAUSSIAN, x0, 40).log_det.sum(dim=(1, 2, 3))
    errors = [float((f.log_det.sum(dim=(1, 2, 3)) - exact).std()) for f in (few, many)]
    assert errors[1] / errors[0] == pytest.approx(1 / 2, rel=0.15)


def test_hutchinsons_signs_follow_from_the_seed() -> None:
    x0 = MIXTURE.draw(3)
    one, same, other = (follow(MIXTURE, x0, 5, seed).log_det for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_of_independent_values_each_has_its_own_likelihood_and_signs_make_no_error() -> None:
    """The Jacobian is diagonal, so its product with any signs is exact."""
    mean, spread = np.array([0.3, -0.5, 0.1, 0.6]), np.array([0.1, 0.3, 0.5, 0.9])
    data = Mixture(np.ones(1), mean[None], np.diag(spread**2)[None])
    x0 = data.draw(20)
    exact, estimate = follow(data, x0, 200), follow(data, x0, 200, seed=0)
    torch.testing.assert_close(estimate.log_det, exact.log_det, rtol=0, atol=1e-4)
    by_value = (prior_log_density(exact.x, data.mean, LAST) + exact.log_det).flatten(1).numpy()
    wanted = scipy.stats.norm(mean, spread).logpdf(x0)
    np.testing.assert_allclose(by_value, wanted, atol=0.005 * math.log(2))


def test_gaussian_pictures_go_where_the_linear_flow_takes_them() -> None:
    """Along each axis, their distance from the mean in standard deviations is preserved."""
    x0 = GAUSSIAN.draw(50)
    variances, axes = np.linalg.eigh(GAUSSIAN.covariances[0])
    first, last = (1 / (1 + math.exp(-value)) for value in (FIRST, LAST))  # alpha**2
    apart = math.sqrt(first) * (x0 - GAUSSIAN.centers) @ axes
    apart *= np.sqrt((last * variances + 1 - last) / (first * variances + 1 - first))
    wanted = math.sqrt(last) * GAUSSIAN.centers + apart @ axes.T
    got = follow(GAUSSIAN, x0, 100, seed=0).x.flatten(1)
    np.testing.assert_allclose(got.numpy(), wanted, atol=2e-3)


def test_on_part_of_the_way_volume_changes_as_the_spread_of_the_data_does() -> None:
    """The divergence at either end is not zero."""
    variances = np.linalg.eigvalsh(GAUSSIAN.covariances[0])
    x = torch.from_numpy(GAUSSIAN.draw(3)).float().view(-1, *SHAPE)
    first, last = (1 / (1 + math.exp(-value)) for value in (2.0, -2.0))  # alpha**2
    *_, flow = flow_iter(GAUSSIAN, x, torch.zeros(3, 0), np.linspace(2, -2, 41).tolist(), None)
    ratio = (last * variances + 1 - last) / (first * variances + 1 - first)
    got = flow.log_det.sum(dim=(1, 2, 3)).numpy()
    np.testing.assert_allclose(got, 0.5 * np.log(ratio).sum(), rtol=2e-3)


def test_the_error_falls_with_the_square_of_the_step() -> None:
    x0 = MIXTURE.draw(100)
    flows = [follow(MIXTURE, x0, steps) for steps in (20, 40, 160)]
    coarse, fine, reference = (log_likelihood(MIXTURE, flow) for flow in flows)
    ratio = np.abs(coarse - reference).mean() / np.abs(fine - reference).mean()
    assert math.log2(ratio) == pytest.approx(2, abs=0.4)


def test_a_flow_is_yielded_after_each_step_and_holds_no_graph() -> None:
    x = torch.from_numpy(MIXTURE.draw(2)).float().view(-1, *SHAPE)
    before = x.clone()
    with torch.no_grad():
        flows = list(flow_iter(MIXTURE, x, torch.zeros(2, 0), [3.0, 2.0, 0.5], None))
    assert len(flows) == 2
    assert torch.equal(x, before)
    assert not any(part.requires_grad for flow in flows for part in flow)


@pytest.mark.parametrize("log_snr", [-9.0, -3.0, 1.0])
def test_the_prior_is_a_normal_distribution_around_the_mean_picture(log_snr: float) -> None:
    rng = np.random.default_rng(0)
    x, mean = rng.standard_normal((3, *SHAPE)), rng.uniform(-1, 1, SHAPE)
    share = 1 / (1 + math.exp(-log_snr))
    wanted = scipy.stats.norm.logpdf(x, math.sqrt(share) * mean, math.sqrt(1 - share))
    got = prior_log_density(torch.from_numpy(x).float(), torch.from_numpy(mean).float(), log_snr)
    np.testing.assert_allclose(got.numpy(), wanted, rtol=1e-5, atol=1e-5)
