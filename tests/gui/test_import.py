"""The import window used like a person would: files, dragging the grid, classes, closing."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QAccessible, QAction, QColor, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app.files.import_tasks import ImportReader
from sprite_lab.app.task import call
from sprite_lab.core.sets.imports import Grid
from sprite_lab.formats.sets.sprites import load_sprites
from sprite_lab.formats.sets.store import is_store
from sprite_lab.ui.importing import end_bar
from sprite_lab.ui.importing import window as import_window
from sprite_lab.ui.importing.cut_icons import cut_icons
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.text import RichView
from sprite_lab.ui.theme import ThemeManager, current_theme
from tests.gui.eye import silent
from tests.gui.hands import COPY, LEFT, NONE, Hands
from tests.gui.importer import Importer, save, sheet_of, sprites
from tests.gui.stand_ins import Held, StandInModel
from tests.gui.test_accessibility import controls, path_of
from tests.made import make_sprites
from tests.qt import settle, turn_wheel

pytestmark = pytest.mark.opens("data")

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE_HELD = Qt.MouseButton.NoButton
Key = Qt.Key


@pytest.fixture
def hands(window: MainWindow, qtbot: QtBot) -> Iterator[Importer]:
    hands = Importer(window, lambda until: qtbot.waitUntil(until, timeout=60_000))
    yield hands
    window.imports.close()
    QApplication.processEvents()


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Twelve cells of 16x16, one of them empty."""
    cells = sprites(12)
    cells[7] = 0
    return save(tmp_path / "in" / "sheet.png", sheet_of(cells, 4))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two folders of single sprites, and a file of another kind."""
    for i, rgba in enumerate(sprites(5, seed=3)):
        kind = "swords" if i < 3 else "shields"
        save(tmp_path / "things" / kind / f"{kind}{i}.png", rgba)
    (tmp_path / "things" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    return tmp_path / "things"


def test_the_class_of_a_file_is_one_that_set_and_model_know_and_esc_only_leaves_it(
    hands: Importer, sheet: Path
) -> None:
    hands.lab.data.set(make_sprites())
    hands.lab.model.set(StandInModel(class_names=("dragon",)))
    hands.bring(sheet)
    field = hands.find("import.file_class", QComboBox)
    offered = [field.itemText(i) for i in range(field.count())]
    assert "dragon" in offered
    assert set(make_sprites().class_names) <= set(offered)
    field.setFocus()
    field.lineEdit().selectAll()
    QTest.keyClicks(field.lineEdit(), "gob")
    QTest.keyClick(field.lineEdit(), Key.Key_Escape)
    assert field.isVisible(), "the window is still open"
    assert field.currentText() == ""


# -- finding --------------------------------------------------------------------------------------


def test_the_menu_opens_an_empty_window_that_says_what_to_do(
    hands: Importer, sheet: Path, monkeypatch: pytest.MonkeyPatch, window: MainWindow
) -> None:
    window.findChild(QAction, "file.import").trigger()
    assert "Nothing changes until" in _words(hands)
    assert not hands.find("import.import").isEnabled()
    assert "no sprites" in hands.find("import.import").toolTip()
    assert not silent(hands.find("import.file"))
    monkeypatch.setattr(import_window, "ask_open_several", lambda *_: [sheet])
    hands.click("import.empty.action")
    hands.settle()
    assert len(hands.plan) == 11
    assert "11 sprites" in hands.text("import.facts")


def test_files_refusals_and_sprites_are_in_sight(hands: Importer, folder: Path) -> None:
    hands.bring(folder)
    rows = hands.window.files.rows
    assert [row.count for row in rows] == [5, 1, 1, 1, 1, 1, 0]
    assert "broken.png" in hands.find("import.refused", RichView).toPlainText()
    assert hands.browser.count == 5
    assert hands.text("import.facts") == "5 sprites in 2 classes; 1 file refused."


def test_a_refused_file_with_a_long_name_is_read_without_scrolling_sideways(
    hands: Importer, folder: Path
) -> None:
    (folder / f"{'broken' * 20}.png").write_bytes(b"")
    hands.bring(folder)
    text = hands.find("import.refused", RichView)
    assert "broken" * 20 in text.toPlainText()
    assert text.horizontalScrollBar().maximum() == 0


@pytest.mark.skipif(os.name == "nt", reason="names of files have no line breaks there")
def test_a_name_with_line_breaks_is_one_line_of_the_list(hands: Importer, tmp_path: Path) -> None:
    save(tmp_path / "a\nb\u202e.png", sprites(1)[0])
    hands.bring(tmp_path / "a\nb\u202e.png")
    assert hands.window.files.rows[1].title == r"a\nb\u202e.png"


def test_a_file_is_left_out_and_taken_again_by_its_box(hands: Importer, folder: Path) -> None:
    hands.bring(folder)
    files = hands.window.files
    files.setFocus()
    QTest.keyClick(files, Key.Key_Down)
    QTest.keyClick(files, Key.Key_Space)
    hands.settle()
    assert len(hands.plan) == 4
    assert [row.count for row in files.rows] == [4, 0, 1, 1, 1, 1, 0]
    assert "1 file refused" in hands.text("import.facts")
    QTest.keyClick(files, Key.Key_Space)
    hands.settle()
    assert len(hands.plan) == 5


# -- cutting --------------------------------------------------------------------------------------


def test_the_grid_is_dragged_and_its_numbers_follow(hands: Importer, tmp_path: Path) -> None:
    cells = sprites(12)
    path = save(tmp_path / "off.png", sheet_of(cells, 4, offset=(5, 3)))
    hands.bring(path)
    hands.pick("import.cut", "By a grid")
    for axis in ("x", "y"):
        hands.type(f"import.offset.{axis}", "0")
        hands.type(f"import.spacing.{axis}", "0")
        hands.type(f"import.cell.{axis}", "16")
    assert hands.grid == Grid((16, 16))
    hands.drag(hands.sheet.place_of(20.5, 40.5), 3, 5)
    assert hands.grid == Grid((16, 16), offset=(5, 3))
    assert hands.find("import.offset.x").value() == 3
    assert hands.find("import.offset.y").value() == 5
    found = hands.plan.pictures[0]
    assert found.grid == hands.grid
    assert np.array_equal(found.sprites, cells)


def test_cell_size_and_spacing_are_dragged_by_their_handles(
    hands: Importer, tmp_path: Path
) -> None:
    cells = sprites(12)
    hands.bring(save(tmp_path / "spaced.png", sheet_of(cells, 4, spacing=2)))
    hands.pick("import.cut", "By a grid")
    for axis in ("x", "y"):
        hands.type(f"import.spacing.{axis}", "0")
        hands.type(f"import.cell.{axis}", "14")
        hands.type(f"import.offset.{axis}", "0")
    corner = hands.sheet.handle_place("cell")
    assert corner is not None
    hands.drag(corner, 2, 2)
    assert hands.grid.cell == (16, 16)
    middle = hands.sheet.handle_place("spacing")
    assert middle is not None
    hands.drag(middle, 2, 2)
    assert hands.grid == Grid((16, 16), (0, 0), (2, 2))
    assert np.array_equal(hands.plan.pictures[0].sprites, cells)


def test_the_grid_moves_by_keys_and_undo_takes_it_back(hands: Importer, sheet: Path) -> None:
    hands.bring(sheet)
    before = hands.grid
    view = hands.sheet
    view.setFocus()
    QTest.keyClick(view, Key.Key_Right)
    QTest.keyClick(view, Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(view, Key.Key_Left, CTRL)
    hands.settle()
    assert hands.grid == Grid((16, 15), (0, 1), (1, 0))
    QTest.keyClick(hands.window, Key.Key_Z, CTRL)
    hands.settle()
    assert hands.grid == before
    QTest.keyClick(hands.window, Key.Key_Y, CTRL)
    hands.settle()
    assert hands.grid == Grid((16, 15), (0, 1), (1, 0))


def test_the_cut_is_changed(hands: Importer, tmp_path: Path) -> None:
    hands.bring(save(tmp_path / "three.png", sheet_of(sprites(3), 3)))
    hands.pick("import.cut", "By its drawings")
    assert len(hands.plan) == 3
    assert hands.plan.pictures[0].grid is None
    assert not hands.find("import.cell.x").isEnabled()
    hands.pick("import.cut", "By a grid")
    assert hands.find("import.cell.x").isEnabled()
    hands.type("import.cell.x", "48")
    assert hands.plan.pictures[0].grid == Grid((16, 48))


def disc(side: int) -> NDArray[np.uint8]:
    """One connected drawing that touches all four edges."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    rgba = np.zeros((side, side, 4), np.uint8)
    rgba[x**2 + y**2 <= (side / 2) ** 2] = (120, 60, 20, 255)
    return rgba


