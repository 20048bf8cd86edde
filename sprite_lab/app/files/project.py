"""The project: a grid of drawings with a palette, and its history. UI thread only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from sprite_lab.core.history import History
from sprite_lab.core.pixels.cells import Cell, CellSheet, Color
from sprite_lab.core.pixels.nearest import nearest_color
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE
from sprite_lab.core.pixels.reference import ReferencePicture
from sprite_lab.core.pixels.tile_sets import GroundMap
from sprite_lab.words import tr

#: Maximum number of undo steps (a few megabytes of strokes), and of bytes in steps that change many
#: cells, so that memory does not grow over hours of use (tests/reliability/soak.py).
UNDO_LIMIT, UNDO_BUDGET = 1_000, 64_000_000


class Project(QObject):
    """The open project. Every edit pushes a sheet of cells onto ``history``.

    The title follows the name of the file and is not undone: sheets in the history have no title,
    model or data set.
    """

    cells_changed = Signal(object)  #: tuple of the indices of the cells that changed
    #: rows, columns, the size of the cells or the whole sheet changed; selections may be out of
    #: range
    grid_changed = Signal()
    palette_changed = Signal(object)  #: tuple of colors
    limit_changed = Signal(bool)  #: True = painting uses the nearest color of the palette
    reference_changed = Signal(object)  #: ReferencePicture, or None
    maps_changed = Signal()  #: the maps of terrains changed
    title_changed = Signal(str)
    clean_changed = Signal(bool)  #: False = there are unsaved changes
    history_changed = Signal()  #: the steps, the current one or the saved one changed
    refused = Signal()  #: an edit was refused, because the project is read-only

    def __init__(
        self,
        sheet: CellSheet | None = None,
        parent: QObject | None = None,
        *,
        undo_budget: int = UNDO_BUDGET,
    ) -> None:
        super().__init__(parent)
        sheet = sheet or CellSheet()
        self.path: Path | None = None
        #: whether edits are refused, since another window has the project's file
        self.read_only = False
        self._strokes = 0
        self.title = sheet.title
        self._shown, self._was_clean = _opened(sheet), True
        self._nearest: dict[Color, Color] = {}
        self.history = History(
            self._shown, self._on_history, parts=_parts, budget=undo_budget, limit=UNDO_LIMIT
        )

    # -- state ---------------------------------------------------------------------------

    @property
    def shown_title(self) -> str:
        """The title; the default title is in the language of the window."""
        return tr("Untitled") if self.title == CellSheet.title else self.title

    @property
    def exported_as(self) -> str:
        """The title of exported cells, also the stem of their files."""
        return "sprites" if self.title == CellSheet.title else self.title

    @property
    def rows(self) -> int:
        return self.history.value.rows

    @property
    def columns(self) -> int:
        return self.history.value.columns

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells, row by row."""
        return self.history.value.cells

    @property
    def palette(self) -> tuple[Color, ...]:
        return self.history.value.palette

    @property
    def limit_to_palette(self) -> bool:
        """Whether painting uses the nearest color of the palette."""
        return self.history.value.limit_to_palette

    @property
    def reference(self) -> ReferencePicture | None:
        """The picture under the canvas, for tracing."""
        return self.history.value.reference

    def map_of(self, terrain: str) -> GroundMap:
        """The map for trying a terrain."""
        return self.history.value.map_of(terrain)

    def allowed(self, color: Color) -> Color:
        """The color that results from painting with a color."""
        if not self.limit_to_palette:
            return color
        if color not in self._nearest:
            # A stroke uses the same few colors repeatedly.
            self._nearest[color] = nearest_color(color, self.palette)
        return self._nearest[color]

    @property
    def side(self) -> int:
        """Height and width of the cells, in pixels."""
        return self.history.value.side

    def cell(self, index: int) -> Cell:
        """The cell at ``row * columns + column``."""
        return self.history.value.cells[index]

    def snapshot(self) -> CellSheet:
        """Everything that a project file holds."""
        return replace(self.history.value, title=self.title)

    # -- editing -------------------------------------------------------------------------

    def accept_edits(self) -> None:
        if self.read_only:
            self.read_only = False
            self.title_changed.emit(self.title)

    def push(self, sheet: CellSheet, text: str, merge: object = None) -> None:
        """Make another sheet the current one, like :meth:`History.push`; ignore its title.

        A read-only project emits ``refused`` instead.
        """
        if self.read_only:
            self.refused.emit()
        else:
            self.history.push(_untitled(sheet), text, merge)

    def put(self, cells: Mapping[int, Cell], text: str, merge: object = None) -> None:
        """Replace cells, by index, as one step."""
        self.push(self.history.value.with_cells(cells), text, merge)

    def paint(
        self,
        index: int,
        colors: Mapping[int, Color],
        text: str,
        stroke: int,
        *,
        layer: int = 0,
        keep: bool = False,
    ) -> None:
        """Paint pixels of a cell, by pixel index, on a layer; all pixels of a stroke are one step.

        ``keep``: mark painted pixels as kept when the cell is generated, and erased ones as free.
        """
        key = (index, stroke)
        first, now = self.history.before(key).cells[index], self.cell(index)
        after = now.drawn_on(layer, now.on(layer).painted(colors))
        if keep:
            after = after.keeping(colors)
        # If its pixels are restored, a cell counts as generated again.
        back = (after.pixels, after.layers) == (first.pixels, first.layers)
        self.put({index: first if back else after}, text, key)

    def next_stroke(self) -> int:
        """A new number for the merge keys of a drag."""
        self._strokes += 1
        return self._strokes

    def _on_history(self) -> None:
        before, after = self._shown, self.history.value
        self._shown = after
        changed = tuple(
            i
            for i, (a, b) in enumerate(zip(before.cells, after.cells, strict=False))
            if a is not b and a != b
        )
        if (before.rows, before.columns, before.side) != (after.rows, after.columns, after.side):
            self.grid_changed.emit()
        elif changed:
            self.cells_changed.emit(changed)
        if before.palette != after.palette:
            self._nearest = {}
            self.palette_changed.emit(after.palette)
        if before.limit_to_palette != after.limit_to_palette:
            self.limit_changed.emit(after.limit_to_palette)
        if before.reference != after.reference:
            self.reference_changed.emit(after.reference)
        if before.maps != after.maps:
            self.maps_changed.emit()
        self.history_changed.emit()
        if self.is_clean != self._was_clean:
            self._was_clean = self.is_clean
            self.clean_changed.emit(self.is_clean)

    # -- files ---------------------------------------------------------------------------

    @property
    def is_clean(self) -> bool:
        return self.history.is_clean

    def load(self, sheet: CellSheet, path: Path | None = None, *, read_only: bool = False) -> None:
        """Open another sheet, with no undo steps; ``path`` is its file, if any."""
        self.title, self.path, self._nearest = sheet.title, path, {}
        self.read_only = read_only
        self._shown = _opened(sheet)
        self.history.reset(self._shown)
        self.grid_changed.emit()
        self.palette_changed.emit(self.palette)
        self.limit_changed.emit(self.limit_to_palette)
        self.reference_changed.emit(self.reference)
        self.maps_changed.emit()
        self.title_changed.emit(self.title)

    def mark_clean(self, saved: CellSheet | None = None, path: Path | None = None) -> None:
        """Record that the project is saved, in ``path`` if given.

        ``saved``: the written sheet (None = the current one). A project edited since then is not
        clean, unless the edits are undone.
        """
        if path is not None:
            self.path = path
        self.history.mark_clean(None if saved is None else _untitled(saved))

    def set_title(self, title: str) -> None:
        """Set the title; this is not an undo step."""
        if title != self.title:
            self.title = title
            self.title_changed.emit(title)


