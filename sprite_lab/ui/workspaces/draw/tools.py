"""What each drawing tool does with the pixels it is dragged over. Nothing here paints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal, Slot

from sprite_lab.app.commands import PaintMask, PaintStroke
from sprite_lab.app.project import Project
from sprite_lab.core import drawing
from sprite_lab.core.cells import Colour
from sprite_lab.core.drawing import Point
from sprite_lab.core.palette import DEFAULT_PALETTE, TRANSPARENT


@dataclass(frozen=True)
class Tool:
    """A tool as it is shown: its key acts while the canvas has the focus."""

    name: str
    text: str
    key: str
    icon: str
    hint: str


TOOLS = (
    Tool("pencil", "Pencil", "B", "pencil", "right: second colour, Shift: line"),
    Tool("eraser", "Eraser", "E", "eraser", "makes pixels empty, Shift: line"),
    Tool("bucket", "Bucket", "G", "bucket", "fills touching pixels of one colour"),
    Tool("line", "Line", "L", "line", "drag from end to end"),
    Tool("rectangle", "Rectangle", "U", "rectangle", "drag corner to corner, Shift: square"),
    Tool("picker", "Colour picker", "I", "picker", "takes a colour; or hold Alt"),
    Tool("mask", "Keep these pixels", "K", "mask", "marks what stays, right: unmarks"),
)
BY_NAME = {tool.name: tool for tool in TOOLS}


@dataclass
class _Stroke:
    """A drag that goes on."""

    number: int
    tool: str
    colour: Colour
    keep: bool
    start: Point
    last: Point
    shift: bool


class DrawingTools(QObject):
    """The tool in hand, the two colours, and the stroke that goes on. UI thread.

    Signals
    -------
    tool_changed : name of the tool in hand.
    colours_changed : first and second colour.
    mirror_changed : whether strokes are mirrored left to right.
    preview_changed : list of (x, y), and the colour they would get.
    """

    tool_changed = Signal(str)
    colours_changed = Signal(object, object)
    mirror_changed = Signal(bool)
    preview_changed = Signal(object, object)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._tool = "pencil"
        self._cell = 0
        self._stroke: _Stroke | None = None
        self._last_point: Point | None = None
        self._mirror = False
        self.colours: tuple[Colour, Colour] = (DEFAULT_PALETTE[0], TRANSPARENT)

    # -- what is in hand -----------------------------------------------------------------

    @property
    def tool(self) -> str:
        return self._tool

    def set_tool(self, name: str) -> None:
        """Take a tool in hand."""
        if name != self._tool and name in BY_NAME:
            self._tool = name
            self.tool_changed.emit(name)

    @property
    def mirror(self) -> bool:
        """Whether what is drawn on one side is drawn on the other as well."""
        return self._mirror

    def set_mirror(self, mirror: bool) -> None:
        """Mirror strokes at the vertical middle, or not."""
        if mirror != self._mirror:
            self._mirror = mirror
            self.mirror_changed.emit(mirror)

    def set_cell(self, index: int) -> None:
        """Draw in another cell."""
        if index != self._cell:
            self.end()
            self._cell, self._last_point = index, None

    def set_colour(self, which: int, colour: Colour) -> None:
        """Set the first (0) or second (1) colour."""
        first, second = self.colours
        self.colours = (first, colour) if which else (colour, second)
        self.colours_changed.emit(*self.colours)

    def swap_colours(self) -> None:
        """Exchange the first and the second colour."""
        self.colours = (self.colours[1], self.colours[0])
        self.colours_changed.emit(*self.colours)

    # -- strokes -------------------------------------------------------------------------

    @Slot(int, int, object, object)
    def begin(self, x: int, y: int, button: Qt.MouseButton, held: Qt.KeyboardModifier) -> None:
        """A button goes down on a pixel."""
        right = button == Qt.MouseButton.RightButton
        shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
        alt = bool(held & Qt.KeyboardModifier.AltModifier)
        tool = "picker" if alt else self._tool
        colour = TRANSPARENT if tool == "eraser" else self.colours[right]
        self._stroke = _Stroke(
            self._project.next_stroke(), tool, colour, not right, (x, y), (x, y), shift
        )
        if tool == "picker":
            self._pick(x, y, int(right))
        elif tool == "bucket":
            cell = self._project.cell(self._cell)
            pixels = drawing.flood(cell, x, y)
            if self._mirror:
                # The other side may have another shape, and is filled as it is.
                pixels = sorted({*pixels, *drawing.flood(cell, cell.side - 1 - x, y)})
            self._paint_stroke(self._stroke, pixels)
        elif tool in ("line", "rectangle"):
            self._show_shape((x, y))
        else:
            straight = shift and self._last_point is not None
            start = self._last_point if straight and self._last_point else (x, y)
            self._brush(start, (x, y))

    @Slot(int, int)
    def move(self, x: int, y: int) -> None:
        """The pointer moves with the button down; the point may lie outside."""
        stroke = self._stroke
        if stroke is None:
            return
        if stroke.tool == "picker":
            side = self._project.side
            if 0 <= x < side and 0 <= y < side:
                self._pick(x, y, int(not stroke.keep))
        elif stroke.tool in ("line", "rectangle"):
            self._show_shape((x, y))
        elif stroke.tool != "bucket":
            self._brush(stroke.last, (x, y))
        stroke.last = (x, y)

    @Slot()
    def end(self) -> None:
        """The button is let go: shapes are drawn now."""
        stroke, self._stroke = self._stroke, None
        if stroke is None:
            return
        if stroke.tool in ("line", "rectangle"):
            self.preview_changed.emit([], None)
            self._paint_stroke(stroke, self._shape(stroke, stroke.last))
        if stroke.tool in ("pencil", "eraser", "mask", "line"):
            self._last_point = stroke.last

    @Slot()
    def cancel(self) -> None:
        """Take the stroke that goes on back, as if it had not been begun."""
        stroke, self._stroke = self._stroke, None
        self.preview_changed.emit([], None)
        stack = self._project.stack
        if stroke is None or not stack.canUndo():
            return
        top = stack.command(stack.index() - 1)
        if isinstance(top, (PaintStroke, PaintMask)) and top.stroke == stroke.number:
            # The reverse merges with the stroke and both vanish, with nothing to redo.
            self._project.push(top.inverse())

    # -- the tools -----------------------------------------------------------------------

    def _both_sides(self, pixels: list[int]) -> list[int]:
        return (
            sorted({*pixels, *drawing.mirrored(pixels, self._project.side)})
            if self._mirror
            else pixels
        )

    def _shape(self, stroke: _Stroke, end: Point) -> list[int]:
        if stroke.tool == "line":
            return self._both_sides(drawing.line(stroke.start, end, self._project.side))
        if stroke.shift:
            end = drawing.square_end(stroke.start, end)
        return self._both_sides(drawing.rectangle(stroke.start, end, self._project.side))

    def _show_shape(self, end: Point) -> None:
        if self._stroke is not None:
            side = self._project.side
            points = [(index % side, index // side) for index in self._shape(self._stroke, end)]
            self.preview_changed.emit(points, self._stroke.colour)

    def _brush(self, start: Point, end: Point) -> None:
        stroke = self._stroke
        if stroke is None:
            return
        pixels = self._both_sides(drawing.line(start, end, self._project.side))
        if stroke.tool != "mask":
            self._paint_stroke(stroke, pixels)
            return
        redraw = self._project.cell(self._cell).redraw.tobytes()
        changes = {i: (redraw[i], 0 if stroke.keep else 255) for i in pixels}
        self._project.push(
            PaintMask(
                self._project,
                self._cell,
                changes,
                stroke=stroke.number,
                text="Keep pixels" if stroke.keep else "Free pixels",
            )
        )

    def _paint_stroke(self, stroke: _Stroke, pixels: Iterable[int]) -> None:
        cell = self._project.cell(self._cell)
        after = bytes(stroke.colour)
        changes = {i: (cell.pixels[4 * i : 4 * i + 4], after) for i in pixels}
        if stroke.colour[3] == 0:
            # Empty pixels have no colour, so erasing them again changes nothing.
            changes = {i: pair for i, pair in changes.items() if pair[0][3]}
        self._project.push(
            PaintStroke(
                self._project,
                self._cell,
                changes,
                stroke=stroke.number,
                made_by=cell.made_by,
                text=BY_NAME[stroke.tool].text,
            )
        )

    def _pick(self, x: int, y: int, which: int) -> None:
        r, g, b, a = (int(v) for v in self._project.cell(self._cell).rgba[y, x])
        self.set_colour(which, (r, g, b, a) if a else TRANSPARENT)
