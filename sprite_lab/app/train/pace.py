"""The speed of a training in real time, including the time it waits."""

from __future__ import annotations

import math
from collections import deque

from sprite_lab.app.shell.text_format import rough_step

#: Seconds over which the speed is measured, at most and at least.
SPAN, LEAST = 30.0, 3.0

#: Seconds in which the estimate follows a change of the speed by two thirds.
SMOOTH = 20.0

#: A training that has sent nothing for this many seconds, and for longer than :data:`_STEPS` steps
#: usually take, stands still.
STILL = 5.0
_STEPS = 4.0


class Pace:
    """The time at which a training reached each step; times are in seconds and never fall.

    What it loses to other jobs says nothing of the time after them, and does not count.
    """

    def __init__(self) -> None:
        self._reached: deque[tuple[float, int]] = deque()
        self._last: float | None = None  # when a step was reached
        self._speed: float | None = None  # the smoothed speed
        self._told: float | None = None  # when it was last brought up to date

    def clear(self) -> None:
        """Measure anew, as after a pause; until then the speed is that from before."""
        self._reached.clear()
        self._told = self._last = None

    def add(self, now: float, step: int, *, shared: bool = False) -> None:
        """A step was reached; ``shared``: while another job was running."""
        if self._reached and step <= self._reached[-1][1]:
            self.clear()  # it went back
            self._speed = None
        self._last = now
        if shared:
            self._reached.clear()
            self._told = None
            return
        self._reached.append((now, step))
        while len(self._reached) > 2 and self._reached[1][0] < now - SPAN:
            self._reached.popleft()

    def steps_per_second(self, now: float) -> float | None:
        """Current speed, which changes gradually; None = not yet known."""
        if len(self._reached) < 2:
            return self._speed
        (start, first), (_, last) = self._reached[0], self._reached[-1]
        if now - start < LEAST:
            return self._speed
        measured = (last - first) / (now - start)
        if self._speed is None:
            self._speed = measured
        elif self._told is not None:
            # Its inverse is smoothed, as the time that is left is in proportion to that.
            share = 1 - math.exp(-(now - self._told) / SMOOTH)
            slowness = (1 - share) / self._speed + share / max(measured, 1e-9)
            self._speed = 1 / slowness
        self._told = now
        return self._speed

    def is_stalled(self, now: float, usual: float) -> bool:
        """Whether no step has come for longer than it should; ``usual``: seconds of one."""
        return self._last is not None and now - self._last > max(STILL, _STEPS * usual)


class TimeLeft:
    """The time left as it is shown, which changes only when the estimate clearly has."""

    def __init__(self) -> None:
        self._shown: float | None = None

    def steady(self, seconds: float) -> float:
        """What to show for a new estimate: it falls by whole steps, and rises if it must."""
        shown = self._shown
        if shown is None or not shown - 1.3 * rough_step(shown) < seconds < 1.4 * shown:
            step = rough_step(seconds)
            self._shown = shown = float(max(1, math.ceil(seconds / step)) * step)
        return shown
