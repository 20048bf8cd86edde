"""The speed of a training by the clock."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sprite_lab.app.shell.text_format import rough_step, rough_time_text
from sprite_lab.app.train.pace import LEAST, SMOOTH, SPAN, STILL, Pace, TimeLeft


def test_time_in_which_nothing_came_makes_it_slow() -> None:
    pace = Pace()
    assert pace.steps_per_second(0.0) is None
    for second in range(11):
        pace.add(float(second), 10 * second)
    assert pace.steps_per_second(10.0) == pytest.approx(10.0)
    # It is only half as fast over 20 s, which the seconds of a step follow gradually.
    seconds = 0.1 + (1 - math.exp(-10 / SMOOTH)) * 0.1
    assert pace.steps_per_second(20.0) == pytest.approx(1 / seconds)
    for second in range(21, 200):
        pace.add(float(second), 5 * second)
        speed = pace.steps_per_second(float(second))
    assert speed == pytest.approx(5.0, rel=0.02)


def test_what_other_jobs_take_does_not_count() -> None:
    """“34 min left” once became “2 h 50 min” while the floor was computed."""
    pace, step = Pace(), 0
    assert pace.steps_per_second(0.0) is None
    for now in range(40):
        step += 10
        pace.add(float(now), step)
        if now <= LEAST - 1:
            assert pace.steps_per_second(float(now)) is None, "too short to tell"
    before = pace.steps_per_second(39.0)
    assert before == pytest.approx(10.0, rel=0.1)
    for now in range(40, 100):  # five times as slow, beside another job
        step += 2
        pace.add(float(now), step, shared=True)
        assert pace.steps_per_second(float(now)) == before
    for now in range(100, 140):
        step += 10
        pace.add(float(now), step)
        assert pace.steps_per_second(float(now)) == pytest.approx(10.0, rel=0.1)


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


def test_what_is_left_falls_in_steps_and_does_not_jump_about() -> None:
    left, rng = TimeLeft(), np.random.default_rng(0)
    shown = [
        rough_time_text(left.steady(seconds * rng.uniform(0.85, 1.15)))
        for seconds in np.arange(900.0, 0.0, -0.25)
    ]
    said = [text for text, before in zip(shown, ["", *shown], strict=False) if text != before]
    assert len(said) == len(set(said)), f"some came back: {said}"
    assert (said[0], said[-1]) == ("20 min", "10 s")
    # Clearly slower, it says so.
    assert rough_time_text(left.steady(1150.0)) == "20 min"


def test_the_speed_is_measured_from_the_last_step_before_the_span() -> None:
    pace = Pace()
    for now, step in ((0.0, 0), (5.0, 10), (5 + SPAN + 1, 20)):
        pace.add(now, step)
    assert pace.steps_per_second(5 + SPAN + 1) == pytest.approx(10 / (SPAN + 1))


def test_the_speed_is_known_after_exactly_the_least_time() -> None:
    pace = Pace()
    pace.add(100.0, 5)
    pace.add(100.0 + LEAST, 5 + 6)
    assert pace.steps_per_second(100.0 + LEAST) == pytest.approx(6 / LEAST)
    early = Pace()
    early.add(100.0, 5)
    early.add(101.0, 6)
    assert early.steps_per_second(101.0) is None


def test_a_step_that_comes_again_is_a_new_beginning() -> None:
    pace = Pace()
    for now, step in ((0.0, 1), (10.0, 11), (11.0, 11), (12.0, 12)):
        pace.add(now, step)
    assert pace.steps_per_second(12.0) is None
    pace.add(15.0, 19)
    assert pace.steps_per_second(15.0) == pytest.approx(2.0)


def test_what_is_left_rises_only_if_it_is_much_more() -> None:
    left = TimeLeft()
    assert left.steady(600.0) == 600.0
    assert left.steady(1.39 * 600.0) == 600.0
    assert left.steady(1.41 * 600.0) > 800.0


def test_what_is_left_falls_once_it_is_more_than_a_step_less() -> None:
    step = rough_step(600.0)
    left = TimeLeft()
    assert left.steady(600.0) == 600.0
    assert left.steady(600.0 - 1.2 * step) == 600.0
    assert left.steady(600.0 - 1.4 * step) == 600.0 - step
