"""What a crash costs while drawing."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sprite_lab.app.files.recovery import DELAY_MS, FILE_NAME, Recovery
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings
from sprite_lab.formats.project import load_project

#: Draws, and is killed as soon as the stroke is kept; reports the processor time of keeping it.
DRAW = """
import os, signal, sys, time
from PySide6.QtGui import QGuiApplication
from sprite_lab.app.files.recovery import Recovery
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings

app = QGuiApplication([])
lab = Lab(Settings())
recovery = Recovery(lab)
import sprite_lab.formats.project  # as it is after the first copy
for stroke in range(3):
    recovery.path.unlink(missing_ok=True)
    lab.project.paint(0, {stroke: (255, 0, 0, 255)}, "Paint", lab.project.next_stroke())
    used = time.process_time()
    while not recovery.path.is_file():
        app.processEvents()
        time.sleep(0.005)
    print(time.process_time() - used, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_kill_9_costs_at_most_a_second_of_drawing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stroke is kept once the hand rests, and writing it is quick."""
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path))
    done = subprocess.run([sys.executable, "-c", DRAW], capture_output=True, text=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr
    writing = [float(line) for line in done.stdout.split()]
    assert len(writing) == 3
    assert DELAY_MS / 1000 + min(writing) < 1
    kept = load_project(tmp_path / "data" / FILE_NAME)
    assert (kept.cells[0].rgba[0, :3, 0] == 255).all()


def test_no_copy_outlives_a_save(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    """Even if it is written at the very moment of the save."""
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path))
    lab = Lab(Settings())
    recovery = Recovery(lab)
    lab.project.paint(0, {0: (255, 0, 0, 255)}, "Paint", 1)
    saving = lab.project_io.save(tmp_path / "a.spritelab")
    recovery._write()  # waits behind the save
    qtbot.waitUntil(lambda: saving.outcome is not None and not lab.jobs.handles, timeout=20_000)
    qtbot.waitUntil(lambda: not recovery.path.exists(), timeout=20_000)
    assert lab.project.is_clean
    recovery.release()
    lab.project_io.new()
    assert lab.jobs.shut_down(60)
