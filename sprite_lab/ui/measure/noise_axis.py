"""The noise axis of a plot: noise on the left and clean on the right, by t or by log-SNR."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Signal

from sprite_lab.ui.widgets.fields.buttons import Option, Segmented
from sprite_lab.ui.widgets.plots.plot import Plot
from sprite_lab.words import tr

Unit = Literal["log_snr", "t"]


class NoiseAxis(QObject):
    """The noise axis of some plots, named below each at first; ``choice`` is its switch,
    ``<name>.axis``."""

    changed = Signal()  #: the plots must be redrawn

    def __init__(self, plots: tuple[Plot, ...], *, name: str) -> None:
        super().__init__(plots[0])
        self._plots = self._named = plots
        options: list[Option[Unit]] = [
            Option("log_snr", tr("log-SNR"), tip=tr("Equal steps in the log of signal over noise")),
            Option("t", "t", tip=tr("Noise levels of the model, from T on the left to 0")),
        ]
        self.choice = Segmented(f"{name}.axis", tr("Noise axis"), *options)
        self.choice.changed.connect(self._on_changed)
        self._put_on()

    @property
    def unit(self) -> Unit:
        """The unit of the axis."""
        return self.choice.value

    def name_below(self, plots: tuple[Plot, ...]) -> None:
        """Name it below these plots only: those above them have the same."""
        self._named = plots
        self._put_on()

    def _on_changed(self, _unit: str) -> None:
        self._put_on()
        self.changed.emit()
        for plot in self._plots:
            plot.show_all()

    def _put_on(self) -> None:
        by_t = self.unit == "t"
        for plot in self._plots:
            plot.item.invertX(by_t)
            named = plot in self._named
            plot.item.setLabel("bottom", ("t" if by_t else tr("log-SNR")) if named else "")
