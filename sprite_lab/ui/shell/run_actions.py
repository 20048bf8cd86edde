"""Train, pause, stop and generate, for menu and top bar."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from sprite_lab.app.lab import Lab
from sprite_lab.ui.draw.cells_pane import SETS
from sprite_lab.ui.shell.navigator import Navigator


class RunActions(QObject):
    """Runs the actions in their workspaces and disables them when they do not apply."""

    def __init__(self, lab: Lab, navigator: Navigator, actions: dict[str, QAction]) -> None:
        super().__init__(navigator)
        self._lab, self._navigator = lab, navigator
        self._train, self._pause = actions["run.train"], actions["run.pause"]
        self._stop, self._generate = actions["run.stop"], actions["run.generate"]
        self._train.triggered.connect(self.train)
        self._pause.triggered.connect(self.pause)
        self._stop.triggered.connect(self.stop)
        self._generate.triggered.connect(self.generate)
        for kind in SETS:
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
        if training is None:
            return
        if on:
            training.handle.pause()
        else:
            training.handle.resume()

    def stop(self) -> None:
        """Stop the training and keep it."""
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
        self._train.setEnabled(self._lab.data.value is not None and training is None)
        self._generate.setEnabled(self._lab.model.value is not None)
        self._pause.setEnabled(state in ("queued", "starting", "running", "paused"))
        self._stop.setEnabled(training is not None and state != "stopping")
        self._pause.setChecked(state == "paused")
