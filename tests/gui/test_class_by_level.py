"""The page Class of See: it draws the engine's numbers and follows the timeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPicture
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QSlider, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.app.files.sources import of_trajectory
from sprite_lab.app.lab import Lab
from sprite_lab.app.measure import measure_tasks
from sprite_lab.app.shell.text_format import prompt_words
from sprite_lab.core.results.probability import ClassProbabilities
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.see.classes.page import ClassPage
from sprite_lab.ui.see.classes.plot import ClassPlot
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.plots.legend import LegendEntry
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from tests.gui.golden import settle_plot
from tests.gui.stand_ins import Held
from tests.qt import settle

LEFT = Qt.MouseButton.LeftButton
Find = Callable[[type, str], QWidget]


#: Half of the rounds that the page requests; only equality with the engine is tested.
ROUNDS = 2


@pytest.fixture
def page(
    window: MainWindow, visible: Find, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> ClassPage:
    monkeypatch.setattr(measure_tasks, "classify", partial(measure_tasks.classify, rounds=ROUNDS))
    window.resize(1280, 800)
    qtbot.mouseClick(visible(QAbstractButton, "see.tabs.class"), LEFT)
    found = visible(ClassPage, "see.class")
    assert isinstance(found, ClassPage)
    return found


def says(visible: Find, name: str) -> str:
    label = visible(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text()


def numbers(axis: pg.AxisItem) -> list[tuple[QRectF, str]]:
    """The numbers that an axis draws, and their places."""
    drawn = QPicture()
    painter = QPainter(drawn)
    painter.setFont(axis.style["tickFont"])
    _, _, found = axis.generateDrawSpecs(painter)
    painter.end()
    return [(place, text) for place, _, text in found]


def test_the_axis_says_where_nothing_and_everything_is(lab: Lab, qtbot: QtBot) -> None:
    """Rounding once dropped 0%, and the edge of the plot 100%."""
    plot = ClassPlot(lab)
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    plot.show()
    axis = plot.item.getAxis("left")
    for seed in range(5):
        shares = np.random.default_rng(seed).dirichlet(np.ones(5), 30)
        plot.show_shares("abcde", np.linspace(-8, 8, 30), shares)
        settle(plot)
        plot.resize(500 + seed, 330 + 7 * seed)
        settle(plot)
        assert [text for _, text in numbers(axis)] == ["0%", "25%", "50%", "75%", "100%"]


@pytest.mark.parametrize("height", [330, 190, 150, 130, 100])
def test_numbers_of_a_low_plot_do_not_cover_one_another(
    lab: Lab, qtbot: QtBot, theme: ThemeManager, height: int
) -> None:
    """Beside a lesson in large text, five of them shared 50 pixels."""
    theme.set_text_size(150)
    plot = ClassPlot(lab)
    qtbot.addWidget(plot)
    plot.resize(400, height)
    plot.show()
    plot.show_shares("abcde", np.linspace(-8, 8, 30), np.full((30, 5), 0.2))
    settle(plot)
    drawn = numbers(plot.item.getAxis("left"))
    middles = [place.center().y() for place, _ in drawn]
    apart = -np.diff(middles)
    assert [text for _, text in (drawn[0], drawn[-1])] == ["0%", "100%"]
    assert len(drawn) == 2 or apart.min() >= plot.fontMetrics().height() - 1


@pytest.mark.parametrize("level", [-3.0, -1.9, 0.0, 3.0])
def test_the_level_shown_does_not_cross_the_word_decided(
    lab: Lab, qtbot: QtBot, level: float
) -> None:
    plot = ClassPlot(lab)
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    plot.show()
    plot.show_shares(("hero", "item"), np.linspace(-8, 8, 30), np.tile((0.6, 0.4), (30, 1)))
    settle(plot)
    plot.show_decided(-2.0)
    plot.show_level(level)
    settle(plot)
    word = plot.decided.label.mapRectToScene(plot.decided.label.boundingRect())
    frame = plot.item.getViewBox().sceneBoundingRect()
    here = plot.item.getViewBox().mapViewToScene(QPointF(level, 0.0)).x()
    assert frame.left() <= word.left()
    assert word.right() <= frame.right()
    assert not word.left() < here < word.right()
    assert plot.decided.label.fill.style() == Qt.BrushStyle.NoBrush
    # At the left edge the text fits on one side only, and covers the line.
    plot.show_decided(-7.9)
    plot.show_level(-7.8)
    assert plot.decided.label.fill.style() == Qt.BrushStyle.SolidPattern
    assert plot.decided.zValue() > plot._here.zValue()


def test_the_legend_has_all_classes_if_an_area_is_too_thin_for_its_name(
    lab: Lab, qtbot: QtBot
) -> None:
    plot = ClassPlot(lab)
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    plot.show()
    names = ["hero", "item"]
    for shares, told in ((0.98, 0.02), names), ((0.5, 0.5), []), ((0.02, 0.98), names):
        plot.show_shares(("hero", "item"), np.linspace(-8, 6, 12), np.tile(shares, (12, 1)))
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        settle(plot)
        entries = [entry for entry in plot.findChildren(LegendEntry) if entry.isVisible()]
        assert [entry.accessibleName() for entry in entries] == told


def test_names_stay_within_their_areas_and_beside_where_the_class_is_decided(
    lab: Lab, qtbot: QtBot
) -> None:
    plot = ClassPlot(lab)
    qtbot.addWidget(plot)
    plot.resize(480, 260)
    plot.show()
    rising = np.linspace(0.05, 0.9, 30)
    names = ("hero", "a creature", "side facing")
    plot.show_shares(
        names,
        np.linspace(-8, 8, 30),
        np.stack([rising, 0.6 * (1 - rising), 0.4 * (1 - rising)], axis=1),
    )
    plot.show_decided(-5.0)
    settle(plot)
    box = plot.item.getViewBox()
    tops = np.cumsum(np.insert(plot.shares, 0, 0.0, axis=1), axis=1)
    entries = [
        entry.accessibleName() for entry in plot.findChildren(LegendEntry) if entry.isVisible()
    ]
    for k, text in enumerate(plot._names):
        assert text.isVisible() != (names[k] in entries)
        if not text.isVisible():
            continue
        scene = text.mapRectToScene(text.boundingRect())
        word = box.mapSceneToView(scene).boundingRect()
        over = np.linspace(word.left(), word.right(), 9)
        slack = 0.15 * word.height()  # the margins around the letters
        assert (word.top() + slack >= np.interp(over, plot.log_snr, tops[:, k]) - 0.01).all()
        assert (word.bottom() - slack <= np.interp(over, plot.log_snr, tops[:, k + 1]) + 0.01).all()
        assert not word.left() < plot.decided.value() < word.right()
    zero = box.mapViewToScene(QPointF(-5.0, 0.0)).y()
    decided = plot.decided.label.mapRectToScene(plot.decided.label.boundingRect())
    assert decided.bottom() <= zero + 0.2 * decided.height()


def test_without_a_model_it_says_what_is_missing(page: ClassPage, visible: Find) -> None:
    assert visible(QAbstractButton, "class.empty.action").text() == "Train a model first"


def test_the_class_of_sprites_at_each_level(
    lab: Lab, page: ClassPage, visible: Find, qtbot: QtBot, small_models: Path
) -> None:
    lab.open_model("builtin")
    qtbot.waitUntil(lambda: lab.model.value is not None, timeout=20000)
    qtbot.mouseClick(visible(QAbstractButton, "class.empty.action"), LEFT)
    qtbot.waitUntil(lambda: len(page.plot.log_snr) > 0, timeout=20000)
    plot, trajectory = visible(ClassPlot, "class.plot"), lab.trajectory.value
    assert isinstance(plot, ClassPlot)
    assert isinstance(trajectory, Trajectory)

    grid = visible(SpriteGrid, "class.sprites")
    qtbot.mouseClick(grid, LEFT, pos=grid.cell_rect(3).center().toPoint())
    qtbot.waitUntil(
        lambda: "Running" not in says(visible, "class.decided") and len(plot.shares) > 0,
        timeout=20000,
    )

    asked = prompt_words(trajectory.prompts[3])
    assert says(visible, "class.about").startswith(f"Prompt: {asked}. ")
    assert "but not for the plot" in says(visible, "class.about")

    from sprite_lab.engine.measuring.likelihood import class_probabilities_iter

    model = lab.model.value
    sprites = of_trajectory(trajectory, model.class_names)

    def engine(which: list[int]) -> np.ndarray:
        chosen = sprites.take(np.array(which))
        run = class_probabilities_iter(model, chosen, RunControl(), rounds=ROUNDS)
        return drain(run).by_level()

    expected = engine([3])[0, ::-1]
    np.testing.assert_allclose(plot.shares, expected[: len(plot.shares)])
    np.testing.assert_allclose(plot.shares.sum(axis=1), 1)
    # These weights know little: the missing share of the class at the clean end is stated.
    end = expected[-1].max()
    assert ("doubt" in says(visible, "class.doubt")) == (end < 0.995)

    # Everything fits in a small window.
    slider = visible(QSlider, "timeline.slider")
    assert slider.height() >= slider.minimumSizeHint().height()

    # The timeline moves the line, and the text describes the position.
    page.timeline_model.set_frame(0)
    first = says(visible, "class.now")
    assert first.startswith("t 500, log-SNR")
    assert first.count("%") == 3
    assert says(visible, "class.heading.x_t").endswith("noisy sprite")
    page.timeline_model.set_frame(len(trajectory) - 1)
    assert says(visible, "class.now") != first
    assert says(visible, "class.heading.x_t").endswith("finished sprite")
    settle_plot(plot)
    place = plot.item.getViewBox().mapViewToScene(QPointF(float(trajectory.log_snr[4]), 0.05))
    qtbot.mouseClick(plot.view.viewport(), LEFT, pos=plot.view.mapFromScene(place))
    assert page.timeline_model.frame == 4

    # Before it, a branch requested something else.
    lab.trajectory.set(replace(trajectory, branched_at=5))
    since = f"Prompt from t = {trajectory.t[5]:.0f} on"
    qtbot.waitUntil(lambda: says(visible, "class.about").startswith(since), timeout=20000)
    lab.trajectory.set(trajectory)

    # The sprites with the same final class are drawn as one curve.
    qtbot.mouseClick(visible(QAbstractButton, "class.of.class"), LEFT)
    qtbot.waitUntil(lambda: "of these 16" in says(visible, "class.about"), timeout=30000)
    by_level = engine(list(range(16)))
    ends = by_level[:, 0].argmax(axis=1)
    mean = by_level[ends == ends[3]].mean(axis=0)[::-1]
    np.testing.assert_allclose(plot.shares, mean[: len(plot.shares)])
    assert says(visible, "class.about").startswith(f"{(ends == ends[3]).sum()} of these 16")


def test_the_level_is_not_told_while_a_lesson_asks_for_it(
    lab: Lab,
    page: ClassPage,
    visible: Find,
    qtbot: QtBot,
    small_models: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ClassProbabilities, "decided", lambda _: np.zeros(1))
    lab.open_model("builtin")
    qtbot.waitUntil(lambda: lab.model.value is not None, timeout=20000)
    qtbot.mouseClick(visible(QAbstractButton, "class.empty.action"), LEFT)
    qtbot.waitUntil(lambda: "from t" in says(visible, "class.decided"), timeout=20000)
    line = page.plot.decided
    assert line.isVisible(), "the page calls it a line"
    assert line.value() == 0
    lab.is_asking.set(True)
    assert "from ?:" in says(visible, "class.decided")
    assert not line.isVisible()
    lab.is_asking.set(False)
    assert "from t" in says(visible, "class.decided")
    assert line.isVisible()


def test_nothing_is_computed_for_a_page_that_was_left(
    lab: Lab,
    page: ClassPage,
    window: MainWindow,
    visible: Find,
    qtbot: QtBot,
    small_models: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Computing a whole class takes long; a training run once waited for it unseen."""
    lab.open_model("builtin")
    qtbot.waitUntil(lambda: lab.model.value is not None, timeout=20000)
    qtbot.mouseClick(visible(QAbstractButton, "class.empty.action"), LEFT)
    qtbot.waitUntil(lambda: len(page.plot.log_snr) > 0, timeout=20000)
    held = Held(measure_tasks.classify)
    monkeypatch.setattr(measure_tasks, "classify", held)
    qtbot.mouseClick(visible(QAbstractButton, "class.of.class"), LEFT)
    job = lab.newest("see.class.class")
    assert job is not None
    qtbot.mouseClick(visible(QAbstractButton, "workspace.train"), LEFT)
    qtbot.waitUntil(lambda: job.outcome is not None, timeout=20000)
    assert job.outcome.kind == "canceled"
    held.go_on.set()
    # Train reads its runs meanwhile.
    assert job.name not in [handle.name for handle in lab.jobs.handles]
    # Back on the page, it is requested again.
    qtbot.mouseClick(visible(QAbstractButton, "workspace.see"), LEFT)
    qtbot.waitUntil(lambda: "of these 16" in says(visible, "class.about"), timeout=30000)
