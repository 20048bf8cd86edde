"""Sixty-four variations of a cell, so that the best can be kept."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal, Slot

from sprite_lab.app.draw import drawing_tasks
from sprite_lab.app.draw.drawing import Drawn, finished_cell, in_words, left_out, varied
from sprite_lab.app.draw.generate.batch import Batch, Order, ResultHistory, Scores
from sprite_lab.app.draw.generate.drafts import goes_on
from sprite_lab.app.draw.generate.drawing_job import DrawingJob
from sprite_lab.app.draw.session import SEEDS, DrawSession
from sprite_lab.app.files import import_tasks
from sprite_lab.app.files.library import is_shipped
from sprite_lab.app.shell.text_format import class_words, set_title
from sprite_lab.app.task import Task
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.pixels.cell_sets import with_room
from sprite_lab.core.pixels.cells import MOST_CELLS, Cell, CellSheet
from sprite_lab.core.records import Outcome, Preview
from sprite_lab.words import marked, tr, trn

#: Sprites in a batch.
COUNT = 64


class BatchDrawing(DrawingJob):
    """Draws batches of variations; knows which are kept or discarded. UI thread.

    Sprites are numbered as they were drawn; ``order`` is how they are listed.
    """

    changed = Signal()  #: sprites, order or decisions changed
    history_changed = Signal()  #: a batch was added to ``history``
    #: path of a new data set, how many sprites were added, and whether it includes the open set
    set_written = Signal(object, int, bool)

    def __init__(self, session: DrawSession) -> None:
        super().__init__(session)
        self._session = session
        #: the cells to draw, and their configurations
        self._asked: tuple[Batch, tuple[SampleConfig, ...]] | None = None
        self._previews: NDArray[np.uint8] | None = None
        self._class = ""  # the chosen class, which the model may not know
        self._by: Order | None = None  # None = the order that suits the batch
        self.history = ResultHistory()
        self.batch: Batch | None = None
        self._compared: Batch | None = None
        self.scores: Scores | None = None
        self.kept: set[int] = set()
        self.discarded: set[int] = set()
        #: the kept and the discarded sprites before each decision that can be undone
        self._before: list[tuple[set[int], set[int]]] = []
        #: the sheets before and after sprites were put into cells, and these sprites
        self._put: list[tuple[CellSheet, CellSheet, frozenset[int]]] = []
        self._project.history_changed.connect(self._on_history)
        self._context.model.changed.connect(self._on_model)

    # -- drawing -------------------------------------------------------------------------

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that variations from new seeds take in turn; () = what the cell asks for.

        If the cell asks for no class, words or style and has no drawing to start from, these are
        the classes of the open set that the model knows, or else all that it knows.
        """
        sprites, model = self._context.data.value, self._context.model.value
        cell = self._project.cell(self._session.current)
        asked = cell.conditions
        drawn_over = goes_on(cell) and not cell.is_blank
        if model is None or asked.class_mix or asked.words or asked.style or drawn_over:
            return ()
        used = frozenset() if sprites is None else sprites.used_classes
        return tuple(name for name in model.class_names if name in used) or model.class_names

    @property
    def one_class(self) -> str:
        """The class of variations from new seeds, in place of ``classes``; "" = none."""
        model = self._context.model.value
        return self._class if model is not None and self._class in model.class_names else ""

    def draw_class(self, name: str) -> None:
        """Choose ``one_class``."""
        self._class = name
        self.changed.emit()

    def start(self, share: float | None, variants: Sequence[tuple[str, ...]] | None = None) -> None:
        """Draw variations of the current cell; new seeds use ``one_class``, or else ``classes``.

        Parameters
        ----------
        share : how far toward another noise, above 0 and at most 1; None = from new seeds.
        variants : the words of each variation, drawn from the cell's own noise; None = COUNT
            variations without other words.
        """
        model = self._context.model.value
        if self.running or model is None:
            return
        index = self._session.current
        source = self._project.cell(index)
        cell = source.flat
        if variants is not None and not 0 < len(variants) <= COUNT:
            self._session.fail(
                tr("Write 1 to {count} variants, separated by commas: red, blue.", count=COUNT)
            )
            return
        seeds = random.sample(range(SEEDS), COUNT)
        classes: tuple[str, ...] = ()
        try:
            if variants is not None:
                cells = in_words(cell, variants)
            elif share is None:
                cells = [cell.asking(seed=seed, variations=()) for seed in seeds]
                if classes := (self.one_class,) if self.one_class else self.classes:
                    # Otherwise those after the first COUNT would never be drawn.
                    if len(classes) > COUNT:
                        classes = tuple(random.sample(classes, COUNT))
                    turns = zip(cells, itertools.cycle(classes), strict=False)
                    cells = [one.asking(class_mix=((name, 1.0),)) for one, name in turns]
            else:
                asked = varied(cell.conditions, share, seeds)
                cells = [replace(cell, conditions=conditions) for conditions in asked]
            configs = self._session.configs_of(cells)
        except SpriteLabError as error:
            self._session.fail(str(error))
            return
        for sentence in left_out(cells, model):
            self._context.notice.emit(sentence)
        title = marked("Cell {index}: new seeds")
        values: dict[str, object] = {"index": index + 1}
        if variants is not None:
            title = marked("Cell {index}: with other words")
        elif share is not None:
            title = marked("Cell {index}: around its seed, {share:.0f}%")
            values["share"] = 100 * share
        if classes:  # rather than what the cell asks for
            title, values = "{name}", {"name": class_words(classes[0])}
            title = marked("Each class in turn") if len(classes) > 1 else title
        # The masks of layers above do not apply, since variations have no layers above them.
        own = tuple(replace(one, redraw_strength=source.redraw_strength) for one in cells)
        self._asked = Batch(title, own, variants is None, values), configs
        self._forget()
        side = model.image_size
        self._previews = np.zeros((len(cells), side, side, 4), np.uint8)
        name = trn("Drawing {n} variation", "Drawing {n} variations", len(cells))
        self._begin(drawing_tasks.draw_cells(model, configs), name)
        self.changed.emit()

    def _on_preview(self, preview: Preview) -> None:
        if self._previews is None or not isinstance(preview, drawing_tasks.CellsPreview):
            return
        shown = self._previews.copy()
        for row, rgba in preview.pictures().items():
            shown[row] = rgba
        self._previews = shown
        self.changed.emit()

    def _on_ended(self, outcome: Outcome) -> None:
        asked, self._asked, self._previews = self._asked, None, None
        self.running_changed.emit(False)
        if outcome.kind == "completed" and asked is not None:
            drawn: Sequence[Drawn | None] = outcome.result
            batch, configs = asked
            rows = zip(batch.cells, configs, drawn, strict=True)
            cells = [finished_cell(c, config, d) for c, config, d in rows if d is not None]
            if cells:
                self._add(replace(batch, cells=tuple(cells)))
                self.show(self.history.batches[0])
                return
        before = self.history.batches
        self.show(before[0] if before else None)

    # -- history -------------------------------------------------------------------------

    def add(self, title: str, cells: Sequence[Cell]) -> None:
        """Add generated cells to the history, with an English title."""
        self._add(Batch(title, tuple(cells)))

    def _add(self, batch: Batch) -> None:
        made = tuple(cell for cell in batch.cells if cell.side == self._project.side)
        if made:
            self.history.add(replace(batch, cells=made))
            self.history_changed.emit()

    def show(self, batch: Batch | None) -> None:
        """Show a batch, or nothing (``batch`` is None), and forget all decisions."""
        self._forget()
        self.batch = batch
        self.changed.emit()
        self._compare()

    def bring_back(self, batch: Batch, kept: Iterable[int], discarded: Iterable[int]) -> None:
        """Show a batch of an earlier session, with the decisions about it."""
        self.history.add(batch)
        self.history_changed.emit()
        self.show(batch)
        there = range(len(batch.cells))
        self.kept, self.discarded = {*kept} & {*there}, {*discarded} & {*there}
        self.changed.emit()

    def list_older(self, batch: Batch) -> None:
        """List a batch of an earlier session after all others."""
        self.history.add_older(batch)
        self.history_changed.emit()

    def _forget(self) -> None:
        self.batch, self.scores = None, None
        self.kept.clear()
        self.discarded.clear()
        self._before.clear()
        self._put.clear()

    # -- comparing -----------------------------------------------------------------------

    @Slot()
    def _on_model(self, *_: object) -> None:
        # Sprites of an earlier session may appear before the model is loaded.
        if self.scores is None:
            self._compare()

    def _compare(self) -> None:
        batch, model, data = self.batch, self._context.model.value, self._context.data.value
        if batch is None or model is None or model.image_size != batch.cells[0].side:
            return
        self._compared = batch
        known = data is not None and data.fingerprint == model.data_fingerprint
        training, palette = data if known else None, self._project.palette
        own = None if is_shipped(self._context.model_ref or "") else self._context.own_set
        if own is not None and (len(own) < 2 or own.images.shape[1] != batch.cells[0].side):
            own = None  # nothing to compare with

        def rest(best: Scores) -> None:
            self._take(best)
            if self.batch is batch:
                score(drawing_tasks.score(model, batch.cells, palette, training), self._take)

        def score(task: Task[Scores], then: Callable[[Scores], None]) -> None:
            self._context.do(
                task,
                self,
                name=tr("Comparing the variations"),
                then=then,
                newest="draw-scores",
                quiet=True,
            )

        # This is fast, so the best come first before any decision is made.
        score(drawing_tasks.criticize(batch.cells, own), rest)

    def _take(self, scores: Scores) -> None:
        if self.batch is not None and self.batch is self._compared:
            before = self.scores or scores
            self.scores = replace(
                scores, critic=before.critic, copies=before.copies, plain=before.plain
            )
            self.changed.emit()

    @property
    def sorted_by(self) -> Order:
        """The order in use: the requested one, or else best first for tries."""
        tries = self.batch is None or self.batch.tries
        return self._by or ("best" if tries else "drawn")

    def sort_by(self, by: Order | None) -> None:
        """Set the order of the sprites; None = the one that suits the batch."""
        self._by = by
        self.changed.emit()

    @property
    def order(self) -> list[int]:
        """The sprites as they are listed, discarded ones last."""
        if self._previews is not None:
            return list(range(len(self._previews)))
        if self.batch is None:
            return []
        order = None if self.scores is None else self.scores.order(self.sorted_by)
        every = list(range(len(self.batch.cells))) if order is None else order.tolist()
        return sorted(every, key=lambda i: i in self.discarded)

    @property
    def images(self) -> NDArray[np.uint8] | None:
        """The pictures, uint8 (N, H, W, 4), in the order shown; None = no sprites."""
        if self._previews is not None:
            return self._previews
        if self.batch is None:
            return None
        return np.stack([self.batch.cells[i].rgba for i in self.order])

    def score_words(self, sprite: int) -> str:
        """What to say about a sprite: the words that not all have, its figures and its seed."""
        if self.batch is None:
            return ""
        cell, scores = self.batch.cells[sprite], self.scores
        said = [] if scores is None or cell.is_blank else scores.words(sprite)
        if sprite in self.in_cells:
            said.insert(0, tr("in cells"))
        made = [one.made_by.words if one.made_by else () for one in self.batch.cells]
        common = set(made[sprite]).intersection(*made)
        words = [w for w in made[sprite] if w not in common and not self.batch.tries]
        return ", ".join([*words, *said, tr("seed {seed}", seed=cell.seed)])

    @property
    def in_cells(self) -> frozenset[int]:
        """The sprites that are in cells of the project, edited or not."""
        cells = () if self.batch is None else self.batch.cells
        there = {cell.drawn_by for cell in self._project.cells if not cell.is_blank}
        return frozenset(
            i for i, cell in enumerate(cells) if cell.drawn_by in there and not cell.is_blank
        )

    # -- deciding ------------------------------------------------------------------------

    def keep(self, sprites: Sequence[int]) -> None:
        """Keep sprites; if all of them are kept already, keep none of them."""
        self._decide(sprites, self.kept, self.discarded)

    def discard(self, sprites: Sequence[int]) -> None:
        """Discard sprites; if all of them are discarded already, discard none of them."""
        self._decide(sprites, self.discarded, self.kept)

    def _decide(self, sprites: Sequence[int], chosen: set[int], others: set[int]) -> None:
        self._before.append((set(self.kept), set(self.discarded)))
        if chosen.issuperset(sprites):
            chosen.difference_update(sprites)
        else:
            chosen.update(sprites)
            others.difference_update(sprites)
        self.changed.emit()

    @property
    def can_undo(self) -> bool:
        """Whether a decision can be undone; those about sprites in cells or in a set are final."""
        return bool(self._before)

    @property
    def undoes_cells(self) -> bool:
        """Whether undo concerns cells, since nothing was decided after sprites were put there."""
        put_last = any(self._project.history.value is after for _, after, _ in self._put)
        return self.batch is None or (put_last and not self.can_undo)

    def undo(self) -> set[int]:
        """Undo the last decision; returns the sprites that it was about."""
        kept, discarded = self._before.pop()
        changed = (kept ^ self.kept) | (discarded ^ self.discarded)
        self.kept, self.discarded = kept, discarded
        self.changed.emit()
        return changed

    def put_into_set(self, *, join: bool) -> None:
        """Write the kept sprites as a data set.

        ``join``: add the sprites of the open set. The file is new, and the open set stays as it is.
        """
        batch = self.batch
        if batch is None or not self.kept:
            return
        self._before.clear()
        self.changed.emit()
        self.write_set([batch.cells[i] for i in self.order if i in self.kept], join=join)

    def write_set(self, cells: Sequence[Cell], *, join: bool) -> None:
        """Write cells as a data set; ``join`` as in :meth:`put_into_set`."""
        opened = self._context.data.value
        name = self._project.title
        if opened is not None and join:
            name = _with_drawings(opened.title)
        elif name == CellSheet.title:
            name = tr("My sprites")
        known = self._session.class_names if opened is None else opened.class_names
        self._context.do(
            import_tasks.write_drawings(cells, name, opened if join else None, known),
            self,
            then=lambda path: self.set_written.emit(path, len(cells), join),
            newest="draw-set",
        )

    def put_into_cells(self) -> None:
        """Write the kept sprites that are not in cells yet into the next blank cells, as one step
        of undo.
        """
        batch, project = self.batch, self._project
        if batch is None or not self.kept:
            return
        if (size := batch.cells[0].side) != (side := project.side):
            self._session.fail(
                tr(
                    "These sprites have {size}×{size} pixels, but cells {side}×{side}: change the "
                    "size of the cells first.",
                    size=size,
                    side=side,
                )
            )
            return
        if again := self.kept & self.in_cells:
            self._context.notice.emit(
                trn(
                    "{n} of them is in a cell already, and was left out.",
                    "{n} of them are in cells already, and were left out.",
                    len(again),
                )
            )
            self.kept -= again
            self._before.clear()
            self.changed.emit()
        wanted = [i for i in self.order if i in self.kept]
        if not wanted:
            return
        sheet, places = with_room(project.snapshot(), self._session.current, len(wanted))
        if not places:
            self._session.fail(
                tr(
                    "There is no room for them: the grid already has {most} cells, the maximum, "
                    "and blank ones belong to a terrain or a character. Clear cells that you no "
                    "longer need.",
                    most=MOST_CELLS,
                )
            )
            return
        if len(places) < len(wanted):
            self._context.notice.emit(
                tr(
                    "{count} of {total} found a blank cell; the grid already has {most} cells, the "
                    "maximum, so the others stay here.",
                    count=len(places),
                    total=len(wanted),
                    most=MOST_CELLS,
                )
            )
        changes = {}
        for place, sprite in zip(places, wanted, strict=False):
            there, made = sheet.cells[place], batch.cells[sprite]
            locked = there.conditions.lock_palette or made.conditions.lock_palette
            changes[place] = replace(
                made.asking(lock_palette=locked),
                duration_ms=there.duration_ms,
                name="" if there.name_is_taken else there.name,
                name_is_taken=False,
                tags=there.tags,
            )
        moved = frozenset(wanted[: len(changes)])
        self.kept -= moved
        self._before.clear()
        text = trn("Keep variation", "Keep {n} variations", len(changes))
        before = project.history.value
        self._session.make_room(sheet.with_cells(changes), text)
        self._put.append((before, project.history.value, moved))
        self.changed.emit()
        self._session.choose_wanted.emit(tuple(changes))

    @Slot()
    def _on_history(self) -> None:
        """When putting sprites into cells is undone, mark them as kept again until it is redone."""
        history = self._project.history
        if not history.went:
            return
        kept = set(self.kept)
        for before, after, moved in self._put:
            if history.value is before:
                kept |= moved - self.discarded
            elif history.value is after:
                kept -= moved
        if kept != self.kept:
            self.kept = kept
            self.changed.emit()


def _with_drawings(title: str) -> str:
    """The name of a set with drawings added; stays the same when more are added."""
    added = tr("{name} with drawings", name="")
    return tr("{name} with drawings", name=set_title(title.partition(added)[0]))
