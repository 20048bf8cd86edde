"""Layers in Draw, by mouse and keys: drawn on, ordered, hidden, locked, and drawn by the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QSpinBox, QTableWidget
from pytestqt.qtbot import QtBot

from sprite_lab.app.draw.generate import batch_drawing
from sprite_lab.app.draw.recipes import Recipes
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.drawing import CleanUp
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.layers import MOST_LAYERS
from sprite_lab.core.pixels.nearest import nearest_color
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE
from sprite_lab.formats.aseprite.aseprite import read_aseprite
from sprite_lab.ui.draw.edit_dialogs import CleanUpDialog, RotateDialog
from sprite_lab.ui.shell.main_window import MainWindow
from tests.gui.hands import LEFT, NONE
from tests.gui.maker import CTRL, SHIFT, Key, Maker
from tests.gui.stand_ins import StandInCells, StandInModel, cells_drawn
from tests.qt import until

pytestmark = pytest.mark.opens("draw", shared=True)

__all__ = ["cells_drawn"]

DARK, GREEN = DEFAULT_PALETTE[0], DEFAULT_PALETTE[20]
CLEAR = (0, 0, 0, 0)
SHOWN, LOCKED, MODEL, NAME = range(4)


class Artist(Maker):
    """Works with the list of layers."""

    @property
    def list(self) -> QTableWidget:
        return self.find("draw.layers.list")

    def unfold_layers(self) -> None:
        self.click("draw.layers.header")

    def at_row(self, row: int, column: int) -> QPoint:
        list_ = self.list
        return list_.visualItemRect(list_.item(row, column)).center()

    def click_row(self, row: int, column: int = NAME) -> None:
        QTest.mouseClick(self.list.viewport(), LEFT, NONE, self.at_row(row, column))

    def menu(self, name: str) -> None:
        self.window.menus.actions[f"layer.{name}"].trigger()

    @property
    def names(self) -> list[str]:
        """Names in the list, from top to bottom."""
        return [self.list.item(row, NAME).text() for row in range(self.list.rowCount())]

    def layer_color(self, n: int, x: int, y: int) -> tuple[int, ...]:
        return tuple(int(v) for v in self.cell().stack[n].rgba[y, x])


@pytest.fixture
def artist(window: MainWindow, qtbot: QtBot) -> Artist:
    artist = Artist(window)
    qtbot.waitUntil(lambda: artist.canvas.isVisible())
    artist.activate()
    return artist


def two_layers(artist: Artist) -> None:
    """A dark row, and above it a green column on a layer of its own."""
    artist.drag((2, 4), (9, 4))
    artist.key(Key.Key_N, SHIFT)
    artist.take_color(20)
    artist.drag((4, 2), (4, 9))


def test_they_are_folded_away_and_one_layer_is_as_before(artist: Artist) -> None:
    assert not artist.window.findChild(QTableWidget, "draw.layers.list").isVisible()
    artist.drag((2, 4), (9, 4))
    assert artist.cell().layers == ()
    artist.unfold_layers()
    assert artist.names == ["Layer 1"]
    assert not artist.find("draw.layers.remove").isEnabled()
    assert "at least one layer" in artist.find("draw.layers.remove").toolTip()


def test_tools_draw_on_the_chosen_layer(artist: Artist) -> None:
    two_layers(artist)
    assert artist.names == ["Layer 2", "Layer 1"]  # the key has expanded the list
    assert artist.color(4, 4) == GREEN
    assert artist.layer_color(0, 4, 4) == DARK
    assert artist.layer_color(1, 4, 4) == GREEN
    artist.click_row(1)
    artist.key(Key.Key_E)
    artist.drag((2, 4), (9, 4))
    assert artist.color(4, 4) == GREEN
    assert artist.color(5, 4) == CLEAR
    artist.key(Key.Key_I)
    artist.paint(4, 4)  # the picker takes what is visible
    assert artist.find("draw").tools.colors[0] == GREEN
    artist.key(Key.Key_W)
    artist.paint(4, 4)  # the wand reads the active layer, which is empty there
    assert artist.find("draw").tools.selection.all()
    for _ in range(4):
        artist.undo()
    assert artist.cell() == Cell(conditions=artist.cell().conditions)


def test_the_marks_of_a_layer_do_not_choose_it(artist: Artist) -> None:
    two_layers(artist)
    assert artist.list.currentRow() == 0
    artist.click_row(1, 0)
    assert [layer.visible for layer in artist.cell().layers] == [False, True]
    assert artist.list.currentRow() == 0


def test_moving_and_pasting_are_of_the_layer(artist: Artist) -> None:
    two_layers(artist)
    artist.key(Key.Key_V)
    artist.key(Key.Key_Right)
    assert artist.layer_color(1, 5, 4) == GREEN
    assert artist.color(4, 4) == DARK
    artist.key(Key.Key_M)
    artist.drag((5, 2), (5, 9))
    artist.key(Key.Key_C, CTRL)
    artist.key(Key.Key_PageDown, CTRL)
    artist.key(Key.Key_V, CTRL)
    assert artist.layer_color(0, 5, 9) == GREEN


def test_hidden_and_locked_layers_take_no_strokes_and_say_so(artist: Artist) -> None:
    two_layers(artist)
    told: list[str] = []
    artist.lab.notice.connect(told.append)
    artist.click_row(0, SHOWN)
    assert artist.color(4, 4) == DARK
    assert artist.color(4, 2) == CLEAR
    before = artist.cell()
    artist.paint(0, 0)
    assert "“Layer 2” is hidden" in told[-1]
    artist.click_row(0, SHOWN)
    artist.click_row(0, LOCKED)
    before = artist.cell()
    for act in (
        lambda: artist.paint(0, 0),
        lambda: artist.key(Key.Key_O),
        lambda: artist.key(Key.Key_V) or artist.key(Key.Key_Left),
    ):
        told.clear()
        act()
        assert "“Layer 2” is locked" in told[-1]
        assert artist.cell() == before
    assert not artist.find("draw.layers.remove").isEnabled()
    artist.menu("merge_down")
    assert artist.cell() == before
    assert "unlock" in told[-1]
    artist.click_row(0, LOCKED)
    artist.key(Key.Key_B)
    artist.paint(0, 0)
    assert artist.color(0, 0) == GREEN


def test_clearing_is_of_the_layer_and_refused_where_that_is_locked(artist: Artist) -> None:
    two_layers(artist)
    artist.key(Key.Key_Delete)
    assert artist.layer_color(1, 4, 2) == CLEAR
    assert artist.layer_color(0, 4, 4) == DARK
    artist.undo()
    artist.click_row(0, LOCKED)
    before, told = artist.cell(), artist.notices
    canvas = np.ones((16, 16), bool)
    tools = artist.find("draw").tools
    for selection in (None, canvas):
        tools.set_selection(selection)
        for key, held in ((Key.Key_Delete, NONE), *((Key.Key_H, SHIFT),) * (selection is canvas)):
            told.clear()
            artist.key(key, held)
            assert told == ["“Layer 2” is locked: unlock it, or choose another layer."]
            assert artist.cell() == before
    tools.select_none()
    artist.choose(0)  # cells lose everything that is not locked
    QTest.keyClick(artist.find("draw.cells"), Key.Key_Delete)
    assert artist.layer_color(0, 4, 4) == CLEAR
    assert artist.cell().layers[1] == before.layers[1]
    assert told[-1] == "What is on locked layers stays: unlock them to clear it."
    artist.click_row(0, LOCKED)
    QTest.keyClick(artist.find("draw.cells"), Key.Key_X, CTRL)
    assert artist.cell() == Cell(conditions=before.conditions)


def test_pictures_as_a_whole_are_turned_and_resized_with_their_locked_layers(
    artist: Artist,
) -> None:
    two_layers(artist)
    artist.menu("lock")
    artist.key(Key.Key_H, SHIFT)
    assert artist.layer_color(1, 11, 2) == GREEN
    artist.key(Key.Key_Right, CTRL)
    assert artist.layer_color(1, 12, 2) == GREEN
    artist.find("draw").editor.resize_cells(18)
    assert artist.layer_color(1, 13, 3) == GREEN
    assert artist.cell().layers[1].locked


def test_edits_of_several_cells_leave_those_whose_layer_is_locked_and_say_so(
    artist: Artist,
) -> None:
    for index in (0, 1):
        artist.choose(index)
        artist.drag((2, 4), (2, 4))
    artist.menu("lock")
    artist.choose(0, CTRL)
    assert artist.chosen == (0, 1)
    locked, told = artist.cell(1), artist.notices
    editor, tools = artist.find("draw").editor, artist.find("draw").tools

    def replaced() -> None:
        tools.options.replace(all_chosen=True)
        tools.replace_color(DARK, GREEN, artist.lab.project.next_stroke())

    for act in (replaced, lambda: editor.clean_up(CleanUp(lone=True)), editor.clear):
        told.clear()
        act()
        assert told == ["1 cell stays as it is: its layer is locked or hidden."]
        assert artist.cell(1) == locked
        assert artist.color(2, 4) != DARK
        artist.undo()
        assert artist.color(2, 4) == DARK
    artist.choose(1)
    told.clear()
    artist.find("draw").clean_up()
    assert "“Layer 1” is locked" in told[-1]
    assert artist.window.findChild(CleanUpDialog) is None
    tools.select_all()
    artist.find("draw").rotate()
    assert len(told) == 2
    assert artist.window.findChild(RotateDialog) is None


def test_translucent_layers_mix_to_colors_of_a_locked_palette(artist: Artist) -> None:
    two_layers(artist)
    artist.find("draw.layers.opacity").setValue(50)
    mixed = artist.color(4, 4)
    assert mixed not in DEFAULT_PALETTE
    assert "limited to the palette" in artist.find("draw.layers.opacity").toolTip()
    artist.click("draw.palette.limit")
    assert artist.color(4, 4) == nearest_color(mixed, DEFAULT_PALETTE)
    assert artist.color(4, 2) in (*DEFAULT_PALETTE, CLEAR)
    artist.find("draw").editor.copy()
    artist.choose(3)
    artist.find("draw").editor.paste()
    assert artist.cell(3).layers == artist.cell(0).layers
    artist.choose(0)
    artist.menu("merge_down")
    assert {*map(tuple, artist.cell().rgba.reshape(-1, 4).tolist())} <= {*DEFAULT_PALETTE, CLEAR}
    for _ in range(3):
        artist.undo()
    assert artist.color(4, 4) == mixed


def test_a_batch_has_no_mask_of_what_layers_cover(
    artist: Artist, cells_drawn: StandInCells, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_drawing, "COUNT", 4)
    artist.lab.model.set(StandInModel())
    artist.key(Key.Key_N, SHIFT)
    artist.drag((4, 4), (9, 4))
    batches = artist.find("draw").batches
    batches.start(None)
    qtbot.waitUntil(lambda: batches.batch is not None)
    known = cells_drawn.calls[0][0].known()
    assert known is not None
    assert known.sum() == 6
    batches.keep([0])
    batches.put_into_cells()
    assert artist.color(5, 4, cell=1) == DARK
    assert artist.cell(1).made_by == cells_drawn.calls[0][0]
    assert artist.cell(1).redraw_strength is None


def test_the_menu_shows_the_keys_of_the_canvas(artist: Artist) -> None:
    menus = artist.window.menus
    (layer,) = (menu for title, menu in menus.menus.items() if title == "&Layer")
    plain_texts = {name: action.text() for name, action in menus.actions.items()}
    layer.aboutToShow.emit()
    for name, key in (("add", "Shift+N"), ("show", "Shift+X"), ("rename", "Shift+P")):
        assert menus.actions[f"layer.{name}"].text().endswith(f"\t{key}")
    assert menus.actions["edit.flip_horizontal"].text().endswith("\tShift+H")
    layer.aboutToHide.emit()
    artist.lab.settings.set_keys("canvas.layer_add", ("Ctrl+J",), ("Shift+N",))
    layer.aboutToShow.emit()
    assert menus.actions["layer.add"].text().endswith("\tCtrl+J")
    layer.aboutToHide.emit()
    assert {name: action.text() for name, action in menus.actions.items()} == plain_texts


def test_order_names_opacity_and_merging(artist: Artist) -> None:
    two_layers(artist)
    artist.click("draw.layers.lower_layer")
    assert artist.color(4, 4) == DARK
    artist.click("draw.layers.raise_layer")
    artist.key(Key.Key_P, SHIFT)
    QTest.keyClicks(artist.list.findChild(QLineEdit), "grass")
    QTest.keyClick(artist.list.findChild(QLineEdit), Key.Key_Return)
    until(lambda: artist.names == ["grass", "Layer 1"])
    field: QSpinBox = artist.find("draw.layers.opacity")
    before = artist.steps
    for percent in (80, 60, 50):
        field.setValue(percent)
    assert artist.steps == before + 1
    assert artist.cell().layers[1].opacity == 128
    assert artist.color(4, 2) == (*GREEN[:3], 128)
    seen = artist.cell().pixels
    artist.click("draw.layers.duplicate")
    assert artist.names == ["grass copy", "grass", "Layer 1"]
    artist.click("draw.layers.remove")
    artist.menu("merge_down")
    assert artist.names == ["Layer 1"]
    assert artist.cell().pixels == seen
    artist.undo()
    assert artist.names == ["grass", "Layer 1"]
    artist.menu("flatten")
    assert artist.cell().layers == ()
    assert artist.cell().pixels == seen


def test_a_layer_is_dragged_to_another_place(artist: Artist) -> None:
    two_layers(artist)
    artist.click("draw.layers.add")
    assert artist.names == ["Layer 3", "Layer 2", "Layer 1"]
    below = artist.list.visualItemRect(artist.list.item(2, NAME)).bottomLeft() + QPoint(5, -2)
    data = QMimeData()  # the event does not keep it alive
    drop = QDropEvent(
        QPointF(below), Qt.DropAction.MoveAction, data, LEFT, Qt.KeyboardModifier.NoModifier
    )
    artist.list.dropEvent(drop)
    until(lambda: artist.names == ["Layer 2", "Layer 1", "Layer 3"])
    assert artist.find("draw").tools.layer == 0
    artist.undo()
    assert artist.names == ["Layer 3", "Layer 2", "Layer 1"]


def test_chosen_cells_get_the_same(artist: Artist) -> None:
    artist.choose(0)
    artist.choose(1, CTRL)
    artist.menu("add")
    assert [len(artist.cell(i).stack) for i in range(3)] == [2, 2, 1]
    artist.choose(2)
    assert artist.names == ["Layer 1"]
    artist.choose(1)
    assert artist.names == ["Layer 2", "Layer 1"]
    assert artist.list.currentRow() == 0  # the row stays the same from cell to cell


def test_there_are_only_so_many(artist: Artist) -> None:
    for _ in range(MOST_LAYERS + 2):
        artist.menu("add")
    assert len(artist.cell().layers) == MOST_LAYERS
    assert not artist.find("draw.layers.add").isEnabled()
    assert "at most 16" in artist.find("draw.layers.add").toolTip()


def test_whole_cells_are_turned_copied_and_saved_with_their_layers(
    artist: Artist, tmp_path: Path
) -> None:
    two_layers(artist)
    artist.key(Key.Key_H, SHIFT)
    assert artist.layer_color(0, 6, 4) == DARK
    assert artist.layer_color(1, 11, 2) == GREEN
    layers = artist.cell().layers
    artist.find("draw").editor.copy()
    artist.choose(3)
    artist.find("draw").editor.paste()
    assert artist.cell(3).layers == layers
    artist.find("draw").files._write_aseprite(tmp_path / "a.aseprite")
    until((tmp_path / "a.aseprite").exists)
    names = [layer.name for layer in read_aseprite(tmp_path / "a.aseprite").layers]
    assert names == ["Layer 1", "Layer 2"]
    artist.choose(4)
    artist.find("draw").files.import_picture(tmp_path / "a.aseprite")
    until(lambda: len(artist.cell(4).layers) == 2)
    assert artist.cell(4).pixels == artist.cell(0).pixels


def test_what_the_model_draws_stays_below_what_is_drawn(
    artist: Artist, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    artist.lab.model.set(StandInModel())
    artist.key(Key.Key_N, SHIFT)
    artist.drag((4, 4), (9, 4))
    drawn = artist.cell().layers[1]
    for times in (1, 2):  # nothing would be lost, so there is no question
        artist.click("draw.generate")
        qtbot.waitUntil(lambda times=times: len(cells_drawn.calls) == times and artist.idle())
    (config,) = cells_drawn.calls[-1]
    known = config.known()
    assert known is not None
    assert {(int(x), int(y)) for y, x in np.argwhere(known)} == {(x, 4) for x in range(4, 10)}
    assert artist.cell().layers[1] == drawn
    assert artist.color(5, 4) == DARK
    assert artist.color(5, 5) == (0, 50, 60, 255)
    assert artist.layer_color(0, 5, 4) == CLEAR
    assert artist.cell().made_by == config


def test_a_locked_layer_of_the_model_is_not_drawn_on(
    artist: Artist, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    artist.lab.model.set(StandInModel())
    two_layers(artist)
    artist.click_row(1, LOCKED)
    failed: list[str] = []
    artist.lab.failed.connect(lambda sentence, _details: failed.append(sentence))
    artist.find("draw").generation.start((0,))
    assert "“Layer 1”" in failed[-1]
    assert not cells_drawn.calls
    artist.click_row(0, MODEL)
    assert [layer.generated for layer in artist.cell().layers] == [False, True]
    artist.find("draw").generation.start((0,))
    qtbot.waitUntil(lambda: bool(cells_drawn.calls) and artist.idle())
    assert artist.layer_color(1, 5, 5) == (0, 50, 60, 255)
    assert artist.layer_color(0, 5, 5) == CLEAR


def test_other_chosen_cells_stay_where_it_cannot_be_done_to_them(artist: Artist) -> None:
    artist.drag((2, 4), (9, 4))
    one = artist.cell()
    editor, layers = artist.find("draw").editor, artist.find("draw").layers
    editor.copy()
    artist.choose(1)
    editor.paste()
    artist.menu("add")
    artist.drag((2, 6), (9, 6))
    artist.choose(0, CTRL)
    artist.choose(1, CTRL)
    artist.choose(1, CTRL)
    assert set(artist.find("draw").session.chosen) == {0, 1}
    layers.choose(0)
    layers.remove()  # the other cell has only this layer
    assert artist.cell(0) == one
    assert len(artist.cell(1).stack) == 1
    artist.undo()
    artist.choose(0)
    artist.menu("add")
    artist.drag((2, 6), (9, 6))
    artist.menu("lock")
    locked = artist.cell(0)
    for act in (layers.merge_down, layers.flatten, layers.remove):
        artist.choose(0)
        artist.choose(1, CTRL)
        assert artist.find("draw").session.current == 1
        layers.choose(1)
        act()
        assert len(artist.cell(1).stack) == 1
        assert artist.cell(0) == locked
        artist.undo()


def test_a_cell_with_hidden_drawings_is_not_taken_for_a_blank_one(artist: Artist) -> None:
    artist.choose(1)
    artist.drag((2, 4), (9, 4))
    artist.menu("show")
    hidden = artist.cell(1)
    assert hidden.is_blank
    artist.choose(0)
    artist.drag((2, 2), (9, 2))
    artist.find("draw").editor.duplicate()
    assert artist.cell(1) == hidden
    assert artist.cell(2).pixels == artist.cell(0).pixels
    artist.choose(0)
    artist.find("draw").editor.hue_variants()
    assert artist.cell(1) == hidden


def test_variations_leave_the_other_layers_of_their_cells(
    artist: Artist, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    artist.lab.model.set(StandInModel())
    artist.choose(1)
    artist.key(Key.Key_N, SHIFT)
    artist.drag((4, 4), (9, 4))
    drawn = artist.cell(1).layers[1]
    artist.choose(0)
    artist.choose(1, CTRL)
    artist.choose(0, CTRL)
    artist.choose(0, CTRL)
    generation = artist.find("draw").generation
    source = generation.session.first
    target = 1 - source
    assert target == 1
    # nothing would be lost, so there is no question
    assert generation.drafts.lost((1,), whole=True) == ()
    generation.vary(1, 0.2)
    qtbot.waitUntil(lambda: bool(cells_drawn.calls) and artist.idle())
    assert artist.cell(1).layers[1] == drawn
    assert artist.color(5, 5, cell=1) == (0, 50, 60, 255)
    assert artist.cell(1).conditions.variations


def test_a_layer_that_is_locked_meanwhile_is_not_drawn_on(
    artist: Artist, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    artist.lab.model.set(StandInModel())
    two_layers(artist)
    cells_drawn.hang = True
    failed: list[str] = []
    artist.lab.failed.connect(lambda sentence, _details: failed.append(sentence))
    artist.find("draw").generation.start((0,))
    qtbot.waitUntil(lambda: bool(cells_drawn.calls))
    artist.find("draw").layers.lock(0, locked=True)
    locked = artist.cell()
    cells_drawn.hang = False
    qtbot.waitUntil(artist.idle)
    assert artist.cell() == locked
    assert "“Layer 1”" in failed[-1]


def test_settings_leave_a_locked_layer_alone(artist: Artist) -> None:
    artist.menu("lock")
    locked = artist.cell()
    drawing = np.full((16, 16, 4), 255, np.uint8).tobytes()
    Recipes(artist.find("draw").session).take(SampleConfig(count=1, drawing=drawing, start_t=5))
    assert artist.cell().layers == locked.layers


def test_the_grid_gets_smaller_than_the_place_of_the_current_cell(artist: Artist) -> None:
    artist.choose(15)
    artist.menu("add")
    artist.find("draw").editor.resize(2, 2)
    assert artist.names == ["Layer 1"]
    artist.undo()
    assert len(artist.cell(15).stack) == 2


def test_moving_continues_only_on_its_layer(artist: Artist) -> None:
    artist.drag((4, 2), (4, 9))
    artist.menu("duplicate")
    tools = artist.find("draw").tools
    tools.nudge(1, 0)
    tools.set_layer(0)
    tools.nudge(1, 0)  # now both layers look the same
    tools.set_layer(1)
    tools.nudge(1, 0)
    artist.undo()
    assert artist.layer_color(1, 5, 4) == artist.layer_color(0, 5, 4) == DARK


def test_the_menu_is_gray_outside_of_draw(artist: Artist) -> None:
    action = artist.window.menus.actions["layer.add"]
    assert action.isEnabled()
    artist.window.navigator.go("see")
    assert not action.isEnabled()
    assert "go to Draw" in action.toolTip()


def test_keys_of_layers_are_text_where_text_is_typed(artist: Artist) -> None:
    name = artist.window.findChild(QLineEdit, "draw.name")
    artist.key(Key.Key_F2)
    until(name.hasFocus)
    QTest.keyClick(name, "N", SHIFT)
    assert name.text() == "N"
    assert len(artist.cell().stack) == 1
