"""The errors of one training run by noise level, over its steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.records import EvalRecord, WentBack, WindowRecord
from sprite_lab.core.results.level_errors import LevelBins, LevelErrors

#: Maximum number of columns in a map; about as many fit on a screen.
MOST_COLUMNS = 400

#: Number of sprites that gives a smooth curve over noise levels.
ENOUGH = 8_000


@dataclass(frozen=True, eq=False)
class LevelMap:
    """Mean errors, a row for each bin and a column for every ``width`` steps."""

    bins: LevelBins
    width: int
    last: int  #: the newest step; the last column may end early there
    error: NDArray[np.float64]  #: float64 (B, K), NaN where there were no sprites
    counts: NDArray[np.int64]  #: int64 (B, K), numbers of sprites

    def column(self, step: float) -> int | None:
        """The column that a step belongs to, or None beyond the ends."""
        return int((step - 1) // self.width) if 1 <= step < self.last + 1 else None

    def steps(self, column: int) -> tuple[int, int]:
        """The first and the last step of a column."""
        return column * self.width + 1, min((column + 1) * self.width, self.last)


class LevelHistory:
    """Collects records as they come; computes maps and curves only on request."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._windows: list[WindowRecord] = []
        # The first ``_stacked_count`` windows as arrays, since stacking all of them each time takes
        # too long.
        self._steps = np.zeros(0, np.int64)
        self._sums: NDArray[np.float64] | None = None
        self._counts: NDArray[np.int64] | None = None
        self._widest = 1
        self._evals: list[EvalRecord] = []

    @property
    def bins(self) -> LevelBins | None:
        """The bins of this training; None = nothing was recorded."""
        return self._windows[-1].levels.bins if self._windows else None

    @property
    def last_step(self) -> int:
        """The newest recorded step, 0 = none."""
        return self._windows[-1].step if self._windows else 0

    def add(self, records: Iterable[object]) -> bool:
        """Add records; returns whether any of them were used."""
        belonged = False
        for record in records:
            if isinstance(record, WindowRecord):
                self._windows.append(record)
            elif isinstance(record, EvalRecord) and record.levels is not None:
                self._evals.append(record)
            elif isinstance(record, WentBack):
                self._forget_after(record.step)
            else:
                continue
            belonged = True
        return belonged

    def _forget_after(self, step: int) -> None:
        self._windows = [window for window in self._windows if window.step <= step]
        self._evals = [found for found in self._evals if found.step <= step]
        # Stacked again when requested.
        self._steps, self._sums, self._counts = np.zeros(0, np.int64), None, None

    def map(self) -> LevelMap | None:
        """The whole map; None = nothing was recorded."""
        bins = self.bins
        if bins is None:
            return None
        steps, all_sums, all_counts = self._stacked()
        last = self.last_step
        width = self._widest * max(1, -(-last // (self._widest * MOST_COLUMNS)))
        columns = (steps - 1) // width
        shape = (-(-last // width), len(bins))
        sums, counts = np.zeros(shape), np.zeros(shape, np.int64)
        # Sum adjacent windows first, since that is nearly all of the work.
        starts = np.flatnonzero(np.diff(columns, prepend=-1))
        np.add.at(sums, columns[starts], np.add.reduceat(all_sums, starts))
        np.add.at(counts, columns[starts], np.add.reduceat(all_counts, starts))
        with np.errstate(invalid="ignore", divide="ignore"):
            error = sums / counts
        return LevelMap(bins, width, last, error.T, counts.T)

    def _stacked(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """Last steps (W,), sums and counts (W, B) of all windows, including new ones."""
        new = self._windows[len(self._steps) :]
        if new:
            sums = np.stack([w.levels.sums for w in new])
            counts = np.stack([w.levels.counts for w in new])
            if self._sums is not None and self._counts is not None:
                sums = np.concatenate([self._sums, sums])
                counts = np.concatenate([self._counts, counts])
            self._sums, self._counts = sums, counts
            self._steps = np.append(self._steps, [w.step for w in new])
            self._widest = max(self._widest, *(w.step - w.first + 1 for w in new))
        assert self._sums is not None
        assert self._counts is not None
        return self._steps, self._sums, self._counts

    def training(self, step: float | None = None) -> tuple[int, int, LevelErrors] | None:
        """The errors on training sprites up to a step (None = the newest): first step, last step,
        errors.

        They are averaged over enough windows for a smooth curve.
        """
        windows = [w for w in self._windows if step is None or w.first <= step]
        if not windows:
            return None
        bins = windows[-1].levels.bins
        sums, counts = np.zeros(len(bins)), np.zeros(len(bins), np.int64)
        for window in reversed(windows):
            sums += window.levels.sums
            counts += window.levels.counts
            first = window.first
            # Also stop where older windows would blur an error that still changes quickly.
            if counts.sum() >= ENOUGH or first < windows[-1].step * 0.75:
                break
        return first, windows[-1].step, LevelErrors(bins, sums, counts)

    def validation(self) -> tuple[int, LevelErrors] | None:
        """The step of the newest evaluation, and its errors on validation sprites; None = none."""
        if not self._evals or self._evals[-1].levels is None:
            return None
        return self._evals[-1].step, self._evals[-1].levels

    def compared(self) -> list[tuple[int, LevelErrors, LevelErrors]]:
        """For each evaluation: its step, the errors on training sprites since the previous
        evaluation, and the errors on validation sprites.
        """
        bins = self.bins
        if bins is None:
            return []
        steps, all_sums, all_counts = self._stacked()
        found, start = [], 0
        for record in self._evals:
            end = int(np.searchsorted(steps, record.step, side="right"))
            if end > start and record.levels is not None:
                sums, counts = all_sums[start:end].sum(axis=0), all_counts[start:end].sum(axis=0)
                found.append((record.step, LevelErrors(bins, sums, counts), record.levels))
                start = end
        return found
