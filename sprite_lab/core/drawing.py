"""Pure pixel operations of the drawing tools: lines, rectangles, filling, turning, fitting.

Pixels are addressed by ``index = row * side + column`` wherever they are listed, because that
is what the undo history stores; ``side`` is the height and width of the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.cells import Cell
from sprite_lab.core.errors import ConfigError

Point = tuple[int, int]  # (x, y) = (column, row)

Transform = Literal[
    "flip_horizontal",
    "flip_vertical",
    "turn_left",
    "turn_right",
    "shift_left",
    "shift_right",
    "shift_up",
    "shift_down",
]


def indices(points: Iterable[Point], side: int) -> list[int]:
    """The places of points in a cell's bytes; what lies outside is left out."""
    return [y * side + x for x, y in points if 0 <= x < side and 0 <= y < side]


def line(start: Point, end: Point, side: int) -> list[int]:
    """Indices of Bresenham's line, both ends included; what lies outside is left out."""
    return indices(_bresenham(start, end), side)


def _bresenham(start: Point, end: Point) -> Iterator[Point]:
    (x, y), (x1, y1) = start, end
    dx, dy = abs(x1 - x), -abs(y1 - y)
    step_x, step_y = (1 if x < x1 else -1), (1 if y < y1 else -1)
    error = dx + dy
    while True:
        yield x, y
        if (x, y) == (x1, y1):
            return
        twice = 2 * error
        if twice >= dy:
            error, x = error + dy, x + step_x
        if twice <= dx:
            error, y = error + dx, y + step_y


def rectangle(corner: Point, opposite: Point, side: int) -> list[int]:
    """Indices of a rectangle's outline; what lies outside is left out."""
    (x0, x1), (y0, y1) = sorted((corner[0], opposite[0])), sorted((corner[1], opposite[1]))
    points = {(x, y) for x in range(x0, x1 + 1) for y in (y0, y1)}
    points |= {(x, y) for y in range(y0, y1 + 1) for x in (x0, x1)}
    return sorted(indices(points, side))


def mirrored(pixels: Iterable[int], side: int) -> list[int]:
    """Indices of the same pixels on the other side of the vertical middle."""
    return [pixel - 2 * (pixel % side) + side - 1 for pixel in pixels]


def square_end(start: Point, end: Point) -> Point:
    """``end`` moved so that start and end span a square, for a rectangle with Shift."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    side = max(abs(dx), abs(dy))
    return start[0] + (side if dx >= 0 else -side), start[1] + (side if dy >= 0 else -side)


def flood(cell: Cell, x: int, y: int) -> list[int]:
    """Indices of the pixels joined to (x, y) by edges that have exactly its colour.

    Fully transparent pixels are one colour, whatever is stored under their alpha.
    """
    codes = np.ascontiguousarray(cell.rgba).view(np.uint32)[..., 0].copy()
    codes[cell.rgba[..., 3] == 0] = 0
    same = codes == codes[y, x]
    found: set[Point] = set()
    waiting = [(x, y)]
    while waiting:
        px, py = waiting.pop()
        there = 0 <= px < cell.side and 0 <= py < cell.side
        if (px, py) in found or not there or not same[py, px]:
            continue
        found.add((px, py))
        waiting += [(px - 1, py), (px + 1, py), (px, py - 1), (px, py + 1)]
    return sorted(indices(found, cell.side))


_TRANSFORMS: dict[str, Callable[[NDArray], NDArray]] = {
    "flip_horizontal": lambda a: a[:, ::-1],
    "flip_vertical": lambda a: a[::-1],
    "turn_left": lambda a: np.rot90(a, 1),
    "turn_right": lambda a: np.rot90(a, -1),
    "shift_left": lambda a: np.roll(a, -1, axis=1),
    "shift_right": lambda a: np.roll(a, 1, axis=1),
    "shift_up": lambda a: np.roll(a, -1, axis=0),
    "shift_down": lambda a: np.roll(a, 1, axis=0),
}


def transformed(cell: Cell, how: Transform) -> Cell:
    """The cell with its pixels and its mask flipped, turned, or shifted around the edges."""
    change = _TRANSFORMS[how]
    mask = np.ascontiguousarray(change(cell.redraw)).tobytes()
    pixels = np.ascontiguousarray(change(cell.rgba)).tobytes()
    after = replace(cell, pixels=pixels, redraw_strength=mask)
    return cell if after == cell else replace(after, made_by=None)


def check_fits(width: int, height: int, side: int) -> None:
    """Refuse a picture that is larger than a cell, or has no pixels.

    Raises
    ------
    ConfigError
        With one sentence on what to do.
    """
    if height > side or width > side:
        raise ConfigError(
            f"The picture is {width}x{height} pixels, but a cell holds {side}x{side}; "
            "shrink or crop it first."
        )
    if height == 0 or width == 0:
        raise ConfigError("The picture has no pixels; choose another.")


def fit_picture(rgba: NDArray[np.uint8], side: int) -> bytes:
    """A picture's pixels as a cell's: as it is where it fills it, centred where it is smaller.

    Parameters
    ----------
    rgba : uint8 (H, W, 4).

    Raises
    ------
    ConfigError
        If it is larger than a cell.
    """
    height, width = rgba.shape[:2]
    check_fits(width, height, side)
    result = np.zeros((side, side, 4), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    result[top : top + height, left : left + width] = rgba
    return result.tobytes()
