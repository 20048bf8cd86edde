"""Sprites to export: their facts match, and stay with them when reordered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sprite_lab.core.config import SpriteFilesConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.characters import FRAMES, PARTS
from sprite_lab.core.pixels.tile_sets import CODES
from sprite_lab.core.sets.sprite_batch import (
    SpriteBatch,
    character_batch,
    drawn_cells,
    finished_sprites,
)
from sprite_lab.core.trajectories.trajectory import Trajectory


def batch() -> SpriteBatch:
    rgba = np.arange(3 * 4 * 4 * 4, dtype=np.uint8).reshape(3, 4, 4, 4)
    return SpriteBatch("three", rgba, rgba, names=("a", "b", "c"), columns=3)


def test_some_of_them_are_taken_in_any_order() -> None:
    some = batch().take([2, 0])
    assert some.names == ("c", "a")
    assert np.array_equal(some.rgba, batch().rgba[[2, 0]])
    assert some.seeds == ()
    assert some.columns == 0


def test_what_is_known_is_of_each_or_of_none() -> None:
    with pytest.raises(ConfigError):
        replace(batch(), names=("a",))
    with pytest.raises(ConfigError, match="no sprites to export"):
        SpriteBatch("none", np.zeros((0, 1, 1, 4), np.uint8), np.zeros((0, 1, 1, 4), np.uint8))


def test_what_was_asked_for_without_classes_has_none() -> None:
    x = np.zeros((2, 1, 8, 8, 3), np.float16)
    levels = np.zeros(2, np.float32)
    assert finished_sprites(Trajectory("reverse", levels, levels, x, x)).classes == ()


def test_a_character_has_a_row_and_an_animation_a_direction() -> None:
    hero = Cell(name="hero"), *(Cell() for _ in PARTS[1:])
    assert character_batch(hero).title == "hero"
    knight = Cell(part="A/down 0").asking(words=("red", "knight")), *(Cell() for _ in PARTS[1:])
    assert character_batch(knight).title == "red knight"
    assert drawn_cells(knight, "a").names[0] == "red-knight-down-0"
    found = character_batch(tuple(Cell() for _ in PARTS))
    assert found.columns == FRAMES
    assert found.names == tuple(part.replace(" ", "-") for part in PARTS)
    assert len(set(found.classes)) == len(PARTS) // FRAMES
    assert all(name.startswith("walk_") for name in found.classes)


def test_a_cell_without_a_name_is_called_by_its_words() -> None:
    cells = Cell().asking(words=("red", "slime")), Cell(name="Bob").asking(words=("slime",))
    assert drawn_cells(cells, "a").stems("{name}") == ["red slime", "Bob"]


def test_frames_of_a_character_are_tagged_by_their_walk() -> None:
    """This holds when its cells are exported as frames, and beside the user's own tags."""
    cells = [Cell(part=f"Character 1/{part}") for part in PARTS]
    tags = drawn_cells(tuple(cells), "a").frame_tags
    assert [(tag.name, tag.first, tag.last) for tag in tags] == [
        ("walk_down", 0, 3), ("walk_left", 4, 7), ("walk_right", 8, 11), ("walk_up", 12, 15)
    ]  # fmt: skip
    own = (Cell(part="Character 1/down 0", tags=("idle",)), Cell(part="Terrain 1/0000"))
    assert [tag.name for tag in drawn_cells(own, "a").frame_tags] == ["walk_down", "idle"]


def test_walks_of_several_characters_are_told_apart() -> None:
    names = {"A/down 0": "king", "B/down 0": "king"}
    parts = [f"{who}/{part}" for who in ("A", "B", "C 1") for part in PARTS]
    cells = (
        *(Cell(part=part, name=names.get(part, "")) for part in parts),
        Cell().asking(class_mix=(("orc", 1.0),)),
    )
    found = drawn_cells(cells, "a")
    tags = [tag.name for tag in found.frame_tags]
    assert len({*tags}) == len(tags) == 12
    assert tags[::4] == ["king_walk_down", "king-2_walk_down", "C-1_walk_down"]
    stems = found.stems("{name}")
    assert [stems[i] for i in (0, 1, 17, 33, 48)] == [
        "king-down-0", "king-down-1", "king-2-down-1", "C-1-down-1", "orc-49"
    ]  # fmt: skip
    assert drawn_cells(cells[:16], "a").frame_tags[0].name == "walk_down"


def test_terrains_among_other_cells_are_known_with_their_tiles() -> None:
    slime = Cell(name="slime")
    moss = tuple(Cell(part=f"moss/{code}", name="moss" if code == "0000" else "") for code in CODES)
    half = tuple(Cell(part=f"Terrain 2/{code}") for code in CODES[1:])
    found = drawn_cells((slime, *moss, *half), "a")
    stems = found.stems(SpriteFilesConfig().template)
    assert stems[0] == "slime"
    assert stems[1:17] == [f"moss-{code}" for code in CODES]
    assert stems[17] == f"Terrain-2-{CODES[1]}"
    assert not found.frame_tags
    (tiles,) = found.tile_sets
    assert (tiles.title, tiles.codes) == ("moss", ("", *CODES, *[""] * len(half)))
    assert found.tile_set is None, "they are not all tiles"
    assert drawn_cells(moss, "a").tile_set is not None


def test_transparent_pixels_have_no_color() -> None:
    rgba = np.full((2, 4, 4, 4), 255, np.uint8)
    rgba[:, :2, :, 3] = 0
    some = SpriteBatch("some", rgba, rgba)
    for background in ("transparent", "kept"):
        pixels = some.pixels(background)
        assert not pixels[:, :2].any()
        assert (pixels[:, 2:] == 255).all()
        assert pixels.dtype == np.uint8
