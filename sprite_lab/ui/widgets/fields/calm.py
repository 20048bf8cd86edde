"""Fields that leave the wheel to their panel and shortcuts to the menu, and why a field is gray."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from sprite_lab.ui.text import held, tooltip
from sprite_lab.ui.widgets.fields.tips import tells
from sprite_lab.ui.widgets.keys import ENTER

W = TypeVar("W", bound=QWidget)
N = TypeVar("N", bound=QWidget | QAction)

#: Names of dynamic Qt properties.
_VALUE, _WHY, _TIP = "lessonValue", "why", "tipWhileAllowed"


class _Calm(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()  # called once, as most events of a window pass through here
        if kind == QEvent.Type.Wheel:
            event.ignore()  # left to the scroll area
            return True
        if kind != QEvent.Type.ShortcutOverride:
            return False
        take_typed(watched, event)
        return _asks_for_line_end(event) or _asks_for_undo(watched, event)


def _asks_for_line_end(event: QEvent) -> bool:
    """Whether a field would claim the Ctrl key that moves the cursor to the end of the line.

    On X11, that is Ctrl+E, which is also a shortcut of the menu.
    """
    return (
        isinstance(event, QKeyEvent)
        and event.matches(QKeySequence.StandardKey.MoveToEndOfLine)
        and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    )


def _asks_for_undo(watched: QObject, event: QEvent) -> bool:
    """Whether a number field would claim Undo while nothing is being typed in it."""
    return (
        isinstance(watched, QAbstractSpinBox)
        and isinstance(event, QKeyEvent)
        and event.matches(QKeySequence.StandardKey.Undo)
        and not is_being_typed(watched)
    )


def is_being_typed(field: QAbstractSpinBox) -> bool:
    """Whether a number has been typed but not yet accepted."""
    taken = (
        isinstance(field, QSpinBox) and field.cleanText() == field.textFromValue(field.value())
    ) or (
        isinstance(field, QDoubleSpinBox)
        and field.cleanText() == field.textFromValue(field.value())
    )
    return field.lineEdit().isModified() and not taken


def take_typed(watched: QObject, event: QEvent) -> None:
    """Let a number field accept what was typed before a shortcut with Enter, such as Generate."""
    if (
        event.type() == QEvent.Type.ShortcutOverride
        and isinstance(event, QKeyEvent)
        and event.key() in ENTER
        and isinstance(watched, QAbstractSpinBox)
    ):
        watched.interpretText()


def named(widget: N, name: str = "", label: str = "", tip: str = "") -> N:
    """Name a widget or action, for tests; ``label`` is for screen readers, ``tip`` for everyone."""
    if name:
        widget.setObjectName(name)
    if label and isinstance(widget, QWidget):
        widget.setAccessibleName(label)
    if tip:
        widget.setToolTip(tooltip(tip))
    return widget


def panel(widget: W, name: str = "", label: str = "") -> W:
    """Give a widget the panel background, and name it like :func:`named`."""
    widget.setProperty("panel", True)
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return named(widget, name, label)


def calm(widget: W, name: str = "", label: str = "", tip: str = "") -> W:
    """Let a spin box, combo box or slider leave the wheel to the panel around it, even with the
    focus, as it may merely pass below the pointer while the panel scrolls.

    Also names it: ``name`` for tests, ``label`` for screen readers, ``tip`` for everyone.
    """
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(_Calm(widget))
    if isinstance(widget, QAbstractSpinBox):
        # A style sheet's padding does not reach the text of a spin box.
        widget.lineEdit().setTextMargins(4, 0, 0, 0)
    if isinstance(widget, QComboBox):
        # The longest entry must not widen the panel.
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        widget.setSizeAdjustPolicy(policy)
        widget.setMinimumContentsLength(6)
    return named(widget, name, label, tip)


def editable(box: QComboBox, hint: str = "") -> QLineEdit:
    """Let any text be typed into a combo box; returns its line edit, with ``hint`` while empty."""
    box.setEditable(True)
    line = box.lineEdit()
    assert line is not None
    line.setPlaceholderText(hint)
    line.setToolTip(held(box.toolTip()))
    return named(line, label=box.accessibleName())


def allow(widget: QWidget | QAction, why: str, tip: str | None = None) -> None:
    """Disable a widget and explain ``why`` in its tooltip and those of its children; with "",
    enable it, with ``tip`` as its tooltip (None = the previous one).
    """
    before = widget.property(_WHY)
    if not before:
        widget.setProperty(_TIP, held(widget.toolTip()))
    widget.setEnabled(not why)
    widget.setProperty(_WHY, why)
    if isinstance(widget, QWidget) and bool(why) != bool(before):
        _let_parts_tell(widget)
    if not why and tip is None:
        widget.setToolTip(held(widget.property(_TIP)))
    else:
        widget.setToolTip(tooltip(why or tip or ""))


class _Telling(QObject):
    """Shows why a disabled child is gray, in place of its tooltip."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return isinstance(watched, QWidget) and tells(
            watched, event, lambda _: why_not_allowed(watched)
        )


