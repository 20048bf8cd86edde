"""The way back from a tuning's curves to the page that it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

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
        back = push_button(
            "train.style",
            tr("Sprites in my style"),
            "back",
            tr("Back to the page with what it draws so far, and the steps that follow"),
        )
        back.clicked.connect(lab.style_wanted)
        words = dim_label(tr("A model is being tuned on your sprites."), name="train.style.words")
        hbox((words, 1), back, on=self)
        lab.training_runs.current.changed.connect(self._refresh)
        self._refresh()

    def _refresh(self, *_: object) -> None:
        training = self._lab.training_runs.current.value
        ours = training is not None and training.followed is None
        tunes = training is not None and training.config.preset == TUNING_PRESET
        self.setVisible(ours and tunes and self._lab.own_set is not None)
