"""The canvas for parts: 16x16 codes of material and tone, colored only at the end.

A template is text, one character a pixel. A lower-case letter of a material leaves the tone
to `finish.shade`; the capital is its light tone, the letter in the third column its dark one
and the digit its base tone:

    p P q 1   first color        k K l 5   skin           g G f 9   gold
    s S t 2   second color       h H j 6   hair           y Y i 0   extra
    m M n 3   metal               c C d 7   trousers
    a A b 4   accent              w W v 8   wood

`o` is ink (the outline's color), `e` an eye's dark, `E` white, `r` red, `z` cuts a hole,
`.` leaves what is below.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from builtin_set.palette import BASE, DARK, LIGHT, TONES, Paints

SIZE = 16
SLOTS = 12
P, S, M, A, K, H, C, W, G, Y, SPECIAL = range(1, SLOTS)

#: The fixed colors in slot SPECIAL: eye, white, red, ink (filled in by the hand).
EYE, WHITE, RED, INK = (SPECIAL * 8 + tone for tone in (1, 2, 3, 4))
HOLE = 255

Codes = NDArray[np.uint8]


def _alphabet() -> dict[str, int]:
    table = {".": 0, "e": EYE, "E": WHITE, "r": RED, "o": INK, "z": HOLE}
    letters = ("pPq1", "sSt2", "mMn3", "aAb4", "kKl5", "hHj6", "cCd7", "wWv8", "gGf9", "yYi0")
    for slot, quartet in enumerate(letters, start=1):
        for letter, tone in zip(quartet, (0, LIGHT, DARK, BASE), strict=True):
            table[letter] = slot * 8 + tone
    return table


_CODES = _alphabet()


@dataclass(frozen=True, eq=False)
class Part:
    """A template as codes, and the ring of pixels around it."""

    codes: Codes
    filled: NDArray[np.bool_]
    ring: NDArray[np.bool_]

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.codes.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.codes.shape[0])


def make_part(codes: Codes) -> Part:
    """A part from codes, with its ring."""
    padded = np.pad(codes > 0, 1)
    ring = np.zeros_like(padded)
    ring[1:] |= padded[:-1]
    ring[:-1] |= padded[1:]
    ring[:, 1:] |= padded[:, :-1]
    ring[:, :-1] |= padded[:, 1:]
    return Part(codes, codes > 0, ring & ~padded)


@cache
def part(text: str, flip: bool = False) -> Part:
    """Read a template."""
    rows = text.split()
    width = max(map(len, rows))
    codes = np.array([[_CODES[c] for c in row.ljust(width, ".")] for row in rows], np.uint8)
    return make_part(codes[:, ::-1].copy() if flip else codes)


@cache
def mirrored(text: str, odd: bool = False) -> Part:
    """Read the left half of a template and mirror it; `odd` shares the middle column."""
    left = part(text).codes
    right = left[:, ::-1]
    return make_part(np.concatenate([left, right[:, 1:] if odd else right], axis=1))


@cache
def _grid() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float64)
    return y, x


@cache
def ellipse_mask(cy: float, cx: float, ry: float, rx: float) -> NDArray[np.bool_]:
    """Pixels whose center lies in the ellipse, bool (16, 16)."""
    y, x = _grid()
    inside: NDArray[np.bool_] = ((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2 <= 1.0
    return inside


@dataclass(eq=False)
class Drawing:
    """One sprite being drawn: codes, its paints, and its name."""

    paints: Paints
    name: str = ""
    design: str = ""
    outlined: bool = True
    limit: int = 9
    codes: Codes = field(default_factory=lambda: np.zeros((SIZE, SIZE), np.uint8))
    palette: NDArray[np.uint8] = field(
        default_factory=lambda: np.zeros((SLOTS, TONES, 3), np.uint8)
    )

    def __post_init__(self) -> None:
        self.palette[SPECIAL, 1:] = (self.paints.ink, (252, 252, 250), (200, 48, 56),
                                     self.paints.ink)  # fmt: skip

    def paint(self, slot: int, *colors: str) -> None:
        """Give a slot one of these colors."""
        self.palette[slot] = self.paints.ramp(*colors)

    def paint_apart(self, slot: int, others: tuple[int, ...], *colors: str) -> None:
        """Like `paint`, but with a color that stands out from those of these slots."""
        for _ in range(6):
            self.paint(slot, *colors)
            mine = self.palette[slot, BASE].astype(int)
            gaps = [np.abs(mine - self.palette[other, BASE]).sum() for other in others]
            if min(gaps) > 110:
                return

    def stamp(self, piece: Part, y: int, x: int, rim: bool = False) -> None:
        """Put a part over what is there, clipped; `rim` inks the pixels it borders on."""
        if rim:
            self._ink_ring(piece, y, x)
        view, shown = self._overlap(piece.codes.shape, y, x)
        np.copyto(view, piece.codes[shown], where=piece.filled[shown])

    def _ink_ring(self, piece: Part, y: int, x: int) -> None:
        view, shown = self._overlap(piece.ring.shape, y - 1, x - 1)
        view[piece.ring[shown] & (view > 0) & (view != HOLE)] = INK

    def _overlap(self, shape: tuple[int, ...], y: int, x: int) -> tuple[Codes, tuple[slice, slice]]:
        """The part of the canvas under a picture, and the part of the picture over the canvas."""
        rows, columns = (
            slice(max(0, -at), max(0, -at, min(size, SIZE - at)))
            for size, at in zip(shape, (y, x), strict=True)
        )
        view = self.codes[y + rows.start : y + rows.stop, x + columns.start : x + columns.stop]
        return view, (rows, columns)

    def fill(self, where: NDArray[np.bool_], slot: int, tone: int = 0) -> None:
        """Fill a mask with a slot's tone (0: shaded at the end)."""
        self.codes[where] = slot * 8 + tone

    def center(self) -> None:
        """Move the drawing to the middle of the canvas."""
        rows, columns = np.nonzero(self.codes)
        down = (SIZE - 1 - int(rows.min()) - int(rows.max())) // 2
        right = (SIZE - 1 - int(columns.min()) - int(columns.max())) // 2
        self.codes[:] = np.roll(self.codes, (down, right), axis=(0, 1))

    def dot(self, y: int, x: int, code: int) -> None:
        """Set one pixel if it is on the canvas."""
        if 0 <= y < SIZE and 0 <= x < SIZE:
            self.codes[y, x] = code
