"""Measures how plain drawings are: with hair, face and clothes in one color, they are blobs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.pixels.oklab import CHROMA, oklab

#: With fewer pixels inside the outline of a drawing, all of its pixels count.
_FEW = 4


def color_spread(rgba: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How far the colors inside each outline are from their mean: RMS in Oklab, float64 (N,).

    ``rgba``: uint8 (N, H, W, 4).
    """
    drawn = rgba[..., 3] > 0
    edge = np.pad(drawn, ((0, 0), (1, 1), (1, 1)))
    inside = drawn & edge[:, :-2, 1:-1] & edge[:, 2:, 1:-1] & edge[:, 1:-1, :-2] & edge[:, 1:-1, 2:]
    thin = inside.sum(axis=(1, 2)) < _FEW
    inside[thin] = drawn[thin]
    lab = oklab(rgba[..., :3].reshape(-1, 3)).reshape(rgba[..., :3].shape) * [1, CHROMA, CHROMA]
    weight = inside[..., None] / np.maximum(1, inside.sum(axis=(1, 2)))[:, None, None, None]
    mean = (weight * lab).sum(axis=(1, 2), keepdims=True)
    return np.sqrt((weight * (lab - mean) ** 2).sum(axis=(1, 2, 3)))


def plainness(rgba: NDArray[np.uint8], own: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How much plainer drawings, uint8 (N, H, W, 4), are than the ones in ``own``, (M, H, W, 4).

    float64 (N,): 0 = colors spread at least as widely as in half of ``own``; 1 = less than in any.
    """
    spread, known = color_spread(rgba)[:, None], color_spread(own)
    below = (known < spread).mean(axis=1) + (known == spread).mean(axis=1) / 2
    return np.clip(1 - 2 * below, 0, 1)
