"""Finds the face and the eyes in a drawing of a character seen from the front."""

from __future__ import annotations

from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Rgba = NDArray[np.uint8]  # (H, W, 4)

#: Shares of the height: a face begins above the first and ends above the last. The middle one is
#: the share of the rows above the first that is hair or a hat.
_FACE, _HAIR, _CHIN = 0.4, 0.45, 0.7

#: People's eyes are above this share of the height.
_LOWEST = 0.6

#: Eyes are darker than the face by this much luminance, of 255.
_DARKER = 50

#: Maximum offset of a pair of eyes from the middle of its row, summed over both eyes, in pixels.
_ASKEW = 2

#: A pair of eyes has at most this share of the picture's rows; taller ones are a cape or hair.
_HIGHEST = 0.25

#: Eyes that are no pair have at most this many pixels, as two of 2x2.
_MOST = 8

#: Maximum number of rows of a face above its eyes.
_BROW = 3


def face_of(rgba: Rgba) -> NDArray[np.bool_]:
    """Pixels of the face in a front view, bool (H, W); may be empty.

    They are inside the outline, in the color around two eyes (or the colors below the hair) but in
    none of the hair's, and joined, or between joined ones.
    """
    front = _Front(rgba)
    may = front.inside & ~front.of_hair
    if (pair := front.pair) is not None:
        row, left, right = pair
        may &= front.code == front.skin(row, left, right)
        may[: max(0, row - _BROW)] = False
        may[max(front.chin, row + _BROW) :] = False
        face = np.zeros_like(may)
        beside = slice(row - 1, row + 2), slice(left - 1, right + 2)
        face[beside] = may[beside]
    else:
        rows = slice(front.hair, front.begins)
        may &= np.isin(front.code, front.code[rows][may[rows]])
        may[: front.hair], may[front.chin :] = False, False
        face = may.copy()
        face[front.begins :] = False
    while (more := grown(face) & may).sum() > face.sum():
        face = more
    return _across_rows(face) & front.inside & ~front.of_hair


def eyes_of(rgba: Rgba) -> NDArray[np.bool_]:
    """The eyes in a front view, bool (H, W), of one color; may be empty.

    They are a pair, or else the darkest pixels inside the face.
    """
    front = _Front(rgba)
    dark: NDArray[np.bool_]
    if (pair := front.pair) is not None:
        row, *columns = pair
        dark = front.code == front.code[row, columns[0]]
        both = dark[row:, columns].all(axis=1) & ~dark[row:, columns[0] + 1]
        found = np.zeros_like(dark)
        high = int(np.append(both, False).argmin())
        found[row : row + high, columns] = high <= _HIGHEST * len(rgba)
        return found
    face = face_of(rgba)
    colors, counts = np.unique(front.code[face], return_counts=True)
    if not len(colors):
        return face
    skin = face & (front.code == colors[counts.argmax()])
    others = _across_rows(face) & (rgba[..., 3] > 0) & ~skin
    dark = others & (front.light < front.light[skin].min() - _DARKER)
    if dark.any():
        dark &= front.code == front.code[dark][front.light[dark].argmin()]
    lines = any(front.is_line(*place) for place in np.argwhere(dark).tolist())
    return np.zeros_like(dark) if lines or dark.sum() > _MOST else dark


def has_hair(rgba: Rgba) -> bool:
    """Whether the eyes in a front view are below hair or a hat, as people's are.

    One eye is enough, since hair may hang over the other.
    """
    if not rgba[..., 3].any():
        return False
    front = _Front(rgba)
    if front.pair is not None:
        return front.pair_below_hair is not None and front.pair_below_hair[0] < front.lowest
    eyes = eyes_of(rgba)
    beside = np.stack([np.roll(front.code, by, axis=1)[eyes] for by in (-1, 1)])
    return bool(eyes.any()) and bool((beside == beside.ravel()[:1]).all())


