"""``sprite-lab evaluate``: the report, its page, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Command

FEW = ("--samples", 24, "--steps", 2, "--device", "cpu")


def test_the_report_has_every_figure_and_a_page(
    command: Command, small_run: Path, sprites_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "deep" / "report.json"
    arguments = ("--model", small_run, "--data", sprites_file, "--limit", 3, "--out", out)
    done = command("evaluate", *arguments, *FEW, "--json")
    assert done.code == 0, done.err
    report = json.loads(out.read_text())
    assert {k: v for k, v in done.json.items() if k not in ("out", "page")} == report
    assert report["bits_per_dim"] > 0
    assert report["bits_per_dim_stderr"] > 0
    assert report["likelihood"]["sprites"] == 3
    assert report["likelihood"]["guidance_scale"] == 1
    assert report["file_sizes"]["webp"] > 0
    assert report["file_sizes"]["counted"] > 0
    assert report["file_sizes"]["learnt_from"] > 0
    assert report["quality"]["samples"]["count"] == 24
    assert report["quality"]["samples"]["frechet_distance"] is None  # too few for it
    assert report["data"]["split"] == "validation"
    assert report["config"]["sampling"]["steps"] == 2
    page = out.with_suffix(".html").read_text()
    assert page.count("data:image/png;base64,") == 3
    assert "http" not in page  # needs nothing from outside


def test_the_same_seed_gives_the_same_report(
    command: Command, small_run: Path, sprites_file: Path, tmp_path: Path
) -> None:
    reports = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        arguments = ("--model", small_run, "--data", sprites_file, "--seed", seed)
        done = command(
            "evaluate", *arguments, "--quality", *FEW, "--out", tmp_path / f"{name}.json", "--json"
        )
        assert done.code == 0, done.err
        assert done.json["bits_per_dim"] is None  # only quality was requested
        reports.append(done.json["quality"]["samples"])
    assert reports[0] == reports[1] != reports[2]


def test_likelihood_alone_draws_nothing(
    command: Command, small_run: Path, sprites_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "report.json"
    arguments = ("--model", small_run, "--data", sprites_file, "--split", "all", "--out", out)
    done = command("evaluate", *arguments, "--likelihood", "bound", "--limit", 2)
    assert done.code == 0, done.err
    assert "bits/dim" in done.out
    report = json.loads(out.read_text())
    assert report["quality"] is None
    assert report["data"]["count"] == 80
    assert out.with_suffix(".html").read_text().count("data:image/png") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--model", "nowhere", "--out", "r.json"), 1, "nowhere"),
        (("--model", "nowhere", "--out", "r.html"), 2, ".json"),
        (("--model", "nowhere", "--out", "r.json", "--samples", 3), 2, "samples"),
        (("--model", "nowhere", "--out", "r.json", "--split", "test"), 2, "split"),
    ],
)
def test_what_cannot_be_measured_is_one_line(
    command: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[object, ...],
    code: int,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = command("evaluate", *arguments)
    assert done.code == code
    assert words in done.error


def test_how_many_sprites_set_aside_are_needed_is_said(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    from sprite_lab.formats.sets.sprites import save_sprites
    from tests.made import make_sprites

    save_sprites(tmp_path / "few.npz", make_sprites(8))
    few = ("--model", small_run, "--data", tmp_path / "few.npz", "--out", tmp_path / "r.json")
    done = command("evaluate", *few, "--quick", *FEW)
    assert done.code == 1
    assert "Quality needs at least 6 sprites to compare with" in done.error
    assert "--split all" in done.error


def test_sprites_of_another_size_are_refused(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    from sprite_lab.formats.sets.sprites import save_sprites
    from tests.made import make_sprites

    save_sprites(tmp_path / "large.npz", make_sprites(20, size=24))
    arguments = ("--model", small_run, "--data", tmp_path / "large.npz")
    done = command("evaluate", *arguments, "--out", tmp_path / "r.json")
    assert done.code == 1
    assert "24×24" in done.error
    assert not (tmp_path / "r.json").exists()
