"""Races: several samplers run from the same noise, compared by cost and result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sprite_lab.core.config import DEFAULT_SAMPLER, SAMPLERS
from sprite_lab.core.trajectories.trajectory import Trajectory

#: Steps of the reference run, or the model's number of levels if that is lower.
REFERENCE_STEPS = 1000


@dataclass(frozen=True, eq=False)
class Lane:
    """One run of a race."""

    trajectory: Trajectory  #: every level that it visited, and the clean end
    #: network passes per sprite, including those for guidance and autoguidance
    evaluations: float
    seconds: float  #: time taken to draw all its sprites, without pauses and other work
    levels: NDArray[np.float64]  #: float64 (T + 1,), the model's log-SNR at t = 0 ... T.

    @property
    def evaluations_of_steps(self) -> int:
        """The network passes per sprite without those for guidance."""
        levels, _ = self.trajectory.planned(len(self.trajectory) - 1)
        config = self.trajectory.config
        sampler = DEFAULT_SAMPLER if config is None else config.sampler or DEFAULT_SAMPLER
        twice_from = SAMPLERS[sampler].twice_from
        again = 0 if twice_from is None else int((levels[:-1] >= twice_from).sum())
        return len(levels) + again

    def frame_at(self, log_snr: float) -> int:
        """The frame to show at a noise level: the latest one that is not cleaner.

        Between two visited levels the noisier one is shown; before its first level, a lane shows
        its start.
        """
        # The axis and the frames are the same numbers in float32; allow for rounding.
        reached = self.trajectory.log_snr <= log_snr + 1e-3
        return max(0, int(reached.sum()) - 1)

    def axis(self, most: int) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """At most ``most`` levels to show it at, evenly from T to 0: their t, and log-SNR."""
        count = len(self.levels)
        t = np.linspace(count - 1, 0, min(most, count))
        return t, np.interp(t, np.arange(count), self.levels).astype(np.float32)


def distance(x0: ArrayLike, other: ArrayLike) -> NDArray[np.float64]:
    """Root mean square color difference between sprites (..., H, W, 3) in [-1, 1], from 0 to 255.

    float64 (...): ``127.5 sqrt(mean((x0 - other)²))`` of colors on white.
    """
    difference = np.asarray(x0, np.float64) - np.asarray(other, np.float64)
    return np.asarray(127.5 * np.sqrt((difference**2).mean(axis=(-3, -2, -1))))


def course(lane: Lane, reference: Lane) -> NDArray[np.float64]:
    """The distance of each predicted x0 to the reference's finished sprite, float64 (K, N)."""
    return distance(lane.trajectory.x0, reference.trajectory.x0[-1])
