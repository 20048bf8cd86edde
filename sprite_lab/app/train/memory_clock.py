"""Finds the step from which a training run memorizes its sprites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.results.level_errors import LevelErrors

#: Number of parts of the noise axis for which the gap is reported; they have equal widths in
#: log-SNR, noisiest first.
BANDS = 4

#: Minimum number of sprites behind the error of a band.
_LEAST = 12

#: Minimum number of evaluations after the best one, and minimum rise of the error on validation
#: sprites since then, as a fraction of the error.
_AFTER, _RISEN = 3, 0.02


@dataclass(frozen=True, eq=False)
class MemoryClock:
    """Errors on training and validation sprites at E evaluations, in BANDS parts of the noise."""

    steps: NDArray[np.int64]  #: int64 (E,), ascending
    t: tuple[tuple[float, float], ...]  #: the noisiest and the cleanest t of each band
    #: float64 (E, BANDS), mean squared errors; NaN = too few sprites
    training: NDArray[np.float64]
    validation: NDArray[np.float64]

    @classmethod
    def of(cls, compared: Sequence[tuple[int, LevelErrors, LevelErrors]]) -> MemoryClock | None:
        """From the result of :meth:`LevelHistory.compared`; None = nothing was compared."""
        if not compared:
            return None
        bins = compared[0][1].bins
        parts = np.array_split(np.arange(len(bins)), BANDS)
        return cls(
            np.array([step for step, _, _ in compared]),
            tuple((float(bins.t[part[0]]), float(bins.t[part[-1] + 1])) for part in parts),
            np.array([[_mean(own, part) for part in parts] for _, own, _ in compared]),
            np.array([[_mean(new, part) for part in parts] for _, _, new in compared]),
        )

    @property
    def gap(self) -> NDArray[np.float64]:
        """Error on validation sprites divided by error on training sprites, float64 (E, BANDS)."""
        return self.validation / self.training

    def _known(self) -> NDArray[np.bool_]:
        """The bands whose error is known at every evaluation, bool (BANDS,)."""
        return np.asarray(np.isfinite(self.gap).all(axis=0))

    def _whole(self, errors: NDArray[np.float64]) -> NDArray[np.float64]:
        """The mean over the known bands, float64 (E,)."""
        return np.asarray(errors[:, self._known()].mean(axis=1))

    @property
    def best(self) -> int:
        """Index of the evaluation with the lowest error on validation sprites."""
        return int(self._whole(self.validation).argmin())

    def change(self) -> tuple[float, float]:
        """The factors by which the errors on training and on validation sprites changed since
        ``best``; the current errors are medians of the last evaluations.
        """
        training, validation = (
            float(np.median(whole[-_AFTER:]) / whole[self.best])
            for whole in (self._whole(self.training), self._whole(self.validation))
        )
        return training, validation

    @property
    def since(self) -> int | None:
        """The step after which the error on validation sprites rises while that on training sprites
        keeps falling; None = there is none, or it is too early to tell.
        """
        if not self._known().any() or len(self.steps) - 1 - self.best < _AFTER:
            return None
        training, validation = self.change()
        return int(self.steps[self.best]) if training < 1 and validation > 1 + _RISEN else None

    def widest(self) -> int:
        """Index of the known band with the widest gap now."""
        return int(np.nanargmax(np.where(self._known(), self.gap[-1], -np.inf)))


def _mean(errors: LevelErrors, part: NDArray[np.int64]) -> float:
    count = errors.counts[part].sum()
    return float(errors.sums[part].sum() / count) if count >= _LEAST else float("nan")
