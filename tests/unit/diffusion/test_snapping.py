"""Flat colors: how many there are, where they come from, and what stays unchanged."""

import numpy as np
import pytest
import torch

from sprite_lab.core.sets.sprites import to_model_space, to_pixels
from sprite_lab.diffusion.snapping import (
    NOWHERE,
    PALETTE_LOG_SNR,
    SNAP_LOG_SNR,
    PaletteLock,
    Snap,
    assign,
    matched,
    own_colors,
)

CLEAN = SNAP_LOG_SNR + 1

COLORS = np.array([[20, 18, 31], [200, 40, 60], [90, 160, 70], [250, 200, 60]], np.uint8)


def drawn(count=3, boil=6.0, seed=0):
    """Sprites in four colors on white: exact ones, and as a network predicts them."""
    rng = np.random.default_rng(seed)
    images = np.full((count, 16, 16, 3), 255, np.uint8)
    images[:, 3:13, 3:13] = COLORS[rng.integers(0, 4, (count, 5, 5))].repeat(2, 1).repeat(2, 2)
    clean = torch.from_numpy(to_model_space(images)).permute(0, 3, 1, 2)
    noise = rng.normal(0, boil / 127.5, clean.shape).astype(np.float32)
    return images, (clean + torch.from_numpy(noise)).clamp(-1, 1)


def pixels(x0):
    return to_pixels(x0.permute(0, 2, 3, 1).numpy())


def colors_of(image):
    return np.unique(image.reshape(-1, image.shape[-1]), axis=0)


def snap(x0, colors=12, log_snr=CLEAN):
    return Snap(colors).settle(x0, x0, log_snr)


def test_boiling_areas_become_the_flat_colors_that_they_were():
    images, boiling = drawn()
    assert len(colors_of(pixels(boiling)[0])) > 150
    got = pixels(snap(boiling))
    for i in range(3):
        assert len(colors_of(got[i])) == 5
    assert np.abs(got.astype(int) - images).max() <= 10
    np.testing.assert_array_equal(got[:, :2], 255)  # white exactly


@pytest.mark.parametrize("colors", [2, 3, 4, 256])
def test_never_more_colors_than_asked_for(colors):
    x0 = torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    for image in pixels(snap(x0, colors)):
        assert 2 <= len(colors_of(image)) <= colors


def test_there_are_fewer_colors_where_fewer_will_do():
    blank = torch.ones(2, 3, 16, 16)
    blank[1, :, 4:8, 4:8] = -0.5
    got = snap(blank)
    np.testing.assert_array_equal(got[0], 1.0)
    torch.testing.assert_close(got, blank)


def test_while_there_is_much_noise_nothing_is_snapped():
    _, boiling = drawn()
    assert snap(boiling, log_snr=SNAP_LOG_SNR - 0.01) is boiling


@pytest.mark.parametrize("constraint", [Snap(4), PaletteLock(torch.zeros(1, 3))])
def test_predictions_are_limited_and_not_what_they_are_made_of(constraint):
    _, boiling = drawn()
    assert constraint.enter(boiling, CLEAN) is boiling


def test_a_sprite_does_not_depend_on_those_beside_it():
    _, boiling = drawn(4)
    alone = torch.cat([snap(boiling[i : i + 1]) for i in range(4)])
    torch.testing.assert_close(alone, snap(boiling), atol=1e-6, rtol=0)


def test_lone_pixels_stay_where_they_stand_out_and_go_where_they_do_not():
    body, eye, speckle = (
        torch.tensor(c) for c in ([0.2, -0.4, -0.6], [-0.9] * 3, [0.4, -0.2, -0.6])
    )
    x0 = body[:, None, None].expand(3, 16, 16).clone()
    x0[:, 5, 5], x0[:, 9, 9] = eye, speckle
    colors = torch.stack([body, eye, speckle])
    got = assign(x0[None], colors[None])[0]
    torch.testing.assert_close(got[:, 5, 5], eye)
    torch.testing.assert_close(got[:, 9, 9], body)


def test_a_stray_pixel_in_a_bright_color_takes_that_of_its_neighbors():
    x0 = torch.full((2, 3, 16, 16), 1.0)
    x0[:, :, 4:12, 4:12] = torch.tensor([0.2, -0.4, -0.6])[:, None, None]
    x0[:, :, 6, 6] = torch.tensor([-0.9, -0.9, -0.9])  # an eye
    x0[:, :, 8, 8] = torch.tensor([-0.8, 0.9, -0.8])
    x0[1, :, 9, 8] = x0[1, :, 8, 8]  # two pixels of a color are not an error
    got = snap(x0)
    torch.testing.assert_close(got[0, :, 8, 8], got[0, :, 5, 5])
    torch.testing.assert_close(got[1, :, 8, 8], x0[1, :, 8, 8])
    torch.testing.assert_close(got[:, :, 6, 6], x0[:, :, 6, 6])


