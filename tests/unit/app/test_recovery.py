"""How much a crash loses while drawing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sprite_lab.app.files.recovery import DELAY_MS, FILE_NAME, Recovery
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings
from sprite_lab.core.pixels.cells import CellSheet
from sprite_lab.formats.project import load_project, save_project

#: Draws, and is killed as soon as the stroke is saved; reports the processor time of each save.
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
    """A stroke is saved once the hand rests, and saving it is quick."""
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path))
    done = subprocess.run([sys.executable, "-c", DRAW], capture_output=True, text=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr
    writing = [float(line) for line in done.stdout.split()]
    assert len(writing) == 3
    assert DELAY_MS / 1000 + min(writing) < 1
    kept = load_project(tmp_path / "data" / FILE_NAME)
    assert (kept.cells[0].rgba[0, :3, 0] == 255).all()


def test_no_copy_outlives_a_save(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    """Not even a copy that is written at the very moment of the save."""
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path))
    lab = Lab(Settings())
    recovery = Recovery(lab)
    lab.project.paint(0, {0: (255, 0, 0, 255)}, "Paint", 1)
    saving = lab.project_io.save(tmp_path / "a.spritelab")
    recovery._write()  # waits for the save
    qtbot.waitUntil(lambda: saving.outcome is not None and not lab.jobs.handles, timeout=20_000)
    qtbot.waitUntil(lambda: not recovery.path.exists(), timeout=20_000)
    assert lab.project.is_clean
    recovery.release()
    lab.project_io.new()
    assert lab.jobs.shut_down(60)


@pytest.mark.parametrize("newer", [False, True])
def test_what_was_saved_after_a_crash_is_not_overwritten(  # type: ignore[no-untyped-def]
    qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, newer: bool
) -> None:
    """Another window may have had the project open, too."""
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path / "home"))
    file = tmp_path / "a.spritelab"
    save_project(file, CellSheet(1, 2))
    crashed, lab = Lab(Settings()), Lab(Settings())
    crashed.project.paint(0, {0: (255, 0, 0, 255)}, "Paint", 1)
    crashed.project.set_title("a")
    copy = Recovery(crashed)
    copy.write_now()
    copied = copy.path.stat().st_mtime
    copy.release()
    os.utime(file, (copied + (60 if newer else -60),) * 2)
    lab.settings.replace(project=str(file))
    recovery = Recovery(lab)
    with qtbot.waitSignal(lab.notice):
        recovery.restore()
    assert lab.project.cell(0) == crashed.project.cell(0)
    assert lab.project.path == (None if newer else file)
    if not newer:
        file.write_bytes(b"of another program")
        failures: list[str] = []
        lab.failed.connect(lambda sentence, _: failures.append(sentence))
        lab.project_io.save(file)
        qtbot.waitUntil(lambda: bool(failures), timeout=20_000)
        assert "Another program changed" in failures[0]
    recovery.release()
    lab.project_io.new()
    assert crashed.jobs.shut_down(60)
    assert lab.jobs.shut_down(60)
