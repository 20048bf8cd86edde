"""The page of Train that shows when a training run begins to memorize its sprites."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.measure.measure_tasks import find_copies
from sprite_lab.app.shell.text_format import UNTOLD
from sprite_lab.app.train.level_history import LevelHistory
from sprite_lab.app.train.loss_history import LossHistory, nearest
from sprite_lab.app.train.memory_clock import MemoryClock
from sprite_lab.app.train.training_set import MissingSet
from sprite_lab.core.evenly import evenly
from sprite_lab.core.records import CopiesRecord, Preview
from sprite_lab.core.results.metrics import COPY_PERCENTILE
from sprite_lab.ui.layouts import as_widget, split, stack, vbox
from sprite_lab.ui.page import Page, PageJobs, Redraw, heading_row, scrolling, stage_of
from sprite_lab.ui.parts import Parts, PartSpec
from sprite_lab.ui.text import Label
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, named, panel
from sprite_lab.ui.widgets.fields.inspector import EmptyState
from sprite_lab.ui.widgets.fields.set_needed import SetNeeded
from sprite_lab.ui.widgets.plots.plot import Plot
from sprite_lab.words import number_text, tr, with_marks

#: Redrawn at most this often, in milliseconds.
REDRAW_MS = 500

#: Minimum height of a plot with its axes, in logical pixels: large text takes much of it.
_LEAST = 150

#: From this size on, both plots fit above one another, in logical pixels.
_LEAST_BOTH = QSize(0, 440)

#: Width of the numbers and the title on the left at the usual text size, in logical pixels.
_AXIS = 56

#: Number of steps whose samples are checked for copies.
_LOOKED = 24

_LOOK = tr("Compare the samples of each step with the sprites that the run learns from")


class ByHeartPage(Page):
    """Gap between training and validation error by noise level, copies, and a sentence."""

    copies_found = Signal()

    def __init__(
        self,
        lab: Lab,
        levels: LevelHistory,
        losses: LossHistory,
        previews: Callable[[], Sequence[Preview]],
    ) -> None:
        super().__init__("train.memory")
        panel(self)
        self._lab, self._levels, self._losses, self._previews = lab, levels, losses, previews
        self._run: Path | None = None
        self._data = ("", "")
        self._expected = COPY_PERCENTILE  # %
        self._jobs = PageJobs(lab, self, "train")
        #: Copies found here, if the training did not look for them.
        self._found: tuple[CopiesRecord, ...] = ()
        self.gap = Plot(
            lab,
            name="train.memory.gap",
            title=tr("Gap by noise level"),
            x=tr("training step"),
            y=tr("validation ÷ training"),
            least=_LEAST,
        )
        self._t: tuple[tuple[float, float], ...] = ()  # the bands drawn
        self.copies = Plot(
            lab,
            name="train.memory.copies",
            title=tr("Copies among the samples"),
            x=tr("training step"),
            y=tr("copies, %"),
            least=_LEAST,
        )
        self.share = self.copies.add_curve("copies", "", 0, marked=True)
        self.copies.item.getViewBox().setLimits(yMin=0, yMax=100, minYRange=100)  # all of it
        for plot, digits, unit in ((self.gap, 2, ""), (self.copies, 0, "%")):
            plot.set_whole(True)
            plot.item.getAxis("left").one_line = True
            plot.read = partial(_read, plot, digits, unit)
        # They are read as one picture, one plot below the other.
        self.copies.item.setXLink(self.gap.item)
        # An unseen line at a gap of 1 that makes the axis cover the steps of both plots; without a
        # pen, it would not count.
        self._extent = self.gap.item.plot([], [], pen=QPen(Qt.GlobalColor.transparent))
        theme_manager().on_text(self._line_up)
        self._since, self._usual = [], []
        for plot, usual in ((self.gap, 1), (self.copies, COPY_PERCENTILE)):
            dashed = Qt.PenStyle.DashLine
            since = plot.add_line(lambda theme: theme.warn, style=dashed, label=tr("memorizing"))
            since.label.setPosition(1)
            since.label.anchors = [(-0.05, 0), (1.05, 0)]  # below the top edge
            self._since.append(since)
            dotted = Qt.PenStyle.DotLine
            line = plot.add_line(lambda theme: theme.outline, angle=0, pos=usual, style=dotted)
            self._usual.append(line)
        self._words = named(Label(wrap=True), "train.memory.words")
        self._look = push_button("train.memory.look", tr("Look for copies"), "search", _LOOK)
        self._lay_out(lab)
        self._look.clicked.connect(self._find)
        self._redraw = Redraw(self, REDRAW_MS, self._draw)
        lab.data.changed.connect(self._redraw.soon)
        lab.is_asking.changed.connect(self._redraw.soon)

    def _lay_out(self, lab: Lab) -> None:
        self._empty = EmptyState("memory", name="train.memory.empty", primary=False)
        lab.training_runs.current.changed.connect(self._show_empty)
        self._show_empty()
        self._needed = SetNeeded(lab, tr("how many samples are copies"), name="train.memory.set")
        place = QWidget()
        self._copies_stack = stack(place, self.copies, scrolling(self._needed))
        title = heading_row(lab, tr("Copies among the samples"), "nearest", right=(self._look,))
        lower = as_widget(vbox(title, (place, 1), spacing=4, margins=(0, 8, 0, 0)))
        self.gap.setContentsMargins(0, 0, 0, 8)  # from the line below it
        halves = split(Qt.Orientation.Vertical, self.gap, lower, sizes=(300, 260))
        parts = Parts(
            halves,
            PartSpec("gap", tr("Gap by noise level"), (self.gap,)),
            PartSpec("copies", tr("Copies"), (lower,)),
            least=_LEAST_BOTH,
            name="train.memory",
        )
        head = heading_row(lab, tr("Does it memorize?"), "memory_clock")
        full = stage_of(head, self._words, (parts, 1), spacing=8)
        self._stack = stack(self, self._empty, full)

    def _line_up(self) -> None:
        for plot in (self.gap, self.copies):
            plot.item.getAxis("left").setWidth(round(_AXIS * theme_manager().text_scale))

    # -- display ----------------------------------------------------------------------------------

    def set_run(self, run: Path | None, data: tuple[str, str], *, tuned: bool = False) -> None:
        """Set the run whose histories are shown; ``data``: title and fingerprint of its set.

        ``tuned``: whether TuningCheck counts its copies; it expects none among new drawings.
        """
        if run != self._run:
            self._jobs.cancel()
        self._run, self._data, self._found = run, data, ()
        self._expected = 0 if tuned else COPY_PERCENTILE
        self._usual[1].setPos(self._expected)
        self.refresh()

    def _show_empty(self, *_: object) -> None:
        training = self._lab.training_runs.current.value is not None
        self._empty.offer(
            tr("When does it start to memorize?"),
            tr(
                "While it trains, the error on sprites it learns from is compared here with the "
                "error on sprites it never sees."
            ),
            "" if training else tr("Show the example"),
            "memory",
            self._lab.training_runs.show_example,
        )

    def refresh(self) -> None:
        """Redraw soon, or once the page is shown."""
        self._redraw.soon()

    def _draw(self) -> None:
        clock = MemoryClock.of(self._levels.compared())
        self._stack.setCurrentIndex(0 if clock is None else 1)
        if clock is None:
            return
        names = [tr("t {high:.0f} to {low:.0f}", high=high, low=low) for high, low in clock.t]
        if clock.t != self._t:
            self._t = clock.t
            self.gap.clear_curves()
            for k, name in enumerate(names):
                self.gap.add_curve(name, name, k, marked=True)
        for k, name in enumerate(names):
            self.gap.series[name].set(clock.steps, clock.gap[:, k])
        steps, share = self._losses.copies_steps, 100 * self._losses.copies
        if self._found:
            steps = np.array([record.step for record in self._found], np.float64)
            share = np.array([100 * record.share for record in self._found])
        self.share.set(steps, share)
        both = np.concatenate([clock.steps, steps])
        self._extent.setData([both.min(), both.max()], [1, 1])
        self.copies.say_nothing("" if len(share) else _LOOK)
        for line in self._since:
            line.setVisible(clock.since is not None and not self._lab.is_asking.value)
            line.setPos(clock.since or 0)
        title, fingerprint = self._data
        sprites = self._lab.data.value
        there = sprites is not None and sprites.fingerprint == fingerprint
        if not there:
            self._needed.ask_for(MissingSet(title))
        self._copies_stack.setCurrentIndex(0 if there or len(share) else 1)
        self._look.setVisible(not len(self._losses.copies))
        looking = self._jobs.is_active("copies")
        missing = "" if there else tr("The set that this run learned from is not open.")
        allow(self._look, tr("Looking for copies") if looking else missing)
        since = not self._lab.is_asking.value
        self._words.setText(words_of(clock, share, self._expected, since=since))

    # -- copies ----------------------------------------------------------------------------

    @property
    def last_copies(self) -> CopiesRecord | None:
        """The newest share of copies, found here or by the training."""
        return self._found[-1] if self._found else self._losses.last_copies

    def _find(self) -> None:
        previews, run, sprites = self._previews(), self._run, self._lab.data.value
        if run is None or sprites is None or not previews:
            return

        def take(found: tuple[CopiesRecord, ...]) -> None:
            if self._run == run:
                self._found = found
                self._redraw.now()
                self.copies_found.emit()

        task = find_copies(run, sprites, [previews[i] for i in evenly(len(previews), _LOOKED)])
        job = self._jobs.do("copies", task, take)
        job.ended.connect(self._redraw.soon)
        allow(self._look, tr("Looking for copies"))


def _read(plot: Plot, digits: int, unit: str, x: float, _y: float) -> str | None:
    parts: list[str] = []
    for name, series in plot.series.items():
        near = nearest(series.x, x)
        if near is not None and np.isfinite(series.y[near]):
            if not parts:
                parts.append(tr("step {x:,.0f}", x=series.x[near]))
            parts.append(f"{name}: {number_text(series.y[near], f'.{digits}f')}{with_marks(unit)}")
    return "   ".join(parts) or None


def words_of(clock: MemoryClock, copies: NDArray[np.float64], expected: int, *, since: bool) -> str:
    """The result of the clock, in one or two sentences.

    ``copies``: in percent, the newest last; ``expected``: in percent among new drawings; ``since``:
    whether to say from which step on it memorizes.
    """
    if len(clock.steps) < 4:
        text = tr("Too early to tell: a few more comparisons are needed.")
    elif clock.since is None:
        text = tr(
            "It has not memorized so far: the error on sprites it never sees has not risen for "
            "good."
        )
    else:
        training, validation = clock.change()
        high, low = clock.t[clock.widest()]
        text = tr(
            "It memorizes from step {since} on. Since then the error, averaged over equal ranges "
            "of log-SNR, has fallen by {training:.0%} on its own sprites, and risen by "
            "{validation:.0%} on sprites it never sees. The gap is widest at t = {high:.0f} to "
            "{low:.0f}.",
            since=number_text(clock.since, ",.0f") if since else UNTOLD,
            training=1 - training,
            validation=validation - 1,
            high=high,
            low=low,
        )
    if len(copies):
        text += tr(
            " {copies:.0f}% of the newest samples are copies (expected: {copy_percentile}%).",
            copies=copies[-1],
            copy_percentile=expected,
        )
    return text
