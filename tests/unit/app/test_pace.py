"""Whether a training run makes progress, and how long it will take."""

from __future__ import annotations

import numpy as np

from sprite_lab.app.shell.text_format import rough_step, rough_time_text
from sprite_lab.app.train.pace import STILL, Pulse, TimeLeft


def test_it_stands_still_after_longer_than_a_step_takes() -> None:
    pulse = Pulse()
    assert not pulse.is_stalled(100.0, usual=1.0)
    pulse.beat(100.0)
    assert not pulse.is_stalled(100.0 + STILL, usual=0.1)
    assert pulse.is_stalled(100.1 + STILL, usual=0.1)
    assert not pulse.is_stalled(110.0, usual=10.0)
    pulse.clear()
    assert not pulse.is_stalled(1000.0, usual=0.1)


def test_what_is_left_falls_in_steps_and_does_not_jump_about() -> None:
    left, rng = TimeLeft(), np.random.default_rng(0)
    shown = [
        rough_time_text(left.steady(seconds * rng.uniform(0.85, 1.15)))
        for seconds in np.arange(900.0, 0.0, -0.25)
    ]
    said = [text for text, before in zip(shown, ["", *shown], strict=False) if text != before]
    assert len(said) == len(set(said)), f"some came back: {said}"
    assert (said[0], said[-1]) == ("20 min", "10 s")
    # Once it is clearly slower, the text says so.
    assert rough_time_text(left.steady(1150.0)) == "20 min"


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
