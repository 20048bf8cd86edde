"""How sprites are exported as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sprite_lab.core.config.base import Choice, Config, setting

Engine = Literal["none", "godot", "godot_tiles", "tiled", "ldtk", "css", "gb_studio", "aseprite"]
JsonLayout = Literal["none", "hash", "array"]
SpriteFilesKind = Literal["files", "sheet", "both"]


@dataclass(frozen=True)
class SpriteFilesConfig(Config):
    """How sprites are exported: one picture each, or all on a sheet."""

    # fmt: off
    kind: SpriteFilesKind = setting(
        "files", "As", title="Single files or a sheet", group="What",
        tip="One PNG per sprite, or one PNG for all, or both",
        choices=(
            Choice("files", "Files", "One PNG per sprite, in a folder"),
            Choice("sheet", "Sheet", "All sprites on one PNG"),
            Choice("both", "Both", "One PNG per sprite, and all on a sheet, in one folder"),
        ),
    )
    background: Literal["transparent", "kept"] = setting(
        "transparent", "Background", group="What",
        tip="Remove what surrounds the sprites, or keep it as drawn.",
        choices=(
            Choice("transparent", "Transparent", "Remove what surrounds the sprites"),
            Choice("kept", "Kept", "Keep what surrounds the sprites, as drawn"),
        ),
    )
    scale: int = setting(
        1, "Scale", group="What", low=1, high=64, usual=(1, 32), unit=" ×",
        tip="File pixels per sprite pixel.",
    )
    without_blank: bool = setting(
        False, "Skip blank sprites", group="What",
        tip="Skip cells without a drawing on a sheet; they are never single files.",
    )
    template: str = setting(
        "{name}", "Template", title="Template of names", group="Names",
        tip="File names, and sprite names in a sheet's JSON, from {name} (without one "
        "{class}-{index}, or {class} beside another {index}), {index}, {seed} and {class}; "
        "{index:03} gives 007",
    )
    columns: int = setting(
        0, "Columns", group="Sheet", low=0, high=1024, usual=(0, 64), unset="auto",
        tip="Sprites per row; auto = as arranged, or about as many as rows.",
        help="Sprites per row of the sheet; 0 = about as many as rows.",
    )
    padding: int = setting(
        0, "Padding", group="Sheet", low=0, high=64, usual=(0, 16), unit=" px",
        tip="Transparent pixels around the sheet and between sprites.",
    )
    extrusion: int = setting(
        0, "Extrusion", group="Sheet", flag="--extrude", low=0, high=16, usual=(0, 8), unit=" px",
        tip="How far to repeat each sprite's border outward, to avoid seams in game engines.",
    )
    json: JsonLayout = setting(
        "hash", "JSON", title="JSON beside the sheet", group="Sheet", flag="--json-layout",
        tip=(
            "File with sprite positions beside the sheet, in the format of Aseprite and "
            "TexturePacker."
        ),
        choices=(
            Choice("none", "None", "No file beside the sheet"),
            Choice("hash", "Hash", "Sprites by name, as Aseprite writes them"),
            Choice("array", "Array", "Sprites as a list, as Aseprite writes them"),
        ),
    )
    engine: Engine = setting(
        "none", "For", title="File for an engine", group="Sheet",
        tip="A file beside the sheet for an engine or editor.",
        choices=(
            Choice("none", "Any", "No extra file"),
            Choice("godot", "Godot animations",
                "SpriteFrames (.tres) for Godot 4, for characters and single sprites: an "
                "animation for each tag, class or sprite without them"),
            Choice("godot_tiles", "Godot tiles",
                "TileSet (.tres) for Godot 4, for sprites to paint maps with, and its map (.tscn) "
                "if a terrain alone is exported"),
            Choice("tiled", "Tiled",
                "Tile set (.tsx) for Tiled, and its map (.tmx) if a terrain alone is exported"),
            Choice("ldtk", "LDtk",
                "Project (.ldtk) with the tile set, and a level: the map of a terrain that is "
                "exported alone, or all tiles"),
            Choice("css", "Web page", "Style sheet (.css): a class for each sprite"),
            Choice("gb_studio", "GB Studio",
                "In its four colors and side by side, like its sprite sheets"),
            Choice("aseprite", "Aseprite",
                "Frames (.aseprite). Tags of cells and walks of characters become its tags; names "
                "have no place in it"),
        ),
    )
    power_of_two: bool = setting(
        False, "Power-of-two size", group="Sheet",
        tip="Enlarge the sheet to powers of two, as some engines require.",
    )
    # fmt: on
