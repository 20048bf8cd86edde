"""Places in a star of classes, and the mixes that they mean."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.core.trajectories.class_star import (
    corners,
    mix_of,
    place_of,
    weights_at,
    weights_of,
)

COUNTS = [3, 4, 5, 8, 10]


@pytest.mark.parametrize("count", COUNTS)
def test_a_corner_is_a_class_alone_and_the_center_all_alike(count: int) -> None:
    for i, (x, y) in enumerate(corners(count)):
        assert weights_at(x, y, count) == tuple(float(k == i) for k in range(count))
    assert weights_at(0, 0, count) == (round(1 / count, 2),) * count


@pytest.mark.parametrize("count", COUNTS)
def test_an_edge_mixes_its_two_classes_in_proportion(count: int) -> None:
    at = corners(count)
    for share in (0.25, 0.5, 0.7):
        x, y = (1 - share) * at[1] + share * at[2]
        weights = weights_at(x, y, count)
        assert weights[1:3] == (pytest.approx(1 - share), pytest.approx(share))
        assert sum(weights) == pytest.approx(1)


@given(st.sampled_from(COUNTS), st.floats(0, 1), st.floats(0, 2 * math.pi))
def test_weights_are_a_mix_that_is_where_it_was_asked_for(
    count: int, radius: float, angle: float
) -> None:
    inside = radius * math.cos(math.pi / count)
    x, y = inside * math.cos(angle), inside * math.sin(angle)
    weights = weights_at(x, y, count)
    assert all(0 <= w <= 1 for w in weights)
    # Weights are rounded to hundredths, and tiny ones become 0.
    assert math.fsum(weights) == pytest.approx(1, abs=0.006 * count)
    assert place_of(weights) == (pytest.approx(x, abs=0.2), pytest.approx(y, abs=0.2))


@given(st.sampled_from(COUNTS), st.floats(1.01, 5), st.floats(0, 2 * math.pi))
def test_outside_it_is_the_nearest_of_the_border(count: int, radius: float, angle: float) -> None:
    weights = weights_at(radius * math.cos(angle), radius * math.sin(angle), count)
    some = [i for i, w in enumerate(weights) if w]
    assert len(some) in (1, 2)
    if len(some) == 2:
        assert (some[1] - some[0]) % count in (1, count - 1)


def test_names_and_weights() -> None:
    names = ("hero", "creature", "food")
    mix = mix_of(names, (0.5, 0.0, 0.25))
    assert mix == (("hero", 0.5), ("food", 0.25))
    assert weights_of(names, dict(mix)) == (0.5, 0.0, 0.25)
    assert place_of((0.0, 0.0, 0.0)) == (0.0, 0.0)
    assert np.allclose(place_of((0.4, 0.4, 0.4)), (0, 0))
