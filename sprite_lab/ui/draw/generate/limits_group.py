"""The group for limits of a sprite: palette, symmetry, tiling, silhouette."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox

from sprite_lab.core.model_info import ModelInfo
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.words import tr

#: Side of the picture of nine copies, in logical pixels: each pixel of a 16x16 sprite is 2x2.
_TILED = 96

_LIMITS = (
    (
        "lock_palette",
        tr("Only colors of the palette"),
        tr("Draw with nothing but the colors of the palette below the canvas, and transparency."),
    ),
    ("symmetric", tr("Left and right alike"), tr("The right half is the left one, mirrored.")),
    (
        "tile",
        tr("Seamless tile"),
        tr("The sprite goes on across its borders, so that copies of it lie side by side unseen."),
    ),
    (
        "keep_alpha",
        tr("Keep the silhouette"),
        tr("Draw within what is drawn: what is transparent stays so, and nothing else is."),
    ),
)

#: What the history says of a switch that goes on, and off.
_WORDS = {
    "lock_palette": (tr("Set palette lock"), tr("Lift palette lock")),
    "symmetric": (tr("Set symmetry"), tr("Lift symmetry")),
    "tile": (tr("Set tiling"), tr("Lift tiling")),
}


class LimitsGroup(FoldGroup):
    """Switches for the palette lock, symmetry, tiling and the silhouette."""

    asked = Signal(str, object, object)  #: as of :class:`ClassGroup`
    everywhere_wanted = Signal()  #: all cells are to be asked for what this one is

    def __init__(self) -> None:
        super().__init__(tr("Keep to"), name="draw.group.limits")
        self._model: ModelInfo | None = None
        self._boxes: dict[str, QCheckBox] = {}
        self._reason = dim_label(name="draw.limits.reason")
        self._tiled = named(SpriteView(), "draw.tiled", tr("Nine copies side by side"))
        self._tiled.setToolTip(tr("Three by three copies, as the sprite lies as a tile"))
        self._tiled.setFixedHeight(_TILED)
        for name, text, tip in _LIMITS:
            box = named(QCheckBox(text), f"draw.{name}", tip=tip)
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
            tr("Give all cells of the project these limits and the guidance, the blank ones too"),
        )
        everywhere.clicked.connect(self.everywhere_wanted)
        self.add(everywhere)
        self.set_model(None)

    def set_model(self, model: ModelInfo | None) -> None:
        """Grey out what a model cannot do, with the reason; None = no model."""
        self._model = model
        reason = ""
        if model is not None and not model.draws_alpha:
            reason = tr(
                "This model draws no alpha, so it cannot keep a silhouette: open one that was "
                "trained on transparent sprites."
            )
        box = self._boxes["keep_alpha"]
        allow(box, reason, _LIMITS[3][2])
        self._reason.setText(reason)
        self._reason.setVisible(bool(reason))

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        """Show what is asked for in the chosen cells, of which the first is on the canvas."""
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
        silhouette = tr("Set silhouette lock"), tr("Lift silhouette lock")
        self.asked.emit(_WORDS.get(name, silhouette)[not on], None, {name: on})
