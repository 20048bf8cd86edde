"""What a training starts from: the data set and the initial weights."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import run_title
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.text import Label
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label

#: Sets of at most so many sprites are learned from the open model on unless told otherwise.
FEW_SPRITES = 500


class StartGroup(FoldGroup):
    """Data to train on, and the model to start from.

    Signals
    -------
    changed : ``init`` is another one now.
    """

    changed = Signal()

    def __init__(self, lab: Lab, theme: ThemeManager) -> None:
        super().__init__(theme, "Learn from", name="train.start_group")
        self._lab = lab
        self._chosen = False  # whether the person ticked or unticked it
        self._told: ModelInfo | None = None  # the init that was told of last
        self._data = named(Label(), "train.data")
        self._data.setWordWrap(True)
        self._from_model = named(QCheckBox("Start from the open model"), "train.from_model")
        self._from_model.setToolTip(
            "Go on from what the model has learnt instead of from nothing: with it, 50 to 500 "
            "sprites of your own are enough, and minutes do."
        )
        self._why = dim_label(name="train.from_model_why")
        self.add_row("Data set", self._data)
        self.add(self._from_model, self._why)
        self._from_model.toggled.connect(self._on_toggled)
        lab.data.changed.connect(self._refresh)
        lab.model.changed.connect(self._refresh)
        self._refresh()

    @property
    def from_model(self) -> bool:
        """Whether to start from the open model."""
        return self._from_model.isEnabled() and self._from_model.isChecked()

    @property
    def init(self) -> ModelInfo | None:
        """The model to start from; None = new weights."""
        return self._lab.model.value if self.from_model else None

    def _on_toggled(self) -> None:
        self._chosen = True
        self._refresh()

    def _refresh(self, *_: object) -> None:
        sprites, model = self._lab.data.value, self._lab.model.value
        many = 0 if sprites is None else len(sprites)
        count = "" if sprites is None else f", {many:,} sprite{'s' * (many != 1)}"
        self._data.setText(f"{self._lab.data_title}{count}")
        problem = why_not(model, sprites)
        self._from_model.setEnabled(not problem)
        if not self._chosen:  # alone, few sprites teach too little
            with QSignalBlocker(self._from_model):
                self._from_model.setChecked(0 < many <= FEW_SPRITES and not problem)
        title = "" if model is None else run_title(model.title)
        if problem:
            self._why.setText(problem)
        elif self._from_model.isChecked():
            self._why.setText(
                f"Starts from what “{title}” has learned, and keeps its network, noise and words. "
                "With the preset Tune it trains for up to three minutes, and ends earlier if more "
                "than a tenth of its samples are copies of your sprites: the moment before is kept."
            )
        else:
            self._why.setText(f"Starts from nothing. Tick it to start from “{title}”.")
        if self.init is not self._told:
            self._told = self.init
            self.changed.emit()


def why_not(model: ModelInfo | None, sprites: SpriteSet | None) -> str:
    """Why a training on ``sprites`` cannot start from ``model``, or ""."""
    if model is None:
        return "There is no model to start from: open one."
    if model.is_student:
        return "The open model is a student, which cannot learn from sprites."
    if sprites is not None and sprites.size[0] != model.image_size:
        return (
            f"The open model draws {model.image_size}×{model.image_size} pixels, and these "
            f"sprites have {sprites.size[0]}×{sprites.size[1]}."
        )
    return ""
