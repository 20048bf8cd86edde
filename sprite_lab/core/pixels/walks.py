"""Walking frames by rule: the body sinks by a pixel, and one foot is lifted; from the side, the
feet move apart.

The turner draws good walks in the styles it was trained on. In others it loses feet, or lets only
one of two steps bob; there the rule works better (tests/benchmarks/README.md, "Characters").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.pixels.color_codes import color_codes
from sprite_lab.core.pixels.faces import Rgba, grown, within
from sprite_lab.core.pixels.pieces import loose

#: Maximum number of columns between two feet, and of rows of legs.
_APART, _HIGH = 5, 5

#: Maximum offset of the feet from the middle of the figure, in columns.
_ASKEW = 1

#: Seen from the side, two steps with moving legs differ in at least this many pixels of this many
#: bottom rows.
_MOVES, _ROWS = 6, 3

#: An outline has at most this share of gaps.
_GAPS = 0.1

#: Minimum share of the edge that has one color in a figure with an outline.
_OUTLINE = 0.6


@dataclass(frozen=True)
class Legs:
    """Two feet with a gap between them that is blank or in the outline's color."""

    middle: int  #: the first column of the right foot's half
    foot: int  #: the lowest row with more than outline
    high: int  #: number of rows of the legs, down to the ground


def legs_of(front: Rgba) -> Legs | None:
    """The legs of a figure that faces us or away; None = its feet cannot be told apart."""
    opaque, solid = front[..., 3] > 0, _solid(front)
    rows = np.flatnonzero(solid.any(axis=1))
    if not len(rows):
        return None
    foot, ground = int(rows[-1]), int(np.flatnonzero(opaque.any(axis=1))[-1])
    if ground - foot > 1:
        return None
    upper = opaque[: (int(rows[0]) + foot) // 2 + 1]
    middles = [np.mean(longest_run(row)) for row in upper if row.any()]
    middle = round(float(np.median(middles)) + 0.5)
    feet = runs_of(solid[foot])
    for (_, left), (right, _) in pairwise(feet):
        low, high = left + 1, right
        if high - low > _APART or low > middle + _ASKEW or high < middle - _ASKEW:
            continue
        top = foot
        while foot - top < _HIGH and not solid[top - 1, low:high].any():
            top -= 1
        return Legs((low + high) // 2, foot, ground - top + 1)
    return None


def stepped(part: str, view: Rgba, legs: Legs | None) -> Rgba:
    """A standing view, (H, W, 4), turned into a step, "down 1" to "up 3".

    ``legs``: those of the front; None = none, so the figure only sinks.
    """
    if not view[..., 3].any() or legs is None:
        return sunk(view)
    after = sunk(view, legs.high)
    ground = int(np.flatnonzero((view[..., 3] > 0).any(axis=1))[-1])
    first = part.endswith("1")
    row = view[ground]
    if part.startswith(("left", "right")):
        back, front = _parted(row, forward=1 if part.startswith("right") else -1)
        lifted, planted = (back, front) if first else (front, back)
    else:
        of_left = (np.arange(len(row)) < legs.middle)[:, None]
        lifted, planted = (np.where(of_left == first, row, 0), np.where(of_left == first, 0, row))
    after[ground] = planted
    if legs.high > 1:
        after[ground - 1] = np.where(lifted[:, 3:] > 0, lifted, after[ground - 1])
    return sunk(view, legs.high) if loose(after) > loose(view) else after


def sunk(view: Rgba, legs: int = 1) -> Rgba:
    """A drawing moved down by one pixel except for its feet.

    It loses a row of its legs, or one above the ground, or another if parts would float otherwise.

    ``legs``: their number of rows.
    """
    drawn = np.flatnonzero((view[..., 3] > 0).any(axis=1))
    if not len(drawn):
        return view.copy()
    top, ground = int(drawn[0]), int(drawn[-1])
    goes = ground - (2 if legs < 2 else legs - 1)
    found = []
    for row in (*range(goes, ground), *range(goes - 1, goes - _HIGH, -1)):
        after = view.copy()
        if top <= row:
            after[top + 1 : row + 1], after[top] = view[top:row], 0
        found.append(after)
    return min(found, key=loose, default=view.copy())


def walks(view: Rgba, steps: Mapping[str, Rgba], legs: Legs | None) -> bool:
    """Whether the steps of a standing view are a walk: none limps, loses a foot or only bobs.

    ``steps``: one or both, by part; as high as the view. ``legs``: those of the front.
    """
    tops = {int(np.flatnonzero((step[..., 3] > 0).any(axis=1)).min(initial=99))
            for step in steps.values()}  # fmt: skip
    if len(tops) > 1:
        return False
    if legs is None:
        return True
    if next(iter(steps)).startswith(("left", "right")):
        ground = int(np.flatnonzero((view[..., 3] > 0).any(axis=1))[-1])
        low = [step[ground + 1 - _ROWS : ground + 1] for step in steps.values()]
        return bool((low[0] != low[-1]).any(axis=2).sum() >= _MOVES) or len(low) == 1
    of_left, stands = np.arange(view.shape[1]) < legs.middle, _solid(view)[legs.foot]
    planted = {part: of_left != part.endswith("1") for part in steps}
    return not any(
        stands[foot].any() and not _solid(steps[part])[legs.foot][foot].any()
        for part, foot in planted.items()
    )


def closed(drawing: Rgba, view: Rgba) -> Rgba:
    """A view or step of a drawing, (H, W, 4), with gaps in its outline closed, if the drawing has
    one.

    The outline goes inside parts that have room for it, such as a foot, and around others.
    """
    outline, opaque = outline_of(drawing), drawing[..., 3] > 0
    rim = opaque & ~within(opaque)
    if not outline.any() or (rim & ~outline).sum() > _GAPS * rim.sum():
        return view
    line, code = drawing[outline][0], color_codes(view)
    opaque = view[..., 3] > 0
    bare = opaque & ~within(opaque) & (view != line).any(axis=2)
    bare &= ~np.isin(code, color_codes(drawing)[rim])
    view = view.copy()
    for row, column in np.argwhere(bare):
        at = np.zeros_like(bare)
        at[row, column] = True
        beside = grown(at) & ~at
        same = beside & opaque & ~bare & (code == code[row, column])
        lined = beside & (view == line).all(axis=2)
        view[at if same.any() or lined.sum() > 1 else beside & ~opaque] = line
    return view


def _parted(row: NDArray[np.uint8], forward: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The back and front halves of a row of feet, (W, 4), each a pixel further out."""
    low, high = longest_run(row[:, 3] > 0)
    ahead = (np.arange(len(row)) * 2 > low + high)[:, None] == (forward > 0)
    found = []
    for half, by in ((np.where(ahead, 0, row), -forward), (np.where(ahead, row, 0), forward)):
        edge = half[-1 if by > 0 else 0, 3]
        found.append(half if edge else np.roll(half, by, axis=0))
    return found[0], found[1]


def _solid(rgba: Rgba) -> NDArray[np.bool_]:
    """Pixels that are drawn, but not in the color of an outline."""
    return (rgba[..., 3] > 0) & ~outline_of(rgba)


def outline_of(rgba: Rgba) -> NDArray[np.bool_]:
    """Pixels in the color of the outline; empty if there is none."""
    opaque, code = rgba[..., 3] > 0, color_codes(rgba)
    colors, counts = np.unique(code[opaque & ~within(opaque)], return_counts=True)
    if not len(colors) or counts.max() <= _OUTLINE * counts.sum():
        return np.zeros_like(opaque)
    outline: NDArray[np.bool_] = opaque & (code == colors[counts.argmax()])
    return outline


def runs_of(row: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The first and last column of each run of joined pixels in a row."""
    ends = np.flatnonzero(np.diff(np.pad(row.astype(np.int8), 1)))
    return list(zip(ends[::2].tolist(), (ends[1::2] - 1).tolist(), strict=True))


def longest_run(row: NDArray[np.bool_]) -> tuple[int, int]:
    """The first and last column of the longest run in a row; (0, -1) if there is none."""
    return max(runs_of(row), key=lambda run: run[1] - run[0], default=(0, -1))