def test_what_is_between_two_colors_pulls_at_neither():
    x0 = torch.full((1, 3, 16, 16), -0.8)
    x0[..., 8:] = 0.5
    x0[..., 8:, 8] = 0.4  # a smeared edge, eight pixels of one hundred and twenty-eight
    colors = own_colors(x0, 12)[0]
    assert (colors - 0.5).abs().amax(dim=1).min() < 0.01
    assert len(colors_of(pixels(snap(x0))[0])) == 2


def test_pixels_take_colors_as_the_potts_model_says():
    """Written as loops: the least squared distance, less a bond for each neighbor
    with that color.
    """
    generator = torch.Generator().manual_seed(0)
    x0 = torch.rand(2, 3, 5, 6, generator=generator) * 2 - 1
    colors = torch.rand(2, 4, 3, generator=generator) * 2 - 1
    distance = (x0[:, None] - colors[..., None, None]).square().sum(dim=2)  # (N, K, H, W)
    before = distance.argmin(dim=1)
    wanted = torch.empty_like(x0)
    for n, y, x in np.ndindex(2, 5, 6):
        around = before[n, max(0, y - 1) : y + 2, max(0, x - 1) : x + 2].flatten().tolist()
        around.remove(int(before[n, y, x]))
        cost = [float(distance[n, k, y, x]) - 0.12 * around.count(k) for k in range(4)]
        wanted[n, :, y, x] = colors[n, int(np.argmin(cost))]
    got = assign(x0, colors)
    assert (got != wanted).sum() == 0
    # otherwise neighbors made no difference
    assert (wanted != colors[0][before[0]].movedim(2, 0)).any()


def test_a_color_is_the_mean_of_its_pixels_by_their_nearness():
    """Weighted by exp(-d^2 / (2 0.1^2)), twice, starting from the pixel farthest from white."""
    shades = torch.tensor([-0.9, -0.8, -0.75, -0.7, -0.7, -0.6, 0.98, 1.0])
    rgb = shades.expand(3, -1)[None, :, None].contiguous()
    dark, mean = shades[:6], -0.9
    for _ in range(2):
        weight = torch.exp(-3 * (dark - mean).square() / (2 * 0.1**2))
        mean = float((weight * dark).sum() / weight.sum())
    colors = own_colors(rgb, 2)[0]
    torch.testing.assert_close(colors[1], torch.full((3,), mean), rtol=0, atol=1e-4)
    assert colors[0].tolist() == [1.0, 1.0, 1.0]


def test_alpha_becomes_all_or_nothing_and_nothing_is_white():
    images, boiling = drawn()
    alpha = torch.from_numpy(np.where((images == 255).all(-1), -0.7, 0.8).astype(np.float32))
    alpha[:, 3, 3] = -0.1  # rather transparent than opaque
    got = snap(torch.cat([boiling, alpha[:, None]], dim=1))
    assert set(got[:, 3].unique().tolist()) == {-1.0, 1.0}
    clear = got[:, 3] < 0
    assert clear[:, 3, 3].all()
    np.testing.assert_array_equal(got[:, :3].permute(0, 2, 3, 1)[clear], 1.0)


