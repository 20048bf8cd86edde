"""Finds drawings that generating would destroy, other than drafts, which only Generate drew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zlib import crc32

from sprite_lab.app.draw.session import DrawSession
from sprite_lab.core.pixels.cells import Cell

#: A mask that keeps less than this fraction of a drawing was probably not meant for it.
LITTLE = 0.25


class Drafts:
    """What Generate drew and nobody kept, in this session or the last."""

    def __init__(self, session: DrawSession) -> None:
        self._session = session
        self._checksums: set[int] = set()
        self._drawn: set[int] = set()

    def add(self, cells: Iterable[Cell], drawn: Iterable[Cell]) -> None:
        """Treat ``cells`` as drafts; in ``drawn``, at least the pixels to be redrawn were
        generated.
        """
        self._checksums.update(map(_checksum, cells))
        self._drawn.update(map(_checksum, drawn))

    @property
    def checksums(self) -> tuple[int, ...]:
        """Checksums of the drafts in cells of the project, for the next session."""
        return tuple(sorted(self._checksums & set(map(_checksum, self._session.project.cells))))

    def bring_back(self, checksums: Iterable[int]) -> None:
        """Restore the drafts of the last session."""
        self._checksums.update(checksums)

    def __contains__(self, cell: Cell) -> bool:
        """Whether a cell is blank, or holds only what Generate drew and nobody kept.

        A drawing in a set of cells, such as a terrain, never counts.
        """
        blank = cell.on(cell.generated_layer).is_blank
        return blank or (not cell.part and _checksum(cell) in self._checksums)

    def lost(
        self,
        indices: Sequence[int],
        *,
        whole: bool = False,
        of_set: bool = False,
        frames: bool = False,
    ) -> tuple[int, ...]:
        """The cells whose drawings would be lost, entirely or nearly, so that the user must be
        asked.

        ``whole``: they are redrawn entirely, regardless of conditions and selection. ``of_set``:
        only what a person drew counts. ``frames``: they become frames, so drawings to start from
        count too, since that setting may be left from an earlier drawing.
        """
        if self._session.selection is not None and not whole:
            return ()  # everything outside stays
        cells = [(i, self._session.project.cell(i)) for i in indices]
        lost = [(i, c) for i, c in cells if is_by_hand(c) or not (of_set or c in self)]
        if frames:
            return tuple(i for i, cell in lost if cell.redraw_strength is None)
        return tuple(i for i, cell in lost if whole or not self._keeps_most(cell))

    def _keeps_most(self, cell: Cell) -> bool:
        drawn_around = _checksum(cell) in self._drawn
        return keeps_colors(cell) and (drawn_around or not keeps_little(cell))


def is_by_hand(cell: Cell) -> bool:
    """Whether a person drew on the layer that the model draws on, as far as the cell can tell."""
    drawn = not cell.on(cell.generated_layer).is_blank
    return drawn and cell.made_by is None and not cell.is_as_drawn


def goes_on(cell: Cell) -> bool:
    """Whether part of a drawing remains when its cell is generated."""
    return keeps_colors(cell) or cell.conditions.keep_alpha


def keeps_colors(cell: Cell) -> bool:
    """Whether more than the silhouette of a drawing remains when its cell is generated."""
    return cell.conditions.strength is not None or cell.redraw_strength is not None


def keeps_little(cell: Cell) -> bool:
    """Whether a mask keeps little of a drawing, as if made by a single stroke under Live."""
    if cell.redraw_strength is None or cell.conditions.strength is not None:
        return False
    drawn = cell.on(cell.generated_layer).rgba[..., 3] > 0
    return bool((drawn & (cell.redraw < 255)).sum() < LITTLE * drawn.sum())


def _checksum(cell: Cell) -> int:
    """A checksum of what a model drew in a cell."""
    return crc32(cell.on(cell.generated_layer).pixels)
