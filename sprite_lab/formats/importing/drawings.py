"""Finds drawings anywhere on a sheet: connected pixels, together with nearby parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.sets.groups import Links
from sprite_lab.core.sets.imports import Grid

_Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]

#: Maximum numbers of drawings and of pixel runs; a sheet with more is noise or a photograph.
MOST_DRAWINGS, MOST_RUNS = 1024, 500_000

#: Parts at most NEXT clear pixels apart are one drawing, and so are parts at most NEAR apart if one
#: has at most SMALL_PART of the other's pixels.
NEXT, NEAR, SMALL_PART = 1, 3, 0.15

#: Minimum number of drawings that form a grid.
LEAST_EVEN = 6

#: A frame around the drawings of a sheet: its maximum mean width in pixels, its minimum side in
#: sprites, and the minimum share of its rim that is drawn.
MOST_FRAME, LEAST_FRAME, FRAME_CLOSED = 4, 3, 0.9

#: Only drawings with at least this share of the largest one's pixels count for the usual size.
FULL_PART = 0.25


def find_drawings(drawn: NDArray[np.bool_], cell: int, scale: int = 1) -> NDArray[np.int64] | None:
    """Find drawings: int64 (N, 4), x, y, w, h of each, line by line; None = too many.

    Connected pixels (corners count) are one drawing. Drawings are joined if the center of one lies
    in the other's box. They are also joined if they are near each other (a small one may be farther
    away), and together no larger than a sprite or than most drawings on the sheet.

    Parameters
    ----------
    drawn : bool (H, W).
    cell : the side of a sprite, in pixels of the sheet.
    scale : sheet pixels per drawing pixel, along one side.
    """
    found = _components(drawn)
    if found is None:
        return None
    boxes, areas = _joined(*_in_frame(drawn, *found, cell), _overlapping)
    if len(boxes):
        full = boxes[areas >= FULL_PART * areas.max()]
        most = max(cell, int(np.median((full[:, 2:] - full[:, :2]).max(axis=1))))
        boxes, areas = _joined(boxes, areas, lambda those, sizes: _near(those, sizes, most, scale))
        boxes, areas = _joined(boxes, areas, _overlapping)
    boxes[:, 2:] -= boxes[:, :2]
    return boxes[_reading_order(boxes)]


def parts_of(drawn: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    """The box of each connected part (corners count), int64 (N, 4), left, top, right, bottom
    (exclusive); None = too many.

    ``drawn``: bool (H, W).
    """
    found = _components(drawn)
    return None if found is None else found[0]


def separate_boxes(drawn: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    """Boxes around connected pixels, joined until no two overlap: int64 (N, 4), left, top, right,
    bottom (exclusive); None = too many.

    ``drawn``: bool (H, W).
    """
    found = _components(drawn)
    return None if found is None else _joined(*found, _crossing)[0]


def even_grid(boxes: NDArray[np.int64], cell: int) -> Grid | None:
    """The grid with at most one of the drawings in each cell; None = too few or uneven.

    ``boxes``: see :func:`find_drawings`. ``cell``: the minimum side of the grid's cells, in pixels.
    """
    if len(boxes) < LEAST_EVEN:
        return None
    across, down = (_even(boxes[:, i], boxes[:, 2 + i], cell) for i in (0, 1))
    if across is None or down is None:
        return None
    places = np.stack([across.places, down.places], axis=1)
    if len(np.unique(places, axis=0)) < len(boxes):
        return None
    sides, starts, gaps = zip(*((a.side, a.start, a.gap) for a in (down, across)), strict=True)
    return Grid(sides, starts, gaps)


class _Axis(NamedTuple):
    """Cells along one axis, and the index of each drawing's cell."""

    side: int
    start: int
    gap: int
    places: NDArray[np.int64]


