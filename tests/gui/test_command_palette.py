"""The command palette: what it lists, how it is searched, and that it works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QTreeWidget, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.app.draw.tools.tool_table import TOOLS
from sprite_lab.app.shell.actions import DRAW_SETS
from sprite_lab.ui.shell.command_palette import (
    CommandPalette,
    Entry,
    entries_of,
    of_action,
    settings_of,
)
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.navigator import WORKSPACES
from sprite_lab.ui.shell.settings_dialog import SettingsDialog
from sprite_lab.ui.text import tooltip, words_of
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.ui.widgets.fields.calm import why_not_allowed
from sprite_lab.ui.widgets.fields.inspector import FoldGroup
from tests.gui.hands import LEFT, NONE, Hands
from tests.gui.test_text_sizes import full  # noqa: F401 (a fixture)
from tests.qt import delete_now

pytestmark = pytest.mark.opens("draw", shared=True)  # in which Hands work

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class PaletteHands(Hands):
    """Hands that type into the palette."""

    def open(self) -> CommandPalette:
        self.activate()
        QTest.keyClick(self.window, Qt.Key.Key_P, CTRL_SHIFT)
        self.palette: CommandPalette = self.find("commands", CommandPalette)
        return self.palette

    def type(self, text: str) -> None:
        search = self.palette.findChild(QLineEdit, "commands.search")
        search.setText(text)  # all at once: each letter would list the commands again

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.palette.findChild(QLineEdit, "commands.search"), key)

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        tree = self.palette.findChild(QTreeWidget, "commands.list")
        items = [tree.topLevelItem(i) for i in range(tree.topLevelItemCount())]
        return [(item.text(0), item.text(1), item.text(2)) for item in items]

    @property
    def reason(self) -> str:
        return self.palette.findChild(QLabel, "commands.reason").text()


@pytest.fixture
def hands(window: MainWindow) -> PaletteHands:
    return PaletteHands(window)


@pytest.fixture(autouse=True)
def _closed(window: MainWindow) -> Iterator[None]:
    """Close the palette of a shared window."""
    yield
    delete_now(*window.findChildren(CommandPalette))


def test_what_a_long_tip_with_signs_says_is_read_without_its_markup(qtbot: QtBot) -> None:
    action = QAction("Add", None)
    tip = "Mix “black & white” of what is < 5 " + "pixels away, " * 8
    action.setToolTip(tooltip(tip))
    entry = of_action(action, "Draw")
    assert entry.about == tip.strip()
    action.setEnabled(False)
    assert of_action(action, "Draw").reason == tip.strip()


def test_what_is_cut_off_is_in_a_tip(hands: PaletteHands) -> None:
    """Long places, such as German titles of help pages, ended in “…”."""
    hands.open()
    hands.type("train")
    tree = hands.palette.findChild(QTreeWidget, "commands.list")
    for row in range(tree.topLevelItemCount()):
        item = tree.topLevelItem(row)
        assert words_of(item.toolTip(1)) == item.text(1) != ""


def test_commands_that_differ_at_their_ends_can_be_told_apart(hands: PaletteHands) -> None:
    """In German, both rotations once read “Auswahl oder gewählte Zellen um 90° na…”."""
    hands.open()
    hands.type("90°")
    tree = hands.palette.findChild(QTreeWidget, "commands.list")
    room = tree.columnWidth(0) - 16
    shown = [
        tree.fontMetrics().elidedText(text, tree.textElideMode(), room) for text, *_ in hands.rows
    ]
    assert len(shown) >= 2
    assert len(set(shown)) == len(shown)
    tree.setColumnWidth(0, 150)
    shown = [
        tree.fontMetrics().elidedText(text, tree.textElideMode(), 134) for text, *_ in hands.rows
    ]
    assert len(set(shown)) == len(shown)


def test_it_lists_what_window_and_workspace_can_do(hands: PaletteHands) -> None:
    hands.open()
    rows = hands.rows
    assert ("Save project", "File", "Ctrl+S") in rows
    assert ("Dark", "Theme", "") in rows
    assert ("Duplicate", "Draw", "Ctrl+Shift+D") in rows
    assert ("Move cell left", "Draw", "Alt+Left") in rows
    for tool in TOOLS:
        assert any(row[0] == tool.text and row[1] == "Draw" for row in rows), tool.name
    assert len({(text, place) for text, place, _ in rows}) == len(rows)
    hands.press(Qt.Key.Key_Escape)
    hands.window.show_workspace("see")
    hands.open()
    assert not any(place == "Draw" for _, place, _ in hands.rows)
    assert ("Keep the seed", "See", "") in hands.rows
    assert not [text for text, *_ in hands.rows if ". " in text]


def test_a_page_that_a_menu_and_buttons_of_draw_lead_to_is_listed_once(hands: PaletteHands) -> None:
    """“My style” was once listed as a command of Run and again as one of Draw."""
    assert hands.find("draw.invitation.style").isVisible()
    hands.open()
    for title in DRAW_SETS.values():
        assert [row for row in hands.rows if row[0] == title] == [(title, "Run", "")]


@pytest.mark.parametrize(
    ("place", "once"),
    [
        ("draw", ("Undo", "Redo", "History", "Cut", "Copy", "Paste")),
        ("see", ("Generate", "Train", "Draw", "Lessons")),
    ],
)
def test_what_a_menu_and_a_button_do_is_listed_once(
    place: str, once: tuple[str, ...], hands: PaletteHands
) -> None:
    hands.window.show_workspace(place)
    hands.open()
    texts = [text for text, *_ in hands.rows]
    assert [texts.count(text) for text in once] == [1] * len(once)


def test_in_draw_copy_has_its_key(hands: PaletteHands) -> None:
    hands.open()
    assert ("Copy", "Draw", "Ctrl+C") in hands.rows


def test_its_dim_words_follow_the_theme(hands: PaletteHands, theme: ThemeManager) -> None:
    palette = hands.open()
    tree = palette.findChild(QTreeWidget, "commands.list")
    tree.setCurrentItem(tree.topLevelItem(3))
    for mode in ("dark", "light"):
        theme.set_mode(mode)
        dim = QApplication.palette().placeholderText().color()
        assert tree.topLevelItem(0).foreground(1).color() == dim
        assert tree.currentIndex().row() == 3, "what Enter runs stays"


def test_enter_runs_what_was_found(hands: PaletteHands, qtbot: QtBot) -> None:
    hands.open()
    QTest.keyClicks(hands.find("commands.search"), "bcket")
    assert hands.rows[0][0] == "Bucket"
    hands.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: hands.find("draw.tool.bucket").isChecked())
    assert not any(w.isVisible() for w in hands.window.findChildren(CommandPalette))


@pytest.mark.opens("see")
def test_it_runs_where_the_focus_was(hands: PaletteHands, qtbot: QtBot) -> None:
    hands.paint(2, 2)
    grid = hands.find("draw.cells")
    grid.setFocus()
    hands.open()
    hands.type("duplicate")
    hands.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not hands.cell(1).is_blank)
    assert hands.cell(1).pixels == hands.cell(0).pixels
    qtbot.waitUntil(grid.hasFocus)


def test_arrow_keys_and_clicks_choose(hands: PaletteHands, qtbot: QtBot) -> None:
    hands.open()
    hands.type("train")
    hands.press(Qt.Key.Key_Down)
    hands.press(Qt.Key.Key_Up)
    names = [row[0] for row in hands.rows]
    row = names.index("Train")
    for _ in range(row):
        hands.press(Qt.Key.Key_Down)
    tree = hands.palette.findChild(QTreeWidget, "commands.list")
    assert tree.currentItem().text(0) == "Train"
    place = tree.visualItemRect(tree.topLevelItem(row)).center()
    QTest.mouseClick(tree.viewport(), LEFT, NONE, place)
    qtbot.waitUntil(lambda: hands.window.current == "train")


def test_what_cannot_be_done_says_why_and_does_not_run(hands: PaletteHands) -> None:
    hands.open()
    hands.type("redo")
    assert hands.rows[0][0] == "Redo"
    assert hands.reason == "Not possible now: nothing to redo"
    hands.press(Qt.Key.Key_Return)
    assert hands.palette.isVisible()
    hands.type("pause training")
    assert hands.reason == "Not possible now: no training run is in progress"


def test_what_a_newcomer_looks_for_is_found(hands: PaletteHands) -> None:
    """Both by name and by tooltip."""
    hands.open()
    for typed, name in (
        ("character sheet", "run.character"),
        ("walk", "run.character"),
        ("terrain sheet", "run.terrain"),
        ("tiles between", "run.terrain"),
        ("my style", "run.style"),
        ("new layer", "layer.add"),
        ("mask", "edit.mask"),
        ("gif", "file.export"),
        ("exit", "file.quit"),
        ("preferences", "edit.settings"),
        ("shortcuts", "help.keys"),
        ("tutorial", "help.lessons"),
    ):
        hands.type(typed)
        text = hands.window.menus.actions[name].text().replace("&", "").rstrip("…")
        assert text in [row[0] for row in hands.rows[:6]], typed
    for typed in ("theme dark", "dark theme", "dark mode"):
        hands.type(typed)
        assert hands.rows[0][:2] == ("Dark", "Theme"), typed


def test_letters_here_and_there_are_not_listed_beside_words(hands: PaletteHands) -> None:
    """For “delete”, Deselect, Shade in palette order and Hide the suggestion were once listed."""
    hands.open()
    hands.type("delete")
    assert hands.rows[0][:2] == ("Delete layer", "Layer")
    assert ("Move to trash", "Library") in [row[:2] for row in hands.rows]
    assert not [row for row in hands.rows if row[0].startswith("Deselect")]


def test_what_cannot_be_done_yet_is_found_by_what_it_is_for(window: MainWindow) -> None:
    """Only the reason why it is disabled was searched."""
    hands = PaletteHands(window)
    window.navigator.go("train")
    hands.open()
    hands.type("distill")
    assert [row[:2] for row in hands.rows] == [("Make a few-step student", "Train")]
    hands.type("zoom")
    assert hands.rows[0][:2] == ("Interface scale", "Settings")
    hands.type("deutsch")
    assert hands.rows[0][:2] == ("Language", "Settings")


def test_the_library_and_the_settings_are_found(hands: PaletteHands, qtbot: QtBot) -> None:
    """The library's buttons were once missing, and a setting was found only by its name."""
    hands.open()
    hands.type("trash")
    assert ("Move to trash", "Library") in [row[:2] for row in hands.rows]
    hands.type("font size")
    qtbot.waitUntil(lambda: ("Text size", "Settings", "") in hands.rows)


