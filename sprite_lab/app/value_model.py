"""An observable value."""

from __future__ import annotations

import dataclasses
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal

T = TypeVar("T")


class ValueModel(QObject, Generic[T]):
    """Holds one immutable value and signals its changes. UI thread."""

    changed = Signal(object, object)  #: the new and the old value; emitted only if they differ
    #: a value was set for the first time, even if it equals the initial one
    became_known = Signal()

    def __init__(self, value: T, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._value = value
        #: whether a value was ever set; until then, the value is the initial one
        self.is_known = False

    @property
    def value(self) -> T:
        return self._value

    def set(self, value: T) -> None:
        old, was_known = self._value, self.is_known
        self.is_known = True
        if not (value is old or value == old):
            self._value = value
            self.changed.emit(value, old)
        if not was_known:
            self.became_known.emit()

    def replace(self, **fields: object) -> None:
        """Change some fields of the value, a frozen dataclass."""
        self.set(dataclasses.replace(self._value, **fields))  # type: ignore[type-var]
