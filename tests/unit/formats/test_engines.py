"""Sheets for engines, read back strictly: every sprite is where the file says, pixel by pixel.

Third-party libraries read them in test_engine_readers.py. Checked by hand: they are valid by LDtk's
own JSON schema 1.5.3. Tiled's public XSD is of version 0.7 and rejects attributes that every
current Tiled file has.
"""

import base64
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from PIL import Image

from sprite_lab.core.config import SpriteFilesConfig
from sprite_lab.core.config.sprite_files import Engine
from sprite_lab.core.errors import ConfigError, FileError
from sprite_lab.core.pixels.tile_sets import CODES, GroundMap, TileSet
from sprite_lab.core.run import drain
from sprite_lab.core.sets.sprite_batch import SpriteBatch
from sprite_lab.formats.aseprite.aseprite import read_aseprite
from sprite_lab.formats.images.atlas import Atlas
from sprite_lab.formats.images.engines import Sheet, engine_text
from sprite_lab.formats.images.gb_studio import (
    GB_CLEAR,
    GB_COLORS,
    GB_TILE_COLORS,
    for_gb_studio,
)
from sprite_lab.formats.images.godot_map import tile_map_data
from sprite_lab.formats.images.sprite_files import files_of, write_sprites

COUNT, SIDE = 7, 16


@pytest.fixture
def batch():
    rng = np.random.default_rng(2)
    rgba = rng.integers(0, 256, (COUNT, SIDE, SIDE, 4), np.uint8)
    rgba[..., 3] = np.where(rgba[..., 3] > 90, 255, 0)
    rgba[rgba[..., 3] == 0] = 0
    return SpriteBatch(
        "s",
        rgba,
        rgba,
        classes=("hero", "hero", "hero", 'a "b" & <c>', "", "hero", "hero"),
        names=("walk 1", "walk 2", "ü", "1st", "a.b:c", "é", "-"),
        durations_ms=(100, 200, 50, 100, 100, 100, 100),
    )


#: Layouts in which margins, gaps, enlargement and unused columns all have an effect.
LAYOUTS = [
    {},
    {"columns": 3, "padding": 2, "extrusion": 1},
    {"scale": 2, "power_of_two": True, "padding": 3},
]


def written(tmp_path, batch, engine, layout):
    config = SpriteFilesConfig(
        kind="sheet", engine=engine, json="none", template="{name}-{index}", **layout
    )
    files = drain(write_sprites(tmp_path / "my sheet.png", batch, config))
    picture = np.asarray(Image.open(files[0]))
    scale = config.scale
    large = batch.rgba.repeat(scale, axis=1).repeat(scale, axis=2)
    return config, files, picture, large


def crop(picture, x, y, side):
    return picture[y : y + side, x : x + side]


def sections(text):
    """A Godot resource as (header, {key: value}): each of its lines must be accounted for."""
    assert text.endswith("\n")
    found = []
    for part in re.split(r"(?m)^(?=\[[a-z_]+(?: |\]$))", text):
        if not part.strip():
            continue
        head, _, body = part.partition("]\n")
        kind, *fields = re.findall(r'[^\s"=]+="(?:[^"\\]|\\.)*"|[^\s"=]+=\d+|[a-z_]+', head[1:])
        header = {"": kind} | dict(field.split("=", 1) for field in fields)
        values = {}
        for line in re.split(r"\n(?=[a-z0-9_/:]+ = )", body.strip("\n")):
            if line:
                key, equals, value = line.partition(" = ")
                assert equals, line
                values[key] = value
        found.append((header, values))
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_godot_animations(tmp_path, batch, layout):
    config, files, picture, large = written(tmp_path, batch, "godot", layout)
    assert [file.name for file in files] == ["my sheet.png", "my sheet.tres"]
    (first, _), (texture, _), *subs, (last, told) = sections(files[1].read_text("utf-8"))
    assert first == {"": "gd_resource", "type": '"SpriteFrames"', "load_steps": str(COUNT + 2),
                     "format": "3"}  # fmt: skip
    assert texture["path"] == '"my sheet.png"'
    side = SIDE * config.scale
    regions = {}
    for header, values in subs:
        assert header["type"] == '"AtlasTexture"'
        assert values["atlas"] == f"ExtResource({texture['id']})"
        x, y, w, h = map(int, re.fullmatch(r"Rect2\((.*)\)", values["region"]).group(1).split(","))
        assert (w, h) == (side, side)
        regions[header["id"]] = (x, y)
    assert len(regions) == COUNT
    assert last[""] == "resource"
    names = re.findall(r'"name": &"((?:[^"\\]|\\.)*)"', told["animations"])
    assert names[:2] == ["hero", 'a \\"b\\" & <c>'], "one for all of a class"
    assert names[2:] == ["a.b-c-5"], "those without a class by their own names"
    frames = re.findall(
        r'"duration": ([\d.]+),\n"texture": SubResource\(("sprite_\d+")\)', told["animations"]
    )
    assert [float(d) for d, _ in frames] == [1, 2, 0.5, 1, 1, 1, 1]
    for (_, sprite), i in zip(frames, (0, 1, 2, 5, 6, 3, 4), strict=True):
        assert np.array_equal(crop(picture, *regions[sprite], side), large[i])
    assert told["animations"].count("[") == told["animations"].count("]") == 4


