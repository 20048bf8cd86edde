"""The ways in which near-copies differ from the first sprite of their group."""

from __future__ import annotations

import hashlib
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run
from sprite_lab.core.sets.sprite_query import Copies
from sprite_lab.core.sets.sprites import BLOCK, SpriteSet
from sprite_lab.data import near_copies
from sprite_lab.words import tr

Kind = Literal["first", "equal", "shifted", "mirrored", "recolored", "similar"]


def find_copies_iter(sprites: SpriteSet) -> Run[Copies]:
    """Find groups of equal sprites and of near-copies by their pixels alone; yields Progress."""
    equal = yield from equal_groups_iter(sprites)
    near = yield from near_copies.near_copies_iter(sprites.images, sprites.alpha)
    return Copies(equal, near)


def equal_groups_iter(sprites: SpriteSet) -> Run[NDArray[np.int64]]:
    """For each sprite, the index of the first one with the same pixels and alpha, int64 (N,)."""
    first: dict[bytes, int] = {}
    group = np.empty(len(sprites), np.int64)
    for start in range(0, len(sprites), BLOCK):
        yield Progress(start, len(sprites), tr("Finding equal sprites"))
        images, alpha = sprites.images[start : start + BLOCK], sprites.alpha[start : start + BLOCK]
        seen = images * (alpha > 0)[..., None]  # transparent pixels have no color
        for i in range(len(seen)):
            # A digest, so that the pixels of a million sprites are not kept as keys.
            key = hashlib.blake2b(alpha[i].tobytes() + seen[i].tobytes(), digest_size=16).digest()
            group[start + i] = first.setdefault(key, start + i)
    return group


def copy_kinds(sprites: SpriteSet, rows: NDArray[np.intp]) -> list[Kind]:
    """How each of these sprites, all of the same group, differs from the first one.

    "recolored": it has the same silhouette, perhaps mirrored; "similar": anything else, such as
    another frame, or a sprite that resembles only other members of the group.
    """
    images, alpha = sprites.images[rows], sprites.alpha[rows]
    packed, shifted, mirrored = near_copies.Forms.of(images, alpha)
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
            kinds.append("recolored")
        else:
            kinds.append("similar")
    return kinds
