"""One job, as the UI sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QObject, Signal

from sprite_lab.core.records import Outcome, Progress
from sprite_lab.jobs.worker import Job, Worker

JobState = Literal[
    "queued", "starting", "running", "paused", "stopping", "completed", "canceled", "failed"
]

ENDED: frozenset[str] = frozenset({"completed", "canceled", "failed"})

#: The allowed transitions; anything else is a bug in this module.
TRANSITIONS: dict[str, frozenset[str]] = {
    "queued": frozenset({"starting", "running", "paused", "stopping"}) | ENDED,
    "starting": frozenset({"running", "paused", "stopping"}) | ENDED,
    "running": frozenset({"paused", "stopping"}) | ENDED,
    "paused": frozenset({"queued", "starting", "running", "stopping"}) | ENDED,
    "stopping": ENDED,
    "completed": frozenset(),
    "canceled": frozenset(),
    "failed": frozenset(),
}


class JobHandle(QObject):
    """Controls one job and reports on it. UI thread only."""

    state_changed = Signal(str)  #: the new JobState
    #: tuple of all records since the last tick, except progress and previews
    records_ready = Signal(object)
    #: the newest Preview; the run makes the next one after this one was shown
    preview_ready = Signal(object)
    progressed = Signal(int, int, str)  #: done, total, text
    ended = Signal(object)  #: the Outcome; emitted exactly once, as the last signal

    def __init__(self, job: Job, worker: Worker | None) -> None:
        super().__init__()
        self._job = job
        self._worker = worker
        self.name = job.name  #: for the status bar
        self.is_long = job.long  #: whether it is a training run
        self.state: JobState = "queued"
        self.outcome: Outcome | None = None  #: how it ended; None while it is running
        self.progress: Progress | None = None

    @property
    def share_done(self) -> float | None:
        """The share of the work that is done, 0..1; None = unknown."""
        if self.progress is None or self.progress.total <= 0:
            return None
        return min(1.0, self.progress.done / self.progress.total)

    @property
    def active(self) -> bool:
        return self.outcome is None

    def pause(self) -> None:
        """Hold the run after its current step."""
        self._tell(self._job.control.pause)

    def resume(self) -> None:
        self._tell(self._job.control.resume)

    def step_once(self) -> None:
        """Take one more step (of a training run, one optimizer step), and pause."""
        self._tell(self._job.control.step_once)

    def stop(self) -> None:
        """End soon and keep the results so far."""
        self._tell(self._job.control.stop)

    def leave(self) -> None:
        """End soon because the app is closing; a training run in another process continues."""
        self._tell(self._job.control.leave)

    def cancel(self) -> None:
        """End soon and discard the results so far."""
        self._tell(self._job.control.cancel)

    @property
    def background(self) -> bool:
        """Whether the job leaves most of the time to a training run."""
        return self._job.background

    def set_background(self, background: bool) -> None:
        """Set whether nobody is looking at the job, so that it must not hold up training."""
        self._job.background = background
        if self._worker is not None:
            self._worker.wake()

    def waits_for(self, worker: str) -> bool:
        """Whether the job is still waiting for the worker of this name to begin it."""
        named = self._worker is not None and self._worker.objectName() == worker
        return named and self._job.phase == "queued"

    def takes_turns_with(self, other: JobHandle) -> bool:
        """Whether both jobs are advanced by the same worker, so that each waits for the other."""
        return self._worker is other._worker

    def _tell(self, what: Callable[[], None]) -> None:
        if self.outcome is None:
            what()
            if self._worker is not None:
                self._worker.wake()
            self._enter(self._observed())

    def _observed(self) -> JobState:
        control = self._job.control
        if control.stop_requested:
            return "stopping"
        return "paused" if control.paused else self._job.phase

    def _enter(self, state: JobState) -> None:
        if state == self.state:
            return
        if state not in TRANSITIONS[self.state]:
            raise RuntimeError(f"A job cannot go from {self.state} to {state}.")
        self.state = state
        self.state_changed.emit(state)

    def pull(self) -> bool:
        """Report everything since the last call; returns False once the job has ended."""
        if self.outcome is not None:
            return False
        # Read before the state, so that records are never reported ahead of their state.
        mail = self._job.mailbox.take()
        if mail.outcome is None:
            self._enter(self._observed())
        if mail.records:
            self.records_ready.emit(mail.records)
        if mail.progress is not None:
            self.progress = mail.progress
            self.progressed.emit(mail.progress.done, mail.progress.total, mail.progress.text)
        if mail.preview is not None:
            self.preview_ready.emit(mail.preview)
            self._job.control.want_preview()
        if mail.outcome is None:
            return True
        self.outcome = mail.outcome
        self._enter(mail.outcome.kind)
        self.ended.emit(mail.outcome)
        return False
