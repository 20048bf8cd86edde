"""Draw and the bar above it by keyboard and screen reader: names, texts, and visible focus."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLineEdit,
    QPushButton,
    QScrollBar,
    QSlider,
    QToolButton,
    QWidget,
)

from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.widgets.fields.number_field import NumberField
from tests.gui.hands import Hands

pytestmark = pytest.mark.opens("draw", shared=True)


def controls(*tops: QWidget) -> Iterator[QWidget]:
    """Everything that can have the focus, without the parts that Qt itself puts into a control."""
    for top in tops:
        for widget in (top, *top.findChildren(QWidget)):
            inside = widget.objectName().startswith("qt_") or isinstance(widget, QScrollBar)
            inside |= widget.window() is not top.window()  # the list of a combo box
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not inside:
                yield widget


def path_of(widget: QWidget) -> str:
    return f"{type(widget).__name__} '{widget.objectName()}' in '{widget.parent().objectName()}'"


@pytest.fixture
def hands(window: MainWindow) -> Hands:
    return Hands(window)


@pytest.fixture
def tops(hands: Hands) -> tuple[QWidget, ...]:
    draw = hands.window.navigator.draw
    for name in draw.names:
        draw.page(name)
    return hands.window.top_bar, draw, draw.inspector


def test_every_control_has_a_name_for_screen_readers(tops: tuple[QWidget, ...]) -> None:
    found = list(controls(*tops))
    assert len(found) > 60
    nameless = [
        path_of(widget)
        for widget in found
        if not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name).strip()
    ]
    assert not nameless, "\n".join(nameless)


def test_every_control_says_what_it_is_for(tops: tuple[QWidget, ...]) -> None:
    """Each has a tooltip or text of its own, or a description if each of its parts has a tooltip.

    No tooltip covers the canvas, where it would hide the drawing.
    """
    hands_on = ("draw.canvas", "draw.palette", "draw.cells", "draw.batch.grid")
    silent = [
        path_of(widget)
        for widget in controls(*tops)
        if not widget.toolTip()
        and not (widget.objectName() in hands_on and widget.accessibleDescription())
        and not (isinstance(widget, QAbstractButton) and widget.text())
        and not (isinstance(widget, QLineEdit) and widget.placeholderText())
    ]
    assert not silent, "\n".join(silent)


def test_no_two_controls_in_sight_are_called_the_same(tops: tuple[QWidget, ...]) -> None:
    """Otherwise, users of a screen reader could not distinguish them."""
    names: dict[str, list[str]] = {}
    for widget in controls(*tops):
        if widget.isVisible() and isinstance(widget, (QAbstractButton, QComboBox)):
            names.setdefault(widget.accessibleName() or path_of(widget), []).append(path_of(widget))
    assert {name: who for name, who in names.items() if len(who) > 1} == {}


def test_tab_comes_to_every_control_in_sight(hands: Hands, tops: tuple[QWidget, ...]) -> None:
    """Controls in one button group share a stop; arrow keys move within it.

    A slider beside a number is left out, because the number does the same.
    """
    wanted = {
        widget
        for widget in controls(*tops)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusProxy() is None
        and not (isinstance(widget, QSlider) and isinstance(widget.parent(), NumberField))
    }
    hands.find("draw.canvas").setFocus()
    seen: set[QWidget] = set()
    for _ in range(400):
        focus = QApplication.focusWidget()
        if focus in seen and len(seen) > len(wanted) // 2 and focus is hands.find("draw.canvas"):
            break
        seen.add(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    missed = [
        path_of(widget)
        for widget in wanted - seen
        if not any(_one_group(widget, other) for other in seen)
    ]
    assert not missed, "\n".join(sorted(missed))


def _one_group(a: QWidget, b: QWidget) -> bool:
    if not isinstance(a, QAbstractButton) or not isinstance(b, QAbstractButton):
        return False
    if a.group() is not None and a.group() is b.group():
        return True
    return a.autoExclusive() and b.autoExclusive() and a.parent() is b.parent()


def test_the_focus_is_seen(hands: Hands) -> None:
    hands.paint(1, 1)  # something to undo
    for name in (
        "draw.undo",
        "draw.tool.eraser",
        "draw.cells",
        "draw.canvas",
        "draw.duplicate",
        "main.train",
        "workspace.see",
    ):
        widget = hands.find(name)
        if not widget.isEnabled():
            widget.setEnabled(True)
        other = hands.find("draw.history")
        other.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.processEvents()
        without = widget.grab().toImage()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.processEvents()
        assert widget.hasFocus()
        with_focus = widget.grab().toImage()
        a = np.frombuffer(without.constBits(), np.uint8)
        b = np.frombuffer(with_focus.constBits(), np.uint8)
        assert a.shape == b.shape
        assert (a != b).any(), name


def test_dialogs_have_names_as_well(hands: Hands) -> None:
    window = hands.window
    for action, name in (("edit.keys", "keys"), ("edit.settings", "settings")):
        window.menus.actions[action].trigger()
        dialog = hands.find(name)
        for widget in controls(dialog):
            interface = QAccessible.queryAccessibleInterface(widget)
            assert interface.text(QAccessible.Text.Name).strip(), path_of(widget)
            if not isinstance(widget, (QPushButton, QToolButton)):
                assert widget.toolTip(), path_of(widget)
        dialog.close()


def test_lists_sliders_and_canvas_have_accessible_texts(hands: Hands) -> None:
    """Lists and sliders have names; the canvas states the place of its cursor."""
    canvas = hands.find("draw.canvas")
    canvas.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert "Column" in canvas.accessibleDescription()
    draw = hands.window.workspace("draw")
    for kind in (QAbstractItemView, QAbstractSlider):
        for widget in (*draw.findChildren(kind), *draw.inspector.findChildren(kind)):
            inside = isinstance(widget, QScrollBar) or widget.window() is not hands.window
            if not inside and not widget.objectName().startswith("qt_"):
                assert widget.accessibleName(), path_of(widget)
