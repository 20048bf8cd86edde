"""Dozens of variations, the history of results, and animation frames, by mouse and keys."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QTreeWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app.draw import drawing_tasks
from sprite_lab.app.draw.drawing import Drawn
from sprite_lab.app.draw.drawing_tasks import CellsPreview
from sprite_lab.app.draw.generate.batch import Batch, ResultHistory, Scores
from sprite_lab.app.draw.generate.batch_drawing import BatchDrawing
from sprite_lab.app.draw.generate.frames import in_one_motion
from sprite_lab.app.draw.generate.last_batch import LastBatch, to_keep
from sprite_lab.app.draw.last_state import last_state
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.task import Task
from sprite_lab.core.config import AnimationConfig, Conditions, SampleConfig
from sprite_lab.core.pixels.cell_sets import next_blank, with_room, with_room_together
from sprite_lab.core.pixels.cells import Cell, CellSheet
from sprite_lab.core.pixels.oklab import oklab
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE
from sprite_lab.core.records import Progress
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.formats.animation.gif import durations
from sprite_lab.formats.project import save_project
from sprite_lab.ui.draw.generate.batch_page import BatchGrid
from sprite_lab.ui.draw.generate.frames_group import FramesGroup
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.words import use_language
from tests.gui.hands import LEFT, NONE, Hands
from tests.gui.stand_ins import StandInModel, give
from tests.made import make_sprites
from tests.qt import settle, until, wait

pytestmark = pytest.mark.opens("draw")

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


class StandInVariations:
    """Draws without torch: sprite i is a block of color (3 * i, 50, 60)."""

    def __init__(self) -> None:
        self.calls: list[tuple[SampleConfig, ...]] = []
        self.hang = False

    def __call__(self, model: Any, configs: Sequence[SampleConfig]):  # type: ignore[no-untyped-def]
        self.calls.append(tuple(configs))

        def run(control: RunControl):  # type: ignore[no-untyped-def]
            sprites = np.zeros((len(configs), 16, 16, 4), np.uint8)
            for i, sprite in enumerate(sprites):
                sprite[2:14, 2:14] = (3 * i, 50, 60, 255)
            yield Progress(1, 2, "Generating")
            half = sprites[: len(sprites) // 2]
            yield CellsPreview(1, half[..., :3], half[..., 3], tuple(range(len(half))))
            while self.hang and not control.stop_requested:
                yield None
            return tuple(Drawn(sprite) for sprite in sprites)

        return Task(run)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> StandInVariations:
    stand_in = StandInVariations()
    monkeypatch.setattr(drawing_tasks, "draw_cells", stand_in)

    def score(model: Any, cells: Sequence[Cell], palette: object, training: object):  # type: ignore[no-untyped-def]
        def run(control: RunControl):  # type: ignore[no-untyped-def]
            yield None
            n = np.arange(len(cells), dtype=float)
            bits = None if model.is_student else 1 + (n * 7) % 64 / 64
            fit = (n * 5) % 64 / 100
            return Scores(bits, (n * 11) % 64, training is not None, fit)

        return Task(run)

    def criticize(cells: Sequence[Cell], own: object):  # type: ignore[no-untyped-def]
        found = np.arange(len(cells), dtype=float) * 13 % 64
        return give(Scores(critic=found, copies=None if own is None else found > 60))()

    monkeypatch.setattr(drawing_tasks, "score", score)
    monkeypatch.setattr(drawing_tasks, "criticize", criticize)
    return stand_in


class Chooser(Hands):
    """Sorts through variations."""

    @property
    def grid(self) -> BatchGrid:
        return self.find("draw.batch.grid")

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.grid, key, held)

    def red(self, place: int) -> int:
        """The red value at a place in the list, which identifies the sprite."""
        wait(1)
        middle = self.grid.cell_rect(place).center().toPoint()
        return self.grid.grab().toImage().pixelColor(middle).red()

    def sprites(self) -> list[int]:
        image = self.grid.grab().toImage()
        places = [self.grid.cell_rect(i).center().toPoint() for i in range(self.grid.count)]
        return [image.pixelColor(place).red() // 3 for place in places]

    def draw(self, order: str = "drawn") -> None:
        """Draw variations, and list them in an order; "" = the default order."""
        self.click("draw.batch.start")
        until(lambda: self.find("draw.batch.sort.palette").isEnabled())
        if order:
            self.click(f"draw.batch.sort.{order}")

    @property
    def words(self) -> str:
        return self.find("draw.batch.words", QLabel).text()

    @property
    def put_text(self) -> str:
        return self.find("draw.batch.put", QAbstractButton).text()


@pytest.fixture
def chooser(window: MainWindow, drawn: StandInVariations) -> Chooser:
    chooser = Chooser(window)
    chooser.lab.model.set(StandInModel())
    chooser.click("draw.fill")
    return chooser


def test_before_any_is_drawn_the_page_says_how(chooser: Chooser) -> None:
    """It once said “variations of the cell on the canvas”, whatever was about to be drawn."""
    assert chooser.grid._placeholder == "Press Draw 64, then keep the best."
    chooser.click("draw.batch.noise.words")
    assert chooser.grid._placeholder == "Press Draw each, then keep the best."


def test_the_focus_is_where_something_can_be_done(
    chooser: Chooser, drawn: StandInVariations
) -> None:
    """The text in place of sprites once had a focus ring that made it look like a button."""
    start = chooser.find("draw.batch.start")
    chooser.click("draw.batch.back")
    chooser.click("draw.fill")
    until(start.hasFocus)
    QTest.keyClick(start, Key.Key_Space)
    until(lambda: chooser.find("draw.batch.sort.palette").isEnabled())
    assert chooser.grid.hasFocus()
    chooser.click("draw.batch.back")
    chooser.click("draw.fill")
    until(chooser.grid.hasFocus)


def test_sixty_four_variations_from_new_seeds(chooser: Chooser, drawn: StandInVariations) -> None:
    chooser.draw()
    (configs,) = drawn.calls
    assert len(configs) == 64
    assert len({config.seed for config in configs}) == 64
    assert {config.variations for config in configs} == {()}
    assert chooser.grid.count == 64
    assert chooser.sprites() == list(range(64))
    assert chooser.find("draw.cells").isVisible()  # their target stays in sight
    assert all(cell.is_blank for cell in chooser.lab.project.cells)


def test_new_seeds_are_of_all_classes_in_turn_where_none_is_asked_for(
    chooser: Chooser, drawn: StandInVariations
) -> None:
    def classes(count: int) -> list[tuple[str, ...]]:
        chooser.draw()
        return [config.classes for config in drawn.calls[-1][:count]]

    names = StandInModel().class_names
    assert classes(6) == [(name,) for name in (*names, names[0])]
    # Those of the open set, as it knows no other sprites.
    chooser.lab.data.set(make_sprites(12, classes=2))
    assert classes(3) == [("hero",), ("creature",), ("hero",)]
    # What a cell requests, or starts from, has precedence.
    drawing = np.full((16, 16, 4), 255, np.uint8).tobytes()
    for cell, asked in (
        (Cell(conditions=Conditions(words=("red",))), ()),
        (Cell(conditions=Conditions(class_mix=(("food", 1.0),))), ("food",)),
        (Cell(drawing, Conditions(strength=0.5)), ()),
    ):
        chooser.lab.project.put({0: cell}, "Ask")
        assert classes(2) == [asked, asked]


def test_of_more_classes_than_sprites_others_are_drawn_each_time(
    chooser: Chooser, drawn: StandInVariations
) -> None:
    names = tuple(f"kind{i}" for i in range(200))
    chooser.lab.model.set(StandInModel(class_names=names))
    for _ in range(2):
        chooser.draw()
    first, second = ([config.classes for config in call] for call in drawn.calls)
    assert len(set(first)) == len(set(second)) == 64
    assert first != second


def test_around_a_seed_the_noise_is_turned(chooser: Chooser, drawn: StandInVariations) -> None:
    chooser.click("draw.batch.noise.around")
    field = chooser.find("draw.batch.share").findChild(QDoubleSpinBox)
    field.setValue(40)
    chooser.draw()
    (configs,) = drawn.calls
    seed = chooser.cell().seed
    assert {config.seed for config in configs} == {seed}
    assert {config.variations[0][1] for config in configs} == {0.4}
    assert len({config.variations[0][0] for config in configs}) == 64


def test_a_page_that_is_built_meanwhile_shows_what_is_drawn(
    window: MainWindow, drawn: StandInVariations
) -> None:
    chooser = Chooser(window)
    chooser.lab.model.set(StandInModel())
    drawn.hang = True
    draw = window.navigator.draw
    assert window.findChild(BatchGrid, "draw.batch.grid") is None  # not before it is needed
    draw.batches.start(None)
    chooser.click("draw.fill")
    assert chooser.find("draw.batch.progress").isVisible()
    chooser.click("draw.batch.cancel")
    until(lambda: not draw.batches.running)
    assert chooser.find("draw.batch.start").isVisible()


def test_it_shows_how_far_it_is_and_can_be_canceled(
    chooser: Chooser, drawn: StandInVariations
) -> None:
    drawn.hang = True
    chooser.click("draw.batch.start")
    progress = chooser.find("draw.batch.progress")
    until(lambda: progress.value() == 1 and progress.maximum() == 2)
    until(lambda: chooser.red(5) == 15)  # available ones are shown
    chooser.key(Key.Key_K)  # nothing can be decided yet
    chooser.key(Key.Key_Escape)
    until(lambda: not progress.isVisible())
    assert chooser.grid.count == 0
    assert chooser.find("draw.batch.start").isVisible()
    # Another Esc leads back to the canvas.
    chooser.find("draw.batch.grid").setFocus()
    chooser.key(Key.Key_Escape)
    assert chooser.find("draw.canvas").isVisible()


def test_keys_keep_and_discard_and_enter_puts_the_kept_ones_into_blank_cells(
    chooser: Chooser, drawn: StandInVariations
) -> None:
    chooser.draw()
    project = chooser.lab.project
    chooser.grid.setFocus()
    for key in (Key.Key_K, Key.Key_Delete, Key.Key_K, Key.Key_D, Key.Key_K):
        chooser.key(key)
    # K and Delete move on to the next one; discarded ones go to the end.
    assert chooser.sprites()[:4] == [0, 2, 4, 5]
    assert chooser.sprites()[-2:] != [62, 63]
    assert chooser.put_text == "3 into cells"
    # Delete cleared no cell, and none was drawn
    assert all(cell.is_blank for cell in project.cells)
    before, steps = project.cells, len(project.history)
    chooser.key(Key.Key_Return)
    assert [chooser.color(8, 8, cell)[0] // 3 for cell in range(3)] == [0, 2, 4]
    assert chooser.cell(3).is_blank
    for cell, sprite in enumerate((0, 2, 4)):
        assert chooser.cell(cell).made_by == drawn.calls[0][sprite]
        assert chooser.cell(cell).seed == drawn.calls[0][sprite].seed
    assert chooser.chosen == (0, 1, 2)
    assert len(project.history) == steps + 1
    assert chooser.put_text == "Into cells"
    chooser.key(Key.Key_Z, CTRL)
    assert project.cells == before


def test_what_was_decided_can_be_changed(chooser: Chooser, drawn: StandInVariations) -> None:
    chooser.draw()
    grid = chooser.grid
    QTest.mouseClick(grid, LEFT, NONE, grid.cell_rect(5).center().toPoint())
    chooser.click("draw.batch.keep")
    QTest.mouseClick(grid, LEFT, NONE, grid.cell_rect(5).center().toPoint())
    chooser.click("draw.batch.discard")
    assert chooser.put_text == "Into cells"
    QTest.mouseClick(grid, LEFT, NONE, grid.cell_rect(63).center().toPoint())
    chooser.click("draw.batch.keep")
    assert chooser.put_text == "1 into cells"
    assert chooser.sprites() == list(range(64))


def test_undo_takes_decisions_back_and_leaves_edits_of_cells(
    chooser: Chooser, drawn: StandInVariations
) -> None:
    project = chooser.lab.project
    project.put({7: project.cell(7).asking(words=("red",))}, "Add words")
    chooser.draw()
    chooser.grid.setFocus()
    chooser.key(Key.Key_K)
    chooser.key(Key.Key_D)
    assert chooser.sprites()[:3] == [0, 2, 3]
    chooser.key(Key.Key_Z, CTRL)
    assert chooser.sprites() == list(range(64))
    assert chooser.grid.selection == (1,)
    assert chooser.put_text == "1 into cells"
    chooser.key(Key.Key_Z, CTRL)
    assert chooser.put_text == "Into cells"
    chooser.key(Key.Key_Z, CTRL)
    assert project.cell(7).conditions.words == ("red",)
    assert "No decision" in chooser.notices[-1]


def test_what_went_into_a_set_is_decided(
    chooser: Chooser, drawn: StandInVariations, qtbot: QtBot
) -> None:
    chooser.draw()
    batches = chooser.window.navigator.draw.batches
    batches.keep([0])
    with qtbot.waitSignal(batches.set_written):
        batches.put_into_set(join=False)
    chooser.grid.setFocus()
    chooser.key(Key.Key_Z, CTRL)
    assert batches.kept == {0}
    assert "No decision" in chooser.notices[-1]


def test_sets_of_drawings_are_named_after_the_project_or_the_open_set(
    chooser: Chooser, drawn: StandInVariations, qtbot: QtBot
) -> None:
    """Once, all of them had the name of the open set, even the built-in one."""
    chooser.draw()
    lab, batches = chooser.lab, chooser.window.navigator.draw.batches
    batches.keep([0])

    def name(*, join: bool, title: str = "pets") -> str:
        lab.data.set(make_sprites(5).called(title))
        with qtbot.waitSignal(batches.set_written) as written:
            batches.put_into_set(join=join)
        path: Path = written.args[0]
        until(lambda: not lab.jobs.handles)
        return path.stem

    assert name(join=False) == "My sprites"
    assert name(join=False) == "My sprites 2"
    lab.project.set_title("dungeon")
    assert name(join=False) == "dungeon"
    assert name(join=True) == "pets with drawings"
    assert name(join=True, title="pets with drawings") == "pets with drawings 2"
    assert name(join=True, title="pets with drawings 2") == "pets with drawings 3"


def test_they_are_sorted_by_likelihood_novelty_and_palette(
    chooser: Chooser, drawn: StandInVariations
) -> None:
    chooser.draw()
    n = np.arange(64)
    chooser.click("draw.batch.sort.likelihood")
    bits = (n * 7) % 64
    typical = np.argsort(np.abs(bits - np.median(bits)), kind="stable").tolist()
    assert chooser.sprites() == typical
    assert chooser.find("draw.batch.sorted", QLabel).text().startswith("Typical first")
    chooser.click("draw.batch.sort.best")
    assert chooser.sprites() == np.argsort(-((n * 13) % 64), kind="stable").tolist()
    chooser.click("draw.batch.sort.novelty")
    assert chooser.sprites() == np.argsort(-((n * 11) % 64), kind="stable").tolist()
    chooser.click("draw.batch.sort.palette")
    order = np.argsort((n * 5) % 64, kind="stable").tolist()
    assert chooser.sprites() == order
    chooser.grid.set_current(2)
    best = order[2]
    assert f"{1 + best * 7 % 64 / 64:.2f} bits/dim" in chooser.words
    assert "from the others" in chooser.words
    chooser.click("draw.batch.sort.drawn")
    assert chooser.sprites() == list(range(64))


def test_the_grid_stays_in_place_as_figures_come(
    chooser: Chooser, drawn: StandInVariations
) -> None:
    chooser.draw()
    words = chooser.find("draw.batch.words", QLabel)
    assert "bits/dim" in words.text()
    heights = [words.heightForWidth(width) for width in (300, 460, 900)]
    words.setText("seed 7")  # as before the figures are known
    assert [words.heightForWidth(width) for width in (300, 460, 900)] == heights


def test_the_best_come_first_unless_an_order_was_given(
    chooser: Chooser, drawn: StandInVariations
) -> None:
    chooser.draw("")
    best = np.argsort(-(np.arange(64) * 13 % 64), kind="stable").tolist()
    assert chooser.sprites() == best
    assert chooser.find("draw.batch.sort.best", QAbstractButton).isChecked()
    assert chooser.find("draw.batch.sorted", QLabel).text().startswith("Best first")
    assert chooser.grid.current == 0
    chooser.grid.set_current(3)
    chooser.click("draw.batch.sort.drawn")
    assert chooser.grid.current == best[3], "one stays at the sprite that was looked at"
    # Once requested in an order, they are listed in it.
    batches = chooser.window.workspace("draw").batches
    batches.sort_by(None)
    batches.add("Frames", batches.history.batches[0].cells)
    batches.show(batches.history.batches[0])
    until(lambda: chooser.find("draw.batch.sort.palette").isEnabled())
    assert chooser.sprites() == list(range(64))


def test_nothing_moves_as_variations_are_drawn_sorted_and_drawn_again(
    chooser: Chooser, drawn: StandInVariations, theme: ThemeManager
) -> None:
    """A text about the order with one line less once moved its tabs, and earlier
    results moved what is above them.
    """
    chooser.window.resize(1280, 800)
    parts = [chooser.find(f"draw.batch.{name}") for name in ("grid", "sort", "noise", "start")]
    for percent in (100, 150):
        theme.set_text_size(percent)
        settle(chooser.window)
        places = [part.geometry() for part in parts]
        for _ in range(2):
            chooser.draw("")
            for order in ("likelihood", "novelty", "palette", "drawn", "best"):
                chooser.click(f"draw.batch.sort.{order}")
                settle(chooser.window)
                assert [part.geometry() for part in parts] == places, (percent, order)


def test_before_any_is_drawn_none_is_said_to_be_compared(chooser: Chooser) -> None:
    for order in ("best", "likelihood", "novelty", "palette", "drawn"):
        tip = chooser.find(f"draw.batch.sort.{order}").toolTip()
        assert "nothing to sort" in tip, order
    assert "none yet" in chooser.find("draw.batch.history").toolTip()


def test_of_a_model_of_ones_own_copies_of_ones_sprites_come_last(
    chooser: Chooser, drawn: StandInVariations, tmp_path: Path
) -> None:
    chooser.lab.data.set(make_sprites(12))
    chooser.lab.data_path, chooser.lab.model_ref = tmp_path / "mine.npz", tmp_path / "tuned"
    chooser.draw("")
    found = np.arange(64) * 13 % 64
    assert chooser.sprites()[0] == np.argmax(np.where(found > 60, -1, found))
    assert {*chooser.sprites()[-3:]} == {*np.flatnonzero(found > 60)}
    assert "as one of yours come last" in chooser.find("draw.batch.sorted", QLabel).text()
    assert "your sprites" not in chooser.words
    chooser.grid.set_current(63)
    assert "nearly one of your sprites" in chooser.words
    # Sprites of another size cannot be compared, and a single one does not show what is usual.
    for others in (make_sprites(12, size=32), make_sprites(1)):
        chooser.lab.data.set(others)
        chooser.click("draw.batch.start")
        until(lambda: chooser.find("draw.batch.sorted", QLabel).text().endswith("usable in a game"))
    # The critic knows the built-in sprites.
    chooser.lab.data_path = None
    chooser.click("draw.batch.start")
    until(lambda: "usable in a game" in chooser.find("draw.batch.sorted", QLabel).text())


def test_plainer_ones_than_those_of_their_class_come_later() -> None:
    """Blobs with hair, face and clothes of one color were once in the first row."""
    sprites = make_sprites()
    images = sprites.images.copy()
    images[:, 8:] = (200, 0, 0)
    # if one's own sprites are flat there, that does not count as plain
    images[sprites.labels == 0] = 99
    own = replace(sprites, images=images, alpha=np.full_like(sprites.alpha, 255))
    blob = np.full((16, 16, 4), 200, np.uint8)
    first, second = own.class_names[:2]
    cells = [
        replace(Cell(), pixels=blob.tobytes()).asking(class_mix=((name, 1.0),))
        for name in (first, second)
    ]
    found = drain(drawing_tasks.criticize(cells, own)(RunControl()))
    assert found.plain is not None
    assert found.plain.tolist() == [0.0, 1.0]
    listed = Scores(
        critic=np.array([3.0, 2.0, 1.0, 0.0, -np.inf]), plain=np.array([1.0, 0, 0, 0, 0])
    ).order("best")
    assert listed is not None
    assert listed.tolist() == [1, 2, 0, 3, 4], "by half of the places, before blank ones"


def test_nearly_empty_sprites_are_not_the_most_typical() -> None:
    bits = np.array([0.1, 2.0, 1.6, 1.5, 4.0, np.inf])  # the first is a blob, the last is blank
    order = Scores(bits_per_dim=bits).order("likelihood")
    assert order is not None
    assert order[0] == 2
    assert order[-1] == 5
    assert order.tolist().index(0) > 2


def test_kept_sprites_go_into_a_set_with_class_and_words(
    chooser: Chooser, drawn: StandInVariations
) -> None:
    project = chooser.lab.project
    asked = project.cell(0).asking(class_mix=(("food", 1.0),), words=("red", "round"))
    project.put({0: asked}, "Ask")
    chooser.draw()
    chooser.grid.set_current(3)
    chooser.key(Qt.Key.Key_K)
    (action,) = chooser.window.findChildren(QAction, "draw.batch.set.new")
    action.trigger()
    until(lambda: chooser.lab.data.value is not None)
    made = chooser.lab.data.value
    assert made is not None
    assert len(made) == 1
    assert made.class_names == ("food",)
    assert made.words.tolist() == ["red round"]
    (action,) = chooser.window.findChildren(QAction, "draw.batch.set.join")
    action.trigger()
    until(lambda: len(chooser.lab.data.value or ()) == 2)
    until(lambda: any("1 sprite was added" in notice for notice in chooser.notices))
    # The new set is named after the project, not after the open set.
    opened = replace(made, title="bog sheet")
    chooser.lab.data.set(opened)
    (action,) = chooser.window.findChildren(QAction, "draw.batch.set.new")
    action.trigger()
    until(lambda: any("My sprites 2 was written" in notice for notice in chooser.notices))
    assert chooser.lab.data.value is opened  # the steps to one's own style continue with it
    tree = chooser.find("library.tree", QTreeWidget)
    listed = [
        tree.topLevelItem(2).child(i).text(0) for i in range(tree.topLevelItem(2).childCount())
    ]
    assert any(name.startswith("My sprites 2") for name in listed)


def test_selected_cells_go_into_a_set(chooser: Chooser) -> None:
    project = chooser.lab.project
    drawn = replace(project.cell(1), pixels=bytes([200, 0, 0, 255] * 256), name="Ada")
    project.put({1: drawn.asking(class_mix=(("food", 1.0),))}, "Draw")
    chooser.window.navigator.draw.grid.set_selection((1, 2))
    (action,) = chooser.window.findChildren(QAction, "draw.set.new")
    action.trigger()
    until(lambda: chooser.lab.data.value is not None)
    made = chooser.lab.data.value
    assert made is not None
    assert made.names.tolist() == ["Ada"]  # blank ones are left out
    assert made.class_names == ("food",)


def test_a_student_has_no_likelihood_to_sort_by(chooser: Chooser, drawn: StandInVariations) -> None:
    chooser.lab.model.set(StandInModel(is_student=True))
    chooser.draw()
    button = chooser.find("draw.batch.sort.likelihood")
    assert not button.isEnabled()
    assert "teacher" in button.toolTip()
    assert "bits" not in chooser.words


def test_every_earlier_result_comes_back(chooser: Chooser, drawn: StandInVariations) -> None:
    chooser.draw()
    chooser.click("draw.batch.back")
    chooser.click("draw.generate")  # a single one counts as well
    until(lambda: not chooser.cell().is_blank)
    chooser.click("draw.fill")
    history = chooser.find("draw.batch.history", QComboBox)
    assert [history.itemText(i) for i in range(history.count())] == [
        "Generate",
        "Each class in turn (64)",
    ]
    assert "of 64 MB" in history.toolTip()
    history.setFocus()
    QTest.keyClick(history, Key.Key_Home)
    history.activated.emit(0)
    assert chooser.grid.count == 1
    made = chooser.cell(0).pixels
    chooser.lab.project.put({0: Cell()}, "Clear")
    chooser.grid.setFocus()
    chooser.key(Key.Key_K)
    chooser.key(Key.Key_Return)
    assert chooser.cell(0).pixels == made
    history.activated.emit(1)
    assert chooser.grid.count == 64
    until(lambda: history.shown_text() == "Each class in turn (64)")


def test_reasons_are_reported(window: MainWindow, drawn: StandInVariations) -> None:
    chooser = Chooser(window)
    chooser.click("draw.fill")
    start = chooser.find("draw.batch.start")
    assert not start.isEnabled()
    assert "no model" in start.toolTip()
    chooser.lab.model.set(StandInModel(image_size=24))
    assert "24×24" in start.toolTip()
    chooser.lab.model.set(StandInModel())
    assert start.isEnabled()


# -- frames ------------------------------------------------------------------------------------


class Animator(Hands):
    """Animates a row of cells."""

    def open(self) -> None:
        header = self.window.findChild(QWidget, "draw.group.frames.header")
        QTest.mouseClick(header, LEFT)

    def number(self, name: str) -> QDoubleSpinBox:
        field = self.window.findChild(QWidget, name)
        assert field is not None
        return field.findChild(QDoubleSpinBox)

    def press(self, name: str) -> None:
        button = self.window.findChild(QAbstractButton, name)
        assert button is not None
        assert button.isEnabled()
        button.click()

    @property
    def shown(self) -> int:
        """The red in the center of the preview."""
        view = self.window.findChild(SpriteView, "draw.frames.preview")
        assert view is not None
        return view.grab().toImage().pixelColor(view.rect().center()).red()


@pytest.fixture
def animator(window: MainWindow, drawn: StandInVariations) -> Animator:
    animator = Animator(window)
    animator.lab.model.set(StandInModel())
    animator.open()
    return animator


def test_a_row_is_drawn_from_one_noise(animator: Animator, drawn: StandInVariations) -> None:
    animator.choose(5)
    animator.number("draw.frames.movement").setValue(0)
    animator.press("draw.frames.generate")
    until(lambda: not animator.cell(7).is_blank)
    (configs,) = drawn.calls
    assert len(configs) == 4
    assert {config.seed for config in configs} == {5}
    assert {config.variations for config in configs} == {()}
    assert [animator.color(8, 8, cell)[0] for cell in (4, 5, 6, 7)] == [0, 3, 6, 9]
    assert animator.cell(0).is_blank
    assert animator.lab.project.history.undo_text == "Generate frames"


def test_movement_goes_there_and_back() -> None:
    cells = [Cell(conditions=Conditions(seed=i)) for i in range(6)]
    moved = in_one_motion(cells, cells[2], 0.4, other=99)
    assert {cell.seed for cell in moved} == {2}
    shares = [dict(cell.conditions.variations).get(99, 0.0) for cell in moved]
    assert shares == pytest.approx([0.0, 0.1, 0.3, 0.4, 0.3, 0.1])


def test_frames_play_with_their_own_durations(animator: Animator, drawn: StandInVariations) -> None:
    animator.press("draw.frames.generate")
    until(lambda: not animator.cell(3).is_blank)
    for cell, milliseconds in enumerate((50, 60, 300, 40)):
        animator.choose(cell)
        animator.number("draw.frames.duration").setValue(milliseconds)
    assert [animator.cell(i).duration_ms for i in range(4)] == [50, 60, 300, 40]
    text = animator.window.findChild(QLabel, "draw.frames.text")
    assert text.text() == "4 frames, 0.45 s"
    history = animator.lab.project.history
    history.undo()
    assert animator.cell(3).duration_ms == 120
    history.redo()
    animator.press("draw.frames.play")
    group = animator.window.findChild(FramesGroup)
    (timer,) = (each for each in group.findChildren(QTimer) if each.isActive())
    seen = [(animator.shown, timer.interval())]
    timer.timeout.connect(lambda: seen.append((animator.shown, timer.interval())))
    until(lambda: len(seen) >= 5)
    assert seen[:5] == [(0, 50), (3, 60), (6, 300), (9, 40), (0, 50)]
    animator.press("draw.frames.play")
    assert not timer.isActive()


def test_a_row_is_offered_with_its_timing(animator: Animator, drawn: StandInVariations) -> None:
    exports, wanted = animator.lab.exports, []
    exports.wanted.connect(wanted.append)
    assert "blank" in exports.problem("frames")
    animator.press("draw.frames.generate")
    until(lambda: not animator.cell(3).is_blank)
    animator.choose(1)
    animator.number("draw.frames.duration").setValue(250)
    animator.press("draw.frames.export")
    assert wanted == ["frames"]
    clip = exports.take("frames")(AnimationConfig())
    assert clip.durations_ms == (120, 250, 120, 120)
    assert [int(clip.picture(k)[8, 8, 0]) for k in range(4)] == [0, 3, 6, 9]


def test_durations_keep_their_sum() -> None:
    assert durations([33, 33, 34]) == [3, 4, 3]
    assert durations([10, 5, 120]) == [2, 2, 12]


# -- plain rules and the engine ----------------------------------------------------------------


def test_the_history_forgets_the_oldest_where_memory_ends() -> None:
    cells = tuple(Cell(bytes([i, 0, 0, 255]) * 256) for i in range(10))
    one = Batch("one", cells).nbytes
    assert one >= 10 * 1024
    history = ResultHistory()
    for number in range(60):
        history.add(Batch(str(number), cells))
    assert [batch.title for batch in history.batches] == [str(n) for n in range(59, 9, -1)]
    history = ResultHistory(budget=int(2.5 * one))
    for name in ("a", "b", "c"):
        history.add(Batch(name, tuple(Cell(cell.pixels) for cell in cells)))
    assert [batch.title for batch in history.batches] == ["c", "b"]
    history.add(Batch("larger than all there is", cells * 5))
    assert [batch.title for batch in history.batches] == ["larger than all there is"]


def test_all_of_them_may_be_of_one_class(chooser: Chooser, drawn: StandInVariations) -> None:
    box = chooser.find("draw.batch.class", QComboBox)
    assert box.currentText() == "each class in turn"
    model = chooser.lab.model.value
    chooser.lab.model.set(None)
    assert not box.isVisible()
    chooser.lab.model.set(model)
    assert box.isVisible()
    box.setCurrentIndex(box.findData("item"))
    box.activated.emit(box.currentIndex())
    chooser.draw()
    assert {config.classes for config in drawn.calls[-1]} == {("item",)}
    assert chooser.find("draw.batch.history", QComboBox).currentText() == "item (64)"
    assert chooser.lab.project.cell(0).class_name is None, "the cell asks for none still"
    chooser.click("draw.batch.noise.around")
    assert not box.isVisible()
    chooser.draw()
    assert {config.classes for config in drawn.calls[-1]} == {()}


def test_variations_come_back_with_what_was_decided(
    chooser: Chooser, drawn: StandInVariations
) -> None:
    chooser.draw()
    batches = chooser.window.navigator.draw.batches
    batches.keep([3, 5])
    batches.discard([4])
    path = chooser.window.navigator.draw.last._batch.path
    until(path.is_file)
    until(lambda: not chooser.lab.jobs.handles)
    session = DrawSession(chooser.lab, chooser.lab.project)
    again = BatchDrawing(session)
    state = last_state(chooser.lab.settings)
    last = LastBatch(session, again)
    last.bring_back((state.kept, state.discarded, state.tries))
    assert last.decisions == ((3, 5), (4,), True), "while it is read"
    until(lambda: again.batch is not None)
    assert [cell.pixels for cell in again.batch.cells] == [c.pixels for c in batches.batch.cells]
    assert again.batch.words == batches.batch.words
    assert (again.kept, again.discarded) == ({3, 5}, {4})
    assert last.decisions == ((3, 5), (4,), True)
    again.show(None)
    until(lambda: not path.is_file())


@pytest.mark.parametrize("hours", [0, -1])
def test_earlier_variations_are_listed_again(
    chooser: Chooser, drawn: StandInVariations, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """Newest first, even if the clock was set back in between."""
    chooser.draw()
    until(lambda: not chooser.lab.jobs.handles)
    now = time.time_ns() + hours * 3600 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: now)
    for _ in range(2):
        chooser.draw()
        until(lambda: not chooser.lab.jobs.handles)
    batches = chooser.window.navigator.draw.batches
    folder = chooser.window.navigator.draw.last._batch.path.parent
    until(lambda: len([*folder.glob("variations-*-tries.spritelab")]) == 3)
    until(lambda: not chooser.lab.jobs.handles)
    session = DrawSession(chooser.lab, chooser.lab.project)
    again = BatchDrawing(session)
    LastBatch(session, again).bring_back(((), (), True))
    until(lambda: len(again.history.batches) == 3)
    until(lambda: not chooser.lab.jobs.handles)
    for now, before in zip(again.history.batches, batches.history.batches, strict=True):
        assert [cell.pixels for cell in now.cells] == [cell.pixels for cell in before.cells]
        assert (now.words, now.tries) == (before.words, before.tries)
    assert again.batch is again.history.batches[0]
    assert len([*folder.glob("variations-*")]) == 3, "none is written twice"


def test_earlier_variations_are_titled_in_the_language_of_the_window(
    chooser: Chooser, drawn: StandInVariations
) -> None:
    """After a change of language, the titles were once in the old one."""
    chooser.window.show_workspace("draw")
    batches = chooser.window.navigator.draw.batches
    batches.start(0.15)
    until(lambda: len(batches.history.batches) == 1)
    batches.add("Generate frames", batches.history.batches[0].cells[:3])
    folder = chooser.window.navigator.draw.last._batch.path.parent
    until(lambda: len([*folder.glob("variations-*.spritelab")]) == 2)
    until(lambda: not chooser.lab.jobs.handles)
    older = CellSheet(4, 4, title="Celda 2: semillas nuevas")  # as earlier versions wrote it
    save_project(folder / "variations-0.spritelab", older)
    session = DrawSession(chooser.lab, chooser.lab.project)
    again = BatchDrawing(session)
    LastBatch(session, again).bring_back(((), (), True))
    until(lambda: len(again.history.batches) == 3)
    until(lambda: not chooser.lab.jobs.handles)
    words = ["Cell 1: around its seed, 15%", "Generate frames", older.title]
    assert sorted(batch.words for batch in again.history.batches) == sorted(words)
    use_language("de")
    try:
        words = ["Zelle 1: um ihren Seed herum, 15\u00a0%", "Einzelbilder erzeugen", older.title]
        assert sorted(batch.words for batch in again.history.batches) == sorted(words)
    finally:
        use_language("")


def test_undo_of_putting_sprites_into_cells_keeps_them_again(
    chooser: Chooser, drawn: StandInVariations
) -> None:
    chooser.draw()
    batches, history = chooser.window.navigator.draw.batches, chooser.lab.project.history
    batches.keep([3, 5])
    batches.put_into_cells()
    batches.keep([7])
    history.undo()
    assert batches.kept == {3, 5, 7}
    history.redo()
    assert batches.kept == {7}


def test_what_is_in_cells_is_marked_and_not_put_there_again(
    chooser: Chooser, drawn: StandInVariations
) -> None:
    """This holds even if it was edited, and in the next session; once, taking a
    sprite again made a duplicate.
    """
    heard: list[str] = []
    chooser.lab.notice.connect(heard.append)
    chooser.draw()
    batches, project = chooser.window.navigator.draw.batches, chooser.lab.project
    batches.keep([3, 5])
    batches.put_into_cells()
    assert batches.in_cells == {3, 5}
    place = next(i for i, cell in enumerate(project.cells) if not cell.is_blank)
    project.put({place: project.cell(place).painted({0: (9, 9, 9, 255)})}, "Paint")
    batches.show(batches.batch)
    assert batches.in_cells == {3, 5}
    assert batches.score_words(3).startswith("in cells, ")
    grid = chooser.window.findChild(BatchGrid, "draw.batch.grid")
    assert grid._in_cells == {batches.order.index(i) for i in (3, 5)}
    before = project.snapshot().cells
    batches.keep([3, 5, 7])
    batches.put_into_cells()
    assert heard[-1] == "2 of them are in cells already, and were left out."
    after = project.snapshot().cells
    assert sum(not cell.is_blank for cell in after) == 1 + sum(not c.is_blank for c in before)
    batches.keep([7])
    batches.put_into_cells()
    assert heard[-1] == "1 of them is in a cell already, and was left out."
    assert project.snapshot().cells == after
    assert not batches.kept
    # A sprite whose cell was cleared can be put there again.
    places = [i for i, cell in enumerate(after) if not cell.is_blank]
    project.put({places[-1]: Cell()}, "Clear")
    assert len(batches.in_cells) == 2


def test_kept_sprites_of_another_size_than_cells_stay_here(chooser: Chooser) -> None:
    heard: list[str] = []
    chooser.lab.failed.connect(lambda sentence, _details: heard.append(sentence))
    chooser.draw()
    batches = chooser.window.navigator.draw.batches
    batches.keep([0])
    chooser.window.navigator.draw.editor.resize_cells(8)
    batches.put_into_cells()
    assert len(heard) == 1
    assert batches.kept == {0}


def test_blank_cells_after_the_current_one_come_first() -> None:
    ink = Cell(bytes([1, 1, 1, 255]) * 256)
    cells = [Cell(), ink, Cell(), ink, Cell()]
    assert next_blank(cells, 1, 2) == [2, 4]
    assert next_blank(cells, 1, 9) == [2, 4, 0]


def test_kept_sprites_have_rows_added_where_blank_cells_belong_to_sets() -> None:
    blank, ink = Cell(), Cell(bytes([1, 1, 1, 255]) * 256)
    full = CellSheet(2, 2, (ink, replace(blank, part="Character 1/up 0"), ink, blank))
    locked = CellSheet(2, 2, tuple(c.asking(lock_palette=True) for c in full.cells))
    after, places = with_room(locked, 0, 4)
    assert (after.rows, places) == (4, [3, 4, 5, 6])
    assert all(cell.conditions.lock_palette for cell in after.cells)
    after, places = with_room(CellSheet(255, 1, (ink,) * 255), 0, 3)
    assert (after.rows, places) == (256, [255]), "a grid has at most 256 cells"


def test_variants_are_put_where_they_follow_one_another() -> None:
    """Scattered over the grid, they would be several animations in engines, too."""
    ink, blank = Cell(bytes([1, 1, 1, 255]) * 256), Cell()
    cells = (blank, ink, blank, ink, blank, blank, blank, ink)
    assert with_room_together(CellSheet(2, 4, cells), 1, 3)[1] == [4, 5, 6]
    assert with_room_together(CellSheet(2, 4, cells), 5, 1)[1] == [5]
    after, places = with_room_together(CellSheet(2, 4, (*cells[:6], ink, blank)), 1, 3)
    assert (after.rows, places) == (3, [7, 8, 9]), "not in the gaps"
    full = CellSheet(255, 1, (blank, ink) * 127 + (ink,))
    assert with_room_together(full, 1, 3)[1] == [2, 4, 6], "a grid has at most 256 cells"


def test_scores_are_those_of_the_bound_and_the_nearest_sprites(
    sprites: SpriteSet, few_threads: None, small_models: Path
) -> None:
    from sprite_lab.app.files.sources import of_cells
    from sprite_lab.core.results.metrics import nearest_sprites
    from sprite_lab.engine.measuring.features import load_critic
    from sprite_lab.engine.measuring.likelihood import bound_iter
    from sprite_lab.engine.models.model import load_model

    model = load_model("builtin")
    cells = [Cell(rgba.tobytes(), Conditions(seed=i)) for i, rgba in enumerate(sprites.rgba[:2])]
    cells.insert(1, Cell())
    found = drain(drawing_tasks.score(model, cells, DEFAULT_PALETTE, sprites)(RunControl()))
    drawn = [0, 2]
    chosen = of_cells({i: cells[i] for i in drawn}, model.class_names)
    assert chosen is not None
    bound = drain(bound_iter(model, chosen, RunControl(), blocks=8, rounds=2))
    assert found.bits_per_dim is not None
    assert found.bits_per_dim[drawn] == pytest.approx(bound.bits / bound.dims)
    expected = nearest_sprites(chosen.images, sprites.images).distance
    assert found.novelty[drawn] == pytest.approx(expected, abs=1e-4)
    assert found.of_training
    critic = drain(drawing_tasks.criticize(cells, None)(RunControl())).critic
    assert critic is not None
    assert critic[drawn] == pytest.approx(load_critic()(sprites.rgba[:2]), abs=1e-5)
    own = drain(drawing_tasks.criticize(cells, sprites.take(np.arange(1, 30)))(RunControl()))
    assert own.copies is not None
    assert own.copies.tolist() == [False, False, True]
    assert own.critic is not None
    assert own.critic[drawn] == pytest.approx(critic[drawn], abs=1e-5)
    listed = own.order("best")
    assert listed is not None
    assert listed.tolist() == [0, 2, 1]
    found = replace(found, critic=critic)
    for order in ("best", "likelihood", "novelty", "palette"):
        listed = found.order(order)
        assert listed is not None
        assert listed[-1] == 1  # a blank sprite cannot be judged
    apart = drain(drawing_tasks.score(model, cells, DEFAULT_PALETTE, None)(RunControl()))
    assert not apart.of_training
    others = nearest_sprites(chosen.images[:1], chosen.images[1:]).distance[0]
    assert apart.novelty[0] == pytest.approx(others, abs=1e-4)
    colors = oklab(np.array([c[:3] for c in DEFAULT_PALETTE], np.uint8))
    first = oklab(chosen.images[0])[cells[0].rgba[..., 3] > 0]
    misses = np.linalg.norm(first[:, None] - colors[None], axis=2).min(axis=1).mean()
    assert found.palette[0] == pytest.approx(misses)


def test_what_is_drawn_and_its_button_share_a_row(chooser: Chooser) -> None:
    """The button was once alone in a third row."""
    chooser.window.resize(1280, 800)
    settle(chooser.window)
    kind, start = chooser.find("draw.batch.class"), chooser.find("draw.batch.start")
    assert kind.geometry().center().y() == start.geometry().center().y()


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_the_words_of_variants_have_the_room_of_their_row(
    chooser: Chooser, size: tuple[int, int]
) -> None:
    """Half of the words were once cut off beside empty space."""
    chooser.window.resize(*size)
    chooser.click("draw.batch.noise.words")
    settle(chooser.window)
    words, start = chooser.find("draw.batch.variants"), chooser.find("draw.batch.start")
    beside = words.y() + words.height() > start.y()
    end = start.x() - 8 if beside else start.geometry().right() + 1
    assert words.geometry().right() + 1 == end
    assert words.width() > words.fontMetrics().horizontalAdvance("red, orange, yellow, green")


def test_one_sprite_in_other_words_from_the_same_noise(
    chooser: Chooser, drawn: StandInVariations
) -> None:
    words = ("blue", "gold", "iron", "red", "slime", "wood")
    chooser.lab.model.set(StandInModel(words=words))
    project = chooser.lab.project
    project.put({0: project.cell(0).asking(words=("slime", "red"), seed=7)}, "Ask")
    chooser.click("draw.batch.noise.words")
    offered: QComboBox = chooser.find("draw.batch.variants")
    lists = [offered.itemText(row) for row in range(offered.count())]
    assert lists == ["red, blue", "wood, iron, gold"]
    offered.setEditText("red, blue,, dark gold")
    chooser.draw()
    asked = [(config.words, config.seed) for config in drawn.calls[-1]]
    assert asked == [
        (("slime", "red"), 7), (("slime", "blue"), 7), (("slime", "gold"), 7)
    ]  # fmt: skip
    assert any("dark" in notice for notice in chooser.notices)
    assert chooser.grid.count == 3
    batches = chooser.find("draw").batches
    said = [batches.score_words(sprite).split(", ")[0] for sprite in range(3)]
    assert said == ["red", "blue", "gold"]  # the order in which they were drawn
    offered.setEditText(" , ")
    chooser.click("draw.batch.start")
    assert "variants" in chooser.failures[-1]


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [
        ((64,) * 12, 8),
        ((256,) * 12, 8),
        ((6,) * 10 + (64, 64), 12),
        ((6,) * 40, 32),
        ((6, 500, 64, 64, 64, 64, 64, 64, 64, 64), 8),
    ],
)
def test_small_results_do_not_push_large_ones_out(sizes: tuple[int, ...], kept: int) -> None:
    """The sides and steps of three characters once displaced the last 64 variations."""
    batches = [Batch("Variations", (Cell(),) * size) for size in sizes]
    assert to_keep(batches) == batches[:kept]
