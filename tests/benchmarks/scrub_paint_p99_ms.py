"""From a key on the timeline to the end of the last visible view's paint.

64 sprites, 1,000 steps, a window of 1920x1080; first with the three default views, then with six.
"""

import time

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest

from sprite_lab.core.config import ForwardConfig, ScheduleConfig
from tests.benchmarks.app import find, real_window, throwaway_home, wait, wait_for
from tests.benchmarks.report import percentile, report

RUNS, MOVES, SPRITES, STEPS = 3, 300, 64, 1000
VIEWS = ("x_t", "x0", "epsilon")
MORE_VIEWS = ("score", "posterior_mean", "change")


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
        window.resize(1920, 1080)  # a smaller one does not show six views at once
        window.show_workspace("see")
        config = ForwardConfig(schedule=ScheduleConfig(timesteps=STEPS))
        lab.forward(lab.data.value.images[:SPRITES], config)
        wait_for(lambda: lab.trajectory.value is not None)
        wait(0.5)
        slider = find(window, "timeline.slider")
        paints = Paints()
        watched: list[str] = []

        def watch(views: tuple[str, ...]) -> None:
            for name in views:
                watched.append(f"see.grid.{name}")
                find(window, watched[-1]).installEventFilter(paints)

        def move(key: Qt.Key) -> float:
            paints.seen.clear()
            start = time.perf_counter()
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier)
                QCoreApplication.postEvent(slider, event)
            while len(paints.seen) < len(watched):
                # All dirty views are painted within one event of the window, so when this call
                # returns and all of them were seen, the last one has been painted.
                QCoreApplication.processEvents()
                if time.perf_counter() - start > 5:
                    raise TimeoutError(f"only {sorted(paints.seen)} were painted")
            return (time.perf_counter() - start) * 1000

        def runs() -> tuple[list[float], float]:
            QTest.keyClick(slider, Qt.Key.Key_Home)
            p99, medians = [], []
            for run in range(RUNS):
                key = Qt.Key.Key_Left if run % 2 else Qt.Key.Key_Right
                times = [move(key) for _ in range(MOVES)]
                p99.append(percentile(times, 0.99))
                medians.append(percentile(times, 0.5))
            return p99, round(sorted(medians)[RUNS // 2], 2)

        watch(VIEWS)
        p99, median = runs()
        for name in MORE_VIEWS:
            find(window, f"see.show.{name}").click()
        wait(0.5)
        watch(MORE_VIEWS)
        p99_six, median_six = runs()
        detail = {
            "median_ms": median,
            "six_views_p99_ms": [round(value, 2) for value in p99_six],
            "six_views_median_ms": median_six,
            "moves_each": MOVES,
            "sprites": SPRITES,
            "frames": len(lab.trajectory.value),
        }
        report("scrub_paint_p99_ms", p99, "ms", 16.7, detail)


if __name__ == "__main__":
    main()
