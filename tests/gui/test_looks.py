"""Rules for the look of every page: names, hints and buttons are fully readable."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QFontMetricsF, QPixmap, QPixmapCache
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QProxyStyle,
    QScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItemIterator,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app.draw.tools.tool_table import BY_NAME
from sprite_lab.app.files.library import RunEntry, ShippedModel
from sprite_lab.app.lab import Lab
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.ui.data.duplicates import DuplicatesPage
from sprite_lab.ui.draw.cell_grid import CellGrid
from sprite_lab.ui.draw.sets.character import WalkView
from sprite_lab.ui.draw.tools.options_row import ToolsRow
from sprite_lab.ui.help.guide import Guide
from sprite_lab.ui.layouts import as_widget, vbox
from sprite_lab.ui.shell.dialogs import in_order
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.navigator import WORKSPACES
from sprite_lab.ui.text import Label, html
from sprite_lab.ui.theme import CONTRAST, DARK, LIGHT, ThemeManager, contrast
from sprite_lab.ui.widgets.fields.buttons import PushButton, ShrinkingButton, push_button
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox, HintLabel
from sprite_lab.ui.widgets.fields.table import Table
from sprite_lab.ui.widgets.pages import Pages
from sprite_lab.ui.widgets.welcome import Welcome
from tests.made import make_sprites
from tests.qt import settle

pytestmark = pytest.mark.opens("data")


def shown(window: MainWindow, *, width: int = 1280, height: int = 800) -> MainWindow:
    window.resize(width, height)
    settle(window)
    return window


def test_links_of_a_label_have_the_color_of_the_theme(theme: ThemeManager, qtbot: QtBot) -> None:
    """They once kept the color of the theme in which they were created."""
    label = Label(html('<a href="x">{}</a>', "▇▇▇▇"))
    qtbot.addWidget(label)
    label.show()
    for mode, colors in (("light", LIGHT), ("dark", DARK), ("light", LIGHT)):
        theme.set_mode(mode)
        settle(label)
        assert label.text().startswith("<a ")
        picture = label.grab().toImage()
        row = [picture.pixelColor(x, picture.height() // 2) for x in range(picture.width())]
        assert QColor(colors.focus) in row


# -- the top bar and the library -----------------------------------------------------------------


def test_names_share_the_top_bar_and_a_date_goes_before_a_name(
    window: MainWindow, theme: ThemeManager
) -> None:
    theme.set_text_size(150)
    window.show_workspace("train")
    bar = window.top_bar
    bar.model.set_choice("small, 25 Nov 12:00", short="small")
    bar.data.set_choice("small.npz")
    shown(window)
    assert "small" in bar.model.text()
    assert "small.npz" in bar.data.text()
    bar.model.set_choice("a name of more than twenty letters, 25 Nov 12:00", short="a name of many")
    settle(window)
    assert "a name of many" in bar.model.text()
    assert "small.npz" in bar.data.text(), "the shorter name gave way to the longer one"


@pytest.mark.parametrize("size", [(1280, 150), (1280, 125), (1920, 150)])
def test_icons_of_the_top_bar_go_before_words(
    window: MainWindow, theme: ThemeManager, size: tuple[int, int]
) -> None:
    """In large text, both choosers once read “Built-in sprites”, and tabs touched each other."""
    width, percent = size
    theme.set_text_size(percent)
    bar = window.top_bar
    for chooser in (bar.model, bar.data):
        chooser.set_choice("Built-in sprites")
    widths = set()
    for name in ("data", "draw"):
        window.show_workspace(name)
        shown(window, width=width)
        assert bar.model.text() == "Model: Built-in sprites"
        assert bar.data.text() == "Data: Built-in sprites"
        tabs = bar.tabs.findChildren(QToolButton)
        beside = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        buttons = [tab.toolButtonStyle() == beside for tab in tabs]
        buttons += [not button.icon().isNull() for button in (bar.train, bar.generate)]
        assert len(set(buttons)) == 1, "some have icons, others have none"
        for tab in tabs:
            assert tab.width() >= tab.fontMetrics().horizontalAdvance(tab.text()) + 12
        widths.add(bar.tabs.width())
    assert len(widths) == 1, "tabs moved from page to page"


@pytest.mark.parametrize("percent", [100, 150])
def test_nothing_moves_in_the_top_bar_for_a_name_or_from_page_to_page(
    window: MainWindow, theme: ThemeManager, percent: int
) -> None:
    """Tabs once shrank by a quarter as soon as a run was open."""
    theme.set_text_size(percent)
    bar, places = window.top_bar, set()
    bar.data.set_choice("Built-in sprites")
    for name, short in (("Built-in sprites", ""), ("sprites, 30 Nov 23:12", "sprites")):
        bar.model.set_choice(name, short=short, kind="Run" if short else "")
        said = set()
        for page in ("see", "train", "data"):
            window.show_workspace(page)
            shown(window)
            said.add((bar.model.text(), bar.data.text()))
            places.add((bar.tabs.geometry(), bar.generate.x(), bar.train.geometry()))
        assert len(said) == 1
        assert said.pop()[0].partition(":")[0] == ("Run" if short else "Model")
    assert len(places) == 1


def test_without_room_for_names_an_icon_says_what_they_name(
    window: MainWindow, theme: ThemeManager
) -> None:
    theme.set_text_size(150)
    bar = window.top_bar
    words = "Generate sixteen sprites of the same seed"  # long, as in another language
    bar.generate.setText(words)
    for chooser in (bar.model, bar.data):
        chooser.set_choice("Built-in sprites")
    window.show_workspace("data")
    shown(window)
    assert bar.generate.text() == words, "what can be done comes before what is open"
    for chooser in (bar.model, bar.data):
        chooser.setText("")
        chooser.resize(bar.width() // 6, chooser.height())
        assert ":" not in chooser.text()
        assert chooser.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
    theme.set_text_size(100)
    shown(window, width=1920)
    assert bar.generate.text() == words


def test_a_long_name_takes_no_room_around_the_tabs(window: MainWindow, theme: ThemeManager) -> None:
    theme.set_text_size(150)
    bar = window.top_bar
    for chooser in (bar.model, bar.data):
        chooser.set_choice("as many letters as a name can have")
    window.show_workspace("data")
    shown(window)
    assert bar.model.text().startswith("Model: as")
    assert bar.data.text().startswith("Data: as")
    for tab in bar.tabs.findChildren(QToolButton):
        assert tab.width() >= tab.fontMetrics().horizontalAdvance(tab.text()) + 12


def test_the_library_is_as_wide_as_its_text_is_large(
    window: MainWindow, theme: ThemeManager
) -> None:
    shown(window, width=1920, height=1080)
    usual = window.library.width()
    theme.set_text_size(150)
    settle(window)
    assert window.library.width() == round(1.5 * usual)
    theme.set_text_size(100)
    settle(window)
    assert window.library.width() == usual


@pytest.mark.parametrize("percent", [100, 150])
def test_rows_of_the_library_are_read_whole_in_one_width_of_letters(
    window: MainWindow, lab: Lab, tmp_path: Path, theme: ThemeManager, percent: int
) -> None:
    """Letters were once narrower in some rows, some names were cut, and runs lost their time."""
    theme.set_text_size(percent)
    names = "small", "a-name-of-many-parts-and-hyphens", "food.from_a_garden.behind_a_house"
    lab.runs.set(
        tuple(
            RunEntry(tmp_path / f"20261125-120000-{name}", name, 8, 1, "", 1, 0.0, preset="quick")
            for name in names
        )
    )
    lab.shipped.set((ShippedModel("builtin", "Integrado, de cuatro pasos", "", None, 1),))
    shown(window)
    tree = window.findChild(QTreeWidget, "library.tree")
    assert tree is not None
    delegate, seen, stretches = tree.itemDelegate(), [], set()
    assert isinstance(delegate, QStyledItemDelegate)
    rows = QTreeWidgetItemIterator(tree)
    while (item := rows.value()) is not None:
        index = tree.indexFromItem(item)
        option = QStyleOptionViewItem()
        option.initFrom(tree)
        option.decorationSize = tree.iconSize()
        delegate.initStyleOption(option, index)
        stretches.add(option.font.stretch())
        place = tree.visualItemRect(item)
        room = (
            place.right() - place.left() - (0 if option.icon.isNull() else tree.iconSize().width())
        )
        lines, metrics = option.text.split("\u2028"), QFontMetrics(option.font)
        assert max(map(metrics.horizontalAdvance, lines)) <= room, lines
        assert place.height() >= len(lines) * metrics.height(), lines
        assert not any(line.endswith("·") for line in lines)
        seen.append(" ".join(lines))
        rows += 1
    assert len(stretches) == 1
    when = "Quick 25 Nov 12:00" if percent > 100 else "Quick · 25 Nov 12:00"
    assert seen[3].replace("\N{NO-BREAK SPACE}", " ") == f"small {when}"
    for row, name in enumerate(names[1:], 4):
        assert seen[row].replace(" ", "").startswith(name)


def test_no_line_of_the_library_is_elided_for_half_a_pixel(
    window: MainWindow, lab: Lab, tmp_path: Path
) -> None:
    letters = random.Random(0)
    names = ["-".join(letters.choices("abcdefghilmtw", k=60)) for _ in range(20)]
    lab.runs.set(tuple(RunEntry(tmp_path / name, name, 8, 1, "", 1, 0.0) for name in names))
    shown(window)
    tree = window.findChild(QTreeWidget, "library.tree")
    assert tree is not None
    delegate, style = tree.itemDelegate(), tree.style()
    assert isinstance(delegate, QStyledItemDelegate)
    for item in window.library.items():
        option = QStyleOptionViewItem()
        tree.initViewItemOption(option)
        option.rect = tree.visualItemRect(item)
        delegate.initStyleOption(option, tree.indexFromItem(item))
        place = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, option, tree)
        margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, option, tree) + 1
        lines, metrics = option.text.split("\u2028"), QFontMetricsF(option.font)
        assert max(map(metrics.horizontalAdvance, lines)) <= place.width() - 2 * margin, lines


# -- hints ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("percent", [100, 150])
def test_the_welcome_is_one_row_and_says_what_it_is_at_every_width(
    theme: ThemeManager, percent: int, qtbot: QtBot
) -> None:
    """In German it once had three rows in large text, and took half of the sprites' room."""
    theme.set_text_size(percent)
    room, welcome = QWidget(), Welcome(with_model=True)
    qtbot.addWidget(room)
    vbox(welcome, ..., on=room)
    room.show()
    welcome.show()
    title = welcome.findChild(QLabel, "welcome.title")
    assert title is not None
    offered = []
    for width in (1200, 900, 700, 580):
        room.resize(width, 300)
        settle(room)
        assert welcome.width() == width
        assert title.isVisible()
        assert title.width() >= title.fontMetrics().horizontalAdvance(title.text()), width
        cards = [card for card in welcome.findChildren(PushButton) if card.isVisible()]
        assert all(card.width() >= card.sizeHint().width() for card in cards)
        assert len({card.y() for card in cards}) == 1
        offered.append({card.objectName() for card in cards})
        assert {"welcome.watch", "welcome.lessons"} <= offered[-1]
    assert offered == sorted(offered, key=len, reverse=True)
    assert len(offered[0]) == 4


