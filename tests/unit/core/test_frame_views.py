"""The views of See, against the formulas that define them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sprite_lab.core.config import ForwardConfig, SampleConfig
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.core.trajectories.frame_views import (
    class_of,
    frame_pixels,
    knows_noise,
    pixel_values,
    prompt_of,
    sprite_rgba,
)
from sprite_lab.core.trajectories.levels import alpha_std
from sprite_lab.core.trajectories.trajectory import Trajectory

LOG_SNR = np.array([-8.0, -2.0, 1.0, 6.0, 20.0], np.float32)


@pytest.fixture
def trajectory() -> Trajectory:
    """Five frames of three sprites whose x0 changes from frame to frame."""
    rng = np.random.default_rng(0)
    shape = (5, 3, 16, 16, 3)
    x0 = rng.uniform(-0.9, 0.9, shape)
    alpha, std = (value[:, None, None, None, None] for value in alpha_std(LOG_SNR))
    x_t = alpha * x0 + std * rng.standard_normal(shape)
    t = np.array([500, 400, 200, 50, 0], np.float32)
    x0_uncond = (x0 + 0.2 * rng.standard_normal(shape)).clip(-1, 1)
    return Trajectory(
        "reverse",
        t,
        LOG_SNR,
        x_t.astype(np.float16),
        x0.astype(np.float16),
        x0_uncond=x0_uncond.astype(np.float16),
    )


def assert_shows(got: np.ndarray, wanted: np.ndarray) -> None:
    """Within a gray level, since the recorded numbers are rounded to float16."""
    assert np.abs(got.astype(int) - to_pixels(wanted).astype(int)).max() <= 1


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_every_view_is_its_formula(trajectory: Trajectory, k: int) -> None:
    x_t, x0 = (a[k].astype(np.float64) for a in (trajectory.x_t, trajectory.x0))
    alpha, std = (float(value) for value in alpha_std(LOG_SNR[k]))
    epsilon = (x_t - alpha * x0) / std
    assert_shows(frame_pixels(trajectory, k, "x_t"), x_t)
    assert_shows(frame_pixels(trajectory, k, "x0"), x0)
    assert_shows(frame_pixels(trajectory, k, "epsilon"), epsilon / 3)
    # Song et al. 2021: the score of p(x_t) is -epsilon / std; times std^2 it is in pixels.
    assert_shows(frame_pixels(trajectory, k, "score"), std**2 * (-epsilon / std) / 3)
    # Ho et al. 2020, eq. 7, written with alphas_cumprod.
    bar, bar_then = alpha**2, float(alpha_std(LOG_SNR[k + 1])[0]) ** 2
    step = bar / bar_then
    mean = (
        np.sqrt(bar_then) * (1 - step) / (1 - bar) * x0
        + np.sqrt(step) * (1 - bar_then) / (1 - bar) * x_t
    )
    assert_shows(frame_pixels(trajectory, k, "posterior_mean"), mean)
    before = trajectory.x0[max(k - 1, 0)].astype(np.float64)
    assert_shows(frame_pixels(trajectory, k, "change"), 2 * (x0 - before))
    away = trajectory.x0_uncond[k].astype(np.float64)
    assert_shows(frame_pixels(trajectory, k, "guidance"), 2 * (x0 - away))


def test_at_the_clean_end_there_is_no_noise_and_no_next_step(trajectory: Trajectory) -> None:
    gray = to_pixels(np.zeros((3, 16, 16, 3)))
    for view in ("epsilon", "score", "v"):
        np.testing.assert_array_equal(frame_pixels(trajectory, 4, view), gray)
    assert_shows(frame_pixels(trajectory, 4, "posterior_mean"), trajectory.x_t[4])
    # The single noise of a forward process is known at the clean end, too, and v is that noise.
    forward = replace(trajectory, kind="forward", forward=ForwardConfig(noise="one"))
    assert knows_noise(forward, 4)
    noise = frame_pixels(forward, 4, "epsilon")
    np.testing.assert_array_equal(noise, frame_pixels(forward, 0, "epsilon"))
    assert np.abs(frame_pixels(forward, 4, "v").astype(int) - noise).max() <= 1
    assert not knows_noise(replace(forward, forward=ForwardConfig(noise="fresh")), 4)


def test_in_a_forward_process_what_changes_is_the_noisy_sprite(trajectory: Trajectory) -> None:
    forward = replace(trajectory, kind="forward", x0_uncond=None)
    change = trajectory.x_t[2].astype(np.float64) - trajectory.x_t[1].astype(np.float64)
    assert_shows(frame_pixels(forward, 2, "change"), 2 * change)
    np.testing.assert_array_equal(
        frame_pixels(forward, 2, "guidance"), to_pixels(np.zeros((3, 16, 16, 3)))
    )


def test_one_sprite_is_shown_as_among_the_others(trajectory: Trajectory) -> None:
    alone = trajectory.one(1)
    for view in ("x_t", "x0", "epsilon", "v", "score", "posterior_mean", "change", "guidance"):
        wanted = frame_pixels(trajectory, 2, view)[1:2]
        np.testing.assert_array_equal(frame_pixels(trajectory, 2, view, 1), wanted)
        np.testing.assert_array_equal(frame_pixels(alone, 2, view), wanted)


@pytest.mark.parametrize("k", range(4))
def test_v_is_the_mixture_of_noise_and_sprite(trajectory: Trajectory, k: int) -> None:
    alpha, std = alpha_std(LOG_SNR[k])
    x0 = trajectory.x0[k].astype(np.float64)
    epsilon = (trajectory.x_t[k] - alpha * x0) / std
    assert_shows(frame_pixels(trajectory, k, "v"), (alpha * epsilon - std * x0) / 3)


def test_a_sprite_is_shown_alone_with_its_alpha_where_it_is_clean(trajectory: Trajectory) -> None:
    for frame, view in ((2, "x_t"), (2, "epsilon")):
        shown = sprite_rgba(trajectory, frame, view, 1)
        assert np.array_equal(shown[..., :3], frame_pixels(trajectory, frame, view, 1)[0])
        assert (shown[..., 3] == 255).all(), "white pixels of noise are no background"
    for frame, view in ((2, "x0"), (4, "x_t")):
        assert np.array_equal(
            sprite_rgba(trajectory, frame, view, 1), trajectory.one(1).rgba(frame)[0]
        )


def test_the_prompt_of_a_sprite_is_shown_as_far_as_it_is_known(trajectory: Trajectory) -> None:
    assert prompt_of(trajectory, 0) == Prompt()
    assert class_of(trajectory, 0) is None
    asked = SampleConfig(count=3, seed=1, classes=("hero", "food"))
    dealt = replace(trajectory, config=asked)
    assert [class_of(dealt, i) for i in range(3)] == ["hero", "food", "hero"]
    assert prompt_of(dealt, 1) == Prompt((("food", 1.0),))
    mix = replace(trajectory, config=replace(asked, classes=(), class_mix=(("hero", 0.5),)))
    assert prompt_of(mix, 2).class_mix == (("hero", 0.5),)
    known = replace(dealt, prompts=(Prompt(), Prompt((("item", 1.0),)), Prompt()))
    assert prompt_of(known, 1) == Prompt((("item", 1.0),))


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_the_values_of_a_pixel_are_those_recorded_and_fit_both_formulas(
    trajectory: Trajectory, k: int
) -> None:
    sprite, x, y, channel = 2, 5, 3, 1
    p = pixel_values(trajectory, k, sprite, x, y, channel)
    alpha, std = (float(value) for value in alpha_std(LOG_SNR[k]))
    assert (p.signal, p.noise_std) == pytest.approx((alpha, std))
    assert p.x_t == float(trajectory.x_t[k, sprite, y, x, channel])
    assert p.x0 == float(trajectory.x0[k, sprite, y, x, channel])
    assert p.x_t == pytest.approx(p.signal * p.x0 + p.noise_std * p.epsilon, abs=1e-5)
    assert p.v == pytest.approx(p.signal * p.epsilon - p.noise_std * p.x0, abs=1e-5)
    assert p.x0 == pytest.approx(p.signal * p.x_t - p.noise_std * p.v, abs=1e-5)


def test_the_numbers_of_a_clean_pixel_have_no_noise(trajectory: Trajectory) -> None:
    """It cannot be distinguished from a difference due to rounding."""
    clean = replace(trajectory, log_snr=np.array([-8.0, -2.0, 1.0, 6.0, 60.0], np.float32))
    p = pixel_values(clean, 4, 0, 5, 3)
    assert (p.signal, p.epsilon) == (1.0, 0.0)
    assert p.v == pytest.approx(0.0, abs=1e-9)
