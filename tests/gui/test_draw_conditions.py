"""Conditions of cells, set by mouse and keys, and their effects on the shipped model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QToolTip,
)
from pytestqt.qtbot import QtBot

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE
from sprite_lab.core.trajectories.class_star import corners, weights_at
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.widgets.canvas.noise_handles import NoiseHandles
from sprite_lab.ui.widgets.fields.class_star import ClassStar
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from tests.gui.hands import LEFT, NONE
from tests.gui.maker import CTRL, SHIFT, Key, Maker
from tests.gui.stand_ins import StandInCells, StandInModel, cells_drawn
from tests.qt import turn_wheel

pytestmark = pytest.mark.opens("draw")

__all__ = ["cells_drawn"]

NAMES = StandInModel().class_names


@pytest.fixture
def maker(window: MainWindow, qtbot: QtBot) -> Maker:
    maker = Maker(window)
    qtbot.waitUntil(lambda: maker.canvas.isVisible())
    maker.lab.model.set(StandInModel())
    return maker


# -- classes ---------------------------------------------------------------------------------------


@pytest.fixture
def star(maker: Maker) -> ClassStar:
    maker.click("draw.mix")
    return maker.find("draw.star", ClassStar)


def test_star_and_sliders_are_there_when_asked_for_or_needed(maker: Maker) -> None:
    assert not maker.window.findChild(ClassStar, "draw.star").isVisible()
    maker.click("draw.mix")
    assert maker.find("draw.star", ClassStar).isVisible()
    for name in NAMES:
        assert maker.find(f"draw.weight.{name}.field").isVisible()
    maker.lab.model.set(StandInModel(class_names=("a", "b")))
    QApplication.processEvents()  # shows new items in a layout
    assert not maker.window.findChild(ClassStar, "draw.star").isVisible()
    assert maker.find("draw.weight.b.field").isVisible()
    maker.lab.model.set(StandInModel(class_names=()))
    assert not maker.find("draw.mix").isEnabled()


def test_a_corner_is_a_class_alone_and_the_center_all_alike(maker: Maker, star: ClassStar) -> None:
    for index, name in enumerate(NAMES):
        maker.press_at(star, star.corner(index))
        assert maker.asked().class_mix == ((name, 1.0),)
        assert maker.find("draw.class").currentData() == name
    maker.press_at(star, star.point(0, 0))
    assert maker.asked().class_mix == tuple((name, 0.2) for name in NAMES)


def test_a_drag_in_the_star_is_one_step_and_mixes_by_place(maker: Maker, star: ClassStar) -> None:
    before = maker.steps
    place = star.point(0.25, -0.3)
    maker.press_at(star, star.corner(0), star.point(0, 0), place)
    assert maker.steps == before + 1
    away = QPointF(place.toPoint()) - star.point(0, 0)
    radius = star.corner(2).y() - star.point(0, 0).y()
    radius /= corners(5)[2][1]
    expected = weights_at(away.x() / radius, away.y() / radius, 5)
    assert dict(maker.asked().class_mix) == {
        n: w for n, w in zip(NAMES, expected, strict=True) if w
    }
    # The sliders show the same.
    for name, weight in zip(NAMES, expected, strict=True):
        assert maker.find(f"draw.weight.{name}.field").value() == pytest.approx(weight)
    maker.undo()
    assert maker.asked().class_mix == ()


def test_the_star_by_keyboard(maker: Maker, star: ClassStar) -> None:
    star.setFocus()
    QTest.keyClick(star, Key.Key_3)
    assert maker.asked().class_mix == ((NAMES[2], 1.0),)
    QTest.keyClick(star, Key.Key_Home)
    assert len(maker.asked().class_mix) == 5
    QTest.keyClick(star, Key.Key_Up)
    first = dict(maker.asked().class_mix)[NAMES[0]]
    assert first == max(dict(maker.asked().class_mix).values()) > 0.2
    for _ in range(20):
        QTest.keyClick(star, Key.Key_Up, SHIFT)
    assert dict(maker.asked().class_mix)[NAMES[0]] > first
    for _ in range(20):
        QTest.keyClick(star, Key.Key_Up)
    assert maker.asked().class_mix == ((NAMES[0], 1.0),)
    for _ in range(8):
        QTest.keyClick(star, Key.Key_Down, SHIFT)
    assert 0.8 < dict(maker.asked().class_mix)[NAMES[0]] < 1  # away from the corner again
    QTest.keyClick(star, Key.Key_Delete)
    assert maker.asked().class_mix == ()
    assert star.accessibleDescription() == "no class"


def test_sliders_set_each_weight_by_itself(maker: Maker, star: ClassStar) -> None:
    maker.type("draw.weight.hero.field", "1")
    maker.type("draw.weight.food.field", "0.5")
    assert maker.asked().class_mix == (("hero", 1.0), ("food", 0.5))
    assert star.weights == (1.0, 0.0, 0.5, 0.0, 0.0)
    assert maker.find("draw.class").placeholderText() == "a mix"
    maker.type("draw.weight.hero.field", "0")
    assert maker.asked().class_mix == (("food", 0.5),)
    maker.type("draw.weight.food.field", "0")
    assert maker.asked().class_mix == ()
    assert maker.find("draw.class").currentText() == "Any class"


def test_cells_that_differ_are_shown_as_several_and_one_slider_changes_that_class_alone(
    maker: Maker, star: ClassStar
) -> None:
    maker.type("draw.weight.hero.field", "0.5")
    maker.choose(1)
    maker.type("draw.weight.food.field", "0.25")
    maker.choose(0, CTRL)
    assert maker.find("draw.class").placeholderText() == "several"
    hero, item = (maker.find(f"draw.weight.{name}.field") for name in ("hero", "item"))
    assert hero.text() == "several"
    assert item.text() == "0.00"
    assert star.accessibleDescription().startswith("several")
    maker.type("draw.weight.item.field", "1")
    assert maker.asked(0).class_mix == (("hero", 0.5), ("item", 1.0))
    assert maker.asked(1).class_mix == (("food", 0.25), ("item", 1.0))
    # The number that the first cell already has is applied to all.
    shown = maker.find("draw.weight.hero.field").value()
    maker.type("draw.weight.hero.field", f"{shown:.2f}")
    assert [dict(maker.asked(i).class_mix).get("hero", 0) for i in (0, 1)] == [shown, shown]
    assert hero.text() == f"{shown:.2f}"
    maker.undo()
    assert "hero" not in dict(maker.asked(1).class_mix)


def test_a_mix_is_named_in_the_grid(maker: Maker, star: ClassStar) -> None:
    maker.type("draw.weight.hero.field", "0.5")
    maker.type("draw.weight.food.field", "0.5")
    grid = maker.find("draw.cells")
    place = grid.cell_rect(0).center().toPoint()
    help_event = QHelpEvent(QEvent.Type.ToolTip, place, grid.mapToGlobal(place))
    QApplication.sendEvent(grid, help_event)
    assert "0.5 hero + 0.5 food" in QToolTip.text()
    QToolTip.hideText()


# -- guidance --------------------------------------------------------------------------------------


def test_seeds_that_differ_are_shown_as_several(maker: Maker) -> None:
    """The seed of the first cell was once shown as that of all."""
    field = maker.find("draw.seed.field", QLineEdit)

    def write(seed: str) -> None:
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, seed)

    write("82197")
    maker.choose(1)
    write("452505")
    maker.choose(0, CTRL)
    assert (field.text(), field.placeholderText()) == ("", "several")
    write("82197")
    assert [maker.asked(cell).seed for cell in (0, 1)] == [82197, 82198], "one after the other"
    assert field.text() == "82197"
    maker.choose(1)
    assert field.text() == "82198"


def test_guidance_of_several_cells(maker: Maker) -> None:
    maker.type("draw.guidance.field", "4")
    maker.choose(1, CTRL)
    field = maker.find("draw.guidance.field")
    assert field.text() == "several"
    maker.type("draw.guidance.field", "5.5")
    assert [maker.asked(i).guidance_scale for i in (0, 1)] == [5.5, 5.5]
    assert field.text() == "5.5 ×"
    maker.undo()
    assert [maker.asked(i).guidance_scale for i in (0, 1)] == [4, 2]
    assert field.text() == "several"


def test_the_interval_by_handles_numbers_and_keys(maker: Maker) -> None:
    maker.unfold("guidance")
    handles: NoiseHandles = maker.find("draw.guided", NoiseHandles)
    assert "everywhere" not in maker.text("draw.guided.text")
    assert "at all noise" in maker.text("draw.guided.text")
    before = maker.steps
    maker.press_at(handles, handles.point(1.0), handles.point(0.9), handles.point(0.75))
    low, high = maker.asked().guidance_interval
    assert low == 0
    assert high == pytest.approx(0.75, abs=0.01)
    assert maker.steps == before + 1
    maker.type("draw.guided.to", "100")
    assert maker.asked().guidance_interval[0] == 0.2
    assert "t = 100" in maker.text("draw.guided.text")
    assert "log-SNR" in maker.text("draw.guided.text")
    handles.setFocus()
    QTest.keyClick(handles, Key.Key_Left)
    assert maker.asked().guidance_interval[1] == pytest.approx(high + 0.01, abs=0.002)
    QTest.keyClick(handles, Key.Key_Down)
    QTest.keyClick(handles, Key.Key_End)
    assert maker.asked().guidance_interval[0] == 0
    # A handle cannot pass the other one.
    QTest.keyClick(handles, Key.Key_Home)
    low, high = maker.asked().guidance_interval
    assert low == high
    QTest.mouseDClick(handles, LEFT, NONE, handles.point(0.5).toPoint())
    assert maker.asked().guidance_interval == (0, 1)


def test_the_wheel_moves_no_handle(maker: Maker) -> None:
    maker.unfold("guidance")
    handles: NoiseHandles = maker.find("draw.guided", NoiseHandles)
    handles.setFocus()
    assert not turn_wheel(handles)
    assert maker.asked().guidance_interval == (0, 1)


def test_steering_away_and_students(maker: Maker) -> None:
    maker.unfold("guidance")
    maker.pick_class("draw.away", "food")
    assert maker.asked().negative_class == "food"
    maker.lab.model.set(StandInModel(is_student=True))
    away = maker.find("draw.away")
    assert not away.isEnabled()
    assert "student" in away.toolTip()
    assert maker.asked().negative_class == "food"  # used by other models


# -- start, limits, mask ---------------------------------------------------------------------------


def test_strength_on_the_noise_axis_with_its_picture(maker: Maker) -> None:
    maker.drag((2, 2), (12, 2))
    box = maker.tick("draw.from_drawing")
    assert maker.asked().strength == 0.55
    handle: NoiseHandles = maker.find("draw.strength", NoiseHandles)
    maker.press_at(handle, handle.point(0.55), handle.point(0.2))
    strength = maker.asked().strength
    assert strength == pytest.approx(0.2, abs=0.01)
    t = round(500 * strength)
    assert f"t = {t}" in maker.text("draw.strength.text")
    # The picture is the forward process, in closed form.
    view: SpriteView = maker.find("draw.noised", SpriteView)
    rng = np.random.default_rng([maker.cell().seed, 0])
    rng.standard_normal((4, 16, 16), np.float32)
    epsilon = rng.standard_normal((4, 16, 16), np.float32)[:3].transpose(1, 2, 0)
    share = NoiseSchedule(StandInModel().schedule_config).alphas_cumprod[t - 1]
    rgba = maker.cell().rgba
    clean = np.where(rgba[..., 3:] > 0, rgba[..., :3], 255) / 127.5 - 1
    noisy = np.clip((np.sqrt(share) * clean + np.sqrt(1 - share) * epsilon + 1) * 127.5, 0, 255)
    shown = view.grab().toImage()
    scale = shown.width() // 16
    for x, y in ((0, 0), (5, 2), (15, 15)):
        color = QColor(shown.pixel(x * scale + scale // 2, y * scale + scale // 2)).getRgb()[:3]
        assert np.abs(np.array(color) - noisy[y, x]).max() <= 2
    handle.setFocus()
    QTest.keyClick(handle, Key.Key_PageUp)
    assert maker.asked().strength == pytest.approx(strength + 0.1)
    QTest.keyClick(handle, Key.Key_End)
    assert maker.asked().strength == 0.01  # at least a little
    QTest.mouseClick(box, LEFT, NONE, QPoint(10, box.height() // 2))
    assert maker.asked().strength is None


def test_limits_of_several_cells_are_partly_checked_and_a_click_sets_all(maker: Maker) -> None:
    for name in ("lock_palette", "symmetric", "tile", "keep_alpha", "from_drawing"):
        box: QCheckBox = maker.find(f"draw.{name}", QCheckBox)
        field = "strength" if name == "from_drawing" else name
        maker.choose(0)
        maker.tick(f"draw.{name}")
        maker.choose(1, CTRL)
        assert box.checkState() == Qt.CheckState.PartiallyChecked, name
        maker.tick(f"draw.{name}")
        values = [getattr(maker.asked(i), field) for i in (0, 1)]
        assert values[0] == values[1], name
        assert box.checkState() == (
            Qt.CheckState.Checked if values[0] else Qt.CheckState.Unchecked
        ), name
        maker.undo()
        assert bool(getattr(maker.asked(0), field)) != bool(getattr(maker.asked(1), field)), name


def test_a_tile_is_seen_nine_times(maker: Maker) -> None:
    maker.drag((0, 0), (15, 0))
    assert not maker.window.findChild(SpriteView, "draw.tiled").isVisible()
    maker.tick("draw.tile")
    view: SpriteView = maker.find("draw.tiled", SpriteView)
    shown = view.grab().toImage()
    left = (shown.width() - 96) // 2
    dark = QColor(*DEFAULT_PALETTE[0][:3])
    for copy in range(3):
        for x in (1, 40, 90):
            assert shown.pixelColor(left + x, 32 * copy) == dark


def test_a_silhouette_needs_a_model_that_draws_alpha(maker: Maker) -> None:
    maker.lab.model.set(StandInModel(draws_alpha=False))
    box = maker.find("draw.keep_alpha", QCheckBox)
    assert not box.isEnabled()
    assert "no alpha" in box.toolTip()
    assert "no alpha" in maker.text("draw.limits.reason")


def test_the_whole_mask(maker: Maker) -> None:
    assert not maker.find("draw.mask.keep").isEnabled()
    assert "Keep drawn" not in maker.text("draw.mask.text")
    maker.drag((4, 4), (6, 4))
    assert "Keep drawn" in maker.text("draw.mask.text")
    maker.click("draw.mask.keep")
    assert np.array_equal(maker.cell().keep, maker.cell().rgba[..., 3] > 0)
    assert maker.text("draw.mask.text").startswith("3 kept, 0 partly redrawn")
    width: QSpinBox = maker.find("draw.mask.width", QSpinBox)
    width.setFocus()
    QTest.keyClick(width, Key.Key_Up)
    maker.click("draw.mask.feather")
    redraw = maker.cell().redraw
    assert redraw[4, 3:8].tolist() == [64, 0, 0, 0, 64]
    assert redraw[5, 5] == 64
    assert redraw[7, 5] == 191
    assert redraw[8, 5] == 255
    maker.click("draw.mask.invert")
    assert np.array_equal(maker.cell().redraw, 255 - redraw)
    for _ in range(2):
        maker.undo()
    maker.choose(1, CTRL)
    maker.click("draw.mask.free")
    assert not maker.cell().keep.any()
    assert maker.cell().redraw_strength is None
    maker.undo()
    assert maker.cell().keep.sum() == 3


def test_every_condition_arrives_in_the_configuration(
    maker: Maker, cells_drawn: StandInCells, qtbot: QtBot
) -> None:
    maker.click("draw.mix")
    maker.unfold("guidance")
    maker.drag((4, 4), (9, 4))
    drawn = maker.cell().pixels
    maker.key(Key.Key_K)
    maker.drag((4, 4), (5, 4))
    for name, text in {
        "draw.weight.hero.field": "0.75",
        "draw.weight.item.field": "0.25",
        "draw.guidance.field": "3",
        "draw.guided.from": "400",
        "draw.guided.to": "50",
        "draw.steps.field": "9",
        "draw.seed.field": "1234",
    }.items():
        if name == "draw.seed.field":
            field = maker.find(name)
            field.selectAll()
            QTest.keyClicks(field, text)
        else:
            maker.type(name, text)
    assert maker.find("draw.seed.lock", QAbstractButton).isChecked(), "a typed seed is kept"
    maker.pick_class("draw.away", "creature")
    for name in ("from_drawing", "lock_palette", "symmetric", "tile", "keep_alpha"):
        maker.tick(f"draw.{name}")
    maker.type("draw.strength.field", "30")
    maker.click("draw.generate")
    qtbot.waitUntil(maker.idle)
    ((config,),) = cells_drawn.calls
    redraw = np.full((16, 16), 255, np.uint8)
    redraw[4, 4:6] = 0
    palette = sorted({color[:3] for color in DEFAULT_PALETTE if color[3]})
    assert config == SampleConfig(
        count=1,
        seed=1234,
        sampler="dpmpp_2m",
        steps=9,
        class_mix=(("hero", 0.75), ("item", 0.25)),
        negative_class="creature",
        guidance_scale=3.0,
        guidance_interval=(50.0, 400.0),
        start_t=150,
        drawing=drawn,
        redraw_strength=redraw.tobytes(),
        inpainting="repaint",  # the default for few strokes
        keep_alpha=True,
        palette=bytes(value for rgb in palette for value in rgb),
        symmetric=True,
        tile=True,
    )


# -- the shipped model -----------------------------------------------------------------------------


@pytest.fixture
def real(maker: Maker, qtbot: QtBot, few_threads: None, small_models: Path) -> Maker:
    maker.lab.model.set(None)
    maker.lab.open_model("builtin")
    qtbot.waitUntil(lambda: maker.lab.model.value is not None, timeout=30_000)
    maker.type("draw.steps.field", "4")
    return maker


def make(maker: Maker, qtbot: QtBot) -> None:
    maker.click("draw.generate")
    qtbot.waitUntil(maker.idle, timeout=60_000)
    assert not maker.failures


def shape() -> np.ndarray:
    """uint8 (16, 16, 4): a block of four colors."""
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[4:12, 4:12, 3] = 255
    rgba[4:8, 4:8, :3] = (200, 40, 30)
    rgba[4:8, 8:12, :3] = (30, 160, 60)
    rgba[8:12, 4:8, :3] = (40, 60, 200)
    rgba[8:12, 8:12, :3] = (250, 220, 80)
    return rgba


def test_the_model_draws_around_hard_and_soft_masks(real: Maker, qtbot: QtBot) -> None:
    real.put(shape())
    real.click("draw.mask.keep")
    before = real.cell()
    make(real, qtbot)
    after = real.cell()
    kept = before.keep
    assert np.array_equal(after.rgba[kept], before.rgba[kept])
    assert (after.rgba[~kept] != before.rgba[~kept]).any()
    assert real.lab.project.cell(0).made_by.known().sum() == kept.sum()
    # Soft: pixels released late stay nearer to the drawing than redrawn ones.
    real.undo()
    real.click("draw.mask.free")
    real.click("draw.mask.invert")  # everything is kept, so nothing changes
    real.click("draw.seed.lock")
    make(real, qtbot)
    assert real.cell().pixels == before.pixels
    assert real.cell().made_by is not None

    def apart(strength: int) -> float:
        project, now = real.lab.project, real.cell()
        soft = replace(now, redraw_strength=bytes([strength]) * 256)
        project.put({0: soft}, "Mask")
        make(real, qtbot)
        found = np.abs(real.cell().rgba.astype(int) - shape()).mean()
        real.undo()
        real.undo()
        return float(found)

    distances = [apart(strength) for strength in (1, 80, 140, 254)]
    assert distances[0] < 1  # (of 255) it is kept until hardly any noise is left
    assert distances == sorted(distances)
    assert distances[-1] > 0
    assert len(set(distances)) > 2


def test_the_model_keeps_to_palette_symmetry_and_silhouette(real: Maker, qtbot: QtBot) -> None:
    real.tick("draw.lock_palette")
    real.choose(1)
    real.tick("draw.symmetric")
    real.choose(2)
    real.put(shape(), 2)
    real.tick("draw.keep_alpha")
    real.choose(3)
    real.tick("draw.tile")
    real.tick("draw.lock_palette")
    for cell in (0, 1, 2):
        real.choose(cell, CTRL)
    steps = real.steps
    asked = real.answer("draw.over.over")  # only the silhouette would remain
    make(real, qtbot)  # all four at once, though they have no settings in common
    assert asked
    assert real.steps == steps + 1
    allowed = {color[:3] for color in DEFAULT_PALETTE if color[3]}
    for cell in (0, 3):
        rgba = real.cell(cell).rgba
        found = {tuple(int(v) for v in rgb) for rgb in rgba[rgba[..., 3] > 0][:, :3]}
        assert found
        assert found <= allowed
        assert set(np.unique(rgba[..., 3])) <= {0, 255}
    symmetric = real.cell(1).rgba
    assert np.array_equal(symmetric, symmetric[:, ::-1])
    assert np.array_equal(real.cell(2).rgba[..., 3], shape()[..., 3])
    assert (real.cell(2).rgba != shape()).any()


def test_the_model_mixes_varies_and_tells_the_same_again(real: Maker, qtbot: QtBot) -> None:
    real.click("draw.mix")
    real.type("draw.weight.hero.field", "0.6")
    real.type("draw.weight.food.field", "0.4")
    real.click("draw.seed.lock")
    make(real, qtbot)
    first = real.cell()
    real.click("draw.mask.keep")  # nothing remains of how it was made
    real.click("draw.mask.free")
    make(real, qtbot)
    assert real.cell().pixels == first.pixels  # the seed is locked
    real.unfold("vary")
    real.type("draw.vary.count", "2")

    def apart(percent: str) -> float:
        real.type("draw.vary.share.field", percent)
        real.click("draw.vary")
        qtbot.waitUntil(real.idle, timeout=60_000)
        cells = [real.cell(i).rgba.astype(int) for i in (1, 2)]
        assert all(real.asked(i).class_mix == (("hero", 0.6), ("food", 0.4)) for i in (1, 2))
        real.undo()
        return float(np.mean([np.abs(c - first.rgba).mean() for c in cells]))

    assert apart("3") < apart("100")


def test_the_selection_alone_is_redrawn(real: Maker, qtbot: QtBot) -> None:
    real.put(shape())
    real.key(Key.Key_M)
    real.drag((0, 0), (7, 15))
    make(real, qtbot)
    after = real.cell().rgba
    assert np.array_equal(after[:, 8:], shape()[:, 8:])
    assert (after[:, :8] != shape()[:, :8]).any()


def test_a_model_without_alpha_gets_it_from_the_border(
    maker: Maker, qtbot: QtBot, few_threads: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its background is white; only white connected to the border becomes transparent."""
    import torch

    from sprite_lab.core.config import NetworkConfig, ScheduleConfig
    from sprite_lab.core.sets.vocabulary import Prompt, Vocabulary
    from sprite_lab.core.trajectories.trajectory import Trajectory
    from sprite_lab.diffusion.denoiser import Denoiser
    from sprite_lab.diffusion.schedule import NoiseSchedule
    from sprite_lab.engine.models.model import Model
    from sprite_lab.engine.sampling import reverse as sampling

    torch.manual_seed(0)
    denoiser = Denoiser(NetworkConfig(width=16, num_classes=1), "v").eval().requires_grad_(False)
    known = Vocabulary(("hero",))
    model = Model(denoiser, NoiseSchedule(ScheduleConfig()), known, "rgb", 0, "", "")
    assert not model.draws_alpha
    ring = np.ones((1, 1, 16, 16, 3), np.float16)
    ring[:, :, 4:12, 4:12] = -1
    ring[:, :, 7:9, 7:9] = 1  # a hole
    levels = np.zeros(1, np.float32), np.full(1, 20, np.float32)
    drawn = Trajectory("reverse", *levels, ring, ring, prompts=(Prompt(),))

    def sample_iter(*arguments: object, **named: object):
        from sprite_lab.core.records import Progress

        yield Progress(1, 1)
        return drawn

    monkeypatch.setattr(sampling, "sample_iter", sample_iter)
    maker.lab.model.set(model)
    assert not maker.find("draw.keep_alpha").isEnabled()
    make(maker, qtbot)
    rgba = maker.cell().rgba
    assert rgba[0, 0].tolist() == [0, 0, 0, 0]
    assert rgba[5, 5].tolist() == [0, 0, 0, 255]
    assert rgba[7, 7].tolist() == [255, 255, 255, 255]


