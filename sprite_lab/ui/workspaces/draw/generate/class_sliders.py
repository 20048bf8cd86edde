"""A slider for the weight of each class: the context vector of the course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from sprite_lab.app.text_format import class_words
from sprite_lab.ui.widgets.inspector import LABEL_WIDTH
from sprite_lab.ui.widgets.number_field import NumberField


class ClassSliders(QWidget):
    """Parts: ``<name>.<class>``, a NumberField each.

    Signals
    -------
    changed : class and weight (0..1).
    """

    changed = Signal(str, float)

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._fields: dict[str, NumberField] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, LABEL_WIDTH)
        self._grid.setColumnStretch(1, 1)

    def set_classes(self, names: Sequence[str]) -> None:
        """Offer the classes there are."""
        if tuple(names) == tuple(self._fields):
            return
        while (item := self._grid.takeAt(0)) is not None:
            part = item.widget()
            if part is not None:
                part.hide()
                part.deleteLater()
        self._fields = {}
        for row, name in enumerate(names):
            words = class_words(name)
            field = NumberField(
                words,
                0,
                1,
                0,
                name=f"{self.objectName()}.{name}",
                step=0.05,
                decimals=2,
                tip=f"How much “{words}” there is in the mix: 0 = none of it, 1 = all of it.",
            )
            field.changed.connect(lambda value, name=name: self.changed.emit(name, value))
            label = QLabel(words)
            label.setBuddy(field)
            label.setToolTip(field.toolTip())
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(field, row, 1)
            self._fields[name] = field

    def show_mixes(self, mixes: Sequence[Mapping[str, float]]) -> None:
        """Show the weights of the first mix, and where others differ from it."""
        for name, field in self._fields.items():
            values = [mix.get(name, 0.0) for mix in mixes]
            with QSignalBlocker(field):
                field.set_value(values[0])
                field.set_several(len(set(values)) > 1)
