"""A grid of many sprites, to be viewed, scrolled, and chosen by mouse or keys."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QScrollArea, QSizePolicy, QWidget

from sprite_lab.ui.layouts import around
from sprite_lab.ui.theme import current_theme
from sprite_lab.ui.widgets.fields.tips import tells
from sprite_lab.ui.widgets.keys import CTRL, ENTER, SHIFT
from sprite_lab.ui.widgets.sprites.pixel_paint import (
    FADED,
    DevicePainter,
    checkerboard,
    fitting_scale,
    fitting_words,
    paint_empty,
    paint_focus,
    to_atlas,
)
from sprite_lab.ui.widgets.sprites.row_selection import RowSelection
from sprite_lab.words import tr


@dataclass(frozen=True)
class _Layout:
    """Positions of cells, in device pixels from the widget's corner."""

    columns: int
    scale: int  # device pixels per sprite pixel
    gap: int
    down: int  # gap between rows
    left: int
    top: int


class SpriteGrid(QWidget):
    """N sprites in a grid with gaps, at an integer scale.

    Parameters
    ----------
    scale : None = all sprites are fitted to the space available; a number = a fixed scale (logical
        pixels per sprite pixel), with the width filled and the height as needed, for a scroll area
        (see :func:`scrolled`).
    multiple : whether Ctrl, Shift and Ctrl+A choose several sprites.
    arrow_keys : whether arrow keys move to another sprite; a trajectory view leaves them to its
        timeline.
    centered : whether the grid is centered vertically, rather than at the top.
    """

    #: index of a sprite; Enter counts as a double click
    clicked = Signal(int)
    double_clicked = Signal(int)
    current_changed = Signal(int)  #: index of the current sprite, -1 = none
    hovered = Signal(int)  #: index of the sprite under the pointer, -1 = none
    pointed = Signal(object)  #: position of the pointer (QPointF); None = it left
    selection_changed = Signal(object)  #: tuple of the chosen indices, ascending
    grown = Signal()  #: the rows need another height (at a fixed scale)

    def __init__(
        self,
        *,
        scale: int | None = None,
        gap: int = 6,
        multiple: bool = False,
        arrow_keys: bool = True,
        centered: bool = True,
    ) -> None:
        super().__init__()
        self._fixed_scale, self._gap = scale, gap
        self._below = 0  # space below each row of sprites, in logical pixels
        self._edge = QSize(0, 0)  # space on the left and at the top, in logical pixels
        self._selection = RowSelection(several=multiple)
        self._arrow_keys, self._centered = arrow_keys, centered
        self._atlas: QImage | None = None
        self.count, self._cell = 0, (16, 16)  # height, width
        self._expected = 0
        self._hover = -1
        self.tips: Sequence[str] = ()
        self._placeholder = ""
        self.is_faded = False
        self._columns: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        vertical = QSizePolicy.Policy.Expanding if scale is None else QSizePolicy.Policy.Minimum
        self.setSizePolicy(QSizePolicy.Policy.Expanding, vertical)
        self.setMinimumSize(48, 48)

    # -- contents ---------------------------------------------------------------------------------

    def set_sprites(self, images: NDArray[np.uint8] | None, tips: Sequence[str] = ()) -> None:
        """Show uint8 (N, H, W, 3|4). The selection is kept if N stays the same.

        ``tips``: tooltips of the sprites.
        """
        count = 0 if images is None else len(images)
        if images is None or count == 0:
            self._atlas = None
        else:
            self._atlas = to_atlas(images)
            self._cell = (images.shape[1], images.shape[2])
        self.tips = tips
        if count != self.count:
            self.count, self._hover = count, -1
            self._change(lambda selection: selection.renew(count))
            self._fit_height()
        self.update()

    def expect(self, count: int, cell: tuple[int, int]) -> None:
        """Reserve room for ``count`` sprites of size ``cell``, (height, width), so that nothing
        moves later.
        """
        self._expected = count
        if not self.count:
            self._cell = cell
        self._fit_height()

    def set_columns(self, columns: int | None) -> None:
        """Fix the number of columns; None = the number that makes the sprites largest."""
        self._columns = columns
        self.update()

    def set_placeholder(self, text: str) -> None:
        self._placeholder = text
        self.update()

    def set_faded(self, faded: bool) -> None:
        """Set whether the pictures are faded, because they are meaningless."""
        self.is_faded = faded
        self.update()

    # -- selection --------------------------------------------------------------------------------

    @property
    def current(self) -> int:
        """The current sprite, -1 = none."""
        return self._selection.current

    @property
    def selection(self) -> tuple[int, ...]:
        """Indices of the chosen sprites, ascending."""
        return tuple(self._selection.rows.tolist())

    def set_current(self, index: int) -> None:
        """Choose only this sprite, and make it current; -1 = none."""
        if not -1 <= index < self.count:
            raise IndexError(
                tr(
                    "There is no sprite {index}; there are only {count}.",
                    index=index,
                    count=self.count,
                )
            )
        self._change(lambda selection: selection.only(index))

    def set_selection(self, indices: Iterable[int]) -> None:
        """Choose several sprites; the first becomes current."""
        chosen = np.array([i for i in indices if 0 <= i < self.count], np.intp)
        if len(chosen):
            self._change(lambda selection: selection.take(chosen))
        else:
            self.set_current(-1)

    def _change(self, edit: Callable[[RowSelection], None]) -> None:
        current, chosen = self.current, self.selection
        edit(self._selection)
        if self.current != current:
            self.current_changed.emit(self.current)
        if self.selection != chosen:
            self.selection_changed.emit(self.selection)
        self.update()

    def _choose_with(self, index: int, held: Qt.KeyboardModifier) -> None:
        shift, ctrl = bool(held & SHIFT), bool(held & CTRL)
        self._change(lambda selection: selection.click(index, shift=shift, ctrl=ctrl))

    # -- geometry ---------------------------------------------------------------------------------

    def _layout(self, ratio: float) -> _Layout:
        height, width = self._cell
        gap = max(1, round(self._gap * ratio))
        down = gap + round(self._below * ratio)
        room_w, room_h = round(self.width() * ratio), round(self.height() * ratio)
        if self._fixed_scale is not None:
            scale = max(1, round(self._fixed_scale * ratio))
            columns = max(1, (room_w - gap) // (width * scale + gap))
            return _Layout(columns, scale, gap, down, gap, gap)
        edge_x, edge_y = round(self._edge.width() * ratio), round(self._edge.height() * ratio)
        room_w, room_h = room_w - edge_x, room_h - edge_y
        best, best_score = _Layout(1, 1, gap, down, 0, 0), (-1.0, 0.0)
        fixed = self._columns
        for columns in range(1, max(1, self.count) + 1) if fixed is None else (fixed,):
            rows = math.ceil(self.count / columns)
            scale = fitting_scale(
                room_w - gap * (columns + 1),
                room_h - gap - down * rows,
                width * columns,
                height * rows,
                1.0,
            )
            # An incomplete last row costs a fifth of the size; ties go to the squarer grid.
            size = scale * (1.0 if columns * rows == self.count else 0.8)
            score = (size, -abs(columns - math.sqrt(self.count)))
            used_w = columns * width * scale + (columns - 1) * gap
            used_h = rows * height * scale + (rows - 1) * down
            if score > best_score and (scale > 1 or used_w <= room_w or columns in (1, fixed)):
                left = max(0, (room_w - used_w) // 2)
                top = max(0, (room_h - used_h) // 2) if self._centered else gap
                left, top = left + edge_x, top + edge_y
                best, best_score = _Layout(columns, scale, gap, down, left, top), score
        return best

    def _corner(self, layout: _Layout, index: int) -> tuple[int, int]:
        row, column = divmod(index, layout.columns)
        height, width = self._cell
        return (
            layout.left + column * (width * layout.scale + layout.gap),
            layout.top + row * (height * layout.scale + layout.down),
        )

    def cell_rect(self, index: int) -> QRectF:
        """The rectangle of sprite ``index``, in the widget's logical coordinates."""
        return self.cell_rects((index,))[0]

    def cell_rects(self, indices: Iterable[int]) -> list[QRectF]:
        ratio = self.devicePixelRatioF()
        layout = self._layout(ratio)
        height, width = self._cell
        scale = layout.scale / ratio
        corners = (self._corner(layout, index) for index in indices)
        return [QRectF(x / ratio, y / ratio, width * scale, height * scale) for x, y in corners]

    def index_at(self, position: QPointF) -> int:
        """The sprite at a position, including the gap around it, or -1."""
        if not self.count:
            return -1
        ratio = self.devicePixelRatioF()
        layout = self._layout(ratio)
        height, width = self._cell
        half = layout.gap / 2
        column = (position.x() * ratio - layout.left + half) // (width * layout.scale + layout.gap)
        row = (position.y() * ratio - layout.top + half) // (height * layout.scale + layout.down)
        index = int(row * layout.columns + column)
        return index if 0 <= column < layout.columns and 0 <= index < self.count else -1

    def pixel_at(self, position: QPointF) -> tuple[int, int, int] | None:
        """The sprite at a position, and column and row of the pixel; None between sprites."""
        index = self.index_at(position)
        rect = self.cell_rect(index) if index >= 0 else QRectF()
        if not rect.contains(position):
            return None
        height, width = self._cell
        x = int((position.x() - rect.left()) / rect.width() * width)
        y = int((position.y() - rect.top()) / rect.height() * height)
        return index, min(x, width - 1), min(y, height - 1)

    def _fit_height(self) -> None:
        if self._fixed_scale is None:
            return
        ratio = self.devicePixelRatioF()
        layout = self._layout(ratio)
        rows = math.ceil(max(self.count, self._expected) / layout.columns)
        height = rows * (self._cell[0] * layout.scale + layout.down) + layout.gap
        least = max(48, math.ceil(height / ratio))
        if least != self.minimumHeight():
            self.setMinimumHeight(least)
            self.grown.emit()

    def sizeHint(self) -> QSize:
        return QSize(256, 256)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_height()
        super().resizeEvent(event)

    # -- painting ------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        if self._atlas is None:
            paint_empty(painter, self.rect(), self._placeholder, theme, focus=self.hasFocus())
            return
        if self.hasFocus() and self.current < 0:
            paint_focus(painter, self.rect(), theme)
        device = DevicePainter(painter)
        layout = self._layout(device.ratio)
        height, width = self._cell
        x0, y0 = device.to_device(QPointF(0, 0))
        board = checkerboard(theme, 4) if self._atlas.hasAlphaChannel() else None
        # Only visible rows, as a data set has thousands.
        pitch = (height * layout.scale + layout.down) / device.ratio
        first = int(max(0.0, (event.rect().top() - layout.top) / pitch - 1)) * layout.columns
        last = (int(event.rect().bottom() / pitch) + 2) * layout.columns
        painter.setOpacity(FADED if self.is_faded else 1)
        for index in range(min(first, self.count), min(last, self.count)):
            x, y = self._corner(layout, index)
            if board is not None:
                target = device.to_logical(
                    x0 + x, y0 + y, width * layout.scale, height * layout.scale
                )
                painter.setBrushOrigin(target.topLeft())
                painter.fillRect(target, board)
            source = QRectF(0, index * height, width, height)
            device.draw(self._atlas, x0 + x, y0 + y, layout.scale, source)
        painter.setOpacity(1)
        for index in {*self.selection, self._hover, self.current}:
            if first <= index < min(last, self.count) and index >= 0:
                self._paint_frame(painter, index)

    def _paint_frame(self, painter: QPainter, index: int) -> None:
        """Paint a ring: bold if chosen, bolder if also focused, and dotted if only focused."""
        theme = current_theme()
        chosen = bool(self._selection.chosen[index])
        focused = index == self.current and self.hasFocus()
        width = 1 + chosen + focused
        line = Qt.PenStyle.DotLine if focused and not chosen else Qt.PenStyle.SolidLine
        color = QColor(theme.focus if chosen or focused else theme.outline)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color, width, line, j=Qt.PenJoinStyle.MiterJoin))
        grow = 1 + width / 2
        painter.drawRect(self.cell_rect(index).adjusted(-grow, -grow, grow, grow))

    # -- mouse and keys ------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.index_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self._choose_with(index, event.modifiers())
            self.clicked.emit(index)
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.index_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self.double_clicked.emit(index)
        else:
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._set_hover(self.index_at(event.position()))
        self.pointed.emit(event.position())
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hover(-1)
        self.pointed.emit(None)
        super().leaveEvent(event)

    def _set_hover(self, index: int) -> None:
        if index != self._hover:
            self._hover = index
            self.hovered.emit(index)
            self.update()

    def event(self, event: QEvent) -> bool:
        return tells(self, event, self._tip_at) or super().event(event)

    def _tip_at(self, place: QPointF) -> str:
        """The tooltip of the sprite at a position, or, if the words in place of sprites are cut
        off, the whole text.
        """
        if self._atlas is None:
            words = self._placeholder
            return words if fitting_words(self.fontMetrics(), self.rect(), words) != words else ""
        index = self.index_at(place)
        return self.tips[index] if 0 <= index < len(self.tips) else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, held = event.key(), event.modifiers()
        if key in ENTER and self.current >= 0:
            self.double_clicked.emit(self.current)
            return
        if self._selection.several and self.count and key == Qt.Key.Key_A and held & CTRL:
            self._change(lambda s: s.take(np.arange(self.count), max(s.current, 0)))
            return
        target = self._key_target(key) if self.count else None
        if target is None:
            event.ignore()
            super().keyPressEvent(event)
            return
        target = min(max(target, 0), self.count - 1)
        self._choose_with(target, held & SHIFT)
        self.reveal(target)
        self.clicked.emit(target)

    def _key_target(self, key: int) -> int | None:
        columns = self._layout(self.devicePixelRatioF()).columns
        here = self.current
        if not self._arrow_keys:
            # In a trajectory view, Left and Right scrub, so Up and Down go from sprite to sprite.
            return {Qt.Key.Key_Up: here - 1, Qt.Key.Key_Down: here + 1}.get(Qt.Key(key))
        return {
            Qt.Key.Key_Left: here - 1,
            Qt.Key.Key_Right: here + 1,
            Qt.Key.Key_Up: here - columns if here >= columns else here,
            Qt.Key.Key_Down: here + columns if here + columns < self.count else here,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self.count - 1,
        }.get(Qt.Key(key))

    def reveal(self, index: int) -> None:
        """Scroll the area around the grid, if any, to a sprite."""
        area = around(self, QScrollArea)
        content = None if area is None else area.widget()
        if area is not None and content is not None:
            # The grid may not yet know its final number of columns.
            for part in (content, area.viewport(), area):
                QApplication.sendPostedEvents(part, QEvent.Type.LayoutRequest.value)
            place: QPoint = self.cell_rect(index).center().toPoint()
            center = self.mapTo(content, place)
            area.ensureVisible(center.x(), center.y(), 24, 40)


def scrolled(grid: SpriteGrid, most: int) -> QScrollArea:
    """A scroll area around a grid of fixed scale, as high as its rows; ``most``: maximum height,
    and the height without sprites, in logical pixels.
    """
    area = QScrollArea()
    area.setFixedHeight(most)
    grid.grown.connect(
        lambda: area.setFixedHeight(min(most, grid.minimumHeight()) if grid.count else most)
    )
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(grid)
    area.setFocusProxy(grid)
    return area
