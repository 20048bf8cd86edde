"""Folders that form a unit, such as run folders and stores, and must not contain links."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sprite_lab.core.errors import FileError
from sprite_lab.formats.atomic import sync_file, sync_folder, temporary_beside, unwritable

#: On Windows: a symbolic link, and a junction.
_LINK_TAGS = {
    getattr(stat, "IO_REPARSE_TAG_SYMLINK", -1),
    getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1),
}


def check_folder(path: Path, *inner: str) -> None:
    """Check that a folder, and its subfolders of some names, contain only plain files and folders.

    Such a folder may come from a stranger: through a link in it we would read, write and delete the
    user's own files, and a pipe would block forever. The folder itself may be a link, which the
    user has placed there, and may be missing. Raises FileError if there is anything else in it, or
    it cannot be searched.
    """
    for folder in (path, *(path / name for name in inner)):
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    what = _why_not(entry.stat(follow_symlinks=False))
                    if what:
                        raise FileError(
                            "'{name}' in '{folder}' is {what}, so the folder may lead "
                            "anywhere; put plain files in its place, or do not trust the "
                            "folder.",
                            name=entry.name,
                            folder=path.name or path,
                            what=what,
                        )
        except (FileNotFoundError, NotADirectoryError):
            continue  # the caller reports it
        except (OSError, ValueError) as error:  # ValueError: a name with a null byte
            reason = (getattr(error, "strerror", None) or str(error)).lower()
            raise FileError(
                "'{name}' cannot be listed ({reason}).", name=path.name or path, reason=reason
            ) from error


def _why_not(status: os.stat_result) -> str:
    if stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) in _LINK_TAGS:
        return "a link"
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return "neither a file nor a folder"
    return ""


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder to write to; it becomes ``out`` once the block has ended without error and
    everything is on disk.

    Raises FileError if ``out`` exists, or cannot be written.
    """
    if out.exists():
        raise FileError("'{name}' already exists: choose another name.", name=out.name)
    unfinished = temporary_beside(out)
    try:
        unfinished.mkdir(parents=True)
        yield unfinished
        for path in unfinished.rglob("*"):
            if path.is_dir():
                sync_folder(path)
            else:
                sync_file(path)
        sync_folder(unfinished)
        os.replace(unfinished, out)
        sync_folder(out.parent)
    except OSError as error:
        raise unwritable(out, error) from error
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(unfinished)


@contextmanager
def filling(folder: Path) -> Iterator[list[Path]]:
    """A folder to write files to, which is created if missing.

    Yields a list, to which the block adds new files: if it ends with an error, they are removed,
    and the folder too if it is new. Raises FileError if the folder cannot be created.
    """
    was_there = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error
    ours: list[Path] = []
    try:
        yield ours
    except BaseException:
        for file in ours:
            file.unlink(missing_ok=True)
        if not was_there:
            with contextlib.suppress(OSError):  # another process may have put files there
                folder.rmdir()
        raise
