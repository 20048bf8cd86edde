"""Whole masks: kept, inverted, feathered, inside a selection."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.redraw_masks import feathered, inverted, keep_drawn, only_inside


def test_what_is_drawn_is_kept() -> None:
    rgba = np.zeros((8, 8, 4), np.uint8)
    rgba[2, 3] = (0, 0, 0, 1)
    mask = keep_drawn(rgba)
    assert mask.dtype == np.uint8
    assert np.argwhere(mask == 0).tolist() == [[2, 3]]
    assert set(mask.ravel().tolist()) == {0, 255}


def test_a_drawing_by_hand_is_kept_until_there_is_a_mask() -> None:
    drawn = Cell().painted({3: (1, 2, 3, 255)})
    kept = drawn.kept_by_hand
    assert np.flatnonzero(kept.redraw == 0).tolist() == [3]
    assert kept.kept_by_hand is kept
    bought = replace(drawn, thanks=("Ada",))
    assert bought.kept_by_hand is bought


def test_twice_inverted_is_as_before() -> None:
    mask = np.arange(64, dtype=np.uint8).reshape(8, 8) * 4
    assert np.array_equal(inverted(inverted(mask)), mask)
    assert inverted(mask)[0, 0] == 255


@pytest.mark.parametrize("width", [1, 2, 5])
def test_a_soft_edge_rises_with_the_distance(width: int) -> None:
    mask = np.full((16, 16), 255, np.uint8)
    mask[8, 4] = 0
    soft = feathered(mask, width)
    for x in range(16):
        share = min(1.0, abs(x - 4) / (width + 1))
        assert soft[8, x] == round(255 * share)
    diagonal = min(1.0, np.sqrt(2) / (width + 1))
    assert soft[9, 5] == round(255 * diagonal)
    assert np.array_equal(feathered(soft, width), soft)
    assert ((soft == 0) == (mask == 0)).all()


def test_nothing_kept_or_nothing_free_has_no_edge() -> None:
    for value in (0, 255):
        mask = np.full((8, 8), value, np.uint8)
        assert np.array_equal(feathered(mask, 3), mask)


def test_a_softer_pixel_stays_as_soft_as_it_was() -> None:
    mask = np.full((8, 8), 255, np.uint8)
    mask[0, 0], mask[0, 1] = 0, 10
    assert feathered(mask, 1)[0, 1] == 10


def test_only_inside() -> None:
    mask = np.full((8, 8), 255, np.uint8)
    mask[0, 0] = 7
    selection = np.zeros((8, 8), bool)
    selection[:2] = True
    found = only_inside(mask, selection)
    assert np.array_equal(found[:2], mask[:2])
    assert not found[2:].any()
    assert only_inside(mask, None) is mask
