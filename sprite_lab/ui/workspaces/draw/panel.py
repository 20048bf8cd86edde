"""The inspector of Draw: what the chosen cells should become, and how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from sprite_lab.app.drawing import DrawSettings, Source, suits
from sprite_lab.core.cells import MAX_SIDE, Cell
from sprite_lab.core.config import SAMPLERS
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.calm import calm
from sprite_lab.ui.widgets.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.number_field import NumberField, SeedField
from sprite_lab.ui.workspaces.draw.cell_grid import class_words

_TIPS: dict[Source, str] = {
    "class": "Draw new sprites of each cell's class, whatever is in the cells (Ctrl+Enter).",
    "drawing": "Noise what is drawn up to Strength and let the model take the noise away: "
    "the drawing steers what comes out.",
    "inpaint": "Draw everything anew but the pixels that are marked to keep.",
}
_MISSING: dict[Source, str] = {
    "class": "Choose a cell first.",
    "drawing": "Draw something in a chosen cell first.",
    "inpaint": "Mark pixels to keep with the mask brush (K) in a chosen cell first.",
}
#: Share of the noise levels that drawings are noised to by default: the silhouette stays.
_STRENGTH = 0.55


class DrawPanel(Inspector):
    """Settings of the chosen cells and of what is generated into them.

    Parts: ``draw.class``, ``draw.seed``, ``draw.apply``, ``draw.strength``, ``draw.guidance``,
    ``draw.sampler``, ``draw.steps``, ``draw.generate.class|drawing|inpaint``, ``draw.cancel``,
    ``draw.progress``, ``draw.made_by``, ``draw.show_made``, ``draw.rows``, ``draw.columns``,
    ``draw.scale``, ``draw.import``, ``draw.export.cell``, ``draw.export.sheet``.

    Signals
    -------
    class_chosen : name or None, for the chosen cells.
    seed_chosen : for the chosen cells.
    wanted : a Source to generate from.
    cancel_wanted, made_wanted, import_wanted, export_cell_wanted, export_sheet_wanted
    grid_wanted : rows, columns.
    """

    class_chosen = Signal(object)
    seed_chosen = Signal(int)
    wanted = Signal(str)
    cancel_wanted = Signal()
    made_wanted = Signal()
    import_wanted = Signal()
    export_cell_wanted = Signal()
    export_sheet_wanted = Signal()
    grid_wanted = Signal(int, int)

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__(name="draw.inspector")
        self._model: Any = None
        self._running = False
        self._chosen: Sequence[Cell] = ()
        self._all: Sequence[Cell] = ()
        self._make_cell_group(theme)
        self._make_generate_group(theme)
        self._make_made_group(theme)
        self._make_sheet_group(theme)
        self.set_model(None, ())
        self.set_running(False)

    # -- parts ---------------------------------------------------------------------------

    def _make_cell_group(self, theme: ThemeManager) -> None:
        self._cell_group = FoldGroup(theme, "Cell", name="draw.group.cell")
        self._class = calm(QComboBox(), name="draw.class", label="Class")
        self._class.setToolTip("Class: what the chosen cells should become")
        self._seed = SeedField(theme, name="draw.seed")
        self._cell_group.add_row("Class", self._class)
        self._cell_group.add_row("Seed", self._seed)
        self.add(self._cell_group)
        self._class.activated.connect(
            lambda _index: self.class_chosen.emit(self._class.currentData())
        )
        self._seed.changed.connect(self.seed_chosen)

    def _make_generate_group(self, theme: ThemeManager) -> None:
        group = FoldGroup(theme, "Generate", name="draw.group.generate")
        self._apply = Segmented(
            theme,
            [
                Option("chosen", "Chosen cells", tip="Ctrl or Shift and click choose several"),
                Option("all", "All cells"),
            ],
            name="draw.apply", label="Cells to generate", stretch=True,
        )
        self._strength = NumberField(
            "Strength", 1, 500, round(500 * _STRENGTH), name="draw.strength", unit=" t",
            tip="Strength: the noise level that a drawing is noised to before the model takes "
            "the noise away.\nLow keeps the drawing, high keeps little but its colours.",
        )
        self._guidance = NumberField(
            "Guidance", 0, 8, 2, name="draw.guidance", step=0.5, decimals=1, unit=" ×",
            tip="Guidance: how strongly the class steers; 1 = off. Needs a class.",
        )
        self._sampler = calm(
            QComboBox(), name="draw.sampler", label="Sampler",
            tip="Sampler: the rule that takes the noise away step by step.",
        )
        for name in SAMPLERS:
            self._sampler.addItem(name.upper(), name)
        self._sampler.setCurrentIndex(SAMPLERS.index("ddim"))
        self._steps = NumberField(
            "Steps", 1, 500, 50, name="draw.steps",
            tip="Noise levels visited on the way to a clean sprite. More is slower.",
        )
        self._reason = dim_label(name="draw.reason")
        self._buttons = {
            "class": push_button(
                theme, "From class", name="draw.generate.class", icon_name="generate", primary=True
            ),
            "drawing": push_button(
                theme, "From drawing", name="draw.generate.drawing", icon_name="from-drawing"
            ),
            "inpaint": push_button(
                theme, "Around kept pixels", name="draw.generate.inpaint", icon_name="mask"
            ),
        }
        self._progress = QProgressBar()
        self._progress.setObjectName("draw.progress")
        self._progress.setAccessibleName("Progress of generating")
        self._progress_text = dim_label(name="draw.progress_text", wrap=False)
        self._cancel = push_button(
            theme, "Cancel", name="draw.cancel", icon_name="close",
            tip="Stop, and leave the cells as they are (Esc)",
        )
        group.add(self._apply)
        group.add_row("Strength", self._strength)
        group.add_row("Guidance", self._guidance)
        group.add_row("Sampler", self._sampler)
        group.add_row("Steps", self._steps)
        self._choices = QWidget()
        choices = QVBoxLayout(self._choices)
        choices.setContentsMargins(0, 0, 0, 0)
        choices.setSpacing(8)
        for source, button in self._buttons.items():
            choices.addWidget(button)
            button.clicked.connect(lambda _=False, source=source: self.wanted.emit(source))
        self._busy = QWidget()
        busy = QHBoxLayout(self._busy)
        busy.setContentsMargins(0, 0, 0, 0)
        side = QVBoxLayout()
        side.setSpacing(4)
        side.addWidget(self._progress_text)
        side.addWidget(self._progress)
        busy.addLayout(side, 1)
        busy.addWidget(self._cancel)
        group.add(self._choices)
        group.add(self._reason)
        group.add(self._busy)
        self.add(group)
        self._apply.changed.connect(self._refresh)
        self._sampler.currentIndexChanged.connect(self._on_sampler)
        self._cancel.clicked.connect(self.cancel_wanted)

    def _make_made_group(self, theme: ThemeManager) -> None:
        group = FoldGroup(theme, "How it was made", name="draw.group.made")
        self._made_by = dim_label(name="draw.made_by")
        self._show_made = push_button(
            theme, "Show how it was made", name="draw.show_made", icon_name="see",
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
        self._scale = NumberField(
            "Scale", 1, 24, 1, name="draw.scale", unit=" ×",
            tip="Pixels of an exported picture for each pixel of a sprite.",
        )
        bring = push_button(
            theme, "Import picture…", name="draw.import", icon_name="import",
            tip="Read a picture of up to 16x16 pixels into the cell on the canvas",
        )
        cell = push_button(
            theme, "Cell…", name="draw.export.cell", icon_name="export",
            tip="Export the cell on the canvas as a PNG picture",
        )
        sheet = push_button(
            theme, "Sheet…", name="draw.export.sheet", icon_name="grid",
            tip="Export all cells as one PNG picture",
        )
        group.add_row("Rows × cols", size, "Rows and columns of the grid of cells")
        group.add(bring)
        group.add_row("Scale", self._scale)
        exports = QHBoxLayout()
        exports.setSpacing(8)
        exports.addWidget(cell, 1)
        exports.addWidget(sheet, 1)
        group.add_layout(exports)
        self.add(group)
        for box in (self._rows, self._columns):
            box.valueChanged.connect(
                lambda _=0: self.grid_wanted.emit(self._rows.value(), self._columns.value())
            )
        bring.clicked.connect(self.import_wanted)
        cell.clicked.connect(self.export_cell_wanted)
        sheet.clicked.connect(self.export_sheet_wanted)

    # -- what is asked for ---------------------------------------------------------------

    @property
    def scale(self) -> int:
        """Of exported pictures."""
        return self._scale.whole

    @property
    def all_cells(self) -> bool:
        """Whether all cells are generated, not the chosen ones alone."""
        return bool(self._apply.value == "all")

    @property
    def seed_locked(self) -> bool:
        """Whether cells keep their seeds when they are generated."""
        return self._seed.locked

    def settings(self) -> DrawSettings:
        """What the panel asks for now."""
        return DrawSettings(
            sampler=self._sampler.currentData(),
            steps=self._steps.whole,
            guidance_scale=self._guidance.value,
            start_t=self._strength.whole,
        )

    # -- what is shown -------------------------------------------------------------------

    def set_model(self, model: Any, class_names: Sequence[str]) -> None:
        """Offer the classes and noise levels there are; None = no model."""
        timesteps = 500 if model is None else model.timesteps
        if self._model is None or self._model.timesteps != timesteps:
            share = self._strength.value / 500 if self._model is None else _STRENGTH
            self._strength.set_range(1, timesteps)
            self._strength.set_value(round(share * timesteps))
            self._steps.set_range(1, timesteps)
        self._model = model
        kept = self._class.currentData()
        with QSignalBlocker(self._class):
            self._class.clear()
            for name in (None, *class_names):
                self._class.addItem("any class" if name is None else class_words(name), name)
        self._show_class(kept)
        self._refresh()

    def set_grid(self, rows: int, columns: int) -> None:
        """Show the size of the grid."""
        for box, value in ((self._rows, rows), (self._columns, columns)):
            with QSignalBlocker(box):
                box.setValue(value)

    def show_cells(self, title: str, chosen: Sequence[Cell], cells: Sequence[Cell]) -> None:
        """Show what the chosen cells, and of them the first, are."""
        self._chosen, self._all = chosen, cells
        self._cell_group.set_title(title)
        if chosen:
            mixed = len({cell.class_name for cell in chosen}) > 1
            self._show_class(chosen[0].class_name, mixed)
            with QSignalBlocker(self._seed):
                self._seed.set_seed(chosen[0].seed)
        self._refresh()

    def _show_class(self, name: str | None, mixed: bool = False) -> None:
        with QSignalBlocker(self._class):
            index = -1 if mixed else self._class.findData(name)
            if index < 0 and not mixed and name:
                # A class of an opened project that neither model nor data have.
                self._class.addItem(class_words(name), name)
                index = self._class.count() - 1
            self._class.setCurrentIndex(index)
            self._class.setPlaceholderText("several" if mixed else "")

    def set_running(self, running: bool) -> None:
        """Show progress and Cancel in the place of the buttons, or the other way round."""
        self._running = running
        self._choices.setVisible(not running)
        self._busy.setVisible(running)
        if running:
            self.show_progress(0, 0, "Starting")
        self._refresh()

    def show_progress(self, done: int, total: int, text: str) -> None:
        """How far it is; a total of 0 = not known."""
        self._progress.setRange(0, total)
        self._progress.setValue(done)
        self._progress_text.setText(
            (text or "Generating") + (f" {done} of {total}" if total else "…")
        )

    def _on_sampler(self) -> None:
        if self._model is not None:
            ddpm = self._sampler.currentData() == "ddpm"
            self._steps.set_value(self._model.timesteps if ddpm else 50)

    def _refresh(self, *_: object) -> None:
        """Grey out what cannot be done, each with its reason."""
        cells = self._all if self._apply.value == "all" else self._chosen
        problem = self._problem()
        counts = []
        for source, button in self._buttons.items():
            count = sum(suits(cell, source) for cell in cells)  # type: ignore[arg-type]
            counts.append(count)
            reason = problem or ("" if count else _MISSING[source])  # type: ignore[index]
            button.setEnabled(not reason)
            button.setToolTip(reason or _TIPS[source])  # type: ignore[index]
        if problem:
            self._reason.setText(problem)
        else:
            each = [f"{n} {word}" for n, word in zip(counts[1:], ("drawn", "masked"), strict=True)]
            plural = "s" if counts[0] != 1 else ""
            self._reason.setText(f"{counts[0]} cell{plural}: {', '.join(each)}.")
        self._reason.setVisible(not self._running)
        for part in (self._strength, self._guidance, self._sampler, self._steps):
            part.setEnabled(self._model is not None)
        made_by = self._chosen[0].made_by if self._chosen else None
        if made_by is None:
            self._made_by.setText("Drawn by hand, or changed since it was generated.")
        else:
            t = made_by.start_t
            start = "" if t is None else f", from its drawing at t = {t}"
            kept = made_by.known()
            around = "" if kept is None else f", around {int(kept.sum())} kept pixels"
            self._made_by.setText(
                f"{class_words(made_by.classes[0] if made_by.classes else None)}, "
                f"seed {made_by.seed}, {made_by.sampler.upper()}, {made_by.steps} steps, "
                f"guidance {made_by.guidance_scale:g}{start}{around}."
            )
        why = "This cell was not generated." if made_by is None else problem
        self._show_made.setEnabled(not why)
        self._show_made.setToolTip(why or "Open every step from noise to this sprite in See")

    def _problem(self) -> str:
        """Why nothing can be generated, or ""."""
        if self._model is None:
            return "There is no model yet: train one, or open one from the menu."
        if self._model.image_size != 16:
            size = self._model.image_size
            return f"This model draws {size}x{size} sprites, but cells are 16x16: open another."
        return ""
