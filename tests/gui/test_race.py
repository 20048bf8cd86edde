"""Race, used like a person would, and compared with the engine's results and counts."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QComboBox, QLabel, QSlider, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.app.files.library import ShippedModel
from sprite_lab.app.lab import Lab
from sprite_lab.app.see import see_tasks
from sprite_lab.app.see.race_run import Entry, LaneConfig, RaceConfig
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.pixels.cells import CellSheet
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.core.trajectories.path import plane_of, without_first_noise
from sprite_lab.core.trajectories.race import Lane, course, distance
from sprite_lab.paths import resource
from sprite_lab.ui.see.race.lanes import LaneRow
from sprite_lab.ui.see.race.page import PLOT, RacePage
from sprite_lab.ui.see.race.path_plot import PathPlot, colored, is_astray
from sprite_lab.ui.see.watch.views import VIEWS
from sprite_lab.ui.see.workspace import SeeWorkspace
from sprite_lab.ui.shell.navigator import unfold
from sprite_lab.ui.theme import ThemeManager, current_theme
from sprite_lab.ui.widgets.fields.calm import lesson_value
from sprite_lab.ui.widgets.fields.elided import ElidedLabel
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.ui.widgets.plots.legend import LegendEntry
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import trn
from tests.gui.alone import click, find, in_a_window, type_number
from tests.gui.golden import assert_golden, assert_golden_plot, settle_plot
from tests.gui.stand_ins import Held, StandInModel
from tests.gui.test_widgets import pixels
from tests.qt import delete_now, settle

LEFT = Qt.MouseButton.LeftButton

#: Steps of the reference instead of a thousand, to save time.
STEPS = 30


@pytest.fixture
def see(
    qtbot: QtBot, lab: Lab, quick_models: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SeeWorkspace]:
    """See with a model open, on its page Race, with a short reference."""
    monkeypatch.setattr("sprite_lab.engine.sampling.race.REFERENCE_STEPS", STEPS)
    monkeypatch.setattr("sprite_lab.app.see.race_run.REFERENCE_STEPS", STEPS)
    lab.open_model("builtin")
    qtbot.waitUntil(lambda: lab.model.value is not None, timeout=20_000)
    # Guided by two evaluations per step at all levels, and no prompts are dealt.
    plain = replace(lab.model.value, weak=None, guided_below=math.inf, prompts=())  # type: ignore[type-var]
    lab.model.set(plain)
    see = SeeWorkspace(lab)
    window = in_a_window(qtbot, see, 1000)
    qtbot.addWidget(window)
    click(qtbot, see, "see.tabs.race")
    qtbot.waitUntil(lambda: bool(titles(see)))
    type_number(qtbot, see, "race.count.field", 2)
    yield see
    window.hide()


def titles(see: QWidget) -> list[str]:
    """Names of the lanes, from top to bottom."""
    found, row = [], 0
    while True:
        names = see.window().findChildren(QLabel, f"race.{row}.name")
        names = [name for name in names if name.isVisible()]
        if not names:
            return found
        steps, _, _ = find(see.window(), f"race.{row}.model", QLabel).text().partition(" · ")
        found.append(f"{names[0].text()}, {steps}")
        row += 1


def race(qtbot: QtBot, see: QWidget) -> None:
    click(qtbot, see, "race.start")
    finish(qtbot, see)


def finish(qtbot: QtBot, see: QWidget) -> None:
    qtbot.waitUntil(
        lambda: not see.window().findChild(QWidget, "race.cancel").isVisible(), timeout=60_000
    )


def hold_references(monkeypatch: pytest.MonkeyPatch) -> None:
    """References stay under way until they are canceled."""
    monkeypatch.setattr(see_tasks, "race_lane", Held(see_tasks.race_lane, lambda *of: of[-1]))


def figures(see: QWidget, row: int | str) -> list[str]:
    return [find(see, f"race.{row}.figure.{i}", QLabel).text() for i in range(3)]


def shown(see: QWidget, row: int | str, sprite: int) -> np.ndarray:
    """A sprite as painted, uint8 (16, 16, 3)."""
    grid = find(see, f"race.{row}.grid", SpriteGrid)
    rect, picture = grid.cell_rect(sprite), pixels(grid.grab().toImage())
    scale = int(rect.width()) // 16
    part = picture[int(rect.y()) : int(rect.bottom()), int(rect.x()) : int(rect.right())]
    return part[scale // 2 :: scale, scale // 2 :: scale]


def lane(lab: Lab, sampler: str, steps: int, model: object = None, **settings: object) -> Lane:
    """The engine's result."""
    from sprite_lab.engine.sampling.race import lane_iter

    config = SampleConfig(
        count=2, colors=0, classes=lab.model.value.class_names, sampler=sampler, steps=steps
    )
    config = replace(config, **settings)  # type: ignore[arg-type]
    return drain(lane_iter(model or lab.model.value, config, RunControl()))


