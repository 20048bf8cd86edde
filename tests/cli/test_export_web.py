"""``sprite-lab export-web``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sprite_lab.core.pixels.cells import Cell, CellSheet
from sprite_lab.formats.project import save_project
from tests.cli.conftest import Command


def data_of(page: Path) -> Any:
    found = re.search(r'id="data">(.*?)</script>', page.read_text("utf-8"), re.S)
    assert found is not None
    return json.loads(found[1])


def test_a_run_with_its_history(command: Command, small_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "page.html"
    done = command("export-web", small_run, "--out", out, "--count", 2, "--race", "--json")
    assert done.code == 0, done.err
    assert done.json["bytes"] == out.stat().st_size
    data = data_of(out)
    assert [recording["title"] for recording in data["recordings"]] == [
        "From noise",
        "Into noise",
        "Race",
        "Training history",
    ]
    assert data["model"]["network"]["width"] == 16
    assert data["recordings"][3]["lanes"][0]["frames"][-1]["step"] == 12


def test_recordings_alone(command: Command, small_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    done = command(
        "export-web", small_run, "--out", out, "--no-model-inside", "--count", 1, "--no-history"
    )
    assert done.code == 0, done.err
    assert data_of(out)["model"] is None
    assert out.stat().st_size < 500_000


def test_a_project_begins_with_its_drawings(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[3, 4] = (200, 10, 20, 255)
    project, out = tmp_path / "mine.spritelab", tmp_path / "page.html"
    cells = (Cell(pixels.tobytes()), *(Cell() for _ in range(3)))
    save_project(project, CellSheet(rows=2, columns=2, cells=cells))
    asked = ("--out", out, "--no-reverse", "--no-forward", "--no-history")
    done = command("export-web", project, "--model", small_run, *asked)
    assert done.code == 0, done.err
    (drawing,) = data_of(out)["drawings"]
    assert np.array_equal(np.array(drawing).reshape(16, 16, 4), pixels)


def test_a_lesson_by_name(command: Command, tmp_path: Path) -> None:
    lesson = tmp_path / "short.json"
    lesson.write_text('{"schema_version": 1, "title": "Short", "steps": [{"text": "Read."}]}')
    done = command("export-web", lesson, "--out", tmp_path / "short.html")
    assert done.code == 0, done.err
    assert data_of(tmp_path / "short.html")["lesson"]["key"] == "short"
    both = command("export-web", lesson, "--out", tmp_path / "p.html", "--site", tmp_path / "site")
    assert (both.code, command("export-web", lesson).code) == (2, 2)


@pytest.mark.parametrize("out", [("--out", "page.html"), ("--site", "site")])
def test_trajectories_are_refused_where_none_is_shown(
    command: Command, tmp_path: Path, out: tuple[str, str]
) -> None:
    place = tmp_path / out[1]
    done = command("export-web", "05-guidance", out[0], place, "--trajectory", tmp_path / "t.npz")
    assert done.code == 2
    assert "--trajectory is for the page of a model" in done.err
    assert not place.exists()


def test_an_invalid_request_gives_one_line(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    out = tmp_path / "page.html"
    assert command("export-web", small_run, "--out", tmp_path / "page.pdf").code == 2
    assert command("export-web", small_run, "--out", out, "--model", "builtin").code == 2
    assert "There is no run" in command("export-web", tmp_path / "no", "--out", out).error
    assert not list(tmp_path.iterdir())
