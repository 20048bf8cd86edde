"""Files beside a sheet that tell game engines and editors where its sprites are.

Each is a text file with the positions of the sprites. It names the sheet's file by a relative path,
so that the two can be moved together. The templates are in ``resources/engines``.
"""

from __future__ import annotations

import base64
import functools
import json
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from sprite_lab import __version__
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.frame_tags import Tag
from sprite_lab.core.pixels.tile_sets import GroundMap, TileSet, tiles_between
from sprite_lab.formats.images.atlas import Atlas
from sprite_lab.formats.images.godot_map import tile_map_data

if TYPE_CHECKING:
    from jinja2 import Environment

#: Default duration of a frame, as in Aseprite, in milliseconds.
DURATION_MS = 100

#: Suffix of the file for each engine.
ENGINES = {
    "godot": ".tres",
    "godot_tiles": ".tres",
    "tiled": ".tsx",
    "ldtk": ".ldtk",
    "css": ".css",
}

#: Suffix of the map of a terrain, for engines that keep it in a separate file.
MAPS = {"godot_tiles": ".tscn", "tiled": ".tmx"}

#: Characters that XML 1.0 does not allow, not even escaped.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: Characters of a file name that have a special meaning in a URL or a CSS string.
_NOT_IN_ADDRESS = re.compile(r'[%#?:"\\\x00-\x1f\x7f]')


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet, and what is known about its sprites."""

    picture: str  #: its file name
    title: str  #: the same without suffix
    atlas: Atlas
    names: list[str]  #: one for each sprite, all different
    classes: tuple[str, ...] = ()  #: class of each sprite, "" = none; () = unknown
    tags: tuple[Tag, ...] = ()  #: animations, as named ranges of frames
    durations_ms: tuple[int, ...] = ()  #: duration of each sprite; () = unknown
    tile_sets: tuple[TileSet, ...] = ()  #: for tiles: the ground at their corners

    @property
    def ground(self) -> GroundMap | None:
        """The map of the terrain, if there is exactly one tile set, with a map; else None."""
        return self.tile_sets[0].ground if len(self.tile_sets) == 1 else None

    @property
    def level(self) -> tuple[tuple[int, int], list[tuple[int, int]]]:
        """The :attr:`ground` map, or the sheet itself if there is none: its columns and rows, then
        each occupied cell, counted row by row, with the index of its sprite.
        """
        if self.ground is None:
            return self.atlas.counts, [(place, i) for i, place in enumerate(self.atlas.numbers)]
        tiles = tiles_between(self.ground.points)
        rows, columns = tiles.shape
        return (columns, rows), list(enumerate(tiles.ravel().tolist()))

    @property
    def animations(self) -> dict[str, list[int]]:
        """Indices of the sprites of each tag, and of others by class or, without one, by name.

        The names of animations are unique.
        """
        tagged = [(tag.name, [*range(tag.first, tag.last + 1)]) for tag in self.tags]
        others: dict[str, list[int]] = {}
        for i in sorted({*range(len(self.names))}.difference(*(frames for _, frames in tagged))):
            others.setdefault(self.class_of(i) or self.names[i], []).append(i)
        found: dict[str, list[int]] = {}
        for wanted, sprites in sorted((*tagged, *others.items()), key=lambda one: one[1][0]):
            name, number = wanted, 1
            while name in found:
                number += 1
                name = f"{wanted}-{number}"
            found[name] = sprites
        return found

    @property
    def played(self) -> dict[int, int]:
        """Index of the last sprite of each tag of two or more sprites, by the index of its first.

        If tags start at the same sprite, the one listed first counts.
        """
        return {tag.first: tag.last for tag in reversed(self.tags) if tag.last > tag.first}

    @property
    def class_parts(self) -> list[str]:
        """What follows ``sprite-`` in each sprite's CSS class: all different, without spaces."""
        parts = [re.sub(r"\s+", "-", name) for name in self.names]
        short = [re.sub("^sprite-|^sprite$", "", part) or "1" for part in parts]
        for found in (short, parts):
            if len({*found}) == len(found):
                return found
        return [f"{part}-{number}" for number, part in enumerate(parts, 1)]

    def class_of(self, i: int) -> str:
        return self.classes[i] if self.classes else ""

    def duration(self, i: int) -> int:
        """Duration of a sprite, in milliseconds."""
        return self.durations_ms[i] if self.durations_ms else DURATION_MS


