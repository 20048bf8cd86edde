"""The reference picture of a project, read from a file."""

from __future__ import annotations

from pathlib import Path

from sprite_lab.app.task import task
from sprite_lab.core.records import Progress
from sprite_lab.core.reference import ReferencePicture
from sprite_lab.core.run import Run, RunControl


@task("files")
def read_reference(control: RunControl, path: Path, side: int) -> Run[ReferencePicture]:
    """A ReferencePicture from a file, fitted into a cell of ``side`` pixels."""
    # Pillow is slow to load, and no window needs it.
    from sprite_lab.formats.reference import read_reference as read  # noqa: PLC0415

    yield Progress(0, 0, f"Reading {path.name}")
    return read(path, side)
