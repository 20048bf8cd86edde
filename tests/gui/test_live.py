"""Live, ghosts and the judge, used like a person would: mouse and keys on visible widgets."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton, QSlider

from sprite_lab.app import tasks
from sprite_lab.app.draw import drawing_tasks
from sprite_lab.app.draw.drawing import Drawn, config_for
from sprite_lab.app.draw.drawing_tasks import Sketched
from sprite_lab.app.draw.live.live import Ghost, Pace, Terms, wishes
from sprite_lab.app.files.sources import of_cells
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Preferences
from sprite_lab.app.task import Task
from sprite_lab.core.config import Conditions, DrawSettings, SampleConfig
from sprite_lab.core.pixels.cells import Cell, CellSheet, DrawnBy
from sprite_lab.core.results.measured import Verdict
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.formats.project import load_project, save_project
from sprite_lab.ui.draw.cell_grid import CellGrid
from sprite_lab.ui.draw.live.controller import LiveController
from sprite_lab.ui.draw.workspace import DrawWorkspace
from sprite_lab.ui.shell.main_window import MainWindow
from tests.gui.hands import LEFT, NONE, Hands
from tests.gui.stand_ins import StandInModel, StandInResult, StandInTraining, give
from tests.gui.stand_ins import training as training  # a fixture
from tests.qt import until, wait

pytestmark = pytest.mark.opens("draw")

Key = Qt.Key


class StandInSketch:
    """Stands in for the model: every ghost is the drawing in other colors."""

    def __init__(self) -> None:
        self.asked: list[tuple[dict[int, Cell], Terms, bool]] = []
        self.seconds = 0.0
        self.go_on = Event()  #: while not set, the model is busy
        self.go_on.set()
        self.ms = 5.0
        self.broken = False

    def __call__(self, wished: Mapping[int, Cell], terms: Terms, *, fine: bool = False):  # type: ignore[no-untyped-def]
        self.asked.append((dict(wished), terms, fine))

        def run(control: RunControl):  # type: ignore[no-untyped-def]
            if fine:
                yield None
            time.sleep(self.seconds)
            self.go_on.wait(60)
            if self.broken:
                raise ValueError("no colors are left")
            ghosts = {}
            for index, wish in wished.items():
                config = config_for(
                    wish, terms.settings, terms.model, terms.palette, terms.selection
                )
                ghosts[index] = Ghost(wish, terms, config, Drawn(self.picture(wish, fine)), fine)
            return Sketched(ghosts, self.ms)

        return Task(run)

    @staticmethod
    def picture(wish: Cell, fine: bool = False) -> np.ndarray:
        """The result: opaque, based on the drawing and the seed, different when refined."""
        rgba = wish.rgba.copy()
        rgba[..., 0] = 255 - rgba[..., 0]
        rgba[..., 1] = wish.seed % 251
        rgba[..., 2] = 200 if fine else 100
        rgba[..., 3] = 255
        rgba[0, 0] = 0  # and one empty pixel
        return rgba

    @property
    def quick(self) -> list[dict[int, Cell]]:
        return [wished for wished, _, fine in self.asked if not fine]


@pytest.fixture
def sketch(monkeypatch: pytest.MonkeyPatch) -> StandInSketch:
    stand_in = StandInSketch()
    monkeypatch.setattr(drawing_tasks, "sketch", stand_in)
    monkeypatch.setattr(drawing_tasks, "find_student", give(StandInModel(is_student=True)))
    return stand_in


class Artist(Hands):
    """Draws with Live."""

    @property
    def grid(self) -> CellGrid:
        return self.find("draw.cells")

    def take_tool(self, name: str) -> None:
        self.window.navigator.draw.tools.set_tool(name)

    def never_rest(self) -> None:
        """Ghosts are never refined, however long a busy machine takes to check the first ones."""
        self.window.navigator.draw.live.live._rest.setInterval(600_000)

    def go_live(self) -> None:
        self.click("draw.live")
        until(lambda: bool(self.grid.ghosts))

    def window_settled(self) -> bool:
        """Whether the display shows results for the current drawing."""
        (draw,) = self.window.findChildren(DrawWorkspace)
        return draw.live.live.settled

    def option(self, name: str) -> QAction:
        (found,) = self.window.findChildren(QAction, name)
        return found

    @property
    def words(self) -> str:
        return self.find("draw.live.state", QLabel).text()

    def seen(self, x: int, y: int) -> tuple[int, int, int]:
        """The color at the center of a canvas pixel."""
        wait(1)
        color = self.canvas.grab().toImage().pixelColor(self.at(x, y))
        return color.red(), color.green(), color.blue()

    def in_grid(self, cell: int) -> tuple[int, int, int]:
        """The color at the center of a cell in the grid."""
        wait(1)
        place = self.grid.cell_rect(cell).center().toPoint()
        color = self.grid.grab().toImage().pixelColor(place)
        return color.red(), color.green(), color.blue()


@pytest.fixture
def artist(window: MainWindow, sketch: StandInSketch) -> Artist:
    artist = Artist(window)
    artist.lab.model.set(StandInModel())
    # The opacity of ghosts must not affect colors here.
    window.findChild(QSlider, "draw.live.opacity").setValue(100)
    artist.option("draw.live.variations").setChecked(True)
    artist.drag((4, 4), (5, 4))
    # The model needs something to change, or Live would keep all of the drawing.
    project = artist.lab.project
    project.put({0: replace(project.cell(0), drawn_by=DrawnBy())}, "Drawn by a model")
    return artist


# -- what is suggested ----------------------------------------------------------------------------


def test_every_stroke_is_answered_and_blank_cells_show_variations(
    artist: Artist, sketch: StandInSketch
) -> None:
    artist.never_rest()
    artist.go_live()
    until(lambda: len(artist.grid.ghosts) == 16)
    before = artist.cell().pixels
    artist.drag((8, 8), (9, 8))
    assert artist.cell().pixels != before
    until(lambda: len(sketch.quick[-1]) >= 1 and artist.window_settled())
    drawing = artist.cell()
    newest: dict[int, Cell] = {}
    for wished in sketch.quick:
        newest |= wished
    assert set(newest) == set(range(16))
    # All of them are for this drawing, each with its own seed, at the default strength.
    assert {wish.pixels for wish in newest.values()} == {drawing.pixels}
    assert [newest[i].seed for i in range(16)] == [artist.cell(i).seed for i in range(16)]
    assert {wish.conditions.strength for wish in newest.values()} == {0.55}
    # Canvas and grid show the result.
    picture = sketch.picture(newest[0])
    assert artist.seen(12, 12) == tuple(int(v) for v in picture[12, 12, :3])
    # The center of a sprite is the corner of four pixels.
    assert artist.in_grid(5) == tuple(int(v) for v in sketch.picture(newest[5])[8, 8, :3])
    # Nothing was drawn into any cell.
    assert artist.cell(5).is_blank
    assert artist.cell().pixels == drawing.pixels


def test_without_variations_only_chosen_cells_are_drawn_for(
    artist: Artist, sketch: StandInSketch
) -> None:
    """By default, cells that nobody touched stay empty; the option Variations fills them."""
    assert not Preferences().live_variations
    artist.option("draw.live.variations").trigger()
    artist.go_live()
    assert artist.grid.ghosts == (0,)
    # A blank cell selected together with the drawing shows a variation of it.
    artist.choose(2, Qt.KeyboardModifier.ControlModifier)
    until(lambda: artist.grid.ghosts == (0, 2))
    assert sketch.quick[-1][2].pixels == artist.cell(0).pixels
    # A blank cell selected alone is drawn from noise, with its own conditions.
    artist.choose(3)
    until(lambda: artist.grid.ghosts == (3,))
    assert sketch.quick[-1][3] == Cell(bytes(1024), artist.cell(3).conditions)
    # The option stays off in the next session.
    draw = artist.find("draw")
    parts = (artist.lab, draw.session, draw.area, draw.grid, draw.generation)
    again = LiveController(*parts)
    assert not again.bar.variations.isChecked()
    assert not again.live.variations


def test_a_change_of_class_is_answered_and_nothing_queues_up(
    artist: Artist, sketch: StandInSketch
) -> None:
    artist.option("draw.live.variations").trigger()
    artist.go_live()
    until(artist.window_settled)
    sketch.seconds = 0.05
    sketch.asked.clear()
    points = [(x, y) for y in range(4) for x in range(16)]
    artist.drag(*points)  # sixty-four moves, while the first one is being answered
    until(artist.window_settled)
    assert len(sketch.quick) <= 3
    assert sketch.quick[-1][0].pixels == artist.cell().pixels


def test_all_cells_follow_while_the_hand_moves_on_a_slow_machine(
    artist: Artist, sketch: StandInSketch
) -> None:
    artist.go_live()
    until(artist.window_settled)
    sketch.ms = 90.0  # for the canvas cell alone: the most that any redraw takes
    artist.drag((1, 1))
    until(artist.window_settled)
    sketch.asked.clear()
    spots = [(x, y) for y in range(16) for x in range(16)]
    QTest.mousePress(artist.canvas, LEFT, NONE, artist.at(*spots[0]))
    for spot in spots[1:]:
        QTest.mouseMove(artist.canvas, artist.at(*spot))
        wait(1)
        if len(sketch.quick) >= 12:
            break
    asked = [set(wished) for wished in sketch.quick]
    QTest.mouseRelease(artist.canvas, LEFT, NONE, artist.at(*spot))
    until(artist.window_settled)
    assert len(asked) >= 12
    for start in range(len(asked) - 6):
        # In any six consecutive redraws, each cell has a turn, and the canvas at least two.
        few = asked[start : start + 6]
        assert set().union(*few) == set(range(16))
        assert sum(0 in wished for wished in few) >= 2


def test_what_is_drawn_while_live_is_on_is_kept(artist: Artist, sketch: StandInSketch) -> None:
    artist.go_live()
    until(artist.window_settled)
    artist.drag((1, 1), (2, 1))
    artist.drag((9, 9))
    until(artist.window_settled)
    cell = artist.cell()
    assert cell.redraw_strength is not None
    assert (cell.redraw[[1, 1, 9], [1, 2, 9]] == 0).all()
    assert cell.redraw[5, 5] == 255
    assert sketch.quick[-1][0].redraw_strength == cell.redraw_strength
    # An erased pixel is free again; undo reverts the stroke with its mask.
    artist.key(Key.Key_E)
    artist.drag((9, 9))
    assert artist.cell().redraw[9, 9] == 255
    QTest.keyClick(artist.window, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert artist.cell().redraw[9, 9] == 0
    # If it is switched off, it stays off, even in the next session.
    artist.key(Key.Key_B)
    artist.option("draw.live.keep").trigger()
    artist.drag((12, 3))
    assert artist.cell().redraw[3, 12] == 255
    assert artist.lab.settings.value.keep_drawn is False


def test_a_drawing_by_hand_from_before_live_is_kept(artist: Artist, sketch: StandInSketch) -> None:
    artist.choose(5)
    artist.drag((1, 1), (3, 1))
    before, steps = artist.cell(5), len(artist.lab.project.history)
    artist.go_live()
    until(artist.window_settled)
    wish = sketch.quick[-1][5]
    assert np.array_equal(wish.keep, before.rgba[..., 3] > 0)
    assert wish.conditions.strength is None  # all that is drawn is kept
    # variations have the mask, too
    assert sketch.quick[-1][8].redraw_strength == wish.redraw_strength
    assert artist.cell(5) == before
    assert len(artist.lab.project.history) == steps
    # Strokes are added to the mask, the mask brush frees parts of it, and taken ghosts have it.
    artist.drag((9, 9))
    assert artist.cell(5).keep.sum() == 4
    artist.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    artist.take_tool("mask")
    QTest.mouseClick(artist.canvas, Qt.MouseButton.RightButton, NONE, artist.at(2, 1))
    assert artist.cell(5).keep.sum() == 2
    artist.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    until(lambda: artist.window_settled() and 5 in artist.grid.ghosts)
    artist.key(Key.Key_Return)
    taken = artist.cell(5)
    assert np.array_equal(taken.keep, wish.keep)
    assert (taken.rgba[1, 1:4] == before.rgba[1, 1:4]).all()
    # Without "Keep drawn", the drawing is only where the model starts.
    artist.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    artist.option("draw.live.keep").trigger()
    until(artist.window_settled)
    assert not sketch.quick[-1][5].keep.any()
    assert sketch.quick[-1][5].conditions.strength == 0.55


def test_a_mask_stays_as_it_was_left(
    artist: Artist, sketch: StandInSketch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is also visible, whatever Live does and wherever the user goes."""
    artist.drag(*[(x, 4) for x in range(8)])
    artist.go_live()
    until(artist.window_settled)
    project, canvas = artist.lab.project, artist.canvas
    left = np.full((16, 16), 255, np.uint8)
    left[4, :3], left[4, 5], left[10, 10] = 0, 100, 0
    project.put({0: replace(project.cell(0), redraw_strength=left.tobytes())}, "Mask")
    shown: list[np.ndarray] = []
    show = canvas.set_sprite
    monkeypatch.setattr(
        canvas, "set_sprite", lambda rgba, mask: shown.append(mask) or show(rgba, mask)
    )

    def check() -> None:
        assert np.array_equal(artist.cell().redraw, left)
        assert np.array_equal(shown[-1], left)

    artist.click("draw.live")
    check()
    artist.click("draw.live")
    until(artist.window_settled)
    check()
    artist.choose(5)
    until(artist.window_settled)
    artist.choose(0)
    check()
    artist.take_tool("mask")
    artist.take_tool("pencil")
    check()
    save_project(tmp_path / "a.spritelab", project.snapshot())
    project.load(CellSheet())
    project.load(load_project(tmp_path / "a.spritelab"))
    until(artist.window_settled)
    check()
    # If strokes alone made the mask, hatching the whole drawing would be pointless.
    artist.choose(6)
    artist.drag((1, 1), (2, 1))
    assert (shown[-1] == 255).all()
    assert artist.cell(6).keep[1, 1:3].all()


