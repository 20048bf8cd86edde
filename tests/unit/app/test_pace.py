"""The speed of a training by the clock."""

from __future__ import annotations

import pytest

from sprite_lab.app.train.pace import SPAN, STILL, Pace


def test_time_in_which_nothing_came_makes_it_slow() -> None:
    pace = Pace()
    assert pace.steps_per_second(0.0) is None
    for second in range(11):
        pace.add(float(second), 10 * second)
    assert pace.steps_per_second(10.0) == pytest.approx(10.0)
    assert pace.steps_per_second(20.0) == pytest.approx(5.0)


def test_it_forgets_what_was_long_ago_and_what_was_taken_back() -> None:
    pace = Pace()
    pace.add(0.0, 0)
    for second in range(1000, 1100):
        pace.add(float(second), second)
    assert pace.steps_per_second(1099.0) == pytest.approx(1.0, rel=2 / SPAN)
    pace.add(1100.0, 50)
    assert pace.steps_per_second(1100.0) is None


def test_it_stands_still_after_longer_than_a_step_takes() -> None:
    pace = Pace()
    assert not pace.is_stalled(100.0, usual=1.0)
    pace.add(100.0, 1)
    assert not pace.is_stalled(100.0 + STILL, usual=0.1)
    assert pace.is_stalled(100.1 + STILL, usual=0.1)
    assert not pace.is_stalled(110.0, usual=10.0)
