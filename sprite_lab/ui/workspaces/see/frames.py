"""From a recorded trajectory to pixels on the screen, one frame at a time."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.sprites import to_pixels
from sprite_lab.core.trajectory import Trajectory

ViewName = Literal["x_t", "x0", "epsilon"]

#: Noise of this many standard deviations is shown as black or full colour.
EPSILON_RANGE = 3.0

#: Below this noise_std, float16 rounding of x_t drowns the noise that is left.
_NO_NOISE = 1e-3


def frame_pixels(
    trajectory: Trajectory, frame: int, view: ViewName, sprite: int | None = None
) -> NDArray[np.uint8]:
    """What a view shows: uint8 (N, H, W, 3), or (1, H, W, 3) of one sprite.

    x_t and x0 are clipped to [-1, 1]; epsilon goes from -3 to 3 standard deviations, its
    zero being middle grey.
    """
    which = slice(None) if sprite is None else slice(sprite, sprite + 1)
    if view == "x_t":
        return to_pixels(trajectory.x_t[frame, which])
    if view == "x0":
        return to_pixels(trajectory.x0[frame, which])
    x_t = trajectory.x_t[frame, which].astype(np.float32)
    noise_std = trajectory.noise_std(frame)
    if noise_std < _NO_NOISE:
        return to_pixels(np.zeros_like(x_t))
    alpha = np.float32(trajectory.alpha(frame))
    epsilon = x_t - alpha * trajectory.x0[frame, which].astype(np.float32)
    return to_pixels(epsilon * np.float32(1.0 / (noise_std * EPSILON_RANGE)))
