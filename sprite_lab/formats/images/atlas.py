"""Sprite sheets for games: padding, extrusion, powers of two, and JSON that locates sprites."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sprite_lab import __version__
from sprite_lab.core.config import SpriteFilesConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.frame_tags import Tag
from sprite_lab.formats.images.sheet import MOST_PIXELS, default_columns, enlarge

#: Default duration of a frame, as in Aseprite, in milliseconds.
DURATION_MS = 100


@dataclass(frozen=True)
class Atlas:
    """The layout of a sheet: a grid of equal cells."""

    size: tuple[int, int]  #: width and height of the sheet in pixels
    frame: tuple[int, int]  #: width and height of a sprite on it
    #: pixels before the first sprite, and between two
    margin: int
    gap: int
    corners: tuple[tuple[int, int], ...]  #: left and top of each sprite

    @staticmethod
    def lay_out(
        count: int, sprite: tuple[int, int], config: SpriteFilesConfig, columns: int = 0
    ) -> Atlas:
        """Lay sprites out in rows, from left to right.

        Parameters
        ----------
        sprite : its height and width in its own pixels.
        columns : used if ``config`` leaves it open; 0 = about as many as rows.

        Raises
        ------
        ConfigError
            If the sheet would be too large.
        """
        height, width = sprite[0] * config.scale, sprite[1] * config.scale
        columns = min(config.columns or columns or default_columns(count), count)
        rows = math.ceil(count / columns)
        margin, gap = config.padding + config.extrusion, config.padding + 2 * config.extrusion
        across, down = width + gap, height + gap
        size = columns * across + config.padding, rows * down + config.padding
        if config.power_of_two:
            size = _power_of_two(size[0]), _power_of_two(size[1])
        if size[0] * size[1] > MOST_PIXELS:
            raise ConfigError(
                "The sheet would be {size}×{size2} pixels; choose a smaller scale or fewer "
                "sprites.",
                size=size[0],
                size2=size[1],
            )
        corners = tuple(
            (margin + i % columns * across, margin + i // columns * down) for i in range(count)
        )
        return Atlas(size, (width, height), margin, gap, corners)

    @property
    def counts(self) -> tuple[int, int]:
        """Columns and rows of whole cells, counted from the picture size, as editors do."""
        columns, rows = (
            (length - self.margin + self.gap) // (side + self.gap)
            for length, side in zip(self.size, self.frame, strict=True)
        )
        return columns, rows

    @property
    def places(self) -> list[tuple[int, int]]:
        """Column and row of each sprite."""
        width, height = self.frame
        return [
            ((left - self.margin) // (width + self.gap), (top - self.margin) // (height + self.gap))
            for left, top in self.corners
        ]

    def draw(self, sprites: NDArray[np.uint8], config: SpriteFilesConfig) -> NDArray[np.uint8]:
        """The sheet, uint8 (H, W, 4), of sprites uint8 (N, h, w, 4)."""
        sheet = np.zeros((self.size[1], self.size[0], 4), np.uint8)
        out = config.extrusion
        for sprite, (left, top) in zip(sprites, self.corners, strict=True):
            image = np.pad(enlarge(sprite, config.scale), ((out, out), (out, out), (0, 0)), "edge")
            height, width = image.shape[:2]
            sheet[top - out : top - out + height, left - out : left - out + width] = image
        return sheet

    def describe(
        self,
        picture: str,
        stems: Sequence[str],
        tags: Sequence[Tag] = (),
        durations_ms: Sequence[int] = (),
        classes: Sequence[str] = (),
        *,
        layout: str,
        attribution: str = "",
    ) -> str:
        """The JSON that Aseprite writes beside a sheet.

        Parameters
        ----------
        picture : file name of the sheet.
        stems : file names of the sprites, without extension.
        classes : of the sprites, "" = none. Aseprite has no place for them; other readers skip
            what they do not know.
        layout : "hash" = frames as an object by name, "array" = as a list.
        """
        width, height = self.frame
        frames: dict[str, dict[str, object]] = {}
        for i, (stem, (left, top)) in enumerate(zip(stems, self.corners, strict=True)):
            frames[f"{stem}.png"] = {
                "frame": {"x": left, "y": top, "w": width, "h": height},
                "rotated": False,
                "trimmed": False,
                "spriteSourceSize": {"x": 0, "y": 0, "w": width, "h": height},
                "sourceSize": {"w": width, "h": height},
                "duration": durations_ms[i] if durations_ms else DURATION_MS,
            }
            if classes and classes[i]:
                frames[f"{stem}.png"]["class"] = classes[i]
        meta: dict[str, object] = {
            "app": "Sprite Lab",
            "version": __version__,
            "image": picture,
            "format": "RGBA8888",
            "size": {"w": self.size[0], "h": self.size[1]},
            "scale": "1",
            "frameTags": [
                {"name": tag.name, "from": tag.first, "to": tag.last, "direction": tag.direction}
                for tag in tags
            ],
        }
        if attribution:
            meta["attribution"] = attribution
        listed: object = frames
        if layout == "array":
            listed = [{"filename": name, **frame} for name, frame in frames.items()]
        return json.dumps({"frames": listed, "meta": meta}, indent=1, ensure_ascii=False) + "\n"


def _power_of_two(length: int) -> int:
    return 1 << max(0, length - 1).bit_length()
