"""Choices for all files together: size, larger art, where classes come from."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHeaderView

from sprite_lab.app.files.importing import Importing
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.fields.table import WRITABLE, Table
from sprite_lab.words import tr


class AllFilesGroup(FoldGroup):
    """Settings of the resulting set."""

    def __init__(self, importing: Importing) -> None:
        super().__init__(tr("All files"), name="import.all")
        self._importing = importing
        self._form = Form(
            importing.choices,
            name="import",
            names={"cell": "size", "keep_duplicates": "duplicates", "words_from_names": "words"},
            lists={"larger", "classes"},
        )
        self._form.setParent(self)
        self._patterns = Table(
            (tr("Name"), tr("Class")),
            name="import.patterns",
            label=tr("Patterns of names and their classes"),
            tip=tr(
                "The first pattern that matches a name sets the class, overriding the choice "
                "above. * stands for any letters, ? for one: sword* → weapon"
            ),
        )
        self._patterns.setShowGrid(True)
        self._patterns.setEditTriggers(WRITABLE)
        self._patterns.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._patterns.setFixedHeight(112)
        add = IconButton("import.patterns.add", "add", tr("Add pattern"), tr("Pattern"))
        self._remove = IconButton(
            "import.patterns.remove", "remove", tr("Remove the selected pattern")
        )
        buttons = hbox(dim_label(tr("By name"), wrap=False), ..., add, self._remove, spacing=4)
        for path in ("cell", "larger", "classes"):
            self.add_row(self._form.label(path), self._form.add(path))
        self.add_layout(buttons)
        self.add(self._patterns)
        for path in ("words_from_names", "sheet_words", "keep_duplicates"):
            self.add(self._form.add(path))
        self._form.changed.connect(self._on_form)
        self._patterns.itemChanged.connect(self._on_patterns)
        self._patterns.itemSelectionChanged.connect(self._gray)
        add.clicked.connect(self._add_pattern)
        self._remove.clicked.connect(self._remove_pattern)
        self._gray()

    def show_choices(self) -> None:
        choices = self._importing.choices
        self._form.set_value(choices)
        if self._typed() != choices.patterns:
            with QSignalBlocker(self._patterns):
                self._patterns.setRowCount(0)
                for pattern in choices.patterns:
                    self._append(*pattern)
            self._gray()

    def _on_form(self) -> None:
        self._importing.choose(self._importing.choices.having(self._form.values))

    # -- patterns ------------------------------------------------------------------------

    def _typed(self) -> tuple[tuple[str, str], ...]:
        """The rows that have both pattern and class."""
        rows = []
        for row in range(self._patterns.rowCount()):
            cells = [self._patterns.item(row, column) for column in (0, 1)]
            pattern, class_name = (cell.text().strip() if cell else "" for cell in cells)
            if pattern and class_name:
                rows.append((pattern, class_name))
        return tuple(rows)

    def _append(self, pattern: str, class_name: str) -> None:
        row = self._patterns.rowCount()
        self._patterns.insertRow(row)
        for column, text in enumerate((pattern, class_name)):
            self._patterns.put(row, column, text)

    def _add_pattern(self) -> None:
        with QSignalBlocker(self._patterns):
            self._append("", "")
        row = self._patterns.rowCount() - 1
        self._patterns.setCurrentCell(row, 0)
        item = self._patterns.item(row, 0)
        assert item is not None
        self._patterns.setFocus(Qt.FocusReason.OtherFocusReason)
        self._patterns.editItem(item)

    def _remove_pattern(self) -> None:
        row = self._patterns.currentRow()
        if row >= 0:
            self._patterns.removeRow(row)
            self._on_patterns()
            self._gray()

    def _on_patterns(self, *_: object) -> None:
        self._importing.choose(replace(self._importing.choices, patterns=self._typed()))

    def _gray(self) -> None:
        self._remove.setEnabled(bool(self._patterns.selectedIndexes()))
