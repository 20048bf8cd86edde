"""The classes of a set: assign, add, rename and remove them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTableWidgetItem

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import class_words
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.data.facts import class_counts
from sprite_lab.ui.flow import button_row
from sprite_lab.ui.icons import icon
from sprite_lab.ui.text import plain
from sprite_lab.ui.theme import current_theme, theme_manager
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import FoldGroup
from sprite_lab.ui.widgets.fields.table import Table
from sprite_lab.words import number_text, tr

#: Number of classes that have a key.
KEYED = 9

#: Number of rows visible at once, and the height of each in logical pixels.
_ROWS, _ROW_HEIGHT = 7, 24

_KEY, _NAME, _COUNT = range(3)
_LABEL = Qt.ItemDataRole.UserRole


class _ClassName(QTableWidgetItem):
    """Shows the display name of a class; editing changes its name, as spelled in files."""

    def data(self, role: int) -> object:
        value = super().data(role)
        if role == Qt.ItemDataRole.DisplayRole:
            return class_words(value)
        if role == Qt.ItemDataRole.ToolTipRole:
            name = super().data(Qt.ItemDataRole.EditRole)
            return plain(tr("“{name}” in files", name=name)) if "_" in name else value
        return value


class _ClassTable(Table):
    """Enter assigns the class, and F2 renames it; digits belong to the page."""

    given = Signal()

    def __init__(self) -> None:
        super().__init__(
            3,
            name="data.classes",
            label=tr("Classes"),
            tip=tr(
                "Keys 1 to 9, or a double-click or Enter here, assign a class to the selected "
                "sprites; 0 removes it. F2 renames."
            ),
            row_height=_ROW_HEIGHT,
        )
        self.horizontalHeader().setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        for column, width in ((_KEY, 28), (_COUNT, 64)):
            self.setColumnWidth(column, width)
        self.setIconSize(QSize(12, 12))  # size of the marks
        self.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.setEditTriggers(Table.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.given.emit()
        elif Qt.Key.Key_0 <= event.key() <= Qt.Key.Key_9 or event.key() == Qt.Key.Key_Delete:
            event.ignore()  # otherwise it would jump to a name that starts with the digit
        else:
            super().keyPressEvent(event)


class LabelGroup(FoldGroup):
    """The classes of the set, and the class of the selected sprites."""

    added = Signal()  #: a class was typed, and assigned to the selected sprites

    def __init__(self, lab: Lab, chosen: Callable[[], NDArray[np.intp]]) -> None:
        super().__init__(tr("Classes"), name="data.labels")
        self._lab, self._chosen = lab, chosen
        self.table = _ClassTable()
        tip = tr("Type a name; Enter adds the class and assigns it to the selected sprites")
        self.new = named(QLineEdit(), "data.new_class", tr("New class"), tip)
        self.new.setPlaceholderText(tr("New class for the selected sprites"))
        self._give = push_button(
            "data.give", tr("Assign"), tip=tr("Assign this class to the selected sprites (1 to 9)")
        )
        tip = tr(
            "Rename this class (F2). You edit its name in files: “side_facing” is shown as "
            "“side facing”."
        )
        self._rename = push_button("data.rename", tr("Rename"), tip=tip, do=self._edit)
        tip = tr("Remove this class; its sprites then have none")
        self._remove = push_button(
            "data.remove_class", tr("Remove class"), tip=tip, do=self._on_remove
        )
        buttons = button_row(self._give, self._rename, self._remove)
        self.add(self.table, buttons, self.new)
        self.table.given.connect(self._on_give)
        self.table.cellDoubleClicked.connect(lambda _row, _column: self._on_give())
        self.table.itemChanged.connect(self._on_edited)
        self.table.currentCellChanged.connect(self.show_buttons)
        theme_manager().changed.connect(self.show_buttons)
        self._give.clicked.connect(self._on_give)
        self.new.returnPressed.connect(self._on_new)

    def set_sprites(self, sprites: SpriteSet | None) -> None:
        """Show the classes of a set, with their keys and numbers of sprites."""
        rows = class_counts(sprites)[1:] if sprites is not None else []
        names = () if sprites is None else sprites.class_names
        row = self.table.currentRow()
        with QSignalBlocker(self.table):
            self.table.setRowCount(len(rows))
            for i, (words, label, count) in enumerate(rows):
                assert label is not None
                name = names[label] if label >= 0 else words
                key = "0" if label < 0 else str(label + 1) if label < KEYED else ""
                for column, text in ((_KEY, key), (_NAME, name), (_COUNT, number_text(count))):
                    self._put(i, column, text, label)
            self.table.setCurrentCell(min(max(row, 0), len(rows) - 1), _NAME)
        self.table.fit_rows(_ROWS)
        for part in (self.table, self._give, self._rename, self._remove):
            part.setVisible(bool(rows))
        self.show_buttons()

    def _put(self, row: int, column: int, text: str, label: int) -> None:
        if column == _NAME and self.table.item(row, column) is None:
            self.table.setItem(row, column, _ClassName())
        item = self.table.put(row, column, text, number=column == _COUNT)
        item.setData(_LABEL, label)
        editable = Qt.ItemFlag.ItemIsEditable
        named = column == _NAME and label >= 0
        item.setFlags(item.flags() | editable if named else item.flags() & ~editable)

    def _label(self) -> int:
        item = self.table.item(self.table.currentRow(), _NAME)
        return -1 if item is None else int(item.data(_LABEL))

    def show_chosen(self) -> None:
        """Follow the selection: mark the classes of its sprites, and scroll to one of them."""
        self.show_buttons()
        marked, sight = self._marked, self.table.viewport().rect()
        if marked and not any(sight.contains(self.table.visualItemRect(item)) for item in marked):
            self.table.scrollToItem(marked[0])

    def show_buttons(self, *_: object) -> None:
        """Mark the classes of the selected sprites, and gray out impossible actions."""
        self._mark()
        there, some = self.table.currentRow() >= 0, len(self._chosen()) > 0
        named = there and self._label() >= 0
        no_class = tr("Select a class first.")
        no_sprites = "" if some else tr("Select sprites first.")
        allow(self._give, no_sprites if there else no_class)
        for button in (self._rename, self._remove):
            allow(button, "" if named else no_class)
        allow(self.new, no_sprites)

    @property
    def _marked(self) -> list[QTableWidgetItem]:
        """The names of the classes of the selected sprites."""
        sprites, chosen = self._lab.data.value, self._chosen()
        if sprites is None:
            return []
        labels = set(sprites.labels[chosen[chosen < len(sprites)]].tolist())
        names = (self.table.item(row, _NAME) for row in range(self.table.rowCount()))
        return [item for item in names if item is not None and item.data(_LABEL) in labels]

    def _mark(self) -> None:
        marked = self._marked
        check, nothing = icon("accept", current_theme()), QPixmap(self.table.iconSize())
        nothing.fill(Qt.GlobalColor.transparent)
        blank = QIcon(nothing)  # so that names are aligned
        with QSignalBlocker(self.table):
            for row in range(self.table.rowCount()):
                item = self.table.item(row, _NAME)
                if item is not None:
                    item.setIcon(check if item in marked else blank)

    def _edit(self) -> None:
        item = self.table.item(self.table.currentRow(), _NAME)
        if item is not None:
            self.table.setFocus()
            self.table.editItem(item)

    def give(self, label: int) -> None:
        """Assign a class to the selected sprites; -1 = none."""
        with self._lab.reporting():
            self._lab.edits.relabel(self._chosen(), label)

    def _on_give(self) -> None:
        if self._give.isEnabled():
            self.give(self._label())

    def _on_new(self) -> None:
        name = self.new.text()
        self.new.clear()
        with self._lab.reporting():
            self._lab.edits.new_class(name, self._chosen())
        self.added.emit()

    def _on_edited(self, item: QTableWidgetItem) -> None:
        with self._lab.reporting():
            name = item.data(Qt.ItemDataRole.EditRole)
            self._lab.edits.rename_class(int(item.data(_LABEL)), name)
        self.set_sprites(self._lab.data.value)  # show the old name again if the new one was refused

    def _on_remove(self) -> None:
        with self._lab.reporting():
            self._lab.edits.remove_class(self._label())
