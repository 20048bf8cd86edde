"""Pictures of plots, read back by third-party readers: pypdf, an XML parser and Pillow."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QScrollArea
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.ui.widgets.plots import plot as plot_module
from sprite_lab.ui.widgets.plots.plot import Plot
from tests.qt import turn_wheel

LEGEND = {"Training loss", "On sprites set aside"}


@pytest.fixture
def plot(lab: Lab, qtbot) -> Plot:  # type: ignore[no-untyped-def]
    made = Plot(lab, name="made", title="Loss curve", x="training step", y="loss")
    made.add_curve("train", "Training loss", 0).set(np.arange(100), np.exp(-np.arange(100) / 30))
    points = np.arange(0, 100, 10)
    made.add_curve("val", "On sprites set aside", 1, marked=True).set(points, 1 / (1 + points))
    made.resize(640, 400)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def choose_from_menu(plot: Plot, text: str) -> None:
    """Right click, then click on an entry."""
    view = plot.view.viewport()
    place = view.rect().center()
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, place, view.mapToGlobal(place), Qt.KeyboardModifier(0)
    )
    QApplication.sendEvent(view, event)
    menu = plot.findChild(QMenu, "made.menu")
    assert menu is not None
    action = next(action for action in menu.actions() if action.text() == text)
    QTest.mouseClick(
        menu,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        menu.actionGeometry(action).center(),
    )


Save = Callable[[str], Path]


@pytest.fixture
def save(plot: Plot, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot) -> Save:  # type: ignore[no-untyped-def]
    """``save("PDF")``: the file saved by the menu entry."""

    def do(kind: str) -> Path:
        path = tmp_path / f"plot.{kind.lower()}"
        asked: list[str] = []

        def ask_save(*given: object, **_: bool) -> Path:
            asked.append(" ".join(map(str, given[3:])))
            return path

        monkeypatch.setattr(plot_module, "ask_save", ask_save)
        with qtbot.waitSignal(lab.notice, timeout=5000):
            choose_from_menu(plot, f"Save as {kind}…")
        assert asked[0].startswith(f"loss-curve.{kind.lower()} {kind} ")
        return path

    return do


def test_a_pdf_has_one_page_of_the_plots_size_whose_text_is_text(plot: Plot, save: Save) -> None:
    pypdf = pytest.importorskip("pypdf")
    data = save("PDF").read_bytes()
    assert data.startswith(b"%PDF-1.")
    reader = pypdf.PdfReader(io.BytesIO(data))
    (page,) = reader.pages
    assert reader.metadata.title == "Loss curve"
    scale = 72 / plot.logicalDpiX()
    assert float(page.mediabox.width) == pytest.approx(plot.view.width() * scale, abs=1)
    assert float(page.mediabox.height) > plot.view.height() * scale, "the legend is above it"
    words = " ".join(page.extract_text().split())
    for text in (*LEGEND, "training step", "loss", "0 20 40 60 80 100", "0.2 0.4"):
        assert text in words
    assert not page.images, "lines, not pixels"


def test_an_svg_is_made_of_lines_and_letters(plot: Plot, save: Save) -> None:
    root = ElementTree.parse(save("SVG")).getroot()
    of_svg = "{http://www.w3.org/2000/svg}"
    texts = {" ".join("".join(t.itertext()).split()) for t in root.iter(f"{of_svg}text")}
    assert {*LEGEND, "training step", "0", "100"} <= texts
    assert root.find(f".//{of_svg}image") is None
    width, height = (float(v) for v in root.attrib["viewBox"].split()[2:])
    assert width == plot.view.width()
    assert height > plot.view.height()


def test_a_png_is_twice_as_large_and_shows_the_legend(plot: Plot, save: Save) -> None:
    with Image.open(save("PNG")) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    picture = plot.picture()
    assert pixels.shape[:2] == (2 * picture.size.height(), 2 * picture.size.width())
    legend = pixels[: 2 * (picture.size.height() - plot.view.height())]
    assert (np.abs(legend - pixels[0, 0]).sum(axis=2) > 100).any(axis=0).sum() > 100


def test_a_legend_of_two_rows_is_above_the_plot(plot: Plot, qtbot: QtBot) -> None:
    def legend() -> tuple[int, int]:
        """Its height, and how much of it is drawn."""
        picture = plot.picture()
        image = picture.pixmap(1.0).toImage()
        height = picture.size.height() - plot.view.height()
        pixels = [image.pixel(x, y) for x in range(image.width()) for y in range(height)]
        return height, sum(pixel != pixels[0] for pixel in pixels)

    height, drawn = legend()
    plot.resize(200, 400)
    qtbot.waitUntil(lambda: plot.view.width() <= 200)
    assert legend()[0] > 1.6 * height
    assert legend()[1] == drawn, "they are not on top of each other"


def test_what_is_on_the_screen_is_as_before(plot: Plot) -> None:
    before = plot.grab().toImage()
    for kind in ("png", "svg", "pdf"):
        getattr(plot.picture(), kind)()
    axis = plot.item.getAxis("left")
    assert axis.cacheMode() == axis.CacheMode.DeviceCoordinateCache
    assert plot.grab().toImage() == before


def test_without_a_legend_there_is_no_room_for_one(plot: Plot) -> None:
    plot.clear_curves()
    assert plot.picture().size == plot.view.size()


def test_the_cross_is_not_in_the_picture(plot: Plot) -> None:
    plot.read = lambda x, y: f"{x} {y}"
    plot.point_at(50.0, 0.5)  # the first time there is one
    QApplication.processEvents()
    bare = plot.picture().pixmap(1.0).toImage()
    QTest.mouseMove(plot.view.viewport(), QPoint(300, 100))
    plot.point_at(50.0, 0.5)
    assert plot.readout.text() == "50.0 0.5"
    assert plot.picture().pixmap(1.0).toImage() == bare


def test_what_was_read_stays_while_a_lesson_asks_for_it(plot: Plot, lab: Lab) -> None:
    """It once disappeared before it could be typed as the answer."""
    plot.read = lambda x, y: f"{x} {y}"
    hint = plot.readout.text()
    for asking in (False, True):
        lab.is_asking.set(asking)
        plot.point_at(50.0, 0.5)
        plot.view.left.emit()
        assert plot.readout.text() == ("50.0 0.5" if asking else hint)
    lab.is_asking.set(False)
    assert plot.readout.text() == hint


def test_the_wheel_over_a_plot_scrolls_the_page_that_scrolls(qtbot: QtBot, lab: Lab) -> None:
    """In large text it once zoomed the plot, and the page did not scroll."""
    plot = Plot(lab, name="p", title="P", x="x", y="y", hint="", least=100)
    plot.add_curve("c", "C", 0).set(np.arange(10.0), np.arange(10.0))
    area = QScrollArea()
    qtbot.addWidget(area)
    area.setWidgetResizable(True)
    area.setWidget(plot)
    area.resize(400, 500)
    area.show()
    view = plot.item.getViewBox()
    face = view.getViewWidget().viewport()

    def zooms(held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> bool:
        before = view.viewRange()
        turn_wheel(face, held=held)
        QApplication.processEvents()
        return bool(view.viewRange() != before)

    QApplication.processEvents()
    assert zooms()
    plot.setMinimumHeight(2000)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    assert not zooms()
    assert zooms(Qt.KeyboardModifier.ControlModifier)
