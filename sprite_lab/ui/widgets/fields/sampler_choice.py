"""The list of sampling methods, the usual one first, each in plain words."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox

from sprite_lab.core.config import (
    DEFAULT_SAMPLER,
    DEFAULT_STEPS,
    SAMPLERS,
    SamplerName,
    sampler_choice,
)
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.ui.text import plain


class SamplerChoice(QComboBox):
    """Offers the sampling methods that a model can be sampled with.

    ``offered``: only these, where there are reasons.
    """

    def __init__(self, offered: Collection[SamplerName] = SAMPLERS) -> None:
        super().__init__()
        self._offered = offered
        self.setToolTip("Sampler: the rule that takes the noise away step by step.")
        self.set_model(None)

    @property
    def sampler(self) -> SamplerName:
        """The chosen method."""
        name: SamplerName = self.currentData()
        return name

    def set_sampler(self, name: SamplerName | None) -> None:
        """Choose a method; None, or one that is not offered = the model's usual one."""
        self.setCurrentIndex(max(0, self.findData(name)))

    def set_model(self, model: ModelInfo | None) -> None:
        """Offer "student" to students alone, and first; what was chosen stays if it can."""
        student = model is not None and model.is_student
        usual: SamplerName = "student" if student else DEFAULT_SAMPLER
        names = [name for name in self._offered if student or name != "student"]
        names.sort(key=lambda name: name != usual)
        offered = [self.itemData(i) for i in range(self.count())]
        if names == offered:
            return
        chosen = self.currentData()
        self.blockSignals(True)
        self.clear()
        for name in names:
            shown = sampler_choice(name)
            self.addItem(shown.label, name)
            tip = f"{shown.label}: {shown.tip}."
            self.setItemData(self.count() - 1, plain(tip), Qt.ItemDataRole.ToolTipRole)
        # A student is there for its few steps: its own sampler comes with it, and goes with it.
        self.setCurrentIndex(0 if student else max(0, self.findData(chosen)))
        self.blockSignals(False)
        if chosen not in (None, self.currentData()):
            self.currentIndexChanged.emit(self.currentIndex())

    def usual_steps(self, timesteps: int) -> int:
        """How many noise levels the chosen method visits unless told otherwise."""
        return min(DEFAULT_STEPS.get(self.sampler, timesteps), timesteps)
