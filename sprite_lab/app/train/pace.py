"""Whether a training run makes progress, and how long it will take."""

from __future__ import annotations

from sprite_lab.app.shell.text_format import rough_step, rough_time

#: A training run that has sent nothing for this many seconds, and for longer than :data:`_STEPS`
#: steps usually take, stands still.
STILL = 5.0
_STEPS = 4.0


class Pulse:
    """When a training run last made a step; times are in seconds and never fall."""

    def __init__(self) -> None:
        self._last: float | None = None

    def clear(self) -> None:
        """Wait for the next step, as after a pause."""
        self._last = None

    def beat(self, now: float) -> None:
        """A step was made."""
        self._last = now

    def is_stalled(self, now: float, usual: float) -> bool:
        """Whether no step has come for longer than it should; ``usual``: seconds of one."""
        return self._last is not None and now - self._last > max(STILL, _STEPS * usual)


class TimeLeft:
    """The time left as it is shown, which changes only when the estimate clearly has."""

    def __init__(self) -> None:
        self._shown: float | None = None

    def steady(self, seconds: float) -> float:
        """The time to show for a new estimate: it falls by whole steps, and rises if it must."""
        shown = self._shown
        if shown is None or not shown - 1.3 * rough_step(shown) < seconds < 1.4 * shown:
            self._shown = shown = float(rough_time(seconds))
        return shown
