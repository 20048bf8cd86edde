"""The speed of a training in real time, including the time it waits."""

from __future__ import annotations

from collections import deque

#: Seconds over which the speed is measured.
SPAN = 20.0

#: A training that has sent nothing for this many seconds, and for longer than :data:`_STEPS` steps
#: usually take, stands still.
STILL = 5.0
_STEPS = 4.0


class Pace:
    """The time at which a training reached each step; times are in seconds and never fall."""

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
        """Current speed; None = not yet known."""
        if len(self._reached) < 2:
            return None
        (start, first), (_, last) = self._reached[0], self._reached[-1]
        return (last - first) / max(now - start, 1e-9)

    def is_stalled(self, now: float, usual: float) -> bool:
        """Whether no step has come for longer than it should; ``usual``: seconds of one."""
        if not self._reached:
            return False
        return now - self._reached[-1][0] > max(STILL, _STEPS * usual)
