"""The timeline by mouse and keys: playing backward, and the picture under the pointer."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QDoubleSpinBox,
    QLabel,
    QToolTip,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.app.timeline import Axis, TimelineModel, training_axis
from sprite_lab.core.config import CLEAN_LOG_SNR, ScheduleConfig
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.see.watch.schedule_plot import SchedulePlot
from sprite_lab.ui.widgets.sprites.timeline import Timeline
from tests.qt import settle


def a_timeline() -> Timeline:
    """A reverse process with eleven frames, t = 500 to 0."""
    timeline = Timeline(TimelineModel())
    t = np.linspace(500, 0, 11).astype(np.float32)
    timeline.model.set_axis(Axis("noise", t, np.linspace(-9, 9, 11, dtype=np.float32)), 4)
    return timeline


@pytest.fixture
def timeline(qtbot: QtBot) -> Timeline:
    timeline = a_timeline()
    qtbot.addWidget(timeline)
    timeline.resize(800, 120)
    timeline.show()
    qtbot.waitExposed(timeline)
    return timeline


@pytest.mark.parametrize("width", [400, 700, 1360])
def test_thumbnails_of_training_are_equally_far_apart(timeline: Timeline, width: int) -> None:
    timeline.resize(width, 120)
    timeline.model.set_axis(training_axis(range(1, 37)))
    shown: list[int] = []

    def picture(frame: int) -> NDArray[np.uint8]:
        shown.append(frame)
        return np.zeros((16, 16, 3), np.uint8)

    timeline.set_thumbnails(picture)
    timeline.slider.grab()
    assert len({*np.diff(shown)}) == 1
    assert shown[-1] == 35, "the newest is always shown"


class _Layouts(QObject):
    """Counts the layout requests of all parts of a window."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def test_another_frame_lays_nothing_out(lab: Lab, qtbot: QtBot) -> None:
    window, timeline, plot = QWidget(), a_timeline(), SchedulePlot(lab)
    qtbot.addWidget(window)
    vbox(timeline, plot, on=window)
    plot.show_schedule(ScheduleConfig())
    timeline.model.frame_changed.connect(lambda frame: plot.show_t(500 - 50 * frame))
    window.show()
    qtbot.waitExposed(window)
    timeline.model.set_frame(1)
    said = [part for part in window.findChildren(QLabel) if part.isVisible() and part.text()]
    before = [part.text() for part in said]
    settle(window)
    layouts = _Layouts()
    for part in window.findChildren(QWidget):
        if part.layout() is not None:
            part.installEventFilter(layouts)
    timeline.model.set_frame(2)
    settle(window)
    assert sum(a != part.text() for a, part in zip(before, said, strict=True)) == 2
    assert layouts.count == 0


def test_it_plays_backwards_to_the_noise(qtbot: QtBot, timeline: Timeline) -> None:
    model = timeline.model
    seen: list[int] = []
    model.frame_changed.connect(seen.append)
    qtbot.mouseClick(
        timeline.findChild(QAbstractButton, "timeline.backwards"), Qt.MouseButton.LeftButton
    )
    model.set_fps(120)
    qtbot.mouseClick(
        timeline.findChild(QAbstractButton, "timeline.play"), Qt.MouseButton.LeftButton
    )
    qtbot.waitUntil(lambda: not model.state.playing and model.frame == 0, timeout=3000)
    assert seen == sorted(seen, reverse=True)
    # At its end it starts again, with the clean sprite.
    model.play()
    assert model.frame == 10
    qtbot.mouseClick(
        timeline.findChild(QAbstractButton, "timeline.backwards"), Qt.MouseButton.LeftButton
    )
    qtbot.waitUntil(lambda: not model.state.playing and model.frame == 10, timeout=3000)


@pytest.mark.parametrize("name", ["timeline.fps", "timeline.t"])
def test_enter_in_a_number_gives_the_keys_back(timeline: Timeline, name: str) -> None:
    field = timeline.findChild(QAbstractSpinBox, name)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "7")
    assert timeline.focusWidget() is field
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert timeline.focusWidget() is timeline.slider


