"""Selected regions, and their pixels lifted, moved and put down again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.drawing.shapes import Point, indices, line, rectangle
from sprite_lab.core.drawing.transforms import Transform, turned
from sprite_lab.core.pixels.cells import Cell

Codes = NDArray[np.uint32]

#: How many times a picture is doubled before it is rotated.
_DOUBLINGS = 3


def rotated(codes: Codes, degrees: float, middle: tuple[float, float]) -> Codes:
    """A picture rotated clockwise, of the same size.

    ``codes``: uint32 (H, W), a number for each color. ``middle``: (x, y) of the point that
    stays in place, in pixels from the upper left corner.

    Returns uint32 (H, W), 0 where there was nothing; what lies outside is lost.
    """
    height, width = codes.shape
    # Padded, or Scale2x would continue lines beyond the border.
    large = np.pad(codes, 1)
    for _ in range(_DOUBLINGS):
        large = scale2x(large)
    turn, times = np.deg2rad(degrees), 2**_DOUBLINGS
    y, x = np.indices((height, width)) + 0.5
    dx, dy = x - middle[0], y - middle[1]
    # The pixel's source; rounded, so that rounding errors do not decide where halves fall.
    from_x = np.round(np.cos(turn) * dx + np.sin(turn) * dy, 9) + middle[0] + 1
    from_y = np.round(np.cos(turn) * dy - np.sin(turn) * dx, 9) + middle[1] + 1
    column = np.clip(np.floor(from_x * times).astype(int), 0, large.shape[1] - 1)
    row = np.clip(np.floor(from_y * times).astype(int), 0, large.shape[0] - 1)
    return np.asarray(large[row, column])


def scale2x(codes: Codes) -> Codes:
    """A picture, uint32 (H, W), at twice the size, with slopes in steps of half the height."""
    padded = np.pad(codes, 1, "edge")
    up, down = padded[:-2, 1:-1], padded[2:, 1:-1]
    left, right = padded[1:-1, :-2], padded[1:-1, 2:]
    free = (up != down) & (left != right)
    large = np.empty((2 * codes.shape[0], 2 * codes.shape[1]), codes.dtype)
    for y, beside in enumerate((up, down)):
        for x, across in enumerate((left, right)):
            large[y::2, x::2] = np.where(free & (across == beside), across, codes)
    return large


Region = NDArray[np.bool_]
Combining = Literal["replace", "add", "subtract"]


def spanned(corner: Point, opposite: Point, side: int) -> Region:
    """The rectangle between two corners, clipped to the cell."""
    region = np.zeros(side * side, bool)
    region[indices(rectangle(corner, opposite, filled=True), side)] = True
    return region.reshape(side, side)


def lassoed(points: Sequence[Point], side: int) -> Region:
    """The region enclosed by a freehand line, with the line itself; its ends are joined."""
    corners = [*points, points[0]]
    edge = [p for a, b in pairwise(corners) for p in line(a, b)] or list(points)
    ys, xs = np.indices((side, side))
    inside = np.zeros((side, side), bool)
    for (ax, ay), (bx, by) in pairwise(corners):
        if ay != by:  # a ray to the left crosses this piece
            crosses = (np.minimum(ay, by) <= ys) & (ys < np.maximum(ay, by))
            inside ^= crosses & (xs > ax + (ys - ay) * (bx - ax) / (by - ay))
    inside.ravel()[indices(edge, side)] = True
    return inside


def combined(before: Region | None, new: Region, how: Combining) -> Region | None:
    """A selection with a region added, subtracted, or put in its place; None = nothing."""
    if how == "replace":
        after = new
    elif how == "add":
        after = new if before is None else before | new
    else:
        after = np.zeros_like(new) if before is None else before & ~new
    return after if after.any() else None


def box(region: Region) -> tuple[int, int, int, int]:
    """The smallest rectangle around a non-empty region: left, top, width, height."""
    (rows,) = np.nonzero(region.any(axis=1))
    (columns,) = np.nonzero(region.any(axis=0))
    left, top = int(columns[0]), int(rows[0])
    return left, top, int(columns[-1]) - left + 1, int(rows[-1]) - top + 1


@dataclass(frozen=True)
class Lifted:
    """Pixels lifted from a cell, or pasted over it, that can be put anywhere."""

    under: Cell  #: the cell without them
    #: uint8 (side, side, 4), the pixels in their original place; empty ones cover nothing
    rgba: NDArray[np.uint8]
    region: Region  #: the lifted part of the cell
    #: uint8 (side, side), the redraw mask that moves with them; None = the mask stays
    redraw: NDArray[np.uint8] | None

    def moved(self, dx: int, dy: int) -> Lifted:
        """The pixels as if lifted from elsewhere; those outside the cell are lost."""
        redraw = None if self.redraw is None else _shifted(self.redraw, dx, dy)
        rgba, region = _shifted(self.rgba, dx, dy), _shifted(self.region, dx, dy)
        return Lifted(self.under, rgba, region, redraw)

    def put(self, dx: int, dy: int) -> tuple[Cell, Region]:
        """The cell with the pixels moved by (dx, dy), and the region they cover.

        Pixels moved over the border are hidden, but come back when moved back.
        """
        region = _shifted(self.region, dx, dy)
        covering = _shifted(self.rgba, dx, dy)
        pixels = self.under.rgba.copy()
        drawn = region & (covering[..., 3] > 0)
        pixels[drawn] = covering[drawn]
        mask = self.under.redraw.copy()
        if self.redraw is not None:
            mask[region] = _shifted(self.redraw, dx, dy)[region]
        cell = replace(
            self.under, pixels=pixels.tobytes(), redraw_strength=mask.tobytes(), made_by=None
        )
        return cell, region


def turned_in_place(lifted: Lifted, how: Transform) -> Lifted:
    """The pixels flipped or turned about the center of their region, which turns with them."""
    left, top, width, height = box(lifted.region)
    arrays = [lifted.rgba, lifted.region]
    if lifted.redraw is not None:
        arrays.append(lifted.redraw)
    after = [turned(array, how) for array in arrays]
    new_left, new_top, new_width, new_height = box(after[1])
    # Halves are rounded toward zero, so that turning back restores the place.
    dx = left + int((width - new_width) / 2) - new_left
    dy = top + int((height - new_height) / 2) - new_top
    rgba, region, *redraw = (_shifted(array, dx, dy) for array in after)
    return Lifted(lifted.under, rgba, region, redraw[0] if redraw else None)


def rotated_in_place(lifted: Lifted, degrees: float) -> Lifted:
    """The pixels rotated clockwise about the center of their region; see :func:`rotated`."""
    left, top, width, height = box(lifted.region)
    # Half a pixel higher if width + height is odd: a quarter turn must map pixels to pixels.
    middle = (left + width / 2, top + (height - (width + height) % 2) / 2)
    region = rotated(lifted.region.astype(np.uint32), degrees, middle) > 0
    colors = np.ascontiguousarray(lifted.rgba).view(np.uint32)[..., 0]
    rgba = rotated(np.where(lifted.region, colors, 0), degrees, middle)
    redraw = lifted.redraw
    if redraw is not None:
        # Inverted: the rotation fills new pixels with 0, and those should be redrawn (255).
        redraw = 255 - rotated(255 - redraw.astype(np.uint32), degrees, middle).astype(np.uint8)
    pixels = rgba.astype(np.uint32)[..., None].view(np.uint8)
    region |= pixels[..., 3] > 0
    return Lifted(lifted.under, pixels, region, redraw)


def lift(cell: Cell, region: Region | None) -> Lifted:
    """Lift a region's pixels with their mask; None = the whole cell."""
    if region is None:
        region = np.ones((cell.side, cell.side), bool)
    taken, pixels, mask = cell.rgba.copy(), cell.rgba.copy(), cell.redraw.copy()
    taken[~region] = 0
    pixels[region], mask[region] = 0, 255
    under = replace(cell, pixels=pixels.tobytes(), redraw_strength=mask.tobytes())
    return Lifted(under, taken, region, cell.redraw.copy())


def pasted(cell: Cell, rgba: NDArray[np.uint8], left: int, top: int) -> Lifted:
    """Pixels, uint8 (H, W, 4), laid over a cell; cropped where they do not fit."""
    side = cell.side
    # Move parts that would lie outside in, as far as they fit.
    left = max(0, min(left, side - rgba.shape[1]))
    top = max(0, min(top, side - rgba.shape[0]))
    whole = np.zeros((side, side, 4), np.uint8)
    part = rgba[: side - top, : side - left]
    whole[top : top + part.shape[0], left : left + part.shape[1]] = part
    return Lifted(cell, whole, whole[..., 3] > 0, None)


def _shifted(array: AnyArray, dx: int, dy: int) -> AnyArray:
    """An array (side, side, ...) shifted, with zeros coming in at the borders."""
    side = len(array)
    result = np.zeros_like(array)
    if abs(dx) < side and abs(dy) < side:
        to = slice(max(dy, 0), side + min(dy, 0)), slice(max(dx, 0), side + min(dx, 0))
        source = slice(max(-dy, 0), side + min(-dy, 0)), slice(max(-dx, 0), side + min(-dx, 0))
        result[to] = array[source]
    return result
