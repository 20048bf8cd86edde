"""Seconds from starting the frozen app, warm, to its window.

From outside, on a screen of its own (Xvfb), for a frozen app takes no probe: the window is painted
once a fifth of the screen has changed. When sprites have come out of noise cannot be told so.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageChops, ImageGrab

from tests.benchmarks.report import report

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "packaging"))

from chroot import Screen  # noqa: E402 (a script's neighbour)

RUNS = 5
LONGEST = 60


def main() -> None:
    program = ROOT / "dist" / "sprite-lab" / "sprite-lab"
    if not program.is_file():
        print("frozen_startup_s: freeze the app first: packaging/build.py app", file=sys.stderr)
        return
    screen = Screen()
    try:
        with tempfile.TemporaryDirectory(prefix="sprite-lab-bench-") as home:
            environment = {**os.environ, "SPRITE_LAB_HOME": home, "DISPLAY": screen.display}
            environment["QT_QPA_PLATFORM"] = "xcb"
            start(program, environment)  # fills the disk cache
            runs = [start(program, environment) for _ in range(RUNS)]
    finally:
        screen.close()
    report("frozen_startup_s", runs, "s", 0.5, {"least": round(min(runs), 3)})


def start(program: Path, environment: dict[str, str]) -> float:
    """Seconds to the window of one start."""
    display = environment["DISPLAY"]
    blank = grab(display)
    begin = time.monotonic()
    process = subprocess.Popen(
        [str(program)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: changed(blank, grab(display)) > 0.2)
        return time.monotonic() - begin
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the app did not show what was waited for")
        time.sleep(0.03)


def grab(display: str) -> Image.Image:
    return ImageGrab.grab(xdisplay=display).convert("RGB")


def changed(before: Image.Image, after: Image.Image) -> float:
    """The part of the pixels that are others, 0 to 1."""
    difference = ImageChops.difference(before, after).convert("L")
    return 1 - difference.histogram()[0] / (difference.width * difference.height)


if __name__ == "__main__":
    main()
