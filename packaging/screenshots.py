#!/usr/bin/env python3
"""Pictures of the real app in every workspace and state: ``screenshots.py --out DIR``.

Drives the window as a person would, by its visible widgets, at 1280x800 and 1920x1080 in the
light and the dark theme. ``--model builtin`` shows that of the models that come with the app
(which is what the guide shows), and a run folder a model of one's own; ``--data FILE`` opens
that set instead of the built-in one; ``--only see.race measure`` takes the pictures of those
scenes alone.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
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

    def shoot(self, state: str, window: QWidget | None = None) -> None:
        """Take the window at every size in every theme, and what is open above it.

        ``window``: another than the main one.
        """
        window = window or self.window
        for mode in THEMES:
            self.theme.set_mode(mode)
            for size in SIZES:
                window.resize(*size)
                wait(400)
                picture = window.grab()
                popup = QApplication.activePopupWidget()
                if popup is not None:
                    place = window.mapFromGlobal(popup.mapToGlobal(QPoint(0, 0)))
                    painter = QPainter(picture)
                    painter.drawPixmap(QPointF(place), popup.grab())
                    painter.end()
                self.save(picture, f"{state}-{mode}-{size[0]}x{size[1]}")
        self.theme.set_mode(THEMES[0])
        window.resize(*SIZES[0])
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
        guide = self.window.learning.guide
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
        self.go("workspace.data", "data.tabs.browse")
        self.rest()
        browser = self.find("data.browser")
        for index, held in (
            (20, Qt.KeyboardModifier.NoModifier),
            (23, Qt.KeyboardModifier.ShiftModifier),
            (40, Qt.KeyboardModifier.ControlModifier),
        ):
            place = browser.cell_rect(index).center().toPoint()
            QTest.mouseClick(browser.viewport(), Qt.MouseButton.LeftButton, held, place)
        self.shoot("data")
        for page in ("duplicates", "colours", "split", "credits"):
            self.go(f"data.tabs.{page}")
            self.rest()
            self.shoot(f"data-{page}")

    def imports(self) -> None:
        """A sheet and a folder of built-in sprites in the import window."""
        files = self.out / "files-to-import"
        write_files_to_import(files)
        self.window.imports.add([files])
        self.rest()
        window = self.window.imports.open()
        self.shoot("import-all", window)
        window.files.show_path("files-to-import/monsters.png")
        self.shoot("import-sheet", window)
        window.preview.show_kind("sprites")
        window.preview.sprites.browser.choose(frozenset(range(12, 20)))
        window.preview.sprites.give("monster")
        self.rest()
        self.shoot("import-sprites", window)
        window.forget()
        shutil.rmtree(files)

    def close(self) -> None:
        for handle in self.lab.jobs.handles:
            handle.stop()
        wait_for(lambda: not self.lab.jobs.handles)
        self.lab.jobs.shut_down(10)


def write_files_to_import(folder: Path) -> None:
    """A sheet with gaps, two folders of single sprites, and a file that holds none."""
    from sprite_lab.data import builtin
    from sprite_lab.formats.png import write_png

    sprites = builtin()
    sheet = np.zeros((6 * 18 + 2, 12 * 18 + 2, 4), np.uint8)
    for cell, row in enumerate(np.flatnonzero(sprites.labels == 1)[:70]):
        y, x = (2 + 18 * n for n in divmod(cell, 12))
        sheet[y : y + 16, x : x + 16] = sprites.rgba_of(int(row))
    folder.mkdir(parents=True)
    write_png(folder / "monsters.png", sheet)
    for label, name in ((2, "food"), (3, "things")):
        (folder / name).mkdir()
        for number, row in enumerate(np.flatnonzero(sprites.labels == label)[:6], 1):
            write_png(folder / name / f"{name}{number}.png", sprites.rgba_of(int(row)))
    (folder / "notes.txt").write_text("Drawn in an afternoon.", encoding="utf-8")


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
        "import": photographer.imports,
        "draw": photographer.draw,
        "train": lambda: photographer.train(seconds),
        "help": photographer.help,
        "lessons": photographer.lessons,
        "guide": photographer.guide,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument(
        "--model", help="a model that comes with the app, by its name, or a run folder"
    )
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