def test_the_eraser_alone_marks_nothing(artist: Artist, sketch: StandInSketch) -> None:
    artist.drag((7, 7))
    artist.drag((9, 9))
    artist.go_live()
    artist.key(Key.Key_E)
    artist.drag((7, 7))
    assert artist.color(7, 7)[3] == 0
    assert artist.cell().redraw_strength is None


def test_without_live_nothing_is_marked_as_kept(artist: Artist) -> None:
    artist.drag((7, 7))
    assert artist.cell().redraw_strength is None


def test_moves_continue_while_the_model_is_slow(artist: Artist, sketch: StandInSketch) -> None:
    artist.go_live()
    until(artist.window_settled)
    asked = len(sketch.asked)
    sketch.go_on.clear()
    try:
        artist.drag((3, 3))
        until(lambda: len(sketch.asked) > asked)
        artist.drag(*[(x, 9) for x in range(16)])
        assert all(artist.color(x, 9)[3] == 255 for x in range(16))
        assert not artist.window_settled()  # the user need not wait for it
    finally:
        sketch.go_on.set()
    until(artist.window_settled)


def test_at_rest_all_steps_are_taken_as_generate_would(
    artist: Artist, sketch: StandInSketch
) -> None:
    artist.go_live()
    quick = sketch.asked[0][1]
    assert (quick.settings.sampler, quick.settings.steps) == ("student", 2)
    assert quick.model.is_student
    until(lambda: any(fine for _, _, fine in sketch.asked))
    until(lambda: artist.seen(12, 12)[2] == 200)
    wished, terms, _ = next(entry for entry in sketch.asked if entry[2])
    assert list(wished) == [0]  # the cell on the canvas comes first
    assert terms.model is artist.lab.model.value
    assert (terms.settings.sampler, terms.settings.steps) == ("dpmpp_2m", 12)
    # The next stroke is again answered quickly.
    artist.drag((1, 1))
    until(lambda: artist.seen(12, 12)[2] == 100)


