"""Shared by the scripts that make installers: one-sentence errors, and other programs."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path


class BuildError(Exception):
    """One sentence: what is wrong and what to do."""


def build_main(
    script: str, about: str, app: str, builds: Mapping[str, Callable[[Path, str, Path], Path]]
) -> int:
    """The command line of a script that packs the app; returns the exit code.

    Parameters
    ----------
    about : the script's docstring.
    app : the default path of the app to pack.
    builds : (app, version, file) -> file, by kind; a single kind is no argument.
    """
    parser = argparse.ArgumentParser(description=about.split("\n")[0])
    if len(builds) > 1:
        parser.add_argument("kind", choices=builds)
    parser.add_argument("--app", type=Path, required=True, help=app)
    parser.add_argument("--version", required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    build = builds[getattr(given, "kind", next(iter(builds)))]
    try:
        print(build(given.app, given.version, given.out))
    except BuildError as error:
        print(f"{script}: {error}", file=sys.stderr)
        return 1
    return 0


def run(command: list[str]) -> None:
    """Run a program, showing its output; BuildError if it fails."""
    if code := subprocess.run(command).returncode:
        raise BuildError(f"{Path(command[0]).stem} failed with code {code}; see above.")


def notice(text: str) -> None:
    """Print a note about something left out, which is not an error."""
    print(f"notice: {text}", file=sys.stderr)


def find_program(name: str, on_windows: str = "") -> str:
    """A program on the PATH, or below Program Files, where Windows' installers put it."""
    if found := shutil.which(name):
        return found
    for variable in ("ProgramFiles(x86)", "ProgramFiles"):
        path = Path(os.environ.get(variable, ""), *on_windows.split("\\"))
        if path.is_file():
            return str(path)
    raise BuildError(f"{name} is not there: install it and try again.")


def appimage_tool() -> str:
    """The program that ``APPIMAGETOOL`` names, or the one on the PATH."""
    tool = os.environ.get("APPIMAGETOOL") or shutil.which("appimagetool")
    if not tool:
        raise BuildError(
            "appimagetool is missing: get it from the AppImage project and name it in the "
            "variable APPIMAGETOOL, or build appdir, a folder that runs as it is."
        )
    return tool


class Checks:
    """A series of checks; prints a line for each one as it is done."""

    def __init__(self, script: str) -> None:
        self._script = script
        self._total = 0
        self._failed: list[str] = []

    def __call__(self, what: str, found: object) -> None:
        """Check a condition.

        Parameters
        ----------
        found : the result, or a function that returns it: False and errors are failures, text is
            printed.
        """
        start = time.monotonic()
        try:
            found = found() if callable(found) else bool(found)
            words = f" ({found})" if isinstance(found, str) and found else ""
            passed = found is not False
        except (BuildError, OSError, subprocess.SubprocessError, LookupError, ValueError) as error:
            words, passed = f": {error}", False
        took = time.monotonic() - start
        words += f", {took:.0f} s" if took > 1 else ""
        print(f"{'ok  ' if passed else 'FAIL'} {what}{words}", flush=True)
        self._total += 1
        self._failed += [] if passed else [what]

    def end(self) -> int:
        """Print how many checks there were, and which failed; returns the exit code."""
        said = f"{self._total - len(self._failed)} of {self._total} are so"
        missed = f"; not: {'; '.join(self._failed)}" if self._failed else ""
        print(f"{self._script}: {said}{missed}", flush=True)
        return 1 if self._failed else 0


#: In the fourth number, a development version comes before an alpha, and that before a release.
STAGES = {"dev": 0, "a": 10_000, "b": 20_000, "rc": 30_000, "": 40_000, "post": 50_000}


def four_numbers(version: str) -> str:
    """A version in numbers only, higher for newer versions: ``1.2.0rc1`` is 1.2.0.30001."""
    found = re.fullmatch(
        r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:(a|b|rc|\.post)(\d+))?(?:\.dev(\d+))?(?:\+.*)?", version
    )
    if not found:
        raise BuildError(f"{version!r} is no version such as 1.2.0, 1.2.0rc1 or 1.2.1.dev4.")
    numbers = [int(number or 0) for number in found.group(1, 2, 3)]
    stage, count, dev = found.group(4, 5, 6)
    if dev is not None and stage is None:
        stage, count = "dev", dev
    last = STAGES[(stage or "").lstrip(".")] + min(int(count or 0), 9_999)
    return ".".join(map(str, [*numbers, last]))
