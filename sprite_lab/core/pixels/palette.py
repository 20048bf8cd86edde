"""Palettes: the default one, and those made from pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.pixels.cells import Color
from sprite_lab.core.pixels.color_codes import color_codes
from sprite_lab.core.pixels.oklab import oklab
from sprite_lab.core.pixels.palette_order import sorted_colors

#: The color of the eraser and of every empty pixel.
TRANSPARENT: Color = (0, 0, 0, 0)

#: Maximum number of colors in a palette.
MOST_COLORS = 256

_MOST_ROUNDS = 20

#: Colors nearer than this in Oklab look the same.
_ALIKE = 0.02

# Ramps of a few steps from shade to light, with hues that drift toward violet in the shade and
# yellow in the light, as in hand-made palettes: outline and grays, skin and wood, reds to yellows,
# greens, waters, magic.
_RAMPS = """
    14121f 2b2838 4d4b5e 7d7f91 b4b9c2 e4e8e6 fbfaf2
    3d2230 6b3a35 9c5f42 c98d5d edc08d
    5e1831 9e2337 d8433e f0803c f7b93e fbe67a
    173a36 23613d 46923f 8fc34a cfe681
    1c2455 29509b 3389d0 58c3e8 a9ecee
    43205c 7b379c bd5fc9 f099c2
"""


def from_hex(text: str) -> Color:
    """``rrggbb`` or ``rrggbbaa``, with or without #, as a color."""
    digits = text.removeprefix("#")
    values = bytes.fromhex(digits if len(digits) == 8 else digits + "ff")
    return values[0], values[1], values[2], values[3]


def to_hex(color: Color) -> str:
    """``#rrggbb``, followed by the alpha if the color is not opaque."""
    text = "#" + bytes(color).hex()
    return text[:7] if color[3] == 255 else text


#: The default palette, with 32 colors.
DEFAULT_PALETTE: tuple[Color, ...] = tuple(from_hex(code) for code in _RAMPS.split())


def palette_bytes(palette: Sequence[Color]) -> bytes | None:
    """The visible colors, as a configuration holds them; None if there are none."""
    return b"".join(bytes(rgb) for rgb in sorted({c[:3] for c in palette if c[3]})) or None


@dataclass(frozen=True)
class NamedPalette:
    """A palette with a name."""

    name: str
    colors: tuple[Color, ...]


# -- the colors of pictures ---------------------------------------------------------------


def all_colors(rgba: NDArray[np.uint8], most: int = MOST_COLORS) -> tuple[Color, ...] | None:
    """Every color of uint8 (..., 4) that is not fully transparent, in order of first appearance.

    None = there are more than ``most``.
    """
    flat = rgba.reshape(-1, 4)
    flat = np.ascontiguousarray(flat[flat[:, 3] > 0])
    codes, first = np.unique(flat.view(np.uint32)[:, 0], return_index=True)
    if len(codes) > most:
        return None
    return tuple(_color(flat[place]) for place in np.sort(first))


def common_colors(rgba: NDArray[np.uint8], count: int = 32) -> tuple[Color, ...]:
    """A palette that represents a set of sprites: few grays and all its hues.

    If there are at most ``count`` colors, it has all of them; if at most that many look different,
    the most common of those that look alike. Otherwise colors are grouped by k-means in Oklab,
    where equal distances look about equally large, weighted by the square root of their frequency:
    outlines and shades are most pixels of any set, and would otherwise fill its palette. Every
    color of the palette occurs in the sprites. Grays come first, then hues, each by lightness.

    ``rgba``: uint8 (..., 4). Pixels with alpha below 128 do not count. ``count``: at most this many
    colors.
    """
    flat = rgba.reshape(-1, 4)
    flat = flat[flat[:, 3] >= 128]
    exact, frequency = np.unique(color_codes(flat), return_counts=True)
    rgb = np.stack([exact >> 16, exact >> 8 & 255, exact & 255], axis=1)
    if len(exact) <= count:
        return sorted_colors([_opaque(values) for values in rgb], "hue")
    different = _different(rgb, frequency, count)
    if different is not None:
        return sorted_colors([_opaque(values) for values in different], "hue")
    # 32 levels per channel are few enough to compare every pair.
    cell = (rgb[:, 0] >> 3) << 10 | (rgb[:, 1] >> 3) << 5 | rgb[:, 2] >> 3
    _, place = np.unique(cell, return_inverse=True)
    total = np.bincount(place, frequency)
    means = np.stack([np.bincount(place, rgb[:, c] * frequency) / total for c in range(3)], axis=1)
    lab = oklab(means)
    # Vivid colors are rare, but wanted most.
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    weights = np.sqrt(total) * (0.6 + chroma / 0.1)
    group = _k_means(lab, weights, count)
    chosen = set()
    for number in np.unique(group):
        members = np.flatnonzero(group == number)
        middle = np.average(lab[members], axis=0, weights=weights[members])
        nearest = members[int(np.argmin(((lab[members] - middle) ** 2).sum(axis=1)))]
        # Of nearly equal colors, the most common one.
        alike = np.flatnonzero(place == nearest)
        chosen.add(_opaque(rgb[alike[int(np.argmax(frequency[alike]))]]))
    return sorted_colors(sorted(chosen), "hue")


def _different(
    rgb: NDArray[np.int64], frequency: NDArray[np.int64], most: int
) -> NDArray[np.int64] | None:
    """The colors of (N, 3) that look different, most common first; None = more than ``most``."""
    rgb = rgb[np.argsort(-frequency, kind="stable")]
    lab = oklab(rgb.astype(np.uint8))
    found: list[NDArray[np.int64]] = []
    while len(rgb):
        if len(found) == most:
            return None
        found.append(rgb[0])
        apart = ((lab - lab[0]) ** 2).sum(axis=1) >= _ALIKE**2
        rgb, lab = rgb[apart], lab[apart]
    return np.array(found)


def _k_means(
    points: NDArray[np.float64], weights: NDArray[np.float64], count: int
) -> NDArray[np.intp]:
    """The group (N,) of each weighted point, with at most ``count`` groups; deterministic."""
    # Start each group from a point far from the earlier ones, so that no hue is left out.
    centers = points[[int(np.argmax(weights))]]
    distance = ((points - centers[0]) ** 2).sum(axis=1)
    while len(centers) < count and (distance > 0).any():
        new = points[int(np.argmax(distance * weights))]
        centers = np.vstack([centers, new])
        distance = np.minimum(distance, ((points - new) ** 2).sum(axis=1))
    group = np.zeros(len(points), np.intp)
    for _ in range(_MOST_ROUNDS):
        before = group
        away = ((points[:, None] - centers[None]) ** 2).sum(axis=2)
        group = away.argmin(axis=1)
        if np.array_equal(group, before):
            break
        for number in np.unique(group):
            members = group == number
            centers[number] = np.average(points[members], axis=0, weights=weights[members])
    return group


def _opaque(rgb: Sequence[int] | NDArray[np.int64]) -> Color:
    return int(rgb[0]), int(rgb[1]), int(rgb[2]), 255


def _color(rgba: NDArray[np.uint8]) -> Color:
    return int(rgba[0]), int(rgba[1]), int(rgba[2]), int(rgba[3])
