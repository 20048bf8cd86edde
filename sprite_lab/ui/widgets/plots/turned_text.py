"""Vertical text, read upward, for the title of an upright axis or bar."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter


def draw_upwards(painter: QPainter, left: float, beside: QRectF, text: str) -> None:
    """Draw a line of text upward, with its left edge at ``left``, centered on ``beside``."""
    metrics = painter.fontMetrics()
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(beside.height()))
    painter.save()
    painter.translate(left, beside.bottom())
    painter.rotate(-90)
    line = QRectF(0, 0, beside.height(), metrics.height())
    painter.drawText(line, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
