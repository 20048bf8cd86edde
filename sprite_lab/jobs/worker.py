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

#: Makes a run; called on the worker's thread.
Factory = Callable[[RunControl], Run[object]]

#: Steps that short jobs take for each step of a long one, so that neither starves.
SHORT_STEPS_PER_LONG = 8

#: Seconds of short jobs after which a long one gets its turn, however few steps they took.
SHORT_SECONDS_PER_LONG = 2.0

#: How many times as long as a step of a job in the background took, a long job goes on before the
#: next one.
LONG_PER_BACKGROUND = 9.0

#: Seconds after an urgent job in which the next one is expected, as while somebody draws with Live:
#: long jobs wait for it, because none of their steps can be interrupted.
ROOM_SECONDS = 0.3

#: Seconds without a step of a long job after which it no longer waits.
MOST_ROOM_SECONDS = 4.0

#: Seconds that a worker sleeps while all its jobs are paused. Any call to a JobHandle wakes it
#: earlier.
NAP = 0.1

_STACK_BYTES = 16 * 1024 * 1024  # some systems give threads 512 KB, too few for torch

_log = logging.getLogger(__name__)


class Job:
    """Shared by worker and handle for one run. ``phase`` is written by the worker only.

    ``long``: a training run, which yields to short jobs. ``urgent``: precedes all others, for what
    somebody is waiting to see. ``control``: made for this job alone; None = an ordinary one.
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
        #: Whether nobody is looking at it, so that it holds up no long job. Any thread.
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
        # Asked apart: a pause that comes in between is no single step.
        self.single_step = self.single_step or self.control.take_single_step()
        return self.single_step or self.control.may_proceed()


class Worker(QThread):
    """A thread that advances jobs, step by step.

    Of the long jobs (training runs) the first runs, the others queue, even while it is paused.
    Short ones are served between its steps, the urgent before the others. They begin in the order
    in which they were requested, before any that has begun goes on; of those, the newest does.
    Those in the background come last, and leave nine tenths of the time to a long one. While one
    urgent job follows another, long ones wait.
    """

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setStackSize(_STACK_BYTES)
        self._changed = threading.Condition()
        self._jobs: list[Job] = []
        self._leave = False
        self._short_steps, self._short_seconds = 0, 0.0
        self._long_at = self._urgent_at = 0.0  # when one of a kind was last advanced, monotonic
        self._owed = 0.0  # seconds that a long job goes on before one in the background

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
            del job, outcome  # this frame lives on while it waits, and so would a result

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
        # One that was stopped needs turns to end, whoever draws.
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
    """Text only: an exception's frames would keep tensors alive."""
    details = traceback.format_exc()
    if isinstance(error, SpriteLabError):
        # The sentence says what to do; a traceback would only intimidate.
        _log.info("%s failed: %s\n%s", name, error, details)
        return Outcome("failed", error=str(error))
    _log.error("%s failed\n%s", name, details)
    if isinstance(error, MemoryError):
        text = f"{name}: the memory of this machine does not suffice. Ask for less at once."
    else:
        what = str(error).strip().splitlines()
        text = f"Something went wrong: {type(error).__name__}" + (f": {what[0]}" if what else "")
    return Outcome("failed", error=text, details=details)
