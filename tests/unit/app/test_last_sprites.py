"""The sprites shown in See, saved for the next start."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.app.see import last_sprites
from sprite_lab.app.see.last_sprites import LastSprites
from sprite_lab.app.shell.settings import Settings
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.formats.sets.trajectories import load_tree
from tests.qt import delete_now


@pytest.fixture
def lab(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path))
    lab = Lab(Settings())
    LastSprites(lab, lab.branches, lab)
    yield lab
    assert lab.jobs.shut_down(60)
    delete_now(lab)


def sprites(count: int) -> Trajectory:
    levels = np.linspace(-9, 9, 3).astype(np.float32)
    pixels = np.zeros((3, count, 8, 8, 3), np.float16)
    return Trajectory("reverse", levels[::-1].copy(), levels, pixels, pixels)


def show(lab: Lab, trajectory: Trajectory | None, qtbot: QtBot) -> None:
    lab.trajectory.set(trajectory)
    qtbot.waitUntil(lambda: not lab.jobs.handles)


def test_sprites_of_lessons_and_those_that_are_too_large_are_not_kept(
    lab: Lab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_sprites, "MOST_BYTES", sprites(4).nbytes)
    show(lab, sprites(3), qtbot)
    lab.in_lesson = True
    show(lab, sprites(4), qtbot)
    assert load_tree(last_sprites.path())[0].root.trajectory.count == 3
    lab.in_lesson = False
    show(lab, sprites(5), qtbot)
    assert not last_sprites.path().exists(), "or the next start would show earlier ones"


def test_what_is_kept_is_not_held_in_memory(lab: Lab, qtbot: QtBot) -> None:
    """Memory has one limit for all sprites together."""
    show(lab, sprites(3), qtbot)
    tree = lab.branches.tree
    assert tree is not None
    held = weakref.ref(tree)
    del tree
    show(lab, None, qtbot)
    assert lab.branches.history.forget_oldest()
    gc.collect()
    assert held() is None
