"""The project and its history: edits, merging, no-ops, the memory limit."""

from __future__ import annotations

import gc
import tracemalloc
from dataclasses import replace

import pytest

from sprite_lab.app.files.project import UNDO_LIMIT, Project
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.pixels.cells import Cell, CellSheet, Color
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE
from sprite_lab.words import use_language

CLEAR, RED, BLUE = (0, 0, 0, 0), (255, 0, 0, 255), (0, 0, 255, 255)


def pixel(cell: Cell, index: int) -> Color:
    return tuple(cell.pixels[4 * index : 4 * index + 4])


def paint(project: Project, cell: int, colors: dict[int, Color], stroke: int) -> None:
    project.paint(cell, colors, "Paint", stroke)


def mask(project: Project, cell: int, strengths: dict[int, int], stroke: int) -> None:
    project.put({cell: project.cell(cell).masked(strengths)}, "Mask", (cell, stroke))


def ask(project: Project, cells: list[int], key: object = None, **fields: object) -> None:
    """Set some conditions of some cells."""
    project.put({i: project.cell(i).asking(**fields) for i in cells}, "Set", key)


def change(project: Project, text: str, **fields: object) -> None:
    project.push(replace(project.snapshot(), **fields), text)  # type: ignore[arg-type]


@pytest.fixture
def project(qapp: object) -> Project:
    return Project()


def test_a_new_project_is_blank_and_clean(project: Project) -> None:
    assert project.is_clean
    assert (project.rows, project.columns, len(project.cells)) == (4, 4, 16)
    assert all(cell.is_blank for cell in project.cells)
    assert project.palette == DEFAULT_PALETTE
    assert len({cell.seed for cell in project.cells}) == 16


