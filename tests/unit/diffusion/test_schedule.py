"""Schedules, compared with diffusers and with their own definitions."""

import numpy as np
import pytest

from sprite_lab.core.config import ScheduleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.trajectories.levels import alpha_std
from sprite_lab.diffusion.schedule import NoiseSchedule

PEERS = {"linear": "linear", "cosine": "squaredcos_cap_v2"}


@pytest.mark.parametrize("name", ["linear", "cosine"])
@pytest.mark.parametrize("timesteps", [50, 500, 1000])
def test_betas_equal_those_of_diffusers(diffusers, name, timesteps):
    ours = NoiseSchedule(ScheduleConfig(name=name, timesteps=timesteps))
    peer = diffusers.DDPMScheduler(
        num_train_timesteps=timesteps, beta_start=1e-4, beta_end=0.02, beta_schedule=PEERS[name]
    )
    np.testing.assert_allclose(ours.betas, peer.betas.numpy(), rtol=2e-4, atol=1e-7)
    np.testing.assert_allclose(
        ours.alphas_cumprod, peer.alphas_cumprod.numpy(), rtol=2e-3, atol=1e-6
    )


def test_the_courses_schedule_ends_where_the_design_says():
    schedule = NoiseSchedule(ScheduleConfig(name="linear"))
    assert schedule.alphas_cumprod[-1] == pytest.approx(0.0064, abs=1e-4)


@pytest.mark.parametrize("name", ["linear", "cosine", "karras"])
def test_log_snr_is_finite_and_falls_and_inverts(name):
    schedule = NoiseSchedule(ScheduleConfig(name=name))
    t = np.linspace(0, schedule.timesteps, 2001)
    log_snr = schedule.log_snr(t)
    assert np.isfinite(log_snr).all()
    assert (np.diff(log_snr) < 0).all()
    np.testing.assert_allclose(schedule.t_of(log_snr), t, atol=1e-6)
    alpha, std = alpha_std(log_snr)
    np.testing.assert_allclose(alpha**2 + std**2, 1.0, atol=1e-12)
    whole = np.arange(1, schedule.timesteps + 1)
    alpha, _ = alpha_std(schedule.log_snr(whole))
    np.testing.assert_allclose(alpha**2, schedule.alphas_cumprod, rtol=1e-9)


@pytest.mark.parametrize("name", ["cosine", "karras"])
def test_our_schedules_end_in_noise(name):
    low, high = NoiseSchedule(ScheduleConfig(name=name)).trained_range
    assert low <= -8
    assert high > 8


@pytest.mark.parametrize("timesteps", [10, 500])
def test_karras_levels_are_those_of_diffusers(diffusers, timesteps):
    schedule = NoiseSchedule(ScheduleConfig(name="karras", timesteps=timesteps))
    peer = diffusers.EDMEulerScheduler(sigma_min=np.exp(-6.5), sigma_max=80.0)
    peer.set_timesteps(timesteps)
    sigma = np.exp(-schedule.log_snr(np.arange(timesteps, 0, -1)) / 2)
    np.testing.assert_allclose(sigma, peer.sigmas[:-1].numpy(), rtol=1e-4)
    assert schedule.trained_range == pytest.approx((-2 * np.log(80), 13.0))


@pytest.mark.parametrize("name", ["linear", "cosine", "karras"])
@pytest.mark.parametrize("steps", [1, 2, 12, 200])
@pytest.mark.parametrize("start", [None, 300])
def test_levels_visited_go_from_the_start_to_hardly_any_noise(name, steps, start):
    schedule = NoiseSchedule(ScheduleConfig(name=name))
    t = schedule.levels(steps, start)
    assert len(t) == steps
    assert t[0] == pytest.approx(start or 500, abs=1e-9)
    assert (np.diff(t) < 0).all()
    log_snr = schedule.log_snr(t)
    if steps > 1:
        assert log_snr[-1] == pytest.approx(5.0, abs=1e-6)
    if steps == 200:  # closest where sprites take shape
        closest = log_snr[np.argmin(np.diff(log_snr))]
        assert closest == pytest.approx(max(-0.5, log_snr[0]), abs=0.5)


def test_from_little_noise_one_level_is_enough():
    schedule = NoiseSchedule(ScheduleConfig(name="karras"))
    assert schedule.log_snr(50) > 5
    np.testing.assert_allclose(schedule.levels(12, 50), [50])
    assert schedule.levels(900, 3).tolist() == [3, 2, 1]


