"""What game engines and editors read beside a sheet, so that no sprite has to be cut out there.

Each format is text with the places of the sprites on the sheet, whose file it names relative to
itself: the two stay together.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

from sprite_lab import __version__
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.frame_tags import Tag
from sprite_lab.core.pixels.tile_sets import GroundMap, TileSet, tiles_between
from sprite_lab.core.sets.sprites import opaque
from sprite_lab.formats.images.atlas import Atlas
from sprite_lab.formats.images.godot_map import scene_of_map, tile_map_data
from sprite_lab.formats.images.ldtk import ldtk_project

#: Default duration of a frame, as in Aseprite, in milliseconds.
DURATION_MS = 100

#: Godot's frames last multiples of a tenth of a second.
_FRAME_MS = 100

#: A tile's corners in the order of ``TileSet.codes``: clockwise from the north-east.
_CLOCKWISE = (1, 3, 2, 0)

#: The same in Godot's order, from the south-east, with its names.
_GODOT_CORNERS = {
    "bottom_right_corner": 3,
    "bottom_left_corner": 2,
    "top_left_corner": 0,
    "top_right_corner": 1,
}

#: The colors of sprites and of tiles in GB Studio, dark to light, and the one that it treats as
#: transparent.
GB_COLORS = ((7, 24, 33), (134, 192, 108), (224, 248, 207))
GB_TILE_COLORS = ((7, 24, 33), (48, 104, 80), (134, 192, 108), (224, 248, 207))
GB_CLEAR = (101, 255, 0)

#: How much red, green and blue add to the lightness of a color (ITU-R BT.601).
_LIGHT = np.array([0.299, 0.587, 0.114])


#: What joining two neighbors of different colors costs, in lightness of one pixel (by trial).
_JOINED = 40

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

    def class_of(self, i: int) -> str:
        return self.classes[i] if self.classes else ""

    def duration(self, i: int) -> int:
        """In milliseconds."""
        return self.durations_ms[i] if self.durations_ms else DURATION_MS


def aseprite_json(sheet: Sheet, layout: str, attribution: str) -> str:
    """The JSON that Aseprite writes beside a sheet, which most engines and frameworks read.

    It has no place for classes; other readers skip what they do not know.

    Parameters
    ----------
    layout : "hash" = frames as an object by name, "array" = as a list.
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


def godot_frames(sheet: Sheet) -> str:
    """Godot 4's ``SpriteFrames``: an animation for each tag, and for the other sprites of each
    class, or of none.
    """
    count = len(sheet.names)
    lines = [
        f'[gd_resource type="SpriteFrames" load_steps={count + 2} format=3]',
        "",
        f'[ext_resource type="Texture2D" path={_quoted(sheet.picture)} id="1"]',
    ]
    width, height = sheet.atlas.frame
    for i, (left, top) in enumerate(sheet.atlas.corners):
        lines += [
            "",
            f'[sub_resource type="AtlasTexture" id="sprite_{i}"]',
            'atlas = ExtResource("1")',
            f"region = Rect2({left}, {top}, {width}, {height})",
        ]
    tagged = [(tag.name, [*range(tag.first, tag.last + 1)]) for tag in sheet.tags]
    # It has no other place for sprites: untagged ones are listed by class.
    others: dict[str, list[int]] = {}
    for i in sorted({*range(count)}.difference(*(frames for _, frames in tagged))):
        others.setdefault(sheet.class_of(i) or "default", []).append(i)
    animations: dict[str, list[int]] = {}
    for wanted, frames_of in sorted((*tagged, *others.items()), key=lambda one: one[1][0]):
        name, number = wanted, 1
        while name in animations:
            number += 1
            name = f"{wanted}-{number}"
        animations[name] = frames_of
    entries = []
    for name, frames_of in animations.items():
        frames = ", ".join(
            f'{{\n"duration": {sheet.duration(i) / _FRAME_MS:.4g},\n'
            f'"texture": SubResource("sprite_{i}")\n}}'
            for i in frames_of
        )
        entries.append(
            f'{{\n"frames": [{frames}],\n"loop": true,\n"name": &{_quoted(name)},\n'
            f'"speed": {1000 / _FRAME_MS:.1f}\n}}'
        )
    return "\n".join([*lines, "", "[resource]", f"animations = [{', '.join(entries)}]", ""])


