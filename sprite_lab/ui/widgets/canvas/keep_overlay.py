"""The marks of pixels that are kept: an outline and sparse hatching over the drawing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from sprite_lab.ui.theme import Theme
from sprite_lab.ui.widgets.canvas.canvas_marks import region_edges


class KeepOverlay:
    """Paints the marks anew only when they change.

    The hatching of the whole canvas is painted once, and cut out where pixels are kept: a mask
    brush asks for new marks at every move of the hand.
    """

    def __init__(self) -> None:
        self._made: tuple[object, QPixmap] | None = None
        self._hatching: tuple[object, QPixmap] | None = None

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
        place = (canvas.toTuple(), target.getRect(), size, ratio, theme.name)
        key = (keep.tobytes(), place)
        if self._made is None or self._made[0] != key:
            accent = QColor(theme.accent)
            if self._hatching is None or self._hatching[0] != place:
                self._hatching = (place, _hatching(canvas, target, size, ratio, accent))
            pixmap = _empty(canvas, ratio)
            painter = QPainter(pixmap)
            _cut_out(painter, self._hatching[1], keep, target, size, ratio)
            _paint_edges(painter, keep, target, size, accent)
            painter.end()
            self._made = (key, pixmap)
        return self._made[1]


def _empty(canvas: QSize, ratio: float) -> QPixmap:
    pixmap = QPixmap(canvas * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


def _hatching(canvas: QSize, target: QRectF, size: float, ratio: float, accent: QColor) -> QPixmap:
    pixmap = _empty(canvas, ratio)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pitch = max(6.0, size / 2)
    lines = []
    offset = -target.height()
    while offset < target.width():
        x = target.left() + offset
        lines.append(QLineF(x, target.bottom(), x + target.height(), target.top()))
        offset += pitch
    # A light line beside each dark one, so that one of them is seen on any color.
    painter.setPen(QPen(QColor(255, 255, 255, 90), 2.4))
    painter.drawLines(lines)
    sheer = QColor(accent)
    sheer.setAlpha(190)
    painter.setPen(QPen(sheer, 1.2))
    painter.drawLines(lines)
    painter.end()
    return pixmap


def _cut_out(
    painter: QPainter,
    hatching: QPixmap,
    keep: NDArray[np.bool_],
    target: QRectF,
    size: float,
    ratio: float,
) -> None:
    """Copy the hatching where pixels are kept, a run of a row at a time."""
    for y, row in enumerate(keep):
        (ends,) = np.nonzero(np.diff(row, prepend=False, append=False))
        for start, end in list(pairwise(ends))[::2]:
            place = QRectF(
                target.left() + start * size, target.top() + y * size, (end - start) * size, size
            )
            source = QRectF(place.topLeft() * ratio, place.size() * ratio)
            painter.drawPixmap(place, hatching, source)


def _paint_edges(
    painter: QPainter, keep: NDArray[np.bool_], target: QRectF, size: float, accent: QColor
) -> None:
    left, top = target.left(), target.top()
    lines = [
        QLineF(left + a * size, top + b * size, left + c * size, top + d * size)
        for a, b, c, d in region_edges(keep)
    ]
    painter.setPen(QPen(QColor("#ffffff"), 4))
    painter.drawLines(lines)
    painter.setPen(QPen(accent, 2))
    painter.drawLines(lines)
