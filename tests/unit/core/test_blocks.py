"""Drawings at half size, and full-size views made from them again."""

from __future__ import annotations

import numpy as np
import pytest

from sprite_lab.core.pixels.blocks import enlarged, shrunk


def figure() -> np.ndarray:
    """A head with two eyes on a body, with an outline of one pixel, 24x24."""
    rgba = np.zeros((24, 24, 4), np.uint8)
    rgba[3:13, 5:19] = rgba[13:23, 7:17] = (20, 20, 30, 255)
    rgba[4:12, 6:18] = (240, 190, 150, 255)
    rgba[12:22, 8:16] = (60, 60, 200, 255)
    rgba[8:10, 8:10] = rgba[8:10, 14:16] = (20, 90, 160, 255)
    return rgba


def test_a_block_becomes_the_pixel_nearest_to_the_others() -> None:
    rgba = np.zeros((2, 6, 4), np.uint8)
    rgba[:, :2] = (200, 0, 0, 255)
    rgba[0, 0] = (0, 0, 0, 255)
    rgba[0, 2:4] = (0, 200, 0, 200)  # half of the block: becomes opaque
    rgba[0, 4] = (0, 0, 200, 255)  # a quarter of it: becomes blank
    expected = [[[200, 0, 0, 255], [0, 200, 0, 255], [0, 0, 0, 0]]]
    assert shrunk(rgba, 2).tolist() == expected
    assert shrunk(rgba[None, None], 2).tolist() == [[expected]]
    assert np.array_equal(shrunk(rgba[:, :2], 1), rgba[:, :2])


def test_a_drawing_comes_back_from_its_half_and_mirrored() -> None:
    small = shrunk(figure(), 2)
    assert np.array_equal(enlarged(small, figure()), figure())
    over = enlarged(small[:, ::-1], figure())
    assert np.array_equal(over, figure()[:, ::-1])


def test_a_moved_foot_takes_its_outline_along() -> None:
    small = shrunk(figure(), 2)
    moved = small.copy()
    moved[:-1], moved[-1] = small[1:], 0
    up = enlarged(moved, figure())
    assert np.array_equal(up[1:-2], figure()[3:])


@pytest.mark.parametrize("side", [24, 32])
def test_anything_is_enlarged_in_colors_of_the_drawing(side: int) -> None:
    rng = np.random.default_rng(0)
    drawing = rng.integers(0, 256, (side, side, 4)).astype(np.uint8)
    drawing[..., 3] = 255 * (drawing[..., 3] > 127)
    drawing[drawing[..., 3] == 0] = 0
    view = rng.permuted(shrunk(drawing, 2), axis=0)
    found = enlarged(view, drawing, np.ones((side, side), np.bool_))
    colors = {tuple(color) for color in drawing.reshape(-1, 4).tolist()}
    assert {tuple(color) for color in found.reshape(-1, 4).tolist()} <= colors
    assert not enlarged(np.zeros_like(view), np.zeros_like(drawing)).any()


def test_avoided_pixels_stay_away_where_others_fit() -> None:
    drawing = figure()
    drawing[9, 8] = (60, 90, 160, 255)  # lost at half size
    small = shrunk(drawing, 2)
    red = (drawing == (60, 90, 160, 255)).all(axis=2)
    assert (enlarged(small, drawing) == (60, 90, 160, 255)).all(axis=2).any()
    assert not (enlarged(small, drawing, red) == (60, 90, 160, 255)).all(axis=2).any()
