"""The positions of sprites in a scrolling grid, in logical pixels of the whole grid."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

GAP = 6  # logical pixels between and around sprites


@dataclass(frozen=True)
class SpritePlaces:
    """Positions of ``count`` sprites, row by row, in as many columns as fit."""

    count: int
    side: int  #: height and width of a sprite; below : height of its caption
    below: int
    width: int  #: width available for all columns
    spare: int = 0  #: extra distance between columns, for captions wider than a sprite

    @property
    def pitch(self) -> int:
        """Distance from one column to the next."""
        return self.side + self.spare + GAP

    @property
    def pitch_down(self) -> int:
        """Distance from one row to the next."""
        return self.side + GAP + self.below

    @property
    def _left(self) -> int:
        """Left edge of the first column."""
        return GAP + self.spare // 2

    @property
    def columns(self) -> int:
        """Number of sprites that fit side by side."""
        return max(1, (self.width - GAP) // self.pitch)

    @property
    def rows(self) -> int:
        return math.ceil(self.count / self.columns)

    @property
    def height(self) -> int:
        return self.rows * self.pitch_down + GAP

    def rect(self, index: int) -> QRectF:
        """The rectangle of a sprite, without its caption."""
        row, column = divmod(index, self.columns)
        left, top = self._left + column * self.pitch, GAP + row * self.pitch_down
        return QRectF(left, top, self.side, self.side)

    def at(self, place: QPointF) -> int:
        """The sprite at a position, or -1."""
        column = int((place.x() - GAP / 2) // self.pitch)
        row = int((place.y() - GAP / 2) // self.pitch_down)
        index = row * self.columns + column
        return index if 0 <= column < self.columns and 0 <= index < self.count else -1

    def inside(self, area: QRectF) -> NDArray[np.intp]:
        """Indices of the sprites that an area touches, ascending."""
        columns = np.arange(self.columns)
        lefts = self._left + columns * self.pitch
        columns = columns[(lefts <= area.right()) & (lefts + self.side >= area.left())]
        first = max(0, math.ceil((area.top() - GAP - self.side) / self.pitch_down))
        last = math.floor((area.bottom() - GAP) / self.pitch_down)
        rows = np.arange(first, max(first, last + 1))
        indices = (rows[:, None] * self.columns + columns).reshape(-1)
        return indices[indices < self.count]

    def rows_in(self, top: int, height: int) -> range:
        """The rows that are partly or fully visible from ``top`` to ``top + height``."""
        first = max(0, (top - GAP) // self.pitch_down)
        return range(first, min(self.rows, first + math.ceil(height / self.pitch_down) + 1))
