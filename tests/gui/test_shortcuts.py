"""Changed keys work at once, persist, and never have two meanings."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QTreeWidgetItemIterator,
    QWidget,
)

from sprite_lab.app.draw.tools.tool_table import CANVAS_KEYS, TOOLS
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings
from sprite_lab.ui.help import keys
from sprite_lab.ui.shell.key_bindings import with_key
from sprite_lab.ui.shell.main_window import MainWindow
from tests.gui.hands import LEFT, NONE, Hands

pytestmark = pytest.mark.opens("draw", shared=True)

CTRL = Qt.KeyboardModifier.ControlModifier


class KeysHands(Hands):
    """Hands that change keys in the dialog."""

    def open(self) -> QDialog:
        self.window.menus.actions["edit.keys"].trigger()
        self.dialog: QDialog = self.find("keys", QDialog)
        return self.dialog

    def part(self, name: str, kind: type = QWidget):  # type: ignore[no-untyped-def]
        return self.dialog.findChild(kind, name)

    def row(self, text: str, place: str) -> QTreeWidgetItem:
        tree = self.part("keys.list", QTreeWidget)
        walk = QTreeWidgetItemIterator(tree)
        while walk.value() is not None:
            item = walk.value()
            if item.text(0) == text and item.parent() and item.parent().text(0) == place:
                return item
            walk += 1
        raise AssertionError(f"no row '{text}' in {place}")

    def select(self, text: str, place: str) -> None:
        tree = self.part("keys.list", QTreeWidget)
        item = self.row(text, place)
        tree.scrollToItem(item)
        QTest.mouseClick(tree.viewport(), LEFT, NONE, tree.visualItemRect(item).center())
        assert tree.currentItem() is item

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.part("keys.edit", QKeySequenceEdit), key, held)

    def push(self, name: str) -> None:
        QTest.mouseClick(self.part(name, QPushButton), LEFT)

    @property
    def said(self) -> str:
        return self.part("keys.said", QLabel).text()

    def give(self, text: str, place: str, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        self.open()
        self.select(text, place)
        self.press(key, held)
        self.push("keys.give")
        self.push("keys.close")

    def type_on_canvas(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        canvas = self.find("draw.canvas")
        canvas.setFocus()
        QTest.keyClick(canvas, key, held)

    @property
    def tool(self) -> str:
        (name,) = (t.name for t in TOOLS if self.find(f"draw.tool.{t.name}").isChecked())
        return name


@pytest.fixture
def hands(window: MainWindow) -> KeysHands:
    return KeysHands(window)


def test_a_menu_action_gets_another_key(hands: KeysHands) -> None:
    hands.paint(1, 1)
    hands.give("Undo", "Window", Qt.Key.Key_B, CTRL)
    hands.type_on_canvas(Qt.Key.Key_Z, CTRL)
    assert not hands.cell().is_blank
    hands.type_on_canvas(Qt.Key.Key_B, CTRL)
    assert hands.cell().is_blank
    # Tooltips show the key, too, even recreated ones.
    hands.paint(1, 1)
    assert hands.find("draw.undo").toolTip().endswith("(Ctrl+B)")


def test_a_tool_gets_another_letter(hands: KeysHands) -> None:
    hands.give("Bucket", "Canvas", Qt.Key.Key_P)
    hands.type_on_canvas(Qt.Key.Key_P)
    assert hands.tool == "bucket"
    assert hands.find("draw.tool.bucket").toolTip().startswith("Bucket (P): ")
    hands.type_on_canvas(Qt.Key.Key_B)
    assert hands.tool == "pencil"
    hands.type_on_canvas(Qt.Key.Key_G)
    assert hands.tool == "pencil", "G means nothing any longer"


def test_a_key_that_is_taken_says_by_whom_and_goes_over(hands: KeysHands) -> None:
    hands.open()
    hands.select("Duplicate", "Draw")
    hands.press(Qt.Key.Key_S, CTRL)
    assert "Ctrl+S belongs to “Save project” (Window)" in hands.said
    hands.push("keys.give")
    assert hands.row("Save project", "Window").text(1) == "No key  (changed)"
    assert hands.row("Duplicate", "Draw").text(1) == "Ctrl+S  (changed)"
    assert hands.window.menus.actions["file.save"].shortcut() == QKeySequence()
    hands.push("keys.reset")
    assert hands.row("Duplicate", "Draw").text(1) == "Ctrl+Shift+D"


def test_the_usual_key_comes_back_from_whoever_has_it(hands: KeysHands) -> None:
    hands.give("Duplicate", "Draw", Qt.Key.Key_S, CTRL)
    hands.open()
    hands.select("Save project", "Window")
    hands.push("keys.reset")
    assert hands.row("Save project", "Window").text(1) == "Ctrl+S"
    assert hands.row("Duplicate", "Draw").text(1) == "No key  (changed)"


def test_a_key_that_was_given_is_not_taken_away_by_the_next_press(hands: KeysHands) -> None:
    """The focus once went to “No key”."""
    hands.open()
    hands.select("Duplicate", "Draw")
    hands.press(Qt.Key.Key_S, CTRL)
    give = hands.part("keys.give")
    give.setFocus()
    QTest.keyClick(give, Qt.Key.Key_Space)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return):
        QTest.keyClick(hands.dialog.focusWidget(), key)
    assert hands.dialog.isVisible()
    assert hands.row("Duplicate", "Draw").text(1) == "Ctrl+S  (changed)"


def test_an_invalid_key_is_refused(hands: KeysHands) -> None:
    for text, place, key, held, said in (
        ("Undo", "Window", Qt.Key.Key_Q, NONE, "Plain keys belong to the canvas"),
        ("Bucket", "Canvas", Qt.Key.Key_G, CTRL, "On the canvas a key can be a letter"),
        ("Bucket", "Canvas", Qt.Key.Key_F, NONE, "F shows the whole sprite"),
    ):
        hands.open()
        hands.select(text, place)
        before = hands.row(text, place).text(1)
        hands.press(key, held)
        assert said in hands.said
        assert not hands.part("keys.give").isEnabled()
        assert hands.row(text, place).text(1) == before
        hands.push("keys.close")


def test_an_action_can_be_without_a_key(hands: KeysHands) -> None:
    hands.open()
    hands.select("Pencil", "Canvas")
    hands.push("keys.clear")
    hands.push("keys.close")
    hands.type_on_canvas(Qt.Key.Key_E)
    hands.type_on_canvas(Qt.Key.Key_B)
    assert hands.tool == "eraser"


def test_all_keys_come_back(hands: KeysHands, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(_parent: QWidget, _title: str, text: str, _yes: str, **_: str) -> bool:
        asked.append(text)
        return len(asked) > 1

    monkeypatch.setattr(keys, "confirm", answer)
    hands.open()
    assert not hands.part("keys.reset_all").isEnabled()
    hands.push("keys.close")
    hands.give("Bucket", "Canvas", Qt.Key.Key_P)
    hands.give("Undo", "Window", Qt.Key.Key_B, CTRL)
    hands.open()
    hands.push("keys.reset_all")
    assert hands.row("Bucket", "Canvas").text(1) == "P  (changed)"
    hands.push("keys.reset_all")
    assert asked == ["2 actions get their default keys back."] * 2
    assert not hands.part("keys.reset_all").isEnabled()
    hands.push("keys.close")
    hands.type_on_canvas(Qt.Key.Key_G)
    assert hands.tool == "bucket"
    assert hands.find("draw.tool.bucket").toolTip().startswith("Bucket (G): ")
    assert hands.lab.settings.value.keys == {}
    undo = hands.window.menus.actions["edit.undo"]
    assert undo.shortcut() == QKeySequence("Ctrl+Z")


def test_rows_are_searched_by_action_and_by_key(hands: KeysHands) -> None:
    hands.open()
    search = hands.part("keys.search", QLineEdit)
    QTest.keyClicks(search, "buck")
    assert not hands.row("Bucket", "Canvas").isHidden()
    assert hands.row("Undo", "Window").isHidden()
    search.clear()
    QTest.keyClicks(search, "ctrl+z")
    assert hands.row("Bucket", "Canvas").isHidden()
    assert not hands.row("Undo", "Window").isHidden()


def test_keys_are_kept_for_the_next_launch(hands: KeysHands, qtbot: object) -> None:
    hands.give("Bucket", "Canvas", Qt.Key.Key_P)
    hands.give("Undo", "Window", Qt.Key.Key_B, CTRL)
    hands.lab.settings.save()
    again = Lab(Settings())
    other = MainWindow(again)
    other.workspace("draw")
    assert other.menus.actions["edit.undo"].shortcut() == QKeySequence("Ctrl+B")
    bucket = other.findChild(QWidget, "draw.tool.bucket")
    assert bucket is not None
    assert bucket.toolTip().startswith("Bucket (P): ")
    other.closing.safe = True
    other.close()
    other.deleteLater()
    assert again.jobs.shut_down(60)


def test_damaged_keys_in_the_settings_do_no_harm(lab: Lab) -> None:
    lab.settings.replace(keys={"edit.undo": 7, "edit.redo": [1], "nothing": ["Ctrl+K"]})
    window = MainWindow(lab)
    assert window.menus.actions["edit.undo"].shortcut() == QKeySequence("Ctrl+Z")
    window.closing.safe = True
    window.close()
    window.deleteLater()


def test_the_list_of_keys_has_every_letter_and_what_was_changed(hands: KeysHands) -> None:
    hands.give("Bucket", "Canvas", Qt.Key.Key_P)
    seen: list[str] = []

    def read() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        text = dialog.findChild(QTextBrowser, "help.keys")
        seen.append(text.toPlainText())
        QTest.keyClicks(dialog.findChild(QLineEdit, "help.keys.search"), "bucket")
        seen.append(text.toPlainText())
        QTest.keyClick(dialog.findChild(QLineEdit, "help.keys.search"), Qt.Key.Key_Return)
        assert dialog.isVisible(), "Enter while searching closes nothing"
        QTest.mouseClick(dialog.findChild(QPushButton, "help.keys.close"), LEFT)

    QTimer.singleShot(50, read)
    QTest.keyClick(hands.window, Qt.Key.Key_Question)
    everything, found = seen
    lines = [line.strip() for line in everything.splitlines()]
    for spec in CANVAS_KEYS:
        assert spec.text in lines
        key = "P" if spec.name == "canvas.bucket" else spec.keys[0]
        assert lines[lines.index(spec.text) - 1] == key
    for text in ("Command palette", "Save project", "Copy", "Move cell left", "Onion skin"):
        assert text in lines
    assert [line for line in found.splitlines() if line.strip()] == ["Canvas", "P", "Bucket"]


def test_no_two_actions_share_a_key_where_both_would_act(hands: KeysHands) -> None:
    bindings = hands.window.desktop.bindings
    for binding in bindings.all.values():
        for key in binding.usual:
            rival = bindings.rival(binding.name, key)
            assert rival is None, f"{key}: {binding.name} and {rival and rival.name}"


def test_keys_in_tooltips() -> None:
    assert with_key("Copy (Ctrl+C)", "Ctrl+C", "Ctrl+K") == "Copy (Ctrl+K)"
    assert with_key("Pencil (B): draws", "B", "") == "Pencil: draws"
    assert with_key("Size ([ and ])", "[", "A") == "Size (A and ])"
    assert with_key("None (Ctrl+D, Esc)", "Ctrl+D", "") == "None (Esc)"
    assert with_key("Not a key (B side)", "B", "X") == "Not a key (B side)"
    assert with_key("Wrapped\n(Ctrl+D,\nEsc)", "Esc", "X") == "Wrapped\n(Ctrl+D,\nX)"
    assert with_key("Wrapped\n(Enter)", "Enter", "") == "Wrapped"
