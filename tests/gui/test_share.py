"""File > Share model and Get shared model, with a stand-in for the hub."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from sprite_lab import extras, paths
from sprite_lab.app import model_tasks
from sprite_lab.app.lab import Lab
from sprite_lab.app.task import Task
from sprite_lab.core.config import ShareConfig
from sprite_lab.core.records import Progress
from sprite_lab.core.run import RunControl
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.share_dialog import ShareDialog
from tests.gui.hands import answer
from tests.gui.stand_ins import StandInModel

pytestmark = pytest.mark.opens("data")

PATIENCE = 120_000


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """The requests to the tasks; nothing is sent."""
    asked: list[tuple[object, ...]] = []

    def share(ref: object, config: ShareConfig) -> object:
        asked.append((ref, config))

        def send(control: RunControl) -> Iterator[Progress]:
            while True:
                yield Progress(0, 0, "sending")

        return Task(send, "network")

    monkeypatch.setattr(extras, "is_installed", lambda module: True)
    monkeypatch.setattr(model_tasks, "share_model", share)
    return asked


def test_a_name_is_asked_for_nothing_is_sent_before_and_closing_asks_meanwhile(
    window: MainWindow, lab: Lab, asked: list[tuple[object, ...]], qtbot: QtBot
) -> None:
    lab.model.set(StandInModel())
    lab.model_ref = "builtin"

    def fill(press: str) -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, ShareDialog):
            QTimer.singleShot(20, lambda: fill(press))
            return
        go = dialog.findChild(QPushButton, "share.go")
        name = dialog.findChild(QLineEdit, "share.name")
        token = dialog.findChild(QLineEdit, "share.token")
        assert go
        assert name
        assert token
        assert not go.isEnabled()
        assert "OWNER/NAME" in go.toolTip()
        name.setText("ada/heroes")
        token.setText("hf_secret")
        assert token.echoMode() == QLineEdit.EchoMode.Password
        assert go.isEnabled()
        button = dialog.findChild(QPushButton, press)
        assert button is not None
        button.click()

    QTimer.singleShot(20, lambda: fill("share.cancel"))
    window.menus.actions["file.share"].trigger()
    assert not asked
    assert not lab.exports.in_progress
    QTimer.singleShot(20, lambda: fill("share.go"))
    window.menus.actions["file.share"].trigger()
    assert asked == [("builtin", ShareConfig("ada/heroes", False, "hf_secret"))]
    [handle] = lab.exports.in_progress
    question = answer("closing.export.no")
    window.close()
    assert "Sharing" in question[1]
    assert window.isVisible()
    handle.cancel()
    qtbot.waitUntil(lambda: not lab.exports.in_progress, timeout=PATIENCE)


def test_a_shared_model_is_fetched_beside_others_of_its_name(
    window: MainWindow, lab: Lab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "is_installed", lambda module: True)
    folder = paths.models_dir() / "ada-heroes"
    folder.mkdir()
    got: list[object] = []

    def get(config: ShareConfig, where: object, control: RunControl) -> Iterator[None]:
        got.append((config.name, where))
        yield None

    monkeypatch.setattr("sprite_lab.engine.models.hub.pull_iter", get)
    monkeypatch.setattr(lab, "open_model", lambda ref: got.append("opened"))
    answers = iter(["heroes", "ada/heroes", None])
    monkeypatch.setattr("sprite_lab.ui.shell.file_actions.ask_text", lambda *_: next(answers))
    failures: list[str] = []
    lab.failed.connect(lambda sentence, _: failures.append(sentence))
    action = window.menus.actions["file.get_model"]
    action.trigger()
    assert "write it as OWNER/NAME" in failures[0]
    action.trigger()
    qtbot.waitUntil(lambda: "opened" in got, timeout=PATIENCE)
    assert got[0] == ("ada/heroes", folder.with_name("ada-heroes 2"))
    action.trigger()  # canceled
    assert len(got) == 2


def test_closing_asks_while_a_model_is_downloaded(
    window: MainWindow, lab: Lab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def get(*_: object) -> Iterator[Progress]:
        while True:
            yield Progress(0, 0, "downloading")

    monkeypatch.setattr(extras, "is_installed", lambda module: True)
    monkeypatch.setattr("sprite_lab.engine.models.hub.pull_iter", get)
    monkeypatch.setattr("sprite_lab.ui.shell.file_actions.ask_text", lambda *_: "ada/heroes")
    window.menus.actions["file.get_model"].trigger()
    [handle] = lab.exports.in_progress
    question = answer("closing.export.no")
    window.close()
    assert "Downloading ada/heroes" in question[1]
    assert window.isVisible()
    handle.cancel()
    qtbot.waitUntil(lambda: not lab.exports.in_progress, timeout=PATIENCE)
