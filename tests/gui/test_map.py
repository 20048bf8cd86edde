"""The map: positions of sprites, paths of samples, and arrows, compared with
numpy and the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QSlider, QWidget

from sprite_lab.app.files.library import ShippedModel
from sprite_lab.app.lab import Lab
from sprite_lab.core.config import ForwardConfig, ScheduleConfig
from sprite_lab.core.results.metrics import neighbors
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import to_model_space
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.engine.measuring.sprite_map import model_pull_iter
from sprite_lab.ui.see.map.page import MapPage
from sprite_lab.ui.see.map.plot import MapPlot
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.ui.widgets.sprites.sprite_row import SpriteRow
from tests.gui.golden import assert_golden
from tests.gui.stand_ins import StandInModel, hold_up
from tests.made import make_sprites
from tests.qt import settle

Find = Callable[[type, str], QWidget]


def click(visible: Find, name: str) -> None:
    button = visible(QAbstractButton, name)
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def page(window: MainWindow, visible: Find) -> None:
    window.resize(1280, 800)
    click(visible, "see.tabs.map")


def _principal(images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, axes and explained shares of the variance, from numpy's singular values."""
    pixels = to_model_space(images).reshape(len(images), -1).astype(np.float64)
    mean = pixels.mean(axis=0)
    _, strength, axes = np.linalg.svd(pixels - mean, full_matrices=False)
    return mean, axes[:2], (strength**2 / (strength**2).sum())[:2]


def _place(plot: MapPlot, x: float, y: float):
    scene = plot.item.getViewBox().mapViewToScene(QPointF(x, y))
    return plot.view.mapFromScene(scene)


def _dissolve(lab: Lab, images: np.ndarray, qtbot) -> Trajectory:
    lab.forward(images, ForwardConfig(schedule=ScheduleConfig(timesteps=40)))
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=10000)
    return lab.trajectory.value


def test_sprites_lie_by_their_principal_components(
    lab: Lab, page: None, visible: Find, qtbot
) -> None:
    sprites = make_sprites(60)
    lab.data.set(sprites)
    plot = visible(MapPlot, "map")
    qtbot.waitUntil(lambda: len(plot.table()) > 0, timeout=20000)
    table = plot.table()
    mean, axes, explained = _principal(sprites.images)
    pixels = to_model_space(sprites.images).reshape(60, -1)
    shown = np.stack([table["component 1"], table["component 2"]], axis=1)
    # The direction of an axis is arbitrary.
    np.testing.assert_allclose(np.abs(shown), np.abs((pixels - mean) @ axes.T), atol=1e-4)
    for side, share in zip(("bottom", "left"), explained, strict=True):
        assert f"({100 * share:.1f}%)" in plot.item.getAxis(side).labelText
    plot.view.setFixedSize(480, 400)
    settle(plot.view)
    box = plot.view.mapFromScene(plot.item.getViewBox().sceneBoundingRect()).boundingRect()
    assert_golden(plot.view.grab().toImage(), "map", area=box.adjusted(2, 2, -2, -2))
    assert list(table["class"][:2]) == ["hero", "creature"]
    boxes = [visible(QAbstractButton, f"map.class.{k}") for k in range(5)]
    assert [box.text() for box in boxes][:2] == ["hero  12", "creature  12"]


def test_a_sprite_is_pointed_at_chosen_and_dissolved(
    lab: Lab, page: None, visible: Find, qtbot
) -> None:
    sprites = make_sprites(60)
    lab.data.set(sprites)
    plot = visible(MapPlot, "map")
    qtbot.waitUntil(lambda: len(plot.table()) > 0, timeout=20000)
    table = plot.table()
    points = np.stack([table["component 1"], table["component 2"]], axis=1)
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)) + np.eye(60) * 99
    which = int(apart.min(axis=1).argmax())  # far from all others, so that none of them is clicked
    settle(plot.view)
    place = _place(plot, *points[which])
    QTest.mouseMove(plot.view.viewport(), place)
    qtbot.waitUntil(lambda: "map" in str(visible(QWidget, "map.thumb").objectName()))
    assert f"sprite {which + 1}" in visible(QLabel, "map.readout").text()
    QTest.mouseClick(plot.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert f"sprite {which + 1}" in visible(QLabel, "map.chosen").text()

    click(visible, "map.nearest")
    qtbot.waitUntil(
        lambda: any(row.isVisible() for row in plot.window().findChildren(SpriteRow)), timeout=10000
    )
    row = visible(SpriteRow, "map.nearest.sprites")
    found = neighbors(sprites.images[which], sprites.images, 7)
    assert row.which.tolist() == [i for i in found.which if i != which][:6]

    click(visible, "map.dissolve")
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=10000)
    qtbot.waitUntil(lambda: len(plot.current) == 1, timeout=10000)
    np.testing.assert_allclose(plot.current[0], points[which], atol=0.02)


