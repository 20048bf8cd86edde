"""Output about untrusted files is plain, short and only what Sprite Lab has to say."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sprite_lab.core.errors import FileError
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.formats.animation import video
from tests.cli.conftest import Command

#: Would clear the terminal, rename its window and reverse letters.
ESCAPES = "a\x1b[2J\x1b]0;b\x07\u202ec"


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no such names")
def test_no_name_of_a_file_reaches_the_terminal_as_it_is(command: Command, tmp_path: Path) -> None:
    picture = tmp_path / f"{ESCAPES}.png"
    Image.fromarray(np.zeros((16, 16, 4), np.uint8)).save(picture)
    broken = tmp_path / f"{ESCAPES}broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    out = tmp_path / "a.npz"
    for arguments in (
        ("info", str(broken)),
        ("info", str(picture)),
        ("import", str(tmp_path), "--dry-run"),
        ("import", str(tmp_path), "--out", str(out)),
        ("sample", "--model", ESCAPES, "--out", str(tmp_path / "a.png")),
    ):
        done = command(*arguments)
        assert not set(done.out + done.err) & set("\x1b\x07\u202e"), arguments


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no such names")
def test_a_line_break_in_a_name_makes_no_line(command: Command, tmp_path: Path) -> None:
    """Otherwise a file could write lines that look like Sprite Lab's."""
    folder = tmp_path / "in"
    folder.mkdir()
    data = np.random.default_rng(0).integers(0, 255, (16, 16, 3), np.uint8)
    Image.fromarray(data).save(folder / "a\nout.npz: 1,000 sprites.png")
    done = command("import", folder, "--out", tmp_path / "a.npz")
    assert done.code == 0
    assert "a\\nout.npz: 1,000 sprites.png: 1 sprite" in done.out
    assert not any(line.startswith("out.npz") for line in done.out.splitlines())


def test_what_is_echoed_is_short(command: Command, tmp_path: Path) -> None:
    done = command("sample", "--model", "x" * 100_000, "--out", str(tmp_path / "a.png"))
    assert done.code == 1
    assert len(done.error) < 1_100
    assert "…" in done.error


def test_warnings_of_libraries_are_not_for_users() -> None:
    warn = (
        "import warnings; from sprite_lab.__main__ import main; main(['info', '/nowhere.npz'])\n"
        "warnings.warn('Palette images with Transparency', UserWarning)\n"
    )
    done = subprocess.run([sys.executable, "-c", warn], capture_output=True, text=True, check=True)
    assert [line[:11] for line in done.stderr.splitlines()] == ["sprite-lab:"]
    asked = subprocess.run(
        [sys.executable, "-W", "default", "-c", warn], capture_output=True, text=True, check=True
    )
    assert "Palette images" in asked.stderr


def test_what_a_killed_training_left_half_written_is_removed(
    small_run: Path, tmp_path: Path
) -> None:
    run = RunFolder(Path(shutil.copytree(small_run, tmp_path / "run")))
    for name in (".run.json.0123456789ab.tmp", "samples/.step-0000001.png.0123456789ab.tmp"):
        (run.path / name).write_bytes(b"half")
    run.trim(12)
    assert not list(run.path.rglob("*.tmp"))


def test_a_full_disk_is_reported_for_a_video(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if video.extras.find_ffmpeg() is None:
        pytest.skip("there is no ffmpeg")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(video.shutil, "disk_usage", lambda _: usage._replace(free=0))
    # ffmpeg stops as if the disk were full
    monkeypatch.setattr(video, "_QUALITY", {".mp4": ["-fs", "1"]})
    frames = ((np.full((16, 16, 3), i, np.uint8), 1) for i in range(20))
    with pytest.raises(FileError, match="disk is full"):
        list(video.write_video(tmp_path / "a", ".mp4", frames, video.rate_for([40], None), {}))
