"""Data: the browser, the filter, the selected sprite and actions on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser
from tests.made import make_sprites
from tests.qt import settle

pytestmark = pytest.mark.opens("data")

LEFT = Qt.MouseButton.LeftButton
Visible = Callable[[type, str], QWidget]


@pytest.fixture
def data(window: MainWindow, lab: Lab) -> SpriteSet:
    sprites = make_sprites(1203)
    lab.data.set(sprites)
    window.show_workspace("data")
    return sprites


def test_the_filter_has_counts_and_filters(data: SpriteSet, visible: Visible, qtbot: QtBot) -> None:
    classes = visible(QComboBox, "data.class")
    browser = visible(SpriteBrowser, "data.browser")
    assert classes.itemText(0) == "All classes (1,203)"
    assert classes.itemText(3) == f"food ({int((data.labels == 2).sum())})"
    assert browser.count == 1203
    classes.setCurrentIndex(3)
    assert browser.count == (data.labels == 2).sum()
    first = np.flatnonzero(data.labels == 2)[0]
    assert f"Sprite {first + 1:,} of 1,203" in visible(QLabel, "data.facts").text()
    assert "Class: food" in visible(QLabel, "data.facts").text()


def test_without_a_set_it_says_what_to_do(data: SpriteSet, lab: Lab, visible: Visible) -> None:
    browser = visible(SpriteBrowser, "data.browser")
    lab.data.set(None)
    assert "import sprites (Ctrl+I)" in browser.empty_text
    lab.data.set(data)
    assert browser.empty_text == "No sprites match."


def test_a_set_without_classes_shows_only_the_field_for_a_new_one(
    data: SpriteSet, lab: Lab, window: MainWindow, visible: Visible, qtbot: QtBot
) -> None:
    """An empty box and gray buttons were once above it."""
    parts = [
        window.findChild(QWidget, f"data.{name}")
        for name in ("classes", "give", "rename", "remove_class")
    ]
    lab.data.set(replace(data, class_names=(), labels=np.full(len(data), -1)))
    assert not any(part.isVisible() for part in parts)
    field = visible(QLineEdit, "data.new_class")
    qtbot.keyClicks(field, "gem")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert all(part.isVisible() for part in parts)


def test_nothing_moves_when_several_are_selected(
    data: SpriteSet, window: MainWindow, visible: Visible, qtbot: QtBot
) -> None:
    browser, field = visible(SpriteBrowser, "data.browser"), visible(QLineEdit, "data.new_class")
    browser.setFocus()
    qtbot.keyClick(browser, Qt.Key.Key_Home)
    settle(window)
    place = field.mapTo(window, QPoint())
    qtbot.keyClick(browser, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    settle(window)
    assert "2 of 1,203 sprites selected" in visible(QLabel, "data.facts").text()
    assert field.mapTo(window, QPoint()) == place


def test_what_is_painted_is_the_sprite_wherever_it_is_scrolled(
    data: SpriteSet, visible: Visible, qtbot: QtBot
) -> None:
    browser = visible(SpriteBrowser, "data.browser")
    browser.setFocus()
    qtbot.keyClick(browser, Qt.Key.Key_End)
    assert browser.current == 1202
    for index in (1202, 1200, 0, 600):
        browser.set_current(index)
        browser.reveal(index)
        rect = browser.cell_rect(index)
        picture = browser.viewport().grab(rect.toRect()).toImage()
        # The center of each opaque sprite pixel has its color.
        scale = picture.width() / 16
        ys, xs = np.nonzero(data.alpha[index] == 255)
        for y, x in list(zip(ys, xs, strict=True))[:: max(1, len(ys) // 20)]:
            seen = picture.pixelColor(round((x + 0.5) * scale), round((y + 0.5) * scale))
            assert seen.getRgb()[:3] == tuple(int(v) for v in data.images[index, y, x])


def test_mouse_and_keys_choose(data: SpriteSet, visible: Visible, qtbot: QtBot) -> None:
    browser = visible(SpriteBrowser, "data.browser")
    qtbot.mouseClick(browser.viewport(), LEFT, pos=browser.cell_rect(5).center().toPoint())
    assert browser.current == 5
    qtbot.keyClick(browser, Qt.Key.Key_Right)
    assert browser.current == 6
    qtbot.keyClick(browser, Qt.Key.Key_Down)
    assert browser.current == 6 + browser.columns
    for _ in range(200):
        qtbot.keyClick(browser, Qt.Key.Key_PageDown)
    assert browser.current == 1202
    rect = browser.cell_rect(1202)
    assert rect.top() >= 0
    assert rect.bottom() <= browser.viewport().height()
    qtbot.keyClick(browser, Qt.Key.Key_Home)
    assert browser.current == 0
    assert browser.verticalScrollBar().value() == 0


def test_the_chosen_sprite_dissolves_in_see(
    data: SpriteSet, window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    visible(SpriteBrowser, "data.browser").set_current(7)
    with qtbot.waitSignal(lab.trajectory.changed, timeout=20_000):
        qtbot.mouseClick(visible(QPushButton, "data.dissolve"), LEFT)
    assert window.current == "see"
    trajectory = lab.trajectory.value
    assert (trajectory.kind, trajectory.count) == ("forward", 1)
    seen = np.rint((trajectory.x0[-1, 0].astype(np.float32) + 1) * 127.5)
    assert np.abs(seen - data.images[7]).max() <= 1


def test_the_chosen_sprite_goes_to_draw_and_back_by_undo(
    data: SpriteSet, window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    visible(SpriteBrowser, "data.browser").set_current(3)
    qtbot.mouseClick(visible(QPushButton, "data.edit"), LEFT)
    assert window.current == "draw"
    assert np.array_equal(lab.project.cell(0).rgba, data.rgba[3])
    assert lab.project.cell(0).class_name == "item"
    lab.project.history.undo()
    assert lab.project.cell(0).is_blank


def test_all_chosen_sprites_go_to_draw_which_shows_them(
    data: SpriteSet, window: MainWindow, lab: Lab, visible: Visible
) -> None:
    window.show_workspace("draw")
    window.navigator.draw.show_set("character")
    window.navigator.draw.pane.choose_wanted.emit()
    assert window.current == "data"
    browser = visible(SpriteBrowser, "data.browser")
    browser.choose_rows(np.array([3, 5, 8]))
    QTest.mouseClick(visible(QPushButton, "data.edit"), LEFT)
    draw = window.navigator.draw
    assert window.current == "draw"
    assert draw.area.isVisible()
    assert draw.grid.selection == (0, 1, 2)
    for cell, row in enumerate((3, 5, 8)):
        assert np.array_equal(lab.project.cell(cell).rgba, data.rgba[row])
    lab.project.history.undo()
    assert all(cell.is_blank for cell in lab.project.cells)


def test_the_set_is_described_with_its_split(
    data: SpriteSet, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: "validation" in visible(QLabel, "data.info").text(), timeout=10_000)
    text = visible(QLabel, "data.info").text()
    assert "1,203 sprites, 16×16 pixels" in text
    assert "5 classes" in text


def test_sprites_without_classes_and_of_other_sizes_are_shown(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    lab.data.set(make_sprites(40, classes=0, size=32))
    window.show_workspace("data")
    assert visible(QComboBox, "data.class").count() == 1
    assert "No classes" in visible(QLabel, "data.info").text()
    lab.data.set(make_sprites(40, classes=1))
    assert "1 class\n" in visible(QLabel, "data.info").text()
    lab.data.set(make_sprites(40, classes=0, size=32))
    qtbot.mouseClick(visible(QPushButton, "data.edit"), LEFT)
    assert "16×16" in visible(QLabel, "error.text").text()
    assert lab.project.is_clean
    assert window.current == "data"
