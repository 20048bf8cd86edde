"""Where a student evaluates."""

from __future__ import annotations

import numpy as np
import pytest

from sprite_lab.diffusion.consistency import between, student_levels


@pytest.mark.parametrize("low", [-8.76, -5.0, 0.0, 6.0])
@pytest.mark.parametrize("steps", [1, 2, 4])
def test_levels_rise_from_where_it_starts_and_end_before_the_cleanest(
    low: float, steps: int
) -> None:
    levels = student_levels(low, 13.0, steps)
    assert levels[0] == low
    assert len(levels) == steps
    assert (np.diff(levels) > 0).all()
    assert levels[-1] < 13


def test_from_pure_noise_the_second_of_two_is_where_sprites_take_shape() -> None:
    assert -3 < student_levels(-8.76, 13.0, 2)[1] < 0


def test_shares_are_of_the_way() -> None:
    """Half of the way from a to c and then half of the rest is three quarters of it."""
    half = float(between(-6.0, 9.0, [0.5])[0])
    assert between(half, 9.0, [0.5])[0] == pytest.approx(between(-6.0, 9.0, [0.75])[0])


def test_where_it_starts_as_clean_as_it_knows_one_is_enough() -> None:
    assert student_levels(13.0, 13.0, 4).tolist() == [13.0]
    assert student_levels(20.0, 13.0, 4).tolist() == [20.0]
