"""The project of the last session: reopened, unless it is gone or drawings were not saved."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from sprite_lab.app.draw.last_state import DrawState, last_state
from sprite_lab.app.draw.tools.tool_table import ToolOptions
from sprite_lab.app.files.recovery import FILE_NAME
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings
from sprite_lab.core.config import DrawSettings
from sprite_lab.core.pixels.cell_sets import with_set
from sprite_lab.core.pixels.cells import Cell, CellSheet
from sprite_lab.core.pixels.characters import PARTS
from sprite_lab.core.pixels.layers import Layer
from sprite_lab.formats.project import load_project, save_project
from sprite_lab.paths import data_dir
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.startup import Startup
from tests.gui.hands import Hands, choosing
from tests.gui.stand_ins import StandInModel
from tests.qt import delete_now

pytestmark = pytest.mark.opens("data")

RED, BLUE = b"\xff\x00\x00\xff", b"\x00\x00\xff\xff"


def sheet(color: bytes, title: str = "mine") -> CellSheet:
    return CellSheet(1, 2, (Cell(color * 256), Cell()), ((1, 2, 3, 255),), title)


@pytest.fixture
def launch(lab: Lab, sprites_file: Path, qtbot: QtBot) -> Iterator[Callable[[], MainWindow]]:
    """Opens the app on a small data set, like a later launch."""
    windows: list[MainWindow] = []

    def start() -> MainWindow:
        lab.settings.replace(launched=True)
        window = MainWindow(lab)
        windows.append(window)
        started = Startup(lab, window, data=str(sprites_file))
        window.show()
        qtbot.waitUntil(lambda: lab.data.value is not None, timeout=20_000)
        qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
        del started
        return window

    yield start
    for window in filter(isValid, windows):
        window.closing.safe = True
        window.close()


def test_it_is_opened_again_and_the_workspace_stays(
    lab: Lab, launch: Callable[[], MainWindow], tmp_path: Path
) -> None:
    file = tmp_path / "mine.spritelab"
    save_project(file, sheet(RED))
    lab.settings.replace(project=str(file), workspace="train")
    window = launch()
    assert lab.project.snapshot() == sheet(RED)
    assert lab.project.path == file
    assert lab.project.is_clean
    assert window.current == "train"
    assert "mine" in window.windowTitle()


def test_saving_and_opening_are_remembered_and_a_new_project_is_not_opened_again(
    lab: Lab, window: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sprite_lab.ui.shell import file_actions

    hands = Hands(window)
    hands.paint(0, 0)
    file = tmp_path / "kept.spritelab"
    monkeypatch.setattr(file_actions, "ask_save", choosing(file))
    window.menus.actions["file.save"].trigger()
    qtbot.waitUntil(lambda: lab.project.is_clean)
    assert lab.settings.value.project == str(file)
    assert window.windowTitle().startswith("kept")
    lab.settings.save()
    assert Settings().value.project == str(file)
    window.menus.actions["file.new"].trigger()
    assert lab.settings.value.project == ""
    job = lab.project_io.open(file)
    qtbot.waitUntil(lambda: not job.active)
    assert lab.settings.value.project == str(file)


def test_one_that_is_gone_is_reported(
    lab: Lab, launch: Callable[[], MainWindow], tmp_path: Path
) -> None:
    notices: list[str] = []
    lab.notice.connect(notices.append)
    gone = tmp_path / "gone.spritelab"
    lab.settings.replace(project=str(gone))
    launch()
    assert f"The last project no longer exists ({gone})." in notices
    assert lab.settings.value.project == ""
    assert lab.project.is_clean


def test_one_that_is_damaged_leaves_an_empty_project(
    lab: Lab, launch: Callable[[], MainWindow], tmp_path: Path
) -> None:
    notices: list[str] = []
    lab.notice.connect(notices.append)
    file = tmp_path / "bad.spritelab"
    file.write_text("nothing")
    lab.settings.replace(project=str(file))
    launch()
    assert any(n.startswith("The last project cannot be opened. 'bad.spritelab'") for n in notices)
    assert all(cell.is_blank for cell in lab.project.cells)


def test_what_was_not_saved_wins_and_is_saved_to_its_file_again(
    lab: Lab, launch: Callable[[], MainWindow], sprites_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "mine.spritelab"
    save_project(file, sheet(RED))
    save_project(data_dir() / FILE_NAME, sheet(BLUE))
    lab.settings.replace(project=str(file))
    window = launch()
    assert lab.project.snapshot() == sheet(BLUE)
    assert not lab.project.is_clean
    assert load_project(file) == sheet(RED), "it is only saved when a person says so"
    window.menus.actions["file.save"].trigger()
    qtbot.waitUntil(lambda: lab.project.is_clean)
    assert load_project(file) == replace(sheet(BLUE), data=str(sprites_file))


def test_what_was_never_saved_asks_where(
    lab: Lab, launch: Callable[[], MainWindow], tmp_path: Path
) -> None:
    other = tmp_path / "other.spritelab"
    save_project(other, sheet(RED, "other"))
    save_project(data_dir() / FILE_NAME, sheet(BLUE, "Untitled"))
    lab.settings.replace(project=str(other))
    launch()
    assert lab.project.path is None
    assert load_project(other) == sheet(RED, "other")


def test_a_copy_that_cannot_be_read_does_not_hide_the_project(
    lab: Lab, launch: Callable[[], MainWindow], tmp_path: Path
) -> None:
    file = tmp_path / "mine.spritelab"
    save_project(file, sheet(RED))
    (data_dir() / FILE_NAME).write_text("torn")
    lab.settings.replace(project=str(file))
    launch()
    assert lab.project.snapshot() == sheet(RED)


def test_a_copy_that_waits_for_a_newer_version_does_not_hide_the_project(
    lab: Lab, launch: Callable[[], MainWindow], tmp_path: Path
) -> None:
    file, waiting = tmp_path / "mine.spritelab", data_dir() / "unsaved.schema-99.spritelab"
    save_project(file, sheet(RED))
    waiting.write_text("of a newer version")
    lab.settings.replace(project=str(file))
    launch()
    assert lab.project.path == file
    assert waiting.is_file()


def test_closing_asks_differently_for_what_was_never_saved(
    window: MainWindow, lab: Lab, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sprite_lab.ui.shell import file_actions

    hands = Hands(window)
    hands.paint(0, 0)
    asked = hands.answer("unsaved.cancel")
    window.close()
    assert "Save “Untitled”?" in asked[0]
    assert asked[1] == "Its drawings have never been saved to a file."
    assert asked[2:] == ["Save as…", "Discard", "Cancel"]
    assert window.isVisible()
    job = lab.project_io.save(tmp_path / "mine.spritelab")
    qtbot.waitUntil(lambda: not job.active)
    hands.paint(5, 5)
    asked = hands.answer("unsaved.cancel")
    window.close()
    assert "Save the changes to “mine”?" in asked[0]
    assert asked[2:] == ["Save", "Discard changes", "Cancel"]
    # Save as… closes the window once the drawings are saved.
    lab.project.path = None
    file = tmp_path / "again.spritelab"
    monkeypatch.setattr(file_actions, "ask_save", choosing(file))
    hands.answer("unsaved.save")
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert load_project(file).cells[0].rgba[5, 5, 3] == 255


def test_a_project_brings_its_model_and_data_set_back(
    lab: Lab, sprites_file: Path, small_models: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    own_set, file = tmp_path / "own.npz", tmp_path / "mygame.spritelab"
    shutil.copy(sprites_file, own_set)
    tuned = tmp_path / "tuned.safetensors"
    shutil.copy(small_models / "builtin" / "weights.safetensors", tuned)

    def idle() -> None:
        qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)

    lab.open_model(tuned)
    lab.open_data(own_set)
    idle()
    lab.project_io.save(file)
    idle()
    assert lab.project.is_clean
    lab.open_model("builtin")
    lab.open_data(sprites_file)
    idle()

    # When it is opened first, as by a double click, its own model and set replace the last
    # session's.
    lab.project_io.new()
    lab.settings.replace(launched=True)
    window = MainWindow(lab)
    started = Startup(lab, window, paths=[file])
    window.show()
    qtbot.waitUntil(lambda: lab.project.path == file, timeout=20_000)
    idle()
    assert str(lab.model_ref) == str(tuned)
    assert lab.data_path == own_set

    # A missing one is reported, and what is open stays open.
    tuned.unlink()
    own_set.unlink()
    lab.open_model("builtin")
    lab.open_data(sprites_file)
    idle()
    notices: list[str] = []
    lab.notice.connect(notices.append)
    lab.project_io.open(file)
    idle()
    assert [n for n in notices if "is gone" in n] == [
        f"The model that this project was saved with is gone ({tuned}): open another one.",
        f"The data set that this project was saved with is gone ({own_set}): open another one.",
    ]
    assert (lab.model_ref, lab.data_path) == ("builtin", sprites_file)
    window.closing.safe = True
    window.close()
    del started


def test_a_project_whose_model_no_file_can_be_named_like_opens(
    lab: Lab, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "a.spritelab"
    save_project(file, CellSheet(model="a" * 3000, data="\0"))
    notices: list[str] = []
    lab.notice.connect(notices.append)
    lab.project_io.open(file)
    qtbot.waitUntil(lambda: lab.project.path == file and not lab.jobs.handles, timeout=20_000)
    assert len([n for n in notices if "is gone" in n]) == 2
    save_project(file, CellSheet(model="a" * 5000))
    assert load_project(file).model is None


def test_draw_comes_back_as_it_was_left(
    lab: Lab, launch: Callable[[], MainWindow], tmp_path: Path, qtbot: QtBot
) -> None:
    layered = Cell().stacked((Layer(RED * 256, generated=True), Layer(BLUE * 256)))
    many = CellSheet(5, 5, (Cell(),) * 23 + (layered, Cell()), ((1, 2, 3, 255),))
    file = tmp_path / "many.spritelab"
    save_project(file, many)
    lab.settings.replace(project=str(file), workspace="draw")
    hands = Hands(launch())
    draw = hands.window.navigator.draw
    hands.click("draw.tabs.limits")
    hands.click("draw.group.guidance.header")
    hands.click("draw.layers.header")
    draw.grid.set_selection((23, 24))
    draw.tools.set_layer(1)
    draw.tools.set_tool("shading")
    draw.tools.options.replace(size=3, along_palette=False)
    draw.tools.set_color(0, (10, 20, 30, 255))
    lab.settings.save()
    hands.window.closing.safe = True
    hands.window.close()
    delete_now(hands.window)
    assert Settings().value.draw == lab.settings.value.draw

    lab.project.load(CellSheet())  # a new process starts without a project
    draw = launch().navigator.draw
    qtbot.waitUntil(lambda: len(lab.project.cells) == 25)
    assert (draw.grid.current, draw.session.chosen) == (23, (23, 24))
    assert draw.tools.layer == 1
    assert draw.tools.tool == "shading"
    assert draw.tools.options.value == ToolOptions(size=3, along_palette=False)
    assert draw.tools.colors[0] == (10, 20, 30, 255)
    assert draw.panel.tabs.value == "limits"
    assert draw.layers_group.is_open
    assert draw.layers_group.list.rowCount() == 2
    opened = {group.objectName() for group in draw.panel.folds if group.is_open}
    assert "draw.group.guidance" in opened


def test_settings_of_generate_and_the_page_come_back(
    lab: Lab, launch: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    lab.settings.replace(workspace="draw")
    long = StandInModel(timesteps=1000)
    hands = Hands(launch())
    lab.model.set(long)
    draw = hands.window.navigator.draw
    usual = draw.session.settings
    draw.panel.generate.form.set_value(DrawSettings("ddim", 700, colors=0, deal_prompts=False))
    draw.show_set("character")
    hands.window.closing.safe = True
    hands.window.close()
    delete_now(hands.window)

    lab.model.set(None)
    draw = launch().navigator.draw
    assert draw.page("character").isVisible()
    assert not draw.panel.findChild(QPushButton, "draw.generate").property("primary")
    draw.tools.set_tool("line")  # saving this also saves the settings
    lab.model.set(long)
    assert draw.session.settings == DrawSettings("ddim", 700, colors=0, deal_prompts=False)
    draw.panel.generate.form.set_value(usual)
    draw.page("character").back_wanted.emit()
    lab.model.set(StandInModel())
    assert draw.session.settings == usual
    assert last_state(lab.settings) == replace(
        last_state(lab.settings), generating=usual, page="", tool="line"
    )


@pytest.mark.parametrize("page", ["draw.batch", "draw.path", "draw.terrain", "gone", "draw.canvas"])
def test_any_page_is_shown_again(lab: Lab, window: MainWindow, page: str) -> None:
    lab.settings.replace(draw=DrawState(page=page).to_json())
    window.navigator.go("draw")
    draw = window.navigator.draw
    unknown = page in ("gone", "draw.canvas")
    assert draw.area.isVisible() == unknown
    assert unknown or draw.findChild(QWidget, page).isVisible()


def test_the_character_that_was_open_is_shown_again(lab: Lab, window: MainWindow) -> None:
    """It was once the first character, if another cell was selected last."""
    draw = window.navigator.draw
    sheet, _ = with_set(CellSheet(16, 4, (Cell(),) * 64), PARTS, "Character", {})
    sheet, second = with_set(sheet, PARTS, "Character", {})
    sheet = sheet.resized(sheet.rows + 1, 4)
    lab.project.load(sheet)
    draw.grid.set_current([cell.part for cell in sheet.cells].index(f"{second}/{PARTS[0]}"))
    shown = draw.session.set_cells(PARTS)
    draw.grid.set_current(len(sheet.cells) - 1)
    assert draw.session.set_cells(PARTS) == shown
    left = last_state(lab.settings)
    draw.session.last_sets.clear()
    assert draw.session.set_cells(PARTS) != shown
    draw.last.restore(left)
    assert draw.session.set_cells(PARTS) == shown


@pytest.mark.parametrize("cell", [5, 20])
def test_the_cell_is_chosen_once_the_project_is_open(
    lab: Lab, window: MainWindow, cell: int
) -> None:
    lab.settings.replace(draw=DrawState(cell=cell).to_json())
    draw = window.navigator.draw
    lab.project.load(CellSheet(5, 5, (Cell(),) * 25))
    assert draw.session.chosen == (cell,)
    lab.project.load(CellSheet(6, 6, (Cell(),) * 36))
    assert draw.session.chosen == (0,)


def test_the_chosen_cell_is_in_sight_when_draw_is_shown(
    lab: Lab, window: MainWindow, qtbot: QtBot
) -> None:
    lab.settings.replace(draw=DrawState(cell=60).to_json())
    draw = window.navigator.draw
    lab.project.load(CellSheet(16, 4, (Cell(),) * 64))
    window.navigator.go("draw")
    area = draw.grid.area
    assert area is not None

    def in_sight() -> bool:
        center = draw.grid.cell_rect(60).center().toPoint()
        return area.viewport().rect().contains(draw.grid.mapTo(area.viewport(), center))

    qtbot.waitUntil(in_sight)
    area.verticalScrollBar().setValue(0)
    assert not in_sight()


def test_a_cell_chosen_before_the_project_is_open_stays_chosen(
    lab: Lab, window: MainWindow
) -> None:
    lab.settings.replace(draw=DrawState(cell=20).to_json())
    draw = window.navigator.draw
    draw.grid.set_current(3)
    lab.project.load(CellSheet(4, 4, (Cell(),) * 16))
    assert draw.grid.current == 3


def test_a_state_that_cannot_be_read_is_the_usual_one(lab: Lab) -> None:
    for damaged in (
        {"tool": "none"},
        {"options": {"size": 90}},
        {"colors": "AA=="},
        {"cell": -1},
        {"cell": 10**400},
        {"tab": []},
        {"page": None},
        {"drafts": [1.5]},
        {"chosen": {}},
        {"opened": {"draw.group.generate": 1}},
        {"generating": {"sampler": "none"}},
        {"generating": {"steps": 0}},
        {"generating": {"colors": 10**9}},
        {"generating": [[]]},
    ):
        lab.settings.replace(draw=damaged)
        assert last_state(lab.settings) == DrawState()


def test_a_stroke_changes_no_settings(lab: Lab, window: MainWindow) -> None:
    hands = Hands(window)
    hands.paint(0, 0)
    changes: list[object] = []
    lab.settings.changed.connect(lambda new, old: changes.append(new))
    hands.paint(3, 3)
    assert hands.cell().rgba[3, 3, 3] == 255
    assert not changes


def test_a_new_project_keeps_the_palette_and_the_limit_to_it(lab: Lab) -> None:
    palette = ((1, 2, 3, 255), (200, 100, 50, 255))
    for locked in (4, 1):
        cells = [Cell().asking(lock_palette=i < locked) for i in range(4)]
        lab.project.load(CellSheet(2, 2, tuple(cells), palette))
        lab.project_io.new()
        assert lab.project.palette == palette
        assert {c.conditions.lock_palette for c in lab.project.cells} == {locked == 4}
        assert lab.project.is_clean