def test_what_is_typed_word_for_word_comes_first(hands: PaletteHands) -> None:
    hands.window.navigator.go("see", "watch")
    hands.window.navigator.see.watch.mode.set_value("forward")
    for typed, first in (
        ("train", "Train"),
        ("UNDO", "Undo"),
        ("noise schedule", "Schedule"),  # its label is short, its name is not
        ("pause training", "Pause training"),
    ):
        hands.open()
        hands.type(typed)
        assert hands.rows[0][0].startswith(first), hands.rows[:3]
        hands.press(Qt.Key.Key_Escape)


def test_words_of_a_tip_come_before_letters_here_and_there(hands: PaletteHands) -> None:
    def entry(text: str, about: str = "") -> Entry:
        return Entry("a", text, "Draw", "", "", lambda: None, about)

    palette = CommandPalette(
        [
            entry("Remove the selected color from the palette"),
            entry("Restart", "Resume a training run"),
        ],
        hands.window,
    )
    palette.search.setText("resume")
    assert palette.list.topLevelItem(0).text(0) == "Restart"
    palette.close()


def test_nothing_that_fits_is_reported(hands: PaletteHands) -> None:
    hands.open()
    hands.type("qqqzzz")
    assert hands.rows == []
    assert "Nothing matches" in hands.reason
    hands.press(Qt.Key.Key_Return)
    assert hands.palette.isVisible()
    hands.press(Qt.Key.Key_Escape)
    assert not hands.palette.isVisible()


