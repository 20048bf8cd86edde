"""Plots of a race: the distance of lanes from the reference, by noise level and by steps."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPen, QResizeEvent

from sprite_lab.app.lab import Lab
from sprite_lab.app.see.race_run import Entry, RaceRun
from sprite_lab.app.shell.text_format import run_title, signed
from sprite_lab.core.config import SAMPLERS, SPACINGS, SampleConfig
from sprite_lab.core.trajectories.race import Lane, course, distance
from sprite_lab.ui.text import plain
from sprite_lab.ui.theme import Theme, current_theme, theme_manager
from sprite_lab.ui.widgets.plots.plot import Plot
from sprite_lab.words import number_text, tr, trn

#: Maximum number of levels in a lane that is drawn with markers.
MOST_MARKS = 60

#: Minimum height with axes, in logical pixels; the lanes above must also be visible.
_LEAST = 110

#: Shown instead of a plot that compares with the reference.
NO_REFERENCE = tr("Available once the reference is drawn.")


def _course(lane: Lane, reference: Lane) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """log-SNR and mean distance at each level; the last prediction is the finished sprite."""
    apart = course(lane, reference)[:-1].mean(axis=1)
    return lane.trajectory.log_snr[:-1].astype(np.float64), apart


def curve_name(run: RaceRun, entry: Entry) -> str:
    """The name of a lane: its number on screen and its title."""
    return f"{run.entries.index(entry) + 1}: {run.title(entry)}"


class RacePlot(Plot):
    """The distance of each predicted x0 to the reference's finished sprite, against log-SNR.

    The gray curve is the reference's own, the vertical line the current level.
    """

    def __init__(self, lab: Lab) -> None:
        self._title_x = tr("log-SNR, from noise to clean")
        super().__init__(
            lab,
            name="race.plot",
            title=tr("Distance to the reference"),
            x=self._title_x,
            y=tr("distance"),
            hint=tr("Distance to the reference's end by log-SNR; gray: the reference"),
            least=_LEAST,
        )
        self._run: RaceRun | None = None
        self._has_key = False
        self._courses: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        self._exact: list[pg.PlotDataItem] = []
        self._level = self.add_line(lambda theme: theme.accent, style=Qt.PenStyle.DashLine)
        self._level.hide()
        self.read, self.table = self._words, self._table
        self.on_theme(self._paint_extras)
        theme_manager().on_text(self._fit_title)

    def _fit_title(self) -> None:
        """Hide the title of the noise axis if there is little room for the plot: the line above and
        the timeline below also name it.
        """
        fits = self.height() >= round(_LEAST * theme_manager().text_scale)
        self.item.setLabel("bottom", plain(self._title_x if fits else ""))
        self.item.showLabel("bottom", fits)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_title()

    def minimumSizeHint(self) -> QSize:
        return self._faces.minimumSize()  # the legend is only shown if there is much room

    def show_key(self, there: bool) -> None:
        """Set whether to show a legend, as the lanes with their colors are out of sight."""
        if there != self._has_key:
            self._has_key = there
            if self._run is not None:
                self.show_race(self._run)

    def show_race(self, run: RaceRun) -> None:
        self._run = run
        self.clear_curves()
        for line in self._exact:
            self.item.removeItem(line)
        self._exact, self._courses = [], {}
        for entry in run.references:
            if (exact := run.lane(entry)) is not None:
                x, y = _course(exact, exact)
                self._exact.append(self.item.plot(x, y, antialias=True))
                title = run_title(run.racers[entry.ref].model.title)
                self._courses[tr("Reference, {title}", title=title)] = x, y
        for which, entry in enumerate(run.entries):
            lane, exact = run.lane(entry), run.exact(entry)
            if lane is None or exact is None:
                continue
            x, y = _course(lane, exact)
            name = curve_name(run, entry)
            marked = which < len(current_theme().curves) and len(x) <= MOST_MARKS
            key = run.title(entry) if self._has_key else ""
            self.add_curve(name, key, which, marked=marked).set(x, y)
            self._courses[name] = x, y
        self.say_nothing("" if self._courses else NO_REFERENCE)
        self._paint_extras(current_theme())

    def show_level(self, log_snr: float | None) -> None:
        """Mark the current noise level; None = none."""
        self._level.setVisible(log_snr is not None and bool(self._courses))
        if log_snr is not None:
            self._level.setPos(log_snr)

    def _words(self, x: float, _y: float) -> str | None:
        """The distance of each lane at its last level up to log-SNR ``x``; None = no lanes."""
        if not self._courses:
            return None
        parts = [tr("log-SNR {x}", x=signed(x, ".1f"))]
        for name, (levels, values) in self._courses.items():
            if levels[0] <= x + 1e-3:
                frame = int((levels <= x + 1e-3).sum()) - 1
                parts.append(f"{name} {number_text(values[frame], '.1f')}")
        return "   ".join(parts)

    def _table(self) -> dict[str, NDArray[np.float64]]:
        columns = {}
        for name, (levels, values) in self._courses.items():
            columns[tr("{name}, log-SNR", name=name)] = levels
            columns[tr("{name}, distance", name=name)] = values
        return columns

    def _paint_extras(self, theme: Theme) -> None:
        for line in self._exact:
            line.setPen(QPen(QColor(theme.outline), 0))


#: Minimum height with axes but without the legend, in logical pixels.
_LEAST_STEPS = 56


class StepsPlot(Plot):
    """The distance of finished sprites from the reference's, for every lane drawn so far.

    Only lanes with the current settings count, but also removed ones.
    """

    def __init__(self, lab: Lab) -> None:
        super().__init__(
            lab,
            name="race.by_steps",
            title=tr("Distance by number of steps"),
            x=tr("steps"),
            y=tr("distance to the reference"),
            hint=tr("How far from the reference lanes end"),
            least=_LEAST_STEPS,
        )
        self._courses: dict[str, dict[int, float]] = {}
        self.read, self.table = self._words, self._table

    def show_race(self, run: RaceRun) -> None:
        """Draw the results with the current settings."""
        courses: dict[str, dict[int, float]] = {}
        drawn = [(e, lane, exact) for e, lane in run.drawn if (exact := run.exact(e)) is not None]
        models: dict[str, set[str]] = {}  # by sampler
        for entry, *_ in drawn:
            models.setdefault(entry.sampler, set()).add(entry.ref)
        for entry, lane, exact in drawn:
            if lane is not exact:
                name = tr(SAMPLERS[entry.sampler].label)
                if entry.spacing != SampleConfig.spacing:
                    name = f"{name}, {tr(SPACINGS[entry.spacing].label)}"
                if len(models[entry.sampler]) > 1:
                    name = f"{name}, {run_title(run.racers[entry.ref].model.title)}"
                away = distance(lane.trajectory.x0[-1], exact.trajectory.x0[-1]).mean()
                courses.setdefault(name, {})[entry.steps] = float(away)
        self.say_nothing("" if courses else NO_REFERENCE)
        if courses == self._courses:
            return
        self._courses = courses
        self.clear_curves()
        for which, (name, ends) in enumerate(courses.items()):
            steps = sorted(ends)
            places, away = np.log2(steps), [ends[n] for n in steps]
            self.add_curve(name, name, which, marked=True).set(places, away)
        every = sorted({n for ends in courses.values() for n in ends})
        ticks = [(float(np.log2(n)), number_text(n)) for n in every]
        self.item.getAxis("bottom").setTicks([ticks, []])
        self.show_all()

    def _words(self, x: float, _y: float) -> str | None:
        every = sorted({n for ends in self._courses.values() for n in ends})
        if not every:
            return None
        steps = min(every, key=lambda n: abs(np.log2(n) - x))
        parts = [trn("{n} step", "{n} steps", steps)]
        for name, ends in self._courses.items():
            if steps in ends:
                parts.append(f"{name} {number_text(ends[steps], '.1f')}")
        return "   ".join(parts)

    def _table(self) -> dict[str, NDArray[np.float64]]:
        columns = {}
        for name, ends in self._courses.items():
            steps = sorted(ends)
            columns[tr("{name}, steps", name=name)] = np.array(steps, np.float64)
            columns[tr("{name}, distance", name=name)] = np.array([ends[n] for n in steps])
        return columns
