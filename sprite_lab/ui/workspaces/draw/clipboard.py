"""Cells and pictures by way of the system's clipboard."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QMimeData
from PySide6.QtGui import QGuiApplication, QImage

from sprite_lab.app.picture_tasks import PALETTE_SUFFIXES, PICTURE_SUFFIXES
from sprite_lab.core import strict_json
from sprite_lab.core.cells import Cell, Conditions
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.drawing import fit_picture
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.pictures import MOST_PIXELS, Pictures, fits
from sprite_lab.formats.sheet import make_sheet

_CELLS = "application/x-sprite-lab-cells+json"


def from_qimage(image: QImage) -> NDArray[np.uint8]:
    """A picture as uint8 (H, W, 4), RGBA, not premultiplied."""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    width, height, stride = image.width(), image.height(), image.bytesPerLine()
    flat = np.frombuffer(image.constBits(), np.uint8)[: height * stride]
    return flat.reshape(height, stride)[:, : 4 * width].reshape(height, width, 4).copy()


def to_clipboard(cells: list[Cell]) -> None:
    """Copy cells: as they are for Sprite Lab, as one picture for other programs."""
    sheet = make_sheet(np.stack([cell.rgba for cell in cells]))
    height, width = sheet.shape[:2]
    picture = QImage(
        np.ascontiguousarray(sheet).data, width, height, 4 * width, QImage.Format.Format_RGBA8888
    ).copy()
    data = QMimeData()
    data.setImageData(picture)
    text = strict_json.dumps([_plain(cell) for cell in cells])
    data.setData(_CELLS, QByteArray(text.encode()))
    QGuiApplication.clipboard().setMimeData(data)


def from_clipboard(side: int) -> list[Cell] | Pictures:
    """What can be pasted: cells of ours, or another program's picture.

    A picture that fits is one cell; a larger one is given as it is, to be cut.

    Raises
    ------
    SpriteLabError
        If there is neither, or the picture is larger than any that is opened.
    """
    data = QGuiApplication.clipboard().mimeData()
    if data is not None and data.hasFormat(_CELLS):
        try:
            found = strict_json.loads(bytes(data.data(_CELLS).data()))
            cells = [_cell(entry) for entry in found]
        except (ValueError, TypeError, KeyError, AttributeError):
            raise SpriteLabError(
                "The cells on the clipboard cannot be read; copy them again."
            ) from None
        if any(cell.side != side for cell in cells):
            raise SpriteLabError(
                f"The copied cells have {cells[0].side}×{cells[0].side} pixels, those here "
                f"{side}×{side}: copy them from a project of that size."
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
    """The one picture or palette file that was copied or is dragged, or None."""
    urls = [] if data is None else data.urls()
    path = Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
    return path if path is not None and path.suffix.lower() in suffixes else None


def file_on_clipboard() -> Path | None:
    """The picture file that was copied in a file manager, or None."""
    data = QGuiApplication.clipboard().mimeData()
    # Some programs offer a picture and the file it came from: then the picture is meant.
    return None if data is None or data.hasImage() else drawing_file(data, PICTURE_SUFFIXES)


def _picture(image: QImage, side: int) -> list[Cell] | Pictures:
    width, height = image.width(), image.height()
    # A photograph is refused by its size, before its pixels are copied.
    if width * height > MOST_PIXELS:
        raise SpriteLabError(
            f"The copied picture is {width}×{height} pixels, but at most "
            f"{MOST_PIXELS / 1e6:.0f} million pixels can be pasted; crop or shrink it."
        )
    pictures = Pictures("Copied picture", from_qimage(image)[None])
    if not fits(pictures, side):
        return pictures
    return [Cell(fit_picture(pictures.frames[0], side))]


class _Entry(TypedDict):
    """A cell as JSON; bytes in base64."""

    pixels: str
    conditions: dict[str, object]
    mask: str | None
    duration_ms: int
    made_by: dict[str, object] | None


def _plain(cell: Cell) -> _Entry:
    mask = cell.redraw_strength
    return {
        "pixels": base64.b64encode(cell.pixels).decode("ascii"),
        "conditions": cell.conditions.to_json(),
        "mask": None if mask is None else base64.b64encode(mask).decode("ascii"),
        "duration_ms": cell.duration_ms,
        "made_by": None if cell.made_by is None else cell.made_by.to_json(),
    }


def _cell(entry: _Entry) -> Cell:
    """The inverse; ValueError, TypeError or KeyError where it is not such an entry."""
    mask, made_by = entry["mask"], entry["made_by"]
    return Cell(
        base64.b64decode(entry["pixels"], validate=True),
        Conditions.from_json(entry["conditions"]),
        None if mask is None else base64.b64decode(mask, validate=True),
        int(entry["duration_ms"]),
        None if made_by is None else SampleConfig.from_json(made_by),
    )
