"""The display of a canvas: a sprite with its layers and marks, fitted, or zoomed and panned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.core.drawing import Symmetry, brush
from sprite_lab.core.pixels.cells import Color
from sprite_lab.ui.theme import DARK, LIGHT, Theme, current_theme
from sprite_lab.ui.widgets.canvas.canvas_marks import (
    Edges,
    KeepOverlay,
    Overlay,
    edge_lines,
    paint_axes,
    paint_between,
    paint_box,
    paint_edges,
    paint_grid,
    paint_outline,
    region_edges,
)
from sprite_lab.ui.widgets.sprites.pixel_paint import (
    DevicePainter,
    checkerboard,
    fitting_scale,
    to_qimage,
)

#: Maximum number of device pixels for each pixel of the sprite.
_MAX_SCALE = 128
#: Margin around a fitted sprite for its frame, in logical pixels.
_MARGIN = 4
#: How far marks extend beyond their pixels, in logical pixels.
_RIM = 4
#: Minimum size of a pixel, in logical pixels, for grid lines.
_GRID_SIZE = 8
#: Minimum size of a square of the board, in device pixels.
_SQUARE = 4
#: Positions of the neighbors of a tiled sprite, in units of its size.
_AROUND = [(dx, dy) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dx, dy) != (0, 0)]


@dataclass(frozen=True)
class Layer:
    """A picture under or over the sprite."""

    image: QImage
    opacity: float = 1.0  #: 0 to 1
    over: bool = False  #: whether it lies over the sprite
    #: position, in pixels of the sprite
    left: float = 0.0
    top: float = 0.0
    scale: float = 1.0  #: size of each of its pixels, in pixels of the sprite


class CanvasStage(QWidget):
    """Shows a sprite and repaints only what changed.

    Each sprite pixel covers a whole number of device pixels. While fitted, the sprite follows the
    size of the canvas.
    """

    pointed = Signal(object)  #: (x, y) of the pixel under pointer or cursor, or None
    #: the scale or position of the sprite, or whether it is fitted, may have changed
    zoomed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._rgba: NDArray[np.uint8] = np.zeros((16, 16, 4), np.uint8)
        self._redraw: NDArray[np.uint8] = np.full((16, 16), 255, np.uint8)
        self._image = to_qimage(self._rgba)
        self._preview: tuple[frozenset[tuple[int, int]], Color | None] = (frozenset(), None)
        self._shown = self._image  # with the preview
        self._layers: dict[str, Layer] = {}
        self._symmetry: Symmetry = "none"
        self._grid = True
        self._tiled = False
        self._board = "theme"
        self._board_brush: tuple[object, QBrush] | None = None
        self._edges: Edges = []
        self._keep_overlay, self._grid_overlay = KeepOverlay(), Overlay()
        self._scale: int | None = None  # None = fitted
        # Offset of the sprite's center from the canvas center, in device pixels.
        self._moved = (0.0, 0.0)
        self._brush = 1
        self._tip_edges: Edges = []  # for a brush that is not square
        self._hover: tuple[int, int] | None = None
        self.cursor_position = (7, 7)  #: (x, y) of the keyboard cursor
        self._cursor_shown = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(16 * 10 + 8, 16 * 10 + 8)

    # -- contents ---------------------------------------------------------------------------------

    @property
    def _columns(self) -> int:
        """Width of the sprite, in its pixels."""
        return self._rgba.shape[1]

    @property
    def _rows(self) -> int:
        """Height of the sprite, in its pixels."""
        return self._rgba.shape[0]

    def set_sprite(self, rgba: NDArray[np.uint8], redraw: NDArray[np.uint8] | None = None) -> None:
        """Show uint8 (H, W, 4); ``redraw``: uint8 (H, W), 0 = kept; None = no pixel is kept."""
        if redraw is None:
            redraw = np.full(rgba.shape[:2], 255, np.uint8)
        before, mask = self._rgba, self._redraw
        self._rgba, self._redraw = rgba, redraw
        area = None
        if rgba.shape == before.shape and redraw.shape == mask.shape:
            area = _bounds((rgba != before).any(axis=2) | (redraw != mask))
        if area is None or not area.isEmpty():
            self._image = to_qimage(rgba)
            self._mix_preview()
        self._update_pixels(area)
        if rgba.shape != before.shape:
            x, y = self.cursor_position
            self.cursor_position = min(x, self._columns - 1), min(y, self._rows - 1)
            self._view_changed()

    def set_preview(self, points: Iterable[tuple[int, int]], color: Color | None) -> None:
        """Show (x, y) points as if painted; with no color or a clear one, as if erased."""
        before = self._preview[0]
        self._preview = (frozenset(points), color)
        self._mix_preview()
        both = before | self._preview[0]
        if both:
            xs, ys = [x for x, _ in both], [y for _, y in both]
            left, top = min(xs), min(ys)
            self._update_pixels(QRect(left, top, max(xs) - left + 1, max(ys) - top + 1))

    def _mix_preview(self) -> None:
        points, color = self._preview
        self._shown = self._image
        if points:
            self._shown = self._image.copy()
            ink = QColor(*(color or (0, 0, 0, 0)))
            for x, y in points:
                if self._inside((x, y)):
                    self._shown.setPixelColor(x, y, ink)

    def set_layer(self, name: str, layer: Layer | None) -> None:
        """Put a picture under or over the sprite, or remove it; later layers lie on top."""
        if layer is None:
            if self._layers.pop(name, None) is None:
                return
        else:
            self._layers[name] = layer
        self.update()

    def layer(self, name: str) -> Layer | None:
        return self._layers.get(name)

    def _move_layer(self, name: str, dx: float, dy: float, zoom: float = 1.0) -> None:
        """Move a layer by pixels of the sprite, and scale it around its center."""
        layer = self._layers[name]
        scale = layer.scale * zoom
        grown = (layer.scale - scale) / 2
        self._layers[name] = replace(
            layer,
            left=layer.left + dx + grown * layer.image.width(),
            top=layer.top + dy + grown * layer.image.height(),
            scale=scale,
        )
        self.update()

    def set_selection(self, region: NDArray[np.bool_] | None) -> None:
        """Show the border of the selection, bool (H, W); None = no selection."""
        self._edges = [] if region is None else region_edges(region)
        self.update()

    def set_symmetry(self, symmetry: Symmetry) -> None:
        """Show the axes that strokes are mirrored at."""
        self._symmetry = symmetry
        self.update()

    def set_brush(self, size: int, *, rounded: bool = False) -> None:
        """Show the area that a brush of this size would cover, under the pointer."""
        self._brush = size
        covered = np.zeros((size, size), bool)
        for x, y in brush(size, rounded=rounded):
            covered[y + (size - 1) // 2, x + (size - 1) // 2] = True
        self._tip_edges = [] if covered.all() else region_edges(covered)
        self.update()

    def show_grid(self, shown: bool) -> None:
        """Set whether to show lines between pixels, where there is room for them."""
        self._grid = shown
        self.update()

    def set_board(self, board: str) -> None:
        """Set the background of transparent pixels: "theme", "light", "dark" or "plain"."""
        self._board = board
        self.update()

    def show_tiled(self, tiled: bool) -> None:
        """Set whether to show copies of the sprite around it."""
        self._tiled = tiled
        self._view_changed()

    def _update_pixels(self, area: QRect | None) -> None:
        """Repaint some pixels of the sprite; None = everything."""
        if area is None or self._tiled:
            self.update()
        elif not area.isEmpty():
            corner = self.pixel_rect(area.x(), area.y())
            size = corner.width()
            place = QRectF(corner.topLeft(), QSizeF(area.size()) * size)
            self.update(place.adjusted(-_RIM, -_RIM, _RIM, _RIM).toAlignedRect())

    def sizeHint(self) -> QSize:
        return QSize(16 * 28, 16 * 28)

    # -- geometry ---------------------------------------------------------------------------------

    @property
    def _device_scale(self) -> int:
        """Device pixels for each pixel of the sprite."""
        if self._scale is not None:
            return self._scale
        spread = 2 if self._tiled else 1  # half of a neighbor is visible on each side
        return fitting_scale(
            (self.width() - _MARGIN) / spread,
            (self.height() - _MARGIN) / spread,
            self._columns,
            self._rows,
            self.devicePixelRatioF(),
        )

    @property
    def _frame(self) -> tuple[float, float, float]:
        """Left, top and the size of a pixel, in logical pixels."""
        scale, ratio = self._device_scale, self.devicePixelRatioF()
        left = round((self.width() * ratio - self._columns * scale) / 2 + self._moved[0])
        top = round((self.height() * ratio - self._rows * scale) / 2 + self._moved[1])
        return left / ratio, top / ratio, scale / ratio

    @property
    def zoom(self) -> float:
        """Logical pixels for each pixel of the sprite."""
        return self._device_scale / self.devicePixelRatioF()

    @property
    def is_fitted(self) -> bool:
        """Whether the whole sprite is shown as large as possible."""
        return self._scale is None

    def fit(self) -> None:
        self._scale, self._moved = None, (0.0, 0.0)
        self._view_changed()

    def _zoom_to(self, scale: int, place: QPointF) -> None:
        """Zoom to a number of device pixels per sprite pixel, keeping ``place`` where it is."""
        left, top, size = self._frame
        x, y = (place.x() - left) / size, (place.y() - top) / size
        self._scale = min(max(scale, 1), _MAX_SCALE)
        left, top, size = self._frame
        self._pan(place.x() - x * size - left, place.y() - y * size - top, place)

    def _zoom_by(self, steps: int, place: QPointF) -> None:
        """Zoom in by steps of about a quarter, or out if ``steps`` is negative."""
        scale = self._device_scale
        for _ in range(abs(steps)):
            step = max(1, scale // 4 if steps > 0 else scale // 5)
            scale += step if steps > 0 else -step
        self._zoom_to(scale, place)

    def _pan(self, dx: float, dy: float, pointer: QPointF) -> None:
        """Move the sprite by logical pixels; it always covers the center of the canvas."""
        scale, ratio = self._device_scale, self.devicePixelRatioF()
        most = self._columns * scale / 2, self._rows * scale / 2
        x, y = self._moved[0] + dx * ratio, self._moved[1] + dy * ratio
        self._scale = scale
        self._moved = (min(max(x, -most[0]), most[0]), min(max(y, -most[1]), most[1]))
        self._view_changed(pointer)

    def _view_changed(self, pointer: QPointF | None = None) -> None:
        """Update after a change of scale or position; the pointer may be over another pixel."""
        point = (-1, -1) if pointer is None else self._pixel_at(pointer)
        self._point_at(point if self._inside(point) else None)
        self.update()
        self.zoomed.emit()

    def _point_at(self, point: tuple[int, int] | None) -> None:
        if point != self._hover:
            self._update_brush(self._hover)
            self._hover = point
            self._update_brush(point)
            self.pointed.emit(point)

    def pixel_rect(self, x: int, y: int) -> QRectF:
        """The rectangle of a pixel, in the widget's logical coordinates."""
        left, top, size = self._frame
        return QRectF(left + x * size, top + y * size, size, size)

    def _pixel_at(self, position: QPointF) -> tuple[int, int]:
        left, top, size = self._frame
        return int((position.x() - left) // size), int((position.y() - top) // size)

    def _inside(self, point: tuple[int, int]) -> bool:
        return 0 <= point[0] < self._columns and 0 <= point[1] < self._rows

    # -- painting ------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        target = self.paint_sprite(painter, self._frame, event.rect(), theme)
        if self._cursor_shown and self.hasFocus():
            self._paint_brush(painter, self.cursor_position, QColor(theme.focus), 2)
        elif self._hover is not None:
            self._paint_brush(painter, self._hover, QColor("#ffffff"), 1)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.focus), 2))
            shown = target.adjusted(-2, -2, 2, 2) & QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRect(shown)

    def paint_sprite(
        self, painter: QPainter, frame: tuple[float, float, float], exposed: QRect, theme: Theme
    ) -> QRectF:
        """Paint everything but pointer and focus; returns the sprite's rectangle, in logical
        pixels.

        ``frame``: left, top and the size of a pixel, in logical pixels; ``exposed``: the part of
        the canvas that needs to be painted.
        """
        device = DevicePainter(painter)
        left, top, size = frame
        x, y = device.to_device(QPointF(left, top))
        scale = round(size * device.ratio)
        width, height = self._columns * scale, self._rows * scale
        target = device.to_logical(x, y, width, height)
        tiles = [(0, 0), *(_AROUND if self._tiled else ())]
        for dx, dy in tiles:
            area = device.to_logical(x + dx * width, y + dy * height, width, height)
            painter.setBrushOrigin(area.topLeft())
            painter.fillRect(area, self._checkers(theme, scale, device.ratio))
        self._paint_layers(painter, target, size, over=False)
        for dx, dy in tiles:
            device.draw(self._shown, x + dx * width, y + dy * height, scale)
        self._paint_layers(painter, target, size, over=True)
        if self._grid and size >= _GRID_SIZE:
            dark = self._board_theme(theme).name == DARK.name
            grid = target, size, self._columns, self._rows
            lines = self._grid_overlay.pixmap(
                (target.getRect(), grid[1:], dark),
                self.size(),
                device.ratio,
                lambda on: paint_grid(on, *grid, dark=dark),
            )
            painter.drawPixmap(QPointF(0, 0), lines)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.outline), 1))
        painter.drawRect(target.adjusted(-0.5, -0.5, 0.5, 0.5))
        keep = self._redraw == 0
        if keep.any():
            marks = self._keep_overlay.pixmap(keep, self.size(), target, size, device.ratio, theme)
            painter.drawPixmap(QPointF(0, 0), marks)
        paint_between(painter, self._redraw, target, size, theme, exposed)
        if self._symmetry != "none":
            paint_axes(painter, target, self._symmetry, theme)
        if self._edges:
            paint_edges(painter, self._edges, target, size)
        return target

    def _board_theme(self, theme: Theme) -> Theme:
        """The theme whose board is shown."""
        return {"light": LIGHT, "dark": DARK}.get(self._board, theme)

    def _checkers(self, theme: Theme, scale: int, ratio: float) -> QBrush:
        """The brush of the board: a plain color for the board "plain", otherwise squares.

        A square is half a sprite pixel wide, so that it is never mistaken for a painted pixel, or
        wider where that would be tiny. Two squares always end where a sprite pixel does.
        """
        theme = self._board_theme(theme)
        key = (theme.name, scale, ratio, self._board)
        if self._board_brush is None or self._board_brush[0] != key:
            two = scale if scale >= 2 * _SQUARE else 2 * scale * -(-_SQUARE // scale)
            plain = self._board == "plain"
            board = checkerboard(theme, two // 2, two - two // 2)
            board.setTransform(QTransform.fromScale(1 / ratio, 1 / ratio))
            self._board_brush = (key, QBrush(QColor(theme.checker_a)) if plain else board)
        return self._board_brush[1]

    def _paint_layers(self, painter: QPainter, target: QRectF, size: float, *, over: bool) -> None:
        for layer in self._layers.values():
            if layer.over != over or layer.opacity == 0:
                continue
            image = layer.image
            painter.save()
            # A picture that is larger than the sprite is clipped. It is smoothed if its pixels are
            # smaller than logical pixels, as in a photograph; larger ones keep sharp edges.
            painter.setClipRect(target, Qt.ClipOperation.IntersectClip)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, layer.scale * size < 1)
            painter.setOpacity(layer.opacity)
            painter.drawImage(
                QRectF(
                    target.left() + layer.left * size,
                    target.top() + layer.top * size,
                    image.width() * layer.scale * size,
                    image.height() * layer.scale * size,
                ),
                image,
                QRectF(image.rect()),
            )
            painter.restore()

    def _paint_brush(
        self, painter: QPainter, point: tuple[int, int], color: QColor, width: int
    ) -> None:
        rect = self._brush_rect(point)
        if self._tip_edges:
            lines = edge_lines(self._tip_edges, rect, rect.width() / self._brush)
            paint_outline(painter, lines, color, width)
        else:
            paint_box(painter, rect, color, width)

    def _brush_rect(self, point: tuple[int, int]) -> QRectF:
        before = (self._brush - 1) // 2
        rect = self.pixel_rect(point[0] - before, point[1] - before)
        return QRectF(rect.topLeft(), rect.size() * self._brush)

    def _update_brush(self, point: tuple[int, int] | None) -> None:
        if point is not None:
            rect = self._brush_rect(point).adjusted(-_RIM, -_RIM, _RIM, _RIM)
            self.update(rect.toAlignedRect())


def _bounds(changed: NDArray[np.bool_]) -> QRect:
    """The smallest rectangle around all True values; empty if there are none."""
    (rows,) = np.nonzero(changed.any(axis=1))
    (columns,) = np.nonzero(changed.any(axis=0))
    if len(rows) == 0:
        return QRect()
    return QRect(
        int(columns[0]),
        int(rows[0]),
        int(columns[-1] - columns[0]) + 1,
        int(rows[-1] - rows[0]) + 1,
    )
