"""Tooltips for places within a widget, and tooltips beside buttons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from sprite_lab.ui.text import held, tooltip

#: Space between a button and its tooltip, in logical pixels.
_GAP = 4


def tells(widget: QWidget, event: QEvent, tip_at: Callable[[QPointF], str]) -> bool:
    """If an event requests a tooltip, show the one for that place in a widget; returns whether
    there was one to show.

    ``tip_at``: returns the text for a place, "" = none.
    """
    if not isinstance(event, QHelpEvent) or event.type() != QEvent.Type.ToolTip:
        return False
    text = tip_at(QPointF(event.pos()))
    QToolTip.showText(event.globalPos(), tooltip(text), widget)
    return bool(text)


class _Beside(QObject):
    """Moves tooltips beside their buttons: at the pointer, they would cover button and row."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            watched.removeEventFilter(self)
        if not isinstance(event, QHelpEvent) or event.type() != QEvent.Type.ToolTip:
            return False
        if not isinstance(watched, QWidget) or not watched.toolTip():
            return False
        QToolTip.showText(event.globalPos(), tooltip(held(watched.toolTip())), watched)
        for window in QApplication.topLevelWidgets():
            if window.inherits("QTipLabel") and window.isVisible():
                window.move(place_beside(watched, window))
        return True


_beside: list[_Beside] = []


def tip_beside(button: QWidget) -> None:
    """Show the tooltip of the button under the pointer below it, or above at the end of the screen.
    Only until the pointer leaves, so that other events of buttons do not pass through Python.
    """
    if not _beside:
        _beside.append(_Beside(QApplication.instance()))
    button.installEventFilter(_beside[0])


def place_beside(button: QWidget, tip: QWidget) -> QPoint:
    """The screen position of a tip below or above its button, at its present x if possible."""
    box = button.rect().translated(button.mapToGlobal(QPoint(0, 0)))
    screen = button.screen().availableGeometry()
    left = max(screen.left(), min(tip.x(), screen.right() + 1 - tip.width()))
    below = box.bottom() + 1 + _GAP
    fits = below + tip.height() <= screen.bottom() + 1
    return QPoint(left, below if fits else box.top() - _GAP - tip.height())
