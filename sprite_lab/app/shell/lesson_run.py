"""Runs a lesson: sets the app up for each step and checks whether the step was done."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.lessons import Lesson, Step
from sprite_lab.core.records import Outcome
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.jobs import JobHandle

#: Interval of checking the controls while a step waits, in milliseconds.
LOOK_MS = 120

#: Name of the built-in data set in lessons.
BUILTIN = "builtin"


class UiDriver(Protocol):
    """What a lesson needs from the window. UI thread."""

    @property
    def workspace(self) -> str:
        """Name of the current workspace."""

    @property
    def page(self) -> str:
        """Name of its current page; "" = it has no pages."""

    def show(self, workspace: str, page: str) -> None:
        """Show a workspace and page; "" = stay."""

    def level(self) -> tuple[float, float, float] | None:
        """Value at the position of the visible timeline, and at its two ends; None = it is
        playing, or there is none."""

    def go_to_level(self, where: str | float) -> None:
        """Move the visible timeline to "noise", "clean" or t."""

    def value(self, name: str) -> object:
        """Value of a control, or its chosen sprite; None = there is no such control, or no
        sprite is chosen."""

    def set_value(self, name: str, value: object) -> None:
        """Set a control, if it exists and can be set."""

    def was_pressed(self, name: str) -> bool:
        """Whether a button was pressed since this was first called for it."""

    def forget_presses(self) -> None:
        """Forget which buttons were pressed."""

    def restore_settings(self, settings: Mapping[str, object]) -> None:
        """Apply sampling settings in See."""

    def dissolve(self, sprites: Sequence[int]) -> None:
        """Dissolve sprites of the data set, by index, with the settings in See."""

    def generate(self) -> None:
        """Generate with the settings in See."""


class LessonRun(QObject):
    """Walks through the steps of a lesson. UI thread.

    Signals
    -------
    changed : another step is shown, or its state changed.
    ended : the lesson ended, after its last step or before.
    """

    changed = Signal()
    ended = Signal()

    def __init__(self, lab: Lab, driver: UiDriver, lesson: Lesson, parent: QObject | None = None):
        super().__init__(parent)
        self._lab, self._driver, self.lesson = lab, driver, lesson
        self._index = 0
        self._done = self._ready = False
        self._over = False
        self._waiting: list[JobHandle] = []
        self._later: Mapping[str, Any] = {}
        self._before: Trajectory | None = None
        self._jobs_done: list[str] = []
        self._was: dict[str, object] = {}  # values of controls when the step began
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        lab.jobs.started.connect(self._on_job)
        lab.trajectory.changed.connect(self._on_trajectory)

    # -- what the panel shows --------------------------------------------------------------

    @property
    def step(self) -> Step:
        """The current step."""
        return self.lesson.steps[self._index]

    @property
    def index(self) -> int:
        """Its number, from 0."""
        return self._index

    @property
    def is_last(self) -> bool:
        """Whether it is the last."""
        return self._index == len(self.lesson.steps) - 1

    @property
    def ready(self) -> bool:
        """Whether the app is set up for the step; this may take a moment."""
        return self._ready

    @property
    def done(self) -> bool:
        """Whether the step was done; once done it stays so."""
        return self._done

    # -- going through it ------------------------------------------------------------------

    def start(self) -> None:
        """Show the first step."""
        self._go_to(0)

    def forward(self) -> None:
        """Show the next step, whether or not this one was done; end after the last."""
        if self.is_last:
            self.end()
        else:
            self._go_to(self._index + 1)

    def back(self) -> None:
        """Show the previous step."""
        if self._index:
            self._go_to(self._index - 1)

    def end(self) -> None:
        """End the lesson."""
        if not self._over:
            self._over = True
            self._timer.stop()
            self._lab.jobs.started.disconnect(self._on_job)
            self._lab.trajectory.changed.disconnect(self._on_trajectory)
            self.ended.emit()

    def _go_to(self, index: int) -> None:
        self._index = index
        self._done, self._ready = False, False
        self._later, self._jobs_done = {}, []
        self._was = {}
        self._driver.forget_presses()
        self._open(self.step.set)
        self.changed.emit()
        self._timer.start()

    # -- bringing the app to a state -------------------------------------------------------

    def _open(self, wanted: Mapping[str, Any]) -> None:
        """Load the model and the data, which take time, then set up the rest."""
        lab = self._lab
        self._waiting = []
        model, data = wanted.get("model"), wanted.get("data")
        if model is not None:
            ref = self._named(model)
            if lab.model.value is None or str(lab.model_ref) != str(ref):
                self._waiting.append(lab.open_model(ref))
        if data is not None:
            file = None if data == BUILTIN else Path(self._named(data))
            if lab.data.value is None or lab.data_path != file:
                self._waiting.append(lab.open_data(file))
        for job in tuple(self._waiting):
            job.ended.connect(self._on_opened)
        if not self._waiting:
            self._set(wanted)

    def _named(self, name: str) -> str | Path:
        """Path of a file beside the lesson, or else a name that ships with the app."""
        beside = self.lesson.path.parent / name if self.lesson.path else Path(name)
        return beside if beside.exists() else name

    def _on_opened(self, _outcome: Outcome) -> None:
        # A failure was reported already; set up the rest anyway.
        if self._over or self.sender() not in self._waiting:
            return
        self._waiting = [job for job in self._waiting if job.active]
        if not self._waiting and not self._ready:
            self._set(self.step.set)
            self.changed.emit()

    def _set(self, wanted: Mapping[str, Any]) -> None:
        driver = self._driver
        driver.show(wanted.get("workspace", ""), wanted.get("page", ""))
        if "sample" in wanted:
            driver.restore_settings(wanted["sample"])
        for name, value in wanted.get("controls", {}).items():
            driver.set_value(name, value)
        if "dissolve" in wanted and self._lab.data.value is not None:
            self._later = wanted
            driver.dissolve(wanted["dissolve"])
        elif "generate" in wanted and self._lab.model.value is not None:
            self._later = wanted
            driver.generate()
        else:
            self._settle(wanted)

    def _on_trajectory(self, *_: object) -> None:
        if self._later:
            # Once the stage has handled the same signal.
            wanted, self._later = self._later, {}
            QTimer.singleShot(0, self, lambda: self._settle(wanted))

    def _settle(self, wanted: Mapping[str, Any]) -> None:
        if wanted is not self.step.set:
            return  # another step is shown by now
        if "timeline" in wanted:
            self._driver.go_to_level(wanted["timeline"])
        self._before = self._lab.trajectory.value
        self._jobs_done = []
        self._ready = True
        self.changed.emit()
        self.look()

    # -- seeing what was done --------------------------------------------------------------

    def _on_job(self, job: JobHandle) -> None:
        job.ended.connect(self._on_job_ended)

    def _on_job_ended(self, outcome: Outcome) -> None:
        job = self.sender()
        if isinstance(job, JobHandle) and outcome.kind == "completed":
            self._jobs_done.append(job.name)

    def look(self) -> None:
        """Check whether the step was done."""
        if self._done or not self._ready or self._over:
            return
        if all(self._holds(name, value) for name, value in self.step.check.items()):
            self._done = True
            self.changed.emit()

    def _holds(self, name: str, wanted: Any) -> bool:
        driver = self._driver
        if name == "workspace":
            return driver.workspace == wanted
        if name == "page":
            return driver.page == wanted
        if name == "timeline":
            return _is_at(driver.level(), wanted)
        if name == "trajectory":
            return self._is_wanted_trajectory(wanted)
        if name == "control":
            return all(_fits(driver.value(control), value) for control, value in wanted.items())
        if name == "pressed":
            return driver.was_pressed(wanted)
        if name == "changed":
            return self._has_changed(wanted)
        return any(job.startswith(wanted) for job in self._jobs_done)  # "job"

    def _has_changed(self, control: str) -> bool:
        """Whether a control differs from its first value in this step."""
        now = self._driver.value(control)
        return now is not None and now != self._was.setdefault(control, now)

    def _is_wanted_trajectory(self, wanted: Mapping[str, Any]) -> bool:
        """Whether the shown trajectory is newer than the step and has these settings."""
        trajectory = self._lab.trajectory.value
        if trajectory is None or trajectory is self._before:
            return False
        for name, value in wanted.items():
            if name == "kind":
                found: Any = trajectory.kind
            else:
                found = None if trajectory.config is None else getattr(trajectory.config, name)
            if not _fits(list(found) if isinstance(found, tuple) else found, value):
                return False
        return True


def _fits(found: Any, wanted: Any) -> bool:
    """Whether a value is equal, or within [from, to]; ignores the rounding of fields."""
    is_number = isinstance(found, (int, float)) and not isinstance(found, bool)
    if isinstance(wanted, list) and is_number:
        return bool(len(wanted) == 2 and wanted[0] <= found <= wanted[1])
    if is_number and isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
        return math.isclose(found, wanted, abs_tol=1e-6)
    return bool(found == wanted)


def _is_at(level: tuple[float, float, float] | None, wanted: Any) -> bool:
    if level is None:
        return False
    now, noise, clean = level
    if isinstance(wanted, list):
        return bool(wanted[0] <= now <= wanted[1])
    return now == (noise if wanted == "noise" else clean)
