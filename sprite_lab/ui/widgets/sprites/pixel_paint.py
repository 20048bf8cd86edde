"""Painting pixel art at a whole number of screen pixels per sprite pixel.

Qt lays out in logical pixels; at a device-pixel ratio of 1.25 a 16-pixel sprite at "scale 3" would
have 3.75 device pixels for each of its own. So scale and place are chosen in device pixels, and
become logical coordinates at the very end.
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
    """An image that owns its pixels, uint8 (H, W, 3|4), not premultiplied, in Qt's best format."""
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
    # Scaling ARGB32 converts at each paint; doing it once also copies, so Qt owns the bytes.
    if channels == 4:
        return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()


def to_atlas(images: NDArray[np.uint8]) -> QImage:
    """uint8 (N, H, W, 3|4) to one image, with the sprites stacked."""
    n, height, width, channels = images.shape
    return to_qimage(images.reshape(n * height, width, channels))


class DevicePainter:
    """A painter's device pixels: where they lie, and how to draw exactly on them."""

    def __init__(self, painter: QPainter) -> None:
        self.painter = painter
        # Includes the position of the widget in its window, which at fractional ratios may not
        # start on a whole device pixel.
        transform: QTransform = painter.deviceTransform()
        self.ratio = transform.m11()
        self._dx, self._dy = transform.dx(), transform.dy()

    def to_device(self, point: QPointF) -> tuple[int, int]:
        """The nearest whole device pixel to a logical point."""
        return (round(point.x() * self.ratio + self._dx), round(point.y() * self.ratio + self._dy))

    def to_logical(self, x: float, y: float, width: float, height: float) -> QRectF:
        """A rectangle of device pixels in logical coordinates."""
        r = self.ratio
        return QRectF((x - self._dx) / r, (y - self._dy) / r, width / r, height / r)

    def draw(self, image: QImage, x: int, y: int, scale: int, source: QRectF | None = None) -> None:
        """Draw ``source`` of an image at device pixel (x, y), each pixel ``scale`` large."""
        source = QRectF(image.rect()) if source is None else source
        target = self.to_logical(x, y, source.width() * scale, source.height() * scale)
        self.painter.drawImage(target, image, source)


#: Opacity of pictures that say nothing, such as noise of which none is left.
FADED = 0.12


def fitting_scale(
    available_width: float, available_height: float, width: int, height: int, ratio: float
) -> int:
    """The largest whole number of device pixels per sprite pixel that fits, at least 1.

    ``available_width`` and ``_height`` are in logical pixels of ``ratio`` device pixels, ``width``
    and ``height`` in sprite pixels.
    """
    # The small addition compensates for rounding in an exact fit.
    across = available_width * ratio / width + 1e-6
    down = available_height * ratio / height + 1e-6
    return max(1, int(min(across, down)))


def paint_focus(painter: QPainter, area: QRect, theme: Theme) -> None:
    """The ring inside the edge of a focused widget in which nothing is current."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.focus), 2, j=Qt.PenJoinStyle.MiterJoin))
    painter.drawRect(area.adjusted(1, 1, -1, -1))


_EMPTY = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)


def _empty_room(area: QRect) -> QRect:
    return area.adjusted(16, 0, -16, 0)


def fitting_words(metrics: QFontMetrics, area: QRect, words: str) -> str:
    """As many words as :func:`paint_empty` has room for in whole lines, "…" after the last if
    there are more.
    """
    room, shown, kept = _empty_room(area), words, words.split(" ")
    while len(kept) > 1 and metrics.boundingRect(room, _EMPTY, shown).height() > room.height():
        kept.pop()
        shown = " ".join(kept) + "…"
    return shown


def paint_empty(painter: QPainter, area: QRect, words: str, theme: Theme, *, focus: bool) -> None:
    """Paint words in place of sprites; the focus is a ring around the words, not around the empty
    area.
    """
    room, shown = _empty_room(area), fitting_words(painter.fontMetrics(), area, words)
    painter.setPen(QColor(theme.text_dim))
    painter.drawText(room, _EMPTY, shown)
    if focus:
        around = painter.boundingRect(room, _EMPTY, shown)
        paint_focus(painter, around.adjusted(-8, -8, 8, 8) & area, theme)


def checkerboard(theme: Theme, square: int, second: int = 0) -> QBrush:
    """The quiet checkerboard behind sprites; ``square`` is the size of a square in pixels, and
    ``second`` that of every second one if it differs.
    """
    second = second or square
    tile = QPixmap(square + second, square + second)
    tile.fill(QColor(theme.checker_a))
    painter = QPainter(tile)
    for x, y, width, height in ((0, square, square, second), (square, 0, second, square)):
        painter.fillRect(x, y, width, height, QColor(theme.checker_b))
    painter.end()
    return QBrush(tile)
