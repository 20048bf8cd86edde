"""The grid of cells, each with its class below it and a mark where pixels are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from sprite_lab.core.cells import Cell
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.sprite_grid import SpriteGrid

#: Room around cells, in which the class is written; logical pixels.
_GAP = 13
_MOST_WITH_WORDS = 6


def class_words(name: str | None) -> str:
    """A class as it is shown."""
    return "any" if name is None else name.replace("_", " ")


def mix_words(mix: Sequence[tuple[str, float]]) -> str:
    """A mix of classes as it is shown: "any", a class, or "0.5 hero + 0.3 food"."""
    if not mix:
        return "any"
    if len(mix) == 1 and mix[0][1] == 1:
        return class_words(mix[0][0])
    return " + ".join(f"{weight:g} {class_words(name)}" for name, weight in mix)


class CellGrid(SpriteGrid):
    """Shows the cells of a project in its rows and columns."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent, gap=_GAP, multiple=True)
        self._cells: Sequence[Cell] = ()

    def set_cells(
        self,
        cells: Sequence[Cell],
        columns: int,
        previews: Mapping[int, NDArray[np.uint8]] | None = None,
    ) -> None:
        """Show cells; uint8 (H, W, 4) previews stand in for those that are being generated."""
        self._cells = cells
        # Where there are many columns there is no room for words.
        self._gap = _GAP if columns <= _MOST_WITH_WORDS else 4
        self.set_columns(columns)
        tips = [
            f"Cell {i + 1}: {mix_words(cell.conditions.class_mix)}, seed {cell.seed}"
            + (f", keeps {int(cell.keep.sum())} pixels" if cell.keep.any() else "")
            for i, cell in enumerate(cells)
        ]
        images = np.stack([cell.rgba for cell in cells])
        for index, image in (previews or {}).items():
            images[index] = image
        self.set_sprites(images, tips)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme = self._theme.theme
        painter = QPainter(self)
        # A blank cell is hardly seen on the ground, and each one is a place to draw in.
        painter.setPen(QColor(theme.line))
        for index in range(len(self._cells)):
            if index not in self.selection:
                painter.drawRect(self.cell_rect(index).adjusted(-1, -1, 0, 0))
        if self._gap < _GAP:
            return
        font = painter.font()
        font.setPixelSize(10)
        painter.setFont(font)
        for index, cell in enumerate(self._cells):
            rect = self.cell_rect(index)
            below = QRectF(rect.left() - 6, rect.bottom() + 1, rect.width() + 12, _GAP - 1)
            if cell.redraw_strength is not None:
                side = 5.0
                painter.fillRect(
                    QRectF(rect.right() - side, rect.bottom() + 5, side, side),
                    QColor(theme.accent),
                )
                below.setRight(rect.right() - side - 1)
            chosen = index in self.selection
            painter.setPen(QColor(theme.text if chosen else theme.text_dim))
            mix = cell.conditions.class_mix
            if not mix and not chosen:
                continue
            text = painter.fontMetrics().elidedText(
                "mix" if len(mix) > 1 else mix_words(mix),
                Qt.TextElideMode.ElideRight,
                int(below.width()),
            )
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)
