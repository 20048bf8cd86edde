"""The undoable edits of a project. Each stores what it changes, never a whole grid.

Commands act on a :class:`~sprite_lab.app.project.Project`, never on a widget. A command that
turns out to change nothing marks itself obsolete, and the stack drops it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, cast

from PySide6.QtGui import QUndoCommand

from sprite_lab.core.cells import Cell, Colour, Conditions
from sprite_lab.core.config import SampleConfig

if TYPE_CHECKING:
    from sprite_lab.app.project import Project

#: A command's approximate weight without what it stores, in bytes.
_BASE = 400
#: Of one changed pixel: a dictionary entry, a pair and two short byte strings.
_PER_PIXEL = 270


class Command(QUndoCommand):
    """What all edits share: an approximate size, and copies to rebuild a pruned stack from.

    ``merge_key`` None = never merges; commands of one kind and with equal keys that follow
    each other become one step of undo.
    """

    kind = -1

    def __init__(self, project: Project, text: str, merge_key: object = None) -> None:
        super().__init__(text)
        self._project = project
        self._merge_key = merge_key

    @property
    def merge_key(self) -> object:
        """What commands find each other by; a stroke's are (cell, number of the stroke)."""
        return self._merge_key

    @property
    def nbytes(self) -> int:
        """About how much memory the command holds."""
        return _BASE

    @property
    def brings_generated(self) -> bool:
        """Whether it puts something there that a model has just drawn."""
        return False

    # Qt's metaclass leaves no room for ABCMeta, but mypy checks that subclasses have it.
    @abstractmethod
    def clone(self) -> Self:
        """The same edit as a new object: a stack owns, and deletes, the ones it had."""

    def id(self) -> int:
        # Copies pushed while the stack is rebuilt were separate steps and stay so.
        return -1 if self._merge_key is None or self._project.rebuilding else self.kind

    def mergeWith(self, other: QUndoCommand) -> bool:
        later = cast(Self, other)
        if type(later) is not type(self) or later._merge_key != self._merge_key:
            return False
        return self._absorb(later)

    def _absorb(self, later: Self) -> bool:
        return False

    def redo(self) -> None:
        # A copy that is pushed while rebuilding has been carried out long ago.
        if not self._project.rebuilding:
            self._apply(forward=True)

    def undo(self) -> None:
        self._apply(forward=False)

    @abstractmethod
    def _apply(self, *, forward: bool) -> None:
        """Do it, or take it back."""


class _Stroke(Command):
    """Pixels of one cell changed by one drag; parts of a drag, with one number, merge.

    Parameters
    ----------
    changes : pixel index to (before, after).
    stroke : number of the drag.
    """

    per_pixel = 0

    def __init__(
        self,
        project: Project,
        cell: int,
        changes: Mapping[int, tuple[Any, Any]],
        *,
        stroke: int,
        text: str,
    ) -> None:
        super().__init__(project, text, (cell, stroke))
        self._cell, self._stroke = cell, stroke
        self._changes = {p: pair for p, pair in changes.items() if pair[0] != pair[1]}
        self.setObsolete(not self._changes)

    @property
    def nbytes(self) -> int:
        return _BASE + self.per_pixel * len(self._changes)

    def _with(self, changes: Mapping[int, tuple[Any, Any]]) -> Self:
        return type(self)(self._project, self._cell, changes, stroke=self._stroke, text=self.text())

    def clone(self) -> Self:
        return self._with(self._changes)

    def inverse(self) -> Self:
        """The stroke taken back; pushed right after it, both vanish from the history."""
        return self._with({p: (after, before) for p, (before, after) in self._changes.items()})

    def _absorb(self, later: Self) -> bool:
        for pixel, (before, after) in later._changes.items():
            first = self._changes.get(pixel, (before, after))[0]
            if first == after:
                self._changes.pop(pixel, None)
            else:
                self._changes[pixel] = (first, after)
        self.setObsolete(not self._changes)
        return True


class PaintStroke(_Stroke):
    """Pixels painted: each change is a pair of 4 bytes RGBA.

    ``made_by`` : what had generated the cell before: a painted cell is no longer its work.
    """

    kind = 1
    per_pixel = _PER_PIXEL

    def __init__(
        self,
        project: Project,
        cell: int,
        changes: Mapping[int, tuple[bytes, bytes]],
        *,
        stroke: int,
        made_by: SampleConfig | None = None,
        text: str = "Paint",
    ) -> None:
        super().__init__(project, cell, changes, stroke=stroke, text=text)
        self._made_by = made_by

    def clone(self) -> Self:
        copy = super().clone()
        copy._made_by = self._made_by
        return copy

    def _absorb(self, later: Self) -> bool:
        super()._absorb(later)
        if not self._changes:
            # Nothing is left of the stroke, so the cell is again what had been generated.
            self._apply(forward=False)
        return True

    def _apply(self, *, forward: bool) -> None:
        cell = self._project.cell(self._cell)
        pixels = bytearray(cell.pixels)
        for pixel, pair in self._changes.items():
            pixels[4 * pixel : 4 * pixel + 4] = pair[forward]
        made_by = None if forward else self._made_by
        self._project.put_cells({self._cell: replace(cell, pixels=bytes(pixels), made_by=made_by)})


class PaintMask(_Stroke):
    """How far pixels are redrawn: each change is a pair of 0 (kept) to 255 (drawn anew)."""

    kind = 2
    per_pixel = 150

    def __init__(
        self,
        project: Project,
        cell: int,
        changes: Mapping[int, tuple[int, int]],
        *,
        stroke: int,
        text: str = "Keep pixels",
    ) -> None:
        super().__init__(project, cell, changes, stroke=stroke, text=text)

    def _apply(self, *, forward: bool) -> None:
        cell = self._project.cell(self._cell)
        mask = bytearray(cell.redraw.tobytes())
        for pixel, pair in self._changes.items():
            mask[pixel] = pair[forward]
        self._project.put_cells({self._cell: replace(cell, redraw_strength=bytes(mask))})


