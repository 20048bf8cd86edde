"""From codes to pixels, for many sprites at once: light from the top left, then outlines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from builtin_set.budget import limit_colors
from builtin_set.canvas import HOLE, INK, SIZE, SPECIAL, Drawing
from builtin_set.palette import BASE, DARK, DEEP, LIGHT


def _shifted(array: NDArray[np.uint8], dy: int, dx: int) -> NDArray[np.uint8]:
    """`array` as seen from a pixel's neighbor at (dy, dx); outside counts as 0."""
    out = np.zeros_like(array)
    rows = slice(max(0, -dy), SIZE - max(0, dy)), slice(max(0, dy), SIZE - max(0, -dy))
    cols = slice(max(0, -dx), SIZE - max(0, dx)), slice(max(0, dx), SIZE - max(0, -dx))
    out[:, rows[0], cols[0]] = array[:, rows[1], cols[1]]
    return out


def shade(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give every pixel without a tone one, depending on where the edges of its material lie.

    Details in slot SPECIAL (eyes, ink) count as part of whatever surrounds them, otherwise
    each eye would cast light and shade on the face.
    """
    slot = codes // 8

    def edge(dy: int, dx: int) -> NDArray[np.bool_]:
        there = _shifted(slot, dy, dx)
        result: NDArray[np.bool_] = (there != slot) & (there != SPECIAL)
        return result

    up, left, down, right = edge(-1, 0), edge(0, -1), edge(1, 0), edge(0, 1)
    lit = up.astype(np.int8) + left
    unlit = down.astype(np.int8) + right
    corner = edge(2, 0) & edge(0, 2)
    tone = np.full_like(codes, BASE)
    tone[(unlit > lit) | (corner & (lit == 0))] = DARK
    near = edge(-2, 0) & edge(0, -2) & ~down & ~right
    tone[((lit == 2) & (unlit == 0)) | (near & (unlit == 0) & (lit > 0))] = LIGHT
    return np.where((codes % 8 == 0) & (codes > 0), codes + tone, codes).astype(np.uint8)


def render(drawings: list[Drawing]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images on white, uint8 (N, 16, 16, 3), and alpha, uint8 (N, 16, 16) of 0 and 255."""
    codes = np.stack([d.codes for d in drawings])
    codes[codes == HOLE] = 0
    codes = shade(codes)
    mode = np.array([d.paints.outline for d in drawings])[:, None, None]
    outlined = np.array([d.outlined for d in drawings])[:, None, None]

    outline = np.zeros_like(codes)
    lit_side = np.zeros(codes.shape, bool)
    for dy, dx in ((0, -1), (-1, 0), (0, 1), (1, 0)):  # the last filled one decides
        there = _shifted(codes, dy, dx)
        found = (there > 0) & (there != INK)  # ink is already an outline: thin legs, slits
        outline[found] = there[found]
        lit_side |= found & (dy + dx > 0)
    deep = (outline // 8) * 8 + DEEP
    selective = (mode == 1) | ((mode == 2) & lit_side)
    rim = np.where(selective & (outline > 0), deep, INK).astype(np.uint8)
    codes = np.where((codes == 0) & (outline > 0) & outlined, rim, codes)

    images = np.stack(
        [limit_colors(c, d.palette, d.limit) for c, d in zip(codes, drawings, strict=True)]
    )
    opaque = codes > 0
    images[~opaque] = 255
    return images, np.where(opaque, 255, 0).astype(np.uint8)
