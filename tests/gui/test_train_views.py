"""Train, by noise level and by checkpoint: the display compared with the records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QListWidget,
    QPushButton,
    QScrollArea,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab import paths
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import in_whole_parts, run_title
from sprite_lab.app.task import Task
from sprite_lab.app.tasks import train as train_task
from sprite_lab.app.train.checkpoint_tasks import Checkpoint
from sprite_lab.app.train.level_history import LevelHistory
from sprite_lab.app.train.loss_history import LossHistory
from sprite_lab.app.train.run_floor import RunFloor
from sprite_lab.core.config import NetworkConfig, SampleConfig, TrainConfig
from sprite_lab.core.records import CheckpointDrawing, EvalRecord, StepRecord, WindowRecord
from sprite_lab.core.results.level_errors import Floor, LevelBins, LevelErrors
from sprite_lab.core.results.metrics import COPY_PERCENTILE
from sprite_lab.core.run import Run, RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet, to_pixels
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.data import split
from sprite_lab.ui import layouts
from sprite_lab.ui.page import scrolling
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.train import checkpoint_page
from sprite_lab.ui.train.checkpoint_page import CheckpointGrid
from sprite_lab.ui.train.curve_plot import CurvePlot
from sprite_lab.ui.train.level_plots import LevelCurves, LevelMapView
from sprite_lab.ui.train.overlays import Overlay, RunChooser
from sprite_lab.ui.train.workspace import TrainWorkspace
from sprite_lab.ui.widgets.plots.legend import LegendEntry
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import number_text
from tests.gui.golden import assert_golden, assert_golden_plot, settle_plot
from tests.qt import is_at_rest, settle

pytestmark = [pytest.mark.opens("train"), pytest.mark.usefixtures("every_level")]

#: Steps of the first run: four per epoch.
STEPS = 44

LEFT = Qt.MouseButton.LeftButton
Visible = Callable[[type, str], QWidget]

CONFIG = TrainConfig(
    epochs=11,
    batch_size=16,
    checkpoint_every=20,
    network=NetworkConfig(width=16),
    preview_count=2,
    preview_steps=1,
    precision="fp32",
    device="cpu",
)


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, SpriteSet]:
    """Two short runs in a folder, which each test copies."""
    import torch

    from tests.made import make_sprites

    torch.set_num_threads(1)
    folder, sprites = tmp_path_factory.mktemp("trained"), make_sprites()
    drain(train_task(CONFIG, sprites, folder / "first")(RunControl()))
    slower = replace(CONFIG, learning_rate=1e-3, batch_size=8, epochs=3)
    drain(train_task(slower, sprites, folder / "second")(RunControl()))
    return folder, sprites


@pytest.fixture
def train(
    window: MainWindow,
    lab: Lab,
    home: Path,
    trained: tuple[Path, SpriteSet],
    few_threads: None,
    qtbot: QtBot,
) -> TrainWorkspace:
    """Train, with the first of the two runs and its sprites open."""
    import shutil

    folder, sprites = trained
    shutil.copytree(folder, paths.runs_dir(), dirs_exist_ok=True)
    lab.data.set(sprites)
    lab.refresh_library()
    lab.open_model(paths.runs_dir() / "first")
    window.resize(1280, 800)
    window.show_workspace("train")
    workspace = window.workspace("train")
    assert isinstance(workspace, TrainWorkspace)
    qtbot.waitUntil(lambda: len(workspace.history.steps) == STEPS, timeout=20_000)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    return workspace


def page(visible: Visible, qtbot: QtBot, name: str) -> None:
    qtbot.mouseClick(visible(QToolButton, f"train.pages.tabs.{name}"), LEFT)


def point_at(qtbot: QtBot, view, x: float, y: float) -> None:  # type: ignore[no-untyped-def]
    scene = view.getPlotItem().getViewBox().mapViewToScene(QPointF(x, y))
    qtbot.mouseMove(view.viewport(), view.mapFromScene(scene))


def test_what_is_plotted_and_how_takes_one_row(train: TrainWorkspace) -> None:
    plot = train.plot
    settle(train.window())
    rows = {
        part.mapTo(plot.controls, part.rect().center()).y() // 20
        for part in (plot.measure, plot.axis, plot.log, plot.smoothing, plot.compare)
    }
    assert len(rows) == 1


def test_each_measure_is_drawn_from_the_records(
    train: TrainWorkspace, visible: Visible, qtbot: QtBot
) -> None:
    history = train.history
    wanted = {
        "gradient": ("gradient norm", None),
        "rate": ("learning rate", history.learning_rates),
        "ema": ("EMA distance", history.ema_distances),
        "loss": ("training", history.smoothed),
    }
    for key, (name, values) in wanted.items():
        qtbot.mouseClick(visible(QToolButton, f"train.measure.{key}"), LEFT)
        title = train.plot.plot.item.getAxis("left").labelText
        assert title == ("loss" if key == "loss" else name)
        x, y = train.plot.series[name].item.getOriginalDataset()
        if values is None:  # smoothed; the faint curve behind it is as recorded
            _, y = train.plot.raw.getOriginalDataset()
            values = history.grad_norms
        assert np.allclose(y, values)
        hidden = [s for s in train.plot.series.values() if not s.item.isVisible()]
        assert len(hidden) == len(train.plot.series) - (3 if key == "loss" else 1)
        assert all(len(s.x) == 0 for s in hidden)
    qtbot.mouseClick(visible(QToolButton, "train.axis.time"), LEFT)
    x, _ = train.plot.series["training"].item.getOriginalDataset()
    assert np.allclose(x, history.seconds)
    table = train.plot.plot.table()
    assert np.array_equal(table["seconds"], history.seconds)
    assert np.array_equal(table["loss"], history.losses)


@pytest.mark.parametrize("name", ["run", "a-run-with-a-very-" + 5 * "very-" + "long-name"])
@pytest.mark.parametrize("count", [1, 4])
def test_runs_to_compare_need_no_scrolling(
    qtbot: QtBot, theme: ThemeManager, count: int, name: str
) -> None:
    """In large text, the last rows were once below the edge of a list that could have been higher,
    and long names extended beyond the other edge.
    """
    theme.set_text_size(150)
    page = QWidget()
    qtbot.addWidget(page)
    theme.dress(page)
    page.show()
    runs = [(Path(str(n)), f"{name} {n}", "") for n in range(count)]
    chooser = RunChooser(page, runs, {runs[0][0]})
    chooser.open_below(page)
    settle(chooser)
    box = chooser.findChild(QListWidget, "train.compare.list")
    assert box.verticalScrollBar().maximum() == 0
    assert not box.horizontalScrollBar().isVisible()
    assert box.textElideMode() == Qt.TextElideMode.ElideMiddle
    assert chooser.height() == chooser.sizeHint().height()
    assert box.viewport().height() - box.visualItemRect(box.item(count - 1)).bottom() < 4
    chooser.close()


def test_another_run_is_laid_over_with_what_differs(
    train: TrainWorkspace, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    second = paths.runs_dir() / "second"
    qtbot.mouseClick(visible(QPushButton, "train.compare"), LEFT)
    box = visible(QListWidget, "train.compare.list")
    texts = [box.item(i).text() for i in range(box.count())]
    assert texts == ["second", "Example: 50 sprites, learned by heart"]
    rect = box.visualItemRect(box.item(0))
    qtbot.mouseClick(box.viewport(), LEFT, pos=rect.topLeft() + QPoint(10, rect.height() // 2))
    qtbot.waitUntil(lambda: second in train.plot.overlays, timeout=20_000)
    box.window().close()
    for name, values in (("Epochs", "3"), ("Batch size", "8"), ("Learning rate", "0.001")):
        assert visible(QLabel, f"train.overlay.1.{name}").text() == values
        assert visible(QLabel, f"train.overlay.0.{name}").text() != values
    sheets = train.previews.findChildren(SpriteGrid)
    grids = [grid for grid in sheets if grid is not train.previews.grid]
    overlay = train.plot.overlays[second]
    preview, _ = overlay.samples
    assert [grid.count for grid in grids] == [len(preview.images)]
    # If room is short, sheets scroll and do not cover each other's text.
    train.window().resize(train.window().minimumSizeHint())
    settle(train.window())
    for grid in sheets:
        assert grid.cell_rect(0).width() >= 2 * preview.images.shape[2]
        assert grid.rect().toRectF().contains(grid.cell_rect(grid.count - 1))
    # Like for the open run, it says how they were drawn, and after which step.
    caption, own = (
        visible(QLabel, f"train.samples.{name}").text().translate({0xA0: " ", 0x2060: None})
        for name in ("of.origin", "caption")
    )
    assert visible(QLabel, "train.samples.of").text() == "second"
    assert caption.startswith(f"After {preview.step} steps · ")
    assert caption.split(" · ")[1:] == own.split(" · ")[2:]
    x, y = train.plot.others[overlay.slot].getOriginalDataset()
    assert x.tolist() == list(range(1, len(overlay.history.steps) + 1))
    assert len(x) >= 20
    assert np.allclose(y, overlay.history.smoothed)
    # A loss with another meaning is not drawn on the same axis.
    assert not train.plot.note.isVisible()
    overlay.settings["prediction_type"] = "epsilon"
    train.plot.redraw()
    assert train.plot.note.isVisible()
    x, y = train.plot.others[overlay.slot].getOriginalDataset()
    assert np.allclose(y, overlay.history.epsilon_errors)
    assert not len(train.plot.series["training"].x)
    assert np.allclose(train.plot.series["noise error"].y, train.history.epsilon_errors)
    # The others are also missing in the legend, the readings and the saved figures.
    keys = {key.accessibleName(): key.isVisible() for key in train.plot.findChildren(LegendEntry)}
    shown = [keys[name] for name in ("training", "validation", "noise error")]
    assert shown == [False, False, True]
    read = train.plot.plot.read(5.0, 0.1)
    assert "loss" not in read
    assert "noise error" in read
    assert "second: noise error" in train.plot.plot.table()
    qtbot.mouseClick(visible(QToolButton, "train.overlay.1.remove"), LEFT)
    assert not train.plot.overlays
    assert not train.plot.note.isVisible()
    x, _ = train.plot.others[overlay.slot].getOriginalDataset()
    assert x is None or len(x) == 0


def test_the_map_shows_the_errors_that_were_recorded(
    train: TrainWorkspace, visible: Visible, qtbot: QtBot
) -> None:
    page(visible, qtbot, "levels")
    levels = train.levels
    found = train.level_history.map()
    assert found is not None
    # 44 steps of 16 sprites, in windows of 20.
    assert found.counts.sum(axis=0).tolist() == [320, 320, 64]
    total = float(np.nansum(found.error * found.counts))
    assert total / (STEPS * 16) == pytest.approx(train.history.losses.mean(), rel=1e-3)
    pixels = levels.map.image.image
    assert pixels.shape == (len(found.bins), 3, 4)
    rect = levels.map.image.mapRectToParent(levels.map.image.boundingRect())
    assert (rect.left(), rect.right()) == (0.5, 60.5)
    assert (rect.top(), rect.bottom()) == pytest.approx(found.bins.log_snr[[0, -1]])
    # The larger error is brighter, and the color bar shows the values.
    low, high = levels.map.bar.range
    assert low <= np.nanpercentile(found.error, 5)
    assert np.nanpercentile(found.error, 95) <= high
    row, view = 20, levels.map.plot.item.getViewBox()
    qtbot.waitUntil(lambda: np.allclose(view.viewRange()[1], found.bins.log_snr[[0, -1]]))
    settle(levels.map.plot.view)
    point_at(qtbot, levels.map.plot.view, 30.0, float(found.bins.centers[row]))
    readout = visible(QLabel, "train.levels.map.readout")
    qtbot.waitUntil(lambda: "steps 21–40" in readout.text())
    count = found.counts[row, 1]
    assert f"error {found.error[row, 1]:.3g} of {count} sprites" in readout.text()
    assert f"t {found.bins.t_at(found.bins.centers[row]):.0f} (log-SNR" in readout.text()
    # Below, there is the column under the pointer.
    then = train.level_history.training(40)
    shown = levels.curves.then
    kept = then[2].counts >= 12  # type: ignore[index]
    for place, error in zip(found.bins.centers[kept], then[2].mean[kept], strict=True):  # type: ignore[index]
        near = int(np.abs(shown.x - place).argmin())
        if abs(shown.x[near] - place) < 1e-9:
            assert shown.y[near] == pytest.approx(error)
    assert set(levels.map.plot.table()) == {"last step", "log_snr", "t", "error", "sprites"}


def test_the_floor_is_worked_out_when_asked_for_and_kept(
    train: TrainWorkspace, lab: Lab, trained: tuple[Path, SpriteSet], visible: Visible, qtbot: QtBot
) -> None:
    from sprite_lab.engine.measuring.optimal_loss import floor_iter

    page(visible, qtbot, "levels")
    button = visible(QPushButton, "train.levels.floor")
    # Without the sprites, it says which ones are missing.
    lab.data.set(trained[1].take(np.arange(60)))
    assert button.text() == "Open “made”…"
    lab.data.set(trained[1])
    assert button.text() == "Show the floor"
    qtbot.waitUntil(lambda: not button.visibleRegion().isEmpty())
    qtbot.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: train.floor.floor is not None, timeout=30_000)
    run = paths.runs_dir() / "first"
    wanted = drain(floor_iter(CONFIG, trained[1], RunControl()))
    assert np.allclose(train.floor.floor.error, wanted.error)  # type: ignore[union-attr]
    series = train.levels.curves.floor
    assert len(series.y) > 2
    assert np.allclose(series.y[:-1], wanted.error[: len(series.y) - 1])
    assert series.y[-2] > series.y[-1] > wanted.error[len(series.y) - 1], "to the lower edge"
    assert (run / "floor.json").is_file()
    assert not button.isVisible()
    # The text beside the plot says what is visible.
    words = visible(QLabel, "train.levels.floor.words").text()
    assert words.startswith("Floor: the error of the optimal denoiser, which predicts the mean of")


def test_a_low_plot_leaves_the_button_of_the_floor_to_another_page(
    train: TrainWorkspace, window: MainWindow, theme: ThemeManager, qtbot: QtBot
) -> None:
    """It once took a third of the plot's height, and the page scrolled."""
    button = train.plot.findChild(QPushButton, "train.curves.floor")
    for percent, shown in ((100, True), (150, False)):
        theme.set_text_size(percent)
        settle(window)
        qtbot.waitUntil(lambda shown=shown: button.isVisible() == shown)
    areas = [area for area in train.curves.findChildren(QScrollArea) if area.isVisible()]
    assert areas
    qtbot.waitUntil(lambda: not any(area.verticalScrollBar().maximum() for area in areas))
    assert train.plot.plot.item.getViewBox().height() >= 110


