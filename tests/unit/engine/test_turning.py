"""The shipped turner: another view of a drawing shows the same character."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.characters import (
    LEADER,
    STEPS,
    TURNER,
    TURNS,
    follow,
    mirror_of,
    turned_by,
)
from sprite_lab.core.pixels.faces import within
from sprite_lab.core.pixels.sides import faceless
from sprite_lab.core.pixels.walks import legs_of, walks
from sprite_lab.diffusion.pointing import KINDS, draw
from sprite_lab.engine.sampling import turning
from sprite_lab.engine.sampling.turning import (
    Turner,
    direction_by_rule,
    load_turner,
    steps_by_rule,
)
from sprite_lab.paths import resource

pytestmark = pytest.mark.skipif(
    not resource("models", TURNER, "weights.safetensors").is_file(), reason="no shipped weights"
)

_HERO = """
................
.....kkkkkk.....
....krrrrrrk....
...krrrrrrrrk...
...krrrrrrrrk...
...krssssssrk...
...kssssssssk...
...ksewsswesk...
...kssssssssk...
....kssssssk....
...kkbbbbbbkk...
..kskbbyybbksk..
..kskbbbbbbksk..
...kkbbbbbbkk...
....kddkkddk....
....kkkk.kkk....
"""
_COLORS = {
    "k": (30, 20, 40), "r": (170, 60, 30), "s": (240, 190, 150), "e": (20, 90, 160),
    "w": (255, 255, 255), "b": (60, 110, 60), "y": (240, 220, 90), "d": (90, 60, 40),
}  # fmt: skip


def hero() -> np.ndarray:
    rgba = np.zeros((16, 16, 4), np.uint8)
    for y, row in enumerate(_HERO.split()):
        for x, color in enumerate(row[:16]):
            if color != ".":
                rgba[y, x] = (*_COLORS[color], 255)
    return rgba


@pytest.fixture(scope="module")
def turner() -> Turner:
    return load_turner()


def count(rgba: np.ndarray, color: str) -> int:
    return int(((rgba[..., :3] == _COLORS[color]).all(axis=2) & (rgba[..., 3] > 0)).sum())


def alike(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two silhouettes."""
    first, second = a[..., 3] > 0, b[..., 3] > 0
    return float((first & second).sum() / (first | second).sum())


def test_the_back_has_the_outline_and_clothes_of_the_front_but_no_eyes(turner: Turner) -> None:
    back = turner.draw({LEADER: hero()}, ["up 0"], None)["up 0"]
    assert alike(back, hero()) > 0.85
    assert count(back, "e") + count(back, "w") <= 1
    assert count(back, "r") > count(hero(), "r"), "hair where the face was"
    assert count(back, "b") > 0.5 * count(hero(), "b")


def test_below_a_large_hat_is_a_face_with_one_eye_from_the_side_and_none_from_behind(
    turner: Turner,
) -> None:
    front = hero()
    hat = _COLORS["b"]
    front[2:6][(front[2:6, :, :3] == _COLORS["r"]).all(axis=2)] = (*hat, 255)
    front[5, 4:12, :3] = _COLORS["y"]  # the hat's brim
    front[6, 4:12, :3] = _COLORS["s"]
    front[7, 4:12, :3] = _COLORS["s"]
    front[7, [6, 9], :3] = _COLORS["k"]  # eyes in the color of the outline
    views = turner.draw({LEADER: front}, ["up 0", "right 0"], None)

    def eyes(rgba: np.ndarray) -> int:
        head = (rgba[6:9, :, :3] == _COLORS["k"]).all(axis=2) & within(rgba[..., 3] > 0)[6:9]
        return int(head.sum())

    assert eyes(front) == 2
    assert eyes(views["up 0"]) == 0
    assert eyes(views["right 0"]) == 1
    assert count(views["up 0"][:9], "s") < 0.4 * count(front[:9], "s")


