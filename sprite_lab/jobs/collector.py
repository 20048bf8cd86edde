"""Python's garbage collector, confined to the UI thread."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

#: Milliseconds between checks for enough garbage.
EVERY_MS = 500

#: The first check waits until the app has started: what is created until then stays.
FIRST_MS = 3000


class Collector(QObject):
    """Collects on the thread that creates it, and nowhere else.

    By default Python collects on whichever thread happens to allocate. Widgets, menus and plot
    items form reference cycles, so a worker might destroy them, which crashes Qt: what lives on the
    UI thread must end there.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect)
        self._timer.start(FIRST_MS)

    def collect(self) -> None:
        """Collect the oldest generation that is due, as Python would."""
        self._timer.setInterval(EVERY_MS)
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return

    def settle(self) -> None:
        """Exclude everything that exists now, because it stays: modules, the window.

        Going through all of torch again and again would take tenths of a second.
        """
        gc.freeze()

    def remove(self) -> None:
        """Restore Python's own collection."""
        self._timer.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()
