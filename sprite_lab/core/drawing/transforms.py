"""Transforms of whole cells (flip, turn, shift, resize), and pictures fitted into cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels.cells import Cell

Transform = Literal[
    "flip_horizontal",
    "flip_vertical",
    "turn_left",
    "turn_right",
    "shift_left",
    "shift_right",
    "shift_up",
    "shift_down",
]


_TRANSFORMS: dict[str, Callable[[AnyArray], AnyArray]] = {
    "flip_horizontal": lambda a: a[:, ::-1],
    "flip_vertical": lambda a: a[::-1],
    "turn_left": lambda a: np.rot90(a, 1),
    "turn_right": lambda a: np.rot90(a, -1),
    "shift_left": lambda a: np.roll(a, -1, axis=1),
    "shift_right": lambda a: np.roll(a, 1, axis=1),
    "shift_up": lambda a: np.roll(a, -1, axis=0),
    "shift_down": lambda a: np.roll(a, 1, axis=0),
}


def turned(array: AnyArray, how: Transform) -> AnyArray:
    """An array (side, side, ...) flipped, turned, or shifted with wrap-around."""
    return _TRANSFORMS[how](array)


def transformed(cell: Cell, how: Transform) -> Cell:
    """The cell with its pixels and mask flipped, turned, or shifted with wrap-around."""
    mask = np.ascontiguousarray(turned(cell.redraw, how)).tobytes()
    pixels = np.ascontiguousarray(turned(cell.rgba, how)).tobytes()
    after = replace(cell, pixels=pixels, redraw_strength=mask)
    return cell if after == cell else replace(after, made_by=None)


def of_side(cell: Cell, side: int) -> Cell:
    """The cell resized to ``side`` pixels: cropped, or padded with empty ones, on all sides."""
    if side == cell.side:
        return cell
    old, start = cell.side, abs(side - cell.side) // 2
    pixels, mask = np.zeros((side, side, 4), np.uint8), np.full((side, side), 255, np.uint8)
    if side > old:
        inner = slice(start, start + old)
        pixels[inner, inner], mask[inner, inner] = cell.rgba, cell.redraw
    else:
        inner = slice(start, start + side)
        pixels[:], mask[:] = cell.rgba[inner, inner], cell.redraw[inner, inner]
    return replace(cell, pixels=pixels.tobytes(), redraw_strength=mask.tobytes(), made_by=None)


def too_large(size: tuple[int, int], side: int) -> ConfigError:
    """The error for a picture of a (height, width) that no cell holds."""
    return ConfigError(
        "The picture is {width}×{height} pixels, but a cell holds {side}×{side}; "
        "shrink or crop it first.",
        width=size[1],
        height=size[0],
        side=side,
    )


def fit_picture(rgba: NDArray[np.uint8], side: int) -> bytes:
    """The pixels of a picture, uint8 (H, W, 4), as those of a cell, centered if it is smaller.

    Raises ConfigError if it is larger than a cell, or has no pixels.
    """
    height, width = rgba.shape[:2]
    if height > side or width > side:
        raise too_large((height, width), side)
    if height == 0 or width == 0:
        raise ConfigError("The picture has no pixels; choose another.")
    result = np.zeros((side, side, 4), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    result[top : top + height, left : left + width] = rgba
    return result.tobytes()
