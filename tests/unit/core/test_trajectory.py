"""What is stored of a trajectory, and what is derived from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.trajectories.trajectory import Trajectory, Walk


@pytest.fixture
def made() -> tuple[Trajectory, np.ndarray]:
    """Three frames of two sprites with x_t = alpha x0 + std epsilon; and the epsilon."""
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


def test_clean_sprites_with_the_alpha_that_was_predicted(made) -> None:
    trajectory, _ = made
    alpha = np.full((3, 2, 16, 16), -1, np.float16)
    alpha[-1, 0, 4:] = 1
    alpha[1, :, 2] = 0
    drawn = replace(trajectory, alpha=alpha)
    assert drawn.nbytes == trajectory.nbytes + alpha.nbytes
    rgba = drawn.rgba()
    assert (rgba.shape, rgba.dtype) == ((2, 16, 16, 4), np.uint8)
    np.testing.assert_array_equal(rgba[..., :3], to_pixels(trajectory.x0[-1]))
    assert rgba[0, :, 0, 3].tolist() == [0] * 4 + [255] * 12
    assert not rgba[1, ..., 3].any()
    assert np.unique(drawn.rgba(1)[:, 2, :, 3]).tolist() == [128]
    with pytest.raises(ValueError, match="read-only"):
        alpha[0] = 0


def test_clean_sprites_with_an_alpha_that_is_guessed(made) -> None:
    trajectory, _ = made
    x0 = np.ones_like(trajectory.x0)
    x0[-1, :, 4:8, 4:8] = -0.5
    rgba = replace(trajectory, x0=x0).rgba()
    assert (rgba[:, 4:8, 4:8, 3] == 255).all()
    assert np.count_nonzero(rgba[..., 3]) == 2 * 16


def test_frames_cannot_be_written(made: tuple[Trajectory, np.ndarray]) -> None:
    with pytest.raises(ValueError, match="read-only"):
        made[0].x_t[0] = 0


def test_some_of_its_sprites(made: tuple[Trajectory, np.ndarray]) -> None:
    alpha = np.random.default_rng(1).uniform(-1, 1, (3, 2, 16, 16)).astype(np.float16)
    config = SampleConfig(count=2, first_index=4)
    whole = replace(made[0], alpha=alpha, noisy_alpha=-alpha, x0_uncond=made[0].x0, config=config)
    turned, one = whole.take([1, 0]), whole.one(1)
    assert turned.config is None
    assert (one.config.count, one.config.first_index) == (1, 5)
    for name in ("x_t", "x0", "x0_uncond", "alpha", "noisy_alpha"):
        array = getattr(whole, name)
        assert np.array_equal(getattr(turned, name), array[:, ::-1])
        assert np.array_equal(getattr(one, name), array[:, 1:])
    assert whole.made_by == config
    assert replace(whole, branched_at=1).made_by is None


def test_what_was_planned_is_reported_before_and_after_a_frame(made) -> None:
    trajectory, _ = made
    before, after = trajectory.planned(1)
    assert (before.tolist(), after.tolist()) == ([-8, 0], [])
    assert [trajectory.steps_left(k) for k in range(3)] == [2, 1, 0]
    walk = Walk(np.array([-8.0, -4.0, 0.0, 4.0]), np.array([0, 2]))
    walked = replace(trajectory, walk=walk)
    before, after = walked.planned(1)
    assert (before.tolist(), after.tolist()) == ([-8, -4, 0], [4])


@pytest.mark.parametrize(
    ("model", "title"), [("Real sprites, step 9000", "Real sprites"), ("mine", "mine"), ("", "")]
)
def test_the_title_of_its_model_is_without_its_step(made, model: str, title: str) -> None:
    assert replace(made[0], model=model).drawn_by == title