def godot_tiles(sheet: Sheet) -> str:
    """Godot 4's ``TileSet`` with one atlas source, and with terrains matched by corners where
    sprites are tiles of a set: the second ground lies over the first.
    """
    width, height = sheet.atlas.frame
    margin, gap = sheet.atlas.margin, sheet.atlas.gap
    tiles, terrains = [], []
    for i, (x, y) in enumerate(sheet.atlas.places):
        tiles.append(f"{x}:{y}/0 = 0")
        for n, tile_set in enumerate(sheet.tile_sets):
            if corners := tile_set.codes[i]:
                tiles += [f"{x}:{y}/0/terrain_set = {n}", f"{x}:{y}/0/terrain = {max(corners)}"]
                tiles += [
                    f"{x}:{y}/0/terrains_peering_bit/{name} = {corners[k]}"
                    for name, k in _GODOT_CORNERS.items()
                ]
    for n, tile_set in enumerate(sheet.tile_sets):
        terrains.append(f"terrain_set_{n}/mode = 1")
        grounds = zip(tile_set.names, tile_set.colors, strict=True)
        for i, (name, color) in enumerate(grounds):
            rgb = ", ".join(f"{part / 255:.4g}" for part in color)
            terrains += [
                f"terrain_set_{n}/terrain_{i}/name = {_quoted(name)}",
                f"terrain_set_{n}/terrain_{i}/color = Color({rgb}, 1)",
            ]
    return "\n".join(
        [
            '[gd_resource type="TileSet" load_steps=3 format=3]',
            "",
            f'[ext_resource type="Texture2D" path={_quoted(sheet.picture)} id="1"]',
            "",
            '[sub_resource type="TileSetAtlasSource" id="atlas"]',
            f"resource_name = {_quoted(sheet.title)}",
            'texture = ExtResource("1")',
            f"margins = Vector2i({margin}, {margin})",
            f"separation = Vector2i({gap}, {gap})",
            f"texture_region_size = Vector2i({width}, {height})",
            *tiles,
            "",
            "[resource]",
            f"tile_size = Vector2i({width}, {height})",
            *terrains,
            'sources/0 = SubResource("atlas")',
            "",
        ]
    )


def godot_map(sheet: Sheet) -> str:
    """Godot 4's scene with the map of a terrain, of the tile set beside it."""
    assert sheet.ground is not None
    tiles, places = tiles_between(sheet.ground.points), sheet.atlas.places
    data = tile_map_data(((x, y), places[tiles[y, x]]) for y, x in np.ndindex(tiles.shape))
    return scene_of_map(_quoted(f"{sheet.title}.tres"), _quoted("Terrain"), data)


def tiled(sheet: Sheet) -> str:
    """Tiled's ``.tsx``: a tile set whose tiles have the class and the name of their sprite. The
    first tile of an animation plays it; tiles of a set have a terrain by corners.
    """
    width, height = sheet.atlas.frame
    columns, rows = sheet.atlas.counts
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<tileset version="1.10" tiledversion="1.10.2" name={_attribute(sheet.title)} '
        f'tilewidth="{width}" tileheight="{height}" '
        f'spacing="{sheet.atlas.gap}" margin="{sheet.atlas.margin}" '
        f'tilecount="{columns * rows}" columns="{columns}">',
        f" <image source={_attribute(sheet.picture)} "
        f'width="{sheet.atlas.size[0]}" height="{sheet.atlas.size[1]}"/>',
    ]
    numbers = sheet.atlas.numbers
    played: dict[int, Tag] = {}
    for tag in sheet.tags:
        if tag.last > tag.first:
            played.setdefault(tag.first, tag)  # a tile plays one animation
    for i, number in enumerate(numbers):
        kind = f" type={_attribute(sheet.class_of(i))}" if sheet.class_of(i) else ""
        lines += [
            f' <tile id="{number}"{kind}>',
            "  <properties>",
            f'   <property name="name" value={_attribute(sheet.names[i])}/>',
            "  </properties>",
        ]
        if i in played:
            frames = range(i, played[i].last + 1)
            lines += [
                "  <animation>",
                *(
                    f'   <frame tileid="{numbers[k]}" duration="{sheet.duration(k)}"/>'
                    for k in frames
                ),
                "  </animation>",
            ]
        lines.append(" </tile>")
    if sheet.tile_sets:
        sets = [line for tiles in sheet.tile_sets for line in _wang_set(tiles, numbers)]
        lines += [" <wangsets>", *sets, " </wangsets>"]
    return "\n".join([*lines, "</tileset>", ""])


def tiled_map(sheet: Sheet) -> str:
    """Tiled's ``.tmx``: the map of a terrain, of the tile set beside it."""
    assert sheet.ground is not None
    numbers = np.array(sheet.atlas.numbers) + 1
    tiles = numbers[tiles_between(sheet.ground.points)]
    (rows, columns), (width, height) = tiles.shape, sheet.atlas.frame
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<map version="1.10" tiledversion="1.10.2" orientation="orthogonal" '
            f'renderorder="right-down" width="{columns}" height="{rows}" tilewidth="{width}" '
            f'tileheight="{height}" infinite="0" nextlayerid="2" nextobjectid="1">',
            f' <tileset firstgid="1" source={_attribute(f"{sheet.title}.tsx")}/>',
            f' <layer id="1" name="Terrain" width="{columns}" height="{rows}">',
            '  <data encoding="csv">',
            ",\n".join(",".join(map(str, row)) for row in tiles.tolist()),
            "</data>",
            " </layer>",
            "</map>",
            "",
        ]
    )


