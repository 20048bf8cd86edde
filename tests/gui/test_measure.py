"""Measure, by mouse and keys: it shows the engine's numbers for the same seed."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab import paths
from sprite_lab.app.files.library import ShippedModel
from sprite_lab.app.files.sources import of_cells
from sprite_lab.app.lab import Lab
from sprite_lab.app.measure import measure_tasks
from sprite_lab.app.shell.settings import Settings
from sprite_lab.app.shell.text_format import class_words, run_title, signed
from sprite_lab.core.config import Conditions
from sprite_lab.core.pixels.cells import Cell, CellSheet
from sprite_lab.core.results.calibration import BAYES, Calibration, Reliability
from sprite_lab.core.results.measured import Measured, Sizes
from sprite_lab.core.results.probability import ClassProbabilities
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.draw.generate.cell_classes import LIVE_BLOCKS, LIVE_ROUNDS
from sprite_lab.ui.measure.bits_plot import BitsPlot, TermsBar
from sprite_lab.ui.measure.probability import (
    CLASS_BLOCKS,
    CLASS_ERROR,
    CLASS_ROUNDS,
    FIRST,
    ProbabilityPage,
    reason,
)
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import ThemeManager, contrast
from sprite_lab.ui.widgets.fields.class_bars import (
    ClassBars,
    percent_text,
)
from sprite_lab.ui.widgets.fields.reliability import ReliabilityView
from sprite_lab.ui.widgets.plots.color_map import viridis
from sprite_lab.ui.widgets.plots.legend import LegendEntry
from sprite_lab.ui.widgets.plots.pixel_map import PixelMap, round_up
from sprite_lab.ui.widgets.plots.plot import Plot
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser
from sprite_lab.words import use_language
from tests.gui.golden import assert_golden, assert_golden_plot, settle_plot
from tests.gui.stand_ins import Held, StandInModel, hold_up
from tests.made import make_sprites
from tests.qt import at_work, delete_now, settle

pytestmark = pytest.mark.opens("measure")

LEFT = Qt.MouseButton.LeftButton
Visible = Callable[[type, str], QWidget]


@pytest.fixture(scope="module")
def model(_small_models: Path, request: pytest.FixtureRequest) -> Any:
    """The model of the built-in sprites, made to look trained on the made ones: a tiny one, or the
    shipped one if a test uses SHIPPED.
    """
    import torch

    from sprite_lab.engine.models.model import load_model

    torch.set_num_threads(1)
    small = _small_models / "builtin" / "weights.safetensors"
    model = load_model(getattr(request, "param", small))
    return replace(model, data_fingerprint=make_sprites(60).fingerprint)


SHIPPED = pytest.mark.parametrize("model", ["builtin"], indirect=True)


@pytest.fixture
def data(window: MainWindow, lab: Lab, model: Any) -> SpriteSet:
    sprites = make_sprites(60)
    lab.data.set(sprites)
    lab.model.set(model)
    window.show_workspace("measure")
    return sprites


def set_number(visible: Visible, name: str, value: float) -> None:
    visible(QDoubleSpinBox, f"{name}.field").setValue(value)


def idle(lab: Lab, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=60_000)


def measure(visible: Visible, lab: Lab, qtbot: QtBot, count: int = 6) -> None:
    set_number(visible, "measure.count", count)
    qtbot.mouseClick(visible(QPushButton, "measure.start"), LEFT)
    idle(lab, qtbot)


@pytest.fixture
def six(data: SpriteSet, visible: Visible, lab: Lab, qtbot: QtBot) -> SpriteSet:
    """Six sprites measured with the button: which ones, in the order drawn."""
    measure(visible, lab, qtbot)
    return data.take(np.random.default_rng(0).permutation(len(data))[:6])


def bound_of(model: Any, sprites: SpriteSet, rounds: int = 2) -> Any:
    from sprite_lab.engine.measuring.likelihood import bound_iter

    return drain(bound_iter(model, sprites, RunControl(), rounds=rounds, seed=0))


# Probability


def captions_of(browser: SpriteBrowser) -> list[str]:
    assert browser.strips.caption is not None
    return [browser.strips.caption(i) for i in range(browser.count)]


def test_sprites_are_listed_by_their_bits(
    six: SpriteSet, model: Any, visible: Visible, qtbot: QtBot
) -> None:
    bound = bound_of(model, six)
    browser, order = visible(SpriteBrowser, "measure.ranking"), visible(QComboBox, "measure.order")
    per_dim = bound.bits / bound.dims
    names = [name.replace("_", " ") for name in six.class_names]
    for choice, wanted in ((0, np.argsort(-per_dim)), (1, np.argsort(per_dim)), (2, np.arange(6))):
        order.setCurrentIndex(choice)
        captions = [f"{per_dim[i]:.3f}\n{names[six.labels[i]]}" for i in wanted.tolist()]
        assert captions_of(browser) == captions
        assert browser.count == 6
    assert "Thermodynamics" in visible(QLabel, "measure.summary.other").text()
    summary = visible(QLabel, "measure.summary").text()
    assert f"{bound.bits_per_dim:.3f} ± {bound.bits_per_dim_stderr:.3f} bits/dim" in summary


def counted_bits(lab: Lab, sprites: SpriteSet) -> np.ndarray:
    from sprite_lab.engine.measuring.measuring import sizes_iter

    return drain(sizes_iter(sprites, lab.data.value)).counted


def test_a_click_shows_where_the_bits_of_that_sprite_are(
    six: SpriteSet, model: Any, visible: Visible, lab: Lab, qtbot: QtBot
) -> None:
    from sprite_lab.engine.measuring.likelihood import class_probabilities_iter
    from sprite_lab.formats.reports.file_sizes import png_bits_per_dim, webp_bits_per_dim

    bound = bound_of(model, six)
    third = int(np.argsort(-bound.bits)[2])
    browser = visible(SpriteBrowser, "measure.ranking")
    qtbot.mouseClick(browser.viewport(), LEFT, pos=browser.cell_rect(2).center().toPoint())
    idle(lab, qtbot)
    number = np.random.default_rng(0).permutation(60)[third] + 1
    assert visible(QLabel, "measure.sprite.title").text() == f"Sprite {number}"
    one = six.images[third : third + 1]
    figures = visible(QLabel, "measure.sprite.bits").text()
    assert figures.replace("\N{NO-BREAK SPACE}", " ") == (
        f"{bound.bits[third] / 768:.3f} ± {bound.bits_stderr[third] / 768:.3f} bits/dim    "
        f"PNG {png_bits_per_dim(one):.3f}    WebP {webp_bits_per_dim(one):.3f}    "
        f"context coder {counted_bits(lab, six)[third]:.3f}"
    )
    pixels = visible(PixelMap, "measure.sprite.map")
    np.testing.assert_array_equal(pixels.values, bound.pixels[third])
    # The map is painted in the color of each value, and the pointer reads it; the classes, which
    # come a little later, take some of its room.
    qtbot.waitUntil(lambda: not lab.jobs.handles)
    settle(pixels.window())
    picture = pixels.grab().toImage()
    for row, column in ((0, 0), (8, 8), (15, 3)):
        center = pixels.cell_rect(row, column).center().toPoint()
        wanted = viridis(pixels.values[row, column] / pixels.top)
        seen = picture.pixelColor(center).getRgb()[:3]
        assert np.abs(np.array(seen) - wanted).max() <= 1
        qtbot.mouseMove(pixels, center)
        value = bound.pixels[third, row, column]
        text = visible(QLabel, "measure.sprite.readout").text()
        assert text.startswith(f"Column {column + 1}, row {row + 1}: {value:.1f} bits")
    # The class, from the same sprite alone. It is requested again with more repeats while its
    # probabilities are uncertain.
    for rounds in CLASS_ROUNDS:
        found = drain(
            class_probabilities_iter(
                model, six.take(np.array([third])), RunControl(), blocks=CLASS_BLOCKS,
                rounds=rounds,
            )
        )  # fmt: skip
        if found.stderr.max() <= CLASS_ERROR:
            break
    wanted_texts = [
        f"{class_words(name)} {percent_text(found.probability[0, k], found.stderr[0, k])}"
        for k, name in enumerate(model.class_names)
    ]
    assert visible(ClassBars, "measure.classes").texts() == wanted_texts


def test_no_class_is_found_for_nobody(
    six: SpriteSet, window: MainWindow, visible: Visible, lab: Lab, qtbot: QtBot
) -> None:
    browser, bars = visible(SpriteBrowser, "measure.ranking"), visible(ClassBars, "measure.classes")
    qtbot.mouseClick(browser.viewport(), LEFT, pos=browser.cell_rect(2).center().toPoint())
    job = lab.newest("measure.class")
    assert job is not None
    window.show_workspace("see")
    assert lab.newest("measure.class") is None
    qtbot.waitUntil(lambda: job.outcome is not None)
    assert bars.texts() == []
    window.show_workspace("measure")
    idle(lab, qtbot)
    assert len(bars.texts()) == 5
    # Nothing moves while the next class is found.
    parts = bars, visible(Plot, "measure.bits")
    before, least = [part.geometry() for part in parts], bars.minimumHeight()
    qtbot.mouseClick(browser.viewport(), LEFT, pos=browser.cell_rect(1).center().toPoint())
    assert bars.texts() == []
    assert bars.minimumHeight() == least > 0
    settle(window)
    assert [part.geometry() for part in parts] == before


def test_a_model_without_classes_is_not_asked_for_one(
    six: SpriteSet,
    model: Any,
    window: MainWindow,
    visible: Visible,
    lab: Lab,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    """Nor is the class of the sprite selected with the previous model, once the
    page is shown again.
    """
    browser = visible(SpriteBrowser, "measure.ranking")
    qtbot.mouseClick(browser.viewport(), LEFT, pos=browser.cell_rect(2).center().toPoint())
    assert lab.newest("measure.class") is not None
    monkeypatch.setattr(type(model), "class_names", ())
    qtbot.mouseClick(browser.viewport(), LEFT, pos=browser.cell_rect(1).center().toPoint())
    for name in ("see", "measure"):
        window.show_workspace(name)
    assert lab.newest("measure.class") is None
    assert "no classes" in visible(QLabel, "measure.classes.state").text()


def test_probability_needs_no_scrolling(
    six: SpriteSet, window: MainWindow, visible: Visible, theme: ThemeManager, qtbot: QtBot
) -> None:
    page = window.workspace("measure").page("probability")
    area = visible(QScrollArea, "measure.probability.content")
    assert isinstance(area, QScrollArea)

    def seen() -> list[bool]:
        settle(window)
        assert area.verticalScrollBar().maximum() == 0
        return [part.isVisible() for part in (page.ranking, page.sprite, page.bits, page.classes)]

    for screen, percent, single in (
        ((1280, 800), 100, False),
        ((1176, 800), 100, False),  # as much room as beside a lesson
        ((1280, 800), 150, True),
        ((1920, 1080), 150, False),
    ):
        theme.set_text_size(percent)
        window.resize(*screen)
        settle(window)
        if not single:
            assert seen() == [True] * 4
            continue
        assert seen() == [True, True, False, False]
        qtbot.mouseClick(visible(QToolButton, "measure.probability.part.levels"), LEFT)
        assert seen() == [False, False, True, True]
        # Whatever a lesson or the palette wants to show is brought to the front.
        window.navigator.reveal(page.ranking.browser)
        assert seen() == [True, True, False, False]


def test_bars_are_the_terms_of_the_bound_along_the_noise_axis(
    six: SpriteSet, model: Any, window: MainWindow, visible: Visible, qtbot: QtBot
) -> None:
    bound = bound_of(model, six)
    first = int(np.argmax(bound.bits))
    plot = visible(Plot, "measure.bits")
    page = window.workspace("measure").page("probability")

    def shown() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        opts = page.bits.bar_item.opts
        return np.array(opts["height"]), np.array(opts["x0"]), np.array(opts["x1"])

    heights, left, right = shown()
    np.testing.assert_allclose(heights[0], bound.decoder[first] / 768)
    np.testing.assert_allclose(heights[1:-1], bound.diffusion[first] / 768)
    np.testing.assert_allclose(heights[-1], bound.prior[first] / 768)
    assert heights.sum() == pytest.approx(bound.bits[first] / 768)
    # Clean is on the right: L_0 after the first block, L_T before the last.
    edges = bound.block_log_snr
    np.testing.assert_allclose(((left + right) / 2)[1:-1], (edges[1:] + edges[:-1]) / 2)
    assert left[0] > edges[0]
    assert right[-1] < edges[-1]
    assert not plot.item.getViewBox().xInverted()
    # The pointer reads the value of a bar.
    k = int(np.argmax(heights))
    point(plot, (left[k] + right[k]) / 2, heights[k] / 2)
    text = visible(QLabel, "measure.bits.readout").text()
    stderr = bound.diffusion_stderr[first, k - 1] / 768
    assert f"{heights[k]:.4f} ± {stderr:.4f} bits/dim" in text
    # A reading has one line, like the hint before it, so that nothing moves.
    readout = visible(QLabel, "measure.bits.readout")
    assert readout.fontMetrics().horizontalAdvance(text) <= readout.width()

    qtbot.mouseClick(visible(QToolButton, "measure.bits.of.all"), LEFT)
    heights, *_ = shown()
    np.testing.assert_allclose(heights[1:-1], bound.diffusion.mean(axis=0) / 768)
    qtbot.mouseClick(visible(QToolButton, "measure.bits.axis.t"), LEFT)
    _, left, right = shown()
    t = model.schedule.t_of(edges)
    np.testing.assert_allclose(((left + right) / 2)[1:-1], (t[1:] + t[:-1]) / 2)
    assert plot.item.getViewBox().xInverted()  # T on the left, as on the timeline
    table = plot.csv().decode().splitlines()
    assert table[0] == "term,t_from,t_to,log_snr_from,log_snr_to,bits_per_dim,stderr"
    assert len(table) == 1 + len(heights)
    assert float(table[2].split(",")[5]) == pytest.approx(heights[1])
    # The mean over a single group has no error.
    measured = page.bits._measured
    alike = replace(measured.bound, group=np.zeros_like(measured.bound.group))
    page.bits.show_bits(replace(measured, bound=alike), 0)
    heights, left, right = shown()
    point(plot, (left[k] + right[k]) / 2, heights[k] / 2)
    assert f": {heights[k]:.4f} bits/dim (" in readout.text()


def point(plot: Plot, x: float, y: float) -> None:
    """Move the pointer to a place in axis units."""
    settle(plot.view)
    place = plot.item.getViewBox().mapViewToScene(QPointF(x, y))
    plot.view.scene().sigMouseMoved.emit(place)


def test_stopped_it_keeps_what_was_measured(
    data: SpriteSet, model: Any, visible: Visible, lab: Lab, qtbot: QtBot
) -> None:
    set_number(visible, "measure.count", 60)
    set_number(visible, "measure.repeats", 4)
    qtbot.mouseClick(visible(QPushButton, "measure.start"), LEFT)
    handle = lab.jobs.handles[-1]
    qtbot.waitUntil(lambda: (handle.share_done or 0) > 0.1, timeout=30_000)
    qtbot.mouseClick(visible(QPushButton, "measure.stop"), LEFT)
    idle(lab, qtbot)
    assert visible(QPushButton, "measure.start").isEnabled()
    browser = visible(SpriteBrowser, "measure.ranking")
    assert 1 <= browser.count < 60
    visible(QComboBox, "measure.order").setCurrentIndex(2)
    first = data.take(np.random.default_rng(0).permutation(60)[:2])
    bits = bound_of(model, first, rounds=4).bits / 768
    assert [c.split("\n")[0] for c in captions_of(browser)[:2]] == [f"{b:.3f}" for b in bits]


@pytest.mark.parametrize("page", ["probability", "thermodynamics"])
def test_escape_stops_wherever_the_keys_go(
    page: str,
    data: SpriteSet,
    visible: Visible,
    lab: Lab,
    window: MainWindow,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    qtbot.mouseClick(visible(QToolButton, f"measure.tabs.{page}"), LEFT)
    idle(lab, qtbot)
    start, stop = (
        f"measure.{'' if page == 'probability' else page + '.'}{name}" for name in ("start", "stop")
    )
    task = "measure" if page == "probability" else page
    monkeypatch.setattr(measure_tasks, task, Held(getattr(measure_tasks, task)))
    qtbot.mouseClick(visible(QPushButton, start), LEFT)
    handle = lab.jobs.handles[-1]
    assert visible(QPushButton, stop).isEnabled()
    qtbot.waitUntil(lambda: handle.state == "running")
    tab = visible(QToolButton, "workspace.measure")  # outside the page and its settings
    tab.setFocus()
    qtbot.keyClick(tab, Qt.Key.Key_Escape)
    assert handle.state == "stopping"
    idle(lab, qtbot)
    # Elsewhere, the key has another meaning.
    qtbot.mouseClick(visible(QPushButton, start), LEFT)
    handle = lab.jobs.handles[-1]
    qtbot.waitUntil(lambda: handle.state == "running")
    window.show_workspace("train")
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert handle.state == "running"
    # Nobody looks at it now, so that it holds up no training, and the status bar says so.
    assert handle.background
    qtbot.waitUntil(lambda: window.status.jobs.text().endswith("(in the background)"))
    window.show_workspace("measure")
    assert not handle.background
    handle.cancel()


def test_the_estimate_counts_what_will_be_asked(
    data: SpriteSet, visible: Visible, lab: Lab, qtbot: QtBot
) -> None:
    idle(lab, qtbot)  # the timing of a few sprites has ended
    set_number(visible, "measure.count", 10)
    set_number(visible, "measure.repeats", 3)
    text = visible(QLabel, "measure.estimate").text()
    # Depending on the machine.
    assert re.fullmatch(r"10 sprites, 960 model calls: (less than 10 s|about \d+ (s|min))", text)
    classes = visible(QComboBox, "measure.class")
    classes.setCurrentIndex(classes.findText("food"))
    set_number(visible, "measure.count", 60)
    assert visible(QLabel, "measure.estimate").text().startswith("12 sprites")


def test_drawings_are_measured_as_their_class(
    data: SpriteSet, model: Any, visible: Visible, lab: Lab, qtbot: QtBot
) -> None:
    qtbot.mouseClick(visible(QToolButton, "measure.source.project"), LEFT)
    assert not visible(QPushButton, "measure.start").isEnabled()
    assert visible(QPushButton, "measure.empty.action").text() == "Go to Draw"
    cell = Cell(data.rgba[7].tobytes(), Conditions.of_class("creature"))
    lab.project.put({3: cell}, "Draw")
    qtbot.mouseClick(visible(QPushButton, "measure.start"), LEFT)
    idle(lab, qtbot)
    assert visible(QLabel, "measure.sprite.title").text() == "Cell 4"
    sprites = of_cells({3: cell}, model.class_names)
    bits = bound_of(model, sprites).bits[0] / 768
    assert captions_of(visible(SpriteBrowser, "measure.ranking")) == [f"{bits:.3f}\ncreature"]
    assert visible(QLabel, "measure.summary").text().startswith("1 sprite (drawings)\n")


def test_no_figures_of_a_set_stand_beside_an_empty_stage(
    data: SpriteSet, visible: Visible, window: MainWindow, lab: Lab, qtbot: QtBot
) -> None:
    """Figures of the first look at the data set once stood beside “Nothing is drawn yet”."""
    idle(lab, qtbot)
    figures = window.findChild(QWidget, "measure.found")
    assert figures.isVisible()
    for source in ("project", "data"):
        qtbot.mouseClick(visible(QToolButton, f"measure.source.{source}"), LEFT)
        assert figures.isVisible() == (source == "data")


def test_it_is_said_why_a_drawing_is_far_from_the_set(
    six: SpriteSet,
    model: Any,
    visible: Visible,
    lab: Lab,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A blot once took fewer bits than real sprites, and nothing said why."""
    monkeypatch.setattr("sprite_lab.ui.measure.probability._FAR", 1.0)
    qtbot.mouseClick(visible(QToolButton, "measure.source.project"), LEFT)
    lab.project.put({3: Cell(six.rgba[0].tobytes(), Conditions.of_class("creature"))}, "Draw")
    qtbot.mouseClick(visible(QPushButton, "measure.start"), LEFT)
    idle(lab, qtbot)
    measured = visible(ProbabilityPage, "measure.probability").found
    mean = bound_of(model, six).bits_per_dim
    assert visible(QLabel, "measure.reason").text() == reason(measured, 0, mean)


