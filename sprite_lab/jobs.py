"""Runs, off the UI thread: workers that advance generators, and handles that tell of them.

Threads
-------
``Worker`` is a thread; only its ``run`` and what that calls happen there. Everything else in
this module belongs to the UI thread. A worker emits no signal at all: it leaves records in a
mailbox, and :class:`JobRunner` empties all mailboxes from one timer that ticks while jobs run.
So a fast run cannot flood the UI, and nothing arrives after a job has ended.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.records import Outcome, Progress, StepRecord
from sprite_lab.core.run import Mailbox, Run, RunControl

#: Makes a run; called on the worker's thread.
Factory = Callable[[RunControl], Run]

JobState = Literal[
    "queued", "starting", "running", "paused", "stopping", "completed", "cancelled", "failed"
]

ENDED: frozenset[str] = frozenset({"completed", "cancelled", "failed"})

#: What may follow each state; anything else is a fault in this module.
TRANSITIONS: dict[str, frozenset[str]] = {
    "queued": frozenset({"starting", "running", "paused", "stopping"}) | ENDED,
    "starting": frozenset({"running", "paused", "stopping"}) | ENDED,
    "running": frozenset({"paused", "stopping"}) | ENDED,
    "paused": frozenset({"queued", "starting", "running", "stopping"}) | ENDED,
    "stopping": ENDED,
    "completed": frozenset(),
    "cancelled": frozenset(),
    "failed": frozenset(),
}

TICK_MS = 33

#: Steps that short jobs take for each step of a long one, so that neither starves.
SHORT_STEPS_PER_LONG = 8

#: How long a worker whose jobs are all paused sleeps before it looks again, in seconds. It is
#: woken earlier by whatever a JobHandle is told.
NAP = 0.1

_STACK_BYTES = 16 * 1024 * 1024  # some systems give threads 512 KB, too few for torch

_log = logging.getLogger(__name__)


class _Job:
    """What worker and handle share of one run. ``phase`` is written by the worker only."""

    def __init__(self, factory: Factory, name: str, long: bool) -> None:
        self.factory: Factory | None = factory
        self.name = name
        self.long = long
        self.control = RunControl()
        self.mailbox = Mailbox()
        self.phase: Literal["queued", "starting", "running"] = "queued"
        self.run: Run | None = None
        self.single_step = False

    def may_proceed(self) -> bool:
        """Whether to advance now. A single step lasts up to its StepRecord. Worker's thread."""
        if self.single_step:
            return True
        if not self.control.may_proceed():
            return False
        self.single_step = self.control.paused
        return True


