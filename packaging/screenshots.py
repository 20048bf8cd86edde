#!/usr/bin/env python3
"""Pictures of the real app in every workspace and state: ``screenshots.py --out DIR``.

Drives the window as a person would, by its visible widgets, at 1280x800 and 1920x1080 in the
light and the dark theme. ``--model RUN`` shows that model; without it one is trained for a
minute. ``--data FILE`` opens that set instead of the built-in one.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

SIZES = ((1280, 800), (1920, 1080))
THEMES = ("light", "dark")


def wait(milliseconds: int) -> None:
    """Let Qt work for a while. QTest.qWait would hold Python's lock, and with it the workers."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_for(condition: Callable[[], object], seconds: float = 300) -> None:
    """Let Qt work until ``condition`` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the app did not come to the state that was waited for")
        wait(20)


class Photographer:
    """The app, its window, and where the pictures go."""

    def __init__(self, out: Path, data: Path | None) -> None:
        from sprite_lab.app.lab import Lab
        from sprite_lab.app.settings import Settings
        from sprite_lab.ui.main_window import MainWindow
        from sprite_lab.ui.startup import Startup
        from sprite_lab.ui.theme import ThemeManager

        self.out = out
        self.app = QApplication.instance() or QApplication([])
        self.theme = ThemeManager(self.app, "light")
        self.lab = Lab(Settings())
        self.window = MainWindow(self.lab, self.theme)
        self.startup = Startup(self.lab, self.window, str(data) if data else None)
        self.window.resize(*SIZES[0])
        self.window.show()

    def find(self, name: str) -> QWidget:
        """The widget of this name that is on the screen."""
        for widget in self.window.findChildren(QWidget, name):
            if widget.isVisible():
                return widget
        raise LookupError(f"nothing called {name} is to be seen")

    def click(self, name: str) -> None:
        widget = self.find(name)
        assert widget.isVisible(), f"{name} cannot be seen"
        assert widget.isEnabled(), f"{name} is greyed"
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def shoot(self, state: str) -> None:
        """Take the window at every size in every theme."""
        for mode in THEMES:
            self.theme.set_mode(mode)
            for size in SIZES:
                self.window.resize(*size)
                wait(250)
                picture = self.window.grab()
                picture.save(str(self.out / f"{state}-{mode}-{size[0]}x{size[1]}.png"))
        self.theme.set_mode(THEMES[0])
        self.window.resize(*SIZES[0])
        wait(100)

    # -- the states ------------------------------------------------------------------------

    def first_launch(self) -> None:
        # With a shipped model the data set comes last, once sprites come out of the noise.
        wait_for(lambda: self.lab.data.value is not None)
        wait_for(lambda: self.lab.trajectory.value is not None)
        wait(2500)
        self.shoot("first-launch")

    def train(self, seconds: float) -> None:
        self.window.show_workspace("train")
        wait(300)
        self.shoot("train-before")
        self.click("main.train")
        wait_for(lambda: self.lab.training.value is not None)
        wait(int(seconds * 1000))
        self.shoot("train-running")
        self.click("main.stop")
        wait_for(lambda: self.lab.training.value is None)
        wait_for(lambda: not self.lab.jobs.handles)
        wait(4500)
        self.shoot("train-ended")

    def reverse(self) -> None:
        self.window.show_workspace("see")
        self.click("main.generate")
        wait_for(lambda: not self.lab.jobs.handles)
        slider = self.find("timeline.slider")
        for state, key in (("start", Qt.Key.Key_Home), ("end", Qt.Key.Key_End)):
            QTest.keyClick(slider, key)
            self.shoot(f"see-reverse-{state}")
        spot = QPoint(slider.width() * 2 // 3, slider.height() // 2)
        QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=spot)
        self.shoot("see-reverse-middle")
        self.click("see.enlarge")
        wait(200)
        self.shoot("see-reverse-one")

    def draw(self) -> None:
        self.window.show_workspace("draw")
        wait(200)
        self.shoot("draw-empty")
        self.click("draw.generate")
        wait_for(lambda: not self.lab.jobs.handles)
        wait(300)
        self.paint_mask()
        self.shoot("draw-generated")

    def paint_mask(self) -> None:
        """Keep the upper part of the current cell, by the mask brush."""
        self.click("draw.tool.mask")
        canvas = self.find("draw.canvas")
        middle = canvas.rect().center()
        start = middle - QPoint(60, 80)
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
        for dy in range(0, 60, 6):
            for dx in range(0, 120, 6):
                QTest.mouseMove(canvas, start + QPoint(dx, dy))
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=start + QPoint(120, 60))
        wait(100)

    def data(self) -> None:
        self.window.show_workspace("data")
        wait(600)
        self.shoot("data")

    def close(self) -> None:
        for handle in self.lab.jobs.handles:
            handle.stop()
        wait_for(lambda: not self.lab.jobs.handles)
        self.lab.jobs.shut_down(10)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--model", help="a run folder or weights file to show")
    parser.add_argument("--data", type=Path, help="sprites to open")
    parser.add_argument("--seconds", type=float, default=60, help="training time")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sprite-lab-pictures-") as home:
        os.environ["SPRITE_LAB_HOME"] = home
        photographer = Photographer(arguments.out, arguments.data)
        try:
            photographer.first_launch()
            photographer.train(arguments.seconds)
            if arguments.model:
                photographer.lab.open_model(arguments.model)
                wait_for(lambda: not photographer.lab.jobs.handles)
            photographer.reverse()
            photographer.draw()
            photographer.data()
        finally:
            photographer.close()
    print(f"{len(list(arguments.out.glob('*.png')))} pictures in {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
