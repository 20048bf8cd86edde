"""A sheet with its grid, which can be dragged."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from sprite_lab.core.sets.imports import Grid
from sprite_lab.ui.theme import current_theme
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.keys import ARROWS
from sprite_lab.ui.widgets.sprites.pixel_paint import DevicePainter, checkerboard, to_qimage
from sprite_lab.words import tr

#: The part being dragged: all cells, the lower right corner of the first cell, or the spacing.
Part = Literal["offset", "cell", "spacing"]


def handles(grid: Grid, height: int, width: int) -> dict[Part, tuple[float, float]]:
    """Handles of cell size and spacing: (x, y) in pixels of the sheet.

    The handle of the spacing is in the middle of the second cell of the second row, or of the only
    row or column; a single cell has none.
    """
    (y, x), (cell_h, cell_w) = grid.offset, grid.cell
    places: dict[Part, tuple[float, float]] = {"cell": (x + cell_w, y + cell_h)}
    rows, columns = grid.counts(height, width)
    down, across = min(1, rows - 1), min(1, columns - 1)
    if rows * columns > 1:
        places["spacing"] = (
            x + across * (cell_w + grid.spacing[1]) + cell_w / 2,
            y + down * (cell_h + grid.spacing[0]) + cell_h / 2,
        )
    return places


def dragged(start: Grid, part: Part, dx: int, dy: int, *, square: bool = False) -> Grid:
    """The grid ``start`` after moving a part of it by whole pixels of the sheet.

    ``square``: whether cells keep equal sides.
    """
    if part == "offset":
        return replace(
            start,
            offset=(
                _wrapped(start.offset[0] + dy, start.cell[0] + start.spacing[0]),
                _wrapped(start.offset[1] + dx, start.cell[1] + start.spacing[1]),
            ),
        )
    if part == "cell":
        height, width = max(1, start.cell[0] + dy), max(1, start.cell[1] + dx)
        if square:
            height = width = max(height, width)
        return replace(start, cell=(height, width))
    return replace(start, spacing=(max(0, start.spacing[0] + dy), max(0, start.spacing[1] + dx)))


def _wrapped(offset: int, pitch: int) -> int:
    """Replace cells that leave the sheet at its top or left edge by the next ones."""
    return offset if offset >= 0 else offset % pitch


#: Margin around the sheet, and distance within which the pointer grabs a handle, in logical pixels.
MARGIN, _REACH = 16, 8


class SheetView(QWidget):
    """Shows a sheet at an integer scale, and is as large as that, for a scroll area.

    Dragging the sheet moves its grid; the square handle sets the size of cells (with Shift, they
    stay square), the round one the spacing. Arrow keys do the same: alone, with Ctrl, and with Alt.
    """

    dragging = Signal(object)  #: the Grid under the pointer, while it is dragged
    grid_changed = Signal(object)  #: the Grid after a drag or a key press
    picked = Signal(object)  #: (r, g, b) of the clicked pixel while picking a color
    #: index of the clicked box, -1 = none, and the held modifiers
    box_clicked = Signal(int, object)

    def __init__(self, *, name: str) -> None:
        super().__init__()
        named(self, name, tr("The sheet and its grid"))
        self._pixels: NDArray[np.uint8] | None = None
        self._image: QImage | None = None
        self._boxes = np.zeros((0, 4), np.int64)
        self._chosen: frozenset[int] = frozenset()
        self.grid: Grid | None = None  #: the grid shown, even while being dragged
        self._scale = 1
        self._picking = False
        self._part: Part | None = None  # part being dragged
        self._start: tuple[QPointF, Grid | None] = (QPointF(), None)
        self._moved = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # -- display ----------------------------------------------------------------------------------

    def set_sheet(
        self, pixels: NDArray[np.uint8] | None, boxes: NDArray[np.int64], grid: Grid | None
    ) -> None:
        """Show a sheet, uint8 (H, W, 4), with sprites, int (M, 4) x, y, w, h, and a grid."""
        if pixels is not self._pixels:
            self._pixels = pixels
            self._image = None if pixels is None else to_qimage(pixels)
            self._chosen = frozenset()
        self._boxes = boxes
        self._part = None
        self._set_grid(grid)
        self._fit_size()

    def set_chosen(self, chosen: frozenset[int]) -> None:
        if chosen != self._chosen:
            self._chosen = chosen
            self.update()

    def set_scale(self, scale: int) -> None:
        """Set the number of logical pixels per sheet pixel."""
        self._scale = max(1, scale)
        self._fit_size()

    def pick_color(self, picking: bool) -> None:
        """Set whether the next click picks a color instead of moving the grid."""
        self._picking = picking
        self._point(self.mapFromGlobal(self.cursor().pos()).toPointF())

    @property
    def sheet_size(self) -> tuple[int, int]:
        """(height, width) in pixels of the sheet; (1, 1) without one."""
        return (1, 1) if self._pixels is None else self._pixels.shape[:2]

    def _set_grid(self, grid: Grid | None) -> None:
        self.grid = grid
        height, width = self.sheet_size
        words = tr("{width} by {height} pixels", width=width, height=height)
        if grid is not None:
            rows, columns = grid.counts(height, width)
            words += tr(
                "; {columns} by {rows} cells of {width} by {height} pixels, starting at {left}, "
                "{top}, {across} by {down} apart",
                columns=columns,
                rows=rows,
                width=grid.cell[1],
                height=grid.cell[0],
                left=grid.offset[1],
                top=grid.offset[0],
                across=grid.spacing[1],
                down=grid.spacing[0],
            )
        self.setAccessibleDescription(words)
        self.update()

    # -- geometry ---------------------------------------------------------------------------------

    def pixel_side(self) -> float:
        """Size of a sheet pixel, in logical pixels: a whole number of device pixels."""
        ratio = self.devicePixelRatioF()
        return max(1, int(self._scale * ratio + 1e-6)) / ratio

    def _fit_size(self) -> None:
        height, width = self.sheet_size
        side = self.pixel_side()
        self.setMinimumSize(
            QSize(round(width * side) + 2 * MARGIN, round(height * side) + 2 * MARGIN)
        )
        self.update()

    @property
    def origin(self) -> QPointF:
        """Widget position of the upper left corner of the sheet, which is centered if possible."""
        height, width = self.sheet_size
        side = self.pixel_side()
        return QPointF(
            max(MARGIN, int((self.width() - width * side) // 2)),
            max(MARGIN, int((self.height() - height * side) // 2)),
        )

    def place_of(self, x: float, y: float) -> QPointF:
        """Widget position of a point of the sheet (in its pixels)."""
        side = self.pixel_side()
        return self.origin + QPointF(x * side, y * side)

    def point_at(self, place: QPointF) -> QPointF:
        """The point of the sheet at a widget position: the inverse of :meth:`place_of`."""
        return (place - self.origin) / self.pixel_side()

    def _rect_of(self, box: NDArray[np.int64]) -> QRectF:
        side = self.pixel_side()
        x, y, w, h = (float(v) for v in box)
        return QRectF(self.place_of(x, y), QRectF(0, 0, w * side, h * side).size())

    def _pixel_at(self, place: QPointF) -> tuple[int, int] | None:
        """(x, y) of the sheet pixel at a widget position, or None."""
        at = self.point_at(place)
        height, width = self.sheet_size
        x, y = int(at.x() // 1), int(at.y() // 1)
        inside = 0 <= x < width and 0 <= y < height and self._pixels is not None
        return (x, y) if inside else None

    def box_at(self, place: QPointF) -> int:
        """Index of the box at a widget position, or -1."""
        pixel = self._pixel_at(place)
        if pixel is None or not len(self._boxes):
            return -1
        low, size = self._boxes[:, :2], self._boxes[:, 2:]
        inside = ((low <= pixel) & (np.array(pixel) < low + size)).all(axis=1)
        return int(np.argmax(inside)) if inside.any() else -1

    def handle_place(self, part: Part) -> QPointF | None:
        """The position of a handle, in logical pixels; None = no handle."""
        if self.grid is None:
            return None
        found = handles(self.grid, *self.sheet_size).get(part)
        return None if found is None else self.place_of(*found)

    def _part_at(self, place: QPointF) -> Part | None:
        parts: tuple[Part, ...] = ("cell", "spacing")
        for part in parts:
            handle = self.handle_place(part)
            if handle is not None and (place - handle).manhattanLength() <= 1.5 * _REACH:
                return part
        return "offset" if self.grid is not None and self._pixel_at(place) else None

    # -- painting ------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image is None:
            return
        theme = current_theme()
        painter = QPainter(self)
        device = DevicePainter(painter)
        height, width = self.sheet_size
        side = self.pixel_side()
        sheet = QRectF(self.origin, QRectF(0, 0, width * side, height * side).size())
        painter.setBrushOrigin(sheet.topLeft())
        painter.fillRect(sheet, checkerboard(theme, 4))
        x, y = device.to_device(self.origin)
        device.draw(self._image, x, y, round(side * device.ratio))
        taken, unused = self._boxes, np.zeros((0, 4), np.int64)
        if self.grid is not None:
            cells = self.grid.boxes(height, width)
            if self._part is not None:
                taken = cells  # which cells are empty is not known until the drag ends
            else:
                unused = cells[~_among(cells, taken)]
        line = QColor(theme.focus)
        if self._scale == 1:
            line.setAlphaF(0.6)  # otherwise there would be more lines than drawings
        for boxes, pen in (
            (unused, QPen(QColor(theme.text_dim), 1, Qt.PenStyle.DotLine)),
            (taken, QPen(line, 1)),
        ):
            rects = [
                QRectF(r.x() + 0.5, r.y() + 0.5, r.width() - 1, r.height() - 1)
                for r in map(self._rect_of, self._in_sight(boxes, event.rect()))
            ]
            if rects:
                painter.setPen(pen)
                painter.drawRects(rects)
        painter.setPen(QPen(QColor(theme.focus), 2, j=Qt.PenJoinStyle.MiterJoin))
        for index in self._chosen:
            if index < len(self._boxes) and self._part is None:
                painter.drawRect(self._rect_of(self._boxes[index]).adjusted(-1, -1, 1, 1))
        self._paint_handles(painter)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(sheet.adjusted(-3, -3, 3, 3))

    def _in_sight(self, boxes: NDArray[np.int64], area: QRect) -> NDArray[np.int64]:
        side, origin = self.pixel_side(), self.origin
        left, top = (area.left() - origin.x()) / side - 1, (area.top() - origin.y()) / side - 1
        right, bottom = left + area.width() / side + 2, top + area.height() / side + 2
        x, y, w, h = boxes.T
        return boxes[(x + w >= left) & (x <= right) & (y + h >= top) & (y <= bottom)]

    def _paint_handles(self, painter: QPainter) -> None:
        theme = current_theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent_text), 1.5))
        painter.setBrush(QColor(theme.accent))
        cell, spacing = self.handle_place("cell"), self.handle_place("spacing")
        if cell is not None:
            painter.drawRect(QRectF(cell.x() - 4, cell.y() - 4, 8, 8))
        if spacing is not None:
            painter.drawEllipse(spacing, 4.5, 4.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    # -- mouse and keys ------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        place = event.position()
        pixel = self._pixel_at(place)
        if self._picking:
            if pixel is not None and self._pixels is not None:
                self.picked.emit(tuple(int(v) for v in self._pixels[pixel[1], pixel[0], :3]))
            return
        self._part, self._moved = self._part_at(place), False
        self._start = (place, self.grid)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        origin, grid = self._start
        if self._part is None or grid is None:
            self._point(place)
            return
        way = (place - origin) / self.pixel_side()
        if not self._moved and (place - origin).manhattanLength() < 3:
            return
        self._moved = True
        square = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        moved = dragged(grid, self._part, round(way.x()), round(way.y()), square=square)
        if moved != self.grid:
            self._set_grid(moved)
            self.dragging.emit(moved)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._picking:
            return
        before, moved = self._start[1], self._moved
        self._part, self._moved = None, False
        self.update()
        if not moved:
            self.box_clicked.emit(self.box_at(event.position()), event.modifiers())
        elif self.grid is not None and self.grid != before:
            self.grid_changed.emit(self.grid)

    def _point(self, place: QPointF) -> None:
        """Set the pointer to show what a press would grab."""
        shapes = {
            "cell": Qt.CursorShape.SizeFDiagCursor,
            "spacing": Qt.CursorShape.SizeAllCursor,
            "offset": Qt.CursorShape.OpenHandCursor,
        }
        if self._picking:
            self.setCursor(Qt.CursorShape.CrossCursor)
            return
        part = self._part_at(place)
        self.setCursor(Qt.CursorShape.ArrowCursor if part is None else shapes[part])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        nudge = ARROWS.get(Qt.Key(event.key()))
        grid = self.grid
        if event.key() == Qt.Key.Key_Escape and (self._part is not None):
            self._set_grid(self._start[1])
            self._part, self._moved = None, False
            return
        if nudge is None or grid is None:
            super().keyPressEvent(event)
            return
        held = event.modifiers()
        part: Part = "offset"
        if held & Qt.KeyboardModifier.ControlModifier:
            part = "cell"
        elif held & Qt.KeyboardModifier.AltModifier:
            part = "spacing"
        moved = dragged(grid, part, *nudge)
        if moved != grid:
            self._set_grid(moved)
            self.grid_changed.emit(moved)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._fit_size()
        return super().event(event)


def _among(cells: NDArray[np.int64], taken: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which ``cells``, int (N, 4), begin where one of ``taken``, int (M, 4), does: bool (N,)."""
    corners = {(int(x), int(y)) for x, y in taken[:, :2]}
    return np.array([(int(x), int(y)) in corners for x, y in cells[:, :2]], bool)
