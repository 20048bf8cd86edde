"""The QApplication, which macOS asks to open files, where other systems name them as arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

Opener = Callable[[tuple[Path, ...]], object]


class Application(QApplication):
    """Hands over the files that it is asked for; those that come too early are kept."""

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(list(arguments))
        self._opener: Opener | None = None
        self._files: list[Path] = []

    def open_files_with(self, opener: Opener | None) -> None:
        """Whom to hand files to, those included that came before; None = nobody any more."""
        self._opener = opener
        self._hand_over()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):
            file = event.url().toLocalFile() or event.file()
            if file:
                # Each of several files has its own event: collect them.
                if not self._files:
                    QTimer.singleShot(0, self, self._hand_over)
                self._files.append(Path(file))
            return True
        return super().event(event)

    def _hand_over(self) -> None:
        if self._files and self._opener is not None:
            files, self._files = self._files, []
            self._opener(tuple(files))
