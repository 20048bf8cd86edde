"""Possible grids of a sheet: each way to cut it is suggested once."""

from __future__ import annotations

import numpy as np
import pytest

from sprite_lab.core.sets.imports import Grid, PictureChoices
from sprite_lab.formats.importing import cutting
from sprite_lab.formats.importing.decode import Decoded


def test_grids_that_cut_the_same_cells_are_one_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a single row of cells, the spacing of rows makes no difference."""
    row, same, other = Grid((16, 16)), Grid((16, 16), spacing=(2, 0)), Grid((16, 32))
    likely = [(row, 0.5), (same, 0.3), (None, 0.1), (other, 0.1)]
    monkeypatch.setattr(cutting, "likely_grids", lambda *_: likely)
    rng = np.random.default_rng(0)
    frames = np.full((1, 16, 64, 4), 255, np.uint8)
    frames[..., :3] = rng.integers(0, 255, (1, 16, 64, 3))
    found = cutting.cut_picture(Decoded("picture", frames), "a.png", 16, PictureChoices())
    assert found.grid == row
    assert found.guesses == (other,)
