"""The sprites of a batch, with marks for those that are kept and those that are not wanted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.sprite_grid import SpriteGrid

_DISCARD_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_D)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class BatchGrid(SpriteGrid):
    """K keeps the chosen sprites, Delete or D discards them, Enter puts the kept ones into cells.

    Signals
    -------
    keep_wanted, discard_wanted, put_wanted : their keys were pressed; a double click keeps.
    """

    keep_wanted = Signal()
    discard_wanted = Signal()
    put_wanted = Signal()

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent, gap=5, multiple=True)
        self._kept: frozenset[int] = frozenset()
        self._discarded: frozenset[int] = frozenset()
        self.double_clicked.connect(lambda _index: self.keep_wanted.emit())

    def show_batch(
        self,
        images: NDArray[np.uint8] | None,
        kept: frozenset[int] = frozenset(),
        discarded: frozenset[int] = frozenset(),
        tips: Sequence[str] = (),
    ) -> None:
        """Show uint8 (N, H, W, 4); ``kept`` and ``discarded`` are places in it."""
        self._kept, self._discarded = kept, discarded
        self.set_sprites(images, tips)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme = self._theme.theme
        painter = QPainter(self)
        for index in self._discarded:
            if index < self.count:
                veil = QColor(theme.background)
                veil.setAlpha(215)
                painter.fillRect(self.cell_rect(index), veil)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in self._kept:
            if index < self.count:
                self._paint_tick(painter, self.cell_rect(index))

    def _paint_tick(self, painter: QPainter, rect: QRectF) -> None:
        """A tick in a disc at the corner: told by its shape, not by colour alone."""
        theme = self._theme.theme
        side = min(16.0, rect.width() / 2)
        disc = QRectF(rect.right() - side + 3, rect.top() - 3, side, side)
        painter.setPen(QPen(QColor(theme.surface), 1.5))
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(disc)
        painter.setPen(QPen(QColor(theme.accent_text), max(1.2, side / 8)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        at = [
            QPointF(disc.left() + x * side, disc.top() + y * side)
            for x, y in ((0.28, 0.52), (0.44, 0.68), (0.72, 0.34))
        ]
        painter.drawPolyline(QPolygonF(at))

    def event(self, event: QEvent) -> bool:
        # Delete would otherwise clear the chosen cells.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            if plain and event.key() in (Qt.Key.Key_K, *_DISCARD_KEYS, *_ENTER):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, plain = event.key(), event.modifiers() == Qt.KeyboardModifier.NoModifier
        if key == Qt.Key.Key_K and plain:
            self.keep_wanted.emit()
        elif key in _DISCARD_KEYS and plain:
            self.discard_wanted.emit()
        elif key in _ENTER:
            self.put_wanted.emit()
        else:
            super().keyPressEvent(event)

    def move_on(self, index: int) -> None:
        """Make the sprite at a place current, as far as there is one."""
        if self.count:
            self.set_current(min(max(index, 0), self.count - 1))
