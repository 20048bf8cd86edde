"""From a key on the timeline to the end of the paint of the last visible view, 64 sprites."""

import time

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest

from tests.benchmarks.app import find, real_window, throwaway_home, wait, wait_for
from tests.benchmarks.report import percentile, report

RUNS, MOVES, SPRITES = 3, 300, 64
VIEWS = ("see.grid.x_t", "see.grid.x0", "see.grid.epsilon")


class Paints(QObject):
    """Counts which views were painted."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.seen.add(watched.objectName())
        return False


def main() -> None:
    with throwaway_home(), real_window() as (lab, window):
        window.show_workspace("see")
        lab.forward(lab.data.value.images[:SPRITES])
        wait_for(lambda: lab.trajectory.value is not None)
        wait(0.5)
        slider = find(window, "timeline.slider")
        paints = Paints()
        for name in VIEWS:
            view = find(window, name)
            assert view.isVisible(), name
            view.installEventFilter(paints)

        def move(key: Qt.Key) -> float:
            paints.seen.clear()
            start = time.perf_counter()
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier)
                QCoreApplication.postEvent(slider, event)
            while len(paints.seen) < len(VIEWS):
                # All dirty views are painted within one event of the window, so when this
                # call comes back with all of them seen, the last has been painted.
                QCoreApplication.processEvents()
                if time.perf_counter() - start > 5:
                    raise TimeoutError(f"only {sorted(paints.seen)} were painted")
            return (time.perf_counter() - start) * 1000

        QTest.keyClick(slider, Qt.Key.Key_Home)
        p99, medians = [], []
        for run in range(RUNS):
            key = Qt.Key.Key_Left if run % 2 else Qt.Key.Key_Right
            times = [move(key) for _ in range(MOVES)]
            p99.append(percentile(times, 0.99))
            medians.append(percentile(times, 0.5))
        detail = {"median_ms": round(sorted(medians)[1], 2), "moves_each": MOVES}
        detail |= {"sprites": SPRITES, "frames": len(lab.trajectory.value)}
        report("scrub_paint_p99_ms", p99, "ms", 16.7, detail)


if __name__ == "__main__":
    main()
