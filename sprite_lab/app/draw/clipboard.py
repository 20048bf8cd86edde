"""Cells, selected pixels and pictures on the system clipboard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QMimeData
from PySide6.QtGui import QGuiApplication, QImage

from sprite_lab.app.files.picture_tasks import PALETTE_SUFFIXES, PICTURE_SUFFIXES
from sprite_lab.core import strict_json
from sprite_lab.core.drawing import fit_picture
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.pixels.cells import MOST_SIDE, Cell
from sprite_lab.core.pixels.pictures import MOST_PIXELS, Pictures, fits
from sprite_lab.core.plain import from_plain, to_plain
from sprite_lab.formats.images.sheet import make_sheet
from sprite_lab.words import tr

_CELLS = "application/x-sprite-lab-cells+json"
#: Left and top of copied pixels in their cell, stored beside the picture for other programs.
_PLACE = "application/x-sprite-lab-place+json"


def from_qimage(image: QImage) -> NDArray[np.uint8]:
    """A picture as uint8 (H, W, 4), RGBA, not premultiplied."""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    width, height, stride = image.width(), image.height(), image.bytesPerLine()
    flat = np.frombuffer(image.constBits(), np.uint8)[: height * stride]
    return flat.reshape(height, stride)[:, : 4 * width].reshape(height, width, 4).copy()


def to_clipboard(cells: list[Cell]) -> None:
    """Copy cells, with a picture of them for other programs."""
    sheet = make_sheet(np.stack([cell.rgba for cell in cells]))
    _copy(sheet, _CELLS, strict_json.dumps([to_plain(_unplaced(cell)) for cell in cells]))


def _unplaced(cell: Cell) -> Cell:
    """The cell without anything that belongs to its place in the grid."""
    return replace(cell, part="", name_is_taken=False)


def copy_pixels(rgba: NDArray[np.uint8], left: int, top: int) -> None:
    """Copy pixels, uint8 (H, W, 4), with their position in the cell."""
    _copy(rgba, _PLACE, strict_json.dumps([left, top]))


def _copy(rgba: NDArray[np.uint8], kind: str, text: str) -> None:
    """Copy a picture, with data that only Sprite Lab reads."""
    height, width = rgba.shape[:2]
    bits = np.ascontiguousarray(rgba)
    picture = QImage(bits.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
    data = QMimeData()
    data.setImageData(picture)
    data.setData(kind, QByteArray(text.encode()))
    QGuiApplication.clipboard().setMimeData(data)


def copied_pixels() -> tuple[NDArray[np.uint8], int, int] | None:
    """The pixels, left and top copied by :func:`copy_pixels`; None = the clipboard has none."""
    data = QGuiApplication.clipboard().mimeData()
    if data is None or not data.hasFormat(_PLACE):
        return None
    image = QGuiApplication.clipboard().image()
    try:
        left, top = strict_json.loads(bytes(data.data(_PLACE).data()))
    except (ValueError, TypeError):
        return None
    places = all(isinstance(v, int) and 0 <= v < MOST_SIDE for v in (left, top))
    if image.isNull() or not places or max(image.width(), image.height()) > MOST_SIDE:
        return None
    return from_qimage(image), left, top


def small_picture(side: int) -> tuple[NDArray[np.uint8], int, int] | None:
    """Another program's picture if it is smaller than a cell, with left and top that center it.

    None = something else, or nothing.
    """
    data = QGuiApplication.clipboard().mimeData()
    if data is None or data.hasFormat(_CELLS) or not data.hasImage():
        return None
    image = QGuiApplication.clipboard().image()
    width, height = image.width(), image.height()
    if image.isNull() or max(width, height) > side or width == height == side:
        return None
    return from_qimage(image), (side - width) // 2, (side - height) // 2


def from_clipboard(side: int) -> list[Cell] | Pictures:
    """Our cells, or another program's picture: one cell if it fits, otherwise whole, to be cut.

    Raises SpriteLabError if there is neither, the picture is too large, or the cells cannot be read
    or have another size than ``side``.
    """
    data = QGuiApplication.clipboard().mimeData()
    if data is not None and data.hasFormat(_CELLS):
        try:
            found = strict_json.loads(bytes(data.data(_CELLS).data()))
            cells = [_unplaced(from_plain(Cell, entry)) for entry in found]
        except (ValueError, TypeError, OverflowError):
            raise SpriteLabError(
                "The cells on the clipboard cannot be read; copy them again."
            ) from None
        if any(cell.side != side for cell in cells):
            raise SpriteLabError(
                "The copied cells are {copied_side}×{copied_side} pixels, but the cells here are "
                "{side}×{side}: copy them from a project of that size.",
                copied_side=cells[0].side,
                side=side,
            )
        if cells:
            return cells
    if data is not None and data.hasImage():
        image = QGuiApplication.clipboard().image()
        if not image.isNull():
            return _picture(image, side)
    raise SpriteLabError("There is no picture on the clipboard; copy a cell or a picture first.")


def drawing_file(
    data: QMimeData | None, suffixes: tuple[str, ...] = (*PICTURE_SUFFIXES, *PALETTE_SUFFIXES)
) -> Path | None:
    """The file in copied or dragged data, if it is the only one and has one of ``suffixes``."""
    urls = [] if data is None else data.urls()
    path = Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
    return path if path is not None and path.suffix.lower() in suffixes else None


def file_on_clipboard() -> Path | None:
    """The picture file that was copied in a file manager, or None."""
    data = QGuiApplication.clipboard().mimeData()
    # Some programs offer both a picture and its file: prefer the picture.
    return None if data is None or data.hasImage() else drawing_file(data, PICTURE_SUFFIXES)


def _picture(image: QImage, side: int) -> list[Cell] | Pictures:
    width, height = image.width(), image.height()
    # Check the size before the pixels are copied: it may be a photograph.
    if width * height > MOST_PIXELS:
        raise SpriteLabError(
            "The copied picture is {width}×{height} pixels, but only up to {most_pixels:.0f} "
            "million pixels can be pasted; crop or shrink it.",
            width=width,
            height=height,
            most_pixels=MOST_PIXELS / 1e6,
        )
    pictures = Pictures(tr("Copied picture"), from_qimage(image)[None])
    if not fits(pictures, side):
        return pictures
    return [Cell(fit_picture(pictures.frames[0], side))]
