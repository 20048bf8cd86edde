"""The main job from end to end, as a person does it: by mouse, keys and the visible screen.

Open a data set; train, pause, resume, stop; generate; scrub; draw, undo, inpaint; export a GIF.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.core.records import StepRecord
from sprite_lab.data import builtin
from sprite_lab.formats.sets.sprites import save_sprites
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.startup import Startup
from sprite_lab.ui.widgets.canvas.sprite_canvas import SpriteCanvas
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from tests.gui.test_widgets import pixels
from tests.qt import let_train

LEFT = Qt.MouseButton.LeftButton
COMMAND = Qt.KeyboardModifier.ControlModifier

#: Steps after which the loss has fallen.
LEARNED = 80


class Person:
    """Sees the window, and has a mouse and a keyboard."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot = window, qtbot

    def see(self, name: str, kind: type = QWidget) -> QWidget:
        """The widget with that name, which must be visible."""
        found = [w for w in self.window.findChildren(kind, name) if w.isVisible()]
        assert found, f"nothing called '{name}' is to be seen"
        return found[0]

    def click(self, name: str) -> None:
        button = self.see(name, QAbstractButton)
        assert button.isEnabled(), f"'{name}' is grayed: {button.toolTip()}"
        QTest.mouseClick(button, LEFT)

    def can_click(self, name: str) -> bool:
        found = [w for w in self.window.findChildren(QAbstractButton, name) if w.isVisible()]
        return bool(found) and found[0].isEnabled()

    def type_number(self, name: str, value: float) -> None:
        found = self.window.findChildren(QWidget, f"{name}.field")
        field = found[0] if found else self.see(name)
        QTest.mouseClick(field, LEFT)
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_A, COMMAND)
        QTest.keyClicks(field, f"{value:g}")
        QTest.keyClick(field, Qt.Key.Key_Return)

    def figure(self, name: str) -> float:
        """A number in the Train workspace; nan while it shows none."""
        text = self.see(f"train.figure.{name}", QLabel).text().replace(",", "")
        return float("nan") if text == "–" else float(text)

    def wait(self, condition: Callable[[], bool], seconds: float = 120) -> None:
        self.qtbot.waitUntil(condition, timeout=int(seconds * 1000))

    def key(self, key: Qt.Key, on: QWidget, modifier: object = None) -> None:
        on.setFocus()
        QTest.keyClick(on, key, modifier or Qt.KeyboardModifier.NoModifier)

    def shortcut(self, key: Qt.Key, modifiers: object = COMMAND) -> None:
        """Press a shortcut of a menu, which works while the window is active."""
        self.window.activateWindow()
        self.wait(self.window.isActiveWindow, 10)
        QTest.keyClick(self.window, key, modifiers)

    def answer_file_dialog(self, path: Path, ask: Callable[[], None]) -> None:
        """Open a file dialog with ``ask``, choose a path in it and accept it.

        The path is not typed: sometimes the dialog's folder follows a half-typed path, and its
        button stays gray.
        """
        answered = []
        timer = QTimer(interval=100)

        def choose() -> None:
            dialog = QApplication.activeModalWidget()
            if not isinstance(dialog, QFileDialog):
                return
            if not answered:
                answered.append(path)
                dialog.finished.connect(timer.stop)
            # Repeated in case the dialog was still reading its folder.
            dialog.setDirectory(str(path.parent))
            line = dialog.findChild(QLineEdit, "fileNameEdit")
            line.setText(path.name)
            QTest.keyClick(line, Qt.Key.Key_Return)

        timer.timeout.connect(choose)
        timer.start()
        ask()
        self.wait(lambda: not timer.isActive(), 20)

    def stroke(self, canvas: SpriteCanvas, places: list[tuple[int, int]]) -> None:
        """Hold the left button from pixel to pixel (x, y), then move away."""
        spots = [canvas.pixel_rect(x, y).center().toPoint() for x, y in places]
        QTest.mousePress(canvas, LEFT, pos=spots[0])
        for spot in spots:
            QTest.mouseMove(canvas, spot)
        QTest.mouseRelease(canvas, LEFT, pos=spots[-1])

    def canvas_colors(self, canvas: SpriteCanvas) -> np.ndarray:
        """uint8 (16, 16, 3): the most common color of each pixel, whatever is painted over it."""
        QTest.mouseMove(canvas, canvas.rect().topLeft())
        screen = pixels(canvas.grab().toImage())
        colors = np.empty((16, 16, 3), np.uint8)
        for y in range(16):
            for x in range(16):
                rect = canvas.pixel_rect(x, y).toRect().adjusted(3, 3, -3, -3)
                block = screen[rect.top() : rect.bottom(), rect.left() : rect.right()]
                values, counts = np.unique(block.reshape(-1, 3), axis=0, return_counts=True)
                colors[y, x] = values[counts.argmax()]
        return colors

    def sprites_of(self, name: str, count: int) -> np.ndarray:
        """uint8 (count, 16, 16, 3): the sprites in a grid, read from the screen."""
        grid = self.see(name, SpriteGrid)
        picture = grid.grab()
        ratio = picture.devicePixelRatio()
        screen = pixels(picture.toImage())
        sprites = []
        for i in range(count):
            rect = grid.cell_rect(i)
            scale = rect.width() * ratio / 16
            ys = ((rect.top() * ratio) + (np.arange(16) + 0.5) * scale).astype(int)
            xs = ((rect.left() * ratio) + (np.arange(16) + 0.5) * scale).astype(int)
            sprites.append(screen[ys][:, xs])
        return np.stack(sprites)


