"""Lessons taken like a person would: by clicks and keys on the controls they mention."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QTimer, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QListWidget,
    QSpinBox,
    QTextBrowser,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app import tasks
from sprite_lab.app.lab import Lab
from sprite_lab.app.see.race_run import RaceRun
from sprite_lab.app.shell.settings import Settings
from sprite_lab.app.task import Task
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.run import Run, RunControl
from sprite_lab.formats.lessons import Ask, Check, LessonStep, load_lesson
from sprite_lab.formats.results import Given, TakenLesson
from sprite_lab.paths import example_run, measured_dir, resource
from sprite_lab.ui.measure.memory_stage import MemoryStage
from sprite_lab.ui.measure.probability import ProbabilityPage
from sprite_lab.ui.see.race.panel import DEALT
from sprite_lab.ui.see.watch.variety_table import Found, VarietyTable
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.navigator import unfold
from sprite_lab.ui.shell.panels import LESSON_WIDTH
from sprite_lab.ui.text import Label
from sprite_lab.ui.theme import ThemeManager, current_theme
from sprite_lab.ui.tutorials.controls import find, set_value, value_of
from sprite_lab.ui.tutorials.panel import LessonPanel
from sprite_lab.ui.tutorials.question import marked_up
from sprite_lab.ui.tutorials.ring import Ring
from sprite_lab.ui.widgets.fields.buttons import Segmented
from sprite_lab.ui.widgets.fields.calm import set_lesson_value, why_not_allowed
from sprite_lab.ui.widgets.fields.inspector import EmptyState, FoldGroup
from sprite_lab.ui.widgets.fields.markdown import fit_formulas, is_formula, show_markdown
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.ui.widgets.sprites.frame_slider import THUMB, FrameSlider
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import language, tr
from tests.gui.stand_ins import Held
from tests.qt import Resizes, is_at_rest, settle

LEFT = Qt.MouseButton.LeftButton
SHIPPED = sorted(resource("lessons").glob("*.json"))


def is_caused(value: object) -> bool:
    """Whether a control's value is a range [from, to], which a button causes."""
    return isinstance(value, tuple) and not isinstance(value[0], str)


