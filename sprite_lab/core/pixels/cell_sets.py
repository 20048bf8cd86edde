"""Cells that belong together: the tiles of a terrain, or the directions and frames of a character.

The ``part`` of each place in the grid names the set it belongs to and its role there, so sets stay
whole whatever is drawn, pasted or moved there, and are saved with the project.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count, takewhile

import numpy as np

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels.cells import MOST_CELLS, Cell, CellSheet, most_rows
from sprite_lab.core.pixels.tile_sets import CODES, WHOLE, TileSet
from sprite_lab.words import trn

#: Default share of T to which a terrain's drawn grounds are noised where they meet: with
#: less, the edge stays straight; with more, the models that come with the program put a third
#: ground between them.
GROUND_STRENGTH = 0.35


def set_of(cells: Sequence[Cell], parts: Sequence[str], name: str) -> dict[str, int]:
    """The index of the cell of each part that is there, by part; of duplicates, the first.

    ``parts``: the parts of a set of this kind. ``name``: that of the set.
    """
    places = {cell.part: i for i, cell in reversed(tuple(enumerate(cells))) if cell.part}
    named = {part: places.get(f"{name}/{part}", -1) for part in parts}
    return {part: place for part, place in named.items() if place >= 0}


def whole_sets(cells: Sequence[Cell], parts: Sequence[str]) -> tuple[str, ...]:
    """The names of the sets that have all parts, in the order of their first cells."""
    names = dict.fromkeys(cell.set_name for cell in cells if cell.part)
    return tuple(name for name in names if len(set_of(cells, parts, name)) == len(parts))


def with_set(
    sheet: CellSheet, parts: Sequence[str], kind: str, like: Mapping[str, Cell]
) -> tuple[CellSheet, str]:
    """A sheet with a new set, and the set's name: that of the drawing it is made from, or else the
    next free one from "KIND 1" on.

    In an empty grid it begins at the first cell. Otherwise it takes new rows at the bottom or, if
    the grid can have no more, free cells.

    ``like``: contents of the set's cells, by part; others are blank. Raises ConfigError if the grid
    has no room for it.
    """
    taken = {cell.set_name for cell in sheet.cells}
    own = next((cell.name for cell in like.values() if cell.name), "")
    numbered = (f"{own or kind} {number}" for number in count(2 if own else 1))
    name = own if own and own not in taken else next(n for n in numbered if n not in taken)
    free = [i for i, cell in enumerate(sheet.cells) if cell.is_free and not cell.part]
    first = 0 if len(free) == len(sheet.cells) else len(sheet.cells)
    rows, places = -(-(first + len(parts)) // sheet.columns), [*range(first, first + len(parts))]
    if rows > most_rows(sheet.columns):
        rows, places = sheet.rows, free[: len(parts)]
    if len(places) < len(parts):
        raise ConfigError(
            "The grid has no room for {cells}: it can have {most}. Clear some that you no longer "
            "need.",
            cells=trn("{n} more cell", "{n} more cells", len(parts)),
            most=MOST_CELLS,
        )
    sheet = sheet.resized(max(rows, sheet.rows), sheet.columns)
    cells = list(sheet.cells)
    for place, part in zip(places, parts, strict=True):
        cells[place] = replace(like.get(part, cells[place]), part=f"{name}/{part}")
    maps = tuple(each for each in sheet.maps if each.terrain != name)  # of a removed one
    return replace(sheet, cells=tuple(cells), maps=maps), name


def ground_strength(grounds: Sequence[Cell]) -> float:
    """The share of T to which a terrain's drawn grounds are noised where they meet."""
    return max(cell.conditions.strength or GROUND_STRENGTH for cell in grounds)


def tile_set_of(cells: Sequence[Cell]) -> TileSet:
    """The tile set of a terrain's sixteen cells for game engines, in the order of CODES."""
    whole = [cells[i] for i in WHOLE]
    asked = [c.class_name or " ".join(c.conditions.words) for c in whole]
    names = [c.name or words or "ground" for c, words in zip(whole, asked, strict=True)]
    if names[0] == names[1]:
        names = [f"{name} {i}" for i, name in enumerate(names, 1)]
    colors = [tuple(int(v) for v in np.rint(c.rgba[..., :3].mean((0, 1)))) for c in whole]
    return TileSet(CODES, (names[0], names[1]), (colors[0], colors[1]))  # type: ignore[arg-type]


def with_room(sheet: CellSheet, start: int, count: int) -> tuple[CellSheet, list[int]]:
    """The sheet, with rows added if too few cells are blank, and the indices of ``count`` of them.

    The list is shorter if the sheet cannot have that many cells. See :func:`next_blank`.
    """
    blank, before = next_blank(sheet.cells, start, count), len(sheet.cells)
    missing = count - len(blank)
    rows = min(sheet.rows + max(0, -(-missing // sheet.columns)), most_rows(sheet.columns))
    if rows > sheet.rows:
        sheet = sheet.resized(rows, sheet.columns)
    return sheet, [*blank, *range(before, len(sheet.cells))][:count]


def with_room_together(sheet: CellSheet, start: int, count: int) -> tuple[CellSheet, list[int]]:
    """Like :func:`with_room`, but with consecutive cells, if the sheet can have that many: the
    next ones that are blank, or else new ones at the end.
    """
    free = [cell.is_free and not cell.part for cell in sheet.cells]
    end = len(free) - len(tuple(takewhile(bool, reversed(free))))
    firsts = (i for i in (*range(start, len(free)), *range(start)) if i + count <= len(free))
    first = next((i for i in firsts if all(free[i : i + count])), end)
    rows = -(-(first + count) // sheet.columns)
    if rows > most_rows(sheet.columns):
        return with_room(sheet, start, count)
    sheet = sheet.resized(max(rows, sheet.rows), sheet.columns)
    return sheet, [*range(first, first + count)]


def next_blank(cells: Sequence[Cell], start: int, count: int) -> list[int]:
    """Indices of up to ``count`` blank cells outside of sets: from ``start`` on, then before it."""
    order = [*range(start, len(cells)), *range(start)]
    return [i for i in order if cells[i].is_free and not cells[i].part][:count]