def test_all_parts_are_drawn_in_the_colors_of_the_drawing(turner: Turner) -> None:
    parts = {LEADER: hero()}
    for wanted in (TURNS, STEPS):
        parts |= turner.draw(parts, wanted, None)
        parts |= follow(parts)
    own = {tuple(color) for color in hero()[hero()[..., 3] > 0].tolist()}
    for rgba in parts.values():
        assert {tuple(color) for color in rgba[rgba[..., 3] > 0].tolist()} <= own
        assert alike(rgba, hero()) > 0.6
    assert not np.array_equal(parts["right 1"], parts["right 0"]), "it walks"
    assert count(parts["down 1"], "e") >= 1, "with its face"


def test_the_left_side_steps_on_its_own_as_the_right_one_does(turner: Turner) -> None:
    right = turner.draw({LEADER: hero()}, ["right 0"], None)["right 0"]
    steps = turner.draw({LEADER: hero(), "right 0": right}, ["right 1", "right 3"], None)
    over = {LEADER: hero()[:, ::-1], "left 0": right[:, ::-1]}
    for part, view in turner.draw(over, ["left 1", "left 3"], None).items():
        assert np.array_equal(view, steps[mirror_of(part)][:, ::-1])


def test_steps_that_lose_a_foot_are_drawn_by_rule(turner: Turner) -> None:
    """The turner once drew both feet of this figure as one dark bar."""
    front = hero()
    front[13:16] = 0
    for y, row in ((13, "...kkdddddddkk.."), (14, "....kbbkkbbk...."), (15, "....kddkkddk....")):
        for x, color in enumerate(row):
            if color != ".":
                front[y, x] = (*_COLORS[color], 255)
    legs = legs_of(front)
    assert legs is not None
    parts = turner.draw({LEADER: front}, ["down 1", "down 3"], None)
    assert walks(front, parts, legs)
    footless = front.copy()
    footless[15, 4:12, :3] = _COLORS["k"]
    mended = turning._mended({LEADER: front}, dict.fromkeys(parts, footless))
    assert sorted(mended) == ["down 1", "down 3"]
    assert walks(front, mended, legs)


def test_a_seed_gives_another_try_of_the_same_character(turner: Turner) -> None:
    tries = [turner.draw({LEADER: hero()}, ["right 0"], seed)["right 0"] for seed in (1, 1, 2)]
    assert np.array_equal(tries[0], tries[1])
    assert not np.array_equal(tries[0], tries[2])


def test_the_best_tries_come_first_and_a_side_that_has_not_turned_last(turner: Turner) -> None:
    views = {LEADER: hero()}
    drawn = turner.draw(views, TURNS, None)
    side, noise = drawn["right 0"], drawn["right 0"].copy()
    inside = np.flatnonzero(noise[..., 3].ravel() > 0)
    shuffled = np.random.default_rng(0).permutation(inside)
    noise.reshape(-1, 4)[inside] = noise.reshape(-1, 4)[shuffled]
    apart = side.copy()
    apart[15, [0, 2, 4]] = side[side[..., 3] > 0][0]

    def first(part: str, *tries: np.ndarray) -> np.ndarray:
        return turner.best_first(views, [{part: rgba} for rgba in tries])[0][part]

    assert np.array_equal(first("right 0", hero(), noise, apart, side), side)
    assert np.array_equal(first("up 0", noise, drawn["up 0"]), drawn["up 0"])
    views[LEADER] = blank = np.zeros_like(side)
    assert np.array_equal(first("up 0", blank, blank), blank)


