"""Possible grids of a sheet: each way to cut it is suggested once."""

from __future__ import annotations

import numpy as np
import pytest

from sprite_lab.core.sets.imports import Grid, PictureChoices
from sprite_lab.formats.importing import cutting
from sprite_lab.formats.importing.decode import Decoded


def test_grids_that_cut_the_same_cells_are_one_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a single row of cells, the row spacing makes no difference."""
    row, same, other = Grid((16, 16)), Grid((16, 16), spacing=(2, 0)), Grid((16, 32))
    likely = [(row, 0.5), (same, 0.3), (None, 0.1), (other, 0.1)]
    monkeypatch.setattr(cutting, "likely_grids", lambda *_: likely)
    rng = np.random.default_rng(0)
    frames = np.full((1, 16, 64, 4), 255, np.uint8)
    frames[..., :3] = rng.integers(0, 255, (1, 16, 64, 3))
    found = cutting.cut_picture(Decoded("picture", frames), "a.png", 16, PictureChoices())
    assert found.grid == row
    assert found.guesses == (other,)


def test_grids_far_less_likely_than_the_next_one_are_not_offered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grids = [Grid((side, side)) for side in (16, 8, 32, 24)]
    likely = list(zip(grids, (0.7, 0.29, 0.005, 0.001), strict=True))
    monkeypatch.setattr(cutting, "likely_grids", lambda *_: likely)
    frames = np.full((1, 64, 64, 4), 255, np.uint8)
    found = cutting.cut_picture(Decoded("picture", frames), "a.png", 16, PictureChoices(cut="grid"))
    assert (found.grid, found.guesses) == (grids[0], (grids[1], grids[2]))


TEAL, LINE = (0, 128, 128), (255, 255, 255)


def framed(drawn: float = 1.0) -> np.ndarray:
    """uint8 (69, 103, 4), cells on one color in frames of another, each with a small drawing."""
    rng = np.random.default_rng(1)
    sheet = np.full((69, 103, 4), 255, np.uint8)
    for row, column in np.ndindex(4, 6):
        cell = sheet[17 * row + 1 : 17 * row + 17, 17 * column + 1 : 17 * column + 17]
        cell[..., :3] = TEAL
        if rng.random() < drawn:
            x = rng.integers(0, 11)
            cell[10:15, x : x + 5, :3] = rng.integers(0, 256, (5, 5, 3))
    return sheet


@pytest.mark.parametrize("drawn", [1.0, 0.6])
def test_a_picked_ground_of_framed_cells_is_removed_from_the_grid_that_was_found(
    drawn: float,
) -> None:
    decoded = Decoded("picture", framed(drawn)[None])
    found = cutting.cut_picture(decoded, "a.png", 16, PictureChoices())
    assert (found.grid, found.left_ground) == (Grid((16, 16), (1, 1), (1, 1)), TEAL)
    assert all((art[..., 3] == 255).all() for art in found.arts)
    bare = cutting.cut_picture(decoded, "a.png", 16, PictureChoices(background=TEAL))
    assert (bare.grid, bare.cut, bare.left_ground) == (found.grid, "grid", None)
    assert {int((art[..., 3] > 0).sum()) for art in bare.arts} == {25}
    assert len(bare.arts) + bare.empty == 24
    assert (bare.cost, bare.guesses) == (found.cost, found.guesses)
    left = cutting.cut_picture(decoded, "a.png", 16, PictureChoices(background="none"))
    assert left.left_ground is None


def test_a_picked_background_still_finds_drawings_where_no_grid_was_found() -> None:
    rng = np.random.default_rng(2)
    sheet = np.zeros((90, 120, 4), np.uint8)
    sheet[...] = rng.integers(0, 256, (90, 120, 4))
    sheet[1:-1, 1:-1] = (*TEAL, 255)  # a border that hides it
    sheet[..., 3] = 255
    for y, x, side in ((5, 8, 12), (40, 30, 9), (61, 83, 14)):
        sheet[y : y + side, x : x + side, :3] = rng.integers(0, 100, (side, side, 3))
    decoded = Decoded("picture", sheet[None])
    plain = cutting.cut_picture(decoded, "a.png", 16, PictureChoices())
    assert plain.grid is None
    picked = cutting.cut_picture(decoded, "a.png", 16, PictureChoices(background=TEAL))
    assert picked.background == TEAL
    assert len(picked.arts) >= 3


def test_tiles_stand_on_no_ground() -> None:
    rng = np.random.default_rng(3)
    tiles = np.full((1, 64, 64, 4), 255, np.uint8)
    tiles[..., :3] = rng.integers(0, 256, (1, 64, 64, 3))
    by_grid = PictureChoices(cut="grid", grid=Grid((16, 16)))
    assert cutting.cut_picture(Decoded("picture", tiles), "a", 16, by_grid).left_ground is None
    tiles[:, :16, :16, :3] = TEAL  # a single tile
    assert cutting.cut_picture(Decoded("picture", tiles), "a", 16, by_grid).left_ground is None
