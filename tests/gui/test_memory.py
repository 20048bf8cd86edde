"""Memorization: a sprite compared with the training set, checked against the engine's numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QScrollArea, QSlider, QToolButton, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings
from sprite_lab.app.shell.text_format import sprite_name
from sprite_lab.core.config import ForwardConfig, ScheduleConfig
from sprite_lab.core.results.metrics import Neighbors, nearest_sprites
from sprite_lab.core.results.neighbors import Becoming, CopyRule, Remembered
from sprite_lab.core.sets.sprites import SpriteSet, to_model_space, to_pixels
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.data import builtin, split
from sprite_lab.engine.measuring import neighbors as measured
from sprite_lab.ui.measure.memory import MemoryPage
from sprite_lab.ui.measure.memory_stage import MemoryStage
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.plots.pixel_map import PixelMap
from sprite_lab.ui.widgets.plots.plot import Plot
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.ui.widgets.sprites.sprite_row import SpriteRow
from tests.gui.golden import assert_golden
from tests.gui.stand_ins import hold_up
from tests.made import make_sprites
from tests.qt import delete_now, settle

pytestmark = pytest.mark.opens("measure")

Find = Callable[[type, str], QWidget]


def click(visible: Find, name: str) -> None:
    button = visible(QAbstractButton, name)
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def page(window: MainWindow, visible: Find) -> None:
    window.resize(1280, 800)
    click(visible, "workspace.measure")
    click(visible, "measure.tabs.memory")


def weights(trajectory: Trajectory, sprite: int, frame: int, train: SpriteSet) -> np.ndarray:
    """p(training sprite | x_t) by the formula, float64 (M,)."""
    log_snr = float(trajectory.log_snr[frame])
    alpha, variance = np.sqrt(1 / (1 + np.exp(-log_snr))), 1 / (1 + np.exp(log_snr))
    x_t = trajectory.x_t[frame, sprite].astype(np.float64)
    pictures = to_model_space(train.images).astype(np.float64)
    logit = -((x_t - alpha * pictures) ** 2).sum(axis=(1, 2, 3)) / (2 * variance)
    share = np.exp(logit - logit.max())
    return share / share.sum()


def test_a_generated_sprite_beside_what_the_model_learned_from(
    lab: Lab, page: None, visible: Find, qtbot, small_models: Path
) -> None:
    lab.open_data(None)
    lab.open_model("builtin")
    qtbot.waitUntil(
        lambda: lab.model.value is not None and lab.data.value is not None, timeout=20000
    )
    click(visible, "memory.empty.action")
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=20000)
    trajectory = lab.trajectory.value
    grid = visible(SpriteGrid, "memory.sprites")
    assert grid.count == trajectory.count == 16
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.cell_rect(5).center().toPoint())
    row, verdict = visible(SpriteRow, "memory.becoming"), visible(QLabel, "memory.verdict")
    qtbot.waitUntil(lambda: "close." in verdict.text() and len(row.which) > 0, timeout=20000)
    assert visible(QLabel, "memory.about").text() == "Sprite 6 of 16, asked for as hero"

    # The row at several positions of the timeline, against the formula.
    train, validation = split(builtin())
    heroes = train.take(train.labels == train.class_names.index("hero"))
    slider = visible(QSlider, "timeline.slider")
    plot = visible(Plot, "memory.perplexity")
    perplexity, tops = [], []
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Home)
    for frame in range(len(trajectory)):
        if frame:
            QTest.keyClick(slider, Qt.Key.Key_Right)
        expected = weights(trajectory, 5, frame, heroes)
        order = np.argsort(-expected, kind="stable")[:8]
        np.testing.assert_allclose(row.shares, expected[order], atol=1e-5)
        shown = row.which[: np.count_nonzero(expected[order] > 1e-4)]
        assert shown.tolist() == order[: len(shown)].tolist()
        entropy = -(expected * np.log(np.maximum(expected, 1e-300))).sum()
        perplexity.append(np.exp(entropy))
        tops.append(float(expected[order[0]]))
        others = visible(QLabel, "memory.others")
        assert others.heightForWidth(others.width()) == others.fontMetrics().height()
        called = "noisy sprite" if frame < len(trajectory) - 1 else "finished sprite"
        assert called in visible(QLabel, "memory.heading.x_t").text()
        said = others.text()
        for name in ("others", "caption"):  # beside a lesson they take a second line
            label = visible(QLabel, f"memory.{name}")
            line, needed = label.fontMetrics().height(), label.sizeHint().width()
            assert label.heightForWidth(needed // 2 + 20) >= 2 * line
        assert f"{len(heroes) - 8:,} not shown" in said
    np.testing.assert_allclose(
        plot.table()["sprites"], np.array(perplexity)[trajectory.log_snr < 15], rtol=1e-4
    )

    # The level at which it is decided, and the button that leads there.
    decided = next(k for k, weight in enumerate(tops) if weight > 0.5)
    click(visible, "memory.commits.go")
    assert slider.value() == decided
    t = f"{trajectory.t[decided]:.1f}".removesuffix(".0")
    said = visible(QLabel, "memory.commits").text()
    assert said.startswith(
        f"From t = {t}, a network that can only repeat training sprites would most likely end at"
    )

    # The nearest sprites, and the verdict, by the project's rule.
    nearest = visible(SpriteRow, "memory.nearest")
    sprite = to_pixels(trajectory.x0[-1, 5])
    found = nearest_sprites(sprite[None], train.images)
    assert nearest.which[0] == found.which[0]
    assert nearest.words[0] == f"{found.distance[0]:.1f}"
    some = np.random.default_rng(0).permutation(len(validation))[: measured.MOST_VALIDATION]
    near = nearest_sprites(validation.images[some], train.images).distance
    threshold = np.percentile(near, 5)
    assert f"</b>: {found.distance[0]:.1f} from" in verdict.text()
    assert f"what is below {threshold:.1f} as copies" in verdict.text()
    close = verdict.text().startswith("<b>Counts as a copy, though not pixel for pixel</b>")
    assert not close or found.distance[0] < threshold

    # All classes: a different softmax.
    click(visible, "memory.among.all")
    qtbot.waitUntil(
        lambda: f"{len(train) - 8:,} not shown" in visible(QLabel, "memory.others").text()
    )
    expected = weights(trajectory, 5, decided, train)
    np.testing.assert_allclose(row.shares, np.sort(expected)[::-1][:8], atol=1e-5)

    # With augmentation, sprites count as more pictures, so more of them remain.
    before = plot.table()["sprites"]
    click(visible, "memory.pictures.augmented")
    qtbot.waitUntil(
        lambda: (
            len(plot.table()["sprites"]) == len(before)
            and not np.array_equal(plot.table()["sprites"], before)
        ),
        timeout=20000,
    )
    assert (plot.table()["sprites"] >= before - 0.5).mean() > 0.9


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_nothing_moves_when_the_comparison_comes(
    lab: Lab, page: None, window: MainWindow, visible: Find, qtbot, size: tuple[int, int]
) -> None:
    """Sentences once grew from one line to three, and pictures and plots shrank for them."""
    window.resize(*size)
    lab.open_data(None)
    qtbot.waitUntil(lambda: lab.data.value is not None, timeout=20000)
    trajectory = _dissolve(lab, lab.data.value.images[40:41], qtbot)
    stage = window.findChild(MemoryStage, "memory.stage")
    said = visible(QLabel, "memory.verdict")

    def places() -> dict[str, QRect]:
        settle(window)
        names = ("x_t", "nearest", "becoming", "perplexity")
        found = {name: window.findChild(QWidget, f"memory.{name}") for name in names}
        return {name: QRect(w.mapTo(window, QPoint()), w.size()) for name, w in found.items()}

    qtbot.waitUntil(lambda: "as copies" in said.text(), timeout=20000)
    there = places()
    stage.set_sprite(trajectory, 0)
    assert not said.text()
    assert places() == there
    stage.wait()
    assert places() == there


def test_in_large_text_each_part_has_the_room(
    lab: Lab, page: None, window: MainWindow, visible: Find, qtbot, theme: ThemeManager
) -> None:
    """Two thirds of the page once were reachable only by scrolling."""
    window.resize(1280, 800)
    sprites = make_sprites(120)
    lab.data.set(sprites)
    _dissolve(lab, sprites.images[:1], qtbot)
    theme.set_text_size(150)
    names = ("x_t", "becoming", "nearest", "perplexity")
    for part, wanted in (
        ("become", [True, True, False, False]),
        ("nearest", [False, False, True, False]),
        ("decided", [False, False, False, True]),
    ):
        QTest.mouseClick(visible(QToolButton, f"memory.part.{part}"), Qt.MouseButton.LeftButton)
        settle(window)
        found = [window.findChild(QWidget, f"memory.{name}") for name in names]
        assert [widget.isVisible() for widget in found] == wanted
        area = visible(QScrollArea, "memory.content")
        assert isinstance(area, QScrollArea)
        assert area.verticalScrollBar().maximum() == 0
    theme.set_text_size(100)
    settle(window)
    assert all(window.findChild(QWidget, f"memory.{name}").isVisible() for name in names)


def test_which_sprites_it_is_compared_with_is_remembered(
    lab: Lab, page: None, visible: Find
) -> None:
    click(visible, "memory.among.all")
    lab.settings.save()
    assert Settings().value.forms == lab.settings.value.forms
    again = MemoryPage(lab)
    assert again.among.value == "all"
    click(visible, "memory.among.class")
    delete_now(again)
    again = MemoryPage(lab)
    assert again.among.value == "class"
    delete_now(again)


def _dissolve(lab: Lab, images: np.ndarray, qtbot) -> Trajectory:
    lab.forward(images, ForwardConfig(schedule=ScheduleConfig(timesteps=40)))
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=10000)
    return lab.trajectory.value


def test_a_training_sprite_is_found_itself_and_is_a_copy(
    lab: Lab, page: None, visible: Find, qtbot
) -> None:
    sprites = make_sprites(120)
    lab.data.set(sprites)
    train, _ = split(sprites)
    _dissolve(lab, train.images[3:5], qtbot)
    nearest, verdict = visible(SpriteRow, "memory.nearest"), visible(QLabel, "memory.verdict")
    qtbot.waitUntil(lambda: "close." in verdict.text() and len(nearest.which) > 0, timeout=20000)
    assert nearest.words[0] == "0.0"
    assert nearest.which[0] == 3
    assert verdict.text().startswith("<b>Exact copy</b>: 0.0 from")
    assert "and 0 of 256 pixels differ visibly in color" in verdict.text()
    slider = visible(QSlider, "timeline.slider")
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_End)
    becoming = visible(SpriteRow, "memory.becoming")
    assert becoming.which[0] == 3
    assert becoming.words[0] == "100%"
    for row, name in ((becoming, "memory-becoming"), (nearest, "memory-nearest")):
        assert_golden(row, name, size=(448, row.height()), area=QRect(0, 0, 440, 54))


def test_a_sprite_like_several_is_called_no_copy_of_one(
    lab: Lab, page: None, window: MainWindow, visible: Find, qtbot
) -> None:
    """A root was once called a copy of a carrot that was as near as seven others."""
    lab.data.set(make_sprites(120))
    _dissolve(lab, lab.data.value.images[:1], qtbot)
    stage = window.findChild(MemoryStage, "memory.stage")
    qtbot.waitUntil(lambda: "close." in stage.verdict.text(), timeout=20000)
    nothing = np.zeros((1, 1), np.float32)
    none, still = np.zeros(2, np.bool_), np.zeros((2, 2), np.int64)
    near = Neighbors(np.arange(2), np.array([37.0, 38.0]), none, still)
    rule = CopyRule(np.linspace(38.0, 80.0, 100))
    found = Remembered(near, Becoming(lab.data.value, nothing, nothing), apart=90)
    for shown, near_copy, grade in (
        (found, "", "Counts as a copy, though not pixel for pixel"),
        (found, "carrot", "Near-copy of “carrot”, colors aside"),
        (replace(found, apart=0), "carrot", "Exact copy"),
        (replace(found, nearest=near._replace(distance=near.distance + 9)), "", "New"),
    ):
        stage.set_verdict(shown, rule, near_copy)
        assert stage.verdict.text().startswith(f"<b>{grade}</b>: ")
        assert f"{shown.apart} of 256 pixels differ" in stage.verdict.text()
        assert "nearest by pixels" in stage.verdict.text()
    # with a single sprite, no other shows what is near
    stage.set_verdict(found, CopyRule(np.empty(0)))
    assert stage.verdict.text().startswith("<b>New</b>: 37.0 from")
    assert "as copies" not in stage.verdict.text()
    stage.set_verdict(found, rule)
    lab.is_asking.set(True)  # a lesson asks at which distance a sprite is a copy
    assert "copies" not in stage.verdict.text()
    assert "from the training sprite nearest" in stage.verdict.text()
    lab.asked_for.set(frozenset({"memory.sprites"}))  # in a later step
    lab.is_asking.set(False)
    assert "copies" not in stage.verdict.text()
    lab.asked_for.set(frozenset())
    assert "as copies" in stage.verdict.text()
    assert "97.4% as far" in stage.verdict.toolTip()


def test_a_candidate_that_changes_after_it_was_decided_is_told(
    lab: Lab, page: None, window: MainWindow, visible: Find, qtbot
) -> None:
    """Once, the sprite named as the result differed from the one with all the weight at the end."""
    lab.data.set(make_sprites(120))
    _dissolve(lab, lab.data.value.images[:1], qtbot)
    stage = window.findChild(MemoryStage, "memory.stage")
    qtbot.waitUntil(lambda: "close." in stage.verdict.text(), timeout=20000)
    sprites = lab.data.value.take(np.arange(3))
    frames = len(lab.trajectory.value)
    weight = np.full((frames, 3), 1 / 3, np.float32)
    weight[-2:] = (0.6, 0.3, 0.1), (0.1, 0.8, 0.1)
    images = np.zeros((frames, *sprites.images.shape[1:]), np.float32)
    first, last = (sprite_name(sprites, i) for i in range(2))
    becoming = Becoming(sprites, np.log(weight), images)
    assert stage is not None
    assert becoming.commits_at == frames - 2
    stage._becoming = becoming
    stage._show_commitment()
    said = visible(QLabel, "memory.commits").text()
    assert said.endswith(f"would most likely end at “{first}”; later, at “{last}”.")


def test_the_settling_map_looks_as_it_did(lab: Lab, page: None, visible: Find, qtbot) -> None:
    frames, size = 17, 16
    # Column i of the sprite is settled from frame i on, except for one row, settled from the first
    # frame.
    stays = np.arange(frames)[:, None] >= np.arange(size)
    x0 = np.where(stays[:, None, None, :, None], 0.5, -0.5) * np.ones((1, 1, size, 1, 3))
    x0[:, :, 4] = 0.5
    t = np.linspace(500, 0, frames, dtype=np.float32)
    values, log_snr = x0.astype(np.float16), np.linspace(-8, 20, frames, dtype=np.float32)
    lab.trajectory.set(Trajectory("reverse", t, log_snr, values, values))
    settling = visible(PixelMap, "memory.settling")
    assert settling.values[0].tolist() == t[:size].tolist()
    settling.resize(560, 200)
    sprite, heat, _, _ = settling.frames()
    assert_golden(settling, "memory-settling", area=sprite.united(heat).toRect())


def test_pixels_that_settle_are_read_off_the_map(
    lab: Lab, page: None, visible: Find, qtbot
) -> None:
    k, clean = 9, np.full((16, 16, 3), 100, np.uint8)
    x0 = np.tile(clean, (k, 1, 1, 1, 1))
    x0[:6, 0, 2, 3] = 200  # settled from frame 6 on
    t = np.linspace(400, 0, k, dtype=np.float32)
    values = to_model_space(x0).astype(np.float16)
    lab.trajectory.set(
        Trajectory("reverse", t, np.linspace(-8, 20, k, dtype=np.float32), values, values)
    )
    settling = visible(PixelMap, "memory.settling")
    expected = np.full((16, 16), t[0])
    expected[2, 3] = t[6]
    np.testing.assert_array_equal(settling.values, expected)
    place = settling.cell_rect(2, 3).center().toPoint()
    qtbot.mouseMove(settling, place - QPoint(30, 0))
    qtbot.mouseMove(settling, place)
    assert visible(QLabel, "memory.settled").text() == (f"Row 3, column 4 settles at t = {t[6]:g}.")
    # Beside wrapped text, a layout once placed the sentence over the map.
    settle(settling.window())
    assert settling.geometry().bottom() < visible(QLabel, "memory.settled").geometry().top()


def test_a_set_that_is_not_open_is_named_and_opened(
    lab: Lab, page: None, visible: Find, qtbot
) -> None:
    lab.data.set(make_sprites(40))
    lab.open_model("builtin")
    qtbot.waitUntil(lambda: lab.model.value is not None, timeout=20000)
    dissolved = _dissolve(lab, builtin().images[:2], qtbot)
    # nothing is predicted
    assert not visible(QWidget, "memory.stage").findChild(PixelMap).isVisible()
    lab.trajectory.set(replace(dissolved, kind="reverse"))
    button = visible(QAbstractButton, "memory.set.action")
    assert button.text() == "Open “Built-in sprites”"
    assert visible(PixelMap, "memory.settling").values.shape == (16, 16)  # needs no set
    click(visible, "memory.set.action")
    qtbot.waitUntil(lambda: not button.isVisible(), timeout=20000)
    nearest = visible(SpriteRow, "memory.nearest")
    qtbot.waitUntil(lambda: len(nearest.which) > 0, timeout=20000)


def test_a_click_in_the_plot_goes_there(lab: Lab, page: None, visible: Find, qtbot) -> None:
    sprites = make_sprites(120)
    lab.data.set(sprites)
    trajectory = _dissolve(lab, sprites.images[:1], qtbot)
    plot = visible(Plot, "memory.perplexity")
    qtbot.waitUntil(lambda: len(plot.table()["sprites"]) > 0, timeout=20000)
    settle(plot.view)
    box = plot.item.getViewBox()
    for frame in (5, 30):
        log_snr = float(trajectory.log_snr[frame])
        place = box.mapViewToScene(QPointF(log_snr, box.viewRange()[1][0] + 0.1))
        viewport = plot.view.viewport()
        QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=plot.view.mapFromScene(place))
        assert visible(QSlider, "timeline.slider").value() == frame


def test_what_was_stopped_is_shown_and_continued_by_a_click(
    lab: Lab, page: None, visible: Find, qtbot
) -> None:
    sprites = make_sprites(120)
    go_on = hold_up(lab)
    lab.data.set(sprites)
    _dissolve(lab, sprites.images[:1], qtbot)
    grid, verdict = visible(SpriteGrid, "memory.sprites"), visible(QLabel, "memory.verdict")
    QTest.keyClick(grid, Qt.Key.Key_Escape)
    go_on.set()
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20000)
    assert verdict.text().startswith("Stopped.")
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.cell_rect(0).center().toPoint())
    qtbot.waitUntil(lambda: "close." in verdict.text(), timeout=20000)


def test_what_counts_as_a_copy_is_of_the_set_that_is_open(
    lab: Lab,
    page: None,
    window: MainWindow,
    visible: Find,
    qtbot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    memory = window.findChild(MemoryPage)
    ask: Callable[..., object] = memory._jobs.do
    late: list[Callable[[CopyRule], None]] = []

    def do(what: str, task: object, take: Callable[..., None]) -> object:
        if what == "rule" and not late:
            return late.append(take)  # the one for the first set takes its time
        return ask(what, task, take)

    def learned_from(sprites: SpriteSet) -> bool:
        return memory._part is not None and len(memory._part.train) == len(split(sprites)[0])

    monkeypatch.setattr(memory._jobs, "do", do)
    first, second = make_sprites(120), make_sprites(200)
    lab.data.set(first)
    _dissolve(lab, first.images[:1], qtbot)
    qtbot.waitUntil(lambda: bool(late))
    lab.data.set(second)
    qtbot.waitUntil(lambda: learned_from(second))
    late[0](CopyRule(np.linspace(38.0, 80.0, 100)))
    wanted = f"5% of {len(split(second)[1])} random validation sprites"
    qtbot.waitUntil(lambda: wanted in visible(QLabel, "memory.verdict").text())


def test_what_is_missing_is_reported(lab: Lab, page: None, visible: Find, qtbot) -> None:
    assert visible(QAbstractButton, "memory.empty.action").text() == "Train a model first"
    _dissolve(lab, builtin().images[:1], qtbot)
    assert visible(QAbstractButton, "memory.set.action").text() == "Open a data set…"
