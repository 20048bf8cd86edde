"""Colours to draw with: our default palette, and the colours that a set of sprites uses."""

from __future__ import annotations

import colorsys

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.cells import Colour

#: What the eraser paints, and what lies under every empty pixel.
TRANSPARENT: Colour = (0, 0, 0, 0)

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
    """The colours that represent a set of sprites, by median cut over its opaque pixels.

    Each is a colour that occurs (the most frequent one in its box, to 5 bits a channel and
    averaged below that), and they are ordered greys first, then by hue and lightness.

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
    weights = weight[used].astype(np.float64)

    boxes = [np.arange(len(used))]
    while len(boxes) < count:
        spread = [_spread(means[box], weights[box]) for box in boxes]
        widest = int(np.argmax([s[0] for s in spread]))
        if spread[widest][0] <= 0:
            break
        box = boxes.pop(widest)
        order = box[np.argsort(means[box, spread[widest][1]], kind="stable")]
        share = np.cumsum(weights[order])
        cut = int(np.searchsorted(share, share[-1] / 2)) + 1
        cut = min(max(cut, 1), len(order) - 1)
        boxes += [order[:cut], order[cut:]]
    chosen = {_opaque(means[box[int(np.argmax(weights[box]))]]) for box in boxes}
    return tuple(sorted(chosen, key=_by_hue))


def _spread(means: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[float, int]:
    """How much splitting a box is worth, and along which channel.

    The root keeps a large plain area from taking every colour for its own shades.
    """
    extent = means.max(axis=0) - means.min(axis=0)
    channel = int(np.argmax(extent))
    return float(extent[channel] * np.sqrt(weights.sum())), channel


def _opaque(mean: NDArray[np.float64]) -> Colour:
    r, g, b = (int(v) for v in np.rint(mean))
    return r, g, b, 255


def _by_hue(colour: Colour) -> tuple[int, float]:
    hue, lightness, saturation = colorsys.rgb_to_hls(*(v / 255 for v in colour[:3]))
    grey = saturation < 0.12 or lightness < 0.06 or lightness > 0.96
    # Twelve families of hue, each from dark to light.
    return (0 if grey else 1 + int(hue * 12 + 0.5) % 12), lightness