class Pupil:
    """Does what a step requests, with the visible controls."""

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
        if isinstance(button, QCheckBox):  # the widget is wider than its clickable part
            place.setX(8)
        self.qtbot.mouseClick(button, LEFT, pos=place)

    def wait_ready(self) -> None:
        self.qtbot.waitUntil(lambda: self.run is not None and self.run.ready, timeout=60_000)

    def look(self) -> None:
        """Wait until the lesson has checked its step again."""
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

    def answer(self, step: LessonStep) -> None:
        """Answer a question, wrongly at first."""
        ask = step.ask
        assert ask is not None
        self.answer_wrongly(ask)
        if ask.choices:
            number = next(n for n, choice in enumerate(ask.choices) if choice.right)
            self.click(f"lesson.choice.{number}")
            self.is_replied(ask.choices[number].reply, "✓ ")
            return
        if ask.number is not None:
            self.spin("lesson.number").setValue(sum(ask.number) / 2)
            self.click("lesson.answer")
        elif ask.log_snr is not None:
            self.scrub_to(sum(ask.log_snr) / 2)
            self.click("lesson.here")
        else:
            level = value_of(find(self.window, ask.at))
            assert isinstance(level, float)
            self.type_number(self.spin("timeline.t"), level)
            self.click("lesson.here")
        self.is_replied(ask.right, "✓ ")

    def answer_wrongly(self, ask: Ask) -> None:
        if ask.choices:
            right = next(n for n, choice in enumerate(ask.choices) if choice.right)
            wrong = (right + 1) % len(ask.choices)
            self.click(f"lesson.choice.{wrong}")
            self.is_replied(ask.choices[wrong].reply, "✗ ")
            return
        if ask.number is not None:
            self.type_number(self.spin("lesson.number"), ask.number[1] + 20)  # Enter answers
            self.is_replied(ask.high, "✗ ")
            return
        if ask.at:
            self.decide(self.visible(ask.at))
        self.move("noise")
        self.click("lesson.here")
        self.is_replied(ask.low, "✗ ")

    def decide(self, place: QWidget) -> None:
        """Wait for the level at which a class is decided; untrained models never
        decide, so they get one.
        """
        assert isinstance(place, QLabel)
        never = tr("No class ever stays above 50%.")
        self.qtbot.waitUntil(lambda: value_of(place) is not None or never in place.text())
        if value_of(place) is None:
            set_lesson_value(place, 300.0)

    def is_replied(self, text: str, mark: str = "") -> None:
        label = self.visible("lesson.reply")
        assert isinstance(label, QLabel)
        assert label.text() == marked_up(mark + text)

    def spin(self, name: str) -> QDoubleSpinBox:
        field = self.visible(name)
        assert isinstance(field, QDoubleSpinBox)
        return field

    def scrub_to(self, log_snr: float) -> None:
        """Press the slider at a level on its axis."""
        slider = self.visible("timeline.slider")
        assert isinstance(slider, FrameSlider)
        frame = int(np.abs(slider._model.axis.log_snr - log_snr).argmin())
        place = QPoint(round(slider.frame_x(frame)), slider.height() // 2)
        self.qtbot.mouseClick(slider, LEFT, pos=place)

    def needed(self, step: LessonStep) -> list[str]:
        """Controls of the visible page with which a step can be done."""
        check = step.check
        if check.workspace:
            return [f"workspace.{check.workspace}"]
        settings = {
            "sampler": "see.sampler",
            "steps": "see.steps.field",
            "guidance_scale": "see.guidance",
            "eta": "see.eta",
            "classes": "see.classes.none",
        }
        caused = check.job or any(map(is_caused, check.control.values()))
        names = [n for n, value in check.control.items() if not is_caused(value)]
        names += filter(None, [check.changed, step.highlight if caused else ""])
        if check.kind == "reverse":
            asked = [settings[n] for n in check.sample if n in settings]
            dice = ["see.seed.dice"] if "seed" in check.other else []
            names += [*asked, *dice, "see.generate"]
        if check.timeline is not None:
            names.append("timeline.slider" if isinstance(check.timeline, str) else "timeline.t")
        deeds = {"filled": "draw.take", "kept": "draw.canvas", "generated": "draw.generate"}
        names += [deeds[what] for what in check.drawing]
        return names

    def do(self, step: LessonStep) -> None:
        """Do what a step checks."""
        check = step.check
        if check.workspace:
            self.click(f"workspace.{check.workspace}")
        if check.page:
            self.click(f"{self.window.current}.tabs.{check.page}")
        pressed = False
        for name, value in check.control.items():
            if name == step.highlight or not is_caused(value):
                self.set(name, check.outcome.controls[name] if isinstance(value, tuple) else value)
            else:  # a button causes this
                self.click(step.highlight)
                pressed = True
        if check.trajectory is not None:
            self.sample(step, check.trajectory)
        if check.timeline is not None:
            if step.highlight == "timeline.play":
                self.play()
            else:
                self.move(check.timeline)
        if check.changed:
            self.choose_another(step, check.changed)
        if check.drawing:
            if "kept" in check.drawing:
                self.keep_some_pixels()
            else:
                self.click("draw.take" if "filled" in check.drawing else "draw.generate")
        elif check.job and not pressed:
            self.click(step.highlight)

    def play(self) -> None:
        field = self.visible("timeline.fps")
        assert isinstance(field, QSpinBox)
        field.setFocus()
        field.selectAll()
        self.qtbot.keyClicks(field, "120")
        self.qtbot.keyClick(field, Qt.Key.Key_Return)
        self.click("timeline.play")

    def sample(self, step: LessonStep, wanted: Mapping[str, Any]) -> None:
        before = self.lab.trajectory.value
        if wanted.get("kind") == "forward":
            self.click(step.highlight)
        else:
            if "sampler" in wanted:
                self.set("see.sampler", wanted["sampler"])
                if "steps" not in wanted:
                    self.set("see.steps", 12)  # DDPM would visit all levels
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
            if "seed" in wanted.get("other", ()):
                self.click("see.seed.dice")
            self.click("see.generate")
        self.qtbot.waitUntil(lambda: self.lab.trajectory.value is not before, timeout=180_000)
        self.qtbot.waitUntil(lambda: self.visible("timeline").isEnabled(), timeout=10_000)

    def move(self, wanted: Any) -> None:
        # A change on the right side makes another trajectory, a moment later.
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

    def choose_another(self, step: LessonStep, name: str) -> None:
        grid = self.visible(name)
        if not isinstance(grid, (SpriteGrid, SpriteBrowser)):
            self.look()
            self.click(step.highlight)
            return
        assert isinstance(grid, (SpriteGrid, SpriteBrowser))
        canvas = grid.viewport() if isinstance(grid, SpriteBrowser) else grid
        self.qtbot.waitUntil(lambda: grid.count > 1, timeout=60_000)
        self.look()  # now it is visible which one is chosen
        other = 1 if grid.current != 1 else 2
        self.qtbot.mouseClick(canvas, LEFT, pos=grid.cell_rect(other).center().toPoint())

    def keep_some_pixels(self) -> None:
        self.click("draw.tool.mask")
        canvas = self.visible("draw.canvas")
        middle = canvas.rect().center()
        reach = min(canvas.width(), canvas.height()) // 3
        for down in range(-reach, reach + 1, reach // 6):
            self.qtbot.mousePress(canvas, LEFT, pos=middle + QPoint(-reach, down))
            self.qtbot.mouseMove(canvas, middle + QPoint(reach, down))
            self.qtbot.mouseRelease(canvas, LEFT, pos=middle + QPoint(reach, down))
            if down == -reach:
                self.look()
                assert not self.run.done, "a stroke is not enough to go by"

    def end_races(self) -> None:
        """Cut the reference of a race short: it takes a thousand steps, and no
        lesson waits for it.
        """
        cancel = find(self.window, "race.cancel")
        if cancel is not None and cancel.isVisible():
            self.qtbot.mouseClick(cancel, LEFT)

    def next(self) -> None:
        button = self.visible("lesson.next")
        self.qtbot.waitUntil(button.isEnabled, timeout=60_000)
        self.qtbot.mouseClick(button, LEFT)


@pytest.fixture(autouse=True)
def _looked_at_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check every step often, so that tests need not wait: lessons check eight times a second."""
    for module in ("ui.tutorials.lesson_run", "ui.tutorials.controller"):
        monkeypatch.setattr(f"sprite_lab.{module}.LOOK_MS", 30)


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


# -- shipped lessons ------------------------------------------------------------------------------


def test_there_are_ten() -> None:
    assert [path.name[:2] for path in SHIPPED] == [f"{n:02d}" for n in range(1, 11)]


@dataclass(frozen=True)
class Screen:
    """A window size, and a text size in percent."""

    width: int
    height: int
    text: int


SMALL, LARGE = Screen(1280, 800, 100), Screen(1920, 1080, 150)


def assert_in_sight(pupil: Pupil, name: str, step: str) -> None:
    """A control named by a lesson is visible, and not cut off."""
    control = pupil.visible(name)
    QApplication.processEvents()
    window = pupil.window
    seen = control.visibleRegion().boundingRect()
    least = min(control.height(), 16), min(control.width(), 16)
    assert seen.height() >= least[0], f"{step}: {name} is out of sight"
    assert seen.width() >= least[1], f"{step}: {name} is out of sight"
    place = QRect(control.mapTo(window, QPoint(0, 0)), control.size())
    assert window.rect().intersects(place), f"{step}: {name} is outside of the window"


def is_whole(window: MainWindow, name: str) -> bool:
    """Whether all of a control is visible, without scrolling."""
    control = find(window, name)
    if control is None or not control.isVisible():
        return False
    place = QRect(control.mapTo(window, QPoint(0, 0)), control.size())
    within = control.parentWidget()
    while within is not None and within is not window:
        if not QRect(within.mapTo(window, QPoint(0, 0)), within.size()).contains(place):
            return False
        within = within.parentWidget()
    return window.rect().contains(place)


def words_of(pupil: Pupil, name: str) -> str:
    """The text on or beside a control."""
    control = pupil.visible(name)
    parts = [control, *control.findChildren(QWidget)]
    parts += [label for label in pupil.window.findChildren(QLabel) if label.buddy() is control]
    texts = [part.text() for part in parts if isinstance(part, (QLabel, QAbstractButton))]
    texts += [part.accessibleName() for part in parts] + [part.toolTip() for part in parts]
    texts += [box.itemText(i) for box in parts if isinstance(box, QComboBox) for i in range(9)]
    return " ".join(texts).lower()


#: What a lesson may call a control whose label differs.
_PLAIN = ("slider", "timeline", "the button", "the seed", "t")


def take(
    pupil: Pupil, path: Path, theme: ThemeManager, screen: Screen, act: Callable[[LessonStep], None]
) -> None:
    """Take a lesson on a screen, on which everything that its steps name must be visible.

    ``act`` does a step that asks or waits for something.
    """
    theme.set_text_size(screen.text)
    pupil.window.resize(screen.width, screen.height)
    QApplication.processEvents()
    lesson = load_lesson(path)
    assert sum(step.ask is not None for step in lesson.steps) >= 2, "it asks too little"
    pupil.window.learning.lessons.start(lesson)
    assert (pupil.window.width(), pupil.window.height()) == (screen.width, screen.height)
    places = set()
    for number, step in enumerate(lesson.steps):
        pupil.wait_ready()
        assert pupil.run.index == number
        where = f"step {number + 1}"
        for name in step.names:
            pupil.qtbot.waitUntil(lambda name=name: is_whole(pupil.window, name), timeout=9_000)
        for name in (*step.names, "lesson.next", "lesson.back", "lesson.scene"):
            assert_in_sight(pupil, name, where)
        for words, name in re.findall(r"\[([^\]]+)\]\(control:([^)]+)\)", step.text):
            said = words.strip("*").lower()
            # Other languages inflect words; packaging/translations.py compares them.
            if language() == "en" and said not in _PLAIN:
                # Some controls appear once they are computed.
                pupil.qtbot.waitUntil(
                    lambda said=said, name=name: said.removeprefix("the ") in words_of(pupil, name)
                )
        next_button = pupil.visible("lesson.next")
        # At its right end, because the last one says Finish.
        place = next_button.mapTo(pupil.window, QPoint(next_button.width(), 0))
        places.add((place.x(), place.y(), pupil.window.learning.room.width()))
        if step.waits:
            assert not pupil.run.done, f"{where} asks for what is there already"
            assert not next_button.isEnabled()
            act(step)
            pupil.end_races()
        assert pupil.window.width() == screen.width, f"{where}: the window does not fit"
        assert pupil.window.height() == screen.height, f"{where}: the window does not fit"
        pupil.next()
    assert len(places) == 1, "Next moves, or the panel has another width"
    assert pupil.run is None
    assert pupil.visible("lesson.list").isVisible()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_it_can_be_taken_from_its_first_step_to_its_last(
    pupil: Pupil, path: Path, theme: ThemeManager
) -> None:
    """Every step can be done with the visible controls alone."""

    def act(step: LessonStep) -> None:
        if step.ask is not None:
            pupil.answer(step)
            pupil.wait_ready()
        if step.check != Check():
            assert not pupil.run.done, f"{step.text}: asks for what is there already"
            pupil.do(step)
            pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=60_000)

    take(pupil, path, theme, SMALL, act)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_step_can_be_shown_in_large_text(
    pupil: Pupil, path: Path, theme: ThemeManager
) -> None:
    """This holds even after a wrong answer; the controls for the step are visible."""

    def act(step: LessonStep) -> None:
        for name in pupil.needed(step):
            assert_in_sight(pupil, name, step.text)
        if step.ask is not None:
            pupil.answer_wrongly(step.ask)
        pupil.look()
        pupil.click("lesson.show")
        pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=60_000)

    take(pupil, path, theme, LARGE, act)


@pytest.mark.parametrize("percent", [100, 125, 150])
def test_formulas_are_as_large_as_text(pupil: Pupil, theme: ThemeManager, percent: int) -> None:
    """In large text, the longest were once written small, to fit into one line."""
    lines, shares = {}, {}
    theme.set_text_size(percent)
    for lesson in map(load_lesson, SHIPPED):
        pupil.window.learning.lessons.start(lesson)
        text = pupil.visible("lesson.text")
        assert isinstance(text, QTextBrowser)
        width = text.viewport().width()
        for step in lesson.steps:
            show_markdown(text, step.text, current_theme())
            document = text.document()
            document.setTextWidth(width)
            for _ in range(2):  # the second time, after a change of the width
                fit_formulas(document)
            block = document.begin()
            while block.isValid():
                if is_formula(block.text()):
                    assert block.layout().maximumWidth() <= width
                    lines[block.text()] = block.layout().lineCount()
                    size = block.begin().fragment().charFormat().fontPointSize()
                    shares[block.text()] = size / document.defaultFont().pointSizeF()
                block = block.next()
    assert len(lines) > 5
    assert min(shares.values()) > 0.78, shares
    longer = [text for text, count in lines.items() if count > 1]
    assert len(longer) <= {100: 0, 125: 1, 150: 3}[percent], longer
    for text in longer:
        first, second = text.split("\u2028")
        assert second[0] in "=∝+", "where the next line of a formula begins"
        assert first.count("(") == first.count(")")


def test_large_text_of_lessons_is_wider_where_the_window_is(
    pupil: Pupil, theme: ThemeManager
) -> None:
    window, lesson = pupil.window, load_lesson(SHIPPED[0])
    room, panel = window.learning.room, window.learning.lessons.panel
    theme.set_text_size(150)
    window.resize(1920, 1000)
    window.learning.lessons.start(lesson)
    for width, percent, wanted in (
        (1920, 150, 456),
        (1280, 150, 304),
        (1280, 100, 304),
        (1920, 100, 304),
        (1920, 150, 456),
    ):
        theme.set_text_size(percent)
        window.resize(width, 1000)
        pupil.qtbot.waitUntil(lambda wanted=wanted: room.width() == panel.width() == wanted)
        settle(window)
        assert window.width() == width
        assert window.stage.mapTo(window, QPoint(0, 0)).x() <= wanted + 2, "no gap beside it"


def test_a_reply_stays_in_sight_as_text_grows(pupil: Pupil, theme: ThemeManager) -> None:
    pupil.window.resize(1280, 800)
    lesson = load_lesson(SHIPPED[0])
    pupil.window.learning.lessons.start(lesson)
    pupil.wait_ready()
    ask = lesson.steps[0].ask
    assert ask is not None
    pupil.answer_wrongly(ask)
    reply = pupil.visible("lesson.reply")
    for percent in (150, 125):
        theme.set_text_size(percent)
        pupil.qtbot.waitUntil(lambda: reply.height() >= reply.heightForWidth(reply.width()))
        pupil.qtbot.waitUntil(lambda: is_whole(pupil.window, "lesson.reply"))


def test_a_reply_to_be_scrolled_to_is_whole(
    pupil: Pupil, theme: ThemeManager, tmp_path: Path
) -> None:
    """In large text, only its first line was once visible after Show me."""
    pupil.window.resize(1280, 800)
    theme.set_text_size(150)
    choices = [
        {"text": "This", "right": True, "reply": "It is. " * 30},
        {"text": "That", "reply": "No."},
    ]
    step = {"text": "Words of a step. " * 45, "ask": {"choices": choices}}
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.wait_ready()
    pupil.click("lesson.show")
    pupil.qtbot.waitUntil(lambda: is_whole(pupil.window, "lesson.reply"))


def test_text_beside_a_scroll_bar_is_laid_out_once(
    lab: Lab, theme: ThemeManager, qtbot: QtBot
) -> None:
    """The scroll bar once appeared and disappeared endlessly, as a formula needed
    less room beside it.
    """
    panel = LessonPanel(lab)
    qtbot.addWidget(panel)
    panel.show()
    room = panel.text.parentWidget()
    lessons = [load_lesson(path) for path in SHIPPED]
    steps = [(each, index) for each in lessons for index in range(len(each.steps))]
    steps = [at for at in steps if any(map(is_formula, at[0].steps[at[1]].text.split("\n\n")))]
    assert len(steps) > 3
    # a little lower beside the scroll bar
    long = LessonStep("\n\n".join([f"*x* = {'a' * 40}"] * 12))
    steps.append((replace(lessons[0], steps=(long,)), 0))
    asks = {"is_solved": False, "given_choice": None}
    still = dict.fromkeys(
        ("done", "may_pass", "shows", "works", "is_last", "points", "went_well"), False
    )
    for percent in (150, 100):
        theme.set_text_size(percent)
        for lesson, index in steps:
            step = lesson.steps[index]
            run: Any = SimpleNamespace(
                lesson=lesson,
                step=step,
                index=index,
                ready=True,
                reply="",
                hint="",
                wrong=frozenset(),
                asks=step.ask is not None,
                **asks,
                **still,
            )
            panel.show_step(run)
            for height in range(360, 760, 20):
                resizes = Resizes(room)
                panel.resize(LESSON_WIDTH, height)
                QApplication.processEvents()
                room.removeEventFilter(resizes)
                assert resizes.count <= Resizes.MOST, f"{lesson.title}, step {index + 1}"


# -- the panel -------------------------------------------------------------------------------


def test_the_list_opens_from_the_menu_and_a_click_begins(pupil: Pupil) -> None:
    window, qtbot = pupil.window, pupil.qtbot
    library = window.findChild(QWidget, "library")
    assert library.isVisible()
    window.findChild(QAction, "help.lessons").trigger()
    chooser = pupil.visible("lesson.list")
    assert isinstance(chooser, QListWidget)
    qtbot.waitUntil(lambda: chooser.count() == 12, timeout=5000)
    assert not library.isVisible()
    place = chooser.visualItemRect(chooser.item(1)).center()  # the first item is the test
    qtbot.mouseClick(chooser.viewport(), LEFT, pos=place)
    text = pupil.visible("lesson.text")
    assert isinstance(text, QTextBrowser)
    assert "nine sprites" in text.toPlainText()
    pupil.click("lesson.close")
    assert library.isVisible()
    assert not window.findChild(QAction, "help.lessons").isChecked()


def test_next_waits_for_what_is_asked_and_it_can_be_shown(pupil: Pupil, tmp_path: Path) -> None:
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
    pupil.click("lesson.show")
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=2000)
    assert pupil.window.current == "train", "it was done, and not passed over"
    pupil.next()
    assert pupil.visible("lesson.where").text() == "Step 3 of 3"
    pupil.click("lesson.back")
    assert pupil.run.index == 1
    assert pupil.window.current == "data", "text and picture belong together"
    pupil.click("lesson.show")
    pupil.next()
    assert pupil.visible("lesson.next").text() == "Finish"
    pupil.next()
    assert pupil.run is None


def test_a_question_comes_before_what_is_to_be_done(pupil: Pupil, tmp_path: Path) -> None:
    path = made(
        tmp_path,
        {
            "text": "What is in Data?",
            "ask": {
                "choices": [
                    {"text": "Models", "reply": "No."},
                    {"text": "Sprites", "reply": "Yes.", "right": True},
                ]
            },
            "check": {"workspace": "data"},
        },
    )
    pupil.window.learning.lessons.start(load_lesson(path))
    pupil.click("workspace.data")
    pupil.look()
    assert not pupil.run.done, "a guess after the fact is none"
    pupil.click("lesson.choice.0")
    pupil.is_replied("No.", "✗ ")
    assert pupil.run.asks
    pupil.click("lesson.choice.1")
    pupil.is_replied("Yes.", "✓ ")
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=2000)
    assert pupil.run.given == {0: Given(1, "Models", right=False, tries=2)}


def test_going_back_keeps_the_answer_and_what_it_revealed(pupil: Pupil, tmp_path: Path) -> None:
    """Once, the question was open again, and the step had to be repeated."""
    choices = [{"text": "No", "reply": "No."}, {"text": "Yes", "reply": "Yes.", "right": True}]
    path = made(
        tmp_path,
        {
            "text": "Is there a v?",
            "set": {"workspace": "see", "page": "watch", "controls": {"see.show.v": False}},
            "ask": {"choices": choices, "reveal": {"controls": {"see.show.v": True}}},
            "check": {"control": {"see.show.score": True}},
        },
        {"text": "The end.", "set": {"controls": {"see.show.v": False}}},
    )
    pupil.window.learning.lessons.start(load_lesson(path))
    pupil.wait_ready()
    # Not shown until the panel is laid out.
    pupil.qtbot.waitUntil(lambda: find(pupil.window, "lesson.choice.1").isVisible())  # type: ignore[union-attr]
    pupil.click("lesson.choice.1")
    pupil.wait_ready()
    assert set_value(find(pupil.window, "see.show.score"), value=True)
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=2000)
    pupil.next()
    pupil.wait_ready()
    pupil.click("lesson.back")
    pupil.wait_ready()
    pupil.is_replied("Yes.", "✓ ")
    assert not pupil.run.asks
    assert pupil.run.done
    assert value_of(find(pupil.window, "see.show.v")) is True


def test_a_lesson_gives_the_window_back(pupil: Pupil, sprites: Any) -> None:
    """It restores views, page, settings, seed, lock, model, data and the trajectory shown."""
    lab, window = pupil.lab, pupil.window
    with pupil.qtbot.waitSignal(lab.model.changed, timeout=60_000):
        lab.open_model("builtin")
    lab.put_data(Path("own.npz"), sprites)
    window.navigator.go("see", "watch")
    stage = window.navigator.see.watch.stage
    stage.promote("x0")
    for name, value in (
        ("see.mode", "reverse"),
        ("see.show.score", True),
        ("see.sampler", "ddim"),
        ("see.steps", 7),
        ("see.guidance", 3.5),
        ("see.class.food", False),
        ("see.count", 3),
    ):
        assert set_value(find(window, name), value)
    pupil.click("see.generate")
    pupil.qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=60_000)
    seed = value_of(find(window, "see.seed"))
    shown, model = lab.trajectory.value, lab.model.value
    rows = window.findChild(VarietyTable)
    assert rows is not None
    measured: Found = {"settings": {}}
    rows.take_rows(measured)
    pupil.qtbot.waitUntil(lambda: pupil.visible("timeline").isEnabled(), timeout=10_000)
    find(window, "timeline.slider").setValue(2)  # type: ignore[union-attr]
    window.navigator.go("train", "")
    window.learning.lessons.start(load_lesson(SHIPPED[2]))
    assert value_of(find(window, "see.show.score")) is False, "a lesson begins with the usual views"
    assert stage.board.main == "x_t"
    for _ in range(6):
        pupil.wait_ready()
        if pupil.run.step.waits:
            pupil.click("lesson.show")
            pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=60_000)
        pupil.next()
    pupil.wait_ready()
    assert value_of(find(window, "see.steps")) != 7
    stage.promote("x_t")
    pupil.click("lesson.close")
    assert window.current == "train"
    assert lab.model.value is model
    assert lab.data.value is sprites
    assert lab.data_path == Path("own.npz")
    window.navigator.go("see", "watch")
    assert value_of(find(window, "see.show.score")) is True
    assert stage.board.main == "x0", "it had the largest place"
    assert value_of(find(window, "see.sampler")) == "ddim"
    assert value_of(find(window, "see.steps")) == 7
    assert value_of(find(window, "see.guidance")) == 3.5
    assert value_of(find(window, "see.class.food")) is False
    assert value_of(find(window, "see.count")) == 3
    assert value_of(find(window, "see.seed")) == seed
    field = find(window, "see.seed")
    assert isinstance(field, SeedField)
    assert not field.locked
    assert lab.trajectory.value is shown
    assert rows.take_rows({}) is measured
    assert value_of(find(window, "timeline.slider")) == 2


@pytest.mark.parametrize("chosen", [-1, 1])
def test_the_sprite_chosen_before_a_lesson_is_chosen_after_it(
    pupil: Pupil, drawing: Path, chosen: int
) -> None:
    lab, window = pupil.lab, pupil.window
    with pupil.qtbot.waitSignal(lab.model.changed, timeout=60_000):
        lab.open_model("builtin")
    window.navigator.see.restore_settings(SampleConfig(count=3, seed=1, steps=2))
    pupil.click("see.generate")
    pupil.qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=60_000)
    stage = window.navigator.see.watch.stage
    stage.choose(chosen)
    window.learning.lessons.start(load_lesson(drawing))
    pupil.wait_ready()
    pupil.click("see.enlarge")
    assert stage.sprite >= 0
    stage.choose(0)
    window.learning.lessons.close()
    assert stage.sprite == chosen


def test_a_lesson_with_another_model_gives_the_classes_back(pupil: Pupil, tmp_path: Path) -> None:
    lab, window = pupil.lab, pupil.window
    with pupil.qtbot.waitSignal(lab.model.changed, timeout=60_000):
        lab.open_model("builtin")
    reverse = window.navigator.see.watch.reverse
    every = lab.model.value.class_names  # type: ignore[union-attr]
    assert reverse.config().classes == every
    where = {"workspace": "see", "page": "watch", "model": "builtin-student"}
    sample = {"count": 4, "steps": 4, "classes": [every[0]], "seed": 15}
    step = {"text": "x", "set": where | {"sample": sample}}
    window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.wait_ready()
    assert reverse.config().classes == every[:1]
    window.learning.lessons.close()
    assert reverse.config().classes == every


def test_a_lesson_taken_before_there_is_a_model_leaves_every_class(
    pupil: Pupil, tmp_path: Path
) -> None:
    assert pupil.lab.model.value is None
    where = {"workspace": "see", "page": "watch", "model": "builtin"}
    step = {"text": "x", "set": where | {"sample": {"classes": ["food"], "steps": 7}}}
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.wait_ready()
    pupil.window.learning.lessons.close()
    model = pupil.lab.model.value
    assert model is not None
    config = pupil.window.navigator.see.watch.reverse.config()
    assert config.classes == model.class_names
    assert config.steps != 7


def test_what_follows_model_and_trajectory_follows_them_after_a_lesson(
    pupil: Pupil, tmp_path: Path
) -> None:
    """Parts built by a lesson before there were a model and sprites once kept
    that state afterward.
    """
    see, sample = {"workspace": "see", "page": "watch"}, {"steps": 3, "seed": 7}
    steps = (
        {"text": "x", "set": see | {"page": "race", "model": "builtin"}},
        {"text": "x", "set": see | {"sample": sample, "generate": True}},
    )
    watch = pupil.window.navigator.see.watch
    watch.mode.set_value("branch")
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, *steps)))
    pupil.wait_ready()
    pupil.next()
    pupil.wait_ready()
    pupil.window.learning.lessons.close()
    assert value_of(find(pupil.window, "race.class")) == DEALT
    pupil.window.navigator.go("see", "watch")
    watch.mode.set_value("branch")
    watch.timeline_model.set_frame(1)
    pupil.qtbot.waitUntil(lambda: is_at_rest(watch.branching.panel))
    summary = find(pupil.window, "see.branch.summary")
    assert isinstance(summary, QLabel)
    assert summary.text() == "Nothing has been changed yet."


def test_the_process_that_was_looked_at_is_chosen_after_a_lesson(
    pupil: Pupil, drawing: Path
) -> None:
    pupil.window.learning.lessons.start(load_lesson(drawing))
    pupil.wait_ready()
    pupil.window.learning.lessons.close()
    watch = pupil.window.navigator.see.watch
    assert pupil.lab.trajectory.value.kind == "reverse"
    watch.mode.set_value("forward")
    pupil.window.navigator.go("data")
    pupil.window.learning.lessons.start(load_lesson(drawing))
    pupil.wait_ready()
    pupil.window.learning.lessons.close()
    assert watch.mode.value == "forward"


def test_the_stage_has_the_focus_once_lessons_are_closed(pupil: Pupil) -> None:
    pupil.window.activateWindow()
    pupil.window.learning.lessons.show_list()
    assert pupil.window.learning.lessons.panel.isAncestorOf(QApplication.focusWidget())
    pupil.click("lesson.close")
    assert QApplication.focusWidget() is pupil.window.stage


def test_controls_of_a_page_that_a_lesson_makes_are_given_back(
    pupil: Pupil, tmp_path: Path
) -> None:
    controls = {"race.guidance": 6.5}
    step = {"text": "x", "set": {"workspace": "see", "page": "race", "controls": controls}}
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.wait_ready()
    assert value_of(find(pupil.window, "race.guidance")) == 6.5
    pupil.window.learning.lessons.close()
    assert value_of(find(pupil.window, "race.guidance")) == SampleConfig().guidance_scale


def test_a_lesson_on_curves_puts_runs_to_compare_away(pupil: Pupil, tmp_path: Path) -> None:
    """They once left only a strip for the curve, above a table and sheets of samples."""
    settings = pupil.lab.settings
    settings.replace(runs_beside=("another",))
    step = {"text": "x", "set": {"workspace": "train", "page": "curves", "run": "example"}}
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.wait_ready()
    assert settings.value.runs_beside == ()
    pupil.window.learning.lessons.close()
    assert settings.value.runs_beside == ("another",)


@pytest.mark.parametrize("known", [True, False], ids=["known", "made by the lesson"])
def test_lanes_that_a_lesson_adds_and_removes_are_given_back(
    pupil: Pupil, tmp_path: Path, known: bool
) -> None:
    lab, window = pupil.lab, pupil.window
    with pupil.qtbot.waitSignal(lab.model.changed, timeout=60_000):
        lab.open_model("builtin")

    def race() -> RaceRun:
        pupil.qtbot.waitUntil(lambda: bool(window.findChild(RaceRun)), timeout=60_000)
        run = window.findChild(RaceRun)
        assert run is not None
        pupil.qtbot.waitUntil(lambda: len(run.entries) >= 4, timeout=60_000)
        return run

    before = None
    if known:
        window.navigator.go("see", "race")
        before = list(race().entries[:3])
        race().put_back(before)
    step = {"text": "x", "set": {"workspace": "see", "page": "race"}}
    window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.wait_ready()
    if known:
        run = window.findChild(RaceRun)
        assert run is not None
    else:
        run = race()
        before = list(run.entries)
    added = run.add(before[0].ref, "unipc", 12)
    run.remove(before[1])
    assert added in run.entries
    window.learning.lessons.close()
    assert run.entries == before


def test_a_lesson_that_races_begins_with_no_lane_drawn(pupil: Pupil) -> None:
    """Otherwise a race drawn before the lesson would answer its question."""
    lab, window = pupil.lab, pupil.window
    with pupil.qtbot.waitSignal(lab.model.changed, timeout=60_000):
        lab.open_model("builtin")
    window.navigator.go("see", "race")
    run = window.findChild(RaceRun)
    assert run is not None
    pupil.qtbot.waitUntil(lambda: len(run.entries) >= 4, timeout=60_000)
    set_value(find(window, "race.count"), 2)
    set_value(find(window, "race.seed"), 0)
    own = run.add("builtin", "ddim", 1)
    run.race()
    pupil.qtbot.waitUntil(lambda: run.any_done, timeout=60_000)
    run.cancel()
    drawn, lanes = len(run.drawn), list(run.entries)
    window.learning.lessons.start(load_lesson(SHIPPED[5]))
    pupil.wait_ready()
    assert run.drawn == []
    assert own not in run.entries
    window.learning.lessons.close()
    assert len(run.drawn) == drawn
    assert run.entries == lanes


def test_what_a_lesson_measures_goes_with_it(pupil: Pupil, tmp_path: Path) -> None:
    lab, window = pupil.lab, pupil.window
    with pupil.qtbot.waitSignal(lab.model.changed, timeout=60_000):
        lab.open_model("builtin")
    window.navigator.go("measure", "probability")
    page = window.findChild(ProbabilityPage)
    assert page is not None
    own = page.found
    where = {"workspace": "measure", "page": "probability"}
    sample = {"count": 2, "seed": 3, "steps": 2}
    step = {"text": "x", "set": where | {"model": "builtin", "sample": sample, "generate": True}}
    window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.wait_ready()
    set_value(find(window, "measure.source"), "samples")
    set_value(find(window, "measure.count"), 2)
    page.measure()
    pupil.qtbot.waitUntil(lambda: page.found not in (None, own), timeout=60_000)
    measured = page.found
    window.learning.lessons.close()
    assert page.found is not measured
    pupil.qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=60_000)
    assert not list(measured_dir().glob("*.npz")), "or it would be there at the next launch"


def test_what_was_being_measured_when_a_lesson_began_is_kept(pupil: Pupil, tmp_path: Path) -> None:
    lab, window = pupil.lab, pupil.window
    with pupil.qtbot.waitSignal(lab.model.changed, timeout=60_000):
        lab.open_model("builtin")
    window.navigator.go("measure", "probability")
    page = window.findChild(ProbabilityPage)
    assert page is not None
    lab.open_data(None)
    pupil.qtbot.waitUntil(lambda: lab.data.value is not None, timeout=60_000)
    set_value(find(window, "measure.count"), 2)
    page.measure()
    window.learning.lessons.start(load_lesson(made(tmp_path)))
    pupil.qtbot.waitUntil(lambda: bool(list(measured_dir().glob("*.npz"))), timeout=60_000)


def test_sprites_of_a_lesson_that_was_left_do_not_come(
    pupil: Pupil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, window = pupil.lab, pupil.window
    with pupil.qtbot.waitSignal(lab.model.changed, timeout=60_000):
        lab.open_model("builtin")
    window.navigator.see.restore_settings(SampleConfig(count=2, seed=1, steps=2))
    pupil.click("see.generate")
    pupil.qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=60_000)
    own = lab.trajectory.value
    monkeypatch.setattr(tasks, "generate", Held(tasks.generate))
    sample = {"count": 9, "seed": 7, "steps": 200}
    where = {"workspace": "see", "page": "watch", "model": "builtin"}
    step = {"text": "x", "set": where | {"sample": sample, "generate": True}}
    window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.qtbot.waitUntil(lambda: window.navigator.see.watch.is_running, timeout=60_000)
    window.learning.lessons.close()
    assert lab.newest("generate") is None
    pupil.qtbot.waitUntil(lambda: not window.navigator.see.watch.is_running, timeout=60_000)
    assert lab.trajectory.value is own


def test_a_model_that_a_lesson_was_loading_does_not_replace_the_own_one(
    pupil: Pupil, tmp_path: Path
) -> None:
    lab, window = pupil.lab, pupil.window
    with pupil.qtbot.waitSignal(lab.model.changed, timeout=60_000):
        lab.open_model("builtin")
    own = lab.model.value
    step = {"text": "x", "set": {"model": "builtin-student"}}
    window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    assert lab.newest("model")
    window.learning.lessons.close()
    pupil.qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=60_000)
    assert lab.model.value is own
    assert not lab.model_loading.value


def test_changes_of_the_data_set_are_still_unsaved_after_a_lesson(
    pupil: Pupil, sprites: Any
) -> None:
    lab = pupil.lab
    lab.put_data(Path("own.npz"), sprites)
    lab.edits.rename_class(0, "renamed")
    changed = lab.data.value
    lessons = pupil.window.learning.lessons
    lessons.start(load_lesson(SHIPPED[0]))
    pupil.wait_ready()
    assert lab.data.value is not changed
    lessons.close()
    assert lab.data.value is changed
    assert not lab.edits.is_clean


def test_a_window_closed_in_a_lesson_comes_back_as_it_was_before(pupil: Pupil) -> None:
    lab, window = pupil.lab, pupil.window
    with pupil.qtbot.waitSignal(lab.model.changed, timeout=60_000):
        lab.open_model("builtin-student")
    window.navigator.go("data")
    before = lab.settings.value
    window.learning.lessons.start(load_lesson(SHIPPED[1]))
    pupil.wait_ready()
    assert Path(lab.settings.value.model).name == "builtin"
    assert lab.settings.value.workspace == "see"
    window.closing.safe = True
    assert window.close()
    kept = Settings().value
    assert (kept.model, kept.data, kept.workspace) == (before.model, before.data, "data")
    assert kept.sample == before.sample, "its sprites are not those of the next start"
    assert kept.lessons, "the lesson can be gone on with"


def test_a_lesson_gives_back_the_page_of_each_workspace(pupil: Pupil, tmp_path: Path) -> None:
    navigator = pupil.window.navigator
    navigator.go("see", "map")
    navigator.go("data")
    steps = [
        {"text": "x", "set": {"workspace": "see", "page": "race"}},
        {"text": "y", "set": {"workspace": "measure", "page": "memory"}},
    ]
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, *steps)))
    pupil.wait_ready()
    pupil.next()
    pupil.wait_ready()
    assert (navigator.current, navigator.page) == ("measure", "memory")
    pupil.click("lesson.close")
    assert navigator.current == "data"
    assert navigator.see.current == "map"
    assert navigator.measure.current == navigator.measure.names[0]


# -- steps ----------------------------------------------------------------------------------------


def test_show_me_waits_for_a_button_that_is_not_enabled_yet(pupil: Pupil, tmp_path: Path) -> None:
    """Such as one that needs the data set while that is still being read."""
    step = {
        "text": "x",
        "set": {"workspace": "draw"},
        "highlight": "draw.take",
        "check": {"drawing": {"filled": True}},
    }
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.wait_ready()
    assert not pupil.visible("draw.take").isEnabled()
    pupil.click("lesson.show")
    pupil.look()
    assert not pupil.run.done
    pupil.lab.open_data(None)
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=60_000)


def test_show_me_waits_for_a_box_that_is_not_enabled_yet(pupil: Pupil, tmp_path: Path) -> None:
    step = {"text": "x", "check": {"control": {"main.pause": True}}}
    box = pupil.visible("main.pause")
    assert not box.isEnabled()
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.click("lesson.show")
    pupil.look()
    assert not pupil.run.done
    box.setEnabled(True)
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=5000)


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    """A lesson with one step, which generates."""
    sample = {"count": 2, "seed": 7, "steps": 6}
    return made(
        tmp_path,
        {
            "text": "x",
            "set": {"workspace": "see", "page": "watch", "model": "builtin", "sample": sample}
            | {"generate": True},
        },
    )


def test_a_step_shows_its_own_sprites_whatever_is_being_drawn(pupil: Pupil, drawing: Path) -> None:
    lab, window = pupil.lab, pupil.window
    with pupil.qtbot.waitSignal(lab.model.changed, timeout=60_000):
        lab.open_model("builtin")
    window.navigator.see.restore_settings(SampleConfig(count=16, seed=1, steps=400))
    pupil.click("see.generate")
    pupil.qtbot.waitUntil(lambda: bool(lab.jobs.handles), timeout=10_000)
    window.learning.lessons.start(load_lesson(drawing))
    pupil.wait_ready()
    trajectory = lab.trajectory.value
    assert trajectory is not None
    assert trajectory.config is not None
    assert (trajectory.config.seed, trajectory.config.steps) == (7, 6)


def test_a_step_is_shown_while_something_else_is_computed(pupil: Pupil, tmp_path: Path) -> None:
    """Such as a training run, which may take hours."""

    def run(control: RunControl) -> Run[None]:
        while not control.stop_requested:
            yield None

    pupil.lab.do(Task(run), pupil.lab, name="Training")
    sample = {"count": 2, "seed": 7, "steps": 6}
    step = {
        "text": "x",
        "set": {"workspace": "see", "page": "watch", "model": "builtin", "sample": sample}
        | {"generate": True, "timeline": "clean"},
        "check": {"timeline": "noise"},
    }
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.wait_ready()
    pupil.click("lesson.show")
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=10_000)


def test_a_step_whose_sprites_do_not_come_continues(pupil: Pupil, drawing: Path) -> None:
    lab, window = pupil.lab, pupil.window
    with pupil.qtbot.waitSignal(lab.model.changed, timeout=60_000):
        lab.open_model("builtin")
    lab.jobs.started.connect(lambda job: job.cancel())
    window.learning.lessons.start(load_lesson(drawing))
    pupil.wait_ready()
    assert lab.trajectory.value is None


@pytest.fixture
def rewound(pupil: Pupil, tmp_path: Path) -> Pupil:
    """Generates in the first step of a lesson; the second one moves the timeline to the noise, and
    asks for its clean end.
    """
    sample = {"count": 2, "seed": 7, "steps": 6}
    generates = {
        "text": "x",
        "set": {"workspace": "see", "page": "watch", "model": "builtin", "sample": sample},
        "check": {"trajectory": {"steps": 12}},
    }
    rewinds = {"text": "y", "set": {"timeline": "noise"}, "check": {"timeline": "clean"}}
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, generates, rewinds)))
    pupil.wait_ready()
    return pupil


def assert_at_noise(pupil: Pupil) -> None:
    pupil.wait_ready()
    pupil.look()
    assert pupil.run.index == 1
    level = pupil.run._driver.level()
    assert level is not None
    assert level.value == level.noise
    assert not pupil.run.done, "it asks for what is there already"


def test_sprites_that_come_late_do_not_move_the_timeline_of_the_next_step(rewound: Pupil) -> None:
    rewound.set("see.steps", 12)
    rewound.click("see.generate")
    rewound.qtbot.waitUntil(lambda: rewound.run.done, timeout=20_000)
    rewound.qtbot.waitUntil(lambda: not rewound.lab.jobs.handles, timeout=10_000)
    rewound.set("see.steps", 200)
    rewound.click("see.generate")
    rewound.next()
    assert rewound.lab.newest("generate") is not None
    assert_at_noise(rewound)
    assert rewound.lab.newest("generate") is None


def test_a_step_is_not_shown_because_the_one_before_it_was(rewound: Pupil) -> None:
    """Work that remains for the user once sprites are there belongs to the sprites' own step."""

    def go_on(*_: object) -> None:
        run.look()
        run.forward()

    run = rewound.run
    rewound.lab.trajectory.changed.connect(go_on)
    with rewound.qtbot.waitSignal(rewound.lab.trajectory.changed, timeout=20_000):
        rewound.click("lesson.show")
    rewound.lab.trajectory.changed.disconnect(go_on)
    assert_at_noise(rewound)


def test_show_me_gives_a_right_number(pupil: Pupil) -> None:
    """It once left the 0 % that nobody had typed, and praised the guess."""
    pupil.window.learning.lessons.start(load_lesson(SHIPPED[3]))
    pupil.wait_ready()
    ask = pupil.run.step.ask
    pupil.click("lesson.show")
    field = pupil.spin("lesson.number")
    assert ask.number[0] <= field.value() <= ask.number[1]
    pupil.is_replied(ask.right, "✓ ")


def test_the_last_step_of_a_lesson_shows_sprites_of_the_open_model(pupil: Pupil) -> None:
    """They were once gray, because the previous model had made them."""
    for path in (SHIPPED[2], SHIPPED[9]):
        lesson = load_lesson(path)
        pupil.window.learning.lessons.start(lesson, len(lesson.steps) - 1)
        pupil.wait_ready()
        trajectory, model = pupil.lab.trajectory.value, pupil.lab.model.value
        assert trajectory is not None
        assert model is not None
        assert trajectory.model == model.key


def test_what_is_not_computed_yet_cannot_be_pointed_at(pupil: Pupil, tmp_path: Path) -> None:
    ask = {"at": "class.decided", "within": 9, "low": "l", "high": "h", "right": "r"}
    sample = {"count": 2, "seed": 7, "steps": 2}
    setup = {"workspace": "see", "page": "class", "model": "builtin", "sample": sample}
    step = {"text": "x", "set": {**setup, "generate": True}, "ask": ask}
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.wait_ready()
    assert pupil.window.navigator.page == "class", "though sprites come in Watch"
    pupil.move("noise")
    set_lesson_value(pupil.visible("class.decided"), None)
    pupil.click("lesson.here")
    pupil.is_replied("Wait until it is computed.")
    assert not pupil.run.given, "that is no answer"

    # Show me waits for it, too: it once praised an answer at a place where the timeline was not.
    pupil.click("lesson.show")
    pupil.is_replied("Wait until it is computed.")
    assert pupil.run.asks
    set_lesson_value(pupil.visible("class.decided"), 0.0)
    pupil.qtbot.waitUntil(lambda: pupil.run.done)
    pupil.is_replied("r", "✓ ")
    slider = pupil.visible("timeline.slider")
    assert slider.value() == slider.maximum(), "it went there"


def test_the_training_shown_before_a_lesson_is_shown_after_it(pupil: Pupil, tmp_path: Path) -> None:
    shown = pupil.lab.training_runs.last_run
    shown.set(own := tmp_path / "own")
    step = {"text": "x", "set": {"workspace": "train", "page": "levels", "run": "example"}}
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.wait_ready()
    assert shown.value == example_run()
    pupil.click("lesson.close")
    assert shown.value == own


def test_a_lesson_continues_where_it_was_left(pupil: Pupil) -> None:
    lesson = load_lesson(SHIPPED[4])
    lessons = pupil.window.learning.lessons
    lessons.start(lesson)
    for _ in range(3):
        pupil.wait_ready()
        pupil.click("lesson.show")
        pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=60_000)
        pupil.next()
    assert pupil.run.index == 3
    pupil.wait_ready()
    pupil.run.answer(1)
    lessons.close()
    lessons.start(lesson)
    assert pupil.run.index == 3
    pupil.wait_ready()
    assert pupil.run.wrong == {lesson.steps[3].ask.choices[1].text}
    trajectory = pupil.lab.trajectory.value
    assert trajectory is not None
    assert trajectory.config is not None
    assert trajectory.config.guidance_scale == 8, "as the steps before it left it"
    assert (trajectory.config.classes, trajectory.config.count) == (("item",), 64)
    pupil.click("lesson.back")
    pupil.wait_ready()
    assert pupil.run.done
    assert pupil.run.reply.startswith("Yes")
    pupil.next()
    pupil.wait_ready()
    # The link leads back to it, wherever the user has gone.
    pupil.window.navigator.go("draw")
    pupil.click("lesson.scene")
    pupil.wait_ready()
    assert pupil.window.current == "see"


def test_rows_of_a_lesson_are_found_again(pupil: Pupil) -> None:
    """The next step compares two of them, of which the first was once gone."""
    lesson, lessons = load_lesson(SHIPPED[4]), pupil.window.learning.lessons
    lessons.start(lesson)
    pupil.wait_ready()
    table = pupil.window.findChild(VarietyTable)
    assert table is not None
    table.take_rows(in_lesson := {"settings": {}})
    lessons.close()
    assert table.take_rows(before := {"others": {}}) is not in_lesson
    lessons.start(lesson)
    assert table.take_rows(in_lesson) is in_lesson
    lessons.close()
    assert table.take_rows({}) is before


def test_an_answer_need_not_be_given_again(pupil: Pupil, tmp_path: Path) -> None:
    """Once, the question was asked again unless the step was done, too."""
    ask = {"choices": [{"text": "a", "reply": "Yes", "right": True}, {"text": "b", "reply": "No"}]}
    check = {"control": {"see.enlarge": True}}
    path = made(tmp_path, {"text": "x", "set": {"workspace": "see"}, "ask": ask, "check": check})
    lesson, lessons = load_lesson(path), pupil.window.learning.lessons
    for answered in (False, True):
        lessons.start(lesson)
        pupil.wait_ready()
        assert pupil.run.asks != answered
        assert not pupil.run.done
        pupil.run.answer(0)
        lessons.close()


@pytest.mark.parametrize(
    ("stem", "step"), [("06-samplers", 1), ("08-likelihood", 1)], ids=lambda value: str(value)
)
def test_what_an_earlier_step_computed_is_computed_again(
    pupil: Pupil, stem: str, step: int
) -> None:
    """Lessons once continued with empty pages, where nothing could be moved, selected or shown."""
    window = pupil.window
    lesson = load_lesson(next(path for path in SHIPPED if path.stem == stem))
    window.learning.lessons.start(lesson, step)
    pupil.wait_ready()
    pupil.click("lesson.show")
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=60_000)
    assert not empty_states(window)
    pupil.end_races()
    # It is not computed again, however, while it is there.
    started = []
    pupil.lab.jobs.started.connect(lambda job: started.append(job.name))
    pupil.next()
    pupil.wait_ready()
    pupil.click("lesson.back")
    pupil.wait_ready()
    pupil.look()
    assert not [name for name in started if name.startswith(("Measuring", "Racing"))]


