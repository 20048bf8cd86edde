"""Side and back views by rule: narrower, with one eye and the face turned, or without a face."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sprite_lab.core.pixels.faces import has_hair, within
from sprite_lab.core.pixels.pieces import loose
from sprite_lab.core.pixels.sides import eyes_in, faceless, from_behind, one_eyed, sideways

_COLORS = {
    "o": (24, 20, 37), "g": (62, 137, 72), "l": (99, 199, 77), "w": (255, 255, 255),
    "b": (234, 212, 170), "s": (139, 155, 180), "c": (44, 232, 245), "y": (254, 174, 52),
    "m": (232, 183, 150), "k": (26, 22, 41), "r": (163, 74, 58),
}  # fmt: skip

_BLOB = "......oo ....oogg ...ogggg ..ogggww ..ogggwo .ogggggg .oggggoo .ogggggg .oggllll ..oooooo"
_KNIGHT = (
    "...oo... ..owwo.. ..owgooo .olgglll .ogggggg .ogooooo ..oggggg .osoosss osgosbbb osgosbbb "
    ".ogosbbb ..oossss ...oggoo ...oggo. ..olggo. ..ooooo."
)
_ROBOT = (
    ".......y .ooooooo .osssssm .osccssm .osccssm .osssssm .ooooooo ...ossss ...ossss ...ossss "
    "...oooos ...os.os ...oo.oo"
).replace("m", "s")

_CAPTAIN = (
    "....oooo ...obbbb ...obbyy ...ossss ..owmmmm ..owmkmm ..owmmmm ..owwwwr ...owwww ..oobwww "
    ".obbobwy .obbobby .ommosss ..oobbbb ...oggo. ...oooo."
)
_WITCH = (
    ".......l ......gg .....ggg .....lly ..gggggg ....bmmm ....bmkm ....bmmm ...bbmmr ...ggggg "
    "...gglgg ..gglggg ..m.gggg ....lggg .....ss."
)


def drawn(left: str) -> np.ndarray:
    """A figure made from its left half, standing on the lowest of 16 rows."""
    rows, rgba = left.split(), np.zeros((16, 16, 4), np.uint8)
    for y, row in enumerate(rows, 16 - len(rows)):
        for x, color in enumerate(row + row[::-1]):
            if color != ".":
                rgba[y, x] = (*_COLORS[color], 255)
    return rgba


def of(color: str, rgba: np.ndarray) -> np.ndarray:
    return (rgba == (*_COLORS[color], 255)).all(axis=-1)


def middle(pixels: np.ndarray) -> float:
    return float(np.nonzero(pixels)[1].mean())


def side_of(left: str) -> tuple[np.ndarray, np.ndarray]:
    front = drawn(left)
    side = sideways(front)
    assert side is not None
    return front, side


@pytest.mark.parametrize("left", [_BLOB, _KNIGHT, _ROBOT])
def test_a_side_is_one_narrower_figure_in_the_colors_of_the_front(left: str) -> None:
    front, side = side_of(left)
    assert loose(side) == 0
    assert {*map(tuple, side[side[..., 3] > 0])} <= {*map(tuple, front[front[..., 3] > 0])}
    wide, narrow = (np.ptp(np.flatnonzero(rgba[..., 3].any(axis=0))) for rgba in (front, side))
    assert wide - 6 <= narrow <= wide - 2
    high = [np.flatnonzero(rgba[..., 3].any(axis=1)).tolist() for rgba in (front, side)]
    assert high[0] == high[1]


def test_the_face_looks_to_the_right_with_one_eye() -> None:
    front, side = side_of(_BLOB)
    assert of("w", front).sum() == 2 * of("w", side).sum(), "the far eye is out of sight"
    opaque = side[..., 3] > 0
    mouth = of("o", side) & within(within(opaque))
    for mark in (of("w", side), mouth):
        assert middle(mark) > middle(opaque) + 1
    assert of("o", side)[opaque & ~within(opaque)].all(), "the outline is closed"


def test_one_of_two_stalks_with_eyes_stays_and_one_arm_is_before_the_body() -> None:
    front, side = side_of(_KNIGHT)
    assert 0 < of("w", side).sum() <= of("w", front).sum() / 2
    assert middle(of("w", side)) > 8
    hand = of("g", side)[8:10]
    assert hand.any(), "the near arm"
    assert not hand[:, :5].any()
    assert not hand[:, 10:].any()
    assert middle(of("b", side)) > 8, "the belly is where it looks"


def test_an_antenna_stays_as_wide_as_it_is() -> None:
    front, side = side_of(_ROBOT)
    assert np.array_equal(of("y", side), of("y", front))
    assert 0 < of("c", side).sum() <= of("c", front).sum() / 2


@pytest.mark.parametrize("left", [_BLOB, _KNIGHT, _ROBOT])
def test_there_is_no_face_behind(left: str) -> None:
    front = drawn(left)
    back = from_behind(front)
    assert back is not None
    assert np.array_equal(back[..., 3], front[:, ::-1, 3])
    assert not (of("w", back) | of("b", back) | of("c", back)).any()


@pytest.mark.parametrize("turn", [sideways, from_behind])
def test_what_does_not_face_us_has_no_side(turn: Callable[..., object]) -> None:
    assert turn(np.zeros((16, 16, 4), np.uint8)) is None
    askew = drawn(_BLOB)
    askew[:, 9:] = 0
    assert turn(askew) is None


def test_a_dot_and_a_full_picture_are_turned() -> None:
    dot = np.zeros((16, 16, 4), np.uint8)
    dot[8, 8] = 255
    assert np.array_equal(sideways(dot), dot)
    edge = np.full((12, 12, 4), 255, np.uint8)
    assert sideways(edge) is not None


def even_figure(rng: np.random.Generator) -> np.ndarray:
    """A random symmetric figure, anywhere in its picture, and perhaps in pieces."""
    side = int(rng.integers(8, 17))
    height, width = rng.integers(1, side + 1), rng.integers(1, side // 2 + 1)
    half = rng.integers(0, 6, (height, width)).repeat(2, axis=0)[:height]
    half[rng.random(height) < 0.1] = 0
    whole = np.concatenate([half, half[:, ::-1][:, rng.integers(2) :]], axis=1)
    inks = [(0, 0, 0, 0), *((*color, 255) for color in _COLORS.values())]
    rgba = np.zeros((side, side, 4), np.uint8)
    top, left = (int(rng.integers(side - n + 1)) for n in whole.shape)
    rgba[top : top + height, left : left + whole.shape[1]] = np.array(inks)[whole]
    if rng.integers(2):
        opaque = rgba[..., 3] > 0
        rgba[opaque & ~within(opaque), :3] = _COLORS["o"]
    return rgba


def test_whatever_is_even_has_a_side_and_a_back() -> None:
    """For example, a ghost over its shadow, a pole at the edge of the picture, or
    two legs alone.
    """
    rng = np.random.default_rng(0)
    for _ in range(300):
        front = even_figure(rng)
        for turn in (sideways, from_behind):
            view = turn(front)
            assert (view is None) == (not front.any())
            assert view is None or (view.shape == front.shape and view.any())


@pytest.mark.parametrize(
    ("left", "gone", "stays"), [(_CAPTAIN, "kry", "wb"), (_WITCH, "kry", "bg")]
)
def test_behind_a_person_hair_is_where_the_face_was(left: str, gone: str, stays: str) -> None:
    front = drawn(left)
    back = from_behind(front)
    assert back is not None
    assert not any(of(color, back).any() for color in gone), "no eyes, mouth, emblem and buttons"
    assert not of("m", back)[4:9].any(), "no skin of the face"
    hair, cloth = stays
    assert of(hair, back)[5:8].sum() > of(hair, front)[5:8].sum()
    assert of(cloth, back)[9:12].sum() > 0.7 * of(cloth, front)[9:12].sum()


def test_a_beard_does_not_hang_on_a_back() -> None:
    front = drawn(_CAPTAIN)
    back = from_behind(front)
    assert of("w", front)[9:].any()
    assert not of("w", back)[9:].any()


def test_a_back_that_kept_the_face_loses_it() -> None:
    front = drawn(_ROBOT)
    kept = faceless(front, front)
    assert not of("c", kept).any()
    assert np.array_equal(kept[..., 3], front[..., 3])
    moved = front.copy()
    moved[5:8] = front[6:9]  # the network may draw the eyes at another height
    assert not of("c", faceless(front, moved)).any()


def test_hair_over_an_eye_stays_on_the_back() -> None:
    front = np.zeros((16, 16, 4), np.uint8)
    rows = (
        ".....llllll..... ....lggggggl.... ...lggggggggl... ...lggggggggl... ...lgggggmggl... "
        "...lggggmmmmm... ...lggggmkmmm... ...wlgggmkmmm... ....wmmmmmmm.... .....wmrrmw..... "
        "....oyyyyyyo.... ...woyyyyyyow... ...moyyyyyyom... .....bssssb..... .....bb..bb....."
    )
    for y, row in enumerate(rows.split()):
        for x, color in enumerate(row):
            if color != ".":
                front[y, x] = (*_COLORS[color], 255)
    assert has_hair(front)
    back = from_behind(front)
    assert back is not None
    assert not of("k", back).any()
    assert of("g", back)[:9].sum() >= of("g", front).sum()
    assert of("y", back).sum() >= of("y", front).sum(), "a shirt stays, too"


@pytest.mark.parametrize("left", [_BLOB, _ROBOT])
def test_lines_beside_arms_and_screens_are_not_eyes_of_people(left: str) -> None:
    assert not has_hair(drawn(left))


def test_of_two_eyes_the_foremost_stays_on_a_side() -> None:
    front = drawn(_CAPTAIN)
    assert len(eyes_in(front, front)) == 2
    side = one_eyed(front, front)
    (eye,) = eyes_in(front, side)
    assert middle(eye) > 8
    assert of("m", side)[5, 5], "skin where the other one was"
    assert not eyes_in(front, faceless(front, front))
    blank = np.zeros_like(front)
    assert np.array_equal(one_eyed(blank, blank), blank)
    assert np.array_equal(faceless(blank, blank), blank)


def test_a_thick_outline_in_the_color_of_the_eyes_is_no_eye() -> None:
    front = drawn(_CAPTAIN.replace("o", "k"))
    front[5, 12] = front[5, 13]
    assert of("k", front)[5, [5, 10, 12, 13]].all()
    side = one_eyed(front, front)
    assert of("k", side)[5, [10, 12, 13]].all()
    assert of("m", side)[5, 5], "skin where the far eye was"
    assert [middle(eye) for eye in eyes_in(front, side)] == [10]
