"""Lines of text around sprites neither move the grid of a sheet nor become sprites."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from sprite_lab.core.sets.imports import Grid, PictureChoices
from sprite_lab.data.datasets import builtin
from sprite_lab.formats.importing.cutting import cut_picture
from sprite_lab.formats.importing.decode import Decoded
from sprite_lab.formats.importing.grids import without_rims
from sprite_lab.formats.importing.titles import find_titles

ROWS, COLUMNS, SIDE, LINE = 4, 8, 16, 13


def sheet_of(gap):
    """Sprites of the built-in set, each of which has a cell."""
    pitch = SIDE + gap
    sheet = np.zeros((ROWS * pitch - gap, COLUMNS * pitch - gap, 4), np.uint8)
    rgba = builtin().rgba[: ROWS * COLUMNS]
    for i, sprite in enumerate(rgba):
        y, x = (n * pitch for n in divmod(i, COLUMNS))
        sheet[y : y + SIDE, x : x + SIDE] = sprite
    return sheet


def line_of(text, width):
    picture = Image.new("1", (width, LINE))
    font = ImageFont.load_default_imagefont()
    ImageDraw.Draw(picture).text((1, 0), text, font=font, fill=1)
    line = np.zeros((LINE, width, 4), np.uint8)
    line[np.asarray(picture)] = (20, 20, 20, 255)
    return line


@pytest.mark.parametrize("gap", [0, 1, 2])
@pytest.mark.parametrize("where", ["above", "below"])
@pytest.mark.parametrize("background", [None, (120, 160, 90)])
def test_a_line_of_text_is_set_aside(where, gap, background):
    art = sheet_of(gap)
    line = line_of("Sprites by A. Maker", art.shape[1])
    room = np.zeros((3, art.shape[1], 4), np.uint8)
    parts = [line, room, art] if where == "above" else [art, room, line]
    sheet = np.concatenate(parts)
    assert len(find_titles(sheet))
    if background is not None:
        sheet[sheet[..., 3] == 0] = (*background, 255)
    pieces = cut_picture(Decoded("picture", sheet[None]), "sheet.png", SIDE, PictureChoices())
    top = LINE + 3 if where == "above" else 0
    assert pieces.grid is not None
    assert pieces.grid.cell == (SIDE, SIDE)
    assert pieces.grid.spacing == (gap, gap)
    assert pieces.grid.offset == (top, 0)
    assert len(pieces.arts) == ROWS * COLUMNS
    assert pieces.titled


def test_a_sheet_of_letters_has_no_titles():
    lines = [line_of(text, 140) for text in ("ABCDEFGHIJKLM", "NOPQRSTUVWXYZ", "0123456789")]
    assert not len(find_titles(np.concatenate(lines)))


def test_clear_rims_of_all_cells_count_as_gaps():
    art = sheet_of(6)
    sheet = np.pad(art, ((1, 1), (1, 1), (0, 0)))
    pieces = cut_picture(Decoded("picture", sheet[None]), "sheet.png", SIDE, PictureChoices())
    assert pieces.grid == Grid((SIDE, SIDE), (1, 1), (6, 6))
    assert not pieces.titled


def test_cells_of_a_named_size_keep_their_clear_rims():
    drawn = np.pad(sheet_of(6), ((1, 1), (1, 1), (0, 0)))[..., 3] > 0
    grid = Grid((18, 18), (0, 0), (4, 4))
    assert without_rims(grid, drawn, "items.png") == Grid((SIDE, SIDE), (1, 1), (6, 6))
    assert without_rims(grid, drawn, "items 18x18.png") == grid
