"""The list of files of an import: what each is, its number of sprites, whether it is included."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from sprite_lab.app.files.importing import picture_facts
from sprite_lab.core.printable import printable
from sprite_lab.core.sets.imports import ImportPlan
from sprite_lab.ui.icons import icon
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import current_theme, tabular, theme_manager
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.words import number_text, tr, trn

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

_ICONS = {
    "picture": "draw",
    "sheet": "grid",
    "animation": "frames",
    "aseprite": "frames",
    "array": "data",
    "table": "data",
}
#: Height of a row, and side of an icon with text of the usual size, in logical pixels.
_ROW, _ICON = 44, 16


@dataclass(frozen=True)
class Row:
    """A row of the list."""

    path: str  #: "" = all files together
    title: str
    words: str
    count: int
    icon: str
    included: bool | None = None  #: whether its box is ticked; None = no box
    warnings: tuple[str, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether nothing can be imported from the file."""
        return bool(self.path) and self.included is None

    @property
    def tip(self) -> str:
        return "\n".join((self.path or self.title, self.words, *self.warnings))


def rows_of(plan: ImportPlan) -> list[Row]:
    """The rows: all files together, files with sprites, and files left out or refused."""
    every = [*(found.path for found in plan.pictures), *(entry.path for entry in plan.refused)]
    title, files = _titles(every), len(plan.pictures)
    rows = [
        Row("", tr("All files"), trn("{n:,} file", "{n:,} files", files), len(plan), "folder"),
        *(
            Row(
                found.path,
                title(found.path),
                picture_facts(found),
                len(found.sprites),
                _ICONS[found.kind],
                plan.choices.of(found.path).include,
                found.warnings,
            )
            for found in plan.pictures
        ),
    ]
    for refused in plan.refused:
        path = refused.path
        if plan.choices.of(path).include:
            rows.append(Row(path, title(path), tr("Refused"), 0, "warn", None, (refused.why,)))
        else:
            rows.append(Row(path, title(path), tr("Removed"), 0, "draw", False))
    return rows


def _titles(every: Sequence[str]) -> Callable[[str], str]:
    """Make a function that shortens paths by their common folders, and keeps each on one line."""
    folders = [path.split("/")[:-1] for path in every]
    # Folders common to the first and the last path in alphabetical order are common to all.
    ends = zip(min(folders, default=[]), max(folders, default=[]), strict=False)
    common = sum(1 for _ in itertools.takewhile(lambda names: names[0] == names[1], ends))
    return lambda path: printable("/".join(path.split("/")[common:]), keep="")


class _Painter(QStyledItemDelegate):
    """Paints two lines beside check box and icon, and the number of sprites on the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, max(_ROW, 2 * option.fontMetrics.lineSpacing() + 8))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(Role.UserRole)
        self.initStyleOption(option, index)
        theme = current_theme()
        option.text = ""
        widget = option.widget
        style = widget.style() if widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, widget)
        side = round(_ICON * theme_manager().text_scale)
        rect = option.rect.adjusted(24 + side, 4, -12, -4)
        tint = "text_dim" if row.count else "disabled_text"
        name = icon(row.icon, theme, "warn" if row.is_refused else tint)
        name.paint(painter, QRect(rect.left(), rect.center().y() - side // 2, side, side))
        rect.setLeft(rect.left() + side + 8)
        painter.save()
        painter.setFont(tabular(option.font))
        metrics = QFontMetrics(painter.font())
        number = number_text(row.count)
        middle = rect.top() + rect.height() // 2
        right = metrics.horizontalAdvance(number)
        warns = bool(row.warnings) and not row.is_refused
        if warns:
            warn = icon("warn", theme, "warn")
            warn.paint(painter, QRect(rect.right() - side + 1, middle + 1, side, side))
        painter.setPen(QColor(theme.text if row.count else theme.text_dim))
        upper = QRect(rect.left(), rect.top(), rect.width(), rect.height() // 2)
        lower = QRect(
            rect.left(), middle, rect.width() - (side + 4 if warns else 0), upper.height()
        )
        painter.drawText(upper, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number)
        upper.setRight(upper.right() - right - 8)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(upper, left, shortened(row.title, metrics, upper.width()))
        painter.setPen(QColor(theme.text_dim))
        words = metrics.elidedText(row.words, Qt.TextElideMode.ElideRight, lower.width())
        painter.drawText(lower, left, words)
        painter.restore()


def shortened(path: str, metrics: QFontMetrics, width: int) -> str:
    """A path shortened to a width in logical pixels; folders are cut off first."""
    name = path.rpartition("/")[2]
    if metrics.horizontalAdvance(f"…/{name}") <= width:
        return metrics.elidedText(path, Qt.TextElideMode.ElideLeft, width)
    return metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, width)


class FileList(QListWidget):
    """The files; the rest of the window is about the current row."""

    shown = Signal(str)  #: path of the newly current file, "" = all files
    included = Signal(str, bool)  #: path of a file, and whether to include it

    def __init__(self, *, name: str) -> None:
        super().__init__()
        tip = tr("Files found. Space includes or removes the selected file.")
        named(self, name, tr("Files"), tip)
        self.rows: list[Row] = []
        self._places: dict[str, int] = {}
        self.setItemDelegate(_Painter(self))
        self.setUniformItemSizes(True)
        self.setProperty("checkRows", True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentRowChanged.connect(lambda _: self.shown.emit(self.path))
        self.itemChanged.connect(self._on_box)

    @property
    def path(self) -> str:
        """Path of the current file; "" = all files."""
        row = self.currentRow()
        return self.rows[row].path if row >= 0 else ""

    def set_plan(self, plan: ImportPlan) -> None:
        """Show the files of a plan in their previous places; keep the current one if possible."""
        rows = rows_of(plan)
        for row in rows:
            self._places.setdefault(row.path, len(self._places))
        rows.sort(key=lambda row: self._places[row.path])
        before, same = self.path, [row.path for row in rows] == [row.path for row in self.rows]
        self.rows = rows
        with QSignalBlocker(self):
            if not same:
                self.clear()
                self.addItems([row.title for row in rows])
            for index, row in enumerate(rows):
                _fill(self.item(index), row)
        if not same:
            self.show_path(before)

    def show_path(self, path: str) -> None:
        """Make a file current, or all files if none has that path."""
        paths = [row.path for row in self.rows]
        if paths:
            self.setCurrentRow(paths.index(path) if path in paths else 0)

    def _on_box(self, item: QListWidgetItem) -> None:
        checked = item.checkState() == Qt.CheckState.Checked
        self.included.emit(self.rows[self.row(item)].path, checked)


def _fill(item: QListWidgetItem, row: Row) -> None:
    """Show a row in an item."""
    words = trn(
        "{title}, {words}, {n} sprite. {warnings}",
        "{title}, {words}, {n} sprites. {warnings}",
        row.count,
        title=row.title,
        words=row.words,
        warnings=" ".join(row.warnings),
    )
    item.setToolTip(tooltip(row.tip))
    item.setData(Role.AccessibleTextRole, words)
    item.setData(Role.UserRole, row)
    flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
    if row.included is None:
        item.setData(Role.CheckStateRole, None)
    else:
        flags |= Qt.ItemFlag.ItemIsUserCheckable
        item.setCheckState(Qt.CheckState.Checked if row.included else Qt.CheckState.Unchecked)
    item.setFlags(flags)
