"""Masks of how far each pixel is redrawn: uint8 (H, W), 0 = kept to 255 = drawn anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]


def keep_drawn(rgba: NDArray[np.uint8]) -> Mask:
    """Every pixel that is drawn is kept, every empty one is free."""
    return np.where(rgba[..., 3] > 0, 0, 255).astype(np.uint8)


def inverted(mask: Mask) -> Mask:
    """What was kept is free, and the other way round."""
    return np.asarray(255 - mask, np.uint8)


def feathered(mask: Mask, width: int) -> Mask:
    """A soft edge around what is kept: the nearer to it, the less a pixel is redrawn.

    At distance d from the nearest kept pixel a pixel is redrawn by at most d / (width + 1), so
    that what is drawn anew grows out of what is kept. Kept pixels stay kept, and doing it again
    changes nothing.

    Parameters
    ----------
    width : of the edge, in pixels.
    """
    kept = np.argwhere(mask == 0)
    if not len(kept) or width < 1:
        return mask.copy()
    places = np.indices(mask.shape)[..., None]  # (2, H, W, 1)
    apart = np.hypot(places[0] - kept[:, 0], places[1] - kept[:, 1]).min(axis=2)
    ramp = np.minimum(1.0, apart / (width + 1))
    return np.minimum(mask, np.rint(255 * ramp)).astype(np.uint8)


def only_inside(mask: Mask, selection: NDArray[np.bool_] | None) -> Mask:
    """The mask where it is selected, and everything kept elsewhere; None = all is selected."""
    return mask if selection is None else np.where(selection, mask, 0).astype(np.uint8)
