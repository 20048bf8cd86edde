"""Steers a run that another process advances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from sprite_lab.core.run import RunControl

#: Requests to a followed training run.
Wish = Literal["stop", "pause", "resume", "rate"]


class FollowControl(RunControl):
    """Steers another process's run: requests are sent there.

    ``stop`` and ``pause`` are sent to the training run, which reports when it has done so.
    ``cancel`` and ``leave`` only end the following.
    """

    def __init__(self) -> None:
        super().__init__()
        self._wanted: list[tuple[Wish, float]] = []
        self._left = False
        #: Called when following ends, on any thread.
        self.on_leave: Callable[[], object] = lambda: None

    def pause(self) -> None:
        self._want("pause")

    def resume(self) -> None:
        self._want("resume")

    def step_once(self) -> None:
        """Resume: another process cannot take single steps."""
        self._want("resume")

    def set_rate(self, rate: float) -> None:
        """Multiply the learning rate of the recipe by ``rate``, 0.0001..100."""
        self._want("rate", rate)

    def stop(self) -> None:
        self._want("stop")

    def cancel(self) -> None:
        super().cancel()
        self.leave()

    def leave(self) -> None:
        self._left = True
        self.on_leave()

    @property
    def left(self) -> bool:
        """Whether following has ended."""
        return self._left

    def show_paused(self, paused: bool) -> None:
        """Note whether the training run reports that it is paused."""
        if paused != self._paused:
            self._set(paused=paused)

    def may_proceed(self) -> bool:
        return True  # also while the training is paused

    def _want(self, what: Wish, rate: float = 1.0) -> None:
        with self._lock:
            self._wanted.append((what, rate))

    def take_wanted(self) -> list[tuple[Wish, float]]:
        """The requests since the last call. Run's thread."""
        with self._lock:
            wanted, self._wanted = self._wanted, []
            return wanted
