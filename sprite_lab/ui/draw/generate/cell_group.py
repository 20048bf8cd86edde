"""Shared by the groups about the chosen cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtWidgets import QWidget

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.core.pixels.cells import Cell, Conditions
from sprite_lab.ui.forms import Form
from sprite_lab.ui.widgets.fields.inspector import FoldGroup
from sprite_lab.words import tr

#: What changes are called in the history, and those that switch off; others go by their label.
_WORDS = {
    "guidance_scale": (tr("Set guidance"), ""),
    "lock_palette": (tr("Set palette lock"), tr("Remove palette lock")),
    "symmetric": (tr("Set symmetry"), tr("Remove symmetry")),
    "tile": (tr("Set tiling"), tr("Remove tiling")),
    "keep_alpha": (tr("Set silhouette lock"), tr("Remove silhouette lock")),
}


class CellGroup(FoldGroup):
    """A group of the inspector that shows the chosen cells and edits them."""

    def __init__(self, title: str, editor: CellEditor, *, name: str, opened: bool = True) -> None:
        super().__init__(title, name=f"draw.group.{name}", opened=opened)
        self._editor, self._session = editor, editor.session
        self.form = Form(Conditions(), self, name="draw", names={"guidance_scale": "guidance"})

    def add_settings(self, below: Mapping[str, QWidget] | None = None) -> None:
        """Add the fields of the conditions that name this group, as :meth:`Form.group` does."""
        for path in self.form.fill(self, below=below):
            self.form.on_edit(path, partial(self._on_edit, path))

    def _on_edit(self, path: str, value: object) -> None:
        label = self.form.label(path)
        usual = tr("Set “{label}”", label=label), tr("Remove “{label}”", label=label)
        words = _WORDS.get(path, usual)[value is False]
        self._editor.ask(words, None if isinstance(value, bool) else path, {path: value})

    def set_model(self, model: ModelInfo | None, names: Sequence[str]) -> None:
        """Offer what a model can do, and the available classes; None = no model."""

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        """Show the chosen cells; the first one is on the canvas."""
