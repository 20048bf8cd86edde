"""Pictures of whole rows of sprites, made when they become visible, and cached for a while.

For Qt, painting a sprite costs as much as copying a thousand pixels, so rows are copied.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter

#: Returns uint8 (K, H, W, 3|4) for int (K,) places.
Pixels = Callable[[NDArray[np.intp]], NDArray[np.uint8]]

#: Memory limit of cached rows, in bytes: enough for several screens.
_BUDGET = 96_000_000


@dataclass(frozen=True)
class StripLayout:
    """The layout of a row; rows cached with another layout are remade."""

    lefts: tuple[int, ...]  #: start of each column, in device pixels from the first
    scale: int  #: device pixels per sprite pixel; ratio: per logical pixel
    ratio: float
    #: plain color behind sprites, because thousands of checkerboards would be distracting
    ground: str
    #: colors of a caption's first line and of the others
    text: tuple[str, str]
    font: str
    lines: int = 0  #: lines of a caption; gap: above it, in logical pixels
    gap: int = 3
    margin: int = 0  #: on both sides of a sprite, where captions may extend, in device pixels


class SpriteStrips:
    """Rows of ``count`` sprites of ``side`` x ``side`` pixels, each with its ``caption`` below."""

    def __init__(
        self, count: int, side: int, pixels: Pixels, caption: Callable[[int], str] | None = None
    ) -> None:
        self.count, self.side, self.caption = count, side, caption
        self._pixels = pixels
        self._rows: OrderedDict[int, QImage] = OrderedDict()
        self._layout: StripLayout | None = None

    def forget(self) -> None:
        """Drop all cached rows."""
        self._rows.clear()

    def row(self, number: int, layout: StripLayout) -> QImage:
        """The picture of a row with its margins, transparent between sprites."""
        if layout != self._layout:
            self._layout = layout
            self.forget()
        image = self._rows.get(number)
        if image is None:
            image = self._rows[number] = self._make(number, layout)
            while len(self._rows) > max(2, _BUDGET // max(1, image.sizeInBytes())):
                self._rows.popitem(last=False)
        else:
            self._rows.move_to_end(number)
        return image

    def _make(self, number: int, layout: StripLayout) -> QImage:
        columns, side = len(layout.lefts), self.side * layout.scale
        places = np.arange(number * columns, min((number + 1) * columns, self.count))
        large = _on_ground(self._pixels(places), layout.scale, QColor(layout.ground))
        font = QFont()
        font.fromString(layout.font)
        spacing = QFontMetrics(font).lineSpacing()
        below = layout.gap + layout.lines * spacing if layout.lines else 0
        height = side + round(below * layout.ratio)
        width = layout.lefts[-1] + side + 2 * layout.margin
        strip = np.zeros((height, width, 4), np.uint8)
        for sprite, left in zip(large, layout.lefts, strict=False):
            strip[:side, layout.margin + left : layout.margin + left + side] = sprite
        form = QImage.Format.Format_ARGB32_Premultiplied
        image = QImage(strip.data, width, height, 4 * width, form).copy()
        if layout.lines and self.caption is not None:
            self._write(image, places.tolist(), layout, font)
        return image

    def _write(self, image: QImage, places: list[int], layout: StripLayout, font: QFont) -> None:
        image.setDevicePixelRatio(layout.ratio)
        painter = QPainter(image)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        side = self.side * layout.scale / layout.ratio
        room = side + 2 * layout.margin / layout.ratio + 4
        assert self.caption is not None
        for left, index in zip(layout.lefts, places, strict=False):
            for line, text in enumerate(self.caption(index).split("\n")[: layout.lines]):
                # The first line is the most important one.
                painter.setPen(QColor(layout.text[min(line, 1)]))
                top = side + layout.gap + line * metrics.lineSpacing()
                place = QRectF(left / layout.ratio - 2, top, room, metrics.lineSpacing())
                text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(room))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
        image.setDevicePixelRatio(1.0)


def _on_ground(sprites: NDArray[np.uint8], scale: int, color: QColor) -> NDArray[np.uint8]:
    """Enlarge uint8 (K, H, W, 3|4) on a color to (K, H * scale, W * scale, 4), opaque BGRA."""
    ground = np.array([color.blue(), color.green(), color.red()], np.uint8)
    painted = np.full((*sprites.shape[:3], 4), 255, np.uint8)
    painted[..., :3] = sprites[..., 2::-1]
    if sprites.shape[3] == 4:
        share = sprites[..., 3:] / np.float32(255)
        painted[..., :3] = np.rint(painted[..., :3] * share + ground * (1 - share))
    return painted.repeat(scale, axis=1).repeat(scale, axis=2)
