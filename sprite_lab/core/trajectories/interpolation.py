"""Interpolation between noises along arcs, and between mixes of classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError

#: Class names and their weights, as in :class:`SampleConfig`; () = no class.
Mix = tuple[tuple[str, float], ...]

#: Names of the two or four corners.
CORNERS = "ABCD"

#: Above this cosine, two noises count as equal.
_SAME = 1 - 1e-9


@dataclass(frozen=True)
class Corner:
    """A corner of an arc or a grid: a noise, given by its seed, and a mix of classes."""

    seed: int
    mix: Mix = ()

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**63:
            raise ConfigError(
                "{seed} is not a seed: it must be from 0 to {value}.",
                seed=self.seed,
                value=2**63 - 1,
            )


@dataclass(frozen=True)
class Sheet:
    """Cells between two corners (A B) or four (A B above C D), row by row."""

    corners: tuple[Corner, ...]
    columns: int
    rows: int

    def __post_init__(self) -> None:
        wanted = 4 if self.rows > 1 else 2
        if len(self.corners) != wanted or self.columns < 2 or self.rows < 1:
            raise ConfigError("A row needs two corners, a grid four.")

    def __len__(self) -> int:
        return self.rows * self.columns

    def place(self, cell: int) -> tuple[float, float]:
        """The position from left to right and from top to bottom, each 0 to 1."""
        row, column = divmod(cell, self.columns)
        return column / (self.columns - 1), row / (self.rows - 1) if self.rows > 1 else 0.0

    def shares(self, cell: int) -> tuple[float, ...]:
        """The bilinear weight of each corner; they sum to 1."""
        u, v = self.place(cell)
        across = (1 - u, u)
        if self.rows == 1:
            return across
        return tuple(w * side for w in (1 - v, v) for side in across)

    def mix(self, cell: int) -> Mix:
        """The classes of a cell: the corners' mixes, weighted by their shares."""
        return blend([dict(corner.mix) for corner in self.corners], self.shares(cell))

    def settings(self, cell: int, config: SampleConfig) -> SampleConfig:
        """The settings that draw a cell, except its noise: ``config`` with the cell's classes."""
        return replace(
            config,
            count=1,
            seed=self.corners[0].seed,
            first_index=0,
            picked=(),
            classes=(),
            class_mix=self.mix(cell),
        )

    def noise(self, shape: Sequence[int]) -> NDArray[np.float32]:
        """The noise of every cell, float32 (rows * columns, *shape).

        A corner has the noise of the first sprite of its seed, ``default_rng([seed, 0])``, as
        ``sample_iter`` draws it. Cells between corners are interpolated along
        arcs: from A to B, from C to D, and then from one to the other.
        """
        ends = [
            np.random.default_rng([corner.seed, 0]).standard_normal(tuple(shape), np.float32)
            for corner in self.corners
        ]
        cells = []
        for cell in range(len(self)):
            u, v = self.place(cell)
            x = slerp(ends[0], ends[1], u)
            cells.append(x if self.rows == 1 else slerp(x, slerp(ends[2], ends[3], u), v))
        return np.stack(cells)


def slerp(a: NDArray[np.float32], b: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """The point between ``a`` (share 0) and ``b`` (share 1) along an arc, float32 like ``a``.

    The direction turns at a constant rate (Shoemake 1985), ``(sin((1-s)ω) â + sin(sω) b̂) / sin ω``
    with ω the angle between them; the length changes linearly. A straight line would cut through
    the sphere that nearly all noise lies on: halfway it is too short by a factor of √2, and the
    network would see noise of another level. Both ends are exact. Raises ConfigError if they are
    opposite: no arc between them is the shortest.
    """
    if share == 0:
        return a
    if share == 1:
        return b
    x, y = a.astype(np.float64), b.astype(np.float64)
    lengths = np.linalg.norm(x), np.linalg.norm(y)
    length = (1 - share) * lengths[0] + share * lengths[1]
    x, y = x / lengths[0], y / lengths[1]
    cosine = float((x * y).sum())
    if cosine < -_SAME:
        raise ConfigError("These two noises are opposite: choose another seed for one of them.")
    if cosine > _SAME:
        return (length * x).astype(np.float32)
    angle = np.arccos(cosine)
    turned = (np.sin((1 - share) * angle) * x + np.sin(share * angle) * y) / np.sin(angle)
    return (length * turned).astype(np.float32)


def blend(mixes: Sequence[Mapping[str, float]], shares: Sequence[float]) -> Mix:
    """The mixes weighted by their shares; classes without weight are left out."""
    found: dict[str, float] = {}
    for mix, share in zip(mixes, shares, strict=True):
        for name, weight in mix.items():
            found[name] = found.get(name, 0.0) + share * weight
    return tuple((name, min(weight, 1.0)) for name, weight in found.items() if weight > 0)
