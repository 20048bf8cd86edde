"""From a recorded trajectory to pixels on the screen, one frame at a time."""

from __future__ import annotations

from dataclasses import replace
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


def has_noise(trajectory: Trajectory, frame: int) -> bool:
    """Whether a frame has noise that can be shown."""
    return trajectory.noise_std(frame) >= _NO_NOISE


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
    if not has_noise(trajectory, frame):
        return to_pixels(np.zeros_like(x_t))
    signal = np.float32(trajectory.signal(frame))
    epsilon = x_t - signal * trajectory.x0[frame, which].astype(np.float32)
    return to_pixels(epsilon * np.float32(1.0 / (trajectory.noise_std(frame) * EPSILON_RANGE)))


def sprite_rgba(
    trajectory: Trajectory, frame: int, view: ViewName, sprite: int
) -> NDArray[np.uint8]:
    """One sprite as a view shows it, uint8 (H, W, 4).

    A clean sprite has its alpha; noise is opaque, for white pixels in it are no background.
    """
    if view == "x0" or (view == "x_t" and frame == len(trajectory) - 1):
        return only_sprite(trajectory, sprite).rgba(frame)[0]
    pixels = frame_pixels(trajectory, frame, view, sprite)[0]
    return np.concatenate([pixels, np.full((*pixels.shape[:2], 1), 255, np.uint8)], axis=2)


def only_sprite(trajectory: Trajectory, sprite: int) -> Trajectory:
    """The same of one sprite, with the settings that make this one alone again."""
    one = slice(sprite, sprite + 1)
    config = trajectory.config
    if config is not None:
        config = replace(config, count=1, first_index=config.first_index + sprite)
    alpha = None if trajectory.alpha is None else trajectory.alpha[:, one]
    return replace(
        trajectory,
        x_t=trajectory.x_t[:, one],
        x0=trajectory.x0[:, one],
        config=config,
        alpha=alpha,
    )


def class_of(trajectory: Trajectory, sprite: int) -> str | None:
    """The class that a sprite was asked for as; None = any, or not known."""
    config = trajectory.config
    if config is None or not config.classes:
        return None
    return config.classes[(config.first_index + sprite) % len(config.classes)]
