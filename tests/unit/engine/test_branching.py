"""Continuing from a frame: what stays the same, what is new, and that nothing else changes."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sprite_lab.core.config import NetworkConfig, SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.trajectories.branches import Change
from sprite_lab.core.trajectories.levels import alpha_std
from sprite_lab.engine.sampling import reverse as sampling
from sprite_lab.engine.sampling.branching import continue_iter
from sprite_lab.engine.sampling.reverse import sample_iter
from tests.made_model import made_denoiser, model_of

#: The rounding error of float16 for values up to 4.
ROUNDING = 4e-3


def make_model(channels=4, guided=False):
    """A small untrained model that reacts to all inputs."""
    network = NetworkConfig(width=16, num_classes=2, channels=channels, guided=guided)
    return model_of(made_denoiser(network, by=0.03))


@pytest.fixture(scope="module")
def model():
    return make_model()


def sample(model, **settings):
    config = SampleConfig(
        **{"count": 2, "steps": 8, "seed": 3, "colors": 0, "precision": "fp32"} | settings
    )
    return drain(sample_iter(model, [config], RunControl()))


def go_on(model, trajectory, frame, change=None):
    change = Change() if change is None else change
    return drain(continue_iter(model, trajectory, frame, change, RunControl()))


def edited(trajectory, frame):
    """The prediction with a block of red in every sprite."""
    x0 = trajectory.x0[frame].astype(np.float32)
    x0[:, 4:8, 4:8] = (1, -1, -1)
    return x0


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("sampler", ["ddim", "euler", "heun"])
def test_nothing_changed_gives_the_rest_again(sampler, channels):
    model = make_model(channels)
    whole = sample(model, sampler=sampler, classes=("bar", "square"))
    for frame in (0, 3, 7):
        again = go_on(model, whole, frame)
        assert again.branched_at == frame
        np.testing.assert_array_equal(again.t, whole.t)
        for name in ("x_t", "x0", "x0_uncond") + (("alpha", "noisy_alpha") * (channels == 4)):
            ours, theirs = getattr(again, name), getattr(whole, name)
            np.testing.assert_array_equal(ours[:frame], theirs[:frame], err_msg=name)
            far = np.abs(ours.astype(float) - theirs.astype(float)) > 3 * ROUNDING
            if channels == 4 and ours.ndim == 5:
                far[-1][whole.alpha[-1] < -0.98] = False  # where 8-bit alpha is composited to white
            assert not far.any(), name
        assert again.made_by is None
        assert again.config == whole.config


@pytest.mark.parametrize(
    "settings",
    [
        {"sampler": "ddpm"},
        {"sampler": "ddim", "eta": 0.7},
        {"sampler": "heun", "churn": 4.0},
        {"sampler": "heun", "churn": 4.0, "tile": True},
        {"sampler": "ddpm", "tile": True},
    ],
)
def test_the_noise_continues_where_it_was(model, settings):
    whole = sample(model, **settings)
    again = go_on(model, whole, 4)
    np.testing.assert_allclose(again.x_t.astype(float), whole.x_t.astype(float), atol=0.02)
    np.testing.assert_allclose(again.log_snr, whole.log_snr, atol=1e-5)
    once_more = go_on(model, again, 6)
    np.testing.assert_allclose(once_more.x_t.astype(float), whole.x_t.astype(float), atol=0.03)
    np.testing.assert_allclose(once_more.log_snr, whole.log_snr, atol=1e-5)
    other = go_on(model, whole, 4, Change(seed=99))
    assert np.abs(other.final() - whole.final()).max() > 0.1


@pytest.mark.parametrize("sampler", ["dpmpp_2m", "unipc"])
def test_a_multistep_sampler_restarts_its_history(model, sampler):
    whole = sample(model, sampler=sampler)
    frame = 3
    again = go_on(model, whole, frame)
    # An independent walk over the same levels from that x_t, by the sampler's own step.
    levels = [float(level) for level in whole.log_snr[frame:-1]]
    from sprite_lab.diffusion.guidance import Guidance, guided
    from sprite_lab.diffusion.methods import method
    from sprite_lab.diffusion.sampler import walk

    pixels = np.concatenate([whole.x_t[frame], whole.noisy_alpha[frame][..., None]], axis=3)
    x_t = torch.from_numpy(pixels.astype(np.float32).transpose(0, 3, 1, 2))
    none = torch.zeros(2, 2)
    guidance = Guidance(none, torch.ones(2), none)
    with torch.inference_mode():
        points = list(
            walk(
                lambda x, log_snr: guided(model.denoiser, x, log_snr, guidance),
                x_t,
                levels,
                method(whole.config),
                lambda: torch.zeros_like(x_t),
            )
        )
    for k, point in enumerate(points):
        fresh = point.x_t[:, :3].permute(0, 2, 3, 1).numpy()
        np.testing.assert_allclose(again.x_t[frame + k].astype(float), fresh, atol=ROUNDING)
    assert np.abs(again.final() - whole.final()).max() > 1e-3, "with a history it goes elsewhere"


def test_an_edited_x0_keeps_epsilon_and_leads_the_next_step(model):
    whole = sample(model, sampler="ddim")
    frame, x0 = 4, edited(whole, 4)
    alpha = whole.alpha[frame].astype(np.float32)
    alpha[:, 4:8, 4:8] = 1
    got = go_on(model, whole, frame, Change(x0=x0, alpha=alpha))
    np.testing.assert_allclose(got.x0[frame].astype(float), x0, atol=1e-3)
    np.testing.assert_allclose(got.alpha[frame].astype(float), alpha, atol=1e-3)
    np.testing.assert_allclose(got.epsilon(frame), whole.epsilon(frame), atol=0.02)
    # DDIM's next x is alpha_s x0 + std_s epsilon, whatever the model predicts.
    signal, std = (float(v) for v in alpha_std(float(whole.log_snr[frame + 1])))
    wanted = signal * x0 + std * whole.epsilon(frame)
    np.testing.assert_allclose(got.x_t[frame + 1].astype(float), wanted, atol=0.01)
    np.testing.assert_array_equal(got.x_t[:frame], whole.x_t[:frame])
    # At the last evaluation the edit is the sprite itself.
    last = len(whole) - 2
    done = go_on(model, whole, last, Change(x0=edited(whole, last), alpha=alpha))
    np.testing.assert_array_equal(done.final()[:, 4:8, 4:8], edited(whole, last)[:, 4:8, 4:8])


def test_noise_is_redrawn_in_the_mask_alone(model):
    whole = sample(model, sampler="ddim")
    frame = 2
    mask = np.zeros((16, 16), bool)
    mask[2:9, 3:12] = True
    got = go_on(model, whole, frame, Change(redraw=mask, redraw_seed=7))
    signal, std = (float(v) for v in alpha_std(float(whole.log_snr[frame])))
    fresh = (got.x_t[frame].astype(float) - signal * whole.x0[frame].astype(float)) / std
    np.testing.assert_allclose(fresh[:, ~mask], whole.epsilon(frame)[:, ~mask], atol=0.01)
    noise = np.random.default_rng([7, 1]).standard_normal((4, 16, 16), np.float32)
    np.testing.assert_allclose(fresh[1][mask], noise[:3].transpose(1, 2, 0)[mask], atol=0.01)
    # The model has evaluated it again.
    assert np.abs(got.x0[frame].astype(float) - whole.x0[frame].astype(float)).max() > 1e-2
    again = go_on(model, whole, frame, Change(redraw=mask, redraw_seed=7))
    np.testing.assert_array_equal(again.x_t, got.x_t)
    assert np.abs(go_on(model, whole, frame, Change(redraw=mask)).x_t - got.x_t).max() > 0.1


def test_class_and_guidance_from_there_on(model):
    whole = sample(model, sampler="ddim", classes=("bar",), guidance_scale=1.0)
    assert whole.x0_uncond is None
    got = go_on(model, whole, 3, Change(classes=("square",), guidance_scale=4.0))
    np.testing.assert_array_equal(got.x_t[:4], whole.x_t[:4])
    assert np.abs(got.x0[3].astype(float) - whole.x0[3].astype(float)).max() > 1e-2
    # The unguided prediction: before the branch, the same as the guided one.
    np.testing.assert_array_equal(got.x0_uncond[:3], whole.x0[:3])
    assert np.abs(got.x0_uncond[3].astype(float) - got.x0[3].astype(float)).max() > 1e-2
    assert (got.config.classes, got.config.guidance_scale) == (("square",), 4.0)
    # At the same x_t, a model that is given squares from the start predicts the same.
    squares = sample(model, sampler="ddim", classes=("square",), guidance_scale=4.0)
    same = go_on(model, whole, 0, Change(classes=("square",), guidance_scale=4.0))
    np.testing.assert_allclose(same.final(), squares.final(), atol=3 * ROUNDING)


def test_other_steps_and_samplers_get_levels_of_their_own(model):
    whole = sample(model, sampler="ddim", steps=8)
    for change, rest in (
        (Change(steps=9), model.schedule.levels(9, float(whole.t[4]))),
        (Change(sampler="heun", steps=2), model.schedule.levels(2, float(whole.t[4]))),
        (Change(sampler="heun"), model.schedule.levels(4, float(whole.t[4]))),
    ):
        got = go_on(model, whole, 4, change)
        np.testing.assert_allclose(got.t, [*whole.t[:4], *rest, 0], rtol=1e-5)
        assert got.config.steps == len(got) - 1
        assert (np.diff(got.log_snr) > 0).all()


def test_students_branch_too():
    model = make_model(guided=True)
    whole = sample(model, sampler="student", steps=4, classes=("bar",))
    again = go_on(model, whole, 2)
    np.testing.assert_allclose(again.x_t.astype(float), whole.x_t.astype(float), atol=0.02)
    assert [model.most_steps("student", float(t)) for t in whole.t[:4]] == [4, 3, 2, 1]
    assert model.most_steps("ddim", 7.4) == 7
    other = go_on(model, whole, 2, Change(steps=5, classes=("square",)))
    np.testing.assert_allclose(other.t, whole.t, rtol=1e-5)  # one step for each remaining segment
    shorter = go_on(model, whole, 2, Change(steps=1))
    np.testing.assert_allclose(shorter.t, whole.t[[0, 1, 2, 4]], rtol=1e-5)


def test_one_sprite_of_many_is_drawn_as_among_them(model):
    whole = sample(model, sampler="ddpm", count=3, classes=("bar", "square"))
    change = Change(guidance_scale=3.0)
    together, alone = go_on(model, whole, 4, change), go_on(model, whole.one(1), 4, change)
    assert alone.count == 1
    np.testing.assert_allclose(alone.final()[0], together.final()[1], atol=ROUNDING)


def test_what_is_kept_of_a_drawing_stays_kept(model):
    drawing = np.random.default_rng(1).integers(0, 256, (16, 16, 4), np.uint8)
    drawing[..., 3] = 255
    keep = np.zeros((16, 16), np.uint8)
    keep[:8] = 1
    settings = {"drawing": drawing.tobytes(), "known_mask": keep.tobytes()}
    whole = sample(model, sampler="ddim", **settings)
    again = go_on(model, whole, 4)
    np.testing.assert_array_equal(again.final()[:, :8], whole.final()[:, :8])
    np.testing.assert_allclose(again.final(), whole.final(), atol=0.03)


def test_a_thinned_trajectory_continues_over_all_its_levels(model, monkeypatch):
    whole = sample(model, sampler="ddim", steps=12)
    monkeypatch.setattr(sampling, "MOST_RECORDED", whole.nbytes // 2)
    thinned = sample(model, sampler="ddim", steps=12)
    monkeypatch.undo()
    frame = len(thinned) // 2
    got = go_on(model, thinned, frame)
    after = whole.log_snr[whole.log_snr >= thinned.log_snr[frame] - 1e-4]
    np.testing.assert_allclose(got.log_snr[frame:], after, atol=1e-3)
    np.testing.assert_allclose(got.final(), whole.final(), atol=3 * ROUNDING)


@pytest.mark.parametrize("settings", [{"sampler": "heun", "churn": 6.0}, {"sampler": "ddpm"}])
def test_a_branch_of_a_thinned_one_counts_the_levels_that_were_visited(
    model, monkeypatch, settings
):
    whole = sample(model, steps=16, **settings)
    monkeypatch.setattr(sampling, "MOST_RECORDED", whole.nbytes // 2)
    thinned = sample(model, steps=16, **settings)
    monkeypatch.undo()
    assert len(thinned) < len(whole)
    frame = 3
    at = int(thinned.walk.at[frame])
    assert at > frame
    assert thinned.log_snr[frame] == whole.log_snr[at]
    assert thinned.steps_left(frame) == whole.steps_left(at) == 16 - at
    assert Change(steps=16 - at).words(thinned, frame) == ""
    got = go_on(model, thinned, frame)
    assert got.config == whole.config, "none of its settings is another"
    np.testing.assert_allclose(got.log_snr[frame:], whole.log_snr[at:], atol=1e-5)
    ours, theirs = got.x_t[frame:].astype(float), whole.x_t[at:].astype(float)
    np.testing.assert_allclose(ours, theirs, atol=0.04)
    # Another branch, from a frame of the branch.
    again = go_on(model, got, frame + 2)
    assert again.config == whole.config
    assert again.steps_left(frame + 2) == 16 - at - 2
    np.testing.assert_allclose(again.final(), whole.final(), atol=0.06)


def test_where_there_is_nothing_to_continue_from(model):
    whole = sample(model, sampler="ddim", steps=3)
    for wrong, frame, words in (
        (whole, 3, "clean end"),
        (replace(whole, kind="forward"), 1, "reverse"),
        (replace(whole, config=None), 1, "not known"),
        (replace(whole, noisy_alpha=None), 1, "Another model"),
        (replace(whole, model="other"), 1, "Another model"),
    ):
        with pytest.raises(ConfigError, match=words):
            go_on(model, wrong, frame)
    with pytest.raises(ConfigError, match="needs a student"):
        go_on(model, whole, 1, Change(sampler="student"))
