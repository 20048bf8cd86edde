"""Closing the app during an export or import works at once and leaves no half-written file."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication

from sprite_lab.app.data.data_tasks import save_data
from sprite_lab.app.files import clips
from sprite_lab.app.files.export_tasks import export_animation, export_sprites
from sprite_lab.app.files.import_tasks import write_set
from sprite_lab.app.task import Task
from sprite_lab.core.config import AnimationConfig, SpriteFilesConfig
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprite_batch import finished_sprites
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.jobs import JobRunner
from tests.made import make_sprites
from tests.qt import until
from tests.unit.app.test_import_tasks import plan_of

SPRITES = make_sprites(40)


def trajectory() -> Trajectory:
    frames = np.zeros((30, 4, 16, 16, 3), np.float16)
    return Trajectory("reverse", np.zeros(30, np.float32), np.zeros(30, np.float32), frames, frames)


def animation(path: Path) -> Task[object]:
    return export_animation(path, clips.of_trajectory(trajectory()), AnimationConfig())


def pictures(path: Path) -> Task[object]:
    look = SpriteFilesConfig(kind="files")
    return export_sprites(path, lambda _: finished_sprites(trajectory()), look)


WORKS: dict[str, Callable[[Path], Task[object]]] = {
    "a.gif": animation,
    "a.webp": animation,
    "pictures": pictures,
    "import.npz": lambda path: write_set(plan_of(8), path),
    "import.sprites": lambda path: write_set(plan_of(8), path),
    "a.sprites": lambda path: save_data(path, SPRITES),
}


class Held:
    """A task that waits after a number of steps until it is canceled.

    ``folder``: where it writes; its size in bytes is noted before and after the cancellation.
    """

    def __init__(self, task: Task[object], steps: int, folder: Path) -> None:
        self._task, self._steps, self._folder = task, steps, folder
        self.sizes: list[int] = []

    def __call__(self, control: RunControl) -> Run[object]:
        work = self._task(control)
        try:
            for step, record in enumerate(work, 1):
                yield record
                while step >= self._steps:
                    yield Progress(1, 1, "held")
        finally:
            self._note()
            work.close()
            self._note()

    def _note(self) -> None:
        files = (path for path in self._folder.rglob("*") if path.is_file())
        self.sizes.append(sum(path.stat().st_size for path in files))


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize("name", WORKS)
def test_leaving_calls_it_off_and_leaves_nothing_half_written(
    qapp: QCoreApplication,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    steps: int,
) -> None:
    path = tmp_path / name
    if path.suffix in (".gif", ".webp", ".npz"):
        path.write_bytes(b"from before")
    runner = JobRunner()
    work = Held(WORKS[name](path), steps, tmp_path)
    handle = runner.start(work, name="work", worker="files")
    said: list[str] = []
    handle.progressed.connect(lambda done, total, text: said.append(text))
    until(lambda: "held" in said or handle.outcome is not None)
    # Half of the time, in which it might have ended by itself, passes at once.
    clock = itertools.chain([0.0], itertools.repeat(30.0))
    monkeypatch.setattr("sprite_lab.jobs.runner.time", SimpleNamespace(monotonic=clock.__next__))
    assert runner.shut_down(60.0)
    assert handle.outcome is not None
    assert not list(tmp_path.rglob(".*.tmp"))
    if "held" in said:
        assert handle.outcome.kind == "canceled"
        before, after = work.sizes
        assert after <= before, "nothing more is written"
        if path.suffix in (".gif", ".webp", ".npz"):
            assert path.read_bytes() == b"from before"
