"""The paths of a race: how each lane follows the curve of the reference, in a plane."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPen

from sprite_lab.app.lab import Lab
from sprite_lab.app.see.race_run import Entry, RaceRun
from sprite_lab.core.config import SAMPLERS, SPACINGS
from sprite_lab.core.trajectories.path import plane_of, without_first_noise
from sprite_lab.core.trajectories.race import Lane
from sprite_lab.ui.see.race.plot import MOST_MARKS, NO_REFERENCE, curve_name
from sprite_lab.ui.text import Html, html, joined, tooltip
from sprite_lab.ui.theme import Theme, current_theme, theme_manager
from sprite_lab.ui.widgets.fields.calm import set_lesson_value
from sprite_lab.ui.widgets.plots.plot import Plot
from sprite_lab.words import number_text, tr, trn

#: Minimum height with axes, in logical pixels.
_LEAST = 86

#: Ends closer together than this, as a share of the plot's extent, share a label.
_APART = 0.06

#: Empty space around the paths, as shares of their extent: (left, right), (below, above).
_AROUND = ((0.04, 0.14), (0.14, 0.14))

#: Possible positions of a name: beside its point, or this many lines above or below.
_LINES = (0, 1, -1, 2, -2, 3, -3)

#: Number of points on a path that a name should not cover, and how many covered points a distance
#: of one line is worth.
_SAMPLES, _AWAY = 400, 5

#: Margin of pyqtgraph's text on either side, in logical pixels.
_TEXT_MARGIN = 4

#: Placeholder for the numbers in "{text} steps".
_NUMBERS = "#"

#: A word of a name, and the number of the path whose color it has; None = the text color.
Word: TypeAlias = tuple[str, int | None]


class PathPlot(Plot):
    """The path of one sprite in each lane without fresh noise, and the reference's curve in gray.

    A dot on each path marks the current noise level.
    """

    def __init__(self, lab: Lab) -> None:
        super().__init__(
            lab,
            name="race.path",
            title=tr("Path to the sprite"),
            x=tr("component 1"),
            y=tr("component 2"),
            least=_LEAST,
        )
        self.paths: dict[str, NDArray[np.float64]] = {}  #: paths by title, float64 (K, 2)
        self._lanes: dict[str, tuple[Entry, Lane]] = {}
        self._known: object = None  # what is drawn
        self._curve = self.item.plot([], [], antialias=True)
        self.texts: list[pg.TextItem] = []  #: names of the start and the ends
        self._named: list[NDArray[np.float64]] = []  # the point that each text names
        self._said: list[tuple[list[Word], bool]] = []  # words of each, and whether on one line
        #: position on each path at the current noise level
        self.dots = pg.ScatterPlotItem(size=9)
        self.dots.setZValue(2)
        self.item.addItem(self.dots)
        self._log_snr: float | None = None
        self.read, self.table = self._words, self._table
        self.on_theme(self._paint_extras)
        self._seen = np.zeros((0, 2))  # points to fit into the view, float64 (K, 2)
        self._range: list[list[float]] = []  # range of the view unless the user moves it
        self.item.getViewBox().sigResized.connect(self._look_again)
        self.item.getViewBox().sigRangeChanged.connect(self._place_texts)
        theme_manager().text_resized.connect(self._fit_text)

    def show_race(self, run: RaceRun, sprite: int) -> None:
        """Draw the finished lanes of a race; ``sprite``: its index in each lane."""
        random = [run.config(entry).is_random for entry in run.entries]
        lanes = [
            (which, e, lane)
            for which, e in enumerate(run.entries)
            if not random[which] and (lane := run.lane(e)) is not None
        ]
        references = [lane for e in run.references if (lane := run.lane(e)) is not None]
        known = lanes, references, any(random), sprite
        if known == self._known:
            return
        self._known = known
        self._clear()
        none = NO_REFERENCE if lanes else tr("Lanes with fresh noise have none.")
        # The plane depends on the reference's curve; without that, a lane of 1 step would be a
        # point.
        self.say_nothing("" if lanes and references else none)
        set_lesson_value(self, len(lanes))
        if not lanes or not references:
            return
        points = without_first_noise(references[0].trajectory, sprite)
        plane = plane_of(points)
        curve = plane.project(points)
        self._curve.setData(*curve.T)
        for which, entry, lane in lanes:
            path = plane.project(without_first_noise(lane.trajectory, sprite))
            name = curve_name(run, entry)
            self.paths[name], self._lanes[name] = path, (entry, lane)
            marked = len(path) <= MOST_MARKS
            self.add_curve(name, "", which, marked=marked).set(*path.T)
        self._label_ends(curve, run)
        hints = [
            tr("Sprite {sprite} without its first noise; gray: the exact curve.", sprite=sprite + 1)
        ]
        if any(random):  # drawn or not, so that the hint does not change
            hints.append(tr("Lanes with fresh noise have none."))
        self.set_hint(" ".join(hints))
        tip = tr(
            "Component 1 is the direction, among all pixels and colors, in which the curve extends "
            "farthest, component 2 the next one at right angles to it. Their plane has "
            "{share:.0%} of the variance of the curve.",
            share=plane.share,
        )
        self.readout.setToolTip(tooltip(tip))
        self._paint_extras(current_theme())
        self.show_level(self._log_snr)
        self._seen = np.concatenate([curve, *self.paths.values()])
        self._look()

    def _clear(self) -> None:
        self.clear_curves()
        self._curve.setData([], [])
        self.dots.setData([], [])
        for text in self.texts:
            self.item.removeItem(text)
        self.paths, self._lanes, self.texts, self._named, self._said = {}, {}, [], [], []
        self._seen = np.zeros((0, 2))

    def _look(self) -> None:
        """Fit the paths into the view, with room for names on the right."""
        low, extent = self._seen.min(axis=0), np.maximum(np.ptp(self._seen, axis=0), 1e-6)
        box = self.item.getViewBox()
        words = [line for text in self.texts[1:] for line in text.toPlainText().split("\n")]
        names = max(map(self.fontMetrics().horizontalAdvance, words))
        left, right = _AROUND[0]
        room = box.width() - names - 2 * _TEXT_MARGIN
        if room > names:  # or names would take more room than paths
            right = max(right, (1 + left) * (box.width() / room - 1))
        around = (left, right), _AROUND[1]
        ranges = [
            (float(start - size * before), float(start + size * (1 + after)))
            for start, size, (before, after) in zip(low, extent, around, strict=True)
        ]
        box.setRange(xRange=ranges[0], yRange=ranges[1], padding=0)
        self._range = box.viewRange()
        self._place_texts()

    def _place_texts(self, *_: object) -> None:
        """Put each name beside its point, where it covers no other name and as little of the paths
        as possible.
        """
        if not self.texts:
            return
        box = self.item.getViewBox()
        frame = box.sceneBoundingRect()

        def on_screen(points: NDArray[np.float64]) -> NDArray[np.float64]:
            (left, right), (low, high) = box.viewRange()
            shares = (points - (left, low)) / (right - left, high - low)
            place = shares * (1, -1) + (0, 1)
            return np.asarray(place * (frame.width(), frame.height()) + (frame.x(), frame.y()))

        drawn = on_screen(np.concatenate([*map(_dense, (*self._exact, *self.paths.values()))]))
        taken: list[QRectF] = []
        exact = [curve[-1] for curve in self._exact]  # its end has no name
        for index, (text, point) in enumerate(zip(self.texts, self._named, strict=True)):
            size = text.boundingRect().size()
            x, y = own = on_screen(point)
            others = [
                on_screen(other)
                for other in (*self._named[:index], *self._named[index + 1 :], *exact)
            ]
            line, middle = self.fontMetrics().height(), size.height() / 2
            best = min(
                (
                    (
                        sum(rect.intersects(other) for other in taken),
                        not frame.contains(rect),
                        is_astray(rect, others, own, by=line / 2),
                        _AWAY * abs(n) + _covered(rect, drawn),
                        rect,
                    )
                    for left in (x, x - size.width())
                    for n in _LINES
                    for rect in [QRectF(QPointF(left, y + n * line - middle), size)]
                ),
                key=lambda found: found[:4],
            )[4]
            taken.append(best)
            text.setPos(box.mapSceneToView(QPointF(best.left(), best.center().y())))

    @property
    def _exact(self) -> list[NDArray[np.float64]]:
        """The reference's curve, or [] if there is none."""
        x, y = self._curve.getData()
        return [np.column_stack([x, y])] if x is not None and len(x) else []

    def _look_again(self, *_: object) -> None:
        """Fit the view again after a change of size, unless the user has moved it."""
        if len(self._seen) and self.item.getViewBox().viewRange() == self._range:
            self._look()

    def _label_ends(self, curve: NDArray[np.float64], run: RaceRun) -> None:
        """Name the start, and the ends by what distinguishes them: steps, spacing, sampler, or all.

        ``curve``: the reference's, float64 (K, 2).
        """
        every = np.concatenate([curve, *(path[-1:] for path in self.paths.values())])
        extent = np.ptp(every, axis=0)
        entries = [entry for entry, _ in self._lanes.values()]
        only_steps = len({(entry.ref, entry.sampler, entry.spacing) for entry in entries}) == 1
        only_spacing = len({(entry.ref, entry.sampler, entry.steps) for entry in entries}) == 1
        each_once = len({entry.sampler for entry in entries}) == len(entries)
        ends: list[tuple[NDArray[np.float64], list[Word]]] = []
        for name, path in self.paths.items():
            entry, _ = self._lanes[name]
            which = self.series[name].which
            if only_spacing and not only_steps:
                text = tr(SPACINGS[entry.spacing].label)
            elif only_steps:
                text = number_text(entry.steps)
            else:
                text = tr(SAMPLERS[entry.sampler].label) if each_once else entry.title
            near = (e for e in ends if (np.abs(e[0] - path[-1]) < _APART * extent).all())
            known = next(near, None)
            if known is None:
                ends.append((path[-1], [(text, which)]))
            else:
                known[1].append((text, which))
        self._write([(tr("from noise"), None)], curve[0])
        for place, words in ends:
            if not only_steps:
                self._write(words, place)
                continue
            numbers = [text for text, _ in words]
            around = trn("{text} step", "{text} steps", 1 if numbers == ["1"] else 2, text=_NUMBERS)
            numbers[0] = around.split(_NUMBERS)[0] + numbers[0]
            numbers[-1] += around.split(_NUMBERS)[1]
            colors = [which for _, which in words]
            self._write(list(zip(numbers, colors, strict=True)), place, in_line=True)

    def _write(
        self, words: list[Word], place: NDArray[np.float64], *, in_line: bool = False
    ) -> None:
        """Name a point beside its dot; ``in_line``: with all words on one line."""
        item = pg.TextItem(anchor=(0.0, 0.5))
        item.setFont(self.font())
        item.setPos(*place)
        self._named.append(place)
        self._said.append((words, in_line))
        self.item.addItem(item, ignoreBounds=True)
        self.texts.append(item)
        item.setHtml(html("{}", colored(words, in_line, current_theme())))

    def show_level(self, log_snr: float | None) -> None:
        """Mark the position on each path at a noise level; None = mark none."""
        self._log_snr = log_snr
        places = []
        if log_snr is not None:
            frames = (lane.frame_at(log_snr) for _, lane in self._lanes.values())
            places = [path[k] for path, k in zip(self.paths.values(), frames, strict=True)]
        self.dots.setData(pos=np.array(places).reshape(-1, 2))
        self._paint_dots(current_theme())

    def _words(self, x: float, y: float) -> str | None:
        """A text about the nearest point of a path; None = there are no paths."""
        if not self.paths:
            return None
        extent = np.maximum(np.ptp(np.concatenate(list(self.paths.values())), axis=0), 1e-9)
        found = []
        for name, path in self.paths.items():
            away = (((path - (x, y)) / extent) ** 2).sum(axis=1)
            found.append((float(away.min()), name, int(away.argmin())))
        _, name, frame = min(found)
        trajectory = self._lanes[name][1].trajectory
        return tr(
            "{name}: after {frame} of {count}, t = {t:.0f}",
            name=name,
            frame=frame,
            count=len(trajectory) - 1,
            t=float(trajectory.t[frame]),
        )

    def _table(self) -> dict[str, NDArray[np.float64]]:
        x, y = self._curve.getData()
        drawn = x is not None  # None if there is no curve yet
        names = tr("reference, first direction"), tr("reference, second")
        columns = dict(zip(names, (np.asarray(x), np.asarray(y)), strict=True)) if drawn else {}
        for name, path in self.paths.items():
            columns[tr("{name}, first direction", name=name)] = path[:, 0]
            columns[tr("{name}, second", name=name)] = path[:, 1]
        return columns

    def _fit_text(self) -> None:
        for text in self.texts:
            text.setFont(self.font())
        self._look_again()

    def _paint_extras(self, theme: Theme) -> None:
        pen = QPen(QColor(theme.outline), 4)
        pen.setCosmetic(True)
        self._curve.setPen(pen)
        self._paint_dots(theme)
        # Width 0, since the unit would be the dot's size, and the outline would cover it.
        self.dots.setPen(QPen(QColor(theme.surface), 0))
        for text, (words, in_line) in zip(self.texts, self._said, strict=True):
            text.setHtml(html("{}", colored(words, in_line, theme)))

    def _paint_dots(self, theme: Theme) -> None:
        colors = theme.curves
        which = [series.which for series in self.series.values()][: len(self.dots.points())]
        self.dots.setBrush([pg.mkBrush(colors[one % len(colors)].color) for one in which])