def test_the_floor_says_where_and_why_it_is_0(lab: Lab, qtbot: QtBot) -> None:
    history = made_levels()
    curves = LevelCurves(lab, history)
    qtbot.addWidget(curves)
    assert not curves.zero.isVisible()
    assert history.bins is not None
    centers = history.bins.centers
    curves.set_floor(Floor(centers, np.where(centers < 2, 0.3, 0.0), np.zeros(40)))
    first = float(centers[centers >= 2][0])
    assert curves.zero.isVisible()
    assert curves.zero.value() == pytest.approx(first)
    t = history.bins.t_at(first)
    assert f"Below t = {t:.0f} it is 0: each noisy sprite has only one" in curves.floor_words.text()
    # Errors too low to be drawn beside the others are not 0 yet.
    low = np.where(centers < 2, 0.3, np.where(centers < 4, 0.001, 0.0))
    curves.set_floor(Floor(centers, low, np.zeros(40)))
    assert curves.floor.x.max() < first
    assert curves.zero.value() == pytest.approx(float(centers[centers >= 4][0]))
    curves.set_floor(Floor(centers, np.full(40, 0.3), np.zeros(40)))
    assert not curves.zero.isVisible()
    assert "it is 0" not in curves.floor_words.text()
    curves.set_floor(None)
    assert curves.floor_words.isHidden()


