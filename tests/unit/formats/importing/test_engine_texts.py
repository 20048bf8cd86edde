"""A sheet is cut as an engine's files say, wherever they are."""

import io
import json
import os
import socket
import time
import zipfile
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sprite_lab.core.config import SpriteFilesConfig
from sprite_lab.core.pixels.tile_sets import CODES
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.imports import Grid, ImportChoices, PictureChoices
from sprite_lab.core.sets.sprite_batch import SpriteBatch
from sprite_lab.formats.images.sprite_files import write_sprites
from sprite_lab.formats.importing import companions, engine_texts, plan_import_iter
from sprite_lab.formats.importing.companions import Surroundings
from sprite_lab.formats.importing.engine_texts import MOST_SHEETS, described_sheets
from sprite_lab.formats.importing.grids import cell_named, likely_grids
from tests.counting import lines_run
from tests.opened import Opened

#: A grid that cannot be guessed.
GRID = Grid((14, 12), (3, 3), (2, 2))

TSX = """<?xml version="1.0" encoding="UTF-8"?>
<tileset version="1.10" name="t" tilewidth="12" tileheight="14" spacing="2" margin="3" tilecount="9"
 columns="4"><image source="{}" width="64" height="64"/></tileset>"""
TMX = """<map version="1.10" orientation="{}" width="1" height="1" tilewidth="12" tileheight="14">
<tileset firstgid="1" name="t" tilewidth="12" tileheight="14" spacing="2" margin="3">
<image source="tiles.png"/></tileset></map>"""
TSJ = json.dumps(
    {"type": "tileset", "image": "tiles.png", "tilewidth": 12, "tileheight": 14, "margin": 3,
     "spacing": 2}
)  # fmt: skip
TRES = """[gd_resource type="TileSet" load_steps=3 format=3 uid="uid://b"]

[ext_resource type="Texture2D" uid="uid://c" path="res://tiles.png" id="1_a"]

[sub_resource type="TileSetAtlasSource" id="TileSetAtlasSource_1"]
texture = ExtResource("1_a")
margins = Vector2i(3, 3)
separation = Vector2i(2, 2)
texture_region_size = Vector2i(12, 14)
0:0/0 = 0

[resource]
sources/0 = SubResource("TileSetAtlasSource_1")
"""
SHEET = json.dumps({"frames": {"a.png": {"frame": {"x": 0, "y": 0, "w": 16, "h": 16}}}})
META = """fileFormatVersion: 2
TextureImporter:
  spriteMode: 2
  spriteSheet:
    sprites:
    - serializedVersion: 2
      name: walk_0
      rect:
        serializedVersion: 2
        x: 1
        y: 40
        width: 12
        height: 14
      alignment: 0
    - serializedVersion: 2
      name: walk_1
      rect:
        serializedVersion: 2
        x: 20
        y: 0
        width: 10
        height: 9
"""


LDTK = {
    "defs": {
        "tilesets": [
            {"relPath": None, "embedAtlas": "LdtkIcons", "tileGridSize": 16},
            {"relPath": "art/tiles.png", "tileGridSize": 12, "padding": 3, "spacing": 2},
        ]
    }
}


