"""Receives the files that a second start of the app hands over; see ``handover``."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal

from sprite_lab.app.context import AppContext
from sprite_lab.app.files import handover
from sprite_lab.app.task import call
from sprite_lab.words import marked


class Inbox(QObject):
    """Receives files for as long as it exists, unless another window does. UI thread."""

    arrived = Signal(object)  #: tuple of paths that the user wants opened

    def __init__(self, context: AppContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._held = handover.receive()
        if self._held is not None:
            self._watcher = QFileSystemWatcher([str(handover.folder())], self)
            self._watcher.directoryChanged.connect(self._look)

    def close(self) -> None:
        """Let another window receive."""
        if self._held is not None:
            self._watcher.directoryChanged.disconnect(self._look)
            self._held.close()
            self._held = None

    def _look(self, *_: object) -> None:
        self._context.do(_take_requests(), self, then=self._hand_on, quiet=True)

    def _hand_on(self, requests: list[tuple[Path, ...]]) -> None:
        for files in requests:
            self.arrived.emit(files)


_take_requests = call("files", marked("Files to open"))(handover.take_requests)
