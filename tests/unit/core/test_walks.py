"""A walk by rule, and when the steps of a character are none."""

from __future__ import annotations

import numpy as np
import pytest

from sprite_lab.core.pixels.pieces import loose
from sprite_lab.core.pixels.walks import Legs, closed, legs_of, stepped, sunk, walks

_COLORS = {"k": (30, 20, 40), "s": (240, 190, 150), "b": (60, 110, 60), "f": (120, 70, 20)}

_BODY = """
................
................
.....kkkkkk.....
....kssssssk....
....kssssssk....
....kskssksk....
....kssssssk....
....kssssssk....
....kkbbbbkk....
...ksbbbbbbsk...
...ksbbbbbbsk...
...kkbbbbbbkk...
"""
_FRONT = (
    _BODY
    + """
....kbbbbbbk....
....kbbkkbbk....
....kffkkffk....
................
"""
)
_SIDE = (
    _BODY
    + """
....kbbbbbbk....
.....kbbbbk.....
.....kffffk.....
................
"""
)


def drawn(text: str) -> np.ndarray:
    rgba = np.zeros((16, 16, 4), np.uint8)
    for y, row in enumerate(text.split()):
        for x, color in enumerate(row):
            if color != ".":
                rgba[y, x] = (*_COLORS[color], 255)
    return rgba


def feet(rgba: np.ndarray, row: int) -> list[int]:
    """The columns in a row that belong to a foot."""
    return np.flatnonzero((rgba[row, :, :3] == _COLORS["f"]).all(axis=1)).tolist()


def test_feet_are_told_apart_by_the_gap_between_them() -> None:
    assert legs_of(drawn(_FRONT)) == Legs(middle=8, foot=14, high=2)
    blank = drawn(_FRONT)
    blank[13:15, 7:9] = 0
    assert legs_of(blank) == Legs(middle=8, foot=14, high=2)
    with_staff = drawn(_FRONT)
    with_staff[3:15, 14] = (90, 90, 90, 255)
    assert legs_of(with_staff) == Legs(middle=8, foot=14, high=2)
    robe = drawn(_FRONT)
    robe[13:15, 5:11] = (*_COLORS["b"], 255)
    assert legs_of(robe) is None
    assert legs_of(np.zeros_like(robe)) is None


def test_from_the_front_the_body_sinks_and_the_feet_are_lifted_in_turn() -> None:
    front = drawn(_FRONT)
    legs = legs_of(front)
    first, second = (stepped(part, front, legs) for part in ("down 1", "down 3"))
    for step in (first, second):
        assert np.array_equal(step[3:13], front[2:12]), "a pixel lower"
        assert not step[2].any()
    assert (feet(first, 13), feet(first, 14)) == ([5, 6], [9, 10])
    assert (feet(second, 13), feet(second, 14)) == ([9, 10], [5, 6])


def test_from_the_side_the_feet_part_and_both_steps_bob_alike() -> None:
    side, legs = drawn(_SIDE), legs_of(drawn(_FRONT))
    first, second = (stepped(part, side, legs) for part in ("right 1", "right 3"))
    assert (feet(first, 13), feet(first, 14)) == ([5, 6], [9, 10])
    assert (feet(second, 13), feet(second, 14)) == ([9, 10], [5, 6])
    assert not first[2].any()
    assert not second[2].any()
    over = stepped("left 1", side[:, ::-1], legs)
    assert np.array_equal(over, first[:, ::-1])


@pytest.mark.parametrize("part", ["down 1", "right 3", "up 1"])
def test_a_walk_by_rule_is_a_walk(part: str) -> None:
    view, legs = drawn(_SIDE if part.startswith("right") else _FRONT), legs_of(drawn(_FRONT))
    direction = part.partition(" ")[0]
    steps = {f"{direction} {k}": stepped(f"{direction} {k}", view, legs) for k in (1, 3)}
    assert walks(view, steps, legs)
    assert walks(view, {part: steps[part]}, legs), "also one of them"
    # Faults of the turner in unfamiliar styles:
    assert not walks(view, {**steps, part: view}, legs), "it limps"
    if direction == "right":
        assert not walks(view, dict.fromkeys(steps, steps[part]), legs), "no leg moves"
    else:
        footless = steps[part].copy()
        footless[14, footless[14, :, 3] > 0] = (*_COLORS["k"], 255)
        assert not walks(view, {**steps, part: footless}, legs)


def test_without_legs_all_but_the_ground_is_lower_in_a_step() -> None:
    figure = np.zeros((16, 16, 4), np.uint8)
    figure[2:14, 4:12] = (200, 10, 20, 255)
    figure[12:14, 4:12] = (10, 20, 200, 255)
    after = sunk(figure)
    assert not after[:3].any()
    assert np.array_equal(after[3:12], figure[2:11])
    assert np.array_equal(after[12:], figure[12:])
    assert np.array_equal(stepped("down 1", figure, None), after)
    flat = np.zeros_like(figure)
    flat[5:7, 3] = 255
    assert np.array_equal(sunk(flat), flat)
    assert np.array_equal(sunk(np.zeros_like(flat)), np.zeros_like(flat))


def test_an_outline_that_a_step_opens_is_closed() -> None:
    front = drawn(_FRONT)
    front[14, 4:12] = front[14, 4]
    open_foot = front.copy()
    open_foot[14, 4:8] = 0
    mended = closed(front, open_foot)
    assert (mended[13, 5:7, :3] == _COLORS["k"]).all(), "within what is thick"
    assert np.array_equal(mended[..., 3], open_foot[..., 3])
    arm = front.copy()
    arm[6, 12] = (*_COLORS["s"], 255)
    assert (closed(front, arm)[[5, 7, 6], [12, 12, 13], :3] == _COLORS["k"]).all(), "around a hand"
    assert np.array_equal(closed(front, front), front)
    bare = front.copy()
    bare[front[..., 3] > 0] = (*_COLORS["s"], 255)
    bare[8:, :, :3][front[8:, :, 3] > 0] = _COLORS["b"]
    assert np.array_equal(closed(bare, open_foot), open_foot), "what has no outline gets none"


def test_legs_stay_joined_as_a_figure_sinks() -> None:
    crab = drawn(
        _BODY
        + """
....kbbbbbbk....
..kkkkkkkkkkkk..
.k.k.k....k.k.k.
k..k.k....k.k..k
"""
    )
    step = sunk(crab)
    assert loose(step) == loose(crab) == 0
    assert np.array_equal(step[13:], crab[13:]), "without its legs, a row of the body goes"
    assert not step[2, :, 3].any()
