"""What a character's cells request: what turns and steps is redrawn, the rest is kept."""

from __future__ import annotations

import numpy as np

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.pixels.characters import (
    LEADER,
    PARTS,
    STEPS,
    TURNS,
    colors_of,
    drawn_from,
    draws_sheets,
    follow,
    head_of,
    lifted,
    mirror_of,
    new_character,
    steps,
    turned_by,
    turns,
)
from sprite_lab.core.pixels.faces import eyes_of, face_of
from sprite_lab.core.sets.vocabulary import Prompt, Vocabulary

OURS = Vocabulary(("hero", "side_facing"), ("behind", "passing", "standing", "striding"))
DRAWN = Vocabulary(("hero",), ("back", "front", "right", "walk"))
BASE = SampleConfig(classes=("hero",), words=("front",), seed=4)


def figure() -> np.ndarray:
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[2:12, 4:12] = (200, 10, 20, 255)
    rgba[12:14, 4:12] = (10, 20, 200, 255)
    rgba[6, 3] = (0, 0, 0, 255)
    return rgba


def test_from_behind_the_outline_stays_and_the_face_goes() -> None:
    up = turns(figure(), BASE, OURS, 500)["up 0"]
    strength = up.strength()
    assert strength is not None
    assert np.array_equal(up.drawing_rgba(), figure()[:, ::-1])
    assert (strength[2, 4:12] == 0).all()  # its outline
    assert (strength[3:8, 6:10] == 1).all()
    assert 0.4 < strength[10, 7] < 0.6
    assert (strength[figure()[:, ::-1, 3] == 0] == 0).all()
    assert up.palette == colors_of(figure()) == bytes([0, 0, 0, 10, 20, 200, 200, 10, 20])


def test_models_are_asked_in_the_words_that_they_know() -> None:
    views = dict.fromkeys(("down 0", "right 0", "up 0"), figure())
    for known, side_class, words in (
        (OURS, "side_facing", (("behind",), ("standing",), ("striding",), ("passing",))),
        (DRAWN, "hero", (("back",), ("right",), ("right", "walk"), ("right", "walk"))),
        (Vocabulary(("hero",)), "hero", ((), (), (), ())),
    ):
        asked = turns(figure(), BASE, known, 500) | steps(views, STEPS, BASE, known)
        parts = ("up 0", "right 0", "right 1", "right 3")
        assert tuple(asked[part].words for part in parts) == words
        assert asked["right 0"].classes == asked["right 1"].classes == (side_class,)
        assert asked["right 0"].start_t == 275


def test_a_foot_is_lifted_and_nothing_else_moves() -> None:
    after = lifted(figure(), 0)
    assert np.array_equal(after[:10], figure()[:10])
    assert np.array_equal(after[:, 8:], figure()[:, 8:])
    assert not after[13, :7, 3].any()
    assert (after[12, 4:7, 2] == 200).all()
    asked = steps(dict.fromkeys(("down 0", "right 0", "up 0"), figure()), STEPS, BASE, OURS)
    assert sorted(asked) == ["down 1", "down 3", "right 1", "right 3", "up 1", "up 3"]
    for part, config in asked.items():
        strength = config.strength()
        assert strength is not None
        assert (strength[:10] == 0).all()
        near = np.float32(1 if "right" in part else 100 / 255)
        assert (strength[12:14, 2:13] == near).all()
        assert not strength[:, :2].any()


def test_the_other_side_is_mirrored_and_between_steps_it_stands() -> None:
    parts = {f"{side} {k}": np.full((2, 2, 4), n, np.uint8)
             for n, side in enumerate(("down", "right")) for k in (0, 1, 3)}  # fmt: skip
    parts["right 1"][0, 0] = 9
    found = follow(parts)
    assert sorted(found) == ["down 2", "left 0", "left 1", "left 2", "left 3", "right 2"]
    assert found["left 1"][0, 1, 0] == 9
    assert np.array_equal(found["down 2"], parts["down 0"])


def test_either_side_can_be_the_one_that_the_other_mirrors() -> None:
    sides = {f"{side} {k}": np.full((2, 2, 4), n, np.uint8)
             for n, side in enumerate(("left", "right")) for k in (0, 1, 3)}  # fmt: skip
    assert (follow(sides, ("left",))["right 0"] == 0).all()
    assert sorted(follow(sides, ("left",))) == [
        "left 2",
        "right 0",
        "right 1",
        "right 2",
        "right 3",
    ]
    assert sorted(follow(sides, ("left", "right"))) == ["left 2", "right 2"], "each on its own"
    assert mirror_of("left 3") == "right 3"
    assert mirror_of("up 1") == "up 1"


def test_the_turner_draws_sides_from_the_front_and_steps_from_their_side() -> None:
    assert (drawn_from("up 0"), drawn_from("right 0")) == (LEADER, LEADER)
    assert drawn_from("right 3") == "right 0"
    parts = dict.fromkeys((LEADER, *TURNS, *STEPS), figure())
    assert sorted({**parts, **follow(parts)}) == sorted(PARTS), "the others follow"


def faced() -> np.ndarray:
    """An outlined figure with hair above a face with two eyes."""
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[1:15, 3:13] = (10, 10, 10, 255)
    rgba[2:5, 4:12] = (150, 60, 20, 255)  # hair
    rgba[5:9, 4:12] = (240, 200, 160, 255)  # face
    rgba[6, 5] = rgba[6, 10] = (10, 10, 10, 255)
    rgba[9:14, 4:12] = (30, 120, 60, 255)
    return rgba