def _wang_set(tiles: TileSet, numbers: list[int]) -> list[str]:
    """A terrain for Tiled; corners are listed clockwise from the north-east, between edges."""
    lines = [f'  <wangset name={_attribute(tiles.title)} type="corner" tile="-1">']
    for name, color in zip(tiles.names, tiles.colors, strict=True):
        lines.append(
            f'   <wangcolor name={_attribute(name)} color="#{bytes(color).hex()}" tile="-1" '
            'probability="1"/>'
        )
    for number, corners in zip(numbers, tiles.codes, strict=True):
        if corners:
            wang = ",".join(f"0,{int(corners[k]) + 1}" for k in _CLOCKWISE)
            lines.append(f'   <wangtile tileid="{number}" wangid="{wang}"/>')
    return [*lines, "  </wangset>"]


def css(sheet: Sheet) -> str:
    """A style sheet: ``<i class="sprite sprite-NAME"></i>`` shows a sprite at its own size."""
    width, height = sheet.atlas.frame
    address = _NOT_IN_ADDRESS.sub(lambda found: quote(found.group(), safe=""), sheet.picture)
    lines = [
        ".sprite {",
        "  display: inline-block;",
        f"  width: {width}px;",
        f"  height: {height}px;",
        f'  background: url("{address}") no-repeat;',
        "  image-rendering: pixelated;",
        "}",
    ]
    for name, (left, top) in zip(_class_parts(sheet.names), sheet.atlas.corners, strict=True):
        place = f"{-left}px {-top}px"
        lines.append(f".sprite-{_identifier(name)} {{ background-position: {place}; }}")
    return "\n".join([*lines, ""])


def _class_parts(names: Sequence[str]) -> list[str]:
    """What follows ``sprite-`` in each class of a style sheet: a space would end the class."""
    parts = [re.sub(r"\s+", "-", name) for name in names]
    short = [re.sub("^sprite-|^sprite$", "", part) or "1" for part in parts]
    for found in (short, parts):
        if len({*found}) == len(found):
            return found
    return [f"{part}-{number}" for number, part in enumerate(parts, 1)]


def ldtk(sheet: Sheet) -> str:
    """LDtk's project; each tile has the name of its sprite, after its class, as data.

    Its level is the map of a terrain, or else the sheet.
    """
    names = [
        f"{sheet.class_of(i)}: {name}".removeprefix(": ") for i, name in enumerate(sheet.names)
    ]
    level = None if sheet.ground is None else tiles_between(sheet.ground.points)
    return ldtk_project(sheet.atlas, sheet.picture, sheet.title, names, level)


#: An engine's own file: its suffix, and how it is written.
ENGINES: dict[str, tuple[str, Callable[[Sheet], str]]] = {
    "godot": (".tres", godot_frames),
    "godot_tiles": (".tres", godot_tiles),
    "tiled": (".tsx", tiled),
    "ldtk": (".ldtk", ldtk),
    "css": (".css", css),
}


#: The same for the map of a terrain, where it is a file of its own.
MAPS: dict[str, tuple[str, Callable[[Sheet], str]]] = {
    "godot_tiles": (".tscn", godot_map),
    "tiled": (".tmx", tiled_map),
}


def beside_sheet(engine: str, tiles: TileSet | None) -> list[tuple[str, Callable[[Sheet], str]]]:
    """The files written beside a sheet for an engine: suffixes, and writers."""
    found = [ENGINES[engine]] if engine in ENGINES else []
    if engine in MAPS and tiles is not None and tiles.ground is not None:
        found.append(MAPS[engine])
    return found


