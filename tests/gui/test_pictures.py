"""Importing and exporting pictures in Draw like a person would: dialogs, drops, questions."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.pixels.cell_sets import with_set
from sprite_lab.core.pixels.cells import Cell, CellSheet
from sprite_lab.core.pixels.characters import PARTS
from sprite_lab.core.pixels.nearest import limited
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE
from sprite_lab.formats.aseprite.aseprite import read_aseprite, write_aseprite
from sprite_lab.formats.metadata import read_config
from sprite_lab.ui.draw import files
from sprite_lab.ui.shell.main_window import MainWindow
from tests.gui.hands import Hands, choosing

pytestmark = pytest.mark.opens("draw", shared=True)

CTRL = Qt.KeyboardModifier.ControlModifier
RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 255)


@pytest.fixture
def hands(window: MainWindow) -> Hands:
    return Hands(window)


def noise(*shape: int) -> NDArray[np.uint8]:
    """RGBA with all kinds of alpha; transparent pixels are zero."""
    rgba = np.random.default_rng(len(shape)).integers(0, 256, (*shape, 4), np.uint8)
    rgba[rgba[..., 3] < 60] = 0
    return rgba


def save(path: Path, rgba: NDArray[np.uint8]) -> Path:
    Image.fromarray(rgba).save(path)
    return path


def bring(hands: Hands, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Import with the button and its dialog."""
    monkeypatch.setattr(files, "ask_open", choosing(path))
    hands.click("draw.import")


# -- one picture ------------------------------------------------------------------------------


