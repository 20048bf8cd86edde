"""Settings of the size of the grid and its cells, with import and export."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.files.exports import Exports
from sprite_lab.core.config.base import Setting
from sprite_lab.core.pixels.cells import (
    CELL_SIZE,
    LEAST_SIDE,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_SIDE,
    most_rows,
)
from sprite_lab.ui.draw.files import CellFiles
from sprite_lab.ui.draw.set_menu import add_set_menu
from sprite_lab.ui.layouts import as_widget, hbox
from sprite_lab.ui.text import Label
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.inspector import FoldGroup
from sprite_lab.ui.widgets.fields.number_field import number_box
from sprite_lab.words import tr

_SIDE_TIP = tr(
    "Height and width of every cell, in pixels. Drawings stay centered; what does not\nfit is "
    "cut off. A model draws only cells of its own size."
)
_GRID = tr("Rows and columns of cells; each drawing stays in its row and column")


class SheetGroup(FoldGroup):
    """Sets the size of the grid and of its cells; imports and exports."""

    #: write the selected cells as a set; True = together with the open set
    set_wanted = Signal(bool)

    def __init__(self, editor: CellEditor, files: CellFiles, exports: Exports) -> None:
        super().__init__(tr("Grid and pictures"), name="draw.group.sheet")
        self._project = editor.session.project
        known = Setting(tip=_GRID, low=1, high=MOST_CELLS)
        rows, columns = tr("Rows of the grid"), tr("Columns of the grid")
        self._rows = number_box(replace(known, label=rows), 4, name="draw.rows")
        self._columns = number_box(replace(known, label=columns), 4, name="draw.columns")
        size = as_widget(hbox((self._rows, 1), Label("×"), (self._columns, 1), spacing=6))
        cells = Setting(tr("Size of the cells"), low=LEAST_SIDE, high=MOST_SIDE, unit=tr(" px"))
        self._side = number_box(cells, CELL_SIZE, name="draw.side")
        bring = push_button(
            "draw.import",
            tr("Import picture…"),
            "import",
            tr("Read a PNG, GIF or Aseprite file into cells; larger pictures can be cut"),
            do=files.ask_import,
        )
        cell = push_button(
            "draw.export.cell",
            tr("Export selected…"),
            "export",
            tr("Export the selected cells as single pictures or a sheet"),
            do=lambda: exports.wanted.emit("chosen_cells"),
        )
        sheet = push_button(
            "draw.export.sheet",
            tr("Export all…"),
            "grid",
            tr("Export all cells as a sheet or single pictures (Ctrl+E)"),
            do=lambda: exports.wanted.emit("cells"),
        )
        frames = push_button(
            "draw.export.aseprite",
            tr("Export Aseprite…"),
            "export",
            tr(
                "Export the selected cells, or the row of the current one, as frames with durations"
            ),
            do=files.export_aseprite,
        )
        into_set = push_button(
            "draw.set",
            tr("Into a set"),
            "data",
            tr("Write the selected cells as a data set to train on, with their classes and words"),
        )
        # To distinguish it from the button for kept variations.
        into_set.setAccessibleName(tr("Selected cells into a set"))
        add_set_menu(into_set, self.set_wanted.emit)
        self.add_row(tr("Rows × columns"), size, tr("Rows and columns of the grid of cells"))
        self.add_row(tr("Cell size"), self._side, _SIDE_TIP)
        # One below another, since two side by side are too wide in large text.
        self.add(bring, cell, sheet, frames, into_set)
        for box in (self._rows, self._columns):
            box.valueChanged.connect(
                lambda _: editor.resize(self._rows.value(), self._columns.value())
            )
        self._side.valueChanged.connect(editor.resize_cells)
        self._project.grid_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        rows, columns, side = self._project.rows, self._project.columns, self._project.side
        for box, value, most in (
            (self._rows, rows, most_rows(columns)),
            (self._columns, columns, min(MOST_COLUMNS, MOST_CELLS // rows)),
            (self._side, side, MOST_SIDE),
        ):
            with QSignalBlocker(box):
                box.setMaximum(most)
                box.setValue(value)
