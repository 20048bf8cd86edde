"""The page Between, used like a person would, and compared with the engine's results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.app.see import see_tasks
from sprite_lab.core.config import DEFAULT_SAMPLER, SAMPLERS, SEGMENTS, SampleConfig
from sprite_lab.core.pixels.cells import CellSheet
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.trajectories.interpolation import Corner, Sheet
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.jobs.handle import JobHandle
from sprite_lab.ui.see.between.panel import BetweenPanel
from sprite_lab.ui.see.workspace import SeeWorkspace
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from tests.gui.alone import click, find, in_a_window, type_number
from tests.gui.golden import assert_golden, assert_golden_plot, settle_plot
from tests.gui.stand_ins import Held, StandInModel
from tests.gui.test_widgets import pixels
from tests.qt import delete_now, is_at_rest

LEFT = Qt.MouseButton.LeftButton

#: The panel's defaults, except for fewer steps.
FIRST = Sheet(
    (
        Corner(1, (("hero", 1.0),)),
        Corner(2, (("creature", 1.0),)),
        Corner(3, (("food", 1.0),)),
        Corner(4, (("item", 1.0),)),
    ),
    5,
    5,
)
SETTINGS = SampleConfig(count=1, sampler="dpmpp_2m", steps=3, guidance_scale=1.0)


@pytest.fixture
def see(qtbot: QtBot, lab: Lab, quick_models: None) -> Iterator[SeeWorkspace]:
    """See with a model open, on its page Between, set to few steps."""
    lab.open_model("builtin")
    qtbot.waitUntil(lambda: lab.model.value is not None, timeout=20_000)
    see = SeeWorkspace(lab)
    window = in_a_window(qtbot, see)
    click(qtbot, see, "see.tabs.between")
    type_number(qtbot, see, "between.steps.field", 3)
    type_number(qtbot, see, "between.guidance.field", 1)
    settle(qtbot, see, lab)
    yield see
    delete_now(window)


def settle(qtbot: QtBot, see: QWidget, lab: Lab) -> None:
    """Wait until the page has drawn everything requested."""
    QApplication.processEvents()
    qtbot.waitUntil(lambda: not lab.jobs.handles and is_at_rest(see), timeout=20_000)


def is_sheet(job: JobHandle) -> bool:
    """Saving the settings is a separate job."""
    return job.name == "Drawing the sheet"


def shown(see: QWidget, cell: int) -> np.ndarray:
    """A cell as painted, uint8 (16, 16, 3)."""
    grid = find(see, "between.grid", SpriteGrid)
    rect, picture = grid.cell_rect(cell), pixels(grid.grab().toImage())
    scale = int(rect.width()) // 16
    part = picture[int(rect.y()) : int(rect.bottom()), int(rect.x()) : int(rect.right())]
    return part[scale // 2 :: scale, scale // 2 :: scale]


def drawn(lab: Lab, sheet: Sheet, **settings: object) -> Trajectory:
    """The engine's result."""
    from sprite_lab.engine.sampling.interpolation import between_iter

    config = replace(SETTINGS, **settings)  # type: ignore[arg-type]
    return drain(between_iter(lab.model.value, sheet, config, RunControl()))


def at(see: QWidget, cell: int) -> QPoint:
    return find(see, "between.grid", SpriteGrid).cell_rect(cell).center().toPoint()


def test_a_student_is_offered_as_many_steps_as_it_takes(qtbot: QtBot) -> None:
    panel = BetweenPanel()
    qtbot.addWidget(panel)
    steps = panel.findChild(QDoubleSpinBox, "between.steps.field")
    panel.set_model(StandInModel(is_student=True))
    assert (steps.value(), steps.maximum()) == (SEGMENTS, SEGMENTS)
    panel.set_model(StandInModel())
    assert steps.maximum() == 50
    assert panel.form.value.steps == SAMPLERS[DEFAULT_SAMPLER].live_steps


def test_the_buttons_of_the_panel_lie_in_one_column(qtbot: QtBot) -> None:
    panel = BetweenPanel()
    qtbot.addWidget(panel)
    panel.show()
    lefts = {
        find(panel, name).mapTo(panel, QPoint(0, 0)).x()
        for name in ("between.throw", "between.watch", "between.export")
    }
    assert len(lefts) == 1