def test_classes_are_hidden_and_then_not_pointed_at(
    lab: Lab, page: None, visible: Find, qtbot
) -> None:
    sprites = make_sprites(60)
    lab.data.set(sprites)
    plot = visible(MapPlot, "map")
    qtbot.waitUntil(lambda: len(plot.table()) > 0, timeout=20000)
    settle(plot.view)
    for k in range(5):
        box = visible(QAbstractButton, f"map.class.{k}")
        QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
        assert not box.isChecked()
    x, y = plot.table()["component 1"][0], plot.table()["component 2"][0]
    settle(plot.view)
    QTest.mouseMove(plot.view.viewport(), _place(plot, x, y))
    settle(plot.view)
    assert not plot.findChild(QWidget, "map.thumb").isVisible()


def test_samples_and_arrows_of_a_model(
    lab: Lab, window: MainWindow, page: None, visible: Find, qtbot, small_models: Path
) -> None:
    lab.open_data(None)
    lab.open_model("builtin")
    qtbot.waitUntil(
        lambda: lab.model.value is not None and lab.data.value is not None, timeout=20000
    )
    plot = visible(MapPlot, "map")
    qtbot.waitUntil(lambda: len(plot.table()) > 0, timeout=20000)
    click(visible, "see.tabs.watch")
    click(visible, "see.mode.reverse")
    settle(window)
    click(visible, "see.generate")
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=30000)
    click(visible, "see.tabs.map")
    trajectory = lab.trajectory.value
    qtbot.waitUntil(lambda: len(plot.current) == trajectory.count, timeout=20000)
    grid = visible(SpriteGrid, "map.samples")
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.cell_rect(2).center().toPoint())

    # The samples' positions, frame by frame of the shared timeline.
    mean, axes, _ = _principal(lab.data.value.images)
    table = plot.table()
    first = to_model_space(lab.data.value.images[:50]).reshape(50, -1) - mean
    shown = np.stack([table["component 1"], table["component 2"]], axis=1)[:50]
    signs = np.sign((first @ axes.T * shown).sum(axis=0))
    slider = visible(QSlider, "timeline.slider")
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Home)
    for frame in range(5):
        x0 = trajectory.x0[frame].astype(np.float64).reshape(trajectory.count, -1)
        np.testing.assert_allclose(plot.current, (x0 - mean) @ axes.T * signs, atol=0.01)
        QTest.keyClick(slider, Qt.Key.Key_Right)
    assert slider.value() == 5

    # The arrows of this level, once the timeline rests.
    log_snr = float(trajectory.log_snr[5])
    qtbot.waitUntil(lambda: plot.pull is not None and plot.pull.log_snr == log_snr, timeout=20000)
    expected = drain(model_pull_iter(lab.model.value, plot.map, log_snr, "food", RunControl()))
    np.testing.assert_allclose(plot.pull.arrows, expected.arrows, atol=1e-3)
    about = visible(QLabel, "map.arrows.about").text()
    assert f"{np.hypot(*expected.arrows.T).max():.1f}" in about
    assert "a blur" in about
    click(visible, "map.arrows.off")
    assert plot.pull is None

    # At t = 0 no noise is left to remove.
    click(visible, "map.arrows.set")
    qtbot.waitUntil(lambda: plot.pull is not None, timeout=20000)
    assert not np.allclose(plot.pull.arrows, expected.arrows, atol=0.1)
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert plot.pull is None
    assert "no noise" in visible(QLabel, "map.arrows.about").text()


