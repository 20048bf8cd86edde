"""The icon family: our own SVG drawings on a 16-pixel grid, coloured by the theme's tokens."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from sprite_lab.paths import APP_ID, resource
from sprite_lab.ui.theme import Theme

#: Sizes in logical pixels that icons are drawn for.
SIZES = (16, 20, 24)


def icon_path(name: str) -> Path:
    """Where the drawing ``name`` lies."""
    return resource("icons") / f"{name}.svg"


@lru_cache(maxsize=4096)
def pixmap(name: str, color: str, pixels: int) -> QPixmap:
    """The drawing ``name`` in one colour, ``pixels`` device pixels wide and high.

    Raises
    ------
    FileNotFoundError
        If there is no such icon.
    """
    svg = icon_path(name).read_text(encoding="utf-8").replace("currentColor", color)
    image = QImage(pixels, pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return QPixmap.fromImage(image)


@lru_cache(maxsize=512)
def icon(name: str, theme: Theme, token: str = "text", on_token: str | None = None) -> QIcon:
    """The icon ``name`` for a theme, drawn sharply for every screen that is attached.

    Parameters
    ----------
    token : which colour of the theme it has.
    on_token : its colour while a checkable button is down; None = the same.
    """
    colors = theme.tokens()
    ratios = {1.0} | {screen.devicePixelRatio() for screen in QGuiApplication.screens()}
    result = QIcon()
    for pixels in sorted({round(size * ratio) for size in SIZES for ratio in ratios}):
        for state, name_of_color in (
            (QIcon.State.Off, token),
            (QIcon.State.On, on_token or token),
        ):
            normal = pixmap(name, colors[name_of_color], pixels)
            dimmed = pixmap(name, colors["disabled_text"], pixels)
            result.addPixmap(normal, QIcon.Mode.Normal, state)
            result.addPixmap(normal, QIcon.Mode.Active, state)
            result.addPixmap(normal, QIcon.Mode.Selected, state)
            result.addPixmap(dimmed, QIcon.Mode.Disabled, state)
    return result


def app_icon() -> QIcon:
    """The application's own icon: a sprite half out of noise."""
    result = QIcon()
    # Drawn beforehand (packaging/icons.py): Qt would leave seams between the sprite's pixels.
    for file in sorted(resource("desktop", "icons", "hicolor").glob(f"*/apps/{APP_ID}.png")):
        result.addFile(str(file))
    return result
