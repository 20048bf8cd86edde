"""A drive that does not answer, with the files opened last: nobody waits for it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QMenu, QTreeWidget
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.core.pixels.cells import CellSheet
from sprite_lab.formats.project import save_project
from sprite_lab.formats.sets.sprites import save_sprites
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.startup import Startup
from tests.gui.test_run_page import write_run
from tests.made import make_sprites

pytestmark = pytest.mark.opens("data")

#: Its folder, and an event that makes it answer.
Drive = tuple[Path, threading.Event]


@pytest.fixture
def drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drive]:
    """A folder about which the system says nothing until the event is set; the test fails if the UI
    thread asks about it.
    """
    folder, answers, asked = tmp_path / "drive", threading.Event(), []

    def slow(stat: Any, path: Any, *args: Any, **options: Any) -> os.stat_result:
        if not isinstance(path, int) and os.fsdecode(path).startswith(str(folder)):
            if threading.current_thread() is threading.main_thread() and not answers.is_set():
                asked.append(path)
            else:
                answers.wait(60)
        return stat(path, *args, **options)

    folder.mkdir()
    for name in ("stat", "lstat"):
        monkeypatch.setattr(os, name, partial(slow, getattr(os, name)))
    yield folder, answers
    answers.set()
    assert not asked


def test_lists_and_the_last_session_wait_for_it_and_the_window_does_not(
    drive: Drive, lab: Lab, tmp_path: Path, qtbot: QtBot
) -> None:
    folder, answers = drive
    run, data, project = folder / "run", folder / "a.npz", folder / "p.spritelab"
    near = tmp_path / "near.npz"
    answers.set()
    write_run(run, 1e-4, 0.3)
    save_sprites(data, make_sprites(5))
    save_sprites(near, make_sprites(6))
    save_project(project, CellSheet(1, 1, title="p"))
    answers.clear()
    gone = str(folder / "gone.npz")
    lab.settings.replace(
        launched=True,
        data=str(data),
        project=str(project),
        recent_data=(str(data), gone, str(near)),
        recent_models=(str(run),),
        recent_projects=(str(project),),
    )
    window = MainWindow(lab)
    Startup(lab, window)
    window.show()
    tree = window.findChild(QTreeWidget, "library.tree")
    assert tree is not None

    def listed() -> list[str]:
        group = tree.topLevelItem(2)
        return [group.child(row).text(0) for row in range(group.childCount())]

    def offered() -> list[str]:
        menu = QMenu()
        window.files.fill_models(menu)
        return [action.text() for action in menu.actions()]

    qtbot.waitUntil(lambda: lab.runs.is_known and lab.machine.value is not None)
    assert lab.data_loading.value
    assert listed() == ["Built-in sprites"]
    assert lab.opened_runs == ()
    assert "run" not in offered()
    answers.set()
    qtbot.waitUntil(lambda: lab.gone.is_known)
    assert listed() == ["Built-in sprites", "a.npz", "near.npz"]
    assert lab.opened_runs == (run,)
    assert "run" in offered()
    qtbot.waitUntil(lambda: lab.data_path == data and lab.project.path == project)
    qtbot.waitUntil(lambda: not lab.jobs.handles)
    answers.clear()
    lab.project.history.mark_dirty()
    window.files.save()
    answers.set()
    qtbot.waitUntil(lambda: lab.project.is_clean)
    window.closing.safe = True
    window.close()


def test_a_project_that_names_files_on_it_is_opened_without_them(
    drive: Drive, window: MainWindow, lab: Lab, tmp_path: Path, qtbot: QtBot
) -> None:
    folder, answers = drive
    save_project(tmp_path / "p.spritelab", CellSheet(1, 1, data=str(folder / "a.npz")))
    lab.project_io.open(tmp_path / "p.spritelab")
    qtbot.waitUntil(lambda: lab.project.path == tmp_path / "p.spritelab")
    with qtbot.waitSignal(lab.notice) as told:
        answers.set()
    assert "is gone" in told.args[0]
