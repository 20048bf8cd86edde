"""Words to request: typed, completed, pasted, removed; chips and their texts; styles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.words_field import StyleChoice, WordsField
from tests.gui.stand_ins import StandInModel
from tests.qt import delete_now

Key = Qt.Key

MODEL = StandInModel(
    words=("hat", "left", "red", "slime"),
    styles=("gb", "nes"),
    prompts=(Prompt(words=("slime", "red")), Prompt(words=("slime",))),
    credits=(Credit("nes", "Tiles", "Ann", "CC0"),),
)


@pytest.fixture
def field(qtbot) -> Iterator[WordsField]:  # type: ignore[no-untyped-def]
    field = WordsField(name="words", tip="What to draw")
    field.set_model(MODEL)
    theme_manager().dress(field)
    field.resize(220, 120)
    field.show()
    qtbot.waitExposed(field)
    field.line.setFocus()
    yield field
    delete_now(field)


def chip(field: WordsField, word: str) -> QPushButton:
    return next(b for b in field.findChildren(QPushButton, f"words.{word}") if b.isVisible())


def test_a_blank_a_comma_or_enter_ends_a_word(field: WordsField) -> None:
    added: list[tuple[str, ...]] = []
    field.added.connect(added.append)
    QTest.keyClicks(field.line, "Red slime,left")
    assert field.words == ("red", "slime")
    QTest.keyClick(field.line, Key.Key_Return)
    assert field.words == ("red", "slime", "left")
    assert field.line.text() == ""
    assert added == [("red",), ("slime",), ("left",)]


def test_several_words_are_pasted_at_once(field: WordsField) -> None:
    field.line.insert("red, slime left")
    field.line.textEdited.emit(field.line.text())
    assert field.words == ("red", "slime", "left")


def test_what_is_typed_counts_once_the_field_is_left(field: WordsField) -> None:
    QTest.keyClicks(field.line, "hat")
    field.commit()
    assert field.words == ("hat",)


def test_a_word_that_is_taken_is_not_undone_as_text(field: WordsField) -> None:
    QTest.keyClicks(field.line, "red")
    QTest.keyClick(field.line, Key.Key_Return)
    assert not field.line.isModified()
    QTest.keyClick(field.line, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.line.text() == ""


def test_backspace_takes_the_last_word_back(field: WordsField) -> None:
    removed: list[str] = []
    field.removed.connect(removed.append)
    field.set_words(("red", "slime"))
    QTest.keyClick(field.line, Key.Key_Backspace)
    assert field.words == ("red",)
    assert removed == ["slime"]


def test_chips_are_removed_by_click_and_key(field: WordsField) -> None:
    field.set_words(("red", "slime", "hat"))
    QTest.mouseClick(chip(field, "slime"), Qt.MouseButton.LeftButton)
    assert field.words == ("red", "hat")
    chip(field, "hat").setFocus()
    QTest.keyClick(chip(field, "hat"), Key.Key_Delete)
    assert field.words == ("red",)
    assert chip(field, "red").hasFocus()


def test_tab_goes_through_the_chips_to_the_line(field: WordsField) -> None:
    field.set_words(("red", "slime"))
    chip(field, "red").setFocus()
    QTest.keyClick(chip(field, "red"), Key.Key_Tab)
    assert chip(field, "slime").hasFocus()
    QTest.keyClick(chip(field, "slime"), Key.Key_Tab)
    assert field.line.hasFocus()


def test_an_unknown_word_says_what_is_near_and_is_not_sent(field: WordsField) -> None:
    field.set_words(("red", "slim", "<b>x</b>"))
    assert field.known_words == ("red",)
    slim = chip(field, "slim")
    assert slim.property("unknown")
    assert slim.toolTip() == "The model does not know “slim”. Similar: slime"
    assert slim.accessibleDescription() == slim.toolTip()
    assert slim.accessibleName() == "Remove slim"
    assert "&lt;b&gt;" in chip(field, "<b>x</b>").toolTip()
    assert not chip(field, "red").property("unknown")


def test_completion_lists_the_most_frequent_first(field: WordsField) -> None:
    QTest.keyClick(field.line, Key.Key_Down)
    completer = field.line.own_completer
    model = completer.completionModel()
    offered = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert offered == ["slime", "red", "hat", "left"]
    completer.popup().hide()
    QTest.keyClicks(field.line, "sl")
    QTest.keyClick(completer.popup(), Key.Key_Down)
    QTest.keyClick(completer.popup(), Key.Key_Return)
    assert field.words == ("slime",)
    assert field.line.text() == ""


def test_without_words_the_line_is_gray_and_says_why(field: WordsField) -> None:
    field.set_words(("red",))
    field.set_model(StandInModel())
    assert not field.line.isEnabled()
    assert field.line.placeholderText() == "This model knows no words."
    assert field.known_words == ()
    assert chip(field, "red").isEnabled()  # so that it can be removed
    field.set_model(None)
    assert field.line.placeholderText() == "There is no model yet."


def test_words_of_some_are_distinguished_from_those_of_all(field: WordsField) -> None:
    field.set_words(("red",), {"hat": "asked for in 1 of 3 cells"})
    assert chip(field, "hat").property("partly")
    assert "1 of 3" in chip(field, "hat").toolTip()
    QTest.keyClicks(field.line, "hat ")
    assert field.words == ("red", "hat")
    assert not chip(field, "hat").property("partly")


def test_chips_take_as_many_lines_as_they_need(field: WordsField, qtbot) -> None:  # type: ignore[no-untyped-def]
    field.set_words([f"word{i}" for i in range(9)])
    qtbot.waitUntil(lambda: chip(field, "word8").y() > chip(field, "word0").y())
    rights = [chip(field, f"word{i}").geometry().right() for i in range(9)]
    assert max(rights) < field.width()


def test_a_style_says_whose_it_is(qtbot) -> None:  # type: ignore[no-untyped-def]
    choice = StyleChoice(name="style")
    qtbot.addWidget(choice)
    assert not choice.isEnabled()
    assert choice.toolTip() == "This model knows no styles."
    choice.set_model(MODEL)
    assert [choice.itemText(i) for i in range(choice.count())] == ["Any style", "gb", "nes"]
    choice.setCurrentIndex(2)
    assert choice.style_name == "nes"
    assert choice.toolTip() == choice.whatsThis() == "“Tiles” by Ann (CC0)"
    choice.show_style("snes")
    assert choice.style_name == "snes"
    assert choice.toolTip() == "The model does not know “snes”."
    choice.show_style("", several=True)
    assert choice.placeholderText() == "several"


def test_numbers_are_no_example(field: WordsField) -> None:
    prompts = Prompt(words=("0", "red")), Prompt(words=("1", "slime"))
    field.set_model(StandInModel(words=("0", "1", "red", "slime"), prompts=prompts))
    assert field.line.placeholderText() == "Try red slime"
    field.set_model(StandInModel(words=("0", "1"), prompts=prompts))
    assert field.line.placeholderText() == "Type a word"


def test_in_the_example_the_more_frequent_word_comes_first(field: WordsField) -> None:
    """A color then comes before a noun, as in speech."""
    asked = ("drumstick", "orange"), ("orange",)
    prompts = tuple(Prompt(words=words) for words in asked)
    field.set_model(StandInModel(words=("drumstick", "orange"), prompts=prompts))
    assert field.line.placeholderText() == "Try orange drumstick"


def test_words_of_no_sprite_are_no_example(field: WordsField) -> None:
    """A model tuned on frogs without words keeps those of the model it started from."""
    field.set_model(StandInModel(words=("acid", "air"), prompts=(Prompt.of_class("frog"),)))
    assert field.line.placeholderText() == "Type a word"


def test_a_click_beside_the_list_reaches_the_button_below(qtbot) -> None:  # type: ignore[no-untyped-def]
    window = QWidget()
    field, button = WordsField(name="words"), QPushButton("Generate")
    column = QVBoxLayout(window)
    for widget in (field, button):
        column.addWidget(widget)
    column.addStretch()
    field.set_model(MODEL)
    theme_manager().dress(window)
    window.resize(220, 200)
    window.show()
    qtbot.waitExposed(window)
    field.line.setFocus()
    asked: list[tuple[str, ...]] = []
    button.clicked.connect(lambda: asked.append(field.words))

    QTest.keyClicks(field.line, "slime")
    assert field.line.own_completer.popup().isVisible()
    handle, left = window.windowHandle(), Qt.MouseButton.LeftButton
    at = button.geometry().bottomRight() - QPoint(20, 4)
    QTest.mousePress(handle, left, pos=at)
    qtbot.waitUntil(button.isDown)  # the list is closed and the word ended
    before = button.pos()
    field.set_words((*field.words, "hat"))
    qtbot.wait(0)
    assert button.pos() == before  # no row of chips moves it away from the pointer
    QTest.mouseRelease(handle, left, pos=at)
    assert asked == [("slime", "hat")]
    qtbot.wait(0)
    assert [chip(field, word).isVisible() for word in field.words] == [True, True]
    delete_now(window)