@pytest.mark.learned
def test_lanes_show_what_the_engine_drew_counted_and_measured(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab
) -> None:
    asked = [("ddim", 12), ("heun", 6), ("dpmpp_2m", 12), ("dpmpp_2m_sde", 12)]
    assert titles(see) == [
        "DDIM, 12 steps",
        "Heun, 6 steps",
        "DPM++ 2M, 12 steps",
        "DPM++ 2M SDE, 12 steps",
    ]
    race(qtbot, see)
    exact = lane(lab, "ddim", STEPS)
    assert figures(see, "reference")[0] == f"{2 * STEPS}", "guidance looks twice"
    lanes = [lane(lab, *which) for which in asked]
    for row, (wanted, looks) in enumerate(zip(lanes, (24, 22, 24, 24), strict=True)):
        evaluations, seconds, away = figures(see, row)
        assert evaluations == str(looks) == f"{wanted.evaluations:.0f}"
        assert float(seconds) > 0
        apart = distance(wanted.trajectory.x0[-1], exact.trajectory.x0[-1]).mean()
        assert away == f"{apart:.1f}"
        for sprite in range(2):
            clean = to_pixels(wanted.trajectory.x0[-1, sprite])
            assert np.array_equal(shown(see, row, sprite), clean)
    note = find(see, "race.3.note", QLabel)
    assert note.text() == "Adds fresh noise"
    tips = [find(see, f"race.{row}.name", QLabel).toolTip() for row in (0, 3, "reference")]
    assert ["not an error" in tip for tip in (*tips, note.toolTip())] == [False, True, False, True]
    assert not see.window().findChild(QLabel, "race.0.note").isVisible()
    for name, values in see.page("race").plot.table().items():
        if name.startswith("3: DPM++ 2M, 12 steps, distance"):
            np.testing.assert_allclose(values, course(lanes[2], exact)[:-1].mean(axis=1))
            break
    else:
        pytest.fail("the plot has no curve of lane 3")
    assert_golden(find(see, "race.2.grid"), "race-lane", size=(160, 72))
    plot = see.page("race").plot
    settle_plot(plot)
    assert_golden_plot(plot, "race-plot")


def test_lanes_share_the_memory_that_recorded_steps_may_take(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = 5 * len(titles(see)) * (3 * 2 * 3 * 16 * 16 * 2)  # about five frames of each lane
    monkeypatch.setattr(type(lab.settings.value), "recorded_bytes", allowed)
    race(qtbot, see)
    run = see.page("race").run
    ways = [run.lane(entry).trajectory for entry in run.entries]
    assert sum(way.x_t.nbytes + way.x0.nbytes for way in ways) <= allowed
    for entry, way in zip(run.entries, ways, strict=True):
        assert 2 <= len(way) < entry.steps + 1


def test_the_slider_aligns_the_lanes_by_noise(qtbot: QtBot, see: SeeWorkspace, lab: Lab) -> None:
    race(qtbot, see)
    lanes = [lane(lab, "ddim", 12), lane(lab, "heun", 6)]
    click(qtbot, see, "race.view.x_t")
    slider = find(see, "timeline.slider", QSlider)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    for row in range(4):  # all of them, with and without fresh noise
        for sprite in range(2):
            start = to_pixels(lanes[0].trajectory.x_t[0, sprite])
            assert np.array_equal(shown(see, row, sprite), start)
    axis = see.page("race").timeline_model.axis
    for moves in (70, 15):
        for _ in range(moves):
            qtbot.keyClick(slider, Qt.Key.Key_Right)
        here = float(axis.log_snr[slider.value()])
        for row, wanted in enumerate(lanes):
            levels = wanted.trajectory.log_snr
            frame = max(k for k in range(len(levels)) if levels[k] <= here + 1e-3)
            assert 0 < frame < len(levels) - 1
            assert np.array_equal(shown(see, row, 1), to_pixels(wanted.trajectory.x_t[frame, 1]))


def test_lanes_are_added_moved_and_removed(qtbot: QtBot, see: SeeWorkspace, lab: Lab) -> None:
    box = find(see, "race.add.sampler", QComboBox)
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)  # UniPC
    type_number(qtbot, see, "race.add.steps.field", 4)
    click(qtbot, see, "race.add")
    assert titles(see)[-1] == "UniPC, 4 steps"
    assert figures(see, 4) == ["", "", ""], "nothing races before it is asked to"
    race(qtbot, see)
    assert figures(see, 4)[0] == "8"
    click(qtbot, see, "race.4.up")
    assert titles(see)[3] == "UniPC, 4 steps"
    assert figures(see, 3)[0] == "8", "what was drawn goes with it"
    click(qtbot, see, "race.0.remove")
    assert titles(see) == [
        "Heun, 6 steps",
        "DPM++ 2M, 12 steps",
        "UniPC, 4 steps",
        "DPM++ 2M SDE, 12 steps",
    ]
    type_number(qtbot, see, "race.add.steps.field", 5)
    click(qtbot, see, "race.add")  # the others are drawn, so this one comes at once
    finish(qtbot, see)
    assert figures(see, 4)[0] == "10"
    grid = find(see, "race.4.grid", SpriteGrid)
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert titles(see)[3] == "UniPC, 5 steps"
    moved = find(see, "race.3.grid", SpriteGrid)
    qtbot.waitUntil(moved.hasFocus)
    qtbot.keyClick(moved, Qt.Key.Key_Delete)
    assert "UniPC, 5 steps" not in titles(see)
    preset = find(see, "race.preset", QComboBox)
    assert preset.currentText() == "Your own"
    choose(preset, "")
    assert titles(see)[0] == "DDIM, 12 steps"
    assert [preset.itemText(i) for i in range(preset.count())] == [
        "Several samplers",
        "DDIM: 1, 4, 12, 50",
        "DPM++ 2M: 1, 4, 12, 50",
        "Several spacings",
    ], "they are no longer the user's own"
    assert figures(see, 0)[0] == "24", "it is still known"


