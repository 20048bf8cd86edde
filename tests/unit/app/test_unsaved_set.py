"""A crash while labeling a data set loses only the last seconds of work."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sprite_lab.app.files import unsaved_set
from sprite_lab.app.files.file_lock import lock
from sprite_lab.app.files.unsaved_set import UnsavedSet
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings
from sprite_lab.app.task import call
from sprite_lab.core.run import Run
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.formats.sets.sprites import load_sprites
from sprite_lab.paths import data_dir, sets_dir
from tests.made import make_sprites
from tests.qt import delete_now

FIRST = np.array([0])

#: Labels a sprite, and is killed as soon as the label is saved.
LABEL = """
import os, signal, time
import numpy as np
from pathlib import Path
from PySide6.QtGui import QGuiApplication
from sprite_lab.app.files.unsaved_set import UnsavedSet
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings
from tests.made import make_sprites

app = QGuiApplication([])
lab = Lab(Settings())
lab.data.set(make_sprites(60))
unsaved = UnsavedSet(lab)
lab.edits.relabel(np.array([0]), 3)
while unsaved.path is None or not unsaved.path.is_file():
    app.processEvents()
    time.sleep(0.005)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def lab(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(unsaved_set, "DELAY_MS", 0)
    lab = Lab(Settings())
    lab.data.set(make_sprites(60))
    yield lab
    assert lab.jobs.shut_down(60)
    delete_now(lab)


@pytest.fixture
def unsaved(lab: Lab) -> UnsavedSet:
    return UnsavedSet(lab)


def copies() -> list[Path]:
    return sorted((data_dir() / "unsaved").glob("*"))


def kept(unsaved: UnsavedSet, qtbot: QtBot) -> Path:
    """The path of the copy, once it is written."""
    qtbot.waitUntil(lambda: unsaved.path is not None and unsaved.path.is_file())
    assert unsaved.path is not None
    return unsaved.path


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_kill_9_leaves_the_changed_set(lab: Lab, unsaved: UnsavedSet, qtbot: QtBot) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LABEL], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    with qtbot.waitSignal(lab.notice) as told:
        unsaved.take_over()
    assert told.args == [
        "Unsaved changes of the last session were saved as made-unsaved.npz in your sets."
    ]
    saved = sets_dir() / "made-unsaved.npz"
    assert load_sprites(saved).labels[0] == 3
    assert lab.settings.value.recent_data[0] == str(saved.resolve()), "the library lists it"
    assert not copies()


