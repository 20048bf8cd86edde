"""Plays the frames of an export as they will appear in the file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QImage, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.ui.theme import current_theme
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.sprites.pixel_paint import (
    DevicePainter,
    checkerboard,
    fitting_scale,
    to_qimage,
)
from sprite_lab.words import tr

#: Maximum scale of pictures.
_MOST_SCALE = 8


class Player(QWidget):
    """A picture, or several pictures played while visible; its name is ``<name>``.

    Large pictures are shrunk to fit; small ones are enlarged by a whole number.
    """

    playing_changed = Signal(bool)  #: whether it plays
    frame_changed = Signal(int)  #: index of the current frame

    def __init__(self, *, name: str, playing: bool) -> None:
        super().__init__()
        named(self, name, tr("Preview of the export"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._frames: Sequence[NDArray[np.uint8]] = ()
        self._durations: Sequence[int] = ()
        self._images: dict[int, QImage] = {}
        self.frame = 0  #: index of the current frame
        self.playing = playing  #: whether it plays, or would play if there were several frames
        self._words = ""
        self._timer = QTimer(self, singleShot=True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._advance)

    def sizeHint(self) -> QSize:
        return QSize(560, 480)

    @property
    def room(self) -> tuple[int, int]:
        """Device pixels available for a picture: width and height."""
        ratio = self.devicePixelRatioF()
        room = self._room
        return max(1, int(room.width() * ratio)), max(1, int(room.height() * ratio))

    @property
    def _room(self) -> QRectF:
        return QRectF(self.rect()).adjusted(16, 16, -16, -16)

    @property
    def count(self) -> int:
        return len(self._frames)

    def set_frames(
        self, frames: Sequence[NDArray[np.uint8]], durations_ms: Sequence[int] = ()
    ) -> None:
        """Show frames, uint8 (H, W, 3|4) each, with their durations; playback keeps going."""
        self._frames, self._durations, self._images = frames, durations_ms, {}
        self._words = ""
        self._show(min(self.frame, max(0, len(frames) - 1)))

    def say(self, words: str) -> None:
        """Show a sentence instead of the pictures."""
        self._frames, self._images, self._words = (), {}, words
        self.setAccessibleDescription(words)
        self._timer.stop()
        self.update()

    def set_playing(self, playing: bool) -> None:
        if playing != self.playing:
            self.playing = playing
            self.playing_changed.emit(playing)
        self._wait()

    def _show(self, frame: int) -> None:
        self.frame = frame
        self.frame_changed.emit(frame)
        self.update()
        self._wait()

    def _wait(self) -> None:
        self._timer.stop()
        if self.playing and len(self._durations) > 1 and self.isVisible():
            self._timer.start(max(10, self._durations[self.frame]))

    def _advance(self) -> None:
        if self._frames:
            self._show((self.frame + 1) % len(self._frames))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._wait()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if not self._frames:
            painter.setPen(self.palette().placeholderText().color())
            room = QRectF(self.rect()).adjusted(24, 24, -24, -24)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, self._words)
            return
        pixels = self._frames[self.frame]
        if self.frame not in self._images:
            self._images = {self.frame: to_qimage(pixels)}
        image = self._images[self.frame]
        ratio = self.devicePixelRatioF()
        room = self._room
        fits = image.width() <= room.width() * ratio and image.height() <= room.height() * ratio
        if fits:
            scale = fitting_scale(room.width(), room.height(), image.width(), image.height(), ratio)
            scale = min(scale, _MOST_SCALE)
            device = DevicePainter(painter)
            size = image.width() * scale / ratio, image.height() * scale / ratio
            x, y = device.to_device(room.center() - QPointF(size[0] / 2, size[1] / 2))
            target = device.to_logical(x, y, image.width() * scale, image.height() * scale)
        else:
            shrunk = image.size().scaled(room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRectF(QPointF(0, 0), shrunk)
            target.moveCenter(room.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if pixels.shape[2] == 4:
            painter.setBrushOrigin(target.topLeft())
            painter.fillRect(target, checkerboard(current_theme(), 8))
        painter.drawImage(target, image, QRectF(image.rect()))
