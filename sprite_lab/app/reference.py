"""The reference picture of a project, read from a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sprite_lab.core.records import Progress
from sprite_lab.core.reference import ReferencePicture
from sprite_lab.core.run import Run, RunControl

if TYPE_CHECKING:
    from sprite_lab.jobs import Factory


def read_reference(path: Path, side: int) -> Factory:
    """A ReferencePicture from a file, fitted into a cell of ``side`` pixels."""

    def run(control: RunControl) -> Run[ReferencePicture]:
        # Pillow is slow to load, and no window needs it.
        from sprite_lab.formats.reference import read_reference as read  # noqa: PLC0415

        yield Progress(0, 0, f"Reading {path.name}")
        return read(path, side)

    return run
