"""Generating in Draw: what is requested, the result, and its description."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel
from pytestqt.qtbot import QtBot

from sprite_lab.app import tasks
from sprite_lab.app.draw.generate.drafts import Drafts
from sprite_lab.app.draw.generate.frames import as_frame_of
from sprite_lab.app.draw.last_state import last_state
from sprite_lab.app.shell.text_format import run_title
from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.config_text import any_config_from_text, config_text
from sprite_lab.core.pixels.cells import Cell, CellSheet, DrawnBy
from sprite_lab.core.pixels.characters import colors_of, lifted
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE
from sprite_lab.core.sets.sprites import SpriteSet, to_model_space
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.draw.cell_grid import CellGrid
from sprite_lab.ui.shell.main_window import MainWindow
from tests.gui.hands import choosing
from tests.gui.maker import CTRL, Key, Maker
from tests.gui.stand_ins import (
    StandInCells,
    StandInModel,
    StandInTraining,
    cells_drawn,
    give,
    training,
)
from tests.qt import settle

pytestmark = pytest.mark.opens("draw")

__all__ = ["cells_drawn", "training"]

DARK = DEFAULT_PALETTE[0]
CLEAR = (0, 0, 0, 0)


@pytest.fixture
def maker(window: MainWindow, qtbot: QtBot, cells_drawn: StandInCells) -> Maker:
    maker = Maker(window)
    qtbot.waitUntil(lambda: maker.canvas.isVisible())
    maker.lab.model.set(StandInModel())
    return maker


def generate(maker: Maker, qtbot: QtBot) -> None:
    maker.click("draw.generate")
    qtbot.waitUntil(maker.idle)


def generate_half(maker: Maker, cells_drawn: StandInCells, qtbot: QtBot) -> None:
    """Press Generate, and return in the middle of it."""
    cells_drawn.hang = True
    maker.click("draw.generate")
    qtbot.waitUntil(lambda: "50%" in maker.find("draw.progress_text", QLabel).text())


def test_without_a_model_what_needs_one_is_gray_and_says_why(maker: Maker) -> None:
    maker.lab.model.set(None)
    button = maker.find("draw.generate")
    assert not button.isEnabled()
    assert "no model" in button.toolTip()
    assert "no model" in maker.find("draw.reason", QLabel).text()
    maker.click("draw.made.which.asked")
    assert "no model" in maker.text("draw.made_by")
    assert not maker.find("draw.made.copy").isEnabled()
    maker.unfold("vary")
    assert not maker.find("draw.vary").isEnabled()
    assert "no model" in maker.find("draw.vary").toolTip()


def test_a_model_of_another_size_leaves_drawing_and_says_why_it_draws_nothing(
    maker: Maker,
) -> None:
    maker.lab.model.set(StandInModel(image_size=24))
    maker.drag((2, 2), (4, 2))
    assert maker.color(3, 2) == DARK
    button = maker.find("draw.generate")
    assert not button.isEnabled()
    assert "24×24" in button.toolTip()
    assert "24×24" in maker.find("draw.reason", QLabel).text()


def test_the_model_changes_only_when_asked(
    maker: Maker,
    training: StandInTraining,
    sprites: SpriteSet,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A training run that ends meanwhile changes nothing while the user draws."""
    monkeypatch.setattr(tasks, "load_model", lambda ref: give(StandInModel(str(ref)))())
    lab, mine = maker.lab, maker.lab.model.value
    told: list[str] = []
    lab.notice.connect(told.append)
    lab.data.set(sprites)  # another data set does not either
    maker.pick_class("draw.class", "food")
    asked = maker.cell().conditions

    def train(where: str, opens: bool = False) -> None:
        """Train, and be in ``where`` when training ends."""
        training.steps = 100_000
        lab.training_runs.start(TrainConfig(), opens=opens)
        maker.window.navigator.go(where)
        training.steps = 20
        qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
        settle()

    train("draw")
    assert lab.model.value is mine
    assert lab.settings.value.model == ""  # the next session has no other model either
    assert "Draw still uses “stand-in”" in told[-1]
    assert maker.cell().conditions == asked
    # The new model is opened if its run is already open, or if the user is not in Draw.
    lab.open_model(lab.training_runs.last_run.value)
    qtbot.waitUntil(lambda: lab.model.value is not mine)
    assert maker.cell().conditions == asked
    second = lab.model.value
    train("train")
    qtbot.waitUntil(lambda: lab.model.value is not second)
    # Or if that was wanted from the start, as by “Tune” in the steps to one's own style.
    third = lab.model.value
    train("draw", opens=True)
    qtbot.waitUntil(lambda: lab.model.value is not third)
    # Or if it belongs to the open run: Draw continues with the new weights.
    opened = lab.training_runs.last_run.value
    monkeypatch.setattr(tasks, "read_stopped", lambda run: give(tasks.Stopped(TrainConfig(), ""))())
    training.steps = 100_000
    lab.training_runs.continue_run(opened)
    qtbot.waitUntil(lambda: lab.training_runs.current.value is not None)
    maker.window.navigator.go("draw")
    training.steps = 20
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
    assert told[-1].endswith("Press Generate to see what it learned.")
    # Without a model there is nothing to continue with.
    lab.model.set(None)
    train("draw")
    qtbot.waitUntil(lambda: lab.model.value is not None)