@pytest.fixture
def person(lab: Lab, qtbot: QtBot) -> Iterator[Person]:
    """A person at the window on a first launch."""
    window = MainWindow(lab)
    Startup(lab, window)
    window.resize(1280, 800)
    window.show()
    yield Person(window, qtbot)
    window.closing.leave_now()
    window.deleteLater()


def test_the_whole_job(person: Person, lab: Lab, tmp_path: Path) -> None:
    data = tmp_path / "two hundred.npz"
    save_sprites(data, builtin().take(np.arange(240)))

    # -- open a data set ---------------------------------------------------------------------
    person.wait(lambda: "Built-in" in person.see("chooser.data", QToolButton).text())
    person.answer_file_dialog(
        data,
        lambda: person.shortcut(Qt.Key.Key_O, COMMAND | Qt.KeyboardModifier.ShiftModifier),
    )
    person.wait(lambda: "two hundred" in person.see("chooser.data", QToolButton).text())

    # -- train -------------------------------------------------------------------------------
    person.click("workspace.train")
    advanced = person.see("train.advanced.header", QAbstractButton)
    QTest.mouseClick(advanced, LEFT)
    person.type_number("train.epochs", 200)
    person.type_number("train.batch", 16)
    person.type_number("train.rate", 0.003)
    person.type_number("train.width", 16)
    person.click("train.start")
    training = lab.training_runs.current.value
    assert training is not None
    records: list[StepRecord] = []
    training.handle.records_ready.connect(
        lambda new: records.extend(record for record in new if isinstance(record, StepRecord))
    )
    person.wait(lambda: person.figure("step") >= 5)
    first_loss = float(np.mean([record.loss for record in records[:5]]))

    person.click("train.pause")
    person.wait(lambda: "aused" in person.see("train.state", QLabel).text())
    let_train(lab.jobs)  # to finish the current step
    held = records[-1].step
    person.wait(lambda: person.figure("step") == held)
    person.click("train.step")
    person.wait(lambda: person.figure("step") > held)
    let_train(lab.jobs)
    assert records[-1].step == held + 1, "a single step was not a single one"

    person.click("train.pause")  # now it says Resume
    while (step := person.figure("step")) < LEARNED:  # as long as it advances
        person.wait(lambda step=step: person.figure("step") > step)
    person.click("train.stop")
    person.wait(lambda: person.can_click("train.start"))
    assert person.figure("step") >= LEARNED
    assert person.figure("loss") < 0.75 * first_loss, "the loss did not fall"
    person.wait(lambda: person.can_click("main.generate"))

    # -- generate ----------------------------------------------------------------------------
    person.click("workspace.see")
    QTest.mouseClick(person.see("see.mode.reverse"), LEFT)
    person.type_number("see.count", 4)
    person.type_number("see.steps", 20)
    person.click("see.generate")
    person.wait(lambda: lab.trajectory.value is not None and lab.trajectory.value.kind == "reverse")
    person.wait(lambda: person.can_click("see.generate"))

    # -- scrub -------------------------------------------------------------------------------
    slider = person.see("timeline.slider")
    shown = {}
    person.key(Qt.Key.Key_Home, slider)
    shown["first"] = (person.sprites_of("see.grid.x_t", 4), person.sprites_of("see.grid.x0", 4))
    for _ in range(10):
        person.key(Qt.Key.Key_Right, slider)
    shown["middle"] = (person.sprites_of("see.grid.x_t", 4), person.sprites_of("see.grid.x0", 4))
    person.key(Qt.Key.Key_End, slider)
    shown["last"] = (person.sprites_of("see.grid.x_t", 4), person.sprites_of("see.grid.x0", 4))
    noisy = {state: views[0].astype(int) for state, views in shown.items()}
    for one, other in (("first", "middle"), ("middle", "last"), ("first", "last")):
        assert np.abs(noisy[one] - noisy[other]).mean() > 5, f"{one} looks like {other}"
    # The first frame is clipped standard noise, the last one is the finished sprite in both views.
    assert noisy["first"].std() > 80
    np.testing.assert_array_equal(*shown["last"])
    assert np.abs(shown["first"][0].astype(int) - shown["first"][1]).mean() > 20
    final = shown["last"][0]

    # -- export ------------------------------------------------------------------------------
    gif = tmp_path / "out of noise.gif"
    person.click("see.export.animation")
    person.type_number("export.scale", 2)
    person.type_number("export.fps", 10)
    person.type_number("export.hold_last", 2)
    person.answer_file_dialog(gif, lambda: person.click("export.go"))
    person.wait(gif.is_file)
    person.wait(lambda: not lab.jobs.handles)
    with Image.open(gif) as image:
        assert image.n_frames == 21
        assert image.size == (66, 66)  # one pixel between sprites
        durations = []
        for k in range(image.n_frames):
            image.seek(k)
            durations.append(image.info["duration"])
            frame = np.asarray(image.convert("RGB"))
            if k == 0:
                first = frame
        assert durations[:-1] == [100] * 20
        assert durations[-1] in (2000, 2100)
        assert image.info["loop"] == 0
    sheet = final.reshape(2, 2, 16, 16, 3).transpose(0, 2, 1, 3, 4).reshape(32, 32, 3)
    small = frame[::2, ::2]
    np.testing.assert_array_equal(small.repeat(2, 0).repeat(2, 1), frame)
    small = np.delete(np.delete(small, 16, 0), 16, 1)
    assert np.abs(small.astype(int) - sheet).mean() < 4, "the last frame is not the final sprite"
    assert np.abs(first.astype(int) - frame).mean() > 30

    person.click("export.close")

    # -- draw, undo --------------------------------------------------------------------------
    person.click("workspace.draw")
    canvas = person.see("draw.canvas", SpriteCanvas)
    blank = person.canvas_colors(canvas)
    person.click("draw.tool.pencil")
    person.stroke(canvas, [(x, 8) for x in range(2, 8)])
    drawn = person.canvas_colors(canvas)
    touched = [tuple(place) for place in np.argwhere((drawn != blank).any(axis=2))]
    assert touched == [(8, x) for x in range(2, 8)]
    person.shortcut(Qt.Key.Key_Z)
    np.testing.assert_array_equal(person.canvas_colors(canvas), blank)
    person.shortcut(Qt.Key.Key_Y)
    np.testing.assert_array_equal(person.canvas_colors(canvas), drawn)

    # -- inpaint -----------------------------------------------------------------------------
    person.click("draw.tool.mask")
    person.stroke(canvas, [(x, 8) for x in range(2, 8)])
    person.type_number("draw.steps", 6)
    person.click("draw.generate")
    person.wait(lambda: not lab.jobs.handles)
    person.click("draw.tool.pencil")
    painted = person.canvas_colors(canvas)
    np.testing.assert_array_equal(painted[8, 2:8], drawn[8, 2:8], "a kept pixel has changed")
    assert (painted != drawn).any(axis=2).sum() > 20, "nothing was painted around them"
    person.shortcut(Qt.Key.Key_Z)
    np.testing.assert_array_equal(person.canvas_colors(canvas), drawn)
    assert not any(isinstance(w, QDialog) and w.isVisible() for w in QApplication.topLevelWidgets())
    assert "torch" in sys.modules
