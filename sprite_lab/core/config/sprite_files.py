"""How sprites are exported as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sprite_lab.core.config.base import Config, check_choices, require

JsonLayout = Literal["none", "hash", "array"]


@dataclass(frozen=True)
class SpriteFilesConfig(Config):
    """How sprites are exported: one picture each, or all on a sheet.

    Parameters
    ----------
    kind : "files" (a PNG each, in a folder) or "sheet" (one PNG).
    background : whether what is around the sprites is "transparent" or stays "kept", as it was
        drawn.
    scale : pixels of the file for each pixel of a sprite, 1 to 64.
    template : the names of the files, without their ending; see :mod:`core.file_names`.
    columns : sprites in a row of the sheet; 0 = about as many as rows.
    padding : transparent pixels of the sheet around it and between sprites, 0 to 64.
    extrusion : how far each sprite's border is repeated outwards, so that no seam shows where a
        texture is filtered, 0 to 16 pixels of the sheet.
    power_of_two : whether the sheet's sides grow to 2, 4, 8, ... as some engines need.
    json : what is written beside the sheet on where its sprites are, as Aseprite does: an object
        by name ("hash"), a list ("array"), or nothing.
    """

    kind: Literal["files", "sheet"] = "files"
    background: Literal["transparent", "kept"] = "transparent"
    scale: int = 1
    template: str = "{class}-{seed}-{index}"
    columns: int = 0
    padding: int = 0
    extrusion: int = 0
    power_of_two: bool = False
    json: JsonLayout = "hash"

    def __post_init__(self) -> None:
        check_choices(self)
        for name, low, high in (
            ("scale", 1, 64),
            ("columns", 0, 1024),
            ("padding", 0, 64),
            ("extrusion", 0, 16),
        ):
            value = getattr(self, name)
            require(low <= value <= high, f"'{name}' is {value}, but must be {low} to {high}.")