def test_the_clock_shows_the_gap_and_looks_for_copies(
    train: TrainWorkspace, visible: Visible, qtbot: QtBot, lab: Lab, trained: tuple[Path, SpriteSet]
) -> None:
    from sprite_lab.engine.training.copies import CopyCheck

    page(visible, qtbot, "memory")
    memory = train.memory
    settle(memory)  # both plots fit
    (step, own, new), *_ = train.level_history.compared()
    part = np.arange(10)  # the noisiest quarter of the bins
    gap = (new.sums[part].sum() / new.counts[part].sum()) / (
        own.sums[part].sum() / own.counts[part].sum()
    )
    first = next(iter(memory.gap.series.values()))
    assert first.x[0] == step
    assert first.y[0] == pytest.approx(gap)
    words = visible(QLabel, "train.memory.words")
    assert isinstance(words, QLabel)
    assert "copies" not in words.text()

    qtbot.mouseClick(visible(QAbstractButton, "train.memory.look"), LEFT)
    qtbot.waitUntil(lambda: "of the newest samples are copies" in words.text(), timeout=20_000)
    share = number_text(memory.share.y[-1] / 100, ".0%")
    assert visible(QLabel, "train.figure.copies").text() == share, "the page above said –"
    _, sprites = trained
    training, validation = split(sprites, CONFIG.validation_fraction, seed=0)
    check = CopyCheck(training, validation)
    previews = train.previews.previews
    np.testing.assert_allclose(memory.share.x, [p.step for p in previews])
    np.testing.assert_allclose(memory.share.y, [100 * check.share(p.images) for p in previews])

    # A step has the same position in both plots.
    plots = memory.gap, memory.copies
    boxes = [plot.item.getViewBox() for plot in plots]
    qtbot.waitUntil(lambda: boxes[1].viewRange()[0][0] <= min(memory.share.x))

    def place_of(step: float) -> list[int]:
        return [
            plot.view.mapTo(
                memory, plot.view.mapFromScene(box.mapViewToScene(QPointF(step, 1)))
            ).x()
            for plot, box in zip(plots, boxes, strict=True)
        ]

    for step in (1, STEPS):
        upper, lower = place_of(step)
        assert abs(upper - lower) <= 1

    # Without the run's training sprites, nothing can be compared.
    assert memory._usual[1].value() == COPY_PERCENTILE
    memory.set_run(Path("another"), ("made", "another"), tuned=True)
    assert memory._usual[1].value() == 0, "new drawings are no copies to a tuning run"
    qtbot.waitUntil(lambda: memory.findChild(QWidget, "train.memory.set").isVisible())
    assert not visible(QAbstractButton, "train.memory.look").isEnabled()


