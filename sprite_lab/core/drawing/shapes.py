"""Lines, rectangles, ellipses and brushes as lists of points, and their mirror images."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Point = tuple[int, int]  # (x, y) = (column, row)

#: Which halves mirror each other: left and right, top and bottom, or both.
Symmetry = Literal["none", "horizontal", "vertical", "both"]


def indices(points: Iterable[Point], side: int, *, wrap: bool = False) -> list[int]:
    """The indices of points in a cell, ascending and without duplicates.

    Points outside are dropped or, with ``wrap``, come back in at the opposite border.
    """
    if wrap:
        return sorted({y % side * side + x % side for x, y in points})
    return sorted({y * side + x for x, y in points if 0 <= x < side and 0 <= y < side})


def line(start: Point, end: Point) -> list[Point]:
    """Bresenham's line from start to end, both included."""
    (x, y), (x1, y1) = start, end
    dx, dy = abs(x1 - x), -abs(y1 - y)
    step_x, step_y = (1 if x < x1 else -1), (1 if y < y1 else -1)
    error = dx + dy
    found = [(x, y)]
    while (x, y) != (x1, y1):
        twice = 2 * error
        if twice >= dy:
            error, x = error + dy, x + step_x
        if twice <= dx:
            error, y = error + dx, y + step_y
        found.append((x, y))
    return found


def is_corner(before: Point, point: Point, after: Point) -> bool:
    """Whether a stroke turns at a right angle at ``point``, and so is thinner without it."""
    (ax, ay), (bx, by), (cx, cy) = before, point, after
    apart = abs(ax - cx) == 1 and abs(ay - cy) == 1
    return apart and (bx, by) in ((ax, cy), (cx, ay))


def rectangle(corner: Point, opposite: Point, *, filled: bool = False) -> list[Point]:
    """The rectangle between two corners: its outline, or filled."""
    (x0, x1), (y0, y1) = sorted((corner[0], opposite[0])), sorted((corner[1], opposite[1]))
    if filled:
        return [(x, y) for y in range(y0, y1 + 1) for x in range(x0, x1 + 1)]
    points = {(x, y) for x in range(x0, x1 + 1) for y in (y0, y1)}
    points |= {(x, y) for y in range(y0, y1 + 1) for x in (x0, x1)}
    return sorted(points)


def ellipse(corner: Point, opposite: Point, *, filled: bool = False) -> list[Point]:
    """The ellipse inscribed in the rectangle between two corners: its outline, or filled.

    A pixel belongs to it if its center lies within the ellipse. So do the middle rows and columns,
    which lets flat ellipses reach their ends. The outline is made of the pixels that have an edge
    neighbor outside.
    """
    (x0, x1), (y0, y1) = sorted((corner[0], opposite[0])), sorted((corner[1], opposite[1]))
    width, height = x1 - x0 + 1, y1 - y0 + 1

    def inside(x: int, y: int) -> bool:
        # (2 dx / width)^2 + (2 dy / height)^2 <= 1 in whole numbers.
        dx, dy = 2 * (x - x0) + 1 - width, 2 * (y - y0) + 1 - height
        in_middle = abs(dx) <= 1 or abs(dy) <= 1
        return in_middle or (dx * height) ** 2 + (dy * width) ** 2 <= (width * height) ** 2

    points = {(x, y) for y in range(y0, y1 + 1) for x in range(x0, x1 + 1) if inside(x, y)}
    if not filled:
        points = {
            (x, y)
            for x, y in points
            if not {(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)} <= points
        }
    return sorted(points)


def brush(size: int, *, rounded: bool = False) -> list[Point]:
    """The pixels of a brush, relative to its center: a disc if ``rounded``, otherwise a square."""
    reach = range(-((size - 1) // 2), size // 2 + 1)
    middle = 0.5 if size % 2 == 0 else 0.0
    # A quarter less than the squared radius: otherwise size 3 would be a square.
    most = size * size / 4 - 0.25 if rounded and size > 1 else size * size
    return [
        (dx, dy) for dy in reach for dx in reach if (dx - middle) ** 2 + (dy - middle) ** 2 < most
    ]


def thick(points: Iterable[Point], size: int, *, rounded: bool = False) -> list[Point]:
    """The pixels that a brush covers when put on each of the points; see :func:`brush`."""
    if size == 1:
        return list(points)
    tip = brush(size, rounded=rounded)
    return sorted({(x + dx, y + dy) for x, y in points for dx, dy in tip})


def symmetric(points: Iterable[Point], side: int, how: Symmetry) -> list[Point]:
    """The points with their mirror images in a cell of ``side`` pixels."""
    found = dict.fromkeys(points)
    if how in ("horizontal", "both"):
        found |= dict.fromkeys([(side - 1 - x, y) for x, y in found])
    if how in ("vertical", "both"):
        found |= dict.fromkeys([(x, side - 1 - y) for x, y in found])
    return list(found)


def square_end(start: Point, end: Point) -> Point:
    """``end`` moved so that the two points span a square, for shapes drawn with Shift."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    side = max(abs(dx), abs(dy))
    return start[0] + (side if dx >= 0 else -side), start[1] + (side if dy >= 0 else -side)


def straight_end(start: Point, end: Point) -> Point:
    """``end`` moved so that the line is level, upright or diagonal, whichever is nearest."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    if abs(dx) > 2 * abs(dy):
        return end[0], start[1]
    if abs(dy) > 2 * abs(dx):
        return start[0], end[1]
    return square_end(start, end)
