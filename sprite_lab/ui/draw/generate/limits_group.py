"""The group for limits of a sprite: palette, symmetry, tiling, silhouette."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.ui.draw.generate.cell_group import CellGroup
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.words import tr

#: Side of the picture of nine copies, in logical pixels: each pixel of a 16x16 sprite is 2x2.
_TILED = 96


class LimitsGroup(CellGroup):
    """Switches for the palette lock, symmetry, tiling and the silhouette."""

    def __init__(self, editor: CellEditor) -> None:
        super().__init__(tr("Limit to"), editor, name="limits")
        self._no_alpha = ""
        self._reason = dim_label(name="draw.limits.reason")
        tip = tr("Three by three copies, as a tile repeats")
        self._tiled = named(SpriteView(), "draw.tiled", tr("Nine copies side by side"), tip)
        self._tiled.setFixedHeight(_TILED)
        self.add_settings({"tile": self._tiled})
        self.form.gray("keep_alpha", lambda _: self._no_alpha)
        self.add(self._reason)
        everywhere = push_button(
            "draw.limits.everywhere",
            tr("Same for all cells"),
            "copy",
            tr("Apply these limits and the guidance to all cells of the project, blank ones too"),
            do=editor.share_conditions,
        )
        self.add(everywhere)
        self.set_model(None, ())

    def set_model(self, model: ModelInfo | None, names: Sequence[str]) -> None:
        self._no_alpha = ""
        if model is not None and not model.draws_alpha:
            self._no_alpha = tr(
                "This model draws no alpha, so it cannot keep a silhouette: open one trained on "
                "transparent sprites."
            )
        self.form.refresh()
        self._reason.setText(self._no_alpha)
        self._reason.setVisible(bool(self._no_alpha))

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        tiles = any(cell.conditions.tile for cell in chosen)
        self._tiled.setVisible(tiles)
        if tiles:
            self._tiled.set_image(np.tile(chosen[0].rgba, (3, 3, 1)))
