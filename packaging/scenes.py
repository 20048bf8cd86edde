"""Every state of the window that is worth a picture, and how a user gets there."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
from photographer import Photographer, wait, wait_for
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidget


class Scenes(Photographer):
    """Plays scenes in the window, one per method, each starting where the previous one ended."""

    def take(self, scenes: Collection[str] | None, model: str | None = None) -> None:
        """Play scenes, by name or prefix, and take the wanted pictures of each.

        ``model``: opened before; None = that which the app opens by itself.
        """
        try:
            self.first_launch()
            if model:
                self.lab.settings.replace(welcome=False)
            if model and model != str(self.lab.model_ref):
                self.lab.open_model(model)
                self.rest()
                random.seed(model)
                self.click("see.generate")
                self.rest()
            for name, scene in self.scenes().items():
                if scenes is None or name.startswith(tuple(scenes)):
                    random.seed(name)
                    scene()
        finally:
            self.close()

    def scenes(self) -> dict[str, Callable[[], None]]:
        """Every scene by name, in an order in which each finds what it needs."""
        return {
            "first-launch": lambda: self.shoot("first-launch"),
            "see.reverse": self.reverse,
            "export": self.export,
            "see.race": self.race,
            "see.between": self.between,
            "see.class": self.class_by_level,
            "see.inpaint": self.inpaint,
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

    def first_launch(self) -> None:
        # With a shipped model, the data set comes last, once sprites emerge from the noise.
        wait_for(lambda: self.lab.data.value is not None)
        wait_for(lambda: self.lab.trajectory.value is not None)
        wait(2500)

    def click_timeline(self, share: float) -> None:
        slider = self.find("timeline.slider")
        spot = QPoint(int(slider.width() * share), slider.height() // 2)
        QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=spot)

    def rest_at_the_end(self) -> None:
        """Wait until sprites are drawn, and the timeline has played them."""
        self.rest()
        wait_for(lambda: not self.window.workspace("see").watch.timeline_model.state.playing)

    def reverse(self) -> None:
        self.go("workspace.see", "see.tabs.watch", "see.mode.reverse")
        self.click("see.generate")
        self.rest_at_the_end()
        for state, key in (("start", Qt.Key.Key_Home), ("end", Qt.Key.Key_End)):
            QTest.keyClick(self.find("timeline.slider"), key)
            self.shoot(f"see-reverse-{state}")
        self.click_timeline(2 / 3)
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
        self.click("see.generate")
        self.rest_at_the_end()
        self.go("see.mode.branch")
        self.click_timeline(1 / 2)
        wait(300)
        self.shoot("see-branch-before")
        # Another class from here on, chosen by keyboard.
        QTest.keyClick(self.find("see.branch.class"), Qt.Key.Key_End)
        wait(300)
        self.click("see.branch.go")
        self.rest()
        wait(3000)
        self.shoot("see-branch")

    def export(self) -> None:
        """The export window, on its own: it lies above the other, and has one size."""
        self.go("workspace.see", "see.tabs.watch", "see.mode.reverse")
        self.click("see.generate")
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
        self.click_timeline(1 / 2)
        wait(200)
        self.shoot("see-race-middle")

    def between(self) -> None:
        self.go("workspace.see", "see.tabs.between")
        self.rest()
        self.shoot("see-between")

    def class_by_level(self) -> None:
        self.go("workspace.see", "see.tabs.class")
        self.rest()
        self.click_timeline(1 / 2)
        self.shoot("see-class")

    def inpaint(self) -> None:
        self.go("workspace.see", "see.tabs.inpaint")
        self.rest()
        self.click_timeline(1 / 2)
        wait(200)
        self.shoot("see-inpaint")

    def map(self) -> None:
        self.go("workspace.see", "see.tabs.map")
        self.rest()
        self.click_timeline(2 / 3)  # where the model pulls
        wait(1000)  # the arrows start a while after the map exists
        self.rest()
        self.shoot("see-map")

    def probability(self) -> None:
        self.go("workspace.measure", "measure.tabs.probability")
        self.rest()
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
        self.rest_at_the_end()
        self.go("workspace.measure", "measure.tabs.memory")
        self.rest()
        self.shoot("measure-memorization")

    def take_builtin(self, name: str) -> None:
        """Open the built-in model with this button, if the page cannot use the open one."""
        try:
            self.click(name)
        except LookupError:
            return
        self.rest()

    def thermodynamics(self) -> None:
        self.go("workspace.measure", "measure.tabs.thermodynamics")
        self.rest()
        self.shoot("measure-thermodynamics-before")
        self.take_builtin("measure.thermodynamics.set.builtin")
        self.click("measure.thermodynamics.start")
        self.rest()
        self.shoot("measure-thermodynamics")

    def train(self) -> None:
        self.go("workspace.train", "train.pages.tabs.curves")
        self.shoot("train-before")
        self.type_number("train.epochs", self._epochs)
        self.type_number("train.batch", 16)  # many steps in a few minutes
        wait(600)  # until it shows the estimate
        self.click("train.start")
        wait_for(lambda: self.lab.training_runs.current.value is not None)
        wait(10_000)
        for page in ("curves", "levels", "checkpoints"):
            if self.lab.training_runs.current.value is not None:
                self.go(f"train.pages.tabs.{page}")
                self.shoot(f"train-running-{page}")
        wait_for(lambda: self.lab.training_runs.current.value is None)
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
        self.go("train.pages.tabs.memory")
        self.click("train.memory.look")
        self.rest()
        self.shoot("train-ended-memory")
        self.go("train.pages.tabs.runs")
        self.rest()
        self.shoot("train-ended-runs")

    def lessons(self) -> None:
        self.go("workspace.see", "see.tabs.watch")
        self.window.findChild(QAction, "help.lessons").trigger()
        self.rest()
        self.shoot("lessons")
        lessons = self.find("lesson.list")
        assert isinstance(lessons, QListWidget)
        row = lessons.visualItemRect(lessons.item(1))
        QTest.mouseClick(lessons.viewport(), Qt.MouseButton.LeftButton, pos=row.center())
        self.rest()
        wait(1000)
        self.shoot("lesson")
        self.click("lesson.close")

    def guide(self) -> None:
        self.window.findChild(QAction, "help.guide").trigger()
        self.rest()
        guide = self.window.learning.guide
        self.shoot("guide", guide, sized=False)
        guide.close()

    def help(self) -> None:
        """A pressed "?" on one page of each workspace."""
        for tab, page, topic in (
            ("see", "see.tabs.race", "race"),
            ("train", "train.pages.tabs.levels", "error_by_level"),
            ("measure", "measure.tabs.probability", "probability"),
        ):
            self.go(f"workspace.{tab}", page)
            try:
                self.click(f"help.{topic}")
            except LookupError:
                continue  # there is nothing to explain yet
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
        # A question comes before the sprites are drawn over.
        QTimer.singleShot(300, lambda: self.click("draw.over.over"))
        self.click("draw.generate")
        self.rest()
        self.paint_mask()
        self.shoot("draw-generated")

    def paint_mask(self) -> None:
        """Keep the upper part of the current cell, with the mask brush."""
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
        for page in ("duplicates", "colors", "split", "credits"):
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


def write_files_to_import(folder: Path) -> None:
    """A sheet with gaps, two folders of single sprites, and a file without any."""
    from sprite_lab.data import builtin
    from sprite_lab.formats.images.png import write_png

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