@pytest.fixture
def pixels():
    rng = np.random.default_rng(5)
    pixels = rng.integers(0, 256, (64, 64, 4), np.uint8)
    pixels[..., 3] = 255
    return pixels


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def plan_of(*paths, **choices):
    choices = ImportChoices(**choices)
    return drain(plan_import_iter(paths, choices, RunControl()))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("other.tsx", TSX.format("tiles.png")),
        ("map.tmx", TMX.format("orthogonal")),
        ("tiles.tsj", TSJ),
        ("tiles.json", TSJ),
        ("set.tres", TRES),
        ("level.tscn", TRES.replace("gd_resource", "gd_scene")),
    ],
)
@pytest.mark.parametrize("given", ["folder", "zip", "picture"])
def test_the_grid_of_an_engine_is_taken(tmp_path, pixels, name, text, given):
    folder = tmp_path / "game"
    folder.mkdir()
    (folder / "tiles.png").write_bytes(png(pixels))
    (folder / name).write_text(text)
    path = {"folder": folder, "picture": folder / "tiles.png", "zip": tmp_path / "g.zip"}[given]
    with zipfile.ZipFile(tmp_path / "g.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    plan = plan_of(path)
    (picture,) = plan.pictures
    assert picture.grid == GRID
    assert name in picture.how
    assert picture.certainty == 1
    assert np.array_equal(picture.boxes, GRID.boxes(64, 64))
    x, y, w, h = picture.boxes[5]
    assert np.array_equal(picture.sprites[5][1:15, 2:14], pixels[y : y + h, x : x + w])
    assert not plan.refused


@pytest.mark.parametrize("given", ["folder", "picture"])
def test_the_grid_of_an_ldtk_project_is_taken(tmp_path, pixels, given):
    folder = tmp_path / "game"
    (folder / "art").mkdir(parents=True)
    (folder / "package.json").write_text("{}")
    (folder / "art" / "tiles.png").write_bytes(png(pixels))
    (folder / "world.ldtk").write_text(json.dumps(LDTK))
    plan = plan_of(folder if given == "folder" else folder / "art" / "tiles.png")
    (picture,) = plan.pictures
    assert picture.grid == Grid((12, 12), (3, 3), (2, 2))
    assert "world.ldtk" in picture.how
    assert [entry.path for entry in plan.refused if "ldtk" in entry.path] == []


def test_the_path_of_a_sheet_is_counted_from_the_file_that_names_it(tmp_path, pixels):
    for place in ("art", "maps", "other"):
        (tmp_path / "game" / place).mkdir(parents=True)
    for place in ("art", "other"):
        (tmp_path / "game" / place / "tiles.png").write_bytes(
            png(pixels[:: 1 if place == "art" else -1])
        )
    (tmp_path / "game/maps/set.tsx").write_text(TSX.format("../art/tiles.png"))
    plan = plan_of(tmp_path / "game")
    assert [p.path for p in plan.pictures if p.grid == GRID] == ["game/art/tiles.png"]


#: A scene that shows the 64x64 sheet as 2 rows of 4 frames, as Godot 4 and 3 write it.
SCENE = """[gd_scene load_steps=2 format={}]

[ext_resource path="res://my art/tiles.png" type="Texture" id={}]

[node name="Sprite" type="Sprite2D"]
texture = ExtResource( {} )
hframes = 4
vframes = 2
"""
PHASER = """preload() {{
  this.load.image('sky', 'art/sky.png');
  this.load.spritesheet('hero', '{}', {});
}}"""


@pytest.mark.parametrize(
    ("name", "text", "grid"),
    [
        ("maps/set.tsx", TSX.format("../my art/tiles.png"), GRID),
        ("scenes/hero.tscn", SCENE.format(3, 1, 1), Grid((32, 16))),
        ("scenes/hero.tscn", SCENE.format(4, '"1_a"', '"1_a"'), Grid((32, 16))),
        (
            "src/hero.js",
            PHASER.format("my art/tiles.png", "{ frameWidth: 12, frameHeight: 14, margin: 3 }"),
            Grid((14, 12), (3, 3)),
        ),
        (
            "src/hero.ts",
            PHASER.format("./my art/tiles.png", "12, 14, 9, 3, 2"),
            GRID,
        ),
    ],
)
@pytest.mark.parametrize("given", ["game", "folder", "picture"])
def test_a_picture_is_cut_as_its_game_says(tmp_path, pixels, name, text, grid, given):
    game = tmp_path / "game"
    for place in ("my art", "scenes", "maps", "src", "node_modules"):
        (game / place).mkdir(parents=True)
    (game / "my art/tiles.png").write_bytes(png(pixels))
    (game / "project.godot").touch()
    (game / name).write_text(text)
    path = {"game": game, "folder": game / "my art", "picture": game / "my art/tiles.png"}[given]
    (picture,) = plan_of(path, cell=32).pictures
    assert picture.grid == grid
    assert name.partition("/")[2] in picture.how


def test_a_scene_that_shows_a_few_tiles_does_not_leave_out_the_others(tmp_path, pixels):
    for place in ("art", "a", "b"):
        (tmp_path / "game" / place).mkdir(parents=True)
    (tmp_path / "game/package.json").touch()
    (tmp_path / "game/project.godot").touch()
    (tmp_path / "game/art/tiles.png").write_bytes(png(pixels))
    few = (OF_GODOT + ATLAS.format("Rect2(0, 0, 16, 16)")).replace("res://", "res://art/")
    (tmp_path / "game/a/scene.tscn").write_text(few)
    (tmp_path / "game/b/set.tres").write_text(TRES.replace("res://", "res://art/"))
    (picture,) = plan_of(tmp_path / "game/art/tiles.png").pictures
    assert picture.grid == GRID


def test_files_of_other_games_say_nothing(tmp_path, pixels):
    for game in ("one", "other"):
        (tmp_path / game / "art").mkdir(parents=True)
        (tmp_path / game / "project.godot").touch()
    (tmp_path / "one/art/tiles.png").write_bytes(png(pixels))
    (tmp_path / "other/set.tres").write_text(TRES.replace("res://", "res://art/"))
    (tmp_path / "one/node_modules").mkdir()
    (tmp_path / "one/node_modules/set.tres").write_text(TRES.replace("res://", "res://art/"))
    assert all(picture.grid != GRID for picture in plan_of(tmp_path / "one/art/tiles.png").pictures)


def test_a_file_that_names_the_game_itself_says_nothing_of_pictures(tmp_path, pixels):
    (tmp_path / "project.godot").touch()
    (tmp_path / "tiles.png").write_bytes(png(pixels))
    for path, found in (("res://tiles.png", True), ("res://", False)):
        (tmp_path / "set.tres").write_text(TRES.replace("res://tiles.png", path))
        pictures = plan_of(tmp_path / "tiles.png").pictures
        assert any(picture.grid == GRID for picture in pictures) is found


def test_slices_of_unity_are_frames_counted_from_below(tmp_path, pixels):
    (tmp_path / "walk.png").write_bytes(png(pixels))
    (tmp_path / "walk.png.meta").write_text(META)
    for given in (tmp_path, tmp_path / "walk.png"):
        plan = plan_of(given)
        (picture,) = plan.pictures
        assert picture.boxes.tolist() == [[1, 10, 12, 14], [20, 55, 10, 9]]
        assert picture.names == ("walk_0", "walk_1")
        assert "walk.png.meta" in picture.how
        assert not plan.refused


def test_what_an_engine_keeps_beside_a_picture_is_not_refused(tmp_path, pixels):
    (tmp_path / "one.png").write_bytes(png(pixels[:16, :16]))
    (tmp_path / "one.png.meta").write_text("fileFormatVersion: 2\n")
    (tmp_path / "one.png.import").write_text("[remap]\n")
    plan = plan_of(tmp_path)
    assert len(plan) == 1
    assert not plan.refused


def test_another_cut_chosen_by_hand_wins(tmp_path, pixels):
    (tmp_path / "tiles.png").write_bytes(png(pixels))
    (tmp_path / "tiles.tsx").write_text(TSX.format("tiles.png"))
    own = PictureChoices(cut="grid", grid=Grid((16, 16)))
    (picture,) = plan_of(tmp_path / "tiles.png", pictures={"tiles.png": own}).pictures
    assert picture.grid == Grid((16, 16))
    others = PictureChoices(grid=Grid((32, 32)))
    (picture,) = plan_of(tmp_path / "tiles.png", others=others, cell=32).pictures
    assert picture.grid == Grid((32, 32))


@pytest.mark.parametrize("engine", ["godot", "godot_tiles", "tiled"])
def test_our_own_exports_are_cut_as_they_say(tmp_path, engine):
    rng = np.random.default_rng(6)
    rgba = rng.integers(1, 256, (7, 16, 16, 4), np.uint8)
    rgba[..., 3] = 255
    batch = SpriteBatch(
        "s", rgba, rgba, classes=("hero",) * 7, names=tuple("abcdefg"), durations_ms=(100,) * 7
    )
    config = SpriteFilesConfig(
        kind="sheet", engine=engine, json="none", template="{name}", padding=3, columns=3
    )
    files = drain(write_sprites(tmp_path / "sheet.png", batch, config))
    (picture,) = plan_of(*files).pictures
    assert np.array_equal(picture.sprites, rgba)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.tsx", "<tileset"),
        ("a.tsx", TSX.format("t.png").replace('"12"', '"0"')),
        ("a.tsx", TSX.format("t.png").replace('"12"', '"99999"')),
        ("a.tsx", TSX.format("t.png").replace('tileheight="14"', "")),
        ("a.tmx", TMX.format("isometric")),
        ("a.tsx", '<tileset tilewidth="9" tileheight="9"><tile id="0"/></tileset>'),
        ("a.tsx", TSX.format("t.png").replace("<image", '<grid orientation="isometric"/><image')),
        ("a.tsj", "[1]"),
        ("a.json", "{"),
        ("a.ldtk", "{}"),
        ("a.ldtk", json.dumps(LDTK).replace("12", "-12")),
        ("a.ldtk", json.dumps(LDTK).replace("12", "[12]")),
        ("a.tres", TRES.replace("Vector2i(12, 14)", "Vector2i(-1, 14)")),
        ("a.tres", TRES.replace('path="res://tiles.png"', "")),
        ("a.tres", TRES.replace("TileSetAtlasSource", "StyleBoxTexture")),
        ("a.meta", META.replace("x: 1", "x: 1.5").replace("x: 20", "x: -1")),
        ("a.tscn", SCENE.format(3, 1, 1).replace("= 4", "= 0")),
        ("a.tscn", SCENE.format(3, 1, 1).replace("= 4", "= 40000")),
        ("a.js", PHASER.format("${name}.png", "{ frameWidth: 12 }")),
        ("a.js", PHASER.format("tiles.png", "{ frameWidth: size }")),
        ("a.txt", "nothing"),
    ],
)
def test_what_says_nothing_of_sheets_says_nothing(name, text):
    assert described_sheets(text.encode(), name) == []
    assert described_sheets(b"\xff\xfe\x00" + text.encode(), name) == []


