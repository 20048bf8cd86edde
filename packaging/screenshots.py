#!/usr/bin/env python3
"""Pictures of the real app in every workspace and state: ``screenshots.py --out DIR``.

Drives the window as a person would, by its visible widgets, at 1280x800 and 1920x1080 in the
light and the dark theme. ``--model RUN`` shows that model instead of the one it comes with,
``--data FILE`` opens that set instead of the built-in one, ``--only see.race measure`` takes
the pictures of those scenes alone.
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

from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QAction, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QCheckBox, QListWidget, QWidget

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

    def go(self, *names: str) -> None:
        """Press the tab of a workspace, and of one of its pages."""
        for name in names:
            self.click(name)
            wait(200)

    def type_number(self, name: str, value: int) -> None:
        """Type a number into a field."""
        field = self.find(name).findChild(QAbstractSpinBox)
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, str(value))
        QTest.keyClick(field, Qt.Key.Key_Return)

    def rest(self, seconds: float = 300) -> None:
        """Wait until nothing is computed any more, and what came of it is painted."""
        wait(300)
        wait_for(lambda: not self.lab.jobs.handles, seconds)
        wait(300)

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
        if isinstance(widget, QCheckBox):  # beside its words a click does nothing
            QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(8, widget.height() // 2))
        else:
            QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def shoot(self, state: str) -> None:
        """Take the window at every size in every theme, and what is open above it."""
        for mode in THEMES:
            self.theme.set_mode(mode)
            for size in SIZES:
                self.window.resize(*size)
                wait(400)
                picture = self.window.grab()
                popup = QApplication.activePopupWidget()
                if popup is not None:
                    place = self.window.mapFromGlobal(popup.mapToGlobal(QPoint(0, 0)))
                    painter = QPainter(picture)
                    painter.drawPixmap(QPointF(place), popup.grab())
                    painter.end()
                self.save(picture, f"{state}-{mode}-{size[0]}x{size[1]}")
        self.theme.set_mode(THEMES[0])
        self.window.resize(*SIZES[0])
        wait(100)

    def save(self, picture: object, name: str) -> None:
        picture.save(str(self.out / f"{name}.png"))  # type: ignore[attr-defined]
        print(name, flush=True)

    # -- the states ------------------------------------------------------------------------

    def first_launch(self) -> None:
        # With a shipped model the data set comes last, once sprites come out of the noise.
        wait_for(lambda: self.lab.data.value is not None)
        wait_for(lambda: self.lab.trajectory.value is not None)
        wait(2500)

    def reverse(self) -> None:
        self.go("workspace.see", "see.tabs.watch", "see.mode.reverse")
        self.click("main.generate")
        self.rest()
        wait_for(lambda: not self.window.workspace("see").watch.timeline_model.state.playing)
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
        self.click("see.enlarge")

    def forward(self) -> None:
        self.go("workspace.see", "see.tabs.watch", "see.mode.forward")
        self.shoot("see-forward-before")
        self.click("see.random")
        self.rest()
        wait(1500)
        self.shoot("see-forward")

    def branch(self) -> None:
        self.go("workspace.see", "see.tabs.watch", "see.mode.reverse")
        self.click("main.generate")
        self.rest()
        wait_for(lambda: not self.window.workspace("see").watch.timeline_model.state.playing)
        self.go("see.mode.branch")
        slider = self.find("timeline.slider")
        spot = QPoint(slider.width() // 2, slider.height() // 2)
        QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=spot)
        wait(300)
        self.shoot("see-branch-before")
        # Another class from here on, chosen by the keyboard.
        QTest.keyClick(self.find("see.branch.class"), Qt.Key.Key_End)
        wait(300)
        self.click("see.branch.go")
        self.rest()
        wait(3000)
        self.shoot("see-branch")

    def export(self) -> None:
        """The window of exports, by itself: it lies above the other, and has one size."""
        self.go("workspace.see", "see.tabs.watch", "see.mode.reverse")
        self.click("main.generate")
        self.rest()
        self.click("see.export.animation")
        self.click("export.captioned")
        self.click("export.slider")
        for page in ("animation", "sprites"):
            self.click(f"export.page.{page}")
            self.rest()
            for mode in THEMES:
                self.theme.set_mode(mode)
                wait(700)
                self.save(self.find("export").grab(), f"export-{page}-{mode}")
            self.theme.set_mode(THEMES[0])
        self.click("export.close")

    def race(self) -> None:
        self.go("workspace.see", "see.tabs.race")
        self.rest()
        self.shoot("see-race-before")
        self.click("race.start")
        self.rest()
        self.shoot("see-race")
        slider = self.find("timeline.slider")
        spot = QPoint(slider.width() // 2, slider.height() // 2)
        QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=spot)
        wait(200)
        self.shoot("see-race-middle")

    def between(self) -> None:
        self.go("workspace.see", "see.tabs.between")
        self.rest()
        self.shoot("see-between")

    def map(self) -> None:
        self.go("workspace.see", "see.tabs.map")
        self.rest()
        wait(1000)  # the arrows are begun a while after the map is there
        self.rest()
        self.shoot("see-map")

    def probability(self) -> None:
        self.go("workspace.measure", "measure.tabs.probability")
        self.shoot("measure-probability-before")
        self.type_number("measure.count", 20)
        self.click("measure.start")
        self.rest()
        self.shoot("measure-probability")

    def memorization(self) -> None:
        self.go("workspace.measure", "measure.tabs.memory")
        self.rest()
        self.shoot("measure-memorization-before")
        self.take_builtin("memory.set.builtin")
        self.click("main.generate")
        self.rest()
        wait_for(lambda: not self.window.workspace("see").watch.timeline_model.state.playing)
        self.go("workspace.measure", "measure.tabs.memory")
        self.rest()
        self.shoot("measure-memorization")

    def take_builtin(self, name: str) -> None:
        """Take the built-in model by this button, if the page cannot do with what is open."""
        try:
            self.click(name)
        except LookupError:
            return
        self.rest()

    def thermodynamics(self) -> None:
        self.go("workspace.measure", "measure.tabs.thermodynamics")
        self.shoot("measure-thermodynamics-before")
        self.take_builtin("measure.thermodynamics.set.builtin")
        self.click("measure.thermodynamics.start")
        self.rest()
        self.shoot("measure-thermodynamics")

    def train(self, seconds: float) -> None:
        self.go("workspace.train", "train.pages.tabs.curves")
        self.shoot("train-before")
        self.click("main.train")
        wait_for(lambda: self.lab.training.value is not None)
        wait(int(seconds * 1000))
        for page in ("curves", "levels", "checkpoints"):
            self.go(f"train.pages.tabs.{page}")
            self.shoot(f"train-running-{page}")
        self.click("main.stop")
        wait_for(lambda: self.lab.training.value is None)
        self.rest()
        wait(4500)
        self.go("train.pages.tabs.curves")
        self.shoot("train-ended-curves")
        self.go("train.pages.tabs.levels")
        self.click("train.levels.floor")
        self.rest()
        self.shoot("train-ended-levels")
        self.go("train.pages.tabs.checkpoints")
        self.click("train.checkpoints.empty.action")
        self.rest()
        self.shoot("train-ended-checkpoints")

    def lessons(self) -> None:
        self.go("workspace.see", "see.tabs.watch")
        self.window.findChild(QAction, "help.lessons").trigger()
        self.rest()
        self.shoot("lessons")
        lessons = self.find("lesson.list")
        assert isinstance(lessons, QListWidget)
        row = lessons.visualItemRect(lessons.item(0))
        QTest.mouseClick(lessons.viewport(), Qt.MouseButton.LeftButton, pos=row.center())
        self.rest()
        wait(1000)
        self.shoot("lesson")
        self.click("lesson.close")

    def guide(self) -> None:
        self.window.findChild(QAction, "help.guide").trigger()
        self.rest()
        guide = self.window.guide
        for mode in THEMES:
            self.theme.set_mode(mode)
            wait(300)
            self.save(guide.grab(), f"guide-{mode}")
        self.theme.set_mode(THEMES[0])
        guide.close()

    def help(self) -> None:
        """A "?" that is pressed, on one page of each workspace."""
        for tab, page, topic in (
            ("see", "see.tabs.race", "race"),
            ("train", "train.pages.tabs.levels", "error_by_level"),
            ("measure", "measure.tabs.probability", "probability"),
        ):
            self.go(f"workspace.{tab}", page)
            try:
                self.click(f"help.{topic}")
            except LookupError:
                continue  # nothing is to be explained before anything is there
            self.rest()
            self.shoot(f"help-{topic}")
            popup = QApplication.activePopupWidget()
            if popup is not None:
                popup.close()

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


def scenes(photographer: Photographer, seconds: float) -> dict[str, Callable[[], None]]:
    """Every scene by its name, in an order in which each finds what it needs."""
    return {
        "first-launch": lambda: photographer.shoot("first-launch"),
        "see.reverse": photographer.reverse,
        "export": photographer.export,
        "see.race": photographer.race,
        "see.between": photographer.between,
        "see.map": photographer.map,
        "see.branch": photographer.branch,
        "measure.probability": photographer.probability,
        "measure.memorization": photographer.memorization,
        "measure.thermodynamics": photographer.thermodynamics,
        "see.forward": photographer.forward,
        "data": photographer.data,
        "draw": photographer.draw,
        "train": lambda: photographer.train(seconds),
        "help": photographer.help,
        "lessons": photographer.lessons,
        "guide": photographer.guide,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--model", help="a run folder or weights file to show")
    parser.add_argument("--data", type=Path, help="sprites to open")
    parser.add_argument("--seconds", type=float, default=60, help="training time")
    parser.add_argument("--only", nargs="+", help="scenes, or what their names begin with")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sprite-lab-pictures-") as home:
        os.environ["SPRITE_LAB_HOME"] = home
        photographer = Photographer(arguments.out, arguments.data)
        try:
            photographer.first_launch()
            if arguments.model:
                photographer.lab.open_model(arguments.model)
                photographer.rest()
            for name, take in scenes(photographer, arguments.seconds).items():
                if arguments.only is None or name.startswith(tuple(arguments.only)):
                    take()
        finally:
            photographer.close()
    print(f"{len(list(arguments.out.glob('*.png')))} pictures in {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
