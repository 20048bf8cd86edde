"""Decodes the bytes of pictures in any supported format into frames."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import FileError
from sprite_lab.formats.aseprite.aseprite import decode_aseprite
from sprite_lab.formats.aseprite.aseprite_file import FILE_MAGIC
from sprite_lab.formats.images.pictures import LONGEST_SIDE, decode_pictures
from sprite_lab.formats.images.png import FORMATS
from sprite_lab.formats.reading import reading
from sprite_lab.words import tr

#: Maximum number of pixels of a sheet: 4,096 by 4,096.
MOST_SHEET_PIXELS = 4096 * 4096


@dataclass(frozen=True, eq=False)
class Decoded:
    """The frames of a picture."""

    kind: Literal["picture", "animation", "aseprite"]
    frames: NDArray[np.uint8]  #: uint8 (F, H, W, 4)
    #: the tag of each frame, "" if it has none; () = there are no tags
    tags: tuple[str, ...] = ()
    #: sentences on what looks different in the program that made the picture
    notes: tuple[str, ...] = ()
    lossy: bool = False  #: whether its colors are inexact


def is_picture(head: bytes) -> bool:
    """Whether a file that starts with these (16 or more) bytes is a supported picture."""
    return (
        head.startswith((b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"\xff\xd8\xff"))
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or _is_aseprite(head)
    )


def decode(data: bytes, name: str) -> Decoded:
    """The frames of a picture.

    Raises FileError if it is damaged, over the limits, or in an unsupported format.
    """
    if _is_aseprite(data):
        with reading(name, tr("an Aseprite file")):
            file = decode_aseprite(data, name)
            if max(file.frames.shape[1:3]) > LONGEST_SIDE:
                raise FileError(
                    "'{name}' has a side of over {longest_side:,} pixels; crop it.",
                    name=name,
                    longest_side=LONGEST_SIDE,
                )
        tags = [""] * len(file.frames)
        for tag in file.tags:
            for frame in range(tag.first, min(tag.last + 1, len(tags))):
                tags[frame] = tags[frame] or tag.name
        return Decoded("aseprite", file.frames, tuple(tags) if any(tags) else (), file.notes)
    with reading(name, tr("an image ({formats})", formats=", ".join(FORMATS))):
        pictures = decode_pictures(io.BytesIO(data), name, name, MOST_SHEET_PIXELS)
    return Decoded(
        "animation" if len(pictures.frames) > 1 else "picture",
        pictures.frames,
        notes=pictures.notes,
        lossy=data.startswith(b"\xff\xd8"),
    )


def _is_aseprite(head: bytes) -> bool:
    return head[4:6] == FILE_MAGIC.to_bytes(2, "little")
