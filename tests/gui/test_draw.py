"""Draw as a person uses it: mouse and keys on visible widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QImage,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSplitter,
)
from PySide6.QtWidgets import QWidget as Widget

from sprite_lab.app import tasks
from sprite_lab.app.lab import Lab
from sprite_lab.app.settings import Settings
from sprite_lab.core.cells import Cell
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.palette import DEFAULT_PALETTE
from sprite_lab.core.records import Preview, Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sprites import SpriteSet, to_model_space
from sprite_lab.core.trajectory import Trajectory
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.sprite_canvas import SpriteCanvas
from sprite_lab.ui.workspaces.draw import DrawWorkspace
from sprite_lab.ui.workspaces.draw.cell_grid import CellGrid

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier
DARK = DEFAULT_PALETTE[0]
CLEAR = (0, 0, 0, 0)


class FakeModel:
    title, image_size, timesteps = "fake", 16, 500
    class_names = ("hero", "creature", "food")
    is_student = False


class Desk:
    """The workspace with its inspector in a window, and hands to use it with."""

    def __init__(self, lab: Lab, theme: ThemeManager) -> None:
        self.lab = lab
        self.window = Widget()
        row = QHBoxLayout(self.window)
        self.workspace = DrawWorkspace(lab, theme)
        row.addWidget(self.workspace, 1)
        row.addWidget(self.workspace.inspector)
        self.window.resize(1200, 760)
        self.failures: list[str] = []
        lab.failed.connect(lambda sentence, details: self.failures.append(sentence))

    def find(self, name: str, kind: type = Widget):
        (found,) = (w for w in self.window.findChildren(kind, name) if w.isVisible())
        return found

    def click(self, name: str) -> None:
        QTest.mouseClick(self.find(name), LEFT)

    @property
    def canvas(self) -> SpriteCanvas:
        return self.find("draw.canvas")

    def at(self, x: int, y: int) -> QPoint:
        return self.canvas.pixel_rect(x, y).center().toPoint()

    def drag(self, *points: tuple[int, int], button=LEFT, held=NONE, let_go: bool = True) -> None:
        QTest.mousePress(self.canvas, button, held, self.at(*points[0]))
        for point in points[1:]:
            QTest.mouseMove(self.canvas, self.at(*point))
        if let_go:
            QTest.mouseRelease(self.canvas, button, held, self.at(*points[-1]))

    def key(self, key: Qt.Key, held=NONE) -> None:
        self.canvas.setFocus()
        QTest.keyClick(self.canvas, key, held)

    def cell(self, index: int = 0) -> Cell:
        return self.lab.project.cell(index)

    def colour(self, x: int, y: int, cell: int = 0) -> tuple[int, ...]:
        return tuple(int(v) for v in self.cell(cell).rgba[y, x])

    def painted(self, cell: int = 0) -> set[tuple[int, int]]:
        rows, columns = np.nonzero(self.cell(cell).rgba[..., 3])
        return {(int(x), int(y)) for y, x in zip(rows, columns, strict=True)}

    def choose(self, index: int, held=NONE) -> None:
        grid: CellGrid = self.find("draw.cells")
        QTest.mouseClick(grid, LEFT, held, grid.cell_rect(index).center().toPoint())

    def grid_key(self, key: Qt.Key, held=CTRL) -> None:
        grid = self.find("draw.cells")
        grid.setFocus()
        QTest.keyClick(grid, key, held)


@pytest.fixture
def theme(_theme: ThemeManager) -> ThemeManager:
    _theme.set_mode("dark")
    return _theme


@pytest.fixture
def desk(qtbot, tmp_path: Path, theme: ThemeManager) -> Iterator[Desk]:
    lab = Lab(Settings(tmp_path / "settings.json"))
    desk = Desk(lab, theme)
    qtbot.addWidget(desk.window)
    desk.window.show()
    qtbot.waitExposed(desk.window)
    desk.window.activateWindow()
    yield desk
    assert lab.jobs.shut_down(5.0)


# -- cells ---------------------------------------------------------------------------------


def test_copy_paste_duplicate_clear(desk: Desk) -> None:
    desk.drag((1, 1), (3, 1))
    drawn = desk.cell(0).pixels
    desk.grid_key(Qt.Key.Key_C)
    desk.choose(5)
    desk.choose(7, CTRL)
    desk.grid_key(Qt.Key.Key_V)
    assert [desk.cell(i).pixels == drawn for i in (5, 6, 7)] == [True, False, True]
    assert desk.cell(5).seed != desk.cell(7).seed
    desk.choose(0)
    desk.grid_key(Qt.Key.Key_D)
    assert desk.cell(1).pixels == drawn
    desk.choose(0)
    desk.grid_key(Qt.Key.Key_Delete, NONE)
    assert desk.cell(0).is_blank
    for _ in range(3):
        desk.click("draw.undo")
    assert [i for i in range(16) if not desk.cell(i).is_blank] == [0]


def test_several_cells_paste_from_the_chosen_one_on(desk: Desk) -> None:
    desk.drag((1, 1))
    desk.choose(1)
    desk.drag((2, 2))
    desk.choose(0)
    desk.choose(1, SHIFT)
    desk.grid_key(Qt.Key.Key_C)
    desk.choose(8)
    desk.grid_key(Qt.Key.Key_V)
    assert desk.painted(8) == {(1, 1)}
    assert desk.painted(9) == {(2, 2)}


def test_the_canvas_follows_the_chosen_cell(desk: Desk) -> None:
    desk.choose(6)
    desk.drag((4, 4))
    assert desk.painted(6) == {(4, 4)}
    assert desk.cell(0).is_blank


def test_class_of_several_cells(desk: Desk) -> None:
    desk.choose(2)
    desk.choose(3, CTRL)
    combo: QComboBox = desk.find("draw.class")
    combo.setFocus()
    QTest.keyClicks(combo, "f")
    QTest.keyClick(combo, Qt.Key.Key_Return)
    assert [desk.cell(i).class_name for i in (1, 2, 3)] == [None, "food", "food"]


def test_grid_size(desk: Desk) -> None:
    desk.choose(5)
    desk.drag((4, 4))
    rows = desk.find("draw.columns")
    rows.setFocus()
    QTest.keyClick(rows, Qt.Key.Key_Up)
    assert (desk.lab.project.rows, desk.lab.project.columns) == (4, 5)
    assert [i for i in range(20) if not desk.cell(i).is_blank] == [6]
    desk.click("draw.undo")
    assert [i for i in range(16) if not desk.cell(i).is_blank] == [5]


def test_an_empty_project_is_filled_from_the_data_set(desk: Desk, sprites: SpriteSet) -> None:
    button = desk.find("draw.invitation.take")
    assert not button.isEnabled()
    assert "open a data set" in button.toolTip()
    desk.lab.data.set(sprites)
    desk.click("draw.invitation.take")
    known = {image.tobytes() for image in sprites.images}
    for cell in desk.lab.project.cells:
        assert cell.class_name in sprites.class_names
        opaque = cell.rgba[..., 3:] > 0
        assert np.where(opaque, cell.rgba[..., :3], 255).astype(np.uint8).tobytes() in known
    assert not desk.window.findChild(Widget, "draw.invitation").isVisible()
    assert desk.find("draw.cells").hasFocus()
    desk.click("draw.undo")
    assert all(cell.is_blank for cell in desk.lab.project.cells)
    assert desk.find("draw.invitation").isVisible()


def test_chosen_cells_take_sprites(desk: Desk, sprites: SpriteSet) -> None:
    desk.lab.data.set(sprites)
    desk.choose(2)
    desk.choose(3, CTRL)
    desk.click("draw.take")
    assert [i for i in range(16) if not desk.cell(i).is_blank] == [2, 3]
    assert desk.lab.project.stack.undoText() == "Take 2 sprites"


def test_sprites_of_another_size_cannot_be_taken(desk: Desk) -> None:
    desk.lab.data.set(SpriteSet(np.zeros((2, 24, 24, 3), np.uint8)))
    assert not desk.find("draw.take").isEnabled()
    assert "24x24" in desk.find("draw.take").toolTip()


def test_the_menu_of_a_cell(desk: Desk, sampler: FakeSampler) -> None:
    desk.choose(3)
    desk.drag((1, 1))
    grid: CellGrid = desk.find("draw.cells")
    desk.choose(0)

    def open_menu(index: int) -> dict[str, QAction]:
        place = grid.cell_rect(index).center().toPoint()
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, grid.mapToGlobal(place))
        QApplication.sendEvent(grid, event)
        menu = next(m for m in desk.window.findChildren(QMenu, "draw.cell_menu") if m.isVisible())
        actions = {a.text(): a for a in menu.actions()}
        classes = actions["Class"].menu()
        menu.hide()
        return actions | {a.text(): a for a in classes.actions()}

    actions = open_menu(3)
    assert grid.selection == (3,)
    actions["food"].trigger()
    assert desk.cell(3).class_name == "food"
    open_menu(3)["Duplicate"].trigger()
    assert desk.painted(4) == {(1, 1)}
    open_menu(3)["Clear"].trigger()
    assert desk.cell(3).is_blank
    desk.choose(5)
    desk.choose(6, CTRL)
    open_menu(6)["any"].trigger()
    assert grid.selection == (5, 6)


def test_the_splitter_stays_where_it_was_put(desk: Desk, theme: ThemeManager, qtbot) -> None:
    (splitter,) = desk.workspace.findChildren(QSplitter)
    handle = splitter.handle(1)
    middle = handle.rect().center()
    before = splitter.sizes()[0]
    QTest.mousePress(handle, LEFT, NONE, middle)
    QTest.mouseMove(handle, middle + QPoint(40, 0))
    QTest.mouseRelease(handle, LEFT, NONE, middle + QPoint(40, 0))
    moved = splitter.sizes()[0]
    assert moved > before
    again = Desk(desk.lab, theme)
    qtbot.addWidget(again.window)
    again.window.show()
    qtbot.waitExposed(again.window)
    (splitter,) = again.workspace.findChildren(QSplitter)
    assert abs(splitter.sizes()[0] - moved) <= 1


@pytest.mark.parametrize(("size", "left"), [(16, 0), (4, 6)])
def test_picture_from_the_clipboard(desk: Desk, size: int, left: int) -> None:
    picture = QImage(size, size, QImage.Format.Format_ARGB32)
    picture.fill(QColor(10, 20, 30, 255))
    QApplication.clipboard().setImage(picture)
    desk.grid_key(Qt.Key.Key_V)
    assert len(desk.painted()) == size * size
    assert desk.colour(left, left) == (10, 20, 30, 255)
    assert not desk.failures


def test_a_picture_that_is_too_large_gets_one_sentence(desk: Desk) -> None:
    picture = QImage(17, 4, QImage.Format.Format_RGB32)
    picture.fill(QColor("red"))
    QApplication.clipboard().setImage(picture)
    desk.grid_key(Qt.Key.Key_V)
    assert desk.failures == [
        "The picture is 17x4 pixels, but a cell holds 16x16; shrink or crop it first."
    ]
    assert desk.lab.project.stack.count() == 0


def test_an_empty_clipboard_says_so(desk: Desk) -> None:
    QApplication.clipboard().setText("words")
    desk.grid_key(Qt.Key.Key_V)
    assert desk.failures == [
        "There is no picture on the clipboard; copy a cell or a picture first."
    ]


def test_damaged_cells_on_the_clipboard_change_nothing(desk: Desk) -> None:
    for text in (b"{", b"[1]", b'[{"pixels": "AA==", "class": null, "mask": null}]', b"[NaN]"):
        data = QMimeData()
        data.setData("application/x-sprite-lab-cells+json", text)
        QApplication.clipboard().setMimeData(data)
        desk.grid_key(Qt.Key.Key_V)
    assert len(desk.failures) == 4
    assert desk.lab.project.is_clean


# -- generating ----------------------------------------------------------------------------


def ringed(colour: tuple[int, int, int]) -> np.ndarray:
    """uint8 (16, 16, 3): a block of one colour on white."""
    image = np.full((16, 16, 3), 255, np.uint8)
    image[3:13, 3:13] = colour
    return image


class FakeSampler:
    """Stands in for the engine: sprite i is a block of colour (10 * i, 50, 60)."""

    def __init__(self) -> None:
        self.calls: list[tuple[SampleConfig, ...]] = []
        self.hang = False

    def __call__(self, model: object, configs: Sequence[SampleConfig]) -> Callable:
        self.calls.append(tuple(configs))

        def run(control: RunControl) -> Run[Trajectory]:
            images = np.stack([ringed((10 * i, 50, 60)) for i in range(len(configs))])
            yield Progress(1, 2, "Generating")
            yield Preview(1, images)
            while self.hang:
                yield None
            x0 = np.stack([to_model_space(images)] * 2).astype(np.float16)
            return Trajectory(
                "reverse",
                np.array([500, 0], np.float32),
                np.array([-8, 12], np.float32),
                x0.copy(),
                x0,
                configs[0],
            )

        return run


@pytest.fixture
def sampler(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> FakeSampler:
    fake = FakeSampler()
    monkeypatch.setattr(tasks, "generate", fake)
    desk.lab.model.set(FakeModel())
    return fake


def idle(desk: Desk) -> Callable[[], bool]:
    return lambda: not desk.workspace.generation.running


def test_without_a_model_buttons_are_grey_and_say_why(desk: Desk) -> None:
    for source in ("class", "drawing", "inpaint"):
        button = desk.find(f"draw.generate.{source}")
        assert not button.isEnabled()
        assert "no model" in button.toolTip()


def test_with_a_model_the_reason_is_what_the_cell_lacks(desk: Desk, sampler: FakeSampler) -> None:
    assert desk.find("draw.generate.class").isEnabled()
    assert "Draw something" in desk.find("draw.generate.drawing").toolTip()
    assert "mask brush" in desk.find("draw.generate.inpaint").toolTip()
    desk.drag((3, 3))
    assert desk.find("draw.generate.drawing").isEnabled()
    desk.key(Qt.Key.Key_K)
    desk.drag((3, 3))
    assert desk.find("draw.generate.inpaint").isEnabled()


def test_from_class_fills_the_chosen_cells_in_one_undoable_step(
    desk: Desk, sampler: FakeSampler, qtbot
) -> None:
    desk.choose(1)
    desk.choose(2, CTRL)
    desk.workspace.editor.set_class("food")
    desk.click("draw.generate.class")
    qtbot.waitUntil(idle(desk))
    (configs,) = sampler.calls
    assert [c.classes for c in configs] == [("food",), ("food",)]
    assert [(c.drawing, c.start_t, c.known_mask) for c in configs] == [(None, None, None)] * 2
    assert len({c.seed for c in configs}) == 2
    for cell, red in ((1, 0), (2, 10)):
        assert desk.colour(8, 8, cell) == (red, 50, 60, 255)
        assert desk.colour(0, 0, cell) == CLEAR
        assert desk.cell(cell).made_by == configs[cell - 1]
        assert desk.cell(cell).seed == configs[cell - 1].seed
    assert desk.cell(0).is_blank
    desk.click("draw.undo")
    assert all(desk.cell(i).is_blank for i in range(16))
    assert desk.cell(1).seed == 1


def test_from_drawing_starts_at_the_strength_from_what_is_drawn(
    desk: Desk, sampler: FakeSampler, qtbot
) -> None:
    desk.drag((4, 4), (9, 4))
    drawn = desk.cell().pixels
    field = desk.find("draw.strength.field")
    assert field.text() == "t = 275"
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "120")
    QTest.keyClick(field, Qt.Key.Key_Return)
    desk.click("draw.generate.drawing")
    qtbot.waitUntil(idle(desk))
    ((config,),) = sampler.calls
    assert (config.start_t, config.drawing, config.known_mask) == (120, drawn, None)
    assert desk.colour(8, 8) == (0, 50, 60, 255)


def test_around_kept_pixels_leaves_them_byte_for_byte(
    desk: Desk, sampler: FakeSampler, qtbot
) -> None:
    desk.drag((4, 4), (9, 4))
    desk.key(Qt.Key.Key_K)
    desk.drag((4, 4), (6, 4))
    desk.drag((8, 8))
    drawn = desk.cell().pixels
    desk.click("draw.generate.inpaint")
    qtbot.waitUntil(idle(desk))
    ((config,),) = sampler.calls
    assert config.drawing == drawn
    assert config.start_t is None
    assert config.known_mask == desk.cell().known_mask
    for x in (4, 5, 6):
        assert desk.colour(x, 4) == DARK
    # Kept and empty, though the model drew there.
    assert desk.colour(8, 8) == CLEAR
    assert desk.colour(9, 4) == (0, 50, 60, 255)
    assert desk.cell().keep.sum() == 4


def test_all_cells_go_in_one_job(desk: Desk, sampler: FakeSampler, qtbot) -> None:
    desk.click("draw.apply.all")
    desk.click("draw.generate.class")
    qtbot.waitUntil(idle(desk))
    assert [len(configs) for configs in sampler.calls] == [16]
    assert desk.colour(8, 8, 15) == (150, 50, 60, 255)


def test_colours_are_clean_unless_that_is_turned_off(
    desk: Desk, sampler: FakeSampler, qtbot
) -> None:
    for colors in (SampleConfig().colors, 0):
        desk.click("draw.generate.class")
        qtbot.waitUntil(idle(desk))
        assert sampler.calls[-1][0].colors == colors
        desk.find("draw.clean_colors").click()


def test_locked_seeds_stay(desk: Desk, sampler: FakeSampler, qtbot) -> None:
    desk.choose(3)
    desk.click("draw.seed.lock")
    desk.click("draw.generate.class")
    qtbot.waitUntil(idle(desk))
    assert sampler.calls[0][0].seed == 3
    assert desk.cell(3).seed == 3


def test_progress_is_shown_and_cancel_leaves_the_cells(
    desk: Desk, sampler: FakeSampler, qtbot
) -> None:
    sampler.hang = True
    desk.click("draw.generate.class")
    qtbot.waitUntil(lambda: "50%" in desk.find("draw.progress_text", QLabel).text())
    desk.click("draw.cancel")
    qtbot.waitUntil(idle(desk))
    assert desk.cell().is_blank
    assert desk.lab.project.is_clean
    assert desk.find("draw.generate.class").isEnabled()


def test_the_focus_goes_to_cancel_and_back(desk: Desk, sampler: FakeSampler, qtbot) -> None:
    sampler.hang = True
    button = desk.find("draw.generate.class")
    desk.click("draw.generate.class")
    qtbot.waitUntil(lambda: desk.find("draw.cancel").hasFocus())
    desk.click("draw.cancel")
    qtbot.waitUntil(idle(desk))
    assert button.hasFocus()


def test_escape_cancels_and_what_comes_is_seen_on_the_canvas(
    desk: Desk, sampler: FakeSampler, qtbot
) -> None:
    sampler.hang = True
    desk.click("draw.generate.class")

    def seen() -> bool:
        picture = desk.canvas.grab().toImage()
        place = desk.at(8, 8) * picture.devicePixelRatio()
        return QColor(picture.pixel(place)).getRgb()[:3] == (0, 50, 60)

    qtbot.waitUntil(seen)
    assert desk.cell().is_blank
    QTest.keyClick(desk.find("draw.cancel"), Qt.Key.Key_Escape)
    qtbot.waitUntil(idle(desk))
    assert not seen()


def test_show_how_it_was_made(desk: Desk, sampler: FakeSampler, qtbot) -> None:
    wanted: list[str] = []
    desk.lab.workspace_wanted.connect(wanted.append)
    desk.click("draw.apply.all")
    desk.click("draw.generate.class")
    qtbot.waitUntil(idle(desk))
    desk.choose(5)
    desk.click("draw.show_made")
    trajectory = desk.lab.trajectory.value
    assert trajectory is not None
    assert trajectory.count == 1
    assert trajectory.config == desk.cell(5).made_by
    assert np.allclose(trajectory.final()[0, 8, 8, 0], 50 / 127.5 - 1, atol=1e-2)
    assert wanted == ["see"]
    assert len(sampler.calls) == 1


def test_a_painted_cell_no_longer_says_that_it_was_generated(
    desk: Desk, sampler: FakeSampler, qtbot
) -> None:
    desk.click("draw.generate.class")
    qtbot.waitUntil(idle(desk))
    assert desk.find("draw.show_made").isEnabled()
    desk.drag((1, 1))
    assert not desk.find("draw.show_made").isEnabled()
    assert "not generated" in desk.find("draw.show_made").toolTip()
