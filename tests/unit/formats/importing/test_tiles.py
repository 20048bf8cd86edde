"""Sheets of adjacent tiles are cut at their seams; other pictures are not."""

import numpy as np
import pytest

from sprite_lab.core.sets.imports import Grid, PictureChoices
from sprite_lab.formats.importing.cutting import cut_picture
from sprite_lab.formats.importing.decode import Decoded
from sprite_lab.formats.importing.grids import evidence_of_grids, likely_grids

SIDE = 16


def tile(rng, side=SIDE):
    """A texture that reaches its edges: blotches in four colors, or bricks."""
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
    """Tiles side by side, each with a border of ``rim`` pixels that repeats its edge."""
    tiles = [
        [np.pad(tile(rng, side), ((rim, rim), (rim, rim), (0, 0)), "edge") for _ in range(columns)]
        for _ in range(rows)
    ]
    return np.concatenate([np.concatenate(row, axis=1) for row in tiles])


def cut(sheet, cell=SIDE):
    return cut_picture(Decoded("picture", sheet[None]), "picture", cell, PictureChoices())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("side", [16, 32])
def test_textures_that_meet_are_distinguished(seed, side):
    sheet = sheet_of(np.random.default_rng(seed), 8, 11, side)
    assert cut(sheet).grid == Grid((side, side))


