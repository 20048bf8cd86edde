"""Tables of a few columns: selection by row, numbers on the right."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem

from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.calm import named

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

#: What style sheet and style leave free beside the words of a cell, in logical pixels.
_PADDING = 14

_EDIT = QTableWidget.EditTrigger

#: How cells are edited: by a double click, F2, or typing.
WRITABLE = _EDIT.DoubleClicked | _EDIT.EditKeyPressed | _EDIT.AnyKeyPressed


class Table(QTableWidget):
    """A read-only table without a grid, which Tab leaves.

    ``columns``: headings, or only their number. ``row_height``: in logical pixels at the usual text
    size; 0 = the style's.
    """

    def __init__(
        self, columns: Sequence[str] | int, *, name: str, label: str, tip: str, row_height: int = 0
    ) -> None:
        super().__init__(0, columns if isinstance(columns, int) else len(columns))
        named(self, name, label, tip)
        if isinstance(columns, int):
            self.horizontalHeader().hide()
        else:
            self.setHorizontalHeaderLabels(list(columns))
        self.verticalHeader().hide()
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setAccessibleName(label)
        self.horizontalHeader().setDefaultAlignment(LEFT)
        # Otherwise all titles would be bold, and cut off, once a row is selected.
        self.horizontalHeader().setHighlightSections(False)
        self._row_height, self._most_rows = row_height, 0
        self._fits_columns = False
        self._shares_from: int | None = None  # the width; None = it does not
        if row_height:
            theme_manager().on_text(self._fit_text)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)

    def put(self, row: int, column: int, text: str, *, number: bool = False) -> QTableWidgetItem:
        """Set the text of a cell; its item stays, as the user may be editing it right now."""
        item = self.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            self.setItem(row, column, item)
            if number:
                item.setTextAlignment(RIGHT)
                above = self.horizontalHeaderItem(column)
                if above is not None:
                    above.setTextAlignment(RIGHT)
        item.setText(text)
        return item

    def fit_rows(self, most: int, least: int = 1) -> None:
        """Set the height to that of the rows, of which at most ``most`` are visible, with room for
        ``least``.
        """
        self._most_rows = most
        rows = min(max(self.rowCount(), least), most) * self.verticalHeader().defaultSectionSize()
        header = self.horizontalHeader()
        above = 0 if header.isHidden() else header.sizeHint().height()
        self.setFixedHeight(above + rows + 6)

    def fit_columns(self) -> None:
        """Set the minimum width so that all columns are fully readable, but for the first below its
        title: it takes the rest, and long names are cut off there.
        """
        self._fits_columns = True
        header, words = self.horizontalHeader(), self.fontMetrics().horizontalAdvance
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        widths = []
        for column in range(self.columnCount()):  # Qt would ask for twice the space beside words
            item = self.horizontalHeaderItem(column)
            above = 0 if item is None else words(item.text()) + _PADDING
            inside = self.sizeHintForColumn(column) if column else 0
            widths.append(max(inside, above))
            header.resizeSection(column, widths[-1])
        self.setMinimumWidth(sum(widths) + 6)

    def share_width(self, first: int = 0) -> None:
        """Let the widest columns yield where there is no room for all, and their texts wrap, if
        possible between words. What is left goes to the narrowest, from column ``first`` on. The
        table is no higher than its rows.
        """
        self._shares_from = first
        needed, room = self._needed, self.viewport().width()
        words = _within(self._unbroken, room)
        over = [max(0, whole - least) for whole, least in zip(needed, words, strict=True)]
        pairs = zip(words, _within(over, room - sum(words)), strict=True)
        widths = [least + more for least, more in pairs]
        fixed, free = widths[:first], widths[first:]
        level = min(free)
        while sum(fixed) + sum(max(width, level + 1) for width in free) <= room:
            level += 1
        self.horizontalHeader().setStretchLastSection(True)
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width if column < first else max(width, level))
        rows = self.verticalHeader()
        for row in range(self.rowCount()):
            lines = self._lines_of(row) if widths != needed else 0
            more = max(0, lines - self.fontMetrics().height())
            self.setRowHeight(row, rows.defaultSectionSize() + more)
        self.end_with_rows()

    def end_with_rows(self, least: int = 0) -> None:
        """Be no higher than all rows, with a scroll bar below them if they are wider; ``least``:
        how many of them are always in sight.
        """
        across = self.horizontalHeader()
        height = across.sizeHint().height() + self.verticalHeader().length()
        if across.length() > self.viewport().width():
            height += self.horizontalScrollBar().sizeHint().height()
        height += 2 * self.frameWidth()
        self.setMaximumHeight(height)
        hidden = max(0, self.rowCount() - least) * self.verticalHeader().defaultSectionSize()
        if least:
            self.setMinimumHeight(height - hidden)

    def _lines_of(self, row: int) -> int:
        """The height of the wrapped words of a row, in logical pixels; Qt would measure them
        without the padding of the style sheet.
        """
        height, wrap = 0, Qt.TextFlag.TextWordWrap
        for column in range(self.columnCount()):
            item = self.item(row, column)
            room = QRect(0, 0, self.columnWidth(column) - _PADDING, 10_000)
            if item is not None:
                lines = self.fontMetrics().boundingRect(room, wrap, item.text())
                height = max(height, lines.height())
        return height

    @property
    def _needed(self) -> list[int]:
        """The width at which each column is fully readable, in logical pixels."""
        header = self.horizontalHeader()
        return [
            max(self.sizeHintForColumn(column), header.sectionSizeHint(column))
            for column in range(self.columnCount())
        ]

    @property
    def _unbroken(self) -> list[int]:
        """The width at which no word of each column is broken, in logical pixels."""
        header, metrics = self.horizontalHeader(), self.fontMetrics()
        widths = [header.sectionSizeHint(column) for column in range(self.columnCount())]
        for item in self.findItems("", Qt.MatchFlag.MatchContains):
            words = re.split(r"(?<=[\s/-])", item.text())  # a line may end after these
            width = max(metrics.horizontalAdvance(word.rstrip()) for word in words)
            widths[item.column()] = max(widths[item.column()], width + _PADDING)
        return widths

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._shares_from is not None and event.size().width() != event.oldSize().width():
            self.share_width(self._shares_from)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Its parts have their style, with the space beside words, only now.
        if self._most_rows:
            self.fit_rows(self._most_rows)
        if self._fits_columns:
            self.fit_columns()
        if self._shares_from is not None:
            self.share_width(self._shares_from)

    def _fit_text(self) -> None:
        scale = theme_manager().text_scale
        self.verticalHeader().setDefaultSectionSize(round(self._row_height * scale))
        if self._most_rows:
            self.fit_rows(self._most_rows)
        if self._shares_from is not None:
            self.share_width(self._shares_from)


def _within(widths: Sequence[int], room: int) -> list[int]:
    """Widths of which the largest yield until all fit."""
    most = max(widths)
    while most > 0 and sum(min(width, most) for width in widths) > room:
        most -= 1
    return [min(width, most) for width in widths]
