"""Timing of animations: order, speed, holds and repeats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from sprite_lab.core.errors import ConfigError

#: Longest time that a frame may be held, in seconds.
LONGEST_HOLD = 60.0


@dataclass(frozen=True)
class Timing:
    """How K pictures become the frames of an animation.

    Parameters
    ----------
    fps : pictures per second, above 0 and at most 60.
    hold_first_s, hold_last_s : least time that the first and the last picture are shown, in
        seconds, 0 to 60.
    ping_pong : whether it plays back to the first picture. Neither end is shown twice in a row,
        even when repeating; played once, it ends with the first.
    loop : how often it is played, 0 = forever.
    """

    fps: float = 20.0
    hold_first_s: float = 0.0
    hold_last_s: float = 1.0
    ping_pong: bool = False
    loop: int = 0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.fps) and 0 < self.fps <= 60):
            raise ConfigError(
                f"The frame rate is {self.fps:g}, but must be above 0, and 60 at most."
            )
        for which, seconds in (("first", self.hold_first_s), ("last", self.hold_last_s)):
            if not (math.isfinite(seconds) and 0 <= seconds <= LONGEST_HOLD):
                raise ConfigError(
                    f"The {which} frame is held for {seconds:g} s; it must be 0 to "
                    f"{LONGEST_HOLD:.0f} s."
                )
        if not 0 <= self.loop <= 65_535:
            raise ConfigError(
                f"An animation cannot be played {self.loop} times; choose 0 (for ever) to 65535."
            )

    def order(self, count: int) -> list[int]:
        """The picture that each frame shows: 0 1 2 3, or 0 1 2 3 2 1 and, played once, 0."""
        there = list(range(count))
        back = there[-2::-1] if self.loop == 1 else there[-2:0:-1]
        return there + back if self.ping_pong else there

    def durations_ms(self, count: int, pictures_ms: Sequence[int] | None = None) -> tuple[int, ...]:
        """How long each frame of :meth:`order` is shown, in whole milliseconds.

        Running totals stay within half a millisecond of the exact times: 30 fps is 33, 34, 33, ...

        Parameters
        ----------
        pictures_ms : the duration of each of ``count`` pictures, instead of ``fps``.
        """
        order = self.order(count)
        if pictures_ms is not None:
            if len(pictures_ms) != count:
                raise ConfigError(f"{count} pictures cannot have {len(pictures_ms)} durations.")
            times = [float(pictures_ms[i]) for i in order]
        else:
            times = [1000 / self.fps] * len(order)
        edges = [math.floor(end + 0.5) for end in accumulate(times, initial=0.0)]
        durations = [b - a for a, b in pairwise(edges)]
        for picture, hold in ((0, self.hold_first_s), (count - 1, self.hold_last_s)):
            if durations:
                durations[picture] = max(durations[picture], round(hold * 1000))
        return tuple(durations)