def test_a_picture_that_makes_no_sprites_is_cut_by_a_grid(hands: Importer, tmp_path: Path) -> None:
    painted = disc(80)
    drawn = painted[..., 3] > 0
    painted[drawn, :2] = 2 * np.argwhere(drawn)  # with more colors than sheets of sprites have
    hands.bring(save(tmp_path / "big.png", painted))
    hands.window.files.show_path("big.png")
    assert not hands.plan.pictures
    # Each grid is offered once, as a button or in the list below.
    offered = [
        button.text().rpartition("grid of ")[2]
        for button in hands.window.findChildren(QPushButton)
        if button.isVisible() and "×" in button.text()
    ]
    assert "16×16" in offered
    assert len(offered) == len(set(offered))
    hands.click("import.empty.action")
    hands.settle()
    assert hands.plan.pictures[0].grid == Grid((16, 16))
    assert len(hands.plan) > 16


def test_another_likely_grid_is_one_press_away(hands: Importer, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    tiles = rng.integers(0, 256, (8, 8, 1, 1, 3)) // 64 * 64 + rng.integers(0, 9, (8, 8, 16, 16, 3))
    sheet = np.full((128, 128, 4), 255, np.uint8)
    sheet[..., :3] = tiles.swapaxes(1, 2).reshape(128, 128, 3)
    hands.bring(save(tmp_path / "tiles.png", sheet))
    hands.window.files.show_path("tiles.png")
    assert hands.plan.pictures[0].grid == Grid((16, 16))
    first = hands.find("import.likely.1")
    other = hands.plan.pictures[0].guesses[0].cell[1]
    assert other != 16
    assert first.text() == f"{other}×{other}"
    hands.click("import.likely.1")
    hands.settle()
    assert hands.find("import.cell.x").value() == other
    assert first.text() == "16×16"  # one press leads back, too
    hands.click("import.likely.1")
    hands.settle()
    assert hands.plan.pictures[0].grid == Grid((16, 16))


def test_an_unsure_cut_shows_what_other_grids_would_cut(
    hands: Importer, theme: ThemeManager, tmp_path: Path
) -> None:
    rng = np.random.default_rng(2)
    tones, noise = rng.integers(0, 4, (2, 1, 4, 1, 3)), rng.integers(0, 4, (2, 16, 4, 16, 3))
    blocks = 10 * tones + 12 * noise  # hardly visible seams
    sheet = np.full((32, 64, 4), 255, np.uint8)
    sheet[..., :3] = blocks.reshape(32, 64, 3)
    hands.bring(save(tmp_path / "few.png", sheet))
    hands.window.files.show_path("few.png")
    (picture,) = hands.plan.pictures
    assert picture.certainty < 0.9
    assert hands.text("import.likely.words") == "Not sure. Other likely cells:"
    assert len(picture.guesses) >= 2
    buttons = [hands.find(f"import.likely.{n + 1}") for n in range(len(picture.guesses))]
    images = [button.icon().pixmap(72, 64).toImage() for button in buttons]
    assert all(image != other for image, other in combinations(images, 2))
    theme.set_mode("dark")
    assert buttons[0].icon().pixmap(72, 64).toImage() != images[0]
    theme.set_mode("light")
    assert buttons[0].icon().pixmap(72, 64).toImage() == images[0]
    hands.click("import.likely.1")
    hands.settle()
    assert hands.plan.pictures[0].grid == picture.guesses[0]
    # A cut that was chosen is no guess.
    assert hands.text("import.likely.words") == "Other likely cells:"
    assert buttons[0].icon().isNull()


def test_likely_grids_are_whole_where_there_is_little_room(
    hands: Importer, theme: ThemeManager, tmp_path: Path
) -> None:
    """In large text the third one was once cut in half to make room for pages
    that were not shown.
    """
    theme.set_text_size(150)
    large = save(tmp_path / "large.png", disc(24))
    hands.bring(save(tmp_path / "few.png", sheet_of(sprites(24), 6)), large)
    hands.window.files.show_path("few.png")
    found = (Grid((8, 8)), Grid((24, 24), spacing=(2, 2)), Grid((32, 16), spacing=(4, 4)))
    hands.window.importing._guesses["few.png"] = found
    preview = hands.window.preview
    preview.refresh()
    hands.window.resize(1264, 1)
    settle()
    likely = hands.find("import.likely")
    assert likely.height() >= likely.heightForWidth(likely.width())
    assert hands.find("import.sheet").isVisible()


def test_a_likely_grid_is_told_from_the_one_in_use(hands: Importer, tmp_path: Path) -> None:
    """Cells of the same size at another place were once offered as if they were the same."""
    hands.bring(save(tmp_path / "apart.png", sheet_of(sprites(24), 6, offset=(1, 1), spacing=1)))
    hands.window.files.show_path("apart.png")
    (picture,) = hands.plan.pictures
    plain = Grid(picture.grid.cell)
    assert plain != picture.grid
    hands.window.importing._guesses["apart.png"] = (picture.grid, plain)
    hands.window.preview.refresh()
    height, width = plain.cell
    assert hands.find("import.likely.1").text() == f"{width}×{height} without gaps"
    assert hands.text("import.likely.words") == "Other likely cells:"


def test_a_refused_sheet_shows_what_other_grids_would_cut(hands: Importer, tmp_path: Path) -> None:
    large = np.stack([np.roll(disc(24), turn, axis=2) for turn in range(8)])
    hands.bring(save(tmp_path / "large.png", sheet_of(large, 4, spacing=2)))
    hands.window.files.show_path("large.png")
    (refused,) = hands.plan.refused
    assert refused.guesses
    assert refused.preview is not None
    assert hands.text("import.likely.words") == "Likely cells:"
    assert not hands.find("import.likely.1").icon().isNull()


@pytest.mark.parametrize("ratio", [1.0, 1.5])
def test_pictures_of_cuts_show_large_cells_whole(qapp: QApplication, ratio: float) -> None:
    sheet = np.full((384, 256, 4), 255, np.uint8)
    icons = cut_icons(sheet, [Grid((128, 128)), Grid((64, 64))], ratio)
    line = QColor(current_theme().focus).rgb()
    rows = []
    for icon in icons:
        image = icon.pixmap(QSize(72, 64), ratio).toImage()
        x = image.height() // 8  # inside the first cell
        column = np.array([image.pixel(x, y) == line for y in range(image.height())])
        rows.append(int(column.sum()))
    assert rows[0] >= 2
    assert rows[1] == rows[0] + 2  # four cells instead of two


def test_what_to_do_with_larger_art_is_asked(hands: Importer, tmp_path: Path) -> None:
    hands.bring(save(tmp_path / "large.png", disc(24)))
    assert len(hands.plan) == 0
    assert "larger than 16×16 pixels (up to 24)" in hands.text("import.larger_art.text")
    said = hands.find("import.larger_art.text")
    assert said.width() > 0.9 * said.parentWidget().width() - 24, "not a narrow column"
    hands.click("import.larger_art.reduce")
    hands.settle()
    assert hands.plan.pictures[0].sprites.shape == (1, 16, 16, 4)
    assert not hands.window.preview.larger_art.isVisible()
    QTest.keyClick(hands.window, Key.Key_Z, CTRL)
    hands.settle()
    hands.click("import.larger_art.size")
    hands.settle()
    assert hands.plan.pictures[0].sprites.shape == (1, 24, 24, 4)


def test_keys_of_classes_are_those_of_the_set(hands: Importer, sheet: Path) -> None:
    hands.bring(sheet)
    hands.window.preview.show_kind("sprites")
    for index, name in ((0, "wolf_big"), (1, "ape")):
        hands.choose(index)
        hands.window.preview.sprites.give(name)
        hands.settle()
    legend = hands.text("import.legend").replace("\N{NO-BREAK SPACE}", " ")
    assert hands.plan.class_names == ("wolf_big", "ape")
    assert legend.index("wolf big") < legend.index("ape"), "as Data spells it"
    assert hands.plan.sprite_set("set").class_names == ("wolf_big", "ape")


def test_the_background_is_picked_on_the_sheet(hands: Importer, tmp_path: Path) -> None:
    rgba = sheet_of(sprites(6), 3)
    rgba[rgba[..., 3] == 0] = (255, 0, 255, 255)
    hands.bring(save(tmp_path / "pink.png", rgba))
    hands.pick("import.cut", "By a grid")
    hands.pick("import.background", "None")
    assert all((found.sprites[..., 3] == 255).all() for found in hands.plan.pictures)
    hands.click("import.pick")
    place = hands.sheet.place_of(0.5, 0.5).toPoint()
    QTest.mouseClick(hands.sheet, LEFT, NONE, place)
    hands.settle()
    assert hands.window.importing.choices.of("pink.png").background == (255, 0, 255)
    assert not hands.find("import.pick").isChecked()
    assert (hands.plan.pictures[0].sprites[..., 3] == 0).any()
    assert hands.find("import.background").currentText() == "#ff00ff"


def test_the_ground_of_framed_cells_is_removed_when_asked(hands: Importer, tmp_path: Path) -> None:
    rgba = sheet_of(sprites(24), 6, offset=(1, 1), spacing=1)
    rgba[rgba[..., 3] == 0] = (0, 128, 128, 255)
    rgba[::17] = rgba[:, ::17] = 255
    hands.bring(save(tmp_path / "framed.png", rgba))
    hands.window.files.show_path("framed.png")
    (found,) = hands.plan.pictures
    assert "#008080" in hands.text("import.ground")
    offered = hands.window.findChildren(QLabel, "import.ground")
    hands.click("import.ground.remove")
    hands.settle()
    (bare,) = hands.plan.pictures
    assert bare.grid == found.grid
    assert not (bare.sprites[..., 3] == 255).all(axis=(1, 2)).any()
    assert not any(label.isVisible() for label in offered)
    assert hands.find("import.background").currentText() == "#008080"
    hands.window.importing.undo()
    hands.settle()
    assert hands.find("import.ground").isVisible()


def test_choices_of_one_file_go_to_all(hands: Importer, tmp_path: Path) -> None:
    paths = [save(tmp_path / f"{n}.png", sheet_of(sprites(4, n), 2)) for n in (1, 2)]
    hands.bring(*paths)
    hands.window.files.show_path("1.png")
    hands.pick("import.cut", "By a grid")
    hands.type("import.cell.x", "32")
    hands.click("import.same")
    hands.settle()
    assert {found.grid for found in hands.plan.pictures} == {Grid((16, 32))}


def test_what_is_under_the_pointer_stays_there_when_one_zooms(
    hands: Importer, tmp_path: Path
) -> None:
    hands.bring(save(tmp_path / "large.png", sheet_of(sprites(1200), 40)))
    view, area = hands.sheet, hands.window.preview.area
    port = area.viewport()
    hands.click("import.zoom_in")
    hands.click("import.zoom_in")
    area.horizontalScrollBar().setValue(300)
    area.verticalScrollBar().setValue(200)
    place = QPointF(150, 120)
    before = view.point_at(view.mapFrom(port, place))
    turn_wheel(port, at=place, held=CTRL)
    assert hands.text("import.zoom") == "4 ×"
    after = view.point_at(view.mapFrom(port, place))
    assert (after - before).manhattanLength() < 1


# -- classes ----------------------------------------------------------------------------------


def test_classes_are_given_by_typing_and_then_by_digits(hands: Importer, sheet: Path) -> None:
    hands.bring(sheet)
    hands.click("import.view.sprites")
    hands.choose(0)
    hands.choose(3, SHIFT)
    line = hands.find("import.class").lineEdit()
    assert isinstance(line, QLineEdit)
    line.setFocus()
    QTest.keyClicks(line, "hero")
    QTest.keyClick(line, Key.Key_Return)
    hands.settle()
    assert hands.plan.pictures[0].classes[:5] == ("hero",) * 4 + (None,)
    hands.choose(6)
    hands.choose(8, CTRL)
    hands.key(Key.Key_1)
    assert [i for i, name in enumerate(hands.plan.pictures[0].classes) if name] == [
        0, 1, 2, 3, 6, 8,
    ]  # fmt: skip
    hands.choose(0)
    hands.key(Key.Key_0)
    assert hands.plan.pictures[0].classes[0] is None
    assert "5" in hands.text("import.legend")


def test_the_sprites_found_stand_in_line_with_the_controls(hands: Importer, sheet: Path) -> None:
    hands.bring(sheet)
    hands.click("import.view.sprites")
    left = hands.browser.viewport().mapTo(hands.window, QPoint(0, 0)).x()
    above = hands.find("import.class").mapTo(hands.window, QPoint(0, 0)).x()
    assert left + hands.browser.cell_rect(0).left() == above


def test_a_frame_drawn_with_the_mouse_chooses_and_delete_drops(
    hands: Importer, sheet: Path
) -> None:
    hands.bring(sheet)
    hands.click("import.view.sprites")
    browser = hands.browser
    start = browser.cell_rect(0).topLeft().toPoint() - QPoint(3, 3)
    end = browser.cell_rect(1).center().toPoint()
    port = browser.viewport()
    QTest.mousePress(port, LEFT, NONE, start)
    QTest.mouseMove(port, (start + end) / 2)
    QTest.mouseMove(port, end)
    QTest.mouseRelease(port, LEFT, NONE, end)
    assert browser.chosen == {0, 1}
    names = hands.plan.pictures[0].names[:2]
    hands.key(Key.Key_Delete)
    assert hands.plan.choices.dropped == set(names)
    assert hands.browser.count == 9
    assert "2 removed by hand" in hands.text("import.facts")
    hands.click("import.bring_back")
    hands.settle()
    assert hands.browser.count == 11


def test_words_that_a_sheet_gives_to_all_its_sprites_are_only_offered(
    hands: Importer, tmp_path: Path
) -> None:
    hands.lab.model.set(StandInModel(words=("slime",)))
    hands.bring(save(tmp_path / "gloomhollow_slimes.png", sheet_of(sprites(6), 3, spacing=2)))
    assert not hands.plan.sprite_set("made").has_words
    given, offered = (
        hands.window.findChild(QLabel, f"import.words_{n}") for n in ("given", "offered")
    )
    assert (offered.text(), offered.isHidden()) == (
        "Words not used, as all sprites of a file or of the import share them: gloomhollow, slimes",
        False,
    )
    assert given.isHidden()
    hands.click("import.words_offered.take")
    hands.settle()
    assert set(hands.plan.sprite_set("made").words.tolist()) == {"gloomhollow slimes"}
    assert not offered.isVisible()
    assert given.text() == "Words: gloomhollow, slimes"
    assert hands.find("import.sheet_words", QCheckBox).isChecked()


def test_the_background_inside_of_drawings_is_asked_about(hands: Importer, tmp_path: Path) -> None:
    rings = sprites(6)
    for ring in rings[:4]:
        ring[4:12, 4:12] = (40, 30, 20, 255)
        ring[6:10, 6:10] = 0
    sheet = sheet_of(rings, 3, spacing=2)
    sheet[sheet[..., 3] == 0] = (88, 120, 104, 255)
    hands.bring(save(tmp_path / "rings.png", sheet))
    asked = hands.window.findChild(QLabel, "import.inside")
    assert asked.isVisible()
    assert asked.text() == "4 of 6 drawings have the background #587868 inside, too."
    hands.click("import.inside.remove")
    hands.settle()
    assert not asked.isVisible()
    assert hands.find("import.holes", QCheckBox).isChecked()
    made = hands.plan.sprite_set("made")
    assert not (made.images == (88, 120, 104)).all(axis=-1).any()
    # If it is kept on purpose, there is no further question.
    hands.window.importing.undo()
    hands.settle()
    hands.click("import.inside.keep")
    assert not asked.isVisible()


def test_a_pattern_of_names_gives_classes(hands: Importer, folder: Path) -> None:
    hands.bring(folder)
    hands.click("import.patterns.add")
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    QTest.keyClicks(editor, "*swords*")
    QTest.keyClick(editor, Key.Key_Tab)
    QApplication.processEvents()
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    QTest.keyClicks(editor, "weapon")
    QTest.keyClick(editor, Key.Key_Return)
    QApplication.processEvents()
    hands.settle()
    assert hands.plan.choices.patterns == (("*swords*", "weapon"),)
    assert set(hands.plan.class_names) == {"weapon", "shields"}


def test_the_sheet_and_the_sprites_choose_the_same(hands: Importer, sheet: Path) -> None:
    hands.bring(sheet)
    place = hands.sheet.place_of(16 * 2 + 8.5, 8.5).toPoint()
    QTest.mouseClick(hands.sheet, LEFT, NONE, place)
    hands.click("import.view.sprites")
    assert hands.browser.chosen == {2}


# -- closing --------------------------------------------------------------------------------------


def test_import_writes_the_set_and_opens_it(
    hands: Importer, folder: Path, home: Path, qtbot: QtBot
) -> None:
    hands.bring(folder)
    with qtbot.waitSignal(hands.lab.data.changed, timeout=20_000):
        hands.click("import.import")
    written = home / "data" / "sets" / "things.npz"
    assert hands.lab.data_path == written
    opened, again = hands.lab.data.value, load_sprites(written)
    assert opened.fingerprint == again.fingerprint
    assert len(opened) == 5
    assert set(opened.class_names) == {"swords", "shields"}
    assert opened.group is not None
    wanted = {rgba.tobytes() for rgba in sprites(5, seed=3)}
    shown = opened.rgba.copy()
    shown[shown[..., 3] == 0] = 0
    assert {rgba.tobytes() for rgba in shown} == wanted
    qtbot.waitUntil(lambda: not hands.is_open)
    assert hands.main.current == "data"


def test_a_large_set_becomes_a_store_and_none_is_replaced(
    hands: Importer,
    sheet: Path,
    home: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sprite_lab.ui.importing.end_bar.MOST_STUDIED", 3)
    for name in ("sheet.sprites", "sheet 2.sprites"):
        hands.bring(sheet)
        with qtbot.waitSignal(hands.lab.data.changed, timeout=20_000):
            hands.click("import.import")
        assert hands.lab.data_path == home / "data" / "sets" / name
        assert is_store(hands.lab.data_path)
        assert len(hands.lab.data.value) == 11
        qtbot.waitUntil(lambda: not hands.is_open)


def test_a_store_is_written_where_its_name_is_typed(
    hands: Importer, sheet: Path, home: Path, qtbot: QtBot
) -> None:
    hands.bring(sheet)
    name = hands.find("import.name")
    name.setFocus()
    name.selectAll()
    QTest.keyClicks(name, "mine.sprites")
    with qtbot.waitSignal(hands.lab.data.changed, timeout=20_000):
        hands.click("import.import")
    assert hands.lab.data_path == home / "data" / "sets" / "mine.sprites"
    assert is_store(hands.lab.data_path)


def test_the_set_gets_the_name_that_is_typed(
    hands: Importer, sheet: Path, home: Path, qtbot: QtBot
) -> None:
    hands.bring(sheet)
    name = hands.find("import.name")
    name.setFocus()
    name.selectAll()
    QTest.keyClicks(name, "heroes: all/some.npz")
    with qtbot.waitSignal(hands.lab.data.changed, timeout=20_000):
        QTest.keyClick(name, Key.Key_Return)
    assert hands.lab.data_path == home / "data" / "sets" / "heroes all some.npz"
    assert len(hands.lab.data.value) == 11


def test_adding_makes_a_set_of_both_and_leaves_the_open_one(
    hands: Importer, sheet: Path, qtbot: QtBot, home: Path
) -> None:
    hands.bring(sheet)
    assert not hands.find("import.add_to").isEnabled()
    before = make_sprites(20)
    hands.lab.data.set(before)
    with qtbot.waitSignal(hands.lab.data.changed, timeout=20_000):
        hands.click("import.add_to")
    both = hands.lab.data.value
    assert len(both) == 31
    assert np.array_equal(both.images[:20], before.images)
    assert both.class_names == before.class_names
    assert (both.labels[20:] == -1).all()


def test_cancel_changes_nothing(hands: Importer, sheet: Path, home: Path, qtbot: QtBot) -> None:
    hands.lab.data.set(make_sprites(20))
    hands.bring(sheet)
    hands.click("import.cancel")
    assert not hands.is_open
    assert len(hands.lab.data.value) == 20
    assert not list(home.rglob("*.npz"))


def test_work_by_hand_is_not_lost_without_a_question(
    hands: Importer, sheet: Path, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [False, True]
    monkeypatch.setattr(import_window, "confirm", lambda *_, **__: answers.pop(0))
    hands.bring(sheet)
    hands.click("import.view.sprites")
    hands.choose(0)
    hands.key(Key.Key_Delete)
    QTest.keyClick(hands.window, Key.Key_Escape)
    assert hands.is_open
    QTest.keyClick(hands.window, Key.Key_Escape)
    assert not hands.is_open
    assert answers == []


def test_the_app_does_not_close_over_work_by_hand(
    hands: Importer, sheet: Path, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [False, True]
    monkeypatch.setattr(import_window, "confirm", lambda *_, **__: answers.pop(0))
    hands.bring(sheet)
    hands.click("import.view.sprites")
    hands.choose(0)
    hands.key(Key.Key_Delete)
    window.close()
    assert window.isVisible()
    assert hands.is_open
    window.close()
    assert not window.isVisible()
    assert not hands.is_open


def test_a_file_is_replaced_only_by_who_agrees(
    hands: Importer, sheet: Path, home: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    answers = [False, True]

    def confirm(_parent: object, title: str, *_: object, **__: object) -> bool:
        asked.append(title)
        return answers.pop(0)

    monkeypatch.setattr(end_bar, "confirm", confirm)
    old = home / "data" / "sets" / "mine.npz"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"old")
    hands.bring(sheet)
    name = hands.find("import.name")
    name.setFocus()
    name.selectAll()
    QTest.keyClicks(name, "mine")
    qtbot.waitUntil(lambda: hands.text("import.place").endswith("replaces the existing file"))
    hands.click("import.import")
    qtbot.waitUntil(lambda: len(asked) == 1)
    assert old.read_bytes() == b"old"
    assert hands.is_open
    with qtbot.waitSignal(hands.lab.data.changed, timeout=20_000):
        hands.click("import.import")
    assert asked == ["Replace “mine.npz”?"] * 2
    assert hands.lab.data_path == old
    assert len(hands.lab.data.value) == 11


def test_the_disk_is_asked_on_no_thread_of_the_window(
    hands: Importer, sheet: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, looked = threading.current_thread(), []
    exists = Path.exists

    def look(path: Path, *arguments: object) -> bool:
        looked.append(threading.current_thread())
        return exists(path, *arguments)

    monkeypatch.setattr(Path, "exists", look)
    hands.bring(sheet)
    qtbot.waitUntil(lambda: hands.find("import.name").text() == "sheet")
    with qtbot.waitSignal(hands.window.importing.written, timeout=20_000):
        hands.click("import.import")
    assert looked
    assert here not in looked


def test_a_set_is_named_after_the_one_file_it_comes_from(
    hands: Importer, sheet: Path, qtbot: QtBot
) -> None:
    """Files without sprites are reported, but the set is not named after their folder."""
    note = sheet.with_name("readme.txt")
    note.write_text("Draw more")
    hands.bring(note, sheet)
    assert "readme.txt" in hands.find("import.refused").toPlainText()
    qtbot.waitUntil(lambda: hands.find("import.name").text() == "sheet")


def test_what_cannot_be_written_is_reported_and_nothing_is_lost(
    hands: Importer, sheet: Path, home: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(end_bar, "confirm", lambda *_, **__: True)
    hands.bring(sheet)
    hands.click("import.view.sprites")
    hands.choose(0)
    hands.key(Key.Key_Delete)
    hands.settle()
    (home / "data" / "sets" / "sheet.npz").mkdir(parents=True)
    importing = hands.window.importing
    pressed = []

    def press_undo() -> None:
        if importing.is_writing and not pressed:
            pressed.append(True)
            QTest.keyClick(hands.window, Key.Key_Z, CTRL)

    importing.changed.connect(press_undo)  # too late: the written state is still shown
    hands.click("import.import")
    qtbot.waitUntil(lambda: bool(pressed) and not importing.is_writing)
    assert "sheet.npz" in importing.problem
    assert importing.plan is not None
    assert importing.choices == importing.plan.choices
    assert importing.can_undo
    assert hands.text("import.facts") == importing.problem
    assert hands.is_open
    assert hands.lab.data.value is None
    assert len(hands.plan) == 10


@pytest.mark.parametrize("closed", ["main", "window"])
@pytest.mark.parametrize("leaves", [False, True])
def test_closing_a_window_asks_while_the_set_is_being_written(
    hands: Importer, sheet: Path, home: Path, qtbot: QtBot, leaves: bool, closed: str
) -> None:
    hands.bring(sheet)
    importing, busy, free = hands.window.importing, threading.Event(), threading.Event()

    @call("files")
    def keep_busy() -> None:
        busy.set()
        free.wait(20)

    hands.lab.do(keep_busy(), hands.lab)
    qtbot.waitUntil(busy.is_set)
    importing.write(home / "mine.npz")
    asked = Hands(hands.main).answer(f"import.forget.{'yes' if leaves else 'no'}")
    window = getattr(hands, closed)
    window.close()
    assert "being written" in asked[1]
    assert window.isVisible() is not leaves
    free.set()
    qtbot.waitUntil(lambda: not hands.lab.jobs.handles)
    assert (home / "mine.npz").exists() is not leaves


# -- many files -------------------------------------------------------------------------------


@pytest.fixture
def many(tmp_path: Path) -> Path:
    for i, rgba in enumerate(sprites(60, seed=5)):
        save(tmp_path / "many" / f"s{i:02}.png", rgba)
    return tmp_path / "many"


def hold_plans(monkeypatch: pytest.MonkeyPatch) -> Held:
    """Make no plan until the test allows it."""
    held = Held(ImportReader().plan)
    monkeypatch.setattr(ImportReader, "plan", lambda _, *arguments: held(*arguments))
    return held


def test_stop_leaves_the_plan_there_was_and_its_choices(
    hands: Importer, sheet: Path, many: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.bring(sheet)
    before = hands.window.importing.choices
    hold_plans(monkeypatch)
    hands.window.add([many])
    hands.pick_only("import.size", "24×24")
    assert hands.find("import.progress").isVisible()
    assert not hands.find("import.import").isEnabled()
    hands.click("import.stop")
    hands.settle()
    assert hands.window.importing.files == (sheet,)
    assert hands.window.importing.choices == before
    assert hands.find("import.size").currentText() == "16×16"
    assert len(hands.plan) == 11
    assert hands.find("import.import").isEnabled()


def test_a_first_look_that_was_stopped_is_taken_again(
    hands: Importer, many: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = hold_plans(monkeypatch)
    hands.main.imports.add([many])
    hands.click("import.stop")
    qtbot.waitUntil(lambda: not hands.window.importing.is_planning)
    assert "Stopped" in _words(hands)
    held.go_on.set()
    hands.click("import.empty.action")
    hands.settle()
    assert len(hands.plan) == 60


def test_the_newest_choice_wins(hands: Importer, many: Path, qtbot: QtBot) -> None:
    hands.bring(many)
    plans: list[int] = []
    hands.window.importing.changed.connect(lambda: plans.append(hands.plan.choices.cell))
    for size in ("24×24", "32×32", "40×40"):
        hands.pick_only("import.size", size)
    hands.settle()
    assert hands.plan.choices.cell == 40
    assert hands.plan.pictures[0].sprites.shape == (1, 40, 40, 4)
    QTest.keyClick(hands.window, Key.Key_Z, CTRL)
    hands.settle()
    assert hands.plan.choices.cell == 32


def test_closing_while_files_are_looked_at_ends_that(
    hands: Importer, many: Path, qtbot: QtBot
) -> None:
    hands.main.imports.add([many])
    hands.click("import.cancel")
    assert not hands.is_open
    qtbot.waitUntil(lambda: not hands.lab.jobs.handles)


# -- for everyone -----------------------------------------------------------------------------


def test_every_control_has_a_name_and_says_what_it_is_for(hands: Importer, sheet: Path) -> None:
    hands.bring(sheet)
    nameless, silent = [], []
    for widget in controls(hands.window):
        if widget.isHidden():
            continue  # says nothing yet
        name = QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
        if not name.strip():
            nameless.append(path_of(widget))
        words = widget.text() if isinstance(widget, QAbstractButton) else ""
        if not (widget.toolTip() or words):
            silent.append(path_of(widget))
    assert not nameless
    assert not silent


# -- dropping ---------------------------------------------------------------------------------


def _mime(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def test_several_dropped_files_are_imported_and_reported_before(
    hands: Importer, folder: Path, sheet: Path, window: MainWindow
) -> None:
    window.show_workspace("data")
    data = _mime(folder, sheet)
    place = QPoint(300, 300)
    QApplication.sendEvent(window, QDragEnterEvent(place, COPY, data, LEFT, NONE))
    assert window.veil.sentence == "Import the sprites in these 2 files and folders"
    QApplication.sendEvent(window, QDropEvent(QPointF(place), COPY, data, LEFT, NONE))
    hands.settle()
    assert len(hands.plan) == 16


def test_more_is_dropped_on_the_window_itself(hands: Importer, folder: Path, sheet: Path) -> None:
    hands.bring(sheet)
    data = _mime(folder)
    place = QPoint(300, 300)
    QApplication.sendEvent(hands.window, QDragEnterEvent(place, COPY, data, LEFT, NONE))
    assert hands.window.veil.sentence == "Also scan “things”"
    QApplication.sendEvent(hands.window, QDropEvent(QPointF(place), COPY, data, LEFT, NONE))
    hands.settle()
    assert len(hands.plan) == 16


def test_a_picture_without_settings_is_imported(
    hands: Importer, sheet: Path, window: MainWindow, qtbot: QtBot
) -> None:
    Hands(window)
    window.show_workspace("see")
    window.files.open_path(sheet)
    qtbot.waitUntil(lambda: hands.is_open)
    hands.settle()
    assert len(hands.plan) == 11


def _words(hands: Importer) -> str:
    empty = hands.find("import.empty")
    return " ".join(label.text() for label in empty.findChildren(QLabel))


def test_every_case_of_the_shared_folder_is_shown(hands: Importer) -> None:
    shared = os.environ.get("SPRITE_LAB_SHARED")
    if not shared or not (Path(shared) / "import_cases").is_dir():
        pytest.skip("SPRITE_LAB_SHARED does not name a folder with import_cases")
    hands.bring(Path(shared) / "import_cases")
    files = hands.window.files
    files.setFocus()
    for row in files.rows[1:]:
        QTest.keyClick(files, Key.Key_Down)
        assert files.path == row.path
        if row.included is None:
            assert "Nothing is imported from this file" in _words(hands)
        elif hands.window.preview.shows == "sheet":
            picture = hands.sheet.grab().toImage()
            middle = hands.sheet.place_of(*(side / 2 for side in hands.sheet.sheet_size[::-1]))
            assert picture.rect().contains(middle.toPoint())
        else:
            assert hands.browser.count == row.count
