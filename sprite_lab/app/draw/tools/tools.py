"""The current tool, and the stroke under way."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal, Slot

from sprite_lab.app.draw.clipboard import copied_pixels, copy_pixels, small_picture
from sprite_lab.app.draw.tools.strokes import STROKES, GrabStroke, Press, Stroke
from sprite_lab.app.draw.tools.target import DrawTarget
from sprite_lab.app.draw.tools.tool_table import (
    BY_NAME,
    HARMLESS,
    LEAST_BRUSH,
    MOST_BRUSH,
    SELECTS,
)
from sprite_lab.app.files.project import Project
from sprite_lab.core import drawing
from sprite_lab.core.drawing import Point
from sprite_lab.core.pixels.nearest import limited
from sprite_lab.core.pixels.palette import TRANSPARENT
from sprite_lab.words import tr

_SYMMETRIES: tuple[drawing.Symmetry, ...] = ("none", "horizontal", "vertical", "both")


class DrawingTools(DrawTarget):
    """Turns presses, moves and releases on the canvas into edits of one cell. UI thread."""

    tool_changed = Signal(str)  #: name of the tool
    layer_changed = Signal()  #: drawing moved to another layer

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(project, parent)
        self.tool = "pencil"
        self._stroke: Stroke | None = None
        self._hinting = False
        self._last_point: Point | None = None
        project.history_changed.connect(self._on_history)

    # -- what is drawn with, and where ------------------------------------------------------------

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

    def set_cell(self, index: int) -> None:
        """Draw in another cell; the selection and the layer's number stay."""
        if index != self.cell_index:
            self.end()
            self.cell_index, self._last_point = index, None

    def set_layer(self, n: int) -> None:
        """Draw on another layer; in cells with fewer layers, on their highest."""
        if n != self.wanted_layer:
            self.end()
            self.moving.let_go()
            self.wanted_layer = n
            self.layer_changed.emit()

    @Slot()
    def _on_grid(self) -> None:
        super()._on_grid()
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
        grabs = not right and self.grabs(x, y, held)
        self._stroke = GrabStroke(self, press) if grabs else STROKES[tool](self, press)
        self._stroke.begin()

    def grabs(self, x: int, y: int, held: Qt.KeyboardModifier) -> bool:
        """Whether a drag from this pixel moves the selection, although the tool selects."""
        combines = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier
        side, selection = self.project.side, self._selection
        if self.tool not in SELECTS or selection is None or held & combines:
            return False
        inside = 0 <= x < side and 0 <= y < side and bool(selection[y, x])
        return inside and self.takes_strokes(self.cell_index)

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
        """End a stroke that was undone while the button was down; select what was moved."""
        if self._stroke is not None and self.project.history.went:
            stroke, self._stroke = self._stroke, None
            stroke.cancel()
        elif self.project.history.went:
            self.moving.follow_history()

    # -- edits ---------------------------------------------------------------------------

    def outline(self, *, inside: bool = False) -> None:
        """Outline the drawing in the first color, around it or on its own edge."""
        if self.refuses():
            return
        region = drawing.outline(self.cell, inside=inside)
        pixels = self.clipped(region.ravel().nonzero()[0].tolist())
        color = self.project.allowed(self.colors[0])
        self.paint(dict.fromkeys(pixels, color), self.project.next_stroke(), tr("Outline"))

    # -- edits of the selection ----------------------------------------------------------

    def nudge(self, dx: int, dy: int) -> None:
        """Move the selection, or else the whole drawing, by keyboard."""
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
        """Rotate the selection, or else the whole drawing, clockwise; see
        ``core.drawing.selection``.
        """
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

    def paste(self, *, pictures: bool = False) -> bool:
        """Paste copied pixels where they were, ready to move; False = there are none.

        ``pictures``: also paste a small picture of another program, over the drawing.
        """
        found = copied_pixels()
        if found is None and pictures:
            found = small_picture(self.project.side)
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
