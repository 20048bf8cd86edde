"""Tells whether a training run makes progress, and how long it will take."""

from __future__ import annotations

from sprite_lab.app.shell.text_format import rough_step, rough_time

#: A training run has stalled if it sent nothing for this many seconds and for longer than
#: :data:`_STEPS` steps usually take.
STILL = 5.0
_STEPS = 4.0


class Pulse:
    """Remembers when a training run last made a step; times are in seconds and never decrease."""

    def __init__(self) -> None:
        self._last: float | None = None

    def clear(self) -> None:
        """Wait for the next step, for example after a pause."""
        self._last = None

    def beat(self, now: float) -> None:
        """Record that a step was made."""
        self._last = now

    def is_stalled(self, now: float, usual: float) -> bool:
        """Whether the next step is overdue; ``usual``: usual duration of a step, in seconds."""
        return self._last is not None and now - self._last > max(STILL, _STEPS * usual)


class TimeLeft:
    """The remaining time to show, which changes only if the estimate changes clearly."""

    def __init__(self) -> None:
        self._shown: float | None = None

    def steady(self, seconds: float) -> float:
        """The time to show for a new estimate, in seconds, which seldom changes."""
        shown = self._shown
        if shown is None or not shown - 1.3 * rough_step(shown) < seconds < 1.4 * shown:
            self._shown = shown = float(rough_time(seconds))
        return shown
