"""Initial sizes of windows: they fit on the screen, including the frame."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

#: Size of borders and title bar, in logical pixels; systems report it only once a window is shown.
FRAME = QSize(16, 48)


def set_first_size(window: QWidget, width: int, height: int) -> None:
    """Give a window a size, or less if the screen is smaller; in logical pixels."""
    wanted, room = QSize(width, height), _room(window)
    window.resize(wanted if room is None else wanted.boundedTo(room - FRAME))


def _room(window: QWidget) -> QSize | None:
    """The screen's room beside docks and bars; None = nobody sees it, and it has any size."""
    if QGuiApplication.platformName() == "offscreen":
        return None
    return window.screen().availableSize()
