"""A window that the tests of a file share, as long as each leaves it as it was."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QImage, QStatusTipEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from sprite_lab.app.draw.last_state import last_state
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Preferences, Settings
from sprite_lab.core.pixels.cells import CellSheet
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE
from sprite_lab.jobs import Worker
from sprite_lab.paths import HOME_VARIABLE
from sprite_lab.ui.shell.main_window import MainWindow
from tests.gui.stand_ins import StandInModel
from tests.qt import delete_now, settle, until

#: Files that any window creates in the user's folder.
_OURS = ("settings.json", "settings.lock", "unsaved.lock")


class _State(NamedTuple):
    """State by which one test could affect another."""

    settings: Preferences
    picture: QImage
    files: frozenset[Path]  #: of the user's folder
    opened: tuple[object, ...]  #: data set and recorded sprites, besides the project and the model


class KeptWindow:
    """The main window in Draw.

    Building it takes longer than most tests of Draw. After a test the project, the model, the tools
    and the settings are restored. If the window then looks different, or anything else has changed,
    it is closed, and the next test gets a new one.
    """

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders
        self._window: MainWindow | None = None

    @property
    def window(self) -> MainWindow:
        assert self._window is not None
        return self._window

    def open(self) -> None:
        """Create a window with its own folder in place of the user's, unless one is kept."""
        if self._window is not None:
            return
        self.home = self._folders.mktemp("home")
        with mock.patch.dict(os.environ, {HOME_VARIABLE: str(self.home)}):
            lab = Lab(Settings())
            lab.settings.replace(workspace="draw")
            self._window = MainWindow(lab)
            self._window.show()
            lab.model.set(StandInModel())  # the first model determines the steps
            self._set_back()
            self._at_first = self._state()

    def give_back(self) -> None:
        """Keep the window for the next test if nothing has changed; otherwise close it."""
        visible = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        if visible == [self.window]:
            self.window.lab.settings.set(self._at_first.settings)
            self._set_back()
            if self._state() == self._at_first:
                return
        self.close()

    def close(self) -> None:
        window, self._window = self._window, None
        if window is not None:
            window.closing.safe = True
            window.close()
            assert window.lab.jobs.shut_down(60)
            delete_now(window, window.lab)

    def _set_back(self) -> None:
        lab, draw = self.window.lab, self.window.navigator.draw
        for job in lab.jobs.handles:
            job.cancel()
        until(lambda: not lab.jobs.handles)
        self.window.show_workspace("draw")
        state = last_state(lab.settings)
        lab.model.set(None)
        lab.project.load(CellSheet(palette=DEFAULT_PALETTE))  # new() would keep the former palette
        lab.project_io.new()
        draw.last.restore(state)
        draw.grid.set_selection((state.cell,))
        draw.tools.select_none()
        draw.area.canvas.fit()
        self.window.notices.kept.clear()
        self.window.stage.setFocus()
        # otherwise a move to the same place would be none
        QTest.mouseMove(self.window, QPoint(1, 1))
        settle(self.window)
        QApplication.sendEvent(draw.area.canvas, QEvent(QEvent.Type.Leave))
        QApplication.sendEvent(self.window, QStatusTipEvent(""))
        lab.settings.try_to_save()  # not later, during a test with other settings
        until(lambda: not lab.jobs.handles)
        for worker in lab.jobs.findChildren(Worker):
            worker.leave()
            assert worker.wait(60_000)
        lab.jobs._workers.clear()  # new ones are started when needed

    def _state(self) -> _State:
        lab = self.window.lab
        picture = self.window.grab().toImage()
        files = frozenset(path for path in self.home.rglob("*.*") if path.name not in _OURS)
        return _State(lab.settings.value, picture, files, (lab.data.value, lab.trajectory.value))
