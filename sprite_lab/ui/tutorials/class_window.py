"""The results of a class, for the teacher: tables of the students and their answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QHeaderView, QSplitter, QTableWidget, QWidget
from PySide6.QtWidgets import QTableWidgetItem as Item

from sprite_lab.app.shell.class_table import (
    CLASS_COLUMNS,
    QUESTION_COLUMNS,
    class_row,
    class_title,
    columns_of,
    question_rows,
)
from sprite_lab.app.shell.desk import Student
from sprite_lab.formats.lessons import Lesson
from sprite_lab.ui.first_sizes import set_first_size
from sprite_lab.ui.layouts import as_widget, vbox
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.tutorials.pictures import PictureList
from sprite_lab.ui.widgets.fields.inspector import dim_label, heading
from sprite_lab.ui.widgets.fields.table import Table
from sprite_lab.ui.wrapped_items import WrappedItems
from sprite_lab.words import tr

#: Widest column beside text of the usual size, and room above and below an answer, in logical
#: pixels.
_WIDEST, _AROUND = 280, 8

#: The columns of the table of answers that share the remaining width: questions and answers.
_LONG, _SHARED = (2, 4), QHeaderView.ResizeMode.Stretch


class ClassWindow(QDialog):
    """A row for each student; below, the answers and pictures of the selected ones.

    ``lessons``: those that ship with the app, for the text of the questions.
    """

    def __init__(
        self, students: Sequence[Student], lessons: Sequence[Lesson], parent: QWidget
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("class")
        self.setWindowTitle(tr("Results of a class"))
        self._lessons = lessons
        columns = columns_of(students, lessons)
        self.table = _Table(CLASS_COLUMNS, "class.students", tr("Students"))
        self.table.setProperty("sorts", True)
        self.table.setWordWrap(False)
        self._whose = heading("")
        self.answers = _Table(QUESTION_COLUMNS, "class.answers", tr("Answers"))
        WrappedItems(self.answers)
        # Rows are as high as their words need at the final widths of the columns.
        self._fit = QTimer(self, singleShot=True, interval=0)
        self._fit.timeout.connect(self._fit_rows)
        self.answers.horizontalHeader().sectionResized.connect(lambda *_: self._fit.start())
        self.pictures = PictureList("class.pictures")
        below = vbox(self._whose, (self.answers, 2), (self.pictures, 1), margins=(0, 8, 0, 0))
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(self.table)
        parts.addWidget(as_widget(below))
        parts.setSizes([260, 420])
        about = tr(
            "Under a lesson's number: answers right on the first try, out of those given; ✓ = "
            "finished. Select one or more students to see their answers; Ctrl+A selects all, and "
            "Ctrl+C copies rows for a spreadsheet."
        )
        vbox(dim_label(about), (parts, 1), on=self, margins=(16, 16, 16, 12))
        set_first_size(self, 1140, 720)
        _fill(
            self.table,
            (*CLASS_COLUMNS, *(str(number) for number in range(1, len(columns) + 1))),
            [class_row(student, columns, lessons) for student in students],
        )
        for row, student in enumerate(students):
            self._name_of(row).setData(Qt.ItemDataRole.UserRole, student)
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.table.setSortingEnabled(True)
        for number, title in enumerate(columns.values(), len(CLASS_COLUMNS)):
            head = self.table.horizontalHeaderItem(number)
            if head is not None:
                head.setToolTip(tooltip(title))
        self.table.itemSelectionChanged.connect(self._show_chosen)
        self.table.selectAll()
        self._show_chosen()
        for column in _LONG:
            self.answers.horizontalHeader().setSectionResizeMode(column, _SHARED)

    def _name_of(self, row: int) -> Item:
        """The cell with the name of a student."""
        item = self.table.item(row, 0)
        assert item is not None
        return item

    def _show_chosen(self) -> None:
        names = map(self._name_of, self.table.chosen_rows)
        chosen = [name.data(Qt.ItemDataRole.UserRole) for name in names]
        whose = class_title(chosen, self._lessons) if chosen else tr("No student is selected")
        self._whose.setText(whose)
        _fill(self.answers, QUESTION_COLUMNS, question_rows(chosen, self._lessons))
        self._fit.start()
        pictures = chosen[0].results.pictures if len(chosen) == 1 else ()
        self.pictures.set_pictures(pictures)
        self.pictures.setVisible(bool(pictures))

    def _fit_rows(self) -> None:
        self.answers.resizeRowsToContents()
        for row in range(self.answers.rowCount()):  # otherwise lines would touch words
            self.answers.setRowHeight(row, self.answers.rowHeight(row) + _AROUND)


class _Cell(Item):
    """Sorts numbers in its text by size: “2 of 3” before “10 of 12”."""

    def __lt__(self, other: Item) -> bool:
        return _rank(self.text()) < _rank(other.text())


def _rank(text: str) -> list[str | int]:
    parts = re.split(r"(\d+)", text.casefold())
    return [int(part) if part.isdecimal() else part for part in parts]


class _Table(Table):
    """A table whose rows can be copied, with grid lines."""

    def __init__(self, titles: Sequence[str], name: str, label: str) -> None:
        super().__init__(titles, name=name, label=label, tip="")
        self.setShowGrid(True)

    @property
    def chosen_rows(self) -> list[int]:
        return sorted({index.row() for index in self.selectedIndexes()})

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not event.matches(QKeySequence.StandardKey.Copy):
            super().keyPressEvent(event)
            return
        columns = range(self.columnCount())
        rows = [[self.horizontalHeaderItem(column) for column in columns]]
        rows += [[self.item(row, column) for column in columns] for row in self.chosen_rows]
        lines = ("\t".join(_plain(item.text()) for item in row if item) for row in rows)
        QGuiApplication.clipboard().setText("\n".join(lines))


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula: names and answers come from strangers."""
    text = " ".join(text.split())
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _fill(table: QTableWidget, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Fill a table with rows of text, each column as wide as it needs, within reason."""
    for part in (table, table.horizontalHeader()):
        part.ensurePolished()  # otherwise the space beside words would not count
    table.setColumnCount(len(titles))
    table.setHorizontalHeaderLabels(list(titles))
    table.setRowCount(len(rows))
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            table.setItem(i, j, _Cell(text))
    table.resizeColumnsToContents()
    widest = round(_WIDEST * theme_manager().text_scale)
    for column in range(table.columnCount()):
        table.setColumnWidth(column, min(table.columnWidth(column), widest))
