"""A strict reader for Aseprite files, written from docs/ase-file-specs.md of its repository alone.

It shares no code with ``sprite_lab.formats.aseprite``, knows the chunks that Sprite Lab writes, and
refuses all others: every byte is accounted for, and those that the format reserves are zero.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass
class Layer:
    """A layer as the file describes it."""

    name: str
    visible: bool
    editable: bool
    opacity: int
    note: str = ""  #: its user data


@dataclass
class Cel:
    """The picture of a layer in a frame."""

    x: int
    y: int
    opacity: int
    rgba: NDArray[np.uint8]  #: (h, w, 4)


@dataclass
class Sprite:
    """Everything in a file."""

    width: int
    height: int
    durations_ms: list[int] = field(default_factory=list)
    layers: list[Layer] = field(default_factory=list)
    tags: list[tuple[str, int, int, int]] = field(default_factory=list)  #: first, last, direction
    palette: list[tuple[int, ...]] = field(default_factory=list)
    cels: dict[tuple[int, int], Cel] = field(default_factory=dict)  #: by frame and layer

    def layer_in(self, frame: int, layer: int) -> NDArray[np.uint8]:
        """The pixels of a layer in a frame (H, W, 4), without its opacity."""
        canvas = np.zeros((self.height, self.width, 4), np.uint8)
        cel = self.cels.get((frame, layer))
        if cel is not None:
            height, width = cel.rgba.shape[:2]
            canvas[cel.y : cel.y + height, cel.x : cel.x + width] = cel.rgba
        return canvas


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, layout: str) -> tuple[int, ...]:
        found = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return found

    def zeros(self, count: int) -> None:
        assert self.bytes(count) == bytes(count), "reserved bytes are zero"

    def bytes(self, count: int) -> bytes:
        found = self.data[self.at : self.at + count]
        assert len(found) == count, "the file ends too early"
        self.at += count
        return found

    def text(self) -> str:
        return self.bytes(*self.take("H")).decode("utf-8")

    def end(self) -> None:
        assert self.at == len(self.data), f"{len(self.data) - self.at} bytes too many"


def read(data: bytes) -> Sprite:
    """The content of a file; AssertionError where it departs from the format."""
    file = _Bytes(data)
    size, magic, frames, width, height, depth, flags, speed = file.take("IHHHHHIH")
    assert (size, magic) == (len(data), 0xA5E0)
    assert depth == 32, "RGBA"
    assert flags == 1, "the opacity of layers counts"
    assert frames > 0
    assert speed > 0
    file.zeros(8)
    clear, *rest = file.take("B3x")
    assert (clear, rest) == (0, []), "only indexed sprites have a transparent index"
    colors, *ratio = file.take("HBB")
    assert ratio == [1, 1], "square pixels"
    assert file.take("hhHH") == (0, 0, width, height), "the grid"
    file.zeros(84)
    sprite = Sprite(width, height)
    for number in range(frames):
        start = file.at
        length, magic, before, duration = file.take("IHHH")
        assert magic == 0xF1FA
        assert duration > 0
        file.zeros(2)
        (count,) = file.take("I")
        assert before == min(count, 0xFFFF), "the old field holds as much as it can"
        sprite.durations_ms.append(duration)
        last = 0
        for _ in range(count):
            of_chunk, kind = file.take("IH")
            _chunk(sprite, number, kind, last, _Bytes(file.bytes(of_chunk - 6)))
            last = kind
        assert file.at == start + length
    file.end()
    assert colors == len(sprite.palette)
    return sprite


def _chunk(sprite: Sprite, frame: int, kind: int, last: int, chunk: _Bytes) -> None:
    if kind == 0x2005:
        _cel(sprite, frame, chunk)
    else:
        assert frame == 0, "the first frame describes the sprite"
        assert not sprite.cels, "and does so before its cels"
        if kind == 0x2004:
            flags, what, level, _, _, blend, opacity = chunk.take("HHHHHHB")
            assert (what, level, blend) == (0, 0, 0), "pictures, in no group, blended normally"
            assert flags <= 3
            chunk.zeros(3)
            name = chunk.text()
            sprite.layers.append(Layer(name, bool(flags & 1), bool(flags & 2), opacity))
        elif kind == 0x2007:
            assert chunk.take("HHI") == (1, 0, 0), "sRGB"
            chunk.zeros(8)
        elif kind == 0x2018:
            (count,) = chunk.take("H")
            chunk.zeros(8)
            for _ in range(count):
                first, end, way, repeat = chunk.take("HHBH")
                chunk.zeros(6)
                chunk.take("3B")  # the color, which newer files have elsewhere
                chunk.zeros(1)
                assert first <= end
                assert way <= 3
                assert repeat == 0, "forever"
                sprite.tags.append((chunk.text(), first, end, way))
        elif kind == 0x2019:
            size, first, end = chunk.take("III")
            assert (first, end) == (0, size - 1)
            chunk.zeros(8)
            for _ in range(size):
                named, *color = chunk.take("H4B")
                assert named == 0
                sprite.palette.append(tuple(color))
        elif kind == 0x2020:
            assert last == 0x2004, "it belongs to the chunk before"
            assert chunk.take("I") == (1,), "text alone"
            sprite.layers[-1].note = chunk.text()
        else:
            raise AssertionError(f"an unknown chunk {kind:#x}")
    chunk.end()


def _cel(sprite: Sprite, frame: int, chunk: _Bytes) -> None:
    layer, x, y, opacity, kind, z = chunk.take("HhhBHh")
    assert kind == 2, "compressed"
    assert z == 0
    chunk.zeros(5)
    width, height = chunk.take("HH")
    assert layer < len(sprite.layers)
    assert (frame, layer) not in sprite.cels, "one cel for each layer"
    assert 0 <= x < x + width <= sprite.width
    assert 0 <= y < y + height <= sprite.height
    inflate = zlib.decompressobj()
    pixels = inflate.decompress(chunk.bytes(len(chunk.data) - chunk.at))
    assert inflate.eof
    assert not inflate.unused_data
    rgba = np.frombuffer(pixels, np.uint8).reshape(height, width, 4)
    sprite.cels[frame, layer] = Cel(x, y, opacity, rgba)
