"""Drawing with conditions: the sprites match the configuration."""

from dataclasses import replace

import numpy as np
import pytest

from sprite_lab.core.config import NetworkConfig, SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import to_model_space, to_pixels
from sprite_lab.diffusion.snapping import SNAP_LOG_SNR
from sprite_lab.engine.sampling.reverse import sample_iter
from tests.made_model import made_denoiser, model_of


def make_model(channels):
    """A small untrained model that reacts to all inputs."""
    return model_of(made_denoiser(NetworkConfig(width=16, num_classes=2, channels=channels)))


@pytest.fixture(scope="module", params=[3, 4], ids=["rgb", "rgba"])
def model(request):
    return make_model(request.param)


def sample(model, *configs, **kwargs):
    return drain(sample_iter(model, configs, RunControl(), **kwargs))


def draws_alpha(model):
    return model.denoiser.config.channels == 4


def drawing():
    rng = np.random.default_rng(3)
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[4:12, 4:12, :3] = rng.integers(0, 200, (8, 8, 3))
    rgba[4:12, 4:12, 3] = 255
    return rgba


def colors_of(pixels):
    return np.unique(pixels.reshape(-1, pixels.shape[-1]), axis=0)


BASE = SampleConfig(count=2, steps=6)


def test_sprites_have_few_colors_unless_any_number_is_asked_for(model):
    flat, free = (
        to_pixels(sample(model, replace(BASE, colors=c), record=False).final()) for c in (7, 0)
    )
    for i in range(2):
        assert len(colors_of(flat[i])) <= 7
        assert len(colors_of(free[i])) > 50


@pytest.mark.parametrize("sampler", ["ddpm", "dpmpp_2m"])
def test_samplers_that_add_noise_are_snapped_at_the_end_only(model, sampler):
    """A color chosen too early would stay through every later step."""
    got = sample(model, replace(BASE, count=1, sampler=sampler, steps=40))
    late = [k for k in range(40) if got.log_snr[k] > SNAP_LOG_SNR]
    assert len(late) > 1
    flat = [len(colors_of(to_pixels(got.x0[k, 0]))) <= BASE.colors for k in late]
    assert flat == [sampler == "dpmpp_2m" or k == 39 for k in late]
    assert len(colors_of(to_pixels(got.final()[0]))) <= BASE.colors


def test_a_walk_of_one_step_ends_in_flat_colors_too(model):
    got = sample(model, replace(BASE, steps=1))
    assert len(got) == 2
    assert len(colors_of(to_pixels(got.x0[0, 0]))) > 50
    assert len(colors_of(to_pixels(got.x0[1, 0]))) <= BASE.colors
    np.testing.assert_array_equal(got.x_t[1], got.x0[1])


def test_alpha_comes_with_a_model_that_draws_it(model):
    got = sample(model, replace(BASE, count=4))
    assert got.x_t.shape == got.x0.shape == (7, 4, 16, 16, 3)
    if not draws_alpha(model):
        assert got.alpha is None
        return
    assert got.alpha.shape == (7, 4, 16, 16)
    assert got.alpha.dtype == np.float16
    rgba = got.rgba()
    clear = rgba[..., 3] == 0
    assert set(np.unique(rgba[..., 3])) == {0, 255}
    np.testing.assert_array_equal(rgba[clear][:, :3], 255)
    # Without snapping, all intermediate colors occur, and nothing is exactly white.
    free = sample(model, replace(BASE, count=4, colors=0)).rgba()
    assert len(np.unique(free[..., 3])) > 20
    np.testing.assert_array_equal(free[free[..., 3] == 0][:, :3], 255)


def test_only_the_colors_of_a_palette(model):
    palette = np.array([[10, 20, 30], [200, 60, 40], [90, 160, 80]], np.uint8)
    got = sample(model, replace(BASE, palette=palette.tobytes()), record=False).rgba()
    opaque = colors_of(got[got[..., 3] > 0][:, :3]).tolist()
    assert opaque
    assert all(color in palette.tolist() for color in opaque)
    np.testing.assert_array_equal(got[got[..., 3] == 0][:, :3], 255)


@pytest.mark.parametrize("sampler", ["ddpm", "heun", "unipc"])
def test_left_and_right_are_alike(model, sampler):
    got = sample(model, replace(BASE, symmetric=True, sampler=sampler), record=False).rgba()
    np.testing.assert_array_equal(got, got[:, :, ::-1])
    free = sample(model, replace(BASE, sampler=sampler), record=False).rgba()
    assert (free != free[:, :, ::-1]).any()


def test_what_is_kept_on_one_side_is_mirrored_where_left_and_right_are_alike(model):
    rgba = np.full((16, 16, 4), 255, np.uint8)
    rgba[2:6, 11:14, :3] = (200, 10, 40)
    keep = np.zeros((16, 16), np.uint8)
    keep[2:6, 11:14] = 1
    config = replace(BASE, symmetric=True, drawing=rgba.tobytes(), known_mask=keep.tobytes())
    got = sample(model, config, record=False).rgba()
    np.testing.assert_array_equal(got, got[:, :, ::-1])
    assert (got[:, 2:6, 2:5, :3] == (200, 10, 40)).all()


