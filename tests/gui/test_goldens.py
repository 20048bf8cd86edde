"""Golden images of the first views: stage, timeline, loss, canvas, data grid."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.app.train.loss_history import LossHistory
from sprite_lab.app.train.run_floor import RunFloor
from sprite_lab.core.records import EvalRecord, StepRecord
from sprite_lab.core.sets.sprites import SpriteSet, to_model_space
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.see.watch.page import WatchPage
from sprite_lab.ui.see.watch.views import VIEWS
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.train.curve_plot import CurvePlot
from sprite_lab.ui.widgets.canvas.sprite_canvas import SpriteCanvas
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser
from tests.gui.golden import assert_golden
from tests.qt import is_at_rest, settle

#: Rows of a timeline below its top edge: thumbnails and track. The numbers are below them.
STRIP = QRect(0, 8, 800, 48)


def made_trajectory(images: np.ndarray, frames: int = 11) -> Trajectory:
    """A reverse trajectory whose prediction without a class is the mean of the sprites."""
    clean = to_model_space(images)
    noise = np.random.default_rng(5).standard_normal(clean.shape)
    log_snr = np.linspace(-8, 16, frames).astype(np.float32)
    share = np.linspace(0.2, 1, frames)[:, None, None, None, None]
    x0 = share * clean + (1 - share) * clean.mean(axis=0)
    alpha = np.sqrt(1 / (1 + np.exp(-log_snr)))[:, None, None, None, None]
    x_t = alpha * x0 + np.sqrt(1 - alpha**2) * noise
    away = np.broadcast_to(clean.mean(axis=0), x0.shape)
    levels = np.linspace(500, 0, frames).astype(np.float32)
    kept = (array.astype(np.float16) for array in (x_t, x0))
    return Trajectory("reverse", levels, log_snr, *kept, x0_uncond=away.astype(np.float16))


@pytest.fixture
def see(qtbot: QtBot, lab: Lab, sprites: SpriteSet) -> Iterator[WatchPage]:
    page = WatchPage(lab)
    window = QWidget()
    qtbot.addWidget(window)
    page.setParent(window)
    window.resize(1280, 900)
    page.resize(1280, 900)
    window.show()
    lab.trajectory.set(made_trajectory(sprites.images[:4]))
    page.timeline_model.set_frame(4)
    for panel in page.stage.panels:  # so that none of them has a focus ring
        panel.grid.clearFocus()
    yield page
    window.hide()


@pytest.mark.parametrize("view", [words.view for words in VIEWS])
def test_a_view_of_the_stage(see: WatchPage, qtbot: QtBot, view: str) -> None:
    switch = see.findChild(QWidget, f"see.show.{view}")
    if not switch.isChecked():
        switch.click()
    grid = see.findChild(QWidget, f"see.grid.{view}")
    qtbot.waitUntil(grid.isVisible, timeout=5000)
    grid.set_columns(2)
    assert_golden(grid, f"see-{view}", size=(280, 280))


def test_the_timeline(see: WatchPage) -> None:
    see.timeline.slider.clearFocus()
    assert_golden(see.timeline, "timeline", size=(800, 120), area=STRIP)


def test_the_loss_of_a_fixed_history(qtbot: QtBot, lab: Lab) -> None:
    rng = np.random.default_rng(2)
    history = LossHistory(0.6)
    for step in range(1, 401):
        loss = float(0.1 + 0.9 * np.exp(-step / 80) + 0.03 * rng.standard_normal())
        history.add([StepRecord(step, step / 50, loss, 1e-3, 1000.0, step * 0.01, 0.1)])
        if step % 50 == 0:
            history.add([EvalRecord(step, 1.1 * loss, 0.9 * loss)])
    plot = CurvePlot(lab, history, RunFloor(lab))
    qtbot.addWidget(plot)
    view, item = plot.plot.view, plot.plot.item
    item.getAxis("left").setWidth(64)  # the same for every font
    item.getAxis("bottom").setHeight(48)
    plot.show()
    qtbot.waitExposed(plot)
    view.setFixedSize(560, 300)
    plot.refresh()
    qtbot.waitUntil(lambda: is_at_rest(plot))
    settle(view)
    box = item.getViewBox().sceneBoundingRect().toRect()
    assert_golden(view, "train-loss", area=box.adjusted(2, 2, -2, -2))


def test_the_canvas_with_pixels_that_are_kept(qtbot: QtBot, sprites: SpriteSet) -> None:
    canvas = SpriteCanvas()
    qtbot.addWidget(canvas)
    redraw = np.full((16, 16), 255, np.uint8)
    redraw[:8, :8] = 0
    canvas.set_sprite(sprites.rgba[0], redraw)
    assert_golden(canvas, "draw-canvas", size=(360, 360))


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_grid_of_the_data_set(
    qtbot: QtBot, theme: ThemeManager, sprites: SpriteSet, mode: str
) -> None:
    theme.set_mode(mode)
    browser = SpriteBrowser()
    qtbot.addWidget(browser)
    browser.resize(420, 300)
    browser.set_sprites(sprites.rgba[:40], lambda _index: "")
    assert_golden(browser, f"data-grid-{mode}", size=(420, 300))
