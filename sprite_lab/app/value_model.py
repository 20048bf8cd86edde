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
    """

    changed = Signal(object, object)

    def __init__(self, value: T, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._value = value

    @property
    def value(self) -> T:
        return self._value

    def set(self, value: T) -> None:
        """Take another value and tell of it."""
        old = self._value
        if value is old or value == old:
            return
        self._value = value
        self.changed.emit(value, old)

    def replace(self, **fields: Any) -> None:
        """Set some fields of a value that is a frozen dataclass."""
        self.set(dataclasses.replace(self._value, **fields))  # type: ignore[type-var]
