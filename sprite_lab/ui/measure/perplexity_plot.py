"""The plot of how many training sprites x_t could still become, and the format of its numbers."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import signed
from sprite_lab.core.results.neighbors import Becoming
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.widgets.plots.noise_axis import label_levels
from sprite_lab.ui.widgets.plots.plot import Plot
from sprite_lab.words import number_text, tr

#: Levels above this log-SNR are practically clean, and would take most of the plot.
_CLEANEST = 15.0


class PerplexityPlot(Plot):
    """How many training sprites x_t could still become, along the way from noise to the sprite."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(
            lab,
            name="memory.perplexity",
            title=tr("Number of candidates"),
            y=tr("candidates"),
            hint=tr("Click to go to that level"),
        )
        self._curve = self.add_curve("sprites", "", 0)
        self._here = self.add_line(lambda theme: theme.accent)
        self._commit = self.add_line(
            lambda theme: theme.curves[1].color, style=Qt.PenStyle.DashLine, label=tr("over half")
        )
        self.set_log(y=True)
        self.read = self._read
        self.show_becoming(None, None)

    def show_becoming(self, becoming: Becoming | None, trajectory: Trajectory | None) -> None:
        """Draw the curve, and mark where one sprite gets over half of the weight; None = none."""
        self._commits = becoming is not None and becoming.commits_at is not None
        self.show_commitment(False)
        if becoming is None or trajectory is None:
            self._here.hide()
            self._curve.set([], [])
            self.say_nothing(tr("Comparing…"))
            return
        self.say_nothing("")
        label_levels(self, trajectory.log_snr, trajectory.t)
        some = trajectory.log_snr < _CLEANEST
        self._curve.set(trajectory.log_snr[some], becoming.perplexity[some])
        if becoming.commits_at is not None:
            place = min(float(trajectory.log_snr[becoming.commits_at]), _CLEANEST)
            self._commit.setPos(place)
            # Its label is placed where there is more room: right of the line, or left.
            right = place < float(np.mean(trajectory.log_snr[some][[0, -1]]))
            self._commit.label.anchors = [(-0.05 if right else 1.05, 0.5)] * 2
        self.show_commitment(True)
        self.show_all()

    def show_commitment(self, shown: bool) -> None:
        """Set whether to mark the level, if any, where one sprite gets over half of the weight."""
        self._commit.setVisible(shown and self._commits)

    def show_frame(self, log_snr: float) -> None:
        """Mark the position of the timeline."""
        self._here.setPos(log_snr)
        self._here.setVisible(len(self._curve.x) > 0 and log_snr < _CLEANEST)

    def _read(self, x: float, _y: float) -> str | None:
        if not len(self._curve.x):
            return None
        k = int(np.abs(self._curve.x - x).argmin())
        return tr(
            "log-SNR {signed}: about {count_text} candidates",
            signed=signed(self._curve.x[k]),
            count_text=count_text(self._curve.y[k]),
        )


def count_text(number: float) -> str:
    """Format a count that may be fractional: 694, 12, 1.9."""
    return number_text(number, ",.0f" if number >= 9.95 else ".1f")


def t_text(value: float) -> str:
    """Format t as the timeline does: 193.6, 500."""
    return number_text(value, ".1f").removesuffix(".0")
