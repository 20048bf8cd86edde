"""The subjects that can be exported, the settings of the last export, and repeating it."""

from __future__ import annotations

import glob
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from PySide6.QtCore import QObject, Signal

from sprite_lab.app.context import AppContext
from sprite_lab.app.files import clips, export_tasks
from sprite_lab.app.files.export_tasks import BatchMaker, ClipMaker
from sprite_lab.app.files.project import Project
from sprite_lab.app.task import Task
from sprite_lab.app.train.training_runs import TrainingRuns
from sprite_lab.core.config import AnimationConfig, SpriteFilesConfig
from sprite_lab.core.errors import ConfigError, SpriteLabError
from sprite_lab.core.sets.credits import Credit, attribution, credits_first
from sprite_lab.core.sets.sprite_batch import exported_cells, finished_sprites, sprites_of_set
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.jobs import JobHandle
from sprite_lab.words import tr, trn

Kind = Literal["animation", "sprites"]
C = TypeVar("C", AnimationConfig, SpriteFilesConfig)

_CONFIGS: dict[Kind, type[Any]] = {"animation": AnimationConfig, "sprites": SpriteFilesConfig}
_KINDS = {config: kind for kind, config in _CONFIGS.items()}

#: Maximum number of sprites of a data set that are exported at once.
MOST_SPRITES = 10_000

#: If there are more files than this, a notice names only the first and the last.
_NAMED = 5


@dataclass(frozen=True)
class Subject:
    """Something that can be exported."""

    name: str  #: internal name; ``title`` and ``tip`` are shown
    kind: Kind
    title: str
    tip: str
    shows: bool = False  #: whether it is a trajectory, so that either x_t or x0 can be exported
    paced: bool = False  #: whether its frames have durations of their own
    apart: bool = False  #: whether it becomes several animations, in a folder
    #: defaults of the settings that it does not share with other subjects, by field
    usual: Mapping[str, object] = field(default_factory=dict)


#: Defaults for a set of cells: one sheet, named parts, and its own choice of engine.
_TOGETHER = {"kind": "sheet", "template": "{name}", "engine": "none"}

#: All subjects, in the order in which they are listed.
SUBJECTS = (
    Subject("trajectory", "animation", tr("Sprites in See"), tr("Everything that See shows"), True),
    Subject("sprite", "animation", tr("Selected sprite in See"), tr("Only the selected one"), True),
    Subject("training", "animation", tr("Training history"), tr("Samples from the first steps on")),
    Subject(
        "race", "animation", tr("Race"), tr("Samplers from the same noise, one row each"), True
    ),
    Subject(
        "sheet", "animation", tr("Sheet in Between"), tr("All cells, emerging from noise"), True
    ),
    Subject("walk", "animation", tr("Walk in Between"), tr("One finished cell after another")),
    Subject(
        "frames",
        "animation",
        tr("Frames in Draw"),
        tr("The selected cells, or the row"),
        paced=True,
        usual={"scale": 1},
    ),
    Subject(
        "walks",
        "animation",
        tr("Character in Draw"),
        tr("All directions of the selected one, walking side by side"),
        paced=True,
        usual={"scale": 1},
    ),
    Subject(
        "walks_apart",
        "animation",
        tr("Directions in Draw"),
        tr("One animation for each direction of the selected character, in a folder"),
        paced=True,
        apart=True,
        usual={"scale": 1},
    ),
    Subject("samples", "sprites", tr("Sprites in See"), tr("Finished sprites only")),
    Subject("sample", "sprites", tr("Selected sprite in See"), tr("Finished sprite only")),
    Subject(
        "cells",
        "sprites",
        tr("All cells in Draw"),
        tr("All cells with a drawing"),
        usual={"kind": "sheet"},
    ),
    Subject(
        "chosen_cells",
        "sprites",
        tr("Selected cells in Draw"),
        tr("The currently selected ones"),
        usual={"kind": "sheet"},
    ),
    Subject(
        "style",
        "sprites",
        tr("My style in Draw"),
        tr("Sprites kept in Draw, without blank cells, sets and sprites of the data set"),
        usual={"kind": "sheet"},
    ),
    Subject(
        "character",
        "sprites",
        tr("Character in Draw"),
        tr("Directions and steps of the selected one"),
        usual=_TOGETHER,
    ),
    Subject(
        "terrain",
        "sprites",
        tr("Terrain in Draw"),
        tr("Tiles of the selected terrain"),
        usual=_TOGETHER,
    ),
    Subject(
        "data_chosen", "sprites", tr("Selected sprites in Data"), tr("The currently selected ones")
    ),
    Subject("data", "sprites", tr("Data set"), tr("All sprites of the set that is open")),
)

#: Subjects drawn by the open model; their files carry the attribution of its training data.
DRAWN_BY_MODEL = {"trajectory", "sprite", "race", "sheet", "walk", "samples", "sample"}