def test_a_copy_reaches_sets_on_another_disk(
    lab: Lab, unsaved: UnsavedSet, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    """The folder of data sets may be a link to another disk, to which no file can be renamed."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "rename", refuse)
    lab.edits.relabel(FIRST, 3)
    unsaved.write_now()
    unsaved.release()
    with qtbot.waitSignal(lab.notice, timeout=10_000):
        UnsavedSet(lab).take_over()
    assert load_sprites(sets_dir() / "made-unsaved.npz").labels[0] == 3
    assert not copies()
    lab.edits.history.discard()


@pytest.mark.parametrize("end", ["undo", "discard", "save"])
def test_a_copy_is_kept_while_there_are_unsaved_changes(
    lab: Lab, unsaved: UnsavedSet, tmp_path: Path, qtbot: QtBot, end: str
) -> None:
    lab.edits.relabel(FIRST, 3)
    assert load_sprites(kept(unsaved, qtbot)).fingerprint == lab.data.value.fingerprint
    if end == "undo":
        lab.edits.history.undo()
    elif end == "discard":
        lab.edits.history.discard()
    else:
        lab.edits.save(tmp_path / "a.npz")
    qtbot.waitUntil(lambda: not copies())
    assert unsaved.path is None


def test_no_copy_outlives_what_ends_the_changes(
    lab: Lab, unsaved: UnsavedSet, qtbot: QtBot
) -> None:
    """Not even a copy that is being written at that very moment."""
    lab.edits.relabel(FIRST, 3)
    unsaved._write()
    lab.edits.history.discard()
    qtbot.waitUntil(lambda: not lab.jobs.handles)
    assert not copies()


def test_a_copy_of_another_window_is_left_to_it(
    lab: Lab, unsaved: UnsavedSet, qtbot: QtBot
) -> None:
    lab.edits.relabel(FIRST, 3)
    theirs = kept(unsaved, qtbot)
    second = Lab(Settings())
    second.data.set(make_sprites(60))
    other = UnsavedSet(second)
    other.take_over()
    second.edits.relabel(FIRST, 2)
    mine = kept(other, qtbot)
    assert mine != theirs
    assert (load_sprites(theirs).labels[0], load_sprites(mine).labels[0]) == (3, 2)
    assert not list(sets_dir().glob("*"))
    assert second.jobs.shut_down(60)
    other.release()
    delete_now(second)


def test_a_copy_that_is_left_behind_is_not_written_over(
    lab: Lab, unsaved: UnsavedSet, qtbot: QtBot
) -> None:
    """Another window, which has not written its copy yet, holds the first name; the copy left by
    the crash has the second.
    """
    folder = data_dir() / "unsaved"
    folder.mkdir()
    left = folder / "made-unsaved-2.npz"
    left.write_bytes(b"of a window that crashed")
    with lock(folder / "made-unsaved.lock") as held:
        assert held is not None
        lab.edits.relabel(FIRST, 3)
        assert kept(unsaved, qtbot) != left
    assert left.read_bytes() == b"of a window that crashed"
    lab.edits.history.discard()


def test_leaving_unasked_keeps_the_changes_for_the_next_start(
    lab: Lab, unsaved: UnsavedSet, qtbot: QtBot
) -> None:
    unsaved.write_now()
    assert not copies(), "there is nothing to lose"
    lab.edits.relabel(FIRST, 3)
    unsaved.write_now()
    unsaved.release()
    with qtbot.waitSignal(lab.notice):
        UnsavedSet(lab).take_over()
    assert load_sprites(sets_dir() / "made-unsaved.npz").labels[0] == 3
    lab.edits.history.discard()


@pytest.mark.parametrize("why", ["large", "lesson"])
def test_no_copy_is_made_of_large_sets_and_in_lessons(
    lab: Lab, unsaved: UnsavedSet, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, why: str
) -> None:
    lab.in_lesson = why == "lesson"
    monkeypatch.setattr(unsaved_set, "MOST_SPRITES", 59 if why == "large" else 60)
    lab.edits.relabel(FIRST, 3)
    assert not unsaved._timer.isActive()
    lab.edits.history.discard()


def test_changes_that_are_made_again_have_one_copy(
    lab: Lab, unsaved: UnsavedSet, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    """There is only one even if the earlier copy was still being written when they were undone."""
    may_write, save = Event(), unsaved_set.save_iter

    def save_late(path: Path, sprites: SpriteSet) -> Run[None]:
        assert may_write.wait(60)
        return save(path, sprites)

    monkeypatch.setattr(unsaved_set, "save_iter", save_late)
    lab.edits.relabel(FIRST, 3)
    unsaved._write()
    first = unsaved.path
    assert first is not None
    lab.edits.history.undo()
    lab.edits.history.redo()
    may_write.set()
    while not first.is_file():
        time.sleep(0.005)
    kept(unsaved, qtbot)
    qtbot.waitUntil(lambda: not lab.jobs.handles)
    lab.edits.history.discard()
    qtbot.waitUntil(lambda: not lab.jobs.handles)
    assert not copies()
    assert unsaved.path is None


def test_leaving_unasked_keeps_the_newest_changes(
    lab: Lab, unsaved: UnsavedSet, qtbot: QtBot
) -> None:
    """It does so even if an older copy still waits for files that are written before it."""
    began, may_end = Event(), Event()

    @call("files")
    def read() -> None:
        began.set()
        assert may_end.wait(60)

    lab.do(read(), lab)
    assert began.wait(60)
    lab.edits.relabel(FIRST, 3)
    unsaved._write()
    lab.edits.relabel(FIRST, 2)
    unsaved.write_now()
    unsaved.release()
    may_end.set()
    qtbot.waitUntil(lambda: not lab.jobs.handles)
    (copy,) = copies()
    assert load_sprites(copy).labels[0] == 2
    lab.edits.history.discard()
