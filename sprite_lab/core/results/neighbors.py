"""Comparison of a sprite with a training set: neighbors, copies, and the posterior over sprites."""

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

    ``told``: whether the network is conditioned on it, so that its samples are free of it.
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
    validation: SpriteSet | None  #: None = it learned from all sprites
    augmentation: Augmentation
    channels: int


@dataclass(frozen=True, eq=False)
class CopyRule:
    """The distance up to which a sprite counts as a copy."""

    #: float64 (M,), 0..255, ascending: from validation sprites, which are not copies, to their
    #: nearest training sprite; empty for a single sprite
    distances: NDArray[np.float64]
    #: whether no sprites were set aside, so that the distances are between training groups
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
    """The posterior over M training sprites given x_t in each of K frames."""

    sprites: SpriteSet  #: the M sprites
    #: float32 (K, M), log of p(sprite | x_t); each row's exponentials sum to 1
    log_weight: NDArray[np.float32]
    #: float32 (K, H, W, 3) in [-1, 1], E[x_0 | x_t], the prediction of the optimal denoiser
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
        """The first frame in which one sprite has more than half of the weight; None = none, for
        instance because two sprites are alike.
        """
        frames = np.flatnonzero(self.top_weight > 0.5)
        return int(frames[0]) if len(frames) else None


@dataclass(frozen=True, eq=False)
class Remembered:
    """A finished sprite compared with the training set: its neighbors, and its posterior.

    ``apart``: number of pixels that differ visibly from those of the nearest training sprite.
    ``near_copy``: index of a training sprite that it is a near-copy of; -1 = none.
    """

    nearest: Neighbors
    becoming: Becoming
    apart: int
    near_copy: int = -1
