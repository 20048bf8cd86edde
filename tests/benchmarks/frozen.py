"""The frozen app, observed from outside on its own screen (Xvfb), as it cannot be instrumented.

The window is there once a fifth of the screen has changed. Sprites emerge once the noise in the
middle, which has been still since, moves.
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

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "packaging"))

from chroot import Screen  # noqa: E402 (a script's neighbor)

#: The command to start instead, for comparison: "python -m sprite_lab".
PROGRAM_VARIABLE = "SPRITE_LAB_PROGRAM"

LONGEST = 60


def command() -> list[str]:
    """The command that starts the app."""
    other = os.environ.get(PROGRAM_VARIABLE)
    if other:
        return other.split()
    program = ROOT / "dist" / "sprite-lab" / "sprite-lab"
    if not program.is_file():
        sys.exit("Freeze the app first: packaging/build.py app")
    return [str(program)]


def first_launches(runs: int, sprites: bool) -> list[float]:
    """Seconds from starting the app, warm and for the very first time, to its
    window or its sprites.
    """
    program = command()
    screen = Screen()
    try:
        return [_launch(program, screen.display, sprites) for _ in range(runs + 1)][1:]
    finally:
        screen.close()


def _launch(program: list[str], display: str, sprites: bool) -> float:
    with tempfile.TemporaryDirectory(prefix="sprite-lab-bench-") as home:
        environment = {**os.environ, "SPRITE_LAB_HOME": home, "DISPLAY": display}
        environment["QT_QPA_PLATFORM"] = "xcb"
        blank = _grab(display)
        begin = time.monotonic()
        process = subprocess.Popen(
            program, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _until(lambda: _changed(blank, _grab(display)) > 0.2)
            if sprites:
                time.sleep(0.2)  # until everything is painted
                noise = _middle(_grab(display))
                _until(lambda: _changed(noise, _middle(_grab(display))) > 0.2)
            return time.monotonic() - begin
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the app did not show what was waited for")
        time.sleep(0.03)


def _grab(display: str) -> Image.Image:
    return ImageGrab.grab(xdisplay=display).convert("RGB")


def _middle(screen: Image.Image) -> Image.Image:
    width, height = screen.size
    return screen.crop((width * 2 // 5, height * 2 // 5, width // 2, height // 2))


def _changed(before: Image.Image, after: Image.Image) -> float:
    """The share of different pixels, 0 to 1."""
    difference = ImageChops.difference(before, after).convert("L")
    return 1 - difference.histogram()[0] / (difference.width * difference.height)
