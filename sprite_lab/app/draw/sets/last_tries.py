"""Tries of characters by what they were drawn from; the newest come back at the next launch."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from sprite_lab import paths
from sprite_lab.app import tasks
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.draw.sets.tries import Tries, as_cells, from_cells
from sprite_lab.app.files.project_io import Stamp, read_project
from sprite_lab.core.pixels.cells import MOST_CELLS, Cell, CellSheet

FILE_NAME = "tries.spritelab"

#: Directions and walks whose tries are held; the file has those that fit a project.
MOST_ROWS = 64


class LastTries(QObject):
    """Holds tries, and keeps the newest as a project of one column. UI thread."""

    came_back = Signal()  #: those of the last launch are there

    def __init__(self, session: DrawSession) -> None:
        super().__init__(session)
        self._do = session.context.do
        self._rows: dict[tuple[bytes, str], Tries] = {}  # the newest last
        if self.path.is_file():
            self._do(read_project(self.path), self, then=self._take, quiet=True)

    @property
    def path(self) -> Path:
        return paths.data_dir() / FILE_NAME

    def of(self, source: bytes, part: str) -> Tries | None:
        """Tries at a direction or walk, by its first part, that were drawn from these pixels."""
        return self._rows.get((source, part))

    def has(self, source: bytes, part: str) -> bool:
        """Whether a part was drawn from these pixels."""
        return any(part in t.frames[0] for (of, _), t in self._rows.items() if of == source)

    def add(self, some: Iterable[Tries]) -> None:
        """Put tries before earlier ones of the same parts."""
        for tries in some:
            self._rows[tries.key] = tries.before(self._rows.pop(tries.key, None))
        for oldest in [*self._rows][:-MOST_ROWS]:
            del self._rows[oldest]
        cells: list[Cell] = []
        for tries in reversed(self._rows.values()):
            its = as_cells(tries)
            if len(cells) + len(its) <= MOST_CELLS and its[0].side == (cells or its)[0].side:
                cells += its
        if cells:
            sheet = CellSheet(len(cells), 1, tuple(cells))
            self._do(tasks.save_project(self.path, sheet), self, newest="tries", quiet=True)

    def _take(self, read: tuple[CellSheet, Stamp | None]) -> None:
        older = {tries.key: tries for tries in reversed(from_cells(read[0].cells))}
        self._rows = {**older, **self._rows}
        self.came_back.emit()
