"""The rectangle that one draws around sprites to choose them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, QTimer
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QApplication

from sprite_lab.ui.theme import Theme

_TICK = 30  # milliseconds between steps of scrolling while the pointer is outside
_FASTEST = 60  # logical pixels a step


class RubberBand(QObject):
    """Drawn over a scroll area, which follows when the pointer leaves it.

    Parameters
    ----------
    take : gets the rectangle, in pixels of all that scrolls, what was chosen before it, and
        whether that is turned round.
    """

    def __init__(
        self,
        area: QAbstractScrollArea,
        take: Callable[[QRectF, NDArray[np.bool_], bool], None],
    ) -> None:
        super().__init__(area)
        self._area, self._take = area, take
        self._from: QPointF | None = None  # in pixels of all that scrolls
        self._to = QPointF()  # in the viewport
        self._before: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._drawn = self._flip = False
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK)
        self._timer.timeout.connect(self._scroll)

    def begin(self, place: QPointF, before: NDArray[np.bool_]) -> None:
        """The button went down, at a place of the viewport."""
        self._from, self._before, self._drawn = self._whole(place), before, False

    def move(self, place: QPointF, *, flip: bool) -> None:
        """The pointer moved while the button is held."""
        if self._from is None:
            return
        self._to, self._flip = place, flip
        way = (self._whole(place) - self._from).manhattanLength()
        if not self._drawn and way < QApplication.startDragDistance():
            return
        self._drawn = True
        inside = 0 <= place.y() <= self._area.viewport().height()
        if inside:
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()
        self._take(self._rect(), self._before, flip)
        self._area.viewport().update()

    def end(self) -> bool:
        """The button was let go; gives whether there was a band, and not a click."""
        drawn, self._drawn, self._from = self._drawn, False, None
        self._timer.stop()
        self._area.viewport().update()
        return drawn

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draw it, if there is one, in the viewport."""
        if not self._drawn:
            return
        rect = self._rect().translated(0, -self._area.verticalScrollBar().value())
        fill = QColor(theme.accent)
        fill.setAlpha(40)
        painter.fillRect(rect, fill)
        painter.setPen(QPen(QColor(theme.accent), 1))
        painter.drawRect(rect)

    def _whole(self, place: QPointF) -> QPointF:
        return place + QPointF(0, self._area.verticalScrollBar().value())

    def _rect(self) -> QRectF:
        assert self._from is not None
        return QRectF(self._from, self._whole(self._to)).normalized()

    def _scroll(self) -> None:
        over = self._to.y() - min(max(self._to.y(), 0), self._area.viewport().height())
        bar = self._area.verticalScrollBar()
        bar.setValue(bar.value() + round(max(-_FASTEST, min(_FASTEST, over))))
        self.move(self._to, flip=self._flip)
