#!/usr/bin/env python3
"""Checks an installer on a machine without any of our files. For disposable machines.

    python packaging/check_installed.py KIND FOLDER [--expect VERSION] [--picture FILE]

installs the one file of that KIND in FOLDER (appimage, deb, dmg, msi, nsis or rpm), asks for the
version, runs the self-test, starts the app, waits until it shows, takes a picture of the screen
and removes everything again. Prints a line for each check, ok or FAIL. Needs Pillow for the
picture, and on Linux a screen: ``xvfb-run -a -s "-screen 0 1280x800x24" python ...``.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import macos_image

#: Name pattern of each kind of file.
FILES = {
    "appimage": "*.AppImage",
    "deb": "*.deb",
    "dmg": "*.dmg",
    "msi": "*.msi",
    "nsis": "*.exe",
    "rpm": "*.rpm",
}
#: The window counts as open once this share of the screen has changed.
CHANGED = 0.2
PATIENCE_S = 120
#: Time for the first sprites to emerge from noise, in seconds.
SETTLING_S = 10


class CheckError(Exception):
    """One sentence on what is wrong."""


class Installed(NamedTuple):
    """``command`` is the console program, ``window`` opens the app, ``remove`` uninstalls it."""

    command: list[str]
    window: list[str]
    remove: Callable[[], None]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kind", choices=sorted(FILES))
    parser.add_argument("folder", type=Path, help="where the installer lies")
    parser.add_argument("--expect", default="", help="the version (or its tag) that it must say")
    parser.add_argument("--picture", type=Path, default=Path("started.png"))
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="sprite-lab-home-") as home:
        os.environ["SPRITE_LAB_HOME"] = home
        # Disposable machines often cannot mount one.
        os.environ["APPIMAGE_EXTRACT_AND_RUN"] = "1"
        try:
            file = find(options.kind, options.folder)
            told("installs", file.name)
            app = INSTALL[options.kind](file.resolve())
            check(app, options.expect.removeprefix("v"), options.picture)
        except CheckError as error:
            print(f"FAIL {error}", flush=True)
            return 1
    print("all is well")
    return 0


def find(kind: str, folder: Path) -> Path:
    found = sorted(folder.glob(FILES[kind]))
    if len(found) != 1:
        raise CheckError(f"{folder} holds {len(found)} files {FILES[kind]} instead of one")
    return found[0]


def check(app: Installed, expect: str, picture: Path) -> None:
    version = output(*app.command, "--version").strip()
    if not version.startswith("sprite-lab ") or (expect and version != f"sprite-lab {expect}"):
        raise CheckError(f"it says {version!r} instead of sprite-lab {expect or 'VERSION'}")
    told("says its version", version)
    told("passes its self-test", output(*app.command, "selftest").strip().splitlines()[-1])
    told("shows its window", look(app.window, picture))
    app.remove()
    if shutil.which(app.command[0]):
        raise CheckError(f"{app.command[0]} is still there after it was removed")
    told("is removed")


def look(command: list[str], picture: Path, grab: Callable[[], Any] | None = None) -> str:
    """Start the app, save a picture of the screen once it shows, and end it; returns the share that
    changed.
    """
    grab = grab or screen
    before = grab()
    # A session of its own: an AppImage's loader is a separate process from the app's.
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        start = time.monotonic()
        part = 0.0
        while part < CHANGED:
            if process.poll() is not None:
                raise CheckError(f"the app ended by itself with code {process.returncode}")
            if time.monotonic() - start > PATIENCE_S:
                raise CheckError(f"no window showed within {PATIENCE_S} s")
            time.sleep(0.25)
            part = changed_part(before, grab())
        seconds = time.monotonic() - start
        time.sleep(SETTLING_S)
        grab().save(picture)
        if process.poll() is not None:
            raise CheckError(f"the app ended by itself with code {process.returncode}")
    finally:
        end(process)
    return f"{part:.0%} of the screen after {seconds:.1f} s, {picture}"


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end like a system shutting down, then force it."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    elif process.poll() is None:
        process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def screen() -> Any:
    try:
        from PIL import ImageGrab
    except ImportError as error:
        raise CheckError("a picture of the screen needs Pillow: pip install pillow") from error
    try:
        # On X11 the screen itself, without a program that a desktop would provide.
        return ImageGrab.grab(xdisplay="" if sys.platform == "linux" else None)
    except OSError as error:
        raise CheckError(f"there is no picture of the screen: {error}") from error


def changed_part(before: Any, after: Any) -> float:
    """The share of clearly different pixels, 0 to 1."""
    from PIL import ImageChops

    counts = ImageChops.difference(before.convert("L"), after.convert("L")).histogram()
    return sum(counts[16:]) / sum(counts)


# -- installing and removing ---------------------------------------------------------------


def install_deb(file: Path) -> Installed:
    apt = [*as_root(), "apt-get", "-qq", "--yes"]
    run(*apt, "install", str(file))
    return Installed(["sprite-lab"], ["sprite-lab"], lambda: run(*apt, "purge", "sprite-lab"))


def install_rpm(file: Path) -> Installed:
    dnf = [*as_root(), "dnf", "--quiet", "--assumeyes"]
    run(*dnf, "install", str(file))
    return Installed(["sprite-lab"], ["sprite-lab"], lambda: run(*dnf, "remove", "sprite-lab"))


def install_appimage(file: Path) -> Installed:
    file.chmod(0o755)
    return Installed([str(file)], [str(file)], file.unlink)


def install_nsis(file: Path) -> Installed:
    run(str(file), "/S")

    def remove() -> None:
        # It copies itself away first and returns at once, unless told its location.
        run(str(windows_folder() / "uninstall.exe"), "/S")
        wait_until(lambda: not windows_folder().exists(), "the folder is still there")

    return windows_app(remove)


def install_msi(file: Path) -> Installed:
    run("msiexec", "/i", str(file), "/qn", "/norestart")
    return windows_app(lambda: run("msiexec", "/x", str(file), "/qn", "/norestart"))


def windows_folder() -> Path:
    return Path(os.environ["LOCALAPPDATA"], "Programs", "Sprite Lab")


def windows_app(remove: Callable[[], None]) -> Installed:
    folder = windows_folder()
    return Installed([str(folder / "sprite-lab.exe")], [str(folder / "Sprite Lab.exe")], remove)


def install_dmg(file: Path) -> Installed:
    applications = Path.home() / "Applications"
    applications.mkdir(exist_ok=True)
    app = applications / f"{macos_image.NAME}.app"
    with tempfile.TemporaryDirectory() as volume:
        run("hdiutil", "attach", "-quiet", "-nobrowse", "-mountpoint", volume, str(file))
        try:
            run("ditto", str(Path(volume, app.name)), str(app))
        finally:
            run("hdiutil", "detach", "-quiet", "-force", volume)
    programs = app / "Contents" / "MacOS"
    window, command = str(programs / macos_image.NAME), str(programs / macos_image.CONSOLE)
    return Installed([command], [window], lambda: shutil.rmtree(app))


INSTALL: dict[str, Callable[[Path], Installed]] = {
    "appimage": install_appimage,
    "deb": install_deb,
    "dmg": install_dmg,
    "msi": install_msi,
    "nsis": install_nsis,
    "rpm": install_rpm,
}


def as_root() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo"]


def run(*command: str) -> None:
    try:
        code = subprocess.call(command, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise CheckError(f"{command[0]} cannot be run: {error}") from error
    if code:
        raise CheckError(f"{Path(command[0]).name} ended with code {code}")


def output(*command: str) -> str:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise CheckError(f"{command[0]} cannot be run: {error}") from error
    if done.returncode:
        raise CheckError(f"{' '.join(command)} ended with code {done.returncode}: {done.stderr}")
    return done.stdout


def wait_until(true: Callable[[], bool], problem: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > end:
            raise CheckError(problem)
        time.sleep(0.5)


def told(what: str, details: str = "") -> None:
    print(f"ok   {what}{f' ({details})' if details else ''}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
