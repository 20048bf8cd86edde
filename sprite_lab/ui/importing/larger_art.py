"""The question what to do with art that is larger than the sprites of the set."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from sprite_lab.app.files.importing import Importing
from sprite_lab.core.sets.imports import CELLS, ImportPlan
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.text import Label
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import named


class LargerArt(QWidget):
    """Seen only where something was left out for its size."""

    def __init__(self, importing: Importing) -> None:
        super().__init__()
        self.setObjectName("import.larger_art")
        self._importing = importing
        self._side = 0
        self._text = named(Label(), "import.larger_art.text")
        self._text.setWordWrap(True)
        self._size = push_button(
            "import.larger_art.size",
            "Larger sprites",
            tip="Make sprites of that size, so that everything keeps all its pixels",
        )
        reduce = push_button(
            "import.larger_art.reduce",
            "Reduce it",
            tip="Take every second (third, …) pixel, which loses detail",
        )
        crop = push_button("import.larger_art.crop", "Keep its middle", tip="Cut off the rest")
        hbox((self._text, 1), self._size, reduce, crop, on=self, margins=(16, 8, 8, 0))
        self._size.clicked.connect(
            lambda: importing.choose(replace(importing.choices, cell=self._side))
        )
        reduce.clicked.connect(
            lambda: importing.choose(replace(importing.choices, larger="nearest"))
        )
        crop.clicked.connect(lambda: importing.choose(replace(importing.choices, larger="crop")))
        self.hide()

    def show_plan(self, plan: ImportPlan | None) -> None:
        """Ask where art of a plan was left out for its size."""
        largest = plan.left_out if plan is not None and plan.choices.larger == "refuse" else 0
        self.setVisible(largest > 0)
        if plan is None or not largest:
            return
        cell = plan.choices.cell
        self._text.setText(
            f"Some art is larger than {cell} × {cell} pixels (up to {largest}) and is left out."
        )
        self._side = next((side for side in CELLS if side >= largest), 0)
        self._size.setVisible(self._side > 0)
        self._size.setText(f"Sprites of {self._side} × {self._side}")
