"""The group for the size of the grid and its cells, and for pictures."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QSpinBox, QWidget

from sprite_lab.core.pixels.cells import LEAST_SIDE, MAX_SIDE, MOST_SIDE
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.text import Label
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import calm
from sprite_lab.ui.widgets.fields.inspector import FoldGroup
from sprite_lab.words import tr

_SIDE_TIP = tr(
    "Height and width of every cell, in pixels. Drawings stay in the middle; what does not\n"
    "fit is cut off. A model draws cells of its own size only."
)
_GRID = tr("Rows and columns of cells; each drawing stays in its row and column")


class SheetGroup(FoldGroup):
    """Sets the size of the grid and of its cells; imports and exports."""

    import_wanted = Signal()
    export_cell_wanted = Signal()
    export_sheet_wanted = Signal()
    export_frames_wanted = Signal()
    grid_wanted = Signal(int, int)  #: rows, columns
    side_wanted = Signal(int)  #: side of each cell, in pixels

    def __init__(self) -> None:
        super().__init__(tr("Grid and pictures"), name="draw.group.sheet")
        self._rows = calm(QSpinBox(), "draw.rows", tr("Rows of the grid"), _GRID)
        self._columns = calm(QSpinBox(), "draw.columns", tr("Columns of the grid"), _GRID)
        for box in (self._rows, self._columns):
            box.setRange(1, MAX_SIDE)
            box.setValue(4)
            box.setKeyboardTracking(False)
        size = QWidget()
        hbox((self._rows, 1), Label("×"), (self._columns, 1), on=size, spacing=6)
        self._side = calm(QSpinBox(), "draw.side", tr("Size of the cells"))
        self._side.setRange(LEAST_SIDE, MOST_SIDE)
        self._side.setSuffix(tr(" px"))
        self._side.setKeyboardTracking(False)
        bring = push_button(
            "draw.import",
            tr("Import picture…"),
            "import",
            tr("Read a PNG, GIF or Aseprite file into cells; what is larger can be cut"),
        )
        cell = push_button(
            "draw.export.cell",
            tr("Chosen…"),
            "export",
            tr("Export the chosen cells, as single pictures or a sheet"),
        )
        sheet = push_button(
            "draw.export.sheet",
            tr("All cells…"),
            "grid",
            tr("Export all cells, as a sheet or single pictures (Ctrl+E)"),
        )
        frames = push_button(
            "draw.export.aseprite",
            tr("Aseprite file…"),
            "export",
            tr("Export the chosen cells, or the row of the current one, as frames with durations"),
        )
        self.add_row(tr("Rows × cols"), size, tr("Rows and columns of the grid of cells"))
        self.add_row(tr("Cell size"), self._side, _SIDE_TIP)
        self.add(bring)
        self.add_layout(hbox((cell, 1), (sheet, 1)))
        self.add(frames)
        for box in (self._rows, self._columns):
            box.valueChanged.connect(
                lambda _=0: self.grid_wanted.emit(self._rows.value(), self._columns.value())
            )
        self._side.valueChanged.connect(self.side_wanted)
        bring.clicked.connect(self.import_wanted)
        cell.clicked.connect(self.export_cell_wanted)
        sheet.clicked.connect(self.export_sheet_wanted)
        frames.clicked.connect(self.export_frames_wanted)

    def set_grid(self, rows: int, columns: int, side: int) -> None:
        """Show the size of the grid."""
        for box, value in ((self._rows, rows), (self._columns, columns), (self._side, side)):
            with QSignalBlocker(box):
                box.setValue(value)
