"""Made-up characters: each is the same from all sides, and where it steps its head stays itself."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "packaging"))

from made_characters import FRAMES, VIEWS, drawn, made_characters
from made_characters.canvas import M
from made_characters.look import Look, a_look

from sprite_lab.diffusion.pointing import KINDS

SOME = tuple(made_characters(60))


def colors(rgba: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(color) for color in rgba[rgba[..., 3] > 0].tolist()}


def lowest(rgba: np.ndarray) -> int:
    return int(np.flatnonzero(rgba[..., 3].any(axis=1))[-1])


def a_person(**changes: object) -> Look:
    """One with hair, eyes, legs and a sword, without shading."""
    usual = {
        "center": 15, "ground": 14, "head": (8, 7), "depth": 8, "top": (1,), "chin": (),
        "cover": M.HAIR, "under": M.HAIR, "brow": 2, "fringe": "flat", "temple": 1, "length": 5,
        "behind": 6, "nape": 3, "above": (), "brim": 0, "peak": False, "band": False, "crown": "",
        "tail": 0, "gloss": 0, "eyes": "1x1", "eye_row": 3, "eye_inset": 2, "mouth": 0,
        "nose": False, "blush": False, "beard": 0, "mask": False, "visor": False, "snout": 0,
        "body": (6, 3), "thick": 5, "sleeve": 1, "arm": 3, "out": False, "pattern": "",
        "belt": False, "pads": False, "cape": 0, "pack": False, "wag": False, "legs": 3, "leg": 2,
        "gap": 2, "boots": 1, "skirt": 0, "flare": 0, "wavy": False, "bob": False, "swing": False,
        "held": "", "held_left": True, "held_rows": (4, 2), "shading": "flat", "outline": "edges",
        "lines": False,
    }  # fmt: skip
    colors = np.random.default_rng(0).integers(0, 256, (len(M), 1, 3)).repeat(3, 1).astype(np.uint8)
    return replace(a_look(0, 0), **(usual | {"colors": colors} | changes))


def count(look: Look, view: str, material: int, frame: int = 0) -> int:
    rgba = drawn(look, view, frame)
    return int(((rgba[..., :3] == look.colors[material, 1]).all(axis=2) & (rgba[..., 3] > 0)).sum())


def test_they_are_drawn_again_alike_and_no_two_are_alike() -> None:
    again = tuple(made_characters(60))
    others = tuple(made_characters(60, seed=1))
    for one, same in zip(SOME, again, strict=True):
        assert all(np.array_equal(one[part], same[part]) for part in one)
    fronts = [one["down 0"].tobytes() for one in (*SOME, *others)]
    assert len(set(fronts)) == len(fronts)


def test_they_have_all_parts_that_are_learned_and_fit_their_cell() -> None:
    for one in SOME:
        assert {f"{view} {frame}" for view in VIEWS for frame in FRAMES} == set(one)
        assert set(KINDS) <= set(one)
        for rgba in one.values():
            assert rgba.shape == (16, 16, 4)
            assert set(np.unique(rgba[..., 3]).tolist()) <= {0, 255}
            assert not rgba[rgba[..., 3] == 0].any()
            assert (rgba[..., 3] > 0).sum() > 25


def test_a_character_has_its_colors_and_its_place_in_all_views() -> None:
    shares = []
    for one in SOME:
        own, low = colors(one["down 0"]), lowest(one["down 0"])
        for part, rgba in one.items():
            pixels = rgba[rgba[..., 3] > 0].tolist()
            shares.append(np.mean([tuple(color) in own for color in pixels]))
            assert abs(lowest(rgba) - low) <= 1, part
    assert min(shares) > 0.3
    assert np.mean(shares) > 0.9


def test_there_are_many_kinds() -> None:
    looks = [a_look(0, k) for k in range(300)]
    for name in ("cover", "crown", "eyes", "pattern", "held", "shading", "outline", "legs"):
        assert len({getattr(look, name) for look in looks}) >= 4, name
    assert {look.legs > 0 for look in looks} == {True, False}
    widths = [look.head[0] for look in looks]
    assert (min(widths), max(widths)) == (4, 12)


def test_from_behind_are_no_eyes_and_from_the_right_is_one() -> None:
    person = a_person()
    assert [count(person, view, M.EYE) for view in VIEWS] == [2, 0, 1]
    assert count(person, "up", M.HAIR) > count(person, "down", M.HAIR)
    right = drawn(person, "right")
    eye = np.argwhere((right[..., :3] == person.colors[M.EYE, 1]).all(axis=2) & (right[..., 3] > 0))
    assert eye[0, 1] > 8, "it looks to the right"


def test_what_the_near_hand_holds_is_before_the_body_from_the_right() -> None:
    near, far = (a_person(held="sword", held_left=left) for left in (True, False))
    for person in (near, far):
        assert count(person, "down", M.METAL) == count(person, "up", M.METAL) > 0
    columns = {}
    for view in VIEWS:
        of_blade = (drawn(near, view)[..., :3] == near.colors[M.METAL, 1]).all(axis=2)
        columns[view] = np.flatnonzero(of_blade.any(axis=0))
    assert columns["down"].max() < 8 < columns["up"].min(), "mirrored from behind"
    assert count(near, "right", M.METAL) > 0


def test_steps_lift_one_foot_after_the_other_below_the_same_head() -> None:
    person = a_person()
    for view in VIEWS:
        stand, first, other = (drawn(person, view, frame) for frame in FRAMES)
        assert np.array_equal(stand[:11], first[:11])
        assert not np.array_equal(first, other)
        assert not np.array_equal(first, stand)
    down = [drawn(person, "down", frame)[14, :, 3] > 0 for frame in (1, 3)]
    assert np.array_equal(down[0], down[1][::-1]), "the same from either foot"
    bobbing = a_person(bob=True)
    assert np.array_equal(drawn(bobbing, "down", 1)[2:9], drawn(bobbing, "down")[1:8])


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("body", [(6, 3), (6, 0)])
def test_without_legs_it_bobs_on_its_ground(view: str, body: tuple[int, int]) -> None:
    person = a_person(legs=0, boots=0, skirt=3 if body[1] else 0, body=body)
    stand, step = drawn(person, view), drawn(person, view, 1)
    tops = [np.flatnonzero(rgba[..., 3].any(axis=1))[[0, -1]].tolist() for rgba in (stand, step)]
    assert tops[1] == [tops[0][0] + 1, tops[0][1]]


def test_an_outline_goes_about_the_edges() -> None:
    plain, lined = a_person(outline="none"), a_person(outline="edges")
    ink = (*lined.colors[M.INK, 1].tolist(), 255)
    before, after = drawn(plain, "down"), drawn(lined, "down")
    rim = (before[..., 3] == 0) & (after[..., 3] > 0)
    assert rim.sum() > 30
    assert {tuple(color) for color in after[rim].tolist()} == {ink}
    assert np.array_equal(after[~rim], before[~rim])
