"""``sprite-lab --install-desktop``: a menu entry for installations by pip and similar tools.

System packages bring their own entry. This one is for the current user, so it needs no special
rights. Installing again changes nothing, and ``--uninstall-desktop`` removes the same files.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from sprite_lab import extras
from sprite_lab.paths import APP_ID, home, resource

#: Characters that must be quoted in a desktop entry's Exec.
_RESERVED = re.compile(r"""[\s"'\\><~|&;$*?#()`%]""")


def install() -> str:
    """Add the entry, the file type and the icons; returns a sentence or two about what was done."""
    if sys.platform == "win32":
        from sprite_lab.cli.desktop import windows

        return windows.install()
    if sys.platform == "darwin":
        return _ON_MACOS
    share = data_home()
    for name, content in share_files(own_command()).items():
        file = share / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    note = _refresh(share)
    return (
        f"Sprite Lab is in the menu, and projects open with it (files in {share}); "
        f"sprite-lab --uninstall-desktop undoes that.{note}"
    )


def uninstall() -> str:
    """Remove what :func:`install` added; returns a sentence or two about what was done."""
    if sys.platform == "win32":
        from sprite_lab.cli.desktop import windows

        return windows.uninstall()
    if sys.platform == "darwin":
        return _ON_MACOS
    share = data_home()
    files = [share / name for name in share_files(own_command())]
    found = [file for file in files if file.is_file()]
    if not found:
        return f"There is no entry of Sprite Lab in {share}."
    for file in found:
        file.unlink()
    note = _refresh(share)
    for file in found:
        _remove_empty(file.parent, share)
    return f"Sprite Lab is no longer in the menu.{note}"


_ON_MACOS = "On macOS it is the app bundle that gives an entry: install Sprite Lab from its .dmg."


def data_home() -> Path:
    """The folder in which desktops look for files installed by the user."""
    named = os.environ.get("XDG_DATA_HOME", "")
    # According to the specification, a relative path is ignored.
    return Path(named) if os.path.isabs(named) else home() / ".local" / "share"


def own_command() -> list[str]:
    """The command that starts this installation of Sprite Lab from anywhere."""
    if image := extras.own_appimage():
        return [image]
    if getattr(sys, "frozen", False):
        return [sys.executable]
    # Links are not resolved, so that they lead to the new version after an upgrade.
    for script in (Path(sys.argv[0]).absolute(), Path(sys.executable).with_name("sprite-lab")):
        if script.name == "sprite-lab" and os.access(script, os.X_OK):
            return [os.path.normpath(script)]
    return [sys.executable, "-m", "sprite_lab"]


def share_files(command: Sequence[str]) -> dict[str, bytes]:
    """Files below ``share/`` by name: desktop entry, file type, icons."""
    files = {
        f"applications/{APP_ID}.desktop": entry(command).encode(),
        "mime/packages/sprite-lab.xml": resource("desktop", "sprite-lab.xml").read_bytes(),
        f"icons/hicolor/scalable/apps/{APP_ID}.svg": resource("icons", "app.svg").read_bytes(),
    }
    folder = resource("desktop")
    for picture in sorted(folder.glob("icons/hicolor/*/*/*.png")):
        files[picture.relative_to(folder).as_posix()] = picture.read_bytes()
    return files


def entry(command: Sequence[str]) -> str:
    """The desktop entry for a command.

    >>> [line for line in entry(["/a b/sprite-lab"]).splitlines() if "Exec" in line]
    ['Exec="/a b/sprite-lab" %f', 'TryExec=/a b/sprite-lab']
    """
    text = resource("desktop", f"{APP_ID}.desktop").read_text("utf-8")
    lines = {
        "Exec=sprite-lab %f\n": f"Exec={' '.join(map(_quoted, command))} %f\n",
        "TryExec=sprite-lab\n": f"TryExec={_escaped(command[0])}\n",
    }
    for old, new in lines.items():
        text = text.replace(f"\n{old}", f"\n{new}")
    return text


def _quoted(argument: str) -> str:
    """An argument quoted for a desktop entry."""
    if not _RESERVED.search(argument):
        return argument
    inner = re.sub(r'(["`$\\])', r"\\\1", argument).replace("%", "%%")
    return _escaped(f'"{inner}"')


def _escaped(text: str) -> str:
    """A string escaped for a desktop entry."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def _refresh(share: Path) -> str:
    """Refresh the desktop with the available tools; returns a sentence if any is missing, or ""."""
    icons = share / "icons" / "hicolor"
    tools: list[list[str | Path]] = [
        ["update-mime-database", share / "mime"],
        ["update-desktop-database", share / "applications"],
    ]
    if (icons / "icon-theme.cache").is_file():
        # Does not create a cache, which would hide icons installed later.
        tools.append(["gtk-update-icon-cache", "--force", "--ignore-theme-index", icons])
    else:
        os.utime(icons)  # this tells desktops that icons have changed
    wanting = []
    for tool in tools:
        if shutil.which(tool[0]) is None or subprocess.run(tool, capture_output=True).returncode:
            wanting.append(str(tool[0]))
    if not wanting:
        return ""
    return f" The desktop may notice at the next login only, without {' and '.join(wanting)}."


def _remove_empty(folder: Path, end: Path) -> None:
    """Remove empty folders up to ``end``, which stays."""
    while folder != end and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
