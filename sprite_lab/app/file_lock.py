"""A lock between processes that ends with the process that holds it, however that ends."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO


def lock(path: Path) -> IO[bytes] | None:
    """Lock a file, made where it is missing, until what is returned is closed.

    The package filelock does the same, but takes a tenth of a second to load, and this is
    wanted as the app starts.

    Returns
    -------
    the open file; None = somebody else has it, be it in this process. Where a file system
    knows no locks, everybody gets it.
    """
    try:
        file = path.open("ab")
    except OSError:  # the folder takes no files, and so none of ours either
        return None
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 (each system has one of the two)

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the latter is what Windows says
        file.close()
        return None
    except OSError:
        pass
    return file
