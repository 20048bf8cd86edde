"""How large windows are at first: all of them, with the frame, on the screen."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

#: What borders and title bar take, in logical pixels; systems tell only once a window is shown.
FRAME = QSize(16, 48)


def set_first_size(window: QWidget, width: int, height: int) -> None:
    """Give a window a size, or less where the screen has less room; in logical pixels."""
    wanted, room = QSize(width, height), _room(window)
    window.resize(wanted if room is None else wanted.boundedTo(room - FRAME))


def _room(window: QWidget) -> QSize | None:
    """What the screen has beside docks and bars; None = nobody sees it, and it is of any size."""
    if QGuiApplication.platformName() == "offscreen":
        return None
    return window.screen().availableSize()
