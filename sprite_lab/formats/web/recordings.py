"""Recorded processes for a page: ``resources/web/recording.mjs`` shows them."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.trajectories.trajectory import Trajectory

#: Frames of a lane at most, evenly spread: a page of megabytes would show nothing more.
MOST_FRAMES = 51

#: Epsilon is kept as whole numbers of this share, from -127 to 127: nearly 4 standard deviations.
_EPSILON_UNIT = 32


@dataclass(frozen=True, eq=False)
class Recording:
    """A process as a page shows it, or several side by side."""

    title: str
    kind: Literal["reverse", "forward", "training"]
    #: JSON of each, as :func:`lane_of` and :func:`training_lane` make it
    lanes: tuple[dict[str, Any], ...]
    note: str = ""  #: a sentence or two on what is seen

    def to_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "kind": self.kind,
            "note": self.note,
            "lanes": list(self.lanes),
        }


def lane_of(trajectory: Trajectory, title: str = "") -> dict[str, Any]:
    """Some frames of a trajectory, noisiest first: x0 as bytes, epsilon as signed bytes."""
    frames = np.linspace(0, len(trajectory) - 1, min(len(trajectory), MOST_FRAMES))
    kept = np.unique(frames.round().astype(int)).tolist()
    x0 = np.stack([to_pixels(trajectory.x0[k]) for k in kept])
    epsilon = np.stack([_signed(trajectory.epsilon(k)) for k in kept])
    levels = [
        {"t": round(float(trajectory.t[k]), 3), "logSnr": round(float(trajectory.log_snr[k]), 4)}
        for k in kept
    ]
    return _lane(title, x0, levels, epsilon)


def training_lane(
    samples: Sequence[tuple[int, NDArray[np.uint8]]], title: str = ""
) -> dict[str, Any]:
    """Sprites of some training steps, (step, uint8 (N, H, W, 3)) each, oldest first."""
    chosen = np.unique(np.linspace(0, len(samples) - 1, min(len(samples), MOST_FRAMES)).round())
    kept = [samples[int(k)] for k in chosen]
    return _lane(title, np.stack([s for _, s in kept]), [{"step": step} for step, _ in kept])


def pictures_of(lane: dict[str, Any]) -> NDArray[np.uint8]:
    """The clean sprites of a lane, uint8 (K, N, H, W, 3)."""
    shape = len(lane["frames"]), lane["count"], lane["channels"], lane["side"], lane["side"]
    data = gzip.decompress(base64.b64decode(lane["data"]))
    x0 = np.frombuffer(data, np.uint8, count=int(np.prod(shape))).reshape(shape)
    return np.moveaxis(x0, 2, 4)


def _lane(
    title: str,
    x0: NDArray[np.uint8],
    frames: list[dict[str, Any]],
    epsilon: NDArray[np.int8] | None = None,
) -> dict[str, Any]:
    """``x0`` and ``epsilon`` are (K, N, H, W, 3); the page has (K, N, 3, H, W)."""
    arrays = [x0] if epsilon is None else [x0, epsilon]
    data = b"".join(np.moveaxis(a, 4, 2).tobytes() for a in arrays)
    return {
        "title": title,
        "side": x0.shape[2],
        "count": x0.shape[1],
        "channels": x0.shape[4],
        "frames": frames,
        "data": base64.b64encode(gzip.compress(data, 9, mtime=0)).decode("ascii"),
    }


def _signed(epsilon: NDArray[np.float32]) -> NDArray[np.int8]:
    return np.clip(np.rint(epsilon * _EPSILON_UNIT), -127, 127).astype(np.int8)
