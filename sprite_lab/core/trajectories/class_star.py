"""Classes at the corners of a star: from a place inside to a class mix, and back.

Places are (x, y), y down, in a regular polygon whose corners lie on the unit circle, the first
at the top, the others clockwise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

#: Minimum number of classes for a star; two of them have a line between them.
LEAST = 3

#: Weights below this become 0, and places this near to a corner, an edge or the center snap to it;
#: weights are rounded to hundredths.
_SNAP = 0.03


def corners(count: int) -> NDArray[np.float64]:
    """The corners of ``count`` classes, float64 (count, 2)."""
    angle = 2 * np.pi * np.arange(count) / count
    return np.stack([np.sin(angle), -np.cos(angle)], axis=1)


def weights_at(x: float, y: float, count: int) -> tuple[float, ...]:
    """The weight of each class at a place, in hundredths; they sum to 1 up to rounding.

    Wachspress coordinates (1975): 1 at a class's own corner, 0 on every edge that does not touch
    it, linear along the edges, and all equal in the center. Places outside the star get the weights
    of the nearest place on its border.
    """
    place = _inside(np.array([x, y]), count)
    at = corners(count)
    edges = np.roll(at, -1, axis=0) - at
    away = place - at
    # Twice the area of the triangle from each edge to the place: its distance, up to a factor.
    areas = edges[:, 0] * away[:, 1] - edges[:, 1] * away[:, 0]
    areas = np.maximum(areas, 0)
    raw = np.empty(count)
    for i in range(count):
        # For corner i: the distances to all edges but its own two.
        own = (i, (i - 1) % count)
        raw[i] = np.prod([areas[k] for k in range(count) if k not in own])
    weights = raw / raw.sum()
    weights[weights < _SNAP] = 0
    if np.abs(weights - 1 / count).max() < _SNAP:
        return (round(1 / count, 2),) * count
    weights /= weights.sum()
    return tuple(round(float(w), 2) for w in weights)


def place_of(weights: Sequence[float]) -> tuple[float, float]:
    """The place of a mix: the weighted mean of the corners; the center without any class."""
    total = math.fsum(weights)
    if not total:
        return 0.0, 0.0
    x, y = np.asarray(weights) @ corners(len(weights)) / total
    return float(x), float(y)


def mix_of(names: Sequence[str], weights: Sequence[float]) -> tuple[tuple[str, float], ...]:
    """The (name, weight) pairs of a mix, in class order; classes without weight are left out."""
    return tuple((n, w) for n, w in zip(names, weights, strict=True) if w > 0)


def weights_of(names: Sequence[str], mix: Mapping[str, float]) -> tuple[float, ...]:
    return tuple(mix.get(name, 0.0) for name in names)


def _inside(place: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """The place itself or, if it is outside, the nearest one on the star's border."""
    at = corners(count)
    edges = np.roll(at, -1, axis=0) - at
    away = place - at
    if (edges[:, 0] * away[:, 1] - edges[:, 1] * away[:, 0] >= 0).all():
        return place
    along = np.clip((away * edges).sum(axis=1) / (edges**2).sum(axis=1), 0, 1)
    nearest = at + along[:, None] * edges
    return nearest[np.square(nearest - place).sum(axis=1).argmin()]
