#!/usr/bin/env python3
"""The Flatpak of the frozen app in one file: ``flatpak_bundle.py --version 1.2.0 --out FILE``.

Needs flatpak-builder and, from Flathub, the runtime that linux/*.yaml names.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import desktop_files
from build_tools import BuildError, find_program, run

ROOT = Path(__file__).resolve().parent.parent
APP_ID = "io.github.sprite_lab.SpriteLab"
MANIFEST = ROOT / "packaging" / "linux" / f"{APP_ID}.yaml"
#: These two are named in the manifest.
APP = ROOT / "dist" / "sprite-lab"
WORK = ROOT / "build" / "flatpak"
FLATHUB = "https://flathub.org/repo/flathub.flatpakrepo"


def build_flatpak(version: str, out: Path, run: Callable[[list[str]], None] = run) -> Path:
    """One file that ``flatpak install`` takes, made from dist/sprite-lab."""
    if not (APP / "sprite-lab").is_file():
        raise BuildError(f"{APP} holds no app: freeze it first.")
    builder, flatpak = find_program("flatpak-builder"), find_program("flatpak")
    shutil.rmtree(WORK / "share", ignore_errors=True)
    desktop_files.write(WORK / "share", version)
    out.parent.mkdir(parents=True, exist_ok=True)
    repository = str(WORK / "repository")
    state = ["--state-dir", str(WORK / "state"), "--force-clean", f"--repo={repository}"]
    run([builder, *state, str(WORK / "app"), str(MANIFEST)])
    run([flatpak, "build-bundle", f"--runtime-repo={FLATHUB}", repository, str(out), APP_ID])
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--version", required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    try:
        print(build_flatpak(given.version, given.out))
    except BuildError as error:
        print(f"flatpak_bundle: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
