"""Filtering and sorting the sprites of a set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.sets.groups import group_sizes
from sprite_lab.core.sets.sprite_figures import Flaw, SpriteFigures
from sprite_lab.core.sets.sprites import SpriteSet

#: Prefix of a search term that must be one of a sprite's words.
EXACTLY = "word:"

#: Orders by a figure of each sprite.
FigureOrder = Literal["drawn", "colors", "brightness"]
Order = Literal["set", "class", "name", "source", "copies", FigureOrder]


@dataclass(frozen=True)
class SpriteQuery:
    """Which sprites to show, in which order; each filter narrows the result further."""

    label: int | None = None  #: a class, -1 = those without one, None = any
    #: terms that must all occur in a sprite's name, source, class or words, ignoring case;
    #: "word:red" = only sprites that have the word "red"
    text: str = ""
    source: str | None = None  #: None = any
    flaw: Flaw | None = None  #: only sprites with this flaw; needs figures
    #: "equal" = only sprites identical to another one, "near" = only those that have a near-copy;
    #: needs copies
    copies: Literal["equal", "near"] | None = None
    #: "set" = the order of the set; figures and copies sort descending, the rest ascending
    order: Order = "set"

    @property
    def needs_figures(self) -> bool:
        """Whether it cannot be answered without figures."""
        return self.flaw is not None or self.order in get_args(FigureOrder)

    @property
    def needs_copies(self) -> bool:
        """Whether it cannot be answered without the groups of copies."""
        return self.copies is not None or self.order == "copies"


@dataclass(frozen=True, eq=False)
class Copies:
    """Groups of copies among N sprites: int64 (N,) each, equal = same group.

    ``equal`` joins identical sprites, ``near`` also those that are shifted, mirrored, recolored or
    differ in few pixels.
    """

    equal: NDArray[np.int64]
    near: NDArray[np.int64]

    def take(self, rows: AnyArray) -> Copies:
        """The groups of the sprites at ``rows``, in that order."""
        return Copies(self.equal[rows], self.near[rows])


def find_rows(
    sprites: SpriteSet,
    query: SpriteQuery,
    figures: SpriteFigures | None = None,
    copies: Copies | None = None,
) -> NDArray[np.intp]:
    """The sprites that match a query, in its order; parts that need missing input are ignored.

    Returns int (M,), rows of the set.
    """
    keep = np.ones(len(sprites), np.bool_)
    if query.label is not None:
        keep &= sprites.labels == query.label
    if query.flaw is not None and figures is not None:
        keep &= figures.having(query.flaw)
    if query.copies is not None and copies is not None:
        keep &= group_sizes(getattr(copies, query.copies)) > 1
    if query.source is not None:
        keep &= np.asarray(sprites.source) == query.source
    rows = np.flatnonzero(keep)
    for word in query.text.casefold().split():
        if word.startswith(EXACTLY):
            exact = word.removeprefix(EXACTLY)
            tagged = [exact in str(text).casefold().split() for text in sprites.words[rows]]
            rows = rows[np.array(tagged, np.bool_)]
            continue
        classes = [word in name.casefold() for name in sprites.class_names]
        named = np.array([*classes, False], np.bool_)[sprites.labels[rows]]  # -1 = the last
        rest = rows[~named]
        texts = zip(sprites.names[rest], sprites.source[rest], sprites.words[rest], strict=True)
        said = np.array([word in "\n".join(told).casefold() for told in texts], np.bool_)
        rows = np.sort(np.concatenate([rows[named], rest[said] if len(rest) else rest]))
    return rows[_order(sprites, rows, query, figures, copies)]


def _order(
    sprites: SpriteSet,
    rows: NDArray[np.intp],
    query: SpriteQuery,
    figures: SpriteFigures | None,
    copies: Copies | None,
) -> NDArray[np.intp]:
    order = query.order
    if order == "class":
        labels = sprites.labels[rows]
        return np.argsort(np.where(labels < 0, len(sprites.class_names), labels), kind="stable")
    if order in ("name", "source"):
        texts = sprites.names if order == "name" else sprites.source
        return np.argsort(np.asarray(texts[rows]), kind="stable")
    if order in get_args(FigureOrder) and figures is not None:
        return np.argsort(-getattr(figures, order)[rows].astype(np.float64), kind="stable")
    if order == "copies" and copies is not None:
        sizes, near = group_sizes(copies.near)[rows], copies.near[rows]
        return np.lexsort((rows, near, -sizes))
    return np.arange(len(rows))
