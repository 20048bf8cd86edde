"""A single value blurred by noise in steps, and how well normal distributions undo each of them.

The value has two peaks, x_0 = ±CENTER with a normal spread of SPREAD, and a variance of 1. Each of
N equal steps adds the same share of noise, x_t = √(1 − β) x_(t−1) + √β ε. Every q(x_t) and
q(x_(t−1) | x_t) is then a mixture of two normal distributions, in closed form. A reverse step with
the mean and the variance of the latter is the best that a normal distribution can do. It loses
KL(q(x_(t−1) | x_t) ‖ N). Summed over the steps, that is by how much less probable reverse paths are
than forward ones: the entropy that the whole process produces. All figures are in bits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: Spread of each peak, and its center, for which the variance is 1.
SPREAD = 0.2
CENTER = math.sqrt(1 - SPREAD**2)

#: -ln ᾱ after all steps: 0.25% of the variance is signal by then.
LOST = 6.0

#: Values to integrate densities over, with steps much smaller than any spread.
GRID = np.linspace(-7.0, 7.0, 1401)

#: Numbers of steps to compare.
COUNTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)

#: Values at which to compare the density of x_0.
PLACES = np.linspace(-2.5, 2.5, 251)

#: Number of paths shown in each direction, and number of paths to choose them from.
SHOWN, DRAWN = 8, 1000

#: Ranks by x_0 for half of the shown paths, which are sorted by their largest distance from 0.
_MIXED = 2, 0, 3, 1


class StepBack(NamedTuple):
    """q(x_(t−1) | x_t) for K values of x_t: two normal distributions with the same variance."""

    weight: Values  #: (K,), of the upper one
    low: Values  #: (K,), mean of the lower one
    high: Values  #: (K,), mean of the upper one
    peak_variance: float  #: of each

    @property
    def mean(self) -> Values:
        return self.low + self.weight * (self.high - self.low)

    @property
    def variance(self) -> Values:
        return self.peak_variance + self.weight * (1 - self.weight) * (self.high - self.low) ** 2

    def density(self, x: Values) -> Values:
        """(K, M) at (M,) values of x_(t−1)."""
        means = self.low[:, None], self.high[:, None]
        lower, upper = (_normal(x, mean, self.peak_variance) for mean in means)
        return (1 - self.weight[:, None]) * lower + self.weight[:, None] * upper

    def fitted(self, x: Values) -> Values:
        """(K, M), the density of the normal distribution with the same mean and variance."""
        return _normal(x, self.mean[:, None], self.variance[:, None])

    def misfit(self) -> Values:
        """KL divergence of the normal distribution with this mean and variance, (K,) in bits."""
        # On a grid of its own, as it may be far narrower than all values together: in standard
        # deviations, and so wide that it holds an improbable peak too, at most ten away.
        grid = np.linspace(-16.0, 16.0, 3201)
        result = np.zeros(len(self.weight))
        for k, (mean, variance) in enumerate(zip(self.mean, self.variance, strict=True)):
            one = slice(k, k + 1)
            part = StepBack(self.weight[one], self.low[one], self.high[one], self.peak_variance)
            x = mean + math.sqrt(variance) * grid
            result[k] = 0.5 * math.log2(2 * math.pi * math.e * variance) - _entropy(
                part.density(x)[0], x
            )
        return np.maximum(result, 0.0)


@dataclass(frozen=True)
class NoisePath:
    """The path from the two peaks to noise in ``steps`` equal steps, t = 0 to ``steps``."""

    steps: int

    @property
    def beta(self) -> float:
        """Share of the variance that a step replaces with noise."""
        return -math.expm1(-LOST / self.steps)

    def signal(self, t: int) -> float:
        """ᾱ_t, the share of the variance that is signal."""
        return math.exp(-LOST * t / self.steps)

    def nearest(self, signal: float) -> int:
        """The step, 1 or more, after which the share of signal is nearest to this."""
        return min(max(round(-math.log(signal) / LOST * self.steps), 1), self.steps)

    def density(self, t: int, x: Values) -> Values:
        """q(x_t) at x."""
        center, variance = self._peak(t)
        return 0.5 * (_normal(x, -center, variance) + _normal(x, center, variance))

    def back(self, t: int, x_t: Values) -> StepBack:
        """q(x_(t−1) | x_t) for t = 1 to ``steps``."""
        center, variance = self._peak(t - 1)
        kept, beta = math.sqrt(1 - self.beta), self.beta
        each = 1 / (1 / variance + kept**2 / beta)
        middle, apart = each * kept * x_t / beta, each * center / variance
        log_odds = 2 * kept * center * x_t / (kept**2 * variance + beta)
        upper = 0.5 * (1 + np.tanh(0.5 * log_odds))
        return StepBack(upper, middle - apart, middle + apart, each)

    def losses(self) -> Values:
        """The mean loss of each reverse step over x_t, t = 1 to ``steps``, (steps,) in bits."""
        entropy = np.array([_entropy(self.density(t, GRID), GRID) for t in range(self.steps + 1)])
        noise = 0.5 * math.log2(2 * math.pi * math.e * self.beta)  # H(X_t | X_(t−1))
        fitted = np.array(
            [
                _integral(
                    self.density(t, GRID)
                    * 0.5
                    * np.log2(2 * math.pi * math.e * self.back(t, GRID).variance),
                    GRID,
                )
                for t in range(1, self.steps + 1)
            ]
        )
        return np.maximum(fitted - (noise + entropy[:-1] - entropy[1:]), 0.0)

    def forward_paths(self, count: int, rng: np.random.Generator) -> Values:
        """Values turning into noise, (count, steps + 1)."""
        x = CENTER * rng.choice([-1.0, 1.0], count) + SPREAD * rng.standard_normal(count)
        paths = [x]
        for _ in range(self.steps):
            x = math.sqrt(1 - self.beta) * x + math.sqrt(self.beta) * rng.standard_normal(count)
            paths.append(x)
        return np.stack(paths, axis=1)

    def backward_paths(self, count: int, rng: np.random.Generator) -> Values:
        """Noise led back by normal reverse steps, (count, steps + 1), in the order of t."""
        x = rng.standard_normal(count)
        paths = [x]
        for t in range(self.steps, 0, -1):
            step = self.back(t, x)
            x = step.mean + np.sqrt(step.variance) * rng.standard_normal(count)
            paths.append(x)
        return np.stack(paths[::-1], axis=1)

    def reversal(self) -> Reversal:
        """The best that normal reverse steps can do; the same each time."""
        rng = np.random.default_rng(0)
        back = self.backward_paths(DRAWN, rng)
        return Reversal(
            path=self,
            losses=self.losses(),
            forward=_typical(self.forward_paths(DRAWN, rng)),
            back=_typical(back),
            reached=self.back(1, back[:, 1]).fitted(PLACES).mean(axis=0),
        )

    def _peak(self, t: int) -> tuple[float, float]:
        """Center of the upper peak of q(x_t), and the variance of each."""
        signal = self.signal(t)
        return math.sqrt(signal) * CENTER, signal * SPREAD**2 + 1 - signal


@dataclass(frozen=True, eq=False)
class Reversal:
    """A path with reverse steps: the best that normal distributions can do."""

    path: NoisePath
    losses: Values  #: (steps,), see :meth:`NoisePath.losses`
    forward: Values  #: (SHOWN, steps + 1), paths to noise
    back: Values  #: (SHOWN, steps + 1), paths back, in the order of t
    reached: Values  #: (len(PLACES),), density of x_0 at the ends of all paths back


def _typical(paths: Values) -> Values:
    """SHOWN of many paths, evenly spaced by their largest distance from 0 and by their x_0.

    Half of them are mirrored, which is equally probable. A few random paths would differ between
    the directions by chance, as if these could be told apart.
    """
    half = len(_MIXED)
    by_farthest = np.abs(paths).max(axis=1).argsort().reshape(half, -1)
    x_0 = np.abs(paths[:, 0])
    wanted = np.quantile(x_0, (np.array(_MIXED) + 0.5) / half)
    nearest = [
        rows[np.abs(x_0[rows] - place).argmin()]
        for rows, place in zip(by_farthest, wanted, strict=True)
    ]
    return np.concatenate([paths[nearest], -paths[nearest]])


def _normal(x: Values, mean: Values | float, variance: Values | float) -> Values:
    return np.asarray(
        np.exp(-0.5 * (x - mean) ** 2 / variance) / np.sqrt(2 * math.pi * variance), np.float64
    )


def _integral(values: Values, x: Values) -> float:
    """The integral by the trapezoidal rule, over evenly spaced points."""
    return float((values.sum() - 0.5 * (values[0] + values[-1])) * (x[1] - x[0]))


def _entropy(density: Values, x: Values) -> float:
    """Differential entropy, in bits."""
    return _integral(-density * np.log2(np.maximum(density, 1e-300)), x)