@pytest.mark.parametrize("layout", LAYOUTS)
def test_godot_tiles(tmp_path, batch, layout):
    config, files, picture, large = written(tmp_path, batch, "godot_tiles", layout)
    (_, _), (_, _), (source, values), (_, resource) = sections(files[1].read_text("utf-8"))
    assert source["type"] == '"TileSetAtlasSource"'
    size, margins, separation = (
        tuple(map(int, re.fullmatch(r"Vector2i\((\d+), (\d+)\)", values[key]).groups()))
        for key in ("texture_region_size", "margins", "separation")
    )
    assert resource["tile_size"] == values["texture_region_size"]
    assert resource["sources/0"] == f"SubResource({source['id']})"
    tiles = [tuple(map(int, key[:-2].split(":"))) for key in values if key.endswith("/0")]
    assert len(tiles) == COUNT
    for (column, row), pixels in zip(tiles, large, strict=True):
        x = margins[0] + column * (size[0] + separation[0])
        y = margins[1] + row * (size[1] + separation[1])
        assert np.array_equal(crop(picture, x, y, SIDE * config.scale), pixels)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_tiled(tmp_path, batch, layout):
    config, files, picture, large = written(tmp_path, batch, "tiled", layout)
    root = ET.parse(files[1]).getroot()
    number = {key: int(root.get(key)) for key in (
        "tilewidth", "tileheight", "spacing", "margin", "tilecount", "columns")}  # fmt: skip
    image = root.find("image")
    assert image.get("source") == "my sheet.png"
    assert (int(image.get("height")), int(image.get("width"))) == picture.shape[:2]
    # As Tiled counts columns, whatever the file says.
    pitch = number["tilewidth"] + number["spacing"]
    columns = (picture.shape[1] - number["margin"] + number["spacing"]) // pitch
    assert number["columns"] == columns
    tiles = root.findall("tile")
    assert len(tiles) == COUNT
    assert [tile.get("type", "") for tile in tiles] == list(batch.classes)
    assert tiles[4].find("properties/property").get("value") == "a.b-c-5"
    for tile, pixels in zip(tiles, large, strict=True):
        row, column = divmod(int(tile.get("id")), columns)
        assert int(tile.get("id")) < number["tilecount"]
        x, y = (number["margin"] + place * pitch for place in (column, row))
        assert np.array_equal(crop(picture, x, y, SIDE * config.scale), pixels)


@pytest.fixture
def terrain():
    """Sixteen tiles whose corner pixels encode the ground in red."""
    rgba = np.full((16, SIDE, SIDE, 4), 255, np.uint8)
    for tile, code in zip(rgba, CODES, strict=True):
        for (y, x), ground in zip(((0, 0), (0, -1), (-1, 0), (-1, -1)), code, strict=True):
            tile[y, x, 0] = int(ground)
    tiles = TileSet(CODES, ('a "b" & <c>', "grass"), ((1, 2, 255), (255, 128, 0)))
    return SpriteBatch("s", rgba, rgba, names=CODES, columns=4, tile_sets=(tiles,))