#: Steps of the lesson on inpainting, counted from 0: take sprites, keep pixels, generate again, and
#: generate from drawings.
TAKE, KEEP, AGAIN, SOFTEN = 3, 5, 7, 9


@pytest.fixture
def inpainter(pupil: Pupil) -> Pupil:
    """A pupil after the step of the lesson on inpainting that makes drawings."""
    lesson = load_lesson(next(path for path in SHIPPED if "inpainting" in path.stem))
    pupil.window.learning.lessons.start(lesson)
    resume(pupil, TAKE)
    pupil.click("draw.take")
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=30_000)
    return pupil


def resume(pupil: Pupil, index: int) -> None:
    pupil.run.start(index)
    pupil.wait_ready()


def change_cells(pupil: Pupil, change: Callable[[Cell], Cell]) -> None:
    project = pupil.lab.project
    project.put({i: change(cell) for i, cell in enumerate(project.cells)}, "Change")


def keep_half(cell: Cell) -> Cell:
    # Half of the drawn pixels: sprites are taken at random, and their upper half may be nearly
    # empty.
    drawn = np.flatnonzero(cell.rgba[..., 3]).tolist()
    return cell.masked(dict.fromkeys(drawn[: -(-len(drawn) // 2)], 0))


def keep_nothing(cell: Cell) -> Cell:
    return cell.masked(dict.fromkeys(range(256), 255))


def cleared(cell: Cell) -> Cell:
    return cell.painted(dict.fromkeys(range(256), (0, 0, 0, 0)))


def test_a_lesson_continues_where_drawings_that_are_gone_are_made(inpainter: Pupil) -> None:
    resume(inpainter, SOFTEN)
    assert inpainter.run.index == KEEP, "nothing is kept"
    change_cells(inpainter, keep_half)
    resume(inpainter, SOFTEN)
    assert inpainter.run.index == SOFTEN
    assert not inpainter.run.reply
    change_cells(inpainter, cleared)
    resume(inpainter, SOFTEN)
    assert inpainter.run.index == TAKE
    assert "is gone" in inpainter.run.reply


@pytest.mark.parametrize(("change", "step"), [(cleared, TAKE), (keep_nothing, KEEP)])
def test_the_scene_of_a_step_includes_the_drawing_that_it_needs(
    inpainter: Pupil, change: Callable[[Cell], Cell], step: int
) -> None:
    """Only pages and controls once came back, so the step could not be done."""
    change_cells(inpainter, keep_half)
    resume(inpainter, KEEP + 1)
    inpainter.click("lesson.scene")
    inpainter.wait_ready()
    assert (inpainter.run.index, inpainter.run.reply) == (KEEP + 1, ""), "nothing is lost"
    change_cells(inpainter, change)
    inpainter.click("lesson.scene")
    assert inpainter.run.index == step
    assert "is gone" in inpainter.run.reply


def test_a_step_that_was_skipped_is_asked_for_where_a_later_one_needs_it(inpainter: Pupil) -> None:
    inpainter.run.start(KEEP)
    inpainter.wait_ready()
    inpainter.run.forward()
    inpainter.wait_ready()
    inpainter.click("lesson.scene")
    assert inpainter.run.index == KEEP
    assert inpainter.run.reply == "The steps after this one need what you draw here."


def test_a_link_changes_no_drawing_of_the_user(pupil: Pupil) -> None:
    """It tells what to draw; once it said that a drawing was gone, even if there was one."""
    project = pupil.lab.project
    own = project.cell(0).painted({0: (255, 0, 0, 255)})
    project.put({0: own}, "Paint")
    follow(pupil, f"09-inpainting/{SOFTEN + 1}")
    pupil.look()
    assert pupil.run.index == KEEP
    assert pupil.run.reply == "The steps after this one need what you draw here."
    assert project.cell(0) == own
    change_cells(pupil, keep_half)
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=30_000)
    assert not pupil.run.reply


#: Each link of the ten questions and of the lessons to a step.
LINKS = sorted(
    {
        link
        for path in (resource("ten-questions.json"), *SHIPPED)
        for link in re.findall(r"\(step:([\w/-]+)\)", path.read_text("utf-8"))
    }
)


def empty_states(window: MainWindow) -> list[str]:
    """The texts that the stage shows when it has nothing to show."""
    found = window.navigator.stage.findChildren(EmptyState)
    return [part.objectName() for part in found if part.isVisible()]


def follow(pupil: Pupil, link: str) -> None:
    """Follow a link of the ten questions."""
    lessons = pupil.window.learning.lessons
    lessons.start(load_lesson(resource("ten-questions.json")))
    lessons.panel.step_wanted.emit(link)
    pupil.qtbot.waitUntil(lambda: not pupil.run.lesson.test, timeout=10_000)
    pupil.wait_ready()


@pytest.mark.parametrize("link", LINKS)
def test_a_link_leads_to_a_view_that_shows_the_answer(pupil: Pupil, link: str) -> None:
    """The step's own task is done and its question answered, but neither counts as the user's."""
    window = pupil.window
    follow(pupil, link)
    place = find(window, "class.decided")
    if place is not None:
        pupil.decide(place)
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=60_000)
    assert f"{pupil.run.lesson.path.stem}/{pupil.run.index + 1}" == link
    pupil.qtbot.waitUntil(lambda: not empty_states(window), timeout=20_000)
    assert not pupil.run.given
    assert not pupil.lab.settings.value.lessons.get(pupil.run.lesson.key, {}).get("answers")


def test_what_is_missing_of_the_kept_pixels_is_told(inpainter: Pupil) -> None:
    resume(inpainter, KEEP)
    assert inpainter.run.hint == ""
    for last, told in ((256, "All is kept"), (0, "")):
        change_cells(inpainter, keep_nothing)
        change_cells(inpainter, lambda cell, last=last: cell.masked(dict.fromkeys(range(last), 0)))
        assert inpainter.run.hint.startswith(told)
    cells = inpainter.lab.project.cells
    drawn = [int(np.flatnonzero(cell.rgba[..., 3].ravel())[0]) for cell in cells[:1]]
    inpainter.lab.project.put({0: cells[0].masked({drawn[0]: 0})}, "Change")
    state = inpainter.visible("lesson.state")
    assert isinstance(state, QLabel)
    words = r"Drawn pixels kept: 1\. Keep at least \d+ of one sprite\."
    inpainter.qtbot.waitUntil(lambda: bool(re.match(words, state.text())), timeout=5000)


def test_what_is_kept_while_a_step_waits_counts(inpainter: Pupil) -> None:
    """The drawing was once compared with that at the start of the step, and the
    lesson got stuck.
    """
    change_cells(inpainter, keep_half)
    resume(inpainter, SOFTEN)
    change_cells(inpainter, keep_nothing)
    inpainter.click("draw.from_drawing")
    for kept in (False, True):
        inpainter.click("draw.generate")
        inpainter.qtbot.waitUntil(lambda: not inpainter.lab.jobs.handles, timeout=60_000)
        inpainter.look()
        assert inpainter.run.done == kept
        change_cells(inpainter, keep_half)


def test_to_undo_or_redo_is_not_to_generate(inpainter: Pupil) -> None:
    change_cells(inpainter, keep_half)
    for _ in range(2):
        inpainter.click("draw.generate")
        inpainter.qtbot.waitUntil(lambda: not inpainter.lab.jobs.handles, timeout=60_000)
    resume(inpainter, AGAIN)
    inpainter.answer(inpainter.run.step)
    history = inpainter.lab.project.history
    for go in (history.undo, history.redo):
        before = inpainter.lab.project.cells
        go()
        assert inpainter.lab.project.cells != before
        inpainter.look()
        assert not inpainter.run.done
    inpainter.click("draw.generate")
    inpainter.qtbot.waitUntil(lambda: inpainter.run.done, timeout=60_000)


def test_show_me_makes_the_drawing_that_is_missing(inpainter: Pupil) -> None:
    change_cells(inpainter, keep_half)
    resume(inpainter, SOFTEN)
    change_cells(inpainter, cleared)
    inpainter.click("lesson.show")
    inpainter.qtbot.waitUntil(lambda: inpainter.run.done, timeout=60_000)


def test_a_lesson_draws_in_the_selected_cell_alone(pupil: Pupil) -> None:
    """It once masked everything that the user had drawn, and took that for the result."""
    project, draw = pupil.lab.project, pupil.window.navigator.draw
    own = {i: project.cell(i).painted({0: (255, 0, 0, 255)}) for i in (0, 1, 2)}
    project.put(own, "Paint")
    draw.grid.set_selection([5])
    pupil.window.learning.lessons.start(load_lesson(SHIPPED[8]))
    resume(pupil, TAKE)
    pupil.look()
    assert not pupil.run.done
    for step in (TAKE, KEEP, AGAIN - 1):
        resume(pupil, step)
        pupil.click("lesson.show")
        pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=60_000)
    drawn = project.cell(5)
    assert drawn.keep.any()
    assert drawn.made_by is not None
    assert {i: project.cell(i) for i in own} == own


def test_show_me_keeps_half_of_what_is_drawn_wherever_it_is(inpainter: Pupil) -> None:
    """In a low sprite, the upper half of the cell has too few pixels; the step once never ended."""
    low = Cell().painted(dict.fromkeys(range(13 * 16, 256), (255, 0, 0, 255)))
    inpainter.lab.project.put({0: low}, "Change")
    resume(inpainter, KEEP)
    inpainter.click("lesson.show")
    inpainter.qtbot.waitUntil(lambda: inpainter.run.done, timeout=30_000)
    assert np.count_nonzero(inpainter.lab.project.cell(0).keep[13:]) == 24


@pytest.mark.parametrize("page", ["path", "terrain", "character", "batch"])
def test_a_lesson_shows_the_canvas_and_gives_the_page_back(pupil: Pupil, page: str) -> None:
    navigator = pupil.window.navigator
    navigator.go("draw", page)
    pupil.window.learning.lessons.start(load_lesson(SHIPPED[8]))
    resume(pupil, TAKE)
    assert navigator.page == ""
    assert pupil.visible("draw.canvas")
    pupil.window.learning.lessons.close()
    assert (navigator.current, navigator.page) == ("draw", page)


def test_a_step_that_was_done_is_not_done_again(pupil: Pupil, tmp_path: Path) -> None:
    steps = [
        {"text": "x", "check": {"workspace": "data"}},
        {"text": "y", "check": {"workspace": "train"}},
    ]
    lesson = load_lesson(made(tmp_path, *steps))
    lessons = pupil.window.learning.lessons
    lessons.start(lesson)
    pupil.wait_ready()
    pupil.click("workspace.data")
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=10_000)
    lessons.close()
    lessons.start(lesson)
    assert pupil.run.index == 1


