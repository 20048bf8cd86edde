"""The figures of one training run, as arrays for plotting."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.records import CopiesRecord, EvalRecord, StepRecord, WentBack, WindowRecord

_BLOCK = 128

#: Maximum and minimum number of past steps from which the duration of a step is estimated.
_LAST, _ENOUGH = 200, 8

#: Maximum number of steps over which the reported loss is averaged, since a single step says
#: little.
RECENT = 100
#: In a short run, only this share of the steps is averaged, so that the beginning does not raise
#: the mean.
_RECENT_SHARE = 0.1


class GrowingArray:
    """A float64 array (N,) that grows; views of it cost nothing."""

    def __init__(self) -> None:
        self._store = np.empty(1024)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def values(self) -> NDArray[np.float64]:
        """The current values, without copying; read-only."""
        return self._store[: self._count]

    def extend(self, values: NDArray[np.float64]) -> None:
        needed = self._count + len(values)
        if needed > len(self._store):
            grown = np.empty(max(needed, 2 * len(self._store)))
            grown[: self._count] = self.values
            self._store = grown
        self._store[self._count : needed] = values
        self._count = needed

    def clear(self) -> None:
        self._count = 0

    def cut(self, count: int) -> None:
        """Forget all but the first ``count`` values."""
        self._count = min(self._count, count)


def moving_average(
    values: NDArray[np.float64], weight: float, start: float = 0.0
) -> NDArray[np.float64]:
    """``y[n] = weight * y[n-1] + (1 - weight) * values[n]``, with ``y[-1] = start``.

    Computed in blocks, each as a product with a triangular matrix of powers: for a long run, a
    Python loop would take longer than a frame.
    """
    powers = weight ** np.arange(1, _BLOCK + 1)
    lag = np.arange(_BLOCK)[:, None] - np.arange(_BLOCK)
    triangle = np.where(lag >= 0, weight ** np.maximum(lag, 0), 0.0) * (1.0 - weight)
    result = np.empty(len(values))
    for begin in range(0, len(values), _BLOCK):
        block = values[begin : begin + _BLOCK]
        n = len(block)
        result[begin : begin + n] = triangle[:n, :n] @ block + powers[:n] * start
        start = result[begin + n - 1]
    return result


#: For each kind of record, its figures and the fields they come from; the steps come first.
_FIGURES: dict[type, dict[str, str]] = {
    StepRecord: {
        "steps": "step",
        "losses": "loss",
        "seconds": "seconds",
        "learning_rates": "learning_rate",
        "grad_norms": "grad_norm",
    },
    WindowRecord: {"window_steps": "step", "ema_distances": "ema_distance"},
    EvalRecord: {
        "eval_steps": "step",
        "val_losses": "val_loss",
        "epsilon_errors": "epsilon_error",
    },
    CopiesRecord: {"copies_steps": "step", "copies": "share"},
}


class Figure:
    """A figure of a LossHistory: float64 (N,), read-only."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, history: LossHistory, owner: type) -> NDArray[np.float64]:
        return history.arrays[self._name].values


