"""The example run in Train: shown until the user has a run, marked, read-only, reachable later."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QLabel,
    QListWidget,
    QPushButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab import paths
from sprite_lab.app.lab import Lab
from sprite_lab.formats.lessons import load_lesson
from sprite_lab.paths import example_run, resource
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.text import words_of
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.train.run_page import RunPage
from sprite_lab.ui.train.workspace import TrainWorkspace
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from tests.qt import at_work, settle

pytestmark = pytest.mark.opens("data")

LEFT = Qt.MouseButton.LeftButton
Visible = Callable[[type, str], object]


@pytest.fixture
def train(window: MainWindow, lab: Lab, qtbot: QtBot) -> TrainWorkspace:
    """Train on a first launch."""
    window.resize(1280, 800)
    window.show_workspace("train")
    workspace = window.workspace("train")
    assert isinstance(workspace, TrainWorkspace)
    assert lab.training_runs.last_run.value is None, "not before the library has been read"
    lab.refresh_library()
    qtbot.waitUntil(lambda: len(workspace.history.steps) == 1500 and not at_work(lab.jobs))
    return workspace


@pytest.fixture
def own(train: TrainWorkspace, lab: Lab, qtbot: QtBot) -> Path:
    """A run of the user's own, in the list."""
    run = paths.runs_dir() / "20261130-101112-mine"
    shutil.copytree(example_run(), run)
    (run / "name.txt").unlink()
    lab.refresh_library()
    qtbot.waitUntil(lambda: bool(lab.runs.value))
    return run


def shown(widget: QWidget) -> list[QLabel]:
    return [label for label in widget.findChildren(QLabel) if label.isVisible()]


def page(visible: Visible, qtbot: QtBot, name: str) -> None:
    qtbot.mouseClick(visible(QToolButton, f"train.pages.tabs.{name}"), LEFT)


def test_every_view_shows_it(train: TrainWorkspace, visible: Visible, qtbot: QtBot) -> None:
    said = visible(QLabel, "train.state").text()
    assert "training run that learned 50 sprites by heart" in said
    assert train.previews.count > 30
    assert visible(QLabel, "train.figure.step").text() == "1,500"
    page(visible, qtbot, "levels")
    qtbot.waitUntil(lambda: train.levels.curves.isVisible())
    assert train.floor.floor is not None
    page(visible, qtbot, "memory")
    words = visible(QLabel, "train.memory.words")
    qtbot.waitUntil(lambda: "It memorizes from step" in words.text())
    assert "the error, averaged over equal ranges of log-SNR, has fallen by" in words.text()
    assert "of the newest samples are copies" in words.text()
    page(visible, qtbot, "checkpoints")
    assert any("comes without weights" in text.text() for text in shown(train.checkpoints))
    page(visible, qtbot, "runs")
    runs = train.page("runs")
    assert isinstance(runs, RunPage)
    qtbot.waitUntil(lambda: runs.table.rowCount() == 1)
    assert runs.table.item(0, 0).text() == "Example: 50 sprites, learned by heart"
    runs.table.setCurrentCell(0, 0)
    assert "keeps its name" in runs.rename.toolTip()