@pytest.mark.learned
def test_the_sheet_is_what_the_engine_draws_and_scrubs(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab
) -> None:
    wanted = drawn(lab, FIRST)
    assert find(see, "between.grid", SpriteGrid).count == 25
    for cell in (0, 4, 7, 12, 24):
        assert np.array_equal(shown(see, cell), to_pixels(wanted.x0[-1, cell])), cell
    assert_golden(find(see, "between.grid"), "between-grid", size=(480, 480))
    click(qtbot, see, "between.view.x_t")
    slider = find(see, "timeline.slider", QSlider)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    for frame in (0, 1):
        for cell in (0, 13):
            assert np.array_equal(shown(see, cell), to_pixels(wanted.x_t[frame, cell]))
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    click(qtbot, see, "between.view.x0")
    assert np.array_equal(shown(see, 13), to_pixels(wanted.x0[2, 13]))


def test_it_follows_every_change_and_the_newest_wins(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab
) -> None:
    box = find(see, "between.class.A.first", QComboBox)
    box.setFocus()
    with qtbot.waitSignal(lab.jobs.started, check_params_cb=is_sheet):
        qtbot.keyClick(box, Qt.Key.Key_Down)
    qtbot.keyClick(box, Qt.Key.Key_Down)
    settle(qtbot, see, lab)
    assert box.currentData() == "food"
    corners = (Corner(1, (("food", 1.0),)), *FIRST.corners[1:])
    wanted = drawn(lab, Sheet(corners, 5, 5))
    assert np.array_equal(shown(see, 0), to_pixels(wanted.x0[-1, 0]))

    click(qtbot, see, "between.class.A.mixed")
    second = find(see, "between.class.A.second", QComboBox)
    second.setFocus()
    qtbot.keyClick(second, Qt.Key.Key_Home)
    share = find(see, "between.class.A.share")
    share.setFocus()
    share.selectAll()
    qtbot.keyClicks(share, "25")
    qtbot.keyClick(share, Qt.Key.Key_Return)
    seed = find(see, "between.seed.D.field", QLineEdit)
    seed.selectAll()
    qtbot.keyClicks(seed, "77")
    type_number(qtbot, see, "between.cells.field", 3)
    qtbot.keyClick(find(see, "between.clean_colors"), Qt.Key.Key_Space)
    settle(qtbot, see, lab)
    mix = (("food", 0.75), ("hero", 0.25))
    corners = (Corner(1, mix), *FIRST.corners[1:3], Corner(77, (("item", 1.0),)))
    wanted = drawn(lab, Sheet(corners, 3, 3), colors=0)
    for cell in (0, 4, 8):
        assert np.array_equal(shown(see, cell), to_pixels(wanted.x0[-1, cell])), cell


def test_a_cell_says_where_it_is_and_is_watched(qtbot: QtBot, see: SeeWorkspace, lab: Lab) -> None:
    grid, where = find(see, "between.grid", SpriteGrid), find(see, "between.where", QLabel)
    assert not find(see, "between.watch").isEnabled()
    qtbot.mouseMove(grid, at(see, 8))
    assert where.text() == (
        "Column 4, row 2 of 5×5: 0.75 to the right, 0.25 down    "
        "0.19 hero + 0.56 creature + 0.06 food + 0.19 item"
    )
    qtbot.mouseClick(grid, LEFT, pos=at(see, 3))
    qtbot.mouseMove(grid, QPoint(1, 1))
    assert where.text().startswith("Column 4, row 1 of 5×5: 0.75 to the right, 0.00 down")
    click(qtbot, see, "between.watch")
    assert see.current == "watch"
    trajectory = lab.trajectory.value
    wanted = drawn(lab, FIRST)
    assert trajectory.count == 1
    np.testing.assert_array_equal(trajectory.x0[:, 0], wanted.x0[:, 3])
    assert dict(trajectory.config.class_mix) == {"hero": 0.25, "creature": 0.75}
    assert trajectory.made_by is None, "its noise is of no seed"


def test_a_cell_is_sent_to_draw(qtbot: QtBot, see: SeeWorkspace, lab: Lab) -> None:
    qtbot.mouseClick(find(see, "between.grid"), LEFT, pos=at(see, 4))
    lab.project.load(CellSheet(1, 1, side=24))
    assert not find(see, "between.draw").isEnabled(), "its cells have another size"
    lab.project.load(CellSheet(1, 1))
    with qtbot.waitSignal(lab.workspace_wanted):
        click(qtbot, see, "between.draw")
    cell = lab.project.cells[0]
    assert np.array_equal(cell.rgba, drawn(lab, FIRST).rgba()[4])
    assert cell.class_name == "creature"


