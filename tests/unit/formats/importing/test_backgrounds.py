"""The background color of drawings, and the lines between cells."""

from __future__ import annotations

import numpy as np
import pytest

from sprite_lab.formats.importing import background
from sprite_lab.formats.importing.background import (
    LOSSY_TOLERANCE,
    find_background,
    ground_of_cells,
    separators,
)

TEAL, WHITE = (0, 128, 128), (255, 255, 255)


def plain(color: tuple[int, int, int], height: int = 16, width: int = 16) -> np.ndarray:
    return np.broadcast_to(np.array([*color, 255], np.uint8), (height, width, 4)).copy()


def test_in_a_lossy_picture_the_ground_may_be_uneven() -> None:
    rng = np.random.default_rng(0)
    picture = plain((200, 40, 200))
    picture[..., :3] += rng.integers(0, 9, (16, 16, 3), np.uint8)
    picture[5:11, 5:11, :3] = 0
    assert find_background(picture[None]) is None
    found = find_background(picture[None], tolerance=LOSSY_TOLERANCE)
    assert found is not None
    assert np.abs(np.array(found) - (204, 44, 204)).max() <= 8


def test_of_very_many_cells_some_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_MOST_CELLS", 4)
    cells = [plain(TEAL if k % 3 == 0 else WHITE) for k in range(9)]
    assert ground_of_cells(cells) == TEAL, "every third one"
    assert ground_of_cells(cells[:4]) == TEAL, "half of all"
    assert ground_of_cells(cells[1:4]) == WHITE
    assert ground_of_cells(cells[:1]) is None, "one is not enough"
    assert ground_of_cells([]) is None


@pytest.mark.parametrize(("thick", "lines"), [(4, 8), (5, 0)])
def test_lines_between_cells_are_thin_and_few(thick: int, lines: int) -> None:
    rng = np.random.default_rng(0)
    sheet = rng.integers(0, 256, (1, 32, 32, 4), np.uint8)
    sheet[..., 3] = 255
    for top in (8, 20):
        sheet[:, top : top + thick] = (1, 2, 3, 255)
    rows, columns = separators(sheet)
    assert len(rows) == lines
    assert len(columns) == 0
    if lines:
        assert rows.tolist() == [*range(8, 12), *range(20, 24)]
