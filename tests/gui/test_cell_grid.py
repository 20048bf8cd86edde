"""The grid of cells by mouse and keys: reordered by dragging, copied, each change undone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.core.pixels.cells import Cell
from sprite_lab.ui.draw.cell_grid import CellGrid, fitted, shortened
from sprite_lab.ui.page import scrolling
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import ThemeManager, current_theme
from tests.gui.hands import LEFT, NONE, Hands
from tests.qt import settle

pytestmark = pytest.mark.opens("draw", shared=True)

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def hands(window: MainWindow) -> Hands:
    """Draw, with a pixel in each cell that distinguishes it from all others."""
    hands = Hands(window)
    project = hands.lab.project
    changes = {}
    for index, cell in enumerate(project.cells):
        rgba = cell.rgba.copy()
        rgba[0, 0] = (10 * index, 1, 2, 255)
        changes[index] = replace(cell, pixels=rgba.tobytes())
    project.put(changes, "Numbers")
    return hands


def order(hands: Hands) -> list[int]:
    return [hands.color(0, 0, i)[0] // 10 for i in range(16)]


def grid_of(hands: Hands) -> CellGrid:
    return hands.find("draw.cells")


def place(hands: Hands, cell: int, share: float = 0.5) -> QPoint:
    """A point of a cell, ``share`` of its width from its left edge."""
    rect = grid_of(hands).cell_rect(cell)
    return QPoint(round(rect.left() + share * rect.width()), round(rect.center().y()))


def drag(hands: Hands, cell: int, to: QPoint, held=NONE, let_go: bool = True) -> None:
    grid = grid_of(hands)
    QTest.mousePress(grid, LEFT, held, place(hands, cell))
    for part in (0.3, 1.0):
        here = place(hands, cell)
        step = here + (to - here) * part
        # A move includes modifiers, too, which QTest does not support.
        QTest.mouseMove(grid, step)
    if let_go:
        QTest.mouseRelease(grid, LEFT, held, to)


def test_a_cell_is_dragged_before_another(hands: Hands) -> None:
    before = hands.lab.project.snapshot()
    drag(hands, 5, place(hands, 2, 0.2))
    assert order(hands) == [0, 1, 5, 2, 3, 4, *range(6, 16)]
    assert hands.chosen == (2,)
    # The whole cell has moved, including its conditions.
    assert hands.cell(2) == before.cells[5]
    assert hands.lab.project.history.undo_text == "Move cell"
    hands.click("draw.undo")
    assert hands.lab.project.snapshot() == before


def test_behind_the_right_half_and_at_the_end(hands: Hands) -> None:
    drag(hands, 0, place(hands, 2, 0.8))
    assert order(hands)[:4] == [1, 2, 0, 3]
    drag(hands, 0, place(hands, 15, 0.9))
    assert order(hands)[-2:] == [15, 1]


def test_chosen_cells_are_dragged_together(hands: Hands) -> None:
    hands.choose(1)
    hands.choose(6, CTRL)
    hands.choose(9, CTRL)
    drag(hands, 6, place(hands, 4, 0.1))
    assert order(hands)[:10] == [0, 2, 3, 1, 6, 9, 4, 5, 7, 8]
    assert hands.chosen == (3, 4, 5)
    assert hands.lab.project.history.undo_text == "Move 3 cells"


def test_where_cells_would_come_is_marked(hands: Hands) -> None:
    grid = grid_of(hands)
    accent = QColor(current_theme().accent)

    def mark() -> QColor:
        rect = grid.cell_rect(6)
        gap = grid.cell_rect(6).left() - grid.cell_rect(5).right()
        x = rect.left() - gap / 2
        image = grid.grab().toImage()
        ratio = image.devicePixelRatio()
        return image.pixelColor(round(x * ratio), round((rect.top() + 4) * ratio))

    assert mark() != accent
    drag(hands, 0, place(hands, 6, 0.2), let_go=False)
    assert grid.is_dragging
    assert mark() == accent
    QTest.keyClick(grid, Qt.Key.Key_Escape)
    assert not grid.is_dragging
    assert mark() != accent
    QTest.mouseRelease(grid, LEFT, NONE, place(hands, 6))
    assert order(hands) == list(range(16))


def test_a_cell_let_go_where_it_was_is_no_step(hands: Hands) -> None:
    steps = len(hands.lab.project.history)
    drag(hands, 3, place(hands, 4, 0.1))
    drag(hands, 3, place(hands, 2, 0.9))
    assert len(hands.lab.project.history) == steps
    assert order(hands) == list(range(16))


def test_ctrl_drag_copies_over_what_is_there(hands: Hands) -> None:
    hands.choose(1)
    hands.choose(2, CTRL)
    seeds = [cell.seed for cell in hands.lab.project.cells]
    drag(hands, 1, place(hands, 8), CTRL)
    assert order(hands) == [0, 1, 2, 3, 4, 5, 6, 7, 1, 2, *range(10, 16)]
    assert [cell.seed for cell in hands.lab.project.cells] == seeds
    assert hands.chosen == (8, 9)
    hands.click("draw.undo")
    assert order(hands) == list(range(16))


def test_copies_end_where_the_grid_does(hands: Hands) -> None:
    hands.choose(1)
    hands.choose(2, SHIFT)
    hands.choose(3, SHIFT)
    drag(hands, 2, place(hands, 15), CTRL)
    assert order(hands) == [*range(15), 1]


def test_a_click_without_a_drag_chooses_as_ever(hands: Hands) -> None:
    hands.choose(1)
    hands.choose(4, SHIFT)
    assert hands.chosen == (1, 2, 3, 4)
    hands.choose(2, CTRL)
    assert hands.chosen == (1, 3, 4)
    hands.choose(3)
    assert hands.chosen == (3,)
    assert order(hands) == list(range(16))


def test_alt_and_an_arrow_key_change_places(hands: Hands) -> None:
    for key, there in (("Left", 4), ("Right", 6), ("Up", 1), ("Down", 9)):
        hands.choose(5)
        grid = grid_of(hands)
        grid.setFocus()
        QTest.keyClick(grid, getattr(Qt.Key, f"Key_{key}"), ALT)
        wanted = list(range(16))
        wanted[5], wanted[there] = there, 5
        assert order(hands) == wanted
        assert hands.chosen == (there,)
        hands.click("draw.undo")
        assert order(hands) == list(range(16))


@pytest.mark.parametrize("percent", [100, 125, 150])
def test_a_class_is_read_whole_below_a_cell(
    hands: Hands, theme: ThemeManager, percent: int
) -> None:
    """On a small screen and in large text, “side facing” once ended in “…”, or
    was 10 pixels high.
    """
    theme.set_text_size(percent)
    hands.window.resize(1280, 800)
    settle(hands.window)
    room = int(grid_of(hands).cell_rect(0).width()) - 1
    font = QFont("DejaVu Sans")
    font.setPixelSize(12 * percent // 100)
    assert fitted(font, ["", "food"], room) == font
    looks, longest = fitted(font, ["side facing"], room), "side facing"
    if percent == 150:  # the canvas needs the room
        longest = "creature"
        looks = fitted(font, [longest], room)
    assert QFontMetrics(looks).horizontalAdvance(longest) <= room
    assert looks.pixelSize() >= 12
    assert fitted(font, ["a name that is far longer"], room).pixelSize() == 12
    # A caption that is cut off anyway does not make the others smaller.
    both = fitted(font, ["food", "a name that is far longer"], room)
    assert both == fitted(font, ["food"], room)


def test_words_below_cells_are_painted_in_small_text(hands: Hands, theme: ThemeManager) -> None:
    """Text below the usual size once crashed the program, at each start from then on."""
    theme.set_text_size(90)
    project, grid = hands.lab.project, grid_of(hands)
    project.put({0: replace(project.cells[0], name="ant")}, "Name")
    settle(grid)
    assert grid.is_named
    font = grid.font()
    font.setPixelSize(11)
    assert fitted(font, ["ant"], 40).pixelSize() == 11


def test_names_that_differ_at_their_ends_are_told_apart(qapp: QApplication) -> None:
    """Variants of a mate were once all called “mate 1…” below cells."""
    font = QFont("DejaVu Sans")
    font.setPixelSize(12)
    metrics = QFontMetrics(font)
    room = metrics.horizontalAdvance("fi…135°")
    assert shortened("135°", metrics, room) == "135°"
    found = [shortened(f"first mate {turn}°", metrics, room) for turn in (35, 135)]
    assert [text.partition("…")[2] for text in found] == ["35°", "135°"]
    assert all(metrics.horizontalAdvance(text) <= room for text in found)
    nearly = metrics.horizontalAdvance("mate 1") - 1
    assert "…" in shortened("mate 1", metrics, nearly), "it is not mate1"
    assert shortened("anteaters135", metrics, room).endswith("5"), "of one word, the middle goes"


def test_alt_and_an_arrow_key_stop_at_the_border(hands: Hands) -> None:
    hands.choose(0)
    hands.choose(13, CTRL)
    grid = grid_of(hands)
    grid.setFocus()
    steps = len(hands.lab.project.history)
    QTest.keyClick(grid, Qt.Key.Key_Down, ALT)
    assert len(hands.lab.project.history) == steps
    assert hands.chosen == (0, 13)
    QTest.keyClick(grid, Qt.Key.Key_Right, ALT)
    assert order(hands)[:2] == [1, 0]
    assert hands.chosen == (1, 14)


def test_the_frame_of_a_cell_is_as_thick_on_every_side(hands: Hands) -> None:
    """The next cell's outline was once painted over it."""
    grid = hands.window.navigator.draw.grid
    grid.setFocus()
    grid.set_current(5)
    image, rect = grid.grab().toImage(), grid.cell_rect(5)
    frame, middle = QColor(current_theme().focus), rect.center().toPoint()
    sides = [
        [image.pixelColor(middle.x(), round(edge) + step * k) for k in range(1, 4)]
        for edge, step in ((rect.top(), -1), (rect.bottom() - 1, 1))
    ] + [
        [image.pixelColor(round(edge) + step * k, middle.y()) for k in range(1, 4)]
        for edge, step in ((rect.left(), -1), (rect.right() - 1, 1))
    ]
    thick = [sum(color == frame for color in side) for side in sides]
    assert len(set(thick)) == 1
    assert thick[0] >= 2


