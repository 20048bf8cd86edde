"""The words that describe a finished sprite to a model."""

from __future__ import annotations

import colorsys
from collections import Counter

import numpy as np
from numpy.typing import NDArray

#: Parts of a name that say nothing about its look.
_EMPTY = frozenset(("a", "and", "from", "in", "of", "on", "one", "the", "with"))

#: The last hue of each color name, in degrees.
_HUES = (
    (12, "red"),
    (40, "orange"),
    (66, "yellow"),
    (165, "green"),
    (200, "cyan"),
    (250, "blue"),
    (295, "purple"),
    (345, "pink"),
    (360, "red"),
)


def describe(name: str, image: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> str:
    """The words of a name, preceded by the color of more than half of the non-outline pixels, if
    any.

    Parameters
    ----------
    image, alpha : uint8 (H, W, 3) and (H, W).
    """
    words = [word for word in name.replace("-", " ").split() if word not in _EMPTY]
    colors = Counter(map(_color, map(tuple, (image[alpha > 0] / 255).tolist())))
    colors["black"] //= 3  # most of it is outline
    color, pixels = colors.most_common(1)[0]
    return " ".join(dict.fromkeys([color, *words] if 2 * pixels > colors.total() else words))


def _color(rgb: tuple[float, float, float]) -> str:
    """The plain name of a color."""
    hue, saturation, value = colorsys.rgb_to_hsv(*rgb)
    if value < 0.25:
        return "black"
    if saturation < 0.2:
        return "white" if value > 0.8 else "gray"
    name = next(name for last, name in _HUES if 360 * hue <= last)
    if name in ("red", "orange", "yellow") and value < 0.65:
        return "brown" if name == "orange" or saturation < 0.6 else name
    return name
