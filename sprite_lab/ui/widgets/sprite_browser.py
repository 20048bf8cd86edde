"""Thousands of sprites in a grid that scrolls: only what is in sight is painted."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.pixel_paint import DevicePainter, checkerboard, to_atlas

#: Sprites in one image: Qt cannot paint from images that are higher than 32,767 pixels.
_CHUNK = 256

GAP = 6  # logical pixels
_RING = 3  # of them, the frame of the current sprite


class SpriteBrowser(QAbstractScrollArea):
    """Sprites at a fixed whole-number scale, in as many columns as fit.

    Parameters
    ----------
    caption_lines : how many lines of text each sprite has below it.

    Signals
    -------
    current_changed : index among the sprites that are shown, -1 = none.
    double_clicked : index; Enter counts as a double click.
    """

    current_changed = Signal(int)
    double_clicked = Signal(int)

    def __init__(
        self, theme: ThemeManager, parent: QWidget | None = None, *, caption_lines: int = 0
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines = caption_lines
        self._captions: Sequence[str] = ()
        self._atlases: list[QImage] = []
        self._count, self._cell = 0, 16
        self._scale = 3
        self._current = -1
        self._tip: Callable[[int], str] = lambda index: ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # A bar that comes and goes would change the columns, and so itself.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setMinimumSize(160, 120)
        theme.changed.connect(self.viewport().update)

    # -- content ---------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many sprites there are."""
        return self._count

    @property
    def current(self) -> int:
        """The current sprite, -1 = none."""
        return self._current

    def set_sprites(
        self,
        images: NDArray[np.uint8],
        tip: Callable[[int], str],
        captions: Sequence[str] = (),
    ) -> None:
        """Show uint8 (N, H, W, 3|4) from the top; ``tip`` says what there is to say of one.

        ``captions``: (N,) what stands below each, in as many lines as there is room for.
        """
        self._captions = captions
        self._atlases = [
            to_atlas(images[start : start + _CHUNK]) for start in range(0, len(images), _CHUNK)
        ]
        self._count, self._tip = len(images), tip
        if len(images):
            self._cell = images.shape[1]
        self._fit()
        self.verticalScrollBar().setValue(0)
        self._current = -1
        self.set_current(0 if len(images) else -1)
        self.viewport().update()

    def set_scale(self, scale: int) -> None:
        """Logical pixels for each sprite pixel; the current sprite stays in sight."""
        self._scale = max(1, scale)
        self._fit()
        if self._current >= 0:
            self._reveal(self._current)
        self.viewport().update()

    def set_current(self, index: int) -> None:
        """Choose a sprite; -1 = none."""
        if index != self._current:
            self._current = index
            self.viewport().update()
            self.current_changed.emit(index)

    # -- geometry --------------------------------------------------------------------------

    @property
    def _pitch(self) -> int:
        return self._cell * self._scale + GAP

    @property
    def _pitch_down(self) -> int:
        lines = self._lines * self.fontMetrics().lineSpacing()
        return self._pitch + (lines + _RING if lines else 0)

    @property
    def columns(self) -> int:
        """How many fit beside each other."""
        return max(1, (self.viewport().width() - GAP) // self._pitch)

    def _fit(self) -> None:
        rows = math.ceil(self._count / self.columns)
        room = self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, rows * self._pitch_down + GAP - room))
        bar.setPageStep(room)
        bar.setSingleStep(self._pitch_down // 2)

    def cell_rect(self, index: int) -> QRectF:
        """Where a sprite is in the viewport, in logical pixels."""
        row, column = divmod(index, self.columns)
        side = self._cell * self._scale
        top = GAP + row * self._pitch_down - self.verticalScrollBar().value()
        return QRectF(GAP + column * self._pitch, top, side, side)

    def index_at(self, place: QPointF) -> int:
        """The sprite at a place of the viewport, or -1."""
        column = int((place.x() - GAP / 2) // self._pitch)
        row = int((place.y() + self.verticalScrollBar().value() - GAP / 2) // self._pitch_down)
        index = row * self.columns + column
        return index if 0 <= column < self.columns and 0 <= index < self._count else -1

    def _reveal(self, index: int) -> None:
        rect, bar = self.cell_rect(index), self.verticalScrollBar()
        rect.setBottom(rect.bottom() + self._pitch_down - self._pitch)
        if rect.top() < GAP:
            bar.setValue(round(bar.value() + rect.top() - GAP))
        elif rect.bottom() > self.viewport().height() - GAP:
            bar.setValue(round(bar.value() + rect.bottom() - self.viewport().height() + GAP))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    # -- painting --------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme.theme
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), QColor(theme.background))
        if not self._count:
            painter.setPen(QColor(theme.text_dim))
            painter.drawText(
                self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, "No sprites of this kind."
            )
            return
        device = DevicePainter(painter)
        board = checkerboard(theme, 4)
        # A whole number of device pixels for each sprite pixel, also at 1.25 and 1.5.
        scale = max(1, int(self._scale * device.ratio + 1e-6))
        top = self.verticalScrollBar().value()
        first = max(0, (top - GAP) // self._pitch_down) * self.columns
        rows = math.ceil(self.viewport().height() / self._pitch_down) + 1
        for index in range(first, min(self._count, first + rows * self.columns)):
            x, y = device.to_device(self.cell_rect(index).topLeft())
            side = self._cell * scale
            target = device.to_logical(x, y, side, side)
            painter.setBrushOrigin(target.topLeft())
            painter.fillRect(target, board)
            chunk, row = divmod(index, _CHUNK)
            source = QRectF(0, row * self._cell, self._cell, self._cell)
            device.draw(self._atlases[chunk], x, y, scale, source)
            if index < len(self._captions):
                self._paint_caption(painter, index)
        if self._current >= 0:
            ring = QColor(theme.focus if self.hasFocus() else theme.accent)
            painter.setPen(QPen(ring, 2, j=Qt.PenJoinStyle.MiterJoin))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.cell_rect(self._current).adjusted(-2, -2, 2, 2))

    def _paint_caption(self, painter: QPainter, index: int) -> None:
        rect = self.cell_rect(index)
        metrics = self.fontMetrics()
        for line, text in enumerate(self._captions[index].split("\n")[: self._lines]):
            # The first says what counts, the others what it is.
            painter.setPen(QColor(self._theme.theme.text_dim if line else self._theme.theme.text))
            top = rect.bottom() + _RING + line * metrics.lineSpacing()
            place = QRectF(rect.left() - 2, top, rect.width() + 4, metrics.lineSpacing())
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(place.width()))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    # -- mouse and keys --------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.index_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self.set_current(index)
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.index_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self.double_clicked.emit(index)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self.index_at(QPointF(event.pos()))
            if index >= 0:
                QToolTip.showText(event.globalPos(), self._tip(index), self)
                return True
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.viewport().update()
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and self._current >= 0
            and (not event.modifiers())
        ):
            self.double_clicked.emit(self._current)
            return
        page = max(1, self.viewport().height() // self._pitch_down) * self.columns
        step = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self.columns,
            Qt.Key.Key_Down: self.columns,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -self._count,
            Qt.Key.Key_End: self._count,
        }.get(Qt.Key(event.key()))
        if step is None or not self._count:
            super().keyPressEvent(event)
            return
        index = min(max(max(self._current, 0) + step, 0), self._count - 1)
        self.set_current(index)
        self._reveal(index)
