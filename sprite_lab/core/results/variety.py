"""Measures how varied the sprites of a batch are, and how often they look like their class."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.results.metrics import squared_distances

#: Number of nearest sprites that vote on the class of a sprite.
NEIGHBORS = 5

#: Batches drawn from the yardstick, to measure the spread by chance.
_BATCHES = 64


@dataclass(frozen=True, eq=False)
class Yardstick:
    """Drawn sprites that batches are compared with."""

    fingerprint: str  #: of their set
    features: NDArray[np.float32]  #: float32 (M, F)
    labels: NDArray[np.int64]  #: int64 (M,), -1 = no class
    class_names: tuple[str, ...]  #: the names of the labels


@dataclass(frozen=True)
class Variety:
    """Figures of a batch compared with drawn sprites."""

    #: mean pairwise distance of the batch, relative to drawn sprites of the same classes; None =
    #: those are all alike
    share: float | None
    chance: float | None  #: standard deviation of ``share`` over batches of drawn sprites
    #: share of sprites that look like their class, in the batch and among drawn ones; None = no
    #: sprite had a class of the yardstick
    of_class: float | None
    drawn_of_class: float | None
    of_class_chance: float | None  #: binomial standard deviation of ``of_class``


def variety(
    features: NDArray[np.float32], classes: tuple[str | None, ...], drawn: Yardstick
) -> Variety:
    """Compare a batch with drawn sprites.

    ``features``: (N, F), N at least 2. ``classes``: the requested class of each; None = any.
    """
    names = {name: label for label, name in enumerate(drawn.class_names)}
    asked = np.array([names.get(name or "", -1) for name in classes])
    among = distances(drawn.features, drawn.features)
    rng = np.random.default_rng(0)
    every = np.arange(len(drawn.labels))
    pools = {label: np.flatnonzero(drawn.labels == label) for label in set(asked.tolist())}
    pools = {k: every if k < 0 or len(pool) < 2 else pool for k, pool in pools.items()}
    batches = np.empty(_BATCHES)
    for k in range(_BATCHES):
        rows = np.array([rng.choice(pools[label]) for label in asked.tolist()])
        batches[k] = _mean_of_pairs(among[np.ix_(rows, rows)], rows)
    batches = batches[np.isfinite(batches)]
    usual = float(batches.mean()) if len(batches) else 0.0
    own = distances(features, features)
    known = asked >= 0
    of_class = drawn_of_class = chance = None
    if known.any():
        near = distances(features[known], drawn.features)
        of_class = _look_alike(near, asked[known], drawn.labels)
        chance = math.sqrt(of_class * (1 - of_class) / len(near))
        np.fill_diagonal(among, np.inf)  # a sprite is not its own neighbor
        rows = np.flatnonzero(np.isin(drawn.labels, asked[known]))
        drawn_of_class = _look_alike(among[rows], drawn.labels[rows], drawn.labels)
    return Variety(
        _mean_of_pairs(own, np.arange(len(own))) / usual if usual else None,
        float(batches.std()) / usual if usual else None,
        of_class,
        drawn_of_class,
        chance,
    )


def distances(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """Euclidean distances of the rows of (N, F) and (M, F): float64 (N, M)."""
    return np.asarray(np.sqrt(squared_distances(a, b)))


def _mean_of_pairs(distance: NDArray[np.float64], rows: NDArray[np.int64]) -> float:
    """The mean over pairs of different rows."""
    other = rows[:, None] != rows
    return float(distance[other].mean()) if other.any() else float("nan")


def _look_alike(
    distance: NDArray[np.float64], asked: NDArray[np.int64], labels: NDArray[np.int64]
) -> float:
    """The share of rows (N, M) most of whose nearest columns have the requested class."""
    nearest = labels[np.argsort(distance, axis=1)[:, :NEIGHBORS]]
    return float((2 * (nearest == asked[:, None]).sum(axis=1) > nearest.shape[1]).mean())
