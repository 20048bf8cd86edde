"""Lighter and darker colours: along the ramps of a palette, or by an amount.

Lightness, hue and colourfulness are those of Oklab (Ottosson 2020).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sprite_lab.core.cells import Colour
from sprite_lab.core.oklab import oklab, srgb

#: Colours whose lightness differs by less are no step of a ramp.
_LEAST_STEP = 0.01
#: How far in hue, at their colourfulness, two colours of one ramp may lie apart.
_MOST_HUE = 0.12
#: Of hue and colourfulness against lightness, when the nearest of a ramp is looked for: with
#: this most steps within the ramps of our own palette lead to the next colour of the same ramp.
_COLOUR_WEIGHT = 3.0


def next_of_ramp(colour: Colour, palette: Sequence[Colour], *, lighter: bool) -> Colour:
    """The nearest lighter (or darker) colour of a palette that has a similar hue.

    The colour itself where there is none, or where it is empty. Hues are compared by CIE's
    delta H = 2 sqrt(C1 C2) sin(delta h / 2), which counts little for colours that are nearly
    grey. Alpha stays as it is.
    """
    solid = [other for other in palette if other[3]]
    if colour[3] == 0 or not solid:
        return colour
    lab = oklab(np.array([colour[:3], *(other[:3] for other in solid)], np.float64))
    own, others = lab[0], lab[1:]
    step = (others[:, 0] - own[0]) * (1 if lighter else -1)
    own_chroma, chroma = np.hypot(*own[1:]), np.hypot(*others[:, 1:].T)
    # |ab1 - ab2|^2 = (C1 - C2)^2 + (delta H)^2
    apart = ((others[:, 1:] - own[1:]) ** 2).sum(axis=1)
    hue = np.sqrt(np.maximum(0, apart - (chroma - own_chroma) ** 2))
    score = step**2 + _COLOUR_WEIGHT**2 * apart
    score[(step < _LEAST_STEP) | (hue > _MOST_HUE)] = np.inf
    best = int(np.argmin(score))
    return colour if np.isinf(score[best]) else (*solid[best][:3], colour[3])


def brighter(colour: Colour, amount: float) -> Colour:
    """A colour with so much more lightness (less where negative; 1 = from black to white)."""
    if colour[3] == 0:
        return colour
    lab = oklab(np.array([colour[:3]], np.float64))
    lab[:, 0] = np.clip(lab[:, 0] + amount, 0, 1)
    r, g, b = (int(value) for value in srgb(lab)[0])
    return r, g, b, colour[3]
