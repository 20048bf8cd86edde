"""Sprites as files and as sheets: read back by Pillow, and their JSON by Aseprite's format."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from PIL import Image

from sprite_lab.core import file_names
from sprite_lab.core.config import SampleConfig, SpriteFilesConfig
from sprite_lab.core.errors import ConfigError, FileError
from sprite_lab.core.frame_tags import Tag
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.run import drain
from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.sprite_batch import (
    SpriteBatch,
    drawn_cells,
    exported_cells,
    finished_sprites,
    sprites_of_set,
)
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.formats.images import atlas as atlas_module
from sprite_lab.formats.images.atlas import Atlas
from sprite_lab.formats.images.sprite_files import files_of, write_sprites
from sprite_lab.formats.metadata import read_config

SIZE = {
    "type": "object",
    "required": ["w", "h"],
    "properties": {"w": {"type": "integer", "minimum": 1}, "h": {"type": "integer", "minimum": 1}},
}
PLACE = {
    "type": "object",
    "required": ["x", "y", "w", "h"],
    "properties": {name: {"type": "integer", "minimum": 0} for name in "xywh"},
    "additionalProperties": False,
}
FRAME = {
    "type": "object",
    "required": ["frame", "rotated", "trimmed", "spriteSourceSize", "sourceSize", "duration"],
    "properties": {
        "frame": PLACE,
        "rotated": {"const": False},
        "trimmed": {"const": False},
        "spriteSourceSize": PLACE,
        "sourceSize": SIZE,
        "duration": {"type": "integer", "minimum": 1},
    },
}
META = {
    "type": "object",
    "required": ["app", "version", "image", "format", "size", "scale", "frameTags"],
    "properties": {
        "image": {"type": "string"},
        "format": {"const": "RGBA8888"},
        "size": SIZE,
        "scale": {"const": "1"},
        "frameTags": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "from", "to", "direction"],
                "properties": {"direction": {"enum": ["forward", "reverse", "pingpong"]}},
            },
        },
    },
}
#: The format of Aseprite's own exports (docs: Sprite sheet, JSON data).
SCHEMAS = {
    "hash": {
        "type": "object",
        "required": ["frames", "meta"],
        "properties": {
            "frames": {"type": "object", "additionalProperties": FRAME},
            "meta": META,
        },
    },
    "array": {
        "type": "object",
        "required": ["frames", "meta"],
        "properties": {
            "frames": {
                "type": "array",
                "items": {**FRAME, "required": [*FRAME["required"], "filename"]},
            },
            "meta": META,
        },
    },
}


def batch(count: int = 5, **known: object) -> SpriteBatch:
    rng = np.random.default_rng(1)
    rgba = rng.integers(0, 255, (count, 4, 6, 4), np.uint8)
    rgba[..., 3] = np.where(rng.random((count, 4, 6)) < 0.3, 0, 255)
    kept = rgba.copy()
    kept[rgba[..., 3] == 0] = (255, 255, 255, 255)
    return SpriteBatch("things", rgba, kept, **known)  # type: ignore[arg-type]


def read(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.array(image.convert("RGBA"))


@pytest.mark.parametrize("layout", ["hash", "array"])
@pytest.mark.parametrize(
    "look",
    [
        {},
        {"padding": 3, "columns": 2},
        {"padding": 1, "extrusion": 2, "scale": 3},
        {"power_of_two": True, "extrusion": 1, "background": "kept"},
    ],
)
def test_every_sprite_is_where_the_json_says(tmp_path: Path, layout: str, look: dict) -> None:
    given = batch(classes=("a", "a", "b", "", "a"), durations_ms=(100, 90, 80, 70, 60))
    path = tmp_path / "sheet.png"
    config = SpriteFilesConfig(kind="sheet", json=layout, template="{class} {index}", **look)
    files = drain(write_sprites(path, given, config))
    assert files == [path, tmp_path / "sheet.json"]
    told = json.loads(files[1].read_text("utf-8"))
    jsonschema.validate(told, SCHEMAS[layout])
    sheet = read(path)
    assert told["meta"]["size"] == {"w": sheet.shape[1], "h": sheet.shape[0]}
    assert told["meta"]["image"] == "sheet.png"
    frames = told["frames"]
    if layout == "hash":
        assert list(frames) == ["a 1.png", "a 2.png", "b 3.png", "sprite 4.png", "a 5.png"]
        frames = list(frames.values())
    assert [frame["duration"] for frame in frames] == [100, 90, 80, 70, 60]
    scale, want = config.scale, given.pixels(config.background)
    for sprite, frame in zip(want, frames, strict=True):
        x, y, w, h = (frame["frame"][side] for side in "xywh")
        expected = sprite.repeat(scale, 0).repeat(scale, 1)
        assert np.array_equal(sheet[y : y + h, x : x + w], expected)
        out = config.extrusion
        around = np.pad(expected, ((out, out), (out, out), (0, 0)), "edge")
        assert np.array_equal(sheet[y - out : y + h + out, x - out : x + w + out], around)
    tags = [(tag["name"], tag["from"], tag["to"]) for tag in told["meta"]["frameTags"]]
    assert tags == [], "classes are no animations"
    assert [frame.get("class", "") for frame in frames] == list(given.classes)
    if config.power_of_two:
        assert all(side & (side - 1) == 0 for side in sheet.shape[:2])
    # Everything outside of sprites is transparent.
    covered = np.zeros(sheet.shape[:2], bool)
    for frame in frames:
        x, y, w, h = (frame["frame"][side] for side in "xywh")
        covered[y - out : y + h + out, x - out : x + w + out] = True
    assert not sheet[~covered].any()


def test_single_files_are_named_by_a_template(tmp_path: Path) -> None:
    config = SampleConfig(seed=7, count=3, classes=("hero", "food"))
    clean = np.random.default_rng(0).uniform(-1, 1, (1, 3, 16, 16, 3)).astype(np.float16)
    one = np.zeros(1, np.float32)
    given = finished_sprites(Trajectory("reverse", one, one, clean, clean, config))
    look = SpriteFilesConfig(template="{class}_{seed}_{index:03}", scale=2)
    files = drain(write_sprites(tmp_path / "new" / "folder", given, look))
    assert [file.name for file in files] == [
        "hero_7_001.png",
        "food_7_002.png",
        "hero_7_003.png",
    ]
    for i, file in enumerate(files):
        assert np.array_equal(read(file)[::2, ::2], given.rgba[i])
        assert read_config(file) == given.configs[i]
        assert given.configs[i].first_index == i
        assert given.configs[i].count == 1


def test_a_kept_background_is_opaque(tmp_path: Path) -> None:
    given = batch()
    files = drain(
        write_sprites(tmp_path, given, SpriteFilesConfig(background="kept", template="{index}"))
    )
    assert all((read(file)[..., 3] == 255).all() for file in files)
    files = drain(write_sprites(tmp_path, given, SpriteFilesConfig(template="{index}")))
    seen = np.where(given.rgba[..., 3:] > 0, given.rgba, 0)  # transparent pixels have no color
    assert np.array_equal(np.stack([read(file) for file in files]), seen)


def test_called_off_no_new_file_stays(tmp_path: Path) -> None:
    (tmp_path / "2.png").write_bytes(b"was there")
    run = write_sprites(tmp_path, batch(), SpriteFilesConfig(template="{index}"))
    for _ in range(4):
        next(run)
    assert len(list(tmp_path.iterdir())) == 3
    run.close()
    assert [file.name for file in tmp_path.iterdir()] == ["2.png"]


def test_called_off_no_folder_stays_that_was_made_for_it(tmp_path: Path) -> None:
    run = write_sprites(tmp_path / "new", batch(), SpriteFilesConfig())
    next(run)
    next(run)
    run.close()
    assert not list(tmp_path.iterdir())


def test_single_files_sheet_and_json_in_one_run(tmp_path: Path) -> None:
    names = ("sheet", "slime", "slime", "things", "")
    given = batch(names=names, tags=(("walk",), ("walk", "left"), ("left",), (), ("walk",)))
    config = SpriteFilesConfig(kind="both", engine="godot", columns=2)
    files = drain(write_sprites(tmp_path / "all", given, config))
    assert [file.name for file in files] == [
        "sheet.png", "slime.png", "slime-2.png", "things.png", "sprite-5.png",
        "things-2.png", "things-2.json", "things-2.tres",
    ]  # fmt: skip
    assert files == files_of(tmp_path / "all", given, config), "what would be replaced is known"
    assert sorted(files) == sorted((tmp_path / "all").iterdir())
    told = json.loads(files[-2].read_text())
    assert list(told["frames"]) == [file.name for file in files[:5]], "one name for each sprite"
    sheet = read(files[5])
    for i, entry in enumerate(told["frames"].values()):
        x, y, w, h = (entry["frame"][key] for key in "xywh")
        assert np.array_equal(sheet[y : y + h, x : x + w], read(files[i]))
    assert [(t["name"], t["from"], t["to"]) for t in told["meta"]["frameTags"]] == [
        ("walk", 0, 1),
        ("left", 1, 2),
        ("walk", 4, 4),
    ]
    godot = files[-1].read_text()
    assert all(f'"name": &"{name}"' in godot for name in ("walk", "left", "things", "walk-2"))


def test_called_off_neither_single_files_nor_their_sheet_stay(tmp_path: Path) -> None:
    config = SpriteFilesConfig(kind="both")
    run = write_sprites(tmp_path / "new", batch(), config)
    for _ in range(7):  # all single files are written, and the sheet has begun
        next(run)
    assert len(list((tmp_path / "new").iterdir())) == 5
    run.close()
    assert not list(tmp_path.iterdir())


def test_only_what_was_tagged_is_a_tag() -> None:
    classes = ("hero", "hero", "", "food", "hero")
    assert batch(classes=classes).frame_tags == ()
    tagged = batch(classes=classes, tags=((), ("walk",), ("walk",), (), ()))
    assert tagged.frame_tags == (Tag("walk", 1, 2),)


def test_blank_cells_are_no_files_and_on_a_sheet_if_they_may() -> None:
    drawn = Cell(bytes([9, 9, 9, 255]) * 256, name="slime", tags=("walk",))
    cells = (drawn, Cell(), drawn, Cell())
    sheet = SpriteFilesConfig(kind="sheet")
    assert len(exported_cells(cells, "p", sheet, 2)) == 4
    for config in (
        SpriteFilesConfig(kind="sheet", without_blank=True),
        SpriteFilesConfig(kind="files"),
        SpriteFilesConfig(kind="both", without_blank=True),
    ):
        found = exported_cells(cells, "p", config, 2)
        assert len(found) == 2
        assert found.stems("{name}-{index:03}") == ["slime-001", "slime-002"]
        assert found.frame_tags == (Tag("walk", 0, 1),)


def test_both_has_blank_cells_on_the_sheet_alone(tmp_path: Path) -> None:
    """The option that leaves blank cells out, which is off, says so."""
    drawn = Cell(bytes([9, 9, 9, 255]) * 256, name="slime")
    config = SpriteFilesConfig(kind="both")
    cells = exported_cells((drawn, Cell(), drawn, Cell()), "grid", config, 2)
    files = drain(write_sprites(tmp_path, cells, config))
    assert [file.name for file in files] == ["slime.png", "slime-2.png", "grid.png", "grid.json"]
    assert files == files_of(tmp_path, cells, config)
    sizes = []
    for file in files[:3]:
        with Image.open(file) as image:
            sizes.append(image.size)
    assert sizes == [(16, 16), (16, 16), (32, 32)]


def test_of_a_sheet_and_its_json_both_are_written_or_neither(tmp_path: Path) -> None:
    config = SpriteFilesConfig(kind="sheet", json="hash")
    (tmp_path / "a.json").write_text("before")
    (tmp_path / "a.png").mkdir()
    with pytest.raises(FileError, match="folder"):
        drain(write_sprites(tmp_path / "a.png", batch(), config))
    assert (tmp_path / "a.json").read_text() == "before"
    (tmp_path / "b.json").mkdir()
    with pytest.raises(FileError, match="folder"):
        drain(write_sprites(tmp_path / "b.png", batch(), config))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.png", "b.json"]


def test_a_set_says_whom_to_credit(tmp_path: Path, sprites: SpriteSet) -> None:
    source = np.array(["pack"] * len(sprites))
    thanked = replace(sprites, source=source, credits=(Credit("pack", "Pack", "Ann", "CC-BY 4.0"),))
    given = sprites_of_set(thanked, [3, 1])
    assert given.classes == (sprites.class_names[3], sprites.class_names[1])
    path = tmp_path / "a.png"
    files = drain(write_sprites(path, given, SpriteFilesConfig(kind="sheet")))
    with Image.open(path) as image:
        assert image.text["Attribution"] == "“Pack” by Ann (CC-BY 4.0)"
    assert json.loads(files[1].read_text("utf-8"))["meta"]["attribution"].startswith("“Pack”")


def test_each_of_several_pictures_credits_only_whom_it_owes(tmp_path: Path) -> None:
    ink = bytes([9, 9, 9, 255]) * 256
    cells = (Cell(ink), Cell(ink, thanks="“Pack” by Ann"), Cell(ink, thanks="“Other” by Bo"))
    files = drain(
        write_sprites(tmp_path / "out", drawn_cells(cells, "mine"), SpriteFilesConfig(kind="both"))
    )
    said = {}
    for file in files:
        if file.suffix == ".png":
            with Image.open(file) as image:
                said[file.name] = image.text.get("Attribution", "")
    assert list(said.values()) == [
        "",
        "“Pack” by Ann",
        "“Other” by Bo",
        "“Pack” by Ann\n“Other” by Bo",
    ]


def test_what_cannot_be_exported() -> None:
    with pytest.raises(ConfigError, match="no sprites"):
        drawn_cells((), "none")
    with pytest.raises(ConfigError, match="'padding'"):
        SpriteFilesConfig(padding=-1)
    with pytest.raises(ConfigError, match="would be 8,192×8,192 pixels; choose a smaller scale"):
        Atlas.lay_out(64 * 64, (2, 2), SpriteFilesConfig(scale=64))


def test_a_sheet_without_json_is_one_file(tmp_path: Path) -> None:
    config = SpriteFilesConfig(kind="both", json="none")
    files = files_of(tmp_path, batch(), config)
    assert [path.suffix for path in files] == [".png"] * (len(batch()) + 1)
    assert [path.name for path in files[:2]] == ["sprite-1.png", "sprite-2.png"], (
        "no seed unless asked for"
    )
    assert drain(write_sprites(tmp_path, batch(), config)) == files
    assert sorted(tmp_path.iterdir()) == sorted(files)


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="'file' cannot be written"):
        drain(write_sprites(tmp_path / "file", batch(), SpriteFilesConfig()))


class TestNames:
    FACTS = {"index": 3, "seed": 42, "class_name": "hero", "name": "Ork: 1/2"}

    @pytest.mark.parametrize(
        ("template", "name"),
        [
            ("{class}-{seed}-{index}", "hero-42-3"),
            ("{index:04}", "0003"),
            ("{name}", "Ork- 1-2"),
            ("{{x}} {class}", "{x} hero"),
            ("con", "_con"),
            ("lpt1.{index}", "_lpt1.3"),
            ("nul .{index}", "_nul .3"),
            ("COM¹", "_COM¹"),
            ("CONOUT$.{index}", "_CONOUT$.3"),
            ("console", "console"),
            (" . ", "sprite"),
            ("a" * 400, "a" * 120),
            ("剣" * 100, "剣" * 66),
            ("a" + "剣" * 100, "a" + "剣" * 66),
        ],
    )
    def test_are_what_every_system_takes(self, template: str, name: str) -> None:
        assert file_names.fill(template, **self.FACTS) == name

    @pytest.mark.parametrize(
        "template",
        [
            "{sead}",
            "{index",
            "index}",
            "{}",
            "{0}",
            "{index!r}",
            "{index:>9999999}",
            "a/b",
            "..\\x",
        ],
    )
    def test_or_are_refused_in_a_sentence(self, template: str) -> None:
        with pytest.raises(ConfigError) as caught:
            file_names.check_template(template)
        assert str(caught.value).endswith((".", "}."))

    @pytest.mark.parametrize("letter", ["剣", "é", "😀", "a"])
    def test_can_be_written_with_a_number_and_a_suffix(self, tmp_path: Path, letter: str) -> None:
        for name in file_names.unique([file_names.safe(letter * 300)] * 12):
            (tmp_path / f"{name}.aseprite").write_bytes(b"")
        assert len(list(tmp_path.iterdir())) == 12

    def test_no_two_are_alike(self) -> None:
        names = ["a", "b", "A", "a", "a-2"]
        assert file_names.unique(names) == ["a", "b", "A-2", "a-3", "a-2-2"]

    def test_unknown_facts_have_words(self) -> None:
        filled = file_names.fill(
            "{class} {name} {seed}", index=1, seed=None, class_name="", name=""
        )
        assert filled == "sprite sprite-1 0"

    @pytest.mark.parametrize(
        ("template", "names"),
        [
            ("{name}", ["Ada", "hero-2"]),
            ("{name}-{index:02}", ["Ada-01", "hero-02"]),
            ("{class}-{index}", ["hero-1", "hero-2"]),
        ],
    )
    def test_what_has_no_name_is_called_by_its_class_and_number(
        self, template: str, names: list[str]
    ) -> None:
        cells = (Cell(name="Ada"), Cell())
        given = replace(drawn_cells(cells, "a"), classes=("hero", "hero"))
        assert given.stems(template) == names


def test_places_are_counted_with_margins_and_gaps() -> None:
    config = SpriteFilesConfig(columns=3, padding=4, extrusion=2, scale=1)
    atlas = Atlas.lay_out(5, (4, 4), config)
    assert atlas.places == [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1)]
    assert atlas.counts == (3, 2)


def test_a_sheet_may_have_exactly_the_most_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    config = SpriteFilesConfig(columns=2, padding=0, extrusion=0, scale=1)
    monkeypatch.setattr(atlas_module, "MOST_PIXELS", 8 * 4)
    assert Atlas.lay_out(2, (4, 4), config).size == (8, 4)
    monkeypatch.setattr(atlas_module, "MOST_PIXELS", 8 * 4 - 1)
    with pytest.raises(ConfigError, match="choose a smaller scale"):
        Atlas.lay_out(2, (4, 4), config)
