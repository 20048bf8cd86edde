"""The uncertainty of a curve, as a band around it."""

from __future__ import annotations

import pyqtgraph as pg
from numpy.typing import ArrayLike
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from sprite_lab.ui.theme import Theme, ThemeManager
from sprite_lab.ui.widgets.plot import Plot

_OPACITY = 60  # of 255


class Band(QObject):
    """Fills what lies between two curves, in the colour of the curve ``which``."""

    def __init__(self, theme: ThemeManager, plot: Plot, which: int) -> None:
        super().__init__(plot)  # so that it hears of no theme once the plot is gone
        self._which = which
        self._low, self._high = pg.PlotDataItem(), pg.PlotDataItem()
        self._fill = pg.FillBetweenItem(self._low, self._high)
        self._fill.setZValue(-10)  # behind the curves
        for item in (self._low, self._high, self._fill):
            plot.item.addItem(item)
        for item in (self._low, self._high):
            item.setPen(None)
        theme.changed.connect(self._paint)
        self._paint(theme.theme)

    def set(self, x: ArrayLike, low: ArrayLike, high: ArrayLike) -> None:
        """Draw (K,) points."""
        self._low.setData(x, low)
        self._high.setData(x, high)

    def _paint(self, theme: Theme) -> None:
        colour = QColor(theme.curves[self._which % len(theme.curves)].color)
        colour.setAlpha(_OPACITY)
        self._fill.setBrush(colour)
