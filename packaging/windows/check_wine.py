#!/usr/bin/env python3
"""Install, upgrade and uninstall under wine, with a stand-in for the app: ``check_wine.py``.

Needs makensis, wixl and a 64-bit wine; prints a line for each check and returns 1 if one of them
failed. Behavior of Windows beyond that cannot be checked with wine.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from build_tools import Checks, four_numbers  # noqa: E402
from windows_installers import build_msi, build_nsis  # noqa: E402

PROGRAMS = ("Sprite Lab.exe", "sprite-lab.exe")
ENTRY = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\SpriteLab"
CLASSES = r"HKCU\Software\Classes"
#: Two prereleases of a version, and that version: each is newer than the previous one.
OLD, NEW = "0.9.0.dev3", "0.9.0"


class Wine:
    """A separate Windows in a folder."""

    def __init__(self, folder: Path) -> None:
        self.drive = folder / "drive_c"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        # No screen, no offers to download .NET or a browser, no entries in this system's menus.
        self.environment = {
            **kept,
            "WINEPREFIX": str(folder),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe=",
            "XDG_RUNTIME_DIR": str(folder.parent),
        }
        subprocess.run(["wineboot", "-i"], env=self.environment, capture_output=True, timeout=300)

    def command(self, *words: str | Path) -> list[str]:
        return ["wine", *map(str, words)]

    def run(self, *words: str | Path) -> int:
        """Run a Windows program; returns its exit code."""
        command = self.command(*words)
        return subprocess.run(
            command, env=self.environment, capture_output=True, timeout=300
        ).returncode

    def start(self, *words: str | Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(*words),
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        subprocess.run(["wineserver", "-k"], env=self.environment, capture_output=True)

    def registry(self, key: str) -> str:
        """A key and all below it as text, empty where there is none."""
        done = subprocess.run(
            self.command("reg", "query", key, "/s"), env=self.environment, capture_output=True
        )
        return "" if done.returncode else done.stdout.decode("utf-8", "replace")

    @property
    def user(self) -> Path:
        """The folder of the only user."""
        return next(
            path for path in (self.drive / "users").iterdir() if path.name.lower() != "public"
        )

    @property
    def local(self) -> Path:
        return self.user / "AppData" / "Local"

    def shortcut(self) -> Path:
        menu = Path("Microsoft", "Windows", "Start Menu", "Programs", "Sprite Lab.lnk")
        return self.user / "AppData" / "Roaming" / menu


def make_stand_in(folder: Path, version: str) -> Path:
    """A folder in the layout of the frozen app, with a file that only this version has."""
    for program in PROGRAMS:
        folder.mkdir(parents=True, exist_ok=True)
        command = ["makensis", "-V1", f"-DOUT={folder / program}", str(HERE / "stand_in.nsi")]
        subprocess.run(command, check=True)
    for name in (
        f"_internal/only-in-{version}.txt",
        f"_internal/package-{version}.dist-info/METADATA",
        "_internal/base_library.zip",
        "_internal/sprite_lab/resources/icons/play.svg",
        "_internal/a folder/with two words & more.txt",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(version, "utf-8")
    return folder


def files_in(folder: Path) -> set[str]:
    found = folder.rglob("*") if folder.is_dir() else ()
    return {path.relative_to(folder).as_posix() for path in found if path.is_file()}


def wait_until(holds: Callable[[], object], seconds: float = 60) -> bool:
    """Whether a condition becomes true. Windows' uninstallers continue after they return."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return False