#: Why a subject is missing: its page was not opened yet, or has nothing to export.
NOT_YET = {
    **dict.fromkeys(("sprite", "sample"), tr("Select a sprite in See first: click one.")),
    "race": tr("Run a race in See first."),
    **dict.fromkeys(("sheet", "walk"), tr("Open Between in See first.")),
    **dict.fromkeys(
        ("frames", "walks", "walks_apart", "chosen_cells", "style", "terrain", "character"),
        tr("Open Draw first."),
    ),
    "data_chosen": tr("Select sprites in Data first."),
}


#: A maker of a subject's files, called on a worker; or a sentence on why it cannot be exported.
Offered = ClipMaker | BatchMaker | str


@dataclass(frozen=True)
class LastExport:
    """An export that can be repeated: subject, settings, and the file or folder written."""

    subject: str
    config: AnimationConfig | SpriteFilesConfig
    path: Path


class Exports(QObject):
    """Collects what pages offer for export, for the export window to use. UI thread."""

    wanted = Signal(str)  #: name of the subject to export

    def __init__(self, context: AppContext, project: Project, training_runs: TrainingRuns) -> None:
        super().__init__(context)
        self._context, self._project, self._training_runs = context, project, training_runs
        self._followed: list[JobHandle] = []
        self._offers: dict[str, Callable[[], Offered]] = {
            "trajectory": lambda: self._of_trajectory(clips.of_trajectory),
            "samples": lambda: self._of_trajectory(finished),
            "training": self._training,
            "cells": self._cells,
            "data": self._data,
        }

    def offer(self, name: str, take: Callable[[], Offered]) -> None:
        """Register a function that returns a subject in its current state; replaces any other."""
        self._offers[name] = take

    def _offered(self, name: str) -> Offered:
        return self._offers[name]() if name in self._offers else NOT_YET[name]

    def problem(self, name: str) -> str:
        """Why a subject cannot be exported; "" = it can."""
        found = self._offered(name)
        return found if isinstance(found, str) else ""

    def take(self, name: str) -> Any:
        """The maker of a subject; raises SpriteLabError if it cannot be exported."""
        maker = self._offered(name)
        if isinstance(maker, str):
            raise SpriteLabError(maker)
        thanks = self._thanks(name)
        # Drawings and sets bring their own credits, whichever model is open.
        if name not in DRAWN_BY_MODEL or not thanks:
            return maker

        def thankful(*arguments: Any) -> Any:
            made = maker(*arguments)
            return replace(made, attribution=attribution(credits_first(thanks, made.styles)))

        return thankful

    def thanks(self, name: str, prompt: Prompt) -> str:
        """The credits due for a sprite of a subject, one per line, that of its style first."""
        return attribution(credits_first(self._thanks(name), [prompt.style]))

    # -- subjects of every lab --------------------------------------------------------------------

    def _thanks(self, name: str) -> tuple[Credit, ...]:
        """The credits of the open model's training data, or of the sprites being dissolved."""
        trajectory, sprites = self._context.trajectory.value, self._context.data.value
        in_see = name in ("trajectory", "sprite", "samples", "sample")
        if in_see and trajectory is not None and trajectory.kind == "forward":
            return () if sprites is None else sprites.credits
        model = self._context.model.value
        return () if model is None else model.credits

    def _of_trajectory(self, make: Callable[[Trajectory], Offered]) -> Offered:
        trajectory = self._context.trajectory.value
        if trajectory is None:
            return tr("Generate sprites or dissolve some in See first.")
        return make(trajectory)

    def _training(self) -> Offered:
        run = self._training_runs.last_run.value
        if run is None:
            return tr("Train a model first, or open a training run.")
        return clips.of_run(run)

    def _cells(self) -> Offered:
        project = self._project
        cells, title, columns = tuple(project.cells), project.exported_as, project.columns
        if all(cell.is_blank for cell in cells):
            return tr("Draw something first: all cells are blank.")
        return lambda config: exported_cells(cells, title, config, columns)

    def _data(self) -> Offered:
        sprites = self._context.data.value
        if sprites is None:
            return tr("Open a data set first.")
        return rows_of_set(sprites, list(range(len(sprites))))

    # -- settings --------------------------------------------------------------------------------

    def settings_of(self, kind: type[C]) -> C:
        """The settings of the last export of animations or of sprites, shared by subjects."""
        try:
            return kind.from_json(self._remembered(_KINDS[kind]))
        except ConfigError:
            return kind()

    def own_settings(self, subject: Subject) -> dict[str, object]:
        """The settings that a subject does not share, by field: of its last export, or defaults."""
        kept = self._remembered("own").get(subject.name)
        found = {**subject.usual, **kept} if isinstance(kept, dict) else subject.usual
        try:
            config = _CONFIGS[subject.kind].from_json(found)
        except ConfigError:
            return dict(subject.usual)
        return {path: config.at(path) for path in subject.usual}

    def _remembered(self, name: str) -> dict[str, object]:
        found = self._context.settings.value.exports.get(name, {})
        return found if isinstance(found, dict) else {}

    @property
    def last(self) -> LastExport | None:
        """The last export; None = there was none."""
        known = self._remembered("last")
        subject, path = known.get("subject"), known.get("path")
        spec = next((s for s in SUBJECTS if s.name == subject), None)
        if spec is None or not isinstance(path, str):
            return None
        config = self.settings_of(_CONFIGS[spec.kind]).having(self.own_settings(spec))
        return LastExport(spec.name, config, Path(path))

    def file_of(self, *subjects: str) -> Path | None:
        """The file to which any of these subjects was last exported; None = there is none."""
        files = self._remembered("files")
        found = [path for name, path in files.items() if name in subjects]
        return Path(str(found[-1])) if found else None

    def _remember(self, last: LastExport) -> None:
        before, config = self._context.settings.value.exports, last.config
        spec = next(s for s in SUBJECTS if s.name == last.subject)
        shared = self.settings_of(_CONFIGS[spec.kind])
        own = {path: config.at(path) for path in spec.usual}
        others = {k: v for k, v in self._remembered("files").items() if k != last.subject}
        kept = {
            spec.kind: config.having({path: shared.at(path) for path in own}).to_json(),
            "own": {**self._remembered("own"), spec.name: own},
            "last": {"subject": last.subject, "path": str(last.path)},
            "files": {**others, last.subject: str(last.path)},  # the newest one is last
        }
        self._context.settings.replace(exports={**before, **kept})

    # -- exporting --------------------------------------------------------------------------------

    def run(
        self,
        subject: str,
        config: AnimationConfig | SpriteFilesConfig,
        path: Path,
        *,
        tell: bool = True,
    ) -> JobHandle:
        """Export a subject to a file or folder; with ``tell``, a notice reports what was written.

        Raises SpriteLabError if there is nothing to export.
        """
        maker = self.take(subject)
        if isinstance(config, AnimationConfig):
            task: Task[object] = export_tasks.export_animation(path, maker, config)
        else:
            task = export_tasks.export_sprites(path, maker, config)
        self._remember(LastExport(subject, config, path))
        return self.write(task, path, tell=tell)

    def write(self, task: Task[object], path: Path, *, tell: bool = True) -> JobHandle:
        """Run a task that writes files; with ``tell``, a notice reports where they are."""

        def notify(written: object) -> None:
            if tell and (files := files_of(written)):
                self._context.notice.emit(export_notice(files))

        name = tr("Writing {name}", name=path.name)
        return self.follow(self._context.do(task, self, name=name, then=notify))

    def follow(self, handle: JobHandle) -> JobHandle:
        """Count a job as an export in progress, so that the window asks before it closes."""
        self._followed = [*self.in_progress, handle]
        return handle

    @property
    def in_progress(self) -> list[JobHandle]:
        """The exports that have not ended yet."""
        return [handle for handle in self._followed if handle.active]

    def repeat(self) -> JobHandle:
        """Repeat the last export with its settings, under a new name; a notice reports it.

        Raises SpriteLabError if there was none yet, its folder is gone, or there is nothing to
        export.
        """
        last = self.last
        if last is None:
            raise SpriteLabError("There is no export to repeat yet.")
        if not last.path.parent.is_dir():
            raise SpriteLabError(
                "The folder “{parent}” no longer exists: export to another one (Ctrl+E).",
                parent=last.path.parent,
            )
        return self.run(last.subject, last.config, numbered(last.path))


