"""Draw used like a person would: mouse and keys on visible widgets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QRectF, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QImage,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QHBoxLayout,
    QMenu,
    QSplitter,
)
from PySide6.QtWidgets import QWidget as Widget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.layers import Layer
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE
from sprite_lab.core.plain import to_plain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.draw.cell_grid import CellGrid
from sprite_lab.ui.draw.workspace import DrawWorkspace
from sprite_lab.ui.theme import ThemeManager
from tests.gui.hands import LEFT, NONE, OnCanvas
from tests.gui.stand_ins import StandInModel
from tests.qt import delete_now, until

SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier
DARK = DEFAULT_PALETTE[0]
CLEAR = (0, 0, 0, 0)


class Desk(OnCanvas):
    """The workspace with its inspector in a window, and helpers to use it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.window = Widget()
        row = QHBoxLayout(self.window)
        self.workspace = DrawWorkspace(lab)
        row.addWidget(self.workspace, 1)
        row.addWidget(self.workspace.inspector)
        self.window.resize(1200, 760)
        self.failures: list[str] = []
        lab.failed.connect(lambda sentence, details: self.failures.append(sentence))

    def find(self, name: str, kind: type = Widget):
        panel = self.workspace.panel
        for widget in panel.findChildren(kind, name):
            panel.reveal(widget)
        (found,) = (w for w in self.window.findChildren(kind, name) if w.isVisible())
        return found

    def click(self, name: str) -> None:
        QTest.mouseClick(self.find(name), LEFT)

    def painted(self, cell: int = 0) -> set[tuple[int, int]]:
        rows, columns = np.nonzero(self.cell(cell).rgba[..., 3])
        return {(int(x), int(y)) for y, x in zip(rows, columns, strict=True)}

    def grid_key(self, key: Qt.Key, held=CTRL) -> None:
        grid = self.find("draw.cells")
        grid.setFocus()
        QTest.keyClick(grid, key, held)


@pytest.fixture
def theme(_theme: ThemeManager) -> ThemeManager:
    _theme.set_mode("dark")
    return _theme


@pytest.fixture
def desk(qtbot, _theme: ThemeManager, tmp_path: Path) -> Iterator[Desk]:
    lab = Lab(Settings(tmp_path / "settings.json"))
    desk = Desk(lab)
    _theme.dress(desk.window)
    desk.window.show()
    qtbot.waitExposed(desk.window)
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow)
    yield desk
    delete_now(desk.window)
    assert lab.jobs.shut_down(5.0)
    delete_now(lab)


# -- cells ---------------------------------------------------------------------------------


