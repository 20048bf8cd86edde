"""The slider of the timeline: thumbnails along an axis, and a playhead."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSignalBlocker, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractButton, QLabel, QSizePolicy, QSlider, QWidget

from sprite_lab.app.timeline import TimelineModel, place_of
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import current_theme, tabular
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.sprites.pixel_paint import DevicePainter, to_atlas
from sprite_lab.words import number_text, tr

#: Logical pixels: size of a thumbnail, and margin at either end for the playhead.
THUMB = 32
MARGIN = 16

#: Log-SNRs labeled below the track.
_TICKS = (-8, -6, -4, -2, 0, 2, 4)

#: With fewer numbers than this, there is no usable scale.
_LEAST_TICKS = 3

#: Margin around the picture of the frame under the pointer, and its maximum side, in logical
#: pixels.
_HOVER_MARGIN, _HOVER_SIDE = 6, 80


class FrameHover(QWidget):
    """The enlarged frame that floats above the pointer, ``timeline.hover``."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.ToolTip)
        self.setObjectName("timeline.hover")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setFont(tabular(self.font()))
        self._around = parent
        self._atlas = to_atlas(np.full((1, 16, 16, 3), 255, np.uint8))
        self.text = ""
        self.resize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(
            _HOVER_SIDE + 2 * _HOVER_MARGIN,
            _HOVER_SIDE + 2 * _HOVER_MARGIN + self.fontMetrics().height() + 2,
        )

    def show_frame(self, pixels: NDArray[np.uint8], text: str, above: QPoint) -> None:
        """Show uint8 (H, W, 3) and a caption, centered above a screen position."""
        self._atlas, self.text = to_atlas(pixels[None]), text
        self.move(above.x() - self.width() // 2, above.y() - self.height())
        self._rise_above_text()
        self.show()
        self.update()

    def _rise_above_text(self) -> None:
        """Move up until no text of the window is covered, if the window has such a place."""
        window = self._around.window()
        place = self.geometry()
        parts: list[QLabel | QAbstractButton] = [
            *window.findChildren(QLabel),
            *window.findChildren(QAbstractButton),
        ]
        words = [
            QRect(part.mapToGlobal(QPoint(0, 0)), part.size())
            for part in parts
            if part.text() and part.isVisible()
        ]
        covered = [rect for rect in words if rect.intersects(place)]
        while covered:
            place.moveBottom(min(rect.top() for rect in covered) - 1)
            covered = [rect for rect in words if rect.intersects(place)]
        if place.top() >= window.mapToGlobal(QPoint(0, 0)).y():
            self.setGeometry(place)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.raised))
        painter.setPen(QColor(theme.outline))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        device = DevicePainter(painter)
        side = self._atlas.width()
        scale = max(1, int(_HOVER_SIDE * device.ratio / side))
        x, y = device.to_device(QPoint(_HOVER_MARGIN, _HOVER_MARGIN).toPointF())
        device.draw(self._atlas, x, y, scale)
        painter.setPen(QColor(theme.text))
        room = self.rect().adjusted(2, _HOVER_SIDE + _HOVER_MARGIN + 2, -2, -4)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self.text)


def _is_number(text: str) -> bool:
    return not any(map(str.isalpha, text))


