"""At every text size, on a small and on a usual screen, nothing is cut off and the window fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QPushButton,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QTableWidget,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app.engine_types import Model
from sprite_lab.app.lab import Lab
from sprite_lab.app.measure import measure_tasks
from sprite_lab.app.shell.update_tasks import Answer
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.records import CopiesRecord, EvalRecord, StepRecord
from sprite_lab.core.run import RunControl, drain
from sprite_lab.formats.lessons import load_lesson
from sprite_lab.paths import resource
from sprite_lab.ui.draw.menu_slider import MenuSlider
from sprite_lab.ui.exporting.window import ExportWindow
from sprite_lab.ui.first_sizes import FRAME
from sprite_lab.ui.flow import WholeHeight
from sprite_lab.ui.help.about import AboutWindow
from sprite_lab.ui.help.crash import CrashWindow
from sprite_lab.ui.help.updates import UpdatesWindow
from sprite_lab.ui.importing.window import ImportWindow
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.see.classes.plot import ClassPlot
from sprite_lab.ui.see.watch.reverse_panel import ClassTicks
from sprite_lab.ui.see.watch.schedule_plot import SchedulePlot
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.navigator import WORKSPACES
from sprite_lab.ui.theme import CONTRAST, ThemeManager
from sprite_lab.ui.train.overlays import Overlay
from sprite_lab.ui.widgets.canvas.noise_handles import NoiseHandles
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox, ElidedLabel, HintLabel
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, ScrollsDown
from sprite_lab.ui.widgets.pages import Pages
from sprite_lab.ui.widgets.plots.plot import Plot
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.ui.wrapped_items import WrappedItems
from sprite_lab.words import use_language
from tests.gui.eye import Places, amiss, shown_in
from tests.gui.importer import save, sheet_of, sprites
from tests.made import make_sprites
from tests.qt import at_work, settle, until
from tests.unit.formats.test_measurements import entropies, measured


@pytest.fixture
def full(
    window: MainWindow, lab: Lab, small_models: Path, qtbot: QtBot, theme: ThemeManager
) -> Iterator[MainWindow]:
    """A window with a model, a data set and sprites."""
    lab.open_data(None)
    lab.open_model("builtin")
    qtbot.waitUntil(
        lambda: lab.data.value is not None and lab.model.value is not None, timeout=60_000
    )
    window.navigator.see.generate()
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=60_000)
    yield window
    for handle in lab.jobs.handles:
        handle.cancel()


def show_example(window: MainWindow, page: str) -> None:
    """Show a page of Train with the example run, completely read."""
    window.navigator.go("train", page)
    window.lab.training_runs.show_example()
    until(lambda: not at_work(window.lab.jobs))


#: A small screen without its taskbar, in pixels.
SMALL = 1264, 752

_WITH_WORDS = (QLabel, QPushButton, QToolButton, QCheckBox, QAbstractSpinBox, QComboBox)


def needed_width(widget: QWidget) -> int:
    """The width of the text on a button or label, in logical pixels; 0 = no text, or it wraps."""
    metrics = widget.fontMetrics()
    if isinstance(widget, QLabel):
        rich = widget.textFormat() == Qt.TextFormat.RichText
        if widget.wordWrap() or rich or isinstance(widget, ElidedLabel):
            return 0
        return max(metrics.horizontalAdvance(line) for line in widget.text().split("\n"))
    if isinstance(widget, QAbstractSpinBox):
        return metrics.horizontalAdvance(widget.text())
    if isinstance(widget, QComboBox):
        short = isinstance(widget, ElidedComboBox) or widget.isEditable()
        return 0 if short else metrics.horizontalAdvance(widget.currentText())
    if isinstance(widget, QAbstractButton) and widget.text():
        only_icon = (
            isinstance(widget, QToolButton)
            and widget.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        words = widget.text().replace("&", "")
        return 0 if only_icon else metrics.horizontalAdvance(words)
    return 0


def room_of(widget: QWidget) -> int:
    """Logical pixels available for text, not counting arrows beside it."""
    if isinstance(widget, QAbstractSpinBox):
        line = widget.lineEdit()
        return line.width() - line.textMargins().left()
    if isinstance(widget, QComboBox):
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        kind = QStyle.ComplexControl.CC_ComboBox
        return widget.style().subControlRect(kind, option, field, widget).width()
    return widget.width()


def cut_in(window: QWidget) -> list[str]:
    """Texts that are cut off horizontally."""
    found = []
    for widget in shown_in(window):
        if not isinstance(widget, _WITH_WORDS) or not needed_width(widget):
            continue
        seen: QRect = widget.visibleRegion().boundingRect()
        if seen.height() < widget.height() // 2:
            continue  # scrolled out of sight, or collapsed
        whole = needed_width(widget) if isinstance(widget, QLabel) else widget.width()
        if seen.width() < whole or room_of(widget) < needed_width(widget):
            words = widget.currentText() if isinstance(widget, QComboBox) else widget.text()
            found.append(f"{widget.objectName() or type(widget).__name__} “{words}”")
    return found


def test_the_projector_has_large_dark_text_and_goes_as_it_came(
    full: MainWindow, theme: ThemeManager, lab: Lab
) -> None:
    full.resize(1280, 800)
    action = full.menus.actions["view.projector"]
    font, usual = QApplication.font(), theme.theme
    action.trigger()
    assert theme.theme is CONTRAST
    assert QApplication.font().pointSizeF() == pytest.approx(1.5 * font.pointSizeF())
    assert not full.library.isVisible()
    QApplication.processEvents()
    assert (full.width(), full.height()) == (1280, 800)
    library = full.menus.actions["view.library"]
    library.trigger()
    assert full.library.isVisible()
    library.trigger()
    assert not full.library.isVisible()
    assert lab.settings.value.library_open, "the next session starts without Projector"
    action.trigger()
    assert theme.theme is usual
    assert QApplication.font() == font
    assert full.library.isVisible()


def test_an_enlarged_sprite_has_the_room_of_the_window(full: MainWindow) -> None:
    full.resize(1280, 800)
    full.navigator.go("see", "watch")
    stage, sides = full.navigator.see.watch.stage, (full.library, full.inspector)

    def open_sides() -> list[bool]:
        settle(full)
        return [side.isVisible() for side in sides]

    assert open_sides() == [True, True]
    stage.set_large(True)
    assert open_sides() == [False, False]
    assert stage.width() >= 1270
    full.navigator.go("train")
    assert open_sides() == [True, True]
    full.navigator.go("see", "watch")
    assert open_sides() == [False, False]
    # Lessons refer to the contents of the panel.
    full.menus.actions["help.lessons"].trigger()
    assert open_sides() == [False, True]
    full.learning.lessons.close()
    stage.set_large(False)
    assert open_sides() == [True, True]


def test_how_the_schedule_is_bent_is_read_whole(window: MainWindow, theme: ThemeManager) -> None:
    window.resize(1280, 800)
    window.navigator.see.watch.mode.set_value("forward")
    hint = window.findChild(QLabel, "see.schedule_curve.readout")
    assert hint is not None
    for percent in (100, 125, 150):
        theme.set_text_size(percent)
        settle(window)
        assert hint.text() == "Drag a point of the chosen schedule"
        assert hint.fontMetrics().horizontalAdvance(hint.text()) <= hint.width()


@pytest.mark.parametrize(("language", "name"), [("en", "linear"), ("de", "karras")])
def test_nothing_moves_as_the_schedule_is_bent(
    window: MainWindow, lab: Lab, theme: ThemeManager, qtbot: QtBot, language: str, name: str
) -> None:
    """Its legend and the caption once took another line, and the plot moved below the pointer."""
    use_language(language)
    window.resize(1280, 800)
    theme.set_text_size(150)
    watch = window.navigator.see.watch
    watch.mode.set_value("forward")
    lab.data.set(make_sprites(20))
    chosen = window.findChild(QComboBox, "see.schedule")
    chosen.setCurrentIndex(chosen.findData(name))
    window.findChild(QAbstractButton, "see.random").click()
    qtbot.waitUntil(lambda: lab.trajectory.value is not None)
    plot = window.findChild(SchedulePlot)
    assert plot is not None
    places = set()
    for bend in ((0, 0, 1, 0, 0, 0, 0), (), (0, 0, 0.5, 0, 0, 0, 0)):
        plot.bend_by(bend)
        qtbot.waitUntil(lambda bend=bend: lab.trajectory.value.forward.bend == bend, timeout=20_000)
        settle(window)
        parts = plot.view, watch.stage.board
        places.add(tuple(part.mapTo(window, part.rect().topLeft()).toTuple() for part in parts))
    assert len(places) == 1


def test_the_plot_of_classes_has_room_beside_a_lesson(
    full: MainWindow, theme: ThemeManager, qtbot: QtBot
) -> None:
    """In Spanish, it was once lower than two lines of text."""
    full.resize(1280, 800)
    theme.set_text_size(150)
    full.learning.lessons.start(load_lesson(resource("lessons/05-guidance.json")), 6)
    full.navigator.go("see", "class")
    plot = full.findChild(ClassPlot)
    assert plot is not None
    qtbot.waitUntil(lambda: len(plot.shares) > 0, timeout=20_000)
    settle(full)
    assert plot.item.getViewBox().height() > 5 * plot.fontMetrics().height()
    full.learning.lessons.close()


def test_the_classes_to_draw_are_seen_without_scrolling(
    full: MainWindow, theme: ThemeManager
) -> None:
    full.navigator.see.watch.mode.set_value("reverse")
    ticks = full.findChild(ClassTicks)
    assert ticks is not None
    for percent in (150, 100):
        theme.set_text_size(percent)
        settle(full)
        assert not ticks.findChild(QScrollArea).verticalScrollBar().maximum()


def test_a_chosen_entry_has_the_room_up_to_the_arrow(theme: ThemeManager, qtbot: QtBot) -> None:
    theme.set_text_size(150)
    box = ElidedComboBox()
    qtbot.addWidget(box)
    box.addItem("Built-in sprites (open)")
    box.setFixedWidth(box.fontMetrics().horizontalAdvance(box.currentText()) + 40)
    box.show()
    settle(box)
    assert box.shown_text() == box.currentText()


def test_views_are_paged_only_where_they_do_not_fit(
    full: MainWindow, theme: ThemeManager, qtbot: QtBot
) -> None:
    """Showing the pager requests another layout, after which it once stayed without need."""
    full.navigator.go("see", "watch")
    full.navigator.see.watch.mode.set_value("reverse")
    stage, page = full.navigator.see.watch.stage, full.findChild(QLabel, "see.page")
    assert page is not None
    full.welcome.show()
    for percent in (100, 125, 150, 125):
        theme.set_text_size(percent)
        for screen in ((1280, 800), (1920, 1080)):
            full.resize(*screen)
            settle(full)
            qtbot.waitUntil(lambda: len(stage.board.in_sight) == 3)
            qtbot.waitUntil(lambda: not page.isVisible())


@pytest.mark.parametrize("percent", [100, 150])
def test_the_stage_stays_from_process_to_process(
    full: MainWindow, theme: ThemeManager, percent: int
) -> None:
    """In Branch, the welcome above it disappeared and a row below it appeared: it
    once jumped by both.
    """
    theme.set_text_size(percent)
    full.resize(1280, 800)
    full.navigator.go("see", "watch")
    watch = full.navigator.see.watch
    places = set()
    for mode in ("reverse", "branch", "forward"):
        watch.mode.set_value(mode)
        full.welcome.show()
        settle(full)
        stage = watch.findChild(QWidget, "stage")
        places.add((stage.geometry().getRect(), watch.timeline.geometry().getRect()))
        assert full.welcome.isVisible()
        assert full.size() == QSize(1280, 800)
    assert len(places) == 1


def test_compared_runs_scroll_where_they_do_not_fit(
    full: MainWindow, theme: ThemeManager, qtbot: QtBot
) -> None:
    """In large text they once made the window higher than the screen, and cut the plot off."""
    full.resize(1280, 800)
    theme.set_text_size(150)
    full.navigator.go("train", "curves")
    train = full.navigator.train
    train.history.add([StepRecord(n, 0.1 * n, 1 / n, 1e-3, 12345, 30.0, 0.1) for n in (1, 400)])
    train.curves.show_run(True)
    train.curves.previews.timeline.show()
    settings = {f"setting {n}": 0 for n in range(6)}
    train.plot.set_run(Path("this run"), settings)
    overlay = Overlay(Path("another"), "another run", 0, train.history, dict.fromkeys(settings, 1))
    train.plot.overlays[overlay.run] = overlay
    full.lab.runs.changed.emit((), ())  # shows the list again
    train.plot.refresh()
    settle(full, full)
    assert train.plot.list.isVisible()
    assert (full.width(), full.height()) == (1280, 800)
    parts = [train.plot.plot, train.plot.list, train.plot.measure, train.plot.smoothing]
    qtbot.waitUntil(lambda: all(part.height() >= part.minimumSizeHint().height() for part in parts))
    assert train.plot.plot.view.height() >= train.plot.plot.view.minimumHeight()


def test_words_about_the_floor_yield_to_a_plot_beside_compared_runs(
    full: MainWindow, qtbot: QtBot
) -> None:
    """They once left it a height of 60 pixels, with one number on its axis."""
    full.resize(1280, 800)
    show_example(full, "curves")
    train = full.navigator.train
    qtbot.waitUntil(lambda: len(train.plot.floor.x) > 0)
    qtbot.waitUntil(train.plot.floor_share.isVisible)
    known = train.plot.settings
    unlike = known | dict.fromkeys(list(known)[:6], "another value")
    overlay = Overlay(Path("another"), "another run", 0, train.history, unlike)
    train.plot.overlays[overlay.run] = overlay
    full.lab.runs.changed.emit((), ())  # shows the list again
    train.plot.refresh()
    qtbot.waitUntil(lambda: not train.plot.floor_share.isVisible())
    settle(full, full)
    assert train.plot.plot.item.getViewBox().height() >= 110


@pytest.mark.parametrize("language", ["", "de"])
@pytest.mark.parametrize(("percent", "runs"), [(100, 2), (150, 2), (150, 3), (150, 4)])
def test_compared_runs_are_seen_and_read_whole(
    full: MainWindow, qtbot: QtBot, theme: ThemeManager, percent: int, language: str, runs: int
) -> None:
    """Sprites were once as small as their pixels; captions and the table's headings were cut."""
    full.resize(1280, 800)
    theme.set_text_size(percent)
    use_language(language)
    show_example(full, "curves")
    train = full.navigator.train
    qtbot.waitUntil(lambda: train.previews.count > 0)
    samples = train.previews.previews[-1], TrainConfig().preview()
    unlike = train.plot.settings | dict.fromkeys(list(train.plot.settings)[:6], "another value")
    titles = "built-in-sprites, 1 Dec 10:07", "Another run that has words", "A third", "9:02"
    for slot, title in enumerate(titles[:runs]):
        overlay = Overlay(Path(title), title, slot, train.history, unlike, samples)
        train.plot.overlays[overlay.run] = overlay
    full.lab.runs.changed.emit((), ())  # shows the list again
    for _ in range(3):
        settle(full, full)
    assert (full.width(), full.height()) == (1280, 800)
    step = train.previews.findChild(QLabel, "train.samples.own.step")
    assert step.isVisible(), "its samples are told from those of the others"
    assert step.text() in train.previews.caption.text().replace("\xa0", " ")
    sheets = train.previews.findChildren(SpriteGrid)
    assert len(sheets) == runs + 1
    for sheet in sheets:
        assert sheet.cell_rect(0).width() >= 2 * 16
        assert sheet.rect().toRectF().contains(sheet.cell_rect(sheet.count - 1))
    for label in (*train.previews.findChildren(HintLabel), *train.plot.list.findChildren(QLabel)):
        if label.isVisible():
            room = QRect(0, 0, label.width(), 10_000)
            wrap = Qt.TextFlag.TextWordWrap if label.wordWrap() else Qt.TextFlag.TextSingleLine
            needed = label.fontMetrics().boundingRect(room, wrap, label.text()).size()
            assert needed.width() <= label.width() + 1, label.text()
            assert needed.height() <= label.height(), label.text()
    area = next(a for a in full.findChildren(QScrollArea) if a.isAncestorOf(train.plot))
    view = area.viewport()
    assert area.horizontalScrollBar().maximum() == 0, "the ends of the curves are seen"
    assert train.plot.plot.height() >= 0.39 * view.height()
    for label in train.plot.list.findChildren(QLabel):
        top = label.mapTo(view, QPoint()).y()
        assert top >= view.height() or top + label.height() <= view.height(), label.text()


