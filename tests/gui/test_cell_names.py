"""Names and tags of cells: typed, undone, saved, copied, and written into sets and exports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from sprite_lab.core.drawing import transformed
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.frame_tags import Tag
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.pictures import block_of
from sprite_lab.core.sets.drawings import set_of_cells
from sprite_lab.formats.aseprite.aseprite import read_aseprite, write_aseprite
from sprite_lab.formats.images.pictures import read_pictures
from sprite_lab.ui.draw.files import CellFiles
from sprite_lab.ui.shell.main_window import MainWindow
from tests.gui.hands import Hands
from tests.qt import until

pytestmark = pytest.mark.opens("draw", shared=True)

CTRL = Qt.KeyboardModifier.ControlModifier
INK = Cell(bytes([20, 18, 24, 255]) * 256)


@pytest.fixture
def hands(window: MainWindow) -> Hands:
    hands = Hands(window)
    hands.lab.project.put({0: INK, 1: INK, 2: INK}, "Draw")
    return hands


def type_into(hands: Hands, name: str, text: str) -> None:
    """After F2, type into one of the fields; press Enter at the end."""
    QTest.keyClick(hands.find("draw.cells"), Qt.Key.Key_F2)
    field: QLineEdit = hands.find(name, QLineEdit)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_a_name_is_typed_after_f2_and_undone_as_one_step(hands: Hands) -> None:
    hands.choose(1)
    steps = len(hands.lab.project.history)
    type_into(hands, "draw.name", "big slime")
    assert hands.cell(1).name == "big slime"
    assert QApplication.focusWidget() is hands.find("draw.cells"), "Enter leads back"
    assert "big slime" in hands.find("draw.cells").tips[1]
    assert len(hands.lab.project.history) == steps + 1
    hands.click("draw.undo")
    assert hands.cell(1).name == ""


def test_several_cells_are_numbered_and_share_tags(hands: Hands) -> None:
    hands.choose(0)
    hands.choose(2, CTRL)
    type_into(hands, "draw.name", "walk")
    assert [hands.cell(i).name for i in range(3)] == ["walk 1", "", "walk 2"]
    type_into(hands, "draw.tags", "walk, left,walk, ")
    assert hands.cell(0).tags == hands.cell(2).tags == ("walk", "left")
    hands.choose(1)
    assert hands.find("draw.tags", QLineEdit).text() == ""
    hands.choose(0)
    assert hands.find("draw.tags", QLineEdit).text() == "walk, left"
    assert hands.find("draw.name", QLineEdit).text() == "walk 1"


def test_they_go_with_the_drawing_and_not_with_what_is_erased(hands: Hands) -> None:
    named = {0: Cell(INK.pixels, name="slime", tags=("idle",))}
    hands.lab.project.put(named, "Name")
    editor = hands.window.workspace("draw").editor
    hands.choose(0)
    editor.copy()
    hands.choose(5)
    editor.paste()
    assert (hands.cell(5).name, hands.cell(5).tags) == ("slime", ("idle",))
    editor.transform("flip_horizontal")
    assert transformed(hands.cell(5), "turn_left").name == "slime"
    editor.clear()
    assert (hands.cell(5).name, hands.cell(5).tags) == ("", ())


def test_one_frame_of_an_animation_previews_only_that(hands: Hands) -> None:
    walk, other = replace(INK, tags=("walk",)), replace(INK, tags=("idle",))
    hands.lab.project.put({0: other, 1: walk, 2: walk, 3: INK}, "Draw")
    hands.choose(1)
    text = hands.window.findChild(QLabel, "draw.frames.text")
    assert text.text().startswith("2 frames")
    hands.choose(3)
    assert text.text().startswith("4 frames")
    hands.choose(0)  # a tag of one cell is no animation
    assert text.text().startswith("4 frames")


def test_sets_have_the_names_and_aseprite_files_the_tags(hands: Hands, tmp_path: Path) -> None:
    tags = (("walk",), ("walk", "left"), ("left",))
    cells = {i: Cell(INK.pixels, name=f"n{i}", tags=own) for i, own in enumerate(tags)}
    hands.lab.project.put(cells, "Tags")
    assert set_of_cells(list(cells.values()), "s").names.tolist() == ["n0", "n1", "n2"]
    hands.choose(0)
    files = hands.window.workspace("draw").findChild(CellFiles)
    files._write_aseprite(tmp_path / "a.aseprite")
    until((tmp_path / "a.aseprite").is_file)
    file = read_aseprite(tmp_path / "a.aseprite")
    assert [(t.name, t.first, t.last) for t in file.tags] == [("walk", 0, 1), ("left", 1, 2)]
    assert np.array_equal(file.frames[0], INK.rgba)


def test_a_character_is_one_aseprite_file(hands: Hands, tmp_path: Path) -> None:
    project = hands.lab.project
    hands.window.menus.actions["run.character"].trigger()
    hands.click("draw.character.new")
    at = {cell.part.partition("/")[2]: i for i, cell in enumerate(project.cells) if cell.part}
    drawn = {i: replace(project.cell(i), pixels=INK.pixels) for i in at.values()}
    del drawn[at["up 3"]]  # not drawn yet
    drawn[at["down 0"]] = replace(drawn[at["down 0"]], tags=("knight",))
    project.put(drawn, "Draw")
    hands.choose(at["left 1"])
    files = hands.window.workspace("draw").findChild(CellFiles)
    files._write_aseprite(tmp_path / "a.aseprite")
    until((tmp_path / "a.aseprite").is_file)
    file = read_aseprite(tmp_path / "a.aseprite")
    assert len(file.frames) == 15
    assert {(t.name, t.first, t.last) for t in file.tags} == {
        ("walk_down", 0, 3), ("knight", 0, 0), ("walk_left", 4, 7), ("walk_right", 8, 11),
        ("walk_up", 12, 14),
    }  # fmt: skip


def test_tags_of_an_aseprite_file_come_back_with_its_frames(hands: Hands, tmp_path: Path) -> None:
    frames = np.stack([INK.rgba] * 3)
    tags = [Tag("walk", 0, 1), Tag("left", 1, 2)]
    write_aseprite(tmp_path / "a.aseprite", frames, [100, 100, 100], (), tags)
    pictures = read_pictures(tmp_path / "a.aseprite")
    hands.window.workspace("draw").findChild(CellFiles).take(pictures, 4)
    found = [hands.cell(i).tags for i in range(4, 7)]
    assert found == [("walk",), ("walk", "left"), ("left",)]
    assert hands.cell(0).tags == ()
    # A still picture that is cut into more cells than it has frames.
    large = np.tile(INK.rgba, (2, 2, 1))[None]
    write_aseprite(tmp_path / "b.aseprite", large, [100], (), [Tag("one", 0, 0)])
    block = block_of(read_pictures(tmp_path / "b.aseprite"), 16)
    assert len(block.pixels) == 4
    assert block.tags == ()


@pytest.mark.parametrize("bad", ["two\nlines", " edge", "x" * 61])
def test_what_no_name_can_be_is_refused(bad: str) -> None:
    with pytest.raises(ConfigError, match="one line of at most 60"):
        Cell(name=bad)
    with pytest.raises(ConfigError):
        Cell(tags=(bad,))
