"""A dialog for choosing sprites that become characters: the user's own, or drawn and kept ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PySide6.QtWidgets import QDialog, QWidget

from sprite_lab.core.pixels.cells import Cell
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.page import scrolling
from sprite_lab.ui.shell.dialogs import in_order
from sprite_lab.ui.text import Label
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import tr, trn

#: Logical pixels for each pixel of a sprite, and the initial size of the window in logical pixels.
_SCALE, _SIZE = 3, (520, 420)

_NAMES = {
    "kept": (tr("Drawn and kept"), tr("Drawings in cells, and variations that you keep")),
    "own": (tr("My sprites"), tr("Sprites of the data set that is open")),
}


class FrontsDialog(QDialog):
    """Lets the user select some sprites.

    ``offered``: for each of ``_NAMES``, a function that returns its sprites, or why there are none.
    ``selected``: the sprites selected at first.
    """

    def __init__(
        self,
        parent: QWidget,
        offered: Mapping[str, Callable[[], Sequence[Cell] | str]],
        selected: Sequence[Cell],
    ) -> None:
        super().__init__(parent)
        self.setObjectName("fronts")
        self.setWindowTitle(tr("Characters from sprites"))
        self._offered, self._cells = offered, list[Cell]()
        # By identity, since other sprites may look the same.
        self._selected = {id(cell) for cell in selected}
        options = (Option(name, title, tip=tip) for name, (title, tip) in _NAMES.items())
        self.source = Segmented("fronts.source", tr("Sprites to choose from"), *options)
        self.grid = named(SpriteGrid(scale=_SCALE, multiple=True), "fronts.sprites", tr("Sprites"))
        area = scrolling(self.grid)
        self._said = named(Label(wrap=True), "fronts.said")
        self.do = push_button("fronts.do", "", "add", primary=True, do=self.accept)
        cancel = push_button("fronts.cancel", tr("Cancel"), tip=tr("Change nothing (Esc)"))
        last = hbox((self._said, 1), *in_order(self.do, cancel))
        vbox(hbox(self.source, ...), (area, 1), last, on=self, margins=(16, 16, 16, 12))
        self.resize(*(round(theme_manager().text_scale * side) for side in _SIZE))
        self.source.changed.connect(self.show_source)
        self.grid.selection_changed.connect(lambda _chosen: self._show_choice())
        self.grid.double_clicked.connect(lambda _index: self.accept())
        cancel.clicked.connect(self.reject)
        first = next((name for name in offered if not isinstance(offered[name](), str)), "kept")
        self.source.set_value(first)
        self.show_source(first)
        self.grid.setFocus()

    @property
    def chosen(self) -> list[Cell]:
        return [self._cells[i] for i in self.grid.selection]

    def show_source(self, name: str) -> None:
        found = self._offered[name]()
        self._cells = [] if isinstance(found, str) else list(found)
        self.grid.set_placeholder(found if isinstance(found, str) else "")
        pictures = np.stack([cell.rgba for cell in self._cells]) if self._cells else None
        self.grid.set_sprites(None)
        self.grid.set_sprites(pictures, [cell.name for cell in self._cells])
        self.grid.set_selection(i for i, c in enumerate(self._cells) if id(c) in self._selected)
        self._show_choice()

    def _show_choice(self) -> None:
        count = len(self.chosen)
        self.do.setText(trn("Make {n} character", "Make {n} characters", max(1, count)))
        allow(self.do, "" if count else tr("Select sprites first: click them."))
        self._said.setText(tr("Select those that face you, several with Ctrl or Shift."))
