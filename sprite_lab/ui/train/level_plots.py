"""Errors by noise level, as a map over the training and as curves at one step."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import MINUS
from sprite_lab.app.train.level_history import LevelHistory, LevelMap
from sprite_lab.app.train.loss_history import nearest
from sprite_lab.core.results.level_errors import Floor, LevelBins, LevelErrors
from sprite_lab.ui.flow import WholeHeight
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.theme import Theme, current_theme, tabular
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.plots.color_map import viridis
from sprite_lab.ui.widgets.plots.plot import Columns, Plot
from sprite_lab.ui.widgets.plots.turned_text import draw_upwards
from sprite_lab.words import number_text, tr, trn

#: The predicted quantity, by prediction type.
PREDICTED = {
    "epsilon": tr("noise ε"),
    "x0": tr("sprite x₀"),
    "v": tr("v (a mix of noise and sprite)"),
}

#: Shares of T at which a noise axis has numbers.
_SHARES = (1.0, 0.9, 0.75, 0.5, 0.3, 0.15, 0.05)

#: Maximum number of tick labels on a noise axis.
_MOST = 16

#: Minimum heights with axes, in logical pixels: large text takes much of them.
_LEAST_MAP, _LEAST_CURVES = 170, 160

#: The floor is drawn down to this share of the lowest measured error: far below, it would not be
#: visible.
_LOWEST = 0.1

#: A floor below this share of its highest value counts as 0.
_NONE = 1e-3

#: Minimum number of sprites behind a point of a curve.
LEAST = 12

_READ_BOTH = tr("Point at the map to read it and show its column below")

#: Width of the color bar, in logical pixels.
_BAR_WIDTH, _BAR_TICK, _BAR_MARGIN = 12, 4, 8


class ColorBar(QWidget):
    """A color bar from ``low`` to ``high``, with numbers and ``label`` on its right."""

    def __init__(self, *, name: str, label: str) -> None:
        super().__init__()
        named(self, name, label)
        self._label = label
        self._low, self._high = 1e-3, 1.0
        self._span: tuple[int, int] | None = None
        self.setFont(tabular(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    @property
    def range(self) -> tuple[float, float]:
        """The values of the darkest and the brightest color."""
        return self._low, self._high

    def set_range(self, low: float, high: float) -> None:
        """Set the range of errors: both above 0, the lower first."""
        if (low, high) != (self._low, self._high):
            self._low, self._high = low, high
            self.update()

    def set_span(self, top: int, bottom: int) -> None:
        """Set the top and bottom of the bar, in logical pixels from the widget's top."""
        if (top, bottom) != self._span:
            self._span = top, bottom
            self.update()

    def shares(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Positions of values along the bar, 0 to 1; NaN stays NaN."""
        low, high = math.log(self._low), math.log(self._high)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((np.log(values) - low) / (high - low))

    def ticks(self) -> list[float]:
        """Round numbers along the bar, by powers of ten or, within a small range, closer."""
        first, last = math.floor(math.log10(self._low)), math.ceil(math.log10(self._high))
        steps = (1,) if last - first > 4 else (1, 3) if last - first > 2 else (1, 2, 5)
        every = [m * 10.0**e for e in range(first, last + 1) for m in steps]
        return [v for v in every if self._low <= v <= self._high * (1 + 1e-9)]

    def sizeHint(self) -> QSize:
        return QSize(self._title_left() + self.fontMetrics().height(), 120)

    def _title_left(self) -> int:
        numbers = self.fontMetrics().horizontalAdvance("0.0005")
        return _BAR_WIDTH + 2 * _BAR_TICK + numbers + 4

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        top, bottom = self._span or (_BAR_MARGIN, self.height() - _BAR_MARGIN)
        bar = QRectF(0, top, _BAR_WIDTH, bottom - top)
        colors = np.ascontiguousarray(viridis(np.linspace(1, 0, 256))[:, None])
        painter.drawImage(bar, QImage(colors.data, 1, 256, 3, QImage.Format.Format_RGB888))
        metrics = painter.fontMetrics()
        free = self.height() + metrics.height()
        for value, share in zip(self.ticks(), self.shares(np.array(self.ticks())), strict=True):
            y = bar.bottom() - share * bar.height()
            if free - y < metrics.height():
                continue
            free = y
            painter.setPen(QPen(QColor(theme.outline), 1))
            painter.drawLine(QPointF(_BAR_WIDTH, y), QPointF(_BAR_WIDTH + _BAR_TICK, y))
            painter.setPen(QColor(theme.text_dim))
            place = QPointF(_BAR_WIDTH + 2 * _BAR_TICK, y + metrics.ascent() / 2 - 1)
            painter.drawText(place, number_text(value, "g"))
        draw_upwards(painter, self._title_left(), bar, self._label)


def t_ticks(bins: LevelBins, most: float = _MOST) -> list[list[tuple[float, str]]]:
    """Ticks of a log-SNR axis labeled with t, no two too near: in pyqtgraph's format.

    ``most``: how many numbers would fit along the axis.
    """
    total = float(bins.t[0])
    wanted = [max(1, round(share * total)) for share in _SHARES] + [1]
    ticks: list[tuple[float, str]] = []
    apart = (bins.log_snr[-1] - bins.log_snr[0]) / max(1.0, min(most, _MOST))
    for t in wanted:
        place = bins.log_snr_at(t)
        if not ticks or place - ticks[-1][0] >= apart:
            ticks.append((place, f"{t}"))
    return [ticks, []]


def level_text(bins: LevelBins, log_snr: float) -> str:
    return (
        tr("t {t_at:.0f} (log-SNR {log_snr:.1f})", t_at=bins.t_at(log_snr), log_snr=log_snr)
        .replace("-", MINUS)
        .replace(f"log{MINUS}SNR", "log-SNR")
    )


class LevelMapView(QWidget):
    """A map of errors, t down and training step across, with its color bar."""

    pointed = Signal(object)  #: the training step under the pointer, or None

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._map: LevelMap | None = None
        self.plot = Plot(
            lab,
            name="train.levels.map",
            title=tr("Error by noise level and training step"),
            x=tr("training step"),
            y=tr("t (noise at the top)"),
            hint=_READ_BOTH,
            least=_LEAST_MAP,
        )
        self.plot.item.getAxis("left").one_line = True
        self.plot.read, self.plot.table = self._read, self._table
        self.image = pg.ImageItem(axisOrder="row-major")
        self.plot.item.addItem(self.image)
        self.plot.set_whole(True)
        self.plot.item.getViewBox().invertY(True)  # noise at the top, as sampling goes down
        self.plot.on_theme(lambda _: self.plot.item.showGrid(x=False, y=False))
        self.bar = ColorBar(name="train.levels.bar", label=tr("error"))
        hbox((self.plot, 1), self.bar, on=self)
        self.plot.view.left.connect(lambda: self.pointed.emit(None))
        self.plot.item.getViewBox().setDefaultPadding(0.0)
        # For the upper half of a number above the map
        self.plot.item.setContentsMargins(0, 8, 0, 0)
        self.plot.item.getViewBox().sigResized.connect(self._fit)

    def set_alone(self, alone: bool) -> None:
        """Set whether the curves are hidden and so show no column of the map."""
        self.plot.set_hint(tr("Point at the map to read it") if alone else _READ_BOTH)

    def _fit(self, *_: object) -> None:
        """Align the height of the bar with the map, and label as many levels as have room."""
        view = self.plot.view
        box = self.plot.item.getViewBox().sceneBoundingRect()
        top = view.mapTo(self, view.mapFromScene(box.topLeft())).y()
        bottom = view.mapTo(self, view.mapFromScene(box.bottomLeft())).y()
        self.bar.set_span(top, bottom)
        if self._map is not None:
            most = box.height() / self.fontMetrics().height()
            self.plot.item.getAxis("left").setTicks(t_ticks(self._map.bins, most))

    def show_map(self, found: LevelMap) -> None:
        self._map = found
        filled = _filled(found.error)
        low, high = np.nanpercentile(filled, [0.5, 99.8])
        self.bar.set_range(*_round_range(float(low), float(high)))
        shares = self.bar.shares(filled)
        pixels = np.zeros((*filled.shape, 4), np.uint8)
        there = np.isfinite(shares)
        pixels[there, :3] = viridis(shares[there])
        pixels[there, 3] = 255
        self.image.setImage(pixels, autoLevels=False, levels=(0, 255))
        bins, width = found.bins, found.width
        self.image.setRect(
            QRectF(
                0.5, bins.log_snr[0], filled.shape[1] * width, bins.log_snr[-1] - bins.log_snr[0]
            )
        )
        # The last column may reach beyond the last step.
        box = self.plot.item.getViewBox()
        box.setLimits(xMin=0.5, xMax=found.last + 0.5)
        box.updateAutoRange()
        self._fit()

    def _read(self, x: float, y: float) -> str | None:
        found = self._map
        column = None if found is None else found.column(x + 0.5)
        if found is None or column is None:
            self.pointed.emit(None)
            return None
        bins = found.bins
        if not bins.log_snr[0] <= y <= bins.log_snr[-1]:
            self.pointed.emit(None)
            return None
        row = int(bins.index(y))
        first, last = found.steps(column)
        self.pointed.emit(last)
        count = int(found.counts[row, column])
        error = tr("error {error:.3g}", error=found.error[row, column]) if count else tr("no error")
        many = trn("sprite", "sprites", count)
        place = level_text(bins, float(bins.centers[row]))
        return tr(
            "steps {first:,}–{last:,}   {place}   {error} of {count} {many}",
            first=first,
            last=last,
            place=place,
            error=error,
            count=count,
            many=many,
        )

    def _table(self) -> Columns:
        found = self._map
        if found is None:
            return {}
        rows, columns = found.error.shape
        return {
            tr("last step"): np.repeat([found.steps(i)[1] for i in range(columns)], rows),
            "log_snr": np.tile(found.bins.centers, columns),
            "t": np.tile([found.bins.t_at(c) for c in found.bins.centers], columns),
            "error": found.error.T.ravel(),
            "sprites": found.counts.T.ravel(),
        }


class LevelCurves(WholeHeight):
    """Errors by t (``train.levels.curves``), now and at the hovered step, with the floor."""

    def __init__(self, lab: Lab, history: LevelHistory) -> None:
        super().__init__()
        self._history = history
        self._floor: Floor | None = None
        self._with_whole = True
        self._step: int | None = None
        self.plot = Plot(
            lab,
            name="train.levels.curves",
            title=tr("Error by noise level"),
            x=tr("t (noise on the left, spaced by log-SNR)"),
            y=tr("error"),
            hint=tr("Point at the curves to read them"),
            least=_LEAST_CURVES,
        )
        self.plot.read, self.plot.table = self._read, self._table
        self.training = self.plot.add_curve(
            "training",
            tr("training"),
            0,
            tip=tr("On the sprites of the newest steps, with the weights of that moment."),
        )
        self.validation = self.plot.add_curve(
            "validation",
            tr("validation"),
            1,
            tip=tr("On held-out sprites, with the averaged weights."),
        )
        self.floor = self.plot.add_curve(
            "floor",
            tr("floor"),
            2,
            tip=tr(
                "The optimal denoiser of the training set: no training error stays below it for "
                "long, and a network that reaches it has memorized the sprites."
            ),
        )
        self.whole = self.plot.add_curve(
            "whole",
            tr("floor of the whole set"),
            4,
            tip=tr(
                "The optimal denoiser of all training sprites of the set: several of them fit a "
                "noisy sprite for longer."
            ),
        )
        self.then = self.plot.add_curve(
            "then", tr("training, at the pointer"), 3, tip=tr("The column above.")
        )
        self.plot.set_log(y=True)
        self.zero = self.plot.add_line(
            lambda theme: theme.curves[2].color,
            style=Qt.PenStyle.DashLine,
            label=tr("floor 0 from here on"),
        )
        self.zero.label.setPosition(0)
        self.zero.label.anchors = [(-0.05, 1)] * 2  # above the lower edge, where curves are rare
        self.plot.on_theme(self._back_words)
        self.floor_words = HintLabel(name="train.levels.floor.words")
        self.zero.hide()
        self.floor_words.hide()
        vbox((self.plot, 1), self.floor_words, on=self, spacing=4)

    def _back_words(self, theme: Theme) -> None:
        """Give the words at the line a background, since a curve would make them unreadable."""
        self.zero.label.fill = pg.mkBrush(theme.surface)
        self.zero.label.update()

    def set_floor(self, floor: Floor | None) -> None:
        self._floor = floor
        self.refresh()

    def show_whole(self, on: bool) -> None:
        """Set whether the floor of the whole set is drawn, where it is known."""
        self._with_whole = on
        self.refresh()

    @property
    def _whole(self) -> Floor | None:
        """The floor of the whole set, if it is to be drawn."""
        return None if self._floor is None or not self._with_whole else self._floor.whole

    def point_at(self, step: int | None) -> None:
        """Also show the training error of this step, None = only that of the newest."""
        if step != self._step:
            self._step = step
            self._show_then()

    def refresh(self) -> None:
        bins = self._history.bins
        training, validation = self._history.training(), self._history.validation()
        if bins is None or training is None:
            for series in self.plot.series.values():
                series.set([], [])
            self.zero.hide()
            self.floor_words.hide()
            return
        self.plot.item.getAxis("bottom").setTicks(t_ticks(bins))
        self.training.set(*pooled(training[2]))
        self.validation.set(*pooled(None if validation is None else validation[1]))
        seen = np.concatenate([self.training.y, self.validation.y])
        lowest = _LOWEST * float(seen.min(initial=1.0))
        for series, floor in ((self.floor, self._floor), (self.whole, self._whole)):
            if floor is None:
                series.set([], [])
            else:
                series.set(*down_to(lowest, floor.log_snr, floor.error))
        self._explain_floor(bins)
        self._name_floors()  # after the mark is shown or hidden: a hidden one keeps its old words
        self._show_then()

    def _name_floors(self) -> None:
        """Name the number of sprites behind each floor, if there may be two."""
        floor = self._floor
        if floor is None or floor.whole is None:
            self.floor.rename(tr("floor"))
            self.zero.label.setFormat(tr("floor 0 from here on"))
            return
        self.zero.label.setFormat(tr("{count:,} sprites: 0 from here on", count=floor.sprites))
        self.floor.rename(tr("floor of its {count:,} sprites", count=floor.sprites))
        self.whole.rename(tr("floor of all {count:,} training sprites", count=floor.whole.sprites))

    def _explain_floor(self, bins: LevelBins) -> None:
        """Explain the floor, and mark from where on it is 0."""
        self.floor_words.setVisible(self._floor is not None)
        self.zero.hide()
        if self._floor is None:
            return
        error = self._floor.error
        above = np.flatnonzero(error > _NONE * error.max(initial=0.0))
        first = int(above[-1]) + 1 if len(above) else 0  # level from which on it is 0
        zero = ""
        if first < len(error):
            place = float(self._floor.log_snr[first])
            self.zero.setPos(place)
            self.zero.show()
            zero = tr(
                "Below t = {t:.0f} it is 0: each noisy sprite has only one possible origin.",
                t=bins.t_at(place),
            )
        what = tr(
            "Floor: the error of the optimal denoiser, which predicts the mean of the training "
            "sprites that fit a noisy one."
        )
        self.floor_words.setText(" ".join(filter(None, (what, self._mostly_floor(bins), zero))))

    def _mostly_floor(self, bins: LevelBins) -> str:
        """Say at which levels the floor is most of the training error; "" = at none."""
        assert self._floor is not None
        floor = np.interp(self.training.x, self._floor.log_snr, self._floor.error)
        less = np.flatnonzero(floor < self.training.y / 2)
        count = less[0] if len(less) else len(floor)
        if not count:
            return ""
        return tr(
            "From t = {t:.0f} up it is more than half of the training error.",
            t=bins.t_at(self.training.x[count - 1]),
        )

    def _show_then(self) -> None:
        then = None if self._step is None else self._history.training(self._step)
        self.then.set(*pooled(None if then is None else then[2]))

    def _read(self, x: float, y: float) -> str | None:
        bins = self._history.bins
        if bins is None or not bins.log_snr[0] <= x <= bins.log_snr[-1]:
            return None
        parts = [level_text(bins, x)]
        for name, series in ((tr("training"), self.training), (tr("validation"), self.validation)):
            near = nearest(series.x, x)
            if near is not None:
                parts.append(f"{name} {number_text(series.y[near], '.3g')}")
        if self._floor is not None:
            floor = float(np.interp(x, self._floor.log_snr, self._floor.error))
            parts.append(tr("floor {floor:.3g}", floor=floor) if floor > 1e-9 else tr("floor 0"))
        if self._whole is not None:
            floor = float(np.interp(x, self._whole.log_snr, self._whole.error))
            parts.append(tr("of the whole set {floor:.3g}", floor=max(floor, 0.0)))
        return "   ".join(parts)

    def _table(self) -> Columns:
        bins = self._history.bins
        if bins is None:
            return {}
        training, validation = self._history.training(), self._history.validation()
        columns: dict[str, ArrayLike] = {
            "t": [bins.t_at(c) for c in bins.centers],
            "log_snr": bins.centers,
        }
        if training is not None:
            columns |= {"training": training[2].mean, tr("training sprites"): training[2].counts}
        if validation is not None:
            columns |= {
                "validation": validation[1].mean,
                tr("validation sprites"): validation[1].counts,
            }
        if self._floor is not None:
            columns["floor"] = self._floor.error
        if self._whole is not None:
            columns[tr("floor of the whole set")] = self._whole.error
        return columns


def down_to(
    lowest: float, x: NDArray[np.float64], falling: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The points of a curve on a logarithmic axis down to where it crosses ``lowest``."""
    below = np.flatnonzero(falling < lowest)
    if not len(below) or not below[0]:
        return x, falling
    end = int(below[0])
    before, after = falling[end - 1], max(falling[end], np.finfo(np.float64).tiny)
    way = np.log(before / lowest) / np.log(before / after)
    place = x[end - 1] + way * (x[end] - x[end - 1])
    return np.append(x[:end], place), np.append(falling[:end], lowest)


def pooled(levels: LevelErrors | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean errors over neighboring bins, merged until each has LEAST sprites, so that curves do not
    jump where few were drawn: log-SNR and error, float64 (K,) each; empty for None.
    """
    if levels is None:
        return np.zeros(0), np.zeros(0)
    centers, places, errors = levels.bins.centers, [], []
    total = count = place = 0.0
    for center, value, number in zip(centers, levels.sums, levels.counts, strict=True):
        total, count, place = total + value, count + number, place + number * center
        if count >= LEAST:
            places.append(place / count)
            errors.append(total / count)
            total = count = place = 0.0
    return np.array(places), np.array(errors)


def _filled(error: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fill cells without sprites by interpolation over the levels of their step, for display."""
    result = error.copy()
    rows = np.arange(len(error))
    for column in result.T:
        there = np.isfinite(column) & (column > 0)
        if there.any() and not there.all():
            column[~there] = np.exp(np.interp(rows[~there], rows[there], np.log(column[there])))
    return result


def _round_range(low: float, high: float) -> tuple[float, float]:
    """The range widened to round numbers, so that colors do not shift with every step."""
    low, high = max(low, 1e-9), max(high, 2e-9)

    def down(value: float) -> float:
        power = 10.0 ** np.floor(np.log10(value))
        return float(max(m for m in (1, 2, 5) if m * power <= value * (1 + 1e-9)) * power)

    top = down(high)
    for factor in (1, 2, 2.5, 5, 10):
        if top * factor >= high:
            top *= factor
            break
    return down(low), max(top, 2 * down(low))
