"""Helpers for all readers: a single kind of error, and a check of the file's size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sprite_lab import extras
from sprite_lab.core.errors import FileError, SpriteLabError
from sprite_lab.words import tr


@contextmanager
def reading(path: str | Path, what: str) -> Iterator[None]:
    """Turn any exception of a reader into a FileError with one sentence that names the file.

    Damaged files make loaders raise anything (IndexError, zlib.error, RecursionError, tokenize
    errors, ...), hence the broad except; a FileError passes through.

    ``what``: what the file should be, with an article, as in "a PNG image"; translated here.
    """
    name = Path(path).name
    try:
        yield
    except SpriteLabError as error:
        if isinstance(error, FileError):
            raise
        raise FileError("'{name}' cannot be used: {error}", name=name, error=error) from error
    except FileNotFoundError as error:
        raise FileError(
            "There is no file '{path}'; check its name and folder.", path=error.filename or path
        ) from error
    except IsADirectoryError as error:
        raise FileError("'{name}' is a folder; choose a file in it.", name=name) from error
    except PermissionError as error:
        raise FileError(
            "'{name}' cannot be opened, because reading it is not allowed.", name=name
        ) from error
    except MemoryError as error:
        raise FileError(
            "'{name}' needs more memory than is available; use a smaller file.", name=name
        ) from error
    except Exception as error:
        if isinstance(error, OSError) and error.strerror and error.filename:  # not a decoder's
            raise FileError(
                "'{name}' cannot be opened ({reason}).", name=name, reason=error.strerror.lower()
            ) from error
        raise FileError(
            "'{name}' is damaged or not {what}; save it again or choose another file.",
            name=name,
            what=tr(what),
        ) from error


def check_extra(extra: str) -> None:
    """Raise FileError if an extra is missing. ``extra``: as for :func:`.extras.missing`."""
    if missing := extras.missing(extra):
        raise FileError(f"{missing}.")


def read_limited(path: Path, largest: int) -> bytes:
    """The bytes of a plain file; raises OSError, or FileError like :func:`check_file`."""
    check_file(path, largest)
    with path.open("rb") as file:
        data = file.read(largest + 1)
    if len(data) > largest:  # it has grown since the check
        raise FileError("'{name}' is being written to; try again when it is done.", name=path.name)
    return data


def check_file(path: Path, largest: int) -> None:
    """Raise FileError if ``path`` is not a plain file, is empty, or exceeds ``largest`` bytes.

    Raises OSError if it does not exist or cannot be examined.
    """
    if path.is_dir():
        raise FileError("'{name}' is a folder; choose a file in it.", name=path.name or path)
    if path.exists() and not path.is_file():
        raise FileError("'{name}' is not a plain file; choose another one.", name=path.name)
    size = path.stat().st_size
    if size == 0:
        raise FileError("'{name}' is empty; choose another file.", name=path.name)
    if size > largest:
        raise too_large(path.name, size, largest)


def too_large(name: str, size: int, largest: int) -> FileError:
    """The error to raise if a file has more bytes than ``largest``."""
    if largest < 1e6:
        return FileError(
            "'{name}' is {size:,} bytes, but at most {largest:,} can be opened; use a smaller "
            "file.",
            name=name,
            size=size,
            largest=largest,
        )
    return FileError(
        "'{name}' is {size:,.0f} MB, but at most {largest:,.0f} MB can be opened; use a smaller "
        "file.",
        name=name,
        size=size / 1e6,
        largest=largest / 1e6,
    )
