"""Milliseconds of processor time that the window takes to build and show each workspace once."""

import time

from tests.benchmarks.app import real_window, throwaway_home, wait
from tests.benchmarks.report import report

RUNS = 7
PAGES = ("draw", "train", "measure", "data")  #: not See, with which the window opens


def main() -> None:
    with throwaway_home():
        rounds = [measure() for _ in range(RUNS + 1)][1:]  # the first imports their modules
    medians = {name: sorted(r[name] for r in rounds)[RUNS // 2] for name in PAGES}
    sums = [sum(r.values()) for r in rounds]
    report("page_build_ms", sums, "ms", 500.0, {name: round(ms) for name, ms in medians.items()})


def measure() -> dict[str, float]:
    """Time of the window's thread for each of PAGES, each in its own window."""
    result = {}
    with real_window() as (_lab, window):
        for name in PAGES:
            begin = time.thread_time()
            window.navigator.go(name)
            wait(0.2)
            result[name] = 1000 * (time.thread_time() - begin)
        window.closing.safe = True
        window.close()
    return result


if __name__ == "__main__":
    main()
