"""Fits art into the cell of a sprite: centers smaller art, crops or reduces larger art."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core import drawing
from sprite_lab.core.sets.imports import Larger

#: The largest factor by which art is reduced; beyond it, nothing would be recognizable.
MOST_REDUCTION = 4


@dataclass(frozen=True, eq=False)
class Fitted:
    """Sprites, and how the art was made to fit."""

    sprites: NDArray[np.uint8]  #: uint8 (M, cell, cell, 4)
    index: NDArray[np.intp]  #: int (M,), the piece of art that each sprite comes from
    cell: int  #: height and width of a sprite
    how: Larger  #: what was done with larger art
    larger: int = 0  #: number of pieces larger than a cell, however they were treated
    smaller: int = 0  #: number of smaller ones
    largest: int = 0  #: the longest side of any drawing, in pixels

    @property
    def left_out(self) -> int:
        """The longest side of art that was left out as too large; 0 = none was."""
        return self.largest if self.larger and self.how == "refuse" else 0


def fit(arts: Sequence[NDArray[np.uint8]], cell: int, larger: Larger, alike: bool) -> Fitted:
    """Make a sprite of each piece of art.

    Transparent rims of larger art are cut off first. Art that is still larger is cropped to its
    middle, reduced by dropping pixels, or left out; above :data:`MOST_REDUCTION` times a cell's
    side, it is always left out.

    ``arts``: uint8 (h, w, 4) each, (0, 0, 0, 0) where transparent. ``alike``: whether they share
    one scale (cells of a sheet, frames), so that all are reduced if one is.
    """
    boxes = [content_box(art) for art in arts]
    too_large = [max(w, h) > cell for _, _, w, h in boxes]
    reduce_all = alike and any(too_large) and larger == "nearest"
    sprites, index = [], []
    for i, (art, box, large) in enumerate(zip(arts, boxes, too_large, strict=True)):
        if large and (larger == "refuse" or max(box[2:]) > MOST_REDUCTION * cell):
            continue
        if larger == "nearest" and (large or (reduce_all and max(art.shape[:2]) > cell)):
            x, y, w, h = box
            sprites.append(_reduced(art if alike else art[y : y + h, x : x + w], cell))
        else:
            sprites.append(_window(art, box, cell))
        index.append(i)
    return Fitted(
        np.stack(sprites) if sprites else np.empty((0, cell, cell, 4), np.uint8),
        np.array(index, np.intp),
        cell,
        larger,
        sum(too_large),
        sum(max(art.shape[:2]) < cell for art in arts),
        max((max(w, h) for _, _, w, h in boxes), default=0),
    )


def content_box(art: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """x, y, w, h of the visible part; the whole art if it is all transparent."""
    drawn = art[..., 3] > 0
    return drawing.box(drawn) if drawn.any() else (0, 0, art.shape[1], art.shape[0])


def _window(art: NDArray[np.uint8], box: tuple[int, int, int, int], cell: int) -> NDArray[np.uint8]:
    """The most central window of the size of a cell that contains the drawing.

    For a drawing that is larger than a cell, it is the drawing's middle.
    """
    sprite = np.zeros((cell, cell, 4), np.uint8)
    part, place = [], []
    for size, start, length in ((art.shape[0], box[1], box[3]), (art.shape[1], box[0], box[2])):
        if length > cell:
            first = start + (length - cell) // 2
        else:
            middle = (size - cell) // 2 if size > cell else -((cell - size) // 2)
            first = min(max(middle, start + length - cell), start)
        lead = max(0, -first)
        end = min(size, first + cell)
        part.append(slice(max(first, 0), end))
        place.append(slice(lead, lead + end - max(first, 0)))
    sprite[place[0], place[1]] = art[part[0], part[1]]
    return sprite


def _reduced(art: NDArray[np.uint8], cell: int) -> NDArray[np.uint8]:
    """Larger art reduced by nearest neighbor to the largest size that fits, centered."""
    height, width = art.shape[:2]
    longest = max(height, width)
    size = [max(1, round(side * cell / longest)) for side in (height, width)]
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(np.intp)
        for new, old in zip(size, (height, width), strict=True)
    )
    small = art[rows][:, columns]
    return _window(small, (0, 0, size[1], size[0]), cell)
