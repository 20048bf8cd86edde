"""The distance from the reference against the number of steps, a curve for each sampler."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.lab import Lab
from sprite_lab.app.see.race_run import RaceRun
from sprite_lab.app.shell.text_format import run_title
from sprite_lab.core.config import SAMPLERS, SPACINGS, SampleConfig
from sprite_lab.core.trajectories.race import distance
from sprite_lab.ui.see.race.plot import NO_REFERENCE
from sprite_lab.ui.widgets.plots.plot import Plot
from sprite_lab.words import number_text, tr, trn

#: Minimum height with its axes, in logical pixels, besides its legend.
_LEAST = 56


class StepsPlot(Plot):
    """How far the finished sprites of every lane drawn so far are from the reference's.

    Lanes with the settings of now count, including removed ones.
    """

    def __init__(self, lab: Lab) -> None:
        super().__init__(
            lab,
            name="race.by_steps",
            title=tr("Distance by number of steps"),
            x=tr("steps"),
            y=tr("distance to the reference"),
            hint=tr("How far from the reference lanes end"),
            least=_LEAST,
        )
        self._courses: dict[str, dict[int, float]] = {}
        self.read, self.table = self._words, self._table

    def show_race(self, run: RaceRun) -> None:
        """Draw what is known with the current settings."""
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
        for which, (name, course) in enumerate(courses.items()):
            steps = sorted(course)
            places, away = np.log2(steps), [course[n] for n in steps]
            self.add_curve(name, name, which, marked=True).set(places, away)
        every = sorted({n for course in courses.values() for n in course})
        ticks = [(float(np.log2(n)), number_text(n)) for n in every]
        self.item.getAxis("bottom").setTicks([ticks, []])
        self.show_all()

    def _words(self, x: float, _y: float) -> str | None:
        every = sorted({n for course in self._courses.values() for n in course})
        if not every:
            return None
        steps = min(every, key=lambda n: abs(np.log2(n) - x))
        parts = [trn("{n} step", "{n} steps", steps)]
        for name, course in self._courses.items():
            if steps in course:
                parts.append(f"{name} {number_text(course[steps], '.1f')}")
        return "   ".join(parts)

    def _table(self) -> dict[str, NDArray[np.float64]]:
        columns = {}
        for name, course in self._courses.items():
            steps = sorted(course)
            columns[tr("{name}, steps", name=name)] = np.array(steps, np.float64)
            columns[tr("{name}, distance", name=name)] = np.array([course[n] for n in steps])
        return columns
