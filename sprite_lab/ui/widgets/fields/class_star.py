"""A star with a class at each corner, for mixing classes with a click."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.core.trajectories.class_star import corners, place_of, weights_at
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import current_theme
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.keys import ARROWS
from sprite_lab.words import number_text, tr

#: Logical pixels: radius, margin for the names, and size of the handle.
_RADIUS, _NAME, _HANDLE = 56.0, 20.0, 6.0

#: Step of an arrow key, and with Shift, in radii.
_STEP, _FINE = 0.1, 0.02


class ClassStar(QWidget):
    """Shows the weights of classes as a filled shape; a click or drag sets a mix.

    A corner is a single class, an edge a mix of two, the center an equal mix of all. Arrow keys
    move the handle (with Shift in small steps), a digit goes to that corner, Home to the center,
    and Del to no class.
    """

    #: the weights (tuple of floats 0..1), and a number that is the same during a drag
    changed = Signal(object, int)

    def __init__(self, *, name: str) -> None:
        super().__init__()
        named(self, name, tr("Mix of classes"))
        self.setToolTip(
            tooltip(
                tr(
                    "Click or drag: a corner is a single class, inside they mix, the center is all "
                    "of them equally.\nArrows move, 1, 2, … go to a corner, Home to the center, "
                    "Del to no class."
                )
            )
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._names: tuple[str, ...] = ()
        self.weights: tuple[float, ...] = ()  #: weights of the classes, in order
        self._place = (0.0, 0.0)
        self._several = False
        self._drag = 0

    # -- contents ---------------------------------------------------------------------------------

    def set_classes(self, names: Sequence[str]) -> None:
        if tuple(names) != self._names:
            self._names = tuple(names)
            self.updateGeometry()
            self.set_weights((0.0,) * len(names))

    def set_weights(self, weights: Sequence[float], several: bool = False) -> None:
        """Show a mix; ``several``: the chosen cells differ, and this is the first cell's."""
        if tuple(weights) != self.weights:
            self.weights = tuple(weights)
            self._place = place_of(weights)
        self._several = several
        parts = [
            f"{n} {number_text(w, '.2f')}"
            for n, w in zip(self._names, self.weights, strict=True)
            if w
        ]
        said = ", ".join(parts) or tr("no class")
        self.setAccessibleDescription(
            tr("several mixes, first: {said}", said=said) if several else said
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(round(2 * (_RADIUS + _NAME)), self._height())

    # -- geometry ------------------------------------------------------------------------

    def point(self, x: float, y: float) -> QPointF:
        """The logical coordinates of a point of the star; (0, 0) is its center."""
        return QPointF(self.width() / 2 + x * _RADIUS, self._middle() + y * _RADIUS)

    def _middle(self) -> float:
        """The y of the center; a star with five corners extends less below it than above."""
        return _NAME + _RADIUS

    def _height(self) -> int:
        lowest = max((float(y) for _, y in corners(len(self._names))), default=1.0)
        return round(_NAME + _RADIUS * (1 + lowest) + _NAME)

    def corner(self, index: int) -> QPointF:
        x, y = corners(len(self._names))[index]
        return self.point(float(x), float(y))

    # -- interaction ------------------------------------------------------------------------------

    def _go(self, x: float, y: float) -> None:
        weights = weights_at(x, y, len(self._names))
        nearest = place_of(weights)
        # Weights are in hundredths, but the handle follows the pointer; outside, it stays on the
        # border.
        outside = abs(nearest[0] - x) + abs(nearest[1] - y) > 0.15
        self._set(weights, nearest if outside else (x, y))

    def _set(self, weights: tuple[float, ...], place: tuple[float, float]) -> None:
        different = weights != self.weights or self._several
        self.set_weights(weights)
        self._place = place
        if different:
            self.changed.emit(weights, self._drag)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._names:
            self._drag += 1
            self._to(event.position())
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self._names:
            self._to(event.position())

    def _to(self, point: QPointF) -> None:
        away = point - self.point(0, 0)
        self._go(away.x() / _RADIUS, away.y() / _RADIUS)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._drag += 1
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, count = event.key(), len(self._names)
        number = key - Qt.Key.Key_1
        if key in ARROWS and count:
            fine = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            step = _FINE if fine else _STEP
            x, y = ARROWS[Qt.Key(key)]
            self._go(self._place[0] + step * x, self._place[1] + step * y)
        elif 0 <= number < min(count, 9):
            self._set(tuple(float(i == number) for i in range(count)), _corner(number, count))
        elif key == Qt.Key.Key_Home and count:
            self._go(0.0, 0.0)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and count:
            self._set((0.0,) * count, (0.0, 0.0))
        else:
            super().keyPressEvent(event)

    # -- painting ------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._names:
            return
        theme, count = current_theme(), len(self._names)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        at = [self.corner(i) for i in range(count)]
        center = self.point(0, 0)
        enabled = self.isEnabled()
        painter.setPen(QPen(QColor(theme.line), 1))
        for corner in at:
            painter.drawLine(center, corner)
        for share in (1.0, 0.5):
            painter.setPen(QPen(QColor(theme.outline if share == 1 else theme.line), 1))
            painter.drawPolygon(QPolygonF([center + (c - center) * share for c in at]))
        accent = QColor(theme.accent if enabled else theme.outline)
        fill = QColor(accent)
        fill.setAlpha(60)
        painter.setPen(QPen(accent, 1.5))
        painter.setBrush(fill)
        shape = [center + (c - center) * w for c, w in zip(at, self.weights, strict=True)]
        painter.drawPolygon(QPolygonF(shape))
        self._paint_names(painter, at)
        some = any(self.weights)
        painter.setPen(QPen(QColor(theme.surface if some else theme.outline), 1.5))
        painter.setBrush(accent if some and not self._several else QColor(theme.surface))
        if some and self._several:
            painter.setPen(QPen(accent, 2))
        place = self.point(*(self._place if some else (0.0, 0.0)))
        painter.drawEllipse(place, _HANDLE, _HANDLE)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(place, _HANDLE + 3, _HANDLE + 3)

    def _paint_names(self, painter: QPainter, at: list[QPointF]) -> None:
        theme = current_theme()
        metrics = painter.fontMetrics()
        painter.setBrush(QColor(theme.outline))
        height = metrics.height()
        for name, weight, corner in zip(self._names, self.weights, at, strict=True):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(corner, 2.5, 2.5)
            side = corner.x() - self.width() / 2
            left = round(self.width() / 2 - abs(side) - 8)
            shown = metrics.elidedText(
                name, Qt.TextElideMode.ElideRight, self.width() if abs(side) < 1 else left
            )
            width = metrics.horizontalAdvance(shown) + 2
            below = corner.y() > self._middle()
            if abs(side) < 1:
                y = corner.y() + 5 if below else corner.y() - height - 4
                rect = QRectF(corner.x() - width / 2, y, width, height)
            else:
                x = corner.x() + 7 if side > 0 else corner.x() - 7 - width
                rect = QRectF(x, corner.y() - height / 2, width, height)
            painter.setPen(QColor(theme.text if weight else theme.text_dim))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, shown)
            painter.setBrush(QColor(theme.outline))


def _corner(index: int, count: int) -> tuple[float, float]:
    x, y = corners(count)[index]
    return float(x), float(y)
