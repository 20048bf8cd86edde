"""``--install-desktop``: one user's menu and files, checked with the desktop's own tools."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from sprite_lab.cli import desktop
from sprite_lab.cli.desktop import windows
from sprite_lab.core.pixels.cells import CellSheet
from sprite_lab.formats.project import MIME_TYPE, save_project
from sprite_lab.paths import APP_ID
from tests.cli.conftest import Command

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG desktops only")


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The share folder of a user's desktop, which is empty."""
    share = tmp_path / "share of mine"
    monkeypatch.setenv("XDG_DATA_HOME", str(share))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SUDO_UID", raising=False)
    return share


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def asked(*command: object) -> str:
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_it_is_for_one_user(command: Command, share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_UID", "1000")
    done = command("--install-desktop")
    assert (done.code, done.out) == (1, "")
    assert "without sudo" in done.err
    assert not share.exists()


@on_linux
def test_it_is_installed_once_however_often(command: Command, share: Path) -> None:
    first = command("--install-desktop")
    assert (first.code, first.err) == (0, "")
    assert first.out.startswith("Sprite Lab is in the menu, and projects open with it")
    assert first.out.count("\n") == 1
    there = files_in(share)
    again = command("--install-desktop")
    assert again.out == first.out
    ours = {name: there[name] for name in desktop.share_files(["x"])}
    assert {name: files_in(share)[name] for name in ours} == ours


@on_linux
def test_uninstalling_removes_exactly_that(command: Command, share: Path) -> None:
    other = share / "icons" / "hicolor" / "48x48" / "apps" / "other.png"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"")
    assert command("--uninstall-desktop").out.startswith("There is no entry of Sprite Lab in ")
    command("--install-desktop")
    gone = command("--uninstall-desktop")
    assert (gone.code, gone.out.count("\n")) == (0, 1)
    assert gone.out.startswith("Sprite Lab is no longer in the menu.")
    left = set(files_in(share))
    assert not left & set(desktop.share_files(["x"]))
    assert "icons/hicolor/48x48/apps/other.png" in left
    # What the tools wrote about others stays; none of our folders does.
    assert [path.name for path in (share / "icons" / "hicolor").iterdir()] == ["48x48"]


@on_linux
@pytest.mark.usefixtures("share")
def test_a_project_opens_with_the_entry(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("update-desktop-database") is None:
        pytest.skip("update-desktop-database, which gio needs, is not installed")
    share = tmp_path / "share"  # xdg-mime 1.2.1 cannot read a path with a space in it
    monkeypatch.setenv("XDG_DATA_HOME", str(share))
    # Without a desktop, xdg-mime asks file(1), which does not know our packages.
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "GNOME")
    command("--install-desktop")
    entry = f"{APP_ID}.desktop"
    assert asked("xdg-mime", "query", "default", MIME_TYPE) == entry
    project = tmp_path / "mine.spritelab"
    save_project(project, CellSheet())
    assert asked("xdg-mime", "query", "filetype", project) == MIME_TYPE
    assert entry in asked("gio", "mime", MIME_TYPE)
    assert asked("desktop-file-validate", share / "applications" / entry) == ""
    command("--uninstall-desktop")
    assert entry not in asked("gio", "mime", MIME_TYPE)