def test_a_run_that_is_gone_while_it_is_read_is_not_shown(
    train: TrainWorkspace, lab: Lab, qtbot: QtBot
) -> None:
    lab.training_runs.last_run.set(paths.runs_dir() / "second")
    lab.training_runs.last_run.set(None)  # as when it goes to the trash
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    assert not len(train.history.steps)
    assert not train.previews.count


def test_a_run_without_errors_by_noise_level_says_so(
    train: TrainWorkspace, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    import json

    run = paths.runs_dir() / "second"
    levels = {"window_first", "level_errors", "ema_distance", "val_level_errors"}
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    bare = [{k: v for k, v in row.items() if k not in levels} for row in rows]
    (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in bare))
    lab.training_runs.last_run.set(run)
    qtbot.waitUntil(lambda: len(train.history.steps) == len(rows), timeout=20_000)
    page(visible, qtbot, "levels")
    empty = visible(QWidget, "train.levels.empty")
    said = [label.text() for label in empty.findChildren(QLabel)]
    assert any("has no error by noise level" in text for text in said)


def test_the_grid_is_what_each_checkpoint_predicts(
    train: TrainWorkspace, window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    from sprite_lab.engine.models.model import load_model
    from sprite_lab.engine.sampling.reverse import sample_iter
    from sprite_lab.engine.training.run_folder import RunFolder

    page(visible, qtbot, "checkpoints")
    button = visible(QPushButton, "train.checkpoints.empty.action")
    qtbot.waitUntil(lambda: button.text() == "Draw the grid")
    qtbot.waitUntil(lambda: train.checkpoints.listing is not None)
    qtbot.mouseClick(button, LEFT)
    visible(QSpinBox, "train.checkpoints.sampling").setValue(6)
    steps = [1, 2, 4, 8, 16, 20, 40, STEPS]
    grid = visible(SpriteGrid, "train.checkpoints.grid")

    def drawn() -> bool:
        ways = [train.checkpoints.trajectory(i) for i in range(len(steps))]
        return all(way is not None for way in ways)

    qtbot.waitUntil(drawn, timeout=30_000)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=30_000)
    assert grid.count == 6 * len(steps), "as many rows as asked for: there was one more"
    assert train.checkpoints.steps_model.axis.values.tolist() == steps
    config = train.checkpoints.settings.config()
    assert (config.seed, config.steps, config.classes) == (CONFIG.seed, 5, ("hero",))
    weights = dict(RunFolder(paths.runs_dir() / "first").all_weights())
    for column, row in ((1, 2), (7, 4)):
        wanted = drain(
            sample_iter(load_model(weights[steps[column]], "cpu"), [config], RunControl())
        )
        place = grid.cell_rect(row * len(steps) + column).center().toPoint()
        qtbot.mouseClick(grid, LEFT, pos=place)
        caption = visible(QLabel, "train.checkpoints.caption").text()
        assert caption == f"step {steps[column]}, t {wanted.t[row]:.0f}"
        shown = train.checkpoints.picture(row, column)
        assert np.abs(shown.astype(int) - to_pixels(wanted.x0[row, 0])).max() <= 1
        assert train.checkpoints.steps_model.frame == column
        assert train.checkpoints.noise_model.frame == row
    # The slider moves over the same grid.
    large, words = train.checkpoints.large, visible(QLabel, "train.checkpoints.caption")
    assert words.y() - large.geometry().bottom() < 20
    assert large.height() >= min(large.width(), 128)
    slider = visible(QWidget, "train.checkpoints.steps").findChild(QSlider, "timeline.slider")
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert grid.current == 4 * len(steps)
    qtbot.mouseClick(visible(QPushButton, "train.checkpoints.watch"), LEFT)
    assert window.current == "see"
    assert lab.trajectory.value is train.checkpoints.trajectory(0)


