"""What each tool does to a cell between the press and the release of a button."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sprite_lab.app.draw.tools.target import DrawTarget
from sprite_lab.app.draw.tools.tool_table import BY_NAME
from sprite_lab.core import drawing
from sprite_lab.core.drawing import Point
from sprite_lab.core.drawing.selection import Combining
from sprite_lab.core.pixels.cells import Color
from sprite_lab.core.pixels.palette import TRANSPARENT
from sprite_lab.words import tr

#: How much shading changes lightness when it does not follow the palette.
SHADE = 0.06


@dataclass(frozen=True)
class Press:
    """How a drag began."""

    tool: str
    point: Point  #: may lie outside the cell
    last: Point | None  #: end of the previous stroke, if known
    right: bool  #: whether the right button was pressed
    shift: bool
    alt: bool


class Stroke:
    """A drag in progress; edits with its ``number`` are undone together."""

    #: Whether a straight line may start where this stroke ended.
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
        """Revert what the history does not cover; edits in the history are already undone."""

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
        self._waits: Point | None = None  # the next point shows whether it is a corner
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
        """The points that will certainly be drawn; the last one waits: it may become a corner."""
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
        # Each pixel only once, otherwise shading would build up under a trembling hand.
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
            if self.press.shift:
                end = drawing.straight_end(start, end)
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
        if self.is_inside(point):  # color of all layers together
            rgba = self.tools.project.cell(self.tools.cell_index).rgba
            r, g, b, a = rgba[point[1], point[0]].tolist()
            self.tools.set_color(int(self.press.right), (r, g, b, a) if a else TRANSPARENT)


class MarqueeStroke(Stroke):
    """Adds a rectangle to the selection, subtracts it, or selects only that."""

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
    """Adds the area inside a line to the selection, subtracts it, or selects only that."""

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


class GrabStroke(MoveStroke):
    """A drag from inside the selection with a tool that selects: moves it; a click selects."""

    def end(self) -> None:
        if self.point == self.press.point:
            click = STROKES[self.press.tool](self.tools, self.press)
            click.begin()
            click.end()


def combining(press: Press) -> Combining:
    """How the held keys combine a new region with the selection."""
    if press.shift:
        return "add"
    return "subtract" if press.alt else "replace"


#: Strokes by the names of the tools.
STROKES: dict[str, type[Stroke]] = {
    **dict.fromkeys(("pencil", "eraser", "shading", "mask", "take"), BrushStroke),
    **dict.fromkeys(("line", "rectangle", "ellipse"), ShapeStroke),
    **dict.fromkeys(("bucket", "replace", "wand"), ClickStroke),
    "picker": PickStroke,
    "marquee": MarqueeStroke,
    "lasso": LassoStroke,
    "move": MoveStroke,
}
