"""Carries what rises above a head, such as a crown, horns or ears, over from the front to a side.

The turner loses it in styles it was not trained on (tests/benchmarks/README.md, "Characters").
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.pixels.characters import head_of
from sprite_lab.core.pixels.faces import Rgba
from sprite_lab.core.pixels.pieces import pieces_of
from sprite_lab.core.pixels.walks import runs_of

#: A crown has fewer rows than this; each is in pieces, or at most this share of the head's width.
_MOST, _NARROW = 6, 0.6

#: A side has lost the crown if it has fewer than this share of the crown's pixels in the crown's
#: colors, or if a crown in pieces overlaps it by less than the second: horns may have merged into a
#: tuft.
_LOST, _TUFT = 0.6, 0.4


def crown_of(front: Rgba) -> slice:
    """Rows of the crown: all that rises above the head of a drawing; may be empty."""
    opaque = front[..., 3] > 0
    head = head_of(front)
    wide = span_of(opaque[head])[1] - span_of(opaque[head])[0] + 1
    end = head.start
    while (
        end - head.start < _MOST
        and end < head.stop
        and (len(runs_of(opaque[end])) > 1 or opaque[end].sum() <= _NARROW * wide)
    ):
        end += 1
    if end == head.stop or end - head.start == _MOST:
        end = head.start  # a pointed head
    return slice(head.start, end)


def crowned(front: Rgba, side: Rgba) -> Rgba:
    """A side view, (H, W, 4), with the front's crown, if it has lost that.

    As the head is narrower, pieces move closer together so that they stand on it.
    """
    rows = crown_of(front)
    opaque, there = front[..., 3] > 0, side[..., 3] > 0
    wanted = opaque[rows].sum()
    left = (side[rows, :, None] == front[rows][opaque[rows]]).all(axis=-1).any(axis=-1)
    if not wanted or not there.any():
        return side
    below = slice(rows.stop, max(rows.stop + 1, head_of(front).stop))
    if not (opaque[below].any() and there[below].any()):
        return side
    (low, high), (first, last) = span_of(opaque[below]), span_of(there[below])
    after, pieces = side.copy(), pieces_of(opaque[rows])
    after[: rows.stop] = 0
    for piece in pieces:
        columns = np.flatnonzero(piece.any(axis=0))
        middle = (columns[0] + columns[-1]) / 2
        share = (middle - (low + high) / 2) / max(1, high - low)
        by = round((first + last) / 2 + share * (last - first) - middle)
        by = int(np.clip(by, -columns[0], front.shape[1] - 1 - columns[-1]))
        moved = np.roll(np.where(piece[..., None], front[rows], 0), by, axis=1)
        after[rows] = np.where(moved[..., 3:] > 0, moved, after[rows])
    tuft = len(pieces) > 1 and _overlap(after[rows, :, 3] > 0, there[rows]) < _TUFT
    return after if tuft or left.sum() < _LOST * wanted else side


def _overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Intersection over union, at its maximum over shifts by up to a column to either side."""
    moved = [np.roll(other, by, axis=1) for by in (-1, 0, 1)]
    return max(float((one & each).sum() / max(1, (one | each).sum())) for each in moved)


def span_of(opaque: NDArray[np.bool_]) -> tuple[int, int]:
    """The first and last column of a head: medians of the longest run in each of its rows."""
    longest = [max(runs_of(row), key=lambda run: run[1] - run[0]) for row in opaque if row.any()]
    low, high = np.median(longest, axis=0)
    return int(low), int(high)
