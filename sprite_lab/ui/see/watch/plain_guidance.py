"""A switch for plain guidance, as originally published, without the additions that keep variety."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox

from sprite_lab.core.config import SampleConfig
from sprite_lab.ui.forms import Form
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.words import tr


class PlainGuidance(QCheckBox):
    """Whether guidance acts at all noise levels, and without autoguidance.

    Other values, such as those from a picture, are kept until it is switched.
    """

    #: Names of the settings that it controls.
    SETS = ("autoguidance", "guidance_interval")

    def __init__(self, name: str) -> None:
        super().__init__(tr("Plain guidance"))
        named(
            self,
            name,
            tip=tr(
                "Guide at all noise levels and without autoguidance, as first published: the "
                "class then costs variety.\nOff: guide only where that helps this model, and "
                "also away from what a weak version of it would draw, which keeps variety."
            ),
        )
        self._timesteps = 500
        self._set = SampleConfig()
        self.toggled.connect(self._on_toggled)

    def bind_to(self, form: Form[SampleConfig]) -> PlainGuidance:
        """Use it as the field for its settings in a form."""
        for name in self.SETS:
            get, put = partial(self._value, name), partial(self._take, name)
            form.bind(name, self, get, put, self.toggled)
        return self

    def set_timesteps(self, timesteps: int) -> None:
        self._timesteps = timesteps

    def forget(self) -> None:
        """Forget other values, unless the switch is on."""
        if not self.isChecked():
            self._set = SampleConfig()

    def _value(self, name: str) -> object:
        return (self._plain if self.isChecked() else self._set).at(name)

    @property
    def _plain(self) -> SampleConfig:
        return SampleConfig(autoguidance=0.0, guidance_interval=(0.0, float(self._timesteps)))

    def _take(self, name: str, value: object) -> None:
        self._set = self._set.having({name: value})
        with QSignalBlocker(self):
            self.setChecked(self._set.guides_plainly(self._timesteps))

    def _on_toggled(self, plain: bool) -> None:
        self._set = self._plain if plain else SampleConfig()