def test_the_reason_is_where_the_bits_are(six: SpriteSet, model: Any) -> None:
    bound = bound_of(model, six)
    per_dim, exact = bound.bits[0] / bound.dims, bound.bits_of_colors(0)
    assert bound.decoder[0] < exact < bound.bits[0], "L_0 and the levels next to it"
    measured = Measured(six, bound, np.zeros(2), Sizes(*np.zeros((3, 6)), None, 0), 2, 1.0)

    def told(mean: float, bits: float = bound.bits[0]) -> str:
        of_bits = replace(bound, bits=np.full(6, bits))
        return reason(replace(measured, bound=of_bits), 0, mean)

    assert told(per_dim) == ""
    assert "probable is not the same as good" in told(2 * per_dim)
    assert f"{exact:,.0f} of its" in told(0.0, 2 * exact)
    assert "lone pixels" in told(0.0, 9 * exact)


@pytest.mark.parametrize(
    ("source", "action", "workspace"),
    [("project", "Go to Draw", "draw"), ("samples", "Go to See", "see")],
)
def test_where_nothing_is_to_be_measured_the_way_is_shown(
    data: SpriteSet, window: MainWindow, visible: Visible, qtbot: QtBot, source: str, action: str,
    workspace: str,
) -> None:  # fmt: skip
    qtbot.mouseClick(visible(QToolButton, f"measure.source.{source}"), LEFT)
    button = visible(QPushButton, "measure.empty.action")
    assert button.text() == action
    qtbot.mouseClick(button, LEFT)
    assert window.current == workspace


