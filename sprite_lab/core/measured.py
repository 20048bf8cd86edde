"""Sprites and what is known of how probable they are: what the Measure workspace shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.probability import Bound
from sprite_lab.core.sprites import SpriteSet

#: How measured sprites are listed: those with most bits first, fewest first, as they came.
Order = Literal["least", "most", "given"]


@dataclass(frozen=True, eq=False)
class Measured:
    """N sprites with the bound of each and what they take as picture files.

    Parameters
    ----------
    sprites : those that were measured, N.
    bound : their bits, under the class that each is labelled with.
    block_t : float64 (S + 1,), rising: ``bound.block_log_snr`` as noise levels t of the model.
    png, webp : float64 (N,), bits/dim of each sprite as a file of that kind.
    rounds : independent estimates of each sprite that were made.
    seconds : what the bound took to compute.
    """

    sprites: SpriteSet
    bound: Bound
    block_t: NDArray[np.float64]
    png: NDArray[np.float64]
    webp: NDArray[np.float64]
    rounds: int
    seconds: float

    def order(self, by: Order) -> NDArray[np.intp]:
        """The sprites in an order, (N,)."""
        if by == "given":
            return np.arange(len(self.sprites))
        return np.argsort(self.bound.bits * (-1 if by == "least" else 1), kind="stable")

    def class_of(self, index: int) -> str | None:
        """Name of a sprite's class; None = it has none."""
        label = int(self.sprites.labels[index])
        return self.sprites.class_names[label] if label >= 0 else None
