"""Tries at the directions and walks of a character; the newest are restored at the next launch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from sprite_lab import paths
from sprite_lab.app import tasks
from sprite_lab.app.draw.drawing import Drawn
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.files.project_io import Stamp, read_project
from sprite_lab.core.pixels.cells import MOST_CELLS, Cell, CellSheet, DrawnBy
from sprite_lab.core.pixels.characters import PARTS, direction_of
from sprite_lab.core.pixels.faces import Rgba

#: Maximum number of tries kept for each direction or walk; the newest stay.
MOST = 12


@dataclass(frozen=True, eq=False)
class Tries:
    """Tries at a direction or at its two steps: the newest first; of equally new ones, the best."""

    source: bytes  #: pixels of what they were drawn from
    frames: tuple[Mapping[str, Rgba], ...]  #: the pictures of each try, by part
    thanks: str  #: their credits, one per line
    by: DrawnBy

    @property
    def key(self) -> tuple[bytes, str]:
        """Identifies what the tries are at: the source, and the first part."""
        return self.source, next(iter(self.frames[0]))

    def cells(self, k: int) -> dict[str, Cell]:
        """The cells of one try, by part."""
        return {
            part: Cell(_bytes(rgba), thanks=self.thanks, drawn_by=self.by)
            for part, rgba in self.frames[k].items()
        }

    def which(self, shown: Mapping[str, bytes]) -> int:
        """Index of the try that cells show; ``shown``: their pixels by part. -1 = none."""
        same = (
            k
            for k, frames in enumerate(self.frames)
            if all(shown[part] == _bytes(rgba) for part, rgba in frames.items())
        )
        return next(same, -1)

    def before(self, older: Tries | None) -> Tries:
        """These followed by older ones of the same source, without duplicates."""
        frames = {tuple(map(_bytes, each.values())): each for each in self.frames}
        if older is not None and older.source == self.source:
            for each in older.frames:
                frames.setdefault(tuple(map(_bytes, each.values())), each)
        return Tries(self.source, tuple(frames.values())[:MOST], self.thanks, self.by)


def tries_of(
    parts: Sequence[str], drawn: Sequence[Drawn | None], sources: Mapping[str, bytes]
) -> list[Tries]:
    """The tries among drawn parts, grouped by direction; ``sources``: what each was drawn from."""
    found = []
    rows = [(p, d) for p, d in zip(parts, drawn, strict=True) if d is not None and d.others]
    for _, some in groupby(rows, lambda row: direction_of(row[0])):
        together = dict(some)
        first, one = next(iter(together.items()))
        each = zip(*((d.rgba, *d.others) for d in together.values()), strict=True)
        frames = tuple(dict(zip(together, views, strict=True)) for views in each)
        found.append(Tries(sources[first], frames, one.thanks, DrawnBy(one.model)))
    return found


def as_cells(tries: Tries) -> list[Cell]:
    """The source, followed by the tries, as :func:`from_cells` reads them."""
    some = (tries.cells(k) for k in range(len(tries.frames)))
    parts = [replace(cell, part=part) for each in some for part, cell in each.items()]
    return [Cell(tries.source), *parts]


def from_cells(cells: Iterable[Cell]) -> list[Tries]:
    """The tries in cells; a cell that is not part of a character is the source of the next ones."""
    found: list[tuple[bytes, list[dict[str, Cell]]]] = []
    for cell in cells:
        if cell.part not in PARTS:
            found.append((cell.pixels, []))
        elif found:
            each = found[-1][1]
            if not each or cell.part in each[-1]:
                each.append({})
            each[-1][cell.part] = cell
    rows = []
    for source, each in found:
        if each:
            one = next(iter(each[0].values()))
            frames = tuple({part: cell.rgba for part, cell in views.items()} for views in each)
            rows.append(Tries(source, frames, one.thanks, one.drawn_by or DrawnBy()))
    return rows


def _bytes(rgba: Rgba) -> bytes:
    """The bytes of pixels as in cells, where empty pixels have no color."""
    return np.where(rgba[..., 3:] > 0, rgba, 0).astype(np.uint8).tobytes()


FILE_NAME = "tries.spritelab"

#: Maximum number of directions and walks whose tries are kept; the file has those that fit a
#: project.
MOST_ROWS = 64


class LastTries(QObject):
    """Holds tries, and keeps the newest as a project of one column. UI thread."""

    came_back = Signal()  #: the tries of the last launch are restored

    def __init__(self, session: DrawSession) -> None:
        super().__init__(session)
        self._do = session.context.do
        self._rows: dict[tuple[bytes, str], Tries] = {}  # the newest last
        if self.path.is_file():
            self._do(read_project(self.path), self, then=self._take, quiet=True)

    @property
    def path(self) -> Path:
        return paths.data_dir() / FILE_NAME

    def of(self, source: bytes, part: str) -> Tries | None:
        """Tries at a direction or walk, given by its first part, drawn from these pixels."""
        return self._rows.get((source, part))

    def has(self, source: bytes, part: str) -> bool:
        """Whether there are tries at a part that were drawn from these pixels."""
        return any(part in t.frames[0] for (of, _), t in self._rows.items() if of == source)

    def add(self, some: Iterable[Tries]) -> None:
        """Put tries before earlier ones of the same parts."""
        for tries in some:
            self._rows[tries.key] = tries.before(self._rows.pop(tries.key, None))
        for oldest in [*self._rows][:-MOST_ROWS]:
            del self._rows[oldest]
        cells: list[Cell] = []
        for tries in reversed(self._rows.values()):
            its = as_cells(tries)
            if len(cells) + len(its) <= MOST_CELLS and its[0].side == (cells or its)[0].side:
                cells += its
        if cells:
            sheet = CellSheet(len(cells), 1, tuple(cells))
            self._do(tasks.save_project(self.path, sheet), self, newest="tries", quiet=True)

    def _take(self, read: tuple[CellSheet, Stamp | None]) -> None:
        older = {tries.key: tries for tries in reversed(from_cells(read[0].cells))}
        self._rows = {**older, **self._rows}
        self.came_back.emit()
