"""Reads a still picture as a reference to trace: upright, and no larger than useful."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from sprite_lab.core.pixels.reference import LONGEST_SIDE, ReferencePicture, fitted
from sprite_lab.formats.images.png import FORMATS, LARGEST_FILE, encode_png, opened, to_rgba
from sprite_lab.formats.reading import check_file, reading
from sprite_lab.words import tr

#: Maximum number of pixels: photographs are far larger than pictures to draw on.
_MOST_PIXELS = 64_000_000


def read_reference(path: str | Path, side: int) -> ReferencePicture:
    """The picture, fitted into a cell of ``side`` pixels.

    Raises FileError if it is over the limits, damaged, or in an unsupported format.
    """
    path = Path(path)
    with reading(path, tr("an image ({formats})", formats=", ".join(FORMATS))):
        check_file(path, LARGEST_FILE)
        with (
            path.open("rb") as file,
            opened(file, path.name, FORMATS, _MOST_PIXELS) as image,
        ):
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # decode a JPEG no larger than needed
            upright = Image.fromarray(np.ascontiguousarray(to_rgba(image)))
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return fitted(encode_png(np.asarray(upright)), upright.width, upright.height, side)
