"""The lab without a window: what it opens, refuses, remembers and lists."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QFile

from sprite_lab.app import tasks
from sprite_lab.app.files import clips, export_tasks
from sprite_lab.app.files.library import move_to_trash, new_run_folder, scan_runs
from sprite_lab.app.files.opening import what_opens
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings
from sprite_lab.app.shell.text_format import run_title, size_text, time_text
from sprite_lab.app.task import Task
from sprite_lab.core.config import (
    AnimationConfig,
    ForwardConfig,
    SampleConfig,
    ScheduleConfig,
    SpriteFilesConfig,
    TrainConfig,
)
from sprite_lab.core.errors import FileError, SpriteLabError
from sprite_lab.core.presets import PRESETS
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprite_batch import finished_sprites
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.jobs import JobHandle
from tests.qt import delete_now, until


@pytest.fixture
def lab(qapp: QCoreApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path / "home"))
    lab = Lab(Settings())
    yield lab
    assert lab.jobs.shut_down(60)
    delete_now(lab)


def test_asking_for_what_cannot_be_says_what_to_do(lab: Lab, sprites: SpriteSet) -> None:
    with pytest.raises(SpriteLabError, match="open a data set"):
        lab.training_runs.start(TrainConfig())
    with pytest.raises(SpriteLabError, match="train one or open one"):
        lab.generate([SampleConfig()])
    with pytest.raises(SpriteLabError, match="16×16"):
        lab.project_io.take(np.zeros((32, 32, 4), np.uint8))


def test_an_error_is_over_once_what_it_is_about_has_changed_or_worked(
    lab: Lab, sprites: SpriteSet, sprites_file: Path, tmp_path: Path
) -> None:
    def ended(job: JobHandle) -> None:
        until(lambda: job.outcome is not None)

    mended: list[str] = []
    lab.mended.connect(lambda: mended.append("over"))
    lab.project_io.take(sprites.rgba[0])
    assert not mended  # nothing was wrong
    # The message about an action ends with the next change, or once an action has worked.
    lab.failed.emit("Draw something first.", "")
    lab.project_io.take(sprites.rgba[1])
    lab.project_io.take(sprites.rgba[0])
    assert mended == ["over"]
    with lab.reporting():
        lab.training_runs.start(TrainConfig())
    with lab.reporting():
        pass
    assert mended == ["over"] * 2
    # The message about a job ends once a job of the same task has worked, not with another task or
    # a change.
    ended(lab.open_model(tmp_path / "gone.safetensors"))
    lab.project_io.take(sprites.rgba[1])
    ended(lab.open_data(sprites_file))
    assert mended == ["over"] * 2
    ended(lab.open_data(tmp_path / "gone.npz"))
    ended(lab.open_data(sprites_file))
    assert mended == ["over"] * 3
    # Of a save: once another project is open.
    for another in (
        lab.project_io.new,
        lambda: ended(lab.project_io.open(tmp_path / "a.spritelab")),
    ):
        ended(lab.project_io.save(tmp_path / "a.spritelab"))
        ended(lab.project_io.save(tmp_path))  # a folder
        mended.clear()
        another()
        assert mended == ["over"]
    # A message stays if somebody may want its details.
    lab.failed.emit("Something unexpected happened.", "Traceback")
    lab.project_io.take(sprites.rgba[0])
    assert mended == ["over"]


def test_a_training_comes_to_the_front_but_on_the_way_to_ones_own_style(
    lab: Lab, sprites: SpriteSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That page shows the progress itself; starting to tune there once switched to Train."""

    def endless(_control: RunControl) -> Iterator[None]:
        while True:
            yield None

    monkeypatch.setattr(tasks, "train", lambda *_, **__: Task(endless, long=True))
    wanted: list[tuple[str, str]] = []
    lab.workspace_wanted.connect(lambda *names: wanted.append(names))
    lab.data.set(sprites)
    for lab.on_style_path in (False, True):
        handle = lab.training_runs.start(TrainConfig())
        handle.cancel()
        until(lambda: lab.training_runs.current.value is None)
    assert wanted == [("train", "")]