def test_a_running_measurement_is_not_offered_again(
    data: SpriteSet, visible: Visible, lab: Lab, qtbot: QtBot
) -> None:
    qtbot.mouseClick(visible(QPushButton, "measure.start"), LEFT)
    said = [label.text() for label in visible(QWidget, "measure.empty").findChildren(QLabel)]
    assert "Measuring…" in said
    assert not [b for b in visible(QWidget, "measure.empty").findChildren(QPushButton)
                if b.isVisible()]  # fmt: skip
    visible(QPushButton, "measure.stop")
    idle(lab, qtbot)
    assert visible(SpriteBrowser, "measure.ranking").count == 60, "not that of the first look"


@pytest.mark.parametrize("page", ["probability", "thermodynamics"])
def test_a_page_opens_with_results(
    page: str, data: SpriteSet, window: MainWindow, visible: Visible, lab: Lab, qtbot: QtBot
) -> None:
    """It was once empty until Measure was pressed, even for users who came to see an answer."""
    qtbot.mouseClick(visible(QToolButton, f"measure.tabs.{page}"), LEFT)
    idle(lab, qtbot)
    names = {"probability": "measure.sprite.total", "thermodynamics": "measure.entropy.words"}
    assert visible(QLabel, names[page]).text()
    caption = visible(QLabel, f"measure.{page}.caption").text().replace("\xa0", " ")
    assert caption.startswith("First look: ")
    assert not list(paths.measured_dir().glob("*.npz")), "kept is what was asked for"
    # Changed settings do not start a measurement.
    lab.data.set(make_sprites(60))
    assert not at_work(lab.jobs)