def test_the_name_of_a_file_may_name_the_cell():
    assert cell_named("tiles 16x24.png") == (24, 16)
    assert cell_named("tiles-table-24-32.png") == (32, 24)
    assert cell_named("items_32px.png") == (32, 32)
    assert cell_named("Tileset_16.png") == cell_named("tiles16") == (16, 16)
    for name in ("hero_16.png", "v2.png", "1920x1080.png", "4x4.png", "a.png"):
        assert cell_named(name) is None


def test_a_named_cell_decides_where_the_picture_does_not():
    rng = np.random.default_rng(7)
    sheet = np.full((96, 96, 4), 255, np.uint8)
    sheet[..., :3] = rng.integers(0, 30, (96, 96, 3))  # noise, without visible cells
    names = ("a.png", "a 24x24.png", "a 32x32.png")
    grids = [likely_grids(sheet, name, or_none=False)[0][0] for name in names]
    assert grids[1:] == [Grid((24, 24)), Grid((32, 32))]


def test_the_name_of_a_folder_tips_the_balance():
    sheet = np.full((96, 96, 4), 255, np.uint8)
    sheet[..., :3] = np.random.default_rng(7).integers(0, 30, (96, 96, 3))
    likely = [
        dict(likely_grids(sheet, path, or_none=False))[Grid((24, 24))]
        for path in ("a.png", "art/a.png", "art 24x24/b/a.png", "art/a 24x24.png")
    ]
    assert likely[0] == likely[1] < likely[2] < likely[3]


