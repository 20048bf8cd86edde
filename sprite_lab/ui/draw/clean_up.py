"""The dialog that cleans up drawings, with a preview of the changes."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QDialog, QWidget

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.core.drawing import CleanUp
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.shell.dialogs import in_order
from sprite_lab.ui.text import Label, tooltip
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import tr, trn

_SIZE = 620, 440


class CleanUpDialog(QDialog):
    """Shows the chosen cells that would change, before and after."""

    def __init__(self, session: DrawSession, editor: CellEditor, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._editor = session, editor
        self.setObjectName("clean_up")
        self.setWindowTitle(tr("Clean up"))
        self.form = Form(CleanUp(), name="clean_up")
        self.form.setParent(self)
        self.before = named(SpriteGrid(), "clean_up.before", tr("Before"))
        self.after = named(SpriteGrid(), "clean_up.after", tr("After"))
        columns = [
            vbox(dim_label(title), (grid, 1), spacing=4)
            for title, grid in ((tr("Before"), self.before), (tr("After"), self.after))
        ]
        self.said = named(Label(wrap=True), "clean_up.said")
        self.do = push_button("clean_up.do", tr("Clean up"), primary=True)
        cancel = push_button("clean_up.cancel", tr("Cancel"), tip=tr("Change nothing (Esc)"))
        vbox(
            (hbox((columns[0], 1), (columns[1], 1), spacing=12), 1),
            *(self.form.add(path) for path in ("outlines", "lone", "rare")),
            hbox((self.said, 1), *in_order(self.do, cancel)),
            on=self,
            margins=(16, 16, 16, 12),
        )
        self.resize(*_SIZE)
        self.form.changed.connect(self._show)
        self.do.clicked.connect(self._clean)
        cancel.clicked.connect(self.reject)
        self._show()

    def _clean(self) -> None:
        self._editor.clean_up(self.form.value)
        self.accept()

    def _show(self) -> None:
        project = self._session.project
        after = self._editor.cleaned(self.form.value)
        shown = after or {i: project.cell(i) for i in self._session.chosen}
        old = np.stack([project.cell(i).rgba for i in shown])
        new = np.stack([cell.rgba for cell in shown.values()])
        pixels = int((old != new).any(axis=3).sum())
        self.before.set_sprites(old)
        self.after.set_sprites(new)
        self.do.setEnabled(bool(after))
        nothing = tr("The selected cells need no such cleanup.")
        self.do.setToolTip(tooltip(tr("One undo step") if after else nothing))
        cells = trn("{n} cell", "{n} cells", len(after))
        many = trn(
            "{n:,} pixel in {cells} would change.",
            "{n:,} pixels in {cells} would change.",
            pixels,
            cells=cells,
        )
        where = "" if self._session.tools.selection is None else tr(" Selection only.")
        self.said.setText((many if after else nothing) + where)
