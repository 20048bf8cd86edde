"""Keys of Draw work wherever the focus is, except while typing text."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.ui.shell.main_window import MainWindow
from tests.gui.hands import Hands
from tests.gui.stand_ins import StandInModel

pytestmark = pytest.mark.opens("draw", shared=True)

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def hands(window: MainWindow) -> Hands:
    return Hands(window)


def fields(hands: Hands, kind: type[QWidget]) -> list[QWidget]:
    """Focusable fields of Draw and its panel."""
    draw = hands.window.workspace("draw")
    return [
        widget
        for top in (draw, draw.inspector)
        for widget in top.findChildren(kind)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and widget.focusProxy() is None
    ]


def tool(hands: Hands) -> str:
    return hands.window.workspace("draw").tools.tool


def typed(key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key in whatever has the focus."""
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key, held)


def test_tool_keys_act_wherever_no_text_is_typed(hands: Hands) -> None:
    tried = 0
    for widget in fields(hands, QWidget):
        types = isinstance(widget, (QLineEdit, QTextEdit, QComboBox))
        widget.setFocus()
        if types or not widget.hasFocus():
            continue
        for key, name in ((Key.Key_E, "eraser"), (Key.Key_B, "pencil")):
            QTest.keyClick(widget, key)
            assert tool(hands) == name, widget.objectName() or type(widget).__name__
        tried += 1
    assert tried > 30


def test_letters_are_typed_where_text_is(hands: Hands) -> None:
    hands.window.workspace("draw").tools.set_tool("pencil")
    line = QLineEdit(hands.window.workspace("draw").area)
    line.show()
    line.setFocus()
    QTest.keyClicks(line, "eg")
    assert line.text() == "eg"
    assert tool(hands) == "pencil"


def test_enter_in_a_number_gives_the_focus_back(hands: Hands) -> None:
    canvas = hands.find("draw.canvas")
    seed = hands.find("draw.seed.field")
    numbers = [*fields(hands, QAbstractSpinBox), seed]
    for number in numbers:
        number.setFocus()
        QTest.keyClick(number, Key.Key_Return)
        assert canvas.hasFocus(), number.objectName()
    for number in (numbers[0], seed):
        number.setFocus()
        number.selectAll()
        QTest.keyClicks(number, "3")
        QTest.keyClick(number, Key.Key_Return)
        assert canvas.hasFocus()
        assert number.text().startswith("3")


def test_a_seed_is_a_number_too(hands: Hands) -> None:
    hands.paint(3, 4)
    hands.find("draw.seed.field").setFocus()
    typed(Key.Key_E)
    assert tool(hands) == "eraser"
    typed(Key.Key_Z, CTRL)
    assert hands.color(3, 4)[3] == 0


def test_undo_from_a_number_field_undoes_the_stroke_unless_it_is_being_typed(hands: Hands) -> None:
    hands.paint(3, 4)
    assert hands.color(3, 4)[3] == 255
    number = next(w for w in fields(hands, QAbstractSpinBox))
    number.setFocus()
    typed(Key.Key_Z, CTRL)
    assert hands.color(3, 4)[3] == 0
    typed(Key.Key_Y, CTRL)
    assert hands.color(3, 4)[3] == 255
    number.selectAll()
    QTest.keyClicks(number, "4")
    typed(Key.Key_Z, CTRL)
    assert hands.color(3, 4)[3] == 255


@pytest.mark.parametrize("page", ["canvas", "variations"])
def test_undo_from_a_number_field_undoes_the_number_that_was_taken(hands: Hands, page: str) -> None:
    draw = hands.window.workspace("draw")
    if page == "variations":
        draw.show_batch(True)
    rows = hands.find("draw.rows")
    rows.setFocus()
    rows.selectAll()
    QTest.keyClicks(rows, "2")
    rows.interpretText()  # as Enter and Tab do
    assert hands.lab.project.rows == 2
    rows.setFocus()
    typed(Key.Key_Z, CTRL)
    assert hands.lab.project.rows == 4


def test_undo_from_a_text_undoes_the_stroke_unless_something_was_typed(hands: Hands) -> None:
    hands.lab.settings.replace(inspector_open=True)
    hands.window.workspace("draw").panel.names.set_open(True)
    hands.paint(3, 4)
    hands.find("draw.name").setFocus()
    typed(Key.Key_Z, CTRL)
    assert hands.color(3, 4)[3] == 0
    typed(Key.Key_Y, CTRL)
    QTest.keyClicks(hands.find("draw.name"), "axe")
    typed(Key.Key_Z, CTRL)
    assert hands.color(3, 4)[3] == 255
    assert hands.cell().name == ""


def test_words_are_left_by_enter_and_escape(hands: Hands) -> None:
    hands.lab.model.set(StandInModel(words=("red", "slime")))
    draw, line = hands.window.workspace("draw"), hands.find("draw.words")
    canvas = draw.area.canvas
    hands.paint(3, 4)
    line.setFocus()
    QTest.keyClicks(line, "red")
    typed(Key.Key_Return)
    assert line.hasFocus()  # for the next word
    assert hands.cell().conditions.words == ("red",)
    typed(Key.Key_Z, CTRL)
    assert hands.cell().conditions.words == ()
    typed(Key.Key_Return)
    assert canvas.hasFocus()
    line.setFocus()
    QTest.keyClicks(line, "sl")
    draw.panel.words.line.own_completer.popup().hide()  # closed by Esc, too
    typed(Key.Key_Escape)
    assert canvas.hasFocus()
    assert hands.cell().conditions.words == ()
    typed(Key.Key_E)
    assert tool(hands) == "eraser"


def test_after_a_choice_from_a_list_keys_are_those_of_the_tools(hands: Hands, qtbot: QtBot) -> None:
    combo = next(w for w in fields(hands, QComboBox) if not w.isEditable())  # type: ignore[attr-defined]
    combo.setFocus()
    combo.showPopup()  # type: ignore[attr-defined]
    combo.hidePopup()  # type: ignore[attr-defined]
    hands.activate()  # offscreen, a list replaces the window
    qtbot.waitUntil(hands.find("draw.canvas").hasFocus)
    typed(Key.Key_E)
    assert tool(hands) == "eraser"


def test_keys_of_ones_own_act_everywhere_too(hands: Hands) -> None:
    hands.lab.settings.replace(keys={"canvas.eraser": ["Q"]})
    hands.find("draw.cells").setFocus()
    typed(Key.Key_Q)
    assert tool(hands) == "eraser"
    typed(Key.Key_B)
    assert tool(hands) == "pencil"
    typed(Key.Key_E)
    assert tool(hands) == "pencil"