def test_the_direction_by_rule_comes_first_of_what_is_unlike_people(turner: Turner) -> None:
    """The network returns a blob unchanged."""
    blob, (y, x) = np.zeros((16, 16, 4), np.uint8), np.mgrid[:16, :16]
    disk = (x - 7.5) ** 2 + (y - 8.5) ** 2
    blob[disk <= 52] = (24, 20, 37, 255)
    blob[disk <= 38] = (181, 80, 136, 255)
    blob[6:8, [4, 5, 10, 11]] = (255, 255, 255, 255)
    for front, first in ((blob, True), (hero(), False)):
        views = {LEADER: front}
        for part in ("right 0", "left 0"):
            tries = [turner.draw(views, [part], None)]
            ruled = direction_by_rule(views, part)
            assert ruled is not None
            found = [one[part] for one in turner.with_ruled(views, tries)]
            wanted = [ruled, tries[0][part]]
            assert np.array_equal(found, wanted if first else wanted[::-1])
    over = direction_by_rule({LEADER: blob}, "left 0"), direction_by_rule({LEADER: blob}, "right 0")
    assert np.array_equal(over[0][:, ::-1], over[1])
    back = direction_by_rule({LEADER: blob}, "up 0")
    backs = turner.with_ruled({LEADER: blob}, [turner.draw({LEADER: blob}, ["up 0"], None)])
    assert np.array_equal(backs[0]["up 0"], back), "without eyes"
    assert not (back[..., :3] == 255).all(axis=2).any()
    assert np.array_equal(back[..., 3], blob[..., 3])
    askew = blob.copy()
    askew[:, 9:] = 0
    backs = [turner.draw({LEADER: askew}, ["up 0"], None)]
    assert turner.with_ruled({LEADER: askew}, backs) == backs
    large = direction_by_rule({LEADER: blob.repeat(2, 0).repeat(2, 1)}, "right 0")
    assert large.shape == (32, 32, 4)
    assert np.array_equal(large[::2, ::2], over[1])


def test_the_steps_by_rule_come_first_of_what_is_unlike_people(turner: Turner) -> None:
    """The network once drew the six feet of a crab as one pixel."""
    crab = np.zeros((16, 16, 4), np.uint8)
    crab[4:12, 3:13] = (24, 20, 37, 255)
    crab[5:11, 4:12] = (226, 88, 62, 255)
    crab[6:8, [5, 10]] = (255, 255, 255, 255)
    crab[12:15, [4, 6, 9, 11]] = (24, 20, 37, 255)
    for front, first in ((crab, 0), (hero(), 1)):
        views = {LEADER: front}
        tries = [turner.draw(views, ["down 1", "down 3"], None)]
        found = turner.with_ruled(views, tries)
        ruled = steps_by_rule(views, ["down 1", "down 3"])
        assert all(np.array_equal(found[first][part], ruled[part]) for part in ruled)
    assert (ruled["down 1"][15] != ruled["down 3"][15]).any()
    feet = steps_by_rule({LEADER: crab}, ["down 1"])["down 1"][14]
    assert np.array_equal(feet[..., 3], crab[14, :, 3])


def test_a_back_keeps_of_the_front_only_what_the_network_is_sure_of(
    turner: Turner, monkeypatch: pytest.MonkeyPatch
) -> None:
    front = hero()
    bare = faceless(front, front)
    assert count(bare, "e") == 0
    for sure, wanted in ((1000.0, front), (10.0, bare)):
        likely = iter((sure, 0.0))
        monkeypatch.setattr(turning, "pseudo_likelihood", lambda *_, of=likely: next(of))
        assert np.array_equal(turner._faceless(front, front), wanted)


def test_the_best_steps_come_first_of_either_side(turner: Turner) -> None:
    views = {LEADER: hero()} | turner.draw({LEADER: hero()}, TURNS, None)
    views["left 0"] = views["right 0"][:, ::-1]
    for side in ("right", "left"):
        steps = turner.draw(views, [f"{side} 1", f"{side} 3"], None)
        torn = {part: view.copy() for part, view in steps.items()}
        torn[f"{side} 3"][15, [0, 4, 8, 12]] = steps[f"{side} 3"][steps[f"{side} 3"][..., 3] > 0][0]
        assert turner.best_first(views, [torn, steps])[0] is steps


def test_half_transparent_pixels_count_as_drawn_or_blank(turner: Turner) -> None:
    rgba = hero()
    rgba[0, 0] = (1, 2, 3, 60)
    rgba[1, 5, 3] = 200
    drawn = turner.draw({LEADER: rgba}, TURNS, None)
    solid = turner.draw({LEADER: hero()}, TURNS, None)
    assert all(np.array_equal(drawn[part], solid[part]) for part in TURNS)


