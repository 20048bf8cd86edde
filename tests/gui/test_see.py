"""See, used like a person would: forward, reverse, scrubbing, a single sprite, export."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QFontMetricsF, QImage, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QSlider,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app import tasks
from sprite_lab.app.files.library import ShippedModel
from sprite_lab.app.lab import Lab
from sprite_lab.app.task import Task
from sprite_lab.core.config import AnimationConfig, SampleConfig, SpriteFilesConfig
from sprite_lab.core.records import Preview, Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import (
    SpriteSet,
    alpha_from_background,
    to_model_space,
    to_pixels,
)
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.core.trajectories.frame_views import ViewName, frame_pixels
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.ui.see.watch.page import WatchPage
from sprite_lab.ui.see.watch.reverse_panel import TRIES
from sprite_lab.ui.see.watch.schedule_use_plot import ScheduleUsePlot
from sprite_lab.ui.see.watch.stage import pixel_words
from sprite_lab.ui.see.watch.views import FIRST_VIEWS
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.ui.widgets.sprites.caption import TrajectoryCaption
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from tests.gui.alone import click, find, in_a_window
from tests.gui.stand_ins import EvenClock, StandInModel
from tests.gui.test_widgets import pixels
from tests.qt import delete_now, is_at_rest, settle

LEFT = Qt.MouseButton.LeftButton


def made_trajectory(images: np.ndarray, frames: int = 11) -> Trajectory:
    """A reverse trajectory that ends exactly at uint8 (N, H, W, 3) images."""
    clean = to_model_space(images)
    noise = np.random.default_rng(3).standard_normal(clean.shape)
    log_snr = np.linspace(-9, 18, frames).astype(np.float32)
    share = np.linspace(0, 1, frames)[:, None, None, None, None]
    x0 = share * clean
    alpha = np.sqrt(1 / (1 + np.exp(-log_snr)))[:, None, None, None, None]
    x_t = alpha * x0 + np.sqrt(1 - alpha**2) * noise
    levels = np.linspace(500, 0, frames).astype(np.float32)
    return Trajectory("reverse", levels, log_snr, x_t.astype(np.float16), x0.astype(np.float16))


@pytest.fixture
def lab(qapp: QApplication, home: Path, sprites: SpriteSet) -> Iterator[Lab]:
    lab = Lab()
    lab.data.set(sprites)
    yield lab
    assert lab.jobs.shut_down(60)
    delete_now(lab)


@pytest.fixture
def see(qtbot: QtBot, lab: Lab) -> Iterator[WatchPage]:
    workspace = WatchPage(lab)
    window = in_a_window(qtbot, workspace)
    yield workspace
    delete_now(window)


def shots(see: WatchPage, kind: str = "grid") -> dict[str, np.ndarray]:
    """The content of the three views, as uint8 (H, W, 3)."""
    return {
        view: pixels(find(see, f"see.{kind}.{view}").grab().toImage())
        for view in ("x_t", "x0", "epsilon")
    }


# -- forward ---------------------------------------------------------------------------------


def test_the_stage_never_shows_the_other_process(qtbot: QtBot, see: WatchPage, lab: Lab) -> None:
    """With Forward selected, it once continued to show the reverse process."""
    lab.model.set(StandInModel())
    reverse = made_trajectory(lab.data.value.images[:2])
    lab.trajectory.set(reverse)
    assert see.mode.value == "reverse"
    assert see.stack.currentWidget() is see.stage
    see.timeline_model.play()
    click(qtbot, see, "see.mode.forward")
    assert not see.stage.isVisible()
    assert find(see, "see.empty.action").isVisible()
    assert not see.timeline.isEnabled()
    assert see.timeline.toolTip() == "These are the steps of the other process."
    assert not see.timeline_model.state.playing
    click(qtbot, see, "see.mode.reverse")
    assert see.stage.isVisible()
    assert see.timeline.isEnabled()
    assert lab.trajectory.value is reverse, "nothing is lost by a look"
    # And the other way around, with sprites selected before.
    click(qtbot, see, "see.mode.forward")
    click(qtbot, see, "see.empty.action")
    qtbot.waitUntil(lambda: lab.trajectory.value is not reverse, timeout=20_000)
    assert see.stage.isVisible()
    see.timeline_model.pause()
    click(qtbot, see, "see.mode.reverse")
    assert not see.stage.isVisible()
    lab.trajectory.set(reverse)
    click(qtbot, see, "see.mode.forward")
    action = find(see, "see.empty.action", QAbstractButton)
    assert action.text() == "Dissolve the selected sprites"
    action.click()
    qtbot.waitUntil(lambda: lab.trajectory.value is not reverse, timeout=20_000)
    assert lab.trajectory.value.kind == "forward"
    lab.data.set(None)
    lab.trajectory.set(reverse)
    click(qtbot, see, "see.mode.forward")
    assert action.text() == "Open “Built-in sprites”"


def test_the_schedule_is_in_percent_too_and_shows_its_use(
    qtbot: QtBot, see: WatchPage, lab: Lab
) -> None:
    see.mode.set_value("forward")
    right = see.schedule.item.getAxis("right")
    assert right.isVisible()
    assert (0.0, "50%") in right._tickLevels[0]
    use = see.forward.findChild(ScheduleUsePlot)
    settle(see.window())
    words = see.forward.findChild(QLabel, "see.schedule_use.words")
    box = find(see, "see.schedule", QComboBox)
    shown = []
    for name in ("linear", "karras"):
        box.setCurrentIndex(box.findData(name))
        shown.append(words.text())
        assert use.series["even"].y[::2].sum() == pytest.approx(1.0)
    assert shown[0] != shown[1]
    assert "33% of the training steps have less than 1% signal" in shown[1]
    ranges = {str(use.item.getViewBox().viewRange())}
    for name in ("linear", "cosine", "karras"):
        box.setCurrentIndex(box.findData(name))
        ranges.add(str(use.item.getViewBox().viewRange()))
    assert len(ranges) == 1, "schedules are compared on one scale"
    straight = use.series["even"].y
    see.schedule.handles[3].setPos(250, float(see.schedule._heights()[3]) - 1.0)
    assert use.series["even"].y.tolist() != straight.tolist(), "a bend counts too"


def test_large_words_take_nothing_from_the_use_of_a_schedule(
    qtbot: QtBot, see: WatchPage, lab: Lab, theme: ThemeManager
) -> None:
    """In German they once hid the numbers on its axis."""
    see.mode.set_value("forward")
    theme.set_text_size(150)
    use = see.forward.findChild(ScheduleUsePlot)
    use.set_hint("Words of a language that needs much more room than English. " * 3)
    settle(see.window())
    assert use.view.height() == 195
    assert use.readout.y() >= use.view.parentWidget().geometry().bottom()
    assert use.readout.height() >= use.readout.heightForWidth(use.readout.width())
    axis = use.item.getAxis("bottom")
    ticks, apart = axis._tickLevels[0], axis.width() / np.ptp(axis.range)
    metrics = QFontMetricsF(axis.style["tickFont"])
    for (one, left), (other, right) in itertools.pairwise(ticks):
        words = (metrics.horizontalAdvance(left) + metrics.horizontalAdvance(right)) / 2
        assert (other - one) * apart > words + 4


def test_the_empty_stage_offers_to_dissolve_sprites(qtbot: QtBot, see: WatchPage, lab: Lab) -> None:
    click(qtbot, see, "see.empty.action")
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=20_000)
    assert lab.trajectory.value.kind == "forward"
    assert lab.trajectory.value.count == 16
    slider = find(see, "timeline.slider", QSlider)
    # It plays at once, from the clean end on the right to the noise on the left.
    qtbot.waitUntil(lambda: slider.value() < slider.maximum() - 2)
    qtbot.keyClick(slider, Qt.Key.Key_Space)
    here = slider.value()
    qtbot.wait(120)
    assert slider.value() == here


def test_picked_sprites_dissolve(
    qtbot: QtBot, see: WatchPage, lab: Lab, sprites: SpriteSet
) -> None:
    picker = find(see, "see.picker", SpriteGrid)
    qtbot.mouseClick(picker, LEFT, pos=picker.cell_rect(2).center().toPoint())
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(picker, LEFT, control, picker.cell_rect(5).center().toPoint())
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=20_000)
    final = to_pixels(lab.trajectory.value.final())
    assert np.array_equal(final, sprites.images[[2, 5]])


def test_a_schedule_that_is_dragged_is_that_of_the_process(
    qtbot: QtBot, see: WatchPage, lab: Lab
) -> None:
    picker = find(see, "see.picker", SpriteGrid)
    qtbot.mouseClick(picker, LEFT, pos=picker.cell_rect(2).center().toPoint())
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=20_000)
    before = lab.trajectory.value
    see.timeline_model.set_frame(len(before) // 2 + 5)
    plot, reset = see.schedule, find(see, "see.schedule_reset", QAbstractButton)
    assert not reset.isEnabled()
    handle = plot.handles[3]
    handle.setPos(handle.pos().x(), handle.pos().y() + 2.0)
    qtbot.waitUntil(lambda: lab.trajectory.value is not before, timeout=20_000)
    bent = lab.trajectory.value
    middle = len(before) // 2
    assert see.timeline_model.frame == middle + 5, "t stays where its effect is to be seen"
    assert bent.log_snr[middle] - before.log_snr[middle] == pytest.approx(2.0, abs=0.01)
    assert bent.log_snr[0] == before.log_snr[0]
    assert "(bent)" in find(see, "see.caption", QLabel).text()
    # Beyond its neighbors it would be no schedule: the noise would not grow with t.
    handle.setPos(handle.pos().x(), 15.0)
    assert handle.pos().y() < 10
    click(qtbot, see, "see.schedule_reset")
    qtbot.waitUntil(lambda: lab.trajectory.value is not bent, timeout=20_000)
    np.testing.assert_array_equal(lab.trajectory.value.log_snr, before.log_snr)
    # By keys: the next point, and half a unit down.
    plot.view.setFocus()
    qtbot.keyClick(plot.view, Qt.Key.Key_Right)
    qtbot.keyClick(plot.view, Qt.Key.Key_Down)
    assert plot.bend == pytest.approx((0, 0, 0, 0, -0.5, 0, 0), abs=0.002)


def test_a_bend_with_other_points_is_bent_further(see: WatchPage) -> None:
    """Such as a bend in the settings of another version."""
    plot = see.schedule
    plot.bend_by((0.0, 0.5, 0.0))
    heights = plot._heights()
    handle = plot.handles[6]
    handle.setPos(handle.pos().x(), handle.pos().y() - 1.0)
    assert len(plot.bend) == 7
    assert plot._heights() - heights == pytest.approx([0, 0, 0, 0, 0, 0, -1], abs=0.02)


def test_scrubbing_changes_every_view(qtbot: QtBot, see: WatchPage, lab: Lab) -> None:
    lab.trajectory.set(made_trajectory(lab.data.value.images[:9]))
    slider = find(see, "timeline.slider", QSlider)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    first = shots(see)
    for _ in range(5):
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    middle = shots(see)
    qtbot.keyClick(slider, Qt.Key.Key_End)
    last = shots(see)
    for view in ("x_t", "x0"):
        assert not np.array_equal(first[view], middle[view])
        assert not np.array_equal(middle[view], last[view])
    assert not np.array_equal(middle["epsilon"], last["epsilon"])
    for view in ("x_t", "x0"):  # at the clean end, both show the predicted sprite
        rect = find(see, f"see.grid.{view}", SpriteGrid).cell_rect(4)
        scale = int(rect.width()) // 16
        shown = last[view][int(rect.y()) : int(rect.bottom()), int(rect.x()) : int(rect.right())]
        assert np.array_equal(shown[::scale, ::scale], lab.data.value.images[4])


def test_what_the_views_hold(sprites: SpriteSet) -> None:
    trajectory = made_trajectory(sprites.images[:4])
    k = 5
    assert np.array_equal(frame_pixels(trajectory, k, "x_t"), to_pixels(trajectory.x_t[k]))
    assert np.array_equal(frame_pixels(trajectory, k, "x0", 2)[0], to_pixels(trajectory.x0[k, 2]))
    wanted = to_pixels(trajectory.epsilon(k) / 3)
    shown = frame_pixels(trajectory, k, "epsilon")
    assert np.abs(shown.astype(int) - wanted).max() <= 1
    assert (frame_pixels(trajectory, 10, "epsilon") == 128).all(), "no noise is left to show"


def test_a_level_has_as_much_noise_on_either_way(
    qtbot: QtBot, see: WatchPage, lab: Lab, sprites: SpriteSet
) -> None:
    """t = 220 was once 57 % signal going forward and 40 % coming back, at different places."""
    model = StandInModel()
    lab.model.set(model)  # type: ignore[arg-type]
    see.mode.set_value("forward")
    see.forward.dissolve([0, 1])
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=5000)
    there = lab.trajectory.value
    assert there is not None
    schedule = NoiseSchedule(model.schedule_config)
    np.testing.assert_allclose(there.log_snr, schedule.log_snr(there.t), rtol=1e-5)
    slider = see.timeline.slider
    t = np.array([500, 220, 100, 0], np.float32)
    forward = [slider.frame_x(int(500 - level)) for level in t]
    back = replace(
        made_trajectory(sprites.images[:2], 4), t=t, log_snr=schedule.log_snr(t).astype(np.float32)
    )
    lab.trajectory.set(back)
    assert [slider.frame_x(frame) for frame in range(4)] == pytest.approx(forward)


def test_a_change_of_the_schedule_does_not_cancel_what_is_wanted_next(
    qtbot: QtBot, see: WatchPage, lab: Lab
) -> None:
    """A lesson opened its model, and dissolving sprites once replaced the ones it generated."""
    see.mode.set_value("forward")
    see.forward.dissolve([0, 1])
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=5000)
    lab.model.set(StandInModel())  # type: ignore[arg-type]
    with qtbot.assertNotEmitted(see.forward.wanted, wait=300):
        see.mode.set_value("reverse")


def test_fresh_noise_is_a_choice(qtbot: QtBot, see: WatchPage, lab: Lab) -> None:
    see.forward.dissolve([0])
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=5000)
    one = lab.trajectory.value
    click(qtbot, see, "see.forward_noise.fresh")
    qtbot.waitUntil(lambda: lab.trajectory.value is not one, timeout=5000)
    fresh = lab.trajectory.value
    assert one is not None
    assert fresh is not None
    np.testing.assert_allclose(one.epsilon(250), one.epsilon(0), atol=0.05)
    assert np.abs(fresh.epsilon(250) - fresh.epsilon(0)).max() > 1
    caption = find(see, "see.caption", QLabel)
    assert caption.text() == "Forward process · Karras, T = 500 · fresh noise each step · seed 0"


def test_no_hidden_change_takes_the_place_of_what_is_shown(
    qtbot: QtBot, see: WatchPage, lab: Lab, sprites: SpriteSet
) -> None:
    see.forward.dissolve([0])
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=5000)
    shown = made_trajectory(sprites.images[:2])
    lab.trajectory.set(shown)  # the panel of the reverse process as well
    see.forward.findChild(NumberField, "see.timesteps").set_value(100)
    assert is_at_rest(see.forward)
    assert lab.trajectory.value is shown


def test_the_caption_says_whose_picture_it_is(see: WatchPage, lab: Lab, sprites: SpriteSet) -> None:
    model = StandInModel()
    lab.model.set(model)  # type: ignore[arg-type]
    config = SampleConfig(count=2, sampler="dpmpp_2m", steps=12, seed=7, guidance_scale=1)
    made = replace(made_trajectory(sprites.images[:2]), config=config, model=model.key)
    lab.trajectory.set(made)
    caption = find(see, "see.caption", TrajectoryCaption)
    assert caption.text() == "Reverse process · stand-in · DPM++ 2M, 12 steps · seed 7"
    assert caption.isEnabled()
    usual = pixels(see.stage.grab(see.stage.board.geometry()).toImage())
    breaks = caption.wrapping_text().split(" ")
    assert breaks[-1] == "seed\N{NO-BREAK SPACE}7", "no line ends within it"
    lab.model.set(StandInModel(title="other", key="other, step 11, data x"))  # type: ignore[arg-type]
    told = "Made by another model; Generate replaces it · Reverse process · stand-in"
    assert caption.text() == told, "all of it took a row of buttons its room"
    assert "DPM++ 2M, 12 steps" in caption.toolTip()
    assert not caption.isEnabled()
    faint = pixels(see.stage.grab(see.stage.board.geometry()).toImage())
    assert faint.std() < 0.8 * usual.std(), "its sprites are grayed"
    caption.show_making("1 of 2 sprites")
    assert not caption.toolTip(), "it is of what is shown"
    caption.show_making("")
    lab.model.set(model)  # type: ignore[arg-type]
    assert not caption.toolTip()
    np.testing.assert_array_equal(
        pixels(see.stage.grab(see.stage.board.geometry()).toImage()), usual
    )


def test_it_says_where_no_noise_is_left(see: WatchPage, lab: Lab) -> None:
    trajectory = made_trajectory(lab.data.value.images[:4])
    heading = "see.heading.epsilon"
    for kind, symbol, noise, none, sprite in (
        ("reverse", "ε̂", "predicted noise", "no noise left", "finished sprite"),
        ("forward", "ε", "added noise", "no noise yet", "clean sprite"),
    ):
        lab.trajectory.set(replace(trajectory, kind=kind))
        for frame, words in ((5, noise), (10, none), (0, noise)):
            see.timeline_model.go_to_value(float(trajectory.t[frame]))
            text = find(see, heading, QLabel).text()
            assert text == f"<i>{symbol}</i>&nbsp;&nbsp;{words}"
            for view, fades in (("epsilon", words == none), ("x_t", False)):
                assert find(see, f"see.grid.{view}", SpriteGrid).is_faded is fades
            named = sprite if words == none else "noisy sprite"
            assert named in find(see, "see.heading.x_t", QLabel).text()


def test_there_is_room_for_the_longest_heading_at_any_noise(see: WatchPage, lab: Lab) -> None:
    """At the clean end it was once "noise to be adde"."""
    lab.trajectory.set(replace(made_trajectory(lab.data.value.images[:4]), kind="forward"))
    panel = next(panel for panel in see.stage.panels if panel.words.view == "epsilon")
    noisy = panel.heading_width(False)
    panel.set_noise(noise=False, known=True)
    panel.set_brief(False)
    heading = find(see, "see.heading.epsilon", QLabel)
    assert heading.text().endswith("noise to be added")
    assert heading.sizeHint().width() < panel.heading_width(False) == noisy


def test_a_heading_names_what_the_network_outputs(see: WatchPage, lab: Lab) -> None:
    model = StandInModel(prediction_type="v")
    lab.model.set(model)
    made = made_trajectory(lab.data.value.images[:4])
    lab.trajectory.set(made)
    find(see, "see.show.v", QAbstractButton).click()
    for shown, words in (
        (replace(made, model=model.key), "predicted v = the network's output"),
        (made, "predicted v"),  # made by another model
        (replace(made, model=model.key, kind="forward"), "v"),
    ):
        lab.trajectory.set(shown)
        see.timeline_model.set_frame(5)
        panel = next(panel for panel in see.stage.panels if panel.words.view == "v")
        panel.set_brief(False)
        text = find(see, "see.heading.v", QLabel).text().replace("&#x27;", "'")
        assert text.endswith(f"&nbsp;&nbsp;{words}")


# -- one sprite, and switching views ---------------------------------------------------------


def test_one_sprite_is_shown_large_and_back(qtbot: QtBot, see: WatchPage, lab: Lab) -> None:
    lab.trajectory.set(made_trajectory(lab.data.value.images[:9]))
    grid = find(see, "see.grid.x0", SpriteGrid)
    qtbot.mouseClick(grid, LEFT, pos=grid.cell_rect(7).center().toPoint())
    for view in ("x_t", "x0", "epsilon"):
        assert find(see, f"see.grid.{view}", SpriteGrid).current == 7
    assert find(see, "see.about", QLabel).text() == "sprite 8 of 9"
    qtbot.mouseDClick(grid, LEFT, pos=grid.cell_rect(7).center().toPoint())
    large = find(see, "see.large.x_t")
    before = shots(see, "large")["x_t"]
    large.setFocus()
    qtbot.keyClick(large, Qt.Key.Key_Home)
    assert find(see, "timeline.slider", QSlider).value() == 0, "keys scrub here too"
    assert not np.array_equal(before, shots(see, "large")["x_t"])
    qtbot.keyClick(large, Qt.Key.Key_Down)
    assert find(see, "see.about", QLabel).text() == "sprite 9 of 9"
    qtbot.keyClick(large, Qt.Key.Key_Escape)
    assert find(see, "see.grid.x_t", SpriteGrid).current == 8
    click(qtbot, see, "see.enlarge")
    find(see, "see.large.x_t")


def test_a_pixel_is_put_into_the_formulas(qtbot: QtBot, see: WatchPage, lab: Lab) -> None:
    """The pointer selects it, in the grid and enlarged: the formulas have the recorded numbers."""
    images = np.random.default_rng(5).integers(0, 256, (4, 16, 16, 3), np.uint8)
    trajectory = made_trajectory(images)
    lab.trajectory.set(trajectory)
    see.timeline_model.set_frame(4)
    settle(see)
    caption = find(see, "see.caption", TrajectoryCaption)
    height, text = caption.height(), caption.text()

    def expect(sprite: int, x: int, y: int, frame: int) -> None:
        said = caption.reading.replace("−", "-")
        assert said.startswith(f"Red at column {x + 1}, row {y + 1}: xₜ = ")
        numbers = [float(n) for n in re.findall(r"-?\d+\.\d+", said)]
        _, _, signal, x0, std, epsilon, x_t = numbers
        assert x_t == pytest.approx(float(trajectory.x_t[frame, sprite, y, x, 0]), abs=0.0006)
        assert x0 == pytest.approx(float(trajectory.x0[frame, sprite, y, x, 0]), abs=0.0006)
        assert x_t == pytest.approx(signal * x0 + std * epsilon, abs=0.003)
        assert f"({x0:.3f})" in said, "a minus before a number is no subtraction"
        of_v = pixel_words(trajectory, frame, sprite, x, y, of_v=True).replace("−", "-")
        v = float(of_v.rpartition("= ")[2])
        assert v == pytest.approx(signal * epsilon - std * x0, abs=0.003)

    grid = find(see, "see.grid.x0", SpriteGrid)
    cell = grid.cell_rect(2)
    size = cell.width() / trajectory.x_t.shape[3]
    QTest.mouseMove(grid, (cell.topLeft() + QPointF(5.5 * size, 3.5 * size)).toPoint())
    expect(2, 5, 3, 4)
    see.timeline_model.set_frame(6)  # the pointer does not move
    expect(2, 5, 3, 6)
    see.timeline_model.set_frame(len(trajectory) - 1)
    assert "without noise" in caption.reading
    see.timeline_model.set_frame(4)
    see.stage.choose(1)
    see.stage.set_large(True)
    settle(see)
    large = find(see, "see.large.x_t", SpriteView)
    large.repaint()
    QTest.mouseMove(large, large.rect().center() + QPoint(3, 3))
    assert caption.reading.startswith("Red at column 9, row 9")
    expect(1, 8, 8, 4)
    assert (caption.height(), caption.text()) == (height, text)  # nothing moved
    QApplication.sendEvent(large, QEvent(QEvent.Type.Leave))
    assert caption.reading == ""


def test_one_sprite_alone_does_not_enlarge_those_that_follow(
    see: WatchPage, lab: Lab, sprites: SpriteSet
) -> None:
    """Library and inspector would disappear unasked."""
    rooms: list[bool] = []
    see.stage.room_wanted.connect(rooms.append)
    lab.trajectory.set(made_trajectory(sprites.images[:1]))
    assert find(see, "see.large.x0").isVisible()
    lab.trajectory.set(made_trajectory(sprites.images[:9]))
    assert find(see, "see.grid.x0").isVisible()
    assert not any(rooms)


def test_short_headings_leave_sprites_their_room(
    see: WatchPage, lab: Lab, theme: ThemeManager
) -> None:
    """In large text, the width of a heading once limited the size of sprites."""
    lab.trajectory.set(made_trajectory(lab.data.value.images[:9]))
    board, heading = see.stage.board, find(see, "see.heading.x0", QLabel)
    board.resize(1200, 500)
    assert heading.text().endswith("predicted clean sprite")
    theme.set_text_size(150)
    see.stage.set_large(True)
    board.resize(709, 215)
    assert heading.text() == "<i>x̂<sub>0</sub></i>&nbsp;&nbsp;clean"
    sides = {panel.large.height() for panel in board.order}
    assert min(sides) > 0.8 * (board.height() - heading.height())


@pytest.mark.parametrize("count", [1, 9])
def test_another_has_fewer_frames_than_were_gone_along(
    count: int, qtbot: QtBot, see: WatchPage, lab: Lab, sprites: SpriteSet
) -> None:
    lab.trajectory.set(made_trajectory(sprites.images[:9], frames=21))
    see.timeline_model.set_frame(20)
    lab.trajectory.set(made_trajectory(sprites.images[:count], frames=2))
    assert (len(see.timeline_model.axis), see.timeline_model.frame, see.stage.frame) == (2, 1, 1)
    if count == 1:
        assert find(see, "see.large.x0").isVisible()
    qtbot.keyClick(find(see, "timeline.slider"), Qt.Key.Key_Home)
    assert see.stage.frame == 0


def test_views_are_switched_off_but_not_the_last(qtbot: QtBot, see: WatchPage, lab: Lab) -> None:
    lab.trajectory.set(made_trajectory(lab.data.value.images[:9]))
    narrow = find(see, "see.grid.x0", SpriteGrid).cell_rect(0).width()
    click(qtbot, see, "see.show.x_t")
    click(qtbot, see, "see.show.epsilon")
    assert not see.window().findChild(QWidget, "see.view.x_t").isVisible()
    wide = find(see, "see.grid.x0", SpriteGrid).cell_rect(0).width()
    assert wide >= 2 * narrow
    click(qtbot, see, "see.show.x0")
    find(see, "see.view.x0")
    click(qtbot, see, "see.show.x_t")
    find(see, "see.view.x_t")


def test_a_view_is_given_the_largest_place(qtbot: QtBot, see: WatchPage, lab: Lab) -> None:
    lab.trajectory.set(made_trajectory(lab.data.value.images[:9]))

    def scale(view: str) -> float:
        return find(see, f"see.grid.{view}", SpriteGrid).cell_rect(0).width() / 16

    before = scale("x_t")
    assert before > scale("x0") == scale("epsilon")
    click(qtbot, see, "see.promote.epsilon")
    assert scale("epsilon") == before > scale("x0") == scale("x_t")
    assert not see.window().findChild(QWidget, "see.promote.epsilon").isVisible()
    click(qtbot, see, "see.promote.x_t")
    assert scale("x_t") == before
    # While sprites emerge from noise, the prediction takes their place.
    caption = find(see, "see.caption")
    whose = caption.text()
    see.stage.show_preview(lab.data.value.images[:9], "Generating 9 sprites")
    lab.trajectory.set(lab.trajectory.value)
    assert caption.text() == "Generating 9 sprites" != whose, "not the one that was there before"
    assert scale("x0") == before
    assert not find(see, "see.promote.x_t").isEnabled()
    see.stage.end_preview()
    assert caption.text() == whose
    assert scale("x_t") == before
    assert find(see, "see.promote.x0").isEnabled()


# -- reverse ---------------------------------------------------------------------------------


def test_without_a_model_it_leads_to_training(qtbot: QtBot, see: WatchPage, lab: Lab) -> None:
    click(qtbot, see, "see.mode.reverse")
    with qtbot.waitSignal(lab.workspace_wanted) as wanted:
        click(qtbot, see, "see.train_first")
    assert wanted.args == ["train", ""]


def test_while_a_model_or_a_set_is_read_it_says_so(qtbot: QtBot, see: WatchPage, lab: Lab) -> None:
    """While the last model was loading, it once asked to train a model first."""

    def said() -> list[str]:
        return [label.text() for label in find(see, "see.empty").findChildren(QLabel)]

    click(qtbot, see, "see.mode.reverse")
    lab.model_loading.set(True)
    assert "Loading the model…" in said()
    assert not find(see, "see.generate").isEnabled()
    assert see.reverse.findChild(QAbstractButton, "see.train_first").isHidden()
    lab.model_loading.set(False)
    assert "There is no model yet" in said()
    assert find(see, "see.train_first").isEnabled()
    click(qtbot, see, "see.mode.forward")
    lab.data.set(None)
    assert "No sprites are open" in said()
    lab.data_loading.set(True)
    assert "Reading the sprites…" in said()


class Asked(list[SampleConfig]):
    """Requests to a model, and the number of tries of the last one; it draws
    while ``go_on`` is set.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tries = 0
        self.go_on = Event()
        self.go_on.set()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, sprites: SpriteSet, lab: Lab) -> Asked:
    """A model that draws made sprites; returns the requests to it."""
    configs = Asked()

    def generate(
        model: object, wanted: tuple[SampleConfig, ...], most: int, tries: int
    ) -> Task[Trajectory]:
        configs.extend(wanted)
        configs.tries = tries
        images = sprites.images[: wanted[0].count]

        def run(control: RunControl) -> Run[Trajectory]:
            yield Preview(0, images)
            while not (configs.go_on.wait(0.01) or control.stop_requested):
                yield Progress(5, 10, "Denoising")
            return made_trajectory(images)

        return Task(run)

    monkeypatch.setattr(tasks, "generate", generate)
    lab.model.set(StandInModel())
    return configs


