"""A browser in which several sprites are chosen, each with the number of its class."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication

from sprite_lab.ui.theme import ThemeManager, tabular
from sprite_lab.ui.widgets.sprite_browser import SpriteBrowser

_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class ChosenBrowser(SpriteBrowser):
    """Click, Ctrl+click, Shift+click, Ctrl+A or a frame drawn with the mouse choose sprites.

    Signals
    -------
    chosen_changed : frozenset of the indices that are chosen.
    """

    chosen_changed = Signal(object)

    def __init__(self, theme: ThemeManager, *, name: str) -> None:
        super().__init__(theme)
        self.setObjectName(name)
        self._chosen: frozenset[int] = frozenset()
        self._anchor = 0
        self._marks: Sequence[str] = ()
        #: Where a frame began, where it is now, and what was chosen before.
        self._frame: tuple[QPointF, QPointF, frozenset[int]] | None = None

    @property
    def chosen(self) -> frozenset[int]:
        """What is chosen."""
        return self._chosen

    def show_sprites(self, images: NDArray[np.uint8], tip: Callable[[int], str]) -> None:
        """Show uint8 (N, H, W, 4) at the place that was scrolled to; nothing is chosen."""
        place, current = self.verticalScrollBar().value(), self.current
        self.set_sprites(images, tip)
        self.verticalScrollBar().setValue(place)
        if len(images):
            self.set_current(min(max(current, 0), len(images) - 1))
        self.choose(frozenset())

    def set_marks(self, marks: Sequence[str]) -> None:
        """(N,) a word of one or two letters on each sprite, "" = none."""
        self._marks = marks
        self.viewport().update()

    def choose(self, chosen: frozenset[int]) -> None:
        """Choose these and no others."""
        if chosen != self._chosen:
            self._chosen = chosen
            self.viewport().update()
            self.chosen_changed.emit(chosen)

    def choose_all(self) -> None:
        """Choose all there are."""
        self.choose(frozenset(range(self.count)))

    def reveal(self, index: int) -> None:
        """Make a sprite current and bring it into sight."""
        self.set_current(index)
        self._reveal(index)

    def _choose_at(self, index: int, held: Qt.KeyboardModifier) -> None:
        if held & _SHIFT:
            low, high = sorted((self._anchor, index))
            self.choose(frozenset(range(low, high + 1)))
        elif held & _CTRL:
            self._anchor = index
            self.choose(self._chosen ^ {index})
        else:
            self._anchor = index
            self.choose(frozenset({index}))

    # -- painting --------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.count:
            return
        theme = self._theme.theme
        painter = QPainter(self.viewport())
        painter.setFont(tabular(self.font()))
        metrics = painter.fontMetrics()
        area = QRectF(event.rect())
        first = max(0, self.index_at(QPointF(12, 0)))
        for index in range(first, self.count):
            rect = self.cell_rect(index)
            if rect.top() > area.bottom():
                break
            if index in self._chosen:
                painter.setPen(QPen(QColor(theme.focus), 3, j=Qt.PenJoinStyle.MiterJoin))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(rect.adjusted(-2, -2, 2, 2))
            mark = self._marks[index] if index < len(self._marks) else ""
            if mark:
                width = max(metrics.horizontalAdvance(mark) + 6, metrics.height())
                place = QRectF(0, 0, width, metrics.height())
                place.moveBottomRight(rect.bottomRight() + QPointF(4, 4))
                painter.setPen(QPen(QColor(theme.line), 1))
                painter.setBrush(QColor(theme.raised))
                painter.drawRoundedRect(place, 4, 4)
                painter.setPen(QColor(theme.text))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, mark)
        if self._frame is not None:
            veil = QColor(theme.accent)
            veil.setAlphaF(0.15)
            painter.setPen(QPen(QColor(theme.accent), 1))
            painter.setBrush(veil)
            painter.drawRect(QRectF(*self._frame[:2]).normalized())

    # -- mouse and keys --------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        place, held = event.position(), event.modifiers()
        index = self.index_at(place)
        if index >= 0:
            self.set_current(index)
            self._choose_at(index, held)
        elif not held & _CTRL:
            self.choose(frozenset())
        self._frame = (place, place, self._chosen if held & _CTRL else frozenset())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._frame is None:
            return
        start, _, before = self._frame
        place = event.position()
        far = (place - start).manhattanLength() >= QApplication.startDragDistance()
        if far or self._frame[1] != start:
            self._frame = (start, place, before)
            self.choose(before | self._inside(QRectF(start, place).normalized()))
            self.viewport().update()

    def _inside(self, frame: QRectF) -> frozenset[int]:
        first = max(0, self.index_at(QPointF(12, max(0.0, frame.top()))))
        found = set()
        for index in range(first, self.count):
            rect = self.cell_rect(index)
            if rect.top() > frame.bottom():
                break
            if rect.intersects(frame):
                found.add(index)
        return frozenset(found)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._frame = None
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers()
        if event.key() == Qt.Key.Key_A and held & _CTRL:
            self.choose_all()
            return
        if event.key() == Qt.Key.Key_Space and self.current >= 0:
            self._choose_at(self.current, held | _CTRL)
            return
        before = self.current
        super().keyPressEvent(event)
        if self.current != before and not held & _CTRL:
            self._choose_at(self.current, held)
