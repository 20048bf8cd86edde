"""Python's garbage collector, confined to the UI thread; and what the allocator keeps."""

from __future__ import annotations

import ctypes
import gc
import sys

from PySide6.QtCore import QObject, QTimer

#: Milliseconds between checks for enough garbage.
EVERY_MS = 500

#: The first check waits until the app has started: what is created until then stays.
FIRST_MS = 3000

#: Milliseconds between returns of freed memory.
GIVE_BACK_MS = 60_000


def give_back() -> None:
    """Return freed memory to the system, which takes 20 ms for 40 MB, and otherwise 0.1 ms.

    glibc keeps what lies below anything in use: 30 to 120 MB after some minutes of drawing or
    browsing. Other systems return it by themselves.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)


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
        self._giving = QTimer(self)
        self._giving.timeout.connect(give_back)
        self._giving.start(GIVE_BACK_MS)

    def collect(self) -> None:
        """Collect the oldest generation that is due, as Python would."""
        self._timer.setInterval(EVERY_MS)
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return

    def settle(self) -> None:
        """Exclude what exists now and stays, such as modules and the window: torch alone takes 0.1
        s or more each time.
        """
        gc.freeze()

    def remove(self) -> None:
        """Restore Python's own collection."""
        self._timer.stop()
        self._giving.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()
