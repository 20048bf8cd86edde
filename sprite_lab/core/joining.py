"""Two sets of sprites as one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.credits import merge_credits
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.sprites import SpriteSet


def joined(first: SpriteSet, second: SpriteSet) -> SpriteSet:
    """The sprites of ``first`` and then those of ``second``; classes of one name are one class.

    Groups of near-copies are left out: whether a new sprite is a copy of an old one is not known
    yet. Where both credit one source, ``first`` decides; its title is kept, too.

    Raises
    ------
    ConfigError
        If their sprites are not of one size.
    """
    if first.size != second.size:
        raise ConfigError(
            f"Sprites of {second.size[1]}x{second.size[0]} pixels cannot be added to a set of "
            f"{first.size[1]}x{first.size[0]}; choose that size, or make a set of their own."
        )
    names = tuple(dict.fromkeys((*first.class_names, *second.class_names)))
    return replace(
        first,
        images=np.concatenate([first.images, second.images]),
        alpha=np.concatenate([first.alpha, second.alpha]),
        labels=np.concatenate([first.labels, _renumbered(second, names)]),
        class_names=names,
        names=np.array([*first.names, *second.names], np.str_),
        source=np.array([*first.source, *second.source], np.str_),
        group=None,
        credits=merge_credits(second.credits, first.credits),
    )


def _renumbered(sprites: SpriteSet, names: tuple[str, ...]) -> NDArray[np.int64]:
    """The labels of a set as int64 (N,) indices into ``names``; -1 stays -1."""
    table = np.array([*(names.index(name) for name in sprites.class_names), -1], np.int64)
    return table[sprites.labels]
