"""The path to sprites in one's own style: its steps, and the progress.

Nothing is kept of that: it is read off what is open, so whoever comes back goes on where they were.
"""

from __future__ import annotations

from dataclasses import dataclass

from sprite_lab.app.draw.batch_drawing import COUNT, BatchDrawing
from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.draw.generation import goes_on
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.files.export_tasks import BatchMaker
from sprite_lab.app.files.library import RunEntry
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import run_title
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.presets import FEW_SPRITES, FEW_STEPS, PRESETS, TUNING_PRESET
from sprite_lab.core.sets.sprite_batch import exported_cells
from sprite_lab.paths import resource
from sprite_lab.words import tr, trn

#: The most colors taken from a set.
COLORS = 32


@dataclass(frozen=True)
class PathStep:
    """One step of the path."""

    name: str
    title: str
    state: str  #: its progress, in a sentence
    done: bool
    action: str  #: the text of its button
    problem: str = ""  #: why it cannot be done now; "" = it can


class StylePath:
    """Derives the steps from what is open, and does them. UI thread."""

    def __init__(
        self, lab: Lab, session: DrawSession, editor: CellEditor, batches: BatchDrawing
    ) -> None:
        self._lab, self._session = lab, session
        self._editor, self._batches = editor, batches
        lab.exports.offer("style", lambda: self._nothing_to_export, self._sprites)

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

    @property
    def _own_set(self) -> bool:
        path = self._lab.data_path
        return self._lab.data.value is not None and path not in (None, resource("ground.npz"))

    @property
    def tuned(self) -> bool:
        """Whether the open model was trained on the user's open set."""
        model, sprites = self._lab.model.value, self._lab.data.value
        if model is None or sprites is None or not self._own_set:
            return False
        return model.data_fingerprint == sprites.fingerprint

    @property
    def _runs(self) -> tuple[RunEntry, ...]:
        """The runs that learned from the open set, newest first; none if a model of one is open."""
        sprites = self._lab.data.value
        if sprites is None or not self._own_set or self.tuned:
            return ()
        known = sprites.fingerprint
        return tuple(r for r in self._lab.runs.value if r.step and r.data_fingerprint == known)

    @property
    def _trained(self) -> RunEntry | None:
        """The newest of them that has learned the set."""
        return next((run for run in self._runs if (run.step or 0) >= FEW_STEPS), None)

    def _import(self) -> PathStep:
        sprites = self._lab.data.value
        state = tr("Pictures, sheets or folders of your sprites; 50 to 500 are enough.")
        if sprites is not None and self._own_set:
            state = tr(
                "{data_title}: {count:,} sprites.",
                data_title=self._lab.data_title,
                count=len(sprites),
            )
            if len(sprites) < FEW_SPRITES:
                state += " " + tr("That is not many: the model will soon draw copies of them.")
        return PathStep("import", tr("Import your sprites"), state, self._own_set, tr("Import…"))

    def _tune(self) -> PathStep:
        model, training = self._lab.model.value, self._lab.training_runs.current.value
        trained, enough = self._trained, model is not None and model.step >= FEW_STEPS
        state = tr("Takes a few minutes, and ends before the model copies your sprites.")
        action, problem = tr("Tune"), ""
        if training is not None:
            state, action = tr("A training is running."), tr("Watch it")
        elif trained is not None:
            state = tr(
                "“{run_title}” has learned from them: open it to draw with it.",
                run_title=trained.title,
            )
            action = tr("Open it")
        elif self._runs:
            state = trn(
                "“{run_title}” has trained for only {n} step: continue it.",
                "“{run_title}” has trained for only {n} steps: continue it.",
                self._runs[0].step or 0,
                run_title=self._runs[0].title,
            )
            action = tr("Continue")
        elif self.tuned and model is not None:
            state = tr(
                "“{run_title}” has learned from them. See what it draws, and tune again if you "
                "like.",
                run_title=run_title(model.title),
            )
            action = tr("Tune again")
            if not enough:
                state = trn(
                    "“{run_title}” has trained for only {n} step: tune it again.",
                    "“{run_title}” has trained for only {n} steps: tune it again.",
                    model.step,
                    run_title=run_title(model.title),
                )
        elif not self._own_set:
            problem = tr("Import your sprites first.")
        elif model is None or model.is_student:
            problem = tr(
                "Open a model to start from that is not a student, such as Built-in sprites."
            )
        return PathStep(
            "tune", tr("Tune the model until it draws like you"), state, self.tuned and enough,
            action, problem,
        )  # fmt: skip

    def _palette(self) -> PathStep:
        cells, colors = self._session.project.cells, self._session.project.palette
        locked = sum(cell.conditions.lock_palette for cell in cells)
        state = tr(
            "{count} colors; {locked} of {count2} cells are limited to them.",
            count=len(colors),
            locked=locked,
            count2=len(cells),
        )
        problem = "" if self._own_set else tr("Import your sprites first.")
        if problem or not locked:  # the palette may be of other sprites
            state = tr(
                "At most {count} colors, which are all that the cells then use.", count=COLORS
            )
        return PathStep(
            "palette", tr("Limit cells to the colors of your sprites"), state, locked == len(cells),
            tr("Use their colors"), problem,
        )  # fmt: skip

    def _draw(self) -> PathStep:
        batches = self._batches.history.batches
        drawn = sum(not cell.part for batch in batches for cell in batch.cells)
        state = (
            trn("{n} was drawn in this session.", "{n} were drawn in this session.", drawn)
            if drawn
            else tr("With the settings of the selected cell.")
        )
        current = self._session.current
        cell = self._session.project.cell(current)
        if not cell.is_blank and goes_on(cell):
            state = tr(
                "They start from the drawing in cell {index}: select another one to draw without.",
                index=current + 1,
            )
        done = drawn >= COUNT or self._in_cells > 0
        return PathStep(
            "draw",
            tr("Draw {count}", count=COUNT),
            state,
            done,
            tr("Draw {count}", count=COUNT),
            self._session.problem,
        )

    @property
    def _in_cells(self) -> int:
        """The number of generated cells in no set."""
        cells = self._session.project.cells
        return sum(cell.made_by is not None and not cell.part for cell in cells)

    @property
    def _to_export(self) -> tuple[int, ...]:
        """The cells with the user's sprites: not blank, in no set, not from the data set."""
        cells = enumerate(self._session.project.cells)
        return tuple(i for i, c in cells if not (c.is_blank or c.part or c.name_is_taken))

    def _keep(self) -> PathStep:
        kept = len(self._batches.kept)
        state = trn(
            "{n} generated sprite in cells.", "{n} generated sprites in cells.", self._in_cells
        )
        if kept:
            more = trn(
                "{n} kept one is not in a cell yet.", "{n} kept ones are not in cells yet.", kept
            )
            state = f"{state} {more}"
        problem = "" if self._batches.history.batches else tr("Draw some first.")
        return PathStep(
            "keep", tr("Keep the best"), state, self._in_cells > 0, tr("Review"), problem
        )

    def _export(self) -> PathStep:
        last = self._lab.exports.last
        done = last is not None and last.subject in ("cells", "chosen_cells", "style")
        state = tr(
            "Your sprites in cells, kept or drawn, as a sheet, with a file for Godot, Tiled, LDtk, "
            "GB Studio or a web page."
        )
        if done and last is not None:
            state = tr("Last export: {name}.", name=last.path.name)
        problem = self._nothing_to_export
        return PathStep("export", tr("Export to your engine"), state, done, tr("Export…"), problem)

    @property
    def _nothing_to_export(self) -> str:
        return "" if self._to_export else tr("Put kept sprites into cells first.")

    def _sprites(self) -> BatchMaker:
        project = self._session.project
        cells, title = tuple(project.cell(i) for i in self._to_export), project.exported_as
        return lambda config: exported_cells(cells, title, config)

    # -- doing them -------------------------------------------------------------------------------

    def tune(self) -> None:
        """Start tuning the open model on the open set, unless a training runs; then watch it.

        If a run has already learned the set, open its model instead; if one began to, continue it.
        """
        runs, model, trained = self._lab.training_runs, self._lab.model.value, self._trained
        if runs.current.value is None and trained is not None:
            self._lab.open_model(trained.path)
            return
        try:
            if runs.current.value is None and self._runs:
                runs.continue_run(self._runs[0].path)
            elif runs.current.value is None and model is not None:
                runs.start(PRESETS[TUNING_PRESET], init=model)
        except SpriteLabError as error:
            self._session.fail(str(error))
            return
        self._lab.workspace_wanted.emit("train")

    def export(self) -> None:
        """Export the kept sprites as one sheet."""
        self._lab.exports.wanted.emit("style")

    def take_palette(self) -> None:
        """Take the colors of the set, and limit all cells to them."""
        self._editor.palette_from_data(COLORS)
        cells = enumerate(self._session.project.cells)
        self._session.project.put(
            {i: cell.asking(lock_palette=True) for i, cell in cells}, tr("Limit to palette")
        )
