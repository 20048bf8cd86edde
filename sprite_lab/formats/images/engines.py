"""Files beside a sheet from which game engines and editors read where its sprites are.

Each format is text with the places of the sprites on the sheet, whose file it names relative to
itself: the two stay together. Its template is in ``resources/engines``.
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

#: The suffix of an engine's own file.
ENGINES = {
    "godot": ".tres",
    "godot_tiles": ".tres",
    "tiled": ".tsx",
    "ldtk": ".ldtk",
    "css": ".css",
}

#: The same for the map of a terrain, where it is a file of its own.
MAPS = {"godot_tiles": ".tscn", "tiled": ".tmx"}

#: Characters that XML 1.0 cannot have, not even escaped.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: Characters of a file name that mean something else in an address, or in a string of CSS.
_NOT_IN_ADDRESS = re.compile(r'[%#?:"\\\x00-\x1f\x7f]')


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet and what is known of its sprites."""

    picture: str  #: its file name
    title: str  #: the same without suffix
    atlas: Atlas
    names: list[str]  #: one for each sprite, all different
    classes: tuple[str, ...] = ()  #: one for each, "" = none; () = unknown
    tags: tuple[Tag, ...] = ()  #: animations: those that frames were given
    durations_ms: tuple[int, ...] = ()  #: how long each is shown; () = unknown
    tile_sets: tuple[TileSet, ...] = ()  #: the ground at the corners of those that are tiles

    @property
    def ground(self) -> GroundMap | None:
        """The map of a terrain that is alone; None = there is none."""
        return self.tile_sets[0].ground if len(self.tile_sets) == 1 else None

    @property
    def level(self) -> tuple[tuple[int, int], list[tuple[int, int]]]:
        """The map of a terrain that is alone, or else the sheet: its columns and rows, and each
        place, row by row, that has a sprite, with the number of the sprite.
        """
        if self.ground is None:
            return self.atlas.counts, [(place, i) for i, place in enumerate(self.atlas.numbers)]
        tiles = tiles_between(self.ground.points)
        rows, columns = tiles.shape
        return (columns, rows), list(enumerate(tiles.ravel().tolist()))

    @property
    def animations(self) -> dict[str, list[int]]:
        """The sprites of each tag, and the others of each class, or of none, by different names."""
        tagged = [(tag.name, [*range(tag.first, tag.last + 1)]) for tag in self.tags]
        others: dict[str, list[int]] = {}
        for i in sorted({*range(len(self.names))}.difference(*(frames for _, frames in tagged))):
            others.setdefault(self.class_of(i) or "default", []).append(i)
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
        """The last sprite of each animation, by its first one, which plays only one."""
        return {tag.first: tag.last for tag in reversed(self.tags) if tag.last > tag.first}

    @property
    def class_parts(self) -> list[str]:
        """What follows ``sprite-`` in the class of each in a style sheet: a space would end it."""
        parts = [re.sub(r"\s+", "-", name) for name in self.names]
        short = [re.sub("^sprite-|^sprite$", "", part) or "1" for part in parts]
        for found in (short, parts):
            if len({*found}) == len(found):
                return found
        return [f"{part}-{number}" for number, part in enumerate(parts, 1)]

    def class_of(self, i: int) -> str:
        return self.classes[i] if self.classes else ""

    def duration(self, i: int) -> int:
        """In milliseconds."""
        return self.durations_ms[i] if self.durations_ms else DURATION_MS


def aseprite_json(sheet: Sheet, layout: str, attribution: str) -> str:
    """The JSON that Aseprite writes beside a sheet, which most engines and frameworks read.

    It has no place for classes; other readers skip what they do not know.

    ``layout``: "hash" = frames as an object by name, "array" = as a list.
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

    Raises ConfigError if the engine does not take sprites of their size.
    """
    width, height = sheet.atlas.frame
    if engine == "ldtk" and width != height:
        raise ConfigError("LDtk knows square tiles only; choose another kind of file.")
    return _templates().get_template(engine + suffix).render(sheet=sheet, atlas=sheet.atlas)


@functools.cache
def _templates() -> Environment:
    # The window is there sooner without.
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
    """An attribute of XML, in quotes; what XML has no way to write becomes U+FFFD."""
    return quoteattr(_NOT_IN_XML.sub("\ufffd", text))


def _quoted(text: str) -> str:
    """A string for Godot."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _godot_map(sheet: Sheet) -> str:
    """The map of a terrain, as text of a scene of Godot."""
    (columns, _), placed = sheet.level
    places = sheet.atlas.places
    tiles = (((place % columns, place // columns), places[i]) for place, i in placed)
    return base64.b64encode(tile_map_data(tiles)).decode()


def _address(name: str) -> str:
    """The address of a file of this name, in a string of CSS."""
    return _NOT_IN_ADDRESS.sub(lambda found: quote(found.group(), safe=""), name)


def _identifier(name: str) -> str:
    """A part of a CSS name: every other character is escaped."""
    return re.sub(
        r"[^A-Za-z0-9_\u0080-\U0010ffff-]", lambda found: f"\\{ord(found.group()):x} ", name
    )


def _ldtk_identifier(title: str) -> str:
    """A name of letters, digits and underscores that begins with a capital."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", title).strip("_")
    return (name[:1].upper() + name[1:]) if name[:1].isalpha() else f"Sprites_{name}".rstrip("_")


def _iid(title: str, what: str) -> str:
    """An identifier for LDtk that stays the same when the export is repeated."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"sprite-lab:{title}:{what}"))
