"""Generating into cells: one job for all of them, one step of undo for what it gives."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from sprite_lab.app import drawing_tasks
from sprite_lab.app.drawing import (
    Drawn,
    DrawSettings,
    config_for,
    finished_cell,
    left_out,
    seeded,
    varied,
)
from sprite_lab.core.cells import Cell
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.records import Outcome, Preview

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab
    from sprite_lab.jobs import JobHandle

_SEEDS = 1_000_000  # small enough to be said aloud


@dataclass(frozen=True)
class _Request:
    """What a job was asked for, row by row of its result.

    ``text`` is for the history; ``whole``: whether the cells become what is here in all, not in
    pixels and seed alone.
    """

    indices: tuple[int, ...]
    cells: tuple[Cell, ...]
    configs: tuple[SampleConfig, ...]
    text: str
    whole: bool


class CellGeneration(QObject):
    """Starts, follows and ends the job that generates cells. UI thread.

    Signals
    -------
    running_changed : bool.
    progressed : done, total, text.
    previewed : dict of cell index to uint8 (H, W, 4), empty at the end.
    made : what was done, and a tuple of the cells as they were generated.
    """

    running_changed = Signal(bool)
    progressed = Signal(int, int, str)
    previewed = Signal(object)
    made = Signal(str, object)

    def __init__(self, lab: Lab, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lab, self._project = lab, lab.project
        self._job: JobHandle | None = None
        self._request: _Request | None = None
        self._project.grid_changed.connect(self._on_grid)

    @property
    def running(self) -> bool:
        """Whether cells are being generated."""
        return self._job is not None

    # -- starting ------------------------------------------------------------------------

    def start(
        self,
        indices: Sequence[int],
        settings: DrawSettings,
        selection: NDArray[np.bool_] | None = None,
    ) -> None:
        """Generate cells as they ask for it; those whose seed is not locked get a new one.

        ``selection`` : bool (side, side), where to generate; None = everywhere.
        """
        first = random.randrange(_SEEDS)
        cells = [seeded(self._project.cell(i), first + n) for n, i in enumerate(indices)]
        self._begin(indices, cells, settings, selection, "Generate", whole=False)

    def draw(
        self,
        asked: Mapping[int, Cell],
        settings: DrawSettings,
        selection: NDArray[np.bool_] | None,
        text: str,
    ) -> None:
        """Draw into cells what these ask for, whose noise becomes theirs.

        ``text`` is for the history.
        """
        self._begin(tuple(asked), tuple(asked.values()), settings, selection, text, whole=False)

    def vary(
        self,
        source: int,
        indices: Sequence[int],
        share: float,
        settings: DrawSettings,
        selection: NDArray[np.bool_] | None = None,
    ) -> None:
        """Draw into cells what another asks for, each from another noise around its noise.

        ``share`` : of the way to another noise, above 0 and at most 1.
        """
        cell = self._project.cell(source)
        seeds = random.sample(range(_SEEDS), len(indices))
        try:
            asked = varied(cell.conditions, share, seeds)
        except SpriteLabError as error:
            self._lab.failed.emit(str(error), "")
            return
        cells = [
            replace(cell, conditions=conditions, duration_ms=self._project.cell(i).duration_ms)
            for i, conditions in zip(indices, asked, strict=True)
        ]
        text = "Variation" if len(cells) == 1 else f"{len(cells)} variations"
        self._begin(indices, cells, settings, selection, text, whole=True)

    def _begin(
        self,
        indices: Sequence[int],
        cells: Sequence[Cell],
        settings: DrawSettings,
        selection: NDArray[np.bool_] | None,
        text: str,
        *,
        whole: bool,
    ) -> None:
        if self.running:
            return
        model = self._lab.model.value
        if model is None:
            self._lab.failed.emit("There is no model yet: train one or open one.", "")
            return
        palette = self._project.palette
        try:
            configs = tuple(config_for(c, settings, model, palette, selection) for c in cells)
        except SpriteLabError as error:
            self._lab.failed.emit(str(error), "")
            return
        for sentence in left_out(cells, model):
            self._lab.notice.emit(sentence)
        count = len(configs)
        job = self._lab.do(
            drawing_tasks.draw_cells(model, configs),
            self,
            name=f"Generating {count} sprite{'s' if count != 1 else ''}",
        )
        self._job = job
        self._request = _Request(tuple(indices), tuple(cells), configs, text, whole)
        job.progressed.connect(self.progressed)
        job.preview_ready.connect(self._on_preview)
        job.ended.connect(self._on_ended)
        self.running_changed.emit(True)

    # -- while it runs -------------------------------------------------------------------

    def stop(self) -> None:
        """Stop, and take what is there so far."""
        if self._job is not None:
            self._job.stop()

    def cancel(self) -> None:
        """Stop, and leave the cells as they are."""
        if self._job is not None:
            self._job.cancel()

    def _on_grid(self) -> None:
        if self._job is not None:
            # The cells that it draws for are elsewhere now, or gone: also what is on its way
            # already, or comes before it hears of it, is for nobody.
            self._request = None
            self._job.cancel()
            self.previewed.emit({})
            self._lab.notice.emit("The grid is another now, so generating was cancelled.")

    def _on_preview(self, preview: Preview) -> None:
        request = self._request
        if request is None or preview.alpha is None:
            return
        rows = preview.rows if isinstance(preview, drawing_tasks.CellsPreview) else ()
        images: NDArray[np.uint8] = np.concatenate(
            [preview.images, preview.alpha[..., None]], axis=3
        )
        self.previewed.emit(
            {request.indices[i]: image for i, image in zip(rows, images, strict=True)}
        )

    def _on_ended(self, outcome: Outcome) -> None:
        request, self._job, self._request = self._request, None, None
        self.previewed.emit({})
        self.running_changed.emit(False)
        if request is not None and outcome.kind == "completed":
            self._take(request, outcome.result)

    def _take(self, request: _Request, drawn: Sequence[Drawn | None]) -> None:
        """Write what was generated into the cells, as one step of undo."""
        project, changes = self._project, {}
        rows = zip(request.indices, request.cells, request.configs, drawn, strict=True)
        for index, cell, config, sprite in rows:
            if sprite is None:
                continue
            now, made = project.cell(index), finished_cell(cell, config, sprite)
            if not request.whole:
                # Class and mask may have been changed while it was generated.
                asked = made.conditions
                made = replace(
                    now.asking(seed=asked.seed, variations=asked.variations),
                    pixels=made.pixels,
                    made_by=made.made_by,
                )
            changes[index] = made
        project.put(changes, request.text)
        self.made.emit(request.text, tuple(changes.values()))
