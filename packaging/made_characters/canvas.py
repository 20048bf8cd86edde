"""The canvas of a made-up character: the materials of its pixels, and the places of its parts."""

from __future__ import annotations

from enum import IntEnum, auto
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from made_characters.look import Look

SIDE = 16


class M(IntEnum):
    """Materials. Those from INK on are details, which are never shaded."""

    BLANK = 0
    SKIN = auto()
    HAIR = auto()
    COVER = auto()
    TRIM = auto()
    CLOTH = auto()
    SLEEVE = auto()
    LEGS = auto()
    FAR_LEG = auto()
    BOOTS = auto()
    CAPE = auto()
    BEARD = auto()
    METAL = auto()
    WOOD = auto()
    BELT = auto()
    OTHER = auto()
    INK = auto()
    EYE = auto()
    WHITE = auto()
    MOUTH = auto()
    BLUSH = auto()
    GLOSS = auto()


Codes = NDArray[np.int64]  # (16, 16)
Rgba = NDArray[np.uint8]  # (16, 16, 4)
Span = tuple[int, int]  # the first and the last, of rows or columns


class Canvas:
    """One picture of a character."""

    def __init__(self, look: Look, view: str, frame: int) -> None:
        self.look, self.view, self.frame = look, view, frame
        self.codes: Codes = np.zeros((SIDE, SIDE), np.int64)
        self.side, self.back = view == "right", view == "up"
        down = frame > 0 and (look.bob or not look.legs)
        below = look.legs or look.skirt  # takes up what all above it moves down
        #: Rows: below the feet, and the first of the hips, the shoulders and the head.
        self.ground = look.ground + 1
        self.hips = self.ground - below + (down and below > 0)
        self.shoulders = self.hips - look.body[1]
        self.tall = look.head[1] - (down and not below)  # of the head
        self.top = self.shoulders - self.tall
        self.brow = self.top + look.brow
        #: Columns: of the head, the body, and their middle.
        self.head = self.across(look.depth if self.side else look.head[0])
        self.body = self.across(look.thick if self.side else look.body[0])
        self.middle: Span = (look.center // 2, look.center // 2 + look.center % 2)

    def across(self, width: int) -> Span:
        """The first and last of ``width`` columns in the middle."""
        left = (self.look.center - width + 1) // 2
        return left, left + width - 1

    def box(self, rows: Span, columns: Span, material: int) -> None:
        """Fill some rows and columns, as far as they are in the picture."""
        (top, bottom), (left, right) = rows, columns
        if bottom >= 0 and right >= 0:
            self.codes[max(0, top) : bottom + 1, max(0, left) : right + 1] = material

    def row(self, row: int, columns: Span, material: int) -> None:
        self.box((row, row), columns, material)

    def column(self, rows: Span, column: int, material: int) -> None:
        self.box(rows, (column, column), material)

    def dot(self, row: int, column: int, material: int) -> None:
        self.box((row, row), (column, column), material)