def test_both_floors_are_named_and_the_loss_has_its_own(
    train: TrainWorkspace, visible: Visible, qtbot: QtBot
) -> None:
    """The curve of the loss once did not explain why it cannot reach zero."""
    floor = train.floor.floor
    assert floor is not None
    assert floor.whole is not None
    assert 0 < floor.loss < floor.whole.loss < 0.05
    qtbot.waitUntil(lambda: len(train.plot.floor.x) == 2)
    assert train.plot.floor.x.tolist() == [1, 1500]
    assert train.plot.floor.y.tolist() == [floor.loss] * 2
    assert f"floor: {floor.loss:.4f}" in [label.text() for label in shown(train.plot)]
    # How much of the loss is the floor, and how much is left: measured numbers that add up.
    loss = float(train.history.losses[-100:].mean())
    said = visible(QLabel, "train.curves.floor.share").text()
    assert f"mean error of the last 100 steps is {loss:.4f}." in said
    assert f"Of it, {floor.loss:.4f} ({floor.loss / loss:.0%}) is floor" in said
    rest = round(loss, 4) - round(floor.loss, 4)
    assert f"The other {rest:.4f} could be learned" in said, "as written, they did not add up"
    assert visible(QLabel, "train.figure.loss").text() == f"{loss:.4f}", "it was another loss"
    # The page By noise level says where the floor is most of the error, as lesson 2 does.
    told = train.findChild(QLabel, "train.levels.floor.words")
    assert "From t = 340 up it is more than half of the training error." in told.text()
    assert "floor 0.0" in str(train.plot.plot.read(1000.0, 0.1))
    columns = train.plot.plot.table()
    assert len(columns["floor"]) == len(columns["step"]), "it is the same at each step"
    qtbot.mouseClick(visible(QAbstractButton, "train.measure.gradient"), LEFT)
    assert not len(train.plot.floor.x), "a gradient has another unit"
    assert not any(label.text().startswith("floor") for label in shown(train.plot))
    assert train.plot.floor_share.isHidden()
    page(visible, qtbot, "levels")
    curves = train.levels.curves
    qtbot.waitUntil(lambda: len(curves.whole.x) > 0 and curves.isVisible())
    named = {"floor of its 50 sprites", "floor of all 3,308 training sprites"}
    assert named <= {label.text() for label in shown(curves)}
    # The mark keeps no text about the training run shown before.
    curves.set_floor(None)
    curves.set_floor(replace(floor, sprites=128))
    assert "128 sprites" in curves.zero.label.toPlainText()
    curves.set_floor(floor)
    # With more sprites, several fit for longer, so it is above 0 at cleaner levels, too.
    assert np.isfinite(curves.whole.y).sum() > np.isfinite(curves.floor.y).sum()
    qtbot.mouseClick(visible(QAbstractButton, "train.levels.whole"), LEFT, pos=QPoint(8, 8))
    assert not len(curves.whole.x)
    assert not any("of all" in label.text() for label in shown(curves))


def test_what_cannot_be_done_with_it_says_why(train: TrainWorkspace, visible: Visible) -> None:
    button = visible(QPushButton, "train.continue")
    assert not button.isEnabled()
    why = "The example comes without weights, so it cannot be continued. Train a model first."
    assert words_of(button.toolTip()) == why
    assert visible(QLabel, "train.state").text().startswith("This is the example:")
    assert visible(QPushButton, "train.export").isEnabled()


def test_it_makes_way_for_an_own_run_and_stays_in_reach(
    train: TrainWorkspace, lab: Lab, own: Path, visible: Visible, qtbot: QtBot
) -> None:
    back = visible(QPushButton, "train.own")
    qtbot.mouseClick(back, LEFT)
    assert lab.training_runs.last_run.value == own
    assert not back.isVisible()
    page(visible, qtbot, "runs")
    runs = train.page("runs")
    assert isinstance(runs, RunPage)
    qtbot.waitUntil(lambda: runs.table.rowCount() == 1)
    assert runs.table.item(0, 0).text().startswith("mine")
    qtbot.mouseClick(visible(QPushButton, "train.runs.example"), LEFT)
    assert lab.training_runs.last_run.value == example_run()
    assert train.current == "curves"
    assert visible(QLabel, "train.state").text().startswith("This is the example")