def test_a_first_look_is_dropped_when_the_page_is_left(
    data: SpriteSet, window: MainWindow, visible: Visible, lab: Lab, qtbot: QtBot
) -> None:
    go_on = hold_up(lab)
    qtbot.waitUntil(lambda: lab.newest("measure.first") is not None)
    window.show_workspace("see")
    assert lab.newest("measure.first") is None
    go_on.set()
    window.show_workspace("measure")
    idle(lab, qtbot)
    assert visible(SpriteBrowser, "measure.ranking").count == FIRST


def test_bits_are_said_as_a_probability(
    six: SpriteSet, model: Any, visible: Visible, lab: Lab, qtbot: QtBot
) -> None:
    bound = bound_of(model, six)
    worst = int(np.argmax(bound.bits))
    text = visible(QLabel, "measure.sprite.total").text().replace("\N{NO-BREAK SPACE}", " ")
    bits = bound.bits[worst]
    power = str(round(bits)).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    ten = str(round(bits / np.log2(10))).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    assert f"{bits:,.0f} ± {bound.bits_stderr[worst]:,.0f} bits in all" in text
    assert f"a probability of at least 2⁻{power}, one in 10{ten}" in text
    assert "it would take 6,144" in text
    # The terms in the bar add up to it, from noise to sprite.
    terms = visible(TermsBar, "measure.terms")
    assert terms.terms == pytest.approx(
        (bound.prior[worst], bound.diffusion[worst].sum(), bound.decoder[worst])
    )
    assert sum(terms.terms) == pytest.approx(bits)
    words = visible(QLabel, "measure.terms.words").text()
    assert f"L<sub>0</sub> {bound.decoder[worst]:,.1f} bits" in words
    qtbot.mouseClick(visible(QToolButton, "measure.bits.of.all"), LEFT)
    assert sum(terms.terms) == pytest.approx(bound.bits.mean())


