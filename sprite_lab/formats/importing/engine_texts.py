"""Grids and frames of sheets from files of Tiled, LDtk, Godot, Unity and Phaser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

from sprite_lab.core import strict_json
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.sets.imports import Grid
from sprite_lab.formats.importing.sheet_json import (
    MOST_FRAMES,
    MOST_PIXELS_IN_ALL,
    SheetFrame,
    SheetText,
)

#: Godot's prefix of paths that are relative to the folder of the project.
OF_PROJECT = "res://"

#: Maximum margin, spacing or side of a cell, in pixels.
_MOST = 4096

#: Maximum number of sheets described in a file, and of XML tags in it.
MOST_SHEETS, _MOST_TAGS = 500, 100_000


def described_sheets(data: bytes, name: str) -> list[SheetText]:
    """The sheets with upright cells that a file describes; [] = none, or it is damaged.

    ``name``: the file's name, whose suffix determines the format.
    """
    reader = READERS.get(PurePosixPath(name).suffix.lower())
    if reader is None:
        return []
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        return list(islice(reader(text, name), MOST_SHEETS))
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
        ElementTree.ParseError,
        SpriteLabError,
    ):
        return []


def _tiled(text: str, name: str) -> Iterator[SheetText]:
    """A Tiled tile set, or a map that contains some."""
    # Tiled writes no entities, which can expand to any length.
    if "<!ENTITY" in text or text.count("<") > _MOST_TAGS:
        return
    root = ElementTree.fromstring(text)
    if root.tag == "map" and root.get("orientation") != "orthogonal":
        return
    for tiles in [root] if root.tag == "tileset" else root.findall("tileset"):
        image, grid = tiles.find("image"), tiles.find("grid")
        if image is not None and (grid is None or grid.get("orientation") != "isometric"):
            attributes = {**tiles.attrib, "image": image.get("source")}
            yield _tile_set(attributes, name)


def _tiled_json(text: str, name: str) -> Iterator[SheetText]:
    """Sheets of a Tiled file in JSON."""
    root = strict_json.loads(text)
    if root.get("orientation", "orthogonal") == "orthogonal":
        for tiles in root.get("tilesets", [root]):
            if "image" in tiles and tiles.get("grid", {}).get("orientation") != "isometric":
                yield _tile_set(tiles, name)


def _tile_set(attributes: dict[str, Any], name: str) -> SheetText:
    margin, spacing = int(attributes.get("margin", 0)), int(attributes.get("spacing", 0))
    cell = int(attributes["tileheight"]), int(attributes["tilewidth"])
    return _of_grid(str(attributes["image"]), cell, (margin, margin), (spacing, spacing), name)


def _ldtk(text: str, name: str) -> Iterator[SheetText]:
    """An LDtk project; the icons that come with LDtk have no path."""
    for tiles in strict_json.loads(text)["defs"]["tilesets"]:
        if tiles.get("relPath"):
            side, margin, gap = (int(tiles[key]) for key in ("tileGridSize", "padding", "spacing"))
            yield _of_grid(tiles["relPath"], (side, side), (margin, margin), (gap, gap), name)


def _godot(text: str, name: str) -> Iterator[SheetText]:
    """A Godot resource or scene with tile atlases (Godot 4), or with frames on sheets."""
    pictures: dict[str, str] = {}
    for line in re.findall(r"(?m)^\[ext_resource .+$", text):
        path, identity = (
            re.search(r'\bpath="([^"]+)"', line),
            re.search(r'\bid="?([^"\]\s]+)', line),
        )
        if path is not None and identity is not None:
            pictures[identity[1]] = path[1]
    frames: dict[str, list[SheetFrame]] = {}
    tags = _godot_tags(text)
    for part in re.split(r"(?m)^(?=\[)", text):
        head, _, body = part.partition("]\n")
        values: dict[str, str] = dict(re.findall(r"(?m)^([a-z_]+) = (.+)$", body))
        atlas = re.search(
            r'ExtResource\(\s*"?([^")\s]+)', values.get("texture", values.get("atlas", ""))
        )
        if atlas is None or atlas[1] not in pictures:
            continue
        picture = pictures[atlas[1]]
        if 'type="TileSetAtlasSource"' in head:
            (width, height), margins, separation = (
                _numbers(values.get(key, default))
                for key, default in (
                    ("texture_region_size", "(16, 16)"),
                    ("margins", "(0, 0)"),
                    ("separation", "(0, 0)"),
                )
            )
            yield _of_grid(picture, (height, width), margins[::-1], separation[::-1], name)
        elif 'type="AtlasTexture"' in head and "region" in values:
            identity = re.search(r'\bid="([^"]+)"', head)
            tag = tags.get(identity[1], "") if identity is not None else ""
            x, y, w, h = _numbers(values["region"])
            of_picture = frames.setdefault(picture, [])
            frame = SheetFrame(
                f"{tag} {len(of_picture) + 1}".strip(), (x, y, w, h), None, (0, 0), tag
            )
            of_picture.append(frame)
        elif "hframes" in values or "vframes" in values:
            rows, columns = (int(values.get(key, 1)) for key in ("vframes", "hframes"))
            if min(rows, columns) > 0 and 1 < max(rows, columns) <= _MOST:
                yield SheetText(picture, (), file=name, counts=(rows, columns))
    for picture, found in frames.items():
        if _are_few(found):
            yield SheetText(picture, tuple(found), file=name)


def _godot_tags(text: str) -> dict[str, str]:
    """The animation that each texture belongs to."""
    tags: dict[str, str] = {}
    waiting: list[str] = []
    for texture, animation in re.findall(
        r'"texture": SubResource\("([^"]+)"\)|"name": &"((?:[^"\\]|\\.)*)"', text
    ):
        if texture:
            waiting.append(texture)
        else:  # an animation's name follows its frames
            tags.update(dict.fromkeys(waiting, animation))
            waiting = []
    return tags


def _unity(text: str, name: str) -> Iterator[SheetText]:
    """Unity's file beside a picture that it cuts into several sprites."""
    end = r"[ \t]*\n[ \t]*"  # no blank lines, of which long runs would take forever
    number = rf"(\d+)(?:\.0+)?{end}"
    found = re.findall(
        rf"- serializedVersion: \d+{end}name: (.+)\n[ \t]*rect:{end}serializedVersion: \d+{end}"
        rf"x: {number}y: {number}width: {number}height: {number}",
        text,
    )
    frames = tuple(
        SheetFrame(title.strip(" '\""), (int(x), int(y), int(w), int(h)), None, (0, 0), "")
        for title, x, y, w, h in found
    )
    if frames and _are_few(frames) and "spriteMode: 2" in text:
        picture = PurePosixPath(name).name.removesuffix(".meta")
        yield SheetText(picture, frames, file=name, from_below=True)


