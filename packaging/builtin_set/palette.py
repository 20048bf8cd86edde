"""Color ramps: shadows go cooler and richer, highlights warmer and paler."""

from __future__ import annotations

import colorsys
from functools import cache

import numpy as np
from numpy.typing import NDArray

from builtin_set.dice import Dice

#: Tones of a ramp, the last axis but one of every palette.
DARK, BASE, LIGHT, DEEP = 1, 2, 3, 4
TONES = 5

#: Hue in degrees, saturation and value of each base color.
COLORS: dict[str, tuple[float, float, float]] = {
    "red": (356, 0.76, 0.82),
    "crimson": (342, 0.76, 0.64),
    "rust": (14, 0.72, 0.64),
    "orange": (24, 0.80, 0.92),
    "amber": (34, 0.80, 0.88),
    "gold": (43, 0.74, 0.92),
    "yellow": (51, 0.68, 0.97),
    "olive": (66, 0.56, 0.52),
    "lime": (86, 0.64, 0.76),
    "green": (128, 0.58, 0.62),
    "forest": (144, 0.54, 0.42),
    "teal": (174, 0.60, 0.60),
    "cyan": (188, 0.50, 0.84),
    "sky": (205, 0.54, 0.88),
    "blue": (221, 0.70, 0.80),
    "navy": (231, 0.58, 0.46),
    "violet": (264, 0.54, 0.72),
    "purple": (284, 0.56, 0.56),
    "magenta": (314, 0.56, 0.74),
    "pink": (344, 0.42, 0.93),
    "plum": (320, 0.46, 0.42),
    "brown": (25, 0.60, 0.52),
    "umber": (20, 0.54, 0.36),
    "wood": (28, 0.58, 0.60),
    "tan": (32, 0.46, 0.76),
    "crust": (30, 0.62, 0.80),
    "cream": (42, 0.20, 0.95),
    "bone": (46, 0.17, 0.88),
    "white": (212, 0.05, 0.93),
    "silver": (212, 0.12, 0.80),
    "steel": (214, 0.18, 0.64),
    "dusk": (225, 0.10, 0.54),
    "slate": (226, 0.24, 0.44),
    "coal": (240, 0.20, 0.29),
    "glass": (196, 0.22, 0.90),
    "skin1": (24, 0.34, 0.98),
    "skin2": (24, 0.42, 0.90),
    "skin3": (23, 0.50, 0.72),
    "skin4": (20, 0.54, 0.56),
    "flesh": (8, 0.58, 0.78),
    "rose": (352, 0.56, 0.86),
}

#: (saturation, value, contrast) of three drawing hands: vivid, earthy, soft.
HANDS = ((1.06, 1.02, 1.0), (0.84, 0.94, 1.12), (0.80, 1.06, 0.82))

#: Near-blacks for outlines.
INKS = (
    (20, 12, 28), (34, 32, 52), (28, 18, 20), (0, 0, 0), (44, 30, 49), (24, 20, 37), (48, 28, 34),
)  # fmt: skip

_VARIANTS = 5


def _toward(hue: float, goal: float, step: float) -> float:
    """`hue` moved at most `step` degrees toward `goal`, the short way round."""
    gap = (goal - hue + 180.0) % 360.0 - 180.0
    return hue + max(-step, min(step, gap))


def _rgb(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    s, v = min(max(saturation, 0.0), 1.0), min(max(value, 0.0), 1.0)
    r, g, b = colorsys.hsv_to_rgb((hue % 360.0) / 360.0, s, v)
    return round(r * 255), round(g * 255), round(b * 255)


@cache
def ramp(color: str, hand: int, variant: int) -> NDArray[np.uint8]:
    """Five tones of a base color, uint8 (5, 3): unused, dark, base, light, deep (outlines)."""
    hue, saturation, value = COLORS[color]
    rich, bright, contrast = HANDS[hand]
    dice = Dice(variant, sum(map(ord, color)))
    if variant:
        hue += dice.between(-7, 7)
        saturation *= 0.9 + 0.04 * dice.below(6)
        value *= 0.92 + 0.03 * dice.below(5)
    saturation, value = saturation * rich, min(value * bright, 0.98)
    dark = _rgb(
        _toward(hue, 255, 14),
        saturation + 0.10 * min(1, 4 * saturation),
        value * (1 - 0.30 * contrast),
    )
    light = _rgb(
        _toward(hue, 52, 11),
        saturation * (1 - 0.36 * contrast),
        value + (1.04 - value) * 0.52 * contrast,
    )
    deep = _rgb(_toward(hue, 258, 30), min(0.72, saturation + 0.16), 0.09 + value * 0.23)
    base = _rgb(hue, saturation, value)
    return np.array([base, dark, base, light, deep], np.uint8)


class Paints:
    """The ramps of one sprite, from one hand."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self.hand = dice.pick((0, 0, 1, 1, 2))
        self.ink = dice.pick(INKS)
        self.outline = dice.pick((0, 0, 1, 1, 2)) if self.hand != 2 else dice.pick((1, 1, 2))

    def ramp(self, *colors: str) -> NDArray[np.uint8]:
        """The ramp of one of these colors, slightly varied."""
        return ramp(self._dice.pick(colors), self.hand, self._dice.below(_VARIANTS))


CLOTH = (
    "red", "crimson", "rust", "orange", "gold", "olive", "green", "forest", "teal", "sky", "blue",
    "navy", "violet", "purple", "magenta", "pink", "brown", "tan", "white", "dusk", "slate", "coal",
)  # fmt: skip
LEATHER = ("brown", "umber", "wood", "rust", "tan")
TROUSERS = (
    "brown", "umber", "wood", "rust", "tan", "slate", "navy", "olive", "blue", "dusk", "cream",
    "teal", "crimson",
)  # fmt: skip
HAIR = ("brown", "umber", "coal", "rust", "gold", "yellow", "orange", "silver", "wood", "plum")
ODD_HAIR = ("blue", "green", "pink", "violet", "teal", "red", "white")
SKIN = ("skin1", "skin1", "skin2", "skin2", "skin3", "skin4")
METAL = ("steel", "silver", "dusk", "steel", "silver", "gold", "slate", "rust", "teal")
WOOD = ("wood", "brown", "umber")
BRIGHT = ("red", "orange", "gold", "lime", "green", "teal", "cyan", "blue", "violet", "magenta")
