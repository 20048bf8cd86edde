"""Recovery of unsaved drawings: a copy is kept, and restored at the next launch."""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from sprite_lab import paths
from sprite_lab.app import tasks
from sprite_lab.app.files.file_lock import lock
from sprite_lab.app.files.unsaved_copy import UnsavedCopy
from sprite_lab.app.lab import Lab
from sprite_lab.app.task import Task, call
from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.cells import CellSheet
from sprite_lab.core.records import Outcome
from sprite_lab.core.schemas import NewerFileError
from sprite_lab.jobs import JobHandle
from sprite_lab.words import marked, tr

FILE_NAME = "unsaved.spritelab"
#: Name of a copy from a newer Sprite Lab, kept until that version is used again.
NEWER_NAME = "{}.schema-{}.spritelab"

#: Maximum number of windows that can keep a copy.
MOST_WINDOWS = 32

#: Delay from the first change since the last copy to the next copy, in milliseconds. With the time
#: to write the copy, a crash costs about a second of drawing.
DELAY_MS = 600

_log = logging.getLogger(__name__)


class Recovery(UnsavedCopy):
    """Keeps a copy of the drawings while they have unsaved changes. UI thread."""

    def __init__(self, lab: Lab, parent: QObject | None = None) -> None:
        super().__init__(lab, lab.project, parent)

    @property
    def path(self) -> Path:
        """Path of the copy, locked against other windows until released."""
        return self._path or self._claim(left_behind=False)

    def restore(self) -> JobHandle | None:
        """Load the drawings of a crashed session into the project; None = there are none."""
        path = self._path or self._claim(left_behind=True)
        newer = NEWER_NAME.format(f"{Path(FILE_NAME).stem}*", "*")
        waiting = [] if path.is_file() else sorted(path.parent.glob(newer))
        if not waiting and not path.is_file():
            return None
        # If they are a later state of the last project, they belong to its file again.
        last = Path(self._lab.settings.value.project or ".")

        def take(sheet: CellSheet | None) -> None:
            if sheet is None:
                return  # they need a newer Sprite Lab
            if not self._lab.project.is_clean:
                self._put_aside()  # newer drawings need the usual path
                return
            same = last.is_file() and last.stem == sheet.title
            # Do not overwrite what anyone has written there since.
            same = same and last.stat().st_mtime_ns <= path.stat().st_mtime_ns
            same = same and self._lab.project_io.own(last)
            self._lab.project.load(sheet, last if same else None)
            self._lab.project.history.mark_dirty()
            self._lab.notice.emit(
                tr("Unsaved drawings of the last session have been restored in Draw.")
            )

        job = self._lab.do(_read(path, waiting), self, then=take)
        job.ended.connect(self._on_restored)
        return job

    def _delay(self) -> int:
        return DELAY_MS

    def _saving(self) -> Task[object]:
        return tasks.save_project(self.path, self._lab.project.snapshot())

    def _claim(self, *, left_behind: bool) -> Path:
        """Lock a free path: one with a copy left behind, or else an unused one."""
        first = paths.data_dir() / FILE_NAME
        others = (first.with_stem(f"{first.stem}-{n}") for n in range(2, MOST_WINDOWS + 1))
        # Anything else that exists there, such as a pipe, is not ours.
        usable = [p for p in (first, *others) if p.is_file() or not os.path.lexists(p)]
        # Sorting is stable, so paths with a copy keep their order, as do those without.
        for path in sorted(usable or [first], key=lambda path: path.is_file() is not left_behind):
            self._lock = lock(path.with_suffix(".lock"))
            if self._lock is not None:
                break
        self._path = path
        return path

    def _on_restored(self, outcome: Outcome) -> None:
        if outcome.kind == "failed" and self.path.is_file():
            self._put_aside()

    def _put_aside(self) -> None:
        """Protect a copy that was not loaded from being overwritten."""
        number = 1
        while (kept := self.path.with_name(f"not-restored-{number}.spritelab")).exists():
            number += 1
        try:
            self.path.rename(kept)
        except OSError as error:
            _log.warning("the copy of unsaved drawings stays: %s", error)
            return
        self._lab.notice.emit(
            tr("Unsaved drawings of the last session were saved as {kept}.", kept=kept)
        )


@call("files", marked("Reading unsaved drawings"))
def _read(path: Path, waiting: Sequence[Path]) -> CellSheet | None:
    """Read the drawings; None = all that exist need a newer Sprite Lab."""
    # Imported here so that the window is shown before Pillow is loaded.
    from sprite_lab.formats.project import SCHEMA_VERSION, load_project  # noqa: PLC0415

    for copy in waiting:
        schema = copy.name.split("-")[-1].partition(".")[0]
        if schema.isdecimal() and int(schema) <= SCHEMA_VERSION:
            copy.replace(path)
            break
    else:
        if waiting:
            return None
    try:
        return load_project(path)
    except NewerFileError as error:
        # Otherwise the next copy would overwrite it.
        stem, others = path.stem, (f"{path.stem}-{n}" for n in itertools.count(2))
        while (kept := path.with_name(NEWER_NAME.format(stem, error.schema))).exists():
            stem = next(others)
        path.replace(kept)
        raise FileError(
            "{error} Until then it is stored as “{kept}”.", error=error, kept=kept
        ) from None
