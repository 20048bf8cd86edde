"""A browser in which several sprites are chosen, each with the number of its class."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen

from sprite_lab.ui.theme import current_theme, tabular
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser


class ChosenBrowser(SpriteBrowser):
    """Sprites that stay where they were scrolled to when they are made anew, with marks."""

    chosen_changed = Signal(object)  #: frozenset of the indices that are chosen

    def __init__(self, *, name: str) -> None:
        super().__init__(several=True)
        self.setObjectName(name)
        self._marks: Sequence[str] = ()
        self._told: frozenset[int] = frozenset()
        self.selection_changed.connect(self._tell)

    @property
    def chosen(self) -> frozenset[int]:
        """What is chosen."""
        return frozenset(self.chosen_rows.tolist())

    def _tell(self) -> None:
        chosen = self.chosen
        if chosen != self._told:
            self._told = chosen
            self.chosen_changed.emit(chosen)

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
        if chosen != self.chosen:
            self.choose_rows(np.array(sorted(chosen), np.intp))

    def choose_all(self) -> None:
        """Choose all there are."""
        self.choose(frozenset(range(self.count)))

    def go_to(self, index: int) -> None:
        """Make a sprite current and bring it into sight."""
        self.set_current(index)
        self.reveal(index)

    # -- painting --------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.count:
            return
        theme = current_theme()
        painter = QPainter(self.viewport())
        painter.setFont(tabular(self.font()))
        metrics = painter.fontMetrics()
        area = QRectF(event.rect())
        first = max(0, self.index_at(QPointF(12, 0)))
        for index in range(first, min(self.count, len(self._marks))):
            rect = self.cell_rect(index)
            if rect.top() > area.bottom():
                break
            mark = self._marks[index]
            if mark:
                width = max(metrics.horizontalAdvance(mark) + 6, metrics.height())
                place = QRectF(0, 0, width, metrics.height())
                place.moveBottomRight(rect.bottomRight() + QPointF(4, 4))
                painter.setPen(QPen(QColor(theme.line), 1))
                painter.setBrush(QColor(theme.raised))
                painter.drawRoundedRect(place, 4, 4)
                painter.setPen(QColor(theme.text))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, mark)
