"""The position of a sprite on a canvas: fitted, or zoomed by whole numbers and panned."""

from __future__ import annotations

from dataclasses import dataclass

from sprite_lab.ui.widgets.sprites.pixel_paint import fitting_scale

#: Maximum number of device pixels for each pixel of the sprite.
MAX_SCALE = 128
#: Zoom of the keys 1 to 6, in logical pixels per pixel of the sprite.
KEY_SCALES = (1, 2, 4, 8, 16, 32)
#: Margin around a fitted sprite for its frame, in logical pixels.
_MARGIN = 4


@dataclass(frozen=True)
class Room:
    """A canvas and the sprite on it."""

    #: of the canvas, in logical pixels
    width: float
    height: float
    #: of the sprite, in its pixels
    columns: int
    rows: int
    ratio: float  #: device pixels for each logical pixel
    spread: float = 1.0  #: how many times the sprite's size should be visible when fitted


class CanvasView:
    """Scale and place of the sprite, in whole device pixels. Follows the canvas while fitted."""

    def __init__(self) -> None:
        self._scale: int | None = None
        # Offset of the sprite's center from the canvas's, in device pixels
        self._moved = (0.0, 0.0)

    @property
    def is_fitted(self) -> bool:
        """Whether the whole sprite is shown as large as possible."""
        return self._scale is None

    def fit(self) -> None:
        self._scale, self._moved = None, (0.0, 0.0)

    def scale(self, room: Room) -> int:
        """Device pixels for each pixel of the sprite."""
        if self._scale is not None:
            return self._scale
        return fitting_scale(
            (room.width - _MARGIN) / room.spread,
            (room.height - _MARGIN) / room.spread,
            room.columns,
            room.rows,
            room.ratio,
        )

    def frame(self, room: Room) -> tuple[float, float, float]:
        """Left, top and the size of a pixel, in logical pixels."""
        scale, ratio = self.scale(room), room.ratio
        left = round((room.width * ratio - room.columns * scale) / 2 + self._moved[0])
        top = round((room.height * ratio - room.rows * scale) / 2 + self._moved[1])
        return left / ratio, top / ratio, scale / ratio

    def zoom_to(self, room: Room, scale: int, x: float, y: float) -> None:
        """Zoom to a number of device pixels per pixel; the point at (x, y) stays in place."""
        left, top, size = self.frame(room)
        at = ((x - left) / size, (y - top) / size)
        self._scale = min(max(scale, 1), MAX_SCALE)
        new = self._scale / room.ratio
        left, top, _ = self.frame(room)
        self.move(room, x - at[0] * new - left, y - at[1] * new - top)

    def zoom_by(self, room: Room, steps: int, x: float, y: float) -> None:
        """Zoom in by steps of about a quarter, or out if ``steps`` is negative."""
        scale = self.scale(room)
        for _ in range(abs(steps)):
            step = max(1, scale // 4 if steps > 0 else scale // 5)
            scale += step if steps > 0 else -step
        self.zoom_to(room, scale, x, y)

    def move(self, room: Room, dx: float, dy: float) -> None:
        """Move the sprite by logical pixels; it never leaves the center of the canvas."""
        scale = self._scale = self.scale(room)
        most = room.columns * scale / 2, room.rows * scale / 2
        x, y = self._moved[0] + dx * room.ratio, self._moved[1] + dy * room.ratio
        self._moved = (min(max(x, -most[0]), most[0]), min(max(y, -most[1]), most[1]))
