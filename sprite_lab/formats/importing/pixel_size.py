"""How many file pixels make one art pixel, and the art at its own size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Requirements for an enlargement: the number of lines, in both directions, at which colors change,
#: and their share of the lines at which they could change within the drawing.
LEAST_LINES, LINES_USED = 8, 0.5


@dataclass(frozen=True)
class PixelSize:
    """One art pixel is ``scale`` x ``scale`` file pixels, the first whole one at (y, x)."""

    scale: int
    offset: tuple[int, int]


def find_pixel_size(frames: NDArray[np.uint8]) -> PixelSize:
    """The enlargement of a picture: the greatest that explains every change of color exactly.

    Parameters
    ----------
    frames : uint8 (F, H, W, 4), clear pixels all alike.
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


def at_pixel_size(frames: NDArray[np.uint8], size: PixelSize) -> NDArray[np.uint8]:
    """The art with one pixel for each of its own; pixels cut by the rim are kept."""
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
    """The index of one pixel of every block: offset - scale, offset, offset + scale, ..."""
    edges = np.arange(offset - scale if offset else 0, length, scale)
    starts, ends = np.maximum(edges, 0), np.minimum(edges + scale, length)
    middle: NDArray[np.intp] = (starts + ends - 1) // 2
    return middle
