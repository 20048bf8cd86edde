"""The Linux packages of a stand-in for the app: read back by dpkg, rpm and man."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import build
import linux_packages
import pytest

VERSION = "0.2.0.dev3+g79a81c4"


def output(*command: str | Path) -> str:
    return subprocess.run(
        list(map(str, command)), check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(linux_packages, "WORK", tmp_path / "work")
    return linux_packages


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A folder as PyInstaller makes it: a program, its own library, data."""
    folder = tmp_path / "app"
    inner = folder / "_internal"
    (inner / "torch" / "bin").mkdir(parents=True)
    shutil.copy(shutil.which("cat") or "/bin/cat", folder / "sprite-lab")
    shutil.copy(folder / "sprite-lab", inner / "torch" / "bin" / "torch_shm_manager")
    (inner / "libours.so.1").write_bytes(b"no library at all")
    (inner / "notes with spaces.txt").write_text("data", "utf-8")
    (inner / "libsame.so").symlink_to("libours.so.1")
    return folder


def need(*tools: str) -> None:
    for tool in tools:
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")


@pytest.mark.parametrize(
    ("older", "newer"),
    [("0.2.0.dev3", "0.2.0"), ("0.2.0a1", "0.2.0b1"), ("0.2.0rc1", "0.2.0"), ("0.2.0", "0.10.0")],
)
def test_dpkg_sorts_versions_as_python_does(linux: ModuleType, older: str, newer: str) -> None:
    need("dpkg")
    versions = [linux.system_version(version) for version in (older, newer)]
    subprocess.run(["dpkg", "--compare-versions", versions[0], "lt", versions[1]], check=True)


def test_what_the_system_must_have_is_what_the_app_does_not_bring(
    linux: ModuleType, app: Path
) -> None:
    need("readelf")
    needed, glibc = linux.needed_libraries(app)
    assert "libc.so.6" in needed
    assert tuple(map(int, glibc.split("."))) >= (2, 2)
    (app / "_internal" / "libc.so.6").write_bytes(b"")
    assert "libc.so.6" not in linux.needed_libraries(app)[0]


def test_a_library_that_no_package_has_is_an_error_before_the_package_is_made(
    linux: ModuleType,
) -> None:
    need("dpkg-query")
    with pytest.raises(linux.BuildError, match=r"libnowhere\.so\.7"):
        linux.debian_depends({"libnowhere.so.7"}, "2.39")


def test_deb(linux: ModuleType, app: Path, tmp_path: Path) -> None:
    need("dpkg-deb", "readelf", "man")
    package = linux.build_deb(app, VERSION, tmp_path / "out", "-Znone")
    fields = output("dpkg-deb", "--field", package)
    assert "Version: 0.2.0~dev3+g79a81c4\n" in fields
    assert "libc6 (>= 2." in fields
    assert package.name.startswith("sprite-lab_0.2.0~dev3+g79a81c4_")
    root = tmp_path / "root"
    output("dpkg-deb", "--extract", package, root)
    assert (root / "usr/bin/sprite-lab").resolve() == root / "usr/lib/sprite-lab/sprite-lab"
    assert output(root / "usr/bin/sprite-lab", root / "usr/lib/sprite-lab/_internal/libsame.so")
    assert not (root / "usr/lib/sprite-lab/_internal/notes with spaces.txt").stat().st_mode & 0o111
    assert (root / "usr/lib/sprite-lab/_internal/torch/bin/torch_shm_manager").stat().st_mode & 0o1
    assert "sprite-lab" in output(
        "man", "--local-file", root / "usr/share/man/man1/sprite-lab.1.gz"
    )
    # dpkg --verify would report listed files that are missing or changed.
    control = tmp_path / "control"
    output("dpkg-deb", "--control", package, control)
    output("sh", "-c", f"cd '{root}' && md5sum --check --strict '{control}/md5sums'")


def test_rpm(linux: ModuleType, app: Path, tmp_path: Path) -> None:
    need("rpmbuild", "rpm", "readelf")
    package = linux.build_rpm(app, VERSION, tmp_path / "out")
    files = output("rpm", "-qlp", package)
    assert "/usr/lib/sprite-lab/_internal/notes with spaces.txt" in files
    assert "/usr/share/man/man1/sprite-lab.1.gz" in files
    requires = output("rpm", "-qp", "--requires", package)
    assert "libc.so.6" in requires
    assert "libours" not in requires
    provides = output("rpm", "-qp", "--provides", package)
    assert all(line.startswith("sprite-lab") for line in provides.splitlines())
    assert "0.2.0~dev3+g79a81c4" in output("rpm", "-qp", "--qf", "%{VERSION}", package)


def test_appdir(linux: ModuleType, app: Path, tmp_path: Path) -> None:
    folder = linux.build_appdir(app, VERSION, tmp_path / "out")
    name = "io.github.sprite_lab.SpriteLab"
    text = folder / "usr/lib/sprite-lab/_internal/notes with spaces.txt"
    assert output(folder / "AppRun", text) == "data"
    assert (folder / f"{name}.desktop").is_file()
    assert (folder / ".DirIcon").read_bytes().startswith(b"\x89PNG")
    assert f"Icon={name}" in (folder / f"{name}.desktop").read_text("utf-8")


def test_missing_programs_are_reported_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("APPIMAGETOOL", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(build, "prepare", lambda python: pytest.fail("it began"))
    for product, program in [("appimage", "APPIMAGETOOL"), ("rpm", "rpmbuild"), ("dmg", "hdiutil")]:
        assert build.main([product]) == 1
        assert program in capsys.readouterr().err
