"""A noise axis with one or two handles for levels: pure noise on the left, clean on the right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.ui.theme import current_theme, tabular
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.words import tr

#: Logical pixels: margin at the ends, height of the curve, and width of a handle.
_MARGIN, _CURVE, _WIDE = 10, 22, 10

_STEP, _PAGE = 0.01, 0.1


class NoiseHandles(QWidget):
    """Shares of T as handles on an axis like the timeline's, with a curve of the share of noise.

    The range between two handles, or to the right of one, is marked: that noise is removed. Left,
    Right, Home and End move the chosen handle, Up and Down choose the other one, and a double click
    restores the default.
    """

    #: the shares (tuple of floats 0..1, ascending), and a number that is the same during a drag
    changed = Signal(object, int)

    def __init__(
        self, label: str, default: Sequence[float], *, name: str, least: float = 0.0, tip: str = ""
    ) -> None:
        super().__init__()
        named(self, name, label, tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFont(tabular(self.font()))
        self._default = tuple(default)
        self.shares = tuple(default)  #: shares of T, ascending: 0 is clean, 1 is pure noise
        self._least = least
        self._several = False
        self._held = 0
        self._drag = 0
        self._timesteps = 500
        self._curve: NDArray[np.float64] = np.linspace(0, 1, 33)
        self._say()

    def set_shares(self, shares: Sequence[float], several: bool = False) -> None:
        """Show levels; ``several``: the chosen cells differ, and these are the first cell's."""
        if (self.shares, self._several) == (tuple(shares), several):
            return  # the panel repeats this with every stroke
        self.shares, self._several = tuple(shares), several
        self._say()
        self.update()

    def set_axis(self, timesteps: int, noise: ArrayLike) -> None:
        """Set the model's T, and the share of noise, 0..1, at even steps from t = 0 to T."""
        self._timesteps = timesteps
        self._curve = np.asarray(noise, np.float64)
        self._say()
        self.update()

    def _say(self) -> None:
        levels = tr(" to ").join(f"t = {s * self._timesteps:.0f}" for s in reversed(self.shares))
        self.setAccessibleDescription(
            (tr("several values, first: ") if self._several else "") + levels
        )

    def sizeHint(self) -> QSize:
        return QSize(180, self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(96, self._height())

    def _height(self) -> int:
        return round(self.point(0).y()) + _WIDE // 2 + self.fontMetrics().height()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    # -- geometry ------------------------------------------------------------------------

    def point(self, share: float) -> QPointF:
        """The position of a share of T."""
        room = self.width() - 2 * _MARGIN
        return QPointF(_MARGIN + (1 - share) * room, _CURVE + 4)

    def _share_at(self, x: float) -> float:
        room = max(1, self.width() - 2 * _MARGIN)
        return 1 - (x - _MARGIN) / room

    # -- interaction ------------------------------------------------------------------------------

    def _move(self, share: float) -> None:
        """Move the held handle to a share, but not past the other one."""
        low, high = self._least, 1.0
        if len(self.shares) == 2:
            low, high = (low, self.shares[1]) if self._held == 0 else (self.shares[0], high)
        moved = list(self.shares)
        moved[self._held] = round(min(max(share, low), high), 3)
        self._set(tuple(moved))

    def _set(self, shares: tuple[float, ...]) -> None:
        if shares != self.shares or self._several:
            self.set_shares(shares)
            self.changed.emit(shares, self._drag)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._drag += 1
        x = event.position().x()
        apart = [abs(self.point(share).x() - x) for share in self.shares]
        self._held = apart.index(min(apart))
        if len(apart) == 2 and apart[0] == apart[1]:
            # The handles coincide: take the one that can move there.
            self._held = 1 if self._share_at(x) > self.shares[0] else 0
        self._move(self._share_at(x))
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move(self._share_at(event.position().x()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._set(self._default)  # counts as one move with the preceding press

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        by = {
            Qt.Key.Key_Left: _STEP,
            Qt.Key.Key_Right: -_STEP,
            Qt.Key.Key_PageUp: _PAGE,
            Qt.Key.Key_PageDown: -_PAGE,
        }
        if key in by:
            self._move(self.shares[self._held] + by[Qt.Key(key)])
        elif key == Qt.Key.Key_Home:
            self._move(1.0)
        elif key == Qt.Key.Key_End:
            self._move(0.0)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and len(self.shares) == 2:
            self._held = 1 - self._held
            self.update()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._drag += 1
        super().focusInEvent(event)

    # -- painting ------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        enabled = self.isEnabled()
        accent = QColor(theme.accent if enabled else theme.line)
        low, high = self.shares if len(self.shares) == 2 else (0.0, self.shares[0])
        base = self.point(0).y()
        self._paint_curve(painter, 0.0, 1.0, QColor(theme.line))
        marked = QColor(accent)
        marked.setAlpha(90)
        self._paint_curve(painter, low, high, marked)
        left, right = self.point(1.0), self.point(0.0)
        painter.setPen(QPen(QColor(theme.outline if enabled else theme.line), 2))
        painter.drawLine(left, right)
        painter.setPen(QPen(accent, 3))
        painter.drawLine(self.point(high), self.point(low))
        painter.setPen(QColor(theme.text_dim))
        words = QRectF(0, base + 1, self.width(), self.height() - base)
        bottom = Qt.AlignmentFlag.AlignBottom
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | bottom, tr("noise"))
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | bottom, tr("clean"))
        for index, share in enumerate(self.shares):
            self._paint_handle(painter, self.point(share), index, accent)

    def _paint_curve(self, painter: QPainter, low: float, high: float, color: QColor) -> None:
        shares = np.linspace(low, high, 33)
        noise = np.interp(shares, np.linspace(0, 1, len(self._curve)), self._curve)
        points = [
            self.point(s) - QPointF(0, n * _CURVE) for s, n in zip(shares, noise, strict=True)
        ]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawPolygon(QPolygonF([self.point(low), *points, self.point(high)]))

    def _paint_handle(self, painter: QPainter, at: QPointF, index: int, accent: QColor) -> None:
        theme = current_theme()
        painter.setPen(QPen(QColor(theme.surface) if not self._several else accent, 1.5))
        painter.setBrush(accent if not self._several else QColor(theme.surface))
        painter.drawEllipse(at, _WIDE / 2, _WIDE / 2)
        if self.hasFocus() and index == self._held:
            painter.setPen(QPen(QColor(theme.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, _WIDE / 2 + 3, _WIDE / 2 + 3)
