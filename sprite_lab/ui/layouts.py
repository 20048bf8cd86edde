"""Rows and columns of widgets, each in one expression."""

from __future__ import annotations

from collections.abc import Sequence
from types import EllipsisType
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

#: A widget or layout, or one with its stretch (a widget also with its alignment); pixels of empty
#: space; ``...`` takes the remaining space.
Part = (
    QWidget
    | QLayout
    | tuple[QWidget | QLayout, int]
    | tuple[QWidget, int, Qt.AlignmentFlag]
    | int
    | EllipsisType
)

B = TypeVar("B", bound=QBoxLayout)
W = TypeVar("W", bound=QWidget)


def discard(widget: QWidget) -> None:
    """Hide a widget, and let Qt delete it once control returns to the event loop.

    Until then it remains a child; it and its parts lose their names so that nothing finds them.
    """
    widget.hide()
    for part in (widget, *widget.findChildren(QWidget)):
        part.setObjectName("")
    widget.deleteLater()


def around(widget: QWidget, kind: type[W]) -> W | None:
    """The nearest ancestor of a widget that has this type, or None."""
    parent = widget.parentWidget()
    return parent if parent is None or isinstance(parent, kind) else around(parent, kind)


def hbox(
    *parts: Part,
    on: QWidget | None = None,
    spacing: int = 8,
    margins: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> QHBoxLayout:
    """Parts from left to right, ``on`` a widget or, with None, to be put into another layout.

    ``spacing`` (-1 = the style's) and ``margins`` (left, top, right, bottom) are in logical pixels.
    """
    return _fill(QHBoxLayout() if on is None else QHBoxLayout(on), parts, spacing, margins)


def fit_to_words(window: QWidget, least: int) -> None:
    """Give a window the height that its layout needs, and more width where buttons need it.

    ``least``: its minimum width, in logical pixels.
    """
    layout = window.layout()
    assert layout is not None
    layout.activate()
    window.setMinimumWidth(max(least, layout.minimumSize().width()))
    window.resize(window.width(), layout.totalHeightForWidth(window.width()))


def vbox(
    *parts: Part,
    on: QWidget | None = None,
    spacing: int = 8,
    margins: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> QVBoxLayout:
    """Parts from top to bottom; see :func:`hbox`."""
    return _fill(QVBoxLayout() if on is None else QVBoxLayout(on), parts, spacing, margins)


def as_widget(layout: QLayout) -> QWidget:
    """A widget with this layout."""
    widget = QWidget()
    widget.setLayout(layout)
    return widget


def split(way: Qt.Orientation, *parts: QWidget, sizes: Sequence[int]) -> QSplitter:
    """Parts with draggable borders between them; each keeps its minimum size.

    ``sizes``: of the parts at first, in logical pixels.
    """
    splitter = QSplitter(way)
    splitter.setChildrenCollapsible(False)
    for part in parts:
        splitter.addWidget(part)
    splitter.setSizes(sizes)
    return splitter


def grid(*, on: QWidget | None = None, across: int = 8, down: int = 8) -> QGridLayout:
    """An empty grid without margins; ``across`` and ``down``: its gaps, in logical pixels."""
    layout = QGridLayout() if on is None else QGridLayout(on)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setHorizontalSpacing(across)
    layout.setVerticalSpacing(down)
    return layout


def keep_place(widget: QWidget) -> None:
    """Keep the space of a widget free while it is hidden, so that nothing moves."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


def stack(on: QWidget, *faces: QWidget) -> QStackedLayout:
    """A layout that shows one of several pages, initially the first."""
    layout = QStackedLayout(on)
    for face in faces:
        layout.addWidget(face)
    return layout


def _fill(box: B, parts: tuple[Part, ...], spacing: int, margins: tuple[int, int, int, int]) -> B:
    box.setContentsMargins(*margins)
    box.setSpacing(spacing)
    for part in parts:
        if isinstance(part, int):
            box.addSpacing(part)
        elif isinstance(part, EllipsisType):
            box.addStretch(1)
        else:
            how = part if isinstance(part, tuple) else (part, 0)
            if len(how) == 3:
                box.addWidget(*how)
            elif isinstance(how[0], QWidget):
                box.addWidget(how[0], how[1])
            else:
                box.addLayout(how[0], how[1])
    return box
