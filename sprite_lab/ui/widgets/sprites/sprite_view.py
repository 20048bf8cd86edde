"""One sprite, as large as whole-number scaling allows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.ui.theme import current_theme
from sprite_lab.ui.widgets.sprites.pixel_paint import (
    FADED,
    DevicePainter,
    checkerboard,
    fitting_scale,
    to_qimage,
)


class SpriteView(QWidget):
    """Draws one image at whole-number scale, nearest neighbor, centered on a checkerboard."""

    #: with the left button, anywhere in the widget
    clicked = Signal()
    double_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._image: QImage | None = None
        self._placeholder = ""
        self.is_faded = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(32, 32)

    def set_image(self, pixels: NDArray[np.uint8] | None) -> None:
        """Show uint8 (H, W, 3) or (H, W, 4); None shows the placeholder."""
        self._image = None if pixels is None else to_qimage(pixels)
        self.update()

    def set_placeholder(self, text: str) -> None:
        """Set the text shown while there is no image."""
        self._placeholder = text
        self.update()

    def set_faded(self, faded: bool) -> None:
        """Set whether the picture steps back, since it says nothing."""
        self.is_faded = faded
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(192, 192)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        room = self.rect()
        if self._image is None:
            if self._placeholder:
                painter.setPen(QColor(theme.text_dim))
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(room.adjusted(8, 8, -8, -8), flags, self._placeholder)
            return
        device = DevicePainter(painter)
        width, height = self._image.width(), self._image.height()
        scale = fitting_scale(room.width(), room.height(), width, height, device.ratio)
        side = QPointF(width * scale / device.ratio, height * scale / device.ratio)
        x, y = device.to_device(
            QPointF((room.width() - side.x()) / 2, (room.height() - side.y()) / 2)
        )
        target = device.to_logical(x, y, width * scale, height * scale)
        if self._image.hasAlphaChannel():
            painter.setBrushOrigin(target.topLeft())
            painter.fillRect(target, checkerboard(theme, 8))
        painter.setOpacity(FADED if self.is_faded else 1)
        device.draw(self._image, x, y, scale)
        painter.setOpacity(1)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.focus), 2))
            painter.drawRect(target.adjusted(-2, -2, 2, 2))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()
        else:
            super().mouseDoubleClickEvent(event)
