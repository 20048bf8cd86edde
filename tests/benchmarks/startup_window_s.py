"""Seconds from starting the command to a painted window, warm."""

from tests.benchmarks.app import launch, throwaway_home
from tests.benchmarks.report import report

RUNS = 7

#: What is posted in the first paint runs after it.
WATCH = """
def watch(lab, window):
    window.painted.connect(lambda: QTimer.singleShot(0, tell))
"""


def main() -> None:
    with throwaway_home():
        launch(WATCH)  # fills the disk cache: a warm start is measured
        runs = [launch(WATCH) for _ in range(RUNS)]
    report("startup_window_s", runs, "s", 0.5, {"least": round(min(runs), 3)})


if __name__ == "__main__":
    main()
