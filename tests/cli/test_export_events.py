"""Runs in the formats of TensorBoard and trackio, read back by their own readers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sprite_lab import extras
from sprite_lab.engine.training.run_folder import RunFolder
from tests.cli.conftest import Command


def test_tensorboard_reads_what_a_run_says(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    out = tmp_path / "events"
    done = command("export-events", small_run, "--out", out, "--json")
    assert done.code == 0, done.err
    events = reader.EventAccumulator(str(out / small_run.name))
    events.Reload()
    rows = list(RunFolder(small_run).read_metrics())
    losses = events.Scalars("loss/training")
    assert [(e.step, e.value) for e in losses] == [
        (row["step"], pytest.approx(row["loss"])) for row in rows
    ]
    found = [row["epsilon_error"] for row in rows if "epsilon_error" in row]
    assert [e.value for e in events.Scalars("noise error")] == pytest.approx(found)
    assert [e.step for e in events.Images("samples")] == RunFolder(small_run).steps("samples")
    again = command("export-events", small_run, "--out", out)
    assert (again.code, "already exists" in again.error) == (1, True)


def test_without_the_package_the_extra_is_named(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "is_installed", lambda module: False)
    done = command("export-events", tmp_path, "--out", tmp_path / "events")
    assert (done.code, "sprite-lab[tensorboard]" in done.error) == (1, True)


def test_trackio_has_what_a_run_says(small_run: Path, tmp_path: Path) -> None:
    pytest.importorskip("trackio")
    out = tmp_path / "events"
    # trackio reads the location of its files when it is imported.
    there = {"TRACKIO_DIR": str(out), "PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path)}

    def python(*words: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *map(str, words)]
        return subprocess.run(command, env=there, cwd=tmp_path, capture_output=True, text=True)

    export = ("-m", "sprite_lab", "export-events", small_run, "--out", out, "--for", "trackio")
    done = python(*export, "--json")
    assert done.returncode == 0, done.stderr
    rows = list(RunFolder(small_run).read_metrics())
    assert json.loads(done.stdout)["runs"] == 1
    look = "import json; from trackio.sqlite_storage import SQLiteStorage as s; "
    look += f"print(json.dumps(s.get_logs('sprite-lab', {small_run.name!r})))"
    logs = json.loads(python("-c", look).stdout)
    losses = [(log["step"], log["loss/training"]) for log in logs if "loss/training" in log]
    assert losses == [(row["step"], pytest.approx(row["loss"])) for row in rows]
    sheets = [log["step"] for log in logs if "samples" in log]
    assert sheets == RunFolder(small_run).steps("samples")
    again = python(*export)
    assert (again.returncode, "already exists" in again.stderr) == (1, True)


def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing(
    command: Command, small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = pytest.importorskip("tensorboard.summary.writer.record_writer")

    def write(self: object, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer.RecordWriter, "write", write)
    done = command("export-events", small_run, "--out", tmp_path / "events")
    assert (done.code, len(done.err.splitlines())) == (1, 1), done.err
    assert "no space left on device" in done.error.lower()
    assert list((tmp_path / "events").iterdir()) == []