@pytest.mark.parametrize(("percent", "scale"), [(100, 3), (150, 2)])
def test_every_checkpoint_is_in_sight(
    train: TrainWorkspace,
    window: MainWindow,
    theme: ThemeManager,
    visible: Visible,
    qtbot: QtBot,
    percent: int,
    scale: int,
) -> None:
    """Rows and columns were once out of sight, or sprites small on a half-empty page."""
    theme.set_text_size(percent)
    page(visible, qtbot, "checkpoints")
    qtbot.waitUntil(lambda: train.checkpoints.listing is not None)
    qtbot.mouseClick(visible(QPushButton, "train.checkpoints.empty.action"), LEFT)
    grid, area = train.checkpoints.view.grid, train.checkpoints._area
    qtbot.waitUntil(lambda: grid.count > 0, timeout=30_000)
    settle(window)
    assert grid.count == visible(QSpinBox, "train.checkpoints.sampling").value() * 8
    bars = area.horizontalScrollBar(), area.verticalScrollBar()
    qtbot.waitUntil(lambda: not any(bar.maximum() for bar in bars))
    assert grid.cell_rect(0).width() >= scale * 16
    assert train.checkpoints.large.height() >= 128
    assert train.checkpoints.large.mapTo(window, QPoint(0, 0)).y() > (
        train.checkpoints.settings.mapTo(window, QPoint(0, train.checkpoints.settings.height())).y()
    )
    told = "hero · DPM++ 2M, 6 steps · guidance 2 · seed 0"
    origin = visible(QLabel, "train.checkpoints.origin")
    qtbot.waitUntil(lambda: origin.text().endswith(in_whole_parts(told)))
    run = train.checkpoints._run
    assert run is not None
    assert run_title(run.name) in origin.toolTip(), "beside large text there is no room for it"


def test_as_many_columns_as_fit_are_drawn() -> None:
    view = CheckpointGrid()
    room = [view.most_columns(QSize(width, 420), 7, 16) for width in (100, 420, 540, 5000)]
    assert room[0] == 4
    assert room == sorted(room)
    assert room[-1] == 14
    # In less height, sprites are smaller and more of them fit.
    assert view.most_columns(QSize(540, 300), 7, 16) > room[2]


def test_another_class_is_redrawn_and_a_new_checkpoint_joins(
    train: TrainWorkspace, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    page(visible, qtbot, "checkpoints")
    qtbot.waitUntil(lambda: train.checkpoints.listing is not None)
    qtbot.mouseClick(visible(QPushButton, "train.checkpoints.empty.action"), LEFT)
    visible(QSpinBox, "train.checkpoints.sampling").setValue(5)
    qtbot.waitUntil(lambda: train.checkpoints.trajectory(7) is not None, timeout=30_000)
    before = train.checkpoints.trajectory(7)
    kind = visible(QComboBox, "train.checkpoints.class")
    kind.setCurrentIndex(kind.findData("food"))
    qtbot.waitUntil(lambda: train.checkpoints.trajectory(7) is not None, timeout=30_000)
    after = train.checkpoints.trajectory(7)
    assert after.config.classes == ("food",)  # type: ignore[union-attr]
    assert not np.array_equal(before.x0, after.x0)  # type: ignore[union-attr]
    kind.setCurrentIndex(kind.findData("hero"))
    assert train.checkpoints.trajectory(7) is before  # it is kept

    # Train some more steps: the newest one is followed, and the sliders remain usable.
    visible(QDoubleSpinBox, "train.epochs.field").setValue(16)
    with qtbot.waitSignal(lab.training_runs.current.changed):  # it may end at any moment
        qtbot.mouseClick(visible(QPushButton, "train.continue"), LEFT)
    model = train.checkpoints.steps_model
    assert visible(QWidget, "train.checkpoints.steps").isEnabled()
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None, timeout=60_000)
    last = int(train.history.steps[-1])
    assert last == 16 * 4
    qtbot.waitUntil(lambda: model.axis.values[-1] == last, timeout=30_000)
    assert model.axis.values.tolist() == [1, 2, 4, 8, 16, 20, 40, 44, 60, 64]
    assert model.frame == len(model.axis) - 1
    qtbot.waitUntil(lambda: train.checkpoints.trajectory(9) is not None, timeout=30_000)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=30_000)