def _even(start: NDArray[np.int64], size: NDArray[np.int64], cell: int) -> _Axis | None:
    side = max(cell, int(size.max()))
    for pitch in range(side, 2 * side + 1):
        firsts = np.arange(pitch)
        within = (start[None] - firsts[:, None]) % pitch + size[None] <= side
        fitting = firsts[within.all(axis=1)]
        if len(fitting):
            break
    else:
        return None
    # All starts that fit are consecutive, possibly wrapping around; take the middle one.
    after = np.flatnonzero(np.diff(fitting) > 1)
    fitting = np.roll(fitting, -int(after[0]) - 1) if len(after) else fitting
    first = int(fitting[len(fitting) // 2])
    first = int(start.min()) - (int(start.min()) - first) % pitch
    return None if first < 0 else _Axis(side, first, pitch - side, (start - first) // pitch)


def _components(
    drawn: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """The box of each connected part, int64 (N, 4), left, top, right, bottom (exclusive), and its
    number of pixels, (N,); None = too many.

    Works on all runs of pixels at once, because a large sheet has too many pixels to walk through
    one by one.
    """
    edges = np.diff(np.pad(drawn, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, start = np.nonzero(edges == 1)
    _, end = np.nonzero(edges == -1)
    if len(row) > MOST_RUNS:
        return None
    if not len(row):
        return np.empty((0, 4), np.int64), np.empty(0, np.int64)
    runs = np.stack([start, row, end, row + 1], axis=1)
    found = _united(runs, end - start, _touching(row, start, end))
    return None if len(found[0]) > MOST_DRAWINGS else found


def _in_frame(
    drawn: NDArray[np.bool_], boxes: NDArray[np.int64], areas: NDArray[np.int64], cell: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Only the drawings inside the frame around most of a sheet, as titles lie outside it; all of
    them if there is no such frame.
    """
    size = boxes[:, 2:] - boxes[:, :2]
    thin = areas <= MOST_FRAME * 2 * size.sum(axis=1)
    for frame in np.flatnonzero(thin & (size >= LEAST_FRAME * cell).all(axis=1)):
        left, top, right, bottom = boxes[frame]
        sheet = drawn[top:bottom, left:right]
        rim = np.concatenate([sheet[0], sheet[-1], sheet[:, 0], sheet[:, -1]])
        within = (boxes[:, :2] > boxes[frame, :2]) & (boxes[:, 2:] < boxes[frame, 2:])
        inside = np.all(within, axis=1)
        others = areas.sum() - areas[frame]
        if rim.mean() >= FRAME_CLOSED and areas[inside].sum() > others / 2:
            return boxes[inside], areas[inside]
    return boxes, areas


def _united(
    boxes: NDArray[np.int64], areas: NDArray[np.int64], pairs: _Pairs
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The boxes around connected boxes, and the sums of their areas."""
    links = Links(len(boxes))
    links.join(*pairs)
    label = links.groups()
    around = np.empty((int(label.max()) + 1, 4), np.int64)
    around[:, :2], around[:, 2:] = np.iinfo(np.int64).max, -1
    for side in (0, 1):
        np.minimum.at(around[:, side], label, boxes[:, side])
        np.maximum.at(around[:, side + 2], label, boxes[:, side + 2])
    return around, np.bincount(label, areas).astype(np.int64)


def _touching(row: NDArray[np.intp], start: NDArray[np.intp], end: NDArray[np.intp]) -> _Pairs:
    """Pairs of runs in neighboring rows that touch, corners included.

    ``row``, ``start`` and ``end``: int (N,), in reading order; ``end`` is exclusive.
    """
    wide = int(end.max()) + 2
    key_start, key_end = row * wide + start, row * wide + end
    # In the next row: from the first run that ends at or after the start of this one, to the last
    # that starts at or before its end.
    first = np.searchsorted(key_end, (row + 1) * wide + start, side="left")
    last = np.searchsorted(key_start, (row + 1) * wide + end, side="right")
    count = np.maximum(last - first, 0)
    above = np.repeat(np.arange(len(row)), count)
    within = np.arange(len(above)) - np.repeat(np.cumsum(count) - count, count)
    return above, np.repeat(first, count) + within


def _joined(
    boxes: NDArray[np.int64],
    areas: NDArray[np.int64],
    pairs_of: Callable[[NDArray[np.int64], NDArray[np.int64]], _Pairs],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Join drawings by the pairs that ``pairs_of`` finds, until it finds no more."""
    while len(boxes) > 1:
        pairs = pairs_of(boxes, areas)
        if not len(pairs[0]):
            break
        boxes, areas = _united(boxes, areas, pairs)
    return boxes, areas


def _overlapping(boxes: NDArray[np.int64], areas: NDArray[np.int64]) -> _Pairs:
    """Pairs in which the center of one lies in the box of the other."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    inside = ((boxes[:, None, :2] <= middle[None]) & (middle[None] < boxes[:, None, 2:])).all(
        axis=-1
    )
    first, second = np.nonzero(inside & ~np.eye(len(boxes), dtype=np.bool_))
    return first, second


def _crossing(boxes: NDArray[np.int64], _areas: NDArray[np.int64]) -> _Pairs:
    """Pairs whose boxes overlap."""
    over = boxes[:, None, :2] < boxes[None, :, 2:]
    first, second = np.nonzero((over & over.swapaxes(0, 1)).all(axis=-1))
    apart = first != second
    return first[apart], second[apart]


def _near(boxes: NDArray[np.int64], areas: NDArray[np.int64], most: int, scale: int) -> _Pairs:
    """Pairs of each drawing and the nearest larger one, if both may be parts of one drawing."""
    gap = np.maximum(
        boxes[:, None, :2] - boxes[None, :, 2:], boxes[None, :, :2] - boxes[:, None, 2:]
    ).max(axis=-1)
    span = np.maximum(boxes[:, None, 2:], boxes[None, :, 2:]) - np.minimum(
        boxes[:, None, :2], boxes[None, :, :2]
    )
    reach = scale * np.where(areas[:, None] <= SMALL_PART * areas[None], NEAR, NEXT)
    fitting = (gap <= reach) & (span.max(axis=-1) <= most) & (areas[:, None] <= areas[None])
    np.fill_diagonal(fitting, False)
    small = np.flatnonzero(fitting.any(axis=1))
    return small, np.where(fitting, gap, scale * NEAR + 1)[small].argmin(axis=1)


def _reading_order(boxes: NDArray[np.int64]) -> NDArray[np.intp]:
    """Order of boxes (N, 4) (x, y, w, h): line by line, from left to right in each."""
    order: list[int] = []
    line: list[int] = []
    bottom = -1.0
    for i in np.argsort(boxes[:, 1] + boxes[:, 3] / 2, kind="stable"):
        middle = boxes[i, 1] + boxes[i, 3] / 2
        if line and middle >= bottom:
            order += sorted(line, key=lambda j: int(boxes[j, 0]))
            line = []
        if not line:
            bottom = boxes[i, 1] + boxes[i, 3]
        line.append(int(i))
    return np.array(order + sorted(line, key=lambda j: int(boxes[j, 0])), np.intp)