def test_what_was_generated_is_seen_until_it_is_drawn_on(
    artist: Artist, sketch: StandInSketch, monkeypatch: pytest.MonkeyPatch
) -> None:
    artist.go_live()
    until(artist.window_settled)
    assert 0 in artist.grid.ghosts
    pixels = np.full((16, 16, 4), 77, np.uint8)
    pixels[..., 3] = 255
    drawn = Drawn(pixels)
    monkeypatch.setattr(drawing_tasks, "draw_cells", lambda *_: give([drawn])())
    draw = artist.window.workspace("draw")
    draw.generation.start([0])
    until(lambda: artist.color(8, 8)[:3] == (77, 77, 77))
    until(artist.window_settled)
    assert artist.find("draw.live", QAbstractButton).isChecked()
    assert 0 not in artist.grid.ghosts, "it is not covered by a suggestion"
    assert 1 in artist.grid.ghosts, "variations of it go on"
    artist.drag((1, 1))
    until(lambda: 0 in artist.grid.ghosts)


def test_a_fault_switches_live_off_and_is_reported(artist: Artist, sketch: StandInSketch) -> None:
    sketch.broken = True
    artist.click("draw.live")
    until(lambda: bool(artist.failures))
    assert "no colors are left" in artist.failures[0]
    assert not artist.find("draw.live", QAbstractButton).isChecked()
    assert artist.grid.ghosts == ()


