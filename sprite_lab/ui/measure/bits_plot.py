"""Bits by noise level: the terms of the bound as bars along the noise axis."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import signed
from sprite_lab.core.results.measured import Measured
from sprite_lab.ui.flow import WholeHeight
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.page import heading_row
from sprite_lab.ui.text import Html, html, joined
from sprite_lab.ui.theme import Theme, current_theme, tabular, theme_manager
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.plots.noise_axis import NoiseAxis
from sprite_lab.ui.widgets.plots.plot import Columns, Plot
from sprite_lab.words import number_text, tr

#: Minimum width of a part, which would otherwise be invisible, and the height of the bar, in
#: logical pixels at the usual text size.
_NARROWEST, _HEIGHT = 3, 12

#: Index and words of each part, from noise to sprite.
_PARTS = (
    ("T", tr("what the noise at t = T still shows")),
    ("t−1", tr("what the steps back fail to predict")),
    ("0", tr("the last step, to exact colors")),
)


def term_color(theme: Theme, term: int) -> QColor:
    """The color of L_T (0), of the sum of L_(t-1) (1) or of L_0 (2)."""
    return QColor(theme.curves[(2, 0, 1)[term]].color)


class TermsBar(WholeHeight):
    """L_T, the sum of L_(t-1), and L_0, in bits."""

    def __init__(self) -> None:
        super().__init__()
        named(self, "measure.terms", tr("Parts of the bound, in bits"))
        self.terms = (0.0, 0.0, 0.0)  #: L_T, the sum of L_(t-1), and L_0
        self._bar = _Bar()
        self._words = dim_label(name="measure.terms.words")
        self._words.setFont(tabular(self._words.font()))
        vbox(self._bar, self._words, on=self, spacing=4)
        theme_manager().changed.connect(self._say)

    def show_terms(self, terms: tuple[float, float, float]) -> None:
        """Show L_T, the sum of L_(t-1), and L_0, in bits."""
        self.terms = self._bar.terms = terms
        self._bar.update()
        self._say()

    def _say(self, *_: object) -> None:
        theme = current_theme()
        rows: list[Html] = []
        for k, ((index, words), bits) in enumerate(zip(_PARTS, self.terms, strict=True)):
            symbol = html("Σ L<sub>{}</sub>" if k == 1 else "L<sub>{}</sub>", index)
            number = tr("{bits} bits", bits=number_text(bits, ",.1f"))
            color = term_color(theme, k).name()
            sample = html("<span style='color: {}'>■</span>", color)
            rows.append(html("{} {} {}: {}", sample, symbol, number, words))
        self._words.setText(joined("<br>", rows))


class _Bar(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.terms = (0.0, 0.0, 0.0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_manager().text_resized.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(120, round(_HEIGHT * theme_manager().text_scale))

    def paintEvent(self, event: QPaintEvent) -> None:
        whole = sum(self.terms)
        if whole <= 0:
            return
        painter, theme = QPainter(self), current_theme()
        painter.setPen(Qt.PenStyle.NoPen)
        widths = [max(_NARROWEST, self.width() * max(bits, 0.0) / whole) for bits in self.terms]
        widths[1] = self.width() - widths[0] - widths[2]
        left = 0.0
        for k, width in enumerate(widths):
            painter.fillRect(QRectF(left, 0, width, self.height()), term_color(theme, k))
            left += width


#: Minimum height of the plot with its axis, and with its readout at the usual text size, in logical
#: pixels.
_LEAST, _LEAST_READ = 120, 144

#: Terms of the bound that belong to no noise interval: the indices of their L.
_ENDS = ("0", "T")


class BitsPlot(WholeHeight):
    """Bits of the measured sprites by noise level."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._measured: Measured | None = None
        self._index = -1
        title = tr("Bits by noise level")
        self.plot = Plot(lab, name="measure.bits", title=title, y=tr("bits/dim"), least=_LEAST)
        self.plot.read, self.plot.table = self._read, self._table
        self.bar_item = pg.BarGraphItem(x0=[], x1=[], y0=0, height=[])
        self._errors = pg.ErrorBarItem(x=np.zeros(0), y=np.zeros(0), beam=0)
        self.names = [pg.TextItem(anchor=(0.5, 1)) for _ in _ENDS]
        for item in (self.bar_item, self._errors, *self.names):
            self.plot.item.addItem(item)
        self.of = Segmented(
            "measure.bits.of",
            tr("Show bits of"),
            Option(
                "sprite",
                tr("Sprite"),
                tip=tr("Of the selected sprite; bars: uncertainty of the estimate"),
            ),
            Option(
                "all",
                tr("Mean"),
                tip=tr("Of all measured sprites; bars: standard error of the mean"),
            ),
        )
        self.axis = NoiseAxis((self.plot,), name="measure.bits")
        self.terms = TermsBar()
        head = heading_row(lab, title, "bits-by-t", right=(self.of, self.axis.choice))
        vbox(head, self.terms, (self.plot, 1), on=self, spacing=4)
        self.of.changed.connect(lambda _: self._draw())
        self.axis.changed.connect(self._draw)
        self.plot.on_theme(self._paint)
        theme_manager().on_text(self._fit)

    def _fit(self) -> None:
        # With large text, a lower plot would shrink the title of its axis.
        self.plot.setMinimumHeight(round(_LEAST_READ * theme_manager().text_scale))
        for text in self.names:
            text.setFont(self.plot.font())

    def show_bits(self, measured: Measured, index: int) -> None:
        self._measured, self._index = measured, index
        self.axis.set_levels(measured.bound.block_log_snr, measured.block_t)
        self._draw()

    # -- drawing ----------------------------------------------------------------------------------

    def bars(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Heights in bits/dim and their standard errors: L_0, blocks from the clean end, L_T."""
        assert self._measured is not None
        return self._measured.bound.parts(self._index if self.of.value == "sprite" else None)

    def _edges(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Left and right of each bar, in units of the axis, in the order of :meth:`bars`."""
        assert self._measured is not None
        by_t = self.axis.unit == "t"
        edges = self._measured.block_t if by_t else self._measured.bound.block_log_snr
        # L_0 and L_T are not noise intervals: they stand at a distance from the other bars.
        wide = (edges[-1] - edges[0]) / (len(edges) - 1)
        low = [edges[0] - 1.4 * wide, *edges[:-1], edges[-1] + 0.4 * wide]
        high = [edges[0] - 0.4 * wide, *edges[1:], edges[-1] + 1.4 * wide]
        pair = np.array([low, high])
        return pair.min(axis=0), pair.max(axis=0)

    def _draw(self) -> None:
        if self._measured is None:
            return
        heights, stderr = self.bars()
        bits = heights * self._measured.bound.dims
        self.terms.show_terms((float(bits[-1]), float(bits[1:-1].sum()), float(bits[0])))
        left, right = self._edges()
        inset = 0.06 * (right - left)
        middle = (left + right) / 2
        self.bar_item.setOpts(x0=left + inset, x1=right - inset, y0=0, height=heights)
        known = np.nan_to_num(stderr)
        self._errors.setData(x=middle, y=heights, top=known, bottom=known, beam=0)
        for text, k in zip(self.names, (0, -1), strict=True):
            text.setPos(middle[k], heights[k] + known[k])
        self._paint(current_theme())
        self.plot.show_all()

    def _paint(self, theme: Theme) -> None:
        terms = (2, *[1] * (len(self.bar_item.opts["x0"]) - 2), 0)  # from the clean end
        brushes = [term_color(theme, term) for term in terms]
        self.bar_item.setOpts(brushes=brushes, pen=QPen(QColor(theme.surface), 0))
        self._errors.setOpts(pen=QPen(QColor(theme.text), 0))
        for text, end in zip(self.names, _ENDS, strict=True):
            text.setHtml(html("<span style='color: {}'>L<sub>{}</sub></span>", theme.text_dim, end))

    # -- reading -------------------------------------------------------------------------

    def _read(self, x: float, y: float) -> str | None:
        if self._measured is None:
            return None
        left, right = self._edges()
        under = np.flatnonzero((left <= x) & (x <= right))
        if not len(under):
            return None
        k = int(under[0])
        heights, stderr = self.bars()
        bits = number_text(heights[k], ".4f")
        if stderr[k] >= 0:  # false for nan: a single group of sprites has no error
            bits += f" ± {number_text(stderr[k], '.4f')}"
        return tr(
            "{where}: {bits} bits/dim ({share:.1%})",
            where=self._where(k),
            bits=bits,
            share=heights[k] / heights.sum(),
        )

    def _where(self, k: int) -> str:
        assert self._measured is not None
        if k == 0:
            return tr("L_0, the last step to integer pixel values")
        edges, t = self._measured.bound.block_log_snr, self._measured.block_t
        if k == len(edges):
            return tr("L_T, what remains of the sprite in the noise")
        return tr(
            "t {from_t:.0f} to {to_t:.0f}, log-SNR {from_level} to {to_level}",
            from_t=t[k - 1],
            to_t=t[k],
            from_level=signed(edges[k - 1], ".1f"),
            to_level=signed(edges[k], ".1f"),
        )

    def _table(self) -> Columns:
        if self._measured is None:
            return {}
        heights, stderr = self.bars()
        edges, t = self._measured.bound.block_log_snr, self._measured.block_t
        none = [np.nan]
        return {
            "term": ["L_0", *["L_t-1"] * (len(edges) - 1), "L_T"],
            "t_from": np.concatenate([none, t[:-1], none]),
            "t_to": np.concatenate([none, t[1:], none]),
            "log_snr_from": np.concatenate([none, edges[:-1], none]),
            "log_snr_to": np.concatenate([none, edges[1:], none]),
            "bits_per_dim": heights,
            "stderr": stderr,
        }
