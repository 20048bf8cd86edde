"""Errors by noise level: binned, averaged, and read back from a run's files, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sprite_lab.core.results.level_errors import Floor, LevelBins, LevelErrors

BINS = LevelBins(np.array([-4.0, -2.0, 0.0, 2.0, 4.0]), np.array([8.0, 6, 4, 2, 0]), "epsilon")


def test_levels_go_into_bins_and_those_beyond_into_the_outermost() -> None:
    assert len(BINS) == 4
    assert BINS.centers.tolist() == [-3, -1, 1, 3]
    assert BINS.index([-9, -4, -2.5, -2, 3.9, 4, 9]).tolist() == [0, 0, 0, 1, 3, 3, 3]
    assert BINS.t_at(1.0) == 3
    assert BINS.log_snr_at(3.0) == 1


def test_the_mean_is_that_of_each_bin() -> None:
    found = LevelErrors.of(BINS, [-3, -3, 3], [1.0, 2.0, 5.0])
    assert found.counts.tolist() == [2, 0, 0, 1]
    np.testing.assert_array_equal(found.mean, [1.5, np.nan, np.nan, 5])
    back = LevelErrors.from_json(BINS, found.to_json())
    assert back is not None
    np.testing.assert_array_equal(back.mean, found.mean)


@pytest.mark.parametrize(
    "data",
    [None, 3, [], [[1.0] * 4], [["a"] * 4, [1] * 4], [[1.0] * 3, [1] * 4], [[1.0] * 4, [1] * 3]],
)
def test_what_is_none_is_none(data: Any) -> None:
    assert LevelErrors.from_json(BINS, data) is None


def test_a_floor_comes_back_and_nothing_else_does() -> None:
    whole = Floor(np.array([-1.0, 1.0]), np.array([0.6, 0.5]), np.array([0.1, 0.2]), 70, 0.55)
    floor = Floor(np.array([-1.0, 1.0]), np.array([0.5, 0.25]), np.array([0.1, 0.2]), 7, 0.4, whole)
    data = floor.to_json()
    back = Floor.from_json(data)
    assert back is not None
    assert back.to_json() == data
    assert back.whole is not None
    assert (back.whole.sprites, back.whole.loss, back.whole.whole) == (70, 0.55, None)
    for wrong in (None, {}, {**data, "error": ["a"]}, {**data, "error": [1.0]}):
        assert Floor.from_json(wrong) is None
