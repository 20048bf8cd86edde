"""Two whole numbers that belong together, as width and height."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QSpinBox, QWidget

from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.text import Label
from sprite_lab.ui.theme import tabular
from sprite_lab.ui.widgets.fields.calm import calm


class NumberPair(QWidget):
    """The fields are ``<name>.x`` and ``<name>.y``."""

    changed = Signal(object)  #: (y, x), by a person

    def __init__(
        self,
        label: str,
        words: tuple[str, str],
        *,
        name: str,
        least: int = 0,
        most: int = 4096,
        between: str = "×",
        tip: str = "",
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self._fields: list[QSpinBox] = []
        row = hbox(on=self, spacing=4)
        for axis, word in zip("xy", words, strict=True):
            field = calm(QSpinBox(), f"{name}.{axis}", f"{label}, {word}", f"{tip} ({word})")
            field.setRange(least, most)
            field.setKeyboardTracking(False)
            field.setMinimumWidth(56)
            field.setFont(tabular(field.font()))
            field.valueChanged.connect(self._on_change)
            if self._fields:
                sign = Label(between)
                sign.setFixedWidth(12)
                sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
                row.addWidget(sign)
            row.addWidget(field, 1)
            self._fields.append(field)
        self.setFocusProxy(self._fields[0])

    @property
    def value(self) -> tuple[int, int]:
        """(y, x)."""
        x, y = (field.value() for field in self._fields)
        return y, x

    def set_value(self, value: tuple[int, int]) -> None:
        """Show (y, x); no signal comes of it."""
        for field, number in zip(self._fields, reversed(value), strict=True):
            with QSignalBlocker(field):
                field.setValue(number)

    def _on_change(self, _value: int) -> None:
        self.changed.emit(self.value)