def test_moving_needs_the_grid_to_have_the_focus(hands: Hands) -> None:
    hands.choose(5)
    canvas = hands.find("draw.canvas")
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Left, ALT)
    assert order(hands) == list(range(16))


def test_a_cell_is_copied_pasted_duplicated_and_cleared_by_keys(hands: Hands) -> None:
    grid = grid_of(hands)
    hands.choose(3)
    hands.choose(4, CTRL)
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_C, CTRL)
    hands.choose(10)
    QTest.keyClick(grid, Qt.Key.Key_V, CTRL)
    assert order(hands)[10:12] == [3, 4]
    QTest.keyClick(grid, Qt.Key.Key_Delete)
    assert hands.cell(10).is_blank
    assert hands.cell(11).is_blank
    hands.choose(0)
    QTest.keyClick(grid, Qt.Key.Key_D, CTRL | SHIFT)
    assert hands.color(0, 0, 10) == hands.color(0, 0, 0)
    while hands.lab.project.history.undo_text != "Numbers":
        QTest.keyClick(grid, Qt.Key.Key_Z, CTRL)
    assert order(hands) == list(range(16))
    assert isinstance(hands.cell(0), Cell)

    # If no cell is blank, rows are added; Esc dismisses an error, and nothing else.
    hands.choose(2)
    QTest.keyClick(grid, Qt.Key.Key_D, CTRL | SHIFT)
    assert (hands.lab.project.rows, hands.chosen) == (5, (16,))
    assert hands.color(0, 0, 16) == hands.color(0, 0, 2)
    hands.lab.failed.emit("Something went wrong.", "")
    error = hands.find("error")
    QTest.keyClick(grid, Qt.Key.Key_Escape)
    assert not error.isVisible()