def test_a_training_that_never_began_leaves_no_run_to_continue(
    lab: Lab, sprites: SpriteSet, tmp_path: Path
) -> None:
    lab.training_runs.last_run.set(tmp_path)
    lab.data.set(sprites.take(np.arange(1)))
    failures: list[str] = []
    lab.failed.connect(lambda error, _: failures.append(error))
    lab.training_runs.start(TrainConfig())
    until(lambda: lab.training_runs.current.value is None)
    assert "one sprite" in failures[0]
    assert lab.training_runs.last_run.value == tmp_path


def test_a_sprite_goes_into_the_first_blank_cell(lab: Lab, sprites: SpriteSet) -> None:
    lab.project_io.take(sprites.rgba[0], Prompt((("hero", 1.0),)))
    lab.project_io.take(sprites.rgba[1], Prompt((("food", 1.0),)))
    assert [lab.project.cell(i).class_name for i in range(3)] == ["hero", "food", None]
    assert np.array_equal(lab.project.cell(1).rgba, sprites.rgba[1])


def test_an_older_opening_never_overtakes_a_newer(lab: Lab) -> None:
    taken: list[int] = []
    newer_is_there = threading.Event()

    def older(control: RunControl):  # type: ignore[no-untyped-def]
        yield None
        assert newer_is_there.wait(60)
        return 1

    def newer(control: RunControl):  # type: ignore[no-untyped-def]
        yield None
        return 2

    lab.do(Task(older), lab, name="first", then=taken.append, newest="x")
    lab.do(Task(newer, "files"), lab, name="second", then=taken.append, newest="x")
    until(lambda: bool(taken))
    newer_is_there.set()
    until(lambda: not lab.jobs.handles)
    assert taken == [2]


def test_a_result_does_not_reach_what_was_deleted(lab: Lab) -> None:
    import shiboken6
    from PySide6.QtCore import QObject

    taken: list[str] = []

    class Page(QObject):
        def show(self, value: str) -> None:
            taken.append(value if shiboken6.isValid(self) else "gone")

        def look(self) -> None:
            def take(value: str) -> None:
                self.show(value)

            lab.do(Task(run), self, name="method", then=self.show)
            lab.do(Task(run), self, name="function", then=take)
            lab.do(Task(run), self, name="lambda", then=lambda value: self.show(value))

    def run(control: RunControl):  # type: ignore[no-untyped-def]
        yield None
        return "here"

    there, gone = Page(), Page()
    there.look()
    gone.look()
    shiboken6.delete(gone)
    until(lambda: not lab.jobs.handles)
    assert taken == ["here"] * 3


def test_a_result_is_not_kept_for_ever(lab: Lab) -> None:
    import gc
    import weakref

    class Large:
        pass

    kept: list[weakref.ref[Large]] = []

    def run(control: RunControl):  # type: ignore[no-untyped-def]
        yield None
        large = Large()
        kept.append(weakref.ref(large))
        return large

    lab.do(Task(run), lab, name="large", then=lambda value: None, newest="large")
    until(lambda: not lab.jobs.handles)
    until(lambda: gc.collect() >= 0 and kept[0]() is None)  # once the worker lets go