ATLAS = '[sub_resource type="AtlasTexture" id="a"]\natlas = ExtResource("1_a")\nregion = {}\n'
OF_GODOT = '[ext_resource type="Texture2D" path="res://tiles.png" id="1_a"]\n'
RUN = 40_000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tiles.png.meta", "- serializedVersion: 1" + "\n" * RUN),
        ("tiles.png.meta", "- serializedVersion: 1\nname: a\nrect:" + " \n" * RUN),
        ("set.tres", "[ext_resource " * RUN),
        ("set.tres", "[ext_resource " + 'path="a" ' * RUN),
        ("set.tsx", f'<!DOCTYPE a [<!ENTITY b "c">]>{TSX.format("&b;").partition("?>")[2]}'),
        ("set.tres", OF_GODOT + ATLAS.format("Rect2(1e999, 0, 1, 1)")),
        ("set.tres", OF_GODOT + ATLAS.format("Rect2(0, 0, 2000, 2000)") * 9),
        ("tiles.png.meta", META.replace("12", "60000").replace("14", "60000")),
        ("a.js", ".spritesheet(" * RUN),
        ("a.js", ".spritesheet(" + " " * 10 * RUN),
        ("a.js", ".spritesheet('a'," * RUN),
        ("a.js", ".spritesheet('a', 'b'," + "{ frameWidth: " * RUN),
        ("set.tsx", "<a>" * 5 * RUN),
        ("set.tsx", f"<map>{TSX.format('tiles.png').partition('?>')[2]}{'<a/>' * 5 * RUN}</map>"),
    ],
)
def test_hostile_texts_say_nothing_and_take_no_time(name, text):
    before = time.process_time()
    assert described_sheets(text.encode(), name) == []
    assert time.process_time() - before < 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", f'{{"tilesets": [{",".join([TSJ] * 700)}]}}'),
        (
            "a.tmx",
            f"<map orientation='orthogonal'>{TSX.format('a').partition('?>')[2] * 700}</map>",
        ),
        ("a.tscn", OF_GODOT + '[node]\ntexture = ExtResource("1_a")\nhframes = 4\n' * 700),
        ("a.js", ".spritesheet('a', 'b.png', { frameWidth: 16 })" * 700),
    ],
)
def test_of_a_file_only_so_many_sheets_are_taken(name, text):
    assert len(described_sheets(text.encode(), name)) == MOST_SHEETS


