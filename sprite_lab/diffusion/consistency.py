"""The noise levels of a student: those it is taught at, and those it evaluates when sampling.

A student is a consistency function (Song et al. 2023): from any point on its teacher's trajectory
from noise to a sprite, it gives that sprite at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

#: Levels are quantiles of a distribution of log-SNR, and so are densest where sprites take shape:
#: for teaching, ...
_TAUGHT = NormalDist(0.8, 3.0)

#: ... and, noisier, for sampling: found by trial, see tests/benchmarks/README.md.
_EVALUATED = NormalDist(-2.0, 3.0)


def between(
    low: float, high: float, shares: Iterable[float], layout: NormalDist = _TAUGHT
) -> NDArray[np.float64]:
    """The log-SNRs at each share, from 0 on and below 1, of the way from ``low`` to ``high``."""
    first, last = layout.cdf(low), layout.cdf(high)
    levels = [low if s <= 0 else layout.inv_cdf(first + (last - first) * s) for s in shares]
    return np.array(levels)


def student_levels(low: float, high: float, steps: int) -> NDArray[np.float64]:
    """The log-SNRs that a student evaluates at, float64 (steps,), rising from ``low``.

    ``high`` is the cleanest level that it knows; the last evaluation comes well before it, since
    one is enough from there on.
    """
    if low >= high:
        return np.array([low])
    return between(low, high, np.arange(steps) / steps, _EVALUATED)
