"""The project: a grid of drawings with a palette, and its history. UI thread only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from sprite_lab.app.commands import Command
from sprite_lab.core.cells import Cell, CellSheet, Colour
from sprite_lab.core.palette import DEFAULT_PALETTE, nearest_colour
from sprite_lab.core.reference import ReferencePicture

#: What the history may hold, in bytes: tens of thousands of strokes.
UNDO_BUDGET = 64_000_000


class Project(QObject):
    """What a person makes: cells, palette, title; every edit is a command on ``stack``.

    The history is bounded by memory. Qt's own limit counts commands and can only be set on
    an empty stack, so this class weighs the commands, and where they pass the budget it
    forgets the oldest by building the stack anew from copies of the others. That is done
    down to three quarters of the budget, so it is rare.

    Signals
    -------
    cells_changed : tuple of the indices of cells that are other than before.
    grid_changed : rows, columns or the whole sheet changed; selections may be out of range.
    palette_changed : tuple of colours.
    limit_changed : bool; True = what is painted takes the nearest colour of the palette.
    reference_changed : the ReferencePicture under the canvas, or None.
    title_changed : str.
    clean_changed : bool; False = there is something to save.
    history_changed : what can be undone or redone is other than before. Widgets listen to
        this rather than to the stack, which still speaks while it is being deleted.
    """

    cells_changed = Signal(object)
    grid_changed = Signal()
    palette_changed = Signal(object)
    limit_changed = Signal(bool)
    reference_changed = Signal(object)
    title_changed = Signal(str)
    clean_changed = Signal(bool)
    history_changed = Signal()

    _cells: list[Cell]
    _palette: tuple[Colour, ...]
    _limit: bool
    _reference: ReferencePicture | None
    _nearest: dict[Colour, Colour]
    _title: str

    def __init__(
        self,
        sheet: CellSheet | None = None,
        parent: QObject | None = None,
        *,
        undo_budget: int = UNDO_BUDGET,
    ) -> None:
        super().__init__(parent)
        self.stack = QUndoStack(self)
        self.path: Path | None = None
        #: True while old commands are being forgotten: commands then carry nothing out.
        self.rebuilding = False
        self._budget = undo_budget
        self._sizes: list[int] = []
        self._strokes = 0
        self._take(sheet or CellSheet(palette=DEFAULT_PALETTE))
        self.stack.cleanChanged.connect(self.clean_changed)
        self.stack.indexChanged.connect(self.history_changed)

    # -- what there is -------------------------------------------------------------------

    @property
    def rows(self) -> int:
        return self._rows

    @property
    def columns(self) -> int:
        return self._columns

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells, row by row."""
        return tuple(self._cells)

    @property
    def palette(self) -> tuple[Colour, ...]:
        return self._palette

    @property
    def limit_to_palette(self) -> bool:
        """Whether what is painted takes the nearest colour of the palette."""
        return self._limit

    @property
    def reference(self) -> ReferencePicture | None:
        """The picture under the canvas, to draw after."""
        return self._reference

    def allowed(self, colour: Colour) -> Colour:
        """The colour that painting with this one gives."""
        if not self._limit:
            return colour
        if colour not in self._nearest:
            # A stroke asks for the same few colours again and again.
            self._nearest[colour] = nearest_colour(colour, self._palette)
        return self._nearest[colour]

    @property
    def title(self) -> str:
        return self._title

    @property
    def side(self) -> int:
        """Height and width of the cells, in pixels."""
        return self._cells[0].side

    def cell(self, index: int) -> Cell:
        """The cell at ``row * columns + column``."""
        return self._cells[index]

    def snapshot(self) -> CellSheet:
        """Everything that is saved, as one immutable value that any thread may read."""
        return CellSheet(
            self._rows,
            self._columns,
            self.cells,
            self._palette,
            self._title,
            limit_to_palette=self._limit,
            reference=self._reference,
        )

    # -- editing -------------------------------------------------------------------------

    def push(self, command: Command) -> None:
        """Carry a command out and put it on the history, unless it changes nothing."""
        if command.isObsolete():
            # Qt would drop it as well, but with it everything that could be redone.
            return
        stack = self.stack
        del self._sizes[stack.index() :]
        stack.push(command)
        del self._sizes[stack.count() :]
        if stack.count():
            # The top one is new, or it has just absorbed the command.
            del self._sizes[stack.count() - 1 :]
            self._sizes.append(self._command(stack.count() - 1).nbytes)
        if sum(self._sizes) > self._budget:
            self._forget_oldest()

    def next_stroke(self) -> int:
        """A number by which the moves of one drag find each other."""
        self._strokes += 1
        return self._strokes

    @property
    def undo_budget(self) -> int:
        """How much memory the history may hold, in bytes."""
        return self._budget

    @property
    def undo_bytes(self) -> int:
        """About how much memory the history holds."""
        return sum(self._sizes)

    def _command(self, index: int) -> Command:
        return cast(Command, self.stack.command(index))

    def _forget_oldest(self) -> None:
        stack, sizes = self.stack, self._sizes
        total, first = sum(sizes), 0
        # The newest stays, however large: what was just done can always be undone.
        while total > 0.75 * self._budget and first < len(sizes) - 1:
            total -= sizes[first]
            first += 1
        if first == 0:
            return
        kept = [self._command(i).clone() for i in range(first, stack.count())]
        clean = stack.cleanIndex() - first
        # Before and after, the top command and its text are the same, and the history is
        # not clean: so nobody has to hear of the rebuilding.
        was_blocked = stack.blockSignals(True)
        self.rebuilding = True
        try:
            stack.clear()
            if clean != 0:
                stack.resetClean()
            for number, command in enumerate(kept, 1):
                stack.push(command)
                if number == clean:
                    stack.setClean()
        finally:
            self.rebuilding = False
            stack.blockSignals(was_blocked)
        del sizes[:first]

    # -- for commands only ---------------------------------------------------------------

    def put_cells(self, cells: Mapping[int, Cell]) -> None:
        """Exchange cells without history; for commands."""
        changed = tuple(sorted(i for i, cell in cells.items() if self._cells[i] != cell))
        for index in changed:
            self._cells[index] = cells[index]
        if changed:
            self.cells_changed.emit(changed)

    def put_palette(self, palette: tuple[Colour, ...]) -> None:
        """Exchange the palette without history; for commands."""
        if palette != self._palette:
            self._palette, self._nearest = palette, {}
            self.palette_changed.emit(palette)

    def put_limit(self, limit: bool) -> None:
        """Limit painting to the palette, or not, without history; for commands."""
        if limit != self._limit:
            self._limit = limit
            self.limit_changed.emit(limit)

    def put_reference(self, reference: ReferencePicture | None) -> None:
        """Exchange the picture under the canvas without history; for commands."""
        if reference != self._reference:
            self._reference = reference
            self.reference_changed.emit(reference)

    def put_grid(self, rows: int, columns: int, cells: tuple[Cell, ...]) -> None:
        """Exchange the grid without history; for commands."""
        self._rows, self._columns, self._cells = rows, columns, list(cells)
        self.grid_changed.emit()

    # -- files ---------------------------------------------------------------------------

    @property
    def is_clean(self) -> bool:
        """Whether everything is saved."""
        return self.stack.isClean()

    def load(self, sheet: CellSheet, path: Path | None = None) -> None:
        """Take another sheet, with a fresh history; ``path`` is where it lies, if anywhere."""
        self._take(sheet)
        self.path = path
        self._sizes.clear()
        self.stack.clear()
        self.stack.setClean()
        self.grid_changed.emit()
        self.palette_changed.emit(self._palette)
        self.limit_changed.emit(self._limit)
        self.reference_changed.emit(self._reference)
        self.title_changed.emit(self._title)

    def mark_clean(self, saved: CellSheet | None = None, path: Path | None = None) -> None:
        """Note that the project is saved.

        Parameters
        ----------
        saved : what was written; saving takes time, and where the project was edited
            meanwhile it is not clean. None = as it is now.
        path : where it was written.
        """
        if path is not None:
            self.path = path
        if saved is None or replace(saved, title=self._title) == self.snapshot():
            self.stack.setClean()

    def set_title(self, title: str) -> None:
        """Name the project; that follows its file's name and is not undone."""
        if title != self._title:
            self._title = title
            self.title_changed.emit(title)

    def _take(self, sheet: CellSheet) -> None:
        self._rows, self._columns, self._cells = sheet.rows, sheet.columns, list(sheet.cells)
        self._palette, self._nearest = sheet.palette or DEFAULT_PALETTE, {}
        self._limit = sheet.limit_to_palette
        self._reference = sheet.reference
        self._title = sheet.title
