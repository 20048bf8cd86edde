"""Handles Export and Repeat last export of the menu, and other requests to export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.ui.shell.navigator import Navigator

if TYPE_CHECKING:
    from sprite_lab.ui.exporting.window import ExportWindow

#: The default subject of Export in each workspace; in See, it depends on the page.
_SUBJECTS = {"train": "training", "draw": "cells", "data": "data", "measure": ""}
_PAGES_OF_SEE = {"race": "race", "between": "sheet"}


class ExportOpener(QObject):
    """Opens the single export window, which keeps its settings until the app is closed."""

    def __init__(
        self, lab: Lab, navigator: Navigator, actions: Mapping[str, QAction], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._lab, self._navigator, self._parent = lab, navigator, parent
        self.window: ExportWindow | None = None
        actions["file.export"].triggered.connect(lambda: self.open(self._subject_here()))
        self._again = actions["file.export_again"]
        self._again.triggered.connect(self.repeat)
        lab.exports.wanted.connect(self.open)
        actions["file.export_web"].triggered.connect(self.open_web)

    def open(self, subject: str = "") -> None:
        """Open the window with a subject chosen; "" = any available one."""
        if self.window is None:
            # Imported here so that it is not loaded at startup.
            from sprite_lab.ui.exporting.window import ExportWindow  # noqa: PLC0415

            self.window = ExportWindow(self._lab, self._parent)
            self.window.addAction(self._again)  # so that its key works there, too
        here = self._navigator.current
        if subject == "character":
            self.window.prefer("walks")
        elif here == "draw":
            for drawn in ("frames", "cells"):
                if not self._lab.exports.problem(drawn):
                    self.window.prefer(drawn)
        elif here == "see":
            self.window.set_speed(self._navigator.see.watch.timeline_model.state.fps)
        self.window.show_subject(subject)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        self.window.focus_first()

    def open_web(self) -> None:
        """Open the window on the page for web pages of the open model."""
        self.open()
        assert self.window is not None
        self.window.show_page("web")

    def repeat(self) -> None:
        """Repeat the last export with the current content, under a new name."""
        try:
            self._lab.exports.repeat()
        except SpriteLabError as error:
            self._lab.notice.emit(str(error))

    def _subject_here(self) -> str:
        """The default subject of Export in the current workspace."""
        name = self._navigator.current
        if name == "data" and not self._lab.exports.problem("data_chosen"):
            return "data_chosen"
        if name != "see":
            return _SUBJECTS.get(name, "")
        return _PAGES_OF_SEE.get(self._navigator.page, "trajectory")
