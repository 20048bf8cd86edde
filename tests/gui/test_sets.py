"""Sets of cells by mouse and keys: a terrain is made, drawn, painted with, mended and exported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from sprite_lab.app.draw import drawing_tasks
from sprite_lab.app.draw.drawing import Drawn
from sprite_lab.app.task import Task
from sprite_lab.core.config import SampleConfig, SpriteFilesConfig
from sprite_lab.core.pixels.tile_sets import CODES, WHOLE
from sprite_lab.core.run import RunControl
from sprite_lab.ui.draw.sets.terrain import TerrainMap
from sprite_lab.ui.shell.main_window import MainWindow
from tests.gui.hands import LEFT, NONE, RIGHT, Hands
from tests.gui.stand_ins import StandInModel
from tests.qt import until, wait


class StandInTiles:
    """Tile i is of one color, red i."""

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


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> StandInTiles:
    stand_in = StandInTiles()
    monkeypatch.setattr(drawing_tasks, "draw_tiles", stand_in)
    return stand_in


@pytest.fixture
def hands(window: MainWindow, drawn: StandInTiles) -> Hands:
    hands = Hands(window)
    hands.lab.model.set(StandInModel())
    window.menus.actions["run.terrain"].trigger()
    until(lambda: window.navigator.draw.terrain.isVisible())
    return hands


def red(shown: TerrainMap, row: int, column: int) -> int:
    """The tile south-east of a corner of the map, by its red."""
    wait(1)
    place = shown.place_of(row, column)
    half = (shown.place_of(row + 1, column + 1) - place) / 2
    return shown.grab().toImage().pixelColor((place + half).toPoint()).red()


def tile(code: str) -> int:
    return CODES.index(code) * 10


def test_a_terrain_from_the_first_click_to_the_export(hands: Hands, drawn: StandInTiles) -> None:
    assert not hands.find("draw.terrain.draw").isEnabled()
    hands.click("draw.terrain.new")
    project = hands.lab.project
    assert [cell.part for cell in project.cells] == [f"Terrain 1/{code}" for code in CODES]
    hands.click("draw.terrain.ground1")
    assert hands.chosen == (WHOLE[1],)
    project.put({WHOLE[1]: project.cell(WHOLE[1]).asking(words=("grass",))}, "Ask")
    hands.click("draw.terrain.draw")
    until(lambda: not project.cell(0).is_blank)
    (configs,) = drawn.calls
    assert {config.seed for config in configs} == {configs[0].seed}
    assert all(config.drawing is None for config in configs)
    assert all(cell.made_by is None and cell.thanks == "by her" for cell in project.cells)

    # The map is painted, by mouse and by keys.
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

    # A tile that is mended is seen on the map, and what is pasted over one is a tile still.
    project.put({WHOLE[0]: replace(project.cell(5), pixels=bytes([77, 0, 0, 255] * 256))}, "Paint")
    assert red(shown, 4, 4) == 77
    make = hands.lab.exports.take("terrain")
    batch = make(SpriteFilesConfig(kind="sheet"))
    assert batch.names == batch.tile_set.codes == CODES
    assert batch.tile_set.names == ("ground", "grass")
    assert batch.attribution == "by her"
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    until(lambda: hands.find("draw.canvas").isVisible())


def test_grounds_start_from_their_drawings_or_neither_does(
    hands: Hands, drawn: StandInTiles
) -> None:
    hands.click("draw.terrain.new")
    project = hands.lab.project
    first, second = (project.cell(i) for i in WHOLE)
    project.put({WHOLE[0]: replace(first, pixels=bytes([90, 60, 30, 255] * 256))}, "Fill")
    hands.click("draw.terrain.draw")
    assert "One ground is drawn" in hands.failures[-1]
    project.put({WHOLE[1]: replace(second, pixels=bytes([20, 160, 30, 255] * 256))}, "Fill")
    hands.click("draw.terrain.draw")
    until(lambda: len(drawn.calls) == 1)
    assert [drawn.calls[0][i].start_t for i in WHOLE] == [225, 225]
    until(lambda: not project.cell(WHOLE[0] + 1).is_blank)


def test_undo_takes_a_new_terrain_away(hands: Hands) -> None:
    project = hands.lab.project
    project.put({0: replace(project.cell(0), pixels=bytes([9, 9, 9, 255] * 256))}, "Fill")
    hands.click("draw.terrain.new")
    assert (project.rows, hands.chosen) == (8, (16,))
    project.history.undo()
    assert project.rows == 4
    assert not hands.find("draw.terrain.export").isEnabled()
