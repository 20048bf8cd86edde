"""The palette used like a person would: opened, saved, taken, sorted, used as a
limit, and undone.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QColorDialog, QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.app.draw.editor import HUES
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.nearest import limited, nearest_color
from sprite_lab.core.pixels.palette import (
    DEFAULT_PALETTE,
    TRANSPARENT,
    common_colors,
)
from sprite_lab.core.pixels.palette_order import sorted_colors
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.formats.images.palettes import load_palette
from sprite_lab.formats.project import load_project
from sprite_lab.paths import resource
from sprite_lab.ui.draw.tools import palette_row
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.widgets.canvas.palette_bar import Swatches
from tests.gui.hands import LEFT, NONE, RIGHT, Hands, choosing

pytestmark = pytest.mark.opens("draw", shared=True)

RED, GREEN, BLUE = (255, 0, 0, 255), (0, 160, 0, 255), (20, 30, 220, 255)
CTRL = Qt.KeyboardModifier.ControlModifier
GPL = "GIMP Palette\nName: Three\n#\n255 0 0\n0 160 0\n20 30 220\n"


@pytest.fixture
def hands(window: MainWindow) -> Hands:
    return Hands(window)


@pytest.fixture
def three(tmp_path: Path) -> Path:
    (tmp_path / "three.gpl").write_text(GPL)
    return tmp_path / "three.gpl"


def test_a_palette_file_is_opened_drawn_with_and_undone(
    hands: Hands, three: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    project = hands.lab.project
    monkeypatch.setattr(palette_row, "ask_open", choosing(three))
    hands.pick("Open palette…")
    qtbot.waitUntil(lambda: project.palette == (RED, GREEN, BLUE))
    assert hands.notices[-1] == "The palette now has 3 colors of “three.gpl”."
    hands.take_color(2)
    hands.paint(4, 5)
    assert hands.color(4, 5) == BLUE
    assert project.history.undo_text == "Pencil"
    hands.click("draw.undo")
    assert project.history.undo_text == "Palette “Three”"
    hands.click("draw.undo")
    assert project.palette == DEFAULT_PALETTE
    hands.click("draw.redo")
    assert project.palette == (RED, GREEN, BLUE)


def test_it_is_saved_in_the_format_of_its_suffix(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    for suffix in (".gpl", ".pal", ".hex", ".act"):
        file = tmp_path / f"mine{suffix}"
        monkeypatch.setattr(palette_row, "ask_save", choosing(file))
        hands.pick("Save palette…")
        qtbot.waitUntil(lambda: f"Saved mine{suffix}." in hands.notices)  # noqa: B023
        assert load_palette(file).colors == DEFAULT_PALETTE
        assert hands.lab.project.is_clean


def test_a_file_that_is_none_changes_nothing(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    file = tmp_path / "bad.pal"
    file.write_text("JASC-PAL\n0100\n9\n1 2 3\n")
    monkeypatch.setattr(palette_row, "ask_open", choosing(file))
    hands.pick("Open palette…")
    qtbot.waitUntil(lambda: bool(hands.failures))
    assert "declares 9 colors but has 1" in hands.failures[0]
    assert hands.lab.project.palette == DEFAULT_PALETTE
    assert hands.lab.project.is_clean


def test_a_dropped_palette_is_taken_and_reported_before(
    hands: Hands, three: Path, qtbot: QtBot
) -> None:
    draw = hands.find("draw")
    assert hands.hold(three, QPoint(200, 200)) is not None
    veil = hands.find("drop")
    assert veil.parentWidget() is draw
    assert veil.sentence == "Draw with the palette “three.gpl”"
    hands.drop(three, QPoint(200, 200))
    assert not veil.isVisible()
    qtbot.waitUntil(lambda: hands.lab.project.palette == (RED, GREEN, BLUE))


def test_a_palette_dropped_on_another_workspace_goes_to_draw(
    hands: Hands, three: Path, qtbot: QtBot
) -> None:
    window = hands.window
    window.show_workspace("see")
    hands.hold(three, QPoint(50, 50), window)
    assert window.veil.sentence == "Draw with the palette “three.gpl”"
    hands.drop(three, QPoint(50, 50), window)
    qtbot.waitUntil(lambda: hands.lab.project.palette == (RED, GREEN, BLUE))
    assert window.current == "draw"


# -- sources --------------------------------------------------------------------------------------


def test_from_a_picture(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    picture = Image.new("RGBA", (40, 40), GREEN)
    picture.putpixel((0, 0), BLUE)
    picture.putpixel((1, 0), (9, 9, 9, 0))
    picture.save(tmp_path / "a.png")
    monkeypatch.setattr(palette_row, "ask_open", choosing(tmp_path / "a.png"))
    hands.pick("From picture…")
    qtbot.waitUntil(lambda: hands.lab.project.palette == (BLUE, GREEN))


def test_from_cells(hands: Hands) -> None:
    hands.take_color(5)
    hands.paint(3, 3)
    hands.take_color(9)
    hands.paint(4, 3)
    hands.choose(1)
    hands.take_color(20)
    hands.paint(0, 0)
    hands.pick("From the current cell")
    assert hands.lab.project.palette == (DEFAULT_PALETTE[20],)
    hands.click("draw.undo")
    hands.pick("From all cells")
    assert hands.lab.project.palette == (
        DEFAULT_PALETTE[5],
        DEFAULT_PALETTE[9],
        DEFAULT_PALETTE[20],
    )
    hands.choose(2)
    hands.pick("From the current cell")
    assert hands.failures == ["Nothing has been drawn there yet; draw something first."]


def test_from_the_data_set_in_a_chosen_number(hands: Hands, sprites: SpriteSet) -> None:
    menu = hands.find("draw.palette.more", QToolButton).menu()
    menu.aboutToShow.emit()
    submenu = menu.findChild(QMenu, "draw.palette.data")
    assert not submenu.isEnabled()
    assert submenu.menuAction().toolTip() == "Open a data set first."
    hands.lab.data.set(sprites)
    rgba = np.concatenate([sprites.images, sprites.alpha[..., None]], axis=3)
    for count in (8, 24):
        hands.pick("From the data set", f"{count} colors")
        assert hands.lab.project.palette == common_colors(rgba, count)
        assert len(hands.lab.project.palette) <= count


def test_the_palettes_that_come_with_the_app(hands: Hands) -> None:
    files = sorted(resource("palettes").glob("*.gpl"))
    assert len(files) >= 4
    for file in files:
        palette = load_palette(file)
        hands.pick("Built-in palettes", palette.name)
        assert hands.lab.project.palette == palette.colors
        assert len(set(palette.colors)) == len(palette.colors) >= 2
    hands.pick("Built-in palettes", "Sprite Lab 32")
    assert hands.lab.project.palette == DEFAULT_PALETTE


def test_sorting(hands: Hands) -> None:
    project = hands.lab.project
    hands.pick("Sort", "By lightness")
    assert project.palette == sorted_colors(DEFAULT_PALETTE, "lightness")
    hands.pick("Sort", "Reverse")
    assert project.palette == sorted_colors(DEFAULT_PALETTE, "lightness")[::-1]
    hands.pick("Sort", "By hue")
    assert project.palette == sorted_colors(DEFAULT_PALETTE, "hue")
    hands.pick("Sort", "In ramps")
    assert project.palette == sorted_colors(DEFAULT_PALETTE, "ramps")
    assert len(project.history) == 4
    hands.pick("Sort", "In ramps")
    assert len(project.history) == 4, "what is in order already is no step of undo"


# -- editing --------------------------------------------------------------------------------------


def test_swatches_choose_colors_and_are_added_and_removed(hands: Hands) -> None:
    project = hands.lab.project
    hands.take_color(9, RIGHT)
    hands.paint(0, 0, RIGHT)
    assert hands.color(0, 0) == DEFAULT_PALETTE[9]
    hands.take_color(3)
    hands.click("draw.palette.remove")
    assert project.palette == DEFAULT_PALETTE[:3] + DEFAULT_PALETTE[4:]
    hands.click("draw.palette.add")
    assert project.palette[-1] == DEFAULT_PALETTE[3]
    hands.click("draw.undo")
    hands.click("draw.undo")
    assert project.palette == DEFAULT_PALETTE


def test_the_color_in_hand_follows_where_another_palette_takes_the_place(hands: Hands) -> None:
    draw = hands.find("draw")
    editor, tools = draw.editor, draw.tools
    red, blue, odd = (250, 10, 10, 255), (10, 10, 250, 255), (1, 2, 3, 255)
    editor.set_palette((red, blue), "Other")
    tools.set_color(0, red)
    editor.set_palette(((255, 0, 0, 255), (0, 0, 255, 255)), "Other")
    assert tools.colors == ((255, 0, 0, 255), (0, 0, 0, 0))
    tools.set_color(0, odd)  # in no palette
    editor.set_palette((red, blue), "Other")
    assert tools.colors[0] == odd
    tools.set_color(0, red)
    editor.set_palette((blue,), "Remove color")  # somebody may still want it
    assert tools.colors[0] == red


def test_mixing_a_color_in_hand_and_one_of_the_palette(hands: Hands) -> None:
    pair = hands.find("draw.colors")
    QTest.mouseClick(pair, LEFT, NONE, QPoint(10, 10))
    dialog = hands.find("draw.mix", QColorDialog)
    dialog.setCurrentColor(QColor(1, 2, 3))
    dialog.accept()
    hands.paint(0, 0)
    assert hands.color(0, 0) == (1, 2, 3, 255)
    swatches = hands.find("draw.palette")
    QTest.mouseDClick(swatches, LEFT, NONE, swatches.swatch_rect(6).center().toPoint())
    dialog = hands.find("draw.mix", QColorDialog)
    dialog.setCurrentColor(QColor(7, 8, 9))
    dialog.accept()
    assert hands.lab.project.palette[6] == (7, 8, 9, 255)
    hands.click("draw.undo")
    assert hands.lab.project.palette == DEFAULT_PALETTE


# -- the limit -----------------------------------------------------------------------------------


def mix(hands: Hands, color: tuple[int, int, int, int]) -> None:
    """Mix a color, which need not be in the palette."""
    QTest.mouseClick(hands.find("draw.colors"), LEFT, NONE, QPoint(10, 10))
    dialog = hands.find("draw.mix", QColorDialog)
    dialog.setCurrentColor(QColor(*color))
    dialog.accept()


def test_what_is_painted_takes_the_nearest_color_while_limited(hands: Hands) -> None:
    nearly = (250, 190, 66, 255)
    assert nearly not in DEFAULT_PALETTE
    mix(hands, nearly)
    hands.paint(0, 0)
    hands.click("draw.palette.limit")
    assert hands.find("draw.palette.limit").isChecked()
    hands.paint(1, 0)
    hands.click("draw.palette.limit")
    hands.paint(2, 0)
    wanted = nearest_color(nearly, DEFAULT_PALETTE)
    assert wanted == (247, 185, 62, 255)
    assert [hands.color(x, 0) for x in range(3)] == [nearly, wanted, nearly]
    # It can be undone like everything else; the button follows.
    hands.click("draw.undo")
    hands.click("draw.undo")
    assert hands.find("draw.palette.limit").isChecked()


def test_the_eraser_still_erases_while_limited(hands: Hands) -> None:
    hands.click("draw.palette.limit")
    hands.paint(0, 0)
    hands.click("draw.tool.eraser")
    hands.paint(0, 0)
    assert hands.color(0, 0) == TRANSPARENT


def test_a_pasted_picture_comes_in_the_palettes_colors_and_one_undo_gives_its_own(
    hands: Hands,
) -> None:
    hands.click("draw.palette.limit")
    picture = QImage(16, 16, QImage.Format.Format_ARGB32)
    picture.fill(QColor(100, 20, 60))
    QApplication.clipboard().setImage(picture)
    hands.click("draw.paste")
    assert hands.color(3, 3) == nearest_color((100, 20, 60, 255), DEFAULT_PALETTE)
    assert hands.notices[-1].endswith("undo once to restore them.")
    hands.click("draw.undo")
    assert hands.color(3, 3) == (100, 20, 60, 255)
    hands.click("draw.undo")
    assert hands.cell().is_blank


def hold_color(hands: Hands, index: int, place: QPoint) -> Swatches:
    """Drag a color of the palette to a place, without dropping it."""
    swatches: Swatches = hands.find("draw.palette")
    QTest.mousePress(swatches, LEFT, NONE, swatches.swatch_rect(index).center().toPoint())
    QTest.mouseMove(swatches, place - QPoint(20, 0))
    QTest.mouseMove(swatches, place)
    return swatches


def test_colors_are_dragged_into_another_order(hands: Hands) -> None:
    before = hands.lab.project.palette
    place = hands.find("draw.palette").swatch_rect(3).topLeft().toPoint() + QPoint(0, 8)
    swatches = hold_color(hands, 0, place)
    QTest.mouseRelease(swatches, LEFT, NONE, place)
    after = (*before[1:3], before[0], *before[3:])
    assert hands.lab.project.palette == after
    assert swatches.current == 2
    assert hands.lab.project.history.undo_text == "Move color"
    hands.click("draw.undo")
    assert hands.lab.project.palette == before
    assert len(hands.lab.project.history) == 1


def test_a_color_in_hand_is_let_go_by_escape_and_moved_by_keys(hands: Hands) -> None:
    before = hands.lab.project.palette
    canvas = hands.find("draw.canvas")
    canvas.setFocus()
    place = hands.find("draw.palette").swatch_rect(5).center().toPoint()
    swatches = hold_color(hands, 0, place)
    assert QWidget.keyboardGrabber() is swatches
    QTest.keyClick(swatches, Qt.Key.Key_Escape)
    QTest.mouseRelease(swatches, LEFT, NONE, place)
    assert hands.lab.project.palette == before
    assert QWidget.keyboardGrabber() is None
    swatches.setFocus()
    QTest.keyClick(swatches, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert hands.lab.project.palette == (before[1], before[0], *before[2:])
    QTest.keyClick(swatches, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert hands.lab.project.palette == before
    QTest.keyClick(swatches, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert hands.lab.project.palette == before


def test_pasted_pixels_come_in_the_palettes_colors(hands: Hands) -> None:
    hands.lab.project.put({0: Cell(bytes((100, 20, 60, 255)) * 256)}, "Fill")
    canvas = hands.find("draw.canvas")
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_A, CTRL)
    QTest.keyClick(canvas, Qt.Key.Key_C, CTRL)
    hands.click("draw.palette.limit")
    hands.choose(1)
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_V, CTRL)
    assert hands.color(3, 3, 1) == nearest_color((100, 20, 60, 255), DEFAULT_PALETTE)


def test_cells_are_brought_to_the_palette(hands: Hands, three: Path, qtbot: QtBot) -> None:
    for x, index in enumerate((3, 12, 22, 27)):
        hands.take_color(index)
        hands.paint(x, 0)
    before = hands.cell()
    hands.drop(three, QPoint(200, 200))
    qtbot.waitUntil(lambda: len(hands.lab.project.palette) == 3)
    hands.pick("Match selected cells to palette")
    assert np.array_equal(hands.cell().rgba, limited(before.rgba, (RED, GREEN, BLUE)))
    hands.click("draw.undo")
    assert hands.cell() == before


def test_the_limit_is_kept_in_the_project_file(hands: Hands, tmp_path: Path, qtbot: QtBot) -> None:
    hands.click("draw.palette.limit")
    job = hands.lab.project_io.save(tmp_path / "a.spritelab")
    qtbot.waitUntil(lambda: not job.active)
    assert load_project(tmp_path / "a.spritelab").limit_to_palette
    hands.click("draw.palette.limit")
    hands.lab.project.mark_clean()
    job = hands.lab.project_io.open(tmp_path / "a.spritelab")
    qtbot.waitUntil(lambda: not job.active)
    assert hands.find("draw.palette.limit").isChecked()


def test_every_button_of_the_palette_can_be_reached_and_has_a_name(hands: Hands) -> None:
    for name in ("colors", "swap", "palette", "palette.add", "palette.limit", "palette.more"):
        part = hands.find(f"draw.{name}")
        assert part.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert part.accessibleName()
        assert part.toolTip() or name == "palette"


@pytest.mark.parametrize("what", ["Variants in other hues", "Variants in every palette"])
def test_variants_of_a_sprite_go_into_blank_cells_as_one_step(hands: Hands, what: str) -> None:
    project = hands.lab.project
    pixels = bytes([*RED, *GREEN]) * 128
    project.put({0: Cell(pixels, name="tomte 4", tags=("walk",))}, "Draw")
    hands.pick(what)
    made = [cell for cell in project.cells[1:] if not cell.is_blank]
    assert len(made) >= 5
    names = [cell.name for cell in made]
    assert all(name.startswith("tomte 4 ") for name in names), names
    assert len({*names}) == len(names), "each says which one it is"
    assert {cell.tags for cell in made} == {()}  # they are no frames of the sprite's walk
    assert len({cell.pixels for cell in made} | {pixels}) == len(made) + 1
    assert hands.chosen == tuple(range(len(made) + 1))
    project.history.undo()
    assert all(cell.is_blank for cell in project.cells[1:])


def test_variants_have_rows_added_where_too_few_cells_are_blank(hands: Hands) -> None:
    project = hands.lab.project
    full = Cell(bytes([*RED, *GREEN]) * 128)
    count, rows = len(project.cells), project.rows
    project.put(dict.fromkeys(range(count - 2), full), "Draw")
    hands.pick("Variants in other hues")
    made = [cell for cell in project.cells[count - 2 :] if not cell.is_blank]
    assert len(made) == HUES
    assert project.rows > rows
    project.history.undo()
    assert project.rows == rows