def test_generating(
    qtbot: QtBot, see: WatchPage, lab: Lab, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sprite_lab.ui.see.watch.page.QUICK_MS", 600_000)
    monkeypatch.setattr(see.timeline_model, "_clock", EvenClock(4))
    click(qtbot, see, "see.mode.reverse")
    assert find(see, "see.guidance").isEnabled(), "one of each class is asked for at first"
    click(qtbot, see, "see.classes.none")
    assert find(see, "see.classes_dealt", QLabel).text() == "None selected: any class."
    assert not find(see, "see.guidance").isEnabled(), "guidance needs a class"
    click(qtbot, see, "see.class.hero")
    click(qtbot, see, "see.class.food")
    assert find(see, "see.guidance").isEnabled()
    count = find(see, "see.count.field")
    count.setFocus()
    count.selectAll()
    qtbot.keyClicks(count, "9")
    qtbot.keyClick(count, Qt.Key.Key_Return)
    asked.go_on.clear()
    click(qtbot, see, "see.generate")
    qtbot.waitUntil(lambda: find(see, "see.grid.x0", SpriteGrid).count == 9)
    qtbot.waitUntil(lambda: "Denoising" in find(see, "see.progress_text", QLabel).text())
    asked.go_on.set()
    qtbot.waitUntil(lambda: lab.trajectory.value is not None)
    assert (asked[0].count, asked[0].classes) == (9, ("hero", "food"))
    assert (asked[0].sampler, asked[0].steps, asked[0].guidance_scale) == ("dpmpp_2m", 12, 2.0)
    slider = find(see, "timeline.slider", QSlider)
    qtbot.waitUntil(slider.isEnabled)
    # They are complete when they come, so they are played once, from the noise to the sprites.
    seen = [slider.value()]
    see.timeline_model.frame_changed.connect(seen.append)
    assert find(see, "timeline.play").accessibleName() == "Pause (Space)"
    qtbot.waitUntil(lambda: find(see, "timeline.play").accessibleName() == "Play (Space)")
    assert seen == list(range(seen[0], slider.maximum() + 1))
    find(see, "see.generate")


def test_sprites_that_took_their_time_are_not_played(
    qtbot: QtBot,
    see: WatchPage,
    lab: Lab,
    asked: Asked,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sprite_lab.ui.see.watch.page.QUICK_MS", 0)
    click(qtbot, see, "see.mode.reverse")
    click(qtbot, see, "see.generate")
    qtbot.waitUntil(lambda: lab.trajectory.value is not None)
    slider = find(see, "timeline.slider", QSlider)
    qtbot.waitUntil(slider.isEnabled)
    assert slider.value() == slider.maximum(), "the sprites are there to be seen"
    assert find(see, "timeline.play").accessibleName() == "Play (Space)"


def test_colors_are_clean_unless_that_is_turned_off(
    qtbot: QtBot, see: WatchPage, lab: Lab, asked: Asked
) -> None:
    click(qtbot, see, "see.mode.reverse")
    for colors in (SampleConfig().colors, 0):
        click(qtbot, see, "see.generate")
        qtbot.waitUntil(lambda: not lab.jobs.handles)
        assert asked[-1].colors == colors
        find(see, "see.clean_colors", QCheckBox).click()


def test_colors_of_a_style_are_kept_to_unless_that_is_turned_off(
    qtbot: QtBot, see: WatchPage, lab: Lab, asked: Asked
) -> None:
    click(qtbot, see, "see.mode.reverse")
    (box,) = see.inspector.findChildren(QCheckBox, "see.style_colors")
    assert not box.isVisible(), "none of the model's styles has colors of its own"
    lab.model.set(StandInModel(styles=("a", "b"), palettes=(b"abcdef", b"")))
    assert box.isVisible()
    for kept in (True, False):
        click(qtbot, see, "see.generate")
        qtbot.waitUntil(lambda: not lab.jobs.handles)
        assert asked[-1].style_colors == kept
        box.click()
    find(see, "see.clean_colors", QCheckBox).click()
    assert not box.isEnabled()
    assert "clean colors" in box.toolTip()


def test_every_class_is_dealt_unless_ticked_off(
    qtbot: QtBot, see: WatchPage, lab: Lab, asked: Asked
) -> None:
    def generate() -> tuple[str, ...]:
        click(qtbot, see, "see.generate")
        qtbot.waitUntil(lambda: not lab.jobs.handles)
        return asked[-1].classes

    click(qtbot, see, "see.mode.reverse")
    every = StandInModel.class_names
    assert generate() == every
    click(qtbot, see, "see.class.hero")
    assert generate() == every[1:]
    lab.model.set(StandInModel(title="trained on"))
    assert generate() == every[1:], "what was ticked off stays so with the next model"
    click(qtbot, see, "see.classes.none")
    assert generate() == ()
    click(qtbot, see, "see.classes.all")
    assert generate() == every
    assert not find(see, "see.classes.all").isEnabled()


def test_the_seed_changes_unless_locked(
    qtbot: QtBot, see: WatchPage, lab: Lab, asked: Asked
) -> None:
    click(qtbot, see, "see.mode.reverse")
    for lock in (False, True, True):
        if lock != find(see, "see.seed.lock", QAbstractButton).isChecked():
            click(qtbot, see, "see.seed.lock")
        click(qtbot, see, "see.generate")
        qtbot.waitUntil(lambda: not lab.jobs.handles)
    seeds = [config.seed for config in asked]
    assert seeds[0] != 0
    assert seeds[0] == seeds[1] == seeds[2]


def test_canceling_keeps_what_was_there(
    qtbot: QtBot, see: WatchPage, lab: Lab, asked: Asked, sprites: SpriteSet
) -> None:
    before = made_trajectory(sprites.images[:4])
    lab.trajectory.set(before)
    readout = find(see, "timeline.readout", QLabel)
    told = readout.text()
    assert "log-SNR" in told
    asked.go_on.clear()
    click(qtbot, see, "see.generate")
    qtbot.waitUntil(lambda: find(see, "see.grid.x0", SpriteGrid).count == 16)
    assert not readout.text().strip(), "the numbers are of sprites that are not in sight"
    click(qtbot, see, "see.cancel")
    qtbot.waitUntil(lambda: not lab.jobs.handles)
    assert lab.trajectory.value is before
    assert readout.text() == told
    assert find(see, "see.grid.x_t", SpriteGrid).count == 4
    assert find(see, "timeline.slider").isEnabled()
    find(see, "see.generate")


def test_ddpm_takes_every_step_and_no_eta(qtbot: QtBot, see: WatchPage, asked: Asked) -> None:
    click(qtbot, see, "see.mode.reverse")
    sampler = find(see, "see.sampler")
    sampler.setFocus()
    qtbot.keyClick(sampler, Qt.Key.Key_End)
    assert sampler.currentText() == "DDPM"
    assert find(see, "see.steps.field").value() == 500
    assert not find(see, "see.eta").isEnabled()


# -- export ----------------------------------------------------------------------------------


def test_the_way_to_the_window_of_exports(
    qtbot: QtBot, see: WatchPage, lab: Lab, sprites: SpriteSet
) -> None:
    assert not find(see, "see.export.animation").isEnabled()
    assert lab.exports.problem("trajectory")
    lab.trajectory.set(made_trajectory(sprites.images[:4]))
    for button, subject in (("animation", "trajectory"), ("sprites", "samples")):
        with qtbot.waitSignal(lab.exports.wanted) as wanted:
            click(qtbot, see, f"see.export.{button}")
        assert wanted.args == [subject]
        assert not lab.exports.problem(subject)


def test_the_chosen_sprite_is_offered_with_the_settings_that_make_it(
    qtbot: QtBot, see: WatchPage, lab: Lab, sprites: SpriteSet
) -> None:
    config = SampleConfig(count=4, seed=7, first_index=10, steps=10, classes=("hero", "food"))
    lab.trajectory.set(replace(made_trajectory(sprites.images[:4]), config=config))
    assert "Select a sprite" in lab.exports.problem("sample")
    grid = find(see, "see.grid.x_t", SpriteGrid)
    qtbot.mouseClick(grid, LEFT, pos=grid.cell_rect(3).center().toPoint())
    assert not lab.exports.problem("sample")
    batch = lab.exports.take("sample")(SpriteFilesConfig())
    assert np.array_equal(batch.kept[0, ..., :3], sprites.images[3])
    wanted = replace(config, count=1, first_index=13)
    assert batch.configs == (wanted,)
    assert batch.classes == ("food",)
    clip = lab.exports.take("sprite")(AnimationConfig())
    assert clip.config == wanted
    assert clip.picture(0).shape == (16, 16, 3)


# -- one sprite's own menu ---------------------------------------------------------------------


def open_menu(qtbot: QtBot, see: WatchPage, view: str, sprite: int) -> dict[str, QAction]:
    """The actions of a sprite's menu, by the last part of their names."""
    grid = find(see, f"see.grid.{view}", SpriteGrid)
    place = grid.cell_rect(sprite).center().toPoint()
    # Qt makes this event from a right click in the window system, which tests do not have.
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, grid.mapToGlobal(place))
    QApplication.sendEvent(grid, event)
    menu = find(see, "see.sprite.menu", QMenu)
    return {action.objectName().rpartition(".")[2]: action for action in menu.actions()}


def pick(qtbot: QtBot, see: WatchPage, action: QAction) -> None:
    menu = find(see, "see.sprite.menu", QMenu)
    qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())
    wait_for_no_menu(qtbot, see)


