"""Writing a file so that what was there stays until the new one is whole and on the disk."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sprite_lab.core.errors import FileError


@contextmanager
def atomic_write(path: str | Path) -> Iterator[BinaryIO]:
    """Open a new binary file that takes the place of ``path`` when the block ends well.

    The bytes go to a temporary file beside the target, are flushed to the disk, and are
    then renamed. Where the block raises, the temporary file is removed and the target is
    as it was.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    # A link is followed, so that the file it points to is replaced and not the link.
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise FileError(f"'{target.name}' is a folder; choose a file name to write to.")
    if target.exists() and not target.is_file():  # a device or pipe, which others rely on
        raise FileError(f"'{target.name}' is not a plain file; choose another name to write to.")
    temporary = target.with_name(f".{target.name[:80]}.{secrets.token_hex(6)}.tmp")
    try:
        with _created(temporary):
            with temporary.open("r+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
            sync_folder(target.parent)
    except FileNotFoundError as error:
        if target.parent.is_dir():
            raise FileError(_sentence(target, error)) from error
        raise FileError(
            f"'{target.name}' cannot be written, because the folder '{target.parent}' does not "
            "exist; create it or choose another one."
        ) from error
    except OSError as error:
        raise FileError(_sentence(target, error)) from error


@contextmanager
def _created(path: Path) -> Iterator[None]:
    """Create ``path`` empty, and remove it again if the block raises anything at all."""
    # Mode 0o666 less the umask, as for any file that a program makes; O_EXCL: it is ours.
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


def sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system can (Windows cannot)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Some network file systems refuse this; the file's own bytes are safe by then.
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sentence(target: Path, error: OSError) -> str:
    reason = (error.strerror or str(error)).lower().rstrip(".")
    return f"'{target.name}' cannot be written ({reason}); choose another place or free some room."
