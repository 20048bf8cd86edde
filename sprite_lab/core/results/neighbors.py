"""Compares a sprite with a training set: its neighbors, copies, and what it could become."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.results.metrics import Neighbors, copy_threshold
from sprite_lab.core.sets.sprites import SpriteSet


@dataclass(frozen=True)
class Augmentation:
    """The shares of sprites that training mirrors, moves and recolors.

    ``told``: whether the network is told about it, so that its samples are free of it.
    """

    flips: float = 0.0
    shifts: float = 0.0
    recolor: float = 0.0
    told: bool = False

    @property
    def any(self) -> bool:
        """Whether any share is above 0."""
        return max(self.flips, self.shifts, self.recolor) > 0


@dataclass(frozen=True, eq=False)
class TrainingPart:
    """The part of a data set that a model was trained on, and the part set aside.

    ``channels``: 4 if the model sees alpha, which gives sprites a margin to move in.
    """

    train: SpriteSet
    validation: SpriteSet | None  #: None = it learned from all
    augmentation: Augmentation
    channels: int


@dataclass(frozen=True, eq=False)
class CopyRule:
    """The distance up to which a sprite counts as a copy."""

    #: float64 (M,), from validation sprites, which are not copies, to their nearest training
    #: sprite: 0..255, ascending; of a single sprite there are none
    distances: NDArray[np.float64]
    #: whether no sprites were set aside, so that these are training sprites of other groups
    of_training: bool = False

    @cached_property
    def threshold(self) -> float:
        """Sprites no farther than this count as copies."""
        return copy_threshold(self.distances)

    def is_copy(self, distance: float) -> bool:
        """Whether a sprite at this distance from its nearest training sprite is a copy."""
        return distance <= self.threshold


@dataclass(frozen=True, eq=False)
class Becoming:
    """What x_t could still become in each of K frames: the posterior over M training sprites."""

    sprites: SpriteSet  #: the M sprites
    #: float32 (K, M), log of p(sprite | x_t); each row's exponentials sum to 1
    log_weight: NDArray[np.float32]
    #: float32 (K, H, W, 3) in [-1, 1], E[x_0 | x_t], what the optimal denoiser predicts
    x0: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.log_weight)

    def top(self, frame: int, count: int = 8) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The likeliest sprites of a frame (at most ``count``) and their weights, descending."""
        row = self.log_weight[frame]
        count = min(count, len(row))
        some = np.argpartition(-row, count - 1)[:count]
        which = some[np.argsort(-row[some], kind="stable")]
        return which, np.exp(row[which].astype(np.float64))

    @cached_property
    def perplexity(self) -> NDArray[np.float64]:
        """float64 (K,): how many sprites it could become, exp(entropy) of the weights."""
        log = self.log_weight.astype(np.float64)
        weight = np.exp(log)
        return np.exp(-np.sum(weight * np.where(weight > 0, log, 0.0), axis=1))

    @cached_property
    def likeliest(self) -> NDArray[np.int64]:
        """int64 (K,): the likeliest sprite of each frame."""
        return self.log_weight.argmax(axis=1)

    @cached_property
    def top_weight(self) -> NDArray[np.float64]:
        """float64 (K,): the weight of the likeliest sprite."""
        return np.exp(self.log_weight.max(axis=1).astype(np.float64))

    @cached_property
    def commits_at(self) -> int | None:
        """The first frame in which one sprite has more than half of the weight; None = in none, for
        instance if two of them are alike.
        """
        frames = np.flatnonzero(self.top_weight > 0.5)
        return int(frames[0]) if len(frames) else None


@dataclass(frozen=True, eq=False)
class Remembered:
    """A finished sprite compared with the training set: its neighbors, and what it could become.

    ``apart``: number of pixels that differ visibly from those of the nearest training sprite.
    ``near_copy``: a training sprite that it would share a group of near-copies with; -1 = none.
    """

    nearest: Neighbors
    becoming: Becoming
    apart: int
    near_copy: int = -1
