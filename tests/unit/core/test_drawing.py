"""Lines, shapes, brushes and symmetry; cells turned, resized and fitted."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.core import drawing
from sprite_lab.core.config import Conditions, SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels.cells import Cell, CellSheet

POINT = st.tuples(st.integers(-4, 19), st.integers(-4, 19))


def cell_of(rgba: np.ndarray) -> Cell:
    return Cell(rgba.astype(np.uint8).tobytes())


def random_cell(side: int = 16, seed: int = 0) -> Cell:
    rng = np.random.default_rng(seed)
    mask = rng.integers(0, 3, side * side).astype(np.uint8) * 127
    rgba = rng.integers(0, 256, (side, side, 4)).astype(np.uint8)
    return Cell(rgba.tobytes(), redraw_strength=mask.tobytes())


@given(POINT, POINT)
def test_a_line_joins_its_ends_without_gaps(start: tuple[int, int], end: tuple[int, int]) -> None:
    points = drawing.line(start, end)
    assert points[0] == start
    assert points[-1] == end
    assert len(points) == max(abs(end[0] - start[0]), abs(end[1] - start[1])) + 1
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        assert max(abs(x1 - x0), abs(y1 - y0)) == 1


def test_what_is_outside_is_left_out_or_comes_in_again() -> None:
    points = drawing.line((14, 3), (17, 3))
    assert drawing.indices(points, 16) == [3 * 16 + 14, 3 * 16 + 15]
    assert drawing.indices(points, 16, wrap=True) == [48, 49, 62, 63]
    assert drawing.indices([(-1, -1), (15, 15)], 16, wrap=True) == [255]
    assert drawing.indices(drawing.line((-4, -4), (-1, -1)), 8) == []


@given(POINT, POINT)
def test_a_rectangle_is_the_same_whichever_way_it_is_dragged(
    corner: tuple[int, int], opposite: tuple[int, int]
) -> None:
    outline = set(drawing.rectangle(corner, opposite))
    filled = set(drawing.rectangle(corner, opposite, filled=True))
    assert set(drawing.rectangle(opposite, corner)) == outline
    width, height = abs(corner[0] - opposite[0]) + 1, abs(corner[1] - opposite[1]) + 1
    assert len(filled) == width * height
    assert outline == filled - {
        (x, y) for x, y in filled if {(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)} <= filled
    }


@given(POINT, POINT)
def test_an_ellipse_touches_its_rectangle_and_is_symmetric(
    corner: tuple[int, int], opposite: tuple[int, int]
) -> None:
    (x0, x1), (y0, y1) = sorted((corner[0], opposite[0])), sorted((corner[1], opposite[1]))
    for filled in (False, True):
        points = set(drawing.ellipse(corner, opposite, filled=filled))
        assert {x0 + x1 - x for x, _ in points} == {x for x, _ in points}
        assert {(x0 + x1 - x, y) for x, y in points} == points
        assert {(x, y0 + y1 - y) for x, y in points} == points
        assert {min(x for x, _ in points), max(x for x, _ in points)} == {x0, x1}
        assert {min(y for _, y in points), max(y for _, y in points)} == {y0, y1}
    # The outline has no gap: each row has its leftmost pixel.
    filled_points = set(drawing.ellipse(corner, opposite, filled=True))
    outline = set(drawing.ellipse(corner, opposite))
    assert outline <= filled_points
    for y in range(y0, y1 + 1):
        assert min(x for x, py in filled_points if py == y) == min(
            x for x, py in outline if py == y
        )


def test_a_circle_of_eight_pixels_is_round() -> None:
    rows = [
        sum(1 for _, y in drawing.ellipse((0, 0), (7, 7), filled=True) if y == r) for r in range(8)
    ]
    assert rows == [4, 6, 8, 8, 8, 8, 6, 4]


@pytest.mark.parametrize(
    ("start", "end", "square"),
    [
        ((2, 2), (7, 3), (7, 7)),
        ((2, 2), (1, 1), (1, 1)),
        ((2, 4), (0, 5), (0, 6)),
        ((3, 3), (3, -2), (8, -2)),
    ],
)
def test_square_end(start: tuple[int, int], end: tuple[int, int], square: tuple[int, int]) -> None:
    assert drawing.square_end(start, end) == square


@pytest.mark.parametrize(
    ("size", "first", "last"), [(1, 5, 5), (2, 5, 6), (3, 4, 6), (4, 4, 7), (5, 3, 7)]
)
def test_a_brush_is_a_square_about_its_point(size: int, first: int, last: int) -> None:
    points = drawing.thick([(5, 5)], size)
    assert len(points) == size * size
    assert (min(points), max(points)) == ((first, first), (last, last))


@pytest.mark.parametrize(("size", "pixels"), [(1, 1), (2, 4), (3, 5), (4, 12), (5, 21)])
def test_a_round_brush_is_a_disc_within_the_square(size: int, pixels: int) -> None:
    disc = set(drawing.brush(size, rounded=True))
    assert len(disc) == pixels
    assert disc <= set(drawing.brush(size))
    low, high = -((size - 1) // 2), size // 2
    assert {(low + high - x, y) for x, y in disc} == disc == {(y, x) for x, y in disc}
    assert disc & {(low, y) for y in range(low, high + 1)}


@given(st.lists(POINT, max_size=5), st.sampled_from(["none", "horizontal", "vertical", "both"]))
def test_symmetric_points_are_their_own_mirror_image(
    points: list[tuple[int, int]], how: drawing.Symmetry
) -> None:
    found = set(drawing.symmetric(points, 16, how))
    assert set(points) <= found
    assert set(drawing.symmetric(found, 16, how)) == found
    assert len(found) <= len(set(points)) * {"none": 1, "both": 4}.get(how, 2)


def test_symmetry_goes_the_way_it_says() -> None:
    for how, expected in (
        ("none", {(1, 2)}),
        ("horizontal", {(1, 2), (6, 2)}),
        ("vertical", {(1, 2), (1, 5)}),
        ("both", {(1, 2), (6, 2), (1, 5), (6, 5)}),
    ):
        assert set(drawing.symmetric([(1, 2)], 8, how)) == expected  # type: ignore[arg-type]


# -- whole cells ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("flip_horizontal", "flip_horizontal"),
        ("flip_vertical", "flip_vertical"),
        ("turn_left", "turn_right"),
        ("shift_left", "shift_right"),
        ("shift_up", "shift_down"),
    ],
)
def test_transforms_have_inverses_and_take_the_mask_along(first: str, second: str) -> None:
    cell = random_cell()
    there = drawing.transformed(cell, first)  # type: ignore[arg-type]
    assert there != cell
    for strength in (0, 127, 254):
        before = {tuple(p) for p in cell.rgba[cell.redraw == strength]}
        assert {tuple(p) for p in there.rgba[there.redraw == strength]} == before
    assert drawing.transformed(there, second) == cell  # type: ignore[arg-type]


def test_transforms_go_the_way_they_say() -> None:
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[0, 3] = 255
    cell = cell_of(rgba)

    def place(how: str) -> list[int]:
        after = drawing.transformed(cell, how)  # type: ignore[arg-type]
        return np.argwhere(after.rgba[..., 3])[0].tolist()

    assert place("turn_right") == [3, 15]
    assert place("turn_left") == [12, 0]
    assert place("shift_right") == [0, 4]
    assert place("shift_up") == [15, 3]


def test_a_transform_that_changes_nothing_keeps_what_made_the_cell() -> None:
    cell = replace(Cell(), made_by=SampleConfig(count=1))
    assert drawing.transformed(cell, "flip_vertical") == cell


@pytest.mark.parametrize(("old", "new"), [(16, 24), (9, 16), (8, 32)])
def test_a_larger_cell_has_the_old_one_in_its_middle(old: int, new: int) -> None:
    cell = replace(random_cell(old), conditions=Conditions(seed=7), duration_ms=90)
    large = drawing.of_side(cell, new)
    start = (new - old) // 2
    inner = slice(start, start + old)
    assert (large.side, large.seed, large.duration_ms) == (new, 7, 90)
    assert np.array_equal(large.rgba[inner, inner], cell.rgba)
    assert np.array_equal(large.redraw[inner, inner], cell.redraw)
    assert large.rgba.sum() == cell.rgba.sum()
    assert (large.redraw == 255).sum() == new * new - (cell.redraw < 255).sum()
    assert drawing.of_side(large, old) == cell
    assert drawing.of_side(cell, old) is cell


def test_pictures_are_centered_or_refused() -> None:
    small = np.full((2, 4, 4), 255, np.uint8)
    cell = Cell(drawing.fit_picture(small, 16))
    assert np.argwhere(cell.rgba[..., 3]).min(axis=0).tolist() == [7, 6]
    assert (cell.rgba[..., 3] > 0).sum() == 8
    with pytest.raises(ConfigError, match="17×2"):
        drawing.fit_picture(np.zeros((2, 17, 4), np.uint8), 16)
    with pytest.raises(ConfigError, match="no pixels"):
        drawing.fit_picture(np.zeros((0, 4, 4), np.uint8), 16)


def test_a_picture_of_no_pixels_is_refused() -> None:
    with pytest.raises(ConfigError, match="The picture has no pixels"):
        drawing.fit_picture(np.zeros((0, 4, 4), np.uint8), 8)


def test_cells_and_sheets_refuse_what_does_not_fit() -> None:
    for wrong in (
        {"pixels": b"12"},
        {"pixels": bytes(7 * 7 * 4)},
        {"pixels": bytes(33 * 33 * 4)},
        {"redraw_strength": b"1"},
        {"duration_ms": 0},
    ):
        with pytest.raises(ConfigError):
            Cell(**wrong)  # type: ignore[arg-type]
    for wrong in (
        {"rows": 0},
        {"columns": 17},
        {"rows": 2, "columns": 2, "cells": (Cell(),)},
        {"rows": 1, "columns": 2, "cells": (Cell(), Cell(bytes(8 * 8 * 4)))},
        {"palette": ((0, 0, 0, 256),)},
        {"palette": ((0, 0, 0, 0),) * 257},
    ):
        with pytest.raises(ConfigError):
            CellSheet(**wrong)  # type: ignore[arg-type]


def test_a_mask_that_keeps_nothing_is_none() -> None:
    assert Cell(redraw_strength=b"\xff" * 256) == Cell()
    assert Cell(redraw_strength=bytes(256)).keep.all()
