"""Aseprite's .ase and .aseprite: read composited or layer by layer, written with layers.

Follows the format's public description (docs/ase-file-specs.md of the Aseprite repository): a
header, then frames, each a list of chunks; all numbers little-endian.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection, Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.drawing import box
from sprite_lab.core.errors import FileError
from sprite_lab.core.frame_tags import Tag
from sprite_lab.core.pixels.cells import Color
from sprite_lab.core.pixels.layers import Layer, layer_name
from sprite_lab.formats.aseprite.aseprite_file import (
    CEL,
    DIRECTIONS,
    FILE_MAGIC,
    FRAME_HEADER,
    FRAME_MAGIC,
    HEADER,
    LAYER,
    OF_MODEL,
    OPACITY_VALID,
    PALETTE,
    PROFILE,
    TAGS,
    USER_DATA,
    AsepriteFile,
)
from sprite_lab.formats.aseprite.aseprite_reader import Reader
from sprite_lab.formats.atomic import atomic_write
from sprite_lab.formats.images.png import LARGEST_FILE
from sprite_lab.formats.reading import check_file, reading

SUFFIXES = (".ase", ".aseprite")


def read_aseprite(path: str | Path, *, layered: bool = False) -> AsepriteFile:
    """Open a file; ``layered``: also read its single layers.

    Raises FileError if the file is damaged, over the limits, or of an unsupported kind.
    """
    path = Path(path)
    with reading(path, "an Aseprite file (.ase, .aseprite)"):
        check_file(path, LARGEST_FILE)
        return decode_aseprite(path.read_bytes(), path.name, layered=layered)


def decode_aseprite(data: bytes, name: str, *, layered: bool = False) -> AsepriteFile:
    """Like :func:`read_aseprite`, from bytes, which may be damaged: call it within ``reading``."""
    return Reader(data, name).file(layered=layered)


def lost_from(path: str | Path, layers: int, tags: Collection[str]) -> str:
    """See :meth:`.AsepriteFile.beyond`; also "" if the file cannot be read."""
    try:
        return read_aseprite(path).beyond(layers, tags)
    except FileError:
        return ""


def encode_aseprite(
    frames: NDArray[np.uint8],
    durations_ms: Sequence[int],
    palette: Sequence[Color],
    tags: Sequence[Tag],
    stacks: Sequence[Sequence[Layer]] = (),
) -> bytes:
    """Encode RGBA frames as a file; :func:`decode_aseprite` is the inverse.

    Parameters
    ----------
    frames : uint8 (F, H, W, 4). The color of empty pixels is not kept.
    durations_ms : one for each frame, 1 to 65535.
    palette : at most 256 colors.
    tags : named ranges of frames.
    stacks : the layers of each frame, the lowest first, with H * W pixels. The n-th layers of all
        frames form one layer of the file; the model's is marked in its user data. () = each frame
        is a single layer.
    """
    count, height, width = frames.shape[:3]
    levels = _levels(stacks or [[Layer(np.ascontiguousarray(f).tobytes())] for f in frames])
    marked = _of_model(stacks) if len(levels) > 1 else None
    body = []
    for number, duration in enumerate(durations_ms):
        chunks = []
        if number == 0:
            chunks.append(_chunk(PROFILE, struct.pack("<HHI8x", 1, 0, 0)))
            if palette:
                head = struct.pack("<III8x", len(palette), 0, len(palette) - 1)
                entries = b"".join(struct.pack("<H4B", 0, *color) for color in palette)
                chunks.append(_chunk(PALETTE, head + entries))
            for place, level in enumerate(levels):
                chunks.append(_chunk(LAYER, level.facts))
                if place == marked:
                    chunks.append(_chunk(USER_DATA, struct.pack("<I", 1) + _text(OF_MODEL)))
            if tags:
                chunks.append(_chunk(TAGS, _tags(tags)))
        for place, level in enumerate(levels):
            chunks += level.cel(place, number, height, width)
        data = b"".join(chunks)
        size = FRAME_HEADER.size + len(data)
        body.append(FRAME_HEADER.pack(size, FRAME_MAGIC, len(chunks), duration, len(chunks)) + data)
    frames_data = b"".join(body)
    header = HEADER.pack(
        HEADER.size + len(frames_data),
        FILE_MAGIC,
        count,
        width,
        height,
        32,
        OPACITY_VALID,
        durations_ms[0],
        0,
        0,
        0,
        len(palette),
        1,
        1,
        0,
        0,
        width,
        height,
    )
    return header + frames_data


def write_aseprite(
    path: str | Path,
    frames: NDArray[np.uint8],
    durations_ms: Sequence[int],
    palette: Sequence[Color] = (),
    tags: Sequence[Tag] = (),
    stacks: Sequence[Sequence[Layer]] = (),
) -> None:
    """Write :func:`encode_aseprite`; :func:`read_aseprite` is the inverse."""
    with atomic_write(path) as file:
        file.write(encode_aseprite(frames, durations_ms, palette, tags, stacks))


def _tags(tags: Sequence[Tag]) -> bytes:
    chunks = [struct.pack("<H8x", len(tags))]
    for tag in tags:
        way = DIRECTIONS.index(tag.direction)
        head = struct.pack("<HHBH6x3xx", tag.first, tag.last, way, 0)
        chunks.append(head + _text(tag.name))
    return b"".join(chunks)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<H", len(data)) + data


def _chunk(kind: int, data: bytes) -> bytes:
    return struct.pack("<IH", 6 + len(data), kind) + data


class _Level:
    """One layer of a file: its cels in all frames.

    ``frames``: the layer in each frame; None = the frame has fewer layers.
    """

    def __init__(self, place: int, frames: Sequence[Layer | None]) -> None:
        self._frames = frames
        there = [layer for layer in frames if layer is not None]
        shown = [layer for layer in there if layer.visible] or there
        opacities = {layer.opacity for layer in shown}
        self._visible = any(layer.visible for layer in there)
        # If frames differ in opacity, their cels carry it instead of the layer.
        self._opacity = opacities.pop() if len(opacities) == 1 else 255
        self._of_cels = bool(opacities)
        flags = int(self._visible) | 2 * (not any(layer.locked for layer in there))
        name = _text(layer_name(there[0], place))
        self.facts = struct.pack("<HHH4xHB3x", flags, 0, 0, 0, self._opacity) + name

    def cel(self, place: int, number: int, height: int, width: int) -> list[bytes]:
        """The drawn part of a frame as chunks; [] if it is empty."""
        layer = self._frames[number]
        if layer is None:
            return []
        frame = np.frombuffer(layer.pixels, np.uint8).reshape(height, width, 4)
        drawn = frame[..., 3] > 0
        if not drawn.any():
            return []
        opacity = layer.opacity if self._of_cels else 255
        if self._visible and not layer.visible:
            opacity = 0
        left, top, across, down = box(drawn)
        part = frame[top : top + down, left : left + across].copy()
        part[part[..., 3] == 0] = 0
        head = struct.pack("<HhhBHh5xHH", place, left, top, opacity, 2, 0, across, down)
        return [_chunk(CEL, head + zlib.compress(part.tobytes()))]


def _of_model(stacks: Sequence[Sequence[Layer]]) -> int | None:
    """The index of the layer that the model draws on in most frames; None = in none."""
    places = [n for stack in stacks for n, layer in enumerate(stack) if layer.generated]
    return max(sorted(set(places)), key=places.count, default=None)


def _levels(stacks: Sequence[Sequence[Layer]]) -> list[_Level]:
    places = zip_longest(*stacks)
    return [_Level(place, frames) for place, frames in enumerate(places)]