def test_nothing_scrolls_on_a_large_screen(full: MainWindow, theme: ThemeManager) -> None:
    """Thermodynamics was once a line too high in large text."""
    full.resize(1920, 1080)
    theme.set_text_size(150)
    assert full.lab.model.value is not None
    measure_before(full.lab.model.value)
    for page in ("probability", "memory", "thermodynamics"):
        full.navigator.go("measure", page)
        for _ in range(2):
            settle(full)
            QApplication.sendPostedEvents()  # layout of what a timer has just written
        shown = full.navigator.measure.page(page)
        areas = [area for area in shown.findChildren(QScrollArea) if area.isVisible()]
        assert not any(area.verticalScrollBar().maximum() for area in areas), page


def test_filters_and_credits_are_read_whole(full: MainWindow, theme: ThemeManager) -> None:
    full.navigator.go("data", "browse")
    full.resize(1280, 800)
    for percent in (100, 150):
        theme.set_text_size(percent)
        settle(full)
        for name in ("class", "source", "show", "order", "caption"):
            box = full.findChild(ElidedComboBox, f"data.{name}")
            assert box is not None
            assert box.shown_text() == box.currentText()
    full.navigator.go("data", "credits")
    settle(full)
    table = full.findChild(QTableWidget, "data.credits")
    assert table is not None
    for column in range(table.columnCount()):
        assert table.columnWidth(column) >= table.sizeHintForColumn(column)
        assert table.columnWidth(column) >= table.horizontalHeader().sectionSizeHint(column)
    assert not table.horizontalScrollBar().maximum()