class LossHistory:
    """The figures of a training run: step by step, on the validation sprites, and at intervals.

    Smoothing is the same as in TensorBoard: a moving average, divided by the sum of its weights so
    that the first values are not drawn toward zero.
    """

    #: ``seconds``: training time; ``grad_norms``: before clipping.
    steps, losses, smoothed, seconds = Figure(), Figure(), Figure(), Figure()
    learning_rates, grad_norms = Figure(), Figure()
    eval_steps, val_losses, epsilon_errors = Figure(), Figure(), Figure()
    #: The steps at which EMA and newest weights were compared, and the distance between them.
    window_steps, ema_distances = Figure(), Figure()
    #: ``copies``: shares of samples, 0..1, at the steps at which copies were looked for.
    copies_steps, copies = Figure(), Figure()

    def __init__(self, weight: float = 0.6) -> None:
        self.weight = weight  #: weight of the past in the smoothed curve, 0 (none) to 0.99
        self.clear()

    def clear(self) -> None:
        """Forget everything except the smoothing."""
        names = (name for figures in _FIGURES.values() for name in figures)
        self.arrays = {name: GrowingArray() for name in (*names, "smoothed")}
        self.last_step: StepRecord | None = None
        self.last_eval: EvalRecord | None = None
        self.last_copies: CopiesRecord | None = None
        #: Current speed in sprites a second; 0 = unknown.
        self.speed = 0.0

    @property
    def recent(self) -> NDArray[np.float64]:
        """The losses of the last tenth of the steps, float64 (N,) with N up to RECENT."""
        return self.losses[-min(RECENT, math.ceil(_RECENT_SHARE * len(self.losses)) or 1) :]

    def seconds_at(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Training time at some steps, in seconds; interpolated between the recorded ones."""
        return np.interp(steps, self.steps, self.seconds) if len(self.steps) else np.zeros(0)

    def set_weight(self, weight: float) -> None:
        """Set the weight, and smooth everything again."""
        self.weight = weight
        self.arrays["smoothed"].clear()
        self._smooth()

    def seconds_left(self, config: TrainConfig) -> float | None:
        """Estimated time to the end, in seconds; None = not yet known.

        Uses the median duration of a step: evaluations, frequent at first and rare later, and
        pauses would make the estimate jump.
        """
        step, taken = self.last_step, np.diff(self.seconds[-_LAST:])
        if step is None or not step.epoch or len(taken) < _ENOUGH:
            return None
        ends = [] if config.max_seconds is None else [config.max_seconds - step.seconds]
        total = config.total_steps(round(step.step / step.epoch))
        if total is not None:
            ends.append((total - step.step) * float(np.median(taken)))
        return max(0.0, min(ends))

    def add(self, records: Iterable[object]) -> bool:
        """Add records; returns whether any of them were used."""
        belonged = False
        for goes_back, part in groupby(records, lambda record: isinstance(record, WentBack)):
            if goes_back:
                self._forget_after(min(r.step for r in part if isinstance(r, WentBack)))
                belonged = True
            else:
                belonged |= self._take(list(part))
        return belonged

    def _forget_after(self, step: int) -> None:
        for kind, figures in _FIGURES.items():
            steps = self.arrays[next(iter(figures))].values
            count = int(np.searchsorted(steps, step, side="right"))
            for name in (*figures, "smoothed") if kind is StepRecord else figures:
                self.arrays[name].cut(count)

    def _take(self, records: list[object]) -> bool:
        belonged = False
        for kind, figures in _FIGURES.items():
            found = [record for record in records if isinstance(record, kind)]
            belonged |= bool(found)
            for name, field in figures.items():
                values = [getattr(record, field) for record in found]
                self.arrays[name].extend(np.array(values, np.float64))
        for record in records:
            if isinstance(record, StepRecord):
                self.last_step, last = record, record.sprites_per_second
                self.speed = 0.95 * self.speed + 0.05 * last if self.speed else last
            elif isinstance(record, EvalRecord):
                self.last_eval = record
            elif isinstance(record, CopiesRecord):
                self.last_copies = record
        self._smooth()
        return belonged

    def _smooth(self) -> None:
        """Smooth the losses that are not smoothed yet."""
        known = len(self.smoothed)
        last = self.smoothed[-1] * (1.0 - self.weight**known) if known else 0.0
        average = moving_average(self.losses[known:], self.weight, last)
        count = np.arange(known + 1, len(self.losses) + 1)
        self.arrays["smoothed"].extend(average / (1.0 - self.weight**count))


def nearest(values: NDArray[np.float64], wanted: float) -> int | None:
    """Index of the value nearest to ``wanted`` among ascending numbers (N,); None if N = 0."""
    if not len(values):
        return None
    after = int(np.searchsorted(values, wanted))
    around = [i for i in (after - 1, after) if 0 <= i < len(values)]
    return min(around, key=lambda i: abs(values[i] - wanted))