def test_large_text_leaves_room_for_the_plot(
    theme: ThemeManager, qtbot: QtBot, see: SeeWorkspace
) -> None:
    plots = see.page("race").plots  # type: ignore[attr-defined]
    plots.show()
    theme.set_text_size(150)
    plots.resize(650, plots.minimumSizeHint().height())
    settle(plots)
    shown = plots.distance.item.getViewBox().height()
    assert shown >= 70, "with the title of the axis it was 50"
    theme.set_text_size(100)
    assert plots.distance.item.getAxis("bottom").label.isVisible()


def test_one_noise_along_each_schedule(qtbot: QtBot, see: SeeWorkspace, lab: Lab) -> None:
    choose(find(see, "race.preset", QComboBox), "spacing")
    assert titles(see) == [
        "DPM++ 2M, Sprite Lab, 6 steps",
        "DPM++ 2M, Linear, 6 steps",
        "DPM++ 2M, Cosine, 6 steps",
        "DPM++ 2M, Karras, 6 steps",
    ]
    race(qtbot, see)
    run = see.page("race").run  # type: ignore[attr-defined]
    found = [run.lane(entry).trajectory for entry in run.entries]
    assert [lane.config.spacing for lane in found] == ["shape", "linear", "cosine", "karras"]
    assert run.lane(run.references[0]).trajectory.config.spacing == "shape"
    assert len({lane.final().tobytes() for lane in found}) == 4
    stored = RaceConfig.from_json(lab.settings.value.forms["race.lanes"])
    assert [lane.spacing for lane in stored.lanes] == ["shape", "linear", "cosine", "karras"]
    choose(find(see, "race.add.spacing", QComboBox), "linear")
    type_number(qtbot, see, "race.add.steps.field", 3)
    click(qtbot, see, "race.add")
    assert titles(see)[-1] == "DPM++ 2M, Linear, 3 steps"


def test_an_added_lane_comes_in_sight(qtbot: QtBot, see: SeeWorkspace) -> None:
    see.window().resize(1000, 480)
    while len(titles(see)) < 8:
        click(qtbot, see, "race.add")
    last = find(see.window(), "race.7.name", QLabel)
    qtbot.waitUntil(lambda: not last.visibleRegion().isEmpty())


def choose(box: QComboBox, value: object) -> None:
    """Choose an entry as a user does."""
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def assert_readable(path: PathPlot) -> None:
    """The paths are completely visible, and no name covers another."""
    view = path.item.getViewBox()
    box = view.sceneBoundingRect()
    for name, points in path.paths.items():
        (left, right), (low, high) = view.viewRange()
        inside = (points >= (left, low)) & (points <= (right, high))
        assert inside.all(), f"{name} is cut"
    rects = [text.sceneBoundingRect() for text in path.texts]
    for i, rect in enumerate(rects):
        assert box.contains(rect), path.texts[i].toPlainText()
        assert not any(rect.intersects(other) for other in rects[:i]), "one name over another"


def test_a_name_is_in_the_color_of_its_path_and_nearest_to_its_dot() -> None:
    """“50 steps” was once below the end of the gray curve, and “12 steps” above the dot of 50."""
    rect = QRectF(10, 10, 40, 12)
    own, near, far = np.array([8.0, 8.0]), np.array([52.0, 16.0]), np.array([60.0, 16.0])
    assert not is_astray(rect, [far], own, by=5)
    assert is_astray(rect, [far, near], own, by=5)
    curves = current_theme().curves
    said = colored([("12", 2), ("50 steps", 3)], True, current_theme())
    assert f"color: {curves[2].color}'>12</span>, " in said
    assert f"color: {curves[3].color}'>50 steps</span>" in said


@pytest.mark.learned
def test_one_sampler_races_with_ever_more_steps_along_the_curve(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab
) -> None:
    """The curve shows why many steps are needed, and why 12 suffice; it was not drawn before."""
    page = see.page("race")
    assert isinstance(page, RacePage)
    choose(find(see, "race.preset", QComboBox), "ddim")
    assert titles(see) == ["DDIM, 1 step", "DDIM, 4 steps", "DDIM, 12 steps", "DDIM, 50 steps"]
    assert not page.plots.isVisible(), "there is nothing to plot yet"
    race(qtbot, see)
    click(qtbot, see, "race.plots.path")
    path = page.plots.path
    assert path.isVisible()
    assert lesson_value(path) == 4
    exact = lane(lab, "ddim", STEPS).trajectory
    curve = without_first_noise(exact, 0)
    plane = plane_of(curve)
    for (name, drawn), steps in zip(path.paths.items(), (1, 4, 12, 50), strict=True):
        assert name.endswith(trn("{n} step", "{n} steps", steps))
        points = without_first_noise(lane(lab, "ddim", steps).trajectory, 0)
        np.testing.assert_allclose(drawn, plane.project(points), atol=1e-6)
    ends = [figures(see, row)[2] for row in range(4)]
    assert [float(end) for end in ends] == sorted(map(float, ends), reverse=True)
    assert "steps" in {text.toPlainText().split()[-1] for text in path.texts}
    assert "Sprite 1 without its first noise" in path.readout.text()
    plots = page.plots
    readouts = [plot.readout.isVisible() for plot in (plots.distance, path, plots.steps)]
    assert readouts == [False, True, False], "one lies over another"
    assert_readable(path)
    page.timeline_model.set_frame(0)
    dots = np.array([point.pos() for point in path.dots.points()], dtype=object)
    assert len(dots) == 4, "each path is at its start"
    painted = [point.brush().color().name() for point in path.dots.points()]
    assert painted == [QColor(curve.color).name() for curve in current_theme().curves[:4]]
    page.timeline_model.set_frame(len(page.timeline_model.axis) - 1)
    end = path.item.getViewBox().mapViewToScene(path.dots.points()[0].pos())
    picture, (x, y) = path.view.grab().toImage(), path.view.mapFromScene(end).toTuple()
    around = ((x, y), (x - 2, y), (x + 2, y), (x, y - 2), (x, y + 2))  # wider than the path itself
    seen = {picture.pixelColor(*place).name() for place in around}
    inks = [QColor(name).getRgb()[:3] for name in (*seen, painted[0])]
    assert np.ptp(inks, axis=0).max() < 24, "the dot at the end of its path is seen"
    grid = find(see, "race.1.grid", SpriteGrid)
    qtbot.mouseClick(grid, LEFT, pos=grid.cell_rect(1).center().toPoint())
    assert "Sprite 2 without its first noise" in path.readout.text()
    # Lanes drawn earlier stay in the curve over steps, one curve for each sampler.
    click(qtbot, see, "race.plots.steps")
    choose(find(see, "race.preset", QComboBox), "dpmpp_2m")
    assert lesson_value(path) == 0
    race(qtbot, see)
    series = page.plots.steps.series
    assert list(series) == ["DDIM", "DPM++ 2M"]
    for curve_by_steps in series.values():
        assert curve_by_steps.x.tolist() == pytest.approx(np.log2([1, 4, 12, 50]))
    wanted = [f"{away:.1f}" for away in series["DPM++ 2M"].y]
    assert wanted == [figures(see, row)[2] for row in range(4)]


