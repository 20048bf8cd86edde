"""The inspector of Draw: what the chosen cells should become, and how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QWidget

from sprite_lab.core.cells import LEAST_SIDE, MAX_SIDE, MOST_SIDE, Cell
from sprite_lab.core.config import DEFAULT_SAMPLER
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import push_button
from sprite_lab.ui.widgets.calm import calm
from sprite_lab.ui.widgets.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.number_field import NumberField
from sprite_lab.ui.widgets.sampler_choice import SAMPLER_WORDS
from sprite_lab.ui.workspaces.draw.cell_grid import class_words
from sprite_lab.ui.workspaces.draw.conditions_group import ConditionsGroup
from sprite_lab.ui.workspaces.draw.generate_group import GenerateGroup

_SIDE_TIP = (
    "Height and width of every cell, in pixels. Drawings stay in the middle; what does not\n"
    "fit is cut off. A model draws cells of its own size only."
)


class DrawPanel(Inspector):
    """Settings of the chosen cells and of what is generated into them.

    Parts: those of ``conditions``, a ConditionsGroup; ``draw.made_by``, ``draw.show_made``,
    ``draw.rows``, ``draw.columns``, ``draw.side``, ``draw.scale``, ``draw.import``,
    ``draw.export.cell``, ``.sheet``, ``.aseprite``, and those of ``generate``, a GenerateGroup.

    Signals
    -------
    made_wanted : to see how the chosen cells were made.
    import_wanted, export_cell_wanted, export_sheet_wanted, export_frames_wanted : their buttons
        were pressed.
    grid_wanted : rows, columns.
    side_wanted : height and width of each cell, in pixels.
    """

    made_wanted = Signal()
    import_wanted = Signal()
    export_cell_wanted = Signal()
    export_sheet_wanted = Signal()
    export_frames_wanted = Signal()
    grid_wanted = Signal(int, int)
    side_wanted = Signal(int)

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__(name="draw.inspector")
        self._chosen: Sequence[Cell] = ()
        self.conditions = ConditionsGroup(theme)
        self.add(self.conditions)
        self.generate = GenerateGroup(theme)
        self.add(self.generate)
        self._make_made_group(theme)
        self._make_sheet_group(theme)
        self.set_model(None, ())

    # -- parts ---------------------------------------------------------------------------

    def _make_made_group(self, theme: ThemeManager) -> None:
        group = FoldGroup(theme, "How it was made", name="draw.group.made")
        self._made_by = dim_label(name="draw.made_by")
        self._show_made = push_button(
            theme,
            "Show how it was made",
            name="draw.show_made",
            icon_name="see",
            tip="Open every step from noise to this sprite in See",
        )
        group.add(self._made_by)
        group.add(self._show_made)
        self.add(group)
        self._show_made.clicked.connect(self.made_wanted)

    def _make_sheet_group(self, theme: ThemeManager) -> None:
        group = FoldGroup(theme, "Grid and pictures", name="draw.group.sheet")
        self._rows = calm(QSpinBox(), name="draw.rows", label="Rows of the grid")
        self._columns = calm(QSpinBox(), name="draw.columns", label="Columns of the grid")
        for box in (self._rows, self._columns):
            box.setRange(1, MAX_SIDE)
            box.setValue(4)
            box.setKeyboardTracking(False)
        size = QWidget()
        row = QHBoxLayout(size)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._rows, 1)
        row.addWidget(QLabel("×"))
        row.addWidget(self._columns, 1)
        self._side = calm(QSpinBox(), name="draw.side", label="Size of the cells")
        self._side.setRange(LEAST_SIDE, MOST_SIDE)
        self._side.setSuffix(" px")
        self._side.setKeyboardTracking(False)
        self._scale = NumberField(
            "Scale",
            1,
            24,
            1,
            name="draw.scale",
            unit=" ×",
            tip="Pixels of an exported picture for each pixel of a sprite.",
        )
        bring = push_button(
            theme,
            "Import picture…",
            name="draw.import",
            icon_name="import",
            tip="Read a picture no larger than a cell into the one on the canvas",
        )
        cell = push_button(
            theme,
            "Cell…",
            name="draw.export.cell",
            icon_name="export",
            tip="Export the cell on the canvas as a PNG picture",
        )
        sheet = push_button(
            theme,
            "Sheet…",
            name="draw.export.sheet",
            icon_name="grid",
            tip="Export all cells as one PNG picture",
        )
        frames = push_button(
            theme,
            "Aseprite file…",
            name="draw.export.aseprite",
            icon_name="export",
            tip="Export the chosen cells, or the row of the current one, as frames with durations",
        )
        group.add_row("Rows × cols", size, "Rows and columns of the grid of cells")
        group.add_row("Cell size", self._side, _SIDE_TIP)
        group.add(bring)
        group.add_row("Scale", self._scale)
        exports = QHBoxLayout()
        exports.setSpacing(8)
        exports.addWidget(cell, 1)
        exports.addWidget(sheet, 1)
        group.add_layout(exports)
        group.add(frames)
        self.add(group)
        for box in (self._rows, self._columns):
            box.valueChanged.connect(
                lambda _=0: self.grid_wanted.emit(self._rows.value(), self._columns.value())
            )
        self._side.valueChanged.connect(self.side_wanted)
        bring.clicked.connect(self.import_wanted)
        cell.clicked.connect(self.export_cell_wanted)
        sheet.clicked.connect(self.export_sheet_wanted)
        frames.clicked.connect(self.export_frames_wanted)

    # -- what is asked for ---------------------------------------------------------------

    @property
    def scale(self) -> int:
        """Of exported pictures."""
        return self._scale.whole

    # -- what is shown -------------------------------------------------------------------

    def set_model(self, model: Any, class_names: Sequence[str]) -> None:
        """Offer the classes and noise levels there are; None = no model."""
        self.generate.set_model(model)
        self.conditions.set_classes(class_names)
        self._show_making()

    def set_grid(self, rows: int, columns: int, side: int) -> None:
        """Show the size of the grid."""
        for box, value in ((self._rows, rows), (self._columns, columns), (self._side, side)):
            with QSignalBlocker(box):
                box.setValue(value)
        self.generate.set_side(side)

    def show_cells(self, title: str, chosen: Sequence[Cell]) -> None:
        """Show what the chosen cells, and of them the first, are."""
        self._chosen = chosen
        self.conditions.show_cells(title, chosen)
        self._show_making()

    def _show_making(self) -> None:
        """Say how the first chosen cell came about."""
        made_by = self._chosen[0].made_by if self._chosen else None
        if made_by is None:
            blank = not self._chosen or self._chosen[0].is_blank
            self._made_by.setText(
                "Nothing is in this cell yet."
                if blank
                else "Drawn by hand, or changed since it was generated."
            )
        else:
            t = made_by.start_t
            start = "" if t is None else f", from its drawing at t = {t}"
            kept = made_by.known()
            around = "" if kept is None else f", around {int(kept.sum())} kept pixels"
            sampler = SAMPLER_WORDS[made_by.sampler or DEFAULT_SAMPLER][0]
            steps = "" if made_by.steps is None else f", {made_by.steps} steps"
            mix = [class_words(name) for name in (*made_by.classes, *dict(made_by.class_mix))]
            self._made_by.setText(
                f"{' + '.join(mix) or 'any class'}, "
                f"seed {made_by.seed}, {sampler}{steps}, "
                f"guidance {made_by.guidance_scale:g}{start}{around}."
            )
        why = "This cell was not generated." if made_by is None else self.generate.problem()
        self._show_made.setEnabled(not why)
        self._show_made.setToolTip(why or "Open every step from noise to this sprite in See")
