"""The history list: seen, clicked, and labeled by who made each edit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidget

from sprite_lab.core.config import SampleConfig
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import ThemeManager
from tests.gui.hands import LEFT, NONE, Hands

pytestmark = pytest.mark.opens("draw")


def open_list(hands: Hands) -> QListWidget:
    hands.click("draw.history")
    return hands.find("history.list", QListWidget)


def texts(steps: QListWidget) -> list[str]:
    return [steps.item(i).text() for i in range(steps.count())]


def click(steps: QListWidget, row: int) -> None:
    place: QPoint = steps.visualItemRect(steps.item(row)).center()
    QTest.mouseClick(steps.viewport(), LEFT, NONE, place)


def test_a_click_goes_there_and_back(window: MainWindow) -> None:
    hands = Hands(window)
    states = [hands.lab.project.snapshot()]
    for x in range(4):
        hands.paint(x, 2)
        states.append(hands.lab.project.snapshot())
    steps = open_list(hands)
    assert len(texts(steps)) == 5
    assert steps.currentRow() == 4
    for row in (1, 3, 0, 4, 2):
        click(steps, row)
        assert hands.lab.project.snapshot() == states[row]
        assert steps.currentRow() == row
    QTest.keyClick(steps, Qt.Key.Key_Up)
    assert hands.lab.project.snapshot() == states[1]
    QTest.keyClick(steps, Qt.Key.Key_Escape)
    assert not steps.isVisible()


def test_it_is_in_the_edit_menu_and_has_a_key(window: MainWindow) -> None:
    hands = Hands(window)
    hands.paint(1, 1)
    window.show_workspace("see")
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_H, held)
    assert window.current == "draw"
    assert texts(hands.find("history.list", QListWidget))[0].startswith("Initial state")


def test_what_a_model_drew_is_marked(window: MainWindow) -> None:
    hands = Hands(window)
    project = hands.lab.project
    hands.paint(1, 1)
    cell = project.cell(0)
    drawn = replace(cell, made_by=SampleConfig(seed=3))
    project.put({0: drawn}, "Generate")
    project.put({0: project.cell(1), 1: drawn}, "Move")
    steps = open_list(hands)
    tips = [steps.item(i).toolTip() for i in range(4)]
    assert tips == ["", "", "Drawn by the model", ""]


def test_saved_and_undone_steps_are_distinguished(window: MainWindow) -> None:
    hands = Hands(window)
    for x in range(3):
        hands.paint(x, 2)
    hands.lab.project.mark_clean()
    hands.click("draw.undo")
    steps = open_list(hands)
    assert ["(saved)" in text for text in texts(steps)] == [False, False, False, True]
    assert steps.item(3).toolTip().startswith("Undone")
    assert "of 64 MB, at most 1,000 steps" in hands.find("history.weight").text()


def test_undone_steps_follow_the_theme(window: MainWindow, theme: ThemeManager) -> None:
    hands = Hands(window)
    hands.paint(1, 1)
    steps = open_list(hands)
    click(steps, 0)
    for mode in ("dark", "light"):
        theme.set_mode(mode)
        undone = steps.item(1)
        assert undone.foreground().color() == QApplication.palette().placeholderText().color()