def ground(rng, side, kind, colors):
    """uint8 (side, side, 4), different each time: grains, bricks or ripples in three colors."""
    y, x = np.mgrid[:side, :side]
    index = rng.choice(3, (side, side), p=[0.2, 0.7, 0.1])  # grains
    if kind == 1:
        joints = (y % 4 == 3) | ((x + y // 4 % 2 * 4) % 8 == 7)
        index = np.where(joints, 0, np.maximum(index, 1))
    elif kind == 2:
        index = np.where((x + 3 * y) % 8 < 2, 2, np.minimum(index, 1))
    return np.pad(colors[kind][index], ((0, 0), (0, 0), (0, 1)), constant_values=255)


def grounds(rng, rows, columns, side):
    """Tiles of three kinds of ground in random order, some with a chest; there is no seam between
    two tiles of a kind.
    """
    colors = rng.integers(0, 256, (3, 3, 3)).astype(np.uint8)
    sheet = []
    for _ in range(rows):
        row = [ground(rng, side, kind, colors) for kind in rng.integers(0, 3, columns)]
        for each in row:
            if rng.random() < 0.2:
                rim = slice(side // 5, -(side // 5))
                each[rim, rim, :3] = 90, 50, 20
        sheet.append(np.concatenate(row, axis=1))
    return np.concatenate(sheet)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("side", [8, 12, 16, 24, 32])
def test_grounds_without_gaps_are_cut_where_their_kinds_meet(seed, side):
    sheet = grounds(np.random.default_rng(seed), 6, 8, side)
    judged = evidence_of_grids(sheet)
    told = [evidence.get("told", 0.0) for _, evidence in judged]
    assert judged[int(np.argmax(told))][0] == Grid((side, side))
    assert cut(sheet).grid == Grid((side, side))


def test_outlines_on_clear_ground_tell_nothing_of_where_tiles_meet():
    sheet = np.zeros((64, 96, 4), np.uint8)
    for row, column in np.ndindex(4, 6):
        sheet[16 * row + 3 : 16 * row + 13, 16 * column + 2 : 16 * column + 14] = (90, 60, 30, 255)
    judged = evidence_of_grids(sheet)
    assert {evidence.get("told", 0.0) for _, evidence in judged} == {0.0}
    assert likely_grids(sheet)[0][0] == Grid((16, 16))


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


def on_canvas(pieces, height, width):
    """Pictures placed on a transparent canvas, each at its (y, x)."""
    canvas = np.zeros((height, width, 4), np.uint8)
    for (y, x), piece in pieces.items():
        canvas[y : y + piece.shape[0], x : x + piece.shape[1]] = piece
    return canvas


@pytest.mark.parametrize("side", [10, 16, 24, 34])
def test_tiles_in_the_corner_of_a_clear_canvas_end_on_its_grid(side):
    rng = np.random.default_rng(side)
    tiles = {(0, side * i): tile(rng, side) for i in range(4)}
    tiles |= {(side * i, 0): tile(rng, side) for i in (1, 2, 3)}
    pieces = cut(on_canvas(tiles, 8 * side, 8 * side))
    assert pieces.grid == Grid((side, side))
    assert len(pieces.arts) == 7


def test_the_canvas_need_not_be_whole_cells():
    rng = np.random.default_rng(2)
    tiles = {(0, 0): sheet_of(rng, 5, 4), (32, 80): tile(rng), (0, 96): sheet_of(rng, 3, 1)}
    assert cut(on_canvas(tiles, 301, 299)).grid == Grid((16, 16))


def test_a_few_tiles_are_enough():
    rng = np.random.default_rng(4)
    tiles = {(0, 0): tile(rng), (0, 16): tile(rng), (16, 16): tile(rng)}
    assert cut(on_canvas(tiles, 32, 48)).grid == Grid((16, 16))


def test_a_small_sheet_that_is_drawn_on_from_rim_to_rim_is_cut_by_its_size():
    assert cut(sheet_of(np.random.default_rng(1), 4, 3)).grid == Grid((16, 16))


@pytest.mark.parametrize("side", [24, 32])
def test_a_strip_of_larger_squares_is_cut_into_squares(side):
    sheet = np.full((side, 14 * side, 4), 200, np.uint8)
    sheet[..., 3] = 255
    sheet[4:-4, ::2, 0] = 90  # uniform, so that only its size matters
    assert cut(sheet).grid == Grid((side, side))


def test_sprites_that_touch_are_distinguished():
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:16, :16] - 7.5
    sprites = {}
    for i in range(6):  # round
        sprite = np.zeros((16, 16, 4), np.uint8)
        sprite[y**2 + x**2 <= 64] = (20, 20, 30, 255)
        sprite[y**2 + x**2 <= 44] = (*rng.integers(0, 256, 3), 255)
        sprites[0, 16 * i + 32] = sprite
    for i in range(4):  # square, with handles
        sprite = np.zeros((16, 16, 4), np.uint8)
        sprite[2:14, 1:15] = (20, 20, 30, 255)
        sprite[3:13, 2:14] = (*rng.integers(0, 256, 3), 255)
        sprite[6:9, [0, 15]] = (20, 20, 30, 255)
        sprites[16, 16 * i + 16] = sprite
    pieces = cut(on_canvas(sprites, 256, 256))
    assert pieces.grid == Grid((16, 16))
    assert len(pieces.arts) == 10


def test_tiles_are_as_large_as_every_second_seam_says():
    assert cut(sheet_of(np.random.default_rng(1), 2, 9, 32)).grid == Grid((32, 32))


def test_one_drawing_with_straight_edges_is_not_cut_to_pieces():
    house = np.full((40, 36, 4), 255, np.uint8)
    house[8:20, 5:14, :3] = (40, 60, 90)
    house[22:, 20:30, :3] = (90, 50, 20)
    assert cut(on_canvas({(13, 9): house}, 64, 64)).cut == "whole"


def test_drawings_anywhere_stay_drawings():
    rng = np.random.default_rng(9)
    sheet = np.zeros((96, 128, 4), np.uint8)
    y, x = np.mgrid[:96, :128]
    places = (13, 15, 12), (20, 50, 17), (11, 95, 10), (48, 25, 14), (56, 68, 13), (40, 108, 15)
    for row, column, radius in (*places, (80, 44, 11), (79, 95, 12)):
        disc = (y - row) ** 2 + (x - column) ** 2 <= radius**2
        sheet[disc] = (*rng.integers(0, 256, 3), 255)
    pieces = cut(sheet)
    assert pieces.cut == "drawings"
    assert len(pieces.arts) == 8


def test_how_likely_it_is_falls_with_the_evidence():
    rng = np.random.default_rng(3)
    many, few = sheet_of(rng, 8, 11), sheet_of(rng, 2, 3)
    (grid, sure), (_, less) = (likely_grids(sheet, or_none=False)[0] for sheet in (many, few))
    assert grid == Grid((16, 16))
    assert 0 < less < sure < 1


def test_a_round_drawing_on_an_oblong_picture_is_not_cut():
    y, x = np.mgrid[:24, :40]
    disc = np.zeros((24, 40, 4), np.uint8)
    disc[(y - 12) ** 2 + (x - 20) ** 2 <= 100] = (90, 60, 30, 255)
    assert likely_grids(disc)[0] == (None, 1.0)
    disc[:4, :8] = 200  # a tile in the corner
    assert likely_grids(disc)[0][1] < 1


def test_a_grid_whose_cells_are_all_empty_is_unlikely():
    sheet = np.zeros((16, 44, 4), np.uint8)
    sheet[2:14, 36:42] = (90, 60, 30, 255)
    found = dict(likely_grids(sheet))
    assert found[Grid((16, 16))] < 0.01


def test_a_single_larger_sprite_is_not_cut():
    rng = np.random.default_rng(3)
    assert cut(sheet_of(rng, 2, 2)).cut == "whole"  # like four tiles of 32 pixels
    assert likely_grids(np.zeros((64, 64, 4), np.uint8)) == []


@pytest.mark.parametrize("rim", [1, 2, 4])
def test_tiles_whose_outermost_pixels_are_repeated_around_them(rim):
    rng = np.random.default_rng(4)
    tiles = rng.integers(0, 4, (5, 6, 16, 16, 3)) * 60
    wide = np.pad(tiles, ((0, 0), (0, 0), (rim, rim), (rim, rim), (0, 0)), mode="edge")
    side = 16 + 2 * rim
    sheet = np.full((5 * side, 6 * side, 4), 255, np.uint8)
    sheet[..., :3] = wide.swapaxes(1, 2).reshape(5 * side, 6 * side, 3)
    pieces = cut(sheet)
    assert pieces.grid == Grid((16, 16), (rim, rim), (2 * rim, 2 * rim))
    assert np.array_equal(np.stack(pieces.arts)[..., :3], tiles.reshape(-1, 16, 16, 3))
    assert cut(sheet[:side]).grid == cut(sheet[:, :side]).grid == pieces.grid


def test_enlarged_art_has_no_repeated_rims():
    rng = np.random.default_rng(5)
    small = rng.integers(0, 4, (32, 40, 4), np.uint8) * 60
    small[..., 3] = 255
    assert cut(small.repeat(2, axis=0).repeat(2, axis=1)).scale == 2
    small[5, 5] = 7, 7, 7, 255  # a stray pixel, so that it is not reduced
    large = small.repeat(2, axis=0).repeat(2, axis=1)
    large[10, 10] = 9, 9, 9, 255
    assert all(max(grid.offset) == 0 for grid, _ in likely_grids(large)[:1] if grid is not None)


def test_four_tiles_that_may_be_one_sprite_are_offered_as_a_grid():
    found = likely_grids(sheet_of(np.random.default_rng(3), 2, 2))
    assert [grid for grid, _ in found[:2]] == [None, Grid((16, 16))]
    assert Grid((16, 16)) in cut(sheet_of(np.random.default_rng(3), 2, 2)).guesses


def test_a_name_for_many_sprites_decides_whether_four_tiles_are_one_sprite():
    four = sheet_of(np.random.default_rng(3), 2, 2)
    for name in ("tileset.png", "Bricks TileMap.png", "walk-strip.png", "caves/tiles 2.png"):
        assert likely_grids(four, name)[0][0] == Grid((16, 16)), name
    for name in ("tile.png", "tileset/tile.png", "textiles.png"):
        assert likely_grids(four, name)[0][0] is None, name


def test_an_oblong_cell_that_the_name_says_is_possible_where_drawings_cross_its_lines():
    strip = sheet_of(np.random.default_rng(3), 1, 12, 8)
    assert likely_grids(strip, "fan (24x8).png")[0][0] == Grid((8, 24))
    assert all(grid is None or grid.cell != (8, 24) for grid, _ in likely_grids(strip, "fan.png"))


def test_the_number_of_frames_that_the_name_of_a_strip_says():
    strip = sheet_of(np.random.default_rng(3), 1, 12)
    assert likely_grids(strip)[0][0] == Grid((16, 16))
    assert likely_grids(strip, "fan_strip6.png")[0][0] == Grid((16, 32))
    # the drawings do not fill it
    assert likely_grids(strip, "fan_strip7.png")[0][0] == Grid((16, 16))
