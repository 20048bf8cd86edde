"""The cost of the window: training in the app compared with the same engine headless, in turn.

Both train the default preset on the same sprites with the number of threads that the engine finds
best, including previews and validation; sprites are counted over the same wall time.
"""

import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.report import report

RUNS, WARM_UP, SECONDS = 3, 8.0, 25.0


def headless() -> float:
    """Steps a second of the bare engine."""
    from sprite_lab.core.presets import DEFAULT_PRESET, PRESETS
    from sprite_lab.core.records import StepRecord
    from sprite_lab.core.run import RunControl
    from sprite_lab.data import builtin
    from sprite_lab.engine.training.trainer import train_iter
    from sprite_lab.formats.sets.sprites import load_sprites
    from tests.benchmarks.app import data_file

    config = replace(PRESETS[DEFAULT_PRESET], max_seconds=None)  # as in the app
    file = data_file()
    sprites = load_sprites(file) if file else builtin()
    with tempfile.TemporaryDirectory() as folder:
        steps, begin, first = 0, 0.0, 0.0
        run = train_iter(config, sprites, Path(folder) / "run", RunControl())
        for record in run:
            now = time.perf_counter()
            if not isinstance(record, StepRecord):
                continue
            first = first or now
            if not begin and now - first >= WARM_UP:
                begin = now
            elif begin:
                steps += 1
                if now - begin >= SECONDS:
                    run.close()
                    return steps / (now - begin)
    raise RuntimeError("the run ended before it was measured")


def in_app() -> float:
    """Steps a second with the window open on the Train workspace."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    from sprite_lab.core.records import StepRecord
    from tests.benchmarks.app import find, real_window, throwaway_home, wait, wait_for

    with throwaway_home(), real_window() as (lab, window):
        window.show_workspace("train")
        QTest.mouseClick(find(window, "train.start"), Qt.MouseButton.LeftButton)
        steps: list[int] = []

        def count(records: tuple) -> None:
            steps.extend(r.step for r in records if isinstance(r, StepRecord))

        wait_for(lambda: lab.training_runs.current.value is not None)
        lab.training_runs.current.value.handle.records_ready.connect(count)
        wait_for(lambda: bool(steps))
        wait(WARM_UP)
        before, begin = len(steps), time.perf_counter()
        wait(SECONDS)
        return (len(steps) - before) / (time.perf_counter() - begin)


def main() -> None:
    if sys.argv[1:]:
        print({"headless": headless, "app": in_app}[sys.argv[1]]())
        return

    def measure(how: str) -> float:
        command = [sys.executable, "-m", "tests.benchmarks.app_overhead_percent", how]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return float(done.stdout.split()[-1])

    pairs = [(measure("headless"), measure("app")) for _ in range(RUNS)]
    overhead = [100 * (1 - app / bare) for bare, app in pairs]
    detail = {"steps_per_second": [[round(b, 2), round(a, 2)] for b, a in pairs]}
    report("app_overhead_percent", overhead, "%", 10, detail)


if __name__ == "__main__":
    main()
