"""The window in another language; test_languages.py runs this in a separate process.

Manually: ``SPRITE_LAB_LANGUAGE=de pytest tests/gui/in_language.py``.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QTableWidget,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app.data.data_facts import KINDS
from sprite_lab.app.draw.tools.tool_table import BY_KEY
from sprite_lab.formats.lessons import load_lesson
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.navigator import WORKSPACES
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.pages import Pages
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser
from sprite_lab.words import VARIABLE, language, tr
from tests.gui.hands import Hands
from tests.gui.test_command_palette import PaletteHands
from tests.gui.test_lessons import SHIPPED
from tests.gui.test_sets import turned  # noqa: F401 (a fixture)
from tests.gui.test_text_sizes import (
    SMALL,
    cut_in,
    full,  # noqa: F401 (a fixture)
    problems_beside_a_lesson,
    problems_of,
    problems_of_pages,
)
from tests.qt import settle, until

#: Whether this is the pseudo-language, in which no word looks English.
PSEUDO = Path(os.environ.get(VARIABLE, "")).parts[1:] != ()

#: The same in every language: proper names, formulas, keys, and names in data.
SAME = re.compile(
    "Sprite|Lab|Aseprite|Python|PyTorch|Qt|Hugging|Face|Hub|Godot|Tiled|LDtk|Studio|Unity|Windows|"
    "Ctrl|Shift|Alt|Tab|Esc|Enter|Return|Space|Home|End|Page|Up|Down|Left|Right|Del|Delete|Ins|"
    "Backspace|Menu|PgUp|PgDown|Meta|DDIM|DDPM|DPM|SDE|UniPC|Euler|Heun|Karras|RePaint|MIT|"
    "English|Deutsch|Español|bits|dim|log|SNR|eta|min|auto|fp|bf|builtin|"
    # the built-in sprites' classes, and words that may be requested
    "creature|food|hero|item|facing|side|orange|drumstick"
)
#: Widgets that show texts from data: names of sprites, words, prompts and sources.
DATA = (
    "about.fact",
    "class.about",
    "help.guide.contents",
    "data.facts",
    "data.words",
    "data.word_counts",
    "data.credits",
    "draw.batch.variants",
    "memory.commits",
)
#: Actions that open a window without asking for a file.
OPENING = (
    "edit.settings",
    "edit.commands",
    "file.export",
    "file.import",
    "run.contact_sheet",
    "help.keys",
    "help.about",
    "help.guide",
    "help.updates",
)
#: A lesson step with an unanswered question.
OPEN = {
    **dict.fromkeys(("ready", "asks"), True),
    **dict.fromkeys(
        ("done", "is_solved", "works", "points", "may_pass", "is_last", "shows"), False
    ),
    **dict.fromkeys(("reply", "given_choice", "hint"), ""),
    "went_well": False,
    "index": 0,
    "wrong": set(),
}
#: An English vowel in a word: vowels of the pseudo-language always have an accent.
WORD = re.compile(r"(?<![\w/.#&-])[A-Za-z]*[aeiouAEIOU][A-Za-z]*(?![\w/]|\.\w)")


def untranslated(text: str) -> list[str]:
    """The English words in a text, except those that are the same in every language."""
    plain = re.sub(r"<[^<>]*>|\{\w+(?::\w+)?\}|&\w+;|https?:\S+|[\w.-]+\.[a-z]{2,11}\b", " ", text)
    plain = plain.replace("&", "")
    # Text between “ and ” is a name.
    plain = re.sub("“[^”]*”", " ", plain)
    return [w for w in WORD.findall(plain) if len(w) > 2 and not SAME.fullmatch(w)]


def items(model: QAbstractItemModel | None) -> Iterator[str]:
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount() if model else 0
    for row in range(min(model.rowCount(), 60) if model else 0):
        for column in range(columns):
            index = model.index(row, column)
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                yield str(index.data(role) or "")


def texts(widget: QWidget) -> Iterator[str]:
    """All texts of a widget."""
    yield from (widget.toolTip(), widget.accessibleName(), widget.accessibleDescription())
    yield from (action.text() for action in widget.actions())
    if isinstance(widget, QDialog):
        yield widget.windowTitle()
    if isinstance(widget, (QLabel, QAbstractButton)):
        yield widget.text()
    if isinstance(widget, QMenu):
        yield widget.title()
    if isinstance(widget, QLineEdit):
        yield widget.placeholderText()
    if isinstance(widget, (QSpinBox, QDoubleSpinBox)):
        yield from (widget.prefix(), widget.suffix(), widget.specialValueText())
    if isinstance(widget, (QComboBox, QAbstractItemView)):
        yield from items(widget.model())


def pages(window: MainWindow) -> Iterator[str]:
    """Go to each page in turn; yields its name."""
    for spec in WORKSPACES:
        workspace = window.workspace(spec.name)
        for page in workspace.names if isinstance(workspace, Pages) else ("", *workspace.names):
            window.navigator.go(spec.name, page)
            window.resize(1280, 800)
            settle(window)
            QApplication.sendPostedEvents()
            yield f"{spec.name} {page}".strip()


def said_in(window: QWidget) -> Iterator[tuple[str, str]]:
    """All texts in a window, with their widgets."""
    for widget in [window, *window.findChildren(QWidget)]:
        name, above = widget.objectName(), widget
        while not name and above.parentWidget() is not None:
            above = above.parentWidget()
            name = f"{above.objectName()} / {type(widget).__name__}" if above.objectName() else ""
        # A field shows what the user typed; help pages are checked elsewhere.
        inside = isinstance(widget.parent(), (QAbstractSpinBox, QTextEdit)) or name.startswith(DATA)
        yield from ((name, text) for text in texts(widget) if text and not inside)


def said_by_windows(window: MainWindow, qtbot: QtBot) -> dict[str, list[tuple[str, str]]]:
    """The texts of windows opened from the menus, by action; each is closed at once."""
    before = set(QApplication.topLevelWidgets())
    said: dict[str, list[tuple[str, str]]] = {}

    def look(action: str) -> None:  # also called from within the event loop of a modal window
        new = [w for w in QApplication.topLevelWidgets() if w not in before and w.isVisible()]
        if not new:  # it may wait for a worker to read its contents
            QTimer.singleShot(100, window, partial(look, action))
            return
        said[action] = [text for opened in new for text in said_in(opened)]
        for opened in new:
            opened.close()

    for action in OPENING:
        QTimer.singleShot(100, window, partial(look, action))
        window.menus.actions[action].trigger()
        qtbot.waitUntil(lambda action=action: action in said, timeout=20_000)
    return said


def problems_of_words(place: str, said: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Untranslated words; real languages have some in common with English."""
    for name, text in said if PSEUDO else ():
        if words := untranslated(text):
            yield f"{place}, {name}: {' '.join(words)!r} in {text[:90]!r}"


