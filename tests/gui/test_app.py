"""The app as a process: first launch, a signal during training, early errors."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from sprite_lab.__main__ import main
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import FILE_NAME, Settings
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.startup import Startup
from sprite_lab.ui.theme import ThemeManager
from tests.qt import delete_now

#: Opens the app without models, which would load and draw first; trains a small network on the open
#: set, and prints its progress.
PROGRAM = """
import sys
from sprite_lab.__main__ import import_qt
import_qt()
from dataclasses import replace
from pathlib import Path
from sprite_lab.app.files import library
from sprite_lab.core.config import NetworkConfig
from sprite_lab.core.presets import PRESETS
from sprite_lab.ui.shell import app

class Start(app.Startup):
    def _restore(self):
        self._lab.failed.connect(lambda sentence, details: print("FAILED", details, flush=True))
        self._lab.data.changed.connect(self._train)
        super()._restore()

    def _train(self, *_):
        config = replace(
            PRESETS["quick"],
            epochs=100000,
            batch_size=16,
            preview_count=1,
            preview_steps=1,
            network=NetworkConfig(width=16),
        )
        handle = self._lab.training_runs.start(config)
        handle.records_ready.connect(self._tell)

    def _tell(self, records):
        print("STEP", records[-1].step, flush=True)

library.resource = Path(sys.argv[1]).with_suffix("").joinpath
app.Startup = Start
sys.exit(app.run_app(data=sys.argv[1]))
"""


def waited_for_a_core(process: int) -> float:
    """Seconds for which other programs kept its threads waiting, if the system provides them."""
    waited = 0
    for thread in Path(f"/proc/{process}/task").glob("*/schedstat"):
        with contextlib.suppress(OSError, IndexError):  # it has ended
            waited += int(thread.read_text().split()[1])
    return waited / 1e9


def seconds_to_end(app: subprocess.Popen[str], patience: float = 200) -> float:
    """How long the app takes to end, not counting the time it waits for a processor."""
    begun, before, waited = time.monotonic(), waited_for_a_core(app.pid), 0.0
    while app.poll() is None and time.monotonic() - begun < patience:
        waited = max(waited, waited_for_a_core(app.pid) - before)
        time.sleep(0.02)
    return time.monotonic() - begun - waited


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGTERM")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
@pytest.mark.usefixtures("signals_heeded")
def test_a_signal_while_training_saves_and_ends_without_asking(
    sprites_file: Path, tmp_path: Path, name: str
) -> None:
    environment = {**os.environ, "SPRITE_LAB_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    app = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(sprites_file)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert app.stdout is not None
        seen = []
        for line in app.stdout:
            seen.append(line)
            if line.startswith("STEP") and int(line.split()[1]) >= 5:
                break
        else:
            pytest.fail("it never trained:\n" + "".join(seen))
        app.send_signal(getattr(signal, name))
        seconds = seconds_to_end(app)
        rest, _ = app.communicate(timeout=60)
        assert app.returncode == 0, "".join(seen) + rest
        assert seconds < 20
    finally:
        if app.poll() is None:
            app.kill()
            app.wait()
    runs = list((tmp_path / "data" / "runs").iterdir())
    assert len(runs) == 1
    from sprite_lab.engine.models.model import load_model

    assert load_model(runs[0]).step >= 5


#: Like PROGRAM, with a training run whose first step takes a minute.
SLOW_PROGRAM = (
    """
from sprite_lab.app import tasks
from tests.gui.stand_ins import StandInTraining

