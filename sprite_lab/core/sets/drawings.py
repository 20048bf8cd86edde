"""Drawings of a project as a set to train on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.sets.credits import MOST_CHARACTERS, Credit
from sprite_lab.core.sets.sprites import SpriteSet, composite

#: The source of what was drawn by hand.
SOURCE = "Sprite Lab"


def set_of_cells(cells: Sequence[Cell], title: str, known: Sequence[str] = ()) -> SpriteSet:
    """The cells that are not blank, by name, with the class and words they ask for.

    Their classes come in the order of ``known``, and others after them.

    One that asks for none has those that its drawing was made with.

    What owes the same credits and was drawn by the same model is one source. Raises ConfigError if
    all are blank.
    """
    drawn = [cell for cell in cells if not cell.is_blank]
    if not drawn:
        raise ConfigError("There is nothing to save as a set: these cells are blank.")
    rgba = np.stack([cell.rgba for cell in drawn])
    classes = [_class_of(cell) for cell in drawn]
    there = dict.fromkeys(filter(None, classes))
    class_names = tuple(dict.fromkeys([*(name for name in known if name in there), *there]))
    owed = list(dict.fromkeys(origin for cell in drawn if any(origin := _origin(cell))))
    sources = {origin: f"{SOURCE} {number}" for number, origin in enumerate(owed, 1)}
    return SpriteSet(
        images=composite(rgba),
        alpha=rgba[..., 3],
        labels=np.array([class_names.index(name) if name else -1 for name in classes], np.int64),
        class_names=class_names,
        group=np.arange(len(drawn)),
        names=np.array([cell.name or f"{title} {i + 1}" for i, cell in enumerate(drawn)]),
        source=np.array([sources.get(_origin(cell), SOURCE) for cell in drawn]),
        words=np.array([" ".join(_words_of(cell)) for cell in drawn]),
        title=title,
        credits=tuple(
            Credit(name, work=_work(*origin)[:MOST_CHARACTERS]) for origin, name in sources.items()
        ),
    )


def _class_of(cell: Cell) -> str | None:
    made = () if cell.made_by is None else cell.made_by.classes
    return cell.class_name or (made[0] if len(made) == 1 else None)


def _words_of(cell: Cell) -> tuple[str, ...]:
    return cell.conditions.words or (() if cell.made_by is None else cell.made_by.words)


def _origin(cell: Cell) -> tuple[str, str]:
    """The model that drew a cell, and its credits; "" = none."""
    return "" if cell.drawn_by is None else cell.drawn_by.model, cell.thanks


def _work(model: str, thanks: str) -> str:
    work = f"Drawn with Sprite Lab by the model {model}" if model else "Drawn with Sprite Lab"
    return work + (", after " + "; ".join(thanks.splitlines()) if thanks else "")
