"""Undo and redo, as the Edit menu offers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

if TYPE_CHECKING:
    from PySide6.QtGui import QUndoStack


class UndoActions(QObject):
    """Ties two actions to a stack: what they do, what they say, whether they can."""

    def __init__(self, stack: QUndoStack, undo: QAction, redo: QAction, parent: QObject) -> None:
        super().__init__(parent)
        self._undo, self._redo = undo, redo
        undo.triggered.connect(stack.undo)
        redo.triggered.connect(stack.redo)
        stack.canUndoChanged.connect(undo.setEnabled)
        stack.canRedoChanged.connect(redo.setEnabled)
        stack.undoTextChanged.connect(self._say_undo)
        stack.redoTextChanged.connect(self._say_redo)
        undo.setEnabled(stack.canUndo())
        redo.setEnabled(stack.canRedo())
        self._say_undo(stack.undoText())
        self._say_redo(stack.redoText())

    def _say_undo(self, what: str) -> None:
        self._undo.setText(f"&Undo {what[:1].lower()}{what[1:]}".rstrip())

    def _say_redo(self, what: str) -> None:
        self._redo.setText(f"&Redo {what[:1].lower()}{what[1:]}".rstrip())
