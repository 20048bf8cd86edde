"""Sorting palettes: by lightness, by hue, in ramps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from sprite_lab.core.pixels.cells import Color
from sprite_lab.core.pixels.oklab import oklab

Order = Literal["lightness", "hue", "ramps"]

#: Colors below this Oklab chroma count as grays; the most vivid colors have 0.3.
GRAY = 0.04

#: Number of hue families that a palette is divided into.
_FAMILIES = 12

#: Limits of one step of a ramp: the rise in lightness, and the turn of the hue in degrees.
_RISE, _TURN = (0.04, 0.28), 60.0
#: Weight of hue and chroma relative to lightness in the choice of a ramp's next step.
_HUE_COUNTS = 5.0


def sorted_colors(colors: Sequence[Color], order: Order) -> tuple[Color, ...]:
    """The same colors, sorted; invisible ones come first.

    ``order``: "lightness" = from dark to light; "hue" = grays, then families of hue from red on,
    each from dark to light; "ramps" = one after the other, see :func:`ramps`.
    """
    if order == "ramps":
        hidden = [color for color in colors if color[3] == 0]
        return (*hidden, *(color for ramp in ramps(colors) for color in ramp))
    keys = _looks(colors)

    def key(index: int) -> tuple[bool, int, float]:
        lightness, chroma, hue = keys[index]
        family = 0
        if order == "hue" and chroma >= GRAY:
            family = 1 + int(hue / 360 * _FAMILIES) % _FAMILIES
        return colors[index][3] > 0, family, lightness

    return tuple(colors[index] for index in sorted(range(len(colors)), key=key))


def ramps(colors: Sequence[Color]) -> tuple[tuple[Color, ...], ...]:
    """The shades of each material, dark to light: grays first, then by hue.

    A ramp begins with the darkest remaining color and continues with the nearest lighter one (in
    Oklab, where hue and chroma weigh more) whose hue turns by at most 60 degrees, as long as there
    is one. Invisible colors are in no ramp.
    """
    colors = [color for color in colors if color[3] > 0]
    looks = _looks(colors)
    lab = oklab(np.array(colors, np.uint8).reshape(-1, 4)[:, :3])
    lab[:, 1:] *= math.sqrt(_HUE_COUNTS)
    left = sorted(range(len(colors)), key=lambda i: looks[i][0])
    found: list[list[int]] = []
    while left:
        ramp = [left.pop(0)]
        while True:
            last = ramp[-1]
            lighter = [i for i in left if _follows(looks[last], looks[i])]
            if not lighter:
                break
            nearest = min(lighter, key=lambda i: float(((lab[i] - lab[last]) ** 2).sum()))
            left.remove(nearest)
            ramp.append(nearest)
        found.append(ramp)

    def place(ramp: list[int]) -> tuple[float, float]:
        # The most vivid color decides the hue of a ramp.
        lightness, chroma, hue = max((looks[i] for i in ramp), key=lambda look: look[1])
        return (hue if chroma >= GRAY else -1.0), lightness

    return tuple(tuple(colors[i] for i in ramp) for ramp in sorted(found, key=place))


def _looks(colors: Sequence[Color]) -> list[tuple[float, float, float]]:
    """(lightness 0..1, chroma, hue in degrees) of each; red has about 29 degrees in Oklab."""
    lab = oklab(np.array(colors, np.uint8).reshape(-1, 4)[:, :3])
    # Offset, so that crimson is sorted with the reds and not after the purples.
    return [
        (float(light), math.hypot(a, b), (math.degrees(math.atan2(b, a)) + 15) % 360)
        for light, a, b in lab
    ]


def _follows(dark: tuple[float, float, float], light: tuple[float, float, float]) -> bool:
    """Whether a color can be the next step of a ramp."""
    if not _RISE[0] <= light[0] - dark[0] <= _RISE[1]:
        return False
    grays = (dark[1] < GRAY, light[1] < GRAY)
    if any(grays):
        return all(grays)
    turn = abs(dark[2] - light[2])
    return min(turn, 360 - turn) <= _TURN
