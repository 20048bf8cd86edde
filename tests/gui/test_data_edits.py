"""Data edited like a person would: selecting many, labeling by keys, dropping,
undo, saving, copies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app.data import data_edits
from sprite_lab.app.data.data_tasks import save_data
from sprite_lab.app.lab import Lab
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.sprites import BUILTIN, BUILTIN_TITLE, SpriteSet
from sprite_lab.core.sets.texts import Texts
from sprite_lab.formats.sets.sprites import load_sprites, save_sprites
from sprite_lab.paths import resource
from sprite_lab.ui.data import browse
from sprite_lab.ui.data.facts import chosen_facts, laid_out, sprite_facts
from sprite_lab.ui.shell import file_actions
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser
from sprite_lab.words import use_language
from tests.gui.hands import Hands, choosing
from tests.made import make_sprites
from tests.qt import activate

pytestmark = pytest.mark.opens("data")

LEFT = Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
Visible = Callable[[type, str], Any]


@pytest.fixture
def data(window: MainWindow, lab: Lab) -> SpriteSet:
    sprites = make_sprites(300)
    names = np.array([f"{'axe' if i % 2 else 'boat'} {i}" for i in range(300)])
    sprites = replace(sprites, names=names, source=np.where(np.arange(300) < 200, "ann", "bob"))
    lab.data.set(sprites)
    window.show_workspace("data")
    return sprites


@pytest.fixture
def browser(data: SpriteSet, visible: Visible) -> SpriteBrowser:
    found: SpriteBrowser = visible(SpriteBrowser, "data.browser")
    found.setFocus()
    return found


def click(browser: SpriteBrowser, index: int, held: Qt.KeyboardModifier = NONE) -> None:
    place = browser.cell_rect(index).center().toPoint()
    QTest.mouseClick(browser.viewport(), LEFT, held, place)


def chosen(browser: SpriteBrowser) -> list[int]:
    return browser.chosen_rows.tolist()  # type: ignore[no-any-return]


def test_many_are_chosen_as_in_a_list_of_files(browser: SpriteBrowser) -> None:
    click(browser, 3)
    assert chosen(browser) == [3]
    click(browser, 6, SHIFT)
    assert chosen(browser) == [3, 4, 5, 6]
    click(browser, 9, CTRL)
    click(browser, 4, CTRL)
    assert chosen(browser) == [3, 5, 6, 9]
    click(browser, 6, CTRL | SHIFT)
    assert chosen(browser) == [3, 4, 5, 6, 9]
    QTest.keyClick(browser, Qt.Key.Key_A, CTRL)
    assert len(chosen(browser)) == 300
    QTest.keyClick(browser, Qt.Key.Key_Home)
    QTest.keyClick(browser, Qt.Key.Key_Right, SHIFT)
    assert chosen(browser) == [0, 1]
    QTest.keyClick(browser, Qt.Key.Key_Right, CTRL)
    QTest.keyClick(browser, Qt.Key.Key_Right, CTRL)
    QTest.keyClick(browser, Qt.Key.Key_Space, CTRL)
    assert chosen(browser) == [0, 1, 3]


def test_a_rubber_band_chooses_what_it_touches(browser: SpriteBrowser) -> None:
    view, columns = browser.viewport(), browser.columns

    def band(start: int, end: int, held: Qt.KeyboardModifier = NONE) -> None:
        a, b = (browser.cell_rect(i).center().toPoint() for i in (start, end))
        QTest.mousePress(view, LEFT, held, a)
        for share in (0.3, 0.6, 1.0):
            QTest.mouseMove(view, a + QPoint(*(round(share * v) for v in (b - a).toTuple())))
            QApplication.processEvents()
        QTest.mouseRelease(view, LEFT, held, b)

    band(1, columns + 3)
    assert chosen(browser) == [1, 2, 3, columns + 1, columns + 2, columns + 3]
    QTest.mouseClick(view, LEFT, NONE, QPoint(view.width() - 2, view.height() - 2))
    assert chosen(browser) == []


def test_keys_label_and_edit_undo_takes_it_back(
    browser: SpriteBrowser, lab: Lab, window: MainWindow, data: SpriteSet
) -> None:
    click(browser, 0)
    click(browser, 2, SHIFT)
    QTest.keyClick(browser, Qt.Key.Key_4)
    assert lab.data.value.labels[:4].tolist() == [3, 3, 3, 3]
    assert chosen(browser) == [0, 1, 2]
    QTest.keyClick(browser, Qt.Key.Key_0)
    assert lab.data.value.labels[:3].tolist() == [-1, -1, -1]
    undo = window.findChild(QAction, "edit.undo")
    assert undo.text() == "&Undo label 3 sprites no class"
    undo.trigger()
    assert lab.data.value.labels[:3].tolist() == [3, 3, 3]
    activate(window)
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert lab.data.value.labels.tolist() == data.labels.tolist()
    window.show_workspace("draw")
    assert not undo.isEnabled(), "the project has no history"
    window.findChild(QAction, "edit.redo").trigger()
    assert lab.data.value.labels.tolist() == data.labels.tolist()
    window.show_workspace("data")
    window.findChild(QAction, "edit.redo").trigger()
    assert lab.data.value.labels[:3].tolist() == [3, 3, 3]


def test_what_is_relabeled_leaves_the_filter_and_the_next_is_chosen(
    browser: SpriteBrowser, lab: Lab, visible: Visible, data: SpriteSet
) -> None:
    visible(QComboBox, "data.class").setCurrentIndex(3)
    food = np.flatnonzero(data.labels == 2)
    click(browser, 1)
    QTest.keyClick(browser, Qt.Key.Key_1)
    assert lab.data.value.labels[food[1]] == 0
    assert browser.count == len(food) - 1
    assert chosen(browser) == [1]
    assert f"Sprite {food[2] + 1} of" in visible(QLabel, "data.facts").text()


def test_dropping_keeps_the_place(browser: SpriteBrowser, lab: Lab, visible: Visible) -> None:
    click(browser, 5)
    click(browser, 7, SHIFT)
    QTest.keyClick(browser, Qt.Key.Key_Delete)
    assert len(lab.data.value) == 297
    assert browser.current == 7
    assert visible(QLabel, "data.count").text() == "297 sprites"
    assert "not saved" in visible(QLabel, "data.info").text()
    lab.edits.history.undo()
    assert browser.count == 300
    assert "not saved" not in visible(QLabel, "data.info").text()


def test_what_was_chosen_is_not_looked_for_in_a_smaller_set(
    browser: SpriteBrowser, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=10_000)
    QTest.keyClick(browser, Qt.Key.Key_End)
    QTest.keyClick(browser, Qt.Key.Key_Left, SHIFT)
    QTest.keyClick(browser, Qt.Key.Key_Home, CTRL)
    QTest.keyClick(browser, Qt.Key.Key_Space, CTRL)
    assert (browser.current, chosen(browser)) == (0, [0, 298, 299])
    QTest.keyClick(browser, Qt.Key.Key_Delete)
    assert len(lab.data.value) == 297
    QTest.keyClick(browser, Qt.Key.Key_A, CTRL)
    lab.data.set(make_sprites(40, seed=1))
    assert chosen(browser) == [0]
    assert "Sprite 1 of 40" in visible(QLabel, "data.facts").text()


def test_typed_words_and_flaws_narrow_what_is_shown(
    browser: SpriteBrowser, visible: Visible, qtbot: QtBot
) -> None:
    search = visible(QLineEdit, "data.search")
    places = [visible(QComboBox, f"data.{name}").pos() for name in ("class", "source")]
    QTest.keyClicks(search, "axe bob")
    QApplication.processEvents()
    after = [visible(QComboBox, f"data.{name}").pos() for name in ("class", "source")]
    assert after == places, "the button that clears it needs room, too"
    qtbot.waitUntil(lambda: browser.count == 50, timeout=5000)
    assert visible(QLabel, "data.count").text() == "50 of 300 sprites"
    search.clear()
    qtbot.waitUntil(lambda: browser.count == 300, timeout=5000)
    visible(QComboBox, "data.source").setCurrentIndex(2)
    assert browser.count == 100
    visible(QComboBox, "data.source").setCurrentIndex(0)
    show = visible(QComboBox, "data.show")
    show.setCurrentIndex(show.findText("One color"))
    qtbot.waitUntil(lambda: browser.count == 300, timeout=10_000)
    show.setCurrentIndex(show.findText("Soft edges"))
    assert browser.count == 0


def test_classes_are_made_renamed_and_removed_by_hand(
    browser: SpriteBrowser, lab: Lab, visible: Visible
) -> None:
    click(browser, 0)
    click(browser, 1, SHIFT)
    field = visible(QLineEdit, "data.new_class")
    QTest.keyClicks(field, "boat")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert lab.data.value.class_names[-1] == "boat"
    assert np.flatnonzero(lab.data.value.labels == 5).tolist() == [0, 1]
    table = visible(QTableWidget, "data.classes")
    table.setCurrentCell(5, 1)
    QTest.mouseClick(visible(QWidget, "data.rename"), LEFT)
    editor = table.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "ship")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert lab.data.value.class_names[-1] == "ship"
    click(browser, 9)
    QTest.mouseClick(visible(QWidget, "data.give"), LEFT)
    assert np.flatnonzero(lab.data.value.labels == 5).tolist() == [0, 1, 9]
    QTest.mouseClick(visible(QWidget, "data.remove_class"), LEFT)
    assert len(lab.data.value.class_names) == 5
    assert lab.data.value.labels[[0, 1, 9]].tolist() == [-1, -1, -1]


def test_the_class_of_the_chosen_sprite_is_marked(
    browser: SpriteBrowser, lab: Lab, visible: Visible
) -> None:
    table = visible(QTableWidget, "data.classes")

    def has_ink(image: QImage) -> bool:
        return any(image.pixelColor(x, y).alpha() for x in range(12) for y in range(12))

    def marked() -> list[int]:
        pictures = [table.item(row, 1).icon().pixmap(12).toImage() for row in range(3)]
        return [row for row, image in enumerate(pictures) if has_ink(image)]

    for label in (2, 0):
        click(browser, int(np.flatnonzero(lab.data.value.labels == label)[0]))
        assert marked() == [label]


def test_the_class_of_the_chosen_sprite_is_in_sight_and_said(
    browser: SpriteBrowser, lab: Lab, visible: Visible
) -> None:
    """Beyond the seventh class, no tick was visible; for a sprite without a
    class, nothing was said.
    """
    sprites = lab.data.value
    names = (*sprites.class_names, *(f"more {k}" for k in range(8)))
    labels = sprites.labels.copy()
    labels[:2] = len(names) - 1, -1
    lab.data.set(replace(sprites, class_names=names, labels=labels))
    table, facts = visible(QTableWidget, "data.classes"), visible(QLabel, "data.facts")
    for sprite, said, row in ((0, "Class: more 7", len(names) - 1), (1, "Class: –", len(names))):
        click(browser, sprite)
        assert said in facts.text()
        assert table.viewport().rect().contains(table.visualItemRect(table.item(row, 1)))
    click(browser, int(np.flatnonzero(labels == 0)[0]))
    assert table.viewport().rect().contains(table.visualItemRect(table.item(0, 1)))


def test_a_class_is_shown_by_its_words_and_renamed_as_files_have_it(
    browser: SpriteBrowser, lab: Lab, visible: Visible
) -> None:
    row = lab.data.value.class_names.index("side_facing")
    some = int(np.flatnonzero(lab.data.value.labels == row)[0])
    click(browser, some)
    table = visible(QTableWidget, "data.classes")
    assert table.item(row, 1).text() == "side facing"
    assert "side_facing" in table.item(row, 1).toolTip()
    assert "side_facing" in visible(QWidget, "data.rename").toolTip()
    assert chosen_facts(lab.data.value, np.array([some])).endswith("side facing: 1")
    table.setCurrentCell(row, 1)
    QTest.mouseClick(visible(QWidget, "data.rename"), LEFT)
    editor = table.findChild(QLineEdit)
    assert editor.text() == "side_facing", "what is edited is its name"
    editor.selectAll()
    QTest.keyClicks(editor, "from_behind")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert lab.data.value.class_names[row] == "from_behind"
    assert table.item(row, 1).text() == "from behind"


def test_facts_are_lines_apart_below_a_title_and_nothing_in_them_is_markup() -> None:
    shown = laid_out("Sprite 1 of 2\n<img> & co\nClass: food", title=1)
    assert "<b>&lt;img&gt; &amp; co</b>" in shown
    assert shown.count("<p ") == 3
    assert "Class: food</p>" in shown


def test_the_built_in_set_has_one_name_as_a_source(
    browser: SpriteBrowser, data: SpriteSet, lab: Lab, visible: Visible
) -> None:
    lab.data.set(replace(data, source=np.where(np.arange(300) < 200, "builtin", "bob")))
    sources = visible(QComboBox, "data.source")
    assert [sources.itemText(row) for row in range(3)] == [
        "All sources",
        "Built-in sprites (200)",
        "bob (100)",
    ]
    assert "From: Built-in sprites" in sprite_facts(lab.data.value, 0)
    go(visible, "credits")
    table = visible(QTableWidget, "data.credits")
    assert {table.item(row, 0).text() for row in range(2)} == {"Built-in sprites", "bob"}


def test_unsaved_changes_are_asked_about_and_saved(
    browser: SpriteBrowser,
    lab: Lab,
    window: MainWindow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    hands = Hands(window)
    window.show_workspace("data")
    click(browser, 0)
    QTest.keyClick(browser, Qt.Key.Key_Delete)
    assert "*" in window.top_bar.data.text()
    asked = hands.answer("unsaved_data.cancel")
    lab.want_data("")
    assert "Save the changes" in asked[0]
    assert len(lab.data.value) == 299
    hands.answer("unsaved_data.cancel")
    window.close()
    assert window.isVisible()
    file = tmp_path / "mine.npz"
    monkeypatch.setattr(file_actions, "ask_save", choosing(file))
    other = tmp_path / "other.npz"
    save_sprites(other, make_sprites(7))
    hands.answer("unsaved_data.save")
    lab.want_data(other)
    qtbot.waitUntil(lambda: len(lab.data.value) == 7, timeout=10_000)
    assert len(load_sprites(file)) == 299
    assert "*" not in window.top_bar.data.text()
    # It is saved where it was opened, unless the user chooses another place.
    offered: list[str] = []
    monkeypatch.setattr(file_actions, "ask_save", lambda *told, **_: offered.append(told[3]))
    window.files.save_data_as()
    # Save alone asks nothing.
    lab.edits.drop(np.array([0]))
    window.menus.actions["file.save_data"].trigger()
    qtbot.waitUntil(lambda: lab.edits.is_clean, timeout=10_000)
    assert len(load_sprites(other)) == 6
    assert len(offered) == 1
    ground = resource("ground.npz")
    lab.want_data(ground)
    qtbot.waitUntil(lambda: lab.data_path == ground, timeout=10_000)
    use_language("de")
    assert lab.data_title == "Böden"
    window.files.save_data()
    assert offered[0] == str(other)
    assert Path(offered[1]).parent == Path(), "nothing is saved among the program's own files"


def test_a_store_is_saved_under_another_name_as_it_is_never_replaced(
    window: MainWindow, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(file_actions, "MOST_STUDIED", 5)
    drain(save_data(tmp_path / "many.sprites", make_sprites(7))(RunControl()))
    lab.want_data(tmp_path / "many.sprites")
    qtbot.waitUntil(lambda: lab.data.value is not None, timeout=10_000)
    lab.edits.drop(np.array([0]))
    monkeypatch.setattr(file_actions, "ask_save", choosing(tmp_path / "fewer.sprites"))
    window.menus.actions["file.save_data"].trigger()
    qtbot.waitUntil(lambda: lab.edits.is_clean, timeout=10_000)
    assert len(load_sprites(tmp_path / "fewer.sprites")) == 6


def test_a_large_set_is_looked_through_by_the_worker(
    window: MainWindow,
    lab: Lab,
    visible: Visible,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    monkeypatch.setattr(browse, "_AT_ONCE", 100)
    monkeypatch.setattr(data_edits, "MOST_TO_DROP_FROM", 100)
    words = [b"axe", b"boat"]
    texts = Texts(np.frombuffer(b"".join(words), np.uint8), np.array([3, 7]), np.arange(300) % 2)
    lab.data.set(replace(make_sprites(300), names=texts, source=texts))
    window.show_workspace("data")
    browser = visible(SpriteBrowser, "data.browser")
    qtbot.waitUntil(lambda: browser.count == 300, timeout=10_000)
    facts = window.workspace("data").facts
    assert facts.figures is None, "nothing is measured that nobody asks for"
    visible(QComboBox, "data.source").setCurrentIndex(2)
    qtbot.waitUntil(lambda: browser.count == 150, timeout=10_000)
    visible(QComboBox, "data.order").setCurrentIndex(5)
    qtbot.waitUntil(lambda: facts.figures is not None, timeout=10_000)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=10_000)
    click(browser, 3)
    QTest.keyClick(browser, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=10_000)
    row = int(window.workspace("data").page("browse").chosen[0])
    assert lab.data.value.labels[row] == 1
    assert not visible(QWidget, "data.drop").isEnabled()
    assert "up to 100" in visible(QWidget, "data.drop").toolTip()


# -- the other pages -------------------------------------------------------------------------


def with_copies() -> SpriteSet:
    """30 sprites: 3 equal the first, and 1 is the second one mirrored."""
    sprites = make_sprites(30, seed=4)
    images, alpha = sprites.images.copy(), sprites.alpha.copy()
    images[[10, 20, 29]], alpha[[10, 20, 29]] = images[0], alpha[0]
    images[15], alpha[15] = images[1, :, ::-1], alpha[1, :, ::-1]
    return replace(sprites, images=images, alpha=alpha, group=np.arange(30))


def go(visible: Visible, page: str) -> None:
    QTest.mouseClick(visible(QWidget, f"data.tabs.{page}"), LEFT)


def test_one_of_each_copy_is_kept(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    lab.data.set(with_copies())
    window.show_workspace("data")
    go(visible, "duplicates")
    browser = visible(SpriteBrowser, "data.copies")
    QTest.mouseClick(visible(QWidget, "data.copies.kind.equal"), LEFT)
    qtbot.waitUntil(lambda: browser.count > 0, timeout=20_000)
    assert visible(QLabel, "data.copies.count").text() == "1 group, 4 sprites"
    click(browser, 2)
    QTest.mouseClick(visible(QWidget, "data.copies.drop_others"), LEFT)
    assert len(lab.data.value) == 27
    assert browser.count == 0
    lab.edits.history.undo()
    assert browser.count == 4
    QTest.mouseClick(visible(QWidget, "data.copies.kind.near"), LEFT)
    groups = browser.count
    assert groups >= 6
    QTest.mouseClick(visible(QWidget, "data.copies.keep_one"), LEFT)
    assert browser.count == 0
    assert not visible(QWidget, "data.copies.keep_one").isEnabled()
    activate(window)
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert len(lab.data.value) == 30


def test_leaks_are_found_and_mended(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    lab.data.set(with_copies())  # without groups
    window.show_workspace("data")
    go(visible, "split")
    table = visible(QTableWidget, "data.split.table")
    words = [table.item(0, column).text() for column in range(3)]
    assert words == ["All", "–", "–"], "nothing is counted until the set is split"
    assert visible(QLabel, "data.split.count").text() == ""
    check = visible(QLabel, "data.split.check")
    qtbot.waitUntil(
        lambda: "in both parts" in check.text() and "…" not in check.text(), timeout=20_000
    )
    total = int(table.item(0, 1).text()), int(table.item(0, 2).text())
    assert sum(total) == 30
    sides = lab.data.value.labels  # the numbers in the table add up, class by class
    for i in range(5):
        row = [int(table.item(i + 1, c).text()) for c in (1, 2)]
        assert sum(row) == (sides == i).sum()
    join = visible(QWidget, "data.split.join")
    if join.isEnabled():
        QTest.mouseClick(visible(QWidget, "data.split.side.leaks"), LEFT)
        assert visible(SpriteBrowser, "data.split").count > 0
        QTest.mouseClick(join, LEFT)
        qtbot.waitUntil(lambda: check.text().startswith("No near-copies"), timeout=20_000)
        assert visible(SpriteBrowser, "data.split").count == 0
        assert lab.edits.history.undo_text == "Group near-copies"
    assert len(set(lab.data.value.group[[0, 10, 20, 29]].tolist())) in (1, 4)


def test_a_color_leads_to_its_sprites(
    window: MainWindow, lab: Lab, data: SpriteSet, visible: Visible, qtbot: QtBot
) -> None:
    go(visible, "colors")
    facts = visible(QLabel, "data.colors.facts")
    qtbot.waitUntil(lambda: "different colors" in facts.text(), timeout=20_000)
    swatches = visible(QWidget, "data.colors.swatches")
    QTest.mouseClick(swatches, LEFT, NONE, swatches.swatch_rect(1).center().toPoint())
    words = visible(QLabel, "data.colors.color").text()
    rgb = bytes.fromhex(words[1:7])
    QTest.mouseClick(visible(QWidget, "data.colors.find"), LEFT)
    browser = window.findChild(SpriteBrowser, "data.browser")
    qtbot.waitUntil(browser.isVisible, timeout=10_000)
    same = (data.images == list(rgb)).all(-1) & (data.alpha >= 128)
    assert chosen(browser) == np.flatnonzero(same.any((1, 2))).tolist()
    go(visible, "colors")
    QTest.mouseClick(visible(QWidget, "data.colors.take"), LEFT)
    assert window.current == "draw"
    assert (*rgb, 255) in lab.project.palette


def test_credits_are_written_and_said(
    window: MainWindow, lab: Lab, data: SpriteSet, visible: Visible
) -> None:
    go(visible, "credits")
    table = visible(QTableWidget, "data.credits")
    assert [table.item(i, 0).text() for i in range(2)] == ["ann", "bob"]
    assert table.item(0, 1).text() == "200"
    table.setFocus()
    for column, text in ((2, "Pack"), (3, "Ann"), (4, "CC0")):
        table.setCurrentCell(0, column)
        QTest.keyClick(table, Qt.Key.Key_F2)
        (editor,) = (e for e in table.findChildren(QLineEdit) if e.isVisible())
        QTest.keyClicks(editor, text)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        QApplication.processEvents()
    assert lab.data.value.credits == (Credit("ann", "Pack", "Ann", "CC0"),)
    assert visible(QLabel, "data.credits.text").text() == "“Pack” by Ann (CC0)"
    QTest.mouseClick(visible(QWidget, "data.credits.copy"), LEFT)
    assert QApplication.clipboard().text() == "“Pack” by Ann (CC0)"
    lab.edits.history.undo()
    assert table.item(0, 4).text() == ""


def test_the_built_in_set_has_one_name_in_its_credits(
    window: MainWindow, lab: Lab, data: SpriteSet, visible: Visible
) -> None:
    """In German, the credits once called the “Eingebaute Sprites” “Built-in sprites”."""
    go(visible, "credits")
    table = visible(QTableWidget, "data.credits")
    use_language("de")
    builtin = Credit(BUILTIN, BUILTIN_TITLE, "Sprite Lab", "MIT")
    lab.data.set(replace(data, source=np.full(300, BUILTIN), credits=(builtin,)))
    assert [table.item(0, column).text() for column in (0, 2)] == ["Eingebaute Sprites"] * 2
    assert visible(QLabel, "data.credits.text").text() == "“Built-in sprites” by Sprite Lab (MIT)"


def test_dropped_sprites_are_gone_from_every_page(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    lab.data.set(with_copies())
    window.show_workspace("data")
    for page in ("duplicates", "colors", "split", "credits", "browse"):
        go(visible, page)
    facts = window.workspace("data").facts
    qtbot.waitUntil(lambda: facts.copies is not None and facts.colors is not None, timeout=20_000)
    qtbot.waitUntil(lambda: facts.sides is not None, timeout=20_000)
    click(visible(SpriteBrowser, "data.browser"), 4)
    QTest.keyClick(visible(SpriteBrowser, "data.browser"), Qt.Key.Key_Delete)
    for page in ("split", "duplicates", "colors"):
        go(visible, page)
    qtbot.waitUntil(lambda: facts.sides is not None and facts.colors is not None, timeout=20_000)
    assert len(facts.figures) == len(facts.sides) == len(facts.copies.near) == 29
    go(visible, "credits")
    assert visible(QTableWidget, "data.credits").item(0, 1).text() == "29"
    lab.edits.history.undo()
    assert len(facts.figures) == 30
    qtbot.waitUntil(lambda: facts.sides is not None and len(facts.sides) == 30, timeout=20_000)


def test_pages_without_a_set_say_so(window: MainWindow, visible: Visible) -> None:
    window.show_workspace("data")
    for page in ("duplicates", "colors", "split", "credits", "browse"):
        go(visible, page)
        window.grab()


def test_words_are_typed_shown_and_filtered_by(
    browser: SpriteBrowser, lab: Lab, visible: Visible
) -> None:
    click(browser, 3)
    line = visible(QLineEdit, "data.words")
    line.setFocus()
    QTest.keyClicks(line, "red slime ")
    assert lab.data.value.words[3] == "red slime"
    click(browser, 5, CTRL)
    red = visible(QPushButton, "data.words.red")
    assert red.property("partly")
    assert "1 of 2" in red.toolTip()
    line.setFocus()
    QTest.keyClicks(line, "red")
    line.own_completer.popup().hide()  # like a click beside it
    click(browser, 6)  # the typed text belongs to the sprites chosen before
    assert lab.data.value.words[5] == "red"
    assert lab.data.value.words[6] == ""
    table = visible(QTableWidget, "data.word_counts")
    rows = [[table.item(row, column).text() for column in (0, 1)] for row in range(2)]
    assert rows == [["red", "2"], ["slime", "1"]]
    # Nothing below it moves when a word is removed.
    height = table.height()
    lab.edits.remove_word(np.array([3]), "slime")
    assert (table.rowCount(), table.height()) == (1, height)
    lab.edits.history.undo()
    table.setCurrentCell(0, 0)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert visible(QLineEdit, "data.search").text() == "word:red"
    visible(QLineEdit, "data.search").returnPressed.emit()
    assert browser.count == 2
    lab.edits.history.undo()
    assert lab.data.value.words[5] == ""
