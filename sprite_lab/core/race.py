"""Runs of several samplers from the same noise, side by side: what each cost and where it was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.trajectory import Trajectory

#: Steps of the reference, or as many as the model has levels.
REFERENCE_STEPS = 1000


@dataclass(frozen=True, eq=False)
class Lane:
    """One run of a race.

    Parameters
    ----------
    trajectory : all levels that it visited, and the clean end.
    evaluations : of the network, for each sprite; a guided one that takes two passes is two.
    seconds : that the drawing of all its sprites took, pauses and other work left out.
    levels : float64 (T + 1,), the model's log-SNR at t = 0 ... T.
    """

    trajectory: Trajectory
    evaluations: float
    seconds: float
    levels: NDArray[np.float64]

    def frame_at(self, log_snr: float) -> int:
        """The frame where it is when all have come to a noise level: the newest, none cleaner.

        Of two levels that it visits, it stands at the noisier one until it has reached the
        other; one that starts at a cleaner level stands at its start.
        """
        # The axis and the frames are float32 of the same numbers; a rounding is no step.
        reached = self.trajectory.log_snr <= log_snr + 1e-3
        return max(0, int(reached.sum()) - 1)


def adds_noise(config: SampleConfig) -> bool:
    """Whether fresh noise comes in on the way, so that another sprite comes out by right."""
    if config.sampler == "student":
        return config.steps != 1  # noise is added between evaluations
    return config.sampler in ("ddpm", "dpmpp_2m_sde") or config.eta > 0 or config.churn > 0


def distance(x0: ArrayLike, other: ArrayLike) -> NDArray[np.float64]:
    """How far sprites are apart: the root mean square difference of their colours, 0 to 255.

    Parameters
    ----------
    x0, other : (..., H, W, 3) in [-1, 1], colours on white.

    Returns
    -------
    float64 (...): ``127.5 sqrt(mean((x0 - other)²))``.
    """
    difference = np.asarray(x0, np.float64) - np.asarray(other, np.float64)
    return np.asarray(127.5 * np.sqrt((difference**2).mean(axis=(-3, -2, -1))))


def course(lane: Lane, reference: Lane) -> NDArray[np.float64]:
    """The distance of each predicted x0 to the reference's finished sprite, float64 (K, N)."""
    return distance(lane.trajectory.x0, reference.trajectory.x0[-1])