def finished(trajectory: Trajectory) -> Offered:
    """The sprites at the end of a trajectory."""
    return lambda config: finished_sprites(trajectory)


def rows_of_set(sprites: SpriteSet, rows: list[int]) -> Offered:
    """The sprites at ``rows`` of a set, or why there are too many."""
    if len(rows) > MOST_SPRITES:
        return tr(
            "{count:,} sprites are too many to export as pictures; the limit is {most_sprites:,}.",
            count=len(rows),
            most_sprites=MOST_SPRITES,
        )
    return lambda config: sprites_of_set(sprites, rows)


def files_of(written: object) -> list[Path]:
    """The files that a task wrote, given its result: their paths, or one path."""
    files = written if isinstance(written, (list, tuple)) else [written]
    return [file for file in files if isinstance(file, Path)]


def export_notice(files: Sequence[Path]) -> str:
    """A sentence that says what was written, and where."""
    names = [file.name for file in files]
    if len(names) == 1:
        return tr("Exported {name} to {parent}.", name=names[0], parent=files[0].parent)
    some = names if len(names) <= _NAMED else [*names[:2], "…", *names[-2:]]
    return tr(
        "Exported {many} to {parent}: {names}.",
        many=trn("{n:,} file", "{n:,} files", len(names)),
        parent=files[0].parent,
        names=", ".join(some),
    )


def numbered(path: Path) -> Path:
    """The path with the next free number, from 2 on: a-2.gif or a-3.gif for a.gif.

    A number is taken if a file with any suffix has it, since a sheet has other files beside it.
    """
    found = re.fullmatch(r"(.*)-(\d{1,6})", path.stem)
    stem, number = (found[1], int(found[2])) if found else (path.stem, 1)
    while number == 1 or path.exists() or any(path.parent.glob(f"{glob.escape(path.stem)}.*")):
        number += 1
        path = path.with_name(f"{stem}-{number}{path.suffix}")
    return path
