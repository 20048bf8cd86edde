"""What can be chosen for one file: how it is cut, its background, its class."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from sprite_lab.app.importing import Importing
from sprite_lab.core.imports import Grid, PictureChoices
from sprite_lab.ui.importing.fields import NumberPair, choice_of, show_choice
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import IconButton, push_button
from sprite_lab.ui.widgets.calm import calm
from sprite_lab.ui.widgets.inspector import FoldGroup

CUTS = (
    ("Automatic", "auto"),
    ("As one sprite", "whole"),
    ("By a grid", "grid"),
    ("By its drawings", "drawings"),
    ("Frame by frame", "frames"),
)
LARGER = (
    ("Reduce", "nearest"),
    ("Keep the middle", "crop"),
    ("Leave out", "refuse"),
)
LARGER_TIP = (
    "What is done with art that is drawn larger than a sprite. Reduce: every second (third, …) "
    "pixel, which loses detail. Keep the middle: what is around it is cut off. Art that was only "
    "enlarged comes down to its true pixels by itself."
)


class FileGroup(FoldGroup):
    """Parts: ``import.cut``, ``import.cell``, ``import.offset``, ``import.spacing``,
    ``import.background``, ``import.pick``, ``import.file_larger``, ``import.file_class``,
    ``import.same``.

    Signals
    -------
    picking : whether the next click on the sheet is to pick the background.
    """

    picking = Signal(bool)

    def __init__(self, theme: ThemeManager, importing: Importing) -> None:
        super().__init__(theme, "This file", name="import.file")
        self._importing = importing
        self._path = ""
        self._cut = choice_of("import.cut", "Cut", CUTS, "How the picture becomes sprites")
        self._cell = NumberPair(
            "Cell",
            ("width", "height"),
            name="import.cell",
            least=1,
            tip="Pixels of a cell of the grid. Or drag the square handle on the sheet",
        )
        self._offset = NumberPair(
            "Start",
            ("from the left", "from the top"),
            name="import.offset",
            between=",",
            tip="Pixels before the first cell. Or drag the sheet",
        )
        self._spacing = NumberPair(
            "Spacing",
            ("across", "down"),
            name="import.spacing",
            tip="Pixels between cells. Or drag the round handle on the sheet",
        )
        self._background = choice_of(
            "import.background",
            "Background",
            (("Automatic", "auto"), ("None", "none")),
            "The colour that becomes transparent where it surrounds the drawings. None: every "
            "pixel is kept as it is.",
        )
        self._pick = IconButton(
            theme,
            "picker",
            "Pick the background: click it on the sheet",
            name="import.pick",
            checkable=True,
        )
        background = QWidget()
        row = QHBoxLayout(background)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._background, 1)
        row.addWidget(self._pick)
        self._larger = choice_of(
            "import.file_larger", "Larger art", (("As for all files", None), *LARGER), ""
        )
        self._class = calm(
            QComboBox(),
            name="import.file_class",
            label="Class of the file",
            tip="The class of all sprites of this file. Type a new one, or pick.",
        )
        self._class.setEditable(True)
        self._class.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        line = self._class.lineEdit()
        assert line is not None
        line.setPlaceholderText("As found")
        line.setAccessibleName("Class of the file")
        line.setToolTip(self._class.toolTip())
        self._same = push_button(
            theme,
            "Same for all files",
            name="import.same",
            icon_name="copy",
            tip="Give every file this cut, grid, background and way with larger art",
        )
        for text, field in (
            ("Cut", self._cut),
            ("Cell", self._cell),
            ("Start", self._offset),
            ("Spacing", self._spacing),
            ("Background", background),
            ("Larger art", self._larger),
            ("Class", self._class),
        ):
            self.add_row(text, field)
        self.add(self._same)
        self._cut.activated.connect(self._on_cut)
        for pair in (self._cell, self._offset, self._spacing):
            pair.changed.connect(self._on_numbers)
        self._background.activated.connect(self._on_background)
        self._pick.toggled.connect(self.picking)
        self._larger.activated.connect(
            lambda: self._choose(replace(self._own, larger=self._larger.currentData()))
        )
        self._class.activated.connect(self._on_class)
        line.editingFinished.connect(self._on_class)
        self._same.clicked.connect(self._on_same)

    # -- what is shown -------------------------------------------------------------------

    def show_file(self, path: str) -> None:
        """Show what was chosen for a file; "" = none is current."""
        self._path = path
        self.setEnabled(bool(path))
        if not path:
            self.stop_picking()
            return
        importing = self._importing
        chosen, found = importing.choices.of(path), importing.found_of(path)
        may_be_cut = found is None or found.preview is not None
        for field in (self._cut, self._background, self._same):
            field.setEnabled(may_be_cut)
        self._pick.setEnabled(found is not None and may_be_cut)
        self._cut.setToolTip(
            "How the picture becomes sprites"
            if may_be_cut
            else "This file holds single sprites, so there is nothing to cut."
        )
        show_choice(self._cut, chosen.cut)
        self.show_grid(self._cells)
        show_choice(self._larger, chosen.larger)
        larger = found is None or found.larger
        self._larger.setEnabled(larger)
        self._larger.setToolTip(
            LARGER_TIP if larger else "Nothing in this file is drawn larger than a sprite."
        )
        self._show_background(chosen.background)
        with QSignalBlocker(self._class):
            if not self._class.hasFocus():
                self._class.clear()
                self._class.addItems(importing.plan.class_names if importing.plan else ())
                self._class.setEditText(chosen.class_name or "")

    @property
    def _cells(self) -> Grid | None:
        """That the file is cut by, as far as it is known."""
        found = self._importing.found_of(self._path)
        if found is not None:
            return self._importing.grid_of(found)
        chosen = self._importing.choices.of(self._path)
        return chosen.grid if chosen.cut == "grid" else None

    def show_grid(self, grid: Grid | None) -> None:
        """Show the numbers of a grid, also of one that is being dragged."""
        for pair in (self._cell, self._offset, self._spacing):
            pair.setEnabled(grid is not None)
        if grid is not None:
            self._cell.set_value(grid.cell)
            self._offset.set_value(grid.offset)
            self._spacing.set_value(grid.spacing)

    @property
    def is_picking(self) -> bool:
        """Whether the next click on the sheet picks the background."""
        return self._pick.isChecked()

    def stop_picking(self) -> None:
        """Leave the background as it is."""
        self._pick.setChecked(False)

    def _show_background(self, background: object) -> None:
        if isinstance(background, tuple):
            colour = QColor(*background)
            swatch = QPixmap(12, 12)
            swatch.fill(colour)
            at = self._background.findText("#", flags=Qt.MatchFlag.MatchStartsWith)
            if at < 0:
                self._background.addItem("#")
                at = self._background.count() - 1
            self._background.setItemText(at, colour.name())
            self._background.setItemIcon(at, swatch)
            self._background.setItemData(at, background)
            self._background.setCurrentIndex(at)
        else:
            show_choice(self._background, background)

    # -- what is chosen ------------------------------------------------------------------

    def set_grid(self, grid: Grid) -> None:
        """Cut the file by a grid."""
        self._choose(replace(self._own, cut="grid", grid=grid), merge="grid")

    def set_background(self, colour: tuple[int, int, int]) -> None:
        """Take a colour for the background."""
        self.stop_picking()
        self._choose(replace(self._own, background=colour))

    @property
    def _own(self) -> PictureChoices:
        return self._importing.choices.of(self._path)

    def _choose(self, own: PictureChoices, *, merge: str = "") -> None:
        if self._path:
            self._importing.choose_for(self._path, own, merge=merge)

    def _on_cut(self) -> None:
        cut, grid = self._cut.currentData(), None
        if cut == "grid":
            cell = self._importing.choices.cell
            grid = self._cells or Grid((cell, cell))
        self._choose(replace(self._own, cut=cut, grid=grid))

    def _on_numbers(self, _value: object) -> None:
        self.set_grid(Grid(self._cell.value, self._offset.value, self._spacing.value))

    def _on_background(self) -> None:
        self._choose(replace(self._own, background=self._background.currentData()))

    def _on_class(self) -> None:
        self._choose(replace(self._own, class_name=self._class.currentText().strip() or None))

    def _on_same(self) -> None:
        if self._path:
            self._importing.choose_for_all(self._path)