def test_a_class_fills_the_chosen_cells_in_one_undoable_step(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    maker.choose(1)
    maker.choose(2, CTRL)
    maker.pick_class("draw.class", "food")
    before = maker.steps
    generate(maker, qtbot)
    assert maker.steps == before + 1
    (configs,) = cells_drawn.calls
    assert [c.classes for c in configs] == [("food",), ("food",)]
    assert [(c.drawing, c.start_t, c.redraw_strength) for c in configs] == [(None, None, None)] * 2
    assert len({c.seed for c in configs}) == 2
    for cell, red in ((1, 0), (2, 10)):
        assert maker.color(8, 8, cell) == (red, 50, 60, 255)
        assert maker.color(0, 0, cell) == CLEAR
        assert maker.cell(cell).made_by == configs[cell - 1]
        assert maker.cell(cell).seed == configs[cell - 1].seed
    assert maker.cell(0).is_blank
    maker.undo()
    assert all(maker.cell(i).is_blank for i in range(16))
    assert maker.cell(1).seed == 1


def test_from_the_drawing_it_starts_at_the_strength_from_what_is_drawn(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    maker.drag((4, 4), (9, 4))
    drawn = maker.cell().pixels
    maker.tick("draw.from_drawing")
    maker.type("draw.strength.field", "24")
    generate(maker, qtbot)
    ((config,),) = cells_drawn.calls
    assert (config.start_t, config.drawing, config.redraw_strength) == (120, drawn, None)
    assert maker.color(8, 8) == (0, 50, 60, 255)


def test_kept_pixels_stay_byte_for_byte(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    maker.drag((4, 4), (9, 4))
    maker.key(Key.Key_K)
    maker.drag((4, 4), (6, 4))
    maker.drag((8, 8))
    drawn = maker.cell().pixels
    generate(maker, qtbot)
    ((config,),) = cells_drawn.calls
    assert config.drawing == drawn
    assert config.start_t is None
    assert config.redraw_strength == maker.cell().redraw_strength
    for x in (4, 5, 6):
        assert maker.color(x, 4) == DARK
    # Kept empty, although the model drew there.
    assert maker.color(8, 8) == CLEAR
    assert maker.color(9, 4) == (0, 50, 60, 255)
    assert maker.cell().keep.sum() == 4


def test_only_inside_of_the_selection(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    box = maker.find("draw.only_selection")
    assert not box.isEnabled()
    assert "marquee" in box.toolTip()
    maker.drag((0, 0), (15, 0))
    maker.key(Key.Key_M)
    maker.drag((4, 4), (8, 9))
    assert box.isEnabled()
    before = maker.cell().rgba.copy()
    generate(maker, qtbot)
    ((config,),) = cells_drawn.calls
    known = config.known()
    inside = np.zeros((16, 16), bool)
    inside[4:10, 4:9] = True
    assert known is not None
    assert np.array_equal(known, ~inside)
    after = maker.cell().rgba
    assert np.array_equal(after[~inside], before[~inside])
    assert (after[inside] == (0, 50, 60, 255)).all()
    # the mask belongs to the cell, the selection does not
    assert maker.cell().redraw_strength is None
    maker.tick("draw.only_selection")
    asked = maker.answer("draw.over.over")  # the hand drawing outside is still there
    generate(maker, qtbot)
    assert asked
    assert cells_drawn.calls[-1][0].redraw_strength is None


def test_all_cells_go_in_one_job(maker: Maker, cells_drawn: StandInCells, qtbot: QtBot) -> None:
    maker.click("draw.apply.all")
    generate(maker, qtbot)
    assert [len(configs) for configs in cells_drawn.calls] == [16]
    assert maker.color(8, 8, 15) == (150, 50, 60, 255)


def test_colors_are_clean_unless_that_is_turned_off(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    for colors in (SampleConfig().colors, 0):
        generate(maker, qtbot)
        assert cells_drawn.calls[-1][0].colors == colors
        maker.tick("draw.clean_colors")


def test_cells_get_words_of_training_sprites_unless_that_is_turned_off(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    box = maker.window.findChild(QCheckBox, "draw.deal_prompts")
    assert box.text() == "Words of training sprites", "as See calls it"
    assert box.isHidden(), "this model has learned no words"
    for dealt in (True, False):
        generate(maker, qtbot)
        assert cells_drawn.calls[-1][0].deal_prompts is dealt
        box.setChecked(False)


def test_each_cell_keeps_its_seed_where_it_is_locked(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    maker.choose(3)
    maker.click("draw.seed.lock")
    maker.choose(4, CTRL)
    generate(maker, qtbot)
    seeds = [config.seed for config in cells_drawn.calls[0]]
    assert seeds[0] == 3
    assert seeds[1] != 4
    assert [maker.cell(i).seed for i in (3, 4)] == seeds
    assert [maker.asked(i).seed_locked for i in (3, 4)] == [True, False]


# -- while it runs ---------------------------------------------------------------------------------


def test_progress_is_shown_and_cancel_leaves_the_cells(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    generate_half(maker, cells_drawn, qtbot)
    maker.click("draw.cancel")
    qtbot.waitUntil(maker.idle)
    assert maker.cell().is_blank
    assert maker.lab.project.is_clean
    assert maker.find("draw.generate").isEnabled()


def test_stop_takes_what_is_there_and_does_not_say_that_settings_made_it(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    generate_half(maker, cells_drawn, qtbot)
    maker.click("draw.stop")
    qtbot.waitUntil(maker.idle)
    assert maker.color(8, 8) == (0, 50, 60, 255)
    assert maker.cell().made_by is None
    assert not maker.find("draw.show_made").isEnabled()


def test_the_focus_goes_to_cancel_and_back(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    cells_drawn.hang = True
    button = maker.find("draw.generate")
    button.setFocus()
    QTest.keyClick(button, Key.Key_Space)
    qtbot.waitUntil(lambda: maker.find("draw.cancel").hasFocus())
    maker.click("draw.cancel")
    qtbot.waitUntil(maker.idle)
    assert button.hasFocus()


def test_cells_of_another_size_cancel_it_and_nothing_of_it_is_seen(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    cells_drawn.hang = True
    maker.drag((2, 2), (4, 2))
    maker.drag((2, 9), (4, 9))
    maker.undo()
    maker.lab.project.history.mark_clean()
    maker.type("draw.side", "8")
    maker.undo()
    maker.answer("draw.over.over")
    maker.click("draw.generate")
    qtbot.waitUntil(lambda: maker.seen(8, 8) == (0, 50, 60))
    maker.activate()  # offscreen, the question replaces the window
    maker.key(Key.Key_Y, CTRL)  # redo the change of size
    assert maker.lab.project.side == 8
    assert maker.notices[-1] == "The grid has changed, so generation was canceled."
    qtbot.waitUntil(maker.idle)
    assert maker.lab.project.history.undo_text == "Resize cells"
    assert all(cell.made_by is None for cell in maker.lab.project.cells)
    assert not maker.failures


def test_escape_cancels_and_what_comes_is_seen_on_the_canvas(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    cells_drawn.hang = True
    maker.click("draw.generate")
    qtbot.waitUntil(lambda: maker.seen(8, 8) == (0, 50, 60))
    assert maker.cell().is_blank
    QTest.keyClick(maker.find("draw.cancel"), Key.Key_Escape)
    qtbot.waitUntil(maker.idle)
    assert maker.seen(8, 8) != (0, 50, 60)


def test_undo_takes_back_what_is_being_drawn_first(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    maker.drag((2, 2), (4, 2))
    cells_drawn.hang = True
    maker.choose(1)
    maker.click("draw.generate")
    qtbot.waitUntil(lambda: "50%" in maker.find("draw.progress_text", QLabel).text())
    maker.undo()
    qtbot.waitUntil(maker.idle)
    assert maker.color(3, 2) == DARK
    assert maker.steps == 1
    assert "Undo again" in maker.notices[-1]
    maker.undo()
    assert maker.color(3, 2) == CLEAR


def test_a_stroke_made_meanwhile_is_undone_and_the_job_goes_on(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    generate_half(maker, cells_drawn, qtbot)
    maker.lab.project.put({1: replace(maker.cell(1), name="axe")}, "Rename")
    maker.undo()
    assert maker.cell(1).name == ""
    assert not maker.idle()
    maker.click("draw.stop")
    qtbot.waitUntil(maker.idle)
    assert maker.color(8, 8) == (0, 50, 60, 255)


def test_another_grid_cancels(maker: Maker, cells_drawn: StandInCells, qtbot: QtBot) -> None:
    generate_half(maker, cells_drawn, qtbot)
    columns = maker.find("draw.columns")
    columns.setFocus()
    QTest.keyClick(columns, Key.Key_Up)
    qtbot.waitUntil(maker.idle)
    assert all(cell.is_blank for cell in maker.lab.project.cells)
    assert any("canceled" in notice for notice in maker.notices)


def test_what_was_changed_meanwhile_stays(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    generate_half(maker, cells_drawn, qtbot)
    maker.pick_class("draw.class", "item")
    cells_drawn.hang = False
    qtbot.waitUntil(maker.idle)
    assert maker.asked().class_name == "item"
    assert maker.cell().made_by is not None
    assert maker.cell().made_by.classes == ()


# -- history of a cell -----------------------------------------------------------------------------


def test_show_how_it_was_made_draws_it_once_more(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[SampleConfig, ...]] = []
    x0 = to_model_space(np.full((2, 1, 16, 16, 3), 50, np.uint8)).astype(np.float16)
    once_more = Trajectory("reverse", np.array([500, 0]), np.array([-8.0, 12]), x0.copy(), x0)

    def task(model: object, configs: tuple[SampleConfig, ...], most: int, tries: int):
        asked.append(tuple(configs))
        return give(replace(once_more, config=configs[0]))()

    monkeypatch.setattr(tasks, "generate", task)
    maker.click("draw.apply.all")
    generate(maker, qtbot)
    maker.choose(5)
    maker.click("draw.show_made")
    qtbot.waitUntil(lambda: maker.lab.trajectory.value is not None)
    assert asked == [(maker.cell(5).made_by,)]
    assert maker.window.findChild(type(maker.find("see")), "see").isVisible()


@pytest.mark.parametrize("way", ["start", "keep", "over", "cancel"])
def test_what_is_drawn_is_not_drawn_over_unasked(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot, way: str
) -> None:
    maker.drag((4, 4), (9, 4))
    before = maker.cell()
    asked = maker.answer(f"draw.over.{way}")
    maker.click("draw.generate")
    qtbot.waitUntil(lambda: bool(asked))
    if way == "cancel":
        assert not cells_drawn.calls
        assert maker.cell() == before
        return
    qtbot.waitUntil(lambda: maker.cell().made_by is not None)
    config = maker.cell().made_by
    assert config is not None
    assert (config.start_t is not None) == (way == "start")
    assert (config.redraw_strength is not None) == (way == "keep")
    if way == "keep":
        assert np.array_equal(maker.cell().rgba[4, 4:10], before.rgba[4, 4:10])
    # Generated content is generated again without a question, which would block the test.
    generate(maker, qtbot)
    assert len(cells_drawn.calls) == 2


def test_a_drawing_is_asked_about_of_which_a_mask_keeps_little(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    maker.drag((4, 4), (9, 4))
    project = maker.lab.project
    project.put({0: maker.cell().masked({4 * 16 + 4: 0})}, "Mask")  # one pixel of six
    asked = maker.answer("draw.over.over")
    maker.click("draw.generate")
    qtbot.waitUntil(lambda: bool(asked))
    qtbot.waitUntil(lambda: maker.cell().made_by is not None)
    assert maker.color(4, 4) == DARK
    generate(maker, qtbot)  # without a question: only that pixel is drawn by hand
    project.put({1: Cell().painted({3: DARK, 4: DARK}).masked({3: 0, 4: 0})}, "Mask")
    maker.choose(1)
    generate(maker, qtbot)  # nor is there one about kept pixels
    assert len(cells_drawn.calls) == 3


@pytest.mark.parametrize("way", ["start", "keep"])
def test_what_was_answered_about_a_drawing_is_undone_with_it(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot, way: str
) -> None:
    history = maker.lab.project.history
    maker.drag((4, 4), (9, 4))
    before, steps = maker.cell(), history.index
    maker.answer(f"draw.over.{way}")
    generate_half(maker, cells_drawn, qtbot)
    maker.click("draw.cancel")
    qtbot.waitUntil(maker.idle)
    assert maker.cell() == before  # a canceled job has no effect

    cells_drawn.hang = False
    maker.answer(f"draw.over.{way}")
    generate(maker, qtbot)
    assert (maker.asked().strength is not None) == (way == "start")
    assert (maker.cell().redraw_strength is not None) == (way == "keep")
    assert history.index == steps + 1
    history.undo()
    assert maker.cell() == before


def test_frames_ask_too(maker: Maker, cells_drawn: StandInCells, qtbot: QtBot) -> None:
    maker.drag((4, 4), (9, 4))
    before = maker.cell()
    asked = maker.answer("draw.over.cancel")
    maker.unfold("frames")
    maker.window.workspace("draw").panel.ensureWidgetVisible(maker.find("draw.frames.generate"))
    maker.click("draw.frames.generate")
    assert asked
    assert maker.cell() == before
    assert not cells_drawn.calls


def test_blank_frames_are_drawn_from_the_drawing_that_is_left(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    project = maker.lab.project
    maker.drag((4, 4), (9, 4))
    # An active setting does not draw over it without a question.
    before = maker.cell().asking(strength=0.55, class_mix=(("hero", 1.0),))
    project.put({0: before}, "Start from the drawing")
    asked = maker.answer("draw.over.leave")
    maker.unfold("frames")
    maker.window.workspace("draw").panel.ensureWidgetVisible(maker.find("draw.frames.generate"))
    maker.click("draw.frames.generate")
    qtbot.waitUntil(lambda: bool(cells_drawn.calls) and maker.idle())
    assert "Draw over this drawing?" in asked[0]
    assert maker.cell() == before
    (configs,) = cells_drawn.calls
    assert len({config.seed for config in configs}) == 1
    for n, config in enumerate(configs):
        drawing = config.drawing_rgba()
        foot = {0: 0, 2: 1}.get(n)
        seen = before.rgba if foot is None else lifted(before.rgba, foot)
        assert drawing is not None
        assert np.array_equal(drawing, seen)
        assert config.classes == ("hero",)
        assert config.palette == colors_of(before.rgba)
        assert 0 < config.start_t < 125  # faces stay recognizable
    assert maker.cell(1).conditions.strength is None


def test_blank_frames_are_drawn_from_what_was_generated(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    generate(maker, qtbot)
    generated = maker.cell()
    cells_drawn.calls.clear()
    maker.unfold("frames")
    maker.window.workspace("draw").panel.ensureWidgetVisible(maker.find("draw.frames.generate"))
    maker.click("draw.frames.generate")
    qtbot.waitUntil(lambda: bool(cells_drawn.calls) and maker.idle())
    assert maker.cell() == generated
    (configs,) = cells_drawn.calls
    assert len(configs) == 3
    assert all(config.drawing_rgba() is not None for config in configs)
    # Once all frames are drawn, all are drawn again.
    maker.click("draw.frames.generate")
    qtbot.waitUntil(lambda: len(cells_drawn.calls) == 2 and maker.idle())
    assert len(cells_drawn.calls[1]) == 4


def test_what_does_not_walk_lifts_no_foot() -> None:
    flask = Cell(bytes([9, 9, 9, 255]) * 256).asking(class_mix=(("item", 1.0),))
    frames = [as_frame_of(flask, Cell(), later) for later in (1, 2, 3)]
    assert {frame.pixels for frame in frames} == {flask.pixels}


def test_a_painted_cell_no_longer_says_that_it_was_generated(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    generate(maker, qtbot)
    assert maker.find("draw.show_made").isEnabled()
    maker.drag((1, 1))
    assert not maker.find("draw.show_made").isEnabled()
    assert "not generated" in maker.find("draw.show_made").toolTip()
    assert "changed since" in maker.text("draw.made_by")


def test_the_settings_are_read_in_words_and_what_would_be_asked_follows(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    maker.drag((4, 4), (9, 4))
    maker.pick_class("draw.class", "food")
    maker.type("draw.guidance.field", "3.5")
    maker.tick("draw.from_drawing")
    maker.tick("draw.symmetric")
    generate(maker, qtbot)
    said = maker.text("draw.made_by")
    seed = maker.cell().made_by.seed
    for words in (
        "food",
        "3.5 ×",
        str(seed),
        "DPM++ 2M, 12 steps",
        "6 of 256 pixels drawn",
        "noised to t = 275",
        "Mirror symmetry",
    ):
        assert words in said
    maker.click("draw.made.which.asked")
    maker.tick("draw.tile")
    maker.type("draw.steps.field", "30")
    now = maker.text("draw.made_by")
    assert "Seamless tile" in now
    assert run_title(maker.lab.model.value.title) in now
    assert "30 steps" in now
    maker.click("draw.made.which.made")
    assert maker.text("draw.made_by") == said


def test_the_model_is_named_that_drew_a_cell(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    generate(maker, qtbot)
    assert "Model" not in maker.text("draw.made_by"), "it is unknown"
    maker.lab.project.put({0: replace(maker.cell(), drawn_by=DrawnBy("mine"))}, "Name it")
    assert "Model\nmine" in maker.text("draw.made_by")


def test_copied_settings_are_pasted_into_other_cells(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    maker.drag((4, 4), (9, 4))
    maker.key(Key.Key_K)
    maker.drag((4, 4))
    maker.pick_class("draw.class", "food")
    maker.tick("draw.from_drawing")
    maker.tick("draw.symmetric")
    maker.type("draw.steps.field", "7")
    generate(maker, qtbot)
    made = maker.cell().made_by
    maker.click("draw.made.copy")
    assert any_config_from_text(QApplication.clipboard().text()) == made
    maker.type("draw.steps.field", "20")
    maker.choose(5)
    maker.key(Key.Key_B)
    maker.drag((0, 0))
    maker.choose(6, CTRL)
    before = maker.steps
    maker.click("draw.made.paste")
    assert maker.steps == before + 1
    for n, cell in enumerate((5, 6)):
        asked = maker.asked(cell)
        assert (asked.class_name, asked.strength, asked.symmetric) == ("food", 0.55, True)
        assert (asked.seed, asked.seed_locked) == (made.seed + n, True)
    # The drawn cell keeps its drawing; the blank one takes that of the settings, with its mask.
    assert maker.cell(5).rgba[..., 3].astype(bool).sum() == 1
    assert maker.cell(6).pixels == made.drawing
    assert maker.cell(6).redraw_strength == made.redraw_strength
    # So the same settings result again.
    maker.choose(6)
    maker.click("draw.made.which.asked")
    maker.click("draw.made.copy")
    again = any_config_from_text(QApplication.clipboard().text())
    assert again == replace(made, seed=made.seed + 1)
    maker.undo()
    assert maker.cell(6).is_blank


def test_what_is_no_settings_is_refused_in_one_sentence(maker: Maker) -> None:
    QApplication.clipboard().setText("words")
    maker.click("draw.made.paste")
    assert maker.failures == [
        "There are no settings on the clipboard; copy them here, or copy a picture made by "
        "Sprite Lab."
    ]
    assert maker.steps == 0


def test_settings_that_cells_lack_are_reported(maker: Maker) -> None:
    QApplication.clipboard().setText(config_text(SampleConfig(seed=5, eta=0.5, sampler="ddim")))
    maker.click("draw.made.paste")
    assert maker.asked().seed == 5
    assert any("Eta 0.5" in notice for notice in maker.notices)


@pytest.mark.parametrize("way", ["clipboard", "dialog"])
def test_an_exported_picture_gives_its_settings_back(
    maker: Maker,
    cells_drawn: StandInCells,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    from sprite_lab.ui.draw.generate import made_group

    file = tmp_path / "cell.png"
    monkeypatch.setattr(made_group, "ask_open", choosing(file))
    maker.pick_class("draw.class", "item")
    generate(maker, qtbot)
    made = maker.cell().made_by
    maker.export_sheet("draw.export.cell", file, monkeypatch)
    maker.choose(9)
    if way == "clipboard":
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(file))])
        QApplication.clipboard().setMimeData(data)
        maker.click("draw.made.paste")
    else:
        maker.click("draw.made.open")
    qtbot.waitUntil(lambda: maker.asked(9).class_name == "item")
    assert maker.asked(9).seed == made.seed


def test_a_picture_without_settings_says_so(
    maker: Maker, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL import Image

    from sprite_lab.ui.draw.generate import made_group

    file = tmp_path / "plain.png"
    Image.new("RGBA", (16, 16)).save(file)
    monkeypatch.setattr(made_group, "ask_open", choosing(file))
    maker.click("draw.made.open")
    qtbot.waitUntil(lambda: bool(maker.failures))
    assert "plain.png" in maker.failures[0]
    assert maker.steps == 0


# -- variations ------------------------------------------------------------------------------------


def test_variations_go_to_the_next_blank_cells(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    maker.pick_class("draw.class", "food")
    maker.choose(1)
    maker.drag((3, 3))
    maker.choose(0)
    maker.unfold("vary")
    maker.type("draw.vary.share.field", "30")
    maker.type("draw.vary.count", "3")
    before = maker.steps
    maker.click("draw.vary")
    qtbot.waitUntil(maker.idle)
    (configs,) = cells_drawn.calls
    assert maker.steps == before + 1
    assert [c.seed for c in configs] == [0, 0, 0]
    assert [c.classes for c in configs] == [("food",)] * 3
    assert all(c.variations[0][1] == 0.3 for c in configs)
    assert len({c.variations[0][0] for c in configs}) == 3
    assert [i for i in range(16) if maker.cell(i).made_by] == [2, 3, 4]
    for n, cell in enumerate((2, 3, 4)):
        assert maker.cell(cell).made_by == configs[n]
        assert maker.asked(cell).variations == configs[n].variations
        assert maker.asked(cell).class_name == "food"
    maker.undo()
    assert all(maker.cell(i).is_blank for i in (2, 3, 4))


def test_variations_out_of_sight_are_scrolled_to(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    drawn = Cell(bytes([9, 9, 9, 255]) * 256)
    maker.lab.project.load(CellSheet(40, 4, (drawn,) * 160))
    QApplication.processEvents()  # it shows the selected cell
    grid: CellGrid = maker.find("draw.cells")
    area = grid.area
    assert area is not None

    def is_seen(cell: int) -> bool:
        place = grid.mapTo(area.viewport(), grid.cell_rect(cell).center().toPoint())
        return area.viewport().rect().contains(place)

    maker.choose(0)
    assert is_seen(0)
    maker.unfold("vary")
    maker.type("draw.vary.count", "2")
    maker.click("draw.vary")
    qtbot.waitUntil(maker.idle)
    assert maker.cell(160).made_by is not None
    assert is_seen(160)
    assert maker.chosen == (0,)


def test_variations_find_room_in_new_rows(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    heard: list[str] = []
    maker.lab.notice.connect(heard.append)
    maker.unfold("vary")
    maker.type("draw.vary.count", "64")
    maker.click("draw.vary")
    qtbot.waitUntil(maker.idle)
    assert sum(cell.made_by is not None for cell in maker.lab.project.cells) == 64
    assert maker.lab.project.rows == 17
    assert heard[-1] == "The grid has 17 rows now, to make room."
    maker.undo()
    maker.undo()
    assert maker.lab.project.rows == 4


def test_variations_go_to_the_other_chosen_cells_and_are_varied_again(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    maker.unfold("vary")
    maker.choose(8)
    maker.choose(9, CTRL)
    maker.choose(4, CTRL)  # the cell on the canvas
    assert not maker.find("draw.vary.count").isEnabled()
    maker.click("draw.vary")
    qtbot.waitUntil(maker.idle)
    assert [i for i in range(16) if maker.cell(i).made_by] == [8, 9]
    maker.choose(8)
    first = maker.asked(8).variations
    assert f"20% toward seed {first[0][0]}" in maker.text("draw.vary.text")
    maker.choose(10, CTRL)
    maker.choose(8, CTRL)
    maker.choose(8, CTRL)
    maker.click("draw.vary")
    qtbot.waitUntil(maker.idle)
    assert maker.asked(10).variations[0] == first[0]
    assert len(maker.asked(10).variations) == 2
    maker.choose(8)
    maker.click("draw.vary.clear")
    assert maker.asked(8).variations == ()


@pytest.mark.parametrize("way", ["over", "cancel"])
def test_variations_ask_before_they_draw_over(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot, way: str
) -> None:
    maker.choose(1)
    maker.drag((3, 3), (5, 3))
    before = maker.cell(1)
    maker.unfold("vary")
    maker.choose(0, CTRL)
    asked = maker.answer(f"draw.over.{way}")
    maker.click("draw.vary")
    assert asked
    qtbot.waitUntil(maker.idle)
    assert (maker.cell(1) == before) == (way == "cancel")


def test_a_full_grid_says_that_there_is_no_room(maker: Maker) -> None:
    ink = Cell(bytes([1, 1, 1, 255]) * 256)
    maker.lab.project.push(CellSheet(64, 4, (ink,) * 256), "Fill")
    maker.unfold("vary")
    maker.click("draw.vary")
    assert maker.failures == [
        "There is no blank cell for a variation; clear one, or select cells to draw over."
    ]


def test_the_keyboard_alone_generates(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    QTest.keyClick(maker.canvas, Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(cells_drawn.calls))
    qtbot.waitUntil(maker.idle)
    assert maker.cell().made_by is not None


def test_nothing_is_drawn_into_cells_of_another_size_by_the_keyboard_either(
    maker: Maker, cells_drawn: StandInCells
) -> None:
    maker.lab.model.set(StandInModel(image_size=24))
    maker.find("draw").generate()
    assert not cells_drawn.calls
    assert "24×24" in maker.failures[0]


def test_sprites_that_were_kept_and_characters_are_not_drawn_over_unasked(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    project, generation = maker.lab.project, maker.find("draw").generation
    generate(maker, qtbot)
    draft = maker.cell()
    kept = replace(draft, pixels=draft.pixels[64:] + draft.pixels[:64])
    project.put({2: kept}, "Keep variation")
    maker.window.menus.actions["run.character"].trigger()
    maker.click("draw.character.new")
    count = len(project.cells)
    (frame,) = (i for i in range(count) if project.cell(i).part and not project.cell(i).is_blank)
    assert generation.drafts.lost(range(count)) == (2, frame)
    assert generation.drafts.lost((2, frame), of_set=True) == ()  # the character is drawn again

    maker.window.show_workspace("draw")
    maker.click("draw.character.back")
    maker.click("draw.apply.all")
    asked = maker.answer("draw.over.leave")
    maker.click("draw.generate")
    qtbot.waitUntil(lambda: len(cells_drawn.calls) == 2 and maker.idle())
    assert "Draw over 2 drawings?" in asked[0]
    assert len(cells_drawn.calls[-1]) == count - 2
    assert maker.cell(2) == kept
    assert maker.cell(frame).pixels == draft.pixels
    assert not maker.cell(15).is_blank


def test_what_another_session_left_is_asked_about(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    generate(maker, qtbot)
    generation = maker.find("draw").generation
    assert generation.drafts.lost((0,)) == ()
    next_session = Drafts(generation.session)
    assert next_session.lost((0,)) == (0,)


def test_drafts_of_the_last_session_are_still_drafts(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    generate(maker, qtbot)
    project, draft = maker.lab.project, maker.cell()
    kept = replace(draft, pixels=draft.pixels[64:] + draft.pixels[:64])
    project.put({2: kept}, "Keep variation")
    left = last_state(maker.lab.settings)
    next_session = Drafts(maker.find("draw").session)
    next_session.bring_back(left.drafts)
    assert next_session.lost((0, 2)) == (2,)
    maker.drag((3, 3), (5, 5))
    assert next_session.lost((0, 2)) == (0, 2)