@pytest.mark.parametrize("percent", [100, 150])
def test_hints_wrap_and_are_never_cut(
    window: MainWindow, theme: ThemeManager, percent: int
) -> None:
    theme.set_text_size(percent)
    cut, seen = [], 0
    for spec in WORKSPACES:
        workspace = window.workspace(spec.name)
        for page in workspace.names if isinstance(workspace, Pages) else ("",):
            window.navigator.go(spec.name, page)
            shown(window)
            for hint in window.findChildren(HintLabel):
                if hint.isVisible() and hint.text():
                    seen += 1
                    if hint.height() < hint.heightForWidth(hint.width()):
                        cut.append(f"{spec.name} {page}: {hint.objectName()}")
    assert seen
    assert not cut


def test_every_box_shows_that_something_is_left_out(window: MainWindow) -> None:
    for spec in WORKSPACES:
        window.workspace(spec.name)
    boxes = [box for box in window.findChildren(QComboBox) if not box.isEditable()]
    assert boxes
    bare = {box.objectName() for box in boxes if not isinstance(box, ElidedComboBox)}
    assert not bare, "Qt cuts what does not fit, without a sign"


@pytest.mark.parametrize("percent", [100, 150])
def test_a_button_with_or_without_its_words_asks_for_the_same_room(
    theme: ThemeManager, percent: int, qtbot: object
) -> None:
    """Otherwise its text would not return once there is room for it."""
    theme.set_text_size(percent)
    button = ShrinkingButton("button", "add", "Tip", "Compare")
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.ensurePolished()
    whole = button.sizeHint().width()
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    assert abs(button.sizeHint().width() - whole) <= 1
    button.deleteLater()


