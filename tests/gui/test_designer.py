"""What a designer would measure with a ruler: gaps, aligned columns, and nothing that jumps."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMargins, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetrics, QTextFrameFormat, QTextTable
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QInputDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.draw.cell_grid import CellGrid
from sprite_lab.ui.draw.generate.batch_page import BatchGrid
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.shell.command_palette import CommandPalette
from sprite_lab.ui.shell.dialogs import ask_text
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.navigator import WORKSPACES
from sprite_lab.ui.text import RichView
from sprite_lab.ui.theme import ThemeManager, current_theme
from sprite_lab.ui.widgets.canvas.palette_bar import Swatches
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox, narrowed
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, label_column
from sprite_lab.ui.widgets.fields.markdown import show_markdown
from sprite_lab.ui.widgets.fields.table import RIGHT, Table
from sprite_lab.ui.widgets.pages import Pages
from sprite_lab.ui.widgets.plots.plot import Plot
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from tests.gui.importer import save, sprites
from tests.qt import delete_now, settle

pytestmark = pytest.mark.opens("data")


def find(window: QWidget, kind: type[QWidget], name: str) -> QWidget:
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


@pytest.mark.parametrize("percent", [100, 150])
@pytest.mark.parametrize("kind", ["push", "tool"])
def test_icons_keep_their_distance_from_words(
    theme: ThemeManager, qtbot: QtBot, percent: int, kind: str
) -> None:
    """Beside large text, the style's four pixels look like no gap."""
    theme.set_text_size(percent)
    button: QAbstractButton = (
        push_button("push", "E", "stop") if kind == "push" else IconButton("tool", "stop", "", "E")
    )
    place = QWidget()  # on its own, a tool button would be transparent
    vbox(button, on=place, margins=(0, 0, 0, 0))
    qtbot.addWidget(place)
    place.show()
    settle(place)
    image = place.grab(button.geometry()).toImage()
    middle = range(button.height() // 2 - 5, button.height() // 2 + 5)
    edge = 8
    dark = [
        x
        for x in range(edge, image.width() - edge)
        if any(image.pixelColor(x, y).lightness() < 128 for y in middle)
    ]
    gap = max(b - a - 1 for a, b in pairwise(dark))
    assert gap >= button.iconSize().width() // 6 + 4


@pytest.mark.parametrize("percent", [100, 150])
def test_the_panel_keeps_its_width_from_page_to_page(
    window: MainWindow, theme: ThemeManager, percent: int
) -> None:
    theme.set_text_size(percent)
    for width in (1280,) if percent == 100 else (1280, 1920):
        window.resize(width, 800)
        widths = {}
        for spec in WORKSPACES:
            workspace = window.workspace(spec.name)
            for page in workspace.names if isinstance(workspace, Pages) else ("",):
                window.navigator.go(spec.name, page)
                settle(window)
                widths[f"{spec.name} {page}"] = window.inspector.width()
        assert len(set(widths.values())) == 1, (width, widths)


@pytest.mark.parametrize("percent", [100, 150])
def test_the_tabs_of_workspaces_stay_in_place(
    window: MainWindow, theme: ThemeManager, percent: int
) -> None:
    """Also when Start is replaced by the names of model and data set."""
    theme.set_text_size(percent)
    window.resize(1280, 800)
    places = set()
    for name in ("draw", "train", "see"):
        window.navigator.go(name)
        settle(window)
        places.add(tuple(find(window, QWidget, f"workspace.{n}").x() for n in ("see", "data")))
    assert len(places) == 1


@pytest.mark.parametrize("percent", [100, 150])
def test_controls_of_the_drawing_panel_are_not_squeezed(
    window: MainWindow, theme: ThemeManager, percent: int
) -> None:
    theme.set_text_size(percent)
    window.resize(1280, 800)
    window.navigator.go("draw")
    settle(window)
    for name in ("draw.class", "draw.words", "draw.steps.field", "draw.generate"):
        part = find(window, QWidget, name)
        assert part.height() >= part.fontMetrics().height() + 6, name


@pytest.mark.parametrize(("width", "percent"), [(1280, 100), (1280, 150), (1920, 150)])
def test_fields_of_different_groups_line_up(
    window: MainWindow, theme: ThemeManager, width: int, percent: int
) -> None:
    theme.set_text_size(percent)
    window.resize(width, 1000)
    window.navigator.go("draw")
    settle(window)
    fields = [find(window, QWidget, f"draw.{name}") for name in ("style", "guidance", "sampler")]
    lefts = {field.mapTo(window, field.rect().topLeft()).x() for field in fields}
    assert len(lefts) == 1


def test_a_long_label_of_a_wide_group_moves_no_other(theme: ThemeManager, qtbot: QtBot) -> None:
    theme.set_text_size(150)
    short, long = FoldGroup("Short", name="short"), FoldGroup("Long", name="long")
    fields = []
    for group, words in ((short, "Seed"), (long, "Learning rate")):
        qtbot.addWidget(group)
        fields.append(QComboBox())
        group.add_row(words, fields[-1])
        group.resize(460, 100)
        group.show()
        settle(group)
    assert abs(fields[0].x() - fields[1].x()) <= 8


def test_the_filter_of_classes_shows_its_choice_whole(
    window: MainWindow, theme: ThemeManager, lab: Lab, sprites: SpriteSet
) -> None:
    theme.set_text_size(150)
    window.resize(1280, 800)
    lab.data.set(sprites)
    window.navigator.go("data", "browse")
    settle(window)
    box = find(window, ElidedComboBox, "data.class")
    assert isinstance(box, ElidedComboBox)
    assert box.shown_text() == box.currentText() != ""


def test_titles_stand_above_their_columns(theme: ThemeManager, qtbot: QtBot) -> None:
    table = Table(("Name", "Number"), name="table", label="Table", tip="")
    qtbot.addWidget(table)
    table.setRowCount(1)
    table.put(0, 0, "a")
    table.put(0, 1, "1", number=True)
    left = table.horizontalHeader().defaultAlignment()
    assert left & Qt.AlignmentFlag.AlignLeft
    assert table.horizontalHeaderItem(1).textAlignment() == RIGHT


def test_a_scroll_bar_with_nothing_to_scroll_has_no_handle(
    theme: ThemeManager, qtbot: QtBot
) -> None:
    browser = SpriteBrowser()
    qtbot.addWidget(browser)
    browser.resize(400, 300)
    browser.show()
    for count, scrolls in ((4, False), (400, True), (4, False)):
        browser.set_sprites(np.zeros((count, 16, 16, 4), np.uint8), str)
        settle(browser)
        assert browser.verticalScrollBar().isEnabled() == scrolls
    bar = browser.verticalScrollBar().grab().toImage()
    colors = {bar.pixel(x, y) for x in range(bar.width()) for y in range(bar.height())}
    assert len(colors) == 1, "it is empty"


def test_variations_are_drawn_large_enough(
    window: MainWindow, theme: ThemeManager, lab: Lab
) -> None:
    theme.set_text_size(150)
    window.resize(1280, 800)
    window.navigator.go("draw")
    window.navigator.draw.show_batch(True)
    grid = find(window, BatchGrid, "draw.batch.grid")
    assert isinstance(grid, BatchGrid)
    grid.show_batch(np.zeros((64, 16, 16, 4), np.uint8))
    settle(window)
    assert grid.cell_rect(0).width() >= 32
    assert grid.rect().contains(grid.cell_rect(63).toRect())
    # Two lines that repeat the tips took the room for that from sorted variations.
    assert not window.findChild(QWidget, "draw.batch.sorted").isVisible()


def test_an_empty_map_offers_nothing_to_fill(window: MainWindow) -> None:
    window.navigator.go("draw")
    draw = window.navigator.draw
    draw.show_set("terrain")
    buttons = [find(window, QPushButton, f"draw.terrain.{name}") for name in ("clear", "random")]
    tips = [button.toolTip() for button in buttons]
    assert [button.isEnabled() for button in buttons] == [False, False]
    find(window, QPushButton, "draw.terrain.new").click()
    settle(window)
    assert [button.isEnabled() for button in buttons] == [False, False], "all is blank still"
    project = window.lab.project
    project.put({5: replace(project.cell(5), pixels=bytes([9, 9, 9, 255] * 256))}, "Fill")
    assert [button.isEnabled() for button in buttons] == [True, True]
    assert len({button.toolTip() for button in buttons} - set(tips)) == 2


def test_buttons_of_the_invitation_are_equally_wide(window: MainWindow) -> None:
    window.navigator.go("draw")
    settle(window)
    names = ("take", "style", "terrain", "character")
    widths = {find(window, QPushButton, f"draw.invitation.{name}").width() for name in names}
    assert len(widths) == 1


def test_rows_above_cells_and_canvas_leave_no_button_alone(
    window: MainWindow, theme: ThemeManager
) -> None:
    theme.set_text_size(150)
    window.resize(1280, 800)
    window.navigator.go("draw")
    settle(window)

    def place(name: str) -> int:
        button = find(window, QAbstractButton, f"draw.{name}")
        return button.mapTo(window, button.rect().center()).y()

    assert abs(place("clear") - place("copy")) <= 1
    assert abs(place("outline") - place("shift_left")) <= 1
    assert window.findChild(CellGrid) is not None


def test_the_import_window_gives_names_the_room_there_is(
    window: MainWindow, theme: ThemeManager, tmp_path: Path, qtbot: QtBot
) -> None:
    theme.set_text_size(150)
    for name in ("things1", "things2"):
        save(tmp_path / "things" / f"{name}.png", sprites(1)[0])
    window.imports.add([tmp_path])
    opened = window.imports.open()
    qtbot.waitUntil(lambda: bool(opened.files.rows), timeout=10_000)
    opened.resize(1280, 800)
    settle(opened)
    narrow = opened.files.width()
    opened.resize(1920, 1080)
    settle(opened)
    assert opened.files.width() >= 1.3 * narrow
    opened.forget()
    opened.close()


def test_rows_of_the_command_palette_grow_with_the_text(
    window: MainWindow, theme: ThemeManager
) -> None:
    theme.set_text_size(150)
    window.menus.actions["edit.commands"].trigger()
    (palette,) = window.findChildren(CommandPalette)
    settle(palette)
    assert palette.list.visualItemRect(palette.list.topLevelItem(0)).height() >= 33
    palette.close()


def test_lines_of_tables_in_the_guide_are_those_of_the_theme(
    theme: ThemeManager, qtbot: QtBot
) -> None:
    view = RichView()
    qtbot.addWidget(view)
    for mode in ("light", "dark"):
        theme.set_mode(mode)
        show_markdown(view, "| a | b |\n|---|---|\n| 1 | 2 |\n", current_theme())
        (table,) = view.document().rootFrame().childFrames()
        assert isinstance(table, QTextTable)
        look = table.format()
        assert look.borderBrush().color().name() == current_theme().line
        assert look.borderStyle() == QTextFrameFormat.BorderStyle.BorderStyle_Solid


def test_opacity_is_named(window: MainWindow) -> None:
    window.navigator.go("draw")
    window.navigator.draw.layers_group.open()
    settle(window)
    field = find(window, QWidget, "draw.layers.opacity")
    assert any(
        label.buddy() is field and label.isVisible() for label in window.findChildren(QLabel)
    )


def test_the_invitation_to_draw_never_scrolls(window: MainWindow, theme: ThemeManager) -> None:
    window.navigator.go("draw")
    sets = find(window, QPushButton, "draw.invitation.terrain")
    area: QWidget | None = find(window, QWidget, "draw.invitation")
    while area is not None and not isinstance(area, QScrollArea):
        area = area.parentWidget()
    assert area is not None
    shown = []
    for percent, height in ((100, 800), (150, 700), (150, 1080), (150, 700)):
        theme.set_text_size(percent)
        window.resize(1280, height)
        settle(window)
        assert area.verticalScrollBar().maximum() == 0, (percent, height)
        shown.append(sets.isVisible())
    assert shown == [True] * 4, "before them, sentences are left out"


def test_beside_open_layers_the_invitation_to_draw_is_whole_or_gone(
    window: MainWindow, theme: ThemeManager
) -> None:
    window.navigator.go("draw")
    window.navigator.draw.layers_group.open()
    take = find(window, QPushButton, "draw.invitation.take")
    sizes = (100, 800, True), (100, 560, False), (150, 560, True), (150, 700, True)
    for percent, height, shown in sizes:  # in large text, the window is at least 700 high
        theme.set_text_size(percent)
        window.resize(1280, height)
        settle(window)
        assert take.isVisible() == shown
        if shown:
            assert take.visibleRegion().boundingRect() == take.rect()


def test_the_invitation_to_draw_settles_as_a_window_opens(
    window: MainWindow, lab: Lab, theme: ThemeManager
) -> None:
    """Its scroll bar once reduced its room endlessly: a stack overflow."""
    window.navigator.go("draw")
    window.navigator.draw.layers_group.open()
    theme.set_text_size(150)
    settle(window)
    window.close()
    for height in (790, 800, 810):
        other = MainWindow(lab)
        other.resize(1280, height)
        other.show()
        settle(other)
        assert find(other, CellGrid, "draw.cells").isVisible()
        delete_now(other)


def test_search_of_the_data_is_as_wide_as_its_word(window: MainWindow, theme: ThemeManager) -> None:
    window.navigator.go("data")
    theme.set_text_size(150)
    window.resize(1280, 800)
    settle(window)
    search = find(window, QLineEdit, "data.search")
    assert search.width() > 2 * search.fontMetrics().horizontalAdvance(search.placeholderText())


def test_the_widest_columns_yield(theme: ThemeManager, qtbot: QtBot) -> None:
    """Spanish credits in large text once scrolled sideways."""
    table = Table(("Source", "Sprites", "Link"), name="table", label="Table", tip="")
    qtbot.addWidget(table)
    table.setRowCount(1)
    for column, text in enumerate(("a name that is far longer than others", "4,000", "")):
        table.put(0, column, text)
    table.share_width()
    table.show()
    for width in (600, 300):
        table.resize(width, 200)
        settle(table)
        assert table.horizontalScrollBar().maximum() == 0
        assert table.horizontalHeader().length() == table.viewport().width()
        header = table.horizontalHeader()
        for column in (1, 2):
            assert table.columnWidth(column) >= header.sectionSizeHint(column)
    assert table.columnWidth(0) < table.sizeHintForColumn(0)


def test_columns_to_write_in_share_the_room_and_no_word_is_cut(
    theme: ThemeManager, qtbot: QtBot
) -> None:
    """Only the link once had room to type in; in large text “import_c…” was cut beside it."""
    table = Table(("Source", "Sprites", "Work", "Link"), name="table", label="Table", tip="")
    qtbot.addWidget(table)
    table.setRowCount(1)
    texts = ["import_cases", "7,512", "", ""]
    for column, text in enumerate(texts):
        table.put(0, column, text)
    table.resize(700, 200)
    table.show()
    table.share_width(2)
    settle(table)
    columns = [table.columnWidth(column) for column in range(4)]
    assert abs(columns[2] - columns[3]) <= 1
    table.put(0, 2, "Pack")
    table.share_width(2)
    assert [table.columnWidth(column) for column in range(4)] == columns, "what fits moves nothing"
    table.put(0, 2, "Many works by many people")
    table.put(0, 3, "https://example.org/a/very/long/link/to/somewhere")
    words = ("import_cases", "7,512", "people", "example.org/")
    table.resize(sum(map(table.fontMetrics().horizontalAdvance, words)) + 100, 200)
    table.share_width(2)
    settle(table)
    assert table.horizontalScrollBar().maximum() == 0
    for column, word in enumerate(words):
        item = table.item(0, column)
        assert item is not None
        room = table.visualItemRect(item).width() - 12
        assert room >= table.fontMetrics().horizontalAdvance(word)


def test_long_labels_of_a_narrow_panel_move_no_fields(theme: ThemeManager, qtbot: QtBot) -> None:
    theme.set_text_size(150)
    panel = Inspector(name="panel")
    groups = [FoldGroup(title, name=title) for title in ("one", "two", "three")]
    fields = []
    for group, words in zip(groups, ("Seed", "Rate of learning", "Background"), strict=True):
        fields.append(QComboBox())
        group.add_row(words, fields[-1])
    panel.add(*groups)
    qtbot.addWidget(panel)
    panel.resize(350, 500)
    panel.show()
    settle(panel)
    assert len({field.mapTo(panel, field.rect().topLeft()).x() for field in fields}) == 1


def test_nothing_in_a_panel_moves_when_there_is_something_to_scroll(qtbot: QtBot) -> None:
    """A scroll bar once made fields and tabs narrower."""
    group = FoldGroup("one", QComboBox(), name="one")
    panel = Inspector(group, name="panel")
    qtbot.addWidget(panel)
    panel.show()
    places = []
    for height in (500, 40):
        panel.resize(350, height)
        settle(panel)
        places.append((panel.verticalScrollBar().maximum() > 0, group.geometry().getCoords()))
    (scrolls, (left, top, right, _)), (scrolls_now, (*now, _)) = places
    assert (scrolls, scrolls_now) == (False, True)
    assert now == [left, top, right]
    assert left == panel.width() - 1 - right


def test_labels_hardly_wider_than_their_column_move_no_fields(
    theme: ThemeManager, qtbot: QtBot
) -> None:
    """The groups of a panel were once 2 to 5 pixels apart."""
    theme.set_text_size(100)
    panel = Inspector(name="panel")
    groups = [FoldGroup(title, name=title) for title in ("one", "two")]
    fields = []
    long = "i"
    while groups[0].fontMetrics().horizontalAdvance(long) < label_column(320) + 2:
        long += "i"
    for group, words in zip(groups, ("Seed", long), strict=True):
        fields.append(QComboBox())
        group.add_row(words, fields[-1])
    panel.add(*groups)
    qtbot.addWidget(panel)
    panel.resize(350, 500)
    panel.show()
    settle(panel)
    assert len({field.mapTo(panel, field.rect().topLeft()).x() for field in fields}) == 1


@pytest.mark.parametrize("chosen", [True, False])
def test_a_focused_sprite_has_one_ring(qtbot: QtBot, chosen: bool) -> None:
    grid = SpriteGrid(scale=2, gap=12, multiple=True)
    grid.set_sprites(np.zeros((4, 16, 16, 3), np.uint8))
    grid.set_current(1)
    qtbot.addWidget(grid)
    grid.resize(200, 200)
    grid.show()
    grid.activateWindow()
    grid.setFocus()
    qtbot.waitUntil(grid.hasFocus)
    if not chosen:
        place = grid.cell_rect(1).center().toPoint()
        qtbot.mouseClick(
            grid, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, place
        )
        assert (grid.current, grid.selection) == (1, ())
    image, cell = grid.grab().toImage(), grid.cell_rect(1).toRect()
    focus = QColor(current_theme().focus)

    def rings(y: int) -> int:
        """Lines in the ring's color between the left edge and the sprite."""
        inked = [image.pixelColor(x, y) == focus for x in range(cell.left() - 9, cell.left())]
        return sum(now and not before for before, now in pairwise([False, *inked]))

    assert max(rings(y) for y in range(cell.top(), cell.bottom())) == 1


def test_bars_of_colors_stand_on_the_axis(window: MainWindow, lab: Lab, sprites: SpriteSet) -> None:
    lab.data.set(sprites)
    window.navigator.go("data", "colors")
    settle(window)
    plot = window.findChild(Plot, "data.colors")
    assert plot is not None
    assert plot.item.getViewBox().viewRange()[1][0] == 0
    axis = plot.item.getAxis("bottom")
    ticks = [place for _, places in axis.tickValues(0.0, 12.0, 700.0) for place in places]
    assert all(place == round(place) for place in ticks), "no sprite has half a color"


def test_a_focused_flat_button_has_a_ring(theme: ThemeManager, qtbot: QtBot) -> None:
    button = push_button("flat", "Notices")
    button.setProperty("flat", True)
    qtbot.addWidget(button)
    button.show()
    button.activateWindow()
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    edge = button.grab().toImage().pixelColor(0, button.height() // 2)
    assert edge == QColor(current_theme().focus)


def test_a_button_focused_by_key_has_no_second_ring(theme: ThemeManager, qtbot: QtBot) -> None:
    """The style's own ring, a gradient, was once inside it: in all questions."""
    box = QWidget()
    qtbot.addWidget(box)
    theme.dress(box)
    button = QPushButton("Draw")
    vbox(QLineEdit(), button, on=box)
    box.show()
    box.activateWindow()
    qtbot.waitUntil(box.isActiveWindow)
    inside = button.rect().adjusted(4, 4, -4, -4)
    before = button.grab(inside).toImage()
    qtbot.keyClick(box, Qt.Key.Key_Tab)
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(button.hasFocus)
    assert button.grab(inside).toImage() == before


def test_the_button_of_a_question_says_what_it_does(window: MainWindow, qtbot: QtBot) -> None:
    said: list[str] = []

    def answer(accept: bool) -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QInputDialog)
        said.append(box.okButtonText())
        assert box.layout().contentsMargins() == QMargins(16, 16, 16, 12), "as in other dialogs"
        box.setTextValue("typed")
        box.done(int(accept))

    for accept in (True, False):
        QTimer.singleShot(0, lambda accept=accept: answer(accept))
        text = ask_text(window, "Follow training", "Run folder")
        assert text == ("typed" if accept else None)
    assert said == ["Follow training"] * 2


def test_the_open_model_is_named_whole_in_the_library(theme: ThemeManager) -> None:
    theme.set_text_size(150)
    bold = QApplication.font()
    bold.setBold(True)
    room = QFontMetrics(bold).horizontalAdvance("Built-in sprites") * 0.84
    assert (
        QFontMetrics(narrowed(bold, "Built-in sprites", room)).horizontalAdvance("Built-in sprites")
        <= room
    )


@pytest.mark.parametrize("kind", ["grid", "browser", "swatches"])
def test_sprites_without_a_current_one_show_the_focus(qtbot: QtBot, kind: str) -> None:
    part: QWidget
    if kind == "grid":
        part = SpriteGrid()
        part.set_sprites(np.zeros((4, 16, 16, 3), np.uint8))
    elif kind == "browser":
        part = SpriteBrowser()
    else:
        part = Swatches(name="swatches")
        part.set_colors(((0, 0, 0, 255),) * 4)
    other = push_button("other", "Other")
    window = QWidget()
    vbox(part, other, on=window)
    qtbot.addWidget(window)
    window.resize(300, 300)
    window.show()
    window.activateWindow()
    other.setFocus()
    qtbot.waitUntil(other.hasFocus)
    before = part.grab().toImage()
    part.setFocus()
    qtbot.waitUntil(part.hasFocus)
    assert part.grab().toImage() != before
