"""The settings of a training, as fields that make a TrainConfig."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from sprite_lab.app.tasks import Machine
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.presets import DEFAULT_PRESET, PRESETS
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.calm import calm
from sprite_lab.ui.widgets.inspector import FoldGroup
from sprite_lab.ui.widgets.number_field import NumberField
from sprite_lab.ui.widgets.seed_field import SeedField

_PRESET_TEXTS = {
    "quick": ("Quick", "A network that learns fast, minutes on a common machine"),
    "best": ("Best", "The same network for half an hour, on sprites that are moved and recoloured"),
    "tune": ("Tune", "From a model on: sixty passes, so that few sprites are not learnt by heart"),
    "course": ("Course", "The recipe of the course's notebook"),
}
_DEVICE_TEXTS = {
    "auto": "Automatic",
    "cpu": "Processor (CPU)",
    "cuda": "NVIDIA or AMD (CUDA)",
    "mps": "Apple (MPS)",
    "xpu": "Intel (XPU)",
}


class Recipe(QWidget):
    """Parts: ``train.preset``, ``.epochs``, ``.batch``, ``.rate``, and in ``train.advanced``
    ``.width``, ``.schedule``, ``.device``, ``.seed``.

    Signals
    -------
    changed : some field has another value.
    """

    changed = Signal()

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__()
        self._base = _by_epochs(PRESETS[DEFAULT_PRESET])
        self._loading = False
        self.preset = calm(QComboBox(), name="train.preset", label="Recipe")
        for name in PRESETS:
            text, tip = _PRESET_TEXTS.get(name, (name, ""))
            self.preset.addItem(text, name)
            self.preset.setItemData(self.preset.count() - 1, tip, 3)  # 3 = ToolTipRole
        self.epochs = NumberField(
            "Epochs",
            1,
            1000,
            32,
            name="train.epochs",
            logarithmic=True,
            tip="How often every sprite is seen.",
        )
        self.batch = NumberField(
            "Batch size",
            4,
            512,
            64,
            name="train.batch",
            logarithmic=True,
            tip="Sprites that are learnt from in one step.",
        )
        self.rate = NumberField(
            "Learning rate",
            1e-5,
            1e-1,
            1e-3,
            name="train.rate",
            decimals=5,
            step=1e-4,
            logarithmic=True,
            tip="How far each step goes. Too high, and the loss leaps; too low, and it crawls.",
        )
        self.network_width = NumberField(
            "Width",
            16,
            256,
            96,
            name="train.width",
            step=16,
            tip="Channels of the network's finest level: wider learns more, and slower.",
        )
        self.schedule = calm(
            QComboBox(),
            name="train.schedule",
            label="Noise schedule",
            tip="How fast noise takes over: the course's linear one; cosine, gentler at both "
            "ends; or Karras, which also learns the faintest noise.",
        )
        self.schedule.addItem("Linear", "linear")
        self.schedule.addItem("Cosine", "cosine")
        self.schedule.addItem("Karras", "karras")
        self.device = calm(QComboBox(), name="train.device", label="Device")
        for name, text in _DEVICE_TEXTS.items():
            self.device.addItem(text, name)
        self.seed = SeedField(theme, name="train.seed", seed=0, locked=True)

        recipe = FoldGroup(theme, "Recipe", name="train.recipe")
        recipe.add_row("Preset", self.preset, "A set of settings to start from")
        recipe.add_row("Epochs", self.epochs)
        recipe.add_row("Batch size", self.batch)
        recipe.add_row("Learning rate", self.rate)
        advanced = FoldGroup(theme, "Advanced", name="train.advanced", opened=False)
        advanced.add_row("Width", self.network_width)
        advanced.add_row("Noise", self.schedule)
        advanced.add_row("Device", self.device, "What computes; automatic takes the fastest")
        advanced.add_row("Seed", self.seed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(recipe)
        column.addWidget(advanced)

        self.preset.activated.connect(self._on_preset)
        for combo in (self.schedule, self.device):
            combo.currentIndexChanged.connect(self._on_field)
        for field in (self.epochs, self.batch, self.rate, self.network_width):
            field.changed.connect(self._on_field)
        self.seed.changed.connect(self._on_field)
        self.show_config(self._base)

    def config(self, *, take_seed: bool = False) -> TrainConfig:
        """What the fields say. ``take_seed``: throw a new seed first, unless it is locked.

        Raises
        ------
        ConfigError
            If the fields do not fit together.
        """
        base = self._base
        width = max(16, round(self.network_width.value / 16) * 16)
        config = replace(
            base,
            epochs=self.epochs.whole,
            batch_size=self.batch.whole,
            learning_rate=self.rate.value,
            network=replace(base.network, width=width),
            schedule=replace(base.schedule, name=cast(Any, self.schedule.currentData())),
            device=cast(Any, self.device.currentData()),
            seed=self.seed.take() if take_seed else self.seed.seed,
        )
        return config

    def show_config(self, config: TrainConfig) -> None:
        """Put a configuration into the fields; what has no field is kept with it."""
        self._base = _by_epochs(config)
        self._loading = True
        self.preset.setCurrentIndex(max(0, self.preset.findData(config.preset)))
        self.epochs.set_value(self._base.epochs or 32)
        self.batch.set_value(config.batch_size)
        self.rate.set_value(config.learning_rate)
        self.network_width.set_value(config.network.width)
        self.schedule.setCurrentIndex(self.schedule.findData(config.schedule.name))
        self.device.setCurrentIndex(self.device.findData(config.device))
        self.seed.set_seed(config.seed)
        self._loading = False
        self._tell_preset()
        self.changed.emit()

    def restore(self, saved: dict[str, Any]) -> None:
        """Put the settings of the last session into the fields, if they are still valid."""
        if not saved:
            return
        try:
            self.show_config(TrainConfig.from_json(saved))
        except ConfigError:
            # Another version wrote them; the defaults are shown already.
            return

    def leave_to_model(self, on: bool) -> None:
        """Grey out what a model to start from decides."""
        for field in (self.network_width, self.schedule):
            field.setEnabled(not on)

    def set_machine(self, machine: Machine | None) -> None:
        """Grey out devices that are not there."""
        if machine is None:
            return
        model = cast(Any, self.device.model())
        for row in range(self.device.count()):
            name = self.device.itemData(row)
            there = name == "auto" or name in machine.devices
            model.item(row).setEnabled(there)
            if name == "auto":
                self.device.setItemText(row, f"Automatic ({machine.device.upper()})")
            if not there and row == self.device.currentIndex():
                self.device.setCurrentIndex(0)

    def _on_preset(self, *_: object) -> None:
        chosen = PRESETS[self.preset.currentData()]
        device = cast(Any, self.device.currentData())
        self.show_config(replace(chosen, seed=self.seed.seed, device=device))

    def _on_field(self, *_: object) -> None:
        if self._loading:
            return
        self._tell_preset()
        self.changed.emit()

    def _tell_preset(self) -> None:
        """Say beside the preset whether it was changed."""
        preset = PRESETS.get(self._base.preset)
        index = self.preset.findData(self._base.preset)
        if preset is None or index < 0:
            return
        config = replace(self.config(), seed=preset.seed, device=preset.device)
        changed = config != _by_epochs(preset)
        text = _PRESET_TEXTS.get(self._base.preset, (self._base.preset, ""))[0]
        with QSignalBlocker(self.preset):
            for row in range(self.preset.count()):
                name = self.preset.itemData(row)
                self.preset.setItemText(row, _PRESET_TEXTS.get(name, (name, ""))[0])
            self.preset.setItemText(index, f"{text} (changed)" if changed else text)


def _by_epochs(config: TrainConfig) -> TrainConfig:
    """Ending as the fields say, and not after so many seconds."""
    return replace(config, epochs=config.epochs or 32, max_seconds=None)
