"""Sprites to export: what is known of them fits, and can be taken in another order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.characters import FRAMES, PARTS
from sprite_lab.core.sets.sprite_batch import SpriteBatch, character_batch


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


def test_a_character_has_a_row_and_an_animation_a_direction() -> None:
    found = character_batch(tuple(Cell() for _ in PARTS))
    assert found.columns == FRAMES
    assert found.names == tuple(part.replace(" ", "-") for part in PARTS)
    assert len(set(found.classes)) == len(PARTS) // FRAMES
    assert all(name.startswith("walk_") for name in found.classes)
