"""Contents of an Aseprite file, and the numbers that identify its parts."""

from __future__ import annotations

import struct
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.frame_tags import Direction, Tag
from sprite_lab.core.pixels import layers as cell_layers
from sprite_lab.core.pixels.cells import Color
from sprite_lab.words import tr, trn

#: Maximum number of pixels of all frames, and of all cels, of a file: a small file can unpack to
#: gigabytes.
MOST_PIXELS_IN_ALL = 16_000_000

#: Magic numbers of a file and its frames, and the known kinds of chunks.
FILE_MAGIC, FRAME_MAGIC = 0xA5E0, 0xF1FA
OLD_PALETTE, OLDEST_PALETTE, PALETTE = 0x0004, 0x0011, 0x2019
LAYER, CEL, PROFILE, TAGS, SLICE = 0x2004, 0x2005, 0x2007, 0x2018, 0x2022
USER_DATA = 0x2020

#: User data of a layer that the model draws on; Aseprite keeps it and shows it in the layer's
#: properties.
OF_MODEL = "sprite-lab:model"

#: Header flags: layers have an opacity; groups are composited before they are blended.
OPACITY_VALID, GROUPS_COMPOSE = 1, 2

HEADER = struct.Struct("<IHHHHHIHIIB3xHBBhhHH84x")
FRAME_HEADER = struct.Struct("<IHHH2xI")


@dataclass(frozen=True)
class Layer:
    """One layer of a file; layers are listed from the lowest up."""

    name: str
    kind: Literal["image", "group", "tilemap"] = "image"
    visible: bool = True  #: whether it and all groups around it are visible
    locked: bool = False
    opacity: int = 255  #: 0..255
    blend: str = "normal"  #: Aseprite's name of its blend mode
    depth: int = 0  #: number of groups around it
    is_background: bool = False
    is_reference: bool = False
    of_model: bool = False  #: whether it is marked as the model's layer

    @property
    def is_plain(self) -> bool:
        """Whether it is visible and opaque."""
        return self.visible and self.opacity == 255


#: Playback directions of tagged frames, as the format numbers them.
DIRECTIONS: tuple[Direction, ...] = ("forward", "reverse", "ping-pong", "ping-pong reverse")


@dataclass(frozen=True, eq=False)
class AsepriteFile:
    """Contents of an Aseprite file."""

    frames: NDArray[np.uint8]  #: uint8 (F, H, W, 4), RGBA, the visible layers composited
    durations_ms: tuple[int, ...]  #: of each frame, in milliseconds
    layers: tuple[Layer, ...]
    palette: tuple[Color, ...]  #: the palette of the first frame
    tags: tuple[Tag, ...] = ()
    slices: int = 0  #: number of slices (named parts of the picture)
    mode: Literal["rgba", "gray", "indexed"] = "rgba"  #: how pixels are stored
    notes: tuple[str, ...] = ()  #: sentences on what looks different in Aseprite
    #: the layers of each frame, lowest first, with H * W pixels; () = not requested, or too many or
    #: too large for a cell
    stacks: tuple[tuple[cell_layers.Layer, ...], ...] = ()

    def beyond(self, layers: int = 1, tags: Collection[str] = ()) -> str:
        """Description of what the file has beyond this number of plain RGBA layers, and tags of
        these names; "" = nothing.
        """
        parts = []
        if len(self.layers) > layers:
            parts.append(tr("{n} layers", n=len(self.layers)))
        if any(layer.kind == "tilemap" for layer in self.layers):
            parts.append(tr("a tile map"))
        elif len(self.layers) == layers == 1 and not self.layers[0].is_plain:
            parts.append(tr("a layer that is hidden or not opaque"))
        if others := sum(tag.name not in tags for tag in self.tags):
            parts.append(trn("a tag", "{n} tags", others))
        if self.slices:
            parts.append(trn("a slice", "{n} slices", self.slices))
        if self.mode != "rgba":
            parts.append(tr("indexed colors") if self.mode == "indexed" else tr("gray colors"))
        if len(parts) < 2:
            return "".join(parts)
        return tr("{some} and {last}", some=", ".join(parts[:-1]), last=parts[-1])
