"""Marks of Live and the judge over the pixels of a drawing; each is smaller than its pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from sprite_lab.ui.theme import Theme
from sprite_lab.ui.widgets.canvas.canvas_stage import Layer
from sprite_lab.ui.widgets.plots.color_map import viridis
from sprite_lab.ui.widgets.plots.pixel_map import round_up
from sprite_lab.ui.widgets.sprites.pixel_paint import to_qimage

#: Parts of a pixel in each direction, and parts left free on each side of a tile.
_PARTS, _RIM = 8, 1
#: Parts of a pixel in each direction for marks, and side of the largest mark, in parts, without its
#: rim.
_MARK_PARTS, _LARGEST_MARK = 12, 8


class GhostTiles:
    """A ghost as tiles over the canvas, one for each pixel that it would change.

    Pixels drawn since have no tile. If the ghost would empty a pixel, its tile shows the
    checkerboard.
    """

    def __init__(self, ghost: NDArray[np.uint8], asked: NDArray[np.uint8], theme: Theme) -> None:
        """``ghost``: the suggestion. ``asked``: the drawing it is for. Both uint8 (H, W, 4)."""
        self._ghost, self._asked = ghost, asked
        height, width = ghost.shape[:2]
        self._tiles = np.zeros((height, _PARTS, width, _PARTS, 4), np.uint8)
        painted = ghost.astype(np.uint16)
        rows, columns = np.indices((height, width))
        for color, parity in ((theme.checker_a, 0), (theme.checker_b, 1)):
            painted[(ghost[..., 3] == 0) & ((rows + columns) % 2 == parity)] = _rgba(color)
        alpha = painted[..., 3:]
        # Premultiplied and blue first, the format that Qt paints fastest.
        self._painted = np.concatenate([painted[..., 2::-1] * alpha // 255, alpha], axis=2)
        self._shown = np.zeros((height, width), bool)
        # Qt reads these bytes each time it paints, so a tile can be removed in place.
        self.image = QImage(
            self._tiles.data,
            width * _PARTS,
            height * _PARTS,
            4 * width * _PARTS,
            QImage.Format.Format_ARGB32_Premultiplied,
        )

    def show_over(self, drawing: NDArray[np.uint8]) -> None:
        """Show tiles over ``drawing``, uint8 (H, W, 4), except over pixels drawn since."""
        alike = (self._ghost == drawing).all(axis=2)
        alike |= (self._ghost[..., 3] == 0) & (drawing[..., 3] == 0)
        newer = (drawing != self._asked).any(axis=2)
        wanted = ~(alike | newer)
        if not np.array_equal(wanted, self._shown):
            self._shown = wanted
            colors = (self._painted * wanted[..., None]).astype(np.uint8)
            inner = slice(_RIM, _PARTS - _RIM)
            self._tiles[:, inner, :, inner] = colors[:, None, :, None]

    @property
    def count(self) -> int:
        """Number of tiles: pixels that the ghost would change."""
        return int(self._shown.sum())

    def layer(self, opacity: float) -> Layer:
        return Layer(self.image, opacity, over=True, scale=1 / _PARTS)


def _rgba(name: str) -> tuple[int, int, int, int]:
    color = QColor(name)
    return color.red(), color.green(), color.blue(), 255


def blended(
    drawing: NDArray[np.uint8], ghost: NDArray[np.uint8], opacity: float
) -> NDArray[np.uint8]:
    """Drawings blended with their ghosts, uint8 (..., 4) each; ``opacity`` of the ghosts: 0..1."""
    a, b = drawing.astype(np.float32), ghost.astype(np.float32)
    alpha = (1 - opacity) * a[..., 3:] + opacity * b[..., 3:]
    rgb = (1 - opacity) * a[..., :3] * a[..., 3:] + opacity * b[..., :3] * b[..., 3:]
    rgb = rgb / np.maximum(alpha, 1)
    return np.rint(np.concatenate([rgb, alpha], axis=-1)).astype(np.uint8)


def marks(pixels: NDArray[np.float32]) -> Layer:
    """Squares on pixels, larger and brighter for more bits; ``pixels``: bits, float32 (H, W)."""
    height, width = pixels.shape
    share = pixels / round_up(float(pixels.max()))
    colors = viridis(share)
    image = np.zeros((height, _MARK_PARTS, width, _MARK_PARTS, 4), np.uint8)
    for row in range(height):
        for column in range(width):
            # The area, not the side, is proportional to the bits.
            side = round(_LARGEST_MARK * float(np.sqrt(share[row, column])))
            if side < 2:
                continue
            low = (_MARK_PARTS - side) // 2
            high = low + side
            image[row, low - 1 : high + 1, column, low - 1 : high + 1] = (0, 0, 0, 150)
            image[row, low:high, column, low:high, :3] = colors[row, column]
            image[row, low:high, column, low:high, 3] = 255
    flat = image.reshape(height * _MARK_PARTS, width * _MARK_PARTS, 4)
    return Layer(to_qimage(flat), over=True, scale=1 / _MARK_PARTS)
