"""Colors as single numbers, to compare, sort and count them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def color_codes(pixels: NDArray[np.uint8]) -> NDArray[np.int32]:
    """0xRRGGBB of each pixel: uint8 (..., 3 or 4) to int32 (...)."""
    wide = pixels.astype(np.int32)
    return np.asarray(wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2])


def different_colors(rgba: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """The distinct colors, uint8 (C, 4), and the index of each pixel's color, (pixels,)."""
    flat = np.ascontiguousarray(rgba.reshape(-1, 4))
    codes, place = np.unique(flat.view(np.uint32)[:, 0], return_inverse=True)
    return np.ascontiguousarray(codes).view(np.uint8).reshape(-1, 4), place.reshape(-1)
