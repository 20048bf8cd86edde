"""How often a training run may stop to look at itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import TypeVar

T = TypeVar("T")

#: Share of the training time that each kind of look may take.
SHARE = 0.025

#: Looks that come sooner all the same, so that there is something to see from the start:
#: at least every so many seconds, or whenever half as much training again is done.
EARLY = 10.0


class Watch:
    """When to look next: often at first, then as seldom as its cost demands."""

    def __init__(self, share: float = SHARE) -> None:
        self._share = share
        self._due_at = 0.0
        self._last_step = -1
        self.spent = 0.0  # seconds that the last look took

    def due(self, step: int, seconds: float, last: bool) -> bool:
        """Whether to look after ``step``, at ``seconds`` of training; always at the ``last``."""
        return step != self._last_step and (last or seconds >= self._due_at)

    def look(
        self,
        step: int,
        seconds: float,
        work: Generator[None, None, T],
        enough: Callable[[], bool] = lambda: False,
    ) -> Generator[None, None, T | None]:
        """Carry ``work`` out, and put the next look off as its cost demands.

        Only the work itself counts: between its yields a person may pause for an hour. It is
        given up, with None, once there is ``enough``.
        """
        self.spent = 0.0
        while True:
            start = time.perf_counter()
            try:
                next(work)
            except StopIteration as end:
                self._last_step = step
                self.spent += time.perf_counter() - start
                pause = min(self.spent / self._share, max(EARLY, seconds / 2))
                self._due_at = seconds + self.spent + pause
                return end.value
            self.spent += time.perf_counter() - start
            yield None
            if enough():
                work.close()
                return None