def test_maps_of_all_sprites_have_the_same_colors(
    six: SpriteSet, model: Any, visible: Visible, qtbot: QtBot
) -> None:
    """Once, each or each measurement had its own scale, so that they could not be compared."""
    bound = bound_of(model, six)
    browser = visible(SpriteBrowser, "measure.ranking")
    pixels = visible(PixelMap, "measure.sprite.map")
    tops = set()
    for place in range(3):
        qtbot.mouseClick(browser.viewport(), LEFT, pos=browser.cell_rect(place).center().toPoint())
        tops.add(pixels.top)
    assert tops == {24.0}, "three channels of 8 bits, whatever was measured"
    qtbot.mouseClick(visible(QToolButton, "measure.mapped.True"), LEFT)
    picture = browser.viewport().grab().toImage()
    for place, index in enumerate(np.argsort(-bound.bits)[:3].tolist()):
        cell = browser.cell_rect(place)
        side = cell.width() / 16
        row, column = np.unravel_index(bound.pixels[index].argmax(), (16, 16))
        seen = picture.pixelColor(
            int(cell.left() + (column + 0.5) * side), int(cell.top() + (row + 0.5) * side)
        ).getRgb()[:3]
        wanted = viridis(bound.pixels[index].max() / pixels.top)
        assert np.abs(np.array(seen) - wanted).max() <= 1