@on_linux
def test_without_the_desktops_tools_it_says_so(
    command: Command, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    done = command("--install-desktop")
    assert done.code == 0
    assert "without update-mime-database and update-desktop-database." in done.out


@on_linux
def test_the_entry_starts_the_command(share: Path, tmp_path: Path) -> None:
    """Started by the desktop's own launcher, from a folder with many special
    letters in its name.
    """
    if shutil.which("gio") is None:
        pytest.skip("gio is not installed")
    program = tmp_path / """it's "so" $HOME `x` a\\b; é""" / "sprite-lab"
    program.parent.mkdir()
    told = tmp_path / "told"
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > "{told}.part"; mv "{told}.part" "{told}"\n'
    )
    program.chmod(0o755)
    file = tmp_path / "a.desktop"
    file.write_text(desktop.entry([str(program)]), "utf-8")
    project = tmp_path / "mine & yours.spritelab"
    project.touch()
    environment = {**os.environ, "XDG_DATA_HOME": str(share)}
    done = subprocess.run(
        ["gio", "launch", str(file), str(project)], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    for _ in range(200):
        if told.is_file():
            break
        subprocess.run(["sleep", "0.05"], check=True)
    assert told.read_text().splitlines() == [str(project)]


def test_the_entry_keeps_the_rest_of_the_packages_one() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.read_string(desktop.entry(["/opt/sprite-lab"]))
    assert entry["Desktop Entry"]["Exec"] == "/opt/sprite-lab %f"
    assert entry["Desktop Entry"]["TryExec"] == "/opt/sprite-lab"
    assert entry["Desktop Entry"]["Icon"] == APP_ID


class TestOwnCommand:
    def test_a_script_is_named_by_where_it_was_called(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        script, link = tmp_path / "venv" / "sprite-lab", tmp_path / "bin" / "sprite-lab"
        for folder in (script.parent, link.parent):
            folder.mkdir()
        script.touch(0o755)
        link.symlink_to(script)
        monkeypatch.setattr(sys, "argv", [str(link), "--install-desktop"])
        assert desktop.own_command() == [str(link)]

    def test_an_app_image_is_named_itself(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program = tmp_path / "usr" / "lib" / "sprite-lab" / "sprite-lab"
        monkeypatch.setattr(sys, "frozen", True, raising=False)
        monkeypatch.setattr(sys, "executable", str(program))
        monkeypatch.setenv("APPIMAGE", "/home/ada/Sprite_Lab.AppImage")
        # The variable may come from a terminal that is an AppImage itself.
        assert desktop.own_command() == [str(program)]
        (tmp_path / "AppRun").touch()
        assert desktop.own_command() == ["/home/ada/Sprite_Lab.AppImage"]

    def test_without_a_script_it_is_the_module(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "argv", [str(tmp_path / "__main__.py")])
        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
        assert desktop.own_command() == [str(tmp_path / "python"), "-m", "sprite_lab"]

    def test_a_frozen_one_is_its_program(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "frozen", True, raising=False)
        assert desktop.own_command() == [sys.executable]


def test_on_macos_it_is_the_bundle(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "app bundle" in command("--install-desktop").out


class _Open:
    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> _Open:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class Registry(ModuleType):
    """Stands in for winreg: keys by their full names, each with its default value."""

    HKEY_CURRENT_USER, REG_SZ, KEY_ALL_ACCESS = "HKCU", 1, 0

    def __init__(self) -> None:
        super().__init__("winreg")
        self.keys: dict[str, str] = {}

    def SetValue(self, _user: str, key: str, _kind: int, value: str) -> None:
        self.keys[key] = value

    def DeleteKey(self, _user: str, key: str) -> None:
        if key not in self.keys and not any(k.startswith(key + "\\") for k in self.keys):
            raise FileNotFoundError(key)
        assert not any(k.startswith(key + "\\") for k in self.keys), "a key with keys in it"
        self.keys.pop(key, None)

    def OpenKey(self, _user: str, key: str, *_: int) -> Any:
        if key not in self.keys:
            raise FileNotFoundError(key)
        return _Open(key)

    def QueryValueEx(self, key: _Open, _name: str) -> tuple[str, int]:
        return self.keys[key.name], 1

    def DeleteValue(self, key: _Open, _name: str) -> None:
        del self.keys[key.name]


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """The parts of Windows needed here: its registry, and PowerShell, which makes the shortcut."""
    registry = Registry()
    shell = SimpleNamespace(shell32=SimpleNamespace(SHChangeNotify=lambda *_: None))
    modules = {"winreg": registry, "ctypes": SimpleNamespace(windll=shell)}
    monkeypatch.setattr(windows, "_windows", modules.__getitem__)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("APPDATA", str(tmp_path))
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path / "it's home"))

    def run(command: list[str], **_: object) -> None:
        assert command[0] == "powershell"
        registry.script = command[-1]
        link = tmp_path / "Microsoft/Windows/Start Menu/Programs/Sprite Lab.lnk"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.touch()

    monkeypatch.setattr(windows.subprocess, "run", run)
    return registry


def test_windows_gets_a_shortcut_and_the_kind_of_file(command: Command, registry: Registry) -> None:
    done = command("--install-desktop")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Sprite Lab is in the Start menu, and projects open with it")
    kind = registry.keys[r"Software\Classes\.spritelab"]
    opens = registry.keys[rf"Software\Classes\{kind}\shell\open\command"]
    assert opens.endswith(' -m sprite_lab "%1"')
    assert "it''s home" in registry.script, "quotes are doubled for PowerShell"
    icon = Path(registry.keys[rf"Software\Classes\{kind}\DefaultIcon"])
    with Image.open(icon) as picture:
        assert (256, 256) in picture.info["sizes"]
        assert (16, 16) in picture.info["sizes"]
    assert command("--uninstall-desktop").code == 0
    assert registry.keys == {}
    assert not icon.exists()


def test_windows_leaves_the_kind_of_file_to_whom_it_belongs_by_now(
    command: Command, registry: Registry
) -> None:
    command("--install-desktop")
    registry.keys[r"Software\Classes\.spritelab"] = "SpriteLab.Project"
    command("--uninstall-desktop")
    assert registry.keys == {r"Software\Classes\.spritelab": "SpriteLab.Project"}
