"""The noise schedule as a curve that can be dragged, with the named schedules for comparison."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import get_args

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QShortcut

from sprite_lab.app.lab import Lab
from sprite_lab.app.see.schedule_curves import curve_of, signal_ticks
from sprite_lab.app.shell.text_format import schedule_words, share_text, signed
from sprite_lab.core.config import ScheduleConfig, ScheduleName
from sprite_lab.ui.theme import Theme, current_theme
from sprite_lab.ui.widgets.fields.elided import HintLabel, Still
from sprite_lab.ui.widgets.plots.plot import Plot
from sprite_lab.words import tr

_NAMES: tuple[ScheduleName, ...] = get_args(ScheduleName)

#: Number of handles, and how far a key moves one, in log-SNR.
_HANDLES, _KEY_STEP = 7, 0.5

#: Minimum height in logical pixels.
_HEIGHT = 180

_CLEAN = tr("t = 0: no noise, log-SNR ∞; the curve begins at t\u00a0=\u00a01")


class SchedulePlot(Plot):
    """log-SNR against t, with percent of signal on the right; dragging bends the schedule."""

    #: the user has bent the curve
    bent = Signal()

    def __init__(self, lab: Lab) -> None:
        super().__init__(
            lab,
            name="see.schedule_curve",
            title=tr("Noise schedule"),
            x="t",
            y=tr("log-SNR"),
            hint=tr("Drag a point of the chosen schedule"),
            least=_HEIGHT,
        )
        self.bend: tuple[float, ...] = ()
        self._chosen = _HANDLES // 2  # index of the handle that keys move
        self.config = ScheduleConfig()  #: the chosen schedule, without bends
        self._named = {
            known: self.add_curve(known, schedule_words(known), which)
            for which, known in enumerate(_NAMES, 1)
        }
        #: t and log-SNR of each schedule, from :func:`curve_of`
        self._lines: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        self._curve = self.add_curve("log_snr", schedule_words(self.config.name), 0)
        self.add_right_axis(tr("signal"), signal_ticks())
        self._level = HintLabel(_CLEAN, name="see.schedule_curve.level", steady=True)
        column = self.layout()
        assert column is not None
        column.addWidget(Still(self._level))
        for series in self.series.values():  # drawing these is the slowest part of a frame
            series.item.curve.setCacheMode(pg.PlotCurveItem.CacheMode.DeviceCoordinateCache)
        self._here = self.add_line(lambda theme: theme.text, style=Qt.PenStyle.DashLine)
        self.handles = [pg.TargetItem(size=10, symbol="o", movable=True) for _ in range(_HANDLES)]
        for k, handle in enumerate(self.handles):
            self.item.addItem(handle, ignoreBounds=True)
            handle.sigPositionChanged.connect(partial(self._on_dragged, k))
        for keys, across, up in (("Left", -1, 0), ("Right", 1, 0), ("Up", 0, 1), ("Down", 0, -1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self._on_key, across, up * _KEY_STEP))
        self.item.getViewBox().setMouseEnabled(x=False, y=False)  # dragging moves handles instead
        self.read = self._read
        self.on_theme(self._paint_schedule)

    def show_schedule(self, config: ScheduleConfig) -> None:
        """Show a schedule without bends; if it is already shown, its bends stay."""
        if config != self.config or not len(self._curve.x):
            self.config, self.bend = config, ()
            lines = {name: curve_of(replace(config, name=name)) for name in _NAMES}
            self._lines = {name: line for name, line in lines.items() if line is not None}
            self._curve.keep_room(schedule_words(config.name, (1.0,)))
            self.keep_last(self._named[config.name])  # drawn only while the chosen one is bent
            self._draw()

    def bend_by(self, bend: tuple[float, ...]) -> None:
        """Bend the shown schedule, if possible."""
        if bend != self.bend and curve_of(self.config, bend) is not None:
            self.bend = bend
            self._draw()
            self.bent.emit()

    def reset(self) -> None:
        self.bend_by(())

    def show_t(self, t: float) -> None:
        """Mark the position of the timeline."""
        self._here.setPos(t)
        self._show_signal()

    def _show_signal(self) -> None:
        """Show how much signal is left at the timeline's position."""
        t = float(self._here.value())
        text = tr("t = {t:.0f}: {percent} signal left", t=t, percent=share_text(self._signal(t)))
        self._level.setText(text if t >= 1 else _CLEAN)

    def _signal(self, t: float) -> float:
        """The share of signal in the variance of x_t, 0..1."""
        if t < 1:
            return 1.0  # the curve itself begins with some noise
        return float(1 / (1 + np.exp(-np.interp(t, self._curve.x, self._curve.y))))

    def _on_key(self, across: int, up: float) -> None:
        """Choose another handle, or move the chosen one."""
        self._chosen = min(max(self._chosen + across, 0), _HANDLES - 1)
        handle = self.handles[self._chosen]
        if up:
            handle.setPos(handle.pos().x(), handle.pos().y() + up)
        self._paint_schedule(current_theme())
        self.point_at(handle.pos().x(), handle.pos().y())

    def _on_dragged(self, k: int, handle: pg.TargetItem) -> None:
        """Bend the curve through the handle if noise still grows with t everywhere."""
        known = self.bend or (0.0,)  # another version may have saved other handles
        there, here = (np.linspace(0, 1, count) for count in (len(known), _HANDLES))
        bend = np.interp(here, there, known).round(3).tolist()
        bend[k] = round(bend[k] + float(handle.pos().y() - self._heights()[k]), 3)
        possible = curve_of(self.config, bend) is not None
        if possible:
            self.bend = tuple(bend)
        self._draw()
        if possible:
            self.bent.emit()

    def _places(self) -> NDArray[np.float64]:
        return np.maximum(1.0, np.linspace(0, self.config.timesteps, _HANDLES))

    def _heights(self) -> NDArray[np.float64]:
        return np.asarray(np.interp(self._places(), self._curve.x, self._curve.y))

    def _draw(self) -> None:
        found = curve_of(self.config, self.bend)
        assert found is not None
        self._curve.set(*found)
        self._curve.rename(schedule_words(self.config.name, self.bend))
        nothing = np.zeros(0), np.zeros(0)
        for name, series in self._named.items():
            # Only while bent, or the named curve would lie beneath the chosen one.
            drawn = name != self.config.name or bool(self.bend)
            series.set(*self._lines.get(name, nothing) if drawn else nothing)
        self._show_signal()
        for handle, x, y in zip(self.handles, self._places(), self._heights(), strict=True):
            handle.blockSignals(True)
            handle.setPos(x, y)
            handle.blockSignals(False)

    def _read(self, x: float, _y: float) -> str | None:
        if not 1 <= x <= self.config.timesteps:
            return None
        value = float(np.interp(x, self._curve.x, self._curve.y))
        return tr(
            "t = {x:.0f}: log-SNR {value}, signal {signal:.1%}",
            x=x,
            value=signed(value, ".1f"),
            signal=self._signal(x),
        )

    def _paint_schedule(self, theme: Theme) -> None:
        for k, handle in enumerate(self.handles):
            # Cosmetic, since a width in axis units would distort the round shape.
            handle.setPen(pg.mkPen(theme.text, width=2.5 if k == self._chosen else 1))
            handle.setHoverPen(pg.mkPen(theme.text, width=1))
            handle.setBrush(QColor(theme.curves[0].color))
            handle.setHoverBrush(QColor(theme.accent))