def test_which_sizes_are_turned() -> None:
    assert [turned_by(side) for side in (8, 12, 16, 20, 24, 25, 32, 40)] == [0, 1, 1, 0, 2, 0, 2, 0]


@pytest.mark.parametrize("side", [24, 32])
def test_larger_drawings_are_turned_at_half_their_size(turner: Turner, side: int) -> None:
    rgba = hero().repeat(2, axis=0).repeat(2, axis=1)[32 - side :, (32 - side) // 2 :][:, :side]
    parts = {LEADER: rgba}
    for wanted in (TURNS, STEPS):
        parts |= turner.draw(parts, wanted, None)
    own = {tuple(color) for color in rgba[rgba[..., 3] > 0].tolist()}
    for view in parts.values():
        assert view.shape == rgba.shape
        assert {tuple(color) for color in view[view[..., 3] > 0].tolist()} <= own
        assert alike(view, rgba) > 0.5
    assert count(parts["up 0"], "e") <= count(rgba, "e") // 2
    head = parts["down 1"][4:16]
    assert any(np.array_equal(head, rgba[4 + k : 16 + k]) for k in (-2, 0, 2)), "its head"


def test_where_a_figure_stands_changes_nothing(turner: Turner) -> None:
    aside = np.roll(hero(), -2, axis=1)
    beside = aside.copy()
    beside[6:15, 14] = (120, 80, 40, 255)  # a staff is not a leg
    found = turner.draw({LEADER: aside}, TURNS, None)
    middle = turner.draw({LEADER: np.roll(hero(), 1, axis=1)}, TURNS, None)
    for part in TURNS:
        assert np.array_equal(np.roll(found[part], 3, axis=1), middle[part])
    assert alike(turner.draw({LEADER: beside}, ["down 1"], None)["down 1"], beside) > 0.5


def test_outlines_do_not_run_into_blots(turner: Turner) -> None:
    drawing = torch.from_numpy(hero().transpose(2, 0, 1)[None].astype(np.float32) / 255)
    assert turning._blots(drawing, drawing, "up 0") is None
    view = drawing.clone()
    view[..., 9:12, 6:9] = drawing[..., 15:16, 4:5]
    blots = turning._blots(drawing, view, "up 0")
    assert blots is not None
    assert turning._blots(view, view.roll(-5, dims=2), "down 1") is not None, "not so near"
    assert turning._blots(view, view.roll(-5, dims=2), "up 0") is None
    assert (~blots.shown).sum() == 9
    assert turning._blots(view, drawing, "down 1") is None
    assert turning._blots(view, view, "up 0") is None, "where the drawing has some, they may be"
    drawn = draw(turner.network, drawing, KINDS.index("up 0"), blots)
    assert turning._blots(drawing, drawn, "up 0") is None


@pytest.mark.parametrize("side", [12, 16, 24, 32])
def test_anything_can_be_turned(turner: Turner, side: int) -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (side, side, 4)).astype(np.uint8)
    full, faint, dot = noise.copy(), noise.copy(), np.zeros((16, 16, 4), np.uint8)
    full[..., 3], faint[..., 3], dot[-1, 0] = 255, 100, 255
    drawings = [noise, full, faint, np.zeros_like(noise)]
    for rgba in [*drawings, dot] if side == 16 else drawings:
        parts = {LEADER: rgba}
        for wanted in (TURNS, STEPS):
            parts |= turner.draw(parts, wanted, 0)
        blank = not (rgba[..., 3] > 127).any()
        assert not blank or not any(view.any() for part, view in parts.items() if part != LEADER)


def test_those_whose_characters_it_learned_from_are_credited(turner: Turner) -> None:
    lines = "\n".join(credit.line for credit in turner.credits)
    for name in ("Pixel-boy", "Lanea Zimmerman", "Kenney", "Philipp Lenssen"):
        assert name in lines


def test_weights_without_credits_are_refused_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sprite_lab.engine.sampling.turning.load_shipped", lambda *_: {})
    with pytest.raises(FileError, match="does not fit this version"):
        load_turner()