def test_the_library_lists_runs_newest_first_and_damaged_ones_too(lab: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "data" / "runs"
    data = {"title": "made", "fingerprint": "", "class_names": []}
    whole = json.dumps({"schema_version": 1, "config": {}, "data": data})
    for name, manifest, age in (
        ("20261125-015229-old", whole, 100),
        ("damaged", "{", 50),
    ):
        run = folder / name
        (run / "checkpoints").mkdir(parents=True)
        (run / "run.json").write_text(manifest)
        os.utime(run / "run.json", (1e9 - age, 1e9 - age))
    weights = folder / "20261125-015229-old" / "checkpoints" / "step-0000040.safetensors"
    weights.write_bytes(bytes(2000))
    os.utime(weights, (1e9, 1e9))
    (folder / "not-a-run").mkdir()
    old, damaged = drain(scan_runs(folder)(RunControl()))
    assert (old.title, old.step, old.checkpoints) == ("old, 25 Nov 01:52", 40, 1)
    assert old.data_title == "made"
    assert old.bytes == 2000 + len(whole)
    assert (damaged.title, damaged.step) == ("damaged", None)
    assert drain(scan_runs(tmp_path / "nowhere")(RunControl())) == ()
    for far in (1e12, 1e20):  # seconds: after the year 9999
        assert replace(old, modified=far).facts == old.facts.rpartition(", ")[0]
    lab.refresh_library()
    until(lambda: len(lab.runs.value) == 2)


def test_the_library_knows_how_much_a_tuned_model_copies(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "tuned")
    run.create()
    data = {"title": "made", "fingerprint": "", "class_names": []}
    run.write_manifest({"config": PRESETS["tune"].to_json(), "data": data})
    rows = ({"step": step, "loss": 1.0, "copies": 0.02 * step} for step in (1, 2, 3))
    run.metrics.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (entry,) = drain(scan_runs(tmp_path)(RunControl()))
    assert entry.copies == pytest.approx(0.06)


def test_the_library_lists_runs_whatever_cannot_be_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("foreign", "training"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text("{")
    (tmp_path / "training" / ".run.json.tmp").write_text("")
    lstat, is_file = Path.lstat, Path.is_file

    def vanishing(path: Path) -> os.stat_result:
        if path.suffix == ".tmp":  # the training run has renamed it by now
            raise FileNotFoundError(path)
        return lstat(path)

    def forbidden(path: Path) -> bool:
        if path.parent.name == "foreign":
            raise PermissionError(path)
        return is_file(path)

    monkeypatch.setattr(Path, "lstat", vanishing)
    monkeypatch.setattr(Path, "is_file", forbidden)
    (entry,) = drain(scan_runs(tmp_path)(RunControl()))
    assert entry.path.name == "training"


def test_a_run_that_another_process_trains_is_not_moved_to_the_trash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, moved = RunFolder(tmp_path / "run"), []
    run.create()
    monkeypatch.setattr(QFile, "moveToTrash", lambda path: moved.append(path) or True)
    with run.lock(), pytest.raises(FileError, match="being trained"):
        drain(move_to_trash(run.path)(RunControl()))
    assert not moved
    assert drain(move_to_trash(run.path)(RunControl())) == run.path
    assert moved == [str(run.path)]


def test_an_interrupted_run_that_is_gone_is_forgotten(lab: Lab, tmp_path: Path) -> None:
    notices: list[str] = []
    lab.notice.connect(notices.append)
    lab.settings.replace(training=str(tmp_path / "gone"))
    lab.runs.set(())
    until(lambda: not lab.settings.value.training)
    assert lab.training_runs.interrupted is None
    assert notices == []


def test_a_run_that_is_gone_needs_no_trash(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    assert drain(move_to_trash(gone)(RunControl())) == gone
    assert list(tmp_path.iterdir()) == []


def test_new_run_folders_are_never_taken_and_name_their_data(lab: Lab) -> None:
    first = new_run_folder("Héros & fils/../x")
    first.mkdir()
    second = new_run_folder("Héros & fils/../x")
    assert first != second
    assert first.parent == second.parent == lab_runs(lab)
    assert "héros-fils" in first.name


def test_no_two_runs_of_a_minute_have_the_same_title(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Titles leave out the seconds."""
    at = (26, 3), (26, 41), (26, 59), (27, 1)
    times = iter([datetime(2026, 12, 1, 8, minute, second) for minute, second in at])
    clock = SimpleNamespace(datetime=SimpleNamespace(now=lambda: next(times)))
    monkeypatch.setattr("sprite_lab.app.files.library.datetime", clock)
    titles = []
    for _ in range(4):
        folder = new_run_folder("Built-in sprites")
        folder.mkdir(parents=True)
        titles.append(run_title(folder.name))
    assert titles == [
        "built-in-sprites, 1 Dec 08:26",
        "built-in-sprites-2, 1 Dec 08:26",
        "built-in-sprites-3, 1 Dec 08:26",
        "built-in-sprites, 1 Dec 08:27",
    ]


def lab_runs(lab: Lab) -> Path:
    from sprite_lab import paths

    return paths.runs_dir()


@pytest.mark.parametrize("what", ["x_t", "x0", "both"])
def test_an_exported_animation_has_every_frame(lab: Lab, tmp_path: Path, what: str) -> None:
    images = np.random.default_rng(0).integers(0, 255, (4, 16, 16, 3), np.uint8)
    trajectory = drain(
        tasks.forward(images, ForwardConfig(schedule=ScheduleConfig(timesteps=9)))(RunControl())
    )
    path = tmp_path / "out.gif"
    look = AnimationConfig(shown=what, scale=2, fps=20, hold_last_s=1.5)
    task = export_tasks.export_animation(path, clips.of_trajectory(trajectory), look)
    lab.exports.write(task, path)
    until(lambda: not lab.jobs.handles)
    with Image.open(path) as gif:
        assert gif.n_frames == 10
        wide = 164 if what == "both" else 66  # the width of one sprite between the two
        assert gif.size == (wide, 66)  # one pixel between sprites
        gif.seek(9)
        assert gif.info["duration"] == 1500


def test_an_exported_sheet_is_the_last_frame(lab: Lab, tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 255, (4, 16, 16, 3), np.uint8)
    clean = (images.astype(np.float32) / 127.5 - 1)[None].astype(np.float16)
    one = np.zeros(1, np.float32)
    trajectory = Trajectory("reverse", one, one, clean, clean)
    path = tmp_path / "sheet.png"
    look = SpriteFilesConfig(kind="sheet", scale=3, background="kept")
    task = export_tasks.export_sprites(path, lambda _: finished_sprites(trajectory), look)
    lab.exports.write(task, path)
    until(lambda: not lab.jobs.handles)
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    assert pixels.shape == (96, 96, 3)
    assert np.abs(pixels[1::3, 1::3][:16, 16:] - images[1]).max() <= 1


def test_the_plan_counts_what_a_training_will_take(sprites: SpriteSet) -> None:
    config = TrainConfig(epochs=3, batch_size=16)
    plan = drain(tasks.plan_training(config, sprites)(RunControl()))
    assert plan.training + plan.validation == len(sprites)
    assert plan.steps == 3 * (plan.training // 16)
    assert plan.parameters > 100_000
    assert not plan.few
    assert plan.speed == 0
    timed = drain(tasks.plan_training(config, sprites, timed=True)(RunControl()))
    assert 1 < timed.speed < 1e7
    assert replace(timed, speed=0.0) == plan
    few = drain(tasks.plan_training(config, sprites.take(np.arange(40)))(RunControl()))
    assert few.few


def test_what_a_path_would_open(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    assert what_opens(run).kind == "import"
    (run / "run.json").write_text("{}")
    assert what_opens(run).kind == "model"
    kinds = {
        name: what_opens(tmp_path / name).kind
        for name in (
            *("a.npz", "a.NPY", "a.safetensors", "a.spritelab", "a.zip", "a.txt"),
            *("a.gif", "a.png", "a.webp", "a.MP4", "a.webm", "a.apng"),
        )
    }
    assert kinds == {
        "a.npz": "data",
        "a.NPY": "data",
        "a.safetensors": "model",
        "a.spritelab": "project",
        **{f"a.{ending}": "picture" for ending in ("gif", "png", "webp", "MP4", "webm", "apng")},
        "a.zip": "import",
        "a.txt": "unknown",
    }


def test_a_model_and_a_set_are_opened_together(tmp_path: Path) -> None:
    """The set was once imported, and the model refused because it is not a picture."""
    model, data = tmp_path / "m.safetensors", tmp_path / "d.npz"
    for paths in ((model, data), (data, model)):
        together = what_opens(*paths)
        assert together.kind == "both"
        assert together.sentence == "Open “m.safetensors” as the model and “d.npz” as the data set"
    assert what_opens(model, data, tmp_path / "e.npz").kind == "import"
    assert what_opens(data, tmp_path / "e.npz").kind == "import"


def test_several_paths_are_imported_together(tmp_path: Path) -> None:
    together = what_opens(tmp_path, tmp_path / "a.png", tmp_path / "a.txt")
    assert together.kind == "import"
    assert "2 files and folders; one other has none" in together.sentence
    assert what_opens(tmp_path / "a.txt", tmp_path / "b.txt").kind == "unknown"


def test_words() -> None:
    assert [time_text(s) for s in (0, 59.4, 60, 187, 3750)] == [
        "0 s",
        "59 s",
        "1 min 0 s",
        "3 min 7 s",
        "1 h 2 min",
    ]
    assert [size_text(n) for n in (999, 1500, 12_000, 3.4e6, 2.5e9)] == [
        "999 bytes",
        "1.5 KB",
        "12 KB",
        "3.4 MB",
        "2.5 GB",
    ]
    assert run_title("20261325-015229-x") == "20261325-015229-x"
