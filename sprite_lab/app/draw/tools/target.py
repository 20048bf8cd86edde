"""The cell that tools draw in: its layer, colors and selection, and moving its pixels."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from sprite_lab.app.draw.tools.tool_table import TRANSFORM_WORDS, ToolOptions
from sprite_lab.app.files.project import Project
from sprite_lab.app.value_model import ValueModel
from sprite_lab.core import drawing
from sprite_lab.core.drawing import Lifted, Point, Transform
from sprite_lab.core.drawing.selection import Region
from sprite_lab.core.pixels.cells import Cell, Color
from sprite_lab.core.pixels.layers import layer_name
from sprite_lab.core.pixels.nearest import nearest_color
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE, TRANSPARENT
from sprite_lab.words import tr, trn

#: Maximum number of remembered states, two for each movement that undo and redo can follow with the
#: selection.
_MOST_STOPS = 200


class DrawTarget(QObject):
    """A cell of a project, as strokes see it. UI thread."""

    colors_changed = Signal(object, object)  #: first and second color
    preview_changed = Signal(object, object)  #: list of (x, y), and the color they would get
    selection_changed = Signal(object)  #: bool (side, side), or None
    refused = Signal(str)  #: a sentence on why a stroke did nothing

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.options = ValueModel(ToolOptions(), self)
        self.colors: tuple[Color, Color] = (DEFAULT_PALETTE[0], TRANSPARENT)
        self.moving = Moving(self)
        #: The cells in which a color is replaced with ``all_chosen``.
        self.chosen: Sequence[int] = ()
        #: Paints pixels from Live's suggestion: their indices, and the stroke's number.
        self.take_ghost: Callable[[list[int], int], None] | None = None
        #: Whether painted pixels are kept when the cell is generated.
        self.keeps = False
        self.cell_index = 0
        #: The layer to draw on; cells with fewer layers use their highest.
        self.wanted_layer = 0
        self._selection: Region | None = None
        self._palette = project.palette
        project.grid_changed.connect(self._on_grid)
        project.palette_changed.connect(self._on_palette)

    # -- colors ----------------------------------------------------------------------------------

    def set_color(self, which: int, color: Color) -> None:
        """Set the first (0) or second (1) color."""
        first, second = self.colors
        self.colors = (first, color) if which else (color, second)
        self.colors_changed.emit(*self.colors)

    def _on_palette(self, palette: tuple[Color, ...]) -> None:
        """If several colors of the palette are gone, continue with the nearest ones that it has."""
        gone, self._palette = set(self._palette) - set(palette), palette
        if len(gone) > 1 and gone & set(self.colors):
            first, second = (nearest_color(c, palette) if c in gone else c for c in self.colors)
            self.colors = first, second
            self.colors_changed.emit(*self.colors)

    def swap_colors(self) -> None:
        self.colors = (self.colors[1], self.colors[0])
        self.colors_changed.emit(*self.colors)

    # -- the cell --------------------------------------------------------------------------------

    @property
    def cell(self) -> Cell:
        """The cell with only the layer being drawn on."""
        return self.project.cell(self.cell_index).on(self.layer)

    @property
    def layer(self) -> int:
        """The layer that is drawn on, 0 = the lowest."""
        return self.layer_of(self.project.cell(self.cell_index))

    def layer_of(self, cell: Cell) -> int:
        """The layer of a cell that is drawn on."""
        return min(self.wanted_layer, len(cell.stack) - 1)

    def on_layer(self, index: int, change: Callable[[Cell], Cell]) -> Cell:
        """A cell after a change to the layer that is drawn on; unchanged if it is locked."""
        cell = self.project.cell(index)
        n = self.layer_of(cell)
        return cell.drawn_on(n, change(cell.on(n))) if self.takes_strokes(index) else cell

    def takes_strokes(self, index: int) -> bool:
        """Whether the current layer of a cell may be drawn on."""
        cell = self.project.cell(index)
        return cell.stack[self.layer_of(cell)].takes_strokes

    def refuses(self, indices: Iterable[int] | None = None) -> bool:
        """Whether the layer can be drawn on in none of these cells; None = the current one.

        If it cannot be drawn on in some of them, :attr:`refused` reports why.
        """
        places = (self.cell_index,) if indices is None else tuple(indices)
        shut = [i for i in places if not self.takes_strokes(i)]
        if not shut:
            return False
        cell = self.project.cell(shut[0])
        n = self.layer_of(cell)
        name = layer_name(cell.stack[n], n)
        if len(shut) < len(places):
            why = trn(
                "{n} cell stays as it is: its layer is locked or hidden.",
                "{n} cells stay as they are: their layers are locked or hidden.",
                len(shut),
            )
        elif cell.stack[n].visible:
            why = tr("“{name}” is locked: unlock it, or choose another layer.", name=name)
        else:
            why = tr("“{name}” is hidden: show it, or choose another layer.", name=name)
        self.refused.emit(why)
        return len(shut) == len(places)

    # -- the selection ---------------------------------------------------------------------------

    @property
    def selection(self) -> Region | None:
        """The pixels that may be drawn on: bool (side, side); None = all."""
        return self._selection

    def set_selection(self, region: Region | None) -> None:
        """Select a region; None = nothing."""
        if region is not self._selection:
            self._selection = region
            self.selection_changed.emit(region)

    def select_all(self) -> None:
        self.set_selection(np.ones((self.project.side, self.project.side), bool))

    def select_none(self) -> None:
        self.set_selection(None)

    def invert_selection(self) -> None:
        if self._selection is None:
            self.select_all()
        else:
            left = ~self._selection
            self.set_selection(left if left.any() else None)

    def thick(self, points: list[Point]) -> list[Point]:
        """The points that the brush covers along ``points``."""
        options = self.options.value
        return drawing.thick(points, options.size, rounded=options.rounded)

    def clipped(self, pixels: list[int]) -> list[int]:
        """The pixels that lie in the selection."""
        if self._selection is None:
            return pixels
        allowed = self._selection.tobytes()
        return [i for i in pixels if allowed[i]]

    @Slot()
    def _on_grid(self) -> None:
        side = self.project.side
        if self._selection is not None and len(self._selection) != side:
            self.set_selection(None)

    # -- edits -----------------------------------------------------------------------------------

    def paint(self, colors: Mapping[int, Color], number: int, text: str) -> None:
        """Paint pixels; edits with the same number are undone together."""
        self.project.paint(self.cell_index, colors, text, number, layer=self.layer, keep=self.keeps)

    def put(self, cell: Cell, text: str, number: int) -> None:
        """Store a changed :attr:`cell` in the project."""
        after = self.project.cell(self.cell_index).drawn_on(self.layer, cell)
        self.project.put({self.cell_index: after}, text, (self.cell_index, number))

    def mask(self, values: Mapping[int, int], number: int) -> None:
        """Set how far pixels are redrawn, 0 (kept) to 255."""
        strengths = set(values.values())
        text = {0: tr("Keep pixels"), 255: tr("Unmark pixels")}.get(
            strengths.pop() if strengths else 0, tr("Paint redraw strength")
        )
        cell = self.project.cell(self.cell_index)
        if self.keeps:
            cell = cell.kept_by_hand
        self.project.put({self.cell_index: cell.masked(values)}, text, (self.cell_index, number))

    def replace_color(self, old: Color, new: Color, number: int) -> None:
        """Replace one color with another, in all chosen cells with ``all_chosen``."""
        cells = {self.cell_index, *(self.chosen if self.options.value.all_chosen else ())}
        if self.refuses(cells):
            return

        def recolored(cell: Cell) -> Cell:
            return drawing.recolored(cell, old, new, self._selection)

        after = {i: self.on_layer(i, recolored) for i in cells}
        self.project.put(after, tr("Replace color"), (self.cell_index, number))


class Moving:
    """Moves pixels any number of times without changing what they pass over.

    Pixels stay lifted until something else changes the cell or the selection. Each drag is one undo
    step, and so is a series of arrow keys.
    """

    def __init__(self, tools: DrawTarget) -> None:
        self._tools = tools
        self._lifted: Lifted | None = None
        self._offset = (0, 0)
        self._seen: tuple[int, Cell, Region | None] | None = None
        self._nudges: int | None = None
        self._number = 0
        #: States before and after movements: index of the cell, the cell, and the selection.
        self._stops: deque[tuple[int, Cell, Region | None]] = deque(maxlen=_MOST_STOPS)

    def take(self, number: int) -> None:
        """Pick up the selection, or the whole cell, for a drag with this number."""
        self._number, self._nudges = number, None
        self._before = self._offset if self._still_there() else (0, 0)
        if not self._still_there():
            tools = self._tools
            self._hold(drawing.lift(tools.cell, tools.selection), tools.selection)

    def let_go(self) -> None:
        """Leave the moved pixels where they are, since another layer is drawn on."""
        self._lifted = self._seen = self._nudges = None

    def _hold(self, lifted: Lifted, shown: Region | None) -> None:
        self._lifted, self._offset = lifted, (0, 0)
        self._seen = (self._tools.cell_index, self._tools.cell, shown)

    def _still_there(self) -> bool:
        if self._lifted is None or self._seen is None:
            return False
        index, cell, selection = self._seen
        tools = self._tools
        return index == tools.cell_index and selection is tools.selection and cell == tools.cell

    def by(self, dx: int, dy: int) -> None:
        """Move further by a number of pixels."""
        if self._lifted is None or (dx, dy) == (0, 0):
            return
        self._offset = (self._offset[0] + dx, self._offset[1] + dy)
        self._put(tr("Move"))

    def nudge(self, dx: int, dy: int) -> None:
        """Move by the keyboard."""
        number = self._nudges
        if number is None or not self._still_there():
            number = self._tools.project.next_stroke()
        self.take(number)
        self.by(dx, dy)
        self._nudges = number

    def rotated(self, degrees: float) -> Lifted:
        """The selection, or everything, rotated; nothing is changed."""
        if self._lifted is not None and self._still_there():
            lifted = self._lifted.moved(*self._offset)
        else:
            lifted = drawing.lift(self._tools.cell, self._tools.selection)
        return drawing.rotated_in_place(lifted, degrees)

    def rotate(self, degrees: float) -> None:
        """Rotate the selection, or everything, clockwise around its center."""
        after = self.rotated(degrees)
        self.take(self._tools.project.next_stroke())
        self._lifted, self._offset = after, (0, 0)
        self._put(tr("Rotate by {degrees:g}°", degrees=degrees))

    def turn(self, how: Transform) -> None:
        """Flip or turn the selection around its center."""
        self.take(self._tools.project.next_stroke())
        if self._lifted is not None:
            dx, dy = self._offset
            shifted = self._lifted.moved(dx, dy)
            self._lifted, self._offset = drawing.turned_in_place(shifted, how), (0, 0)
            self._put(TRANSFORM_WORDS[how])

    def paste(self, lifted: Lifted) -> None:
        """Put pixels over the cell and select them; moving them leaves what is below intact."""
        self._number, self._nudges = self._tools.project.next_stroke(), None
        self._hold(lifted, lifted.region)
        self._put(tr("Paste"))

    def undo_drag(self) -> None:
        """Forget a canceled drag, after cell and selection were restored."""
        self._offset = self._before
        tools = self._tools
        self._seen = (tools.cell_index, tools.cell, tools.selection)

    def follow_history(self) -> None:
        """After undo or redo, select what was selected before or after the movement."""
        tools = self._tools
        if not any(tools.selection is selection for *_, selection in self._stops):
            return  # something else has been selected since
        for index, cell, selection in reversed(self._stops):
            if index == tools.cell_index and cell == tools.cell:
                tools.set_selection(selection)
                return

    def _stop(self) -> None:
        tools = self._tools
        self._stops.append((tools.cell_index, tools.cell, tools.selection))

    def _put(self, text: str) -> None:
        lifted, tools = self._lifted, self._tools
        assert lifted is not None
        assert self._seen is not None
        cell, region = lifted.put(*self._offset)
        selects = self._seen[2] is not None
        shown = region if selects and region.any() else None
        self._stop()
        tools.put(cell, text, self._number)
        if selects:
            tools.set_selection(shown)
        self._stop()
        self._seen = (tools.cell_index, tools.cell, tools.selection)
