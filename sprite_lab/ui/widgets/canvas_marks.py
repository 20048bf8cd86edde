"""The lines over a canvas: between pixels, and at the axis that strokes are mirrored at."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from sprite_lab.ui.theme import Theme


def paint_grid(painter: QPainter, target: QRectF, size: float, columns: int, rows: int) -> None:
    """Quiet lines between pixels, and a little less quiet ones at every fourth."""
    # One grey that is seen on dark and on light drawings alike.
    for every, alpha in ((1, 42), (4, 70)):
        painter.setPen(QPen(QColor(128, 128, 140, alpha), 1))
        for i in range(every, columns, every):
            x = target.left() + i * size
            painter.drawLine(QPointF(x, target.top()), QPointF(x, target.bottom()))
        for i in range(every, rows, every):
            y = target.top() + i * size
            painter.drawLine(QPointF(target.left(), y), QPointF(target.right(), y))


def paint_axis(painter: QPainter, target: QRectF, theme: Theme) -> None:
    """The vertical middle, seen on any colour."""
    x = target.center().x()
    ends = QPointF(x, target.top()), QPointF(x, target.bottom())
    painter.setPen(QPen(QColor("#ffffff"), 2))
    painter.drawLine(*ends)
    painter.setPen(QPen(QColor(theme.accent), 2, Qt.PenStyle.DashLine))
    painter.drawLine(*ends)