def aseprite_json(sheet: Sheet, layout: str, attribution: str) -> str:
    """The JSON that Aseprite writes beside a sheet, which most engines and frameworks read.

    Each frame gets one more field, for its class: readers skip fields that they do not know.

    ``layout``: "hash" = frames as an object, by name; "array" = frames as a list.
    """
    width, height = sheet.atlas.frame
    frames: dict[str, dict[str, object]] = {}
    for i, (name, (left, top)) in enumerate(zip(sheet.names, sheet.atlas.corners, strict=True)):
        frames[f"{name}.png"] = {
            "frame": {"x": left, "y": top, "w": width, "h": height},
            "rotated": False,
            "trimmed": False,
            "spriteSourceSize": {"x": 0, "y": 0, "w": width, "h": height},
            "sourceSize": {"w": width, "h": height},
            "duration": sheet.duration(i),
            **({"class": sheet.class_of(i)} if sheet.class_of(i) else {}),
        }
    meta: dict[str, object] = {
        "app": "Sprite Lab",
        "version": __version__,
        "image": sheet.picture,
        "format": "RGBA8888",
        "size": {"w": sheet.atlas.size[0], "h": sheet.atlas.size[1]},
        "scale": "1",
        "frameTags": [
            {"name": tag.name, "from": tag.first, "to": tag.last, "direction": tag.direction}
            for tag in sheet.tags
        ],
        **({"attribution": attribution} if attribution else {}),
    }
    listed: object = frames
    if layout == "array":
        listed = [{"filename": name, **frame} for name, frame in frames.items()]
    return json.dumps({"frames": listed, "meta": meta}, indent=1, ensure_ascii=False) + "\n"


def suffixes_beside(engine: str, tiles: TileSet | None) -> list[str]:
    """The suffixes of the files written beside a sheet for an engine."""
    found = [ENGINES[engine]] if engine in ENGINES else []
    if engine in MAPS and tiles is not None and tiles.ground is not None:
        found.append(MAPS[engine])
    return found


def engine_text(engine: str, suffix: str, sheet: Sheet) -> str:
    """The contents of a file of :func:`suffixes_beside`.

    Raises ConfigError if the engine does not support sprites of this size.
    """
    width, height = sheet.atlas.frame
    if engine == "ldtk" and width != height:
        raise ConfigError("LDtk knows square tiles only; choose another kind of file.")
    return _templates().get_template(engine + suffix).render(sheet=sheet, atlas=sheet.atlas)


@functools.cache
def _templates() -> Environment:
    # Imported here, so that the window opens sooner.
    from sprite_lab.formats.templates import templates_in  # noqa: PLC0415

    templates = templates_in("engines", html=False)
    templates.filters |= {
        "address": _address,
        "attribute": _attribute,
        "godot_map": _godot_map,
        "identifier": _identifier,
        "iid": _iid,
        "json": functools.partial(json.dumps, ensure_ascii=False),
        "ldtk_identifier": _ldtk_identifier,
        "quoted": _quoted,
    }
    return templates


def _attribute(text: str) -> str:
    """A quoted XML attribute; characters that XML does not allow become U+FFFD."""
    return quoteattr(_NOT_IN_XML.sub("\ufffd", text))


def _quoted(text: str) -> str:
    """A quoted string for Godot."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _godot_map(sheet: Sheet) -> str:
    """The map of a terrain as base64, for a Godot scene."""
    (columns, _), placed = sheet.level
    places = sheet.atlas.places
    tiles = (((place % columns, place // columns), places[i]) for place, i in placed)
    return base64.b64encode(tile_map_data(tiles)).decode()


def _address(name: str) -> str:
    """A file name as a URL within a CSS string."""
    return _NOT_IN_ADDRESS.sub(lambda found: quote(found.group(), safe=""), name)


def _identifier(name: str) -> str:
    """A text as part of a CSS identifier, with special characters escaped."""
    return re.sub(
        r"[^A-Za-z0-9_\u0080-\U0010ffff-]", lambda found: f"\\{ord(found.group()):x} ", name
    )


def _ldtk_identifier(title: str) -> str:
    """An identifier of letters, digits and underscores that starts with a capital letter."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", title).strip("_")
    return (name[:1].upper() + name[1:]) if name[:1].isalpha() else f"Sprites_{name}".rstrip("_")


def _iid(title: str, what: str) -> str:
    """An identifier for LDtk that stays the same when the export is repeated."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"sprite-lab:{title}:{what}"))
