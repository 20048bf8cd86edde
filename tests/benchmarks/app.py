"""The real main window with real sprites, in a temporary home folder."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings
from sprite_lab.jobs import Collector
from sprite_lab.ui.shell.app import SWITCH_INTERVAL
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import ThemeManager


def data_file() -> Path | None:
    """The real sprites, or None if they are not available."""
    here = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    file = Path(os.environ.get("SPRITE_LAB_SHARED", here)) / "real_sprites.npz"
    return file if file.is_file() else None


@contextmanager
def throwaway_home() -> Iterator[Path]:
    """A home folder for one process and its children."""
    with tempfile.TemporaryDirectory(prefix="sprite-lab-bench-") as home:
        os.environ["SPRITE_LAB_HOME"] = home
        if not os.environ.get("DISPLAY"):
            os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        yield Path(home)


#: Starts the app as usual, except for a clock that ends it at the right moment.
LAUNCH = """
import os, time
from sprite_lab.__main__ import import_qt, main
import_qt()
from PySide6.QtCore import QTimer
from sprite_lab.ui.shell import app

def tell():
    print(time.time(), flush=True)
    os._exit(0)

{watch}

class Probe(app.Startup):
    def __init__(self, lab, window, *rest):
        super().__init__(lab, window, *rest)
        watch(lab, window)

app.Startup = Probe
main([])
"""


def launch(watch: str) -> float:
    """Seconds from starting the command until ``tell`` is called.

    ``watch``: the source of a function with that name that calls ``tell`` in time; it gets the lab
    and the window once the app has begun to start.
    """
    program = LAUNCH.format(watch=watch)
    begin = time.time()
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    return float(done.stdout.split()[-1]) - begin


@contextmanager
def real_window() -> Iterator[tuple[Lab, MainWindow]]:
    """The window as the app builds it, shown, with its data set open."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    app = QApplication.instance() or QApplication([])
    lab = Lab(Settings())
    ThemeManager(app, "light")
    window = MainWindow(lab)
    collector = Collector(window)
    lab.machine.changed.connect(lambda *_: collector.settle())
    window.resize(1280, 800)
    window.show()
    lab.open_data(data_file())
    wait_for(lambda: lab.data.value is not None)
    try:
        yield lab, window
    finally:
        for handle in lab.jobs.handles:
            handle.cancel()
        wait_for(lambda: not lab.jobs.handles)
        lab.jobs.shut_down(10)


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Let Qt work until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the app did not come to the state that was waited for")
        wait(0.005)


def wait(seconds: float) -> None:
    """Let Qt work for a number of seconds.

    ``QTest.qWait`` would hold Python's lock while it waits, so no worker would make progress. The
    receiver lives on and the method is Python's: otherwise PySide keeps 64 bytes each time, which
    adds up over hours of waiting for 5 ms.
    """
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), QCoreApplication.instance(), lambda: loop.quit())
    loop.exec()


def find(window: QObject, name: str) -> QWidget:
    """The visible widget with this object name."""
    for widget in window.findChildren(QWidget, name):
        if widget.isVisible():
            return widget
    raise LookupError(f"nothing called {name} is to be seen")