def grounds_at(picture, x, y, config):
    """The ground at each corner of a tile of the sheet: NW, NE, SW, SE."""
    last = (SIDE - 1) * config.scale
    return [int(picture[y + v, x + u, 0]) for v in (0, last) for u in (0, last)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_terrain_of_tiled(tmp_path, terrain, layout):
    config, files, picture, _ = written(tmp_path, terrain, "tiled", layout)
    root = ET.parse(files[1]).getroot()
    assert [part.tag for part in root][-1] == "wangsets"  # at the place given by the schema
    (found,) = root.find("wangsets")
    assert found.get("type") == "corner"
    colors = found.findall("wangcolor")
    assert [(c.get("name"), c.get("color")) for c in colors] == [
        ('a "b" & <c>', "#0102ff"), ("grass", "#ff8000")]  # fmt: skip
    tiles = found.findall("wangtile")
    assert len(tiles) == 16
    margin, pitch = int(root.get("margin")), int(root.get("tilewidth")) + int(root.get("spacing"))
    for tile in tiles:
        row, column = divmod(int(tile.get("tileid")), int(root.get("columns")))
        # Clockwise from the top: edges, which a corner set does not have, and corners.
        wang = [int(v) for v in tile.get("wangid").split(",")]
        assert wang[::2] == [0, 0, 0, 0]
        north_east, south_east, south_west, north_west = (v - 1 for v in wang[1::2])
        seen = grounds_at(picture, margin + column * pitch, margin + row * pitch, config)
        assert seen == [north_west, north_east, south_west, south_east]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_terrain_of_godot(tmp_path, terrain, layout):
    config, files, picture, _ = written(tmp_path, terrain, "godot_tiles", layout)
    _, _, (_, values), (_, resource) = sections(files[1].read_text("utf-8"))
    assert resource["terrain_set_0/mode"] == "1"  # match corners
    assert resource["terrain_set_0/terrain_0/name"] == '"a \\"b\\" & <c>"'
    assert resource["terrain_set_0/terrain_1/color"] == "Color(1, 0.502, 0, 1)"
    pitch, margin = (
        int(re.match(r"Vector2i\((\d+)", values[key]).group(1)) for key in ("separation", "margins")
    )
    pitch += SIDE * config.scale
    places = [key[:-2] for key in values if key.endswith("/0")]
    assert len(places) == 16
    for place in places:
        column, row = map(int, place.split(":"))
        bits = [
            int(values[f"{place}/0/terrains_peering_bit/{name}_corner"])
            for name in ("top_left", "top_right", "bottom_left", "bottom_right")
        ]
        assert bits == grounds_at(picture, margin + column * pitch, margin + row * pitch, config)
        assert values[f"{place}/0/terrain_set"] == "0"
        assert int(values[f"{place}/0/terrain"]) == max(bits)
        order = [key for key in values if key.startswith(f"{place}/0")]
        assert order[:3] == [f"{place}/0", f"{place}/0/terrain_set", f"{place}/0/terrain"]


def test_terrains_among_other_sprites_are_known_to_engines(tmp_path, terrain):
    """In an export of all cells, each terrain is separate, and other sprites have none."""
    other = np.full((1, SIDE, SIDE, 4), 7, np.uint8)
    rgba = np.concatenate([other, terrain.rgba, terrain.rgba])
    (tiles,), none = terrain.tile_sets, ("",)
    sets = (
        replace(tiles, title="moss", codes=none + CODES + none * 16),
        replace(tiles, title="mud", codes=none * 17 + CODES),
    )
    batch = SpriteBatch("s", rgba, rgba, columns=5, tile_sets=sets)
    _, files, _, _ = written(tmp_path, batch, "tiled", {})
    assert [file.suffix for file in files] == [".png", ".tsx"], "no map: whose should it be?"
    wangs = ET.parse(files[1]).getroot().find("wangsets").findall("wangset")
    assert [wang.get("name") for wang in wangs] == ["moss", "mud"]
    ids = [[int(tile.get("tileid")) for tile in wang.findall("wangtile")] for wang in wangs]
    assert ids == [[*range(1, 17)], [*range(17, 33)]]
    _, files, _, _ = written(tmp_path, batch, "godot_tiles", {})
    _, _, (_, values), (_, resource) = sections(files[1].read_text("utf-8"))
    assert {key for key in resource if key.endswith("mode")} == {
        "terrain_set_0/mode", "terrain_set_1/mode"
    }  # fmt: skip
    assert [values.get(f"{place}/0/terrain_set") for place in ("0:0", "1:0", "1:3", "2:3")] == [
        None, "0", "0", "1"
    ]  # fmt: skip
    corners = [
        values[f"{place}/0/terrains_peering_bit/top_left_corner"] for place in ("1:0", "2:3")
    ]
    assert corners == [CODES[0][0]] * 2


def cells_of_layer(data):
    """Column and row on the map: source, column and row in it, variant (Godot 4.3 to 4.7).

    From the description of the format: two bytes for version 0, then twelve bytes per cell;
    little-endian 16-bit numbers, of which only the place on the map is signed.
    """
    assert data[:2] == b"\0\0"
    assert len(data) > 2
    assert len(data) % 12 == 2
    cells = {}
    for at in range(2, len(data), 12):
        x, y, *tile = (data[k] | data[k + 1] << 8 for k in range(at, at + 12, 2))
        x, y = (n - 65_536 if n >= 32_768 else n for n in (x, y))
        assert tile[0] != 65_535, "an erased cell"
        assert (x, y) not in cells, "given twice"
        cells[x, y] = tuple(tile)
    return cells


def test_places_of_godot_have_signs():
    """The worked example in a description of the format, except for its source."""
    data = tile_map_data([((1, 2), (1, 1)), ((2, 2), (0, 0)), ((-1, -1), (0, 0))])
    assert data.hex() == (
        "0000" "010002000000010001000000" "020002000000000000000000" "ffffffff0000000000000000"
    )  # fmt: skip
    assert cells_of_layer(data) == {
        (1, 2): (0, 1, 1, 0), (2, 2): (0, 0, 0, 0), (-1, -1): (0, 0, 0, 0)
    }  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_map_of_a_terrain_is_a_scene_of_godot(tmp_path, terrain, layout):
    ground = GroundMap.first("Terrain 1")
    terrain = replace(terrain, tile_sets=(replace(terrain.tile_set, ground=ground),))
    config, files, picture, _ = written(tmp_path, terrain, "godot_tiles", layout)
    assert [file.name for file in files] == ["my sheet.png", "my sheet.tres", "my sheet.tscn"]
    (head, _), (tiles, _), (node, values) = sections(files[2].read_text("utf-8"))
    assert head == {"": "gd_scene", "load_steps": "2", "format": "4"}
    assert (tiles["type"], tiles["path"]) == ('"TileSet"', '"my sheet.tres"')
    assert node == {"": "node", "name": '"Terrain"', "type": '"TileMapLayer"'}
    assert values["tile_set"] == f"ExtResource({tiles['id']})"
    assert values["texture_filter"] == "1"  # nearest
    text = re.fullmatch(r'PackedByteArray\("([A-Za-z0-9+/]+=*)"\)', values["tile_map_data"])
    cells = cells_of_layer(base64.b64decode(text.group(1), validate=True))
    rows, columns = np.array(ground.points.shape) - 1
    assert set(cells) == {(x, y) for x in range(columns) for y in range(rows)}
    # Each cell shows the ground painted at its corners, in the picture of the tile set.
    _, _, (_, atlas), (_, resource) = sections(files[1].read_text("utf-8"))
    assert [key for key in resource if key.startswith("sources/")] == ["sources/0"]
    gap, margin = (
        int(re.match(r"Vector2i\((\d+)", atlas[key]).group(1)) for key in ("separation", "margins")
    )
    pitch = gap + SIDE * config.scale
    for (x, y), (source, column, row, variant) in cells.items():
        assert (source, variant) == (0, 0)
        assert atlas[f"{column}:{row}/0"] == "0", "there is such a tile"
        seen = grounds_at(picture, margin + column * pitch, margin + row * pitch, config)
        assert seen == ground.points[y : y + 2, x : x + 2].ravel().tolist()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_map_of_a_terrain_for_tiled(tmp_path, terrain, layout):
    ground = GroundMap.first("Terrain 1")
    terrain = replace(terrain, tile_sets=(replace(terrain.tile_set, ground=ground),))
    config, files, picture, _ = written(tmp_path, terrain, "tiled", layout)
    assert [file.name for file in files] == ["my sheet.png", "my sheet.tsx", "my sheet.tmx"]
    root, tiles = ET.parse(files[2]).getroot(), ET.parse(files[1]).getroot()
    number = {key: int(root.get(key)) for key in ("width", "height", "tilewidth", "tileheight")}
    rows, columns = np.array(ground.points.shape) - 1
    side = SIDE * config.scale
    assert list(number.values()) == [columns, rows, side, side]
    source, layer = root.find("tileset"), root.find("layer")
    assert source.get("source") == "my sheet.tsx"
    assert (int(layer.get("width")), int(layer.get("height"))) == (columns, rows)
    first, margin = int(source.get("firstgid")), int(tiles.get("margin"))
    pitch = int(tiles.get("tilewidth")) + int(tiles.get("spacing"))
    ids = [line.rstrip(",").split(",") for line in layer.find("data").text.split()]
    assert [len(row) for row in ids] == [columns] * rows
    # Each cell shows the ground painted at its corners, in the picture of the tile set.
    for y, x in np.ndindex(rows, columns):
        row, column = divmod(int(ids[y][x]) - first, int(tiles.get("columns")))
        seen = grounds_at(picture, margin + column * pitch, margin + row * pitch, config)
        assert seen == ground.points[y : y + 2, x : x + 2].ravel().tolist()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_ldtk(tmp_path, batch, layout):
    config, files, picture, large = written(tmp_path, batch, "ldtk", layout)
    project = json.loads(files[1].read_text("utf-8"))
    (tiles,), (layer,), (level,) = (
        project["defs"]["tilesets"], project["defs"]["layers"], project["levels"]
    )  # fmt: skip
    assert tiles["relPath"] == "my sheet.png"
    assert (tiles["pxHei"], tiles["pxWid"]) == picture.shape[:2]
    assert re.fullmatch(r"[A-Z]\w*", tiles["identifier"])
    side = tiles["tileGridSize"]
    assert side == SIDE * config.scale
    (instance,) = level["layerInstances"]
    assert instance["layerDefUid"] == layer["uid"]
    assert instance["__tilesetDefUid"] == layer["tilesetDefUid"] == tiles["uid"]
    assert instance["levelId"] == level["uid"]
    assert len(instance["gridTiles"]) == len(tiles["customData"]) == COUNT
    assert tiles["customData"][0]["data"] == "hero: walk 1-1"
    assert tiles["customData"][4]["data"] == "a.b-c-5"
    for shown, data, pixels in zip(instance["gridTiles"], tiles["customData"], large, strict=True):
        assert shown["t"] == data["tileId"]
        row, column = divmod(shown["t"], tiles["__cWid"])
        pitch = side + tiles["spacing"]
        assert shown["src"] == [tiles["padding"] + place * pitch for place in (column, row)]
        assert shown["px"] == [column * side, row * side]
        assert shown["d"] == [row * instance["__cWid"] + column]
        assert np.array_equal(crop(picture, *shown["src"], side), pixels)


def test_nothing_moves_or_hides_the_tiles_of_ldtk():
    """LDtk itself writes these values for a new level with a plain layer."""
    atlas = Atlas.lay_out(2, (8, 8), SpriteFilesConfig())
    project = json.loads(engine_text("ldtk", ".ldtk", Sheet("a.png", "a", atlas, ["x", "y"])))
    assert not project["externalLevels"], "then there would have to be a file of each"
    assert not project["minifyJson"]
    (layer,), (level,) = project["defs"]["layers"], project["levels"]
    (shown,) = level["layerInstances"]
    still = {"pxOffsetX": 0, "pxOffsetY": 0, "parallaxFactorX": 0, "parallaxFactorY": 0}
    assert still.items() <= layer.items()
    assert layer["displayOpacity"] == layer["inactiveOpacity"] == shown["__opacity"] == 1
    assert not layer["hideInList"]
    assert layer["renderInWorldView"]
    assert shown["visible"]
    places = ("__pxTotalOffsetX", "__pxTotalOffsetY", "pxOffsetX", "pxOffsetY")
    assert [shown[place] for place in places] == [0] * 4
    assert [level[place] for place in ("worldX", "worldY", "worldDepth")] == [0] * 3


def test_ldtk_takes_square_tiles_only():
    atlas = Atlas.lay_out(2, (16, 8), SpriteFilesConfig())
    with pytest.raises(ConfigError, match="LDtk knows square tiles only"):
        engine_text("ldtk", ".ldtk", Sheet("a.png", "a", atlas, ["x", "y"]))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_css(tmp_path, batch, layout):
    config, files, picture, large = written(tmp_path, batch, "css", layout)
    text = files[1].read_text("utf-8")
    assert 'url("my sheet.png")' in text
    rules = re.findall(
        r"^\.sprite-((?:[\w-]|\\[0-9a-f]+ )+) \{ background-position: (-?\d+)px (-?\d+)px; \}$",
        text,
        re.M,
    )
    names = [re.sub(r"\\([0-9a-f]+) ", lambda m: chr(int(m.group(1), 16)), r[0]) for r in rules]
    assert names == ["walk-1-1", "walk-2-2", "ü-3", "1st-4", "a.b-c-5", "é-6", "--7"]
    for (_, x, y), pixels in zip(rules, large, strict=True):
        assert np.array_equal(crop(picture, -int(x), -int(y), SIDE * config.scale), pixels)


def test_css_names_a_picture_whose_name_looks_like_a_scheme(tmp_path, batch):
    config = SpriteFilesConfig(kind="sheet", engine="css", json="none")
    text = drain(write_sprites(tmp_path / "data:a.png", batch, config))[1].read_text("utf-8")
    assert 'url("data%3Aa.png")' in text


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (("sprite-1", "hero-2"), ["sprite-1", "sprite-hero-2"]),
        (("sprite-1", "1"), ["sprite-sprite-1", "sprite-1"]),
        (("sprite", "sprite"), ["sprite-1", "sprite-2"]),
        (("old salt", "mate"), ["sprite-old-salt", "sprite-mate"]),
        (("old salt", "old-salt"), ["sprite-old-salt-1", "sprite-old-salt-2"]),
    ],
)
def test_css_says_sprite_once_where_that_is_clear(tmp_path, names, classes):
    rgba = np.full((2, SIDE, SIDE, 4), 255, np.uint8)
    config = SpriteFilesConfig(kind="sheet", engine="css", json="none", template="{name}")
    named = SpriteBatch("a", rgba, rgba, names=names)
    text = drain(write_sprites(tmp_path / "a.png", named, config))[1].read_text("utf-8")
    assert re.findall(r"^\.(\S+) \{ background-position", text, re.M) == classes


