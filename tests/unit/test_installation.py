"""How installations are recognized: each kind is simulated by the files it has."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from sprite_lab import installation, paths
from sprite_lab.installation import find_installation


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/opt/sprite-lab/sprite-lab")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("APPIMAGE", raising=False)
    monkeypatch.delenv("FLATPAK_ID", raising=False)


def kind(root: Path) -> str:
    found = find_installation(root)
    assert "\n" not in found.update
    assert found.update[-1] in ".:"
    assert found.update.endswith(":") == bool(found.command)
    return found.kind


def test_apps_that_bring_their_python(
    frozen: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kind(tmp_path) == "rpm"
    note = tmp_path / "var/lib/dpkg/info/sprite-lab.list"
    note.parent.mkdir(parents=True)
    note.write_text("/opt/another/sprite-lab\n", "utf-8")
    assert kind(tmp_path) == "rpm"
    note.write_text(f"/usr\n{sys.executable}\n", "utf-8")
    assert kind(tmp_path) == "deb"
    note.unlink()
    monkeypatch.setattr(sys, "executable", "/home/me/sprite-lab/sprite-lab")
    assert kind(tmp_path) == "folder"
    assert "/home/me/sprite-lab" in find_installation(tmp_path).update
    monkeypatch.setenv("APPIMAGE", "/home/me/SpriteLab.AppImage")
    assert kind(tmp_path) == "folder"  # the variable is the terminal's
    (tmp_path / "AppRun").touch()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "usr/lib/sprite-lab/sprite-lab"))
    assert kind(tmp_path) == "appimage"
    assert "/home/me/SpriteLab.AppImage" in find_installation(tmp_path).update
    monkeypatch.delenv("APPIMAGE")
    for platform, wanted in (("win32", "installer"), ("darwin", "image")):
        monkeypatch.setattr(sys, "platform", platform)
        assert kind(tmp_path) == wanted


def test_flatpak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLATPAK_ID", "org.fork.SpriteLab")
    assert kind(tmp_path) != "flatpak"  # the variable is the terminal's
    monkeypatch.setattr(sys, "executable", "/app/lib/sprite-lab/sprite-lab")
    assert kind(tmp_path) == "flatpak"
    assert find_installation(tmp_path).command == "flatpak update org.fork.SpriteLab"


@pytest.fixture
def packaged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """As in an environment; returns the folder for the package's notes, which the test adds."""
    monkeypatch.delenv("FLATPAK_ID", raising=False)
    site = tmp_path / "site-packages"
    notes = site / "sprite_lab-1.0.dist-info"
    notes.mkdir(parents=True)
    (notes / "METADATA").write_text("Metadata-Version: 2.1\nName: sprite-lab\nVersion: 1.0\n")
    monkeypatch.setattr(paths, "package", lambda: site / "sprite_lab")
    monkeypatch.setattr(metadata, "distribution", lambda name: metadata.Distribution.at(notes))
    return notes


def test_environments_of_python(
    packaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kind(tmp_path) == "other"
    for installer in ("pip", "uv"):
        (packaged / "INSTALLER").write_text(f"{installer}\n")
        assert kind(tmp_path) == installer
        assert sys.executable in find_installation(tmp_path).command
    (packaged / "INSTALLER").write_text("conda\n")
    assert kind(tmp_path) == "other"
    for prefix, wanted in (
        ("/home/me/.local/share/pipx/venvs/sprite-lab", "pipx"),
        ("/home/me/.local/share/uv/tools/sprite-lab", "uv-tool"),
    ):
        monkeypatch.setattr(sys, "prefix", prefix)
        assert kind(tmp_path) == wanted


@pytest.mark.parametrize(
    "note",
    [
        '{"url": "file:///home/me/lab", "dir_info": {"editable": true}}',
        '{"url": "https://example.org/lab.git", "vcs_info": {"vcs": "git"}}',
        "damaged",
    ],
)
def test_what_came_from_elsewhere_is_not_upgraded_by_name(
    packaged: Path, tmp_path: Path, note: str
) -> None:
    (packaged / "INSTALLER").write_text("pip\n")
    (packaged / "direct_url.json").write_text(note)
    assert kind(tmp_path) == "other"


def test_source_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLATPAK_ID", raising=False)
    monkeypatch.setattr(paths, "package", lambda: tmp_path / "sprite_lab")
    (tmp_path / "pyproject.toml").touch()
    assert kind(tmp_path) == "checkout"
    assert str(tmp_path) in find_installation(tmp_path).update


def test_no_note_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLATPAK_ID", raising=False)
    monkeypatch.setattr(paths, "package", lambda: tmp_path / "sprite_lab")
    monkeypatch.setattr(installation, "PACKAGE", "no-such-package")
    assert kind(tmp_path) == "other"
