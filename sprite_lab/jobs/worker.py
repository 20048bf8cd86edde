"""The thread that advances runs, step by step."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QObject, QThread

from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.records import Outcome, StepRecord
from sprite_lab.core.run import Mailbox, Run, RunControl, step_seconds
from sprite_lab.words import tr

#: Makes a run; called on the worker's thread.
Factory = Callable[[RunControl], Run[object]]

#: Steps that short jobs take for each step of a long one, so that neither starves.
SHORT_STEPS_PER_LONG = 8

#: Seconds of short jobs after which a long one gets a turn, regardless of their number of steps.
SHORT_SECONDS_PER_LONG = 2.0

#: After a step of a background job, a long job runs this many times as long as the step took.
LONG_PER_BACKGROUND = 9.0

#: Seconds within which an urgent job is expected to be followed by another, as when somebody draws
#: with Live: long jobs wait for it, because their steps cannot be interrupted.
ROOM_SECONDS = 0.3

#: Seconds without a step of a long job after which it stops waiting for urgent jobs.
MOST_ROOM_SECONDS = 4.0

#: Seconds that a worker sleeps while all its jobs are paused. Any request through a JobHandle wakes
#: it earlier.
NAP = 0.1

_STACK_BYTES = 16 * 1024 * 1024  # some systems give threads 512 KB, too few for torch

_log = logging.getLogger(__name__)


class Job:
    """The state of one run, shared by worker and handle. ``phase`` is written only by the worker.

    ``long``: a training run, which yields to short jobs. ``urgent``: precedes all others, because
    somebody is waiting for the result. ``control``: belongs to this job alone; None = an ordinary
    one.
    """

    def __init__(
        self,
        factory: Factory,
        name: str,
        long: bool,
        *,
        urgent: bool = False,
        control: RunControl | None = None,
    ) -> None:
        self.factory: Factory | None = factory
        self.name = name
        self.long = long
        self.urgent = urgent
        #: Whether nobody is looking at the job, so that it must not hold up a long one. Any thread.
        self.background = False
        #: Called with the outcome, on the worker's thread, once it is in the mailbox.
        self.on_end: Callable[[Outcome], None] | None = None
        self.control = control or RunControl()
        self.mailbox = Mailbox()
        self.phase: Literal["queued", "starting", "running"] = "queued"
        self.run: Run[object] | None = None
        self.single_step = False

    def may_proceed(self) -> bool:
        """Whether to advance now. A single step lasts up to its StepRecord. Worker's thread."""
        # Queried separately, so that a pause requested in between does not count as a single step.
        self.single_step = self.single_step or self.control.take_single_step()
        return self.single_step or self.control.may_proceed()