def test_where_both_sides_are_kept_each_stays_as_it_is_drawn(model):
    rgba = drawing()
    keep = np.zeros((16, 16), np.uint8)
    keep[4:12, 4:12] = 1
    config = replace(BASE, symmetric=True, drawing=rgba.tobytes(), known_mask=keep.tobytes())
    got = sample(model, config, record=False).rgba()
    assert (got[:, 4:12, 4:12] == rgba[4:12, 4:12]).all()


def test_tiles_differ_from_sprites_and_do_not_depend_on_the_batch(model):
    tile = replace(BASE, tile=True)
    together = sample(model, replace(tile, count=5), record=False).final()
    alone = sample(model, replace(tile, count=1, first_index=4), record=False).final()
    np.testing.assert_allclose(alone[0], together[4], atol=2e-3)
    assert (together[:2] != sample(model, BASE, record=False).final()).any()


def test_pixels_are_redrawn_as_far_as_their_strength_says(model):
    strength = np.zeros((16, 16), np.uint8)
    strength[:, 4:8], strength[:, 8:] = 100, 255
    rgba = drawing()
    config = replace(
        BASE, steps=12, drawing=rgba.tobytes(), redraw_strength=strength.tobytes(), colors=0
    )
    got = sample(model, config)
    shown = np.where(rgba[..., 3:] == 0, 255, rgba[..., :3])
    pixels = to_pixels(got.final())
    for image in pixels:
        np.testing.assert_array_equal(image[:, :4], shown[:, :4])
    away = np.abs(pixels.astype(int) - shown).mean(axis=(0, 1, 3))
    assert 0 < away[4:8].mean() < away[8:].mean()
    # Released at that fraction of T; until then, the prediction is the drawing.
    held = [
        np.abs(to_pixels(got.x0[k])[:, :, 4:8].astype(int) - shown[:, 4:8]).max() <= 1
        for k in range(len(got))
    ]
    last = got.t[-2]
    assert held == [t > last + 100 / 255 * (500 - last) for t in got.t]
    if draws_alpha(model):
        np.testing.assert_array_equal(got.rgba()[:, :, :4, 3], np.stack([rgba[:, :4, 3]] * 2))


@pytest.mark.parametrize("sampler", ["dpmpp_2m", "ddim", "ddpm"])
def test_every_strength_frees_a_pixel_and_more_of_it_frees_it_earlier(model, sampler):
    """Each of the 256 pixels has a different strength."""
    strength = np.arange(256, dtype=np.uint8).reshape(16, 16)
    gray = np.full((16, 16, 4), (90, 90, 90, 255), np.uint8)
    steps = {"dpmpp_2m": 12, "ddim": 50, "ddpm": 250}[sampler]
    config = SampleConfig(
        count=1,
        steps=steps,
        sampler=sampler,
        visits=1,
        drawing=gray.tobytes(),
        redraw_strength=strength.tobytes(),
        colors=0,
    )
    got = sample(model, config)
    shade = to_model_space(np.uint8(90)).astype(got.x0.dtype)
    held = (got.x0[:-1, 0] == shade).all(axis=3)  # (steps, 16, 16)
    free = (~held).sum(axis=0).ravel()
    assert free[0] == 0
    assert (free[1:] >= 1).all()
    assert (np.diff(free) >= 0).all()
    assert free[255] == steps
    # From the weakest to the strongest, hardly any level is skipped.
    assert len(np.unique(free)) > 0.8 * min(steps, 200)


def test_a_known_mask_is_a_strength_of_nothing(model):
    mask = np.zeros((16, 16), np.uint8)
    mask[:, :9] = 1
    strength = np.where(mask, 0, 255).astype(np.uint8)
    config = replace(BASE, drawing=drawing().tobytes())
    one = sample(model, replace(config, known_mask=mask.tobytes()), record=False).final()
    other = sample(model, replace(config, redraw_strength=strength.tobytes()), record=False).final()
    np.testing.assert_array_equal(one, other)


def test_the_silhouette_is_kept_where_alpha_is_drawn(model):
    config = replace(BASE, drawing=drawing().tobytes(), keep_alpha=True)
    if not draws_alpha(model):
        with pytest.raises(ConfigError, match="draws no alpha"):
            sample(model, config)
        return
    got = sample(model, config, record=False).rgba()
    np.testing.assert_array_equal(got[..., 3], np.stack([drawing()[..., 3]] * 2))
    inside = np.abs(got[:, 4:12, 4:12, :3].astype(int) - drawing()[4:12, 4:12, :3])
    assert inside.max() > 8


def test_sprites_drawn_together_agree_on_their_colors(model):
    for change in ({"colors": 5}, {"palette": b"123"}, {"symmetric": True}, {"tile": True}):
        with pytest.raises(ConfigError, match="must agree"):
            sample(model, BASE, replace(BASE, **change))