def test_progress_makes_no_panel_wider(window: MainWindow) -> None:
    window.show_workspace("draw")
    for name in ("draw.progress_text", "see.progress_text"):
        for label in window.findChildren(QLabel, name):
            label.setText("Drawing the tiles of this set, one after another, 83%")
            assert (
                label.minimumSizeHint().width() == 0
                or label.wordWrap()
                or (label.sizePolicy().horizontalPolicy() == label.sizePolicy().Policy.Ignored)
            )


# -- Draw -----------------------------------------------------------------------------------------


def test_many_cells_scroll_rather_than_shrink(qtbot: object) -> None:
    grid, room = CellGrid(), QScrollArea()
    room.setWidgetResizable(True)
    room.setWidget(grid)
    room.resize(230, 520)
    room.show()
    cells = [replace(Cell(), name="background") for _ in range(48)]
    grid.set_cells(cells, 4)
    settle(room)
    assert grid.cell_rect(0).width() == 48
    assert room.verticalScrollBar().maximum() > 0
    assert room.horizontalScrollBar().maximum() == 0
    room.resize(150, 520)
    settle(room)
    assert grid.cell_rect(0).width() >= 32
    room.deleteLater()


@pytest.mark.parametrize("percent", [100, 150])
def test_the_options_of_a_tool_are_as_high_as_their_row(
    window: MainWindow, theme: ThemeManager, percent: int
) -> None:
    theme.set_text_size(percent)
    window.show_workspace("draw")
    shown(window)
    row = window.findChild(ToolsRow)
    assert row is not None
    for tool in BY_NAME:
        window.navigator.draw.session.tools.set_tool(tool)
        settle(window)
        for part in row.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if part.isVisible():
                assert row.rect().contains(part.geometry()), f"{tool}: {part.objectName()}"