def test_a_setting_is_found_and_gone_to(window: MainWindow, qtbot: QtBot) -> None:
    hands = PaletteHands(window)
    window.navigator.go("see", "watch")
    hands.open()
    hands.type("Guidence")  # typed in haste
    assert ("Guidance", "See: setting") in [row[:2] for row in hands.rows]
    hands.type("Levels T")
    assert hands.rows[0][:2] == ("Levels T", "See: setting")


def test_where_something_is_found_is_read_whole(window: MainWindow) -> None:
    """“Draw: setting” was once cut off beside the empty column of the keys."""
    hands = PaletteHands(window)
    hands.open()
    hands.type("sampl")
    assert not any(keys for *_, keys in hands.rows)
    tree = hands.palette.findChild(QTreeWidget, "commands.list")
    tree.resizeColumnToContents(1)
    needed = tree.columnWidth(1)
    hands.type("sampler")
    assert tree.columnWidth(1) >= needed
    assert sum(map(tree.columnWidth, range(3))) <= tree.viewport().width()
    assert tree.columnWidth(0) > tree.viewport().width() / 2, "keys take no room where are none"


def test_a_field_without_a_label_is_found_by_what_it_is_called(
    window: MainWindow, qtbot: QtBot
) -> None:
    hands = PaletteHands(window)
    window.navigator.go("see", "watch")
    hands.open()
    hands.type("Smoothing")
    wanted = ("Smoothing", "Train: setting")
    qtbot.waitUntil(lambda: wanted in [row[:2] for row in hands.rows], timeout=20_000)
    assert hands.rows[0][:2] == wanted
    hands.press(Qt.Key.Key_Return)
    field = window.findChild(QWidget, "train.smoothing")
    qtbot.waitUntil(lambda: field.isAncestorOf(QApplication.focusWidget()), timeout=5000)


