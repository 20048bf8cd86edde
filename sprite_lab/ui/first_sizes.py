"""Initial sizes of windows: they fit on the screen, including the frame."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from sprite_lab.ui.theme import theme_manager

#: Size of borders and title bar, in logical pixels; systems report it only once a window is shown.
FRAME = QSize(16, 48)


def set_first_size(window: QWidget, width: int, height: int, *, grows: bool = True) -> None:
    """Give a window a size in logical pixels, or less if the screen is smaller.

    ``grows``: the size is for the usual text size, and grows with the text.
    """
    scale = theme_manager().text_scale if grows else 1
    size, room = QSize(width, height) * scale, _room(window)
    if room is None:
        window.resize(size)
        return
    size = size.boundedTo(room.size() - FRAME)
    window.resize(size)
    if window.parentWidget() is not None:
        # In the middle of the screen: if the window is as high, Qt would put its top above the
        # screen.
        place = QRect(QPoint(), size + FRAME)
        place.moveCenter(room.center())
        window.move(place.topLeft())


def _room(window: QWidget) -> QRect | None:
    """The part of the screen not covered by docks and bars; None = it is not a real screen."""
    if QGuiApplication.platformName() == "offscreen":
        return None
    return window.screen().availableGeometry()
