"""A large sprite to draw on: pixel grid, hover, keyboard cursor, kept pixels, previews."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.pixel_paint import (
    DevicePainter,
    checkerboard,
    fitting_scale,
    to_qimage,
)

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_PAINT_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SpriteCanvas(QWidget):
    """Shows one sprite at whole-number scale and tells which of its pixels are touched.

    It draws nothing into the sprite itself: whoever listens does, and sets the new pixels.
    The arrow keys move a cursor, Space or Enter paint with it, also while it moves.

    Signals
    -------
    pressed : x, y of a pixel, Qt.MouseButton, Qt.KeyboardModifier.
    moved : x, y while a button is held; may lie outside of the sprite.
    released : the button was let go.
    cancelled : Esc while a button is held.
    pointed : (x, y) of the pixel under pointer or cursor, or None.
    typed : a single letter, upper case, or "Alt" and "" as Alt goes down and up.
    """

    pressed = Signal(int, int, object, object)
    moved = Signal(int, int)
    released = Signal()
    cancelled = Signal()
    pointed = Signal(object)
    typed = Signal(str)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._image = to_qimage(np.zeros((16, 16, 4), np.uint8))
        self._keep = np.zeros((16, 16), bool)
        self._preview: tuple[frozenset[tuple[int, int]], QColor | None] = (frozenset(), None)
        self._overlay: tuple[object, QPixmap] | None = None
        self._hover: tuple[int, int] | None = None
        self._cursor = (7, 7)
        self._cursor_shown = False
        self._held: Qt.MouseButton | None = None
        self._held_key: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(16 * 10 + 8, 16 * 10 + 8)
        theme.changed.connect(self.update)

    # -- what is shown -------------------------------------------------------------------

    def set_sprite(self, rgba: NDArray[np.uint8], keep: NDArray[np.bool_] | None = None) -> None:
        """Show uint8 (H, W, 4), with bool (H, W) marking the pixels that are kept."""
        self._image = to_qimage(rgba)
        self._keep = np.zeros(rgba.shape[:2], bool) if keep is None else keep
        self.update()

    def set_preview(self, points: Iterable[tuple[int, int]], colour: QColor | None = None) -> None:
        """Show (x, y) points as if painted; no colour (or a clear one) = erased."""
        self._preview = (frozenset(points), colour)
        self.update()

    @property
    def is_held(self) -> bool:
        """Whether a stroke is going on."""
        return self._held is not None

    @property
    def cursor_position(self) -> tuple[int, int]:
        """(x, y) of the keyboard's cursor."""
        return self._cursor

    def sizeHint(self) -> QSize:
        return QSize(16 * 28, 16 * 28)

    # -- where things are ----------------------------------------------------------------

    def _frame(self, ratio: float) -> tuple[float, float, float]:
        """Left, top and the size of a pixel, in logical pixels."""
        width, height = self._image.width(), self._image.height()
        scale = fitting_scale(self.width() - 4, self.height() - 4, width, height, ratio)
        left = round((self.width() * ratio - width * scale) / 2)
        top = round((self.height() * ratio - height * scale) / 2)
        return left / ratio, top / ratio, scale / ratio

    def pixel_rect(self, x: int, y: int) -> QRectF:
        """Where a pixel is, in the widget's logical coordinates."""
        left, top, size = self._frame(self.devicePixelRatioF())
        return QRectF(left + x * size, top + y * size, size, size)

    def _pixel_at(self, position: QPointF) -> tuple[int, int]:
        left, top, size = self._frame(self.devicePixelRatioF())
        return int((position.x() - left) // size), int((position.y() - top) // size)

    def _inside(self, point: tuple[int, int]) -> bool:
        return 0 <= point[0] < self._image.width() and 0 <= point[1] < self._image.height()

    # -- painting ------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme.theme
        painter = QPainter(self)
        device = DevicePainter(painter)
        left, top, size = self._frame(device.ratio)
        x, y = device.to_device(QPointF(left, top))
        scale = round(size * device.ratio)
        image = self._with_preview()
        target = device.to_logical(x, y, image.width() * scale, image.height() * scale)
        painter.setBrushOrigin(target.topLeft())
        # Fields of half a pixel: the board is then never mistaken for painted pixels.
        painter.fillRect(target, checkerboard(theme, max(4, round(size / 2))))
        device.draw(image, x, y, scale)
        if size >= 8:
            self._paint_grid(painter, target, size)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.outline), 1))
        painter.drawRect(target.adjusted(-0.5, -0.5, 0.5, 0.5))
        if self._keep.any():
            painter.drawPixmap(QPointF(0, 0), self._keep_overlay(target, size, device.ratio))
        if self._cursor_shown and self.hasFocus():
            self._paint_box(painter, self._cursor, QColor(theme.focus), 2)
        elif self._hover is not None:
            self._paint_box(painter, self._hover, QColor("#ffffff"), 1)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.focus), 2))
            painter.drawRect(target.adjusted(-2, -2, 2, 2))

    def _with_preview(self) -> QImage:
        points, colour = self._preview
        if not points:
            return self._image
        image = self._image.copy()
        for x, y in points:
            if self._inside((x, y)):
                image.setPixelColor(x, y, colour or QColor(0, 0, 0, 0))
        return image

    def _paint_grid(self, painter: QPainter, target: QRectF, size: float) -> None:
        """Quiet lines between pixels, and a little less quiet ones at every fourth."""
        # One grey that is seen on dark and on light drawings alike.
        for every, alpha in ((1, 42), (4, 70)):
            painter.setPen(QPen(QColor(128, 128, 140, alpha), 1))
            for i in range(every, self._image.width(), every):
                x = target.left() + i * size
                painter.drawLine(QPointF(x, target.top()), QPointF(x, target.bottom()))
            for i in range(every, self._image.height(), every):
                y = target.top() + i * size
                painter.drawLine(QPointF(target.left(), y), QPointF(target.right(), y))

    def _keep_overlay(self, target: QRectF, size: float, ratio: float) -> QPixmap:
        """The marks of kept pixels, painted anew only when they change: that is not fast."""
        key = (self._keep.tobytes(), target.getRect(), size, ratio, self._theme.theme.name)
        if self._overlay is None or self._overlay[0] != key:
            pixmap = QPixmap(self.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            self._paint_keep(painter, target, size)
            painter.end()
            self._overlay = (key, pixmap)
        return self._overlay[1]

    def _paint_keep(self, painter: QPainter, target: QRectF, size: float) -> None:
        """Kept pixels: an outline and sparse hatching, between which the drawing shows."""
        theme = self._theme.theme
        region, edges = QPainterPath(), QPainterPath()
        rows, columns = self._keep.shape
        padded = np.pad(self._keep, 1)
        for row in range(rows):
            for column in range(columns):
                if not self._keep[row, column]:
                    continue
                x, y = target.left() + column * size, target.top() + row * size
                region.addRect(QRectF(x, y, size, size))
                for dy, dx, a, b in (
                    (-1, 0, (0, 0), (1, 0)), (1, 0, (0, 1), (1, 1)),
                    (0, -1, (0, 0), (0, 1)), (0, 1, (1, 0), (1, 1)),
                ):
                    if not padded[row + 1 + dy, column + 1 + dx]:
                        edges.moveTo(x + a[0] * size, y + a[1] * size)
                        edges.lineTo(x + b[0] * size, y + b[1] * size)
        painter.save()
        painter.setClipPath(region)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pitch = max(6.0, size / 2)
        hatching = QPainterPath()
        offset = -target.height()
        while offset < target.width():
            hatching.moveTo(target.left() + offset, target.bottom())
            hatching.lineTo(target.left() + offset + target.height(), target.top())
            offset += pitch
        # A light line beside each dark one, so that one of them is seen on any colour.
        painter.setPen(QPen(QColor(255, 255, 255, 90), 2.4))
        painter.drawPath(hatching)
        accent = QColor(theme.accent)
        accent.setAlpha(190)
        painter.setPen(QPen(accent, 1.2))
        painter.drawPath(hatching)
        painter.restore()
        painter.setPen(QPen(QColor("#ffffff"), 4))
        painter.drawPath(edges)
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.drawPath(edges)

    def _paint_box(
        self, painter: QPainter, point: tuple[int, int], colour: QColor, width: int
    ) -> None:
        rect = self.pixel_rect(*point)
        painter.setPen(QPen(QColor(0, 0, 0, 200), 1))
        painter.drawRect(rect.adjusted(-width - 0.5, -width - 0.5, width - 0.5, width - 0.5))
        painter.setPen(QPen(colour, width, j=Qt.PenJoinStyle.MiterJoin))
        painter.drawRect(rect.adjusted(0, 0, -1, -1))

    # -- mouse ---------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = self._pixel_at(event.position())
        usable = event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)
        if self._held is None and usable and self._inside(point):
            self._cursor, self._cursor_shown = point, False
            self._hold(event.button(), event.modifiers())
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = self._pixel_at(event.position())
        self._cursor_shown = False
        if self._held is not None:
            if self._inside(point):
                self._cursor = point
            self.moved.emit(*point)
        self._point_at(point if self._inside(point) else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == self._held and self._held_key is None:
            self._let_go()

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(None)
        super().leaveEvent(event)

    def _hold(self, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> None:
        self._held = button
        self.pressed.emit(*self._cursor, button, modifiers)

    def _let_go(self) -> None:
        self._held = self._held_key = None
        self.released.emit()

    def _point_at(self, point: tuple[int, int] | None) -> None:
        if point != self._hover:
            self._hover = point
            self.update()
            self.pointed.emit(point)

    # -- keys ----------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        # Single letters would otherwise go to whatever shortcut of the window has them.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() in (
                Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
            )
            ours = _is_letter(event.key()) or event.key() in (*_ARROWS, *_PAINT_KEYS)
            if (plain and ours) or (event.key() == Qt.Key.Key_Escape and self.is_held):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers()
        command = modifiers & (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier
        )
        if key == Qt.Key.Key_Alt:
            self.typed.emit("Alt")
        elif key == Qt.Key.Key_Escape and self._held is not None:
            self._held = self._held_key = None
            self.cancelled.emit()
        elif command:
            super().keyPressEvent(event)
        elif key in _ARROWS:
            self._move_cursor(*_ARROWS[Qt.Key(key)])
        elif key in _PAINT_KEYS:
            if not event.isAutoRepeat() and self._held is None:
                self._held_key = key
                self._show_cursor()
                self._hold(Qt.MouseButton.LeftButton, modifiers)
        elif _is_letter(key):
            self.typed.emit(chr(key))
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Alt:
            self.typed.emit("")
        elif event.key() == self._held_key and not event.isAutoRepeat():
            self._let_go()
        else:
            super().keyReleaseEvent(event)

    def _move_cursor(self, dx: int, dy: int) -> None:
        x = min(max(self._cursor[0] + dx, 0), self._image.width() - 1)
        y = min(max(self._cursor[1] + dy, 0), self._image.height() - 1)
        self._cursor = (x, y)
        self._show_cursor()
        if self._held is not None:
            self.moved.emit(x, y)

    def _show_cursor(self) -> None:
        self._cursor_shown = True
        self._hover = self._cursor
        self.update()
        self.pointed.emit(self._cursor)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._show_cursor()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        # The release of a held key will go elsewhere.
        if self._held_key is not None:
            self._let_go()
        self._cursor_shown = False
        self.typed.emit("")
        super().focusOutEvent(event)


def _is_letter(key: int) -> bool:
    return Qt.Key.Key_A <= key <= Qt.Key.Key_Z