def test_gb_studio(tmp_path, batch):
    _, files, picture, _ = written(tmp_path, batch, "gb_studio", {"scale": 4, "padding": 1})
    assert len(files) == 1
    assert picture.shape[:2] == (SIDE, SIDE * COUNT)
    found = {tuple(color) for color in picture[..., :3].reshape(-1, 3).tolist()}
    assert found == {*GB_COLORS, GB_CLEAR}
    clear = np.concatenate(list(batch.rgba[..., 3] == 0), axis=1)
    assert np.array_equal((picture[..., :3] == GB_CLEAR).all(axis=-1), clear)
    large = np.zeros((1, 24, 24, 4), np.uint8)
    with pytest.raises(ConfigError, match="16×16"):
        written(tmp_path, SpriteBatch("s", large, large), "gb_studio", {})


def test_gb_studio_takes_these_colors_and_no_others():
    """The colors in its documentation."""
    assert [bytes(color).hex() for color in GB_COLORS] == ["071821", "86c06c", "e0f8cf"]
    background = ["071821", "306850", "86c06c", "e0f8cf"]
    assert [bytes(color).hex() for color in GB_TILE_COLORS] == background
    assert bytes(GB_CLEAR).hex() == "65ff00"


def test_gb_studio_has_the_nearest_lightness():
    """Pixels from half alpha on are drawn; of the pure colors, green is by far the lightest."""
    rgba = np.zeros((1, 16, 16, 4), np.uint8)
    rgba[0, 0, :5] = [
        (255, 255, 255, 128), (255, 255, 255, 127),
        (0, 255, 0, 255), (255, 0, 0, 255), (0, 0, 255, 255),
    ]  # fmt: skip
    shown = for_gb_studio(rgba)[0, 0, :5, :3].tolist()
    light, clear, green, red, blue = map(tuple, shown)
    assert (light, clear, green) == (GB_COLORS[2], GB_CLEAR, GB_COLORS[1])
    assert red == blue == GB_COLORS[0]


