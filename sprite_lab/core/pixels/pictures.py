"""Pictures as cells: cut from a sheet, laid out in rows, and placed in the grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.drawing import fit_picture, too_large
from sprite_lab.core.pixels.cells import (
    LEAST_SIDE,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_SIDE,
    Color,
    most_rows,
)
from sprite_lab.core.pixels.layers import MOST_LAYERS, Layer, composite

#: Maximum number of pixels in an image: a small file can unpack to gigabytes.
MOST_PIXELS = 4_000_000

#: The widest gap tried between the sprites of a sheet, in pixels.
WIDEST_GAP = 2

#: A picture only counts as enlarged if its colors change at this many rows and columns at least.
_LEAST_CHANGES = 4


@dataclass(frozen=True, eq=False)
class Pictures:
    """Contents of a picture file."""

    title: str  #: its name, without the suffix
    frames: NDArray[np.uint8]  #: uint8 (F, H, W, 4), RGBA; one for a still
    durations_ms: tuple[int, ...] = ()  #: of each frame, in milliseconds; () = a still
    palette: tuple[Color, ...] = ()  #: the file's palette; () = none
    layers: tuple[str, ...] = ()  #: layer names of an Aseprite file
    #: sentences about what looks different from the program that made the file
    notes: tuple[str, ...] = ()
    tags: tuple[tuple[str, ...], ...] = ()  #: of each frame; () = the file has none
    #: the layers of each frame, as large as it; () = the file has none
    stacks: tuple[tuple[Layer, ...], ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.frames.shape[1], self.frames.shape[2]


@dataclass(frozen=True)
class Block:
    """Pictures in rows and columns, as pixels of cells with their durations and tags."""

    #: each at most MOST_COLUMNS
    rows: int
    columns: int
    #: ``rows * columns`` times RGBA bytes, row by row; None = no picture there
    pixels: tuple[bytes | None, ...]
    durations_ms: tuple[int | None, ...]  #: of each; None = unknown
    left_out: int = 0  #: number of pictures that did not fit
    tags: tuple[tuple[str, ...], ...] = ()  #: of each; () = they have none
    layers: tuple[tuple[Layer, ...], ...] = ()  #: of each; () = they have none, or were merged


def fits(pictures: Pictures, side: int) -> bool:
    """Whether every frame fits into a cell unchanged."""
    return max(pictures.size) <= side


def at_own_size(pictures: Pictures) -> Pictures:
    """The pictures reduced by the largest factor at which every change of color lies between
    pixels. Pictures with layers, or with few changes of color, stay as they are.
    """
    frames = np.where(pictures.frames[..., 3:] > 0, pictures.frames, np.uint8(0))
    down = 1 + np.flatnonzero((frames[:, 1:] != frames[:, :-1]).any((0, 2, 3)))
    across = 1 + np.flatnonzero((frames[:, :, 1:] != frames[:, :, :-1]).any((0, 1, 3)))
    if pictures.layers or min(len(down), len(across)) < _LEAST_CHANGES:
        return pictures
    scale = int(np.gcd.reduce([*down, *across, *pictures.size]))
    if scale == 1:
        return pictures
    return replace(pictures, frames=np.ascontiguousarray(frames[:, ::scale, ::scale]))


def within_frames(pictures: Pictures, side: int) -> Pictures:
    """A sheet without the line around its cells, if there is an equally wide one between them.

    Unlike the importer, this works with few drawings, as in a template that was just begun.
    """
    height, width = pictures.size
    for gap in range(1, WIDEST_GAP + 1):
        if (height - gap) % (side + gap) == 0 == (width - gap) % (side + gap):
            inside = np.zeros((height, width), bool)
            inside[gap:-gap, gap:-gap] = True
            line = pictures.frames[:, ~inside]
            if (line == line[:, :1]).all():
                return replace(pictures, frames=pictures.frames[:, gap:-gap, gap:-gap])
    return pictures


def gap_of(pictures: Pictures, side: int) -> int | None:
    """The gap between cells at which a larger picture can be cut; None = it cannot be cut."""
    height, width = pictures.size
    if fits(pictures, side):
        return None
    for gap in range(WIDEST_GAP + 1):
        if (height + gap) % (side + gap) == 0 and (width + gap) % (side + gap) == 0:
            return gap
    return None


def count_cells(pictures: Pictures, side: int) -> tuple[int, int]:
    """(rows, columns) of cells that each frame is cut into; (0, 0) = it cannot be cut."""
    gap = gap_of(pictures, side)
    if gap is None:
        return 0, 0
    height, width = pictures.size
    return (height + gap) // (side + gap), (width + gap) // (side + gap)


def other_side(pictures: Pictures, side: int) -> int | None:
    """The best other cell size for these pictures, for a new project; None = none.

    This is the size of the picture if a cell can be that large, else the largest size that a sheet
    can be cut into without a gap. It is smaller than ``side`` only if ``side`` does not fit.
    """
    height, width = pictures.size
    whole = max(height, width, LEAST_SIDE)
    if whole <= MOST_SIDE:
        return whole if whole != side else None
    least = LEAST_SIDE if gap_of(pictures, side) is None else side + 1
    for other in range(MOST_SIDE, least - 1, -1):
        if height % other == 0 and width % other == 0:
            return other
    return None


def block_of(pictures: Pictures, side: int) -> Block:
    """The pictures as cells of one size.

    Frames that fit form one row; smaller ones are centered. Larger ones are cut: a still into rows
    and columns, an animation into one row per part. Beyond 16 rows or columns, cells are laid out
    again, without empty ones unless they were a single row. Raises ConfigError if frames neither
    fit nor can be cut.
    """
    layers: tuple[tuple[Layer, ...], ...] = ()
    if fits(pictures, side):
        rows = [[fit_picture(frame, side) for frame in pictures.frames]]
        layers = _layers(pictures, side, rows[0])
    else:
        parts = _cut(pictures, side)
        still = len(parts) == 1
        rows = (
            [[part.tobytes() for part in row] for row in parts[0]]
            if still
            else [
                [frame.tobytes() for frame in part]
                for part in parts.reshape(len(parts), -1, side, side, 4).swapaxes(0, 1)
            ]
        )
    every = [(pixels, frame) for row in rows for frame, pixels in enumerate(row)]
    if len(rows) <= MOST_COLUMNS and len(rows[0]) <= MOST_COLUMNS:
        return _block(pictures, len(rows), len(rows[0]), every, layers)
    kept = [entry for entry in every if len(rows) == 1 or any(entry[0][3::4])]
    shown = kept[:MOST_CELLS]
    height = max(1, math.ceil(len(shown) / MOST_COLUMNS))
    return _block(pictures, height, MOST_COLUMNS, shown, layers, left_out=len(kept) - len(shown))


def _block(
    pictures: Pictures,
    rows: int,
    columns: int,
    entries: Sequence[tuple[bytes, int]],
    layers: tuple[tuple[Layer, ...], ...],
    left_out: int = 0,
) -> Block:
    """A block of cell pixels, ``entries``: each with the index of its frame."""
    pad = rows * columns - len(entries)
    times, tags = pictures.durations_ms, pictures.tags
    return Block(
        rows,
        columns,
        (*(pixels for pixels, _ in entries), *[None] * pad),
        (*(times[frame] if times else None for _, frame in entries), *[None] * pad),
        left_out,
        (*(tags[frame] for _, frame in entries), *[()] * pad) if tags else (),
        (*(layers[frame] for _, frame in entries), *[()] * pad) if layers else (),
    )


def _layers(
    pictures: Pictures, side: int, pixels: Sequence[bytes]
) -> tuple[tuple[Layer, ...], ...]:
    """The layers of each frame as layers of a cell.

    () = there is only one, or a cell's layers would look different: there are too many, they are
    in groups, or they blend in a way that cells do not have.
    """
    stacks = pictures.stacks
    if not stacks or not 0 < len(stacks[0]) <= MOST_LAYERS:
        return ()
    if len(stacks[0]) == 1 and all(layer.takes_strokes for (layer,) in stacks):
        return ()
    height, width = pictures.size

    def placed(layer: Layer) -> Layer:
        rgba = np.frombuffer(layer.pixels, np.uint8).reshape(height, width, 4)
        return replace(layer, pixels=fit_picture(rgba, side))

    found = tuple(tuple(map(placed, stack)) for stack in stacks)
    alike = all(composite(layers) == one for layers, one in zip(found, pixels, strict=True))
    return found if alike else ()


def _cut(pictures: Pictures, side: int) -> NDArray[np.uint8]:
    """uint8 (F, rows, columns, side, side, 4)."""
    gap = gap_of(pictures, side)
    if gap is None:
        raise too_large(pictures.size, side)
    rows, columns = count_cells(pictures, side)
    pitch = side + gap
    frames = np.pad(pictures.frames, ((0, 0), (0, gap), (0, gap), (0, 0)))
    grid = frames.reshape(len(frames), rows, pitch, columns, pitch, 4).swapaxes(2, 3)
    return np.ascontiguousarray(grid[:, :, :, :side, :side])


def place_for(
    block: tuple[int, int], grid: tuple[int, int], blank: Sequence[bool], start: tuple[int, int]
) -> tuple[int, int]:
    """The (row, column) for a block: if possible, it covers no drawing and adds no columns to the
    grid, unless the block alone is wider.

    Tried in turn are ``start``, the beginning of its row, of every row, and a new row after the
    last. If the block would always cover a drawing, it goes to ``start``, moved back if it would
    exceed the largest grid.

    Parameters
    ----------
    block, grid : (rows, columns).
    blank : of each cell of the grid, row by row, whether nothing is drawn.
    start : (row, column) of the selected cell.
    """
    rows, columns = grid

    def is_free(row: int, column: int) -> bool:
        wide = max(columns, block[1])
        if max(rows, row + block[0]) > most_rows(wide) or column + block[1] > wide:
            return False
        return all(
            blank[r * columns + c]
            for r in range(row, min(row + block[0], rows))
            for c in range(column, min(column + block[1], columns))
        )

    for row, column in (start, *((row, 0) for row in (start[0], *range(rows + 1)))):
        if is_free(row, column):
            return row, column
    across = min(start[1], MOST_COLUMNS - block[1])
    return min(start[0], most_rows(max(columns, across + block[1])) - block[0]), across
