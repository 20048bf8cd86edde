"""The current tool, the two colors, the selection, and the stroke under way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, Slot

from sprite_lab.app.draw.clipboard import copied_pixels, copy_pixels
from sprite_lab.app.draw.tools.strokes import STROKES, Moving, Press, Stroke
from sprite_lab.app.draw.tools.tool_table import (
    BY_NAME,
    HARMLESS,
    LEAST_BRUSH,
    MOST_BRUSH,
    SELECTS,
    ToolOptions,
)
from sprite_lab.app.files.project import Project
from sprite_lab.app.value_model import ValueModel
from sprite_lab.core import drawing
from sprite_lab.core.drawing import Point
from sprite_lab.core.drawing.selection import Region
from sprite_lab.core.pixels.cells import Cell, Color
from sprite_lab.core.pixels.layers import layer_name
from sprite_lab.core.pixels.nearest import limited, nearest_color
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE, TRANSPARENT
from sprite_lab.words import tr, trn

_SYMMETRIES: tuple[drawing.Symmetry, ...] = ("none", "horizontal", "vertical", "both")


class DrawingTools(QObject):
    """Turns presses, moves and releases on the canvas into edits of one cell. UI thread."""

    tool_changed = Signal(str)  #: name of the tool
    colors_changed = Signal(object, object)  #: first and second color
    preview_changed = Signal(object, object)  #: list of (x, y), and the color that they would get
    selection_changed = Signal(object)  #: bool (side, side), or None
    refused = Signal(str)  #: a sentence on why a stroke did nothing
    layer_changed = Signal()  #: another layer is drawn on

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
        self.tool = "pencil"
        self.cell_index = 0
        #: The layer to draw on; in cells with fewer, it is the highest.
        self.wanted_layer = 0
        self._stroke: Stroke | None = None
        self._hinting = False
        self._last_point: Point | None = None
        self._selection: Region | None = None
        self._palette = project.palette
        project.grid_changed.connect(self._on_grid)
        project.palette_changed.connect(self._on_palette)
        project.history_changed.connect(self._on_history)

    # -- tool and colors ----------------------------------------------------------------

    def set_tool(self, name: str) -> None:
        if name != self.tool and name in BY_NAME:
            self.tool = name
            self.tool_changed.emit(name)

    def resize_brush(self, by: int) -> None:
        size = min(max(self.options.value.size + by, LEAST_BRUSH), MOST_BRUSH)
        self.options.replace(size=size)

    def next_symmetry(self) -> None:
        now = _SYMMETRIES.index(self.options.value.symmetry)
        self.options.replace(symmetry=_SYMMETRIES[(now + 1) % len(_SYMMETRIES)])

    def set_color(self, which: int, color: Color) -> None:
        """Set the first (0) or second (1) color."""
        first, second = self.colors
        self.colors = (first, color) if which else (color, second)
        self.colors_changed.emit(*self.colors)

    def _on_palette(self, palette: tuple[Color, ...]) -> None:
        """After a change of palette, continue with its nearest colors."""
        gone, self._palette = set(self._palette) - set(palette), palette
        if len(gone) > 1 and gone & set(self.colors):
            first, second = (nearest_color(c, palette) if c in gone else c for c in self.colors)
            self.colors = first, second
            self.colors_changed.emit(*self.colors)

    def swap_colors(self) -> None:
        self.colors = (self.colors[1], self.colors[0])
        self.colors_changed.emit(*self.colors)

    # -- the target -------------------------------------------------------------------------------

    @property
    def cell(self) -> Cell:
        """The cell with only the layer that is drawn on."""
        return self.project.cell(self.cell_index).on(self.layer)

    def set_cell(self, index: int) -> None:
        """Draw in another cell; the selection and the layer's place stay."""
        if index != self.cell_index:
            self.end()
            self.cell_index, self._last_point = index, None

    @property
    def layer(self) -> int:
        """The layer that is drawn on, 0 = the lowest."""
        return self.layer_of(self.project.cell(self.cell_index))

    def layer_of(self, cell: Cell) -> int:
        """The layer of a cell that is drawn on."""
        return min(self.wanted_layer, len(cell.stack) - 1)

    def set_layer(self, n: int) -> None:
        """Draw on another layer, in all cells that have that many."""
        if n != self.wanted_layer:
            self.end()
            self.moving.let_go()
            self.wanted_layer = n
            self.layer_changed.emit()

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
        """Whether the layer may be drawn on in none of these cells; None = in the current one.

        If so, :attr:`refused` says why.
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

    @property
    def selection(self) -> Region | None:
        """bool (side, side): the pixels that may be drawn on; None = all."""
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
        self._last_point = None

    # -- strokes -------------------------------------------------------------------------

    @Slot(int, int, object)
    def hover(self, x: int, y: int, held: Qt.KeyboardModifier) -> None:
        """The pointer moves without a button; Shift previews the line that a press would draw."""
        shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
        last = self._last_point
        if shift and last is not None and self.tool in ("pencil", "eraser"):
            options, side = self.options.value, self.project.side
            line = self.thick(drawing.line(last, (x, y)))
            points = drawing.symmetric(line, side, options.symmetry)
            found = self.clipped(drawing.indices(points, side, wrap=options.wrap))
            color = TRANSPARENT if self.tool == "eraser" else self.colors[0]
            self._hinting = True
            self.preview_changed.emit([(i % side, i // side) for i in found], color)
        else:
            self._unhint()

    def _unhint(self) -> None:
        if self._hinting:
            self._hinting = False
            self.preview_changed.emit([], None)

    @Slot(int, int, object, object)
    def begin(self, x: int, y: int, button: Qt.MouseButton, held: Qt.KeyboardModifier) -> None:
        """A button goes down; the point may lie outside the cell."""
        self._unhint()
        shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
        alt = bool(held & Qt.KeyboardModifier.AltModifier)
        # For selecting tools, Alt subtracts; for all others, it picks a color.
        tool = "picker" if alt and self.tool not in SELECTS else self.tool
        if tool not in HARMLESS and self.refuses():
            return
        right = button == Qt.MouseButton.RightButton
        press = Press(tool, (x, y), self._last_point, right, shift, alt)
        self._stroke = STROKES[tool](self, press)
        self._stroke.begin()

    @Slot(int, int)
    def move(self, x: int, y: int) -> None:
        """The pointer moves with the button down; the point may lie outside the cell."""
        stroke = self._stroke
        if stroke is not None and stroke.point != (x, y):
            stroke.drag((x, y))
            stroke.point = (x, y)

    @Slot()
    def end(self) -> None:
        """The button is released."""
        stroke, self._stroke = self._stroke, None
        if stroke is not None:
            stroke.end()
            if stroke.leaves_point:
                self._last_point = stroke.point

    @Slot()
    def cancel(self) -> None:
        """Undo the stroke in progress."""
        stroke, self._stroke = self._stroke, None
        if stroke is None:
            return
        self.project.history.discard_newest((self.cell_index, stroke.number))
        stroke.cancel()

    def _on_history(self) -> None:
        """End a stroke that was undone while the button was down."""
        if self._stroke is not None and self.project.history.went:
            stroke, self._stroke = self._stroke, None
            stroke.cancel()

    # -- edits ---------------------------------------------------------------------------

    def paint(self, colors: Mapping[int, Color], number: int, text: str) -> None:
        """Paint pixels; edits with the same number are undone together."""
        self.project.paint(self.cell_index, colors, text, number, layer=self.layer, keep=self.keeps)

    def put(self, cell: Cell, text: str, number: int) -> None:
        """Put the cell after drawing on :attr:`cell`."""
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

    def outline(self, *, inside: bool = False) -> None:
        """Outline the drawing in the first color, outside or on its rim."""
        if self.refuses():
            return
        region = drawing.outline(self.cell, inside=inside)
        pixels = self.clipped(region.ravel().nonzero()[0].tolist())
        color = self.project.allowed(self.colors[0])
        self.paint(dict.fromkeys(pixels, color), self.project.next_stroke(), tr("Outline"))

    # -- edits of the selection ----------------------------------------------------------

    def nudge(self, dx: int, dy: int) -> None:
        """Move the selection, or the whole drawing, by the keyboard."""
        self.end()
        if not self.refuses():
            self.moving.nudge(dx, dy)

    def turn(self, how: drawing.Transform) -> bool:
        """Flip or turn the selection; False = nothing is selected."""
        if self._selection is None:
            return False
        self.end()
        if not self.refuses():
            self.moving.turn(how)
        return True

    def rotate(self, degrees: float) -> None:
        """Rotate the selection, or the whole drawing, clockwise; see ``core.drawing.selection``."""
        self.end()
        if not self.refuses():
            self.moving.rotate(degrees)

    def clear(self, text: str = "") -> None:
        if self._selection is not None and not self.refuses():
            pixels = self._selection.ravel().nonzero()[0].tolist()
            self.paint(
                dict.fromkeys(pixels, TRANSPARENT),
                self.project.next_stroke(),
                text or tr("Clear selection"),
            )

    def copy(self) -> None:
        if self._selection is not None:
            left, top, width, height = drawing.box(self._selection)
            rgba = self.cell.rgba.copy()
            rgba[~self._selection] = 0
            copy_pixels(rgba[top : top + height, left : left + width], left, top)

    def cut(self) -> None:
        self.copy()
        self.clear(tr("Cut selection"))

    def paste(self) -> bool:
        """Paste copied pixels where they were, ready to move; False = there are none."""
        found = copied_pixels()
        if found is None:
            return False
        self.end()
        if self.refuses():
            return True
        rgba, left, top = found
        if self.project.limit_to_palette:
            rgba = limited(rgba, self.project.palette)
        self.moving.paste(drawing.pasted(self.cell, rgba, left, top))
        self.set_tool("move")
        return True
