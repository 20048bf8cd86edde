"""Errors by noise level, over the course of training and now."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QCheckBox

from sprite_lab.app.lab import Lab
from sprite_lab.app.train.level_history import LevelHistory
from sprite_lab.app.train.run_floor import RunFloor
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.layouts import as_widget, hbox, split, stack
from sprite_lab.ui.page import Page, Redraw, stage_of
from sprite_lab.ui.parts import Parts, PartSpec
from sprite_lab.ui.train.floor_button import FloorButton
from sprite_lab.ui.train.level_plots import PREDICTED, LevelCurves, LevelMapView
from sprite_lab.ui.widgets.fields.calm import named, panel
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import EmptyState, heading
from sprite_lab.words import tr

#: The map is redrawn at most this often, in milliseconds.
REDRAW_MS = 500

#: From this size on, map and curves fit above one another, in logical pixels.
_LEAST = QSize(0, 500)


class LevelPage(Page):
    """Errors by noise level and training step, as a map and as curves."""

    def __init__(self, lab: Lab, history: LevelHistory, floor: RunFloor) -> None:
        super().__init__("train.levels")
        panel(self)
        self._lab, self._history, self._floor = lab, history, floor
        self.map = LevelMapView(lab)
        self.curves = LevelCurves(lab, history)
        self._words = HintLabel(name="train.levels.words")
        tip = tr(
            "The lowest possible error if it had learned all training sprites of the set by "
            "heart, and not only some of them."
        )
        self._whole = named(QCheckBox(tr("Floor of the whole set")), "train.levels.whole", tip=tip)
        self._whole.setChecked(True)
        self._whole.hide()
        self._empty = EmptyState("train", name="train.levels.empty", primary=False)
        button = FloorButton(lab, floor, name="train.levels.floor")
        title = as_widget(
            hbox(heading(tr("Error by noise level")), HelpButton(lab, "error_by_level"))
        )
        top = Flow(None, title, self._words, as_widget(hbox(self._whole, button)), spacing=8)
        halves = split(Qt.Orientation.Vertical, self.map, self.curves, sizes=(300, 300))
        self.map.setContentsMargins(0, 0, 0, 4)
        self.curves.setContentsMargins(0, 8, 0, 0)
        parts = Parts(
            halves,
            PartSpec("map", tr("Map"), (self.map,)),
            PartSpec("curves", tr("Curves"), (self.curves,)),
            least=_LEAST,
            name="train.levels",
        )
        parts.turned.connect(self.map.set_alone)
        self._full = stage_of(top, (parts, 1), spacing=8)
        self._stack = stack(self, self._empty, self._full)
        self.map.pointed.connect(self.curves.point_at)
        self._whole.toggled.connect(self.curves.show_whole)
        floor.changed.connect(self._show_floor)
        self._redraw = Redraw(self, REDRAW_MS, self._draw)
        self._redraw.now()

    # -- display ----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Redraw soon, or once the page is shown."""
        self._redraw.soon()

    def _draw(self) -> None:
        found = self._history.map()
        self._stack.setCurrentWidget(self._empty if found is None else self._full)
        self._show_empty()
        if found is None:
            return
        kind = PREDICTED[found.bins.prediction_type]
        self._words.setText(tr("Mean squared error of the predicted {kind}", kind=kind))
        self.map.show_map(found)
        self.curves.refresh()

    def _show_empty(self) -> None:
        training = self._lab.training_runs.current.value is not None
        if self._floor.run is None or training:
            title = tr("What is still to be learned?")
            text = tr("The error at each noise level appears here after the first training steps.")
        else:
            title = tr("This run has no error by noise level")
            text = tr(
                "It ended before the first errors were recorded. Continue it, or train again."
            )
        example = "" if training else tr("Show the example")
        show = self._lab.training_runs.show_example
        self._empty.offer(title, text, example, "memory", show)

    def _show_floor(self) -> None:
        floor = self._floor.floor
        self._whole.setVisible(floor is not None and floor.whole is not None)
        self.curves.set_floor(floor)
        self._show_empty()
