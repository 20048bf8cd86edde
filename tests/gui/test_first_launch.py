"""The first launch with the shipped models, and where to find them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QMenu,
    QPushButton,
    QTextBrowser,
    QToolButton,
    QTreeWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app import tasks
from sprite_lab.app.files import library
from sprite_lab.app.files.library import ShippedModel
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.first_sprites import PROCESS, SHOWN, Dissolving, first_noise
from sprite_lab.app.shell.settings import Settings
from sprite_lab.app.task import Task
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import FileError
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.see.watch.forward_panel import OF_MODEL
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.startup import Startup
from tests.gui.stand_ins import EvenClock, StandInModel, give
from tests.gui.test_see import made_trajectory
from tests.made import make_sprites
from tests.qt import delete_now

LEFT = Qt.MouseButton.LeftButton
Visible = Callable[[type, str], QWidget]

REAL = ShippedModel("real", "Real sprites", "real_sprites", None, 7_000_000)
STUDENT = ShippedModel("real-student", "Real sprites, 4 steps", "real_sprites", "real", 7_000_000)

ADDRESS = "https://a.example/game_1"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, models_folder: Path) -> list[SampleConfig]:
    """Two shipped models that load at once; the requests to them."""
    for model in (REAL, STUDENT):
        (models_folder / model.name).mkdir(parents=True)
        (models_folder / model.name / "weights.safetensors").write_bytes(b"of no matter")
        (models_folder / model.name / "card.md").write_text(
            f"# {model.title}\n\nBorn at {ADDRESS}.\n"
        )
    configs: list[SampleConfig] = []

    def load(ref: str | Path, device: str = "auto") -> Any:
        def run(control: RunControl) -> Run[StandInModel]:
            yield None
            if not library.is_shipped(ref):
                raise FileError(f"There is no run '{ref}'.")
            return StandInModel(title="Real sprites", is_student=ref == STUDENT.name)

        return Task(run)

    def generate(model: object, asked: tuple[SampleConfig, ...], most: int, tries: int) -> Any:
        configs.extend(asked)
        return give(made_trajectory(make_sprites(16).images))()

    monkeypatch.setattr(tasks, "load_model", load)
    monkeypatch.setattr(tasks, "generate", generate)
    monkeypatch.setattr(tasks, "look_at_machine", give(tasks.Machine("cpu", ("cpu",))))
    monkeypatch.setattr(tasks, "load_data", give(make_sprites(), "files"))
    monkeypatch.setattr(library, "scan_shipped", give((REAL, STUDENT)))
    return configs


@pytest.fixture
def launch(lab: Lab, asked: list[SampleConfig], qtbot: QtBot) -> Iterator[Callable[[], MainWindow]]:
    """Opens the window like the app."""
    windows = []

    def start() -> MainWindow:
        window = MainWindow(lab)
        windows.append(window)
        Startup(lab, window)
        with qtbot.waitSignal(window.painted):
            window.show()
        return window

    yield start
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    for window in windows:
        window.close()


def test_sprites_come_out_of_the_very_noise_that_is_there_first(
    lab: Lab,
    launch: Callable[[], MainWindow],
    asked: list[SampleConfig],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[Trajectory] = []
    lab.trajectory.changed.connect(lambda new, old: shown.append(new))
    window = launch()
    (noise,) = shown
    assert (noise.kind, len(noise), noise.count) == ("reverse", 1, 16)
    timeline = window.workspace("see").watch.timeline_model
    monkeypatch.setattr(timeline, "_clock", EvenClock(4))
    frames: list[int] = []
    timeline.frame_changed.connect(frames.append)
    qtbot.waitUntil(lambda: lab.data.value is not None, timeout=20_000)
    (config,) = asked
    assert config.sampler is None
    assert config.classes == lab.model.value.class_names
    # The stage showed nothing else between the two or afterward.
    assert [len(trajectory) for trajectory in shown] == [1, 11]
    qtbot.waitUntil(lambda: timeline.frame == 10 and not timeline.state.playing, timeout=20_000)
    assert shown[-1] is lab.trajectory.value
    assert frames[frames.index(0) :] == list(range(11))
    # Users who have only what came with the app are still welcomed, and the first card fits.
    assert window.welcome.isVisible()
    card = window.findChild(QPushButton, "welcome.watch")
    assert card.text() == "Watch noise become sprites"
    qtbot.mouseClick(card, LEFT)
    qtbot.waitUntil(lambda: len(asked) == 2)
    # The next launch opens it again; it is not among the recent files.
    assert lab.settings.value.model == "real"
    assert lab.settings.value.recent_models == ()


def test_a_loading_model_is_shown_as_loading(
    lab: Lab, launch: Callable[[], MainWindow], asked: list[SampleConfig], qtbot: QtBot
) -> None:
    lab.settings.replace(welcome=False)
    window = launch()
    draw = window.workspace("draw")
    lab.open_model("real")
    assert "Loading" in window.top_bar.model.text()
    assert "still loading" in draw.session.problem
    assert "Loading…" in library_rows(window)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    # The name is shown once the bar is laid out.
    qtbot.waitUntil(lambda: "Real sprites" in window.top_bar.model.text())
    assert draw.session.problem == ""
    assert "Loading…" not in library_rows(window)
    assert "Real sprites" in library_rows(window)


def library_rows(window: MainWindow) -> list[str]:
    """The entries of the library in visible groups."""
    tree = window.findChild(QTreeWidget, "library.tree")
    groups = [tree.topLevelItem(i) for i in range(tree.topLevelItemCount())]
    return [g.child(k).text(0) for g in groups if not g.isHidden() for k in range(g.childCount())]


def test_a_last_model_that_is_gone_gives_way_with_a_notice(
    lab: Lab, launch: Callable[[], MainWindow], asked: list[SampleConfig], qtbot: QtBot
) -> None:
    lab.settings.replace(launched=True, model="/nowhere/run")
    notices: list[str] = []
    lab.notice.connect(notices.append)
    window = launch()
    qtbot.waitUntil(lambda: lab.model.value is not None, timeout=20_000)
    assert any("no run '/nowhere/run'" in notice for notice in notices)
    assert not window.error.isVisible()
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=20_000)
    assert lab.trajectory.value.kind == "forward"  # a returning user sees their own data
    assert asked == []


def test_the_model_of_the_last_session_is_opened_without_a_show(
    lab: Lab, launch: Callable[[], MainWindow], asked: list[SampleConfig], qtbot: QtBot
) -> None:
    lab.settings.replace(launched=True, model="real-student")
    launch()
    qtbot.waitUntil(lambda: lab.model.value is not None, timeout=20_000)
    assert lab.model.value.is_student
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=20_000)
    assert lab.trajectory.value.kind == "forward"
    assert asked == []


def test_a_damaged_shipped_model_leaves_no_bare_noise(
    lab: Lab,
    launch: Callable[[], MainWindow],
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    def damaged(*_: object) -> Any:
        def run(control: RunControl) -> Run[None]:
            yield None
            raise FileError("'weights.safetensors' is damaged.")

        return Task(run)

    monkeypatch.setattr(tasks, "load_model", damaged)
    window = launch()
    qtbot.waitUntil(
        lambda: lab.trajectory.value is not None and lab.trajectory.value.kind == "forward",
        timeout=20_000,
    )
    assert "is damaged" in window.error.accessibleName()


def test_who_does_something_else_meanwhile_is_not_disturbed(
    lab: Lab, launch: Callable[[], MainWindow], asked: list[SampleConfig], qtbot: QtBot
) -> None:
    mine = made_trajectory(make_sprites(4).images)
    launch()
    lab.trajectory.set(mine)
    qtbot.waitUntil(lambda: lab.data.value is not None, timeout=20_000)
    assert lab.trajectory.value is mine
    assert asked == []


@pytest.mark.parametrize("process", ["reverse", "forward"])
def test_the_last_sprites_are_drawn_again(
    lab: Lab,
    launch: Callable[[], MainWindow],
    asked: list[SampleConfig],
    qtbot: QtBot,
    process: str,
) -> None:
    last = SampleConfig(count=5, seed=77, steps=9, classes=("hero",))
    pages = {PROCESS: process}
    lab.settings.replace(launched=True, model="real", sample=last.to_json(), pages=pages)
    window = launch()
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=20_000)
    qtbot.waitUntil(lambda: lab.data.value is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    assert asked == ([last] if process == "reverse" else [])
    assert lab.trajectory.value.kind == process
    watch = window.workspace("see").watch
    assert watch.forward.has_selected == (process == "forward"), "what dissolves is selected"
    panel = watch.reverse
    assert (panel.config().count, panel.config().seed) == (5, 77), "its settings are shown"


@contextmanager
def started_again(first: MainWindow, qtbot: QtBot) -> Iterator[MainWindow]:
    """The window of the next launch, once it has opened everything; the previous
    one is closed first.
    """
    qtbot.waitUntil(lambda: not first.lab.jobs.handles, timeout=20_000)
    first.close()
    assert first.lab.jobs.shut_down(60)
    later = Lab(Settings())
    again = MainWindow(later)
    Startup(later, again)
    again.show()
    qtbot.waitUntil(lambda: later.data.value is not None, timeout=20_000)
    qtbot.waitUntil(lambda: later.trajectory.value is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not later.jobs.handles, timeout=20_000)
    yield again
    again.close()
    assert later.jobs.shut_down(60)
    delete_now(again, later)


def test_the_sprites_that_dissolved_are_dissolved_again(
    lab: Lab, launch: Callable[[], MainWindow], asked: list[SampleConfig], qtbot: QtBot
) -> None:
    lab.settings.replace(launched=True, pages={PROCESS: "forward", SHOWN: "forward"})
    first = launch()
    qtbot.waitUntil(lambda: lab.data.value is not None, timeout=20_000)
    first.navigator.see.watch.forward.dissolve([3, 8, 61])
    with started_again(first, qtbot) as again:
        assert again.navigator.see.watch.forward.selected == (3, 8, 61)
        assert again.lab.trajectory.value.count == 3


def test_sprites_of_another_model_and_their_branches_are_there_as_they_were(
    lab: Lab, launch: Callable[[], MainWindow], asked: list[SampleConfig], qtbot: QtBot
) -> None:
    first = launch()
    qtbot.waitUntil(lambda: lab.data.value is not None, timeout=20_000)
    root = replace(made_trajectory(make_sprites(4).images), model="other, step 1, data y")
    lab.trajectory.set(root)
    branch = replace(root.one(2), branched_at=3)
    lab.branches.bring_back(lab.branches.tree.add(0, branch, "guidance 2 → 4", (2,)), 1)
    lab.branches.rename(1, "eye")
    with started_again(first, qtbot) as again:
        tree = again.lab.branches.tree
        assert len(asked) == 1, "the first sprites alone"
        assert again.lab.model.value.key != again.lab.trajectory.value.model == root.model
        assert [b.name for b in tree.branches] == ["Original", "eye"]
        assert again.lab.branches.shown.words == f"at t = {root.t[3]:.0f}: guidance 2 → 4"
        np.testing.assert_array_equal(tree.root.trajectory.x_t, root.x_t)
        np.testing.assert_array_equal(again.lab.trajectory.value.x0, branch.x0)
        assert not again.findChild(QWidget, "see.caption").isEnabled()


def test_branches_are_one_step_back_from_a_forward_process(
    lab: Lab, launch: Callable[[], MainWindow], asked: list[SampleConfig], qtbot: QtBot
) -> None:
    first = launch()
    qtbot.waitUntil(lambda: lab.data.value is not None, timeout=20_000)
    root = lab.trajectory.value
    lab.branches.bring_back(lab.branches.tree.add(0, root, "seed", tuple(range(16))), 0)
    first.navigator.see.watch.mode.set_value("forward")
    first.navigator.see.watch.forward.dissolve([3])
    with started_again(first, qtbot) as again:
        assert again.lab.trajectory.value.kind == "forward"
        assert again.navigator.see.watch.mode.value == "forward"
        again.lab.branches.history.undo()
        assert len(again.lab.branches.tree) == 2


@pytest.mark.parametrize("schedule", ["linear", OF_MODEL])
def test_sprites_dissolve_as_before(
    lab: Lab,
    launch: Callable[[], MainWindow],
    asked: list[SampleConfig],
    qtbot: QtBot,
    schedule: str,
) -> None:
    lab.settings.replace(launched=True, model="real", pages={PROCESS: "forward", SHOWN: "forward"})
    first = launch()
    qtbot.waitUntil(lambda: lab.data.value is not None, timeout=20_000)
    box = first.findChild(QComboBox, "see.schedule")
    box.setCurrentIndex(box.findData(schedule))
    panel = first.navigator.see.watch.forward
    first.navigator.see.watch.schedule.bend_by((0.0, 0.5, 0.0))
    first.findChild(QWidget, "see.forward_noise").set_value("fresh")
    panel.dissolve([3, 8])
    config = panel.config
    with started_again(first, qtbot) as again:
        assert again.navigator.see.watch.forward.dissolving == Dissolving(
            config, schedule == OF_MODEL
        )
        assert again.lab.trajectory.value.forward == config


@pytest.mark.parametrize("mode", ["forward", "reverse", "branch"])
def test_a_second_start_opens_where_the_first_was_left(
    lab: Lab,
    launch: Callable[[], MainWindow],
    asked: list[SampleConfig],
    qtbot: QtBot,
    mode: str,
) -> None:
    first = launch()
    qtbot.waitUntil(lambda: lab.data.value is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    assert first.navigator.see.watch.mode.value == "reverse"
    qtbot.mouseClick(first.findChild(QAbstractButton, f"see.mode.{mode}"), LEFT)
    with started_again(first, qtbot) as again:
        page = again.navigator.page
        assert (again.current, page, again.navigator.see.watch.mode.value) == ("see", "watch", mode)
        assert again.lab.trajectory.value.kind == "reverse"
        np.testing.assert_array_equal(again.lab.trajectory.value.x_t, lab.trajectory.value.x_t)
        assert len(asked) == 1, "the same sprites, whatever else was looked at"


@pytest.mark.parametrize(
    ("model", "other"),
    [
        ("real", {"sampler": "student"}),
        ("real", {"words": ("zzz",)}),
        ("real", {"style": "zzz"}),
        ("real", {"class_mix": (("zzz", 1.0),)}),
        ("real", {"negative_class": "zzz"}),
        ("real-student", {"negative_class": "food"}),  # which it cannot steer away from
    ],
)
def test_sprites_that_the_model_cannot_draw_are_not_drawn_again(
    lab: Lab,
    launch: Callable[[], MainWindow],
    asked: list[SampleConfig],
    qtbot: QtBot,
    model: str,
    other: dict[str, Any],
) -> None:
    last = SampleConfig(count=5, seed=77, **other)
    lab.settings.replace(launched=True, model=model, sample=last.to_json())
    launch()
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    assert asked == []
    assert lab.trajectory.value.kind == "forward"


# -- finding them again ---------------------------------------------------------------------------


def choose(window: MainWindow, group: int, row: int) -> QTreeWidget:
    tree = window.findChild(QTreeWidget, "library.tree")
    tree.setCurrentItem(tree.topLevelItem(group).child(row))
    return tree


def test_the_library_lists_shipped_models_and_opens_them(
    window: MainWindow, lab: Lab, asked: list[SampleConfig], visible: Visible, qtbot: QtBot
) -> None:
    tree = window.findChild(QTreeWidget, "library.tree")
    assert tree.topLevelItem(0).isHidden()
    lab.shipped.set((REAL, STUDENT))
    assert tree.topLevelItem(0).text(0) == "Ready-made models"
    choose(window, 0, 1)
    assert tree.currentItem().text(0) == "Real sprites, 4 steps"
    assert "real_sprites, 7" in tree.currentItem().toolTip(0)
    enabled = {
        name: visible(QAbstractButton, f"library.{name}").isEnabled()
        for name in ("open", "about", "continue", "student", "folder", "trash")
    }
    assert [name for name, on in enabled.items() if on] == ["open", "about"]
    choose(window, 0, 0)
    assert visible(QToolButton, "library.student").isEnabled()
    item = tree.currentItem()
    place = tree.visualItemRect(item).center()
    assert tree.itemAt(place) is item
    qtbot.mouseClick(tree.viewport(), LEFT, pos=place)
    qtbot.mouseDClick(tree.viewport(), LEFT, pos=place)
    qtbot.waitUntil(lambda: lab.model.value is not None)
    assert lab.model_ref == "real"
    assert item.font(0).bold()


def test_the_card_of_a_model_is_read_in_the_app(
    window: MainWindow, lab: Lab, asked: list[SampleConfig], visible: Visible, qtbot: QtBot
) -> None:
    lab.shipped.set((REAL, STUDENT))
    choose(window, 0, 0)
    qtbot.mouseClick(visible(QToolButton, "library.about"), LEFT)
    qtbot.waitUntil(window.learning.guide.isVisible)
    assert window.learning.guide.windowTitle().startswith("Real sprites")
    text = window.learning.guide.findChild(QTextBrowser, "help.guide")
    assert f"Born at {ADDRESS}." in text.toPlainText(), "it has no index"
    search = window.learning.guide.search
    assert not search.isVisible(), "it is of the guide"
    window.menus.actions["help.guide"].trigger()
    qtbot.waitUntil(lambda: window.learning.guide.windowTitle().startswith("User guide"))
    assert ADDRESS not in text.toPlainText()
    assert search.isVisible()
    window.learning.guide.close()


def test_the_chooser_of_models_has_them_first(
    window: MainWindow, lab: Lab, asked: list[SampleConfig], qtbot: QtBot
) -> None:
    lab.shipped.set((REAL, STUDENT))
    menu = QMenu()
    window.files.fill_models(menu)
    first, second = menu.actions()[:2]
    assert (first.text(), second.text()) == ("Real sprites", "Real sprites, 4 steps")
    second.trigger()
    qtbot.waitUntil(lambda: lab.model.value is not None)
    window.files.fill_models(menu)
    assert [action.isChecked() for action in menu.actions()[:2]] == [False, True]


def test_the_first_noise_is_noise() -> None:
    noise = first_noise().x_t.astype(np.float64)
    assert noise.shape == (1, 16, 16, 16, 3)
    assert abs(noise.mean()) < 0.05
    assert abs(noise.std() - 1) < 0.05
