"""A copy of unsaved work, kept for the launch after a crash.

Each window is a process with its own copies, and never takes those of another open window.
"""

from __future__ import annotations

import logging
from abc import abstractmethod
from functools import partial
from pathlib import Path
from typing import IO

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

from sprite_lab.app.data.data_edits import DataEdits
from sprite_lab.app.files.project import Project
from sprite_lab.app.lab import Lab
from sprite_lab.app.task import Task
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.records import Outcome
from sprite_lab.core.run import RunControl, drain

_log = logging.getLogger(__name__)


class UnsavedCopy(QObject):
    """Keeps a copy exactly as long as there are unsaved changes. UI thread."""

    def __init__(self, lab: Lab, changes: Project | DataEdits, parent: QObject | None) -> None:
        super().__init__(parent or lab)
        self._lab, self._changes = lab, changes
        self._writing = type(self).__name__  # the kind of job that writes the copy
        # Claimed for the first copy, and locked against other windows until released.
        self._path: Path | None = None
        self._lock: IO[bytes] | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._write)
        changes.history_changed.connect(self._on_change)
        changes.clean_changed.connect(self._on_clean)

    @abstractmethod
    def _delay(self) -> int | None:
        """Delay from the first change since the last copy to the next copy, in milliseconds; None =
        do not copy these changes.
        """

    @abstractmethod
    def _saving(self) -> Task[object]:
        """The task that writes the copy."""

    def write_now(self) -> None:
        """Write the copy at once, on this thread, when the app must quit without asking."""
        if self._changes.is_clean:
            return
        self._lab.drop(self._writing)  # a waiting job would replace this copy
        try:
            drain(self._saving()(RunControl()))
        except SpriteLabError as error:
            _log.error("unsaved changes are lost: %s", error)

    def forget(self) -> None:
        """Remove the copy, since everything is saved or was discarded."""
        self._timer.stop()
        if self._path is not None:
            _remove(self._path)

    def release(self) -> None:
        """Unlock the path; a remaining copy is for the next launch."""
        self._timer.stop()
        if self._lock is not None:
            self._lock.close()
        self._path = self._lock = None

    def _on_change(self) -> None:
        if self._changes.is_clean or self._timer.isActive():
            return
        delay = self._delay()
        if delay is not None:
            self._timer.start(delay)

    def _on_clean(self, clean: bool) -> None:
        if clean:
            self.forget()

    def _write(self) -> None:
        if self._changes.is_clean:
            return
        job = self._lab.do(self._saving(), self, newest=self._writing)
        if self._path is not None:
            job.ended.connect(partial(self._on_written, self._path))

    def _on_written(self, path: Path, _outcome: Outcome) -> None:
        if self._changes.is_clean:  # it was saved meanwhile
            if isValid(self):  # the window may be gone
                self.forget()
            _remove(path)  # also if the window was closed and has released it


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("a copy of unsaved changes stays: %s", error)
