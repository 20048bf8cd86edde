#!/usr/bin/env python3
"""Checks the wheel: installs it in an empty environment and uses it.

    python packaging/check_wheel.py                    the newest wheel in dist/
    python packaging/check_wheel.py dist/NAME.whl --constraint packaging/constraints.txt

Prints a line for each check, ok or FAIL; the exit code is 1 if anything failed. Needs a package
index for the requirements; set ``PIP_EXTRA_INDEX_URL`` for another build of PyTorch.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

from build_tools import BuildError, Checks

ROOT = Path(__file__).resolve().parent.parent
#: Where parts of the tree go in the wheel.
PARTS = {"sprite_lab": "sprite_lab", "resources": "sprite_lab/resources"}
SAMPLE = ["sample", "--model", "real-student", "--count", "4", "--seed", "1", "--json"]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("wheel", type=Path, nargs="?", help="the newest in dist/ unless given")
    parser.add_argument("--constraint", type=Path, help="versions to install, as pip takes them")
    options = parser.parse_args(arguments)
    wheel = options.wheel or newest_wheel()
    if wheel is None or not wheel.is_file():
        print("check_wheel: there is no wheel: make one with python -m build.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="sprite-lab-wheel-") as folder:
        return check(wheel.resolve(), Path(folder), options.constraint)


def newest_wheel() -> Path | None:
    wheels = (ROOT / "dist").glob("sprite_lab-*.whl")
    return max(wheels, key=lambda path: path.stat().st_mtime, default=None)


def check(wheel: Path, folder: Path, constraint: Path | None) -> int:
    """All checks, in order; returns the exit code."""
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB", flush=True)
    look, there = Checks("check_wheel"), Environment(folder)
    look("holds every file of the tree, and no other", lambda: check_files(wheel))
    look("installs in an empty environment", lambda: there.install(wheel, constraint))
    look("pip check", lambda: there.run("-m", "pip", "check"))
    look("sprite-lab --version", lambda: check_version(wheel, there))
    look("sprite-lab selftest", lambda: there.sprite_lab("selftest").splitlines()[-1])
    look("a model that comes with it draws", lambda: check_model(there))
    look("the window's modules load", lambda: there.run("-c", "import sprite_lab.ui.shell.app"))
    return look.end()


class Environment:
    """An empty virtual environment with its own home and working folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "environment"
        self.home = folder / "home"
        self.scripts = self.folder / ("Scripts" if os.name == "nt" else "bin")

    def install(self, wheel: Path, constraint: Path | None) -> str:
        venv.create(self.folder, with_pip=True)
        self.home.mkdir()
        extra = ["--constraint", str(constraint.resolve())] if constraint else []
        self.run("-m", "pip", "install", "--quiet", *extra, str(wheel))
        return f"PyTorch {self.run('-c', 'import torch; print(torch.__version__)').strip()}"

    def run(self, *arguments: str) -> str:
        """Run its Python; returns its output."""
        return self._run([str(self.scripts / "python"), *arguments])

    def sprite_lab(self, *arguments: str) -> str:
        return self._run([str(self.scripts / "sprite-lab"), *arguments])

    def _run(self, command: list[str]) -> str:
        ours = ("PYTHON", "SPRITE_LAB", "XDG_", "VIRTUAL_ENV")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        home = str(self.home)
        environment |= {"HOME": home, "USERPROFILE": home, "LOCALAPPDATA": home, "APPDATA": home}
        environment["QT_QPA_PLATFORM"] = "offscreen"
        done = subprocess.run(
            command,
            cwd=self.home,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        if done.returncode:
            lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise BuildError(f"exit code {done.returncode}: {lines[-1] if lines else 'no word'}")
        return done.stdout


def check_files(wheel: Path) -> str:
    with zipfile.ZipFile(wheel) as archive:
        there = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = tree_files() | {"sprite_lab/_version.py"}
    problems = [f"{name} is missing" for name in sorted(expected - there)]
    problems += [f"{name} is not of the tree" for name in sorted(there - expected)]
    if problems:
        raise BuildError("; ".join(problems[:5]) + f" ({len(problems)} in all)")
    return f"{len(there)} files"


def tree_files() -> set[str]:
    """The names of the tree's files in the wheel; without git, all but caches count."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *PARTS]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        files = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    except (OSError, subprocess.CalledProcessError):
        found = (path for part in PARTS for path in (ROOT / part).rglob("*") if path.is_file())
        files = [path.relative_to(ROOT).as_posix() for path in found]
        files = [name for name in files if "__pycache__" not in name]
    parts = (name.split("/", 1) for name in files)
    return {f"{PARTS[top]}/{rest}" for top, rest in parts}


def check_version(wheel: Path, there: Environment) -> str:
    said = there.sprite_lab("--version").strip()
    if said != f"sprite-lab {wheel.name.split('-')[1]}":
        raise BuildError(f"it says {said!r}")
    return said


def check_model(there: Environment) -> str:
    picture = there.home / "sprites.png"
    facts = json.loads(there.sprite_lab(*SAMPLE, "--out", str(picture)))
    if not picture.read_bytes().startswith(b"\x89PNG"):
        raise BuildError(f"{picture.name} is not a PNG")
    return f"{picture.stat().st_size} bytes" if facts else ""


if __name__ == "__main__":
    sys.exit(main())
