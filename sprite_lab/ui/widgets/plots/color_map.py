"""A color map for numbers: viridis, perceptually uniform and color-blind safe."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Seventeen points of matplotlib's viridis (CC0), from the smallest to the largest.
_ANCHORS = np.array(
    [
        [68, 1, 84], [72, 23, 105], [71, 44, 122], [66, 63, 133], [59, 81, 139], [51, 98, 141],
        [44, 113, 142], [38, 129, 142], [33, 144, 140], [31, 159, 136], [39, 173, 128],
        [61, 188, 115], [92, 200, 98], [129, 211, 76], [170, 220, 49], [213, 226, 25],
        [253, 231, 37],
    ],
    np.float64,
)  # fmt: skip


def viridis(shares: ArrayLike) -> NDArray[np.uint8]:
    """Colors, uint8 (..., 3), for shares (...) of 0 to 1 (clipped)."""
    share = np.clip(np.asarray(shares, np.float64), 0.0, 1.0)
    grid = np.linspace(0.0, 1.0, len(_ANCHORS))
    mixed = [np.interp(share, grid, _ANCHORS[:, channel]) for channel in range(3)]
    return np.rint(np.stack(mixed, axis=-1)).astype(np.uint8)
