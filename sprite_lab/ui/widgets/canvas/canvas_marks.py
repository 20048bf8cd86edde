"""Lines and marks over a canvas: pixel grid, axes, kept pixels, selections, brushes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from sprite_lab.core.drawing import Symmetry
from sprite_lab.ui.theme import Theme

#: Edges between pixels, as lines (x0, y0, x1, y1) in units of pixels.
Edges = list[tuple[int, int, int, int]]


class Overlay:
    """A picture over the whole canvas, repainted only when its content changes.

    A stroke repaints it again and again, and translucent lines are slow.
    """

    def __init__(self) -> None:
        self._made: tuple[object, QPixmap] | None = None

    def pixmap(
        self, shown: object, canvas: QSize, ratio: float, paint: Callable[[QPainter], None]
    ) -> QPixmap:
        """The picture; ``shown``: everything that ``paint`` depends on, ``ratio``: device pixels
        per logical pixel.
        """
        key = (shown, canvas.toTuple(), ratio)
        if self._made is None or self._made[0] != key:
            pixmap = QPixmap(canvas * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            paint(painter)
            painter.end()
            self._made = (key, pixmap)
        return self._made[1]


#: Gray, opacity, whether dotted, and spacing of the lines in pixels. On the light board, one gray
#: is visible over dark and light drawings alike. The dark board is gray itself, so dark lines with
#: light dots are used.
_ON_LIGHT = ((128, 42, False, 1), (128, 70, False, 4))
_ON_DARK = ((16, 70, False, 1), (240, 60, True, 1), (16, 90, False, 4), (240, 90, True, 4))


def paint_grid(
    painter: QPainter, target: QRectF, size: float, columns: int, rows: int, *, dark: bool
) -> None:
    """Paint faint lines between pixels, slightly stronger at every fourth; ``dark``: on a dark
    board.

    ``target``: the sprite's rectangle; ``size``: the side of a pixel; in logical pixels.
    """
    for light, alpha, dotted, every in _ON_DARK if dark else _ON_LIGHT:
        pen = QPen(QColor(light, light, min(255, light + 12), alpha), 1)
        if dotted:
            pen.setDashPattern([1, 3])
        painter.setPen(pen)
        _paint_lines(painter, target, size, columns, rows, every)


def _paint_lines(
    painter: QPainter, target: QRectF, size: float, columns: int, rows: int, every: int
) -> None:
    lines = []
    for i in range(every, columns, every):
        x = target.left() + i * size
        lines.append(QLineF(x, target.top(), x, target.bottom()))
    for i in range(every, rows, every):
        y = target.top() + i * size
        lines.append(QLineF(target.left(), y, target.right(), y))
    painter.drawLines(lines)


def paint_axes(painter: QPainter, target: QRectF, symmetry: Symmetry, theme: Theme) -> None:
    """Paint the center lines at which strokes are mirrored, visible on any color."""
    center = target.center()
    lines = []
    if symmetry in ("horizontal", "both"):
        lines.append(QLineF(center.x(), target.top(), center.x(), target.bottom()))
    if symmetry in ("vertical", "both"):
        lines.append(QLineF(target.left(), center.y(), target.right(), center.y()))
    painter.setPen(QPen(QColor("#ffffff"), 2))
    painter.drawLines(lines)
    painter.setPen(QPen(QColor(theme.accent), 2, Qt.PenStyle.DashLine))
    painter.drawLines(lines)


def region_edges(region: NDArray[np.bool_]) -> Edges:
    """The edges between pixels inside and outside a region."""
    padded = np.pad(region, 1)
    across = padded[1:, 1:-1] != padded[:-1, 1:-1]  # (H + 1, W): edges above row y
    down = padded[1:-1, 1:] != padded[1:-1, :-1]  # (H, W + 1): edges left of column x
    lines = [(int(x), int(y), int(x) + 1, int(y)) for y, x in np.argwhere(across)]
    return lines + [(int(x), int(y), int(x), int(y) + 1) for y, x in np.argwhere(down)]


def edge_lines(edges: Edges, place: QRectF, size: float) -> list[QLineF]:
    """Edges as lines from the top left of ``place``; ``size``: of a pixel, in logical pixels."""
    left, top = place.left(), place.top()
    return [
        QLineF(left + a * size, top + b * size, left + c * size, top + d * size)
        for a, b, c, d in edges
    ]


def paint_edges(painter: QPainter, edges: Edges, target: QRectF, size: float) -> None:
    """Paint the border of a selection: black and white dashes, visible on any color."""
    lines = edge_lines(edges, target, size)
    painter.setPen(QPen(QColor("#000000"), 1))
    painter.drawLines(lines)
    pen = QPen(QColor("#ffffff"), 1)
    pen.setDashPattern([4, 4])
    painter.setPen(pen)
    painter.drawLines(lines)


def paint_between(
    painter: QPainter,
    redraw: NDArray[np.uint8],
    target: QRectF,
    size: float,
    theme: Theme,
    exposed: QRect | None = None,
) -> None:
    """Paint a square in each partly kept pixel, larger if more of it is kept.

    ``exposed``: the part of the canvas that needs to be painted; None = everything.
    """
    between = (redraw > 0) & (redraw < 255)
    if not between.any():
        return
    if exposed is not None:
        top, left = (exposed.top() - target.top()) / size, (exposed.left() - target.left()) / size
        between[: max(0, int(top))] = between[:, : max(0, int(left))] = False
        between[max(0, int(top + exposed.height() / size) + 1) :] = False
        between[:, max(0, int(left + exposed.width() / size) + 1) :] = False
    rims, squares = [], []
    for row, column in np.argwhere(between).tolist():
        side = max(3.0, size * (0.75 - 0.6 * float(redraw[row, column]) / 255))
        x = target.left() + (column + 0.5) * size - side / 2
        y = target.top() + (row + 0.5) * size - side / 2
        rims.append(QRectF(x - 1, y - 1, side + 2, side + 2))
        squares.append(QRectF(x, y, side, side))
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#ffffff"))
    painter.drawRects(rims)
    painter.setBrush(QColor(theme.accent))
    painter.drawRects(squares)
    painter.restore()


def paint_box(painter: QPainter, rect: QRectF, color: QColor, width: int) -> None:
    """Paint a frame around pixels, with a dark rim so that it is visible on any color."""
    painter.setPen(QPen(QColor(0, 0, 0, 200), 1))
    painter.drawRect(rect.adjusted(-width - 0.5, -width - 0.5, width - 0.5, width - 0.5))
    painter.setPen(QPen(color, width, j=Qt.PenJoinStyle.MiterJoin))
    painter.drawRect(rect.adjusted(0, 0, -1, -1))


def paint_outline(painter: QPainter, lines: list[QLineF], color: QColor, width: int) -> None:
    """Like :func:`paint_box`, for pixels that form no rectangle; see :func:`edge_lines`."""
    painter.setPen(QPen(QColor(0, 0, 0, 200), width + 2, c=Qt.PenCapStyle.SquareCap))
    painter.drawLines(lines)
    painter.setPen(QPen(color, width, c=Qt.PenCapStyle.SquareCap))
    painter.drawLines(lines)


class KeepOverlay:
    """The marks of kept pixels, repainted only when they change.

    Hatching is painted once for the whole canvas, and copied where pixels are kept, because a mask
    brush changes the marks with every move.
    """

    def __init__(self) -> None:
        self._marks, self._hatching = Overlay(), Overlay()

    def pixmap(
        self,
        keep: NDArray[np.bool_],
        canvas: QSize,
        target: QRectF,
        size: float,
        ratio: float,
        theme: Theme,
    ) -> QPixmap:
        """The marks of ``keep``, bool (H, W), as one picture of the whole canvas.

        ``target``: the sprite's rectangle; ``size``: the side of a pixel; in logical pixels of
        ``ratio`` device pixels.
        """
        accent = QColor(theme.accent)
        place = (target.getRect(), size, theme.name)

        def paint(painter: QPainter) -> None:
            hatching = self._hatching.pixmap(
                place, canvas, ratio, lambda p: _paint_hatching(p, target, size, accent)
            )
            _cut_out(painter, hatching, keep, target, size, ratio)
            paint_border(painter, keep, target, size, theme)

        return self._marks.pixmap((keep.tobytes(), place), canvas, ratio, paint)


def paint_border(
    painter: QPainter, keep: NDArray[np.bool_], target: QRectF, size: float, theme: Theme
) -> None:
    """Paint the outline of kept pixels, bool (H, W), on a sprite at ``target``."""
    lines = edge_lines(region_edges(keep), target, size)
    painter.setPen(QPen(QColor("#ffffff"), 4))
    painter.drawLines(lines)
    painter.setPen(QPen(QColor(theme.accent), 2))
    painter.drawLines(lines)


def _paint_hatching(painter: QPainter, target: QRectF, size: float, accent: QColor) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pitch = max(6.0, size / 2)
    lines = []
    offset = -target.height()
    while offset < target.width():
        x = target.left() + offset
        lines.append(QLineF(x, target.bottom(), x + target.height(), target.top()))
        offset += pitch
    # White lines below narrower ones in the accent color: one of the two is visible on any color.
    painter.setPen(QPen(QColor(255, 255, 255, 90), 2.4))
    painter.drawLines(lines)
    sheer = QColor(accent)
    sheer.setAlpha(190)
    painter.setPen(QPen(sheer, 1.2))
    painter.drawLines(lines)


def _cut_out(
    painter: QPainter,
    hatching: QPixmap,
    keep: NDArray[np.bool_],
    target: QRectF,
    size: float,
    ratio: float,
) -> None:
    """Copy the hatching where pixels are kept, one run of a row at a time."""
    for y, row in enumerate(keep):
        (ends,) = np.nonzero(np.diff(row, prepend=False, append=False))
        for start, end in list(pairwise(ends))[::2]:
            place = QRectF(
                target.left() + start * size, target.top() + y * size, (end - start) * size, size
            )
            source = QRectF(place.topLeft() * ratio, place.size() * ratio)
            painter.drawPixmap(place, hatching, source)