def test_cells_ask_for_words_and_a_style(maker: Maker) -> None:
    maker.lab.model.set(StandInModel(words=("red", "slime"), styles=("gb", "nes")))
    line = maker.find("draw.words", QLineEdit)
    line.setFocus()
    QTest.keyClicks(line, "red slim ")
    assert maker.asked().words == ("red", "slim")
    assert "slim" in maker.find("draw.words.slim", QPushButton).toolTip()
    style = maker.find("draw.style", QComboBox)
    style.setFocus()
    QTest.keyClicks(style, "nes")
    QTest.keyClick(style, Key.Key_Return)
    assert maker.asked().style == "nes"
    maker.undo()
    assert maker.asked().style == ""
    # Another cell has its own words; words that only one of the two cells has are marked.
    project = maker.lab.project
    project.put({1: project.cell(1).asking(words=("red",))}, "Ask")
    maker.find("draw.cells").set_selection([0, 1])
    assert maker.find("draw.words.slim", QPushButton).property("partly")
    line.setFocus()
    QTest.keyClick(line, Key.Key_Backspace)
    assert (maker.asked(0).words, maker.asked(1).words) == (("red",), ("red",))
    QTest.keyClicks(line, "slime ")
    assert (maker.asked(0).words, maker.asked(1).words) == (("red", "slime"),) * 2
