"""A project's drawings as a set to train on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count

import numpy as np

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.names import name_of
from sprite_lab.core.sets.credits import MOST_CHARACTERS, Credit
from sprite_lab.core.sets.sprites import SpriteSet, composite

#: The source of drawings made by hand.
SOURCE = "Sprite Lab"


def set_of_cells(
    cells: Sequence[Cell], title: str, known: Sequence[str] = (), taken: Iterable[str] = ()
) -> SpriteSet:
    """The cells that are not blank, with the class and words of their conditions.

    Classes come in the order of ``known``, and others after them.

    Cells without a class or words have those that their drawing was made with. Of a mix of classes,
    the one with the largest share counts. Cells without a name are named after their words or
    class, and numbered; ``taken`` names are skipped.

    Drawings by the same model with the same credits form one source. Raises ConfigError if all
    cells are blank.
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
        names=np.array(_names(drawn, classes, taken)),
        source=np.array([sources.get(_origin(cell), SOURCE) for cell in drawn]),
        words=np.array([" ".join(_words_of(cell)) for cell in drawn]),
        title=title,
        credits=tuple(
            Credit(name, work=_work(*origin)[:MOST_CHARACTERS]) for origin, name in sources.items()
        ),
    )


def _class_of(cell: Cell) -> str | None:
    mix, made = cell.conditions.class_mix, cell.made_by
    if not mix and made is not None:
        mix = made.mix_of(made.indices[0])
    return max(mix, key=lambda pair: pair[1])[0] if mix else None


def _words_of(cell: Cell) -> tuple[str, ...]:
    return cell.conditions.words or (() if cell.made_by is None else cell.made_by.words)


def _names(cells: Sequence[Cell], classes: Sequence[str | None], taken: Iterable[str]) -> list[str]:
    there = {*taken, *(cell.name for cell in cells)}

    def free(kind: str) -> Iterator[str]:
        return (name for n in count(1) if (name := f"{kind} {n}") not in there)

    kinds = [
        name_of(" ".join(_words_of(cell))) or (name or "sprite").replace("_", " ")
        for cell, name in zip(cells, classes, strict=True)
    ]
    names = {kind: free(kind) for kind in kinds}
    return [cell.name or next(names[kind]) for cell, kind in zip(cells, kinds, strict=True)]


def _origin(cell: Cell) -> tuple[str, str]:
    """The model that drew a cell, and its credits; "" = none."""
    return "" if cell.drawn_by is None else cell.drawn_by.model, cell.thanks


def _work(model: str, thanks: str) -> str:
    work = f"Drawn with Sprite Lab by the model {model}" if model else "Drawn with Sprite Lab"
    return work + (", after " + "; ".join(thanks.splitlines()) if thanks else "")
