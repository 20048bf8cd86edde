"""Pictures as cells: which sizes fit, how a sheet is cut, and its place in the grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels.pictures import (
    Block,
    Pictures,
    block_of,
    count_cells,
    fits,
    gap_of,
    other_side,
    place_for,
)


def made(frames: int, height: int, width: int) -> Pictures:
    """Opaque pixels, all of different colors."""
    count = frames * height * width
    codes = np.arange(1, count + 1, dtype=np.uint32) | 0xFF000000
    rgba = codes.view(np.uint8).reshape(frames, height, width, 4)
    return Pictures("made", rgba, tuple(range(10, 10 + frames)) if frames > 1 else ())


def rgba(pixels: bytes | None, side: int) -> NDArray[np.uint8]:
    assert pixels is not None
    return np.frombuffer(pixels, np.uint8).reshape(side, side, 4)


def test_what_fits_is_centered_in_a_row() -> None:
    pictures = made(3, 10, 8)
    assert fits(pictures, 16)
    assert gap_of(pictures, 16) is None, "it need not be cut"
    block = block_of(pictures, 16)
    assert (block.rows, block.columns, block.left_out) == (1, 3, 0)
    assert block.durations_ms == (10, 11, 12)
    for frame, pixels in zip(pictures.frames, block.pixels, strict=True):
        cell = rgba(pixels, 16)
        assert np.array_equal(cell[3:13, 4:12], frame)
        assert int((cell[..., 3] > 0).sum()) == 80


@pytest.mark.parametrize("gap", [0, 1, 2])
def test_a_sheet_is_cut_into_its_cells(gap: int) -> None:
    pictures = made(1, 2 * 16 + gap, 3 * 16 + 2 * gap)
    assert not fits(pictures, 16)
    assert gap_of(pictures, 16) == gap
    assert count_cells(pictures, 16) == (2, 3)
    block = block_of(pictures, 16)
    assert (block.rows, block.columns) == (2, 3)
    assert block.durations_ms == (None,) * 6
    for number, pixels in enumerate(block.pixels):
        row, column = divmod(number, 3)
        top, left = row * (16 + gap), column * (16 + gap)
        part = pictures.frames[0, top : top + 16, left : left + 16]
        assert np.array_equal(rgba(pixels, 16), part)


def test_an_animation_of_several_sprites_gives_each_a_row_of_frames() -> None:
    pictures = made(4, 32, 16)
    block = block_of(pictures, 16)
    assert (block.rows, block.columns) == (2, 4)
    assert block.durations_ms == (10, 11, 12, 13) * 2
    for row in range(2):
        for frame in range(4):
            part = pictures.frames[frame, 16 * row : 16 * row + 16]
            assert np.array_equal(rgba(block.pixels[4 * row + frame], 16), part)


def test_what_is_over_the_grid_is_laid_out_again_without_empty_ones() -> None:
    frames = np.zeros((1, 8 * 20, 8 * 20, 4), np.uint8)
    drawn = [(row, column) for row in range(20) for column in range(20) if (row + column) % 2]
    for number, (row, column) in enumerate(drawn):
        frames[0, 8 * row, 8 * column] = (number % 256, number // 256, 0, 255)
    block = block_of(Pictures("sheet", frames), 8)
    assert (block.rows, block.columns, block.left_out) == (13, 16, 0)
    given_up = [pixels for pixels in block.pixels if pixels is not None]
    assert [rgba(p, 8)[0, 0, 0] for p in given_up] == [n % 256 for n in range(200)]
    assert block.pixels[200:] == (None,) * 8


def test_what_is_over_256_is_counted() -> None:
    block = block_of(made(1, 8 * 17, 8 * 17), 8)
    assert (block.rows, block.columns, block.left_out) == (16, 16, 33)
    block = block_of(made(20, 8, 8), 8)
    assert (block.rows, block.columns, block.left_out) == (2, 16, 0)
    assert block.durations_ms[19:21] == (29, None)


def test_what_neither_fits_nor_can_be_cut_is_refused() -> None:
    pictures = made(1, 102, 152)
    assert gap_of(pictures, 16) is None
    assert count_cells(pictures, 16) == (0, 0)
    assert other_side(pictures, 16) is None
    with pytest.raises(ConfigError, match="shrink or crop"):
        block_of(pictures, 16)


@pytest.mark.parametrize(
    ("size", "side", "other"),
    [
        ((24, 20), 16, 24),  # its own size
        ((32, 32), 16, 32),
        ((5, 6), 16, 8),  # the smallest cell
        ((160, 160), 16, 32),  # perhaps a sheet of larger sprites
        ((64, 16), 16, None),  # smaller cells are considered only if ours do not divide it
        ((48, 72), 16, 24),
        ((90, 90), 16, 30),
        ((18, 36), 16, 18),
    ],
)
def test_the_size_of_cells_that_a_new_project_would_have(
    size: tuple[int, int], side: int, other: int | None
) -> None:
    assert other_side(made(1, *size), side) == other


# -- places --------------------------------------------------------------------------------------


def test_a_block_goes_where_it_covers_nothing() -> None:
    blank = [True] * 16
    assert place_for((1, 3), (4, 4), blank, (1, 1)) == (1, 1)
    assert place_for((1, 4), (4, 4), blank, (2, 3)) == (2, 0), "it needs no more columns"
    assert place_for((1, 5), (4, 4), blank, (2, 3)) == (2, 0), "it needs as few as it has"
    assert place_for((2, 1), (4, 4), blank, (3, 3)) == (3, 3), "the grid may get more rows"
    blank[1 * 4 + 2] = False
    assert place_for((1, 3), (4, 4), blank, (1, 1)) == (0, 0)
    assert place_for((3, 3), (4, 4), blank, (0, 0)) == (2, 0)
    assert place_for((1, 1), (4, 4), blank, (1, 2)) == (1, 0)


def test_where_all_is_drawn_a_row_is_added_and_at_the_very_end_something_is_covered() -> None:
    assert place_for((2, 4), (4, 4), [False] * 16, (1, 1)) == (4, 0)
    assert place_for((2, 4), (16, 16), [False] * 256, (15, 14)) == (14, 12)
    assert place_for((2, 4), (20, 4), [False] * 80, (1, 1)) == (20, 0), "a grid grows down"
    assert place_for((1, 5), (60, 4), [True] * 240, (3, 0)) == (3, 0), "not in 256 cells"
    assert place_for((2, 4), (16, 16), [False] * 256, (3, 3)) == (3, 3)


@given(
    rows=st.integers(1, 16),
    columns=st.integers(1, 16),
    block_rows=st.integers(1, 16),
    block_columns=st.integers(1, 16),
    data=st.data(),
)
def test_a_place_is_always_within_the_largest_grid(
    rows: int, columns: int, block_rows: int, block_columns: int, data: st.DataObject
) -> None:
    blank = data.draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns))
    start = data.draw(st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1)))
    row, column = place_for((block_rows, block_columns), (rows, columns), blank, start)
    assert row >= 0
    assert 0 <= column <= 16 - block_columns
    wide = max(columns, column + block_columns)
    assert max(rows, row + block_rows) * wide <= 256


def test_a_block_is_a_value() -> None:
    assert block_of(made(1, 4, 4), 8) == block_of(made(1, 4, 4), 8) != Block(1, 1, (None,), (None,))
