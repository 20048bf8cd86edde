"""The path to sprites in the user's own style: its steps and their progress.

Progress is not stored but derived from what is open, so that users can leave and continue later.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sprite_lab.app import tasks
from sprite_lab.app.draw.editor import CellEditor, some_of
from sprite_lab.app.draw.generate.batch_drawing import COUNT, BatchDrawing
from sprite_lab.app.draw.generate.drafts import goes_on
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.engine_types import Model
from sprite_lab.app.files.exports import Offered
from sprite_lab.app.files.library import RunEntry, is_shipped
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import class_words, run_title
from sprite_lab.app.train.training_runs import Training
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.color_codes import color_codes
from sprite_lab.core.presets import FEW_SPRITES, FEW_STEPS, PRESETS, TUNING_PRESET
from sprite_lab.core.sets.sprite_batch import exported_cells
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.jobs import JobHandle
from sprite_lab.words import tr, trc, trn

#: Maximum number of colors taken from a set.
COLORS = 32

#: The shipped models to tune from, and the side of their sprites; the first is usually the better
#: start (tests/benchmarks/README.md, "Tuning").
STARTS, STARTS_SIDE = ("real", "builtin"), 16

#: The start that stands for the open model.
OPEN = ""

#: Texts of the button that tunes.
TUNINGS = (
    tr("Tune"), tr("See the curves"), tr("Open it"), tr("Continue"), tr("Tune again"),
    tr("Tune longer"),
)  # fmt: skip
_TUNE, _SEE, _OPEN_IT, _CONTINUE, _AGAIN, _LONGER = TUNINGS

#: Share of copies at which tuning ends; from _NEAR on, there is little left to learn.
_LIMIT = PRESETS[TUNING_PRESET].max_copies
_NEAR = 0.75 * _LIMIT

#: Subjects of exports that count as exporting sprites; a terrain or a character alone does not.
_EXPORTS = "cells", "chosen_cells", "style", "frames"

#: The kind of job that loads a start.
_LOADING = "start"


@dataclass(frozen=True)
class Start:
    """A model that a tuning run can start from."""

    ref: str  #: name of a shipped model; OPEN = the open model
    title: str
    why: str  #: a reason to choose it, in a sentence


@dataclass(frozen=True)
class PathStep:
    """One step of the path."""

    name: str
    title: str
    state: str  #: its progress, in a sentence
    done: bool
    action: str  #: the text of its button
    problem: str = ""  #: why it cannot be done now; "" = it can
    starts: tuple[Start, ...] = ()  #: what a tuning run can start from
    other: bool = False  #: whether tuning can start, though the button offers something else
    classes: tuple[str, ...] = ()  #: classes that the step can be limited to


def _words_of(training: Training) -> str:
    """The progress of a training run, in words."""
    progress = training.handle.progress
    return trn(
        "A training run is in progress: {n:,} step so far. It ends by itself.",
        "A training run is in progress: {n:,} steps so far. It ends by itself.",
        0 if progress is None else progress.done,
    )


class StylePath:
    """Derives the steps from what is open, and carries them out. UI thread."""

    def __init__(
        self, lab: Lab, session: DrawSession, editor: CellEditor, batches: BatchDrawing
    ) -> None:
        self._lab, self._session = lab, session
        self._editor, self._batches = editor, batches
        self._start = STARTS[0]  #: the start of the next tuning run, if available
        #: the set, as it was opened, that each training run of this session began with
        self._begun: dict[Path, weakref.ref[SpriteSet]] = {}
        #: the set whose colors were last counted, and its colors as 0xRRGGBB
        self._colors: tuple[weakref.ref[SpriteSet], frozenset[int]] | None = None
        lab.exports.offer("style", self._sprites)

    @property
    def steps(self) -> tuple[PathStep, ...]:
        """All steps in their current state."""
        return (
            self._import(),
            self._tune(),
            self._palette(),
            self._draw(),
            self._keep(),
            self._export(),
        )

    def _is_of_set(self, fingerprint: str, ref: Path | str | None) -> bool:
        """Whether the model at ``ref`` learned from the open set, edited since or not."""
        sprites, base = self._lab.own_set, self._lab.edits.base
        if sprites is None or base is None:
            return False
        begun = self._begun.get(Path(ref)) if ref is not None else None
        edited = begun is not None and begun() is base
        known = (sprites.fingerprint, base.fingerprint, *self._lab.grown_from)
        return edited or fingerprint in known

    def remember(self, training: Training | None) -> None:
        """Remember which set a training run began with: the set may be edited meanwhile."""
        base = self._lab.edits.base
        if training is not None and base is not None and training.followed is None:
            self._begun[training.run] = weakref.ref(base)

    @property
    def tuned(self) -> bool:
        """Whether the open model was trained on the user's open set."""
        model = self._lab.model.value
        return model is not None and self._is_of_set(model.data_fingerprint, self._lab.model_ref)

    @property
    def _runs(self) -> tuple[RunEntry, ...]:
        """The runs that learned from the open set, newest first."""
        runs = (run for run in self._lab.runs.value if run.step)
        return tuple(run for run in runs if self._is_of_set(run.data_fingerprint, run.path))

    @property
    def _open_run(self) -> RunEntry | None:
        """The run whose model is open; None = no run in the library."""
        ref = self._lab.model_ref
        return next((run for run in self._lab.runs.value if str(run.path) == str(ref)), None)

    @property
    def _trained(self) -> RunEntry | None:
        """The newest run that has learned the set; None while an unfinished one is open or was
        interrupted.
        """
        if self._stopped is not None and self._stopped in (self._open_run, self._interrupted):
            return None
        return next((run for run in self._runs if run.has_learned), None)

    @property
    def _stopped(self) -> RunEntry | None:
        """The run on the set to continue: the interrupted one, or else one that has not learned for
        long enough, the open one if possible, or else the newest.
        """
        if self._interrupted is not None:
            return self._interrupted
        sprites, opened = self._lab.data.value, self._open_run
        known = "" if sprites is None else sprites.fingerprint
        runs = [run for run in self._runs if run.data_fingerprint == known and not run.has_learned]
        return opened if opened in runs else next(iter(runs), None)

    @property
    def _interrupted(self) -> RunEntry | None:
        """The killed run that can be resumed; None once its model is open."""
        sprites, run = self._lab.data.value, self._lab.training_runs.interrupted
        found = next((one for one in self._runs if one.path == run), None)
        if found is None or found is self._open_run or sprites is None:
            return None
        return found if found.data_fingerprint == sprites.fingerprint else None

    @property
    def _unfinished(self) -> RunEntry | None:
        """The tuning run of the open model, if it ended before its samples became copies."""
        sprites, run = self._lab.data.value, self._open_run
        if sprites is None or run is None or run.complete or run.preset != TUNING_PRESET:
            return None
        return run if run.data_fingerprint == sprites.fingerprint else None

    @property
    def _has_learned(self) -> bool:
        """Whether the open model has trained on the set for long enough, or as long as it could.

        False while an interrupted run can be resumed.
        """
        model, run = self._lab.model.value, self._open_run
        enough = model is not None and model.step >= FEW_STEPS
        learned = enough or (run is not None and run.complete)
        return self.tuned and learned and self._interrupted is None

    def _import(self) -> PathStep:
        sprites, loading = self._lab.own_set, self._lab.data_loading.value
        state = tr("Pictures, sheets or folders of your sprites; 50 to 500 are enough.")
        problem = tr("Sprites are being read.") if loading and sprites is None else ""
        if problem:
            state = tr("Reading the sprites…")
        if sprites is not None:
            state = trn(
                "{data_title}: {n:,} sprite.",
                "{data_title}: {n:,} sprites.",
                len(sprites),
                data_title=self._lab.data_title,
            )
            if len(sprites) < FEW_SPRITES:
                state += " " + tr(
                    "That is not many: the model learns from all of them, and soon copies them."
                )
        done = sprites is not None
        return PathStep("import", tr("Import your sprites"), state, done, tr("Import…"), problem)

    @property
    def starts(self) -> tuple[Start, ...]:
        """The models that a tuning run on the open set can start from, best first."""
        sprites, model = self._lab.own_set, self._lab.model.value
        found = []
        side = STARTS_SIDE if sprites is None else sprites.size[0]
        if side == STARTS_SIDE:
            real, builtin = STARTS
            why = tr(
                "Usually the better start. It learned from sprites by others, and exports credit "
                "them."
            )
            other = tr("Often nearly as good, and nobody else has to be credited.")
            shipped = (
                Start(real, trc("model", "Real sprites"), why),
                Start(builtin, trc("model", "Built-in sprites"), other),
            )
            found = [start for start in shipped if is_shipped(start.ref)]
        fits = model is not None and not model.is_student and model.image_size == side
        if model is not None and fits and self._lab.model_ref not in STARTS:
            why = tr("It continues from “{title}”.", title=run_title(model.title))
            found.append(Start(OPEN, tr("The open model"), why))
        return tuple(found)

    @property
    def loading(self) -> JobHandle | None:
        """The job that loads the start of a tuning run; None = there is none."""
        return self._lab.newest(_LOADING)

    @property
    def chosen_start(self) -> Start | None:
        """The model that a new tuning run starts from; None = there is none."""
        starts = self.starts
        return next((one for one in starts if one.ref == self._start), next(iter(starts), None))

    def _tune(self) -> PathStep:
        model, training = self._lab.model.value, self._lab.training_runs.current.value
        trained, stopped, done = self._trained, self._stopped, self._has_learned
        start, action, problem, other = self.chosen_start, _TUNE, "", False
        starts = self.starts if self._lab.own_set is not None else ()
        state = tr("Takes a few minutes, and ends before the model copies your sprites.")
        if starts and start is not None:
            state = tr("Takes a few minutes. {why}", why=start.why)
        if training is not None:
            state, action = _words_of(training), _SEE
        elif self.loading is not None:
            problem = tr("The model is still loading")
        elif done and model is not None:
            state, action = self._words_of_learned(model), _AGAIN
            if self._unfinished is not None:
                action, other = _LONGER, bool(starts)
        elif trained is not None:
            state = tr(
                "“{run_title}” has learned from them: open it to draw with it.",
                run_title=trained.title,
            )
            action, other = _OPEN_IT, bool(starts)
        elif stopped is not None:
            state = trn(
                "“{run_title}” was stopped after {n} step: continue it.",
                "“{run_title}” was stopped after {n} steps: continue it.",
                stopped.step or 0,
                run_title=stopped.title,
            )
            action, other = _CONTINUE, bool(starts)
        elif self.tuned and model is not None:
            state = trn(
                "“{run_title}” has trained for only {n} step: tune it again.",
                "“{run_title}” has trained for only {n} steps: tune it again.",
                model.step,
                run_title=run_title(model.title),
            )
            action = _AGAIN
        elif self._lab.own_set is None:
            problem = tr("Import your sprites first.")
        elif not starts:
            state = problem = tr(
                "The included models draw sprites of {usual}×{usual} pixels, and these are "
                "{side}×{side}: import them as {usual}×{usual}, or open or train a model of their "
                "size.",
                usual=STARTS_SIDE,
                side=self._lab.own_set.size[0],
            )
        return PathStep(
            "tune", tr("Tune the model until it draws like you"), state, done, action, problem,
            starts, other,
        )  # fmt: skip

    def _words_of_learned(self, model: Model) -> str:
        """How far the open model has learned the set."""
        run, unfinished, title = self._open_run, self._unfinished, run_title(model.title)
        if unfinished is not None and (unfinished.copies or 0) >= _NEAR:
            return tr(
                "“{run_title}” has learned nearly all it can: {share:.1%} of its samples are "
                "copies, and tuning ends at {limit:.0%}.",
                run_title=title,
                share=unfinished.copies,
                limit=_LIMIT,
            )
        if unfinished is not None:
            return tr(
                "“{run_title}” hardly copies them so far: see what it draws, and tune it longer "
                "if you like.",
                run_title=title,
            )
        if run is not None and run.complete:
            return tr(
                "“{run_title}” has learned all it can from them without copying them: it was set "
                "back to step {step:,}, before it copied more.",
                run_title=run.title,
                step=run.step or 0,
            )
        return tr(
            "“{run_title}” has learned from them. See what it draws, and tune again if you like.",
            run_title=title,
        )

    def _palette(self) -> PathStep:
        cells, colors = self._session.project.cells, self._session.project.palette
        locked = sum(cell.conditions.lock_palette for cell in cells) if self._has_colors else 0
        state = trn(
            "{n} color; the model draws with no others in {locked} of {cells} cells.",
            "{n} colors; the model draws with no others in {locked} of {cells} cells.",
            len(colors),
            locked=locked,
            cells=len(cells),
        )
        problem = tr("Import your sprites first.") if self._lab.own_set is None else ""
        if problem or not locked:  # the palette may be of other sprites
            state = tr("At most {count} colors; the model then draws with no others.", count=COLORS)
        return PathStep(
            "palette", tr("Limit cells to the colors of your sprites"), state, locked == len(cells),
            tr("Use their colors"), problem,
        )  # fmt: skip

    @property
    def _has_colors(self) -> bool:
        """Whether most colors of the palette occur in the open set."""
        sprites = self._lab.own_set
        if sprites is None:
            return False
        if self._colors is None or self._colors[0]() is not sprites:
            codes = color_codes(some_of(sprites))
            self._colors = weakref.ref(sprites), frozenset(np.unique(codes).tolist())
        visible = [r << 16 | g << 8 | b for r, g, b, a in self._session.project.palette if a]
        return sum(code in self._colors[1] for code in visible) > len(visible) / 2

    def _draw(self) -> PathStep:
        batches = self._batches.history.batches
        drawn = self._mine_of(cell for batch in batches for cell in batch.cells)
        model, current = self._lab.model.value, self._session.current
        cell = self._session.project.cell(current)
        problem, state = self._session.problem, ""
        if model is not None and not problem:
            title = run_title(model.title)
            state = tr("“{title}” draws what the selected cell asks for.", title=title)
            one, classes = self._batches.one_class, self._batches.classes
            if one:
                classes = (one,)
                state = tr("“{title}” draws: {name}.", title=title, name=class_words(one))
            elif classes:
                state = trn(
                    "“{title}” draws sprites of {n} class.",
                    "“{title}” draws sprites of {n} classes in turn.",
                    len(classes),
                    title=title,
                )
            if len(classes) > COUNT:
                state = tr(
                    "“{title}” draws sprites of {count} of its {total} classes, different "
                    "ones each time.",
                    title=title,
                    count=COUNT,
                    total=len(classes),
                )
        if drawn:
            told = trn("{n} is listed in Review.", "{n} are listed in Review.", drawn)
            state = f"{state} {told}".strip()
        if not cell.is_blank and goes_on(cell):
            starts = tr(
                "They start from the drawing in cell {index}: select a blank one to draw without.",
                index=current + 1,
            )
            keeps = tr(
                "They keep part of the drawing in cell {index}: select a blank one to draw "
                "without.",
                index=current + 1,
            )
            state = keeps if cell.conditions.strength is None else starts
        done = drawn >= COUNT or self._in_cells > 0
        action = tr("Draw {count}", count=COUNT)
        return PathStep("draw", action, state, done, action, problem, classes=self.classes)

    @property
    def classes_of_set(self) -> frozenset[str]:
        """The classes of the user's sprites."""
        sprites = self._lab.own_set
        return frozenset() if sprites is None else sprites.used_classes

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of the set that the model knows; () if there are fewer than two."""
        model, used = self._lab.model.value, self.classes_of_set
        found = tuple(name for name in (model.class_names if model else ()) if name in used)
        return found if len(found) > 1 else ()

    def _mine_of(self, cells: Iterable[Cell]) -> int:
        """Number of cells in no set that a model of the open set drew, edited or not."""
        model = self._lab.model.value
        titles = {run.path.name for run in self._runs}
        if model is not None and self.tuned:
            titles.add(model.title)
        return sum(
            bool(not cell.part and cell.drawn_by and cell.drawn_by.model in titles)
            for cell in cells
        )

    @property
    def _in_cells(self) -> int:
        return self._mine_of(self._session.project.cells)

    def _keep(self) -> PathStep:
        kept = len(self._batches.kept - self._batches.in_cells)
        drawn = self._in_cells
        state = trn(
            "{n} sprite in cells was drawn by a model of this set.",
            "{n} sprites in cells were drawn by a model of this set.",
            drawn,
        )
        if not drawn:
            state = tr("No single sprite in a cell was drawn by a model of this set yet.")
        if kept:
            more = trn(
                "{n} kept sprite is not in a cell yet.",
                "{n} kept sprites are not in cells yet.",
                kept,
            )
            state = f"{state} {more}"
        problem = "" if self._batches.history.batches else tr("Draw some first.")
        return PathStep("keep", tr("Keep the best"), state, drawn > 0, tr("Review"), problem)

    def _export(self) -> PathStep:
        last = self._lab.exports.file_of(*_EXPORTS)
        state = tr(
            "Your sprites in cells, kept or drawn, as a sheet, with a file for Godot, Tiled, LDtk, "
            "GB Studio, Aseprite or a web page."
        )
        if last is not None:
            state = tr("Last export: {name}.", name=last.name)
        problem, action = self._lab.exports.problem("style"), tr("Export…")
        done = last is not None
        return PathStep("export", tr("Export to your engine"), state, done, action, problem)

    def _sprites(self) -> Offered:
        """The user's sprites: cells that are not blank, in no set and not from the data set."""
        cells, title = self._session.project.cells, self._session.project.exported_as
        own = tuple(c for c in cells if not (c.is_blank or c.part or c.name_is_taken))
        if not own:
            return tr("Put kept sprites into cells first.")
        return lambda config: exported_cells(own, title, config)

    # -- choices ----------------------------------------------------------------------------------

    def start_from(self, ref: str) -> None:
        """Choose what a new tuning run starts from, one of ``starts``."""
        self._start = ref

    # -- doing them -------------------------------------------------------------------------------

    def tune(self) -> None:
        """Start tuning on the open set; if a training run is in progress, show that.

        If a run has already learned the set, open its model instead; if one was stopped before
        that, or could still learn more, continue it.
        """
        trained, unfinished = self._trained, self._stopped
        if self._has_learned:
            trained, unfinished = None, self._unfinished
        if self._lab.training_runs.current.value is not None:
            self._lab.workspace_wanted.emit("train", "curves")
        elif trained is not None:
            self._lab.open_model(trained.path)
        elif unfinished is not None:
            with self._lab.reporting():
                self._lab.training_runs.continue_run(unfinished.path, opens=True)
        else:
            self.tune_anew()

    def tune_anew(self) -> None:
        """Start tuning the chosen start, even if a run has learned the set before."""
        start, model = self.chosen_start, self._lab.model.value
        if start is None:
            return
        if model is not None and start.ref in (OPEN, self._lab.model_ref):
            self._begin(model)
            return
        self._lab.do(tasks.load_model(start.ref), self._session, then=self._begin, newest=_LOADING)

    def _begin(self, start: Model) -> None:
        with self._lab.reporting():
            self._lab.training_runs.start(PRESETS[TUNING_PRESET], init=start, opens=True)

    def export(self) -> None:
        """Let the user export the sprites in cells as one sheet."""
        self._lab.exports.wanted.emit("style")

    def take_palette(self) -> None:
        """Take the colors of the set, and limit all cells to them."""
        self._editor.palette_from_data(COLORS, limit=True)
