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

#: Horizontal padding of a cell by style sheet and style, in logical pixels.
_PADDING = 14

_EDIT = QTableWidget.EditTrigger

#: How cells are edited: by a double click, F2, or typing.
WRITABLE = _EDIT.DoubleClicked | _EDIT.EditKeyPressed | _EDIT.AnyKeyPressed


class Table(QTableWidget):
    """A read-only table without grid lines; Tab moves the focus out of it.

    ``columns``: headings, or just their number. ``row_height``: in logical pixels at the usual text
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
        # Otherwise, selecting a row would make all titles bold, and cut them off.
        self.horizontalHeader().setHighlightSections(False)
        self._row_height = row_height
        self._rows: tuple[int, int] | None = None  # arguments of fit_rows(); None = not called
        self._fits_columns = False
        self._shares_from: int | None = None  # argument of share_width(); None = not called
        if row_height:
            theme_manager().on_text(self._fit_text)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)

    def put(self, row: int, column: int, text: str, *, number: bool = False) -> QTableWidgetItem:
        """Set the text of a cell, keeping its item, as the user may be editing it."""
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
        """Set the height to that of the rows, but at least ``least`` and at most ``most`` rows."""
        self._rows = most, least
        rows = min(max(self.rowCount(), least), most) * self.verticalHeader().defaultSectionSize()
        header = self.horizontalHeader()
        above = 0 if header.isHidden() else header.sizeHint().height()
        self.setFixedHeight(above + rows + 6)

    def fit_columns(self) -> None:
        """Set the minimum width so that all columns are fully readable. The first takes the
        remaining width: its title is readable, but long names in it may be cut off.
        """
        self._fits_columns = True
        header, words = self.horizontalHeader(), self.fontMetrics().horizontalAdvance
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        widths = []
        for column in range(self.columnCount()):  # Qt would request twice the padding
            item = self.horizontalHeaderItem(column)
            above = 0 if item is None else words(item.text()) + _PADDING
            inside = self.sizeHintForColumn(column) if column else 0
            widths.append(max(inside, above))
            header.resizeSection(column, widths[-1])
        self.setMinimumWidth(sum(widths) + 6)

    def share_width(self, first: int = 0) -> None:
        """Shrink the widest columns if there is not enough room, wrapping their text, if possible
        between words. Spare width goes to the narrowest columns, from ``first`` on. The table is no
        higher than its rows.
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
        """Limit the height to that of all rows, and of a scroll bar if they are too wide;
        ``least``: number of rows that are always visible.
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
        """The height of a row's wrapped text in logical pixels; Qt would ignore the padding."""
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
        """The minimum width at which each column is fully readable, in logical pixels."""
        header = self.horizontalHeader()
        return [
            max(self.sizeHintForColumn(column), header.sectionSizeHint(column))
            for column in range(self.columnCount())
        ]

    @property
    def _unbroken(self) -> list[int]:
        """The minimum width at which no word of each column is broken, in logical pixels."""
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
        # Only now do its parts have their style and padding.
        if self._rows is not None:
            self.fit_rows(*self._rows)
        if self._fits_columns:
            self.fit_columns()
        if self._shares_from is not None:
            self.share_width(self._shares_from)

    def _fit_text(self) -> None:
        scale = theme_manager().text_scale
        self.verticalHeader().setDefaultSectionSize(round(self._row_height * scale))
        if self._rows is not None:
            self.fit_rows(*self._rows)
        if self._shares_from is not None:
            self.share_width(self._shares_from)


def _within(widths: Sequence[int], room: int) -> list[int]:
    """Reduce the largest widths until all fit."""
    most = max(widths)
    while most > 0 and sum(min(width, most) for width in widths) > room:
        most -= 1
    return [min(width, most) for width in widths]
