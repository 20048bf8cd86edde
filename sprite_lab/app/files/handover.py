"""Hands the files of a second start of the app over to the window that is already open.

The first window holds a lock in the folder ``inbox`` of the user's data and watches that folder. A
second process writes a file with a list of paths there, and ends once the file is removed;
otherwise it opens a window of its own. No port is opened.

Must not import Qt, so that the second process need not load it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from sprite_lab import paths
from sprite_lab.app.files.file_lock import lock
from sprite_lab.core.errors import FileError
from sprite_lab.formats.atomic import write_whole
from sprite_lab.formats.reading import check_file

#: Seconds that the second process waits for the first.
PATIENCE = 4.0
#: Size limit of a request, in bytes.
_LARGEST = 1_000_000


def folder() -> Path:
    """The folder of requests, created if missing; raises OSError if that fails."""
    inbox = paths.data_dir() / "inbox"
    inbox.mkdir(exist_ok=True)
    return inbox


def receive() -> IO[bytes] | None:
    """Receive requests until the returned file is closed; None = another window receives them."""
    held = lock(folder() / "window.lock")
    if held is not None:
        for left in folder().glob("*.open"):  # requests to a window that has closed
            with contextlib.suppress(OSError):
                left.unlink()
    return held


def hand_over(files: Sequence[Path], patience: float = PATIENCE) -> bool:
    """Ask the open window to open files; returns whether it took them within ``patience`` s."""
    try:
        free = lock(folder() / "window.lock")
        if free is not None:
            free.close()
            return False
        request = folder() / f"{secrets.token_hex(8)}.open"
        write_whole(request, b"\0".join(os.fsencode(path) for path in files))
    except (OSError, FileError):
        return False
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if not request.exists():
            return True
        time.sleep(0.02)
    try:
        request.unlink()
    except FileNotFoundError:  # taken at the last moment
        return True
    except OSError:
        return False
    return False


def take_requests() -> list[tuple[Path, ...]]:
    """Take the files of each request, and remove the requests, so that their processes can end."""
    found = []
    for request in sorted(folder().glob("*.open")):
        with contextlib.suppress(OSError, ValueError, FileError):
            check_file(request, _LARGEST)
            files = [os.fsdecode(name) for name in request.read_bytes().split(b"\0")]
            request.unlink()  # fails if it was withdrawn
            found.append(tuple(Path(file) for file in files if os.path.isabs(file)))
    return [files for files in found if files]
