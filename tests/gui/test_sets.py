"""Pages of Draw for several cells: terrains, characters, and the steps to one's own style."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QScrollArea,
    QWidget,
)

from sprite_lab.app.draw import drawing_tasks
from sprite_lab.app.draw.drawing import Drawn
from sprite_lab.app.draw.generate.batch_drawing import BatchDrawing
from sprite_lab.app.draw.generate.generation import CellGeneration
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.draw.sets import style_path
from sprite_lab.app.draw.sets.character import CharacterDrawing
from sprite_lab.app.files.library import RunEntry
from sprite_lab.app.task import Task, task
from sprite_lab.core.config import AnimationConfig, SampleConfig, SpriteFilesConfig
from sprite_lab.core.pixels.cells import blank_cell
from sprite_lab.core.pixels.characters import (
    DIRECTIONS,
    LEADER,
    PARTS,
    STEPS,
    TURNS,
    Sheet,
)
from sprite_lab.core.pixels.tile_sets import CODES, WHOLE
from sprite_lab.core.presets import PRESETS
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.drawings import set_of_cells
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.draw.sets.fronts import FrontsDialog
from sprite_lab.ui.draw.sets.terrain import TerrainMap
from sprite_lab.ui.importing.window import ImportWindow
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import use_language
from tests.gui.hands import LEFT, NONE, RIGHT, Hands
from tests.gui.stand_ins import StandInModel, StandInTraining, training  # noqa: F401
from tests.made import make_sprites
from tests.qt import settle, until, wait

pytestmark = pytest.mark.opens("draw")


class StandInTiles:
    """Tile i has a single color, with the red value i."""

    def __init__(self) -> None:
        self.calls: list[Sequence[SampleConfig]] = []

    def __call__(self, model: Any, configs: Sequence[SampleConfig]) -> Task[Any]:
        self.calls.append(configs)

        def run(control: RunControl) -> Any:
            yield None
            tiles = np.full((16, 16, 16, 4), 255, np.uint8)
            tiles[..., 0] = np.arange(16)[:, None, None] * 10
            return tuple(Drawn(tile, whole=False, thanks="by her") for tile in tiles)

        return Task(run)


class StandInSprites:
    """The requested sprites, with their positions as red values."""

    def __init__(self) -> None:
        self.calls: list[Sequence[SampleConfig]] = []

    def __call__(self, model: Any, configs: Sequence[SampleConfig]) -> Task[Any]:
        self.calls.append(configs)

        def run(control: RunControl) -> Any:
            yield None
            made = [config.drawing_rgba().copy() for config in configs]  # type: ignore[union-attr]
            for i, rgba in enumerate(made):
                rgba[8, 2] = (50 + i, 0, 0, 255)
            return tuple(Drawn(rgba) for rgba in made)

        return Task(run)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> StandInTiles:
    stand_in = StandInTiles()
    monkeypatch.setattr(drawing_tasks, "draw_tiles", stand_in)
    return stand_in


@pytest.fixture
def hands(window: MainWindow, drawn: StandInTiles) -> Hands:
    hands = Hands(window)
    hands.lab.model.set(StandInModel(class_names=("grass", "mud")))
    window.menus.actions["run.terrain"].trigger()
    until(lambda: window.navigator.draw.page("terrain").isVisible())
    return hands


def red(shown: TerrainMap, row: int, column: int) -> int:
    """The red value of the tile south-east of a corner of the map."""
    wait(1)
    place = shown.place_of(row, column)
    half = (shown.place_of(row + 1, column + 1) - place) / 2
    return shown.grab().toImage().pixelColor((place + half).toPoint()).red()


def tile(code: str) -> int:
    return CODES.index(code) * 10


def test_sets_are_named_in_the_language_of_the_window(hands: Hands) -> None:
    """“Terrain 1” was once the title on a page called “Gelände”."""
    use_language("de")
    for kind, part in (("terrain", f"Gelände 1/{CODES[0]}"), ("character", "Figur 1/down 0")):
        hands.window.menus.actions[f"run.{kind}"].trigger()
        hands.click(f"draw.{kind}.new")
        assert part in [cell.part for cell in hands.lab.project.cells]


def test_a_terrain_from_the_first_click_to_the_export(hands: Hands, drawn: StandInTiles) -> None:
    for name in ("draw", "clear", "random", "ground0", "export"):
        assert not hands.find(f"draw.terrain.{name}").isEnabled()
    assert hands.find("draw.terrain.new").property("primary"), "all that can be done here"
    hands.window.resize(1264, 760)
    canvas = hands.find("draw.terrain.canvas")
    wait(1)
    place = canvas.geometry()
    hands.click("draw.terrain.new")
    wait(1)
    assert canvas.geometry() == place
    assert not hands.find("draw.terrain.new").property("primary")
    assert hands.find("draw.terrain.draw").property("primary")
    pane = hands.window.findChild(QWidget, "draw.invitation")
    assert not pane.isVisible(), "its cells are no place for sprites"
    for name in ("clear", "random", "export"):
        assert not hands.find(f"draw.terrain.{name}").isEnabled(), "nothing is drawn yet"
    blank = hands.find("draw.terrain.ground0").icon().pixmap(32).toImage()
    assert blank.pixelColor(1, 1).alpha() == 255, "a board, not an empty place"
    project = hands.lab.project
    assert [cell.part for cell in project.cells] == [f"Terrain 1/{code}" for code in CODES]
    hands.click("draw.terrain.ground1")
    assert hands.chosen == (WHOLE[1],)
    hands.click("draw.terrain.draw")
    assert "Both grounds have the same" in hands.notices[-1]
    until(lambda: not project.cell(0).is_blank)
    for name in ("clear", "random", "export"):
        assert hands.find(f"draw.terrain.{name}").isEnabled()
    project.history.undo()
    drawn.calls.clear()
    project.put({WHOLE[1]: project.cell(WHOLE[1]).asking(words=("grass",))}, "Ask")
    hands.click("draw.terrain.draw")
    until(lambda: not project.cell(0).is_blank)
    (configs,) = drawn.calls
    assert {config.seed for config in configs} == {configs[0].seed}
    assert all(config.drawing is None for config in configs)
    assert all(cell.made_by is None and cell.thanks == "by her" for cell in project.cells)
    assert hands.find("draw.terrain.export").property("primary"), "as of a character that is drawn"
    assert not hands.find("draw.terrain.draw").property("primary")

    # The map is painted by mouse and by keys.
    shown = hands.find("draw.terrain.map")
    shown.fill(0)
    assert red(shown, 4, 4) == tile("0000")
    QTest.mouseClick(shown, LEFT, NONE, shown.place_of(4, 4).toPoint())
    assert red(shown, 4, 4) == tile("1000")
    assert red(shown, 3, 3) == tile("0001")
    QTest.keyClick(shown, Qt.Key.Key_Right)
    QTest.keyClick(shown, Qt.Key.Key_Space)
    assert red(shown, 4, 4) == tile("1100")
    QTest.keyClick(shown, Qt.Key.Key_Backspace)
    QTest.mouseClick(shown, RIGHT, NONE, shown.place_of(4, 4).toPoint())
    assert red(shown, 4, 4) == tile("0000")

    # A click beside the map, by more than half a tile, paints nothing.
    tile_down = shown.place_of(1, 4) - shown.place_of(0, 4)
    beside = shown.place_of(0, 4) - 0.8 * tile_down
    if not shown.rect().contains(beside.toPoint()):
        beside = shown.place_of(4, 0) - 0.8 * tile_down.transposed()
    assert shown.rect().contains(beside.toPoint())
    QTest.mouseClick(shown, LEFT, NONE, beside.toPoint())
    assert not shown.ground.any()

    # The map is kept with the project, stroke by stroke.
    before = shown.ground.copy()
    QTest.mousePress(shown, LEFT, NONE, shown.place_of(2, 2).toPoint())
    QTest.mouseMove(shown, shown.place_of(2, 3).toPoint())
    QTest.mouseRelease(shown, LEFT, NONE, shown.place_of(2, 3).toPoint())
    assert shown.ground[2, 2:4].tolist() == [1, 1]
    assert np.array_equal(project.map_of("Terrain 1").points, shown.ground)
    project.history.undo()
    assert np.array_equal(shown.ground, before)
    project.history.redo()
    sheet, after = project.snapshot(), shown.ground.copy()
    hands.click("draw.terrain.clear")
    project.load(sheet)
    assert np.array_equal(shown.ground, after), "it is there again when the project is opened"

    # A retouched tile is shown on the map, and one that is pasted over stays a tile.
    project.put({WHOLE[0]: replace(project.cell(5), pixels=bytes([77, 0, 0, 255] * 256))}, "Paint")
    assert red(shown, 4, 4) == 77
    make = hands.lab.exports.take("terrain")
    batch = make(SpriteFilesConfig(kind="sheet"))
    assert batch.names == batch.tile_set.codes == CODES
    assert batch.tile_set.names == ("ground", "grass")
    assert np.array_equal(batch.tile_set.ground.points, shown.ground)
    assert batch.attribution == "by her"
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    until(lambda: hands.find("draw.canvas").isVisible())


def test_two_selected_drawings_are_the_grounds_of_a_new_terrain(hands: Hands) -> None:
    project, session = hands.lab.project, hands.window.navigator.draw.session
    red, blue = (bytes([*color, 255] * 256) for color in ((200, 20, 20), (20, 20, 200)))
    drawn = {
        2: replace(project.cell(2), pixels=red, name="lava"),
        5: replace(project.cell(5), pixels=blue),
    }
    project.put(drawn, "Draw")
    session.choose(2, (2, 5))
    hands.click("draw.terrain.new")
    tiles = {cell.part.rpartition("/")[2]: cell for cell in project.cells if cell.part}
    assert [tiles[code].pixels for code in ("0000", "1111")] == [red, blue]
    assert all(cell.is_blank for code, cell in tiles.items() if code not in ("0000", "1111"))
    assert project.cell(2).pixels == red, "they stay where they were"
    # A single tile does not say which ground it is.
    session.choose(2, (2,))
    hands.click("draw.terrain.new")
    assert sum(not cell.is_blank for cell in project.cells) == 4


def test_a_terrain_is_seen_at_twice_its_size_beside_large_text(
    hands: Hands, theme: ThemeManager
) -> None:
    """On a small screen, its hint once took one more line."""
    theme.set_text_size(150)
    hands.window.resize(1280, 800)
    hands.click("draw.terrain.new")
    shown = hands.find("draw.terrain.map")
    for _ in range(3):  # first rows wrap, then text
        settle(hands.window, shown)
    assert shown._pitch()[2] == 32
    project = hands.lab.project
    tiles = {
        i: replace(cell, pixels=bytes([90, 60, 30, 255] * 256))
        for i, cell in enumerate(project.cells)
    }
    project.put(tiles, "Fill")
    for _ in range(3):
        settle(hands.window, shown)
    assert hands.find("draw.terrain.strength").isVisible()
    assert shown._pitch()[2] == 32


@pytest.mark.parametrize("percent", [100, 150])
def test_pixels_of_a_ground_on_its_button_are_even(
    hands: Hands, theme: ThemeManager, percent: int
) -> None:
    """Sixteen of them were once smoothed to twenty."""
    theme.set_text_size(percent)
    hands.click("draw.terrain.new")
    cells = hands.lab.project
    pattern = np.zeros((16, 16, 4), np.uint8)
    pattern[..., 3] = 255
    pattern[::2, ::2, 0] = 200
    cells.put({WHOLE[0]: replace(cells.cell(WHOLE[0]), pixels=pattern.tobytes())}, "Fill")
    button = hands.find("draw.terrain.ground0")
    settle(hands.window, button)
    (size,) = button.icon().availableSizes()
    image = button.icon().pixmap(size).toImage()
    scale = image.height() // 16
    assert image.height() == 16 * scale == button.iconSize().height()
    inner = range(2, 14)  # the button has a border
    seen = [[image.pixelColor(x * scale, y * scale).red() for x in inner] for y in inner]
    assert np.array_equal(seen, pattern[2:14, 2:14, 0])


def test_grounds_start_from_their_drawings_or_neither_does(
    hands: Hands, drawn: StandInTiles
) -> None:
    hands.click("draw.terrain.new")
    project = hands.lab.project
    first, second = (project.cell(i) for i in WHOLE)
    project.put({WHOLE[0]: replace(first, pixels=bytes([90, 60, 30, 255] * 256))}, "Fill")
    hands.click("draw.terrain.draw")
    assert not hands.window.findChild(QWidget, "draw.terrain.strength").isVisible()
    assert "Only one ground is drawn" in hands.failures[-1]
    project.put({WHOLE[1]: replace(second, pixels=bytes([20, 160, 30, 255] * 256))}, "Fill")
    strength = hands.find("draw.terrain.strength")
    assert strength.isEnabled()
    assert strength.whole == 35
    strength.set_value(20)
    strength.set_value(30)
    assert [project.cell(i).conditions.strength for i in WHOLE] == [0.3, 0.3]
    project.history.undo()
    assert strength.whole == 35
    project.history.redo()
    hands.click("draw.terrain.draw")
    until(lambda: len(drawn.calls) == 1)
    assert [drawn.calls[0][i].start_t for i in WHOLE] == [150, 150]
    until(lambda: not project.cell(WHOLE[0] + 1).is_blank)


def test_a_model_without_grounds_makes_none_up_unasked(hands: Hands, drawn: StandInTiles) -> None:
    hands.click("draw.terrain.new")
    hint = hands.find("draw.terrain.hint")
    assert "describe it with a class" in hint.text()
    hands.lab.model.set(StandInModel())
    assert "“stand-in” was never trained on grounds" in hint.text()
    # A run has the same name as elsewhere, not that of its folder.
    hands.lab.model.set(StandInModel(title="20261125-015229-dusk"))
    assert "“dusk, 25 Nov 01:52” was never" in hint.text()
    room = hint.minimumHeight()
    assert room >= hint.heightForWidth(hint.width())
    asked = hands.answer("draw.no_ground.cancel")
    hands.click("draw.terrain.draw")
    assert "never trained on grounds" in asked[1]
    asked = hands.answer("draw.no_ground.canvas")
    hands.click("draw.terrain.draw")
    assert asked
    assert hands.chosen == (WHOLE[0],)
    assert hands.find("draw.canvas").isVisible()
    assert not drawn.calls
    hands.window.menus.actions["run.terrain"].trigger()
    hands.answer("draw.no_ground.noise")
    hands.click("draw.terrain.draw")
    until(lambda: len(drawn.calls) == 1)
    # Drawn grounds are the start, whatever the model knows.
    until(lambda: not hands.lab.project.cell(0).is_blank)
    assert hint.text().startswith("On the map")
    # The buttons below stay in place, whichever hint it shows.
    assert hint.minimumHeight() == room >= hint.heightForWidth(hint.width())


def test_variations_of_a_blank_cell_leave_it_and_terrains_alone(hands: Hands) -> None:
    hands.click("draw.terrain.new")
    project, generation = hands.lab.project, hands.window.navigator.draw.generation
    hands.window.navigator.draw.editor.resize(5, 4)
    hands.window.navigator.draw.grid.set_selection((19,))
    begun: list[Sequence[int]] = []
    generation.begin = lambda request: begun.append(request.indices)
    generation.vary(8, 0.5)
    assert begun == [(16, 17, 18, 20, 21, 22, 23, 24)], "with rows for those that find no room"
    assert project.cell(19).is_blank


def test_a_page_stays_with_its_set_when_another_cell_is_selected(hands: Hands) -> None:
    hands.click("draw.terrain.new")
    hands.click("draw.terrain.new")
    draw = hands.window.navigator.draw
    draw.editor.resize(9, 4)
    page = draw.page("terrain")
    assert page.cells == tuple(range(16, 32))
    draw.grid.set_current(34)  # neither of them
    assert page.cells == tuple(range(16, 32))
    draw.grid.set_current(3)
    assert page.cells == tuple(range(16))
    hands.lab.project.history.undo()
    hands.lab.project.history.undo()
    assert page.cells == tuple(range(16)), "the second is gone"


def test_a_grid_grows_down_by_itself_for_a_new_set(hands: Hands) -> None:
    project, heard = hands.lab.project, []
    ink = replace(project.cell(0), pixels=bytes([9, 9, 9, 255] * 256))
    project.push(replace(project.snapshot(), rows=16, cells=(ink,) * 64), "Fill")
    hands.lab.notice.connect(heard.append)
    hands.click("draw.terrain.new")
    assert (project.rows, hands.chosen) == (20, (64,))
    assert heard == ["The grid has 20 rows now, to make room."]
    project.history.undo()
    assert project.rows == 16


def test_the_next_step_of_a_terrain_stands_out(hands: Hands, drawn: StandInTiles) -> None:
    hands.lab.model.set(StandInModel())  # it knows no words for grounds
    hands.click("draw.terrain.new")
    stands_out = lambda name: bool(hands.find(f"draw.terrain.{name}").property("primary"))  # noqa: E731
    assert (stands_out("canvas"), stands_out("draw")) == (True, False)
    project = hands.lab.project
    inked = {i: replace(project.cell(i), pixels=bytes([9, 9, 9, 255] * 256)) for i in WHOLE}
    project.put(inked, "Fill")
    assert (stands_out("canvas"), stands_out("draw")) == (False, True)


def test_undo_takes_a_new_terrain_away(hands: Hands) -> None:
    project = hands.lab.project
    project.put({0: replace(project.cell(0), pixels=bytes([9, 9, 9, 255] * 256))}, "Fill")
    hands.click("draw.terrain.new")
    assert (project.rows, hands.chosen) == (8, (16,))
    project.history.undo()
    assert project.rows == 4
    assert not hands.find("draw.terrain.export").isEnabled()


def knight() -> np.ndarray:
    """A knight with head, body and two feet, in four colors, with something in one hand."""
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[2:8, 4:12] = (200, 150, 100, 255)
    rgba[8:13, 3:13] = (60, 60, 200, 255)
    rgba[13:15, 4:7] = rgba[13:15, 9:12] = (90, 50, 20, 255)
    rgba[5:12, 13] = (220, 220, 220, 255)
    return rgba


def test_a_model_of_characters_draws_cells_of_its_size(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New characters are drawn from noise, drawn ones are turned."""
    made = Drawn(knight(), whole=False, thanks="Somebody", model="Characters")
    sheets: list[Sheet] = []
    turned: list[tuple[tuple[str, ...], bool]] = []
    front = knight()

    @task()
    def draw_sheet(control: RunControl, sheet: Sheet) -> Run[tuple[Drawn, ...]]:
        yield None
        sheets.append(sheet)
        return (made,) * len(sheet.wanted)

    @task()
    def draw_turned(
        control: RunControl, views: dict[str, np.ndarray], parts: Sequence[str], seed: int,
        again: bool,
    ) -> Run[tuple[Drawn, ...]]:  # fmt: skip
        yield None
        if parts == TURNS:
            assert np.array_equal(views[LEADER], front)
        turned.append((tuple(parts), again))
        return (replace(made, others=(front,)),) * len(parts)

    monkeypatch.setattr(drawing_tasks, "draw_sheet", draw_sheet)
    monkeypatch.setattr(drawing_tasks, "draw_turned", draw_turned)
    monkeypatch.setattr("sprite_lab.app.draw.sets.character.is_shipped", lambda name: True)
    hands = Hands(window)
    # This works with any open model, even the model of characters itself, which draws larger
    # pictures.
    hands.lab.model.set(StandInModel(image_size=32))
    project = hands.lab.project
    window.menus.actions["run.character"].trigger()
    hands.click("draw.character.new")
    at = {cell.part.partition("/")[2]: i for i, cell in enumerate(project.cells) if cell.part}
    hands.click("draw.character.turn")
    until(lambda: not project.cell(at["left 0"]).is_blank)
    # It counts as drawn by the model, including the mirrored side, until a person changes it.
    generation, said = window.navigator.draw.generation, lambda: hands.find("draw.made_by").text()
    hands.window.navigator.draw.grid.set_selection((at["left 0"],))
    assert said().startswith("Drawn by Characters. ")
    assert not generation.drafts.lost([at["left 0"]], whole=True, of_set=True)
    project.paint(at["left 0"], {0: (1, 2, 3, 255)}, "Paint", project.next_stroke())
    assert said() == "Drawn by Characters, but changed since. Its exports credit 1 work."
    assert generation.drafts.lost([at["left 0"]], whole=True, of_set=True) == (at["left 0"],)
    project.history.undo()
    (credit,) = set_of_cells(project.cells, "mine").credits
    assert credit.work == "Drawn with Sprite Lab by the model Characters, after Somebody"
    project.paint(at["up 3"], {0: (1, 2, 3, 255)}, "Paint", project.next_stroke())
    hands.window.navigator.draw.grid.set_selection((at["up 3"],))
    assert said() == "Drawn by hand, or imported."
    project.history.undo()
    (sheet,) = sheets
    assert sheet.wanted == (LEADER, "up 0", "right 0")
    assert sheet.config.drawing is None
    assert project.cell(at["up 0"]).thanks == "Somebody"

    # At first, a drawing is turned in the most probable way; then every press shows another try,
    # until the drawing changes.
    project.put({at[part]: blank_cell(16) for part in ("up 0", "right 0", "left 0")}, "Clear")
    for count in (1, 2, 3, 4):
        if count == 3:
            project.paint(at[LEADER], {40: (9, 9, 9, 255)}, "Paint", project.next_stroke())
            front.reshape(-1, 4)[40] = (9, 9, 9, 255)
        hands.click("draw.character.turn")
        until(lambda n=count: len(turned) == n and hands.find("draw.character.turn").isEnabled())
    assert turned == [(TURNS, again) for again in (False, True, False, True)]

    hands.click("draw.character.draw")
    until(lambda: not project.cell(at["up 3"]).is_blank)
    assert turned[4] == (STEPS, False)
    assert not any(project.cell(i).is_blank for i in at.values())
    # Earlier results name their character.
    hands.window.navigator.draw.show_batch(True)
    earlier = hands.find("draw.batch.history", QComboBox)
    listed = [earlier.itemText(i) for i in range(earlier.count())]
    assert listed[0].startswith("Draw steps: Character 1 ("), listed


