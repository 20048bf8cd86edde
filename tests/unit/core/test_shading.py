"""Lighter and darker colors: along ramps, in palette order, and why there are none."""

import pytest

from sprite_lab.core.drawing.shading import (
    brighter,
    next_in_order,
    next_of_ramp,
    why_no_step,
)

REDS = ((60, 0, 0, 255), (130, 10, 10, 255), (220, 60, 60, 255))
GREENS = ((0, 50, 0, 255), (20, 140, 20, 255))
CLEAR = (9, 9, 9, 0)


def test_a_ramp_is_followed_to_its_end_and_keeps_alpha():
    palette = (*REDS, *GREENS)
    assert next_of_ramp(REDS[0], palette, lighter=True) == REDS[1]
    assert next_of_ramp((*REDS[1][:3], 99), palette, lighter=False) == (*REDS[0][:3], 99)
    assert next_of_ramp(REDS[2], palette, lighter=True) == REDS[2]
    assert next_of_ramp((125, 12, 12, 255), palette, lighter=True) == REDS[2]  # in no palette


def test_what_is_clear_and_what_has_no_palette_stays():
    for step in (next_of_ramp, next_in_order):
        assert step(CLEAR, REDS, lighter=True) == CLEAR
        assert step(REDS[0], (), lighter=True) == REDS[0]
        assert step(REDS[0], (CLEAR,), lighter=True) == REDS[0]


def test_a_palette_that_is_laid_out_is_followed_in_either_direction():
    assert next_in_order(REDS[0], REDS, lighter=True) == REDS[1]
    assert next_in_order(REDS[0], REDS[::-1], lighter=True) == REDS[1]
    assert next_in_order(REDS[2], (*REDS, *GREENS), lighter=True) == REDS[2]  # the next ramp begins
    assert next_in_order((*GREENS[1][:3], 50), GREENS, lighter=False) == (*GREENS[0][:3], 50)


@pytest.mark.parametrize("lighter", [True, False])
@pytest.mark.parametrize(
    ("palette", "asked", "said"),
    [
        (REDS, {"along_palette": False}, "color near this one"),
        ((), {"along_palette": True}, "no color to shade with"),
        (REDS, {"along_palette": True, "in_order": True}, "beside this one"),
        (REDS, {"along_palette": True}, "of this hue"),
    ],
)
def test_each_reason_is_a_sentence_of_its_own(palette, asked, said, lighter):
    text = why_no_step(REDS[1], palette, lighter=lighter, **asked)
    assert said in text
    if palette:
        assert ("lighter" if lighter else "darker") in text


def test_white_and_black_go_no_further():
    white, black = (255, 255, 255, 255), (0, 0, 0, 255)
    assert why_no_step(white, REDS, lighter=True, along_palette=True).startswith("White")
    nearly = (255, 255, 250, 128)
    assert brighter(nearly, 0.06) == nearly
    assert why_no_step(nearly, REDS, lighter=True, along_palette=False).startswith("White")
    assert why_no_step(black, REDS, lighter=False, along_palette=True).startswith("Black")


def test_brighter_adds_to_the_lightness_alone():
    assert brighter(CLEAR, 0.5) == CLEAR
    assert brighter((0, 0, 0, 7), 2.0) == (255, 255, 255, 7)
    red, green, blue, _ = brighter(REDS[1], 0.1)
    assert red > REDS[1][0]
    assert red > green
    assert red > blue
