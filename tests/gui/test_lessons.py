"""Lessons, taken as a person takes them: by clicks and keys on the controls that they speak of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QListWidget,
    QTextBrowser,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.lessons import Step, load_lesson
from sprite_lab.paths import resource
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.navigator import unfold
from sprite_lab.ui.tutorials.controls import find
from sprite_lab.ui.tutorials.ring import Ring
from sprite_lab.ui.widgets.fields.buttons import Segmented
from sprite_lab.ui.widgets.fields.inspector import FoldGroup
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from tests.qt import is_at_rest

LEFT = Qt.MouseButton.LeftButton
SHIPPED = sorted(resource("lessons").glob("*.json"))


class Pupil:
    """Does what a step asks for, by the controls that can be seen."""

    def __init__(self, qtbot: QtBot, lab: Lab, window: MainWindow) -> None:
        self.qtbot, self.lab, self.window = qtbot, lab, window

    @property
    def run(self) -> Any:
        return self.window.learning.lessons.run

    def visible(self, name: str) -> QWidget:
        widget = find(self.window, name)
        assert widget is not None, f"there is no control named {name}"
        unfold(widget)
        assert widget.isVisible(), f"{name} is not to be seen"
        return widget

    def click(self, name: str) -> None:
        button = self.visible(name)
        assert isinstance(button, QAbstractButton)
        self.qtbot.waitUntil(button.isEnabled, timeout=20_000)
        place = button.rect().center()
        if isinstance(button, QCheckBox):  # wider than what of it can be clicked
            place.setX(8)
        self.qtbot.mouseClick(button, LEFT, pos=place)

    def wait_ready(self) -> None:
        self.qtbot.waitUntil(lambda: self.run is not None and self.run.ready, timeout=60_000)

    def look(self) -> None:
        """Until the lesson has looked once more whether its step is done."""
        timer = self.run.findChild(QTimer)
        with self.qtbot.waitSignal(timer.timeout, timeout=5000):
            pass

    # -- the controls ----------------------------------------------------------------------

    def set(self, name: str, value: Any) -> None:
        if name == "see.steps" or isinstance(find(self.window, name), NumberField):
            self.visible(name)
            field = self.visible(f"{name}.field")
            assert isinstance(field, QDoubleSpinBox)
            self.type_number(field, value)
            return
        control = self.visible(name)
        if isinstance(control, Segmented):
            self.click(f"{name}.{value}")
        elif isinstance(control, QComboBox):
            assert control.isEnabled()
            control.setFocus()
            self.qtbot.keyClick(control, Qt.Key.Key_Home)
            for _ in range(control.count()):
                if control.currentData() == value:
                    return
                self.qtbot.keyClick(control, Qt.Key.Key_Down)
            raise AssertionError(f"{name} offers no {value}")
        elif isinstance(control, QAbstractButton):
            if control.isChecked() != value:
                self.click(name)
        else:
            raise AssertionError(f"{name} is of no kind that is known: {type(control)}")

    def type_number(self, field: QDoubleSpinBox, value: float) -> None:
        assert field.isEnabled()
        field.setFocus()
        field.selectAll()
        self.qtbot.keyClicks(field, f"{value:g}")
        self.qtbot.keyClick(field, Qt.Key.Key_Return)

    # -- the steps -------------------------------------------------------------------------

    def do(self, step: Step) -> None:
        """Bring about what a step checks."""
        check = dict(step.check)
        if "workspace" in check:
            self.click(f"workspace.{check['workspace']}")
        if "page" in check:
            self.click(f"{self.window.current}.tabs.{check['page']}")
        for name, value in check.get("control", {}).items():
            self.set(name, value)
        if "trajectory" in check:
            self.sample(step, check["trajectory"])
        if "timeline" in check:
            self.move(check["timeline"])
        if "changed" in check:
            self.choose_another(check["changed"])
        if "pressed" in check:
            if check["pressed"].startswith("draw.generate"):
                self.keep_some_pixels()
            self.click(check["pressed"])
        elif "job" in check:
            self.click(step.highlight)

    def sample(self, step: Step, wanted: dict[str, Any]) -> None:
        before = self.lab.trajectory.value
        if wanted.get("kind") == "forward":
            self.click(step.highlight)
        else:
            if "sampler" in wanted:
                self.set("see.sampler", wanted["sampler"])
            for name, control in (
                ("steps", "steps"),
                ("guidance_scale", "guidance"),
                ("eta", "eta"),
            ):
                if name in wanted:
                    value = wanted[name]
                    value = value[0] if isinstance(value, list) else value
                    self.set(f"see.{control}", value)
            if wanted.get("classes") == []:
                self.click("see.classes.none")
            self.click("see.generate")
        self.qtbot.waitUntil(lambda: self.lab.trajectory.value is not before, timeout=180_000)
        self.qtbot.waitUntil(lambda: self.visible("timeline").isEnabled(), timeout=10_000)

    def move(self, wanted: Any) -> None:
        # A change at the right makes another trajectory, a moment later.
        QApplication.processEvents()
        self.qtbot.waitUntil(
            lambda: not self.lab.jobs.handles and is_at_rest(self.window), timeout=30_000
        )
        slider = self.visible("timeline.slider")
        slider.setFocus()
        if isinstance(wanted, str):
            key = Qt.Key.Key_Home if wanted == "noise" else Qt.Key.Key_End
            self.qtbot.keyClick(slider, key)
        else:
            field = self.visible("timeline.t")
            assert isinstance(field, QDoubleSpinBox)
            self.type_number(field, sum(wanted) / 2)

    def choose_another(self, name: str) -> None:
        grid = self.visible(name)
        assert isinstance(grid, (SpriteGrid, SpriteBrowser))
        canvas = grid.viewport() if isinstance(grid, SpriteBrowser) else grid
        self.look()  # it is seen which one is chosen now
        other = 1 if grid.current != 1 else 2
        self.qtbot.mouseClick(canvas, LEFT, pos=grid.cell_rect(other).center().toPoint())

    def keep_some_pixels(self) -> None:
        self.click("draw.tool.mask")
        canvas = self.visible("draw.canvas")
        middle = canvas.rect().center()
        self.qtbot.mousePress(canvas, LEFT, pos=middle - QPoint(40, 40))
        self.qtbot.mouseMove(canvas, middle)
        self.qtbot.mouseRelease(canvas, LEFT, pos=middle)

    def end_races(self) -> None:
        """The reference of a race takes a thousand steps, which no lesson waits for."""
        cancel = find(self.window, "race.cancel")
        if cancel is not None and cancel.isVisible():
            self.qtbot.mouseClick(cancel, LEFT)

    def next(self) -> None:
        button = self.visible("lesson.next")
        self.qtbot.waitUntil(button.isEnabled, timeout=60_000)
        self.qtbot.mouseClick(button, LEFT)


@pytest.fixture
def pupil(qtbot: QtBot, lab: Lab, window: MainWindow, small_models: Path) -> Iterator[Pupil]:
    window.resize(1280, 800)
    yield Pupil(qtbot, lab, window)
    window.learning.lessons.close()
    for handle in lab.jobs.handles:
        handle.cancel()


def made(tmp_path: Path, *steps: dict[str, Any], **fields: Any) -> Path:
    path = tmp_path / "lesson.json"
    document = {
        "schema_version": 1,
        "title": "A lesson",
        "summary": "Of somebody's",
        "steps": list(steps) or [{"text": "Words."}],
        **fields,
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


# -- those that are shipped ------------------------------------------------------------------


def test_there_are_ten() -> None:
    assert [path.name[:2] for path in SHIPPED] == [f"{n:02d}" for n in range(1, 11)]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_it_can_be_taken_from_its_first_step_to_its_last(pupil: Pupil, path: Path) -> None:
    lesson = load_lesson(path)
    pupil.window.learning.lessons.start(lesson)
    for number, step in enumerate(lesson.steps):
        pupil.wait_ready()
        assert pupil.run.index == number
        if step.highlight and not pupil.run.done:
            ring = pupil.window.findChild(QWidget, "lesson.ring")
            pupil.qtbot.waitUntil(ring.isVisible, timeout=5000)
            assert ring.target is pupil.visible(step.highlight)
        if step.check:
            assert not pupil.run.done, f"step {number + 1} asks for what is there already"
            assert not pupil.visible("lesson.next").isEnabled()
            pupil.do(step)
            pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=60_000)
            pupil.end_races()
        pupil.next()
    assert pupil.run is None
    assert pupil.visible("lesson.list").isVisible()


# -- the panel -------------------------------------------------------------------------------


def test_the_list_opens_from_the_menu_and_a_click_begins(pupil: Pupil) -> None:
    window, qtbot = pupil.window, pupil.qtbot
    library = window.findChild(QWidget, "library")
    assert library.isVisible()
    window.findChild(QAction, "help.lessons").trigger()
    chooser = pupil.visible("lesson.list")
    assert isinstance(chooser, QListWidget)
    qtbot.waitUntil(lambda: chooser.count() == 10, timeout=5000)
    assert not library.isVisible()
    place = chooser.visualItemRect(chooser.item(0)).center()
    qtbot.mouseClick(chooser.viewport(), LEFT, pos=place)
    text = pupil.visible("lesson.text")
    assert isinstance(text, QTextBrowser)
    assert "nine sprites" in text.toPlainText()
    pupil.click("lesson.close")
    assert library.isVisible()
    assert not window.findChild(QAction, "help.lessons").isChecked()


def test_next_waits_for_what_is_asked_and_skip_does_not(pupil: Pupil, tmp_path: Path) -> None:
    path = made(
        tmp_path,
        {"text": "Go to **Data**.", "check": {"workspace": "data"}, "highlight": "workspace.data"},
        {"text": "Go to **Train**.", "check": {"workspace": "train"}},
        {"text": "The end."},
    )
    pupil.window.learning.lessons.start(load_lesson(path))
    state = pupil.visible("lesson.state")
    assert isinstance(state, QLabel)
    assert state.text() == "Your turn."
    assert not pupil.visible("lesson.next").isEnabled()
    pupil.click("workspace.data")
    pupil.qtbot.waitUntil(lambda: state.text() == "Done.", timeout=2000)
    pupil.next()
    pupil.click("lesson.skip")
    assert pupil.run.index == 2
    assert pupil.visible("lesson.where").text() == "Step 3 of 3"
    pupil.click("lesson.back")
    assert pupil.run.index == 1
    pupil.click("lesson.skip")
    assert pupil.visible("lesson.next").text() == "Finish"
    pupil.next()
    assert pupil.run is None


def test_the_ring_lets_clicks_through_and_follows_its_control(pupil: Pupil, tmp_path: Path) -> None:
    step = {"text": "x", "highlight": "workspace.data", "check": {"workspace": "data"}}
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    ring = pupil.window.findChild(QWidget, "lesson.ring")
    button = pupil.visible("workspace.data")
    assert ring.isVisible()
    place = button.mapTo(pupil.window, QPoint(0, 0))
    assert ring.geometry().contains(place)
    middle = button.mapTo(pupil.window, button.rect().center())
    assert pupil.window.childAt(middle) is button  # and not the ring above it
    pupil.qtbot.mouseClick(button, LEFT)
    pupil.qtbot.waitUntil(lambda: not ring.isVisible(), timeout=2000)


def test_the_ring_keeps_still_where_nothing_may_move(pupil: Pupil, tmp_path: Path) -> None:
    settings = pupil.lab.settings
    settings.replace(motion=False)
    step = {"text": "x", "highlight": "workspace.data", "check": {"workspace": "data"}}
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    ring = pupil.window.findChild(Ring)
    assert ring.isVisible()
    assert not ring.breathes
    settings.replace(motion=True)
    assert ring.breathes
    settings.replace(motion=False)
    assert not ring.breathes


def test_choosing_another_sprite_is_seen(pupil: Pupil, tmp_path: Path) -> None:
    step = {
        "text": "x",
        "set": {"data": "builtin", "workspace": "data"},
        "highlight": "data.browser",
        "check": {"changed": "data.browser"},
    }
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.wait_ready()
    pupil.look()
    pupil.look()
    assert not pupil.run.done
    pupil.choose_another("data.browser")
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=2000)


def test_a_control_in_a_panel_that_is_folded_away_is_brought_to_sight(
    pupil: Pupil, tmp_path: Path
) -> None:
    pupil.window.findChild(QAction, "view.inspector").trigger()
    group = pupil.window.findChild(FoldGroup, "see.group.noise")
    group.set_open(False)
    field = pupil.window.findChild(QWidget, "see.timesteps")
    assert not field.isVisible()
    step = {"text": "x", "highlight": "see.timesteps", "check": {"control": {"see.timesteps": 100}}}
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.qtbot.waitUntil(field.isVisible, timeout=2000)
    ring = pupil.window.findChild(QWidget, "lesson.ring")
    pupil.qtbot.waitUntil(ring.isVisible, timeout=2000)
    pupil.set("see.timesteps", 100)
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=2000)


def test_hidden_controls_come_back_whatever_happens(pupil: Pupil, tmp_path: Path) -> None:
    window = pupil.window
    path = made(
        tmp_path, {"text": "x"}, hide=["main.train", "file.export", "see.forward", "no.such"]
    )
    train = window.findChild(QWidget, "main.train")
    export = window.findChild(QAction, "file.export")
    assert train.isVisible()
    pupil.window.learning.lessons.start(load_lesson(path))
    assert not train.isVisible()
    assert not export.isVisible()
    # What the app shows meanwhile stays away, and comes back; what it hides stays hidden.
    train.setVisible(True)
    assert not train.isVisible()
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, {"text": "y"})))
    assert train.isVisible()
    assert export.isVisible()
    pupil.window.learning.lessons.start(
        load_lesson(path := made(tmp_path, {"text": "x"}, hide=["main.train"]))
    )
    train.setVisible(False)
    pupil.click("lesson.close")
    assert train.isHidden()
    train.setVisible(True)


def test_controls_of_pages_that_are_made_later_are_hidden_too(pupil: Pupil, tmp_path: Path) -> None:
    path = made(tmp_path, {"text": "x"}, hide=["data.open", "train.epochs"])
    pupil.window.learning.lessons.start(load_lesson(path))
    pupil.click("workspace.data")
    button = pupil.window.findChild(QWidget, "data.open")
    pupil.qtbot.waitUntil(lambda: not button.isVisible(), timeout=2000)
    pupil.click("workspace.train")
    field = pupil.window.findChild(QWidget, "train.epochs")
    pupil.qtbot.waitUntil(lambda: not field.isVisible(), timeout=2000)
    words = [label for label in pupil.window.findChildren(QLabel) if label.buddy() is field]
    assert words
    assert not words[0].isVisible()  # no label without its field
    pupil.click("lesson.close")
    assert field.isVisible()
    assert words[0].isVisible()


# -- lessons of somebody's own ---------------------------------------------------------------


def test_a_lesson_file_is_dropped_on_the_window(pupil: Pupil, tmp_path: Path) -> None:
    path = made(tmp_path, title="Dropped")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    middle = pupil.window.rect().center()
    pupil.window.dragEnterEvent(
        QDragEnterEvent(
            middle, Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier
        )
    )
    veil = pupil.window.findChild(QWidget, "drop")
    assert veil.accessibleName() == "Take the lesson “lesson.json”"
    pupil.window.dropEvent(
        QDropEvent(
            QPointF(middle), Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier
        )
    )
    pupil.qtbot.waitUntil(lambda: pupil.run is not None, timeout=5000)
    assert pupil.run.lesson.title == "Dropped"


def test_a_bad_lesson_is_one_sentence_and_changes_nothing(pupil: Pupil, tmp_path: Path) -> None:
    path = made(tmp_path, {"text": "x", "check": {"wrkspace": "see"}})
    with pupil.qtbot.waitSignal(pupil.lab.failed, timeout=5000) as told:
        pupil.window.files.open_path(path)
    assert told.args[0] == (
        "'lesson.json' is no good lesson: 'check' of step 1 knows no 'wrkspace'; there is: "
        "workspace, page, timeline, trajectory, control, pressed, job, changed."
    )
    assert pupil.run is None


def test_the_example_in_the_guide_is_a_lesson(tmp_path: Path, pupil: Pupil) -> None:
    text = resource("help", "lessons.md").read_text(encoding="utf-8")
    example = text.partition("```json\n")[2].partition("```")[0]
    path = tmp_path / "example.json"
    path.write_text(example, encoding="utf-8")
    lesson = load_lesson(path)
    pupil.window.learning.lessons.start(lesson)
    for step in lesson.steps:
        pupil.wait_ready()
        if step.check:
            pupil.do(step)
        pupil.next()
    assert pupil.run is None


def test_the_name_of_a_control_is_told_for_writing_lessons(
    pupil: Pupil, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    pupil.lab.notice.connect(told.append)
    inside = pupil.window.findChild(QWidget, "see.timesteps.slider")
    monkeypatch.setattr(QApplication, "widgetAt", lambda *_: inside)
    pupil.window.findChild(QAction, "help.control_name").trigger()
    assert told == ["This is “see.timesteps” (copied)."]
    assert QApplication.clipboard().text() == "see.timesteps"