def test_a_game_that_describes_pictures_of_one_name_is_not_gone_through_for_each(tmp_path):
    (tmp_path / "project.godot").touch()
    for i in range(12):
        (tmp_path / f"{i}.json").write_text(f'{{"tilesets": [{",".join([TSJ] * 400)}]}}')
        (tmp_path / f"{i}").mkdir()
    around = Surroundings()
    assert around.description_of(tmp_path / "0/tiles.png") is None
    lines = lines_run(lambda: around.description_of(tmp_path / "1/tiles.png"))
    assert lines < 1_000, "each of 4,800 takes several"
    assert around.description_of(tmp_path / "tiles.png") is not None


@pytest.mark.parametrize(
    ("limit", "most"), [("_MOST_READ", 1), ("_LARGEST_IN_ALL", len(TSJ)), ("_MOST_DESCRIBED", 0)]
)
def test_of_a_game_only_so_much_is_read(tmp_path, monkeypatch, limit, most):
    (tmp_path / "project.godot").touch()
    for name in "ab":
        (tmp_path / f"{name}.tsj").write_text(TSJ.replace("tiles", name))
    monkeypatch.setattr(companions, limit, most)
    around = Surroundings()
    assert around.description_of(tmp_path / "a.png") is not None
    assert around.description_of(tmp_path / "b.png") is None


def test_folders_of_a_game_are_listed_up_to_a_limit(tmp_path, monkeypatch):
    (tmp_path / "project.godot").touch()
    (tmp_path / "art").mkdir()
    (tmp_path / "art/a.tsj").write_text(TSJ.replace("tiles", "../a"))
    monkeypatch.setattr(companions, "_MOST_LISTED", 2)
    assert Surroundings().description_of(tmp_path / "a.png") is None
    monkeypatch.setattr(companions, "_MOST_LISTED", 3)
    assert Surroundings().description_of(tmp_path / "a.png") is not None


