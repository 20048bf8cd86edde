"""Races: the same noise in every lane, counted evaluations, and distances in closed form."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.trajectories.race import Lane, course, distance
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.engine.sampling.race import lane_iter, reference_config
from tests.unit.engine.test_sampling import make_model


@pytest.fixture(scope="module")
def model():
    return make_model()


def lane(model, **settings):
    settings = {"count": 3, "seed": 4, "colors": 0, "classes": ("bar",), **settings}
    return drain(lane_iter(model, SampleConfig(**settings), RunControl()))


def made_lane(log_snr, x0):
    """A lane with one sprite of 1x1 gray pixels."""
    values = np.asarray(x0, np.float16)[:, None, None, None, None].repeat(3, axis=4)
    levels = np.asarray(log_snr, np.float32)
    t = np.linspace(500, 0, len(levels)).astype(np.float32)
    return Lane(Trajectory("reverse", t, levels, values, values), 1.0, 0.1, np.zeros(501))


def test_every_lane_starts_from_the_same_noise_as_the_samples_of_its_seed(model):
    lanes = [lane(model, sampler=s, steps=n) for s, n in (("ddim", 3), ("heun", 5), ("ddpm", 7))]
    for other in lanes[1:]:
        np.testing.assert_array_equal(other.trajectory.x_t[0], lanes[0].trajectory.x_t[0])
    alpha = lanes[0].trajectory.signal(0)
    mean = model.denoiser.data_mean.permute(1, 2, 0).numpy()
    for i in range(3):
        noise = np.random.default_rng([4, i]).standard_normal((3, 16, 16), np.float32)
        x_t = alpha * mean + np.sqrt(1 - alpha**2) * noise.transpose(1, 2, 0)
        np.testing.assert_allclose(lanes[0].trajectory.x_t[0, i], x_t, atol=4e-3)


@pytest.mark.parametrize(
    ("sampler", "steps", "looks"),
    [("ddim", 5, 5), ("dpmpp_2m", 5, 5), ("unipc", 5, 5), ("heun", 5, 8), ("ddpm", 6, 6)],
)
def test_evaluations_are_counted_for_each_sprite(model, sampler, steps, looks):
    """Heun takes two per step, except for the last step and, in a cosine
    schedule's noise, the first.
    """
    plain = lane(model, sampler=sampler, steps=steps, guidance_scale=1.0)
    assert plain.evaluations == plain.evaluations_of_steps == looks
    assert lane(model, sampler=sampler, steps=steps, guidance_scale=2.0).evaluations == 2 * looks
    # Without a class there is nothing to guide toward, and no second evaluation.
    away = lane(model, sampler=sampler, steps=steps, guidance_scale=2.0, classes=())
    assert away.evaluations == looks
    assert plain.seconds > 0
    np.testing.assert_allclose(plain.levels, model.schedule.log_snr(np.arange(501)))


def test_others_who_use_the_model_between_two_steps_are_not_counted(model):
    config = SampleConfig(count=2, sampler="ddim", steps=4, guidance_scale=1.0, colors=0)
    run, other = (lane_iter(model, config, RunControl()) for _ in range(2))
    for _ in range(2):
        next(run), next(other)
    assert drain(run).evaluations == drain(other).evaluations == 4


def test_before_the_clock_runs_a_step_is_taken_as_the_lane_will(model):
    seen = []

    class Watched:
        def __init__(self, denoiser):
            self.config, self.data_mean, self._denoiser = (
                denoiser.config, denoiser.data_mean, denoiser,
            )  # fmt: skip

        def __call__(self, x_t, *rest, **named):
            seen.append((len(x_t), torch.is_autocast_enabled("cpu")))
            return self._denoiser(x_t, *rest, **named)

    watched = replace(model, denoiser=Watched(model.denoiser))
    found = lane(watched, sampler="ddim", steps=2, guidance_scale=2.0, precision="bf16")
    assert seen == [(6, True)] * 3  # with guidance, in bf16: one warm-up, and two steps
    assert found.evaluations == 4


def test_the_reference_is_deterministic_and_as_fine_as_the_model(model):
    base = SampleConfig(count=2, seed=9, sampler="ddpm", steps=7, eta=0.3, churn=2.0, colors=0)
    config = reference_config(base, 500)
    assert (config.sampler, config.steps, config.eta, config.churn) == ("ddim", 500, 0, 0)
    assert (config.seed, config.count) == (9, 2)
    assert reference_config(base, 4000).steps == 1000
    assert not config.is_random


def test_more_steps_come_nearer_to_the_reference(model):
    settings = {"guidance_scale": 1.0, "count": 2}
    exact = lane(model, sampler="ddim", steps=120, **settings)
    away = [
        course(lane(model, sampler="ddim", steps=n, **settings), exact)[-1].mean()
        for n in (3, 10, 40)
    ]
    assert away[0] > away[1] > away[2] > 0
    assert course(exact, exact)[-1].tolist() == [0, 0]


def test_which_samplers_draw_fresh_noise():
    fresh = [
        SampleConfig(sampler="ddpm"),
        SampleConfig(sampler="dpmpp_2m_sde"),
        SampleConfig(sampler="ddim", eta=0.1),
        SampleConfig(sampler="euler", churn=1.0),
    ]
    assert all(config.is_random for config in fresh)
    none = ("ddim", "euler", "heun", "dpmpp_2m", "unipc", "student")
    assert not any(SampleConfig(sampler=name).is_random for name in none)
    # Settings of another sampler do not affect this one.
    assert not SampleConfig(sampler="dpmpp_2m", eta=0.5, churn=3.0).is_random
    assert not SampleConfig(sampler="euler", eta=0.5).is_random


def test_distance_is_the_root_mean_square_of_pixel_values():
    a = np.zeros((2, 4, 4, 3))
    b = a.copy()
    b[0] += 2.0  # black to white: all 255
    b[1, :2] += 1.0  # half of the pixels by half of the range
    np.testing.assert_allclose(distance(a, b), [255.0, 127.5 / np.sqrt(2)])


def test_a_lane_is_at_the_newest_frame_that_is_not_cleaner():
    here = made_lane([-8, -2, 1, 20], [0, 0.25, 0.5, 0.5])
    wanted = {-9: 0, -8: 0, -5: 0, -2.0001: 1, -2: 1, 0.9: 1, 1: 2, 19: 2, 20: 3, 30: 3}
    assert {at: here.frame_at(at) for at in wanted} == wanted
    exact = made_lane([-8, 20], [0, 1.0])
    np.testing.assert_allclose(course(here, exact)[:, 0], 127.5 * np.array([1, 0.75, 0.5, 0.5]))