def test_the_window_is_translated_and_nothing_is_cut_at_1280(
    full: MainWindow,  # noqa: F811
    qtbot: QtBot,
) -> None:
    """Words of the pseudo-language are longer than those of any real language."""
    assert language()
    found: dict[str, None] = {}
    for page in pages(full):
        found |= dict.fromkeys(problems_of_words(page, said_in(full)))
        found |= dict.fromkeys(f"{page}: {words} is cut" for words in cut_in(full))
        if (full.width(), full.height()) != (1280, 800):
            found[f"{page}: too large"] = None
    if PSEUDO:
        said = said_by_windows(full, qtbot)
        full.menus.actions["help.lessons"].trigger()
        panel = full.learning.lessons.panel
        qtbot.waitUntil(lambda: panel.list.count() > 0, timeout=20_000)
        said["help.lessons"] = list(said_in(panel))
        assert all(said.values()), [action for action, texts in said.items() if not texts]
        for action, texts_ in said.items():
            found |= dict.fromkeys(problems_of_words(action, texts_))
    assert not found, f"{len(found)} texts\n" + "\n".join(found)


def test_every_page_fits_beside_a_lesson(full: MainWindow, theme: ThemeManager) -> None:  # noqa: F811
    """German and Spanish words are longer: beside a lesson at 150 %, there is the least room."""
    theme.set_text_size(150)
    problems = problems_beside_a_lesson(full)
    problems += [f"alone, {problem}" for problem in problems_of_pages(full)]
    assert not problems, "\n".join(problems)


