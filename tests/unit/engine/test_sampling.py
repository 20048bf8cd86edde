"""Sampling: seeds, batches, conditioning by drawing, and the contents of a trajectory."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sprite_lab.core.config import (
    DEFAULT_SAMPLER,
    SAMPLERS,
    ForwardConfig,
    NetworkConfig,
    SampleConfig,
    ScheduleConfig,
)
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.records import Notice, Preview, Progress
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import to_model_space, to_pixels
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.core.trajectories.frame_views import frame_pixels
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.sampling import reverse as sampling
from sprite_lab.engine.sampling.forward import forward_iter
from sprite_lab.engine.sampling.reverse import sample_iter
from tests.made_model import made_denoiser, model_of


def make_model(schedule="cosine"):
    """A small untrained model that reacts to all inputs."""
    denoiser = made_denoiser(NetworkConfig(width=16, num_classes=2))
    denoiser.data_mean.fill_(0.5)
    return model_of(denoiser, schedule=ScheduleConfig(name=schedule))


@pytest.fixture(scope="module")
def model():
    return make_model()


def sample(model, *configs, **kwargs):
    return drain(sample_iter(model, configs, RunControl(), **kwargs))


@pytest.mark.parametrize("sampler", ["ddpm", "ddim"])
def test_a_trajectory_holds_every_level_and_the_clean_end(model, sampler):
    got = sample(model, SampleConfig(count=3, sampler=sampler, steps=10))
    levels = [*model.schedule.levels(10), 0]
    np.testing.assert_allclose(got.t, levels, rtol=1e-6)
    np.testing.assert_allclose(got.log_snr, model.schedule.log_snr(levels), rtol=1e-4)
    assert got.x_t.shape == got.x0.shape == (11, 3, 16, 16, 3)
    assert got.x_t.dtype == np.float16
    assert np.isfinite(got.log_snr).all()
    assert np.abs(got.x0).max() <= 1
    np.testing.assert_array_equal(got.x_t[-1], got.x0[-1])
    # The first frame is noise, and epsilon is what x_t has besides x0.
    assert got.x_t[0].astype(np.float32).std() == pytest.approx(1, abs=0.05)
    for k in (0, 5, 9):
        rebuilt = got.signal(k) * got.x0[k] + got.noise_std(k) * got.epsilon(k)
        np.testing.assert_allclose(rebuilt, got.x_t[k], atol=2e-3)
    last_only = sample(model, SampleConfig(count=3, sampler=sampler, steps=10), record=False)
    assert len(last_only) == 1
    np.testing.assert_array_equal(last_only.final(), got.final())


def test_unless_told_otherwise_ddpm_visits_all_levels_and_others_few(model):
    ancestral = sample(model, SampleConfig(count=1, sampler="ddpm"))
    assert ancestral.t.tolist() == list(range(500, -1, -1))
    usual = sample(model, SampleConfig(count=1))
    assert len(usual) == SAMPLERS[DEFAULT_SAMPLER].steps + 1
    # The trajectory records what the model and the program decided.
    assert usual.config == SampleConfig(
        count=1,
        sampler=DEFAULT_SAMPLER,
        steps=len(usual) - 1,
        precision="fp32",
        autoguidance=0.0,  # there is no weak version
    )


@pytest.mark.parametrize("sampler", [name for name in SAMPLERS if name != "student"])
def test_every_sampler_stays_within_the_levels_that_the_model_knows(model, sampler):
    asked = []
    handle = model.denoiser.register_forward_pre_hook(lambda _, inputs: asked.append(inputs[1]))
    got = sample(model, SampleConfig(count=2, sampler=sampler, steps=6, churn=20.0))
    handle.remove()
    low, high = model.schedule.trained_range
    levels = torch.cat(asked)
    assert low - 1e-5 <= levels.min() <= levels.max() <= high + 1e-5
    # At the first noise level of a cosine schedule, Heun takes an Euler step.
    twice_from = SAMPLERS[sampler].twice_from
    again = 0 if twice_from is None else (got.log_snr[:5] >= twice_from).sum()
    assert len(asked) == 6 + again
    assert len(got) == 7
    assert (np.diff(got.t) < 0).all()
    assert (got.t[0], got.t[-1]) == (500, 0)
    for k in range(6):  # the levels of evaluation, including churn
        assert np.isclose(got.log_snr[k], levels.numpy(), atol=1e-4).any()


@pytest.mark.parametrize("spacing", ["linear", "cosine", "karras"])
def test_few_steps_along_another_schedule_end_at_another_sprite(model, spacing):
    usual = SampleConfig(count=2, sampler="euler", steps=4)
    asked = replace(usual, spacing=spacing)
    ours, theirs = sample(model, usual), sample(model, asked)
    np.testing.assert_allclose(theirs.t[:-1], model.schedule.levels(4, spacing=spacing), rtol=1e-6)
    assert theirs.config == replace(ours.config, spacing=spacing)
    # The same noise, which becomes a different sprite.
    for first in (ours, theirs):
        alpha = first.signal(0)
        noise = first.x_t[0] - alpha * 0.5  # it is centered on the mean sprite
        np.testing.assert_allclose(noise / first.noise_std(0), ours.x_t[0], atol=0.02)
    assert not np.array_equal(ours.final(), theirs.final())


def test_churn_and_eta_and_variance_change_the_sprites(model):
    def final(**settings):
        return sample(model, SampleConfig(count=1, steps=6, **settings), record=False).final()

    for settings in (
        {"sampler": "euler", "churn": 5.0},
        {"sampler": "heun", "churn": 5.0},
        {"sampler": "ddim", "eta": 0.5},
        {"sampler": "ddpm", "variance": "beta"},
    ):
        plain = final(sampler=settings["sampler"])
        assert np.abs(final(**settings) - plain).max() > 1e-2, settings


def test_a_student_is_asked_for_in_vain_where_there_is_none(model):
    with pytest.raises(ConfigError, match="sprite-lab distill"):
        sample(model, SampleConfig(sampler="student"))


def test_the_precision_asked_for_is_computed_in(model):
    seen = []
    handle = model.denoiser.network.stem.register_forward_hook(
        lambda _, inputs, output: seen.append(output.dtype)
    )
    for precision in ("fp32", "bf16"):
        sample(model, SampleConfig(count=1, steps=1, precision=precision))
    handle.remove()
    assert seen == [torch.float32, torch.bfloat16]


def test_a_pictures_settings_draw_it_again_on_a_machine_that_is_faster_in_bf16(model, monkeypatch):
    """Sprites that such a machine drew in bf16 are also drawn in bf16 elsewhere."""

    def machine(gains: bool) -> None:
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: gains)

    asked = SampleConfig(count=2, steps=4, classes=("bar",))
    for config in (asked, replace(asked, precision="bf16")):
        machine(True)
        drawn = sample(model, config, record=False)
        machine(False)
        again = sample(model, config, record=False)
        restored = sample(model, drawn.config, record=False)
        np.testing.assert_array_equal(again.final(), drawn.final())
        np.testing.assert_array_equal(restored.final(), drawn.final())


def notices(model, config):
    run = sample_iter(model, [config], RunControl(), record=False)
    return [record.text for record in run if isinstance(record, Notice)]


def test_guidance_that_cannot_steer_is_heard_of(model):
    one = SampleConfig(count=1, steps=1)
    assert not notices(model, one)  # no notice about default settings
    assert not notices(model, replace(one, guidance_scale=5, classes=("bar",)))
    assert not notices(model, replace(one, guidance_scale=5, negative_class="bar"))
    assert "Guidance 5 does nothing" in notices(model, replace(one, guidance_scale=5))[0]
    assert "no weak version" in notices(model, replace(one, autoguidance=1))[0]


@pytest.mark.parametrize(("asked", "drawn"), [(9, 4), (0, 1), (2, 2)])
def test_guidance_that_a_student_was_not_taught_is_heard_of(asked, drawn):
    network = NetworkConfig(width=16, num_classes=2, guided=True)
    student = model_of(made_denoiser(network))
    config = SampleConfig(count=1, steps=1, classes=("bar",), guidance_scale=asked)
    assert sample(student, config).config.guidance_scale == drawn
    heard = [f"{asked} is drawn as that" in notice for notice in notices(student, config)]
    assert heard == [True] * (asked != drawn)


def test_steps_that_a_model_does_not_take_are_heard_of():
    student = model_of(made_denoiser(NetworkConfig(width=16, num_classes=2, guided=True)))
    config = SampleConfig(count=1, steps=100_000)
    assert any("at most 4 steps; 100,000 is" in notice for notice in notices(student, config))
    assert not notices(student, replace(config, steps=4))


def test_autoguidance_is_recorded_where_there_are_early_weights_only(model):
    one = SampleConfig(count=1, steps=2)
    assert sample(model, one).config.autoguidance == 0
    led = replace(model, weak=model.denoiser)
    assert sample(led, one).config.autoguidance == one.autoguidance
    assert not notices(led, replace(one, autoguidance=1))


def test_a_model_without_what_keeps_variety_is_guided_plainly_either_way(model):
    assert model.guides_plainly
    assert not replace(model, weak=model.denoiser).guides_plainly
    assert not replace(model, guided_below=0.0).guides_plainly
    usual = SampleConfig(count=2, steps=4, classes=("bar",), guidance_scale=3)
    plain = replace(usual, autoguidance=0.0, guidance_interval=(0.0, 500.0))
    drawn = [sample(model, config, record=False).final() for config in (usual, plain)]
    np.testing.assert_array_equal(*drawn)


@pytest.mark.parametrize("sampler", [name for name in SAMPLERS if name != "student"])
@pytest.mark.parametrize("steps", [1, 5])
def test_a_schedule_that_leaves_nothing_of_a_sprite_is_sampled_all_the_same(sampler, steps):
    """At log-SNR -100, kept pixels once became NaN, and Heun exceeded the range of float16."""
    schedule = ScheduleConfig(name="linear", timesteps=10_000)
    model = model_of(made_denoiser(NetworkConfig(width=16, num_classes=2)), schedule=schedule)
    drawing = np.random.default_rng(0).integers(0, 256, (16, 16, 4), np.uint8)
    half = np.arange(16) < 8
    config = SampleConfig(count=1, sampler=sampler, steps=steps)
    for each in (config, config.over(drawing, keep=np.tile(half, (16, 1)))):
        drawn = sample(model, each)
        assert np.abs(drawn.x_t.astype(np.float32)).max() < 10


@pytest.mark.parametrize("sampler", ["ddpm", "dpmpp_2m", "heun"])
def test_sprite_i_depends_on_seed_and_i_alone(model, sampler):
    base = SampleConfig(
        count=130, seed=5, sampler=sampler, steps=4, churn=2.0, classes=("bar", "square")
    )
    many = sample(model, base, record=False).final()
    for i in (0, 3, 129):
        one = sample(model, replace(base, count=1, first_index=i), record=False).final()
        np.testing.assert_allclose(one[0], many[i], atol=2e-3)
    mixed = sample(model, replace(base, count=2, seed=9), replace(base, count=2), record=False)
    np.testing.assert_allclose(mixed.final()[2:], many[:2], atol=2e-3)
    assert np.abs(mixed.final()[0] - many[0]).max() > 0.1
    other = sample(model, replace(base, count=1, seed=6), record=False).final()
    assert np.abs(other[0] - many[0]).max() > 0.1


def test_classes_and_guidance_steer(model):
    base = SampleConfig(count=1, steps=4)
    free, bar, square, strong = (
        sample(model, config, record=False).final()
        for config in (
            base,
            replace(base, classes=("bar",), guidance_scale=1.0),
            replace(base, classes=("square",), guidance_scale=1.0),
            replace(base, classes=("bar",), guidance_scale=4.0),
        )
    )
    for one, other in ((free, bar), (bar, square), (bar, strong)):
        assert np.abs(one - other).max() > 1e-3
    for unknown in ({"classes": ("dragon",)}, {"class_mix": (("dragon", 0.5),)}):
        with pytest.raises(ConfigError, match="has no class 'dragon'"):
            sample(model, replace(base, **unknown))
    with pytest.raises(ConfigError, match="has no class 'dragon'"):
        sample(model, replace(base, negative_class="dragon"))


def test_a_class_mix_is_the_sum_of_its_classes(model):
    base = SampleConfig(count=2, steps=4)
    seen = []
    handle = model.denoiser.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[2]))
    sample(model, replace(base, class_mix=(("bar", 0.5), ("square", 0.25)), guidance_scale=1.0))
    handle.remove()
    assert seen[0].tolist() == [[0.5, 0.25]] * 2
    only, mixed = (
        sample(model, config, record=False).final()
        for config in (
            replace(base, classes=("bar",)),
            replace(base, class_mix=(("bar", 1.0),)),
        )
    )
    np.testing.assert_array_equal(only, mixed)


def test_guidance_has_an_interval_and_a_class_to_steer_away_from(model):
    base = SampleConfig(count=1, steps=4, classes=("bar",), guidance_scale=4.0)
    free = sample(model, replace(base, guidance_scale=1.0), record=False).final()
    strong = sample(model, base, record=False).final()
    away = sample(model, replace(base, negative_class="square"), record=False).final()
    assert np.abs(away - strong).max() > 1e-3
    for interval, same in (((0.0, 500.0), strong), ((0.0, 0.0), free)):
        got = sample(model, replace(base, guidance_interval=interval), record=False).final()
        np.testing.assert_array_equal(got, same)
    part = sample(model, replace(base, guidance_interval=(0.0, 300.0)), record=False).final()
    for other in (free, strong):
        assert np.abs(part - other).max() > 1e-3
    with pytest.raises(ConfigError, match="model's T is 500"):
        sample(model, replace(base, guidance_interval=(0.0, 501.0)))
    # The model's settings apply unless others are given.
    careful = replace(model, guided_below=-100.0)
    np.testing.assert_array_equal(sample(careful, base, record=False).final(), free)
    asked = replace(base, guidance_interval=(0.0, 500.0))
    np.testing.assert_array_equal(sample(careful, asked, record=False).final(), strong)


def drawing():
    rng = np.random.default_rng(3)
    rgba = np.full((16, 16, 4), 255, np.uint8)
    rgba[4:12, 4:12, :3] = rng.integers(0, 255, (8, 8, 3))
    rgba[:4, :, 3] = 0
    return rgba


@pytest.mark.parametrize("sampler", ["ddpm", "ddim"])
def test_inpainting_keeps_the_known_pixels_to_the_byte(model, sampler):
    rgba = drawing()
    known = np.zeros((16, 16), np.uint8)
    known[:, :8] = 1
    got = sample(
        model,
        SampleConfig(
            count=2,
            sampler=sampler,
            steps=6,
            drawing=rgba.tobytes(),
            known_mask=known.tobytes(),
        ),
    )
    expected = rgba[..., :3].copy()
    expected[:4] = 255  # transparent pixels are composited on white
    pixels = to_pixels(got.final())
    for i in range(2):
        np.testing.assert_array_equal(pixels[i, :, :8], expected[:, :8])
        assert np.abs(pixels[i, :, 8:].astype(int) - expected[:, 8:]).max() > 8
    # While noisy, the kept part is the drawing noised to that level, and x0 shows the drawing.
    x0 = got.x0[0, 0, :, :8].astype(np.float32)
    np.testing.assert_allclose(x0, to_model_space(expected)[:, :8], atol=1e-3)


def test_inpainting_beside_plain_rows_changes_neither(model):
    rgba, known = drawing(), np.ones((16, 16), np.uint8)
    known[8:] = 0
    plain = SampleConfig(count=1, steps=4, seed=2, drawing=rgba.tobytes())
    painted = replace(plain, known_mask=known.tobytes())
    both = sample(model, painted, plain, record=False).final()
    np.testing.assert_allclose(both[0], sample(model, painted, record=False).final()[0], atol=2e-3)
    np.testing.assert_allclose(both[1], sample(model, plain, record=False).final()[0], atol=2e-3)


def test_from_a_drawing_the_less_noise_the_more_of_it_is_left(model):
    rgba = drawing()
    wanted = to_model_space(rgba[..., :3])
    wanted[:4] = 1.0
    distances = []
    for start_t in (20, 250, 500):
        config = SampleConfig(count=4, steps=20, start_t=start_t, drawing=rgba.tobytes())
        got = sample(model, config)
        assert got.t[0] == start_t
        distances.append(np.abs(got.x_t[0].astype(np.float32) - wanted).mean())
    assert distances[0] < distances[1] < distances[2]
    with pytest.raises(ConfigError, match="model's T is 500"):
        sample(model, SampleConfig(start_t=501, drawing=rgba.tobytes()))
    small = np.zeros((8, 8, 4), np.uint8).tobytes()
    with pytest.raises(ConfigError, match="8×8"):
        sample(model, SampleConfig(start_t=100, drawing=small))


def test_the_courses_schedule_starts_at_the_matched_mean():
    """At T, alpha = 0.08 of the signal remains: x_T must be centered on it, not on gray."""
    model = make_model("linear")
    got = sample(model, SampleConfig(count=64, steps=1, sampler="ddim"))
    alpha = got.signal(0)
    assert alpha == pytest.approx(0.08, abs=0.001)
    mean = got.x_t[0].astype(np.float32).mean()
    assert mean == pytest.approx(0.5 * alpha, abs=4 / np.sqrt(64 * 768))


def test_progress_previews_and_stopping(model):
    control = RunControl()
    records = []

    def hear(record):
        records.append(record)
        if isinstance(record, Progress) and record.done == 8:
            control.stop()

    result = drain(sample_iter(model, [SampleConfig(count=2, steps=10)], control), hear)
    assert next(r for r in records if isinstance(r, Progress)).total == 20
    assert sum(isinstance(r, Preview) for r in records) == 1  # the credit is shown once
    assert 3 <= len(result) <= 6
    assert result.t[0] == 500


def test_sprites_drawn_together_must_agree(model):
    with pytest.raises(ConfigError, match="must agree"):
        sample(model, SampleConfig(count=1, steps=3), SampleConfig(count=1, steps=4))
    with pytest.raises(ConfigError, match="nothing to sample"):
        sample(model)
    assert SampleConfig.visits > 1


def test_visits_are_what_a_step_takes_where_pixels_are_kept(model, monkeypatch):
    asked = []
    forward = type(model.denoiser).forward

    def count(self, *arguments):
        asked.append(arguments)
        return forward(self, *arguments)

    monkeypatch.setattr(type(model.denoiser), "forward", count)
    drawing, mask = bytes(16 * 16 * 4), bytes([0] * 128 + [255] * 128)
    kept = SampleConfig(1, steps=3, drawing=drawing, redraw_strength=mask, inpainting="repaint")
    for visits in (1, 2, SampleConfig.visits):
        asked.clear()
        sample(model, replace(kept, visits=visits))
        assert len(asked) == 2 * visits + 1  # the last level is visited once
    asked.clear()
    sample(model, replace(kept, redraw_strength=None, start_t=300))
    assert len(asked) == 3
    with pytest.raises(ConfigError, match="visits"):
        replace(kept, visits=0)


@pytest.mark.parametrize("noise", ["one", "fresh"])
def test_each_frame_of_the_forward_process_is_q_of_x_t_given_x_0(noise):
    images = np.full((64, 16, 16, 3), 255, np.uint8)
    config = ForwardConfig(schedule=ScheduleConfig(name="linear"), noise=noise)
    got = drain(forward_iter(images, config, RunControl()))
    assert len(got) == 501
    assert (got.t[0], got.t[-1]) == (500, 0)
    assert got.forward == config
    np.testing.assert_array_equal(got.x_t[-1], 1.0)
    schedule = NoiseSchedule(config.schedule)
    for t in (1, 100, 300, 500):
        x = got.x_t[500 - t].astype(np.float64)
        assert x.mean() == pytest.approx(schedule.alphas_cumprod[t - 1] ** 0.5, abs=0.02)
        assert x.var() == pytest.approx(1 - schedule.alphas_cumprod[t - 1], rel=0.03)
        # The noise is standard normal in every frame.
        epsilon = got.epsilon(500 - t)
        assert epsilon.std() == pytest.approx(1, abs=0.03 if t > 5 else 0.1)
    again = drain(forward_iter(images[:3], config, RunControl()))
    np.testing.assert_array_equal(again.x_t, got.x_t[:, :3])


def test_faint_noise_is_shown_as_it_was_drawn():
    """At t = 1 the noise is a fifth of an 8-bit step, which float16 rounds to 0."""
    images = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3)).astype(np.uint8)
    for name in ("linear", "karras"):
        config = ForwardConfig(schedule=ScheduleConfig(name=name), seed=3, noise="fresh")
        got = drain(forward_iter(images, config, RunControl()))
        for i in range(2):
            z = np.random.default_rng([3, i]).standard_normal((16, 16, 3), np.float32)
            np.testing.assert_allclose(got.epsilon(len(got) - 2)[i], z, atol=2e-3)


def test_predicted_noise_at_low_levels_is_not_rounding(model):
    """The stored walk to t = 1 gives the same noise as the walk itself."""
    config = SampleConfig(count=1, sampler="ddpm", steps=500, colors=0)
    seen = []
    original = sampling._Frame.of.__func__

    def of(cls, k, point, guides, kind):
        seen.append(point.epsilon.permute(0, 2, 3, 1)[..., :3].numpy())
        return original(cls, k, point, guides, kind)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampling._Frame, "of", classmethod(of))
        got = sample(model, config)
    for k in range(490, 500):
        off = np.abs(got.epsilon(k) - seen[k])
        assert off.max() < 0.01 * max(1.0, np.abs(seen[k]).max())
    # If there is too little room, float16 is used as before.
    few = sample(model, config, most_recorded=got.nbytes // 2 + 1)
    assert (len(few), few.x_t.dtype) == (len(got), np.float16)


def test_one_noise_is_the_same_at_every_level_and_fresh_noise_is_a_chain():
    images = np.random.default_rng(1).integers(0, 256, (4, 16, 16, 3), np.uint8)
    one = drain(forward_iter(images, ForwardConfig(), RunControl()))
    noise, x0 = one.epsilon(0), one.x0[0].astype(np.float32)
    seen = frame_pixels(one, 0, "epsilon")
    for t in (1, 50, 250, 500):
        k = 500 - t
        np.testing.assert_allclose(
            one.x_t[k], one.signal(k) * x0 + one.noise_std(k) * noise, atol=4e-3
        )
        np.testing.assert_array_equal(frame_pixels(one, k, "epsilon"), seen)
    chain = drain(forward_iter(images, ForwardConfig(noise="fresh"), RunControl()))

    def alike(here, there):
        return np.corrcoef(chain.epsilon(here).ravel(), chain.epsilon(there).ravel())[0, 1]

    assert alike(200, 201) > 0.9  # neighbors share nearly all of their noise
    assert alike(0, 400) < 0.2  # and distant levels hardly any


def test_more_frames_than_memory_holds_are_thinned_and_reported(model, monkeypatch):
    one = SampleConfig(count=1, steps=9)
    whole = sample(model, one)
    monkeypatch.setattr(sampling, "MOST_RECORDED", whole.nbytes // 2)
    said = []
    thinned = drain(sample_iter(model, [one], RunControl()), said.append)
    notices = [record.text for record in said if isinstance(record, Notice)]
    assert len(notices) == 1
    assert "5 of them, evenly spread, are kept, and 5 were dropped" in notices[0]
    kept = [0, 2, 4, 7, 9]
    np.testing.assert_array_equal(thinned.t, whole.t[kept])
    np.testing.assert_array_equal(thinned.x_t, whole.x_t[kept])
    np.testing.assert_array_equal(thinned.x0, whole.x0[kept])

    monkeypatch.setattr(sampling, "MOST_RECORDED", whole.nbytes // 10)
    with pytest.raises(ConfigError, match="fewer sprites"):
        sample(model, one)
    sample(model, one, record=False)


def test_the_unguided_prediction_is_recorded_under_guidance_only(model):
    plain = SampleConfig(count=2, steps=4, classes=("bar",), colors=0, guidance_scale=1.0)
    guided = replace(plain, guidance_scale=2.0)
    assert sample(model, plain).x0_uncond is None
    assert sample(model, replace(guided, classes=())).x0_uncond is None
    got = sample(model, guided)
    k = 1
    x_t = torch.from_numpy(got.x_t[k].astype(np.float32)).permute(0, 3, 1, 2)
    levels = torch.full((2,), float(got.log_snr[k]))
    no_class = model.context([Prompt(), Prompt()])
    with torch.inference_mode():
        x0 = model.denoiser(x_t, levels, no_class).x0.clamp(-1, 1).permute(0, 2, 3, 1)
    np.testing.assert_allclose(got.x0_uncond[k], x0, atol=0.03)
    assert np.abs(got.x0_uncond[k].astype(np.float32) - got.x0[k].astype(np.float32)).max() > 0.05
    # Outside the interval nothing is guided.
    got = sample(model, replace(guided, guidance_interval=(200.0, 300.0)))
    np.testing.assert_array_equal(got.x0_uncond[0], got.x0[0])


@pytest.mark.parametrize("sampler", ["dpmpp_2m", "ddpm"])
def test_a_variation_turns_all_noise_of_a_sprite_towards_another_seed_s(model, sampler):
    plain = SampleConfig(count=2, seed=3, sampler=sampler, steps=6, guidance_scale=1.0)
    own, other = (sample(model, replace(plain, seed=seed), record=False).final() for seed in (3, 4))
    ends = sample(model, replace(plain, variations=((4, 1.0),)), record=False).final()
    assert np.array_equal(ends, other)
    near, far = (
        np.abs(sample(model, replace(plain, variations=((4, s),)), record=False).final() - own)
        for s in (0.1, 0.6)
    )
    assert 0 < near.mean() < far.mean()