def test_what_a_cell_is_of_its_set_is_told(qapp: QApplication) -> None:
    grid = CellGrid()
    parts = ("Terrain 1/1111", "Terrain 1/0110", "Ada/left 2", "")
    grid.set_cells([Cell(part=part) for part in parts], 2)
    told = (
        "Cell 1, Terrain 1: second ground:",
        "Cell 2, Terrain 1:",
        "Cell 3, Ada: left 2:",
        "Cell 4:",
    )
    assert all(tip.startswith(begun) for tip, begun in zip(grid.tips, told, strict=True))


def test_a_scroll_bar_does_not_change_the_height_that_it_scrolls(qtbot: QtBot) -> None:
    """Cells beside it once became so much lower that it was not needed, and it appeared and
    disappeared until the stack was full.
    """
    grid = CellGrid()
    area = grid.area = scrolling(grid)
    qtbot.addWidget(area)
    grid.set_cells([Cell()] * 36, 4)
    area.show()
    for width in range(160, 300, 4):
        heights = set()
        for policy in (Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAlwaysOn):
            area.setVerticalScrollBarPolicy(policy)
            area.resize(width, 400)
            settle(area)
            heights.add(grid.minimumHeight())
        assert len(heights) == 1


def test_undo_and_redo_put_on_the_canvas_what_they_change(hands: Hands) -> None:
    hands.choose(6)
    hands.paint(3, 3)
    hands.choose(2)
    hands.click("draw.undo")
    assert hands.chosen == (6,)
    assert hands.find("draw").session.current == 6
    hands.choose(1)
    hands.choose(6, CTRL)
    hands.choose(1, CTRL)
    hands.choose(1, CTRL)
    hands.lab.project.history.redo()
    assert hands.find("draw").session.current == 6
    assert hands.chosen == (1, 6)
    # An edit in another cell leaves the canvas alone.
    project = hands.lab.project
    project.put({9: Cell()}, "Clear")
    assert hands.find("draw").session.current == 6