def test_copy_paste_duplicate_clear(desk: Desk) -> None:
    desk.drag((1, 1), (3, 1))
    drawn = desk.cell(0).pixels
    desk.grid_key(Qt.Key.Key_C)
    desk.choose(5)
    desk.choose(7, CTRL)
    desk.grid_key(Qt.Key.Key_V)
    assert [desk.cell(i).pixels == drawn for i in (5, 6, 7)] == [True, False, True]
    assert desk.cell(5).seed != desk.cell(7).seed
    desk.choose(0)
    desk.grid_key(Qt.Key.Key_D, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert desk.cell(1).pixels == drawn
    desk.choose(0)
    desk.grid_key(Qt.Key.Key_Delete, NONE)
    assert desk.cell(0).is_blank
    for _ in range(3):
        desk.click("draw.undo")
    assert [i for i in range(16) if not desk.cell(i).is_blank] == [0]


def test_several_cells_paste_from_the_chosen_one_on(desk: Desk) -> None:
    desk.drag((1, 1))
    desk.choose(1)
    desk.drag((2, 2))
    desk.choose(0)
    desk.choose(1, SHIFT)
    desk.grid_key(Qt.Key.Key_C)
    desk.choose(8)
    desk.grid_key(Qt.Key.Key_V)
    assert desk.painted(8) == {(1, 1)}
    assert desk.painted(9) == {(2, 2)}


def test_the_canvas_follows_the_chosen_cell(desk: Desk) -> None:
    desk.choose(6)
    desk.drag((4, 4))
    assert desk.painted(6) == {(4, 4)}
    assert desk.cell(0).is_blank


def test_class_of_several_cells(desk: Desk) -> None:
    desk.choose(2)
    desk.choose(3, CTRL)
    combo: QComboBox = desk.find("draw.class")
    combo.setFocus()
    QTest.keyClicks(combo, "f")
    QTest.keyClick(combo, Qt.Key.Key_Return)
    assert [desk.cell(i).class_name for i in (1, 2, 3)] == [None, "food", "food"]


def test_grid_size(desk: Desk) -> None:
    desk.choose(5)
    desk.drag((4, 4))
    rows = desk.find("draw.columns")
    rows.setFocus()
    QTest.keyClick(rows, Qt.Key.Key_Up)
    assert (desk.lab.project.rows, desk.lab.project.columns) == (4, 5)
    assert [i for i in range(20) if not desk.cell(i).is_blank] == [6]
    desk.click("draw.undo")
    assert [i for i in range(16) if not desk.cell(i).is_blank] == [5]


def test_a_wide_panel_has_two_columns_and_a_narrow_one_again(desk: Desk) -> None:
    panel = desk.workspace.panel

    def place(group: str) -> QPoint:
        return desk.find(f"draw.group.{group}").mapTo(panel.widget(), QPoint(0, 0))

    least = panel.minimumSizeHint().width()
    panel.setFixedWidth(2 * least)
    until(lambda: place("limits").x() > place("cell").x())
    assert place("limits").y() == place("cell").y()
    assert place("sheet").x() == place("limits").x()
    assert panel.minimumSizeHint().width() == least
    panel.setFixedWidth(least)
    until(lambda: desk.find("draw.tabs").isVisible())
    assert place("limits").x() == place("mask").x()  # on their tab
    until(lambda: panel.widget().width() <= panel.viewport().width())


def test_the_legend_of_masks_takes_another_row_rather_than_being_cut(desk: Desk) -> None:
    legend = desk.find("draw.mask.legend")
    assert legend.height() == legend.heightForWidth(legend.width())
    assert legend.heightForWidth(legend.width() // 2) > legend.heightForWidth(2 * legend.width())


def test_limits_of_all_cells_are_those_of_new_cells_too(desk: Desk) -> None:
    QTest.mouseClick(desk.find("draw.symmetric"), Qt.MouseButton.LeftButton, pos=QPoint(10, 8))
    assert [cell.conditions.symmetric for cell in desk.lab.project.cells] == [True] + 15 * [False]
    desk.click("draw.limits.everywhere")
    assert all(cell.conditions.symmetric for cell in desk.lab.project.cells)
    columns = desk.find("draw.columns")
    columns.setFocus()
    QTest.keyClick(columns, Qt.Key.Key_Up)
    assert len(desk.lab.project.cells) == 20
    assert all(cell.conditions.symmetric for cell in desk.lab.project.cells)
    desk.click("draw.undo")
    desk.click("draw.undo")
    assert [cell.conditions.symmetric for cell in desk.lab.project.cells] == [True] + 15 * [False]


def test_an_empty_project_is_filled_from_the_data_set(desk: Desk, sprites: SpriteSet) -> None:
    button = desk.find("draw.invitation.take")
    assert not button.isEnabled()
    assert "open a data set" in button.toolTip()
    desk.lab.data.set(sprites)
    desk.click("draw.invitation.take")
    known = {image.tobytes() for image in sprites.images}
    for cell in desk.lab.project.cells:
        assert cell.class_name in sprites.class_names
        opaque = cell.rgba[..., 3:] > 0
        assert np.where(opaque, cell.rgba[..., :3], 255).astype(np.uint8).tobytes() in known
    assert not desk.window.findChild(Widget, "draw.invitation").isVisible()
    assert desk.find("draw.cells").hasFocus()
    desk.click("draw.undo")
    assert all(cell.is_blank for cell in desk.lab.project.cells)
    assert desk.find("draw.invitation").isVisible()


def test_the_cells_stay_where_they_are_as_the_invitation_goes(desk: Desk) -> None:
    def place() -> QRectF:
        QApplication.processEvents()
        return desk.find("draw.cells").cell_rect(0)

    before = place()
    desk.drag((3, 3))
    assert not desk.window.findChild(Widget, "draw.invitation").isVisible()
    assert place() == before


def test_chosen_cells_take_sprites(desk: Desk, sprites: SpriteSet) -> None:
    desk.lab.data.set(sprites)
    desk.choose(2)
    desk.choose(3, CTRL)
    desk.click("draw.take")
    assert [i for i in range(16) if not desk.cell(i).is_blank] == [2, 3]
    assert desk.lab.project.history.undo_text == "Take 2 sprites"


def test_sprites_of_another_size_cannot_be_taken(desk: Desk) -> None:
    desk.lab.data.set(SpriteSet(np.zeros((2, 24, 24, 3), np.uint8)))
    assert not desk.find("draw.take").isEnabled()
    assert "24×24" in desk.find("draw.take").toolTip()


def test_the_menu_of_a_cell(desk: Desk) -> None:
    desk.lab.model.set(StandInModel())
    desk.choose(3)
    desk.drag((1, 1))
    grid: CellGrid = desk.find("draw.cells")
    desk.choose(0)

    def open_menu(index: int) -> dict[str, QAction]:
        place = grid.cell_rect(index).center().toPoint()
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, grid.mapToGlobal(place))
        QApplication.sendEvent(grid, event)
        menu = next(m for m in desk.window.findChildren(QMenu, "draw.cell_menu") if m.isVisible())
        actions = {a.text(): a for a in menu.actions()}
        classes = actions["Class"].menu()
        menu.hide()
        return actions | {a.text(): a for a in classes.actions()}

    actions = open_menu(3)
    assert grid.selection == (3,)
    actions["food"].trigger()
    assert desk.cell(3).class_name == "food"
    open_menu(3)["Duplicate"].trigger()
    assert desk.painted(4) == {(1, 1)}
    open_menu(3)["Clear"].trigger()
    assert desk.cell(3).is_blank
    desk.choose(5)
    desk.choose(6, CTRL)
    open_menu(6)["Any class"].trigger()
    assert grid.selection == (5, 6)


def test_the_splitter_stays_where_it_was_put(desk: Desk, qtbot) -> None:
    (splitter,) = desk.workspace.findChildren(QSplitter)
    handle = splitter.handle(1)
    middle = handle.rect().center()
    before = splitter.sizes()[0]
    QTest.mousePress(handle, LEFT, NONE, middle)
    QTest.mouseMove(handle, middle + QPoint(40, 0))
    QTest.mouseRelease(handle, LEFT, NONE, middle + QPoint(40, 0))
    moved = splitter.sizes()[0]
    assert moved > before
    again = Desk(desk.lab)
    qtbot.addWidget(again.window)
    again.window.show()
    qtbot.waitExposed(again.window)
    (splitter,) = again.workspace.findChildren(QSplitter)
    assert abs(splitter.sizes()[0] - moved) <= 1


@pytest.mark.parametrize(("size", "left"), [(16, 0), (4, 6)])
def test_picture_from_the_clipboard(desk: Desk, size: int, left: int) -> None:
    picture = QImage(size, size, QImage.Format.Format_ARGB32)
    picture.fill(QColor(10, 20, 30, 255))
    QApplication.clipboard().setImage(picture)
    desk.grid_key(Qt.Key.Key_V)
    assert len(desk.painted()) == size * size
    assert desk.color(left, left) == (10, 20, 30, 255)
    assert not desk.failures


def test_a_picture_that_is_too_large_and_cannot_be_cut_gets_one_sentence(desk: Desk) -> None:
    picture = QImage(41, 4, QImage.Format.Format_RGB32)
    picture.fill(QColor("red"))
    QApplication.clipboard().setImage(picture)
    desk.grid_key(Qt.Key.Key_V)
    until(lambda: bool(desk.failures))
    assert desk.failures == [
        "“Copied picture” has 41×4 pixels and cannot be cut into cells of 16×16 or any other "
        "size; crop it to a multiple of 16 first."
    ]
    assert len(desk.lab.project.history) == 0


def test_an_empty_clipboard_says_so(desk: Desk) -> None:
    QApplication.clipboard().setText("words")
    desk.grid_key(Qt.Key.Key_V)
    assert desk.failures == [
        "There is no picture on the clipboard; copy a cell or a picture first."
    ]


def test_damaged_cells_on_the_clipboard_change_nothing(desk: Desk) -> None:
    drawn = bytes([9, 9, 9, 255]) * 256
    entry = to_plain(Cell(drawn, layers=(Layer(drawn), Layer(drawn))))
    assert isinstance(entry, dict)
    too_bright = json.dumps([entry | {"limit": [[300, -1, 0, 255]]}]).encode()
    for text in (b"{", b"[1]", b'[{"pixels": "AA==", "mask": null}]', b"[NaN]", too_bright):
        data = QMimeData()
        data.setData("application/x-sprite-lab-cells+json", text)
        QApplication.clipboard().setMimeData(data)
        desk.grid_key(Qt.Key.Key_V)
    assert len(desk.failures) == 5
    assert desk.lab.project.is_clean
