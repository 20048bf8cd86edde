"""The critic's benchmark reads generated sheets, and counts correct rankings."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sprite_lab.formats.images.sheet import make_sheet
from tests.benchmarks.naming import critic
from tests.benchmarks.naming.make_sheet import GENERATED

KEYS = sorted(critic.HERE.glob("*.json"))


@pytest.mark.parametrize("count", [7, GENERATED, 2 * GENERATED + 1])
def test_a_sheet_of_generated_sprites_is_read_back(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sprites = np.random.default_rng(0).integers(0, 256, (count, 16, 16, 3), np.uint8)
    sheet = make_sheet(sprites, columns=GENERATED, scale=2, gap=2)
    Image.fromarray(sheet).save(tmp_path / "made-generated.png")
    monkeypatch.setattr(critic, "HERE", tmp_path)

    assert np.array_equal(critic.generated("made")[:count, ..., :3], sprites)


@pytest.mark.parametrize("path", KEYS, ids=lambda path: path.stem)
def test_every_kept_sheet_has_its_sprites_and_whole_answers(path: Path) -> None:
    key = json.loads(path.read_text("utf-8"))
    places = [fact["sprite"] for fact in key if "sprite" in fact]
    answers = sorted(critic.HERE.glob(f"{path.stem}-rater-*.csv"))

    assert sorted(places) == list(range(len(places)))
    if places:
        assert len(critic.generated(path.stem)) >= len(places)
    assert answers
    for answer in answers:
        with answer.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert sorted(int(row[0]) for row in rows) == list(range(len(key)))
        assert all(row[3].strip() in {"0", "1"} and 0 <= float(row[4]) <= 100 for row in rows)


def test_pairs_of_a_kind_count_as_much_as_raters_differ() -> None:
    kinds = ["a", "a", "a", "b", "b"]
    used = np.array([1.0, 0.5, 0.5, 0.0, 0.75])

    assert critic.right(kinds, used, used) == 1
    assert critic.right(kinds, -used, used) == 0
    assert critic.right(kinds, np.zeros(5), used) == 0.5
    # All correct except for the pair of kind b, among differences of 0.5 + 0.5 + 0.75.
    assert critic.right(kinds, np.array([3, 2, 1, 1, 0]), used) == pytest.approx(1 / 1.75)
