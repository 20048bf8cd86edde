"""The colors of a made-up character, its shading and its outline."""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from made_characters.canvas import SIDE, Codes, M, Rgba

if TYPE_CHECKING:
    from made_characters.look import Look

#: Where light comes from; it does not turn with the character.
SHADINGS = ("flat", "flat", "left", "left", "right", "top", "columns", "columns", "dither")

#: Around the edges, around the corners too, or in a darker tone of the color inside.
OUTLINES = ("none", "edges", "edges", "edges", "corners", "own")

#: Usual ranges of hue, saturation and value of some materials.
_USUAL = {
    M.SKIN: ((0.03, 0.11), (0.25, 0.6), (0.5, 1.0)),
    M.INK: ((0.0, 1.0), (0.0, 0.9), (0.0, 0.25)),
    M.EYE: ((0.0, 1.0), (0.0, 0.9), (0.0, 0.25)),
    M.WHITE: ((0.0, 1.0), (0.0, 0.1), (0.95, 1.0)),
    M.GLOSS: ((0.0, 1.0), (0.0, 0.2), (0.9, 1.0)),
    M.METAL: ((0.0, 1.0), (0.0, 0.2), (0.4, 0.9)),
}
_ANY = ((0.0, 1.0), (0.05, 0.9), (0.2, 1.0))

#: Materials that may have the color of another one, and how often.
_SHARED = (
    (M.EYE, M.INK, 0.6), (M.SLEEVE, M.CLOTH, 0.65), (M.LEGS, M.CLOTH, 0.25),
    (M.FAR_LEG, M.LEGS, 0.6), (M.BOOTS, M.INK, 0.15), (M.BOOTS, M.LEGS, 0.3),
    (M.CAPE, M.COVER, 0.3), (M.COVER, M.CLOTH, 0.25), (M.BEARD, M.HAIR, 0.6),
    (M.BEARD, M.WHITE, 0.3), (M.TRIM, M.BELT, 0.4), (M.MOUTH, M.INK, 0.5), (M.WOOD, M.BOOTS, 0.3),
    (M.BELT, M.HAIR, 0.15), (M.HAIR, M.CLOTH, 0.05), (M.SKIN, M.CLOTH, 0.04),
)  # fmt: skip

#: Parts of the head, for a line below it.
_HEAD = (M.SKIN, M.HAIR, M.COVER, M.TRIM, M.BEARD)

_SIDES = ((-1, 0), (0, -1), (0, 1), (1, 0))
_CORNERS = ((-1, -1), (-1, 1), (1, -1), (1, 1))


def some_colors(
    chance: Callable[[float], bool], share: Callable[[float, float], float]
) -> NDArray[np.uint8]:
    """Three tones of each material, uint8 (materials, 3, 3): light, base and dark."""
    found = np.zeros((len(M), 3, 3))
    contrast, bright = share(0.08, 0.3), share(0.6, 1.0)
    for material in list(M)[1:]:
        usual = _USUAL.get(material, _ANY) if chance(0.8) else _ANY
        hue, full, value = (share(*limits) for limits in usual)
        for k, lighter in enumerate((contrast, 0.0, -contrast)):
            turned = (hue + (k - 1) * share(-0.04, 0.04)) % 1.0
            tone = min(max(bright * value + lighter, 0.0), 1.0)
            found[material, k] = colorsys.hsv_to_rgb(turned, full, tone)
    for mine, other, how_often in _SHARED:
        if chance(how_often):
            found[mine] = found[other]
    if chance(0.3):  # the far leg is in the shade
        found[M.FAR_LEG] = found[M.LEGS, 2]
    if chance(0.3):
        found[M.MOUTH] = found[M.BLUSH] = found[M.SKIN, 2]
    return (255 * found).round().astype(np.uint8)


def colored(codes: Codes, look: Look) -> Rgba:
    """A picture of materials in the colors of a character, with its outline."""
    if look.lines:
        below = np.isin(_at(codes, -1, 0), _HEAD) & ~np.isin(codes, (0, *_HEAD, M.INK))
        codes = np.where(below, M.INK, codes)
    rgba = np.zeros((SIDE, SIDE, 4), np.uint8)
    there = codes > 0
    rgba[there, :3] = look.colors[codes, _tones(codes, look)][there]
    ways = _SIDES + (_CORNERS if look.outline == "corners" else ())
    around = np.stack([_at(codes, *way) for way in ways]).max(axis=0)
    rim = ~there & (around > 0) & (look.outline != "none")
    own = (0.55 * look.colors[around, 2]).astype(np.uint8)
    rgba[rim, :3] = own[rim] if look.outline == "own" else look.colors[M.INK, 1]
    rgba[there | rim, 3] = 255
    return rgba


def _at(codes: Codes, dy: int, dx: int) -> Codes:
    """The neighbors of the pixels; beyond the picture is blank."""
    padded = np.pad(codes, 1)
    return padded[1 + dy : 1 + dy + SIDE, 1 + dx : 1 + dx + SIDE]


def _tones(codes: Codes, look: Look) -> Codes:
    """0 = light, 1 = base, 2 = dark."""
    tone = np.ones_like(codes)

    def edge(dy: int, dx: int) -> NDArray[np.bool_]:
        other = _at(codes, dy, dx)
        return (other != codes) & (other < M.INK)

    lit = {"left": (0, -1), "right": (0, 1), "top": (-1, 0)}.get(look.shading)
    row, column = np.mgrid[:SIDE, :SIDE]
    if lit is not None:
        light, dark = edge(*lit), edge(-lit[0], -lit[1])
        tone[light & ~dark], tone[dark & ~light] = 0, 2
    elif look.shading == "columns":
        away = 2 * column - look.center
        tone[away < -3], tone[away > 4] = 0, 2
    elif look.shading == "dither":
        tone[(2 * column > look.center) & ((row + column) % 2 == 0)] = 2
    return np.where((codes > 0) & (codes < M.INK), tone, 1)
