"""Live: suggestions for the cells, redrawn after every stroke."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sprite_lab.app.draw import drawing_tasks
from sprite_lab.app.draw.drawing import finished_cell, why_no_layer
from sprite_lab.app.draw.live.live import Ghost, Pace, Terms, Turns, live_settings, wishes
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.engine_types import Model
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.records import Outcome
from sprite_lab.jobs import QuickJob
from sprite_lab.words import marked, tr, trn

#: Milliseconds without a stroke until ghosts are drawn in full quality.
REST_MS = 600


class LiveDrawing(QObject):
    """Keeps a suggestion (ghost) for each cell. UI thread.

    At most one redraw runs at a time; the next one starts from the newest strokes, with the
    current cell first.
    """

    ghosts_changed = Signal(object)  #: tuple of the cells whose ghosts changed or were removed
    state_changed = Signal()  #: ``words`` changed
    #: English words for the history, and a tuple of the cells with their suggestions
    taken = Signal(str, object)

    def __init__(self, session: DrawSession) -> None:
        super().__init__(session)
        self._session, self._project = session, session.project
        self._context = context = session.context
        self.on = self._shown = self._held = self._quiet = False
        #: whether all blank cells show variations, not only those chosen with the drawing
        self.variations = False
        self._keeps = False
        #: The model that draws; None = not known yet.
        self.model: Model | None = None
        self._ghosts: dict[int, Ghost] = {}
        self._dismissed: dict[int, Cell] = {}
        self._wished: dict[int, Cell] = {}
        self._terms: tuple[Terms, Terms] | None = None
        self._leader: int | None = None
        self._pace = Pace.of(None)
        self._turns = Turns()
        self._took: tuple[int, float] | None = None
        self._sketch = QuickJob(context.jobs, tr("Live"))
        self._sketch.ended.connect(self._on_sketched)
        self._fine = QuickJob(context.jobs, tr("Live, all steps"), urgent=False)
        self._fine.ended.connect(self._on_refined)
        # Fires after all pending painting, since the user's pixels come first.
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._draw)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._refine)
        session.choice_changed.connect(self.refresh)
        session.settings_changed.connect(self.refresh)
        session.tools.selection_changed.connect(self.refresh)
        self._project.cells_changed.connect(self.refresh)
        self._project.palette_changed.connect(self.refresh)
        self._project.grid_changed.connect(self._on_grid)

    # -- pausing and resuming ---------------------------------------------------------------------

    def set_on(self, on: bool) -> None:
        if on != self.on:
            self.on = on
            self._dismissed.clear()
            self.refresh()
            self.state_changed.emit()

    def set_keeps(self, keeps: bool) -> None:
        """Set whether drawings by hand are kept; see :func:`wishes`."""
        if keeps != self._keeps:
            self._keeps = keeps
            self.refresh()

    def set_shown(self, shown: bool) -> None:
        """Set whether Live is visible; while hidden, it draws nothing."""
        self._shown = shown
        self.refresh()

    def hold(self, held: bool) -> None:
        """Pause, for instance while cells are being generated."""
        self._held = held
        self.refresh()

    def set_model(self, model: Model | None) -> None:
        """Draw with another model; None = wait for one."""
        self.model = model
        self._pace = Pace.of(model)
        self._took = None
        self.refresh()
        self.state_changed.emit()

    @property
    def active(self) -> bool:
        ready = self.on and self._shown and not self._held and self.model is not None
        return ready and not self._session.problem

    @property
    def words(self) -> str:
        """The state of Live in a few words."""
        if self._session.problem or not self.on:
            return ""
        if self.model is None:
            return tr("Finding a fast model…")
        if self._took is None:
            return tr("Draw, and the model answers")
        count, ms = self._took
        cells = trn("1 cell", "{n} cells", count)
        return tr("{cells} in {ms:.0f} ms", cells=cells, ms=ms)

    @property
    def settled(self) -> bool:
        """Whether every ghost is up to date."""
        if not self.active or self._sketch.busy:
            return not self.active
        return all(self._is_drawn(i, wish) for i, wish in self._wishes().items())

    # -- ghosts --------------------------------------------------------------------------

    def ghost(self, index: int) -> Ghost | None:
        """The visible suggestion for a cell, or None."""
        ghost = self._ghosts.get(index)
        if ghost is None or self._dismissed.get(index) == ghost.wish:
            return None
        return ghost

    @property
    def ghosts(self) -> dict[int, Ghost]:
        """All visible suggestions, by cell."""
        return {i: ghost for i in self._ghosts if (ghost := self.ghost(i)) is not None}

    def take(self, indices: Iterable[int]) -> bool:
        """Write the ghosts of cells into them, as one step of undo; False = nothing was written."""
        project, changes = self._project, {}
        indices = tuple(indices)
        closed = why_no_layer([project.cell(i) for i in indices if self.ghost(i) is not None])
        if closed:
            self._session.fail(closed)
            return False
        for index in indices:
            ghost = self.ghost(index)
            if ghost is not None:
                now = project.cell(index)
                if self._keeps:  # otherwise the next suggestion would change drawings by hand
                    now = now.kept_by_hand
                made = finished_cell(ghost.wish, ghost.config, ghost.drawn)
                # A variation uses its leader's conditions; other cells use their own.
                asked = ghost.wish.conditions if now.is_blank else now.conditions
                changes[index] = replace(now, conditions=asked).with_generated(made)
        if not changes:
            return False
        text = trn("Take suggestion", "Take {n} suggestions", len(changes))
        self._quiet = True
        project.put(changes, text)
        self._quiet = False
        self.leave(changes)
        self.taken.emit(marked("Suggestions"), tuple(changes.values()))
        return True

    @Slot(object)
    def leave(self, indices: Iterable[int]) -> None:
        """Suggest nothing for cells, which were just taken or generated, until they change."""
        if not self.on:
            return
        wished = self._wishes()
        self._dismissed.update({i: wished[i] for i in indices if i in wished})
        self._remove(tuple(indices))
        self.refresh()

    def dismiss(self, indices: Iterable[int]) -> bool:
        """Hide the ghosts of cells until the cells change; False = there are none."""
        gone = {i: ghost.wish for i in indices if (ghost := self.ghost(i)) is not None}
        self._dismissed.update(gone)
        if gone:
            self._tell(gone)
        return bool(gone)

    @contextmanager
    def keeping(self, index: int) -> Iterator[None]:
        """Edit a cell without redrawing its ghost, while parts of the ghost are being taken."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False
        ghost, wish = self.ghost(index), self._wishes().get(index)
        if ghost is not None and wish is not None:
            self._ghosts[index] = replace(ghost, wish=wish, fine=True)
        self._sketch.drop()  # otherwise the earlier request would replace this one
        self.refresh()

    # -- drawing -------------------------------------------------------------------------

    def _wishes(self) -> dict[int, Cell]:
        cells, current = self._project.cells, self._session.current
        if current >= len(cells):
            return {}  # the grid is shrinking
        if not cells[current].is_blank:
            self._leader = current
        leader = self._leader
        if leader is not None and (leader >= len(cells) or cells[leader].is_blank):
            leader = self._leader = None
        chosen = [i for i in self._session.chosen if i < len(cells)]
        everywhere = self.variations
        if not everywhere and leader not in chosen:
            leader = None  # a blank cell on its own shows a sprite drawn from nothing
        return wishes(cells, current, chosen, leader, everywhere=everywhere, keeps=self._keeps)

    @Slot()
    def refresh(self, *_: object) -> None:
        """Redraw outdated ghosts."""
        if self._quiet:
            return
        if not self.active:
            self._rest.stop()
            self._soon.stop()
            self._sketch.drop()
            self._fine.drop()
            self._wished = {}
            if self._ghosts:
                self._remove(tuple(self._ghosts))
            return
        self._fine.drop()
        self._rest.start()
        if not self._sketch.busy:
            self._soon.start()

    def _draw(self) -> None:
        """Start redrawing as many outdated ghosts as the machine can handle at once."""
        if self._sketch.busy or not self.active:
            return
        now = self._terms_now()
        before = self._terms
        if before is None or not all(a.same_as(b) for a, b in zip(now, before, strict=True)):
            self._terms = now
            # Refined and kept ghosts are outdated too.
            self._ghosts = {i: replace(ghost, fine=False) for i, ghost in self._ghosts.items()}
        assert self._terms is not None
        self._wished = self._wishes()
        if gone := tuple(i for i in self._ghosts if i not in self._wished):
            self._remove(gone)
        stale = [i for i, wish in self._wished.items() if not self._is_drawn(i, wish)]
        if stale:
            whose = self._turns.next(stale, self._session.current, self._pace)
            some = {i: self._wished[i] for i in whose}
            self._sketch.start(drawing_tasks.sketch(some, self._terms[0]))

    def _terms_now(self) -> tuple[Terms, Terms]:
        """The terms for a quick redraw, and those for refining."""
        settings, palette = self._session.settings, self._project.palette
        selection = self._session.selection
        model = self._context.model.value
        assert self.model is not None
        assert model is not None
        quick = live_settings(self.model, settings, self._pace.steps)
        return (
            Terms(self.model, quick, palette, selection),
            Terms(model, settings, palette, selection),
        )

    def _is_drawn(self, index: int, wish: Cell) -> bool:
        """Whether the ghost of a cell is up to date or dismissed."""
        ghost = self._ghosts.get(index)
        if ghost is not None and ghost.wish == wish:
            return ghost.fine or (self._terms is not None and ghost.terms is self._terms[0])
        return self._dismissed.get(index) == wish

    @Slot(object)
    def _on_sketched(self, outcome: Outcome) -> None:
        if not self.active:
            return
        if outcome.kind == "failed":
            self._context.failed.emit(outcome.error, outcome.details)
            self.set_on(False)  # otherwise it would fail at every stroke
            return
        sketched = outcome.result
        if sketched is not None and sketched.ghosts:
            self._took = (len(sketched.ghosts), sketched.ms)
            steps = next(iter(sketched.ghosts.values())).terms.settings.steps
            self._pace.took(*self._took, steps)
            self._put(sketched.ghosts)
        self.state_changed.emit()
        self._draw()

    def _put(self, ghosts: dict[int, Ghost]) -> None:
        there = {i: ghost for i, ghost in ghosts.items() if i in self._wished}
        self._ghosts.update(there)
        self._tell(there)

    def _remove(self, indices: tuple[int, ...]) -> None:
        for index in indices:
            self._ghosts.pop(index, None)
        self._tell(indices)

    def _tell(self, indices: Iterable[int]) -> None:
        self.ghosts_changed.emit(tuple(indices))

    # -- refining ---------------------------------------------------------------------------------

    def _refine(self) -> None:
        """Draw the ghosts as Generate would, the current cell first and alone."""
        if not self.active or self._fine.busy:
            return
        if self._sketch.busy:
            self._rest.start()
            return
        todo = [
            i
            for i, ghost in self.ghosts.items()
            if not ghost.fine and self._wished.get(i) == ghost.wish
        ]
        if not todo:
            return
        current = self._session.current
        first = [current] if current in todo else todo
        assert self._terms is not None
        some = {i: self._wished[i] for i in first}
        self._fine.start(drawing_tasks.sketch(some, self._terms[1], fine=True))

    @Slot(object)
    def _on_refined(self, outcome: Outcome) -> None:
        if not self.active:
            return
        if outcome.kind == "failed":
            self._context.failed.emit(outcome.error, outcome.details)
            return
        if outcome.result is not None and outcome.result.ghosts:
            self._put(outcome.result.ghosts)
            self._refine()

    @Slot()
    def _on_grid(self) -> None:
        """Drop all ghosts: their cells have moved or are gone."""
        self._dismissed.clear()
        self._leader = None
        self._sketch.drop()
        self._remove(tuple(self._ghosts))
        self.refresh()