def test_a_lesson_that_was_finished_can_be_leafed_through(pupil: Pupil, tmp_path: Path) -> None:
    """Next was once gray until each task was done again."""
    ask = {"choices": [{"text": "a", "right": True, "reply": "yes"}, {"text": "b", "reply": "no"}]}
    steps = [
        {"text": "x", "check": {"workspace": "data"}},
        {"text": "y", "ask": ask},
        {"text": "z", "check": {"control": {"see.sampler": "ddim"}}, "set": {"workspace": "see"}},
        {"text": "w", "check": {"workspace": "train"}},
    ]
    lesson = load_lesson(made(tmp_path, *steps))
    lessons = pupil.window.learning.lessons
    known = {lesson.key: replace(lesson.taken({}), reached=3).to_json()}
    pupil.lab.settings.replace(lessons=known)
    lessons.start(lesson, 0)
    for _ in range(3):
        pupil.wait_ready()
        assert not pupil.run.done
        pupil.next()
    pupil.wait_ready()
    assert value_of(find(pupil.window, "see.sampler")) == "ddim", "as if the step had been done"
    assert not pupil.visible("lesson.next").isEnabled(), "this step was never done"
    pupil.click("lesson.back")
    pupil.wait_ready()
    assert pupil.visible("lesson.next").isEnabled()


