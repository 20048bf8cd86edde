"""Gaps between the ticks of a 16 ms timer on the UI thread while the app trains."""

import time

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest

from tests.benchmarks.app import find, real_window, throwaway_home, wait, wait_for
from tests.benchmarks.report import percentile, report

RUNS, SECONDS = 3, 20.0


def main() -> None:
    with throwaway_home(), real_window() as (lab, window):
        window.show_workspace("train")
        QTest.mouseClick(find(window, "train.start"), Qt.MouseButton.LeftButton)
        steps: list[int] = []
        wait_for(lambda: lab.training_runs.current.value is not None)
        lab.training_runs.current.value.handle.records_ready.connect(lambda r: steps.append(len(r)))
        wait_for(lambda: sum(steps) > 20)

        gaps: list[float] = []
        last = [0.0]

        def tick() -> None:
            now = time.perf_counter()
            gaps.append((now - last[0]) * 1000)
            last[0] = now

        timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=16)
        timer.timeout.connect(tick)
        p99, worst = [], []
        for _ in range(RUNS):
            gaps.clear()
            last[0] = time.perf_counter()
            timer.start()
            wait(SECONDS)
            timer.stop()
            p99.append(percentile(gaps, 0.99))
            worst.append(max(gaps))
        detail = {"worst_ms": round(max(worst), 1), "seconds_each": SECONDS, "steps": sum(steps)}
        report("ui_frame_p99_ms_while_training", p99, "ms", 25, detail)


if __name__ == "__main__":
    main()
