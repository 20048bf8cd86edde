"""The loss as a curve: raw and smoothed, validation beside it, with a read-out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QKeyEvent, QPen
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from sprite_lab.app.loss_history import LossHistory
from sprite_lab.app.settings import Settings
from sprite_lab.ui.theme import Theme, ThemeManager, tabular
from sprite_lab.ui.widgets.inspector import dim_label
from sprite_lab.ui.widgets.legend import LegendEntry, curve_pen
from sprite_lab.ui.widgets.number_field import NumberField

#: The curve is redrawn at most this often, in milliseconds.
REDRAW_MS = 90

#: name, legend, which of the theme's curves, whether its points are marked.
_CURVES = (
    ("smoothed", "training", 0, False),
    ("validation", "validation", 1, True),
    ("epsilon", "noise error", 2, True),
)
_TIPS = {
    "smoothed": "Loss on what is learnt from: faint as it is, strong smoothed.",
    "validation": "The same loss on sprites that were kept aside. Where it rises while the "
    "training loss falls, sprites are being learnt by heart.",
    "epsilon": "Mean squared error of the predicted noise, over the course's 500 levels: the "
    "one figure that can be compared between any two runs.",
}


class LossPlot(QWidget):
    """Parts: ``train.plot``, ``train.smoothing``, ``train.log``, ``train.readout``.

    Wheel zooms, drag pans, double click or A shows all of it again.
    """

    def __init__(self, theme: ThemeManager, settings: Settings, history: LossHistory) -> None:
        super().__init__()
        self._theme, self._settings, self._history = theme, settings, history
        self._log = settings.value.log_scale
        history.set_weight(settings.value.smoothing)
        self.plot = _Plot()
        self.plot.setObjectName("train.plot")
        self.plot.setAccessibleName("Loss by training step")
        self.plot.setMinimumHeight(160)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        item = self.plot.getPlotItem()
        item.setDownsampling(auto=True, mode="peak")
        item.setClipToView(True)
        item.setLogMode(y=self._log)
        item.setLabel("bottom", "training step")
        for side in ("left", "bottom"):
            # Drawing the axes anew with every point would cost as much as the curves.
            axis = item.getAxis(side)
            axis.setCacheMode(axis.CacheMode.DeviceCoordinateCache)
        self._raw = item.plot([], [], antialias=False)
        self._items: dict[str, Any] = {
            name: item.plot([], [], antialias=True) for name, _, _, _ in _CURVES
        }
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._line.hide()
        self.plot.addItem(self._line, ignoreBounds=True)

        self.smoothing = NumberField(
            "Smoothing",
            0.0,
            0.99,
            0.6,
            name="train.smoothing",
            step=0.05,
            decimals=2,
            tip="How much of the past is in the smoothed curve. The validation is never smoothed.",
        )
        self.smoothing.set_value(settings.value.smoothing)
        self.log = QCheckBox("Log scale")
        self.log.setObjectName("train.log")
        self.log.setChecked(self._log)
        self.log.setToolTip("Equal factors take equal room: shows that the loss still falls")
        self.readout = dim_label(name="train.readout", wrap=False)
        self.readout.setFont(tabular(self.readout.font()))
        # It may be cut, but must not keep the plot from being narrow.
        self.readout.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        bar = QHBoxLayout()
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(8)
        bar.addWidget(dim_label("Smoothing", wrap=False))
        self.smoothing.setMaximumWidth(240)
        bar.addWidget(self.smoothing, 1)
        bar.addStretch(0)
        bar.addWidget(self.log)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        legend = QHBoxLayout()
        legend.setSpacing(16)
        for name, text, which, marked in _CURVES:
            legend.addWidget(LegendEntry(theme, text, which, marked, _TIPS.get(name, "")))
        legend.addStretch(1)
        column.addLayout(bar)
        column.addLayout(legend)
        column.addWidget(self.plot, 1)
        column.addWidget(self.readout)

        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REDRAW_MS)
        self._timer.timeout.connect(self._redraw)
        self._dirty = False
        self._scaled: bool | None = None
        self.smoothing.changed.connect(self._on_smoothing)
        self.log.toggled.connect(self._on_log)
        self.plot.scene().sigMouseMoved.connect(self._on_mouse)
        self.plot.left.connect(self._hide_readout)
        theme.changed.connect(self._paint)
        self._paint(theme.theme)
        self.readout.setText(self._hint())

    def refresh(self) -> None:
        """The history has changed: redraw soon, if anybody sees it."""
        self._dirty = True
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def show_all(self) -> None:
        """Undo all zooming and panning, and follow what comes."""
        self.plot.getPlotItem().enableAutoRange()

    def showEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().showEvent(event)
        if self._dirty:
            self.refresh()

    def _redraw(self) -> None:
        self._dirty = False
        history = self._history
        self._show_scales(bool(len(history.steps)))
        self._raw.setData(*_drawable(history.steps, history.losses, self._log))
        self._items["smoothed"].setData(*_drawable(history.steps, history.smoothed, self._log))
        for name, values in (
            ("validation", history.val_losses),
            ("epsilon", history.epsilon_errors),
        ):
            self._items[name].setData(*_drawable(history.eval_steps, values, self._log))

    def _show_scales(self, there: bool) -> None:
        """Numbers along the axes only once there is something that they measure."""
        if there == self._scaled:
            return
        self._scaled = there
        for side in ("left", "bottom"):
            axis = self.plot.getPlotItem().getAxis(side)
            axis.setStyle(showValues=there)
            axis.setTicks(None if there else [])
        self.readout.setText(self._hint())

    def _on_smoothing(self, weight: float) -> None:
        self._history.set_weight(weight)
        self._settings.replace(smoothing=weight)
        self.refresh()

    def _on_log(self, on: bool) -> None:
        self._log = on
        self._settings.replace(log_scale=on)
        self.plot.getPlotItem().setLogMode(y=on)
        self.show_all()
        self.refresh()

    # -- looks -----------------------------------------------------------------------------

    def _paint(self, theme: Theme) -> None:
        self.plot.setBackground(theme.surface)
        item = self.plot.getPlotItem()
        for side in ("left", "bottom"):
            axis = item.getAxis(side)
            axis.setPen(QPen(QColor(theme.line)))
            axis.setTextPen(QColor(theme.text_dim))
            axis.setStyle(tickFont=tabular(self.font()))
        item.showGrid(x=False, y=True, alpha=0.15)
        faint = QColor(theme.curves[0].color)
        faint.setAlphaF(0.3)
        self._raw.setPen(QPen(faint, 0))
        for name, _, which, marked in _CURVES:
            curve, drawn = theme.curves[which], self._items[name]
            drawn.setPen(curve_pen(curve))
            if marked:
                drawn.setSymbol("o")
                drawn.setSymbolSize(5)
                drawn.setSymbolPen(QPen(QColor(theme.surface), 0))
                drawn.setSymbolBrush(QColor(curve.color))
        self._line.setPen(QPen(QColor(theme.outline), 0))
        self._redraw()

    # -- read-out --------------------------------------------------------------------------

    def _hint(self) -> str:
        return (
            "Point at the curve to read it"
            if self._scaled
            else "The loss appears here as training goes"
        )

    def _hide_readout(self) -> None:
        self._line.hide()
        self.readout.setText(self._hint())

    def _on_mouse(self, place: QPointF) -> None:
        view = self.plot.getPlotItem().getViewBox()
        history = self._history
        if not view.sceneBoundingRect().contains(place) or not len(history.steps):
            self._hide_readout()
            return
        index = history.nearest(view.mapSceneToView(place).x())
        if index is None:
            return
        step = history.steps[index]
        self._line.setPos(step)
        self._line.show()
        text = f"step {step:,.0f}   loss {history.losses[index]:.4f}"
        text += f"   smoothed {history.smoothed[index]:.4f}"
        if len(history.eval_steps):
            near = int(np.abs(history.eval_steps - step).argmin())
            text += f"   validation {history.val_losses[near]:.4f}"
            text += f"   noise error {history.epsilon_errors[near]:.4f}"
        self.readout.setText(text)


def _drawable(
    x: NDArray[np.float64], y: NDArray[np.float64], log: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Copies, as the arrays go on growing; without what a logarithm cannot show."""
    if log and len(y) and y.min() <= 0:
        good = y > 0
        return x[good], y[good]
    return x.copy(), y.copy()


class _Plot(pg.PlotWidget):  # type: ignore[misc]
    """Keys and double clicks that people try."""

    left = pg.QtCore.Signal()

    def leaveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().leaveEvent(event)
        self.left.emit()

    def mouseDoubleClickEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self.getPlotItem().enableAutoRange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_A:
            self.getPlotItem().enableAutoRange()
        else:
            super().keyPressEvent(event)
