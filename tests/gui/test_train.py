"""Train, by its buttons: start, pause, step, stop, cancel; curve, numbers, previews."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QToolButton,
    QTreeWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app import tasks
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import rough_time_text, run_title
from sprite_lab.app.task import Task
from sprite_lab.app.train.run_differences import all_settings
from sprite_lab.app.train.run_past import RunPast, read_past
from sprite_lab.app.train.training_runs import BARELY_TRAINED
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.presets import PRESETS, STUDENT
from sprite_lab.core.records import Preview, StepRecord
from sprite_lab.core.run import Run, RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.formats.json_files import write_json
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.status_bar import StatusBar
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.train.controls import why_not
from sprite_lab.ui.train.workspace import TrainWorkspace
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from tests.gui.stand_ins import StandInModel, StandInTraining, training  # noqa: F401
from tests.gui.test_main_window import answer
from tests.made import make_sprites
from tests.qt import is_at_rest, let_train, settle

pytestmark = pytest.mark.opens("train")

LEFT = Qt.MouseButton.LeftButton
Visible = Callable[[type, str], QWidget]


@pytest.fixture
def train(
    window: MainWindow,
    lab: Lab,
    sprites: SpriteSet,
    training: StandInTraining,  # noqa: F811
) -> TrainWorkspace:
    lab.data.set(sprites)
    window.show_workspace("train")
    workspace = window.workspace("train")
    assert isinstance(workspace, TrainWorkspace)
    return workspace


def press(visible: Visible, qtbot: QtBot, name: str) -> None:
    button = visible(QPushButton, f"train.{name}")
    assert button.isEnabled(), name
    qtbot.mouseClick(button, LEFT)


def steps(train: TrainWorkspace) -> int:
    return len(train.history.steps)


def test_start_pause_step_resume_stop(
    train: TrainWorkspace,
    lab: Lab,
    visible: Visible,
    qtbot: QtBot,
    training: StandInTraining,  # noqa: F811
) -> None:
    for name in ("pause", "step", "stop", "cancel"):
        assert not visible(QPushButton, f"train.{name}").isEnabled()
    # Nothing is measured yet, so there are no axes.
    view = train.plot.plot.view
    assert not view.isVisible()
    press(visible, qtbot, "start")
    qtbot.waitUntil(lambda: steps(train) > 30)
    qtbot.waitUntil(view.isVisible)
    assert not visible(QPushButton, "train.start").isEnabled()
    assert not visible(QComboBox, "train.preset").isEnabled()
    press(visible, qtbot, "pause")
    assert visible(QPushButton, "train.pause").text() == "Resume"
    handle = lab.training_runs.current.value.handle
    qtbot.waitUntil(lambda: handle.state == "paused")
    let_train(lab.jobs)  # finish whatever is under way
    held = steps(train)
    for more in (1, 2):  # one step each, and none in between
        press(visible, qtbot, "step")
        qtbot.waitUntil(lambda more=more: steps(train) >= held + more)
        let_train(lab.jobs)
        assert steps(train) == held + more
    press(visible, qtbot, "pause")
    assert visible(QPushButton, "train.pause").text() == "Pause"
    qtbot.waitUntil(lambda: steps(train) > held + 10)
    press(visible, qtbot, "stop")
    with qtbot.waitSignal(lab.model.changed):
        pass
    assert training.endings == ["saved"]
    # Nothing is lost: every step is on the curve.
    assert train.history.steps.tolist() == list(range(1, steps(train) + 1))
    assert visible(QPushButton, "main.generate").isEnabled()
    assert visible(QPushButton, "train.start").isEnabled()


def test_the_focus_stays_with_the_buttons(
    train: TrainWorkspace,
    window: MainWindow,
    lab: Lab,
    visible: Visible,
    qtbot: QtBot,
) -> None:
    window.activateWindow()
    start, pause, stop = (
        visible(QPushButton, f"train.{name}") for name in ("start", "pause", "stop")
    )
    start.setFocus()
    qtbot.waitUntil(start.hasFocus)
    qtbot.keyClick(start, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: steps(train) > 5)
    assert pause.hasFocus()
    stop.setFocus()
    qtbot.keyClick(stop, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
    assert start.hasFocus()
    # Users who went elsewhere stay there.
    press(visible, qtbot, "start")
    qtbot.waitUntil(lambda: steps(train) > 5)
    qtbot.keyClick(pause, Qt.Key.Key_Tab)
    elsewhere = QApplication.focusWidget()
    assert elsewhere is visible(QPushButton, "train.step")
    tree = window.findChild(QTreeWidget, "library.tree")
    tree.setFocus()
    lab.training_runs.current.value.handle.stop()
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
    assert tree.hasFocus()


def test_no_field_moves_as_a_warning_appears_in_large_text(
    train: TrainWorkspace, window: MainWindow, theme: ThemeManager, visible: Visible
) -> None:
    window.resize(1280, 800)
    theme.set_text_size(150)
    settle(window)
    controls, field = train.controls, visible(QComboBox, "train.preset")
    warning = controls.findChild(QLabel, "train.warning")
    before = field.mapTo(window, QPoint()).y()
    warning.setText(
        "Too few steps from scratch: set Epochs to at least 500, or start from the open model."
    )
    warning.show()
    controls.findChild(QLabel, "train.state").hide()
    settle(window)
    assert field.mapTo(window, QPoint()).y() == before


def test_the_panel_stays_where_it_is_as_buttons_turn_gray(
    train: TrainWorkspace,
    window: MainWindow,
    lab: Lab,
    theme: ThemeManager,
    visible: Visible,
    qtbot: QtBot,
) -> None:
    """In an inactive window, a gray button once passed its focus to one below,
    and the panel scrolled.
    """
    window.resize(1280, 800)
    theme.set_text_size(150)
    settle(window)
    bar, start = train.controls.verticalScrollBar(), visible(QPushButton, "train.start")
    assert bar.maximum()
    start.setFocus()
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not start.hasFocus())
    lab.training_runs.start(train.controls.recipe.config())
    qtbot.waitUntil(lambda: steps(train) > 5)
    assert bar.value() == 0
    press(visible, qtbot, "stop")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
    assert bar.value() == 0


def test_the_smallest_batch_is_a_number(train: TrainWorkspace, visible: Visible) -> None:
    """It was shown as “the fastest number for this machine”, which only commands offer."""
    field = visible(QDoubleSpinBox, "train.batch.field")
    field.setValue(field.minimum())
    assert field.text() == "4"
    assert train.controls.recipe.config().batch_size == 4


def test_what_it_will_take_is_true_from_the_start(
    train: TrainWorkspace,
    lab: Lab,
    visible: Visible,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def plan(config: TrainConfig, *_: object) -> Callable[[object], object]:
        def make(control: object):  # type: ignore[no-untyped-def]
            yield from ()
            return tasks.Plan(5, 2, config.epochs, 1_000_000, 2_000_000, False)

        return Task(make)

    monkeypatch.setattr(tasks, "plan_training", plan)
    text = visible(QLabel, "train.plan")
    qtbot.waitUntil(lambda: text.text() == "Loading…")  # the group is never empty
    lab.machine.set(tasks.Machine("cpu", ("cpu",)))
    visible(QDoubleSpinBox, "train.epochs.field").setValue(32)
    qtbot.waitUntil(lambda: "32 steps" in text.text())
    # With fewer epochs, it would draw noise.
    assert "set Epochs to at least 500" in visible(QLabel, "train.warning").text()
    # On a small screen, it was once below the fold, in the estimate.
    assert not train.controls.findChild(QLabel, "train.state").isVisible()
    visible(QDoubleSpinBox, "train.epochs.field").setValue(500)
    qtbot.waitUntil(train.controls.findChild(QLabel, "train.warning").isHidden)
    assert visible(QLabel, "train.state").text()
    # No time is left to plan before it starts.
    visible(QDoubleSpinBox, "train.epochs.field").setValue(7)
    press(visible, qtbot, "start")
    qtbot.waitUntil(lambda: "7 steps" in text.text())
    assert lab.training_runs.current.value is not None
    press(visible, qtbot, "stop")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)


def test_how_long_it_takes_here_is_tried_once_before_the_first_run(
    train: TrainWorkspace,
    lab: Lab,
    visible: Visible,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[bool] = []

    def plan(
        config: TrainConfig, sprites: object, init: object, timed: bool
    ) -> Callable[[object], object]:
        tried.append(timed)

        def make(control: object):  # type: ignore[no-untyped-def]
            yield from ()
            speed = 32.0 if timed else 0.0
            return tasks.Plan(500, 2, config.epochs, 1_000_000, 2_000_000, False, speed)

        return Task(make)

    monkeypatch.setattr(tasks, "plan_training", plan)
    lab.machine.set(tasks.Machine("cpu", ("cpu",)))
    text = visible(QLabel, "train.plan")
    epochs = visible(QDoubleSpinBox, "train.epochs.field")
    batch = train.controls.recipe.config().batch_size
    for number in (32, 48):
        epochs.setValue(number)
        wanted = f"{number} steps, about {rough_time_text(number * batch / 32)}"
        qtbot.waitUntil(lambda wanted=wanted: wanted in text.text())
    assert tried.count(True) == 1, "what is known is not tried again"
    about = visible(QLabel, "train.preset.about")
    assert about.text().startswith("A network that learns fast")
    train.controls.recipe.preset.setCurrentIndex(1)
    train.controls.recipe.preset.activated.emit(1)
    assert about.text().startswith("The same network, for far longer")


def test_the_library_lists_the_first_training_while_it_runs(
    train: TrainWorkspace,
    window: MainWindow,
    lab: Lab,
    visible: Visible,
    qtbot: QtBot,
) -> None:
    tree = window.findChild(QTreeWidget, "library.tree")

    def rows() -> list[str]:
        runs = tree.topLevelItem(1)
        return [runs.child(i).text(0) for i in range(runs.childCount())]

    assert rows() == []  # nothing is read yet
    lab.refresh_library()
    qtbot.waitUntil(lambda: not lab.jobs.handles)
    assert rows() == ["None yet"]
    press(visible, qtbot, "start")
    name, _, when = run_title(lab.training_runs.current.value.run.name).partition(", ")
    assert rows() == [f"{name}\ntraining now"]
    place = tree.visualItemRect(tree.topLevelItem(1).child(0)).center()
    qtbot.mouseClick(tree.viewport(), LEFT, pos=place)
    button = visible(QPushButton, "library.open")
    assert not button.isEnabled()
    assert button.toolTip() == "It can be opened when its training ends"
    qtbot.waitUntil(lambda: steps(train) > 5, timeout=5000)
    press(visible, qtbot, "pause")
    qtbot.waitUntil(lambda: rows() == [f"{name}\ntraining paused"], timeout=5000)
    press(visible, qtbot, "stop")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None, timeout=5000)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=5000)
    assert rows() == [f"{name}\n{when}"]
    assert button.isEnabled()


def test_cancel_asks_and_discards(
    train: TrainWorkspace,
    lab: Lab,
    visible: Visible,
    qtbot: QtBot,
    training: StandInTraining,  # noqa: F811
) -> None:
    press(visible, qtbot, "start")
    qtbot.waitUntil(lambda: steps(train) > 5)
    run = lab.training_runs.current.value.run
    answer("train.discard.no")
    press(visible, qtbot, "cancel")
    assert lab.training_runs.current.value is not None
    answer("train.discard.yes")
    press(visible, qtbot, "cancel")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
    assert training.endings == ["discarded"]
    assert not run.exists()
    assert lab.model.value is None
    assert steps(train) == 0


def test_a_training_that_is_stopped_at_once_is_offered_and_not_opened(
    train: TrainWorkspace,
    lab: Lab,
    visible: Visible,
    qtbot: QtBot,
    training: StandInTraining,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # On a busy machine, "at once" takes many steps of this training.
    monkeypatch.setattr("sprite_lab.app.train.training_runs.BARELY_TRAINED", training.steps)
    lab.put_model("good", StandInModel(title="good"))
    visible(QCheckBox, "train.from_model").setChecked(False)
    told: list[str] = []
    lab.notice.connect(told.append)
    opened: list[Path] = []
    monkeypatch.setattr(lab, "open_model", opened.append)
    lab.training_runs.trained.connect(opened.append)
    train.start()
    qtbot.waitUntil(lambda: steps(train) > 5)
    press(visible, qtbot, "stop")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
    assert lab.model.value.title == "good"
    assert Path(lab.settings.value.model).name == "good"
    assert opened == []
    assert any("“good” stays open" in text for text in told)
    run = lab.training_runs.last_run.value
    press(visible, qtbot, "open")
    assert opened == [run]


def test_a_training_that_was_stopped_later_or_ended_is_opened(
    train: TrainWorkspace,
    lab: Lab,
    visible: Visible,
    qtbot: QtBot,
    training: StandInTraining,  # noqa: F811
) -> None:
    opened: list[Path] = []
    lab.training_runs.trained.connect(opened.append)
    for steps_of, enough in ((100_000, BARELY_TRAINED), (7, 0)):
        lab.put_model("good", StandInModel(title="good"))
        visible(QCheckBox, "train.from_model").setChecked(False)
        training.steps = steps_of
        train.start()
        run = lab.training_runs.current.value.run
        if enough:
            qtbot.waitUntil(lambda enough=enough: steps(train) > enough)
            press(visible, qtbot, "stop")
        qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
        assert opened.pop() == run
        qtbot.waitUntil(lambda: not lab.jobs.handles)


def test_a_run_killed_before_its_first_checkpoint_is_continued(
    train: TrainWorkspace,
    lab: Lab,
    qtbot: QtBot,
    tmp_path: Path,
    training: StandInTraining,  # noqa: F811
) -> None:
    training.steps = 3
    config = TrainConfig(epochs=7, batch_size=5)
    write_json(tmp_path / "run.json", {"config": config.to_json(), "data": {}}, 1)
    failures: list[str] = []
    lab.failed.connect(lambda error, _: failures.append(error))
    lab.training_runs.continue_run(tmp_path, epochs=9)
    qtbot.waitUntil(lambda: bool(training.configs or failures))
    assert failures == []
    assert training.configs == [replace(config, epochs=9)]
    qtbot.waitUntil(lambda: not lab.jobs.handles)


@pytest.mark.parametrize(
    ("ends", "then"),
    [
        ({"epochs": 9}, {"epochs": 18}),  # instead of ending at once, without training
        ({"epochs": None, "max_steps": 60}, {"epochs": None, "max_steps": 120}),
    ],
)
def test_a_run_that_had_its_epochs_is_continued_for_as_long_again(
    train: TrainWorkspace,
    lab: Lab,
    qtbot: QtBot,
    tmp_path: Path,
    training: StandInTraining,  # noqa: F811
    ends: dict[str, int | None],
    then: dict[str, int | None],
) -> None:
    training.steps = 3
    config = replace(TrainConfig(batch_size=5), **ends)
    write_json(tmp_path / "run.json", {"config": config.to_json(), "data": {}}, 1)
    row = {"step": 60, "epoch": 9.0, "seconds": 1.0, "loss": 1.0}
    (tmp_path / "metrics.jsonl").write_text(json.dumps(row) + "\n")
    lab.training_runs.continue_run(tmp_path, epochs=9)
    qtbot.waitUntil(lambda: bool(training.configs))
    assert training.configs == [replace(config, **then)]
    qtbot.waitUntil(lambda: not lab.jobs.handles)


def test_a_canceled_training_leaves_the_one_before_it(
    train: TrainWorkspace,
    lab: Lab,
    visible: Visible,
    qtbot: QtBot,
    training: StandInTraining,  # noqa: F811
) -> None:
    said = visible(QLabel, "train.state")
    assert said.text() == "Nothing has been trained yet."
    press(visible, qtbot, "start")
    qtbot.waitUntil(lambda: steps(train) > 5)
    press(visible, qtbot, "stop")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
    first = lab.training_runs.last_run.value
    before = said.text()
    assert before == f"Last run: {run_title(first.name)}"
    press(visible, qtbot, "start")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is not None)
    qtbot.waitUntil(lambda: steps(train) > 5)
    answer("train.discard.yes")
    press(visible, qtbot, "cancel")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
    assert lab.training_runs.last_run.value == first
    assert said.text() == before
    assert visible(QPushButton, "train.continue").isEnabled()
    qtbot.waitUntil(lambda: not lab.jobs.handles)


def test_the_settings_are_what_is_trained_with(
    train: TrainWorkspace,
    lab: Lab,
    visible: Visible,
    qtbot: QtBot,
    training: StandInTraining,  # noqa: F811
) -> None:
    preset = visible(QComboBox, "train.preset")
    preset.setCurrentIndex(preset.findData("course"))
    preset.activated.emit(preset.currentIndex())
    assert train.controls.recipe.config() == PRESETS["course"]
    epochs = visible(QDoubleSpinBox, "train.epochs.field")
    epochs.setValue(7)
    assert preset.currentText() == "Course"
    about = visible(QLabel, "train.preset.about").text()
    assert about == "The recipe of the course's notebook\nChanged since it was chosen"
    qtbot.mouseClick(visible(QToolButton, "train.advanced.header"), LEFT)
    visible(QDoubleSpinBox, "train.width.field").setValue(48)
    schedule = visible(QComboBox, "train.schedule")
    schedule.setCurrentIndex(schedule.findData("cosine"))
    press(visible, qtbot, "start")
    config = training.configs[0]
    assert (config.preset, config.epochs, config.network.width) == ("course", 7, 48)
    assert config.schedule.name == "cosine"
    assert config.network.name == "context_unet"
    # They are restored at the next launch.
    assert lab.settings.value.train["epochs"] == 7
    press(visible, qtbot, "stop")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)


def test_the_numbers_are_those_of_the_last_records(
    train: TrainWorkspace,
    lab: Lab,
    visible: Visible,
    qtbot: QtBot,
    training: StandInTraining,  # noqa: F811
) -> None:
    training.steps = 101
    press(visible, qtbot, "start")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
    shown = {
        name: visible(QLabel, f"train.figure.{name}").text()
        for name in ("step", "epoch", "validation", "epsilon", "speed", "elapsed")
    }
    assert shown == {
        "step": "101",
        "epoch": "2.0",
        "validation": f"{1.1 / 101:.4f}",
        "epsilon": f"{0.9 / 101:.4f}",
        "speed": "1,000",
        "elapsed": "1 s",
    }


def count_of_points(curve: pg.PlotDataItem) -> int:
    """The points of a curve; none before it is drawn."""
    x, _ = curve.getOriginalDataset()
    return 0 if x is None else len(x)


def test_the_curve_is_drawn_from_the_history(
    train: TrainWorkspace,
    lab: Lab,
    visible: Visible,
    qtbot: QtBot,
    training: StandInTraining,  # noqa: F811
) -> None:
    training.steps = 300
    press(visible, qtbot, "start")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
    smoothed = train.plot.series["training"].item
    qtbot.waitUntil(lambda: count_of_points(smoothed) == 300)
    settle(train.plot.plot.view)
    _, y = smoothed.getOriginalDataset()
    assert np.allclose(y, train.history.smoothed)
    before = train.history.smoothed.copy()
    visible(QDoubleSpinBox, "train.smoothing.field").setValue(0.95)
    qtbot.waitUntil(lambda: np.abs(smoothed.getOriginalDataset()[1] - before).max() > 1e-3)
    settle(train.plot.plot.view)
    assert lab.settings.value.smoothing == pytest.approx(0.95)
    # On a log scale, the view is in powers of ten, from about 1/300 to 1.
    low, high = train.plot.plot.item.viewRange()[1]
    assert low < -2
    assert high < 1
    log = visible(QCheckBox, "train.log")
    qtbot.mouseClick(log, LEFT, pos=_box(log))
    qtbot.waitUntil(lambda: is_at_rest(train))
    settle(train.plot.plot.view)
    low, high = train.plot.plot.item.viewRange()[1]
    assert low > -1
    assert high > 0.9


def _box(check: QWidget):  # type: ignore[no-untyped-def]
    point = check.rect().center()
    point.setX(8)
    return point


def test_pointing_at_the_curve_reads_it(
    train: TrainWorkspace,
    lab: Lab,
    visible: Visible,
    qtbot: QtBot,
    training: StandInTraining,  # noqa: F811
) -> None:
    training.steps = 100
    press(visible, qtbot, "start")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
    smoothed = train.plot.series["training"].item
    qtbot.waitUntil(lambda: count_of_points(smoothed) == 100)
    settle(train.plot.plot.view)
    view = train.plot.plot.item.getViewBox()
    scene = view.mapViewToScene(QPointF(50.2, -1.0))
    place = train.plot.plot.view.mapFromScene(scene)
    qtbot.mouseMove(train.plot.plot.view.viewport(), place)
    qtbot.waitUntil(lambda: "step 50" in visible(QLabel, "train.readout").text())
    assert "loss 0.0200" in visible(QLabel, "train.readout").text()


def test_previews_follow_the_newest_until_one_goes_back(
    train: TrainWorkspace,
    lab: Lab,
    visible: Visible,
    qtbot: QtBot,
    training: StandInTraining,  # noqa: F811
) -> None:
    press(visible, qtbot, "start")
    previews = train.previews
    qtbot.waitUntil(lambda: previews.count >= 3)
    assert previews.model.frame == previews.count - 1
    slider = visible(QSlider, "timeline.slider")
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert previews.model.frame == 0
    count = previews.count
    qtbot.waitUntil(lambda: previews.count > count)
    assert previews.model.frame == 0
    qtbot.keyClick(slider, Qt.Key.Key_End)
    count = previews.count
    qtbot.waitUntil(lambda: previews.count > count)
    assert previews.model.frame == previews.count - 1
    assert visible(SpriteGrid, "train.samples").count == 4
    press(visible, qtbot, "stop")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)


def test_the_top_bar_starts_pauses_and_stops_too(
    train: TrainWorkspace, window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    window.show_workspace("see")
    qtbot.mouseClick(visible(QPushButton, "main.train"), LEFT)
    assert window.current == "train"
    qtbot.waitUntil(lambda: steps(train) > 5)
    window.show_workspace("see")  # Train has its own Start
    assert not visible(QPushButton, "main.train").isEnabled()
    qtbot.mouseClick(visible(QToolButton, "main.pause"), LEFT)
    qtbot.waitUntil(lambda: lab.training_runs.current.value.handle.state == "paused")
    qtbot.waitUntil(lambda: visible(QToolButton, "main.pause").isChecked())
    qtbot.mouseClick(visible(QToolButton, "main.pause"), LEFT)
    qtbot.waitUntil(lambda: lab.training_runs.current.value.handle.state == "running")
    qtbot.waitUntil(lambda: "sprites/s" in visible(QLabel, "status.speed").text())
    assert "%" in window.windowTitle()
    qtbot.mouseClick(visible(QToolButton, "main.stop"), LEFT)
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
    assert "%" not in window.windowTitle()


def test_the_status_bar_says_what_a_training_waits_for(
    train: TrainWorkspace, lab: Lab, visible: Visible, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    still = "sprite_lab.app.train.pace.STILL"
    monkeypatch.setattr(still, 600.0)  # even if a busy machine stands still
    held = threading.Event()

    def measure(control: RunControl) -> Run[None]:
        yield None
        held.wait(60)

    press(visible, qtbot, "start")
    speed = visible(QLabel, "status.speed")
    qtbot.waitUntil(lambda: "sprites/s" in speed.text())
    left = visible(QLabel, "status.left")
    qtbot.waitUntil(lambda: left.text().startswith("about ") and left.text().endswith(" left"))
    monkeypatch.setattr(still, 0.3)
    lab.do(Task(measure), lab, name="Floor of the error")
    qtbot.waitUntil(lambda: speed.text() == "Training waits for “Floor of the error”")
    assert visible(QLabel, "status.left").text() == ""
    held.set()
    qtbot.waitUntil(lambda: "sprites/s" in speed.text())
    # While another job runs, the time left begins after it.
    go_on = threading.Event()

    def short(control: RunControl) -> Run[None]:
        while not go_on.is_set():
            yield None

    lab.do(Task(short), lab, name="Floor of the error")
    qtbot.waitUntil(lambda: left.text().endswith(" left after “Floor of the error”"))
    go_on.set()
    qtbot.waitUntil(lambda: left.text().endswith(" left"))
    monkeypatch.setattr(still, 600.0)
    # A job that reads or writes files runs in parallel.
    written, texts = threading.Event(), []

    def write(control: RunControl) -> Run[None]:
        yield None
        written.wait(60)

    lab.do(Task(write, worker="files"), lab, name="Saving")
    before = steps(train)

    def later() -> bool:
        texts.append(left.text())
        return steps(train) >= before + 20

    qtbot.waitUntil(later)
    written.set()
    assert all(text.startswith("about ") and text.endswith(" left") for text in texts), texts
    press(visible, qtbot, "stop")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)


def test_a_training_that_fails_says_why(
    train: TrainWorkspace,
    lab: Lab,
    visible: Visible,
    qtbot: QtBot,
    training: StandInTraining,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sprite_lab.app import tasks
    from sprite_lab.core.errors import RunError

    def broken(*_: object, **__: object):  # type: ignore[no-untyped-def]
        def run(control: object):  # type: ignore[no-untyped-def]
            yield None
            raise RunError("The loss is no longer a number: lower the learning rate.")

        return Task(run, long=True)

    monkeypatch.setattr(tasks, "train", broken)
    press(visible, qtbot, "start")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
    assert "lower the learning rate" in visible(QLabel, "error.text").text()
    assert visible(QPushButton, "train.start").isEnabled()


# -- with the engine -----------------------------------------------------------------------


def test_a_real_training_continues_and_is_exported(
    window: MainWindow,
    lab: Lab,
    sprites: SpriteSet,
    visible: Visible,
    tmp_path: Path,
    qtbot: QtBot,
    few_threads: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[Path] = []

    def behind(run: Path) -> Task[RunPast]:
        """Read, the first time, as if the file had at most one step."""

        def reading(control: RunControl) -> Run[RunPast]:
            past = yield from read_past(run)(control)
            read.append(run)
            later = [r for r in past.records if isinstance(r, StepRecord) and r.step > 1]
            some = tuple(record for record in past.records if record not in later)
            return replace(past, records=some) if len(read) == 1 else past

        return Task(reading, worker="files")

    lab.data.set(sprites)
    window.show_workspace("train")
    train = window.workspace("train")
    monkeypatch.setattr("sprite_lab.ui.train.workspace.read_past", behind)
    visible(QDoubleSpinBox, "train.epochs.field").setValue(10)
    visible(QDoubleSpinBox, "train.batch.field").setValue(16)
    qtbot.mouseClick(visible(QToolButton, "train.advanced.header"), LEFT)
    visible(QDoubleSpinBox, "train.width.field").setValue(16)
    press(visible, qtbot, "start")
    qtbot.waitUntil(lambda: steps(train) >= 5, timeout=60_000)
    press(visible, qtbot, "pause")
    qtbot.waitUntil(lambda: lab.training_runs.current.value.handle.state == "paused")
    let_train(lab.jobs)  # finish whatever is under way
    late = TrainWorkspace(lab)  # as when the page for one's own style opens it
    qtbot.waitUntil(lambda: late.history.steps.tolist() == [1])
    press(visible, qtbot, "pause")
    qtbot.waitUntil(lambda: lab.model.value is not None, timeout=60_000)
    first = steps(train)
    assert first >= 30
    # It is compared by its training settings: the network fits the sprites.
    past = drain(read_past(lab.training_runs.last_run.value)(RunControl()))
    assert train.plot.settings == all_settings(past.config, past.data_title)
    qtbot.waitUntil(lambda: late.history.steps.tolist() == [*range(1, first + 1)], timeout=20_000)
    late.deleteLater()
    assert train.previews.count >= 2
    run = lab.training_runs.last_run.value
    visible(QDoubleSpinBox, "train.epochs.field").setValue(14)
    with qtbot.waitSignal(lab.training_runs.current.changed):  # it may end at any moment
        press(visible, qtbot, "continue")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None, timeout=60_000)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    # The curve is complete: the past, which was read, and everything since.
    assert train.history.steps.tolist() == list(range(1, round(first * 1.4) + 1))
    assert lab.training_runs.last_run.value == run

    # Only the added part of a continued run is discarded.
    whole = train.history.steps.tolist()
    said: list[str] = []
    lab.notice.connect(said.append)
    visible(QDoubleSpinBox, "train.epochs.field").setValue(500)
    press(visible, qtbot, "continue")
    qtbot.waitUntil(lambda: steps(train) > len(whole), timeout=60_000)
    answer("train.discard.yes")
    press(visible, qtbot, "cancel")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None, timeout=20_000)
    qtbot.waitUntil(lambda: train.history.steps.tolist() == whole, timeout=20_000)
    assert said == ["Training was canceled; the run is back as it was before you continued it."]
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)

    target = tmp_path / "training.gif"

    def type_name() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QFileDialog):
            QTimer.singleShot(50, type_name)
            return
        dialog.findChild(QLineEdit).setText(str(target))
        dialog.accept()

    press(visible, qtbot, "export")
    exports = window.exporting.window
    assert exports.findChild(QComboBox, "export.subject").currentData() == "training"
    exports.findChild(QDoubleSpinBox, "export.scale.field").setValue(8)
    QTimer.singleShot(50, type_name)
    qtbot.mouseClick(exports.findChild(QPushButton, "export.go"), LEFT)
    qtbot.waitUntil(target.is_file, timeout=20_000)
    exports.close()
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    with Image.open(target) as gif:
        assert gif.n_frames == train.previews.count
        assert gif.size == (4 * 16 * 8, 4 * 16 * 8)


def test_previews_of_a_stopped_run_are_read_back(
    train: TrainWorkspace, lab: Lab, qtbot: QtBot
) -> None:
    previews = [Preview(step, np.zeros((4, 16, 16, 3), np.uint8)) for step in (1, 50, 90)]
    train.previews.set_previews(previews)
    assert train.previews.model.axis.values.tolist() == [1, 50, 90]
    assert train.previews.model.frame == 2


def test_train_built_after_a_small_set_and_a_model_are_open_has_the_recipe_of_tuning(
    window: MainWindow, lab: Lab
) -> None:
    lab.put_data(None, make_sprites(60))
    lab.model.set(StandInModel())
    window.show_workspace("train")
    controls = window.navigator.train.controls
    assert controls.start_group.from_model
    assert controls.recipe.config().preset == "tune"


def test_the_choice_to_start_from_a_model_is_for_one_set(
    train: TrainWorkspace, lab: Lab, tmp_path: Path
) -> None:
    group, recipe = train.controls.start_group, train.controls.recipe
    lab.model.set(StandInModel())
    lab.put_data(tmp_path / "many.npz", make_sprites(501))
    group.keep_choice()  # like a training run that starts from scratch
    assert not group.from_model
    lab.put_data(tmp_path / "mine.npz", make_sprites(60))
    assert group.from_model
    lab.model.set(StandInModel(step=49))  # which draws noise
    assert not group.from_model
    lab.model.set(StandInModel())
    assert recipe.config().preset == "tune"
    lab.put_data(tmp_path / "many.npz", make_sprites(501))
    assert not group.from_model
    assert recipe.config().preset == "quick"


def test_an_edit_of_the_set_leaves_the_recipe_of_a_running_training(
    train: TrainWorkspace,
    lab: Lab,
    qtbot: QtBot,
    training: StandInTraining,  # noqa: F811
) -> None:
    lab.model.set(StandInModel())
    recipe = train.controls.recipe
    assert recipe.config().preset == "tune"
    # as the page for one's own style does
    lab.training_runs.start(recipe.config(), init=lab.model.value)
    lab.edits.add_words(np.array([0]), ["red"])
    assert recipe.config().preset == "tune"
    lab.training_runs.current.value.handle.stop()
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
    assert recipe.config().preset == "tune"


def test_sprites_of_another_size_are_named_by_width_and_height() -> None:
    tall = SpriteSet(np.zeros((2, 24, 16, 3), np.uint8))
    assert why_not(StandInModel(), tall).endswith("these sprites are 16×24.")


def test_a_training_starts_from_the_open_model_if_that_fits(
    train: TrainWorkspace,
    lab: Lab,
    visible: Visible,
    qtbot: QtBot,
    training: StandInTraining,  # noqa: F811
) -> None:
    tick = visible(QCheckBox, "train.from_model")
    why = visible(QLabel, "train.from_model_why")
    assert not tick.isEnabled()
    assert "open one" in why.text()
    assert "80 sprites" in visible(QLabel, "train.data").text()
    lab.model.set(StandInModel(is_student=True))
    assert not tick.isEnabled()
    assert "is a student" in why.text()
    lab.model.set(StandInModel(image_size=24))
    assert not tick.isEnabled()
    assert "24×24" in why.text()
    model = StandInModel(title="mine")
    lab.model.set(model)
    assert tick.isEnabled()
    assert tick.isChecked()  # automatically, since the set is small
    assert "from what “mine” has learned" in why.text()
    assert "keeps its network" in why.text()
    for name in ("train.width", "train.schedule"):
        field = train.controls.findChild(QWidget, name)
        assert not field.isEnabled()
        assert "model" in field.toolTip(), "it says why"
    assert train.controls.recipe.config().preset == "tune"
    assert train.controls.recipe.config() == replace(
        PRESETS["tune"], seed=train.controls.recipe.config().seed
    )
    press(visible, qtbot, "start")
    assert training.inits == [model]
    assert not tick.isEnabled()  # during training
    lab.model.set(StandInModel(title="another"))
    assert why.text() == "Training started from what “mine” has learned."
    qtbot.waitUntil(lambda: steps(train) > 3)
    press(visible, qtbot, "stop")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
    # The model opened then is a different one, and unchecking the box gives new weights.
    qtbot.waitUntil(lambda: lab.model.value is not model)
    qtbot.mouseClick(tick, LEFT, pos=QPoint(8, tick.height() // 2))
    assert train.controls.findChild(QWidget, "train.width").isEnabled()
    assert train.controls.recipe.config().preset == "quick"
    assert train.controls.recipe.config().epochs == PRESETS["quick"].epochs
    press(visible, qtbot, "start")
    assert training.inits == [model, None]
    press(visible, qtbot, "stop")
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)


def test_a_student_is_made_of_the_open_model_and_opened(
    train: TrainWorkspace,
    lab: Lab,
    visible: Visible,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
    training: StandInTraining,  # noqa: F811
) -> None:
    button = visible(QPushButton, "train.student")
    assert not button.isEnabled()
    of: list[object] = []

    def distill(ref: object, run: Path) -> object:
        of.append(ref)
        return training(STUDENT, lab.data.value, run)

    monkeypatch.setattr(tasks, "distill", distill)
    lab.open_model("real")
    qtbot.waitUntil(button.isEnabled)
    assert button.text().endswith("…")
    asked = answer("student.no")
    qtbot.mouseClick(button, LEFT)
    assert asked
    assert not of
    answer("student.yes")
    qtbot.mouseClick(button, LEFT)
    assert of == ["real"]
    run = lab.training_runs.current.value.run
    assert run.name.endswith("-real-student")
    # The panel describes the current training run, not the next one.
    about = visible(QLabel, "train.about_student")
    assert about.text().startswith("“real” teaches a student to draw in at most 4 steps, for 15")
    parts = [
        train.inspector.findChild(QWidget, name)
        for name in ("train.start_group", "train.recipe", "train.takes")
    ]
    assert not [part for part in parts if part.isVisible()]
    assert "recipe" not in about.text()
    qtbot.waitUntil(lambda: steps(train) > 3)
    assert not button.isEnabled()
    press(visible, qtbot, "stop")
    qtbot.waitUntil(lambda: lab.model_ref == run)
    assert all(part.isVisible() for part in parts)
    assert not about.isVisible()
    lab.model.set(StandInModel(is_student=True))
    assert not button.isEnabled()


def test_what_is_left_gives_way_to_a_long_job_in_large_text(
    window: MainWindow, theme: ThemeManager
) -> None:
    """While a training run was stopped, the window once grew beyond a small screen."""
    theme.set_text_size(150)
    window.resize(1280, 800)
    bar = window.findChild(StatusBar)
    assert bar is not None
    bar.device.setText("CPU")
    bar.speed.setText("1,234 sprites/s")
    bar.left.setText("about 1 h 30 min left after “Finding checkpoints”")
    bar.jobs.setText("Training built-in-sprites, 30 Nov 06:23 (stopping)")
    for part in (bar.jobs, bar.progress):
        part.show()
    settle(window)
    assert window.width() == 1280
    assert bar.left.width() > 100, "its beginning is readable"