class FrameSlider(QSlider):
    """A slider over frames, which jumps to a pressed position and paints itself.

    ``pictures``: whether there is room for thumbnails.
    """

    def __init__(self, model: TimelineModel, *, pictures: bool) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._track = (THUMB if pictures else 0) + 6  # top of the track, in logical pixels
        named(self, "timeline.slider", tr("Frame"))
        self.setToolTip(tooltip(tr("Drag, or use Left, Right, Home, End; Space plays")))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setPageStep(10)
        self._model = model
        self._thumbnails: Callable[[int], NDArray[np.uint8]] | None = None
        self._strip: tuple[tuple[float, ...], QImage] | None = None
        self._covered = False
        #: whether it was pressed since the pointer entered: the enlarged frame would cover the
        #: stage, which the user watches while scrubbing
        self._scrubbed = False
        self._hover = FrameHover(self)
        self.setMouseTracking(True)
        model.axis_changed.connect(self._show_axis)
        model.frame_changed.connect(self._show_frame)
        self.valueChanged.connect(model.set_frame)
        self._show_axis()

    def set_thumbnails(self, source: Callable[[int], NDArray[np.uint8]] | None) -> None:
        """Set the function that returns a frame's thumbnail, uint8 (H, W, 3); None = show none."""
        self._thumbnails, self._strip = source, None
        self.update()

    def set_covered(self, covered: bool) -> None:
        """Hide the thumbnails, or show them again."""
        if covered != self._covered:
            self._covered = covered
            self._hover.hide()
            self.update()

    @property
    def thumbnails(self) -> Callable[[int], NDArray[np.uint8]] | None:
        """The function that returns a frame's thumbnail; None = no thumbnails are shown."""
        return None if self._covered else self._thumbnails

    def sizeHint(self) -> QSize:
        return QSize(400, self._track + 8 + 2 + self.fontMetrics().height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    # -- model ---------------------------------------------------------------------------

    def _show_axis(self) -> None:
        self._strip = None
        with QSignalBlocker(self):
            self.setRange(0, max(0, len(self._model.axis) - 1))
            self.setValue(self._model.frame)
        self.update()

    def _show_frame(self, frame: int) -> None:
        with QSignalBlocker(self):
            self.setValue(frame)
        self._hover.hide()  # or it would cover the frames that keys step to
        self.update()

    # -- geometry ------------------------------------------------------------------------

    def frame_x(self, frame: float) -> float:
        """The logical x of a frame, or of a position between two frames."""
        places = self._model.axis.places
        known = len(places) > 0
        return self._x_of(float(np.interp(frame, np.arange(len(places)), places)) if known else 0.0)

    def _x_of(self, place: float) -> float:
        return MARGIN + place * (self.width() - 2 * MARGIN)

    def _frame_at(self, x: float) -> int:
        places = self._model.axis.places
        share = (x - MARGIN) / max(1, self.width() - 2 * MARGIN)
        return int(np.abs(places - share).argmin()) if len(places) else 0

    # -- input ---------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._model.pause()
            self._scrubbed = True
            self._hover.hide()
            self.setSliderDown(True)
            self.setSliderPosition(self._frame_at(event.position().x()))
            event.accept()
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        frame = self._frame_at(event.position().x())
        if self.isSliderDown():
            self.setSliderPosition(frame)
        thumbnails = self.thumbnails
        if thumbnails is not None and len(self._model.axis) and not self._scrubbed:
            axis = self._model.axis
            letter = "t = " if axis.kind == "noise" else tr("step ")
            place = QPoint(round(self.frame_x(frame)), -4)
            self._hover.show_frame(
                thumbnails(frame),
                f"{letter}{number_text(axis.values[frame], ',.0f')}",
                self.mapToGlobal(place),
            )

    def leaveEvent(self, event: QEvent) -> None:
        self._hover.hide()
        self._scrubbed = False
        super().leaveEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and self._hover.isVisible():
            return True  # it would cover the numbers below, which change while scrubbing
        return super().event(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._hover.hide()
        super().hideEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # QSlider itself would ignore Space and reverse Page Up.
        event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():
            event.ignore()
            return
        delta = event.angleDelta().y() or event.angleDelta().x()
        if delta:
            self._model.step(1 if delta > 0 else -1)  # like any horizontal slider in Qt
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._strip = None
        super().resizeEvent(event)

    # -- painting ------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        enabled = self.isEnabled() and len(self._model.axis) > 0
        left, right = float(MARGIN), float(self.width() - MARGIN)
        if enabled:
            self._paint_thumbnails(painter)
            self._paint_no_levels(painter)
        groove = QRectF(left, self._track + 2, right - left, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.line))
        painter.drawRoundedRect(groove, 2, 2)
        if not enabled:
            return
        axis = self._model.axis
        x = self.frame_x(self.value())
        # The part already passed is colored, which shows the direction.
        start = self.frame_x(0 if axis.direction > 0 else self.maximum())
        painter.setBrush(QColor(theme.accent))
        painter.drawRoundedRect(QRectF(min(start, x), groove.y(), abs(x - start), 4), 2, 2)
        self._paint_ticks(painter)
        self._paint_playhead(painter, x)

    def words_before(self) -> tuple[str, QRectF]:
        """The words in the gap before the levels of a schedule that ends at less noise, and their
        rectangle; "" = no gap, or too little room.
        """
        axis = self._model.axis
        room = QRectF(MARGIN, 0, self.frame_x(0) - MARGIN - THUMB / 2 - 8, THUMB)
        if axis.log_snr is None or not len(axis):
            return "", room
        text = tr("The schedule ends here.")
        # A single line, like the one that covers the thumbnails.
        flag = Qt.TextFlag.TextSingleLine if self._covered else Qt.TextFlag.TextWordWrap
        needed = QFontMetrics(self.font()).boundingRect(room.toRect(), int(flag), text)
        fits = needed.width() <= room.width() and needed.height() <= room.height()
        return (text if fits else ""), room

    def _paint_no_levels(self, painter: QPainter) -> None:
        text, room = self.words_before()
        if text:
            painter.setFont(self.font())
            painter.setPen(QColor(current_theme().text_dim))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(room, int(right | Qt.TextFlag.TextWordWrap), text)

    def _paint_thumbnails(self, painter: QPainter) -> None:
        if self._covered and self._thumbnails is not None:
            left, right = self.frame_x(0), self.frame_x(self.maximum())
            painter.setFont(self.font())
            painter.setPen(QColor(current_theme().text_dim))
            why = tr("Shown once you have answered")
            painter.drawText(
                QRectF(left, 0, right - left, THUMB), Qt.AlignmentFlag.AlignCenter, why
            )
        if self.thumbnails is None:
            return
        if self._strip is None:
            self._strip = self._make_strip()
        places, atlas = self._strip
        device = DevicePainter(painter)
        side = atlas.width()
        scale = max(1, int(THUMB * device.ratio / side + 1e-6))
        for row, center in enumerate(places):
            width = side * scale / device.ratio
            x, y = device.to_device(QPointF(center - width / 2, (THUMB - width) / 2 + 1))
            device.draw(atlas, x, y, scale, QRectF(0, row * side, side, side))

    def _make_strip(self) -> tuple[tuple[float, ...], QImage]:
        """The positions of thumbnails, spread about evenly, and their pictures in one image."""
        assert self._thumbnails is not None
        first, last = self.frame_x(0), self.frame_x(self.maximum())
        # Each is exactly at the position of its frame, so that it shows that level.
        near: list[int] = []
        if self._model.axis.log_snr is None:  # equally far apart, so no gap has to be wider
            stride = ceil((THUMB + 4) * self.maximum() / max(1.0, last - first))
            near = list(range(self.maximum(), -1, -max(1, stride)))[::-1]
        else:
            count = max(2, min(self.maximum() + 1, 1 + int((last - first) // (THUMB + 8))))
            for frame in (self._frame_at(x) for x in np.linspace(first, last, count)):
                if not near or self.frame_x(frame) - self.frame_x(near[-1]) >= THUMB:
                    near.append(frame)
        frames = [self._thumbnails(frame) for frame in near]
        return tuple(self.frame_x(frame) for frame in near), to_atlas(np.stack(frames))

    def _paint_ticks(self, painter: QPainter) -> None:
        painter.setFont(tabular(self.font()))
        painter.setPen(QColor(current_theme().text_dim))
        base = self._track + 12 + painter.fontMetrics().ascent()
        for text, start, _ in self.words_below():
            painter.drawText(QPointF(start, base), text)

    def words_below(self) -> list[tuple[str, float, float]]:
        """The labels below the track, with start and end x: the first and last frame, and as many
        between as fit. If too few numbers fit to make a scale, the ends have no words.
        """
        axis = self._model.axis
        words = self._words_between(axis.left, axis.right)
        scale = sum(_is_number(text) for text, *_ in words)
        if axis.log_snr is None or len(axis) < 2 or scale >= _LEAST_TICKS:
            return words
        return self._words_between("", "")

    def _words_between(self, at_left: str, at_right: str) -> list[tuple[str, float, float]]:
        """The labels, with these words beside the first and the last one."""
        axis, metrics = self._model.axis, QFontMetrics(tabular(self.font()))
        left, right = float(MARGIN), float(self.width() - MARGIN)
        letter = "t = " if axis.kind == "noise" else tr("step ")
        first = f"{at_left}  {letter}{number_text(axis.values[0], ',.0f')}".strip()
        width, words = metrics.horizontalAdvance(first), []
        start = min(self.frame_x(0), right - width)
        if start - width >= left:
            start -= width  # there is room if a schedule ends at less noise
        if len(axis) > 1:  # a single frame has no second end
            last = f"{letter}{number_text(axis.values[-1], ',.0f')}  {at_right}".strip()
            width_of_last = metrics.horizontalAdvance(last)
            end = max(self.frame_x(self.maximum()), left + width + 12 + width_of_last)
            start = max(left, min(start, end - width_of_last - 12 - width))
            words.append((last, end - width_of_last, end))
        words.insert(0, (first, start, start + width))
        named_one = False
        # Labels with words first, as they explain the numbers.
        for text, x in sorted(self._ticks(), key=lambda tick: _is_number(tick[0])):
            half = metrics.horizontalAdvance(text) / 2
            start, end = x - half, x + half
            number = _is_number(text)
            if number and axis.log_snr is not None and not named_one:
                break  # without one of these, leave out the numbers
            inside = left <= start and end <= right
            if inside and all(end + 12 < low or high + 12 < start for _, low, high in words):
                words.append((text, start, end))
                named_one = named_one or not number
        return words

    def _ticks(self) -> list[tuple[str, float]]:
        """Labels below the track and their positions: log-SNRs, or some frames' training steps."""
        axis = self._model.axis
        if axis.log_snr is not None:
            words = {level: f"{level}".replace("-", "\u2212") for level in _TICKS} | {
                0: tr("log-SNR 0")
            }
            return [(text, self._x_of(float(place_of(level)))) for level, text in words.items()]
        frames = {round(self.maximum() * quarter / 4) for quarter in (1, 2, 3)}
        inside = sorted(frames - {0, self.maximum()})
        return [(number_text(axis.values[frame], ",.0f"), self.frame_x(frame)) for frame in inside]

    def _paint_playhead(self, painter: QPainter, x: float) -> None:
        theme = current_theme()
        knob = QPolygonF(
            [
                QPointF(x - 6, self._track - 3),
                QPointF(x + 6, self._track - 3),
                QPointF(x + 6, self._track + 5),
                QPointF(x, self._track + 12),
                QPointF(x - 6, self._track + 5),
            ]
        )
        painter.setPen(QPen(QColor(theme.focus if self.hasFocus() else theme.accent_text), 2))
        painter.setBrush(QColor(theme.raised if self.hasFocus() else theme.accent))
        painter.drawPolygon(knob)
