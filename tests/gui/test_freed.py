"""A closed window and everything that belonged to it are removed from memory."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.navigator import WORKSPACES
from tests.qt import delete_now

LEFT = Qt.MouseButton.LeftButton


def opened_and_closed(names: list[str]) -> dict[str, weakref.ref[QObject]]:
    """Open a window, visit workspaces by their tabs, close it; returns its objects, by name."""
    lab = Lab(Settings())
    window = MainWindow(lab)
    window.show()
    for name in names:
        tab = window.findChild(QWidget, f"workspace.{name}")
        QTest.mouseClick(tab, LEFT, pos=tab.rect().center())
        QApplication.processEvents()
        assert window.current == name
    there: dict[str, QObject] = {"window": window, "lab": lab, "project": lab.project}
    there |= {name: window.workspace(name) for name in names}
    for widget in window.findChildren(QWidget):
        if type(widget).__module__.startswith("sprite_lab"):
            there[f"{type(widget).__name__} {len(there)}"] = widget
    there |= {
        f"{type(o).__name__} of {name}": o
        for name in names
        for o in vars(window.workspace(name)).values()
        if isinstance(o, QObject) and o is not lab
    }
    while lab.jobs.handles:
        QApplication.processEvents()
    found = {name: weakref.ref(thing) for name, thing in there.items()}
    window.closing.safe = True
    window.close()
    delete_now(window)
    assert lab.jobs.shut_down(60)
    delete_now(lab)
    return found


@pytest.mark.parametrize("name", [spec.name for spec in WORKSPACES])
def test_a_closed_window_is_freed(home: Path, name: str) -> None:
    there = opened_and_closed([name])
    assert len(there) > 60
    while gc.collect():
        pass  # what some objects held becomes garbage only once they are gone
    assert [name for name, thing in there.items() if thing() is not None] == []
