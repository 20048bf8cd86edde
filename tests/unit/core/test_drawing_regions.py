"""Fills, outlines, selections lifted and put down, and shading along a palette."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.core import drawing
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.pixels.cells import Cell, Color
from sprite_lab.core.pixels.oklab import oklab
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE, TRANSPARENT

RED, BLUE = (200, 30, 30, 255), (30, 30, 200, 255)


def cell_of(rows: str, side: int = 8) -> Cell:
    """A cell from rows of letters: r = red, b = blue, anything else = empty."""
    rgba = np.zeros((side, side, 4), np.uint8)
    for y, row in enumerate(rows.split()):
        for x, letter in enumerate(row):
            rgba[y, x] = {"r": RED, "b": BLUE}.get(letter, TRANSPARENT)
    return Cell(rgba.tobytes())


def seen(region: np.ndarray) -> set[tuple[int, int]]:
    return {(int(x), int(y)) for y, x in np.argwhere(region)}


def test_alike_stops_at_other_colors_and_at_corners() -> None:
    cell = cell_of("rr..rr rr..rr ..bb..")
    assert seen(drawing.alike(cell, 0, 0)) == {(0, 0), (1, 0), (0, 1), (1, 1)}
    everywhere = drawing.alike(cell, 0, 0, contiguous=False)
    assert seen(everywhere) == {(x, y) for x in (0, 1, 4, 5) for y in (0, 1)}
    assert seen(drawing.alike(cell, 2, 2)) == {(2, 2), (3, 2)}
    # Red pixels at (1, 1) touch the blue ones only at a corner, and divide the empty area.
    assert seen(drawing.alike(cell, 2, 0)) == {(2, 0), (3, 0), (2, 1), (3, 1)}


def test_alike_stays_within_a_region() -> None:
    region = drawing.spanned((2, 2), (4, 5), 8)
    assert np.array_equal(drawing.alike(Cell(bytes(256)), 3, 3, within=region), region)


def test_alike_sees_one_emptiness_whatever_is_under_it() -> None:
    rgba = np.zeros((8, 8, 4), np.uint8)
    rgba[5:, :, :3] = 200
    assert drawing.alike(Cell(rgba.tobytes()), 0, 0).all()


def test_outlines_are_one_pixel_outside_or_inside() -> None:
    cell = cell_of("... .rrr .rrr .rrr")
    around = {(x, y) for x in range(1, 4) for y in (0, 4)}
    around |= {(x, y) for y in range(1, 4) for x in (0, 4)}
    assert seen(drawing.outline(cell)) == around
    rim = {(x, y) for x in range(1, 4) for y in range(1, 4)} - {(2, 2)}
    assert seen(drawing.outline(cell, inside=True)) == rim
    full = Cell(bytes(RED) * 64)
    assert not drawing.outline(full).any()
    assert drawing.outline(full, inside=True).sum() == 4 * 7


def test_recolored_changes_one_color_everywhere() -> None:
    cell = replace(cell_of("rb.r"), made_by=SampleConfig(count=1))
    after = drawing.recolored(cell, RED, BLUE)
    assert [tuple(p) for p in after.rgba[0, :4].tolist()] == [BLUE, BLUE, TRANSPARENT, BLUE]
    assert after.made_by is None
    assert drawing.recolored(cell, (1, 2, 3, 255), BLUE) is cell
    within = drawing.spanned((0, 0), (1, 1), 8)
    part = drawing.recolored(cell, RED, TRANSPARENT, within)
    assert [tuple(p) for p in part.rgba[0, :4].tolist()] == [TRANSPARENT, BLUE, TRANSPARENT, RED]
    filled = drawing.recolored(cell, TRANSPARENT, RED)
    assert (filled.rgba[..., 3] == 255).all()


# -- selections ----------------------------------------------------------------------------


def test_selections_combine() -> None:
    a, b = drawing.spanned((0, 0), (3, 3), 8), drawing.spanned((2, 2), (5, 5), 8)
    added = drawing.combined(a, b, "add")
    assert added is not None
    assert added.sum() == 16 + 16 - 4
    left = drawing.combined(a, b, "subtract")
    assert left is not None
    assert seen(left) == seen(a) - seen(b)
    assert drawing.combined(a, a, "subtract") is None
    assert drawing.combined(None, a, "subtract") is None
    replaced = drawing.combined(a, b, "replace")
    assert replaced is not None
    assert np.array_equal(replaced, b)
    assert drawing.box(added) == (0, 0, 6, 6)
    assert seen(drawing.spanned((-3, -3), (0, 1), 8)) == {(0, 0), (0, 1)}


def test_what_is_lifted_leaves_emptiness_and_comes_back_unchanged() -> None:
    cell = replace(cell_of("rb rb ...b"), redraw_strength=bytes([0, 90] * 32))
    region = drawing.spanned((0, 0), (0, 7), 8)
    lifted = drawing.lift(cell, region)
    moved, place = lifted.put(3, 1)
    assert seen(place) == {(3, y) for y in range(1, 8)}
    assert tuple(moved.rgba[0, 0]) == TRANSPARENT
    assert tuple(moved.rgba[1, 3]) == RED
    # An empty pixel that is moved covers nothing.
    assert tuple(moved.rgba[2, 3]) == RED
    assert tuple(moved.rgba[0, 1]) == BLUE
    assert int(moved.redraw[1, 3]) == 0
    assert int(moved.redraw[0, 0]) == 255
    assert lifted.put(0, 0)[0] == cell
    assert np.array_equal(lifted.put(0, 0)[1], region)


@given(st.integers(-9, 9), st.integers(-9, 9))
def test_a_whole_cell_moved_away_and_back_is_the_same(dx: int, dy: int) -> None:
    rng = np.random.default_rng(1)
    cell = Cell(rng.integers(0, 256, 256).astype(np.uint8).tobytes())
    lifted = drawing.lift(cell, None)
    away, _ = lifted.put(dx, dy)
    expected = np.zeros((8, 8, 4), np.uint8)
    for y, x in itertools.product(range(8), range(8)):
        if 0 <= y + dy < 8 and 0 <= x + dx < 8 and cell.rgba[y, x, 3]:
            expected[y + dy, x + dx] = cell.rgba[y, x]
    assert np.array_equal(away.rgba, expected)


def test_pasted_pixels_lie_over_the_cell_and_leave_its_mask() -> None:
    cell = replace(cell_of("bb"), redraw_strength=bytes(64))
    picture = np.array([[RED, TRANSPARENT]], np.uint8)
    after, region = drawing.pasted(cell, picture, 0, 0).put(0, 0)
    assert [tuple(p) for p in after.rgba[0, :2].tolist()] == [RED, BLUE]
    assert seen(region) == {(0, 0)}
    assert after.keep.all()
    # A picture that would extend beyond the cell is moved inside.
    assert seen(drawing.pasted(cell, picture, 20, 20).region) == {(6, 7)}
    large = np.full((12, 12, 4), 255, np.uint8)
    assert drawing.pasted(cell, large, 3, 3).region.all()


# -- shading -------------------------------------------------------------------------------


@pytest.mark.parametrize("lighter", [True, False])
def test_shading_goes_along_the_ramp_and_ends_at_its_end(lighter: bool) -> None:
    greens: list[Color] = [
        (23, 58, 54, 255),
        (35, 97, 61, 255),
        (70, 146, 63, 255),
        (143, 195, 74, 255),
    ]
    steps = greens if lighter else greens[::-1]
    for color, following in itertools.pairwise(steps):
        assert drawing.next_of_ramp(color, DEFAULT_PALETTE, lighter=lighter) == following
    only = (greens[1], RED)
    assert drawing.next_of_ramp(greens[1], only, lighter=lighter) == greens[1]


@given(st.sampled_from(DEFAULT_PALETTE), st.booleans())
def test_shading_is_lighter_or_darker_or_the_same(color: Color, lighter: bool) -> None:
    after = drawing.next_of_ramp(color, DEFAULT_PALETTE, lighter=lighter)
    before, now = oklab(np.array([color[:3], after[:3]], np.float64))[:, 0]
    assert after in DEFAULT_PALETTE
    assert after == color or (now > before) == lighter


def test_emptiness_stays_empty_and_alpha_stays() -> None:
    assert drawing.next_of_ramp(TRANSPARENT, DEFAULT_PALETTE, lighter=True) == TRANSPARENT
    assert drawing.brighter(TRANSPARENT, 0.5) == TRANSPARENT
    half = drawing.next_of_ramp((35, 97, 61, 128), DEFAULT_PALETTE, lighter=True)
    assert half == (70, 146, 63, 128)
    assert drawing.next_of_ramp(RED, (), lighter=True) == RED


def test_brighter_adds_lightness_and_keeps_the_hue() -> None:
    before = oklab(np.array([[120, 60, 60]], np.float64))[0]
    after = oklab(np.array([drawing.brighter((120, 60, 60, 255), 0.1)[:3]], np.float64))[0]
    assert after[0] - before[0] == pytest.approx(0.1, abs=0.004)
    assert np.arctan2(*after[1:]) == pytest.approx(np.arctan2(*before[1:]), abs=0.03)
    assert drawing.brighter((120, 120, 120, 255), -1) == (0, 0, 0, 255)


def test_a_closed_outline_has_an_inside_and_an_open_one_none() -> None:
    closed = cell_of("........ .rrr.... .r.r.... .rrr.... ....rr.. ....r.r. .....r..")
    assert np.argwhere(drawing.enclosed(closed)).tolist() == [[2, 2], [5, 5]]
    opened = cell_of("........ .r.r.... .r.r.... .rrr....")
    assert not drawing.enclosed(opened).any()
    assert not drawing.enclosed(Cell()).any()


def test_what_is_moved_is_as_if_lifted_elsewhere() -> None:
    cell = replace(cell_of("rb rb ...b"), redraw_strength=bytes([0, 90] * 32))
    lifted = drawing.lift(cell, drawing.spanned((0, 0), (1, 2), 8))
    for mask in (lifted.redraw, None):
        moved = replace(lifted, redraw=mask).moved(3, -1)
        assert moved.put(0, 0)[0] == replace(lifted, redraw=mask).put(3, -1)[0]
        assert (moved.redraw is None) == (mask is None)


@pytest.mark.parametrize("how", ["turn_right", "turn_left", "flip_horizontal", "flip_vertical"])
@pytest.mark.parametrize("with_mask", [True, False])
def test_a_selection_turns_about_its_middle_and_back(how: str, with_mask: bool) -> None:
    cell = cell_of("........ ..rb.... ..rr.... ..r.....")
    lifted = drawing.lift(cell, drawing.spanned((2, 1), (3, 3), 8))
    lifted = lifted if with_mask else replace(lifted, redraw=None)
    turned = drawing.turned_in_place(lifted, how)  # type: ignore[arg-type]
    back = {"turn_right": "turn_left", "turn_left": "turn_right"}.get(how, how)
    again = drawing.turned_in_place(turned, back)  # type: ignore[arg-type]
    assert again.put(0, 0)[0] == lifted.put(0, 0)[0]
    assert (turned.redraw is None) == (not with_mask)
    size = drawing.box(turned.region)[2:]
    assert size == ((3, 2) if how.startswith("turn") else (2, 3))
    assert int((turned.rgba[..., 3] > 0).sum()) == 5


def test_a_mask_may_stay_while_a_selection_turns() -> None:
    lifted = drawing.lift(cell_of("rr rr"), drawing.spanned((0, 0), (1, 1), 8))
    quarter = drawing.rotated_in_place(replace(lifted, redraw=None), 90.0)
    assert quarter.redraw is None
    assert np.array_equal(quarter.rgba, lifted.rgba)
