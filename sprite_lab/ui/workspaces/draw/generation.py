"""Generating into cells: one job for all of them, one step of undo for what it gives."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from sprite_lab.app.commands import ReplaceCells
from sprite_lab.app.drawing import DrawSettings, config_for, finished_cells
from sprite_lab.core.cells import Cell
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.records import Outcome, Preview
from sprite_lab.core.sprites import alpha_from_background
from sprite_lab.core.trajectory import Trajectory
from sprite_lab.ui.workspaces.draw.cell_grid import class_words

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab
    from sprite_lab.jobs import JobHandle


@dataclass(frozen=True)
class _Request:
    """What a job was asked for: cells, row by row of its trajectory."""

    indices: tuple[int, ...]
    cells: tuple[Cell, ...]
    configs: tuple[SampleConfig, ...]


class CellGeneration(QObject):
    """Starts, follows and ends the job that generates cells. UI thread.

    Signals
    -------
    running_changed : bool.
    progressed : done, total, text.
    previewed : dict of cell index to uint8 (H, W, 4), empty at the end.
    """

    running_changed = Signal(bool)
    progressed = Signal(int, int, str)
    previewed = Signal(object)

    def __init__(self, lab: Lab, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lab, self._project = lab, lab.project
        self._job: JobHandle | None = None
        self._request: _Request | None = None
        self._last: tuple[_Request, Trajectory] | None = None

    @property
    def running(self) -> bool:
        """Whether cells are being generated."""
        return self._job is not None

    def start(self, indices: Sequence[int], settings: DrawSettings, *, new_seeds: bool) -> None:
        """Generate cells as they ask for it.

        ``new_seeds``: whether the cells get other seeds than they have.
        """
        if self.running:
            return
        model = self._lab.model.value
        cells = [self._project.cell(i) for i in indices]
        if new_seeds:
            first = random.randrange(1_000_000)
            cells = [cell.asking(seed=first + n) for n, cell in enumerate(cells)]
        names = () if model is None else model.class_names
        timesteps = 500 if model is None else model.timesteps
        palette = self._project.palette
        configs = tuple(config_for(cell, settings, names, timesteps, palette) for cell in cells)
        try:
            job = self._lab.generate(configs, show=False)
        except SpriteLabError as error:
            self._lab.failed.emit(str(error), "")
            return
        unknown = {name for c in cells for name, _ in c.conditions.class_mix} - set(names)
        if unknown:
            words = ", ".join(sorted(class_words(name) for name in unknown))
            self._lab.notice.emit(f"This model knows no class “{words}”; those cells become any.")
        self._job = job
        self._request = _Request(tuple(indices), tuple(cells), configs)
        job.progressed.connect(self.progressed)
        job.preview_ready.connect(self._on_preview)
        job.ended.connect(self._on_ended)
        self.running_changed.emit(True)

    def cancel(self) -> None:
        """Stop, and leave the cells as they are."""
        if self._job is not None:
            self._job.cancel()

    def _on_preview(self, preview: Preview) -> None:
        if self._request is not None:
            # As it will be when it is done: without the ground that the model draws on.
            alpha = preview.alpha
            if alpha is None:
                alpha = alpha_from_background(preview.images)
            images: NDArray[np.uint8] = np.concatenate([preview.images, alpha[..., None]], axis=3)
            self.previewed.emit(dict(zip(self._request.indices, images, strict=False)))

    def _on_ended(self, outcome: Outcome) -> None:
        request, self._job, self._request = self._request, None, None
        self.previewed.emit({})
        self.running_changed.emit(False)
        if request is not None and outcome.kind == "completed":
            self._take(request, outcome.result)

    def _take(self, request: _Request, trajectory: Trajectory) -> None:
        """Write what was generated into the cells, as one step of undo."""
        cells = finished_cells(request.cells, request.configs, trajectory)
        project, changes = self._project, {}
        for index, made in zip(request.indices, cells, strict=True):
            if index < len(project.cells):
                now = project.cell(index)
                # Class and mask may have been changed while it was generated.
                after = replace(
                    now.asking(seed=made.seed), pixels=made.pixels, made_by=made.made_by
                )
                changes[index] = (now, after)
        project.push(ReplaceCells(project, changes, "Generate"))
        self._last = (request, trajectory)

    def show_made(self, indices: Sequence[int]) -> None:
        """Show in See how cells were made: as recorded, or else generated once more."""
        made = [self._project.cell(i).made_by for i in indices]
        configs = [config for config in made if config is not None]
        if not configs:
            self._lab.failed.emit("The chosen cells were drawn, not generated.", "")
            return
        if self._last is not None:
            request, trajectory = self._last
            rows = [request.configs.index(c) for c in configs if c in request.configs]
            if len(rows) == len(configs):
                # One config cannot stand for sprites of several.
                only = configs[0] if len(configs) == 1 else None
                self._lab.trajectory.set(trajectory.take(rows, only))
                self._lab.workspace_wanted.emit("see")
                return
        alike = [c for c in configs if _manner(c) == _manner(configs[0])]
        try:
            self._lab.generate(alike)
        except SpriteLabError as error:
            self._lab.failed.emit(str(error), "")
            return
        self._lab.workspace_wanted.emit("see")


def _manner(config: SampleConfig) -> tuple[object, ...]:
    """What sprites that are drawn together must agree on, and cells may differ in."""
    return config.sampler, config.steps, config.eta, config.colors
