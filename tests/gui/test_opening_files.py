"""Files named on the command line or by the desktop are opened as if dropped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from sprite_lab.app.files.recovery import FILE_NAME, Recovery
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings
from sprite_lab.core.pixels.cells import Cell, CellSheet
from sprite_lab.formats.project import load_project, save_project
from sprite_lab.paths import data_dir
from sprite_lab.ui.importing.window import ImportWindow
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.startup import Startup
from tests.gui.hands import Hands

pytestmark = pytest.mark.opens("data")

RED, BLUE = b"\xff\x00\x00\xff", b"\x00\x00\xff\xff"


def sheet(color: bytes, title: str = "mine") -> CellSheet:
    return CellSheet(1, 2, (Cell(color * 256), Cell()), ((1, 2, 3, 255),), title)


class Launched:
    """The window of a launch, and its messages."""

    def __init__(self, lab: Lab, paths: tuple[Path, ...]) -> None:
        lab.settings.replace(launched=True)
        self.errors: list[str] = []
        lab.failed.connect(lambda sentence, _details: self.errors.append(sentence))
        self.window = MainWindow(lab)
        self.startup = Startup(lab, self.window, paths=paths)
        self.window.show()


@pytest.fixture
def launch(lab: Lab, sprites_file: Path, qtbot: QtBot) -> Iterator[Callable[..., Launched]]:
    """Opens the app with these files, after a session with a small data set."""
    launched: list[Launched] = []

    def start(*paths: Path) -> Launched:
        lab.settings.replace(data=lab.settings.value.data or str(sprites_file))
        launched.append(Launched(lab, paths))
        qtbot.waitUntil(lambda: lab.data.value is not None, timeout=20_000)
        qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
        return launched[-1]

    yield start
    for one in launched:
        one.window.closing.safe = True
        one.window.close()


def test_a_project_comes_in_the_place_of_the_last_one(
    lab: Lab, launch: Callable[..., Launched], tmp_path: Path
) -> None:
    last, file = tmp_path / "last.spritelab", tmp_path / "mine.spritelab"
    save_project(last, sheet(BLUE, "last"))
    save_project(file, sheet(RED))
    lab.settings.replace(project=str(last), workspace="see")
    window = launch(file).window
    assert (lab.project.snapshot(), lab.project.path) == (sheet(RED), file)
    assert lab.project.is_clean
    assert window.current == "draw"
    assert lab.settings.value.project == str(file)


def test_a_set_comes_in_the_place_of_the_last_one(
    lab: Lab, launch: Callable[..., Launched], sprites_file: Path, tmp_path: Path
) -> None:
    last, file = tmp_path / "last.spritelab", tmp_path / "other.npz"
    save_project(last, sheet(BLUE, "last"))
    file.write_bytes(sprites_file.read_bytes())
    lab.settings.replace(project=str(last))
    launch(file)
    assert lab.data_path == file
    assert lab.project.path == last, "the last project is there as well"


def test_a_lesson_is_taken(launch: Callable[..., Launched], tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    steps = [{"text": "Look."}]
    lesson = {"schema_version": 1, "title": "Own", "summary": "", "minutes": 1, "steps": steps}
    file.write_text(json.dumps(lesson))
    launched = launch(file)
    assert launched.errors == []
    assert launched.window.learning.lessons.run is not None
    assert launched.window.learning.lessons.run.lesson.title == "Own"


def test_a_palette_is_drawn_with_in_the_last_project(
    lab: Lab, launch: Callable[..., Launched], tmp_path: Path
) -> None:
    last, file = tmp_path / "last.spritelab", tmp_path / "two.hex"
    save_project(last, sheet(BLUE, "last"))
    file.write_text("102030\nffffff\n")
    lab.settings.replace(project=str(last))
    window = launch(file).window
    assert lab.project.path == last
    assert (16, 32, 48, 255) in lab.project.palette
    assert window.current == "draw"


def test_several_pictures_are_imported(
    lab: Lab, launch: Callable[..., Launched], tmp_path: Path, qtbot: QtBot
) -> None:
    files = [tmp_path / f"{i}.png" for i in range(2)]
    for i, file in enumerate(files):
        Image.fromarray(np.full((16, 16, 3), 40 + i, np.uint8)).save(file)
    window = launch(*files).window
    found = window.findChildren(ImportWindow)
    assert [one.isVisible() for one in found] == [True]


@pytest.mark.parametrize("name", ["bad.spritelab", "bad.npz", "bad.safetensors", "bad.json"])
def test_what_turns_out_to_be_bad_is_reported_in_the_window(
    lab: Lab, launch: Callable[..., Launched], tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    file.write_bytes(b"nothing of the kind")
    launched = launch(file)
    assert len(launched.errors) == 1
    assert name in launched.errors[0]
    assert launched.window.error.isVisible()
    assert lab.data.value is not None


def test_drawings_that_were_not_saved_are_asked_about_first(
    lab: Lab, sprites_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    file, copy = tmp_path / "mine.spritelab", data_dir() / FILE_NAME
    save_project(file, sheet(RED))
    save_project(copy, sheet(BLUE, "Untitled"))
    lab.settings.replace(data=str(sprites_file))
    launched = Launched(lab, (file,))
    hands = Hands(launched.window)
    asked = hands.answer("unsaved.cancel")
    qtbot.waitUntil(lambda: bool(asked) and not lab.jobs.handles, timeout=20_000)
    assert "Save “Untitled”?" in asked[0]
    assert lab.project.snapshot() == sheet(BLUE, "Untitled")
    assert not lab.project.is_clean
    assert load_project(copy) == sheet(BLUE, "Untitled"), "it is kept until that is decided"
    # Once the user discards them, the file opens, and the copy is deleted.
    hands.answer("unsaved.discard")
    launched.startup.open((file,))
    qtbot.waitUntil(lambda: lab.project.path == file)
    assert not copy.exists()
    launched.window.close()


def test_a_file_named_while_the_window_comes_waits_for_the_last_session(
    lab: Lab, tmp_path: Path, sprites_file: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "mine.spritelab"
    save_project(file, sheet(RED))
    save_project(tmp_path / "last.spritelab", sheet(BLUE, "last"))
    lab.settings.replace(data=str(sprites_file), project=str(tmp_path / "last.spritelab"))
    launched = Launched(lab, ())
    launched.startup.open((file,))
    qtbot.waitUntil(lambda: lab.project.path == file, timeout=20_000)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    assert lab.project.snapshot() == sheet(RED)
    launched.window.close()


class TestTwoWindows:
    """A double click while a window is open starts another process: two labs, one home folder."""

    @pytest.fixture
    def other(self, lab: Lab) -> Iterator[Lab]:
        lab = Lab(Settings())
        yield lab
        assert lab.jobs.shut_down(60)

    def test_neither_takes_the_copy_of_the_other(self, lab: Lab, other: Lab, qtbot: QtBot) -> None:
        first, second = Recovery(lab), Recovery(other)
        assert first.restore() is None
        lab.project.load(sheet(RED))
        lab.project.history.mark_dirty()
        first.write_now()
        assert second.restore() is None, "the first window still has it"
        other.project.load(sheet(BLUE))
        other.project.history.mark_dirty()
        second.write_now()
        assert load_project(first.path) == sheet(RED)
        assert load_project(second.path) == sheet(BLUE)
        other.project.mark_clean()
        assert not second.path.exists()
        assert first.path.is_file()
        first.release()
        second.release()

    def test_copies_of_both_come_back_one_by_one(self, lab: Lab, other: Lab, qtbot: QtBot) -> None:
        save_project(data_dir() / FILE_NAME, sheet(RED))
        save_project(data_dir() / "unsaved-2.spritelab", sheet(BLUE))
        for recovery, one in ((Recovery(lab), lab), (Recovery(other), other)):
            job = recovery.restore()
            assert job is not None
            qtbot.waitUntil(lambda job=job: not job.active)
            assert not one.project.is_clean
        assert lab.project.snapshot() == sheet(RED)
        assert other.project.snapshot() == sheet(BLUE)

    def test_a_copy_of_a_process_that_was_killed_comes_back(
        self, home: Path, lab: Lab, qtbot: QtBot
    ) -> None:
        program = (
            "import os, signal\n"
            "from sprite_lab.app.lab import Lab\n"
            "from sprite_lab.app.files.recovery import Recovery\n"
            "from sprite_lab.core.pixels.cells import Cell, CellSheet\n"
            "from PySide6.QtCore import QCoreApplication\n"
            "app = QCoreApplication([])\n"
            "lab = Lab()\n"
            "recovery = Recovery(lab)\n"
            "recovery.restore()\n"
            "lab.project.load(CellSheet(1, 1, (Cell(b'\\x09\\x00\\x00\\xff' * 256),)))\n"
            "lab.project.history.mark_dirty()\n"
            "recovery.write_now()\n"
            "os.kill(os.getpid(), signal.SIGTERM if os.name == 'nt' else signal.SIGKILL)\n"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        assert "Traceback" not in done.stderr
        job = Recovery(lab).restore()
        assert job is not None
        qtbot.waitUntil(lambda: not job.active)
        assert lab.project.cell(0).pixels[:1] == b"\x09"

    def test_a_copy_that_cannot_be_read_is_put_aside(self, lab: Lab, qtbot: QtBot) -> None:
        (data_dir() / FILE_NAME).write_text("of a newer version")
        notices: list[str] = []
        lab.notice.connect(notices.append)
        recovery = Recovery(lab)
        job = recovery.restore()
        assert job is not None
        qtbot.waitUntil(lambda: not job.active)
        kept = data_dir() / "not-restored-1.spritelab"
        assert notices == [f"Unsaved drawings of the last session were saved as {kept}."]
        assert kept.read_text() == "of a newer version"
        assert recovery.restore() is None


#: Runs the app with a Mac's events: one before the window, two together once it is open.
PROGRAM = """
import sys
from sprite_lab.__main__ import import_qt
import_qt()
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer, QUrl
from PySide6.QtGui import QFileOpenEvent
from sprite_lab.ui.shell import app

def ask(*files):
    for file in files:
        QCoreApplication.postEvent(QCoreApplication.instance(), QFileOpenEvent(file))

class Window(app.MainWindow):
    def __init__(self, lab):
        super().__init__(lab)
        self.lab = lab
        self.files.open_paths = self.tell
        ask(sys.argv[1])

    def tell(self, paths):
        print("OPENED", *(path.name for path in paths), flush=True)
        if len(paths) == 1:
            QTimer.singleShot(0, self, lambda: ask(QUrl.fromLocalFile(sys.argv[2]), sys.argv[3]))
        else:
            self.lab.jobs.shut_down(60)
            self.close()

app.MainWindow = Window
sys.exit(app.run_app())
"""


def test_the_system_may_ask_for_files_by_events(home: Path, tmp_path: Path) -> None:
    names = ["a b.spritelab", "ç.png", "d.png"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *(str(tmp_path / name) for name in names)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == ["OPENED a b.spritelab", "OPENED ç.png d.png"]
