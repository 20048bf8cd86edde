"""Undo and redo in the Edit menu."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction

from sprite_lab.app.data.data_edits import DataEdits
from sprite_lab.app.files.project import Project
from sprite_lab.app.lab import Lab


class UndoActions(QObject):
    """Ties two actions to a history: what they do, what they say, whether they can.

    That is the history of the data set while Data is in front, else that of the project.
    """

    def __init__(self, lab: Lab, undo: QAction, redo: QAction, parent: QObject) -> None:
        super().__init__(parent)
        self._lab, self._undo, self._redo = lab, undo, redo
        self._edited: Project | DataEdits = lab.project
        undo.triggered.connect(self._on_undo)
        redo.triggered.connect(self._on_redo)
        lab.project.history_changed.connect(self._show)
        lab.edits.history_changed.connect(self._show)
        self._show()

    def show_workspace(self, name: str) -> None:
        """Switch to the history of a workspace."""
        self._edited = self._lab.edits if name == "data" else self._lab.project
        self._show()

    @Slot()
    def _on_undo(self) -> None:
        self._edited.history.undo()

    @Slot()
    def _on_redo(self) -> None:
        self._edited.history.redo()

    @Slot()
    def _show(self) -> None:
        history = self._edited.history
        for action, word, can, what in (
            (self._undo, "Undo", history.can_undo, history.undo_text),
            (self._redo, "Redo", history.can_redo, history.redo_text),
        ):
            action.setEnabled(can)
            action.setText(f"&{word} {what[:1].lower()}{what[1:]}".rstrip())
