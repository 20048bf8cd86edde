"""Help ▸ Check for updates: on a click, with a server on this machine and no other."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab import extras
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell import update_tasks
from sprite_lab.ui.help.updates import UpdatesWindow
from sprite_lab.ui.shell.main_window import MainWindow
from tests.gui.hands import LEFT
from tests.qt import at_work
from tests.release_server import ReleaseServer, release

pytestmark = pytest.mark.opens("data")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReleaseServer]:
    server = ReleaseServer()
    monkeypatch.setenv(update_tasks.ADDRESS_VARIABLE, server.address)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield server
    server.close()


class Asker:
    """A user who checks from the menu and reads the result."""

    def __init__(self, main: MainWindow, lab: Lab, qtbot: QtBot) -> None:
        self.main, self.lab, self.qtbot = main, lab, qtbot

    def ask(self) -> UpdatesWindow:
        self.main.menus.actions["help.updates"].trigger()
        (found,) = self.main.findChildren(UpdatesWindow)
        assert found.isVisible()
        return found

    def rest(self) -> None:
        self.qtbot.waitUntil(lambda: not self.lab.jobs.handles)

    def find(self, name: str, kind: type = QWidget) -> QWidget:
        (found,) = self.main.findChildren(kind, f"updates.{name}")
        return found

    def click(self, name: str) -> None:
        button = self.find(name)
        assert button.isVisible()
        QTest.mouseClick(button, LEFT)

    @property
    def shown(self) -> set[str]:
        names = ("news", "command", "details", "trace", "page", "again", "cancel", "close")
        return {name for name in names if self.find(name).isVisible()}


@pytest.fixture
def asker(window: MainWindow, lab: Lab, qtbot: QtBot) -> Asker:
    return Asker(window, lab, qtbot)


def test_nothing_is_asked_until_a_person_does(asker: Asker, server: ReleaseServer) -> None:
    menu = asker.main.menus.menus["&Help"]
    menu.aboutToShow.emit()
    asker.rest()
    assert server.asked == []
    assert not asker.main.findChildren(UpdatesWindow)
    server.says(200, release("v99.0"))
    asker.ask()
    asker.rest()
    assert len(server.asked) == 1


def test_a_newer_version_with_its_news_and_how_to_get_it(
    asker: Asker, server: ReleaseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: opened.append(url.toString()) is None
    )
    server.says(200, release("v99.0", body="## New\n- **much**"))
    window = asker.ask()
    asker.rest()
    assert window.answer.text().startswith("Sprite Lab 99.0 is available; this is ")
    assert asker.find("news", QPlainTextEdit).toPlainText() == "New\n• much"
    assert asker.shown >= {"news", "page", "close"}
    assert not asker.shown & {"cancel", "again", "details"}
    assert asker.find("how", QLabel).text()
    if "command" in asker.shown:
        asker.click("copy")
        command = asker.find("command", QLineEdit).text()
        assert QApplication.clipboard().text() == command
    asker.click("page")
    assert opened == ["https://example.org/releases/v99.0"]
    asker.click("close")
    assert not window.isVisible()


def test_up_to_date_is_one_sentence(asker: Asker, server: ReleaseServer) -> None:
    server.says(200, release("v0.0.1"))
    window = asker.ask()
    asker.rest()
    assert "newer than the latest release" in window.answer.text()
    assert asker.shown == {"close"}


def test_a_problem_has_details_and_can_be_tried_again(asker: Asker, server: ReleaseServer) -> None:
    server.says(500, b"")
    window = asker.ask()
    asker.rest()
    assert "(500)" in window.answer.text()
    assert asker.shown == {"details", "page", "again", "close"}
    low = window.height()
    asker.click("details")
    assert "500" in asker.find("trace", QPlainTextEdit).toPlainText()
    assert window.height() > low
    server.says(200, release("v0.0.1"))
    asker.click("again")
    asker.rest()
    assert asker.shown == {"close"}
    assert window.height() <= low


def test_it_asks_once_at_a_time_and_is_closed_at_any_moment(
    asker: Asker, server: ReleaseServer
) -> None:
    silent = threading.Event()
    server.reply = lambda request: silent.wait(60) and None  # type: ignore[func-returns-value]
    window = asker.ask()
    asker.qtbot.waitUntil(lambda: len(server.asked) == 1)
    assert asker.shown == {"cancel"}
    for _ in range(3):
        asker.ask()
    assert len(at_work(asker.lab.jobs)) == 1
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()
    asker.rest()
    assert len(server.asked) == 1
    silent.set()
    # Each time it is opened, it checks again.
    server.says(200, release("v0.0.1"))
    asker.ask()
    asker.rest()
    assert (len(server.asked), asker.shown) == (2, {"close"})


def test_asked_again_before_the_first_question_has_ended(
    asker: Asker, server: ReleaseServer
) -> None:
    silent = threading.Event()
    server.reply = lambda request: silent.wait(60) and None  # type: ignore[func-returns-value]
    asker.ask()
    asker.qtbot.waitUntil(lambda: len(server.asked) == 1)
    asker.click("cancel")
    server.says(200, release("v0.0.1"))
    window = asker.ask()  # the previous job does not know of its end yet
    asker.qtbot.waitUntil(lambda: asker.shown == {"close"})
    assert "latest release" in window.answer.text()
    silent.set()


def test_a_window_that_closes_does_not_wait_for_an_answer(
    asker: Asker, server: ReleaseServer
) -> None:
    silent = threading.Event()
    server.reply = lambda request: silent.wait(60) and None  # type: ignore[func-returns-value]
    asker.ask()
    asker.qtbot.waitUntil(lambda: len(server.asked) == 1)
    asker.main.close()
    asker.qtbot.waitUntil(lambda: not asker.main.isVisible())
    assert not silent.is_set()
    silent.set()


def test_without_ssl_the_entry_is_gray_and_says_so(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    menu = asker.main.menus.menus["&Help"]
    action = asker.main.menus.actions["help.updates"]
    with monkeypatch.context() as without:
        without.setattr(extras, "is_installed", lambda module: module != "ssl")
        menu.aboutToShow.emit()
    assert not action.isEnabled()
    assert "ssl" in action.toolTip()
    assert "ssl" in action.statusTip()
    menu.aboutToShow.emit()
    assert action.isEnabled()
    assert "never does this by itself" in action.toolTip()


def test_the_entry_under_the_pointer_is_explained_in_the_status_bar(asker: Asker) -> None:
    menu, main = asker.main.menus.menus["&File"], asker.main
    menu.popup(main.mapToGlobal(main.rect().topLeft()))
    for name in ("file.export_onnx", "file.export"):  # the first of these is gray
        place = menu.actionGeometry(main.menus.actions[name]).center()
        for step in (-2, -1, 0):  # a menu ignores the first movement, since it may be accidental
            QTest.mouseMove(menu, place + QPoint(step, 0))
        wanted = main.menus.actions[name].toolTip()
        asker.qtbot.waitUntil(lambda wanted=wanted: main.status.tip.text() == wanted)
    assert not main.menus.actions["file.export_onnx"].isEnabled()
    menu.close()
    assert main.status.tip.text() == ""


def test_the_keyboard_is_where_enter_does_the_least(asker: Asker, server: ReleaseServer) -> None:
    server.says(200, release("v99.0"))
    window = asker.ask()
    asker.qtbot.waitUntil(window.isActiveWindow)
    asker.rest()
    assert QApplication.focusWidget() is asker.find("close", QPushButton)
