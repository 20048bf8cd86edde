"""Cleaning up: lone pixels, gaps in outlines, single-pixel colors; and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.drawing import CleanUp, cleaned
from sprite_lab.core.pixels.cells import Cell

COLORS = {
    ".": (0, 0, 0, 0),
    "k": (20, 18, 24, 255),
    "r": (200, 30, 30, 255),
    "R": (206, 36, 30, 255),
    "b": (30, 30, 200, 255),
    "w": (250, 250, 250, 255),
}
OUTLINES = CleanUp(lone=False, rare=False)
LONE = CleanUp(outlines=False, rare=False)
RARE = CleanUp(outlines=False, lone=False)


def cell_of(rows: str, side: int = 8) -> Cell:
    rgba = np.zeros((side, side, 4), np.uint8)
    for y, row in enumerate(rows.split()):
        for x, letter in enumerate(row):
            rgba[y, x] = COLORS[letter]
    return Cell(rgba.tobytes(), made_by=SampleConfig())


def letters(cell: Cell) -> str:
    names = {color: name for name, color in COLORS.items()}
    return " ".join(
        "".join(names[tuple(int(v) for v in pixel)] for pixel in row) for row in cell.rgba
    )


def padded(rows: str) -> str:
    lines = [row.ljust(8, ".") for row in rows.split()]
    return " ".join(lines + ["........"] * (8 - len(lines)))


@pytest.mark.parametrize(
    ("what", "before", "after"),
    [
        # A pixel within another color, and one on the background.
        (LONE, "....... .rrrr. .rbrr. .rrrr.", "....... .rrrr. .rrrr. .rrrr."),
        (LONE, "rr..... rr..... ....b..", "rr..... rr..... ......."),
        # Eyes stay; a third pixel of their color elsewhere goes.
        (LONE, "rrrrrr rbrrbr rrrrrr rrrbrr rrrrrr", "rrrrrr rbrrbr rrrrrr rrrrrr rrrrrr"),
        # A hole of one pixel.
        (LONE, "rrr r.r rrr", "rrr rrr rrr"),
        # A pixel that touches another one of its color, even at a corner, stays: dither, a thin
        # line.
        (LONE, "rbrb brbr rbrb", "rbrb brbr rbrb"),
        (LONE, "b...... .b..... ..b....", "b...... .b..... ..b...."),
        # The outline lacks one pixel, and another one has the color of the inside.
        (OUTLINES, ". .kk.kk .krrrk .krrrk .kkkkk", ". .kkkkk .krrrk .krrrk .kkkkk"),
        (OUTLINES, ". .kkrkk .krrrk .krrrk .kkkkk", ". .kkkkk .krrrk .krrrk .kkkkk"),
        (OUTLINES, "..kkk ..rrk krrrk krrrk kkkkk", "..kkk .krrk krrrk krrrk kkkkk"),
        # A cut corner is not a gap, nor is the space between two legs.
        (OUTLINES, ". ..kkk .krrrk .krrrk ..kkk", ". ..kkk .krrrk .krrrk ..kkk"),
        (OUTLINES, ".kkkkk .krrrk .kkkkk .kkkkk .kk.kk", ".kkkkk .krrrk .kkkkk .kkkkk .kk.kk"),
        # A shaft held by an outlined hand: it has no outline of its own.
        (OUTLINES, "kkkkb.k. krrkbk.. krrrb... krrkbk.. kkkkb.k. kkkkb... ....b...",
         "kkkkb.k. krrkbk.. krrrb... krrkbk.. kkkkb.k. kkkkb... ....b..."),
        # Nothing here has an outline of one color.
        (OUTLINES, "rb.br rbbbr rbbbr", "rb.br rbbbr rbbbr"),
        (RARE, "rrrr rRrr bbbb", "rrrr rrrr bbbb"),
        (RARE, "rRb. ....", "rRb. ...."),
    ],
)  # fmt: skip
def test_what_is_cleaned_and_what_is_left(what: CleanUp, before: str, after: str) -> None:
    cell = cell_of(before)
    found = cleaned(cell, what)
    assert letters(found) == padded(after)
    changed = padded(before) != padded(after)
    assert (found is cell) is not changed
    assert (found.made_by is None) is changed, "what was edited was not made by the model"


def test_outlines_go_first_or_their_pieces_would_be_lone() -> None:
    broken = ".k.k... krrrk.. .rrr... krrrk.. .k.k..."
    assert letters(cleaned(cell_of(broken), CleanUp())).count("k") >= broken.count("k")


def test_only_what_is_selected_changes() -> None:
    cell = cell_of("....... .rbrr. .rrrr. .rrbr. .rrrr.")
    within = np.zeros((8, 8), bool)
    within[:2] = True
    after = cleaned(cell, CleanUp(), within)
    assert letters(after) == padded("....... .rrrr. .rrrr. .rrbr. .rrrr.")


@given(st.binary(min_size=64, max_size=64))
def test_any_drawing_can_be_cleaned_with_its_own_colors(data: bytes) -> None:
    names = list(COLORS)
    cell = cell_of(
        " ".join("".join(names[b % 6] for b in data[i : i + 8]) for i in range(0, 64, 8))
    )
    after = cleaned(cell, CleanUp())
    own = {tuple(c) for c in cell.rgba.reshape(-1, 4).tolist()} | {(0, 0, 0, 0)}
    assert {tuple(c) for c in after.rgba.reshape(-1, 4).tolist()} <= own
    nothing = CleanUp(outlines=False, lone=False, rare=False)
    assert cleaned(cell, nothing) is cell
