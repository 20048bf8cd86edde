"""Settings by mouse and keys: immediate effects, and effects at the next start."""

from __future__ import annotations

import os

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app import tasks
from sprite_lab.app.shell.settings import Settings
from sprite_lab.core.config import SampleConfig
from sprite_lab.ui.shell.app import scale_interface
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import ThemeManager
from tests.gui.hands import LEFT
from tests.gui.stand_ins import StandInModel, give
from tests.qt import settle

pytestmark = pytest.mark.opens("data")

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> QDialog:
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_Comma, CTRL)
    (found,) = (d for d in window.findChildren(QDialog, "settings") if d.isVisible())
    return found


def choose(box: QComboBox, text: str) -> None:
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    while box.currentText() != text:
        before = box.currentIndex()
        QTest.keyClick(box, Qt.Key.Key_Down)
        assert box.currentIndex() > before, text


def test_the_theme_follows_and_the_menu_shows_it(
    dialog: QDialog, window: MainWindow, theme: ThemeManager
) -> None:
    QTest.mouseClick(dialog.findChild(QToolButton, "settings.theme.dark"), LEFT)
    assert theme.theme.name == "dark"
    assert window.lab.settings.value.theme == "dark"
    (entry,) = (a for a in window.menus.submenus["view.theme.menu"].actions() if a.text() == "Dark")
    assert entry.isChecked()


def test_beside_projector_it_says_why_the_looks_stay(
    window: MainWindow, theme: ThemeManager
) -> None:
    action = window.menus.actions["view.projector"]
    for on in (True, False):
        action.trigger()
        window.desktop.show_settings()
        (dialog,) = (d for d in window.findChildren(QDialog, "settings") if d.isVisible())
        assert dialog.findChild(QWidget, "settings.theme").isEnabled() != on
        assert dialog.findChild(QWidget, "settings.text_size").isEnabled() != on
        said = dialog.findChild(QLabel, "settings.looks_fixed")
        assert said.isVisible() == on
        assert ("Projector" in said.text()) == on
        for entry in window.menus.submenus["view.theme.menu"].actions():
            assert entry.isEnabled() != on
            assert ("Projector" in entry.toolTip()) == on
        dialog.reject()


def test_text_grows_at_once(dialog: QDialog, window: MainWindow) -> None:
    label = window.findChildren(QLabel)[0]
    before = label.font().pointSizeF()
    choose(dialog.findChild(QComboBox, "settings.text_size"), "150%")
    assert label.font().pointSizeF() == pytest.approx(1.5 * before)
    assert window.lab.settings.value.text_size == 150
    choose(dialog.findChild(QComboBox, "settings.text_size"), "100%")
    assert label.font().pointSizeF() == pytest.approx(before)


def test_the_scale_waits_for_the_next_start(
    dialog: QDialog, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = dialog.findChild(QLabel, "settings.next_start")
    assert not said.isVisible()
    places = [(part, part.geometry()) for part in dialog.findChildren(QWidget) if part.isVisible()]
    choose(dialog.findChild(QComboBox, "settings.ui_scale"), "150%")
    assert said.isVisible()
    settle(dialog)
    assert all(part.geometry() == place for part, place in places), "nothing moves"
    assert "next start" in said.text()
    window.lab.settings.save()
    monkeypatch.delenv("QT_SCALE_FACTOR", raising=False)
    scale_interface(Settings().value.ui_scale)
    assert os.environ.pop("QT_SCALE_FACTOR") == "1.5"


def test_a_scale_that_was_set_from_outside_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_SCALE_FACTOR", "2")
    scale_interface(150)
    assert os.environ["QT_SCALE_FACTOR"] == "2"


def test_motion_is_kept(dialog: QDialog, window: MainWindow) -> None:
    box = dialog.findChild(QCheckBox, "settings.motion")
    assert box.isChecked()
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert window.lab.settings.value.motion is False


def test_keys_are_a_step_away(dialog: QDialog, window: MainWindow) -> None:
    QTest.mouseClick(dialog.findChild(QPushButton, "settings.keys"), LEFT)
    assert not dialog.isVisible()
    assert QApplication.activeModalWidget().objectName() == "keys"


def test_the_memory_for_recorded_steps_is_chosen_and_used(
    dialog: QDialog, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = window.lab
    assert lab.settings.value.recorded_bytes == 400_000_000
    choose(dialog.findChild(QComboBox, "settings.recorded_mb"), "1,600 MB")
    assert lab.settings.value.recorded_mb == 1600
    asked: list[int] = []

    def generate(model: object, configs: object, most_recorded: int, tries: int) -> object:
        asked.append(most_recorded)
        return give(None)()

    monkeypatch.setattr(tasks, "generate", generate)
    lab.model.set(StandInModel())
    lab.generate([SampleConfig(count=1)], show=False)
    assert asked == [1_600_000_000]


def test_the_dialog_grows_with_its_text(dialog: QDialog, theme: ThemeManager) -> None:
    """The themes once touched each other, and the chosen one touched the edges of the row."""
    for percent in (100, 150, 125):
        theme.set_text_size(percent)
        settle(dialog)
        assert dialog.size() == dialog.sizeHint()
        for button in dialog.findChild(QWidget, "settings.theme").findChildren(QToolButton):
            words = button.fontMetrics().horizontalAdvance(button.text())
            assert button.width() >= words + 16