def leave_menu(qtbot: QtBot, see: WatchPage) -> None:
    qtbot.keyClick(find(see, "see.sprite.menu", QMenu), Qt.Key.Key_Escape)
    wait_for_no_menu(qtbot, see)


def wait_for_no_menu(qtbot: QtBot, see: WatchPage) -> None:
    qtbot.waitUntil(lambda: see.window().findChild(QMenu, "see.sprite.menu") is None)


def on_clipboard() -> np.ndarray:
    """uint8 (H, W, 4)."""
    image = QApplication.clipboard().image().convertToFormat(QImage.Format.Format_RGBA8888)
    flat = np.frombuffer(image.constBits(), np.uint8)
    return flat.reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width()].copy()


def test_a_sprite_is_copied_with_its_alpha(
    qtbot: QtBot, see: WatchPage, lab: Lab, sprites: SpriteSet
) -> None:
    images = sprites.images[:4]
    lab.trajectory.set(made_trajectory(images))
    grid = find(see, "see.grid.x_t", SpriteGrid)
    qtbot.mouseClick(grid, LEFT, pos=grid.cell_rect(2).center().toPoint())
    with qtbot.waitSignal(lab.notice) as said:
        qtbot.keyClick(grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert said.args == ["Copied sprite 3."]
    copied = on_clipboard()
    alpha = alpha_from_background(images)[2]
    assert copied.shape == (16, 16, 4)
    assert np.array_equal(copied[..., 3], alpha)
    assert set(alpha.ravel()) == {0, 255}
    assert np.array_equal(copied[alpha > 0][:, :3], images[2][alpha > 0])
    # Another sprite, by mouse, of another view and frame: noise is opaque.
    slider = find(see, "timeline.slider", QSlider)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    pick(qtbot, see, open_menu(qtbot, see, "epsilon", 1)["copy"])
    assert find(see, "see.about", QLabel).text() == "sprite 2 of 4"
    copied = on_clipboard()
    assert (copied[..., 3] == 255).all()
    assert np.array_equal(copied[..., :3], frame_pixels(lab.trajectory.value, 0, "epsilon", 1)[0])


def test_copying_needs_a_sprite(qtbot: QtBot, see: WatchPage, lab: Lab, sprites: SpriteSet) -> None:
    lab.trajectory.set(made_trajectory(sprites.images[:4]))
    slider = find(see, "timeline.slider", QSlider)
    slider.setFocus()
    with qtbot.waitSignal(lab.notice) as said:
        qtbot.keyClick(slider, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert said.args == ["Select a sprite first: click one."]


def test_a_sprite_is_sent_to_draw(
    qtbot: QtBot, see: WatchPage, lab: Lab, sprites: SpriteSet
) -> None:
    config = SampleConfig(count=4, classes=("hero", "food", "item"))
    lab.trajectory.set(replace(made_trajectory(sprites.images[:4]), config=config))
    actions = open_menu(qtbot, see, "epsilon", 1)
    assert not actions["draw"].isEnabled()
    assert "not a sprite" in actions["draw"].toolTip()
    leave_menu(qtbot, see)
    actions = open_menu(qtbot, see, "x0", 1)
    with qtbot.waitSignal(lab.workspace_wanted) as wanted:
        pick(qtbot, see, actions["draw"])
    assert wanted.args == ["draw", ""]
    cell = next(cell for cell in lab.project.cells if not cell.is_blank)
    assert cell.class_name == "food"
    assert np.array_equal(cell.rgba[..., 3], alpha_from_background(sprites.images[1:2])[0])
    opaque = cell.rgba[..., 3] > 0
    assert np.array_equal(cell.rgba[opaque][:, :3], sprites.images[1][opaque])


def test_a_generated_sprite_dissolves(
    qtbot: QtBot, see: WatchPage, lab: Lab, sprites: SpriteSet
) -> None:
    lab.trajectory.set(made_trajectory(sprites.images[:4]))
    pick(qtbot, see, open_menu(qtbot, see, "x_t", 3)["dissolve"])
    qtbot.waitUntil(lambda: lab.trajectory.value.kind == "forward", timeout=20_000)
    assert np.array_equal(to_pixels(lab.trajectory.value.final()), sprites.images[3:4])
    slider = find(see, "timeline.slider", QSlider)
    qtbot.waitUntil(lambda: slider.value() < slider.maximum())
    click(qtbot, see, "timeline.play")
    large = find(see, "see.large.x_t")
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Keyboard, QPoint(), large.mapToGlobal(QPoint())
    )
    large.setFocus()
    QApplication.sendEvent(large, event)
    menu = find(see, "see.sprite.menu", QMenu)
    again = next(a for a in menu.actions() if a.objectName() == "see.sprite.dissolve")
    assert not again.isEnabled()
    assert "already" in again.toolTip()
    leave_menu(qtbot, see)


@pytest.mark.parametrize(("entry", "subject"), [("export", "sample"), ("animate", "sprite")])
def test_one_sprite_is_exported_from_its_menu(
    qtbot: QtBot, see: WatchPage, lab: Lab, sprites: SpriteSet, entry: str, subject: str
) -> None:
    config = SampleConfig(count=4, seed=3, steps=10)
    lab.trajectory.set(replace(made_trajectory(sprites.images[:4]), config=config))
    actions = open_menu(qtbot, see, "x_t", 2)
    with qtbot.waitSignal(lab.exports.wanted) as wanted:
        pick(qtbot, see, actions[entry])
    assert wanted.args == [subject]
    assert not lab.exports.problem(subject)
    (made_by,) = lab.exports.take("sample")(SpriteFilesConfig()).configs
    assert made_by == replace(config, count=1, first_index=2)


# -- speed -----------------------------------------------------------------------------------


def test_scrubbing_64_sprites_computes_and_paints_each_visible_view_once(
    qtbot: QtBot, see: WatchPage, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How long it takes is measured by a benchmark."""
    images = np.tile(lab.data.value.images[:16], (4, 1, 1, 1))
    lab.trajectory.set(made_trajectory(images, 51))
    slider = find(see, "timeline.slider", QSlider)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    settle()
    computed: list[tuple[int, str]] = []
    painted: list[QWidget] = []

    def noted(trajectory: Trajectory, frame: int, view: ViewName, sprite: int | None) -> object:
        computed.append((frame, view))
        return frame_pixels(trajectory, frame, view, sprite)

    class Paints(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                painted.append(watched)
            return False

    monkeypatch.setattr("sprite_lab.ui.see.watch.stage.frame_pixels", noted)
    paints = Paints()
    grids = [find(see, f"see.grid.{view}") for view in FIRST_VIEWS]
    for grid in see.findChildren(SpriteGrid):
        grid.installEventFilter(paints)
    for frame in range(1, 51):
        computed.clear()
        painted.clear()
        qtbot.keyClick(slider, Qt.Key.Key_Right)
        QApplication.processEvents()
        assert sorted(computed) == sorted((frame, view) for view in FIRST_VIEWS)
        assert sorted(map(id, painted)) == sorted(map(id, grids))
    assert slider.value() == 50


WORDED = StandInModel(
    words=("hat", "red"),
    styles=("gb", "nes"),
    prompts=(Prompt((("hero", 1.0),), ("red", "hat"), "nes"),),
)


def test_words_and_style_go_into_what_is_asked_for(see: WatchPage, lab: Lab) -> None:
    lab.model.set(WORDED)
    see.mode.set_value("reverse")
    panel, wanted = see.reverse, []
    panel.wanted.connect(wanted.append)
    deal = see.inspector.findChild(QCheckBox, "see.deal_prompts")
    assert deal.isEnabled()
    line = see.inspector.findChild(QLineEdit, "see.words")
    line.setFocus()
    QTest.keyClicks(line, "red hut hat")  # the last word is typed when Generate is pressed
    see.inspector.findChild(QComboBox, "see.style").setCurrentIndex(2)
    assert not deal.isEnabled()
    see.generate()
    assert wanted[-1].words == ("red", "hat")
    assert wanted[-1].style == "nes"
    assert wanted[-1].deal_prompts
    panel.set_config(replace(wanted[-1], words=("red",), style="", deal_prompts=False))
    assert panel.config().words == ("red",)
    assert panel.config().style == ""
    assert not panel.config().deal_prompts


def test_it_is_told_that_words_of_training_sprites_bring_a_class(see: WatchPage, lab: Lab) -> None:
    lab.model.set(WORDED)
    see.mode.set_value("reverse")
    told = see.inspector.findChild(QLabel, "see.classes_dealt")
    see.inspector.findChild(QToolButton, "see.classes.none").click()
    assert told.text() == "None selected: each has the class of its words."
    see.inspector.findChild(QCheckBox, "see.deal_prompts").click()
    assert told.text() == "None selected: any class."
    see.inspector.findChild(QCheckBox, "see.deal_prompts").click()
    assert told.text() == "None selected: each has the class of its words."
    lab.model.set(StandInModel())
    assert told.text() == "None selected: any class."


def test_of_a_part_of_a_large_sheet_as_many_are_asked_for_as_can_be(
    see: WatchPage, lab: Lab
) -> None:
    lab.model.set(StandInModel())
    see.mode.set_value("reverse")
    see.reverse.set_config(SampleConfig(count=1, first_index=10**9, seed=3))
    shown = see.reverse.config()
    assert (shown.count, shown.seed) == (64, 3)


def test_what_has_no_field_is_as_in_the_picture_while_its_seed_is_locked(
    see: WatchPage, lab: Lab
) -> None:
    lab.model.set(StandInModel())
    see.mode.set_value("reverse")
    panel = see.reverse
    told = see.inspector.findChild(QLabel, "see.of_picture")
    usual = panel.config()
    panel.set_config(replace(usual, precision="bf16", autoguidance=0.5, churn=3.0))
    assert told.isVisibleTo(panel)
    assert told.text().splitlines() == [
        "Also set, until you unlock the seed:",
        "•\xa0Churn: 3",
        "•\xa0Autoguidance: 0.5",
        "•\xa0Precision: bf16",
    ]
    again = panel.config()
    assert (again.precision, again.autoguidance, again.churn) == ("bf16", 0.5, 3.0)
    see.inspector.findChild(QAbstractButton, "see.seed.lock").click()
    assert not told.isVisibleTo(panel)
    assert panel.config().autoguidance == usual.autoguidance
    panel.set_config(replace(usual, symmetric=True, tile=True, palette=bytes(9)))
    assert told.text().splitlines()[1:] == [
        "•\xa0Palette: only these 3 colors",
        "•\xa0Mirror symmetry: on",
        "•\xa0Seamless tile: on",
    ]
    again = panel.config()
    assert (again.symmetric, again.tile, again.palette) == (True, True, bytes(9))
    panel.set_config(replace(usual, precision="fp32"))  # as without a picture
    assert not told.isVisibleTo(panel)
    panel.set_config(replace(usual, guidance_interval=(0.0, 206.5)))
    assert told.text().endswith("guidance only from t = 206.5 to t = 0")
    # This was once "Autoguidance 0, Guidance at t 0 to 500", which nobody could understand.
    panel.set_config(replace(usual, autoguidance=0.0, guidance_interval=(0.0, 500.0)))
    assert not told.isVisibleTo(panel), "a switch says it"


def test_without_words_nothing_of_them_is_asked(see: WatchPage, lab: Lab) -> None:
    lab.model.set(StandInModel())
    see.mode.set_value("reverse")
    line = see.inspector.findChild(QLineEdit, "see.words")
    assert not line.isEnabled()
    assert line.placeholderText() == "This model knows no words."
    assert not see.inspector.findChild(QCheckBox, "see.deal_prompts").isEnabled()
    assert see.reverse.config().words == ()
    assert see.inspector.findChild(QWidget, "see.guidance").isEnabled()
    see.inspector.findChild(QToolButton, "see.classes.none").click()
    assert not see.inspector.findChild(QWidget, "see.guidance").isEnabled()


def test_one_switch_makes_guidance_plain(see: WatchPage, lab: Lab) -> None:
    """Once, there was no control for autoguidance and the guidance range, which
    hide its trade-off.
    """
    lab.model.set(StandInModel())
    see.mode.set_value("reverse")
    panel = see.reverse
    switch = see.inspector.findChild(QCheckBox, "see.plain_guidance")
    assert not switch.isChecked()
    usual = panel.config()
    switch.click()
    plain = panel.config()
    assert plain.guides_plainly(StandInModel().timesteps)
    assert plain == replace(usual, autoguidance=0.0, guidance_interval=(0.0, 500.0))
    switch.click()
    assert panel.config() == usual
    panel.set_config(plain, locked=False)
    assert switch.isChecked()
    assert panel.config() == replace(plain, seed=panel.config().seed)
    lab.model.set(StandInModel(guides_plainly=True))
    assert not switch.isEnabled(), "it would change nothing"
    lab.model.set(StandInModel())
    panel.set_config(replace(usual, autoguidance=0.5))  # in between: kept while the seed is locked
    assert not switch.isChecked()
    assert panel.config().autoguidance == 0.5
    see.inspector.findChild(QToolButton, "see.classes.none").click()
    assert not switch.isEnabled(), "there is nothing to steer toward"


def test_the_prompt_of_a_sprite_is_shown(see: WatchPage, lab: Lab, sprites: SpriteSet) -> None:
    asked = see.findChild(QLabel, "see.asked")
    lab.trajectory.set(made_trajectory(sprites.images[:2]))
    assert not asked.isVisible()
    prompts = (Prompt((("hero", 1.0),), ("red", "hat")), Prompt(words=("red",), style="nes"))
    lab.trajectory.set(replace(made_trajectory(sprites.images[:2]), prompts=prompts))
    assert asked.isVisible()
    see.stage.choose(1)
    assert asked.text() == "Prompt: red, in the style of nes"
    grid = see.findChild(SpriteGrid, "see.grid.x0")
    assert list(grid.tips) == ["hero, red hat", "red, in the style of nes"]


def test_only_good_ones_are_kept_if_so_asked(
    qtbot: QtBot, see: WatchPage, lab: Lab, asked: Asked
) -> None:
    click(qtbot, see, "see.mode.reverse")
    button = find(see, "see.generate")
    click(qtbot, see, "see.generate")
    assert asked.tries == 1
    qtbot.waitUntil(button.isVisible)
    find(see, "see.only_good", QCheckBox).click()
    click(qtbot, see, "see.generate")
    assert asked.tries == TRIES


def test_the_trade_off_of_guidance_is_shown_below_it(
    qtbot: QtBot, see: WatchPage, lab: Lab
) -> None:
    sprites = lab.data.value
    lab.model.set(StandInModel(data_fingerprint="another", data_title="made"))
    one = made_trajectory(sprites.images[:9])
    config = SampleConfig(
        count=9, classes=("hero",), guidance_scale=2, autoguidance=0, guidance_interval=(0, 500)
    )
    lab.trajectory.set(replace(one, config=config))
    table = find(see, "see.variety", QLabel)
    assert table.text() == "Variety: open “made” to compare with it."
    lab.model_ref = "small"
    lab.shipped.set((ShippedModel("small", "Small", "made", None, 1),))
    assert not table.isVisibleTo(see), "the app has no such set"
    lab.shipped.set(())

    def plain_text() -> str:
        return table.text().replace("\N{NO-BREAK SPACE}", " ")

    lab.model.set(StandInModel(data_fingerprint=sprites.fingerprint))
    qtbot.waitUntil(lambda: "<b>2</b>" in plain_text(), timeout=20_000)
    # Nine equal sprites have no variety.
    alike = made_trajectory(np.repeat(sprites.images[:1], 9, axis=0))
    lab.trajectory.set(replace(alike, config=replace(config, seed=7, guidance_scale=8)))
    qtbot.waitUntil(lambda: "<b>8</b>" in plain_text(), timeout=20_000)
    assert "<b>0 ± " in plain_text()
    assert ">2&nbsp;" in plain_text()
    # Each row is one line, and only the headings need a second one, in a panel of the usual width.
    assert table.heightForWidth(244) <= 6 * table.fontMetrics().lineSpacing()
    shown = QTextDocument()  # a label cuts off anything wider than itself
    shown.setDefaultFont(table.font())
    shown.setHtml(table.text())
    shown.setTextWidth(244)
    assert shown.size().width() <= 244
    assert "*" not in plain_text()
    # Autoguidance makes another row, which names it.
    lab.trajectory.set(replace(one, config=replace(config, autoguidance=2.0)))
    qtbot.waitUntil(lambda: "<b>2*</b>" in plain_text(), timeout=20_000)
    assert "* with autoguidance" in plain_text()
    assert ">8&nbsp;" in plain_text()
    # Without a weak version and a guidance range, a model is guided plainly either way.
    lab.model.set(StandInModel(data_fingerprint=sprites.fingerprint, guides_plainly=True))
    item = replace(config, classes=("item",), guidance_scale=4)
    lab.trajectory.set(replace(one, config=item))
    qtbot.waitUntil(lambda: "<b>4</b>" in plain_text(), timeout=20_000)
    lab.trajectory.set(replace(one, config=replace(item, guidance_interval=None, seed=8)))
    qtbot.waitUntil(lambda: "Mean of 2 batch" in table.toolTip(), timeout=20_000)
    assert "*" not in plain_text()
    lab.model.set(StandInModel(data_fingerprint=sprites.fingerprint))
    # Other settings start another table, and so do more sprites, which are more reliable.
    few = made_trajectory(sprites.images[:4])
    lab.trajectory.set(replace(few, config=replace(config, count=4, guidance_scale=5)))
    qtbot.waitUntil(lambda: "<b>5</b>" in plain_text(), timeout=20_000)
    assert ">2&nbsp;" not in plain_text()
    other = replace(config, classes=("food",), guidance_scale=3)
    lab.trajectory.set(replace(one, config=other))
    qtbot.waitUntil(lambda: "<b>3</b>" in plain_text(), timeout=20_000)
    assert ">5&nbsp;" not in plain_text()
    # Without a prompt, no scale guides.
    lab.trajectory.set(
        replace(one, config=replace(config, classes=(), deal_prompts=False, guidance_scale=8))
    )
    qtbot.waitUntil(lambda: "<b>0</b>" in plain_text(), timeout=20_000)
    # Sprites shown again, as after a lesson, restore their rows, and count once.
    lab.trajectory.set(replace(one, config=config))
    assert "<b>2</b>" in plain_text()
    assert ">8&nbsp;" in plain_text()
    assert "1 batch of this row" in table.toolTip()


def test_samplers_are_compared_as_guidance_is(qtbot: QtBot, see: WatchPage, lab: Lab) -> None:
    """That two samplers draw the same variety was once only claimed."""
    sprites = lab.data.value
    lab.model.set(StandInModel(data_fingerprint=sprites.fingerprint))
    made = made_trajectory(sprites.images[:9])
    usual = SampleConfig(
        count=9, sampler="ddim", steps=50, autoguidance=0, guidance_interval=(0, 500)
    )

    def show(name: str, **settings: object) -> str:
        config = replace(usual, **settings)  # type: ignore[arg-type]
        lab.trajectory.set(replace(made, config=config))
        table = find(see, "see.variety", QLabel)
        kept = name.replace(" ", "\N{NO-BREAK SPACE}")
        qtbot.waitUntil(lambda: f"<b>{kept}</b>" in table.text(), timeout=20_000)
        return table.text().replace("\N{NO-BREAK SPACE}", " ")

    assert "Guidance" in show("2")
    text = show("DDPM, 50", sampler="ddpm")
    assert ">Sampler&nbsp;" in text
    assert ">DDIM, 50&nbsp;" in text
    text = show("DDIM, eta 1, 50", eta=1.0)
    assert ">DDPM, 50&nbsp;" in text
    # The setting that changed last is compared.
    text = show("5", eta=1.0, guidance_scale=5)
    assert "Guidance" in text
    assert ">2&nbsp;" in text


def test_views_without_room_for_twice_the_pixels_come_in_pages(
    qtbot: QtBot, see: WatchPage, lab: Lab
) -> None:
    images = np.resize(lab.data.value.images, (64, *lab.data.value.images.shape[1:]))
    lab.trajectory.set(made_trajectory(images))
    every = [panel.words.view for panel in see.stage.panels]
    for view in every:
        if not find(see, f"see.show.{view}", QAbstractButton).isChecked():
            click(qtbot, see, f"see.show.{view}")
            settle(see.window())
            on = [panel.words.view for panel in see.stage.panels if panel.isVisible()]
            assert view in on, "the one that was switched on is shown"
    while not find(see, "see.page", QLabel).text().startswith("Views 1 "):
        click(qtbot, see, "see.page.on")
        settle(see.window())
    seen: list[str] = []
    while len(seen) < len(every):
        settle(see.window())  # the pager appears once the views are arranged
        page = [panel for panel in see.stage.panels if panel.isVisible()]
        first = len(seen) + 1
        said = find(see, "see.page", QLabel).text()
        assert said == f"Views {first} to {first + len(page) - 1} of {len(every)}"
        for panel in page:
            # Nothing guided them, so that view is empty.
            assert panel.grid.count == 0 or panel.grid.cell_rect(0).width() >= 2 * 16
        seen += [panel.words.view for panel in page]
        click(qtbot, see, "see.page.on")
    assert sorted(seen) == sorted(every)
    # With one sprite, there is room for all others.
    lab.trajectory.set(made_trajectory(images[:1]))
    settle(see.window())
    assert all(panel.isVisible() for panel in see.stage.panels)
    assert not see.window().findChild(QLabel, "see.page").isVisible()


def test_the_last_settings_are_there_again(qtbot: QtBot, see: WatchPage, lab: Lab) -> None:
    lab.model.set(StandInModel())
    click(qtbot, see, "see.mode.reverse")
    asked = replace(see.reverse.config(), count=5, seed=77, steps=9, classes=("food", "item"))
    see.reverse.set_config(replace(asked, guidance_scale=3.5))
    last = see.reverse.config()
    assert last.guidance_scale == 3.5
    lab.settings.replace(sample=last.to_json())
    lab.model.set(None)
    again = WatchPage(lab)
    lab.model.set(StandInModel())
    assert again.reverse.config() == last
    lab.settings.replace(sample={"count": 5, "from_the_future": True})
    lab.model.set(None)
    other = WatchPage(lab)
    lab.model.set(StandInModel())
    assert other.reverse.config().count == 16
    delete_now(again, other)
