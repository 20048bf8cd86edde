"""The licences: of what was frozen, and Python's own, which lies elsewhere on each system."""

from __future__ import annotations

import sys
from pathlib import Path

import licences
import pytest


@pytest.mark.parametrize("place", ["lib", "."], ids=["beside the library", "as on Windows"])
def test_the_licence_of_python_is_found(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lib").mkdir()
    monkeypatch.setattr(licences.sysconfig, "get_path", lambda name: str(tmp_path / "lib"))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    assert licences.python_itself().texts == ()
    (tmp_path / place / "LICENSE.txt").write_text("PSF LICENSE AGREEMENT\n", "utf-8")
    assert licences.python_itself().texts == ("PSF LICENSE AGREEMENT",)


def test_what_was_frozen_is_read_off_the_tables(tmp_path: Path) -> None:
    source = tmp_path / "library.dll"
    source.touch()
    gone = tmp_path / "gone.dll"
    table = [("library.dll", str(source), "BINARY"), ("gone.dll", str(gone), "BINARY")]
    (tmp_path / "COLLECT-00.toc").write_text(repr((table,)), "utf-8")
    # As PyInstaller writes it on Windows, where a program has a resource with its version.
    program = "('Sprite Lab.exe', versioninfo.VSVersionInfo(ffi=versioninfo.FixedFileInfo()))"
    (tmp_path / "EXE-00.toc").write_text(program, "utf-8")
    assert licences.bundled_sources(tmp_path) == {str(source.resolve())}
