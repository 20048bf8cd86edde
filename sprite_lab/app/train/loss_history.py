"""The figures of one training run, as arrays for plotting."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.records import CopiesRecord, EvalRecord, StepRecord, WentBack, WindowRecord

_BLOCK = 128

#: Number of steps whose duration tells how long the next ones take, and the fewest that do.
_LAST, _ENOUGH = 200, 8

#: Maximum number of steps over which the reported loss is averaged: that of a single step says
#: little.
RECENT = 100
#: The share of a short run that they are, or its beginning would raise the mean of its end.
_RECENT_SHARE = 0.1


class GrowingArray:
    """float64 (N,) that numbers are appended to; views of it cost nothing."""

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
        """Forget all but the first ``count``."""
        self._count = min(self._count, count)


def moving_average(
    values: NDArray[np.float64], weight: float, start: float = 0.0
) -> NDArray[np.float64]:
    """``y[n] = weight * y[n-1] + (1 - weight) * values[n]``, with ``y[-1] = start``.

    In blocks, each one product with a triangle of powers: a loop in Python would take longer
    than a frame for a long run.
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


def parts(records: Iterable[object]) -> Iterator[list[object] | WentBack]:
    """Records in order, grouped into stretches between two returns to an earlier step."""
    part: list[object] = []
    for record in records:
        if isinstance(record, WentBack):
            yield part
            yield record
            part = []
        else:
            part.append(record)
    yield part


#: Figures recorded at the steps of a training run, at its windows and at its evaluations.
_FIGURES = {
    "steps": ("losses", "average", "smoothed", "seconds", "learning_rates", "grad_norms"),
    "window_steps": ("ema_distances",),
    "eval_steps": ("val_losses", "epsilon_errors"),
    "copies_steps": ("copies",),
}


class Figure:
    """A figure of a LossHistory: float64 (N,), read-only."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, history: LossHistory, owner: type) -> NDArray[np.float64]:
        return history.arrays[self._name].values


class LossHistory:
    """The figures of a training run: step by step, on the validation sprites, and at intervals.

    The smoothing is TensorBoard's: a moving average, divided by what its weights add up to,
    so that the first values are not drawn toward zero.
    """

    #: ``seconds`` is training time; ``grad_norms`` are those before clipping.
    steps, losses, smoothed, seconds = Figure(), Figure(), Figure(), Figure()
    learning_rates, grad_norms = Figure(), Figure()
    eval_steps, val_losses, epsilon_errors = Figure(), Figure(), Figure()
    #: The steps at which the average was compared with the newest weights, and their distance.
    window_steps, ema_distances = Figure(), Figure()
    #: ``copies`` are shares of samples, 0..1, at the steps where copies were looked for.
    copies_steps, copies = Figure(), Figure()

    def __init__(self, weight: float = 0.6) -> None:
        self.weight = weight  #: weight of the past in the smoothed curve, 0 (none) to 0.99
        self.clear()

    def clear(self) -> None:
        """Forget everything except the smoothing."""
        names = (name for at, along in _FIGURES.items() for name in (at, *along))
        self.arrays = {name: GrowingArray() for name in names}
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
        """Smooth everything again."""
        self.weight = weight
        self.arrays["average"].clear()
        self.arrays["smoothed"].clear()
        self._smooth(self.losses)

    def seconds_left(self, config: TrainConfig) -> float | None:
        """Time to the end by the usual duration of a step; None = not yet known.

        Examinations, frequent at first and rare later, and waiting would make it jump.
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
        """Add records; returns whether any of them belong here."""
        belonged = False
        for part in parts(records):
            if isinstance(part, WentBack):
                self._forget_after(part.step)
                belonged = True
            else:
                belonged |= self._take(part)
        return belonged

    def _forget_after(self, step: int) -> None:
        for at, names in _FIGURES.items():
            count = int(np.searchsorted(self.arrays[at].values, step, side="right"))
            for name in (at, *names):
                self.arrays[name].cut(count)

    def _take(self, records: list[object]) -> bool:
        steps = [r for r in records if isinstance(r, StepRecord)]
        evals = [r for r in records if isinstance(r, EvalRecord)]
        windows = [r for r in records if isinstance(r, WindowRecord)]
        copies = [r for r in records if isinstance(r, CopiesRecord)]
        if copies:
            self.last_copies = copies[-1]
            self._extend(copies_steps=[r.step for r in copies], copies=[r.share for r in copies])
        if steps:
            self.last_step = steps[-1]
            for record in steps:
                last = record.sprites_per_second
                self.speed = 0.95 * self.speed + 0.05 * last if self.speed else last
            losses = np.array([r.loss for r in steps])
            self._extend(
                steps=[r.step for r in steps],
                losses=losses,
                seconds=[r.seconds for r in steps],
                learning_rates=[r.learning_rate for r in steps],
                grad_norms=[r.grad_norm for r in steps],
            )
            self._smooth(losses)
        if windows:
            self._extend(
                window_steps=[r.step for r in windows],
                ema_distances=[r.ema_distance for r in windows],
            )
        if evals:
            self.last_eval = evals[-1]
            self._extend(
                eval_steps=[r.step for r in evals],
                val_losses=[r.val_loss for r in evals],
                epsilon_errors=[r.epsilon_error for r in evals],
            )
        return bool(steps or evals or windows or copies)

    def _extend(self, **values: ArrayLike) -> None:
        for name, added in values.items():
            self.arrays[name].extend(np.asarray(added, np.float64))

    def _smooth(self, new: NDArray[np.float64]) -> None:
        if not len(new):
            return
        start = self.arrays["average"].values[-1] if len(self.arrays["average"]) else 0.0
        average = moving_average(new, self.weight, start)
        count = len(self.arrays["average"]) + np.arange(1, len(new) + 1)
        self.arrays["average"].extend(average)
        self.arrays["smoothed"].extend(average / (1.0 - self.weight**count))


def nearest(values: NDArray[np.float64], wanted: float) -> int | None:
    """Index of the nearest to ``wanted`` among (N,) ascending numbers; None if there are none."""
    if not len(values):
        return None
    after = int(np.searchsorted(values, wanted))
    around = [i for i in (after - 1, after) if 0 <= i < len(values)]
    return min(around, key=lambda i: abs(values[i] - wanted))
