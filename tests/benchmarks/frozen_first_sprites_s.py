"""Seconds from the very first start of the frozen app to sprites emerging from noise."""

from tests.benchmarks.frozen import first_launches
from tests.benchmarks.report import report

RUNS = 5


def main() -> None:
    runs = first_launches(RUNS, sprites=True)
    report("frozen_first_sprites_s", runs, "s", 3.0, {"least": round(min(runs), 3)})


if __name__ == "__main__":
    main()