def test_neither_a_link_nor_going_back_changes_the_progress(pupil: Pupil, tmp_path: Path) -> None:
    lesson = load_lesson(made(tmp_path, *({"text": text} for text in "abcd")))
    lessons = pupil.window.learning.lessons

    def reached() -> int:
        return lesson.taken(pupil.lab.settings.value.lessons).reached

    lessons.start(lesson, 3)
    pupil.wait_ready()
    pupil.next()  # finishes the lesson
    assert reached() == 0, "three steps were skipped"
    lessons.start(lesson)
    for _ in range(2):
        pupil.wait_ready()
        pupil.next()
    pupil.wait_ready()
    there = reached()
    assert there >= 2
    for _ in range(2):
        pupil.click("lesson.back")
        pupil.wait_ready()
    assert reached() == there
    lessons.start(lesson, 0)
    assert reached() == there


def test_the_list_marks_the_lesson_that_is_not_finished(pupil: Pupil) -> None:
    lessons = pupil.window.learning.lessons
    lessons.show_list()
    chooser = pupil.visible("lesson.list")
    assert isinstance(chooser, QListWidget)
    pupil.qtbot.waitUntil(lambda: chooser.count() == 12, timeout=5000)
    item = chooser.item(3)
    chooser.itemActivated.emit(item)
    lesson = pupil.run.lesson
    pupil.click("lesson.all")
    assert chooser.currentRow() == 3
    lessons.start(lesson)
    for _ in lesson.steps:
        pupil.wait_ready()
        if pupil.run.step.waits:
            pupil.click("lesson.show")
            pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=60_000)
        pupil.next()
    assert pupil.run is None
    assert chooser.currentRow() == 4


