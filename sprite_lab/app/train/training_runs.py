"""Starts and resumes training runs, one at a time, and signals when they end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from sprite_lab import paths
from sprite_lab.app import tasks
from sprite_lab.app.context import AppContext
from sprite_lab.app.engine_types import Followed, Model, TrainResult
from sprite_lab.app.files import library
from sprite_lab.app.shell import text_format
from sprite_lab.app.task import Task
from sprite_lab.app.value_model import ValueModel
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.follow_control import FollowControl
from sprite_lab.core.presets import STUDENT
from sprite_lab.core.records import Outcome
from sprite_lab.core.run import RunControl
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.jobs import JobHandle
from sprite_lab.words import tr, trn

#: A training run from scratch that is stopped before this step draws little but blots: in the first
#: hundred steps, the learning rate is still rising.
BARELY_TRAINED = 200


@dataclass(frozen=True)
class Training:
    """A running training: its job, folder and settings.

    ``data``: title and fingerprint of its training set; "" = none. ``init``: the model it started
    from; None = new weights. ``teacher``: title of its teacher; "" = it learns from sprites.
    ``followed``: the control of a run that another process trains.
    """

    handle: JobHandle
    run: Path
    config: TrainConfig
    data: tuple[str, str]
    resume: bool = False
    init: Model | None = None
    teacher: str = ""
    followed: FollowControl | None = None

    @property
    def is_student(self) -> bool:
        return self.config.preset == STUDENT.preset or self.config.network.guided


class TrainingRuns(QObject):
    """Trains models on ``context.data``, one at a time. UI thread."""

    trained = Signal(object)  #: folder of a run whose model should be opened
    finished = Signal()  #: a training run ended: completed, canceled or failed

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._context = context
        #: the running training, or None
        self.current: ValueModel[Training | None] = ValueModel(None, self)
        #: the newest run whose folder exists, whose previews are shown; None = none
        self.last_run: ValueModel[Path | None] = ValueModel(None, self)
        self._run_before: Path | None = None  # restored as ``last_run`` if training is canceled
        #: the run whose training was killed with the last session; None once another run is trained
        self.interrupted: Path | None = None
        # The open model that the trained one may replace even while the user draws with it.
        self._replaced: Model | None = None
        context.runs.changed.connect(self._stand_in)
        context.runs.became_known.connect(self._stand_in)
        context.runs.became_known.connect(self._look_back)

    # -- the example ------------------------------------------------------------------------------

    def show_example(self) -> None:
        """Show the run that ships, unless a training run is in progress."""
        if self.current.value is None:
            self.last_run.set(paths.example_run())

    def _stand_in(self, *_: object) -> None:
        """Show the example while the user has no runs."""
        runs = self._context.runs
        if runs.is_known and not runs.value and self.last_run.value is None:
            self.show_example()

    # -- what is possible ------------------------------------------------------------------------

    @property
    def busy(self) -> str:
        """Why no training run can start now; "" = one can."""
        return "" if self.current.value is None else tr("A training run is in progress.")

    @property
    def idle(self) -> str:
        """Why no training run can be paused or stopped now; "" = one can."""
        training = self.current.value
        if training is None:
            return tr("No training run is in progress. Start one first.")
        return tr("It is being saved.") if training.handle.state == "stopping" else ""

    # -- what a kill left -------------------------------------------------------------------------

    def _look_back(self) -> None:
        """Report once that a training run was interrupted."""
        last = self._context.settings.value.training
        if last and self.current.value is None:
            task = library.find_interrupted(Path(last))
            self._context.do(task, self, then=self._tell_interrupted, quiet=True)

    def _tell_interrupted(self, run: Path | None) -> None:
        if run is None or self.current.value is not None:
            return
        entry = next((one for one in self._context.runs.value if one.path == run), None)
        self.interrupted = None if entry is None else run
        self._context.settings.replace(training="")
        if entry is None:
            return
        self._context.notice.emit(
            trn(
                "The training of “{run_title}” was interrupted; {n:,} step is saved. Continue it, "
                "or open its model, in the library.",
                "The training of “{run_title}” was interrupted; {n:,} steps are saved. Continue "
                "it, or open its model, in the library.",
                entry.step or 0,
                run_title=entry.title,
            )
        )

    # -- starting ---------------------------------------------------------------------------------

    def start(
        self, config: TrainConfig, *, init: Model | None = None, opens: bool = False
    ) -> JobHandle:
        """Train on the open data set, in a new run folder.

        ``init``: the Model to start from, with its network and noise schedule; None = new weights.
        ``opens``: open the trained model afterward even if the user draws with the open one, unless
        another was opened meanwhile. Raises SpriteLabError if no set is open, or a training run is
        in progress.
        """
        sprites = self._sprites()
        run = library.new_run_folder(sprites.title)
        task = tasks.train(config, sprites, run, init=init)
        handle = self._train(task, run, config, init=init)
        self._replaced = self._context.model.value if opens else None
        return handle

    def continue_run(self, run: Path, epochs: int | None = None, *, opens: bool = False) -> None:
        """Resume a stopped run: a student with its teacher, any other with the open data set.

        ``epochs``: the new end, counted from the start of the run; None = the old end, extended by
        as much again if it was reached. A student keeps its own end. ``opens``: as in
        :meth:`start`. Raises SpriteLabError if a training run is in progress.
        """
        self._refuse_while_one_goes_on()

        def take(stopped: tasks.Stopped) -> None:
            if self.current.value is not None:
                return
            config = stopped.longer
            if stopped.teacher:
                task = tasks.continue_student(run, config, self._called(stopped.teacher))
                teacher = text_format.run_title(stopped.teacher)
                self._train(task, run, config, resume=True, teacher=teacher)
                return
            if epochs is not None and epochs > stopped.epoch:
                config = replace(config, epochs=epochs, max_steps=None)
            with self._context.reporting():
                task = tasks.train(config, self._sprites(), run, resume=True)
                self._train(task, run, config, resume=True)
                self._replaced = self._context.model.value if opens else None

        name = tr("Reading {run_title}", run_title=text_format.run_title(run.name))
        self._context.do(tasks.read_stopped(run), self, name=name, then=take)

    def _called(self, title: str) -> list[str | Path]:
        """Runs of the library with this title, then the open model, which may also have it."""
        opened, runs = self._context.model_ref, self._context.runs.value
        found: list[str | Path] = [run.path for run in runs if run.path.name == title]
        return found if opened is None else [*found, opened]

    def follow(self, where: str) -> None:
        """Show a training run of another process; ``where``: a run folder, or HOST:FOLDER.

        Raises SpriteLabError if a training run is in progress.
        """
        self._refuse_while_one_goes_on()
        self._context.do(tasks.find_run(where, paths.runs_dir()), self, then=self._follow)

    def _follow(self, found: Followed) -> None:
        if self.current.value is not None:
            found.connection.close()
            return
        control = FollowControl()
        name = tr("Following {run_title}", run_title=text_format.run_title(found.folder.name))
        handle = self._context.do(
            tasks.follow(found), self, name=name, then=self._tell_end, control=control
        )
        handle.ended.connect(self._on_ended)
        self.current.set(Training(handle, found.folder, found.config, found.data, followed=control))
        self._run_before = self.last_run.value
        self.last_run.set(found.folder)
        self._context.workspace_wanted.emit("train", "")

    def _tell_end(self, run: Path) -> None:
        self._context.notice.emit(
            tr(
                "“{run_title}” has ended; its model can be opened.",
                run_title=text_format.run_title(run.name),
            )
        )

    def make_student(
        self, ref: Path | str, then: Callable[[TrainResult], None] | None = None
    ) -> JobHandle:
        """Distill a model into a student that draws in a few steps, and open the student.

        If given, ``then`` gets the result instead, and the window stays on its page. Raises
        SpriteLabError if a training run is in progress.
        """
        self._refuse_while_one_goes_on()
        title = text_format.run_title(Path(ref).name)
        run = library.new_run_folder(f"{title.partition(',')[0]}-student")
        shipped = {model.name: model.title for model in self._context.shipped.value}
        teacher = shipped.get(str(ref), title)
        return self._train(tasks.distill(ref, run), run, STUDENT, teacher=teacher, then=then)

    # -- afterward -------------------------------------------------------------------------------

    def _sprites(self) -> SpriteSet:
        """The open data set; raises SpriteLabError if training cannot start."""
        sprites = self._context.data.value
        if sprites is None:
            raise SpriteLabError("There are no sprites to learn from: open a data set.")
        self._refuse_while_one_goes_on()
        return sprites

    def _refuse_while_one_goes_on(self) -> None:
        if self.current.value is not None:
            raise SpriteLabError(
                "A training run is being followed: stop following it first."
                if self.current.value.followed
                else "A training run is in progress: stop it first."
            )

    def _train(
        self,
        task: Task[TrainResult],
        run: Path,
        config: TrainConfig,
        *,
        resume: bool = False,
        init: Model | None = None,
        teacher: str = "",
        then: Callable[[TrainResult], None] | None = None,
    ) -> JobHandle:
        name = tr("Training {run_title}", run_title=text_format.run_title(run.name))
        control = RunControl()
        scratch = init is None and not teacher
        self._replaced = self.interrupted = None
        self._context.settings.replace(training=str(run))

        def end(result: TrainResult) -> None:
            if scratch and control.stop_requested and self._is_worse(result):
                self._offer(result)
            else:
                self._open(result)

        handle = self._context.do(task, self, name=name, then=then or end, control=control)
        handle.ended.connect(self._on_ended)
        sprites = None if teacher else self._context.data.value
        data = ("", "") if sprites is None else (sprites.title, sprites.fingerprint)
        self.current.set(Training(handle, run, config, data, resume, init, teacher))
        self._run_before = self.last_run.value
        self.last_run.set(run)
        if then is None and not self._context.on_style_path:  # the path shows progress itself
            self._context.workspace_wanted.emit("train", "")
        return handle

    def _is_worse(self, result: TrainResult) -> bool:
        """Whether training was stopped too early to replace the open model."""
        context = self._context
        another = context.model.value is not None and str(context.model_ref) != str(result.run)
        return 0 < result.step < BARELY_TRAINED and another

    def _offer(self, result: TrainResult) -> None:
        """Keep the open model, and tell the user how to open the new one."""
        model = self._context.model.value
        assert model is not None
        self._context.notice.emit(
            trn(
                "Stopped after {n} step, so it draws little but blots so far: “{title}” stays "
                "open. To see what the new model draws, press Open model in Train.",
                "Stopped after {n} steps, so it draws little but blots so far: “{title}” stays "
                "open. To see what the new model draws, press Open model in Train.",
                result.step,
                title=text_format.run_title(model.title),
            )
        )

    def _open(self, result: TrainResult) -> None:
        context, model = self._context, self._context.model.value
        if result.step == 0:
            context.notice.emit(
                tr("Training was stopped before its first step, so there is no model.")
            )
            return
        goes_on = str(context.model_ref) == str(result.run)
        if (
            context.keeps_model
            and model is not None
            and model is not self._replaced
            and not goes_on
        ):
            context.notice.emit(
                tr(
                    "“{run_title}” has finished training. Draw still uses “{title}”: open the new "
                    "model in the library to draw with it.",
                    run_title=text_format.run_title(result.run.name),
                    title=text_format.run_title(model.title),
                )
            )
            return
        if context.on_style_path:  # the next button there is not Generate
            told = trn(
                "Trained {n:,} step. My style draws with it from now on.",
                "Trained {n:,} steps. My style draws with it from now on.",
                result.step,
            )
        else:
            told = trn(
                "Trained {n:,} step. Press Generate to see what it learned.",
                "Trained {n:,} steps. Press Generate to see what it learned.",
                result.step,
            )
        context.notice.emit(told)
        # Immediately, so that the next session opens this model even if the app is closing.
        context.settings.replace(model=str(result.run))
        self.trained.emit(result.run)

    def _on_ended(self, outcome: Outcome) -> None:
        training = self.current.value
        assert training is not None
        ours = training.followed is None
        if ours:
            self._context.settings.replace(training="")
        self.current.set(None)
        if outcome.kind == "canceled" and ours:
            self._context.notice.emit(
                tr("Training was canceled; the run is back as it was before you continued it.")
                if training.resume
                else tr("Training was canceled and discarded.")
            )
        # Nothing was kept, training never began, or somebody deleted the folder.
        if ours and outcome.kind != "completed" and not training.run.exists():
            before = self._run_before
            self.last_run.set(before if before is not None and before.exists() else None)
        self.finished.emit()
