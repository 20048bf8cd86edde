"""Faults that a person would see in a window: words and numbers cut off, controls squashed or out
of sight, and parts whose place differs between pages.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF
from PySide6.QtGui import QHelpEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QToolTip,
    QWidget,
)

from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.widgets.fields.buttons import Segmented
from sprite_lab.ui.widgets.fields.calm import why_not_allowed
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox, ElidedLabel
from sprite_lab.ui.widgets.plots.plot import Plot

_CONTROLS = (QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit, QLabel)
#: How much lower than needed a control may be, in logical pixels: frames are rounded.
_ROUNDED = 2
#: How far scroll bars may lead, in logical pixels.
_FAR = 100_000


def name_of(widget: QWidget) -> str:
    """A widget's name, or its class within the nearest named part, with its text."""
    words = widget.text() if isinstance(widget, (QLabel, QAbstractButton)) else ""
    above, kind = widget, ""
    while not above.objectName() and above.parentWidget() is not None:
        kind, above = f" / {type(widget).__name__}", above.parentWidget()
    return f"{above.objectName()}{kind}" + (f" “{words[:40]}”" if words else "")


def shown_in(window: QWidget) -> list[QWidget]:
    """The visible parts of a window; pages that are not shown are skipped."""
    shown: list[QWidget] = [window]
    for part in shown:  # the list grows meanwhile
        shown += [w for w in part.children() if isinstance(w, QWidget) and w.isVisible()]
    return shown[1:]


def controls(window: QWidget) -> list[QWidget]:
    """The visible controls, without their internal parts."""
    return [
        part
        for part in shown_in(window)
        if isinstance(part, _CONTROLS) and not part.objectName().startswith("qt_")
    ]


def elided(parts: Sequence[QWidget]) -> list[str]:
    """Texts that end in “…” without a tooltip that has the rest."""
    return [
        f"{name_of(part)} ends in … and has no tip"
        for part in parts
        if isinstance(part, (ElidedLabel, ElidedComboBox))
        and part.shown_text()
        != (part.currentText() if isinstance(part, QComboBox) else part.text())
        and not part.toolTip()
    ]


def squashed(parts: Sequence[QWidget]) -> list[str]:
    """Controls that are lower than their content."""
    found = []
    for part in parts:
        needed = part.minimumHeight() or part.minimumSizeHint().height()
        if isinstance(part, QAbstractButton) and not part.text():
            needed = part.iconSize().height()
        if isinstance(part, QLabel):
            wraps = part.wordWrap() and part.hasHeightForWidth()
            needed = part.heightForWidth(part.width()) if wraps else needed
        if part.height() < needed - _ROUNDED and part.maximumHeight() > needed:
            found.append(f"{name_of(part)} is {part.height()} high, not {needed}")
    return found


def _area(part: QWidget) -> QAbstractScrollArea | None:
    """The area in which a control can be scrolled."""
    above = part.parentWidget()
    while above is not None:
        if isinstance(above, QAbstractScrollArea) and above.viewport().isAncestorOf(part):
            return above
        above = above.parentWidget()
    return None


def out_of_sight(window: QWidget, parts: Sequence[QWidget]) -> list[str]:
    """Controls that their surroundings cut off, where no scroll bar leads to the rest."""
    found = []
    for part in parts:
        if part.window() is not window:
            continue
        corner = part.mapTo(window, QPoint(0, 0))
        place = QRect(corner, part.size())
        area, room = _area(part), window.rect()
        if area is not None:
            port = area.viewport()
            room = QRect(port.mapTo(window, QPoint(0, 0)), port.size())
            bars = area.horizontalScrollBar(), area.verticalScrollBar()
            across, down = (bar.maximum() > bar.minimum() for bar in bars)
            beyond = _FAR * across, _FAR * down
            room = room.adjusted(-beyond[0], -beyond[1], *beyond)
        around = part.parentWidget()
        if around is not None and area is None:
            room = QRect(around.mapTo(window, QPoint(0, 0)), around.size())
        if not room.adjusted(-1, -1, 1, 1).contains(place):
            found.append(f"{name_of(part)} at {place.getRect()} is not within {room.getRect()}")
    return found


def plots(window: QWidget) -> list[Plot]:
    """The visible plots; the widget may itself be one."""
    own = [window] if isinstance(window, Plot) else []
    return [plot for plot in (*own, *window.findChildren(Plot)) if plot.view.isVisible()]


def cut_numbers(window: QWidget) -> list[str]:
    """The numbers of axes that extend beyond their plots."""
    found = []
    paper = QPixmap(1, 1)
    painter = QPainter(paper)
    for plot in plots(window):
        room = QRectF(plot.view.viewport().rect()).adjusted(-1, -1, 1, 1)
        for side in ("left", "bottom", "right"):
            axis = plot.item.getAxis(side)
            drawn = axis.generateDrawSpecs(painter) if axis.isVisible() else None
            found += [
                f"{plot.objectName()}: “{number.split()[0]}” {side} is cut at the edge"
                for place, _, number in (drawn[2] if drawn else ())
                if number.strip() and not room.contains(axis.mapRectToScene(place))
            ]
    painter.end()
    return found


def places(window: MainWindow) -> dict[str, QRect]:
    """The places of parts that are on every page, or on every page of the workspace."""
    shown = {"tabs of the window": window.top_bar.tabs, "panel": window.inspector}
    for part in window.stage.findChildren(Segmented):
        if part.isVisible() and part.objectName().endswith(".tabs"):
            shown[part.objectName()] = part
    corners = {name: part.mapTo(window, QPoint(0, 0)) for name, part in shown.items()}
    return {name: QRect(corner, shown[name].size()) for name, corner in corners.items()}


def told(part: QWidget) -> str:
    """The tooltip of a part, in one line."""
    QToolTip.hideText()
    place = part.rect().center()
    QApplication.sendEvent(part, QHelpEvent(QEvent.Type.ToolTip, place, part.mapToGlobal(place)))
    said = " ".join(QToolTip.text().split())
    QToolTip.hideText()
    return said


def silent(window: QWidget) -> list[str]:
    """The gray controls that do not say why they are gray."""
    return [
        name_of(part)
        for part in controls(window)
        if not (part.isEnabled() or isinstance(part, QLabel))
        and (why_not_allowed(part) or "a reason") not in told(part)
    ]


def amiss(window: QWidget) -> list[str]:
    """All of these faults, except for places that differ."""
    parts = controls(window)
    return [*elided(parts), *squashed(parts), *out_of_sight(window, parts), *cut_numbers(window)]


class Places:
    """Remembers the places of parts that are on every page."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[QRect, str]] = {}

    def moved(self, window: MainWindow, page: str) -> list[str]:
        """Parts that are not where they were on the first page with them."""
        found = []
        for name, place in places(window).items():
            before, there = self._seen.setdefault(name, (place, page))
            if place != before:
                found.append(f"{name} at {place.getRect()}, on {there} at {before.getRect()}")
        return found
