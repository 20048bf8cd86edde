"""Cells between noises: their positions, mixes and noises."""

import numpy as np
import pytest

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.trajectories.interpolation import Corner, Sheet, blend, slerp

HERO, FOOD = Corner(1, (("hero", 1.0),)), Corner(2, (("food", 1.0),))


def test_shares_are_bilinear_and_sum_to_one():
    row = Sheet((HERO, FOOD), 5, 1)
    assert [row.shares(cell) for cell in (0, 1, 4)] == [(1, 0), (0.75, 0.25), (0, 1)]
    grid = Sheet((HERO, FOOD, Corner(3), Corner(4)), 3, 3)
    assert len(grid) == 9
    assert grid.shares(4) == (0.25, 0.25, 0.25, 0.25)
    assert grid.shares(6) == (0, 0, 1, 0)
    assert all(sum(grid.shares(cell)) == pytest.approx(1) for cell in range(9))


def test_a_cell_is_drawn_with_the_classes_around_it():
    row = Sheet((HERO, FOOD), 3, 1)
    assert row.mix(0) == (("hero", 1.0),)
    assert row.mix(1) == (("hero", 0.5), ("food", 0.5))
    asked = SampleConfig(count=4, seed=9, classes=("hero",), steps=7)
    found = row.settings(1, asked)
    assert (found.count, found.seed, found.classes) == (1, 1, ())
    assert found.class_mix == row.mix(1)
    assert found.steps == 7


def test_corners_have_the_noise_of_their_seeds_and_all_its_length():
    shape = (3, 16, 16)
    grid = Sheet((HERO, FOOD, Corner(3), Corner(4)), 3, 3).noise(shape)
    for cell, seed in ((0, 1), (2, 2), (6, 3), (8, 4)):
        wanted = np.random.default_rng([seed, 0]).standard_normal(shape, np.float32)
        assert np.array_equal(grid[cell], wanted)
    lengths = np.linalg.norm(grid.reshape(9, -1), axis=1)
    assert np.abs(lengths / np.sqrt(768) - 1).max() < 0.1
    assert np.array_equal(Sheet((HERO, FOOD), 2, 1).noise(shape)[1], grid[2])


def test_an_arc_turns_evenly_and_its_length_changes_evenly():
    a, b = np.array([2.0, 0.0], np.float32), np.array([0.0, 4.0], np.float32)
    third = slerp(a, b, 1 / 3)
    assert np.degrees(np.arctan2(third[1], third[0])) == pytest.approx(30, abs=1e-4)
    assert np.linalg.norm(third) == pytest.approx(2 + 2 / 3, rel=1e-6)
    assert third.dtype == np.float32
    assert slerp(a, 3 * a, 0.5).tolist() == [4.0, 0.0]  # parallel: no arc is needed
    with pytest.raises(ConfigError, match="opposite"):
        slerp(a, -a, 0.5)


def test_what_is_no_sheet_is_refused_in_a_sentence():
    for corners, columns, rows in (((HERO,), 3, 1), ((HERO, FOOD), 3, 2), ((HERO, FOOD), 1, 1)):
        with pytest.raises(ConfigError, match="two corners"):
            Sheet(corners, columns, rows)
    for seed in (-1, 2**63):
        with pytest.raises(ConfigError, match="is not a seed"):
            Corner(seed)


def test_classes_without_weight_are_left_out():
    assert blend([{"a": 1.0}, {"b": 1.0}], (1.0, 0.0)) == (("a", 1.0),)
    assert blend([{"a": 0.8}, {"a": 0.8}], (1.0, 1.0)) == (("a", 1.0),)
