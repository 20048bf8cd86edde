"""A plane through many numbers: principal components, to it and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Plane:
    """mean + a * axes[0] + b * axes[1], as near to all points as a plane can be.

    Parameters
    ----------
    mean : float64 (D,).
    axes : float64 (2, D), orthonormal.
    explained : float64 (2,), the share of the points' variance along each axis, 0..1.
    """

    mean: NDArray[np.float64]
    axes: NDArray[np.float64]
    explained: NDArray[np.float64]

    def coordinates(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """(..., D) to float64 (..., 2): the nearest place in the plane."""
        return (np.asarray(points, np.float64) - self.mean) @ self.axes.T

    def lift(self, coordinates: NDArray[np.floating]) -> NDArray[np.float64]:
        """(..., 2) to float64 (..., D): the place in the space that the plane lies in."""
        return self.mean + np.asarray(coordinates, np.float64) @ self.axes


def fit_plane(points: NDArray[np.floating]) -> Plane:
    """The first two principal components (Pearson 1901) of (N, D), N >= 1, D >= 2.

    By the eigenvectors of the covariance, which for a few hundred dimensions is quicker than the
    singular values of all points. Of each axis the largest entry is positive.
    """
    values = np.asarray(points, np.float64)
    mean = values.mean(axis=0)
    centred = values - mean
    strength, vectors = np.linalg.eigh(centred.T @ centred / len(values))
    axes = vectors[:, ::-1][:, :2].T
    largest = np.abs(axes).argmax(axis=1)
    axes = axes * np.where(axes[range(2), largest] < 0, -1.0, 1.0)[:, None]
    total = max(float(strength.sum()), 1e-300)
    return Plane(mean, axes, strength[::-1][:2].clip(0) / total)


@dataclass(frozen=True, eq=False)
class Companion:
    """What goes with a place in a plane, in the mean: mean + coordinates @ axes, (E,)."""

    mean: NDArray[np.float64]
    axes: NDArray[np.float64]

    def lift(self, coordinates: NDArray[np.floating]) -> NDArray[np.float64]:
        """(..., 2) to float64 (..., E)."""
        return self.mean + np.asarray(coordinates, np.float64) @ self.axes


def fit_companion(coordinates: NDArray[np.floating], values: NDArray[np.floating]) -> Companion:
    """The least-squares fit of (N, E) values to the (N, 2) coordinates of the same points."""
    places = np.asarray(coordinates, np.float64)
    design = np.concatenate([np.ones((len(places), 1)), places], axis=1)
    solved = np.linalg.lstsq(design, np.asarray(values, np.float64), rcond=None)[0]
    return Companion(solved[0], solved[1:])
