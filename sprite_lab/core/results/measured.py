"""Measured sprites with their likelihoods and file sizes, for the Measure workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.results.probability import Bound, Thermodynamics
from sprite_lab.core.results.report import FileSizes
from sprite_lab.core.sets.sprites import SpriteSet

#: Order of measured sprites: least probable (most bits) first, most probable first, or as given.
Order = Literal["least", "most", "given"]

#: The entropies of a training set, and the t of each noise level.
Entropies: TypeAlias = tuple[Thermodynamics, NDArray[np.float64]]


class Sizes(NamedTuple):
    """Bits/dim of N sprites with other coders; see :class:`.FileSizes`.

    ``png``, ``webp`` and ``counted`` are float64 (N,). Without other sprites to learn from,
    ``counted`` is nan and ``lzma`` None.
    """

    png: NDArray[np.float64]
    webp: NDArray[np.float64]
    counted: NDArray[np.float64]
    lzma: float | None
    learnt_from: int

    def mean(self) -> FileSizes:
        """The means over the sprites."""
        counted = float(self.counted.mean()) if self.learnt_from else None
        return FileSizes(
            float(self.png.mean()), float(self.webp.mean()), self.lzma, counted, self.learnt_from
        )


@dataclass(frozen=True, eq=False)
class Verdict:
    """How surprising a drawing is to a model."""

    #: float32 (H, W), bits of each; they add up to those of the drawing
    pixels: NDArray[np.float32]
    #: of the whole drawing, and its standard error
    bits_per_dim: float
    stderr: float


@dataclass(frozen=True, eq=False)
class Measured:
    """N sprites with their likelihood bounds and their sizes with other coders."""

    sprites: SpriteSet  #: the N measured sprites
    bound: Bound  #: their bits, each given its own label
    #: float64 (S + 1,), ascending: ``bound.block_log_snr`` as noise levels t of the model
    block_t: NDArray[np.float64]
    sizes: Sizes  #: their sizes with other coders
    rounds: int  #: independent estimates made for each sprite
    seconds: float  #: time taken by the bound alone

    def order(self, by: Order) -> NDArray[np.intp]:
        """Indices of the sprites in that order, (N,)."""
        if by == "given":
            return np.arange(len(self.sprites))
        return np.argsort(self.bound.bits * (-1 if by == "least" else 1), kind="stable")