class _Front:
    """The parts of a front view that show where the face is."""

    def __init__(self, rgba: Rgba) -> None:
        self.opaque = rgba[..., 3] > 0
        drawn = np.flatnonzero(self.opaque.any(axis=1))
        top, height = int(drawn[0]), int(drawn[-1] - drawn[0] + 1)
        #: rows: the face begins below ``hair``, before ``begins``, and ends before ``chin``
        self.begins, self.chin = top + round(_FACE * height), top + round(_CHIN * height)
        self.lowest = top + round(_LOWEST * height)
        self.hair = top + max(2, round(_HAIR * (self.begins - top)))
        #: colors as numbers, and luminances
        self.code = rgba[..., :3].astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
        self.light = rgba[..., :3] @ np.array([0.299, 0.587, 0.114])
        self.inside = within(self.opaque)
        self.of_hair = np.isin(self.code, self.code[: self.hair][self.opaque[: self.hair]])

    @cached_property
    def pair(self) -> tuple[int, int, int] | None:
        """The uppermost row with two eyes, and their columns; None = none.

        Eyes are dark pixels of one color, symmetric about the middle of the row, with skin beside
        them and nothing dark in between. Skin may continue above them (a bald head, an animal)
        only if no other pair is found.
        """
        return self.pair_below_hair or self._pair(bald=True)

    @cached_property
    def pair_below_hair(self) -> tuple[int, int, int] | None:
        """Like :attr:`pair`, but only where the skin does not continue above it."""
        return self._pair(bald=False)

    def skin(self, row: int, left: int, right: int) -> int:
        """The most common color around two eyes that is brighter than they are, except hair."""
        around = np.zeros_like(self.inside)
        around[row - 1 : row + _BROW, left - 1 : right + 2] = True
        around &= self.inside & ~self.of_hair & (self.light >= self.light[row, left] + _DARKER)
        colors, counts = np.unique(self.code[around], return_counts=True)
        return int(colors[counts.argmax()] if len(colors) else self.code[row, left + 1])

    def is_line(self, row: int, column: int) -> bool:
        """Whether a dark pixel is part of a line, such as the edge of an arm or a screen."""
        eye, of_color = np.zeros_like(self.opaque), self.code == self.code[row, column]
        eye[row, column] = True
        while (more := grown(eye) & of_color).sum() > eye.sum():
            eye = more
        return bool(eye.sum() > _MOST // 2 or eye.any(axis=1).sum() > 2)

    def _pair(self, *, bald: bool) -> tuple[int, int, int] | None:
        for row in range(self.hair, self.chin):
            columns = np.flatnonzero(self.inside[row])
            if not len(columns):
                continue
            edges = int(columns[0] + columns[-1])
            found = [
                (left, right)
                for left, right in combinations(columns.tolist(), 2)
                if abs(left + right - edges) <= _ASKEW
                and self._are_eyes(row, left, right, bald)
                and not (self.is_line(row, left) or self.is_line(row, right))
            ]
            if found:
                return row, *min(found, key=lambda eyes: abs(sum(eyes) - edges))
        return None

    def _are_eyes(self, row: int, left: int, right: int, bald: bool) -> bool:
        between, around, both = slice(left + 1, right), [left - 1, right + 1], [left, right]
        code, light = self.code[row], self.light[row]
        bright = light[left] + _DARKER
        if not (
            right - left > 1
            and code[left] == code[right]
            and (bald or not self.of_hair[row, left + 1])
            and self.inside[row, between].all()
            and light[between].min() >= bright
        ):
            return False
        # Hair beside a face continues upward, possibly one column further out.
        above = (code[around] == code[left]) & self.of_hair[row - 1, both]
        above |= self.code[row - 1, both] == code[left]
        if (above & self.of_hair[row, both]).any():
            return False
        near = right - left <= self.inside[row].sum() // 2 + 1
        if near and code[left + 1] == code[right - 1] and not bald:
            return True
        # Eyes far apart, eyes with a light in them and bald heads need skin on the far side, too.
        skin = self.inside[row, around] & (bald | ~self.of_hair[row, around])
        return bool((skin & (light[around] >= bright)).all())


def _across_rows(pixels: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels, and the pixels between two of them in a row."""
    left, right = (np.maximum.accumulate(part, axis=1) for part in (pixels, pixels[:, ::-1]))
    between: NDArray[np.bool_] = left & right[:, ::-1]
    return between


def grown(pixels: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels and their neighbors above, below and on either side."""
    around = np.pad(pixels, 1)
    return (
        pixels | around[:-2, 1:-1] | around[2:, 1:-1] | around[1:-1, :-2] | around[1:-1, 2:]
    )  # fmt: skip


def within(opaque: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels whose four neighbors are opaque: all but the outermost ones."""
    around = np.pad(opaque, 1)
    return (
        opaque & around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    )  # fmt: skip
