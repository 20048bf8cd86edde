"""How the near-copies of a group differ from its first sprite, and the extra ones of a set."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.sprite_query import Copies
from sprite_lab.core.sprites import SpriteSet
from sprite_lab.data import near_copies

Kind = Literal["first", "equal", "shifted", "mirrored", "recoloured", "similar"]


def find_copies(sprites: SpriteSet) -> Copies:
    """The groups of equal sprites and of near-copies, by their pixels alone."""
    equal = equal_groups(sprites)
    near = near_copies.near_duplicate_groups(sprites.images, sprites.alpha)
    return Copies(equal, near)


def equal_groups(sprites: SpriteSet) -> NDArray[np.int64]:
    """int64 (N,): the index of the first sprite with the very same pixels and alpha."""
    first: dict[bytes, int] = {}
    group = np.empty(len(sprites), np.int64)
    for i in range(len(sprites)):
        drawn = sprites.alpha[i] > 0  # what has no alpha has no colour to differ in
        key = sprites.alpha[i].tobytes() + (sprites.images[i] * drawn[..., None]).tobytes()
        group[i] = first.setdefault(key, i)
    return group


def copy_kinds(sprites: SpriteSet, rows: NDArray[np.intp]) -> list[Kind]:
    """What each of these sprites is to the first of them, all of one group.

    "recoloured" has its silhouette, perhaps mirrored; "similar" is said of the rest: of a next
    frame, and of what resembles another sprite of the group only.
    """
    images, alpha = sprites.images[rows], sprites.alpha[rows]
    mask = near_copies._silhouettes(images, alpha)
    packed = near_copies._pack(images, mask)
    shifted = near_copies._to_corner(packed)
    mirrored = near_copies._to_corner(packed[:, :, ::-1])
    kinds: list[Kind] = ["first"]
    for i in range(1, len(rows)):
        drawn = (packed[i] != 0) | (packed[0] != 0)
        alike = np.count_nonzero((packed[i] == packed[0]) & drawn)
        if np.array_equal(packed[i], packed[0]) and np.array_equal(alpha[i], alpha[0]):
            kinds.append("equal")
        elif np.array_equal(shifted[i], shifted[0]):
            kinds.append("shifted")
        elif np.array_equal(mirrored[i], shifted[0]):
            kinds.append("mirrored")
        elif alike >= near_copies.PIXELS_IN_COMMON * np.count_nonzero(drawn):
            kinds.append("similar")
        elif any(np.array_equal(f[i] != 0, shifted[0] != 0) for f in (shifted, mirrored)):
            kinds.append("recoloured")
        else:
            kinds.append("similar")
    return kinds


def extra_rows(group: NDArray[np.int64], rows: NDArray[np.intp] | None = None) -> NDArray[np.intp]:
    """All but the first sprite of each group, rising; among ``rows`` only, where given."""
    rows = np.arange(len(group)) if rows is None else np.sort(rows)
    _, first = np.unique(group[rows], return_index=True)
    extra = np.ones(len(rows), np.bool_)
    extra[first] = False
    return rows[extra]