PATHS = ["linear", "cosine", "karras"]


@pytest.mark.parametrize("spacing", PATHS)
@pytest.mark.parametrize("own", PATHS)
@pytest.mark.parametrize(("steps", "start"), [(1, None), (6, None), (6, 300), (500, None)])
def test_levels_even_in_the_t_of_a_schedule(own, spacing, steps, start):
    """This holds for any training schedule; no level is cleaner or noisier than in training."""
    schedule = NoiseSchedule(ScheduleConfig(name=own))
    path = NoiseSchedule(ScheduleConfig(name=spacing))
    t = schedule.levels(steps, start, spacing)
    assert len(t) == steps
    assert t.min() >= 1 - 1e-9
    assert t.max() <= (start or 500) + 1e-9
    log_snr = schedule.log_snr(t)
    noisiest = max(float(schedule.log_snr(start or 500)), path.trained_range[0])
    assert log_snr[0] == pytest.approx(noisiest)
    if steps > 1:
        cleanest = min(schedule.trained_range[1], path.trained_range[1])
        assert log_snr[-1] == pytest.approx(cleanest)
        apart = np.diff(path.t_of(log_snr))
        np.testing.assert_allclose(apart, apart[0], rtol=1e-6)
        assert (apart < 0).all()


@pytest.mark.parametrize("name", ["linear", "cosine"])
@pytest.mark.parametrize("own", ["linear", "cosine", "karras"])
def test_levels_along_a_schedule_are_those_of_diffusers(diffusers, own, name):
    peer = diffusers.DDIMScheduler(
        500, 1e-4, 0.02, beta_schedule=PEERS[name], timestep_spacing="linspace"
    )
    peer.set_timesteps(12)
    path = NoiseSchedule(ScheduleConfig(name=name))
    schedule = NoiseSchedule(ScheduleConfig(name=own))
    low, high = path.trained_range
    mine = schedule.trained_range
    if low < mine[0] or high > mine[1]:
        pytest.skip("the peer goes where this model was not trained")
    log_snr = schedule.log_snr(schedule.levels(12, spacing=name))
    # The peer rounds each t to an integer.
    np.testing.assert_allclose(path.t_of(log_snr) - 1, peer.timesteps.numpy(), atol=0.501)
    np.testing.assert_allclose(path.t_of(log_snr) - 1, np.linspace(499, 0, 12), atol=1e-6)


@pytest.mark.parametrize("steps", [4, 12, 50])
def test_karras_spacing_is_that_of_diffusers(diffusers, steps):
    """The levels are even in sigma^(1/7), between 500 levels of its own, within a thousandth."""
    schedule = NoiseSchedule(ScheduleConfig(name="karras"))
    peer = diffusers.EDMEulerScheduler(sigma_min=np.exp(-6.5), sigma_max=80.0)
    peer.set_timesteps(steps)
    sigma = np.exp(-schedule.log_snr(schedule.levels(steps, spacing="karras")) / 2)
    np.testing.assert_allclose(sigma, peer.sigmas[:-1].numpy(), rtol=1e-3)


def test_nothing_to_visit_along_a_schedule_that_begins_with_less_noise():
    schedule = NoiseSchedule(ScheduleConfig(name="karras"))
    assert schedule.levels(6, 10, "linear").tolist() == [10]


def test_all_levels_are_visited_when_as_many_steps_are_asked_for():
    assert NoiseSchedule(ScheduleConfig()).levels(500).tolist() == list(range(500, 0, -1))


def test_a_bent_schedule_is_the_one_it_is_made_of_and_what_is_added():
    config = ScheduleConfig(name="cosine", timesteps=60)
    plain, bent = NoiseSchedule(config), NoiseSchedule(config, (0.0, 3.0, -1.0))
    t = np.array([0, 15, 30, 45, 60])
    added = bent.log_snr(t) - plain.log_snr(t)
    np.testing.assert_allclose(added, [0, 1.5, 3.0, 1.0, -1.0], atol=1e-9)
    np.testing.assert_allclose(np.cumprod(1 - bent.betas), bent.alphas_cumprod)
    assert bent.t_of(bent.log_snr(22.5)) == pytest.approx(22.5)
    np.testing.assert_allclose(NoiseSchedule(config, (0.0, 0.0)).betas, plain.betas)
    for bend in ((0.0, 30.0), (30.0, 0.0), (0.0, float("nan"))):
        with pytest.raises(ConfigError, match="more noise at every step"):
            NoiseSchedule(config, bend)