def test_every_view_explains_itself(
    train: TrainWorkspace, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    topics = {
        "curves": ("loss_curve", "training_samples"),
        "levels": ("error_by_level",),
        "checkpoints": ("checkpoints",),
        "runs": ("runs",),
    }
    for name, helps in topics.items():
        page(visible, qtbot, name)
        if name == "checkpoints":
            qtbot.waitUntil(lambda: train.checkpoints.listing is not None)
            qtbot.mouseClick(visible(QPushButton, "train.checkpoints.empty.action"), LEFT)
        for topic in helps:
            assert visible(QToolButton, f"help.{topic}").isEnabled()
            assert paths.resource("help", "views", f"{topic}.md").is_file()
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=30_000)


# -- looks, from made records, so that they are the same everywhere -------------------------------


def made_levels() -> LevelHistory:
    """Errors that fall from the middle levels on, with a validation error that lags behind."""
    edges = np.linspace(-8.0, 12.0, 41)
    bins = LevelBins(edges, np.linspace(500.0, 1.0, 41), "v")
    history, counts = LevelHistory(), np.full(40, 20, np.int64)
    for i in range(50):
        error = 0.5 / (1 + np.exp(bins.centers)) + 0.3 * np.exp(-i / 10 - bins.centers**2 / 8)
        window = LevelErrors(bins, (error + 0.02) * counts, counts)
        history.add([WindowRecord(20 * i + 1, 20 * i + 20, window, 0.01)])
        history.add(
            [EvalRecord(20 * i + 20, 1.0, 1.0, LevelErrors(bins, window.sums * 1.2, counts))]
        )
    return history


def test_words_about_the_floor_leave_the_curves_their_axis(lab: Lab, qtbot: QtBot) -> None:
    """A splitter gives a part its minimum height, which once did not include wrapped text."""
    history = made_levels()
    maps, curves = LevelMapView(lab), LevelCurves(lab, history)
    halves = layouts.split(Qt.Orientation.Vertical, maps, curves, sizes=(300, 300))
    qtbot.addWidget(halves)
    centers = history.bins.centers  # type: ignore[union-attr]
    curves.set_floor(Floor(centers, np.where(centers < 2, 0.3, 0.0), np.zeros(40)))
    halves.resize(450, 470)
    halves.show()
    settle(halves)
    assert curves.floor_words.height() >= 3 * curves.fontMetrics().height()
    assert curves.plot.view.height() >= curves.plot.view.minimumSizeHint().height()
    layout = curves.layout()
    assert layout is not None
    assert curves.height() >= layout.minimumHeightForWidth(curves.width())


def test_the_map_and_the_curves_look_as_they_did(lab: Lab, qtbot: QtBot) -> None:
    history = made_levels()
    maps, curves = LevelMapView(lab), LevelCurves(lab, history)
    floor = 0.5 / (1 + np.exp(3 * history.bins.centers))  # type: ignore[union-attr]
    curves.set_floor(Floor(history.bins.centers, floor, floor / 10))  # type: ignore[union-attr]
    curves.point_at(60)
    maps.show_map(history.map())  # type: ignore[arg-type]
    for view, name in ((maps, "train-levels-map"), (curves, "train-levels-curves")):
        qtbot.addWidget(view)
        view.resize(600, 280)
        view.show()
        qtbot.waitExposed(view)
        settle(view)
        box = view.plot.item.getViewBox().sceneBoundingRect().toRect()
        box.moveTopLeft(view.plot.view.mapTo(view, box.topLeft()))
        assert_golden(view, name, area=box.adjusted(2, 2, -2, -2))


def test_the_map_ends_with_the_training(lab: Lab, qtbot: QtBot) -> None:
    """A training run of 24 steps once had an axis up to 40, the end of the last column."""
    history, maps = LevelHistory(), LevelMapView(lab)
    qtbot.addWidget(maps)
    maps.show()
    bins, counts = made_levels().bins, np.full(40, 20, np.int64)
    assert bins is not None
    for first, last in ((1, 20), (21, 24), (25, 44), (45, 47)):
        history.add([WindowRecord(first, last, LevelErrors(bins, 0.1 * counts, counts), 0.01)])
        maps.show_map(history.map())  # type: ignore[arg-type]
        settle(maps)
        assert maps.plot.item.getViewBox().viewRange()[0] == [0.5, last + 0.5]
    assert str(maps.plot.read(44, 0.0)).startswith("steps 41–47")
    assert maps.plot.read(50, 0.0) is None


@pytest.mark.parametrize("measure", ["gradient", "rate", "ema", "loss"])
def test_the_measures_and_other_runs_look_as_they_did(lab: Lab, qtbot: QtBot, measure: str) -> None:
    plot = CurvePlot(lab, made_losses(0), RunFloor(lab))
    qtbot.addWidget(plot)
    plot.show()
    qtbot.waitExposed(plot)
    qtbot.mouseClick(plot.findChild(QToolButton, f"train.measure.{measure}"), LEFT)
    for slot in (0, 1) if measure == "loss" else ():
        overlay = Overlay(Path(f"run {slot}"), f"run {slot}", slot, made_losses(1 + slot))
        plot.overlays[overlay.run] = overlay
    plot.refresh()
    qtbot.waitUntil(lambda: is_at_rest(plot))
    settle_plot(plot.plot)
    assert_golden_plot(plot.plot, f"train-{'overlays' if measure == 'loss' else measure}")
    own = [series.item for series in plot.series.values() if series.item.isVisible()]
    drawn = [*own, *([plot.floor.item] if measure == "loss" else []), *plot.others]
    assert len({item.opts["pen"].color().name() for item in drawn}) == len(drawn)


