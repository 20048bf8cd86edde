"""The marks of pixels that are kept: an outline and sparse hatching over the drawing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from sprite_lab.ui.theme import Theme


class KeepOverlay:
    """Paints the marks anew only when they change: that is not fast."""

    def __init__(self) -> None:
        self._made: tuple[object, QPixmap] | None = None

    def pixmap(
        self,
        keep: NDArray[np.bool_],
        canvas: QSize,
        target: QRectF,
        size: float,
        ratio: float,
        theme: Theme,
    ) -> QPixmap:
        """The marks as one picture of the whole canvas.

        Parameters
        ----------
        keep : bool (H, W).
        canvas, target, size : the canvas, where the sprite lies in it, and the side of one
            of its pixels, in logical pixels.
        ratio : device pixels for each logical pixel.
        """
        key = (keep.tobytes(), canvas.toTuple(), target.getRect(), ratio, theme.name)
        if self._made is None or self._made[0] != key:
            pixmap = QPixmap(canvas * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            _paint(painter, keep, target, size, QColor(theme.accent))
            painter.end()
            self._made = (key, pixmap)
        return self._made[1]


def _paint(
    painter: QPainter, keep: NDArray[np.bool_], target: QRectF, size: float, accent: QColor
) -> None:
    region, edges = _outline(keep, target, size)
    painter.save()
    painter.setClipPath(region)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pitch = max(6.0, size / 2)
    hatching = QPainterPath()
    offset = -target.height()
    while offset < target.width():
        hatching.moveTo(target.left() + offset, target.bottom())
        hatching.lineTo(target.left() + offset + target.height(), target.top())
        offset += pitch
    # A light line beside each dark one, so that one of them is seen on any colour.
    painter.setPen(QPen(QColor(255, 255, 255, 90), 2.4))
    painter.drawPath(hatching)
    sheer = QColor(accent)
    sheer.setAlpha(190)
    painter.setPen(QPen(sheer, 1.2))
    painter.drawPath(hatching)
    painter.restore()
    painter.setPen(QPen(QColor("#ffffff"), 4))
    painter.drawPath(edges)
    painter.setPen(QPen(accent, 2))
    painter.drawPath(edges)


def _outline(
    keep: NDArray[np.bool_], target: QRectF, size: float
) -> tuple[QPainterPath, QPainterPath]:
    """The kept pixels as a region, and the edges between kept and other pixels."""
    region, edges = QPainterPath(), QPainterPath()
    padded = np.pad(keep, 1)
    for row, column in np.argwhere(keep):
        x, y = target.left() + column * size, target.top() + row * size
        region.addRect(QRectF(x, y, size, size))
        for dy, dx, a, b in (
            (-1, 0, (0, 0), (1, 0)),
            (1, 0, (0, 1), (1, 1)),
            (0, -1, (0, 0), (0, 1)),
            (0, 1, (1, 0), (1, 1)),
        ):
            if not padded[row + 1 + dy, column + 1 + dx]:
                edges.moveTo(x + a[0] * size, y + a[1] * size)
                edges.lineTo(x + b[0] * size, y + b[1] * size)
    return region, edges
