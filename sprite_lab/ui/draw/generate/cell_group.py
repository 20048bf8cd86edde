"""Shared by the groups about the chosen cells."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.shell.text_format import class_words
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.ui.widgets.fields.calm import refit
from sprite_lab.ui.widgets.fields.inspector import FoldGroup


class CellGroup(FoldGroup):
    """A group of the inspector that shows the chosen cells and edits them."""

    def __init__(self, title: str, editor: CellEditor, *, name: str, opened: bool = True) -> None:
        super().__init__(title, name=f"draw.group.{name}", opened=opened)
        self._editor, self._session = editor, editor.session

    def set_model(self, model: ModelInfo | None, names: Sequence[str]) -> None:
        """Offer what a model can do, and the available classes; None = no model."""

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        """Show the chosen cells; the first one is on the canvas."""


def show_class(box: QComboBox, name: str | None, instead: str) -> None:
    """Show a class in a list, or else the text ``instead``."""
    with QSignalBlocker(box):
        index = -1 if instead else box.findData(name)
        if index < 0 and not instead:
            # A class of an opened project that neither model nor data have.
            box.addItem(class_words(name), name)
            refit(box)
            index = box.count() - 1
        box.setCurrentIndex(index)
        box.setPlaceholderText(instead)