def adds_generated(before: CellSheet, after: CellSheet) -> bool:
    """Whether ``after`` has generated cells that are not in ``before``."""
    pairs = zip(before.cells, after.cells, strict=False)
    made = [b.made_by for a, b in pairs if a is not b and b.made_by is not None]
    return any(config not in [cell.made_by for cell in before.cells] for config in made)


def _untitled(sheet: CellSheet) -> CellSheet:
    return replace(sheet, title=CellSheet.title, model=None, data=None)


def _opened(sheet: CellSheet) -> CellSheet:
    return replace(_untitled(sheet), palette=sheet.palette or DEFAULT_PALETTE)


def _parts(sheet: CellSheet) -> dict[int, int]:
    """The approximate size in bytes of each part of a sheet."""
    parts = {id(cell): _weight(cell) for cell in sheet.cells}
    for layer in {id(layer): layer for cell in sheet.cells for layer in cell.layers}.values():
        parts[id(layer)] = 200 + len(layer.pixels)
    parts[id(sheet)] = 400 + 8 * len(sheet.cells)
    parts[id(sheet.palette)] = 100 * len(sheet.palette)
    if sheet.reference is not None:
        parts[id(sheet.reference.png)] = len(sheet.reference.png)
    return parts


def _weight(cell: Cell) -> int:
    made_by = cell.made_by
    config = 0
    if made_by is not None:
        config = 600 + len(made_by.drawing or b"") + len(made_by.redraw_strength or b"")
    return 1200 + len(cell.pixels) + len(cell.redraw_strength or b"") + config
