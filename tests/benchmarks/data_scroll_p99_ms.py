"""From a wheel step over 20,000 sprites to the end of the browser's paint.

Half of the sprites are selected, and each has its class below it. The window is 1920x1080; each
step reveals a row that was not painted before, down to the end and up again.
"""

import time

import numpy as np
from PySide6.QtCore import QCoreApplication

from sprite_lab.data import builtin
from tests.benchmarks.app import find, real_window, throwaway_home, wait, wait_for
from tests.benchmarks.report import percentile, report

SPRITES, STEPS, RUNS = 20_000, 300, 3


def main() -> None:
    with throwaway_home(), real_window() as (lab, window):
        window.resize(1920, 1080)
        sprites = builtin()
        lab.data.set(sprites.take(np.arange(SPRITES) % len(sprites)))
        window.show_workspace("data")
        find(window, "data.caption").setCurrentIndex(1)
        browser = find(window, "data.browser")
        wait_for(lambda: browser.count == SPRITES)
        browser.choose_rows(np.arange(0, SPRITES, 2))
        wait_for(lambda: not lab.jobs.handles)
        wait(0.5)
        bar = browser.verticalScrollBar()
        step, p99, cpu = bar.singleStep(), [], []
        for run in range(RUNS):
            times, busy = [], []
            for _ in range(STEPS):
                QCoreApplication.processEvents()
                start, start_cpu = time.perf_counter(), time.thread_time()
                bar.setValue(bar.value() + (-step if run % 2 else step))
                browser.viewport().repaint()
                times.append((time.perf_counter() - start) * 1000)
                busy.append((time.thread_time() - start_cpu) * 1000)
            p99.append(percentile(times, 0.99))
            cpu.append(percentile(busy, 0.99))
        detail = {
            "cpu_p99_ms": [round(value, 2) for value in cpu],
            "median_ms": round(percentile(times, 0.5), 2),
            "columns": browser.columns,
            "steps_each": STEPS,
            "sprites": SPRITES,
        }
        report("data_scroll_p99_ms", p99, "ms", 16.7, detail)


if __name__ == "__main__":
    main()
