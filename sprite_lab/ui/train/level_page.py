"""Errors by noise level, over the training and now."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.measure.measure_tasks import measure_floor
from sprite_lab.app.train.level_history import LevelHistory
from sprite_lab.app.train.training_set import MissingSet
from sprite_lab.core.records import Outcome
from sprite_lab.core.results.level_errors import Floor
from sprite_lab.ui.layouts import hbox, split, stack, vbox
from sprite_lab.ui.page import GrowingPage
from sprite_lab.ui.parts import Parts, PartSpec
from sprite_lab.ui.train.level_plots import PREDICTED, LevelCurves, LevelMapView
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, panel
from sprite_lab.ui.widgets.fields.elided import ElidedLabel
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import EmptyState, heading
from sprite_lab.ui.widgets.fields.set_needed import open_missing
from sprite_lab.words import tr

#: The map is redrawn at most this often, in milliseconds.
REDRAW_MS = 500

#: From this size on, map and curves fit above one another, in logical pixels.
_LEAST = QSize(0, 500)


class LevelPage(GrowingPage):
    """Errors by noise level and training step, as a map and as curves."""

    def __init__(self, lab: Lab, history: LevelHistory) -> None:
        super().__init__("train.levels", every_ms=REDRAW_MS)
        panel(self)
        self._lab, self._history = lab, history
        self._run: Path | None = None
        self._data = ("", "")  # title and fingerprint of the run's training set
        self._student = False
        self._floor: Floor | None = None
        self._measured: Path | None = None  # the run whose floor is being computed
        self.map = LevelMapView(lab)
        self.curves = LevelCurves(lab, history)
        self._words = ElidedLabel(name="train.levels.words", narrows=True)
        self._button = push_button("train.levels.floor", tr("Show the floor"), "measure")
        self._empty = EmptyState(
            "train", "", "", name="train.levels.empty", action_icon="memory", primary=False
        )
        title = heading(tr("Error by noise level"))
        top = hbox(
            title, HelpButton(lab, "error_by_level"), 8, (self._words, 1), self._button, spacing=-1
        )
        halves = split(Qt.Orientation.Vertical, self.map, self.curves, sizes=(300, 300))
        self.map.setContentsMargins(0, 0, 0, 4)
        self.curves.setContentsMargins(0, 8, 0, 0)
        parts = Parts(
            halves,
            PartSpec("map", tr("Map"), (self.map,)),
            PartSpec("curves", tr("Curves"), (self.curves,)),
            least=_LEAST,
            name="train.levels",
            label=tr("Parts of the page"),
        )
        parts.turned.connect(self.map.set_alone)
        self._full = QWidget()
        vbox(top, (parts, 1), on=self._full, margins=(16, 8, 16, 8))
        self._stack = stack(self, self._empty, self._full)
        self.map.pointed.connect(self.curves.point_at)
        self._button.clicked.connect(self._on_button)
        self._empty.activated.connect(lab.training_runs.show_example)
        lab.data.changed.connect(self._show_button)
        self._draw()

    # -- display ----------------------------------------------------------------------------------

    @property
    def floor(self) -> Floor | None:
        return self._floor

    def set_run(
        self, run: Path | None, data: tuple[str, str], *, student: bool, floor: Floor | None
    ) -> None:
        """Set the run of the history; ``data``: title and fingerprint of its training set."""
        self._run, self._data, self._student = run, data, student
        self._take_floor(floor)
        self.refresh()

    def _redraw(self) -> None:
        found = self._history.map()
        self._stack.setCurrentWidget(self._empty if found is None else self._full)
        self._show_empty()
        self._show_button()
        if found is None:
            return
        kind = PREDICTED[found.bins.prediction_type]
        self._words.setText(tr("Mean squared error of the predicted {kind}", kind=kind))
        self.map.show_map(found)
        self.curves.refresh()

    def _show_empty(self) -> None:
        training = self._lab.training_runs.current.value is not None
        example = "" if training else tr("Show the example")
        if self._run is None or training:
            self._empty.set_content(
                tr("What is still to be learned?"),
                tr("The error at each noise level appears here during training."),
                example,
            )
        else:
            self._empty.set_content(
                tr("This run has no error by noise level"),
                tr("It ended before the first errors were recorded. Continue it, or train again."),
                example,
            )

    # -- the floor -------------------------------------------------------------------------

    def _missing(self) -> MissingSet | None:
        """The set that the floor needs, if it is not open."""
        title, fingerprint = self._data
        sprites = self._lab.data.value
        if sprites is not None and sprites.fingerprint == fingerprint:
            return None
        return MissingSet(title)

    def _show_button(self, *_: object) -> None:
        there = self._floor is not None or self._student or self._run is None
        self._button.setVisible(not there)
        if there:
            return
        missing = self._missing()
        if self._measured is not None:
            text, tip = tr("Computing…"), ""
        elif missing is None:
            text = tr("Show the floor")
            tip = tr(
                "Compute the lowest possible error at each noise level, that of the optimal "
                "denoiser of the training sprites. Takes a few seconds."
            )
        else:
            dots = "" if missing.builtin else "…"
            text = tr("Open “{title}”{dots}", title=missing.title, dots=dots)
            tip = tr("The floor needs the sprites this run learned from.")
        self._button.setText(text)
        self._button.setAccessibleName(text)
        allow(self._button, "" if self._measured is None else text, tip)

    def _on_button(self) -> None:
        missing, sprites, run = self._missing(), self._lab.data.value, self._run
        if missing is not None:
            open_missing(self._lab, missing, self)
            return
        if run is None or sprites is None:
            return
        self._measured = run
        job = self._lab.do(
            measure_floor(run, sprites),
            self,
            name=tr("Floor of the error"),
            then=self._take_measured,
            newest="floor",
        )
        job.ended.connect(self._on_ended)
        self._show_button()

    def _take_measured(self, floor: Floor) -> None:
        if self._measured == self._run:
            self._take_floor(floor)

    def _on_ended(self, _: Outcome) -> None:
        self._measured = None
        self._show_button()

    def _take_floor(self, floor: Floor | None) -> None:
        self._floor = floor
        self.curves.set_floor(floor)
        self._show_button()
