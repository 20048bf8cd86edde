"""Regions found in a drawing: pixels of one color, and outlines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.pixels.cells import Cell, Color
from sprite_lab.core.pixels.pieces import joined_to


def codes(cell: Cell) -> NDArray[np.uint32]:
    """One number per color, (side, side); all fully transparent pixels count as one color."""
    found = np.ascontiguousarray(cell.rgba).view(np.uint32)[..., 0].copy()
    found[cell.rgba[..., 3] == 0] = 0
    return found


def alike(
    cell: Cell,
    x: int,
    y: int,
    *,
    contiguous: bool = True,
    within: NDArray[np.bool_] | None = None,
) -> NDArray[np.bool_]:
    """The pixels that have exactly the color of (x, y).

    ``contiguous``: only those connected to it by edges. ``within``: region to stay in; None = the
    whole cell.
    """
    colors = codes(cell)
    same: NDArray[np.bool_] = colors == colors[y, x]
    if within is not None:
        same = same & within
    return joined_to(same, (y, x)) if contiguous else same


def outline(cell: Cell, *, inside: bool = False) -> NDArray[np.bool_]:
    """An outline one pixel wide: empty pixels around the drawing or, ``inside``, its own rim.

    Only pixels that share an edge are neighbors; everything beyond the cell's border is empty.
    """
    drawn = cell.rgba[..., 3] > 0
    return drawn & beside(~drawn, beyond=True) if inside else ~drawn & beside(drawn)


def enclosed(cell: Cell) -> NDArray[np.bool_]:
    """The empty pixels, bool (side, side), inside a closed outline.

    An outline is closed if no path over shared edges leads out.
    """
    empty = np.pad(cell.rgba[..., 3] == 0, 1, constant_values=True)
    return (empty & ~joined_to(empty, (0, 0)))[1:-1, 1:-1]


def beside(region: NDArray[np.bool_], *, beyond: bool = False) -> NDArray[np.bool_]:
    """The pixels that share an edge with a region.

    ``beyond``: whether everything beyond the border counts as part of the region.
    """
    padded = np.pad(region, 1, constant_values=beyond)
    return padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]


def recolored(cell: Cell, old: Color, new: Color, within: NDArray[np.bool_] | None = None) -> Cell:
    """The cell with one color replaced by another; the cell itself if nothing changes.

    ``within``: bool (side, side), the pixels that may change; None = all.
    """
    wanted = 0 if old[3] == 0 else int(np.array(old, np.uint8).view(np.uint32)[0])
    same = codes(cell) == wanted
    if within is not None:
        same &= within
    if not same.any() or old == new:
        return cell
    pixels = cell.rgba.copy()
    pixels[same] = new
    return replace(cell, pixels=pixels.tobytes(), made_by=None)
