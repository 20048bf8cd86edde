"""The group for names and tags of the chosen cells."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QLineEdit

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.names import LONGEST_NAME, name_of
from sprite_lab.ui.draw.generate.cell_group import CellGroup
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.keys import ENTER, claims, is_press
from sprite_lab.words import tr

_NAME_TIP = tr(
    "Name of the drawing, used in data sets and in exports whose template has {name}.\nSeveral "
    "cells are numbered."
)
_TAGS_TIP = tr(
    "Animations that this cell is a frame of, such as “walk, left”: neighboring cells with the "
    "same tag\nbecome its frames in Aseprite files, in the JSON of a sheet and in Godot."
)


class NamesGroup(CellGroup):
    """Sets names and tags of the chosen cells while the user types."""

    left = Signal()  #: Enter or Esc was pressed

    def __init__(self, editor: CellEditor) -> None:
        super().__init__(tr("Name and tags"), editor, name="names", opened=False)
        self.name = named(QLineEdit(), "draw.name", tr("Name of the cell"), _NAME_TIP)
        self.name.setMaxLength(LONGEST_NAME)
        self.tags = named(QLineEdit(), "draw.tags", tr("Tags of the cell"), _TAGS_TIP)
        self.add_row(tr("Name"), self.name)
        self.add_row(tr("Tags"), self.tags)
        self.name.textEdited.connect(lambda text: editor.set_name(name_of(text)))
        self.tags.textEdited.connect(lambda text: editor.set_tags(text.split(",")))
        for field in (self.name, self.tags):
            field.installEventFilter(self)

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        fields = (
            (self.name, [cell.name for cell in chosen]),
            (self.tags, [", ".join(cell.tags) for cell in chosen]),
        )
        for field, texts in fields:
            alike = len(set(texts)) == 1
            field.setPlaceholderText("" if alike else tr("several"))
            if not field.hasFocus():  # or it is the text being typed
                field.setText(texts[0] if alike else "")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        leaving = (*ENTER, Qt.Key.Key_Escape)
        if is_press(event, leaving):
            self.left.emit()
            return True
        return claims(event, leaving) or super().eventFilter(watched, event)
