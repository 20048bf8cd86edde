"""The grid of cells, with their classes, marks on kept pixels, and suggestions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QApplication, QScrollArea

from sprite_lab.app.shell.text_format import mix_words, prompt_words
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.tile_sets import CODES, WHOLE
from sprite_lab.ui.text import plain
from sprite_lab.ui.theme import current_theme, theme_manager
from sprite_lab.ui.widgets.fields.elided import NARROW
from sprite_lab.ui.widgets.keys import CTRL, ENTER, SHIFT, claims
from sprite_lab.ui.widgets.sprites.pixel_paint import DevicePainter, checkerboard, to_qimage
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import tr, trn

#: Gap between cells, and height of the class below a cell, in logical pixels.
_GAP, _WORDS = 2, 15
#: Text size of the class, in logical pixels.
_LETTERS = 12
_MOST_WITH_WORDS = 6
#: Minimum width of a cell with a class below it, in multiples of the text size.
_ROOM = 3.5
#: Minimum number of letters of a shortened class; with less room, it is not shown.
_FEWEST_LETTERS = 3
#: Side of a cell in logical pixels: the minimum, and the side (times the text scale) below which
#: rows scroll rather than shrink. In wide columns, that side is half the column's width if this is
#: more; in narrow ones, at most the column's width.
_LEAST, _USUAL = 32, 48
#: Opacity of a dragged cell.
_IN_HAND = 0.6
#: The longest side of the folded corner of a ghost, in logical pixels.
_FOLD = 10.0


class CellGrid(SpriteGrid):
    """Shows the cells of a project in rows and columns, inside a scroll area.

    Dragging moves the chosen cells, or copies them with Ctrl; Esc cancels the drag. A suggestion
    (ghost) is shown in place of a cell, with a folded corner.
    """

    move_asked = Signal(object, int)  #: tuple of cells, and the index before which to move them
    copy_asked = Signal(object, int)  #: tuple of cells, and the index of their first copy
    take_wanted = Signal()  #: Enter on a cell with a ghost
    told = Signal()  #: the texts below cells changed

    def __init__(self) -> None:
        # At the top, so that cells do not move when a note appears below them.
        super().__init__(gap=_GAP, multiple=True, centered=False)
        self._cells: Sequence[Cell] = ()
        self._ghosts: dict[int, QImage] = {}
        self._pressed: tuple[int, QPointF] | None = None
        #: Whether the pressed cell is chosen only on release, since the press may become a drag.
        self._waits = False
        self._hand: QPointF | None = None
        self._copies = False
        self.is_named = True  #: whether there is room for text below cells
        self._shape = 16, 4  # side of a cell in its pixels, columns
        self.area: QScrollArea | None = None  #: the scroll area around the grid
        theme_manager().text_resized.connect(self._make_room)

    def _make_room(self) -> None:
        self._fit_height()
        self.update()

    def _fit_height(self) -> None:
        """Set the minimum size, below which the grid scrolls; leave out text that has no room."""
        side, columns = self._shape
        rows = -(-len(self._cells) // columns)
        least = side * -(-_LEAST // side)
        room = (self.steady_width - self._gap) // columns - self._gap
        scale = theme_manager().text_scale
        named = columns <= _MOST_WITH_WORDS and room >= _ROOM * _LETTERS * scale
        self._below = round(_WORDS * scale) if named else 0
        if named != self.is_named:
            self.is_named = named
            self.told.emit()
        wanted = round(max(_USUAL * scale, room / 2))
        usual = max(least, min(room // side * side, side * -(-wanted // side)))
        self.setMinimumSize(
            max(48, columns * (least + self._gap) + self._gap),
            max(48, rows * (usual + self._gap + self._below) + self._gap),
        )

    def sizeHint(self) -> QSize:
        # Otherwise, a few small cells would leave empty space that pushes the widgets below out of
        # view.
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def height_in(self, room: int) -> int:
        """The height that the cells take if ``room`` is free, in logical pixels."""
        side, columns = self._shape
        rows = -(-len(self._cells) // columns)
        wide = (self.steady_width - self._gap) // columns - self._gap
        high = (room - self._gap) // rows - self._gap - self._below
        cell = min(wide, high) // side * side
        return max(self.minimumHeight(), rows * (cell + self._gap + self._below) + self._gap)

    @property
    def steady_width(self) -> int:
        """The width beside a scroll bar, even if the bar is hidden.

        Narrower cells are also lower: otherwise, the bar could make itself superfluous, and would
        appear and disappear endlessly.
        """
        if self.area is None:
            return self.width()
        return self.area.width() - self.area.verticalScrollBar().sizeHint().width()

    def set_cells(
        self,
        cells: Sequence[Cell],
        columns: int,
        previews: Mapping[int, NDArray[np.uint8]] | None = None,
    ) -> None:
        """Show cells, or the ``previews`` of some: uint8 (H, W, 4), by index."""
        self._cells = cells
        self.set_columns(columns)
        tips = [
            plain(
                tr(
                    "Cell {i}{called}: {prompt_words}",
                    i=i + 1,
                    called=_called(cell),
                    prompt_words=prompt_words(cell.conditions.prompt),
                )
            )
            + tr(", seed {seed}", seed=cell.seed)
            + (
                trn(", keeps {n} pixel", ", keeps {n} pixels", int(cell.keep.sum()))
                if cell.keep.any()
                else ""
            )
            for i, cell in enumerate(cells)
        ]
        self._shape = cells[0].side, columns
        self._fit_height()
        images = np.stack([cell.rgba for cell in cells])
        for index, image in (previews or {}).items():
            images[index] = image
        self.set_sprites(images, tips)
        self.update()
        self.told.emit()

    @property
    def words(self) -> str:
        """The current cell's text if there is no room for text below cells, otherwise ""."""
        there = 0 <= self.current < len(self._cells) and not self.is_named
        return self._caption(self.current) if there else ""

    @property
    def ghosts(self) -> tuple[int, ...]:
        """The cells with a ghost, ascending."""
        return tuple(sorted(self._ghosts))

    def set_ghosts(self, ghosts: Mapping[int, NDArray[np.uint8]]) -> None:
        """Show ``ghosts``, uint8 (H, W, 4), in place of the cells with these indices."""
        if ghosts or self._ghosts:
            self._ghosts = {index: to_qimage(rgba) for index, rgba in ghosts.items()}
            self.update()

    # -- dragging ------------------------------------------------------------------------

    @property
    def is_dragging(self) -> bool:
        return self._hand is not None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.index_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or index < 0:
            super().mousePressEvent(event)
            return
        self._pressed = (index, event.position())
        self._waits = index in self.selection and not event.modifiers() & SHIFT
        if not self._waits:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            way = (event.position() - self._pressed[1]).manhattanLength()
            if self.is_dragging or way >= QApplication.startDragDistance():
                self._hold(event.position(), event.modifiers())
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            super().mouseReleaseEvent(event)
            return
        index, _ = self._pressed
        place, copies, dragged = event.position(), bool(event.modifiers() & CTRL), self._hand
        waited = self._waits
        self._let_go()
        if dragged is None:
            if waited:
                self._choose_with(index, event.modifiers())
                self.clicked.emit(index)
        elif copies:
            self.copy_asked.emit(self.selection, self._nearest(place)[0])
        else:
            nearest, right = self._nearest(place)
            self.move_asked.emit(self.selection, nearest + right)

    def event(self, event: QEvent) -> bool:
        # Esc has other meanings, but during a drag it cancels the drag.
        escape = claims(event, lambda it: it.key() == Qt.Key.Key_Escape and self.is_dragging)
        return escape or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ENTER and self._ghosts.keys() & set(self.selection):
            self.take_wanted.emit()
        elif self._pressed is None:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Escape:
            self._let_go()
        elif event.key() == Qt.Key.Key_Control and self._hand is not None:
            self._hold(self._hand, CTRL)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Control and self._hand is not None:
            self._hold(self._hand, Qt.KeyboardModifier.NoModifier)
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._let_go()
        super().focusOutEvent(event)

    def _hold(self, place: QPointF, held: Qt.KeyboardModifier) -> None:
        self._hand, self._copies = place, bool(held & CTRL)
        shape = Qt.CursorShape.DragCopyCursor if self._copies else Qt.CursorShape.ClosedHandCursor
        self.setCursor(shape)
        self.update()

    def _let_go(self) -> None:
        self._pressed, self._hand, self._waits = None, None, False
        self.unsetCursor()
        self.update()

    def _nearest(self, place: QPointF) -> tuple[int, bool]:
        """The cell nearest to a position, and whether the position is right of its center."""
        rects = self.cell_rects(range(len(self._cells)))

        def distance(index: int) -> float:
            way = rects[index].center() - place
            return way.x() ** 2 + way.y() ** 2

        index = min(range(len(rects)), key=distance)
        return index, place.x() > rects[index].center().x()

    def _paint_hand(self, painter: QPainter, hand: QPointF) -> None:
        """Mark where dragged cells would land, and show the first of them under the pointer."""
        theme = current_theme()
        index, right = self._nearest(hand)
        rect = self.cell_rect(index)
        if self._copies:
            painter.setPen(QPen(QColor(theme.accent), 2, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for target in range(index, min(index + len(self.selection), len(self._cells))):
                painter.drawRect(self.cell_rect(target).adjusted(-3, -3, 3, 3))
        else:
            # In the middle of the gap, on the pointer's side of the cell.
            half = self._gap / 2
            x = rect.right() + half if right else rect.left() - half
            painter.fillRect(
                QRectF(x - 1.5, rect.top() - 2, 3, rect.height() + 4), QColor(theme.accent)
            )
        if self._atlas is None or not self.selection:
            return
        height, width = self._cell
        painter.setOpacity(_IN_HAND)
        painter.drawImage(
            QRectF(hand.x() + 8, hand.y() + 8, rect.width(), rect.height()),
            self._atlas,
            QRectF(0, self.selection[0] * height, width, height),
        )
        painter.setOpacity(1.0)
        if len(self.selection) > 1:
            badge = QRectF(hand.x() + 4, hand.y() + 4, 18, 16)
            painter.fillRect(badge, QColor(theme.accent))
            painter.setPen(QColor(theme.accent_text))
            painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, str(len(self.selection)))

    # -- painting ------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        self._paint_words(painter)
        if self._hand is None:
            self._paint_ghosts(painter)
        else:
            self._paint_hand(painter, self._hand)

    def _paint_ghosts(self, painter: QPainter) -> None:
        theme = current_theme()
        device, board = DevicePainter(painter), checkerboard(theme, 4)
        ghosts = {i: image for i, image in self._ghosts.items() if i < self.count}
        for rect, image in zip(self.cell_rects(ghosts), ghosts.values(), strict=True):
            painter.setBrushOrigin(rect.topLeft())
            painter.fillRect(rect, board)
            x, y = device.to_device(rect.topLeft())
            device.draw(image, x, y, max(1, round(rect.width() * device.ratio / image.width())))
            side, corner = min(_FOLD, rect.width() / 4), rect.topRight()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent))
            painter.drawPolygon(
                QPolygonF([corner, corner - QPointF(side, 0), corner + QPointF(0, side)])
            )

    def _paint_words(self, painter: QPainter) -> None:
        theme, chosen = current_theme(), self.selection
        rects = self.cell_rects(range(len(self._cells)))
        # Outlines, since a blank cell hardly stands out. They include the text below; otherwise
        # blank rows would look like separate strips.
        painter.setPen(QColor(theme.line))
        for index, rect in enumerate(rects):
            if index not in chosen:
                painter.drawRect(rect.adjusted(-1, -1, 0, 0))
            painter.drawRect(rect.adjusted(-1, -1, 0, self._below))
        for index in (*chosen, self.current):
            if 0 <= index < len(rects):
                self._paint_frame(painter, index)  # again, over the outlines of cells beside it
        if not self.is_named:
            return
        font = painter.font()
        font.setPixelSize(round(_LETTERS * theme_manager().text_scale))
        captions = [self._caption(index) for index in range(len(self._cells))]
        painter.setFont(fitted(font, captions, rects[0].width() - 1))
        for index, (cell, whole, rect) in enumerate(zip(self._cells, captions, rects, strict=True)):
            below = QRectF(
                rect.left(), rect.bottom() + 2, rect.width(), self._below + self._gap - 2
            )
            if cell.redraw_strength is not None:
                side = 5.0
                painter.fillRect(
                    QRectF(rect.right() - side, rect.bottom() + 5, side, side), QColor(theme.accent)
                )
                below.setRight(rect.right() - side - 1)
            painter.setPen(QColor(theme.text if index in chosen else theme.text_dim))
            text = shortened(whole, painter.fontMetrics(), int(below.width()))
            if text != whole and len(text) <= _FEWEST_LETTERS:
                continue
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)

    def _caption(self, index: int) -> str:
        """The text below a cell; "" = none."""
        cell = self._cells[index]
        mix = cell.conditions.class_mix
        if cell.caption or not mix:
            return cell.caption
        return tr("mix") if len(mix) > 1 else mix_words(mix)


