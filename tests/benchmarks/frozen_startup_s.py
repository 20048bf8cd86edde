"""Seconds from starting the frozen app, warm, to its window."""

from tests.benchmarks.frozen import first_launches
from tests.benchmarks.report import report

RUNS = 5


def main() -> None:
    runs = first_launches(RUNS, sprites=False)
    report("frozen_startup_s", runs, "s", 0.5, {"least": round(min(runs), 3)})


if __name__ == "__main__":
    main()
