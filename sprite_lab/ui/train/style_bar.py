"""The way back from a tuning's curves to the page that it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from sprite_lab.app.shell.text_format import run_title
from sprite_lab.core.presets import TUNING_PRESET
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.words import tr

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab


class StyleBar(QWidget):
    """Shown while a model is tuned on the user's own sprites."""

    def __init__(self, lab: Lab, parent: QWidget) -> None:
        super().__init__(parent)  # or it would be a window until it is laid out
        self._lab = lab
        tip = tr("Back to the page with what it draws so far, and the steps that follow")
        back = push_button("train.style", tr("My style"), "back", tip, do=lab.style_wanted)
        self._words = dim_label(name="train.style.words")
        hbox((self._words, 1), back, on=self)
        lab.training_runs.current.changed.connect(self._refresh)
        self._refresh()

    def _refresh(self, *_: object) -> None:
        training = self._lab.training_runs.current.value
        ours = training is not None and training.followed is None
        tunes = training is not None and training.config.preset == TUNING_PRESET
        start = None if training is None else training.init
        text = tr("A model is being tuned on your sprites.")
        if start is not None:  # it does not go on with a run that was stopped
            text = tr("“{title}” is being tuned on your sprites.", title=run_title(start.title))
        self._words.setText(text)
        self.setVisible(ours and tunes and self._lab.own_set is not None)
