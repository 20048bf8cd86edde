"""Drives the window as a person would, by its visible widgets, and takes pictures of it.

What comes out depends on no clock and no chance: every seed is thrown by dice that always fall
alike, and the day is always the same.
"""

from __future__ import annotations

import datetime
import random
import shutil
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QAction, QFont, QFontInfo, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QCheckBox, QListWidget, QWidget

SIZES = ((1280, 800), (1920, 1080))
THEMES = ("light", "dark")

#: Pictures are comparable only in one font; no machine that makes them lacks this one for long
#: (Debian: fonts-dejavu-core).
FONT = ("DejaVu Sans", 9)

DAY = datetime.datetime(2026, 11, 25, 12, 0)


@dataclass(frozen=True)
class View:
    """A picture that is wanted of a state of the window.

    Parameters
    ----------
    size : of the window; None = as it is.
    shown : size of the file; None = the same.
    colours : of the file; None = as many as there are.
    """

    file: Path
    scene: str
    state: str
    mode: str
    size: tuple[int, int] | None = None
    shown: tuple[int, int] | None = None
    colours: int | None = None

    @staticmethod
    def to_look_at(out: Path) -> Views:
        """All that there is to see, each in every theme and, where it has no own, size."""

        def views(state: str, sized: bool) -> list[View]:
            return [
                View(
                    out / f"{state}-{mode}{'-{}x{}'.format(*size) if size else ''}.png",
                    "",
                    state,
                    mode,
                    size,
                )
                for mode in THEMES
                for size in (SIZES if sized else (None,))
            ]

        return views


#: What is wanted of a state, by its name and whether its window takes any size.
Views = Callable[[str, bool], Sequence[View]]


class _Day(datetime.datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return DAY

    @classmethod
    def fromtimestamp(cls, t: float, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return DAY


def leave_nothing_to_chance() -> None:
    """Stop the clock of the library and load the dice, for all that is not seeded by a person."""
    from sprite_lab.app import library

    class Clock:
        datetime = _Day

    library.datetime = Clock  # type: ignore[attr-defined]
    generator = np.random.default_rng
    np.random.default_rng = lambda seed=0: generator(seed)  # type: ignore[assignment]


def wait(milliseconds: int) -> None:
    """Let Qt work for a while. QTest.qWait would hold Python's lock, and with it the workers."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_for(condition: Callable[[], object], seconds: float = 900) -> None:
    """Let Qt work until ``condition`` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the app did not come to the state that was waited for")
        wait(20)


class Photographer:
    """The app, its window, and which pictures are wanted of it.

    Parameters
    ----------
    data : sprites to open; None = the built-in set.
    epochs : of the training.
    """

    def __init__(self, views: Views, data: Path | None = None, epochs: int = 5) -> None:
        from sprite_lab.app.lab import Lab
        from sprite_lab.app.settings import Settings
        from sprite_lab.ui.main_window import MainWindow
        from sprite_lab.ui.startup import Startup
        from sprite_lab.ui.theme import ThemeManager

        leave_nothing_to_chance()
        self._views, self._epochs = views, epochs
        self.app = QApplication.instance() or QApplication([])
        self.app.setFont(QFont(*FONT))
        if QFontInfo(self.app.font()).family() != FONT[0]:
            raise SystemExit(f"The pictures are made with the font {FONT[0]}: install it first.")
        self.theme = ThemeManager(self.app, "light")
        self.lab = Lab(Settings())
        self.window = MainWindow(self.lab, self.theme)
        self.startup = Startup(self.lab, self.window, str(data) if data else None)
        self.window.resize(*SIZES[0])
        self.window.show()

    def take(self, scenes: Collection[str] | None, model: str | None = None) -> None:
        """Play scenes, by their names or what these begin with, and take what is wanted of each.

        ``model``: opened before; None = that which the app opens by itself.
        """
        try:
            self.first_launch()
            if model:
                self.lab.open_model(model)
                self.rest()
                self.lab.settings.replace(welcome=False)
            for name, scene in self.scenes().items():
                if scenes is None or name.startswith(tuple(scenes)):
                    random.seed(name)
                    scene()
        finally:
            self.close()

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

    def shoot(self, state: str, window: QWidget | None = None, *, sized: bool = True) -> None:
        """Take what is wanted of this state, and what is open above the window.

        ``window``: another than the main one; ``sized``: whether it takes any size.
        """
        window = window or self.window
        for view in self._views(state, sized):
            self.theme.set_mode(view.mode)
            if view.size is not None:
                window.resize(*view.size)
            wait(500)
            picture = window.grab()
            popup = QApplication.activePopupWidget()
            if popup is not None:
                place = window.mapFromGlobal(popup.mapToGlobal(QPoint(0, 0)))
                painter = QPainter(picture)
                painter.drawPixmap(QPointF(place), popup.grab())
                painter.end()
            save(picture, view)
        self.theme.set_mode(THEMES[0])
        if sized:
            window.resize(*SIZES[0])
        wait(100)

    def scenes(self) -> dict[str, Callable[[], None]]:
        """Every scene by its name, in an order in which each finds what it needs."""
        return {
            "first-launch": lambda: self.shoot("first-launch"),
            "see.reverse": self.reverse,
            "export": self.export,
            "see.race": self.race,
            "see.between": self.between,
            "see.map": self.map,
            "see.branch": self.branch,
            "measure.probability": self.probability,
            "measure.memorization": self.memorization,
            "measure.thermodynamics": self.thermodynamics,
            "see.forward": self.forward,
            "data": self.data,
            "import": self.imports,
            "draw": self.draw,
            "train": self.train,
            "help": self.help,
            "lessons": self.lessons,
            "guide": self.guide,
        }

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
            self.shoot(f"export-{page}", self.find("export"), sized=False)
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

    def train(self) -> None:
        self.go("workspace.train", "train.pages.tabs.curves")
        self.shoot("train-before")
        self.type_number("train.epochs", self._epochs)
        self.click("main.train")
        wait_for(lambda: self.lab.training.value is not None)
        wait(10_000)
        for page in ("curves", "levels", "checkpoints"):
            if self.lab.training.value is not None:
                self.go(f"train.pages.tabs.{page}")
                self.shoot(f"train-running-{page}")
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
        self.shoot("guide", guide, sized=False)
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
        self.click("draw.invitation.take")  # for the classes, which are dealt with the sprites
        self.click("draw.apply.all")
        self.click("draw.generate")
        self.rest()
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
        from sprite_lab.paths import data_dir

        files = data_dir() / "files-to-import"
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


def save(picture: QPixmap, view: View) -> None:
    """Write a picture as it is wanted: reduced, and in few colours, for the repository keeps it."""
    image = Image.fromqpixmap(picture).convert("RGB")
    if view.shown is not None:
        image = image.resize(view.shown, Image.Resampling.LANCZOS)
    if view.colours is not None:
        image = image.quantize(view.colours, dither=Image.Dither.NONE)
    image.save(view.file, optimize=True)
    print(view.file.name, flush=True)
