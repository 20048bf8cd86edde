"""``sprite-lab report``."""

from __future__ import annotations

from pathlib import Path

import pytest

from sprite_lab.core.config import EvalConfig, SampleConfig
from tests.cli.conftest import Command


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    few = EvalConfig(limit=2, samples=16, sampling=SampleConfig(steps=2))
    monkeypatch.setattr(EvalConfig, "quick", lambda seed=0: few)


def test_a_report_on_a_run(
    command: Command, small_run: Path, sprites_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "report.html"
    done = command(
        "report",
        small_run,
        "--data",
        sprites_file,
        "--quick",
        "--out",
        out,
        "--json",
    )
    assert done.code == 0, done.err
    assert (done.json["title"], done.json["step"], done.json["samples"]) == ("small", 12, 16)
    page = out.read_text("utf-8")
    assert "Lab report: small" in page
    assert f"{done.json['evaluation']['bits_per_dim']:.2f}" in page
    assert f"--data {sprites_file}" in page
    assert [path.name for path in out.parent.iterdir()] == ["report.html"]


def test_without_the_data_it_says_what_is_missing(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    done = command("report", small_run, "--out", tmp_path / "r.html", "--json")
    assert done.code == 0, done.err
    assert "Without --data FILE" in done.err
    assert done.json["evaluation"] is None
    assert "Not measured" in (tmp_path / "r.html").read_text("utf-8")


def test_an_invalid_request_gives_one_line(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    assert command("report", small_run, "--out", tmp_path / "r.pdf").code == 2
    nothing = command("report", tmp_path / "nothing", "--out", tmp_path / "r.html")
    assert (nothing.code, "There is no run" in nothing.error) == (1, True)
    assert not list(tmp_path.iterdir())