def test_a_character_walks_as_large_as_whole_pixels_allow(qtbot: object) -> None:
    walk = WalkView()
    walk.resize(237, 530)
    assert (walk.ground.width(), walk.ground.height()) == (237, 530)
    walk.set_cells({"down 0": Cell()}, np.zeros((1, 16, 16, 4), np.uint8))
    assert walk._scale == 5, "almost three of it are as wide as the field"
    walk.resize(237, 100)
    assert walk._scale == 100 // (2 * 16), "it is shown whole in a low field"
    walk.deleteLater()


# -- Data -----------------------------------------------------------------------------------------


def test_copies_are_not_counted_before_they_are_known(window: MainWindow, lab: Lab) -> None:
    lab.data.set(make_sprites(8))
    window.navigator.go("data", "duplicates")
    page = window.findChild(DuplicatesPage)
    assert page is not None
    count = page.findChild(QLabel, "data.copies.count")
    assert count is not None
    assert (count.text() == "") == (page._facts.copies is None)


def test_tables_show_their_first_column_whole(window: MainWindow, theme: ThemeManager) -> None:
    theme.set_text_size(150)
    window.navigator.go("data", "split")
    shown(window)
    table = window.findChild(Table, "data.split.table")
    assert table is not None
    table.setRowCount(6)
    for row in range(6):
        for column, text in enumerate(("side facing", "1,234", "123")):
            table.put(row, column, text, number=column > 0)
    table.fit_rows(10)
    table.fit_columns()
    settle(window)
    for column in range(3):
        assert table.columnWidth(column) >= table.sizeHintForColumn(column)
    assert table.verticalScrollBar().maximum() == 0


def test_words_of_a_table_wrap_where_its_columns_are_narrow(qtbot: QtBot) -> None:
    """Credits were once cut although there was room, and there was a ring around an empty area."""
    table = Table(("Source", "Work", "Link"), name="t", label="t", tip="t", row_height=28)
    window = as_widget(vbox((table, 99), ...))
    qtbot.addWidget(window)
    for row in range(2):
        table.insertRow(row)
        for column, text in enumerate(("Sprites integrados", "Built-in sprites", "")):
            table.put(row, column, text)
    window.resize(900, 600)
    window.show()
    metrics = table.fontMetrics()
    for width in (900, 240, 900):
        window.resize(width, 600)
        table.share_width()
        settle(window)
        for column in (0, 1):
            item = table.item(0, column)
            assert item is not None
            room = table.visualItemRect(item).adjusted(4, 0, -4, 0)
            wrapped = metrics.boundingRect(
                QRect(0, 0, room.width(), 1000), Qt.TextFlag.TextWordWrap, item.text()
            )
            assert wrapped.width() <= room.width()
            assert wrapped.height() <= room.height()
        assert (table.rowHeight(0) > 28) == (width == 240)
        assert table.viewport().height() <= table.verticalHeader().length()


