"""The classes of a set: assign, add, rename and remove them."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTableWidget, QTableWidgetItem

from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.data.facts import class_counts
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import FoldGroup
from sprite_lab.words import number_text, tr

#: How many classes have a key of their own.
KEYED = 9

#: Rows in sight at once, and the height of each.
_ROWS, _ROW_HEIGHT = 7, 24

_KEY, _NAME, _COUNT = range(3)
_LABEL = Qt.ItemDataRole.UserRole


class _ClassTable(QTableWidget):
    """Enter gives the class, F2 renames it; digits are keys of the page."""

    given = Signal()

    def __init__(self) -> None:
        super().__init__(0, 3)
        named(self, "data.classes", tr("Classes"))
        self.setToolTip(
            tr(
                "Keys 1 to 9 give the chosen sprites a class, 0 takes it away; so do a double "
                "click "
                "or Enter here. F2 renames."
            )
        )
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        for column, width in ((_KEY, 28), (_COUNT, 64)):
            self.setColumnWidth(column, width)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.setEditTriggers(QTableWidget.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.given.emit()
        elif Qt.Key.Key_0 <= event.key() <= Qt.Key.Key_9 or event.key() == Qt.Key.Key_Delete:
            event.ignore()  # rather than jump to a name that begins so
        else:
            super().keyPressEvent(event)


class LabelGroup(FoldGroup):
    """The classes of the set, and the class of the chosen sprites."""

    given = Signal(int)  #: the label to assign to the selected sprites, -1 = none
    added = Signal(str)  #: the name of a new class to assign to them
    renamed = Signal(int, str)  #: label and its new name
    removed = Signal(int)  #: the label of the class to remove

    def __init__(self) -> None:
        super().__init__(tr("Classes"), name="data.labels")
        self._chosen = 0
        self.table = _ClassTable()
        self.new = named(QLineEdit(), "data.new_class", tr("New class"))
        self.new.setPlaceholderText(tr("New class for the chosen sprites"))
        self.new.setToolTip(
            tr("Type a name; Enter adds the class and gives it to the chosen sprites")
        )
        self._give = push_button(
            "data.give", tr("Give"), tip=tr("Give the chosen sprites this class (1 to 9)")
        )
        self._rename = push_button(
            "data.rename", tr("Rename"), tip=tr("Call this class otherwise (F2)")
        )
        self._remove = push_button(
            "data.remove_class",
            tr("Remove"),
            tip=tr("Take this class away; its sprites then have none"),
        )
        buttons = hbox()
        for button in (self._give, self._rename, self._remove):
            buttons.addWidget(button)
        self.add(self.table)
        self.add_layout(buttons)
        self.add(self.new)
        self.table.given.connect(self._on_give)
        self.table.cellDoubleClicked.connect(lambda _row, _column: self._on_give())
        self.table.itemChanged.connect(self._on_edited)
        self.table.currentCellChanged.connect(lambda *_: self._show_buttons())
        self._give.clicked.connect(self._on_give)
        self._rename.clicked.connect(self._edit)
        self._remove.clicked.connect(lambda: self.removed.emit(self._label()))
        self.new.returnPressed.connect(self._on_new)

    def set_sprites(self, sprites: SpriteSet | None) -> None:
        """Show the classes of a set, with their keys and how many sprites each has."""
        rows = class_counts(sprites)[1:] if sprites is not None else []
        row = self.table.currentRow()
        with QSignalBlocker(self.table):
            self.table.setRowCount(len(rows))
            for i, (name, label, count) in enumerate(rows):
                assert label is not None
                key = "0" if label < 0 else str(label + 1) if label < KEYED else ""
                for column, text in ((_KEY, key), (_NAME, name), (_COUNT, number_text(count))):
                    self._put(i, column, text, label)
            self.table.setCurrentCell(min(max(row, 0), len(rows) - 1), _NAME)
        self.table.setFixedHeight(min(max(len(rows), 1), _ROWS) * _ROW_HEIGHT + 6)
        self._show_buttons()

    def _put(self, row: int, column: int, text: str, label: int) -> None:
        item = self.table.item(row, column)
        if item is None:  # one that is there may be written into at this moment, and stays
            item = QTableWidgetItem()
            self.table.setItem(row, column, item)
            if column == _COUNT:
                right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                item.setTextAlignment(right)
        item.setText(text)
        item.setData(_LABEL, label)
        editable = Qt.ItemFlag.ItemIsEditable
        named = column == _NAME and label >= 0
        item.setFlags(item.flags() | editable if named else item.flags() & ~editable)

    def set_chosen(self, count: int) -> None:
        """Set the number of selected sprites; a class can only be assigned to some."""
        self._chosen = count
        self._show_buttons()

    def _label(self) -> int:
        item = self.table.item(self.table.currentRow(), _NAME)
        return -1 if item is None else int(item.data(_LABEL))

    def _show_buttons(self) -> None:
        there = self.table.currentRow() >= 0
        named = there and self._label() >= 0
        self._give.setEnabled(there and self._chosen > 0)
        self._rename.setEnabled(named)
        self._remove.setEnabled(named)
        self.new.setEnabled(self._chosen > 0)

    def _edit(self) -> None:
        item = self.table.item(self.table.currentRow(), _NAME)
        if item is not None:
            self.table.setFocus()
            self.table.editItem(item)

    def _on_give(self) -> None:
        if self._give.isEnabled():
            self.given.emit(self._label())

    def _on_new(self) -> None:
        name = self.new.text()
        self.new.clear()
        self.added.emit(name)

    def _on_edited(self, item: QTableWidgetItem) -> None:
        self.renamed.emit(int(item.data(_LABEL)), item.text())
