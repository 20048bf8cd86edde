"""Pictures read for cells of Draw: enlarged ones, and framed sheets with blank frames."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sprite_lab.app.files.picture_tasks import read_pictures
from sprite_lab.core.pixels.pictures import block_of, count_cells, fits
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet

BLACK = (0, 0, 0, 255)


def sheet_of(
    sprites: NDArray[np.uint8], gap: int, margin: int, line: Sequence[int]
) -> NDArray[np.uint8]:
    """A sheet of eight sprites in two rows, with lines between and around them."""
    height, width = 2 * 16 + gap + 2 * margin, 4 * 16 + 3 * gap + 2 * margin
    sheet = np.zeros((height, width, 4), np.uint8)
    sheet[:] = line
    for i, sprite in enumerate(sprites):
        y, x = (margin + k * (16 + gap) for k in divmod(i, 4))
        sheet[y : y + 16, x : x + 16] = sprite
    return sheet


def read(path: Path, picture: NDArray[np.uint8], scale: int) -> list[NDArray[np.uint8]]:
    """The cells read from a picture that was enlarged ``scale`` times."""
    Image.fromarray(picture.repeat(scale, 0).repeat(scale, 1)).save(path)
    pictures = drain(read_pictures(path, 16)(RunControl()))
    assert fits(pictures, 16) or count_cells(pictures, 16) == (2, 4)
    found = block_of(pictures, 16).pixels
    return [np.frombuffer(one or bytes(1024), np.uint8).reshape(16, 16, 4) for one in found]


@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize(("gap", "margin", "line"), [(1, 1, BLACK), (2, 2, BLACK), (0, 0, BLACK)])
@pytest.mark.parametrize("blank", [(), (1, 5, 6), (4, 5, 6, 7), (1, 2, 3, 4, 5, 6, 7)])
def test_a_framed_sheet_comes_as_its_frames_blank_ones_too(
    sprites: SpriteSet,
    tmp_path: Path,
    scale: int,
    gap: int,
    margin: int,
    line: Sequence[int],
    blank: tuple[int, ...],
) -> None:
    wanted = sprites.rgba[:8].copy()
    wanted[wanted[..., 3] == 0] = 0
    wanted[list(blank)] = 0
    got = read(tmp_path / "sheet.png", sheet_of(wanted, gap, margin, line), scale)
    for one, sprite in zip(got, wanted, strict=True):
        assert np.array_equal(one, sprite)


def test_one_enlarged_sprite_is_not_cut(sprites: SpriteSet, tmp_path: Path) -> None:
    sprite = sprites.rgba[0].copy()
    sprite[sprite[..., 3] == 0] = 0
    (got,) = read(tmp_path / "one.png", sprite, 8)
    assert np.array_equal(got, sprite)