def for_gb_studio(rgba: NDArray[np.uint8], tile_set: TileSet | None = None) -> NDArray[np.uint8]:
    """Sprites in the colors that GB Studio accepts, by lightness.

    Neighboring colors stay apart as far as three or four tones can do it, and two grounds that
    would have the same tone get neighboring ones.

    Parameters
    ----------
    rgba : uint8 (N, H, W, 4), H = W = 16, the only size it takes.
    tile_set : what is known of them as tiles of a background, which has one more color; None =
        they are not tiles.

    Returns
    -------
    uint8 (N, H, W, 4), opaque: three or four colors, and green where it was clear.

    Raises
    ------
    ConfigError
        If the sprites have another size.
    """
    if rgba.shape[1:3] != (16, 16):
        raise ConfigError(
            "GB Studio needs sprites of 16×16 pixels, but these are {shape}×{shape2}; choose "
            "another kind of file.",
            shape=rgba.shape[2],
            shape2=rgba.shape[1],
        )
    drawn = rgba[..., 3] >= 128
    light = rgba[..., :3] @ _LIGHT
    colors = np.array(GB_COLORS if tile_set is None else GB_TILE_COLORS, np.uint8)
    levels = colors @ _LIGHT
    grounds: NDArray[np.float64] | None = None
    if tile_set is not None and {"0000", "1111"} <= set(tile_set.codes):
        whole = [tile_set.codes.index(code) for code in ("0000", "1111")]
        light = light + _apart(rgba[..., :3], rgba[whole, ..., :3], levels)
        grounds = np.median(light[whole], axis=(1, 2))
    light = light.round().clip(0, 255).astype(np.int64)
    tones = np.searchsorted(_bounds(light, drawn, levels, grounds), light, side="right")
    return opaque(np.where(drawn[..., None], colors[tones], np.array(GB_CLEAR, np.uint8)))


def _bounds(
    light: NDArray[np.int64],
    drawn: NDArray[np.bool_],
    levels: NDArray[np.float64],
    grounds: NDArray[np.float64] | None,
) -> list[int]:
    """From which lightness on each tone but the first is used, for all sprites.

    Of all choices, the one that costs least: as much as the tones differ from the pixels, and
    ``_JOINED`` for each two neighbors of different lightness that get one tone.

    Parameters
    ----------
    light : 0 to 255, int64 (N, H, W). drawn : bool (N, H, W).
    levels : the lightness of each tone, rising.
    grounds : the lightness of two grounds, which stay apart if they can; None = there are none.
    """
    beside = np.zeros((256, 256))
    for one, other in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[:, :, 1:], np.s_[:, :, :-1])):
        both = drawn[one] & drawn[other]
        np.add.at(beside, (light[one][both], light[other][both]), 1)
    if grounds is not None:
        beside[tuple(grounds.round().clip(0, 255).astype(int))] = light.size
    np.fill_diagonal(beside, 0)
    # Sums up to, not including, each lightness: those of a range are differences.
    pairs = np.pad(beside.cumsum(axis=0).cumsum(axis=1), (1, 0))
    joined = pairs.diagonal() + pairs.diagonal()[:, None] - pairs - pairs.T
    counts = np.bincount(light[drawn], minlength=256)
    off = np.abs(np.arange(256) - levels[:, None]) * counts
    off = np.pad(off.cumsum(axis=1), ((0, 0), (1, 0)))
    backwards = np.tri(257, k=-1, dtype=np.bool_)
    # The least that the tones so far cost up to each lightness, and where the last of them begins.
    least, begins = np.where(np.arange(257) > 0, np.inf, 0.0), []
    for tone in off:
        cost = np.where(backwards, np.inf, tone - tone[:, None] + _JOINED * joined) + least[:, None]
        begins.append(cost.argmin(axis=0))
        least = cost.min(axis=0)
    bounds = [256]
    for begin in reversed(begins):
        bounds.append(int(begin[bounds[-1]]))
    return bounds[-2:0:-1]


def _apart(
    rgb: NDArray[np.uint8], whole: NDArray[np.uint8], levels: NDArray[np.float64]
) -> NDArray[np.float64] | float:
    """What to add to the lightness of each pixel, so that two grounds have different tones.

    Parameters
    ----------
    rgb : uint8 (N, H, W, 3).
    whole : the tile of each ground, uint8 (2, H, W, 3).
    levels : the lightness of each tone, rising.
    """
    usual = np.median(whole, axis=(1, 2))
    light = usual @ _LIGHT
    tones = np.abs(light[:, None] - levels).argmin(axis=1)
    if tones[0] != tones[1] or (usual[0] == usual[1]).all():
        return 0.0
    pairs = np.stack([levels[:-1], levels[1:]], axis=1)
    order = light.argsort(kind="stable")
    best = pairs[np.abs(pairs - light[order]).sum(axis=1).argmin()]
    change = np.empty(2)
    change[order] = best - light[order]
    away = np.square(rgb[..., None, :] - usual).sum(axis=-1)
    return np.asarray(change[away.argmin(axis=-1)])


def _attribute(text: str) -> str:
    """An attribute of XML, in quotes; what XML has no way to write becomes U+FFFD."""
    return quoteattr(_NOT_IN_XML.sub("\ufffd", text))


def _quoted(text: str) -> str:
    """A string for Godot."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _identifier(name: str) -> str:
    """A part of a CSS name: every other character is escaped."""
    return re.sub(
        r"[^A-Za-z0-9_\u0080-\U0010ffff-]", lambda found: f"\\{ord(found.group()):x} ", name
    )
