"""A sprite, and beside it a value for each pixel, as a color."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.ui.theme import current_theme, tabular
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.plots.color_map import viridis
from sprite_lab.ui.widgets.sprites.pixel_paint import DevicePainter, checkerboard, to_qimage
from sprite_lab.words import number_text

_GAP, _BAR = 16, 12  # gaps, and width of the color bar, in logical pixels


class PixelMap(QWidget):
    """A sprite, a map of values beside it at the same scale, and a color bar with numbers.

    Pointing at a pixel in either frames it in both. ``top``: returns the label at the top of the
    bar for the number there; the label says what the numbers are.
    """

    pointed = Signal(int, int)  #: row and column under the pointer, or -1, -1

    def __init__(self, *, name: str, label: str, top: Callable[[str], str]) -> None:
        super().__init__()
        named(self, name, label)
        self._say_top = top
        self._sprite: QImage | None = None
        self.values = np.zeros((0, 0))  #: the values shown, (H, W)
        self._colors: QImage | None = None
        self.top = 1.0  #: the value of the brightest color; the darkest is 0
        self._hover = (-1, -1)
        self.setMouseTracking(True)
        self.setFont(tabular(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 96)

    def show_values(
        self, rgba: NDArray[np.uint8], values: ArrayLike, highest: float | None = None
    ) -> None:
        """Show a sprite, uint8 (H, W, 3|4), and values (H, W) of at least 0.

        ``highest``: maximum of all maps with the same color scale; None = maximum of this map.
        """
        self._sprite = to_qimage(rgba)
        self.values = np.array(values, np.float64)
        self.top = round_up(float(self.values.max())) if highest is None else highest
        self._colors = to_qimage(viridis(self.values / self.top))
        self._set_hover(-1, -1)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, 220)

    # -- geometry ---------------------------------------------------------------------------------

    def _label_width(self) -> int:
        return 8 + self.fontMetrics().horizontalAdvance(self.number(1.0))

    def number(self, share: float) -> str:
        """The label beside the bar at a share of its height."""
        number = number_text(share * self.top, "g")
        return self._say_top(number) if share == 1 else number

    def frames(self, device: DevicePainter | None = None) -> tuple[QRectF, QRectF, QRectF, int]:
        """Rectangles of sprite, map and bar, in logical pixels, and the scale in device pixels."""
        ratio = self.devicePixelRatioF() if device is None else device.ratio
        height, width = self.values.shape
        beside = 2 * _GAP + _BAR + self._label_width()
        line = self.fontMetrics().height()
        room_w, room_h = (self.width() - beside) / 2, self.height() - line
        scale = max(1, int(min(room_w * ratio / width, room_h * ratio / height) + 1e-6))
        across, down = width * scale / ratio, height * scale / ratio
        left = max(0.0, (self.width() - 2 * across - beside) / 2)
        top = max(0.0, (self.height() - down) / 2)
        if device is not None:
            x, y = device.to_device(QPointF(left, top))
            corner = device.to_logical(x, y, 0, 0).topLeft()
            left, top = corner.x(), corner.y()
        gap = round(_GAP * ratio) / ratio
        sprite = QRectF(left, top, across, down)
        heat = sprite.translated(across + gap, 0)
        return sprite, heat, QRectF(heat.right() + gap, top, _BAR, down), scale

    def cell_rect(self, row: int, column: int) -> QRectF:
        """The rectangle of a pixel in the map, in logical coordinates."""
        _, heat, _, scale = self.frames()
        side = scale / self.devicePixelRatioF()
        return QRectF(heat.left() + column * side, heat.top() + row * side, side, side)

    # -- painting --------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._sprite is None or self._colors is None:
            return
        theme = current_theme()
        painter = QPainter(self)
        device = DevicePainter(painter)
        sprite, heat, bar, scale = self.frames(device)
        painter.setBrushOrigin(sprite.topLeft())
        painter.fillRect(sprite, checkerboard(theme, 8))
        for image, frame in ((self._sprite, sprite), (self._colors, heat)):
            x, y = device.to_device(frame.topLeft())
            device.draw(image, x, y, scale)
        ramp = to_qimage(viridis(np.linspace(1, 0, 256))[:, None])
        painter.drawImage(bar, ramp)
        painter.setPen(QPen(QColor(theme.outline), 0))
        painter.drawRect(bar)
        painter.setPen(QColor(theme.text_dim))
        line = self.fontMetrics().height()
        for share in (0.0, 0.5, 1.0):
            at = bar.bottom() - share * bar.height()
            place = QRectF(bar.right() + 6, at - line / 2, self._label_width(), line)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self.number(share))
        row, column = self._hover
        if row >= 0:
            side = scale / device.ratio
            for frame in (sprite, heat):
                cell = QRectF(frame.left() + column * side, frame.top() + row * side, side, side)
                for color, grow in (("#000000", 1.5), ("#ffffff", 0.5)):
                    painter.setPen(QPen(QColor(color), 1))
                    painter.drawRect(cell.adjusted(-grow, -grow, grow, grow))

    # -- pointing --------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = (-1, -1)
        if self._sprite is not None:
            sprite, heat, _, scale = self.frames()
            side = scale / self.devicePixelRatioF()
            for frame in (sprite, heat):
                at = event.position() - frame.topLeft()
                row, column = math.floor(at.y() / side), math.floor(at.x() / side)
                if 0 <= row < self.values.shape[0] and 0 <= column < self.values.shape[1]:
                    found = (row, column)
        self._set_hover(*found)
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hover(-1, -1)
        super().leaveEvent(event)

    def _set_hover(self, row: int, column: int) -> None:
        if (row, column) != self._hover:
            self._hover = (row, column)
            self.pointed.emit(row, column)
            self.update()


def round_up(value: float) -> float:
    """Round up to 1, 1.5, 2, 3, 4, 5, 6, 8 or 10 times a power of ten; 1 for 0 and below."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)
    return power * next(step for step in steps if step * power >= value * (1 - 1e-9))