# -- ghosts ------------------------------------------------------------------------------------


def test_enter_takes_the_ghost_whole_as_one_step(artist: Artist, sketch: StandInSketch) -> None:
    artist.never_rest()
    artist.go_live()
    until(artist.window_settled)
    before, steps = artist.cell(), len(artist.lab.project.history)
    picture = sketch.picture(sketch.quick[-1].get(0) or sketch.quick[0][0])
    artist.key(Key.Key_Return)
    after = artist.cell()
    assert np.array_equal(after.rgba, picture)
    assert after.made_by is not None
    assert after.made_by.sampler == "student"
    assert after.made_by.steps in (2, 3, 4)  # as fast as the machine allows
    assert after.made_by.drawing == before.pixels
    assert after.conditions == before.conditions
    assert len(artist.lab.project.history) == steps + 1
    # No other suggestion comes until something is drawn.
    until(artist.window_settled)
    assert 0 not in artist.grid.ghosts
    assert not artist.find("draw.live.take").isEnabled()
    artist.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    until(lambda: artist.cell() == before)
    until(lambda: 0 in artist.grid.ghosts)


def test_a_suggestion_is_taken_below_what_is_drawn_on_a_layer(
    artist: Artist, sketch: StandInSketch
) -> None:
    artist.window.menus.actions["layer.add"].trigger()
    artist.drag((3, 3), (8, 3))
    drawn = artist.cell().layers[1]
    artist.go_live()
    until(lambda: artist.window_settled() and 0 in artist.grid.ghosts)
    wish = sketch.asked[-1][0][0]
    assert wish.layers == ()
    assert wish.pixels == artist.cell().pixels
    assert wish.keep.sum() == 6  # what covers the model's layer
    artist.key(Key.Key_Return)
    below, above = artist.cell().layers
    assert above == drawn
    assert not below.rgba[3, 3:9].any()
    assert below.rgba[8, 8, 3] == 255
    assert artist.color(4, 3) == tuple(drawn.rgba[3, 4].tolist())


def test_a_variation_is_taken_with_what_it_was_asked_for(
    artist: Artist, sketch: StandInSketch
) -> None:
    project = artist.lab.project
    artist.go_live()
    until(lambda: len(artist.grid.ghosts) == 16)
    artist.choose(3)
    until(artist.window_settled)
    artist.grid.setFocus()
    QTest.keyClick(artist.grid, Key.Key_Return)
    made = artist.cell(3)
    assert not made.is_blank
    assert made.made_by is not None
    assert made.made_by.seed == project.cell(3).seed != project.cell(0).seed
    assert made.made_by.drawing == artist.cell(0).pixels
    assert made.conditions.strength == 0.55