def test_without_a_drawing_the_open_model_draws_a_hero_who_is_turned(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a blank first cell, the model of characters once drew a fruit."""
    fronts: list[SampleConfig] = []

    @task()
    def draw_hero(
        control: RunControl, model: object, front: SampleConfig, parts: Sequence[str]
    ) -> Run[tuple[Drawn, ...]]:
        yield None
        fronts.append(front)
        return (Drawn(knight(), thanks="Somebody", model="mine"),) * (1 + len(parts))

    monkeypatch.setattr(drawing_tasks, "draw_hero", draw_hero)
    monkeypatch.setattr("sprite_lab.app.draw.sets.character.is_shipped", lambda name: True)
    hands = Hands(window)
    hands.lab.model.set(StandInModel(class_names=("item", "Heroes")))
    project = hands.lab.project
    window.menus.actions["run.character"].trigger()
    hands.click("draw.character.new")
    hands.click("draw.character.turn")
    until(lambda: not project.cell(3 * 4).is_blank)
    assert fronts[0].classes == ("Heroes",)
    drawn = [i for i, cell in enumerate(project.cells) if not cell.is_blank]
    assert drawn == [0, 4, 8, 12]
    hint = hands.find("draw.character.hint").text()
    assert hint.startswith("Retouch"), "there is nothing to choose from yet"
    # The conditions of the cell have precedence.
    project.history.undo()
    project.put({0: project.cell(0).asking(class_mix=(("item", 1.0),))}, "Ask")
    hands.click("draw.character.turn")
    until(lambda: len(fronts) == 2)
    assert fronts[1].classes == ("item",)
    until(lambda: not project.cell(12).is_blank)


def test_a_drawing_without_eyes_is_told_before_it_is_turned(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sprite_lab.app.draw.sets.character.is_shipped", lambda name: True)
    hands = Hands(window)
    project = hands.lab.project
    project.put({0: replace(project.cell(0), pixels=knight().tobytes())}, "Draw")
    window.menus.actions["run.character"].trigger()
    hint = hands.find("draw.character.hint")
    usual = hint.text()
    hands.click("draw.character.new")
    assert hint.text().startswith("No eyes are found")
    (leader,) = (i for i, cell in enumerate(project.cells) if cell.part.endswith(LEADER))
    faced = np.zeros((16, 16, 4), np.uint8)
    faced[2:14, 4:12] = (150, 60, 20, 255)
    faced[5:9, 5:11] = (240, 200, 160, 255)
    faced[6, [6, 9]] = (10, 10, 10, 255)
    project.put({leader: replace(project.cell(leader), pixels=faced.tobytes())}, "Draw")
    assert hint.text() == usual


def test_a_character_is_as_large_as_its_page_allows(
    window: MainWindow, theme: ThemeManager
) -> None:
    """In large text, three rows of buttons once left its cells one point per pixel."""
    hands = Hands(window)
    hands.lab.model.set(StandInModel())
    window.resize(1280, 800)
    window.menus.actions["run.character"].trigger()
    settle(window)
    hint, before = hands.find("draw.character.hint"), hands.find("draw.character.hint").y()
    hands.click("draw.character.new")
    settle(window)
    assert hint.y() == before
    theme.set_text_size(150)
    hands.find("draw.character")._tries.show()  # as if there were tries
    settle(window)
    foot = [hands.find(f"draw.character.{name}") for name in ("export", "turn", "draw")]
    assert len({button.y() for button in foot}) == 2


def test_a_character_from_one_drawing_to_its_walk(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    sprites = StandInSprites()
    monkeypatch.setattr(drawing_tasks, "draw_cells", sprites)
    hands = Hands(window)
    hands.lab.model.set(StandInModel(words=("behind", "passing", "standing", "striding", "tall")))
    project = hands.lab.project
    drawing = replace(project.cell(0), pixels=knight().tobytes()).asking(
        words=("tall",), class_mix=(("hero", 1.0),), seed=11, seed_locked=True
    )
    project.put({0: replace(drawing, name="Ada", tags=("wave",))}, "Draw")
    window.menus.actions["run.character"].trigger()
    hands.click("draw.character.new")
    assert (project.rows, hands.chosen) == (8, (16,))
    assert "Ada" in [label.text() for label in hands.find("draw.character").findChildren(QLabel)]
    at = {cell.part.partition("/")[2]: i for i, cell in enumerate(project.cells) if cell.part}
    assert list(at) == list(PARTS)
    assert project.cell(at[LEADER]).pixels == drawing.pixels
    assert project.cell(at[LEADER]).tags == (), "it is no frame of the wave"

    hands.click("draw.character.draw")
    assert "Draw the directions first" in hands.failures[-1]
    hands.click("draw.character.turn")
    until(lambda: not project.cell(at["left 0"]).is_blank)
    up, right = sprites.calls[0]
    assert (up.words, right.words) == (("tall", "behind"), ("tall", "standing"))
    assert (up.classes, right.classes) == (("hero",), ("side_facing",))
    assert up.seed == right.seed == 11
    assert up.palette == right.palette
    assert len(up.palette or b"") == 12
    left, other = (project.cell(at[f"{side} 0"]).rgba for side in ("left", "right"))
    assert np.array_equal(left, other[:, ::-1])

    hands.click("draw.character.turn")  # what was drawn here is drawn again without a question
    until(lambda: len(sprites.calls) == 2 and hands.find("draw.character.turn").isEnabled())
    # The button for the next step is emphasized; blank frames are not part of the walk.
    assert hands.find("draw.character.draw").property("primary")
    assert not hands.find("draw.character.turn").property("primary")
    walk = hands.find("draw.character.walk")
    walk.setFocus()
    QTest.keyPress(walk, Qt.Key.Key_Right)
    until(lambda: walk.direction == "right")
    wait(400)
    assert walk.frame == 0
    QTest.keyRelease(walk, Qt.Key.Key_Right)
    hands.click("draw.character.draw")
    assert walk.hasFocus()  # for the arrow keys, as the button is gray
    until(lambda: not project.cell(at["up 3"]).is_blank)
    assert not any(project.cell(i).is_blank for i in at.values())
    for direction in DIRECTIONS:
        first, third = (project.cell(at[f"{direction} {k}"]).pixels for k in (0, 2))
        assert first == third
    # Everything except the legs is unchanged, byte for byte.
    kept = project.cell(at["down 1"]).rgba[:11]
    assert np.array_equal(kept, knight()[:11])

    # It walks while a key is held, and then stands.
    walk.setFocus()
    QTest.keyPress(walk, Qt.Key.Key_Left)
    until(lambda: walk.frame > 0)
    assert walk.direction == "left"
    QTest.keyRelease(walk, Qt.Key.Key_Left)
    assert walk.frame == 0

    # A frame retouched by a person is not overwritten without a question.
    mended = replace(project.cell(at["up 1"]), pixels=knight()[::-1].tobytes(), made_by=None)
    project.put({at["up 1"]: mended}, "Mend")
    asked, calls = hands.answer("draw.over.cancel"), len(sprites.calls)
    hands.click("draw.character.draw")
    assert asked
    assert len(sprites.calls) == calls
    assert project.cell(at["up 1"]) == mended
    project.history.undo()

    # New directions replace the old steps, too, except those drawn by a person; this is said, and
    # undo restores them.
    project.put({at["up 3"]: replace(mended, part=project.cell(at["up 3"]).part)}, "Mend")
    walked = {part: project.cell(i).pixels for part, i in at.items()}
    told: list[str] = []
    hands.lab.notice.connect(told.append)
    hands.click("draw.character.turn")
    until(lambda: project.cell(at["up 1"]).is_blank)
    left = [part for part, i in at.items() if project.cell(i).is_blank]
    assert left == [p for p in PARTS if p[-1] != "0" and not p.startswith("down") and p != "up 3"]
    assert told == ["8 steps of the previous directions were removed."]
    project.history.undo()
    assert {part: project.cell(i).pixels for part, i in at.items()} == walked
    project.history.undo()

    batch = hands.lab.exports.take("character")(SpriteFilesConfig(kind="sheet", engine="godot"))
    assert batch.classes[::4] == tuple(f"walk_{direction}" for direction in DIRECTIONS)
    assert (batch.title, batch.columns) == ("Ada", 4)
    project.history.undo()
    assert project.cell(at["down 1"]).is_blank


def test_the_side_that_a_person_drew_is_the_one_that_the_other_mirrors(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A retouched left side was once replaced by the mirror of the right one."""
    sprites = StandInSprites()
    monkeypatch.setattr(drawing_tasks, "draw_cells", sprites)
    hands = Hands(window)
    hands.lab.model.set(StandInModel())
    project = hands.lab.project
    project.put({0: replace(project.cell(0), pixels=knight().tobytes())}, "Draw")
    window.menus.actions["run.character"].trigger()
    hands.click("draw.character.new")
    at = {cell.part.partition("/")[2]: i for i, cell in enumerate(project.cells) if cell.part}

    def press(what: str) -> None:
        count = len(sprites.calls)
        hands.click(f"draw.character.{what}")
        until(lambda: len(sprites.calls) > count)
        until(lambda: hands.find(f"draw.character.{what}").isEnabled())

    def retouch(part: str) -> None:
        project.paint(at[part], {0: (1, 2, 3, 255)}, "Paint", project.next_stroke())

    def rgba(part: str) -> np.ndarray:
        return project.cell(at[part]).rgba

    press("turn")
    retouch("left 0")
    left = rgba("left 0")
    press("draw")  # no question, because nothing is lost
    assert np.array_equal(rgba("left 0"), left)
    for frame in range(4):
        assert np.array_equal(rgba(f"right {frame}"), rgba(f"left {frame}")[:, ::-1])
        assert rgba(f"left {frame}")[0, 0].tolist() == [1, 2, 3, 255]

    # Both are drawn by hand: both stay, and each has its own steps.
    retouch("right 0")
    press("draw")
    assert np.array_equal(rgba("left 0"), left)
    assert rgba("right 1")[0, [0, 15], 3].tolist() == [255, 255]
    assert rgba("left 1")[0, [0, 15], 3].tolist() == [255, 0]

    # New directions ask about each one by name, and can leave them.
    asked = hands.answer("draw.over.leave")
    before = rgba("right 0")
    press("turn")
    assert np.array_equal(rgba("left 0"), left)
    assert np.array_equal(rgba("right 0"), before)
    assert len(sprites.calls[-1]) == 1, "only the back"
    assert "Right (Stand), Left (Stand)." in asked[1]

    # If only one is drawn by hand, the other is made again, without a model if the back stays, too.
    project.put({at["right 0"]: blank_cell(16)}, "Clear")
    retouch("up 0")
    asked, back = hands.answer("draw.over.leave"), rgba("up 0")
    hands.click("draw.character.turn")
    until(lambda: not project.cell(at["right 0"]).is_blank)
    assert np.array_equal(rgba("right 0"), left[:, ::-1])
    assert np.array_equal(rgba("up 0"), back)


@pytest.fixture
def turned(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> tuple[Hands, dict[str, int]]:
    """A character whose directions have three tries, with red values 10, 20 and 30."""

    @task()
    def draw_turned(
        control: RunControl, views: dict[str, np.ndarray], parts: Sequence[str], seed: int,
        again: bool,
    ) -> Run[tuple[Drawn, ...]]:  # fmt: skip
        yield None
        tries = []
        for part in parts:
            reds = [10, 20, 30] if not again else [40, 20]
            shown = [views[LEADER].copy() for _ in reds]
            for rgba, red in zip(shown, reds, strict=True):
                rgba[0, 3] = (red, int(part[-1]), 0, 255)
            tries.append(Drawn(shown[0], thanks="Somebody", model="M", others=tuple(shown[1:])))
        return tuple(tries)

    monkeypatch.setattr(drawing_tasks, "draw_turned", draw_turned)
    monkeypatch.setattr("sprite_lab.app.draw.sets.character.is_shipped", lambda name: True)
    hands = Hands(window)
    hands.lab.model.set(StandInModel())
    project = hands.lab.project
    project.put({0: replace(project.cell(0), pixels=knight().tobytes())}, "Draw")
    window.menus.actions["run.character"].trigger()
    hands.click("draw.character.new")
    hands.click("draw.character.turn")
    at = {cell.part.partition("/")[2]: i for i, cell in enumerate(project.cells) if cell.part}
    until(lambda: hands.find("draw.character.draw").isEnabled() and bool(at))
    until(lambda: not project.cell(at["left 0"]).is_blank)
    return hands, at


def test_tries_of_a_character_are_there_to_choose_from(
    turned: tuple[Hands, dict[str, int]],
) -> None:
    """Each try of a side once replaced the previous one, and there was only Undo."""
    hands, at = turned
    project = hands.lab.project

    def red(part: str) -> int:
        column = 12 if part.startswith("left") else 3
        return int(project.cell(at[part]).rgba[0, column, 0])

    page = hands.window.navigator.draw.page("character")

    def choose(part: str, k: int) -> None:
        shown = page.gallery.findChildren(QWidget, f"draw.character.tries.{part}")
        until(lambda: all(grid.isVisible() for grid in shown))
        (grid,) = shown
        QTest.mouseClick(grid, LEFT, pos=grid.cell_rect(k).center().toPoint())

    assert red("right 0") == red("left 0") == red("up 0") == 10
    side = hands.find("draw.character.tries.right_0")
    assert (side.count, side.current) == (3, 0)
    choose("right_0", 2)
    assert (red("right 0"), red("left 0"), red("up 0")) == (30, 30, 10)
    assert side.current == 2
    assert project.cell(at["left 0"]).thanks == "Somebody"
    assert not hands.window.navigator.draw.generation.drafts.lost([at["left 0"]], of_set=True)
    project.history.undo()
    assert (red("right 0"), side.current) == (10, 0)
    # Further tries come first, each once.
    hands.click("draw.character.turn")
    until(lambda: side.count == 4)
    assert (red("right 0"), side.current) == (40, 0)
    choose("right_0", 3)
    assert red("right 0") == 30

    # Steps have their own tries; another side removes those of the previous one.
    hands.click("draw.character.draw")
    until(lambda: not project.cell(at["left 3"]).is_blank)
    choose("right_1", 1)
    assert red("right 1") == red("right 3") == red("left 1") == 20
    assert np.array_equal(project.cell(at["right 2"]).rgba, project.cell(at["right 0"]).rgba)
    choose("right_0", 1)
    assert project.cell(at["right 1"]).is_blank
    assert project.cell(at["left 3"]).is_blank
    assert not project.cell(at["up 1"]).is_blank

    # A retouched view is not drawn over without a question, and once the front changes the tries
    # are removed.
    project.paint(at["up 0"], {0: (1, 2, 3, 255)}, "Paint", project.next_stroke())
    asked = hands.answer("draw.over.cancel")
    choose("up_0", 1)
    assert "Up (Stand)" in asked[1]
    assert project.cell(at["up 0"]).rgba[0, 0].tolist() == [1, 2, 3, 255]
    project.paint(at[LEADER], {0: (1, 2, 3, 255)}, "Paint", project.next_stroke())
    assert not page.gallery.isVisible()


def test_ones_own_sprites_and_kept_ones_become_characters(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sprite once had to be put into a cell first, and each one separately."""
    hands, project = Hands(window), window.lab.project
    own = make_sprites(5)
    monkeypatch.setattr(type(hands.lab), "own_set", own)
    project.put({3: replace(project.cell(3), pixels=knight().tobytes(), name="Ada")}, "Draw")
    window.menus.actions["run.character"].trigger()
    asked: list[str] = []

    def choose(rows: tuple[int, ...], source: str) -> None:
        def answer(dialog: FrontsDialog) -> int:
            dialog.findChild(QAbstractButton, f"fronts.source.{source}").click()
            asked.append(dialog.do.toolTip())
            if rows:
                dialog.grid.set_selection(rows)
            asked.append(dialog.do.text())
            return int(bool(dialog.chosen))

        monkeypatch.setattr(FrontsDialog, "exec", answer)
        hands.click("draw.character.from")

    def fronts() -> dict[str, bytes]:
        cells = project.cells
        return {c.part.partition("/")[0]: c.pixels for c in cells if c.part.endswith(LEADER)}

    choose((0, 2), "own")
    assert "Select sprites first" in asked[0]
    assert asked[1] == "Make 2 characters"
    first, second = fronts().values()
    drawn = np.where(own.rgba[..., 3:] > 0, own.rgba, 0).astype(np.uint8)
    assert [first, second] == [drawn[0].tobytes(), drawn[2].tobytes()]
    current = project.cell(window.navigator.draw.session.current)
    assert current.pixels == first, "the first one is shown"
    window.navigator.draw.session.choose(3, (3,))
    choose((), "kept")
    assert asked[3] == "Make 1 character", "the selected cell is selected there"
    assert fronts()["Ada"] == knight().tobytes()
    project.history.undo()
    project.history.undo()
    assert not fronts(), "one step each"


def test_tries_of_a_character_come_back_at_the_next_launch(
    turned: tuple[Hands, dict[str, int]],
) -> None:
    """They were once lost at quit, up to six of each direction and walk."""
    hands, at = turned
    lab, drawing = hands.lab, hands.window.navigator.draw.page("character")._drawing
    hands.click("draw.character.draw")
    until(lambda: not lab.project.cell(at["left 3"]).is_blank)
    before = drawing.tries(at)
    assert [*before] == ["down 1", "right 0", "right 1", "up 0", "up 1"]
    until(lambda: not lab.jobs.handles)

    again = CharacterDrawing(CellGeneration(DrawSession(lab, lab.project)))
    until(lambda: bool(again.tries(at)))
    for part, tries in again.tries(at).items():
        assert [tries.cells(k) for k in range(3)] == [before[part].cells(k) for k in range(3)]
        assert again.shown(at, part) == 0
    assert [*again.tries(at)] == [*before]
    # More tries of the same come before them.
    again.turn(at)
    until(lambda: len(again.tries(at)["right 0"].frames) == 4)


def test_the_next_step_of_a_character_stands_out_and_its_page_stays(
    turned: tuple[Hands, dict[str, int]],
) -> None:
    hands, at = turned
    project, walk = hands.lab.project, hands.find("draw.character.walk")

    def primary() -> list[str]:
        names = ("new", "turn", "draw", "export")
        return [n for n in names if hands.find(f"draw.character.{n}").property("primary")]

    assert primary() == ["draw"]
    hands.click("draw.character.draw")
    until(lambda: not project.cell(at["left 3"]).is_blank)
    assert primary() == ["export"]
    assert hands.find("draw.character.hint").text().startswith("All is drawn.")

    # It walks around by itself until a key is pressed.
    walk.set_playing(False)
    hands.click("draw.character.play")
    until(lambda: walk.frame > 0 and walk.direction == "right")
    until(lambda: walk.direction == "down")
    walk.setFocus()
    QTest.keyPress(walk, Qt.Key.Key_Left)
    assert not walk.playing
    QTest.keyRelease(walk, Qt.Key.Key_Left)

    # The page stays with its character, whichever cell is selected; only a cell of the character is
    # framed.
    grid, sheet = hands.window.navigator.draw.grid, hands.find("draw.character.sheet")
    hands.click("draw.character.new")
    second = [i for i, cell in enumerate(project.cells) if cell.part.startswith("Character 2/")]
    page = hands.window.navigator.draw.page("character")
    assert page.cells == tuple(second)
    assert sheet.current == 0
    grid.set_selection((1,))
    assert page.cells == tuple(second)
    assert (sheet.current, sheet.selection) == (-1, ())
    grid.set_selection((at["right 0"],))
    assert sheet.current == PARTS.index("right 0")
    assert page.cells == tuple(at[part] for part in PARTS)


def test_sprites_in_my_style_knows_how_far_it_is(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def drawing(model: Any, configs: Sequence[SampleConfig]) -> Task[Any]:
        def run(control: RunControl) -> Any:
            yield None
            asked.extend(configs)
            return tuple(Drawn(knight(), model=model.title) for _ in configs)

        return Task(run)

    asked: list[SampleConfig] = []
    monkeypatch.setattr(drawing_tasks, "draw_cells", drawing)
    monkeypatch.setattr(BatchDrawing, "_compare", lambda self: None)
    monkeypatch.setattr(style_path, "is_shipped", lambda ref: ref in style_path.STARTS)
    hands = Hands(window)
    lab = hands.lab
    started: list[Any] = []
    monkeypatch.setattr(
        lab.training_runs,
        "start",
        lambda config, init, opens: started.append((config.preset, init, opens)),
    )

    def done() -> list[str]:
        names = ("import", "tune", "palette", "draw", "keep", "export")
        return [n for n in names if hands.find(f"draw.path.{n}.mark", QLabel).text() == "✓"]

    lab.model.set(StandInModel())
    window.menus.actions["run.style"].trigger()
    until(lambda: hands.find("draw.path").isVisible())
    assert done() == []
    assert hands.find("draw.path.import").property("primary")
    assert not hands.find("draw.path.tune").isEnabled()
    assert hands.find("draw.path.tune").toolTip() == "Import your sprites first."

    # The user's own set is open, but no available model draws its size.
    lab.data_path = tmp_path / "mine.npz"
    lab.data.set(make_sprites(size=8))
    told = hands.find("draw.path.tune.state", QLabel)
    assert "draw sprites of 16×16 pixels, and these are 8×8: import them" in told.text()
    assert not hands.find("draw.path.tune").isEnabled()
    # With the usual size, the model is tuned on it.
    sprites = make_sprites()
    lab.data.set(sprites)
    assert done() == ["import"]
    # The palette still belongs to other sprites, so its size says nothing about these.
    assert "At most 32 colors" in hands.find("draw.path.palette.state", QLabel).text()
    # Tuning starts from the better model, whichever is open; others can be chosen.
    start = hands.find("draw.path.tune.start")
    assert (
        "the better start. It learned from sprites by others, and exports credit them."
        in told.text()
    )
    real, loaded = StandInModel(title="Real sprites"), []

    def load(ref: str) -> Task[Any]:
        def run(control: RunControl) -> Any:
            yield None
            loaded.append(ref)
            return real

        return Task(run)

    monkeypatch.setattr(style_path.tasks, "load_model", load)
    hands.click("draw.path.tune")
    assert hands.find("draw.path.tune").toolTip() == "The model is still loading"
    until(lambda: started == [("tune", real, True)])
    assert loaded == ["real"]
    until(lambda: hands.find("draw.path.tune").isEnabled())
    assert [start.itemData(row) for row in range(start.count())] == ["real", "builtin", ""]
    choose(start, "builtin")
    assert "nobody else has to be credited" in told.text()
    lab.model_ref = "builtin"  # the open model is not loaded again, and is offered once
    lab.model.set(StandInModel(title="another"))
    assert start.count() == 2
    hands.click("draw.path.tune")
    assert started.pop() == ("tune", lab.model.value, True)
    assert loaded == ["real"]
    lab.model_ref = None
    lab.model.set(StandInModel(title="a third"))
    choose(start, "")
    assert "It continues from “a third”." in told.text()
    assert window.navigator.current == "draw"
    # A model that has learned the set is offered, even if its training ended while the user drew.
    opened: list[Any] = []
    monkeypatch.setattr(lab, "open_model", opened.append)
    known = sprites.fingerprint
    few, enough = (
        RunEntry(tmp_path / str(n), "mine", n, 1, "mine", 1, 0.0, data_fingerprint=known)
        for n in (7, 700)
    )
    lab.runs.set((few,))
    assert hands.find("draw.path.tune").text() == "Continue"
    told = hands.find("draw.path.tune.state", QLabel).text()
    assert told == "“mine” was stopped after 7 steps: continue it."
    continued: list[Path] = []
    monkeypatch.setattr(lab.training_runs, "continue_run", lambda run, opens: continued.append(run))
    hands.click("draw.path.tune")
    assert continued == [few.path]
    lab.runs.set((few, enough))
    assert hands.find("draw.path.tune").text() == "Open it"
    assert "“mine” has learned from them" in hands.find("draw.path.tune.state", QLabel).text()
    hands.click("draw.path.tune")
    assert opened == [enough.path]
    assert len(started) == 1
    # Another open model can be tuned as well.
    hands.click("draw.path.tune.other")
    assert len(started) == 2
    # The page with these steps stays open during the tuning, and shows its progress.
    assert hands.find("draw.path").isVisible()
    # The open model of an interrupted tuning run can be tuned further.
    lab.model_ref = few.path
    lab.model.set(StandInModel(title="mine", data_fingerprint=known, step=7))
    assert hands.find("draw.path.tune").text() == "Continue"
    hands.click("draw.path.tune")
    assert continued == [few.path, few.path]
    lab.model_ref = None
    lab.runs.set(())
    lab.model.set(StandInModel(title="mine", data_fingerprint=sprites.fingerprint, step=7))
    assert done() == ["import"]
    assert hands.find("draw.path.tune").text() == "Tune again"
    names = sprites.class_names
    lab.model.set(
        StandInModel(title="mine", data_fingerprint=sprites.fingerprint, class_names=names)
    )
    assert done() == ["import", "tune"]
    assert hands.find("draw.path.palette").property("primary")

    # A step that was done elsewhere counts as done.
    steps = len(lab.project.history)
    hands.click("draw.path.palette")
    assert all(cell.conditions.lock_palette for cell in lab.project.cells)
    assert len(lab.project.history) == steps + 1
    assert done() == ["import", "tune", "palette"]
    # Anything put into cells is limited to these colors, too, wherever it comes from.
    window.navigator.draw.editor.take_sprites([0, 1])
    lab.project_io.take(sprites.rgba[0])
    assert window.navigator.draw.stack.currentWidget() is window.navigator.draw.area, "to edit it"
    window.menus.actions["run.style"].trigger()
    window.navigator.draw.grid.set_current(0)
    assert done() == ["import", "tune", "palette"]
    # If the sprites would start from a drawing, it is named.
    state = hands.find("draw.path.draw.state", QLabel)
    assert state.text() == "“mine” draws what the selected cell asks for."
    draw = window.navigator.draw
    draw.grid.set_current(1)
    lab.project.put({1: lab.project.cell(1).asking(strength=0.5)}, "Start from the drawing")
    assert "start from the drawing in cell 2" in state.text()
    kept = lab.project.cell(1).asking(strength=None).masked({0: 0})
    lab.project.put({1: kept}, "Keep a pixel")
    assert "keep part of the drawing in cell 2" in state.text()
    draw.grid.set_current(9)
    assert state.text() == "“mine” draws sprites of 5 classes in turn."
    hands.click("draw.path.draw")
    batches = draw.batches
    until(lambda: batches.batch is not None)
    turns = itertools.islice(itertools.cycle(names), len(asked))
    assert [config.classes for config in asked] == [(name,) for name in turns]
    # All of them may also have one class, whatever the cell requests.
    window.menus.actions["run.style"].trigger()
    until(lambda: hands.find("draw.path").isVisible())
    of = hands.find("draw.path.draw.class")
    assert [of.itemText(row) for row in range(of.count())] == [
        "each class in turn", "hero", "creature", "food", "item", "side facing"
    ]  # fmt: skip
    choose(of, "food")
    assert state.text().startswith("“mine” draws: food.")
    asked.clear()
    hands.click("draw.path.draw")
    until(lambda: len(asked) == 64 and not batches.running)
    assert {config.classes for config in asked} == {("food",)}
    assert hands.find("draw.batch.class").currentText() == "food", "where more are drawn"
    # Back leads to the previous page.
    hands.click("draw.batch.back")
    until(lambda: hands.find("draw.path").isVisible())
    hands.click("draw.path.keep")
    batches.keep([3, 5])
    batches.put_into_cells()
    assert all(cell.conditions.lock_palette for cell in lab.project.cells)
    window.menus.actions["run.style"].trigger()
    assert done() == ["import", "tune", "palette", "draw", "keep"]
    batches.keep([3])
    kept_words = hands.find("draw.path.keep.state", QLabel).text()
    assert kept_words == "2 sprites in cells were drawn by a model of this set.", "it is in a cell"
    batches.keep([3])
    wanted: list[str] = []
    lab.exports.wanted.connect(wanted.append)
    hands.click("draw.path.export")
    # Only the kept sprites: no sets, no blank cells, no training sprites taken above.
    assert wanted == ["style"]
    kept = [c for i, c in enumerate(lab.project.cells) if not (c.is_blank or i in (0, 1))]
    assert len(kept) == 3
    batch = lab.exports.take("style")(SpriteFilesConfig(kind="sheet"))
    assert batch.title == "sprites", "no file is called Untitled"
    assert np.array_equal(batch.rgba, [cell.rgba for cell in kept])
    # They are exported as one sheet, all at once.
    (fields,) = [w for w in QApplication.topLevelWidgets() if w.objectName() == "export"]
    assert fields.page.fields.config.kind == "sheet"
    lab.settings.replace(exports={"files": {"terrain": "tiles.png", "walks": "walk.gif"}})
    assert "export" not in done(), "those have none of these sprites"
    # The step is then done, whatever is exported afterward.
    lab.exports.run("style", SpriteFilesConfig(kind="sheet"), tmp_path / "robots.png")
    lab.exports.run("data", SpriteFilesConfig(kind="sheet"), tmp_path / "all.png")
    assert done() == ["import", "tune", "palette", "draw", "keep", "export"]
    said = hands.find("draw.path.export.state", QLabel)
    assert said.text() == "Last export: robots.png."
    lab.exports.run("frames", AnimationConfig(), tmp_path / "walk.gif")
    assert said.text() == "Last export: walk.gif."
    until(lambda: not lab.jobs.handles)


def choose(box: QWidget, data: str) -> None:
    """Choose an entry of a combo box, like a person."""
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def test_a_tuning_shows_what_it_draws_so_far_and_the_way_back(
    window: MainWindow,
    tmp_path: Path,
    training: StandInTraining,  # noqa: F811
) -> None:
    """It was once shown only in Train, where no button led back."""
    hands = Hands(window)
    lab = hands.lab
    lab.data_path = tmp_path / "mine.npz"
    lab.data.set(make_sprites())
    lab.model.set(StandInModel())
    window.menus.actions["run.style"].trigger()
    until(lambda: hands.find("draw.path").isVisible())
    samples = window.findChild(SpriteGrid, "draw.path.tune.samples")
    assert samples.count == 0
    hands.click("draw.path.tune")
    until(lambda: samples.isVisible() and samples.count > 0)
    hands.click("draw.path.tune")
    assert window.navigator.current == "train"
    told = hands.find("train.style.words", QLabel)
    assert told.text() == "“stand-in” is being tuned on your sprites."
    hands.click("train.style")
    assert window.navigator.current == "draw"
    assert hands.find("draw.path").isVisible()
    heard: list[str] = []
    lab.notice.connect(heard.append)
    lab.training_runs.current.value.handle.stop()
    until(lambda: lab.training_runs.current.value is None)
    assert samples.count > 0, "wherever one was as it ended"
    until(lambda: any("My style draws with it from now on." in said for said in heard))
    # If it was stopped in Train, the way back stays as long as its model is open.
    window.navigator.go("train")
    lab.put_model(lab.training_runs.last_run.value, StandInModel(title="mine"))
    assert hands.find("train.style").isVisible()
    assert told.text() == "This model was tuned on your sprites."
    lab.put_model("real", StandInModel())
    assert not told.isVisible()
    window.navigator.go("draw")
    lab.data.set(make_sprites(40, seed=3))
    assert samples.count == 0


def test_nothing_moves_on_the_way_while_a_model_is_tuned(
    window: MainWindow,
    tmp_path: Path,
    training: StandInTraining,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three times, a row below once moved away from the pointer."""
    monkeypatch.setattr(style_path, "is_shipped", lambda ref: ref in style_path.STARTS)
    begin = style_path.StylePath._begin
    monkeypatch.setattr(style_path.StylePath, "tune_anew", lambda p: begin(p, lab.model.value))
    hands, sprites = Hands(window), make_sprites()
    lab = hands.lab
    lab.data_path = tmp_path / "mine.npz"
    lab.data.set(sprites)
    lab.model.set(StandInModel(class_names=("monster", "plant")))
    window.resize(1264, 752)
    window.menus.actions["run.style"].trigger()
    until(lambda: hands.find("draw.path").isVisible())
    samples = window.findChild(SpriteGrid, "draw.path.tune.samples")

    def places() -> list[int]:
        settle(window, hands.find("draw.path"))
        names = ("palette", "draw", "keep", "export")
        return [hands.find(f"draw.path.{name}").mapTo(window, QPoint()).y() for name in names]

    before = places()
    hands.click("draw.path.tune")
    until(lambda: hands.find("draw.path.tune").text() == "See the curves")
    assert places() == before
    until(lambda: samples.count > 0)
    assert places() == before
    lab.training_runs.current.value.handle.stop()
    until(lambda: lab.training_runs.current.value is None)
    run, known = tmp_path / "20261130-125800-robots", sprites.fingerprint
    entry = RunEntry(run, "", 300, 1, "robots", 1, 0.0, preset="tune", data_fingerprint=known)
    lab.runs.set((entry,))
    lab.model_ref = run
    lab.model.set(
        StandInModel(
            title=run.name, data_fingerprint=known, step=300, class_names=sprites.class_names
        )
    )
    assert hands.find("draw.path.tune").text() == "Tune longer"
    assert hands.find("draw.path.draw.class").isEnabled()
    assert places() == before


def test_a_tuning_that_ended_before_it_copied_is_done(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands, sprites = Hands(window), make_sprites()
    lab, run = hands.lab, tmp_path / "20261130-125800-mine"
    lab.model.set(StandInModel())
    lab.data_path = tmp_path / "mine.npz"
    lab.data.set(sprites)
    window.menus.actions["run.style"].trigger()
    until(lambda: hands.find("draw.path").isVisible())
    button, mark, state = (
        hands.find(name)
        for name in ("draw.path.tune", "draw.path.tune.mark", "draw.path.tune.state")
    )
    known = sprites.fingerprint
    lab.runs.set(
        (RunEntry(run, "mine", 33, 1, "mine", 1, 0.0, data_fingerprint=known, complete=True),)
    )
    assert button.text() == "Open it"
    lab.model_ref = run
    lab.model.set(StandInModel(title=run.name, data_fingerprint=known, step=33))
    assert mark.text() == "✓"
    assert button.text() == "Tune again"
    assert state.text() == (
        "“mine” has learned all it can from them without copying them: it was set back to step 33, "
        "before it copied more."
    )

    # A tuning run that completed before its samples became copies can be continued.
    entry = RunEntry(run, "mine", 300, 1, "mine", 1, 0.0, preset="tune", data_fingerprint=known)
    lab.runs.set((entry,))
    lab.model.set(StandInModel(title=run.name, data_fingerprint=known, step=300))
    assert mark.text() == "✓"
    assert button.text() == "Tune longer"
    assert "hardly copies them so far" in state.text()
    lab.runs.set((replace(entry, copies=0.074),))
    assert state.text().endswith(
        "has learned nearly all it can: 7.4% of its samples are copies, and tuning ends at 8%."
    )
    continued: list[Path] = []
    monkeypatch.setattr(lab.training_runs, "continue_run", lambda run, opens: continued.append(run))
    hands.click("draw.path.tune")
    assert continued == [run]
    window.menus.actions["run.style"].trigger()
    until(lambda: hands.find("draw.path").isVisible())
    lab.runs.set((replace(entry, complete=True),))
    assert button.text() == "Tune again"

    # Editing the set does not discard it, but opening another set does.
    lab.edits.add_words(np.array([0]), ["red"])
    assert lab.data.value.fingerprint != known
    assert mark.text() == "✓"
    lab.data.set(make_sprites(40, seed=3))
    assert mark.text() == "2."


def test_a_tuning_that_a_kill_cut_off_is_told_and_goes_on(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the next start, nothing once said that it was unfinished."""
    hands, sprites = Hands(window), make_sprites()
    lab, cut_off = hands.lab, tmp_path / "20261201-084200-mine"
    before = tmp_path / "20261201-082100-mine"
    known, heard = sprites.fingerprint, []
    lab.notice.connect(heard.append)
    lab.settings.replace(training=str(cut_off))
    lab.data_path = tmp_path / "mine.npz"
    lab.data.set(sprites)
    lab.model_ref = before
    lab.model.set(StandInModel(title=before.name, data_fingerprint=known, step=360))
    window.menus.actions["run.style"].trigger()
    until(lambda: hands.find("draw.path").isVisible())
    assert hands.find("draw.path.tune").text() == "Tune again"
    lab.runs.set(
        (
            RunEntry(cut_off, "mine, 8:42", 78, 1, "mine", 1, 0.0, data_fingerprint=known),
            RunEntry(before, "mine, 8:21", 360, 1, "mine", 1, 0.0, data_fingerprint=known),
        )
    )
    until(lambda: heard)
    assert heard == [
        "The training of “mine, 8:42” was interrupted; 78 steps are saved. Continue it, or open "
        "its model, in the library."
    ]
    assert not lab.settings.value.training, "it is told once"
    assert hands.find("draw.path.tune").text() == "Continue"
    told = hands.find("draw.path.tune.state", QLabel)
    assert told.text() == "“mine, 8:42” was stopped after 78 steps: continue it."
    continued: list[Path] = []
    monkeypatch.setattr(lab.training_runs, "continue_run", lambda run, opens: continued.append(run))
    hands.click("draw.path.tune")
    assert continued == [cut_off]
    lab.model_ref = cut_off
    lab.model.set(StandInModel(title=cut_off.name, data_fingerprint=known, step=78))
    assert hands.find("draw.path.tune").text() == "Tune again"


def test_a_training_is_remembered_while_it_goes_on(
    window: MainWindow,
    tmp_path: Path,
    training: StandInTraining,  # noqa: F811
) -> None:
    lab = window.lab
    lab.data.set(make_sprites())
    lab.training_runs.start(PRESETS["quick"])
    run = lab.training_runs.current.value
    assert lab.settings.value.training == str(run.run)
    run.handle.stop()
    until(lambda: lab.training_runs.current.value is None)
    assert not lab.settings.value.training


def test_the_way_fits_its_page_whatever_it_offers(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theme: ThemeManager
) -> None:
    """Two buttons beside a list of starts once pushed all buttons out of the page."""
    monkeypatch.setattr(style_path, "is_shipped", lambda ref: ref in style_path.STARTS)
    hands, sprites = Hands(window), make_sprites()
    lab, run = hands.lab, tmp_path / "20261130-125800-mine"
    lab.data_path = tmp_path / "mine.npz"
    lab.data.set(sprites)
    known = sprites.fingerprint
    entry = RunEntry(run, "mine", 300, 1, "mine", 1, 0.0, preset="tune", data_fingerprint=known)
    lab.runs.set((entry,))
    lab.model_ref = run
    lab.model.set(StandInModel(title=run.name, data_fingerprint=known, step=300))
    window.menus.actions["run.style"].trigger()
    until(lambda: hands.find("draw.path").isVisible())
    for size in (100, 150):
        theme.set_text_size(size)
        window.resize(1264, 752)
        settle(window, hands.find("draw.path"))
        settle(window, hands.find("draw.path"))
        assert hands.find("draw.path.tune").text() == "Tune longer"
        assert hands.find("draw.path.tune.other").isVisible()
        (area,) = hands.find("draw.path").findChildren(QScrollArea)
        assert area.horizontalScrollBar().maximum() == 0, size


def test_the_ticks_of_the_way_are_those_of_the_open_set(window: MainWindow, tmp_path: Path) -> None:
    hands = Hands(window)
    lab = hands.lab
    lab.data_path = tmp_path / "mine.npz"
    lab.data.set(one_color_set(200))
    window.menus.actions["run.style"].trigger()
    until(lambda: hands.find("draw.path").isVisible())
    mark = hands.find("draw.path.palette.mark", QLabel)
    places = [hands.find(f"draw.path.{name}").y() for name in ("draw", "keep", "export")]
    hands.click("draw.path.palette")
    assert mark.text() == "✓"
    assert [hands.find(f"draw.path.{n}").y() for n in ("draw", "keep", "export")] == places
    lab.data.set(one_color_set(90))
    assert mark.text() == "3."
    kept = hands.find("draw.path.keep.state", QLabel)
    assert kept.text() == "No single sprite in a cell was drawn by a model of this set yet."


def test_the_way_goes_on_when_drawings_are_added_to_the_open_set(
    window: MainWindow, tmp_path: Path
) -> None:
    """It once forgot what had been tuned, because the new set is a different one."""
    hands, sprites = Hands(window), make_sprites(20)
    lab = hands.lab
    lab.data_path = tmp_path / "mine.npz"
    lab.data.set(sprites)
    lab.model.set(StandInModel(title="mine", data_fingerprint=sprites.fingerprint, step=600))
    window.menus.actions["run.style"].trigger()
    until(lambda: hands.find("draw.path").isVisible())
    mark = hands.find("draw.path.tune.mark", QLabel)
    until(lambda: mark.text() == "✓")
    draw = window.navigator.draw
    lab.project_io.take(sprites.rgba[0])
    window.menus.actions["run.style"].trigger()
    for _ in range(2):  # and once more, with the result
        before = lab.data.value
        draw.batches.write_set([lab.project.cell(0)], join=True)
        until(lambda before=before: lab.data.value is not before and not lab.data_loading.value)
        assert mark.text() == "✓"
    assert lab.data.value is not None
    assert len(lab.data.value) == 22
    # Another set starts again.
    lab.data_path = tmp_path / "other.npz"
    lab.data.set(make_sprites(20, seed=5))
    assert mark.text() == "2."


def test_the_focus_goes_on_from_import_to_tune(window: MainWindow, tmp_path: Path) -> None:
    """Import is disabled while sprites are read, and Qt once moved the focus to Draw 64."""
    hands = Hands(window)
    lab = hands.lab
    lab.put_data(None, make_sprites(30))
    assert lab.data.value is not None
    known = lab.data.value.fingerprint  # the model has learned the set already
    lab.model.set(StandInModel(title="mine", step=600, data_fingerprint=known))
    window.menus.actions["run.style"].trigger()
    until(lambda: hands.find("draw.path").isVisible())
    button = hands.find("draw.path.import")
    button.setFocus()
    lab.data_loading.set(True)
    assert window.focusWidget() is not button
    lab.put_data(tmp_path / "mine.npz", make_sprites(20))
    lab.data_loading.set(False)
    assert window.focusWidget() is hands.find("draw.path.tune")


def one_color_set(red: int) -> SpriteSet:
    """Sprites in one shade of red."""
    sprites = make_sprites()
    images = np.broadcast_to(np.array([red, 0, 0], np.uint8), sprites.images.shape).copy()
    return replace(sprites, images=images, alpha=np.full_like(sprites.alpha, 255))


def test_an_import_leads_back_to_the_way_to_ones_own_style(
    window: MainWindow, tmp_path: Path
) -> None:
    hands, sprites = Hands(window), make_sprites()

    def imported(name: str) -> str:
        """The workspace that is open after an import."""
        (window_of_imports,) = (
            w for w in QApplication.topLevelWidgets() if isinstance(w, ImportWindow)
        )
        np.savez(tmp_path / name, images=sprites.rgba[..., :3], alpha=sprites.rgba[..., 3])
        window_of_imports.importing.written.emit(tmp_path / name)
        until(lambda: hands.lab.data_path == tmp_path / name)
        return window.navigator.current

    window.menus.actions["run.style"].trigger()
    until(lambda: hands.find("draw.path").isVisible())
    hands.click("draw.path.import")
    assert imported("mine.npz") == "draw"
    assert hands.find("draw.path.import.mark", QLabel).text() == "✓"
    window.show_workspace("see")
    hands.lab.import_wanted.emit()
    assert imported("more.npz") == "data"