class TestPaletteLock:
    palette = torch.tensor([[-0.9, -0.8, -0.7], [-0.2, 0.4, -0.5], [0.6, 0.8, 0.1]])

    def lock(self, x0, log_snr=CLEAN):
        return PaletteLock(self.palette).settle(x0, x0, log_snr)

    def inside(self, color):
        return (self.palette - color).abs().amax(dim=1).min() < 1e-6

    def test_there_is_nothing_but_the_palette_on_white(self):
        _, boiling = drawn()
        boiling[:, :, 7:9, 7:9] = 1.0  # white within the sprite, not background
        got = self.lock(boiling)
        np.testing.assert_array_equal(got[:, :, :2], 1.0)
        inner = got[:, :, 3:13, 3:13].permute(0, 2, 3, 1).reshape(-1, 3)
        assert all(self.inside(color) for color in inner.unique(dim=0))

    def test_a_models_own_alpha_says_what_is_ground(self):
        _, boiling = drawn()
        alpha = torch.full((3, 1, 16, 16), -0.9)
        alpha[:, :, 2:14, 2:14] = 0.9  # some white is opaque
        got = self.lock(torch.cat([boiling, alpha], dim=1))
        opaque = got[:, 3] > 0
        assert opaque.float().mean() == pytest.approx(144 / 256)
        rgb = got[:, :3].permute(0, 2, 3, 1)
        np.testing.assert_array_equal(rgb[~opaque], 1.0)
        assert all(self.inside(color) for color in rgb[opaque].unique(dim=0))

    def test_while_there_is_much_noise_nothing_is_locked(self):
        _, boiling = drawn()
        assert self.lock(boiling, SNAP_LOG_SNR - 0.01) is boiling

    def test_without_a_ground_every_pixel_has_a_color_of_the_palette(self):
        _, boiling = drawn()
        got = PaletteLock(self.palette, opaque=True).settle(boiling, boiling, CLEAN)
        colors = got.permute(0, 2, 3, 1).reshape(-1, 3).unique(dim=0)
        assert all(self.inside(color) for color in colors)

    def test_cloth_in_a_muted_color_does_not_become_the_face_above_it(self):
        """Pixel by pixel, in RGB or Oklab, this mauve is nearest to the skin."""
        skin, red, dark = [198, 134, 96], [142, 46, 60], [40, 30, 50]
        palette = torch.from_numpy(to_model_space(np.array([skin, red, dark], np.uint8)))
        image = np.full((1, 16, 16, 3), 255, np.uint8)
        image[:, 2:14, 2:14] = dark
        image[:, 3:8, 3:13], image[:, 8:13, 3:13] = [200, 140, 105], [168, 98, 92]
        x0 = torch.from_numpy(to_model_space(image)).permute(0, 3, 1, 2)
        got = pixels(PaletteLock(palette).settle(x0, x0, CLEAN))[0]
        assert got[5, 7].tolist() == skin
        assert got[10, 7].tolist() == red
        assert got[2, 7].tolist() == dark


def test_colors_that_touch_stay_apart_and_those_that_do_not_may_become_one():
    own = torch.tensor([[[0.2, 0.2, 0.2], [0.3, 0.3, 0.3]]])
    palette = torch.tensor([[0.25, 0.25, 0.25], [0.6, 0.6, 0.6]])
    where = torch.zeros(1, 2, 6, 6)
    where[0, 0, :2], where[0, 1, 4:] = 1, 1
    assert matched(own, where, palette).tolist() == [[0, 0]]
    where[0, 1] = 0
    where[0, 1, 2] = 1  # fewer pixels, which cost less to move
    near, far = palette.clone(), torch.tensor([[0.25, 0.25, 0.25], [0.36, 0.36, 0.36]])
    assert matched(own, where, near).tolist() == [[0, 0]]  # the other color is too far away
    assert matched(own, where, far).tolist() == [[0, 1]]


def test_sprites_keep_to_the_colors_of_a_style_that_has_some():
    """One sprite has a palette, the next has none: the former's opaque pixels are in it."""
    _, boiling = drawn()
    palette = np.array([[20, 20, 30], [200, 60, 60], [90, 160, 90]], np.uint8)
    palettes = torch.full((len(boiling), 4, 3), NOWHERE)
    palettes[0, :3] = torch.from_numpy(palette / 127.5 - 1)
    alpha = torch.where(boiling[:, :1] < 0.9, 1.0, -1.0)
    x0 = torch.cat([boiling, alpha], dim=1)
    got = Snap(12, palettes=palettes).settle(x0, x0, CLEAN)
    opaque = pixels(got[:1, :3])[0][(alpha[0, 0] > 0).numpy()]
    assert {tuple(color) for color in opaque} <= {tuple(color) for color in palette}
    assert (got[0, :3][:, alpha[0, 0] < 0] == 1.0).all()
    assert torch.equal(got[1:], Snap(12).settle(x0, x0, CLEAN)[1:])


def test_colors_of_a_style_are_kept_to_before_shapes_are_decided_but_not_by_samplers_with_noise():
    _, boiling = drawn()
    palettes = torch.zeros(len(boiling), 1, 3)  # gray, and the white background
    level = (PALETTE_LOG_SNR + SNAP_LOG_SNR) / 2
    early = Snap(12, palettes=palettes).settle(boiling, boiling, level)
    assert set(early.unique().tolist()) == {0.0, 1.0}
    last = Snap(12, start=SNAP_LOG_SNR + 1, palettes=palettes)
    assert torch.equal(last.settle(boiling, boiling, level), boiling)
    below = PALETTE_LOG_SNR - 0.1
    assert torch.equal(Snap(12, palettes=palettes).settle(boiling, boiling, below), boiling)
