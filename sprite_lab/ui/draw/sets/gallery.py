"""A gallery of tries to choose from: a row for each direction or walk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from sprite_lab.core.pixels.characters import FRAMES
from sprite_lab.ui.draw.sets.ticker import Ticker
from sprite_lab.ui.layouts import discard, vbox
from sprite_lab.ui.text import Label
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import tr

#: Milliseconds for each frame, and logical pixels for each pixel of a sprite.
_FRAME_MS, _SCALE = 160, 3


@dataclass(frozen=True, eq=False)
class Row:
    """Tries at one direction or walk."""

    part: str  #: the first part of the character that the tries show
    name: str
    frames: NDArray[np.uint8]  #: uint8 (FRAMES, N, H, W, 4), for N tries
    shown: int  #: index of the try in use; -1 = none


class Gallery(QWidget):
    """Rows of tries, shown walking."""

    chosen = Signal(str, int)  #: the part of a row, and the index of a try in it

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._rows: Sequence[Row] = ()
        self._grids: dict[str, SpriteGrid] = {}
        self._lines: dict[str, QWidget] = {}
        self._frame = 0
        self._ticker = Ticker(self, _FRAME_MS, self._tick)
        self._column = vbox(..., on=self, spacing=4)

    def set_rows(self, rows: Sequence[Row], *, moves: bool) -> None:
        if [row.part for row in rows] != [row.part for row in self._rows]:
            self._build(rows)
        self._rows = rows
        self._frame = self._frame if moves else 0
        self._paint()
        for row in rows:
            self._grids[row.part].set_current(row.shown)
        self._ticker.set_on(moves and bool(rows))

    def _build(self, rows: Sequence[Row]) -> None:
        """Make widgets for new rows; existing ones keep their focus."""
        for part in self._grids.keys() - {row.part for row in rows}:
            del self._grids[part]
            discard(self._lines.pop(part))
        for at, row in enumerate(rows):
            if row.part not in self._lines:
                self._lines[row.part] = self._line(row)
            self._column.insertWidget(at, self._lines[row.part])

    def _line(self, row: Row) -> QWidget:
        grid = named(
            SpriteGrid(scale=_SCALE, gap=6),
            f"{self._name}.{row.part.replace(' ', '_')}",
            row.name,
            tr("Click one to take it; Undo brings the other back"),
        )
        # As high as its tries, even if there is more room.
        grid.grown.connect(lambda: grid.setMaximumHeight(grid.minimumHeight()))
        grid.clicked.connect(lambda k: self.chosen.emit(row.part, k))
        line = QWidget()
        vbox(Label(row.name, look="dim"), grid, on=line, spacing=0)
        self._grids[row.part] = grid
        return line

    def _paint(self) -> None:
        for row in self._rows:
            self._grids[row.part].set_sprites(row.frames[self._frame])

    def _tick(self) -> None:
        self._frame = (self._frame + 1) % FRAMES
        self._paint()
