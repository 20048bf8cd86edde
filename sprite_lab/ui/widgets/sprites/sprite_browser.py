"""A scrolling grid of any number of sprites; only visible ones are painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QFrame, QHBoxLayout

from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.theme import Theme, current_theme
from sprite_lab.ui.widgets.fields.tips import tells
from sprite_lab.ui.widgets.keys import CTRL, ENTER, SHIFT
from sprite_lab.ui.widgets.sprites.pixel_paint import DevicePainter, paint_empty, paint_focus
from sprite_lab.ui.widgets.sprites.row_selection import RowSelection
from sprite_lab.ui.widgets.sprites.sprite_places import GAP, SpritePlaces
from sprite_lab.ui.widgets.sprites.sprite_strips import Pixels, SpriteStrips, StripLayout
from sprite_lab.words import tr

_SIDE = 16  # logical pixels, margin left of a page's controls
_RING = 3  # logical pixels, width of the current sprite's frame


#: Milliseconds between scroll steps while the pointer is outside, and maximum number of pixels per
#: step.
_SCROLL_MS, _FASTEST = 30, 60


class RubberBand(QObject):
    """A selection rectangle over a scroll area, which scrolls when the pointer leaves it.

    ``take``: called with the rectangle, in pixels of the scrolled content, the selection before the
    drag, and whether to invert this selection within the rectangle.
    """

    def __init__(
        self, area: QAbstractScrollArea, take: Callable[[QRectF, NDArray[np.bool_], bool], None]
    ) -> None:
        super().__init__(area)
        self._area, self._take = area, take
        self._from: QPointF | None = None  # start, in pixels of the scrolled content
        self._to = QPointF()  # end, in the viewport
        self._before: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._drawn = self._flip = False
        self._timer = QTimer(self, interval=_SCROLL_MS)
        self._timer.timeout.connect(self._scroll)

    def begin(self, place: QPointF, before: NDArray[np.bool_]) -> None:
        """Start a band, when the button is pressed at a place in the viewport."""
        self._from, self._before, self._drawn = self._whole(place), before, False

    def move(self, place: QPointF, *, flip: bool) -> None:
        """Extend the band, when the pointer moves while the button is held."""
        if self._from is None:
            return
        self._to, self._flip = place, flip
        way = (self._whole(place) - self._from).manhattanLength()
        if not self._drawn and way < QApplication.startDragDistance():
            return
        self._drawn = True
        inside = 0 <= place.y() <= self._area.viewport().height()
        if inside:
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()
        self._take(self._rect(), self._before, flip)
        self._area.viewport().update()

    def end(self) -> bool:
        """End the band, when the button is released; returns False if it was only a click."""
        drawn, self._drawn, self._from = self._drawn, False, None
        self._timer.stop()
        self._area.viewport().update()
        return drawn

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draw the band, if any, in the viewport."""
        if not self._drawn:
            return
        rect = self._rect().translated(0, -self._area.verticalScrollBar().value())
        fill = QColor(theme.accent)
        fill.setAlpha(40)
        painter.fillRect(rect, fill)
        painter.setPen(QPen(QColor(theme.accent), 1))
        painter.drawRect(rect)

    def _whole(self, place: QPointF) -> QPointF:
        return place + QPointF(0, self._area.verticalScrollBar().value())

    def _rect(self) -> QRectF:
        assert self._from is not None
        return QRectF(self._from, self._whole(self._to)).normalized()

    def _scroll(self) -> None:
        over = self._to.y() - min(max(self._to.y(), 0), self._area.viewport().height())
        bar = self._area.verticalScrollBar()
        bar.setValue(bar.value() + round(max(-_FASTEST, min(_FASTEST, over))))
        self.move(self._to, flip=self._flip)


def in_line(browser: SpriteBrowser) -> QHBoxLayout:
    """A layout that aligns the first sprites with the controls above."""
    browser.setFrameShape(QFrame.Shape.NoFrame)
    return hbox(browser, margins=(_SIDE - GAP, 0, 0, 0))


