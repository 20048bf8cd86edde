"""Blending one layer of pixels over another, with the usual blend modes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

_Mix = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


def _divided(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """a / b clipped to 0..1; 0 where a is 0, and 1 where b alone is 0."""
    return np.where(a <= 0, 0.0, np.minimum(1.0, a / np.where(b > 0, b, 1e-9)))


def _hard_light(under: NDArray[np.float64], over: NDArray[np.float64]) -> NDArray[np.float64]:
    lit = 2 * over - 1
    return np.where(over <= 0.5, under * 2 * over, under + lit - under * lit)


def _soft_light(under: NDArray[np.float64], over: NDArray[np.float64]) -> NDArray[np.float64]:
    curve = np.where(under <= 0.25, ((16 * under - 12) * under + 4) * under, np.sqrt(under))
    dark = under - (1 - 2 * over) * under * (1 - under)
    return np.where(over <= 0.5, dark, under + (2 * over - 1) * (curve - under))


#: Blend functions of two colors, both within 0..1 (W3C, Compositing and Blending).
MIXES: dict[str, _Mix] = {
    "multiply": lambda under, over: under * over,
    "screen": lambda under, over: under + over - under * over,
    "overlay": lambda under, over: _hard_light(over, under),
    "darken": np.minimum,
    "lighten": np.maximum,
    "color dodge": lambda under, over: _divided(under, 1 - over),
    "color burn": lambda under, over: 1 - _divided(1 - under, over),
    "hard light": _hard_light,
    "soft light": _soft_light,
    "difference": lambda under, over: np.abs(under - over),
    "exclusion": lambda under, over: under + over - 2 * under * over,
    "addition": lambda under, over: np.minimum(1.0, under + over),
    "subtract": lambda under, over: np.maximum(0.0, under - over),
    "divide": _divided,
}


def laid_over(
    under: NDArray[np.uint8], over: NDArray[np.uint8], opacity: int = 255, mode: str = "normal"
) -> NDArray[np.uint8]:
    """``over`` on top of ``under``, both uint8 (..., 4) with straight alpha.

    Mode "normal" is computed in integers and rounded as in Aseprite, so that pictures look the same
    there: alpha' = s + u - s u, color' = u + (s - u) s / alpha'. Other modes are those of
    ``MIXES``.

    ``opacity``: 0..255, of ``over`` as a whole.
    """
    base, top = under.astype(np.int32), over.astype(np.int32)
    if mode != "normal":
        # Blend only where there are pixels below.
        share = base[..., 3:] / 255
        mixed = MIXES[mode](base[..., :3] / 255, top[..., :3] / 255)
        top[..., :3] = np.rint((1 - share) * top[..., :3] + share * 255 * mixed)
    alpha_under, alpha_over = base[..., 3], scaled(top[..., 3], opacity)
    alpha = alpha_over + alpha_under - scaled(alpha_under, alpha_over)
    step = (top[..., :3] - base[..., :3]) * alpha_over[..., None]
    color = base[..., :3] + np.sign(step) * (np.abs(step) // np.maximum(alpha, 1)[..., None])
    # Over empty pixels, colors are copied, not rounded.
    color = np.where(alpha_under[..., None] == 0, top[..., :3], color)
    result = np.concatenate([color, alpha[..., None]], axis=-1).astype(np.uint8)
    return np.where(alpha_over[..., None] == 0, under, result)


def scaled(a: NDArray[np.int32] | int, b: NDArray[np.int32] | int) -> NDArray[np.int32]:
    """a b / 255, rounded, for integers within 0..255."""
    product = np.asarray(a, np.int32) * np.asarray(b, np.int32) + 128
    return ((product >> 8) + product) >> 8
