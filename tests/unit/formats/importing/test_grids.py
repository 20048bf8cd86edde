"""Randomly laid out grids are found again, to the pixel."""

import io

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from PIL import Image

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.sets.imports import Grid, PictureChoices
from sprite_lab.formats.importing.cutting import cut_picture
from sprite_lab.formats.importing.decode import Decoded, decode
from sprite_lab.formats.importing.grids import WEIGHTS, evidence_of_grids, likely_grids


def blob(rng, side):
    """A drawing in a few flat colors that reaches all four edges of its cell somewhere."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    radius = side / 2 * rng.uniform(1.0, 1.05)
    shape = np.abs(x) ** 2 + np.abs(y) ** 2 <= radius**2
    sprite = np.zeros((side, side, 4), np.uint8)
    colors = rng.integers(0, 256, (3, 3))
    inner = np.abs(x) + np.abs(y) <= radius * 0.6
    sprite[shape] = (*colors[0], 255)
    sprite[shape & inner] = (*colors[1], 255)
    sprite[shape & (np.abs(x) < 2)] = (*colors[2], 255)
    return sprite


def sheet_of(rng, rows, columns, side, margin, spacing, background=None):
    pitch = side + spacing
    size = [2 * margin + n * pitch - spacing for n in (rows, columns)]
    sheet = np.zeros((*size, 4), np.uint8)
    if background is not None:
        sheet[:] = (*background, 255)
    cells = []
    for row in range(rows):
        for column in range(columns):
            y, x = margin + row * pitch, margin + column * pitch
            sprite = blob(rng, side)
            part = sheet[y : y + side, x : x + side]
            part[sprite[..., 3] > 0] = sprite[sprite[..., 3] > 0]
            cells.append(part.copy())
    return sheet, cells


@settings(max_examples=25, derandomize=True, phases=(Phase.generate,))
@given(
    seed=st.integers(0, 2**16),
    rows=st.integers(3, 8),
    columns=st.integers(4, 9),
    side=st.sampled_from([16, 16, 16, 24, 32]),
    margin=st.integers(0, 5),
    spacing=st.integers(0, 4),
    color=st.sampled_from([None, (255, 255, 255), (255, 0, 255), (30, 30, 40)]),
)
def test_random_grids_are_found_again(seed, rows, columns, side, margin, spacing, color):
    rng = np.random.default_rng(seed)
    sheet, cells = sheet_of(rng, rows, columns, side, margin, spacing, color)
    pieces = cut_picture(Decoded("picture", sheet[None]), "sheet", 16, PictureChoices())
    assert pieces.grid == Grid((side, side), (margin, margin), (spacing, spacing))
    assert pieces.background == color
    assert len(pieces.arts) == rows * columns
    for art, cell in zip(pieces.arts, cells, strict=True):
        shown = art[..., 3] > 0
        assert np.array_equal(art[shown], cell[shown])


def test_one_row_and_one_column():
    rng = np.random.default_rng(1)
    sheet, _ = sheet_of(rng, 1, 6, 16, 0, 0)
    assert likely_grids(sheet)[0][0] == Grid((16, 16))
    assert likely_grids(sheet.swapaxes(0, 1))[0][0] == Grid((16, 16))


def test_tiles_without_any_gap_are_recognized_by_their_colors():
    rng = np.random.default_rng(2)
    tiles = rng.integers(0, 240, (6, 7, 1, 1, 3)) + rng.integers(0, 9, (6, 7, 16, 16, 3))
    opaque = np.full((6, 7, 16, 16, 1), 255)
    tiles = np.concatenate([tiles, opaque], axis=-1).astype(np.uint8)
    sheet = tiles.swapaxes(1, 2).reshape(96, 112, 4)
    pieces = cut_picture(Decoded("picture", sheet[None]), "tiles", 16, PictureChoices())
    assert pieces.grid == Grid((16, 16))
    assert np.array_equal(np.stack(pieces.arts), tiles.reshape(-1, 16, 16, 4))


def test_lines_drawn_between_cells_are_a_spacing():
    rng = np.random.default_rng(3)
    sheet, _ = sheet_of(rng, 5, 6, 16, 1, 1, (255, 255, 255))
    sheet[::17] = sheet[:, ::17] = (255, 0, 0, 255)
    pieces = cut_picture(Decoded("picture", sheet[None]), "sheet", 16, PictureChoices())
    assert pieces.grid == Grid((16, 16), (1, 1), (1, 1))
    assert all(not (art[..., 0] == 255)[art[..., 3] > 0].all() for art in pieces.arts)


@pytest.mark.parametrize("side", [20, 32, 48])
def test_one_drawing_is_not_cut(side):
    rng = np.random.default_rng(4)
    for _ in range(10):
        pieces = cut_picture(Decoded("picture", blob(rng, side)[None]), "one", 16, PictureChoices())
        assert pieces.cut in ("whole", "drawings")
        assert len(pieces.arts) == 1


def test_a_sheet_in_jpeg_whose_colors_are_not_exact():
    sheet, _ = sheet_of(np.random.default_rng(7), 4, 6, 16, 0, 0, (255, 255, 255))
    file = io.BytesIO()
    Image.fromarray(sheet[..., :3]).save(file, "JPEG", quality=90)
    pieces = cut_picture(decode(file.getvalue(), "sheet.jpg"), "sheet", 16, PictureChoices())
    assert pieces.grid == Grid((16, 16))
    assert len(pieces.arts) == 24


def test_the_frame_of_a_tile_is_not_its_background():
    tile = np.full((16, 16, 4), 255, np.uint8)
    tile[1:-1, 1:-1, :3] = np.random.default_rng(8).integers(0, 200, (14, 14, 3))
    pieces = cut_picture(Decoded("picture", tile[None]), "tile", 16, PictureChoices())
    assert pieces.background is None
    assert np.array_equal(pieces.arts[0], tile)
    tile[1] = tile[:, 1] = 255
    pieces = cut_picture(Decoded("picture", tile[None]), "tile", 16, PictureChoices())
    assert pieces.background == (255, 255, 255)


def test_an_empty_cell_is_left_out():
    rng = np.random.default_rng(5)
    sheet, _ = sheet_of(rng, 4, 4, 16, 0, 0)
    sheet[16:32, 32:48] = 0
    pieces = cut_picture(Decoded("picture", sheet[None]), "sheet", 16, PictureChoices())
    assert pieces.empty == 1
    assert len(pieces.arts) == 15
    assert "2,3" not in pieces.places


def test_a_grid_given_by_hand_is_taken_as_it_is():
    sheet = np.random.default_rng(6).integers(1, 256, (40, 50, 4), np.uint8)
    grid = Grid((10, 20), (5, 3), (1, 2))
    pieces = cut_picture(Decoded("picture", sheet[None]), "s", 16, PictureChoices(grid=grid))
    assert pieces.boxes.tolist() == [
        [3 + 22 * column, 5 + 11 * row, 20, 10] for row in range(3) for column in range(2)
    ]


@pytest.mark.parametrize(
    ("text", "grid"),
    [
        ("16", Grid((16, 16))),
        ("16x24", Grid((24, 16))),
        ("16+1", Grid((16, 16), (1, 1))),
        ("16x24+1+2", Grid((24, 16), (1, 1), (2, 2))),
        ("8+0+3", Grid((8, 8), (0, 0), (3, 3))),
    ],
)
def test_a_grid_in_words_is_read_as_it_is_written(text, grid):
    assert Grid.parse(text) == grid
    assert str(grid) == text


@pytest.mark.parametrize("text", ["", "x16", "16+", "16x24+1+2+3", "12345", "16 x 24", "-1"])
def test_words_that_are_no_grid(text):
    with pytest.raises(ConfigError, match="is not a grid; write the cell size in pixels"):
        Grid.parse(text)


@pytest.mark.parametrize("wrong", [{"cell": (0, 4)}, {"cell": (4, 4), "offset": (0, -1)}])
def test_impossible_grids(wrong):
    with pytest.raises(ConfigError, match="is not possible"):
        Grid(**wrong)


def frames(rng, count, height, width, end=0):
    """uint8 (height, count * width + end, 4), frames of one figure with wide margins."""
    strip = np.zeros((height, count * width + end, 4), np.uint8)
    colors = rng.integers(0, 256, (2, 3))
    for x in range(width // 2, count * width, width):
        top, reach = height // 2 - rng.integers(0, 4), 7 + rng.integers(0, 3)
        strip[top : height - 4, x - 5 : x + 5] = (*colors[0], 255)
        strip[top + 5 : top + 8, x - reach : x + reach] = (*colors[1], 255)
    return strip


@pytest.mark.parametrize(
    ("height", "width"), [(48, 48), (64, 64), (64, 80), (48, 80), (37, 50), (96, 36)]
)
def test_strips_of_frames_with_much_room_around_the_figure(height, width):
    strip = frames(np.random.default_rng(9), 7, height, width)
    assert likely_grids(strip)[0][0] == Grid((height, width))


def test_frames_that_leave_a_rest_of_the_strip_are_told_by_their_likeness():
    strip = frames(np.random.default_rng(10), 7, 37, 50, end=35)
    assert Grid((37, 50)) in [grid for grid, _ in likely_grids(strip)[:3]]


def test_the_evidence_is_of_each_grid_and_at_last_of_none():
    strip = frames(np.random.default_rng(9), 4, 48, 48)
    judged = evidence_of_grids(strip)
    assert Grid((48, 48)) in [grid for grid, _ in judged]
    assert [grid is None for grid, _ in judged] == [False] * (len(judged) - 1) + [True]
    assert {name for _, evidence in judged for name in evidence} <= set(WEIGHTS)
