#!/usr/bin/env python3
"""The Flatpak of the frozen app in one file.

``flatpak_bundle.py --app dist/sprite-lab --version 1.2.0 --out FILE`` needs flatpak-builder and,
from Flathub, the runtime that linux/*.yaml names.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import desktop_files
from build_tools import BuildError, build_main, find_program, run
from desktop_files import APP_ID

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "packaging" / "linux" / f"{APP_ID}.yaml"
#: flatpak-builder's cache.
WORK = ROOT / "build" / "flatpak"
FLATHUB = "https://flathub.org/repo/flathub.flatpakrepo"


def build_flatpak(
    app_folder: Path,
    version: str,
    out: Path,
    run: Callable[[list[str]], None] = run,
    work: Path = WORK,
) -> Path:
    """A single file for ``flatpak install``."""
    if not (app_folder / "sprite-lab").is_file():
        raise BuildError(f"{app_folder} holds no app: freeze it first.")
    builder, flatpak = find_program("flatpak-builder"), find_program("flatpak")
    shutil.rmtree(work / "share", ignore_errors=True)
    desktop_files.write(work / "share", version)
    manifest = work / f"{APP_ID}.json"
    manifest.write_text(json.dumps(manifest_for(app_folder, work / "share"), indent=2), "utf-8")
    out.parent.mkdir(parents=True, exist_ok=True)
    repository = str(work / "repository")
    state = ["--state-dir", str(work / "state"), "--force-clean", f"--repo={repository}"]
    run([builder, *state, str(work / "app"), str(manifest)])
    run([flatpak, "build-bundle", f"--runtime-repo={FLATHUB}", repository, str(out), APP_ID])
    return out


def manifest_for(app_folder: Path, share: Path) -> dict:
    """The manifest as flatpak-builder reads it, with the files to pack."""
    command = [find_program("flatpak-builder"), "--show-manifest", str(MANIFEST)]
    WORK.mkdir(parents=True, exist_ok=True)
    # Even this creates a folder in the current one.
    shown = subprocess.run(command, cwd=WORK, check=True, capture_output=True).stdout
    manifest = json.loads(shown)
    (module,) = manifest["modules"]
    for source, folder in zip(module["sources"], (app_folder, share), strict=True):
        source["path"] = str(folder.resolve())
    return manifest


def main() -> int:
    return build_main(
        "flatpak_bundle", __doc__, "the folder of the frozen app", {"flatpak": build_flatpak}
    )


if __name__ == "__main__":
    sys.exit(main())