def test_many_checkpoints_are_drawn_at_twice_their_pixels(qtbot: QtBot) -> None:
    view = CheckpointGrid()
    area = scrolling(view)
    qtbot.addWidget(area)
    area.resize(540, 230)  # the room in large text on a small screen
    area.show()
    steps = [str(25 * n) for n in range(13)]
    view.show_cells(np.zeros((8, 13, 16, 16, 4), np.uint8), list("12345678"), steps)
    settle(area)
    assert view.grid.cell_rect(0).width() >= 2 * 16
    view.set_cell(7, 0)
    view.show_current(area)
    place = view.grid.cell_rect(view.grid.current).center().toPoint()
    assert view.grid.visibleRegion().contains(place)


def test_a_low_plot_leaves_the_title_of_its_axis_to_the_switch(
    lab: Lab, theme: ThemeManager, qtbot: QtBot
) -> None:
    plot = CurvePlot(lab, made_losses(0), RunFloor(lab))
    qtbot.addWidget(plot)
    title = plot.plot.item.getAxis("bottom").label
    plot.resize(600, 350)
    plot.show()
    for percent, shown in ((100, True), (150, False), (100, True), (150, False)):
        theme.set_text_size(percent)
        plot.resize(600, 350)
        settle_plot(plot.plot)
        assert title.isVisible() == shown
    plot.axis.set_value("time")
    assert not title.isVisible()


def test_there_is_no_step_between_two_steps(lab: Lab, qtbot: QtBot) -> None:
    history = LossHistory(0.6)
    history.add([StepRecord(1, 0.1, 0.5, 1e-3, 1000.0, 0.6, 1.0)])
    plot = CurvePlot(lab, history, RunFloor(lab))
    qtbot.addWidget(plot)
    plot.show()
    qtbot.waitExposed(plot)
    plot.refresh()
    qtbot.waitUntil(lambda: is_at_rest(plot))
    settle_plot(plot.plot)
    axis = plot.plot.item.getAxis("bottom")

    def numbers() -> list[str]:
        low, high = axis.range
        levels = axis.tickValues(low, high, axis.size().width())
        return [word for gap, ticks in levels for word in axis.tickStrings(ticks, 1, gap)]

    assert axis.range[0] > 0
    assert axis.range[1] < 2
    assert numbers() == ["1"]
    qtbot.mouseClick(plot.findChild(QToolButton, "train.axis.time"), LEFT)
    settle_plot(plot.plot)
    assert len(numbers()) > 1
    assert min(map(float, numbers())) >= 0
    qtbot.mouseClick(plot.findChild(QToolButton, "train.axis.step"), LEFT)
    settle_plot(plot.plot)
    assert numbers() == ["1"]


def curves(lab: Lab, qtbot: QtBot, history: LossHistory) -> CurvePlot:
    """The plot of a history, with its text."""
    plot = CurvePlot(lab, history, RunFloor(lab))
    qtbot.addWidget(plot)
    plot.resize(700, 500)
    plot.show()
    qtbot.waitExposed(plot)
    return plot


@pytest.mark.parametrize(
    ("seconds", "unit", "shown"),
    [(18.0, "seconds", 18.0), (600.0, "minutes", 10.0), (4 * 3600.0, "hours", 4.0)],
)
def test_the_time_axis_is_in_the_unit_of_its_training(
    lab: Lab, qtbot: QtBot, seconds: float, unit: str, shown: float
) -> None:
    """For a training run of 18 s it was once in minutes."""
    history = LossHistory()
    history.add([StepRecord(n, n, 0.5, 1e-3, 1e3, n * seconds / 2, 1.0) for n in (1, 2)])
    plot = curves(lab, qtbot, history)
    qtbot.mouseClick(plot.controls.findChild(QToolButton, "train.axis.time"), LEFT)
    assert unit in plot.plot.item.getAxis("bottom").labelText
    assert plot.series["training"].x[-1] == pytest.approx(shown)


def test_a_rate_below_the_recipes_is_explained_beside_its_curve(lab: Lab, qtbot: QtBot) -> None:
    """The curve of a short run once peaked, unexplained, at a seventh of the rate that was set."""
    plot = curves(lab, qtbot, made_losses(0))
    assert not plot.note.isVisible()
    qtbot.mouseClick(plot.controls.findChild(QToolButton, "train.measure.rate"), LEFT)
    assert plot.note.isVisible()
    assert "below the rate that you set" in plot.note.text()


def made_losses(seed: int) -> LossHistory:
    """Figures of 400 steps, as in a training run with a warm-up; higher seeds are worse."""
    rng = np.random.default_rng(seed)
    history, bins = LossHistory(0.6), LevelBins(np.array([-8.0, 12.0]), np.array([500.0, 1.0]), "v")
    nothing = LevelErrors(bins, np.zeros(1), np.zeros(1, np.int64))
    for step in range(1, 401):
        rate = 1e-3 * min(1.0, step / 80) * (1 + np.cos(np.pi * step / 400)) / 2 + 1e-6
        fall = (1 + seed) * np.exp(-step / 80)
        loss = float(0.1 + 0.1 * seed + fall * (1 + 0.05 * rng.standard_normal()))
        norm = float(0.2 + fall + 0.1 * abs(rng.standard_normal()))
        history.add([StepRecord(step, step / 50, loss, rate, 1000.0, step * 0.01, norm)])
        if step % 20 == 0:
            history.add([WindowRecord(step - 19, step, nothing, 300 * rate)])
    return history


