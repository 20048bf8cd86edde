"""The judge: which pixels of the drawing surprise the model, as marks over the canvas."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sprite_lab.app import live_tasks
from sprite_lab.app.live_tasks import Verdict
from sprite_lab.app.sources import of_cells
from sprite_lab.core.cells import Cell
from sprite_lab.core.records import Outcome
from sprite_lab.jobs import QuickJob
from sprite_lab.ui.widgets.canvas_scene import Layer
from sprite_lab.ui.widgets.colour_map import viridis
from sprite_lab.ui.widgets.pixel_map import round_up
from sprite_lab.ui.widgets.pixel_paint import to_qimage

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab

#: How long a hand must rest until it is judged, in milliseconds: a stroke is not torn apart.
STILL_MS = 120
#: Parts of a pixel each way, and the largest mark, without its rim.
_PARTS, _LARGEST = 12, 8


class Judge(QObject):
    """Asks the model about the cell on the canvas whenever it has changed. UI thread.

    Signals
    -------
    judged : the Verdict on the cell as it was asked about, or None.
    """

    judged = Signal(object)

    def __init__(self, lab: Lab, current: Callable[[], int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lab, self._current = lab, current
        self._on = self._shown = False
        self._asked: tuple[object, ...] | None = None
        self._verdict: Verdict | None = None
        self._job = QuickJob(lab.jobs, "Judge", urgent=False)
        self._job.ended.connect(self._on_judged)
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(STILL_MS)
        self._still.timeout.connect(self._ask)
        lab.project.cells_changed.connect(self._on_cells)
        lab.project.grid_changed.connect(self.refresh)
        lab.model.changed.connect(self.refresh)

    @property
    def on(self) -> bool:
        """Whether it is switched on."""
        return self._on

    @property
    def verdict(self) -> Verdict | None:
        """The newest one; None = there is nothing to be judged."""
        return self._verdict

    def set_on(self, on: bool) -> None:
        """Switch it on or off."""
        self._on = on
        self.refresh()

    def set_shown(self, shown: bool) -> None:
        """Whether anybody can see it."""
        self._shown = shown
        self.refresh()

    @property
    def problem(self) -> str:
        """Why it cannot judge, or ""."""
        model = self._lab.model.value
        if model is None:
            return "There is no model to ask."
        if model.is_student:
            return "A student has no likelihood: open its teacher to have drawings judged."
        side = self._lab.project.side
        if model.image_size != side:
            return f"This model knows {model.image_size}×{model.image_size} sprites, not these."
        return ""

    def _on_cells(self, changed: tuple[int, ...]) -> None:
        if self._current() in changed:
            self.refresh()

    def _subject(self) -> Cell | None:
        project, index = self._lab.project, self._current()
        if not (self._on and self._shown) or self.problem or index >= len(project.cells):
            return None
        cell = project.cell(index)
        return None if cell.is_blank else cell

    @Slot()
    def refresh(self, *_: object) -> None:
        """The cell on the canvas may be another: judge it soon."""
        cell = self._subject()
        if cell is None:
            self._still.stop()
            self._job.drop()
            self._asked = None
            self._tell(None)
        elif self._key(cell) != self._asked:
            self._still.start()

    def _key(self, cell: Cell) -> tuple[object, ...]:
        return cell.pixels, cell.class_name, self._lab.model.value

    @Slot()
    def _ask(self) -> None:
        cell = self._subject()
        if cell is None:
            return
        if self._job.busy:
            return  # it asks again once that has ended
        model = self._lab.model.value
        assert model is not None
        drawing = of_cells({0: cell}, model.class_names)
        assert drawing is not None
        self._asked = self._key(cell)
        self._job.start(live_tasks.judge(model, drawing))

    @Slot(object)
    def _on_judged(self, outcome: Outcome) -> None:
        if outcome.kind == "failed":
            self._lab.failed.emit(outcome.error, outcome.details)
            return
        if outcome.kind == "completed":
            self._tell(outcome.result)
        cell = self._subject()
        if cell is not None and self._key(cell) != self._asked and not self._still.isActive():
            self._ask()

    def _tell(self, verdict: Verdict | None) -> None:
        if verdict is not self._verdict:
            self._verdict = verdict
            self.judged.emit(verdict)


def words(verdict: Verdict, point: tuple[int, int] | None) -> str:
    """A verdict in a few words; ``point`` is (x, y) of a pixel that is pointed at."""
    text = f"{verdict.bits_per_dim:.2f} ± {verdict.stderr:.2f} bits/dim"
    if point is None:
        return f"{text}, most in a pixel {verdict.pixels.max():.0f} bits"
    x, y = point
    return f"{text}, here {verdict.pixels[y, x]:.1f} bits"


def marks(pixels: NDArray[np.float32], opacity: float = 1.0) -> Layer:
    """A square in each pixel, the larger and the brighter the more bits it takes."""
    height, width = pixels.shape
    share = pixels / round_up(float(pixels.max()))
    colours = viridis(share)
    image = np.zeros((height, _PARTS, width, _PARTS, 4), np.uint8)
    for row in range(height):
        for column in range(width):
            # The area, not the side, goes with the bits.
            side = round(_LARGEST * float(np.sqrt(share[row, column])))
            if side < 2:
                continue
            low = (_PARTS - side) // 2
            high = low + side
            image[row, low - 1 : high + 1, column, low - 1 : high + 1] = (0, 0, 0, 150)
            image[row, low:high, column, low:high, :3] = colours[row, column]
            image[row, low:high, column, low:high, 3] = 255
    flat = image.reshape(height * _PARTS, width * _PARTS, 4)
    return Layer(to_qimage(flat), opacity, over=True, scale=1 / _PARTS)
