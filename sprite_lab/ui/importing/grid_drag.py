"""Dragging the grid of a sheet: its handles, and the resulting grid."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from sprite_lab.core.sets.imports import Grid

#: The dragged part: all cells, the lower right corner of the first, or the distance to the next.
Part = Literal["offset", "cell", "spacing"]


def handles(grid: Grid, height: int, width: int) -> dict[Part, tuple[float, float]]:
    """Handles of cell size and spacing: (x, y) in pixels of the sheet.

    That of the spacing is in the middle of the second cell of the second row, or of the last
    there is; where there is only one cell, it is left out.
    """
    (y, x), (cell_h, cell_w) = grid.offset, grid.cell
    places: dict[Part, tuple[float, float]] = {"cell": (x + cell_w, y + cell_h)}
    rows, columns = grid.counts(height, width)
    down, across = min(1, rows - 1), min(1, columns - 1)
    if rows * columns > 1:
        places["spacing"] = (
            x + across * (cell_w + grid.spacing[1]) + cell_w / 2,
            y + down * (cell_h + grid.spacing[0]) + cell_h / 2,
        )
    return places


def dragged(start: Grid, part: Part, dx: int, dy: int, *, square: bool = False) -> Grid:
    """The grid after moving a part by whole pixels of the sheet.

    Parameters
    ----------
    start : the grid when it was taken hold of.
    square : whether a cell keeps to equal sides.
    """
    if part == "offset":
        return replace(
            start,
            offset=(
                _wrapped(start.offset[0] + dy, start.cell[0] + start.spacing[0]),
                _wrapped(start.offset[1] + dx, start.cell[1] + start.spacing[1]),
            ),
        )
    if part == "cell":
        height, width = max(1, start.cell[0] + dy), max(1, start.cell[1] + dx)
        if square:
            height = width = max(height, width)
        return replace(start, cell=(height, width))
    return replace(start, spacing=(max(0, start.spacing[0] + dy), max(0, start.spacing[1] + dx)))


def _wrapped(offset: int, pitch: int) -> int:
    """Cells that leave the sheet at its top or left edge are replaced by the next ones."""
    return offset if offset >= 0 else offset % pitch
