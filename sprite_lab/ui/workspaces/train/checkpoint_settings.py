"""Which noise the checkpoints are given, and what they are asked to make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QWidget

from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.calm import calm
from sprite_lab.ui.widgets.help_button import HelpButton
from sprite_lab.ui.widgets.inspector import dim_label
from sprite_lab.ui.widgets.seed_field import SeedField

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab

_STUDENT_STEPS = 4


class CheckpointSettings(QWidget):
    """Parts: ``train.checkpoints.class``, ``.seed``, ``.sampling``.

    Signals
    -------
    changed : something else is asked for.
    """

    changed = Signal()

    def __init__(self, lab: Lab, theme: ThemeManager) -> None:
        super().__init__()
        self._guidance = 1.0
        heading = QLabel("What was learnt first?")
        heading.setProperty("heading", True)
        self.kind = calm(
            QComboBox(),
            name="train.checkpoints.class",
            label="Class",
            tip="What the checkpoints are asked for",
        )
        self.seed = SeedField(theme, name="train.checkpoints.seed", seed=0, locked=True)
        self.seed.setMaximumWidth(150)
        self.sampling = calm(
            QSpinBox(),
            name="train.checkpoints.sampling",
            label="Noise levels",
            tip="How many noise levels are visited on the way: a row for each",
        )
        self.sampling.setRange(4, 16)
        self.sampling.setValue(7)
        self.sampling.setKeyboardTracking(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(heading)
        row.addWidget(HelpButton(lab, theme, "checkpoints"))
        row.addStretch(1)
        for text, field in (
            ("Class", self.kind),
            ("Seed", self.seed),
            ("Levels", self.sampling),
        ):
            row.addWidget(dim_label(text, wrap=False))
            row.addWidget(field)
            row.addSpacing(4)
        self.kind.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.seed.changed.connect(lambda *_: self.changed.emit())
        self.sampling.valueChanged.connect(lambda _: self.changed.emit())

    def show_run(self, config: TrainConfig, class_names: tuple[str, ...]) -> None:
        """Offer the classes of a run; begin with the noise of its own previews."""
        student = config.network.guided
        taught = bool(config.label_dropout) or student
        self._guidance = SampleConfig().guidance_scale if taught else 1.0
        with QSignalBlocker(self.kind), QSignalBlocker(self.seed), QSignalBlocker(self.sampling):
            chosen = self.kind.currentData()
            self.kind.clear()
            for name in class_names:
                self.kind.addItem(name.replace("_", " "), name)
            self.kind.addItem("No class", "")
            self.kind.setCurrentIndex(max(0, self.kind.findData(chosen)))
            self.seed.set_seed(config.seed)
            self.sampling.setValue(_STUDENT_STEPS if student else self.sampling.value())

    def config(self) -> SampleConfig:
        """One sprite, as the network predicts it: no colours are snapped."""
        name = self.kind.currentData()
        return SampleConfig(
            count=1,
            seed=self.seed.seed,
            steps=self.sampling.value(),
            classes=(name,) if name else (),
            guidance_scale=self._guidance if name else 1.0,
            colors=0,
        )