def test_the_face_is_what_is_joined_below_the_hair() -> None:
    face = face_of(faced())
    assert face[5:9, 4:12].sum() == face.sum() == 30
    eyes = eyes_of(faced())
    assert np.argwhere(eyes).tolist() == [[6, 5], [6, 10]]
    assert head_of(faced()) == slice(1, 9)
    plain = figure()
    plain[:2] = plain[:, :3] = plain[:, 12:] = 0
    assert not face_of(plain).any()
    assert not eyes_of(plain).any()
    for corner in ((0, 0), (15, 15)):  # a single pixel in a corner
        dot = np.zeros((16, 16, 4), np.uint8)
        dot[corner] = 255
        assert not face_of(dot).any()


def test_below_a_large_hat_the_face_is_around_the_eyes() -> None:
    rgba = faced()
    rgba[2:6, 4:12] = (60, 160, 90, 255)
    rgba[5, 4:12] = (30, 110, 60, 255)  # the hat's brim, in its own color
    rgba[6, [5, 10]] = rgba[6, 4]
    rgba[7, [5, 10]] = (10, 10, 10, 255)
    face = face_of(rgba)
    assert face[6:9, 4:12].sum() == face.sum() == 22
    assert np.argwhere(eyes_of(rgba)).tolist() == [[7, 5], [7, 10]]
    rgba[8, [5, 10]] = (10, 10, 10, 255)  # taller eyes
    assert np.argwhere(eyes_of(rgba)).tolist() == [[7, 5], [7, 10], [8, 5], [8, 10]]


def test_hair_beside_a_face_is_not_eyes() -> None:
    rgba = faced()
    rgba[5:7, [4, 5, 10, 11]] = rgba[3, 4]
    assert np.argwhere(eyes_of(rgba)).tolist() != [[5, 5], [5, 10]]
    rgba[7, [6, 9]] = (10, 10, 10, 255)
    assert np.argwhere(eyes_of(rgba)).tolist() == [[7, 6], [7, 9]]


def test_eyes_may_be_far_apart_or_lit_from_one_side() -> None:
    skin, dark = faced()[7, 4], (10, 10, 10, 255)
    rgba = faced()
    rgba[6, [5, 10]] = skin
    rgba[7, [4, 11]] = skin
    rgba[6:8, [5, 10]] = dark
    rgba[6, [6, 11]] = (255, 255, 255, 255)
    assert np.argwhere(eyes_of(rgba)).tolist() == [[6, 5], [6, 10], [7, 5], [7, 10]]
    broad = np.zeros((16, 16, 4), np.uint8)
    broad[1:15, 1:15] = dark
    broad[2:5, 2:14] = faced()[3, 4]
    broad[5:10, 2:14] = skin
    broad[7:9, [3, 12]] = dark
    assert np.argwhere(eyes_of(broad)).tolist() == [[7, 3], [7, 12], [8, 3], [8, 12]]


def test_a_bald_head_has_eyes_too() -> None:
    rgba = faced()
    rgba[2:5, 4:12] = rgba[7, 4]
    assert np.argwhere(eyes_of(rgba)).tolist() == [[6, 5], [6, 10]]


def test_two_long_dark_columns_are_not_eyes() -> None:
    rgba = faced()
    rgba[6:12, [5, 10]] = (10, 10, 10, 255)  # a cape on both sides
    rgba[6:12, 6:10] = rgba[7, 4]
    assert not eyes_of(rgba).any()


def test_many_dark_pixels_are_not_eyes() -> None:
    rgba = faced()
    rgba[6, [5, 10]] = rgba[7, 4]
    rgba[6:9, 6:10] = (10, 10, 10, 255)  # an open mouth
    assert not eyes_of(rgba).any()


def test_a_sheet_is_cut_into_its_parts() -> None:
    sheet = new_character(SampleConfig())
    drawn = np.zeros((32, 32, 4), np.uint8)
    drawn[:16, 16:], drawn[16:, :16], drawn[16:, 16:] = 1, 2, 3
    cut = {part: cell.max() for part, cell in sheet.cut(drawn).items()}
    assert cut == {LEADER: 0, "up 0": 1, "right 0": 3}


def test_without_a_drawing_a_character_of_dealt_words_is_drawn() -> None:
    base = SampleConfig(
        classes=("hero",), words=("old", "red"), style="some", seed=4, sampler="ddim", steps=50,
        deal_prompts=False, drawing=figure().tobytes(),
    )  # fmt: skip
    sheet = new_character(base)
    assert sheet.wanted == ("down 0", "up 0", "right 0")
    assert sheet.config.drawing is None
    assert sheet.config.classes == ("directions",)
    assert sheet.config.deal_prompts
    assert sheet.config.seed == 4
    # because that model may be a student
    assert (sheet.config.sampler, sheet.config.steps) == (None, None)
    known = Vocabulary(("directions", "walk"), ("red",))
    assert draws_sheets(known)
    assert not draws_sheets(DRAWN)
    asked = sheet.asked(known, ())
    assert (asked.words, asked.style) == (("red",), "")
    # Without words, those of a person that the model learned from, not of an animal or a thing.
    learned = [Prompt(words=words) for words in (("heart", "walk"), ("man", "person", "walk"))]
    sheet = new_character(SampleConfig())
    assert sheet.asked(known, learned).words == ("man", "person", "walk")


def test_cells_are_turned_at_their_own_size_or_at_half_of_it() -> None:
    sizes = {side: turned_by(side) for side in range(8, 33)}
    assert [side for side, by in sizes.items() if by == 1] == list(range(12, 17))
    assert [side for side, by in sizes.items() if by == 2] == [24, 26, 28, 30, 32]
