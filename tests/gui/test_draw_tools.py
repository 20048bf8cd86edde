"""The tools of Draw, each with real mouse and key events, pixel by pixel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, QTimer
from PySide6.QtGui import QAction, QColor, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QSlider, QSpinBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.app.draw.tools.tool_table import ToolOptions
from sprite_lab.app.lab import Lab
from sprite_lab.core import drawing
from sprite_lab.core.drawing import Point
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE
from sprite_lab.ui.draw.tools import canvas_views
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import DARK as DARK_THEME
from sprite_lab.ui.theme import LIGHT, Theme, ThemeManager
from sprite_lab.ui.widgets.canvas.sprite_canvas import SpriteCanvas
from tests.gui.hands import LEFT, NONE, RIGHT, Hands, choosing
from tests.qt import delete_now, turn_wheel, until

pytestmark = pytest.mark.opens("draw", shared=True)

T = TypeVar("T")
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier
Key = Qt.Key
CLEAR = (0, 0, 0, 0)
#: From the default palette: the darkest color, and a ramp of greens from dark to light.
DARK = DEFAULT_PALETTE[0]
GREENS = DEFAULT_PALETTE[18:23]


class Artist(Hands):
    """Draws on the canvas with mouse and keys."""

    def undo(self) -> None:
        self.click("draw.undo")

    def afresh(self, *cases: T) -> Iterator[T]:
        """The cases one by one, each in an empty project and with the tools in their initial state.

        A separate window for each would take longer than most of the cases.
        """
        for case in cases:
            self.lab.project_io.new()
            tools = self.find("draw").tools
            tools.set_tool("pencil")
            tools.options.set(ToolOptions())
            tools.select_none()
            tools.set_color(0, DARK)
            tools.set_color(1, CLEAR)
            yield case

    @property
    def steps(self) -> int:
        return len(self.lab.project.history)

    def painted(self, cell: int = 0) -> set[Point]:
        return pixels(self.cell(cell).rgba[..., 3] > 0)

    def colored(self, color: tuple[int, ...], cell: int = 0) -> set[Point]:
        return pixels((self.cell(cell).rgba == np.array(color)).all(axis=2))

    def kept(self) -> set[Point]:
        return pixels(self.cell().keep)

    def seen(self, x: int, y: int) -> tuple[int, ...]:
        """The color at the center of a pixel, as seen on the screen."""
        self.canvas.repaint()
        picture = self.canvas.grab().toImage()
        place = self.at(x, y) * picture.devicePixelRatio()
        return QColor(picture.pixel(place)).getRgb()[:3]

    def choose_view(self, text: str) -> None:
        """Click an entry of the view menu."""
        done: list[str] = []

        def step() -> None:
            menu = QApplication.activePopupWidget()
            if not isinstance(menu, QMenu):
                QTimer.singleShot(20, step)
                return
            (action,) = (a for a in menu.actions() if a.text() == text)
            QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(action).center())
            done.append(text)

        QTimer.singleShot(20, step)
        self.click("draw.view")
        until(lambda: done == [text])  # Qt 6.12 does not wait for the menu
        self.activate()


def pixels(mask: np.ndarray) -> set[Point]:
    return {(int(x), int(y)) for y, x in np.argwhere(mask)}


def block(x0: int, y0: int, x1: int, y1: int) -> set[Point]:
    return {(x, y) for x in range(x0, x1 + 1) for y in range(y0, y1 + 1)}


@contextmanager
def second_window(lab: Lab) -> Iterator[MainWindow]:
    """Draw in another window with the same settings."""
    window = MainWindow(lab)
    try:
        window.show_workspace("draw")
        yield window
    finally:
        delete_now(window)


@pytest.fixture
def artist(window: MainWindow, qtbot: QtBot) -> Artist:
    artist = Artist(window)
    qtbot.waitUntil(lambda: artist.canvas.isVisible())
    return artist


# -- pencil, eraser, line and shapes -------------------------------------------------------


def test_pencil_draws_joined_lines_and_undo_takes_the_whole_stroke(artist: Artist) -> None:
    artist.drag((2, 2), (6, 2), (6, 5))
    expected = {(x, 2) for x in range(2, 7)} | {(6, y) for y in range(2, 6)}
    assert artist.painted() == artist.colored(DARK) == expected
    assert artist.seen(4, 2) == DARK[:3]
    assert artist.steps == 1
    artist.undo()
    assert artist.cell().is_blank
    assert artist.seen(4, 2) != DARK[:3]
    artist.click("draw.redo")
    assert artist.painted() == expected


def test_the_right_button_paints_the_second_color_and_x_swaps(artist: Artist) -> None:
    artist.take_color(9, RIGHT)
    artist.drag((0, 0), (5, 0), button=RIGHT)
    assert artist.colored(DEFAULT_PALETTE[9]) == block(0, 0, 5, 0)
    artist.key(Key.Key_X)
    artist.drag((0, 2), (5, 2))
    artist.drag((0, 4), (5, 4), button=RIGHT)
    assert artist.colored(DEFAULT_PALETTE[9]) == block(0, 0, 5, 0) | block(0, 2, 5, 2)
    assert artist.colored(DARK) == block(0, 4, 5, 4)


def test_shift_draws_a_straight_line_from_the_last_point(artist: Artist) -> None:
    for tool in artist.afresh(Key.Key_B, Key.Key_E):
        artist.key(Key.Key_G)
        artist.drag((0, 0))
        artist.key(tool)
        artist.take_color(9)
        artist.drag((2, 2))
        artist.drag((8, 5), held=SHIFT)
        expected = set(drawing.line((2, 2), (8, 5)))
        found = artist.colored(CLEAR if tool == Key.Key_E else DEFAULT_PALETTE[9])
        assert found == expected


def test_with_shift_the_line_is_seen_before_it_is_drawn(artist: Artist) -> None:
    artist.drag((2, 2))
    place = QPointF(artist.at(8, 2))
    for held, seen in ((SHIFT, True), (NONE, False)):
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            place,
            artist.canvas.mapToGlobal(place),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton,
            held,
        )
        QApplication.sendEvent(artist.canvas, event)
        assert (artist.seen(5, 2) == DARK[:3]) == seen
    assert artist.painted() == {(2, 2)}


def test_a_drag_over_the_edge_stays_in_the_cell_and_may_begin_outside(artist: Artist) -> None:
    QTest.mousePress(artist.canvas, LEFT, NONE, artist.at(13, 4))
    QTest.mouseMove(artist.canvas, artist.at(15, 4) + QPoint(60, 0))
    QTest.mouseRelease(artist.canvas, LEFT, NONE, artist.at(15, 4) + QPoint(60, 0))
    assert artist.painted() == block(13, 4, 15, 4)
    artist.key(Key.Key_5)  # smaller than the canvas
    artist.drag((-2, 9), (3, 9))
    assert artist.painted() == block(13, 4, 15, 4) | block(0, 9, 3, 9)


def test_the_eraser_empties_and_leaves_no_step_where_nothing_was(artist: Artist) -> None:
    artist.drag((0, 3), (9, 3))
    artist.key(Key.Key_E)
    assert artist.find("draw.tool.eraser", QToolButton).isChecked()
    artist.drag((4, 3), (5, 3))
    assert artist.painted() == block(0, 3, 3, 3) | block(6, 3, 9, 3)
    artist.drag((12, 12))
    assert artist.steps == 2


def test_brushes_are_squares_of_one_to_five_pixels(artist: Artist) -> None:
    field: QSpinBox = artist.find("draw.option.size")
    for size in range(1, 6):
        assert field.value() == size
        artist.drag((8, 8))
        before = (size - 1) // 2
        assert artist.painted() == block(
            8 - before, 8 - before, 7 - before + size, 7 - before + size
        )
        artist.undo()
        artist.key(Key.Key_BracketRight)
    assert field.value() == 5
    artist.key(Key.Key_BracketLeft, times=2)
    artist.drag((4, 8), (7, 8))
    assert artist.painted() == block(3, 7, 8, 9)


def test_the_brush_is_seen_under_the_pointer(artist: Artist) -> None:
    def framed() -> bool:
        """Whether there is a white frame along the outer edge of the 3x3 pixels around (8, 8)."""
        picture = artist.canvas.grab().toImage()
        rect = artist.canvas.pixel_rect(7, 7)
        ratio = picture.devicePixelRatio()
        y = round(rect.center().y() * ratio)
        found = [
            QColor(picture.pixel(round(rect.left() * ratio) + dx, y)).getRgb()[:3]
            for dx in range(-2, 3)
        ]
        return (255, 255, 255) in found

    artist.find("draw.option.size").setValue(3)
    QTest.mouseMove(artist.canvas, artist.at(8, 8))
    assert framed()
    QTest.mouseMove(artist.canvas, artist.at(2, 2))
    assert not framed()


def test_shapes_are_seen_before_they_are_drawn(artist: Artist) -> None:
    shapes: list[tuple[Qt.Key, Qt.KeyboardModifier, Callable]] = [
        (Key.Key_L, NONE, lambda a, b, filled: drawing.line(a, b)),
        (Key.Key_U, NONE, lambda a, b, filled: drawing.rectangle(a, b, filled=filled)),
        (Key.Key_U, SHIFT, lambda a, b, filled: drawing.ellipse(a, b, filled=filled)),
    ]
    for (key, held, shape), filled in artist.afresh(*product(shapes, [False, True])):
        artist.key(key, held)
        if filled and key == Key.Key_U:
            artist.click("draw.option.filled")
        artist.drag((3, 2), (5, 9), (11, 7), let_go=False)
        expected = set(shape((3, 2), (11, 7), filled))
        assert artist.cell().is_blank
        assert all(artist.seen(*point) == DARK[:3] for point in expected)
        QTest.mouseRelease(artist.canvas, LEFT, NONE, artist.at(11, 7))
        assert artist.painted() == expected
        assert artist.steps == 1


def test_shift_makes_squares_and_circles(artist: Artist) -> None:
    for held in artist.afresh(NONE, SHIFT):
        artist.key(Key.Key_U, held)
        artist.drag((4, 4), (9, 6), held=SHIFT)
        shape = drawing.ellipse if held == SHIFT else drawing.rectangle
        assert artist.painted() == set(shape((4, 4), (9, 9)))


def test_shift_makes_lines_level_upright_or_diagonal(artist: Artist) -> None:
    for end, expected in (
        ((9, 3), block(2, 2, 9, 2)),
        ((1, 9), block(2, 2, 2, 9)),
        ((8, 9), {(n, n) for n in range(2, 10)}),
    ):
        artist.lab.project_io.new()
        artist.key(Key.Key_L)
        artist.drag((2, 2), end, held=SHIFT)
        assert artist.painted() == expected


def test_escape_takes_the_stroke_back_without_a_trace(artist: Artist) -> None:
    for tool in artist.afresh(Key.Key_B, Key.Key_U, Key.Key_K, Key.Key_S, Key.Key_V):
        artist.take_color(19)
        artist.drag((1, 1), (5, 1))
        before = artist.cell()
        artist.key(tool)
        artist.drag((1, 1), (4, 1), (4, 6), let_go=False)
        assert artist.cell() != before or tool == Key.Key_U
        QTest.keyClick(artist.canvas, Key.Key_Escape)
        QTest.mouseRelease(artist.canvas, LEFT, NONE, artist.at(4, 6))
        assert artist.cell() == before
        assert artist.steps == 1
        assert not artist.lab.project.history.can_redo


def test_undo_ends_the_stroke_that_it_takes_back(artist: Artist) -> None:
    artist.drag((1, 1), (5, 1))
    before = artist.cell()
    artist.drag((1, 3), (4, 3), let_go=False)
    artist.lab.project.history.undo()
    assert artist.cell() == before
    QTest.mouseMove(artist.canvas, artist.at(9, 9))
    QTest.mouseRelease(artist.canvas, LEFT, NONE, artist.at(9, 9))
    assert artist.cell() == before


# -- by color -----------------------------------------------------------------------------


def two_boxes(artist: Artist) -> None:
    artist.key(Key.Key_U)
    artist.drag((1, 1), (4, 4))
    artist.drag((8, 8), (12, 12))
    artist.take_color(9)


def test_the_bucket_fills_what_touches_or_all_of_a_color(artist: Artist) -> None:
    two_boxes(artist)
    artist.key(Key.Key_G)
    artist.drag((2, 2))
    assert artist.colored(DEFAULT_PALETTE[9]) == block(2, 2, 3, 3)
    artist.undo()
    artist.click("draw.option.contiguous")
    artist.drag((1, 1))
    frames = set(drawing.rectangle((1, 1), (4, 4))) | set(drawing.rectangle((8, 8), (12, 12)))
    assert artist.painted() == artist.colored(DEFAULT_PALETTE[9]) == frames
    artist.drag((2, 2), button=RIGHT)  # the second color is empty: nothing changes
    assert artist.painted() == frames


def test_replace_color_in_the_cell_or_in_all_chosen_ones(artist: Artist) -> None:
    artist.drag((1, 1), (4, 1))
    artist.choose(5)
    artist.drag((2, 8), (3, 8))
    artist.choose(0, CTRL)
    artist.choose(0)
    artist.choose(5, CTRL)
    artist.take_color(9)
    artist.key(Key.Key_R)
    current = artist.find("draw.cells").current
    other = 5 if current == 0 else 0
    spots = {0: (1, 1), 5: (2, 8)}
    artist.drag(spots[current])
    assert not artist.colored(DARK, current)
    assert artist.colored(DARK, other)
    artist.undo()
    artist.click("draw.option.all_chosen")
    artist.drag(spots[current])
    assert artist.colored(DEFAULT_PALETTE[9], 0) == block(1, 1, 4, 1)
    assert artist.colored(DEFAULT_PALETTE[9], 5) == block(2, 8, 3, 8)
    artist.undo()
    assert artist.colored(DARK, 0) == block(1, 1, 4, 1)
    assert artist.colored(DARK, 5) == block(2, 8, 3, 8)


def test_picker_and_alt(artist: Artist) -> None:
    artist.drag((1, 1))
    artist.take_color(14)
    artist.drag((2, 2))
    artist.drag((1, 1), held=ALT)
    artist.drag((5, 5))
    assert artist.color(5, 5) == DARK
    artist.key(Key.Key_I)
    artist.drag((2, 2), button=RIGHT)
    artist.key(Key.Key_B)
    artist.drag((6, 6), button=RIGHT)
    assert artist.color(6, 6) == DEFAULT_PALETTE[14]


def test_shading_goes_along_the_palette_once_a_stroke(artist: Artist) -> None:
    artist.take_color(19)
    artist.drag((2, 2), (6, 2))
    artist.key(Key.Key_S)
    artist.drag((2, 2), (4, 2), (2, 2))
    assert artist.colored(GREENS[2]) == block(2, 2, 4, 2)
    artist.drag((2, 2))
    assert artist.color(2, 2) == GREENS[3]
    artist.drag((6, 2), (5, 2), button=RIGHT)
    assert artist.colored(GREENS[0]) == block(5, 2, 6, 2)
    artist.drag((6, 2), button=RIGHT)  # there is no darker color
    assert artist.color(6, 2) == GREENS[0]
    artist.drag((10, 10))  # empty pixels have no shade
    assert artist.painted() == block(2, 2, 6, 2)


def test_shading_without_the_palette_lightens_and_darkens(artist: Artist) -> None:
    artist.take_color(19)
    artist.drag((2, 2), (4, 2))
    artist.key(Key.Key_S)
    artist.click("draw.option.along_palette")
    artist.drag((2, 2))
    artist.drag((4, 2), button=RIGHT)
    assert artist.color(2, 2) == drawing.brighter(GREENS[1], 0.06)
    assert artist.color(4, 2) == drawing.brighter(GREENS[1], -0.06)
    assert sum(artist.color(2, 2)) > sum(artist.color(3, 2)) > sum(artist.color(4, 2))


def test_outlines(artist: Artist) -> None:
    for inside in artist.afresh(False, True):
        artist.key(Key.Key_U)
        artist.click("draw.option.filled")
        artist.drag((4, 4), (8, 8))
        artist.take_color(9)
        artist.key(Key.Key_O, SHIFT if inside else NONE)
        expected = (
            block(4, 4, 8, 8) - block(5, 5, 7, 7)
            if inside
            else (block(3, 4, 9, 8) | block(4, 3, 8, 9)) - block(4, 4, 8, 8)
        )
        assert artist.colored(DEFAULT_PALETTE[9]) == expected
        artist.undo()
        assert artist.painted() == artist.colored(DARK) == block(4, 4, 8, 8)


# -- symmetry ------------------------------------------------------------------------------


def test_strokes_are_mirrored(artist: Artist) -> None:
    tools = ["pencil", "eraser", "line", "rectangle", "ellipse", "mask"]
    symmetries: list[drawing.Symmetry] = ["horizontal", "vertical", "both"]
    for tool, symmetry in artist.afresh(*product(tools, symmetries)):
        if tool == "eraser":
            artist.key(Key.Key_G)
            artist.drag((0, 0))
        artist.click(f"draw.tool.{tool}")
        artist.click(f"draw.symmetry.{symmetry}")
        artist.drag((2, 3), (5, 6))
        shapes: dict[str, Callable] = {"rectangle": drawing.rectangle, "ellipse": drawing.ellipse}
        drawn = shapes.get(tool, drawing.line)((2, 3), (5, 6))
        expected = set(drawing.symmetric(drawn, 16, symmetry))
        found = {"mask": artist.kept(), "eraser": artist.colored(CLEAR)}.get(tool, artist.painted())
        assert found == expected
        artist.undo()
        assert not artist.kept()
        assert artist.painted() == (block(0, 0, 15, 15) if tool == "eraser" else set())


def test_y_goes_through_the_symmetries_and_the_bucket_fills_each_side(artist: Artist) -> None:
    artist.drag((4, 0), (4, 15))
    artist.drag((11, 0), (11, 9))
    artist.key(Key.Key_Y)
    assert artist.find("draw.symmetry.horizontal", QToolButton).isChecked()
    artist.take_color(9)
    artist.key(Key.Key_G)
    artist.drag((1, 1))
    assert artist.colored(DEFAULT_PALETTE[9]) == (
        block(0, 0, 3, 15) | block(5, 0, 15, 15) - block(11, 0, 11, 9)
    )
    artist.key(Key.Key_Y, times=3)
    assert artist.find("draw.symmetry.none", QToolButton).isChecked()


# -- selections ----------------------------------------------------------------------------


def select(artist: Artist, start: Point, end: Point, held=NONE) -> None:
    artist.key(Key.Key_M)
    artist.drag(start, end, held=held)


def filled(artist: Artist) -> set[Point]:
    """The area filled by an unrestricted bucket: the selection, read from the pixels."""
    artist.key(Key.Key_G)
    artist.drag(next(iter(sorted(artist_selection(artist)))))
    found = artist.painted()
    artist.undo()
    return found


def artist_selection(artist: Artist) -> set[Point]:
    region = artist.find("draw").tools.selection
    return block(0, 0, 15, 15) if region is None else pixels(region)


def test_marquee_selects_adds_and_subtracts(artist: Artist) -> None:
    select(artist, (2, 2), (5, 6))
    assert filled(artist) == block(2, 2, 5, 6)
    select(artist, (5, 5), (9, 9), SHIFT)
    assert artist_selection(artist) == block(2, 2, 5, 6) | block(5, 5, 9, 9)
    select(artist, (0, 3), (4, 4), ALT)
    both = (block(2, 2, 5, 6) | block(5, 5, 9, 9)) - block(0, 3, 4, 4)
    assert artist_selection(artist) == both
    artist.click("draw.tool.marquee")
    artist.click("draw.select.invert")
    assert artist_selection(artist) == block(0, 0, 15, 15) - both
    artist.click("draw.select.none")
    assert filled(artist) == block(0, 0, 15, 15)
    select(artist, (2, 2), (3, 3))
    artist.key(Key.Key_M)
    artist.drag((10, 10))  # a click outside
    assert artist.find("draw").tools.selection is None
    assert not artist.lab.project.history.can_undo  # selecting is not a step of undo


def test_select_all_and_none_by_keys_and_escape(artist: Artist) -> None:
    select(artist, (2, 2), (3, 3))
    artist.key(Key.Key_A, CTRL)
    assert artist_selection(artist) == block(0, 0, 15, 15)
    artist.key(Key.Key_D, CTRL)
    assert artist.find("draw").tools.selection is None
    select(artist, (2, 2), (3, 3))
    artist.drag((8, 8), (12, 12), let_go=False)
    QTest.keyClick(artist.canvas, Key.Key_Escape)  # only the drag is canceled
    QTest.mouseRelease(artist.canvas, LEFT, NONE, artist.at(12, 12))
    assert artist_selection(artist) == block(2, 2, 3, 3)
    artist.key(Key.Key_Escape)
    assert artist.find("draw").tools.selection is None


def test_all_that_is_drawn_stays_within_the_selection(artist: Artist) -> None:
    for tool in artist.afresh("pencil", "eraser", "bucket", "line", "rectangle", "mask"):
        if tool == "eraser":
            artist.key(Key.Key_G)
            artist.drag((0, 0))
        select(artist, (4, 4), (7, 7))
        artist.click(f"draw.tool.{tool}")
        artist.drag((5, 2), (5, 12) if tool != "rectangle" else (12, 6))
        expected = {
            "bucket": set(),  # clicked outside of the selection
            "rectangle": {(5, 4), (5, 5), (5, 6), (6, 6), (7, 6)},
        }.get(tool, block(5, 4, 5, 7))
        found = {"mask": artist.kept(), "eraser": artist.colored(CLEAR)}.get(tool, artist.painted())
        assert found == expected
        if tool == "bucket":
            artist.drag((5, 5))
            assert artist.painted() == block(4, 4, 7, 7)


def test_the_selection_is_seen_and_goes_along_to_other_cells(artist: Artist) -> None:
    plain = artist.canvas.grab().toImage()
    select(artist, (4, 4), (7, 7))
    QTest.mouseMove(artist.canvas, artist.at(15, 15))
    assert artist.canvas.grab().toImage() != plain
    artist.choose(3)
    artist.key(Key.Key_G)
    artist.drag((5, 5))
    assert artist.painted(3) == block(4, 4, 7, 7)


def test_delete_clears_inside_and_in_the_grid_the_whole_cell(artist: Artist) -> None:
    artist.key(Key.Key_G)
    artist.drag((0, 0))
    select(artist, (4, 4), (7, 7))
    artist.key(Key.Key_Delete)
    assert artist.colored(CLEAR) == block(4, 4, 7, 7)
    artist.find("draw.cells").setFocus()
    QTest.keyClick(artist.find("draw.cells"), Key.Key_Delete)
    assert artist.cell().is_blank
    artist.undo()
    artist.undo()
    assert artist.painted() == block(0, 0, 15, 15)


@pytest.mark.parametrize("cut", [False, True])
def test_copied_pixels_are_pasted_where_they_were_and_moved_without_a_hole(
    artist: Artist, cut: bool
) -> None:
    artist.key(Key.Key_U)
    artist.click("draw.option.filled")
    artist.drag((2, 2), (5, 5))
    select(artist, (4, 4), (6, 6))
    artist.key(Key.Key_X if cut else Key.Key_C, CTRL)
    box = block(2, 2, 5, 5)
    corner = block(4, 4, 5, 5)
    assert artist.painted() == (box - corner if cut else box)
    assert QApplication.clipboard().image().size().toTuple() == (3, 3)
    artist.choose(1)
    artist.key(Key.Key_V, CTRL)
    assert artist.painted(1) == corner
    assert artist_selection(artist) == corner
    artist.drag((4, 4), (10, 9))
    assert artist.painted(1) == block(10, 9, 11, 10)
    artist.undo()
    assert artist.painted(1) == corner
    artist.undo()
    assert artist.cell(1).is_blank


def test_the_wand_selects_by_color(artist: Artist) -> None:
    for contiguous in artist.afresh(True, False):
        artist.key(Key.Key_U)
        artist.click("draw.option.filled")
        artist.drag((1, 1), (3, 3))
        artist.drag((8, 8), (9, 9))
        artist.key(Key.Key_W)
        if not contiguous:
            artist.click("draw.option.contiguous")
        artist.drag((2, 2))
        first, second = block(1, 1, 3, 3), block(8, 8, 9, 9)
        assert artist_selection(artist) == (first if contiguous else first | second)
        artist.drag((8, 8), held=SHIFT)
        assert artist_selection(artist) == first | second
        artist.drag((2, 2), held=ALT)
        assert artist_selection(artist) == (second if contiguous else block(0, 0, 15, 15))


# -- moving --------------------------------------------------------------------------------


def test_move_drags_the_whole_drawing_with_a_preview_and_one_undo(artist: Artist) -> None:
    artist.drag((1, 1), (3, 1))
    artist.key(Key.Key_V)
    artist.drag((8, 8), (10, 9), (11, 12), let_go=False)
    assert artist.painted() == block(4, 5, 6, 5)
    assert artist.seen(5, 5) == DARK[:3]
    QTest.mouseRelease(artist.canvas, LEFT, NONE, artist.at(11, 12))
    assert artist.steps == 2
    artist.undo()
    assert artist.painted() == block(1, 1, 3, 1)


def test_move_drags_the_selection_over_what_is_there(artist: Artist) -> None:
    artist.drag((1, 1), (6, 1))
    artist.take_color(9)
    artist.drag((2, 4), (3, 4))
    select(artist, (2, 1), (3, 2))
    artist.key(Key.Key_V)
    artist.drag((2, 1), (2, 4))
    assert artist.colored(DARK) == block(1, 1, 1, 1) | block(4, 1, 6, 1) | block(2, 4, 3, 4)
    assert artist_selection(artist) == block(2, 4, 3, 5)
    # Pixels that it passed over are restored, unless something else was drawn.
    artist.drag((2, 4), (2, 8))
    assert artist.colored(DEFAULT_PALETTE[9]) == block(2, 4, 3, 4)
    assert artist.colored(DARK) == block(1, 1, 1, 1) | block(4, 1, 6, 1) | block(2, 8, 3, 8)


def test_arrow_keys_nudge_as_one_step_and_bring_back_what_went_out(artist: Artist) -> None:
    artist.drag((0, 3), (1, 3))
    artist.key(Key.Key_V)
    artist.key(Key.Key_Left, times=2)
    assert artist.cell().is_blank
    artist.key(Key.Key_Right, times=2)
    artist.key(Key.Key_Down, SHIFT)
    assert artist.painted() == block(0, 7, 1, 7)
    assert artist.steps == 2
    artist.undo()
    assert artist.painted() == block(0, 3, 1, 3)
    artist.key(Key.Key_B)  # with other tools, arrow keys move the cursor
    artist.key(Key.Key_Right)
    assert artist.steps == 2


@pytest.mark.parametrize("key", [Key.Key_M, Key.Key_Q, Key.Key_W])
def test_tools_that_select_move_what_is_selected_too(artist: Artist, key: Qt.Key) -> None:
    artist.drag((1, 1), (4, 1))
    select(artist, (1, 1), (2, 1))
    artist.key(key)
    artist.drag((2, 1), (2, 4))
    assert artist.painted() == block(3, 1, 4, 1) | block(1, 4, 2, 4)
    artist.key(Key.Key_Right)
    artist.key(Key.Key_Down, SHIFT)
    assert artist.painted() == block(3, 1, 4, 1) | block(2, 8, 3, 8)
    assert artist.steps == 3
    artist.drag((0, 0), (1, 2), (3, 1), held=SHIFT)  # Shift adds instead of moving
    assert artist.steps == 3
    artist.key(Key.Key_D, CTRL)
    select(artist, (3, 1), (4, 1))
    artist.key(key)
    artist.drag((3, 1))  # a click selects, as anywhere else
    chosen = artist.find("draw").tools.selection
    assert (chosen is None) == (key != Key.Key_W)
    assert artist.steps == 3


def test_a_selection_made_by_keys_leaves_the_cursor_to_the_arrows(artist: Artist) -> None:
    artist.drag((2, 2), (4, 2))
    artist.key(Key.Key_M)
    artist.canvas.clearFocus()
    artist.canvas.setFocus(Qt.FocusReason.TabFocusReason)
    before, steps = artist.canvas.cursor_position, artist.steps
    QTest.keyPress(artist.canvas, Key.Key_Space)
    artist.key(Key.Key_Right)
    QTest.keyRelease(artist.canvas, Key.Key_Space)
    artist.key(Key.Key_Right)
    assert artist.canvas.cursor_position == (before[0] + 2, before[1])
    assert artist.steps == steps


def test_undo_and_redo_of_a_movement_take_the_selection_along(artist: Artist) -> None:
    artist.drag((2, 2), (4, 2))
    select(artist, (2, 2), (3, 2))
    artist.key(Key.Key_Down, times=3)
    artist.drag((2, 5), (9, 9))
    artist.undo()
    assert artist_selection(artist) == block(2, 5, 3, 5)
    artist.undo()
    assert artist_selection(artist) == block(2, 2, 3, 2)
    artist.click("draw.redo")
    assert artist_selection(artist) == block(2, 5, 3, 5)
    artist.key(Key.Key_D, CTRL)
    select(artist, (8, 8), (9, 9))
    artist.undo()
    assert artist_selection(artist) == block(8, 8, 9, 9)


def test_a_small_picture_from_another_program_lies_over_the_drawing(artist: Artist) -> None:
    artist.drag((0, 8), (15, 8))
    picture = QImage(4, 2, QImage.Format.Format_ARGB32)
    picture.fill(QColor(200, 0, 0))
    QApplication.clipboard().setImage(picture)
    artist.key(Key.Key_V, CTRL)
    assert artist_selection(artist) == block(6, 7, 9, 8)
    assert artist.colored((200, 0, 0, 255)) == block(6, 7, 9, 8)
    artist.key(Key.Key_Up, times=2)
    assert artist.colored(DARK) == block(0, 8, 15, 8)
    assert artist.colored((200, 0, 0, 255)) == block(6, 5, 9, 6)
    grid = artist.find("draw.cells")
    grid.setFocus()
    QTest.keyClick(grid, Key.Key_V, CTRL)  # in the grid, cells are pasted instead of pixels
    assert artist.painted() == block(6, 7, 9, 8)


def test_the_pointer_says_that_it_would_move_the_selection(artist: Artist) -> None:
    select(artist, (2, 2), (5, 5))
    artist.key(Key.Key_M)
    shapes = []
    for point in ((3, 3), (9, 9)):
        QTest.mouseMove(artist.canvas, artist.at(*point))
        shapes.append(artist.canvas.cursor().shape())
    assert shapes == [Qt.CursorShape.SizeAllCursor, Qt.CursorShape.CrossCursor]


def test_a_locked_layer_can_still_be_selected_on(artist: Artist) -> None:
    artist.drag((2, 2), (4, 2))
    select(artist, (2, 2), (5, 5))
    artist.window.menus.actions["layer.lock"].trigger()
    artist.key(Key.Key_M)
    artist.drag((3, 3), (8, 8))
    assert artist_selection(artist) == block(3, 3, 8, 8)


def test_a_move_that_was_escaped_leaves_the_next_one_where_it_is(artist: Artist) -> None:
    artist.drag((3, 3), (5, 3))
    artist.key(Key.Key_V)
    artist.drag((3, 3), (3, 6))
    artist.drag((3, 6), (9, 9), let_go=False)
    QTest.keyClick(artist.canvas, Key.Key_Escape)
    QTest.mouseRelease(artist.canvas, LEFT, NONE, artist.at(9, 9))
    assert artist.painted() == block(3, 6, 5, 6)
    artist.drag((3, 6), (4, 6))
    assert artist.painted() == block(4, 6, 6, 6)


def test_flips_and_turns_are_those_of_the_selection(artist: Artist) -> None:
    artist.drag((2, 2), (5, 2))
    artist.drag((2, 2), (2, 4))
    artist.drag((12, 12))
    select(artist, (2, 2), (5, 4))
    artist.click("draw.flip_horizontal")
    assert artist.painted() == block(2, 2, 5, 2) | block(5, 2, 5, 4) | {(12, 12)}
    artist.click("draw.flip_horizontal")
    artist.key(Key.Key_V, SHIFT)
    assert artist.painted() == block(2, 4, 5, 4) | block(2, 2, 2, 4) | {(12, 12)}
    artist.key(Key.Key_V, SHIFT)
    artist.click("draw.turn_right")
    turned = block(4, 2, 4, 5) | block(2, 2, 4, 2)
    assert artist.painted() == turned | {(12, 12)}
    assert artist_selection(artist) == block(2, 2, 4, 5)
    artist.click("draw.turn_left")
    assert artist.painted() == block(2, 2, 5, 2) | block(2, 2, 2, 4) | {(12, 12)}
    for _ in range(6):
        artist.undo()
    assert artist.painted() == block(2, 2, 5, 2) | block(2, 2, 2, 4) | {(12, 12)}


def test_turning_flipping_and_shifting(artist: Artist) -> None:
    artist.drag((0, 1))
    for how, expected in (
        ("flip_horizontal", (15, 1)),
        ("flip_vertical", (15, 14)),
        ("turn_right", (1, 15)),
        ("turn_left", (15, 14)),
        ("shift_right", (0, 14)),
    ):
        artist.click(f"draw.{how}")
        assert artist.painted() == {expected}
    artist.key(Key.Key_Left, CTRL)
    assert artist.painted() == {(15, 14)}
    artist.key(Key.Key_H, SHIFT)
    artist.key(Key.Key_V, SHIFT)
    assert artist.painted() == {(0, 1)}
    for _ in range(8):
        artist.undo()
    assert artist.painted() == {(0, 1)}


# -- masks ---------------------------------------------------------------------------------


def test_the_mask_brush_keeps_frees_and_knows_strengths_between(artist: Artist) -> None:
    artist.key(Key.Key_K)
    artist.drag((2, 2), (5, 2))
    assert artist.cell().is_blank
    assert artist.kept() == block(2, 2, 5, 2)
    artist.drag((2, 2), (3, 2), button=RIGHT)
    assert artist.kept() == block(4, 2, 5, 2)
    field = artist.find("draw.option.strength.field")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "40")
    QTest.keyClick(field, Key.Key_Return)
    artist.drag((8, 8), (9, 8))
    assert pixels(artist.cell().redraw == 102) == block(8, 8, 9, 8)
    QTest.mouseMove(artist.canvas, artist.at(8, 8))
    assert "redrawn 40%" in artist.find("draw.position", QLabel).text()
    artist.undo()
    artist.undo()
    assert artist.kept() == block(2, 2, 5, 2)
    artist.undo()
    assert artist.cell().redraw_strength is None


def test_what_is_drawn_can_be_kept_and_freed_at_once(artist: Artist) -> None:
    artist.drag((1, 1), (4, 1))
    artist.click("draw.mask.keep")
    assert artist.kept() == artist.painted() == block(1, 1, 4, 1)
    artist.click("draw.mask.free")
    assert artist.cell().redraw_strength is None


def test_the_mask_moves_with_what_it_marks(artist: Artist) -> None:
    artist.drag((2, 2), (3, 2))
    artist.key(Key.Key_K)
    artist.drag((2, 2), (3, 2))
    artist.key(Key.Key_V)
    artist.key(Key.Key_Down)
    assert artist.kept() == artist.painted() == block(2, 3, 3, 3)


# -- keys and read-out ---------------------------------------------------------------------


def test_keys_alone_draw_and_say_where_and_what(artist: Artist) -> None:
    artist.canvas.setFocus()
    x, y = artist.canvas.cursor_position
    QTest.keyPress(artist.canvas, Key.Key_Space)
    QTest.keyClick(artist.canvas, Key.Key_Right)
    QTest.keyClick(artist.canvas, Key.Key_Down)
    QTest.keyRelease(artist.canvas, Key.Key_Space)
    assert "#14121f" in artist.canvas.accessibleDescription()
    QTest.keyClick(artist.canvas, Key.Key_Down)
    assert artist.painted() == {(x, y), (x + 1, y), (x + 1, y + 1)}
    assert artist.steps == 1
    assert f"Column {x + 2}, row {y + 3}, empty" in artist.canvas.accessibleDescription()
    assert f"x {x + 1}" in artist.find("draw.position", QLabel).text()


def test_letters_are_tools(artist: Artist) -> None:
    tools = artist.find("draw").tools
    for key, held, name in (
        (Key.Key_E, NONE, "eraser"),
        (Key.Key_G, NONE, "bucket"),
        (Key.Key_L, NONE, "line"),
        (Key.Key_U, NONE, "rectangle"),
        (Key.Key_U, SHIFT, "ellipse"),
        (Key.Key_S, NONE, "shading"),
        (Key.Key_R, NONE, "replace"),
        (Key.Key_I, NONE, "picker"),
        (Key.Key_M, NONE, "marquee"),
        (Key.Key_W, NONE, "wand"),
        (Key.Key_V, NONE, "move"),
        (Key.Key_K, NONE, "mask"),
        (Key.Key_B, NONE, "pencil"),
    ):
        artist.key(key, held)
        assert tools.tool == name
        assert artist.find(f"draw.tool.{name}", QToolButton).isChecked()


def test_each_tool_shows_what_it_has_and_nothing_else(artist: Artist) -> None:
    from sprite_lab.app.draw.tools.tool_table import TOOLS

    row = artist.find("draw").area.options_row
    names = {
        "size": "draw.option.size",
        "rounded": "draw.brush.round",
        "strength": "draw.option.strength",
        "symmetry": "draw.symmetry",
        **{
            o: f"draw.option.{o}"
            for o in ("filled", "contiguous", "along_palette", "perfect", "all_chosen")
        },
    }
    width = artist.canvas.width()
    for tool in TOOLS:
        artist.click(f"draw.tool.{tool.name}")
        shown = {o for o, name in names.items() if row.findChild(object, name).isVisible()}
        assert shown == set(tool.options)
        assert artist.canvas.width() == width  # the canvas does not move


def test_the_strength_is_beside_its_word_in_every_width(artist: Artist) -> None:
    row = artist.find("draw").area.options_row
    artist.click("draw.tool.mask")
    strength = row.findChild(QWidget, "draw.option.strength")
    (word,) = (label for label in row.findChildren(QLabel) if label.text() == "Redraw")
    for width in range(240, 520, 20):
        row.layout().setGeometry(QRect(0, 0, width, 100))
        middles = [part.mapTo(row, part.rect().center()).y() for part in (word, strength)]
        assert abs(middles[0] - middles[1]) <= 2, f"they part at {width}"


# -- overlays -------------------------------------------------------------------------------------


def test_the_wheel_zooms_at_the_pointer_by_whole_numbers(artist: Artist) -> None:
    fitted, place = artist.canvas.zoom, artist.at(5, 6)
    turn_wheel(artist.canvas, 2, at=QPointF(artist.at(5, 6)))
    ratio = artist.canvas.devicePixelRatioF()
    assert artist.canvas.zoom > fitted
    assert artist.canvas.zoom * ratio == round(artist.canvas.zoom * ratio)
    QTest.mouseClick(artist.canvas, LEFT, NONE, place)
    assert artist.painted() == {(5, 6)}
    artist.click("draw.zoom")
    assert artist.canvas.zoom == fitted
    assert artist.canvas.is_fitted


def test_number_keys_zoom_and_0_and_f_fit(artist: Artist) -> None:
    fitted = artist.canvas.zoom
    for key, scale in ((Key.Key_1, 1), (Key.Key_4, 8), (Key.Key_6, 32)):
        artist.key(key)
        assert artist.canvas.zoom == scale
    for key in (Key.Key_0, Key.Key_F):
        artist.key(Key.Key_5)
        artist.key(key)
        assert artist.canvas.zoom == fitted


@pytest.mark.parametrize("way", ["space", "middle"])
def test_panning_moves_the_view_and_draws_nothing(artist: Artist, way: str) -> None:
    artist.key(Key.Key_6)
    before = artist.canvas.pixel_rect(8, 8).topLeft()
    start = artist.at(8, 8)
    artist.canvas.setFocus()
    QTest.mouseMove(artist.canvas, start)
    button = LEFT if way == "space" else Qt.MouseButton.MiddleButton
    if way == "space":
        QTest.keyPress(artist.canvas, Key.Key_Space)
    QTest.mousePress(artist.canvas, button, NONE, start)
    QTest.mouseMove(artist.canvas, start + QPoint(24, -16))
    QTest.mouseRelease(artist.canvas, button, NONE, start + QPoint(24, -16))
    if way == "space":
        QTest.keyRelease(artist.canvas, Key.Key_Space)
    moved = artist.canvas.pixel_rect(8, 8).topLeft() - before
    assert (moved.x(), moved.y()) == (24, -16)
    assert artist.cell().is_blank
    artist.drag((8, 8))
    assert artist.painted() == {(8, 8)}


@pytest.mark.parametrize("gray", [None, 0, 90, 118, 255])
def test_the_pixel_grid_is_seen_in_the_dark_on_every_color(
    theme: ThemeManager, qtbot: QtBot, gray: int | None
) -> None:
    theme.set_mode("dark")
    canvas = SpriteCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(360, 360)
    rgba = np.zeros((16, 16, 4), np.uint8)
    if gray is not None:
        rgba[:] = (gray, gray, gray, 255)
    canvas.set_sprite(rgba)
    with_grid = canvas.grab().toImage()
    canvas.show_grid(False)
    without = canvas.grab().toImage()
    left = round(canvas.pixel_rect(5, 0).left())
    top, bottom = canvas.pixel_rect(5, 2).top() + 2, canvas.pixel_rect(5, 5).bottom() - 2
    apart = [
        max(
            abs(with_grid.pixelColor(x, y).lightness() - without.pixelColor(x, y).lightness())
            for x in (left - 1, left, left + 1)
        )
        for y in range(round(top), round(bottom))
    ]
    theme.set_mode("light")
    assert max(apart) >= 8
    assert np.mean(np.array(apart) >= 5) >= 0.2


def test_the_pixel_grid_can_be_hidden(artist: Artist) -> None:
    artist.canvas.setFocus()
    with_grid = artist.canvas.grab().toImage()
    artist.choose_view("Pixel grid")
    without = artist.canvas.grab().toImage()
    assert without != with_grid
    artist.key(Key.Key_Apostrophe, CTRL)
    assert artist.canvas.grab().toImage() == with_grid


def test_onion_skin_shows_the_cells_of_the_row_faintly(artist: Artist) -> None:
    artist.drag((2, 2))
    artist.choose(2)
    artist.drag((4, 4))
    artist.choose(1)
    QTest.mouseMove(artist.canvas, artist.at(15, 15))
    before = [artist.seen(*point) for point in ((2, 2), (4, 4), (6, 6))]
    artist.choose_view("Onion skin")
    after = [artist.seen(*point) for point in ((2, 2), (4, 4), (6, 6))]
    changed = [a != b for a, b in zip(before, after, strict=True)]
    assert changed == [True, True, False]
    assert after[0] != after[1]  # past and future frames have different tints
    assert artist.cell(1).is_blank
    artist.choose(4)  # the first cell of the next row has no frame before it
    assert artist.seen(2, 2) == before[0]


def test_tiled_shows_copies_and_strokes_continue_across_borders(artist: Artist) -> None:
    scale = artist.canvas.zoom
    artist.choose_view("Tiled")
    assert artist.canvas.zoom <= scale / 2 + 1
    artist.drag((14, 5), (18, 5))
    assert artist.painted() == block(14, 5, 15, 5) | block(0, 5, 2, 5)
    assert artist.seen(-1, 5) == artist.seen(15, 5) == DARK[:3]
    artist.key(Key.Key_F8)
    artist.drag((14, 9), (18, 9))
    assert (0, 9) not in artist.painted()


def test_a_reference_picture_is_under_the_drawing_and_is_moved_by_hand(
    artist: Artist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    file = tmp_path / "after.png"
    picture = QImage(16, 16, QImage.Format.Format_RGB32)
    picture.fill(QColor("red"))
    picture.save(str(file))
    monkeypatch.setattr(canvas_views, "ask_open", choosing(file))
    bare = artist.seen(1, 1)
    artist.choose_view("Reference picture…")
    qtbot.waitUntil(lambda: artist.steps == 1)
    with_red = artist.seen(1, 1)
    assert with_red[0] > bare[0]
    assert with_red[1] < bare[1]
    artist.drag((1, 1))
    assert artist.seen(1, 1) == DARK[:3]
    artist.window.findChild(QSlider, "draw.view.reference_opacity").setValue(100)
    assert artist.seen(3, 3) == (255, 0, 0)
    artist.choose_view("Move reference picture")
    artist.drag((8, 8), (12, 8))
    assert artist.painted() == {(1, 1)}
    assert artist.seen(3, 3) != (255, 0, 0)
    assert artist.seen(5, 3) == (255, 0, 0)
    artist.choose_view("Move reference picture")
    artist.drag((2, 1))
    assert artist.painted() == {(1, 1), (2, 1)}
    placed = artist.lab.project.reference
    artist.choose_view("Remove reference picture")
    assert artist.seen(5, 3) != (255, 0, 0)
    assert artist.lab.project.reference is None
    # Each of these is a separate step of undo: opened, drawn, faded, moved, drawn, removed.
    assert artist.steps == 6
    artist.undo()
    assert artist.seen(5, 3) == (255, 0, 0)
    assert artist.lab.project.reference == placed
    artist.undo()
    artist.undo()
    assert artist.seen(3, 3) == (255, 0, 0)
    artist.undo()
    assert artist.seen(3, 3) == with_red
    artist.undo()
    artist.undo()
    assert artist.seen(1, 1) == bare
    assert artist.lab.project.is_clean


def test_the_notches_of_the_wheel_that_scale_a_reference_picture_are_one_step(
    artist: Artist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    file = tmp_path / "after.png"
    QImage(32, 8, QImage.Format.Format_RGB32).save(str(file))
    monkeypatch.setattr(canvas_views, "ask_open", choosing(file))
    artist.choose_view("Reference picture…")
    qtbot.waitUntil(lambda: artist.steps == 1)
    fitted = artist.lab.project.reference
    assert fitted is not None
    assert (fitted.left, fitted.top, fitted.scale) == (0, 6, 0.5)
    artist.choose_view("Move reference picture")
    for _ in range(3):
        turn_wheel(artist.canvas, 1, at=QPointF(artist.at(8, 8)))
    scaled = artist.lab.project.reference
    assert scaled is not None
    assert scaled.scale > 0.5
    assert scaled.left + 16 * scaled.scale == pytest.approx(8)
    assert artist.steps == 2
    artist.undo()
    assert artist.lab.project.reference == fitted


def test_what_is_no_picture_is_refused_in_one_sentence(
    artist: Artist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    file = tmp_path / "broken.png"
    file.write_bytes(b"nonsense")
    monkeypatch.setattr(canvas_views, "ask_open", choosing(file))
    artist.choose_view("Reference picture…")
    qtbot.waitUntil(lambda: len(artist.failures) == 1)
    assert artist.lab.project.reference is None
    assert "broken.png" in artist.failures[0]


# -- cells of other sizes ------------------------------------------------------------------


def test_cells_of_another_size_are_drawn_in_and_come_back(artist: Artist) -> None:
    for side in artist.afresh(8, 32):
        artist.drag((7, 7), (8, 8))
        artist.drag((0, 0))
        before = artist.lab.project.snapshot()
        field: QSpinBox = artist.find("draw.side")
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, str(side))
        QTest.keyClick(field, Key.Key_Return)
        assert artist.lab.project.side == side
        shift = (side - 16) // 2
        middle = {(7 + shift, 7 + shift), (8 + shift, 8 + shift)}
        assert artist.painted() == middle | ({(shift, shift)} if side > 16 else set())
        artist.drag((side - 1, side - 1))
        assert (side - 1, side - 1) in artist.painted()
        artist.undo()
        artist.undo()
        assert artist.lab.project.snapshot() == before
        assert field.value() == 16


def test_a_round_brush_paints_a_disc_and_shows_it_before(artist: Artist) -> None:
    artist.key(Key.Key_BracketRight, times=4)
    artist.click("draw.brush.round")
    artist.drag((7, 7))
    corners = {(5, 5), (9, 5), (5, 9), (9, 9)}
    assert artist.painted() == block(5, 5, 9, 9) - corners
    artist.undo()
    artist.key(Key.Key_BracketLeft, times=2)
    artist.drag((7, 7))
    assert artist.painted() == {(7, 6), (6, 7), (7, 7), (8, 7), (7, 8)}
    artist.key(Key.Key_E)
    artist.drag((7, 7))
    assert artist.cell().is_blank
    artist.click("draw.brush.square")
    artist.key(Key.Key_B)
    artist.drag((7, 7))
    assert artist.painted() == block(6, 6, 8, 8)


def test_the_outline_of_a_round_brush_is_seen_under_the_pointer(artist: Artist) -> None:
    artist.key(Key.Key_BracketRight, times=4)

    def rim() -> tuple[int, ...]:
        """The color at the edge of the upper left pixel that the square covers."""
        QTest.mouseMove(artist.canvas, artist.at(7, 7))
        artist.canvas.repaint()
        rect = artist.canvas.pixel_rect(5, 5)
        place = QPointF(rect.left(), rect.center().y()).toPoint()
        return artist.canvas.grab().toImage().pixelColor(place).getRgb()[:3]

    square = rim()
    artist.click("draw.brush.round")
    assert rim() != square


def test_many_columns_have_a_bar_to_scroll_by(artist: Artist) -> None:
    grid = artist.find("draw.cells")
    artist.find("draw").editor.resize(16, 16)
    QApplication.processEvents()
    assert grid.rect().contains(grid.cell_rect(255).toAlignedRect())
    grid.setFocus()
    QTest.keyClick(grid, Key.Key_End)
    assert grid.visibleRegion().boundingRect().contains(grid.cell_rect(255).center().toPoint())


def test_what_is_selected_elsewhere_is_scrolled_to(artist: Artist) -> None:
    draw = artist.find("draw")
    draw.editor.resize(16, 4)
    grid = artist.find("draw.cells")
    draw.session.choose_wanted.emit((63, 62))
    assert grid.visibleRegion().boundingRect().contains(grid.cell_rect(63).center().toPoint())
    assert draw.session.chosen == (62, 63)


def test_the_board_under_transparent_pixels_is_chosen_and_remembered(
    artist: Artist, theme: ThemeManager
) -> None:
    def choose(name: str) -> set[tuple[int, ...]]:
        artist.window.findChild(QAction, f"draw.view.board.{name}").trigger()
        artist.canvas.repaint()
        picture = artist.canvas.grab().toImage()
        area = artist.canvas.pixel_rect(4, 4).adjusted(1, 1, -1, -1)
        xs = range(int(area.left()) + 1, int(area.right()) - 1)
        ys = range(int(area.top()) + 1, int(area.bottom()) - 1)
        return {QColor(picture.pixel(x, y)).getRgb()[:3] for x in xs for y in ys}

    def fields(theme: Theme) -> set[tuple[int, ...]]:
        return {QColor(c).getRgb()[:3] for c in (theme.checker_a, theme.checker_b)}

    artist.choose_view("Pixel grid")  # off, so that no grid line is taken for the board
    assert choose("light") == fields(LIGHT)
    assert choose("dark") == fields(DARK_THEME)
    assert choose("theme") == fields(theme.theme)
    assert len(choose("plain")) == 1
    with second_window(artist.lab) as again:
        plain = again.findChild(QAction, "draw.view.board.plain")
        assert plain is not None
        assert plain.isChecked()


def test_what_is_seen_on_the_canvas_is_remembered(artist: Artist) -> None:
    settings = artist.lab.settings
    assert settings.value.canvas_views == ("grid",)
    artist.choose_view("Pixel grid")
    artist.choose_view("Tiled")
    assert settings.value.canvas_views == ("tiled",)
    with second_window(artist.lab) as again:
        checked = {
            name: again.findChild(QAction, f"draw.view.{name}").isChecked()  # type: ignore[union-attr]
            for name in ("grid", "onion", "tiled")
        }
        assert checked == {"grid": False, "onion": False, "tiled": True}
        assert again.workspace("draw").tools.options.value.wrap