def test_lessons_chapters_and_other_workspaces_are_found_by_typing(
    window: MainWindow, qtbot: QtBot
) -> None:
    hands = PaletteHands(window)
    window.navigator.go("see", "watch")
    hands.open()
    assert not any(place.startswith(("Lesson", "User guide")) for _, place, _ in hands.rows)
    hands.type("memorisation")
    lesson = ("Memorization", "Lesson 7")
    qtbot.waitUntil(lambda: lesson in [row[:2] for row in hands.rows], timeout=20_000)
    found = [("Memorization", "Measure"), ("Epochs", "Train: setting"), ("Bucket", "Draw")]
    for text, place in found:
        hands.type(text)
        qtbot.waitUntil(lambda: (text, place) in [row[:2] for row in hands.rows], timeout=20_000)  # noqa: B023
    hands.type("Timeline and log-SNR")
    qtbot.waitUntil(lambda: hands.rows[0][:2] == ("Timeline and log-SNR", "User guide"))
    hands.type("Epochs")
    assert hands.rows[0][:2] == ("Epochs", "Train: setting")
    hands.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.current == "train")
    hands.open()
    hands.type("lesson 1")
    qtbot.waitUntil(lambda: hands.rows[0][:2] == ("What noise does", "Lesson 1"))
    hands.type("lesson 7")
    assert hands.rows[0][:2] == lesson
    hands.type("What noise does")
    qtbot.waitUntil(lambda: ("What noise does", "Lesson 1") in [row[:2] for row in hands.rows])
    hands.press(Qt.Key.Key_Return)
    lessons = window.learning.lessons
    qtbot.waitUntil(lambda: lessons.run is not None)
    assert lessons.run.lesson.title == "What noise does"
    lessons.close()


@pytest.mark.opens("draw")
def test_a_button_of_a_page_that_was_never_shown_is_found(window: MainWindow, qtbot: QtBot) -> None:
    hands = PaletteHands(window)
    window.lab.open_model("builtin-student")
    qtbot.waitUntil(lambda: window.lab.model.value is not None, timeout=60_000)
    window.navigator.go("data")
    hands.open()
    hands.type("New sedes")  # with a typo
    wanted = ("New seeds", "See")
    qtbot.waitUntil(lambda: wanted in [row[:2] for row in hands.rows], timeout=60_000)
    found = hands.palette.findChild(QTreeWidget, "commands.list")
    row = [row[:2] for row in hands.rows].index(wanted)
    found.setCurrentItem(found.topLevelItem(row))
    hands.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: (window.current, window.navigator.page) == ("see", "between"))


@pytest.mark.opens("draw")
def test_a_button_of_a_group_that_was_never_open_is_found(
    hands: PaletteHands, qtbot: QtBot
) -> None:
    """The group in which frames of an animation are drawn and played."""
    group = hands.find("draw.group.frames", FoldGroup)
    assert not group.is_open
    hands.open()
    for typed in ("Generate frames", "Play the frames"):
        hands.type(typed)
        assert hands.rows[0][:2] == (typed, "Draw")
    hands.press(Qt.Key.Key_Escape)
    ink = replace(hands.window.lab.project.cell(0), pixels=bytes([9, 9, 9, 255]) * 256)
    hands.window.lab.project.put({0: ink, 1: ink}, "Draw")
    hands.open()
    hands.type("Play the frames")
    hands.press(Qt.Key.Key_Return)
    play = hands.window.findChild(IconButton, "draw.frames.play")
    qtbot.waitUntil(play.isChecked, timeout=5000)
    assert play.isVisible(), "and what plays is seen"