def _dense(path: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (K, 2) at equal distances along a path."""
    passed = np.concatenate([[0.0], np.hypot(*np.diff(path, axis=0).T).cumsum()])
    places = np.linspace(0, passed[-1], _SAMPLES)
    return np.column_stack([np.interp(places, passed, axis) for axis in path.T])


def colored(words: list[Word], in_line: bool, theme: Theme) -> Html:
    """The name of a point, each word in the color of its path."""
    curves = theme.curves
    inks = [theme.text if k is None else curves[k % len(curves)].color for _, k in words]
    parts = [
        html("<span style='color: {}'>{}</span>", ink, text)
        for ink, (text, _) in zip(inks, words, strict=True)
    ]
    name = joined(", ", parts) if in_line else joined("&nbsp;&nbsp;<br>&nbsp;&nbsp;", parts)
    return html("&nbsp;&nbsp;{}&nbsp;&nbsp;", name)


def _covered(rect: QRectF, drawn: NDArray[np.float64]) -> int:
    """Number of the drawn points (K, 2) that a name would cover."""
    inside = (drawn > (rect.left(), rect.top())) & (drawn < (rect.right(), rect.bottom()))
    return int(inside.all(axis=1).sum())


def is_astray(
    rect: QRectF, others: list[NDArray[np.float64]], own: NDArray[np.float64], *, by: float
) -> bool:
    """Whether a name is not nearer, by at least ``by``, to its own point than to all others."""

    def away_from(x: float, y: float) -> float:
        across = max(rect.left() - x, 0, x - rect.right())
        return float(np.hypot(across, max(rect.top() - y, 0, y - rect.bottom())))

    away = [away_from(*point) for point in (own, *others)]
    return min(away[1:], default=np.inf) < away[0] + by
