"""Helpers for tests of the import window, and small files to import."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLabel, QWidget

from sprite_lab.core.sets.imports import Grid, ImportPlan
from sprite_lab.ui.importing.sheet_view import SheetView
from sprite_lab.ui.importing.sprite_page import ChosenBrowser
from sprite_lab.ui.importing.window import ImportWindow
from sprite_lab.ui.shell.main_window import MainWindow
from tests.gui.hands import LEFT, NONE
from tests.made import make_sprites

Key = Qt.Key


def sprites(count: int, seed: int = 0) -> NDArray[np.uint8]:
    """uint8 (N, 16, 16, 4), all different, with transparent pixels set to zero."""
    rgba = make_sprites(count, seed).rgba.copy()
    rgba[rgba[..., 3] == 0] = 0
    return rgba


def sheet_of(
    cells: NDArray[np.uint8], columns: int, *, offset: tuple[int, int] = (0, 0), spacing: int = 0
) -> NDArray[np.uint8]:
    """The sprites on one sheet; ``offset``: (y, x) of the first one."""
    side, pitch = cells.shape[1], cells.shape[1] + spacing
    rows = -(-len(cells) // columns)
    sheet = np.zeros((offset[0] + rows * pitch, offset[1] + columns * pitch, 4), np.uint8)
    for index, cell in enumerate(cells):
        row, column = divmod(index, columns)
        y, x = offset[0] + row * pitch, offset[1] + column * pitch
        sheet[y : y + side, x : x + side] = cell
    return sheet


def save(path: Path, rgba: NDArray[np.uint8]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgba).save(path)
    return path


class Importer:
    """The import window, used like a person would."""

    def __init__(self, main: MainWindow, wait: Callable[..., None]) -> None:
        self.main, self.lab = main, main.lab
        self._wait = wait

    @property
    def window(self) -> ImportWindow:
        window = self.main.imports.window
        assert window is not None
        return window

    @property
    def is_open(self) -> bool:
        return self.main.imports.window is not None

    @property
    def plan(self) -> ImportPlan:
        assert self.window.importing.plan is not None
        return self.window.importing.plan

    def settle(self) -> None:
        """Wait until the latest choices are planned."""
        importing = self.window.importing
        self._wait(lambda: not importing.is_planning and importing.plan is not None)
        assert importing.plan.choices == importing.choices

    def bring(self, *files: Path) -> None:
        self.main.imports.add(files)
        self.settle()

    def find(self, name: str, kind: type = QWidget) -> Any:
        (found,) = (w for w in self.window.findChildren(kind, name) if w.isVisible())
        return found

    def click(self, name: str) -> None:
        widget = self.find(name)
        assert widget.isEnabled(), name
        QTest.mouseClick(widget, LEFT, NONE, widget.rect().center())

    def pick(self, name: str, text: str) -> None:
        """Choose in a list by keyboard, and wait for the result."""
        self.pick_only(name, text)
        self.settle()

    def pick_only(self, name: str, text: str) -> None:
        """Choose in a list by keyboard."""
        combo: QComboBox = self.find(name, QComboBox)
        combo.setFocus()
        way = Key.Key_Down if combo.findText(text) > combo.currentIndex() else Key.Key_Up
        while combo.currentText() != text:
            before = combo.currentIndex()
            QTest.keyClick(combo, way)
            assert combo.currentIndex() != before, f"no “{text}” in {name}"

    def type(self, name: str, text: str) -> None:
        """Type a number into a field and press Enter."""
        field = self.find(name, QAbstractSpinBox)
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Key.Key_Return)
        self.settle()

    def text(self, name: str) -> str:
        return str(self.find(name, QLabel).text())

    # -- sheet -------------------------------------------------------------------------------

    @property
    def sheet(self) -> SheetView:
        view: SheetView = self.find("import.sheet")
        return view

    @property
    def grid(self) -> Grid:
        assert self.sheet.grid is not None
        return self.sheet.grid

    def drag(self, start: QPointF, right: int, down: int, held: Any = NONE) -> None:
        """Drag on the sheet, in sheet pixels."""
        side = self.sheet.pixel_side()
        end = start + QPointF(right * side, down * side)
        QTest.mousePress(self.sheet, LEFT, held, start.toPoint())
        QTest.mouseMove(self.sheet, ((start + end) / 2).toPoint())
        QTest.mouseMove(self.sheet, end.toPoint())
        QTest.mouseRelease(self.sheet, LEFT, held, end.toPoint())
        self.settle()

    # -- sprites -----------------------------------------------------------------------------

    @property
    def browser(self) -> ChosenBrowser:
        browser: ChosenBrowser = self.find("import.sprites")
        return browser

    def choose(self, index: int, held: Any = NONE) -> None:
        place = self.browser.cell_rect(index).center().toPoint()
        QTest.mouseClick(self.browser.viewport(), LEFT, held, place)

    def key(self, key: Qt.Key, held: Any = NONE) -> None:
        self.browser.setFocus()
        QTest.keyClick(self.browser, key, held)
        self.settle()
