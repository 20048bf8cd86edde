"""How often a training run may stop to look at itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

#: Share of the training time that each kind of look may take.
SHARE = 0.025


class Watch:
    """When to look next: often at first, then as seldom as its cost demands."""

    def __init__(self) -> None:
        self._due_at = 0.0
        self._last_step = -1

    def due(self, step: int, seconds: float, last: bool) -> bool:
        """Whether to look after ``step``, at ``seconds`` of training; always at the ``last``."""
        return step != self._last_step and (last or seconds >= self._due_at)

    @contextmanager
    def look(self, step: int, seconds: float) -> Iterator[None]:
        """Time a look, and put the next one off accordingly."""
        start = time.perf_counter()
        yield
        self._last_step = step
        self._due_at = seconds + (time.perf_counter() - start) / SHARE
