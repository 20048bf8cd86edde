"""Runs off the UI thread: workers that advance generators, and handles that report on them.

May import core and QtCore. ``Worker`` is a thread, on which only its ``run`` and the functions
called by it are executed; everything else here belongs to the UI thread. A worker does not emit
signals: it leaves records in a mailbox, and :class:`JobRunner` empties all mailboxes from one timer
that ticks while jobs run, so a fast run cannot flood the UI and nothing arrives after a job's end.
The exception is :class:`QuickJob`: one signal for each run, and at most one run at a time.
"""

from sprite_lab.jobs.collector import Collector
from sprite_lab.jobs.handle import ENDED, TRANSITIONS, JobHandle, JobState
from sprite_lab.jobs.quick import QuickJob
from sprite_lab.jobs.runner import JobRunner, WorkerName
from sprite_lab.jobs.worker import Factory, Worker

__all__ = [
    "ENDED",
    "TRANSITIONS",
    "Collector",
    "Factory",
    "JobHandle",
    "JobRunner",
    "JobState",
    "QuickJob",
    "Worker",
    "WorkerName",
]
