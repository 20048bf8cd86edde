"""Frames of a recorded trajectory as pixels on screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.sets.sprites import opaque, to_pixels
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.core.trajectories.levels import posterior
from sprite_lab.core.trajectories.trajectory import Trajectory

ViewName = Literal["x_t", "x0", "epsilon", "v", "score", "posterior_mean", "change", "guidance"]

#: Noise of this many standard deviations is shown as black or full color.
EPSILON_RANGE = 3.0

#: Factor by which differences of sprites are enlarged around middle gray.
DIFFERENCE_GAIN = 2.0

#: Below this noise_std, float16 rounding of x_t drowns the remaining noise.
_NO_NOISE = 1e-3


def has_noise(trajectory: Trajectory, frame: int) -> bool:
    """Whether a frame has noise that can be shown."""
    return trajectory.noise_std(frame) >= _NO_NOISE


def knows_noise(trajectory: Trajectory, frame: int) -> bool:
    """Whether the noise of a frame is known, and with it v.

    If all frames have the same noise, it is known even in a frame without any.
    """
    return has_noise(trajectory, trajectory.noise_frame(frame))


def frame_pixels(
    trajectory: Trajectory, frame: int, view: ViewName, sprite: int | None = None
) -> NDArray[np.uint8]:
    """The picture of a view: uint8 (N, H, W, 3), or (1, H, W, 3) of one sprite.

    Sprites are clipped to [-1, 1]. Signed values have zero at middle gray: epsilon, v and score
    range from -3 to 3, in units of the noise at T; differences are doubled.
    """
    which = slice(None) if sprite is None else slice(sprite, sprite + 1)
    return to_pixels(_values(trajectory, frame, view, which))


def _values(
    trajectory: Trajectory, frame: int, view: ViewName, which: slice
) -> NDArray[np.floating]:
    """[-1, 1] as shown, (N, H, W, 3)."""
    if view == "x_t":
        return trajectory.x_t[frame, which]
    x0 = trajectory.x0[frame, which]
    if view == "x0":
        return x0
    if view == "change":
        # The x0 of a forward process is the sprite itself, which does not change.
        recorded = trajectory.x0 if trajectory.kind == "reverse" else trajectory.x_t
        before = max(frame - 1, 0)
        return np.float32(DIFFERENCE_GAIN) * (
            recorded[frame, which].astype(np.float32) - recorded[before, which]
        )
    if view == "guidance":
        if trajectory.x0_uncond is None:
            return np.zeros_like(x0)
        away = trajectory.x0_uncond[frame, which]
        return np.float32(DIFFERENCE_GAIN) * (x0.astype(np.float32) - away)
    x_t = trajectory.x_t[frame, which].astype(np.float32)
    if view == "posterior_mean":
        if frame == len(trajectory) - 1:
            return x_t
        here, then = (float(trajectory.log_snr[k]) for k in (frame, frame + 1))
        weight_x_t, weight_x0, _ = posterior(here, then)
        return np.float32(weight_x_t) * x_t + np.float32(weight_x0) * x0
    known = has_noise(trajectory, frame) if view == "score" else knows_noise(trajectory, frame)
    if not known:
        return np.zeros_like(x_t)
    if view == "v":
        # 0 is shown as gray; v has about the same range as noise and sprites.
        return np.float32(1 / EPSILON_RANGE) * _v(trajectory, frame, which)
    scale = 1.0 if view == "epsilon" else -trajectory.noise_std(frame)
    return _epsilon(trajectory, frame, which) * np.float32(scale / EPSILON_RANGE)


def _epsilon(trajectory: Trajectory, frame: int, which: slice) -> NDArray[np.float32]:
    """The noise of some sprites, in standard deviations: float32 (N, H, W, 3)."""
    if not knows_noise(trajectory, frame):
        return np.zeros(trajectory.x_t[frame, which].shape, np.float32)
    return trajectory.epsilon(frame, which)


def _v(trajectory: Trajectory, frame: int, which: slice) -> NDArray[np.float32]:
    """The v of some sprites, unscaled: float32 (N, H, W, 3)."""
    signal, std = np.float32(trajectory.signal(frame)), np.float32(trajectory.noise_std(frame))
    x0 = trajectory.x0[frame, which].astype(np.float32)
    return np.asarray(signal * _epsilon(trajectory, frame, which) - std * x0, np.float32)


@dataclass(frozen=True)
class PixelValues:
    """One color channel of a pixel: ``x_t = signal * x0 + noise_std * epsilon`` and
    ``v = signal * epsilon - noise_std * x0``.
    """

    signal: float
    noise_std: float
    x_t: float
    x0: float
    epsilon: float  #: in standard deviations
    v: float


def pixel_values(
    trajectory: Trajectory, frame: int, sprite: int, x: int, y: int, channel: int = 0
) -> PixelValues:
    """The numbers behind the views at a pixel; ``channel``: 0 red, 1 green, 2 blue."""
    which, place = slice(sprite, sprite + 1), (0, y, x, channel)
    return PixelValues(
        trajectory.signal(frame),
        trajectory.noise_std(frame),
        float(trajectory.x_t[frame, which][place]),
        float(trajectory.x0[frame, which][place]),
        float(_epsilon(trajectory, frame, which)[place]),
        float(_v(trajectory, frame, which)[place]),
    )


def sprite_rgba(
    trajectory: Trajectory, frame: int, view: ViewName, sprite: int
) -> NDArray[np.uint8]:
    """One sprite as a view shows it, uint8 (H, W, 4).

    A clean sprite has its alpha; noise is opaque, since its white pixels are not background.
    """
    if view == "x0" or (view == "x_t" and frame == len(trajectory) - 1):
        return trajectory.one(sprite).rgba(frame)[0]
    return opaque(frame_pixels(trajectory, frame, view, sprite)[0])


def prompt_of(trajectory: Trajectory, sprite: int) -> Prompt:
    """The prompt of a sprite, as far as it is known."""
    if trajectory.prompts:
        return trajectory.prompts[sprite]
    config, name = trajectory.config, class_of(trajectory, sprite)
    mix = ((name, 1.0),) if name is not None else () if config is None else config.class_mix
    return Prompt(mix) if config is None else Prompt(mix, config.words, config.style)


def class_of(trajectory: Trajectory, sprite: int) -> str | None:
    """The class requested for a sprite; None = any, or unknown."""
    config = trajectory.config
    if config is None or not config.classes:
        return None
    return config.class_of(config.indices[sprite])