def _phaser(text: str, name: str) -> Iterator[SheetText]:
    """A program that loads sheets with Phaser, by paths relative to wherever it is served."""
    for image, values in re.findall(
        r"\.spritesheet\([^,()]{1,200},\s*"
        r"""["'`]([^"'`$\n]{1,200})["'`],\s*([{\d][^{}()]{0,300})""",
        text,
    ):
        size = dict(re.findall(r"\b(frameWidth|frameHeight|margin|spacing):\s*(\d{1,5})\b", values))
        if values[0] != "{":  # Phaser 2: width, height, frames, margin, spacing
            numbers = re.findall(r"-?\d{1,5}", values)
            keys = ("frameWidth", "frameHeight", "", "margin", "spacing")
            size = dict(zip(keys, numbers, strict=False))
        if width := int(size.get("frameWidth", 0)):
            margin, spacing = (int(size.get(key, 0)) for key in ("margin", "spacing"))
            cell = int(size.get("frameHeight", width)), width
            path = OF_PROJECT + image.replace("\\", "/").lstrip("./")
            yield _of_grid(path, cell, (margin, margin), (spacing, spacing), name)


def _are_few(frames: Sequence[SheetFrame]) -> bool:
    """Whether the number and total size of frames, which may overlap, are within limits."""
    return (
        len(frames) <= MOST_FRAMES and sum(frame.pixels for frame in frames) <= MOST_PIXELS_IN_ALL
    )


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers of a vector or rectangle, such as "Vector2i(16, 16)" or "Rect2(0, 0, 16, 16)"."""
    numbers = [float(number) for number in text[text.index("(") + 1 : text.index(")")].split(",")]
    if any(number != int(number) or number < 0 for number in numbers):
        raise ValueError(text)
    return tuple(map(int, numbers))


def _of_grid(
    image: str, cell: tuple[int, ...], offset: tuple[int, ...], spacing: tuple[int, ...], name: str
) -> SheetText:
    if max(*cell, *offset, *spacing) > _MOST:
        raise ValueError(name)
    (height, width), (top, left), (down, across) = cell, offset, spacing
    grid = Grid((height, width), (top, left), (down, across))
    return SheetText(image.replace("\\", "/"), (), file=name, grid=grid)


#: Suffixes of programs, and their maximum size in bytes: larger ones were not written by hand.
PROGRAMS, LARGEST_PROGRAM = (".js", ".ts"), 1_000_000

#: Readers by suffix.
READERS: dict[str, Callable[[str, str], Iterator[SheetText]]] = {
    ".tsx": _tiled,
    ".tmx": _tiled,
    ".tsj": _tiled_json,
    ".tmj": _tiled_json,
    ".json": _tiled_json,
    ".ldtk": _ldtk,
    ".tres": _godot,
    ".tscn": _godot,
    ".meta": _unity,
    **dict.fromkeys(PROGRAMS, _phaser),
}
