"""The text file with credits beside exported drawings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sprite_lab.formats.atomic import atomic_write


def credits_beside(path: Path) -> Path:
    """The path of the credits file for the exported file ``path``."""
    return path.with_suffix(".CREDITS.txt")


def credits_text(path: Path, attribution: str) -> str:
    """The content of the credits file for ``path``; ``attribution``: one line per credit."""
    # Without the suffix, as the same drawings may be there in several formats.
    return f"{path.stem} was made with Sprite Lab.\nPlease credit these works:\n\n{attribution}\n"


@contextmanager
def writing_credits(path: Path, attribution: str) -> Iterator[list[Path]]:
    """Write a text file with ``attribution`` beside ``path``, which the block writes: either both
    are written, or neither.

    Yields a list with the path of the text file; [] if ``attribution`` is "".
    """
    if not attribution:
        yield []
        return
    with atomic_write(credits_beside(path)) as file:
        file.write(credits_text(path, attribution).encode())
        file.flush()
        yield [credits_beside(path)]
