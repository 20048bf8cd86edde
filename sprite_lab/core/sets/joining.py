"""Joining two sets of sprites."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.sets.credits import merge_credits
from sprite_lab.core.sets.sprites import SpriteSet


def joined(first: SpriteSet, second: SpriteSet) -> SpriteSet:
    """The sprites of ``first``, then those of ``second``; classes of the same name are merged.

    Each set keeps its own groups: near-copies across the two are not looked for. If both credit the
    same source, the credit of ``first`` stays, and so does its title. Raises ConfigError if their
    sprites differ in size.
    """
    if first.size != second.size:
        raise ConfigError(
            "Sprites of {width}×{height} pixels cannot be added to a set of "
            "{set_width}×{set_height}; choose that size, or make a separate set.",
            width=second.size[1],
            height=second.size[0],
            set_width=first.size[1],
            set_height=first.size[0],
        )
    names = tuple(dict.fromkeys((*first.class_names, *second.class_names)))
    label = np.array([*(names.index(name) for name in second.class_names), -1], np.int64)
    pose = np.where(second.pose_of < 0, -1, second.pose_of + first.pose_of.max() + 1)
    groups = _groups(first)
    return replace(
        first,
        images=np.concatenate([first.images, second.images]),
        alpha=np.concatenate([first.alpha, second.alpha]),
        labels=np.concatenate([first.labels, label[second.labels]]),
        class_names=names,
        names=np.array([*first.names, *second.names], np.str_),
        source=np.array([*first.source, *second.source], np.str_),
        words=np.array([*first.words, *second.words], np.str_),
        pose_of=np.concatenate([first.pose_of, pose]),
        direction=np.array([*first.direction, *second.direction], np.str_),
        frame=np.concatenate([first.frame, second.frame]),
        group=np.concatenate([groups, _groups(second) + groups.max() + 1]),
        credits=merge_credits(second.credits, first.credits),
    )


def _groups(sprites: SpriteSet) -> NDArray[np.int64]:
    """int64 (N,) from 0: the set's groups or, if unknown, each sprite as its own group."""
    if sprites.group is None:
        return np.arange(len(sprites))
    return np.unique(sprites.group, return_inverse=True)[1].reshape(-1).astype(np.int64)
