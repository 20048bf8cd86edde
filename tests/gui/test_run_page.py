"""Train > Runs: many runs in a table and as lines, filtered, the best marked, opened."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QListWidget, QTreeWidget
from pytestqt.qtbot import QtBot

from sprite_lab import paths
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings
from sprite_lab.app.shell.text_format import run_title
from sprite_lab.app.train.loss_history import LossHistory
from sprite_lab.app.train.run_floor import RunFloor
from sprite_lab.app.train.run_table import RunFigures, axis_of
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.presets import PRESETS
from sprite_lab.core.records import EvalRecord, StepRecord
from sprite_lab.engine.training.metrics_rows import eval_row, step_row
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.train.curve_plot import CurvePlot
from sprite_lab.ui.train.run_page import RunPage
from sprite_lab.ui.train.workspace import TrainWorkspace
from tests.gui.stand_ins import StandInModel
from tests.qt import settle

pytestmark = pytest.mark.opens("train")

PATIENCE = 120_000


def write_run(
    path: Path,
    rate: float,
    error: float | None,
    fingerprint: str = "a",
    config: TrainConfig = PRESETS["quick"],
) -> None:
    folder = RunFolder(path)
    folder.create()
    config = replace(config, learning_rate=rate)
    data = {"title": f"set {fingerprint}", "fingerprint": fingerprint, "class_names": []}
    folder.write_manifest({"config": config.to_json(), "data": data})
    rows = [
        step_row(StepRecord(step, step / 10, 0.5, rate, 0.0, 2.0 * step, 1.0)) for step in (1, 2)
    ]
    if error is not None:
        rows[-1] |= eval_row(EvalRecord(2, 0.4, error))
    folder.metrics.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def page(window: MainWindow, lab: Lab, qtbot: QtBot, tmp_path: Path) -> RunPage:
    runs = paths.runs_dir()
    write_run(runs / "slow", 1e-4, 0.3)
    write_run(runs / "new", 1e-3, None)
    write_run(runs / "other", 1e-3, 0.1, "b")
    sweep = runs / "first"
    write_run(sweep / "trial-0000", 1e-3, 0.05)
    write_run(sweep / "trial-0001", 1e-2, 0.2)
    (sweep / "sweep.json").write_text("{}")
    window.show_workspace("train")
    workspace = window.findChild(TrainWorkspace, "train")
    assert workspace is not None
    workspace.show_page("runs")
    page = workspace.page("runs")
    assert isinstance(page, RunPage)
    qtbot.waitUntil(lambda: page.table.rowCount() == 5, timeout=PATIENCE)
    return page


def column(page: RunPage, number: int) -> list[str]:
    return [page.table.item(row, number).text() for row in range(page.table.rowCount())]


def test_runs_are_ranked_by_noise_error_and_the_best_of_the_same_sprites_is_marked(
    page: RunPage,
) -> None:
    assert column(page, 1) == ["0.0500", "0.1000", "0.2000", "0.3000", "–"]
    names = column(page, 0)
    assert names[0] == "★ first trial-0000"
    assert [name for name in names if "★" in name] == names[:1], "“other” has nobody to beat"
    headers = [page.table.horizontalHeaderItem(i).text() for i in range(page.table.columnCount())]
    assert headers == ["Run", "Noise error", "Steps", "Time", "Learning rate", "Data"]
    page.table.sortByColumn(4, Qt.SortOrder.DescendingOrder)
    assert column(page, 4)[0] == "0.01", "by size, not by letters"
    right = {page.table.item(row, 1).textAlignment() for row in range(5)}
    assert len(right) == 1, "a dash stands where a number would"


def test_the_run_that_trains_has_the_figures_of_this_moment(page: RunPage) -> None:
    """Its folder is read only now and then, so the table once showed another step
    than the line above.
    """
    slow, history = paths.runs_dir() / "slow", LossHistory()
    history.add([StepRecord(73, 1.0, 0.2, 1e-4, 9.0, 25.0, 1.0)])
    page.show_training(slow, history)
    row = column(page, 0).index("slow")
    assert [column(page, which)[row] for which in (1, 2, 3)] == ["0.3000", "73", "25 s"]
    history.add([EvalRecord(73, 0.2, 0.01)])
    page.show_training(slow, history)
    assert column(page, 1)[0] == "0.0100"
    assert column(page, 0)[0] == "★ slow"


def test_with_one_run_it_says_what_a_second_would_show(
    window: MainWindow, lab: Lab, qtbot: QtBot
) -> None:
    window.show_workspace("train")
    workspace = window.findChild(TrainWorkspace, "train")
    assert workspace is not None
    workspace.show_page("runs")
    page = workspace.page("runs")
    assert isinstance(page, RunPage)

    def said() -> str:
        return " ".join(label.text() for label in page.empty.findChildren(QLabel))

    qtbot.waitUntil(lambda: "Nothing to compare yet" in said(), timeout=PATIENCE)
    assert page.empty.isVisible()
    write_run(paths.runs_dir() / "one", 1e-4, 0.3)
    page.look_again()
    qtbot.waitUntil(lambda: "One run so far" in said(), timeout=PATIENCE)
    assert "which settings differ" in said()
    assert page.table.rowCount() == 1
    write_run(paths.runs_dir() / "two", 1e-3, 0.2)
    page.look_again()
    qtbot.waitUntil(page.plot.isVisible, timeout=PATIENCE)
    assert not page.empty.isVisible()


def test_runs_of_other_people_that_were_opened_are_compared_too(
    page: RunPage, lab: Lab, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    """They were once missing from the table and from Compare: nobody could compare two students."""
    runs = [tmp_path / name for name in ("anna", "ben")]
    for run in (*runs, tmp_path / "never opened"):
        write_run(run, 1e-4, 0.15)
    for run in (*runs, tmp_path / "gone"):
        lab.settings.remember("recent_models", str(run))
        lab.training_runs.last_run.set(run)
    qtbot.waitUntil(lambda: page.table.rowCount() == 7, timeout=PATIENCE)
    assert {"anna", "ben"} <= set(column(page, 0))

    train = window.findChild(TrainWorkspace, "train")
    assert train is not None
    lab.training_runs.last_run.set(runs[1])
    lab.refresh_library()
    qtbot.waitUntil(lambda: len(lab.runs.value) > 0, timeout=PATIENCE)
    qtbot.waitUntil(lambda: train.history.last_step is not None, timeout=PATIENCE)
    train.show_page("curves")
    train.plot.compare.click()
    chooser = train.findChild(QListWidget, "train.compare.list")
    assert chooser is not None
    items = [chooser.item(i) for i in range(chooser.count())]
    assert [item.text() for item in items] == ["anna", run_title(paths.example_run().name)]
    items[0].setCheckState(Qt.CheckState.Checked)
    qtbot.waitUntil(lambda: runs[0] in train.plot.overlays, timeout=PATIENCE)
    lab.runs.changed.emit(lab.runs.value, ())
    assert runs[0] in train.plot.overlays, "a change of the library leaves it"


def test_a_filter_says_nothing_before_the_runs_have_been_read(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RunPage, "look_again", lambda self: None)
    workspace = window.navigator.train
    window.navigator.go("train")
    workspace.show_page("runs")
    page = workspace.page("runs")
    assert isinstance(page, RunPage)
    QTest.keyClicks(page.filter, "set a")
    assert not [label.text() for label in page.empty.findChildren(QLabel) if label.text()]


def test_a_filter_leaves_some_and_the_lines_follow(page: RunPage) -> None:
    QTest.keyClicks(page.filter, "set a first")
    assert sorted(column(page, 0)) == ["first trial-0001", "★ first trial-0000"]
    headers = [page.table.horizontalHeaderItem(i).text() for i in range(page.table.columnCount())]
    assert headers[4:] == ["Learning rate"], "what they no longer differ in is gone"
    assert [axis.name for axis in page.plot._axes] == ["Learning rate", "Noise error"]
    page.plot.clicked.emit(0.02, 0.95)  # beside the axis of learning rates, near its upper end
    assert page.table.chosen == paths.runs_dir() / "first" / "trial-0001"
    assert "noise error 0.2" in str(page.plot.read(0.02, 0.95))
    page.filter.setText("nothing has this")
    assert page.table.rowCount() == 0
    assert page.empty.isVisible()
    assert "No runs match" in [label.text() for label in page.empty.findChildren(QLabel)]
    page.filter.clear()
    assert page.plot.isVisible()


def test_words_of_axes_have_room_and_what_has_none_is_in_the_table(
    window: MainWindow, lab: Lab, qtbot: QtBot
) -> None:
    """Fifty runs with many differences, above all in the searched settings."""
    rng = np.random.default_rng(0)
    for i in range(50):
        rate, batch = float(10 ** rng.uniform(-4, -2)), int(rng.choice([32, 64, 128]))
        preset = PRESETS["best" if i % 10 == 9 else "quick"]
        config = replace(preset, learning_rate=rate, batch_size=batch)
        write_run(paths.runs_dir() / "all" / f"trial-{i:04}", rate, 0.1 + i / 1000, config=config)
    (paths.runs_dir() / "all" / "sweep.json").write_text("{}")
    window.resize(1280, 800)
    window.show_workspace("train")
    window.navigator.train.show_page("runs")
    page = window.navigator.train.page("runs")
    assert isinstance(page, RunPage)
    qtbot.waitUntil(lambda: page.table.rowCount() == 50, timeout=PATIENCE)
    settle(window)
    names = [axis.name for axis in page.plot._axes]
    assert names[:2] == ["Learning rate", "Batch size"]
    assert names[-1] == "Noise error"
    assert 3 < len(names) < page.table.columnCount() - 3
    words = QFontMetrics(page.plot.font())
    apart = page.plot.view.width() / len(names)
    assert all(words.horizontalAdvance(name) < apart for name in names)
    assert page.plot.readout.text().endswith("more settings in the table")
    window.resize(1920, 1080)
    settle(window)
    assert len(page.plot._axes) > len(names)


@pytest.mark.parametrize("percent", [100, 150, 200])
def test_the_ends_of_axes_are_not_cut_off(page: RunPage, qtbot: QtBot, percent: int) -> None:
    theme_manager().set_text_size(percent)
    settle()
    page.plot.grab()  # labels move when they are painted
    for end in page.plot._ends:
        room = page.plot.item.getViewBox().sceneBoundingRect()
        words = end.sceneBoundingRect()
        assert room.top() <= words.top() < words.bottom() <= room.bottom()


def test_enter_shows_the_curves_of_a_run(page: RunPage, lab: Lab, window: MainWindow) -> None:
    run = paths.runs_dir() / "slow"
    page.table.choose(run)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert lab.training_runs.last_run.value == run
    workspace = window.findChild(TrainWorkspace, "train")
    assert workspace is not None
    assert workspace.current == "curves"


def test_axes_place_numbers_by_size_or_factor_and_names_in_order() -> None:
    rates = axis_of("rate", [1e-4, 1e-2, None, 1e-3])
    np.testing.assert_allclose(rates.places, [0.0, 1.0, np.nan, 0.5], atol=1e-12)
    assert (rates.low, rates.high) == ("0.0001", "0.01")
    np.testing.assert_allclose(axis_of("width", [64, 80, 96]).places, [0.0, 0.5, 1.0])
    names = axis_of("schedule", ["linear", "cosine", "linear"])
    assert (names.places.tolist(), names.low, names.high) == ([1.0, 0.0, 1.0], "cosine", "linear")
    assert axis_of("same", [3, 3]).places.tolist() == [0.5, 0.5]
    counts, seeds = axis_of("Epochs", [1500, 32], "epochs"), axis_of("Seed", [0, 641368], "seed")
    assert (counts.low, counts.high, seeds.high) == ("32", "1,500", "641368")


def test_titles_stay_as_they_are_and_words_stand_where_numbers_do(page: RunPage) -> None:
    """Once, titles were bold and cut off after selecting a run; “all” was on the other side."""
    header = page.table.horizontalHeader()
    page.table.clearSelection()
    before = header.grab().toImage()
    page.table.selectRow(1)
    assert header.grab().toImage() == before
    settings = dict.fromkeys(("max_sprites", "data"))
    figures = [
        RunFigures(Path(name), name, settings | {"max_sprites": count}, "", 1, 1.0, 0.1)
        for name, count in (("some", 50), ("every", "all"))
    ]
    page.table.show_runs(figures, ["max_sprites"])
    sides = {page.table.item(row, 4).textAlignment() for row in range(2)}
    assert sides == {page.table.horizontalHeaderItem(4).textAlignment()}


def answer(monkeypatch: pytest.MonkeyPatch, name: str) -> list[str]:
    """Type a name when asked; returns the list of suggested names."""
    offered: list[str] = []

    def ask(*arguments: object) -> str:
        offered.append(str(arguments[-1]))
        return name

    monkeypatch.setattr("sprite_lab.ui.shell.run_questions.ask_text", ask)
    return offered


def test_a_run_is_renamed_in_the_table_and_called_so_everywhere(
    page: RunPage, window: MainWindow, lab: Lab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = paths.runs_dir() / "slow"
    lab.training_runs.last_run.set(slow)
    lab.model.set(StandInModel(title="slow"))
    offered = answer(monkeypatch, "  Tiny\nheroes, 2nd ")
    page.table.choose(slow)
    QTest.keyClick(page.table, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: "Tiny heroes, 2nd" in column(page, 0), timeout=PATIENCE)
    assert offered == ["slow"]
    assert RunFolder(slow).read_name() == "Tiny heroes, 2nd"
    tree = window.findChild(QTreeWidget, "library.tree")
    assert tree is not None
    group = tree.topLevelItem(1)
    rows = [group.child(i).text(0) for i in range(group.childCount())]
    assert "Tiny heroes, 2nd\nQuick" in rows, "its preset stands below"
    assert "Tiny heroes, 2nd" in window.top_bar.model.accessibleName()
    train = window.findChild(TrainWorkspace, "train")
    assert train is not None
    assert train.controls._state.text() == "Last run: Tiny heroes, 2nd"
    assert run_title("slow") == "Tiny heroes, 2nd"
    # A blank name removes it.
    answer(monkeypatch, " ")
    page.table.choose(slow)
    page.rename.click()
    qtbot.waitUntil(lambda: "slow" in column(page, 0), timeout=PATIENCE)
    assert run_title("slow") == "slow"
    assert not RunFolder(slow).given_name.exists()


def test_only_runs_of_the_library_are_renamed(page: RunPage) -> None:
    assert not page.rename.isEnabled()
    page.table.choose(paths.runs_dir() / "first" / "trial-0000")
    assert not page.rename.isEnabled()
    assert "library" in page.rename.toolTip()
    page.table.choose(paths.runs_dir() / "new")
    assert page.rename.isEnabled()


def test_a_run_is_renamed_in_the_library(
    page: RunPage, window: MainWindow, lab: Lab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.refresh_library()
    tree = window.findChild(QTreeWidget, "library.tree")
    assert tree is not None
    group = tree.topLevelItem(1)
    qtbot.waitUntil(lambda: group.childCount() == 3, timeout=PATIENCE)
    chosen = next(group.child(i) for i in range(3) if group.child(i).text(0).startswith("new"))
    tree.setCurrentItem(chosen)
    answer(monkeypatch, "Grass")
    QTest.keyClick(tree, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: "Grass" in {run.title for run in lab.runs.value}, timeout=PATIENCE)
    assert tree.currentItem().text(0) == "Grass\nQuick"


def test_curves_come_back_as_they_were_after_a_restart(
    page: RunPage, window: MainWindow, lab: Lab, qtbot: QtBot
) -> None:
    new, slow = paths.runs_dir() / "new", paths.runs_dir() / "slow"
    for run in (new, slow):
        RunFolder(run).weights(2).write_bytes(b"weights")
    lab.training_runs.last_run.set(new)
    lab.refresh_library()
    qtbot.waitUntil(lambda: any(run.step for run in lab.runs.value), timeout=PATIENCE)
    train = window.findChild(TrainWorkspace, "train")
    assert train is not None
    qtbot.waitUntil(lambda: train.history.last_step is not None, timeout=PATIENCE)
    train.show_page("curves")
    train.plot.measure.set_value("gradient")
    train.plot.axis.set_value("time")
    train.plot.compare.click()
    chooser = train.findChild(QListWidget, "train.compare.list")
    assert chooser is not None
    item, _example = [chooser.item(i) for i in range(chooser.count())]
    item.setCheckState(Qt.CheckState.Checked)
    qtbot.waitUntil(lambda: slow in train.plot.overlays, timeout=PATIENCE)
    lab.settings.save()

    later = Lab(Settings())
    plot = CurvePlot(later, LossHistory(), RunFloor(later))
    qtbot.addWidget(plot)
    assert (plot.shown.key, plot.axis.value) == ("gradient", "time")
    assert "seconds" in plot.plot.item.getAxis("bottom").labelText
    later.refresh_library()
    qtbot.waitUntil(lambda: slow in plot.overlays, timeout=PATIENCE)
    beside = later.settings.value.runs_beside
    later.settings.replace(runs_beside=())  # as a lesson does
    assert not plot.overlays
    later.settings.replace(runs_beside=beside)
    qtbot.waitUntil(lambda: slow in plot.overlays, timeout=PATIENCE)
    plot.list.removed.emit(slow)
    assert later.settings.value.runs_beside == ()
    assert later.jobs.shut_down(60)
