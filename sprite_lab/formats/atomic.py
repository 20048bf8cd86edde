"""Atomic writes: the old file stays until the new one is complete and on disk."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sprite_lab.core.errors import FileError, WriteError
from sprite_lab.words import marked

_UNWRITABLE = marked("'{name}' cannot be written ({reason}); choose another place.")
_NO_ROOM = marked("'{name}' cannot be written ({reason}); choose another place or free some space.")

#: Age, in seconds, at which a temporary file is considered abandoned.
OLD = 3600.0


#: Number of characters of a file's name that its temporary file's name begins with. A name may have
#: 255 bytes, and a character up to four.
LONGEST_PART = 50


@contextmanager
def atomic_write(path: str | Path) -> Iterator[BinaryIO]:
    """Open a new binary file that replaces ``path`` when the block ends without error.

    The bytes go to a temporary file beside the target, are flushed to disk, and are then renamed.
    If the block raises, the temporary file is removed and the target is unchanged. Raises FileError
    if the file cannot be written.
    """
    # Follow a link, so that its target is replaced and not the link.
    target = Path(os.path.realpath(path))
    temporary = temporary_beside(target)
    try:
        if target.is_dir():
            raise FileError(
                "'{name}' is a folder; choose a file name to write to.", name=target.name
            )
        if target.exists() and not target.is_file():  # a device or a pipe
            raise FileError(
                "'{name}' is not a plain file; choose another name to write to.", name=target.name
            )
        remove_left_over(target)
        with _created(temporary):
            with temporary.open("r+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(OSError):  # a new file, or a file system without permissions
                shutil.copymode(target, temporary)  # keep the user's permissions
            os.replace(temporary, target)
            sync_folder(target.parent)
    except FileNotFoundError as error:
        if target.parent.is_dir():
            raise unwritable(target, error) from error
        raise FileError(
            "'{name}' cannot be written, because the folder '{parent}' does not "
            "exist; create it or choose another one.",
            name=target.name,
            parent=target.parent,
        ) from error
    except OSError as error:
        raise unwritable(target, error) from error


def temporary_beside(target: Path) -> Path:
    """Path of a hidden temporary file or folder, to be renamed to ``target``."""
    return target.with_name(f".{target.name[:LONGEST_PART]}.{secrets.token_hex(6)}.tmp")


def write_whole(path: str | Path, data: bytes | str) -> None:
    """Write a file in one go, like :func:`atomic_write`; text as UTF-8."""
    with atomic_write(path) as file:
        file.write(data.encode() if isinstance(data, str) else data)


def remove_left_over(target: Path) -> None:
    """Remove temporary files that killed processes left beside a file.

    Files younger than OLD are kept: another process may be writing them.
    """
    left = re.compile(rf"\.{re.escape(target.name[:LONGEST_PART])}\.[0-9a-f]{{12}}\.tmp")
    with contextlib.suppress(OSError), os.scandir(target.parent) as entries:
        for entry in entries:
            if left.fullmatch(entry.name):
                with contextlib.suppress(OSError):
                    if time.time() - entry.stat(follow_symlinks=False).st_mtime >= OLD:
                        os.unlink(entry.path)


@contextmanager
def _created(path: Path) -> Iterator[None]:
    """Create ``path`` empty, and remove it again if the block raises anything at all."""
    try:  # starts here, as a signal may raise as soon as the file exists
        # Mode 0o666 minus the umask, as for any new file; O_EXCL: nobody else has created it.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


def sync_file(path: Path) -> None:
    """Flush a file written by another library to disk."""
    with path.open("r+b" if os.name == "nt" else "rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Flush a rename to disk, if the system can (Windows cannot)."""
    if os.name == "nt":  # pragma: no cover - Windows
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Some network file systems refuse this; the file's contents are already on disk.
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unwritable(target: Path, error: OSError) -> FileError:
    """The error to raise if the system refused to write a file or folder: a WriteError, or a
    FileError if a file or folder is in the way.
    """
    reason = (error.strerror or str(error)).lower().rstrip(".")
    in_the_way = isinstance(error, (FileExistsError, NotADirectoryError, IsADirectoryError))
    kind = FileError if in_the_way else WriteError
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return kind(_NO_ROOM if full else _UNWRITABLE, name=target.name, reason=reason)