def drawing_of(share: float) -> Trajectory:
    """One sprite in five frames, sharper over time and with a larger share."""
    sprite = np.random.default_rng(0).uniform(-1, 1, (16, 16, 3))
    x0 = np.linspace(0, 1, 5)[:, None, None, None, None] * share * sprite
    t, log_snr = np.linspace(500, 0, 5), np.linspace(-8, 16, 5)
    values = x0.astype(np.float16)
    return Trajectory(
        "reverse", t.astype(np.float32), log_snr.astype(np.float32), values, values.copy()
    )


def test_the_page_of_checkpoints_looks_as_it_did(
    train: TrainWorkspace, visible: Visible, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The drawings are made: what a network draws after 44 steps depends on the machine."""

    def draw(checkpoints: Sequence[Checkpoint], config: SampleConfig) -> Any:
        def run(control: RunControl) -> Run[int]:
            for i, found in enumerate(checkpoints, 1):
                way = drawing_of(i / len(checkpoints))
                yield CheckpointDrawing(found.step, found.path, config, way)
            return len(checkpoints)

        return Task(run)

    monkeypatch.setattr(checkpoint_page, "draw_checkpoints", draw)
    page(visible, qtbot, "checkpoints")
    checkpoints = train.checkpoints
    qtbot.waitUntil(lambda: checkpoints.listing is not None)
    qtbot.mouseClick(visible(QPushButton, "train.checkpoints.empty.action"), LEFT)
    qtbot.waitUntil(lambda: checkpoints.trajectory(7) is not None, timeout=10_000)
    qtbot.waitUntil(lambda: len(checkpoints.steps_model.axis) == 8)
    grid, large = checkpoints.view.grid, checkpoints.large
    settle(checkpoints)
    slider = checkpoints.steps.slider
    assert slider.height() >= slider.sizeHint().height(), "its words are cut"
    checkpoints.setFixedSize(900, 640)
    large.setFixedSize(180, 180)
    settle(checkpoints)
    # Names are painted around the cells, in any font; so both are compared separately.
    cells = grid.cell_rect(0).united(grid.cell_rect(39)).toRect().adjusted(-2, -2, 2, 2)
    assert_golden(grid, "train-checkpoint-page", area=cells)
    assert_golden(large, "train-checkpoint-large")


@pytest.mark.parametrize("width", [260, 420, 700])
def test_each_column_of_checkpoints_has_its_name(qtbot: QtBot, width: int) -> None:
    """Names are vertical if columns are too narrow, so that none is left out."""
    view = CheckpointGrid()
    qtbot.addWidget(view)
    view.resize(width, 300)
    steps = [str(1000 * n) for n in range(1, 9)]
    view.show_cells(np.zeros((5, 8, 16, 16, 4), np.uint8), list("54321"), steps)
    view.show()
    settle(view)
    pitch = view.grid.cell_rect(1).left() - view.grid.cell_rect(0).left()
    metrics = view.fontMetrics()
    widest = max(map(metrics.horizontalAdvance, steps))
    above = view.grid.cell_rect(0).top() + view.grid.pos().y()
    assert widest <= pitch or above >= widest + metrics.height()


@pytest.mark.parametrize("percent", [100, 150])
def test_steps_that_are_wider_than_their_columns_are_smaller(
    qtbot: QtBot, theme: ThemeManager, monkeypatch: pytest.MonkeyPatch, percent: int
) -> None:
    """At 150% the second to last step once had no label."""
    theme.set_text_size(percent)
    view = CheckpointGrid()
    qtbot.addWidget(view)
    theme.dress(view)
    steps = ["1", "2", "4", "8", "16", "32", "64", "229", "319"]
    view.show_cells(np.zeros((7, 9, 16, 16, 4), np.uint8), list("7654321"), steps)
    view.resize(view.minimumSizeHint())
    view.grid.set_current(8)
    view.show()
    settle(view)
    drawn: list[str] = []
    draw = QPainter.drawText
    monkeypatch.setattr(
        QPainter, "drawText", lambda *given: (drawn.append(given[-1]), draw(*given))
    )
    view.grab()
    assert set(steps) <= set(drawn)


def test_the_grid_of_checkpoints_looks_as_it_did(qtbot: QtBot) -> None:
    rng = np.random.default_rng(0)
    sprite = rng.integers(0, 255, (16, 16, 4)).astype(np.float64)
    sprite[..., 3] = 255
    share = np.linspace(0, 1, 5)[:, None] * np.linspace(0, 1, 8)
    cells = (128 + share[..., None, None, None] * (sprite - 128)).astype(np.uint8)
    cells[..., 3] = 255
    cells[:, -1] = 0  # not drawn yet
    view = CheckpointGrid()
    qtbot.addWidget(view)
    view.resize(420, 260)
    view.show_cells(cells, list("54321"), [str(2**i) for i in range(8)])
    view.set_cell(2, 3)
    view.show()
    qtbot.waitExposed(view)
    cells_only = view.grid.cell_rect(0).united(view.grid.cell_rect(39)).toRect()
    assert_golden(
        view,
        "train-checkpoint-grid",
        area=cells_only.translated(view.grid.pos()).adjusted(-2, -2, 2, 2),
    )
