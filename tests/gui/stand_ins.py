"""Stand-ins for the engine's runs, so that GUI tests need no torch and take no time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from sprite_lab.app import tasks
from sprite_lab.app.draw import drawing_tasks
from sprite_lab.app.draw.drawing import Drawn
from sprite_lab.app.draw.drawing_tasks import CellsPreview
from sprite_lab.app.lab import Lab
from sprite_lab.app.task import Task
from sprite_lab.core.config import SampleConfig, ScheduleConfig, TrainConfig
from sprite_lab.core.errors import RunError
from sprite_lab.core.records import EvalRecord, Preview, Progress, StepRecord
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import Prompt, Vocabulary
from sprite_lab.jobs import WorkerName


@dataclass
class StandInModel:
    """The attributes of a model that the UI reads."""

    title: str = "stand-in"
    class_names: tuple[str, ...] = ("hero", "creature", "food", "item", "side_facing")
    image_size: int = 16
    timesteps: int = 500
    step: int = 60_000
    is_student: bool = False
    guides_plainly: bool = False
    draws_alpha: bool = True
    prediction_type: str = "v"
    data_fingerprint: str = ""
    data_title: str = ""
    credits: tuple[Credit, ...] = ()
    words: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    schedule_config: ScheduleConfig = field(default_factory=ScheduleConfig)
    key: str = "stand-in, step 9, data x"
    palettes: tuple[bytes, ...] = ()

    def most_steps(self, sampler: str, t: float) -> int:
        return 4 if sampler == "student" else max(1, int(t))

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(self.class_names, self.words, self.styles, self.palettes)


@dataclass(frozen=True)
class StandInResult:
    run: Path
    step: int
    seconds: float


class StandInTraining:
    """A training run of ``steps`` steps, ``pause`` seconds each; records requests to it."""

    def __init__(self, steps: int = 100_000, pause: float = 0.001) -> None:
        self.steps, self.pause = steps, pause
        self.configs: list[TrainConfig] = []
        self.inits: list[Any] = []
        self.endings: list[str] = []
        self.save_seconds = 0.0
        self.full_disk = False

    def __call__(
        self,
        config: TrainConfig,
        sprites: SpriteSet,
        run: Path,
        *,
        resume: bool = False,
        init: Any = None,
    ) -> Task[Any]:
        self.configs.append(config)
        self.inits.append(init)

        def make(control: RunControl):  # type: ignore[no-untyped-def]
            run.mkdir(parents=True, exist_ok=True)
            (run / "run.json").write_text("{}")
            step, ending = 0, "failed"
            try:
                while step < self.steps and not control.stop_requested:
                    step += 1
                    yield StepRecord(step, step / 50, 1.0 / step, 1e-3, 1000.0, step * 0.01, 0.1)
                    yield Progress(step, self.steps, "Training")
                    if step % 20 == 1:
                        yield EvalRecord(step, 1.1 / step, 0.9 / step)
                        images = np.full((4, 16, 16, 3), step % 256, np.uint8)
                        yield Preview(step, images)
                    time.sleep(self.pause)
                ending = "saved"
                time.sleep(self.save_seconds)
                if self.full_disk:
                    ending = "failed"
                    raise RunError("The disk is full: make room and try again.")
                return StandInResult(run, step, step * 0.01)
            finally:
                if control.cancel_requested:
                    ending = "discarded"
                    (run / "run.json").unlink()
                    run.rmdir()
                self.endings.append(ending)

        return Task(make, long=True)


def give(value: Any, worker: WorkerName = "compute") -> Callable[..., Task[Any]]:
    """A task that returns a value, whatever its arguments are."""

    def task(*_: Any, **__: Any) -> Task[Any]:
        def run(control: RunControl):  # type: ignore[no-untyped-def]
            yield None
            return value

        return Task(run, worker)

    return task


def hold_up(lab: Lab) -> Event:
    """Keep the computing worker busy until the event is set."""
    go_on = Event()

    def run(control: RunControl) -> Run[None]:
        yield None
        while not (go_on.wait(0.01) or control.stop_requested):
            pass

    lab.do(Task(run), lab, name="holding up")
    return go_on


class Held:
    """Wraps a function that makes tasks: each task does the same, but only once ``go_on`` is set.

    ``when``: whether to hold a task, by its arguments.
    """

    def __init__(
        self, make: Callable[..., Task[Any]], when: Callable[..., bool] = lambda *_: True
    ) -> None:
        self.make, self.when, self.go_on = make, when, Event()

    def __call__(self, *arguments: Any, **named: Any) -> Task[Any]:
        task = self.make(*arguments, **named)

        def run(control: RunControl) -> Run[Any]:
            while self.when(*arguments) and not (self.go_on.is_set() or control.stop_requested):
                yield Progress(0, 1, "")
                time.sleep(0.005)
            return (yield from task(control))

        return replace(task, make=run)


class EvenClock:
    """In place of the clock of a playing timeline: each look at it advances one frame.

    With a real clock, a busy machine would skip frames.
    """

    def __init__(self, fps: int) -> None:
        self._ms, self._looks = -(-1000 // fps), 0

    def start(self) -> None:
        self._looks = 0

    def elapsed(self) -> int:
        self._looks += 1
        return self._ms * self._looks


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> StandInTraining:
    """TrainingRuns with plans and models that need no torch."""
    stand_in = StandInTraining()
    monkeypatch.setattr(tasks, "train", stand_in)
    monkeypatch.setattr(tasks, "load_model", give(StandInModel()))
    plan = tasks.Plan(60, 20, 100, 1_500_000, 30_000_000, few=False)
    monkeypatch.setattr(tasks, "plan_training", give(plan))
    return stand_in


class StandInCells:
    """Generates cells: sprite i is a block of color (10 * i, 50, 60) on an empty background.

    ``hang``: continue until told to stop.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[SampleConfig, ...]] = []
        self.hang = False

    def __call__(self, model: Any, configs: Sequence[SampleConfig]) -> Task[Any]:
        self.calls.append(tuple(configs))

        def run(control: RunControl) -> Run[tuple[Drawn | None, ...]]:
            sprites = np.zeros((len(configs), model.image_size, model.image_size, 4), np.uint8)
            for i, sprite in enumerate(sprites):
                sprite[3:13, 3:13] = (10 * i % 256, 50, 60, 255)
            yield Progress(1, 2, "Generating")
            rows = tuple(range(len(configs)))
            yield CellsPreview(1, sprites[..., :3], sprites[..., 3], rows)
            while self.hang and not control.stop_requested:
                yield None
            return tuple(Drawn(sprite, not control.stop_requested) for sprite in sprites)

        return Task(run)


@pytest.fixture
def cells_drawn(monkeypatch: pytest.MonkeyPatch) -> StandInCells:
    """Cells are generated without torch."""
    stand_in = StandInCells()
    monkeypatch.setattr(drawing_tasks, "draw_cells", stand_in)
    return stand_in