def test_neighbors_of_like_lightness_stay_apart_in_gb_studio():
    """Skin, hair and a band on it, all nearest to one tone, in two equal frames."""
    outline, band, hair, skin = (43, 26, 51), (128, 84, 64), (240, 190, 72), (240, 190, 150)
    rgba = np.zeros((2, 16, 16, 4), np.uint8)
    rgba[:, 2:14, 3:13] = *outline, 255
    rgba[:, 3:13, 4:12, :3] = skin
    rgba[:, 3:7, 4:12, :3] = hair
    rgba[:, 5, 4:12, :3] = band
    shown = for_gb_studio(rgba)[..., :3]
    assert (shown[0] == shown[1]).all()
    tones = [tuple(shown[0, y, 8].tolist()) for y in (2, 3, 5, 9)]
    assert len({*tones[:1], *tones[1::2]}) == 3
    assert tones[2] != tones[1]
    assert tuple(shown[0, 0, 0].tolist()) == GB_CLEAR


def test_grounds_keep_their_shades_in_gb_studio(tmp_path, terrain):
    greens = np.array([(70, 120, 80), (140, 190, 96)], np.uint8)
    terrain.rgba[..., :3] = greens[np.indices((SIDE, SIDE)).sum(axis=0) % 2]
    _, _, picture, _ = written(tmp_path, terrain, "gb_studio", {})
    found = {tuple(color) for color in picture[..., :3].reshape(-1, 3).tolist()}
    assert found == set(GB_TILE_COLORS[1:3])


