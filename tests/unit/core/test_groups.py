"""Groups: sizes, order, across a split, joined."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.core.groups import across, group_sizes, grouped_rows, joined, runs

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


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=20))
def test_joined_is_what_walking_from_one_to_the_next_reaches(pairs: list[tuple[int, int]]) -> None:
    found = joined(*(np.array(side) for side in zip(*pairs, strict=True)))
    for start in range(len(pairs)):
        reached, way = {start}, [start]
        while way:
            at = way.pop()
            for other, pair in enumerate(pairs):
                near = pair[0] == pairs[at][0] or pair[1] == pairs[at][1]
                if near and other not in reached:
                    reached.add(other)
                    way.append(other)
        assert set(np.flatnonzero(found == found[start]).tolist()) == reached
