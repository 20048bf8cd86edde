"""Any picture file that can be drawn on: stills, animated GIFs, Aseprite files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from sprite_lab.core.errors import FileError
from sprite_lab.core.pictures import MOST_PIXELS, Pictures
from sprite_lab.formats.aseprite import SUFFIXES, read_aseprite
from sprite_lab.formats.aseprite_file import MOST_PIXELS_IN_ALL
from sprite_lab.formats.png import LARGEST_FILE, read_image
from sprite_lab.formats.reading import check_file, reading


def read_pictures(path: str | Path) -> Pictures:
    """Everything in a picture file, RGBA.

    Raises
    ------
    FileError
        If it is over the limits, damaged, or in a format that is not read.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        file = read_aseprite(path)
        return Pictures(
            path.stem,
            file.frames,
            file.durations_ms if len(file.frames) > 1 else (),
            file.palette,
            tuple(layer.name for layer in file.layers),
            file.notes,
        )
    return _gif(path) if suffix == ".gif" else Pictures(path.stem, read_image(path)[None])


def _gif(path: Path) -> Pictures:
    with reading(path, "a GIF picture"):
        check_file(path, LARGEST_FILE)
        with Image.open(path, formats=("GIF",)) as image:
            pixels = image.width * image.height
            if pixels > MOST_PIXELS:
                raise FileError(
                    f"'{path.name}' is {image.width}x{image.height} pixels, but at most "
                    f"{MOST_PIXELS / 1e6:.0f} million pixels can be opened; crop or shrink it."
                )
            frames: list[NDArray[np.uint8]] = []
            durations: list[int] = []
            for frame in ImageSequence.Iterator(image):
                if (len(frames) + 1) * pixels > MOST_PIXELS_IN_ALL:
                    raise FileError(
                        f"'{path.name}' has over {len(frames)} frames, more than "
                        f"{MOST_PIXELS_IN_ALL / 1e6:.0f} million pixels; use fewer or smaller ones."
                    )
                frames.append(np.array(frame.convert("RGBA")))
                durations.append(int(frame.info.get("duration") or 100))
    return Pictures(path.stem, np.stack(frames), tuple(durations) if len(frames) > 1 else ())
