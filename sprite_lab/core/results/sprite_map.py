"""Sprites as points in a plane: the map, paths in it, and the pull at a noise level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.results.projection import Companion, Plane
from sprite_lab.core.sets.sprites import SpriteSet, to_pixels

Space = Literal["pixels", "features"]

#: Number of arrows along the longer side of the grid.
GRID = 12


@dataclass(frozen=True, eq=False)
class SpriteMap:
    """N sprites on a plane."""

    sprites: SpriteSet
    #: the space that contains the plane: RGB values in [-1, 1], or features of the sprites
    space: Space
    plane: Plane
    points: NDArray[np.float64]  #: float64 (N, 2)
    #: the mean alpha, (H * W) in [-1, 1], at each place of a plane of pixels; None for features
    alpha: Companion | None = None

    def blur(self, coordinates: NDArray[np.floating]) -> NDArray[np.float32]:
        """The pictures at places of a plane of pixels: float32 (n, H, W, 4), unclipped.

        Each is a mix of all sprites and so is blurred: few sprites lie in the plane itself.
        """
        assert self.alpha is not None
        height, width = self.sprites.size
        colors = self.plane.lift(coordinates).reshape(-1, height, width, 3)
        alpha = self.alpha.lift(coordinates).reshape(-1, height, width, 1)
        return np.concatenate([colors, alpha], axis=3).astype(np.float32)

    def blur_pixels(self, coordinates: NDArray[np.floating]) -> NDArray[np.uint8]:
        """Like :meth:`blur`, for display: uint8 (n, H, W, 3)."""
        return to_pixels(self.blur(coordinates)[..., :3])

    def grid(self) -> NDArray[np.float64]:
        """Evenly spaced places that cover all points, GRID along the longer side: float64 (n,
        2)."""
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        apart = max(float((high - low).max()), 1e-9) / GRID
        counts = np.maximum(1, np.ceil((high - low) / apart - 1e-9)).astype(int)
        x, y = (
            (low[i] + high[i]) / 2 + (np.arange(counts[i]) - (counts[i] - 1) / 2) * apart
            for i in (0, 1)
        )
        return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


@dataclass(frozen=True, eq=False)
class MapPaths:
    """The paths of a trajectory's N sprites through the map, K frames each."""

    x0: NDArray[np.float64]  #: float64 (K, N, 2), of the predicted clean sprite
    #: float64 (K, N, 2), of x_t / alpha; None in the space of features
    x_t: NDArray[np.float64] | None


@dataclass(frozen=True, eq=False)
class Pull:
    """The displacement of sprites at points of the plane, at one noise level."""

    log_snr: float
    #: float64 (n, 2): places in the plane, and the mean of x0_hat - place there, in its coordinates
    places: NDArray[np.float64]
    arrows: NDArray[np.float64]
