"""Measure ▸ Thermodynamics ▸ One value: it needs no model, and explains its plots."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.core.reversal import COUNTS, NoisePath
from sprite_lab.ui.measure.reversal import ReversalView
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.plots.plot import Plot
from tests.gui.stand_ins import hold_up
from tests.qt import settle

pytestmark = pytest.mark.opens("measure")

Visible = Callable[[type, str], QWidget]
#: Width of a window that leaves as much room as one of 1280 pixels beside a lesson.
BESIDE = 1176
NAMES = ("step_back", "paths", "ends", "losses")


@pytest.fixture(autouse=True)
def page(window: MainWindow, visible: Visible, lab: Lab, qtbot: QtBot) -> None:
    assert lab.model.value is None
    click(visible, "measure.tabs.thermodynamics")
    click(visible, "measure.thermodynamics.view.value")
    qtbot.waitUntil(lambda: len(plot_of(visible, "losses").series["total"].y) == len(COUNTS))


def click(visible: Visible, name: str) -> None:
    button = visible(QToolButton, name)
    assert isinstance(button, QToolButton)
    button.click()


def plot_of(visible: Visible, name: str) -> Plot:
    plot = visible(Plot, f"measure.{name}")
    assert isinstance(plot, Plot)
    return plot


def words(visible: Visible, name: str) -> str:
    label = visible(QLabel, f"measure.{name}.words")
    assert isinstance(label, QLabel)
    return label.text()


def choose(visible: Visible, steps: int) -> None:
    click(visible, f"measure.reversal.steps.{steps}")


def test_a_large_step_back_has_two_humps_and_a_small_one_is_gaussian(visible: Visible) -> None:
    for steps, said, misfit in ((4, "two humps", (1, 2)), (64, "the same form", (0, 0.001))):
        choose(visible, steps)
        series = plot_of(visible, "step_back").series
        true, gaussian = series["true"], series["gaussian"]
        path = NoisePath(steps)
        step = path.back(path.nearest(0.5), np.zeros(1))
        np.testing.assert_allclose(true.y, step.density(true.x)[0])
        space = true.x[1] - true.x[0]
        moments = [((y * true.x**2).sum() * space) for y in (true.y, gaussian.y)]
        assert moments[0] == pytest.approx(moments[1], rel=0.01), "the same variance"
        assert said in words(visible, "step_back")
        assert "x<sub>t</sub> = 0" in words(visible, "step_back")
        low, high = misfit
        assert low < step.misfit()[0] < high
        assert f"({step.misfit()[0]:.4f} bits off)" in words(visible, "step_back")


def test_words_name_only_humps_and_misfits_that_are_seen(visible: Visible) -> None:
    choose(visible, 16)
    true = plot_of(visible, "step_back").series["true"].y
    assert 1 < true.max() / true[len(true) // 2] < 1.02, "two maxima that look like one"
    assert "one hump, which a Gaussian nearly fits" in words(visible, "step_back")
    choose(visible, 256)
    assert "(&lt; 0.0001 bits off)" in words(visible, "step_back")
    choose(visible, 1)
    assert "To noise in 1 step, and back by a Gaussian one" in words(visible, "paths")


def test_a_step_back_can_start_elsewhere(visible: Visible) -> None:
    choose(visible, 16)
    before = words(visible, "step_back")
    field = visible(QDoubleSpinBox, "measure.reversal.x_t.field")
    assert isinstance(field, QDoubleSpinBox)
    field.setValue(1.5)
    assert words(visible, "step_back") != before
    assert "x<sub>t</sub> = 1.5" in words(visible, "step_back")


def test_paths_back_end_where_they_began_if_steps_are_small(visible: Visible) -> None:
    choose(visible, 4)
    assert "fill the gap" in words(visible, "ends")
    ends = plot_of(visible, "ends").series
    middle = len(ends["reached"].y) // 2
    assert ends["reached"].y[middle] > 0.3 > 0.001 > ends["data"].y[middle]
    choose(visible, 64)
    assert np.abs(ends["reached"].y - ends["data"].y).max() < 0.1, "one sees hardly a difference"
    assert "end where they began" in words(visible, "ends")
    choose(visible, 256)
    assert "end where they began" in words(visible, "ends")
    assert ends["reached"].y[middle] < 0.01
    paths = plot_of(visible, "paths").series
    # The axis has step numbers: halfway, far more than half of the value is noise.
    assert all(path.x.tolist() == list(range(257)) for path in paths.values())
    assert np.abs(paths["back_0"].y[0]) > 0.3, "back at a peak"


def test_the_entropy_produced_falls_with_the_number_of_steps(visible: Visible) -> None:
    series = plot_of(visible, "losses").series
    total = [NoisePath(steps).losses().sum() for steps in COUNTS]
    np.testing.assert_allclose(series["total"].y, total)
    np.testing.assert_allclose(series["each"].y, np.array(total) / COUNTS)
    choose(visible, 64)
    assert f"64 steps produce {total[COUNTS.index(64)]:.4f} bits" in words(visible, "losses")
    plot = plot_of(visible, "losses")
    plot.point_at(2.1, 0)
    assert plot.readout.text().startswith(f"4 steps: {total[2]:.5f} bits")


def test_canceled_it_is_computed_when_it_is_shown_again(lab: Lab, qtbot: QtBot) -> None:
    view = ReversalView(lab)
    qtbot.addWidget(view)
    go_on = hold_up(lab)
    view.show()
    lab.jobs.handles[-1].cancel()
    view.hide()
    go_on.set()
    qtbot.waitUntil(lambda: not lab.jobs.handles)
    assert not view.plots.study
    view.show()
    qtbot.waitUntil(lambda: bool(view.plots.study))


def test_all_plots_can_be_seen(visible: Visible, window: MainWindow, theme: ThemeManager) -> None:
    settle(window)
    found = {name: window.findChild(Plot, f"measure.{name}") for name in NAMES}
    plots = {name: plot for name, plot in found.items() if plot is not None}
    switch = window.findChild(QWidget, "measure.reversal.part")
    assert switch is not None
    screens = ((1280, 800), (1920, 1080), (BESIDE, 800))
    for percent, screen in product((100, 150), screens):
        theme.set_text_size(percent)
        window.resize(*screen)
        settle(window)
        if switch.isVisible():
            assert (screen[1], percent) == (800, 150)
            for name in NAMES:
                click(visible, f"measure.reversal.part.{name}")
                settle(window)
                assert [n for n, plot in plots.items() if plot.isVisible()] == [name]
        else:
            assert {plot.x() for plot in plots.values()} == {0, plots["paths"].x()}, "two columns"
            assert all(plot.isVisible() and plot.view.height() >= 90 for plot in plots.values())
