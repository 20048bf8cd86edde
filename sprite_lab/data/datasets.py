"""The built-in set, and splitting a set into training and validation sprites."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core import strict_json
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.presets import FEW_SPRITES
from sprite_lab.core.run import drain
from sprite_lab.core.sets.credits import credits_from_json
from sprite_lab.core.sets.sprites import BUILTIN_TITLE, SpriteSet, sample_rows
from sprite_lab.data.near_copies import joined_groups_iter, near_duplicate_groups
from sprite_lab.paths import resource

#: Share of the groups in the shipped models' data sets that is reserved for a final test: training,
#: calibration and selection do not use it (``packaging``, ``tests/benchmarks/sealed.py``).
SEALED = 0.05


@lru_cache(maxsize=1)
def builtin() -> SpriteSet:
    """The built-in sprites, read on the first call from the file that Sprite Lab ships.

    ``packaging/make_builtin_set.py`` draws them.
    """
    with np.load(resource("builtin.npz")) as file:
        arrays = dict(file)
    class_names = tuple(arrays.pop("class_names").tolist())
    credits = credits_from_json([strict_json.loads(row) for row in arrays.pop("credits")])
    return SpriteSet(**arrays, class_names=class_names, title=BUILTIN_TITLE, credits=credits)


def groups_of(sprites: SpriteSet) -> NDArray[np.int64]:
    """The set's groups or, if unknown, groups of near-copies, int64 (N,)."""
    if sprites.group is not None:
        return sprites.group
    return near_duplicate_groups(sprites.images, sprites.alpha)


def apart_from(group: NDArray[np.int64], row: int) -> NDArray[np.bool_]:
    """bool (N,): which sprites are in another group than ``row``; if none is, all but ``row``."""
    others = group != group[row]
    return others if others.any() else np.arange(len(group)) != row


def with_near_copies(sprites: SpriteSet) -> SpriteSet:
    """The set with its groups merged where they have near-copies of each other.

    If its groups are unknown, they are the groups of near-copies.
    """
    return replace(sprites, group=drain(joined_groups_iter(sprites)))


def split(
    sprites: SpriteSet,
    fraction: float = 0.15,
    seed: int = 0,
    most: int | None = None,
    sealed: float = 0.0,
) -> tuple[SpriteSet, SpriteSet]:
    """Split a set by whole groups, with the same share of each class.

    Raises ConfigError if the set is a single group, so that nothing can be set aside, or if
    ``sealed`` leaves nothing for validation.

    Parameters
    ----------
    fraction : share of the groups of each class to set aside, above 0 and below 1. Unless some are
        sealed, a class with two or more groups has at least one in each part.
    seed : equal seeds and sets give equal splits.
    most : maximum number of random sprites in each part; None = all. They are copied.
    sealed : share of the groups that are in neither part (:func:`sealed_rows`), below ``fraction``.

    Returns
    -------
    train, validation : with their groups, in the order of the set.
    """
    sprites = replace(sprites, group=groups_of(sprites))
    train, validation = split_rows(sprites, fraction, seed, sealed)
    if most is not None:
        train, validation = sample_rows(train, most), sample_rows(validation, most)
    return sprites.take(train), sprites.take(validation)


def split_rows(
    sprites: SpriteSet, fraction: float = 0.15, seed: int = 0, sealed: float = 0.0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Like :func:`split`, but returns only rows: no pixels of a memory-mapped set are copied.

    Returns
    -------
    train, validation : int64, ascending.
    """
    aside = held_out(groups_of(sprites), sprites.labels, fraction, seed)
    kept = aside.copy()
    if sealed:
        kept[sealed_rows(sprites, sealed, seed)] = False
        if not kept.any():
            raise ConfigError("Nothing is left for validation: hold out more, or seal less.")
    return np.flatnonzero(~aside), np.flatnonzero(kept)


def settled(config: TrainConfig, sprites: SpriteSet) -> TrainConfig:
    """``config`` adapted to ``sprites``: a tuning run on a small set learns from all of it.

    In a small set every sprite counts, and the validation loss, which rises from the start, says
    less about a style than the copies that end a tuning run.
    """
    few = bool(config.max_copies) and 1 < len(sprites) < FEW_SPRITES
    return replace(config, validation_fraction=0.0) if few else config


def learned_rows(
    sprites: SpriteSet, config: TrainConfig
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows that a training run learns from, and those it is validated on; int64, ascending."""
    training, validation = np.arange(len(sprites)), np.arange(0)
    if config.validation_fraction:
        training, validation = split_rows(
            sprites, config.validation_fraction, sealed=config.sealed_fraction
        )
    if config.max_sprites:
        training = sample_rows(training, config.max_sprites)
    return training, validation


def sealed_rows(sprites: SpriteSet, sealed: float, seed: int = 0) -> NDArray[np.int64]:
    """Rows, ascending, of this share of the groups of each class, reserved for a final test.

    They are among the rows that :func:`split` sets aside for any larger share, so models trained
    before they were sealed have not learned from them either.
    """
    return np.flatnonzero(held_out(groups_of(sprites), sprites.labels, sealed, seed))


def held_out(
    group: NDArray[np.int64], labels: NDArray[np.int64], fraction: float, seed: int = 0
) -> NDArray[np.bool_]:
    """True for sprites that :func:`split` sets aside, given groups and labels; bool (N,).

    Raises ConfigError like :func:`split`.
    """
    if not 0 < fraction < 1:
        raise ConfigError("'fraction' is {fraction}, but must be within 0..1.", fraction=fraction)
    groups, group = np.unique(group, return_inverse=True)
    group = group.reshape(-1)
    if len(groups) < 2:
        raise ConfigError(
            "This set has one sprite, so none can be held out for validation; add different "
            "sprites."
            if len(group) == 1
            else "All sprites of this set are near-copies of one another, so none can be held out "
            "for validation; add different sprites."
        )
    class_of_group = _class_of_groups(labels, group)
    rng = np.random.default_rng(seed)
    aside = np.zeros(len(groups), np.bool_)
    for label in np.unique(class_of_group):
        members = rng.permutation(np.flatnonzero(class_of_group == label))
        aside[members[: _share(len(members), fraction)]] = True
    if not aside.any():  # every class is a single group
        aside[rng.permutation(len(groups))[: _share(len(groups), fraction)]] = True
    return aside[group]


def _share(count: int, fraction: float) -> int:
    """The number of ``count`` to set aside: at least one, but not all, if there are two or more."""
    return 0 if count < 2 else min(max(1, round(count * fraction)), count - 1)


def _class_of_groups(labels: NDArray[np.int64], group: NDArray[np.intp]) -> NDArray[np.int64]:
    """The most common label of each group (in a tie, the lowest), int64 (groups,)."""
    # A table of groups by classes might not fit into memory.
    width = int(labels.max()) + 2
    pairs, votes = np.unique(group.astype(np.int64) * width + labels + 1, return_counts=True)
    of_group, label = np.divmod(pairs, width)
    best_first = np.lexsort((label, -votes, of_group))
    _, first = np.unique(of_group[best_first], return_index=True)
    commonest: NDArray[np.int64] = label[best_first[first]] - 1
    return commonest