def test_text_grows_where_it_is_out_of_sight_too(window: MainWindow, theme: ThemeManager) -> None:
    for spec in WORKSPACES:
        window.workspace(spec.name)
    theme.set_text_size(150)
    size = QApplication.font().pointSizeF()
    small = []
    for spec in WORKSPACES:
        window.navigator.go(spec.name)
        settle(window)
        shown = [part for part in window.findChildren(QWidget) if part.isVisible()]
        small += [part.objectName() for part in shown if part.font().pointSizeF() < size]
    assert not small, "\n".join(dict.fromkeys(small))


def test_numbers_and_plots_grow_with_the_text(full: MainWindow, theme: ThemeManager) -> None:
    full.navigator.go("train")
    rate = full.findChild(QAbstractSpinBox, "train.rate.field")
    step = full.findChild(QLabel, "train.figure.step")
    plot = full.findChild(Plot, "train.levels.map")
    assert rate is not None
    assert step is not None
    assert plot is not None
    width = rate.width()
    ends = full.navigator.measure.page("probability").bits.names
    for percent in (150, 100):
        theme.set_text_size(percent)
        size = QApplication.font().pointSizeF()
        assert all(name.textItem.font().pointSizeF() == pytest.approx(size) for name in ends)
        # If they are in several rows, beside their captions, figures have at most this size.
        assert step.font().pointSizeF() == pytest.approx((1.25 if percent == 100 else 1) * size)
        assert plot.item.getAxis("left").label.font().pointSizeF() == pytest.approx(size)
        assert plot.item.getAxis("left").grid is False, "it would lie over the map"
        assert (rate.width() > width) == (percent > 100)


