"""Icons: SVG drawings on a 16-pixel grid in the colors of the theme."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from sprite_lab.paths import APP_ID, resource
from sprite_lab.ui.theme import Theme


def icon_path(name: str) -> Path:
    return resource("icons") / f"{name}.svg"


@lru_cache(maxsize=4096)
def pixmap(name: str, color: str, pixels: int) -> QPixmap:
    """The drawing ``name`` in one color, ``pixels`` device pixels wide and high.

    Raises FileNotFoundError if there is no such icon.
    """
    svg = icon_path(name).read_text(encoding="utf-8").replace("currentColor", color)
    image = QImage(pixels, pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return QPixmap.fromImage(image)


@lru_cache(maxsize=1024)
def _with_gap(name: str, color: str, width: int, side: int) -> QPixmap:
    """The drawing with empty space at its right, ``width`` device pixels in all."""
    wide = QPixmap(width, side)
    wide.fill(Qt.GlobalColor.transparent)
    painter = QPainter(wide)
    painter.drawPixmap(0, 0, pixmap(name, color, side))
    painter.end()
    return wide


class _Engine(QIconEngine):
    """Draws an icon when it is visible, sharp on its screen; most icons are never seen."""

    #: Keeps clones alive: Qt owns them, but PySide would destroy them with their Python objects.
    _clones: ClassVar[list[_Engine]] = []

    def __init__(self, name: str, off: str, on: str, disabled: str) -> None:
        super().__init__()
        self._name, self._off, self._on, self._disabled = name, off, on, disabled

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        if size.isEmpty():
            return QPixmap()  # Qt would warn of every stroke into it
        color = self._on if state == QIcon.State.On else self._off
        if mode == QIcon.Mode.Disabled:
            color = self._disabled
        width, side = size.width(), size.height()
        if width > side:  # beside text
            return _with_gap(self._name, color, width, side)
        return pixmap(self._name, color, width)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        pixels = round(side * painter.device().devicePixelRatio())
        square = QRect(0, 0, side, side)
        square.moveCenter(rect.center())
        painter.drawPixmap(square, self.pixmap(QSize(pixels, pixels), mode, state))

    def clone(self) -> QIconEngine:
        self._clones.append(_Engine(self._name, self._off, self._on, self._disabled))
        return self._clones[-1]


@lru_cache(maxsize=4)
def _colors(theme: Theme) -> dict[str, str]:
    return theme.tokens()


@lru_cache(maxsize=512)
def icon(name: str, theme: Theme, token: str = "text", on_token: str | None = None) -> QIcon:
    """The icon ``name`` in the color of a theme ``token``; ``on_token``: that of a checked button,
    None = the same.
    """
    colors = _colors(theme)
    off, on = colors[token], colors[on_token or token]
    return QIcon(_Engine(name, off, on, colors["disabled_text"]))


def app_icon() -> QIcon:
    """The application's own icon: a sprite half out of noise."""
    result = QIcon()
    # Rendered by packaging/icons.py, since Qt would leave seams between the sprite's pixels.
    for file in sorted(resource("desktop", "icons", "hicolor").glob(f"*/apps/{APP_ID}.png")):
        result.addFile(str(file))
    return result
