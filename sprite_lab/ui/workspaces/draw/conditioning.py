"""Joins what the panel asks for to the cells: conditions, generating, settings. UI thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from sprite_lab.app.drawing import DrawSettings, config_for
from sprite_lab.app.opening import SETTINGS_SUFFIXES
from sprite_lab.core.cells import Cell, Conditions
from sprite_lab.core.config import SampleConfig
from sprite_lab.ui.dialogs import ask_open
from sprite_lab.ui.workspaces.draw.editor import CellEditor
from sprite_lab.ui.workspaces.draw.files import patterns
from sprite_lab.ui.workspaces.draw.generation import CellGeneration
from sprite_lab.ui.workspaces.draw.panel import DrawPanel
from sprite_lab.ui.workspaces.draw.recipes import Recipes
from sprite_lab.ui.workspaces.draw.remaking import Remaking
from sprite_lab.ui.workspaces.draw.tools import DrawingTools

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab

_PICTURES = f"Pictures made by Sprite Lab ({patterns(SETTINGS_SUFFIXES)})"


class Conditioning(QObject):
    """What the panel's groups are wired to.

    Parameters
    ----------
    chosen, current : give the chosen cells, ascending, and the one on the canvas.
    """

    def __init__(
        self,
        lab: Lab,
        panel: DrawPanel,
        tools: DrawingTools,
        editor: CellEditor,
        generation: CellGeneration,
        chosen: Callable[[], tuple[int, ...]],
        current: Callable[[], int],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._lab, self._project = lab, lab.project
        self._panel, self._tools, self._generation = panel, tools, generation
        self._chosen, self._current = chosen, current
        self.recipes = Recipes(lab, chosen, self)
        self.remaking = Remaking(lab, self)
        for group in (panel.classes, panel.guidance, panel.start, panel.limits, panel.vary):
            group.asked.connect(self.ask)
        panel.classes.seed_chosen.connect(self.set_seed)
        panel.masks.keep_wanted.connect(editor.keep_drawn)
        panel.masks.free_wanted.connect(editor.free_pixels)
        panel.masks.masked.connect(editor.set_masks)
        panel.vary.wanted.connect(self.vary)
        panel.generate.wanted.connect(self.generate)
        panel.generate.stop_wanted.connect(generation.stop)
        panel.generate.cancel_wanted.connect(generation.cancel)
        panel.generate.settings_changed.connect(self.show_asked)
        panel.made.show_wanted.connect(lambda: self.remaking.show(chosen()))
        panel.made.copy_wanted.connect(self.recipes.copy)
        panel.made.paste_wanted.connect(self.recipes.paste)
        panel.made.open_wanted.connect(self._open)
        self.recipes.settings_read.connect(panel.generate.set_settings)
        tools.selection_changed.connect(self._on_selection)
        lab.project.palette_changed.connect(self.show_asked)
        generation.running_changed.connect(panel.generate.set_running)
        generation.running_changed.connect(self.show_asked)
        generation.progressed.connect(panel.generate.show_progress)
        self._on_selection()

    # -- what cells ask for --------------------------------------------------------------

    def ask(
        self,
        text: str,
        merge_key: object,
        change: Mapping[str, object] | Callable[[Conditions], Conditions],
    ) -> None:
        """Change conditions of the chosen cells: fields, or by a function from old to new."""
        after = {}
        for i in self._chosen():
            cell = self._project.cell(i)
            if callable(change):
                after[i] = replace(cell, conditions=change(cell.conditions))
            else:
                after[i] = cell.asking(**change)
        key = None if merge_key is None else (merge_key, tuple(after))
        self._project.put(after, text, key)

    def set_seed(self, seed: int) -> None:
        """Give the chosen cells seeds that count up from this one; none is a variation then."""
        chosen, cells = self._chosen(), self._project.cells
        after = {i: cells[i].asking(seed=seed + n, variations=()) for n, i in enumerate(chosen)}
        # The digits that are typed, or the steps of the wheel, are one step of undo.
        text = "Set seed" if len(chosen) == 1 else "Set seeds"
        self._project.put(after, text, ("seed", chosen))

    # -- generating ----------------------------------------------------------------------

    @property
    def selection(self) -> NDArray[np.bool_] | None:
        """Where to generate: bool (side, side), or None = everywhere."""
        return self._tools.selection if self._panel.generate.only_selection else None

    def generate(self) -> None:
        """Generate the chosen cells, or all, as they ask for it."""
        if self._refuses():
            return
        wanted = self._panel.generate
        everything = tuple(range(len(self._project.cells)))
        indices = everything if wanted.all_cells else self._chosen()
        self._generation.start(indices, wanted.settings(), self.selection)

    def vary(self, count: int, share: float) -> None:
        """Draw variations of a cell into the other chosen, or the next blank ones."""
        if self._refuses():
            return
        cells, current = self._project.cells, self._first()
        others = [i for i in self._chosen() if i != current]
        if not others:
            order = [*range(current + 1, len(cells)), *range(current)]
            others = [i for i in order if cells[i].is_blank][:count]
        if not others:
            self._lab.failed.emit(
                "There is no blank cell for a variation; clear one, or choose cells to draw over.",
                "",
            )
            return
        if len(others) < count and len(self._chosen()) == 1:
            self._lab.notice.emit(
                f"{len(others)} of {count} variations have a blank cell to go to."
            )
        settings = self._panel.generate.settings()
        self._generation.vary(current, others, share, settings, self.selection)

    def _refuses(self) -> bool:
        """Whether nothing can be generated; then it is said why."""
        problem = self._panel.generate.problem()
        if problem:
            self._lab.failed.emit(problem, "")
        return bool(problem)

    def _first(self) -> int:
        """The one whose settings are shown: on the canvas, or else the first chosen."""
        current, chosen = self._current(), self._chosen()
        return current if current in chosen else chosen[0]

    def _on_selection(self, *_: object) -> None:
        self._panel.generate.set_selection_there(self._tools.selection is not None)
        self.show_asked()

    # -- how cells are made --------------------------------------------------------------

    def show_asked(self, *_: object) -> None:
        """Show how a cell was made, and what Generate would ask for it now."""
        index = self._first()
        if index >= len(self._project.cells):
            return  # the grid is just being made smaller
        cell = self._project.cell(index)
        generate = self._panel.generate
        asked = self.asked_now(cell, generate.settings())
        self._panel.made.show_cell(cell, asked, generate.problem())
        self._panel.vary.set_problem(generate.problem())

    def asked_now(self, cell: Cell, settings: DrawSettings) -> SampleConfig | None:
        """The configuration that Generate would use; None without a model."""
        model = self._lab.model.value
        if model is None:
            return None
        return config_for(cell, settings, model, self._project.palette, self.selection)

    def _open(self) -> None:
        path = ask_open(
            self._panel.window(), self._lab.settings, "Settings of a picture", _PICTURES
        )
        if path is not None:
            self.recipes.read(path)
