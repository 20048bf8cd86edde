"""The cell that tools draw on, and pixels that are moved over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from PySide6.QtCore import SignalInstance

from sprite_lab.app.draw.tool_table import ToolOptions
from sprite_lab.app.project import Project
from sprite_lab.app.value_model import ValueModel
from sprite_lab.core import drawing
from sprite_lab.core.cells import Cell, Colour
from sprite_lab.core.drawing import Lifted, Point, Transform
from sprite_lab.core.drawing.selection import Region


class DrawTarget(Protocol):
    """One cell of a project, as a stroke sees it. ``DrawingTools`` is one.

    Attributes
    ----------
    colors : of the left and the right button.
    take_ghost : paints pixels as the model suggests them: their indices, and the stroke's number.
    preview_changed : emits a list of (x, y), and the color they would get.
    """

    project: Project
    options: ValueModel[ToolOptions]
    colors: tuple[Colour, Colour]
    moving: Moving
    take_ghost: Callable[[list[int], int], None] | None

    @property
    def preview_changed(self) -> SignalInstance: ...

    @property
    def cell_index(self) -> int: ...

    @property
    def cell(self) -> Cell: ...

    @property
    def selection(self) -> Region | None:
        """bool (side, side): the pixels that may be drawn on; None = all."""

    def set_selection(self, region: Region | None) -> None: ...

    def set_color(self, which: int, color: Colour) -> None:
        """Set the color of the left (0) or right (1) button."""

    def thick(self, points: list[Point]) -> list[Point]:
        """The points that the brush covers on its way over ``points``."""

    def clipped(self, pixels: list[int]) -> list[int]:
        """The pixels that lie in the selection."""

    def paint(self, colors: Mapping[int, Colour], number: int, text: str) -> None:
        """Paint pixels; edits with the same number are undone together."""

    def mask(self, values: Mapping[int, int], number: int) -> None:
        """Set how far pixels are redrawn, 0 (kept) to 255."""

    def replace_color(self, old: Colour, new: Colour, number: int) -> None:
        """Give every pixel of one color another."""


class Moving:
    """Moves pixels any number of times without changing what they pass over.

    Pixels stay lifted until something else changes the cell or the selection.
    Each drag is one undo step, and so is a row of arrow keys.
    """

    def __init__(self, tools: DrawTarget) -> None:
        self._tools = tools
        self._lifted: Lifted | None = None
        self._offset = (0, 0)
        self._seen: tuple[int, Cell, Region | None] | None = None
        self._nudges: int | None = None
        self._number = 0

    def take(self, number: int) -> None:
        """Take up the selection, or all of the cell, for a drag of this number."""
        self._number, self._nudges = number, None
        self._before = self._offset if self._still_there() else (0, 0)
        if not self._still_there():
            tools = self._tools
            self._hold(drawing.lift(tools.cell, tools.selection), tools.selection)

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
        """Move on by so many pixels."""
        if self._lifted is None or (dx, dy) == (0, 0):
            return
        self._offset = (self._offset[0] + dx, self._offset[1] + dy)
        self._put("Move")

    def nudge(self, dx: int, dy: int) -> None:
        """Move by the keyboard."""
        number = self._nudges
        if number is None or not self._still_there():
            number = self._tools.project.next_stroke()
        self.take(number)
        self.by(dx, dy)
        self._nudges = number

    def turn(self, how: Transform) -> None:
        """Flip or turn what is selected about its middle."""
        self.take(self._tools.project.next_stroke())
        if self._lifted is not None:
            dx, dy = self._offset
            shifted = self._lifted.moved(dx, dy)
            self._lifted, self._offset = drawing.turned_in_place(shifted, how), (0, 0)
            self._put(how.replace("_", " ").capitalize())

    def paste(self, lifted: Lifted) -> None:
        """Put pixels over the cell and select them; they can be moved without a hole."""
        self._number, self._nudges = self._tools.project.next_stroke(), None
        self._hold(lifted, lifted.region)
        self._put("Paste")

    def undo_drag(self) -> None:
        """The drag was cancelled, and the cell and the selection are as before it."""
        self._offset = self._before
        tools = self._tools
        self._seen = (tools.cell_index, tools.cell, tools.selection)

    def _put(self, text: str) -> None:
        lifted, tools = self._lifted, self._tools
        assert lifted is not None
        assert self._seen is not None
        cell, region = lifted.put(*self._offset)
        index = tools.cell_index
        selects = self._seen[2] is not None
        shown = region if selects and region.any() else None
        tools.project.put({index: cell}, text, (index, self._number))
        if selects:
            tools.set_selection(shown)
        self._seen = (index, tools.cell, tools.selection)
