"""Start menu and file type for the current Windows user, for installations with pip or similar."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from sprite_lab import paths

CLASSES = r"Software\Classes"
#: Differs from the installer's entry, which may exist as well.
KIND = "SpriteLab.Project.Python"
SUFFIX = ".spritelab"


def install() -> str:
    """Add a shortcut and register the file type; returns a sentence about what was done."""
    winreg = _windows("winreg")
    command = _command()
    icon = paths.data_dir() / "sprite-lab.ico"
    _write_icon(icon)
    kind = rf"{CLASSES}\{KIND}"
    for key, value in {
        kind: "Sprite Lab project",
        rf"{kind}\DefaultIcon": str(icon),
        # In quotes, because the path inserted by Windows may contain spaces.
        rf"{kind}\shell\open\command": f'{subprocess.list2cmdline(command)} "%1"',
        rf"{CLASSES}\{SUFFIX}": KIND,
    }.items():
        winreg.SetValue(winreg.HKEY_CURRENT_USER, key, winreg.REG_SZ, value)
    link = _shortcut()
    values = {
        "TargetPath": command[0],
        "Arguments": subprocess.list2cmdline(command[1:]),
        "IconLocation": str(icon),
    }
    made = f"$s = (New-Object -ComObject WScript.Shell).CreateShortcut({_powershell(str(link))})"
    steps = [made, *(f"$s.{name} = {_powershell(value)}" for name, value in values.items())]
    script = "; ".join([*steps, "$s.Save()"])
    subprocess.run(["powershell", "-NoProfile", "-Command", script], capture_output=True)
    _tell_explorer()
    menu = "is in the Start menu" if link.is_file() else "could not be put into the Start menu"
    return f"Sprite Lab {menu}, and projects open with it; --uninstall-desktop undoes that."


def uninstall() -> str:
    """Remove what :func:`install` added; returns a sentence about what was done."""
    winreg = _windows("winreg")
    user = winreg.HKEY_CURRENT_USER
    kind = rf"{CLASSES}\{KIND}"
    # A key is removed only if it has no subkeys.
    for key in (
        rf"{kind}\shell\open\command",
        rf"{kind}\shell\open",
        rf"{kind}\shell",
        rf"{kind}\DefaultIcon",
        kind,
    ):
        try:
            winreg.DeleteKey(user, key)
        except FileNotFoundError:
            continue
    try:
        with winreg.OpenKey(user, rf"{CLASSES}\{SUFFIX}", 0, winreg.KEY_ALL_ACCESS) as key:
            if winreg.QueryValueEx(key, "")[0] == KIND:  # still ours, not another program's
                winreg.DeleteValue(key, "")
    except FileNotFoundError:
        pass
    _shortcut().unlink(missing_ok=True)
    (paths.data_dir() / "sprite-lab.ico").unlink(missing_ok=True)
    _tell_explorer()
    return "Sprite Lab is no longer in the Start menu."


def _windows(name: str) -> ModuleType:
    """A module that is only complete on Windows."""
    return importlib.import_module(name)


def _command() -> list[str]:
    """The command that starts the app, without the console window of python.exe."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    windowed = Path(sys.executable).with_name("pythonw.exe")
    return [str(windowed if windowed.is_file() else sys.executable), "-m", "sprite_lab"]


def _shortcut() -> Path:
    return Path(os.environ["APPDATA"], "Microsoft/Windows/Start Menu/Programs/Sprite Lab.lnk")


def _write_icon(file: Path) -> None:
    from PIL import Image

    name = f"{paths.APP_ID}.png"
    hicolor = paths.resource("desktop", "icons", "hicolor")
    sizes = (16, 24, 32, 48, 64, 128)
    smaller = [Image.open(hicolor / f"{size}x{size}" / "apps" / name) for size in sizes]
    with Image.open(hicolor / "256x256" / "apps" / name) as largest:
        largest.save(file, sizes=[(size, size) for size in (*sizes, 256)], append_images=smaller)


def _powershell(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _tell_explorer() -> None:
    kinds_changed = 0x08000000
    _windows("ctypes").windll.shell32.SHChangeNotify(kinds_changed, 0, None, None)