def test_chosen_cells_stay_chosen_when_the_grid_grows(hands: Hands) -> None:
    draw = hands.find("draw")
    hands.choose(5)
    hands.choose(10, CTRL)
    drawn = hands.cell(10)
    draw.editor.resize(5, 6)
    assert hands.chosen == (7, 14)
    assert draw.session.current == 14
    assert hands.cell(14) == drawn
    hands.click("draw.undo")
    assert hands.chosen == (5, 10)
    draw.editor.resize(2, 8)
    assert hands.chosen == (9, 10)  # the nearest cell instead of the one cut off
    assert draw.session.current == 10


def test_a_smaller_grid_tells_what_it_cuts_off_and_offers_to_undo_that(hands: Hands) -> None:
    rows = hands.find("draw.rows")
    rows.setValue(5)
    assert not hands.window.notices.kept  # nothing is lost
    rows.setValue(1)
    assert hands.window.notices.kept[-1][1] == "12 drawings were cut off."
    undo = hands.find("notice.undo")
    assert undo.isVisible()
    undo.click()
    assert len(hands.lab.project.cells) == 20
    assert not undo.isVisible()  # nothing more can be undone
    rows.setValue(3)
    hands.paint(1, 1)
    assert not any(
        button.isVisible() for button in hands.window.findChildren(QWidget, "notice.undo")
    )


def test_a_double_click_opens_the_canvas_from_any_page(hands: Hands) -> None:
    draw = hands.find("draw")
    draw.show_set("character")
    QTest.mouseDClick(grid_of(hands), LEFT, NONE, place(hands, 6))
    assert draw.area.isVisible()
    assert draw.area.canvas.hasFocus()


@pytest.mark.parametrize("layers", [False, True])
def test_the_first_stroke_moves_no_cell(hands: Hands, layers: bool) -> None:
    """With layers below, the buttons for an empty project once took room from the cells."""
    hands.window.resize(1280, 800)
    hands.lab.project.history.undo()  # all blank
    if layers:
        hands.window.navigator.draw.layers_group.open()
    settle(hands.window)
    assert hands.find("draw.invitation").isVisible()
    before = [grid_of(hands).cell_rect(cell) for cell in range(16)]
    hands.lab.project.history.redo()
    settle(hands.window)
    assert not hands.window.findChild(QWidget, "draw.invitation").isVisible()
    assert [grid_of(hands).cell_rect(cell) for cell in range(16)] == before


@pytest.mark.parametrize(("percent", "least"), [(100, 64), (150, 80)])
def test_many_rows_of_cells_use_the_room_of_a_large_screen(
    hands: Hands, theme: ThemeManager, percent: int, least: int
) -> None:
    """Twelve rows were once as narrow as on a small screen, with names cut off
    beside empty space.
    """
    theme.set_text_size(percent)
    hands.window.resize(1920, 1080)
    hands.lab.project.push(hands.lab.project.snapshot().resized(12, 4), "Grid")
    settle(hands.window)
    assert grid_of(hands).cell_rect(0).width() >= least
