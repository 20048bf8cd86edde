"""The log file, and the crash file for crashes that Python cannot report.

May import `sprite_lab.paths` and the standard library only. Call :func:`start_logging` once, on the
main thread.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import logging.handlers
import os
import platform
import sys
from pathlib import Path
from typing import IO

from sprite_lab import __version__, paths

LOG_NAME = "sprite-lab.log"
CRASH_NAME = "crash.txt"

#: faulthandler writes to this file's descriptor, so the file must stay open until the process ends.
_crash_file: IO[str] | None = None


def start_logging() -> Path | None:
    """Log to the user's log folder, and write tracebacks of crashes in native code there.

    If the folder cannot be written, the app starts without a log.

    Returns the log file; None = no log.
    """
    try:
        folder = paths.log_dir()
        for name in (LOG_NAME, CRASH_NAME):
            if os.path.lexists(folder / name) and not (folder / name).is_file():
                raise OSError(f"'{folder / name}' is not a plain file")  # a pipe would block
        handler = logging.handlers.RotatingFileHandler(
            folder / LOG_NAME,
            maxBytes=1_000_000,
            backupCount=2,
            encoding="utf-8",
            errors="backslashreplace",  # file names may not be valid text
        )
        _watch_for_crashes(folder / CRASH_NAME)
    except OSError as error:
        print(f"sprite-lab: no log will be kept: {error}", file=sys.stderr)
        return None
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s")
    )
    logging.raiseExceptions = False  # a full disk must not fill the terminal with tracebacks
    root = logging.getLogger("sprite_lab")
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    root.info("%s", _versions())
    return folder / LOG_NAME


def report(details: str) -> str:
    """A bug report: details of an error, and the versions of this installation."""
    return f"{_versions()}\n\n{details.strip()}\n"


def _versions() -> str:
    # Not platform.platform(): it starts a program to ask for the processor.
    machine = f"{platform.system()} {platform.release()} {platform.machine()}"
    return f"Sprite Lab {__version__}, Python {platform.python_version()}, {machine}"


def last_crash() -> str:
    """The contents of the previous session's crash file; "" = no crash, or not readable.

    Call it after :func:`start_logging`.
    """
    with contextlib.suppress(OSError):
        left = (paths.log_dir() / CRASH_NAME).with_suffix(".last.txt")
        if left.is_file():  # a pipe would block the start
            return left.read_text("utf-8", errors="replace")
    return ""


def _watch_for_crashes(path: Path) -> None:
    global _crash_file
    if path.is_file() and path.stat().st_size:
        path.replace(path.with_suffix(".last.txt"))
    else:
        path.with_suffix(".last.txt").unlink(missing_ok=True)
    _crash_file = path.open("w", encoding="utf-8")
    faulthandler.enable(_crash_file)
