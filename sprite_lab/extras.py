"""Optional dependencies, and messages about missing ones.

May import only the standard library and ``words``; the search for a dependency does not import or
start it. Safe to call from any thread.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from sprite_lab.words import marked, tr

#: For each extra, the feature that needs it and the module it provides. "video" also needs a
#: program.
_EXTRAS = {
    "hub": (marked("The Hugging Face Hub needs"), "huggingface_hub"),
    "onnx": (marked("ONNX files need"), "onnx"),
    "sweep": (marked("Sweeps need"), "optuna"),
    "tensorboard": (marked("TensorBoard's files need"), "tensorboard"),
    "trackio": (marked("trackio's database needs"), "trackio"),
    "parquet": (marked("Parquet tables need"), "pyarrow"),
    "video": (marked("Videos need"), "imageio_ffmpeg"),
}

#: Folders that are missing from the PATH of an app opened from the Finder.
_MAC_PROGRAMS = ("/opt/homebrew/bin", "/usr/local/bin", "/opt/local/bin")


def missing(extra: str) -> str:
    """Why a feature that needs an extra is unavailable, and what to do; "" if it is available.

    ``extra``: its name, or "updates", which need a module that some builds of Python lack.
    """
    if extra == "updates":
        if is_installed("ssl"):
            return ""
        return tr(
            "Checking for updates needs Python's module ssl, which this Python was built without"
        )
    what, module = _EXTRAS[extra]
    if extra == "video" and (is_frozen() or is_installed(module)):  # apps include the module
        if find_ffmpeg():
            return ""
        return tr("{what} ffmpeg: {how}", what=tr(what), how=_how_to_get_ffmpeg())
    if is_installed(module):
        return ""
    install = f"pip install 'sprite-lab[{extra}]'"
    if is_frozen():
        return tr(
            "{what} more than this app brings: use the Python package, {install}",
            what=tr(what),
            install=install,
        )
    return tr("{what} the extra “{extra}”: {install}", what=tr(what), extra=extra, install=install)


def is_frozen() -> bool:
    """Whether this is an app with its own Python, to which nothing can be added."""
    return bool(getattr(sys, "frozen", False)) or is_flatpak()


def is_flatpak() -> bool:
    """Whether this runs in a Flatpak, which cannot see the system's programs."""
    # A terminal that is a Flatpak passes this variable on to every program started in it.
    return "FLATPAK_ID" in os.environ and Path(sys.executable).is_relative_to("/app")


def own_appimage() -> str:
    """The AppImage from which this program was started; "" = none.

    A terminal that is an AppImage itself passes its own name on to every program started in it.
    """
    image = os.environ.get("APPIMAGE", "")
    folders = Path(os.path.realpath(sys.executable)).parents
    return image if is_frozen() and any((folder / "AppRun").exists() for folder in folders) else ""


def is_installed(module: str) -> bool:
    """Whether a module could be imported."""
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # another object has that name
        return False


def find_ffmpeg() -> str | None:
    """The program that makes videos, or None.

    It is the program that ``IMAGEIO_FFMPEG_EXE`` names, or comes with the extra "video" (which has
    all the codecs that we use), or is found on the PATH.
    """
    named = os.environ.get("IMAGEIO_FFMPEG_EXE")
    if named:
        return named
    if is_installed("imageio_ffmpeg"):
        spec = importlib.util.find_spec("imageio_ffmpeg")
        assert spec is not None
        folders = (Path(folder, "binaries") for folder in spec.submodule_search_locations or ())
        for folder in folders:
            # Some packages omit the program, and some have it as a broken link.
            for program in sorted(folder.glob("ffmpeg-*")):
                if os.access(program, os.X_OK) and program.is_file():
                    return str(program)
    path = os.environ.get("PATH", os.defpath)
    if sys.platform == "darwin":
        path = os.pathsep.join((path, *_MAC_PROGRAMS))
    return shutil.which("ffmpeg", path=path)


def _how_to_get_ffmpeg() -> str:
    if not is_frozen():
        return tr("install it, or the extra “video”: pip install 'sprite-lab[video]'")
    if is_flatpak():
        return tr("use another package of Sprite Lab, for a Flatpak does not see the system's")
    if sys.platform.startswith("linux"):
        return tr("install it with your system's package manager")
    return tr("install it so that it is on the PATH")
