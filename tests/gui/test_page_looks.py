"""Rules for the look of every page: one main button, no empty axes, no unexplained gray button."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetrics, QFontMetricsF
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.app.timeline import Axis, TimelineModel
from sprite_lab.core.config import ScheduleConfig
from sprite_lab.core.records import Preview
from sprite_lab.core.results.calibration import Calibration
from sprite_lab.core.results.probability import ClassProbabilities
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.see.classes.plot import _OPACITY
from sprite_lab.ui.see.map.plot import MapPlot, class_look
from sprite_lab.ui.see.watch.schedule_plot import SchedulePlot
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.navigator import WORKSPACES
from sprite_lab.ui.theme import (
    CONTRAST,
    DARK,
    LIGHT,
    Theme,
    ThemeManager,
    contrast,
    current_theme,
    ink_on,
    mix,
    style_sheet,
)
from sprite_lab.ui.train.workspace import TrainWorkspace
from sprite_lab.ui.widgets.fields.calm import why_not_allowed
from sprite_lab.ui.widgets.fields.class_bars import ClassBars, percent_text
from sprite_lab.ui.widgets.pages import Pages
from sprite_lab.ui.widgets.plots.legend import LegendEntry
from sprite_lab.ui.widgets.plots.pixel_map import PixelMap
from sprite_lab.ui.widgets.plots.plot import Plot, fitting
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser
from sprite_lab.ui.widgets.sprites.timeline import Timeline
from tests.gui.eye import cut_numbers, plots
from tests.gui.stand_ins import StandInModel, StandInTraining, training  # noqa: F401
from tests.gui.test_text_sizes import full, measure_before, states  # noqa: F401
from tests.qt import settle


def pages(window: MainWindow) -> Iterator[str]:
    """Visits every page; yields its name."""
    for spec in WORKSPACES:
        workspace = window.workspace(spec.name)
        for page in workspace.names if isinstance(workspace, Pages) else ("",):
            window.navigator.go(spec.name, page)
            settle(window)
            yield f"{spec.name} {page}"


def rivals(window: QWidget) -> list[str]:
    """The enabled buttons in the accent color."""
    return [
        button.objectName()
        for button in window.findChildren(QPushButton)
        if button.property("primary") and button.isVisible() and button.isEnabled()
    ]


def silent(window: QWidget) -> list[str]:
    """The gray buttons that do not say why they are gray."""
    return [
        button.objectName() or button.text()
        for button in window.findChildren(QAbstractButton)
        if button.isVisible() and not button.isEnabled() and not why_not_allowed(button)
    ]


def bare(window: QWidget) -> list[str]:
    """The plots whose axes are empty."""
    found = []
    for plot in plots(window):
        bounds = plot.item.getViewBox().childrenBounds()
        if any(side is None or None in side for side in bounds):
            found.append(plot.objectName())
    return found


def cut_titles(window: QWidget) -> list[str]:
    """The titles of axes that extend beyond their plots."""
    found = []
    for plot in plots(window):
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


@pytest.mark.parametrize("whole", [False, True])
def test_no_number_of_an_axis_is_cut_at_the_edge_of_a_plot(
    lab: Lab, qtbot: QtBot, whole: bool
) -> None:
    """The last number was once cut in half at the very edge."""
    plot = Plot(lab, name="plot", title="Plot")
    qtbot.addWidget(plot)
    plot.set_whole(whole)
    plot.resize(400, 200)
    plot.show()
    for last in np.arange(10, 16, 0.25):
        plot.item.setRange(xRange=(0, last), yRange=(0, last), padding=0)
        settle(plot)
        assert not cut_numbers(plot), last


@pytest.mark.parametrize("percent", [100, 125, 150, 175, 200])
def test_handles_of_sliders_are_round(percent: int) -> None:
    """At 125 % they once were square: Qt ignores a radius larger than half a side."""
    rule = style_sheet(LIGHT, percent / 100).partition("QSlider::handle:horizontal {")[2]
    sizes = r"width: (\d+)px.* margin: -(\d+)px 0; border-radius: (\d+)px"
    found = re.search(sizes, rule)
    assert found is not None
    width, margin, radius = map(int, found.groups())
    sides = width + 2, 4 + 2 * margin  # including its border; beyond the groove
    assert min(sides) - 2 <= 2 * radius <= min(sides)


def test_a_title_that_would_break_gives_way(lab: Lab, qtbot: QtBot, theme: ThemeManager) -> None:
    theme.set_text_size(150)
    plot = Plot(lab, name="low", title="Low", x="step", y="distance", least=20)
    qtbot.addWidget(plot)
    plot.add_curve("a", "", 0).set([1, 2], [60, 140])
    plot.show()
    title, axis = plot.item.getAxis("left").label, plot.item.getAxis("left")
    for height, shown in ((110, False), (300, True), (110, False)):
        plot.resize(400, height)
        settle(plot)
        assert title.isVisible() == shown
    for height in range(110, 200, 4):
        plot.resize(400, height)
        settle(plot)
        lines = title.document().firstBlock().layout().lineCount()
        assert lines == 1 or not title.isVisible(), f"“distance” is broken at {height}"
    plot.resize(400, 130)
    settle(plot)
    low, high = axis.range
    numbers = axis.tickValues(low, high, axis.size().height())[0][1]
    apart = axis.size().height() / (high - low) * np.diff(numbers).min(initial=np.inf)
    assert len(numbers) > 1
    assert apart >= QFontMetricsF(axis.style["tickFont"]).height(), "they lie over each other"


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
    for name in ("train.start", "train.pause", "train.preset", "draw.generate"):
        window.navigator.go(name.partition(".")[0])
        settle(window)
        part = window.findChild(QWidget, name)
        assert part is not None
        assert part.height() >= least, name


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


@pytest.fixture
def train(
    window: MainWindow,
    lab: Lab,
    sprites: SpriteSet,
    training: StandInTraining,  # noqa: F811
) -> TrainWorkspace:
    """Train with a set to learn from, before the first training run."""
    lab.data.set(sprites)
    window.navigator.go("train")
    return window.navigator.train


@contextmanager
def in_training(train: TrainWorkspace, lab: Lab, qtbot: QtBot) -> Iterator[None]:
    """While a training runs, which is stopped afterward."""
    train.start()
    qtbot.waitUntil(lambda: lab.training_runs.current.value is not None)
    yield
    lab.training_runs.current.value.handle.stop()
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)


def test_one_estimate_of_time_is_shown_while_training(
    train: TrainWorkspace, window: MainWindow, lab: Lab, qtbot: QtBot
) -> None:
    takes = window.findChild(QWidget, "train.takes")
    assert takes is not None
    assert takes.isVisible()
    with in_training(train, lab, qtbot):
        assert not takes.isVisible()
        assert window.findChild(QLabel, "train.figure.left") is None
    assert takes.isVisible()


def test_a_training_leaves_the_recipe_as_it_is(
    train: TrainWorkspace, lab: Lab, qtbot: QtBot
) -> None:
    """Its model is opened then, but with few sprites, the recipe must not start from it unasked."""
    recipe = train.controls.recipe
    before = recipe.config()
    assert before.preset == "quick"
    with in_training(train, lab, qtbot):
        pass
    lab.model.set(StandInModel())  # the stand-in for a training run writes no model
    assert recipe.config() == replace(before, seed=recipe.config().seed)


def test_nothing_moves_in_the_course_of_a_training(train: TrainWorkspace, qtbot: QtBot) -> None:
    """Once, the timeline appeared with the second picture, and a line of text
    with the first changed field.
    """
    recipe, curves = train.controls.recipe, train.curves
    about = recipe.findChild(QLabel, "train.preset.about")
    lines = about.text().count("\n")
    recipe.form.set_value(replace(recipe.config(), epochs=recipe.config().epochs + 1))
    assert "Changed since it was chosen" in about.text()
    assert about.text().count("\n") == lines == 1
    curves.show_run(True)
    pictures = np.zeros((4, 16, 16, 3), np.uint8)
    for count in range(3):
        curves.previews.set_previews([Preview(step + 1, pictures) for step in range(count)])
        assert curves.previews.timeline.isVisibleTo(curves), count


def test_a_curve_says_why_it_is_not_smoothed_and_names_no_hidden_slider(
    train: TrainWorkspace,
) -> None:
    field = train.plot.smoothing.findChild(QWidget, "train.smoothing.field")
    train.plot.measure.set_value("loss")
    train.plot._on_measure()
    assert "How much of the past" in field.toolTip()
    assert "Double-click" not in field.toolTip()
    train.plot.measure.set_value("rate")
    train.plot._on_measure()
    assert "This curve needs no smoothing" in field.toolTip()


def test_no_step_is_below_zero_around_a_single_one(train: TrainWorkspace) -> None:
    train.plot.plot.item.setXRange(-500, 500)
    (left, _right), _ = train.plot.plot.item.getViewBox().viewRange()
    assert left >= 0


def test_curves_ask_a_question_until_there_is_a_run(window: MainWindow) -> None:
    window.navigator.go("train", "curves")
    empty = window.findChild(QWidget, "train.curves.empty")
    assert empty is not None
    assert empty.isVisible()
    assert not window.navigator.train.previews.timeline.isVisible()


def test_the_chosen_sprite_of_a_map_has_no_color_of_a_class(lab: Lab, qtbot: QtBot) -> None:
    plot = MapPlot(lab)
    qtbot.addWidget(plot)
    classes = {curve.color for curve in current_theme().curves} | {current_theme().accent}
    for marks in (plot._chosen, plot._now_chosen):
        used = {marks.opts["pen"].color().name(), marks.opts["brush"].color().name()}
        assert not used & classes


def test_axis_titles_of_a_map_leave_room_for_numbers(
    lab: Lab, theme: ThemeManager, qtbot: QtBot
) -> None:
    theme.set_text_size(150)
    plot = MapPlot(lab)
    qtbot.addWidget(plot)
    for axis, side in enumerate(("bottom", "left")):
        plot.item.setLabel(side, f"Component {axis + 1} (12.1%)")
    plot.resize(680, 240)  # as in the smallest window
    plot.show()
    settle(plot)
    across, up = (plot.item.getAxis(side) for side in ("left", "bottom"))
    numbers = QFontMetrics(across.style["tickFont"])
    margin = 2 * across.label.document().documentMargin()
    room = across.width() - (across.label.boundingRect().height() - margin)
    assert room >= numbers.horizontalAdvance("−10")
    room = up.height() - (up.label.boundingRect().height() - margin)
    assert room >= numbers.height()


def test_points_of_the_schedule_are_round(lab: Lab, qtbot: QtBot) -> None:
    """A pen in axis units would be hundreds of times wider than it is high."""
    plot = SchedulePlot(lab)
    qtbot.addWidget(plot)
    assert all(handle.pen.isCosmetic() for handle in plot.handles)
    assert all(handle.hoverPen.isCosmetic() for handle in plot.handles)


def test_each_schedule_has_a_sign_of_its_own(lab: Lab, qtbot: QtBot) -> None:
    plot = SchedulePlot(lab)
    qtbot.addWidget(plot)
    plot.show_schedule(ScheduleConfig())

    def signs() -> dict[str, int]:
        entries = plot.findChildren(LegendEntry)
        return {e.accessibleName(): e.which for e in entries if not e.isHidden()}

    def drawn() -> set[int]:
        return {series.which for series in plot.series.values() if len(series.x)}

    # The legend matches the plot: once, its line was nowhere in the plot.
    for name in ("linear", "cosine", "karras"):
        plot.show_schedule(ScheduleConfig(name=name))
        assert set(signs()) == {"Linear", "Cosine", "Karras"}
        assert set(signs().values()) == drawn()
        assert len(drawn()) == 3
        assert signs()[name.capitalize()] == plot.series["log_snr"].which
    handle = plot.handles[3]
    handle.setPos(handle.pos().x(), handle.pos().y() + 0.1)
    assert "Karras (bent)" in signs()
    assert set(signs().values()) == drawn()
    assert len(drawn()) == 4


def test_the_schedule_plot_says_how_much_signal_is_left(lab: Lab, qtbot: QtBot) -> None:
    plot = SchedulePlot(lab)
    qtbot.addWidget(plot)
    plot.show_schedule(ScheduleConfig())
    said = plot.findChild(QLabel, "see.schedule_curve.level")
    plot.show_t(0)
    assert said.text() == "t = 0: no noise, log-SNR ∞; the curve begins at t\u00a0=\u00a01"
    handle = plot.handles[3]
    plot.show_t(handle.pos().x())
    before = said.text()
    handle.setPos(handle.pos().x(), 0.0)
    assert said.text() == "t = 250: 50.0% signal left" != before


def test_a_legend_names_what_is_drawn_and_nothing_else(lab: Lab, qtbot: QtBot) -> None:
    plot = Plot(lab, name="plot", title="Plot")
    qtbot.addWidget(plot)
    drawn, other = (plot.add_curve(name, name, k) for k, name in enumerate(("drawn", "other")))

    def named() -> list[str]:
        entries = plot.findChildren(LegendEntry)
        return [entry.accessibleName() for entry in entries if not entry.isHidden()]

    assert named() == []
    drawn.set([0, 1], [1, 2])
    other.set([0, 1], [np.nan, np.nan])
    assert named() == ["drawn"]
    drawn.set([], [])
    assert named() == []


def test_a_plot_keeps_its_least_height_at_every_text_size(
    lab: Lab, theme: ThemeManager, qtbot: QtBot
) -> None:
    plot = SchedulePlot(lab)
    qtbot.addWidget(plot)
    least = plot.view.minimumHeight()
    assert least >= 180
    for percent in (150, 100):
        theme.set_text_size(percent)
        assert plot.view.minimumHeight() >= least


def test_no_word_of_an_axis_title_is_broken(qapp: QApplication) -> None:
    font, title = qapp.font(), "bits a dimension"
    needed = QFontMetricsF(font).horizontalAdvance("dimension")
    assert fitting(font, title, 2 * needed).pointSizeF() == font.pointSizeF()
    smaller = fitting(font, title, needed)
    assert QFontMetricsF(smaller).horizontalAdvance("dimension") < needed
    assert fitting(font, title, 5).pointSizeF() > 0.6 * font.pointSizeF(), "it is still read"


def test_large_numbers_of_an_axis_are_written_as_elsewhere(lab: Lab, qtbot: QtBot) -> None:
    plot = Plot(lab, name="plot", title="Plot")
    qtbot.addWidget(plot)
    axis = plot.item.getAxis("bottom")
    assert axis.tickStrings([500.0, 1500.0, 20_000.0], 1.0, 500.0) == ["500", "1,500", "20,000"]
    assert axis.tickStrings([0.0, 1_000_000.0], 1.0, 1_000_000.0)[1] == "1,000,000"
    assert axis.tickStrings([-2000.0, 0.25], 1.0, 0.25)[0] == "\u22122,000"
    plot.set_log(y=True)
    numbers = plot.item.getAxis("left").tickStrings([-5.0, 0.0, np.log10(500), 4.0, 6.0], 1.0, 1.0)
    assert numbers == ["10⁻⁵", "1", "500", "10,000", "10⁶"]


def test_the_colors_of_a_pixel_map_say_what_they_are(qtbot: QtBot) -> None:
    view = PixelMap(name="map", label="Map", top=lambda number: f"t = {number}")
    qtbot.addWidget(view)
    view.show_values(np.zeros((2, 2, 3), np.uint8), np.array([[0, 500], [104, 250]]))
    assert [view.number(share) for share in (0.0, 0.5, 1.0)] == ["0", "250", "t = 500"]


@pytest.mark.parametrize("theme_", [LIGHT, CONTRAST, DARK])
def test_what_is_selected_and_what_is_not_are_both_seen(theme_: Theme) -> None:
    """Controls have a contrast of 3:1; a marked background touches an unmarked
    one, so it needs less.
    """
    assert contrast(theme_.focus, theme_.background) >= 3
    marked = theme_.tokens()["marked"]
    assert contrast(marked, theme_.background) >= 2.6
    assert contrast(marked, theme_.focus) >= 1.6, "the current one has a ring around it"
    for label in range(len(theme_.curves)):
        _, color = class_look(theme_, label)
        alone = mix(theme_.surface, color.name(), color.alphaF())
        assert contrast(alone, theme_.surface) >= 2.95


def test_captions_of_classes_are_read_whole(theme: ThemeManager, qtbot: QtBot) -> None:
    browser = SpriteBrowser(caption_lines=1)
    qtbot.addWidget(browser)
    browser.resize(640, 400)
    browser.show()
    names = ("hero", "side facing")
    browser.keep_whole(names)
    for percent in (100, 150):
        theme.set_text_size(percent)
        browser.set_sprites(
            np.zeros((8, 16, 16, 3), np.uint8), str, [names[k % 2] for k in range(8)]
        )
        settle(browser)
        first, second = (browser.cell_rect(k) for k in range(2))
        words = browser.fontMetrics().horizontalAdvance("side facing")
        assert second.left() - first.left() >= words
        assert first.width() == 48, "the sprites are as large as before"
        assert browser.index_at(second.center()) == 1
    browser.keep_whole(("a class whose name is much longer than two sprites are wide",))
    assert browser.cell_rect(1).left() - browser.cell_rect(0).left() <= 2 * 48 + 6


def test_fonts_keep_their_size_when_the_theme_changes(
    window: MainWindow, theme: ThemeManager
) -> None:
    """With a new style sheet, Qt forgets the sizes that widgets set themselves."""
    window.navigator.go("train")
    figure = window.findChild(QLabel, "train.figure.step")
    assert figure is not None
    theme.set_text_size(150)
    settle(window)
    large = figure.fontMetrics().height()
    theme.set_mode("dark")
    settle(window)
    assert figure.fontMetrics().height() == large


def test_what_starts_the_forward_process_is_seen_at_once(full: MainWindow) -> None:  # noqa: F811
    full.resize(1280, 800)
    full.navigator.go("see", "watch")
    full.navigator.see.watch.mode.set_value("forward")
    settle(full)
    button = full.findChild(QPushButton, "see.forward")
    assert button is not None
    assert button.visibleRegion().boundingRect() == button.rect()


def test_the_probability_of_every_class_is_read_whole(theme: ThemeManager, qtbot: QtBot) -> None:
    for percent in (100, 150):
        theme.set_text_size(percent)
        bars = ClassBars(name="bars")
        qtbot.addWidget(bars)
        count = 5
        shares = np.full((1, count), 0.38)
        names = ("hero", "creature", "food", "item", "side_facing")
        terms, log_snr = np.zeros((1, count, 2)), np.zeros(2)
        found = ClassProbabilities(
            names, shares, shares, shares, terms, log_snr, Calibration(0.0, 1.0)
        )
        bars.show_probabilities(found)
        words = bars.fontMetrics().horizontalAdvance(percent_text(0.38, 0.3))
        assert bars._text - 8 >= words
        assert bars.minimumHeight() >= count * bars.fontMetrics().height()


def test_the_numbers_of_the_timeline_say_what_they_are(qtbot: QtBot) -> None:
    """The word log-SNR stays even if few numbers fit; a single frame has one end."""
    timeline = Timeline(TimelineModel())
    qtbot.addWidget(timeline)
    t = np.linspace(500, 0, 11, dtype=np.float32)
    axis = Axis("noise", t, np.linspace(-9, 9, 11, dtype=np.float32), 1, "noise", "clean")
    timeline.model.set_axis(axis)
    slider = timeline.slider
    for width in (400, 500, 800):
        slider.resize(width, slider.sizeHint().height())
        words = [text for text, _, _ in slider.words_below()]
        numbers = [word for word in words if word.lstrip("\u2212").isdigit()]
        assert "log-SNR 0" in words or not numbers
    # The ends are labeled at their positions: a schedule may start with only a little noise.
    linear = Axis("noise", t, np.linspace(-5, 9, 11, dtype=np.float32), 1, "noise", "clean")
    timeline.model.set_axis(linear)
    (first, start, end), last, *_ = slider.words_below()
    assert first == "noise  t = 500"
    assert end == pytest.approx(slider.frame_x(0)), "numbers stand on the other side"
    assert start > slider.width() / 8
    assert "\u22124" in [text for text, _, _ in slider.words_below()]
    assert end < last[1]
    # The space before it says why it is empty.
    text, room = slider.words_before()
    assert text == "The schedule ends here."
    assert room.right() < slider.frame_x(0) - 16  # half a thumbnail
    timeline.model.set_axis(axis)
    assert slider.words_before()[0] == "", "there is no such space"
    late = Axis("noise", t, np.linspace(8, 9, 11, dtype=np.float32), 1, "noise", "clean")
    timeline.model.set_axis(late)
    (_, start, end), last, *_ = slider.words_below()
    assert 0 < start < end < last[1] < last[2] <= slider.width()
    one = Axis("noise", t[:1], np.zeros(1, np.float32), 1, "noise", "clean")
    timeline.model.set_axis(one)
    words = [text for text, _, _ in slider.words_below()]
    assert "noise  t = 500" in words
    assert not [word for word in words if "clean" in word]


@pytest.mark.parametrize("theme_", [LIGHT, DARK, CONTRAST], ids=lambda t: t.text)
def test_words_on_an_area_can_be_read(theme_: Theme) -> None:
    """In the dark theme, the names of classes were once as dark as their areas."""
    for curve in theme_.curves:
        for opacity in _OPACITY:
            area = mix(theme_.surface, curve.color, opacity / 255)
            assert contrast(ink_on(area), area) >= 4.5