def test_a_cell_goes_out_and_comes_back_with_its_alpha_and_what_made_it(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    made_by, rgba = SampleConfig(count=1, seed=77), noise(16, 16)
    hands.lab.project.load(CellSheet(1, 2, (Cell(rgba.tobytes(), made_by=made_by), Cell())))
    file = tmp_path / "cell.png"
    hands.export_sheet("draw.export.cell", file, monkeypatch)
    assert read_config(file) == made_by
    hands.choose(1)
    bring(hands, file, monkeypatch)
    qtbot.waitUntil(lambda: not hands.cell(1).is_blank)
    assert np.array_equal(hands.cell(1).rgba, rgba)
    assert hands.lab.project.history.undo_text == "Import picture"


def test_the_sheet_goes_out_as_the_cells_lie(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sheet.png"
    hands.choose(5)
    hands.paint(2, 3)
    hands.export_sheet("draw.export.sheet", file, monkeypatch)
    with Image.open(file) as image:
        assert image.size == (64, 64)
        assert image.getpixel((16 + 2, 16 + 3)) == DEFAULT_PALETTE[0]
        assert image.getbbox() == (18, 19, 19, 20)


def test_a_copied_picture_file_is_pasted(hands: Hands, tmp_path: Path, qtbot: QtBot) -> None:
    data = QMimeData()
    file = save(tmp_path / "copied.png", np.full((16, 16, 4), (10, 20, 30, 255), np.uint8))
    data.setUrls([QUrl.fromLocalFile(str(file))])
    QApplication.clipboard().setMimeData(data)
    hands.choose(2)
    hands.click("draw.paste")
    qtbot.waitUntil(lambda: not hands.cell(2).is_blank)
    assert hands.color(0, 0, 2) == (10, 20, 30, 255)
    assert not hands.failures


def test_a_copied_picture_that_is_larger_is_cut_as_a_file_would_be(
    hands: Hands, qtbot: QtBot
) -> None:
    picture = QImage(32, 16, QImage.Format.Format_ARGB32)
    picture.fill(QColor(9, 8, 7))
    picture.setPixelColor(16, 0, QColor(200, 0, 0))
    QApplication.clipboard().setImage(picture)
    asked = hands.answer("draw.larger.cut")
    hands.choose(4)
    hands.click("draw.paste")
    qtbot.waitUntil(lambda: bool(asked) and not hands.cell(5).is_blank)
    assert "“Copied picture” is larger than a cell" in asked[0]
    assert hands.color(0, 0, 4) == (9, 8, 7, 255)
    assert hands.color(0, 0, 5) == (200, 0, 0, 255)
    assert hands.chosen == (4, 5)
    hands.click("draw.undo")
    assert hands.cell(4).is_blank


def test_a_copied_picture_that_was_enlarged_comes_at_its_own_size_as_a_file_would(
    hands: Hands, qtbot: QtBot
) -> None:
    rgba = noise(16, 16)
    rgba[..., 3] = 255
    large = rgba.repeat(4, 0).repeat(4, 1)
    picture = QImage(large.tobytes(), 64, 64, 256, QImage.Format.Format_RGBA8888)
    QApplication.clipboard().setImage(picture.copy())
    hands.choose(2)
    hands.click("draw.paste")
    qtbot.waitUntil(lambda: not hands.cell(2).is_blank)
    assert np.array_equal(hands.cell(2).rgba, rgba)
    assert hands.cell(3).is_blank


def test_a_copied_photograph_is_refused_before_its_pixels_are_taken(hands: Hands) -> None:
    QApplication.clipboard().setImage(QImage(3000, 2000, QImage.Format.Format_Mono))
    hands.click("draw.paste")
    assert hands.failures == [
        "The copied picture is 3,000×2,000 pixels, but only up to 4 million pixels can be pasted; "
        "crop or shrink it."
    ]


def test_a_dropped_picture_goes_into_the_cell_below_the_pointer_and_reported(
    hands: Hands, tmp_path: Path, qtbot: QtBot
) -> None:
    file = save(tmp_path / "small.png", np.full((2, 2, 4), RED, np.uint8))
    hands.hold(file, hands.place_of(9))
    assert hands.find("drop").sentence == (
        "Put “small.png” into cell 10, or cut it into cells if it is larger"
    )
    hands.drop(file, hands.place_of(9))
    qtbot.waitUntil(lambda: not hands.cell(9).is_blank)
    rows, columns = np.nonzero(hands.cell(9).rgba[..., 3])
    assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == {
        (7, 7),
        (7, 8),
        (8, 7),
        (8, 8),
    }
    assert hands.chosen == (9,)
    # Dropped beside the cells, it goes into the cell on the canvas.
    hands.hold(file, QPoint(500, 300))
    assert "cell 10" in hands.find("drop").sentence


def test_what_is_no_picture_is_left_to_the_window(hands: Hands, tmp_path: Path) -> None:
    hands.hold(tmp_path / "sprites.npz", hands.place_of(9))
    veil = hands.find("drop")
    assert veil is hands.window.veil
    assert veil.sentence == "Open “sprites.npz” as the data set"


def test_what_cannot_be_read_changes_nothing(hands: Hands, tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "broken.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\nnonsense")
    hands.drop(file, hands.place_of(0))
    qtbot.waitUntil(lambda: bool(hands.failures))
    assert "broken.png" in hands.failures[0]
    assert hands.lab.project.is_clean


def test_an_imported_picture_is_offered_in_the_palettes_colors(
    hands: Hands, tmp_path: Path, qtbot: QtBot
) -> None:
    rgba = noise(16, 16)
    hands.click("draw.palette.limit")
    hands.drop(save(tmp_path / "a.png", rgba), hands.place_of(0))
    qtbot.waitUntil(lambda: bool(hands.notices))
    assert np.array_equal(hands.cell().rgba, limited(rgba, DEFAULT_PALETTE))
    assert "undo once" in hands.notices[-1]
    hands.click("draw.undo")
    assert np.array_equal(hands.cell().rgba, rgba)


# -- larger ones ------------------------------------------------------------------------------


def test_a_sheet_is_cut_after_asking_and_the_grid_grows_in_one_step_of_undo(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    project, rgba = hands.lab.project, noise(16 * 2, 16 * 6)
    before = project.snapshot()
    asked = hands.answer("draw.larger.cut")
    bring(hands, save(tmp_path / "sheet.png", rgba), monkeypatch)
    qtbot.waitUntil(lambda: not project.is_clean)
    assert "“sheet” is larger than a cell" in asked[0]
    assert "96×32 pixels" in asked[1]
    assert "cut into 6×2 cells" in asked[1]
    assert asked[2:] == ["Cut into 12 cells", "New project of 32×32", "Cancel"]
    assert (project.rows, project.columns) == (4, 6)
    for row in range(2):
        for column in range(6):
            part = rgba[16 * row : 16 * row + 16, 16 * column : 16 * column + 16]
            assert np.array_equal(hands.cell(6 * row + column).rgba, part)
    assert hands.chosen == tuple(range(12))
    assert project.history.undo_text == "Import 12 pictures"
    hands.click("draw.undo")
    assert project.snapshot() == before


def test_a_sheet_covers_no_drawing_where_there_is_room(
    hands: Hands, tmp_path: Path, qtbot: QtBot
) -> None:
    project = hands.lab.project
    hands.paint(0, 0)  # in the first cell
    hands.answer("draw.larger.cut")
    hands.drop(save(tmp_path / "sheet.png", noise(16, 32)), hands.place_of(0))
    qtbot.waitUntil(lambda: not hands.cell(4).is_blank)
    assert hands.chosen == (4, 5)
    assert hands.color(0, 0) == DEFAULT_PALETTE[0]
    assert (project.rows, project.columns) == (4, 4)


def test_cancel_leaves_everything(hands: Hands, tmp_path: Path, qtbot: QtBot) -> None:
    asked = hands.answer("draw.larger.cancel")
    hands.drop(save(tmp_path / "sheet.png", noise(32, 32)), hands.place_of(0))
    qtbot.waitUntil(lambda: bool(asked))
    assert hands.lab.project.is_clean
    assert hands.lab.project.side == 16


def test_what_cannot_be_cut_says_what_to_do(hands: Hands, tmp_path: Path, qtbot: QtBot) -> None:
    hands.drop(save(tmp_path / "odd.png", noise(102, 152)), hands.place_of(0))
    qtbot.waitUntil(lambda: bool(hands.failures))
    assert hands.failures == [
        "“odd” has 152×102 pixels and cannot be cut into cells of 16×16 or any other size; "
        "crop it to a multiple of 16 first."
    ]


def test_a_larger_picture_can_begin_a_project_of_its_own_size(
    hands: Hands, tmp_path: Path, qtbot: QtBot
) -> None:
    project, rgba = hands.lab.project, noise(24, 20)
    hands.paint(0, 0)
    hands.answer("draw.larger.new")
    # The existing drawing is not lost without a question.
    unsaved = hands.answer("unsaved.discard")
    hands.drop(save(tmp_path / "tall.png", rgba), hands.place_of(0))
    qtbot.waitUntil(lambda: project.side == 24)
    assert "have never been saved" in unsaved[1]
    assert unsaved[2:] == ["Save as…", "Discard", "Cancel"]
    assert (project.rows, project.columns, project.title) == (1, 1, "tall")
    assert np.array_equal(hands.cell().rgba[:, 2:22], rgba)
    assert not project.is_clean
    assert project.path is None


# -- Aseprite -----------------------------------------------------------------------------------


def rich(path: Path) -> Path:
    """8x8, indexed, two layers and two frames, made by hand: see the tests of the format."""

    def chunk(kind: int, data: bytes) -> bytes:
        return struct.pack("<IH", 6 + len(data), kind) + data

    def layer(name: bytes) -> bytes:
        return chunk(0x2004, struct.pack("<HHHHHHB3xH", 3, 0, 0, 0, 0, 0, 255, len(name)) + name)

    def cel(layer: int, index: int, x: int) -> bytes:
        head = struct.pack("<HhhBHh5xHH", layer, x, 0, 255, 2, 0, 1, 8)
        return chunk(0x2005, head + zlib.compress(bytes([index] * 8)))

    palette = struct.pack("<III8x", 3, 0, 2)
    for color in ((0, 0, 0, 255), RED, BLUE):
        palette += struct.pack("<H4B", 0, *color)
    frames = (
        [chunk(0x2019, palette), layer(b"ground"), layer(b"top"), cel(0, 1, 0), cel(1, 2, 1)],
        [cel(0, 2, 7)],
    )
    body = b""
    for duration, chunks in zip((80, 240), frames, strict=True):
        data = b"".join(chunks)
        head = (16 + len(data), 0xF1FA, len(chunks), duration, len(chunks))
        body += struct.pack("<IHHH2xI", *head) + data
    header = struct.pack("<IHHHHHIHII", 128 + len(body), 0xA5E0, 2, 8, 8, 8, 1, 100, 0, 0)
    path.write_bytes(header.ljust(128, b"\0") + body)
    return path


def test_frames_of_an_aseprite_file_go_into_a_row_with_their_durations(
    hands: Hands, tmp_path: Path, qtbot: QtBot
) -> None:
    file = rich(tmp_path / "walk.aseprite")
    hands.hold(file, hands.place_of(4))
    assert hands.find("drop").sentence == (
        "Put “walk.aseprite” into cell 5, and its other frames into the cells after it"
    )
    hands.drop(file, hands.place_of(4))
    qtbot.waitUntil(lambda: not hands.cell(5).is_blank)
    assert hands.chosen == (4, 5)
    # Centered, because they are smaller than a cell.
    assert [hands.color(x, 4, 4) for x in (3, 4, 5, 6)] == [(0,) * 4, RED, BLUE, (0,) * 4]
    assert [hands.color(x, 11, 5) for x in (10, 11, 12)] == [(0,) * 4, BLUE, (0,) * 4]
    assert [hands.cell(i).duration_ms for i in (4, 5)] == [80, 240]
    hands.click("draw.undo")
    assert hands.cell(4).is_blank
    assert hands.lab.project.is_clean


def test_an_aseprite_file_is_opened_from_the_file_menu(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    from sprite_lab.ui.shell import file_actions

    monkeypatch.setattr(file_actions, "ask_open", choosing(rich(tmp_path / "walk.ase")))
    hands.window.show_workspace("see")
    hands.window.menus.actions["file.open"].trigger()
    qtbot.waitUntil(lambda: not hands.cell(1).is_blank)
    assert hands.window.current == "draw"


def test_a_row_of_cells_is_written_as_frames(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    rgba = noise(6, 16, 16)
    cells = tuple(
        Cell(frame.tobytes(), duration_ms=100 + i) if i not in (1, 5) else Cell(duration_ms=100 + i)
        for i, frame in enumerate(rgba)
    )
    cells = (cells[0], cells[1], replace(cells[2], thanks="Ada, CC BY 4.0"), *cells[3:])
    hands.lab.project.load(CellSheet(2, 3, cells, (RED, BLUE)))
    file = tmp_path / "out.aseprite"
    owed = tmp_path / "out.CREDITS.txt"
    monkeypatch.setattr(files, "ask_save", choosing(file))
    hands.choose(1)
    hands.click("draw.export.aseprite")
    qtbot.waitUntil(file.exists)
    found = read_aseprite(file)
    assert found.durations_ms == (100, 101, 102)
    assert found.palette == (RED, BLUE)
    assert np.array_equal(found.frames[[0, 2]], rgba[[0, 2]])
    assert not found.frames[1].any(), "a blank cell between is a frame"
    assert "Ada, CC BY 4.0" in owed.read_text()
    owed.unlink()
    # A row ends with its last drawing; of several selected cells, all are used.
    file.unlink()
    hands.choose(5)
    hands.click("draw.export.aseprite")
    qtbot.waitUntil(file.exists)
    assert np.array_equal(read_aseprite(file).frames, rgba[3:5])
    assert not owed.exists()
    file.unlink()
    hands.choose(0)
    hands.choose(4, CTRL)
    hands.click("draw.export.aseprite")
    qtbot.waitUntil(file.exists)
    assert np.array_equal(read_aseprite(file).frames, rgba[[0, 4]])


def test_a_blank_character_is_not_written_as_frames(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet, _ = with_set(CellSheet(), PARTS, "Character", {})
    hands.lab.project.load(sheet)
    monkeypatch.setattr(files, "ask_save", lambda *_, **__: pytest.fail("there is nothing"))
    failures: list[str] = []
    hands.lab.failed.connect(lambda text, _: failures.append(text))
    hands.choose(0)
    hands.click("draw.export.aseprite")
    assert failures == ["Draw something there first: these cells are blank."]


def test_a_source_that_holds_more_is_not_replaced_unasked(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    file, other = rich(tmp_path / "walk.aseprite"), tmp_path / "flat.aseprite"
    source = file.read_bytes()
    hands.paint(0, 0)
    monkeypatch.setattr(files, "ask_save", choosing(file))
    asked = hands.answer("draw.flatten.cancel")
    hands.click("draw.export.aseprite")
    qtbot.waitUntil(lambda: bool(asked))
    assert "“walk.aseprite” contains more than can be written here" in asked[0]
    assert "2 layers and indexed colors" in asked[1]
    assert file.read_bytes() == source
    # Under another name, that file is left alone.
    names = iter([file, other])
    monkeypatch.setattr(files, "ask_save", lambda *arguments, **named: next(names))
    hands.answer("draw.flatten.other")
    hands.click("draw.export.aseprite")
    qtbot.waitUntil(other.exists)
    assert file.read_bytes() == source
    # Confirmation replaces it.
    monkeypatch.setattr(files, "ask_save", choosing(file))
    hands.answer("draw.flatten.replace")
    hands.click("draw.export.aseprite")
    qtbot.waitUntil(lambda: file.read_bytes() != source)
    assert read_aseprite(file).beyond() == ""
    # A file that we wrote ourselves is replaced without a question.
    hands.paint(1, 0)
    hands.click("draw.export.aseprite")
    qtbot.waitUntil(lambda: read_aseprite(file).frames[0, 0, 1, 3] == 255)
    boxes = [b for b in QApplication.topLevelWidgets() if isinstance(b, QMessageBox)]
    assert not any(box.isVisible() for box in boxes)


def test_large_frames_can_begin_a_project_with_the_palette_of_their_file(
    hands: Hands, tmp_path: Path, qtbot: QtBot
) -> None:
    rgba = noise(3, 32, 32)
    write_aseprite(tmp_path / "big.ase", rgba, [20, 30, 40], [RED, BLUE, (0, 0, 0, 0)])
    hands.answer("draw.larger.new")
    hands.drop(tmp_path / "big.ase", hands.place_of(0))
    project = hands.lab.project
    qtbot.waitUntil(lambda: project.side == 32)
    assert (project.rows, project.columns, project.palette) == (1, 3, (RED, BLUE))
    assert [cell.duration_ms for cell in project.cells] == [20, 30, 40]
    assert np.array_equal(np.stack([cell.rgba for cell in project.cells]), rgba)


@pytest.mark.parametrize("name", ["dawnlike_engineer_indexed_16x64_4frames.ase"])
def test_a_walk_cycle_of_four_sides_becomes_four_rows(
    hands: Hands, shared_data: Path, qtbot: QtBot, name: str
) -> None:
    path = shared_data / "import_cases" / name
    if not path.is_file():
        pytest.skip("the files to import are not here")
    asked = hands.answer("draw.larger.cut")
    hands.drop(path, hands.place_of(0))
    qtbot.waitUntil(lambda: not hands.cell(15).is_blank)
    assert asked[2:] == ["Cut into 16 cells", "Cancel"]
    frames = read_aseprite(path).frames
    for row in range(4):
        for frame in range(4):
            assert np.array_equal(
                hands.cell(4 * row + frame).rgba, frames[frame, 16 * row : 16 * row + 16]
            )
    assert {cell.duration_ms for cell in hands.lab.project.cells} == {150}
