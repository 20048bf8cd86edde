"""The field in which a character walks, by itself or with the arrow keys."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.characters import DIRECTIONS, FRAMES, LEADER
from sprite_lab.ui.draw.sets.ticker import Ticker
from sprite_lab.ui.theme import current_theme
from sprite_lab.ui.widgets.keys import claims
from sprite_lab.ui.widgets.sprites.pixel_paint import DevicePainter, checkerboard, to_qimage

#: The direction of each key, and the way (x, y) of each direction.
_KEYS = {
    Qt.Key.Key_Down: "down",
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Up: "up",
}
_WAYS = {"down": (0, 1), "left": (-1, 0), "right": (1, 0), "up": (0, -1)}

#: The walk: milliseconds per tick, and sprite pixels per tick.
_TICK, _SPEED = 40, 1

#: Without keys, the character walks around the field in these directions, turning at the edges.
_AROUND = ("right", "down", "left", "up")

#: Minimum width of the ground, in widths of the character.
_ROOM = 2.9


class WalkView(QWidget):
    """A character that walks by itself, or while an arrow key is held."""

    playing_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._pictures: Mapping[str, NDArray[np.uint8]] = {}
        self._durations: Mapping[str, int] = {}
        self.direction, self.frame = DIRECTIONS[0], 0
        self.playing = False  #: whether it walks by itself
        self._at = QPointF(0.5, 0.5)  # position as a share of the available room, 0..1
        self._shown_for = 0
        self._held: list[Qt.Key] = []
        self._ticker = Ticker(self, _TICK, self._tick)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 64)

    def sizeHint(self) -> QSize:
        return QSize(280, 120)  # at least this high beside text that wraps

    def set_cells(self, cells: Mapping[str, Cell], pictures: NDArray[np.uint8] | None) -> None:
        """Show a character: its cells by part, and their pixels, uint8 (16, H, W, 4), or None."""
        shown = () if pictures is None else pictures
        self._pictures = dict(zip(cells, shown, strict=True))
        self._durations = {part: cell.duration_ms for part, cell in cells.items()}
        self.update()

    def set_playing(self, playing: bool) -> None:
        """Let the character walk by itself around the field, or stop it."""
        if playing == self.playing:
            return
        self.playing = playing
        if playing:
            self.direction, self._at = _AROUND[0], QPointF(0.0, 0.0)
        self._go_on()
        self.playing_changed.emit(playing)

    @property
    def ground(self) -> QRectF:
        return QRectF(self.rect())

    @property
    def _side(self) -> int:
        """Side of the character, in its pixels."""
        return len(next(iter(self._pictures.values()), range(16)))

    @property
    def _scale(self) -> int:
        """Device pixels for each pixel of the character."""
        ratio = self.devicePixelRatioF()
        across = self.ground.width() * ratio / (_ROOM * self._side)
        # Even a low field shows all of it, with room to walk.
        return max(1, int(min(across, self.ground.height() * ratio / (2 * self._side))))

    def _go_on(self) -> None:
        """Start or stop walking."""
        walks = bool(self._held) or self.playing
        self._ticker.set_on(walks)
        if not walks:
            self.frame = 0
            self.update()

    def _tick(self) -> None:
        direction = _KEYS[self._held[-1]] if self._held else self.direction
        if direction != self.direction:
            self.direction, self.frame, self._shown_for = direction, 0, 0
        across, down = _WAYS[direction]
        self._shown_for += _TICK
        if self._shown_for >= self._durations.get(f"{direction} {self.frame}", 120):
            self.frame, self._shown_for = self._following(), 0
        ground, pace = self.ground, _SPEED * self._scale / self.devicePixelRatioF()
        side = self._side * self._scale / self.devicePixelRatioF()
        x = self._at.x() + across * pace / max(1.0, ground.width() - side)
        y = self._at.y() + down * pace / max(1.0, ground.height() - side)
        self._at = QPointF(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))
        if not self._held and self._at != QPointF(x, y):  # it has reached an edge
            self.direction = _AROUND[(_AROUND.index(direction) + 1) % len(_AROUND)]
            self.frame, self._shown_for = 0, 0
        self.update()

    def _following(self) -> int:
        """The next frame in this direction that is not blank."""
        for k in range(1, FRAMES):
            frame = (self.frame + k) % FRAMES
            picture = self._pictures.get(f"{self.direction} {frame}")
            if picture is not None and picture[..., 3].any():
                return frame
        return self.frame

    def event(self, event: QEvent) -> bool:
        # Elsewhere in Draw, arrow keys are shortcuts, with or without modifiers.
        return claims(event, _KEYS) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in _KEYS:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self._held.append(Qt.Key(event.key()))
            self.set_playing(False)
            self._go_on()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() not in _KEYS:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self._held = [key for key in self._held if key != event.key()]
            self._go_on()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._held = []
        self._go_on()
        super().focusOutEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = current_theme()
        ground, scale = self.ground, self._scale
        painter.fillRect(
            ground, checkerboard(theme, 4 * max(1, round(scale / self.devicePixelRatioF())))
        )
        painter.setPen(theme.focus if self.hasFocus() else theme.outline)
        painter.drawRect(ground.adjusted(0, 0, -1, -1))
        picture = self._pictures.get(f"{self.direction} {self.frame}")
        if picture is None or not picture[..., 3].any():
            # While there are no directions, show the drawing itself.
            picture = self._pictures.get(LEADER)
        if picture is None:
            return
        device = DevicePainter(painter)
        side = len(picture) * scale / device.ratio
        corner = ground.topLeft() + QPointF(
            self._at.x() * (ground.width() - side), self._at.y() * (ground.height() - side)
        )
        device.draw(to_qimage(picture), *device.to_device(corner), scale)
