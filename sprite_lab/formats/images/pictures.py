"""Reading picture files to draw on: stills, animations, Aseprite files."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ImageSequence

from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.names import name_of
from sprite_lab.core.pixels.pictures import MOST_PIXELS, Pictures
from sprite_lab.formats.aseprite.aseprite import SUFFIXES, read_aseprite
from sprite_lab.formats.aseprite.aseprite_file import MOST_PIXELS_IN_ALL, AsepriteFile
from sprite_lab.formats.images.png import FORMATS, LARGEST_FILE, opened, to_rgba
from sprite_lab.formats.reading import check_file, reading

#: Maximum side of a picture, in pixels; sheets are rarely larger.
LONGEST_SIDE = 16_384

#: Maximum number of frames in an animation.
MOST_FRAMES = 2000


def read_pictures(path: str | Path) -> Pictures:
    """Read all frames of a picture file, RGBA.

    Raises FileError if it is over the limits, damaged, or in an unsupported format.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        found = read_aseprite(path, layered=True)
        return Pictures(
            path.stem,
            found.frames,
            found.durations_ms if len(found.frames) > 1 else (),
            found.palette,
            tuple(layer.name for layer in found.layers),
            found.notes,
            _tags_of(found) if len(found.frames) > 1 else (),
            found.stacks,
        )
    kind = "a GIF picture" if suffix == ".gif" else f"an image ({', '.join(FORMATS)})"
    with reading(path, kind):
        check_file(path, LARGEST_FILE)
        with path.open("rb") as file:
            return decode_pictures(file, path.name, path.stem)


def _tags_of(file: AsepriteFile) -> tuple[tuple[str, ...], ...]:
    """The tags of each frame; () if there are none."""
    names = [(tag, name_of(tag.name)) for tag in file.tags]
    return tuple(
        tuple(dict.fromkeys(name for tag, name in names if name and tag.first <= i <= tag.last))
        for i in range(len(file.frames) if any(name for _, name in names) else 0)
    )


def decode_pictures(
    file: BinaryIO, name: str, title: str, most_pixels: int = MOST_PIXELS
) -> Pictures:
    """Read all frames of an open picture file with Pillow: GIF, PNG and WebP may be animated.

    Call it within :func:`~sprite_lab.formats.reading.reading`, as damaged files may raise any
    exception.

    Raises FileError if it is over the limits.

    ``name``: name of the file in errors. ``most_pixels``: maximum number of pixels in a frame.
    """
    with opened(file, name, FORMATS, most_pixels) as image:
        pixels = image.width * image.height
        if max(image.size) > LONGEST_SIDE:
            raise FileError(
                "'{name}' is {width}×{height} pixels, but a side may have at most "
                "{longest_side:,}; crop it.",
                name=name,
                width=image.width,
                height=image.height,
                longest_side=LONGEST_SIDE,
            )
        frames: list[NDArray[np.uint8]] = []
        durations: list[int] = []
        for frame in ImageSequence.Iterator(image):
            if frames and (
                (len(frames) + 1) * pixels > MOST_PIXELS_IN_ALL or len(frames) == MOST_FRAMES
            ):
                raise FileError(
                    "'{name}' has over {count} frames, more than {most_frames} or than "
                    "{most_pixels_in_all:.0f} million pixels in all; use fewer or smaller "
                    "ones.",
                    name=name,
                    count=len(frames),
                    most_frames=MOST_FRAMES,
                    most_pixels_in_all=MOST_PIXELS_IN_ALL / 1e6,
                )
            frames.append(to_rgba(frame))
            durations.append(int(frame.info.get("duration") or 100))
    return Pictures(title, np.stack(frames), tuple(durations) if len(frames) > 1 else ())
