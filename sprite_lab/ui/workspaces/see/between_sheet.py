"""The sheet between noises: its cells, with the letters of the corners beside them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from sprite_lab.core.between import CORNERS, Sheet
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.sprite_grid import SpriteGrid

#: Room for a letter at either side, in logical pixels.
_SIDE = 24


def mix_words(sheet: Sheet, cell: int) -> str:
    """The classes of a cell and their weights."""
    mix = sheet.mix(cell)
    if not mix:
        return "any class"
    return " + ".join(f"{weight:.2f} {name.replace('_', ' ')}" for name, weight in mix)


def cell_words(sheet: Sheet, cell: int) -> str:
    """Which cell it is."""
    row, column = divmod(cell, sheet.columns)
    if sheet.rows == 1:
        return f"Cell {column + 1} of {sheet.columns}"
    return f"Column {column + 1}, row {row + 1} of {sheet.columns}×{sheet.rows}"


def place_words(sheet: Sheet, cell: int) -> str:
    """Which cell it is, and where it lies between the corners."""
    u, v = sheet.place(cell)
    if sheet.rows == 1:
        return f"{cell_words(sheet, cell)}: {u:.2f} of the way from A to B"
    return f"{cell_words(sheet, cell)}: {u:.2f} to the right, {v:.2f} down"


class SheetView(QWidget):
    """Parts: ``between.grid``."""

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__()
        self._theme = theme
        self._sheet: Sheet | None = None
        self.grid = SpriteGrid(theme, gap=4)
        self.grid.setObjectName("between.grid")
        self.grid.setAccessibleName("Cells between the corners")
        row = QHBoxLayout(self)
        row.setContentsMargins(_SIDE, 0, _SIDE, 0)
        row.addWidget(self.grid)
        theme.changed.connect(self.update)

    def show_cells(self, sheet: Sheet, images: NDArray[np.uint8]) -> None:
        """Show uint8 (N, H, W, 3), the cells of a sheet row by row."""
        if sheet is not self._sheet:
            self._sheet = sheet
            self._tips = [
                f"{place_words(sheet, i)}\n{mix_words(sheet, i)}" for i in range(len(images))
            ]
            self.grid.set_columns(sheet.columns)
        self.grid.set_sprites(images, self._tips)
        self.update()

    _tips: list[str] = []

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._sheet is None or not self.grid.count:
            return
        painter = QPainter(self)
        painter.setPen(QColor(self._theme.theme.text_dim))
        font = self.font()
        font.setBold(True)
        painter.setFont(font)
        last, columns = self.grid.count - 1, self._sheet.columns
        corners = [0, columns - 1, last - columns + 1, last]
        for i, letter in enumerate(CORNERS[: len(self._sheet.corners)]):
            cell = self.grid.cell_rect(corners[i]).translated(QPointF(self.grid.pos()))
            x = cell.left() - _SIDE if i % 2 == 0 else cell.right()
            beside = QRectF(x, cell.top(), _SIDE, cell.height())
            painter.drawText(beside, Qt.AlignmentFlag.AlignCenter, letter)