def test_the_list_shows_all_lessons_and_marks_the_one_in_progress(pupil: Pupil) -> None:
    """At the first opening, as after a restart."""
    lesson = load_lesson(SHIPPED[2])
    begun = TakenLesson(lesson.name, lesson.title, len(lesson.steps), 3)
    pupil.lab.settings.replace(lessons={begun.key: begun.to_json()})
    pupil.window.learning.lessons.show_list()
    chooser = pupil.visible("lesson.list")
    assert isinstance(chooser, QListWidget)
    pupil.qtbot.waitUntil(lambda: chooser.count() == 12, timeout=5000)
    settle(pupil.window)
    assert not chooser.verticalScrollBar().isVisible()
    assert chooser.currentRow() == 3
    pupil.qtbot.keyClick(chooser, Qt.Key.Key_Return)
    assert pupil.run.lesson.title == lesson.title
    assert pupil.run.index == 3


def test_other_noise_is_not_what_a_step_takes_for_other_sprites(pupil: Pupil) -> None:
    lesson = load_lesson(SHIPPED[0])
    asks_for_others = ["other" in (step.check.trajectory or {}) for step in lesson.steps]
    pupil.window.learning.lessons.start(lesson)
    pupil.run.start(asks_for_others.index(True))
    pupil.wait_ready()
    before = pupil.lab.trajectory.value
    pupil.set("see.forward_noise", "fresh")
    pupil.qtbot.waitUntil(lambda: pupil.lab.trajectory.value is not before, timeout=60_000)
    pupil.answer(pupil.run.step)
    pupil.look()
    assert not pupil.run.done
    pupil.click("see.random")
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=60_000)


def test_nothing_is_wrong_before_anything_was_tried(pupil: Pupil) -> None:
    """The scene of a step, computed while it asks, once counted as a failed first try."""
    pupil.window.learning.lessons.start(load_lesson(SHIPPED[0]), 4)
    pupil.wait_ready()
    pupil.answer(pupil.run.step)
    pupil.click("lesson.show")
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=60_000)
    before = pupil.lab.trajectory.value
    pupil.next()
    pupil.qtbot.waitUntil(lambda: pupil.lab.trajectory.value is not before, timeout=60_000)
    pupil.answer(pupil.run.step)
    assert pupil.run.hint == ""
    pupil.click("see.random")
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=60_000)


def test_the_keys_reach_the_timeline_from_a_checkbox(pupil: Pupil) -> None:
    """Twelve presses of Right once ended in the Data workspace."""
    lab, window = pupil.lab, pupil.window
    with pupil.qtbot.waitSignal(lab.model.changed, timeout=60_000):
        lab.open_model("builtin")
    window.navigator.go("see", "watch")
    window.navigator.see.generate()
    pupil.qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=60_000)
    pupil.qtbot.waitUntil(lambda: pupil.visible("timeline").isEnabled(), timeout=10_000)
    slider = pupil.visible("timeline.slider")
    pupil.qtbot.keyClick(slider, Qt.Key.Key_Home)
    box = pupil.visible("see.class.food")
    box.setFocus()
    for _ in range(3):
        pupil.qtbot.keyClick(box, Qt.Key.Key_Right)
    assert value_of(slider) == 3
    assert window.current == "see"
    assert box.hasFocus()
    field = find(window, "see.seed.field")
    assert field is not None
    field.setFocus()
    pupil.qtbot.keyClick(field, Qt.Key.Key_Left)
    assert value_of(slider) == 3, "in a text field they move the cursor"


def test_the_control_of_a_step_gets_the_keys(pupil: Pupil, tmp_path: Path) -> None:
    step = {
        "text": "x",
        "set": {"workspace": "see", "page": "watch", "controls": {"see.mode": "reverse"}},
        "highlight": "see.steps",
        "check": {"control": {"see.steps": 5}},
    }
    with pupil.qtbot.waitSignal(pupil.lab.model.changed, timeout=60_000):
        pupil.lab.open_model("builtin")
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    field = pupil.spin("see.steps.field")
    pupil.qtbot.waitUntil(field.hasFocus, timeout=2000)
    ring = pupil.window.findChild(QWidget, "lesson.ring")
    assert not ring.isVisible(), "first one looks for oneself"
    pupil.click("lesson.hint")
    pupil.qtbot.waitUntil(ring.isVisible, timeout=2000)
    field.setFocus()
    pupil.qtbot.keyClicks(field, "5")  # replaces the number in the field
    pupil.qtbot.keyClick(field, Qt.Key.Key_Return)
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=2000)


def test_the_text_has_the_keys_until_its_question_is_answered(pupil: Pupil, tmp_path: Path) -> None:
    """From there Tab leads to the choices; Qt once gave the focus to a tab of a workspace."""
    choices = [{"text": "a", "reply": "No."}, {"text": "b", "reply": "Yes.", "right": True}]
    sample = {"count": 2, "seed": 7, "steps": 6}
    where = {"workspace": "see", "page": "watch", "model": "builtin"}
    setup = where | {"sample": sample, "generate": True}
    step = {"text": "x", "set": setup, "ask": {"choices": choices}}
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    text = pupil.visible("lesson.text")
    assert text.hasFocus(), "while it is set up"
    pupil.wait_ready()
    pupil.look()
    assert text.hasFocus()
    pupil.qtbot.keyClick(text, Qt.Key.Key_Tab)
    assert pupil.visible("lesson.choice.0").hasFocus()


CHOICES = [
    {
        "text": "Nearly all, except the one that adds noise of its own",
        "reply": "Yes.",
        "right": True,
    },
    {"text": "None", "reply": "No."},
]