def test_an_error_covers_the_stage_and_moves_nothing(full: MainWindow, lab: Lab) -> None:
    stage = full.stage.geometry()
    lab.failed.emit("Something went wrong: do something else.", "")
    QApplication.processEvents()
    assert full.error.isVisible()
    assert full.stage.geometry() == stage
    # As high as its text; on a wide screen, no higher than its buttons.
    full.resize(1920, 1080)
    settle(full)
    words, button = (full.findChild(QWidget, f"error.{name}") for name in ("text", "close"))
    assert words is not None
    assert button is not None
    assert full.error.height() <= max(words.fontMetrics().height(), button.height()) + 16
    lab.failed.emit("Something went wrong: do something else. " * 24, "")
    settle(full)
    assert words.height() >= words.heightForWidth(words.width())
    assert words.height() > 2 * words.fontMetrics().height()


@pytest.mark.parametrize("percent", [100, 125, 150])
def test_the_windows_of_files_cut_no_words(
    full: MainWindow, theme: ThemeManager, percent: int
) -> None:
    theme.set_text_size(percent)
    for name in ("file.export", "file.import"):
        full.menus.actions[name].trigger()
    imports, exports = full.findChild(ImportWindow), full.exporting.window
    assert imports is not None
    assert exports is not None
    problems = []
    for page in ("animation", "sprites", "web"):
        exports.show_page(page)
        settle(exports, imports)
        assert not exports.page.findChild(QScrollArea).horizontalScrollBar().maximum()
        for line in exports.page.findChildren(QLineEdit):
            if line.isVisible():
                assert line.fontMetrics().horizontalAdvance(line.text()) < line.width(), line.text()
        problems += [f"{page}: {words} is cut" for words in cut_in(exports)]
    problems += [f"import: {words} is cut" for words in cut_in(imports)]
    exports.close()
    imports.close()
    assert not problems, "\n".join(dict.fromkeys(problems))