def test_a_project_without_a_name_is_called_so_in_the_language_of_the_window(
    project: Project, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(lambda: use_language("en"))
    use_language("es")
    assert (project.title, project.shown_title) == ("Untitled", "Sin título")
    assert project.exported_as == "sprites"
    project.set_title("Robots")
    assert project.shown_title == "Robots"


def test_moves_of_one_stroke_are_one_step_of_undo(project: Project) -> None:
    before = project.snapshot()
    stroke = project.next_stroke()
    for index in range(5):
        paint(project, 2, {index: RED}, stroke)
    paint(project, 2, {9: BLUE}, project.next_stroke())
    assert len(project.history) == 2
    project.history.undo()
    assert [pixel(project.cell(2), i) for i in (0, 4, 9)] == [RED, RED, CLEAR]
    project.history.undo()
    assert project.snapshot() == before


def test_a_stroke_in_another_cell_does_not_merge(project: Project) -> None:
    paint(project, 0, {0: RED}, 1)
    paint(project, 1, {0: RED}, 1)
    assert len(project.history) == 2


def test_painting_over_within_a_stroke_keeps_the_first_before(project: Project) -> None:
    paint(project, 0, {0: RED}, 1)
    paint(project, 0, {0: BLUE}, 1)
    project.history.undo()
    assert pixel(project.cell(0), 0) == CLEAR
    project.history.redo()
    assert pixel(project.cell(0), 0) == BLUE


def test_what_changes_nothing_leaves_no_step_and_keeps_redo(project: Project) -> None:
    paint(project, 0, {0: RED}, 1)
    paint(project, 0, {1: RED}, 2)
    project.history.undo()
    paint(project, 0, {0: RED}, 3)
    ask(project, [0, 1], class_mix=())
    change(project, "Limit", limit_to_palette=False)
    project.put({0: project.cell(0)}, "Clear")
    change(project, "Palette", palette=project.palette)
    assert len(project.history) == 2
    assert project.history.can_redo


def test_a_stroke_that_takes_itself_back_vanishes_with_its_effects(project: Project) -> None:
    made_by = SampleConfig(count=1)
    generated = replace(Cell(), made_by=made_by)
    project.load(CellSheet(1, 1, (generated,)))
    paint(project, 0, {3: RED}, 1)
    assert project.cell(0).made_by is None
    paint(project, 0, {3: CLEAR}, 1)
    assert len(project.history) == 0
    assert project.cell(0) == generated
    assert project.is_clean


def test_painting_a_generated_cell_forgets_what_made_it_and_undo_remembers(
    project: Project,
) -> None:
    project.load(CellSheet(1, 1, (Cell(made_by=SampleConfig(count=1, seed=7)),)))
    paint(project, 0, {3: RED}, 1)
    paint(project, 0, {4: RED}, 1)
    assert project.cell(0).made_by is None
    project.history.undo()
    assert project.cell(0).made_by == SampleConfig(count=1, seed=7)


def test_mask_strokes_merge_and_undo(project: Project) -> None:
    mask(project, 0, {0: 0}, stroke=1)
    mask(project, 0, {1: 0, 2: 99}, stroke=1)
    assert project.cell(0).keep.sum() == 2
    assert project.cell(0).redraw[0, 2] == 99
    assert len(project.history) == 1
    mask(project, 0, {0: 255, 1: 255, 2: 255}, stroke=2)
    assert project.cell(0).redraw_strength is None
    project.history.undo()
    project.history.undo()
    assert project.cell(0).redraw_strength is None
    project.history.redo()
    assert project.cell(0).keep.sum() == 2


def test_class_of_several_cells_with_different_ones_comes_back(project: Project) -> None:
    ask(project, [0], class_mix=(("hero", 1.0),))
    ask(project, [0, 1], class_mix=(("food", 1.0),))
    assert [project.cell(i).class_name for i in (0, 1)] == ["food", "food"]
    project.history.undo()
    assert [project.cell(i).class_name for i in (0, 1)] == ["hero", None]


def test_turning_a_number_is_one_step(project: Project) -> None:
    for value in (5, 6, 7):
        ask(project, [0], "drag", seed=value)
    assert len(project.history) == 1
    assert project.cell(0).seed == 7
    project.history.undo()
    assert project.cell(0).seed == 0


def test_title_star_follows_saving_undo_and_redo(project: Project, qtbot) -> None:
    heard: list[bool] = []
    project.clean_changed.connect(heard.append)
    paint(project, 0, {0: RED}, 1)
    project.mark_clean()
    project.history.undo()
    project.history.redo()
    assert heard == [False, True, False, True]
    assert project.is_clean


def test_what_was_saved_is_not_clean_if_edited_meanwhile(project: Project) -> None:
    paint(project, 0, {0: RED}, 1)
    saved = project.snapshot()
    paint(project, 0, {1: RED}, 2)
    project.mark_clean(saved)
    assert not project.is_clean
    project.history.undo()
    assert project.is_clean
    project.history.undo()
    assert not project.is_clean, "the file does not have the blank cells"
    project.mark_clean(project.snapshot())
    assert project.is_clean


def test_loading_takes_the_sheet_and_forgets_the_history(project: Project) -> None:
    paint(project, 0, {0: RED}, 1)
    sheet = CellSheet(2, 3, palette=((1, 2, 3, 255),), title="Mine", side=24, limit_to_palette=True)
    project.load(sheet)
    assert project.snapshot() == sheet
    assert len(project.history) == 0
    assert project.history.nbytes == 0
    assert project.is_clean


def test_listeners_hear_which_cells_changed(project: Project) -> None:
    heard: list[tuple[int, ...]] = []
    project.cells_changed.connect(heard.append)
    ask(project, [3, 1], strength=0.5)
    assert heard == [(1, 3)]


def test_the_limit_to_the_palette_is_undone_and_redone(project: Project) -> None:
    heard: list[bool] = []
    project.limit_changed.connect(heard.append)
    nearly = (21, 19, 32, 255)
    assert project.allowed(nearly) == nearly
    change(project, "Limit to palette", limit_to_palette=True)
    assert project.limit_to_palette
    assert project.snapshot().limit_to_palette
    assert project.allowed(nearly) == DEFAULT_PALETTE[0]
    assert project.allowed((9, 9, 9, 0)) == (0, 0, 0, 0)
    change(project, "Palette", palette=((200, 0, 0, 255), (0, 0, 0, 255)))
    assert project.allowed(nearly) == (0, 0, 0, 255)
    project.history.undo()
    project.history.undo()
    project.history.redo()
    assert heard == [True, False, True]
    assert project.history.undo_text == "Limit to palette"


@pytest.mark.parametrize("clean_at", [None, 0, 100, 595])
def test_history_is_bounded_by_memory(qapp: object, clean_at: int | None) -> None:
    project = Project(undo_budget=100_000)
    states = [project.cells]
    for number in range(600):
        if number == clean_at:
            project.mark_clean()
        elif number == 0:
            project.history.mark_dirty()
        color = (number % 250, 1 + number // 250, 0, 255)
        paint(project, number % 16, {number % 256: color, (number + 7) % 256: BLUE}, number + 1)
        states.append(project.cells)
        assert project.history.can_undo
        assert project.history.nbytes <= 100_000
    assert 0 < len(project.history) < 300
    # The remaining steps still restore exactly the same states.
    count, clean = len(project.history), []
    for step in range(1, count + 1):
        project.history.undo()
        assert project.cells == states[-1 - step]
        if project.is_clean:
            clean.append(600 - step)
    assert clean == ([595] if clean_at == 595 else [])
    assert not project.history.can_undo
    for step in range(count):
        project.history.redo()
        assert project.cells == states[600 - count + step + 1]


def test_steps_do_not_merge_because_others_were_forgotten(qapp: object) -> None:
    project = Project(undo_budget=10_000)
    for number in range(12):
        paint(project, 0, {number: RED}, stroke=1)
        paint(project, 1, {number: RED}, stroke=1)
    count = len(project.history)
    assert 0 < count <= 6
    project.history.undo()
    assert pixel(project.cell(1), 11) == CLEAR
    assert pixel(project.cell(1), 10) == RED


def test_one_step_larger_than_the_budget_can_be_undone(qapp: object) -> None:
    project = Project(undo_budget=1_000)
    before = project.cells
    full = replace(Cell(), pixels=bytes(RED) * 256)
    project.put(dict.fromkeys(range(16), full), "Fill")
    project.history.undo()
    assert project.cells == before


def test_steps_take_no_more_memory_than_is_counted(qapp: object) -> None:
    """So hours of work take no more memory than the limits allow."""
    project = Project()
    steps = 300
    tracemalloc.start()
    try:
        for number in range(1, steps + 1):
            color = (number % 256, number // 256, 0, 255)
            paint(project, number % 16, {number % 256: color}, stroke=number)
            if number % 10 == 0:
                made = SampleConfig(seed=number, style=f"drawn by hand, no. {number}")
                project.put({number % 16: replace(project.cell(0), made_by=made)}, "Draw")
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    counted = project.history.nbytes
    assert counted / 2 < taken < counted
    assert counted / len(project.history) * UNDO_LIMIT < 5_000_000


def test_the_oldest_of_many_steps_are_forgotten(qapp: object) -> None:
    project = Project()
    for number in range(UNDO_LIMIT + 10):
        paint(project, number % 16, {0: (number % 256, 1 + number // 256, 0, 255)}, number)
    assert len(project.history) == UNDO_LIMIT
