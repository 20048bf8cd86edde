"""The picture of a frame that the pointer is over, larger than on the timeline."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from sprite_lab.ui.theme import ThemeManager, tabular
from sprite_lab.ui.widgets.pixel_paint import DevicePainter, to_atlas

#: Logical pixels: around the picture, and its side at most.
_MARGIN, _SIDE = 6, 80


class FrameHover(QWidget):
    """Floats above a place; part ``timeline.hover``."""

    def __init__(self, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.ToolTip)
        self.setObjectName("timeline.hover")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setFont(tabular(self.font()))
        self._theme = theme
        self._atlas = to_atlas(np.full((1, 16, 16, 3), 255, np.uint8))
        self.text = ""
        self.resize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(_SIDE + 2 * _MARGIN, _SIDE + 2 * _MARGIN + self.fontMetrics().height() + 2)

    def show_frame(self, pixels: NDArray[np.uint8], text: str, above: QPoint) -> None:
        """Show uint8 (H, W, 3) and a few words, with the lower edge's middle at a screen place."""
        self._atlas, self.text = to_atlas(pixels[None]), text
        self.move(above.x() - self.width() // 2, above.y() - self.height())
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.raised))
        painter.setPen(QColor(theme.outline))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        device = DevicePainter(painter)
        side = self._atlas.width()
        scale = max(1, int(_SIDE * device.ratio / side))
        x, y = device.to_device(QPoint(_MARGIN, _MARGIN).toPointF())
        device.draw(self._atlas, x, y, scale)
        painter.setPen(QColor(theme.text))
        room = self.rect().adjusted(2, _SIDE + _MARGIN + 2, -2, -4)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self.text)
