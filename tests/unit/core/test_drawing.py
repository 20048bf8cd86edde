"""Lines, filling, turning, fitting: the pixel operations of the drawing tools."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.core import drawing
from sprite_lab.core.cells import Cell, CellSheet
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError

POINT = st.tuples(st.integers(0, 15), st.integers(0, 15))


def cell_of(rgba: np.ndarray) -> Cell:
    return Cell(rgba.astype(np.uint8).tobytes())


def random_cell(seed: int = 0) -> Cell:
    rng = np.random.default_rng(seed)
    mask = rng.integers(0, 2, 256).astype(np.uint8).tobytes()
    return Cell(rng.integers(0, 256, (16, 16, 4)).astype(np.uint8).tobytes(), known_mask=mask)


@given(POINT, POINT)
def test_a_line_joins_its_ends_without_gaps(start: tuple[int, int], end: tuple[int, int]) -> None:
    pixels = [(i % 16, i // 16) for i in drawing.line(start, end)]
    assert pixels[0] == start
    assert pixels[-1] == end
    assert len(pixels) == max(abs(end[0] - start[0]), abs(end[1] - start[1])) + 1
    for (x0, y0), (x1, y1) in itertools.pairwise(pixels):
        assert max(abs(x1 - x0), abs(y1 - y0)) == 1


def test_a_line_is_cut_at_the_edges() -> None:
    assert drawing.line((14, 3), (20, 3)) == [drawing.index_of(14, 3), drawing.index_of(15, 3)]
    assert drawing.line((-4, -4), (-1, -1)) == []


def test_rectangle_is_an_outline_whichever_way_it_is_dragged() -> None:
    outline = drawing.rectangle((2, 3), (5, 6))
    assert len(outline) == 12
    assert drawing.rectangle((5, 6), (2, 3)) == outline
    assert drawing.rectangle((4, 4), (4, 4)) == [drawing.index_of(4, 4)]


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


def test_flood_stops_at_other_colours_and_at_corners() -> None:
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[:, 8] = 255
    rgba[3, 3] = (9, 9, 9, 255)
    cell = cell_of(rgba)
    assert len(drawing.flood(cell, 0, 0)) == 8 * 16 - 1
    assert drawing.flood(cell, 3, 3) == [drawing.index_of(3, 3)]
    diagonal = np.zeros((16, 16, 4), np.uint8)
    diagonal[0, 1] = diagonal[1, 0] = 255
    assert drawing.flood(cell_of(diagonal), 0, 0) == [0]


def test_flood_sees_one_emptiness_whatever_lies_under_it() -> None:
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[5:, :, :3] = 200
    assert len(drawing.flood(cell_of(rgba), 0, 0)) == 256


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
    keep = {tuple(p) for p in cell.rgba[cell.keep]}
    assert {tuple(p) for p in there.rgba[there.keep]} == keep
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


def test_pictures_are_centred_or_refused() -> None:
    small = np.full((2, 4, 4), 255, np.uint8)
    cell = Cell(drawing.fit_picture(small))
    assert np.argwhere(cell.rgba[..., 3]).min(axis=0).tolist() == [7, 6]
    assert (cell.rgba[..., 3] > 0).sum() == 8
    with pytest.raises(ConfigError, match="17x2"):
        drawing.fit_picture(np.zeros((2, 17, 4), np.uint8))
    with pytest.raises(ConfigError, match="no pixels"):
        drawing.fit_picture(np.zeros((0, 4, 4), np.uint8))


def test_cells_and_sheets_refuse_what_does_not_fit() -> None:
    for wrong in ({"pixels": b"12"}, {"known_mask": b"1"}, {"seed": -1}):
        with pytest.raises(ConfigError):
            Cell(**wrong)  # type: ignore[arg-type]
    for wrong in (
        {"rows": 0},
        {"columns": 17},
        {"rows": 2, "columns": 2, "cells": (Cell(),)},
        {"palette": ((0, 0, 0, 256),)},
        {"palette": ((0, 0, 0, 0),) * 257},
    ):
        with pytest.raises(ConfigError):
            CellSheet(**wrong)  # type: ignore[arg-type]


def test_equal_masks_are_equal_and_an_empty_one_is_none() -> None:
    assert Cell(known_mask=bytes(256)).known_mask is None
    assert Cell(known_mask=b"\xff" * 256) == Cell(known_mask=b"\x01" * 256)


def test_mirrored_pixels_lie_on_the_other_side() -> None:
    pixels = [drawing.index_of(0, 0), drawing.index_of(7, 3), drawing.index_of(15, 15)]
    assert drawing.mirrored(pixels) == [
        drawing.index_of(15, 0),
        drawing.index_of(8, 3),
        drawing.index_of(0, 15),
    ]
    assert drawing.mirrored(drawing.mirrored(pixels)) == pixels
