"""A lock between processes, released when its process ends, even by a crash."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO


def lock(path: Path) -> IO[bytes] | None:
    """Lock a file until the returned file is closed; creates it if needed.

    The package filelock does the same, but takes a tenth of a second to load, which delays the
    start of the app.

    Returns
    -------
    the open file; None = it is locked already, perhaps by this process. On file systems
    without locks, every call succeeds.
    """
    try:
        file = path.open("ab")
    except OSError:  # the folder is not writable
        return None
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 (each system has one of the two)

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # PermissionError on Windows
        file.close()
        return None
    except OSError:
        pass
    return file