def test_escape_hides_the_ghost_until_something_changes(
    artist: Artist, sketch: StandInSketch
) -> None:
    artist.go_live()
    until(artist.window_settled)
    empty = artist.seen(12, 12)
    artist.key(Key.Key_Escape)
    assert artist.seen(12, 12) != empty
    assert 0 not in artist.grid.ghosts
    assert 1 in artist.grid.ghosts
    artist.drag((2, 2))
    until(lambda: 0 in artist.grid.ghosts)
    # Without a ghost on the canvas, Enter paints again and Esc clears the selection.
    artist.key(Key.Key_Escape)
    artist.key(Key.Key_Return)
    assert artist.cell().made_by is None


def test_the_take_brush_takes_it_pixel_by_pixel_and_the_ghost_stays(
    artist: Artist, sketch: StandInSketch
) -> None:
    artist.option("draw.live.variations").trigger()
    artist.go_live()
    until(artist.window_settled)
    before, steps = artist.cell(), len(artist.lab.project.history)
    picture = sketch.picture(sketch.quick[-1][0])
    artist.key(Key.Key_T)
    assert artist.find("draw.tool.take", QAbstractButton).isChecked()
    asked = len(sketch.asked)
    artist.drag((10, 10), (11, 10), (12, 10))
    artist.drag((0, 0))
    taken = [(10, 10), (11, 10), (12, 10)]
    for x, y in taken:
        assert artist.color(x, y) == tuple(int(v) for v in picture[y, x])
    assert artist.color(0, 0) == (0, 0, 0, 0)
    changed = (artist.cell().rgba != before.rgba).any(axis=2)
    assert {(int(x), int(y)) for y, x in np.argwhere(changed)} == set(taken)
    assert len(artist.lab.project.history) == steps + 1  # (0, 0) was empty and stays empty
    # It is still the same ghost, and the rest of it can be taken.
    wait(700)
    assert len(sketch.asked) == asked
    artist.drag((13, 13))
    assert artist.color(13, 13) == tuple(int(v) for v in picture[13, 13])
    artist.key(Key.Key_Return)
    assert np.array_equal(artist.cell().rgba, picture)


def test_what_the_hand_draws_covers_the_ghost_at_once(
    artist: Artist, sketch: StandInSketch
) -> None:
    artist.go_live()
    until(artist.window_settled)
    sketch.seconds = 0.5
    ghost = artist.seen(12, 12)
    QTest.mousePress(artist.canvas, LEFT, NONE, artist.at(12, 12))
    QTest.mouseMove(artist.canvas, artist.at(12, 13))
    drawn = artist.color(12, 12)
    color = artist.canvas.grab().toImage().pixelColor(artist.at(12, 12))
    assert (color.red(), color.green(), color.blue()) == drawn[:3] != ghost
    QTest.mouseRelease(artist.canvas, LEFT, NONE, artist.at(12, 13))
    until(artist.window_settled)


def test_the_slider_says_how_strongly_a_ghost_is_seen(
    artist: Artist, sketch: StandInSketch
) -> None:
    artist.go_live()
    live = artist.window.navigator.draw.live.live
    until(lambda: live.settled and live.ghosts[0].fine)  # it has its final color
    board = artist.window.findChild(QSlider, "draw.live.opacity")
    strong = np.array(artist.seen(12, 12), float)
    board.setValue(50)
    half = np.array(artist.seen(12, 12), float)
    board.setValue(10)
    faint = np.array(artist.seen(12, 12), float)
    assert np.abs(half - (strong * 0.5 + (faint - 0.1 * strong) / 0.9 * 0.5)).max() <= 2


# -- switches and models -----------------------------------------------------------------------


def test_live_is_remembered_and_draws_only_while_draw_is_seen(
    artist: Artist, sketch: StandInSketch, lab: Lab
) -> None:
    artist.go_live()
    assert lab.settings.value.live
    until(artist.window_settled)
    artist.window.show_workspace("see")
    asked = len(sketch.asked)
    wait(800)
    assert len(sketch.asked) == asked
    artist.window.show_workspace("draw")
    until(lambda: bool(artist.grid.ghosts))
    other = MainWindow(lab)
    assert other.findChild(QAbstractButton, "draw.live").isChecked()
    other.closing.safe = True
    other.close()
    other.deleteLater()


def test_reasons_are_shown_where_it_is_impossible(window: MainWindow) -> None:
    artist = Artist(window)
    switch = artist.find("draw.live")
    assert not switch.isEnabled()
    assert "no model" in switch.toolTip()
    artist.lab.model.set(StandInModel(image_size=24))
    assert not switch.isEnabled()
    assert "24×24" in switch.toolTip()
    artist.lab.model.set(StandInModel(is_student=True))
    assert switch.isEnabled()
    judge = artist.find("draw.judge")
    assert not judge.isEnabled()
    assert "teacher" in judge.toolTip()


