"""Shrinks drawings, and enlarges other views of them to full size.

A view is enlarged by example (Hertzmann et al. 2001, Image Analogies): each of its pixels becomes a
block of the drawing, or of its mirror image, whose pixel in the small drawing has the same color
and neighbors, and which continues the blocks beside it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rgba = NDArray[np.uint8]  # (..., H, W, 4)
Floats = NDArray[np.float32]
Indices = NDArray[np.int64]

#: Weights of a pixel and its neighbors, row by row, in the search for a block.
_AROUND = np.array([1, 2, 1, 2, 52, 2, 1, 2, 1], np.float32) / 16

#: The cost of a block that does not continue those beside it, of each row of displacement (up to
#: eight), and of a block to avoid. One block of another color costs about three.
_SEAM, _AWAY, _FAR, _AVOIDED = 1.5, 0.01, 8, 2.5

#: Maximum number of times that each block is chosen again, given those beside it.
_ROUNDS = 6

_BESIDE = ((-1, 0), (0, -1), (0, 1), (1, 0))


def shrunk(rgba: Rgba, factor: int) -> Rgba:
    """Shrink drawings: each block becomes its pixel nearest to the others, the darker of equals.

    Pixels are transparent if more than half of their block is, otherwise opaque.

    ``rgba``: uint8 (..., H, W, 4), both a multiple of ``factor``.
    """
    blocks = _blocks(rgba, factor)
    values, seen = blocks[..., :3].astype(np.int32), blocks[..., 3] > 127
    apart = np.abs(values[..., :, None, :] - values[..., None, :, :]).sum(axis=-1)
    cost = (apart * seen[..., None, :]).sum(axis=-1) + values.sum(axis=-1) / 766
    best = np.where(seen, cost, np.inf).argmin(axis=-1)[..., None, None]
    small = np.take_along_axis(blocks, best, axis=-2)[..., 0, :]
    opaque = 2 * seen.sum(axis=-1, keepdims=True) >= factor**2
    return np.where(opaque, small | np.array([0, 0, 0, 255], np.uint8), 0).astype(np.uint8)


def enlarged(view: Rgba, drawing: Rgba, avoided: NDArray[np.bool_] | None = None) -> Rgba:
    """Enlarge another view of a drawing to the drawing's size, using blocks of the drawing.

    Parameters
    ----------
    view : uint8 (H, W, 4), in the colors of the shrunk drawing.
    drawing : uint8 (F H, F W, 4).
    avoided : bool (F H, F W), pixels that should not come back.
    """
    height, width = view.shape[:2]
    factor = len(drawing) // height
    both = np.stack([drawing, drawing[:, ::-1]])
    blocks = _blocks(both, factor).reshape(2 * height * width, factor**2, 4)
    blocks = np.concatenate([blocks, np.zeros_like(blocks[:1])])  # the last is blank, for the rim
    rim = len(blocks) - 1
    fine = _weighed(blocks).reshape(len(blocks), -1)
    seam = _SEAM / factor**2 * _apart(fine, fine)
    there = np.concatenate([_patches(_weighed(small)) for small in shrunk(both, factor)])
    cost = _apart(_patches(_weighed(view)), there)
    rows = np.arange(height * width) // width
    cost += _AWAY * np.abs(rows[:, None] - np.tile(rows, 2)).clip(max=_FAR)
    if avoided is not None:
        masks = np.stack([avoided, avoided[:, ::-1]])[..., None].astype(np.uint8)
        cost += _AVOIDED * _blocks(masks, factor).any(axis=(-2, -1)).ravel()
    cost = np.pad(cost, ((0, 0), (0, 1)), constant_values=np.inf)
    inner = _beside(height, width)  # of each pixel of the view
    last = np.full((4, 1), rim)
    outer = np.concatenate(
        [np.where(inner < 0, rim, inner + k * height * width) for k in (0, 1)] + [last], axis=1
    )
    chosen = cost.argmin(axis=1)
    fields = (np.arange(height)[:, None] + np.arange(width)).ravel() % 2
    for _ in range(_ROUNDS):
        before = chosen.copy()
        for field in (0, 1):
            at = np.flatnonzero(fields == field)
            total = cost[at]
            for way in range(4):
                near = inner[way, at]
                block = np.where(near < 0, rim, chosen[near])
                # The block that each side expects beside it, against the one there.
                total = total + seam[outer[way]][:, block].T + seam[outer[3 - way][block]]
            chosen[at] = total.argmin(axis=1)
        if np.array_equal(chosen, before):
            break
    found = blocks[chosen].reshape(height, width, factor, factor, 4)
    return np.ascontiguousarray(found.swapaxes(1, 2).reshape(drawing.shape))


def _blocks(pixels: Rgba, factor: int) -> Rgba:
    """(..., H, W, C) to (..., H / F, W / F, F * F, C)."""
    *more, height, width, channels = pixels.shape
    split = pixels.reshape(*more, height // factor, factor, width // factor, factor, channels)
    split = split.swapaxes(-4, -3)
    return split.reshape(*more, height // factor, width // factor, factor**2, channels)


def _weighed(rgba: Rgba) -> Floats:
    """Premultiplied colors and alpha, weighted for comparison: blank pixels differ most."""
    share: Floats = rgba.astype(np.float32) / np.float32(255)
    share[..., :3] *= share[..., 3:]
    share[..., 3] *= 1.5
    return share


def _patches(picture: Floats) -> Floats:
    """Each pixel and its neighbors, weighted: (H * W, 9 * 4)."""
    height, width = picture.shape[:2]
    around = np.pad(picture, ((1, 1), (1, 1), (0, 0)))
    patches = np.stack(
        [around[y : y + height, x : x + width] for y in range(3) for x in range(3)], axis=2
    )
    return np.reshape(patches * _AROUND[:, None], (height * width, -1)).astype(np.float32)


def _apart(a: Floats, b: Floats) -> Floats:
    """Sums of absolute differences, (len(a), len(b))."""
    return np.stack([np.abs(b - row).sum(axis=1) for row in a])


def _beside(height: int, width: int) -> Indices:
    """The index of the pixel on each side, as in ``_BESIDE``, (4, H * W); -1 beyond the border."""
    at = np.pad(np.arange(height * width).reshape(height, width), 1, constant_values=-1)
    return np.stack([at[1 + y : 1 + y + height, 1 + x : 1 + x + width].ravel() for y, x in _BESIDE])