def test_another_model_starts_over(
    six: SpriteSet, lab: Lab, visible: Visible, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.model.set(StandInModel(is_student=True))
    said = [label.text() for label in visible(QWidget, "measure.empty").findChildren(QLabel)]
    assert "A student has no likelihood" in said
    assert not visible(QPushButton, "measure.start").isEnabled()
    lab.model_ref = "small"
    lab.shipped.set((ShippedModel("small", "Small", "made", "big", 1),))
    button = visible(QPushButton, "measure.empty.action")
    assert button.text() == "Open its teacher"
    with monkeypatch.context() as patch:
        asked: list[object] = []
        patch.setattr(lab, "open_model", asked.append)
        qtbot.mouseClick(button, LEFT)
    assert asked == ["big"]
    lab.model.set(None)
    assert visible(QPushButton, "measure.empty.action").text() == "Train a model first"


# The next start


@pytest.fixture
def restart(window: MainWindow, lab: Lab, qtbot: QtBot) -> Iterator[Callable[[Any, str], Any]]:
    """Close the window, and open one of another lab, with a model and on a page of Measure."""
    later: list[tuple[MainWindow, Lab]] = []

    def start(model: Any, page: str) -> Any:
        window.closing.safe = True
        window.close()
        lab.jobs.shut_down(60)
        again = Lab(Settings())
        other = MainWindow(again)
        later.append((other, again))
        other.show()
        assert other.current == "measure", "the open page is there again"
        assert other.navigator.page == page
        again.data.set(make_sprites(60))
        again.model.set(model)
        idle(again, qtbot)
        return other.workspace("measure").page(page)

    yield start
    for other, again in later:
        other.closing.safe = True
        other.close()
        assert again.jobs.shut_down(60)
        delete_now(other, again)


def test_measured_sprites_are_there_after_a_restart(
    six: SpriteSet,
    model: Any,
    window: MainWindow,
    visible: Visible,
    restart: Callable[[Any, str], Any],
) -> None:
    before = window.workspace("measure").page("probability")
    captions, summary = captions_of(before.ranking.browser), visible(QLabel, "measure.summary")
    said, bits = summary.text(), visible(QLabel, "measure.sprite.bits").text()
    page = restart(replace(model), "probability")  # the same model, loaded again
    assert page.ranking.browser.isVisible()
    assert captions_of(page.ranking.browser) == captions
    found = {label.objectName(): label.text() for label in page.window().findChildren(QLabel)}
    assert (found["measure.summary"], found["measure.sprite.bits"]) == (said, bits)
    title = run_title(model.title)
    caption = page.caption.text().replace("\xa0", " ")
    measured = f"{said.splitlines()[0]} · 2 repeats · 10,000 noise levels"
    assert caption == f"Measured: {title} · {measured}"
    assert page.classes.texts(), "the class of the chosen one is asked for again"


def test_entropies_are_there_after_a_restart_while_their_set_is_open(
    thermodynamics: None,
    engine: Any,
    model: Any,
    restart: Callable[[Any, str], Any],
    qtbot: QtBot,
) -> None:
    page = restart(model, "thermodynamics")
    entropy = page.plots.plots["entropy"]
    assert entropy.isVisible()
    known = engine.entropy - engine.noise_entropy
    np.testing.assert_array_equal(entropy.series["entropy"].y, known)
    said = page.caption.text().replace("\xa0", " ")
    assert said == f"Measured: {run_title(model.title)} · its training sprites · 12 noise levels"
    lab = page.window().lab
    lab.data.set(make_sprites(50))
    assert not entropy.isVisible()
    lab.data.set(make_sprites(60))
    assert entropy.isVisible()


def test_what_was_measured_is_shown_of_its_model_alone(
    six: SpriteSet,
    model: Any,
    visible: Visible,
    restart: Callable[[Any, str], Any],
    qtbot: QtBot,
) -> None:
    other = replace(model, denoiser=copy.deepcopy(model.denoiser))
    next(iter(other.denoiser.parameters())).add_(0.25)
    assert other.key == model.key, "one name, other weights"
    set_number(visible, "measure.count", 4)
    page = restart(other, "probability")
    assert page.ranking.browser.count == 4, "a first look in its place"
    lab = page.window().lab
    lab.model.set(model)
    idle(lab, qtbot)
    assert page.ranking.browser.count == 6


def test_what_was_measured_is_there_again_with_its_model(
    six: SpriteSet, model: Any, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    """A lesson, for example, restores the model."""
    captions = captions_of(visible(SpriteBrowser, "measure.ranking"))
    lab.model.set(StandInModel(is_student=True))
    lab.model.set(model)
    idle(lab, qtbot)
    assert captions_of(visible(SpriteBrowser, "measure.ranking")) == captions


def test_a_damaged_measurement_is_reported_and_ignored(
    six: SpriteSet, model: Any, restart: Callable[[Any, str], Any], qtbot: QtBot
) -> None:
    (file,) = paths.measured_dir().iterdir()
    file.write_bytes(damaged := file.read_bytes()[:-100])
    page = restart(model, "probability")
    assert file.read_bytes() == damaged
    said = [label.text() for label in page.window().findChildren(QLabel)]
    assert any("is damaged or not a measurement" in text for text in said)
    qtbot.mouseClick(page.window().findChild(QPushButton, "measure.start"), LEFT)
    idle(page.window().lab, qtbot)
    assert len(file.read_bytes()) > len(damaged)
    assert page.ranking.browser.isVisible()


# Thermodynamics


@pytest.fixture(scope="module")
def engine(model: Any) -> Any:
    """What the engine measures of the made sprites, with the settings of ``thermodynamics``."""
    from sprite_lab.data import split
    from sprite_lab.engine.measuring.likelihood import bound_levels
    from sprite_lab.engine.measuring.thermodynamics import thermodynamics_iter

    training, _ = split(make_sprites(60), 0.15, seed=0)
    levels = bound_levels(model, 12)
    return drain(
        thermodynamics_iter(model, training, RunControl(), log_snr=levels, draws=16, seed=0)
    )


@pytest.fixture
def thermodynamics(
    data: SpriteSet, window: MainWindow, visible: Visible, lab: Lab, qtbot: QtBot
) -> None:
    """Measured by the button, all plots in sight."""
    window.resize(1920, 1080)
    idle(lab, qtbot)
    qtbot.mouseClick(visible(QToolButton, "measure.tabs.thermodynamics"), LEFT)
    set_number(visible, "measure.thermodynamics.levels", 12)
    set_number(visible, "measure.thermodynamics.draws", 16)
    qtbot.mouseClick(visible(QPushButton, "measure.thermodynamics.start"), LEFT)
    idle(lab, qtbot)


def test_entropies_are_the_engines_on_one_noise_axis(
    thermodynamics: None, engine: Any, model: Any, visible: Visible, qtbot: QtBot
) -> None:
    found = engine
    qtbot.mouseClick(visible(QToolButton, "measure.thermodynamics.above.False"), LEFT)
    assert visible(QLabel, "measure.entropy.words").text().startswith("Noise adds entropy")
    entropy = visible(Plot, "measure.entropy")
    for name, plot, wanted in (
        ("entropy", entropy, found.entropy),
        ("conditional_entropy", visible(Plot, "measure.conditional"), found.conditional_entropy),
        ("lower", visible(Plot, "measure.conditional"), found.lower),
        ("gap", visible(Plot, "measure.gap"), found.gap),
        ("model_error", visible(Plot, "measure.error"), found.model_error),
        ("bound", visible(Plot, "measure.bound"), found.bound[1:]),
        ("least_bound", visible(Plot, "measure.bound"), found.least_bound[1:]),
    ):
        series = plot.series[name]
        if name == "model_error":  # drawn on a logarithmic axis
            wanted = np.where(wanted < 1e-5, np.nan, wanted)
        np.testing.assert_array_equal(series.y, wanted)
        np.testing.assert_array_equal(series.x, found.log_snr[-len(wanted) :])
    point(entropy, found.log_snr[5], found.entropy[5])
    text = visible(QLabel, "measure.thermodynamics.readout").text()
    read = f"{signed(found.entropy[5], '.3f')} ± {found.entropy_stderr[5]:.3f}"
    assert f"H(X<sub>t</sub>) {read}" in text
    qtbot.mouseClick(visible(QToolButton, "measure.thermodynamics.axis.t"), LEFT)
    np.testing.assert_allclose(
        entropy.series["entropy"].x, model.schedule.t_of(found.log_snr), atol=1e-9
    )
    assert entropy.item.getViewBox().xInverted()
    qtbot.mouseClick(visible(QToolButton, "measure.thermodynamics.above.True"), LEFT)
    known = entropy.series["entropy"].y
    total = known.max() * model.denoiser.data_mean[:3].numel()
    assert total == pytest.approx(np.log2(51), abs=0.05)
    assert known[-1] == pytest.approx(0, abs=1e-3)


def test_the_plots_tell_a_story(
    thermodynamics: None, engine: Any, model: Any, visible: Visible, window: MainWindow
) -> None:
    found, t = engine, model.schedule.t_of(engine.log_snr)
    plots = window.workspace("measure").page("thermodynamics").plots

    def at(k: int) -> str:
        """A level in the words that the plot's axis uses, too."""
        return f"t = {t[k]:.0f} (log-SNR {signed(found.log_snr[k], '.1f')})"

    def words(name: str) -> str:
        label = visible(QLabel, f"measure.{name}.words")
        assert isinstance(label, QLabel)
        assert label.text().endswith(".")
        words = label.text().replace("\N{NO-BREAK SPACE}", " ")
        return words.replace("\N{NON-BREAKING HYPHEN}", "-")

    known = found.entropy - found.noise_entropy
    last = max(k for k in range(12) if known[k] >= 0.01 * known.max())
    levels = {
        "entropy": last,
        "conditional": 1 + int((found.conditional_entropy - found.lower).argmax()),
        "gap": 1 + int(found.gap.argmax()),
        "error": int((found.model_error - found.optimal_error).argmax()),
    }
    for name, k in levels.items():
        assert at(k) in words(name)
    assert "less than 1%" in words("entropy")
    assert (np.diff(found.entropy) > 0).all(), "the total rises"
    assert (known[1:] < known[:-1] + 1e-3).all(), "the curve shown falls"
    assert words("entropy").startswith("As noise grows, the total rises, but")
    legends = plots.plots["entropy"].findChildren(LegendEntry)
    shown = [legend.accessibleName() for legend in legends]
    assert shown == ["H(X_t) − noise alone", "noise alone"], "what is drawn is not H(X_t)"
    assert f"{found.bound[0]:.3f} bits/dim" in words("bound")
    assert f"the model loses {found.gap.sum():.3f} of them" in words("bound")
    # The sentence is about visible things: the level is marked, and the curve fills its plot.
    for name, k in levels.items():
        (mark,) = [line for line in lines_of(plots.plots[name]) if line.isVisible()]
        assert mark.value() == pytest.approx(found.log_snr[k])
    total = [line.value() for line in lines_of(plots.plots["bound"]) if line.isVisible()]
    assert total == pytest.approx([found.bound[0]])
    for name, curve in (("entropy", "entropy"), ("conditional", "conditional_entropy"),
                        ("gap", "gap"), ("bound", "bound")):  # fmt: skip
        low, high = plots.plots[name].item.getViewBox().viewRange()[1]
        y = plots.plots[name].series[curve].y
        if name == "conditional":  # on a logarithmic axis
            y = np.log10(y[np.isfinite(y)])
            upper = np.log10((found.upper - found.lower).max())
            assert low <= upper <= high, "the upper bound was out of sight"
        least = 0.15 if name == "conditional" else 0.5  # beside its bound, which is far above it
        assert np.ptp(y) > least * (high - low), f"{name} is flat"
        assert low <= y.min() < y.max() <= high


def lines_of(plot: Plot) -> list[pg.InfiniteLine]:
    """The dashed lines that mark positions."""
    lines = [item for item in plot.item.items if isinstance(item, pg.InfiniteLine)]
    return [line for line in lines if line.pen.style() == Qt.PenStyle.DashLine]


def test_the_story_needs_no_scrolling(
    thermodynamics: None,
    visible: Visible,
    window: MainWindow,
    theme: ThemeManager,
    qtbot: QtBot,
) -> None:
    """All five pictures and the sum at once, or one at a time if there is too little room."""
    page = window.workspace("measure").page("thermodynamics")
    names = ("entropy", "conditional", "gap", "error", "bound", "sum")
    switch = page.findChild(QWidget, "measure.thermodynamics.part")
    for percent, screen in product((100, 125, 150), ((1280, 800), (1920, 1080))):
        theme.set_text_size(percent)
        window.resize(*screen)
        settle(window)
        assert switch.isVisible() == (screen == (1280, 800) or percent == 150)
        for name in names if switch.isVisible() else ("",):
            if name:
                qtbot.mouseClick(visible(QToolButton, f"measure.thermodynamics.part.{name}"), LEFT)
                settle(window)
            area = visible(QScrollArea, "measure.thermodynamics.content")
            assert isinstance(area, QScrollArea)
            assert area.verticalScrollBar().maximum() == 0
            above, levels = page.plots.above, page.plots.axis.choice
            assert above.isEnabled() == (name in ("", "entropy", "conditional"))
            assert bool(above.toolTip()) != above.isEnabled()
            assert levels.isEnabled() == page.plots.readout.isVisible() == (name != "sum")
            seen = [name for name, plot in page.plots.plots.items() if plot.isVisible()]
            assert seen == ([n for n in names[:-1] if n == name] if name else list(names[:-1]))
            for plot in seen:
                axes = page.plots.plots[plot].item.getViewBox()
                assert axes.height() >= 100, "they were 40 to 70 high"


def test_legends_set_their_indices(thermodynamics: None, window: MainWindow) -> None:
    plots = window.workspace("measure").page("thermodynamics").plots.plots
    words = [
        label.text()
        for plot in plots.values()
        for entry in plot.findChildren(LegendEntry)
        for label in entry.findChildren(QLabel)
    ]
    assert "H(X<sub>t</sub>) − noise alone" in words
    assert not [word for word in words if "_" in word]
    tips = [entry.toolTip() for plot in plots.values() for entry in plot.findChildren(LegendEntry)]
    assert any("H(X<sub>t−1</sub> | X<sub>t</sub>)" in tip for tip in tips)
    assert not [tip for tip in tips if "_" in tip]


def test_the_sum_is_reported_in_numbers(
    thermodynamics: None, engine: Any, visible: Visible
) -> None:
    found = engine

    def figure(name: str) -> float:
        text = visible(QLabel, f"measure.thermodynamics.figure.{name}").text()
        return float(text.split(" ")[0].replace("−", "-"))

    assert figure("bound") == pytest.approx(found.bound[0], abs=1e-4)
    assert figure("prior") == pytest.approx(found.bound[-1], abs=1e-4)
    assert figure("gap") == pytest.approx(found.gap.sum(), abs=1e-4)
    parts = sum(figure(name) for name in ("prior", "told", "gap", "decoder"))
    assert parts == pytest.approx(found.bound[0], abs=3e-4)


def test_without_its_training_set_it_names_the_set(
    data: SpriteSet, model: Any, visible: Visible, lab: Lab, qtbot: QtBot
) -> None:
    idle(lab, qtbot)
    qtbot.mouseClick(visible(QToolButton, "measure.tabs.thermodynamics"), LEFT)
    lab.data.set(make_sprites(50))
    assert visible(QPushButton, "measure.thermodynamics.set.action").text() == (
        "Open “Built-in sprites”"
    )
    lab.data.set(data)
    idle(lab, qtbot)
    assert visible(Plot, "measure.entropy").isVisible(), "measured at once"


# Which class is this?, while the user draws


def test_the_class_follows_what_is_drawn(
    data: SpriteSet, model: Any, window: MainWindow, visible: Visible, lab: Lab, qtbot: QtBot
) -> None:
    from sprite_lab.engine.measuring.likelihood import class_probabilities_iter

    idle(lab, qtbot)
    window.show_workspace("draw")
    visible(QToolButton, "draw.tabs.cells").click()
    visible(QToolButton, "draw.group.classes.header").click()
    switch = visible(QCheckBox, "draw.classes.live")
    switch.click()
    assert "Nothing has been drawn" in visible(QLabel, "draw.classes.state").text()
    canvas = visible(QWidget, "draw.canvas")
    middle = canvas.rect().center()
    # Strokes come faster than answers; the final answer is about the last drawing.
    for dx in range(0, 60, 12):
        qtbot.mousePress(canvas, LEFT, pos=middle + QPoint(dx, 0))
        qtbot.mouseMove(canvas, middle + QPoint(dx, 60))
        qtbot.mouseRelease(canvas, LEFT, pos=middle + QPoint(dx, 60))
    bars = visible(ClassBars, "draw.classes.bars")
    idle(lab, qtbot)
    cell = lab.project.cell(0)
    assert not cell.is_blank
    found = drain(
        class_probabilities_iter(
            model, of_cells({0: cell}, model.class_names), RunControl(), blocks=LIVE_BLOCKS,
            rounds=LIVE_ROUNDS,
        )
    )  # fmt: skip
    wanted = [
        f"{class_words(name)} {percent_text(found.probability[0, k], found.stderr[0, k])}"
        for k, name in enumerate(model.class_names)
    ]
    assert bars.texts() == wanted
    switch.click()
    assert bars.texts() == []
    lab.project.history.undo()
    assert not at_work(lab.jobs)  # nothing is measured while the switch is off
    switch.click()
    lab.project.load(CellSheet(1, 1, side=24))
    assert "cells are 24×24" in visible(QLabel, "draw.classes.state").text()


# Parts


def test_percentages_say_no_more_than_is_known_and_how_much_that_is() -> None:
    """Percentages with a small error once had none beside others with theirs."""
    assert percent_text(0.734, 0.05) == "73 ± 5%"
    assert percent_text(0.5, 0.001) == "50.0 ± 0.1%"
    assert percent_text(0.207, 0.0049) == "20.7 ± 0.5%"
    assert percent_text(0.001, 0.0001) == "0.1 ± 0.0%"
    assert percent_text(1.0, 0.0) == "100%"
    assert percent_text(0.99997, 0.0) == ">99.9%"
    assert percent_text(1e-30, 0.0) == "<0.1%"


@pytest.mark.parametrize("language", ["de", "es"])
def test_percentages_are_written_as_the_language_does(language: str) -> None:
    use_language(language)
    assert percent_text(0.5, 0.001) == "50,0 ± 0,1\u00a0%"
    assert percent_text(0.734, 0.05) == "73 ± 5\u00a0%"
    assert percent_text(1e-30, 0.0) == "<0,1\u00a0%"


@pytest.mark.parametrize(("value", "top"), [(0.9, 1), (1.2, 1.5), (27.3, 30), (100, 100), (0, 1)])
def test_the_bar_ends_at_a_round_number(value: float, top: float) -> None:
    assert round_up(value) == pytest.approx(top)


def test_the_colors_rise_evenly_in_lightness() -> None:
    colors = viridis(np.linspace(0, 1, 64)).astype(float) / 255
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    lightness = 116 * np.cbrt(luminance) - 16
    steps = np.diff(lightness)
    assert (steps > 0).all()
    assert steps.max() < 2 * np.median(steps)


# Looks


@SHIPPED
def test_the_views_look_as_they_did(
    six: SpriteSet, window: MainWindow, visible: Visible, lab: Lab, qtbot: QtBot
) -> None:
    page = window.workspace("measure").page("probability")
    pixels = page.sprite.map
    pixels.resize(560, 200)
    sprite, heat, _, _ = pixels.frames()
    assert_golden(pixels, "measure-pixels", area=sprite.united(heat).toRect())
    plot = page.bits.plot
    settle_plot(plot)
    names = [text.sceneBoundingRect().toRect().adjusted(-2, -2, 2, 2) for text in page.bits.names]
    assert_golden_plot(plot, "measure-bits", names)
    # The least probable sprites first.
    browser = visible(SpriteBrowser, "measure.ranking")
    browser.setParent(None)  # its columns depend on its width, which the page would set
    browser.resize(260, 200)
    browser.show()
    row = browser.cell_rect(0).united(browser.cell_rect(2)).toRect()
    assert browser.columns == 3
    assert_golden(browser.viewport(), "measure-least-probable", area=row.adjusted(-4, -4, 4, 4))
    browser.close()


@SHIPPED
def test_entropies_look_as_they_did(thermodynamics: None, window: MainWindow, qtbot: QtBot) -> None:
    plots = window.workspace("measure").page("thermodynamics").plots.plots
    for name, plot in plots.items():
        settle_plot(plot)
        assert_golden_plot(plot, f"measure-{name}")


def test_the_diagram_says_how_reliable_probabilities_are(qtbot: QtBot) -> None:
    view = ReliabilityView(name="reliability")
    qtbot.addWidget(view)
    view.show_calibration(Calibration(1.0, 0.2))
    assert "not calibrated" in view.words.text()
    assert view.diagram.isHidden()
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.5, 1, 400)
    labels = (rng.random(400) > sure).astype(np.int64)
    told = Reliability.of(np.stack([sure, 1 - sure], axis=1), labels)
    view.show_calibration(Calibration(1.0, 0.2, told))
    assert not view.diagram.isHidden()
    assert f"off by {told.expected_error:.1%}" in view.words.text()
    assert view.words.text().startswith("Calibrated: every interval meets the dashed line")
    last = view.diagram.bars[-1]
    assert view.diagram.text(last).startswith("90% to 100% probable: 9")
    assert f"of {last.count} were right (interval" in view.diagram.text(last)
    overconfident = Reliability.of(np.stack([sure, 1 - sure], axis=1), rng.integers(0, 2, 400))
    view.show_calibration(Calibration(1.0, 0.2, overconfident))
    off = sum(not bar.agrees for bar in view.diagram.bars)
    assert view.words.text().startswith(f"Not well calibrated: {off} of 5 intervals miss")
    view.show_calibration(Calibration(1.0, 0.2, told))
    view.resize(260, 220)
    assert not view.grab().isNull()
    view.show_calibration(None)
    assert view.isHidden()


def test_an_improbable_class_has_an_empty_bar(qtbot: QtBot, theme: ThemeManager) -> None:
    """With high contrast, its track was once as dark as a full bar."""
    bars = ClassBars(name="bars")
    qtbot.addWidget(bars)
    bars.resize(320, 48)
    shares = np.array([[1.0, 0.0]])
    found = ClassProbabilities(
        ("one", "two"), shares, 0 * shares, shares, np.zeros((1, 2, 2)), np.zeros(2), BAYES
    )
    bars.show_probabilities(found)
    for high in (False, True):
        theme.set_contrast(high)
        picture, x = bars.grab().toImage(), 160
        full, empty = (picture.pixelColor(x, y).name() for y in (12, 36))
        assert full == theme.theme.accent
        assert contrast(empty, theme.theme.surface) < 1.6
    theme.set_contrast(False)


@pytest.mark.parametrize("percent", [100, 150])
def test_the_title_of_bits_by_level_is_as_large_as_other_text(
    lab: Lab, qtbot: QtBot, theme: ThemeManager, percent: int
) -> None:
    theme.set_text_size(percent)
    bits = BitsPlot(lab)
    qtbot.addWidget(bits)
    bits.resize(540, 1)
    bits.show()
    settle(bits)
    title = bits.plot.item.getAxis("left").label
    assert title.isVisible()
    assert title.font().pointSizeF() == bits.font().pointSizeF()


def test_bars_of_classes_look_as_they_did(qtbot: QtBot) -> None:
    bars = ClassBars(name="bars")
    qtbot.addWidget(bars)
    bars.resize(320, 96)
    found = ClassProbabilities(
        ("one", "two", "three", "four"),
        np.array([[0.62, 0.3, 0.08, 0.0]]),
        np.array([[0.1, 0.1, 0.02, 0.0]]),
        np.array([[100.0, 101.0, 103.0, 140.0]]),
        np.zeros((1, 4, 2)),
        np.array([5.0, -5.0]),
        BAYES,
    )
    bars.show_probabilities(found, own="two")
    names, numbers = QRect(0, 0, 82, 96), QRect(320 - 84, 0, 84, 96)
    assert_golden(bars, "measure-classes", leave_out=[names, numbers])
    assert bars.texts() == ["one 62 ± 10%", "two 30 ± 10%", "three 8 ± 2%", "four <0.1%"]


def test_plots_fill_the_page_and_are_whole(thermodynamics: None, window: MainWindow) -> None:
    """A third of a large page was once empty, and a legend in two rows cut off an axis."""
    plots = window.workspace("measure").page("thermodynamics").plots
    for screen, columns in (((1500, 1000), 2), ((1920, 1080), 3)):
        window.resize(*screen)
        settle(window)
        assert len({plot.x() for plot in plots.plots.values()}) == columns
        spans = []
        for plot in plots.plots.values():
            assert plot.view.mapTo(plot, plot.view.rect().bottomLeft()).y() < plot.height()
            assert plot.view.parentWidget().height() >= plot.view.height()
            spans.append(plot.item.getViewBox().viewRange()[0])
        for ends in zip(*spans, strict=True):
            assert max(ends) - min(ends) < 0.5, "another axis"
        lowest = max(plot.geometry().bottom() for plot in plots.plots.values())
        assert lowest >= plots.height() - 8
