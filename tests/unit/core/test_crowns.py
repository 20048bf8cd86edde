"""Anything above a head, which its side has, too, and parts separate from a drawing."""

from __future__ import annotations

import numpy as np
import pytest

from sprite_lab.core.pixels.crowns import crown_of, crowned
from sprite_lab.core.pixels.pieces import loose, pieces_of

_COLORS = {"y": (240, 200, 70), "h": (120, 70, 40), "s": (240, 190, 150), "b": (60, 110, 60)}

_TOPS = {
    "crown": "....y.yyy.y.....",
    "horns": ".y............y.\n..y..........y..\n...y........y...",
    "plume": ".......yy.......\n.......yy.......",
}
_FRONT = "....hhhhhhhh....\n" * 2 + "....ssssssss....\n" * 3 + "....bbbbbbbb....\n" * 4
_SIDE = "......hhhhhh....\n" * 2 + "......hhssss....\n" * 3 + ".......bbbb.....\n" * 4


def drawn(text: str) -> np.ndarray:
    """A drawing that stands on the lowest of 16 rows."""
    rows, rgba = text.split(), np.zeros((16, 16, 4), np.uint8)
    for y, row in enumerate(rows, 16 - len(rows)):
        for x, color in enumerate(row):
            if color != ".":
                rgba[y, x] = (*_COLORS[color], 255)
    return rgba


@pytest.mark.parametrize("top", _TOPS)
def test_a_side_gets_back_what_rises_above_the_head(top: str) -> None:
    """Side views of crowned and horned heroes once had bare heads."""
    front, side = drawn(f"{_TOPS[top]}\n{_FRONT}"), drawn(_SIDE)
    rows = crown_of(front)
    assert rows == slice(7 - len(_TOPS[top].split()), 7)
    after = crowned(front, side)
    gold = (after[..., :3] == _COLORS["y"]).all(axis=-1)
    assert gold.sum() == (front[..., :3] == _COLORS["y"]).all(axis=-1).sum()
    assert not gold[7:].any()
    assert np.array_equal(after[7:], side[7:])
    assert loose(after) == 0, "it stands on the narrower head"
    assert np.array_equal(crowned(front, after), after), "it is there"


def test_horns_that_ran_into_a_tuft_are_horns_again() -> None:
    front = drawn(f"{_TOPS['horns']}\n{_FRONT}")
    tuft = drawn("......yyyy......\n" * 3 + _SIDE)
    assert np.array_equal(crowned(front, tuft), crowned(front, drawn(_SIDE)))
    bun = drawn(f"{_TOPS['plume']}\n{_FRONT}"), drawn("....yyyy........\n" * 2 + _SIDE)
    assert np.array_equal(crowned(*bun), bun[1]), "seen from the side, a bun may be larger"


@pytest.mark.parametrize("top", ["", "....yyyyyyyy....", "......yyyy......\n" * 9])
def test_hair_and_pointed_heads_are_no_crowns(top: str) -> None:
    front, side = drawn(f"{top}\n{_FRONT}"[-17 * 16 :]), drawn(_SIDE)
    assert crown_of(front).stop == crown_of(front).start
    assert np.array_equal(crowned(front, side), side)


def test_pieces_that_touch_by_a_corner_are_one() -> None:
    one = np.eye(4, dtype=bool)
    assert [piece.sum() for piece in pieces_of(one)] == [4]
    one[0, 3] = True
    assert sorted(int(piece.sum()) for piece in pieces_of(one)) == [1, 4]
    rgba = np.zeros((4, 4, 4), np.uint8)
    rgba[one] = 255
    assert loose(rgba) == 1
    assert loose(np.zeros((4, 4, 4), np.uint8)) == 0
