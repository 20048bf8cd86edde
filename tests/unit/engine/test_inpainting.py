"""Inpainting in every way from the same noise: recorded steps against closed forms."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sprite_lab.core.config import NetworkConfig, SampleConfig, ScheduleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.records import Progress
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import composite, to_model_space, to_pixels
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.core.trajectories.inpainting import WAYS, Inpainted, border_step
from sprite_lab.core.trajectories.levels import alpha_std_at
from sprite_lab.core.trajectories.noise import noises
from sprite_lab.engine.sampling.inpainting import inpaint_iter
from sprite_lab.engine.sampling.reverse import sample_iter
from tests.made_model import made_denoiser, model_of

KNOWN = np.zeros((16, 16), bool)
KNOWN[:8] = True


@pytest.fixture(scope="module", params=[3, 4])
def model(request):
    denoiser = made_denoiser(NetworkConfig(width=16, num_classes=2, channels=request.param))
    return model_of(denoiser, schedule=ScheduleConfig())


def asked(**changes) -> SampleConfig:
    rgba = np.random.default_rng(3).integers(0, 255, (16, 16, 4), np.uint8)
    rgba[:5, :, 3], rgba[5:, :, 3] = 0, 255
    config = SampleConfig(count=1, seed=5, steps=6, sampler="ddim", guidance_scale=1, **changes)
    return config.over(rgba, KNOWN)


def inpaint(model, config, **named) -> Inpainted:
    return drain(inpaint_iter(model, config, RunControl(), **named))


def test_repaint_has_the_kept_pixels_with_the_noise_of_each_level(model):
    config = asked()
    got = inpaint(model, config)
    channels = model.denoiser.config.channels
    source = noises(config, 0, (channels, 16, 16))
    next(source)  # x_T
    epsilon = np.moveaxis(next(source)[:3], 0, 2)
    x0 = to_model_space(composite(config.drawing_rgba()))
    trajectory = got.ways["repaint"]
    for k in range(len(trajectory) - 1):
        alpha, std = alpha_std_at(float(trajectory.log_snr[k]))
        noised = (alpha * x0 + std * epsilon)[KNOWN]
        np.testing.assert_allclose(trajectory.x_t[k, 0][KNOWN], noised, atol=4e-3)
        entering = got.entering("repaint", k)
        np.testing.assert_array_equal(entering[..., 3] > 0, KNOWN)
        want = to_pixels(noised).astype(int)
        assert np.abs(entering[KNOWN, :3].astype(int) - want).max() <= 1
    np.testing.assert_array_equal(got.entering("repaint", k + 1)[KNOWN, :3], got.kept[KNOWN])
    finished = to_pixels(trajectory.x0[-1, 0])
    assert got.border_step("repaint") == border_step(finished, KNOWN)


@pytest.mark.parametrize("way", ["repaint", "posterior"])
@pytest.mark.parametrize("sampler", ["dpmpp_2m", "ddpm"])
def test_the_way_asked_for_ends_at_the_drawn_sprite_to_the_bit(model, way, sampler):
    config = replace(asked(), inpainting=way, sampler=sampler)
    drawn = drain(sample_iter(model, [config], RunControl(), record=False))
    got = inpaint(model, config).ways[way]
    np.testing.assert_array_equal(got.rgba(), drawn.rgba())
    for name in ("x0", "alpha"):
        ours, theirs = getattr(got, name), getattr(drawn, name)
        if theirs is not None:  # a finished sprite alone is stored as float16
            np.testing.assert_array_equal(ours[-1].astype(theirs.dtype), theirs[-1])
    assert got.config == drawn.config


def test_all_ways_start_from_the_same_noise_and_visit_the_same_levels(model):
    got = inpaint(model, asked())
    assert tuple(got.ways) == WAYS
    first = got.ways["end"]
    for way, trajectory in got.ways.items():
        np.testing.assert_array_equal(trajectory.log_snr, first.log_snr)
        if way != "repaint":  # RePaint records the last visit
            np.testing.assert_array_equal(trajectory.x_t[0], first.x_t[0])


def test_pasted_at_the_end_it_is_a_free_sprite_until_then(model):
    config = asked()
    got, free = inpaint(model, config), replace(config, known_mask=None)
    drawn = drain(sample_iter(model, [free], RunControl()))
    trajectory = got.ways["end"]
    np.testing.assert_array_equal(trajectory.x_t[:-1], drawn.x_t[:-1])
    finished, before = trajectory.rgba()[0], drawn.rgba()[0]
    np.testing.assert_array_equal(finished[~KNOWN], before[~KNOWN])
    np.testing.assert_array_equal(finished[KNOWN, :3], got.kept[KNOWN])
    if trajectory.alpha is not None:
        np.testing.assert_array_equal(finished[KNOWN, 3], config.drawing_rgba()[KNOWN, 3])
    # The network predicted something else than what was pasted over it.
    np.testing.assert_array_equal(got.predicted("end", -1), to_pixels(drawn.x0_free[-1, 0]))
    assert not got.entering("end", 2)[..., 3].any()
    assert got.entering("end", len(trajectory) - 1)[KNOWN, 3].all()
    assert trajectory.made_by is None


@pytest.mark.parametrize("way", WAYS)
def test_the_prediction_is_the_unchanged_networks(model, way):
    got = inpaint(model, asked())
    trajectory = got.ways[way]
    for k in (0, 3, len(trajectory) - 2):
        x_t = trajectory.x_t[k]
        if trajectory.noisy_alpha is not None:
            x_t = np.concatenate([x_t, trajectory.noisy_alpha[k][..., None]], axis=3)
        x_t = torch.from_numpy(x_t.astype(np.float32).transpose(0, 3, 1, 2))
        level = torch.tensor([float(trajectory.log_snr[k])])
        with torch.no_grad():
            x0 = model.denoiser(x_t, level, model.context([Prompt()])).x0[0, :3].clamp(-1, 1)
        ours = got.predicted(way, k).astype(int)
        theirs = to_pixels(x0.permute(1, 2, 0).numpy()).astype(int)
        assert np.abs(ours - theirs).max() <= 2
        difference = ours[KNOWN] - got.kept[KNOWN].astype(int)
        assert got.miss(way, k) == pytest.approx(np.sqrt((difference**2).mean()))


def test_all_ways_together_take_no_more_memory_than_they_may(model):
    whole = inpaint(model, replace(asked(), steps=20))
    size = sum(trajectory.nbytes for trajectory in whole.ways.values())
    most = size // 3
    some = inpaint(model, replace(asked(), steps=20), most_recorded=most)
    assert sum(trajectory.nbytes for trajectory in some.ways.values()) <= most
    for way, trajectory in some.ways.items():
        assert 2 <= len(trajectory) < len(whole.ways[way])
        np.testing.assert_array_equal(
            trajectory.x0[-1], whole.ways[way].x0[-1].astype(trajectory.x0.dtype)
        )


def test_progress_goes_through_all_ways_once(model):
    told = [r for r in inpaint_iter(model, asked(), RunControl()) if isinstance(r, Progress)]
    assert [record.done for record in told] == list(range(1, 19))
    assert {record.total for record in told} == {18}


def test_stopped_on_the_way_there_is_nothing_to_compare(model):
    control = RunControl()
    run = inpaint_iter(model, asked(), control)
    for _ in range(8):
        next(run)
    control.stop()
    assert drain(run) is None


def test_a_student_has_no_derivative_to_follow():
    student = model_of(made_denoiser(NetworkConfig(width=16, num_classes=2, guided=True)))
    assert tuple(inpaint(student, replace(asked(), sampler=None)).ways) == ("end", "repaint")


@pytest.mark.parametrize("mask", [None, np.zeros((16, 16), bool), np.ones((16, 16), bool)])
def test_with_nothing_or_all_kept_there_is_nothing_to_inpaint(model, mask):
    config = asked().over(asked().drawing_rgba(), mask)
    with pytest.raises(ConfigError, match="not all"):
        inpaint(model, config)


def test_the_step_at_the_border_is_compared_with_those_elsewhere():
    halves = np.zeros((16, 16, 3), np.uint8)
    halves[8:] = 60
    rows = np.repeat(np.arange(16) * 10, 16).reshape(16, 16, 1).repeat(3, 2).astype(np.uint8)
    assert border_step(rows, KNOWN) == pytest.approx(1)
    rows[8:] += 20
    assert border_step(rows, KNOWN) == pytest.approx(3)
    assert np.isnan(border_step(halves, KNOWN))  # there is no other step
    assert np.isnan(border_step(rows, np.ones_like(KNOWN)))
