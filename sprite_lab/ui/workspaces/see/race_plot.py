"""How far the lanes of a race are from the reference, along the noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from sprite_lab.app.race_run import RaceRun
from sprite_lab.app.text_format import run_title
from sprite_lab.core.race import course
from sprite_lab.ui.theme import Theme, ThemeManager
from sprite_lab.ui.widgets.plot import Plot

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab

#: Lanes of more levels are drawn without a mark at each.
_MOST_MARKS = 60


class RacePlot(Plot):
    """The distance of each predicted x0 to the reference's finished sprite, against log-SNR.

    A grey line is the reference's own, a vertical one the level that is shown.
    """

    def __init__(self, lab: Lab, theme: ThemeManager) -> None:
        super().__init__(
            lab,
            theme,
            name="race.plot",
            title="Distance to the reference",
            x="log-SNR, from noise to clean",
            y="distance",
            hint="How far the predicted sprites are from the reference's, whose own course is grey",
        )
        self._courses: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        self._exact: list[pg.PlotDataItem] = []
        self._level = pg.InfiniteLine(angle=90, movable=False)
        self._level.hide()
        self.item.addItem(self._level, ignoreBounds=True)
        self.read, self.table = self._words, self._table
        self.hide()
        theme.changed.connect(self._paint_extras)
        self._paint_extras(theme.theme)

    def show_race(self, run: RaceRun) -> None:
        """Draw what is known now."""
        self.clear_curves()
        for line in self._exact:
            self.item.removeItem(line)
        self._exact, self._courses = [], {}
        for entry in run.references:
            exact = run.lane(entry)
            if exact is not None:
                # The clean end is left out: what was predicted last is the finished sprite.
                x = exact.trajectory.log_snr[:-1].astype(np.float64)
                y = course(exact, exact)[:-1].mean(axis=1)
                self._exact.append(self.item.plot(x, y, antialias=True))
                title = run_title(run.racers[entry.ref].model.title)
                self._courses[f"Reference, {title}"] = x, y
        for which, entry in enumerate(run.entries):
            lane, reference = run.lane(entry), run.reference_of(entry)
            exact = None if reference is None else run.lane(reference)
            if lane is None or exact is None:
                continue
            x = lane.trajectory.log_snr[:-1].astype(np.float64)
            y = course(lane, exact)[:-1].mean(axis=1)
            name = f"{which + 1}: {entry.title}"
            marked = which < 5 and len(x) <= _MOST_MARKS
            self.add_curve(name, "", which, marked=marked).set(x, y)
            self._courses[name] = x, y
        self.setVisible(bool(self._courses))
        self._paint_extras(self._theme.theme)

    def show_level(self, log_snr: float | None) -> None:
        """Put the line where the lanes are shown; None = nowhere."""
        self._level.setVisible(log_snr is not None and bool(self._courses))
        if log_snr is not None:
            self._level.setPos(log_snr)

    def _words(self, x: float, _y: float) -> str | None:
        """The distances of the levels that the lanes stand at."""
        if not self._courses:
            return None
        parts = [f"log-SNR {x:.1f}".replace("-", "\u2212").replace("log\u2212", "log-")]
        for name, (levels, values) in self._courses.items():
            if levels[0] <= x + 1e-3:
                frame = int((levels <= x + 1e-3).sum()) - 1
                parts.append(f"{name} {values[frame]:.1f}")
        return "   ".join(parts)

    def _table(self) -> dict[str, NDArray[np.float64]]:
        columns = {}
        for name, (levels, values) in self._courses.items():
            columns[f"{name}, log-SNR"], columns[f"{name}, distance"] = levels, values
        return columns

    def _paint_extras(self, theme: Theme) -> None:
        for line in self._exact:
            line.setPen(QPen(QColor(theme.outline), 0))
        level = QPen(QColor(theme.accent), 0, Qt.PenStyle.DashLine)
        self._level.setPen(level)