def test_what_inpainting_found_fits_beside_a_lesson(full: MainWindow, theme: ThemeManager) -> None:  # noqa: F811
    """Spanish titles take two lines once they have figures, and were cut by three pixels."""
    theme.set_text_size(150)
    full.menus.actions["help.lessons"].trigger()
    full.navigator.go("see", "inpaint")
    title = full.findChild(QLabel, "inpaint.repaint.title")
    assert title is not None
    until(lambda: "×" in title.text())
    problems = problems_of(full, SMALL)
    full.learning.lessons.close()
    assert not problems, "\n".join(problems)


@pytest.mark.skipif(PSEUDO, reason="its words are longer than those of any language")
def test_names_of_what_comes_with_the_app_are_whole_in_the_top_bar(
    full: MainWindow,  # noqa: F811
    theme: ThemeManager,
) -> None:
    """German names were once cut, beside an empty space."""
    theme.set_text_size(150)
    full.resize(1280, 800)
    settle(full)
    for chooser in (full.top_bar.model, full.top_bar.data):
        assert "…" not in chooser.text()
        assert chooser.accessibleName().endswith(chooser.text() or "nothing")


@pytest.mark.skipif(PSEUDO, reason="its words are longer than those of any language")
def test_words_below_copies_are_read_whole(full: MainWindow, theme: ThemeManager) -> None:  # noqa: F811
    """Spanish words once ended in “…” on nearly every sprite."""
    full.resize(1280, 800)
    full.navigator.go("data", "duplicates")
    browser = full.findChild(SpriteBrowser, "data.copies")
    assert browser is not None
    until(lambda: browser.count > 1)
    for percent in (100, 150):
        theme.set_text_size(percent)
        settle(full)
        room = browser.cell_rect(1).left() - browser.cell_rect(0).left()
        for word in KINDS.values():
            assert browser.fontMetrics().horizontalAdvance(word) <= room - 2, word
    full.navigator.go("data", "browse")
    settle(full)
    field = full.findChild(QLineEdit, "data.new_class")
    assert field is not None
    words = field.fontMetrics().horizontalAdvance(field.placeholderText())
    assert words < field.width() - 12, field.placeholderText()


def test_buttons_in_a_lesson_are_read_whole(full: MainWindow, theme: ThemeManager) -> None:  # noqa: F811
    """Spanish labels were once cut on both sides in large text."""
    full.resize(1280, 800)
    lesson = load_lesson(SHIPPED[0])
    for percent in (100, 125, 150):
        theme.set_text_size(percent)
        for step in (0, len(lesson.steps) - 1):
            full.learning.lessons.start(lesson, step)
            settle(full)
            for name in ("lesson.show", "lesson.next"):
                button = full.findChild(QPushButton, name)
                assert button is not None
                whole = button.isHidden() or button.width() >= button.sizeHint().width()
                assert whole, (percent, button.text())
        full.learning.lessons.close()


def test_answers_below_the_edge_are_announced(
    window: MainWindow, theme: ThemeManager, qtbot: QtBot
) -> None:
    """A third answer was once out of sight, and the second ended exactly at the edge."""
    window.resize(1280, 800)
    theme.set_text_size(150)
    lessons, hidden = window.learning.lessons, 0
    panel = lessons.panel
    lessons.show_list()
    state = window.findChild(QLabel, "lesson.state")
    room = next(area for area in panel.findChildren(QScrollArea) if area.isAncestorOf(panel.text))
    assert state is not None
    for path in SHIPPED:
        lesson = load_lesson(path)
        for step in lesson.steps:
            if step.ask is None:
                continue
            run = SimpleNamespace(**OPEN, lesson=lesson, step=step)
            panel.show_step(run)  # type: ignore[arg-type]
            settle(window)
            last = panel.question.mapTo(room.viewport(), panel.question.rect().bottomLeft()).y()
            announced = "▾" in state.text()
            assert announced == (last > room.viewport().height()), step.text
            assert state.height() < 2 * state.fontMetrics().height(), "one line, or all would move"
            hidden += announced
            room.verticalScrollBar().setValue(room.verticalScrollBar().maximum())
            assert not state.text().startswith("▾")
    assert hidden
    lessons.close()


