"""The variations that were shown when Draw was left: kept in a file, and shown again."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from sprite_lab import paths
from sprite_lab.app import tasks
from sprite_lab.app.draw.generate.batch import Batch
from sprite_lab.app.draw.generate.batch_drawing import BatchDrawing
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.files.project_io import Stamp, read_project
from sprite_lab.core.pixels.cells import CellSheet

FILE_NAME = "variations.spritelab"

#: Which sprites are kept, which discarded, and whether they are tries at one.
Decisions = tuple[tuple[int, ...], tuple[int, ...], bool]


class LastBatch(QObject):
    """Keeps the batch that is shown, as a project of one column. UI thread."""

    def __init__(self, session: DrawSession, batches: BatchDrawing) -> None:
        super().__init__(session)
        self._session, self._batches = session, batches
        self._kept: Batch | None = None  #: the one in the file
        self._waiting: Decisions | None = None  #: on the one that is being read
        batches.changed.connect(self._keep)

    @property
    def path(self) -> Path:
        return paths.data_dir() / FILE_NAME

    @property
    def decisions(self) -> Decisions:
        """What was decided about the batch, or about the one that is being read."""
        batches = self._batches
        if self._waiting is not None:
            return self._waiting
        tries = batches.batch is None or batches.batch.tries
        return tuple(sorted(batches.kept)), tuple(sorted(batches.discarded)), tries

    def bring_back(self, decisions: Decisions) -> None:
        """Show the batch in the file, if there is one, with what was decided about it."""
        if not self.path.is_file():
            return
        self._waiting = decisions
        job = self._session.context.do(read_project(self.path), self, then=self._take, quiet=True)
        job.ended.connect(self._on_read)

    def _take(self, read: tuple[CellSheet, Stamp | None]) -> None:
        if self._waiting is None or self._batches.batch is not None or self._batches.running:
            return  # there is a newer one
        (kept, discarded, tries), self._waiting = self._waiting, None
        batch = self._kept = Batch(read[0].title, read[0].cells, tries)
        self._batches.bring_back(batch, kept, discarded)

    @Slot()
    def _on_read(self, *_: object) -> None:
        self._waiting = None

    @Slot()
    def _keep(self) -> None:
        batch = self._batches.batch
        if batch is self._kept or self._batches.running:
            return
        self._kept = batch
        if batch is None:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)
            return
        palette = self._session.project.palette
        sheet = CellSheet(len(batch.cells), 1, batch.cells, palette, title=batch.title)
        self._session.context.do(
            tasks.save_project(self.path, sheet), self, newest="variations", quiet=True
        )
