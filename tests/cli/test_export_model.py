"""``sprite-lab export-model``."""

from __future__ import annotations

from pathlib import Path

import pytest
import safetensors

from sprite_lab import extras
from tests.cli.conftest import Command


def test_a_run_as_weights(command: Command, small_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "mine.safetensors"
    done = command("export-model", small_run, "--out", out, "--half", "--json")
    assert done.code == 0, done.err
    assert done.json["kind"] == "safetensors"
    assert done.json["beside"] == [str(out) + ".md"]
    assert done.json["bytes"] == out.stat().st_size
    with safetensors.safe_open(str(out), "np") as file:
        assert file.metadata()
    drawn = tmp_path / "drawn.png"
    assert command("sample", "--model", out, "--count", 2, "--out", drawn).code == 0


def test_a_run_as_onnx(command: Command, small_run: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    out = tmp_path / "mine.onnx"
    done = command("export-model", small_run, "--out", out)
    assert done.code == 0, done.err
    assert "mine_sample.py" in done.out
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "mine.onnx",
        "mine.onnx.md",
        "mine_sample.py",
    ]
    facts = command("info", out, "--json").json
    assert (facts["kind"], facts["title"], facts["step"]) == ("onnx", "small", 12)
    assert facts["inputs"] == ["x_t", "log_snr", "context", "augment"]
    assert (facts["sampler"], facts["noise_levels"]) == ("dpmpp_2m", 12)
    for damaged in (b"", b"torn", out.read_bytes()[:1000]):
        out.write_bytes(damaged)
        assert "mine.onnx" in command("info", out).error


def test_an_invalid_request_gives_one_line(
    command: Command, small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("export-model", small_run, "--out", tmp_path / "x.pt").code == 2
    assert command("export-model", small_run, "--out", tmp_path / "x.onnx", "--half").code == 2
    nowhere = command("export-model", tmp_path / "no", "--out", tmp_path / "x.safetensors")
    assert (nowhere.code, "There is no run" in nowhere.error) == (1, True)
    monkeypatch.setattr(extras, "is_installed", lambda module: False)
    missing = command("export-model", small_run, "--out", tmp_path / "x.onnx")
    assert (missing.code, "sprite-lab[onnx]" in missing.error) == (1, True)
    assert not list(tmp_path.iterdir())
