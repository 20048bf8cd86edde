"""The path of a sprite through the space of all pictures, projected onto a plane.

With x = x_t / signal and sigma = noise_std / signal, samplers without fresh noise follow a curve,
dx/dsigma = epsilon(x, sigma), and a step of DDIM or Euler is a straight piece of it. The noise that
a sprite starts with would dwarf all else, so it is subtracted: y = x - sigma * epsilon_T is 0 at
the start and the sprite at the end. That shears the space of (x, sigma), which keeps pieces
straight, as does the projection onto a plane.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.trajectories.levels import alpha_std
from sprite_lab.core.trajectories.trajectory import Trajectory

#: A path's plane is computed from at most this many of its points.
_MOST_POINTS = 64


def without_first_noise(trajectory: Trajectory, sprite: int) -> NDArray[np.float64]:
    """y of every frame, float64 (K, H * W * 3), scaled so that distances between points are those
    of :func:`~sprite_lab.core.trajectories.race.distance`.
    """
    signal, std = alpha_std(trajectory.log_snr[:, None])
    x_t = trajectory.x_t[:, sprite].astype(np.float64).reshape(len(trajectory), -1)
    y = (x_t - std * (x_t[0] / std[0])) / signal
    return np.asarray(y * 127.5 / np.sqrt(y.shape[1]))


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane through a path."""

    origin: NDArray[np.float64]  #: float64 (D,)
    directions: NDArray[np.float64]  #: float64 (2, D), orthonormal, the longer extent first
    share: float  #: share of the path's variance within the plane, 0..1

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(K, D) to float64 (K, 2)."""
        return np.asarray((points - self.origin) @ self.directions.T)


def plane_of(points: NDArray[np.float64]) -> Plane:
    """The plane nearest to a path, float64 (K, D): its two principal components.

    Oriented so that the path ends to the right of its start and bends upward in between: a finer
    path of the same curve looks the same.
    """
    some = np.unique(np.linspace(0, len(points) - 1, min(len(points), _MOST_POINTS)).astype(int))
    origin = points[some].mean(axis=0)
    _, lengths, directions = np.linalg.svd(points[some] - origin, full_matrices=False)
    directions = directions[:2]
    ahead = directions[0] @ (points[-1] - points[0])
    bent = directions[1:] @ (origin - 0.5 * (points[0] + points[-1]))
    directions = directions * np.where(np.array([ahead, *bent]) < 0, -1.0, 1.0)[:, None]
    variance = lengths**2
    return Plane(origin, directions, float(variance[:2].sum() / max(variance.sum(), 1e-12)))
