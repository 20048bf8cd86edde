"""Sheets of tiles without gaps are cut where tiles meet; pictures that are none are not."""

import numpy as np
import pytest

from sprite_lab.core.sets.imports import Grid, PictureChoices
from sprite_lab.formats.importing.cutting import cut_picture
from sprite_lab.formats.importing.decode import Decoded

SIDE = 16


def tile(rng, side=SIDE):
    """A texture that goes on to its rims: blotches of four colors, or bricks."""
    colors = rng.integers(0, 256, (4, 3))
    if rng.random() < 0.3:
        y, x = np.mgrid[:side, :side]
        index = ((y % 8 == 0) | ((x + y // 8 * 4) % 8 == 0)).astype(int)
    else:
        rough = rng.integers(0, 4, (side // 4 + 1, side // 4 + 1))
        index = np.kron(rough, np.ones((4, 4), int))[2 : side + 2, 2 : side + 2]
    opaque = np.full((side, side, 1), 255)
    return np.concatenate([colors[index], opaque], axis=-1).astype(np.uint8)


def sheet_of(rng, rows, columns, side=SIDE, rim=0):
    """Tiles side by side, each in a rim of ``rim`` pixels that repeats its own."""
    tiles = [
        [np.pad(tile(rng, side), ((rim, rim), (rim, rim), (0, 0)), "edge") for _ in range(columns)]
        for _ in range(rows)
    ]
    return np.concatenate([np.concatenate(row, axis=1) for row in tiles])


def cut(sheet, cell=SIDE):
    return cut_picture(Decoded("picture", sheet[None]), "tiles", cell, PictureChoices())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("side", [16, 32])
def test_textures_that_meet_are_told_apart(seed, side):
    sheet = sheet_of(np.random.default_rng(seed), 8, 11, side)
    assert cut(sheet).grid == Grid((side, side))


def test_clear_tiles_between_them_are_left_out():
    rng = np.random.default_rng(3)
    sheet = sheet_of(rng, 10, 12)
    for row, column in rng.integers(0, (10, 12), (50, 2)):
        sheet[row * 16 : row * 16 + 16, column * 16 : column * 16 + 16] = 0
    pieces = cut(sheet)
    assert pieces.grid == Grid((16, 16))
    assert len(pieces.arts) + pieces.empty == 120


def test_tiles_in_rims_of_their_own_colors():
    sheet = sheet_of(np.random.default_rng(5), 8, 9, rim=1)
    assert cut(sheet[1:-1, 1:-1]).grid == Grid((16, 16), (0, 0), (2, 2))


def test_a_strip_as_high_as_a_sprite_is_one():
    sheet = sheet_of(np.random.default_rng(8), 1, 6)
    assert cut(sheet).grid == Grid((16, 16))


def test_a_few_pixels_may_be_left_over():
    sheet = np.pad(sheet_of(np.random.default_rng(6), 9, 8), ((0, 1), (0, 0), (0, 0)))
    assert cut(sheet).grid == Grid((16, 16))


def test_an_oblong_sheet_without_seams_is_cut_by_its_size():
    y, x = np.mgrid[:48, :112]
    rgba = np.full((48, 112, 4), 255, np.uint8)
    rgba[..., 0], rgba[..., 1] = (x + 2 * y) // 11 * 16 % 256, (3 * x - y) // 13 * 16 % 256
    assert cut(rgba).grid == Grid((16, 16))


def test_one_large_picture_is_not_cut_to_pieces():
    y, x = np.mgrid[:128, :128]
    ball = np.zeros((128, 128, 4), np.uint8)
    inside = (x - 63.5) ** 2 + (y - 63.5) ** 2 < 60**2
    ball[inside] = (200, 40, 40, 255)
    ball[inside & ((x - 45) ** 2 + (y - 45) ** 2 < 20**2)] = (255, 200, 200, 255)
    assert cut(ball).grid is None


def test_a_photograph_is_not_cut_to_pieces():
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:256, :320]
    photo = np.stack([x // 2, y, (x + y) // 3], -1) + rng.integers(-4, 5, (256, 320, 3))
    opaque = np.full((256, 320, 1), 255)
    assert cut(np.concatenate([photo.clip(0, 255), opaque], -1).astype(np.uint8)).grid is None