def test_it_can_be_compared_with(
    train: TrainWorkspace, lab: Lab, own: Path, visible: Visible, qtbot: QtBot
) -> None:
    lab.training_runs.last_run.set(own)
    qtbot.waitUntil(lambda: not lab.jobs.handles)
    train.plot.compare.click()
    listed = train.findChild(QListWidget, "train.compare.list")
    items = [listed.item(row) for row in range(listed.count())]
    assert items[-1].text() == "Example: 50 sprites, learned by heart"
    items[-1].setCheckState(Qt.CheckState.Checked)
    qtbot.waitUntil(lambda: example_run() in train.plot.overlays)
    lab.refresh_library()
    qtbot.waitUntil(lambda: not lab.jobs.handles)
    assert example_run() in train.plot.overlays, "the library does not list it, and it stays"
    settle(train)
    first, other = (grid.height() for grid in train.previews.findChildren(SpriteGrid))
    assert abs(first - other) < 40, "samples of both are equally large"


def test_it_comes_back_when_the_last_own_run_is_gone(
    train: TrainWorkspace, lab: Lab, own: Path, qtbot: QtBot
) -> None:
    lab.training_runs.last_run.set(own)
    shutil.rmtree(own)
    lab.training_runs.last_run.set(None)  # as when it goes to the trash
    lab.refresh_library()
    qtbot.waitUntil(lambda: lab.training_runs.last_run.value == example_run())


def test_nothing_moves_as_an_own_run_takes_its_place(
    train: TrainWorkspace, lab: Lab, own: Path, visible: Visible, qtbot: QtBot
) -> None:
    """A figure and a line of text once disappeared, so everything below jumped up."""
    places = []
    for run in (example_run(), own):
        lab.training_runs.last_run.set(run)
        qtbot.waitUntil(lambda: not lab.jobs.handles)
        settle(train)
        for name in ("train.figure.elapsed", "train.pages.tabs.curves"):
            widget = train.findChild(QWidget, name)
            places.append(widget.mapTo(train, QPoint(0, 0)))
    assert places[:2] == places[2:]


def test_lesson_2_tells_how_much_of_its_error_is_floor(train: TrainWorkspace, qtbot: QtBot) -> None:
    floor = train.floor.floor
    assert floor is not None
    told = load_lesson(resource("lessons/02-what-the-network-predicts.json")).steps[3].text
    share = floor.loss / float(train.history.recent.mean())
    assert f"Over all levels it is only {share:.0%}" in told
    qtbot.waitUntil(lambda: "From t = " in train.levels.curves.floor_words.text())
    (level,) = re.findall(r"From t = (\d+)", train.levels.curves.floor_words.text())
    assert f"Above t = {level} it is more than half" in told


def test_empty_pages_offer_it(window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot) -> None:
    window.show_workspace("train")
    for name in ("curves", "levels", "memory"):
        lab.training_runs.last_run.set(None)
        page(visible, qtbot, name)
        qtbot.mouseClick(visible(QPushButton, f"train.{name}.empty.action"), LEFT)
        assert lab.training_runs.last_run.value == example_run()
    qtbot.waitUntil(lambda: not lab.jobs.handles)


def test_nothing_is_cut_off_beside_large_text(
    train: TrainWorkspace, theme: ThemeManager, visible: Visible, qtbot: QtBot
) -> None:
    theme.set_text_size(150)
    settle(train)
    smoothing = train.plot.smoothing
    assert smoothing.width() >= smoothing.minimumSizeHint().width()
    page(visible, qtbot, "memory")
    qtbot.waitUntil(lambda: bool(train.memory.gap.series))
    settle(train)
    for plot in (train.memory.gap, train.memory.copies):
        box = plot.item.getViewBox().sceneBoundingRect()
        (label,) = (line.label for line in plot.item.items if getattr(line, "label", None))
        told = label.mapRectToScene(label.boundingRect())
        assert box.top() - 1 <= told.top(), "the word at the line"
        assert told.bottom() <= box.bottom()
        title = plot.item.getAxis("bottom").label
        assert plot.view.sceneRect().contains(title.mapRectToScene(title.boundingRect()).center())
    page(visible, qtbot, "runs")
    runs = train.page("runs")
    assert isinstance(runs, RunPage)
    qtbot.waitUntil(lambda: runs.table.rowCount() == 1)
    settle(train)
    for label in shown(runs.empty):
        if label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width()), label.text()
