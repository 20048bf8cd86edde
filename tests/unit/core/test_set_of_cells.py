"""Drawings as a data set: classes, words and credits."""

from dataclasses import replace

import numpy as np
import pytest

from sprite_lab.core.config import Conditions, SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.sets.drawings import set_of_cells

INK = bytes([9, 9, 9, 255]) * 256


def test_what_the_cells_ask_for_goes_along():
    cells = [
        Cell(INK, Conditions.of_class("hero")),
        Cell(),
        Cell(INK, Conditions(words=("red", "slime")), thanks="“A” by B\n“C”"),
        Cell(INK, Conditions.of_class("food"), thanks="“D” (CC0)"),
    ]
    made = set_of_cells(cells, "mine")
    assert len(made) == 3
    assert made.class_names == ("hero", "food")
    assert made.labels.tolist() == [0, -1, 1]
    assert made.words.tolist() == ["", "red slime", ""]
    known = set_of_cells(cells, "mine", ("item", "food", "hero"))
    assert known.class_names == ("food", "hero")
    assert known.labels.tolist() == [1, -1, 0]
    assert made.rgba[0].tobytes() == INK
    credits = {credit.source: credit.line for credit in made.credits}
    lines = [credits.get(str(source), "") for source in made.source]
    assert lines[0] == ""
    assert "“A” by B; “C”" in lines[1]
    assert "“D” (CC0)" in lines[2]
    assert np.array_equal(made.group, [0, 1, 2])


def test_a_cell_that_asks_for_nothing_has_what_it_was_made_with():
    config = SampleConfig(count=1, classes=("hero",), words=("goblin",))
    made = set_of_cells([Cell(INK, made_by=config), Cell(INK)], "mine")
    assert made.class_names == ("hero",)
    assert made.labels.tolist() == [0, -1]
    assert made.words.tolist() == ["goblin", ""]


def test_the_largest_share_of_a_mix_is_the_class():
    mix = (("item", 0.3), ("hero", 0.7))
    cells = [
        Cell(INK, made_by=SampleConfig(count=1, class_mix=(("item", 1.0),))),
        Cell(INK, made_by=SampleConfig(count=1, class_mix=mix)),
        Cell(INK, Conditions(class_mix=mix), made_by=SampleConfig(count=1, classes=("food",))),
    ]
    made = set_of_cells(cells, "mine")
    assert made.classes == ["item", "hero", "hero"]


def test_sprites_without_a_name_are_named_after_their_class():
    hero = Cell(INK, Conditions.of_class("big_hero"))
    cells = [hero, Cell(INK), replace(hero, name="big hero 2"), hero, Cell(INK, name="Ada")]
    made = set_of_cells(cells, "mine", taken=["sprite 1"])
    assert made.names.tolist() == ["big hero 1", "sprite 2", "big hero 2", "big hero 3", "Ada"]


def test_sprites_without_a_name_are_named_after_their_words():
    slime = Cell(INK, Conditions(words=("red", "slime")))
    made = set_of_cells([slime, Cell(INK, Conditions.of_class("hero")), slime], "mine")
    assert made.names.tolist() == ["red slime 1", "hero 1", "red slime 2"]


def test_blank_cells_make_no_set():
    with pytest.raises(ConfigError, match="blank"):
        set_of_cells([Cell()], "none")
