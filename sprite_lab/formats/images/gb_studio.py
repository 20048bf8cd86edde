"""Sprites in the colors that GB Studio accepts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels.tile_sets import TileSet
from sprite_lab.core.sets.sprites import opaque

#: The colors of sprites and of tiles in GB Studio, from dark to light, and its transparent color.
GB_COLORS = ((7, 24, 33), (134, 192, 108), (224, 248, 207))
GB_TILE_COLORS = ((7, 24, 33), (48, 104, 80), (134, 192, 108), (224, 248, 207))
GB_CLEAR = (101, 255, 0)

#: Weights of red, green and blue in the lightness of a color (ITU-R BT.601).
_LIGHT = np.array([0.299, 0.587, 0.114])

#: Cost of giving two neighbors of different colors the same tone, as a difference in lightness of
#: one pixel (found by trial).
_JOINED = 40


def for_gb_studio(rgba: NDArray[np.uint8], tile_set: TileSet | None = None) -> NDArray[np.uint8]:
    """Sprites in the colors that GB Studio accepts, by lightness.

    Neighboring colors stay distinct as far as three or four tones allow, and two grounds that would
    get the same tone get adjacent ones.

    Raises ConfigError if the sprites are not 16x16, the only size that GB Studio accepts.

    ``rgba``: uint8 (N, 16, 16, 4). ``tile_set``: given if the sprites are tiles of a background,
    which has one more color.

    Returns uint8 (N, 16, 16, 4), opaque: three or four colors, and green for clear pixels.
    """
    if rgba.shape[1:3] != (16, 16):
        raise ConfigError(
            "GB Studio needs sprites of 16×16 pixels, but these are {width}×{height}; choose "
            "another kind of file.",
            width=rgba.shape[2],
            height=rgba.shape[1],
        )
    drawn = rgba[..., 3] >= 128
    light = rgba[..., :3] @ _LIGHT
    colors = np.array(GB_COLORS if tile_set is None else GB_TILE_COLORS, np.uint8)
    levels = colors @ _LIGHT
    grounds: NDArray[np.float64] | None = None
    if tile_set is not None and {"0000", "1111"} <= set(tile_set.codes):
        whole = [tile_set.codes.index(code) for code in ("0000", "1111")]
        light = light + _apart(rgba[..., :3], rgba[whole, ..., :3], levels)
        grounds = np.median(light[whole], axis=(1, 2))
    light = light.round().clip(0, 255).astype(np.int64)
    tones = np.searchsorted(_bounds(light, drawn, levels, grounds), light, side="right")
    return opaque(np.where(drawn[..., None], colors[tones], np.array(GB_CLEAR, np.uint8)))


def _bounds(
    light: NDArray[np.int64],
    drawn: NDArray[np.bool_],
    levels: NDArray[np.float64],
    grounds: NDArray[np.float64] | None,
) -> list[int]:
    """The minimum lightness for each tone but the first, the same for all sprites.

    The choice that costs least: the differences between pixels and their tones, plus ``_JOINED``
    for each two neighbors of different lightness that get the same tone.

    Parameters
    ----------
    light : 0 to 255, int64 (N, H, W). drawn : bool (N, H, W).
    levels : the lightness of each tone, rising.
    grounds : the lightness of two grounds, which get different tones if possible; None = none.
    """
    beside = np.zeros((256, 256))
    for one, other in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[:, :, 1:], np.s_[:, :, :-1])):
        both = drawn[one] & drawn[other]
        np.add.at(beside, (light[one][both], light[other][both]), 1)
    if grounds is not None:
        beside[tuple(grounds.round().clip(0, 255).astype(int))] = light.size
    np.fill_diagonal(beside, 0)
    # Cumulative sums, excluding the lightness itself: the sum of a range is a difference of two.
    pairs = np.pad(beside.cumsum(axis=0).cumsum(axis=1), (1, 0))
    joined = pairs.diagonal() + pairs.diagonal()[:, None] - pairs - pairs.T
    counts = np.bincount(light[drawn], minlength=256)
    off = np.abs(np.arange(256) - levels[:, None]) * counts
    off = np.pad(off.cumsum(axis=1), ((0, 0), (1, 0)))
    backwards = np.tri(257, k=-1, dtype=np.bool_)
    # Minimum cost of the tones so far up to each lightness, and where the last of them begins.
    least, begins = np.where(np.arange(257) > 0, np.inf, 0.0), []
    for tone in off:
        cost = np.where(backwards, np.inf, tone - tone[:, None] + _JOINED * joined) + least[:, None]
        begins.append(cost.argmin(axis=0))
        least = cost.min(axis=0)
    bounds = [256]
    for begin in reversed(begins):
        bounds.append(int(begin[bounds[-1]]))
    return bounds[-2:0:-1]


def _apart(
    rgb: NDArray[np.uint8], whole: NDArray[np.uint8], levels: NDArray[np.float64]
) -> NDArray[np.float64] | float:
    """What to add to the lightness of each pixel so that the two grounds get different tones.

    float64 (N, H, W); or 0.0 if they do without it, or are of the same color.

    Parameters
    ----------
    rgb : uint8 (N, H, W, 3).
    whole : the tile of each ground, uint8 (2, H, W, 3).
    levels : the lightness of each tone, rising.
    """
    usual = np.median(whole, axis=(1, 2))
    light = usual @ _LIGHT
    tones = np.abs(light[:, None] - levels).argmin(axis=1)
    if tones[0] != tones[1] or (usual[0] == usual[1]).all():
        return 0.0
    pairs = np.stack([levels[:-1], levels[1:]], axis=1)
    order = light.argsort(kind="stable")
    best = pairs[np.abs(pairs - light[order]).sum(axis=1).argmin()]
    change = np.empty(2)
    change[order] = best - light[order]
    away = np.square(rgb[..., None, :] - usual).sum(axis=-1)
    return np.asarray(change[away.argmin(axis=-1)])
