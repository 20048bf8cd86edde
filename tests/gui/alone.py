"""A page of See in its own window, beside its settings, and the actions of a person there."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QDoubleSpinBox, QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.ui.page import Page
from sprite_lab.ui.theme import theme_manager


def in_a_window(qtbot: QtBot, page: Page, height: int = 900) -> QWidget:
    """Show a page and its settings in an active window."""
    window = QWidget()
    row = QHBoxLayout(window)
    row.addWidget(page, 1)
    row.addWidget(page.inspector)
    theme_manager().dress(window)
    window.resize(1280, height)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def find(page: QWidget, name: str, kind: type = QWidget) -> Any:
    """A visible widget by objectName."""
    found = [widget for widget in page.window().findChildren(kind, name) if widget.isVisible()]
    assert found, f"{name} is not visible"
    return found[0]


def click(qtbot: QtBot, page: QWidget, name: str) -> None:
    button = find(page, name, QAbstractButton)
    assert button.isEnabled(), f"{name} is disabled: {button.toolTip()}"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def type_number(qtbot: QtBot, page: QWidget, name: str, value: float) -> None:
    field = find(page, name, QDoubleSpinBox)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, f"{value:g}")
    qtbot.keyClick(field, Qt.Key.Key_Return)
