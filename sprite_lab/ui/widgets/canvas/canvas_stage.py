"""The display of a canvas: a sprite with its layers and marks, at any zoom."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.core.drawing import Symmetry, brush
from sprite_lab.core.pixels.cells import Color
from sprite_lab.ui.theme import current_theme
from sprite_lab.ui.widgets.canvas.canvas_marks import (
    edge_lines,
    paint_box,
    paint_outline,
    region_edges,
)
from sprite_lab.ui.widgets.canvas.canvas_scene import CanvasScene, Layer
from sprite_lab.ui.widgets.canvas.canvas_view import CanvasView, Room

#: How far marks extend beyond their pixels, in logical pixels.
_RIM = 4


class CanvasStage(QWidget):
    """Shows a sprite and repaints only what changed."""

    pointed = Signal(object)  #: (x, y) of the pixel under pointer or cursor, or None
    #: the scale, in logical pixels per pixel, or the fitting changed
    zoomed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._scene = CanvasScene()
        self._view = CanvasView()
        self._brush = 1
        self._tip_edges: list[tuple[int, int, int, int]] = []  # for a brush that is not square
        self._hover: tuple[int, int] | None = None
        self.cursor_position = (7, 7)  #: (x, y) of the keyboard cursor
        self._cursor_shown = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(16 * 10 + 8, 16 * 10 + 8)

    # -- contents ---------------------------------------------------------------------------------

    def set_sprite(self, rgba: NDArray[np.uint8], redraw: NDArray[np.uint8] | None = None) -> None:
        """Show uint8 (H, W, 4); uint8 (H, W) is the redraw strength, 0 = kept."""
        if redraw is None:
            redraw = np.full(rgba.shape[:2], 255, np.uint8)
        resized = rgba.shape != self._scene.rgba.shape
        self._update_pixels(self._scene.set_sprite(rgba, redraw))
        if resized:
            x, y = self.cursor_position
            self.cursor_position = min(x, self._scene.columns - 1), min(y, self._scene.rows - 1)
            self._view_changed()

    def set_preview(self, points: Iterable[tuple[int, int]], color: Color | None) -> None:
        """Show (x, y) points as if painted; no color (or a clear one) = erased."""
        self._update_pixels(self._scene.set_preview(points, color))

    def set_layer(self, name: str, layer: Layer | None) -> None:
        """Put a picture under or over the sprite, or remove it; later ones lie on top."""
        if layer is None:
            if self._scene.layers.pop(name, None) is None:
                return
        else:
            self._scene.layers[name] = layer
        self.update()

    def layer(self, name: str) -> Layer | None:
        return self._scene.layers.get(name)

    def set_selection(self, region: NDArray[np.bool_] | None) -> None:
        """Show the border of the selection, bool (H, W); None = no selection."""
        self._scene.set_selection(region)
        self.update()

    def set_symmetry(self, symmetry: Symmetry) -> None:
        """Show the axes that strokes are mirrored at."""
        self._scene.symmetry = symmetry
        self.update()

    def set_brush(self, size: int, *, rounded: bool = False) -> None:
        """Show under the pointer what a brush of this size would cover."""
        self._brush = size
        covered = np.zeros((size, size), bool)
        for x, y in brush(size, rounded=rounded):
            covered[y + (size - 1) // 2, x + (size - 1) // 2] = True
        self._tip_edges = [] if covered.all() else region_edges(covered)
        self.update()

    def show_grid(self, shown: bool) -> None:
        """Show lines between pixels if there is room for them."""
        self._scene.grid = shown
        self.update()

    def set_board(self, board: str) -> None:
        """Set the background of transparent pixels: "theme", "light", "dark" or "plain"."""
        self._scene.board = board
        self.update()

    def show_tiled(self, tiled: bool) -> None:
        """Show the sprite's neighbors as if it were tiled."""
        self._scene.tiled = tiled
        self._view_changed()

    def _update_pixels(self, area: QRect | None) -> None:
        """Repaint some pixels of the sprite; None = everything."""
        if area is None or self._scene.tiled:
            self.update()
        elif not area.isEmpty():
            left, top, size = self._view.frame(self._room)
            place = QRectF(
                left + area.x() * size,
                top + area.y() * size,
                area.width() * size,
                area.height() * size,
            )
            self.update(place.adjusted(-_RIM, -_RIM, _RIM, _RIM).toAlignedRect())

    def sizeHint(self) -> QSize:
        return QSize(16 * 28, 16 * 28)

    # -- geometry ---------------------------------------------------------------------------------

    @property
    def _room(self) -> Room:
        scene = self._scene
        return Room(
            self.width(),
            self.height(),
            scene.columns,
            scene.rows,
            self.devicePixelRatioF(),
            spread=2.0 if scene.tiled else 1.0,
        )

    @property
    def zoom(self) -> float:
        """Logical pixels for each pixel of the sprite."""
        room = self._room
        return self._view.scale(room) / room.ratio

    @property
    def is_fitted(self) -> bool:
        return self._view.is_fitted

    def fit(self) -> None:
        self._view.fit()
        self._view_changed()

    def _view_changed(self, pointer: QPointF | None = None) -> None:
        """Scale or position of the sprite changed; the pointer may be on another pixel."""
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
        left, top, size = self._view.frame(self._room)
        return QRectF(left + x * size, top + y * size, size, size)

    def _pixel_at(self, position: QPointF) -> tuple[int, int]:
        left, top, size = self._view.frame(self._room)
        return int((position.x() - left) // size), int((position.y() - top) // size)

    def _inside(self, point: tuple[int, int]) -> bool:
        return 0 <= point[0] < self._scene.columns and 0 <= point[1] < self._scene.rows

    # -- painting ------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        frame = self._view.frame(self._room)
        target = self._scene.paint(painter, frame, self.size(), event.rect(), theme)
        if self._cursor_shown and self.hasFocus():
            self._paint_brush(painter, self.cursor_position, QColor(theme.focus), 2)
        elif self._hover is not None:
            self._paint_brush(painter, self._hover, QColor("#ffffff"), 1)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.focus), 2))
            shown = target.adjusted(-2, -2, 2, 2) & QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRect(shown)

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
