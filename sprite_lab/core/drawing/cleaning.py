"""Cleans up drawings: broken outlines, lone pixels, colors of a single pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.config.base import Config, setting
from sprite_lab.core.drawing.fill import beside, codes, outline
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.oklab import oklab

Codes = NDArray[np.uint32]
Mask = NDArray[np.bool_]

#: The eight neighbors as (dy, dx), in a circle from the upper left.
_AROUND = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))

#: Weight of each neighbor for the color of a lone pixel: edges count more than corners.
_BESIDE, _CORNER = 3, 2

#: Minimum share of a drawing's rim that its outline's color must have.
_LEAST_RIM = 0.5


@dataclass(frozen=True)
class CleanUp(Config):
    """What is cleaned up."""

    # fmt: off
    outlines: bool = setting(
        True, "Broken outlines", group="What",
        tip="Close gaps of one pixel in an outline that has one color",
    )
    lone: bool = setting(
        True, "Lone pixels", group="What",
        tip="A pixel whose color none of its eight neighbors has takes their most common color; "
        "two or more of the same color in one row of pixels, like eyes, stay",
    )
    rare: bool = setting(
        True, "Single-use colors", group="What",
        tip="A color used by one pixel only becomes the most similar color of the drawing",
    )
    # fmt: on


def cleaned(cell: Cell, what: CleanUp, within: Mask | None = None) -> Cell:
    """The cell cleaned up; the cell itself if there is nothing to clean.

    Outlines are closed first, since a piece of a broken one may look like a lone pixel.

    ``within``: bool (side, side), the pixels that may change; None = all.
    """
    found = codes(cell)
    if what.outlines:
        found = _closed(found, cell, within)
    if what.lone:
        found = _put(found, _without_lone(found), within)
    if what.rare:
        found = _put(found, _without_rare(found), within)
    pixels = found.view(np.uint8).tobytes()
    if np.array_equal(found, codes(cell)):
        return cell
    return replace(cell, pixels=pixels, made_by=None)


def _put(before: Codes, after: Codes, within: Mask | None) -> Codes:
    return after if within is None else np.where(within, after, before)


def _ring(array: AnyArray) -> AnyArray:
    """The array (side, side) shifted by each of the eight neighbors, (8, side, side); zeros beyond
    the border.
    """
    padded = np.pad(array, 1)
    height, width = array.shape
    return np.stack([padded[1 + y : 1 + y + height, 1 + x : 1 + x + width] for y, x in _AROUND])


# -- outlines ----------------------------------------------------------------------------------


def _closed(found: Codes, cell: Cell, within: Mask | None) -> Codes:
    """Color codes with gaps in the outline closed; unchanged if the drawing has no outline."""
    rim = outline(cell, inside=True)
    colors, counts = np.unique(found[rim], return_counts=True)
    if not len(colors) or counts.max() < _LEAST_RIM * rim.sum():
        return found
    color = colors[counts.argmax()]
    # Straight gaps first; otherwise pixels beside them would bridge them too. For each kind, first
    # empty pixels next to the inside, then pixels of the inside next to empty ones.
    for between, missing in product((_straight, _bridges), (True, False)):
        drawn, lined = found != 0, found == color
        inside = drawn & ~lined
        # Only beside areas wider than a line: a shaft or a string has no outline of its own.
        opening = (~drawn if missing else inside & beside(~drawn, beyond=True)) & beside(
            _thick(inside)
        )
        gap = opening & between(lined)
        found = _put(found, np.where(gap, color, found), within)
    return found


def _thick(region: Mask) -> Mask:
    """The pixels of a region that are part of a 2x2 square within it."""
    rows = region[:-1] & region[1:]
    squares = np.pad(rows[:, :-1] & rows[:, 1:], 1)
    return np.asarray(squares[:-1, :-1] | squares[:-1, 1:] | squares[1:, :-1] | squares[1:, 1:])


def _straight(lined: Mask) -> Mask:
    """The pixels with outline on both sides, or above and below."""
    around = _ring(lined)[1::2]
    return np.asarray((around & np.roll(around, 2, axis=0)).any(axis=0))


def _bridges(lined: Mask) -> Mask:
    """The pixels around which an outline lies in two or more pieces that do not touch."""
    ring = _ring(lined)
    # Around the ring, a piece begins where an outline pixel follows a pixel that is none. Two edge
    # neighbors touch diagonally, whether or not the corner between them belongs to the outline.
    joined = ring.copy()
    for corner in range(0, 8, 2):
        joined[corner] |= ring[corner - 1] & ring[(corner + 1) % 8]
    return np.asarray((joined & ~np.roll(joined, 1, axis=0)).sum(axis=0) >= 2)


# -- colors ------------------------------------------------------------------------------------


def _without_lone(found: Codes) -> Codes:
    """Color codes with lone pixels in the most common and most similar color around them.

    Two or more of one color in the same row of the drawing are intended: eyes, buttons, the rivets
    of a belt.
    """
    around = _ring(found)
    lone = (around != found).all(axis=0)
    after = found.copy()
    for y, x in np.argwhere(lone):
        if (found[y, lone[y]] == found[y, x]).sum() > 1:
            continue
        weights: dict[int, int] = {}
        for place, code in enumerate(around[:, y, x].tolist()):
            weights[code] = weights.get(code, 0) + (_BESIDE if place % 2 else _CORNER)
        most = max(weights.values())
        after[y, x] = _likest(int(found[y, x]), [c for c, n in weights.items() if n == most])
    return after


def _without_rare(found: Codes) -> Codes:
    """Color codes with each color of only one pixel replaced by the most similar other one."""
    colors, counts = np.unique(found[found != 0], return_counts=True)
    usual = colors[counts > 1].tolist()
    after = found.copy()
    if usual:
        for color in colors[counts == 1].tolist():
            after[found == color] = _likest(color, usual)
    return after


def _likest(code: int, others: list[int]) -> int:
    """The most similar of ``others``; alpha counts as much as lightness, so that visible colors
    differ from empty pixels.
    """
    rgba = np.array([code, *others], np.uint32).view(np.uint8).reshape(-1, 4)
    lab = np.concatenate([oklab(rgba[:, :3]), rgba[:, 3:] / 255], axis=1)
    return others[int(((lab[1:] - lab[0]) ** 2).sum(axis=1).argmin())]
