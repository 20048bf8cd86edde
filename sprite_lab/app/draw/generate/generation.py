"""Generates cells: one job for all of them, one step of undo for the result."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from PySide6.QtCore import Signal

from sprite_lab.app.draw import drawing_tasks
from sprite_lab.app.draw.drawing import Drawn, finished_cell, left_out, seeded, varied, why_no_layer
from sprite_lab.app.draw.generate.drafts import Drafts
from sprite_lab.app.draw.generate.drawing_job import DrawingJob
from sprite_lab.app.draw.generate.frames import as_frames
from sprite_lab.app.draw.live.live import STRENGTH
from sprite_lab.app.draw.session import SEEDS, DrawSession
from sprite_lab.app.engine_types import Model
from sprite_lab.app.task import Task
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.drawing.selection import Region
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.pixels import characters
from sprite_lab.core.pixels.cell_sets import with_room
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.redraw_masks import keep_drawn, only_inside
from sprite_lab.core.records import Outcome, Preview
from sprite_lab.words import marked, tr, trn

#: Number of tries at pixels that surprise the model; the best is used.
_TRIES = 4


@dataclass(frozen=True)
class Request:
    """Cells to draw, in the order of the results.

    Attributes
    ----------
    cells : the cells to draw, one for each of ``indices``.
    text : the name of the step in the history, in English.
    whole : whether ``cells`` replace those in the project, or only set their pixels and seeds.
    how : draws ``configs``; None = the open model draws a sprite for each.
    configs : None = those that the session derives from ``cells``. If given together with ``how``,
        the open model need not suit the cells.
    more : takes the generated cells by index, and returns the cells derived from them.
    seen : called with the results before they are written into the cells.
    answers : cells with what the user decided about their drawings.
    """

    indices: tuple[int, ...]
    cells: tuple[Cell, ...]
    text: str
    whole: bool = False
    how: Callable[[Model, tuple[SampleConfig, ...]], Task[tuple[Drawn | None, ...]]] | None = None
    configs: tuple[SampleConfig, ...] | None = None
    more: Callable[[Mapping[int, Cell]], Mapping[int, Cell]] = lambda _: {}
    seen: Callable[[Sequence[Drawn | None]], None] = lambda _: None
    answers: Mapping[int, Cell] = field(default_factory=dict)


class CellGeneration(DrawingJob):
    """Runs the job that generates cells. UI thread."""

    previewed = Signal(object)  #: dict of cell index to uint8 (H, W, 4), empty at the end
    made = Signal(str, object)  #: English words for the history, and a tuple of the generated cells
    written = Signal(object)  #: tuple of the indices of cells that were generated
    varying = Signal(int)  #: index of the first cell that variations go to

    def __init__(self, session: DrawSession) -> None:
        super().__init__(session)
        self.session = session
        self._request: Request | None = None
        self.drafts = Drafts(session)
        #: What the user decided about drawings for the next job, by cell. The cell takes this over
        #: once it is drawn, so that undo reverts it with the drawing, and cancel leaves no trace.
        self._answers: dict[int, Cell] = {}
        self._project.grid_changed.connect(self._on_grid)

    # -- starting ------------------------------------------------------------------------

    def start(self, indices: Sequence[int]) -> None:
        """Generate cells according to their conditions; unlocked seeds change."""
        first = random.randrange(SEEDS)
        cells = tuple(seeded(self._asked(i), first + n) for n, i in enumerate(indices))
        self.begin(Request(tuple(indices), cells, marked("Generate")))

    def draw(self, asked: Mapping[int, Cell], text: str) -> None:
        """Generate each cell of ``asked`` into the place that is its key, with its seed.

        ``text``: the name of the step in the history, in English.
        """
        self.begin(Request(tuple(asked), tuple(asked.values()), text))

    def redraw(self, index: int, pixels: Region) -> None:
        """Redraw some pixels of a cell, except those that its mask keeps, if one of several tries
        surprises the model less.
        """
        cell = self._project.cell(index)
        mask = np.where(pixels, cell.flat.redraw, 0).astype(np.uint8)
        if not only_inside(mask, self.session.selection).any():
            self.session.fail(
                tr("The mask or the selection keeps these pixels: unmark or deselect them first.")
            )
            return
        cell = replace(cell.flat, redraw_strength=mask.tobytes())
        seeds = random.sample(range(SEEDS), 1 if cell.conditions.seed_locked else _TRIES)
        self.begin(
            Request(
                (index,) * len(seeds),
                tuple(seeded(cell, seed) for seed in seeds),
                marked("Redraw pixels"),
                how=lambda model, configs: drawing_tasks.draw_better(model, configs, cell),
                seen=self._tell_if_none,
            )
        )

    def _tell_if_none(self, drawn: Sequence[Drawn | None]) -> None:
        if not any(drawn):
            self._context.notice.emit(
                trn(
                    "The new pixels surprise the model just as much, so the drawing is unchanged.",
                    "None of {n} tries surprises the model any less, so the drawing is unchanged.",
                    len(drawn),
                )
            )

    def start_from_drawings(self, indices: Sequence[int]) -> None:
        """Let cells start from their drawings in the next job and from then on."""
        self._answers = {i: self._project.cell(i).asking(strength=STRENGTH) for i in indices}

    def keep_drawings(self, indices: Sequence[int]) -> None:
        """Keep the drawn pixels of cells in the next job and from then on."""
        cells = ((i, self._project.cell(i)) for i in indices)
        self._answers = {
            i: replace(c, redraw_strength=keep_drawn(c.rgba).tobytes()) for i, c in cells
        }

    def _asked(self, index: int) -> Cell:
        """The cell as the next job uses it."""
        return self._answers.get(index) or self._project.cell(index)

    def animate(self, frames: Sequence[int], movement: float, left: Collection[int]) -> None:
        """Generate cells as frames, see :func:`as_frames`. Those in ``left`` stay.

        If some cells are blank, drafts stay too, and the blank cells become frames of them.
        """
        cells = {i: self._project.cell(i) for i in frames}
        drawn = {i for i, cell in cells.items() if not cell.is_blank}
        if len(drawn) < len(cells):
            left = {*left, *(i for i in drawn if cells[i] in self.drafts)}
        asked = as_frames(
            [self._asked(i) for i in frames],
            self._project.cell(self.session.current),
            movement,
            random.randrange(SEEDS),
            {k for k, i in enumerate(frames) if i in left},
        )
        self.draw({frames[k]: cell for k, cell in asked.items()}, marked("Generate frames"))

    def vary(self, count: int, share: float) -> None:
        """Generate variations, each from a noise near the cell's own, into the other chosen cells.

        If no others are chosen, ``count`` of them into the next blank cells. ``share``: how far
        toward another noise, above 0 and at most 1.
        """
        session, cells = self.session, self._project.cells
        if session.problem:
            session.fail(session.problem)
            return
        source = session.first
        indices = [i for i in session.chosen if i != source]
        if not indices:
            wanted = count + cells[source].is_free
            sheet, blank = with_room(self._project.snapshot(), source + 1, wanted)
            indices = [i for i in blank if i != source][:count]
            if not indices:
                session.fail(
                    tr(
                        "There is no blank cell for a variation; clear one, or select cells to "
                        "draw over."
                    )
                )
                return
            if sheet.rows > self._project.rows:
                session.make_room(sheet, tr("Add rows"))
                cells = self._project.cells
            if len(indices) < count:
                self._context.notice.emit(
                    tr(
                        "Only {count} of {total} variations have a blank cell.",
                        count=len(indices),
                        total=count,
                    )
                )
        cell = cells[source]
        seeds = random.sample(range(SEEDS), len(indices))
        try:
            asked = varied(cell.conditions, share, seeds)
        except SpriteLabError as error:
            session.fail(str(error))
            return
        made = tuple(
            replace(cell, conditions=conditions, duration_ms=cells[i].duration_ms)
            for i, conditions in zip(indices, asked, strict=True)
        )
        self.begin(Request(tuple(indices), made, marked("Variations"), whole=True))
        if self.running:
            self.varying.emit(indices[0])

    def begin(self, request: Request) -> None:
        """Start the job of a request, or report why that is impossible."""
        answers, self._answers = self._answers, {}
        if self.running:
            return
        configs, cells = request.configs, request.cells
        # A request with ``how`` and ``configs`` may use other models, so the size of the open one
        # does not matter.
        alone = request.how is not None and configs is not None
        session, model = self.session, self._context.model.value
        if model is None or (session.problem and not alone):
            session.fail(session.problem)
            return
        closed = why_no_layer([*(self._project.cell(i) for i in request.indices), *cells])
        if closed:
            session.fail(closed)
            return
        try:
            if configs is None:
                configs = session.configs_of(cells)
                if not request.whole:
                    configs = tuple(map(self._in_its_colors, request.indices, cells, configs))
        except SpriteLabError as error:
            session.fail(str(error))
            return
        for sentence in left_out(cells, model):
            self._context.notice.emit(sentence)
        self._request = replace(request, configs=configs, answers=answers)
        self._project.history.begin_next(tr(request.text), self._on_undo)
        self._begin(
            (request.how or drawing_tasks.draw_cells)(model, configs),
            trn("Generating {n} sprite", "Generating {n} sprites", len(configs)),
        )

    def _in_its_colors(self, index: int, cell: Cell, config: SampleConfig) -> SampleConfig:
        """The configuration, limited to the colors of its drawing if that is another cell's."""
        if config.start_t is None or cell.pixels == self._project.cell(index).flat.pixels:
            return config
        return replace(config, palette=characters.colors_of(cell.rgba))

    # -- while it runs -------------------------------------------------------------------

    def _on_grid(self) -> None:
        if self.running:
            # The cells have moved or are gone.
            self._drop(tr("The grid has changed, so generation was canceled."))

    def _on_undo(self) -> None:
        self._drop(tr("Generation was canceled. Undo again to go back further."))

    def _drop(self, why: str) -> None:
        """Cancel, and ignore results that arrive before the job stops."""
        self._request = None
        self._project.history.end_next()
        self.cancel()
        self.previewed.emit({})
        self._context.notice.emit(why)

    def _on_preview(self, preview: Preview) -> None:
        request = self._request
        if request is not None and isinstance(preview, drawing_tasks.CellsPreview):
            indices = request.indices
            self.previewed.emit({indices[row]: rgba for row, rgba in preview.pictures().items()})

    def _on_ended(self, outcome: Outcome) -> None:
        request, self._request = self._request, None
        self._project.history.end_next()
        self.previewed.emit({})
        self.running_changed.emit(False)
        if request is not None and outcome.kind == "completed":
            self._take(request, outcome.result)

    def _take(self, request: Request, drawn: Sequence[Drawn | None]) -> None:
        """Write the results into the cells, as one step of undo."""
        request.seen(drawn)
        project, changes = self._project, {}
        rows = zip(request.indices, request.cells, request.configs or (), drawn, strict=True)
        for index, cell, config, sprite in rows:
            if sprite is None:
                continue
            now = project.cell(index)
            if request.whole and not now.layers:
                changes[index] = finished_cell(cell, config, sprite)
                continue
            made = finished_cell(cell.flat, config, sprite)
            if request.whole:
                # Take everything from the result except the layers, so that drawings on other
                # layers stay.
                mask = cell.redraw_strength
                now = replace(
                    made, pixels=now.pixels, layers=now.layers, limit=now.limit,
                    redraw_strength=mask,
                )  # fmt: skip
            else:
                # Class, mask and layers may have changed during generation.
                asked = cell.conditions
                now = now.asking(seed=asked.seed, variations=asked.variations)
                answer = request.answers.get(index)
                if answer is not None:
                    mask, strength = answer.redraw_strength, answer.conditions.strength
                    now = replace(now.asking(strength=strength), redraw_strength=mask)
            changes[index] = now.with_generated(made)
        changes |= request.more(changes)
        # Layers may have been locked meanwhile.
        shut = {i: why_no_layer([project.cell(i)]) for i in changes}
        changes = {i: cell for i, cell in changes.items() if not shut[i]}
        if changes:
            self._write(request, changes)
        for why in dict.fromkeys(filter(None, shut.values())):
            self.session.fail(why)

    def _write(self, request: Request, changes: Mapping[int, Cell]) -> None:
        project = self._project
        # A drawing that generation only added to still counts as drawn by a person.
        configs = request.configs or ()
        added = {i for i, c in zip(request.indices, configs, strict=True) if c.drawing}
        fresh = [i for i in changes if i not in added or project.cell(i) in self.drafts]
        self.drafts.add((changes[i] for i in fresh), changes.values())
        project.put(changes, tr(request.text))
        self.made.emit(request.text, tuple(changes.values()))
        self.written.emit(tuple(changes))
