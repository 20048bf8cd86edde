"""The fit of the importer's weights: it learns from what is right, and judges by other games."""

from __future__ import annotations

import json
from pathlib import Path

import grid_weights
import numpy as np
import pytest
from PIL import Image

from sprite_lab.core.sets.imports import Grid
from sprite_lab.formats.importing.grids import likely_grids


def tiles(seed: int, side: int = 16) -> np.ndarray:
    """uint8 (4 * side, 6 * side, 4), opaque tiles of a few colors each."""
    rng = np.random.default_rng(seed)
    colors = rng.integers(0, 256, (4, 1, 6, 1, 3)) + rng.integers(-9, 9, (4, side, 6, side, 3))
    sheet = np.full((4 * side, 6 * side, 4), 255, np.uint8)
    sheet[..., :3] = np.clip(colors, 0, 255).reshape(4 * side, 6 * side, 3)
    return sheet


def test_the_right_cuts_are_those_of_the_same_cells(tmp_path: Path) -> None:
    Image.fromarray(tiles(0)).save(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    case = grid_weights.case_of(data, "a.png", "game", Grid((16, 16)))
    assert case is not None
    assert case.right.sum() == 1
    weights = np.array(list(grid_weights.WEIGHTS.values()))
    assert grid_weights.rank(case, weights) == 0
    assert likely_grids(tiles(0), "a.png")[0][0] == Grid((16, 16))
    assert case.evidence.shape == (len(case.right), len(weights))
    assert grid_weights.case_of(data, "a.png", "game", Grid((17, 15), (4, 1))) is None


def test_weights_follow_what_tells_the_right_cut() -> None:
    rng = np.random.default_rng(1)
    cases = []
    for number in range(60):
        evidence, right = rng.normal(0, 1, (5, 3)), np.arange(5) == number % 5
        evidence[right, 0] += 2  # tells it
        evidence[right, 1] -= 1  # speaks against it
        cases.append(grid_weights.Case(f"game {number % 9}", evidence, right))
    weights = grid_weights.fitted(cases, np.zeros(3))
    assert weights[0] > 0.5 > 0 > weights[1]
    assert abs(weights[2]) < weights[0] / 2
    ranks = grid_weights.ranks_of_others(cases, np.zeros(3))
    assert sum(rank == 0 for rank in ranks) > 36


def test_a_list_of_sheets_gives_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = []
    for seed in range(6):
        side = (8, 16, 24)[seed % 3]
        Image.fromarray(tiles(seed, side)).save(tmp_path / f"{seed}.png")
        listed.append({"file": f"{seed}.png", "game": f"game {seed}", "grid": str(side)})
    Image.fromarray(tiles(9)[:16, :16]).resize((40, 33)).save(tmp_path / "one.png")
    listed.append({"file": "one.png", "game": "other", "grid": ""})
    (tmp_path / "sheets.json").write_text(json.dumps(listed))
    grid_weights.main([str(tmp_path / "sheets.json")])
    shown = capsys.readouterr().out
    assert "7 pictures of 7 games" in shown
    assert all(f'"{name}": ' in shown for name in grid_weights.NAMES)
    # What the present weights know of these games does not improve the figures of the validation.
    opposite = {name: -weight for name, weight in grid_weights.WEIGHTS.items()}
    monkeypatch.setattr(grid_weights, "WEIGHTS", opposite)
    grid_weights.main([str(tmp_path / "sheets.json")])
    again = capsys.readouterr().out
    assert again != shown
    assert again.splitlines()[:2] == shown.splitlines()[:2]
