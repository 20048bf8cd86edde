"""Rotation by any angle that makes no new colors and keeps lines whole.

As RotSprite does it: enlarged eight times by Scale2x (Mazzoleni 2001), which draws slopes as steps
of finer pixels, then rotated, of which each pixel is looked up in its middle.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]

#: How many times the picture is doubled.
_DOUBLINGS = 3


def rotated(codes: Codes, degrees: float, middle: tuple[float, float]) -> Codes:
    """A picture rotated clockwise, of the same size.

    Parameters
    ----------
    codes : uint32 (H, W), a number for each color.
    middle : x and y of what stays in its place, in pixels from the upper left corner.

    Returns
    -------
    uint32 (H, W), 0 where there was nothing; what lies outside is lost.
    """
    height, width = codes.shape
    # Padded, or Scale2x would continue lines beyond the border.
    large = np.pad(codes, 1)
    for _ in range(_DOUBLINGS):
        large = scale2x(large)
    turn, times = np.deg2rad(degrees), 2**_DOUBLINGS
    y, x = np.indices((height, width)) + 0.5
    dx, dy = x - middle[0], y - middle[1]
    # The pixel's source; rounded, so that rounding errors do not decide where halves fall.
    from_x = np.round(np.cos(turn) * dx + np.sin(turn) * dy, 9) + middle[0] + 1
    from_y = np.round(np.cos(turn) * dy - np.sin(turn) * dx, 9) + middle[1] + 1
    column = np.clip(np.floor(from_x * times).astype(int), 0, large.shape[1] - 1)
    row = np.clip(np.floor(from_y * times).astype(int), 0, large.shape[0] - 1)
    return np.asarray(large[row, column])


def scale2x(codes: Codes) -> Codes:
    """A picture, uint32 (H, W), at twice the size, with slopes in steps of half the height."""
    padded = np.pad(codes, 1, "edge")
    up, down = padded[:-2, 1:-1], padded[2:, 1:-1]
    left, right = padded[1:-1, :-2], padded[1:-1, 2:]
    free = (up != down) & (left != right)
    large = np.empty((2 * codes.shape[0], 2 * codes.shape[1]), codes.dtype)
    for y, beside in enumerate((up, down)):
        for x, across in enumerate((left, right)):
            large[y::2, x::2] = np.where(free & (across == beside), across, codes)
    return large
