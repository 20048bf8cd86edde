"""The group for limits of a sprite: palette, symmetry, tiling, silhouette."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.core.config.base import settings_of
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.core.pixels.cells import Cell, Conditions
from sprite_lab.ui.draw.generate.cell_group import CellGroup
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.words import tr

#: Side of the picture of nine copies, in logical pixels: each pixel of a 16x16 sprite is 2x2.
_TILED = 96

#: Names of switching each limit on and off in the history.
_WORDS = {
    "lock_palette": (tr("Set palette lock"), tr("Remove palette lock")),
    "symmetric": (tr("Set symmetry"), tr("Remove symmetry")),
    "tile": (tr("Set tiling"), tr("Remove tiling")),
    "keep_alpha": (tr("Set silhouette lock"), tr("Remove silhouette lock")),
}


class LimitsGroup(CellGroup):
    """Switches for the palette lock, symmetry, tiling and the silhouette."""

    def __init__(self, editor: CellEditor) -> None:
        super().__init__(tr("Limit to"), editor, name="limits")
        self._boxes: dict[str, QCheckBox] = {}
        self._reason = dim_label(name="draw.limits.reason")
        self._tiled = named(SpriteView(), "draw.tiled", tr("Nine copies side by side"))
        self._tiled.setToolTip(tooltip(tr("Three by three copies, as a tile repeats")))
        self._tiled.setFixedHeight(_TILED)
        for name in _WORDS:
            known = settings_of(Conditions)[name]
            box = named(QCheckBox(tr(known.label)), f"draw.{name}", tip=tr(known.tip))
            box.clicked.connect(lambda _=False, name=name: self._on_clicked(name))
            self._boxes[name] = box
            self.add(box)
            if name == "tile":
                self.add(self._tiled)
        self.add(self._reason)
        everywhere = push_button(
            "draw.limits.everywhere",
            tr("Same for all cells"),
            "copy",
            tr("Apply these limits and the guidance to all cells of the project, blank ones too"),
        )
        everywhere.clicked.connect(editor.share_conditions)
        self.add(everywhere)
        self.set_model(None, ())

    def set_model(self, model: ModelInfo | None, names: Sequence[str]) -> None:
        reason = ""
        if model is not None and not model.draws_alpha:
            reason = tr(
                "This model draws no alpha, so it cannot keep a silhouette: open one trained on "
                "transparent sprites."
            )
        allow(self._boxes["keep_alpha"], reason, tr(settings_of(Conditions)["keep_alpha"].tip))
        self._reason.setText(reason)
        self._reason.setVisible(bool(reason))

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        for name, box in self._boxes.items():
            values = {getattr(cell.conditions, name) for cell in chosen}
            with QSignalBlocker(box):
                box.setTristate(len(values) > 1)
                if len(values) > 1:
                    box.setCheckState(Qt.CheckState.PartiallyChecked)
                else:
                    box.setChecked(values == {True})
        tiles = any(cell.conditions.tile for cell in chosen)
        self._tiled.setVisible(tiles)
        if tiles:
            self._tiled.set_image(np.tile(chosen[0].rgba, (3, 3, 1)))

    def _on_clicked(self, name: str) -> None:
        box = self._boxes[name]
        on = box.checkState() != Qt.CheckState.Unchecked
        box.setTristate(False)
        self._editor.ask(_WORDS[name][not on], None, {name: on})
