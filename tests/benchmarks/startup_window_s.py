"""Seconds from starting the command to a painted window, warm."""

import subprocess
import sys
import time

from tests.benchmarks.report import report

RUNS = 7

#: The app as it starts, but for a clock in its start-up that ends it after the first paint.
PROBE = """
import os, time
from PySide6.QtCore import QTimer
from sprite_lab.ui import app

class Probe(app.Startup):
    def __init__(self, lab, window, *rest):
        super().__init__(lab, window, *rest)
        # Posted in the first paint, so it runs when that has ended.
        window.painted.connect(lambda: QTimer.singleShot(0, self.tell))

    def tell(self):
        print(time.time(), flush=True)
        os._exit(0)

app.Startup = Probe
from sprite_lab.__main__ import main
main([])
"""


def start() -> float:
    begin = time.time()
    done = subprocess.run([sys.executable, "-c", PROBE], check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1]) - begin


def main() -> None:
    from tests.benchmarks.app import throwaway_home

    with throwaway_home():
        start()  # fills the disk cache: a warm start is what is measured
        runs = [start() for _ in range(RUNS)]
    report("startup_window_s", runs, "s", 0.5, {"least": round(min(runs), 3)})


if __name__ == "__main__":
    main()