tasks.train = StandInTraining(pause=60.0)
"""
    + PROGRAM
)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGTERM")
@pytest.mark.usefixtures("signals_heeded")
def test_a_signal_in_the_middle_of_a_long_step_ends_the_app_within_five_seconds(
    sprites_file: Path, tmp_path: Path
) -> None:
    app = subprocess.Popen(
        [sys.executable, "-c", SLOW_PROGRAM, str(sprites_file)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "SPRITE_LAB_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert app.stdout is not None
        seen = list(iter(app.stdout.readline, "STEP 1\n"))
        app.send_signal(signal.SIGTERM)
        seconds = seconds_to_end(app)
        rest, _ = app.communicate(timeout=60)
        assert seconds < 5, "".join(seen) + rest
        assert "FAILED" not in rest
    finally:
        if app.poll() is None:
            app.kill()
            app.wait()
    assert Settings(tmp_path / "config" / FILE_NAME).value.data == str(sprites_file.resolve())


def started(lab: Lab, qtbot: QtBot, **what: str) -> MainWindow:
    window = MainWindow(lab)
    startup = Startup(lab, window, **what)
    with qtbot.waitSignal(window.painted):
        window.show()
    assert startup.parent() is window
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=20_000)
    return window


def test_the_first_launch_plays_the_forward_process(lab: Lab, qtbot: QtBot) -> None:
    window = started(lab, qtbot)
    assert lab.trajectory.value.kind == "forward"
    assert lab.trajectory.value.count == 16
    assert window.current == "see"
    assert window.workspace("see").watch.timeline_model.state.playing
    assert window.welcome.isVisible()
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=30_000)
    window.close()


def test_a_later_launch_has_the_last_data_and_does_not_play(
    lab: Lab, sprites_file: Path, qtbot: QtBot
) -> None:
    lab.settings.replace(launched=True, data=str(sprites_file))
    window = started(lab, qtbot)
    assert lab.data_path == sprites_file
    assert not window.workspace("see").watch.timeline_model.state.playing
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=30_000)
    window.close()


def test_the_built_in_set_can_be_asked_for_by_its_name(
    lab: Lab, sprites_file: Path, qtbot: QtBot
) -> None:
    lab.settings.replace(launched=True, data=str(sprites_file))
    window = started(lab, qtbot, data="builtin")
    assert lab.data_path is None
    assert not window.error.isVisible()
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=30_000)
    window.close()


def test_data_that_is_gone_or_bad_gives_way_to_the_built_in(
    lab: Lab, tmp_path: Path, qtbot: QtBot
) -> None:
    bad = tmp_path / "bad.npz"
    bad.write_bytes(b"nothing of the kind")
    window = started(lab, qtbot, data=str(bad))
    assert "“bad.npz”" in window.error.accessibleName()
    assert lab.data_path is None
    assert len(lab.data.value) > 1000
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=30_000)
    window.close()


def test_damaged_settings_are_reported(qapp, home: Path, qtbot: QtBot) -> None:
    (home / "config").mkdir(parents=True)
    (home / "config" / "settings.json").write_text("{")
    lab = Lab(Settings())
    window = started(lab, qtbot)
    assert any("Settings could not be read" in text for _, text in window.notices.kept)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=30_000)
    window.close()
    assert lab.jobs.shut_down(60)
    delete_now(window, lab)


def test_importing_the_window_loads_neither_torch_nor_pyqtgraph() -> None:
    program = (
        "import sys, sprite_lab.ui.shell.app; "
        "print([m for m in ('torch', 'pyqtgraph') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_app_ends_with_its_window(
    home: Path, monkeypatch: pytest.MonkeyPatch, theme: ThemeManager
) -> None:
    from sprite_lab.ui.shell import app

    monkeypatch.setattr(app, "ThemeManager", lambda *_: theme)  # an application has only one

    windows: list[MainWindow] = []
    show: Callable[[MainWindow], None] = MainWindow.show

    def show_and_close(self: MainWindow) -> None:
        windows.append(self)
        show(self)
        QTimer.singleShot(1500, self.close)

    monkeypatch.setattr(MainWindow, "show", show_and_close)
    hooks = sys.excepthook, signal.getsignal(signal.SIGTERM)
    assert app.run_app() == 0
    assert (sys.excepthook, signal.getsignal(signal.SIGTERM)) == hooks
    (window,) = windows
    assert (home / "config" / "settings.json").is_file()
    delete_now(window, window.lab)


@pytest.mark.parametrize("in_terminal", [False, True])
def test_why_it_does_not_start_is_seen_after_a_double_click(
    qapp: QApplication,
    in_terminal: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown: list[str] = []
    (tmp_path / "file").touch()
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("sprite_lab.display.why_no_window", lambda: None)
    monkeypatch.delenv("QT_QPA_PLATFORM")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: in_terminal)
    monkeypatch.setattr(QMessageBox, "exec", lambda box: shown.append(box.informativeText()))
    assert main([]) == 2
    assert "file/data' cannot be created (" in capsys.readouterr().err
    assert len(shown) == (not in_terminal)
    assert all("file/data' cannot be created (" in text for text in shown)