def test_only_files_of_engines_count_as_read(tmp_path, monkeypatch):
    (tmp_path / "project.godot").touch()
    for name in ("a.txt", "a.png", "a.png.meta"):
        (tmp_path / name).write_text("nothing")
    for name in "bc":
        (tmp_path / f"{name}.tsj").write_text(TSJ.replace("tiles", name))
    monkeypatch.setattr(companions, "_MOST_READ", 2)
    around = Surroundings()
    assert around.description_of(tmp_path / "b.png") is not None
    assert around.description_of(tmp_path / "c.png") is not None


FRAMES = """[ext_resource type="Texture2D" path="res://a.png" id="1_a"]
[ext_resource type="Texture2D" id="2_a"]
[ext_resource type="Texture2D" path="res://c.png"]

[sub_resource type="AtlasTexture" id="A_1"]
atlas = ExtResource("1_a")
region = Rect2(0, 0, 16, 12)

[sub_resource type="AtlasTexture" id="A_2"]
atlas = ExtResource("1_a")
region = Rect2(16, 3, 16, 12)

[sub_resource type="AtlasTexture"]
atlas = ExtResource("1_a")
region = Rect2(32, 3, 16, 12)

[sub_resource type="AtlasTexture" id="A_3"]
atlas = ExtResource("1_a")

[resource]
animations = [{
"frames": [{
"duration": 1.0,
"texture": SubResource("A_1")
}, {
"duration": 1.0,
"texture": SubResource("A_2")
}],
"loop": true,
"name": &"walk",
"speed": 5.0
}]
"""


def test_frames_of_godot_have_the_names_of_their_animations():
    (told,) = described_sheets(FRAMES.encode(), "a.tres")
    assert told.image == "res://a.png"
    assert [(frame.name, frame.tag) for frame in told.frames] == [
        ("walk 1", "walk"),
        ("walk 2", "walk"),
        ("3", ""),
    ]
    boxes = [frame.box for frame in told.frames]
    assert boxes == [(0, 0, 16, 12), (16, 3, 16, 12), (32, 3, 16, 12)]


@pytest.mark.parametrize("region", ["Rect2(-1, 0, 16, 12)", "Rect2(0.5, 0, 16, 12)"])
def test_frames_of_godot_between_pixels_or_outside_say_nothing(region):
    text = FRAMES.replace("Rect2(0, 0, 16, 12)", region)
    assert described_sheets(text.encode(), "a.tres") == []


def test_nothing_lies_around_a_picture_whose_path_cannot_be():
    assert Surroundings().description_of(Path("/" + "a" * 300, "tiles.png")) is None


def test_of_programs_only_short_ones_are_read(tmp_path, pixels):
    (tmp_path / "tiles.png").write_bytes(png(pixels))
    load = (
        ".spritesheet('a', 'tiles.png', { frameWidth: 12, frameHeight: 14, margin: 3, spacing: 2 })"
    )
    (tmp_path / "a.js").write_text(load)
    assert [picture.grid for picture in plan_of(tmp_path).pictures] == [GRID]
    (tmp_path / "a.js").write_text(load + " " * 1_000_000)
    assert [picture.grid for picture in plan_of(tmp_path).pictures] == []


def test_links_around_a_picture_are_not_followed(tmp_path, pixels):
    """Links that nobody named may lead out of the game's folder."""
    art, outside = tmp_path / "game/art", tmp_path / "outside"
    art.mkdir(parents=True)
    outside.mkdir()
    (tmp_path / "game/project.godot").touch()
    (art / "tiles.png").write_bytes(png(pixels))
    for name, text in (("a.tres", TRES), ("b.tsj", TSJ), ("tiles.png.meta", META)):
        (outside / name).write_text(text)
        (art / name).symlink_to(outside / name)
    (outside / "tiles.json").write_text(SHEET)
    (art / "tiles.json").symlink_to(outside / "tiles.json")
    (tmp_path / "game/a.tres").symlink_to(outside / "a.tres")
    opened = Opened(outside)
    assert [p.grid for p in plan_of(art / "tiles.png").pictures] == []
    assert opened.names() == []
    (art / "tiles.json").unlink()
    (art / "tiles.json").write_text(SHEET)
    assert len(plan_of(art / "tiles.png")) == 1, "it would have been read"
    opened.close()