def test_a_model_without_student_is_made_live(
    window: MainWindow,
    sketch: StandInSketch,
    training: StandInTraining,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    model, student = StandInModel(), StandInModel("its student", is_student=True)
    found: list[StandInModel | None] = [None, student]
    monkeypatch.setattr(drawing_tasks, "find_student", lambda *_: give(found.pop(0))())
    going = [True]

    def distill(ref: object, run: Path):  # type: ignore[no-untyped-def]
        assert ref == "mine"

        def make(control: RunControl):  # type: ignore[no-untyped-def]
            from sprite_lab.core.records import Progress

            while going[0] and not control.stop_requested:
                time.sleep(0.005)
                yield Progress(3, 10, "Training")
            return StandInResult(run, 10, 0.1)

        return Task(make, long=True)

    monkeypatch.setattr(tasks, "distill", distill)
    artist = Artist(window)
    artist.lab.model_ref = "mine"
    artist.lab.model.set(model)
    artist.go_live()
    # The model's own solver draws, in a few steps, and an improvement is offered.
    terms = sketch.asked[0][1]
    assert terms.model is model
    assert (terms.settings.sampler, terms.settings.steps) == ("unipc", 6)
    button = artist.find("draw.live.make", QPushButton)
    QTest.mouseClick(button, LEFT)
    progress = artist.find("draw.live.progress")
    until(lambda: progress.value() == 3)
    assert not button.isVisible()
    # Drawing continues meanwhile, and strokes are answered between its steps.
    assert artist.canvas.isVisible()
    asked = len(sketch.asked)
    artist.drag((3, 3))
    until(lambda: len(sketch.asked) > asked)
    going[0] = False
    until(lambda: sketch.asked[-1][1].model is student)
    until(lambda: not progress.isVisible())
    assert not button.isVisible()
    assert artist.lab.model.value is model  # this model refines, and judges


# -- the judge ---------------------------------------------------------------------------------


def test_the_judge_marks_the_pixels_and_follows_the_drawing(
    artist: Artist, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    def surprise(model: object, drawing):  # type: ignore[no-untyped-def]
        asked.append(drawing.rgba.tobytes())
        pixels = np.ones((16, 16), np.float32)
        pixels[3, 7] = 30.0
        return give(Verdict(pixels, 1.25, 0.05))()

    monkeypatch.setattr(drawing_tasks, "surprise", surprise)
    artist.click("draw.judge")
    until(lambda: "1.25" in artist.words)
    assert artist.lab.settings.value.judge
    artist.canvas.setFocus()
    QTest.mouseMove(artist.window, QPoint(2, 2))
    QApplication.sendEvent(artist.canvas, QEvent(QEvent.Type.Leave))
    assert "at most 30 bits per pixel" in artist.words
    bright, plain = artist.seen(7, 3), artist.seen(8, 3)
    assert bright == (253, 231, 37)  # the last color of viridis
    assert plain != bright
    QTest.mouseMove(artist.canvas, artist.at(7, 3))
    assert "30.0 bits here" in artist.words
    count = len(asked)
    artist.drag((1, 1), (1, 2), (1, 3))
    until(lambda: len(asked) > count)
    wait(300)
    assert len(asked) <= count + 2  # not at each pixel of the stroke
    shown = np.frombuffer(asked[-1], np.uint8).reshape(16, 16, 4)
    assert shown[2, 1, 3] == 255
    # On other pages, the judge is hidden: its "?" once stood there alone.
    draw = artist.window.navigator.draw
    draw.show_page("terrain")
    assert not draw.live.note.isVisible()
    draw.show_page_of(draw.area.canvas)
    assert draw.live.note.isVisible()
    artist.click("draw.judge")
    assert artist.seen(7, 3) != bright


def test_the_pixels_that_surprise_are_redrawn_and_no_others(
    artist: Artist, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.ones((16, 16), np.float32)
    pixels[3, 7] = pixels[3, 8] = 30.0
    asked: list[SampleConfig] = []
    bits = {200: 0.9, 210: 0.7, 220: 1.3, 230: 0.8}  # by how light a try is

    def judge(model: object, drawing: SpriteSet) -> Task[Verdict]:
        return give(Verdict(pixels, bits.get(int(drawing.rgba[0, 3, 7, 0]), 1.0), 0.05))()

    def draw_cells(model: object, configs: tuple[SampleConfig, ...]) -> Task[list[Drawn]]:
        asked.extend(configs)
        tones = ((tone, tone, tone, 255) for tone in bits)
        return give([Drawn(np.full((16, 16, 4), tone, np.uint8)) for tone in tones])()

    monkeypatch.setattr(drawing_tasks, "surprise", judge)
    monkeypatch.setattr(drawing_tasks, "draw_cells", draw_cells)
    draw = artist.window.workspace("draw")
    assert draw.live.bar.redraw.isHidden()
    artist.click("draw.judge")
    until(lambda: artist.find("draw.judge.redraw").isEnabled())
    before, steps = artist.cell().rgba, len(artist.lab.project.history)
    artist.click("draw.judge.redraw")
    until(lambda: not draw.generation.running and len(artist.lab.project.history) > steps)
    changed = np.argwhere((artist.cell().rgba != before).any(axis=2))
    assert changed.tolist() == [[3, 7], [3, 8]]
    assert artist.cell().rgba[3, 7, 0] == 210, "the best of four"
    assert len({config.seed for config in asked}) == 4
    assert (~asked[0].known()).sum() == 2  # type: ignore[operator]
    assert artist.cell().redraw_strength is None, "the mask of the cell is as it was"
    assert len(artist.lab.project.history) == steps + 1
    # None of the next tries is better.
    bits.update(dict.fromkeys((200, 220, 230), 1.3))
    said: list[str] = []
    artist.lab.notice.connect(said.append)
    before, asked[:] = artist.cell(), []
    until(lambda: artist.find("draw.judge.redraw").isEnabled())
    artist.click("draw.judge.redraw")
    until(lambda: bool(said))
    assert said == ["None of 4 tries surprises the model any less, so the drawing is unchanged."]
    assert artist.cell() == before
    assert len(artist.lab.project.history) == steps + 1
    # Pixels kept by the mask stay.
    kept = replace(artist.cell(), redraw_strength=bytes(256))
    artist.lab.project.put({0: kept}, "Keep all")
    until(lambda: artist.find("draw.judge.redraw").isEnabled())
    artist.click("draw.judge.redraw")
    assert "unmark or deselect them first" in artist.failures[-1]
    assert len(asked) == 4


# -- with shipped models --------------------------------------------------------------------------


@pytest.fixture
def builtin(small_models: Path) -> tuple[object, object]:
    from sprite_lab.engine.models.model import load_model

    return load_model("builtin"), load_model("builtin-student")


def test_ghosts_are_what_the_student_draws(
    window: MainWindow, builtin: tuple[object, object], few_threads: None
) -> None:
    from sprite_lab.engine.sampling.reverse import sample_iter

    artist = Artist(window)
    artist.lab.open_model("builtin")
    until(lambda: artist.lab.model.value is not None)
    artist.drag((4, 4), (11, 4), (11, 11))
    artist.go_live()
    until(artist.window_settled, 60)
    until(lambda: artist.words.startswith("1 cell in"))
    artist.key(Key.Key_Return)
    made = artist.cell().made_by
    assert made is not None
    model = builtin[0] if made.sampler != "student" else builtin[1]
    again = drain(sample_iter(model, [made], RunControl(), record=False)).rgba()[0]  # type: ignore[arg-type]
    again[again[..., 3] == 0] = 0
    assert np.array_equal(artist.cell().rgba, again)
    # See also shows how it was made, though the open model did not draw it.
    artist.click("draw.live")
    artist.lab.trajectory.set(None)
    artist.click("draw.show_made")
    until(lambda: artist.lab.trajectory.value is not None, 60)
    shown = artist.lab.trajectory.value
    assert shown is not None
    assert not artist.failures
    assert np.array_equal(
        shown.rgba()[0, ..., :3][again[..., 3] > 0], again[..., :3][again[..., 3] > 0]
    )


def test_the_judge_says_what_the_bound_says(
    builtin: tuple[object, object], few_threads: None
) -> None:
    from sprite_lab.engine.measuring import measuring
    from sprite_lab.engine.measuring.likelihood import bound_iter

    model = builtin[0]
    cell = Cell(np.full((16, 16, 4), 90, np.uint8).tobytes(), Conditions.of_class("hero"))
    drawing = of_cells({0: cell}, model.class_names)  # type: ignore[attr-defined]
    assert drawing is not None
    verdict = drain(drawing_tasks.surprise(model, drawing)(RunControl()))  # type: ignore[arg-type]
    bound = drain(
        bound_iter(
            model,  # type: ignore[arg-type]
            drawing,
            RunControl(),
            blocks=measuring.SURPRISE_BLOCKS,
            rounds=measuring.SURPRISE_ROUNDS,
        )
    )
    assert verdict.bits_per_dim == pytest.approx(bound.bits_per_dim)
    assert verdict.pixels.sum() == pytest.approx(bound.bits[0], rel=1e-3)


def test_cells_that_differ_in_all_they_may_are_sketched_at_once(
    builtin: tuple[object, object], few_threads: None
) -> None:
    import torch

    from sprite_lab.app.draw.live.live import live_settings

    student = builtin[1]
    drawn = bytes(np.random.default_rng(0).integers(0, 256, (16, 16, 4), np.uint8).tobytes())
    cells = {
        0: Cell(drawn, Conditions(seed=1, strength=0.4)),
        1: Cell(drawn, Conditions(seed=2, strength=0.7, class_mix=(("hero", 1.0),))),
        2: Cell(bytes(1024), Conditions(seed=3)),
        3: Cell(drawn, Conditions(seed=4), bytes([0] * 128 + [255] * 128)),
    }
    terms = Terms(student, live_settings(student, DrawSettings(colors=10), 2))
    threads = torch.get_num_threads()
    run = drawing_tasks.sketch(cells, terms)(RunControl())
    yields = 0
    while True:
        try:
            next(run)
            yields += 1
        except StopIteration as end:
            found = end.value
            break
    # It yields between groups, and never while one is being drawn.
    assert yields == 3
    assert torch.get_num_threads() == threads
    assert set(found.ghosts) == set(cells)
    for index, ghost in found.ghosts.items():
        assert ghost.wish == cells[index]
        assert ghost.config.seed == cells[index].seed
        assert not ghost.fine
    # During strokes, kept pixels are visited once per level; the recipe records that.
    assert found.ghosts[3].config.visits == 1
    assert found.ghosts[0].config.visits == 4
    stopped = RunControl()
    stopped.cancel()
    assert drain(drawing_tasks.sketch(cells, terms)(stopped)).ghosts == {}


def test_a_student_is_found_by_what_its_teacher_was_called(
    builtin: tuple[object, object], few_threads: None, tmp_path: Path
) -> None:
    teacher, student = builtin
    damaged = tmp_path / "damaged" / "run.json"
    damaged.parent.mkdir()
    damaged.touch()
    found = drain(drawing_tasks.find_student(teacher, "builtin", tmp_path)(RunControl()))  # type: ignore[arg-type]
    assert found is not None
    assert found.title == student.title  # type: ignore[attr-defined]
    stranger = replace(teacher, title="another")  # type: ignore[type-var]
    assert drain(drawing_tasks.find_student(stranger, "another", tmp_path)(RunControl())) is None


def test_the_students_weights_lie_as_is_fastest_and_it_draws_the_same(
    builtin: tuple[object, object], few_threads: None, tmp_path: Path
) -> None:
    from sprite_lab.engine.runtime import memory_format
    from sprite_lab.engine.sampling.reverse import sample_iter

    teacher, student = builtin
    found = drain(drawing_tasks.find_student(teacher, "builtin", tmp_path)(RunControl()))  # type: ignore[arg-type]
    assert found is not None
    form = memory_format(found.device)
    kernels = [weight for weight in found.denoiser.parameters() if weight.ndim == 4]
    assert all(kernel.is_contiguous(memory_format=form) for kernel in kernels)
    config = SampleConfig(count=2, seed=3, colors=0, sampler="student")
    one, other = (
        drain(sample_iter(model, [config], RunControl(), record=False)).final()  # type: ignore[arg-type]
        for model in (student, found)
    )
    assert np.allclose(one, other, atol=0.01)


# -- rules ----------------------------------------------------------------------------------------


def test_wishes_put_the_canvas_first_and_keep_masks_as_they_are() -> None:
    ink = bytes([9, 9, 9, 255]) * 256
    mask = bytes([0]) + bytes([255]) * 255
    sheet = CellSheet(2, 2)
    cells = [
        Cell(ink, Conditions(seed=0)),
        sheet.cells[1],
        Cell(ink, Conditions(seed=2), mask),
        Cell(bytes(1024), Conditions(seed=3, class_mix=(("food", 1.0),))),
    ]
    found = wishes(cells, 2, (1, 2), 0)
    assert list(found) == [2, 1, 3]
    assert found[2] == cells[2]  # kept pixels say enough: the rest is redrawn fully
    assert found[1].pixels == found[3].pixels == ink
    assert found[1].conditions == Conditions(seed=1, strength=0.55)
    assert found[3].conditions.class_name == "food"
    assert list(wishes(cells, 2, (1, 2), 0, everywhere=False)) == [2, 1]
    assert wishes(cells, 1, (1,), None) == {1: cells[1]}
    # If strokes are kept, other drawn pixels change only as far as in a drawing without a mask.
    kept = wishes(cells, 2, (1, 2), 0, keeps=True)
    assert kept[2].conditions.strength == 0.55
    assert kept[2].redraw_strength == mask
    assert (
        wishes([Cell(ink, Conditions(), bytes(256))], 0, (), None, keeps=True)[0].conditions
        == Conditions()
    )


def test_the_pace_is_that_of_the_machine() -> None:
    pace = Pace(range(2, 3), 2, 16)
    assert pace.cells == 16
    pace.took(16, 24.0, 2)  # a millisecond per cell, including the fixed cost in cells
    assert pace.cells == 52
    for _ in range(8):
        pace.took(1, 400.0, 2)
    assert pace.cells == 1


def test_a_slow_machine_draws_with_fewer_evaluations_until_it_is_clearly_faster() -> None:
    pace = Pace(range(1, 3), 2, 16)
    pace.took(16, 110.0, 2)
    assert pace.steps == 2
    for _ in range(6):
        pace.took(16, 300.0, pace.steps)
    assert pace.steps == 1
    room = pace.within(150.0)
    pace.took(16, 300.0, 1)  # the same machine
    assert pace.steps == 1
    assert pace.within(150.0) == pytest.approx(room, abs=1)
    for _ in range(8):
        pace.took(16, 25.0, pace.steps)
    assert pace.steps == 2


def test_the_take_brush_goes_with_live(artist: Artist, sketch: StandInSketch) -> None:
    artist.go_live()
    artist.take_tool("take")
    artist.click("draw.live")
    assert artist.window.navigator.draw.tools.tool == "pencil"
