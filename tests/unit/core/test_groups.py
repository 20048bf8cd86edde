"""Groups: their sizes and order, and groups on both sides of a split."""

from __future__ import annotations

import numpy as np

from sprite_lab.core.sets.groups import across, group_sizes, grouped_rows, runs

GROUP = np.array([7, 1, 7, 3, 1, 7, 9])


def test_sizes_and_order() -> None:
    assert group_sizes(GROUP).tolist() == [3, 2, 3, 1, 2, 3, 1]
    rows = grouped_rows(GROUP)
    assert rows.tolist() == [0, 2, 5, 1, 4]
    assert runs(GROUP[rows]).tolist() == [0, 0, 0, 1, 1]
    assert grouped_rows(GROUP, np.arange(7) == 4).tolist() == [1, 4]
    assert runs(np.zeros(0)).tolist() == []


def test_what_reaches_across() -> None:
    sides = np.array([True, False, True, True, True, True, False])
    assert np.flatnonzero(across(GROUP, sides)).tolist() == [1, 4]