@pytest.mark.parametrize("language", ["", "de", "es"])
def test_choices_of_import_and_export_are_read_whole(
    full: MainWindow, theme: ThemeManager, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In large text on a small screen, German text once left no room for the
    sides of the import.
    """
    screen = QRect(0, 0, 1280, 800)
    monkeypatch.setattr("sprite_lab.ui.first_sizes._room", lambda _: screen)
    theme.set_text_size(150)
    use_language(language)
    full.show_workspace("data")
    full.workspace("data").page("browse").browser.choose_rows(np.arange(3))
    for name in ("file.export", "file.import"):
        full.menus.actions[name].trigger()
    imports, exports = full.findChild(ImportWindow), full.exporting.window
    assert imports is not None
    assert exports is not None
    settle(exports, imports)
    assert imports.width() == exports.width() == 1280 - FRAME.width()
    boxes = [box for window in (imports, exports) for box in window.findChildren(ElidedComboBox)]
    shown = [box for box in boxes if box.isVisible()]
    assert "Selected sprites in Data" in [box.currentText() for box in shown]
    for box in shown:
        if not box.isEditable():
            assert box.shown_text() == box.currentText()
    exports.close()
    imports.close()


def test_windows_grow_with_the_text_where_there_is_room(
    lab: Lab, window: MainWindow, theme: ThemeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = QRect(0, 0, 1920, 1080)
    monkeypatch.setattr("sprite_lab.ui.first_sizes._room", lambda _: screen)
    theme.set_text_size(150)
    exports, imports = ExportWindow(lab, window), ImportWindow(lab, window)
    assert exports.size() == QSize(1560, 1080 - FRAME.height())
    assert imports.size() == QSize(1800, 1080 - FRAME.height())
    imports.close()


@pytest.mark.parametrize("percent", [100, 150])
def test_windows_of_help_cut_no_words(
    window: MainWindow, theme: ThemeManager, qtbot: QtBot, percent: int
) -> None:
    """Neither if they open in large text, nor if the text grows while they are open."""
    theme.set_text_size(percent)
    about, updates = AboutWindow(window.lab, window), UpdatesWindow(window.lab, window)
    crash = CrashWindow(window.lab, "Segmentation fault", window)
    assert crash.text.font().pointSizeF() == QApplication.font().pointSizeF()
    updates._show_answer(Answer("problem", "It cannot be reached: try again.", details="None."))
    for opened in (about, updates, crash):
        qtbot.addWidget(opened)
        opened.show()
        for size in (percent, 150):
            theme.set_text_size(size)
            settle(opened)
            assert not cut_in(opened)
            squeezed = [
                part.objectName()
                for part in opened.findChildren(QWidget)
                if part.isVisible() and part.height() < part.minimumSizeHint().height()
            ]
            assert not squeezed


def measure_before(model: Model) -> None:
    """Save measurements of a model, so that Measure shows them."""
    for found in (measured(), entropies()):
        drain(measure_tasks.keep(model, found).make(RunControl()))


def states(window: MainWindow) -> Iterator[str]:
    """Every page, as full as possible; yields its name."""
    navigator = window.navigator
    train, see, draw = navigator.train, navigator.see, navigator.draw
    records = [StepRecord(300 * n, 3.5 * n, 0.1 / n, 1e-3, 12345, 30.0 * n, 0.1) for n in (1, 400)]
    train.history.add([*records, EvalRecord(120_000, 0.0312, 0.0287), CopiesRecord(120_000, 0.12)])
    train.figures.show_figures(train.history, train.memory.last_copies)
    train.curves.show_run(True)
    train.plot.refresh()
    for spec in WORKSPACES:
        workspace = window.workspace(spec.name)
        for page in workspace.names if isinstance(workspace, Pages) else ("",):
            navigator.go(spec.name, page)
            yield f"{spec.name} {page}"
    navigator.go("see", "watch")
    see.watch.timeline_model.set_fps(120)
    for mode in ("forward", "reverse", "branch"):
        see.watch.mode.set_value(mode)
        yield f"see {mode}"
    navigator.go("draw")
    draw.tools.set_tool("mask")
    yield "draw, masking"
    draw.tools.set_tool("pencil")
    draw.layers.add()
    yield "draw, with layers folded away"
    draw.layers_group.open()
    yield "draw, with layers"
    for page in draw.names:
        navigator.go("draw", page)
        yield f"draw {page}"
    draw.show_batch(False)


def problems_of(window: MainWindow, screen: tuple[int, int]) -> list[str]:
    """Everything that does not fit in a window of this size."""
    window.resize(*screen)
    for _ in range(10):  # also lays out what a worker has just written
        settle(window)
        QApplication.sendPostedEvents()  # layout of what a timer has just written
        problems = problems_as_it_is(window, QSize(*screen))
        if not problems:
            break
    return problems


def problems_as_it_is(window: MainWindow, room: QSize) -> list[str]:
    """Everything that does not fit in a window that is laid out."""
    least = window.minimumSizeHint()
    problems = [*amiss(window), *(f"{words} is cut" for words in cut_in(window))]
    if window.size() != room or least.expandedTo(room) != room:
        parts = window.stage, window.inspector
        widths = [part.minimumSizeHint().width() for part in parts]
        problems.append(f"takes {least.width()}×{least.height()}, stage and panel {widths}")
    for area in shown_in(window):
        if isinstance(area, QScrollArea) and area.horizontalScrollBar().maximum():
            problems.append(f"{area.objectName() or area.widget().objectName()} scrolls across")
    return problems


def problems_beside_a_lesson(window: MainWindow) -> list[str]:
    """Everything that does not fit on a small screen beside a lesson, on any page."""
    model = window.lab.model.value
    assert model is not None
    measure_before(model)
    window.menus.actions["help.lessons"].trigger()
    problems = [f"{state}: {p}" for state in states(window) for p in problems_of(window, SMALL)]
    window.learning.lessons.close()
    return list(dict.fromkeys(problems))


def problems_of_pages(window: MainWindow) -> list[str]:
    """Everything that does not fit on a small screen, or whose place differs between pages."""
    problems, places = [], Places()
    for state in states(window):
        problems += [f"{state}: {p}" for p in problems_of(window, (1280, 800))]
        problems += [f"{state}: {p}" for p in places.moved(window, state)]
    return list(dict.fromkeys(problems))


def test_a_sheet_to_import_fits_a_small_screen(
    full: MainWindow, theme: ThemeManager, tmp_path: Path, qtbot: QtBot
) -> None:
    theme.set_text_size(150)
    save(tmp_path / "monsters.png", sheet_of(sprites(70), 12, offset=(2, 2), spacing=2))
    full.imports.add([tmp_path / "monsters.png"])
    window = full.imports.open()
    qtbot.waitUntil(lambda: bool(window.files.rows), timeout=10_000)
    window.resize(1200, 720)
    window.files.show_path("monsters.png")
    settle(window)
    likely = [b for b in window.findChildren(QPushButton) if "likely" in b.objectName()]
    assert any(button.isVisible() for button in likely)
    assert not cut_in(window)
    assert window.minimumSizeHint().width() <= 1200
    window.forget()
    window.close()


@pytest.mark.parametrize("percent", [100, 125, 150])
def test_every_page_fits_and_cuts_no_words(
    full: MainWindow, theme: ThemeManager, percent: int
) -> None:
    """On a small screen, on a usual one, and beside a lesson on a small one."""
    theme.set_text_size(percent)
    problems = []
    for spec in WORKSPACES:
        workspace = full.workspace(spec.name)
        for page in workspace.names if isinstance(workspace, Pages) else ("",):
            full.navigator.go(spec.name, page)
            for screen in ((1280, 800), (1920, 1080)):
                where = f"{spec.name} {page} on {screen}"
                full.resize(*screen)
                settle(full)
                QApplication.sendPostedEvents()  # layout of what a timer has just written
                if (full.width(), full.height()) != screen:
                    least = (
                        full.stage.minimumSizeHint().width(),
                        full.inspector.minimumSizeHint().width(),
                    )
                    size = f"{full.width()}×{full.height()}"
                    problems.append(f"{where}: {size}, stage and panel {least}")
                problems += [f"{where}: {words} is cut" for words in cut_in(full)]
    problems += problems_beside_a_lesson(full)
    if percent == 150:
        problems += problems_of_pages(full)
    assert not problems, "\n".join(dict.fromkeys(problems))


@pytest.mark.parametrize("percent", [100, 150])
@pytest.mark.parametrize("frame", [QSize(0, 0), FRAME], ids=["bare", "framed"])
def test_no_page_changes_the_size_of_the_window(
    window: MainWindow, theme: ThemeManager, percent: int, frame: QSize
) -> None:
    theme.set_text_size(percent)
    room = QSize(1280, 800) - frame  # a window cannot have more on a screen of that size
    window.resize(room)
    window.navigator.go("draw")  # the first page built after the window is open
    settle(window)
    grown = [] if window.size() == room else [f"draw first: {window.height()} high"]
    window.resize(room)
    for state in states(window):
        settle(window)
        if window.size() != room:
            grown.append(f"{state}: {window.width()}×{window.height()}")
            window.resize(room)
    assert not grown, "\n".join(grown)


@pytest.mark.parametrize("percent", [100, 150])
def test_a_long_name_of_a_class_moves_nothing(
    window: MainWindow, lab: Lab, theme: ThemeManager, percent: int
) -> None:
    """The panel of Split once grew by half because of one, and shrank again on the next page."""
    sprites = make_sprites(20)
    long = "weapons of ninjas in a folder of mixed sizes"
    lab.data.set(replace(sprites, class_names=(long, *sprites.class_names[1:])))
    theme.set_text_size(percent)
    window.resize(1280, 800)
    window.show_workspace("data")
    settle(window)
    before = window.inspector.width()
    window.workspace("data").show_page("split")
    settle(window)
    table = window.inspector.findChild(QTableWidget, "data.split.table")
    assert window.inspector.width() == before
    assert table.item(1, 0).toolTip() == long
    columns = [table.columnWidth(column) for column in range(3)]
    assert columns[0] > max(columns[1:]), "it is the names' that takes the rest"
    assert sum(columns) <= table.viewport().width()


def test_a_panel_that_needed_more_room_gives_it_back(
    window: MainWindow, theme: ThemeManager
) -> None:
    """It does so whatever happened meanwhile, such as a change of the window's
    size or the theme.
    """
    window.resize(1280, 800)
    settle(window)
    before = window.inspector.width()
    group = next(group for group in window.findChildren(FoldGroup) if group.isVisible())
    group.setMinimumWidth(500)
    settle(window)
    assert window.inspector.width() > 500
    window.resize(1270, 790)
    theme.set_mode("dark")
    settle(window)
    group.setMinimumWidth(0)
    settle(window)
    assert window.inspector.width() == before


class Layouts(QObject):
    """Counts the layout requests of a part of the window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.asked: list[str] = []
        for part in window.findChildren(QWidget):
            part.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.asked.append(watched.objectName() or type(watched).__name__)
        return False


def restless(window: MainWindow) -> list[str]:
    """Parts that request a layout again and again, however often the window is painted."""
    for _ in range(5):
        for _ in range(2):
            settle(window)
        layouts = Layouts(window)
        for _ in range(10):
            QApplication.processEvents()
        layouts.deleteLater()
        if len(layouts.asked) < 10:
            return []
    return list(dict.fromkeys(layouts.asked))


def test_no_page_is_laid_out_again_and_again(window: MainWindow) -> None:
    """Draw once used a whole processor while nothing happened."""
    window.resize(1280, 800)
    found = {state: restless(window) for state in states(window)}
    assert not any(found.values()), {state: parts for state, parts in found.items() if parts}


@pytest.mark.parametrize("width", range(240, 340, 12))
def test_items_that_wrap_are_as_high_as_their_words(
    theme: ThemeManager, qtbot: QtBot, width: int
) -> None:
    """Otherwise the last line is cut off, as the minutes of the second lesson once were."""
    theme.set_text_size(150)
    lessons = QWidget()
    lessons.setObjectName("lesson")  # its items have padding
    qtbot.addWidget(lessons)
    items = QListWidget()
    items.setWordWrap(True)
    WrappedItems(items)
    vbox(items, on=lessons)
    text = "2.  What the network predicts\n7 min"
    items.addItem(text)
    lessons.resize(width, 300)
    lessons.show()
    QApplication.processEvents()
    room = QRect(0, 0, items.viewport().width() - 16, 300)
    needed = items.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, text)
    assert items.visualItemRect(items.item(0)).height() >= needed.height()


