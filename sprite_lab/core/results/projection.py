"""The plane of the two principal components: projection onto it and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Up to this many dimensions, all eigenvectors are computed.
_FEW = 1024

#: For more, this many vectors are iterated, at most this many times.
_BLOCK, _MOST_ROUNDS = 16, 100


@dataclass(frozen=True, eq=False)
class Companion:
    """A linear fit of values to places in a plane: mean + coordinates @ axes."""

    mean: NDArray[np.float64]  #: float64 (D,)
    axes: NDArray[np.float64]  #: float64 (2, D)

    def lift(self, coordinates: NDArray[np.floating]) -> NDArray[np.float64]:
        """(..., 2) to float64 (..., D): the values at these coordinates."""
        return self.mean + np.asarray(coordinates, np.float64) @ self.axes


@dataclass(frozen=True, eq=False)
class Plane(Companion):
    """The least-squares plane through all points, with orthonormal axes."""

    #: float64 (2,), the share of the points' variance along each axis, 0..1
    explained: NDArray[np.float64]

    def coordinates(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """(..., D) to float64 (..., 2): the nearest place in the plane."""
        return (np.asarray(points, np.float64) - self.mean) @ self.axes.T


def fit_plane(points: NDArray[np.floating]) -> Plane:
    """The first two principal components (Pearson 1901) of (N, D), N >= 1, D >= 2.

    Computed from the eigenvectors of the covariance, which for a few hundred dimensions is faster
    than a singular value decomposition, or by subspace iteration for thousands, as for 64x64
    sprites. The largest entry of each axis is positive.
    """
    values = np.asarray(points, np.float64)
    mean = values.mean(axis=0)
    centered = values - mean
    if centered.shape[1] <= _FEW:
        strength, vectors = np.linalg.eigh(centered.T @ centered / len(values))
        strength, axes = strength[::-1][:2], vectors[:, ::-1][:, :2].T
    else:
        strength, axes = _strongest(centered)
    largest = np.abs(axes).argmax(axis=1)
    axes = axes * np.where(axes[range(2), largest] < 0, -1.0, 1.0)[:, None]
    total = max(float(np.square(centered).sum()) / len(values), 1e-300)
    return Plane(mean, axes, strength.clip(0) / total)


def _strongest(centered: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The two largest eigenvalues of the covariance, float64 (2,), and their vectors (2, D).

    Orthogonal iteration with a few extra vectors (Halko et al. 2011, algorithm 4.4), until the
    variance that they explain converges.
    """
    start = np.random.default_rng(0).standard_normal((centered.shape[1], _BLOCK))
    basis = np.linalg.qr(start)[0]
    before = np.zeros(2)
    for _ in range(_MOST_ROUNDS):
        seen = centered @ basis  # (N, block)
        strength, mix = np.linalg.eigh(seen.T @ seen / len(centered))
        strength, basis = strength[::-1], basis @ mix[:, ::-1]
        if np.abs(strength[:2] - before).max() <= 1e-10 * max(strength[0], 0):
            break
        before = strength[:2]
        basis = np.linalg.qr(centered.T @ (centered @ basis))[0]
    return strength[:2], np.ascontiguousarray(basis[:, :2].T)


def fit_companion(coordinates: NDArray[np.floating], values: NDArray[np.floating]) -> Companion:
    """The least-squares fit of (N, E) values to the (N, 2) coordinates of the same points."""
    places = np.asarray(coordinates, np.float64)
    design = np.concatenate([np.ones((len(places), 1)), places], axis=1)
    solved = np.linalg.lstsq(design, np.asarray(values, np.float64), rcond=None)[0]
    return Companion(solved[0], solved[1:])
