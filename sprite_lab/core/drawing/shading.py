"""Lighter and darker colors: along the ramps of a palette, or by an amount.

Lightness, hue and chroma are those of Oklab (Ottosson 2020).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.pixels.cells import Color
from sprite_lab.core.pixels.oklab import oklab, srgb
from sprite_lab.core.pixels.palette_order import ramps
from sprite_lab.words import tr

#: Minimum difference in lightness that counts as a step of a ramp.
_LEAST_STEP = 0.01


def next_of_ramp(color: Color, palette: tuple[Color, ...], *, lighter: bool) -> Color:
    """The next lighter (or darker) color on a color's ramp in the palette.

    A color that is not in the palette belongs to the ramp of the nearest one that is. Returns the
    color itself if its ramp goes no further, or if it is empty. Alpha is unchanged.
    """
    if color[3] == 0:
        return color
    found = _ramps(palette)
    if not found:
        return color
    own = oklab(np.array([color[:3]], np.uint8))[0]
    colors, lab = min(found, key=lambda ramp: float(((ramp[1] - own) ** 2).sum(axis=1).min()))
    # Ramps go from dark to light: take the first lighter color, or the last darker one.
    step = lab[:, 0] - own[0]
    places = np.flatnonzero(step > _LEAST_STEP if lighter else step < -_LEAST_STEP)
    if len(places) == 0:
        return color
    return (*colors[places[0 if lighter else -1]][:3], color[3])


def next_in_order(color: Color, palette: tuple[Color, ...], *, lighter: bool) -> Color:
    """The color next to a color in the palette's order that is lighter (or darker).

    This follows ramps that somebody laid out, in either direction, and stops where the next one
    begins. A color that is not in the palette takes the place of the nearest one that is. Returns
    the color itself if there is no such neighbor. Alpha is unchanged.
    """
    seen = [other for other in palette if other[3]]
    if not seen or color[3] == 0:
        return color
    lab = oklab(np.array([color[:3], *(other[:3] for other in seen)], np.uint8))
    at = int(((lab[1:] - lab[0]) ** 2).sum(axis=1).argmin())
    sign = 1 if lighter else -1
    beside = [i for i in (at + sign, at - sign) if 0 <= i < len(seen)]
    for i in beside:
        if sign * (lab[1 + i, 0] - lab[0, 0]) > _LEAST_STEP:
            return (*seen[i][:3], color[3])
    return color


def why_no_step(
    color: Color,
    palette: tuple[Color, ...],
    *,
    lighter: bool,
    along_palette: bool,
    in_order: bool = False,
) -> str:
    """Why shading leaves a visible color unchanged, in a sentence.

    ``along_palette``: whether shading follows the ramps of the palette, not a fixed amount.
    ``in_order``: whether ramps are as laid out in the palette; see :func:`next_in_order`.
    """
    if color == brighter(color, 1.0 if lighter else -1.0):
        return tr("White cannot become lighter.") if lighter else tr("Black cannot become darker.")
    if not along_palette:
        return (
            tr("The palette has no lighter color near this one: add one, or allow any color.")
            if lighter
            else tr("The palette has no darker color near this one: add one, or allow any color.")
        )
    if not _ramps(palette):
        return tr("The palette has no color to shade with: add some, or open another palette.")
    if in_order:
        return (
            tr("No color beside this one in the palette is lighter: move one there, or add it.")
            if lighter
            else tr("No color beside this one in the palette is darker: move one there, or add it.")
        )
    return (
        tr(
            "The palette has no lighter color of this hue: add one, or switch off Along the "
            "palette."
        )
        if lighter
        else tr(
            "The palette has no darker color of this hue: add one, or switch off Along the palette."
        )
    )


@lru_cache(maxsize=8)
def _ramps(
    palette: tuple[Color, ...],
) -> tuple[tuple[tuple[Color, ...], NDArray[np.float64]], ...]:
    """Each ramp of a palette with its colors in Oklab; cached, since a stroke asks repeatedly."""
    return tuple(
        (ramp, oklab(np.array([color[:3] for color in ramp], np.uint8))) for ramp in ramps(palette)
    )


def brighter(color: Color, amount: float) -> Color:
    """A color with its lightness raised by ``amount`` (1 = from black to white; may be < 0)."""
    if color[3] == 0:
        return color
    lab = oklab(np.array([color[:3]], np.uint8))
    lab[:, 0] = np.clip(lab[:, 0] + amount, 0, 1)
    r, g, b = (int(value) for value in srgb(lab)[0])
    return r, g, b, color[3]
