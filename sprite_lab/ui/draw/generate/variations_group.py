"""The group for variations of a seed: sprites from noises near the cell's own."""

from __future__ import annotations

from collections.abc import Sequence

from sprite_lab.app.draw.config_words import variation_words
from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.draw.generate.generation import CellGeneration
from sprite_lab.core.config.base import Setting
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.ui.draw.generate.cell_group import CellGroup
from sprite_lab.ui.draw.generate.drawing_over import cells_to_draw
from sprite_lab.ui.layouts import as_widget, hbox
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button
from sprite_lab.ui.widgets.fields.calm import allow
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.fields.number_field import NumberField, number_box
from sprite_lab.words import tr

_TIP = tr(
    "Draw variations of the cell on the canvas, from noises near its own, into the other "
    "selected cells, or else into the next blank ones"
)


class VariationsGroup(CellGroup):
    """Makes variations of the current cell, and shows how its seed is varied."""

    def __init__(self, editor: CellEditor, generation: CellGeneration) -> None:
        super().__init__(tr("Variations of this seed"), editor, name="vary", opened=False)
        self._generation = generation
        self._share = NumberField(
            Setting(
                tr("Difference"),
                tip=tr(
                    "Difference: how far to turn the noise toward another one.\n100% is a "
                    "different sprite."
                ),
                low=1,
                high=100,
                unit="%",
            ),
            20,
            name="draw.vary.share",
        )
        known = Setting(tr("Number"), tip=tr("Number of variations"), low=1, high=64)
        self._count = number_box(known, 4, name="draw.vary.count")
        self._make = push_button("draw.vary", tr("Make variations"), "dice", _TIP, do=self._vary)
        self._text = dim_label(name="draw.vary.text")
        self._clear = IconButton(
            "draw.vary.clear",
            "close",
            tr("Return to the noise of the seed itself"),
            do=lambda: editor.ask(tr("Back to the seed"), None, {"variations": ()}),
        )
        self._now = as_widget(hbox((self._text, 1), self._clear, spacing=6))
        self.add_row(tr("Difference"), self._share)
        self.add(hbox(self._count, (self._make, 1)), self._now)

    def _vary(self) -> None:
        others = [i for i in self._session.chosen if i != self._session.first]
        if cells_to_draw(self, self._generation, others, whole=True) is not None:
            self._generation.vary(self._count.value(), self._share.value / 100)

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        variations = chosen[0].conditions.variations
        self._text.setText(
            tr("Noise: {variation_words}.", variation_words=variation_words(variations))
        )
        self._now.setVisible(any(cell.conditions.variations for cell in chosen))
        others = len(chosen) - 1
        as_many = tr("As many as other cells are selected: {others}", others=others)
        allow(self._count, as_many if others else "")
        allow(self._make, self._session.problem, _TIP)
