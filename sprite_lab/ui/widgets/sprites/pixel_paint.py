"""Paints pixel art at a whole number of screen pixels per sprite pixel.

Qt lays out in logical pixels; at a device-pixel ratio of 1.25 a 16-pixel sprite at "scale 3" would
have 3.75 device pixels per sprite pixel. So scale and position are chosen in device pixels, and
converted to logical coordinates at the very end.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetrics,
    QImage,
    QPainter,
    QPen,
    QPixmap,
    QTransform,
)

from sprite_lab.ui.theme import Theme


def to_qimage(pixels: NDArray[np.uint8]) -> QImage:
    """An image with its own copy of ``pixels``, in the format that Qt paints fastest.

    ``pixels``: uint8 (H, W, 3|4), not premultiplied.
    """
    height, width, channels = pixels.shape
    bgra = np.empty((height, width, 4), np.uint8)
    bgra[..., :3] = pixels[..., 2::-1]
    if channels == 4:
        bgra[..., 3] = pixels[..., 3]
        form = QImage.Format.Format_ARGB32
    else:
        bgra[..., 3] = 255
        form = QImage.Format.Format_RGB32
    image = QImage(bgra.data, width, height, 4 * width, form)
    # Scaled ARGB32 would be converted at each paint; converting once also copies the bytes for Qt.
    if channels == 4:
        return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()


def to_atlas(images: NDArray[np.uint8]) -> QImage:
    """One image of sprites, uint8 (N, H, W, 3|4), stacked vertically."""
    n, height, width, channels = images.shape
    return to_qimage(images.reshape(n * height, width, channels))


class DevicePainter:
    """Draws exactly on the device pixels of a painter."""

    def __init__(self, painter: QPainter) -> None:
        self.painter = painter
        # Includes the widget's position in the window, which may be a fractional device pixel.
        transform: QTransform = painter.deviceTransform()
        self.ratio = transform.m11()
        self._dx, self._dy = transform.dx(), transform.dy()

    def to_device(self, point: QPointF) -> tuple[int, int]:
        """The nearest whole device pixel to a logical point."""
        return (round(point.x() * self.ratio + self._dx), round(point.y() * self.ratio + self._dy))

    def to_logical(self, x: float, y: float, width: float, height: float) -> QRectF:
        """Convert a rectangle from device pixels to logical coordinates."""
        r = self.ratio
        return QRectF((x - self._dx) / r, (y - self._dy) / r, width / r, height / r)

    def draw(self, image: QImage, x: int, y: int, scale: int, source: QRectF | None = None) -> None:
        """Draw the part ``source`` of an image at device pixel (x, y), enlarged by ``scale``."""
        source = QRectF(image.rect()) if source is None else source
        target = self.to_logical(x, y, source.width() * scale, source.height() * scale)
        self.painter.drawImage(target, image, source)


#: Opacity of meaningless pictures, such as the noise when none is left.
FADED = 0.12


def fitting_scale(
    available_width: float, available_height: float, width: int, height: int, ratio: float
) -> int:
    """The largest whole number of device pixels per sprite pixel that fits, at least 1.

    ``available_width`` and ``_height`` are in logical pixels of ``ratio`` device pixels, ``width``
    and ``height`` in sprite pixels.
    """
    # The small addition absorbs rounding errors when it fits exactly.
    across = available_width * ratio / width + 1e-6
    down = available_height * ratio / height + 1e-6
    return max(1, int(min(across, down)))


def paint_focus(painter: QPainter, area: QRect, theme: Theme) -> None:
    """Paint the ring inside the edge of a focused widget without a current item."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.focus), 2, j=Qt.PenJoinStyle.MiterJoin))
    painter.drawRect(area.adjusted(1, 1, -1, -1))


_EMPTY = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)


def _empty_room(area: QRect) -> QRect:
    return area.adjusted(16, 0, -16, 0)


def fitting_words(metrics: QFontMetrics, area: QRect, words: str) -> str:
    """The text for :func:`paint_empty`: as many words as fit, with "…" if that is not all."""
    room, shown, kept = _empty_room(area), words, words.split(" ")
    while len(kept) > 1 and metrics.boundingRect(room, _EMPTY, shown).height() > room.height():
        kept.pop()
        shown = " ".join(kept) + "…"
    return shown


def paint_empty(painter: QPainter, area: QRect, words: str, theme: Theme, *, focus: bool) -> None:
    """Paint text in place of sprites; ``focus``: with a ring around the text, not the area."""
    room, shown = _empty_room(area), fitting_words(painter.fontMetrics(), area, words)
    painter.setPen(QColor(theme.text_dim))
    painter.drawText(room, _EMPTY, shown)
    if focus:
        around = painter.boundingRect(room, _EMPTY, shown)
        paint_focus(painter, around.adjusted(-8, -8, 8, 8) & area, theme)


def checkerboard(theme: Theme, square: int, second: int = 0) -> QBrush:
    """The unobtrusive checkerboard behind sprites; ``square``: size of a square in pixels,
    ``second``: size of every second square if it differs.
    """
    second = second or square
    tile = QPixmap(square + second, square + second)
    tile.fill(QColor(theme.checker_a))
    painter = QPainter(tile)
    for x, y, width, height in ((0, square, square, second), (square, 0, second, square)):
        painter.fillRect(x, y, width, height, QColor(theme.checker_b))
    painter.end()
    return QBrush(tile)
