"""A student's training that was stopped is continued from the library, like any run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import QCoreApplication

from sprite_lab.app.files.library import scan_runs
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings
from sprite_lab.app.train.training_runs import Training
from sprite_lab.core import strict_json
from sprite_lab.core.config import NetworkConfig, TrainConfig
from sprite_lab.core.errors import FileError, RunError
from sprite_lab.core.presets import STUDENT
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.engine.models.checkpoint import load_tensors
from sprite_lab.engine.models.model import load_model
from sprite_lab.engine.training.distill import distill_iter, teacher_of
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.engine.training.trainer import train_iter
from tests.qt import delete_now, until

CONFIG = TrainConfig(
    epochs=None,
    max_steps=2,
    batch_size=16,
    preview_count=1,
    preview_steps=1,
    network=NetworkConfig(width=16),
)
BRIEF = replace(STUDENT, max_seconds=None, max_steps=1, batch_size=2, preview_count=1)
LAST = "checkpoints/step-0000003"


@pytest.fixture(scope="module")
def made(sprites: SpriteSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs: ``teacher``, trained further after it taught ``whole``, a student of three
    steps, and ``stopped``, the same student, stopped after the first step.
    """
    folder = tmp_path_factory.mktemp("runs")
    drain(train_iter(CONFIG, sprites, folder / "teacher", RunControl()))
    teacher = load_model(folder / "teacher")
    for name, steps in (("whole", 3), ("stopped", 1)):
        drain(distill_iter(teacher, folder / name, replace(BRIEF, max_steps=steps), RunControl()))
    manifest = folder / "stopped" / "run.json"
    facts = strict_json.loads(manifest.read_text("utf-8"))
    facts["config"]["max_steps"] = 3
    manifest.write_text(strict_json.dumps(facts), "utf-8")
    more = replace(CONFIG, max_steps=3)
    drain(train_iter(more, sprites, folder / "teacher", RunControl(), resume=True))
    assert load_model(folder / "teacher").fingerprint != teacher.fingerprint
    return folder


@pytest.fixture
def lab(qapp: QCoreApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path / "home"))
    lab = Lab(Settings())
    yield lab
    assert lab.jobs.shut_down(60)
    delete_now(lab)


def test_it_goes_on_with_its_teacher_to_the_last_bit(lab: Lab, made: Path, tmp_path: Path) -> None:
    """It does so although the teacher has learned more since, and without an open data set."""
    folder = tmp_path / "runs"
    shutil.copytree(made, folder)
    runs, trained, failed = lab.training_runs, list[Path](), list[str]()
    runs.trained.connect(trained.append)
    lab.failed.connect(lambda error, _: failed.append(error))
    lab.runs.set(drain(scan_runs(folder)(RunControl())))
    begun: list[Training | None] = []
    runs.current.changed.connect(lambda new, old: begun.append(new))
    runs.continue_run(folder / "stopped", epochs=7)
    until(lambda: bool(trained or failed))
    assert begun[0] is not None
    assert (begun[0].teacher, begun[0].data) == ("teacher", ("", ""))
    assert begun[0].is_student
    assert (trained, failed) == ([folder / "stopped"], [])
    for name in (f"{LAST}.safetensors", f"{LAST}.state.safetensors"):
        one, other = (load_tensors(folder / each / name)[0] for each in ("whole", "stopped"))
        assert one.keys() == other.keys()
        assert all(torch.equal(one[key], other[key]) for key in one)


def test_without_its_teacher_it_says_which_model_to_open(
    lab: Lab, made: Path, tmp_path: Path
) -> None:
    shutil.copytree(made / "stopped", tmp_path / "stopped")
    failed: list[str] = []
    lab.failed.connect(lambda error, _: failed.append(error))
    lab.training_runs.continue_run(tmp_path / "stopped")
    until(lambda: bool(failed))
    assert failed == [
        "“stopped” is a student of “teacher” as it was then: open that model to continue."
    ]
    assert RunFolder(tmp_path / "stopped").latest() == 1
    until(lambda: lab.training_runs.current.value is None)


def test_its_teacher_is_known_by_its_weights(made: Path, tmp_path: Path) -> None:
    renamed = tmp_path / "other.safetensors"
    shutil.copy(RunFolder(made / "teacher").weights(2), renamed)
    (tmp_path / "damaged").write_bytes(b"nothing")
    others = [tmp_path / "damaged", tmp_path / "absent", made / "whole", renamed]
    teacher = teacher_of(made / "stopped", others)
    assert (teacher.title, teacher.step) == ("other", 2)
    with pytest.raises(RunError, match="a student of “teacher”"):
        teacher_of(made / "stopped", [RunFolder(made / "teacher").weights(3), *others[:3]])
    with pytest.raises(FileError, match="not a training run"):
        teacher_of(tmp_path, others)


def test_a_run_of_sprites_needs_an_open_set(lab: Lab, made: Path) -> None:
    failed: list[str] = []
    lab.failed.connect(lambda error, _: failed.append(error))
    lab.training_runs.continue_run(made / "teacher")
    until(lambda: bool(failed))
    assert failed == ["There are no sprites to learn from: open a data set."]
    assert lab.training_runs.current.value is None
