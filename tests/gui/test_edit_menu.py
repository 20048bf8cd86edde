"""The Edit menu acts on the focus: pixels, cells, text or sprites; otherwise it says why not."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton

from sprite_lab.core.pixels.cells import Cell
from sprite_lab.ui.draw.edit_dialogs import CleanUpDialog, RotateDialog
from sprite_lab.ui.shell.main_window import MainWindow
from tests.gui.hands import LEFT, Hands
from tests.qt import until

pytestmark = pytest.mark.opens("draw", shared=True)

INK = (20, 18, 24, 255)


@pytest.fixture
def hands(window: MainWindow) -> Hands:
    return Hands(window)


def edit(hands: Hands, name: str) -> QAction:
    return hands.window.menus.actions[f"edit.{name}"]


def draw(hands: Hands, *points: tuple[int, int], index: int = 0) -> None:
    rgba = np.zeros((16, 16, 4), np.uint8)
    for x, y in points:
        rgba[y, x] = INK
    hands.lab.project.put({index: Cell(rgba.tobytes())}, "Draw")


def drawn(hands: Hands, index: int = 0) -> set[tuple[int, int]]:
    return {(int(x), int(y)) for y, x in np.argwhere(hands.cell(index).rgba[..., 3])}


def test_it_acts_on_the_selection_of_the_canvas(hands: Hands) -> None:
    tools = hands.window.workspace("draw").tools
    draw(hands, (1, 1), (2, 1), (9, 9))
    hands.find("draw.canvas").setFocus()
    edit(hands, "select_all").trigger()
    assert tools.selection is not None
    assert tools.selection.all()
    edit(hands, "select_none").trigger()
    assert tools.selection is None
    region = np.zeros((16, 16), bool)
    region[:4, :4] = True
    tools.set_selection(region)
    edit(hands, "flip_horizontal").trigger()
    assert drawn(hands) == {(2, 1), (1, 1), (9, 9)}
    edit(hands, "turn_right").trigger()
    assert drawn(hands) == {(2, 1), (2, 2), (9, 9)}
    edit(hands, "cut").trigger()
    assert drawn(hands) == {(9, 9)}
    edit(hands, "undo").trigger()
    edit(hands, "copy").trigger()
    edit(hands, "paste").trigger()
    assert drawn(hands) == {(2, 1), (2, 2), (9, 9)}


def test_it_acts_on_cells_where_the_grid_has_the_focus(hands: Hands) -> None:
    draw(hands, (3, 4))
    hands.choose(0)
    edit(hands, "copy").trigger()
    hands.choose(5)
    edit(hands, "paste").trigger()
    assert drawn(hands, 5) == {(3, 4)}
    edit(hands, "flip_vertical").trigger()
    assert drawn(hands, 5) == {(3, 11)}
    edit(hands, "select_all").trigger()
    assert len(hands.chosen) == 16
    edit(hands, "cut").trigger()
    assert all(cell.is_blank for cell in hands.lab.project.cells)


def test_text_that_is_being_typed_is_meant_not_the_drawing(hands: Hands) -> None:
    draw(hands, (3, 4))
    line = QLineEdit("word", hands.window.workspace("draw"))
    line.show()
    line.setFocus()
    edit(hands, "select_all").trigger()
    edit(hands, "cut").trigger()
    assert line.text() == ""
    edit(hands, "paste").trigger()
    edit(hands, "paste").trigger()
    assert line.text() == "wordword"
    assert drawn(hands) == {(3, 4)}


def test_beside_the_canvas_the_drawing_is_meant(hands: Hands) -> None:
    draw(hands, (3, 4))
    hands.find("draw.generate").setFocus()
    edit(hands, "cut").trigger()
    assert drawn(hands) == set()


def test_elsewhere_it_acts_on_what_is_there_or_says_what_to_do(hands: Hands) -> None:
    window = hands.window
    assert edit(hands, "flip_horizontal").isEnabled()
    window.show_workspace("see")
    assert not edit(hands, "flip_horizontal").isEnabled()
    assert "go to Draw" in edit(hands, "flip_horizontal").toolTip()
    (copying,) = window.navigator.see.findChildren(QAction, "see.action.copy")
    edit(hands, "copy").trigger()
    assert hands.notices[-1] == "There is no sprite yet."
    assert copying.shortcut().toString() == "Ctrl+C"
    window.show_workspace("train")
    window.stage.setFocus()
    edit(hands, "paste").trigger()
    assert any("click into text" in notice for notice in hands.notices)


def test_the_menu_shows_the_keys_that_do_the_same(hands: Hands) -> None:
    hands.find("draw.canvas").setFocus()
    menu = hands.window.menus.menus["&Edit"]
    menu.popup(QPoint(0, 0))
    assert edit(hands, "copy").text() == "&Copy\tCtrl+C"
    assert edit(hands, "select_none").text() == "Select &none\tCtrl+D"
    menu.close()
    assert edit(hands, "copy").text() == "&Copy"


# -- clean up --------------------------------------------------------------------------------


def test_masks_are_in_the_menu(hands: Hands) -> None:
    actions = hands.window.menus.actions
    hands.paint(3, 3)
    actions["edit.mask_drawn"].trigger()
    assert (hands.cell().redraw == 0).sum() == 1
    actions["edit.mask_clear"].trigger()
    assert hands.cell().redraw_strength is None
    actions["edit.mask"].trigger()
    assert hands.window.navigator.draw.tools.tool == "mask"
    assert hands.find("draw.mask.keep").isVisible()
    hands.window.show_workspace("see")
    assert not actions["edit.mask"].isEnabled()
    assert "go to Draw" in actions["edit.mask"].toolTip()


def test_cleaning_up_is_seen_first_and_undone_in_one_step(hands: Hands) -> None:
    ring = [(x, y) for x in range(4, 9) for y in range(4, 9) if {x, y} & {4, 8}]
    draw(hands, *(p for p in ring if p != (6, 4)), (12, 2))
    draw(hands, (5, 5), index=1)
    hands.choose(0)
    hands.choose(1, Qt.KeyboardModifier.ControlModifier)
    steps = len(hands.lab.project.history)
    edit(hands, "clean_up").trigger()
    dialog = hands.window.findChild(CleanUpDialog)
    assert "in 2 cells" in dialog.said.text()
    assert dialog.after.count == dialog.before.count == 2
    assert drawn(hands, 1) == {(5, 5)}, "nothing is done yet"
    # pictures cannot have the focus
    until(dialog.findChild(QCheckBox, "clean_up.outlines").hasFocus)
    dialog.findChild(QCheckBox, "clean_up.lone").click()
    assert "no such cleanup" in dialog.said.text(), "an outline without an inside has no gap"
    assert not dialog.do.isEnabled()
    dialog.findChild(QCheckBox, "clean_up.lone").click()
    QTest.mouseClick(dialog.findChild(QPushButton, "clean_up.do"), LEFT)
    assert (12, 2) not in drawn(hands)
    assert drawn(hands, 1) == set()
    assert len(hands.lab.project.history) == steps + 1
    edit(hands, "undo").trigger()
    assert drawn(hands, 1) == {(5, 5)}


# -- shading ---------------------------------------------------------------------------------


def test_shading_says_why_a_color_goes_no_further(hands: Hands) -> None:
    tools = hands.window.workspace("draw").tools
    hands.window.workspace("draw").editor.set_palette(
        ((200, 30, 30, 255), (230, 60, 60, 255)), "Two reds"
    )
    tools.set_color(0, (230, 60, 60, 255))
    hands.paint(5, 5)
    tools.set_tool("shading")
    hands.paint(5, 5)
    assert "no lighter color of this hue" in hands.notices[-1]
    said = len(hands.notices)
    hands.paint(5, 5, Qt.MouseButton.RightButton)
    assert hands.color(5, 5) == (200, 30, 30, 255)
    assert len(hands.notices) == said, "it went darker"
    hands.paint(5, 5, Qt.MouseButton.RightButton)
    assert "no darker color of this hue" in hands.notices[-1]
    said = len(hands.notices)
    hands.paint(9, 9)
    assert len(hands.notices) == said, "an empty pixel has no color"
    tools.options.replace(along_palette=False)
    for _ in range(30):
        hands.paint(5, 5, Qt.MouseButton.RightButton)
    assert hands.notices[-1] == "Black cannot become darker."


def test_shading_follows_ramps_that_somebody_has_laid_out(hands: Hands) -> None:
    draw_page = hands.window.workspace("draw")
    # From dark blue to a red that hue alone would not find; and a ramp that starts after it.
    night, wine, red, brown = (
        (20, 20, 60, 255),
        (90, 30, 70, 255),
        (220, 60, 60, 255),
        (50, 30, 20, 255),
    )
    draw_page.editor.set_palette((night, wine, red, brown), "Four")
    draw_page.tools.set_color(0, night)
    hands.paint(5, 5)
    draw_page.tools.set_tool("shading")
    (ordered,) = hands.window.findChildren(QAction, "draw.palette.in_order")
    ordered.trigger()
    seen = [hands.color(5, 5)]
    for button in [LEFT] * 3 + [Qt.MouseButton.RightButton] * 2:
        hands.paint(5, 5, button)
        seen.append(hands.color(5, 5))
    assert seen == [night, wine, red, red, wine, night]
    assert "beside this one" in hands.notices[-1], "red is the end of its ramp"


# -- lasso, pixel-perfect lines, rotation ----------------------------------------------------


def drag(hands: Hands, *points: tuple[int, int]) -> None:
    canvas = hands.find("draw.canvas")
    at = [canvas.pixel_rect(x, y).center().toPoint() for x, y in points]
    QTest.mousePress(canvas, LEFT, Qt.KeyboardModifier.NoModifier, at[0])
    for place in at[1:]:
        QTest.mouseMove(canvas, place)
    QTest.mouseRelease(canvas, LEFT, Qt.KeyboardModifier.NoModifier, at[-1])


STAIRS = [(2, 2), (3, 2), (3, 3), (4, 3), (4, 4), (5, 4), (5, 5)]


def test_pixel_perfect_lines_have_no_corners(hands: Hands) -> None:
    tools = hands.window.workspace("draw").tools
    drag(hands, *STAIRS)
    assert drawn(hands) == set(STAIRS)
    edit(hands, "undo").trigger()
    hands.find("draw.option.perfect").click()
    assert tools.options.value.perfect
    drag(hands, *STAIRS)
    assert drawn(hands) == {(2, 2), (3, 3), (4, 4), (5, 5)}
    edit(hands, "undo").trigger()
    drag(hands, (8, 8))
    assert drawn(hands) == {(8, 8)}, "one click is one pixel"
    drag(hands, (1, 12), (6, 12), (6, 14))
    assert {(x, 12) for x in range(1, 6)} | {(6, 13), (6, 14)} <= drawn(hands)
    assert (6, 12) not in drawn(hands)
    tools.resize_brush(1)
    edit(hands, "undo").trigger()
    edit(hands, "undo").trigger()
    drag(hands, *STAIRS)
    assert (3, 2) in drawn(hands), "a thick brush is as it was"


def test_the_lasso_selects_what_is_drawn_around(hands: Hands) -> None:
    tools = hands.window.workspace("draw").tools
    QTest.keyClick(hands.find("draw.canvas"), Qt.Key.Key_Q)
    assert tools.tool == "lasso"
    drag(hands, (2, 2), (8, 2), (8, 6), (2, 6))
    assert tools.selection is not None
    assert tools.selection[2:7, 2:9].all()
    assert tools.selection.sum() == 35
    drag(hands, (12, 12))
    assert tools.selection is None, "a plain click selects nothing"


def test_rotation_is_seen_first_and_is_one_step(hands: Hands) -> None:
    draw(hands, *((x, 8) for x in range(4, 12)))
    hands.choose(0)
    steps = len(hands.lab.project.history)
    edit(hands, "rotate").trigger()
    dialog = hands.window.findChild(RotateDialog)
    dialog.angle.set_value(90)
    dialog._show()
    assert drawn(hands) == {(x, 8) for x in range(4, 12)}, "nothing is done yet"
    QTest.mouseClick(dialog.findChild(QPushButton, "rotate.do"), LEFT)
    assert drawn(hands) == {(7, y) for y in range(4, 12)}
    assert len(hands.lab.project.history) == steps + 1
    assert hands.lab.project.history.undo_text == "Rotate by 90°"
    # A selection moves with its pixels.
    tools = hands.window.workspace("draw").tools
    region = np.zeros((16, 16), bool)
    region[4:12, 6:9] = True
    tools.set_selection(region)
    hands.window.workspace("draw").editor.rotate(90)
    assert drawn(hands) == {(x, 7) for x in range(3, 11)}
    assert tools.selection is not None
    assert tools.selection.sum() == region.sum()