class SetConditions(Command):
    """What a model is asked for in some cells.

    Commands with one merge key merge: a number that is turned is one step of undo.

    Parameters
    ----------
    changes : cell index to (before, after).
    """

    kind = 3

    def __init__(
        self,
        project: Project,
        changes: Mapping[int, tuple[Conditions, Conditions]],
        text: str,
        merge_key: object = None,
    ) -> None:
        super().__init__(project, text, merge_key)
        self._changes = dict(changes)
        self.setObsolete(all(before == after for before, after in self._changes.values()))

    @property
    def nbytes(self) -> int:
        return _BASE + 1000 * len(self._changes)

    def clone(self) -> SetConditions:
        return SetConditions(self._project, self._changes, self.text(), self._merge_key)

    def _absorb(self, later: SetConditions) -> bool:
        if later._changes.keys() != self._changes.keys():
            return False
        self._changes = {
            i: (before, later._changes[i][1]) for i, (before, _) in self._changes.items()
        }
        self.setObsolete(all(before == after for before, after in self._changes.values()))
        return True

    def _apply(self, *, forward: bool) -> None:
        project = self._project
        project.put_cells(
            {
                i: replace(project.cell(i), conditions=pair[forward])
                for i, pair in self._changes.items()
            }
        )


class ReplaceCells(Command):
    """Whole cells exchanged: pasting, clearing, turning, importing, generating.

    Parameters
    ----------
    changes : cell index to (before, after). Cells are immutable and shared, so only those
        that the project no longer shows cost memory.
    """

    kind = 5

    def __init__(
        self,
        project: Project,
        changes: Mapping[int, tuple[Cell, Cell]],
        text: str,
        merge_key: object = None,
    ) -> None:
        super().__init__(project, text, merge_key)
        self._changes = {i: pair for i, pair in changes.items() if pair[0] != pair[1]}
        self.setObsolete(not self._changes)

    @property
    def nbytes(self) -> int:
        return _BASE + sum(_weight(a) + _weight(b) for a, b in self._changes.values())

    @property
    def brings_generated(self) -> bool:
        # Moving and copying cells brings nothing that was not there before.
        there = [before.made_by for before, _ in self._changes.values()]
        return any(
            after.made_by is not None and after.made_by not in there
            for _, after in self._changes.values()
        )

    def clone(self) -> ReplaceCells:
        return ReplaceCells(self._project, self._changes, self.text(), self._merge_key)

    def inverse(self) -> ReplaceCells:
        """The edit taken back; pushed right after it with a merge key, both vanish."""
        changes = {i: (after, before) for i, (before, after) in self._changes.items()}
        return ReplaceCells(self._project, changes, self.text(), self._merge_key)

    def _absorb(self, later: ReplaceCells) -> bool:
        for index, (before, after) in later._changes.items():
            self._changes[index] = (self._changes.get(index, (before, after))[0], after)
        self._changes = {i: pair for i, pair in self._changes.items() if pair[0] != pair[1]}
        self.setObsolete(not self._changes)
        return True

    def _apply(self, *, forward: bool) -> None:
        self._project.put_cells({i: pair[forward] for i, pair in self._changes.items()})


class SetPalette(Command):
    """The colours to draw with."""

    kind = 6

    def __init__(
        self,
        project: Project,
        before: tuple[Colour, ...],
        after: tuple[Colour, ...],
        text: str = "Change palette",
    ) -> None:
        super().__init__(project, text)
        self._pair = (before, after)
        self.setObsolete(before == after)

    @property
    def nbytes(self) -> int:
        return _BASE + 100 * (len(self._pair[0]) + len(self._pair[1]))

    def clone(self) -> SetPalette:
        return SetPalette(self._project, *self._pair, self.text())

    def _apply(self, *, forward: bool) -> None:
        self._project.put_palette(self._pair[forward])


class LimitToPalette(Command):
    """Whether what is painted takes the nearest colour of the palette."""

    kind = 8

    def __init__(self, project: Project, before: bool, after: bool) -> None:
        super().__init__(project, "Limit to palette" if after else "Any colour")
        self._pair = (before, after)
        self.setObsolete(before == after)

    def clone(self) -> LimitToPalette:
        return LimitToPalette(self._project, *self._pair)

    def _apply(self, *, forward: bool) -> None:
        self._project.put_limit(self._pair[forward])


class ResizeGrid(Command):
    """Another number of rows and columns; cells stay where they were, row and column.

    Parameters
    ----------
    before, after : (rows, columns, cells).
    """

    kind = 7

    def __init__(
        self,
        project: Project,
        before: tuple[int, int, tuple[Cell, ...]],
        after: tuple[int, int, tuple[Cell, ...]],
        text: str = "Resize grid",
    ) -> None:
        super().__init__(project, text)
        self._pair = (before, after)
        self.setObsolete(before == after)

    @property
    def nbytes(self) -> int:
        return _BASE + sum(_weight(cell) for side in self._pair for cell in side[2])

    def clone(self) -> ResizeGrid:
        return ResizeGrid(self._project, *self._pair, self.text())

    def _apply(self, *, forward: bool) -> None:
        self._project.put_grid(*self._pair[forward])


def _weight(cell: Cell) -> int:
    """About how many bytes a cell holds, counted as if nobody else held it too."""
    made_by = cell.made_by
    config = 0
    if made_by is not None:
        config = 600 + len(made_by.drawing or b"") + len(made_by.redraw_strength or b"")
    return 1200 + len(cell.pixels) + len(cell.redraw_strength or b"") + config