def fitted(font: QFont, texts: Sequence[str], room: float) -> QFont:
    """The font, or a narrower or smaller one, in which every text fits that can fit at all.

    All texts get the same font, which shrinks to ``_LETTERS`` at most.
    """
    if not any(texts):
        return QFont(font)
    looks = []
    usual = font.pixelSize()
    for size in range(usual, min(usual, _LETTERS) - 1, -1):
        for stretch in (None, *NARROW):
            look = QFont(font)
            look.setPixelSize(size)
            if stretch is not None:
                look.setStretch(stretch)
            looks.append(look)
    least = QFontMetrics(looks[-1])
    short = {text for text in texts if text and least.horizontalAdvance(text) <= room}
    for look in looks if short else ():
        metrics = QFontMetrics(look)
        if all(metrics.horizontalAdvance(text) <= room for text in short):
            return look
    return looks[-1]


def shortened(text: str, metrics: QFontMetrics, room: int) -> str:
    """A text shortened to ``room``, with its last word whole if possible.

    Names of variants and frames differ in their last word.
    """
    if metrics.horizontalAdvance(text) <= room:
        return text
    end = text.rpartition(" ")[2]
    start = text.removesuffix(end)  # includes the space, which may be all that does not fit
    left = room - metrics.horizontalAdvance(end)
    if start and left >= metrics.horizontalAdvance("…"):
        return metrics.elidedText(start, Qt.TextElideMode.ElideRight, left) + end
    return metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room)


def _called(cell: Cell) -> str:
    """Name, tags and place in a set, as shown after the number of a cell."""
    name = f" “{cell.name}”" if cell.name else ""
    tags = f" ({', '.join(cell.tags)})" if cell.tags else ""
    return name + tags + _place_of(cell)


def _place_of(cell: Cell) -> str:
    """Set and part of a cell, such as ", Terrain 1: first ground"; "" = it is in no set."""
    whose, _, part = cell.part.rpartition("/")
    if not whose:
        return ""
    grounds = {CODES[WHOLE[0]]: tr("first ground"), CODES[WHOLE[1]]: tr("second ground")}
    what = grounds.get(part, "" if part in CODES else part)
    return f", {whose}: {what}" if what else f", {whose}"
