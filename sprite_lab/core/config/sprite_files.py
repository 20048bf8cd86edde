"""How sprites are exported as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sprite_lab.core.config.base import Choice, Config, setting

JsonLayout = Literal["none", "hash", "array"]


@dataclass(frozen=True)
class SpriteFilesConfig(Config):
    """How sprites are exported: one picture each, or all on a sheet."""

    # fmt: off
    kind: Literal["files", "sheet"] = setting(
        "files", "As", title="Single files or a sheet", group="What",
        tip="A PNG picture for each sprite, or one for all",
        choices=(
            Choice("files", "Single files", "A PNG picture for each sprite, in a folder"),
            Choice("sheet", "Sheet", "All sprites on one PNG picture"),
        ),
    )
    background: Literal["transparent", "kept"] = setting(
        "transparent", "Background", group="What",
        tip="What is around the sprites: removed, or as it was drawn.",
        choices=(
            Choice("transparent", "Transparent", "What is around the sprites is removed"),
            Choice("kept", "Kept", "What is around the sprites stays, as it was drawn"),
        ),
    )
    scale: int = setting(
        1, "Scale", group="What", low=1, high=64, usual=(1, 32), unit=" ×",
        tip="Pixels of the file for each pixel of a sprite.",
    )
    template: str = setting(
        "{class}-{seed}-{index}", "Template", title="Template of names", group="Names",
        tip="Names of the files, and of sprites in a sheet's JSON: {index}, {seed}, {class}, "
        "{name}; {index:03} is 007",
    )
    columns: int = setting(
        0, "Columns", group="Sheet", low=0, high=1024, usual=(0, 64), unset="auto",
        tip="Sprites in a row; auto = as they are laid out, or about as many as rows.",
        help="Sprites in a row of the sheet; 0 = about as many as rows.",
    )
    padding: int = setting(
        0, "Padding", group="Sheet", low=0, high=64, usual=(0, 16), unit=" px",
        tip="Transparent pixels around the sheet and between sprites.",
    )
    extrusion: int = setting(
        0, "Extrusion", group="Sheet", flag="--extrude", low=0, high=16, usual=(0, 8), unit=" px",
        tip="How far each sprite's border is repeated outwards, against seams in engines.",
    )
    json: JsonLayout = setting(
        "hash", "JSON", title="JSON beside the sheet", group="Sheet", flag="--json-layout",
        tip="What is written beside the sheet on where its sprites are, as Aseprite does.",
        choices=(
            Choice("none", "None", "No file beside the sheet"),
            Choice("hash", "Hash", "Sprites by their names, as Aseprite writes it"),
            Choice("array", "Array", "Sprites as a list, as Aseprite writes it"),
        ),
    )
    power_of_two: bool = setting(
        False, "Sides of 2, 4, 8, 16, …", group="Sheet",
        tip="The sheet grows to powers of two, as some engines need.",
    )
    # fmt: on
