"""One value that others watch."""

from __future__ import annotations

import dataclasses
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Signal

T = TypeVar("T")


class ValueModel(QObject, Generic[T]):
    """Holds one immutable value and says when it becomes another. UI thread.

    Signals
    -------
    changed : the new value, the old one; only if they differ.
    became_known : a value was set for the first time, even if it is what the model was made with.
    """

    changed = Signal(object, object)
    became_known = Signal()

    def __init__(self, value: T, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._value = value
        self._is_known = False

    @property
    def value(self) -> T:
        return self._value

    @property
    def is_known(self) -> bool:
        """Whether a value was ever set: before, it is that of the beginning."""
        return self._is_known

    def set(self, value: T) -> None:
        """Take another value and tell of it."""
        old, was_known = self._value, self._is_known
        self._is_known = True
        if not (value is old or value == old):
            self._value = value
            self.changed.emit(value, old)
        if not was_known:
            self.became_known.emit()

    def replace(self, **fields: Any) -> None:
        """Set some fields of a value that is a frozen dataclass."""
        self.set(dataclasses.replace(self._value, **fields))  # type: ignore[type-var]
