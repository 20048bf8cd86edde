"""The settings of a training run, as a form of TrainConfig under a choice of presets."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from sprite_lab.app.shell.text_format import preset_title
from sprite_lab.app.tasks import Machine
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.config.base import settings_of
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.presets import DEFAULT_PRESET, PRESETS
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.widgets.fields.calm import calm, fill
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.words import tr

_PRESET_TIPS = {
    "quick": tr("A network that learns fast: minutes on an ordinary computer"),
    "best": tr("The same network, for far longer, on sprites that are moved and recolored"),
    "tune": tr("Starts from a model; ends after a few minutes, or before it draws copies"),
    "course": tr("The recipe of the course's notebook"),
    "diffusers": tr("A plain U-Net without classes that the diffusers package can load"),
}

#: Text of an empty line, which keeps its height.
_FREE = "\N{NO-BREAK SPACE}"


class Recipe(QWidget):
    """Preset and settings of a training run."""

    changed = Signal()  #: the value of a field changed

    def __init__(self) -> None:
        super().__init__()
        self._from_model = False
        tip = tr("A set of settings to start from")
        self.preset = calm(ElidedComboBox(), "train.preset", tr("Preset"), tip)
        presets = ((preset_title(name), name, _PRESET_TIPS.get(name, "")) for name in PRESETS)
        fill(self.preset, presets)
        self.form = Form(
            _by_epochs(PRESETS[DEFAULT_PRESET]),
            self,
            name="train",
            names={
                "batch_size": "batch",
                "learning_rate": "rate",
                "network.width": "width",
                "schedule.name": "schedule",
            },
            lists={"schedule.name"},
        )
        self._about = dim_label(name="train.preset.about")
        preset = [(tr("Preset"), self.preset), ("", self._about)]
        vbox(
            self.form.group(tr("Recipe"), name="train.recipe", above=preset),
            self.form.group(tr("Advanced"), name="train.advanced", opened=False),
            on=self,
        )
        self.form.gray(
            ("network.width", "schedule.name"),
            lambda _: tr("Set by the model you start from") if self._from_model else "",
        )
        self.preset.activated.connect(self._on_preset)
        self.form.changed.connect(self._tell_preset)
        self.form.changed.connect(self.changed)
        self.show_config(self.form.value)

    def config(self, *, take_seed: bool = False) -> TrainConfig:
        """The configuration in the fields; raises ConfigError if they do not fit together.

        ``take_seed``: roll a new seed first, unless it is locked.
        """
        if take_seed:
            self.form.widget("seed", SeedField).take()
        return self.form.value

    def show_config(self, config: TrainConfig) -> None:
        """Show a configuration in the fields; settings without a field are kept."""
        self.preset.setCurrentIndex(max(0, self.preset.findData(config.preset)))
        self.form.set_value(_by_epochs(config))

    def restore(self, saved: dict[str, object]) -> None:
        """Show the settings of the last session in the fields, if they are still valid."""
        if saved:
            with suppress(ConfigError):  # of another version
                self.show_config(TrainConfig.from_json(saved))

    def leave_to_model(self, on: bool) -> None:
        """Gray out settings that the initial model determines."""
        self._from_model = on
        self.form.refresh()

    def set_machine(self, machine: Machine | None) -> None:
        """Gray out devices that are not available."""
        if machine is None:
            return
        for choice in settings_of(TrainConfig)["device"].choices:
            there = choice.value in ("auto", *machine.devices)
            why = "" if there else tr("Not available on this computer")
            self.form.set_choice("device", choice.value, why=why)
        usual = tr("Automatic ({device})", device=machine.device.upper())
        self.form.set_choice("device", "auto", text=usual)
        if self.form.value.device not in ("auto", *machine.devices):
            self.form.set_value(replace(self.form.value, device="auto"))

    def _on_preset(self, *_: object) -> None:
        chosen, now = PRESETS[self.preset.currentData()], self.form.value
        self.show_config(replace(chosen, seed=now.seed, device=now.device))

    def _tell_preset(self) -> None:
        """Describe the preset below it, and say whether it was changed."""
        config = self.form.value
        changed, preset = "", PRESETS.get(config.preset)
        if preset is not None:
            usual = replace(_by_epochs(preset), seed=config.seed, device=config.device)
            if config != usual:
                changed = tr("Changed since it was chosen")
        # The line about changes stays even if empty, so that the fields below do not move.
        about = _PRESET_TIPS.get(config.preset, "")
        self._about.setText("\n".join(filter(None, (about, changed or _FREE))))


def _by_epochs(config: TrainConfig) -> TrainConfig:
    """The configuration limited by epochs; a time limit stays only with a search for copies."""
    seconds = config.max_seconds if config.max_copies else None
    return replace(config, epochs=config.epochs or 32, max_seconds=seconds)
