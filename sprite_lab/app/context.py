"""State shared by the parts of the app: settings, jobs, open values and messages to the user."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal

from sprite_lab.app.engine_types import Model
from sprite_lab.app.files.library import RunEntry, ShippedModel
from sprite_lab.app.shell.settings import Settings, save_settings
from sprite_lab.app.task import Task
from sprite_lab.app.tasks import Machine
from sprite_lab.app.value_model import ValueModel
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.records import Notice, Outcome
from sprite_lab.core.run import RunControl
from sprite_lab.core.sets.sprites import BUILTIN_TITLE, GROUND_TITLE, SpriteSet
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.jobs import JobHandle, JobRunner
from sprite_lab.paths import resource
from sprite_lab.words import tr

T = TypeVar("T")


class AppContext(QObject):
    """Settings, jobs and open values. UI thread.

    Every part of the app takes one, and knows only this and the parts passed to it.
    """

    notice = Signal(str)  #: a sentence to show for a while
    #: the same, but about the last step of the project, offering to undo it
    undoable = Signal(str)
    failed = Signal(str, str)  #: a sentence about what went wrong, and details to expand
    #: the last failure reported is resolved: the action has worked since, or its subject has
    #: changed
    mended = Signal()
    #: name of the workspace to go to, and of a page there; "" = the current page
    workspace_wanted = Signal(str, str)
    #: page of the user guide to open, such as "guide", and its chapter or ""
    guide_wanted = Signal(str, str)
    #: a SampleConfig that keeps pixels of a drawing, for See to show how the rest is drawn
    inpainting_wanted = Signal(object)
    drawing_wanted = Signal(object)  #: the path of a palette or of pictures, for Draw to open
    sprites_wanted = Signal()  #: show the sprites of the open set, to choose some for Draw
    cells_wanted = Signal(object)  #: tuple of the cells that Draw should choose and show
    import_wanted = Signal()  #: show the import window
    #: a CellSheet to open as a new project, after asking about unsaved work
    sheet_wanted = Signal(object)
    #: the data set to open, after asking about unsaved work: a path, "" = the built-in set, None =
    #: ask the user. Emitted by ``Lab.want_data``.
    data_wanted = Signal(object)
    style_wanted = Signal()  #: show the path to sprites in the user's own style
    save_data_wanted = Signal()  #: save the data set to its file
    save_data_as_wanted = Signal()  #: save the data set under a name that the user chooses

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.settings = settings or Settings()
        self.jobs = JobRunner(self)  #: starts jobs
        #: the open SpriteSet, None until the first is loaded
        self.data: ValueModel[SpriteSet | None] = ValueModel(None, self)
        self.data_path: Path | None = None  #: file of the open set; None = built-in
        #: the open model, which generates; None = none
        self.model: ValueModel[Model | None] = ValueModel(None, self)
        #: whether a model is being loaded
        self.model_loading: ValueModel[bool] = ValueModel(False, self)
        #: whether a data set is being loaded
        self.data_loading: ValueModel[bool] = ValueModel(False, self)
        #: whether the drawings of the last session are being loaded
        self.restoring: ValueModel[bool] = ValueModel(False, self)
        self.model_ref: str | Path | None = None  #: run folder, file or name of the open model
        #: whether the open model stays open when a training run ends, since the user is drawing
        #: with it
        self.keeps_model = False
        #: whether the path to sprites in the user's own style is shown; an import and a training
        #: run are steps of it
        self.on_style_path = False
        #: whether a lesson waits for an answer; meanwhile, no page may give it away
        self.is_asking: ValueModel[bool] = ValueModel(False, self)
        #: the controls that a question of the lesson is about, in this step or a later one
        self.asked_for: ValueModel[frozenset[str]] = ValueModel(frozenset(), self)
        #: whether a lesson is in progress; its measurements are not kept
        self.in_lesson = False
        #: the trajectory in See
        self.trajectory: ValueModel[Trajectory | None] = ValueModel(None, self)
        #: the training runs on disk, newest first
        self.runs: ValueModel[tuple[RunEntry, ...]] = ValueModel((), self)
        #: the models that ship with the app; none until torch is loaded
        self.shipped: ValueModel[tuple[ShippedModel, ...]] = ValueModel((), self)
        #: the devices; None until torch is loaded
        self.machine: ValueModel[Machine | None] = ValueModel(None, self)
        #: the last failure, if not resolved: the task of a job, "" = an action; None = no failure
        self._wrong: str | None = None
        self._failures = 0
        self.failed.connect(self._on_failed)
        self._newest: dict[str, JobHandle] = {}
        self._turns: dict[str, int] = {}
        self._save_timer = QTimer(self, singleShot=True, interval=1000)
        self._save_timer.timeout.connect(self._save_settings)
        # A method, since Qt would keep a closure alive as long as the settings, which have no
        # parent.
        self.settings.changed.connect(self._save_soon)

    @property
    def data_title(self) -> str:
        """The name of the open data set on screen."""
        if self.data.value is None:
            return tr("No data set")
        if self.data_path == resource("ground.npz"):
            return tr(GROUND_TITLE)
        return self.data_path.name if self.data_path else tr(BUILTIN_TITLE)

    @property
    def own_set(self) -> SpriteSet | None:
        """The open set if it is the user's own, otherwise None."""
        own = self.data_path not in (None, resource("ground.npz"))
        return self.data.value if own else None

    def _save_soon(self, *_: object) -> None:
        if not self._save_timer.isActive():  # otherwise, continual changes would never be saved
            self._save_timer.start()

    def _save_settings(self) -> None:
        if self.settings.unsaved:
            self.do(save_settings(self.settings), self, then=self._tell_problem)

    def _tell_problem(self, problem: str) -> None:
        if problem:
            self.notice.emit(problem)

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Emit ``failed`` for an error that the user can fix, instead of raising it."""
        try:
            yield
            self.mend()
        except SpriteLabError as error:
            self.failed.emit(str(error), "")

    def _on_failed(self, _sentence: str, details: str) -> None:
        # A failure with details stays until the user closes it, except for that of a job: ``do``
        # sets its task.
        self._wrong = None if details else ""
        self._failures += 1

    def mend(self, what: str = "") -> None:
        """Resolve the last failure if it was of the task ``what``, which has now succeeded.

        "" = a failure of an action, which has worked since, or whose subject has changed.
        """
        if self._wrong == what:
            self._wrong = None
            self.mended.emit()

    # -- jobs ------------------------------------------------------------------------------

    def do(
        self,
        task: Task[T],
        owner: QObject,
        *,
        name: str = "",
        then: Callable[[T], object] | None = None,
        newest: str = "",
        quiet: bool = False,
        control: RunControl | None = None,
    ) -> JobHandle:
        """Start a job; ``then`` gets its result on the UI thread, and ``failed`` reports failures.

        Parameters
        ----------
        owner : receives the result; if Qt has deleted it by then, for example with a closed window,
            the result is dropped.
        name : the name of the job; "" = that of the task.
        newest : the kind of job; a new job cancels an older one of the same kind, whose result is
            ignored. "" = none.
        quiet : do not report a failure, which is only in the job's outcome; success leaves an
            earlier failure on screen.
        control : controls the job; None = a new one.
        """
        handle = self.jobs.start(
            task,
            name=name or tr(task.name),
            long=task.long,
            worker=task.worker,
            control=control,
        )
        # A job resolves the failure of an action only if it began after that failure.
        actions, failures = bool(name), self._failures
        turn = self._turns.get(newest, 0) + 1
        if newest:
            older = self._newest.get(newest)
            if older is not None and older.active:
                older.cancel()
            self._newest[newest], self._turns[newest] = handle, turn

        # Must not refer to the handle: Python's garbage collector cannot see such a cycle through
        # Qt, so every result would leak.
        def finish(outcome: Outcome) -> None:
            if newest and self._turns[newest] != turn:
                return
            self._newest.pop(newest, None)
            if outcome.kind == "failed" and not quiet:
                self.failed.emit(outcome.error, outcome.details)
                self._wrong = task.what
            elif outcome.kind == "completed" and not quiet:
                self.mend(task.what)
                if actions and failures == self._failures:
                    self.mend()
            if outcome.kind == "completed" and then is not None and shiboken6.isValid(owner):
                then(outcome.result)

        handle.records_ready.connect(self._tell_notices)
        handle.ended.connect(finish)
        return handle

    def newest(self, kind: str) -> JobHandle | None:
        """The running job of a kind, such as "model", "data" or "generate"; None = none runs."""
        job = self._newest.get(kind)
        return job if job is not None and job.active else None

    def after(self, kind: str, action: Callable[[], object]) -> JobHandle | None:
        """Call ``action`` when the running job of a kind ends; returns the job, None = none."""
        job = self.newest(kind)
        if job is not None:
            job.ended.connect(lambda _: action())
        return job

    def drop(self, kind: str) -> None:
        """Cancel the job of a kind, if any, and ignore its result, even if it is ready."""
        job = self._newest.pop(kind, None)
        if job is not None:
            self._turns[kind] += 1
            job.cancel()

    def _tell_notices(self, records: tuple[object, ...]) -> None:
        for record in records:
            if isinstance(record, Notice):
                self.notice.emit(record.text)
