"""Walks through the chunks of an Aseprite file and composites its layers."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import FileError
from sprite_lab.core.frame_tags import Tag
from sprite_lab.core.pixels import layers as cell_layers
from sprite_lab.core.pixels.blending import MIXES, laid_over, scaled
from sprite_lab.core.pixels.names import name_of
from sprite_lab.core.pixels.palette import MOST_COLORS
from sprite_lab.core.pixels.pictures import MOST_PIXELS
from sprite_lab.formats.aseprite.aseprite_file import (
    CEL,
    DIRECTIONS,
    FILE_MAGIC,
    FRAME_HEADER,
    FRAME_MAGIC,
    GROUPS_COMPOSE,
    HEADER,
    LAYER,
    MOST_PIXELS_IN_ALL,
    OF_MODEL,
    OLD_PALETTE,
    OLDEST_PALETTE,
    OPACITY_VALID,
    PALETTE,
    SLICE,
    TAGS,
    USER_DATA,
    AsepriteFile,
    Layer,
)

#: Bytes per pixel by the color depth in bits.
_BYTES = {32: 4, 16: 2, 8: 1}

_BLEND_MODES = (
    "normal",
    "multiply",
    "screen",
    "overlay",
    "darken",
    "lighten",
    "color dodge",
    "color burn",
    "hard light",
    "soft light",
    "difference",
    "exclusion",
    "hue",
    "saturation",
    "color",
    "luminosity",
    "addition",
    "subtract",
    "divide",
)


class _Bytes:
    """Reads numbers and texts one after the other; struct.error beyond the end."""

    def __init__(self, data: memoryview) -> None:
        self.data, self.at = data, 0

    def take(self, layout: str) -> tuple[Any, ...]:
        kind = struct.Struct("<" + layout)
        values = kind.unpack_from(self.data, self.at)
        self.at += kind.size
        return values

    def text(self) -> str:
        (length,) = self.take("H")
        (raw,) = self.take(f"{length}s")
        return str(raw.decode("utf-8", "replace"))

    def rest(self) -> memoryview:
        return self.data[self.at :]


@dataclass
class _Cel:
    """The pixels of one layer in one frame, as stored: (h, w, bytes per pixel)."""

    x: int
    y: int
    opacity: int
    z: int
    pixels: NDArray[np.uint8]


@dataclass
class _Frame:
    duration_ms: int
    palette: NDArray[np.uint8]  # (256, 4), alpha 0 for no color
    cels: dict[int, _Cel] = field(default_factory=dict)


class Reader:
    """Reads one file."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data, self._name = memoryview(data), name
        self._layers: list[Layer] = []
        self._groups: list[bool] = []  # visibility of the groups that the next layer may be in
        self._frames: list[_Frame] = []
        self._tags: list[Tag] = []
        self._slices = 0
        self._notes: list[str] = []
        self._palette = np.zeros((MOST_COLORS, 4), np.uint8)
        self._size = 0  # of the first frame's palette
        self._unpacked = 0

    def file(self, *, layered: bool = False) -> AsepriteFile:
        """Read it; ``layered``: including its single layers."""
        frames = self._header()
        at = HEADER.size
        for _ in range(frames):
            at = self._frame(at)
        rendered = np.stack([self._render(frame) for frame in self._frames])
        return AsepriteFile(
            frames=rendered,
            durations_ms=tuple(frame.duration_ms for frame in self._frames),
            layers=tuple(self._layers),
            palette=tuple(
                (int(r), int(g), int(b), int(a))
                for r, g, b, a in self._frames[0].palette[: self._size]
            ),
            tags=tuple(self._tags),
            slices=self._slices,
            mode={32: "rgba", 16: "gray", 8: "indexed"}[self._depth],  # type: ignore[arg-type]
            notes=tuple(dict.fromkeys(self._notes)),
            stacks=tuple(map(self._stack, self._frames)) if layered else (),
        )

    def _header(self) -> int:
        """Read the header; returns the number of frames."""
        if len(self._data) < HEADER.size:
            raise FileError("'{name}' is too short to be an Aseprite file.", name=self._name)
        fields = HEADER.unpack_from(self._data)
        _, magic, frames, width, height, depth, flags, speed = fields[:8]
        if magic != FILE_MAGIC or depth not in _BYTES:
            raise FileError(
                "'{name}' is not an Aseprite file; choose another one.", name=self._name
            )
        self._width, self._height, self._depth, self._flags = width, height, depth, flags
        self._speed = speed or 100
        self._transparent = fields[10]
        if not (frames and width and height):
            raise FileError(
                "'{name}' has no frames or no pixels; choose another file.", name=self._name
            )
        if width * height > MOST_PIXELS or width * height * frames > MOST_PIXELS_IN_ALL:
            raise FileError(
                "'{name}' has {frames} frames of {width}×{height} pixels, but at most "
                "{most_pixels_in_all:.0f} million pixels can be opened; crop or shrink it.",
                name=self._name,
                frames=frames,
                width=width,
                height=height,
                most_pixels_in_all=MOST_PIXELS_IN_ALL / 1e6,
            )
        across, down = fields[12], fields[13]
        if across and down and across != down:
            self._notes.append(
                f"Its pixels are {across}:{down}, not square; here they are shown square."
            )
        return int(frames)

    def _frame(self, at: int) -> int:
        """Read the frame at a position; returns the position after it."""
        length, magic, old_count, duration, count = FRAME_HEADER.unpack_from(self._data, at)
        if magic != FRAME_MAGIC or at + length > len(self._data):
            raise FileError("'{name}' is damaged: one of its frames is cut short.", name=self._name)
        end = at + length
        chunks = []
        place = at + FRAME_HEADER.size
        for _ in range(count or old_count):
            if place >= end:
                break  # some programs count chunks that they do not write
            size, kind = struct.unpack_from("<IH", self._data, place)
            if size < 6 or place + size > end:
                raise FileError(
                    "'{name}' is damaged: one of its chunks is cut short.", name=self._name
                )
            chunks.append((kind, _Bytes(self._data[place + 6 : place + size])))
            place += size
        self._read_palettes(chunks)
        frame = _Frame(duration or self._speed, self._palette)
        self._frames.append(frame)
        before = None
        for kind, chunk in chunks:
            if kind == LAYER:
                self._layers.append(self._layer(chunk))
            elif kind == CEL:
                self._cel(chunk, frame)
            elif kind == TAGS:
                self._read_tags(chunk)
            elif kind == SLICE:
                self._slices += 1
            elif kind == USER_DATA and before == LAYER:
                self._layers[-1] = self._with_user_data(self._layers[-1], chunk)
            before = kind
        return end

    # -- palette, layers, tags ---------------------------------------------------------------

    def _read_palettes(self, chunks: list[tuple[int, _Bytes]]) -> None:
        kinds = [kind for kind, _ in chunks]
        for kind, chunk in chunks:
            if kind == PALETTE:
                self._take_palette(chunk)
            elif kind in (OLD_PALETTE, OLDEST_PALETTE) and PALETTE not in kinds:
                self._take_old_palette(chunk, 255 if kind == OLD_PALETTE else 63)

    def _take_palette(self, chunk: _Bytes) -> None:
        size, first, last = chunk.take("III8x")
        palette = self._palette.copy()
        for index in range(first, last + 1):
            flags, *rgba = chunk.take("HBBBB")
            if flags & 1:
                chunk.text()
            if index < MOST_COLORS:
                palette[index] = rgba
        self._set_palette(palette, min(size, MOST_COLORS))

    def _take_old_palette(self, chunk: _Bytes, brightest: int) -> None:
        (packets,) = chunk.take("H")
        palette, index, size = self._palette.copy(), 0, self._size
        for _ in range(packets):
            skip, count = chunk.take("BB")
            index += skip
            for _ in range(count or 256):
                rgb = chunk.take("BBB")
                if index < MOST_COLORS:
                    palette[index] = [min(255, v * 255 // brightest) for v in rgb] + [255]
                index += 1
            size = max(size, index)
        self._set_palette(palette, min(size, MOST_COLORS))

    def _set_palette(self, palette: NDArray[np.uint8], size: int) -> None:
        palette[size:] = 0
        self._palette = palette
        if not self._frames:
            self._size = size

    def _layer(self, chunk: _Bytes) -> Layer:
        flags, kind, depth, mode, opacity = chunk.take("HHH4xHB3x")
        name = chunk.text()
        visible = bool(flags & 1)
        # A layer belongs to the nearest group before it that is one level up.
        del self._groups[depth:]
        shown = visible and all(self._groups)
        self._groups.append(visible)
        composes = kind != 1 or self._flags & GROUPS_COMPOSE
        opacity = opacity if self._flags & OPACITY_VALID and composes else 255
        blend = _BLEND_MODES[mode] if composes and mode < len(_BLEND_MODES) else "normal"
        reference = bool(flags & 64)
        if shown and not reference:
            if blend != "normal" and blend not in MIXES:
                self._notes.append(f"The layer “{name}” mixes by {blend}; it is shown as normal.")
            if kind == 2:
                self._notes.append(f"The layer “{name}” is a tile map, which is left out.")
        return Layer(
            name=name,
            kind=("image", "group", "tilemap")[min(kind, 2)],
            visible=shown,
            locked=not flags & 2,
            opacity=opacity,
            blend=blend,
            depth=depth,
            is_background=bool(flags & 8),
            is_reference=reference,
        )

    @staticmethod
    def _with_user_data(layer: Layer, chunk: _Bytes) -> Layer:
        (flags,) = chunk.take("I")
        text = chunk.text() if flags & 1 else ""
        return replace(layer, of_model=OF_MODEL in text.split())

    def _read_tags(self, chunk: _Bytes) -> None:
        (count,) = chunk.take("H8x")
        for _ in range(count):
            first, last, way = chunk.take("HHB12x")
            self._tags.append(Tag(chunk.text(), first, last, DIRECTIONS[min(way, 3)]))

    # -- pixels --------------------------------------------------------------------------------

    def _cel(self, chunk: _Bytes, frame: _Frame) -> None:
        layer, x, y, opacity, kind, z = chunk.take("HhhBHh5x")
        if kind == 1:
            (other,) = chunk.take("H")
            linked = self._frames[other].cels.get(layer) if other < len(self._frames) else None
            if linked is not None:
                frame.cels[layer] = _Cel(x, y, opacity, z, linked.pixels)
        elif kind in (0, 2):
            width, height = chunk.take("HH")
            size = width * height * _BYTES[self._depth]
            self._unpacked += width * height
            if self._unpacked > 4 * MOST_PIXELS_IN_ALL:
                raise FileError(
                    "'{name}' unpacks to over {most_pixels_in_all:.0f} million "
                    "pixels; flatten or shrink it.",
                    name=self._name,
                    most_pixels_in_all=4 * MOST_PIXELS_IN_ALL / 1e6,
                )
            data = bytes(chunk.rest())
            if kind == 2:
                data = zlib.decompressobj().decompress(data, size)
            if len(data) < size:
                raise FileError(
                    "'{name}' is damaged: a picture in it is cut short.", name=self._name
                )
            pixels = np.frombuffer(data[:size], np.uint8).reshape(height, width, -1)
            frame.cels[layer] = _Cel(x, y, opacity, z, pixels)
        # Tile maps (3) have been noted with their layer.

    def _render(self, frame: _Frame) -> NDArray[np.uint8]:
        if self._flags & GROUPS_COMPOSE:
            picture = self._group(frame, range(len(self._layers)), 0)
        else:
            picture = self._empty()
            images = [i for i, layer in enumerate(self._layers) if layer.kind == "image"]
            for index in self._in_order(frame, images):
                picture = self._lay(picture, self._image(frame, index), index, frame)
        picture[picture[..., 3] == 0] = 0
        return picture

    def _stack(self, frame: _Frame) -> tuple[cell_layers.Layer, ...]:
        """The layers with pixels of a frame; groups and blend modes are ignored."""
        found = []
        for index, layer in enumerate(self._layers):
            if layer.kind != "image" or layer.is_reference:
                continue
            cel = frame.cels.get(index)
            found.append(
                cell_layers.Layer(
                    self._image(frame, index).tobytes(),
                    name_of(layer.name),
                    int(scaled(layer.opacity, 255 if cel is None else cel.opacity)),
                    layer.visible,
                    layer.locked,
                    layer.of_model,
                )
            )
        return tuple(found)

    def _group(self, frame: _Frame, members: range, depth: int) -> NDArray[np.uint8]:
        """The layers of ``members`` at a depth, composited; nested groups first."""
        picture = self._empty()
        here = [i for i in members if self._layers[i].depth == depth]
        for index in self._in_order(frame, here):
            if self._layers[index].kind == "group":
                after = [i for i in here if i > index]
                inside = range(index + 1, after[0] if after else members.stop)
                part = self._group(frame, inside, depth + 1)
            else:
                part = self._image(frame, index)
            picture = self._lay(picture, part, index, frame)
        return picture

    def _in_order(self, frame: _Frame, layers: list[int]) -> list[int]:
        """The visible layers, lowest first; a cel may have been moved up or down."""

        def key(index: int) -> tuple[int, int]:
            cel = frame.cels.get(index)
            z = cel.z if cel is not None else 0
            return index + z, z

        shown = [i for i in layers if self._layers[i].visible and not self._layers[i].is_reference]
        return sorted(shown, key=key)

    def _lay(
        self, picture: NDArray[np.uint8], part: NDArray[np.uint8], index: int, frame: _Frame
    ) -> NDArray[np.uint8]:
        layer, cel = self._layers[index], frame.cels.get(index)
        opacity = int(scaled(layer.opacity, 255 if cel is None else cel.opacity))
        mode = layer.blend if layer.blend in MIXES else "normal"
        return laid_over(picture, part, opacity, mode)

    def _empty(self) -> NDArray[np.uint8]:
        return np.zeros((self._height, self._width, 4), np.uint8)

    def _image(self, frame: _Frame, index: int) -> NDArray[np.uint8]:
        """One layer of a frame, RGBA, in its place."""
        picture, cel = self._empty(), frame.cels.get(index)
        if cel is None:
            return picture
        height, width = cel.pixels.shape[:2]
        top, left = max(0, cel.y), max(0, cel.x)
        bottom, right = min(self._height, cel.y + height), min(self._width, cel.x + width)
        if top < bottom and left < right:
            part = cel.pixels[top - cel.y : bottom - cel.y, left - cel.x : right - cel.x]
            picture[top:bottom, left:right] = self._rgba(
                part, frame.palette, self._layers[index].is_background
            )
        return picture

    def _rgba(
        self, pixels: NDArray[np.uint8], palette: NDArray[np.uint8], background: bool
    ) -> NDArray[np.uint8]:
        if self._depth == 32:
            return pixels
        if self._depth == 16:
            return pixels[..., [0, 0, 0, 1]]
        colors = palette.copy()
        if not background:
            colors[self._transparent] = 0
        return colors[pixels[..., 0]]