def test_what_is_chosen_while_the_model_loads_holds(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab
) -> None:
    """A lesson that opened Race once got other lanes than it had requested."""
    again = RacePage(lab)
    assert not again.run.racers
    panel = again.inspector
    choose(panel.findChild(QComboBox, "race.preset"), "ddim")
    choose(panel.findChild(QComboBox, "race.class"), "")
    qtbot.waitUntil(lambda: bool(again.run.entries), timeout=20_000)
    assert [entry.steps for entry in again.run.entries] == [1, 4, 12, 50]
    assert {entry.sampler for entry in again.run.entries} == {"ddim"}
    assert again.run.base.classes == ()
    assert len(again.run.first) == 4
    assert again.run.first[1].sampler == "heun", "what it would have begun with"
    delete_now(again, again.inspector)


def test_lanes_with_fresh_noise_have_no_path(qtbot: QtBot, see: SeeWorkspace) -> None:
    page = see.page("race")
    assert isinstance(page, RacePage)
    plots, path = page.plots, page.plots.path
    said = []
    page.run.changed.connect(lambda: said.append((path.paths.copy(), lesson_value(path))))
    with qtbot.assertNotEmitted(find(see, "race.preset", QComboBox).model().rowsRemoved):
        race(qtbot, see)  # when its list of presets may be open
    assert [name.split(":")[0] for name in path.paths] == ["1", "2", "3"]
    assert "Lanes with fresh noise have none." in path.readout.text()
    # Before the reference was drawn, 1 step was once a point in the plane of the others.
    assert {len(paths) for paths, _ in said} == {0, 3}
    assert (len(path.paths), lesson_value(path)) == (3, 3)
    readouts = [plot.readout for plot in (plots.distance, plots.path, plots.steps)]
    assert [readout.isVisible() for readout in readouts] == [True, False, False]
    assert_readable(path)
    named = {line.strip() for text in path.texts for line in text.toPlainText().split("\n")}
    assert named == {"from noise", "DDIM", "Heun", "DPM++ 2M"}, "lanes have no numbers"
    # A lane that is not drawn yet moves the others down, including their numbers and colors.
    page.run.move(page.run.add(page.run.entries[0].ref, "ddim", 3), -len(page.run.entries))
    assert [name.split(":")[0] for name in path.paths] == ["2", "3", "4"]
    assert [series.which for series in path.series.values()] == [1, 2, 3]


def test_after_a_race_the_keys_move_its_slider(qtbot: QtBot, see: SeeWorkspace) -> None:
    """The focus once went to a heading, which then had a ring."""
    button = find(see.window(), "race.start", QAbstractButton)
    see.window().activateWindow()
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.waitUntil(find(see.window(), "race.cancel", QAbstractButton).hasFocus)
    finish(qtbot, see)
    assert see.page("race").timeline.slider.hasFocus()


def test_a_locked_noise_stays(qtbot: QtBot, see: SeeWorkspace, lab: Lab) -> None:
    race(qtbot, see)
    start, seed = find(see, "race.start", QAbstractButton), find(see, "race.seed", SeedField)
    assert seed.seed == 0
    assert not start.isEnabled()
    assert "unlock it" in start.toolTip()
    click(qtbot, see, "race.seed.lock")
    assert start.text() == "Race with a new seed"
    click(qtbot, see, "race.start")
    finish(qtbot, see)
    assert seed.seed != 0


def test_what_autoguidance_asks_is_counted(qtbot: QtBot, see: SeeWorkspace, lab: Lab) -> None:
    model = lab.model.value
    led = replace(model, weak=model.denoiser)  # type: ignore[type-var]
    plain = lane(lab, "ddim", 5, autoguidance=0.0, guidance_scale=2.0)
    assert (plain.evaluations, lane(lab, "ddim", 5, led, guidance_scale=2.0).evaluations) == (
        10,
        15,
    )


