"""Limits the colors of a sprite by merging similar ones, like an artist with a small palette."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Squared distance of RGB, weighted by perception.
_WEIGHTS = np.array([0.35, 0.5, 0.15])


def limit_colors(
    codes: NDArray[np.uint8], palette: NDArray[np.uint8], limit: int
) -> NDArray[np.uint8]:
    """Merge the cheapest pairs of colors until `limit` are left; returns RGB (16, 16, 3).

    A merge costs the distance of the colors times how many pixels change, so rare tones go
    first and the eye-catching differences stay. Colors closer than one can see always merge.

    Parameters
    ----------
    codes : uint8 (16, 16), slot * 8 + tone, nowhere 0 that matters.
    palette : uint8 (slots, 5, 3).
    """
    used, where, counts = np.unique(codes, return_inverse=True, return_counts=True)
    colors = palette[used // 8, used % 8]
    rgb = colors.astype(np.float64)
    n = len(used)
    keep = np.arange(n)
    size = np.minimum(counts, 40).astype(np.float64)
    distance = ((rgb[:, None] - rgb) ** 2) @ _WEIGHTS
    cost = distance * np.sqrt(np.minimum(size[:, None], size))
    cost[np.diag_indices(n)] = np.inf
    left = n
    empty = int(used[0] == 0)
    if empty:
        cost[0] = cost[:, 0] = np.inf
        left -= 1
    while left > 1:
        flat = int(cost.argmin())
        i, j = divmod(flat, n)
        if left <= limit and distance[i, j] > 40.0:
            break
        if size[i] < size[j]:
            i, j = j, i
        keep[keep == j] = i
        cost[j] = cost[:, j] = np.inf
        size[i] += size[j]
        finite = np.isfinite(cost[i])
        row = np.where(finite, distance[i] * np.sqrt(np.minimum(size, size[i])), np.inf)
        cost[i] = cost[:, i] = row
        left -= 1
    return colors[keep][where].reshape(*codes.shape, 3)
