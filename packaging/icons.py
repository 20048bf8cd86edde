#!/usr/bin/env python3
"""The icons of the app and of its projects as PNG, in the sizes that desktops ask for.

``icons.py`` writes ``resources/desktop/icons/hicolor``, which is committed, for neither a build
nor ``sprite-lab --install-desktop`` should need Qt for it. :func:`render` gives other packers
one picture of any size.
"""

from __future__ import annotations

import math
import os
import re
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ROOT = Path(__file__).resolve().parent.parent
APP_SVG = ROOT / "resources" / "icons" / "app.svg"
HICOLOR = ROOT / "resources" / "desktop" / "icons" / "hicolor"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)

#: As the desktop knows them: folder in the theme, and name.
APP = ("apps", "io.github.sprite_lab.SpriteLab")
DOCUMENT = ("mimetypes", "application-vnd.sprite-lab.project")

#: Both drawings lie on a grid of so many units, and their pixels on halves of it.
GRID = 20

#: A sheet of paper with a folded corner around the app's drawing.
_PAPER = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256" viewBox="0 0 20 20">'
    '<path d="M4 .5h8.5l5 5V18A1.5 1.5 0 0 1 16 19.5H4A1.5 1.5 0 0 1 2.5 18V2A1.5 1.5 0 0 1 4 .5z"'
    ' fill="#f4f5fa" stroke="#8b90ab" stroke-width=".6"/>'
    '<path d="M12.5 .5v3.5A1.5 1.5 0 0 0 14 5.5h3.500z" fill="#c9cde0" stroke="#8b90ab"'
    ' stroke-width=".6" stroke-linejoin="round"/>'
    '<g transform="translate(5 7) scale(.5)">{drawing}</g></svg>\n'
)


def app_svg() -> str:
    """The app's icon."""
    return APP_SVG.read_text("utf-8")


def document_svg() -> str:
    """The icon of a project: a sheet of paper with the app's icon."""
    drawing = re.sub(r"^<svg[^>]*>|</svg>\s*$", "", app_svg())
    # The app's grid begins at -2.
    return _PAPER.format(drawing=f'<g transform="translate(2 2)">{drawing}</g>')


def render(svg: str, pixels: int) -> bytes:
    """A drawing as a PNG, ``pixels`` wide and high, transparent around it."""
    # Larger first, so that the edges of the sprite's pixels fall on whole ones: Qt would leave
    # seams between them.
    large = 2 * GRID * math.ceil(4 * pixels / (2 * GRID))
    image = QImage(large, large, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, large, large))
    painter.end()
    small = image.scaled(
        pixels,
        pixels,
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    small.convertToFormat(QImage.Format.Format_ARGB32).save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def main() -> None:
    """Write all of them anew."""
    for (folder, name), svg in ((APP, app_svg()), (DOCUMENT, document_svg())):
        for pixels in SIZES:
            file = HICOLOR / f"{pixels}x{pixels}" / folder / f"{name}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(render(svg, pixels))
        file = HICOLOR / "scalable" / folder / f"{name}.svg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(svg, "utf-8")


if __name__ == "__main__":
    main()
