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
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.canvas_marks import paint_axis, paint_grid
from sprite_lab.ui.widgets.canvas_view import KEY_SCALES, CanvasView, Room
from sprite_lab.ui.widgets.keep_overlay import KeepOverlay
from sprite_lab.ui.widgets.pixel_paint import DevicePainter, checkerboard, to_qimage

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_ZOOM_KEYS = tuple(range(Qt.Key.Key_0, Qt.Key.Key_0 + len(KEY_SCALES) + 1))
_PAINT_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SpriteCanvas(QWidget):
    """Shows one sprite at whole-number scale and tells which of its pixels are touched.

    It draws nothing into the sprite itself: whoever listens does, and sets the new pixels.
    The arrow keys move a cursor, Space or Enter paint with it, also while it moves. The
    wheel and the keys 1 to 6 zoom, 0 and F fit; the middle button pans, or any while Space
    is held with the pointer on the canvas.

    Signals
    -------
    pressed : x, y of a pixel, Qt.MouseButton, Qt.KeyboardModifier.
    moved : x, y while a button is held; may lie outside of the sprite.
    released : the button was let go.
    cancelled : Esc while a button is held.
    pointed : (x, y) of the pixel under pointer or cursor, or None.
    zoomed : the scale, in logical pixels for each pixel, or whether it is fitted, changed.
    typed : a single letter, upper case, or "Alt" and "" as Alt goes down and up.
    """

    pressed = Signal(int, int, object, object)
    moved = Signal(int, int)
    released = Signal()
    cancelled = Signal()
    pointed = Signal(object)
    zoomed = Signal()
    typed = Signal(str)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._image = to_qimage(np.zeros((16, 16, 4), np.uint8))
        self._keep = np.zeros((16, 16), bool)
        self._preview: tuple[frozenset[tuple[int, int]], QColor | None] = (frozenset(), None)
        self._overlay = KeepOverlay()
        self._view = CanvasView()
        self._axis = False
        self._space_held = False
        self._turned = 0
        self._pan_from: QPointF | None = None
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

    def set_axis(self, shown: bool) -> None:
        """Show the axis that strokes are mirrored at, or not."""
        self._axis = shown
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

    @property
    def _room(self) -> Room:
        image = self._image
        return Room(
            self.width(), self.height(), image.width(), image.height(), self.devicePixelRatioF()
        )

    @property
    def zoom(self) -> float:
        """Logical pixels for each pixel of the sprite."""
        room = self._room
        return self._view.scale(room) / room.ratio

    @property
    def is_fitted(self) -> bool:
        """Whether the sprite is shown as large as the canvas allows."""
        return self._view.is_fitted

    def fit(self) -> None:
        """Show all of the sprite, as large as it can be."""
        self._view.fit()
        self._view_changed()

    def _view_changed(self, pointer: QPointF | None = None) -> None:
        point = (-1, -1) if pointer is None else self._pixel_at(pointer)
        self._point_at(point if self._inside(point) else None)
        self.update()
        self.zoomed.emit()

    def pixel_rect(self, x: int, y: int) -> QRectF:
        """Where a pixel is, in the widget's logical coordinates."""
        left, top, size = self._view.frame(self._room)
        return QRectF(left + x * size, top + y * size, size, size)

    def _pixel_at(self, position: QPointF) -> tuple[int, int]:
        left, top, size = self._view.frame(self._room)
        return int((position.x() - left) // size), int((position.y() - top) // size)

    def _inside(self, point: tuple[int, int]) -> bool:
        return 0 <= point[0] < self._image.width() and 0 <= point[1] < self._image.height()

    # -- painting ------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme.theme
        painter = QPainter(self)
        device = DevicePainter(painter)
        left, top, size = self._view.frame(self._room)
        x, y = device.to_device(QPointF(left, top))
        scale = round(size * device.ratio)
        image = self._with_preview()
        target = device.to_logical(x, y, image.width() * scale, image.height() * scale)
        painter.setBrushOrigin(target.topLeft())
        # Fields of half a pixel: the board is then never mistaken for painted pixels.
        painter.fillRect(target, checkerboard(theme, max(4, round(size / 2))))
        device.draw(image, x, y, scale)
        if size >= 8:
            paint_grid(painter, target, size, image.width(), image.height())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.outline), 1))
        painter.drawRect(target.adjusted(-0.5, -0.5, 0.5, 0.5))
        if self._keep.any():
            marks = self._overlay.pixmap(self._keep, self.size(), target, size, device.ratio, theme)
            painter.drawPixmap(QPointF(0, 0), marks)
        if self._axis:
            paint_axis(painter, target, theme)
        if self._cursor_shown and self.hasFocus():
            self._paint_box(painter, self._cursor, QColor(theme.focus), 2)
        elif self._hover is not None:
            self._paint_box(painter, self._hover, QColor("#ffffff"), 1)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.focus), 2))
            shown = target.adjusted(-2, -2, 2, 2) & QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRect(shown)

    def _with_preview(self) -> QImage:
        points, colour = self._preview
        if not points:
            return self._image
        image = self._image.copy()
        for x, y in points:
            if self._inside((x, y)):
                image.setPixelColor(x, y, colour or QColor(0, 0, 0, 0))
        return image

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
        middle = event.button() == Qt.MouseButton.MiddleButton
        if self._held is None and (middle or self._space_held):
            self._pan_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            return
        point = self._pixel_at(event.position())
        usable = event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)
        if self._held is None and usable and self._inside(point):
            self._cursor, self._cursor_shown = point, False
            self._hold(event.button(), event.modifiers())
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            way, self._pan_from = event.position() - self._pan_from, event.position()
            self._view.move(self._room, way.x(), way.y())
            self._view_changed(event.position())
            return
        point = self._pixel_at(event.position())
        self._cursor_shown = False
        if self._held is not None:
            if self._inside(point):
                self._cursor = point
            self.moved.emit(*point)
        self._point_at(point if self._inside(point) else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            self._pan_from = None
            self._show_pointer()
        elif event.button() == self._held and self._held_key is None:
            self._let_go()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # A touchpad sends small turns, of which a notch of 120 is one step.
        self._turned += event.angleDelta().y()
        steps = int(self._turned / 120)
        if steps and self._held is None:
            self._turned -= 120 * steps
            place = event.position()
            self._view.zoom_by(self._room, steps, place.x(), place.y())
            self._view_changed(place)
        event.accept()

    def _show_pointer(self) -> None:
        hand = Qt.CursorShape.OpenHandCursor
        self.setCursor(hand if self._space_held else Qt.CursorShape.CrossCursor)

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
                Qt.KeyboardModifier.NoModifier,
                Qt.KeyboardModifier.ShiftModifier,
            )
            ours = _is_letter(event.key()) or event.key() in (*_ARROWS, *_PAINT_KEYS, *_ZOOM_KEYS)
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
        elif key == Qt.Key.Key_Space and self._pans_with_space():
            self._space_held = True
            self._show_pointer()
        elif key in _PAINT_KEYS:
            if not event.isAutoRepeat() and self._held is None:
                self._held_key = key
                self._show_cursor()
                self._hold(Qt.MouseButton.LeftButton, modifiers)
        elif key in (Qt.Key.Key_0, Qt.Key.Key_F):
            self.fit()
        elif key in _ZOOM_KEYS:
            self._zoom_by_key(KEY_SCALES[key - Qt.Key.Key_1])
        elif _is_letter(key):
            self.typed.emit(chr(key))
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Alt:
            self.typed.emit("")
        elif event.key() == Qt.Key.Key_Space and self._space_held:
            if not event.isAutoRepeat():
                self._space_held = False
                self._show_pointer()
        elif event.key() == self._held_key and not event.isAutoRepeat():
            self._let_go()
        else:
            super().keyReleaseEvent(event)

    def _pans_with_space(self) -> bool:
        """Space pans for who points with the mouse, and paints at the keyboard's cursor."""
        return self._space_held or (
            self._hover is not None and not self._cursor_shown and self._held is None
        )

    def _zoom_by_key(self, scale: int) -> None:
        hover, room = self._hover, self._room
        # Where the pointer or the cursor is, or else in the middle.
        place = QRectF(self.rect()).center() if hover is None else self.pixel_rect(*hover).center()
        self._view.zoom_to(room, round(scale * room.ratio), place.x(), place.y())
        self._view_changed(place)

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
        self._cursor_shown = self._space_held = False
        self._show_pointer()
        self.typed.emit("")
        super().focusOutEvent(event)


def _is_letter(key: int) -> bool:
    return Qt.Key.Key_A <= key <= Qt.Key.Key_Z
