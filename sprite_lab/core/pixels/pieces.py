"""Pieces of a drawing that do not touch each other."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sprite_lab.core.pixels.faces import Rgba, grown


def pieces_of(opaque: NDArray[np.bool_], *, corners: bool = True) -> list[NDArray[np.bool_]]:
    """The joined pixels, bool (H, W) each. ``corners``: whether those that only touch by a corner
    are joined.
    """
    left, found = opaque.copy(), []
    while left.any():
        y, x = np.argwhere(left)[0].tolist()
        found.append(joined_to(left, (y, x), corners=corners))
        left &= ~found[-1]
    return found


def joined_to(
    pixels: NDArray[np.bool_], some: NDArray[np.bool_] | tuple[int, int], *, corners: bool = False
) -> NDArray[np.bool_]:
    """Those of the pixels, bool (H, W), that are joined to ``some``: a mask, or a place (y, x)."""
    beside = around if corners else grown
    found = np.zeros_like(pixels)
    found[some] = pixels[some]
    while (more := beside(found) & pixels).sum() > found.sum():
        found = more
    return found


def loose(rgba: Rgba) -> int:
    """The number of pixels not joined to the largest piece of a drawing, (H, W, 4)."""
    sizes = [int(piece.sum()) for piece in pieces_of(rgba[..., 3] > 0)]
    return sum(sizes) - max(sizes, default=0)


def around(pixels: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels and their eight neighbors."""
    return np.asarray(sliding_window_view(np.pad(pixels, 1), (3, 3)).any(axis=(2, 3)))
