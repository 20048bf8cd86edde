"""Sheets for engines, read back by third-party libraries.

No package of PyPI, npm or Debian contains Godot 4 (godoplot's wheel has a game without the engine),
and Debian's Godot 3.6 refuses version 4 of the text format as too new. So Godot's files are parsed
by godot-parser, which knows the grammar, by our own importer, and strictly in test_engines.py.
"""

import base64
import json
import os
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from PIL import Image

from sprite_lab.core.config import SpriteFilesConfig
from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.characters import PARTS
from sprite_lab.core.pixels.tile_sets import CODES, GroundMap, TileSet, tiles_between
from sprite_lab.core.run import drain
from sprite_lab.core.sets.sprite_batch import SpriteBatch, character_batch
from sprite_lab.formats.images.sprite_files import write_sprites

COUNT, SIDE = 7, 16
LAYOUTS = [{}, {"columns": 3, "padding": 2, "extrusion": 1}, {"scale": 2, "padding": 3}]


@pytest.fixture
def batch():
    rng = np.random.default_rng(2)
    rgba = rng.integers(1, 256, (COUNT, SIDE, SIDE, 4), np.uint8)
    rgba[..., 3] = 255
    return SpriteBatch(
        "s",
        rgba,
        rgba,
        classes=("hero", "hero", "hero", 'a "b" & <c>', "", "hero", "hero"),
        names=("walk 1", "walk 2", "ü", "1st", "a.b:c", "é", "-"),
        durations_ms=(100, 200, 50, 100, 100, 100, 100),
    )


@pytest.fixture
def terrain():
    rgba = np.full((16, SIDE, SIDE, 4), 255, np.uint8)
    ground = GroundMap.first("Terrain 1")
    tiles = TileSet(CODES, ("water", "grass"), ((1, 2, 255), (255, 128, 0)), ground)
    return SpriteBatch("s", rgba, rgba, names=CODES, columns=4, tile_sets=(tiles,))


def written(tmp_path, batch, engine, layout, sheet="my sheet.png"):
    config = SpriteFilesConfig(
        kind="sheet", engine=engine, json="none", template="{name}-{index}", **layout
    )
    files = drain(write_sprites(tmp_path / sheet, batch, config))
    scale = config.scale
    large = batch.rgba.repeat(scale, axis=1).repeat(scale, axis=2)
    return files, np.asarray(Image.open(files[0])), large


def tile_set_corners(wang):
    """The ground at the corners of a Tiled tile, in our order."""
    clockwise = [value - 1 for value in wang.wang_id[1::2]]
    return [clockwise[i] for i in (3, 0, 2, 1)]


