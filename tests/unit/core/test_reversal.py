"""Steps back against Bayes' rule on a grid, and the entropy that they produce."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sprite_lab.core.reversal import CENTER, COUNTS, GRID, PLACES, SPREAD, NoisePath

SPACE = GRID[1] - GRID[0]


def normal(x: np.ndarray, mean: np.ndarray | float, variance: float) -> np.ndarray:
    return np.exp(-((x - mean) ** 2) / (2 * variance)) / math.sqrt(2 * math.pi * variance)


@pytest.mark.parametrize("steps", [1, 4, 64])
def test_noise_keeps_mean_and_variance(steps: int) -> None:
    path = NoisePath(steps)
    for t in {0, 1, steps}:
        density = path.density(t, GRID)
        assert density.sum() * SPACE == pytest.approx(1)
        assert (density * GRID).sum() * SPACE == pytest.approx(0, abs=1e-12)
        assert (density * GRID**2).sum() * SPACE == pytest.approx(1)
    assert path.signal(steps) == pytest.approx(math.exp(-6))
    assert path.density(steps, GRID) == pytest.approx(normal(GRID, 0, 1), abs=1e-3)


@pytest.mark.parametrize(("steps", "t"), [(1, 1), (4, 1), (4, 3), (64, 7)])
@pytest.mark.parametrize("x_t", [0.0, 0.6, -1.7])
def test_a_step_back_is_bayes_rule(steps: int, t: int, x_t: float) -> None:
    path = NoisePath(steps)
    beta = 1 - path.signal(t) / path.signal(t - 1)
    assert path.beta == pytest.approx(beta)
    joint = path.density(t - 1, GRID) * normal(x_t, math.sqrt(1 - beta) * GRID, beta)
    wanted = joint / (joint.sum() * SPACE)
    step = path.back(t, np.array([x_t]))
    np.testing.assert_allclose(step.density(GRID)[0], wanted, atol=1e-9)
    mean = (wanted * GRID).sum() * SPACE
    assert step.mean[0] == pytest.approx(mean, abs=1e-9)
    assert step.variance[0] == pytest.approx((wanted * (GRID - mean) ** 2).sum() * SPACE)
    # The misfit, computed as an integral of its own.
    fitted = normal(GRID, mean, step.variance[0])
    there = wanted > 1e-250
    misfit = (wanted[there] * np.log2(wanted[there] / fitted[there])).sum() * SPACE
    assert step.misfit()[0] == pytest.approx(misfit, abs=1e-8)


@pytest.mark.parametrize("steps", [1, 4, 16])
def test_losses_are_mean_misfits(steps: int) -> None:
    path, coarse = NoisePath(steps), np.linspace(-6, 6, 601)
    for t in {1, steps}:
        mean = (path.density(t, coarse) * path.back(t, coarse).misfit()).sum() * 0.02
        assert path.losses()[t - 1] == pytest.approx(mean, abs=1e-6)


def test_a_single_step_loses_all_that_the_peaks_tell() -> None:
    """Two distant peaks contain one bit more than a single peak with the same variance."""
    entropy = 1 + 0.5 * math.log2(2 * math.pi * math.e * SPREAD**2)
    unknown = 0.5 * math.log2(2 * math.pi * math.e)
    assert NoisePath(1).losses().sum() == pytest.approx(unknown - entropy, abs=2e-3)


def test_the_entropy_produced_tends_to_zero() -> None:
    totals = [float(NoisePath(steps).losses().sum()) for steps in COUNTS]
    assert (np.diff(totals) < 0).all()
    assert totals[-1] < 0.01
    # At the end, twice as many steps lose well under half.
    assert totals[-1] < 0.4 * totals[-2]


def test_far_from_the_other_peak_a_large_step_is_gaussian_too() -> None:
    path = NoisePath(16)
    near, far = path.back(1, np.array([0.0, 1.5])).misfit()
    assert near > 1
    assert far < 0.05


def test_small_steps_lead_back_to_where_paths_began() -> None:
    data = NoisePath(1).density(0, PLACES)
    apart = {}
    for steps in (4, 256):
        reversal = NoisePath(steps).reversal()
        assert reversal.reached.sum() * (PLACES[1] - PLACES[0]) == pytest.approx(1, abs=0.01)
        apart[steps] = np.abs(reversal.reached - data).sum() * (PLACES[1] - PLACES[0])
        assert reversal.forward.shape == reversal.back.shape == (len(reversal.back), steps + 1)
        np.testing.assert_array_equal(reversal.back, NoisePath(steps).reversal().back)
    assert apart[4] > 0.8
    assert apart[256] < 0.15
    paths = NoisePath(64).forward_paths(4000, np.random.default_rng(1))
    assert paths.var(axis=0) == pytest.approx(np.ones(65), abs=0.1)
    assert np.abs(np.abs(paths[:, 0]) - CENTER).std() == pytest.approx(0.6 * SPREAD, rel=0.1)


def test_the_nearest_step_exists() -> None:
    assert [NoisePath(steps).nearest(0.5) for steps in (1, 4, 64)] == [1, 1, 7]
    assert NoisePath(4).nearest(0.0026) == 4


def test_shown_paths_of_many_small_steps_do_not_tell_their_way() -> None:
    """In six random paths, once all the high ones were forward and all the low ones backward."""
    many, few = (NoisePath(steps).reversal() for steps in (64, 4))
    for paths in (many.forward, many.back):
        np.testing.assert_allclose(np.sort(paths, axis=0), -np.sort(paths, axis=0)[::-1])
    for figure in (lambda paths: np.abs(paths).max(axis=1), lambda paths: np.abs(paths[:, 0])):
        forward, back = (np.sort(figure(paths)) for paths in (many.forward, many.back))
        np.testing.assert_allclose(forward, back, rtol=0.15)
    # With few large steps, some backward paths also end between the peaks.
    assert np.abs(few.back[:, 0]).min() < 0.3 < 0.7 < np.abs(few.forward[:, 0]).min()
