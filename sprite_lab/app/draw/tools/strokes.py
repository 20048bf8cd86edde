"""What each tool does to a cell from the press of a button to its release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import SignalInstance

from sprite_lab.app.draw.tools.tool_table import BY_NAME, TRANSFORM_WORDS, ToolOptions
from sprite_lab.app.files.project import Project
from sprite_lab.app.value_model import ValueModel
from sprite_lab.core import drawing
from sprite_lab.core.drawing import Lifted, Point, Transform
from sprite_lab.core.drawing.selection import Combining, Region
from sprite_lab.core.pixels.cells import Cell, Color
from sprite_lab.core.pixels.palette import TRANSPARENT
from sprite_lab.words import tr

#: How much shading changes lightness when it does not follow the palette.
SHADE = 0.06


class DrawTarget(Protocol):
    """A cell of a project, as a stroke sees it. ``DrawingTools`` is one.

    Attributes
    ----------
    colors : of the left and the right button.
    take_ghost : paints pixels as the model suggests them: their indices, and the stroke's number.
    preview_changed : emits a list of (x, y), and the color they would get.
    refused : emits a sentence on why a stroke did nothing.
    """

    project: Project
    options: ValueModel[ToolOptions]
    colors: tuple[Color, Color]
    moving: Moving
    take_ghost: Callable[[list[int], int], None] | None

    @property
    def preview_changed(self) -> SignalInstance: ...

    @property
    def refused(self) -> SignalInstance: ...

    @property
    def cell_index(self) -> int: ...

    @property
    def cell(self) -> Cell:
        """The cell with only the layer that is drawn on."""

    @property
    def selection(self) -> Region | None:
        """bool (side, side): the pixels that may be drawn on; None = all."""

    def set_selection(self, region: Region | None) -> None: ...

    def set_color(self, which: int, color: Color) -> None:
        """Set the color of the left (0) or right (1) button."""

    def thick(self, points: list[Point]) -> list[Point]:
        """The points that the brush covers along ``points``."""

    def clipped(self, pixels: list[int]) -> list[int]:
        """The pixels that lie in the selection."""

    def paint(self, colors: Mapping[int, Color], number: int, text: str) -> None:
        """Paint pixels; edits with the same number are undone together."""

    def put(self, cell: Cell, text: str, number: int) -> None:
        """Put the cell after drawing on :attr:`cell`."""

    def mask(self, values: Mapping[int, int], number: int) -> None:
        """Set how far pixels are redrawn, 0 (kept) to 255."""

    def replace_color(self, old: Color, new: Color, number: int) -> None:
        """Replace one color with another."""


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
        """Pick up the selection, or the whole cell, for a drag with this number."""
        self._number, self._nudges = number, None
        self._before = self._offset if self._still_there() else (0, 0)
        if not self._still_there():
            tools = self._tools
            self._hold(drawing.lift(tools.cell, tools.selection), tools.selection)

    def let_go(self) -> None:
        """Leave the moved pixels where they are: another layer is drawn on."""
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
        """Move on by a number of pixels."""
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
        """Put pixels over the cell and select them; moving them leaves no hole."""
        self._number, self._nudges = self._tools.project.next_stroke(), None
        self._hold(lifted, lifted.region)
        self._put(tr("Paste"))

    def undo_drag(self) -> None:
        """Forget a canceled drag: cell and selection are as before it."""
        self._offset = self._before
        tools = self._tools
        self._seen = (tools.cell_index, tools.cell, tools.selection)

    def _put(self, text: str) -> None:
        lifted, tools = self._lifted, self._tools
        assert lifted is not None
        assert self._seen is not None
        cell, region = lifted.put(*self._offset)
        selects = self._seen[2] is not None
        shown = region if selects and region.any() else None
        tools.put(cell, text, self._number)
        if selects:
            tools.set_selection(shown)
        self._seen = (tools.cell_index, tools.cell, tools.selection)


@dataclass(frozen=True)
class Press:
    """How a drag began."""

    tool: str
    point: Point  #: where; may lie outside the cell
    last: Point | None  #: where the previous stroke ended, if known
    right: bool  #: whether the right button was pressed
    shift: bool
    alt: bool


class Stroke:
    """A drag in progress; edits with its ``number`` are undone together."""

    #: Whether a straight line may start where this one ended.
    leaves_point = False

    def __init__(self, tools: DrawTarget, press: Press) -> None:
        self.tools, self.press = tools, press
        self.number = tools.project.next_stroke()
        self.point = press.point

    def begin(self) -> None:
        """The button went down."""

    def drag(self, point: Point) -> None:
        """The pointer moved."""

    def end(self) -> None:
        """The button was released."""

    def cancel(self) -> None:
        """Revert what the history does not cover; its edits have been undone."""

    @property
    def color(self) -> Color:
        if self.press.tool == "eraser":
            return TRANSPARENT
        return self.tools.project.allowed(self.tools.colors[self.press.right])

    def is_inside(self, point: Point) -> bool:
        """Whether a point lies in the cell."""
        side = self.tools.project.side
        return 0 <= point[0] < side and 0 <= point[1] < side

    def pixels(self, points: Iterable[Point]) -> list[int]:
        """Indices of points and their mirror images, within the selection."""
        tools, side = self.tools, self.tools.project.side
        options = tools.options.value
        mirrored = drawing.symmetric(points, side, options.symmetry)
        return tools.clipped(drawing.indices(mirrored, side, wrap=options.wrap))


class BrushStroke(Stroke):
    """Pencil, eraser, shading, mask and take: change pixels as the brush passes over them."""

    leaves_point = True

    def begin(self) -> None:
        self._done: set[int] = set()
        options = self.tools.options.value
        perfect = options.perfect and options.size == 1
        self._follows = perfect and "perfect" in BY_NAME[self.press.tool].options
        self._painted: Point | None = None
        self._waits: Point | None = None  # the next point tells whether it is a corner
        self._why: str | None = ""  # why shading has changed nothing so far; None = it has
        start = self.press.last if self.press.shift and self.press.last else self.press.point
        self._pass(start, self.press.point)

    def drag(self, point: Point) -> None:
        self._pass(self.point, point)

    def _pass(self, start: Point, end: Point) -> None:
        points = drawing.line(start, end)
        if self._follows:
            points = self._without_corners(points)
            waits = [] if self._waits is None else self.pixels([self._waits])
            side = self.tools.project.side
            self.tools.preview_changed.emit([(i % side, i // side) for i in waits], self.color)
        self._paint(points)

    def _without_corners(self, points: list[Point]) -> list[Point]:
        """The points that are sure to be drawn; the last one is not yet."""
        sure = []
        for point in points:
            if self._waits is not None and self._waits != point:
                before = self._painted
                if before is None or not drawing.is_corner(before, self._waits, point):
                    sure.append(self._waits)
                    self._painted = self._waits
            self._waits = point
        return sure

    def _paint(self, points: list[Point]) -> None:
        tools, tool = self.tools, self.press.tool
        points = tools.thick(points)
        # Each pixel once, or shading would build up under a trembling hand.
        pixels = [i for i in self.pixels(points) if i not in self._done]
        self._done.update(pixels)
        if not pixels:
            return
        if tool == "mask":
            value = 255 if self.press.right else tools.options.value.strength
            tools.mask(dict.fromkeys(pixels, value), self.number)
        elif tool == "take":
            if tools.take_ghost is not None:
                tools.take_ghost(pixels, self.number)
        elif tool == "shading":
            tools.paint(self._shaded(pixels), self.number, BY_NAME[tool].text)
        else:
            tools.paint(dict.fromkeys(pixels, self.color), self.number, BY_NAME[tool].text)

    def end(self) -> None:
        if self._waits is not None:
            self.cancel()
            self._paint([self._waits])
        if self._why:
            self.tools.refused.emit(self._why)

    def cancel(self) -> None:
        if self._follows:
            self.tools.preview_changed.emit([], None)

    def _shaded(self, pixels: list[int]) -> dict[int, Color]:
        tools, lighter = self.tools, not self.press.right
        data, palette = tools.cell.pixels, tools.project.palette
        options = tools.options.value
        step = drawing.next_in_order if options.in_order else drawing.next_of_ramp
        known: dict[Color, Color] = {}
        result = {}
        for i in pixels:
            r, g, b, a = data[4 * i : 4 * i + 4]
            color = (r, g, b, a)
            if color not in known:
                known[color] = shade = (
                    step(color, palette, lighter=lighter)
                    if options.along_palette
                    else tools.project.allowed(
                        drawing.brighter(color, SHADE if lighter else -SHADE)
                    )
                )
                if shade != color:
                    self._why = None
                elif self._why == "" and a:
                    self._why = drawing.why_no_step(
                        color,
                        palette,
                        lighter=lighter,
                        along_palette=options.along_palette,
                        in_order=options.in_order,
                    )
            result[i] = known[color]
        return result


class ShapeStroke(Stroke):
    """Line, rectangle and ellipse: previewed during the drag, painted on release."""

    def begin(self) -> None:
        self.drag(self.press.point)

    def drag(self, point: Point) -> None:
        side = self.tools.project.side
        points = [(i % side, i // side) for i in self._shape(point)]
        self.tools.preview_changed.emit(points, self.color)

    def end(self) -> None:
        self.tools.preview_changed.emit([], None)
        pixels = self._shape(self.point)
        self.tools.paint(
            dict.fromkeys(pixels, self.color), self.number, BY_NAME[self.press.tool].text
        )

    def cancel(self) -> None:
        self.tools.preview_changed.emit([], None)

    @property
    def leaves_point(self) -> bool:  # type: ignore[override]
        return self.press.tool == "line"

    def _shape(self, end: Point) -> list[int]:
        start, options = self.press.point, self.tools.options.value
        if self.press.tool == "line":
            return self.pixels(self.tools.thick(drawing.line(start, end)))
        if self.press.shift:
            end = drawing.square_end(start, end)
        shape = drawing.ellipse if self.press.tool == "ellipse" else drawing.rectangle
        return self.pixels(shape(start, end, filled=options.filled))


class ClickStroke(Stroke):
    """Bucket, replace color and wand: act at once on the pixel under the pointer."""

    def begin(self) -> None:
        side = self.tools.project.side
        x, y = self.press.point
        if self.tools.options.value.wrap:
            x, y = x % side, y % side
        if self.is_inside((x, y)):
            {"bucket": self._fill, "replace": self._replace, "wand": self._select}[self.press.tool](
                x, y
            )

    def _fill(self, x: int, y: int) -> None:
        tools, options = self.tools, self.tools.options.value
        within, side = tools.selection, tools.project.side
        if within is not None and not within[y, x]:
            return
        pixels: set[int] = set()
        # The mirrored regions may differ in shape; each is filled as it is.
        for px, py in drawing.symmetric([(x, y)], side, options.symmetry):
            region = drawing.alike(tools.cell, px, py, contiguous=options.contiguous, within=within)
            pixels.update(region.ravel().nonzero()[0].tolist())
        tools.paint(dict.fromkeys(sorted(pixels), self.color), self.number, tr("Bucket"))

    def _replace(self, x: int, y: int) -> None:
        r, g, b, a = self.tools.cell.rgba[y, x].tolist()
        self.tools.replace_color((r, g, b, a), self.color, self.number)

    def _select(self, x: int, y: int) -> None:
        contiguous = self.tools.options.value.contiguous
        region = drawing.alike(self.tools.cell, x, y, contiguous=contiguous)
        self.tools.set_selection(
            drawing.combined(self.tools.selection, region, combining(self.press))
        )


class PickStroke(Stroke):
    """The color picker: takes the color under the pointer, even while it moves."""

    def begin(self) -> None:
        self.drag(self.press.point)

    def drag(self, point: Point) -> None:
        if self.is_inside(point):  # of all layers together
            rgba = self.tools.project.cell(self.tools.cell_index).rgba
            r, g, b, a = rgba[point[1], point[0]].tolist()
            self.tools.set_color(int(self.press.right), (r, g, b, a) if a else TRANSPARENT)


class MarqueeStroke(Stroke):
    """Adds a rectangle to the selection, subtracts it, or replaces it."""

    def begin(self) -> None:
        self._before = self.tools.selection
        self._dragged = False
        if combining(self.press) != "replace":
            self._select(self.press.point)

    def drag(self, point: Point) -> None:
        self._dragged = True
        self._select(point)

    def end(self) -> None:
        if not self._dragged and combining(self.press) == "replace":
            self.tools.set_selection(None)  # a plain click selects nothing

    def cancel(self) -> None:
        self.tools.set_selection(self._before)

    def _select(self, end: Point) -> None:
        region = drawing.spanned(self.press.point, end, self.tools.project.side)
        self.tools.set_selection(drawing.combined(self._before, region, combining(self.press)))


class LassoStroke(Stroke):
    """Adds what a line encloses to the selection, subtracts it, or replaces it."""

    def begin(self) -> None:
        self._before, self._line = self.tools.selection, [self.press.point]

    def drag(self, point: Point) -> None:
        self._line += drawing.line(self.point, point)[1:]
        inside = [p for p in self._line if self.is_inside(p)]
        self.tools.preview_changed.emit(inside, self.tools.colors[0])

    def end(self) -> None:
        self.tools.preview_changed.emit([], None)
        how = combining(self.press)
        if len(self._line) > 1 or how != "replace":
            region = drawing.lassoed(self._line, self.tools.project.side)
            self.tools.set_selection(drawing.combined(self._before, region, how))
        else:
            self.tools.set_selection(None)  # a plain click selects nothing

    def cancel(self) -> None:
        self.tools.preview_changed.emit([], None)


class MoveStroke(Stroke):
    """Moves the selection, or the whole drawing, with the pointer."""

    def begin(self) -> None:
        self._selection = self.tools.selection
        self.tools.moving.take(self.number)

    def drag(self, point: Point) -> None:
        self.tools.moving.by(point[0] - self.point[0], point[1] - self.point[1])

    def cancel(self) -> None:
        self.tools.set_selection(self._selection)
        self.tools.moving.undo_drag()


def combining(press: Press) -> Combining:
    """How the held keys combine a new region with the selection."""
    if press.shift:
        return "add"
    return "subtract" if press.alt else "replace"


#: By the names of the tools.
STROKES: dict[str, type[Stroke]] = {
    **dict.fromkeys(("pencil", "eraser", "shading", "mask", "take"), BrushStroke),
    **dict.fromkeys(("line", "rectangle", "ellipse"), ShapeStroke),
    **dict.fromkeys(("bucket", "replace", "wand"), ClickStroke),
    "picker": PickStroke,
    "marquee": MarqueeStroke,
    "lasso": LassoStroke,
    "move": MoveStroke,
}