def test_features_have_ways_and_no_arrows(lab: Lab, page: None, visible: Find, qtbot) -> None:
    sprites = make_sprites(60)
    lab.data.set(sprites)
    _dissolve(lab, sprites.images[3:5], qtbot)
    plot = visible(MapPlot, "map")
    qtbot.waitUntil(lambda: len(plot.current) == 2, timeout=20000)
    pixels = np.array(plot.table()["component 1"])
    click(visible, "map.space.features")
    qtbot.waitUntil(
        lambda: not np.array_equal(plot.table()["component 1"], pixels) and len(plot.current) == 2,
        timeout=20000,
    )
    table = plot.table()
    points = np.stack([table["component 1"], table["component 2"]], axis=1)
    np.testing.assert_allclose(plot.current, points[3:5], atol=0.02)  # a drawing stays where it is
    assert not visible(QAbstractButton, "map.arrows.model").isEnabled()


def test_a_map_that_was_stopped_is_laid_out_when_one_comes_back(
    lab: Lab, page: None, visible: Find, qtbot
) -> None:
    go_on = hold_up(lab)
    lab.data.set(make_sprites(60))
    plot = visible(MapPlot, "map")
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    go_on.set()
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=10000)
    assert not len(plot.table())
    click(visible, "see.tabs.watch")
    click(visible, "see.tabs.map")
    qtbot.waitUntil(lambda: len(plot.table()) > 0, timeout=20000)


def test_without_sprites_they_are_asked_for(lab: Lab, page: None, visible: Find, qtbot) -> None:
    assert visible(QAbstractButton, "map.needed.action").text() == "Open a data set…"


def test_the_set_of_the_model_is_named_and_opened(
    lab: Lab, page: None, visible: Find, qtbot
) -> None:
    lab.data.set(make_sprites(60))
    lab.open_model("builtin")
    qtbot.waitUntil(lambda: lab.model.value is not None, timeout=20000)
    assert "Built-in sprites" in visible(QLabel, "map.other").text()
    click(visible, "map.other.action")
    plot = visible(MapPlot, "map")
    qtbot.waitUntil(lambda: len(plot.table().get("name", ())) == 4000, timeout=20000)
    assert not plot.window().findChild(QLabel, "map.other").isVisible()


def test_where_the_set_of_the_model_cannot_be_had_the_built_in_model_is_offered(
    lab: Lab, page: None, visible: Find, qtbot
) -> None:
    lab.data.set(make_sprites(60))
    lab.shipped.set(
        (
            ShippedModel("builtin", "Built-in sprites", "Built-in sprites", None, 1),
            ShippedModel("real", "Real sprites", "real_sprites", None, 1),
        )
    )
    lab.open_model("real")
    qtbot.waitUntil(lambda: lab.model.value is not None, timeout=20000)
    assert visible(QAbstractButton, "map.other.action").text().endswith("…")
    note = visible(QLabel, "map.other")
    assert note.height() < 2 * note.fontMetrics().height(), "one line, if there is room"
    click(visible, "map.other.builtin")
    plot = visible(MapPlot, "map")
    qtbot.waitUntil(lambda: len(plot.table().get("name", ())) == 4000, timeout=20000)
    qtbot.waitUntil(lambda: str(lab.model_ref) == "builtin", timeout=20000)
    assert not plot.window().findChild(QLabel, "map.other").isVisible()


def test_a_note_on_another_set_takes_no_width_from_the_panels(
    lab: Lab, page: None, window: MainWindow, theme: ThemeManager, visible: Find, qtbot
) -> None:
    """In German, at 150 %, the library and the panel once got narrower while it was shown."""
    theme.set_text_size(150)
    lab.data.set(make_sprites(60))
    lab.model.set(StandInModel(data_title="others"))
    settle(window)
    before = window.stage.geometry()
    lab.model.set(StandInModel(data_title="sprites that have a rather long name in this language"))
    settle(window)
    note = visible(QLabel, "map.other")
    assert note.height() > 1.5 * note.fontMetrics().height(), "its words wrap"
    assert window.stage.geometry() == before


def test_while_it_loads_it_blames_nobody(
    lab: Lab, page: None, window: MainWindow, visible: Find, qtbot
) -> None:
    """It once said that the model draws sprites of another size."""
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=60000)
    shown = window.findChild(MapPage)
    assert isinstance(shown, MapPage)
    click(visible, "map.arrows.model")
    shown.map = None
    shown.show_pull()
    assert visible(QLabel, "map.arrows.about").text() == "The map is being laid out."
