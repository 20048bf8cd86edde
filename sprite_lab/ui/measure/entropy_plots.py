"""The five plots of the thermodynamics of a training set and a model, on one noise axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import level_text, signed
from sprite_lab.core.results.probability import Thermodynamics
from sprite_lab.ui.measure.numbered_plots import NumberedPlots
from sprite_lab.ui.theme import Theme
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented
from sprite_lab.ui.widgets.plots.noise_axis import NoiseAxis
from sprite_lab.ui.widgets.plots.plot import Columns, Plot, Series
from sprite_lab.words import number_text, tr, trc

Values = NDArray[np.float64]

#: Opacity of a band of uncertainty, of 255.
_OPACITY = 60

#: Values of a logarithmic axis below this count as zero: otherwise they would take all the space.
_NOTHING = 1e-5

#: A negligible share of the information.
_TRACE = 0.01


#: Digits of an entropy minus that of the noise.
_SMALL_DIGITS = 5

SUM = tr("Terms of the sum, bits/dim of a training sprite")


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
    above: str = ""  #: its legend without the noise's own entropy; "" = the same


@dataclass(frozen=True)
class PlotSpec:
    """A plot: its name, heading, a shorter one, curves (the first has the band), and unit."""

    name: str
    title: str
    short: str
    curves: tuple[CurveSpec, ...]
    unit: str = tr("bits/dim")
    digits: int = 3


def _noise(found: Thermodynamics) -> Values:
    return found.noise_entropy


def _least(found: Thermodynamics) -> Values:
    return found.lower


# fmt: off
PLOTS = (
    PlotSpec("entropy", tr("Entropy of X_t"), tr("Entropy"), (
        CurveSpec(
            "entropy", "H(X_t)", tr("Of all training sprites with noise of level t"),
            lambda f: f.entropy, _noise, lambda f: f.entropy_stderr,
            above=tr("H(X_t) − noise alone"),
        ),
        CurveSpec(
            "noise_entropy", tr("noise alone"), tr("H(X_t | X_0), given the sprite"),
            _noise, _noise,
        ),
    )),
    PlotSpec("conditional", tr("Entropy of one reverse step"), tr("Step back"), (
        CurveSpec(
            "conditional_entropy", tr("step back"),
            tr("H(X_(t−1) | X_t): what a reverse step must determine"),
            lambda f: f.conditional_entropy, _least, lambda f: f.conditional_entropy_stderr,
        ),
        CurveSpec(
            "lower", tr("if the sprite were known"),
            tr("Lower bound, eq. 24 of the paper: no step back can take less"),
            _least, _least,
        ),
        CurveSpec(
            "upper", tr("step forward"),
            tr("Upper bound, H(X_t | X_(t−1)): no step back takes more than the noise added"),
            lambda f: f.upper, _least,
        ),
    )),
    PlotSpec("gap", tr("Gap between reverse and forward path"), trc("reverse path", "Gap"), (
        CurveSpec(
            "gap", tr("gap"), tr(
                "KL divergence of the model's reverse step from the true one; 0 = optimal"
            ),
            lambda f: f.gap, stderr=lambda f: f.gap_stderr,
        ),
    ), digits=4),
    PlotSpec("error", tr("Error in the predicted noise"), tr("Error"), (
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
    PlotSpec("bound", tr("Terms of the bound, summed"), tr("Bound"), (
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
    """The message of a plot in one sentence, and the place in the plot that shows it."""

    words: str
    level: int | None = None  #: index of the noise level that the sentence names
    total: float | None = None  #: the height that it names
    above: str = ""  #: the sentence if entropies are shown without the noise's own; "" = the same


def story(found: Thermodynamics, t: Values) -> dict[str, Statement]:
    """The message of each plot, by name; ``t``: the levels, float64 (T,)."""
    known = found.entropy - found.noise_entropy
    told = np.flatnonzero(known >= _TRACE * known.max())  # levels that tell more than a trace
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
                "As noise grows, the total rises, but what tells the sprites apart, shown here, "
                "falls: beyond {level}, less than {trace:.0%} of it is left.",
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
                "Undoing a step takes more than if the sprite were known, most around {level}, "
                "but less than the step forward took.",
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
                "Over {levels} noise levels, all steps add up to {bound:.3f} bits/dim for a "
                "training sprite; the model loses {sum:.3f} of them.",
                levels=len(t),
                bound=found.bound[0],
                sum=found.gap.sum(),
            ),
            total=float(found.bound[0]),
        ),
    }


class _Band:
    """Fills the area between two curves, in the color of the first."""

    def __init__(self, plot: Plot) -> None:
        self._low, self._high = pg.PlotDataItem(), pg.PlotDataItem()
        self._fill = pg.FillBetweenItem(self._low, self._high)
        self._fill.setZValue(-10)  # behind the curves
        for item in (self._low, self._high, self._fill):
            plot.item.addItem(item)
        for item in (self._low, self._high):
            item.setPen(None)
        plot.on_theme(self._paint)

    def set(self, x: ArrayLike, low: ArrayLike, high: ArrayLike) -> None:
        self._low.setData(x, low)
        self._high.setData(x, high)

    def _paint(self, theme: Theme) -> None:
        color = QColor(theme.curves[0].color)
        color.setAlpha(_OPACITY)
        self._fill.setBrush(color)


class EntropyPlots(NumberedPlots):
    """The plots of :data:`PLOTS`, and ``corner``."""

    def __init__(self, lab: Lab, corner: QWidget) -> None:
        super().__init__(lab, "measure.thermodynamics", most=3, column=320)
        self._found: Thermodynamics | None = None
        self._t: Values = np.zeros(0)
        self._story: dict[str, Statement] = {}
        self._curves: dict[str, Series] = {}
        self._bands: dict[str, _Band] = {}
        #: an invisible line in each plot, so that all have the same axis
        self._spans: dict[str, pg.PlotDataItem] = {}
        self._levels: dict[str, pg.InfiniteLine] = {}  # the level that each sentence names
        for spec in PLOTS:
            plot = self.add_plot(spec.name, spec.title, spec.short, spec.unit or tr("error"))
            for which, curve in enumerate(spec.curves):
                self._curves[curve.name] = plot.add_curve(
                    curve.name, curve.legend, which, tip=curve.tip
                )
            self._bands[spec.name] = _Band(plot)
            # Width 0, as a width would count in units of the axes, and stretch them.
            nothing = QPen(Qt.GlobalColor.transparent, 0)
            self._spans[spec.name] = plot.item.plot([], [], pen=nothing)
            self._levels[spec.name] = plot.add_line(
                lambda theme: theme.accent, style=Qt.PenStyle.DashLine
            )
            plot.read = partial(self._read, spec)
            plot.table = partial(self._table, spec)
        self.add_corner(corner, tr("Sum"), SUM)
        #: the NoiseAxis shared by all plots
        self.axis = NoiseAxis(tuple(self.plots.values()), name="measure.thermodynamics")
        self.axis.changed.connect(self._draw)
        self._total = self.plots["bound"].add_line(
            lambda theme: theme.accent, angle=0, style=Qt.PenStyle.DashLine
        )
        # Logarithmic for plots of steps: the step forward takes a hundred times the entropy that it
        # hides from the step back.
        for name in ("conditional", "error"):
            self.plots[name].set_log(y=True)
        #: whether entropies are shown minus the noise's own
        self.above = Segmented(
            "measure.thermodynamics.above",
            tr("Entropies"),
            Option(
                True,
                tr("Without noise"),
                tip=tr(
                    "Subtract the entropy of the noise itself: the rest is what a noisy sprite "
                    "still tells of the clean one"
                ),
            ),
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

    # -- results ----------------------------------------------------------------------------------

    def show_found(self, found: Thermodynamics, t: Values) -> None:
        """Show the entropies of levels whose t are float64 (T,)."""
        self._found, self._t = found, t
        self._story = story(found, t)
        self.axis.set_levels(found.log_snr, t)
        self._draw()
        for plot in self.plots.values():
            plot.show_all()

    def _on_above(self, above: bool) -> None:
        self.plots["conditional"].set_log(y=above)
        self._draw()
        for name in ("entropy", "conditional"):
            self.plots[name].show_all()

    # -- drawing ----------------------------------------------------------------------------------

    def values(self, curve: CurveSpec) -> Values:
        """The values of a curve, without the noise's own entropy if that is not shown."""
        assert self._found is not None
        values = curve.of(self._found)
        if not self.above.value or curve.own is None:
            return values
        return values - curve.own(self._found)

    def _legend(self, curve: CurveSpec) -> str:
        return (self.above.value and curve.above) or curve.legend

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
            self.words[name].setText((self.above.value and told.above) or told.words)
        for spec in PLOTS:
            is_log = self.plots[spec.name].is_log
            for curve in spec.curves:
                y = self.values(curve)
                if is_log:
                    y = np.where(y < _NOTHING, np.nan, y)
                self._curves[curve.name].set(self._x(len(y)), y)
                self._curves[curve.name].rename(self._legend(curve))
            y, stderr = self.values(spec.curves[0]), self._stderr(spec.curves[0])
            level = self._story[spec.name].level
            if level is not None:
                self._levels[spec.name].setPos(self._x(len(self._t))[level])
            self._levels[spec.name].setVisible(level is not None)
            whole = self._x(len(self._t))
            height = max(float(y.max()), _NOTHING) if is_log else y[-1]
            self._spans[spec.name].setData([whole.min(), whole.max()], [height, height])
            if stderr is not None:
                low, high = y - 2 * stderr, y + 2 * stderr
                if is_log:
                    low, high = np.maximum(low, _NOTHING), np.maximum(high, _NOTHING)
                self._bands[spec.name].set(self._x(len(y)), low, high)

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
            name = f"{self._legend(curve)} " if len(series) > 1 else ""
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