class Worker(QThread):
    """A thread that advances jobs, step by step.

    Of the long jobs (trainings) the first runs, the others queue, even while it is paused.
    Short ones are served between its steps, the newest first.
    """

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setStackSize(_STACK_BYTES)
        self._changed = threading.Condition()
        self._jobs: list[_Job] = []
        self._leave = False
        self._short_steps = 0

    # -- any thread ------------------------------------------------------------------------

    def submit(self, job: _Job) -> None:
        """Take a job on."""
        with self._changed:
            self._jobs.append(job)
            self._changed.notify_all()

    def wake(self) -> None:
        """Look again: some control was changed."""
        with self._changed:
            self._changed.notify_all()

    def leave(self) -> None:
        """End the thread once it has no jobs left."""
        with self._changed:
            self._leave = True
            self._changed.notify_all()

    # -- the worker's thread ---------------------------------------------------------------

    def run(self) -> None:
        while (job := self._next()) is not None:
            outcome = self._advance(job)
            if outcome is not None:
                job.run = job.factory = None  # no frame or closure may outlive the run
                with self._changed:
                    self._jobs.remove(job)
                job.mailbox.end(outcome)
            del job, outcome  # this frame lives on while it waits, and so would a result

    def _next(self) -> _Job | None:
        """The job to advance; blocks until there is one. None = leave."""
        with self._changed:
            while True:
                job = self._choose()
                if job is not None:
                    return job
                if not self._jobs and self._leave:
                    return None
                self._changed.wait(NAP if self._jobs else None)

    def _choose(self) -> _Job | None:
        long = next((job for job in self._jobs if job.long), None)
        turn_of_long = self._short_steps >= SHORT_STEPS_PER_LONG
        if not turn_of_long or long is None:
            for job in reversed(self._jobs):
                if not job.long and job.may_proceed():
                    self._short_steps += 1
                    return job
        self._short_steps = 0
        # A long job that waits behind another can still be called off.
        for job in self._jobs:
            if job.long and job is not long and job.control.stop_requested:
                return job
        if long is not None and long.may_proceed():
            return long
        if turn_of_long:  # the long job is paused after all
            return self._choose()
        return None

    def _advance(self, job: _Job) -> Outcome | None:
        """Take a job one yield further; its outcome if that was the last."""
        try:
            if job.run is None:
                if job.control.stop_requested:
                    return Outcome("cancelled")  # nothing was begun, so nothing is kept
                assert job.factory is not None
                job.phase = "starting"
                job.run = job.factory(job.control)
            if job.control.cancel_requested:
                job.run.close()
                return Outcome("cancelled")
            record = next(job.run)
        except StopIteration as end:
            if job.control.cancel_requested:
                return Outcome("cancelled")
            return Outcome("completed", result=end.value)
        except BaseException as error:  # also SystemExit: the UI must hear of every ending
            return _failure(error, job.name)
        job.phase = "running"
        if isinstance(record, StepRecord) or not job.long:
            job.single_step = False
        job.mailbox.post(record)
        return None


def _failure(error: BaseException, name: str) -> Outcome:
    """Text only: an exception's frames would keep tensors alive."""
    details = traceback.format_exc()
    if isinstance(error, SpriteLabError):
        # The sentence says what to do; a traceback would only frighten.
        _log.info("%s failed: %s\n%s", name, error, details)
        return Outcome("failed", error=str(error))
    _log.error("%s failed\n%s", name, details)
    if isinstance(error, MemoryError):
        text = f"{name}: the memory of this machine does not suffice. Ask for less at once."
    else:
        what = str(error).strip().splitlines()
        text = f"Something went wrong: {type(error).__name__}" + (f": {what[0]}" if what else "")
    return Outcome("failed", error=text, details=details)


