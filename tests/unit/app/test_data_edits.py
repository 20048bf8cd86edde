"""Edits of the open data set: what each does, undone, redone and saved."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sprite_lab.app.data import data_edits
from sprite_lab.app.data.data_edits import DataEdits
from sprite_lab.app.draw.generate.batch_drawing import _with_drawings
from sprite_lab.app.files.import_tasks import rescued_path
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings
from sprite_lab.app.task import call
from sprite_lab.app.train.training_set import MissingSet
from sprite_lab.core.errors import ConfigError, SpriteLabError
from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.sprites import BUILTIN_TITLE, SpriteSet
from sprite_lab.formats.sets.sprites import load_sprites, save_sprites
from sprite_lab.paths import sets_dir
from sprite_lab.words import use_language
from tests.made import make_sprites
from tests.qt import delete_now


@pytest.fixture
def lab(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path / "home"))
    lab = Lab(Settings())
    lab.data.set(make_sprites(60))
    yield lab
    assert lab.jobs.shut_down(60)
    delete_now(lab)


@pytest.fixture
def edits(lab: Lab) -> DataEdits:
    return lab.edits


def rows(*which: int) -> np.ndarray:
    return np.array(which, np.intp)


def equal(a: SpriteSet, b: SpriteSet) -> bool:
    return a.fingerprint == b.fingerprint and a.credits == b.credits


def test_labels_change_and_come_back(lab: Lab, edits: DataEdits) -> None:
    before = lab.data.value
    edits.relabel(rows(3, 5), 2)
    assert lab.data.value.labels[[3, 4, 5]].tolist() == [2, 4, 2]
    assert edits.history.undo_text == "Label 2 sprites food"
    assert not edits.is_clean
    edits.relabel(rows(3), -1)
    assert lab.data.value.labels[3] == -1
    edits.history.undo()
    edits.history.undo()
    assert equal(lab.data.value, before)
    assert edits.is_clean
    edits.history.redo()
    assert lab.data.value.labels[3] == 2


def test_an_edit_that_changes_nothing_is_no_step(lab: Lab, edits: DataEdits) -> None:
    edits.relabel(rows(2), int(lab.data.value.labels[2]))
    assert len(edits.history) == 0


def test_rows_are_those_of_what_is_left(lab: Lab, edits: DataEdits) -> None:
    before = lab.data.value
    edits.drop(rows(0, 1, 7))
    assert len(lab.data.value) == 57
    edits.drop(rows(0))  # the former row 2
    assert np.array_equal(lab.data.value.images[0], before.images[3])
    edits.relabel(rows(0), 0)
    assert lab.data.value.labels[0] == 0
    edits.history.undo()
    edits.history.undo()
    assert np.array_equal(lab.data.value.images[0], before.images[2])
    edits.history.undo()
    assert equal(lab.data.value, before)
    for _ in range(3):
        edits.history.redo()
    assert len(lab.data.value) == 56
    assert lab.data.value.labels[0] == 0
    assert edits.rows.tolist()[:2] == [3, 4]


def test_something_is_always_left(
    lab: Lab, edits: DataEdits, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SpriteLabError, match="at least one"):
        edits.drop(np.arange(60))
    monkeypatch.setattr(data_edits, "MOST_TO_DROP_FROM", 50)
    assert not edits.may_drop
    with pytest.raises(SpriteLabError, match="up to 50"):
        edits.drop(rows(1))
    assert len(edits.history) == 0


def test_classes_are_added_renamed_and_removed(lab: Lab, edits: DataEdits) -> None:
    before = lab.data.value
    edits.new_class("boat", rows(0, 9))
    assert lab.data.value.class_names[-1] == "boat"
    assert np.flatnonzero(lab.data.value.labels == 5).tolist() == [0, 9]
    edits.rename_class(5, "ship")
    assert lab.data.value.class_names[-1] == "ship"
    edits.drop(rows(1))  # a creature; undo restores it with its class
    edits.remove_class(0)
    assert lab.data.value.class_names == ("creature", "food", "item", "side_facing", "ship")
    assert lab.data.value.labels[0] == 4
    assert (lab.data.value.labels == -1).sum() == (before.labels == 0).sum() - 1
    for _ in range(4):
        edits.history.undo()
    assert equal(lab.data.value, before)
    for name in ("", "  ", "x" * 100, "hero", "a\nb"):
        with pytest.raises(ConfigError):
            edits.new_class(name, rows(0))
    with pytest.raises(ConfigError):
        edits.rename_class(1, "hero")
    edits.rename_class(1, "creature")
    assert len(edits.history) == 4  # setting the name that it has is not a change
    with pytest.raises(ConfigError):
        edits.relabel(rows(0), 5)


def test_credits_and_groups_are_undone_too(lab: Lab, edits: DataEdits) -> None:
    edits.set_credit(Credit("", author="Ann"))
    edits.set_credit(Credit("", author="Anna"))
    assert lab.data.value.credits == (Credit("", author="Anna"),)
    edits.set_credit(Credit(""))
    assert lab.data.value.credits == ()
    edits.drop(rows(4))
    edits.keep_together(np.zeros(59, np.int64))
    assert set(lab.data.value.group.tolist()) == {0}
    edits.history.undo()
    edits.history.undo()
    assert np.array_equal(lab.data.value.group, make_sprites(60).group)
    edits.history.undo()
    assert lab.data.value.credits[0].author == "Anna"


def test_another_set_has_no_history(lab: Lab, edits: DataEdits) -> None:
    edits.drop(rows(4))
    lab.data.set(make_sprites(10))
    assert edits.is_clean
    assert not edits.history.can_undo
    edits.drop(rows(4))
    assert len(lab.data.value) == 9


def test_what_is_saved_is_what_is_opened(
    lab: Lab, edits: DataEdits, tmp_path: Path, qtbot: QtBot
) -> None:
    edits.drop(rows(0, 2))
    edits.new_class("boat", rows(1))
    edits.set_credit(Credit("", author="Ann"))
    done: list[bool] = []
    edits.save(tmp_path / "mine.npz", then=lambda: done.append(True))
    qtbot.waitUntil(lambda: bool(done), timeout=10_000)
    assert edits.is_clean
    assert lab.data_title == "mine.npz"
    assert equal(load_sprites(tmp_path / "mine.npz"), lab.data.value)
    edits.history.undo()
    assert not edits.is_clean


def test_a_set_is_called_as_its_file_is(
    lab: Lab, edits: DataEdits, tmp_path: Path, qtbot: QtBot
) -> None:
    edits.drop(rows(0))
    fingerprint = lab.data.value.fingerprint
    for name in ("mine.npz", "mine2.npz"):
        done: list[bool] = []
        edits.save(tmp_path / name, then=lambda done=done: done.append(True))
        qtbot.waitUntil(lambda done=done: bool(done), timeout=10_000)
        assert lab.data.value.title == Path(name).stem
        assert lab.data.value.fingerprint == fingerprint
    assert edits.is_clean
    edits.history.undo()
    assert lab.data.value.title == "mine2"
    assert len(lab.data.value) == 60


def test_what_is_changed_while_it_is_saved_stays_unsaved(
    lab: Lab, edits: DataEdits, tmp_path: Path, qtbot: QtBot
) -> None:
    edits.drop(rows(0))
    done: list[bool] = []
    edits.save(tmp_path / "mine.npz", then=lambda: done.append(True))
    edits.drop(rows(0))
    qtbot.waitUntil(lambda: bool(done), timeout=10_000)
    assert not edits.is_clean
    assert len(load_sprites(tmp_path / "mine.npz")) == 59
    assert lab.data_path == tmp_path / "mine.npz", "where the next save goes"
    edits.history.undo()
    assert edits.is_clean
    edits.history.undo()
    assert not edits.is_clean, "the file has 59 sprites, not 60"


def test_a_set_opened_while_another_is_saved_keeps_its_file(
    lab: Lab, edits: DataEdits, tmp_path: Path, qtbot: QtBot
) -> None:
    edits.drop(rows(0))
    done: list[bool] = []
    edits.save(tmp_path / "mine.npz", then=lambda: done.append(True))
    other = make_sprites(7)
    lab.put_data(tmp_path / "other.npz", other)
    qtbot.waitUntil(lambda: bool(done), timeout=10_000)
    assert lab.data_path == tmp_path / "other.npz"
    assert edits.is_clean
    assert lab.data.value is other


def test_a_set_saved_twice_while_the_worker_is_busy_ends_as_the_newest(
    lab: Lab, edits: DataEdits, tmp_path: Path, qtbot: QtBot
) -> None:
    free = threading.Event()
    lab.do(call("files")(free.wait)(20), lab)
    for _ in range(2):
        edits.drop(rows(0))
        edits.save(tmp_path / "mine.npz")
    free.set()
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    assert edits.is_clean
    assert equal(load_sprites(tmp_path / "mine.npz"), lab.data.value)


def test_changes_survive_where_nobody_is_asked(
    lab: Lab, edits: DataEdits, tmp_path: Path, qtbot: QtBot
) -> None:
    assert edits.rescue() is None, "there is nothing to lose"
    edits.drop(rows(0))
    changed = lab.data.value
    save_sprites(tmp_path / "other.npz", make_sprites(7))
    notices: list[str] = []
    lab.notice.connect(notices.append)
    lab.open_data(tmp_path / "other.npz")
    qtbot.waitUntil(lambda: len(lab.data.value) == 7 and bool(notices), timeout=10_000)
    assert "made-unsaved.npz" in notices[0]
    assert equal(load_sprites(sets_dir() / "made-unsaved.npz"), changed)
    assert edits.is_clean


def test_what_the_program_names_is_in_the_language_of_the_window(tmp_path: Path) -> None:
    """“Built-in sprites-unsaved.npz” and “Drawn sprites” once stood beside “Eingebaute Sprites”."""
    use_language("de")
    assert rescued_path(tmp_path, BUILTIN_TITLE).name == "Eingebaute Sprites-ungespeichert.npz"
    assert rescued_path(tmp_path, "holes").name == "holes-ungespeichert.npz"
    assert MissingSet("Drawn sprites").shown_title == "Gezeichnete Sprites"
    assert MissingSet("Sprite").shown_title == "Sprite", "a name that somebody gave"
    assert _with_drawings(BUILTIN_TITLE) == "Eingebaute Sprites mit Zeichnungen"


def test_words_are_given_and_taken_with_undo(lab: Lab, edits: DataEdits, tmp_path: Path) -> None:
    before = lab.data.value
    edits.add_words(rows(3, 5), ("red", "slime"))
    edits.add_words(rows(3, 4), ("red", "left"))
    assert lab.data.value.words[[2, 3, 4, 5]].tolist() == [
        "",
        "red slime left",
        "red left",
        "red slime",
    ]
    assert edits.history.undo_text == "Assign red left to 2 sprites"
    edits.add_words(rows(3, 4), ("left",))
    assert len(edits.history) == 2, "they have it already"
    edits.drop(rows(0, 4))
    assert lab.data.value.words[[1, 2, 3]].tolist() == ["", "red slime left", "red slime"]
    edits.remove_word(rows(1, 2, 3), "red")
    assert lab.data.value.words[[1, 2, 3]].tolist() == ["", "slime left", "slime"]
    assert edits.history.undo_text == "Remove red from 2 sprites"
    save_sprites(tmp_path / "s.npz", lab.data.value)
    assert load_sprites(tmp_path / "s.npz").words[2] == "slime left"
    for _ in range(4):
        edits.history.undo()
    assert equal(lab.data.value, before)
    edits.remove_word(rows(1), "red")
    assert edits.is_clean  # nothing was changed


def test_words_are_undone_where_sprites_were_dropped(lab: Lab, edits: DataEdits) -> None:
    edits.drop(rows(0))
    edits.add_words(rows(3), ("red",))
    edits.history.undo()
    assert lab.data.value.words[3] == ""
    edits.history.redo()
    assert lab.data.value.words[3] == "red"


def test_words_of_a_large_set_stay(edits: DataEdits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_edits, "MOST_TO_DROP_FROM", 50)
    with pytest.raises(SpriteLabError, match="up to 50"):
        edits.add_words(rows(3), ("red",))
