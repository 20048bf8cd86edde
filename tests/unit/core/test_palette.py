"""Our palette, and the colours of a set of sprites."""

from __future__ import annotations

import numpy as np

from sprite_lab.core.palette import DEFAULT_PALETTE, common_colours, from_hex, to_hex


def test_the_default_palette_is_32_different_opaque_colours() -> None:
    assert len(DEFAULT_PALETTE) == len(set(DEFAULT_PALETTE)) == 32
    assert {colour[3] for colour in DEFAULT_PALETTE} == {255}


def test_hex_there_and_back() -> None:
    assert from_hex("#0a0b0c") == (10, 11, 12, 255)
    for colour in (*DEFAULT_PALETTE, (1, 2, 3, 4)):
        assert from_hex(to_hex(colour)) == colour


def test_few_colours_are_all_found_and_empty_pixels_are_not() -> None:
    wanted = {(255, 0, 0, 255), (0, 128, 0, 255), (16, 16, 200, 255)}
    rgba = np.zeros((5, 16, 16, 4), np.uint8)
    rgba[..., :3] = 77
    for row, colour in enumerate(wanted):
        rgba[:, row] = colour
    assert set(common_colours(rgba, 32)) == wanted


def test_a_rare_colour_stands_beside_a_large_plain_area() -> None:
    rng = np.random.default_rng(0)
    rgba = np.full((100, 16, 16, 4), 255, np.uint8)
    rgba[..., :3] = rng.integers(90, 110, (100, 16, 16, 3))
    rgba[:, 0, :2] = (250, 10, 10, 255)
    colours = common_colours(rgba, 8)
    assert len(colours) <= 8
    assert any(r > 200 and g < 60 for r, g, _, _ in colours)


def test_nothing_drawn_gives_no_colours() -> None:
    assert common_colours(np.zeros((1, 16, 16, 4), np.uint8)) == ()


def test_every_hue_of_a_mostly_brown_set_has_a_colour() -> None:
    rng = np.random.default_rng(0)
    rgba = np.full((100, 16, 16, 4), 255, np.uint8)
    rgba[..., :3] = np.array([110, 70, 40]) + rng.integers(-40, 40, (100, 16, 16, 3))
    vivid = [(230, 40, 40), (240, 220, 50), (40, 190, 60), (40, 200, 220), (50, 70, 220)]
    for row, colour in enumerate(vivid):
        rgba[0, row, :12, :3] = colour
    found = np.array(common_colours(rgba, 16))[:, :3]
    for colour in vivid:
        assert np.abs(found - np.array(colour)).max(axis=1).min() <= 12
