"""Pixels of a selection by way of the system's clipboard."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QMimeData
from PySide6.QtGui import QGuiApplication, QImage

from sprite_lab.core import strict_json
from sprite_lab.core.cells import MOST_SIDE
from sprite_lab.ui.workspaces.draw.clipboard import from_qimage

#: Beside the picture, which other programs take: where in its cell it was.
_PLACE = "application/x-sprite-lab-place+json"


def put(rgba: NDArray[np.uint8], left: int, top: int) -> None:
    """Copy pixels, uint8 (H, W, 4), and where in their cell they were."""
    height, width = rgba.shape[:2]
    bits = np.ascontiguousarray(rgba)
    picture = QImage(bits.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
    data = QMimeData()
    data.setImageData(picture)
    data.setData(_PLACE, QByteArray(strict_json.dumps([left, top]).encode()))
    QGuiApplication.clipboard().setMimeData(data)


def get() -> tuple[NDArray[np.uint8], int, int] | None:
    """The pixels that :func:`put` copied, and their left and top; None = there are none."""
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