def test_a_question_without_a_timeline_has_the_keys(pupil: Pupil, tmp_path: Path) -> None:
    """They must not go to whatever follows the pressed button, such as one that fills the cells."""
    ask = {"set": {"workspace": "draw"}, "ask": {"choices": CHOICES}}
    steps = [{"text": "x", "highlight": "draw.take"}, {"text": "y", **ask}]
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, *steps)))
    pupil.wait_ready()
    pupil.next()
    pupil.wait_ready()
    pupil.look()
    assert pupil.visible("lesson.text").hasFocus()
    pupil.qtbot.keyClick(pupil.visible("lesson.text"), Qt.Key.Key_Tab)
    assert pupil.visible("lesson.choice.0").hasFocus()


def test_a_choice_is_not_wrapped_anew_by_its_tick(pupil: Pupil, tmp_path: Path) -> None:
    step = {"text": "x", "ask": {"choices": CHOICES}}
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.wait_ready()
    settle(pupil.window)
    words = pupil.visible("lesson.choice.0").findChild(QLabel)
    assert words is not None
    width = words.width()
    pupil.click("lesson.choice.0")
    settle(pupil.window)
    assert words.width() == width


#: A step done by any Generate.
GENERATE = {
    "text": "x",
    "set": {
        "workspace": "see",
        "page": "watch",
        "model": "builtin",
        "controls": {"see.mode": "reverse"},
    },
    "check": {"trajectory": {}},
}


def test_the_state_tells_whose_turn_it_is(pupil: Pupil, tmp_path: Path) -> None:
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, GENERATE)))
    pupil.wait_ready()
    state = pupil.visible("lesson.state")
    assert isinstance(state, QLabel)
    assert state.text() == tr("Your turn.")
    pupil.click("see.generate")
    assert state.text() == tr("Computing…")
    pupil.qtbot.waitUntil(lambda: state.text() == tr("Done."), timeout=60_000)


def test_what_is_shown_is_not_begun_again(pupil: Pupil, tmp_path: Path) -> None:
    """Each press of Show me once restarted the sampling that the step waits for."""
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, GENERATE)))
    pupil.wait_ready()
    pupil.click("lesson.show")
    show = pupil.visible("lesson.show")
    pupil.qtbot.waitUntil(lambda: bool(pupil.window.lab.jobs.handles) or not show.isVisible())
    assert not (show.isVisible() and show.isEnabled())


def test_sprites_with_other_settings_are_told_what_to_check(pupil: Pupil, tmp_path: Path) -> None:
    """Once, a Generate with wrong settings had no visible effect."""
    step = {
        "text": "x",
        "set": {
            "workspace": "see",
            "page": "watch",
            "model": "builtin",
            "sample": {"count": 1, "steps": 3, "sampler": "ddim"},
        },
        "check": {"trajectory": {"steps": 2, "sampler": "euler", "other": ["seed"]}},
    }
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.wait_ready()
    state = pupil.visible("lesson.state")
    assert isinstance(state, QLabel)
    for name, value, told in (
        ("see.steps", 4, "Not quite. Check: Steps, Sampler."),
        ("see.sampler", "euler", "Not quite. Check: Steps."),
        ("see.steps", 2, "Done."),
    ):
        pupil.set(name, value)
        pupil.click("see.seed.dice")
        pupil.click("see.generate")
        pupil.qtbot.waitUntil(lambda: not pupil.lab.jobs.handles, timeout=60_000)
        pupil.look()
        assert state.text() == told


def test_after_the_settings_are_right_generate_is_what_is_missing(
    pupil: Pupil, tmp_path: Path
) -> None:
    """It once still said "Check: Seed" after the dice were thrown."""
    sample = {"count": 1, "steps": 2, "seed": 7}
    scene = {"workspace": "see", "page": "watch", "model": "builtin", "sample": sample}
    step = {
        "text": "x",
        "set": {**scene, "generate": True},
        "check": {"trajectory": {"kind": "reverse", "steps": 2, "other": ["seed"]}},
    }
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.wait_ready()
    state = pupil.visible("lesson.state")
    assert isinstance(state, QLabel)
    for name, told in (
        ("see.generate", "Same as before. Next, change: Seed."),
        ("see.seed.dice", "Now press Generate."),
        ("see.generate", "Done."),
    ):
        pupil.click(name)
        pupil.qtbot.waitUntil(lambda told=told: state.text() == told, timeout=60_000)


@pytest.mark.parametrize(
    ("check", "wrong", "told", "right"),
    [
        ({"control": {"see.schedule": "cosine"}}, ("see.schedule", "karras"),
         "Not quite. Check: Schedule.", ("see.schedule", "cosine")),
        ({"control": {"see.enlarge": True}}, ("see.show.v", True),
         "Not quite. Check: Enlarge.", ("see.enlarge", True)),
        ({"timeline": [100, 200]}, ("timeline.t", 300),
         "Not there yet: move the timeline further to the right.", ("timeline.t", 150)),
        ({"timeline": "noise"}, ("timeline.t", 300),
         "Not there yet: move the timeline further to the left.", ("timeline.t", 500)),
        ({"log_snr": [-1, 1]}, ("timeline.t", 20),
         "Not there yet: move the timeline further to the left.", ("timeline.t", 206)),
        ({"workspace": "measure"}, ("workspace.train", True),
         "Not quite: this is another page.", ("workspace.measure", True)),
        ({"workspace": "measure", "page": "memory"}, ("workspace.measure", True),
         "Now choose “Memorization” at the top.", ("measure.tabs.memory", True)),
    ],
)  # fmt: skip
def test_what_was_tried_in_vain_gets_a_reply(
    pupil: Pupil,
    tmp_path: Path,
    check: dict[str, Any],
    wrong: tuple[str, Any],
    told: str,
    right: tuple[str, Any],
) -> None:
    """Once, only sprites with other settings were mentioned; otherwise it just
    said "Your turn.".
    """
    scene = {
        "workspace": "see",
        "page": "watch",
        "data": "builtin",
        "model": "builtin",
        "controls": {"see.mode": "forward", "see.schedule": "model", "see.enlarge": False},
        "dissolve": [0, 1],
        "timeline": "clean",
    }
    pupil.window.learning.lessons.start(
        load_lesson(made(tmp_path, {"text": "x", "set": scene, "check": check}))
    )
    pupil.wait_ready()
    state = pupil.visible("lesson.state")
    assert isinstance(state, QLabel)
    pupil.look()
    for name, value in (wrong, right):
        assert state.text() in (tr("Your turn."), told)
        if name == "timeline.t":
            pupil.type_number(pupil.spin(name), value)
        else:
            pupil.set(name, value)
        said = told if (name, value) == wrong else tr("Done.")
        pupil.qtbot.waitUntil(lambda said=said: state.text() == said, timeout=20_000)


def test_another_sampler_than_asked_for_is_not_the_lane_of_a_step(pupil: Pupil) -> None:
    """Once, any lane was accepted, and even none."""
    lesson = load_lesson(next(path for path in SHIPPED if "samplers" in path.stem))
    pupil.window.learning.lessons.start(lesson, at=2)
    pupil.wait_ready()
    pupil.answer(lesson.steps[2])
    pupil.qtbot.waitUntil(pupil.visible("race.add.sampler").isEnabled, timeout=60_000)
    pupil.set("race.add.sampler", "euler")
    pupil.click("race.add")
    state = pupil.visible("lesson.state")
    assert isinstance(state, QLabel)
    pupil.qtbot.waitUntil(lambda: state.text() == "Not quite. Check: Sampler.", timeout=20_000)
    pupil.set("race.add.sampler", "unipc")
    pupil.click("race.add")
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=20_000)


def test_a_single_step_of_a_race_has_no_words(pupil: Pupil) -> None:
    """With words it would be no blur, as the step says. Their box was once gray
    while the model loaded.
    """
    lesson = load_lesson(next(path for path in SHIPPED if "many-steps" in path.stem))
    pupil.window.learning.lessons.start(lesson, at=5)
    pupil.wait_ready()
    race = pupil.window.findChild(RaceRun)
    assert race is not None
    assert (race.base.deal_prompts, race.base.guidance_scale) == (False, 1.0)


def test_next_gets_the_keys_from_a_button_that_is_gone(pupil: Pupil, tmp_path: Path) -> None:
    """They once went to whatever came after Show me, or after Generate in Draw."""
    step = {
        "text": "x",
        "set": {"workspace": "measure", "page": "memory"},
        "highlight": "memory.commits.go",
        "check": {"workspace": "see"},
    }
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step, {"text": "y"})))
    pupil.wait_ready()
    pupil.look()
    pupil.visible("workspace.data").setFocus()
    pupil.click("workspace.see")
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=20_000)
    assert pupil.visible("lesson.next").hasFocus()


def test_thumbnails_do_not_give_an_answer_away(pupil: Pupil) -> None:
    """The last frame's thumbnail once showed the blur that lesson 3 asks about."""
    lessons = pupil.window.learning.lessons
    lesson = load_lesson(SHIPPED[2])
    lessons.start(lesson)
    pupil.wait_ready()
    slider = pupil.visible("timeline.slider")
    assert isinstance(slider, FrameSlider)
    pupil.look()
    assert slider.thumbnails is None
    place = slider.grab(QRect(0, 0, slider.width(), THUMB)).toImage()
    line = {place.pixel(x, place.height() // 2) for x in range(place.width())}
    assert len(line) > 2, "it says why there are none"
    pupil.answer(lesson.steps[0])
    pupil.qtbot.waitUntil(lambda: slider.thumbnails is not None, timeout=5000)
    resume(pupil, 0)  # answers are kept
    assert slider.thumbnails is not None
    lessons.close()
    assert slider.thumbnails is not None
    # A question of a test is not about what is visible.
    lessons.start(load_lesson(resource("ten-questions.json")))
    pupil.wait_ready()
    pupil.look()
    assert slider.thumbnails is not None


@pytest.mark.parametrize(
    ("step", "name", "told"),
    [(3, "memory.commits", r"t = \d+"), (6, "train.memory.words", r"step \d+")],
)
def test_a_page_does_not_tell_what_is_asked(pupil: Pupil, step: int, name: str, told: str) -> None:
    """The text on these pages once named the level, or the step, before the answer."""
    lesson = load_lesson(next(path for path in SHIPPED if "memorization" in path.stem))
    pupil.window.learning.lessons.start(lesson, at=step)
    pupil.wait_ready()
    pupil.window.navigator.go(*(("measure", "memory") if step == 3 else ("train", "memory")))
    words = pupil.window.findChild(QLabel, name)
    assert words is not None
    pupil.qtbot.waitUntil(lambda: "?" in words.text(), timeout=60_000)
    assert not re.search(told, words.text())
    pupil.answer(lesson.steps[step])
    pupil.qtbot.waitUntil(lambda: bool(re.search(told, words.text())), timeout=10_000)


def test_a_page_does_not_judge_copies_before_it_is_asked_what_they_are(pupil: Pupil) -> None:
    """It once did so in the previous step, as soon as that was done."""
    lesson = load_lesson(next(path for path in SHIPPED if "memorization" in path.stem))
    pupil.window.learning.lessons.start(lesson)
    pupil.wait_ready()
    pupil.answer(lesson.steps[0])
    pupil.click("workspace.measure")
    pupil.click("measure.tabs.memory")
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=20_000)
    stage = pupil.window.findChild(MemoryStage)
    assert stage is not None
    pupil.qtbot.waitUntil(lambda: "copies" in stage._verdicts[False], timeout=60_000)
    assert "copies" not in stage.verdict.text()
    pupil.next()
    pupil.wait_ready()
    pupil.run.answer(2)
    pupil.look()
    assert "copies" in stage.verdict.text()


def test_a_page_does_not_tell_what_is_asked_next(pupil: Pupil) -> None:
    """The previous step once revealed the level as soon as its own question was answered."""
    lesson = load_lesson(next(path for path in SHIPPED if "memorization" in path.stem))
    pupil.window.learning.lessons.start(lesson, at=2)
    pupil.wait_ready()
    words = pupil.window.findChild(QLabel, "memory.commits")
    assert words is not None
    pupil.qtbot.waitUntil(lambda: "?" in words.text(), timeout=60_000)
    pupil.answer(lesson.steps[2])
    pupil.look()
    assert not pupil.lab.is_asking.value
    assert "?" in words.text()
    pupil.window.learning.lessons.close()
    assert re.search(r"t = \d+", words.text())


@pytest.mark.parametrize(
    ("question", "name", "said"),
    [(8, "measure.sprite.total", "a probability of at least"),
     (10, "measure.step_back.words", "two humps")],
)  # fmt: skip
def test_what_a_question_links_to_shows_its_answer(
    pupil: Pupil, question: int, name: str, said: str
) -> None:
    """These links once opened empty pages."""
    ask = load_lesson(resource("ten-questions.json")).steps[question - 1].ask
    assert ask is not None
    link = re.search(r"\(step:([\w-]+)/(\d+)\)", ask.where)
    assert link is not None
    lesson = load_lesson(next(path for path in SHIPPED if path.stem == link[1]))
    pupil.window.learning.lessons.start(lesson, at=int(link[2]) - 1)
    pupil.wait_ready()
    label = pupil.window.findChild(QLabel, name)
    assert label is not None
    pupil.qtbot.waitUntil(lambda: label.isVisible() and said in label.text(), timeout=60_000)


def test_sprites_measured_before_a_step_do_not_do_it(pupil: Pupil) -> None:
    lesson = load_lesson(next(path for path in SHIPPED if "likelihood" in path.stem))
    pupil.window.learning.lessons.start(lesson)
    resume(pupil, 4)
    pupil.answer(lesson.steps[4])
    pupil.wait_ready()
    set_lesson_value(pupil.visible("measure.summary"), 8)
    pupil.look()
    assert not pupil.run.done
    started = []
    pupil.lab.jobs.started.connect(lambda job: started.append(job.name))
    pupil.click("lesson.show")
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=60_000)
    assert [name.startswith("Measuring") for name in started].count(True) == 1, "and only once"