def test_items_that_need_not_wrap_are_as_high_as_one_line(
    theme: ThemeManager, qtbot: QtBot
) -> None:
    """A chapter that just fitted once had the height of two lines."""
    theme.set_text_size(150)
    items = QListWidget()
    qtbot.addWidget(items)
    theme.dress(items)
    items.setProperty("padded", True)
    items.setWordWrap(True)
    WrappedItems(items)
    items.addItems(["One", "The timeline and log-SNR"])
    items.show()
    room = items.fontMetrics().horizontalAdvance("The timeline and log-SNR")
    heights = {}
    for width in range(room, room + 60):
        items.resize(width, 300)
        QApplication.processEvents()
        one, wraps = (items.visualItemRect(items.item(row)).height() for row in range(2))
        heights[items.viewport().width() - room] = wraps > one
    # The rest is the padding, 5 px, and the style's own margin, 3 px
    assert {free for free, wraps in heights.items() if wraps} == {f for f in heights if f < 16}


def test_icons_and_marks_grow_with_the_text(full: MainWindow, theme: ThemeManager) -> None:
    names = ("see.enlarge", "see.tabs.race", "see.generate", "help.x_t", "library.refresh")
    for percent, side in ((100, 16), (125, 20), (150, 24)):
        theme.set_text_size(percent)
        for name in names:
            button = full.findChild(QAbstractButton, name)
            assert button is not None
            assert button.iconSize().width() == side, name
        play = full.findChild(QAbstractButton, "timeline.play")
        assert play is not None
        assert play.iconSize().width() == round(1.25 * side)
        box = full.findChild(QCheckBox, "see.deal_prompts")
        assert box is not None
        metric = QStyle.PixelMetric.PM_IndicatorWidth
        assert box.style().pixelMetric(metric, None, box) == round(14 * percent / 100) + 2


