"""Numbered plots, each with a sentence, in as many columns as fit."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.ui.layouts import grid, vbox
from sprite_lab.ui.parts import PartSpec
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.fields.inspector import dim_label, heading
from sprite_lab.ui.widgets.plots.plot import Plot
from sprite_lab.ui.widgets.sprites.indices import with_indices
from sprite_lab.words import tr

#: Width of the numbers and the title on the left at the usual text size, in pixels.
_AXIS = 64

#: Height of a row with text, legend, axes and a readable plot, in logical pixels at the usual text
#: size.
_ROW = 230


class NumberedPlots(QWidget):
    """Plots in as many columns as fit, up to ``most``, or one at a time. The page places
    ``readout``.

    ``column``: minimum width of a column, in logical pixels at the usual text size.
    """

    def __init__(self, lab: Lab, name: str, *, most: int, column: int) -> None:
        super().__init__()
        self._most, self._column = most, column
        self._lab = lab
        self.plots: dict[str, Plot] = {}
        self.words: dict[str, QLabel] = {}  #: the sentence of each plot
        self.readout = HintLabel(
            tr("Point at a plot to read it"), name=f"{name}.readout", steady=True
        )
        self._cells: list[tuple[QWidget, Plot | None]] = []  # text, and the plot below it
        self._parts: list[PartSpec] = []
        self._single = False
        #: the current arrangement: columns, whether one plot is shown at a time, number of cells
        self._arranged = 0, False, 0
        self._grid = grid(on=self, across=16)
        theme_manager().text_resized.connect(self._line_up)

    def add_plot(self, name: str, title: str, short: str, y: str, x: str = "") -> Plot:
        """Add the plot ``measure.<name>``; ``short``: a title of a word or two."""
        plot = Plot(self._lab, name=f"measure.{name}", title=title, x=x, y=y)
        plot.share_readout(self.readout)
        words = dim_label(name=f"measure.{name}.words")
        head, number = QWidget(), len(self._cells) + 1
        vbox(heading(with_indices(f"{number}. {title}")), words, ..., on=head, spacing=2)
        self.plots[name], self.words[name] = plot, words
        self._cells.append((head, plot))
        self._parts.append(PartSpec(name, f"{number} {short}", (head, plot), title))
        self._arrange(2)
        self._line_up()
        return plot

    def add_corner(self, corner: QWidget, title: str, tip: str) -> None:
        """Add ``corner`` after the plots, such as their sum."""
        self._cells.append((corner, None))
        self._parts.append(PartSpec("sum", title, (corner,), tip))
        self._arrange(2)

    def _line_up(self) -> None:
        """Align the axes of plots below one another."""
        for plot in self.plots.values():
            plot.item.getAxis("left").setWidth(round(_AXIS * theme_manager().text_scale))

    # -- columns -------------------------------------------------------------------------

    def parts(self) -> tuple[PartSpec, ...]:
        """The plots by their numbers and short titles, and the corner."""
        return tuple(self._parts)

    def set_single(self, single: bool) -> None:
        """Set whether only one plot is shown, which then takes all the space."""
        self._single = single
        self._arrange(1 if single else 2)
        self._reflow()

    def _arrange(self, columns: int) -> None:
        if (columns, self._single, len(self._cells)) == self._arranged:
            return
        rows = 1 if self._single else -(-len(self._cells) // columns)
        for row in range(2 * len(self._cells)):  # including those of rows that no longer exist
            self._grid.setRowStretch(row, 0)
        self._arranged = columns, self._single, len(self._cells)
        for index, (words, plot) in enumerate(self._cells):
            row, column = (0, 0) if self._single else divmod(index, columns)
            # Texts are in rows of their own, so that adjacent plots start at the same height.
            self._grid.addWidget(words, 2 * row, column, 1 if plot else 2, 1)
            if plot is not None:
                self._grid.addWidget(plot, 2 * row + 1, column)
        for index in range(self._most):
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
        if not self._single:
            self._arrange(self._columns_in(self.width()))

    def _columns_in(self, width: int) -> int:
        each = max(self._widest, round(self._column * theme_manager().text_scale))
        gap = self._grid.horizontalSpacing()
        return min(max((width + gap) // (each + gap), 1), self._most)

    def least_height(self, width: int) -> int:
        """The minimum height at which all are readable together at a width, in logical pixels."""
        rows = math.ceil(len(self._cells) / self._columns_in(width))
        return round(rows * _ROW * theme_manager().text_scale)
