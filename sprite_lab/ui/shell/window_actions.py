"""Actions of the menus and the top bar besides files: undo, import, train and generate."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from sprite_lab.app.data.data_edits import DataEdits
from sprite_lab.app.files.project import Project
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.actions import DRAW_SETS
from sprite_lab.ui.shell.file_actions import FileActions
from sprite_lab.ui.shell.navigator import Navigator
from sprite_lab.ui.widgets.fields.calm import allow
from sprite_lab.words import tr, within

if TYPE_CHECKING:
    from sprite_lab.ui.importing.window import ImportWindow


class ImportActions(QObject):
    """Keeps at most one import window; files that arrive while it is open are added to it."""

    def __init__(self, lab: Lab, files: FileActions, window: QWidget) -> None:
        super().__init__(window)
        self._lab, self._files, self._parent = lab, files, window
        self.window: ImportWindow | None = None
        files.import_chosen.connect(self.add)
        lab.import_wanted.connect(self.open)

    def open(self) -> ImportWindow:
        if self.window is None:
            # Imported here to keep the start of the app fast.
            from sprite_lab.ui.importing.window import ImportWindow  # noqa: PLC0415

            self.window = ImportWindow(self._lab, self._parent)
            self.window.importing.written.connect(self._files.open_path)
            self.window.closed.connect(self._on_closed)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        return self.window

    def add(self, files: Iterable[Path]) -> None:
        """Add files and folders to the import."""
        self.open().add(files)

    def may_close(self) -> bool:
        """Whether the window may close: nothing would be lost, or the user agreed."""
        return self.window is None or self.window.may_leave()

    def close(self) -> None:
        """Close the window with the main one; see :meth:`may_close`."""
        if self.window is not None:
            self.window.forget()

    def _on_closed(self) -> None:
        self.window = None


class UndoActions(QObject):
    """Ties two actions to a history: what they do, their texts, and whether they are enabled.

    That is the history of the data set while Data is in front, else that of the project.
    """

    def __init__(self, lab: Lab, undo: QAction, redo: QAction, parent: QObject) -> None:
        super().__init__(parent)
        self._lab, self._undo, self._redo = lab, undo, redo
        self._edited: Project | DataEdits = lab.project
        undo.triggered.connect(self._on_undo)
        redo.triggered.connect(self._on_redo)
        lab.project.history_changed.connect(self._show)
        lab.edits.history_changed.connect(self._show)
        self._show()

    def show_workspace(self, name: str) -> None:
        """Switch to the history of a workspace."""
        self._edited = self._lab.edits if name == "data" else self._lab.project
        self._show()

    @Slot()
    def _on_undo(self) -> None:
        self._edited.history.undo()

    @Slot()
    def _on_redo(self) -> None:
        self._edited.history.redo()

    @Slot()
    def _show(self) -> None:
        history = self._edited.history
        for action, word, can, what in (
            (self._undo, tr("&Undo"), history.can_undo, history.undo_text),
            (self._redo, tr("&Redo"), history.can_redo, history.redo_text),
        ):
            action.setEnabled(can)
            action.setText(word if not what else f"{word} {within(what)}")


class RunActions(QObject):
    """Runs the actions in their workspaces and disables them when they do not apply."""

    def __init__(self, lab: Lab, navigator: Navigator, actions: dict[str, QAction]) -> None:
        super().__init__(navigator)
        self._lab, self._navigator = lab, navigator
        self._actions = actions
        actions["run.train"].triggered.connect(self.train)
        actions["run.pause"].triggered.connect(self.pause)
        actions["run.stop"].triggered.connect(self.stop)
        actions["run.generate"].triggered.connect(self.generate)
        for kind in DRAW_SETS:
            actions[f"run.{kind}"].triggered.connect(lambda _=False, kind=kind: self.show_set(kind))
        lab.data.changed.connect(self._refresh)
        lab.model.changed.connect(self._refresh)
        lab.training_runs.current.changed.connect(self._on_training)
        self._refresh()

    def train(self) -> None:
        """Start a training with the settings in Train."""
        self._navigator.go("train")
        self._navigator.train.start()

    def pause(self, on: bool) -> None:
        """Pause or resume the training."""
        training = self._lab.training_runs.current.value
        if training is not None:
            training.handle.pause() if on else training.handle.resume()

    def stop(self) -> None:
        training = self._lab.training_runs.current.value
        if training is not None:
            training.handle.stop()

    def generate(self) -> None:
        """Generate in Draw if it is shown, else in See."""
        if self._navigator.current == "draw":
            self._navigator.draw.generate()
            return
        self._navigator.go("see")
        self._navigator.see.generate()

    def show_set(self, kind: str) -> None:
        """Show the page of Draw for a kind of set."""
        self._navigator.go("draw")
        self._navigator.draw.show_set(kind)

    def _on_training(self, *_: object) -> None:
        training = self._lab.training_runs.current.value
        if training is not None:
            training.handle.state_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self, *_: object) -> None:
        training = self._lab.training_runs.current.value
        state = training.handle.state if training else ""
        busy = "" if training is None else tr("A training is running.")
        stopping = tr("It is being saved.") if state == "stopping" else ""
        idle = tr("No training is running.") if training is None else stopping
        no_data = "" if self._lab.data.value is not None else tr("No data set is open.")
        for name, why in {
            "train": busy or no_data,
            "generate": "" if self._lab.model.value is not None else tr("There is no model yet."),
            "pause": idle,
            "stop": idle,
        }.items():
            allow(self._actions[f"run.{name}"], why)
        self._actions["run.pause"].setChecked(state == "paused")
