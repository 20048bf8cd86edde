"""Changes to training sprites that leave them good sprites."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def flip(images: NDArray[np.generic], rng: np.random.Generator) -> NDArray[np.generic]:
    """Mirror each of ``images`` (N, H, W, ...), left to right, with probability one half."""
    mirrored = rng.random(len(images)) < 0.5
    result = images.copy()
    result[mirrored] = images[mirrored, :, ::-1]
    return result
