"""The installers for Windows: the output of their compilers, and of tools that read the results."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
import windows_installers as windows

EXTRA = {path.name for path in windows.EXTRA}
FILES = {
    "Sprite Lab.exe": b"windowed",
    "sprite-lab.exe": b"console",
    "_internal/base_library.zip": b"zip",
    "_internal/sprite_lab/resources/icons/play.svg": b"<svg/>",
    "_internal/a folder/two words & more.txt": b"text",
}


def needs(*programs: str):
    missing = [program for program in programs if not shutil.which(program)]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}")


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "sprite-lab"
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture(autouse=True)
def unsigned(monkeypatch):
    monkeypatch.delenv(windows.SIGN_VARIABLE, raising=False)


def output(*command: str | Path) -> str:
    return subprocess.run(
        [str(word) for word in command], check=True, capture_output=True, text=True
    ).stdout


# -- the list of files ----------------------------------------------------------------------


def test_each_file_is_a_component_in_its_folder(app):
    files = windows.app_files(app)
    wix = ElementTree.fromstring(windows.wix_files(files))
    space = {"w": "http://schemas.microsoft.com/wix/2006/wi"}
    inside = {child: parent for parent in wix.iter() for child in parent}

    def place(file: ElementTree.Element) -> str:
        """Its path below the folder of the program."""
        names, node = [file.get("Name")], inside[inside[file]]
        while node.get("Id") != "INSTALLDIR":
            names.append(node.get("Name"))
            node = inside[node]
        return "/".join(reversed(names))

    found = {place(file): Path(file.get("Source")) for file in wix.iterfind(".//w:File", space)}
    assert found == files
    components = [c.get("Id") for c in wix.iterfind(".//w:Component", space)]
    assert len(set(components)) == len(files)
    refs = {r.get("Id") for r in wix.iterfind(".//w:ComponentRef", space)}
    assert refs == set(components)
    again = dict(reversed(files.items()))
    assert windows.wix_files(again) == windows.wix_files(files)


def test_each_file_that_is_installed_is_removed_and_nothing_else(app):
    text = windows.nsis_macros(windows.app_files(app))
    install, remove = text.split("!macro RemoveFiles\n")
    folder, installed = "", []
    for line in install.splitlines():
        if found := re.search(r'SetOutPath "(.*)"', line):
            folder = found[1]
        elif found := re.search(r'File "(.*)"', line):
            installed.append(f"{folder}\\{Path(found[1]).name}")
    removed = re.findall(r'Delete "(.*)"', remove)
    assert sorted(removed) == sorted(installed)
    assert {name.removeprefix("$INSTDIR\\").replace("\\", "/") for name in removed} == (
        set(FILES) | EXTRA
    )
    # A folder is removed only if empty, so its contents go first.
    gone = re.findall(r'RMDir "(.*)"', remove)
    assert "$INSTDIR\\_internal\\a folder" in gone
    assert all(
        not later.startswith(f"{sooner}\\") for sooner, later in itertools.combinations(gone, 2)
    )


def test_no_folder_is_ever_removed_with_what_it_holds():
    script = (windows.WINDOWS / "installer.nsi").read_text("utf-8")
    assert not re.search(r"rmdir\s+/r", script, re.IGNORECASE)


def test_a_dollar_in_a_name_is_no_variable(app):
    (app / "_internal" / "a$b.txt").write_bytes(b"")
    assert r'Delete "$INSTDIR\_internal\a$$b.txt"' in windows.nsis_macros(windows.app_files(app))


def test_an_app_for_another_system_is_refused(tmp_path):
    (tmp_path / "sprite-lab").write_bytes(b"")
    with pytest.raises(windows.BuildError, match=r"holds no Sprite Lab\.exe"):
        windows.app_files(tmp_path)


def test_a_name_too_long_for_windows_is_refused(app):
    (app / "_internal" / ("x" * 160)).write_bytes(b"")
    with pytest.raises(windows.BuildError, match="more than 159 characters"):
        windows.app_files(app)


# -- NSIS ------------------------------------------------------------------------------------


@needs("makensis")
def test_the_setup_program_compiles_without_warnings(app, tmp_path):
    out = windows.build_nsis(app, "0.9.0.dev3+gabc", tmp_path / "new" / "Sprite-Lab-setup.exe")
    content = out.read_bytes()
    assert content.startswith(b"MZ")
    assert "0.9.0.dev3+gabc".encode("utf-16-le") in content  # in its resources
    assert b"requireAdministrator" not in content
    assert b'level="asInvoker"' in content


@needs("makensis")
def test_what_makensis_says_ends_the_build(app, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(windows, "nsis_macros", lambda files: "!macro InstallFiles\n!macroend\n")
    with pytest.raises(windows.BuildError, match="makensis failed with code 1"):
        windows.build_nsis(app, "0.9.0", tmp_path / "Sprite-Lab-setup.exe")
    assert "RemoveFiles" in "".join(capfd.readouterr())


def test_a_compiler_that_is_absent_is_named(app, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    arguments = ["", "nsis", f"--app={app}", "--version=1", f"--out={tmp_path / 'x.exe'}"]
    monkeypatch.setattr("sys.argv", arguments)
    assert windows.main() == 1
    assert "makensis is not there: install it and try again." in capsys.readouterr().err


# -- MSI -------------------------------------------------------------------------------------


def table(package: Path, name: str) -> list[list[str]]:
    """The rows of a table of the package, below its three lines of headings."""
    lines = output("msiinfo", "export", package, name).splitlines()[3:]
    return [line.split("\t") for line in lines]


@needs("wixl", "msiinfo", "msiextract")
def test_the_package_holds_every_file(app, tmp_path):
    package = windows.build_msi(app, "0.9.0", tmp_path / "Sprite-Lab.msi")
    output("msiextract", "-C", tmp_path / "out", package)
    programs = next((tmp_path / "out").rglob("Sprite Lab"))
    found = {
        path.relative_to(programs).as_posix(): path.read_bytes()
        for path in programs.rglob("*")
        if path.is_file()
    }
    assert found == FILES | {path.name: path.read_bytes() for path in windows.EXTRA}


@needs("wixl", "msiinfo")
def test_the_package_says_what_windows_asks(app, tmp_path):
    package = windows.build_msi(app, "0.9.0.dev3", tmp_path / "Sprite-Lab.msi")
    values = {row[0]: row[1] for row in table(package, "Property")}
    assert values["ProductVersion"] == "0.9.0.3"
    # An upgrade finds the older version by this code: it must stay.
    assert values["UpgradeCode"] == "{5C0A1E5B-8D5B-4E57-9F57-6D2C0C0B4A11}"
    # For the user alone by default, without special rights.
    assert (values["ALLUSERS"], values["MSIINSTALLPERUSER"]) == ("2", "1")
    # 0 is HKEY_CLASSES_ROOT, which follows that choice.
    registry = {(row[2], row[3]): row[4] for row in table(package, "Registry") if row[1] == "0"}
    assert registry[".spritelab", ""] == "SpriteLab.Project"
    command = registry[r"SpriteLab.Project\shell\open\command", ""]
    assert command == '"[INSTALLDIR]Sprite Lab.exe" "%1"'
    assert [row[1:3] for row in table(package, "Shortcut")] == [["ProgramMenuFolder", "Sprite Lab"]]
    assert "x64" in output("msiinfo", "suminfo", package)


@needs("wixl", "msiinfo")
def test_components_keep_their_names_and_packages_do_not(app, tmp_path):
    first = windows.build_msi(app, "0.9.0", tmp_path / "first.msi")
    second = windows.build_msi(app, "0.9.1", tmp_path / "second.msi")
    components = [{row[1] for row in table(each, "Component")} for each in (first, second)]
    assert components[0] == components[1]
    assert len(components[0]) == len(FILES) + len(EXTRA) + 1
    codes = {
        dict(row[:2] for row in table(each, "Property"))["ProductCode"] for each in (first, second)
    }
    assert len(codes) == 2


def test_on_windows_the_package_is_made_with_wix(app, tmp_path, monkeypatch):
    tools = tmp_path / "WiX Toolset v3.14" / "bin"
    tools.mkdir(parents=True)
    for name in ("candle.exe", "light.exe"):
        (tools / name).write_bytes(b"")
    monkeypatch.setenv("ProgramFiles(x86)", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    ran: list[list[str]] = []
    monkeypatch.setattr(windows, "run", ran.append)
    windows.build_msi(app, "0.9.0", tmp_path / "Sprite-Lab.msi")
    candle, light = ran
    assert candle[0] == str(tools / "candle.exe")
    assert {"-arch", "x64", "-dVersion=0.9.0.40000"} <= set(candle)
    assert [Path(word).name for word in candle[-2:]] == ["product.wxs", "files.wxs"]
    assert light[0] == str(tools / "light.exe")
    assert [Path(word).name for word in light[-2:]] == ["product.wixobj", "files.wixobj"]


# -- signing ---------------------------------------------------------------------------------


@needs("makensis", "wixl", "osslsigncode", "openssl")
def test_programs_and_installers_are_signed_where_there_is_a_command(app, tmp_path, monkeypatch):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    output(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
        *("-subj", "/CN=Test", "-addext", "extendedKeyUsage=codeSigning"),
        *("-keyout", key, "-out", certificate),
    )
    monkeypatch.setenv(
        windows.SIGN_VARIABLE,
        f'osslsigncode sign -certs {certificate} -key {key} -h sha256 -in "%1" -out "%1.signed"'
        ' >&2 && mv "%1.signed" "%1"',
    )
    for name in ("Sprite Lab.exe", "sprite-lab.exe"):
        stand_in = windows.WINDOWS / "stand_in.nsi"
        output("makensis", "-V1", f"-DOUT={app / name}", stand_in)
    setup = windows.build_nsis(app, "0.9.0", tmp_path / "Sprite-Lab-setup.exe")
    assert_signed(app / "Sprite Lab.exe", certificate)
    assert_signed(app / "sprite-lab.exe", certificate)
    assert_signed(setup, certificate)
    shutil.copy(setup, tmp_path / "spoiled.exe")
    with open(tmp_path / "spoiled.exe", "r+b") as file:
        file.seek(5000)
        file.write(b"other")
    with pytest.raises(subprocess.CalledProcessError):
        assert_signed(tmp_path / "spoiled.exe", certificate)
    assert_signed(windows.build_msi(app, "0.9.0", tmp_path / "Sprite-Lab.msi"), certificate)


def assert_signed(path: Path, certificate: Path) -> None:
    output("osslsigncode", "verify", "-CAfile", certificate, "-in", path)


def test_a_signature_that_fails_ends_the_build(app, tmp_path, monkeypatch):
    monkeypatch.setenv(windows.SIGN_VARIABLE, "exit 1")
    with pytest.raises(windows.BuildError, match="could not be signed: see WINDOWS_SIGN_COMMAND"):
        windows.build_msi(app, "0.9.0", tmp_path / "Sprite-Lab.msi")
