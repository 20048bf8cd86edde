"""Redraw masks: uint8 (H, W), from 0 (keep the pixel) to 255 (redraw it fully)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]


def keep_drawn(rgba: NDArray[np.uint8]) -> Mask:
    """Keep every drawn pixel, redraw every empty one."""
    return np.where(rgba[..., 3] > 0, 0, 255).astype(np.uint8)


def inverted(mask: Mask) -> Mask:
    """Swap what is kept and what is redrawn."""
    return np.asarray(255 - mask, np.uint8)


def feathered(mask: Mask, width: int) -> Mask:
    """Soften the edge around kept pixels: the nearer a pixel is to them, the less it is redrawn.

    At distance d from the nearest kept pixel the mask is at most 255 d / (width + 1), so that new
    pixels blend into kept ones. Kept pixels stay kept, and feathering again changes nothing.

    ``width``: width of the edge, in pixels.
    """
    kept = np.argwhere(mask == 0)
    if not len(kept) or width < 1:
        return mask.copy()
    places = np.indices(mask.shape)[..., None]  # (2, H, W, 1)
    apart = np.hypot(places[0] - kept[:, 0], places[1] - kept[:, 1]).min(axis=2)
    ramp = np.minimum(1.0, apart / (width + 1))
    return np.minimum(mask, np.rint(255 * ramp)).astype(np.uint8)


def only_inside(mask: Mask, selection: NDArray[np.bool_] | None) -> Mask:
    """The mask inside the selection (None = everything); outside, all pixels are kept."""
    return mask if selection is None else np.where(selection, mask, 0).astype(np.uint8)
