"""Finds how many file pixels make one art pixel, and shrinks art to its own size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Requirements for an enlargement: the minimum number of lines at which colors change, rows and
#: columns together, and their minimum share of the lines within the drawing at which colors could
#: change.
LEAST_LINES, LINES_USED = 8, 0.5


#: In a lossy picture, changes of color up to FAINT (of 255) do not count, and an enlargement of at
#: most MOST_LOSSY must explain this share of the others: the right one explains over 0.8 of them,
#: any other about half or less.
FAINT, MOST_LOSSY, EXPLAINED = 24, 16, 0.78

#: Only the top left part of a lossy picture, of this size, is examined.
ENOUGH = 2048


@dataclass(frozen=True)
class PixelSize:
    """One art pixel is ``scale`` x ``scale`` file pixels."""

    scale: int
    offset: tuple[int, int]  #: (y, x) of the first whole one


def find_pixel_size(frames: NDArray[np.uint8]) -> PixelSize:
    """The enlargement of a picture: the largest that explains every change of color exactly.

    ``frames``: uint8 (F, H, W, 4), clear pixels all alike.
    """
    rows, columns = (_changes(frames, axis) for axis in (1, 2))
    if len(rows) < 2 or len(columns) < 2 or len(rows) + len(columns) < LEAST_LINES:
        return PixelSize(1, (0, 0))
    scale = int(np.gcd(np.gcd.reduce(np.diff(rows)), np.gcd.reduce(np.diff(columns))))
    if scale < 2:
        return PixelSize(1, (0, 0))
    for lines in (rows, columns):
        if len(lines) - 1 < LINES_USED * (lines[-1] - lines[0]) / scale:
            return PixelSize(1, (0, 0))
    return PixelSize(scale, (int(rows[0]) % scale, int(columns[0]) % scale))


def lossy_pixel_size(frames: NDArray[np.uint8]) -> PixelSize:
    """Like :func:`find_pixel_size`, for a picture whose colors are inexact: the largest enlargement
    that explains most changes of color.

    ``frames``: uint8 (F, H, W, 4).
    """
    part = frames[:, :ENOUGH, :ENOUGH, :3].astype(np.int16)
    changes = []
    for axis in (1, 2):
        step = np.abs(np.diff(part, axis=axis))
        step[step <= FAINT] = 0
        changes.append(step.sum(axis=(0, 3 - axis, 3), dtype=np.float64))
    for scale in range(MOST_LOSSY, 1, -1):
        offset, lines, fits = [], 0, True
        for change in changes:
            place = np.arange(1, len(change) + 1)
            sums = np.bincount(place % scale, change, scale)
            offset.append(int(sums.argmax()))
            on = place[(place % scale == offset[-1]) & (change > 0)]
            fits = fits and len(on) > 1 and sums.max() >= EXPLAINED * sums.sum()
            fits = fits and len(on) - 1 >= LINES_USED * (on[-1] - on[0]) / scale
            lines += len(on)
        if fits and lines >= LEAST_LINES:
            return PixelSize(scale, (offset[0], offset[1]))
    return PixelSize(1, (0, 0))


def pixel_size_of_each(frames: NDArray[np.uint8], boxes: NDArray[np.int64]) -> int:
    """The enlargement of drawings that need not share a pixel grid.

    ``frames``: uint8 (F, H, W, 4), all clear pixels equal. ``boxes``: int64 (N, 4): left, top,
    right, bottom (exclusive) of each drawing.

    Returns the largest that explains every change of color within each drawing; 1 = none.
    """
    lines = []
    for left, top, right, bottom in boxes.tolist():
        around = np.pad(frames[:, top:bottom, left:right], ((0, 0), (1, 1), (1, 1), (0, 0)))
        lines.append([_changes(around, axis) for axis in (1, 2)])
    if sum(len(changes) for pair in lines for changes in pair) < LEAST_LINES:
        return 1
    steps = [int(np.gcd.reduce(np.diff(changes))) for pair in lines for changes in pair]
    scale = int(np.gcd.reduce(steps))
    for axis in (0, 1):
        own = [pair[axis] for pair in lines]
        used = sum(len(changes) - 1 for changes in own)
        if scale > 1 and used < LINES_USED * sum(int(c[-1] - c[0]) for c in own) / scale:
            return 1
    return scale


def moved_together(
    frames: NDArray[np.uint8],
    boxes: NDArray[np.int64],
    scale: int,
    ground: tuple[int, int, int, int],
) -> NDArray[np.uint8]:
    """Drawings shrunk to one pixel per art pixel, each about where it was.

    ``frames``, ``boxes``: as in :func:`pixel_size_of_each`, which returned ``scale``. ``ground``:
    the color around them.

    Returns uint8 (F, ceil(H / scale), ceil(W / scale), 4).
    """
    count, height, width = frames.shape[:3]
    small = np.empty((count, -(-height // scale), -(-width // scale), 4), np.uint8)
    small[...] = ground
    for left, top, right, bottom in boxes.tolist():
        art = frames[:, top + scale // 2 : bottom : scale, left + scale // 2 : right : scale]
        x, y = left // scale, top // scale
        small[:, y : y + art.shape[1], x : x + art.shape[2]] = art
    return small


def at_pixel_size(frames: NDArray[np.uint8], size: PixelSize) -> NDArray[np.uint8]:
    """The art with one pixel per art pixel; pixels cut by the rim are kept."""
    if size.scale == 1:
        return frames
    rows, columns = (
        _one_of_each(length, size.scale, offset)
        for length, offset in zip(frames.shape[1:3], size.offset, strict=True)
    )
    return np.ascontiguousarray(frames[:, rows][:, :, columns])


def _changes(frames: NDArray[np.uint8], axis: int) -> NDArray[np.intp]:
    """Indices along ``axis`` at which a pixel differs from the one before."""
    moved = np.moveaxis(np.ascontiguousarray(frames).view(np.uint32)[..., 0], axis, 0)
    differs: NDArray[np.bool_] = (moved[1:] != moved[:-1]).any(axis=(1, 2))
    return np.flatnonzero(differs) + 1


def _one_of_each(length: int, scale: int, offset: int) -> NDArray[np.intp]:
    """Index of one pixel per block; blocks start at offset - scale, offset, offset + scale, ..."""
    edges = np.arange(offset - scale if offset else 0, length, scale)
    starts, ends = np.maximum(edges, 0), np.minimum(edges + scale, length)
    middle: NDArray[np.intp] = (starts + ends - 1) // 2
    return middle
