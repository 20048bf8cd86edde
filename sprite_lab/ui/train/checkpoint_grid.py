"""Sprites in rows and columns that have names: noise levels down, training steps across."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.theme import current_theme, tabular, theme_manager
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import tr

_LEFT, _TOP = 48, 38  # room for the names at least, in logical pixels


class CheckpointGrid(QWidget):
    """A grid ``train.checkpoints.grid`` with a name at each row and column."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[str] = ()
        self._columns: Sequence[str] = ()
        self.grid = SpriteGrid(gap=3)
        self.grid.setObjectName("train.checkpoints.grid")
        self.grid.setAccessibleName(tr("What each checkpoint predicts at each noise level"))
        self.setFont(tabular(self.font()))
        self._box = hbox(self.grid, on=self, spacing=-1)
        theme_manager().text_resized.connect(self._make_room)
        self._make_room()

    def _make_room(self) -> None:
        """Leave room for the names: two lines above."""
        above = max(_TOP, 2 * self.fontMetrics().height() + 6)
        self._box.setContentsMargins(_LEFT, above, 0, 0)

    @property
    def columns(self) -> int:
        return len(self._columns)

    def show_cells(
        self, images: NDArray[np.uint8], rows: Sequence[str], columns: Sequence[str]
    ) -> None:
        """Show uint8 (R, C, H, W, 4) with their names."""
        self._rows, self._columns = rows, columns
        self.grid.set_columns(len(columns))
        tips = [
            tr("step {column}, t {row}", column=column, row=row)
            for row in rows
            for column in columns
        ]
        self.grid.set_sprites(images.reshape(-1, *images.shape[2:]), tips)
        self.update()

    def cell(self, index: int) -> tuple[int, int]:
        """Row and column of a sprite of the grid."""
        row, column = divmod(index, max(1, len(self._columns)))
        return row, column

    def set_cell(self, row: int, column: int) -> None:
        index = row * len(self._columns) + column
        if 0 <= index < self.grid.count:
            self.grid.set_current(index)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.grid.count:
            return
        theme = current_theme()
        painter = QPainter(self)
        metrics = painter.fontMetrics()
        place = self.grid.pos()
        current = self.cell(self.grid.current) if self.grid.current >= 0 else (-1, -1)
        first = self.grid.cell_rect(0).translated(place)
        painter.setPen(QColor(theme.text_dim))
        top = first.top() - 6 - metrics.height()
        head = top - metrics.height()
        painter.drawText(
            QRectF(first.left(), head, self.width(), metrics.height()),
            Qt.AlignmentFlag.AlignLeft,
            tr("training step"),
        )
        painter.drawText(
            QRectF(first.left() - 46, top, 40, metrics.height()), Qt.AlignmentFlag.AlignRight, "t"
        )
        for row, text in enumerate(self._rows):
            cell = self.grid.cell_rect(row * len(self._columns)).translated(place)
            painter.setPen(QColor(theme.text if row == current[0] else theme.text_dim))
            label = QRectF(cell.left() - 46, cell.top(), 40, cell.height())
            painter.drawText(
                label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text
            )
        self._paint_steps(painter, top, current[1])

    def _paint_steps(self, painter: QPainter, top: float, current: int) -> None:
        """The names of the columns, as many as there is room for; always the current one's."""
        theme, metrics, place = current_theme(), painter.fontMetrics(), self.grid.pos()
        last = len(self._columns) - 1
        taken: list[tuple[float, float]] = []
        for column in sorted(range(last + 1), key=lambda c: (c != current, c not in (0, last), c)):
            cell = self.grid.cell_rect(column).translated(place)
            width = metrics.horizontalAdvance(self._columns[column])
            left = cell.center().x() - width / 2
            if any(left < end + 6 and start < left + width + 6 for start, end in taken):
                continue
            taken.append((left, left + width))
            painter.setPen(QColor(theme.text if column == current else theme.text_dim))
            painter.drawText(
                QRectF(left - 4, top, width + 8, metrics.height()),
                Qt.AlignmentFlag.AlignCenter,
                self._columns[column],
            )
