"""The contents of a canvas, from the board up to the marks, and how they are painted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QTransform

from sprite_lab.core.drawing import Symmetry
from sprite_lab.core.pixels.cells import Color
from sprite_lab.ui.theme import DARK, LIGHT, Theme
from sprite_lab.ui.widgets.canvas.canvas_marks import (
    Edges,
    Overlay,
    paint_axes,
    paint_between,
    paint_edges,
    paint_grid,
    region_edges,
)
from sprite_lab.ui.widgets.canvas.keep_overlay import KeepOverlay
from sprite_lab.ui.widgets.sprites.pixel_paint import DevicePainter, checkerboard, to_qimage

#: Minimum size of a pixel, in logical pixels, for grid lines.
_GRID_SIZE = 8
#: The least size of a square of the board, in device pixels.
_SQUARE = 4
#: Positions of the neighbors of a tiled sprite, in units of its size.
_AROUND = [(dx, dy) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dx, dy) != (0, 0)]


@dataclass(frozen=True)
class Layer:
    """A picture under or over the sprite."""

    image: QImage
    opacity: float = 1.0  #: 0 to 1
    over: bool = False  #: whether it lies over the sprite
    #: its position, in pixels of the sprite
    left: float = 0.0
    top: float = 0.0
    scale: float = 1.0  #: size of each of its pixels, in pixels of the sprite


class CanvasScene:
    """Holds and paints the contents; knows nothing of keys and pointers."""

    def __init__(self) -> None:
        self.rgba: NDArray[np.uint8] = np.zeros((16, 16, 4), np.uint8)
        self.redraw: NDArray[np.uint8] = np.full((16, 16), 255, np.uint8)
        self.layers: dict[str, Layer] = {}
        self.symmetry: Symmetry = "none"
        self.grid = True
        self.tiled = False
        #: The background of transparent pixels: "theme", "light", "dark" or "plain".
        self.board = "theme"
        self._image = to_qimage(self.rgba)
        self._shown = self._image
        self._preview: tuple[frozenset[tuple[int, int]], Color | None] = (frozenset(), None)
        self._edges: Edges = []
        self._overlay = KeepOverlay()
        self._lines = Overlay()
        self._board: tuple[object, QBrush] | None = None

    @property
    def columns(self) -> int:
        """Width of the sprite, in its pixels."""
        return self.rgba.shape[1]

    @property
    def rows(self) -> int:
        """Height of the sprite, in its pixels."""
        return self.rgba.shape[0]

    # -- contents; each returns the part of the sprite to repaint, None = all ---------------------

    def set_sprite(self, rgba: NDArray[np.uint8], redraw: NDArray[np.uint8]) -> QRect | None:
        """Show a sprite and its mask. An empty rectangle = nothing changed."""
        before, mask = self.rgba, self.redraw
        self.rgba, self.redraw = rgba, redraw
        if rgba.shape == before.shape and mask.shape == redraw.shape:
            area: QRect | None = _bounds((rgba != before).any(axis=2) | (redraw != mask))
        else:
            area = None
        if area is None or not area.isEmpty():
            self._image = to_qimage(rgba)
            self._mix_preview()
        return area

    def set_preview(self, points: Iterable[tuple[int, int]], color: Color | None) -> QRect | None:
        """Show (x, y) points as if painted; no color (or a clear one) = erased."""
        before = self._preview[0]
        self._preview = (frozenset(points), color)
        self._mix_preview()
        both = before | self._preview[0]
        if not both:
            return QRect()
        xs, ys = [x for x, _ in both], [y for _, y in both]
        return QRect(min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1)

    def _mix_preview(self) -> None:
        points, color = self._preview
        self._shown = self._image
        if points:
            self._shown = self._image.copy()
            ink = QColor(*(color or (0, 0, 0, 0)))
            for x, y in points:
                if 0 <= x < self.columns and 0 <= y < self.rows:
                    self._shown.setPixelColor(x, y, ink)

    def set_selection(self, region: NDArray[np.bool_] | None) -> None:
        """Show the border of bool (H, W)."""
        self._edges = [] if region is None else region_edges(region)

    def move_layer(self, name: str, dx: float, dy: float, zoom: float = 1.0) -> None:
        """Move a layer by pixels of the sprite, and scale it around its center."""
        layer = self.layers[name]
        scale = layer.scale * zoom
        grown = (layer.scale - scale) / 2
        self.layers[name] = replace(
            layer,
            left=layer.left + dx + grown * layer.image.width(),
            top=layer.top + dy + grown * layer.image.height(),
            scale=scale,
        )

    # -- painting --------------------------------------------------------------------------

    def paint(
        self,
        painter: QPainter,
        frame: tuple[float, float, float],
        canvas: QSize,
        exposed: QRect,
        theme: Theme,
    ) -> QRectF:
        """Paint all but pointer and focus; returns the sprite's rectangle, in logical pixels.

        ``frame``: left, top and the size of a pixel, in logical pixels; ``canvas``: the size of the
        widget, of which only ``exposed`` needs to be painted.
        """
        device = DevicePainter(painter)
        left, top, size = frame
        x, y = device.to_device(QPointF(left, top))
        scale = round(size * device.ratio)
        width, height = self.columns * scale, self.rows * scale
        target = device.to_logical(x, y, width, height)
        tiles = [(0, 0), *(_AROUND if self.tiled else ())]
        for dx, dy in tiles:
            area = device.to_logical(x + dx * width, y + dy * height, width, height)
            painter.setBrushOrigin(area.topLeft())
            painter.fillRect(area, self._checkers(theme, scale, device.ratio))
        self._paint_layers(painter, target, size, over=False)
        for dx, dy in tiles:
            device.draw(self._shown, x + dx * width, y + dy * height, scale)
        self._paint_layers(painter, target, size, over=True)
        if self.grid and size >= _GRID_SIZE:
            dark = self._board_theme(theme).name == DARK.name
            grid = target, size, self.columns, self.rows
            lines = self._lines.pixmap(
                (target.getRect(), grid[1:], dark),
                canvas,
                device.ratio,
                lambda on: paint_grid(on, *grid, dark=dark),
            )
            painter.drawPixmap(QPointF(0, 0), lines)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.outline), 1))
        painter.drawRect(target.adjusted(-0.5, -0.5, 0.5, 0.5))
        keep = self.redraw == 0
        if keep.any():
            marks = self._overlay.pixmap(keep, canvas, target, size, device.ratio, theme)
            painter.drawPixmap(QPointF(0, 0), marks)
        paint_between(painter, self.redraw, target, size, theme, exposed)
        if self.symmetry != "none":
            paint_axes(painter, target, self.symmetry, theme)
        if self._edges:
            paint_edges(painter, self._edges, target, size)
        return target

    def _board_theme(self, theme: Theme) -> Theme:
        """The theme whose board is shown."""
        return {"light": LIGHT, "dark": DARK}.get(self.board, theme)

    def _checkers(self, theme: Theme, scale: int, ratio: float) -> QBrush:
        """Squares of half a pixel of ``scale`` device pixels, so that the board is never mistaken
        for painted pixels; of whole pixels where halves would be tiny. Two always end where a pixel
        does.
        """
        theme = self._board_theme(theme)
        key = (theme.name, scale, ratio, self.board)
        if self._board is None or self._board[0] != key:
            two = scale if scale >= 2 * _SQUARE else 2 * scale * -(-_SQUARE // scale)
            plain = self.board == "plain"
            board = checkerboard(theme, two // 2, two - two // 2)
            board.setTransform(QTransform.fromScale(1 / ratio, 1 / ratio))
            self._board = (key, QBrush(QColor(theme.checker_a)) if plain else board)
        return self._board[1]

    def _paint_layers(self, painter: QPainter, target: QRectF, size: float, *, over: bool) -> None:
        for layer in self.layers.values():
            if layer.over != over or layer.opacity == 0:
                continue
            image = layer.image
            painter.save()
            # A reference picture larger than the sprite is clipped to it, and is a photograph:
            # pictures with pixels of the sprite's size keep sharp edges.
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
