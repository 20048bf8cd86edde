"""Keys of several widgets, which take precedence over shortcuts of the window."""

from __future__ import annotations

from collections.abc import Callable, Container

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)

#: Columns and rows that each arrow key moves by.
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def is_press(event: QEvent, keys: Container[int]) -> bool:
    """Whether an event is a press of one of these keys."""
    return (
        event.type() == QEvent.Type.KeyPress
        and isinstance(event, QKeyEvent)
        and event.key() in keys
    )


def claims(event: QEvent, keys: Container[int] | Callable[[QKeyEvent], bool]) -> bool:
    """Claim a key for the focused widget, so that it does not trigger a shortcut; returns whether
    it was claimed. Only the event by which Qt asks for this, ShortcutOverride, can claim one.

    ``keys``: the keys to claim, or a function that decides.
    """
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    claimed = keys(event) if callable(keys) else event.key() in keys
    if claimed:
        event.accept()
    return claimed


def add_action(
    place: QWidget,
    name: str,
    text: str,
    keys: str,
    do: Callable[[], object],
    reach: Qt.ShortcutContext = Qt.ShortcutContext.WidgetWithChildrenShortcut,
) -> QAction:
    """Bind keys to a function while the focus is in a widget.

    ``keys``: alternatives, as in "Ctrl+Shift+Z; Ctrl+Y"; "" = none, for an action that is only in a
    menu or on a button.
    """
    action = QAction(text, place)
    action.setObjectName(name)
    action.setShortcuts([QKeySequence(key) for key in keys.split("; ") if key])
    action.setShortcutContext(reach)
    action.triggered.connect(lambda _=False: do())
    place.addAction(action)
    return action
