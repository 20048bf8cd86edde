"""Python's collector of garbage, kept to the UI thread."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

#: How often it is looked whether there is enough to collect, in milliseconds.
EVERY_MS = 500

#: The first look waits until the app has started: what comes into being until then stays.
FIRST_MS = 3000


class Collector(QObject):
    """Collects on the thread that it is made on, and nowhere else.

    Of its own accord Python collects on whichever thread happens to allocate. Widgets, menus and
    items of plots refer to each other in circles, so a worker would come to destroy them, and
    Qt dies of that: what lives on the UI thread has to end there.
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
        """Leave out what is there now, as it is there to stay: modules, the window.

        To go through all of torch again and again would take tenths of a second.
        """
        gc.freeze()

    def remove(self) -> None:
        """Let Python collect as it did before."""
        self._timer.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()
