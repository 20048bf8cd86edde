"""Undo and redo, as the Edit menu offers them, of what is in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QUndoGroup

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab


class UndoActions(QObject):
    """Ties two actions to a stack: what they do, what they say, whether they can.

    That is the history of the data set while Data is in front, else that of the project.
    """

    def __init__(self, lab: Lab, undo: QAction, redo: QAction, parent: QObject) -> None:
        super().__init__(parent)
        self._lab, self._undo, self._redo = lab, undo, redo
        self._group = group = QUndoGroup(self)
        group.addStack(lab.project.stack)
        group.addStack(lab.edits.stack)
        group.setActiveStack(lab.project.stack)
        undo.triggered.connect(group.undo)
        redo.triggered.connect(group.redo)
        group.canUndoChanged.connect(undo.setEnabled)
        group.canRedoChanged.connect(redo.setEnabled)
        group.undoTextChanged.connect(self._say_undo)
        group.redoTextChanged.connect(self._say_redo)
        undo.setEnabled(group.canUndo())
        redo.setEnabled(group.canRedo())
        self._say_undo(group.undoText())
        self._say_redo(group.redoText())

    def show_workspace(self, name: str) -> None:
        """Another workspace is in front."""
        lab = self._lab
        self._group.setActiveStack(lab.edits.stack if name == "data" else lab.project.stack)

    def _say_undo(self, what: str) -> None:
        self._undo.setText(f"&Undo {what[:1].lower()}{what[1:]}".rstrip())

    def _say_redo(self, what: str) -> None:
        self._redo.setText(f"&Redo {what[:1].lower()}{what[1:]}".rstrip())
