"""What a schedule changes: at which noise levels training and sampling spend their steps."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor, QPen, QShowEvent

from sprite_lab.app.lab import Lab
from sprite_lab.app.see.schedule_curves import ScheduleUse, Visits, signal_ticks, use_of
from sprite_lab.app.shell.text_format import share_text
from sprite_lab.core.config import ScheduleConfig
from sprite_lab.ui.theme import Theme, theme_manager
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.plots.plot import Columns, Plot
from sprite_lab.words import number_text, tr

#: Height with axes, in logical pixels at the usual text size.
_HEIGHT = 130

#: End of the axis: the highest share of training steps per level in usual schedules. For others,
#: the axis is doubled, so that most schedules have the same scale.
_TOP = 0.16

#: Positions of the two rows of sampling steps below the bars, as shares of the axis.
_ROWS = (-0.12, -0.28)


class ScheduleUsePlot(Plot):
    """Training steps as lines, sampling steps as dots, by signal: even in t, and in Sprite Lab."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(
            lab,
            name="see.schedule_use",
            title=tr("Steps by noise level"),
            x=tr("signal in x_t"),
            y=tr("training steps"),
            hint=tr("Lines: training steps. Dots: 12 steps of a sampler"),
        )
        self._use: ScheduleUse | None = None
        #: A schedule with its bends: the one to show, and the one that is drawn.
        self._wanted: tuple[ScheduleConfig, tuple[float, ...]] | None = None
        self._drawn: tuple[ScheduleConfig, tuple[float, ...]] | None = None
        self._even = self.add_curve(
            "even",
            tr("even in t"),
            0,
            tip=tr("As in Ho et al. (2020): every t is trained and visited equally often."),
        )
        self._ours = self.add_curve(
            "ours",
            tr("in Sprite Lab"),
            1,
            tip=tr(
                "Sprite Lab trains most where something can be learned, and its samplers step "
                "most densely where sprites take shape, whatever the schedule is."
            ),
        )
        self._bars = pg.BarGraphItem(x0=[], x1=[], height=[])
        self._dots = [pg.ScatterPlotItem(size=5) for _ in _ROWS]
        for item in (self._bars, *self._dots):
            self.item.addItem(item)
        self._words = dim_label(name="see.schedule_use.words")
        column = self.layout()
        assert column is not None
        column.addWidget(self._words)
        self.item.getAxis("left").setTicks([[], []])
        self.item.getViewBox().setMouseEnabled(x=False, y=False)
        self.read, self.table = self._read, self._table
        self.on_theme(self._paint_bars)
        theme_manager().on_text(self._fit_text)

    def show_schedule(self, config: ScheduleConfig, bend: Sequence[float]) -> None:
        """Show how a schedule is used, once the plot is visible."""
        self._wanted = config, tuple(bend)
        if self.isVisible():
            self._draw()

    def hasHeightForWidth(self) -> bool:
        return True  # the panel scrolls, so more rows of text and legend take nothing from the plot

    def _fit_text(self) -> None:
        self.view.setFixedHeight(round(_HEIGHT * theme_manager().text_scale))
        ticks = signal_ticks()
        if theme_manager().text_is_large:  # labels at the ends would touch others
            ticks = ticks[1:-1]
        self.item.getAxis("bottom").setTicks([ticks, []])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._draw()

    def _draw(self) -> None:
        if self._wanted is None or self._wanted == self._drawn:
            return
        self._drawn = self._wanted
        use = self._use = use_of(*self._wanted)
        edges = use.edges
        self._bars.setOpts(x0=edges[:-1], x1=edges[1:], height=use.even.shares)
        for curve, visits in ((self._even, use.even), (self._ours, use.ours)):
            curve.set(np.repeat(edges, 2)[1:-1], np.repeat(visits.shares, 2))
        highest = max(float(use.even.shares.max()), float(use.ours.shares.max()))
        top = _TOP * 2 ** max(0, math.ceil(math.log2(highest / _TOP)))
        for dots, visits, row in zip(self._dots, (use.even, use.ours), _ROWS, strict=True):
            inside = visits.log_snr.clip(edges[0], edges[-1])
            dots.setData(inside, np.full(len(inside), row * top))
        self.item.getViewBox().setRange(
            xRange=(edges[0], edges[-1]), yRange=(-0.4 * top, 1.05 * top), padding=0.02
        )
        words = tr(
            "Even in t, {noise} of the training steps have less than 1% signal and {signal} "
            "more than 99%: little is left to learn there. In Sprite Lab, {here_noise} and "
            "{here_signal}.",
            noise=number_text(use.even.all_noise, ".0%"),
            signal=number_text(use.even.all_signal, ".0%"),
            here_noise=number_text(use.ours.all_noise, ".0%"),
            here_signal=number_text(use.ours.all_signal, ".0%"),
        )
        self._words.setText(words)

    def _read(self, x: float, _y: float) -> str | None:
        use = self._use
        if use is None or not use.edges[0] <= x < use.edges[-1]:
            return None
        k = int(np.searchsorted(use.edges, x, side="right")) - 1

        def signal(log_snr: float) -> str:
            return share_text(float(1 / (1 + np.exp(-log_snr))))

        def share(visits: Visits) -> str:
            return number_text(visits.shares[k], ".1%")

        return tr(
            "{low} to {high} signal: {even} of the training steps even in t, {ours} in Sprite Lab",
            low=signal(use.edges[k]),
            high=signal(use.edges[k + 1]),
            even=share(use.even),
            ours=share(use.ours),
        )

    def _table(self) -> Columns:
        use = self._use
        if use is None:
            return {}
        return {
            "log_snr": use.edges[:-1],
            tr("training, even in t"): use.even.shares,
            tr("training, in Sprite Lab"): use.ours.shares,
            tr("sampler, even in t"): use.even.log_snr,
            tr("sampler, in Sprite Lab"): use.ours.log_snr,
        }

    def _paint_bars(self, theme: Theme) -> None:
        faint = QColor(theme.curves[0].color)
        faint.setAlphaF(0.25)
        self._bars.setOpts(brush=faint, pen=QPen(QColor(0, 0, 0, 0)))
        for dots, curve in zip(self._dots, theme.curves, strict=False):
            dots.setBrush(QColor(curve.color))
            dots.setPen(QPen(QColor(curve.color), 0))  # a width would be in units of the dot
