"""Sprites in labeled rows and columns: noise levels down, training steps across."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.theme import current_theme, tabular, theme_manager
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import tr

_LEFT, _TOP = 48, 38  # least room for the labels, in logical pixels

#: Gap between sprites, and least logical pixels per sprite pixel; what needs more room scrolls.
_GAP, _LEAST_SCALE = 3, 2


class CheckpointGrid(QWidget):
    """A grid ``train.checkpoints.grid`` with a label at each row and column."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[str] = ()
        self._columns: Sequence[str] = ()
        self.grid = SpriteGrid(gap=_GAP)
        self.grid.setObjectName("train.checkpoints.grid")
        self.grid.setAccessibleName(tr("What each checkpoint predicts at each noise level"))
        self.setFont(tabular(self.font()))
        self._upright = False  # whether the column labels run upwards
        self._box = hbox(self.grid, on=self, spacing=-1)
        theme_manager().text_resized.connect(self._make_room)
        self._make_room()

    def _make_room(self) -> None:
        """Make room for the labels: two lines above, or the labels' length if columns are so narrow
        that they run upwards.
        """
        metrics = self.fontMetrics()
        names = max(map(metrics.horizontalAdvance, self._columns), default=0)
        for self._upright in (False, True):
            above = metrics.height() + 6 + (names if self._upright else metrics.height())
            self._box.setContentsMargins(_LEFT, max(_TOP, above), 0, 0)
            self._box.activate()
            if self.grid.count < 2 or names + 6 <= self._pitch:
                break
        self.update()

    @property
    def _pitch(self) -> float:
        """Distance between columns, in logical pixels."""
        return self.grid.cell_rect(1).left() - self.grid.cell_rect(0).left()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    @property
    def columns(self) -> int:
        return len(self._columns)

    def show_cells(
        self, images: NDArray[np.uint8], rows: Sequence[str], columns: Sequence[str]
    ) -> None:
        """Show uint8 (R, C, H, W, 4) with their labels."""
        self._rows, self._columns = rows, columns
        self.grid.set_columns(len(columns))
        high, wide = (_LEAST_SCALE * side + _GAP for side in images.shape[2:4])
        self.grid.setMinimumSize(len(columns) * wide + _GAP, len(rows) * high + _GAP)
        tips = [
            tr("step {column}, t {row}", column=column, row=row)
            for row in rows
            for column in columns
        ]
        self.grid.set_sprites(images.reshape(-1, *images.shape[2:]), tips)
        self._make_room()

    def cell(self, index: int) -> tuple[int, int]:
        """Row and column of a sprite in the grid."""
        row, column = divmod(index, max(1, len(self._columns)))
        return row, column

    def set_cell(self, row: int, column: int) -> None:
        index = row * len(self._columns) + column
        if 0 <= index < self.grid.count:
            self.grid.set_current(index)

    def show_current(self, area: QScrollArea) -> None:
        """Scroll the area that contains the grid to its current sprite."""
        if self.grid.current >= 0:
            cell = self.grid.cell_rect(self.grid.current).translated(self.grid.pos())
            place = cell.center().toPoint()
            area.ensureVisible(place.x(), place.y())

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
        names = max(map(metrics.horizontalAdvance, self._columns))
        top = first.top() - 6 - metrics.height()
        head = first.top() - 6 - (names if self._upright else metrics.height()) - metrics.height()
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
        self._paint_steps(painter, first.top() - 6, current[1])

    def _paint_steps(self, painter: QPainter, bottom: float, current: int) -> None:
        """Paint the label of each column."""
        theme, high = current_theme(), painter.fontMetrics().height()
        for column, name in enumerate(self._columns):
            center = self.grid.cell_rect(column).translated(self.grid.pos()).center().x()
            wide = painter.fontMetrics().horizontalAdvance(name) + 8
            painter.setPen(QColor(theme.text if column == current else theme.text_dim))
            painter.save()
            if self._upright:
                painter.translate(center - high / 2, bottom)
                painter.rotate(-90)
                place = QRectF(-4, 0, wide, high)
            else:
                place = QRectF(center - wide / 2, bottom - high, wide, high)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name)
            painter.restore()