def test_menus_are_one_column_with_their_words_in_line(
    window: MainWindow, theme: ThemeManager
) -> None:
    """On a low screen, Quit was once alone in a second column."""
    window.navigator.go("draw")
    shown = window.findChild(QMenu, "draw.view_menu")
    assert shown is not None
    slider = shown.findChild(MenuSlider)
    assert slider is not None
    for percent in (150, 100):
        theme.set_text_size(percent)
        for menu in (*window.menus.menus.values(), shown):
            menu.ensurePolished()
            rects = [menu.actionGeometry(action) for action in menu.actions() if action.text()]
            assert len({rect.left() for rect in rects}) == 1
        left = slider.layout().contentsMargins().left()
        assert left == round(18 + 12 * percent / 100), "the mark of other entries grows"


def test_marks_of_layers_grow_and_the_readout_of_the_canvas_is_not_cut(
    window: MainWindow, theme: ThemeManager, qtbot: QtBot
) -> None:
    window.navigator.go("draw")
    window.menus.actions["layer.add"].trigger()
    layers = window.findChild(QTableWidget, "draw.layers.list")
    readout = window.findChild(QLabel, "draw.position")
    area = window.navigator.draw.area
    assert layers is not None
    assert readout is not None
    area.canvas.pointed.emit((12, 7))
    for width, percent in ((1920, 100), (1280, 150)):
        theme.set_text_size(percent)
        window.resize(width, 800)
        settle(window)
        assert layers.iconSize().width() == round(16 * percent / 100)
        assert layers.columnWidth(0) > layers.iconSize().width()
        assert layers.rowHeight(0) >= layers.fontMetrics().height()
        room = (
            layers.minimumSizeHint().width() - 2 * layers.frameWidth() - 3 * layers.columnWidth(0)
        )
        assert room >= layers.sizeHintForIndex(layers.model().index(0, 3)).width()
        words = QTextDocumentFragment.fromHtml(readout.text()).toPlainText()
        assert readout.fontMetrics().horizontalAdvance(words) <= readout.width()
        assert "12" in words
        assert "7" in words


def test_plots_by_noise_level_keep_their_height(
    full: MainWindow, theme: ThemeManager, qtbot: QtBot
) -> None:
    """In large text, titles of axes and the text at a line were once cut off."""
    full.resize(1280, 800)
    theme.set_text_size(150)
    show_example(full, "levels")
    levels = full.navigator.train.levels
    qtbot.waitUntil(lambda: levels.map.isVisible(), timeout=10_000)
    settle(full)
    for plot in (levels.map.plot, levels.curves.plot):
        axis = plot.item.getAxis("bottom")
        assert plot.item.getViewBox().height() > 2 * axis.height()
        assert axis.sceneBoundingRect().bottom() <= plot.view.height()


def test_a_legend_of_many_rows_cuts_no_plot(lab: Lab, qtbot: QtBot) -> None:
    """In German, the title of an axis was once cut below a legend with three rows."""
    plot = Plot(lab, name="plot", title="Plot", least=150)
    for k in range(4):
        plot.add_curve(str(k), "floor of all 3,308 training sprites", k).set([0, 1], [1, 1])
    around = WholeHeight()
    vbox((plot, 1), on=around)
    area = ScrollsDown(around)
    qtbot.addWidget(area)
    area.show()
    for width in (300, 900, 280):
        area.resize(width, 100)
        settle(area)
        below = plot.view.mapTo(plot, plot.view.rect().bottomLeft()).y()
        assert plot.readout.y() > below, "the readout lies over the plot"


def test_no_page_of_a_training_scrolls(full: MainWindow, theme: ThemeManager, qtbot: QtBot) -> None:
    """In large text, parts that do not fit below each other are shown one at a time."""
    full.resize(1280, 800)
    theme.set_text_size(150)
    show_example(full, "curves")
    train = full.navigator.train
    qtbot.waitUntil(lambda: len(train.plot.floor.x) > 0)
    for page in ("curves", "levels", "memory", "runs"):
        full.navigator.go("train", page)
        settle(full)
        areas = [area for area in train.findChildren(QScrollArea) if area.isVisible()]
        qtbot.waitUntil(
            lambda areas=areas: not any(area.verticalScrollBar().maximum() for area in areas)
        )
    table = train.findChild(QTableWidget, "train.runs.table")
    assert table is not None
    assert not table.horizontalScrollBar().maximum()
    assert table.horizontalHeader().length() == table.viewport().width()
    full.navigator.go("train", "curves")
    settle(full)
    assert train.plot.plot.item.getViewBox().height() >= 110, "it was half of that"
    grid = train.previews.grid
    qtbot.waitUntil(lambda: grid.cell_rect(0).width() >= 3 * 16)
    assert grid.cell_rect(3).top() == grid.cell_rect(0).top() < grid.cell_rect(4).top()
    assert train.previews.caption.height() < 2 * train.previews.caption.fontMetrics().height()
    view = train.plot.plot.view
    last = train.plot.plot.item.getViewBox().mapViewToScene(QPointF(1500, -1)).x()
    half = view.fontMetrics().horizontalAdvance("1,500") // 2
    assert last + half <= view.width(), "the number of the last step was left out"
    full.navigator.go("train", "levels")
    hint = full.findChild(QLabel, "train.levels.map.readout")
    assert hint is not None
    assert "below" not in hint.text()
    theme.set_text_size(100)
    settle(full)
    assert train.levels.map.isVisible()
    assert train.levels.curves.isVisible()
    assert "below" in hint.text()