def test_grids_begin_where_the_controls_above_them_do(window: MainWindow, lab: Lab) -> None:
    lab.data.set(make_sprites(8))
    for page in ("browse", "split"):
        window.navigator.go("data", page)
        shown(window)
        browser = next(
            view
            for view in window.findChildren(QWidget)
            if view.metaObject().className() == "SpriteBrowser" and view.isVisible()
        )
        left = browser.viewport().mapTo(window, browser.cell_rect(0).topLeft().toPoint()).x()
        assert left == window.stage.mapTo(window, window.stage.rect().topLeft()).x() + 16


# -- windows --------------------------------------------------------------------------------------


def test_a_text_to_be_typed_shows_its_beginning(window: MainWindow, theme: ThemeManager) -> None:
    theme.set_text_size(150)
    window.menus.actions["file.export"].trigger()
    exports = window.exporting.window
    assert exports is not None
    exports.show_page("sprites")
    settle(exports)
    line = exports.findChild(QLineEdit, "export.sprites.template")
    assert line is not None
    assert line.text().startswith("{")
    assert line.cursorPosition() == 0
    facts = exports.findChild(QLabel, "export.sprites.facts")
    assert isinstance(facts, HintLabel)
    exports.close()


def test_chapters_of_the_guide_are_named_whole(
    window: MainWindow, lab: Lab, theme: ThemeManager
) -> None:
    theme.set_text_size(150)
    guide = Guide(lab, window)
    guide.contents.addItem("Updates and graphics cards, with more")
    guide.show()
    settle(guide)
    contents: QListWidget = guide.contents
    assert contents.wordWrap()
    item = contents.visualItemRect(contents.item(0))
    metrics = contents.fontMetrics()
    room = QRect(0, 0, item.width() - 8, 1000)
    wanted = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, contents.item(0).text())
    assert item.height() >= wanted.height()
    guide.close()


def test_dialogs_end_as_the_platform_has_it(window: MainWindow) -> None:
    do, cancel = push_button("do", "Do"), push_button("cancel", "Cancel")
    usual = QApplication.style().name()

    class Style(QProxyStyle):
        layout = 0

        def styleHint(self, hint, *rest):  # type: ignore[no-untyped-def]
            if hint == QStyle.StyleHint.SH_DialogButtonLayout:
                return self.layout
            return super().styleHint(hint, *rest)

    layouts = QDialogButtonBox.ButtonLayout
    style = Style(usual)
    before = QApplication.style
    QApplication.style = lambda: style  # type: ignore[method-assign]
    try:
        for layout, first in (
            (layouts.WinLayout, do),
            (layouts.KdeLayout, do),
            (layouts.MacLayout, cancel),
            (layouts.GnomeLayout, cancel),
        ):
            style.layout = layout.value
            assert in_order(do, cancel)[0] is first
    finally:
        QApplication.style = before  # type: ignore[method-assign]


# -- colors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme_", [LIGHT, DARK, CONTRAST], ids=lambda t: t.accent)
def test_what_cannot_be_used_can_be_read(theme_) -> None:  # type: ignore[no-untyped-def]
    tokens = theme_.tokens()
    for ground in (theme_.background, theme_.surface):
        assert contrast(tokens["disabled_text"], ground) >= 3
    assert contrast(tokens["band"], theme_.background) >= 1.35


def test_qt_keeps_icons_up_to_two_megabytes(theme: ThemeManager) -> None:
    QPixmapCache.clear()
    for number in range(200):  # like those of each terrain that is drawn; 16 KB each
        QPixmapCache.insert(f"ground {number}", QPixmap(64, 64))
    kept = [number for number in range(200) if QPixmapCache.find(f"ground {number}")]
    QPixmapCache.clear()
    assert 64 <= len(kept) <= 128
    assert kept[-1] == 199, "the newest stay"
