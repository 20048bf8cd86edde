"""The schedule of a training run's examinations: evaluations, previews and checks for copies."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from typing import TypeVar

from sprite_lab.core.run import step_seconds

T = TypeVar("T")

#: The share of training time that each kind of examination may take.
SHARE = 0.025

#: Maximum seconds between examinations, regardless of the share, so that there is something to see
#: from the start; half of the training time so far, if that is longer.
EARLY = 10.0


class Watch:
    """Decides when to examine next: often at first, then as rarely as the cost demands.

    All times are seconds of training alone. Examinations never take longer than training: before
    the next one, training runs at least as long as the last one took.

    ``growth``: an examination is also due once the number of steps has grown by this factor since
    the last one.
    """

    def __init__(
        self, share: float = SHARE, early: float = EARLY, growth: float = math.inf
    ) -> None:
        self._share, self._early, self._growth = share, early, growth
        self._due_at = self._rested_at = 0.0
        self._last_step = -1
        self._steps: frozenset[int] | None = None
        self.spent = 0.0  # duration of the last examination, in seconds

    def only_at(self, steps: frozenset[int]) -> None:
        """Examine only after these steps and the last one, at any cost, so that a run can be
        repeated exactly.
        """
        self._steps = steps

    def due(self, step: int, seconds: float, last: bool) -> bool:
        """Whether to examine after ``step``, at ``seconds`` of training; always at the ``last``."""
        if self._steps is not None:
            return step != self._last_step and (last or step in self._steps)
        grown = 0 < self._last_step * self._growth <= step and seconds >= self._rested_at
        return step != self._last_step and (last or grown or seconds >= self._due_at)

    def look(
        self,
        step: int,
        seconds: float,
        work: Generator[None, None, T],
        enough: Callable[[], bool] = lambda: False,
    ) -> Generator[None, None, T | None]:
        """Do ``work``, and delay the next examination as its cost demands.

        Only the work itself counts, since a person may pause for an hour between its yields.
        Returns the result of ``work``; None, with ``work`` unfinished, once ``enough()`` is true.
        """
        self.spent = 0.0
        while True:
            start = time.perf_counter()
            try:
                next(work)
            except StopIteration as end:
                self._last_step = step
                self.spent += step_seconds(start, time.perf_counter())
                pause = self.spent / self._share
                self._rested_at = seconds + min(pause, self.spent)
                self._due_at = seconds + min(pause, max(self._early, seconds / 2, self.spent))
                return end.value
            self.spent += step_seconds(start, time.perf_counter())
            yield None
            if enough():
                work.close()
                return None
