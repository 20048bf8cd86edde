"""One sprite, as large as whole-number scaling allows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
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
    """Draws one image at a whole-number scale, centered on a checkerboard."""

    #: the left button was clicked anywhere in the widget
    clicked = Signal()
    double_clicked = Signal()
    pointed = Signal(object)  #: pointer position (QPointF), None = left; needs mouse tracking

    def __init__(self) -> None:
        super().__init__()
        self.image: QImage | None = None
        self.placeholder = ""  #: text shown while there is no image
        self.is_faded = False
        self._target = QRectF()  # where the image was painted
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(32, 32)

    def set_image(self, pixels: NDArray[np.uint8] | None) -> None:
        """Show uint8 (H, W, 3) or (H, W, 4); None shows the placeholder."""
        self.image = None if pixels is None else to_qimage(pixels)
        self.update()

    def set_placeholder(self, text: str) -> None:
        self.placeholder = text
        self.update()

    def set_faded(self, faded: bool) -> None:
        """Set whether the picture is faded, because it is meaningless."""
        self.is_faded = faded
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(192, 192)

    def room(self) -> QRect:
        """The area in which the image is centered."""
        return self.rect()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        room = self.room()
        if self.image is None:
            if self.placeholder:
                painter.setPen(QColor(theme.text_dim))
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(room.adjusted(8, 8, -8, -8), flags, self.placeholder)
            return
        device = DevicePainter(painter)
        width, height = self.image.width(), self.image.height()
        scale = fitting_scale(room.width(), room.height(), width, height, device.ratio)
        side = QPointF(width * scale / device.ratio, height * scale / device.ratio)
        x, y = device.to_device(
            QPointF((room.width() - side.x()) / 2, (room.height() - side.y()) / 2)
        )
        target = self._target = device.to_logical(x, y, width * scale, height * scale)
        if self.image.hasAlphaChannel():
            painter.setBrushOrigin(target.topLeft())
            painter.fillRect(target, checkerboard(theme, 8))
        painter.setOpacity(FADED if self.is_faded else 1)
        device.draw(self.image, x, y, scale)
        painter.setOpacity(1)
        self.paint_over(painter, target, target.width() / width)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.focus), 2))
            painter.drawRect(target.adjusted(-2, -2, 2, 2))

    def pixel_at(self, position: QPointF) -> tuple[int, int] | None:
        """Column and row of the pixel at a position; None outside the image."""
        if self.image is None or not self._target.contains(position):
            return None
        width, height = self.image.width(), self.image.height()
        x = int((position.x() - self._target.left()) / self._target.width() * width)
        y = int((position.y() - self._target.top()) / self._target.height() * height)
        return min(x, width - 1), min(y, height - 1)

    def paint_over(self, painter: QPainter, target: QRectF, size: float) -> None:
        """Paint marks over the image at ``target``; ``size``: size of its pixels."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(event.position())
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(None)
        super().leaveEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()
        else:
            super().mouseDoubleClickEvent(event)
