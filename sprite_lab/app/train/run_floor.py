"""The floor of the run shown in Train: computed on request, and kept with the run."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from sprite_lab.app.context import AppContext
from sprite_lab.app.measure.measure_tasks import measure_floor
from sprite_lab.app.train.training_set import MissingSet
from sprite_lab.core.results.level_errors import Floor


class RunFloor(QObject):
    """The floor of a run, if known. UI thread."""

    changed = Signal()  #: the floor, or the set missing for it, changed

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        self.run: Path | None = None  #: the run shown
        self._data = ("", "")  # title and fingerprint of the run's training set
        self._student = False
        self.floor: Floor | None = None
        context.data.changed.connect(self.changed)

    def set_run(
        self, run: Path | None, data: tuple[str, str], *, student: bool, floor: Floor | None
    ) -> None:
        """Set the run; ``data``: title and fingerprint of its training set."""
        self.run, self._data, self._student, self.floor = run, data, student, floor
        self.changed.emit()

    @property
    def may_be_asked(self) -> bool:
        """Whether there is a run with a floor that is still unknown."""
        return self.floor is None and not self._student and self.run is not None

    @property
    def running(self) -> bool:
        return self._context.newest("floor") is not None

    @property
    def missing(self) -> MissingSet | None:
        """The set that computing the floor needs, if it is not open."""
        title, fingerprint = self._data
        sprites = self._context.data.value
        if sprites is not None and sprites.fingerprint == fingerprint:
            return None
        return MissingSet(title)

    def measure(self) -> None:
        """Compute the floor; the run's set must be open."""
        sprites, run = self._context.data.value, self.run
        if run is None or sprites is None:
            return

        def take(floor: Floor) -> None:
            if self.run == run:
                self.floor = floor

        task = measure_floor(run, sprites)
        job = self._context.do(task, self, then=take, newest="floor")
        job.ended.connect(self.changed)
        self.changed.emit()