@pytest.mark.parametrize(("name", "text"), [("set.tres", TRES), ("tiles.png.meta", META)])
def test_lines_may_end_as_on_windows(name, text):
    told = described_sheets(text.encode(), name)
    assert told
    assert described_sheets(text.replace("\n", "\r\n").encode(), name) == told


def test_what_cannot_be_read_beside_a_picture_is_passed_over(tmp_path, pixels):
    (tmp_path / "tiles.png").write_bytes(png(pixels))
    (tmp_path / "plain.png").write_bytes(png(pixels))
    (tmp_path / "gone.tres").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder.tsj").mkdir()
    (tmp_path / "large.tsx").write_text(TSX.format("plain.png") + " " * 1_000_000)
    (tmp_path / "other.tsx").write_text(TSX.format("tiles.png"))
    plan = plan_of(tmp_path / "tiles.png", tmp_path / "plain.png")
    assert [picture.grid for picture in plan.pictures] == [GRID]
    assert [refusal.path for refusal in plan.refused] == ["plain.png"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_what_never_ends_or_leads_in_circles_around_a_picture_is_passed_over(tmp_path, pixels):
    art = tmp_path / "game/art"
    art.mkdir(parents=True)
    (tmp_path / "game/project.godot").touch()
    (art / "tiles.png").write_bytes(png(pixels))
    for place in (art, tmp_path / "game"):
        os.mkfifo(place / "pipe.tres")
        # long socket paths are refused
        with socket.socket(socket.AF_UNIX) as listening, chdir(place):
            listening.bind("socket.tsx")
        (place / "self.tmx").symlink_to("self.tmx")
        (place / "up").symlink_to("..")
        (place / "zeros.tsj").symlink_to("/dev/zero")
        (place / "endless.json").symlink_to("/proc/self/pagemap")  # its size is stated as 0 bytes
        (place / "wide.tsx").write_text(TSX.format("tiles.png"), encoding="utf-16")
        (place / "bytes.tres").write_bytes(TRES.encode() + b"\xff")
        (place / "nul.tsj").write_text(TSJ.replace("tiles.png", "\\u0000\\ud800"))
        (place / "outside.tsj").write_text(TSJ.replace("tiles.png", "../" * 99 + "tiles.png"))
    assert [p.grid for p in plan_of(art / "tiles.png").pictures] == []
    (tmp_path / "game/z.tres").write_text(TRES.replace("res://", "res://art/"))
    assert [p.grid for p in plan_of(art / "tiles.png").pictures] == [GRID]


def test_a_sheet_that_is_not_there_is_not_missed(tmp_path, pixels):
    (tmp_path / "tiles.png").write_bytes(png(pixels))
    (tmp_path / "other.tsx").write_text(TSX.format("elsewhere.png"))
    refused = {refusal.path.partition("/")[2]: refusal.why for refusal in plan_of(tmp_path).refused}
    assert "is larger than" in refused["tiles.png"], "nothing says how to cut it"
    assert "is not a picture" in refused["other.tsx"]


@pytest.mark.parametrize(("margin", "scale"), [(0, 2), (1, 1)])
def test_an_enlarged_sheet_is_brought_back_unless_its_grid_forbids_it(tmp_path, margin, scale):
    rng = np.random.default_rng(1)
    art = rng.integers(0, 256, (32, 32, 4), np.uint8)
    art[..., 3] = 255
    (tmp_path / "tiles.png").write_bytes(png(art.repeat(2, axis=0).repeat(2, axis=1)))
    told = {"image": "tiles.png", "tilewidth": 16, "tileheight": 16, "margin": margin}
    (tmp_path / "tiles.tsj").write_text(json.dumps({"type": "tileset", **told}))
    (picture,) = plan_of(tmp_path).pictures
    assert picture.grid == Grid((16 // scale,) * 2, (margin,) * 2)
    assert ("enlarged 2 times" in picture.how) == (scale == 2)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tiles.png.meta", META.replace("y: 40", "y: 400")),
        ("other.tres", OF_GODOT + ATLAS.format("Rect2(0, 60, 16, 16)")),
    ],
)
def test_frames_that_lie_elsewhere_keep_out_no_picture_beside_them(tmp_path, pixels, name, text):
    (tmp_path / "tiles.png").write_bytes(png(pixels[:16, :16]))
    alone = plan_of(tmp_path / "tiles.png")
    (tmp_path / name).write_text(text)
    plan = plan_of(tmp_path / "tiles.png")
    assert len(plan) == 1
    assert [picture.how for picture in plan.pictures] == [p.how for p in alone.pictures]
    # If the file was chosen as well, a message says that the two do not belong together.
    (refused,) = plan_of(tmp_path).refused
    assert name in refused.why


def test_down_and_right_are_not_mixed_up_in_tiles_of_godot():
    head = TRES[: TRES.index("[sub_resource")]
    body = (
        '[sub_resource type="TileSetAtlasSource" id="T_1"]\ntexture = ExtResource("1_a")\n'
        "margins = Vector2i(1, 2)\nseparation = Vector2i(3, 4)\n"
        "texture_region_size = Vector2i(12, 14)\n"
    )
    (told,) = described_sheets((head + body).encode(), "a.tres")
    assert told.grid == Grid((14, 12), (2, 1), (4, 3))


def test_two_frames_side_by_side_in_a_scene_are_told():
    text = (
        '[ext_resource type="Texture2D" path="res://a.png" id="1_a"]\n\n[node name="A"]\n'
        'texture = ExtResource("1_a")\nhframes = 2\n'
    )
    (told,) = described_sheets(text.encode(), "a.tscn")
    assert told.counts == (1, 2)
    assert described_sheets(text.replace("= 2", "= 1").encode(), "a.tscn") == []


@pytest.mark.parametrize("json_too", [True, False])
def test_the_ground_at_the_rim_of_a_tile_set_is_no_background(tmp_path, json_too):
    rgba = np.full((16, 16, 16, 4), (72, 150, 72, 255), np.uint8)
    corners = (slice(0, 8), slice(0, 8)), (slice(0, 8), slice(8, 16))
    corners += (slice(8, 16), slice(0, 8)), (slice(8, 16), slice(8, 16))
    for tile, code in zip(rgba, CODES, strict=True):
        for digit, corner in zip(code, corners, strict=True):
            if digit == "1":
                tile[corner] = (58, 98, 190, 255)
    batch = SpriteBatch("s", rgba, rgba, names=CODES, columns=4)
    config = SpriteFilesConfig(kind="sheet", engine="tiled", json="hash" if json_too else "none")
    drain(write_sprites(tmp_path / "tiles.png", batch, config))
    assert (tmp_path / "tiles.json").exists() == json_too
    found = plan_of(tmp_path / "tiles.png")
    assert len(found) == 16
    assert (found.sprite_set("s").rgba[..., 3] == 255).all()
    # A background color of drawings is removed, as before.
    standing = np.full_like(rgba, (9, 8, 7, 255))
    standing[:, 3:13, 4:12] = rgba[:, 3:13, 4:12]
    drain(write_sprites(tmp_path / "tiles.png", replace(batch, rgba=standing), config))
    assert (plan_of(tmp_path / "tiles.png").sprite_set("s").rgba[:, 0, :, 3] == 0).all()


def test_a_tile_set_without_a_picture_or_of_diamonds_says_nothing():
    plain = json.loads(TSJ)
    for change in ({"image": None}, {"grid": {"orientation": "isometric"}}):
        told = {key: value for key, value in {**plain, **change}.items() if value is not None}
        assert described_sheets(json.dumps(told).encode(), "a.tsj") == []


@pytest.mark.parametrize(("count", "told"), [(3, 1), (4, 0)])
def test_so_many_frames_are_accepted_and_no_more(monkeypatch, count, told):
    monkeypatch.setattr(engine_texts, "MOST_FRAMES", 3)
    head = FRAMES[: FRAMES.index("[sub_resource")]
    frame = (
        '[sub_resource type="AtlasTexture"]\natlas = ExtResource("1_a")\n'
        "region = Rect2(0, 0, 1, 1)\n"
    )
    assert len(described_sheets((head + frame * count).encode(), "a.tres")) == told
