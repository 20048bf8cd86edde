"""Confines Python's garbage collector to the UI thread, and returns freed memory to the system."""

from __future__ import annotations

import ctypes
import gc
import sys

from PySide6.QtCore import QObject, QTimer

#: Milliseconds between checks for enough garbage.
EVERY_MS = 500

#: Milliseconds until the first check: objects created while the app starts are permanent.
FIRST_MS = 3000

#: Milliseconds between returns of freed memory.
GIVE_BACK_MS = 60_000


def give_back() -> None:
    """Return freed memory to the system; takes 20 ms for 40 MB, and 0.1 ms if there is none.

    glibc keeps freed memory below any block in use: 30 to 120 MB after some minutes of drawing or
    browsing. Other systems return it by themselves.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl does not have it
        if trim is not None:
            trim(0)


class Collector(QObject):
    """Collects garbage only on the thread that creates it.

    By default Python collects garbage on whichever thread happens to allocate. Widgets, menus and
    plot items form reference cycles, so a worker might destroy them, which crashes Qt: objects of
    the UI thread must be destroyed there.
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
        """Collect the oldest generation that is due, as Python would do."""
        self._timer.setInterval(EVERY_MS)
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return

    def settle(self) -> None:
        """Exclude permanent objects that exist now, such as modules and the window, from
        collection: torch alone takes 0.1 s or more each time.
        """
        gc.freeze()

    def remove(self) -> None:
        """Restore Python's own collection."""
        self._timer.stop()
        self._giving.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()
