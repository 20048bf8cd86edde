"""Keys that several widgets take, and take before shortcuts of the window do."""

from __future__ import annotations

from collections.abc import Container

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)

#: The columns and rows that each arrow key goes.
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def is_press(event: QEvent, keys: Container[int]) -> bool:
    """Whether one of these keys is pressed."""
    return event.type() == QEvent.Type.KeyPress and _is_about(event, keys)


def claims(event: QEvent, keys: Container[int]) -> bool:
    """Take one of these keys for the focused widget, if that is what an event asks about: else it
    would be a shortcut.
    """
    claimed = event.type() == QEvent.Type.ShortcutOverride and _is_about(event, keys)
    if claimed:
        event.accept()
    return claimed


def _is_about(event: QEvent, keys: Container[int]) -> bool:
    return isinstance(event, QKeyEvent) and event.key() in keys
