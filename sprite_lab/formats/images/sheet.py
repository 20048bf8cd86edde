"""Sprite sheets: many sprites in one picture, in rows, at an integer scale."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import ConfigError

#: Maximum number of pixels in a sheet: 8,000 a side. Larger pictures take gigabytes to make, and
#: Pillow mistakes them for attacks.
MOST_PIXELS = 64_000_000


def enlarge(image: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """uint8 (H, W, C) to (H * scale, W * scale, C), nearest neighbor."""
    if scale < 1:
        raise ConfigError(
            "The scale is {scale}, but must be a whole number of 1 or more.", scale=scale
        )
    height, width = image.shape[0] * scale, image.shape[1] * scale
    if height * width > MOST_PIXELS:
        raise ConfigError(
            "The picture would be {width}×{height} pixels; choose a smaller scale or "
            "fewer sprites.",
            width=width,
            height=height,
        )
    if scale == 1:
        return image
    return image.repeat(scale, axis=0).repeat(scale, axis=1)


def default_columns(count: int) -> int:
    """Number of columns that makes a sheet of ``count`` sprites about square, or wider."""
    return max(1, math.ceil(math.sqrt(count)))


def make_sheet(
    images: NDArray[np.uint8],
    *,
    columns: int | None = None,
    scale: int = 1,
    gap: int = 0,
) -> NDArray[np.uint8]:
    """Lay sprites out in rows, left to right.

    Parameters
    ----------
    images : uint8 (N, h, w, C), C = 3 or 4.
    columns : sprites in a row; None = about as many as rows.
    scale : size of a sprite's pixel on the sheet; gaps are scaled with it.
    gap : sprite pixels between neighbors, none around the sheet.

    Returns
    -------
    uint8 (rows * (h + gap) - gap, columns * (w + gap) - gap, C), each side times ``scale``. Gaps
    and cells without a sprite are white, or transparent if C is 4.
    """
    count, height, width, channels = images.shape
    columns = default_columns(count) if columns is None else columns
    if columns < 1:
        raise ConfigError(
            "A sheet of {columns} columns cannot be made; use 1 or more.", columns=columns
        )
    if gap < 0:
        raise ConfigError("The gap is {gap} pixels, but must not be negative.", gap=gap)
    rows = max(1, math.ceil(count / columns))
    shape = (rows, height + gap, columns, width + gap, channels)
    cells = np.full(shape, 255 if channels == 3 else 0, np.uint8)
    for i, image in enumerate(images):
        cells[i // columns, :height, i % columns, :width] = image
    sheet = cells.reshape(rows * (height + gap), columns * (width + gap), channels)
    return enlarge(sheet[: len(sheet) - gap, : sheet.shape[1] - gap], scale)