def check_nsis(wine: Wine, work: Path, checks: Checks) -> None:
    """The setup program, run silently: for one user, upgraded, downgraded, for all."""

    def check(what: str, passed: object) -> None:
        checks(f"NSIS: {what}", bool(passed))

    app = {version: make_stand_in(work / version, version) for version in (OLD, NEW)}
    setup = {
        version: build_nsis(app[version], version, work / f"Sprite-Lab-{version}-setup.exe")
        for version in (OLD, NEW)
    }
    added = {"project.ico", "uninstall.exe"}
    home = wine.local / "Programs" / "Sprite Lab"
    data = wine.local / "sprite-lab"
    desktop = wine.user / "Desktop" / "Sprite Lab.lnk"

    check("installs", wine.run(setup[OLD], "/S", "/DesktopShortcut") == 0)
    check("every file is there", files_in(home) == files_in(app[OLD]) | added)
    entry = wine.registry(ENTRY)
    check("is listed among the programs", re.search(rf"DisplayVersion\s+REG_SZ\s+{OLD}", entry))
    check("says how it is removed", "QuietUninstallString" in entry and "EstimatedSize" in entry)
    classes = wine.registry(CLASSES)
    check("knows the file type", r'Sprite Lab.exe" "%1"' in classes and ".spritelab" in classes)
    check("is in the Start menu", wine.shortcut().is_file())
    check("is on the desktop when asked", desktop.is_file())

    data.mkdir()
    (data / "settings.json").write_text("{}", "utf-8")
    foreign = {"my sprite.png", "_internal/notes.txt"}
    for name in foreign:
        (home / name).write_text("mine", "utf-8")

    held = wine.start(home / PROGRAMS[0], "/hold")
    wait_until((data / "held").is_file, 20)
    check("refuses while the app runs", wine.run(setup[NEW], "/S") == 3)
    check("and changes nothing then", files_in(home) == files_in(app[OLD]) | added | foreign)
    (data / "let-go").write_text("", "utf-8")
    held.wait(timeout=30)

    check("upgrades", wine.run(setup[NEW], "/S") == 0)
    check(
        "no file of the old version stays", files_in(home) == files_in(app[NEW]) | added | foreign
    )
    check(
        "is listed with the new version",
        re.search(rf"Version\s+REG_SZ\s+{NEW}\r?$", wine.registry(ENTRY), re.M),
    )
    check("keeps the shortcut on the desktop", desktop.is_file())
    check("goes back to an older version", wine.run(setup[OLD], "/S") == 0)
    check("with its files alone", files_in(home) == files_in(app[OLD]) | added | foreign)

    wine.run(home / "uninstall.exe", "/S")
    check("uninstalls", wait_until(lambda: not wine.registry(ENTRY)))
    wait_until(lambda: files_in(home) == foreign)
    check("only the person's files stay in the folder", files_in(home) == foreign)
    check("empty folders are gone", not (home / "_internal" / "sprite_lab").exists())
    check("user data stay", (data / "settings.json").is_file())
    check("the registry is clean", "spritelab" not in wine.registry(CLASSES).lower())
    check("shortcuts are gone", not wine.shortcut().exists() and not desktop.exists())

    # wine puts quotes around words with spaces, which /D= must not have.
    chosen = wine.drive / "Tools" / "SpriteLab"
    for_all = ("/S", "/AllUsers", r"/D=C:\Tools\SpriteLab")
    check("installs for all, where told", wine.run(setup[NEW], *for_all) == 0)
    check("every file is there", files_in(chosen) == files_in(app[NEW]) | added)
    machine = ENTRY.replace("HKCU", "HKLM")
    check("is listed for all", wine.registry(machine) and not wine.registry(ENTRY))
    # wine looks for file types only among those for all users.
    (wine.drive / "two words.spritelab").write_bytes(b"")
    wine.run("start", "/wait", r"C:\two words.spritelab")
    wait_until((data / "opened.txt").is_file)
    opened = (data / "opened.txt").read_bytes().decode("utf-16-le")
    check("a double-click opens the project", opened == r'"C:\two words.spritelab"')
    wine.run(chosen / "uninstall.exe", "/S")
    check("uninstalls for all", wait_until(lambda: not wine.registry(machine)))
    check("nothing is left", wait_until(lambda: not chosen.exists()))
    classes = wine.registry(CLASSES.replace("HKCU", "HKLM")).lower()
    check("the registry is clean", "spritelab" not in classes)

    deep = "\\".join(["C:", *["a-folder-with-quite-a-long-name"] * 7])
    check("refuses a folder too deep", wine.run(setup[NEW], "/S", f"/D={deep}") == 2)
    check("and writes nothing", not (wine.drive / "a-folder-with-quite-a-long-name").exists())


def check_msi(wine: Wine, work: Path, checks: Checks) -> None:
    """The package, run silently. wine ignores MSIINSTALLPERUSER: it installs for all."""

    def check(what: str, passed: object) -> None:
        checks(f"MSI: {what}", bool(passed))

    # Windows Installer compares three numbers.
    old, new = "0.8.9", NEW
    app = {version: make_stand_in(work / f"msi-{version}", version) for version in (old, new)}
    package = {
        version: build_msi(app[version], version, work / f"Sprite-Lab-{version}.msi")
        for version in (old, new)
    }
    added = {"project.ico"}
    home = wine.drive / "Program Files" / "Sprite Lab"
    listed = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall"

    def msiexec(action: str, version: str) -> int:
        return wine.run("msiexec", action, package[version], "/qn")

    check("installs", msiexec("/i", old) == 0)
    check("every file is there", files_in(home) == files_in(app[old]) | added)
    check("is in the Start menu", any(wine.drive.rglob("Sprite Lab.lnk")))
    check("is listed among the programs", four_numbers(old) in wine.registry(listed))
    check("knows the file type", "SpriteLab.Project" in wine.registry(r"HKCR\.spritelab"))
    check("opens projects", '"%1"' in wine.registry(r"HKCR\SpriteLab.Project"))
    foreign = {"my sprite.png", "_internal/notes.txt"}
    for name in foreign:
        (home / name).write_text("mine", "utf-8")

    check("upgrades", msiexec("/i", new) == 0)
    check(
        "no file of the old version stays", files_in(home) == files_in(app[new]) | added | foreign
    )
    programs = wine.registry(listed)
    check("is listed once", programs.count("Sprite Lab contributors") == 1)
    check("with the new version", four_numbers(new) in programs)
    check("refuses an older version", msiexec("/i", old) != 0)
    check("and changes nothing then", files_in(home) == files_in(app[new]) | added | foreign)

    check("uninstalls", msiexec("/x", new) == 0)
    check("only the person's files stay in the folder", files_in(home) == foreign)
    check("the shortcut is gone", not any(wine.drive.rglob("Sprite Lab.lnk")))
    check("is listed no more", "Sprite Lab" not in wine.registry(listed))
    check("the registry is clean", not wine.registry(r"HKCR\SpriteLab.Project"))
    check("the file type is clean", not wine.registry(r"HKCR\.spritelab"))


def missing_programs() -> list[str]:
    return [name for name in ("makensis", "wixl", "wine", "wineboot") if not shutil.which(name)]


def check_installers(work: Path, checks: Checks) -> None:
    """All of it, with temporary files below ``work``."""
    wine = Wine(work / "wine")
    try:
        check_nsis(wine, work, checks)
        check_msi(wine, work, checks)
    finally:
        wine.close()


def main() -> int:
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args()
    if missing := missing_programs():
        print(
            f"check_wine: {', '.join(missing)} missing: install nsis, wixl, wine", file=sys.stderr
        )
        return 1
    with tempfile.TemporaryDirectory() as folder:
        checks = Checks("check_wine")
        check_installers(Path(folder), checks)
        return checks.end()


if __name__ == "__main__":
    sys.exit(main())
