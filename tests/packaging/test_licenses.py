"""The licenses of what was frozen, and Python's own, whose location depends on the system."""

from __future__ import annotations

import os
import sys
from importlib import metadata
from pathlib import Path

import licenses
import pytest
from build_tools import BuildError


@pytest.mark.parametrize("place", ["lib", "."], ids=["beside the library", "as on Windows"])
def test_the_license_of_python_is_found(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lib").mkdir()
    monkeypatch.setattr(licenses.sysconfig, "get_path", lambda name: str(tmp_path / "lib"))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    assert licenses.python_itself().texts == ()
    (tmp_path / place / "LICENSE.txt").write_text("PSF LICENSE AGREEMENT\n", "utf-8")
    assert licenses.python_itself().texts == ("PSF LICENSE AGREEMENT",)


def test_what_was_frozen_is_read_off_the_tables(tmp_path: Path) -> None:
    source = tmp_path / "library.dll"
    source.touch()
    gone = tmp_path / "gone.dll"
    table = [("library.dll", str(source), "BINARY"), ("gone.dll", str(gone), "BINARY")]
    (tmp_path / "COLLECT-00.toc").write_text(repr((table,)), "utf-8")
    # As PyInstaller writes it on Windows, where programs have a version resource.
    program = "('Sprite Lab.exe', versioninfo.VSVersionInfo(ffi=versioninfo.FixedFileInfo()))"
    (tmp_path / "EXE-00.toc").write_text(program, "utf-8")
    assert licenses.bundled_sources(tmp_path) == {str(source.resolve())}


def test_qt_comes_with_the_licenses_that_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    qt = metadata.distribution("PySide6_Essentials")
    files = [os.path.realpath(str(qt.locate_file(file))) for file in qt.files or ()]
    (found,) = licenses.distributions({next(file for file in files if file.endswith(".so"))})
    said = "\n".join(found.texts)
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in said
    assert "TERMS AND CONDITIONS" in said  # the GPL, to which that one adds


def test_a_package_without_its_license_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = licenses.Component("bare", "1", "WTFPL", ())
    monkeypatch.setattr(licenses, "distributions", lambda sources: [bare])
    with pytest.raises(BuildError, match=r"bare brings no text of its license \(WTFPL\)"):
        licenses.write_licenses(tmp_path, tmp_path / "licenses.txt")
    assert not (tmp_path / "licenses.txt").exists()


def test_texts_that_others_name_by_their_place_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "GPL-9").write_text("The ninth.\n", "utf-8")
    (tmp_path / "GPL").symlink_to("GPL-9")
    monkeypatch.setattr(licenses, "COMMON", tmp_path)
    texts = (
        "On Debian it is in `/usr/share/common-licenses/GPL'.",
        "Or see /usr/share/common-licenses/GPL-9.",
    )
    text = licenses.licenses_text([licenses.Component("lib", "1", "GPL", texts)])
    assert text.count("The ninth.") == 1
    assert "GPL-9, named above by its place on Debian" in text
