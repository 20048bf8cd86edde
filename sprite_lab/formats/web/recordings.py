"""Recorded processes for a page, which ``resources/web/recording.mjs`` shows."""

from __future__ import annotations

import gzip
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config_text import config_text
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.formats.web.base85 import to_bytes, to_text

#: Maximum number of evenly spaced frames in a lane, and of their pixels: more would make a page of
#: several megabytes, and show nothing new.
MOST_FRAMES, _MOST_PIXELS = 51, 90_000

#: Epsilon is multiplied by this and stored as integers from -127 to 127: nearly 4 standard
#: deviations.
_EPSILON_UNIT = 32


@dataclass(frozen=True, eq=False)
class Recording:
    """A process, or several side by side, to be shown in a page."""

    title: str
    kind: Literal["reverse", "forward", "training"]
    #: data of each lane, from :func:`lane_of` or :func:`training_lane`
    lanes: tuple[dict[str, object], ...]
    note: str = ""  #: a sentence or two on what is shown
    settings: str = ""  #: settings to draw the same in the app, as in pictures; "" = none

    @classmethod
    def of(cls, trajectory: Trajectory, title: str, note: str = "") -> Self:
        """Make one from a recorded trajectory, with the settings that reproduce it, if any."""
        config = trajectory.made_by
        settings = config_text(config) if config is not None else ""
        return cls(title, trajectory.kind, (lane_of(trajectory),), note, settings)

    def to_json(self) -> dict[str, object]:
        return vars(self)


def lane_of(trajectory: Trajectory, title: str = "") -> dict[str, object]:
    """A lane of frames of a trajectory, noisiest first: x0 as bytes, epsilon as signed bytes."""
    kept = _spread(len(trajectory), trajectory.x0[0].shape[:3])
    x0 = np.stack([to_pixels(trajectory.x0[k]) for k in kept])
    epsilon = np.stack([_signed(trajectory.epsilon(k)) for k in kept])
    levels = [
        {"t": round(float(trajectory.t[k]), 3), "logSnr": round(float(trajectory.log_snr[k]), 4)}
        for k in kept
    ]
    return _lane(title, x0, levels, epsilon)


def training_lane(samples: Sequence[tuple[int, NDArray[np.uint8]]]) -> dict[str, object]:
    """A lane of sprites from training steps: (step, uint8 (N, H, W, 3)) each, oldest first."""
    kept = [samples[k] for k in _spread(len(samples), samples[0][1].shape[:3])]
    return _lane("", np.stack([s for _, s in kept]), [{"step": step} for step, _ in kept])


def pictures_of(lane: dict[str, Any]) -> NDArray[np.uint8]:
    """The clean sprites of a lane, uint8 (K, N, H, W, 3)."""
    shape = len(lane["frames"]), lane["count"], lane["channels"], lane["side"], lane["side"]
    data = gzip.decompress(to_bytes(lane["data"]))
    x0 = np.frombuffer(data, np.uint8, count=int(np.prod(shape))).reshape(shape)
    return np.moveaxis(x0, 2, 4)


def _spread(count: int, shape: Sequence[int]) -> list[int]:
    """Indices of the frames to keep, out of ``count`` frames of ``shape`` (N, H, W)."""
    most = min(count, MOST_FRAMES, max(2, _MOST_PIXELS // math.prod(shape)))
    return np.unique(np.linspace(0, count - 1, most).round().astype(int)).tolist()


def _lane(
    title: str,
    x0: NDArray[np.uint8],
    frames: Sequence[Mapping[str, object]],
    epsilon: NDArray[np.int8] | None = None,
) -> dict[str, object]:
    """Make a lane; ``x0`` and ``epsilon`` are (K, N, H, W, 3), in the page (K, N, 3, H, W)."""
    arrays = [x0] if epsilon is None else [x0, epsilon]
    data = b"".join(np.moveaxis(a, 4, 2).tobytes() for a in arrays)
    return {
        "title": title,
        "side": x0.shape[2],
        "count": x0.shape[1],
        "channels": x0.shape[4],
        "frames": frames,
        "data": to_text(gzip.compress(data, 9, mtime=0)),
    }


def _signed(epsilon: NDArray[np.float32]) -> NDArray[np.int8]:
    return np.clip(np.rint(epsilon * _EPSILON_UNIT), -127, 127).astype(np.int8)
