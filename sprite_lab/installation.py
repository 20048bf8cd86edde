"""How this Sprite Lab was installed, as far as can be determined, and how to update it.

May import only the standard library, ``extras`` and ``paths``. Reads a few small files, so
do not call it on the UI thread.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from sprite_lab import extras, paths
from sprite_lab.words import tr

PACKAGE = "sprite-lab"

Kind = Literal[
    "flatpak", "appimage", "deb", "rpm", "installer", "image", "folder",
    "checkout", "pipx", "uv-tool", "uv", "pip", "other",
]  # fmt: skip


@dataclass(frozen=True)
class Installation:
    """A kind of installation."""

    kind: Kind
    update: str  #: a sentence on how to update this one
    command: str = ""  #: the command for it, "" = none


def find_installation(root: Path = Path("/")) -> Installation:
    """How this Sprite Lab was installed. ``root``: the root of the system's own files."""
    if extras.is_flatpak():
        command = f"flatpak update {os.environ['FLATPAK_ID']}"
        return Installation("flatpak", tr("Flatpak updates it:"), command)
    if extras.is_frozen():
        return _frozen(root)
    return _python()


def _frozen(root: Path) -> Installation:
    if image := extras.own_appimage():
        update = tr(
            "Download the new AppImage from that page and put it in the place of '{image}'.",
            image=image,
        )
        return Installation("appimage", update)
    if sys.platform == "win32":
        update = tr(
            "Download the new installer from that page and run it: it replaces this version, and "
            "keeps your data and settings."
        )
        return Installation("installer", update)
    if sys.platform == "darwin":
        update = tr(
            "Download the new disk image from that page and drag Sprite Lab to Applications again."
        )
        return Installation("image", update)
    program = Path(sys.executable)
    if _is_of_package(root, program):
        update = tr("Download the new .deb from that page and install it as you did this one:")
        return Installation("deb", update, f"sudo apt install ./{PACKAGE}_*.deb")
    if program.is_relative_to("/usr") or program.is_relative_to("/opt"):
        update = tr("Download the new .rpm from that page and install it as you did this one:")
        return Installation("rpm", update, f"sudo dnf install ./{PACKAGE}-*.rpm")
    update = tr(
        "Download the new version from that page and put it in the place of {folder}.",
        folder=program.parent,
    )
    return Installation("folder", update)


def _is_of_package(root: Path, program: Path) -> bool:
    """Whether this program was installed by the system's .deb, and is not another copy."""
    try:
        files = (root / "var/lib/dpkg/info" / f"{PACKAGE}.list").read_text("utf-8")
    except (OSError, ValueError):
        return False
    return str(program) in files.splitlines()


def _python() -> Installation:
    checkout = paths.package().parent
    if (checkout / "pyproject.toml").exists():
        update = tr("This is the source code in '{folder}'; there:", folder=checkout)
        return Installation("checkout", update, "git pull && pip install --editable .")
    parts = Path(sys.prefix).parts
    if "pipx" in parts:
        return Installation("pipx", tr("In a terminal:"), f"pipx upgrade {PACKAGE}")
    if parts[-3:-1] == ("uv", "tools"):
        return Installation("uv-tool", tr("In a terminal:"), f"uv tool upgrade {PACKAGE}")
    installer = _installer()
    if installer == "uv":
        command = f'uv pip install --python "{sys.executable}" --upgrade {PACKAGE}'
        return Installation("uv", tr("In a terminal:"), command)
    if installer == "pip":
        command = f'"{sys.executable}" -m pip install --upgrade {PACKAGE}'
        return Installation("pip", tr("In a terminal:"), command)
    return Installation("other", tr("Update it with whatever you installed it with."))


def _installer() -> str:
    """The program that installed the package; "" = unknown, or from a folder or repository."""
    try:
        found = metadata.distribution(PACKAGE)
        address = json.loads(found.read_text("direct_url.json") or "{}")
        if "dir_info" in address or "vcs_info" in address:
            return ""  # upgrades do not come from there
        return (found.read_text("INSTALLER") or "").strip()
    except (metadata.PackageNotFoundError, ValueError, OSError):
        return ""
