"""Work that is asked for again and again, and whose results are wanted at once."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from sprite_lab.core.records import Outcome
from sprite_lab.jobs.runner import JobRunner
from sprite_lab.jobs.worker import Factory, Job


class QuickJob(QObject):
    """Has one run after the other advanced on the compute worker. UI thread.

    Unlike with a JobHandle, the end is told as soon as it is there, not at the next tick of
    the runner, and nobody is told that a job goes on: there are dozens in a second. At most
    one is under way, so nothing can queue up: whoever wants more asks for what is newest once
    ``ended`` has come. An urgent run goes before every other short one, and waits for one
    step of a training at most.
    """

    ended = Signal(object)  #: the Outcome of the run, unless it was dropped
    _arrived = Signal(object, object)

    def __init__(self, runner: JobRunner, name: str, *, urgent: bool = True) -> None:
        super().__init__(runner)  # it is there as long as the worker that tells of the end
        self._runner, self._name, self._urgent = runner, name, urgent
        self._job: Job | None = None
        # The worker emits it, this object lives on the UI thread: so it crosses over.
        self._arrived.connect(self._on_arrived)

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""
        return self._job is not None

    def start(self, factory: Factory) -> None:
        """Have a run made and advanced; only while none is under way.

        Raises
        ------
        RuntimeError
            If one is.
        """
        if self._job is not None:
            raise RuntimeError(f"{self._name}: the last run has not ended.")
        job = Job(factory, self._name, long=False, urgent=self._urgent)
        job.on_end = lambda outcome: self._arrived.emit(job, outcome)
        job.control.take_preview_credit()  # nobody looks at previews
        if self._runner.submit(job):
            self._job = job

    def drop(self) -> None:
        """Call off the run that is under way, and do not tell of its end."""
        if self._job is not None:
            self._job.control.cancel()
            self._job.on_end = None
            self._job = None

    @Slot(object, object)
    def _on_arrived(self, job: Job, outcome: Outcome) -> None:
        if job is self._job:
            self._job = None
            self.ended.emit(outcome)