@pytest.mark.opens("see")
def test_a_setting_of_a_page_that_is_not_shown_is_gone_to(window: MainWindow, qtbot: QtBot) -> None:
    hands = PaletteHands(window)
    window.lab.open_model("builtin-student")
    qtbot.waitUntil(lambda: window.lab.model.value is not None, timeout=60_000)
    window.navigator.go("see", "race")
    qtbot.waitUntil(lambda: hands.find("race.class").isEnabled())
    window.navigator.go("see", "watch")
    hands.open()
    hands.type("Class")
    found = hands.palette.findChild(QTreeWidget, "commands.list")
    row = [row[:2] for row in hands.rows].index(("Class", "See: setting"))
    found.setCurrentItem(found.topLevelItem(row))
    hands.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.navigator.page == "race")
    choice = hands.find("race.class")
    qtbot.waitUntil(lambda: QApplication.focusWidget() is choice)


def test_what_needs_a_run_is_found_before_there_is_one(window: MainWindow) -> None:
    hands = PaletteHands(window)
    window.navigator.go("train")
    hands.open()
    hands.type("compare")
    assert ("Compare", "Train", "") in hands.rows
    row = hands.rows.index(("Compare", "Train", ""))
    palette = hands.palette
    palette.list.setCurrentItem(palette.list.topLevelItem(row))
    assert "no training run yet" in hands.reason


def test_choices_of_a_panel_say_of_what(window: MainWindow) -> None:
    hands = PaletteHands(window)
    window.navigator.go("see", "map")
    hands.open()
    names = [name for name, _, _ in hands.rows]
    assert "Trajectories: Selected" in names
    assert "Selected" not in names


def test_a_preference_is_found_and_gone_to(window: MainWindow, qtbot: QtBot) -> None:
    hands = PaletteHands(window)
    window.navigator.go("see", "watch")
    hands.open()
    hands.type("Text size")
    qtbot.waitUntil(lambda: hands.rows[0][:2] == ("Text size", "Settings"), timeout=20_000)
    hands.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(window.findChildren(SettingsDialog)), timeout=5000)
    (dialog,) = window.findChildren(SettingsDialog)
    field = dialog.findChild(QWidget, "settings.text_size")
    qtbot.waitUntil(lambda: field.hasFocus() or field.isAncestorOf(dialog.focusWidget()))
    dialog.accept()


@pytest.mark.opens("draw")
def test_what_is_grayed_says_why_and_not_what_it_is_for(
    full: MainWindow,  # noqa: F811
    qtbot: QtBot,
) -> None:
    """Race once gave the tooltip of a choice as the reason why it was unavailable."""
    full.navigator.see.page("race")  # its choices are filled once the model is loaded
    silent = []
    for spec in WORKSPACES[:2] + WORKSPACES[3:4]:  # See, Train, Measure
        workspace = full.workspace(spec.name)
        for page in workspace.names:
            parts = [p for p in (workspace.page(page), workspace.page(page).inspector) if p]
            for widget in parts:
                for entry in [*entries_of("", widget), *settings_of("", print, widget)]:
                    control = full.findChild(QWidget, entry.name)
                    why = why_not_allowed(control) if control else entry.reason
                    if entry.reason and entry.reason != why:
                        silent.append(f"{spec.name} {page}: {entry.text}: {entry.reason}")
    assert not silent, "\n".join(silent)


@pytest.mark.opens("draw")
def test_settings_of_pages_of_draw_that_were_never_shown_are_found(
    hands: PaletteHands, qtbot: QtBot
) -> None:
    draw = hands.window.navigator.draw
    assert hands.window.findChild(QWidget, "draw.batch.variants") is None
    hands.open()
    hands.type("Words of the variants")
    row = ("Words of the variants", "Draw: setting", "")
    qtbot.waitUntil(lambda: row in hands.rows, timeout=20_000)
    tree = hands.palette.findChild(QTreeWidget, "commands.list")
    tree.setCurrentItem(tree.topLevelItem(hands.rows.index(row)))
    hands.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: draw.page("batch").isVisible(), timeout=5000)
