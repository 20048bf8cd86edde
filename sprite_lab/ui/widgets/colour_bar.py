"""What the colours of a map stand for, on a logarithmic scale."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.ui.theme import ThemeManager, tabular
from sprite_lab.ui.widgets.colour_map import viridis

_WIDTH, _TICK, _MARGIN = 12, 4, 8  # logical pixels


class ColourBar(QWidget):
    """A bar of colours from ``low`` to ``high``, with numbers at its right."""

    def __init__(self, theme: ThemeManager, *, name: str, label: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(label)
        self._theme = theme
        self._low, self._high = 1e-3, 1.0
        self._span: tuple[int, int] | None = None
        self.setFont(tabular(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    @property
    def range(self) -> tuple[float, float]:
        """The values of the darkest and the brightest colour."""
        return self._low, self._high

    def set_range(self, low: float, high: float) -> None:
        """Both above 0, the lower first."""
        if (low, high) != (self._low, self._high):
            self._low, self._high = low, high
            self.update()

    def set_span(self, top: int, bottom: int) -> None:
        """Where the bar begins and ends, in logical pixels from the widget's top."""
        if (top, bottom) != self._span:
            self._span = top, bottom
            self.update()

    def shares(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where values lie along the bar, 0 to 1; NaN stays NaN."""
        low, high = math.log(self._low), math.log(self._high)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((np.log(values) - low) / (high - low))

    def ticks(self) -> list[float]:
        """Round numbers along the bar, by powers of ten or, within few of them, closer."""
        first, last = math.floor(math.log10(self._low)), math.ceil(math.log10(self._high))
        steps = (1,) if last - first > 4 else (1, 3) if last - first > 2 else (1, 2, 5)
        every = [m * 10.0**e for e in range(first, last + 1) for m in steps]
        return [v for v in every if self._low <= v <= self._high * (1 + 1e-9)]

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH + 2 * _TICK + self.fontMetrics().horizontalAdvance("0.0005") + 4, 120)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme.theme
        painter = QPainter(self)
        top, bottom = self._span or (_MARGIN, self.height() - _MARGIN)
        bar = QRectF(0, top, _WIDTH, bottom - top)
        colours = np.ascontiguousarray(viridis(np.linspace(1, 0, 256))[:, None])
        painter.drawImage(bar, QImage(colours.data, 1, 256, 3, QImage.Format.Format_RGB888))
        metrics = painter.fontMetrics()
        free = self.height() + metrics.height()
        for value, share in zip(self.ticks(), self.shares(np.array(self.ticks())), strict=True):
            y = bar.bottom() - share * bar.height()
            if free - y < metrics.height():
                continue
            free = y
            painter.setPen(QPen(QColor(theme.outline), 1))
            painter.drawLine(QPointF(_WIDTH, y), QPointF(_WIDTH + _TICK, y))
            painter.setPen(QColor(theme.text_dim))
            place = QPointF(_WIDTH + 2 * _TICK, y + metrics.ascent() / 2 - 1)
            painter.drawText(place, f"{value:g}")
