"""Dialogs that preview an edit of the chosen cells, and apply it if confirmed."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.core.config.base import Setting
from sprite_lab.core.drawing import CleanUp
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import Part, hbox, vbox
from sprite_lab.ui.shell.dialogs import in_order
from sprite_lab.ui.text import Label
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import tr, trn

_ANGLE = Setting(
    tr("Angle"), tip=tr("Angle: clockwise, in degrees"), low=-180, high=180, step=1, unit="°"
)


def _preview(name: str, label: str) -> SpriteGrid:
    """A grid of sprites that cannot get the focus."""
    grid = named(SpriteGrid(), name, label)
    grid.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return grid


class _EditDialog(QDialog):
    """A preview, settings, and the buttons ``<name>.do`` and ``<name>.cancel``."""

    def __init__(self, editor: CellEditor, parent: QWidget, name: str, title: str) -> None:
        super().__init__(parent)
        self._editor = editor
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.do = push_button(f"{name}.do", title, tip=tr("One undo step"), primary=True)
        self._cancel = push_button(f"{name}.cancel", tr("Cancel"), tip=tr("Change nothing (Esc)"))
        self.do.clicked.connect(self._do)
        self._cancel.clicked.connect(self.reject)

    def _lay_out(self, *parts: Part, said: Part, width: int) -> None:
        """Lay out the dialog, ``said`` beside the buttons; ``width``: in logical pixels."""
        last = hbox(said, *in_order(self.do, self._cancel))
        vbox(*parts, last, on=self, margins=(16, 16, 16, 12))
        self.resize(width, 440)

    def _do(self) -> None:
        self._edit()
        self.accept()

    @abstractmethod
    def _edit(self) -> None:
        """Apply the edit."""


class RotateDialog(_EditDialog):
    """Shows the selection, or else the chosen cells, rotated by any angle."""

    def __init__(self, editor: CellEditor, parent: QWidget) -> None:
        super().__init__(editor, parent, "rotate", tr("Rotate"))
        self.shown = _preview("rotate.shown", tr("Preview"))
        self.angle = NumberField(_ANGLE, 15, name="rotate.angle")
        about = dim_label(tr("Every angle starts from the original drawing; no new colors appear."))
        self._lay_out((self.shown, 1), self.angle, about, said=..., width=420)
        self.angle.changed.connect(self._show)
        self._show()

    def _show(self, *_: object) -> None:
        self.shown.set_sprites(self._editor.rotated(self.angle.value))

    def _edit(self) -> None:
        self._editor.rotate(self.angle.value)


class CleanUpDialog(_EditDialog):
    """Shows the chosen cells that would change (all of them if none would), before and after."""

    def __init__(self, session: DrawSession, editor: CellEditor, parent: QWidget) -> None:
        super().__init__(editor, parent, "clean_up", tr("Clean up"))
        self._session = session
        self.form = Form(CleanUp(), self, name="clean_up")
        self.before = _preview("clean_up.before", tr("Before"))
        self.after = _preview("clean_up.after", tr("After"))
        columns = [
            vbox(dim_label(title), (grid, 1), spacing=4)
            for title, grid in ((tr("Before"), self.before), (tr("After"), self.after))
        ]
        self.said = named(Label(wrap=True), "clean_up.said")
        self._lay_out(
            (hbox((columns[0], 1), (columns[1], 1), spacing=12), 1),
            *(self.form.add(path) for path in ("outlines", "lone", "rare")),
            said=(self.said, 1),
            width=620,
        )
        self.form.changed.connect(self._show)
        self._show()

    def _edit(self) -> None:
        self._editor.clean_up(self.form.value)

    def _show(self) -> None:
        project = self._session.project
        after = self._editor.cleaned(self.form.value)
        shown = after or {i: project.cell(i) for i in self._session.chosen}
        old = np.stack([project.cell(i).rgba for i in shown])
        new = np.stack([cell.rgba for cell in shown.values()])
        pixels = int((old != new).any(axis=3).sum())
        self.before.set_sprites(old)
        self.after.set_sprites(new)
        nothing = tr("The selected cells need no such cleanup.")
        allow(self.do, "" if after else nothing)
        cells = trn("{n} cell", "{n} cells", len(after))
        many = trn(
            "{n:,} pixel in {cells} would change.",
            "{n:,} pixels in {cells} would change.",
            pixels,
            cells=cells,
        )
        where = "" if self._session.tools.selection is None else tr(" Selection only.")
        self.said.setText((many if after else nothing) + where)
