"""Rotation by any angle, the lasso, and lines without corners."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.core import drawing
from sprite_lab.core.drawing.selection import rotated, scale2x
from sprite_lab.core.pixels.cells import Cell

MIDDLE = (8.0, 8.0)


def picture(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 5, (16, 16), np.uint32)


def test_scale2x_is_the_published_rule() -> None:
    """Pixel by pixel, as described at https://www.scale2x.it/algorithm."""
    small = np.pad(picture(), 1, "edge")
    large = scale2x(picture())
    for y in range(1, 17):
        for x in range(1, 17):
            b, d, e = small[y - 1, x], small[y, x - 1], small[y, x]
            f, h = small[y, x + 1], small[y + 1, x]
            four = [e, e, e, e]
            if b != h and d != f:
                four = [
                    d if d == b else e,
                    f if b == f else e,
                    d if d == h else e,
                    f if h == f else e,
                ]
            found = large[2 * y - 2 : 2 * y, 2 * x - 2 : 2 * x].ravel().tolist()
            assert found == four, (x, y)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3, -1])
def test_quarter_turns_are_exact(quarters: int) -> None:
    wide = picture()
    wide[[0, -1]] = wide[:, [0, -1]] = 0  # Scale2x's own behavior at the border differs
    smooth = np.repeat(np.repeat(wide[:8, :8], 2, axis=0), 2, axis=1)
    found = rotated(smooth, 90 * quarters, MIDDLE)
    assert np.array_equal(found, np.rot90(smooth, -quarters))


@given(st.integers(0, 50), st.floats(-180, 180))
def test_no_color_is_new_and_nothing_comes_in_but_emptiness(seed: int, degrees: float) -> None:
    found = rotated(picture(seed) + 1, degrees, MIDDLE)
    assert set(np.unique(found)) <= {0, 1, 2, 3, 4, 5}
    assert found[7:9, 7:9].all(), "what is in the middle stays there"


def test_a_line_stays_in_one_piece() -> None:
    line = np.zeros((16, 16), np.uint32)
    line[8, 2:14] = 1
    for degrees in range(5, 90, 5):
        found = rotated(line, degrees, (8, 8.5))
        places = {tuple(p) for p in np.argwhere(found).tolist()}
        first = min(places)
        reached, waiting = set(), [first]
        while waiting:
            y, x = waiting.pop()
            if (y, x) in places and (y, x) not in reached:
                reached.add((y, x))
                waiting += [(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        assert reached == places, degrees
        assert len(places) >= 8, degrees


def test_a_selection_turns_about_its_middle_and_takes_its_mask_along() -> None:
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[4:6, 4:10] = (200, 30, 30, 255)
    rgba[12, 12] = (30, 30, 200, 255)
    mask = np.full((16, 16), 255, np.uint8)
    mask[4:6, 4:10] = 0
    cell = Cell(rgba.tobytes(), redraw_strength=mask.tobytes())
    region = np.zeros((16, 16), bool)
    region[4:6, 4:10] = True
    turned, shown = drawing.rotated_in_place(drawing.lift(cell, region), 90).put(0, 0)
    drawn = turned.rgba[..., 3] > 0
    assert {tuple(p) for p in np.argwhere(drawn & shown).tolist()} == {
        (y, x) for y in range(2, 8) for x in (6, 7)
    }
    assert drawn[12, 12], "what is not selected stays"
    assert np.array_equal(turned.keep, shown)
    back = drawing.rotated_in_place(drawing.lift(turned, shown), -90).put(0, 0)[0]
    assert np.array_equal(back.rgba, cell.rgba)


# -- the lasso -----------------------------------------------------------------------------


def test_the_lasso_takes_what_it_encloses_and_the_line_itself() -> None:
    square = drawing.lassoed([(2, 2), (6, 2), (6, 5), (2, 5)], 16)
    expected = np.zeros((16, 16), bool)
    expected[2:6, 2:7] = True
    assert np.array_equal(square, expected)
    # The ends of the line are joined, and anything outside the cell is cut off.
    corner = drawing.lassoed([(-3, -3), (5, -3), (-3, 5)], 16)
    assert corner[0, 0]
    assert corner[0, 2]
    assert not corner[3, 3]
    assert drawing.lassoed([(4, 4)], 16).sum() == 1


@given(st.lists(st.tuples(st.integers(-4, 19), st.integers(-4, 19)), min_size=1, max_size=12))
def test_every_line_encloses_its_own_pixels(points: list[tuple[int, int]]) -> None:
    region = drawing.lassoed(points, 16)
    for x, y in points:
        assert not (0 <= x < 16 and 0 <= y < 16) or region[y, x]


def test_corners_are_right_angles_and_nothing_else() -> None:
    assert drawing.is_corner((0, 0), (1, 0), (1, 1))
    assert drawing.is_corner((0, 0), (0, 1), (1, 1))
    assert not drawing.is_corner((0, 0), (1, 0), (2, 0))
    assert not drawing.is_corner((0, 0), (1, 1), (2, 1))
    assert not drawing.is_corner((0, 0), (1, 0), (0, 0))
