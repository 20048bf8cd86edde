"""Seconds from the very first start of the command to sprites emerging from noise."""

import sys

from sprite_lab.app.files.library import opening_model
from tests.benchmarks.app import launch, throwaway_home
from tests.benchmarks.report import report

RUNS = 7

#: The noise is shown from the first paint on; the trajectory that follows has more frames.
WATCH = """
def watch(lab, window):
    def on_trajectory(trajectory, _old):
        if trajectory is not None and trajectory.kind == "reverse" and len(trajectory) > 1:
            window.repaint()
            tell()

    lab.trajectory.changed.connect(on_trajectory)
"""


def first_launch() -> float:
    with throwaway_home():
        return launch(WATCH)


def main() -> None:
    if opening_model() is None:
        sys.exit("There is no shipped model here to open on.")
    first_launch()  # fills the disk cache
    runs = [first_launch() for _ in range(RUNS)]
    report("first_sprites_s", runs, "s", 3.0, {"least": round(min(runs), 3)})


if __name__ == "__main__":
    main()