@pytest.mark.learned
def test_a_row_between_two_noises_and_its_changes(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab
) -> None:
    click(qtbot, see, "between.mode.row")
    type_number(qtbot, see, "between.cells.field", 6)
    settle(qtbot, see, lab)
    mix = (("hero", 1.0),)
    wanted = drawn(lab, Sheet((Corner(1, mix), Corner(2, mix)), 6, 1))
    for cell in range(6):
        assert np.array_equal(shown(see, cell), to_pixels(wanted.x0[-1, cell]))
    series = see.page("between").plot.series["distance"]
    np.testing.assert_allclose(series.x, [0.1, 0.3, 0.5, 0.7, 0.9], atol=1e-12)
    x0 = wanted.x0[-1].astype(np.float64)
    apart = [127.5 * np.sqrt(((x0[i + 1] - x0[i]) ** 2).mean()) for i in range(5)]
    np.testing.assert_allclose(series.y, apart)
    grid, plot = find(see, "between.grid", SpriteGrid), see.page("between").plot
    row = grid.cell_rect(0).united(grid.cell_rect(5)).toRect()
    assert_golden(grid, "between-row", area=row.adjusted(-4, -4, 4, 4))
    settle_plot(plot)
    assert_golden_plot(plot, "between-changes")
    # Along the arc, the noise itself changes gradually.
    click(qtbot, see, "between.view.x_t")
    slider = find(see, "timeline.slider", QSlider)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert series.y.std() < 0.02 * series.y.mean()
    assert not see.window().findChild(QWidget, "between.seed.C").isVisible()
    seeds = [find(see, f"between.seed.{letter}.field", QLineEdit) for letter in "AB"]
    click(qtbot, see, "between.throw")
    settle(qtbot, see, lab)
    thrown = [Corner(int(field.text()), mix) for field in seeds]
    assert thrown != [Corner(1, mix), Corner(2, mix)]
    caption = find(see, "between.caption", QLabel).text().replace("\N{NO-BREAK SPACE}", " ")
    assert caption.endswith(f"seeds {thrown[0].seed}, {thrown[1].seed}")
    wanted = drawn(lab, Sheet(tuple(thrown), 6, 1))
    assert np.array_equal(shown(see, 3), to_pixels(wanted.x_t[0, 3]))


def test_a_sheet_of_a_model_that_is_gone_is_not_shown(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab
) -> None:
    model = lab.model.value
    qtbot.mouseClick(find(see, "between.grid"), LEFT, pos=at(see, 3))
    before = pixels(find(see, "between.grid").grab().toImage())
    with qtbot.waitSignal(lab.jobs.started, check_params_cb=is_sheet):
        type_number(qtbot, see, "between.steps.field", 5)
    lab.model.set(None)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    lab.model.set(model)
    settle(qtbot, see, lab)
    assert not np.array_equal(pixels(find(see, "between.grid").grab().toImage()), before)


def test_escape_ends_the_drawing_of_a_sheet(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = drawn(lab, FIRST, steps=6)
    held = Held(see_tasks.between)
    monkeypatch.setattr(see_tasks, "between", held)
    with qtbot.waitSignal(lab.jobs.started, check_params_cb=is_sheet) as started:
        type_number(qtbot, see, "between.steps.field", 6)
    (job,) = started.args
    qtbot.keyClick(find(see, "between.grid"), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not job.active, timeout=20_000)
    assert job.outcome.kind == "canceled"
    held.go_on.set()
    click(qtbot, see, "see.tabs.watch")
    click(qtbot, see, "see.tabs.between")
    settle(qtbot, see, lab)
    assert np.array_equal(shown(see, 12), to_pixels(wanted.x0[-1, 12]))


def test_without_a_model_it_says_what_to_do(qtbot: QtBot, lab: Lab) -> None:
    see = SeeWorkspace(lab)
    qtbot.addWidget(see)
    see.resize(1000, 700)
    see.show()
    click(qtbot, see, "see.tabs.between")
    with qtbot.waitSignal(lab.workspace_wanted) as asked:
        click(qtbot, see, "between.empty.action")
    assert asked.args == ["train", ""]
    see.hide()
