"""A list for choosing the class of all variations."""

from __future__ import annotations

from collections.abc import Sequence

from sprite_lab.app.draw.generate.batch_drawing import BatchDrawing
from sprite_lab.app.shell.text_format import class_words
from sprite_lab.ui.widgets.fields.calm import calm, fill
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.words import tr


class ClassChoice(ElidedComboBox):
    """Lists the classes; the first entry means that of the cell, or all classes in turn.

    All lists share the choice, see :attr:`BatchDrawing.one_class`.
    """

    def __init__(self, batches: BatchDrawing, name: str) -> None:
        super().__init__()
        self._batches = batches
        label = tr("Class of the variations")
        calm(self, name, label, tr("Class: what all of them should become"))
        self.activated.connect(lambda: batches.draw_class(self.currentData()))

    def offer(self, names: Sequence[str]) -> None:
        in_turn = len(self._batches.classes) > 1
        usual = tr("each class in turn") if in_turn else tr("as the cell asks")
        fill(self, [(usual, ""), *((class_words(name), name) for name in names)])
        self.setCurrentIndex(max(0, self.findData(self._batches.one_class)))
