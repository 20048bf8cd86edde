"""Where everything meets: the data, the model, what is shown, and the jobs that change them.

One Lab is made and handed to every workspace; workspaces know it and not each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from sprite_lab import paths
from sprite_lab.app import library, tasks, words
from sprite_lab.app.branches import Branches
from sprite_lab.app.data_edits import DataEdits
from sprite_lab.app.exports import Exports
from sprite_lab.app.project import Project
from sprite_lab.app.settings import Settings
from sprite_lab.app.trainings import Trainings
from sprite_lab.app.value_model import ValueModel
from sprite_lab.app.workbench import Workbench
from sprite_lab.core.config import SampleConfig, ScheduleConfig, TrainConfig
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.records import Notice, Outcome
from sprite_lab.core.sprites import BUILTIN_TITLE, SpriteSet
from sprite_lab.core.trajectory import Trajectory
from sprite_lab.jobs import Factory, JobHandle, JobRunner

if TYPE_CHECKING:
    from sprite_lab.engine.models import Model  # at run time it would bring torch


class Lab(QObject):
    """What the workspaces share. UI thread.

    Attributes
    ----------
    jobs : starts what takes time.
    data : the SpriteSet that is open, None until the first is loaded.
    data_path : where it was read from; None = built-in.
    model : what generates, None = none. The UI reads the properties of ModelInfo.
    model_ref : the run folder, file or name it was loaded from.
    trajectory : what See shows.
    runs : what the library shows, newest first.
    shipped : the models that come with the app; none until torch is loaded.
    machine : what there is to compute with; None until torch is loaded.
    trainings : the training that goes on, and the newest run.
    project : what a person makes.
    workbench : the project's way in and out.
    exports : what can be exported, and how it was last.
    branches : the tree that ``trajectory`` belongs to.
    edits : what a person changes of the data set.

    Signals
    -------
    notice : a sentence to show for a while.
    failed : a sentence on what went wrong, details to fold out.
    workspace_wanted : name of the workspace to go to.
    guide_wanted : page of the user guide to open ("guide"), and its chapter or "".
    drawing_wanted : path of a palette, or of pictures, that Draw is to take.
    import_wanted : the import window is to be shown.
    sheet_wanted : CellSheet that is to become a new project, once nothing unsaved is lost by it.
    data_wanted : what is to be opened as the data set, once nothing unsaved is lost by it: a
        path, "" = the built-in set, None = what a person chooses. Emit it by :meth:`want_data`.
    save_data_wanted : the data set is to be saved under a name that a person chooses.
    """

    notice = Signal(str)
    failed = Signal(str, str)
    workspace_wanted = Signal(str)
    guide_wanted = Signal(str, str)
    drawing_wanted = Signal(object)
    import_wanted = Signal()
    sheet_wanted = Signal(object)
    data_wanted = Signal(object)
    save_data_wanted = Signal()

    def __init__(self, settings: Settings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings or Settings()
        self.jobs = JobRunner(self)
        self.data: ValueModel[SpriteSet | None] = ValueModel(None, self)
        self.data_path: Path | None = None
        self.model: ValueModel[Model | None] = ValueModel(None, self)
        self.model_ref: str | Path | None = None
        self.trajectory: ValueModel[Trajectory | None] = ValueModel(None, self)
        self.runs: ValueModel[tuple[library.RunEntry, ...]] = ValueModel((), self)
        self.shipped: ValueModel[tuple[library.ShippedModel, ...]] = ValueModel((), self)
        self.machine: ValueModel[tasks.Machine | None] = ValueModel(None, self)
        self.trainings = Trainings(self)
        self.project = Project(parent=self)
        self.workbench = Workbench(self)
        self.branches = Branches(self)
        self.exports = Exports(self)
        self.edits = DataEdits(self)
        self._newest: dict[str, JobHandle] = {}
        self._turns: dict[str, int] = {}
        self._save_timer = QTimer(self)
        self._save_timer.setSingleShot(True)
        self._save_timer.setInterval(1000)
        self._save_timer.timeout.connect(self._save_settings)
        # Of what is made on its own Qt keeps closures for ever, and with one this lab.
        self.settings.changed.connect(self._save_soon)

    # -- jobs ------------------------------------------------------------------------------

    def do(
        self,
        factory: Factory,
        *,
        name: str,
        then: Callable[[Any], None] | None = None,
        io: bool = False,
        long: bool = False,
        newest: str = "",
        quiet: bool = False,
        network: bool = False,
    ) -> JobHandle:
        """Start a job; ``then`` gets its result, and failures are told by ``failed``.

        Parameters
        ----------
        io : for what only reads or writes files; ``network`` : for what asks elsewhere.
        newest : jobs of one such kind replace each other: an older one is cancelled, and its
            result is not used.
        quiet : whether a failure is only logged in the job's outcome, not told.
        """
        handle = self.jobs.start(factory, name=name, io=io, long=long, network=network)
        turn = self._turns.get(newest, 0) + 1
        if newest:
            older = self._newest.get(newest)
            if older is not None and older.active:
                older.cancel()
            self._newest[newest], self._turns[newest] = handle, turn

        # Does not refer to the handle: that would be a circle through Qt, which Python's
        # collector cannot see, and would keep every result for ever.
        def finish(outcome: Outcome) -> None:
            if newest and self._turns[newest] != turn:
                return
            self._newest.pop(newest, None)
            if outcome.kind == "failed" and not quiet:
                self.failed.emit(outcome.error, outcome.details)
            if outcome.kind == "completed" and then is not None and _is_there(then):
                then(outcome.result)

        handle.records_ready.connect(self._tell_notices)
        handle.ended.connect(finish)
        return handle

    def _tell_notices(self, records: tuple[object, ...]) -> None:
        for record in records:
            if isinstance(record, Notice):
                self.notice.emit(record.text)

    # -- data ------------------------------------------------------------------------------

    def open_data(self, path: Path | str | None = None) -> JobHandle:
        """Open a set of sprites; None = the built-in one. A bad file changes nothing."""
        file = Path(path) if path else None

        def take(sprites: SpriteSet) -> None:
            self.edits.rescue()  # for a lesson asks nobody
            self.data_path = file
            self.settings.replace(data=str(file.resolve()) if file else "")
            if file:
                self.settings.remember("recent_data", str(file.resolve()))
            self.data.set(sprites)

        name = f"Opening {file.name}" if file else "Making the built-in sprites"
        return self.do(tasks.load_data(file), name=name, then=take, io=True, newest="data")

    def want_data(self, path: Path | str | None) -> None:
        """Open a data set ("" = the built-in one, None = one that is asked for), but ask first
        where that would lose what a person has changed."""
        if path is not None and self.edits.is_clean:
            self.open_data(path or None)
        else:
            self.data_wanted.emit(path)

    @property
    def data_title(self) -> str:
        """What the open data set is called on screen."""
        if self.data.value is None:
            return "No data set"
        return self.data_path.name if self.data_path else BUILTIN_TITLE

    # -- models ----------------------------------------------------------------------------

    def open_model(self, ref: Path | str, *, quiet: bool = False) -> JobHandle:
        """Load a run folder, a weights file or a shipped model. A bad one changes nothing.

        ``quiet``: a model of the last session that is gone is no error.
        """

        shipped = library.is_shipped(ref)

        def take(model: Model) -> None:
            self.model_ref = ref
            # A path that was given on the command line is that of another folder next time.
            known = str(ref if shipped else Path(ref).absolute())
            self.settings.replace(model=known)
            if not shipped:
                self.settings.remember("recent_models", known)
            if (Path(ref) / "run.json").is_file():
                self.trainings.last_run.set(Path(ref))
            self.model.set(model)

        name = "Loading the model" if shipped else f"Loading {words.run_title(Path(ref).name)}"
        return self.do(tasks.load_model(ref), name=name, then=take, newest="model", quiet=quiet)

    def generate(
        self, configs: Sequence[SampleConfig], *, show: bool = True, model: Model | None = None
    ) -> JobHandle:
        """Draw sprites with a model; needs one.

        Parameters
        ----------
        show : whether See shows how they came about.
        model : None = the one that is open.

        Raises
        ------
        SpriteLabError
            If no model is loaded.
        """
        model = model or self.model.value
        if model is None:
            raise SpriteLabError("There is no model yet: train one or open one.")
        count = sum(config.count for config in configs)
        name = f"Generating {count} sprite{'s' if count != 1 else ''}"
        return self.do(
            tasks.generate(model, tuple(configs), self.settings.value.recorded_bytes),
            name=name,
            then=self.trajectory.set if show else None,
            newest="generate" if show else "",
        )

    def forward(
        self,
        images: NDArray[np.uint8],
        schedule: ScheduleConfig | None = None,
        seed: int = 0,
    ) -> JobHandle:
        """Dissolve uint8 (N, H, W, 3) into noise and show it in See.

        ``schedule`` None = that of the model, or else the one that trainings use.
        """
        if schedule is None:
            model = self.model.value
            schedule = TrainConfig().schedule if model is None else model.schedule_config
        return self.do(
            tasks.forward(images, schedule, seed),
            name="Adding noise",
            then=self.trajectory.set,
            newest="generate",
            io=True,  # numpy alone, so it need not wait for torch to be loaded
        )

    # -- machine and disk ------------------------------------------------------------------

    def look_at_machine(self) -> JobHandle:
        """Load torch on its worker, fill ``machine`` and ``shipped``; after the first paint."""
        self.do(library.scan_shipped(), name="Reading the library", then=self.shipped.set)
        return self.do(tasks.look_at_machine(), name="Loading PyTorch", then=self.machine.set)

    def refresh_library(self) -> None:
        """Read the folder of runs again."""
        self.do(
            library.scan_runs(paths.runs_dir()),
            name="Reading the library",
            then=self.runs.set,
            io=True,
            newest="library",
            quiet=True,
        )

    def trash(self, path: Path) -> JobHandle:
        """Move a run or file to the trash; ask before."""

        def done(gone: Path) -> None:
            self.notice.emit(f"'{gone.name}' is in the trash.")
            if self.trainings.last_run.value == gone:
                self.trainings.last_run.set(None)
            self.refresh_library()

        return self.do(
            library.move_to_trash(path), name=f"Removing {path.name}", then=done, io=True
        )

    def _save_soon(self, *_: object) -> None:
        self._save_timer.start()

    def _save_settings(self) -> None:
        problem = self.settings.try_to_save()
        if problem:
            self.notice.emit(problem)


def _is_there(then: Callable[[Any], None]) -> bool:
    """False for what works on something that Qt has deleted, as a closed window's parts are: a
    method of it, or a function written in one."""
    held = [getattr(then, "__self__", None)]
    code, cells = getattr(then, "__code__", None), getattr(then, "__closure__", None)
    for name, cell in zip(code.co_freevars if code else (), cells or (), strict=True):
        if name == "self":
            held.append(cell.cell_contents)
    return all(shiboken6.isValid(owner) for owner in held if isinstance(owner, QObject))
