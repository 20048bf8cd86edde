"""The disk image for macOS: the bundle's metadata, and the commands in order."""

from __future__ import annotations

import plistlib
from pathlib import Path

import macos_image
import pytest

LIBRARY = bytes.fromhex("cffaedfe") + b"..."


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A bundle as PyInstaller lays it out, with libraries at several depths and a link."""
    contents = tmp_path / "Sprite Lab.app" / "Contents"
    info = macos_image.info_plist("0.9.0")
    files = {
        "Info.plist": plistlib.dumps(info),
        "MacOS/Sprite Lab": LIBRARY,
        "MacOS/sprite-lab-cli": LIBRARY,
        "Resources/base_library.zip": b"PK",
        "Frameworks/libtorch_cpu.dylib": LIBRARY,
        "Frameworks/QtCore.framework/Versions/A/QtCore": LIBRARY,
        "Frameworks/empty": b"",
    }
    for name, content in files.items():
        (contents / name).parent.mkdir(parents=True, exist_ok=True)
        (contents / name).write_bytes(content)
    link = contents / "Resources" / "libtorch_cpu.dylib"
    link.symlink_to("../Frameworks/libtorch_cpu.dylib")
    return contents.parent


@pytest.fixture(autouse=True)
def no_secrets(monkeypatch):
    for name in (macos_image.IDENTITY, *macos_image.NOTARY):
        monkeypatch.delenv(name, raising=False)


class Recorder:
    """Stands in for a Mac: records the commands, and the contents of the image."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.layout: dict[str, str] = {}

    def __call__(self, command: list[str]) -> None:
        self.commands.append(command)
        if command[0] == "ditto":
            Path(command[2]).mkdir()
        elif command[0] == "hdiutil":
            folder = Path(command[command.index("-srcfolder") + 1])
            for path in folder.iterdir():
                self.layout[path.name] = str(path.readlink()) if path.is_symlink() else "folder"
            Path(command[-1]).write_bytes(b"image")

    def named(self, *words: str) -> list[list[str]]:
        return [each for each in self.commands if each[: len(words)] == list(words)]


# -- the bundle's metadata ------------------------------------------------------------------------


def test_the_bundle_owns_its_projects():
    info = plistlib.loads(plistlib.dumps(macos_image.info_plist("0.9.0.dev3+gabc")))
    assert info["CFBundleIdentifier"] == "io.github.sprite-lab.SpriteLab"
    # Three numbers, as macOS demands.
    assert info["CFBundleVersion"] == info["CFBundleShortVersionString"] == "0.9.0"
    (document,), (exported,) = info["CFBundleDocumentTypes"], info["UTExportedTypeDeclarations"]
    assert document["LSItemContentTypes"] == [exported["UTTypeIdentifier"]]
    assert document["LSHandlerRank"] == "Owner"
    tags = exported["UTTypeTagSpecification"]
    assert tags["public.filename-extension"] == ["spritelab"]
    assert info["NSHighResolutionCapable"] is True
    assert info["LSBackgroundOnly"] is False
    assert not [key for key in info if "Camera" in key or "Microphone" in key]


def test_the_bundle_opens_windows_with_its_other_program_beside_it():
    info = macos_image.info_plist("0.9.0")
    assert info["CFBundleExecutable"] == "Sprite Lab" != macos_image.CONSOLE
    # Both are in one folder, where macOS ignores case.
    assert macos_image.CONSOLE.lower() != info["CFBundleExecutable"].lower()


def test_the_names_are_those_of_the_app():
    from sprite_lab.paths import APP_ID

    assert APP_ID.replace("_", "-") == macos_image.BUNDLE_ID


def test_the_entitlements_take_little_from_the_hardened_runtime():
    entitlements = plistlib.loads(macos_image.ENTITLEMENTS.read_bytes())
    assert set(entitlements) == {
        "com.apple.security.cs.allow-jit",
        "com.apple.security.cs.allow-unsigned-executable-memory",
    }


# -- commands --------------------------------------------------------------------------------


def test_without_secrets_it_is_signed_for_this_computer(app, tmp_path, capsys):
    mac = Recorder()
    out = macos_image.build_dmg(app, "0.9.0", tmp_path / "new" / "Sprite-Lab.dmg", mac)
    assert out.read_bytes() == b"image"
    assert [each[0] for each in mac.commands] == ["codesign"] * 3 + ["ditto", "hdiutil"]
    assert all(each[:4] == ["codesign", "--force", "--sign", "-"] for each in mac.commands[:2])
    assert "MACOS_SIGN_IDENTITY is not set" in capsys.readouterr().err


