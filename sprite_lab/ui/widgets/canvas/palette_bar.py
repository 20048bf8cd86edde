"""The two drawing colors, and the palette."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from sprite_lab.core.pixels.cells import Color
from sprite_lab.core.pixels.palette import TRANSPARENT, to_hex
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import current_theme
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.tips import tells
from sprite_lab.ui.widgets.keys import ENTER, claims
from sprite_lab.ui.widgets.sprites.pixel_paint import checkerboard, paint_focus
from sprite_lab.words import tr

#: Minimum and maximum size of a swatch with its gap, in logical pixels.
_LEAST_SIDE, _MOST_SIDE = 20, 26

#: Minimum width of the bar, in logical pixels: six swatches in a row.
_LEAST_WIDTH = 6 * _LEAST_SIDE


def color_name(color: Color) -> str:
    return tr("empty") if color[3] == 0 else to_hex(color)


def _fill(painter: QPainter, rect: QRectF, color: Color) -> None:
    if color[3] < 255:
        painter.setBrushOrigin(rect.topLeft())
        painter.fillRect(rect, checkerboard(current_theme(), 5))
    painter.fillRect(rect, QColor(*color))


class ColorPair(QWidget):
    """The first color (left button) over the second one (right button)."""

    activated = Signal(int)  #: 0 or 1: the clicked color (Space and Enter: the first)

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._colors: tuple[Color, Color] = ((0, 0, 0, 255), TRANSPARENT)
        self.setFixedSize(52, 46)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(
            tooltip(
                tr(
                    "Front: color of the left button. Back: color of the right button.\nClick one "
                    "to edit it; X swaps them."
                )
            )
        )
        self.set_colors(*self._colors)

    def set_colors(self, first: Color, second: Color) -> None:
        self._colors = (first, second)
        self.setAccessibleName(
            tr(
                "Colors: first {first}, second {second}",
                first=color_name(first),
                second=color_name(second),
            )
        )
        self.update()

    def _rects(self) -> tuple[QRectF, QRectF]:
        return QRectF(2, 2, 30, 28), QRectF(20, 16, 30, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        for which in (1, 0):
            rect = self._rects()[which]
            _fill(painter, rect, self._colors[which])
            painter.setPen(QPen(QColor(theme.surface), 1))
            painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
            painter.setPen(QPen(QColor(theme.outline), 1))
            painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.focus), 2))
            painter.drawRect(QRectF(self._rects()[0]).adjusted(-1, -1, 1, 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for which, rect in enumerate(self._rects()):
            if rect.contains(event.position()):
                self.activated.emit(which)
                return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, *ENTER):
            self.activated.emit(0)
        else:
            super().keyPressEvent(event)


class Swatches(QWidget):
    """The palette: a click sets the first color, a right click the second, a double click edits.

    Colors are moved by dragging (Esc cancels), or by Alt and the arrow keys.
    """

    chosen = Signal(int, int)  #: index, 0 (first color) or 1 (second)
    edit_asked = Signal(int)  #: index of the color to edit
    current_changed = Signal(int)  #: index of the color under the cursor, -1 = none
    #: index of a color, and index of the gap to move it to
    move_asked = Signal(int, int)

    def __init__(self, *, name: str, columns: int = 16) -> None:
        super().__init__()
        named(self, name, tr("Palette"))
        self.setAccessibleDescription(
            tr("Colors to draw with; click to select one, Alt and arrow keys move it")
        )
        self._most_columns = columns
        self._colors: tuple[Color, ...] = ()
        self._used: tuple[Color, Color] = (TRANSPARENT, TRANSPARENT)
        self.current = -1  #: index of the color under the cursor, -1 = none
        self._pressed: tuple[int, QPointF] | None = None
        self._gap = -1  # gap that a dragged color would go to, -1 = no drag
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    # -- contents ---------------------------------------------------------------------------------

    def set_colors(self, colors: tuple[Color, ...]) -> None:
        self._colors = colors
        self._set_current(min(self.current, len(colors) - 1))
        self.setMinimumHeight(self.heightForWidth(self.width()))
        self.updateGeometry()
        self.update()

    def set_used(self, first: Color, second: Color) -> None:
        self._used = (first, second)
        if not (0 <= self.current < len(self._colors)) or (self._colors[self.current] != first):
            self._set_current(self._colors.index(first) if first in self._colors else -1)
        self.update()

    def _set_current(self, index: int) -> None:
        if index != self.current:
            self.current = index
            self.current_changed.emit(index)
            self.update()

    # -- geometry ---------------------------------------------------------------------------------

    def _side(self, width: int) -> int:
        return max(_LEAST_SIDE, min(_MOST_SIDE, width // self._most_columns))

    def _columns(self, width: int) -> int:
        return max(1, min(self._most_columns, width // self._side(width)))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        # The initial width is smaller than any later one, and must not make the window higher.
        width = max(width, _LEAST_WIDTH)
        rows = -(-max(1, len(self._colors)) // self._columns(width))
        return rows * self._side(width) + 2

    def sizeHint(self) -> QSize:
        return QSize(22 * self._most_columns, self.heightForWidth(22 * self._most_columns))

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST_WIDTH, self.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Nested layouts do not request the height again once the width is settled.
        self.setMinimumHeight(self.heightForWidth(self.width()))
        super().resizeEvent(event)

    def swatch_rect(self, index: int) -> QRectF:
        side, columns = self._side(self.width()), self._columns(self.width())
        row, column = divmod(index, columns)
        return QRectF(1 + column * side, 1 + row * side, side - 2, side - 2)

    def _index_at(self, position: QPointF) -> int:
        for index in range(len(self._colors)):
            if self.swatch_rect(index).adjusted(-1, -1, 1, 1).contains(position):
                return index
        return -1

    # -- painting, mouse, keys -----------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        for index, color in enumerate(self._colors):
            rect = self.swatch_rect(index)
            _fill(painter, rect, color)
            first, second = color == self._used[0], color == self._used[1]
            if first or second:
                painter.setPen(QPen(QColor(theme.surface), 1))
                painter.drawRect(rect.adjusted(1.5, 1.5, -1.5, -1.5))
                style = Qt.PenStyle.SolidLine if first else Qt.PenStyle.DotLine
                painter.setPen(QPen(QColor(theme.text), 2, style))
                painter.drawRect(rect.adjusted(0, 0, 0, 0))
        if self.hasFocus() and self.current >= 0:
            painter.setPen(QPen(QColor(theme.focus), 2))
            painter.drawRect(self.swatch_rect(self.current).adjusted(-1, -1, 1, 1))
        elif self.hasFocus():
            paint_focus(painter, self.rect(), theme)
        if self._gap >= 0:
            rect = self.swatch_rect(self._gap)
            painter.fillRect(
                QRectF(rect.left() - 2, rect.top() - 1, 3, rect.height() + 2), theme.accent
            )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        if index < 0:
            super().mousePressEvent(event)
            return
        self._set_current(index)
        self.chosen.emit(index, int(event.button() == Qt.MouseButton.RightButton))
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = (index, event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        way = (event.position() - self._pressed[1]).manhattanLength()
        if self._gap >= 0 or way >= QApplication.startDragDistance():
            if self._gap < 0:
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self.grabKeyboard()  # for Esc: a click leaves the focus on the canvas
            self._gap = self._gap_at(event.position())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, gap = self._pressed, self._gap
        self._let_go()
        if pressed is not None and gap >= 0:
            self._move(pressed[0], gap)

    def _let_go(self) -> None:
        if self._gap >= 0:
            self.releaseKeyboard()
            self.unsetCursor()
        self._pressed, self._gap = None, -1
        self.update()

    def _move(self, index: int, gap: int) -> None:
        if index < len(self._colors) and gap not in (index, index + 1):
            self.move_asked.emit(index, gap)
            self._set_current(gap if gap < index else gap - 1)

    def _gap_at(self, position: QPointF) -> int:
        """The index of the gap nearest to a position; gap i is before color i."""
        side, columns = self._side(self.width()), self._columns(self.width())
        rows = -(-len(self._colors) // columns)
        row = min(max(int(position.y() // side), 0), rows - 1)
        column = min(max(round(position.x() / side), 0), columns)
        return min(row * columns + column, len(self._colors))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        if index >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.edit_asked.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        columns = self._columns(self.width())
        step = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
        }.get(Qt.Key(event.key()))
        paint = event.key() in (Qt.Key.Key_Space, *ENTER)
        alt = event.modifiers() & Qt.KeyboardModifier.AltModifier
        if event.key() == Qt.Key.Key_Escape and self._pressed is not None:
            self._let_go()
        elif step is not None and alt:
            target = self.current + step
            if self.current >= 0 and 0 <= target < len(self._colors):
                self._move(self.current, target if step < 0 else target + 1)
        elif step is not None and self._colors:
            target = max(self.current, 0) + step
            if 0 <= target < len(self._colors):
                self._set_current(target)
                self.chosen.emit(target, 0)
        elif paint and self.current >= 0:
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.chosen.emit(self.current, int(bool(shift)))
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if claims(event, lambda _: self._gap >= 0):  # so that Esc only cancels the drag
            return True
        return tells(self, event, self._tip_at) or super().event(event)

    def _tip_at(self, place: QPointF) -> str:
        index = self._index_at(place)
        return color_name(self._colors[index]) if index >= 0 else ""
