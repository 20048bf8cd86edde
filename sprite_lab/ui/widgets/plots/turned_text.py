"""The title of an upright axis or bar, read from below."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter


def draw_upwards(painter: QPainter, left: float, beside: QRectF, text: str) -> None:
    """Draw text from below upward, one line wide from ``left`` on, in the middle of ``beside``."""
    metrics = painter.fontMetrics()
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(beside.height()))
    painter.save()
    painter.translate(left, beside.bottom())
    painter.rotate(-90)
    line = QRectF(0, 0, beside.height(), metrics.height())
    painter.drawText(line, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
