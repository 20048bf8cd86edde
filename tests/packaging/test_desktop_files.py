"""Files that packages put below share/, checked by the desktops' own tools."""

from __future__ import annotations

import configparser
import datetime
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import desktop_files
import pytest
from PIL import Image

from sprite_lab.core.pixels.cells import CellSheet
from sprite_lab.formats.project import MIME_TYPE, save_project
from sprite_lab.paths import APP_ID

ROOT = Path(__file__).resolve().parents[2]
DAY = datetime.date(2026, 11, 25)


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("share")
    desktop_files.write(folder, "1.2.3", DAY)
    return folder


def run(*command: object) -> str:
    """The output of a tool, which must accept the files."""
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_desktop_entry_is_valid(share: Path) -> None:
    file = share / "applications" / f"{APP_ID}.desktop"
    assert run("desktop-file-validate", file) == ""


def test_the_desktop_entry_names_what_there_is(share: Path) -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(share / "applications" / f"{APP_ID}.desktop", "utf-8")
    section = entry["Desktop Entry"]
    assert section["Icon"] == APP_ID
    assert section["MimeType"] == f"{MIME_TYPE};"


@pytest.mark.parametrize("version", ["0.1.0", "1.2.3", "0.2.0.dev4+g1234567", "1.0rc1"])
def test_the_metainfo_is_valid(tmp_path: Path, version: str) -> None:
    file = tmp_path / f"{APP_ID}.metainfo.xml"
    file.write_text(desktop_files.metainfo(version, DAY), "utf-8")
    said = run("appstreamcli", "validate", "--no-net", "--pedantic", "--no-color", file)
    # The name consists of the repository's owner and the app, which has capitals.
    findings = [line for line in said.splitlines() if line[:3] in ("E: ", "W: ", "I: ", "P: ")]
    assert [f for f in findings if "cid-contains-uppercase-letter" not in f] == []


def test_the_metainfo_tells_of_the_release() -> None:
    stable = ElementTree.fromstring(desktop_files.metainfo("1.2.3", DAY))
    (release,) = stable.findall("releases/release")
    assert release.attrib == {"version": "1.2.3", "date": "2026-11-25", "type": "stable"}
    assert all("/v1.2.3/" in image.text for image in stable.iter("image"))
    other = ElementTree.fromstring(desktop_files.metainfo("0.2.0.dev4+g1234567", DAY))
    (release,) = other.findall("releases/release")
    assert (release.get("version"), release.get("type")) == ("0.2.0~dev4", "development")
    assert all("/main/" in image.text for image in other.iter("image"))


def test_the_metainfo_has_the_news_of_the_changelog(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "## [1.2.3] - 2026-11-25\n\n### Added\n- Sprites & `more`,\n  on two lines.\n"
    section = desktop_files.changelog.section
    monkeypatch.setattr(desktop_files.changelog, "section", lambda version: section(version, text))
    told = ElementTree.fromstring(desktop_files.metainfo("1.2.3", DAY))
    assert [item.text for item in told.iter("li")][-1] == "Sprites & more, on two lines."
    assert told.find("releases/release/description/ul/li") is not None
    untold = ElementTree.fromstring(desktop_files.metainfo("1.2.4", DAY))
    assert untold.find("releases/release/description") is None


def test_the_pictures_of_the_metainfo_are_there() -> None:
    file = ROOT / "resources" / "desktop" / f"{APP_ID}.metainfo.xml"
    images = list(ElementTree.parse(file).iter("image"))
    assert images
    for image in images:
        picture = ROOT / str(image.text).partition("/main/")[2]
        size = (int(image.attrib["width"]), int(image.attrib["height"]))
        assert Image.open(picture).size == size, picture


def test_the_metainfo_and_the_entry_name_the_same_type(share: Path) -> None:
    root = ElementTree.parse(share / "metainfo" / f"{APP_ID}.metainfo.xml").getroot()
    assert root.findtext("id") == APP_ID
    assert root.findtext("launchable") == f"{APP_ID}.desktop"
    assert root.findtext("provides/mediatype") == MIME_TYPE
    assert root.find("releases/release") is not None


def test_all_xml_is_well_formed(share: Path) -> None:
    for file in share.rglob("*.xml"):
        run("xmllint", "--noout", file)


@pytest.mark.parametrize("name", ["mine.spritelab", "renamed", "renamed.zip"])
def test_a_project_is_known_by_its_name_and_by_what_it_is(
    share: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("update-mime-database", share / "mime")
    monkeypatch.setenv("XDG_DATA_HOME", str(share))
    monkeypatch.setenv("XDG_DATA_DIRS", "/usr/share")
    file = tmp_path / name
    save_project(file, CellSheet())
    said = run("gio", "info", "-a", "standard::content-type", file)
    kind = "application/zip" if name.endswith(".zip") else MIME_TYPE
    assert f"standard::content-type: {kind}" in said


def test_another_zip_is_no_project(
    share: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("update-mime-database", share / "mime")
    monkeypatch.setenv("XDG_DATA_HOME", str(share))
    with zipfile.ZipFile(tmp_path / "other", "w") as archive:
        archive.writestr("project.json", "{}")
    said = run("gio", "info", "-a", "standard::content-type", tmp_path / "other")
    assert MIME_TYPE not in said


@pytest.mark.parametrize(
    ("folder", "name"),
    [("apps", APP_ID), ("mimetypes", MIME_TYPE.replace("/", "-"))],
)
def test_icons_are_there_in_every_size(share: Path, folder: str, name: str) -> None:
    hicolor = share / "icons" / "hicolor"
    sizes = {16, 24, 32, 48, 64, 128, 256, 512}
    for size in sizes:
        with Image.open(hicolor / f"{size}x{size}" / folder / f"{name}.png") as picture:
            assert picture.size == (size, size)
    ElementTree.parse(hicolor / "scalable" / "apps" / f"{APP_ID}.svg")


def test_the_man_page_tells_of_every_command(share: Path) -> None:
    import typer

    from sprite_lab.cli.main import app

    page = (share / "man" / "man1" / "sprite-lab.1").read_text("utf-8").replace("\\-", "-")
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert all(f'.SS "sprite-lab {name} ' in page for name in commands)
    assert '.TH SPRITE-LAB 1 2026-11-25 "Sprite Lab 1.2.3"' in page


def test_the_man_page_is_without_a_fault(share: Path) -> None:
    page = share / "man" / "man1" / "sprite-lab.1"
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    done = subprocess.run(
        ["groff", "-man", "-ww", "-K", "utf8", "-T", "utf8", str(page)],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "sprite-lab train [OPTIONS]" in done.stdout or "sprite‐lab" in done.stdout