class JobHandle(QObject):
    """One job, as the UI sees it. UI thread only.

    Signals
    -------
    state_changed : the new JobState.
    records_ready : tuple of all records since the last tick, but for progress and previews.
    preview_ready : the newest Preview; the run makes the next one after it was shown.
    progressed : done, total, text.
    ended : the Outcome; exactly once, and last.
    """

    state_changed = Signal(str)
    records_ready = Signal(object)
    preview_ready = Signal(object)
    progressed = Signal(int, int, str)
    ended = Signal(object)

    def __init__(self, job: _Job, worker: Worker | None) -> None:
        super().__init__()
        self._job = job
        self._worker = worker
        self._state: JobState = "queued"
        self._outcome: Outcome | None = None
        self._progress: Progress | None = None

    @property
    def name(self) -> str:
        """What is being done, for the status bar."""
        return self._job.name

    @property
    def state(self) -> JobState:
        return self._state

    @property
    def is_long(self) -> bool:
        return self._job.long

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, or None while it goes on."""
        return self._outcome

    @property
    def progress(self) -> Progress | None:
        """The newest progress that was told."""
        return self._progress

    @property
    def share_done(self) -> float | None:
        """How much of it is done, 0..1; None = not known."""
        if self._progress is None or self._progress.total <= 0:
            return None
        return min(1.0, self._progress.done / self._progress.total)

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self._outcome is None

    def pause(self) -> None:
        """Hold the run after its current step."""
        self._tell(self._job.control.pause)

    def resume(self) -> None:
        """Go on after a pause."""
        self._tell(self._job.control.resume)

    def step_once(self) -> None:
        """Make one more step, of a training one optimizer step, and pause."""
        self._tell(self._job.control.step_once)

    def stop(self) -> None:
        """End soon and keep what is there."""
        self._tell(self._job.control.stop)

    def cancel(self) -> None:
        """End soon and discard what is there."""
        self._tell(self._job.control.cancel)

    def _tell(self, what: Callable[[], None]) -> None:
        if self._outcome is None:
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
        if state == self._state:
            return
        if state not in TRANSITIONS[self._state]:
            raise RuntimeError(f"A job cannot go from {self._state} to {state}.")
        self._state = state
        self.state_changed.emit(state)

    def pull(self) -> bool:
        """Tell all that came since the last time; False once the job has ended."""
        if self._outcome is not None:
            return False
        # Taken before the state is looked at, so that a record never precedes its state.
        mail = self._job.mailbox.take()
        if mail.outcome is None:
            self._enter(self._observed())
        if mail.records:
            self.records_ready.emit(mail.records)
        if mail.progress is not None:
            self._progress = mail.progress
            self.progressed.emit(mail.progress.done, mail.progress.total, mail.progress.text)
        if mail.preview is not None:
            self.preview_ready.emit(mail.preview)
            self._job.control.want_preview()
        if mail.outcome is None:
            return True
        self._outcome = mail.outcome
        self._enter(mail.outcome.kind)
        self.ended.emit(mail.outcome)
        return False


class JobRunner(QObject):
    """Starts jobs on a compute worker or on one for files, and tells of them. UI thread.

    Signals
    -------
    started : the JobHandle of a job that was just asked for.
    jobs_changed : some job was started or has ended.
    """

    started = Signal(object)
    jobs_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._handles: list[JobHandle] = []
        self._workers: dict[str, Worker] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._shut = False

    @property
    def handles(self) -> tuple[JobHandle, ...]:
        """Every job that has not ended, oldest first."""
        return tuple(self._handles)

    @property
    def ticking(self) -> bool:
        """Whether the timer runs: only while jobs do."""
        return self._timer.isActive()

    def start(
        self, factory: Factory, *, name: str, long: bool = False, io: bool = False
    ) -> JobHandle:
        """Have a run made and advanced on a worker.

        Parameters
        ----------
        factory : called on the worker's thread, with the control that the handle steers.
        name : what is being done, as a person reads it.
        long : a training; it yields to short jobs.
        io : for the second worker, which reads and writes files beside whatever computes.

        After :meth:`shut_down` the job is cancelled at once.
        """
        if self._shut:
            # What ends while the app closes may ask for more; nobody is there to see it.
            job = _Job(factory, name, long)
            job.mailbox.end(Outcome("cancelled"))
            handle = JobHandle(job, None)
            handle.pull()
            return handle
        worker = self._worker("files" if io else "compute")
        job = _Job(factory, name, long)
        handle = JobHandle(job, worker)
        self._handles.append(handle)
        worker.submit(job)
        self._timer.start()
        self.started.emit(handle)
        self.jobs_changed.emit()
        return handle

    def _worker(self, name: str) -> Worker:
        worker = self._workers.get(name)
        if worker is None:
            worker = self._workers[name] = Worker(name, self)
            worker.start()
        return worker

    def _tick(self) -> None:
        ended = [handle for handle in tuple(self._handles) if not handle.pull()]
        if ended:
            self._handles = [handle for handle in self._handles if handle not in ended]
            self.jobs_changed.emit()
        if not self._handles:
            self._timer.stop()

    def shut_down(self, seconds: float = 10.0) -> bool:
        """Stop every job, keeping what is there, and wait for the threads. UI thread.

        Returns
        -------
        True if all threads have ended in time. If not, they still run and must not be
        destroyed: leave the process without destroying them.
        """
        self._shut = True
        for handle in tuple(self._handles):
            handle.stop()
        for worker in self._workers.values():
            worker.leave()
        deadline = time.monotonic() + seconds
        done = True
        for worker in self._workers.values():
            left = max(0, round(1000 * (deadline - time.monotonic())))
            done = worker.wait(left) and done
        self._tick()
        return done