@pytest.mark.parametrize("second", [(58, 98, 190), (71, 150, 72), (200, 80, 91)])
def test_grounds_of_one_lightness_have_tones_of_their_own_in_gb_studio(tmp_path, terrain, second):
    """Each keeps its texture; the colors and their lightness differ more or less."""
    for pixels, code in zip(terrain.rgba, terrain.tile_set.codes, strict=True):
        pixels[..., :3] = second if code == "1111" else (72, 150, 72)
        pixels[8:, :, :3] = second if code[2:] == "11" else (72, 150, 72)
    terrain.rgba[CODES.index("0000"), 3, 3, :3] = 20, 60, 20
    _, _, picture, _ = written(tmp_path, terrain, "gb_studio", {})
    tiles = dict(zip(CODES, np.split(picture[..., :3], 16, axis=1), strict=True))
    first, other = (tiles[code][12, 12] for code in ("0000", "1111"))
    assert (first != other).any()
    assert (tiles["0011"][2, 2] == first).all()
    assert (tiles["0011"][12, 2] == other).all()
    assert (tiles["0000"][3, 3] != first).any()


def test_what_touches_within_a_ground_stays_apart_in_gb_studio(tmp_path, terrain):
    """Two greens and the brown of a path once had one tone, as each is nearest to it."""
    colors = np.array([(70, 130, 60), (90, 150, 70), (120, 84, 60)], np.uint8)
    columns = np.arange(SIDE) % 4
    for pixels, code in zip(terrain.rgba, terrain.tile_set.codes, strict=True):
        pixels[..., :3] = colors[(columns == 0).astype(int)]
        pixels[8:, :, :3] = colors[2] if code[2:] == "11" else pixels[8:, :, :3]
        pixels[:8, :, :3] = colors[2] if code[:2] == "11" else pixels[:8, :, :3]
    _, _, picture, _ = written(tmp_path, terrain, "gb_studio", {})
    tiles = dict(zip(CODES, np.split(picture[..., :3], 16, axis=1), strict=True))
    shown = [tiles["0011"][2, 0], tiles["0011"][2, 1], tiles["0011"][12, 0]]
    assert len({tuple(color.tolist()) for color in shown}) == 3


