"""Recovery of unsaved changes to the data set: a copy of it is kept, and saved after a crash.

Each window is a process with copies of its own, and never takes those of another open window.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO

from PySide6.QtCore import QObject, QTimer, Slot

from sprite_lab import paths
from sprite_lab.app.data import data_tasks
from sprite_lab.app.files.file_lock import lock
from sprite_lab.app.files.import_tasks import file_stem, free_path
from sprite_lab.app.lab import Lab
from sprite_lab.app.task import call
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.records import Outcome
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.words import marked, tr

#: Delay from the first change since the last copy to the next copy, in milliseconds, and how much
#: more each sprite adds: a worker writes some 40 of them in a millisecond.
DELAY_MS, MORE_MS = 2000, 0.2

#: The largest set that copies are made of; only a regular exit saves larger ones.
MOST_SPRITES = 100_000

_log = logging.getLogger(__name__)


class UnsavedSet(QObject):
    """Keeps a copy of the open set exactly as long as it has unsaved changes. UI thread.

    Those made in a lesson are not kept.
    """

    def __init__(self, lab: Lab, parent: QObject | None = None) -> None:
        super().__init__(parent or lab)
        self._lab = lab
        self._path: Path | None = None
        self._lock: IO[bytes] | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._write)
        lab.edits.history_changed.connect(self._on_change)
        lab.edits.clean_changed.connect(self._on_clean)

    @property
    def path(self) -> Path | None:
        """Path of the copy; None = there is none."""
        return self._path

    def take_over(self) -> None:
        """Move the copies that crashed sessions left behind to the user's sets, and say so."""

        def told(moved: tuple[Path, ...]) -> None:
            for path in moved:
                self._lab.settings.remember("recent_data", str(path.resolve()))
                text = tr(
                    "Unsaved changes of the last session were saved as {name} in your sets.",
                    name=path.name,
                )
                self._lab.notice.emit(text)

        self._lab.do(_taken_over(), self, then=told, quiet=True)

    def write_now(self) -> None:
        """Write the copy at once, on this thread, when the app must quit without asking."""
        sprites = self._lab.data.value
        if self._lab.edits.is_clean or sprites is None:
            return
        try:
            drain(data_tasks.save_data(self._claim(sprites), sprites)(RunControl()))
        except SpriteLabError as error:
            _log.error("unsaved changes of the data set are lost: %s", error)

    def release(self) -> None:
        """Unlock the copy, which is for the next launch if there is one."""
        self._timer.stop()
        if self._lock is not None:
            self._lock.close()
        if self._path is not None:
            with suppress(OSError):
                _lock_of(self._path).unlink(missing_ok=True)
        self._path = self._lock = None

    def _claim(self, sprites: SpriteSet) -> Path:
        """The path of the copy, locked against other windows until released."""
        if self._path is None:
            stem = file_stem(sprites.title) or "sprites"
            with suppress(OSError):  # writing says why
                _folder().mkdir(exist_ok=True)
            self._path = free_path(_folder() / f"{stem}-unsaved.npz")
            while (held := lock(_lock_of(self._path))) is None and _lock_of(self._path).exists():
                self._path = self._path.with_stem(f"{self._path.stem}-2")  # of another window
            self._lock = held
        return self._path

    @Slot()
    def _on_change(self) -> None:
        sprites = self._lab.data.value
        if self._lab.edits.is_clean or sprites is None or self._timer.isActive():
            return
        if len(sprites) <= MOST_SPRITES and not self._lab.in_lesson:
            self._timer.start(round(DELAY_MS + MORE_MS * len(sprites)))

    @Slot()
    def _on_clean(self) -> None:
        if self._lab.edits.is_clean:
            self._forget()

    def _forget(self) -> None:
        """Remove the copy: everything is saved, or was discarded."""
        if self._path is not None:
            try:
                self._path.unlink(missing_ok=True)
            except OSError as error:
                _log.warning("the copy of a changed data set stays: %s", error)
        self.release()

    def _write(self) -> None:
        sprites = self._lab.data.value
        if self._lab.edits.is_clean or sprites is None:
            return
        path = self._claim(sprites)
        save = data_tasks.save_data(path, sprites)
        name = tr("Keeping a copy of the changes")
        job = self._lab.do(save, self, name=name, newest="unsaved set", quiet=True)
        job.ended.connect(partial(self._on_written, path))

    def _on_written(self, path: Path, _outcome: Outcome) -> None:
        if self._lab.edits.is_clean:  # it was saved meanwhile
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _folder() -> Path:
    return paths.data_dir() / "unsaved"


def _lock_of(path: Path) -> Path:
    return path.with_suffix(".lock")


@call("files", marked("Saving unsaved changes"))
def _taken_over() -> tuple[Path, ...]:
    """Where copies were moved among the user's sets."""
    found = []
    for path in sorted(_folder().glob("*.npz")):
        held = lock(_lock_of(path))
        if held is None:
            continue  # of another window
        with held:
            moved = free_path(paths.sets_dir() / path.name)
            path.rename(moved)
            found.append(moved)
        _lock_of(path).unlink(missing_ok=True)
    return tuple(found)
