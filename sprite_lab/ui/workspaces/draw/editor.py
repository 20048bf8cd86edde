"""What is done to whole cells: copy, paste, turn, clear, import, export. Undoable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from sprite_lab.app import tasks
from sprite_lab.app.commands import PaintMask, ReplaceCells, ResizeGrid, SetConditions, SetPalette
from sprite_lab.core.cells import Cell, Colour, Conditions, blank_cell
from sprite_lab.core.drawing import Transform, fit_picture, transformed
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.palette import DEFAULT_PALETTE, common_colours
from sprite_lab.core.run import Run, RunControl
from sprite_lab.ui.workspaces.draw.clipboard import (
    file_on_clipboard,
    from_clipboard,
    to_clipboard,
)

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab
    from sprite_lab.core.sprites import SpriteSet

#: How many sprites of a data set its colours are taken from; more change them little.
_COLOUR_SAMPLE = 512


def no_sprites_because(sprites: SpriteSet | None, side: int) -> str:
    """Why cells cannot take sprites of a data set, or ""."""
    if sprites is None:
        return "No sprites are open; open a data set first."
    height, width = sprites.size
    if sprites.size != (side, side):
        return (
            f"The open sprites have {width}x{height} pixels, but cells are {side}x{side}: "
            "open others."
        )
    return ""


class CellEditor(QObject):
    """Edits the chosen cells of the lab's project. UI thread.

    Parameters
    ----------
    chosen : gives the indices of the chosen cells, ascending.
    current : gives the index of the cell on the canvas.

    Signals
    -------
    choose_asked : tuple of cells that should be chosen now.
    """

    choose_asked = Signal(object)

    def __init__(
        self,
        lab: Lab,
        chosen: Callable[[], tuple[int, ...]],
        current: Callable[[], int],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._lab, self._project = lab, lab.project
        self._chosen, self._current = chosen, current

    def _replace(self, after: dict[int, Cell], text: str) -> None:
        project = self._project
        changes = {index: (project.cell(index), cell) for index, cell in after.items()}
        project.push(ReplaceCells(project, changes, text))

    def _fail(self, error: SpriteLabError) -> None:
        self._lab.failed.emit(str(error), "")

    # -- clipboard -----------------------------------------------------------------------

    def copy(self) -> None:
        """Copy the chosen cells."""
        to_clipboard([self._project.cell(index) for index in self._chosen()])

    def cut(self) -> None:
        """Copy the chosen cells and clear them."""
        self.copy()
        self.clear("Cut")

    def paste(self) -> None:
        """Paste one cell into every chosen one, or several from the current one on."""
        file = file_on_clipboard()
        if file is not None:
            self.import_picture(file)
            return
        try:
            pasted = from_clipboard(self._project.side)
        except SpriteLabError as error:
            self._fail(error)
            return
        total = len(self._project.cells)
        if len(pasted) == 1:
            targets = dict.fromkeys(self._chosen(), pasted[0])
        else:
            start = min(self._chosen(), default=self._current())
            targets = {start + i: cell for i, cell in enumerate(pasted) if start + i < total}
        self._put(targets, "Paste")
        if len(targets) < len(pasted):
            self._lab.notice.emit(
                f"{len(targets)} of {len(pasted)} cells were pasted; the grid ends there."
            )

    def _put(self, cells: dict[int, Cell], text: str) -> None:
        """Cells keep their own seeds, or copies of one drawing would all become the same."""
        after = {i: c.asking(seed=self._project.cell(i).seed) for i, c in cells.items()}
        self._replace(after, text)
        self.choose_asked.emit(tuple(after))

    def duplicate(self) -> None:
        """Copy each chosen cell into the next blank one."""
        cells = self._project.cells
        chosen = self._chosen()
        if not chosen:
            return
        order = [*range(chosen[-1] + 1, len(cells)), *range(chosen[-1])]
        blank = [i for i in order if cells[i].is_blank and i not in chosen]
        if not blank:
            self._fail(SpriteLabError("There is no blank cell to duplicate into; clear one first."))
            return
        self._put({i: cells[c] for c, i in zip(chosen, blank, strict=False)}, "Duplicate")

    # -- pixels of whole cells -----------------------------------------------------------

    def clear(self, text: str = "Clear") -> None:
        """Empty the chosen cells; their class and seed stay."""
        cells = {index: self._project.cell(index) for index in self._chosen()}
        self._replace(
            {
                i: replace(blank_cell(c.side), conditions=c.conditions, duration_ms=c.duration_ms)
                for i, c in cells.items()
            },
            text,
        )

    def transform(self, how: Transform) -> None:
        """Flip, turn or shift the chosen cells."""
        after = {i: transformed(self._project.cell(i), how) for i in self._chosen()}
        self._replace(after, how.replace("_", " ").capitalize())

    def free_pixels(self) -> None:
        """Keep no pixels of the current cell any longer."""
        self._mask({p: (k, 255) for p, k in self._redraw()}, "Free all pixels")

    def keep_drawn(self) -> None:
        """Keep every pixel of the current cell that is drawn, and no other."""
        drawn = self._project.cell(self._current()).rgba[..., 3].ravel() > 0
        self._mask({p: (k, 0 if drawn[p] else 255) for p, k in self._redraw()}, "Keep drawn pixels")

    def _redraw(self) -> list[tuple[int, int]]:
        return list(enumerate(self._project.cell(self._current()).redraw.tobytes()))

    def _mask(self, changes: dict[int, tuple[int, int]], text: str) -> None:
        project = self._project
        project.push(
            PaintMask(project, self._current(), changes, stroke=project.next_stroke(), text=text)
        )

    def take_sprites(self, indices: Sequence[int]) -> None:
        """Put random sprites of the open data set, with their classes, into cells."""
        sprites = self._lab.data.value
        problem = no_sprites_because(sprites, self._project.side)
        if sprites is None or problem:
            self._fail(SpriteLabError(problem))
            return
        rng = np.random.default_rng()
        rows = rng.choice(len(sprites), len(indices), replace=len(sprites) < len(indices))
        after = {}
        for index, row in zip(indices, rows, strict=True):
            rgba = np.dstack([sprites.images[row], sprites.alpha[row]])
            # Under an empty pixel there is no colour.
            rgba[rgba[..., 3] == 0] = 0
            label = int(sprites.labels[row])
            after[index] = Cell(
                rgba.tobytes(),
                Conditions.of_class(
                    sprites.class_names[label] if label >= 0 else None,
                    self._project.cell(index).seed,
                ),
            )
        count = len(indices)
        self._replace(after, "Take sprite" if count == 1 else f"Take {count} sprites")

    # -- what goes with cells ------------------------------------------------------------

    def ask(self, text: str, merge_key: object = None, **fields: Any) -> None:
        """Set some conditions of the chosen cells; see :class:`Conditions`."""
        cells = {i: self._project.cell(i) for i in self._chosen()}
        changes = {i: (c.conditions, replace(c.conditions, **fields)) for i, c in cells.items()}
        key = None if merge_key is None else (merge_key, tuple(changes))
        self._project.push(SetConditions(self._project, changes, text, key))

    def set_class(self, name: str | None) -> None:
        """Set what the chosen cells should become."""
        self.ask("Set class", class_mix=() if name is None else ((name, 1.0),))

    def set_seed(self, seed: int) -> None:
        """Give the chosen cells seeds that count up from this one."""
        chosen = self._chosen()
        changes = {}
        for n, i in enumerate(chosen):
            before = self._project.cell(i).conditions
            changes[i] = (before, replace(before, seed=seed + n))
        # The digits that are typed, or the steps of the wheel, are one step of undo.
        text = "Set seed" if len(chosen) == 1 else "Set seeds"
        self._project.push(SetConditions(self._project, changes, text, ("seed", chosen)))

    def resize(self, rows: int, columns: int) -> None:
        """Change the grid; each cell stays in its row and column."""
        project = self._project
        now = (project.rows, project.columns, project.cells)

        def cell(row: int, column: int) -> Cell:
            if row < now[0] and column < now[1]:
                return now[2][row * now[1] + column]
            return blank_cell(project.side, row * columns + column)

        cells = tuple(cell(row, column) for row in range(rows) for column in range(columns))
        project.push(ResizeGrid(project, now, (rows, columns, cells)))

    # -- palette -------------------------------------------------------------------------

    def set_palette(self, colours: tuple[Colour, ...], text: str = "Change palette") -> None:
        """Take another palette."""
        self._project.push(SetPalette(self._project, self._project.palette, colours, text))

    def default_palette(self) -> None:
        """Take our own palette."""
        self.set_palette(DEFAULT_PALETTE, "Default palette")

    def palette_from_data(self) -> None:
        """Take the colours that represent the open data set."""
        sprites = self._lab.data.value
        if sprites is None:
            self._fail(SpriteLabError("No sprites are open; open a data set first."))
            return
        step = max(1, len(sprites) // _COLOUR_SAMPLE)
        rgba = np.concatenate([sprites.images[::step], sprites.alpha[::step, ..., None]], axis=3)
        self.set_palette(common_colours(rgba), "Palette from data set")

    # -- files ---------------------------------------------------------------------------

    def import_picture(self, path: Path, index: int | None = None) -> None:
        """Read a picture no larger than a cell into one (None = the current one)."""
        target = self._current() if index is None else index
        side = self._project.side

        def read(control: RunControl) -> Run[bytes]:
            yield None
            # Pillow is slow to load and nothing else here needs it.
            from sprite_lab.formats.png import read_image  # noqa: PLC0415

            return fit_picture(read_image(path), side)

        def take(pixels: bytes) -> None:
            if target < len(self._project.cells):
                before = self._project.cell(target)
                after = replace(before, pixels=pixels, redraw_strength=None, made_by=None)
                self._replace({target: after}, "Import picture")
                self.choose_asked.emit((target,))

        self._lab.do(read, name=f"Reading {path.name}", then=take, io=True)

    def export_cell(self, path: Path, scale: int) -> None:
        """Write the current cell as a PNG, with what made it."""
        cell = self._project.cell(self._current())
        images = cell.rgba[None]
        self._lab.workbench.export(
            tasks.export_sheet(path, images, scale=scale, columns=1, config=cell.made_by), path
        )

    def export_sheet(self, path: Path, scale: int) -> None:
        """Write all cells as one PNG, laid out as they are here."""
        images: NDArray[np.uint8] = np.stack([cell.rgba for cell in self._project.cells])
        self._lab.workbench.export(
            tasks.export_sheet(path, images, scale=scale, columns=self._project.columns), path
        )
