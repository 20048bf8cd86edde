"""The page Inpaint of See: it completes its sprite at once, and shows the engine's steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import composite, to_pixels
from sprite_lab.core.trajectories.inpainting import WAYS, Way
from sprite_lab.ui.page import PageJobs
from sprite_lab.ui.see.inpaint.page import InpaintPage
from sprite_lab.ui.see.inpaint.panel import half
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.tutorials.controls import value_of
from sprite_lab.ui.widgets.fields.calm import lesson_value, why_not_allowed
from tests.qt import settle

LEFT = Qt.MouseButton.LeftButton
Find = Callable[[type, str], QWidget]

#: Noises to complete a sprite from, half as many as in the app.
COUNT = 2


@pytest.fixture
def page(
    window: MainWindow, visible: Find, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> InpaintPage:
    monkeypatch.setattr("sprite_lab.ui.see.inpaint.page.COUNT", COUNT)
    window.resize(1280, 800)
    qtbot.mouseClick(visible(QAbstractButton, "see.tabs.inpaint"), LEFT)
    found = visible(InpaintPage, "see.inpaint")
    assert isinstance(found, InpaintPage)
    return found


@pytest.fixture
def full(page: InpaintPage, lab: Lab, qtbot: QtBot, small_models: Path) -> InpaintPage:
    """The page with a model and the built-in set, with its example completed."""
    lab.open_model("builtin")
    lab.open_data(None)
    qtbot.waitUntil(lambda: finished(page) == COUNT, timeout=60_000)
    return page


def finished(page: InpaintPage) -> int:
    return len(page.completed)


def says(visible: Find, name: str) -> str:
    label = visible(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text().replace("\xa0", " ")


def picture(page: InpaintPage, way: Way, column: int) -> np.ndarray:
    """What a view shows, uint8 (H, W, 4)."""
    image = page.rows.rows[way].views[column].image
    assert image is not None
    image = image.convertToFormat(image.Format.Format_RGBA8888)
    shape = image.height(), image.width(), 4
    return np.frombuffer(image.constBits(), np.uint8).reshape(shape).copy()


def test_without_a_model_it_says_what_is_missing(page: InpaintPage, visible: Find) -> None:
    assert visible(QAbstractButton, "inpaint.empty.action").text() == "Train a model first"


def test_an_example_is_completed_at_once_and_shows_the_engines_steps(
    full: InpaintPage, lab: Lab, visible: Find
) -> None:
    from sprite_lab.engine.sampling.inpainting import inpaint_iter

    config = full.completed[1].ways["repaint"].config
    assert config is not None
    assert (config.seed, config.first_index) == (1, 1)
    known = half("upper", 16)
    np.testing.assert_array_equal(full.completed[1].known, known)
    engine = drain(
        inpaint_iter(lab.model.value, replace(config, inpainting="posterior"), RunControl())
    )
    full.panel.finished.set_current(COUNT + 1)  # the second noise
    for frame in (0, 5, len(engine.ways["end"]) - 1):
        full.timeline_model.set_frame(frame)
        for way in WAYS:
            trajectory = engine.ways[way]
            if engine.entering(way, frame).any():
                np.testing.assert_array_equal(picture(full, way, 0), engine.entering(way, frame))
            else:  # there is no empty frame
                kept = full.rows.rows[way].views[0]
                assert (kept.image, kept.placeholder) == (None, "Not before the end")
            for column, pixels in enumerate(
                (
                    to_pixels(trajectory.x_t[frame, 0]),
                    engine.predicted(way, frame),
                    to_pixels(trajectory.x0[frame, 0]),
                ),
                1,
            ):
                np.testing.assert_array_equal(picture(full, way, column)[..., :3], pixels)
            miss = engine.miss(way, frame)
            assert f"network off by {miss:.0f}" in says(visible, f"inpaint.{way}.title")
    steps = [found.border_step("end") for found in full.completed]
    assert f"border step {np.mean(steps):.1f}×" in says(visible, "inpaint.end.title")
    assert says(visible, "inpaint.heading.x_t").endswith("finished sprite")


def test_only_the_ways_that_are_switched_on_are_shown(full: InpaintPage, visible: Find) -> None:
    assert full.panel.finished.count == 3 * COUNT
    assert lesson_value(full.rows) == 3
    visible(QAbstractButton, "inpaint.show.repaint").click()
    settle(full)
    assert full.panel.finished.count == 2 * COUNT
    assert not full.rows.rows["repaint"].title.isVisible()
    assert full.rows.rows["posterior"].title.isVisible()
    assert lesson_value(full.rows) == 2
    told, head = (full.rows.findChild(QLabel, f"inpaint.{n}") for n in ("no_way", "heading.x_t"))
    assert told is not None
    assert head is not None
    assert not told.isVisible()
    assert head.isVisible()
    for way in ("end", "posterior"):
        visible(QAbstractButton, f"inpaint.show.{way}").click()
    assert told.isVisible(), "an empty page must say why"
    assert not head.isVisible()


def test_to_a_lesson_another_finished_sprite_is_from_another_noise(full: InpaintPage) -> None:
    grid, seen = full.panel.finished, []
    for index in (0, COUNT, COUNT + 1):  # the second way, from the same noise
        grid.set_current(index)
        seen.append(value_of(grid))
    assert seen == [0, 0, 1]


def test_another_half_or_noise_is_another_question(
    full: InpaintPage, visible: Find, qtbot: QtBot
) -> None:
    assert why_not_allowed(visible(QAbstractButton, "inpaint.start")).startswith("All are shown")
    before = full.completed[0]
    visible(QAbstractButton, "inpaint.part.lower").click()
    assert finished(full) == 0
    qtbot.waitUntil(lambda: finished(full) > 0, timeout=60_000)
    np.testing.assert_array_equal(full.completed[0].known, ~before.known)
    np.testing.assert_array_equal(full.completed[0].drawing, before.drawing)
    visible(QAbstractButton, "inpaint.seed.dice").click()
    qtbot.waitUntil(lambda: finished(full) == COUNT, timeout=60_000)
    assert not np.array_equal(full.completed[0].ways["end"].x_t[0], before.ways["end"].x_t[0])


@pytest.fixture
def long(
    page: InpaintPage, lab: Lab, qtbot: QtBot, small_models: Path, monkeypatch: pytest.MonkeyPatch
) -> InpaintPage:
    """The page with an example that takes more noises than anybody waits for."""
    monkeypatch.setattr("sprite_lab.ui.see.inpaint.page.COUNT", 500)
    lab.open_model("builtin")
    lab.open_data(None)
    qtbot.waitUntil(lambda: finished(page) > 0, timeout=60_000)
    return page


def test_canceled_it_keeps_what_is_there_and_goes_on(
    long: InpaintPage, lab: Lab, visible: Find, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: bool(lab.jobs.handles))
    QTest.keyClick(long, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    there = finished(long)
    assert there > 0
    start = visible(QAbstractButton, "inpaint.start")
    assert start.isEnabled()
    qtbot.mouseClick(start, LEFT)
    qtbot.waitUntil(lambda: finished(long) > there, timeout=60_000)


def test_left_and_shown_again_it_goes_on(
    long: InpaintPage, lab: Lab, visible: Find, qtbot: QtBot
) -> None:
    visible(QAbstractButton, "see.tabs.watch").click()
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    there = finished(long)
    visible(QAbstractButton, "see.tabs.inpaint").click()
    qtbot.waitUntil(lambda: finished(long) > there, timeout=60_000)


def test_what_is_done_as_the_page_is_left_starts_nothing_more(
    long: InpaintPage, lab: Lab, visible: Find, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PageJobs, "leave", lambda _: set())  # canceling comes too late
    visible(QAbstractButton, "see.tabs.watch").click()
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)


def test_a_student_says_why_it_has_one_way_less(
    page: InpaintPage, lab: Lab, qtbot: QtBot, small_models: Path
) -> None:
    lab.open_model("builtin-student")
    lab.open_data(None)
    qtbot.waitUntil(lambda: finished(page) == COUNT, timeout=60_000)
    assert set(page.completed[0].ways) == {"end", "repaint"}
    assert "student" in page.rows.rows["posterior"].views[1].placeholder


def test_the_eye_in_draw_shows_the_steps_that_led_to_the_cell(
    window: MainWindow, lab: Lab, visible: Find, qtbot: QtBot, small_models: Path
) -> None:
    lab.open_model("builtin")
    lab.open_data(None)
    qtbot.waitUntil(lambda: lab.model.value is not None and lab.data.value is not None)
    window.navigator.go("draw", "")
    eye = visible(QAbstractButton, "draw.inpaint")
    assert "mask brush" in why_not_allowed(eye)
    project, data = lab.project, lab.data.value
    assert data is not None
    rgba = data.rgba_of(40)
    cell = project.cell(0).painted(
        {i: tuple(int(v) for v in rgba[i // 16, i % 16]) for i in range(256)}
    )
    project.put({0: cell.masked(dict.fromkeys(range(128), 0))}, "Draw")
    qtbot.waitUntil(eye.isEnabled)
    qtbot.mouseClick(visible(QAbstractButton, "draw.generate"), LEFT)
    qtbot.waitUntil(lambda: project.cell(0).made_by is not None, timeout=60_000)
    drawn = project.cell(0)
    qtbot.mouseClick(eye, LEFT)
    page = visible(InpaintPage, "see.inpaint")
    assert isinstance(page, InpaintPage)
    qtbot.waitUntil(lambda: finished(page) > 0, timeout=60_000)
    assert drawn.made_by is not None
    made = page.completed[0].ways[drawn.made_by.inpainting]
    ours, theirs = made.rgba()[0], drawn.rgba
    np.testing.assert_array_equal(ours[..., 3], theirs[..., 3])
    np.testing.assert_array_equal(ours[..., :3], composite(theirs))
    assert page.panel.source.value == "drawing"
    caption = visible(QLabel, "inpaint.caption")
    assert lesson_value(caption) == 1
    # It shows the seed, and another one draws other sprites.
    assert page.panel.seed.seed == drawn.made_by.seed
    page.panel.seed.set_seed(77)
    qtbot.waitUntil(lambda: finished(page) > 0, timeout=60_000)
    other = page.completed[0].ways["repaint"].config
    assert other is not None
    assert other.seed == 77
    visible(QAbstractButton, "inpaint.source.example").click()
    qtbot.waitUntil(lambda: finished(page) > 0, timeout=60_000)
    assert lesson_value(caption) == 0
