"""Drawings that were not saved: a copy is kept aside, and is there again at the next launch."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from sprite_lab import paths
from sprite_lab.app import tasks
from sprite_lab.app.lab import Lab
from sprite_lab.core.cells import CellSheet
from sprite_lab.core.errors import FileError, SpriteLabError
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl, drain
from sprite_lab.core.schemas import NewerFileError
from sprite_lab.jobs import Factory, JobHandle

FILE_NAME = "unsaved.spritelab"
#: The same where a newer Sprite Lab left it: it waits for that one to come back.
NEWER_NAME = "unsaved.schema-{}.spritelab"

#: A copy is written this long after the first change since the last one, in milliseconds.
DELAY_MS = 15_000

_log = logging.getLogger(__name__)


class Recovery(QObject):
    """Keeps the copy while there is something unsaved, and only then. UI thread."""

    def __init__(self, lab: Lab, parent: QObject | None = None) -> None:
        super().__init__(parent or lab)
        self._lab = lab
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self._write)
        lab.project.history_changed.connect(self._on_change)
        lab.project.clean_changed.connect(self._on_clean)

    @property
    def path(self) -> Path:
        """Where the copy lies."""
        return paths.data_dir() / FILE_NAME

    def restore(self) -> JobHandle | None:
        """Put the drawings of a session that ended badly into the project, if there are any."""
        path = self.path
        waiting = [] if path.is_file() else sorted(path.parent.glob(NEWER_NAME.format("*")))
        if not waiting and not path.is_file():
            return None
        # The file of which they were a later state is saved to again.
        last = Path(self._lab.settings.value.project or ".")

        def take(sheet: CellSheet | None) -> None:
            if sheet is None:
                return  # they go on waiting
            if not self._lab.project.is_clean:
                return  # somebody was faster; the copy is theirs from now on
            same = last.is_file() and last.stem == sheet.title
            self._lab.project.load(sheet, last if same else None)
            self._lab.project.stack.resetClean()
            self._lab.notice.emit("Drawings that were not saved last time are back in Draw.")

        return self._lab.do(
            _read(path, waiting), name="Reading unsaved drawings", then=take, io=True
        )

    def write_now(self) -> None:
        """Keep a copy at once, on this thread: for an end that does not ask."""
        if self._lab.project.is_clean:
            return
        task = tasks.save_project(self.path, self._lab.project.snapshot())
        try:
            drain(task(RunControl()))
        except SpriteLabError as error:
            _log.error("unsaved drawings are lost: %s", error)

    def forget(self) -> None:
        """Remove the copy: everything is saved, or given up by a person."""
        self._timer.stop()
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("the copy of unsaved drawings stays: %s", error)

    def _on_change(self, *_: object) -> None:
        if not self._lab.project.is_clean and not self._timer.isActive():
            self._timer.start()

    def _on_clean(self, clean: bool) -> None:
        if clean:
            self.forget()

    def _write(self) -> None:
        if self._lab.project.is_clean:
            return
        self._lab.do(
            tasks.save_project(self.path, self._lab.project.snapshot()),
            name="Keeping a copy of the drawings",
            io=True,
            newest="recovery",
        )


def _read(path: Path, waiting: Sequence[Path]) -> Factory:
    """The drawings, or None where only such are there that wait for a newer Sprite Lab."""

    def run(control: RunControl) -> Run[CellSheet | None]:
        # Imported here, for the window is shown before Pillow is there.
        from sprite_lab.formats.project import SCHEMA_VERSION, load_project  # noqa: PLC0415

        yield Progress(0, 0, "Reading unsaved drawings")
        for copy in waiting:
            schema = copy.name.split("-")[-1].partition(".")[0]
            if schema.isdigit() and int(schema) <= SCHEMA_VERSION:
                copy.replace(path)
                break
        else:
            if waiting:
                return None
        try:
            return load_project(path)
        except NewerFileError as error:
            # Or it would be lost with the first drawing that is kept in its place.
            kept = path.with_name(NEWER_NAME.format(error.schema))
            path.replace(kept)
            raise FileError(f"{error} Until then it is kept as '{kept}'.") from None

    return run
