"""Rules of looks that hold on every page: one main button, no empty axes, no silent gray button."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QAbstractButton, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.navigator import WORKSPACES
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.fields.calm import why_not_allowed
from sprite_lab.ui.widgets.pages import Pages
from sprite_lab.ui.widgets.plots.plot import Plot
from tests.gui.test_text_sizes import full, measure_before, states  # noqa: F401
from tests.qt import settle


def pages(window: MainWindow) -> Iterator[str]:
    """Every page, by its name, as it is shown."""
    for spec in WORKSPACES:
        workspace = window.workspace(spec.name)
        for page in workspace.names if isinstance(workspace, Pages) else ("",):
            window.navigator.go(spec.name, page)
            settle(window)
            yield f"{spec.name} {page}"


def rivals(window: QWidget) -> list[str]:
    """The buttons in the accent color that can be pressed."""
    return [
        button.objectName()
        for button in window.findChildren(QPushButton)
        if button.property("primary") and button.isVisible() and button.isEnabled()
    ]


def silent(window: QWidget) -> list[str]:
    """The gray buttons that do not say why they are."""
    return [
        button.objectName() or button.text()
        for button in window.findChildren(QAbstractButton)
        if button.isVisible() and not button.isEnabled() and not why_not_allowed(button)
    ]


def bare(window: QWidget) -> list[str]:
    """The plots whose axes stand around nothing."""
    found = []
    for plot in window.findChildren(Plot):
        if plot.view.isVisible():
            bounds = plot.item.getViewBox().childrenBounds()
            if any(side is None or None in side for side in bounds):
                found.append(plot.objectName())
    return found


def cut_titles(window: QWidget) -> list[str]:
    """The titles of axes that are not within their plots."""
    found = []
    for plot in window.findChildren(Plot):
        if not plot.view.isVisible():
            continue
        for side in ("left", "bottom"):
            axis = plot.item.getAxis(side)
            if not axis.label.isVisible() or not axis.label.toPlainText().strip():
                continue
            margin = axis.label.document().documentMargin()
            words = axis.label.boundingRect().adjusted(margin, margin, -margin, -margin)
            place = axis.label.mapRectToScene(words)
            if not QRectF(plot.view.viewport().rect()).contains(place):
                found.append(f"{plot.objectName()} {axis.label.toPlainText()}")
    return found


def test_the_rules_hold_before_there_is_anything(window: MainWindow) -> None:
    problems = []
    for name in pages(window):
        if len(found := rivals(window)) > 1:
            problems.append(f"{name}: {found} are all in the accent color")
        problems += [f"{name}: {button} does not say why it is gray" for button in silent(window)]
        problems += [f"{name}: {plot} shows axes around nothing" for plot in bare(window)]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("percent", [100, 150])
def test_the_rules_hold_on_every_page(
    full: MainWindow,  # noqa: F811
    theme: ThemeManager,
    lab: Lab,
    percent: int,
) -> None:
    theme.set_text_size(percent)
    full.resize(1280, 800)
    assert lab.model.value is not None
    measure_before(lab.model.value)
    problems = []
    for name in states(full):
        settle(full)
        if len(found := rivals(full)) > 1:
            problems.append(f"{name}: {found} are all in the accent color")
        problems += [f"{name}: {button} does not say why it is gray" for button in silent(full)]
        problems += [f"{name}: {plot} shows axes around nothing" for plot in bare(full)]
        problems += [f"{name}: {title} is cut" for title in cut_titles(full)]
    assert not problems, "\n".join(dict.fromkeys(problems))


def test_an_axis_title_wraps_where_its_plot_is_low(
    lab: Lab, qtbot: QtBot, theme: ThemeManager, tmp_path: Path
) -> None:
    theme.set_text_size(150)
    plot = Plot(lab, name="low", title="Low", x="training step", y="validation ÷ training")
    qtbot.addWidget(plot)
    plot.add_curve("a", "", 0).set([1, 2], [1, 2])
    plot.resize(400, 150)
    plot.show()
    settle(plot)
    assert not cut_titles(plot)
    theme.set_text_size(100)


def test_a_plot_without_data_says_so_in_the_place_of_axes(lab: Lab, qtbot: QtBot) -> None:
    plot = Plot(lab, name="empty", title="Empty")
    qtbot.addWidget(plot)
    plot.say_nothing("Nothing is measured yet.")
    plot.show()
    assert not plot.view.isVisible()
    assert not plot.readout.isVisible()
    plot.say_nothing("")
    assert plot.view.isVisible()


@pytest.mark.parametrize(("percent", "least"), [(100, 26), (150, 38)])
def test_buttons_and_fields_are_as_high_as_their_text_asks_for(
    window: MainWindow, theme: ThemeManager, percent: int, least: int
) -> None:
    theme.set_text_size(percent)
    window.navigator.go("train")
    settle(window)
    for name in ("train.start", "train.pause", "train.preset"):
        part = window.findChild(QWidget, name)
        assert part is not None
        assert part.height() >= least, name
    theme.set_text_size(100)


def test_the_inspector_widens_with_the_text_on_a_large_screen(
    window: MainWindow, theme: ThemeManager
) -> None:
    window.resize(1920, 1080)
    usual = window.inspector.width()
    theme.set_text_size(150)
    settle(window)
    assert window.inspector.width() >= 1.4 * usual
    window.resize(1280, 800)
    settle(window)
    assert window.width() == 1280
    theme.set_text_size(100)