def test_words_are_dealt_if_there_are_any_and_it_is_asked_for(see: SeeWorkspace) -> None:
    """A single step, which ends in a blur, once had words that made something definite of it."""
    panel = see.page("race").panel  # type: ignore[attr-defined]
    box = panel.findChild(QCheckBox, "race.deal_prompts")
    assert box.isHidden()
    panel.set_model(StandInModel(prompts=(Prompt(words=("red",)),)))
    assert not box.isHidden()
    assert panel.form.value.deal_prompts
    box.setChecked(False)
    assert not panel.form.value.deal_prompts


def test_the_race_of_the_last_session_is_there_again(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    for row in (3, 2, 1):
        click(qtbot, see, f"race.{row}.remove")
    find(see, "race.seed", SeedField).set_seed(5)
    box = find(see, "race.class", QComboBox)
    box.setCurrentIndex(box.findData("food"))
    race(qtbot, see)
    assert titles(see) == ["DDIM, 12 steps"]
    drawn = shown(see, 0, 1)
    kept = json.loads(json.dumps(lab.settings.value.forms))  # as in the settings file
    lab.settings.replace(forms=kept)
    held = Held(see_tasks.race_lane)
    monkeypatch.setattr(see_tasks, "race_lane", held)
    again = RacePage(lab)
    qtbot.waitUntil(lambda: again.run.running, timeout=60_000)
    assert lab.settings.value.forms["race.lanes"]["drawn"], "whoever closes now finds it again"
    held.go_on.set()
    qtbot.waitUntil(lambda: again.run.any_done, timeout=60_000)
    (entry,) = again.run.entries
    lane = again.run.lane(entry)
    assert (entry.title, lane.trajectory.count) == ("DDIM, 12 steps", 2)
    assert (again.run.base.seed, again.run.base.classes) == (5, ("food",))
    assert np.array_equal(to_pixels(lane.trajectory.x0[-1, 1]), drawn)
    again.run.cancel()
    delete_now(again, again.inspector)


def test_a_race_of_another_model_than_the_open_one_is_there_again(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lanes were once restored only if one used the open model; otherwise default
    lanes replaced them.
    """
    monkeypatch.setattr("sprite_lab.app.files.library.resource", resource)
    page = see.page("race")
    assert isinstance(page, RacePage)
    page.run.show_lanes([LaneConfig("real", "ddim", steps) for steps in (2, 3)])
    race(qtbot, see)
    again = RacePage(lab)
    qtbot.waitUntil(lambda: again.run.any_done and not again.run.running, timeout=60_000)
    assert [entry.config for entry in again.run.entries] == list(page.run.lanes.lanes)
    assert all(again.run.lane(entry) for entry in again.run.entries)
    delete_now(again, again.inspector)


def test_default_lanes_do_not_follow_to_another_model(see: SeeWorkspace, lab: Lab) -> None:
    assert len(titles(see)) == 4
    assert not lab.settings.value.forms["race.lanes"]["lanes"], "another model has its own"


def test_canceling_keeps_the_lanes_that_are_done(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_references(monkeypatch)
    click(qtbot, see, "race.start")
    said = see.window().findChild(QLabel, "race.progress_text")
    qtbot.waitUntil(lambda: said.text() == f"DDIM, {STEPS} steps")
    click(qtbot, see, "race.cancel")
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=10_000)
    assert [figures(see, row)[0] for row in range(4)] == ["24", "22", "24", "24"]
    assert figures(see, 0)[2] == "…"
    assert find(see, "race.start").text() == "Resume race"


def test_why_there_is_no_plot_yet_is_read_whole(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab, theme: ThemeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In large text and with five lanes, half of it was once below the page."""
    page = see.page("race")
    assert isinstance(page, RacePage)
    page.run.add(page.run.entries[0].ref, "euler", 12)
    theme.set_text_size(150)
    see.setFixedSize(730, 660)
    hold_references(monkeypatch)
    click(qtbot, see, "race.start")
    qtbot.waitUntil(lambda: page.run.any_done)
    settle(see.window(), page)
    click(qtbot, see, "race.part.plot")
    settle(see.window(), page)
    why = find(see, "race.plot.nothing", QLabel)
    assert why.text() == "Available once the reference is drawn."
    assert why.visibleRegion().boundingRect() == why.rect()
    assert why.height() >= why.heightForWidth(why.width())
    click(qtbot, see, "race.cancel")
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=10_000)


def test_no_lane_shrinks_as_a_race_begins(qtbot: QtBot, see: SeeWorkspace) -> None:
    """The plot once took its room from the lanes when it appeared."""
    page = see.page("race")
    assert isinstance(page, RacePage)
    see.setFixedSize(1176, 900)
    settle(see.window(), page)
    before = page.lanes.height()
    race(qtbot, see)
    settle(see.window(), page)
    assert page.plots.isVisible()
    assert page.lanes.height() == before


def test_nothing_moves_as_the_reference_arrives(
    qtbot: QtBot, see: SeeWorkspace, theme: ThemeManager
) -> None:
    """The switch and the plot once jumped if the text needed more lines than the switch."""
    page = see.page("race")
    assert isinstance(page, RacePage)
    race(qtbot, see)
    theme.set_text_size(150)
    see.setFixedSize(620, 660)
    plots = page.plots
    settle(see.window(), page)
    click(qtbot, see, "race.part.plot")
    for name, plot in (("distance", plots.distance), ("steps", plots.steps)):
        click(qtbot, see, f"race.plots.{name}")
        places = []
        for why in ("", "Available once the reference is drawn."):
            plot.say_nothing(why)
            settle(see.window(), page)
            place = plots.choice.mapTo(see, plots.choice.rect().topLeft())
            places.append((place, plot.mapTo(see, plot.rect().topLeft())))
        assert places[0] == places[1]


def test_a_lane_is_watched_and_a_sprite_drawn_on(qtbot: QtBot, see: SeeWorkspace, lab: Lab) -> None:
    race(qtbot, see)
    grid = find(see, "race.1.grid", SpriteGrid)
    qtbot.mouseClick(grid, LEFT, pos=grid.cell_rect(1).center().toPoint())
    assert find(see, "race.chosen", QLabel).text() == "Heun, 6 steps: sprite 2"
    lab.project.load(CellSheet(1, 1, side=24))
    assert not find(see, "race.draw").isEnabled(), "its cells have another size"
    lab.project.load(CellSheet(1, 1))
    wanted = lane(lab, "heun", 6)
    with qtbot.waitSignal(lab.workspace_wanted):
        click(qtbot, see, "race.draw")
    assert np.array_equal(lab.project.cells[0].rgba, wanted.trajectory.rgba()[1])
    click(qtbot, see, "race.watch")
    assert see.current == "watch"
    np.testing.assert_array_equal(lab.trajectory.value.x_t, wanted.trajectory.x_t)
    assert find(see, "see.about", QLabel).text() == "sprite 2 of 2"


def test_a_student_races_against_its_teacher(qtbot: QtBot, see: SeeWorkspace, lab: Lab) -> None:
    from sprite_lab.engine.models.model import load_model

    shipped = (
        ShippedModel("builtin", "Built-in sprites", "Built-in sprites", None, 1),
        ShippedModel("builtin-student", "Built-in, 4 steps", "Built-in sprites", "builtin", 1),
    )
    lab.shipped.set(shipped)
    assert titles(see)[-1].startswith("Student")
    while len(titles(see)) > 1:
        click(qtbot, see, "race.0.remove")
    race(qtbot, see)
    student = load_model("builtin-student")
    wanted = lane(lab, "student", 4, student)
    exact = lane(lab, "ddim", STEPS)
    apart = distance(wanted.trajectory.x0[-1], exact.trajectory.x0[-1]).mean()
    assert figures(see, 0)[0] == "4", "guidance takes no second look"
    assert figures(see, 0)[2] == f"{apart:.1f}"
    note = see.findChild(QLabel, "race.0.note")
    assert note.isHidden(), "it follows its teacher's curve, and draws no fresh noise"
    assert np.array_equal(shown(see, 0, 0), to_pixels(wanted.trajectory.x0[-1, 0]))


def test_sprites_are_as_large_as_lanes_and_plot_have_room(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab
) -> None:
    """In wide lanes they were once small, with empty space around them."""
    page = see.page("race")
    assert isinstance(page, RacePage)
    page.run.add(page.run.entries[0].ref, "euler", 12)
    race(qtbot, see)
    see.window().resize(1920, 980)
    settle(see.window())
    rows = page.lanes.findChildren(LaneRow)
    scales = {int(row.grid.cell_rect(0).width()) // 16 for row in rows}
    assert len(scales) == 1, "one sprite is compared with another"
    (scale,) = scales
    assert scale >= 4, "five lanes and the reference on a screen of 1920x1080"
    left = page.plot.height() - PLOT
    larger = sum(row.height_at(scale + 1) - row.height() for row in rows)
    assert larger > left, f"they would fit {scale + 1} times as large as their pixels"


def test_all_that_is_compared_is_in_sight_on_a_small_screen(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab
) -> None:
    """Five lanes, the default for a model with a student, and the reference."""
    page = see.page("race")
    assert isinstance(page, RacePage)
    page.run.add(page.run.entries[0].ref, "euler", 12)
    assert len(page.run.entries) == 5
    race(qtbot, see)
    # The room left in 1280x800 by menus, tabs and the status bar, beside library and panel.
    see.setFixedSize(760, 702)
    settle(see.window())
    lanes = page.lanes.findChildren(LaneRow)
    assert len(lanes) == 6
    assert all(lane.visibleRegion().boundingRect() == lane.rect() for lane in lanes)
    assert all(lane.grid.cell_rect(0).width() >= 2 * 16 for lane in lanes)
    arrows = [lane.up for lane in lanes if not lane.entry.is_reference]
    assert all(arrow.height() >= arrow.iconSize().height() for arrow in arrows)
    assert page.plot.isVisible()


@pytest.mark.parametrize("percent", [100, 125, 150])
def test_sprites_of_low_lanes_have_twice_their_pixels(
    lab: Lab, qtbot: QtBot, theme: ThemeManager, percent: int
) -> None:
    """At 125 % they once had only as many pixels on the screen as in the model."""
    theme.set_text_size(percent)
    row = LaneRow(Entry("builtin", "ddim", 12), 0, 4, 16)
    qtbot.addWidget(row)
    row.show()
    row.set_compact(True)
    row.show_pixels(np.zeros((4, 16, 16, 3), np.uint8))
    row.keep_sprites(2)
    row.resize(726, row.minimumHeight())
    settle(row)
    assert row.height() <= round(40 * percent / 100)
    assert row.grid.cell_rect(0).width() >= 2 * 16
    assert row.width_beside(2) <= 650, "beside the panels of a small screen"
    for name in ("up", "remove"):
        button = row.findChild(QAbstractButton, f"race.0.{name}")
        assert button.width() >= button.iconSize().width()


def test_lanes_keep_room_for_their_steps(lab: Lab, qtbot: QtBot, theme: ThemeManager) -> None:
    """Beside a lesson, German lanes once had "12 Schri…"."""
    theme.set_text_size(150)
    row = LaneRow(Entry("builtin", "ddim", 10_000_000), 0, 2, 16)
    qtbot.addWidget(row)
    row.set_model("")
    row.keep_name(row.name_needed)
    row.resize(row.width_beside(), row.minimumHeight())
    row.show()
    settle(row)
    steps = find(row, "race.0.model", ElidedLabel)
    assert steps.text().endswith(" steps")
    assert steps.shown_text() == steps.text()


def test_names_give_way_before_lanes_become_high(
    qtbot: QtBot, see: SeeWorkspace, theme: ThemeManager
) -> None:
    """With Spanish headings only two lanes of five were once visible, with
    sprites below the names.
    """
    lanes = see.page("race").lanes
    theme.set_text_size(150)
    settle(see.window())
    row = find(see, "race.0", LaneRow)
    row.keep_name(141)  # as in large text
    lanes.setFixedWidth(row.width_beside() + 2 * lanes.frameWidth() - 10)
    settle(see.window())
    for row in (row for row in lanes.findChildren(LaneRow) if row.isVisible()):
        model = row.findChild(ElidedLabel, f"{row.objectName()}.model")
        assert row.grid.parentWidget().y() < model.mapTo(row, model.rect().bottomLeft()).y()
        assert model.shown_text().startswith(model.text().split(" · ")[0])


def test_the_reference_stays_in_sight_and_steps_are_read_whole(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab, theme: ThemeManager
) -> None:
    """Large text on a small screen once left room for two lanes, without the reference."""
    page = see.page("race")
    assert isinstance(page, RacePage)
    page.run.add(page.run.entries[0].ref, "euler", 12)
    race(qtbot, see)
    theme.set_text_size(150)
    see.setFixedSize(730, 660)
    settle(see.window())
    rows = page.lanes.findChildren(LaneRow)
    (reference,) = (row for row in rows if row.entry.is_reference)
    assert reference.visibleRegion().boundingRect() == reference.rect()
    assert len({row.height() for row in rows}) == 1
    assert all(row.visibleRegion().boundingRect() == row.rect() for row in rows)
    for row in rows:
        model = row.findChild(ElidedLabel, f"{row.objectName()}.model")
        assert model.shown_text().startswith(model.text().split(" · ")[0])
    names = [row.findChild(ElidedLabel, f"{row.objectName()}.name").shown_text() for row in rows]
    assert names[-1] == "Reference"
    assert "DPM++ 2M" in names
    assert any(name.endswith("SDE") for name in names)
    seconds = [row.findChild(QLabel, f"{row.objectName()}.figure.1") for row in rows]
    assert all(figure.isVisible() for figure in seconds)
    about = find(see, "race.caption", QLabel).text().replace("\N{NO-BREAK SPACE}", " ")
    about = about.replace("\N{WORD JOINER}", "")
    told = "5 lanes, 2 sprites each · guidance 2 · seed 0 · Adds fresh noise: DPM++ 2M SDE"
    assert about == f"Built-in sprites · {told}"


def test_all_lanes_are_seen_or_the_plot_where_both_have_no_room(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab, theme: ThemeManager
) -> None:
    """Large text on a small screen once left room for three lanes of five and 85
    pixels of the plot.
    """
    page = see.page("race")
    assert isinstance(page, RacePage)
    page.run.add(page.run.entries[0].ref, "euler", 12)
    race(qtbot, see)
    theme.set_text_size(150)
    see.setFixedSize(686, 675)  # beside the panels in a window of 1280x800
    settle(see.window())
    rows = page.lanes.findChildren(LaneRow)
    assert all(row.visibleRegion().boundingRect() == row.rect() for row in rows)
    assert not page.plot.isVisible()
    click(qtbot, see, "race.part.plot")
    settle(see.window())
    assert page.plot.item.getViewBox().height() >= 200
    keys = [key for key in page.plot.findChildren(LegendEntry) if key.isVisible()]
    lanes = [page.run.title(entry) for entry in page.run.entries]
    assert [key.accessibleName() for key in keys] == lanes, "whose colors are out of sight"
    assert not page.lanes.isVisible()
    unfold(page.lanes)  # like a lesson that names them
    assert page.lanes.isVisible()
    page.plots.choice.set_value("path")  # like a lesson whose answer it is
    assert page.plots.path.isVisible()
    theme.set_text_size(100)
    settle(see.window())
    assert page.lanes.isVisible()
    assert page.plots.path.isVisible()
    assert not page.findChild(QWidget, "race.part").isVisible()
    page.plots.choice.set_value("distance")
    assert not any(key.isVisible() for key in page.plot.findChildren(LegendEntry))


def test_sprites_are_seen_beside_a_lesson(
    qtbot: QtBot, see: SeeWorkspace, lab: Lab, theme: ThemeManager
) -> None:
    """In large text, a sprite's pixel was once a single pixel on the screen."""
    page = see.page("race")
    assert isinstance(page, RacePage)
    race(qtbot, see)
    theme.set_text_size(150)
    for width in (560, 590, 640, 730, 1000):
        see.setFixedSize(width, 675)
        settle(see.window())
        rows = page.lanes.findChildren(LaneRow)
        assert min(row.grid.cell_rect(0).width() for row in rows) >= 2 * 16
        assert max(row.height() for row in rows) <= 1.5 * 80, "sprites are beside their names"
        seconds = rows[0].findChild(QLabel, "race.0.figure.1")
        assert seconds.isVisible() or width < 730


def test_names_are_read_whole_beside_large_text(see: SeeWorkspace, theme: ThemeManager) -> None:
    """On a small screen, one was once "DPM+… SDE", though there was room beside it."""
    theme.set_text_size(150)
    see.setFixedSize(686, 540)  # beside the panels in a window of 1280x800
    settle(see.window())
    found = see.page("race").lanes.findChildren(ElidedLabel)
    names = [label for label in found if label.objectName().endswith(".name") if label.isVisible()]
    assert "DPM++ 2M SDE" in [name.text() for name in names]
    for name in names:
        assert name.fontMetrics().horizontalAdvance(name.text()) <= name.width(), name.text()


def test_a_name_is_written_smaller_before_it_is_cut(qtbot: QtBot, theme: ThemeManager) -> None:
    """In large text, Spanish headings once left “DPM+… SDE” of a name."""
    theme.set_text_size(150)
    label = ElidedLabel(name="name", elide=Qt.TextElideMode.ElideMiddle, narrows=True)
    qtbot.addWidget(label)
    label.setText("DPM++ 2M SDE")
    whole = label.fontMetrics().horizontalAdvance(label.text())
    for width in range(round(0.75 * whole), whole + 2):  # fractions of a pixel matter, too
        label.resize(width, 30)
        assert label.shown_text() == label.text(), width
    label.resize(round(0.5 * whole), 30)
    assert label.shown_text() != label.text()


def test_what_is_shown_has_the_words_of_watch(see: SeeWorkspace) -> None:
    page = see.page("race")
    assert isinstance(page, RacePage)
    words = [button.text() for button in page.view.findChildren(QAbstractButton)]
    assert words == ["Noisy", "Clean"] == [view.button for view in VIEWS[:2]]
    assert page.view.value == "x0"


def test_a_lane_shows_the_whole_name_where_there_is_room(qtbot: QtBot) -> None:
    lane = LaneRow(Entry("run", "dpmpp_2m_sde", 12), 0, 6, 16)
    qtbot.addWidget(lane)
    lane.set_model("built-in-sprites, 25 Nov 12:00")
    lane.resize(720, 80)  # as in a window of 1280 pixels
    lane.show()
    name, model = (find(lane, f"race.0.{part}", QLabel) for part in ("name", "model"))
    assert name.text() == "DPM++ 2M SDE"
    assert model.text() == "12 steps · built-in-sprites, 25 Nov 12:00"
    assert name.fontMetrics().horizontalAdvance(name.text()) <= name.width()
    assert model.fontMetrics().horizontalAdvance("12 steps · built-in-sprites") <= model.width()
    lane.resize(570, 80)  # and in the smallest window: the name shrinks, not the buttons
    assert lane.width() == 570
    assert find(lane, "race.0.remove", QWidget).geometry().right() < lane.width()
    assert model.toolTip() == model.text()
    assert name.toolTip() == "DPM++ 2M SDE, 12 steps"
    # A name shared by all lanes, and other labels, are shown whole or not at all.
    assert isinstance(model, ElidedLabel)
    model.resize(180, model.height())
    assert "…" in model.shown_text()
    lane.set_model("built-in-sprites, 25 Nov 12:00", shared=True)
    assert model.shown_text() == "12 steps"
    lane.say_drawing()
    assert model.shown_text() in ("still drawing", "12 steps · still drawing")
    # At its minimum height, it shows everything, whatever the name of its sampler.
    lane.set_note("Adds fresh noise", "")
    lane.resize(570, lane.minimumHeight())
    note = find(lane, "race.0.note", QLabel)
    for label in (name, model, note):
        assert label.visibleRegion().boundingRect().height() >= label.fontMetrics().height()


def test_without_a_model_it_says_what_to_do(qtbot: QtBot, lab: Lab) -> None:
    see = SeeWorkspace(lab)
    qtbot.addWidget(see)
    see.resize(1000, 700)
    see.show()
    click(qtbot, see, "see.tabs.race")
    with qtbot.waitSignal(lab.workspace_wanted) as asked:
        click(qtbot, see, "race.empty.action")
    assert asked.args == ["train", ""]
    see.hide()


def test_a_lane_says_while_it_is_drawn(see: SeeWorkspace) -> None:
    """Previews of the reference once looked like its result for a minute."""
    page = see.page("race")
    assert isinstance(page, RacePage)
    maker = find(see, "race.0.model", QLabel)
    before = maker.text()
    page.run.previewed.emit(page.run.entries[0], np.zeros((2, 16, 16, 3), np.uint8))
    assert maker.text().endswith(" · still drawing")
    page.lanes.refresh()
    assert maker.text() == before


def test_plain_guidance_evaluates_only_the_network_itself(
    lab: Lab, see: SeeWorkspace, qtbot: QtBot
) -> None:
    """A lane of one step once showed two evaluations, though guidance was off: the other one was of
    the weak version.
    """
    model = lab.model.value
    lab.model.set(replace(model, weak=model.denoiser))  # type: ignore[type-var,union-attr]
    qtbot.waitUntil(find(see, "race.start", QAbstractButton).isEnabled)
    choose(find(see, "race.preset", QComboBox), "ddim")
    for row in (3, 2):
        click(qtbot, see, f"race.{row}.remove")
    type_number(qtbot, see, "race.guidance.field", 1)
    race(qtbot, see)
    assert [figures(see, row)[0] for row in range(2)] == ["2", "8"]
    find(see, "race.plain_guidance", QCheckBox).click()
    race(qtbot, see)
    assert [figures(see, row)[0] for row in range(2)] == ["1", "4"]
