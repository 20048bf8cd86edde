"""The composition root of the app; no part of ``Lab`` imports it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Slot

from sprite_lab import paths
from sprite_lab.app import tasks
from sprite_lab.app.context import AppContext
from sprite_lab.app.data.data_edits import DataEdits
from sprite_lab.app.engine_types import Model
from sprite_lab.app.files import library
from sprite_lab.app.files.exports import Exports
from sprite_lab.app.files.opening import WEIGHT_SUFFIXES, find_gone
from sprite_lab.app.files.project import Project
from sprite_lab.app.files.project_io import ProjectIO
from sprite_lab.app.see.branches import Branches
from sprite_lab.app.shell import text_format
from sprite_lab.app.shell.settings import Preferences, Settings
from sprite_lab.app.train.example_run import EXAMPLE_TITLE
from sprite_lab.app.train.training_runs import TrainingRuns
from sprite_lab.app.value_model import ValueModel
from sprite_lab.core.config import ForwardConfig, SampleConfig, TrainConfig
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.pixels.cells import CellSheet
from sprite_lab.core.records import Outcome
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.jobs import JobHandle
from sprite_lab.words import tr, trn


class Lab(AppContext):
    """The context and all parts of the app; opens data sets and models, generates. UI thread."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        # Connected first, since later listeners use these names.
        self.runs.changed.connect(self._name_runs)
        self._name_runs()
        #: the recently opened models and sets that are gone; until this is known, ``recent_data``
        #: and ``recent_models`` are empty
        self.gone: ValueModel[frozenset[str]] = ValueModel(frozenset(), self)
        self.settings.changed.connect(self._on_settings)
        self.training_runs = TrainingRuns(self)  #: the current training, and the newest run
        self.project = Project(parent=self)  #: the user's drawings
        self.project_io = ProjectIO(
            self, self.project, self._bring_back
        )  #: opens, saves and fills the project
        self.branches = Branches(self)  #: the tree that ``trajectory`` belongs to
        #: what can be exported, and the last export
        self.exports = Exports(self, self.project, self.training_runs)
        self.edits = DataEdits(self)  #: changes to the data set
        changed = self.project.cells_changed, self.project.grid_changed, self.edits.history_changed
        for signal in changed:
            signal.connect(self._on_change)
        self.training_runs.trained.connect(self.open_model)
        self.training_runs.finished.connect(self.refresh_library)

    @Slot()
    def _on_change(self) -> None:
        self.mend()

    # -- data ------------------------------------------------------------------------------

    def open_data(self, path: Path | str | None = None, *, quiet: bool = False) -> JobHandle:
        """Open a data set; None = the built-in one. A bad file changes nothing.

        ``quiet``: as in :meth:`do`.
        """
        file = Path(os.path.abspath(path)) if path else None

        def take(sprites: SpriteSet) -> None:
            self.edits.rescue()  # a lesson does not ask
            if file:
                self.settings.remember("recent_data", str(file))
            self.put_data(file, sprites)

        name = tr("Opening {name}", name=file.name) if file else tr("Making the built-in sprites")
        load = tasks.load_data(file)
        job = self.do(load, self, name=name, then=take, newest="data", quiet=quiet)
        job.ended.connect(self._on_data_loaded)
        self.data_loading.set(True)
        return job

    def _on_data_loaded(self, _outcome: Outcome) -> None:
        self.data_loading.set(self.newest("data") is not None)

    def put_data(self, file: Path | None, sprites: SpriteSet) -> None:
        """Make a loaded data set the open one; ``file``: None = the built-in one."""
        self.data_path = file
        self.data.set(sprites)
        # Only after both are set: until then the path belongs to another set.
        self.settings.replace(data=str(file or ""))

    def want_data(self, path: Path | str | None) -> None:
        """Open a data set ("" = the built-in one, None = ask for one), after asking about unsaved
        changes.
        """
        if path is not None and self.edits.is_clean:
            self.open_data(path or None)
        else:
            self.data_wanted.emit(path)

    @property
    def grown_from(self) -> tuple[str, ...]:
        """Fingerprints of the sets that the open one came from by adding drawings."""
        path = self.data_path
        found = self.settings.value.grown.get(str(path)) if path else None
        return tuple(map(str, found)) if isinstance(found, (list, tuple)) else ()

    def remember_grown(self, path: Path) -> None:
        """Remember that the set at ``path`` consists of the open set and added drawings."""
        sprites, base = self.own_set, self.edits.base
        if sprites is not None and base is not None:
            from_ = [*dict.fromkeys((sprites.fingerprint, base.fingerprint, *self.grown_from))]
            grown = {**self.settings.value.grown, str(path): from_}
            self.settings.replace(grown=grown)

    # -- models ----------------------------------------------------------------------------

    @property
    def opened_runs(self) -> tuple[Path, ...]:
        """Runs outside the library that were opened recently, such as other people's."""
        own = {run.path for run in self.runs.value}
        recent = map(Path, self.recent_models)
        return tuple(run for run in recent if run not in own and run.suffix not in WEIGHT_SUFFIXES)

    def open_model(self, ref: Path | str, *, quiet: bool = False) -> JobHandle:
        """Load a run folder, a weights file or a shipped model. A bad file changes nothing.

        ``quiet``: do not report a failure, for example if the model of the last session is gone.
        """

        shipped = library.is_shipped(ref)

        def take(model: Model) -> None:
            if not shipped:
                self.settings.remember("recent_models", str(Path(ref).absolute()))
            if (Path(ref) / "run.json").is_file():
                self.training_runs.last_run.set(Path(ref))
            self.put_model(ref, model)

        name = (
            tr("Loading the model")
            if shipped
            else tr("Loading {run_title}", run_title=text_format.run_title(Path(ref).name))
        )
        job = self.do(
            tasks.load_model(ref), self, name=name, then=take, newest="model", quiet=quiet
        )
        job.ended.connect(self._on_model_loaded)
        self.model_loading.set(True)
        return job

    def _on_model_loaded(self, _outcome: Outcome) -> None:
        self.model_loading.set(self.newest("model") is not None)

    def put_model(self, ref: Path | str, model: Model) -> None:
        """Make a loaded model the open one; ``ref``: its run folder, file or name."""
        self.model_ref = ref
        # An absolute path, since the next launch may have another working directory.
        known = str(ref if library.is_shipped(ref) else Path(ref).absolute())
        self.settings.replace(model=known)
        self.model.set(model)

    def _bring_back(self, sheet: CellSheet) -> None:
        """Open the model and data set that a project was saved with, unless they are open."""
        near = [path for path in (sheet.model, sheet.data) if path and _is_near(path)]

        def take(gone: frozenset[str]) -> None:
            self._bring_back_those(sheet, {*near} - gone)

        self.do(find_gone(near), self, then=take, newest="bring back", quiet=True)

    def _bring_back_those(self, sheet: CellSheet, there: set[str]) -> None:
        now, model, data = self.settings.value, sheet.model, sheet.data
        if model is not None and model != now.model:
            if library.is_shipped(model) or model in there:
                self.open_model(model)
            else:
                self.notice.emit(
                    tr(
                        "The model that this project was saved with is gone ({model}): open "
                        "another one.",
                        model=model,
                    )
                )
        if data is not None and data != now.data:
            if not data or data in there:
                self.want_data(data)
            else:
                self.notice.emit(
                    tr(
                        "The data set that this project was saved with is gone ({data}): open "
                        "another one.",
                        data=data,
                    )
                )

    def generate(
        self,
        configs: Sequence[SampleConfig],
        *,
        show: bool = True,
        model: Model | None = None,
        tries: int = 1,
    ) -> JobHandle:
        """Generate sprites with a model (None = the open one); SpriteLabError if there is none.

        ``show``: whether to show them in See. ``tries``: number of sprites drawn for each one kept,
        the best-looking of them.
        """
        model = model or self.model.value
        if model is None:
            raise SpriteLabError("There is no model yet: train one or open one.")
        count = sum(config.count for config in configs)
        name = trn("Generating {n} sprite", "Generating {n} sprites", count)
        return self.do(
            tasks.generate(model, tuple(configs), self.settings.value.recorded_bytes, tries),
            self,
            name=name,
            then=self.trajectory.set if show else None,
            newest="generate" if show else "",
        )

    def forward(self, images: NDArray[np.uint8], config: ForwardConfig | None = None) -> JobHandle:
        """Dissolve uint8 (N, H, W, 3) into noise and show it in See.

        ``config``: None = with the schedule of the open model, or else the default.
        """
        if config is None:
            model = self.model.value
            schedule = TrainConfig().schedule if model is None else model.schedule_config
            config = ForwardConfig(schedule=schedule)
        return self.do(
            tasks.forward(images, config), self, then=self.trajectory.set, newest="generate"
        )

    def draw_on(self, subject: str, rgba: NDArray[np.uint8], prompt: Prompt) -> None:
        """Put a sprite, uint8 (H, W, 4), and its prompt into the project, and go to Draw.

        ``subject``: the subject of exports that it comes from, which determines its credits.
        """
        self.project_io.take(rgba, prompt, self.exports.thanks(subject, prompt))

    # -- machine and disk ------------------------------------------------------------------

    def look_at_machine(self) -> JobHandle:
        """Load torch on its worker after the first paint, and set ``machine`` and ``shipped``."""
        self.do(library.scan_shipped(), self, then=self.shipped.set)
        return self.do(tasks.look_at_machine(), self, then=self.machine.set)

    def refresh_library(self) -> None:
        """List the runs again, and what was opened last."""
        self._look_for_recent()
        self.do(
            library.scan_runs(paths.runs_dir()),
            self,
            then=self.runs.set,
            newest="library",
            quiet=True,
        )

    @property
    def recent_data(self) -> tuple[str, ...]:
        """The data sets that were opened last and are still there."""
        return self._there(self.settings.value.recent_data)

    @property
    def recent_models(self) -> tuple[str, ...]:
        """The runs and weights that were opened last and are still there."""
        return self._there(self.settings.value.recent_models)

    def _there(self, recent: tuple[str, ...]) -> tuple[str, ...]:
        known, gone = self.gone.is_known, self.gone.value
        return tuple(path for path in recent if known and path not in gone)

    def _look_for_recent(self) -> None:
        recent = (*self.settings.value.recent_data, *self.settings.value.recent_models)
        self.do(find_gone(recent), self, then=self.gone.set, newest="recent", quiet=True)

    def _on_settings(self, now: Preferences, before: Preferences) -> None:
        if (now.recent_data, now.recent_models) != (before.recent_data, before.recent_models):
            self._look_for_recent()

    def rename_run(self, path: Path, name: str) -> JobHandle:
        """Name a run of the library; "" = its original name."""
        return self.do(
            library.rename_run(path, name),
            self,
            name=tr("Renaming {run_title}", run_title=text_format.run_title(path.name)),
            then=lambda _: self.refresh_library(),
        )

    def _name_runs(self, *_: object) -> None:
        given = {run.path.name: run.name for run in self.runs.value if run.name}
        text_format.name_runs({paths.example_run().name: tr(EXAMPLE_TITLE)} | given)

    def trash(self, path: Path) -> JobHandle:
        """Move a run or file to the trash, without asking."""

        def done(gone: Path) -> None:
            name = text_format.run_title(gone.name)
            self.notice.emit(tr("“{name}” is in the trash.", name=name))
            if self.training_runs.last_run.value == gone:
                self.training_runs.last_run.set(None)
            self.refresh_library()

        return self.do(
            library.move_to_trash(path), self, name=tr("Removing {name}", name=path.name), then=done
        )


def _is_near(path: str) -> bool:
    """Whether a path names no other machine, which an untrusted project must not reach."""
    return not path.replace("\\", "/").startswith("//")
