"""Sprite sheets for games: padding, extrusion, powers of two."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SpriteFilesConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.formats.images.sheet import MOST_PIXELS, default_columns, enlarge


@dataclass(frozen=True)
class Atlas:
    """The layout of a sheet: a grid of equal cells."""

    size: tuple[int, int]  #: width and height of the sheet in pixels
    frame: tuple[int, int]  #: width and height of a sprite on it
    #: pixels before the first sprite, and between neighbors
    margin: int
    gap: int
    corners: tuple[tuple[int, int], ...]  #: left and top of each sprite

    @staticmethod
    def lay_out(
        count: int, sprite: tuple[int, int], config: SpriteFilesConfig, columns: int = 0
    ) -> Atlas:
        """Lay sprites out in rows, from left to right.

        Raises ConfigError if the sheet would be too large.

        ``sprite``: height and width of a sprite in its own pixels. ``columns``: used if ``config``
        sets none; 0 = about as many as rows.
        """
        height, width = sprite[0] * config.scale, sprite[1] * config.scale
        columns = min(config.columns or columns or default_columns(count), count)
        rows = math.ceil(count / columns)
        margin, gap = config.padding + config.extrusion, config.padding + 2 * config.extrusion
        across, down = width + gap, height + gap
        size = columns * across + config.padding, rows * down + config.padding
        if config.power_of_two:
            size = _power_of_two(size[0]), _power_of_two(size[1])
        if size[0] * size[1] > MOST_PIXELS:
            raise ConfigError(
                "The sheet would be {width}×{height} pixels; choose a smaller scale or fewer "
                "sprites.",
                width=size[0],
                height=size[1],
            )
        corners = tuple(
            (margin + i % columns * across, margin + i // columns * down) for i in range(count)
        )
        return Atlas(size, (width, height), margin, gap, corners)

    @property
    def counts(self) -> tuple[int, int]:
        """Numbers of whole columns and rows, derived from the picture size, as in editors."""
        columns, rows = (
            (length - self.margin + self.gap) // (side + self.gap)
            for length, side in zip(self.size, self.frame, strict=True)
        )
        return columns, rows

    @property
    def places(self) -> list[tuple[int, int]]:
        """Column and row of each sprite, from 0."""
        width, height = self.frame
        return [
            ((left - self.margin) // (width + self.gap), (top - self.margin) // (height + self.gap))
            for left, top in self.corners
        ]

    @property
    def numbers(self) -> list[int]:
        """Number of each sprite's cell, counted row by row from 0."""
        columns = self.counts[0]
        return [row * columns + column for column, row in self.places]

    def draw(self, sprites: NDArray[np.uint8], config: SpriteFilesConfig) -> NDArray[np.uint8]:
        """The sheet, uint8 (H, W, 4), of sprites uint8 (N, h, w, 4)."""
        sheet = np.zeros((self.size[1], self.size[0], 4), np.uint8)
        out = config.extrusion
        for sprite, (left, top) in zip(sprites, self.corners, strict=True):
            image = np.pad(enlarge(sprite, config.scale), ((out, out), (out, out), (0, 0)), "edge")
            height, width = image.shape[:2]
            sheet[top - out : top - out + height, left - out : left - out + width] = image
        return sheet


def _power_of_two(length: int) -> int:
    return 1 << max(0, length - 1).bit_length()
