"""Our palette, and the colors of a set of sprites."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from sprite_lab.core.pixels.nearest import limited, nearest_color
from sprite_lab.core.pixels.palette import (
    DEFAULT_PALETTE,
    TRANSPARENT,
    all_colors,
    common_colors,
    from_hex,
    to_hex,
)
from sprite_lab.core.pixels.palette_order import Order, ramps, sorted_colors


def test_the_default_palette_is_32_different_opaque_colors() -> None:
    assert len(DEFAULT_PALETTE) == len(set(DEFAULT_PALETTE)) == 32
    assert {color[3] for color in DEFAULT_PALETTE} == {255}


def test_hex_there_and_back() -> None:
    assert from_hex("#0a0b0c") == (10, 11, 12, 255)
    for color in (*DEFAULT_PALETTE, (1, 2, 3, 4)):
        assert from_hex(to_hex(color)) == color


def test_few_colors_are_all_found_and_empty_pixels_are_not() -> None:
    wanted = {(255, 0, 0, 255), (0, 128, 0, 255), (16, 16, 200, 255)}
    rgba = np.zeros((5, 16, 16, 4), np.uint8)
    rgba[..., :3] = 77
    for row, color in enumerate(wanted):
        rgba[:, row] = color
    assert set(common_colors(rgba, 32)) == wanted


def test_a_rare_color_is_beside_a_large_plain_area() -> None:
    rng = np.random.default_rng(0)
    rgba = np.full((100, 16, 16, 4), 255, np.uint8)
    rgba[..., :3] = rng.integers(90, 110, (100, 16, 16, 3))
    rgba[:, 0, :2] = (250, 10, 10, 255)
    colors = common_colors(rgba, 8)
    assert len(colors) <= 8
    assert any(r > 200 and g < 60 for r, g, _, _ in colors)


def test_nothing_drawn_gives_no_colors() -> None:
    assert common_colors(np.zeros((1, 16, 16, 4), np.uint8)) == ()


def test_every_hue_of_a_mostly_brown_set_has_a_color() -> None:
    rng = np.random.default_rng(0)
    rgba = np.full((100, 16, 16, 4), 255, np.uint8)
    rgba[..., :3] = np.array([110, 70, 40]) + rng.integers(-40, 40, (100, 16, 16, 3))
    vivid = [(230, 40, 40), (240, 220, 50), (40, 190, 60), (40, 200, 220), (50, 70, 220)]
    for row, color in enumerate(vivid):
        rgba[0, row, :12, :3] = color
    found = np.array(common_colors(rgba, 16))[:, :3]
    for color in vivid:
        assert np.abs(found - np.array(color)).max(axis=1).min() <= 12


# -- further: exact colors, order, nearest --------------------------------------------------------


def test_few_colors_are_given_as_they_are_however_close() -> None:
    rgba = np.full((4, 4, 4), 255, np.uint8)
    rgba[0, :, :3], rgba[1, :, :3] = 100, 101
    assert set(common_colors(rgba, 3)) == {
        (100, 100, 100, 255),
        (101, 101, 101, 255),
        (255, 255, 255, 255),
    }


def test_colors_that_look_the_same_are_one() -> None:
    """Thirteen colors slightly blurred by scaling are still thirteen."""
    rng = np.random.default_rng(0)
    inks = np.array([color[:3] for color in DEFAULT_PALETTE[::2][:13]])
    which = rng.integers(0, 13, (40, 16, 16))
    rgba = np.full((40, 16, 16, 4), 255, np.uint8)
    rgba[..., :3] = inks[which]
    blurred = rng.random(which.shape) < 0.2
    rgba[blurred, :3] = np.clip(rgba[blurred, :3] + rng.integers(-1, 2, (blurred.sum(), 3)), 0, 255)
    assert len(np.unique(rgba.reshape(-1, 4), axis=0)) > 100
    assert {color[:3] for color in common_colors(rgba, 32)} == set(map(tuple, inks.tolist()))


def test_every_common_color_occurs() -> None:
    rng = np.random.default_rng(1)
    rgba = np.full((8, 16, 16, 4), 255, np.uint8)
    rgba[..., :3] = rng.integers(0, 256, (8, 16, 16, 3))
    there = {tuple(pixel) for pixel in rgba.reshape(-1, 4).tolist()}
    found = common_colors(rgba, 24)
    assert len(found) == 24
    assert set(found) <= there


def test_all_colors_in_the_order_in_which_they_come() -> None:
    rgba = np.zeros((1, 4, 4), np.uint8)
    rgba[0] = [[9, 9, 9, 255], [200, 0, 0, 0], [1, 2, 3, 40], [9, 9, 9, 255]]
    assert all_colors(rgba) == ((9, 9, 9, 255), (1, 2, 3, 40))
    assert all_colors(rgba, most=1) is None
    assert all_colors(np.zeros((2, 2, 4), np.uint8)) == ()


@pytest.mark.parametrize("order", get_args(Order))
def test_an_order_loses_no_color_and_is_the_same_each_time(order: Order) -> None:
    colors = (*DEFAULT_PALETTE, DEFAULT_PALETTE[3], TRANSPARENT, (5, 6, 7, 128))
    found = sorted_colors(colors, order)
    assert sorted(found) == sorted(colors)
    assert found[0] == TRANSPARENT
    assert sorted_colors(found, order) == found


def test_colors_are_sorted_from_dark_to_light() -> None:
    black, blue, red, yellow, white = (
        from_hex(code) for code in ("000000", "0000ff", "ff0000", "ffff00", "ffffff")
    )
    found = sorted_colors((white, red, black, yellow, blue), "lightness")
    assert found == (black, blue, red, yellow, white)


def test_by_hue_grays_come_first_and_each_family_goes_from_dark_to_light() -> None:
    codes = ["333333", "cccccc", "660000", "ff0000", "006600", "00ff00", "000066", "0000ff"]
    wanted = tuple(from_hex(code) for code in codes)
    assert sorted_colors(wanted[::-1], "hue") == wanted


def test_ramps_of_three_materials_are_found_again() -> None:
    made = [
        ["202020", "606060", "a0a0a0", "e0e0e0"],
        ["501010", "902020", "d03830", "f07060"],
        ["103a14", "20702a", "40a848", "90d890"],
    ]
    mixed = [from_hex(ramp[i]) for i in (2, 0, 3, 1) for ramp in made]
    found = [[to_hex(color)[1:] for color in ramp] for ramp in ramps(mixed)]
    assert found == made


def test_the_nearest_color_is_the_one_that_looks_alike() -> None:
    palette = tuple(from_hex(code) for code in ("000000", "ffffff", "ff0000", "2040c0"))
    assert nearest_color((240, 30, 20, 255), palette) == palette[2]
    assert nearest_color((30, 60, 160, 255), palette) == palette[3]
    assert nearest_color((250, 240, 250, 255), palette) == palette[1]
    for color in palette:
        assert nearest_color(color, palette) == color


def test_half_transparent_becomes_what_the_palette_has() -> None:
    opaque = (from_hex("ff0000"),)
    assert nearest_color((255, 0, 0, 200), opaque) == opaque[0]
    assert nearest_color((255, 0, 0, 40), opaque) == TRANSPARENT
    assert nearest_color((9, 9, 9, 0), opaque) == TRANSPARENT
    shadow = (*opaque, (0, 0, 0, 128))
    assert nearest_color((20, 10, 10, 120), shadow) == shadow[1]


def test_a_limited_picture_has_only_colors_of_the_palette() -> None:
    rng = np.random.default_rng(2)
    rgba = rng.integers(0, 256, (3, 5, 4), np.uint8)
    found = limited(rgba, DEFAULT_PALETTE)
    assert found.shape == rgba.shape
    allowed = {*DEFAULT_PALETTE, TRANSPARENT}
    assert {tuple(pixel) for pixel in found.reshape(-1, 4).tolist()} <= allowed
    assert np.array_equal(limited(found, DEFAULT_PALETTE), found)