def test_the_image_holds_the_app_and_a_link_to_applications(app, tmp_path):
    mac = Recorder()
    macos_image.build_dmg(app, "0.9.0", tmp_path / "Sprite-Lab.dmg", mac)
    assert mac.layout == {"Sprite Lab.app": "folder", "Applications": "/Applications"}
    (command,) = mac.named("hdiutil", "create")
    assert command[command.index("-volname") + 1] == "Sprite Lab 0.9.0"


def test_libraries_are_signed_before_what_holds_them(app, tmp_path, monkeypatch):
    monkeypatch.setenv(macos_image.IDENTITY, "Developer ID Application: Somebody")
    mac = Recorder()
    macos_image.build_dmg(app, "0.9.0", tmp_path / "Sprite-Lab.dmg", mac)
    inside, bundle, verify, image = mac.named("codesign")
    for command in (inside, bundle):
        assert command[command.index("--options") + 1] == "runtime"
        assert command[command.index("--entitlements") + 1] == str(macos_image.ENTITLEMENTS)
        assert "--timestamp" in command
    signed = [Path(word).name for word in inside if str(app) in word]
    assert signed == ["QtCore", "libtorch_cpu.dylib", "sprite-lab-cli"]
    assert bundle[-1] == str(app)
    assert verify == ["codesign", "--verify", "--deep", "--strict", str(app)]
    assert image[-1].endswith(".dmg")
    assert (app / "Contents" / "Resources" / "project.icns").is_file()


def test_an_image_whose_files_are_busy_is_tried_again(app, tmp_path, monkeypatch):
    monkeypatch.setattr(macos_image, "PAUSE_S", 0)
    mac, busy = Recorder(), [2]

    def run(command):
        if command[0] == "hdiutil" and busy[0]:
            busy[0] -= 1
            raise macos_image.BuildError("hdiutil failed with code 1; see above.")
        mac(command)

    assert macos_image.build_dmg(app, "0.9.0", tmp_path / "a.dmg", run).read_bytes() == b"image"
    busy[0] = 99
    with pytest.raises(macos_image.BuildError, match="hdiutil failed"):
        macos_image.build_dmg(app, "0.9.0", tmp_path / "b.dmg", run)
    assert busy[0] == 99 - macos_image.ATTEMPTS


def test_many_libraries_are_signed_in_several_commands(app, tmp_path):
    for number in range(250):
        (app / "Contents" / "Frameworks" / f"lib{number}.dylib").write_bytes(LIBRARY)
    mac = Recorder()
    macos_image.build_dmg(app, "0.9.0", tmp_path / "Sprite-Lab.dmg", mac)
    signed = [word for each in mac.named("codesign", "--force") for word in each[4:-1] + each[-1:]]
    assert len(signed) == len(set(signed)) == 250 + 3 + 1


def test_notarized_where_all_secrets_are_there(app, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(macos_image.IDENTITY, "Developer ID Application: Somebody")
    mac = Recorder()
    macos_image.build_dmg(app, "0.9.0", tmp_path / "Sprite-Lab.dmg", mac)
    assert not mac.named("xcrun")
    assert "not notarized" in capsys.readouterr().err

    for name in macos_image.NOTARY:
        monkeypatch.setenv(name, name.lower())
    mac = Recorder()
    out = macos_image.build_dmg(app, "0.9.0", tmp_path / "Sprite-Lab.dmg", mac)
    submit, staple = mac.named("xcrun")
    assert submit[:4] == ["xcrun", "notarytool", "submit", str(out)]
    assert submit[4:] == [
        *("--key", "macos_notary_key", "--key-id", "macos_notary_key_id"),
        *("--issuer", "macos_notary_issuer", "--wait"),
    ]
    assert staple == ["xcrun", "stapler", "staple", str(out)]


def test_a_folder_that_is_no_bundle_is_refused(tmp_path):
    with pytest.raises(macos_image.BuildError, match="is no bundle: freeze the app on macOS first"):
        macos_image.build_dmg(tmp_path, "0.9.0", tmp_path / "Sprite-Lab.dmg", Recorder())
