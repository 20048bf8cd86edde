"""Keeps the last variations in files, and shows those that were shown when Draw was left."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from itertools import accumulate
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from sprite_lab import paths
from sprite_lab.app import tasks
from sprite_lab.app.draw.generate.batch import Batch
from sprite_lab.app.draw.generate.batch_drawing import BatchDrawing
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.files.project_io import Stamp, read_project
from sprite_lab.app.task import call
from sprite_lab.core import strict_json
from sprite_lab.core.file_names import later_number
from sprite_lab.core.pixels.cells import CellSheet
from sprite_lab.words import marked, tr

FILE_NAME = "variations.spritelab"

#: Maximum number of batches of the history that are kept, each in a file named by its time: LEAST,
#: or up to MOST while they have at most SPRITES sprites together, since some batches are small.
LEAST, MOST, SPRITES = 8, 32, 512
_EARLIER, _TRIES = "variations-*.spritelab", "-tries"

#: Which sprites are kept, which are discarded, and whether all are tries at one sprite.
Decisions = tuple[tuple[int, ...], tuple[int, ...], bool]


@call("files", marked("Looking for variations"))
def find_batches(shown: Path) -> list[Path]:
    """The file of the batch that was shown, if any, then those of other batches, newest first."""
    found = sorted(shown.parent.glob(_EARLIER), reverse=True)
    return [shown, *found] if shown.is_file() else found


@call("files", marked("Removing old variations"))
def remove_batches(files: Sequence[Path]) -> None:
    for file in files:
        with suppress(OSError):
            file.unlink(missing_ok=True)


def _title_of(sheet: CellSheet) -> tuple[str, dict[str, object]]:
    """The English title of a batch and its values, as written in the sheet."""
    try:
        title, values = strict_json.loads(sheet.title)
        tr(title, **values)
    except (ValueError, TypeError, LookupError):
        return "{title}", {"title": sheet.title}  # written by an earlier version
    return title, values


def to_keep(batches: Sequence[Batch]) -> Sequence[Batch]:
    """The batches, newest first, that are kept in files."""
    sprites = accumulate(len(batch.cells) for batch in batches)
    fit = sum(count <= SPRITES for count in sprites)
    return batches[: min(max(LEAST, fit), MOST)]


class LastBatch(QObject):
    """Keeps the shown batch and the newest ones, as projects of one column. UI thread."""

    def __init__(self, session: DrawSession, batches: BatchDrawing) -> None:
        super().__init__(session)
        self._session, self._batches = session, batches
        self._kept: Batch | None = None  #: the shown batch, as written
        self._waiting: Decisions | None = None  #: about the batch being read
        #: files of other batches; None = they are being looked for
        self._to_read: list[Path] | None = []
        self._files: dict[Batch, Path] = {}  #: files of the newest batches
        batches.changed.connect(self._keep)
        batches.history_changed.connect(self._keep_newest)

    @property
    def path(self) -> Path:
        return paths.data_dir() / FILE_NAME

    @property
    def decisions(self) -> Decisions:
        """The decisions about the batch being read, or else about the one shown."""
        batches = self._batches
        if self._waiting is not None:
            return self._waiting
        tries = batches.batch is None or batches.batch.tries
        return tuple(sorted(batches.kept)), tuple(sorted(batches.discarded)), tries

    def bring_back(self, decisions: Decisions) -> None:
        """Show the batch in the file, if any, with the decisions about it, and list the others."""
        self._to_read, self._waiting = None, decisions
        self._session.context.do(find_batches(self.path), self, then=self._take_found, quiet=True)

    def _take_found(self, found: list[Path]) -> None:
        self._to_read = found
        if self.path not in found:
            self._waiting = None
        self._read()

    def _read(self) -> None:
        if not self._to_read:
            self._keep_newest()
            return
        path = self._to_read[0]
        take = self._take if path == self.path else partial(self._list, path)
        job = self._session.context.do(read_project(path), self, then=take, quiet=True)
        job.ended.connect(self._on_read)

    def _take(self, read: tuple[CellSheet, Stamp | None]) -> None:
        if self._waiting is None or self._batches.batch is not None or self._batches.running:
            return  # a newer batch is shown
        (kept, discarded, tries), self._waiting = self._waiting, None
        title, values = _title_of(read[0])
        batch = self._kept = Batch(title, read[0].cells, tries, values)
        self._batches.bring_back(batch, kept, discarded)

    def _list(self, path: Path, read: tuple[CellSheet, Stamp | None]) -> None:
        there = (b for b in self._batches.history.batches if b.cells == read[0].cells)
        batch = next(there, None)
        if batch is None:
            title, values = _title_of(read[0])
            batch = Batch(title, read[0].cells, path.stem.endswith(_TRIES), values)
            self._batches.list_older(batch)
        self._files[batch] = path

    @Slot()
    def _on_read(self, *_: object) -> None:
        self._waiting = None
        assert self._to_read
        del self._to_read[0]
        self._read()

    @Slot()
    def _keep(self) -> None:
        batch = self._batches.batch
        if batch is self._kept or self._batches.running:
            return
        self._kept = batch
        if batch is None:
            self._remove([self.path], "variations")
        else:
            self._write(batch, self.path, "variations")

    @Slot()
    def _keep_newest(self) -> None:
        if self._to_read is None or self._to_read:
            return
        newest = to_keep(self._batches.history.batches)
        for batch in reversed(newest):
            if batch not in self._files:
                number = later_number(self._files.values())
                name = _EARLIER.replace("*", f"{number}{_TRIES if batch.tries else ''}")
                self._files[batch] = paths.data_dir() / name
                self._write(batch, self._files[batch])
        old = self._files.keys() - {*newest}
        self._remove([self._files.pop(batch) for batch in old])

    def _remove(self, files: Sequence[Path], newest: str = "") -> None:
        if files:
            self._session.context.do(remove_batches(files), self, newest=newest, quiet=True)

    def _write(self, batch: Batch, path: Path, newest: str = "") -> None:
        palette = self._session.project.palette
        title = json.dumps([batch.title, {**batch.values}])
        sheet = CellSheet(len(batch.cells), 1, batch.cells, palette, title=title)
        self._session.context.do(tasks.save_project(path, sheet), self, newest=newest, quiet=True)
