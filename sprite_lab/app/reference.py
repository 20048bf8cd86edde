"""The reference picture of a project: read from a file, and set so that it can be undone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sprite_lab.app.commands import Command
from sprite_lab.app.task import task
from sprite_lab.core.records import Progress
from sprite_lab.core.reference import ReferencePicture
from sprite_lab.core.run import Run, RunControl

if TYPE_CHECKING:
    from sprite_lab.app.project import Project


@task("files")
def read_reference(control: RunControl, path: Path, side: int) -> Run[ReferencePicture]:
    """A ReferencePicture from a file, fitted into a cell of ``side`` pixels."""
    # Pillow is slow to load, and no window needs it.
    from sprite_lab.formats.reference import read_reference as read  # noqa: PLC0415

    yield Progress(0, 0, f"Reading {path.name}")
    return read(path, side)


class SetReference(Command):
    """Another reference picture, or the same one elsewhere; None = none.

    Commands with one merge key merge: a slider that is dragged is one step of undo.
    """

    kind = 9

    def __init__(
        self,
        project: Project,
        before: ReferencePicture | None,
        after: ReferencePicture | None,
        text: str,
        merge_key: object = None,
    ) -> None:
        super().__init__(project, text, merge_key)
        self._pair = (before, after)
        self.setObsolete(before == after)

    @property
    def nbytes(self) -> int:
        # Moving a picture keeps no second one.
        pictures = {id(side.png): len(side.png) for side in self._pair if side is not None}
        return super().nbytes + (sum(pictures.values()) if self._exchanges else 0)

    @property
    def _exchanges(self) -> bool:
        before, after = self._pair
        return before is None or after is None or before.png is not after.png

    def clone(self) -> SetReference:
        return SetReference(self._project, *self._pair, self.text(), self._merge_key)

    def _absorb(self, later: SetReference) -> bool:
        self._pair = (self._pair[0], later._pair[1])
        self.setObsolete(self._pair[0] == self._pair[1])
        return True

    def _apply(self, *, forward: bool) -> None:
        self._project.put_reference(self._pair[forward])


def place_reference(project: Project, text: str, merge_key: object = None, **where: float) -> None:
    """Move, scale or fade the reference picture, if there is one, as a step of undo."""
    before = project.reference
    if before is not None:
        after = replace(before, **where)  # type: ignore[arg-type]
        project.push(SetReference(project, before, after, text, merge_key))