def test_the_place_in_a_lesson_is_read_whole(
    full: MainWindow, theme: ThemeManager, qtbot: QtBot
) -> None:
    """In German, step 5 of 11 was "Schritt 5 von 1"."""
    full.resize(1280, 800)
    lessons = full.learning.lessons
    lessons.start(load_lesson(resource("lessons/10-from-2015-to-today.json")), 4)
    where = full.findChild(QLabel, "lesson.where")
    assert where is not None
    for percent, told in ((100, "Step 5 of 11"), (150, "5/11")):
        theme.set_text_size(percent)
        settle(full)
        qtbot.waitUntil(lambda told=told: where.text() == told)
        assert where.width() >= where.fontMetrics().horizontalAdvance(told)
        assert where.accessibleName() == "Step 5 of 11"
    lessons.close()


def test_samples_of_a_training_are_seen_beside_a_lesson(
    full: MainWindow, theme: ThemeManager, qtbot: QtBot
) -> None:
    full.resize(1264, 752)
    theme.set_text_size(150)
    show_example(full, "curves")
    full.menus.actions["help.lessons"].trigger()
    grid = full.navigator.train.previews.grid
    qtbot.waitUntil(lambda: grid.count == 16)
    settle(full)
    assert grid.cell_rect(0).width() >= 2 * 16
    assert full.width() == 1264
    full.learning.lessons.close()


def test_words_at_the_handle_of_a_noise_axis_grow(
    full: MainWindow, theme: ThemeManager, qtbot: QtBot
) -> None:
    """They were once 10 pixels high at every text size."""
    full.navigator.go("draw")
    handles = full.findChild(NoiseHandles, "draw.strength")
    assert handles is not None
    for percent in (100, 150):
        theme.set_text_size(percent)
        settle(full)
        below = handles.minimumSizeHint().height() - handles.point(0).y()
        assert below >= handles.fontMetrics().height()


def test_names_of_cells_are_as_large_as_other_text_or_beside_their_heading(
    window: MainWindow, theme: ThemeManager
) -> None:
    """They were once squeezed into a few small letters below cells of 48 pixels."""
    window.navigator.go("draw")
    project = window.lab.project
    project.put({0: replace(project.cell(0), name="bitten cheese wheel")}, "Name")
    grid, words = window.navigator.draw.grid, window.findChild(QLabel, "draw.cell_words")
    assert words is not None
    for percent, named in ((100, True), (150, False)):
        theme.set_text_size(percent)
        window.resize(1280, 800)
        settle(window)
        assert grid.is_named == named
        assert words.isVisible() != named
    assert words.text() == "bitten cheese wheel"
    grid.set_current(1)
    assert not words.text()


def test_the_readout_below_the_canvas_yields_to_words_of_buttons(
    window: MainWindow, theme: ThemeManager
) -> None:
    """In Spanish, the judge once showed no word because both gave up the same number of pixels."""
    window.resize(1280, 800)
    window.navigator.go("draw")
    theme.set_text_size(150)
    bar = window.navigator.draw.live.bar
    bar.judge.setText("Juez")
    bar.live.setText("En vivo")
    settle(window)
    assert bar.width() >= bar.sizeHint().width()
    assert bar.judge.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
    window.navigator.draw.area.canvas.pointed.emit((12, 7))
    readout = window.findChild(QLabel, "draw.position")
    assert readout is not None
    words = QTextDocumentFragment.fromHtml(readout.text()).toPlainText()
    assert words == "12, 7"


def test_the_switches_of_views_are_one_row(full: MainWindow, theme: ThemeManager) -> None:
    full.resize(1280, 800)
    full.navigator.go("see", "watch")
    theme.set_text_size(150)
    settle(full)
    names = [f"see.show.{panel.words.view}" for panel in full.navigator.see.watch.stage.panels]

    def rows() -> list[int]:
        parts = [full.findChild(QWidget, name) for name in (*names, "see.enlarge")]
        middles = [part.mapTo(full, part.rect().center()).y() // 4 for part in parts if part]
        return [middles.count(row) for row in sorted(set(middles))]

    assert rows() == [len(names) + 1]
    full.menus.actions["help.lessons"].trigger()
    settle(full)
    assert rows() == [4, 5], "beside lessons one once stood alone in a second row"
    full.learning.lessons.close()


def test_the_timeline_of_a_training_takes_no_row_for_what_its_slider_says(
    full: MainWindow, theme: ThemeManager, qtbot: QtBot
) -> None:
    full.resize(1280, 800)
    show_example(full, "curves")
    timeline = full.navigator.train.previews.timeline
    qtbot.waitUntil(lambda: timeline.isVisible() and len(timeline.model.axis) > 0)
    for percent in (100, 150):
        theme.set_text_size(percent)
        settle(full)
        readout = timeline.findChild(QLabel, "timeline.readout")
        assert readout is not None
        assert readout.isVisible() == (percent == 100)
        row = timeline.findChild(QWidget, "timeline.play")
        assert row is not None
        gap = row.geometry().top() - timeline.slider.geometry().bottom()
        assert gap < readout.fontMetrics().height()


def test_what_the_runs_invite_to_is_read_whole(
    full: MainWindow, theme: ThemeManager, qtbot: QtBot
) -> None:
    full.resize(1280, 800)
    theme.set_text_size(150)
    show_example(full, "runs")  # its figures and texts take some room
    step = full.findChild(QLabel, "train.figure.step")
    assert step is not None
    qtbot.waitUntil(lambda: step.text() == "1,500", timeout=10_000)
    empty = full.findChild(QWidget, "train.runs.empty")
    assert empty is not None
    labels = empty.findChildren(QLabel)
    qtbot.waitUntil(lambda: any(label.text() for label in labels), timeout=10_000)
    settle(full)
    area = next(area for area in full.findChildren(QScrollArea) if area.widget() is empty)
    assert not area.verticalScrollBar().maximum()
