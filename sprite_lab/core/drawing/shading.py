"""Lighter and darker colours: along the ramps of a palette, or by an amount.

Lightness, hue and colourfulness are those of Oklab (Ottosson 2020).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.cells import Colour
from sprite_lab.core.oklab import oklab, srgb
from sprite_lab.core.palette_order import ramps

#: Colours whose lightness differs by less are no step of a ramp.
_LEAST_STEP = 0.01


def next_of_ramp(colour: Colour, palette: tuple[Colour, ...], *, lighter: bool) -> Colour:
    """The next lighter (or darker) colour of the palette's ramp that a colour belongs to.

    A colour that is not in the palette belongs to the ramp of the nearest one that is. The
    colour itself where its ramp has none, or where it is empty. Alpha stays as it is.
    """
    if colour[3] == 0:
        return colour
    found = _ramps(palette)
    if not found:
        return colour
    own = oklab(np.array([colour[:3]], np.uint8))[0]
    colours, lab = min(found, key=lambda ramp: float(((ramp[1] - own) ** 2).sum(axis=1).min()))
    # From dark to light, so the next one is the first that is lighter, or the last darker.
    step = lab[:, 0] - own[0]
    places = np.flatnonzero(step > _LEAST_STEP if lighter else step < -_LEAST_STEP)
    if len(places) == 0:
        return colour
    return (*colours[places[0 if lighter else -1]][:3], colour[3])


@lru_cache(maxsize=8)
def _ramps(
    palette: tuple[Colour, ...],
) -> tuple[tuple[tuple[Colour, ...], NDArray[np.float64]], ...]:
    """Each ramp of a palette with its colours in Oklab; a stroke asks again and again."""
    return tuple(
        (ramp, oklab(np.array([colour[:3] for colour in ramp], np.uint8)))
        for ramp in ramps(palette)
    )


def brighter(colour: Colour, amount: float) -> Colour:
    """A colour with so much more lightness (less where negative; 1 = from black to white)."""
    if colour[3] == 0:
        return colour
    lab = oklab(np.array([colour[:3]], np.uint8))
    lab[:, 0] = np.clip(lab[:, 0] + amount, 0, 1)
    r, g, b = (int(value) for value in srgb(lab)[0])
    return r, g, b, colour[3]
