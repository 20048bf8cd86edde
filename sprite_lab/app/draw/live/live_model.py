"""The model that Live draws with: a student of the open model, or else the open model itself.

A student can be made here.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from sprite_lab import paths
from sprite_lab.app.context import AppContext
from sprite_lab.app.draw import drawing_tasks
from sprite_lab.app.engine_types import Model, TrainResult
from sprite_lab.app.task import Task
from sprite_lab.app.train.training_runs import TrainingRuns
from sprite_lab.core.records import Outcome
from sprite_lab.jobs import JobHandle
from sprite_lab.words import tr


class LiveModel(QObject):
    """Finds the student of the open model when Live needs it. UI thread."""

    changed = Signal()  #: ``model`` changed
    making_changed = Signal()  #: making a student has started, ended or become possible
    progressed = Signal(int, int)  #: steps done and in total while a student is trained

    def __init__(self, context: AppContext, training_runs: TrainingRuns, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._training_runs = context, training_runs
        self._wanted = False
        self._found_for: Model | None = None
        self._job: JobHandle | None = None
        #: The model that draws: the open one or its student; None = not yet known.
        self.model: Model | None = None
        context.model.changed.connect(self._on_model)
        training_runs.current.changed.connect(self.making_changed)

    def want(self) -> None:
        """Start looking for a model."""
        self._wanted = True
        self._look()

    @property
    def is_slow(self) -> bool:
        """Whether the open model draws itself, for lack of a student."""
        return self.model is not None and not self.model.is_student

    @property
    def making(self) -> bool:
        """Whether a student is being made here."""
        return self._job is not None

    @property
    def problem(self) -> str:
        """Why no student can be made, or ""."""
        if self.making:
            return tr("A student is being trained.")
        if self._training_runs.current.value is not None:
            return tr("A training run is in progress: stop it first.")
        return ""

    def make(self) -> None:
        """Distill a student of the open model, and draw with it once it is ready."""
        ref = self._context.model_ref
        if ref is None or self.making:
            return
        with self._context.reporting():
            self._job = job = self._training_runs.make_student(ref, then=self._on_made)
            job.progressed.connect(self.progressed)
            job.ended.connect(self._on_ended)
            self.making_changed.emit()

    def stop(self) -> None:
        """Stop early, and keep the student as it is."""
        if self._job is not None:
            self._job.stop()

    def _on_made(self, result: TrainResult) -> None:
        if result.step == 0:
            self._context.notice.emit(
                tr("It was stopped before its first step, so there is no student.")
            )
            return
        self._found_for = None
        self._look()

    @Slot(object)
    def _on_ended(self, _outcome: Outcome) -> None:
        self._job = None
        self.making_changed.emit()

    def _on_model(self, *_: object) -> None:
        self._found_for = None
        self._set(None)
        if self._wanted:
            self._look()

    def _look(self) -> None:
        model = self._context.model.value
        if model is None or model is self._found_for:
            return
        self._found_for = model
        if model.is_student:
            self._set(model)
            return
        self._context.do(
            student_search(self._context),
            self,
            name=tr("Finding a fast model"),
            then=self._take,
            newest="live-model",
        )

    def _take(self, student: Model | None) -> None:
        # Only the newest search gets here, and the open model is the one it was for.
        if self._found_for is self._context.model.value:
            self._set(self._found_for if student is None else student)

    def _set(self, model: Model | None) -> None:
        if model is not self.model:
            self.model = model
            self.changed.emit()


def student_search(context: AppContext) -> Task[Model | None]:
    """The task that finds the newest student of the open model; its result is None without one."""
    model = context.model.value
    assert model is not None
    name = Path(str(context.model_ref)).name
    return drawing_tasks.find_student(model, name, paths.runs_dir())
