"""Helpers for tests of Draw: choosing from menus by mouse, answering questions, dropping files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QPushButton, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.ui.draw.cell_grid import CellGrid
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.widgets.canvas.palette_bar import Swatches
from sprite_lab.ui.widgets.canvas.sprite_canvas import SpriteCanvas
from tests.qt import activate, until

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier
COPY = Qt.DropAction.CopyAction


def answer(button: str) -> list[str]:
    """Press a button in the next question that has it; append the question's texts and choices to
    the returned list.
    """
    asked: list[str] = []

    def press() -> None:
        for box in QApplication.topLevelWidgets():
            found = box.findChild(QPushButton, button)
            if isinstance(box, QMessageBox) and box.isVisible() and found is not None:
                asked.append(box.text())
                asked.append(box.informativeText())
                asked.extend(b.text() for b in box.findChildren(QPushButton))
                QTest.mouseClick(found, LEFT)
                return
        QTimer.singleShot(20, press)

    QTimer.singleShot(20, press)
    return asked


class OnCanvas:
    """Cells and canvas, used like a person would; ``find`` finds a visible widget by its name."""

    lab: Lab

    def find(self, name: str, kind: type = QWidget) -> Any:
        raise NotImplementedError

    @property
    def canvas(self) -> SpriteCanvas:
        return self.find("draw.canvas")

    def at(self, x: int, y: int) -> QPoint:
        """The center of a pixel on the canvas."""
        return self.canvas.pixel_rect(x, y).center().toPoint()

    def drag(
        self,
        *points: tuple[int, int],
        button: Qt.MouseButton = LEFT,
        held: Qt.KeyboardModifier = NONE,
        let_go: bool = True,
    ) -> None:
        QTest.mousePress(self.canvas, button, held, self.at(*points[0]))
        for point in points[1:]:
            QTest.mouseMove(self.canvas, self.at(*point))
        if let_go:
            QTest.mouseRelease(self.canvas, button, held, self.at(*points[-1]))

    def paint(self, x: int, y: int, button: Qt.MouseButton = LEFT) -> None:
        QTest.mouseClick(self.canvas, button, NONE, self.at(x, y))

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE, times: int = 1) -> None:
        self.canvas.setFocus()
        for _ in range(times):
            QTest.keyClick(self.canvas, key, held)

    def cell(self, index: int = 0) -> Cell:
        return self.lab.project.cell(index)

    def color(self, x: int, y: int, cell: int = 0) -> tuple[int, ...]:
        return tuple(int(v) for v in self.cell(cell).rgba[y, x])

    def choose(self, index: int, held: Qt.KeyboardModifier = NONE) -> None:
        grid: CellGrid = self.find("draw.cells")
        QTest.mouseClick(grid, LEFT, held, grid.cell_rect(index).center().toPoint())

    @property
    def chosen(self) -> tuple[int, ...]:
        grid: CellGrid = self.find("draw.cells")
        return grid.selection


class Hands(OnCanvas):
    """Draw in the main window."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        window.show_workspace("draw")
        self.activate()
        self.lab = window.lab
        self.failures: list[str] = []
        self.notices: list[str] = []
        self.lab.failed.connect(lambda sentence, details: self.failures.append(sentence))
        self.lab.notice.connect(self.notices.append)

    def find(self, name: str, kind: type = QWidget) -> Any:
        """A visible widget; switches to its tab of the panel if necessary."""
        panel = self.window.navigator.draw.panel
        for widget in panel.findChildren(kind, name) if panel.isVisible() else ():
            panel.reveal(widget)
        (found,) = (w for w in self.window.findChildren(kind, name) if w.isVisible())
        return found

    def click(self, name: str) -> None:
        widget = self.find(name)
        QTest.mouseClick(widget, LEFT, NONE, widget.rect().center())

    def activate(self) -> None:
        activate(self.window)

    def take_color(self, index: int, button: Qt.MouseButton = LEFT) -> None:
        """Click a swatch of the palette."""
        swatches: Swatches = self.find("draw.palette")
        QTest.mouseClick(swatches, button, NONE, swatches.swatch_rect(index).center().toPoint())

    # -- menus and questions ---------------------------------------------------------------------

    def pick(self, *texts: str) -> None:
        """Open the palette's menu and click an entry, or an entry of a submenu."""
        clicked: list[str] = []

        def step() -> None:
            menu = QApplication.activePopupWidget()
            wanted = texts[len(clicked)]
            actions = menu.actions() if isinstance(menu, QMenu) else []
            found = [action for action in actions if action.text() == wanted]
            if not found:
                QTimer.singleShot(20, step)
                return
            clicked.append(wanted)
            if len(clicked) < len(texts):
                QTimer.singleShot(20, step)
            QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(found[0]).center())

        QTimer.singleShot(20, step)
        self.click("draw.palette.more")
        until(lambda: clicked == list(texts))  # Qt 6.12 does not wait for the menu
        self.activate()

    answer = staticmethod(answer)

    # -- exports ---------------------------------------------------------------------------------

    def export_sheet(self, button: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Press a button that opens the export window, and write one picture there."""
        from sprite_lab.ui.exporting import pages

        monkeypatch.setattr(pages, "ask_save", choosing(file))
        self.click(button)
        self.click("export.sprites.kind.sheet")
        self.click("export.sprites.json.none")
        self.click("export.go")
        until(lambda: file.exists() and not self.lab.jobs.handles)
        self.click("export.close")

    # -- dropping --------------------------------------------------------------------------------

    def place_of(self, cell: int) -> QPoint:
        """The position of a cell in the workspace."""
        grid: CellGrid = self.find("draw.cells")
        return grid.mapTo(self.find("draw"), grid.cell_rect(cell).center().toPoint())

    def hold(self, path: Path, place: QPoint, over: QWidget | None = None) -> QMimeData | None:
        """Drag a file to a place; None if it is refused."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        enter = QDragEnterEvent(place, COPY, data, LEFT, NONE)
        QApplication.sendEvent(over or self.find("draw"), enter)
        return data if enter.isAccepted() else None

    def drop(self, path: Path, place: QPoint, over: QWidget | None = None) -> None:
        """Drag a file to a place and drop it."""
        data = self.hold(path, place, over)
        assert data is not None
        event = QDropEvent(QPointF(place), COPY, data, LEFT, NONE)
        QApplication.sendEvent(over or self.find("draw"), event)


def choosing(path: Path) -> Callable[..., Path]:
    """Stands in for a file dialog in which the user chooses ``path``."""
    return lambda *arguments, **named: path