def test_animations_of_tiled(tmp_path, batch):
    tagged = [("walk",), ("walk", "run"), ("run",), (), ("hit",), (), ("walk",)]
    _, files, _, _ = written(tmp_path, replace(batch, tags=tuple(tagged)), "tiled", {"columns": 3})
    played = {
        int(tile.get("id")): [
            (int(frame.get("tileid")), int(frame.get("duration")))
            for frame in tile.findall("animation/frame")
        ]
        for tile in ET.parse(files[1]).getroot().findall("tile")
    }
    # A single frame is no animation, and neither is a row of sprites of one class.
    assert {tile: frames for tile, frames in played.items() if frames} == {
        0: [(0, 100), (1, 200)], 1: [(1, 200), (2, 50)]}  # fmt: skip
    _, files, _, _ = written(tmp_path, batch, "tiled", {})
    assert not ET.parse(files[1]).getroot().findall("tile/animation")


def test_without_an_engine_no_file_is_added(tmp_path, batch):
    _, files, _, _ = written(tmp_path, replace(batch, names=()), "none", {})
    assert len(files) == 1


def test_aseprite_gets_frames_with_times_and_tags(tmp_path, batch):
    tags = tuple(("down",) if i < 2 else ("up",) for i in range(len(batch)))
    walk = replace(batch, tags=tags, durations_ms=(120,) * len(batch))
    _, files, _, _ = written(tmp_path, walk, "aseprite", {"scale": 3})
    assert [file.name for file in files] == ["my sheet.png", "my sheet.aseprite"]
    found = read_aseprite(files[1])
    assert found.frames.shape == batch.rgba.shape, "enlarged is only the picture"
    assert (found.frames[batch.rgba[..., 3] > 0] == batch.rgba[batch.rgba[..., 3] > 0]).all()
    assert tuple(found.durations_ms) == walk.durations_ms
    assert [(tag.name, tag.first, tag.last) for tag in found.tags] == [
        ("down", 0, 1),
        ("up", 2, len(batch) - 1),
    ]
    # A picture with the name of the file beside it was once overwritten by that file.
    named = SpriteFilesConfig(kind="sheet", engine="aseprite")
    with pytest.raises(FileError, match=r"end the picture's in \.png"):
        drain(write_sprites(tmp_path / "walk.aseprite", walk, named))
    assert not (tmp_path / "walk.aseprite").exists()
    few = replace(batch, rgba=batch.rgba // 255 * 255)
    _, files, _, _ = written(tmp_path, few, "aseprite", {})
    drawn = {tuple(color) for color in few.rgba[few.rgba[..., 3] > 0].tolist()}
    assert {*read_aseprite(files[1]).palette} == drawn


@pytest.mark.parametrize("engine", get_args(Engine))
def test_a_file_beside_each_engines_sheet_says_whom_to_credit(tmp_path, batch, engine):
    """Godot shows neither texts in a picture nor the JSON beside it."""
    path, config = tmp_path / "walk.png", SpriteFilesConfig(kind="sheet", engine=engine)
    credited = replace(batch, attribution="“Pack” by Ann (CC-BY)\n“Set” by Bob (CC0)")
    files = drain(write_sprites(path, credited, config))
    beside = tmp_path / "walk.CREDITS.txt"
    assert (beside in files) == beside.exists() == (engine != "none")
    if engine != "none":
        assert beside.read_text("utf-8").splitlines()[-2:] == credited.attribution.splitlines()
        beside.unlink()
        assert beside not in drain(write_sprites(path, batch, config)), "nobody is to be credited"
    both = replace(config, kind="both")
    files = files_of(tmp_path / "all", credited, both)
    assert sorted(drain(write_sprites(tmp_path / "all", credited, both))) == sorted(files)


@pytest.mark.parametrize("engine", get_args(Engine))
def test_what_would_be_replaced_is_known_for_each_engine(tmp_path, batch, engine):
    config = SpriteFilesConfig(kind="both", engine=engine)
    files = files_of(tmp_path, batch, config)
    assert sorted(drain(write_sprites(tmp_path, batch, config))) == sorted(files)
    assert sorted(tmp_path.iterdir()) == sorted(files)
