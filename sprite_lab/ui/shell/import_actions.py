"""Opens the import window from the menu, from Data, and for dropped files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.ui.shell.file_actions import FileActions

if TYPE_CHECKING:
    from sprite_lab.ui.importing.window import ImportWindow


class ImportActions(QObject):
    """Keeps one import window at most; files that arrive while it is open are added to it."""

    def __init__(self, lab: Lab, files: FileActions, window: QWidget) -> None:
        super().__init__(window)
        self._lab, self._files, self._parent = lab, files, window
        self.window: ImportWindow | None = None
        files.import_chosen.connect(self.add)
        lab.import_wanted.connect(self.open)

    def open(self) -> ImportWindow:
        """Show the import window."""
        if self.window is None:
            # Imported here to keep the start of the app fast.
            from sprite_lab.ui.importing.window import ImportWindow  # noqa: PLC0415

            self.window = ImportWindow(self._lab, self._parent)
            self.window.importing.written.connect(self._files.open_path)
            self.window.closed.connect(self._on_closed)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        return self.window

    def add(self, files: Iterable[Path]) -> None:
        """Add files and folders to the import."""
        self.open().add(files)

    def may_close(self) -> bool:
        """Whether the window may close: nothing would be lost, or the user agreed."""
        return self.window is None or self.window.may_leave()

    def close(self) -> None:
        """Close the window with the main one; see :meth:`may_close`."""
        if self.window is not None:
            self.window.forget()

    def _on_closed(self) -> None:
        self.window = None
