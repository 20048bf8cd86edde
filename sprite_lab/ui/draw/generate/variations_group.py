"""The group for variations of a seed: sprites from noises near the cell's own."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSpinBox, QWidget

from sprite_lab.app.draw.config_words import variation_words
from sprite_lab.core.config.base import Setting
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.text import plain
from sprite_lab.ui.theme import tabular
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button
from sprite_lab.ui.widgets.fields.calm import allow, calm
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.words import tr

_TIP = tr(
    "Draw variations of the cell on the canvas, from noises around its own, into the other chosen "
    "cells, or else into the next blank ones"
)


class VariationsGroup(FoldGroup):
    """Makes variations of the current cell, and shows how its seed is varied."""

    wanted = Signal(int, float)  #: how many, and the share of the way to another noise (0..1)
    asked = Signal(str, object, object)  #: as of :class:`ClassGroup`

    def __init__(self) -> None:
        super().__init__(tr("Variations of this seed"), name="draw.group.vary", opened=False)
        self._share = NumberField(
            Setting(
                tr("Difference"),
                tip=tr(
                    "Difference: how far the noise is turned, along an arc, towards another one.\n"
                    "100 % is a sprite of its own."
                ),
                low=1,
                high=100,
                unit=" %",
            ),
            20,
            name="draw.vary.share",
        )
        self._count = calm(QSpinBox(), "draw.vary.count", tr("How many"), tr("How many variations"))
        self._count.setRange(1, 64)
        self._count.setValue(4)
        self._count.setFont(tabular(self._count.font()))
        self._make = push_button("draw.vary", tr("Make variations"), "dice", _TIP)
        self._text = dim_label(name="draw.vary.text")
        self._clear = IconButton(
            "draw.vary.clear", "close", tr("Back to the noise of the seed itself")
        )
        self._now = QWidget()
        hbox((self._text, 1), self._clear, on=self._now, spacing=6)
        self.add_row(tr("Difference"), self._share)
        self.add_layout(hbox(self._count, (self._make, 1)))
        self.add(self._now)
        self._make.clicked.connect(
            lambda: self.wanted.emit(self._count.value(), self._share.value / 100)
        )
        self._clear.clicked.connect(
            lambda: self.asked.emit(tr("Back to the seed"), None, {"variations": ()})
        )

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        """Show how the noise of the first chosen cell is varied, if it is."""
        variations = chosen[0].conditions.variations
        self._text.setText(
            tr("Its noise: {variation_words}.", variation_words=variation_words(variations))
        )
        self._now.setVisible(any(cell.conditions.variations for cell in chosen))
        others = len(chosen) - 1
        self._count.setEnabled(not others)
        self._count.setToolTip(
            plain(
                tr("As many as there are other chosen cells: {others}", others=others)
                if others
                else tr("How many variations")
            )
        )

    def set_problem(self, problem: str) -> None:
        """Grey out with the reason; "" = it can be done."""
        allow(self._make, problem, _TIP)
