"""Colours to draw with: our default palette, and the colours that a set of sprites uses."""

from __future__ import annotations

import colorsys

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.cells import Colour

#: What the eraser paints, and what lies under every empty pixel.
TRANSPARENT: Colour = (0, 0, 0, 0)

# Björn Ottosson's Oklab: linear sRGB to cone responses, and their cube roots to L, a, b.
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
_MOST_ROUNDS = 20

# Ramps of a few steps from shade to light, their hue drifting towards violet in the shade and
# towards yellow in the light as hand-made palettes do: outline and greys, skin and wood, reds
# to yellows, greens, waters, magic.
_RAMPS = """
    14121f 2b2838 4d4b5e 7d7f91 b4b9c2 e4e8e6 fbfaf2
    3d2230 6b3a35 9c5f42 c98d5d edc08d
    5e1831 9e2337 d8433e f0803c f7b93e fbe67a
    173a36 23613d 46923f 8fc34a cfe681
    1c2455 29509b 3389d0 58c3e8 a9ecee
    43205c 7b379c bd5fc9 f099c2
"""


def from_hex(text: str) -> Colour:
    """``rrggbb`` or ``rrggbbaa``, with or without #, as a colour."""
    digits = text.removeprefix("#")
    values = bytes.fromhex(digits if len(digits) == 8 else digits + "ff")
    return values[0], values[1], values[2], values[3]


def to_hex(colour: Colour) -> str:
    """``#rrggbb``, with the alpha behind it where the colour is not opaque."""
    text = "#" + bytes(colour).hex()
    return text[:7] if colour[3] == 255 else text


#: 32 colours of our own.
DEFAULT_PALETTE: tuple[Colour, ...] = tuple(from_hex(code) for code in _RAMPS.split())


def common_colours(rgba: NDArray[np.uint8], count: int = 32) -> tuple[Colour, ...]:
    """The colours that represent a set of sprites: few greys and all its hues.

    Colours are grouped by k-means in Oklab, where equal distances look about equally far, and
    frequencies count by their square root only: outlines and shades are most of the pixels
    of any set, and would otherwise be most of its palette. Each result is a colour that
    occurs (to 5 bits a channel and averaged below that). They are ordered greys first, then
    by hue and lightness.

    Parameters
    ----------
    rgba : uint8 (..., 4).
    count : at most this many colours.
    """
    flat = rgba.reshape(-1, 4)
    flat = flat[flat[:, 3] >= 128]
    if len(flat) == 0:
        return ()
    channels = flat[:, :3].astype(np.int64)
    # 32 levels a channel are few enough to count by table, without sorting every pixel.
    code = (channels[:, 0] >> 3) << 10 | (channels[:, 1] >> 3) << 5 | channels[:, 2] >> 3
    weight = np.bincount(code, minlength=1 << 15)
    used = np.flatnonzero(weight)
    means = (
        np.stack(
            [np.bincount(code, channels[:, c], minlength=1 << 15)[used] for c in range(3)], axis=1
        )
        / weight[used][:, None]
    )
    lab = _oklab(means)
    # Vivid colours are rare and are what one looks for.
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    weights = np.sqrt(weight[used]) * (0.6 + chroma / 0.1)
    group = _k_means(lab, weights, count)
    chosen = set()
    for number in np.unique(group):
        members = np.flatnonzero(group == number)
        middle = np.average(lab[members], axis=0, weights=weights[members])
        nearest = members[int(np.argmin(((lab[members] - middle) ** 2).sum(axis=1)))]
        chosen.add(_opaque(means[nearest]))
    return tuple(sorted(chosen, key=_by_hue))


def _oklab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB (N, 3) in 0..255 to Oklab (N, 3): lightness 0..1, green to red, blue to yellow."""
    value = rgb / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T


def _k_means(
    points: NDArray[np.float64], weights: NDArray[np.float64], count: int
) -> NDArray[np.intp]:
    """The group (N,) of each weighted point, of at most ``count``; the same each time."""
    # Begun from points that are far from those before them, so that no hue is left out.
    centres = points[[int(np.argmax(weights))]]
    distance = ((points - centres[0]) ** 2).sum(axis=1)
    while len(centres) < count and (distance > 0).any():
        new = points[int(np.argmax(distance * weights))]
        centres = np.vstack([centres, new])
        distance = np.minimum(distance, ((points - new) ** 2).sum(axis=1))
    group = np.zeros(len(points), np.intp)
    for _ in range(_MOST_ROUNDS):
        before = group
        away = ((points[:, None] - centres[None]) ** 2).sum(axis=2)
        group = away.argmin(axis=1)
        if np.array_equal(group, before):
            break
        for number in np.unique(group):
            members = group == number
            centres[number] = np.average(points[members], axis=0, weights=weights[members])
    return group


def _opaque(mean: NDArray[np.float64]) -> Colour:
    r, g, b = (int(v) for v in np.rint(mean))
    return r, g, b, 255


def _by_hue(colour: Colour) -> tuple[int, float]:
    hue, lightness, saturation = colorsys.rgb_to_hls(*(v / 255 for v in colour[:3]))
    grey = saturation < 0.12 or lightness < 0.06 or lightness > 0.96
    # Twelve families of hue, each from dark to light.
    return (0 if grey else 1 + int(hue * 12 + 0.5) % 12), lightness
