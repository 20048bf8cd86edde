"""Short work that is requested repeatedly, and whose results are needed at once."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from sprite_lab.core.records import Outcome
from sprite_lab.jobs.runner import JobRunner
from sprite_lab.jobs.worker import Factory, Job


class QuickJob(QObject):
    """Advances one run after another on the compute worker. UI thread.

    Unlike a JobHandle, it reports the end immediately rather than at the runner's next tick, and
    does not announce running jobs, of which there are dozens per second. At most one run is active,
    so nothing can queue up: after ``ended``, callers request a run for their newest state. An
    urgent run precedes every other short one, and waits for at most one step of a training run.
    """

    ended = Signal(object)  #: the Outcome of the run, unless it was dropped
    _arrived = Signal(object, object)

    def __init__(self, runner: JobRunner, name: str, *, urgent: bool = True) -> None:
        super().__init__(runner)  # must live as long as the worker that reports the end
        self._runner, self._name, self._urgent = runner, name, urgent
        self._job: Job | None = None
        # Emitted by the worker and received on the UI thread, where this object lives.
        self._arrived.connect(self._on_arrived)

    @property
    def busy(self) -> bool:
        return self._job is not None

    def start(self, factory: Factory) -> None:
        """Make a run and advance it, unless the app is closing.

        Raises RuntimeError while a run is active.
        """
        if self._job is not None:
            raise RuntimeError(f"{self._name}: the last run has not ended.")
        job = Job(factory, self._name, long=False, urgent=self._urgent)
        job.on_end = lambda outcome: self._arrived.emit(job, outcome)
        job.control.take_preview_credit()  # previews are not shown
        if self._runner.submit(job):
            self._job = job

    def drop(self) -> None:
        """Cancel the active run without reporting its end."""
        if self._job is not None:
            self._job.control.cancel()
            self._job.on_end = None
            self._job = None

    @Slot(object, object)
    def _on_arrived(self, job: Job, outcome: Outcome) -> None:
        if job is self._job:
            self._job = None
            self.ended.emit(outcome)
