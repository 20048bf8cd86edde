"""The grid of cells with what is suggested for them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.pixel_paint import DevicePainter, checkerboard, to_qimage
from sprite_lab.ui.workspaces.draw.cell_grid import CellGrid

#: The longest side of the fold that marks a ghost, in logical pixels.
_FOLD = 10.0


class GhostGrid(CellGrid):
    """Shows ghosts in the place of cells, with a corner folded over: they are not drawn yet.

    Signals
    -------
    take_wanted : Enter on a cell with a ghost.
    """

    take_wanted = Signal()

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._ghosts: dict[int, QImage] = {}

    @property
    def ghosts(self) -> tuple[int, ...]:
        """The cells with a ghost, ascending."""
        return tuple(sorted(self._ghosts))

    def set_ghosts(self, ghosts: Mapping[int, NDArray[np.uint8]]) -> None:
        """Show uint8 (H, W, 4) in the place of these cells, and the others as they are."""
        if ghosts or self._ghosts:
            self._ghosts = {index: to_qimage(rgba) for index, rgba in ghosts.items()}
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._ghosts or self.is_dragging:
            return
        theme = self._theme.theme
        painter = QPainter(self)
        device = DevicePainter(painter)
        board = checkerboard(theme, 4)
        for index, image in self._ghosts.items():
            if index >= self.count:
                continue
            rect = self.cell_rect(index)
            painter.setBrushOrigin(rect.topLeft())
            painter.fillRect(rect, board)
            x, y = device.to_device(rect.topLeft())
            device.draw(image, x, y, max(1, round(rect.width() * device.ratio / image.width())))
            side, corner = min(_FOLD, rect.width() / 4), rect.topRight()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent))
            painter.drawPolygon(
                QPolygonF([corner, corner - QPointF(side, 0), corner + QPointF(0, side)])
            )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and self._ghosts.keys() & set(self.selection):
            self.take_wanted.emit()
        else:
            super().keyPressEvent(event)
