"""Starts jobs on the workers, and reports on them from one timer."""

from __future__ import annotations

import time
import weakref
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from sprite_lab.core.records import Outcome
from sprite_lab.core.run import RunControl
from sprite_lab.jobs.handle import JobHandle
from sprite_lab.jobs.worker import Factory, Job, Worker

TICK_MS = 33

#: For computing; for reading and writing files, without torch; for waiting for other machines.
WorkerName = Literal["compute", "files", "network"]


class JobRunner(QObject):
    """Starts jobs on workers for computing, files and the network; reports on them. UI thread."""

    started = Signal(object)  #: the JobHandle of a newly requested job
    jobs_changed = Signal()  #: a job was started or has ended

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._handles: list[JobHandle] = []
        self._workers: dict[WorkerName, Worker] = {}
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._shut = False
        #: Jobs without a handle that still exist.
        self._unseen: weakref.WeakSet[Job] = weakref.WeakSet()

    @property
    def handles(self) -> tuple[JobHandle, ...]:
        """Every job that has not ended, oldest first."""
        return tuple(self._handles)

    @property
    def ticking(self) -> bool:
        """Whether the timer runs: only while there are jobs."""
        return self._timer.isActive()

    def start(
        self,
        factory: Factory,
        *,
        name: str,
        long: bool = False,
        worker: WorkerName = "compute",
        control: RunControl | None = None,
    ) -> JobHandle:
        """Make a run and advance it on a worker. After :meth:`shut_down`, it is canceled at once.

        Parameters
        ----------
        factory : called on the worker's thread, with the handle's control.
        name : description of the work, as shown to users.
        long : a training run; it yields to short jobs.
        worker : "compute"; or, running beside it, "files" for reading and writing files, and
            "network" for waiting for other machines.
        control : the control of the run; None = an ordinary one.
        """
        job = Job(factory, name, long, control=control)
        if self._shut:
            # A job that ends while the app closes may start another, whose result nobody would see.
            job.mailbox.end(Outcome("canceled"))
            handle = JobHandle(job, None)
            handle.pull()
            return handle
        handle = JobHandle(job, self._worker(worker))
        self._handles.append(handle)
        self._worker(worker).submit(job)
        self._timer.start()
        self.started.emit(handle)
        self.jobs_changed.emit()
        return handle

    def submit(self, job: Job) -> bool:
        """Advance a job without a handle on the compute worker; see QuickJob. Returns False if the
        app is closing.
        """
        if not self._shut:
            self._unseen.add(job)
            self._worker("compute").submit(job)
        return not self._shut

    def _worker(self, name: WorkerName) -> Worker:
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
        """Stop every job, keeping results so far, and wait for the threads. UI thread.

        Jobs without a handle are canceled. Queued work on files is still done: otherwise a rename
        could be lost. Short jobs that have not ended after half of the time, such as a long export,
        are canceled, so that they can still clean up. Returns whether all threads ended in time. If
        not, exit the process without destroying the threads that still run.
        """
        self._shut = True
        for handle in tuple(self._handles):
            if not handle.waits_for("files"):
                handle.leave()
        for job in tuple(self._unseen):
            job.control.cancel()
        for worker in self._workers.values():
            worker.leave()
        deadline = time.monotonic() + seconds
        done = self._wait(deadline - seconds / 2)
        if not done:
            for handle in tuple(self._handles):
                if not handle.is_long:
                    handle.cancel()
            done = self._wait(deadline)
        self._tick()
        return done

    def _wait(self, deadline: float) -> bool:
        """Wait for all threads; returns whether they ended in time."""
        done = True
        for worker in self._workers.values():
            left = max(0, round(1000 * (deadline - time.monotonic())))
            done = worker.wait(left) and done
        return done
