"""How old a stroke is when all sixteen cells show it, on a machine with a simulated clock.

A redraw takes a fixed time, and more for each cell, as measured (tests/benchmarks).
"""

from __future__ import annotations

import pytest

from sprite_lab.app.draw.live.live import GRID_MS, STUDENT_STEPS, Pace, Turns

#: Milliseconds between two pixels of a moving hand.
STROKE = 8.0
CELLS, FIXED = 16, 8


def answered_after(each: float, seconds: float = 6.0) -> tuple[list[float], list[float]]:
    """In ms: how old strokes are when all cells show them, and the times between redraws of the
    cell on the canvas; without the first second.

    ``each``: ms per cell for two evaluations.
    """
    pace, turns, now = Pace(STUDENT_STEPS, 2, CELLS), Turns(), 0.0
    shown, told, current, seen = [-1] * CELLS, -1, 0.0, []
    ages, gaps = [], []
    while now < 1000 * seconds:
        newest, steps = int(now / STROKE), pace.steps
        stale = [i for i in range(CELLS) if shown[i] < newest]
        some = turns.next(stale, 3, pace)
        assert some
        took = each * (len(some) + FIXED) * steps / 2
        now += took
        pace.took(len(some), took, steps)
        seen.append(now)
        for i in some:
            shown[i] = newest
        if 3 in some:
            gaps.append(now - current)
            current = now
        for stroke in range(told + 1, min(shown) + 1):
            if now > 1000:
                ages.append(now - STROKE * stroke)
        told = min(shown)
    return sorted(ages), gaps[len(gaps) // 3 :]


@pytest.mark.parametrize("grid_ms", [20, 52, 100, 125, 150, 200, 240])
def test_all_sixteen_follow_a_moving_hand_within_a_quarter_of_a_second(grid_ms: float) -> None:
    ages, gaps = answered_after(grid_ms / (CELLS + FIXED))
    assert ages[int(0.95 * len(ages))] <= 250
    assert max(gaps) <= 250, "the cell on the canvas least of all"


@pytest.mark.parametrize("grid_ms", [300, 500, 1000, 3000])
def test_on_a_slow_machine_nobody_starves(grid_ms: float) -> None:
    ages, gaps = answered_after(grid_ms / (CELLS + FIXED), seconds=30)
    # With one evaluation: each redraw has its fixed time, and each stroke waits for one round.
    assert max(ages) <= 4 * grid_ms
    assert max(gaps) <= grid_ms


@pytest.mark.parametrize(
    ("grid_ms", "steps"), [(30, 4), (50, 3), (70, 2), (110, 2), (160, 1), (900, 1)]
)
def test_as_many_evaluations_as_the_machine_is_quick_enough_for(grid_ms: float, steps: int) -> None:
    pace = Pace(STUDENT_STEPS, 2, CELLS)
    for _ in range(8):
        pace.took(CELLS, grid_ms * pace.steps / 2, pace.steps)
    assert pace.steps == steps
    assert steps == 1 or grid_ms * steps / 2 <= GRID_MS


def test_more_than_at_first_are_used_only_if_a_stroke_is_still_answered_in_a_tenth() -> None:
    def reached(ms: float, before: float) -> int:
        """Evaluations per redraw if each takes ``ms``, after some that took ``before`` ms."""
        pace = Pace(STUDENT_STEPS, 2, CELLS)
        for each in (before, ms):
            for _ in range(8):
                pace.took(CELLS, each * pace.steps, pace.steps)
        return pace.steps

    assert (reached(24.5, 24.5), reached(25.5, 25.5)) == (3, 2)
    assert (reached(18.5, 18.5), reached(19.0, 19.0)) == (4, 3)
    assert reached(29.0, 18.0) == 4, "what it could, it still does in a little more"
    assert (reached(44.0, 90.0), reached(46.0, 90.0)) == (2, 1), "two are worth more of a wait"


def test_one_evaluation_less_at_a_time() -> None:
    pace, seen = Pace(STUDENT_STEPS, 2, CELLS), []
    for ms in (10, 10, 10, *range(10, 80, 2)):  # ms of one evaluation of the whole grid
        pace.took(CELLS, ms * pace.steps, pace.steps)
        seen.append(pace.steps)
    assert seen[0] == 4
    assert sorted(set(seen), reverse=True) == [4, 3, 2, 1]
    assert seen == sorted(seen, reverse=True)


def test_a_single_slow_redraw_changes_nothing_for_long() -> None:
    pace = Pace(STUDENT_STEPS, 2, CELLS)
    for _ in range(4):
        pace.took(CELLS, 10 * pace.steps, pace.steps)
    pace.took(CELLS, 100 * pace.steps, pace.steps)
    for _ in range(4):
        pace.took(CELLS, 10 * pace.steps, pace.steps)
    assert pace.steps == 4
