"""``sprite-lab sample --vary``: a contact sheet from a terminal."""

from __future__ import annotations

from pathlib import Path

from sprite_lab.formats.metadata import read_config
from tests.cli.conftest import Command


def test_a_contact_sheet_is_a_picture_with_its_settings(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    out = tmp_path / "a.png"
    sample = (
        "sample",
        "--model",
        small_run,
        "--out",
        out,
        "--device",
        "cpu",
        "--seed",
        4,
        "--json",
    )
    done = command(*sample, "--vary", "steps=1, 2,3", "--count", 2)
    assert done.code == 0, done.err
    assert done.json["values"] == ["1", "2", "3"]
    assert done.json["count"] == 2
    config = read_config(out)
    assert config is not None
    assert (config.seed, config.steps, config.count) == (4, 1, 2)
    done = command(*sample, "--vary", "checkpoint=", "--steps", 2)
    assert done.code == 0, done.err
    assert "12" in done.json["values"]


def test_what_cannot_be_varied_is_one_line(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    out = tmp_path / "a.png"
    for vary, sentence in (("steps", "Give 1 to 24 values"), ("mood=1", "cannot be varied")):
        done = command("sample", "--model", small_run, "--out", out, "--vary", vary)
        assert done.code == 2
        assert sentence in done.err
    assert not out.exists()
    few = ("sample", "--model", small_run, "--vary", "steps=1", "--out")
    assert command(*few, "a.npz").code == 2
    scaled = command(*few, out, "--scale", 4, "--padding", 1, "--sheet-too")
    assert scaled.code == 2
    assert "With --vary leave --sheet-too, --scale, --padding out" in scaled.error
    done = command(*few, out, "--keep-best", 1, "--of", 2)
    assert "leave --keep-best, --of and --prompts out" in done.error
