"""The speed of a training by the clock on the wall, which also runs while it waits."""

from __future__ import annotations

from collections import deque

#: The speed is that of so many seconds.
SPAN = 20.0

#: A training from which nothing came for so many seconds, and not for :data:`_STEPS` steps'
#: usual time, stands still.
STILL = 5.0
_STEPS = 4.0


class Pace:
    """Which step a training had reached when; times are in seconds, and never fall."""

    def __init__(self) -> None:
        self._reached: deque[tuple[float, int]] = deque()

    def clear(self) -> None:
        """Forget what came before a pause."""
        self._reached.clear()

    def add(self, now: float, step: int) -> None:
        """A step was reached."""
        if self._reached and step <= self._reached[-1][1]:
            self.clear()  # it went back
        self._reached.append((now, step))
        while len(self._reached) > 2 and self._reached[1][0] < now - SPAN:
            self._reached.popleft()

    def steps_per_second(self, now: float) -> float | None:
        """Speed until now; None = not known yet."""
        if len(self._reached) < 2:
            return None
        (start, first), (_, last) = self._reached[0], self._reached[-1]
        return (last - first) / max(now - start, 1e-9)

    def stands_still(self, now: float, usual: float) -> bool:
        """Whether no step has come for longer than it should; ``usual``: seconds of one."""
        if not self._reached:
            return False
        return now - self._reached[-1][0] > max(STILL, _STEPS * usual)