def test_the_frame_under_the_pointer_is_shown_larger(qtbot: QtBot, timeline: Timeline) -> None:
    def thumbnail(frame: int) -> np.ndarray:
        return np.full((16, 16, 3), 20 * frame, np.uint8)

    timeline.set_thumbnails(thumbnail)
    slider = timeline.slider
    qtbot.mouseMove(slider, QPoint(round(slider.frame_x(7)), slider.height() // 2))
    hover = timeline.findChild(QWidget, "timeline.hover")
    qtbot.waitUntil(hover.isVisible)
    assert hover.text == "t = 150"
    tip = QHelpEvent(QEvent.Type.ToolTip, QPoint(5, 5), QPoint(5, 5))
    QApplication.sendEvent(slider, tip)
    assert QToolTip.text() == "", "it would cover the figures below"
    picture = hover.grab().toImage()
    assert picture.pixelColor(46, 46).red() == 140
    assert timeline.model.frame == 4, "looking changes nothing"
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert not hover.isVisible(), "it would cover the frame stepped to"
    qtbot.mouseMove(slider, QPoint(round(slider.frame_x(6)), slider.height() // 2))
    qtbot.waitUntil(hover.isVisible)
    qtbot.mouseMove(timeline, QPoint(5, 5))
    slider.hide()
    assert not hover.isVisible()


def test_who_scrubs_sees_the_stage(qtbot: QtBot, timeline: Timeline) -> None:
    """The enlarged frame once covered the bars that a lesson said to watch while dragging."""
    timeline.set_thumbnails(lambda frame: np.zeros((16, 16, 3), np.uint8))
    slider, hover = timeline.slider, timeline.findChild(QWidget, "timeline.hover")
    places = [QPoint(round(slider.frame_x(k)), slider.height() // 2) for k in (3, 5, 7)]
    qtbot.mouseMove(slider, places[0])
    qtbot.waitUntil(hover.isVisible)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=places[1])
    assert not hover.isVisible()
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=places[1])
    QTest.mouseMove(slider, places[2])
    assert not hover.isVisible()
    QApplication.sendEvent(slider, QEvent(QEvent.Type.Leave))
    qtbot.mouseMove(slider, places[0])
    qtbot.waitUntil(hover.isVisible)
    slider.hide()


def test_a_clean_frame_has_no_finite_log_snr(timeline: Timeline) -> None:
    """It was once 20.00, while the schedule beside it said 13 or 9 at t = 1."""
    log_snr = np.array([-5, 0, CLEAN_LOG_SNR], np.float32)
    axis = Axis("noise", np.array([300, 90, 0], np.float32), log_snr, 1, "noise", "clean")
    timeline.model.set_axis(axis, 2)
    timeline.resize(900, 120)
    readout = timeline.findChild(QLabel, "timeline.readout")
    assert readout.text().startswith("log-SNR ∞")
    timeline.model.set_frame(1)
    assert readout.text().startswith("log-SNR 0.00")


def test_a_short_scale_has_its_numbers_rather_than_words_at_its_ends(timeline: Timeline) -> None:
    """In large text, only "log-SNR 0" and "2" were once left of it, beside noise and clean."""
    t, log_snr = np.linspace(500, 0, 11), np.linspace(-9, 9, 11, dtype=np.float32)
    timeline.model.set_axis(Axis("noise", t.astype(np.float32), log_snr, 1, "noise", "clean"), 4)
    for width in range(timeline.slider.minimumSizeHint().width(), 900, 10):
        timeline.slider.resize(width, 60)
        words = [text for text, *_ in timeline.slider.words_below()]
        numbers = [text for text in words if not any(map(str.isalpha, text))]
        assert len(numbers) >= 3 or not any("noise" in text for text in words), words
        assert words[0].endswith("t = 500")


def test_the_larger_frame_covers_no_words(qtbot: QtBot, timeline: Timeline) -> None:
    place = QWidget()
    qtbot.addWidget(place)
    place.resize(700, 500)
    timeline.setParent(place)
    timeline.setGeometry(0, 380, 700, 120)
    words = [QLabel("What it was asked for", place), QLabel("Above that", place)]
    for label, y in zip(words, (355, 240), strict=True):
        label.setGeometry(100, y, 500, 20)
    place.show()
    qtbot.waitExposed(place)
    timeline.set_thumbnails(lambda frame: np.zeros((16, 16, 3), np.uint8))
    slider = timeline.slider
    qtbot.mouseMove(slider, QPoint(round(slider.frame_x(5)), slider.height() // 2))
    hover = timeline.findChild(QWidget, "timeline.hover")
    qtbot.waitUntil(hover.isVisible)
    for label in words:
        there = QRect(label.mapToGlobal(QPoint(0, 0)), label.size())
        assert not there.intersects(hover.geometry())
    hover.hide()
    timeline.setParent(None)


def test_both_ends_of_training_are_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sprite_lab.app.timeline.tr", str.upper)
    axis = training_axis([1, 2])
    assert (axis.left, axis.right) == ("START", "NEWEST")


def test_numbers_of_what_the_stage_does_not_show_are_not_told(timeline: Timeline) -> None:
    """The numbers of the forward process were once kept below a reverse one that had not begun."""
    readout = timeline.findChild(QLabel, "timeline.readout")
    field = timeline.findChild(QDoubleSpinBox, "timeline.t")
    before = readout.text(), field.text(), readout.sizeHint().height()
    assert "log-SNR" in before[0]
    timeline.set_of_stage(False)
    assert (readout.text().strip(), field.text()) == ("", "")
    assert readout.sizeHint().height() == before[2]
    timeline.set_of_stage(True)
    assert (readout.text(), field.text()) == before[:2]


def test_no_words_of_the_readout_come_and_go_as_it_plays(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a moment, a signal with five digits once left no room for the frame number."""
    long = "sprite_lab.ui.widgets.sprites.timeline.share_text"
    monkeypatch.setattr(long, lambda share: "9" * (60 if 0.1 < share < 0.6 else 4))
    timeline.model.set_axis(timeline.model.axis)
    readout = timeline.findChild(QLabel, "timeline.readout")
    told = set()
    for width in range(timeline.minimumSizeHint().width(), 900, 8):
        timeline.resize(width, 120)
        said = set()
        for frame in range(len(timeline.model.axis)):
            timeline.model.set_frame(frame)
            said.add("frame" in readout.text())
        assert len(said) == 1, width
        told |= said
    assert told == {True, False}, [(timeline.width(), readout.width(), readout.text())]


@pytest.mark.parametrize("kind", ["noise", "step"])
def test_no_number_is_cut_where_frames_are_skipped(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The speed reached was once put before a text that just fitted without it."""
    if kind == "step":
        timeline.model.set_axis(training_axis(range(1, 400)), 350)
    monkeypatch.setattr(TimelineModel, "pace", 1)
    readout = timeline.findChild(QLabel, "timeline.readout")
    told = set()
    for width in range(timeline.minimumSizeHint().width(), 900, 4):
        timeline.resize(width, 120)
        if readout.isVisible():
            room = readout.contentsRect().width()
            assert readout.fontMetrics().horizontalAdvance(readout.text()) <= room, readout.text()
            told.add(readout.text())
    assert any(text.startswith("1 of ") for text in told)
    assert kind == "step" or all("signal" in text for text in told)
