"""The probability of each class along the noise axis, as stacked areas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QPen

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import class_words, signed
from sprite_lab.ui.layouts import discard
from sprite_lab.ui.theme import Theme, current_theme, ink_on, mix, theme_manager
from sprite_lab.ui.widgets.plots.legend import LegendEntry
from sprite_lab.ui.widgets.plots.plot import Columns, Plot
from sprite_lab.words import number_text, tr

Values = NDArray[np.float64]

#: Cleanest log-SNR shown: cleaner levels have practically no noise, and would take half of the
#: plot.
_CLEANEST = 8.0

#: Minimum height of an area for showing its name, relative to the name's height with margins, and
#: the number of places tested along the area, and along the name at each of them.
_NAMED, _PLACES = 0.8, 25

#: Opacity of the areas, out of 255: for the theme's colors, and for their repetitions.
_OPACITY = (150, 80)


class ClassPlot(Plot):
    """Stacked areas of height p(class | x_t), with a line at the timeline's position."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(
            lab,
            name="class.plot",
            title=tr("Class by noise level"),
            y=tr("probability"),
            hint=tr("Click to go to the nearest recorded step"),
        )
        self.class_names: Sequence[str] = ()
        self.log_snr: Values = np.zeros(0)
        #: p(class | x_t), float64 (S, K), in ascending order of ``log_snr``.
        self.shares: Values = np.zeros((0, 0))
        self._edges: list[pg.PlotDataItem] = []
        self._fills: list[pg.FillBetweenItem] = []
        self._names: list[pg.TextItem] = []
        self._legend_entries: list[LegendEntry] = []  # shown if any area has no room for its name
        self._here = self.add_line(lambda theme: theme.text, width=2)
        self._here.setZValue(10)
        self._here.hide()
        self.decided = self.add_line(
            lambda theme: theme.text, style=Qt.PenStyle.DashLine, label=tr("decided")
        )
        self.decided.setZValue(11)
        self.decided.hide()
        box = self.item.getViewBox()
        box.setLimits(yMin=0, yMax=1)
        box.setDefaultPadding(0.0)
        for changed in (box.sigResized, box.sigRangeChanged):
            changed.connect(self._place_names)
        box.sigResized.connect(self._fit_ticks)
        self.read, self.table = self._read, self._table
        self.on_theme(self._paint_areas)
        theme_manager().on_text(self._fit_text)

    def show_shares(self, names: Sequence[str], log_snr: Values, shares: Values) -> None:
        """Draw the probabilities (S, K) of K classes at S ascending levels; S = 0: draw nothing."""
        for item in (*self._edges, *self._fills, *self._names):
            self.item.removeItem(item)
        for entry in self._legend_entries:
            discard(entry)
        self._legend_entries = []
        some = log_snr < _CLEANEST
        self.class_names, self.log_snr, self.shares = names, log_snr[some], shares[some]
        tops = np.cumsum(self.shares, axis=1)
        levels = [np.zeros(len(tops)), *tops.T]
        self._edges = [pg.PlotDataItem(self.log_snr, y, antialias=True) for y in levels]
        pairs = zip(self._edges, self._edges[1:], strict=False)
        self._fills = [pg.FillBetweenItem(low, high) for low, high in pairs]
        self._names = []
        for item in (*self._fills, *self._edges):
            self.item.addItem(item)
        for k, name in enumerate(names if len(tops) else ()):
            text = pg.TextItem(class_words(name), anchor=(0.5, 0.5))
            self._names.append(text)
            self.item.addItem(text)
            again = k // len(current_theme().curves)
            opacity = _OPACITY[again % len(_OPACITY)]
            self._legend_entries.append(LegendEntry(class_words(name), k, opacity=opacity))
            self._legend.addWidget(self._legend_entries[-1])
        for item in (*self._fills, *(text.textItem for text in self._names)):
            item.setAcceptedMouseButtons(Qt.MouseButton.NoButton)  # leaves clicks to the plot
        self._paint_areas(current_theme())
        self._fit_text()
        self._here.setVisible(len(tops) > 0)
        self.show_all()

    def _fit_text(self) -> None:
        """Give names the current text size, and leave room for 0% and 100%."""
        half = self.fontMetrics().height() // 2  # half of a number sticks out at each end
        self.item.getAxis("left").overhang = half + 1
        self.item.setContentsMargins(0, half, half, 0)
        for text in self._names:
            text.setFont(self.font())
        self._fit_ticks()
        self._place_names()

    def _fit_ticks(self, *_: object) -> None:
        """Label quarters, or fewer levels if there is no room."""
        room = self.item.getViewBox().height() / self.fontMetrics().height()
        parts = next((parts for parts in (4, 2) if parts <= room), 1)
        ticks = [(part / parts, number_text(part / parts, ".0%")) for part in range(parts + 1)]
        self.item.getAxis("left").setTicks([ticks, []])

    def _place_names(self, *_: object) -> None:
        """Write each name where its area has the most room, clear of the line and the word
        “decided”. If any has none, show all in the legend.
        """
        self._place_decided()
        box = self.item.getViewBox()
        across, up = box.viewPixelSize()
        (left, right), _range = box.viewRange()
        tops = np.cumsum(np.insert(self.shares, 0, 0.0, axis=1), axis=1)
        line, word = self.decided, self.decided.label.boundingRect()
        for k, text in enumerate(self._names):
            size = text.boundingRect()
            half, place, room = size.width() / 2 * across, QPointF(), -1.0
            places, middle = np.linspace(left + half, right - half, _PLACES), (left + right) / 2
            for at in sorted(places, key=lambda at: abs(at - middle)):
                beside = abs(at - line.value()) - half
                if line.isVisible() and beside < 0:
                    continue
                over = np.linspace(at - half, at + half, _PLACES)
                low = max(np.interp(over, self.log_snr, tops[:, k]))
                if line.isVisible() and beside < 1.1 * word.width() * across:
                    low = max(low, word.height() * up)
                high = min(np.interp(over, self.log_snr, tops[:, k + 1]))
                if high - low > room + 0.01:
                    place, room = QPointF(at, (low + high) / 2), high - low
            fits = bool(room >= _NAMED * size.height() * up)
            text.setPos(place)
            text.setVisible(fits)
        left_out = any(not text.isVisible() for text in self._names)
        for entry in self._legend_entries:
            entry.setVisible(left_out)

    def show_all(self) -> None:
        """Undo all zooming and panning, to exactly 0 to 1, or rounding would drop a number."""
        self.item.enableAutoRange(axis="x")
        self.item.setYRange(0, 1, padding=0)

    def show_level(self, log_snr: float) -> None:
        self._here.setPos(min(log_snr, _CLEANEST))
        self._place_decided()

    def show_decided(self, log_snr: float | None) -> None:
        """Mark where the class is decided; None = nowhere."""
        self.decided.setVisible(log_snr is not None)
        if log_snr is not None:
            self.decided.setPos(log_snr)
        self._place_names()

    def _place_decided(self) -> None:
        """Write “decided” right of its line, or left if the timeline's line would cross it."""
        box, label = self.item.getViewBox(), self.decided.label
        width = 1.1 * label.boundingRect().width() * box.viewPixelSize()[0]  # with a gap
        place = self.decided.value()
        crossed = 0 < self._here.value() - place < width
        left = crossed and place - box.viewRange()[0][0] > width
        # Above the line of 0%.
        label.setPosition(0.6 * label.boundingRect().height() * box.viewPixelSize()[1])
        # If it is crossed either way, hide the line behind it.
        filled = QColor(current_theme().surface) if crossed and not left else Qt.BrushStyle.NoBrush
        label.fill = QBrush(filled)
        label.anchors = [(1.05 if left else -0.05, 0.5)] * 2
        label.updatePosition()

    def at(self, log_snr: float) -> Values:
        """The probabilities (K,) at a level, interpolated."""
        return np.array([np.interp(log_snr, self.log_snr, share) for share in self.shares.T])

    def words_at(self, log_snr: float) -> str:
        """The three most probable classes at a level: "food 72%, item 19%, hero 5%"."""
        found = self.at(log_snr)
        best = np.argsort(-found, kind="stable")[:3]
        return ", ".join(
            f"{class_words(self.class_names[k])} {number_text(found[k], '.0%')}" for k in best
        )

    def _read(self, x: float, _y: float) -> str | None:
        if not len(self.log_snr) or not self.log_snr[0] <= x <= self.log_snr[-1]:
            return None
        return tr("log-SNR {value}: {words_at}", value=signed(x, ".1f"), words_at=self.words_at(x))

    def _table(self) -> Columns:
        columns = {"log_snr": self.log_snr}
        return columns | dict(zip(self.class_names, self.shares.T, strict=False))

    def _paint_areas(self, theme: Theme) -> None:
        for edge in self._edges:
            edge.setPen(QPen(QColor(theme.surface), 0))
        for k, fill in enumerate(self._fills):
            again, which = divmod(k, len(theme.curves))
            color, opacity = QColor(theme.curves[which].color), _OPACITY[again % len(_OPACITY)]
            color.setAlpha(opacity)
            fill.setBrush(color)
            if k < len(self._names):
                self._names[k].setColor(ink_on(mix(theme.surface, color.name(), opacity / 255)))