def test_no_help_of_the_status_bar_is_cut(window: MainWindow, theme: ThemeManager) -> None:
    """It disappears before its tooltip can be read: Spanish text about the pencil
    once ended in “…”.
    """
    window.resize(1280, 800)
    theme.set_text_size(150)
    settle(window)
    tip, cut = window.status.tip, []
    said = [f"{tool.text}: {tool.hint}" for tool in BY_KEY.values()]
    for text in (*said, *(action.statusTip() for action in window.menus.actions.values())):
        tip.setText(text)
        if tip.shown_text() != text:
            cut.append(text)
    assert not cut


def test_sets_of_cells_are_named_in_the_language(window: MainWindow) -> None:
    page = window.navigator.draw.page("character")
    page.add_sets([{}])
    (name,) = {cell.part.rpartition("/")[0] for cell in window.lab.project.cells if cell.part}
    assert name.startswith(tr("Character"))
    assert not name.startswith("Character")


def test_keys_of_the_canvas_are_the_same(window: MainWindow) -> None:
    hands = Hands(window)
    canvas = hands.find("draw.canvas")
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_U, Qt.KeyboardModifier.ShiftModifier)
    assert window.workspace("draw").tools.tool == "ellipse"


@pytest.mark.skipif(PSEUDO, reason="its words are longer than those of any language")
def test_the_panel_is_as_wide_whatever_it_shows(full: MainWindow, theme: ThemeManager) -> None:  # noqa: F811
    """It was once wider in Spanish on one page of Data, and in German with a group of Draw open."""
    theme.set_text_size(150)
    full.resize(1280, 800)
    full.navigator.go("data", "split")
    table = full.findChild(QTableWidget, "data.split.table")
    assert table is not None
    until(lambda: table.rowCount() > 0)
    settle(full)
    width = full.inspector.width()
    draw = full.navigator.draw
    full.navigator.go("draw", "")
    for group in draw.panel.folds:
        draw.panel.reveal(group)
        was_open = group.is_open
        group.set_open(True)
        settle(full)
        assert full.inspector.width() == width, group.objectName()
        group.set_open(was_open)


@pytest.mark.skipif(PSEUDO, reason="its words are longer than those of any language")
def test_a_character_is_no_smaller_beside_tries(
    turned: tuple[Hands, dict[str, int]],  # noqa: F811
    theme: ThemeManager,
) -> None:
    """In German, at 150 %, its cells once had one point per pixel as soon as there were tries."""
    hands, _ = turned
    window, page = hands.window, hands.window.navigator.draw.page("character")
    for percent in (100, 150):
        theme.set_text_size(percent)
        window.resize(1280, 760)
        settle(window)
        assert page.sheet.cell_rect(0).width() >= 2 * hands.lab.project.side
        tries = hands.find("draw.character.tries.right_0")
        assert tries.visibleRegion().boundingRect() == tries.rect(), "a whole row"


def test_no_two_commands_look_alike(window: MainWindow) -> None:
    """The ends of the commands to rotate left and right were once cut off."""
    hands = PaletteHands(window)
    tree = hands.open().list
    for typed in ("", "a"):
        hands.type(typed)
        room, words = tree.columnWidth(0) - 16, tree.fontMetrics()
        rows = dict.fromkeys(hands.rows)
        shown = Counter(
            (words.elidedText(text, tree.textElideMode(), room), place) for text, place, _ in rows
        )
        assert not [seen for seen, count in shown.items() if count > 1]
