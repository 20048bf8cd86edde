"""The reference picture under a project's canvas, for tracing."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sprite_lab.core.errors import ConfigError

#: Longest side of a stored reference picture, in its own pixels.
LONGEST_SIDE = 1024


@dataclass(frozen=True)
class ReferencePicture:
    """A reference picture and its placement.

    Raises ConfigError if a number is out of range.
    """

    png: bytes  #: the picture as a PNG file
    #: position of its corner, in pixels of the cell
    left: float = 0.0
    top: float = 0.0
    scale: float = 1.0  #: size of a picture pixel, in pixels of the cell; above 0
    opacity: float = 0.5  #: 0 to 1

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.left, self.top, self.scale, self.opacity))):
            raise ConfigError("The placement of a reference picture must be finite numbers.")
        if self.scale <= 0 or not 0 <= self.opacity <= 1:
            raise ConfigError(
                "A reference picture must have a scale above 0 and an opacity of 0 to 1."
            )


def fitted(png: bytes, width: int, height: int, side: int) -> ReferencePicture:
    """A picture of ``width`` × ``height`` pixels, centered in a cell and as large as fits."""
    scale = side / max(width, height)
    return ReferencePicture(png, (side - width * scale) / 2, (side - height * scale) / 2, scale)
