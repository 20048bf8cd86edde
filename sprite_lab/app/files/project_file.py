"""The file of an open project: one window may write it, others follow its changes.

The lock lies in the user's data, named after the path of the project, so that no file appears
beside a project and one that cannot be written can be opened too. The system releases it when its
process ends, in whatever way.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from sprite_lab import paths
from sprite_lab.app.files.file_lock import lock
from sprite_lab.app.task import call
from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.cells import CellSheet

#: Delay from the first sign of a change to reading the file, in milliseconds: a save causes
#: several.
SETTLE_MS = 250

#: Changes whenever the file does: time, size and identity.
Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class Held:
    """A project's file in the state in which this window last read or wrote it."""

    path: Path
    #: held while it is open; None = another window has it, and this one is read-only
    lock: IO[bytes] | None
    stamp: Stamp | None = None  #: the file's stamp when last read or written; None = unknown

    @property
    def is_own(self) -> bool:
        """Whether this window may write it."""
        return self.lock is not None

    def release(self, kept: Held | None = None) -> None:
        """Release the lock, unless ``kept`` has the same one."""
        if self.lock is not None and (kept is None or kept.lock is not self.lock):
            self.lock.close()


def hold(path: Path, known: Held | None = None) -> Held:
    """Lock the file of a project, unless this window (``known``) or another one has it."""
    whole = Path(os.path.realpath(path))
    if known is not None and known.is_own and known.path == whole:
        return known
    name = hashlib.sha256(os.path.normcase(os.fsencode(whole))).hexdigest()[:32]
    try:
        folder = paths.data_dir() / "locks"
        folder.mkdir(exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    if not writable:  # as on file systems without locks
        return Held(whole, open(os.devnull, "rb"))
    return Held(whole, lock(folder / name))


def _stamp_of(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


@call("files")
def read_project(path: Path) -> tuple[CellSheet, Stamp | None]:
    """Read a project, and the stamp of its file."""
    from sprite_lab.formats.project import load_project  # noqa: PLC0415 (Pillow takes a while)

    stamp = _stamp_of(path)
    return load_project(path), stamp


@call("files")
def write_project(path: Path, sheet: CellSheet, held: Held) -> tuple[CellSheet, Stamp | None]:
    """Write a project; returns what :func:`read_project` would.

    Raises
    ------
    FileError
        If another window has the file, another program has changed it since ``held.stamp``, or it
        cannot be written.
    """
    from sprite_lab.formats.project import save_project  # noqa: PLC0415 (as above)

    if not held.is_own:
        raise FileError(
            "“{name}” is open in another window of Sprite Lab; save under another name.",
            name=path.name,
        )
    if held.stamp is not None and _stamp_of(path) not in (held.stamp, None):
        raise FileError(
            "Another program changed “{name}” after you opened it here; use Save as… to "
            "overwrite it or keep both.",
            name=path.name,
        )
    save_project(path, sheet)
    return sheet, _stamp_of(path)


class FileWatch(QObject):
    """Signals when another program changes a file. UI thread."""

    changed = Signal()  #: the file has changed

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._watcher: QFileSystemWatcher | None = None
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.changed)

    def watch(self, path: Path | None) -> None:
        """Watch this file instead of the previous one; None = none."""
        if self._watcher is not None:
            self._watcher.deleteLater()
            self._watcher = None
        self._settle.stop()
        if path is not None:
            # Both: a save replaces the file, which only the folder reports.
            self._watcher = QFileSystemWatcher([str(path), str(path.parent)], self)
            self._watcher.fileChanged.connect(lambda *_: self._settle.start())
            self._watcher.directoryChanged.connect(lambda *_: self._settle.start())
