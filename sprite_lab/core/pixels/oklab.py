"""Björn Ottosson's Oklab: a color space where distances match perceived differences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Weight of hue and chroma relative to lightness for locking palettes and finding plain drawings:
#: otherwise muted cloth takes the color of skin, which is in the middle of most palettes.
CHROMA = 2.0

# Linear sRGB to cone responses, and their cube roots to L, a, b.
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def oklab(rgb: NDArray[np.float64] | NDArray[np.uint8]) -> NDArray[np.float64]:
    """sRGB (N, 3) in 0..255 to Oklab (N, 3): lightness 0..1, green to red, blue to yellow."""
    value = np.asarray(rgb, np.float64) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T


def srgb(lab: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Oklab (N, 3) to sRGB (N, 3) in 0..255; colors out of gamut are clipped."""
    linear = np.clip((lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_CONES).T, 0, 1)
    value = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(255 * value).astype(np.uint8)
