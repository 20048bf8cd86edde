"""The base class for drawing cells and variations: one job at a time."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import QObject, Signal

from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.task import Task
from sprite_lab.core.records import Outcome, Preview
from sprite_lab.jobs import JobHandle


class DrawingJob(QObject):
    """Runs a job that draws. UI thread."""

    running_changed = Signal(bool)
    progressed = Signal(int, int, str)  #: done, total, text

    def __init__(self, session: DrawSession) -> None:
        super().__init__(session)
        self._project, self._context = session.project, session.context
        self._job: JobHandle | None = None

    @property
    def running(self) -> bool:
        return self._job is not None

    def stop(self) -> None:
        """Stop, and use the result so far."""
        if self._job is not None:
            self._job.stop()

    def cancel(self) -> None:
        """Stop, and leave everything as it was."""
        if self._job is not None:
            self._job.cancel()

    def _begin(self, task: Task[object], name: str) -> None:
        job = self._job = self._context.do(task, self, name=name)
        job.progressed.connect(self.progressed)
        job.preview_ready.connect(self._on_preview)
        job.ended.connect(self._end)
        self.running_changed.emit(True)

    def _end(self, outcome: Outcome) -> None:
        self._job = None
        self._on_ended(outcome)

    # Qt's metaclass does not allow ABCMeta, but mypy checks that subclasses implement it.
    @abstractmethod
    def _on_preview(self, preview: Preview) -> None:
        """Show what has been drawn so far."""

    @abstractmethod
    def _on_ended(self, outcome: Outcome) -> None:
        """Use the result, and signal the end."""
