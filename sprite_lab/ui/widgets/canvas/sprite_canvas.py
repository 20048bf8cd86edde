"""A large sprite to draw on: pointer, keyboard cursor, keys, zoom and panning."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent

from sprite_lab.ui.widgets.canvas.canvas_stage import CanvasStage
from sprite_lab.ui.widgets.keys import ARROWS, ENTER, claims

#: Zoom of the keys 1 to 6, in logical pixels per pixel of the sprite.
_KEY_SCALES = (1, 2, 4, 8, 16, 32)
_ZOOM_KEYS = tuple(range(Qt.Key.Key_0, Qt.Key.Key_0 + len(_KEY_SCALES) + 1))
_PAINT_KEYS = (Qt.Key.Key_Space, *ENTER)
_BRACKETS = {Qt.Key.Key_BracketLeft: "[", Qt.Key.Key_BracketRight: "]"}
#: Number of pixels that an arrow key nudges with Shift.
_LARGE_NUDGE = 4
#: Factor by which a notch of the wheel scales a layer.
_NOTCH = 1.1
_OUR_KEYS = frozenset((*ARROWS, *_PAINT_KEYS, *_ZOOM_KEYS, *_BRACKETS))


class SpriteCanvas(CanvasStage):
    """Shows one sprite at an integer scale, and reports which pixels are touched.

    It does not draw: its listeners do, and set the new pixels. Arrow keys move a cursor; Space or
    Enter paints there, also while it moves. The wheel and the keys 1 to 6 zoom, 0 and F fit. The
    middle button pans, and so does any button while Space is held with the pointer on the canvas.
    """

    #: x, y of a pixel, Qt.MouseButton, Qt.KeyboardModifier; may lie outside the sprite
    pressed = Signal(int, int, object, object)
    moved = Signal(int, int)  #: x, y while a button is held; may lie outside the sprite
    released = Signal()  #: the button was released
    canceled = Signal()  #: Esc while a button is held
    accepted = Signal()  #: Enter, if ``takes_enter`` is set
    #: x, y under the pointer while no button is held, Qt.KeyboardModifier
    hovered = Signal(int, int, object)
    nudged = Signal(int, int)  #: columns and rows, by an arrow key; see ``arrows_nudge``
    #: a key for the tools: a letter, "Shift+" and a letter, a bracket; "Alt" when Alt is pressed,
    #: "" when it is released or the focus leaves
    typed = Signal(str)
    #: name of a layer that was moved by dragging, or scaled by the wheel
    layer_moved = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        #: Whether the arrow keys move the drawing rather than the cursor.
        self.arrows_nudge = False
        #: Whether the arrow keys move the drawing as long as no keyboard cursor is shown.
        self.arrows_nudge_at_first = False
        #: Whether Enter takes the suggestion instead of painting.
        self.takes_enter = False
        self._grabbed = ""
        self._tip = Qt.CursorShape.CrossCursor
        self._space_held = False
        self._turned = 0
        self._pan_from: QPointF | None = None
        self._held: Qt.MouseButton | None = None
        self._held_key: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def grab_layer(self, name: str) -> None:
        """Let the pointer move a layer, and the wheel scale it, instead of drawing; "" = stop."""
        self._grabbed = name
        self._show_pointer()

    def point_with(self, tip: Qt.CursorShape) -> None:
        """Set the shape of the pointer while it would draw."""
        self._tip = tip
        self._show_pointer()

    @property
    def is_held(self) -> bool:
        """Whether a stroke is in progress."""
        return self._held is not None

    # -- mouse ---------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        middle = event.button() == Qt.MouseButton.MiddleButton
        if self._held is None and (middle or self._space_held or self._grabbed):
            self._pan_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            return
        point = self._pixel_at(event.position())
        usable = event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)
        if self._held is None and usable:
            if self._inside(point):
                self.cursor_position = point
            self._cursor_shown = False
            self._hold(point, event.button(), event.modifiers())
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            way, self._pan_from = event.position() - self._pan_from, event.position()
            if self._grabbed and event.buttons() & Qt.MouseButton.LeftButton:
                size = self.zoom
                self._move_layer(self._grabbed, way.x() / size, way.y() / size)
            else:
                self._pan(way.x(), way.y(), event.position())
            return
        point = self._pixel_at(event.position())
        if self._cursor_shown:
            self._update_brush(self.cursor_position)
            self._cursor_shown = False
        if self._held is not None:
            if self._inside(point):
                self.cursor_position = point
            self.moved.emit(*point)
        else:
            self.hovered.emit(*point, event.modifiers())
        self._point_at(point if self._inside(point) else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            self._pan_from = None
            self._show_pointer()
            if self._grabbed:
                self.layer_moved.emit(self._grabbed)
        elif event.button() == self._held and self._held_key is None:
            self._let_go()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # A touchpad sends small rotations; a notch of 120 is one step.
        self._turned += event.angleDelta().y()
        steps = int(self._turned / 120)
        if steps and self._held is None:
            self._turned -= 120 * steps
            if self._grabbed:
                self._move_layer(self._grabbed, 0, 0, _NOTCH**steps)
                self.layer_moved.emit(self._grabbed)
            else:
                self._zoom_by(steps, event.position())
        event.accept()

    def _show_pointer(self) -> None:
        hand = Qt.CursorShape.OpenHandCursor
        free = self._space_held or bool(self._grabbed)
        self.setCursor(hand if free else self._tip)

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(None)
        super().leaveEvent(event)

    def _hold(
        self, point: tuple[int, int], button: Qt.MouseButton, modifiers: Qt.KeyboardModifier
    ) -> None:
        self._held = button
        self.pressed.emit(*point, button, modifiers)

    def _let_go(self) -> None:
        self._held = self._held_key = None
        self.released.emit()

    # -- keys ----------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        # Otherwise, single letters would trigger shortcuts of the window.
        return claims(event, self._takes) or super().event(event)

    def _takes(self, event: QKeyEvent) -> bool:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        ours = _is_letter(event.key()) or event.key() in _OUR_KEYS
        return (plain and ours) or (event.key() == Qt.Key.Key_Escape and self.is_held)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers()
        command = modifiers & (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier
        )
        if key == Qt.Key.Key_Alt:
            self.typed.emit("Alt")
        elif key == Qt.Key.Key_Escape and self._held is not None:
            self._held = self._held_key = None
            self.canceled.emit()
        elif command:
            super().keyPressEvent(event)
        elif key in ARROWS:
            shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
            dx, dy = ARROWS[Qt.Key(key)]
            nudge = self.arrows_nudge_at_first and not self._cursor_shown
            if (self.arrows_nudge or nudge) and self._held is None:
                far = _LARGE_NUDGE if shift else 1
                self.nudged.emit(dx * far, dy * far)
            else:
                self._move_cursor(dx, dy)
        elif key == Qt.Key.Key_Space and self._pans_with_space():
            self._space_held = True
            self._show_pointer()
        elif key in ENTER and self.takes_enter:
            self.accepted.emit()
        elif key in _PAINT_KEYS:
            if not event.isAutoRepeat() and self._held is None:
                self._held_key = key
                self._show_cursor()
                self._hold(self.cursor_position, Qt.MouseButton.LeftButton, modifiers)
        elif key in (Qt.Key.Key_0, Qt.Key.Key_F):
            self.fit()
        elif key in _ZOOM_KEYS:
            self._zoom_by_key(_KEY_SCALES[key - Qt.Key.Key_1])
        elif key in _BRACKETS:
            self.typed.emit(_BRACKETS[Qt.Key(key)])
        elif _is_letter(key):
            shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
            self.typed.emit(("Shift+" if shift else "") + chr(key))
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
        """Whether Space pans, for mouse users, rather than paint at the keyboard cursor."""
        return self._space_held or (
            self._hover is not None and not self._cursor_shown and self._held is None
        )

    def _zoom_by_key(self, scale: int) -> None:
        hover = self._hover
        # Zoom at the pointer or the cursor, or else in the center.
        place = QRectF(self.rect()).center() if hover is None else self.pixel_rect(*hover).center()
        self._zoom_to(round(scale * self.devicePixelRatioF()), place)

    def _move_cursor(self, dx: int, dy: int) -> None:
        x = min(max(self.cursor_position[0] + dx, 0), self._columns - 1)
        y = min(max(self.cursor_position[1] + dy, 0), self._rows - 1)
        self.cursor_position = (x, y)
        self._show_cursor()
        if self._held is not None:
            self.moved.emit(x, y)

    def _show_cursor(self) -> None:
        self._cursor_shown = True
        self._hover = self.cursor_position
        self.update()
        self.pointed.emit(self.cursor_position)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._show_cursor()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        # The release of a held key will go to another widget.
        if self._held_key is not None:
            self._let_go()
        self._cursor_shown = self._space_held = False
        self._show_pointer()
        self.typed.emit("")
        super().focusOutEvent(event)


def _is_letter(key: int) -> bool:
    return Qt.Key.Key_A <= key <= Qt.Key.Key_Z
