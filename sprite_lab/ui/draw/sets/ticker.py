"""A timer for animations that runs only while they are visible."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget


class Ticker(QTimer):
    """Calls ``tick`` every ``interval`` milliseconds while it is on and ``seen`` is visible."""

    def __init__(self, seen: QWidget, interval: int, tick: Callable[[], None]) -> None:
        super().__init__(seen, interval=interval)
        self._seen, self._is_on = seen, False
        self.timeout.connect(tick)
        seen.installEventFilter(self)

    def set_on(self, on: bool) -> None:
        self._is_on = on
        if not (on and self._seen.isVisible()):
            self.stop()
        elif not self.isActive():  # otherwise the interval would start over
            self.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            self.set_on(self._is_on)
        return super().eventFilter(watched, event)
