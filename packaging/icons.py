#!/usr/bin/env python3
"""The icons of the app and of its projects, drawn from ``resources/icons/app.svg``.

``icons.py`` writes windows/*.ico, macos/*.icns and, in the sizes that Linux wants,
resources/desktop/icons/hicolor again. They are kept in the repository so that neither an
installer nor ``sprite-lab --install-desktop`` needs Qt; ``icons.py --png DIR`` writes the last
of them elsewhere.

The sprite is pixel art: it is drawn at whole multiples of its 16 pixels, never between.
"""

from __future__ import annotations

import argparse
import io
import os
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image
from PySide6.QtCore import QBuffer, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPolygonF
from PySide6.QtSvg import QSvgRenderer

HERE = Path(__file__).resolve().parent
RESOURCES = HERE.parent / "resources"
SVG = RESOURCES / "icons" / "app.svg"
HICOLOR = RESOURCES / "desktop" / "icons" / "hicolor"

APP_ID = "io.github.sprite_lab.SpriteLab"
MIME_ICON = "application-vnd.sprite-lab.project"

ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 96, 128, 256)
ICNS_SIZES = (32, 64, 128, 256, 512, 1024)
PNG_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)

#: The sprite in the picture, in twentieths of the tile behind it.
SPRITE = QRectF(0, 0, 16, 16)
TILE, ROUNDING = QColor("#1c1f2e"), 0.22
PAPER, FOLD, EDGE = QColor("#f7f7fa"), QColor("#c9ccd8"), QColor("#8a8fa3")


def app_icon(size: int) -> QImage:
    """The sprite on its tile, which fills the picture."""
    image = blank(size)
    with QPainter(image) as painter:
        draw_tile(painter, QRect(0, 0, size, size))
    return image


def mac_icon(size: int) -> QImage:
    """For macOS: the tile with the margin that its other icons have."""
    margin = size * 100 // 1024 if size > 32 else 0
    image = blank(size)
    with QPainter(image) as painter:
        draw_tile(painter, QRect(margin, margin, size - 2 * margin, size - 2 * margin))
    return image


def document_icon(size: int) -> QImage:
    """A sheet of paper with a folded corner and the app's tile on it."""
    image = blank(size)
    margin, fold = max(1, size // 8), size // 4
    # A pen of one pixel is centered on pixels.
    left, right, low = margin + 0.5, size - margin - 0.5, size - 0.5
    crease, dent = right - fold, 0.5 + fold
    sheet = [(left, 0.5), (crease, 0.5), (right, dent), (right, low), (left, low)]
    corner = [(crease, 0.5), (crease, dent), (right, dent)]
    with QPainter(image) as painter:
        painter.setPen(EDGE)
        for points, fill in ((sheet, PAPER), (corner, FOLD)):
            painter.setBrush(fill)
            painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
        width = size - 2 * margin
        side = int((width - 2) * 0.8)
        below = fold + (size - fold - side) // 2
        draw_tile(painter, QRect(margin + (width - side) // 2, below, side, side))
    return image


def setup_picture() -> QImage:
    """The picture beside the last page of the setup program, in its required size."""
    image = QImage(164, 314, QImage.Format.Format_RGB32)
    image.fill(TILE)
    with QPainter(image) as painter:
        draw_tile(painter, QRect(2, 77, 160, 160))
    return image


def draw_tile(painter: QPainter, tile: QRect) -> None:
    """Draw the rounded tile and, at the nearest integer scale, the sprite on it."""
    side = tile.width()
    layer = blank(side)
    scale = max(1, min(round(side * 0.8 / 16 + 0.15), side // 16))
    start = (side - 16 * scale) // 2
    sprite = QRect(start, start, 16 * scale, 16 * scale)
    with QPainter(layer) as inner:
        inner.fillRect(layer.rect(), TILE)
        renderer = QSvgRenderer(str(SVG))
        renderer.setViewBox(SPRITE)
        inner.setClipRect(sprite)
        renderer.render(inner, QRectF(sprite))
        inner.setClipping(False)
        round_off(inner, layer)
    painter.drawImage(tile.topLeft(), layer)


def round_off(painter: QPainter, layer: QImage) -> None:
    """Round off the layer's corners smoothly."""
    mask = blank(layer.width())
    with QPainter(mask) as rounded:
        rounded.setRenderHint(QPainter.RenderHint.Antialiasing)
        rounded.setBrush(Qt.GlobalColor.black)
        rounded.setPen(Qt.PenStyle.NoPen)
        radius = layer.width() * ROUNDING
        rounded.drawRoundedRect(QRectF(mask.rect()), radius, radius)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    painter.drawImage(0, 0, mask)


def blank(size: int) -> QImage:
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    return image


def to_pillow(image: QImage) -> Image.Image:
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return Image.open(io.BytesIO(buffer.data().data())).convert("RGBA")


def write_set(path: Path, draw: Callable[[int], QImage], sizes: tuple[int, ...]) -> None:
    """Write one .ico or .icns, with each size drawn separately rather than scaled."""
    pictures = [to_pillow(draw(size)) for size in sizes]
    largest = pictures.pop()
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".ico":
        every = [(size, size) for size in sizes]
        largest.save(path, sizes=every, append_images=pictures)
    else:
        largest.save(path, append_images=pictures)


def write_png(folder: Path) -> list[Path]:
    """The icons of the app and of a project, in the folders of a Linux icon theme."""
    written = []
    for size in PNG_SIZES:
        for kind, name, draw in (
            ("apps", APP_ID, app_icon),
            ("mimetypes", MIME_ICON, document_icon),
        ):
            path = folder / f"{size}x{size}" / kind / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            to_pillow(draw(size)).save(path, optimize=True)
            written.append(path)
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--png", type=Path, metavar="DIR", help="write PNG files there instead")
    folder = parser.parse_args().png
    QGuiApplication.instance() or QGuiApplication([])
    if folder:
        write_png(folder)
        return
    write_png(HICOLOR)
    write_set(HERE / "windows" / "sprite-lab.ico", app_icon, ICO_SIZES)
    write_set(HERE / "windows" / "project.ico", document_icon, ICO_SIZES)
    to_pillow(setup_picture()).quantize(64).save(HERE / "windows" / "setup.bmp")
    write_set(HERE / "macos" / "sprite-lab.icns", mac_icon, ICNS_SIZES)
    write_set(HERE / "macos" / "project.icns", document_icon, ICNS_SIZES)


if __name__ == "__main__":
    main()
