"""Branching as a person does it: on the shipped model, by mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.app.see.branches import Branches
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.sets.sprites import to_model_space, to_pixels
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.core.trajectories.branches import drawable
from sprite_lab.core.trajectories.levels import alpha_std
from sprite_lab.core.trajectories.race import distance
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.see.branch.tree import BranchTreeView
from sprite_lab.ui.see.watch.page import WatchPage
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.canvas.sprite_canvas import SpriteCanvas
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from tests.gui.alone import click, find, in_a_window
from tests.gui.golden import assert_golden
from tests.gui.stand_ins import StandInModel
from tests.gui.test_widgets import pixels
from tests.qt import is_at_rest

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(scope="module")
def made() -> tuple[object, Trajectory]:
    """The shipped model, and four of its sprites in six steps."""
    from sprite_lab.core.run import RunControl, drain
    from sprite_lab.engine.models.model import load_model
    from sprite_lab.engine.sampling.reverse import sample_iter

    model = load_model("builtin", "cpu")
    config = SampleConfig(
        count=4, steps=6, seed=3, sampler="ddim", classes=("hero", "food"), colors=0
    )
    return model, drain(sample_iter(model, [config], RunControl()))


@pytest.fixture
def page(qtbot: QtBot, lab: Lab, made: tuple[object, Trajectory]) -> Iterator[WatchPage]:
    lab.model.set(made[0])
    page = WatchPage(lab)
    window = in_a_window(qtbot, page, 1000)
    qtbot.addWidget(window)
    lab.trajectory.set(made[1])
    yield page
    window.hide()


def scrub(qtbot: QtBot, page: WatchPage, frame: int) -> None:
    """Drag the slider to a frame, and let the panel follow."""
    slider = page.timeline.slider
    qtbot.mouseClick(slider, LEFT, pos=QPoint(round(slider.frame_x(frame)), 40))
    assert page.timeline_model.frame == frame
    settle(qtbot, page)


def settle(qtbot: QtBot, page: WatchPage) -> None:
    """Let the panel follow, which happens a moment after the slider rests."""
    qtbot.waitUntil(lambda: is_at_rest(page.branching.panel))


def choose(qtbot: QtBot, page: WatchPage, sprite: int) -> None:
    grid = find(page, "see.grid.x_t")
    qtbot.mouseClick(grid, LEFT, pos=grid.cell_rect(sprite).center().toPoint())


def paint(qtbot: QtBot, page: WatchPage, *points: tuple[int, int]) -> None:
    canvas = find(page, "see.branch.canvas", SpriteCanvas)
    for x, y in points:
        qtbot.mouseClick(canvas, LEFT, pos=canvas.pixel_rect(x, y).center().toPoint())


def branch(qtbot: QtBot, page: WatchPage, lab: Lab) -> Trajectory:
    """Press "Branch from", wait for it, and stop it from playing."""
    before = lab.trajectory.value
    click(qtbot, page, "see.branch.go")
    qtbot.waitUntil(lambda: lab.trajectory.value is not before, timeout=60_000)
    page.timeline_model.pause()
    return lab.trajectory.value


def ready(qtbot: QtBot, page: WatchPage, frame: int = 2, sprite: int = 1) -> None:
    """Get ready to branch from a frame of a sprite."""
    click(qtbot, page, "see.mode.branch")
    choose(qtbot, page, sprite)
    scrub(qtbot, page, frame)


def shown_by(widget: QWidget) -> np.ndarray:
    """The sprite shown by a SpriteView, uint8 (16, 16, 3)."""
    image = pixels(widget.grab().toImage())
    height, width = image.shape[:2]
    scale = min(height, width) // 16
    top, left = (height - 16 * scale) // 2, (width - 16 * scale) // 2
    half = scale // 2
    return image[top + half :: scale, left + half :: scale][:16, :16]


# -- editing ---------------------------------------------------------------------------------


def test_an_edited_pixel_leads_a_branch_of_its_own(
    qtbot: QtBot, page: WatchPage, lab: Lab, made: tuple[object, Trajectory]
) -> None:
    root = made[1]
    ready(qtbot, page)
    assert find(page, "see.branch.place", QLabel).text() == f"Sprite 2 of 4 at t = {root.t[2]:.0f}"
    go = find(page, "see.branch.go", QAbstractButton)
    assert not go.isEnabled()
    assert "Change something first" in go.toolTip()
    # The canvas shows the predicted sprite of that frame.
    editor = page.branching.panel.editor
    assert np.array_equal(editor.rgba, drawable(root, 2, 1))
    paint(qtbot, page, (7, 7), (8, 7))
    assert find(page, "see.branch.summary", QLabel).text() == "2 pixels edited"
    made_by_hand = editor.rgba[7, 7, :3].copy()
    # A drawing stays with its frame, wherever the user looks meanwhile.
    scrub(qtbot, page, 4)
    assert go.text() == f"Branch from t = {root.t[2]:.0f}"
    got = branch(qtbot, page, lab)

    assert (got.count, got.branched_at, got.config.first_index) == (1, 2, 1)
    assert np.array_equal(got.x_t[:2, 0], root.x_t[:2, 1])
    wanted = root.x0[2, 1].astype(np.float32)
    wanted[7, 7:9] = to_model_space(made_by_hand)
    np.testing.assert_allclose(got.x0[2, 0].astype(float), wanted, atol=1e-3)
    np.testing.assert_allclose(got.epsilon(2)[0], root.epsilon(2)[1], atol=0.02)
    # The next x is computed from both, by the sampler's own step (ddim).
    signal, std = (float(v) for v in alpha_std(float(root.log_snr[3])))
    next_x = signal * wanted + std * root.epsilon(2)[1]
    np.testing.assert_allclose(got.x_t[3, 0].astype(float), next_x, atol=0.02)
    tree = lab.branches.tree
    assert [b.name for b in tree.rows()] == ["Original", "Branch 1"]
    assert tree[1].words == f"at t = {root.t[2]:.0f}: 2 pixels edited"
    assert tree[1].sprites == (1,)
    assert not editor.touched, "what was drawn is done with"
    assert got.made_by is None, "no settings make it again"


def test_undo_in_the_canvas_takes_back_its_own_strokes(
    qtbot: QtBot, page: WatchPage, lab: Lab
) -> None:
    ready(qtbot, page)
    canvas = find(page, "see.branch.canvas", SpriteCanvas)
    editor = page.branching.panel.editor
    paint(qtbot, page, (3, 3))
    qtbot.keyClick(canvas, Qt.Key.Key_E)  # the eraser, by its key
    paint(qtbot, page, (8, 8))
    assert editor.edited.sum() == 2
    assert editor.rgba[8, 8, 3] == 0
    qtbot.keyClick(canvas, Qt.Key.Key_Z, CONTROL)
    assert editor.edited.sum() == 1
    qtbot.keyClick(canvas, Qt.Key.Key_Y, CONTROL)
    assert editor.edited.sum() == 2
    assert not lab.project.history.can_undo, "the project has nothing to do with it"
    click(qtbot, page, "see.branch.discard")
    assert not editor.touched
    scrub(qtbot, page, 3)
    assert np.array_equal(editor.rgba, drawable(lab.trajectory.value, 3, 1)), "it follows again"


def test_part_of_the_noise_is_redrawn(
    qtbot: QtBot, page: WatchPage, lab: Lab, made: tuple[object, Trajectory]
) -> None:
    root = made[1]
    ready(qtbot, page, frame=1)
    click(qtbot, page, "see.branch.what.noise")
    paint(qtbot, page, (5, 5), (10, 10))
    canvas = find(page, "see.branch.canvas", SpriteCanvas)
    qtbot.mouseClick(canvas, RIGHT, pos=canvas.pixel_rect(10, 10).center().toPoint())
    mask = np.zeros((16, 16), bool)
    mask[4:7, 4:7] = True
    assert np.array_equal(page.branching.panel.editor.redraw, mask)
    assert find(page, "see.branch.summary", QLabel).text() == "Noise of 9 pixels redrawn"
    click(qtbot, page, "see.branch.sprites.all")
    got = branch(qtbot, page, lab)
    assert got.count == 4
    signal, std = (float(v) for v in alpha_std(float(root.log_snr[1])))
    noise = (got.x_t[1].astype(float) - signal * root.x0[1].astype(float)) / std
    np.testing.assert_allclose(noise[:, ~mask], root.epsilon(1)[:, ~mask], atol=0.01)
    assert (np.abs(noise - root.epsilon(1))[:, mask] > 0.01).mean() > 0.9


def test_branches_in_large_text_fit_a_small_screen(
    qtbot: QtBot, page: WatchPage, lab: Lab, theme: ThemeManager
) -> None:
    """The first branch once made the window larger than a screen of 1280x800."""
    theme.set_text_size(150)
    grow(qtbot, page, lab)
    page.stage.findChild(QWidget, "see.page.on").parentWidget().show()
    QApplication.processEvents()
    assert page.minimumSizeHint().height() <= 584


def test_the_wheel_scrolls_the_panel_and_zooms_its_canvas_with_ctrl(
    qtbot: QtBot, page: WatchPage
) -> None:
    """Scrolling the panel once left a tiny sprite behind."""
    ready(qtbot, page)
    canvas = find(page, "see.branch.canvas", SpriteCanvas)
    before = canvas.pixel_rect(0, 0)
    for held, zooms in ((Qt.KeyboardModifier.NoModifier, False), (CONTROL, True)):
        middle = QPointF(canvas.rect().center())
        wheel = QWheelEvent(
            middle,
            canvas.mapToGlobal(middle),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            held,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(canvas, wheel)
        assert wheel.isAccepted() == zooms
        assert (canvas.pixel_rect(0, 0) != before) == zooms


def test_the_sprite_that_would_branch_is_marked(qtbot: QtBot, page: WatchPage) -> None:
    assert page.stage.sprite == -1
    click(qtbot, page, "see.mode.branch")
    assert page.stage.sprite == 0
    assert {panel.grid.current for panel in page.stage.panels if panel.isVisible()} == {0}
    page.stage.choose(-1)
    assert page.stage.sprite == 0, "in Branch, one sprite is always selected"


def test_settings_from_there_on(
    qtbot: QtBot, page: WatchPage, lab: Lab, made: tuple[object, Trajectory]
) -> None:
    root = made[1]
    ready(qtbot, page, sprite=0)
    classes = find(page, "see.branch.class", QComboBox)
    classes.setFocus()
    while classes.currentText() != "item":
        qtbot.keyClick(classes, Qt.Key.Key_Down)
    guidance = find(page, "see.branch.guidance.field").lineEdit()
    guidance.selectAll()
    qtbot.keyClicks(guidance, "4")
    qtbot.keyClick(guidance, Qt.Key.Key_Return)
    seed = find(page, "see.branch.seed.field")
    assert not seed.isEnabled(), "ddim draws no noise"
    assert find(page, "see.branch.summary", QLabel).text() == "Class hero → item, guidance 2 → 4"
    got = branch(qtbot, page, lab)
    assert lab.branches.shown.words == f"at t = {root.t[2]:.0f}: class hero → item, guidance 2 → 4"
    assert (got.config.classes, got.config.guidance_scale) == (("item",), 4.0)
    # x_t is exactly the same, but the prediction from it differs.
    assert np.array_equal(got.x_t[2, 0], root.x_t[2, 0])
    assert np.abs(got.x0[2, 0].astype(float) - root.x0[2, 0].astype(float)).max() > 0.05
    # The fields show the current state; nothing is changed yet.
    assert classes.currentText() == "Unchanged"
    assert find(page, "see.branch.summary", QLabel).text() == "Nothing has been changed yet."
    steps = find(page, "see.branch.steps.field").lineEdit()
    steps.selectAll()
    qtbot.keyClicks(steps, "9")
    qtbot.keyClick(steps, Qt.Key.Key_Return)
    longer = branch(qtbot, page, lab)
    assert len(longer) == 2 + 9 + 1
    assert [b.number for b in lab.branches.tree.path(2)] == [0, 1, 2]


def test_a_chosen_class_stays_with_another_model_that_has_it(
    qtbot: QtBot, page: WatchPage, lab: Lab, made: tuple[object, Trajectory]
) -> None:
    model, root = made
    ready(qtbot, page, sprite=0)
    classes = find(page, "see.branch.class", QComboBox)
    classes.setCurrentIndex(classes.findData("item"))
    names = ("monster", *reversed(model.class_names))
    other = replace(model, title="other", vocabulary=Vocabulary(names, (), ()))
    lab.model.set(other)
    lab.trajectory.set(replace(root, model=other.key))
    scrub(qtbot, page, 3)
    assert classes.findData("monster") > 0, "the other model's classes are offered"
    assert classes.currentData() == "item"
    lab.model.set(replace(other, title="third", vocabulary=Vocabulary(("monster",), (), ())))
    lab.trajectory.set(replace(root, model=lab.model.value.key))
    scrub(qtbot, page, 2)
    assert classes.currentText() == "Unchanged"


def test_a_student_branches_too(qtbot: QtBot, page: WatchPage, lab: Lab) -> None:
    lab.open_model("builtin-student")
    qtbot.waitUntil(
        lambda: lab.model.value is not None and lab.model.value.is_student, timeout=20_000
    )
    job = lab.generate([SampleConfig(count=2, steps=4, classes=("hero",), seed=1)])
    qtbot.waitUntil(lambda: not job.active, timeout=20_000)
    root = lab.trajectory.value
    ready(qtbot, page, frame=1, sprite=0)
    assert find(page, "see.branch.sampler", QComboBox).currentText() == "Student"
    steps = find(page, "see.branch.steps.field")
    for frame, left in ((1, 3), (2, 2), (3, 1), (0, 4), (1, 3)):
        scrub(qtbot, page, frame)
        assert (steps.value(), steps.maximum()) == (left, left), "one for each segment to come"
    sampler = find(page, "see.branch.sampler", QComboBox)
    sampler.setCurrentIndex(sampler.findData("ddim"))
    assert steps.maximum() == int(root.t[1])
    sampler.setCurrentIndex(sampler.findData("student"))
    assert (steps.value(), steps.maximum()) == (3, 3)
    classes = find(page, "see.branch.class", QComboBox)
    classes.setFocus()
    while classes.currentText() != "food":
        qtbot.keyClick(classes, Qt.Key.Key_Down)
    click(qtbot, page, "see.branch.sprites.all")
    got = branch(qtbot, page, lab)
    assert np.array_equal(got.log_snr, root.log_snr), "at the levels that were left"
    assert np.array_equal(got.x_t[1], root.x_t[1])
    assert np.abs(got.x0[1].astype(float) - root.x0[1].astype(float)).max() > 0.05


# -- the tree --------------------------------------------------------------------------------


def grow(qtbot: QtBot, page: WatchPage, lab: Lab) -> None:
    """Two branches of sprite 2: one from frame 2, and one from frame 4 of the original."""
    ready(qtbot, page)
    paint(qtbot, page, (7, 7))
    branch(qtbot, page, lab)
    tree = find(page, "see.tree", BranchTreeView)
    qtbot.mouseClick(tree, LEFT, pos=tree.row_rect(0).center().toPoint())
    scrub(qtbot, page, 4)
    paint(qtbot, page, (2, 12))
    branch(qtbot, page, lab)


def label_rect(tree: BranchTreeView, number: int) -> QRect:
    """The rectangle of a branch's label, which depends on the font: after the branch's start."""
    row = tree.row_rect(number)
    left = tree.level_x(tree.branches.tree[number].log_snr) + 8
    return QRect(round(left), round(row.top()) + 2, 260, round(row.height()) - 4)


def test_the_tree_follows_the_timeline_and_shows_its_branches(
    qtbot: QtBot, page: WatchPage, lab: Lab, theme: ThemeManager, made: tuple[object, Trajectory]
) -> None:
    root = made[1]
    grow(qtbot, page, lab)
    tree = find(page, "see.tree", BranchTreeView)
    slider = page.timeline.slider
    for frame in (0, 2, 5):  # straight above the same noise on the slider
        x = slider.mapToGlobal(QPointF(slider.frame_x(frame), 0)).x()
        assert tree.mapToGlobal(QPointF(tree.level_x(float(root.log_snr[frame])), 0)).x() == (
            pytest.approx(x, abs=0.5)
        )
    # The lines are drawn there: the root's second branch starts at frame 4.
    shot = pixels(tree.grab().toImage())
    curve = np.array(QColor(theme.theme.curves[2].color).getRgb()[:3])
    above = round(tree.row_rect(2).top()) - 2  # on its way down from the root, below labels
    near = np.abs(shot[above].astype(int) - curve).sum(axis=1) < 60
    start = tree.level_x(float(root.log_snr[4]))
    assert near.any()
    assert np.abs(np.flatnonzero(near) - start).max() <= 2
    assert_golden(tree, "branch-tree", leave_out=[label_rect(tree, b) for b in range(3)])
    # The mark of the frame covers no name.
    shown = lab.branches.shown
    name = label_rect(tree, shown.number).adjusted(8, 4, 0, -4)
    name.setWidth(tree.fontMetrics().horizontalAdvance(f"{shown.name} {shown.words}"))
    shots = set()
    for frame in range(len(root)):
        scrub(qtbot, page, frame)
        shots.add(pixels(tree.grab(name).toImage()).tobytes())
    assert len(shots) == 1
    scrub(qtbot, page, 3)
    qtbot.mouseClick(tree, LEFT, pos=tree.row_rect(1).center().toPoint())
    assert lab.trajectory.value is lab.branches.tree[1].trajectory
    assert page.timeline_model.frame == 3, "at the same noise"
    assert find(page, "see.large.x_t").isVisible()
    qtbot.keyClick(tree, Qt.Key.Key_Up)
    assert lab.trajectory.value is root
    assert page.stage.sprite == 1, "the same sprite"
    qtbot.keyClick(tree, Qt.Key.Key_Left)
    assert page.timeline_model.frame == 2, "other keys are the timeline's"


def test_names_removal_and_undo(qtbot: QtBot, page: WatchPage, lab: Lab) -> None:
    grow(qtbot, page, lab)
    tree = find(page, "see.tree", BranchTreeView)
    qtbot.mouseDClick(tree, LEFT, pos=tree.row_rect(1).center().toPoint())
    field = find(page, "see.tree.name", QLineEdit)
    qtbot.keyClicks(field, "eye")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert lab.branches.tree[1].name == "eye"
    tree.setFocus()
    qtbot.keyClick(tree, Qt.Key.Key_F2)
    field = find(page, "see.tree.name", QLineEdit)
    qtbot.keyClicks(field, "other")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert "other" not in [b.name for b in lab.branches.tree.branches]
    shown = lab.branches.shown.number
    tree.setFocus()
    qtbot.keyClick(tree, Qt.Key.Key_Delete)
    assert shown not in lab.branches.tree
    assert lab.branches.shown.number == 0, "its parent is shown instead"
    qtbot.keyClick(tree, Qt.Key.Key_Z, CONTROL)
    assert lab.branches.shown.number == shown
    qtbot.keyClick(tree, Qt.Key.Key_Z, CONTROL)
    assert lab.branches.tree[1].name == "Branch 1"
    click(qtbot, page, "see.tree.redo")
    assert lab.branches.tree[1].name == "eye"
    # The root cannot be removed; its menu says why.
    place = tree.row_rect(0).center().toPoint()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, tree.mapToGlobal(place))
    QApplication.sendEvent(tree, event)
    menu = page.window().findChild(QMenu, "see.tree.menu")
    remove = next(action for action in menu.actions() if action.objectName() == "see.tree.remove")
    assert not remove.isEnabled()
    assert remove.toolTip() == "All other branches start from it."
    menu.close()


def test_new_sprites_begin_a_tree_and_one_step_brings_the_old_one_back(
    qtbot: QtBot, page: WatchPage, lab: Lab
) -> None:
    grow(qtbot, page, lab)
    old, shown = lab.branches.tree, lab.trajectory.value
    page.generate()
    qtbot.waitUntil(lambda: lab.trajectory.value is not shown, timeout=60_000)
    assert len(lab.branches.tree) == 1
    hint = page.findChild(QLabel, "see.tree.hint")
    assert hint.text() == "None yet; Undo brings back those of earlier sprites"
    click(qtbot, page, "see.tree.undo")
    assert lab.branches.tree is old
    assert lab.trajectory.value is shown
    lab.branches.history.go(1)
    assert hint.text() == "None; Redo brings them back"


def test_branches_leave_the_slider_whole(qtbot: QtBot, page: WatchPage, lab: Lab) -> None:
    """On a small screen, its track and scale were once cut off."""
    grow(qtbot, page, lab)
    slider, least = page.timeline.slider, page.minimumSizeHint().height()
    for height in range(least, least + 300, 20):
        page.resize(758, height)
        QApplication.processEvents()
        assert slider.height() >= slider.sizeHint().height()


def test_the_forward_process_leaves_branches_aside(qtbot: QtBot, page: WatchPage, lab: Lab) -> None:
    grow(qtbot, page, lab)
    assert page.branching.strip.isVisible()
    lab.trajectory.set(replace(lab.trajectory.value, kind="forward"))
    assert not page.branching.strip.isVisible()


def test_the_tree_is_away_while_the_stage_shows_no_branch(
    qtbot: QtBot, page: WatchPage, lab: Lab
) -> None:
    grow(qtbot, page, lab)
    strip = page.branching.strip
    assert strip.isVisible()
    click(qtbot, page, "see.mode.forward")
    assert not strip.isVisible()
    click(qtbot, page, "see.mode.branch")
    assert strip.isVisible()


def test_two_branches_are_compared(
    qtbot: QtBot, page: WatchPage, lab: Lab, made: tuple[object, Trajectory]
) -> None:
    root = made[1]
    ready(qtbot, page)
    grow(qtbot, page, lab)
    click(qtbot, page, "see.tree.comparing")
    assert find(page, "see.tree.with", QComboBox).currentText() == "Original", "its parent first"
    shown = lab.branches.shown
    for frame in (4, 5):
        scrub(qtbot, page, frame)
        ours = shown.trajectory.x0[frame, 0].astype(np.float32)
        theirs = root.x0[frame, 1].astype(np.float32)
        for which, wanted in (
            ("first", ours),
            ("second", theirs),
            ("difference", 2 * (ours - theirs)),
        ):
            view = find(page, f"see.compare.x0.{which}", SpriteView)
            assert np.array_equal(shown_by(view), to_pixels(wanted)), which
    now = distance(ours, theirs)
    end = distance(shown.trajectory.x0[-1, 0], root.x0[-1, 1])
    text = find(page, "see.compare.about", QLabel).text()
    assert f"differ by {now:.1f} of 255" in text
    assert f"finished sprites by {end:.1f}" in text
    assert text.startswith("Sprite 2 at ")
    compare = page.branching.compare
    assert_golden(compare, "branch-compare", size=(720, 480))
    # Once, nothing said that they are from another model.
    model, caption = lab.model.value, page.findChild(QLabel, "see.compare.caption")
    assert not caption.isVisible()
    lab.model.set(StandInModel(title="other", key="other, step 11, data x"))
    assert caption.isVisible()
    assert caption.text().startswith("Made by another model; Generate replaces it")
    lab.model.set(model)
    assert not caption.isVisible()
    # Before the branch, nothing differs.
    scrub(qtbot, page, 2)
    assert (shown_by(find(page, "see.compare.x_t.difference", SpriteView)) == 128).all()
    qtbot.keyClick(page.timeline.slider, Qt.Key.Key_Escape)
    find(page, "see.large.x_t")


# -- limits ---------------------------------------------------------------------------------------


def test_it_says_why_nothing_can_branch(
    qtbot: QtBot, page: WatchPage, lab: Lab, made: tuple[object, Trajectory]
) -> None:
    root = made[1]
    ready(qtbot, page)
    go, place = find(page, "see.branch.go", QAbstractButton), find(page, "see.branch.place", QLabel)

    def refused() -> str:
        settle(qtbot, page)
        assert not go.isEnabled()
        assert not find(page, "see.branch.canvas").isEnabled()
        return place.text()

    scrub(qtbot, page, len(root) - 1)
    assert "clean end" in refused()
    lab.trajectory.set(replace(root, model="Other, step 7, data x"))
    assert "Another model drew these sprites (Other)" in refused()
    lab.trajectory.set(replace(root, config=None))
    assert "not fully known" in refused()
    lab.trajectory.set(root)
    scrub(qtbot, page, 2)
    lab.model.set(None)
    assert "no model" in refused()
    lab.trajectory.set(None)
    assert "no sprites yet" in refused()


@pytest.mark.parametrize(("side", "drawn_by_hand"), [(24, True), (40, False)])
def test_sprites_of_up_to_32_pixels_are_edited_by_hand(
    qtbot: QtBot, page: WatchPage, lab: Lab, made: tuple[object, Trajectory],
    side: int, drawn_by_hand: bool,
) -> None:  # fmt: skip
    root = made[1]
    more = ((0, 0), (0, 0), (0, side - 16), (0, side - 16), (0, 0))
    x_t, x0 = np.pad(root.x_t, more), np.pad(root.x0, more)
    lab.trajectory.set(replace(root, x_t=x_t, x0=x0, alpha=None, noisy_alpha=None))
    ready(qtbot, page)
    assert find(page, "see.branch.canvas").isEnabled() == drawn_by_hand
    place = find(page, "see.branch.place", QLabel).text()
    assert ("up to 32×32 can be edited by hand; these are 40×40" in place) == (not drawn_by_hand)
    if not drawn_by_hand:
        return
    editor = page.branching.panel.editor
    paint(qtbot, page, (20, 21))
    assert np.argwhere(editor.edited).tolist() == [[21, 20]]
    click(qtbot, page, "see.branch.what.noise")
    paint(qtbot, page, (23, 23))
    assert np.argwhere(editor.redraw).tolist() == [[22, 22], [22, 23], [23, 22], [23, 23]]


def test_memory_is_bounded_and_reported(lab: Lab, made: tuple[object, Trajectory]) -> None:
    root = made[1]
    told: list[str] = []
    lab.notice.connect(told.append)
    branches = Branches(lab, budget=3 * root.nbytes + 1000)
    lab.trajectory.set(root)
    for frame in (1, 2, 3, 4):
        trajectory = replace(root, branched_at=frame)
        tree = branches.tree.add(0, trajectory, "", (0, 1, 2, 3))
        branches._step(replace(branches._now, trajectory=trajectory, tree=tree), "branch")
    assert [b.name for b in branches.tree.branches] == ["Original", "Branch 3", "Branch 4"]
    assert branches.nbytes <= 3 * root.nbytes
    assert any("Discarded the oldest branches (Branch 1)" in text for text in told)
    assert branches.shown.name == "Branch 4"


def test_twenty_trajectories_can_be_brought_back(lab: Lab, made: tuple[object, Trajectory]) -> None:
    _, trajectory = made
    branches = Branches(lab)
    for _ in range(30):
        lab.trajectory.set(replace(trajectory))
    assert len(branches.history) == 20
    held = {id(step.value.trajectory) for step in branches.history.steps}
    assert len(held) == 21


def test_help_is_there(page: WatchPage, qtbot: QtBot) -> None:
    from sprite_lab.paths import resource

    click(qtbot, page, "see.mode.branch")
    page.branching.strip.show()  # as with a branch
    for topic in ("branch", "branch_tree"):
        find(page, f"help.{topic}", QAbstractButton)
        text = resource("help", "views", f"{topic}.md").read_text(encoding="utf-8")
        assert "Try" in text
        assert "source:sprite_lab/" in text
