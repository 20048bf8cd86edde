"""What is stored of a trajectory, and what follows from it."""

from __future__ import annotations

import numpy as np
import pytest

from sprite_lab.core.trajectory import Trajectory


@pytest.fixture
def made() -> tuple[Trajectory, np.ndarray]:
    """Three frames of two sprites that obey x_t = alpha x0 + std epsilon; and the epsilon."""
    rng = np.random.default_rng(0)
    log_snr = np.array([-8.0, 0.0, 9.0], np.float32)
    x0 = rng.uniform(-1, 1, (3, 2, 16, 16, 3))
    epsilon = rng.standard_normal(x0.shape)
    alpha = np.sqrt(1 / (1 + np.exp(-log_snr.astype(float))))[:, None, None, None, None]
    x_t = alpha * x0 + np.sqrt(1 - alpha**2) * epsilon
    trajectory = Trajectory(
        "reverse",
        np.array([500, 250, 0], np.float32),
        log_snr,
        x_t.astype(np.float16),
        x0.astype(np.float16),
    )
    return trajectory, epsilon


def test_variance_preserving(made: tuple[Trajectory, np.ndarray]) -> None:
    trajectory, _ = made
    for k in range(len(trajectory)):
        assert trajectory.signal(k) ** 2 + trajectory.noise_std(k) ** 2 == pytest.approx(
            1, abs=1e-12
        )
    assert trajectory.signal(1) == pytest.approx(np.sqrt(0.5))
    assert trajectory.noise_std(0) > 0.999 > trajectory.signal(0)


def test_epsilon_follows_from_what_is_stored(made: tuple[Trajectory, np.ndarray]) -> None:
    trajectory, epsilon = made
    for k, tolerance in ((0, 0.005), (1, 0.01), (2, 0.2)):
        assert trajectory.epsilon(k).dtype == np.float32
        assert np.abs(trajectory.epsilon(k) - epsilon[k]).max() < tolerance


def test_shape_size_and_end(made: tuple[Trajectory, np.ndarray]) -> None:
    trajectory, _ = made
    assert (len(trajectory), trajectory.count) == (3, 2)
    assert trajectory.nbytes == 2 * 3 * 2 * 16 * 16 * 3 * 2
    assert np.array_equal(trajectory.final(), trajectory.x_t[-1].astype(np.float32))


def test_frames_cannot_be_written(made: tuple[Trajectory, np.ndarray]) -> None:
    with pytest.raises(ValueError, match="read-only"):
        made[0].x_t[0] = 0
