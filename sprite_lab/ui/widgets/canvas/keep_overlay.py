"""The marks of kept pixels: an outline and sparse hatching over the drawing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from sprite_lab.ui.theme import Theme
from sprite_lab.ui.widgets.canvas.canvas_marks import Overlay, edge_lines, region_edges


class KeepOverlay:
    """Repaints the marks only when they change.

    The hatching of the whole canvas is painted once, and cut out where pixels are kept: a mask
    brush asks for new marks at every move of the hand.
    """

    def __init__(self) -> None:
        self._marks, self._hatching = Overlay(), Overlay()

    def pixmap(
        self,
        keep: NDArray[np.bool_],
        canvas: QSize,
        target: QRectF,
        size: float,
        ratio: float,
        theme: Theme,
    ) -> QPixmap:
        """The marks of ``keep``, bool (H, W), as one picture of the whole canvas.

        ``target``: where the sprite lies; ``size``: the side of one of its pixels; in logical
        pixels, with ``ratio`` device pixels each.
        """
        accent = QColor(theme.accent)
        place = (target.getRect(), size, theme.name)

        def paint(painter: QPainter) -> None:
            hatching = self._hatching.pixmap(
                place, canvas, ratio, lambda p: _paint_hatching(p, target, size, accent)
            )
            _cut_out(painter, hatching, keep, target, size, ratio)
            paint_border(painter, keep, target, size, theme)

        return self._marks.pixmap((keep.tobytes(), place), canvas, ratio, paint)


def paint_border(
    painter: QPainter, keep: NDArray[np.bool_], target: QRectF, size: float, theme: Theme
) -> None:
    """The outline of kept pixels, bool (H, W), in a sprite at ``target``, as on the canvas."""
    lines = edge_lines(region_edges(keep), target, size)
    painter.setPen(QPen(QColor("#ffffff"), 4))
    painter.drawLines(lines)
    painter.setPen(QPen(QColor(theme.accent), 2))
    painter.drawLines(lines)


def _paint_hatching(painter: QPainter, target: QRectF, size: float, accent: QColor) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pitch = max(6.0, size / 2)
    lines = []
    offset = -target.height()
    while offset < target.width():
        x = target.left() + offset
        lines.append(QLineF(x, target.bottom(), x + target.height(), target.top()))
        offset += pitch
    # A light line beside each dark one, so that one of them is visible on any color.
    painter.setPen(QPen(QColor(255, 255, 255, 90), 2.4))
    painter.drawLines(lines)
    sheer = QColor(accent)
    sheer.setAlpha(190)
    painter.setPen(QPen(sheer, 1.2))
    painter.drawLines(lines)


def _cut_out(
    painter: QPainter,
    hatching: QPixmap,
    keep: NDArray[np.bool_],
    target: QRectF,
    size: float,
    ratio: float,
) -> None:
    """Copy the hatching where pixels are kept, one run of a row at a time."""
    for y, row in enumerate(keep):
        (ends,) = np.nonzero(np.diff(row, prepend=False, append=False))
        for start, end in list(pairwise(ends))[::2]:
            place = QRectF(
                target.left() + start * size, target.top() + y * size, (end - start) * size, size
            )
            source = QRectF(place.topLeft() * ratio, place.size() * ratio)
            painter.drawPixmap(place, hatching, source)
