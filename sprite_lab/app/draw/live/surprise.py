"""How much each pixel of the drawing surprises the model."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sprite_lab.app.draw import drawing_tasks
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.files.sources import of_cells
from sprite_lab.core.drawing.selection import Region
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.records import Outcome
from sprite_lab.core.results.measured import Verdict
from sprite_lab.jobs import QuickJob
from sprite_lab.words import tr

#: Milliseconds without a change before the drawing is measured, so that it is not measured in the
#: middle of a stroke.
STILL_MS = 120


class Surprise(QObject):
    """Asks the model about the current cell whenever it changes. UI thread."""

    measured = Signal(object)  #: the newest Verdict, or None

    def __init__(self, session: DrawSession) -> None:
        super().__init__(session)
        self._session = session
        self._context = context = session.context
        self.on = self._shown = False
        self._asked: tuple[object, ...] | None = None
        self.verdict: Verdict | None = None  #: the newest one; None = there is nothing to measure
        self._job = QuickJob(context.jobs, tr("Judge"), urgent=False)
        self._job.ended.connect(self._on_measured)
        self._still = QTimer(self, singleShot=True, interval=STILL_MS)
        self._still.timeout.connect(self._ask)
        session.choice_changed.connect(self.refresh)
        session.project.cells_changed.connect(self._on_cells)
        session.project.grid_changed.connect(self.refresh)
        context.model.changed.connect(self.refresh)

    def set_on(self, on: bool) -> None:
        self.on = on
        self.refresh()

    def set_shown(self, shown: bool) -> None:
        self._shown = shown
        self.refresh()

    @property
    def problem(self) -> str:
        """Why the drawing cannot be measured, or ""."""
        model = self._context.model.value
        if model is not None and model.is_student:
            return tr("A student has no likelihood: open its teacher to judge drawings.")
        return self._session.problem

    def _on_cells(self, changed: tuple[int, ...]) -> None:
        if self._session.current in changed:
            self.refresh()

    def _subject(self) -> Cell | None:
        asks = self.on and self._shown and not self.problem
        return self._session.drawn if asks else None

    @Slot()
    def refresh(self, *_: object) -> None:
        """Measure the current cell soon, if it changed."""
        cell = self._subject()
        if cell is None:
            self._still.stop()
            self._job.drop()
            self._asked = None
            self._tell(None)
        elif self._key(cell) != self._asked:
            self._still.start()

    def _key(self, cell: Cell) -> tuple[object, ...]:
        return cell.pixels, cell.class_name, self._context.model.value

    @Slot()
    def _ask(self) -> None:
        cell = self._subject()
        if cell is None:
            return
        if self._job.busy:
            return  # refreshed when that has ended
        model = self._context.model.value
        assert model is not None
        drawing = of_cells({0: cell}, model.class_names)
        assert drawing is not None
        self._asked = self._key(cell)
        self._job.start(drawing_tasks.surprise(model, drawing))

    @Slot(object)
    def _on_measured(self, outcome: Outcome) -> None:
        if outcome.kind == "failed":
            self._context.failed.emit(outcome.error, outcome.details)
            return
        if outcome.kind == "completed":
            self._tell(outcome.result)
        cell = self._subject()
        if cell is not None and self._key(cell) != self._asked and not self._still.isActive():
            self._ask()

    def _tell(self, verdict: Verdict | None) -> None:
        if verdict is not self.verdict:
            self.verdict = verdict
            self.measured.emit(verdict)


def surprising(verdict: Verdict) -> Region:
    """The pixels whose bits are more than one standard deviation above the mean."""
    pixels = verdict.pixels
    return np.asarray(pixels > pixels.mean() + pixels.std())


def words(verdict: Verdict, point: tuple[int, int] | None) -> str:
    """A verdict in a few words; ``point`` is (x, y) of the pixel under the pointer."""
    text = tr(
        "{bits_per_dim:.2f} ± {stderr:.2f} bits/dim",
        bits_per_dim=verdict.bits_per_dim,
        stderr=verdict.stderr,
    ).replace("/", "/\N{WORD JOINER}")  # no line ends within the unit
    if point is None:
        return tr(
            "{value}, at most {max:,.0f} bits per pixel", value=text, max=verdict.pixels.max()
        )
    x, y = point
    return tr("{value}, {pixels:,.1f} bits here", value=text, pixels=verdict.pixels[y, x])
