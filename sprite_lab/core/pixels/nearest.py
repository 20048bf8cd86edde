"""Pixels in the nearest colors of a palette."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.pixels.color_codes import different_colors
from sprite_lab.core.pixels.oklab import oklab

#: ``cells.Color``, which this layer must not import.
_Color = tuple[int, int, int, int]


def limited(rgba: NDArray[np.uint8], palette: Sequence[_Color]) -> NDArray[np.uint8]:
    """Every pixel replaced by the nearest color of a palette, or cleared.

    Nearest in Oklab and alpha together: a half-transparent pixel takes a half-transparent color if
    the palette has one, else the nearer of opaque and empty. Empty pixels stay empty.

    ``rgba``: uint8 (..., 4).

    Returns uint8 of the same shape.
    """
    colors, place = different_colors(rgba)
    entries = np.array([(0, 0, 0, 0), *palette], np.uint8)
    entries[entries[:, 3] == 0] = 0
    away = ((oklab(colors[:, :3])[:, None] - oklab(entries[:, :3])[None]) ** 2).sum(axis=2)
    # Invisible pixels have no color.
    away[:, entries[:, 3] == 0] = 0
    alpha = (colors[:, None, 3].astype(float) - entries[None, :, 3]) / 255
    nearest = entries[(away + alpha**2).argmin(axis=1)]
    nearest[colors[:, 3] == 0] = 0
    return nearest[place].reshape(rgba.shape)


def nearest_color(color: _Color, palette: Sequence[_Color]) -> _Color:
    """The most similar color of a palette; empty stays empty."""
    r, g, b, a = limited(np.array([color], np.uint8), palette)[0]
    return int(r), int(g), int(b), int(a)
