"""Exporting models and reports from the File menu and the library, with mouse events."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QTreeWidget

from sprite_lab import extras
from sprite_lab.app.files.library import RunEntry, ShippedModel
from sprite_lab.app.lab import Lab
from sprite_lab.core.config import EvalConfig, SampleConfig
from sprite_lab.ui.shell import model_actions
from sprite_lab.ui.shell.main_window import MainWindow
from tests.gui.hands import Hands, choosing
from tests.gui.stand_ins import StandInModel
from tests.qt import at_work

pytestmark = pytest.mark.opens("data")

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
NAMES = ("file.export_model", "file.export_onnx", "file.share", "file.report")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> EvalConfig:
    """A small set, so that a report takes a second."""
    few = EvalConfig(limit=2, samples=16, sampling=SampleConfig(steps=2))
    monkeypatch.setattr(EvalConfig, "quick", lambda seed=0: few)
    return few


def choose_from_file_menu(window: MainWindow, name: str) -> None:
    """Open the File menu and click on an entry."""
    action = window.menus.actions[name]
    bar = window.menuBar()
    menu = next(a.menu() for a in bar.actions() if a.text() == "&File")
    assert isinstance(menu, QMenu)
    assert action in menu.actions()
    menu.popup(bar.mapToGlobal(QPoint(0, bar.height())))
    QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(action).center())


def library_menu(window: MainWindow, path: str, act: Callable[[QMenu], Any]) -> Any:
    """Right click on a row of the library; returns the result of ``act`` for the menu."""
    tree = window.findChild(QTreeWidget, "library.tree")
    assert tree is not None
    item = next(i for i in window.library.items() if i.data(0, 257) == path)
    tree.setCurrentItem(item)
    found: list[Any] = []

    def look() -> None:
        menu = QApplication.activePopupWidget()
        if not isinstance(menu, QMenu):
            QTimer.singleShot(20, look)
            return
        found.append(act(menu))
        menu.close()

    QTimer.singleShot(20, look)
    tree.customContextMenuRequested.emit(tree.visualItemRect(item).center())
    return found[0]


def test_without_a_model_they_are_gray_and_say_why(window: MainWindow, lab: Lab) -> None:
    for name in NAMES:
        assert not window.menus.actions[name].isEnabled()
        assert window.menus.actions[name].toolTip() == model_actions.NO_MODEL
    lab.model.set(StandInModel())
    assert all(window.menus.actions[name].isEnabled() for name in NAMES)
    assert ".safetensors" in window.menus.actions["file.export_model"].toolTip()


def test_without_its_package_onnx_is_gray_and_names_the_extra(
    window: MainWindow, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "is_installed", lambda module: False)
    lab.model.set(StandInModel())
    onnx = window.menus.actions["file.export_onnx"]
    assert not onnx.isEnabled()
    assert "sprite-lab[onnx]" in onnx.toolTip()
    assert window.menus.actions["file.export_model"].isEnabled()


def test_the_open_model_is_exported_with_its_card(
    window: MainWindow, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: Any
) -> None:
    path = tmp_path / "mine.safetensors"
    monkeypatch.setattr(model_actions, "ask_save", choosing(path))
    lab.model.set(StandInModel())
    lab.model_ref = "builtin"
    with qtbot.waitSignal(lab.notice, timeout=20_000) as told:
        choose_from_file_menu(window, "file.export_model")
    assert "mine.safetensors.md" in told.args[0]
    with safetensors.safe_open(str(path), "np") as file:
        assert "sprite_lab" in file.metadata()


def test_a_model_of_the_library_becomes_onnx(
    window: MainWindow, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: Any
) -> None:
    pytest.importorskip("onnx")
    path = tmp_path / "mine.onnx"
    monkeypatch.setattr(model_actions, "ask_save", choosing(path))
    lab.shipped.set((ShippedModel("builtin", "Built-in", "Built-in sprites", None, 1),))

    def click(menu: QMenu) -> None:
        action = menu.findChild(QAction, "library.export_onnx")
        assert action is not None
        assert action.toolTip().startswith("The model for programs")
        QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(action).center())

    with qtbot.waitSignal(lab.notice, timeout=60_000) as told:
        library_menu(window, "builtin", click)
    assert "mine_sample.py" in told.args[0]
    assert path.stat().st_size > 1_000_000


def test_a_run_without_a_checkpoint_cannot_go_out(
    window: MainWindow, lab: Lab, tmp_path: Path
) -> None:
    lab.runs.set((RunEntry(tmp_path, "begun", None, 0, "mine", 1, 0.0),))
    seen = library_menu(
        window,
        str(tmp_path),
        lambda menu: {
            a.objectName(): (a.isEnabled(), a.toolTip())
            for a in menu.actions()
            if a.objectName().startswith("library.")
        },
    )
    assert set(seen) == {name.replace("file.", "library.") for name in NAMES}
    assert set(seen.values()) == {(False, model_actions.NO_CHECKPOINT)}


def test_a_report_on_the_open_model(
    window: MainWindow,
    lab: Lab,
    few: EvalConfig,
    small_models: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: Any,
) -> None:
    path = tmp_path / "report.html"
    monkeypatch.setattr(model_actions, "ask_save", choosing(path))
    lab.model.set(StandInModel(title="Built-in", data_title="Built-in sprites"))
    lab.model_ref = "builtin"
    asked = Hands(window).answer("report.quick")
    with qtbot.waitSignal(lab.notice, timeout=120_000) as told:
        choose_from_file_menu(window, "file.report")
    assert "builtin" in asked[0]
    assert "left out" not in asked[1]
    assert "report.html" in told.args[0]
    page = path.read_text("utf-8")
    assert "Lab report: Built-in sprites" in page
    assert "Bits per dimension" in page, "the built-in set is made where it is needed"


def test_one_may_think_better_of_it(
    window: MainWindow, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("nothing should be asked any more")

    monkeypatch.setattr(model_actions, "ask_save", never)
    lab.model.set(StandInModel(data_title="somebody's"))
    lab.model_ref = "builtin"
    asked = Hands(window).answer("report.cancel")
    choose_from_file_menu(window, "file.report")
    assert "only included if somebody's is" in asked[1]
    assert not at_work(lab.jobs)
    assert not np.any([path.suffix == ".html" for path in tmp_path.iterdir()])
