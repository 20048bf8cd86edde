"""Variants of a sprite in other colors that keep its light and dark."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.pixels.cells import Color
from sprite_lab.core.pixels.color_codes import different_colors
from sprite_lab.core.pixels.oklab import oklab, srgb

#: Colors with less chroma, in Oklab, are grays: they have no hue to rotate.
GRAY = 0.03

#: Weight of hue and chroma relative to lightness when colors are swapped.
_HUE = 0.35

#: Cost of mapping two colors of a sprite to the same one.
_MERGED = 0.04


def turned_hue(rgba: NDArray[np.uint8], turn: float) -> NDArray[np.uint8]:
    """The same sprites with every hue rotated; lightness and chroma are kept as far as sRGB allows.

    ``rgba``: uint8 (..., 4). ``turn``: share of the full circle, 0 to 1.
    """
    colors, place = different_colors(rgba)
    lab = oklab(colors[:, :3])
    angle = 2 * np.pi * turn
    a, b = lab[:, 1].copy(), lab[:, 2].copy()
    vivid = np.hypot(a, b) >= GRAY
    lab[:, 1] = np.where(vivid, a * np.cos(angle) - b * np.sin(angle), a)
    lab[:, 2] = np.where(vivid, a * np.sin(angle) + b * np.cos(angle), b)
    after = colors.copy()
    after[:, :3] = srgb(lab)
    after[colors[:, 3] == 0] = 0
    return after[place].reshape(rgba.shape)


def swapped(rgba: NDArray[np.uint8], palette: Sequence[Color]) -> NDArray[np.uint8]:
    """The same sprite in the colors of a palette: lighter stays lighter, and distinct colors stay
    distinct if the palette has enough.

    Unlike replacement by the nearest colors, this turns shades of red into shades of blue.

    ``rgba``: uint8 (..., 4). ``palette``: transparent colors are ignored; without others, the
    sprite is unchanged.
    """
    opaque = np.array(sorted({c[:3] for c in palette if c[3]}), np.uint8).reshape(-1, 3)
    colors, place = different_colors(rgba)
    drawn = np.flatnonzero(colors[:, 3] > 0)
    if not len(opaque) or not len(drawn):
        return rgba.copy()
    ours, theirs = oklab(colors[drawn, :3]), oklab(opaque)
    order, ramp = np.argsort(ours[:, 0], kind="stable"), np.argsort(theirs[:, 0], kind="stable")
    ours, theirs = ours[order], theirs[ramp]
    away = np.abs(ours[:, None, 0] - theirs[None, :, 0])
    away = away + _HUE * np.linalg.norm(ours[:, None, 1:] - theirs[None, :, 1:], axis=2)
    # The cheapest path through the palette that never returns to a darker color.
    cost = np.empty_like(away)
    came = np.zeros(away.shape, np.intp)
    cost[0] = away[0]
    for i in range(1, len(ours)):
        least = 0
        for j in range(len(theirs)):
            cost[i, j], came[i, j] = cost[i - 1, j] + _MERGED, j
            if j and cost[i - 1, j - 1] < cost[i - 1, least]:
                least = j - 1
            if least < j and cost[i - 1, least] < cost[i, j]:
                cost[i, j], came[i, j] = cost[i - 1, least], least
        cost[i] += away[i]
    chosen = [int(cost[-1].argmin())]
    for i in range(len(ours) - 1, 0, -1):
        chosen.append(int(came[i, chosen[-1]]))
    after = colors.copy()
    after[drawn[order], :3] = opaque[ramp[np.array(chosen[::-1])]]
    return after[place].reshape(rgba.shape)
