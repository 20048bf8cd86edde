"""The noise axis of a plot: noise on the left and clean on the right, by log-SNR or by t.

The numbers of the other scale stand below, as on the timeline.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QObject, Signal

from sprite_lab.app.shell.text_format import signed
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented
from sprite_lab.ui.widgets.plots.plot import Plot
from sprite_lab.words import number_text, tr

Unit = Literal["log_snr", "t"]


def label_levels(plot: Plot, log_snr: ArrayLike, t: ArrayLike, unit: Unit = "log_snr") -> None:
    """Write t below each log-SNR on the x axis of a plot, or vice versa.

    ``log_snr`` and ``t``: the same levels (N,), in any order.
    """
    by_t = unit == "t"
    levels = (t, log_snr) if by_t else (log_snr, t)
    shown, other = (np.asarray(values, np.float64) for values in levels)
    order = np.argsort(shown)
    shown, other = shown[order], other[order]

    def below(value: float) -> str:
        if not len(shown) or not shown[0] <= value <= shown[-1]:
            return ""
        there = float(np.interp(value, shown, other))
        return signed(there, ".1f") if by_t else number_text(there, ".0f")

    names = tr("log-SNR"), "t"
    plot.set_rows(names[::-1] if by_t else names, below)


class NoiseAxis(QObject):
    """The noise axis shared by several plots; ``choice`` is its switch, ``<name>.axis``."""

    changed = Signal()  #: the plots must be redrawn

    def __init__(self, plots: tuple[Plot, ...], *, name: str) -> None:
        super().__init__(plots[0])
        self._plots = plots
        self._levels = np.zeros(0), np.zeros(0)
        options: list[Option[Unit]] = [
            Option("log_snr", tr("log-SNR"), tip=tr("Equal steps in the log of signal over noise")),
            Option("t", "t", tip=tr("Noise levels of the model, from T on the left to 0")),
        ]
        self.choice = Segmented(f"{name}.axis", tr("Noise axis"), *options)
        self.choice.changed.connect(self._on_changed)
        self._put_on()

    @property
    def unit(self) -> Unit:
        return self.choice.value

    def set_levels(self, log_snr: NDArray[np.float64], t: NDArray[np.float64]) -> None:
        """Set the mapping between log-SNR and t, (N,) each."""
        self._levels = log_snr, t
        self._put_on()

    def _on_changed(self, _unit: str) -> None:
        self._put_on()
        self.changed.emit()
        for plot in self._plots:
            plot.show_all()

    def _put_on(self) -> None:
        for plot in self._plots:
            plot.item.invertX(self.unit == "t")
            label_levels(plot, *self._levels, self.unit)
