"""The dialog that rotates a selection, or chosen cells, by any angle, with a preview."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QWidget

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.core.config.base import Setting
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.shell.dialogs import in_order
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import tr

_ANGLE = Setting(
    tr("Angle"), tip=tr("Angle: clockwise, in degrees"), low=-180, high=180, step=1, unit="°"
)


class RotateDialog(QDialog):
    """Shows the selection, or else the chosen cells, rotated."""

    def __init__(self, editor: CellEditor, parent: QWidget) -> None:
        super().__init__(parent)
        self._editor = editor
        self.setObjectName("rotate")
        self.setWindowTitle(tr("Rotate"))
        self.shown = named(SpriteGrid(), "rotate.shown", tr("Preview"))
        self.angle = NumberField(_ANGLE, 15, name="rotate.angle")
        do = push_button("rotate.do", tr("Rotate"), tip=tr("One undo step"), primary=True)
        cancel = push_button("rotate.cancel", tr("Cancel"), tip=tr("Change nothing (Esc)"))
        about = dim_label(tr("Every angle starts from the original drawing; no new colors appear."))
        about.setWordWrap(True)
        vbox(
            (self.shown, 1),
            self.angle,
            about,
            hbox(..., *in_order(do, cancel)),
            on=self,
            margins=(16, 16, 16, 12),
        )
        self.resize(420, 440)
        self.angle.changed.connect(self._show)
        do.clicked.connect(self._rotate)
        cancel.clicked.connect(self.reject)
        self._show()

    def _show(self, *_: object) -> None:
        self.shown.set_sprites(self._editor.rotated(self.angle.value))

    def _rotate(self) -> None:
        self._editor.rotate(self.angle.value)
        self.accept()
