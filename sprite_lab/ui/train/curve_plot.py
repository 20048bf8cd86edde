"""The curves of a training run: loss, gradient, rate, EMA distance, and other runs to compare."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPen, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QLayout, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Preferences
from sprite_lab.app.shell.text_format import run_title, time_text
from sprite_lab.app.train.loss_history import LossHistory, moving_average, nearest
from sprite_lab.app.train.run_differences import all_settings, same_loss
from sprite_lab.app.train.run_floor import RunFloor
from sprite_lab.app.train.run_past import RunPast, read_past
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.config.base import Setting
from sprite_lab.paths import example_run
from sprite_lab.ui.flow import Flow, WholeHeight
from sprite_lab.ui.layouts import as_widget, hbox, vbox
from sprite_lab.ui.page import Redraw
from sprite_lab.ui.text import html, tooltip
from sprite_lab.ui.theme import Theme, theme_manager
from sprite_lab.ui.train.floor_button import FloorButton, floor_share_words
from sprite_lab.ui.train.overlays import MOST, Overlay, OverlayList, RunChooser
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import ScrollsAcross, dim_label
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.ui.widgets.plots.legend import LegendEntry, curve_pen
from sprite_lab.ui.widgets.plots.plot import Columns, Plot, Series
from sprite_lab.words import number_text, tr

Points = tuple[NDArray[np.float64], NDArray[np.float64]]

_NOTHING: Points = np.zeros(0), np.zeros(0)


@dataclass(frozen=True)
class Line:
    """A curve of a measure: its name in the legend, and its index among the theme's curves.

    ``comparable``: whether it means the same in all runs.
    """

    name: str
    tip: str
    points: Callable[[LossHistory], Points]
    which: int = 0
    marked: bool = False
    comparable: bool = False


@dataclass(frozen=True)
class Measure:
    """A quantity with a plot of its own."""

    key: str
    title: str
    tip: str
    #: drawn faintly behind the others, for every step; None = nothing
    raw: Callable[[LossHistory], NDArray[np.float64]] | None
    lines: tuple[Line, ...]  #: of other runs, only the first one that can be compared is drawn


def _smoothed_norms(history: LossHistory) -> Points:
    norms = history.grad_norms
    count = np.arange(1, len(norms) + 1)
    # Smoothed like the loss: divided by the sum of the weights.
    return history.steps, moving_average(norms, history.weight) / (1 - history.weight**count)


_RATE_TIP = tr(
    "It rises over the first steps, {steps} in most recipes, and falls to zero at the end, so that "
    "a shorter run stays below the rate that you set.",
    steps=TrainConfig.warm_up_steps,
)

_UNLIKE = tr(
    "These runs minimize different losses, so their noise error is plotted instead, which means "
    "the same in all of them."
)

MEASURES = (
    Measure(
        "loss",
        tr("Loss"),
        tr("What training minimizes, step by step"),
        lambda history: history.losses,
        (
            Line(
                tr("training"),
                tr("Loss on training sprites: faint = raw, bold = smoothed."),
                lambda history: (history.steps, history.smoothed),
            ),
            Line(
                tr("validation"),
                tr(
                    "The same loss on held-out sprites. Where it rises while the training loss "
                    "falls, the network is memorizing."
                ),
                lambda history: (history.eval_steps, history.val_losses),
                which=1,
                marked=True,
            ),
            Line(
                tr("noise error"),
                tr(
                    "Mean squared error of the predicted noise over the course's 500 levels: "
                    "the one figure comparable between any two runs."
                ),
                lambda history: (history.eval_steps, history.epsilon_errors),
                which=2,
                marked=True,
                comparable=True,
            ),
        ),
    ),
    Measure(
        "gradient",
        tr("Gradient"),
        tr("Norm of the loss gradient at each step, before clipping"),
        lambda history: history.grad_norms,
        (
            Line(
                tr("gradient norm"),
                tr("How steep the loss is at the current weights: faint = raw, bold = smoothed."),
                _smoothed_norms,
            ),
        ),
    ),
    Measure(
        "rate",
        tr("Rate"),
        tr("The learning rate: how far each step goes"),
        None,
        (Line(tr("learning rate"), _RATE_TIP, lambda h: (h.steps, h.learning_rates)),),
    ),
    Measure(
        "ema",
        tr("EMA"),
        tr("How far the averaged weights (used to draw) are from the newest (being trained)"),
        None,
        (
            Line(
                tr("EMA distance"),
                tr("‖average − newest‖ / ‖newest‖. It falls with the learning rate."),
                lambda history: (history.window_steps, history.ema_distances),
            ),
        ),
    ),
)


#: The curves are redrawn at most this often, in milliseconds.
REDRAW_MS = 90


#: Index of the floor among the theme's curves.
_FLOOR = 3

#: Minimum height with room for the text about the floor and for the title of the axis, in logical
#: pixels at the usual text size.
_SAYS_FLOOR = 260

#: Minimum share of the view for the plot, above compared runs.
_SHARE = 0.4

#: The units of training time: until when, and the length of one, in seconds; the title of the axis.
_TIMES = (
    (3 * 60, 1, tr("training time (seconds)")),
    (3 * 3600, 60, tr("training time (minutes)")),
    (math.inf, 3600, tr("training time (hours)")),
)

_FLOOR_TIP = tr(
    "The training loss of the optimal denoiser, which knows all training sprites by heart, over "
    "the levels and with the weights of this training run: the training loss cannot stay below it. "
    "On "
    "new sprites the lowest possible loss is higher."
)

_BY_KEY = {measure.key: measure for measure in MEASURES}


class CurvePlot(WholeHeight):
    """Curves of a measure over the run, with axis, smoothing and runs to compare."""

    compared = Signal(object)  #: the list of Overlay, whenever it changes

    def __init__(self, lab: Lab, history: LossHistory, floor: RunFloor) -> None:
        super().__init__()
        self._lab, self._history, self._floor = lab, history, floor
        settings = lab.settings.value
        history.set_weight(settings.smoothing)
        self._unit = 60  # of the time axis, in seconds
        self._run: Path | None = None
        self._view = 0  # the visible height, in which it scrolls; 0 = not yet known
        self.settings: dict[str, object] = {}  #: of the run, to compare with those of others
        self.overlays: dict[Path, Overlay] = {}  #: other runs drawn for comparison
        self._wanted: set[Path] = set()
        self._is_restored = False  # whether the runs of the last session have been requested
        #: the plot; wheel zooms, drag pans, double click or A shows everything again
        self.plot = Plot(
            lab,
            name="train",
            title=tr("Loss"),
            x=tr("training step"),
            hint=tr("Point at the curve to read it"),
            least=100,
        )
        self.plot.setObjectName("train.curves")
        self.plot.read, self.plot.table = self._read, self._table
        self.plot.set_whole(True)
        # Otherwise, an axis around a single step would begin before the training.
        self.plot.item.getViewBox().setLimits(xMin=0.0)
        # Before there are curves, which inherit this: peaks stay, and 100,000 points are cheap.
        self.plot.item.setDownsampling(auto=True, mode="peak")
        self.plot.item.setClipToView(True)
        self.raw = self.plot.item.plot([], [], antialias=False)
        self.others = [self.plot.item.plot([], [], antialias=True) for _ in range(MOST)]
        self.series: dict[str, Series] = {}  #: the curves of the current measure, by name
        self._legends: list[tuple[Line, LegendEntry]] = []
        self._build(lab)
        self._redraw = Redraw(self, REDRAW_MS, self.redraw)
        for item in (self.raw, *self.others, *(s.item for s in self.series.values())):
            # Two points per pixel, the smallest and the largest: more cost time and show nothing.
            item.opts["autoDownsampleFactor"] = 1.0
        self.plot.on_theme(self._paint)
        self.plot.set_log(y=settings.log_scale)
        self._on_measure()
        self._on_axis(self.axis.value)
        lab.settings.changed.connect(self._on_settings)
        self._on_runs()

    def _build(self, lab: Lab) -> None:
        measures = [Option(m.key, m.title, None, m.tip) for m in MEASURES]
        self.measure = Segmented("train.measure", tr("What to plot"), *measures)
        self.axis = Segmented(
            "train.axis",
            tr("Horizontal axis"),
            Option("step", tr("Steps"), None, tr("By training step")),
            Option("time", tr("Time"), None, tr("By training time, without pauses")),
        )
        last = lab.settings.value
        if last.curve_measure in _BY_KEY:
            self.measure.set_value(last.curve_measure)
        if last.curve_axis == "time":
            self.axis.set_value("time")
        tip = tr("How much of the past the smoothed curve includes. Validation is never smoothed.")
        known = Setting(tr("Smoothing"), tip=tip, low=0.0, high=0.99, step=0.05, decimals=2)
        self.smoothing = NumberField(known, 0.6, name="train.smoothing", width=64)
        self.smoothing.set_value(self._history.weight)
        tip = tr("Equal factors take equal space, so you can see that the loss still falls")
        self.log = named(QCheckBox(tr("Log")), "train.log", tr("Log scale"), tip)
        self.log.setChecked(last.log_scale)
        self.smoothing.hide_slider()
        tip = tr("Plot other runs with this one")
        self.compare = push_button("train.compare", tr("Compare"), tip=tip)
        theme_manager().text_resized.connect(self._fit_words)
        theme_manager().text_resized.connect(self._show_list)
        smoothing = as_widget(hbox(dim_label(tr("Smoothing"), wrap=False), self.smoothing))
        beside = as_widget(hbox(self.compare, HelpButton(lab, "loss_curve"), spacing=2))
        #: choose what is plotted, and how; the page places them
        self.controls = QWidget(self)
        Flow(self.controls, self.measure, self.axis, self.log, smoothing, beside, spacing=8)
        legend = Flow(None, spacing=16, row_spacing=4, last_right=False)
        for measure in MEASURES:
            for line in measure.lines:
                entry = LegendEntry(line.name, line.which, line.marked, line.tip)
                self._legends.append((line, entry))
                legend.addWidget(entry)
                series = self.plot.add_curve(line.name, "", line.which, marked=line.marked)
                self.series[line.name] = series
        self.floor = self.plot.add_curve("floor", "", _FLOOR)
        self._floor_legend = LegendEntry("", _FLOOR)
        self._may_ask = False
        self._floor_button = FloorButton(lab, self._floor, name="train.curves.floor")
        self._floor_place = as_widget(hbox(self._floor_legend, self._floor_button, spacing=0))
        legend.addWidget(self._floor_place)
        self._floor.changed.connect(self.refresh)
        self.floor_share = HintLabel(name="train.curves.floor.share")
        self.floor_share.setToolTip(tooltip(_FLOOR_TIP))
        self.floor_share.hide()
        self.note = dim_label(name="train.compare.note")
        self.note.hide()
        self.list = OverlayList(lambda theme: theme.curves[self._lines[0].which])
        self._below = ScrollsAcross(self.list)
        self._below.hide()
        # Once its rows have their places.
        self.list.resized.connect(self._arrange, Qt.ConnectionType.QueuedConnection)
        parts = (legend, (self.plot, 1), self.floor_share, self.note, self._below)
        vbox(*parts, on=self, spacing=4)
        self.measure.changed.connect(self._on_measure)
        self.axis.changed.connect(self._on_axis)
        self.smoothing.changed.connect(self._on_smoothing)
        self.log.toggled.connect(self._on_log)
        self.compare.clicked.connect(self._choose_runs)
        self.list.removed.connect(lambda run: self._on_chosen(run, False))
        for listed in (lab.runs, lab.gone):
            listed.changed.connect(self._on_runs)
            listed.became_known.connect(self._on_runs)

    def _fit_words(self) -> None:
        """If the plot needs the space, hide what is also elsewhere: the text about the floor (in a
        tooltip), its button (on the page By noise level), and the axis title (on its switch).
        """
        others = self._below.heightForWidth(self.width()) if self.overlays else 0
        room = (self._view or self.height()) - others >= _SAYS_FLOOR * theme_manager().text_scale
        known = len(self.floor.x) > 0
        self._floor_place.setVisible(known or (room and self._may_ask))
        axis = self.plot.item.getAxis("bottom")
        # Without a title, pyqtgraph would leave no room for the tails of commas.
        axis.setStyle(autoExpandTextSpace=room, tickTextHeight=self.fontMetrics().height())
        axis.titled = room
        axis.showLabel(axis.has_title)
        self.floor_share.setVisible(room and known)
        unlike = self._lines is not self.shown.lines
        self.note.setText(_UNLIKE if unlike else _RATE_TIP)
        self.note.setVisible(unlike or (room and self.shown.key == "rate"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_words()

    @property
    def table_width(self) -> int:
        """The width that the table of compared runs needs, in logical pixels; 0 = there is none."""
        return self.list.minimumSizeHint().width() if self.overlays else 0

    def set_view(self, height: int) -> None:
        """Set the visible height; if the plot is higher, it scrolls."""
        self._view = height
        self._fit_words()
        self._arrange()

    def _least_height(self, layout: QLayout) -> int:
        """The minimum height. If not all compared runs fit below the plot, the visible part ends
        after one of their rows or above all of them, so that no line is cut.
        """
        least = super()._least_height(layout)
        if not (self.overlays and self._view):
            return least
        runs, plot = self._below.heightForWidth(self.width()), self.plot.minimumSizeHint().height()
        room = self._view - (least - runs + max(0, round(_SHARE * self._view) - plot))
        if runs <= room:
            return least
        shown = self.list.rows_within(room) or -layout.spacing()
        return max(least, self._view - shown + runs)

    # -- display ----------------------------------------------------------------------------------

    @property
    def shown(self) -> Measure:
        return _BY_KEY[self.measure.value]

    def refresh(self) -> None:
        """Redraw soon, or once it is shown, as the history has changed."""
        self._redraw.soon()

    def show_all(self) -> None:
        """Reset zoom and pan, and follow new points."""
        self.plot.show_all()

    def set_run(self, run: Path | None, settings: dict[str, object]) -> None:
        """Set the run of the history, and its settings to compare with others."""
        self._run, self.settings = run, settings
        if run in self._wanted:
            self._on_chosen(run, False)
        self._show_list()

    def _x(self, history: LossHistory, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        return steps if self.axis.value == "step" else history.seconds_at(steps) / self._unit

    def _points(self, history: LossHistory, points: Points) -> Points:
        """Copies of the growing arrays, without values that a logarithm cannot show."""
        x, y = self._x(history, points[0]), points[1]
        good = np.isfinite(y) & (y > 0) if self.log.isChecked() else np.isfinite(y)
        return x[good], y[good]

    def redraw(self) -> None:
        history, shown = self._history, self.shown
        there = len(history.steps) > 1 or self.overlays  # a single step makes no curve
        self.plot.say_nothing("" if there else tr("Curves appear here from the second step on."))
        histories = (history, *(overlay.history for overlay in self.overlays.values()))
        longest = max((h.seconds[-1] for h in histories if len(h.seconds)), default=0.0)
        self._unit, time = next((unit, title) for end, unit, title in _TIMES if longest <= end)
        self._name_axis("bottom", tr("training step") if self.axis.value == "step" else time)
        lines = self._lines
        whole = lines is shown.lines
        raw = (history.steps, shown.raw(history)) if shown.raw and whole else _NOTHING
        self.raw.setData(*self._points(history, raw))
        # If there is a single curve, the axis has its name.
        self._name_axis("left", lines[0].name if len(lines) == 1 else tr("loss"))
        for line, entry in self._legends:
            entry.setVisible(line in lines)
        self.list.update()
        for line in shown.lines:
            x, y = line.points(history) if line in lines else _NOTHING
            self.series[line.name].set(self._x(history, x), y)
        self._show_floor(shown.key == "loss" and whole)
        by_slot = {overlay.slot: overlay for overlay in self.overlays.values()}
        for slot, item in enumerate(self.others):
            overlay = by_slot.get(slot)
            if overlay is None:
                item.setData([], [])
            else:
                points = lines[0].points(overlay.history)
                item.setData(*self._points(overlay.history, points))

    def _name_axis(self, side: str, title: str) -> None:
        if title != self.plot.item.getAxis(side).labelText:
            self.plot.item.setLabel(side, html("{}", title))

    def _show_floor(self, fits: bool) -> None:
        """Draw the floor along the training run; ``fits``: whether the plot shows its loss."""
        steps = self._history.steps
        floor = self._floor.floor if fits and len(steps) else None
        if floor is None:
            self.floor.set([], [])
        else:
            self.floor.set(self._x(self._history, steps[[0, -1]]), [floor.loss] * 2)
            recent = self._history.recent
            share = floor_share_words(float(recent.mean()), floor.loss, len(recent))
            self.floor_share.setText(share)
            self._floor_legend.setToolTip(tooltip(f"{_FLOOR_TIP} {share}"))
            self._floor_legend.rename(tr("floor: {loss:.4f}", loss=floor.loss))
        self._may_ask = fits and self._floor.may_be_asked
        self._floor_legend.setVisible(floor is not None)
        self._fit_words()

    @property
    def _lines(self) -> tuple[Line, ...]:
        """The lines to draw: only comparable ones if runs minimize different losses."""
        others = (overlay.settings for overlay in self.overlays.values())
        if self.shown.key != "loss" or all(same_loss(self.settings, other) for other in others):
            return self.shown.lines
        return tuple(line for line in self.shown.lines if line.comparable)

    # -- choices ----------------------------------------------------------------------------------

    def _on_measure(self, *_: object) -> None:
        shown = self.shown
        self._lab.settings.replace(curve_measure=shown.key)
        for measure in MEASURES:
            for line in measure.lines:
                self.series[line.name].item.setVisible(measure is shown)
                if measure is not shown:
                    # Hidden lines must not stretch the axes.
                    self.series[line.name].set([], [])
        self.plot.set_title(shown.title)
        rough = shown.raw is not None
        self.smoothing.explain("" if rough else tr("This curve needs no smoothing."))
        self._redraw.now()
        self.show_all()

    def _on_axis(self, value: str) -> None:
        self._lab.settings.replace(curve_axis=value)
        self.plot.set_whole(value == "step")
        self._redraw.now()
        self.show_all()

    def _on_smoothing(self, weight: float) -> None:
        for history in (self._history, *(o.history for o in self.overlays.values())):
            history.set_weight(weight)
        self._lab.settings.replace(smoothing=weight)
        self.refresh()

    def _on_log(self, on: bool) -> None:
        self._lab.settings.replace(log_scale=on)
        self._redraw.now()
        self.plot.set_log(y=on)

    def _paint(self, theme: Theme) -> None:
        faint = QColor(theme.curves[0].color)
        faint.setAlphaF(0.3)
        self.raw.setPen(QPen(faint, 0))
        for item, curve in zip(self.others, theme.beside, strict=True):
            item.setPen(curve_pen(curve))

    # -- other runs ------------------------------------------------------------------------

    def _choose_runs(self) -> None:
        runs = [(run.path, run.title, run.facts) for run in self._lab.runs.value if run.step]
        runs += [(run, run_title(run.name), str(run)) for run in self._lab.opened_runs]
        runs.append((example_run(), run_title(example_run().name), tr("Comes with Sprite Lab")))
        others = [run for run in runs if run[0] != self._run]
        chooser = RunChooser(self, others, self._wanted)
        chooser.toggled.connect(self._on_chosen)
        chooser.open_below(self.compare)

    def _on_chosen(self, run: Path, on: bool) -> None:
        settings = self._lab.settings
        others = tuple(one for one in settings.value.runs_beside if one != str(run))
        settings.replace(runs_beside=(*others, str(run)) if on else others)

    def _on_settings(self, now: Preferences, before: Preferences) -> None:
        if self._is_restored and now.runs_beside != before.runs_beside:
            self._draw_chosen()

    def _draw_chosen(self) -> None:
        """Draw the chosen runs that still exist."""
        own = (entry.path for entry in self._lab.runs.value if entry.step)
        there = {*own, *self._lab.opened_runs, example_run()}
        beside = map(Path, self._lab.settings.value.runs_beside[:MOST])
        chosen = [run for run in beside if run in there and run != self._run]
        gone, new = self._wanted - set(chosen), [run for run in chosen if run not in self._wanted]
        self._wanted = set(chosen)
        for run in gone:
            self.overlays.pop(run, None)
        if gone:
            self._show_list()
            self._redraw.now()
        for run in new:
            name = tr("Reading {run_title}", run_title=run_title(run.name))
            self._lab.do(read_past(run), self, name=name, then=self._take_overlay)

    def _take_overlay(self, past: RunPast) -> None:
        taken = {overlay.slot for overlay in self.overlays.values()}
        free = [slot for slot in range(MOST) if slot not in taken]
        if past.run not in self._wanted or past.run in self.overlays or not free:
            return
        history = LossHistory(self._history.weight)
        history.add(past.records)
        settings = all_settings(past.config, past.data_title)
        overlay = Overlay(past.run, run_title(past.run.name), free[0], history, settings)
        if past.previews:
            overlay.samples = past.previews[-1], past.config.preview()
        self.overlays[past.run] = overlay
        self._show_list()
        self._redraw.now()
        self.show_all()

    def _on_runs(self, *_: object) -> None:
        """Remove deleted runs, once all are known, and update the names of the others."""
        if self._lab.runs.is_known and self._lab.gone.is_known:
            if not self._is_restored:
                self._is_restored = True
                self._draw_chosen()
            own = (entry.path for entry in self._lab.runs.value)
            there = {*own, *self._lab.opened_runs, example_run()}
            for run in [run for run in self._wanted if run not in there]:
                self._on_chosen(run, False)
        for overlay in self.overlays.values():  # one may have a new name now
            overlay.title = run_title(overlay.run.name)
        self._show_list()

    def _show_list(self) -> None:
        self._below.setVisible(bool(self.overlays))
        title = run_title(self._run.name) if self._run is not None else tr("This run")
        self.list.show_runs(title, self.settings, list(self.overlays.values()))
        self.compared.emit(list(self.overlays.values()))

    # -- reading values ---------------------------------------------------------------------------

    def _read(self, x: float, y: float) -> str | None:
        history, shown, lines = self._history, self.shown, self._lines
        index = nearest(self._x(history, history.steps), x)
        if index is None:
            return None
        step = history.steps[index]
        parts = [tr("step {step:,.0f}", step=step)]
        if self.axis.value == "time":
            parts.insert(0, time_text(history.seconds[index]))
        if shown.raw is not None and lines is shown.lines:
            name = tr("loss") if shown.key == "loss" else tr("gradient")
            parts.append(f"{name} {number_text(shown.raw(history)[index], '.4f')}")
        for line in lines:
            steps, values = line.points(history)
            near = nearest(steps, step)
            if near is not None:
                smooth = shown.raw is not None and not line.marked
                name = tr("smoothed") if smooth else line.name
                digits = ".3g" if shown.raw is None else ".4f"
                parts.append(f"{name} {number_text(values[near], digits)}")
        if len(self.floor.x):
            parts.append(tr("floor {loss:.4f}", loss=float(self.floor.y[0])))
        for overlay in self.overlays.values():
            steps, values = lines[0].points(overlay.history)
            near = nearest(self._x(overlay.history, steps), x)
            if near is not None:
                parts.append(f"{overlay.title} {number_text(values[near], '.3g')}")
        return "   ".join(parts)

    def _table(self) -> Columns:
        history, shown, lines = self._history, self.shown, self._lines
        columns = {"step": history.steps, "seconds": history.seconds}
        if shown.raw is not None and lines is shown.lines:
            columns[shown.key] = shown.raw(history)
        for line in lines:
            steps, values = line.points(history)
            if len(steps) != len(history.steps):
                columns[tr("{name} at step", name=line.name)] = steps
            columns[line.name] = values
        if len(self.floor.x):
            columns["floor"] = np.full(len(history.steps), self.floor.y[0])
        for overlay in self.overlays.values():
            steps, values = lines[0].points(overlay.history)
            columns[tr("{title}: step", title=overlay.title)] = steps
            columns[f"{overlay.title}: {lines[0].name}"] = values
        return columns
