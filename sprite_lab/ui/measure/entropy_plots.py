"""The five plots of the thermodynamics of a training set and a model, on one noise axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import level_text, signed
from sprite_lab.core.results.probability import Thermodynamics
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.parts import PartSpec
from sprite_lab.ui.theme import Theme, theme_manager
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.fields.inspector import dim_label, heading
from sprite_lab.ui.widgets.plots.noise_axis import NoiseAxis
from sprite_lab.ui.widgets.plots.plot import Columns, Plot, Series
from sprite_lab.ui.widgets.sprites.indices import with_indices
from sprite_lab.words import number_text, tr

Values = NDArray[np.float64]

#: Opacity of a band of uncertainty, of 255.
_OPACITY = 60

#: Below this an error counts as zero; its logarithm would take all the room.
_NO_ERROR = 1e-5

#: A share of the information that is practically none.
_TRACE = 0.01

#: Width of the numbers and the title on the left at the usual text size, in pixels.
_AXIS = 64

#: Width at the usual text size, in logical pixels, above which there is one more column.
_COLUMN = 320

#: The most columns: with the table, two rows of them.
_MOST_COLUMNS = 3


#: Digits of an entropy minus that of the noise.
_SMALL_DIGITS = 5

_SUM = tr("Terms of the sum, bits/dim")


@dataclass(frozen=True)
class CurveSpec:
    """A curve of a plot."""

    name: str  #: the name of the curve in tables
    legend: str
    tip: str
    of: Callable[[Thermodynamics], Values]  #: returns its values
    #: The part of an entropy that is the noise's own
    own: Callable[[Thermodynamics], Values] | None = None
    stderr: Callable[[Thermodynamics], Values] | None = None


@dataclass(frozen=True)
class PlotSpec:
    """A plot: its name, heading, curves (the first has the band), and unit."""

    name: str
    title: str
    curves: tuple[CurveSpec, ...]
    unit: str = "bits/dim"
    digits: int = 3


def _noise(found: Thermodynamics) -> Values:
    return found.noise_entropy


def _least(found: Thermodynamics) -> Values:
    return found.lower


# fmt: off
PLOTS = (
    PlotSpec("entropy", tr("Entropy of X_t"), (
        CurveSpec(
            "entropy", "H(X_t)", tr("Of all training sprites with noise of level t"),
            lambda f: f.entropy, _noise, lambda f: f.entropy_stderr,
        ),
        CurveSpec(
            "noise_entropy", tr("noise alone"), tr("H(X_t | X_0), given the sprite"),
            _noise, _noise,
        ),
    )),
    PlotSpec("conditional", tr("Entropy of one reverse step"), (
        CurveSpec(
            "conditional_entropy", "H(X_(t−1) | X_t)", tr("What a reverse step must determine"),
            lambda f: f.conditional_entropy, _least, lambda f: f.conditional_entropy_stderr,
        ),
        CurveSpec(
            "lower", tr("lower"),
            tr("Lower bound, if the sprite were known (eq. 24 of the paper)"),
            _least, _least,
        ),
        CurveSpec(
            "upper", tr("upper"), tr("Upper bound: H(X_t | X_(t−1)), the forward step"),
            lambda f: f.upper, _least,
        ),
    )),
    PlotSpec("gap", tr("Gap between reverse and forward path"), (
        CurveSpec(
            "gap", tr("gap"), tr(
                "KL divergence of the model's reverse step from the true one; 0 = optimal"
            ),
            lambda f: f.gap, stderr=lambda f: f.gap_stderr,
        ),
    ), digits=4),
    PlotSpec("error", tr("Error in the predicted noise"), (
        CurveSpec(
            "model_error", tr("model"), tr(
                "Mean squared error; 1 = no better than predicting 0"
            ),
            lambda f: f.model_error,
        ),
        CurveSpec(
            "optimal_error", tr("lowest possible"), tr("Of the optimal denoiser"),
            lambda f: f.optimal_error,
        ),
    ), unit="", digits=5),
    # L_0 is not part of the axis: the sum ends where the axis does, at t = 1.
    PlotSpec("bound", tr("Terms of the bound, summed"), (
        CurveSpec(
            "bound", tr("model"), tr("L_T, then each L_(t−1), and finally L_0"),
            lambda f: f.bound[1:], stderr=lambda f: f.bound_stderr[1:],
        ),
        CurveSpec(
            "least_bound", tr("without the gap"), tr("Of a reverse path without loss"),
            lambda f: f.least_bound[1:],
        ),
    )),
)
# fmt: on


@dataclass(frozen=True)
class Statement:
    """What a plot shows, in one sentence, and where in the plot that is to be seen."""

    words: str
    level: int | None = None  #: index of the noise level that the sentence names
    total: float | None = None  #: the height that it names
    above: str = ""  #: its words where entropies are shown without the noise's own; "" = the same


def story(found: Thermodynamics, t: Values) -> dict[str, Statement]:
    """What each plot shows, by name; ``t``: of the levels, float64 (T,)."""
    known = found.entropy - found.noise_entropy
    told = np.flatnonzero(known >= _TRACE * known.max())  # levels with known values
    choice = found.conditional_entropy - found.lower
    over = found.model_error - found.optimal_error
    lost, hard = int(told[-1]), 1 + int(choice.argmax())
    loses, errs = 1 + int(found.gap.argmax()), int(over.argmax())

    def at(k: int) -> str:
        # No line breaks within "t = 417".
        text = tr(
            "t = {t:.0f} (log-SNR {log_snr})", t=t[k], log_snr=signed(found.log_snr[k], ".1f")
        )
        return text.replace(" ", "\N{NO-BREAK SPACE}").replace("-", "\N{NON-BREAKING HYPHEN}")

    return {
        "entropy": Statement(
            tr(
                "Noise adds entropy until the sprites are lost: beyond {level}, under {trace:.0%} "
                "of what tells them apart is left. A spread of less than 1 has entropy below 0.",
                level=at(lost),
                trace=_TRACE,
            ),
            lost,
            above=tr(
                "As noise grows, less tells the sprites apart: beyond {level}, less than "
                "{trace:.0%} of it is left.",
                level=at(lost),
                trace=_TRACE,
            ),
        ),
        "conditional": Statement(
            tr(
                "A reverse step must restore what the noise has hidden; beyond the noise's own "
                "entropy, that is most around {level}.",
                level=at(hard),
            ),
            hard,
            above=tr(
                "A reverse step restores what noise hid: beyond the lower bound, most around "
                "{level}. Upper bound: double-click.",
                level=at(hard),
            ),
        ),
        "gap": Statement(
            tr(
                "The model's reverse step differs from the true one; it loses most around {level}.",
                level=at(loses),
            ),
            loses,
        ),
        "error": Statement(
            tr(
                "The gap comes from errors in the predicted noise, largest at {level}; the lowest "
                "possible is 0 where a noisy sprite has only one possible origin.",
                level=at(errs),
            ),
            errs,
        ),
        "bound": Statement(
            tr(
                "All steps add up to {bound:.3f} bits/dim for a training sprite; the model loses "
                "{sum:.3f} of them.",
                bound=found.bound[0],
                sum=found.gap.sum(),
            ),
            total=float(found.bound[0]),
        ),
    }


class _Band:
    """Fills the area between two curves, in the color of the curve ``which``."""

    def __init__(self, plot: Plot, which: int) -> None:
        self._which = which
        self._low, self._high = pg.PlotDataItem(), pg.PlotDataItem()
        self._fill = pg.FillBetweenItem(self._low, self._high)
        self._fill.setZValue(-10)  # behind the curves
        for item in (self._low, self._high, self._fill):
            plot.item.addItem(item)
        for item in (self._low, self._high):
            item.setPen(None)
        plot.on_theme(self._paint)

    def set(self, x: ArrayLike, low: ArrayLike, high: ArrayLike) -> None:
        """Draw (K,) points."""
        self._low.setData(x, low)
        self._high.setData(x, high)

    def _paint(self, theme: Theme) -> None:
        color = QColor(theme.curves[self._which % len(theme.curves)].color)
        color.setAlpha(_OPACITY)
        self._fill.setBrush(color)


class EntropyPlots(QWidget):
    """Plots ``measure.<name>``, with the names of :data:`PLOTS`, and ``corner``; in as many columns
    as fit, up to three, or each in all of the room. ``readout`` is that of all, to be placed.
    """

    def __init__(self, lab: Lab, corner: QWidget) -> None:
        super().__init__()
        self._found: Thermodynamics | None = None
        self._t: Values = np.zeros(0)
        self._story: dict[str, Statement] = {}
        self.plots: dict[str, Plot] = {}
        self._curves: dict[str, Series] = {}
        self._bands: dict[str, _Band] = {}
        #: an invisible line in each plot, so that all have the same axis
        self._spans: dict[str, pg.PlotDataItem] = {}
        self._words: dict[str, QLabel] = {}
        self._levels: dict[str, pg.InfiniteLine] = {}  # the level that each sentence names
        self.readout = HintLabel(
            tr("Point at a plot to read it"), name="measure.thermodynamics.readout", steady=True
        )
        self._cells: list[tuple[QWidget, Plot | None]] = []  # text, and the plot below it
        self._single = False
        self._arranged = 0, False  # in how many columns, and whether one at a time
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        for i, spec in enumerate(PLOTS):
            name = f"measure.{spec.name}"
            plot = Plot(lab, name=name, title=spec.title, y=spec.unit or tr("error"))
            plot.share_readout(self.readout)
            plot.item.getAxis("left").enableAutoSIPrefix(False)
            for which, curve in enumerate(spec.curves):
                self._curves[curve.name] = plot.add_curve(
                    curve.name, curve.legend, which, tip=curve.tip
                )
            self._bands[spec.name] = _Band(plot, 0)
            # Width 0, as a width would count in units of the axes, and stretch them.
            nothing = QPen(Qt.GlobalColor.transparent, 0)
            self._spans[spec.name] = plot.item.plot([], [], pen=nothing)
            self._levels[spec.name] = plot.add_line(
                lambda theme: theme.accent, style=Qt.PenStyle.DashLine
            )
            plot.read = partial(self._read, spec)
            plot.table = partial(self._table, spec)
            self.plots[spec.name] = plot
            words = self._words[spec.name] = dim_label(name=f"measure.{spec.name}.words")
            title = heading(with_indices(f"{i + 1}. {spec.title}"))
            head = QWidget()
            vbox(title, words, ..., on=head, spacing=2)
            self._cells.append((head, plot))
        self._cells.append((corner, None))
        #: the NoiseAxis shared by all
        self.axis = NoiseAxis(tuple(self.plots.values()), name="measure.thermodynamics")
        self.axis.changed.connect(self._draw)
        self.axis.changed.connect(self._focus)
        self._total = self.plots["bound"].add_line(
            lambda theme: theme.accent, angle=0, style=Qt.PenStyle.DashLine
        )
        self._arrange(2)
        self.plots["error"].set_log(y=True)
        #: whether entropies are shown minus the noise's own
        self.above = Segmented(
            "measure.thermodynamics.above",
            tr("Entropies"),
            Option(True, tr("Without noise"), tip=tr("Subtract the entropy of the noise itself")),
            Option(
                False,
                tr("Total"),
                tip=tr(
                    "Entropy of sprites and noise together. It is differential: negative where "
                    "values spread over less than one unit."
                ),
            ),
        )
        self.above.changed.connect(self._on_above)
        theme_manager().text_resized.connect(self._line_up)
        self._line_up()

    def _line_up(self) -> None:
        """Align the axes of plots below one another."""
        for plot in self.plots.values():
            plot.item.getAxis("left").setWidth(round(_AXIS * theme_manager().text_scale))

    # -- columns -------------------------------------------------------------------------

    def parts(self) -> tuple[PartSpec, ...]:
        """The plots by their numbers, and the table."""
        parts = [
            PartSpec(spec.name, str(i), (words, plot), spec.title)
            for i, (spec, (words, plot)) in enumerate(zip(PLOTS, self._cells, strict=False), 1)
            if plot is not None
        ]
        return *parts, PartSpec("sum", tr("Sum"), (self._cells[-1][0],), _SUM)

    def set_single(self, single: bool) -> None:
        """Set whether only one of them is shown, which takes all of the room."""
        self._single = single
        self._arrange(1 if single else 2)
        self._reflow()

    def _arrange(self, columns: int) -> None:
        if (columns, self._single) == self._arranged:
            return
        rows = 1 if self._single else -(-len(self._cells) // columns)
        for row in range(2 * len(self._cells)):  # including those of rows that no longer exist
            self._grid.setRowStretch(row, 0)
        self._arranged = columns, self._single
        for index, (words, plot) in enumerate(self._cells):
            row, column = (0, 0) if self._single else divmod(index, columns)
            # In their own rows, so that adjacent plots start at the same height.
            self._grid.addWidget(words, 2 * row, column, 1 if plot else 2, 1)
            if plot is not None:
                self._grid.addWidget(plot, 2 * row + 1, column)
        for index in range(_MOST_COLUMNS):
            self._grid.setColumnStretch(index, int(index < columns))
        for row in range(rows):
            self._grid.setRowStretch(2 * row + 1, 1)

    @property
    def _widest(self) -> int:
        parts = [part for cell in self._cells for part in cell if part is not None]
        return max(part.minimumSizeHint().width() for part in parts)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._reflow()

    def _reflow(self) -> None:
        if self._single:
            return
        each = max(self._widest, round(_COLUMN * theme_manager().text_scale))
        gap = self._grid.horizontalSpacing()
        self._arrange(min(max((self.width() + gap) // (each + gap), 1), _MOST_COLUMNS))

    # -- results ----------------------------------------------------------------------------------

    def show_found(self, found: Thermodynamics, t: Values) -> None:
        """Show the entropies of levels whose t are float64 (T,)."""
        self._found, self._t = found, t
        self._story = story(found, t)
        self.axis.set_levels(found.log_snr, t)
        self._draw()
        for plot in self.plots.values():
            plot.show_all()
        self._focus()

    def _on_above(self, _above: bool) -> None:
        self._draw()
        for name in ("entropy", "conditional"):
            self.plots[name].show_all()
        self._focus()

    def _focus(self) -> None:
        """Show what is beyond the noise as large as possible: its upper bound is far above."""
        if self._found is not None and self.above.value:
            y = self.values(PLOTS[1].curves[0])
            self.plots["conditional"].item.setYRange(min(0.0, y.min()), y.max(), padding=0.1)

    # -- drawing ----------------------------------------------------------------------------------

    def values(self, curve: CurveSpec) -> Values:
        """The values of a curve, as many as :meth:`_places` returns."""
        assert self._found is not None
        values = curve.of(self._found)
        if not self.above.value or curve.own is None:
            return values
        return values - curve.own(self._found)

    def _stderr(self, curve: CurveSpec) -> Values | None:
        assert self._found is not None
        return None if curve.stderr is None else curve.stderr(self._found)

    def _places(self, count: int) -> tuple[Values, Values]:
        """log-SNR and t of the points of a curve: at level t, or for the step from t to t - 1."""
        assert self._found is not None
        log_snr, t = self._found.log_snr, self._t
        return log_snr[len(log_snr) - count :], t[len(t) - count :]

    def _x(self, count: int) -> Values:
        return self._places(count)[self.axis.unit == "t"]

    def _draw(self) -> None:
        if self._found is None:
            return
        self._total.setPos(self._story["bound"].total or 0.0)
        for name, told in self._story.items():
            self._words[name].setText((self.above.value and told.above) or told.words)
        for spec in PLOTS:
            for curve in spec.curves:
                y = self.values(curve)
                if spec.name == "error":
                    y = np.where(y < _NO_ERROR, np.nan, y)
                self._curves[curve.name].set(self._x(len(y)), y)
            y, stderr = self.values(spec.curves[0]), self._stderr(spec.curves[0])
            level = self._story[spec.name].level
            if level is not None:
                self._levels[spec.name].setPos(self._x(len(self._t))[level])
            self._levels[spec.name].setVisible(level is not None)
            whole = self._x(len(self._t))
            self._spans[spec.name].setData([whole.min(), whole.max()], [y[-1], y[-1]])
            if stderr is not None:
                self._bands[spec.name].set(self._x(len(y)), y - 2 * stderr, y + 2 * stderr)

    # -- reading -------------------------------------------------------------------------

    def _read(self, spec: PlotSpec, x: float, _y: float) -> str | None:
        if self._found is None:
            return None
        series = [self.values(curve) for curve in spec.curves]
        k = int(np.abs(self._x(len(series[0])) - x).argmin())
        parts = []
        for curve, y in zip(spec.curves, series, strict=True):
            stderr = self._stderr(curve)
            small = self.above.value and curve.own is not None
            digits = f".{_SMALL_DIGITS if small else spec.digits}f"
            error = "" if stderr is None else f" ± {number_text(stderr[k], digits)}"
            name = f"{curve.legend} " if len(series) > 1 else ""
            parts.append(f"{name}{signed(y[k], digits)}{error}")
        log_snr, t = self._places(len(series[0]))
        return f"{level_text(log_snr[k], t[k])}: {', '.join(parts)} {spec.unit}".strip()

    def _table(self, spec: PlotSpec) -> Columns:
        if self._found is None:
            return {}
        log_snr, t = self._places(len(self.values(spec.curves[0])))
        columns: dict[str, Values] = {"t": t, "log_snr": log_snr}
        for curve in spec.curves:
            columns[curve.name] = self.values(curve)
            stderr = self._stderr(curve)
            if stderr is not None:
                columns[f"{curve.name}_stderr"] = stderr
        return columns
