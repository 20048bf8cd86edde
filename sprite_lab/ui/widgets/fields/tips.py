"""Tooltips of places within a widget, and of buttons, beside them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from sprite_lab.ui.text import held, tooltip

#: Between a button and its tooltip, in logical pixels.
_GAP = 4


def tells(widget: QWidget, event: QEvent, tip_at: Callable[[QPointF], str]) -> bool:
    """Show the tooltip of a place in a widget, if that is what an event asks for.

    ``tip_at``: what is said of a place, "" = nothing.
    """
    if not isinstance(event, QHelpEvent) or event.type() != QEvent.Type.ToolTip:
        return False
    text = tip_at(QPointF(event.pos()))
    QToolTip.showText(event.globalPos(), tooltip(text), widget)
    return bool(text)


class _Beside(QObject):
    """At the pointer Qt lets the tooltip of a button cover the button and its row."""

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
    """Have the tooltip of a button that the pointer is on appear below it, or above it where the
    screen ends. Until it leaves: other events of buttons do not come by Python.
    """
    if not _beside:
        _beside.append(_Beside(QApplication.instance()))
    button.installEventFilter(_beside[0])


def place_beside(button: QWidget, tip: QWidget) -> QPoint:
    """Where the tip goes, on the screen: as far right as it is, below or above the button."""
    box = button.rect().translated(button.mapToGlobal(QPoint(0, 0)))
    screen = button.screen().availableGeometry()
    left = max(screen.left(), min(tip.x(), screen.right() + 1 - tip.width()))
    below = box.bottom() + 1 + _GAP
    fits = below + tip.height() <= screen.bottom() + 1
    return QPoint(left, below if fits else box.top() - _GAP - tip.height())