def test_names_of_samplers_are_not_broken() -> None:
    """“DPM+” was once at the end of a line, “+ 2M” on the next."""
    label = Label(marked_up("DDIM and DPM++ 2M end alike."), wrap=True)
    assert "DPM+\N{WORD JOINER}+\N{NO-BREAK SPACE}2M" in label.text()


def test_a_control_is_pointed_out_once_the_question_is_answered(
    pupil: Pupil, tmp_path: Path
) -> None:
    """It is pointed out even after a link in the text has led elsewhere."""
    choices = [
        {"text": "x_t", "reply": "No, x̂0."},
        {"text": "x̂0", "reply": "Yes, x̂0.", "right": True},
    ]
    step = {
        "text": "Here is the [count](control:see.count).",
        "set": {"workspace": "see", "page": "watch", "controls": {"see.mode": "reverse"}},
        "highlight": "see.steps",
        "ask": {"choices": choices},
        "check": {"control": {"see.steps": 5}},
    }
    with pupil.qtbot.waitSignal(pupil.lab.model.changed, timeout=60_000):
        pupil.lab.open_model("builtin")
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.wait_ready()
    field = pupil.visible("see.steps.field")
    assert not field.hasFocus()
    assert why_not_allowed(pupil.visible("lesson.hint")) == "Answer the question first."
    assert why_not_allowed(pupil.visible("lesson.back")) == "This is the first step."
    text = pupil.visible("lesson.text")
    assert isinstance(text, QTextBrowser)
    text.anchorClicked.emit(QUrl("question:none"))  # as from a file: there is no such question
    text.anchorClicked.emit(QUrl("control:see.count"))
    pupil.look()
    right = pupil.visible("lesson.choice.1")
    assert right.accessibleName() == "x̂0"
    wrong = pupil.visible("lesson.choice.0")
    wrong.clearFocus()
    settle(pupil.window)
    height = wrong.height()
    pupil.click("lesson.choice.0")
    settle(pupil.window)
    assert wrong.height() == height, "the answers below it moved"
    assert wrong.accessibleName().endswith(" (your answer)")
    assert wrong.property("marked") == "wrong"
    assert not right.property("marked")
    pupil.click("lesson.choice.1")
    assert right.property("marked") == "right"
    assert wrong.property("marked") == "wrong", "it stays so"
    assert right.accessibleName() == "x̂0 (right answer)"
    reply = pupil.visible("lesson.reply")
    assert isinstance(reply, QLabel)
    assert "<sub>0</sub>" in reply.text()
    pupil.qtbot.waitUntil(field.hasFocus, timeout=2000)
    assert pupil.visible("lesson.hint").isEnabled()
    ring = pupil.window.findChild(Ring)
    assert ring.target is None, "of the link"


def test_a_page_that_is_to_be_chosen_has_the_keys(pupil: Pupil, tmp_path: Path) -> None:
    step = {
        "text": "x",
        "set": {"workspace": "measure"},
        "highlight": "measure.tabs.memory",
        "check": {"page": "memory"},
    }
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.qtbot.waitUntil(pupil.visible("measure.tabs.memory").hasFocus, timeout=2000)


def test_a_link_of_the_text_shows_where_a_control_is(pupil: Pupil, tmp_path: Path) -> None:
    step = {
        "text": "Here are the [steps](control:see.steps).",
        "set": {"workspace": "see", "page": "watch", "controls": {"see.mode": "reverse"}},
    }
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    text = pupil.visible("lesson.text")
    assert isinstance(text, QTextBrowser)
    text.anchorClicked.emit(QUrl("control:see.steps"))
    ring = pupil.window.findChild(Ring)
    assert ring.target is pupil.visible("see.steps")


def test_another_part_of_a_page_can_be_chosen_than_a_step_names(
    pupil: Pupil, tmp_path: Path
) -> None:
    opened = {"model": "builtin", "data": "builtin"}
    scene = {"workspace": "measure", "page": "thermodynamics", **opened}
    step = {"text": "See the [gap](control:measure.gap).", "set": scene}
    pupil.window.learning.lessons.open_file(made(tmp_path, step))
    pupil.wait_ready()
    switch = find(pupil.window, "measure.thermodynamics.part")
    assert isinstance(switch, Segmented)
    pupil.qtbot.waitUntil(switch.isVisible, timeout=60_000)
    pupil.qtbot.waitUntil(lambda: switch.value == "gap")
    for part in ("entropy", "bound", "gap", "conditional"):
        pupil.click(f"{switch.objectName()}.{part}")
        pupil.look()
        pupil.look()
        assert switch.value == part


def test_the_ring_lets_clicks_through_and_follows_its_control(pupil: Pupil, tmp_path: Path) -> None:
    step = {"text": "x", "highlight": "workspace.data", "check": {"workspace": "data"}}
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.click("lesson.hint")
    ring = pupil.window.findChild(QWidget, "lesson.ring")
    button = pupil.visible("workspace.data")
    assert ring.isVisible()
    place = button.mapTo(pupil.window, QPoint(0, 0))
    assert ring.geometry().contains(place)
    middle = button.mapTo(pupil.window, button.rect().center())
    assert pupil.window.childAt(middle) is button  # not the ring above it
    pupil.qtbot.mouseClick(button, LEFT)
    pupil.qtbot.waitUntil(lambda: not ring.isVisible(), timeout=2000)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_ring_stands_apart_from_a_filled_button(
    pupil: Pupil, tmp_path: Path, theme: ThemeManager, mode: str
) -> None:
    """In the button's own color and at its edge, it was once hardly visible."""
    theme.set_mode(mode)
    step = {
        "text": "x",
        "set": {"workspace": "draw", "model": "builtin"},
        "highlight": "draw.generate",
        "check": {"drawing": {"generated": True}},
    }
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.wait_ready()
    pupil.visible("draw.take").setFocus()
    pupil.click("lesson.hint")
    settle(pupil.window)
    button, ring = pupil.visible("draw.generate"), pupil.window.findChild(Ring)
    assert button.hasFocus(), "no other control has a ring"
    top = button.mapTo(pupil.window, QPoint(button.width() // 2, 0))
    picture = pupil.window.grab().toImage()
    above = [picture.pixelColor(top - QPoint(0, n)).name() for n in range(1, 12)]
    found = current_theme()
    assert ring.geometry().contains(top - QPoint(0, 8))
    assert above[1] == found.surface, "a gap"
    assert found.ring in above[3:6]


def test_the_ring_keeps_still_where_nothing_may_move(pupil: Pupil, tmp_path: Path) -> None:
    settings = pupil.lab.settings
    settings.replace(motion=False)
    step = {"text": "x", "highlight": "workspace.data", "check": {"workspace": "data"}}
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.click("lesson.hint")
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
    pupil.choose_another(LessonStep("x"), "data.browser")
    pupil.qtbot.waitUntil(lambda: pupil.run.done, timeout=2000)


def test_a_control_in_a_panel_that_is_folded_away_is_brought_to_sight(
    pupil: Pupil, tmp_path: Path
) -> None:
    pupil.window.findChild(QAction, "view.inspector").trigger()
    group = pupil.window.findChild(FoldGroup, "see.group.noise")
    group.set_open(False)
    field = pupil.window.findChild(QWidget, "see.timesteps")
    assert not field.isVisible()
    step = {
        "text": "x",
        "set": {"controls": {"see.schedule": "cosine"}},
        "highlight": "see.timesteps",
        "check": {"control": {"see.timesteps": 100}},
    }
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.qtbot.waitUntil(field.isVisible, timeout=2000)
    pupil.click("lesson.hint")
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
    # Parts that the app shows meanwhile stay hidden until then; parts that it hides stay hidden.
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


def test_a_hidden_line_takes_the_label_of_its_field_along(pupil: Pupil, tmp_path: Path) -> None:
    pupil.window.navigator.go("see", "watch")
    line = find(pupil.window, "see.words")
    assert line is not None
    labels = [label for label in pupil.window.findChildren(QLabel) if label.text() == "Words"]
    label = next(label for label in labels if label.buddy() is line.parentWidget())
    pupil.window.learning.lessons.start(
        load_lesson(made(tmp_path, {"text": "x"}, hide=["see.words"]))
    )
    assert line.isHidden()
    assert label.isHidden()
    pupil.window.learning.lessons.close()
    assert not label.isHidden()


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
    assert not words[0].isVisible()  # no label is shown without its field
    pupil.click("lesson.close")
    pupil.click("workspace.train")
    assert field.isVisible()
    assert words[0].isVisible()


def test_show_me_presses_no_button_that_is_not_for_lessons(pupil: Pupil, tmp_path: Path) -> None:
    step = {"text": "x", "highlight": "see.page.on", "check": {"job": "Generating"}}
    button = find(pupil.window, "see.page.on")
    assert isinstance(button, QAbstractButton)
    button.setEnabled(True)
    pressed: list[bool] = []
    button.clicked.connect(lambda: pressed.append(True))
    pupil.window.learning.lessons.start(load_lesson(made(tmp_path, step)))
    pupil.click("lesson.show")
    pupil.look()
    assert not pressed


# -- custom lessons -------------------------------------------------------------------------------


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
    assert veil.accessibleName() == "Start the lesson “lesson.json”"
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
        "“lesson.json” is not a valid lesson: steps 1 ▸ check ▸ There is no setting named "
        "'wrkspace'; use one of: "
        "workspace, page, timeline, log_snr, trajectory, control, job, changed, drawing."
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
        if step.ask is not None:
            pupil.answer(step)
        if step.check != Check():
            pupil.do(step)
        pupil.next()
    assert pupil.run is None


def test_the_name_of_a_control_is_shown_for_writing_lessons(
    pupil: Pupil, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    pupil.lab.notice.connect(told.append)
    inside = pupil.window.findChild(QWidget, "see.timesteps.slider")
    monkeypatch.setattr(QApplication, "widgetAt", lambda *_: inside)
    pupil.window.findChild(QAction, "help.control_name").trigger()
    assert told == ["This is “see.timesteps” (copied)."]
    assert QApplication.clipboard().text() == "see.timesteps"
