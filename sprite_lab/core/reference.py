"""The picture that lies under the canvas of a project, to draw after."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sprite_lab.core.errors import ConfigError

#: The longest side that a reference picture is kept at, in its own pixels.
LONGEST_SIDE = 1024


@dataclass(frozen=True)
class ReferencePicture:
    """A picture and how it lies.

    Parameters
    ----------
    png : the picture as a PNG file.
    left, top : of its corner, in pixels of the cell.
    scale : how large each of its pixels is, in pixels of the cell; above 0.
    opacity : 0 to 1.

    Raises
    ------
    ConfigError
        If a number is outside of its range.
    """

    png: bytes
    left: float = 0.0
    top: float = 0.0
    scale: float = 1.0
    opacity: float = 0.5

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.left, self.top, self.scale, self.opacity))):
            raise ConfigError("Where a reference picture lies is told in finite numbers.")
        if self.scale <= 0 or not 0 <= self.opacity <= 1:
            raise ConfigError("A reference picture has a scale above 0 and an opacity of 0 to 1.")


def fitted(png: bytes, width: int, height: int, side: int) -> ReferencePicture:
    """A picture of that size in the middle of a cell, as large as the cell allows."""
    scale = side / max(width, height)
    return ReferencePicture(png, (side - width * scale) / 2, (side - height * scale) / 2, scale)