def crop(picture, x, y, w, h):
    x, y, w, h = map(int, (x, y, w, h))
    return picture[y : y + h, x : x + w]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_animations_of_godot(tmp_path, batch, layout):
    godot = pytest.importorskip("godot_parser")
    files, picture, large = written(tmp_path, batch, "godot", layout)
    # The parser knows the whole grammar except names written as &"name".
    resource = godot.parse(files[1].read_text("utf-8").replace('&"', '"'))
    (texture,) = resource.get_ext_resources()
    assert (texture.type, texture.path) == ("Texture2D", "my sheet.png")
    atlases = {part.id: part for part in resource.get_sub_resources()}
    assert {part.type for part in atlases.values()} == {"AtlasTexture"}
    animations = resource.find_section("resource")["animations"]
    frames = [frame for animation in animations for frame in animation["frames"]]
    assert animations[0]["name"] == "hero"
    assert [len(animation["frames"]) for animation in animations] == [5, 1, 1]
    by_class = large[[0, 1, 2, 5, 6, 3, 4]]
    for frame, pixels in zip(frames, by_class, strict=True):
        region = atlases[frame["texture"].id]["region"]
        assert np.array_equal(crop(picture, *region.args), pixels)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_tiles_of_godot(tmp_path, batch, layout):
    godot = pytest.importorskip("godot_parser")
    files, picture, large = written(tmp_path, batch, "godot_tiles", layout)
    resource = godot.load(str(files[1]))
    (source,) = resource.get_sub_resources()
    margin, separation, size = (
        source[key].args for key in ("margins", "separation", "texture_region_size")
    )
    places = [key[:-2].split(":") for key, _ in source.properties.items() if key.endswith("/0")]
    assert len(places) == COUNT
    for (column, row), pixels in zip(places, large, strict=True):
        x = margin[0] + int(column) * (size[0] + separation[0])
        y = margin[1] + int(row) * (size[1] + separation[1])
        assert np.array_equal(crop(picture, x, y, SIDE * (size[0] // SIDE), size[1]), pixels)


def test_the_map_of_godot(tmp_path, terrain):
    godot = pytest.importorskip("godot_parser")
    files, _, _ = written(tmp_path, terrain, "godot_tiles", {})
    scene = godot.parse(files[2].read_text("utf-8"))
    (node,) = scene.get_nodes()
    assert (node.name, node.type) == ("Terrain", "TileMapLayer")
    (tiles,) = scene.get_ext_resources()
    assert (tiles.path, tiles.type) == (files[1].name, "TileSet")
    assert node["tile_set"].id == tiles.id
    (data,) = node["tile_map_data"].args
    assert len(base64.b64decode(data)) == 2 + 12 * 8 * 12


@pytest.mark.parametrize("layout", LAYOUTS)
def test_tiled(tmp_path, batch, terrain, layout):
    tiled = pytest.importorskip("pytiled_parser")
    files, picture, large = written(tmp_path, batch, "tiled", layout)
    tiles = tiled.parse_tileset(files[1])
    assert tiles.tile_count >= COUNT
    assert Path(tiles.image).name == "my sheet.png"
    assert (tiles.image_height, tiles.image_width) == picture.shape[:2]
    pitch = tiles.tile_width + tiles.spacing
    for number, pixels in enumerate(large):
        row, column = divmod(number, tiles.columns)
        at = (tiles.margin + column * pitch, tiles.margin + row * pitch)
        assert np.array_equal(crop(picture, *at, tiles.tile_width, tiles.tile_height), pixels)
    files, _, _ = written(tmp_path, terrain, "tiled", layout)
    (found,) = tiled.parse_tileset(files[1]).wang_sets
    assert found.wang_type == "corner"
    assert len(found.wang_tiles) == 16
    assert [color.name for color in found.wang_colors] == ["water", "grass"]
    # The terrain's map, in the tiles of that set.
    shown = tiled.parse_map(files[2])
    (layer,) = shown.layers
    assert shown.map_size == layer.size == (12, 8)
    assert shown.tile_size == (tiles.tile_width, tiles.tile_height)
    corners = {tile: tile_set_corners(wang) for tile, wang in found.wang_tiles.items()}
    points = terrain.tile_set.ground.points
    for row in range(8):
        for column in range(12):
            around = points[row : row + 2, column : column + 2].ravel().tolist()
            assert corners[layer.data[row][column] - 1] == around


def test_a_walk_in_tiled(tmp_path):
    tiled = pytest.importorskip("pytiled_parser")
    steps = np.full((len(PARTS), SIDE, SIDE, 4), 255, np.uint8)
    cells = tuple(Cell(step.tobytes(), duration_ms=120 + n) for n, step in enumerate(steps))
    files, _, _ = written(tmp_path, character_batch(cells), "tiled", {})
    played = {
        number: [(frame.tile_id, frame.duration) for frame in tile.animation]
        for number, tile in tiled.parse_tileset(files[1]).tiles.items()
        if tile.animation
    }
    # The first tile of each direction is animated.
    assert played == {n: [(i, 120 + i) for i in range(n, n + 4)] for n in (0, 4, 8, 12)}


def test_classes_that_xml_cannot_write(tmp_path, batch):
    tiled = pytest.importorskip("pytiled_parser")
    hostile = replace(batch, classes=("\x1b", "\0", "a\nb", "\ufffe", "😀", "\\", "'\"<&"))
    files, _, _ = written(tmp_path, hostile, "tiled", {})
    found = [tile.class_ for tile in tiled.parse_tileset(files[1]).tiles.values()]
    assert found == ["\ufffd", "\ufffd", "a\nb", "\ufffd", "😀", "\\", "'\"<&"]


@pytest.mark.skipif(os.name == "nt", reason="names of files are text there")
@pytest.mark.parametrize("engine", ["godot", "ldtk", "tiled"])
def test_a_name_that_is_not_all_text_is_refused(tmp_path, batch, engine):
    with pytest.raises(FileError, match="not text"):
        written(tmp_path, batch, engine, {}, "a\udcff.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_ldtk(tmp_path, batch, layout):
    ldtk = pytest.importorskip("ldtkpy.api")
    files, picture, large = written(tmp_path, batch, "ldtk", layout)
    project = ldtk.ldtk_json_from_dict(json.loads(files[1].read_text("utf-8")))
    (tiles,) = project.defs.tilesets
    assert tiles.rel_path == "my sheet.png"
    (shown,) = project.levels[0].layer_instances
    assert len(shown.grid_tiles) == COUNT
    side = tiles.tile_grid_size
    for tile, pixels in zip(shown.grid_tiles, large, strict=True):
        assert np.array_equal(crop(picture, *tile.src, side, side), pixels)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_level_of_ldtk_is_the_map_of_the_terrain(tmp_path, terrain, layout):
    ldtk = pytest.importorskip("ldtkpy.api")
    terrain.rgba[:, 0, 0, 0] = range(16)  # identifies the tile
    files, picture, _ = written(tmp_path, terrain, "ldtk", layout)
    project = ldtk.ldtk_json_from_dict(json.loads(files[1].read_text("utf-8")))
    (level,) = project.levels
    (shown,) = level.layer_instances
    side = project.defs.tilesets[0].tile_grid_size
    assert (shown.c_wid, shown.c_hei, len(shown.grid_tiles)) == (12, 8, 96)
    assert (level.px_wid, level.px_hei) == (12 * side, 8 * side)
    expected = tiles_between(terrain.tile_set.ground.points)
    for tile in shown.grid_tiles:
        column, row = (place // side for place in tile.px)
        assert crop(picture, *tile.src, side, side)[0, 0, 0] == expected[row, column]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_css(tmp_path, batch, layout):
    css = pytest.importorskip("tinycss2")
    files, picture, large = written(tmp_path, batch, "css", layout, "50%25 #1?.png")
    rules = css.parse_stylesheet(files[1].read_text("utf-8"), True, True)
    assert [rule.type for rule in rules] == ["qualified-rule"] * len(rules)
    places = []
    for rule in rules:
        declared = css.parse_blocks_contents(rule.content, True, True)
        assert all(part.type == "declaration" for part in declared)
        for part in declared:
            if part.name == "background":
                (address,) = (t.arguments[0] for t in part.value if t.type == "function")
                assert unquote(urlsplit(address.value).path) == files[0].name
            if part.name == "background-position":
                places.append([-t.int_value for t in part.value if t.type == "dimension"])
    side = SIDE * layout.get("scale", 1)
    assert len(places) == COUNT
    for (x, y), pixels in zip(places, large, strict=True):
        assert np.array_equal(crop(picture, x, y, side, side), pixels)
