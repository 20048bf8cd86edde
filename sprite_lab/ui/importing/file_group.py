"""Choices for one file: how it is cut, its background, its class."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPixmap
from PySide6.QtWidgets import QComboBox, QHeaderView, QSpinBox, QWidget

from sprite_lab.app.files.importing import Importing
from sprite_lab.core.config.base import Setting
from sprite_lab.core.sets.imports import Grid, PictureChoices
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import as_widget, hbox
from sprite_lab.ui.text import Label
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button
from sprite_lab.ui.widgets.fields.calm import allow, calm, editable
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.fields.number_field import number_box
from sprite_lab.ui.widgets.fields.table import WRITABLE, Table
from sprite_lab.words import tr, trc


class AllFilesGroup(FoldGroup):
    """Settings for all files and the resulting set."""

    def __init__(self, importing: Importing) -> None:
        super().__init__(tr("All files"), name="import.all")
        self._importing = importing
        self._form = Form(
            importing.choices,
            self,
            name="import",
            names={"cell": "size", "keep_duplicates": "duplicates", "words_from_names": "words"},
            lists={"larger", "classes"},
        )
        self._patterns = Table(
            (tr("Name"), tr("Class")),
            name="import.patterns",
            label=tr("Patterns of names and their classes"),
            tip=tr(
                "The first pattern that matches a name sets the class, overriding the choice "
                "above. * stands for any characters, ? for one: sword* → weapon"
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
        self.add(buttons, self._patterns)
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
        self._importing.change(self._form.values)

    # -- patterns ------------------------------------------------------------------------

    def _typed(self) -> tuple[tuple[str, str], ...]:
        """The rows that have both a pattern and a class."""
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
        self._importing.change({"patterns": self._typed()})

    def _gray(self) -> None:
        some = bool(self._patterns.selectedIndexes())
        allow(self._remove, "" if some else tr("Select a pattern first."))


#: The maximum of a number field, in pixels.
_MOST = 4096


class NumberPair(QWidget):
    """Two number fields, ``<name>.x`` and ``<name>.y``."""

    changed = Signal(object)  #: (y, x), set by the user

    def __init__(
        self,
        label: str,
        words: tuple[str, str],
        *,
        name: str,
        least: int = 0,
        between: str = "×",
        tip: str = "",
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self._fields: list[QSpinBox] = []
        row = hbox(on=self, spacing=4)
        for axis, word in zip("xy", words, strict=True):
            known = Setting(f"{label}, {word}", tip=f"{tip} ({word})", low=least, high=_MOST)
            field = number_box(known, least, name=f"{name}.{axis}")
            field.setMinimumWidth(56)
            field.valueChanged.connect(lambda _: self.changed.emit(self.value))
            if self._fields:
                sign = Label(between)
                sign.setMinimumWidth(16)  # the same for any sign, so that pairs line up
                sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
                row.addWidget(sign)
            row.addWidget(field, 1)
            self._fields.append(field)
        self.setFocusProxy(self._fields[0])

    @property
    def value(self) -> tuple[int, int]:
        """The numbers, as (y, x)."""
        x, y = (field.value() for field in self._fields)
        return y, x

    def set_value(self, value: tuple[int, int]) -> None:
        """Show numbers, as (y, x), without emitting a signal."""
        for field, number in zip(self._fields, reversed(value), strict=True):
            with QSignalBlocker(field):
                field.setValue(number)


# Why a choice is grayed out.
_SINGLE = tr("This file contains single sprites, so there is nothing to cut.")
_NO_GRID = tr("Only where the file is cut by a grid.")
_NOT_LARGER = tr("Nothing in this file is drawn larger than a sprite.")


class FileGroup(FoldGroup):
    """How the current file is cut into sprites."""

    picking = Signal(bool)  #: whether the next click on the sheet picks the background

    def __init__(self, importing: Importing) -> None:
        super().__init__(tr("This file"), name="import.file")
        self._importing = importing
        self._may_be_cut = self._may_be_larger = True
        self._form = Form(
            PictureChoices(), self, name="import", names={"larger": "file_larger"}, lists={"larger"}
        )
        self._cell = NumberPair(
            tr("Cell"),
            (tr("width"), tr("height")),
            name="import.cell",
            least=1,
            tip=tr("Cell size in pixels; or drag the square handle on the sheet"),
        )
        self._offset = NumberPair(
            tr("Start"),
            (tr("from left"), tr("from top")),
            name="import.offset",
            between=",",
            tip=tr("Pixels before the first cell; or drag the sheet"),
        )
        self._spacing = NumberPair(
            tr("Spacing"),
            (tr("across"), tr("down")),
            name="import.spacing",
            tip=tr("Pixels between cells; or drag the round handle on the sheet"),
        )
        self._background = calm(
            ElidedComboBox(),
            "import.background",
            tr("Background"),
            tr(
                "Color that becomes transparent where it surrounds the drawings. None: every "
                "pixel stays as it is."
            ),
        )
        self._background.addItem(tr("Automatic"), "auto")
        self._background.addItem(trc("background", "None"), "none")
        self._pick = IconButton(
            "import.pick",
            "picker",
            tr("Pick the background: click it on the sheet"),
            checkable=True,
        )
        background = as_widget(hbox((self._background, 1), self._pick))
        self._class = calm(
            ElidedComboBox(),
            "import.file_class",
            tr("Class of the file"),
            tr("Class of all sprites in this file. Type a new one or select one."),
        )
        line = editable(self._class, tr("As found"))
        self._class.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._same = push_button(
            "import.same",
            tr("Apply to all files"),
            "copy",
            tr("Apply this cut, grid, background and handling of larger art to every file"),
            do=importing.choose_for_all,
        )
        for text, field in (
            (tr("Cut"), self._form.add("cut")),
            (tr("Cell"), self._cell),
            (tr("Start"), self._offset),
            (tr("Spacing"), self._spacing),
            (tr("Background"), background),
            (tr("Larger art"), self._form.add("larger")),
            (tr("Class"), self._class),
        ):
            self.add_row(text, field)
            if field is background:
                self.add(self._form.add("holes"))
        self.add(self._same)
        self._form.gray(("cut", "holes"), lambda _: "" if self._may_be_cut else _SINGLE)
        self._form.gray("larger", lambda _: "" if self._may_be_larger else _NOT_LARGER)
        self._form.changed.connect(self._on_form)
        for pair in (self._cell, self._offset, self._spacing):
            pair.changed.connect(self._on_numbers)
        self._background.activated.connect(
            lambda: importing.change_file({"background": self._background.currentData()})
        )
        self._pick.toggled.connect(self.picking)
        self._class.activated.connect(self._on_class)
        line.editingFinished.connect(self._on_class)
        line.installEventFilter(self)

    # -- display ----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the choices for the file on display."""
        importing = self._importing
        allow(self, "" if importing.path else tr("Add files first, and select one of them."))
        if not importing.path:
            self.stop_picking()
            return
        chosen, found = importing.own, importing.found
        self._may_be_cut = found is None or found.preview is not None
        self._may_be_larger = found is None or found.larger
        single = "" if self._may_be_cut else _SINGLE
        for field in (self._background, self._same):
            allow(field, single)
        allow(self._pick, single or ("" if found is not None else tr("It is being read.")))
        self._form.set_value(chosen)
        self.show_grid(importing.grid)
        self._show_background(chosen.background)
        with QSignalBlocker(self._class):
            if not self._class.hasFocus():
                self._class.clear()
                self._class.addItems(importing.class_names)
                self._class.setEditText(chosen.class_name or "")

    def show_grid(self, grid: Grid | None) -> None:
        """Show the numbers of a grid, even while it is being dragged."""
        for pair in (self._cell, self._offset, self._spacing):
            allow(pair, "" if grid is not None else _NO_GRID)
        if grid is not None:
            self._cell.set_value(grid.cell)
            self._offset.set_value(grid.offset)
            self._spacing.set_value(grid.spacing)

    @property
    def is_picking(self) -> bool:
        """Whether the next click on the sheet picks the background."""
        return self._pick.isChecked()

    def stop_picking(self) -> None:
        """Stop picking, and leave the background as it is."""
        self._pick.setChecked(False)

    def _show_background(self, background: object) -> None:
        if isinstance(background, tuple):
            color = QColor(*background)
            swatch = QPixmap(12, 12)
            swatch.fill(color)
            at = self._background.findText("#", flags=Qt.MatchFlag.MatchStartsWith)
            if at < 0:
                self._background.addItem("#")
                at = self._background.count() - 1
            self._background.setItemText(at, color.name())
            self._background.setItemIcon(at, swatch)
            self._background.setItemData(at, background)
            self._background.setCurrentIndex(at)
        else:
            self._background.setCurrentIndex(self._background.findData(background))

    # -- choices ----------------------------------------------------------------------------------

    def set_grid(self, grid: Grid) -> None:
        self._importing.change_file({"cut": "grid", "grid": grid}, merge="grid")

    def set_background(self, color: tuple[int, int, int]) -> None:
        self.stop_picking()
        self._importing.change_file({"background": color})

    def _on_form(self) -> None:
        values, importing = self._form.values, self._importing
        if values["cut"] != importing.own.cut:
            cell = importing.choices.cell
            grid = (importing.grid or Grid((cell, cell))) if values["cut"] == "grid" else None
            values["grid"] = grid
        importing.change_file(values)

    def _on_numbers(self, _value: object) -> None:
        self.set_grid(Grid(self._cell.value, self._offset.value, self._spacing.value))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Esc in the class field reverts typed text instead of closing the window.
        escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if escape and watched is self._class.lineEdit():
            if event.type() == QEvent.Type.KeyPress:
                self._class.setEditText(self._importing.own.class_name or "")
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _on_class(self) -> None:
        class_name = self._class.currentText().strip() or None
        self._importing.change_file({"class_name": class_name})
