"""Parts of a drawing that do not touch each other."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sprite_lab.core.pixels.faces import Rgba, grown


def pieces_of(opaque: NDArray[np.bool_], *, corners: bool = True) -> list[NDArray[np.bool_]]:
    """The joined pixels, bool (H, W) each. ``corners``: whether those that only touch by a corner
    are joined.
    """
    beside = around if corners else grown
    left, found = opaque.copy(), []
    while left.any():
        piece = np.zeros_like(left)
        piece[tuple(np.argwhere(left)[0])] = True
        while (more := beside(piece) & left).sum() > piece.sum():
            piece = more
        found.append(piece)
        left &= ~piece
    return found


def loose(rgba: Rgba) -> int:
    """How many pixels are not joined to most of a drawing, (H, W, 4)."""
    sizes = [int(piece.sum()) for piece in pieces_of(rgba[..., 3] > 0)]
    return sum(sizes) - max(sizes, default=0)


def around(pixels: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels and their eight neighbors."""
    return np.asarray(sliding_window_view(np.pad(pixels, 1), (3, 3)).any(axis=(2, 3)))
