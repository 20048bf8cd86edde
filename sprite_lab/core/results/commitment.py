"""The frame from which a sample stops changing on its way from noise to a sprite."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.results.metrics import TOLERANCE
from sprite_lab.core.sets.sprites import to_pixels


def settling_frames(x0: NDArray[np.floating], tolerance: int = TOLERANCE) -> NDArray[np.int64]:
    """The frame from which each pixel of the predicted clean sprite keeps its final value.

    This is the first frame k such that, in k and all later frames, every 8-bit channel is within
    ``tolerance`` of the last frame.

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
    back = apart[::-1].argmax(axis=0)  # frames after the last one that differs
    return np.where(apart.any(axis=0), len(pixels) - back, 0).astype(np.int64)