class SpriteBrowser(QAbstractScrollArea):
    """A grid of sprites at a fixed whole-number scale, with as many columns as fit.

    ``caption_lines``: lines of text below each sprite. ``several``: whether more than one can be
    chosen, by Ctrl, Shift, a rubber band or Ctrl+A.
    """

    current_changed = Signal(int)  #: index among the sprites shown, -1 = none
    selection_changed = Signal()  #: the selection changed
    double_clicked = Signal(int)  #: index of a sprite; Enter counts as a double click

    def __init__(self, *, caption_lines: int = 0, several: bool = False) -> None:
        super().__init__()
        self._lines = caption_lines
        self._bands: NDArray[np.intp] | None = None
        self.strips = SpriteStrips(0, 16, lambda places: np.zeros((0, 16, 16, 4), np.uint8))
        self._scale = 3
        self._whole: tuple[str, ...] = ()
        self._widest = 0  # width of the widest of these captions, in logical pixels
        self._selection = RowSelection(several=several)
        self._tip: Callable[[int], str] = lambda index: ""
        self.empty_text = tr("No sprites match.")  #: text shown if there are no sprites
        self._band = RubberBand(self, self._take_band) if several else None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # A scroll bar that comes and goes would change the columns, and in turn the scroll bar.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().rangeChanged.connect(self._on_range)
        self._on_range(0, 0)
        self.setMinimumSize(160, 120)

    @Slot(int, int)
    def _on_range(self, least: int, most: int) -> None:
        self.verticalScrollBar().setEnabled(most > least)  # or it has no handle

    # -- content ---------------------------------------------------------------------------

    @property
    def count(self) -> int:
        return self.strips.count

    @property
    def current(self) -> int:
        """Index of the current sprite, -1 = none."""
        return self._selection.current

    @property
    def chosen_rows(self) -> NDArray[np.intp]:
        """Indices of the chosen sprites, ascending: int (M,)."""
        return self._selection.rows

    def set_sprites(
        self, images: NDArray[np.uint8], tip: Callable[[int], str], captions: Sequence[str] = ()
    ) -> None:
        """Show uint8 (N, H, W, 3|4) from the top; ``tip`` returns the tooltip of a sprite.

        ``captions``: (N,), the text below each sprite, cut off after ``caption_lines``.
        """
        side = images.shape[1] if len(images) else 16
        caption = captions.__getitem__ if captions else None
        self.set_source(len(images), side, images.__getitem__, tip, caption)

    def set_source(
        self,
        count: int,
        side: int,
        pixels: Pixels,
        tip: Callable[[int], str],
        caption: Callable[[int], str] | None = None,
        *,
        bands: NDArray[np.intp] | None = None,
        chosen: tuple[NDArray[np.intp], int] | None = None,
    ) -> None:
        """Show sprites whose pixels are loaded as they become visible.

        Parameters
        ----------
        count : number of sprites; side : their height and width, in pixels.
        bands : int (count,), rising: sprites with the same number share a background.
        chosen : the new indices of the chosen sprites and of the current one; None = scroll to the
            top and choose the first.
        """
        before = self._selection.current
        self.strips = SpriteStrips(count, side, pixels, caption)
        self._tip, self._bands = tip, bands
        self._selection = RowSelection(count, several=self._selection.several)
        self._fit()
        if chosen is None:
            self.verticalScrollBar().setValue(0)
            self._selection.only(0 if count else -1)
        else:
            self._selection.take(*chosen)
        self.viewport().update()
        if before != self._selection.current or before >= 0:
            self.current_changed.emit(self._selection.current)
        self.selection_changed.emit()

    def clear(self) -> None:
        self.set_source(0, 16, lambda places: np.zeros((0, 16, 16, 4), np.uint8), str)

    def set_empty_text(self, text: str) -> None:
        self.empty_text = text
        self.viewport().update()

    def set_scale(self, scale: int) -> None:
        """Set the number of logical pixels per sprite pixel; keeps the current sprite visible."""
        self._scale = max(1, scale)
        self._refit()

    def set_caption_lines(self, lines: int, caption: Callable[[int], str] | None = None) -> None:
        """Change the number of text lines below the sprites; ``caption`` None = unchanged."""
        self._lines = lines
        self.strips.caption = caption or self.strips.caption
        self.strips.forget()
        self._refit()

    def keep_whole(self, captions: Sequence[str]) -> None:
        """Make columns wide enough for these recurring captions to be shown in full, unless they
        are more than twice as wide as a sprite.
        """
        if tuple(captions) != self._whole:
            self._whole = tuple(captions)
            self._refit()

    def _refit(self) -> None:
        self._fit()
        if self.current >= 0:
            self.reveal(self.current)
        self.viewport().update()

    def set_current(self, index: int) -> None:
        """Choose only this sprite; -1 = none."""
        self._change(lambda selection: selection.only(index))

    def choose_rows(self, rows: NDArray[np.intp]) -> None:
        self._change(lambda selection: selection.take(rows))

    def _change(self, edit: Callable[[RowSelection], None]) -> None:
        """Edit the selection and the current sprite, and signal what changed."""
        selection = self._selection
        before, chosen = selection.current, selection.chosen
        edit(selection)
        self.viewport().update()
        if selection.current != before:
            self.current_changed.emit(selection.current)
        if selection.chosen is not chosen:
            self.selection_changed.emit()

    # -- geometry --------------------------------------------------------------------------

    @property
    def _places(self) -> SpritePlaces:
        """The positions of all sprites; the visible part starts at ``_top``."""
        lines = self._lines * self.fontMetrics().lineSpacing()
        side = self.strips.side * self._scale
        return SpritePlaces(
            self.count,
            side=side,
            below=lines + _RING if lines else 0,
            width=self.viewport().width(),
            spare=max(0, min(self._widest, 2 * side) - side) if lines else 0,
        )

    @property
    def _top(self) -> int:
        return self.verticalScrollBar().value()

    @property
    def columns(self) -> int:
        return self._places.columns

    @property
    def rows(self) -> int:
        return self._places.rows

    def _fit(self) -> None:
        self._widest = max(map(self.fontMetrics().horizontalAdvance, self._whole), default=0)
        places, room = self._places, self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, places.height - room))
        bar.setPageStep(room)
        bar.setSingleStep(places.pitch_down // 2)

    def cell_rect(self, index: int) -> QRectF:
        """The rectangle of a sprite in the viewport, in logical pixels."""
        return self._places.rect(index).translated(0, -self._top)

    def index_at(self, place: QPointF) -> int:
        """The sprite at a place in the viewport, or -1."""
        return self._places.at(place + QPointF(0, self._top))

    def reveal(self, index: int) -> None:
        rect, bar = self.cell_rect(index), self.verticalScrollBar()
        rect.setBottom(rect.bottom() + self._places.below)
        if rect.top() < GAP:
            bar.setValue(round(bar.value() + rect.top() - GAP))
        elif rect.bottom() > self.viewport().height() - GAP:
            bar.setValue(round(bar.value() + rect.bottom() - self.viewport().height() + GAP))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    # -- painting --------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), QColor(theme.background))
        if not self.count:
            area = self.viewport().rect()
            paint_empty(painter, area, self.empty_text, theme, focus=self.hasFocus())
            return
        if self.hasFocus() and self.current < 0:
            paint_focus(painter, self.viewport().rect(), theme)
        device = DevicePainter(painter)
        rows, columns = self._places.rows_in(self._top, self.viewport().height()), self.columns
        self._paint_grounds(painter, rows.start * columns, rows.stop * columns)
        layout = self._layout(device)
        for row in rows:
            image = self.strips.row(row, layout)
            x, y = device.to_device(self.cell_rect(row * columns).topLeft())
            device.draw(image, x - layout.margin, y, 1)
        if self.current >= 0:
            width = _RING if self.hasFocus() else _RING - 1
            grow = 1 + width / 2
            painter.setPen(QPen(QColor(theme.focus), width, j=Qt.PenJoinStyle.MiterJoin))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.cell_rect(self.current).adjusted(-grow, -grow, grow, grow))
        if self._band is not None:
            self._band.paint(painter, theme)

    def _layout(self, device: DevicePainter) -> StripLayout:
        theme = current_theme()
        lefts = [device.to_device(self.cell_rect(i).topLeft())[0] for i in range(self.columns)]
        return StripLayout(
            lefts=tuple(left - lefts[0] for left in lefts),
            # A whole number of device pixels per sprite pixel, even at ratios of 1.25 and 1.5.
            scale=max(1, int(self._scale * device.ratio + 1e-6)),
            ratio=device.ratio,
            ground=theme.checker_a,
            text=(theme.text, theme.text_dim),
            font=self.font().toString(),
            lines=self._lines,
            gap=_RING,
            margin=int(self._places.spare / 2 * device.ratio),
        )

    def _paint_grounds(self, painter: QPainter, first: int, last: int) -> None:
        """Paint the backgrounds of sprites that are chosen or belong together."""
        theme = current_theme()
        if self._bands is not None:
            self._fill(painter, first, self._bands[first:last] % 2 == 1, theme.tokens()["band"])
        if self._selection.several:
            marked = self._selection.chosen[first:last]
            self._fill(painter, first, marked, theme.tokens()["marked"])

    def _fill(self, painter: QPainter, first: int, marked: NDArray[np.bool_], color: str) -> None:
        places, top = self._places, self._top
        pitch, down = places.pitch, places.pitch_down
        rows, columns = np.divmod(np.flatnonzero(marked) + first, places.columns)
        xs = (GAP / 2 + columns * pitch).tolist()
        ys = (GAP / 2 + rows * down - top).tolist()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(color))
        painter.drawRects([QRectF(x, y, pitch, down) for x, y in zip(xs, ys, strict=True)])

    # -- mouse and keys --------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index, held = self.index_at(event.position()), event.modifiers()
        several = self._selection.several
        right = event.button() == Qt.MouseButton.RightButton
        if right and several and index >= 0 and not self._selection.chosen[index]:
            self.set_current(index)  # the context menu applies to it
            return
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        before, shift, ctrl = self._selection.chosen, bool(held & SHIFT), bool(held & CTRL)
        if index >= 0:
            self._change(lambda s: s.click(index, shift=shift, ctrl=ctrl))
        if self._band is not None:
            keep = before if shift or ctrl else np.zeros_like(before)
            self._band.begin(event.position(), keep)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._band is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._band.move(event.position(), flip=bool(event.modifiers() & CTRL))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._band is not None and self._band.end():
            return
        outside = self.index_at(event.position()) < 0
        if self._selection.several and outside and not event.modifiers():
            self._change(lambda s: s.take(np.zeros(0, np.intp), s.current))

    def _take_band(self, area: QRectF, before: NDArray[np.bool_], flip: bool) -> None:
        rows = self._places.inside(area)
        self._change(lambda s: s.band(before, rows, flip=flip))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.index_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self.double_clicked.emit(index)

    def viewportEvent(self, event: QEvent) -> bool:
        return tells(self, event, self._tip_at) or super().viewportEvent(event)

    def _tip_at(self, place: QPointF) -> str:
        index = self.index_at(place)
        return self._tip(index) if index >= 0 else ""

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, held, several = Qt.Key(event.key()), event.modifiers(), self._selection.several
        if key in ENTER and self.current >= 0 and not held:
            self.double_clicked.emit(self.current)
            return
        if several and self.count and held == CTRL and key == Qt.Key.Key_A:
            self._change(lambda s: s.choose_all())
            return
        if several and self.current >= 0 and key == Qt.Key.Key_Space:
            self._change(lambda s: s.toggle(s.current))
            return
        step = self._step(key)
        if step is None or not self.count:
            super().keyPressEvent(event)
            return
        index = min(max(max(self.current, 0) + step, 0), self.count - 1)
        shift, ctrl = bool(held & SHIFT), bool(held & CTRL)
        self._change(lambda s: s.step(index, shift=shift, ctrl=ctrl))
        self.reveal(index)

    def _step(self, key: Qt.Key) -> int | None:
        places = self._places
        page = max(1, self.viewport().height() // places.pitch_down) * places.columns
        return {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -places.columns,
            Qt.Key.Key_Down: places.columns,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -self.count,
            Qt.Key.Key_End: self.count,
        }.get(key)