_telling: list[_Telling] = []


def _let_parts_tell(widget: QWidget) -> None:
    """Make the children of a widget explain why they are gray, as long as they are."""
    parts = widget.findChildren(QWidget)
    if parts and not _telling:
        _telling.append(_Telling(QApplication.instance()))
    for part in parts:
        if why_not_allowed(part):
            part.installEventFilter(_telling[0])
        else:
            part.removeEventFilter(_telling[0])


def why_not_allowed(widget: QWidget | QAction) -> str:
    """The reason given to :func:`allow` for a widget or its parents; "" = none."""
    why = widget.property(_WHY)
    around = widget.parentWidget() if isinstance(widget, QWidget) else None
    return why or ("" if around is None else why_not_allowed(around))


def usual_tip(widget: QWidget | QAction) -> str:
    """The tooltip that a widget has while it is allowed: what it is for."""
    return str(widget.property(_TIP)) if says_why(widget) else widget.toolTip()


def says_why(widget: QWidget | QAction) -> bool:
    """Whether :func:`allow` has given a reason to the widget itself."""
    return bool(widget.property(_WHY))


def set_lesson_value(widget: QWidget, value: object) -> None:
    """Give a widget that is no input field a value for lessons to read; None = no value."""
    widget.setProperty(_VALUE, value)


def lesson_value(widget: QWidget) -> object:
    """The value given by :func:`set_lesson_value`."""
    return widget.property(_VALUE)


def fill(
    box: QComboBox,
    entries: Iterable[tuple[str, object] | tuple[str, object, str]],
    *,
    keep: bool = True,
) -> None:
    """Replace the entries (text, data, optional tooltip) without emitting a signal.

    If the entries are the same, an open list is left alone; otherwise its height is adjusted.

    ``keep``: whether the chosen entry stays chosen, if it is still there; otherwise, the first
    becomes the chosen one.
    """
    chosen, entries = box.currentData(), list(entries)
    there = [(box.itemText(row), box.itemData(row)) for row in range(box.count())]
    with QSignalBlocker(box):
        if there != [entry[:2] for entry in entries]:
            box.clear()
            for text, data, *_ in entries:
                box.addItem(text, data)
            refit(box)
        for row, entry in enumerate(entries):
            if len(entry) == 3:
                box.setItemData(row, tooltip(entry[2]), Qt.ItemDataRole.ToolTipRole)
        box.setCurrentIndex(max(0, box.findData(chosen)) if keep else 0)


def show_entry(box: QComboBox, data: object, text: str, instead: str = "") -> None:
    """Choose an entry by its data, or show the text ``instead``, without emitting a signal.

    A missing entry is added as ``text``, as a project may request what is in neither model nor set.
    """
    with QSignalBlocker(box):
        index = -1 if instead else box.findData(data)
        if index < 0 and not instead:
            box.addItem(text, data)
            refit(box)
            index = box.count() - 1
        box.setCurrentIndex(index)
        box.setPlaceholderText(instead)


def refit(box: QComboBox) -> None:
    """Adjust the height of an open list after a change of entries."""
    popup = QApplication.activePopupWidget()
    if popup is not None and popup.parentWidget() is box:
        box.showPopup()
