"""Palette swaps keep the order of light and dark, and as many colors as possible."""

import numpy as np
import pytest

from sprite_lab.core.pixels.color_swaps import swapped, turned_hue
from sprite_lab.core.pixels.oklab import oklab

REDS = [(40, 0, 8, 255), (120, 16, 24, 255), (200, 48, 40, 255), (255, 150, 130, 255)]
BLUES = [(10, 12, 60, 255), (30, 60, 150, 255), (70, 120, 220, 255), (190, 220, 255, 255)]


def lightness(rgba):
    return oklab(rgba.reshape(-1, 4)[:, :3])[:, 0]


def sprite(colors):
    rgba = np.zeros((4, 4, 4), np.uint8)
    for i, color in enumerate(colors):
        rgba[i] = color
    rgba[:, 0] = 0
    return rgba


def test_a_ramp_becomes_the_ramp_of_another_hue():
    got = swapped(sprite(REDS), [*BLUES[::-1], (0, 0, 0, 0)])
    assert np.array_equal(got, sprite(BLUES))


@pytest.mark.parametrize("seed", range(5))
def test_light_stays_light_and_all_colors_are_of_the_palette(seed):
    rng = np.random.default_rng(seed)
    rgba = rng.integers(0, 256, (16, 16, 4), np.uint8) // 32 * 32
    rgba[..., 3] = np.where(rgba[..., 3] > 100, 255, 0)
    rgba[rgba[..., 3] == 0] = 0
    palette = [(*map(int, color), 255) for color in rng.integers(0, 256, (12, 3))]
    got = swapped(rgba, palette)
    assert np.array_equal(got[..., 3], rgba[..., 3])
    drawn = rgba[..., 3] > 0
    assert {tuple(c) for c in got[drawn].tolist()} <= set(palette)
    order = np.argsort(lightness(rgba[drawn]), kind="stable")
    assert (np.diff(lightness(got[drawn])[order]) >= -1e-9).all()


def test_without_a_palette_nothing_changes():
    assert np.array_equal(swapped(sprite(REDS), []), sprite(REDS))
    assert not swapped(np.zeros((2, 2, 4), np.uint8), BLUES).any()


def test_hues_turn_and_grays_stay():
    gray = (128, 128, 128, 255)
    rgba = sprite([*REDS[1:], gray])
    half = turned_hue(rgba, 0.5)
    assert np.array_equal(half[3, 1], gray)
    assert np.array_equal(half[:, 0], np.zeros((4, 4), np.uint8))
    before, after = oklab(rgba[1:3, 1, :3]), oklab(half[1:3, 1, :3])
    assert (np.sign(before[:, 1]) == -np.sign(after[:, 1])).all()
    # About as light as before, as far as there are such colors.
    assert np.abs(before[:, 0] - after[:, 0]).max() < 0.2
    assert np.array_equal(turned_hue(rgba, 0), rgba)