class Worker(QThread):
    """A thread that advances jobs, step by step.

    Of the long jobs (training runs), the first runs and the others queue, even while it is paused.
    Short jobs are served between its steps, urgent ones before others. New jobs begin in the order
    of their requests, before any that has begun continues; of those that have begun, the newest
    continues first. Background jobs come last, and leave nine tenths of the time to a long one.
    While one urgent job follows another, long ones wait.
    """

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setStackSize(_STACK_BYTES)
        self._changed = threading.Condition()
        self._jobs: list[Job] = []
        self._leave = False
        self._short_steps, self._short_seconds = 0, 0.0
        self._long_at = self._urgent_at = 0.0  # times of the last steps (monotonic)
        self._owed = 0.0  # seconds that a long job runs before the next background job

    # -- any thread ------------------------------------------------------------------------

    def submit(self, job: Job) -> None:
        with self._changed:
            self._jobs.append(job)
            self._changed.notify_all()

    def wake(self) -> None:
        """Check again: some control has changed."""
        with self._changed:
            self._changed.notify_all()

    def leave(self) -> None:
        """End the thread once it has no more jobs."""
        with self._changed:
            self._leave = True
            self._changed.notify_all()

    # -- the worker's thread ---------------------------------------------------------------

    def run(self) -> None:
        while (job := self._next()) is not None:
            start = time.monotonic()
            outcome = self._advance(job)
            now = time.monotonic()
            took = step_seconds(start, now)
            if job.long:
                self._long_at = now
                self._owed -= took
            elif job.background:
                self._owed = LONG_PER_BACKGROUND * took
            else:
                self._short_seconds += took
            if job.urgent:
                self._urgent_at = now
            if outcome is not None:
                job.run = job.factory = None  # no frame or closure may outlive the run
                with self._changed:
                    self._jobs.remove(job)
                job.mailbox.end(outcome)
                if (tell := job.on_end) is not None:
                    job.on_end = None
                    tell(outcome)
                del tell
            del job, outcome  # otherwise this waiting frame would keep the result alive

    def _next(self) -> Job | None:
        """The job to advance; blocks until there is one. None = end the thread."""
        with self._changed:
            while True:
                job = self._choose()
                if job is not None:
                    return job
                if not self._jobs and self._leave:
                    return None
                self._changed.wait(NAP if self._jobs else None)

    def _choose(self) -> Job | None:
        long = next((job for job in self._jobs if job.long), None)
        # A stopped job needs turns to end, even while somebody draws.
        ending = any(job.long and job.control.stop_requested for job in self._jobs)
        room = not ending and time.monotonic() < min(
            self._urgent_at + ROOM_SECONDS, self._long_at + MOST_ROOM_SECONDS
        )
        turn_of_long = not room and (
            self._short_steps >= SHORT_STEPS_PER_LONG
            or self._short_seconds >= SHORT_SECONDS_PER_LONG
        )
        if not turn_of_long or long is None:
            queued = [job for job in self._jobs if job.phase == "queued"]
            begun = [job for job in self._jobs[::-1] if job.phase != "queued"]
            for job in sorted(queued + begun, key=lambda job: (not job.urgent, job.background)):
                if not job.long and not self._is_held(job, long) and job.may_proceed():
                    self._short_steps += not job.background
                    return job
        if not room:
            self._short_steps, self._short_seconds = 0, 0.0
        # A long job that waits behind another can still be canceled.
        for job in self._jobs:
            if job.long and job is not long and job.control.stop_requested:
                return job
        if long is not None and not room and long.may_proceed():
            return long
        if turn_of_long:  # the long job has been paused
            return self._choose()
        return None

    def _is_held(self, job: Job, long: Job | None) -> bool:
        """Whether a background job yields its turn to a long one."""
        owes = long is not None and self._owed > 0 and long.may_proceed()
        return job.background and owes and not job.control.stop_requested

    def _advance(self, job: Job) -> Outcome | None:
        """Advance a job by one yield; returns its outcome if that was the last."""
        try:
            if job.run is None:
                if job.control.stop_requested:
                    return Outcome("canceled")  # nothing was started, so nothing is kept
                assert job.factory is not None
                job.phase = "starting"
                job.run = job.factory(job.control)
            if job.control.cancel_requested:
                job.run.close()
                return Outcome("canceled")
            record = next(job.run)
        except StopIteration as end:
            if job.control.cancel_requested:
                return Outcome("canceled")
            return Outcome("completed", result=end.value)
        except BaseException as error:  # also SystemExit: the UI must hear of every ending
            return _failure(error, job.name)
        job.phase = "running"
        if isinstance(record, StepRecord) or not job.long:
            job.single_step = False
        job.mailbox.post(record)
        return None


def _failure(error: BaseException, name: str) -> Outcome:
    """The outcome of a failure, as text: the frames of an exception would keep tensors alive."""
    details = traceback.format_exc()
    if isinstance(error, SpriteLabError):
        # Users see only the sentence, which says what to do; a traceback would intimidate them.
        _log.info("%s failed: %s\n%s", name, error, details)
        return Outcome("failed", error=str(error))
    _log.error("%s failed\n%s", name, details)
    if isinstance(error, MemoryError):
        text = tr(
            "{name}: the memory of this machine does not suffice. Ask for less at once.", name=name
        )
    else:
        what = [type(error).__name__, *str(error).strip().splitlines()[:1]]
        text = tr("Something went wrong: {what}", what=": ".join(what))
    return Outcome("failed", error=text, details=details)
