"""Reads the chunks of an Aseprite file and composites its layers."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import FileError
from sprite_lab.core.frame_tags import Tag
from sprite_lab.core.pixels import layers as cell_layers
from sprite_lab.core.pixels.blending import MIXES, laid_over, scaled
from sprite_lab.core.pixels.cells import MOST_SIDE
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
from sprite_lab.words import tr

#: Bytes per pixel, by color depth in bits.
_BYTES = {32: 4, 16: 2, 8: 1}

#: Fixed cost of compositing a cel or group, whatever its size, expressed in pixels.
_PIXELS_OF_CALL = 1_000

_MOST_TAGS = 1000

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


#: Rows and columns of a picture.
_Place = tuple[slice, slice]


class _Bytes:
    """Reads numbers and texts one after the other; raises struct.error beyond the end."""

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
        self._parents: list[int] = []  # the group of each layer; -1 = none
        self._path: list[int] = []  # the groups that the next layer may be in, then the last layer
        self._frames: list[_Frame] = []
        self._tags: list[Tag] = []
        self._slices = 0
        self._notes: list[str] = []
        self._palette = np.zeros((MOST_COLORS, 4), np.uint8)
        self._size = 0  # number of colors in the first frame's palette
        self._laid = 0  # number of pixels composited so far

    def file(self, *, layered: bool = False) -> AsepriteFile:
        """Read the file; ``layered``: also its single layers."""
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
            stacks=self._stacks() if layered else (),
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
                tr(
                    "Its pixels are {across}:{down}, not square; here they are shown square.",
                    across=across,
                    down=down,
                )
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
                break  # some programs announce more chunks than they write
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
        for index in range(first, min(last + 1, MOST_COLORS)):
            flags, *rgba = chunk.take("HBBBB")
            if flags & 1:
                chunk.text()
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
        name = name_of(chunk.text())
        visible = bool(flags & 1)
        # A layer belongs to the nearest group before it that is one level up.
        del self._path[depth:]
        parent = self._path[-1] if self._path else -1
        shown = visible and (parent < 0 or self._layers[parent].visible)
        self._path.append(len(self._layers))
        self._parents.append(parent)
        composes = kind != 1 or self._flags & GROUPS_COMPOSE
        opacity = opacity if self._flags & OPACITY_VALID and composes else 255
        blend = _BLEND_MODES[mode] if composes and mode < len(_BLEND_MODES) else "normal"
        reference = bool(flags & 64)
        if shown and not reference:
            if blend != "normal" and blend not in MIXES:
                self._notes.append(
                    tr(
                        "The layer “{name}” mixes by {blend}; it is shown as normal.",
                        name=name,
                        blend=blend,
                    )
                )
            if kind == 2:
                self._notes.append(
                    tr("The layer “{name}” is a tile map, which is left out.", name=name)
                )
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
        if len(self._tags) + count > _MOST_TAGS:  # each is looked up for each frame
            raise FileError(
                "'{name}' has more than {most:,} tags; delete some of them.",
                name=self._name,
                most=_MOST_TAGS,
            )
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
                self._count(linked.pixels.shape[0] * linked.pixels.shape[1])
                frame.cels[layer] = _Cel(x, y, opacity, z, linked.pixels)
        elif kind in (0, 2):
            width, height = chunk.take("HH")
            if not (width and height):
                return  # there is nothing to unpack, and zlib takes 0 bytes as "any number"
            size = width * height * _BYTES[self._depth]
            self._count(width * height)
            data = bytes(chunk.rest())
            if kind == 2:
                data = zlib.decompressobj().decompress(data, size)
            if len(data) < size:
                raise FileError(
                    "'{name}' is damaged: a picture in it is cut short.", name=self._name
                )
            pixels = np.frombuffer(data[:size], np.uint8).reshape(height, width, -1)
            frame.cels[layer] = _Cel(x, y, opacity, z, pixels)
        # Tile maps (3) were already noted with their layer.

    def _count(self, pixels: int) -> None:
        """Count pixels to composite; raises FileError if a file, however small, has too many."""
        self._laid += pixels + _PIXELS_OF_CALL
        if self._laid > 4 * MOST_PIXELS_IN_ALL:
            raise FileError(
                "'{name}' unpacks to over {most_pixels_in_all:.0f} million "
                "pixels; flatten or shrink it.",
                name=self._name,
                most_pixels_in_all=4 * MOST_PIXELS_IN_ALL / 1e6,
            )

    def _render(self, frame: _Frame) -> NDArray[np.uint8]:
        drawn = [index for index in frame.cels if index < len(self._layers)]
        if self._flags & GROUPS_COMPOSE:
            picture = self._group(frame, self._members(drawn), -1)
        else:
            picture = self._empty()
            for index in self._in_order(frame, drawn):
                if self._layers[index].kind == "image":
                    self._lay(picture, *self._placed(frame, index), index, frame)
        picture[picture[..., 3] == 0] = 0
        return picture

    def _stacks(self) -> tuple[tuple[cell_layers.Layer, ...], ...]:
        """The layers of each frame; () if there are too many, or they are too large, for a cell."""
        images = [
            index
            for index, layer in enumerate(self._layers)
            if layer.kind == "image" and not layer.is_reference
        ]
        if max(self._width, self._height) > MOST_SIDE or len(images) > cell_layers.MOST_LAYERS:
            return ()
        return tuple(self._stack(frame, images) for frame in self._frames)

    def _stack(self, frame: _Frame, images: list[int]) -> tuple[cell_layers.Layer, ...]:
        """The layers of a frame; groups and blend modes are ignored."""
        blank = self._empty().tobytes()
        found = []
        for index in images:
            layer, cel = self._layers[index], frame.cels.get(index)
            pixels = blank
            if cel is not None:
                picture = self._empty()
                place, part = self._placed(frame, index)
                picture[place] = part
                pixels = picture.tobytes()
            found.append(
                cell_layers.Layer(
                    pixels,
                    layer.name,
                    int(scaled(layer.opacity, 255 if cel is None else cel.opacity)),
                    layer.visible,
                    layer.locked,
                    layer.of_model,
                )
            )
        return tuple(found)

    def _members(self, drawn: list[int]) -> dict[int, set[int]]:
        """The members of each group (-1 = top level) that are drawn, or contain something drawn."""
        members: dict[int, set[int]] = {-1: set()}
        for index in drawn:
            while index >= 0:
                parent = self._parents[index]
                known = parent in members
                members.setdefault(parent, set()).add(index)
                if known:
                    break
                self._count(self._width * self._height)  # for compositing the group itself
                index = parent
        return members

    def _group(self, frame: _Frame, members: dict[int, set[int]], group: int) -> NDArray[np.uint8]:
        """The members of a group, composited; nested groups first."""
        picture = self._empty()
        for index in self._in_order(frame, members.get(group, ())):
            if self._layers[index].kind == "group":
                part = self._group(frame, members, index)
                self._lay(picture, np.s_[:, :], part, index, frame)
            elif index in frame.cels:
                self._lay(picture, *self._placed(frame, index), index, frame)
        return picture

    def _in_order(self, frame: _Frame, layers: Iterable[int]) -> list[int]:
        """The visible layers, lowest first; a cel may have been moved up or down."""

        def key(index: int) -> tuple[int, int]:
            cel = frame.cels.get(index)
            z = cel.z if cel is not None else 0
            return index + z, z

        shown = [i for i in layers if self._layers[i].visible and not self._layers[i].is_reference]
        return sorted(shown, key=key)

    def _lay(
        self,
        picture: NDArray[np.uint8],
        place: _Place,
        part: NDArray[np.uint8],
        index: int,
        frame: _Frame,
    ) -> None:
        layer, cel = self._layers[index], frame.cels.get(index)
        opacity = int(scaled(layer.opacity, 255 if cel is None else cel.opacity))
        mode = layer.blend if layer.blend in MIXES else "normal"
        picture[place] = laid_over(picture[place], part, opacity, mode)

    def _empty(self) -> NDArray[np.uint8]:
        return np.zeros((self._height, self._width, 4), np.uint8)

    def _placed(self, frame: _Frame, index: int) -> tuple[_Place, NDArray[np.uint8]]:
        """The part of the picture that a layer's cel covers, and the cel's pixels there, RGBA."""
        cel = frame.cels[index]
        height, width = cel.pixels.shape[:2]
        top, left = max(0, cel.y), max(0, cel.x)
        bottom = max(top, min(self._height, cel.y + height))
        right = max(left, min(self._width, cel.x + width))
        part = cel.pixels[top - cel.y : bottom - cel.y, left - cel.x : right - cel.x]
        background = self._layers[index].is_background
        return np.s_[top:bottom, left:right], self._rgba(part, frame.palette, background)

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
