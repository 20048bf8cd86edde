"""The results of a class, for the teacher: tables of the students and their answers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QSplitter,
    QTableWidget,
    QWidget,
)
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
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import dim_label, heading
from sprite_lab.ui.widgets.fields.table import LEFT
from sprite_lab.ui.wrapped_items import WrappedItems
from sprite_lab.words import tr

#: Widest column beside text of the usual size, and room above and below an answer, in logical
#: pixels.
_WIDEST, _AROUND = 280, 8

#: The columns of answers that share the width that is left: questions and answers.
_LONG, _SHARED = (2, 4), QHeaderView.ResizeMode.Stretch


class ClassWindow(QDialog):
    """A row for each student; below, the answers and pictures of the selected ones.

    ``lessons``: those that ship with the app, which know the questions.
    """

    def __init__(
        self, students: Sequence[Student], lessons: Sequence[Lesson], parent: QWidget
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("class")
        self.setWindowTitle(tr("Results of a class"))
        self._students = sorted(students, key=lambda student: student.title.casefold())
        self._lessons = lessons
        columns = columns_of(students, lessons)
        self.table = _table("class.students", tr("Students"))
        self.table.setWordWrap(False)
        self._whose = heading("")
        self.answers = _table("class.answers", tr("Answers"))
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
            "finished. Select one or more students to see their answers; Ctrl+A selects all."
        )
        vbox(dim_label(about), (parts, 1), on=self, margins=(16, 16, 16, 12))
        set_first_size(self, 1140, 720)
        _fill(
            self.table,
            (*CLASS_COLUMNS, *(str(number) for number in range(1, len(columns) + 1))),
            [class_row(student, columns, lessons) for student in self._students],
        )
        for number, title in enumerate(columns.values(), len(CLASS_COLUMNS)):
            head = self.table.horizontalHeaderItem(number)
            if head is not None:
                head.setToolTip(tooltip(title))
        self.table.itemSelectionChanged.connect(self._show_chosen)
        self.table.selectAll()
        self._show_chosen()
        for column in _LONG:
            self.answers.horizontalHeader().setSectionResizeMode(column, _SHARED)

    def _show_chosen(self) -> None:
        rows = sorted({index.row() for index in self.table.selectedIndexes()})
        chosen = [self._students[row] for row in rows]
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


def _table(name: str, title: str) -> QTableWidget:
    table = named(QTableWidget(), name, title)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.horizontalHeader().setDefaultAlignment(LEFT)
    table.horizontalHeader().setHighlightSections(False)
    return table


def _fill(table: QTableWidget, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Fill a table with rows of text, each column as wide as it needs, within reason."""
    for part in (table, table.horizontalHeader()):
        part.ensurePolished()  # otherwise the space beside words would not count
    table.setColumnCount(len(titles))
    table.setHorizontalHeaderLabels(list(titles))
    table.setRowCount(len(rows))
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            table.setItem(i, j, Item(text))
    table.resizeColumnsToContents()
    widest = round(_WIDEST * theme_manager().text_scale)
    for column in range(table.columnCount()):
        table.setColumnWidth(column, min(table.columnWidth(column), widest))
