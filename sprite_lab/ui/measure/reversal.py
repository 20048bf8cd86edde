"""Reversibility: the smaller the steps, the better Gaussians undo them."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.measure import measure_tasks
from sprite_lab.app.shell.text_format import signed
from sprite_lab.core.config import ReversalConfig
from sprite_lab.core.reversal import COUNTS, PLACES, SHOWN, Reversal, Values
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.measure.numbered_plots import NumberedPlots
from sprite_lab.ui.page import heading_row
from sprite_lab.ui.parts import Parts
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.sprites.indices import with_indices
from sprite_lab.words import number_text, tr, trn

#: Numbers of steps to choose from, and the initial one, with large steps.
_CHOICES, _FIRST = (1, 4, 16, 64, 256), 4

#: A misfit in bits, and a density between the peaks, below which there is practically none.
_FITS, _GAP = 0.01, 0.05

#: Misfit in bits up to which the curves look much alike, and the smallest one written.
_NEARLY_FITS, _LEAST_MISFIT = 0.1, 0.0001

#: Minimum rise of a visible hump above the dip beside it, as a share of the maximum.
_RISE = 0.05

#: Size from which on all plots fit at the usual text size, in logical pixels.
_LEAST = QSize(600, 440)

#: Half the width of the plot of a reverse step, in its standard deviations.
_WIDE = 4.0


class ReversalPlots(NumberedPlots):
    """Plots of one reverse step, of paths, of where they end, and of the entropy they produce."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab, "measure.reversal", most=2, column=292)
        step = self.add_plot(
            "step_back",
            tr("One step back"),
            tr("Step back"),
            tr("density"),
            tr("value before the step"),
        )
        self._true = step.add_curve("true", tr("true"), 0, tip="q(x_(t−1) | x_t)")
        self._gaussian = step.add_curve(
            "gaussian",
            tr("Gaussian"),
            1,
            tip=tr("Of the same mean and variance: the best that fits"),
        )
        paths = self.add_plot("paths", tr("Paths"), tr("Paths"), tr("value"), "t")
        ways = ("forward", tr("forward")), ("back", tr("back"))
        self._bundles = [
            [paths.add_curve(f"{name}_{i}", "" if i else legend, which) for i in range(SHOWN)]
            for which, (name, legend) in enumerate(ways)
        ]
        paths.set_whole(True)
        # As everywhere, noise is on the left.
        paths.item.getViewBox().invertX(True)
        ends = self.add_plot(
            "ends", tr("Where the paths back end"), tr("Ends"), tr("density"), tr("value")
        )
        self._data = ends.add_curve("data", tr("where they began"), 0)
        self._reached = ends.add_curve("reached", tr("where they end"), 1)
        loss = self.add_plot(
            "losses", tr("Entropy produced"), tr("Entropy"), tr("bits"), tr("number of steps")
        )
        self._total = loss.add_curve("total", tr("all steps"), 0, marked=True)
        self._each = loss.add_curve("each", tr("one step"), 1, marked=True)
        self._now = loss.add_line(lambda theme: theme.accent, style=Qt.PenStyle.DashLine)
        loss.set_log(y=True)
        # Not all of COUNTS, whose numbers would touch in a narrow plot.
        places = [(math.log2(count), number_text(count)) for count in _CHOICES]
        loss.item.getAxis("bottom").setTicks([places])
        loss.read = self._read_loss
        self.study: tuple[Reversal, ...] = ()  #: results for each number of steps in COUNTS

    def show_study(self, study: tuple[Reversal, ...]) -> None:
        """Set the results for each number of steps in ``COUNTS``."""
        self.study = study
        x = np.log2(COUNTS)
        totals = np.array([reversal.losses.sum() for reversal in study])
        self._total.set(x, totals)
        self._each.set(x, totals / COUNTS)

    def show_steps(self, steps: int, config: ReversalConfig) -> None:
        """Show one number of steps, and a reverse step from ``config.x_t``."""
        if not self.study:
            return
        reversal = self.study[COUNTS.index(steps)]
        self._show_step(reversal, config)
        self._show_paths(reversal)
        total = float(reversal.losses.sum())
        self._data.set(PLACES, reversal.path.density(0, PLACES))
        self._reached.set(PLACES, reversal.reached)
        between = float(reversal.reached[len(PLACES) // 2])
        lost = tr(
            "Gaussian steps as large as these fill the gap between the peaks: the way back is lost."
        )
        back = tr("They end where they began: the peaks and the gap between them are back.")
        self.words["ends"].setText(lost if between >= _GAP else back)
        self._now.setPos(math.log2(steps))
        words = trn(
            "{n} step produces {total} bits of entropy: paths are that much less probable "
            "backward. The more steps, the less, down to 0: then the process is reversible.",
            "{n} steps produce {total} bits of entropy: paths are that much less probable "
            "backward. The more steps, the less, down to 0: then the process is reversible.",
            steps,
            total=number_text(total, ".4f"),
        )
        self.words["losses"].setText(words)
        for plot in self.plots.values():
            plot.show_all()

    def _show_step(self, reversal: Reversal, config: ReversalConfig) -> None:
        path = reversal.path
        t = path.nearest(config.signal)
        step = path.back(t, np.array([config.x_t]))
        x = step.mean + np.sqrt(step.variance) * np.linspace(-_WIDE, _WIDE, 401)
        true = step.density(x)[0]
        self._true.set(x, true)
        self._gaussian.set(x, step.fitted(x)[0])
        misfit = float(step.misfit()[0])
        written = number_text(max(misfit, _LEAST_MISFIT), ".4f")
        said = {
            "x_t": signed(config.x_t, "g"),
            "t": t,
            "steps": path.steps,
            "misfit": written if misfit >= _LEAST_MISFIT else f"< {written}",
        }
        if _has_two_humps(true):
            words = tr(
                "From x_t = {x_t}, step {t} of {steps} leads back to either peak: two humps, which "
                "no Gaussian fits ({misfit} bits off).",
                **said,
            )
        elif misfit >= _NEARLY_FITS:
            words = tr(
                "From x_t = {x_t}, step {t} of {steps} leads back to one hump, but a "
                "Gaussian does not fit it ({misfit} bits off).",
                **said,
            )
        elif misfit >= _FITS:
            words = tr(
                "From x_t = {x_t}, step {t} of {steps} leads back to one hump, which a "
                "Gaussian nearly fits ({misfit} bits off).",
                **said,
            )
        else:
            words = tr(
                "From x_t = {x_t}, step {t} of {steps} has the same form backward as forward: it "
                "is a Gaussian ({misfit} bits off).",
                **said,
            )
        self.words["step_back"].setText(with_indices(words))

    def _show_paths(self, reversal: Reversal) -> None:
        for curves, paths in zip(self._bundles, (reversal.forward, reversal.back), strict=True):
            for curve, path in zip(curves, paths, strict=True):
                curve.set(np.arange(len(path)), path)
        words = trn(
            "To noise in {n} step, and back by a Gaussian one. Could you tell from a "
            "path which way it went?",
            "To noise in {n} steps, and back by Gaussian ones. Could you tell from a "
            "path which way it went?",
            reversal.path.steps,
        )
        self.words["paths"].setText(words)

    def _read_loss(self, x: float, _y: float) -> str | None:
        if not self.study:
            return None
        reversal = self.study[min(max(round(x), 0), len(COUNTS) - 1)]
        total, steps = float(reversal.losses.sum()), reversal.path.steps
        return trn(
            "{n} step: {total} bits, {each} bits each",
            "{n} steps: {total} bits, {each} bits each",
            steps,
            total=number_text(total, ".5f"),
            each=number_text(total / steps, ".7f"),
        )


def _has_two_humps(density: Values) -> bool:
    """Whether two local maxima with a dip between them are visible."""
    rises = np.diff(density) > 0
    tops = np.flatnonzero(rises[:-1] & ~rises[1:]) + 1
    if len(tops) < 2:
        return False
    dip = density[tops[0] : tops[-1]].min()
    return bool(density[tops].min() - dip >= _RISE * density.max())


class ReversalView(QWidget):
    """The plots, with the number of steps. Needs no model; ``settings`` go beside it."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        name = "measure.reversal"
        named(self, "stage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._lab = lab
        self.plots = ReversalPlots(lab)
        counts = (Option(count, number_text(count)) for count in _CHOICES)
        self._steps = Segmented(f"{name}.steps", tr("Number of steps"), *counts)
        self._steps.set_value(_FIRST)
        self._form = Form(ReversalConfig(), self, name=name)
        parts = Parts(self.plots, *self.plots.parts(), least=_LEAST, name=name)
        parts.turned.connect(self.plots.set_single)
        choice = dim_label(tr("Steps"), wrap=False), self._steps
        head = heading_row(lab, tr("Can a step be undone?"), "reversal", right=choice)
        margins = (16, 8, 16, 8)
        vbox(head, (parts, 1), self.plots.readout, on=self, spacing=4, margins=margins)
        self.settings = FoldGroup(tr("Step back"), name=f"{name}.choice")
        for path in ("x_t", "signal"):
            self.settings.add_row(with_indices(self._form.label(path)), self._form.add(path))
        self.settings.add(
            dim_label(
                tr(
                    "One value in place of a sprite: it has two peaks, as a pixel that is either "
                    "dark or bright. All is computed in closed form, without a network."
                )
            )
        )
        self._steps.changed.connect(self._show)
        self._form.changed.connect(self._show)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        kind = "measure.reversal"
        if not self.plots.study and self._lab.newest(kind) is None:
            self._lab.do(measure_tasks.steps_back(), self, then=self._take, newest=kind)

    def _take(self, study: tuple[Reversal, ...]) -> None:
        self.plots.show_study(study)
        self._show()

    def _show(self, *_: object) -> None:
        self.plots.show_steps(self._steps.value, self._form.value)
