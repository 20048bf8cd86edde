"""Icons that show how grids would cut a sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from sprite_lab.core.sets.imports import Grid
from sprite_lab.ui.theme import current_theme
from sprite_lab.ui.widgets.sprites.pixel_paint import (
    DevicePainter,
    checkerboard,
    fitting_scale,
    to_qimage,
)

#: Side of an icon and the room beside it, in logical pixels.
ICON_SIDE, _BESIDE = 64, 8

#: Number of the largest cells shown in each direction, if there is room.
_CELLS = 2


def cut_icons(sheet: NDArray[np.uint8], grids: Sequence[Grid], ratio: float) -> list[QIcon]:
    """The same part of a sheet, uint8 (H, W, 4), under each grid, so that they can be compared.

    ``ratio``: device pixels for each logical pixel.
    """
    rows, columns = (np.flatnonzero(sheet[..., 3].any(axis=axis)) for axis in (1, 0))
    start = np.array([each[0] if len(each) else 0 for each in (rows, columns)])
    side = _CELLS * max(max(grid.cell) + max(grid.spacing) for grid in grids)
    side = min(side, max(sheet.shape[:2]))
    start = np.maximum(np.minimum(start, np.array(sheet.shape[:2]) - side), 0)
    # Large cells are shown with fewer pixels rather than without lines.
    step = math.ceil(side / int(ICON_SIDE * ratio))
    part = sheet[start[0] : start[0] + side : step, start[1] : start[1] + side : step]
    icons = []
    for grid in grids:
        boxes = grid.boxes(*sheet.shape[:2])
        corners = np.stack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]]) - start[::-1]
        icons.append(_cut_icon(part, corners // step, ratio))
    return icons


def _cut_icon(part: NDArray[np.uint8], corners: NDArray[np.int64], ratio: float) -> QIcon:
    """A part of a sheet with the outlines of cells.

    ``corners``: the near and far corners x, y of the cells, int64 (2, N, 2).
    """
    theme = current_theme()
    height, width = part.shape[:2]
    scale = fitting_scale(ICON_SIDE, ICON_SIDE, width, height, ratio)
    picture = QPixmap(width * scale, height * scale)
    painter = QPainter(picture)
    painter.fillRect(picture.rect(), checkerboard(theme, 4))
    DevicePainter(painter).draw(to_qimage(part), 0, 0, scale)
    painter.setPen(QColor(theme.focus))
    shown = np.all((corners[0] < [width, height]) & (corners[1] > 0), axis=1)
    for (x, y), (right, below) in corners[:, shown].swapaxes(0, 1).tolist():
        painter.drawRect(x * scale, y * scale, (right - x) * scale, (below - y) * scale)
    painter.end()
    whole = QPixmap(QSize(ICON_SIDE + _BESIDE, ICON_SIDE) * ratio)
    whole.fill(Qt.GlobalColor.transparent)
    painter = QPainter(whole)
    side = whole.height()
    place = QPointF((side - picture.width()) // 2, (side - picture.height()) // 2)
    painter.drawPixmap(place, picture)
    painter.end()
    whole.setDevicePixelRatio(ratio)
    return QIcon(whole)
