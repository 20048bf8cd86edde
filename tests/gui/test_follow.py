"""File > Follow training: a run of another process in Train, steered and left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.engine.following import follow_run
from sprite_lab.engine.training.commands import (
    ANSWER,
    COMMAND,
    Answer,
    Command,
    from_bytes,
    to_bytes,
)
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.train.workspace import TrainWorkspace
from tests.made import make_sprites
from tests.written_run import WrittenRun

pytestmark = pytest.mark.opens("train")

#: Milliseconds, on a busy machine.
PATIENCE = 120_000


@pytest.fixture
def training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WrittenRun]:
    monkeypatch.setattr(follow_run, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(follow_run, "QUIET", 0.2)
    training = WrittenRun(tmp_path / "elsewhere")
    training.step(1, 2, 3)
    training.draw(1)
    training.draw(3)
    yield training
    training.end()


@pytest.fixture
def following(
    window: MainWindow,
    lab: Lab,
    training: WrittenRun,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> MainWindow:
    answer = str(training.folder.path)
    monkeypatch.setattr("sprite_lab.ui.shell.file_actions.ask_text", lambda *_: answer)
    window.menus.actions["file.follow"].trigger()
    qtbot.waitUntil(lambda: lab.training_runs.current.value is not None, timeout=PATIENCE)
    return window


def button(window: MainWindow, name: str) -> QPushButton:
    found = window.findChild(QPushButton, f"train.{name}")
    assert found is not None
    return found


def asked(training: WrittenRun, qtbot: QtBot, what: str) -> int:
    """Wait for a request to the run; returns its number."""
    path = training.folder.path / COMMAND

    def found() -> bool:
        command = from_bytes(Command, path.read_bytes()) if path.exists() else None
        return command is not None and command.what == what

    qtbot.waitUntil(found, timeout=PATIENCE)
    command = from_bytes(Command, path.read_bytes())
    assert command is not None
    return command.number


def test_its_curve_and_samples_are_there_and_grow(
    following: MainWindow, lab: Lab, training: WrittenRun, qtbot: QtBot
) -> None:
    train = following.workspace("train")
    assert isinstance(train, TrainWorkspace)
    qtbot.waitUntil(lambda: list(train.history.steps) == [1, 2, 3], timeout=PATIENCE)
    qtbot.waitUntil(lambda: train.previews.count == 2, timeout=PATIENCE)
    training.step(4)
    training.draw(4)
    qtbot.waitUntil(lambda: list(train.history.steps) == [1, 2, 3, 4], timeout=PATIENCE)
    qtbot.waitUntil(lambda: train.previews.count == 3, timeout=PATIENCE)
    state = following.findChild(QLabel, "train.state")
    assert state is not None
    assert state.text() == "Following"


def test_what_it_learns_from_is_not_the_set_that_is_open_here(
    following: MainWindow, lab: Lab
) -> None:
    lab.data.set(make_sprites())
    train = following.workspace("train")
    assert isinstance(train, TrainWorkspace)
    training = lab.training_runs.current.value
    assert training is not None
    assert training.data == ("made", "")
    assert train.plot.settings["data"] == "made"


def test_it_is_paused_slowed_and_stopped_from_here(
    following: MainWindow,
    lab: Lab,
    training: WrittenRun,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    button(following, "pause").click()
    answer = Answer(asked(training, qtbot, "pause"), 3, paused=True)
    (training.folder.path / ANSWER).write_bytes(to_bytes(answer))
    qtbot.waitUntil(lambda: button(following, "pause").text() == "Resume", timeout=PATIENCE)
    button(following, "pause").click()
    answer = replace(answer, number=asked(training, qtbot, "resume"), paused=False)
    (training.folder.path / ANSWER).write_bytes(to_bytes(answer))
    qtbot.waitUntil(lambda: button(following, "pause").text() == "Pause", timeout=PATIENCE)
    monkeypatch.setattr("sprite_lab.ui.train.controls.ask_factor", lambda *_: 0.5)
    button(following, "rate").click()
    asked(training, qtbot, "rate")
    button(following, "stop").click()
    asked(training, qtbot, "stop")
    training.end()
    runs = lab.training_runs
    qtbot.waitUntil(lambda: runs.current.value is None, timeout=PATIENCE)
    assert runs.last_run.value == training.folder.path


def test_leaving_and_closing_leave_it_alone(
    following: MainWindow, lab: Lab, training: WrittenRun, qtbot: QtBot
) -> None:
    assert not button(following, "step").isEnabled()
    button(following, "cancel").click()
    runs = lab.training_runs
    qtbot.waitUntil(lambda: runs.current.value is None, timeout=PATIENCE)
    assert button(following, "cancel").text() == "Cancel…"
    assert training.folder.exists
    runs.follow(str(training.folder.path))
    qtbot.waitUntil(lambda: runs.current.value is not None, timeout=PATIENCE)
    assert following.close()  # without a question
    assert not (training.folder.path / COMMAND).exists()
