"""What an Aseprite file holds, and the numbers by which its parts are known."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.cells import Colour

#: What the frames of a file, and its cels, may be together: a small file can unpack to gigabytes.
MOST_PIXELS_IN_ALL = 16_000_000

#: Numbers that a file and its frames begin with, and the kinds of chunks that we know.
FILE_MAGIC, FRAME_MAGIC = 0xA5E0, 0xF1FA
OLD_PALETTE, OLDEST_PALETTE, PALETTE = 0x0004, 0x0011, 0x2019
LAYER, CEL, PROFILE, TAGS, SLICE = 0x2004, 0x2005, 0x2007, 0x2018, 0x2022

#: Flags of the header: layers have an opacity, and groups are composed before they are mixed.
OPACITY_VALID, GROUPS_COMPOSE = 1, 2

HEADER = struct.Struct("<IHHHHHIHIIB3xHBBhhHH84x")
FRAME_HEADER = struct.Struct("<IHHH2xI")


@dataclass(frozen=True)
class Layer:
    """One layer of a file, from the lowest up.

    Parameters
    ----------
    visible : whether it is shown, and every group that it is in.
    opacity : 0..255.
    blend : its blend mode, as Aseprite calls it.
    depth : in how many groups it is.
    """

    name: str
    kind: Literal["image", "group", "tilemap"] = "image"
    visible: bool = True
    opacity: int = 255
    blend: str = "normal"
    depth: int = 0
    is_background: bool = False
    is_reference: bool = False


@dataclass(frozen=True)
class Tag:
    """A named range of frames, both ends included."""

    name: str
    first: int
    last: int
    direction: Literal["forward", "reverse", "ping-pong", "ping-pong reverse"] = "forward"


@dataclass(frozen=True, eq=False)
class AsepriteFile:
    """What a file holds.

    Parameters
    ----------
    frames : uint8 (F, H, W, 4), RGBA, the visible layers composited.
    durations_ms : of each frame, in milliseconds.
    palette : its colours at the first frame.
    mode : how its pixels are stored.
    slices : how many of its parts have names.
    notes : sentences on what is not shown as Aseprite shows it.
    """

    frames: NDArray[np.uint8]
    durations_ms: tuple[int, ...]
    layers: tuple[Layer, ...]
    palette: tuple[Colour, ...]
    tags: tuple[Tag, ...] = ()
    slices: int = 0
    mode: Literal["rgba", "grey", "indexed"] = "rgba"
    notes: tuple[str, ...] = ()

    @property
    def beyond_flat(self) -> str:
        """What of it :func:`write_aseprite` would not write, in words; "" = nothing."""
        parts = []
        if len(self.layers) > 1:
            parts.append(f"{len(self.layers)} layers")
        elif any(layer.kind == "tilemap" for layer in self.layers):
            parts.append("a tile map")
        elif any(not layer.visible or layer.opacity < 255 for layer in self.layers):
            parts.append("a layer that is hidden or not opaque")
        for count, name in ((len(self.tags), "tag"), (self.slices, "slice")):
            if count:
                parts.append(f"a {name}" if count == 1 else f"{count} {name}s")
        if self.mode != "rgba":
            parts.append(f"{'indexed' if self.mode == 'indexed' else 'grey'} colours")
        return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
