"""A lock between processes, released when its process ends, even by a crash."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO


def lock(path: Path) -> IO[bytes] | None:
    """Lock a file, created if missing, until the result is closed.

    None = it is already locked, is no plain file or cannot be opened for writing. Links are not
    followed, and pipes are not waited for. On file systems without locks every call succeeds. The
    package filelock does the same, but would delay the start of the app by 0.1 s.
    """
    flags = os.O_RDWR | os.O_CREAT
    # Each system has only some of these.
    for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    try:
        file = os.fdopen(os.open(path, flags, 0o666), "r+b")
    except OSError:  # the folder is not writable, or the path is a pipe or folder
        return None
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
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


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep other windows, which lock the same path, from writing.

    Waits up to 1 s for a window that is writing, then goes on without the lock.
    """
    deadline = time.monotonic() + 1.0
    while (file := lock(path)) is None and path.is_file() and time.monotonic() < deadline:
        time.sleep(0.01)
    with file or nullcontext():
        yield
