"""Layouts that adapt to the available space: rows that wrap, parts side by side or stacked."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout, QLayoutItem, QSplitter, QWidget


class Flow(QLayout):
    """Widgets from left to right, in as many rows as needed, vertically centered in each row.

    Parameters
    ----------
    spacing : between widgets and rows, in logical pixels.
    row_spacing : between rows; None = ``spacing``.
    last_right : whether the last widget is at the right edge, and shrinks before it wraps.
    even : whether several rows form columns of equal width, with about as many widgets in each row.
    fills : whether the widgets of a row share its remaining width.
    grows : the widget that takes the remaining width up to the next one, or to the end of its row.
    """

    def __init__(
        self,
        on: QWidget | None,
        *widgets: QWidget,
        spacing: int = 4,
        row_spacing: int | None = None,
        last_right: bool = True,
        even: bool = False,
        fills: bool = False,
        grows: QWidget | None = None,
    ) -> None:
        super().__init__(on)
        self._items: list[QLayoutItem] = []
        self._heights: dict[int, int] = {}  # by width: Qt asks for them repeatedly
        self._last_right, self._even, self._fills = last_right, even, fills
        self._grows = grows
        self._row_spacing = row_spacing
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)
        for widget in widgets:
            self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)
        self.invalidate()

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        self._heights.clear()
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def invalidate(self) -> None:
        self._heights.clear()
        super().invalidate()

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if width not in self._heights:
            self._heights[width] = self._arrange(QRect(0, 0, width, 0), move=False)
        return self._heights[width]

    def height_without(self, widget: QWidget, width: int) -> int:
        """The height of all rows if a widget were hidden."""
        return self._arrange(QRect(0, 0, width, 0), move=False, without=widget)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = sum(size.width() for size in shown) + self.spacing() * max(0, len(shown) - 1)
        return QSize(width, max((size.height() for size in shown), default=0))

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._items if not item.isEmpty()]
        return QSize(
            max((size.width() for size in sizes), default=0),
            max((size.height() for size in sizes), default=0),
        )

    def _column(self, width: int, shown: Sequence[QLayoutItem]) -> int | None:
        """The common width of all widgets in even columns; None = each has its own."""
        gap, wanted = self.spacing(), [item.sizeHint().width() for item in shown]
        if not self._even or sum(wanted) + gap * (len(shown) - 1) <= width:
            return None
        most = max(1, (width + gap) // (max(wanted) + gap))
        rows = ceil(len(shown) / most)
        columns = ceil(len(shown) / rows)
        return (width - gap * (columns - 1)) // columns

    def _arrange(self, rect: QRect, *, move: bool, without: QWidget | None = None) -> int:
        """Place the widgets if ``move``; returns the height of all rows."""
        end = rect.x() + rect.width()
        shown = [item for item in self._items if not item.isEmpty()]
        if without is not None:
            shown = [item for item in shown if item.widget() is not without]
        column = self._column(rect.width(), shown)
        rows: list[list[tuple[QLayoutItem, QRect]]] = [[]]
        x = rect.x()
        for item in shown:
            size = item.sizeHint()
            width = min(size.width(), rect.width()) if column is None else column
            last = self._last_right and item is shown[-1]
            if last and rows[-1] and item.minimumSize().width() <= end - x < width:
                width = end - x
            if rows[-1] and x + width > end:
                rows.append([])
                x = rect.x()
            if last:
                x = max(x, end - width)
            wraps = width < size.width() and item.hasHeightForWidth()
            height = item.heightForWidth(width) if wraps else size.height()
            rows[-1].append((item, QRect(x, 0, width, height)))
            x += width + self.spacing()
        gap = self.spacing() if self._row_spacing is None else self._row_spacing
        y = rect.y() - gap
        for row in rows:
            y += gap
            height = max((place.height() for _, place in row), default=0)
            left = end - row[-1][1].right() - 1 if self._fills and row else 0
            for n, (item, place) in enumerate(row if move else ()):
                before, after = left * n // len(row), left * (n + 1) // len(row)
                place.adjust(before, 0, after, 0)
                if item.widget() is self._grows:
                    room = row[n + 1][1].x() - self.spacing() if n + 1 < len(row) else end
                    place.setRight(room - 1)
                item.setGeometry(place.translated(0, y + (height - place.height()) // 2))
            y += height
        return y - rect.y()


def button_row(*buttons: QWidget) -> Flow:
    """Buttons side by side, or below each other if they do not fit, so that they never make their
    panel wider.
    """
    return Flow(None, *buttons, spacing=8, last_right=False, fills=True)


class Arranged(QWidget):
    """Arranges its parts again whenever its size, or the size that a part needs, changes."""

    @abstractmethod
    def _arrange(self) -> None:
        """Arrange the parts for the current size."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return super().event(event)


class WholeHeight(Arranged):
    """Has at least the height that its layout needs at its width, even in a splitter."""

    def _arrange(self) -> None:
        layout = self.layout()
        if layout is None:
            return
        self.setMinimumHeight(self._least_height(layout))
        # Qt does not tell the layout if this made a hidden widget higher.
        layout.setGeometry(self.contentsRect())

    def _least_height(self, layout: QLayout) -> int:
        wraps, width = layout.hasHeightForWidth(), self.width()
        return layout.minimumHeightForWidth(width) if wraps else layout.minimumSize().height()


class BesideOrBelow(QSplitter):
    """Parts side by side, or stacked if they do not fit; the border between them can be dragged.

    Each part comes with its share of the space; ``gap`` is between them, in logical pixels.
    """

    def __init__(self, *parts: tuple[QWidget, int], gap: int) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(gap)
        self.setStyleSheet("QSplitter::handle { background: transparent; }")
        self._parts = [part for part, _ in parts]
        self._shares = [share for _, share in parts]
        for index, (part, share) in enumerate(parts):
            self.addWidget(part)
            self.setStretchFactor(index, share)
        self._share_out()

    def _share_out(self) -> None:
        self.setSizes([1000 * share for share in self._shares])

    def _least_widths(self) -> list[int]:
        return [
            max(part.minimumSizeHint().width(), part.minimumWidth())
            for part in self._parts
            if not part.isHidden()
        ]

    def minimumSizeHint(self) -> QSize:
        return QSize(max(self._least_widths(), default=0), super().minimumSizeHint().height())

    def _choose(self) -> None:
        """Put the parts side by side if they fit."""
        widths = self._least_widths()
        fits = self.width() >= sum(widths) + self.handleWidth() * (len(widths) - 1)
        way = Qt.Orientation.Horizontal if fits else Qt.Orientation.Vertical
        if way != self.orientation():
            self.setOrientation(way)
            self._share_out()
            self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._choose()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._choose()
        return super().event(event)
