"""What happens once the window is on the screen: data, something to see, the last model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer

from sprite_lab.app.lab import Lab
from sprite_lab.core.records import Outcome
from sprite_lab.core.sprites import SpriteSet
from sprite_lab.ui.main_window import MainWindow

#: What the built-in set is called on the command line.
BUILTIN = "builtin"

#: Sprites that are dissolved for a start.
SHOWN = 16


class Startup(QObject):
    """Restores the last session, or shows the forward process to who is here for the first time.

    Parameters
    ----------
    data : a data set named on the command line, or "builtin"; None = that of the last session.
    model : a model named there; None = that of the last session, or else the newest run.
    """

    def __init__(
        self, lab: Lab, window: MainWindow, data: str | None = None, model: str | None = None
    ) -> None:
        super().__init__(window)
        self._lab, self._window = lab, window
        self._data, self._model = data, model
        self._first_time = not lab.settings.value.launched
        window.painted.connect(self._begin)

    def _begin(self) -> None:
        # Not within the first paint, but after it.
        QTimer.singleShot(0, self, self._restore)

    def _restore(self) -> None:
        lab = self._lab
        if lab.settings.problem:
            lab.notice.emit(lab.settings.problem)
        known = lab.settings.value
        lab.data.changed.connect(self._on_first_data)
        if self._data == BUILTIN:
            handle = lab.open_data(None)
        elif self._data is None and known.data and not Path(known.data).is_file():
            lab.notice.emit(f"The last data set is gone ({known.data}).")
            handle = lab.open_data(None)
        else:
            handle = lab.open_data(self._data or known.data or None)
        handle.ended.connect(self._fall_back)
        self._window.recovery.restore()
        # Loads torch, which takes a moment and is wanted by whatever comes next.
        lab.look_at_machine()
        lab.runs.changed.connect(self._on_runs)
        lab.refresh_library()
        if self._model is not None:
            lab.open_model(self._model)
        elif known.model:
            lab.open_model(known.model, quiet=True)

    def _fall_back(self, outcome: Outcome) -> None:
        if outcome.kind != "completed" and self._lab.data.value is None:
            self._lab.open_data(None)

    def _on_runs(self, *_: object) -> None:
        """The newest run becomes the model where none was asked for."""
        self._lab.runs.changed.disconnect(self._on_runs)
        if self._model is not None or self._lab.settings.value.model:
            return
        for run in self._lab.runs.value:
            if run.step is not None:
                self._lab.open_model(run.path, quiet=True)
                return

    def _on_first_data(self, sprites: SpriteSet, _old: object) -> None:
        self._lab.data.changed.disconnect(self._on_first_data)
        if self._lab.trajectory.value is not None:
            return
        some = np.linspace(0, len(sprites) - 1, min(SHOWN, len(sprites))).astype(int)
        # Neighbours are often of one kind; the built-in set takes its classes in turn.
        images = sprites.images[some]
        self._lab.trajectory.changed.connect(self._on_first_trajectory)
        self._lab.forward(images)

    def _on_first_trajectory(self, *_: object) -> None:
        self._lab.trajectory.changed.disconnect(self._on_first_trajectory)
        if self._first_time and self._window.current == "see":
            self._window.workspace("see").timeline_model.play()
