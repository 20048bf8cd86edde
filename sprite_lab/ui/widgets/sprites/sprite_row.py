"""A few sprites in a row, each with a line of text and an optional bar."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QWidget

from sprite_lab.ui.theme import current_theme, tabular
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.tips import tells
from sprite_lab.ui.widgets.sprites.pixel_paint import (
    DevicePainter,
    checkerboard,
    fitting_scale,
    to_atlas,
)

_GAP, _BAR = 8, 4  # logical pixels

#: Maximum height of a sprite, in logical pixels.
LARGEST = 96


class SpriteRow(QWidget):
    """Up to ``places`` sprites side by side at an integer scale; the height follows."""

    def __init__(self, *, name: str, label: str, places: int = 8) -> None:
        super().__init__()
        named(self, name, label)
        self._places = places
        self._atlas: QImage | None = None
        self._cell = (16, 16)
        self._fitted = 0  # width that the sprites were fitted to, in logical pixels
        self._tips: Sequence[str] = ()
        #: int64 (k,), numbers of the sprites shown, as given by the owner
        self.which = np.zeros(0, np.int64)
        self.words: Sequence[str] = ()  #: text below each sprite
        #: the filled part of the bar of each, 0..1; None = no bars
        self.shares: NDArray[np.float64] | None = None
        self.setFont(tabular(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(places * (32 + _GAP))

    def show_sprites(
        self,
        images: NDArray[np.uint8],
        which: NDArray[np.int64],
        words: Sequence[str],
        *,
        shares: NDArray[np.float64] | None = None,
        tips: Sequence[str] = (),
    ) -> None:
        """Show uint8 (k, H, W, 3|4) with their numbers, ``which``, and a caption each."""
        self._atlas = to_atlas(images) if len(images) else None
        self._cell = images.shape[1:3]
        self.which, self.words, self.shares, self._tips = which, words, shares, tips
        self.setAccessibleDescription(", ".join(words))
        self.update()

    def clear(self) -> None:
        self._atlas, self.which, self.words, self.shares = None, np.zeros(0, np.int64), (), None
        self.update()

    def _below(self) -> int:
        return self.fontMetrics().height() + _BAR + 6

    def _fitting(self, ratio: float) -> int:
        """Device pixels per sprite pixel."""
        height, width = self._cell
        room = self._fitted / self._places - _GAP
        return fitting_scale(room, LARGEST, width, height, ratio)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Ignore changes by a scroll bar's width: the new height might make that bar come and go
        # endlessly.
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        if self._fitted <= self.width() <= self._fitted + bar:
            return
        self._fitted, ratio = self.width(), self.devicePixelRatioF()
        self.setFixedHeight(math.ceil(self._cell[0] * self._fitting(ratio) / ratio) + self._below())

    def sizeHint(self) -> QSize:
        return QSize(self._places * (48 + _GAP), 48 + self._below())

    def _pitch(self) -> float:
        return self.width() / self._places

    def cell_rect(self, place: int) -> QRectF:
        """The rectangle of the sprite at an index, including its text."""
        return QRectF(place * self._pitch(), 0, self._pitch() - _GAP, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._atlas is None:
            return
        theme = current_theme()
        painter = QPainter(self)
        device = DevicePainter(painter)
        height, width = self._cell
        scale = self._fitting(device.ratio)
        across = width * scale / device.ratio
        for i, words in enumerate(self.words):
            cell = self.cell_rect(i)
            x, y = device.to_device(QPointF(cell.center().x() - across / 2, 0))
            target = device.to_logical(x, y, width * scale, height * scale)
            if self._atlas.hasAlphaChannel():
                painter.setBrushOrigin(target.topLeft())
                painter.fillRect(target, checkerboard(theme, 4))
            device.draw(self._atlas, x, y, scale, QRectF(0, i * height, width, height))
            line = QRectF(cell.left(), target.bottom() + 4, cell.width(), _BAR)
            if self.shares is not None:
                bar = QRectF(target.left(), line.top(), across, _BAR)
                painter.fillRect(bar, QColor(theme.tokens()["track"]))
                bar.setWidth(across * min(max(float(self.shares[i]), 0.0), 1.0))
                painter.fillRect(bar, QColor(theme.accent))
            painter.setPen(QColor(theme.text))
            line.setTop(line.top() + (_BAR + 2 if self.shares is not None else 0))
            line.setHeight(self.fontMetrics().height())
            # Use narrower letters if normal ones would be cut off.
            font = self.font()
            wide = self.fontMetrics().horizontalAdvance(words)
            font.setStretch(min(100, int(100 * cell.width() / max(1, wide))))
            painter.setFont(font)
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, words)

    def event(self, event: QEvent) -> bool:
        return tells(self, event, self._tip_at) or super().event(event)

    def _tip_at(self, place: QPointF) -> str:
        which = int(place.x() // self._pitch())
        return self._tips[which] if 0 <= which < len(self._tips) else ""
