"""When a sample is decided: frame by frame on the way from noise to a sprite."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sprite_lab.core.metrics import TOLERANCE
from sprite_lab.core.sprites import to_pixels


def settled_from(states: ArrayLike) -> int:
    """The first frame from which on a state stays what it is in the last frame.

    Parameters
    ----------
    states : (K,), one or more, of any kind that can be compared.
    """
    values = np.asarray(states)
    other = np.flatnonzero(values != values[-1])
    return int(other[-1]) + 1 if len(other) else 0


def settling_frames(x0: NDArray[np.floating], tolerance: int = TOLERANCE) -> NDArray[np.int64]:
    """The frame from which on each pixel of the predicted clean sprite stays as it ends.

    That is the first frame k such that in k and all later ones no channel of it, as the 8 bits
    that are shown, is further than ``tolerance`` from that of the last frame.

    Parameters
    ----------
    x0 : (K, H, W, 3) in [-1, 1], K >= 1, noisiest first.
    tolerance : of 255.

    Returns
    -------
    int64 (H, W), 0..K-1.
    """
    pixels = to_pixels(x0).astype(np.int16)
    apart = np.abs(pixels - pixels[-1]).max(axis=-1) > tolerance
    back = apart[::-1].argmax(axis=0)  # frames from the last one to the last that is apart
    return np.where(apart.any(axis=0), len(pixels) - back, 0).astype(np.int64)
