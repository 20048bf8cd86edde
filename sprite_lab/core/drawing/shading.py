"""Lighter and darker colours: along the ramps of a palette, or by an amount.

Lightness, hue and chroma are those of Oklab (Ottosson 2020).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.pixels.cells import Colour
from sprite_lab.core.pixels.oklab import oklab, srgb
from sprite_lab.core.pixels.palette_order import ramps

#: Least difference in lightness that counts as a step of a ramp.
_LEAST_STEP = 0.01


def next_of_ramp(colour: Colour, palette: tuple[Colour, ...], *, lighter: bool) -> Colour:
    """The next lighter (or darker) colour on a colour's ramp in the palette.

    A colour that is not in the palette belongs to the ramp of the nearest one that is. Returns the
    colour itself if its ramp goes no further, or if it is empty. Alpha is unchanged.
    """
    if colour[3] == 0:
        return colour
    found = _ramps(palette)
    if not found:
        return colour
    own = oklab(np.array([colour[:3]], np.uint8))[0]
    colours, lab = min(found, key=lambda ramp: float(((ramp[1] - own) ** 2).sum(axis=1).min()))
    # Ramps go from dark to light: take the first lighter colour, or the last darker one.
    step = lab[:, 0] - own[0]
    places = np.flatnonzero(step > _LEAST_STEP if lighter else step < -_LEAST_STEP)
    if len(places) == 0:
        return colour
    return (*colours[places[0 if lighter else -1]][:3], colour[3])


@lru_cache(maxsize=8)
def _ramps(
    palette: tuple[Colour, ...],
) -> tuple[tuple[tuple[Colour, ...], NDArray[np.float64]], ...]:
    """Each ramp of a palette with its colours in Oklab; cached, since a stroke asks repeatedly."""
    return tuple(
        (ramp, oklab(np.array([colour[:3] for colour in ramp], np.uint8)))
        for ramp in ramps(palette)
    )


def brighter(colour: Colour, amount: float) -> Colour:
    """A colour with its lightness raised by ``amount`` (1 = from black to white; may be < 0)."""
    if colour[3] == 0:
        return colour
    lab = oklab(np.array([colour[:3]], np.uint8))
    lab[:, 0] = np.clip(lab[:, 0] + amount, 0, 1)
    r, g, b = (int(value) for value in srgb(lab)[0])
    return r, g, b, colour[3]
